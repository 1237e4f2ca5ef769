"""Verifying requests (RFC 5849 section 3.2): what is accepted, and exactly how everything else is refused."""

import asyncio
import base64
import email.message
import hashlib
import hmac
import urllib.parse

import httpx
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from oauth1_core import (
    HMAC_SHA1,
    HMAC_SHA256,
    HMAC_SHA512,
    PLAINTEXT,
    AsyncVerifier,
    ClientCredentials,
    DuplicatedParameter,
    InsecureTransport,
    InvalidClientCredentials,
    InvalidNonce,
    InvalidSignature,
    InvalidTimestamp,
    InvalidToken,
    LimitExceeded,
    Limits,
    MalformedRequest,
    MissingParameter,
    Plaintext,
    PublicClientCredentials,
    RsaSha1,
    StoreUnavailable,
    TokenCredentials,
    UnsupportedSignatureMethod,
    UnsupportedVersion,
    VerificationError,
    Verifier,
    authorization_header,
    body_hash,
    parse_request,
    refusal,
    sign,
    verify_signature,
    verifying,
)
from oauth1_core.adapters.cryptography import rsa_from_pem
from oauth1_core.nonce_stores.memory import MemoryNonceStore

NOW = 1795455318
URI = "https://api.example/r"
FORM = "application/x-www-form-urlencoded"
CLIENTS = {key: ClientCredentials(key, secret) for key, secret in (("ck", "cs"), ("other", "os"), ("keyless", ""))}
TOKENS = {("ck", "tk"): TokenCredentials("tk", "ts"), ("keyless", "tk"): TokenCredentials("tk", "")}
PROTOCOL = {
    "oauth_consumer_key": "ck",
    "oauth_token": "tk",
    "oauth_signature_method": "HMAC-SHA1",
    "oauth_timestamp": str(NOW),
    "oauth_nonce": "n-1",
    "oauth_version": "1.0",
}

ACCEPTED = None
CHALLENGED = (MissingParameter, 401, "parameter_absent")
ABSENT = (MissingParameter, 400, "parameter_absent")
MALFORMED = (MalformedRequest, 400, "parameter_rejected")
DUPLICATED = (DuplicatedParameter, 400, "parameter_rejected")
VERSION = (UnsupportedVersion, 400, "version_rejected")
METHOD = (UnsupportedSignatureMethod, 400, "signature_method_rejected")
SIGNATURE = (InvalidSignature, 401, "signature_invalid")
CLEAR = (InsecureTransport, 403, "")
BAD_TIME = (MalformedRequest, 400, "timestamp_refused")
OTHER_TIME = (InvalidTimestamp, 401, "timestamp_refused")


class Registry:
    """Both sets of credentials, from the dictionaries above."""

    def client(self, identifier):
        return CLIENTS.get(identifier)

    def token(self, client_identifier, token_identifier):
        return TOKENS.get((client_identifier, token_identifier))


def quote(text):
    return urllib.parse.quote(text, safe="~")


def request(
    method="GET", uri=URI, *, further=(), form=None, place="header", key="cs&ts", digest="sha1", headers=(), **changes
):
    """A request signed with urllib and hmac alone, so that it may break the rules that sign() keeps.

    ``changes`` replaces a protocol parameter, or drops it with None; ``further`` pairs come after them.
    """
    pairs = [pair for pair in dict(PROTOCOL, **changes).items() if pair[1] is not None] + list(further)
    path, _, query = uri.partition("?")
    signed = pairs + [
        pair for source in (query, form or "") for pair in urllib.parse.parse_qsl(source, keep_blank_values=True)
    ]
    encoded = sorted((quote(name), quote(value)) for name, value in signed if name != "oauth_signature")
    base_string = "&".join([quote(each) for each in (method, path, "&".join(map("=".join, encoded)))])
    mac = base64.b64encode(hmac.digest(key.encode(), base_string.encode(), digest)).decode()
    if "oauth_signature" not in changes:
        pairs = pairs + [("oauth_signature", key if changes.get("oauth_signature_method") == "PLAINTEXT" else mac)]
    encoded = [(quote(name), quote(value)) for name, value in pairs]
    headers = list(headers) + ([("Content-Type", FORM)] if form is not None else [])
    if place == "header":
        headers.append(("Authorization", "OAuth " + ", ".join('{}="{}"'.format(*pair) for pair in encoded)))
    elif place == "query":
        uri += ("&" if query else "?") + "&".join(map("=".join, encoded))
    else:
        form += ("&" if form else "") + "&".join(map("=".join, encoded))
    return method, uri, headers, (form or "").encode()


def edited(request, edit):
    """The request with its Authorization header rewritten after it was signed."""
    method, uri, headers, body = request
    return method, uri, [(n, edit(v) if n == "Authorization" else v) for n, v in headers], body


def verifier(**options):
    options = dict({"nonces": MemoryNonceStore(epoch=0), "clock": lambda: NOW}, **options)
    return Verifier(Registry(), options.pop("nonces"), **options)


def typed(request, content_type):
    """The same request with this Content-Type."""
    method, uri, headers, body = request
    others = [header for header in headers if header[0] != "Content-Type"]
    return method, uri, [*others, ("Content-Type", content_type)], body


def outcome(request, *, token="required", **options):
    """None if the request is accepted, else class, status and problem of its refusal."""
    try:
        verifier(**options).verify(*request, token=token)
    except VerificationError as error:
        return type(error), error.status, error.problem
    return ACCEPTED


def rows(*table):
    return pytest.mark.parametrize("sent, expected", [pytest.param(*row[1:], id=row[0]) for row in table])


@rows(
    ("as the RFC has it", request(), ACCEPTED),
    ("nothing of OAuth", ("GET", URI, [], b""), CHALLENGED),
    ("Basic", ("GET", URI, [("Authorization", "Basic eDp5")], b""), CHALLENGED),
    ("Bearer", ("GET", URI, [("Authorization", "Bearer abc")], b""), CHALLENGED),
    ("another scheme beginning with OAuth", ("GET", URI, [("Authorization", "OAuth2 abc")], b""), CHALLENGED),
    ("empty header", ("GET", URI, [("Authorization", "")], b""), CHALLENGED),
    ("scheme alone", ("GET", URI, [("Authorization", "OAuth")], b""), ABSENT),
    ("realm alone", ("GET", URI, [("Authorization", 'OAuth realm="x"')], b""), ABSENT),
    ("scheme in lower case", edited(request(), lambda text: text.replace("OAuth", "oauth")), ACCEPTED),
    ("scheme in upper case", edited(request(), lambda text: text.replace("OAuth", "OAUTH")), ACCEPTED),
    ("tab after the scheme", edited(request(), lambda text: text.replace("OAuth ", "OAuth\t")), ACCEPTED),
    ("spaces after the scheme", edited(request(), lambda text: text.replace("OAuth ", "OAuth   ")), ACCEPTED),
    ("no space after the scheme", edited(request(), lambda text: text.replace("OAuth ", "OAuth,")), MALFORMED),
    ("field name in another case", ("GET", URI, [("aUTHORIZATION", request()[2][0][1])], b""), ACCEPTED),
    ("two Authorization headers", ("GET", URI, request()[2] * 2, b""), MALFORMED),
    ("Authorization not text", ("GET", URI, [("Authorization", b"OAuth")], b""), MALFORMED),
    ("Basic and OAuth joined", edited(request(), lambda text: "Basic eDp5, " + text), MALFORMED),
    ("Basic and OAuth joined without a space", edited(request(), lambda text: "Basic eDp5," + text), MALFORMED),
    ("OAuth as a value of another scheme", ("GET", URI, [("Authorization", "Basic OAuth x")], b""), CHALLENGED),
    ("OAuth and Basic joined", edited(request(), lambda text: text + ", Basic eDp5"), MALFORMED),
    ("quote not closed", edited(request(), lambda text: text[:-1]), MALFORMED),
    ("single quotes", edited(request(), lambda text: text.replace('"', "'")), MALFORMED),
    ("semicolons", edited(request(), lambda text: text.replace(",", ";")), MALFORMED),
    ("missing comma", edited(request(), lambda text: text.replace(",", "", 1)), MALFORMED),
    ("item without =", edited(request(), lambda text: text + ", oauth_foo"), MALFORMED),
    ("quoted value without a name", edited(request(), lambda text: text + ', "foo"'), MALFORMED),
    ("quoted value without =", edited(request(), lambda text: text + ', oauth_foo"x"'), MALFORMED),
    ("text before a quoted value", edited(request(), lambda text: text + ', oauth_foo=x"y"'), MALFORMED),
    ("text after the last quote", edited(request(), lambda text: text + " x"), MALFORMED),
    ("a name that is no token", edited(request(), lambda text: text + ', oauth foo="x"'), MALFORMED),
    ("backslash in a value", edited(request(), lambda text: text + ', realm="a\\b"'), MALFORMED),
    ("control character in a value", edited(request(), lambda text: text + ', realm="a\x01b"'), MALFORMED),
    ("unquoted token", edited(request(), lambda text: text.replace('"n-1"', "n-1")), ACCEPTED),
    (
        "raw comma, plus, slash and = in quotes, the plus literal",
        edited(request(oauth_nonce="a,b+c/d="), lambda text: text.replace("a%2Cb%2Bc%2Fd%3D", "a,b+c/d=")),
        ACCEPTED,
    ),
    ("empty list items", edited(request(), lambda text: text.replace(", ", ", , ,\t")), ACCEPTED),
    ("trailing comma", edited(request(), lambda text: text + " ,"), ACCEPTED),
    ("% in the header", edited(request(), lambda text: text.replace("n-1", "n-1%")), MALFORMED),
    ("half an escape in the header", edited(request(), lambda text: text.replace("n-1", "%F")), MALFORMED),
    ("no escape in the header", edited(request(), lambda text: text.replace("n-1", "%G1")), MALFORMED),
    ("not UTF-8 in the header", edited(request(), lambda text: text.replace("n-1", "%FF")), MALFORMED),
    ("overlong UTF-8 in the header", edited(request(), lambda text: text.replace("n-1", "%C0%80")), MALFORMED),
    ("surrogate in the header", edited(request(), lambda text: text.replace("n-1", "%ED%A0%80")), MALFORMED),
)
def test_the_authorization_header_is_read_in_exactly_one_way(sent, expected):
    """RFC 5849 section 3.5.1."""
    assert outcome(sent) == expected


