"""Whatever is pasted into the debugger is read in time that grows with its length, and not with its square."""

import json
import time

import pytest

from debugger.examples import CREDENTIALS, REFUSED, command_of
from oauth1_core import signature_base_string
from oauth1_core.debugging.curl import uri_of
from oauth1_core.debugging.diagnosing import compare_base_strings
from oauth1_core.debugging.fields import fields_of, text_of
from oauth1_core.debugging.page import work
from oauth1_core.debugging.shell_words import words_of

# What each of these took before was minutes: seconds tell a square from a line on any machine.
LENGTH = 65536
SECONDS = 3
REQUEST = {
    "request": command_of(REFUSED["requests"][1]), "client_secret": CREDENTIALS["client_secret"], "token_secret": "x",
}  # fmt: skip


@pytest.fixture(autouse=True)
def in_time():
    before = time.process_time()
    yield
    assert time.process_time() - before < SECONDS


def times(text):
    return text * (LENGTH // len(text))


@pytest.mark.parametrize(
    "text, words",
    [
        ("curl" + times(" ") + "x", ["curl", "x"]),
        ("curl" + times(" \\\n") + "x", ["curl", "x"]),
        ("curl a" + times("\t") + "; b", ["curl", "a"]),
        ("curl a" + times(" \r\n"), ["curl", "a"]),
        ("curl " + times("'a'"), ["curl", times("'a'").replace("'", "")]),
        ('curl ^"' + times("a^^") + '^"', ["curl", times("a^")[: LENGTH // 3 * 2]]),
    ],
)
def test_a_long_command_is_cut_into_words(text, words):
    assert words_of(text) == words


def test_blanks_and_carriage_returns_are_no_words_of_their_own():
    assert len(words_of("curl http://a/" + times(" \r") + "x")) == LENGTH // 2 + 2


@pytest.mark.parametrize("piece", ["0:", "[0:", "[", "[0"])
def test_a_url_of_brackets_is_refused(piece):
    with pytest.raises(ValueError, match="several requests"):
        uri_of("http://a/[" + times(piece), False, False)


@pytest.mark.parametrize("piece", ["a/", "a=b&", "%2f", "/."])
def test_a_long_other_url_is_tried_or_left(piece):
    for length in (8000, LENGTH):
        asked = dict(REQUEST, other_uri="http://h.example/?"[: -1 if "/" in piece else None] + times(piece)[:length])
        assert json.loads(work(json.dumps(asked)))["state"] == "unknown"


def base_string(name, count):
    return signature_base_string("GET", "http://h.example/", [(f"{name}_{number}", "") for number in range(count)])


@pytest.mark.parametrize("count", [100, 800, 4000])
def test_very_many_parameters_are_compared(count):
    differences = compare_base_strings(base_string("a", count), base_string("b", count))
    assert len(differences) == 2 * count


@pytest.mark.parametrize("piece", ["get&http://a&", "x&http%3a%2f%2f", "a&"])
def test_a_long_answer_is_read(piece):
    asked = dict(REQUEST, answer="get&http://a&b" + times(piece))
    assert json.loads(work(json.dumps(asked)))["compared"]


def test_a_long_answer_of_backslashes_is_read():
    with pytest.raises(ValueError, match="no base string"):
        compare_base_strings(base_string("a", 1), times("\\") * 4)


def test_the_fields_of_a_long_form_are_written_in_any_order():
    pieces = [f"a%31={number}" for number in range(30000)]
    sent = ("POST", "http://a/", [("Content-Type", "application/x-www-form-urlencoded")], "&".join(pieces).encode())
    fields = fields_of(sent)
    fields["form"].reverse()
    assert text_of(fields, sent).endswith("\n\n" + "&".join(reversed(pieces)))


def test_a_value_that_is_escaped_very_often_is_shared():
    form = "a=%" + times("25")
    request = f"POST http://h.example/ HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\n{form}"
    assert json.loads(work(json.dumps({"act": "share", "request": request})))["text"].endswith("\n\n" + form)
