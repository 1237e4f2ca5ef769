"""Receiving requests (RFC 5849 section 3.2): sizes at their limit, and what no vector says.

``tests/test_verifying.py`` and the vectors have the rest.
"""

import pytest

from oauth1_core import (
    LimitExceeded,
    Limits,
    MalformedRequest,
    MissingParameter,
    parse_request,
    receiving,
)
from oauth1_core.receiving import LIMITS, UNREAD, read_body, read_head, text_pairs

URI = "https://example.com/r"
FORM = "application/x-www-form-urlencoded"
ITEMS = [
    'oauth_consumer_key="client"', 'oauth_token="token6"', 'oauth_signature_method="HMAC-SHA1"',
    'oauth_timestamp="137131201"', 'oauth_nonce="nonce"', 'oauth_version="1.0"', 'oauth_signature="ab%2B%2F%3D"',
]  # fmt: skip
USUAL = "OAuth " + ", ".join(ITEMS)
# No client library sends this parameter, so the quick reader does not take this header.
UNUSUAL = USUAL + ', oauth_x="y"'


def parsed(header=USUAL, *fields, method="POST", uri=URI, body=b"", limits=LIMITS):
    return parse_request(method, uri, [("Authorization", header), *fields], body, limits=limits)


@pytest.mark.parametrize("header", [USUAL, UNUSUAL])
@pytest.mark.parametrize(
    "limit, size, said, status",
    [
        ("header", None, "authorization is too long: it must have at most {} characters", 431),
        ("uri", len(URI), "uri is too long: it must have at most {} characters", 414),
        ("method", 4, "method is too long: it must have at most {} characters", 400),
        ("content_type", 10, "content-type is too long: it must have at most {} characters", 431),
        ("identifier", 6, "oauth_consumer_key is too long: it must have at most {} characters", 400),
        ("nonce", 5, "the nonce must have 1 to {} characters", 400),
        ("signature", 5, "oauth_signature is too long: it must have at most {} characters", 400),
        ("protocol_parameters", None, "the request has more than {} protocol parameters", 400),
    ],
)
def test_a_size_at_its_limit_is_accepted_and_one_more_is_not(header, limit, size, said, status):
    if size is None:
        size = {"header": len(header), "protocol_parameters": header.count("oauth_")}[limit]
    content_type = "Content-Type", "text/plain"
    assert parsed(header, content_type, limits=Limits(**{limit: size})).nonce == "nonce"
    with pytest.raises((LimitExceeded, MalformedRequest), match="^" + said.format(size - 1) + "$") as refused:
        parsed(header, content_type, limits=Limits(**{limit: size - 1}))
    assert refused.value.status == status


def test_a_form_at_its_limit_is_accepted_and_one_octet_more_is_not():
    content_type = "Content-Type", FORM
    assert parsed(USUAL, content_type, body=b"abc=d", limits=Limits(form=5)).body == b"abc=d"
    with pytest.raises(LimitExceeded, match="^form is too long: it must have at most 4 octets$") as refused:
        parsed(USUAL, content_type, body=b"abc=d", limits=Limits(form=4))
    assert refused.value.status == 413


@pytest.mark.parametrize("query", ["a=&b=&c=", "a&b&c"])
def test_the_parameters_are_counted_in_the_query_in_the_form_and_all_together(query):
    content_type = "Content-Type", FORM
    # Three in the query, three in the form, six in the header without the signature.
    uri, body = URI + "?" + query, query.encode()
    assert len(parsed(USUAL, content_type, uri=uri, body=body, limits=Limits(parameters=12)).parameters) == 12
    for most, where, parameter in [
        (11, "parameters", "parameters"), (3, "parameters", "parameters"), (2, "parameters in the query", "query")
    ]:  # fmt: skip
        with pytest.raises(LimitExceeded, match=f"^the request has more than {most} {where}$") as refused:
            parsed(USUAL, content_type, uri=uri, body=body, limits=Limits(parameters=most))
        assert (refused.value.parameter, refused.value.status) == (parameter, 400)
    with pytest.raises(LimitExceeded, match="^the request has more than 2 parameters in the form$") as refused:
        parsed(USUAL, content_type, body=body, limits=Limits(parameters=2))
    assert refused.value.parameter == "form"


