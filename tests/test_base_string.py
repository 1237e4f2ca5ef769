"""Signature base string (RFC 5849 section 3.4.1): what is refused, and with what words."""

from urllib.parse import quote

import pytest

from oauth1_core import SigningError, base_string_uri, signature_base_string
from oauth1_core.uris import has_control

URI = "http://example.com/r"


@pytest.mark.parametrize(
    "method", ["", "G ET", "GET\r\n", "GET\n", "É", "G\u0130T", "G\ud800", "G(ET", "G/T", None, b"GET", 5]
)
def test_a_method_is_an_http_token(method):
    with pytest.raises(SigningError) as caught:
        signature_base_string(method, URI, [])
    assert caught.value.parameter == "method"


@pytest.mark.parametrize(
    "method, element", [("get", "GET"), ("Patch", "PATCH"), ("m-search", "M-SEARCH"), ("x!y|%", "X%21Y%7C%25")]
)
def test_a_method_is_signed_in_upper_case_and_encoded(method, element):
    assert signature_base_string(method, URI, []) == element + "&http%3A%2F%2Fexample.com%2Fr&"


def test_the_query_is_not_read_again():
    assert signature_base_string("GET", URI + "?a=b#c=d", iter([("e", "f g")])) == (
        "GET&http%3A%2F%2Fexample.com%2Fr&e%3Df%2520g"
    )


@pytest.mark.parametrize("octet", range(0x80, 0x100))
def test_an_octet_of_the_path_that_is_not_ascii_is_signed_as_itself(octet):
    path = b"/a" + bytes([octet])
    assert base_string_uri("https://example.com" + path.decode("utf-8", "surrogateescape")) == (
        "https://example.com" + quote(path)
    )


@pytest.mark.parametrize("uri", [None, 5, b"http://example.com/", ["http://example.com/"]])
def test_a_uri_is_text(uri):
    with pytest.raises(SigningError) as caught:
        base_string_uri(uri)
    assert caught.value.parameter == "uri"


@pytest.mark.parametrize(
    "uri",
    [
        "hidden.example/", "ftp://hidden@example.com/", "http://u:hidden@/r", "http://u:hidden@a b/",
        "http://hidden:1:2/", "http://example.com:hidden/", "http://u:hidden@example.com:0/",
        "http://u:hidden@example.com:123456/", "http://u:hidden@example.com:99999999999999999999/",
        "http://example.com/hidden\n", "http://\ud800hidden/", "http://\udcffhidden/", "http://hidden\\@/",
        "http://[hidden]/", "http://[]/", "http://[127.0.0.1]/", "http://[::1]hidden/", "http://[::1]]/", "http://x::1]/",
        "http://a]hidden:80/", "http://[fe80::1%25eth0]/", "http:////hidden", "http://\u0661hidden/",
    ],
)  # fmt: skip
def test_a_refused_uri_is_not_shown(uri):
    """It may hold a password, or a signature in its query."""
    with pytest.raises(SigningError) as caught:
        base_string_uri(uri)
    assert caught.value.parameter == "uri"
    assert "hidden" not in str(caught.value)


def test_control_characters_are_those_of_ascii_and_no_others():
    for code in range(0x10000):
        for text in (chr(code), "a" + chr(code) + "é"):
            assert has_control(text) == (code < 0x20 or code == 0x7F)


@pytest.mark.parametrize("host", ["\u212a.example", "\u0130.example", "\uff41.example", "\u017f.example"])
def test_a_host_that_is_not_ascii_is_refused_even_if_its_lower_case_is(host):
    with pytest.raises(SigningError, match="host"):
        base_string_uri(f"http://{host}/")


def test_a_path_that_is_not_unicode_is_refused_and_not_shown():
    with pytest.raises(SigningError) as caught:
        base_string_uri("http://example.com/hidden\ud800")
    assert "hidden" not in str(caught.value)


def test_a_port_has_five_digits_at_most():
    with pytest.raises(SigningError):
        base_string_uri("http://example.com:000080/")
    assert base_string_uri("http://example.com:00080/") == "http://example.com/"
