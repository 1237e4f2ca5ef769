"""Signer gives what sign() gives, octet for octet, for any request and any credentials."""

import hashlib
import sys
import threading
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import oauth1_core
from oauth1_core import (
    HMAC_SHA1,
    HMAC_SHA256,
    HMAC_SHA512,
    PLAINTEXT,
    ClientCredentials,
    OAuth1Error,
    RsaSha256,
    Signer,
    SigningError,
    TokenCredentials,
    authorization_header,
    sign,
)
from tests.support.amount import examples

CLIENT = ClientCredentials("c&k=%/+", "cs&%")
TOKEN = TokenCredentials("tk é", "ts")
RSA = RsaSha256(sign=lambda octets: hashlib.sha256(b"key" + octets).digest())

# Names and values that sort around the protocol parameters, and every kind of escape.
fragments = st.sampled_from(
    ["oauth_", "oauth", "oauth_nonce", "oauth%5F", "oauth~", "oauthA", "oauthz", "o", "p", "a", "A", "~", "-", "_", "."]
    + ["%20", "+", "%2B", "%2b", "%41", "%7E", "%7e", "%5F", "%", "%2", "%G1", "%FF", "%C3%A9", "é", "☃"]
    + ["\udcff", "\ud800"]
    + ["=", "&", ";", "!", "'", "[", "]", "/", "?", "#", "\0", "\n", " ", "%00", "%25", "%3D", "%26"]
)  # fmt: skip
text = st.lists(fragments, max_size=12).map("".join) | st.text(max_size=20)
origins = st.sampled_from(
    ["http://example.com", "https://EXAMPLE.com:443", "http://a:8080", "https://[::1]", "https://u:p@h", "HTTP://h:80"]
    + ["", "http://", "http:///", "ftp://h", "http://h:0", "http://h:x", "https://é", "http://a b", "https:/h"]
)
uris = st.builds(
    lambda origin, path, query: origin + path + query,
    origins,
    st.just("") | text.map("/{}".format),
    st.just("") | text.map("?{}".format),
)
methods = st.sampled_from(["GET", "POST", "get", "PATCH", "PURGE", "p q", "", "é"])
secrets = st.text(max_size=8) | st.just("k" * 200)
extra = st.lists(
    st.tuples(st.sampled_from(["oauth_callback", "oauth_verifier", "oauth_zé%", "realm", "oauth_nonce", "x"]), text),
    max_size=2,
)


def outcome(call):
    """What a call returns, or the error that it raises."""
    try:
        return call()
    except OAuth1Error as error:
        return type(error), str(error), error.parameter


def same(signer, method, uri, form, protocol_parameters, nonce, clock, **options):
    arguments = {"form": form, "protocol_parameters": protocol_parameters}
    expected = outcome(lambda: sign(method, uri, nonce=nonce, timestamp=int(clock), **arguments, **options))
    for _ in range(2):  # the second time from the cache
        assert outcome(lambda: signer.sign(method, uri, **arguments)) == expected
        header = outcome(lambda: signer.authorization_header(method, uri, **arguments))
        if isinstance(expected, list):
            expected_header = outcome(lambda: authorization_header(expected, "R"))
            assert header == expected_header
            own = outcome(lambda: signer.authorization_header(method, uri, realm="own", **arguments))
            assert own == authorization_header(expected, "own")
        else:
            assert header == expected


