"""Making requests (RFC 5849 section 3.1): defaults, refusals, and octets signed without loss."""

import base64
import hashlib
import hmac
import time
import traceback
from urllib.parse import quote

import pytest

from oauth1_core import (
    HMAC_SHA256,
    PLAINTEXT,
    ClientCredentials,
    InsecureEndpoint,
    RsaSha1,
    SigningError,
    TemporaryCredentials,
    TokenCredentials,
    sign,
)

CLIENT = ClientCredentials("dpf43f3p2l4k3l03", "kd94hf93k423kf44")
TOKEN = TokenCredentials("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00")
URI = "http://example.com/r"
FIXED = {"timestamp": "137131201", "nonce": "walatlh"}


def hmac_sha1(method, base_uri, pairs, key):
    """Sign octets, by section 3.4 and the standard library alone."""

    def encoded(octets):
        return quote(octets, safe="-._~").encode()

    parameters = b"&".join(name + b"=" + value for name, value in sorted((encoded(n), encoded(v)) for n, v in pairs))
    base_string = b"&".join(encoded(part) for part in (method, base_uri, parameters))
    return base64.b64encode(hmac.new(key, base_string, hashlib.sha1).digest()).decode()


@pytest.mark.parametrize(
    "query, form, pairs",
    [
        ("a=%FF&b=%ff%FE", b"", [(b"a", b"\xff"), (b"b", b"\xff\xfe")]),
        ("", b"c=\xff&d=%C3\xa9", [(b"c", b"\xff"), (b"d", b"\xc3\xa9")]),
        ("f[x]=[1]&q={a|b}^'`\"<>\\", b"f[y]", [(b"f[x]", b"[1]"), (b"q", b"{a|b}^'`\"<>\\"), (b"f[y]", b"")]),
        ("a=100%&%zz=%4&=&&b", b"%%41", [(b"a", b"100%"), (b"%zz", b"%4"), (b"", b""), (b"b", b""), (b"%A", b"")]),
        ("a+b=%2B+&a%20b=;c;", b"a=1;b=2", [(b"a b", b"+ "), (b"a b", b";c;"), (b"a", b"1;b=2")]),
        ("q=é&Q=😀", b"\xc3\xa9=", [(b"q", b"\xc3\xa9"), (b"Q", b"\xf0\x9f\x98\x80"), (b"\xc3\xa9", b"")]),
        ("a=\udcc3\udca9", b"a=\x00%00", [(b"a", b"\xc3\xa9"), (b"a", b"\0\0")]),
        ("a=1#b=2", b"", [(b"a", b"1")]),
        ("", b"a=1", [(b"a", b"1")]),
    ],
)  # fmt: skip
def test_any_query_and_form_is_signed_without_loss(query, form, pairs):
    parameters = sign("POST", URI + "?" + query, CLIENT, TOKEN, form=form, **FIXED)
    pairs = pairs + [(name.encode(), value.encode()) for name, value in parameters[:-1]]
    key = b"kd94hf93k423kf44&pfkkdhi9sl3r4s00"
    assert parameters[-1] == ("oauth_signature", hmac_sha1(b"POST", URI.encode(), pairs, key))
    text = form.decode("utf-8", "surrogateescape")
    assert sign("POST", URI + "?" + query, CLIENT, TOKEN, form=text, **FIXED) == parameters


def test_credentials_and_further_parameters_are_signed_without_loss():
    client, token = ClientCredentials("\udcff&é", "s%"), TokenCredentials("+ ", "\udcfe")
    further = [("oauth_callback", "http://a/?b=%20"), ("xoauth é", "\udcc3")]
    parameters = sign("get", URI, client, token, protocol_parameters=further, version=None, **FIXED)
    pairs = [tuple(part.encode("utf-8", "surrogateescape") for part in pair) for pair in parameters[:-1]]
    assert pairs == [
        (b"oauth_consumer_key", b"\xff&\xc3\xa9"), (b"oauth_token", b"+ "), (b"oauth_signature_method", b"HMAC-SHA1"),
        (b"oauth_timestamp", b"137131201"), (b"oauth_nonce", b"walatlh"), (b"oauth_callback", b"http://a/?b=%20"),
        (b"xoauth \xc3\xa9", b"\xc3"),
    ]  # fmt: skip
    assert parameters[-1] == ("oauth_signature", hmac_sha1(b"GET", URI.encode(), pairs, b"s%25&%FE"))


