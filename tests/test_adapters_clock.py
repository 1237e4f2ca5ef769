"""The clock that learns from refusals: what it believes, and how it goes on."""

import copy
import math
import threading
import time
from email.utils import formatdate

import httpx
import pytest
import requests.structures

from oauth1_core import (
    ClientCredentials,
    InvalidTimestamp,
    SigningError,
    authorization_header,
    parse_authorization_header,
    refusal,
)
from oauth1_core.adapters.clock import LearningClock
from oauth1_core.adapters.httpx import OAuth1

NOW = 1795455318
DATE = "Mon, 23 Nov 2026 17:35:18 GMT"  # NOW, by the date command
CHALLENGE = ("WWW-Authenticate", 'OAuth realm="x", oauth_problem="timestamp_refused"')


class Times:
    """The two clocks of a system, set by hand."""

    def __init__(self, wall=NOW, monotonic=100.0):
        self.wall, self.monotonic = wall, monotonic

    def clock(self, **options):
        return LearningClock(clock=lambda: self.wall, monotonic=lambda: self.monotonic, **options)


def test_it_shows_the_system_clock_until_it_has_learnt():
    times = Times()
    clock = times.clock()
    assert clock() == NOW
    times.wall += 5
    times.monotonic += 1000
    assert clock() == NOW + 5


def test_what_it_has_learnt_goes_on_whatever_becomes_of_the_system_clock():
    times = Times(wall=NOW - 3600)
    clock = times.clock()
    assert clock.correct(401, [CHALLENGE, ("Date", DATE)]) is True
    assert clock() == NOW
    times.wall += 86400
    times.monotonic += 10
    assert clock() == NOW + 10
    assert clock.correct(401, [("Date", "Mon, 23 Nov 2026 16:35:28 GMT")]) is True
    assert clock() == NOW - 3590


@pytest.mark.parametrize(
    "status, headers, body",
    [
        (401, [CHALLENGE, ("Date", DATE)], b""),
        (401, [("www-authenticate", CHALLENGE[1]), ("DATE", DATE)], b""),
        (401, [("Date", DATE)], b"oauth_problem=timestamp_refused"),
        (400, [("Date", DATE)], b"oauth_problem=timestamp_refused"),
        (401, [("Date", DATE)], b'{"code": 135}'),
        (401, [("Date", DATE), ("WWW-Authenticate", 'Basic realm="x"')], b"<html>"),
        (401, [("Date", DATE), ("WWW-Authenticate", 'Basic realm="x"'), CHALLENGE], b"<html>"),
        (401, [], b"oauth_problem=timestamp_refused&oauth_acceptable_timestamps=1795455018-1795455618"),
        (401, [("Date", "x")], b"oauth_problem=timestamp_refused&oauth_acceptable_timestamps=1795455018-1795455618"),
        (401, [CHALLENGE, ("Date", DATE)], b"oauth_acceptable_timestamps=x-y"),
        (401, [("Date", DATE)], b"x" * 65536 + b"&oauth_problem=nonce_used"),
        (401, [CHALLENGE, ("Date", DATE)], b"oauth_acceptable_timestamps=" + b"9" * 5000 + b"-1"),
    ],
)
@pytest.mark.parametrize("seconds", [-3600, -61, 61, 3600])
def test_it_learns_from_a_refused_timestamp(status, headers, body, seconds):
    clock = Times(wall=NOW + seconds).clock()
    assert clock.correct(status, headers, body) is True
    assert clock() == NOW