@settings(max_examples=examples(1500), deadline=None, derandomize=True)
@given(
    method=methods,
    uri=uris,
    form=st.just("") | text | st.binary(max_size=12),
    protocol_parameters=st.just([]) | extra,
    nonce=st.sampled_from(["abc", "n-1", "é", "", "\ud800", "a b", b"abc", 5]),
    clock=st.sampled_from([1, 137131201.9, 0, -5]),
    token=st.sampled_from([None, TOKEN, TokenCredentials("", "")]),
    signature_method=st.sampled_from([HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT, RSA]),
    version=st.sampled_from(["1.0", None]),
)
@example("GET", "http://h/?oauth_=1", "", [], "abc", 1, TOKEN, HMAC_SHA1, "1.0")
@example("GET", "http://h/?oauth_=1", "", [("oauth_", "2")], "abc", 1, TOKEN, HMAC_SHA1, "1.0")
@example("GET", "http://h/", "", [("oauth_token-", "2"), ("oauth_tokenn", "%")], "abc", 1, TOKEN, HMAC_SHA1, "1.0")
@example("GET", "http://h/?a=1", "", [], "abc", 1, TOKEN, PLAINTEXT, "1.0")
@example("GET", "https://h/?a=1", "", [], "abc", 1, TOKEN, PLAINTEXT, "1.0")
@example("GET", "https://h/?a=1", "", [], "abc", 1, TOKEN, RSA, "1.0")
@example("GET", "http://h/?a=oauth_", "oauth%5Fx=1", [], "abc", 1, None, HMAC_SHA1, "1.0")
@example("POST", "http://h/?a=b=c&d", "=&==&a&&a=", [], "abc", 1, None, HMAC_SHA256, None)
@example("GET", "http://h/", "", [], b"abc", 1, None, HMAC_SHA1, "1.0")
@example("GET", "http://h/", "", [], 5, 1, None, HMAC_SHA1, "1.0")
@example("GET", "http://h/", "", [], "\ud800", 1, None, HMAC_SHA1, "1.0")
def test_any_request_is_signed_or_refused_as_sign_does(
    method, uri, form, protocol_parameters, nonce, clock, token, signature_method, version
):
    options = {"client": CLIENT, "token": token, "signature_method": signature_method, "version": version}
    signer = Signer(**options, realm="R", nonce=lambda: nonce, clock=lambda: clock)
    same(signer, method, uri, form, protocol_parameters, nonce, clock, **options)
    another = TokenCredentials("another", "secret") if token is None else None
    signer = Signer(**{**options, "token": another}, realm="R", nonce=lambda: nonce, clock=lambda: clock)
    same(signer.for_token(token), method, uri, form, protocol_parameters, nonce, clock, **options)


@settings(max_examples=examples(300), deadline=None, derandomize=True)
@given(secrets, secrets, secrets, secrets)
def test_any_credentials_are_encoded_as_sign_does(identifier, secret, token_identifier, token_secret):
    options = {
        "client": ClientCredentials("oauth_nonce=" + identifier, secret),
        "token": TokenCredentials("oauth_timestamp%3D" + token_identifier, token_secret),
    }
    signer = Signer(**options, realm="R", nonce=lambda: "abc", clock=lambda: 7)
    same(signer, "GET", "https://example.com/?z=1&a=2", "", [], "abc", 7, **options)


USUAL_REQUESTS = [
    ("GET", "https://example.com/r?b=1&a=%20", ""),
    ("DELETE", "http://example.com:8080/r", ""),
    ("PURGE", "http://example.com/r", ""),
    ("POST", "https://example.com/?z=oauth_", "a=b+c&oauthx=1&oauth_="),
    ("POST", "https://example.com/", b"a=b&p=%C3%A9"),
]


@pytest.mark.parametrize("method, uri, form", USUAL_REQUESTS)
@pytest.mark.parametrize("signature_method", [HMAC_SHA1, HMAC_SHA256, HMAC_SHA512])
def test_a_usual_request_is_not_left_to_sign(monkeypatch, method, uri, form, signature_method):
    """It would come out right, and slowly."""
    options = {"token": TOKEN, "signature_method": signature_method}
    expected = sign(method, uri, CLIENT, form=form, nonce="abc123XYZ", timestamp=1, **options)
    signer = Signer(CLIENT, **options, nonce=lambda: "abc123XYZ", clock=lambda: 1)
    monkeypatch.delattr(oauth1_core.signer, "sign")
    assert signer.sign(method, uri, form=form) == expected
    assert signer.authorization_header(method, uri, form=form) == authorization_header(expected)
    assert Signer(CLIENT, **options).sign(method, uri, form=form)[-1][0] == "oauth_signature"