def test_the_example_of_section_1_2_is_signed_as_published():
    callback = [("oauth_callback", "http://printer.example.com/ready")]
    assert sign(
        "POST", "https://photos.example.net/initiate", CLIENT, protocol_parameters=callback,
        timestamp=137131200, nonce="wIjqoS", version=None,
    ) == [
        ("oauth_consumer_key", "dpf43f3p2l4k3l03"), ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131200"), ("oauth_nonce", "wIjqoS"), *callback,
        ("oauth_signature", "74KNZJeDHnMBp0EMJ9ZHt/XKycU="),
    ]  # fmt: skip


def test_every_request_has_a_nonce_of_its_own_and_the_time_of_day():
    before = int(time.time())
    requests = [dict(sign("GET", URI, CLIENT)) for _ in range(1000)]
    assert len({request["oauth_nonce"] for request in requests}) == 1000
    assert all(before <= int(request["oauth_timestamp"]) <= time.time() for request in requests)
    assert {len(request["oauth_nonce"]) <= 24 for request in requests} == {True}


@pytest.mark.parametrize(
    "token, version, names",
    [
        (None, "1.0", ["oauth_version"]),
        (None, None, []),
        (TokenCredentials("", ""), "1.0", ["oauth_token", "oauth_version"]),
        (TemporaryCredentials("id", ""), None, ["oauth_token"]),
    ],
)
def test_token_and_version_are_sent_if_and_only_if_given(token, version, names):
    parameters = sign("GET", URI, CLIENT, token, version=version, **FIXED)
    rest = ["oauth_consumer_key", "oauth_signature_method", "oauth_timestamp", "oauth_nonce", "oauth_signature"]
    assert sorted(name for name, _ in parameters) == sorted(names + rest)
    assert dict(parameters).get("oauth_token") == (token.identifier if token else None)
    assert dict(parameters).get("oauth_version") == version
    key = b"kd94hf93k423kf44&"
    pairs = [(name.encode(), value.encode()) for name, value in parameters[:-1]]
    assert parameters[-1] == ("oauth_signature", hmac_sha1(b"GET", URI.encode(), pairs, key))


def test_no_argument_is_changed_and_any_iterable_is_taken():
    further = [("oauth_callback", "oob")]
    parameters = sign("GET", URI, CLIENT, protocol_parameters=further, **FIXED)
    assert sign("GET", URI, CLIENT, protocol_parameters=iter(further), **FIXED) == parameters
    parameters.clear()
    assert further == [("oauth_callback", "oob")]


OWN = [
    "oauth_consumer_key", "oauth_token", "oauth_signature_method", "oauth_timestamp", "oauth_nonce", "oauth_version",
    "oauth_signature",
]  # fmt: skip


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("version", ["1.0", None])
def test_a_parameter_that_sign_sets_can_be_given_nowhere_else(name, version):
    encoded = name.replace("_", "%5f")
    for uri, options in (
        (f"{URI}?a=b&{name}=hidden", {}),
        (f"{URI}?{encoded}=hidden", {}),
        (f"{URI}?{name}", {}),
        (URI, {"form": f"a=b&{name}=hidden"}),
        (URI, {"form": f"{encoded}=hidden".encode()}),
        (URI, {"protocol_parameters": [(name, "hidden")]}),
    ):
        with pytest.raises(SigningError) as caught:
            sign("POST", uri, CLIENT, version=version, **options)
        assert caught.value.parameter == name
        assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "further, fault",
    [
        ([("realm", "x")], "must not contain 'realm'"),
        ([("Realm", "x")], "must not contain 'Realm'"),
        ([("oauth_nonce", "x")], "must not contain 'oauth_nonce'"),
        ([("oauth_callback", "a"), ("oauth_callback", "a")], "must contain 'oauth_callback' only once"),
    ],
)
def test_a_protocol_parameter_is_given_once_and_realm_is_none(further, fault):
    with pytest.raises(SigningError, match=fault) as caught:
        sign("POST", URI, CLIENT, protocol_parameters=further)
    assert caught.value.parameter == further[0][0]


