"""Request parameters (RFC 5849 section 3.4.1.3): types, octets, and what an error says."""

from urllib.parse import unquote_to_bytes

import pytest

from oauth1_core import SigningError, collect_parameters, decode_form, normalize_parameters

URI = "http://example.com/r?b5=%3D%253D&a3=a"
FORMS = [b"c2&a3=2+q", b"f[x]={y}|^`'&q=1", "q=é😀".encode(), b"a=%FF&b=\xfe&%C3=\xc3\xa9", b"a=%C3%A9;%2B+&=&a=b=c"]


@pytest.mark.parametrize("form", FORMS)
def test_octets_and_text_are_read_alike_and_without_loss(form):
    expected = [
        tuple(unquote_to_bytes(part).decode("utf-8", "surrogateescape") for part in piece.partition(b"=")[::2])
        for piece in form.replace(b"+", b" ").split(b"&")
    ]
    assert decode_form(form) == decode_form(form.decode("utf-8", "surrogateescape")) == expected


def test_collecting_keeps_order_and_duplicates_and_changes_no_argument():
    protocol_parameters = [("a3", "b"), ("a3", "b")]
    collected = collect_parameters(URI, protocol_parameters, b"a3=a")
    assert collected == [("b5", "=%3D"), ("a3", "a"), ("a3", "b"), ("a3", "b"), ("a3", "a")]
    assert collect_parameters(URI, iter(protocol_parameters), "a3=a") == collected
    collected.clear()
    assert protocol_parameters == [("a3", "b"), ("a3", "b")]
    assert collect_parameters(URI) == [("b5", "=%3D"), ("a3", "a")]


@pytest.mark.parametrize("wrong", [None, 5, bytearray(b"a=b"), memoryview(b"a=b"), [("a", "b")]])
def test_a_form_is_text_or_octets(wrong):
    for call in (lambda: decode_form(wrong), lambda: collect_parameters(URI, (), wrong)):
        with pytest.raises(SigningError) as caught:
            call()
        assert caught.value.parameter == "form"


@pytest.mark.parametrize("wrong", [None, b"http://example.com/", 5])
def test_a_uri_is_text(wrong):
    with pytest.raises(SigningError) as caught:
        collect_parameters(wrong)
    assert caught.value.parameter == "uri"


@pytest.mark.parametrize("pair", [(), ("a",), ("a", "b", "c"), 5, None, "abc", {"a": "b"}])
@pytest.mark.parametrize(
    "call",
    [normalize_parameters, lambda pairs: normalize_parameters(collect_parameters(URI, pairs))],
    ids=["normalize", "collect"],
)
def test_what_is_not_a_pair_is_a_signing_error(call, pair):
    with pytest.raises(SigningError, match="pairs"):
        call([("a", "b"), pair])


@pytest.mark.parametrize(
    "name, value",
    [("a", None), ("a", b"hidden"), ("a", 5), ("a", "hidden\ud800"), ("a\ud800", "hidden"), (None, "x"), (1, "x")],
)
def test_a_parameter_that_is_not_text_is_named_and_its_value_is_not(name, value):
    with pytest.raises(SigningError) as caught:
        normalize_parameters([("x", "y"), (name, value)])
    assert caught.value.parameter == name
    assert ascii(name) in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_parameters_may_be_any_iterable():
    assert normalize_parameters(iter([["b", "2 q"], ("a", "\udcff")])) == "a=%FF&b=2%20q"
    assert normalize_parameters(()) == ""


def test_octets_that_came_one_by_one_make_a_character():
    assert decode_form("a\udcc3\udca9=\udcf0\udc9f\udc98\udc80") == [("aé", "😀")]


def test_a_form_that_is_not_unicode_is_refused_with_or_without_an_escape():
    for form in ("a=hidden\ud800", "a=hidden%20&\udfff"):
        with pytest.raises(SigningError) as caught:
            decode_form(form)
        assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong", [["ab"], ["ab", "cd"], "ab", [("a", "b"), "cd"], [("a", "b", "c")], [("a",)], 5, None]
)
def test_a_text_of_two_characters_is_not_a_pair(wrong):
    with pytest.raises(SigningError):
        normalize_parameters(wrong)
    with pytest.raises(SigningError):
        collect_parameters(URI, wrong)