FURTHER = [
    [("oauth_callback", "https://c.example/?a=b%")],
    [("oauth_z", "é"), ["oauth_body_hash", "+/="]],
    (("oauth_callback", "oob"),),
]


@pytest.mark.parametrize("further", FURTHER)
def test_further_protocol_parameters_and_a_realm_are_not_left_to_sign(monkeypatch, further):
    method, uri, form = USUAL_REQUESTS[2]
    arguments = {"form": form, "protocol_parameters": further}
    expected = sign(method, uri, CLIENT, TOKEN, nonce="abc", timestamp=7, **arguments)
    signer = Signer(CLIENT, TOKEN, nonce=lambda: "abc", clock=lambda: 7)
    monkeypatch.delattr(oauth1_core.signer, "sign")
    assert signer.sign(method, uri, **arguments) == expected
    header = signer.authorization_header(method, uri, realm="own", **arguments)
    assert header == authorization_header(expected, "own")


WRONG_FURTHER = [
    None, 0, 5, [5], "ab", ["ab"], [("oauth_a", 5)], [(5, "a")], [("oauth_a", "\ud800")], [("oauth_a", "b", "c")],
    [("oauth_a", "1"), ("oauth_a", "2")], [("oauth_token", "t")], [("oauth_signature", "s")], [("realm", "r")],
    [("oauth_", "b")], {"oauth_a": "b"}, {("oauth_a", "b")}, [("oauth_a\0b", "c")], [("oauth_a", "b\0c")],
    [("oauth_\ud800", "c")], [("oauth_é", "c")],
]  # fmt: skip


@pytest.mark.parametrize("further", WRONG_FURTHER, ids=repr)
def test_any_further_protocol_parameters_are_signed_or_refused_as_sign_does(further):
    signer = Signer(CLIENT, nonce=lambda: "abc", clock=lambda: 7)
    options = {"protocol_parameters": further, "nonce": "abc", "timestamp": 7}
    expected = outcome(lambda: sign("GET", "http://h/", CLIENT, **options))
    assert outcome(lambda: signer.sign("GET", "http://h/", protocol_parameters=further)) == expected


def test_further_protocol_parameters_may_be_an_iterator():
    signer = Signer(CLIENT, nonce=lambda: "abc", clock=lambda: 7)
    header = signer.authorization_header("GET", "http://h/", protocol_parameters=iter([("oauth_callback", "oob")]))
    assert 'oauth_callback="oob"' in header
    parameters = signer.sign("GET", "http://h/", protocol_parameters=iter([("oauth_callback", "oob")]))
    assert parameters == sign(
        "GET", "http://h/", CLIENT, protocol_parameters=[("oauth_callback", "oob")], nonce="abc", timestamp=7
    )


@pytest.mark.parametrize("realm", ['a"b', "a\\b", "a\nb", "é", "\ud800", 5, b"a"], ids=ascii)
def test_a_realm_that_cannot_be_sent_is_refused_for_one_request_too(realm):
    with pytest.raises(SigningError) as caught:
        Signer(CLIENT).authorization_header("GET", "http://h/", realm=realm)
    assert caught.value.parameter == "realm"


def test_a_signer_for_another_token_has_all_else_of_the_first():
    signer = Signer(CLIENT, signature_method=HMAC_SHA256, realm="R", version=None, nonce=lambda: "abc", clock=lambda: 7)
    for token in (TOKEN, None):
        expected = sign(
            "GET", "http://h/", CLIENT, token, signature_method=HMAC_SHA256, nonce="abc", timestamp=7, version=None
        )
        other = signer.for_token(token)
        assert other.authorization_header("GET", "http://h/") == authorization_header(expected, "R")
    with pytest.raises(SigningError):
        signer.for_token("token")