REQUIRED = ["oauth_consumer_key", "oauth_signature_method", "oauth_signature", "oauth_timestamp", "oauth_nonce"]


@pytest.mark.parametrize("value", [None, ""], ids=["missing", "empty"])
@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_parameter_is_named_when_it_is_not_there(name, value):
    """RFC 5849 section 3.1."""
    with pytest.raises(MissingParameter) as caught:
        verifier().verify(*request(**{name: value}))
    assert (caught.value.status, caught.value.problem) == (400, "parameter_absent")
    assert (caught.value.parameter, caught.value.fields) == (name, [("oauth_parameters_absent", name)])


def test_plaintext_requires_neither_timestamp_nor_nonce():
    """RFC 5849 section 3.1."""
    with pytest.raises(MissingParameter) as caught:
        parse_request("GET", URI, [("Authorization", "OAuth oauth_signature_method=PLAINTEXT")])
    assert caught.value.fields == [("oauth_parameters_absent", "oauth_consumer_key&oauth_signature")]
    found = parse_request(*request(oauth_timestamp=None, oauth_nonce=None, **PLAIN))
    assert (found.timestamp, found.nonce) == (None, None)


def repeated(name, first=False, value=None):
    value = PROTOCOL.get(name, "x") if value is None else value
    item = '{}="{}"'.format(name, value)
    return edited(request(), lambda text: "OAuth " + item + ", " + text[6:] if first else text + ", " + item)


@rows(
    ("nonce", request(further=[("oauth_nonce", "n-1")]), DUPLICATED),
    ("nonce, unequal, first", repeated("oauth_nonce", first=True, value="n-2"), DUPLICATED),
    ("signature last", repeated("oauth_signature"), DUPLICATED),
    ("signature first", repeated("oauth_signature", first=True), DUPLICATED),
    ("client", request(further=[("oauth_consumer_key", "ck")]), DUPLICATED),
    ("client, unequal, last", request(further=[("oauth_consumer_key", "other")]), DUPLICATED),
    ("nonce under an encoded name", repeated("oauth%5Fnonce", value="n-1"), DUPLICATED),
    ("realm", edited(request(), lambda text: text + ', realm="a", realm="a"'), DUPLICATED),
    ("nonce in the query, signed", request(further=[("oauth_nonce", "n-1")], place="query"), DUPLICATED),
    ("nonce in the form, signed", request(further=[("oauth_nonce", "x")], form="", place="form"), DUPLICATED),
    ("signature also in the query", request(uri=URI + "?oauth_signature=x"), DUPLICATED),
    ("token also in the form", request("POST", form="oauth_token=tk"), DUPLICATED),
    ("unknown oauth_ parameter also in the query", request(uri=URI + "?oauth_foo=x"), DUPLICATED),
    ("unknown oauth_ parameter also in the form", request("POST", form="oauth_foo=x"), DUPLICATED),
    ("form beside query", request("POST", URI + "?oauth_foo=x", form="", place="form"), DUPLICATED),
)
def test_a_protocol_parameter_stands_once_and_in_one_place(sent, expected):
    """RFC 5849 sections 3.1 and 3.5, also where the signature covers both."""
    assert outcome(sent) == expected


@rows(
    ("version 2.0", request(oauth_version="2.0"), VERSION),
    ("version 1.0a", request(oauth_version="1.0a"), VERSION),
    ("version 1.00", request(oauth_version="1.00"), VERSION),
    ("empty version", request(oauth_version=""), VERSION),
    ("space before the version", request(oauth_version=" 1.0"), VERSION),
    ("no version", request(oauth_version=None), ACCEPTED),
    ("unknown oauth_ parameter, signed", request(further=[("oauth_foo", "x")]), ACCEPTED),
    ("unknown oauth_ parameter, not signed", edited(request(), lambda text: text + ', oauth_foo="x"'), SIGNATURE),
    ("method in lower case", request(oauth_signature_method="hmac-sha1"), METHOD),
    ("method NONE", request(oauth_signature_method="NONE"), METHOD),
    ("HMAC-MD5", request(oauth_signature_method="HMAC-MD5", digest="md5"), METHOD),
    ("space after the method", request(oauth_signature_method="HMAC-SHA1 "), METHOD),
    ("method not among the default", request(oauth_signature_method="HMAC-SHA512", digest="sha512"), METHOD),
    ("HMAC-SHA256", request(oauth_signature_method="HMAC-SHA256", digest="sha256"), ACCEPTED),
    ("SHA-1 declared as SHA-256", request(oauth_signature_method="HMAC-SHA256"), SIGNATURE),
    ("nonce of 256 characters", request(oauth_nonce="n" * 256), ACCEPTED),
    ("nonce of 257 characters", request(oauth_nonce="n" * 257), MALFORMED),
    ("nonce with NUL", request(oauth_nonce="n\0"), MALFORMED),
    ("nonce with CR", request(oauth_nonce="n\r"), MALFORMED),
    ("nonce with LF", request(oauth_nonce="n\n"), MALFORMED),
    ("nonce with ESC", request(oauth_nonce="n\x1b"), MALFORMED),
    ("nonce with DEL", request(oauth_nonce="n\x7f"), MALFORMED),
    ("nonce with a soft hyphen", request(oauth_nonce="n\xad"), ACCEPTED),
)
def test_protocol_parameters_have_the_values_of_the_rfc(sent, expected):
    """RFC 5849 sections 3.1 and 3.3."""
    assert outcome(sent) == expected


def test_an_unsupported_version_is_told_which_are_acceptable():
    with pytest.raises(UnsupportedVersion) as caught:
        verifier().verify(*request(oauth_version="2.0"))
    assert caught.value.fields == [("oauth_acceptable_versions", "1.0-1.0")]


TWO_LEGGED = {"oauth_token": None, "key": "cs&"}


@pytest.mark.parametrize(
    "sent, token, expected",
    [
        (request(), "required", ACCEPTED),
        (request(), "optional", ACCEPTED),
        (request(), "absent", MALFORMED),
        (request(**TWO_LEGGED), "required", ABSENT),
        (request(**TWO_LEGGED), "optional", ACCEPTED),
        (request(**TWO_LEGGED), "absent", ACCEPTED),
        (request(oauth_token="", key="cs&"), "required", ABSENT),
        (request(oauth_token="", key="cs&"), "optional", ACCEPTED),
        (request(oauth_token="", key="cs&"), "absent", ACCEPTED),
        (request(oauth_token="", key="cs&ts"), "optional", SIGNATURE),
    ],
)
def test_an_empty_token_is_none_and_the_caller_says_whether_one_is_needed(sent, token, expected):
    assert outcome(sent, token=token) == expected


def test_there_is_no_verifier_without_a_nonce_store():
    with pytest.raises(TypeError, match="nonces"):
        Verifier(Registry())


def test_a_value_that_token_or_disclose_cannot_have_is_the_programmers_error():
    with pytest.raises(ValueError, match="token must be"):
        verifier().verify(*request(), token="none")
    with pytest.raises(ValueError, match="disclose must be"):
        verifier(disclose="all")


def with_body(body, content_type=FORM, sent=None):
    """A signed request without a body, to which somebody added one."""
    method, uri, headers, _ = sent or request("POST")
    return method, uri, headers + [("Content-Type", content_type)], body