@pytest.mark.parametrize(
    "status, headers, body",
    [
        (200, [("Date", DATE)], b""),
        (400, [("Date", DATE)], b""),
        (401, [("Date", DATE)], b"oauth_problem=nonce_used"),
        (401, [("Date", DATE), ("WWW-Authenticate", 'OAuth oauth_problem="token_expired"')], b""),
        (401, [], b""),
        (401, [CHALLENGE], b""),
        (401, [CHALLENGE, ("Date", "yesterday")], b""),
        (401, [CHALLENGE, ("Date", "Mon, 99 Nov 2026 17:35:18 GMT")], b""),
        (401, [CHALLENGE, ("Date", "Mon, 23 Nov 9999999999 17:35:18 GMT")], b""),
        (401, [CHALLENGE, ("Date", "Thu, 01 Jan 1970 00:00:00 GMT")], b""),
        (401, [CHALLENGE, ("Date", "Mon, 01 Jan 1900 00:00:00 GMT")], b""),
        (401, [CHALLENGE], b"oauth_acceptable_timestamps=0-1"),
        (401, [CHALLENGE], b"oauth_acceptable_timestamps=%D9%A1-%D9%A2"),
        (401, [CHALLENGE], b"oauth_acceptable_timestamps=1-2-3"),
    ],
)
def test_it_learns_nothing_from_anything_else(status, headers, body):
    clock = Times(wall=NOW - 3600).clock()
    assert clock.correct(status, headers, body) is False
    assert clock() == NOW - 3600