def test_what_a_uri_puts_into_the_base_string_is_kept_for_the_next_request(monkeypatch):
    signer = Signer(CLIENT)
    for number in range(300):
        signer.sign("GET", f"http://example.com/{number}")
        assert 0 < len(signer._requests) <= oauth1_core.signer.MOST_REQUESTS
    kept = dict(signer._requests)
    for length in (oauth1_core.signer.LONGEST_URI, oauth1_core.signer.LONGEST_URI + 1):
        signer.sign("GET", "http://example.com/".ljust(length, "x"))
    assert [len(uri) for uri in signer._requests if uri not in kept] == [oauth1_core.signer.LONGEST_URI]
    monkeypatch.delattr(Signer, "_around")
    assert signer.authorization_header("GET", "http://example.com/299").startswith("OAuth ")


def test_what_is_kept_of_a_uri_is_right_for_any_method_and_token_and_without_a_form():
    signer = Signer(CLIENT, nonce=lambda: "abc", clock=lambda: 1)
    for method, form, token in (("POST", "a=b", None), ("POST", "", None), ("GET", "", None), ("GET", "c=d", TOKEN)):
        for uri in ("http://h/", "http://h/?z=1"):
            expected = sign(method, uri, CLIENT, token, form=form, nonce="abc", timestamp=1)
            assert signer.for_token(token).sign(method, uri, form=form) == expected


@pytest.mark.parametrize("clock", [0, 0.9, -5])
def test_a_clock_without_a_positive_number_of_seconds_is_refused(clock):
    signer = Signer(CLIENT, clock=lambda: clock)
    for call in (signer.sign, signer.authorization_header):
        with pytest.raises(SigningError) as caught:
            call("GET", "https://example.com/")
        assert caught.value.parameter == "oauth_timestamp"


NOT_A_TIME = ["now", None, [], float("nan"), float("inf"), -float("inf"), 10**5000]


@pytest.mark.parametrize("time", NOT_A_TIME, ids=["text", "None", "list", "nan", "inf", "-inf", "too long"])
def test_a_clock_that_returns_no_time_is_refused(time):
    signer = Signer(CLIENT, clock=lambda: time)
    for call in (signer.sign, signer.authorization_header):
        with pytest.raises(SigningError, match="clock") as caught:
            call("GET", "https://example.com/")
        assert caught.value.parameter == "oauth_timestamp" and caught.value.__suppress_context__


@pytest.mark.parametrize("name", ["nonce", "clock"])
@pytest.mark.parametrize("error", [ValueError, TypeError, OverflowError])
def test_an_error_of_the_callers_own_function_is_passed_on(name, error):
    raised = error("of the caller")

    def fail():
        raise raised

    signer = Signer(CLIENT, **{name: fail})
    for call in (signer.sign, signer.authorization_header):
        with pytest.raises(error) as caught:
            call("GET", "https://example.com/")
        assert caught.value is raised


@pytest.mark.parametrize("nonce", ["", "a-b", "a b", "é"])
def test_a_nonce_of_ones_own_is_signed_or_refused_as_sign_does(nonce):
    signer = Signer(CLIENT, nonce=lambda: nonce, clock=lambda: 7)
    expected = outcome(lambda: sign("GET", "http://h/", CLIENT, nonce=nonce, timestamp=7))
    assert outcome(lambda: signer.sign("GET", "http://h/")) == expected


def test_the_header_holds_further_protocol_parameters():
    signer = Signer(CLIENT, nonce=lambda: "abc", clock=lambda: 7)
    further = [("oauth_callback", "oob")]
    expected = sign("GET", "http://h/", CLIENT, protocol_parameters=further, nonce="abc", timestamp=7)
    header = signer.authorization_header("GET", "http://h/", protocol_parameters=further)
    assert header == authorization_header(expected)


