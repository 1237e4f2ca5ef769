"""The request as fields, and back as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth1_core.debugging.fields import fields_of, text_of
from oauth1_core.debugging.pasted import read_pasted

FORM = ("Content-Type", "application/x-www-form-urlencoded")
SENT = ("POST", "http://h.example/x?a=r%20b", [("Authorization", 'OAuth a="b"'), FORM], b"c2&a3=2+q&a3=%32&=x")
NAMES = st.text("ab%=+& \u00e9")


def read(text):
    return read_pasted(text, None).request


def test_pairs_are_decoded_and_what_follows_from_the_rest_is_not_shown():
    method, uri, headers, body = SENT
    host = [("Host", "h.example"), ("Content-Length", "19")]
    fields = fields_of((method, uri, [*host, *headers], body))
    assert fields == {
        "method": method, "uri": uri, "headers": [list(each) for each in headers],
        "form": [["c2", ""], ["a3", "2 q"], ["a3", "2"], ["", "x"]], "body": "",
    }  # fmt: skip
    assert fields_of(("PUT", uri, [], b'{"a": "\xff"}')) == {
        "method": "PUT", "uri": uri, "headers": [], "form": None, "body": '{"a": "\udcff"}'
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["http", "curl"])
def test_what_was_not_changed_keeps_its_octets(kind):
    text = text_of(fields_of(SENT), SENT, kind)
    assert text.startswith("curl " if kind == "curl" else "POST http://h.example/x?a=r%20b HTTP/1.1\n")
    assert read(text) == SENT


@pytest.mark.parametrize("kind", ["http", "curl"])
def test_what_was_changed_is_encoded_and_the_rest_keeps_its_octets(kind):
    fields = fields_of(SENT)
    fields["form"][1:2] = [("n w", "1&2=3")]
    fields["form"].append(("a3", "2"))
    # The last pair was sent once only.
    assert read(text_of(fields, SENT, kind))[3] == b"c2&n%20w=1%262%3D3&a3=%32&=x&a3=2"
    assert read(text_of(fields, None, kind))[3] == b"c2=&n%20w=1%262%3D3&a3=2&=x&a3=2"
    assert read(text_of(fields, ("GET", SENT[1], [], b""), kind))[3] == b"c2=&n%20w=1%262%3D3&a3=2&=x&a3=2"


def test_an_emptied_pair_or_field_goes():
    fields = fields_of(SENT)
    fields["form"] = [("", ""), ("a", "b")]
    fields["headers"] = [*fields["headers"], ("", "left"), (" ", "")]
    assert read(text_of(fields)) == (*SENT[:2], SENT[2], b"a=b")


def test_a_body_that_is_no_form_stays_as_it_is():
    fields = fields_of(("PUT", SENT[1], [("Content-Type", "application/json")], b"[1]"))
    assert read(text_of(fields, None, "curl")) == ("PUT", SENT[1], [("Content-Type", "application/json")], b"[1]")
    # It was no form before its Content-Type was changed.
    fields["headers"] = [FORM]
    assert read(text_of(fields)) == ("PUT", SENT[1], [FORM], b"[1]")


def test_what_no_command_line_can_hold_is_written_as_http():
    for body, header in (("\udcff", "x"), ("", "\u202e")):
        text = text_of(
            {"method": "PUT", "uri": SENT[1], "headers": [("A", header)], "form": None, "body": body}, kind="curl"
        )
        assert text == f"PUT {SENT[1]} HTTP/1.1\nA: {header}" + ("\n\n" + body if body else "")


def test_no_field_reaches_into_another():
    fields = {"method": " ", "uri": SENT[1] + "\n", "headers": [("A", "b\r\nC: d")], "form": None, "body": ""}
    assert text_of(fields) == f"GET {SENT[1]} HTTP/1.1\nA: b C: d"


@given(st.lists(st.tuples(NAMES, NAMES)), st.sampled_from(["http", "curl"]))
def test_any_form_comes_back(pairs, kind):
    text = text_of({"method": "POST", "uri": SENT[1], "headers": [FORM], "form": pairs, "body": ""}, SENT, kind)
    form = [tuple(pair) for pair in fields_of(read(text))["form"]]
    assert form == [pair for pair in pairs if pair != ("", "")]