@rows(
    ("realm added to the query", request()[:1] + (URI + "?realm=evil",) + request()[2:], SIGNATURE),
    (
        "realm added to the query beside a header realm",
        ("GET", URI + "?realm=evil", edited(request(), lambda text: text + ', realm="x"')[2], b""),
        SIGNATURE,
    ),
    ("header realm is never signed", edited(request(), lambda text: text + ', realm="x"'), ACCEPTED),
    ("realm in the query is an ordinary parameter", request(uri=URI + "?realm=x"), ACCEPTED),
    ("form added", with_body(b'admin=1&x="'), SIGNATURE),
    ("form added under a type in upper case", with_body(b"admin=1", FORM.upper()), SIGNATURE),
    ("form added under a type with parameters", with_body(b"admin=1", FORM + " ; charset=UTF-8"), SIGNATURE),
    ("no escape in the form", with_body(b"a=%GG"), MALFORMED),
    ("lone percent sign in the form", with_body(b"a=%"), MALFORMED),
    ("escapes that are not UTF-8 in the form", with_body(b"a=%FF"), MALFORMED),
    ("octets that are not UTF-8 in the form", with_body(b"a=\xff"), MALFORMED),
    ("two Content-Type headers", with_body(b"", sent=with_body(b"", "text/plain")), MALFORMED),
    ("boundary named like a form", with_body(b"a=1", 'multipart/form-data; boundary="' + FORM + '"'), ACCEPTED),
    ("body that is not a form", with_body(b'{"a": "%GG"}', "application/json"), ACCEPTED),
    ("body that is not bytes", with_body("a=1"), MALFORMED),
    ("signed form", request("POST", form="a=1&a=%C3%A9+b&c"), ACCEPTED),
    ("protocol parameters in the form", request("POST", form="a=1", place="form"), ACCEPTED),
    ("protocol parameters in the query", request(uri=URI + "?a=1", place="query"), ACCEPTED),
    ("not UTF-8 in the query", request(uri=URI + "?a=%FF"), MALFORMED),
    ("overlong UTF-8 in the query", request(uri=URI + "?a=%C0%80"), MALFORMED),
    ("surrogate in the query", request(uri=URI + "?a=%ED%A0%80"), MALFORMED),
    ("one broken octet replaced by another", ("GET", URI + "?a=%FE", request(uri=URI + "?a=%FF")[2], b""), MALFORMED),
    ("NUL in the query", request(uri=URI + "?a=%00"), ACCEPTED),
    ("raw characters in the query", request(uri=URI + "?a=[]|\"{}^\\<>é'`;$"), ACCEPTED),
    ("raw space in the query", request(uri=URI + "?a= "), MALFORMED),
    ("raw control character in the query", request(uri=URI + "?a=\x1f"), MALFORMED),
)
def test_query_and_form_are_signed_as_a_framework_would_read_them(sent, expected):
    """RFC 5849 section 3.4.1.3.1."""
    assert outcome(sent) == expected


SIGNED = request(uri="https://api.example/r")


@rows(
    ("default port written out", ("GET", "https://api.example:443/r", *SIGNED[2:]), ACCEPTED),
    ("host in upper case", ("GET", "HTTPS://API.example/r", *SIGNED[2:]), ACCEPTED),
    ("empty path", ("GET", "https://api.example", *request(uri="https://api.example/")[2:]), ACCEPTED),
    ("parameters of a path segment", request(uri="https://api.example/r;p=1"), ACCEPTED),
    ("another port", ("GET", "https://api.example:8443/r", *SIGNED[2:]), SIGNATURE),
    ("http for https", ("GET", "http://api.example/r", *SIGNED[2:]), SIGNATURE),
    ("forwarded host", request(headers=[("X-Forwarded-Host", "x"), ("Forwarded", "host=x")]), ACCEPTED),
    ("one Host header", request(headers=[("Host", "api.example")]), ACCEPTED),
    ("two Host headers", request(headers=[("Host", "api.example"), ("host", "api.example")]), MALFORMED),
    ("no host", ("GET", "https:///r", *SIGNED[2:]), MALFORMED),
    ("port 0", ("GET", "https://api.example:0/r", *SIGNED[2:]), MALFORMED),
    ("port 99999", ("GET", "https://api.example:99999/r", *SIGNED[2:]), MALFORMED),
    ("port abc", ("GET", "https://api.example:abc/r", *SIGNED[2:]), MALFORMED),
    ("userinfo", ("GET", "https://u:p@api.example/r", *SIGNED[2:]), MALFORMED),
    ("userinfo before a path with another ://", request(uri="https://u@api.example/a://b"), MALFORMED),
    ("at sign in the path", request(uri="https://api.example/a/@r/b"), ACCEPTED),
    ("fragment", ("GET", "https://api.example/r#f", *SIGNED[2:]), MALFORMED),
    ("path alone", ("GET", "/r", *SIGNED[2:]), MALFORMED),
    ("another scheme", ("GET", "ftp://api.example/r", *SIGNED[2:]), MALFORMED),
    ("host that is ASCII only in lower case", request(uri="https://\u212a.example/r"), MALFORMED),
    ("URI not text", ("GET", b"https://api.example/r", *SIGNED[2:]), MALFORMED),
    ("dot segments as received", request(uri="https://api.example/a/../r"), ACCEPTED),
    ("dot segments are not resolved", ("GET", "https://api.example/a/../r", *SIGNED[2:]), SIGNATURE),
    ("escaped tilde as received", request(uri="https://api.example/%7Er"), ACCEPTED),
    ("escapes of a path are not undone", ("GET", "https://api.example/%72", *SIGNED[2:]), SIGNATURE),
    ("space in the path", ("GET", "https://api.example/a b", *SIGNED[2:]), MALFORMED),
    ("control character in the path", ("GET", "https://api.example/a\r\nb", *SIGNED[2:]), MALFORMED),
    ("method with a space", ("GE T", *SIGNED[1:]), MALFORMED),
    ("method with a control character", ("GET\n", *SIGNED[1:]), MALFORMED),
    ("empty method", ("", *SIGNED[1:]), MALFORMED),
    ("method not text", (b"GET", *SIGNED[1:]), MALFORMED),
)
def test_the_request_line_is_what_was_signed(sent, expected):
    """RFC 5849 sections 3.4.1.1 and 3.4.1.2."""
    assert outcome(sent) == expected


RIGHT = urllib.parse.unquote(request()[2][0][1].rpartition('="')[2][:-1])
TRAILING_BITS = RIGHT[:-2] + chr(ord(RIGHT[-2]) + 1) + "="  # 27 characters hold 162 bits, the last two unused


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param("é" * 28, id="not ASCII"),
        pytest.param(RIGHT[:9] + " " + RIGHT[9:], id="space inside"),
        pytest.param(RIGHT[:9] + "\n" + RIGHT[9:], id="newline inside"),
        pytest.param(RIGHT + "\n", id="newline after it"),
        pytest.param(RIGHT + "\0", id="NUL after it"),
        pytest.param("\0" + RIGHT, id="NUL before it"),
        pytest.param(RIGHT[:-1], id="no padding"),
        pytest.param(RIGHT + "=", id="padding twice"),
        pytest.param(TRAILING_BITS, id="unused bits set"),
        pytest.param(RIGHT[:-4], id="cut short"),
        pytest.param(RIGHT[:-4] + RIGHT, id="too long"),
        pytest.param(base64.b64encode(bytes(20)).decode(), id="all zero"),
        pytest.param("=", id="padding alone"),
        pytest.param(base64.b64encode(hmac.digest(b"cs&ts", b"another", "sha1")).decode(), id="of another request"),
    ],
)
def test_only_the_canonical_base64_of_the_signature_is_the_signature(signature):
    assert outcome(request(oauth_signature=RIGHT)) == ACCEPTED
    assert outcome(request(oauth_signature=signature)) == SIGNATURE


def test_the_url_safe_alphabet_is_another_text():
    nonce = next(n for n in map(str, range(99)) if "%2F" in request(oauth_nonce=n)[2][0][1].rpartition("=")[2])
    sent = request(oauth_nonce=nonce)
    assert outcome(sent) == ACCEPTED
    assert outcome(edited(sent, lambda text: text.replace("%2F", "_"))) == SIGNATURE


def test_no_bit_of_the_signature_may_differ():
    octets = int.from_bytes(base64.b64decode(RIGHT), "big")
    flipped = [base64.b64encode((octets ^ 1 << bit).to_bytes(20, "big")).decode() for bit in range(160)]
    assert {outcome(request(oauth_signature=signature)) for signature in flipped} == {SIGNATURE}


@pytest.fixture(scope="module")
def rsa_sha1():
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return rsa_from_pem(RsaSha1, key)


def test_an_rsa_signature_of_another_length_is_refused(rsa_sha1):
    """RFC 5849 section 3.4.3."""
    changes = dict(sign("GET", URI, CLIENTS["keyless"], signature_method=rsa_sha1, timestamp=NOW), oauth_token=None)
    octets = base64.b64decode(changes["oauth_signature"])
    options = {"accept": (rsa_sha1,), "token": "absent"}
    assert outcome(request(**changes), **options) == ACCEPTED
    for wrong in (octets[:-1], octets + b"\0", b"\0" + octets, b"\xff" * len(octets), b"\0" * len(octets)):
        changes["oauth_signature"] = base64.b64encode(wrong).decode()
        assert outcome(request(**changes), **options) == SIGNATURE
    changes["oauth_signature"] = base64.b64encode(octets).decode().rstrip("=")
    assert outcome(request(**changes), **options) == SIGNATURE


@pytest.mark.parametrize("method", ["HMAC-SHA1", "HMAC-SHA256", "PLAINTEXT"])
def test_a_client_without_a_secret_can_only_use_rsa(method, rsa_sha1):
    """RFC 5849 section 4.1: without a secret anyone can compute the rest."""
    changes = {"oauth_consumer_key": "keyless", "oauth_signature_method": method, "key": "&"}
    changes["digest"] = "sha256" if method == "HMAC-SHA256" else "sha1"
    accept = (HMAC_SHA1, HMAC_SHA256, PLAINTEXT, rsa_sha1)
    assert outcome(request(**changes), accept=accept) == SIGNATURE
    assert outcome(request(oauth_token=None, **changes), accept=accept, token="optional") == SIGNATURE


def test_the_text_of_a_public_key_is_not_an_hmac_key(rsa_sha1):
    pem = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"
    sent = request(oauth_consumer_key="keyless", key=quote(pem) + "&")
    assert outcome(sent, accept=(HMAC_SHA1, rsa_sha1)) == SIGNATURE


