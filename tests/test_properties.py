"""What holds for every request: percent encoding, base string and signature (RFC 5849 sections 3.4 and 3.6).

The profile is fixed, so that a run today and a run tomorrow try the same requests.
"""

import re
import urllib.parse

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from oauth1_core import (
    HMAC_SHA1,
    HMAC_SHA256,
    HMAC_SHA512,
    PLAINTEXT,
    ClientCredentials,
    TokenCredentials,
    VerificationError,
    Verifier,
    authorization_header,
    collect_parameters,
    form_encoded_body,
    normalize_parameters,
    parse_request,
    percent_decode,
    percent_encode,
    request_uri,
    sign,
    signature_base_string,
)
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from oauth1_core.percent_encoding import is_strictly_encoded
from tests.support.amount import examples

EVERY_TIME = settings(derandomize=True, deadline=None, max_examples=examples(300))

NOW = 1795455318
FORM = "application/x-www-form-urlencoded"
METHODS = (HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT)
CLIENT = ClientCredentials("cl&ient", "s=e c%rét")
TOKEN = TokenCredentials("t+oken", "&")

UNICODE = st.text(st.characters(exclude_categories=["Cs"]))
PAIRS = st.lists(st.tuples(UNICODE, UNICODE), max_size=5)
HTTP_METHOD = st.sampled_from(["GET", "POST", "PATCH", "M-SEARCH"])
AUTHORITY = st.from_regex(r"[a-z0-9.-]{1,8}(:[1-9][0-9]{1,3})?", fullmatch=True)
PATH = st.from_regex(r"(/([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-F]{2}){0,5}){1,3}", fullmatch=True)


def octets_meant(text):
    return text.encode("utf-8", "surrogateescape")


def text_of(octets):
    return octets.decode("utf-8", "surrogateescape")


def spelled(octet):
    """The ways in which a form may write one octet of a name or value."""
    ways = ["%{:02X}".format(octet), "%{:02x}".format(octet)]
    if octet == 0x20:
        ways.append("+")
    elif octet < 0x7F and chr(octet) not in "%&+=#" and octet > 0x20:
        ways.append(chr(octet))
    return st.sampled_from(ways)


@st.composite
def forms(draw):
    """A query or form beside protocol parameters: UTF-8 in any spelling, with empty pieces and bare names."""
    pieces = []
    names = UNICODE.filter(lambda name: not name.startswith("oauth_"))
    for name, value in draw(st.lists(st.tuples(names, UNICODE), max_size=4)):
        name, value = ["".join(draw(spelled(octet)) for octet in octets_meant(text)) for text in (name, value)]
        pieces.append(draw(st.sampled_from([name + "=" + value, name, "", "=" + value])))
    return "&".join(pieces)


@EVERY_TIME
@given(st.binary())
def test_octets_survive_encoding_and_decoding(octets):
    """RFC 5849 section 3.6; so does every text that stands for octets, since it is made from them."""
    text = text_of(octets)
    assert percent_decode(percent_encode(text)) == text
    assert octets_meant(percent_decode(percent_encode(text))) == octets
    assert percent_encode(text) == urllib.parse.quote_from_bytes(octets, safe="~")


@EVERY_TIME
@given(UNICODE)
def test_encoded_text_holds_unreserved_characters_and_upper_case_escapes_only(text):
    encoded = percent_encode(text)
    assert re.fullmatch("(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*", encoded)
    assert percent_decode(encoded) == text


@EVERY_TIME
@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_in_which_parameters_are_given_does_not_matter(parameters, random):
    """RFC 5849 section 3.4.1.3.2."""
    shuffled = random.sample(parameters, len(parameters))
    assert normalize_parameters(shuffled) == normalize_parameters(parameters)


def is_utf8_in_whole_escapes(text):
    try:
        urllib.parse.unquote_to_bytes(text).decode()
    except UnicodeError:
        return False
    return text.count("%") == len(re.findall("%[0-9A-Fa-f]{2}", text))


ESCAPES = ["%2B", "%2b", "%7E", "%C3%A9", "%FF", "%ED%A0%80", "%C3", "%A9", "%", "%G", "&", "=", "+", "a", "é", "\n"]


@EVERY_TIME
@given(forms() | st.lists(st.sampled_from(ESCAPES), max_size=12).map("".join))
def test_strictly_encoded_is_what_is_utf8_in_whole_escapes(form):
    assert is_strictly_encoded(form) == is_utf8_in_whole_escapes(form)


REQUESTS = st.tuples(HTTP_METHOD, st.sampled_from(["http", "https"]), AUTHORITY, PATH, PAIRS)


def base_string_of(request):
    method, scheme, authority, path, parameters = request
    return signature_base_string(method, scheme + "://" + authority + path, parameters)


def meaning_of(request):
    method, scheme, authority, path, parameters = request
    default = {"http": ":80", "https": ":443"}[scheme]
    return method, scheme, authority.removesuffix(default), path, sorted(parameters)


