"""Redirection-based authorization (RFC 5849 section 2): what is sent, and what a server may answer."""

import json
import traceback

import pytest

from oauth1_core import (
    HMAC_SHA256,
    PLAINTEXT,
    AuthorizationDenied,
    AuthorizationError,
    CallbackMismatch,
    CallbackNotConfirmed,
    ClientCredentials,
    InsecureEndpoint,
    MalformedTokenResponse,
    OAuth1Error,
    Provider,
    SigningError,
    TemporaryCredentials,
    TokenCredentials,
    parse_callback,
    parse_temporary_credentials,
    parse_token_credentials,
    resource_owner_authorization_uri,
    temporary_credentials_request,
    token_credentials_request,
)
from oauth1_core.providers import BASED

CLIENT = ClientCredentials("dpf43f3p2l4k3l03", "kd94hf93k423kf44")
TEMPORARY = TemporaryCredentials("hh5s93j4hdidpola", "hdhd0244k9j7ao03")
ENDPOINT = "https://photos.example.net/initiate"
STEPS = [
    lambda uri: temporary_credentials_request(uri, CLIENT),
    lambda uri: resource_owner_authorization_uri(uri, TEMPORARY),
    lambda uri: token_credentials_request(uri, CLIENT, TEMPORARY, "hfdp7dh39dks9884"),
]
every_step = pytest.mark.parametrize("step", STEPS, ids=["2.1", "2.2", "2.3"])
PARSERS = [parse_temporary_credentials, parse_token_credentials]
every_parser = pytest.mark.parametrize("parse", PARSERS)


def test_the_example_of_section_1_2_from_end_to_end():
    options = {"version": None}
    first = temporary_credentials_request(
        "https://photos.example.net/initiate", CLIENT, "http://printer.example.com/ready",
        timestamp="137131200", nonce="wIjqoS", **options,
    )  # fmt: skip
    assert ("oauth_callback", "http://printer.example.com/ready") in first
    assert first[-1] == ("oauth_signature", "74KNZJeDHnMBp0EMJ9ZHt/XKycU=")
    temporary = parse_temporary_credentials(
        b"oauth_token=hh5s93j4hdidpola&oauth_token_secret=hdhd0244k9j7ao03&oauth_callback_confirmed=true"
    )
    assert temporary == TEMPORARY
    uri = resource_owner_authorization_uri("https://photos.example.net/authorize", temporary)
    assert uri == "https://photos.example.net/authorize?oauth_token=hh5s93j4hdidpola"
    callback = "http://printer.example.com/ready?oauth_token=hh5s93j4hdidpola&oauth_verifier=hfdp7dh39dks9884"
    verifier = parse_callback(callback, temporary)
    assert verifier == "hfdp7dh39dks9884"
    third = token_credentials_request(
        "https://photos.example.net/token", CLIENT, temporary, verifier, timestamp=137131201, nonce="walatlh", **options
    )
    assert ("oauth_verifier", "hfdp7dh39dks9884") in third
    assert third[-1] == ("oauth_signature", "gKgrFCywp7rO0OXSjdot/IHF7IU=")
    token = parse_token_credentials("oauth_token=nnch734d00sl2jdk&oauth_token_secret=pfkkdhi9sl3r4s00")
    assert token == TokenCredentials("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00")


# Endpoints.


@every_step
@pytest.mark.parametrize(
    "uri",
    [
        "http://photos.example.net/initiate", "http://localhost/", "http://localhost.evil.com/", "http://127.1/",
        "http://127.0.0.1.evil.com/", "http://0x7f000001/", "http://127.0.0.1@evil.com/",
    ],
)  # fmt: skip
def test_no_step_sends_credentials_in_clear(step, uri):
    with pytest.raises(InsecureEndpoint, match="https is required") as caught:
        step(uri)
    assert caught.value.parameter == "uri"


@every_step
def test_the_host_that_needs_https_is_named(step):
    with pytest.raises(InsecureEndpoint, match=r"required for photos\.example\.net; only"):
        step("http://user@PHOTOS.example.net:8080/initiate?x=127.0.0.1")


@every_step
@pytest.mark.parametrize("uri", [ENDPOINT, "http://127.0.0.1:8080/x", "http://127.9.9.9/", "http://[::1]/"])
def test_every_step_goes_over_tls_or_to_a_loopback_address(step, uri):
    assert ("hh5s93j4hdidpola" in str(step(uri))) == (step is not STEPS[0])


