"""Percent encoding (RFC 5849 section 3.6): octets both ways, types, and messages."""

import traceback
from urllib.parse import quote, unquote_to_bytes

import pytest

from oauth1_core import SigningError, percent_decode, percent_encode
from oauth1_core.percent_encoding import is_strictly_encoded, translated

OCTETS = [bytes([octet]) for octet in range(256)] + [bytes(range(256)), "é😀".encode(), b"\xc3(\xed\xa0\x80"]
# U+DC80 to U+DCFF are the octets that are not UTF-8; every other surrogate stands for nothing.
LONE_SURROGATES = ["\ud800", "\udbff", "\udc00", "\udc7f", "\udd00", "\udfff"]


def as_text(octets):
    return octets.decode("utf-8", "surrogateescape")


@pytest.mark.parametrize("octets", OCTETS)
def test_any_octets_are_encoded_and_decoded_without_loss(octets):
    encoded = percent_encode(as_text(octets))
    assert encoded == quote(octets, safe="-._~")
    assert percent_decode(encoded).encode("utf-8", "surrogateescape") == octets


@pytest.mark.parametrize("digits", ["0123456789ABCDEF", "0123456789abcdef"])
def test_an_escape_is_read_in_either_case(digits):
    for text in ["%" + a + b for a in digits for b in digits]:
        assert percent_decode(text).encode("utf-8", "surrogateescape") == unquote_to_bytes(text)


def test_a_raw_octet_and_an_escape_make_one_character_together():
    assert percent_decode("\udcc3%A9") == "é"
    assert percent_decode("%C3\udca9") == "é"


@pytest.mark.parametrize("surrogate", LONE_SURROGATES)
def test_a_surrogate_that_stands_for_no_octet_is_refused_without_showing_the_text(surrogate):
    for call, text in ((percent_encode, "hidden" + surrogate), (percent_decode, "hidden%20" + surrogate)):
        with pytest.raises(SigningError) as caught:
            call(text)
        shown = "".join(traceback.format_exception_only(caught.type, caught.value))
        assert "hidden" not in shown
        assert caught.value.__suppress_context__


@pytest.mark.parametrize("table", [None, bytes(range(255, -1, -1))])
@pytest.mark.parametrize("delete", [b"", b"a%\x00\xff"])
def test_octets_are_translated_as_python_does_where_it_does_not(table, delete):
    for octets in [*OCTETS, b"", b"aaa"]:
        assert translated(octets, table, delete) == octets.translate(table, delete)
    assert translated(b"aXb", None) == b"aXb"


@pytest.mark.parametrize("wrong", [None, 5, b"octets", b"%41", bytearray(b"a"), ["a"], object()])
@pytest.mark.parametrize("call", [percent_encode, percent_decode])
def test_what_is_not_text_is_a_signing_error(call, wrong):
    with pytest.raises(SigningError):
        call(wrong)


@pytest.mark.parametrize(
    "text, strict",
    [
        ("", True), ("a b+é", True), ("%C3%A9", True), ("%c3%a9", True), ("%00", True), ("%25", True),
        ("%", False), ("%4", False), ("%G1", False), ("%1é", False), ("%%41", False),
        ("%FF", False), ("%C3", False), ("%C3&%A9", False), ("%C0%80", False), ("%ED%A0%80", False),
        ("%80", False), ("%9f", False),
        ("%F8%88%80%80%80", False), ("\udcff", False), ("\udcc3\udca9", False), ("\ud800", False), ("%41\ud800", False),
    ],
)  # fmt: skip
def test_strict_is_what_every_reader_understands_in_the_same_way(text, strict):
    assert is_strictly_encoded(text) is strict