@pytest.mark.parametrize("uri, form", [(URI + "?oauth_callback=b", ""), (URI, "oauth_callback=b")])
def test_a_further_parameter_does_not_stand_in_query_or_form_too(uri, form):
    with pytest.raises(SigningError) as caught:
        sign("POST", uri, CLIENT, protocol_parameters=[("oauth_callback", "a")], form=form)
    assert caught.value.parameter == "oauth_callback"


def test_realm_is_a_name_like_any_other_in_query_and_form():
    assert sign("POST", URI + "?realm=a", CLIENT, form="realm=b", **FIXED)[-1] != sign("POST", URI, CLIENT, **FIXED)[-1]


@pytest.mark.parametrize(
    "timestamp", ["", "0", 0, -1, "-1", "+1", "1.0", 1.5, "1e9", " 1", "1\n", "01", "1_0", "12X", "\u0661", True]
)
def test_a_timestamp_is_a_positive_integer(timestamp):
    with pytest.raises(SigningError) as caught:
        sign("GET", URI, CLIENT, timestamp=timestamp)
    assert caught.value.parameter == "oauth_timestamp"


@pytest.mark.parametrize("nonce", ["", 5, b"a", "\ud800", ["a"]])
def test_a_nonce_is_text_and_not_empty(nonce):
    with pytest.raises(SigningError) as caught:
        sign("GET", URI, CLIENT, nonce=nonce)
    assert caught.value.parameter == "oauth_nonce"


@pytest.mark.parametrize("version", ["", "1", "1.0a", "1.00", "2.0", 1.0, "1.0 ", b"1.0", [], False])
def test_a_version_is_1_0_or_none(version):
    with pytest.raises(SigningError) as caught:
        sign("GET", URI, CLIENT, version=version)
    assert caught.value.parameter == "oauth_version"


@pytest.mark.parametrize(
    "client, token", [(None, None), ("a", None), (("a", "b"), None), (CLIENT, "t"), (CLIENT, ("t", "s"))]
)
def test_client_and_token_are_credentials(client, token):
    with pytest.raises(SigningError, match="Credentials"):
        sign("GET", URI, client, token)


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": None}, {"uri": None}, {"uri": b"http://example.com/"}, {"uri": "/r"}, {"form": None},
        {"form": ["a"]}, {"protocol_parameters": [()]}, {"protocol_parameters": [None]},
        {"protocol_parameters": ["ab c"]}, {"protocol_parameters": [("a", None)]},
        {"protocol_parameters": [([], "a")]}, {"protocol_parameters": {"abc": "d"}}, {"protocol_parameters": None},
        {"protocol_parameters": 5}, {"signature_method": "HMAC-SHA1"}, {"signature_method": None},
        {"signature_method": RsaSha1}, {"signature_method": RsaSha1()},
    ],
    ids=repr,
)  # fmt: skip
def test_whatever_cannot_be_signed_is_a_signing_error(wrong):
    with pytest.raises(SigningError):
        sign(**{"method": "GET", "uri": URI, "client": CLIENT, **wrong})


@pytest.mark.parametrize(
    "client, token",
    [(ClientCredentials("a", "hidden\ud800"), None), (CLIENT, TokenCredentials("a", "hidden\ud800"))],
)
@pytest.mark.parametrize("method", [HMAC_SHA256, PLAINTEXT])
def test_a_secret_that_cannot_be_encoded_is_not_shown(client, token, method):
    with pytest.raises(SigningError) as caught:
        sign("GET", "https://example.com/", client, token, signature_method=method)
    assert "hidden" not in "".join(traceback.format_exception(caught.type, caught.value, caught.tb))