@every_step
@pytest.mark.parametrize("query", ["oauth_callback=oob", "a=b&oauth_x=y", "oauth%5Ftoken", "oauth_"])
def test_an_endpoint_with_a_protocol_parameter_is_refused(step, query):
    """The query "MUST NOT contain any parameters beginning with the "oauth_" prefix"."""
    with pytest.raises(SigningError) as caught:
        step(ENDPOINT + "?" + query)
    assert caught.value.parameter.startswith("oauth_")


@every_step
@pytest.mark.parametrize("uri", ["", "/initiate", "ftp://example.com/", "https:///", None, b"https://example.com/"])
def test_an_endpoint_is_an_absolute_uri(step, uri):
    with pytest.raises(SigningError) as caught:
        step(uri)
    assert caught.value.parameter == "uri"


@every_step
@pytest.mark.parametrize(
    "uri",
    ["https://example.com/a\r\nb", "https://example.com/a\0", "https://a\r\nb@example.com/", "https://example.com/a b"],
)
def test_an_endpoint_holds_no_space_and_no_control_character(step, uri):
    """The resource owner is sent there by a Location field, which a line end would split."""
    with pytest.raises(SigningError) as caught:
        step(uri)
    assert caught.value.parameter == "uri"


@pytest.mark.parametrize(
    "endpoint, expected",
    [
        ("https://example.com/a?lang=en&x=%7e", "https://example.com/a?lang=en&x=%7e&oauth_token=a%20%26%C3%A9"),
        ("https://example.com/a#top", "https://example.com/a?oauth_token=a%20%26%C3%A9#top"),
        ("https://example.com", "https://example.com?oauth_token=a%20%26%C3%A9"),
    ],
)
def test_the_query_of_the_authorization_endpoint_is_kept(endpoint, expected):
    assert resource_owner_authorization_uri(endpoint, TemporaryCredentials("a &é", "s")) == expected


# Requests.


@pytest.mark.parametrize(
    "callback",
    [
        "oob", "http://printer.example.com/ready?x=1#y", "http://127.0.0.1:8080/ready", "com.example.app:/ready",
        "about:blank", "a+b-c.d:e",
    ],
)  # fmt: skip
def test_a_callback_is_sent_as_given(callback):
    assert ("oauth_callback", callback) in temporary_credentials_request(ENDPOINT, CLIENT, callback)


def test_the_callback_is_out_of_band_unless_given():
    assert ("oauth_callback", "oob") in temporary_credentials_request(ENDPOINT, CLIENT)


@pytest.mark.parametrize(
    "callback",
    [
        "", "OOB", " oob", "ready", "/ready", "//example.com/ready", "example.com/ready", "?x", ":", "://x", " http://x",
        "ht_tp://x", "é:x", "1http://example.com/", "+:x", None, 5, b"oob", ["oob"],
    ],
)  # fmt: skip
def test_a_callback_is_an_absolute_uri_or_oob(callback):
    with pytest.raises(SigningError) as caught:
        temporary_credentials_request(ENDPOINT, CLIENT, callback)
    assert caught.value.parameter == "oauth_callback"


def test_options_reach_the_signature():
    first = temporary_credentials_request(
        ENDPOINT, CLIENT, protocol_parameters=iter([("x_auth_access_type", "read")]), method="GET",
        signature_method=HMAC_SHA256, nonce="n", timestamp="1", form="", version=None,
    )  # fmt: skip
    assert [name for name, _ in first] == [
        "oauth_consumer_key", "oauth_signature_method", "oauth_timestamp", "oauth_nonce", "oauth_callback",
        "x_auth_access_type", "oauth_signature",
    ]  # fmt: skip
    assert dict(first)["oauth_signature_method"] == "HMAC-SHA256"
    third = token_credentials_request(
        ENDPOINT, CLIENT, TEMPORARY, "v", protocol_parameters=[("a", "b")], method="GET", signature_method=PLAINTEXT
    )
    assert ("a", "b") in third
    assert third[-1] == ("oauth_signature", "kd94hf93k423kf44&hdhd0244k9j7ao03")


def test_the_method_is_signed():
    fixed = {"nonce": "n", "timestamp": "1"}
    for request in (
        lambda **options: temporary_credentials_request(ENDPOINT, CLIENT, **fixed, **options),
        lambda **options: token_credentials_request(ENDPOINT, CLIENT, TEMPORARY, "v", **fixed, **options),
    ):
        assert request() == request(method="POST") != request(method="GET")


