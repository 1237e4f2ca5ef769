"""Percent encoding (RFC 5849 section 3.6).

One spelling for every string, the one that is signed and sent. Octets that are not UTF-8 travel in
``str`` as Python's ``surrogateescape`` puts them there, so that nothing is lost either way.
"""

import binascii

from .errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable

# "Characters in the unreserved character set [...] MUST NOT be encoded."
UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
FORM_CHARACTERS = UNRESERVED + b"%&="
HEX_DIGITS = "0123456789ABCDEFabcdef"

# A percent sign without an escape that percent_encode() writes: upper case, not of an unreserved character.
OTHER_ESCAPE = "%(?![0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[BCDF])"
# The same, or one with the escape of an octet that is not ASCII.
NOT_ENCODED_ASCII = "%(?![01][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[BCDF])"
ENCODED_CHARACTERS = "[A-Za-z0-9._~%-]*"
# One that does not begin the escape of an ASCII character.
NO_ASCII_ESCAPE = "%(?![0-7][0-9A-Fa-f])"

COMPILED: "dict[str, re.Pattern[str] | Undecided]" = {}

ENCODED = [chr(octet) if octet in UNRESERVED else "%{:02X}".format(octet) for octet in range(256)]
DECODED = {(a + b).encode("ascii"): bytes([int(a + b, 16)]) for a in HEX_DIGITS for b in HEX_DIGITS}


def percent_encode(text: str) -> str:
    """Return ``text`` as ASCII in which all but the unreserved characters are ``%XX``, in upper case.

    Raises SigningError if ``text`` is not a ``str`` or holds a surrogate that stands for no octet.
    """
    octets = utf8_octets(text)
    if not octets.rstrip(UNRESERVED):
        return text
    return "".join([ENCODED[octet] for octet in octets])


def encode_again(encoded: str, equals: str = "=") -> str:
    """Return what :func:`percent_encode` would, for encoded names and values joined by ``equals``, for "=", and "&"."""
    return encoded.replace("%", "%25").replace("&", "%26").replace(equals, "%3D")


def percent_decode(text: str) -> str:
    """Return ``text`` with every ``%XX`` replaced by its octet, read as UTF-8.

    A percent sign without two hexadecimal digits stays as it is; :func:`is_strictly_encoded` tells.
    Raises SigningError as :func:`percent_encode` does.
    """
    octets = utf8_octets(text)
    if b"%" in octets:
        pieces = octets.split(b"%")
        decoded = pieces[:1]
        for piece in pieces[1:]:
            octet = DECODED.get(piece[:2])
            decoded.append(b"%" + piece if octet is None else octet + piece[2:])
        octets = b"".join(decoded)
    return octets.decode("utf-8", "surrogateescape")


def decode_encoded(encoded: str) -> str:
    """Return ``percent_decode(encoded)``, quicker, for what :func:`percent_encode` wrote."""
    # Quoted-printable is the same encoding with another sign, which the text does not hold (RFC 2045 section 6.7).
    return binascii.a2b_qp(encoded.replace("%", "=")).decode("utf-8", "surrogateescape")


def is_strictly_encoded(text: str) -> bool:
    """Tell whether every percent sign in ``text`` begins an escape and what it decodes to is UTF-8."""
    try:
        octets = text.encode("utf-8")
        if not compiled(NO_ASCII_ESCAPE).search(text):
            return True
        if not all([piece[:2] in DECODED for piece in octets.split(b"%")[1:]]):
            return False
        percent_decode(text).encode("utf-8")
        return True
    except UnicodeEncodeError:
        return False


def is_canonical(form: str) -> bool:
    """Tell whether names and values in ``form`` are spelled as :func:`percent_encode` does."""
    if translate(form.encode("utf-8", "replace"), None, FORM_CHARACTERS):
        return False
    return not compiled(OTHER_ESCAPE).search(form)


def compiled(pattern: str) -> "re.Pattern[str] | Undecided":
    """Return the pattern, compiled when it is first needed: ``re`` takes longer to import than all of this."""
    found = COMPILED.get(pattern)
    if found is None:
        import re

        found = COMPILED[pattern] = re.compile(pattern) if hasattr(re, "fullmatch") else Undecided()
    return found


class Undecided:
    """Stands for a pattern that is too much for MicroPython's ``re``: no text is taken for a usual one."""

    def search(self, text: str) -> bool:
        return True

    def fullmatch(self, text: str) -> bool:
        return False


def translated(octets: bytes, table: "bytes | None", delete: bytes = b"") -> bytes:
    """Return ``octets.translate(table, delete)``, which MicroPython does not have."""
    return bytes([octet if table is None else table[octet] for octet in octets if octet not in delete])


translate: "Callable[..., bytes]" = getattr(bytes, "translate", translated)


def utf8_octets(text: str) -> bytes:
    """Return the octets that ``text`` stands for; raises SigningError where there are none."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except (AttributeError, UnicodeEncodeError):
        # The original exception would show the value in a traceback, and the value may be a secret.
        raise SigningError("text is not valid Unicode") from None