PLAIN = {"oauth_signature_method": "PLAINTEXT"}


@pytest.mark.parametrize(
    "sent, accept, expected",
    [
        pytest.param(request(**PLAIN), (HMAC_SHA1, HMAC_SHA256), METHOD, id="not enabled"),
        pytest.param(request(uri="http://api.example/", **PLAIN), (HMAC_SHA1,), METHOD, id="not enabled, in clear"),
        pytest.param(request(**PLAIN), (PLAINTEXT,), ACCEPTED, id="enabled"),
        pytest.param(
            request(uri="http://api.example/", **PLAIN), (Plaintext(in_clear=True),), ACCEPTED, id="enabled in clear"
        ),
        pytest.param(
            request(key="cs&tx", uri="http://api.example/", **PLAIN),
            (Plaintext(in_clear=True),),
            SIGNATURE,
            id="enabled in clear, another secret",
        ),
        pytest.param(request(key="cs&tx", **PLAIN), (PLAINTEXT,), SIGNATURE, id="another secret"),
        pytest.param(request(key="cs&t\N{KELVIN SIGN}", **PLAIN), (PLAINTEXT,), SIGNATURE, id="secret not ASCII"),
        pytest.param(
            request(oauth_timestamp=None, oauth_nonce=None, **PLAIN), (PLAINTEXT,), ACCEPTED, id="neither of the two"
        ),
        pytest.param(request(oauth_timestamp=None, **PLAIN), (PLAINTEXT,), ACCEPTED, id="no timestamp"),
        pytest.param(request(oauth_nonce=None, **PLAIN), (PLAINTEXT,), ACCEPTED, id="no nonce"),
        pytest.param(request(oauth_nonce="a\n", **PLAIN), (PLAINTEXT,), MALFORMED, id="malformed nonce"),
        pytest.param(request(oauth_nonce="", **PLAIN), (PLAINTEXT,), MALFORMED, id="empty nonce"),
        pytest.param(request(oauth_timestamp="", **PLAIN), (PLAINTEXT,), BAD_TIME, id="empty timestamp"),
        pytest.param(request(oauth_timestamp=str(NOW - 301), **PLAIN), (PLAINTEXT,), OTHER_TIME, id="old timestamp"),
    ],
)
def test_plaintext_is_never_accepted_unless_named(sent, accept, expected):
    """RFC 5849 section 3.4.4."""
    assert outcome(sent, accept=accept) == expected


@pytest.mark.parametrize(
    "host, expected",
    [(host, ACCEPTED) for host in ("127.0.0.1", "127.0.0.1:8000", "127.255.0.9", "[::1]", "[::1]:8000")]
    + [(host, CLEAR) for host in ("api.example", "localhost", "127.1", "0x7f000001", "127.0.0.1.evil.example", "[::2]")]
    + [(host, CLEAR) for host in ("126.0.0.1", "127.0.0.256", "127.0.0.01", "128.0.0.1")],
)
def test_plaintext_over_http_is_accepted_from_a_loopback_ip_address_only(host, expected):
    assert outcome(request(uri="http://" + host + "/", **PLAIN), accept=(PLAINTEXT,)) == expected


@pytest.mark.parametrize("host, expected", [("api.example", CLEAR), ("localhost", CLEAR), ("127.0.0.1:8000", ACCEPTED)])
def test_where_the_answer_holds_secrets_a_request_without_tls_is_refused(host, expected):
    """RFC 5849 sections 2.1 and 2.3: "the server MUST require the use of a transport-layer mechanism"."""
    assert outcome(request(uri="http://" + host + "/token"), require_tls=True) == expected
    assert outcome(request(uri="http://" + host + "/token")) == ACCEPTED
    assert outcome(request(uri="https://" + host + "/token"), require_tls=True) == ACCEPTED


def test_a_used_plaintext_nonce_is_refused():
    server = verifier(accept=(PLAINTEXT,))
    server.verify(*request(**PLAIN))
    with pytest.raises(InvalidNonce):
        server.verify(*request(**PLAIN))


FULL_WIDTH = "".join(chr(ord(digit) + 0xFEE0) for digit in str(NOW))


@pytest.mark.parametrize(
    "text",
    ["-1", "0", "+{}", " {}", "{} ", "{}\n", "{}.0", "1e9", "abc", "0x6b03b216", "1_795_455_318", "00{}", "1" * 13]
    + ["9" * 5000, "{}000", "12X", FULL_WIDTH, "١٧٩٥٤٥٥٣١٨", "{}\0"],
)
def test_a_timestamp_is_a_positive_integer_in_ascii_digits(text):
    """RFC 5849 section 3.3."""
    with pytest.raises(MalformedRequest) as caught:
        verifier(limits=Limits(header=99999)).verify(*request(oauth_timestamp=text.format(NOW)))
    assert (caught.value.status, caught.value.problem) == (400, "timestamp_refused")
    assert dict(caught.value.fields)["oauth_problem_advice"].endswith(" 1970-01-01 00:00 UTC, not milliseconds")


@pytest.mark.parametrize("window", [300, 10])
def test_the_window_includes_both_ends_and_tells_where_they_are(window):
    for offset in (-window, 0, window):
        assert outcome(request(oauth_timestamp=str(NOW + offset)), window=window) == ACCEPTED
    for timestamp in (NOW - window - 1, NOW + window + 1, NOW + 86400, 9999999999, 999999999999, 1):
        with pytest.raises(InvalidTimestamp) as caught:
            verifier(window=window).verify(*request(oauth_timestamp=str(timestamp)))
        assert (caught.value.status, caught.value.problem) == (401, "timestamp_refused")
        acceptable = "{}-{}".format(NOW - window, NOW + window)
        assert caught.value.fields == [("oauth_acceptable_timestamps", acceptable)]


def test_a_timestamp_from_before_the_nonce_store_is_refused():
    assert outcome(request(), nonces=MemoryNonceStore(epoch=NOW + 1)) == OTHER_TIME


class Untouched:
    """Credentials and nonces that must not be asked for."""

    def client(self, *_):
        raise AssertionError("asked too early")

    token = claim = client


def test_a_stale_timestamp_is_told_before_credentials_or_signature_are_looked_at():
    server = Verifier(Untouched(), Untouched(), clock=lambda: NOW + 301)
    with pytest.raises(InvalidTimestamp):
        server.verify(*request(oauth_signature="AAAA"))


def test_the_nonce_is_claimed_only_once_the_signature_holds():
    for forged in (request(oauth_signature="AAAA"), request(oauth_consumer_key="nobody"), request(oauth_token="x")):
        assert outcome(forged, nonces=Untouched())[1] == 401


def test_that_a_nonce_was_used_is_told_only_to_whoever_could_sign():
    server = verifier()
    server.verify(*request())
    with pytest.raises(InvalidNonce) as caught:
        server.verify(*request())
    assert (caught.value.status, caught.value.problem, caught.value.parameter) == (401, "nonce_used", "oauth_nonce")
    with pytest.raises(InvalidSignature):
        server.verify(*request(oauth_signature="AAAA"))


def test_the_same_nonce_under_another_token_or_timestamp_is_another_nonce():
    """RFC 5849 section 3.3: unique "across all requests with the same timestamp, client credentials, and token"."""
    server = verifier()
    server.verify(*request())
    server.verify(*request(oauth_nonce="n-2"))
    server.verify(*request(oauth_timestamp=str(NOW + 1)))
    server.verify(*request(oauth_token=None, key="cs&"), token="optional")
    server.verify(*request(oauth_consumer_key="other", oauth_token=None, key="os&"), token="optional")


def test_forged_requests_with_the_nonce_of_a_client_do_not_burn_it():
    nonces = MemoryNonceStore(epoch=0)
    server = verifier(nonces=nonces)
    for number in range(1000):
        with pytest.raises(InvalidSignature):
            server.verify(*request(key="cs&guess{}".format(number)))
    assert len(nonces) == 0
    assert server.verify(*request()).nonce == "n-1"


@pytest.mark.parametrize("spelling", ["%6E-1", "n%2D1", "n%2d1"])
def test_a_used_nonce_spelled_otherwise_is_the_same_nonce(spelling):
    server = verifier()
    for sent in (request(place="query"), request()):
        query = sent[0], sent[1].replace("n-1", spelling), *sent[2:]
        again = edited(query, lambda text: text.replace("n-1", spelling))
        server.nonces = MemoryNonceStore(epoch=0)
        server.verify(*sent)
        with pytest.raises(InvalidNonce):
            server.verify(*again)


def test_a_used_nonce_is_the_same_nonce_when_its_octets_come_by_surrogateescape():
    """What a server's ASCII decoding makes of raw octets in the request target."""
    server = verifier()
    method, uri, headers, body = request(uri=URI + "?x=%41", oauth_nonce="é", place="query")
    server.verify(method, uri, headers, body)
    with pytest.raises(VerificationError):
        server.verify(method, uri.replace("%C3%A9", "\udcc3\udca9"), headers, body)


def test_a_body_hash_by_surrogateescape_is_refused_like_any_other_wrong_one():
    sent = request("POST", URI + "?x=%41", further=[("oauth_body_hash", "é")], place="query")
    assert outcome(sent) == SIGNATURE
    assert outcome((sent[0], sent[1].replace("%C3%A9", "\udcc3\udca9"), *sent[2:])) in (SIGNATURE, MALFORMED)