@pytest.mark.parametrize("pasted", ["473f82d3", " 473f82d3\r\n", "\t473f82d3", "\u00a0473f82d3\u2028"])
def test_white_space_around_a_pasted_verifier_is_dropped(pasted):
    assert ("oauth_verifier", "473f82d3") in token_credentials_request(ENDPOINT, CLIENT, TEMPORARY, pasted)


@pytest.mark.parametrize("verifier", ["", " ", "\n", None, 5])
def test_a_verifier_is_never_empty(verifier):
    with pytest.raises(SigningError) as caught:
        token_credentials_request(ENDPOINT, CLIENT, TEMPORARY, verifier)
    assert caught.value.parameter == "oauth_verifier"


@pytest.mark.parametrize("temporary", [None, "hh5s93j4hdidpola", ("a", "b")])
def test_temporary_credentials_are_needed_for_the_second_half(temporary):
    """Without them token_credentials_request() would ask for a token with no proof of what was granted."""
    for call in (
        lambda: resource_owner_authorization_uri(ENDPOINT, temporary),
        lambda: token_credentials_request(ENDPOINT, CLIENT, temporary, "v"),
        lambda: parse_callback("/ready?oauth_token=hh5s93j4hdidpola&oauth_verifier=v", temporary),
    ):
        with pytest.raises(OAuth1Error):
            call()


def test_a_verifier_and_a_callback_are_given_once():
    with pytest.raises(SigningError) as caught:
        temporary_credentials_request(ENDPOINT, CLIENT, protocol_parameters=[("oauth_callback", "oob")])
    assert caught.value.parameter == "oauth_callback"
    with pytest.raises(SigningError) as caught:
        token_credentials_request(ENDPOINT, CLIENT, TEMPORARY, "v", protocol_parameters=[("oauth_verifier", "v")])
    assert caught.value.parameter == "oauth_verifier"


# Replies.

CONFIRMED = "&oauth_callback_confirmed=true"


@pytest.mark.parametrize("kind", [str, str.encode])
def test_what_else_a_reply_holds_is_kept_in_order(kind):
    body = kind("user_id=7&oauth_token=a%2Fb&user_id=%C3%A9&oauth_token_secret=c+d&oauth_callback_confirmed=true&e")
    extra = [("user_id", "7"), ("user_id", "é"), ("oauth_callback_confirmed", "true"), ("e", "")]
    for parse, credentials in ((PARSERS[0], TemporaryCredentials), (PARSERS[1], TokenCredentials)):
        parsed = parse(body)
        assert parsed == credentials("a/b", "c d")
        assert parsed.extra == extra


@every_parser
@pytest.mark.parametrize("before, after", [("\n", ""), ("", "\r\n"), (" \t\r\n", " \t\r\n")])
def test_white_space_around_a_reply_is_dropped(parse, before, after):
    parsed = parse(before + "oauth_token_secret=&oauth_token=a" + CONFIRMED + after)
    assert (parsed.identifier, parsed.secret, parsed.extra) == ("a", "", [("oauth_callback_confirmed", "true")])


@every_parser
@pytest.mark.parametrize(
    "body, parameter",
    [
        ("", "oauth_token"),
        ("<html><body>hidden</body></html>", "oauth_token"),
        ('{"oauth_token": "a", "oauth_token_secret": "hidden"}', "oauth_token"),
        ("oauth_problem=hidden", "oauth_token"),
        ("oauth_token_secret=hidden", "oauth_token"),
        ("oauth_token=&oauth_token_secret=hidden", "oauth_token"),
        ("oauth_token=hidden", "oauth_token_secret"),
        ("oauth_token=a&oauth%5Ftoken=a&oauth_token_secret=hidden", "oauth_token"),
        ("oauth_token=a&oauth_token_secret=hidden&oauth_token_secret=hidden", "oauth_token_secret"),
        ("oauth_token=a%00&oauth_token_secret=hidden", "oauth_token"),
        ("oauth_token=a&oauth_token_secret=hidden\0", "oauth_token_secret"),
        ("oauth_token=a&oauth_token_secret=hidden%", "oauth_token_secret"),
        ("oauth_token=a%&oauth_token_secret=hidden", "oauth_token"),
        ("oauth_token=a&oauth_token_secret=hidden&oauth_expires_in=%", "oauth_expires_in"),
        ("oauth_token=a&oauth_token_secret=hidden\ud800", "oauth_token"),
        (b"oauth_token=a&oauth_token_secret=hidden\xff", "oauth_token_secret"),
        ("\ufeff\ufeffoauth_token=a&oauth_token_secret=hidden", "oauth_token"),
        ("\x0coauth_token=a&oauth_token_secret=hidden", "oauth_token"),
        ("\u00a0oauth_token=a&oauth_token_secret=hidden", "oauth_token"),
        ("OAUTH_TOKEN=a&oauth_token_secret=hidden", "oauth_token"),
    ],
)  # fmt: skip
def test_a_reply_without_usable_credentials_is_refused_and_not_shown(parse, body, parameter):
    with pytest.raises(MalformedTokenResponse) as caught:
        parse(body if isinstance(body, bytes) else body + CONFIRMED if "=" in body else body)
    assert caught.value.parameter == parameter
    assert "hidden" not in "".join(traceback.format_exception_only(caught.type, caught.value))


