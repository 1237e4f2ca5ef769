"""Parameter transmission (RFC 5849 section 3.5): the three places of protocol parameters; reading the header."""

import traceback

import pytest

from oauth1_core import (
    MalformedRequest,
    SigningError,
    authorization_header,
    form_encoded_body,
    parse_authorization_header,
    request_uri,
)
from oauth1_core.transmission import FORM as FORM_TYPE
from oauth1_core.transmission import charsets_of, is_form_type

PAIRS = [("oauth_nonce", "a+b"), ("oauth_signature", "wOJIO9A2W5mFwDgiDvZbTSMK/PY="), ("é", '"\n')]
HEADER = 'oauth_nonce="a%2Bb", oauth_signature="wOJIO9A2W5mFwDgiDvZbTSMK%2FPY%3D", %C3%A9="%22%0A"'
FORM = "oauth_nonce=a%2Bb&oauth_signature=wOJIO9A2W5mFwDgiDvZbTSMK%2FPY%3D&%C3%A9=%22%0A"


@pytest.mark.parametrize(
    "realm, prefix",
    [
        (None, ""),
        ("", 'realm="", '),
        ("Schoology API", 'realm="Schoology API", '),
        ("http://example.com/?a=%20,b", 'realm="http://example.com/?a=%20,b", '),
    ],
)
def test_the_realm_stands_first_and_as_given(realm, prefix):
    assert authorization_header(iter(PAIRS), realm) == "OAuth " + prefix + HEADER


@pytest.mark.parametrize(
    "character", ['"', "\\", "\r", "\n", "\0", "\t", "\x1f", "\x7f", "\x80", "é", "\u2028", "\udcff"]
)
def test_a_realm_that_would_have_to_be_quoted_is_refused(character):
    with pytest.raises(SigningError) as caught:
        authorization_header(PAIRS, f"a{character}b")
    assert caught.value.parameter == "realm"


@pytest.mark.parametrize("realm", [5, b"Photos", ["a"], object()])
def test_a_realm_is_text(realm):
    with pytest.raises(SigningError) as caught:
        authorization_header(PAIRS, realm)
    assert caught.value.parameter == "realm"


@pytest.mark.parametrize("form", ["", b"", "a=%20&b", b"a=%20&b", b"a=\xff&", "é=é+é", "a=\udcff", b"[x]=%"])
def test_the_protocol_parameters_follow_the_form_which_stays_as_it_is(form):
    octets = form if isinstance(form, bytes) else form.encode("utf-8", "surrogateescape")
    body = form_encoded_body(iter(PAIRS), form)
    assert body.encode("utf-8", "surrogateescape") == (octets + b"&" if octets else b"") + FORM.encode()


@pytest.mark.parametrize(
    "uri, before, after",
    [
        ("http://example.com", "http://example.com?", ""),
        ("http://example.com/r?", "http://example.com/r?", ""),
        ("http://example.com/r?a=%7e&[b]=c+d", "http://example.com/r?a=%7e&[b]=c+d&", ""),
        ("http://example.com/r?a?b#c?d#e", "http://example.com/r?a?b&", "#c?d#e"),
        ("http://example.com/r#?a", "http://example.com/r?", "#?a"),
        ("/r?a=\udcff", "/r?a=\udcff&", ""),
    ],
)
def test_the_protocol_parameters_follow_the_query_which_stays_as_it_is(uri, before, after):
    assert request_uri(iter(PAIRS), uri) == before + FORM + after


def test_without_parameters_nothing_is_added():
    for uri in ("http://example.com/r", "http://example.com/r?", "http://example.com/r#?", "http://example.com/r?#"):
        assert request_uri([], uri) == uri
    assert form_encoded_body([], "a=b") == "a=b"
    assert form_encoded_body(PAIRS) == FORM


@pytest.mark.parametrize("wrong", [None, b"http://example.com/", 5])
def test_uri_and_form_are_text(wrong):
    with pytest.raises(SigningError) as caught:
        request_uri(PAIRS, wrong)
    assert caught.value.parameter == "uri"
    with pytest.raises(SigningError) as caught:
        form_encoded_body(PAIRS, None if wrong is None else bytearray(b"a"))
    assert caught.value.parameter == "form"


@pytest.mark.parametrize("pair", [("oauth_token", "hidden\ud800"), ("oauth_token", None)])
@pytest.mark.parametrize(
    "place", [authorization_header, form_encoded_body, lambda pairs: request_uri(pairs, "http://example.com/")]
)
def test_a_value_that_cannot_be_sent_is_not_shown(place, pair):
    with pytest.raises(SigningError) as caught:
        place([pair])
    assert "hidden" not in "".join(traceback.format_exception_only(caught.type, caught.value))


