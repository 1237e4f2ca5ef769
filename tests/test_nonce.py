"""Nonce and timestamp (RFC 5849 section 3.3)."""

import collections
import math
import os
import string
import time

import pytest

from oauth1_core import SigningError, generate_nonce, generate_timestamp
from oauth1_core.nonce import whole_seconds


def test_a_nonce_is_letters_and_digits_and_no_longer_than_the_strictest_servers_take():
    for _ in range(1000):
        nonce = generate_nonce()
        assert 0 < len(nonce) <= 24
        assert set(nonce) <= set(string.ascii_letters + string.digits)


def test_nonces_do_not_repeat():
    assert len({generate_nonce() for _ in range(10000)}) == 10000


def test_a_nonce_holds_128_bits_of_the_systems_randomness(monkeypatch):
    counts = collections.Counter()
    for octet in range(256):
        monkeypatch.setattr(os, "urandom", lambda size, octet=octet: bytes([octet]) * size)
        nonce = generate_nonce()
        assert nonce == nonce[0] * len(nonce)
        counts[nonce[0]] += 1
    assert len(nonce) * math.log2(256 / max(counts.values())) >= 128


def test_every_octet_from_the_system_has_its_own_place_in_the_nonce(monkeypatch):
    monkeypatch.setattr(os, "urandom", lambda size: bytes(range(size)))
    assert generate_nonce() == "ABCDEFGHIJKLMNOPQRSTUVW"


def test_the_timestamp_is_the_seconds_of_the_system_clock(monkeypatch):
    before = int(time.time())
    timestamp = generate_timestamp()
    assert before <= int(timestamp) <= int(time.time())
    monkeypatch.setattr(time, "time", lambda: 137131201.999)
    assert generate_timestamp() == "137131201"


def test_what_a_clock_returns_is_cut_to_whole_seconds():
    assert whole_seconds(137131201.999) == 137131201


@pytest.mark.parametrize("now", ["now", None, math.nan, math.inf], ids=repr)
def test_what_is_no_number_of_seconds_is_refused(now):
    with pytest.raises(SigningError, match="clock") as caught:
        whole_seconds(now)
    assert caught.value.parameter == "oauth_timestamp" and caught.value.__suppress_context__