class Counting:
    """HMAC-SHA1 that counts how often it is asked."""

    name = "HMAC-SHA1"

    def __init__(self):
        self.calls = 0

    def verify(self, *arguments):
        self.calls += 1
        return HMAC_SHA1.verify(*arguments)


REFUSED = {
    "unknown client": (request(oauth_consumer_key="nobody"), InvalidClientCredentials, "consumer_key_unknown"),
    "unknown token": (request(oauth_token="none"), InvalidToken, "token_rejected"),
    "another client's token": (request(oauth_consumer_key="other", key="os&ts"), InvalidToken, "token_rejected"),
    "unknown client and token": (
        request(oauth_consumer_key="nobody", oauth_token="none"),
        InvalidClientCredentials,
        "consumer_key_unknown",
    ),
    "unknown client, no token": (
        request(oauth_consumer_key="nobody", oauth_token=None),
        InvalidClientCredentials,
        "consumer_key_unknown",
    ),
    "wrong signature": (request(key="cs&wrong"), InvalidSignature, "signature_invalid"),
    "client without a secret": (request(oauth_consumer_key="keyless", key="&"), InvalidSignature, "signature_invalid"),
}


@pytest.mark.parametrize("sent, kind, problem", REFUSED.values(), ids=REFUSED.keys())
def test_an_unknown_client_or_token_takes_the_work_and_gets_the_answer_of_a_wrong_signature(sent, kind, problem):
    answers = {}
    for disclose in ("minimal", "verbose"):
        method = Counting()
        with pytest.raises(kind) as caught:
            verifier(accept=(method,), disclose=disclose).verify(*sent, token="optional")
        assert method.calls == 1
        answers[disclose] = refusal(caught.value, "r")
    wrong = InvalidSignature("")
    assert answers["minimal"] == refusal(wrong, "r")
    assert answers["verbose"][2] == b"oauth_problem=" + problem.encode()


def test_a_signature_is_computed_once_when_it_is_right():
    method = Counting()
    assert outcome(request(), accept=(method,)) == ACCEPTED
    assert method.calls == 1


def test_a_method_that_this_server_cannot_compute_is_refused_as_one_that_it_does_not_accept(monkeypatch):
    """Whatever a stranger declares, it is no failure of the server: here without SHA-1, or without the key."""
    keyless = request(oauth_signature_method="RSA-SHA1", oauth_consumer_key="nobody")
    assert outcome(keyless, accept=(RsaSha1(),)) == METHOD
    with pytest.raises(UnsupportedSignatureMethod) as caught:
        verifier(accept=(RsaSha1(),)).verify(*keyless)
    assert caught.value.parameter == "oauth_signature_method"

    def refuse(name, *_):
        raise ValueError("unsupported hash type " + name)

    monkeypatch.delattr(hashlib, "sha1")
    monkeypatch.setattr(hashlib, "new", refuse)
    plaintext = request(**PLAIN, further=[("oauth_body_hash", "x")])
    for sent in (request(), request(oauth_consumer_key="nobody"), plaintext):
        assert outcome(sent, accept=(HMAC_SHA1, PLAINTEXT)) == METHOD
    assert outcome(request(oauth_signature_method="HMAC-SHA256", digest="sha256")) == ACCEPTED


SETS = {"ck": (HMAC_SHA512,), "other": (HMAC_SHA1,)}


def test_what_is_accepted_may_depend_on_the_client():
    sha512 = request(oauth_signature_method="HMAC-SHA512", digest="sha512")
    assert outcome(sha512, accept=SETS.get) == ACCEPTED
    two_legged = request(oauth_consumer_key="other", oauth_token=None, key="os&")
    assert outcome(two_legged, accept=SETS.get, token="absent") == ACCEPTED
    assert outcome(request(oauth_signature_method="HMAC-MD5"), accept=SETS.get) == METHOD


@pytest.mark.parametrize("method", ["HMAC-SHA1", "PLAINTEXT", "RSA-SHA1"])
def test_which_methods_another_client_uses_is_not_told(method):
    answers = []
    for disclose in ("minimal", "verbose"):
        with pytest.raises(VerificationError) as caught:
            verifier(accept=SETS.get, disclose=disclose).verify(*request(oauth_signature_method=method))
        answers.append(refusal(caught.value))
    assert answers[0] == refusal(InvalidSignature(""))
    assert (answers[1][0], answers[1][2]) == (401, b"oauth_problem=signature_method_rejected")


def test_a_method_that_a_client_does_not_use_costs_one_mac_as_an_unknown_client_does(monkeypatch):
    method = Counting()
    monkeypatch.setattr(verifying, "HMAC_SHA256", method)
    assert outcome(request(), accept=SETS.get)[1] == 401
    assert method.calls == 1


def test_no_token_is_asked_for_where_none_is_named(monkeypatch):
    asked = []
    monkeypatch.setattr(Registry, "token", lambda _, *identifiers: asked.append(identifiers))
    assert outcome(request(oauth_token=None, key="cs&"), token="optional") == ACCEPTED
    assert asked == []


def expired(_):
    raise InvalidToken("expired", problem="token_expired")


def test_the_status_of_a_token_is_told_to_whoever_could_sign_and_leaves_the_nonce_unused():
    asked, nonces = [], MemoryNonceStore(epoch=0)
    assert outcome(request(), check_status=asked.append) == ACCEPTED
    assert [found.token_identifier for found in asked] == ["tk"]
    assert outcome(request(), check_status=expired, nonces=nonces) == (InvalidToken, 401, "token_expired")
    assert len(nonces) == 0
    assert outcome(request(key="cs&wrong"), check_status=expired) == SIGNATURE
    assert outcome(request(oauth_token="none"), check_status=expired) == (InvalidToken, 401, "signature_invalid")


@pytest.mark.parametrize(
    "changes, expected",
    [
        pytest.param({"key": "&ts"}, ACCEPTED, id="the secret of the token"),
        pytest.param({"key": "&wrong"}, SIGNATURE, id="another secret"),
        pytest.param({"key": "&", "oauth_token": None}, SIGNATURE, id="no token"),
        pytest.param({"key": "&", "oauth_token": "empty"}, SIGNATURE, id="token without a secret"),
    ],
)
def test_a_client_that_is_known_to_have_no_secret_rests_on_the_one_of_its_token(changes, expected, monkeypatch):
    monkeypatch.setitem(CLIENTS, "public", PublicClientCredentials("public"))
    for identifier, secret in (("tk", "ts"), ("empty", "")):
        monkeypatch.setitem(TOKENS, ("public", identifier), TokenCredentials(identifier, secret))
    for method in (HMAC_SHA1, PLAINTEXT):
        sent = request(**dict(changes, oauth_consumer_key="public", oauth_signature_method=method.name))
        assert outcome(sent, accept=(method,), token="optional") == expected


@pytest.mark.parametrize("method, digest", [(HMAC_SHA1, "sha1"), (HMAC_SHA256, "sha256")])
def test_the_body_hash_is_that_of_the_body_by_the_digest_of_the_method(method, digest):
    body = b'{"a": 1}'

    def sent(value):
        changes = {"oauth_signature_method": method.name, "digest": digest, "further": [("oauth_body_hash", value)]}
        return with_body(body, "application/json", sent=request("POST", **changes))

    right = base64.b64encode(hashlib.new(digest, body).digest()).decode()
    assert outcome(sent(right)) == ACCEPTED
    for wrong in (body_hash(b"", digest), body_hash(body, "md5"), "", "é", right + "="):
        assert outcome(sent(wrong)) == SIGNATURE


@pytest.mark.parametrize("form", ["a=1", ""])
def test_a_body_hash_does_not_go_with_a_form(form):
    sent = request("POST", further=[("oauth_body_hash", body_hash(form.encode()))], form=form)
    assert outcome(sent) == MALFORMED


def test_a_body_that_nothing_covers_can_be_refused():
    hashed = request("POST", further=[("oauth_body_hash", body_hash(b"{}"))])
    for sent in (request(), request("POST", form="a=1"), with_body(b"{}", "application/json", sent=hashed)):
        assert outcome(sent, require_body_hash=True) == ACCEPTED
    assert outcome(with_body(b"{}", "application/json"), require_body_hash=True) == ABSENT
    assert outcome(with_body(b"{}", "application/json")) == ACCEPTED


def beyond_limit(status):
    """The problem to report: 413, 414 and 431 say it themselves."""
    return "parameter_rejected" if status == 400 else ""


def test_the_default_limits():
    limits = Limits()
    assert [getattr(limits, name) for name in limits.__slots__] == [
        8192,
        8192,
        262144,
        1000,
        32,
        1024,
        2048,
        256,
        64,
        512,
    ]


PADDED = "https://api.example/" + "p" * 30
SIZES = {
    "header": (request(), len(request()[2][0][1]), 431),
    "uri": (request(uri=PADDED), len(PADDED), 414),
    "form": (request("POST", form="a=1&b=2"), 7, 413),
    "protocol_parameters": (request(), 7, 400),
    "identifier": (request(), 2, 400),
    "signature": (request(), 28, 400),
    "parameters": (request("POST", URI + "?a&b", form="c"), 9, 400),
}


@pytest.mark.parametrize("name", SIZES)
def test_a_limit_set_by_the_caller_is_kept_exactly(name):
    sent, size, status = SIZES[name]
    assert outcome(sent, limits=Limits(**{name: size})) == ACCEPTED
    assert outcome(sent, limits=Limits(**{name: size - 1})) == (LimitExceeded, status, beyond_limit(status))