def parts_of(base_string):
    """Read a base string back into what it was made of, with urllib alone."""
    method, uri, parameters = [urllib.parse.unquote(part) for part in base_string.split("&")]
    scheme, _, rest = uri.partition("://")
    authority, slash, path = rest.partition("/")
    pairs = [piece.partition("=") for piece in parameters.split("&") if piece]
    decoded = [(urllib.parse.unquote(name), urllib.parse.unquote(value)) for name, _, value in pairs]
    return method, scheme, authority, slash + path, sorted(decoded)


@EVERY_TIME
@given(REQUESTS)
def test_a_base_string_can_be_read_back_so_that_no_two_requests_share_one(request):
    """RFC 5849 section 3.4.1.1: what can be read back in one way is injective."""
    assert parts_of(base_string_of(request)) == meaning_of(request)


AMBIGUOUS = st.text("ab&=%25+ /", max_size=4)


@settings(EVERY_TIME, max_examples=examples(1000))
@given(
    *[
        st.tuples(
            *[st.just(each) for each in ("GET", "http", "h")],
            st.sampled_from(["/", "/a", "/a&b", "/a%26b"]),
            st.lists(st.tuples(AMBIGUOUS, AMBIGUOUS), max_size=2),
        )
    ]
    * 2
)
def test_two_unequal_requests_of_separators_only_never_share_a_base_string(one, other):
    assert (base_string_of(one) == base_string_of(other)) == (meaning_of(one) == meaning_of(other))


# What a target may hold on the wire, whether or not it can stand in a URI; and a query or form.
OCTETS = [
    b"%",
    b"%4",
    b"%41",
    b"%7C",
    b"%7c",
    b"%C3%A9",
    b"%FF",
    b"%25",
    b"%2F",
    b"%00",
    b"\xc3\xa9",
    b"\xff",
    b"|",
    b" ",
]
OCTETS += [b"/", b"a", b"[", b"\0", b"&", b"=", b"+", b"'", b"."]
ANY_OCTETS = st.lists(st.sampled_from(OCTETS) | st.binary(max_size=2), max_size=5).map(b"".join)
PROTOCOL = [
    ("oauth_consumer_key", "c"),
    ("oauth_signature_method", "HMAC-SHA1"),
    ("oauth_timestamp", "1"),
    ("oauth_nonce", "n"),
]


def pairs_meant(octets):
    """Read a query or form with urllib alone."""
    return urllib.parse.parse_qsl(octets, True, encoding="utf-8", errors="surrogateescape", max_num_fields=100)


@settings(EVERY_TIME, max_examples=examples(3000))
@given(HTTP_METHOD, AUTHORITY, ANY_OCTETS, ANY_OCTETS, ANY_OCTETS)
@example("GET", "h", b"%7Cx", b"", b"")
@example("GET", "h", b"|x", b"", b"")
@example("GET", "h", b"%C3%A9", b"", b"")
@example("GET", "h", b"\xc3\xa9", b"", b"")
@example("GET", "h", b"%FF", b"", b"")
@example("GET", "h", b"\xff", b"", b"")
@example("GET", "h", b"%", b"", b"")
@example("GET", "h", b"%GG", b"", b"")
def test_a_received_request_that_is_taken_can_be_read_back_from_its_base_string(method, authority, path, query, form):
    """Octet for octet in method, host and path; pair for pair, whatever their place and order, in query and form."""
    assume(not {b"#", b"?"} & {bytes([octet]) for octet in path} and b"#" not in query)
    target = "/" + text_of(path) + "?" + text_of(query)
    header = authorization_header([*PROTOCOL, ("oauth_signature", "x")])
    headers = [("Authorization", header), ("Content-Type", FORM)]
    try:
        received = parse_request(method, "http://" + authority + target, headers, form)
    except VerificationError:
        assert re.search(b"[^a/.'&]", path + query + form), "what has nothing odd is taken"
        return
    parameters = sorted(PROTOCOL + pairs_meant(text_of(query)) + pairs_meant(text_of(form)))
    host = authority.removesuffix(":80")
    assert parts_of(received.base_string) == (method, "http", host, "/" + text_of(path), parameters)


def independent_base_string(method, authority, path, sources):
    """RFC 5849 section 3.4.1 over octets, with urllib alone."""
    pairs = []
    for source in sources:
        for piece in filter(None, source.replace(b"+", b" ").split(b"&")):
            name, _, value = piece.partition(b"=")
            decoded = [urllib.parse.unquote_to_bytes(each) for each in (name, value)]
            if decoded[0] != b"oauth_signature":
                pairs.append([urllib.parse.quote(each, safe="~") for each in decoded])
    parameters = "&".join(name + "=" + value for name, value in sorted(pairs))
    return "&".join(urllib.parse.quote(each, safe="~") for each in (method, "http://" + authority + path, parameters))


PIECES = [b"%", b"%4", b"%41", b"%c3%A9", b"%FF", b"\xff", b"&", b"=", b"+", b" ", b"a", b";", b"?", b"/", b"[", b"\0"]
QUERY_OCTETS = st.binary() | st.lists(st.sampled_from(PIECES)).map(b"".join)


