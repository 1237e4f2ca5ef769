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
# Secrets as long as what stands in for unknown ones, and of letters and digits, as providers issue them:
# to put another into the key takes its own time.
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


def whole_check(one):
    verifier = Verifier(Registry(CLIENT, TOKEN), MemoryNonceStore(epoch=0), clock=lambda: NOW)
    return lambda: verifier.verify(*one)


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
    "client known or unknown": (
        lambda: whole_check(request(WRONG)),
        lambda: whole_check(request(STRANGER)),
        False,
    ),
    "token known or unknown": (
        lambda: whole_check(request(WRONG)),
        lambda: whole_check(request(WRONG, NO_TOKEN)),
        False,
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
    reached = 0.9 <= ratio <= 1.1 and (not same or abs(t) < 4.5)
    report(
        "L18",
        f"{what}, {count:,} samples each",
        "abs(t) < 4.5" if same else "medians +-10 %",
        f"t = {t:+.1f}, medians {medians[0] / 1000:.1f} and {medians[1] / 1000:.1f} us ({ratio - 1:+.1%})",
        reached,
    )
    assert reached or not full
