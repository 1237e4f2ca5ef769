"""What the adapters share: which origin a request is signed for, and what is taken out again."""

import pytest

from oauth1_core import PLAINTEXT, ClientCredentials, SigningError, TokenCredentials
from oauth1_core.adapters.clock import LearningClock
from oauth1_core.adapters.outgoing import RequestSigner, SignedHops, with_query, without_query_parameters

CLIENT, TOKEN = ClientCredentials("client", "cs"), TokenCredentials("token", "ts")


@pytest.mark.parametrize(
    "uri, is_same",
    [
        ("https://api.example/other?x=1", True),
        ("HTTPS://user@API.Example:443", True),
        ("http://api.example/", False),
        ("http://api.example:443/", False),
        ("https://api.example:80/", False),
        ("https://api.example:8443/", False),
        ("https://api.example.evil.example/", False),
        ("https://api.example@evil.example/", False),
        ("https://www.api.example/", False),
        ("https://api.example./", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(uri, is_same):
    hops = SignedHops(RequestSigner(CLIENT), "https://api.example/r")
    assert hops.may_sign(uri) is is_same
    assert hops.may_sign("https://api.example/r") is is_same, "who has been elsewhere is not trusted again"


@pytest.mark.parametrize("uri", ["https://h/", "https://h/r?a=1&b=%2f+&&c?", "https://h/?x_oauth_token=1"])
def test_all_that_was_put_into_a_query_can_be_taken_out(uri):
    auth = RequestSigner(CLIENT, TOKEN, placement="query", body_hash="auto")
    _, query, _ = auth.signed("POST", uri, False, b"x")
    assert query.count("&oauth_") >= 7 and "oauth_body_hash=" in query
    signed = with_query(uri + "#f?", query)
    assert without_query_parameters(signed) == uri + "#f?"
    # A server may repeat it where it likes.
    assert without_query_parameters("https://h/?" + query + "&z=1&" + query).count("oauth_") == uri.count("oauth_") * 2


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_has_no_body_by_its_method_is_signed_in_its_header(method):
    auth = RequestSigner(CLIENT, placement="form")
    assert auth.signed(method, "https://h/", True, b"")[0] == "header"
    assert auth.signed("POST", "https://h/", True, b"")[0] == "form"


def test_the_digest_of_a_method_without_one_is_that_of_the_extension():
    """The SHA-1 of nothing in base64, by openssl."""
    auth = RequestSigner(CLIENT, signature_method=PLAINTEXT, body_hash="always")
    _, header, _ = auth.signed("GET", "https://h/", False, b"")
    assert 'oauth_body_hash="2jmj7l5rSw0yVb%2FvlWAYkK%2FYBwk%3D"' in header


@pytest.mark.parametrize("time", ["now", None, float("nan"), float("inf")], ids=repr)
def test_a_learning_clock_over_a_clock_that_returns_no_time_is_refused(time):
    auth = RequestSigner(CLIENT, clock=LearningClock(clock=lambda: time))
    with pytest.raises(SigningError, match="clock") as caught:
        auth.signed("GET", "https://h/", False, b"")
    assert caught.value.parameter == "oauth_timestamp"