@settings(EVERY_TIME, max_examples=examples(1000))
@given(HTTP_METHOD, AUTHORITY, PATH, QUERY_OCTETS, QUERY_OCTETS)
def test_the_base_string_is_the_one_made_with_urllib_from_any_octets(method, authority, path, query, form):
    """Also from octets that are not UTF-8 and from escapes that are broken."""
    query = query.replace(b"#", b"")
    assume(not authority.endswith(":80"))
    uri = "http://" + authority + path + "?" + text_of(query)
    expected = independent_base_string(method, authority, path, [query, form, b"oauth_nonce=n"])
    found = [
        signature_base_string(method, uri, collect_parameters(uri, [("oauth_nonce", "n")], body))
        for body in (form, text_of(form))
    ]
    assert found == [expected, expected]


class Registry:
    def client(self, identifier):
        return CLIENT if identifier == CLIENT.identifier else None

    def token(self, client_identifier, token_identifier):
        return TOKEN if token_identifier == TOKEN.identifier else None


def verify(request):
    nonces = MemoryNonceStore(epoch=0)
    return Verifier(Registry(), nonces, accept=METHODS, clock=lambda: NOW).verify(*request, token="optional")


def sent(method, uri, parameters, form, place):
    """What goes out with the parameters in one of the three places of RFC 5849 section 3.5."""
    headers = [("Content-Type", FORM)]
    if place == "header":
        return method, uri, headers + [("Authorization", authorization_header(parameters, "realm"))], form.encode()
    if place == "form":
        return method, uri, headers, form_encoded_body(parameters, form).encode()
    return method, request_uri(parameters, uri), headers, form.encode()


@pytest.mark.parametrize("place", ["header", "form", "query"])
@pytest.mark.parametrize("signature_method", METHODS, ids=repr)
@settings(EVERY_TIME, max_examples=examples(60))
@given(HTTP_METHOD, AUTHORITY, PATH, forms(), forms(), st.booleans(), UNICODE.filter(bool))
def test_what_is_signed_verifies(signature_method, place, method, authority, path, query, form, with_token, callback):
    """RFC 5849 sections 3.1, 3.2 and 3.5, for any UTF-8 in query and form."""
    uri = "https://" + authority + path + "?" + query
    parameters = sign(
        method,
        uri,
        CLIENT,
        TOKEN if with_token else None,
        form=form,
        signature_method=signature_method,
        timestamp=NOW,
        nonce="n",
        protocol_parameters=[("oauth_callback", callback)],
    )
    found = verify(sent(method, uri, parameters, form, place))
    assert sorted(found.parameters) == sorted(
        parameters[:-1]
        + urllib.parse.parse_qsl(query, keep_blank_values=True)
        + urllib.parse.parse_qsl(form, keep_blank_values=True)
    )
    assert found.client_identifier == CLIENT.identifier
    assert found.token_identifier == (TOKEN.identifier if with_token else None)


def origin_and_path(uri):
    scheme, _, rest = uri.partition("?")[0].partition("://")
    authority, _, path = rest.partition("/")
    return scheme.lower(), authority.lower(), path


@pytest.mark.parametrize("place", ["header", "form", "query"])
@pytest.mark.parametrize("signature_method", METHODS[:3], ids=repr)
@settings(EVERY_TIME, max_examples=examples(60))
@given(PATH, forms(), forms(), st.data())
def test_one_octet_changed_is_refused_unless_it_means_the_same(signature_method, place, path, query, form, data):
    """Only the case of a method, a host or an escape can differ, or how a parameter is spelled."""
    uri = "https://h.example:8443" + path + "?" + query
    options = {"signature_method": signature_method, "timestamp": NOW, "nonce": "n"}
    parameters = sign("POST", uri, CLIENT, TOKEN, form=form, **options)
    method, uri, headers, body = sent("POST", uri, parameters, form, place)
    parts = [method, uri, dict(headers).get("Authorization", ""), body.decode()]
    honest = verify((method, uri, headers, body))

    index = data.draw(st.sampled_from([number for number, part in enumerate(parts) if part]))
    start = parts[index].index("oauth_") if index == 2 else 0  # The realm is not signed.
    position = data.draw(st.integers(start, len(parts[index]) - 1))
    other = data.draw(st.characters(min_codepoint=0x21, max_codepoint=0x7E).filter(parts[index][position].__ne__))
    parts[index] = parts[index][:position] + other + parts[index][position + 1 :]
    method, uri, header, body = parts
    headers = [("Content-Type", FORM)] + ([("Authorization", header)] if header else [])
    try:
        found = verify((method, uri, headers, body.encode()))
    except VerificationError:
        return
    assert found.method.upper() == honest.method
    assert origin_and_path(found.uri) == origin_and_path(honest.uri)
    assert sorted(found.protocol_parameters) == sorted(honest.protocol_parameters)
    assert sorted(found.parameters) == sorted(honest.parameters)