@pytest.mark.parametrize("wrong", ["HMAC-SHA1", None, RsaSha1, CLIENT])
def test_what_is_no_signature_method_is_named_by_its_parameter(wrong):
    with pytest.raises(SigningError) as caught:
        sign("GET", URI, CLIENT, signature_method=wrong)
    assert caught.value.parameter == "oauth_signature_method"


PRIVATE = [
    "https://example.com/", "HTTPS://example.com/", "https://localhost/", "http://127.0.0.1", "http://127.0.0.1:8080/r",
    "http://127.9.9.9/", "http://127.255.255.255/", "http://[::1]/", "HTTP://[::1]:80/r", "http://user@127.0.0.1/",
]  # fmt: skip
IN_CLEAR = [
    "http://example.com/", "http://localhost/", "http://localhost.evil.com/", "http://127.0.0.1.evil.com/",
    "http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/",
    "http://0177.0.0.1/", "http://127.0.0.01/", "http://127.0.0.256/", "http://127.0.0.1./", "http://127.0.0.1.1/",
    "http://127.0.0.+1/", "http://127.0.0./", "http://127.0.0.%31/",
    "http://0.0.0.0/", "http://128.0.0.1/", "http://10.0.0.1/", "http://[::]/", "http://[::2]/", "http://[::ffff:127.0.0.1]/",
    "http://[0:0:0:0:0:0:0:1]/", "http://127.0.0.1@evil.com/", "http://evil.com/127.0.0.1", "http://evil.com?@127.0.0.1/",
    "http://evil.com#@127.0.0.1/", "http://127.0.0.1:80@evil.com:80/",
]  # fmt: skip


@pytest.mark.parametrize("uri", PRIVATE)
def test_plaintext_goes_over_tls_or_to_a_loopback_address(uri):
    signature = sign("GET", uri, CLIENT, TOKEN, signature_method=PLAINTEXT)[-1]
    assert signature == ("oauth_signature", "kd94hf93k423kf44&pfkkdhi9sl3r4s00")


@pytest.mark.parametrize("uri", IN_CLEAR)
def test_plaintext_goes_nowhere_else(uri):
    with pytest.raises(InsecureEndpoint, match="would disclose the client secret") as caught:
        sign("GET", uri, CLIENT, TOKEN, signature_method=PLAINTEXT)
    assert caught.value.parameter == "uri"
    assert not any(secret in str(caught.value) for secret in (CLIENT.secret, TOKEN.secret, "PLAINTEXT&"))
    assert sign("GET", uri, CLIENT, TOKEN)[-1][0] == "oauth_signature"


@pytest.mark.parametrize(
    "uri", ["http://evil.com\\@127.0.0.1/", "http://evil.com\r\n@127.0.0.1/", "http://evil.com\t@[::1]/"]
)
def test_plaintext_does_not_go_where_clients_disagree_about_the_host(uri):
    """Browsers read a backslash as a slash and drop line ends, so the host is evil.com."""
    with pytest.raises(SigningError):
        sign("GET", uri, CLIENT, TOKEN, signature_method=PLAINTEXT)


def test_a_signature_method_of_ones_own_needs_a_name_and_a_function():
    class Reversing:
        name = "X-REVERSED"

        def sign(self, base_string, client_secret, token_secret):
            return "".join(reversed(base_string)) + client_secret + token_secret

    parameters = sign("GET", URI, CLIENT, TOKEN, signature_method=Reversing(), version=None, **FIXED)
    assert ("oauth_signature_method", "X-REVERSED") in parameters
    assert parameters[-1][0] == "oauth_signature"
    assert parameters[-1][1].endswith("F2%F2%A3%ptth&TEG" + CLIENT.secret + TOKEN.secret)