@pytest.mark.parametrize("pair", [(), ("a",), ("a", "b", "c"), 5, None])
@pytest.mark.parametrize(
    "place", [authorization_header, form_encoded_body, lambda pairs: request_uri(pairs, "http://example.com/")]
)
def test_what_is_not_a_pair_is_a_signing_error(place, pair):
    with pytest.raises(SigningError):
        place([pair])


@pytest.mark.parametrize("text", ["", "a b", "é😀\u212a", "".join(map(chr, range(128))), '",=', "%41", "realm"])
def test_what_the_header_carries_can_be_read_again(text):
    pairs = [("oauth_nonce", text), ("x" + text, "1"), ("oauth_nonce", text)]
    assert parse_authorization_header(authorization_header(pairs, "realm, a=b")) == pairs


@pytest.mark.parametrize(
    "header, parameter",
    [
        (None, None), (b'OAuth a="1"', None), (["OAuth"], None), ("Basic QTpC", None), ('OAuth:a="1"', None),
        ('"OAuth" a="1"', None), ('OAuth\x0ba="1"', None), ('OAuth a="1', None), ("OAuth a='1'", None),
        ('OAuth a="1"2', None), ("OAuth a", None), ('OAuth "1"', None), ('OAuth a==1', None), ('OAuth (a)="1"', None),
        ('OAuth a"1"', None), ('OAuth é="1"', None), ('OAuth %zz="1"', None), ("OAuth a=b c", None),
        ('OAuth \ud800="1"', None),
        ('OAuth a="%"', "a"), ("OAuth a=%G1", "a"), ('OAuth a="%FF"', "a"), ('OAuth a="\udcff"', "a"),
        ('OAuth a="\ud800"', "a"), ('OAuth b="1", a="1\\2"', "a"), ('OAuth a="1\n2"', "a"), ('OAuth a="\x7f"', "a"),
        ('OAuth realm="\\"', "realm"), ('OAuth realm="\r\n"', "realm"), ('OAuth %C3%A9="%"', "é"),
    ],
)  # fmt: skip
def test_a_header_that_can_be_misread_is_refused_and_the_parameter_named(header, parameter):
    with pytest.raises(MalformedRequest) as caught:
        parse_authorization_header(header)
    assert caught.value.parameter == parameter
    assert (caught.value.status, caught.value.problem) == (400, "parameter_rejected")


@pytest.mark.parametrize(
    "header",
    ['OAuth a="hidden%"', 'OAuth a="1" hidden', 'OAuth "hidden"', "hidden", 'OAuth a="hidden', "OAuth a='hidden'"],
)
def test_a_refused_header_is_not_shown(header):
    with pytest.raises(MalformedRequest) as caught:
        parse_authorization_header(header)
    assert "hidden" not in str(caught.value)


def test_the_reader_drops_the_realm_in_any_case_and_keeps_duplicates_in_their_order():
    header = 'OAuth a="2", realm="x", a="1", %61="2", %72ealm="y", REALM="z", a=2'
    assert parse_authorization_header(header) == [("a", "2"), ("a", "1"), ("a", "2"), ("a", "2")]
    assert parse_authorization_header("OAuth") == parse_authorization_header('OAuth realm="x"') == []
    assert parse_authorization_header('OAuth a="b+c,/=", d=e+f') == [("a", "b+c,/="), ("d", "e+f")]


@pytest.mark.parametrize("white_space", ["\x0b", "\x0c", "\x1c", "\x85", "\xa0", "\u2003"])
def test_only_linear_white_space_is_taken_off_a_content_type(white_space):
    for spaced in (white_space + FORM_TYPE, FORM_TYPE + white_space, FORM_TYPE.replace("/", white_space + "/")):
        with pytest.raises(MalformedRequest) as refused:
            is_form_type(spaced)
        assert refused.value.parameter == "content-type"
    assert is_form_type(" \t" + FORM_TYPE + " ;charset=utf-8") and not is_form_type("")
    assert charsets_of(f"{FORM_TYPE}; {white_space}charset=utf-8") == []
    assert charsets_of(f"{FORM_TYPE}; charset={white_space}utf-8") == [white_space + "utf-8"]


@pytest.mark.parametrize(
    "parameters, charsets",
    [
        ("", []),
        ("charset=UTF-8", ["utf-8"]),
        ('a=b; CHARSET = "X" ;charset=y', ["x", "y"]),
        ("charset=a=b", ["a=b"]),
        ("charset=", [""]),
        ("charset", [""]),
    ],
)
def test_each_charset_of_a_content_type_is_read(parameters, charsets):
    assert charsets_of(f"{FORM_TYPE};{parameters}") == charsets