@pytest.mark.parametrize(
    "parameter, name, sent, size",
    [
        ("authorization", "header", *SIZES["header"][:2]),
        ("uri", "uri", *SIZES["uri"][:2]),
        ("form", "form", *SIZES["form"][:2]),
        ("oauth_", "protocol_parameters", *SIZES["protocol_parameters"][:2]),
        ("oauth_consumer_key", "identifier", request(oauth_consumer_key="c" * 50), 50),
        ("oauth_token", "identifier", request(oauth_token="t" * 50), 50),
        ("oauth_signature", "signature", *SIZES["signature"][:2]),
        ("query", "parameters", request(uri=URI + "?" + "&" * 49), 50),
        ("form", "parameters", request("POST", form="&" * 49), 50),
        ("parameters", "parameters", request("POST", URI + "?a&b", form="c"), 9),
        ("method", "method", request("M" * 50), 50),
        ("content-type", "content_type", typed(request("POST", form="a"), FORM + ";" * 17), 50),
    ],
)
def test_who_sends_too_much_hears_what_and_how_much_is_allowed(parameter, name, sent, size):
    with pytest.raises(LimitExceeded) as caught:
        parse_request(*sent, limits=Limits(**{name: size - 1}))
    assert caught.value.parameter == parameter
    assert str(size - 1) in str(caught.value)


def test_what_is_not_sent_has_no_length():
    assert outcome(request(place="query"), limits=Limits(header=0, form=0)) == ACCEPTED


def test_the_limit_of_the_nonce_makes_it_malformed():
    assert outcome(request(), limits=Limits(nonce=3)) == ACCEPTED
    assert outcome(request(), limits=Limits(nonce=2)) == MALFORMED


def many(count, prefix):
    return "&".join("{}{}=".format(prefix, number) for number in range(count))


@pytest.mark.parametrize(
    "within, beyond, status",
    [
        pytest.param(
            edited(request(), lambda text: text.ljust(8192)),
            edited(request(), lambda text: text.ljust(8193)),
            431,
            id="header of 8 KiB",
        ),
        pytest.param(request(uri=URI.ljust(8192, "p")), request(uri=URI.ljust(8193, "p")), 414, id="URI of 8 KiB"),
        pytest.param(
            request("POST", form="a".ljust(262144, "x")),
            request("POST", form="a".ljust(262145, "x")),
            413,
            id="form of 256 KiB",
        ),
        pytest.param(
            request(uri=URI + "?" + many(990, "q")),
            request(uri=URI + "?" + many(1001, "q")),
            400,
            id="1,000 parameters in the query",
        ),
        pytest.param(
            request("POST", form=many(990, "f")),
            request("POST", form=many(1001, "f")),
            400,
            id="1,000 parameters in the form",
        ),
        pytest.param(
            request("POST", URI + "?" + many(495, "q"), form=many(495, "f")),
            request("POST", URI + "?" + many(501, "q"), form=many(500, "f")),
            400,
            id="1,000 parameters in query and form",
        ),
        pytest.param(
            request(further=[("oauth_" + str(number), "") for number in range(25)]),
            request(further=[("oauth_" + str(number), "") for number in range(26)]),
            400,
            id="32 protocol parameters",
        ),
    ],
)
def test_more_than_the_default_limits_is_refused_before_it_is_read(within, beyond, status):
    assert outcome(within) == ACCEPTED
    assert outcome(beyond) == (LimitExceeded, status, beyond_limit(status))


@pytest.mark.parametrize(
    "name, longest", [("oauth_consumer_key", 1024), ("oauth_token", 1024), ("oauth_signature", 2048)]
)
def test_identifiers_and_signature_have_a_longest_length(name, longest):
    assert outcome(request(**{name: "x" * longest}))[1] == 401
    assert outcome(request(**{name: "x" * (longest + 1)})) == (LimitExceeded, 400, "parameter_rejected")


def test_a_full_store_refuses_and_says_when_to_come_back():
    with pytest.raises(StoreUnavailable) as caught:
        verifier(nonces=MemoryNonceStore(epoch=0, capacity=0)).verify(*request())
    assert refusal(caught.value) == (
        503,
        [("Content-Type", FORM), ("Cache-Control", "no-store"), ("Retry-After", "1")],
        b"",
    )


def refused(sent, **options):
    with pytest.raises(VerificationError) as caught:
        verifier(**options).verify(*sent)
    status, headers, body = refusal(caught.value, "Photos")
    assert headers[:2] == [("Content-Type", FORM), ("Cache-Control", "no-store")]
    return status, headers[2:], body


@pytest.mark.parametrize(
    "sent, status, headers, body",
    [
        pytest.param(
            ("GET", URI),
            401,
            [("WWW-Authenticate", 'OAuth realm="Photos", oauth_problem="parameter_absent"')],
            b"oauth_problem=parameter_absent&oauth_parameters_absent=oauth_consumer_key",
            id="challenge",
        ),
        pytest.param(
            request(oauth_nonce=None, oauth_timestamp=None),
            400,
            [],
            b"oauth_problem=parameter_absent&oauth_parameters_absent=oauth_timestamp%26oauth_nonce",
            id="bad request",
        ),
        pytest.param(
            request(oauth_timestamp=str(NOW - 301)),
            401,
            [("WWW-Authenticate", 'OAuth realm="Photos", oauth_problem="timestamp_refused"')],
            b"oauth_problem=timestamp_refused&oauth_acceptable_timestamps=1795455018-1795455618",
            id="timestamp",
        ),
        pytest.param(
            request(uri="http://api.example/", **PLAIN), 403, [], b"oauth_problem_advice=TLS%20required", id="in clear"
        ),
        pytest.param(request(uri=URI.ljust(9000, "p")), 414, [], b"", id="too long"),
    ],
)
def test_the_answer_to_a_refused_request_is_complete(sent, status, headers, body):
    """RFC 5849 sections 3.2 and 3.5.1; the body is that of OAuth Problem Reporting."""
    assert refused(sent, accept=(HMAC_SHA1, PLAINTEXT)) == (status, headers, body)


def test_the_realm_of_a_challenge_is_empty_unless_it_is_named():
    assert ("WWW-Authenticate", 'OAuth realm="", oauth_problem="signature_invalid"') in refusal(InvalidSignature(""))[1]


def test_without_tls_the_answer_says_what_is_required():
    answer = refused(request(uri="http://api.example/token"), require_tls=True)
    assert answer == (403, [], b"oauth_problem_advice=TLS%20required")


def test_what_the_application_gets_is_what_was_signed():
    sent = request("POST", URI + "?a=1&a=%C3%A9+x", form="b&c=%00", headers=[("X", "y")])
    found = verifier().verify(*edited(sent, lambda text: text.replace("OAuth ", 'OAuth realm="r%41", ')))
    protocol = list(PROTOCOL.items())
    assert found.parameters == [("a", "1"), ("a", "é x"), *protocol, ("b", ""), ("c", "\0")]
    assert found.protocol_parameters == [*protocol, ("oauth_signature", found.signature)]
    assert (found.method, found.uri, found.body, found.realm) == ("POST", sent[1], b"b&c=%00", "r%41")
    assert (found.client_identifier, found.token_identifier, found.signature_method) == ("ck", "tk", "HMAC-SHA1")
    assert (found.timestamp, found.nonce) == (NOW, "n-1")
    assert found.base_string.split("&")[:2] == ["POST", "https%3A%2F%2Fapi.example%2Fr"]
    assert found.base_string.split("&")[2].startswith("a%3D%25C3%25A9%2520x%26a%3D1%26b%3D%26c%3D%2500%26oauth_")


def test_without_a_token_there_is_no_token_identifier():
    assert parse_request(*request(oauth_token="", key="cs&")).token_identifier is None
    assert parse_request(*request(oauth_token=None)).token_identifier is None


@pytest.mark.parametrize("place", ["header", "form", "query"])
def test_token_and_timestamp_are_checked_wherever_they_are_sent(place):
    sent = request("POST", form="a=b", place=place)
    assert outcome(sent) == outcome(sent, token="optional") == ACCEPTED
    assert outcome(sent, token="absent") == MALFORMED
    for seconds in (-301, 301):
        old = request("POST", form="a=b", place=place, oauth_timestamp=str(NOW + seconds))
        assert outcome(old) == outcome(old, token="optional") == OTHER_TIME
    alone = request("POST", form="a=b", place=place, oauth_token=None, key="cs&")
    assert outcome(alone) == ABSENT
    assert outcome(alone, token="optional") == outcome(alone, token="absent") == ACCEPTED


def test_a_request_can_be_checked_without_a_verifier():
    parsed = parse_request(*request())
    assert verify_signature(parsed, CLIENTS["ck"], TOKENS["ck", "tk"]) is None
    for client, token, kind in (
        (None, None, InvalidClientCredentials),
        (CLIENTS["ck"], None, InvalidToken),
        (CLIENTS["other"], TOKENS["ck", "tk"], InvalidClientCredentials),
        (ClientCredentials("CK", "cs"), TOKENS["ck", "tk"], InvalidClientCredentials),
        (CLIENTS["ck"], TokenCredentials("tk ", "ts"), InvalidToken),
        (ClientCredentials("ck", "other"), TOKENS["ck", "tk"], InvalidSignature),
    ):
        with pytest.raises(kind):
            verify_signature(parsed, client, token)
    further = [("oauth_body_hash", base64.b64encode(hashlib.sha1(b"{}").digest()).decode())]
    sent = request("POST", oauth_signature_method="HMAC-SHA256", digest="sha256", further=further)
    parsed = parse_request(*sent[:3], b"{}")
    assert verify_signature(parsed, CLIENTS["ck"], TOKENS["ck", "tk"], sha1_body_hash=True) is None
    with pytest.raises(InvalidSignature):
        verify_signature(parsed, CLIENTS["ck"], TOKENS["ck", "tk"])
    with pytest.raises(UnsupportedSignatureMethod):
        verify_signature(parsed, CLIENTS["ck"], TOKENS["ck", "tk"], accept=())