def test_a_usual_header_at_its_limits_is_read_by_the_quick_reader(monkeypatch):
    monkeypatch.delattr(receiving, "strict_header")
    limits = Limits(header=len(USUAL), identifier=6, nonce=5, signature=5, protocol_parameters=7)
    request = parsed(limits=limits)
    assert (request.client_identifier, request.token_identifier, request.signature_method) == (
        "client", "token6", "HMAC-SHA1",
    )  # fmt: skip
    assert (request.timestamp, request.nonce, request.signature) == (137131201, "nonce", "ab+/=")
    assert parsed("OAuth " + ", ".join([*ITEMS[:1], *ITEMS[2:]])).token_identifier is None


def test_a_timestamp_may_have_twelve_digits():
    for header in (USUAL, UNUSUAL):
        assert parsed(header.replace("137131201", "999999999999")).timestamp == 999999999999
        with pytest.raises(MalformedRequest):
            parsed(header.replace("137131201", "9999999999999"))


def test_a_control_character_is_named_where_there_is_no_token():
    with pytest.raises(MalformedRequest) as refused:
        parsed("OAuth " + ", ".join([*ITEMS[:1], *ITEMS[2:]]).replace('"nonce"', '"%00"'))
    assert refused.value.parameter == "oauth_nonce"


@pytest.mark.parametrize("header, status", [(None, 401), ("Basic abc", 401), ("OAuth", 400), ('OAuth realm="r"', 400)])
def test_a_form_without_protocol_parameters_is_challenged_unless_it_came_with_an_oauth_header(header, status):
    fields = [("Content-Type", FORM)] + [("Authorization", header)] * (header is not None)
    with pytest.raises(MissingParameter, match="^the request lacks oauth_consumer_key$") as refused:
        parse_request("POST", URI, fields, b"a=b")
    assert (refused.value.status, refused.value.parameter) == (status, "oauth_consumer_key")


def test_the_client_is_unknown_until_the_form_is_read():
    assert read_head("POST", URI, [("Content-Type", FORM)], LIMITS).client_identifier == ""


def test_a_body_that_was_not_read_is_empty_octets():
    request = read_head("POST", URI, [("Authorization", USUAL), ("Content-Length", "3")], LIMITS)
    read_body(request, UNREAD, LIMITS)
    assert request.body == b"" and type(request.body) is bytes


def test_a_body_may_have_gone_through_several_encodings():
    encodings = [("Transfer-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("Content-Encoding", "br")] * 2
    assert parsed(USUAL, *encodings, body=b"{}").body == b"{}"


@pytest.mark.parametrize("declared", ["X2", "\x0b2", "2\x0c", "+2", "2.0", "3", ""])
def test_a_content_length_is_digits(declared):
    with pytest.raises(MalformedRequest) as refused:
        parsed(USUAL, ("Content-Length", declared), body=b"{}")
    assert refused.value.parameter == "content-length"
    for same in ("2", "002", " 2\t"):
        assert parsed(USUAL, ("Content-Length", same), body=b"{}").body == b"{}"


@pytest.mark.parametrize("charset", ["utf8", "ASCII", "us-ascii", '"UTF-8"'])
def test_a_charset_of_which_utf_8_is_the_superset_says_nothing_new(charset):
    request = parsed(USUAL, ("Content-Type", FORM + "; charset=" + charset), body=b"a=%C3%A9")
    assert ("a", "é") in request.parameters


@pytest.mark.parametrize("more", ["; charset*=utf-16''x", "; charset=iso-8859-1", "; charset=utf-16"])
def test_a_second_charset_is_refused_even_if_the_form_is_ascii(more):
    one = "Content-Type", FORM + "; charset=iso-8859-1"
    assert parsed(USUAL, one, body=b"a=b").is_form
    with pytest.raises(MalformedRequest) as refused:
        parsed(USUAL, ("Content-Type", one[1] + more), body=b"a=b")
    assert refused.value.parameter == "content-type"


def test_headers_as_pairs_of_text():
    assert text_pairs({"A": "b"}) == text_pairs([("A", "b")]) == text_pairs((("A", "b"),)) == [("A", "b")]
    for wrong in ([("A", b"b")], [(b"A", "b")], [("A", "b", "c")], ["A"], 5, [5]):
        with pytest.raises(MalformedRequest):
            text_pairs(wrong)
