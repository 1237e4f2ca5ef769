"""No spelling of a secret is left: in masking itself, in an error of the flow and in what the debugger shares.

``nexmo/test_inspector.py`` has the same spellings for the sandbox.
"""

import json
import time
from urllib.parse import quote_plus

import pytest

from oauth1_core import AuthorizationFlow, ClientCredentials, Provider, SigningError
from oauth1_core.authorization import shown
from oauth1_core.debugging.page import work
from oauth1_core.masking import Secrets, plainest
from tests.support.spellings import SECRET, SPELLINGS

every_spelling = pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
FORM = "Content-Type: application/x-www-form-urlencoded"


@every_spelling
def test_a_secret_is_found_in_each_spelling(spelling):
    secrets = Secrets(["", "another secret", SECRET])
    assert secrets.are_in(spelling) and secrets.are_in("the key was " + spelling + "!")
    assert not secrets.are_in(spelling[:-5] + "x") and not secrets.are_in("")


@every_spelling
def test_an_error_of_the_flow_shows_no_spelling(spelling):
    flow = AuthorizationFlow(
        Provider(*["https://api.example/" + each for each in "123"]), ClientCredentials("c", SECRET)
    )
    error = flow.refused("https://api.example/1", (401, [], ("the key was " + spelling).encode()))
    assert error.excerpt in ("", "the key was ***")
    assert spelling not in str(error) + str(vars(error))


@every_spelling
def test_what_the_debugger_shares_has_no_spelling(spelling):
    escaped = quote_plus(spelling)
    request = f"POST http://h.example/{escaped}?{escaped}=c&b={escaped} HTTP/1.1\n{FORM}\n\na=open&c={escaped}"
    asked = {"act": "share", "share": "same", "request": request, "client_secret": SECRET}
    result = json.loads(work(json.dumps(asked)))
    assert result["text"] == f"POST http://h.example/MASKED?MASKED=c&b=MASKED HTTP/1.1\n{FORM}\n\na=open&c=MASKED"
    assert escaped.lower() not in result["report"].lower()


def test_a_text_that_the_debugger_cannot_cut_into_pairs_is_masked_whole():
    request = "GET http://c\\u0061nary.example/ HTTP/1.1\n\n"
    asked = {"act": "share", "share": "same", "request": request, "client_secret": "canary"}
    assert "canary" not in plainest(json.dumps(json.loads(work(json.dumps(asked)))))


@pytest.mark.parametrize(
    "value",
    [
        '{"client\\u005fs\\u0065cret": "canary"}', "x=1&amp;api&#95;k&#x65;y=canary", "api-key : canary",
        '{"a":1,"key":"canary"}', "token,x=canary",
    ],
)  # fmt: skip
def test_a_value_is_masked_by_a_name_within_it_in_each_spelling(value):
    request = f"POST http://h.example/ HTTP/1.1\n{FORM}\n\na=open&b={quote_plus(value)}"
    text = json.loads(work(json.dumps({"act": "share", "share": "same", "request": request})))["text"]
    assert text.endswith("\n\na=open&b=MASKED")


def test_a_short_secret_is_found_only_if_it_is_the_whole_text():
    secrets = Secrets(["q7/"])
    assert secrets.are_in("q7/") and secrets.are_in("Q7%252f") and not secrets.are_in("xq7/")
    assert Secrets(["q7/+"]).are_in("xQ7%2F%2Bx")


@pytest.mark.parametrize("secret", ["%2525", "&lt;", "%00%00", "\\\\\\\\", "\\u0041"])
def test_a_secret_that_is_short_in_its_plainest_spelling_does_not_mask_other_texts(secret):
    secrets = Secrets([secret])
    assert not secrets.are_in("100% of <a> text") and not secrets.are_in("")


@pytest.mark.parametrize(
    "name",
    [
        "oauth_token\\u005fsecret", "oauth_token%255fsecret", "oauth_token_s%65cret", "oauth&#95;token_secret",
    ],
)  # fmt: skip
def test_a_reply_with_an_escaped_name_of_an_issued_secret_is_not_shown(name):
    assert shown(name + "=canary99", []) == ""


@pytest.mark.parametrize(
    "text, plain",
    [
        ("A+B%2bC", "a b c"), ("%25252525252525252541", "a"), ("a\0b%00c&#0;d", "abcd"),
        ("\\ud83d\\udd11", "\U0001f511"), ("\\ud83dx\\udd11\\ud83d", "x"),
        ("&#x1F511;&#65;&LT;&amp;gt;", "\U0001f511a<>"), ("\\u00zz&#;&#9999999999;%", "u00zz&#;&#9999999999;%"),
        ("\\ud83d\\u0041\\udd11", "a"), ("%5C%5Cu0026", "&"), ("%FF", "\udcff"),
    ],
)  # fmt: skip
def test_the_plainest_spelling_of_a_text(text, plain):
    assert plainest(text) == plain


def test_what_is_not_unicode_is_refused():
    with pytest.raises(SigningError):
        plainest("\ud800")


@pytest.mark.parametrize(
    "piece", ["%", "%25", "25", "\\", "\\u005c", "\\ud83d", "&#", "&#38;", "&#x", "&amp;", "+", ";"]
)
def test_a_long_text_is_read_in_time_that_grows_with_its_length(piece):
    before = time.process_time()
    Secrets([SECRET]).are_in("%" + piece * (262144 // len(piece)))
    assert time.process_time() - before < 3


def test_a_text_is_not_shown_if_a_secret_cannot_be_looked_for():
    """A lone surrogate has no encoded form; on some Pythons, octets that are not UTF-8 have no decoded one."""
    assert shown("a text", ["\ud800abcd"]) == ""
    assert shown("a text", ["another secret"]) == "a text"
