"""Requests in a HAR file, which is as Chromium writes it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth1_core.debugging.har import har_log, request_from_har
from oauth1_core.errors import SigningError
from tests.support.http_clients import FORM

HAR = Path(__file__).with_name("browser.har")


def har(*changes):
    """The text of a HAR file with one entry, in which each (path, value) is changed; ``None`` deletes."""
    log = {"log": {"entries": [{"request": {"method": "GET", "url": "https://h/", "headers": []}}]}}
    for path, value in changes:
        *inner, last = path
        place = log["log"]["entries"][0]["request"]
        for name in inner:
            place = place[name]
        place.update({last: value})
        if value is None:
            del place[last]
    return json.dumps(log)


def test_the_entries_of_a_browser_are_read_as_they_were_sent():
    text = HAR.read_text("utf-8")
    method, uri, headers, body = request_from_har(text, 0)
    assert (method, body) == ("GET", b"")
    assert uri == "http://photos.example.net/photos?file=vacation.jpg&size=original"
    assert [name for name, _ in headers] == ["Accept", "Accept-Encoding", "Authorization", "Connection", "Host"]
    assert dict(headers)["Authorization"].startswith('OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", ')
    assert request_from_har(text, 1) == (
        "POST",
        "https://api.example.com/request?b5=%3D%253D&a3=a",
        [("content-length", "11"), ("content-type", FORM)],
        b"c2&a3=2+q%C3%A9",
    )
    assert request_from_har(text, 2) == (
        "PUT",
        "https://api.example.com/notes/1",
        [("content-type", "application/json;charset=UTF-8")],
        '{"text":"é €"}'.encode(),
    )


def test_a_form_that_is_given_in_parts_is_put_together():
    assert request_from_har(HAR.read_text("utf-8"), 3) == (
        "POST",
        "https://api.example.com/notes",
        [("Content-Type", FORM + "; charset=UTF-8")],
        b"a%20b=c%26d%3D%C3%A9&e=",
    )


def test_the_only_entry_need_not_be_named():
    assert request_from_har(har()) == request_from_har(har(), 0) == ("GET", "https://h/", [], b"")
    assert request_from_har(har((["postData"], {"mimeType": "", "text": ""}))) == ("GET", "https://h/", [], b"")


def test_the_body_of_an_entry_may_be_empty_or_a_form_in_parts():
    assert request_from_har(har((["postData"], {"mimeType": "a/b"}))) == (
        "GET", "https://h/", [("Content-Type", "a/b")], b""
    )  # fmt: skip
    parts = {"mimeType": FORM, "params": [{"name": "a", "value": "b c"}]}
    assert request_from_har(har((["postData"], parts))) == ("GET", "https://h/", [("Content-Type", FORM)], b"a=b%20c")


def test_octets_of_a_body_that_are_not_utf_8_are_those_of_surrogateescape():
    assert request_from_har(har((["postData"], {"text": "a\udcff\u00e9"})))[3] == b"a\xff\xc3\xa9"


def test_of_two_entries_one_has_to_be_named():
    log = json.loads(har())
    log["log"]["entries"] *= 2
    with pytest.raises(ValueError, match="has 2 entries: choose one by its number"):
        request_from_har(json.dumps(log))
    assert request_from_har(json.dumps(log), 1) == ("GET", "https://h/", [], b"")


def test_of_several_entries_one_has_to_be_named():
    with pytest.raises(ValueError) as caught:
        request_from_har(HAR.read_text("utf-8"))
    assert str(caught.value).splitlines() == [
        "the HAR file has 4 entries: choose one by its number (--entry N)",
        "  0  GET http://photos.example.net/photos",
        "  1  POST https://api.example.com/request",
        "  2  PUT https://api.example.com/notes/1",
        "  3  POST https://api.example.com/notes",
    ]
    # Of the four one is signed.
    assert request_from_har(HAR.read_text("utf-8"), takes_signed=True)[1].startswith("http://photos.example.net/")
    for number in (-1, 4):
        with pytest.raises(ValueError, match="has 4 entries, numbered from 0"):
            request_from_har(HAR.read_text("utf-8"), number)


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "not a HAR log"),
        ("[]", "not a HAR log"),
        ("[" * 100000, "not a HAR log"),
        ('{"log": {"entries": 1}}', "not a HAR log"),
        ('{"log": {"entries": []}}', "0 entries"),
        (har((["url"], None)), "not a HAR log"),
        (har((["url"], 1)), "not a HAR log"),
        (har((["method"], None)), "not a HAR log"),
        (har((["method"], 1)), "not a HAR log"),
        (har((["headers"], [{"name": "A"}])), "not a HAR log"),
        (har((["headers"], [{"name": "A", "value": 1}])), "not a HAR log"),
        (har((["headers"], [{"name": "A", "value": "b\r\nC: d"}])), "line break"),
        (har((["headers"], [{"name": "Host", "value": "other"}])), "Host"),
        (har((["postData"], "a=b")), "not a HAR log"),
        (har((["postData"], {"text": "\ud800"})), "not a HAR log"),
        (har((["postData"], {"mimeType": "multipart/form-data", "params": [{"name": "a"}]})), "not a form"),
        (har((["postData"], {"params": [{"name": "a"}]})), "not a form"),
        (har((["url"], "data:,x")), "http or https"),
    ],
)
def test_what_is_no_request_of_a_har_file_is_refused(text, why):
    with pytest.raises((ValueError, SigningError), match=why):
        request_from_har(text)


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["name", "value", "params", "text", "mimeType", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(["method", "url", "headers", "postData"]), JSON)
def test_any_entry_is_read_or_refused(name, value):
    try:
        method, uri, _, body = request_from_har(har(([name], value)))
    except (ValueError, SigningError):
        return
    assert uri.startswith("https://h/") and isinstance(method, str) and isinstance(body, bytes)


@pytest.mark.parametrize(
    "request_",
    [
        ("GET", "http://h.example/a%2fb?x=1&x=%C3%A9", [("Authorization", 'OAuth a="b"'), ("X-A", "")], b""),
        ("POST", "http://h.example/", [("content-type", "application/x-www-form-urlencoded")], b"a=b+c&d=%2f"),
        ("PUT", "https://h.example:8443/", [("Content-Type", "text/plain")], "caf\u00e9\r\n".encode() + b"\xff\x00"),
    ],
)
def test_a_log_that_is_written_is_read_as_the_same_request(request_):
    text = har_log(request_, "2026-01-01T00:00:00+00:00", 401, ([("Content-Type", "text/plain")], "no"))
    assert request_from_har(text) == request_
    log = json.loads(text)["log"]
    (entry,) = log["entries"]
    assert log["version"] == "1.2" and {"creator", "entries"} <= set(log)
    assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
    assert (entry["response"]["status"], entry["response"]["content"]["text"]) == (401, "no")
    assert entry["response"]["content"]["mimeType"] == "text/plain"
    assert ("postData" in entry["request"]) == bool(request_[3])
    asked = request_[1].partition("?")[2]
    assert [each["name"] for each in entry["request"]["queryString"]] == (["x", "x"] if asked else [])
