"""Whether time tells what a refusal must not: Welch's t-test over interleaved samples."""
import contextlib
import gc
import random
import statistics
import time

import pytest
from load import CLIENT, TOKEN, URI, Registry

from oauth1_core import (
    HMAC_SHA1,
    PLAINTEXT,
    ClientCredentials,
    VerificationError,
    Verifier,
    authorization_header,
    parse_request,
    sign,
    verify_signature,
)
from oauth1_core.nonce_stores.memory import MemoryNonceStore

NOW = 1795455318


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
    verifier = Verifier(Registry(), MemoryNonceStore(epoch=0), clock=lambda: NOW)
    return lambda: verifier.verify(*one)


WRONG = ClientCredentials("client", "wrong!")
STRANGER = ClientCredentials("nobody", "secret")  # of the same length as "client"
CASES = {
    "signature: first or last octet wrong": [
        signature_check(request(change=change), HMAC_SHA1) for change in (first_octet_wrong, last_octet_wrong)
    ],
    "PLAINTEXT: first or last octet wrong": [
        signature_check(request(method=PLAINTEXT, change=change), PLAINTEXT)
        for change in (lambda text: "x" + text[1:], lambda text: text[:-1] + "x")
    ],
    "PLAINTEXT: right or wrong length": [
        signature_check(request(method=PLAINTEXT, change=change), PLAINTEXT)
        for change in (lambda text: "x" * len(text), lambda text: "x" * (len(text) - 4))
    ],
    "client known or unknown": [whole_check(request(WRONG)), whole_check(request(STRANGER))],
    "token known or unknown": [
        whole_check(request(WRONG)),
        whole_check(request(WRONG, type(TOKEN)("nobod", "token secret"))),
    ],
}


def samples(checks, count):
    """Return nanoseconds of each check, in random order among each other."""
    times = [[], []]
    chance = random.Random(7)
    order = [chance.getrandbits(1) for _ in range(2 * count)]
    gc.disable()
    for which in order:
        check = checks[which]
        begun = time.perf_counter_ns()
        with contextlib.suppress(VerificationError):
            check()
        times[which].append(time.perf_counter_ns() - begun)
    gc.enable()
    return times


def cropped(times):
    """Without the slowest tenth of both: interruptions by the system, which drown the rest."""
    limit = sorted(times[0] + times[1])[len(times[0] + times[1]) * 9 // 10]
    return [[value for value in each if value <= limit] for each in times]


def welch(one, other):
    spread = statistics.variance(one) / len(one) + statistics.variance(other) / len(other)
    return (statistics.mean(one) - statistics.mean(other)) / spread**0.5


@pytest.mark.parametrize("what", list(CASES))
def test_time_tells_nothing(what, size, report, full):
    count = size(1000, 100000)
    times = samples(CASES[what], count)
    medians = [statistics.median(each) for each in times]
    t, ratio = welch(*cropped(times)), medians[0] / medians[1]
    reached = abs(t) < 4.5 and 0.9 <= ratio <= 1.1
    report(
        "L18",
        f"{what}, {count:,} samples each",
        "abs(t) < 4.5, medians +-10 %",
        f"t = {t:+.1f}, medians {medians[0] / 1000:.1f} and {medians[1] / 1000:.1f} us ({ratio - 1:+.1%})",
        reached,
    )
    assert reached or not full
