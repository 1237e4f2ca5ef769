"""Whether time tells what a refusal must not: a t-test over rounds of interleaved samples.

Where an object lies in memory shows more than what it holds: with 100,000 samples of the same few objects Welch's t
came to between -11 and 19 for what is equal, with another sign in the next run. So each round makes objects of its
own, and it is the differences of the rounds that are tested.
"""

import contextlib
import gc
import random
import statistics
import time

import pytest

from nexmo.sandbox import provider
from nexmo.sandbox.store import RequestToken, sha256
from oauth1_core import (
    HMAC_SHA1,
    PLAINTEXT,
    ClientCredentials,
    TokenCredentials,
    VerificationError,
    Verifier,
    authorization_header,
    parse_request,
    sign,
    verify_signature,
)
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from tests.support.load import URI, Registry

pytestmark = pytest.mark.slow

NOW = 1795455318
VERIFIER = "0123456789abcdef" * 2
# Of another length, but not so much that it takes a larger piece of memory or a further block of the hash.
LONGER = 4
CLIENT = ClientCredentials("client", "0123456789abcdef" * 2)
TOKEN = TokenCredentials("token", "fedcba9876543210" * 2)
WRONG = ClientCredentials("client", "0123456789abcdee" * 2)
STRANGER = ClientCredentials("nobody", CLIENT.secret)
NO_TOKEN = TokenCredentials("nobod", TOKEN.secret)


def request(client=CLIENT, token=TOKEN, method=HMAC_SHA1, change=lambda signature: signature):
    pairs = dict(sign("GET", URI, client, token, timestamp=NOW, nonce="n", signature_method=method))
    pairs["oauth_signature"] = change(pairs["oauth_signature"])
    return "GET", URI, [("Authorization", authorization_header(list(pairs.items())))]


def first_octet_wrong(signature):
    return ("A" if signature[0] != "A" else "B") + signature[1:]


def last_octet_wrong(signature):
    return signature[:-3] + ("A" if signature[-3] != "A" else "E") + signature[-2:]


def signature_check(one, method):
    parsed = parse_request(*one)

    def check():
        verify_signature(parsed, CLIENT, TOKEN, accept=(method,))

    return check


def whole_check(one, secret):
    known = Registry(ClientCredentials("client", secret), TokenCredentials("token", secret))
    verifier = Verifier(known, MemoryNonceStore(epoch=0), clock=lambda: NOW)
    return lambda: verifier.verify(*one)


# Secrets of each shape that providers issue; what stands in for unknown ones has one of its own.
SECRETS = {
    "hex": "0123456789abcdef" * 2,
    "base64": "kd94hf93/23kf44+kd94hf93/23kf44+kd94hf93/23=",
    "with spaces": "correct horse battery staple now",
    "not ASCII": "gr\u00fc\u00dfe aus k\u00f6ln, \u65e5\u672c\u8a9e",
    "short": "kd94",
    "of 64 characters": "01234567" * 8,
    "of 100 characters": "0123456789" * 10,
}
# Each character of a secret takes about 35 ns more: the longer it is, the less like what stands in for unknown ones.
FURTHER_APART = {"of 100 characters": 0.2}


def known_or_unknown(what, one, other, secret):
    return what, (lambda: whole_check(one(), secret), lambda: whole_check(other(), secret), False)


def bound_of(what):
    return next((bound for shape, bound in FURTHER_APART.items() if what.endswith(shape)), 0.1)


def refused_plaintext(change):
    return lambda: signature_check(request(method=PLAINTEXT, change=change), PLAINTEXT)


class OneRequestToken:
    """What the sandbox's rules ask of their store, without a database."""

    row = RequestToken("token", "client", "https://client.example/", NOW + 1, "authorized", sha256(VERIFIER), 0)

    def request_token(self, key):
        return self.row

    def count_wrong_verifier(self, key, allowed):
        pass


def exchange_check(verifier):
    store = OneRequestToken()
    return lambda: provider.exchange_error(store, "client", "token", verifier, NOW)


# What is compared, the two sides, and whether their means may not differ at all: where an identifier is
# unknown, another exception is raised and another secret used, which is to be the same work within bounds.
CASES = {
    "signature, first or last octet wrong": (
        lambda: signature_check(request(change=first_octet_wrong), HMAC_SHA1),
        lambda: signature_check(request(change=last_octet_wrong), HMAC_SHA1),
        True,
    ),
    "PLAINTEXT, first or last octet wrong": (
        refused_plaintext(lambda text: "x" + text[1:]),
        refused_plaintext(lambda text: text[:-1] + "x"),
        True,
    ),
    "PLAINTEXT, right or wrong length": (
        refused_plaintext(lambda text: "x" * len(text)),
        refused_plaintext(lambda text: "x" * (len(text) + LONGER)),
        True,
    ),
    "verification code, first or last character wrong": (
        lambda: exchange_check("x" + VERIFIER[1:]),
        lambda: exchange_check(VERIFIER[:-1] + "x"),
        True,
    ),
    "verification code, right or wrong length": (
        lambda: exchange_check("x" * len(VERIFIER)),
        lambda: exchange_check("x" * (len(VERIFIER) + LONGER)),
        True,
    ),
    **dict(
        known_or_unknown(what + ", secret " + shape, lambda: request(WRONG), stranger, secret)
        for shape, secret in SECRETS.items()
        for what, stranger in (
            ("client known or unknown", lambda: request(STRANGER)),
            ("token known or unknown", lambda: request(WRONG, NO_TOKEN)),
        )
    ),
}


ROUNDS = 50


def samples(sides, count, chance):
    """Return nanoseconds of both sides, in random order, each side being several equal objects made in random order."""
    checks = [(which, sides[which]()) for which in chance.sample([0, 1] * 16, 32)]
    times = [[], []]
    order = chance.choices(checks, k=2 * count)
    gc.disable()
    for which, check in order:
        begun = time.perf_counter_ns()
        with contextlib.suppress(VerificationError):
            check()
        times[which].append(time.perf_counter_ns() - begun)
    gc.enable()
    return times


def difference(times):
    """Return how far the means are apart, without the slowest tenth of both: interruptions by the system."""
    limit = sorted(times[0] + times[1])[len(times[0] + times[1]) * 9 // 10]
    one, other = [statistics.mean([value for value in each if value <= limit]) for each in times]
    return one - other


@pytest.mark.parametrize("what", list(CASES))
def test_time_tells_nothing(what, size, report, full):
    count = size(1000, 100000)
    *sides, same = CASES[what]
    chance = random.Random(7)
    rounds = [samples(sides, count // ROUNDS, chance) for _ in range(ROUNDS)]
    differences = [difference(times) for times in rounds]
    t = statistics.mean(differences) / (statistics.stdev(differences) / ROUNDS**0.5)
    medians = [statistics.median([value for times in rounds for value in times[which]]) for which in (0, 1)]
    ratio = medians[0] / medians[1]
    bound = bound_of(what)
    reached = 1 - bound <= ratio <= 1 + bound and (not same or abs(t) < 4.5)
    report(
        "L18",
        f"{what}, {count:,} samples each",
        "abs(t) < 4.5" if same else f"medians +-{bound:.0%}",
        f"t = {t:+.1f}, medians {medians[0] / 1000:.1f} and {medians[1] / 1000:.1f} us ({ratio - 1:+.1%})",
        reached,
    )
    assert reached or not full