@every_parser
@pytest.mark.parametrize(
    "foreign, pair",
    [
        ("fullname=Jos%E9", ("fullname", "Jos\udce9")),
        (b"fullname=Jos\xe9", ("fullname", "Jos\udce9")),
        ("next=100%", ("next", "100%")),
        ("url=http://a/?b=c", ("url", "http://a/?b=c")),
    ],
)
def test_what_is_foreign_in_a_reply_is_read_leniently(parse, foreign, pair):
    credentials = "oauth_token=a&oauth_token_secret=b" + CONFIRMED + "&"
    body = credentials + foreign if isinstance(foreign, str) else credentials.encode() + foreign
    parsed = parse(body)
    assert (parsed.identifier, parsed.secret, parsed.extra[-1]) == ("a", "b", pair)


@every_parser
@pytest.mark.parametrize("kind", [str, str.encode])
def test_a_byte_order_mark_is_dropped(parse, kind):
    assert parse(kind("\ufeff\r\noauth_token=a&oauth_token_secret=b" + CONFIRMED)).identifier == "a"


@every_parser
def test_a_reply_says_how_long_it_was(parse):
    with pytest.raises(MalformedTokenResponse, match=r"reply \(6 octets\)"):
        parse(b"<html>")


@every_parser
@pytest.mark.parametrize("kind", [str, str.encode])
def test_a_reply_of_more_than_64_kib_is_not_read(parse, kind):
    start = "oauth_token=a&oauth_token_secret=hidden" + CONFIRMED + "&x="
    longest = start + "x" * (65536 - len(start))
    assert parse(kind(longest)).identifier == "a"
    with pytest.raises(MalformedTokenResponse, match="longer than 65536") as caught:
        parse(kind(longest + "x"))
    assert "hidden" not in str(caught.value)


@every_parser
@pytest.mark.parametrize("wrong", [None, 5, ["oauth_token=a"], {"oauth_token": "a"}, bytearray(b"oauth_token=a")])
def test_a_reply_is_text_or_octets(parse, wrong):
    with pytest.raises(OAuth1Error):
        parse(wrong)


@pytest.mark.parametrize(
    "end",
    [
        "", "&oauth_callback_confirmed", "&oauth_callback_confirmed=", "&oauth_callback_confirmed=false",
        "&oauth_callback_confirmed=True", "&oauth_callback_confirmed=1", "&Oauth_callback_confirmed=true",
    ],
)  # fmt: skip
def test_a_server_that_does_not_confirm_the_callback_is_refused(end):
    with pytest.raises(CallbackNotConfirmed) as caught:
        parse_temporary_credentials("oauth_token=a&oauth_token_secret=hidden" + end)
    assert caught.value.parameter == "oauth_callback_confirmed"
    assert "hidden" not in str(caught.value)
    assert parse_token_credentials("oauth_token=a&oauth_token_secret=hidden" + end).identifier == "a"


# The callback.


@pytest.mark.parametrize(
    "uri",
    [
        "/ready?oauth_token={}&oauth_verifier={}",
        "http://a/?x=1&oauth_verifier={1}&oauth_token={0}&y#z",
        "?oauth%5Ftoken={}&oauth_verifier={}",
    ],
)
def test_the_verifier_is_read_from_uri_or_path(uri):
    temporary = TemporaryCredentials("a/é", "s")
    assert parse_callback(uri.format("a%2F%C3%A9", "b+c%2B"), temporary) == "b c+"


