"""Any text and any octets in: a value or an OAuth1Error comes out, nothing else."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oauth1_core import (
    HMAC_SHA1,
    PLAINTEXT,
    AuthenticatedRequest,
    ClientCredentials,
    OAuth1Error,
    Signer,
    TemporaryCredentials,
    TokenCredentials,
    VerificationError,
    Verifier,
    authorization_header,
    base_string_uri,
    collect_parameters,
    decode_form,
    form_encoded_body,
    normalize_parameters,
    parse_authorization_header,
    parse_callback,
    parse_request,
    parse_temporary_credentials,
    parse_token_credentials,
    percent_decode,
    percent_encode,
    refusal,
    request_uri,
    resource_owner_authorization_uri,
    sign,
    signature_base_string,
    temporary_credentials_request,
    token_credentials_request,
)
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from tests.support.amount import examples

ANYTHING = settings(derandomize=True, deadline=None, max_examples=examples(200))

NOW = 1795455318
FORM = "application/x-www-form-urlencoded"
URI = "https://h.example:8443/p?a=%41&b"
CLIENT = ClientCredentials("ck", "cs")
TOKEN = TokenCredentials("tk", "ts")
TEMPORARY = TemporaryCredentials("tk", "ts")
SIGNER = Signer(CLIENT, TOKEN)

# What the grammars are made of, beside surrogates that stand for octets and one that stands for none.
FRAGMENTS = [
    *"%&=+,;:'\"\\/?#@[]<>. \t\r\n\0\x7f\xe9\u212a\uff11a1-",
    *["%4", "%41", "%C3", "%c3%a9", "%FF", "\udcc3\udca9", "\udcff", "\ud800", "OAuth ", "realm=", '="'],
    *["oauth_token", "oauth_token=tk", "oauth_token_secret=", "oauth_verifier=", "oauth_callback_confirmed=true"],
    *["oauth_nonce", "http://", "HTTPS://h.example", "127.0.0.1", "[::1]", ":443"],
]
WILD = st.text(st.characters(), max_size=30)
BROKEN = st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join)
HUGE = st.tuples(st.sampled_from(FRAGMENTS), st.sampled_from(FRAGMENTS)).map(lambda two: two[0] + two[1] * 9000)
TEXT = WILD | BROKEN | HUGE
OCTETS = st.binary() | TEXT.map(lambda text: text.encode("utf-8", "surrogatepass"))
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=3)


def came_of(function, *arguments, **options):
    """What the function returns, or the error of this package that it raises."""
    try:
        return function(*arguments, **options)
    except OAuth1Error as error:
        return error


def at_endpoint(function, *arguments):
    return lambda text: function("https://h.example/" + text, *arguments)


READERS = {
    "percent_encode": (percent_encode, str),
    "percent_decode": (percent_decode, str),
    "decode_form": (decode_form, list),
    "query": (lambda text: collect_parameters("https://h.example/?" + text), list),
    "collect_parameters": (collect_parameters, list),
    "base_string_uri": (base_string_uri, str),
    "authority": (lambda text: base_string_uri("http://" + text), str),
    "path": (at_endpoint(base_string_uri), str),
    "method": (lambda text: signature_base_string(text, URI, []), str),
    "parse_authorization_header": (parse_authorization_header, list),
    "header parameters": (lambda text: parse_authorization_header("OAuth " + text), list),
    "quoted value": (lambda text: parse_authorization_header('OAuth a="' + text + '"'), list),
    "realm": (lambda text: authorization_header([], text), str),
    "form_encoded_body": (lambda text: form_encoded_body([("a", "b")], text), str),
    "request_uri": (lambda text: request_uri([("a", "b")], text), str),
    "parse_callback": (lambda text: parse_callback(text, TEMPORARY), str),
    "callback query": (lambda text: parse_callback("/?oauth_token=tk&" + text, TEMPORARY), str),
    "callback token": (lambda text: parse_callback("/?oauth_verifier=%41&oauth_token=" + text, TEMPORARY), str),
    "temporary identifier": (lambda text: parse_callback("/?oauth_token=tk", TemporaryCredentials(text, "")), str),
    "parse_temporary_credentials": (parse_temporary_credentials, TemporaryCredentials),
    "parse_token_credentials": (parse_token_credentials, TokenCredentials),
    "reply": (lambda text: parse_token_credentials("oauth_token=tk&oauth_token_secret=&" + text), TokenCredentials),
    "authorization endpoint": (at_endpoint(resource_owner_authorization_uri, TEMPORARY), str),
    "request endpoint": (lambda text: temporary_credentials_request(text, CLIENT), list),
    "callback": (lambda text: temporary_credentials_request("https://h.example/", CLIENT, text), list),
    "verifier": (lambda text: token_credentials_request("https://h.example/", CLIENT, TEMPORARY, text), list),
    "timestamp": (lambda text: sign("GET", URI, CLIENT, timestamp=text), list),
    "version": (lambda text: sign("GET", URI, CLIENT, version=text), list),
    "prepared request": (lambda text: SIGNER.authorization_header("GET", "https://h.example/" + text), str),
    "prepared form": (lambda text: SIGNER.authorization_header("POST", URI, form=text), str),
    "prepared method": (lambda text: SIGNER.authorization_header(text, URI), str),
    "prepared nonce": (lambda text: Signer(CLIENT, nonce=lambda: text).authorization_header("GET", URI), str),
    "secret": (lambda text: sign("GET", URI, ClientCredentials("ck", text), signature_method=PLAINTEXT), list),
    "HMAC signature": (lambda text: HMAC_SHA1.verify(text, "GET", "cs", "ts"), bool),
    "PLAINTEXT signature": (lambda text: PLAINTEXT.verify(text, "", "cs", "ts"), bool),
}


@pytest.mark.parametrize("function, kind", READERS.values(), ids=READERS.keys())
@settings(ANYTHING, max_examples=examples(150))
@given(TEXT)
@example("\udcc3\udca9&x=%41")
@example("\udcff")
@example("\ud800%41")
def test_any_text_gives_a_value_or_an_error_of_this_package(function, kind, text):
    assert isinstance(came_of(function, text), (kind, OAuth1Error))


@pytest.mark.parametrize("function", [decode_form, parse_temporary_credentials, parse_token_credentials])
@ANYTHING
@given(OCTETS)
def test_any_octets_give_a_value_or_an_error_of_this_package(function, octets):
    assert isinstance(came_of(function, octets), (list, TemporaryCredentials, TokenCredentials, OAuth1Error))


@ANYTHING
@given(PAIRS, TEXT, OCTETS)
def test_any_pairs_can_be_signed_and_sent_or_are_refused(pairs, text, octets):
    for came in (
        came_of(normalize_parameters, pairs),
        came_of(signature_base_string, "GET", URI, pairs),
        came_of(collect_parameters, URI, pairs, octets),
        came_of(authorization_header, pairs),
        came_of(form_encoded_body, pairs, octets),
        came_of(request_uri, pairs, text),
        came_of(sign, "GET", "https://h.example/?" + text, CLIENT, TOKEN, protocol_parameters=pairs, form=octets),
        came_of(sign, "GET", text, CLIENT, TOKEN, form=text, nonce=text),
    ):
        assert isinstance(came, (str, list, OAuth1Error))


class Registry:
    def client(self, identifier):
        return CLIENT if identifier == "ck" else None

    def token(self, client_identifier, token_identifier):
        return TOKEN if token_identifier == "tk" else None


def verify(method, uri, headers, body):
    """What came of it, and whether the answer to a refusal can be sent."""
    nonces = MemoryNonceStore(epoch=0)
    server = Verifier(Registry(), nonces, accept=(HMAC_SHA1, PLAINTEXT), clock=lambda: NOW)
    came = came_of(server.verify, method, uri, headers, body)
    if isinstance(came, VerificationError):
        assert len(nonces) == 0
        status, fields, _ = refusal(came, "realm")
        assert 400 <= status <= 503
        assert all(value.isascii() and value.isprintable() for _, value in fields)
    return came


NAMES = st.sampled_from(["Authorization", "content-type", "Host"]) | TEXT
HEADERS = st.lists(st.tuples(NAMES, TEXT | TEXT.map("OAuth ".__add__) | OCTETS), max_size=3)


@ANYTHING
@given(st.just("GET") | TEXT, TEXT | TEXT.map(URI.__add__), HEADERS, OCTETS | TEXT)
def test_any_request_is_read_or_refused(method, uri, headers, body):
    found = came_of(parse_request, method, uri, headers, body)
    assert isinstance(found, (AuthenticatedRequest, VerificationError))
    assert isinstance(verify(method, uri, headers, body), VerificationError)


@ANYTHING
@given(TEXT, OCTETS)
def test_any_query_and_form_beside_good_parameters_are_read_or_refused(text, body):
    good = "oauth_consumer_key=ck&oauth_signature_method=HMAC-SHA1&oauth_signature=s&oauth_timestamp=1&oauth_nonce="
    for query, form in ((good + text, body), (text, good.encode() + body)):
        found = came_of(parse_request, "POST", "https://h.example/?" + query, [("Content-Type", FORM)], form)
        assert isinstance(found, (AuthenticatedRequest, VerificationError))


def signed_request(place):
    """A signed request as a list of texts: method, URI, Authorization, Content-Type, form."""
    further = [("oauth_body", "é"), ("oauth_callback", "x y")]
    parameters = sign("POST", URI, CLIENT, TOKEN, form="f=1&g+h", timestamp=NOW, nonce="é", protocol_parameters=further)
    header = authorization_header(parameters, "r") if place == "header" else ""
    uri = request_uri(parameters, URI) if place == "query" else URI
    form = form_encoded_body(parameters, "f=1&g+h") if place == "form" else "f=1&g+h"
    return ["POST", uri, header, FORM, form]


def verify_parts(method, uri, header, media_type, form):
    headers = [("Content-Type", media_type)] + ([("Authorization", header)] if header else [])
    return verify(method, uri, headers, form.encode("utf-8", "surrogatepass"))


@st.composite
def edits(draw):
    """Up to three edits: which part, where in it, how many characters go, what comes instead."""
    where = st.floats(0, 1, exclude_max=True)
    edit = st.tuples(st.integers(0, 4), where, st.integers(0, 2), st.sampled_from(["", *FRAGMENTS]) | WILD)
    return draw(st.lists(edit, min_size=1, max_size=3))


@pytest.mark.parametrize("place", ["header", "form", "query"])
@settings(ANYTHING, max_examples=examples(1000))
@given(edits())
def test_an_edited_request_is_accepted_only_if_it_reads_as_it_was_signed(place, edits):
    parts = signed_request(place)
    honest = verify_parts(*parts)
    assert isinstance(honest, AuthenticatedRequest)
    for index, where, length, text in edits:
        part, position = parts[index], int(where * (len(parts[index]) + 1))
        parts[index] = part[:position] + text + part[position + length :]
    found = verify_parts(*parts)
    assert isinstance(found, (AuthenticatedRequest, VerificationError))
    if isinstance(found, AuthenticatedRequest):
        assert found.base_string == honest.base_string
        assert sorted(found.parameters) == sorted(honest.parameters)
        assert (found.nonce, found.timestamp) == (honest.nonce, honest.timestamp)
        assert (found.client_identifier, found.token_identifier) == ("ck", "tk")


@pytest.mark.parametrize("spelling", ["\udcc3\udca9", "\udcc3%A9", "%C3\udca9", "e\u0301"])
def test_a_signed_parameter_in_another_spelling_of_its_octets_is_refused_or_reads_the_same(spelling):
    parts = signed_request("query")
    honest = verify_parts(*parts)
    parts[1] = parts[1].replace("%C3%A9", spelling)
    found = verify_parts(*parts)
    assert isinstance(found, VerificationError) or found.parameters == honest.parameters
