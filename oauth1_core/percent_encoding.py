"""Percent encoding (RFC 5849 section 3.6).

Every string is encoded in exactly one way, both in the signature and in the request. Octets that are not UTF-8 are
represented in a ``str`` by Python's ``surrogateescape``, so decoding and encoding lose nothing. MicroPython has no
``surrogateescape`` and refuses such octets.
"""

import binascii

from .errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# "Characters in the unreserved character set [...] MUST NOT be encoded."
UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
HEX_DIGITS = b"0123456789ABCDEFabcdef"


def percent_encode(text: str) -> str:
    """Return ``text`` with every octet of its UTF-8 encoded as ``%XX``, except the unreserved characters (3.6).

    The unreserved characters are the ASCII letters, digits and ``-._~``. The hexadecimal digits are in upper case.
    Raises SigningError if ``text`` is not a ``str``, or holds a surrogate that ``surrogateescape`` did not make.
    """
    octets = utf8_octets(text)
    # Most text needs no encoding: without this line, sign() takes 1.3 times as long.
    if not octets.rstrip(UNRESERVED):
        return text
    return "".join([ENCODED[octet] for octet in octets])


def percent_decode(text: str) -> str:
    """Return ``text`` with every ``%XX`` replaced by its octet, read as UTF-8 (3.6).

    A percent sign without two hexadecimal digits is kept as it is. Raises SigningError as :func:`percent_encode` does.
    """
    first, *pieces = utf8_octets(text).split(b"%")
    decoded = [first]
    for piece in pieces:
        octet = decoded_octet(piece[:2])
        decoded.append(b"%" + piece if octet is None else octet + piece[2:])
    return utf8_text(b"".join(decoded))


def is_strictly_encoded(text: str) -> bool:
    """Tell whether every percent sign in ``text`` begins an escape, and the decoded text is UTF-8."""
    try:
        pieces = text.encode("utf-8").split(b"%")[1:]
        percent_decode(text).encode("utf-8")
    except (SigningError, UnicodeError):
        return False
    return all([decoded_octet(piece[:2]) is not None for piece in pieces])


def utf8_octets(text: str) -> bytes:
    """Return ``text`` in UTF-8; raises SigningError if ``text`` is not a ``str`` or holds a lone surrogate."""
    try:
        return encode(text, "utf-8", "surrogateescape")
    except (AttributeError, TypeError, UnicodeError):
        # The original exception would show the value in a traceback, and the value may be a secret.
        raise SigningError("text must be a str of valid Unicode") from None


def utf8_text(octets: bytes) -> str:
    """Return ``octets`` decoded; raises SigningError if this Python cannot represent them in a ``str``."""
    try:
        return octets.decode("utf-8", "surrogateescape")
    except UnicodeError:
        raise SigningError("the octets are not UTF-8, and a str of this Python cannot hold them") from None


# The functions below use a table if there is enough memory for it, and compute the same values otherwise. MicroPython
# and CircuitPython, which have no bytes.translate, compute: two tables take 44 KB there, and all of signing 50 KB.
ROOMY = hasattr(bytes, "translate")


def spelled(octet: int) -> str:
    return chr(octet) if octet in UNRESERVED else "%{:02X}".format(octet)


def octet_of(digits: bytes) -> "bytes | None":
    """Return the octet that two hexadecimal digits encode, ``None`` if ``digits`` are not two hexadecimal digits."""
    try:
        return binascii.unhexlify(digits) or None
    except ValueError:
        return None


def table_of(entry: "Callable[[int], str]") -> "list[str] | Computed":
    """Return a table that maps each octet to ``entry(octet)``."""
    return [entry(octet) for octet in range(256)] if ROOMY else Computed(entry)


class Computed:
    """A table that computes each entry when it is read."""

    def __init__(self, entry: "Callable[[int], str]") -> None:
        self.entry = entry

    def __getitem__(self, octet: int) -> str:
        return self.entry(octet)


def translated(octets: bytes, table: "bytes | None", delete: bytes = b"") -> bytes:
    return bytes([octet if table is None else table[octet] for octet in octets if octet not in delete])


def strictly_encoded(text: str, encoding: str, errors: str) -> bytes:
    """Return ``text`` in UTF-8; raises UnicodeError for a surrogate, which MicroPython would encode."""
    octets = text.encode("utf-8")
    if any([piece[:1] >= b"\xa0" for piece in octets.split(b"\xed")[1:]]):
        raise UnicodeError()
    return octets


ENCODED = table_of(spelled)
DECODED = {bytes([a, b]): octet_of(bytes([a, b])) for a in HEX_DIGITS for b in HEX_DIGITS} if ROOMY else {}
decoded_octet: "Callable[[bytes], bytes | None]" = DECODED.get if ROOMY else octet_of
encode: "Callable[[str, str, str], bytes]" = str.encode if ROOMY else strictly_encoded
translate: "Callable[..., bytes]" = getattr(bytes, "translate", translated)