@pytest.mark.parametrize(
    "query",
    [
        "", "oauth_verifier=v", "oauth_token=other&oauth_verifier=v", "denied=other", "oauth_problem=user_refused",
        "denied=hh5s93j4hdidpola&denied=other", "oauth_token=other&denied=hh5s93j4hdidpola",
        "oauth_token=other&oauth_problem=user_refused", "oauth_token=hh5s93j4hdidpola%&oauth_verifier=v",
        "oauth_token=other&oauth_verifier=denied", "oauth_token=other&error=access_denied", "error=access_denied",
        "oauth_token=hh5s93j4hdidpola&oauth_verifier=\ud800",
    ],
)  # fmt: skip
def test_a_callback_of_another_authorization_is_a_mismatch(query):
    with pytest.raises(CallbackMismatch) as caught:
        parse_callback("/ready?" + query, TEMPORARY)
    assert caught.value.parameter == "oauth_token"


@pytest.mark.parametrize(
    "query, parameter",
    [
        ("denied=hh5s93j4hdidpola", "denied"),
        ("oauth_token=hh5s93j4hdidpola&denied=hh5s93j4hdidpola", "denied"),
        ("oauth_token=hh5s93j4hdidpola&oauth_problem=user_refused", "oauth_problem"),
        ("oauth_token=hh5s93j4hdidpola&oauth_verifier=v&oauth_problem=permission_denied", "oauth_problem"),
        ("oauth_token=hh5s93j4hdidpola&oauth_verifier=denied", "oauth_verifier"),
        ("oauth_token=hh5s93j4hdidpola&error=access_denied", "error"),
    ],
)
def test_a_refusal_by_the_resource_owner_is_told_apart(query, parameter):
    with pytest.raises(AuthorizationDenied) as caught:
        parse_callback("/ready?" + query, TEMPORARY)
    assert caught.value.parameter == parameter


@pytest.mark.parametrize(
    "end",
    [
        "", "&oauth_verifier", "&oauth_verifier=", "&oauth_verifier=a" * 2, "&oauth_verifier=&oauth_verifier=a",
    ],
)  # fmt: skip
def test_a_callback_without_one_verifier_is_refused(end):
    with pytest.raises(AuthorizationError) as caught:
        parse_callback("/ready?oauth_token=hh5s93j4hdidpola" + end, TEMPORARY)
    assert type(caught.value) is AuthorizationError
    assert caught.value.parameter == "oauth_verifier"


@pytest.mark.parametrize("verifier", ["%FF", "%", "\udcff", "a%zz"])
def test_a_verifier_that_is_not_well_formed_is_named(verifier):
    with pytest.raises(CallbackMismatch) as caught:
        parse_callback("/ready?oauth_token=hh5s93j4hdidpola&oauth_verifier=" + verifier, TEMPORARY)
    assert caught.value.parameter == "oauth_verifier"


@pytest.mark.parametrize(
    "foreign", ["next=100%", "name=Jos%E9", "name=Jos\udce9", "error=1", "a=%u0041", "x=http://a/?b"]
)
def test_only_protocol_parameters_of_a_callback_are_strict(foreign):
    uri = "/ready?" + foreign + "&oauth_token=hh5s93j4hdidpola&oauth_verifier=v"
    assert parse_callback(uri, TEMPORARY) == "v"


def test_a_callback_without_any_parameter_may_have_been_a_refusal():
    """Tumblr's is one, and cannot be told from a request of anybody else."""
    for uri in ("https://client.example.net/cb", "https://client.example.net/cb#_=_", "/cb?state=1"):
        with pytest.raises(CallbackMismatch, match="if the resource owner denied access"):
            parse_callback(uri, TEMPORARY)


@pytest.mark.parametrize("identifier", ["\udcff", "\ud800"])
def test_an_identifier_that_is_not_utf_8_matches_no_callback(identifier):
    for query in ("oauth_token=a", "oauth_token=%FF", "oauth_token=" + identifier):
        with pytest.raises(CallbackMismatch):
            parse_callback("/ready?oauth_verifier=v&" + query, TemporaryCredentials(identifier, "s"))


@pytest.mark.parametrize("uri", [None, b"/ready?oauth_token=a", 5])
def test_a_callback_is_text(uri):
    with pytest.raises(OAuth1Error):
        parse_callback(uri, TEMPORARY)


def test_a_refused_callback_is_not_shown():
    own = TEMPORARY.identifier
    for token, end in (("hidden", ""), (own, "oauth_problem=hidden"), (own, "x=hidden")):
        with pytest.raises(AuthorizationError) as caught:
            parse_callback(f"/ready?oauth_token={token}&{end}", TEMPORARY)
        assert "hidden" not in str(caught.value) and own not in str(caught.value)


# A provider.

