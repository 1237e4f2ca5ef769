"""The library of this repository, all functions, as tests/run_vectors.py calls them."""

import sys
from pathlib import Path

from serve import serve

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from tests.run_vectors import RUNNERS, as_lists, oauth1_core, with_texts


def answering(function):
    return lambda **input: as_json(as_lists(function(**with_texts(input))))


def as_json(value):
    """Return ``value`` as the vectors write it: {"octets": ...} for text that is not UTF-8."""
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {name: as_json(item) for name, item in value.items()}
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return {"octets": value.encode("utf-8", "surrogateescape").hex()}
    return value


serve((oauth1_core.OAuth1Error,), **{name: answering(function) for name, function in RUNNERS.items()})
