"""What a request can cost: too large is refused at once, and below the limits time is linear."""

import contextlib
import gc
import os
import time

import pytest

from oauth1_core import LIMITS, Limits, VerificationError, Verifier, authorization_header, parse_request, sign
from oauth1_core.debugging.curl import request_from_curl
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from tests.support.load import CLIENT, TOKEN, URI, Registry

pytestmark = pytest.mark.slow

NOW = 1795455318
FORM = ("Content-Type", "application/x-www-form-urlencoded")
HEADER = ("Authorization", authorization_header(sign("GET", URI, CLIENT, TOKEN, timestamp=NOW, nonce="n")))
TEN = 10 * 1000 * 1000
LARGE = {
    "10 MB header": ("GET", URI, [("Authorization", 'OAuth a="' + "a" * TEN)], b""),
    "1e6 commas": ("GET", URI, [("Authorization", "OAuth " + "," * 10**6)], b""),
    "10 MB query": ("GET", URI + "&q=" + "%41" * (TEN // 3), [HEADER], b""),
    "10 MB form": ("POST", URI, [HEADER, FORM], b"a" * TEN),
    "1e5 parameters in the form": ("POST", URI, [HEADER, FORM], b"a=1&" * 10**5),
    "1e5 header fields": ("GET", URI, [HEADER, *[("X-Y", "z")] * 10**5], b"a"),
}


def cpu(action, repeat):
    """Return the shortest time of several."""
    times = []
    gc.disable()
    for _ in range(repeat):
        begun = time.process_time()
        action()
        times.append(time.process_time() - begun)
    gc.enable()
    return min(times)


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("what", list(LARGE))
def test_what_is_too_large_is_refused_at_once(what, report, full):
    request = LARGE[what]
    if what == "1e5 header fields":
        # The number of fields is the HTTP server's limit; reading them once is what it costs here.
        milliseconds = cpu(lambda: parse_request(*request), 3) * 1000
        report("L17", what, "(read once; the HTTP server limits them)", f"{milliseconds:.1f} ms CPU", True)
        return

    def refused():
        with pytest.raises(VerificationError):
            parse_request(*request)

    memory = resident()
    milliseconds, growth = cpu(refused, 5) * 1000, (resident() - memory) / 1e6
    reached = milliseconds <= 2 and growth <= 2
    report("L17", what, "refused <= 2 ms CPU, RSS +2 MB", f"{milliseconds:.2f} ms CPU, RSS {growth:+.1f} MB", reached)
    assert reached or not full


def with_header(size):
    value = authorization_header(sign("GET", URI, CLIENT, TOKEN, timestamp=NOW, nonce="n"), "r" * size)
    return "GET", URI, [("Authorization", value)], b""


def pairs(count):
    return b"&".join([b"%06d=1" % number for number in range(count)])


GROWING = {
    "a long realm in the header": (with_header, 400000),
    "the usual header, but for its end": (
        lambda n: ("GET", URI, [("Authorization", "OAuth " + 'oauth_a="%20", ' * n + "x")], b""),
        20000,
    ),
    "a value that does not end": (
        lambda n: ("GET", URI, [("Authorization", 'OAuth oauth_a="' + "a%20" * n)], b""),
        100000,
    ),
    "the usual form, but for its end": (lambda n: ("POST", URI, [HEADER, FORM], b"a=%20&" * n + b"%7E"), 20000),
    "escapes in the form, but for the last": (
        lambda n: ("POST", URI, [HEADER, FORM], b"a=" + b"%20" * n + b"%"),
        100000,
    ),
    "commas in the header": (lambda n: ("GET", URI, [("Authorization", "OAuth " + "," * n)], b""), 200000),
    "escapes in the query": (lambda n: ("GET", URI + "&q=" + "%C3%A9" * n, [HEADER], b""), 20000),
    "broken escapes in the query": (lambda n: ("GET", URI + "&q=" + "%C3" * n + "%", [HEADER], b""), 20000),
    "a long form": (lambda n: ("POST", URI, [HEADER, FORM], b"q=" + b"+%7E" * n), 20000),
    "parameters in the form": (lambda n: ("POST", URI, [HEADER, FORM], pairs(n)), 2000),
    "empty pieces in the query": (lambda n: ("GET", URI + "&" * n, [HEADER], b""), 20000),
    "slashes in the path": (lambda n: ("GET", "https://h.example" + "/." * n, [HEADER], b""), 100000),
}
UNLIMITED = Limits(**dict.fromkeys(Limits.__slots__, 10**9))


@pytest.mark.parametrize("what", list(GROWING))
def test_twice_the_input_takes_no_more_than_twice_the_time(what, report, full):
    make, count = GROWING[what]

    def parser(number):
        request = make(number)

        def parse():
            with contextlib.suppress(VerificationError):
                parse_request(*request, limits=UNLIMITED)

        return parse

    # In turns, since the machine is not always as fast.
    parsers = parser(count), parser(2 * count)
    once, twice = map(min, zip(*[[cpu(parse, 1) for parse in parsers] for _ in range(7)], strict=True))
    ratio = twice / once
    reached = ratio <= 2.3
    figure = f"{ratio:.2f} ({once * 1000:.1f} ms, {twice * 1000:.1f} ms)"
    report("L17", f"{what}: {count:,} and twice as many", "t(2n)/t(n) <= 2.3", figure, reached)
    assert reached or not full


CURL = {
    "options that give data": (lambda n: ["-d", "a=b"] * n, 20000),
    "letters in one word": (lambda n: ["-" + "s" * n], 100000),
}


@pytest.mark.parametrize("what", list(CURL))
def test_a_curl_command_line_is_read_in_linear_time(what, report, full):
    make, count = CURL[what]
    lines = [["curl", "https://h.example/", *make(number)] for number in (count, 2 * count)]
    once, twice = [cpu(lambda line=line: request_from_curl(line, None), 5) for line in lines]
    figure = f"{twice / once:.2f} ({once * 1000:.1f} ms, {twice * 1000:.1f} ms)"
    reached = twice / once <= 2.3
    report("L17", f"curl, {what}: {count:,} and twice as many", "t(2n)/t(n) <= 2.3", figure, reached)
    assert reached or not full


def test_a_request_of_a_thousand_parameters_is_verified_soon(report, full):
    count = LIMITS.parameters - 20
    form = "&".join([f"name{number}=value+{number}" for number in range(count)])
    pairs = sign("POST", URI, CLIENT, TOKEN, form=form, timestamp=NOW, nonce="n")
    request = "POST", URI, [("Authorization", authorization_header(pairs)), FORM], form.encode()

    def verify():
        Verifier(Registry(), MemoryNonceStore(epoch=0), clock=lambda: NOW).verify(*request)

    milliseconds = cpu(verify, 7) * 1000
    report("L17", f"{count} parameters verified", "<= 10 ms", f"{milliseconds:.1f} ms CPU", milliseconds <= 10)
    assert milliseconds <= 10 or not full