URIS = ["https://photos.example.net/" + end for end in ("initiate", "authorize", "token")]
CUSTOM = {
    "signature_method": "HMAC-SHA256", "realm": "Photos", "method": ("GET", "POST"), "placement": "query",
    "token_parameter": "token", "client_parameter": "key", "allow": ["unconfirmed-callback", "no-verifier"],
}  # fmt: skip


def test_a_provider_is_a_value_that_json_can_hold():
    for options in ({}, CUSTOM, {"realm": ""}, {"placement": "form"}, {"method": "GET"}):
        provider = Provider(*URIS, **options)
        again = Provider.from_dict(json.loads(json.dumps(provider.to_dict())))
        assert again == provider == Provider(*URIS, **options)
        assert hash(again) == hash(provider)
        assert again != Provider(*URIS, token_parameter="t")
        assert provider != URIS
        assert eval(repr(provider)) == provider
    assert list(Provider(*URIS).to_dict().values()) == URIS
    shown = dict(zip(("temporary_credentials", "authorization", "token_credentials"), URIS))
    shown.update(CUSTOM, method=["GET", "POST"], allow=["no-verifier", "unconfirmed-callback"])
    assert Provider(*URIS, **CUSTOM).to_dict() == shown
    assert Provider(*URIS, **dict(CUSTOM, allow=CUSTOM["allow"] * 2)).to_dict() == shown


@pytest.mark.parametrize(
    "change, parameter",
    [
        ({"allow": "no-verifier"}, "allow"), ({"allow": ["everything"]}, "allow"), ({"method": ("GET",)}, "method"),
        ({"method": ("GET", 5)}, "method"), ({"placement": "body"}, "placement"),
        ({"placement": "form", "method": ["GET", "POST"]}, "placement"),
        ({"placement": "query", "signature_method": "PLAINTEXT"}, "placement"),
        ({"signature_method": "MD5"}, "signature_method"), ({"realm": 'a"b'}, "realm"), ({"realm": 5}, "realm"),
        ({"token_parameter": None}, "token_parameter"), ({"authorization": "http://photos.example.net/"}, "uri"),
        ({"token_credentials": "/token"}, "uri"),
        ({"temporary_credentials": URIS[0] + "?oauth_token=a"}, "oauth_token"),
        ({"secret": "hidden"}, "secret"), ({"allow": ["plaintext-in-clear"]}, "allow"),
        ({"allow": 5}, "allow"), ({"allow": None}, "allow"), ({"allow": [5]}, "allow"), ({"method": 5}, "method"),
        ({"method": None}, "method"), ({"method": {}}, "method"), ({"client_parameter": 5}, "client_parameter"),
        ({"method": ""}, "method"), ({"method": ["GET", "PO ST"]}, "method"),
        ({"placement": "form", "method": "get"}, "placement"),
        ({"placement": []}, "placement"), ({"signature_method": {}}, "signature_method"), ({"authorization": 5}, "uri"),
    ],
)  # fmt: skip
def test_a_provider_that_cannot_be_asked_is_refused(change, parameter):
    values = dict(Provider(*URIS).to_dict(), **change)
    with pytest.raises(SigningError) as caught:
        Provider.from_dict(values)
    assert caught.value.parameter == parameter
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("make", BASED.values(), ids=BASED)
@pytest.mark.parametrize("base", ["https://h.example/?a=1", "https://h.example/#top", "//h.example/"])
def test_the_base_of_a_provider_is_an_absolute_uri_without_query_and_fragment(make, base):
    assert make("https://h.example/shop/") == make("https://h.example/shop")
    with pytest.raises(SigningError) as caught:
        make(base)
    assert caught.value.parameter in ("base", "uri")


@pytest.mark.parametrize("values", [5, None, "text", [5]])
def test_a_provider_is_made_of_a_dict(values):
    with pytest.raises(SigningError, match="a dict"):
        Provider.from_dict(values)


def test_a_provider_needs_its_endpoints():
    for name in ("temporary_credentials", "authorization", "token_credentials"):
        values = Provider(*URIS).to_dict()
        del values[name]
        with pytest.raises(SigningError, match="needs " + name):
            Provider.from_dict(values)


def test_a_provider_in_clear_can_be_shown_compared_and_stored():
    provider = Provider(
        *["http://p/" + each for each in "123"], signature_method="PLAINTEXT", allow=["plaintext-in-clear"]
    )
    assert "plaintext-in-clear" in repr(provider)
    assert Provider.from_dict(provider.to_dict()) == provider