@pytest.mark.parametrize("wrong", [[(b"Host", "api.example")], [("Host", None)], ["Host"], [("a", "b", "c")], [7]])
def test_header_fields_are_pairs_of_text(wrong):
    assert outcome(request(headers=wrong)) == MALFORMED


def email_message(pairs):
    message = email.message.Message()
    for name, value in pairs:
        message[name] = value
    return message


@pytest.mark.parametrize("wrong", [7, None, "text", [("a",)], {"Host": 7}, {7: "a"}, object()])
def test_headers_are_pairs_or_a_mapping(wrong):
    with pytest.raises(MalformedRequest):
        parse_request("GET", URI, wrong)


@pytest.mark.parametrize(
    "handed_over",
    [
        dict,
        tuple,
        iter,
        requests.structures.CaseInsensitiveDict,
        httpx.Headers,
        email_message,
        lambda pairs: dict(pairs).items(),
    ],
)
def test_headers_may_be_any_mapping_with_items(handed_over):
    method, uri, headers, body = request("POST", form="a=b")
    assert outcome((method, uri, handed_over(headers), body)) == ACCEPTED


@pytest.mark.parametrize(
    "length, accepted", [("3", True), (" 03 ", True), ("4", False), ("3, 3", False), ("", False), ("+3", False)]
)
def test_a_body_of_another_length_than_was_sent_is_refused(length, accepted):
    """What is left when a framework has read the form before: signed over nothing."""
    sent = request("POST", form="a=b", headers=[("Content-Length", length)])
    assert outcome(sent) == (ACCEPTED if accepted else MALFORMED)
    for field in ("Transfer-Encoding", "Content-Encoding"):
        method, uri, headers, body = sent
        assert outcome((method, uri, [*headers, (field, "gzip")], body)) == ACCEPTED


def test_a_body_that_was_read_before_is_refused():
    method, uri, headers, _ = request("POST")
    assert outcome((method, uri, [*headers, ("Content-Length", "11")], b"")) == MALFORMED
    assert outcome((method, uri, [*headers, ("Content-Length", "0")], b"")) == ACCEPTED


@pytest.mark.parametrize(
    "media_type, added, expected",
    [
        ("application/x-www-form-urlencoded", [("Content-Length", "11"), ("Content-Encoding", "identity")], MALFORMED),
        ("application/x-www-form-urlencoded", [("Content-Length", "11"), ("Transfer-Encoding", "x")], MALFORMED),
        ("application/x-www-form-urlencoded", [("Transfer-Encoding", "chunked")], MALFORMED),
        ("application/x-www-form-urlencoded", [("Content-Encoding", "gzip")], ACCEPTED),
        ("application/json", [("Transfer-Encoding", "chunked")], ACCEPTED),
    ],
)
def test_a_field_added_on_the_way_excuses_no_form_that_was_read_before(media_type, added, expected):
    """Header fields are not signed, so whoever puts a form into a request can also say how it is encoded."""
    method, uri, headers, _ = request("POST")
    headers = [pair for pair in headers if pair[0] != "Content-Type"] + [("Content-Type", media_type), *added]
    assert outcome((method, uri, headers, b"")) == expected


@pytest.mark.parametrize(
    "charset, form, accepted",
    [
        ("utf-8", "a=é", True), ('"UTF-8"', "a=é", True), ("us-ascii", "a=b", True), ("iso-8859-1", "a=b%20c", True),
        ("windows-1252", "a=b", True), ("iso-8859-1", "a=%C3%A9", False), ("utf-7", "a=b", False),
        ("utf-8; charset*=utf-7\'\'utf-7", "a=b", False), ("utf-8; charset*0=utf-7", "a=b", False),
        ("utf-8;\xa0charset=utf-7", "a=b", False), ("utf-8;\x0bcharset=utf-7", "a=b", False),
        ("utf-8; charset\xa0=utf-7", "a=b", False), ("utf-8; \x1fx=y", "a=b", False),
        ("utf-16", "a=b", False), ("shift_jis", "a=b", False), ("utf-8; charset=utf-7", "a=b", False),
    ],
)  # fmt: skip
def test_a_form_of_another_charset_is_refused(charset, form, accepted):
    """Another reader would decode it otherwise than it was signed."""
    sent = typed(request("POST", form=form), FORM + "; Charset = " + charset)
    assert outcome(sent) == (ACCEPTED if accepted else MALFORMED)


def test_one_value_of_a_parameter_is_given_or_none():
    read = parse_request(*request(uri=URI + "?to=a&amount=1&amount=2"))
    assert read.single("to") == "a"
    with pytest.raises(DuplicatedParameter) as caught:
        read.single("amount")
    assert caught.value.parameter == "amount"
    with pytest.raises(MissingParameter) as caught:
        read.single("from")
    assert caught.value.parameter == "from"


class Late:
    """A source and a store whose every answer has to be awaited."""

    async def client(self, identifier):
        return CLIENTS.get(identifier)

    async def token(self, client, token):
        return TOKENS.get((client, token))

    async def check_status(self, request):
        return None

    async def claim(self, *claimed):
        return True


def test_an_async_verifier_awaits_what_has_to_be_awaited():
    async def verified(credentials, nonces, **options):
        verifier = AsyncVerifier(credentials, nonces, clock=lambda: NOW, **options)
        return (await verifier.verify(*request())).client_identifier

    late, asked = Late(), []
    assert asyncio.run(verified(late, late, check_status=late.check_status)) == "ck"
    assert asyncio.run(verified(Registry(), MemoryNonceStore(epoch=0), check_status=asked.append)) == "ck"
    assert len(asked) == 1


def test_an_async_verifier_awaits_the_body_once_the_head_is_sound():
    async def verified(sent, body):
        return await AsyncVerifier(Late(), Late(), clock=lambda: NOW).verify(*sent[:3], body)

    async def read():
        reads.append(1)
        return b"a=b"

    reads = []
    assert asyncio.run(verified(request("POST", form="a=b"), read)).body == b"a=b" and reads == [1]
    for wrong in (request("POST", form="a=b", oauth_timestamp="1"), request("POST", form="a=b", oauth_nonce="")):
        with pytest.raises(VerificationError):
            asyncio.run(verified(wrong, read))
    with pytest.raises(MalformedRequest):
        asyncio.run(verified(request("POST", form="a=b"), "text"))
    assert reads == [1]


def test_a_verifier_asks_for_the_body_once_the_head_is_sound_and_only_if_it_is_signed():
    def read():
        reads.append(1)
        return body

    reads, body = [], b"a=b"
    verifier = Verifier(Registry(), MemoryNonceStore(epoch=0), clock=lambda: NOW)
    assert verifier.verify(*request("POST", form="a=b")[:3], read).body == b"a=b" and reads == [1]
    with pytest.raises(InvalidTimestamp):
        verifier.verify(*request("POST", form="a=b", oauth_timestamp="1")[:3], read)
    with pytest.raises(InvalidSignature):
        verifier.verify(*request("POST", form="a=c", oauth_nonce="other")[:3], read)
    assert reads == [1, 1]
    unsigned = request("POST", oauth_nonce="third")
    headers = [*unsigned[2], ("Content-Type", "text/plain"), ("Content-Length", "3")]
    assert verifier.verify(*unsigned[:2], headers, read).body == b"" and reads == [1, 1]
    strict = Verifier(Registry(), MemoryNonceStore(epoch=0), clock=lambda: NOW, require_body_hash=True)
    with pytest.raises(MissingParameter):
        strict.verify(*unsigned[:2], headers, read)
    assert reads == [1, 1, 1]


async def never():
    raise AssertionError


def test_an_async_verifier_awaits_no_body_that_is_not_signed():
    unsigned = request("POST")
    headers = [*unsigned[2], ("Content-Type", "text/plain"), ("Content-Length", "3")]
    verifier = AsyncVerifier(Late(), Late(), clock=lambda: NOW)
    assert asyncio.run(verifier.verify(*unsigned[:2], headers, never)).body == b""


def test_the_head_of_a_request_can_be_looked_at_alone():
    nonces = MemoryNonceStore(epoch=0)
    verifier = Verifier(Registry(), nonces, clock=lambda: NOW)
    head = verifier.head(*request("POST", form="a=b")[:3], "required")
    assert (head.client_identifier, verifier.needs_body(head), len(nonces)) == ("ck", True, 0)
    assert not verifier.needs_body(verifier.head(*request("POST")[:3], "required"))
    hashed = request("POST", further=[("oauth_body_hash", body_hash(b""))])
    assert verifier.needs_body(verifier.head(*hashed[:3], "required"))
    with pytest.raises(InvalidTimestamp):
        verifier.head(*request("POST", oauth_timestamp="1")[:3], "required")


