"""The parts of a request URI (RFC 5849 sections 3.4.1.2 and 3.4.4) that no vector asks for."""

import pytest

from oauth1_core import SigningError, keeps_secrets
from oauth1_core.uris import has_userinfo, is_sound_path, query_of


@pytest.mark.parametrize("host", ["127.0.0.1", "127.255.1.0", "127.9.99.199"])
def test_a_loopback_address_keeps_secrets(host):
    assert keeps_secrets(f"http://{host}/") and keeps_secrets(f"http://{host}:8080/")


@pytest.mark.parametrize(
    "number", ["", "x", "1x", "x1", "01", "00", "256", "1000", "-1", "+1", "1_0", "1" * 5000, "0x1", "1e1"]
)
def test_what_is_no_octet_of_an_address_is_a_name(number):
    assert not keeps_secrets(f"http://127.0.0.{number}/")
    assert not keeps_secrets(f"http://127.{number}.0.1/")


@pytest.mark.parametrize(
    "path, is_sound",
    [
        ("/", True),
        ("/a%2Fb/c;d=e,f@g:h!$&'()*+~._-", True),
        ("/%", False),
        ("/%4", False),
        ("/%4g", False),
        ("/a b", False),
        (" /", False),
        ("/|", False),
        ("/é", False),
        ("/\udcff", False),
        ("/\ud800", False),
        ("\ud800/", False),
    ],
)
def test_a_path_is_sound_where_a_client_can_send_it_as_it_is(path, is_sound):
    assert is_sound_path(path) is is_sound


@pytest.mark.parametrize(
    "uri, has",
    [
        ("http://user@a.example/", True),
        ("http://user:p@a.example", True),
        ("http://@a.example?b", True),
        ("http://u@a.example/b?c?d", True),
        ("http://u@a.example/b://c", True),
        ("http://a.example/b@c", False),
        ("http://a.example/b/c@d", False),
        ("http://a.example?b@c", False),
        ("http://a.example?b/?c@d", False),
        ("http://a.example/b://c@d", False),
    ],
)
def test_userinfo_is_found_in_the_authority_alone(uri, has):
    assert has_userinfo(uri) is has


def test_the_query_is_what_follows_the_first_question_mark():
    assert query_of("http://a.example/b?c?d#e?f") == "c?d" and query_of("http://a.example/#b?c") == ""
    for uri in (None, b"http://a.example/?b", 5):
        with pytest.raises(SigningError, match="str") as refused:
            query_of(uri)
        assert refused.value.parameter == "uri"
