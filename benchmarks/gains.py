"""Measure the gain of each quick path: ``python -m benchmarks.gains``.

The plain counterpart replaces a quick path, and the same requests are signed or verified with and without the quick
path, by turns in one process, by CPU time. The table shows the median of the ratios: the time without the quick path,
divided by the time with it. Remove a quick path from ``oauth1_core/canonical.py`` if its ratio is below 1.05 in every
row. The exits count as one set.
"""

import importlib
import statistics
import sys
import time

from benchmarks import calls, requests_to_sign
from benchmarks.contenders import oauth1_core_sign as readable
from benchmarks.contenders import oauth1_core_signer as contender
from oauth1_core import (
    authorization_header,
    base_string_uri,
    decode_form,
    percent_decode,
    percent_encode,
    signature_base_string,
)
from oauth1_core.canonical import canonical_pairs
from oauth1_core.percent_encoding import ENCODED, is_strictly_encoded, utf8_octets
from oauth1_core.transmission import is_form_type, read_authorization_header, split_scheme
from oauth1_core.uris import has_control, has_userinfo, query_of

USERS = [importlib.import_module("oauth1_core." + name) for name in ("canonical", "receiving", "signer")]
EVERY_USER = [
    importlib.import_module("oauth1_core." + name)
    for name in ("percent_encoding", "parameters", "canonical", "signature_methods", "signer", "receiving", "signing")
]


def plain_pairs_of_form(text, percent="%"):
    return [pair.replace("%", percent) for pair in canonical_pairs(decode_form(text))]


def plain_strict_pairs_of_form(text):
    return plain_pairs_of_form(text) if is_strictly_encoded(text) else None


def plain_pairs_of_header(value):
    pairs = read_authorization_header(value)
    realms = [value for name, value in pairs if name == "realm"]
    return canonical_pairs([pair for pair in pairs if pair[0] != "realm"]), realms


def plain_percent_encode(text):
    return "".join([ENCODED[octet] for octet in utf8_octets(text)])


def plain_decoded_pairs(pairs):
    return [tuple(map(percent_decode, pair.split("\0"))) for pair in pairs]


EXITS = {
    "quick_is_form_type": is_form_type,
    "quick_is_oauth": lambda authorization: split_scheme(authorization)[0] == "oauth",
    "quick_has_control": has_control,
    "quick_has_userinfo": has_userinfo,
    "quick_protocol_pairs": lambda pairs: [pair for pair in pairs if pair.startswith("oauth_")],
}
PATHS = {
    "pairs_of_form, strict_pairs_of_form": {
        "pairs_of_form": plain_pairs_of_form,
        "strict_pairs_of_form": plain_strict_pairs_of_form,
    },
    "strict_pairs_of_form alone": {
        "strict_pairs_of_form": lambda text: USERS[0].pairs_of_form(text) if is_strictly_encoded(text) else None
    },
    "pairs_of_header, where values_of_header finds nothing": {
        "pairs_of_header": plain_pairs_of_header,
        "values_of_header": lambda value: None,
    },
    "values_of_header": {"values_of_header": lambda value: None},
    "decode_encoded": {"decode_encoded": percent_decode},
    "encode_again": {"encode_again": lambda pairs: percent_encode(pairs.replace("\0", "="))},
    "start_of_base_string, target_and_query": {
        "start_of_base_string": lambda method, uri, pairs, spell=None: (
            signature_base_string(method, uri, ()),
            pairs(query_of(uri)),
        ),
        "target_and_query": lambda uri: (percent_encode(base_string_uri(uri)), query_of(uri), False),
    },
    "is_usual": {"is_usual": lambda form: False},
    "quick_percent_encode": {"quick_percent_encode": percent_encode},
    "header_of_realm": {"header_of_realm": lambda realm: authorization_header((), realm)},
    "decoded_pairs": {"decoded_pairs": plain_decoded_pairs},
    "the exits, as a set": EXITS,
    "percent_encode's one line": {"percent_encode": plain_percent_encode},
}


OPTIONS = {"sign": {}, "callback": {"protocol_parameters": calls.CALLBACK}, "realm": {"realm": "Photos"}}


class Without:
    """Replaces quick functions by plain functions in every module that uses them."""

    def __init__(self, plain):
        modules = EVERY_USER if "percent_encode" in plain else USERS
        self.changes = [(module, name) for module in modules for name in plain if hasattr(module, name)]
        self.plain = plain

    def __enter__(self):
        self.before = [getattr(module, name) for module, name in self.changes]
        for module, name in self.changes:
            setattr(module, name, self.plain[name])

    def __exit__(self, *_):
        for (module, name), value in zip(self.changes, self.before, strict=True):
            setattr(module, name, value)


def seconds_of(row, requests):
    act = row.split()[0]
    if act == "verify":
        requests = [contender.prepare_verify(each._replace(header=contender.sign(each))) for each in requests]
    start = time.thread_time()
    for request in requests:
        if act in OPTIONS:
            contender.SIGNER.authorization_header(request.method, request.uri, form=request.form, **OPTIONS[act])
        elif act == "sign()":
            readable.sign(request)
        else:
            contender.verify(request).parameters  # noqa: B018 (the reading is measured)
    return time.thread_time() - start


def factor(row, plain, rounds):
    """Return the time of a row without a quick path, divided by its time with it."""
    count = {"A": 100, "B": 100, "C": 8}[row[-1]]
    ratios = []
    for number in range(rounds):
        times = {}
        for without in (number % 2 == 0, number % 2 == 1):
            requests = requests_to_sign.cold(row[-1], count)
            if without:
                with Without(plain):
                    times[without] = seconds_of(row, requests)
            else:
                times[without] = seconds_of(row, requests)
        ratios.append(times[True] / times[False])
    return statistics.median(ratios)


def main(rounds=61):
    rows = ["sign A", "sign B", "sign C", "callback A", "realm A", "sign() A", "verify A", "verify B", "verify C"]
    print("without".ljust(40), *[row.rjust(10) for row in rows])
    for name, plain in PATHS.items():
        print(name.ljust(40), *[f"{factor(row, plain, rounds):10.2f}" for row in rows])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
