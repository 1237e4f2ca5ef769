"""The library of this repository, all functions, as tests/run_vectors.py calls them."""

import sys
from pathlib import Path

from serve import serve

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from tests.interop.conformance import as_json
from tests.run_vectors import RUNNERS, as_lists, with_texts


def answering(runner):
    return lambda **input: as_json(as_lists(runner(**with_texts(input))))


serve(**{name: answering(runner) for name, runner in RUNNERS.items()})