def test_a_realm_cannot_be_taken_for_a_part_of_the_header():
    realm = "oauth_timestamp=, oauth_nonce="
    signer = Signer(CLIENT, realm=realm, nonce=lambda: "abc", clock=lambda: 7)
    expected = authorization_header(sign("GET", "http://h/", CLIENT, nonce="abc", timestamp=7), realm)
    assert signer.authorization_header("GET", "http://h/") == expected


@pytest.mark.parametrize("wrong", [None, 5, b"http://h/", [], [1]], ids=repr)
@pytest.mark.parametrize("place", [0, 1, 2], ids=["method", "uri", "form"])
def test_wrong_types_are_refused_as_sign_does(wrong, place):
    arguments = ["POST", "http://h/", ""]
    if wrong != b"http://h/" or place != 2:
        arguments[place] = wrong
    method, uri, form = arguments
    signer = Signer(CLIENT, nonce=lambda: "abc", clock=lambda: 7)
    expected = outcome(lambda: sign(method, uri, CLIENT, form=form, nonce="abc", timestamp=7))
    assert outcome(lambda: signer.sign(method, uri, form=form)) == expected


def test_what_can_never_be_signed_is_refused_when_the_signer_is_made():
    for arguments, options in (
        (("ck", None), {}),
        ((CLIENT, "tk"), {}),
        ((CLIENT,), {"version": "2.0"}),
        ((CLIENT,), {"signature_method": "HMAC-SHA1"}),
        ((CLIENT,), {"realm": 'a"b'}),
    ):
        with pytest.raises(SigningError):
            Signer(*arguments, **options)


def test_an_identifier_that_cannot_be_encoded_is_named():
    for arguments, name in (
        ((ClientCredentials("\ud800", "s"),), "oauth_consumer_key"),
        ((CLIENT, TokenCredentials("\ud800", "s")), "oauth_token"),
    ):
        with pytest.raises(SigningError) as caught:
            Signer(*arguments)
        assert caught.value.parameter == name


def test_a_digest_that_this_python_lacks_is_named(monkeypatch):
    def refuse(*data):
        raise ValueError("unsupported hash type")

    monkeypatch.setattr(hashlib, "sha1", refuse)
    with pytest.raises(SigningError, match="HMAC-SHA256"):
        Signer(CLIENT)


def test_hash_objects_that_cannot_be_copied_are_left_to_sign(monkeypatch):
    monkeypatch.setattr(oauth1_core.signer, "keyed_hashes", lambda digest, key: (object(), object()))
    signer = Signer(CLIENT, nonce=lambda: "abc", clock=lambda: 7)
    assert signer.sign("GET", "http://h/") == sign("GET", "http://h/", CLIENT, nonce="abc", timestamp=7)


def test_every_request_has_a_nonce_of_its_own_and_the_time():
    signer = Signer(CLIENT, clock=iter(range(1, 100)).__next__)
    signed = [dict(signer.sign("GET", "http://h/")) for _ in range(50)]
    assert len({parameters["oauth_nonce"] for parameters in signed}) == 50
    assert [parameters["oauth_timestamp"] for parameters in signed] == [str(second) for second in range(1, 51)]


def test_the_caches_stay_small():
    signer = Signer(CLIENT, TOKEN)
    for number in range(500):
        signer.sign("GET", f"http://host{number}.example/")
    tracemalloc.start()
    for number in range(5000):
        signer.authorization_header("GET", f"http://host{number}.example/path/{number}?n={number}")
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 200_000


def test_threads_share_a_signer():
    signer = Signer(CLIENT, TOKEN, nonce=lambda: "abc", clock=lambda: 7)
    urls = [f"http://h{number % 300}.example/?n={number % 300}" for number in range(3000)]
    expected = {url: sign("GET", url, CLIENT, TOKEN, nonce="abc", timestamp=7) for url in urls}
    wrong = []

    def work():
        wrong.extend(url for url in urls if signer.sign("GET", url) != expected[url])

    threads = [threading.Thread(target=work) for _ in range(4)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []


def test_the_signer_is_a_public_name():
    assert oauth1_core.Signer is Signer