@pytest.mark.parametrize("method", ["HMAC-SHA1", "HMAC-SHA256"])
@pytest.mark.parametrize("digest", ["sha1", "sha256"])
def test_a_sha_1_body_hash_is_taken_under_another_method_where_that_is_named(method, digest):
    """As oauthlib and LTI 1.1 send it."""
    value = base64.b64encode(hashlib.new(digest, b"{}").digest()).decode()
    right = digest == {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256"}[method]
    for lenient, nonce in ((False, "first"), (True, "second")):
        further = [("oauth_body_hash", value)]
        sent = request(
            "POST", oauth_signature_method=method, digest=method[5:].lower(), further=further, oauth_nonce=nonce
        )
        verifier = Verifier(Registry(), MemoryNonceStore(epoch=0), clock=lambda: NOW, sha1_body_hash=lenient)
        if right or (lenient and digest == "sha1"):
            assert verifier.verify(*sent[:3], b"{}").body_hash == value
        else:
            with pytest.raises(InvalidSignature):
                verifier.verify(*sent[:3], b"{}")
        with pytest.raises(InvalidSignature):
            verifier.verify(*sent[:3], b"[]")


@pytest.mark.parametrize("part", ["client", "token", "check_status", "claim"])
def test_a_coroutine_handed_to_a_verifier_is_a_type_error_at_once(part):
    source, nonces, options = Registry(), MemoryNonceStore(epoch=0), {}
    if part == "check_status":
        options["check_status"] = Late().check_status
    elif part == "claim":
        nonces = Late()
    else:
        setattr(source, part, getattr(Late(), part))
    with pytest.raises(TypeError, match="AsyncVerifier"):
        Verifier(source, nonces, clock=lambda: NOW, **options).verify(*request())


@pytest.mark.parametrize("called", [False, True])
def test_a_body_that_has_to_be_awaited_is_a_type_error_too(called):
    """Not a fault of the client: an ASGI framework reads a body with ``await request.body()``."""

    async def body():
        return b""

    method, uri, headers, _ = request("POST", form="a=b")
    with pytest.raises(TypeError, match="body.*AsyncVerifier"):
        Verifier(Registry(), MemoryNonceStore(epoch=0), clock=lambda: NOW).verify(
            method, uri, headers, body() if called else body
        )


def test_what_has_to_be_awaited_and_is_no_coroutine_is_a_type_error_too():
    """A future of another library has no close()."""

    class Future:
        def __await__(self):
            yield

    nonces = MemoryNonceStore(epoch=0)
    nonces.claim = lambda *_: Future()
    with pytest.raises(TypeError, match="AsyncVerifier"):
        Verifier(Registry(), nonces, clock=lambda: NOW).verify(*request())


@pytest.mark.parametrize(
    "sent, parameter",
    [
        ((b"GET", URI), "uri"),
        (("GET", URI.encode()), "uri"),
        (("GET", "https://u@api.example/"), "uri"),
        ((*request("POST")[:3], "text"), "body"),
        (edited(request(), lambda text: "Basic eDp5, " + text), "authorization"),
        (request(headers=[("Content-Type", "x")]), "content-type"),
        (request(uri=URI + "?%"), "query"),
        (request("POST", form="%"), "form"),
        (request(oauth_nonce="\n"), "oauth_nonce"),
        (request(oauth_token="t\0"), "oauth_token"),
        (request(oauth_consumer_key="a\x7fb"), "oauth_consumer_key"),
        (request(uri="https://api.example/|"), "uri"),
        (request(uri="https://api.example/%"), "uri"),
        (request(uri="https://api.example/%GG"), "uri"),
        (request(uri="https://api.example/é"), "uri"),
    ],
)
def test_who_sends_what_cannot_be_read_hears_where(sent, parameter):
    with pytest.raises(MalformedRequest) as caught:
        parse_request(*sent)
    assert caught.value.parameter == parameter


def test_a_request_may_come_without_a_body():
    method, uri, headers, _ = request("POST")
    assert parse_request(method, uri, headers).body == b""
    assert verifier(require_body_hash=True).verify(method, uri, headers).body == b""


class Recording(MemoryNonceStore):
    """A store that keeps what it was asked."""

    def claim(self, *arguments):
        self.asked = arguments
        return super().claim(*arguments)


def test_the_store_is_asked_for_client_token_timestamp_and_nonce_at_the_time_of_the_request():
    nonces = Recording(epoch=0)
    assert outcome(request(), nonces=nonces) == ACCEPTED
    assert nonces.asked == ("ck", "tk", NOW, "n-1", NOW)
    assert outcome(request(oauth_token=None, key="cs&"), nonces=nonces, token="absent") == ACCEPTED
    assert nonces.asked == ("ck", "", NOW, "n-1", NOW)


def test_a_body_hash_beside_a_method_of_the_callers_own_is_that_of_sha1():
    hashed = request("POST", further=[("oauth_body_hash", base64.b64encode(hashlib.sha1(b"{}").digest()).decode())])
    assert outcome(with_body(b"{}", "application/json", sent=hashed), accept=(Counting(),)) == ACCEPTED
    assert outcome(with_body(b"{ }", "application/json", sent=hashed), accept=(Counting(),)) == SIGNATURE


def test_one_octet_changed_anywhere_in_what_is_signed_is_refused():
    """Every octet of method, scheme, host, port, path, query, form and of each protocol parameter."""
    uri = "https://api.example:8443/a/b%2Fc?q=1&r=%C3%A9+d"
    form = "f=%20g&h"
    further = [("oauth_callback", "oob"), ("oauth_verifier", "v")]
    options = {"form": form, "timestamp": NOW, "protocol_parameters": further}
    header = authorization_header(sign("POST", uri, CLIENTS["ck"], TOKENS["ck", "tk"], **options))
    parts = ["POST", uri, header, form]

    def sent(method, uri, header, form):
        return method, uri, [("Authorization", header), ("Content-Type", FORM)], form.encode()

    assert outcome(sent(*parts)) == ACCEPTED
    changed = 0
    for index, part in enumerate(parts):
        for position, character in enumerate(part):
            other = chr(ord(character) ^ 1)
            spoiled = parts[:index] + [part[:position] + other + part[position + 1 :]] + parts[index + 1 :]
            assert outcome(sent(*spoiled)) is not ACCEPTED, (part, position)
            changed += 1
    assert changed == sum(map(len, parts))


@pytest.mark.parametrize(
    "content_type",
    [
        "\xa0application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded, text/plain",
        "application/x-www-form-urlencoded\x0b",
        "application/x-www-form-urlencoded charset=utf-8",
        "form",
        ";",
    ],
)
def test_a_content_type_that_another_reader_could_take_for_a_form_is_refused(content_type):
    method, uri, headers, _ = request("POST")
    with pytest.raises(MalformedRequest) as caught:
        parse_request(method, uri, [*headers, ("Content-Type", content_type)], b"a=1")
    assert (caught.value.status, caught.value.parameter) == (400, "content-type")


class Down(Exception):
    """What a database, a key holder or a function of the application raises."""


def down(*_):
    raise Down


@pytest.mark.parametrize("kind", [Verifier, AsyncVerifier])
@pytest.mark.parametrize("part", ["client", "token", "accept", "RSA", "check_status"])
def test_what_the_parts_of_an_application_raise_passes_through_as_it_is(kind, part):
    """And no nonce is claimed."""
    source, nonces, sent = Registry(), Untouched(), request()
    options = {"accept": down} if part == "accept" else {"check_status": down} if part == "check_status" else {}
    if part == "RSA":
        sent = request(oauth_signature_method="RSA-SHA1", oauth_signature="AAAA")
        options = {"accept": [RsaSha1(verify=down)]}
    elif not options:
        setattr(source, part, down)
    verified = kind(source, nonces, clock=lambda: NOW, **options).verify
    with pytest.raises(Down):
        if kind is Verifier:
            verified(*sent)
        else:
            asyncio.run(verified(*sent))


def test_what_a_key_holder_raises_when_signing_passes_through_as_it_is():
    with pytest.raises(Down):
        sign("GET", URI, CLIENTS["ck"], signature_method=RsaSha1(sign=down))


@pytest.mark.parametrize("sent", [request("POST"), typed(request("POST", form="a=b"), FORM)])
def test_a_body_of_none_is_no_unread_body(sent):
    """What a function without its return gives, or a framework for a stream that was used up."""
    method, uri, headers, _ = sent

    async def nothing():
        return None

    for body in (None, lambda: None):
        if body is None or sent[3]:
            assert outcome((method, uri, headers, body)) == MALFORMED
            strict = AsyncVerifier(Registry(), MemoryNonceStore(epoch=0), clock=lambda: NOW)
            with pytest.raises(MalformedRequest):
                asyncio.run(strict.verify(method, uri, headers, nothing if callable(body) else body))
    with pytest.raises(MalformedRequest):
        parse_request(method, uri, headers, None)


@pytest.mark.parametrize("place", ["query", "form"])
def test_a_broken_escape_does_not_become_a_whole_one_beside_another(place):
    """%2 and an A that is escaped, too, are no %2A."""
    client, changed = ClientCredentials("k", "s"), "x=%41%2%41"
    uri = "http://a.example/?" + (changed if place == "query" else "")
    header = authorization_header(sign("POST", "http://a.example/", client, form="x=A*"))
    headers = [("Authorization", header), ("Content-Type", "application/x-www-form-urlencoded")]
    with pytest.raises(MalformedRequest):
        verify_signature(parse_request("POST", uri, headers, changed.encode() if place == "form" else b""), client)