@pytest.mark.parametrize(
    "date", [DATE, "Monday, 23-Nov-26 17:35:18 GMT", "Mon Nov 23 17:35:18 2026", "Mon, 23 Nov 2026 18:35:18 +0100"]
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_a_date_is_read_in_each_format_wherever_the_client_is(monkeypatch, date, zone):
    """RFC 7231 section 7.1.1.1: "A recipient that parses a timestamp value [...] MUST accept all three"."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        clock = Times(wall=NOW - 86400).clock()
        assert clock.correct(401, [CHALLENGE, ("Date", date)]) is True
        assert clock() == NOW
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_timestamp_from_before_it_learnt_is_refused_for_that():
    clock = Times(wall=NOW - 3600).clock()
    for _ in range(2):
        assert clock.correct(401, [CHALLENGE, ("Date", DATE)], timestamp=NOW - 3600) is True
        assert clock() == NOW
    assert clock.correct(401, [CHALLENGE, ("Date", DATE)], timestamp=NOW) is False


@pytest.mark.parametrize(
    "seconds, problem, learns", [(60, False, False), (61, False, True), (1, True, False), (2, True, True)]
)
def test_a_small_difference_is_not_why_a_server_refuses(seconds, problem, learns):
    clock = Times(wall=NOW - seconds).clock()
    assert clock.correct(401, [("Date", DATE), *([CHALLENGE] if problem else [])]) is learns


@pytest.mark.parametrize("kind", [dict, httpx.Headers, requests.structures.CaseInsensitiveDict, iter])
def test_header_fields_are_pairs_or_any_mapping(kind):
    clock = Times(wall=NOW - 3600).clock()
    assert clock.correct(401, kind([CHALLENGE, ("Date", DATE)])) is True
    assert clock() == NOW


def test_it_understands_what_this_package_answers():
    error = InvalidTimestamp("x", fields=[("oauth_acceptable_timestamps", "{}-{}".format(NOW - 300, NOW + 300))])
    clock = Times(wall=0).clock(largest_correction=math.inf)
    assert clock.correct(*refusal(error)) is True
    assert clock() == NOW


def test_it_can_be_told_never_to_go_back():
    times = Times(wall=NOW + 100)
    clock = times.clock(never_back=True)
    assert clock() == NOW + 100
    times.wall = NOW
    assert clock() == NOW + 100
    assert clock.correct(401, [CHALLENGE, ("Date", DATE)]) is False, "the next request would be as late"
    assert clock() == NOW + 100
    times.monotonic += 101
    assert clock() == NOW + 101


def test_readings_of_many_threads_never_go_back():
    readings = iter(list(range(1000, 2000)) + list(range(2000, 0, -1)))
    clock = LearningClock(never_back=True, clock=lambda: next(readings))
    seen = [[] for _ in range(4)]

    def read(own):
        own.extend(clock() for _ in range(500))

    threads = [threading.Thread(target=read, args=(own,)) for own in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(own == sorted(own) and len(own) == 500 for own in seen)


@pytest.mark.parametrize("seconds, learns", [(86400, True), (86401, False), (-86400, True), (-86401, False)])
def test_a_time_more_than_a_day_from_the_systems_is_not_believed(seconds, learns):
    """Not even in steps: a server that goes on by an hour each time gets no further than one that jumps."""
    clock = Times(wall=NOW - seconds).clock()
    assert clock.correct(401, [CHALLENGE, ("Date", DATE)]) is learns
    assert clock() == (NOW if learns else NOW - seconds)
    clock, answers = Times().clock(), []
    for hours in range(1, 100):
        middle = "{0}-{0}".format(NOW + hours * 3600)
        body = "oauth_problem=timestamp_refused&oauth_acceptable_timestamps=" + middle
        answers.append(clock.correct(401, [], body.encode()))
    assert (answers.count(True), clock()) == (24, NOW + 86400)
    with_years = Times(wall=0).clock(largest_correction=math.inf)
    assert with_years.correct(401, [CHALLENGE, ("Date", DATE)]) is True


@pytest.mark.parametrize("never_back", [False, True])
def test_a_date_in_2100_sets_no_clock_ahead(never_back):
    clock = Times().clock(never_back=never_back)
    assert clock.correct(401, [("Date", "Fri, 01 Jan 2100 00:00:00 GMT")], uri="https://a.example/") is False
    assert clock("https://a.example/") == clock() == NOW


def test_each_origin_has_a_time_of_its_own():
    times = Times()
    clock = times.clock(never_back=True)
    refused, here = (401, [CHALLENGE, ("Date", "Mon, 23 Nov 2026 18:35:18 GMT")]), "https://a.example/x?y=1"
    assert clock.correct(*refused, uri=here) is True
    assert clock("HTTPS://A.example:443") == NOW + 3600
    for other in ("https://a.example:444/", "https://b.example/", "http://a.example/", ""):
        assert clock(other) == NOW
    assert clock.correct(*refused) is True, "the time of whoever names none"
    assert (clock(), clock("https://b.example/")) == (NOW + 3600, NOW)
    with pytest.raises(SigningError):
        clock("no URI")


@pytest.mark.parametrize(
    "uri, learns",
    [
        ("https://a.example/", True),
        ("http://127.0.0.1:8000/", True),
        ("http://[::1]/", True),
        ("http://a.example/", False),
        ("http://localhost/", False),
        ("http://127.0.0.1.a.example/", False),
    ],
)
def test_nothing_is_learnt_in_clear_but_from_a_loopback_ip_address(uri, learns):
    clock = Times(wall=NOW - 3600).clock()
    assert clock.correct(401, [CHALLENGE, ("Date", DATE)], uri=uri) is learns
    assert clock(uri) == (NOW if learns else NOW - 3600)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_has_learnt_the_same_and_goes_on_by_itself(copied):
    times = Times(wall=NOW - 3600)
    clock = times.clock()
    assert clock.correct(401, [CHALLENGE, ("Date", DATE)]) is True
    other = copied(clock)
    assert other() == NOW
    assert other.correct(401, [CHALLENGE, ("Date", "Mon, 23 Nov 2026 17:36:18 GMT")]) is True
    assert (clock(), other()) == (NOW, NOW + 60)


def test_what_signs_with_it_is_copied_with_it():
    auth = copy.deepcopy(OAuth1(ClientCredentials("c", "s"), clock=LearningClock()))
    assert auth.clock.correct(401, [CHALLENGE, ("Date", formatdate(time.time() + 3600))], uri="https://a.example/")
    header = auth.signed("GET", "https://a.example/x", "", b"")[1]
    timestamp = int(dict(parse_authorization_header(header))["oauth_timestamp"])
    assert abs(timestamp - time.time() - 3600) < 60


def test_a_challenge_that_cannot_be_read_says_nothing():
    clock = Times(wall=NOW - 3600).clock()
    header = authorization_header([("oauth_problem", "nonce_used")])
    assert clock.correct(401, [("WWW-Authenticate", header + '"'), ("Date", DATE)]) is True
    assert clock.correct(401, [("WWW-Authenticate", header), ("Date", "Mon, 23 Nov 2026 10:35:18 GMT")]) is False
