"""Quick paths (RFC 5849 section 3.4.1). Each gives the same result as a plain function of the other modules.

Strategy. Most requests are written by a library, and their names and values already have the canonical encoding of
section 3.6. Such text is neither decoded nor encoded again: it is checked as a whole, then cut and sorted as it is.
Any other legal text is decoded as a whole, and each kind of octet is encoded everywhere at once. Text that is not
legal takes the plain path.

A *canonical pair* is a parameter as one string: encoded name, NUL, encoded value. Encoded text never contains NUL, so
canonical pairs sort in the same order as pairs, and every parameter has exactly one canonical pair.

Only ``signer`` and ``receiving`` use this module. The figure beside each function is the CPU time to sign or verify a
request without the function, as a multiple of the time with it (``python -m benchmarks.gains``).
``tests/test_canonical.py`` holds each function equal to its plain counterpart.
"""

import binascii

from .base_string import signed_method
from .parameters import decode_form, encoded_pairs
from .percent_encoding import ENCODED, UNRESERVED, is_strictly_encoded, percent_encode, translate
from .transmission import (
    FORM,
    REALM_OCTETS,
    authorization_header,
    is_form_type,
    read_authorization_header,
    split_scheme,
)
from .uris import has_control, has_userinfo, origin_of, spelled_path, split_uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable
    from typing import Any

    from .parameters import Parameters

USUAL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
FORM_CHARACTERS = UNRESERVED + b"%+"
UNRESERVED_AND_PERCENT = UNRESERVED + b"%"
# These tables write escapes as quoted-printable does: the same encoding with another sign (RFC 2045 section 6.7). By
# the first, only the digits of usual escapes, which are in upper case, remain digits; "+", "=" and "&" become
# unreserved. By the second, "=" and "&" become NUL and U+0001.
USUAL_ESCAPES = bytes([{0x25: 0x3D}.get(octet, 0x67 if octet in b"abcdef+=&" else octet) for octet in range(256)])
ANY_ESCAPES = bytes([{0x25: 0x3D, 0x2B: 0x20, 0x3D: 0, 0x26: 1}.get(octet, octet) for octet in range(256)])
# The octets that percent_encode() escapes, without NUL and U+0001. The percent sign is first, because every escape
# begins with it.
RESERVED = b"%" + bytes([octet for octet in range(2, 256) if octet not in UNRESERVED and octet != 0x25])
# MicroPython has no such function; there, every form with an escape takes the plain path.
quoted_printable: "Callable[[str | bytes], bytes] | None" = getattr(binascii, "a2b_qp", None)

# A pattern gains nothing for a longer form, and takes more memory.
SHORT = 1000
# A query or form of name=value pairs with "&" between them. NOT_ENCODED_ASCII checks the escapes.
USUAL_QUERY = "{0}={0}(?:&{0}={0})*".format("[A-Za-z0-9._~%+-]*")
# A URI in which only ":" and "/" must be encoded before the query, and which has no default port. The groups are the
# text before the query, a usual query, and any other query.
USUAL_URI = (
    "(https?://[a-z0-9.-]+(?::(?!(?:80|443)/)[1-9][0-9]{0,3})?/[A-Za-z0-9._~/-]*)"
    "(?:[?](?:(" + USUAL_QUERY + ")|([^#]*)))?"
)
# A percent sign that begins no escape of an ASCII character as percent_encode() writes it.
NOT_ENCODED_ASCII = "%(?!2[0-9A-CF])(?![01][0-9A-F])(?!3[A-F]|40|5[B-E]|60|7[BCDF])"

# A header as authorization_header() writes it if all values are ASCII and there is no realm. The space after a comma
# may be absent.
USUAL_HEADER = 'OAuth (?:oauth_[a-z_]+="[A-Za-z0-9._~%-]*"(?:, (?=o)|,(?=o)|$))+'
# The same with a realm and only the parameters of section 3.1, in any order, each value in a group. Only the signature
# has escapes.
USUAL_VALUES = (
    'OAuth (?:realm="([ !#-[\\]-~]*)", ?(?=o))?(?:oauth_(?:consumer_key="({0}+)"|token="({0}+)"'
    '|signature_method="([A-Z0-9-]+)"|timestamp="([1-9][0-9]{{0,11}})"|nonce="({0}+)"|version="(1[.]0)"'
    '|signature="([A-Za-z0-9]+(?:%(?:2[BF]|3D)[A-Za-z0-9]*)*)")(?:, (?=o)|,(?=o)|$))+'
).format("[A-Za-z0-9._~-]")

COMPILED: "dict[str, re.Pattern[str] | NoPattern]" = {}


# Canonical pairs.


def canonical_pairs(parameters: "Iterable[tuple[str, str]]") -> "list[str]":
    return [name + "\0" + value for name, value in encoded_pairs(parameters)]


def pairs_of_form(form: str, percent: str = "%") -> "list[str]":
    """Return ``canonical_pairs(decode_form(form))`` with ``percent`` for "%": "%25" encodes them once more.

    Without it: 10 times as long to sign, for a large form.
    """
    pairs = canonical_pairs_of(form, percent=percent)
    if pairs is None:
        pairs = [pair.replace("%", percent) for pair in canonical_pairs(decode_form(form))]
    return pairs


def strict_pairs_of_form(form: str) -> "list[str] | None":
    """Return ``pairs_of_form(form)`` if :func:`is_strictly_encoded`, else ``None``. Without it: 4 times, if large."""
    pairs = canonical_pairs_of(form, strict=True)
    if pairs is None and is_strictly_encoded(form):
        return canonical_pairs(decode_form(form))
    return pairs


def canonical_pairs_of(form: str, strict: bool = False, percent: str = "%") -> "list[str] | None":
    """Return ``canonical_pairs(decode_form(form))``, or ``None`` for a form that has to take the plain path.

    Such a form has a broken escape, a character that is not ASCII, or an end of line; or it is not spelled as usual and
    holds NUL or U+0001. If ``strict``, a form whose octets are not UTF-8 is ``None`` too. ``percent`` is as in
    :func:`pairs_of_form`.
    """
    if len(form) <= SHORT and is_usual(form):
        return form.replace("%", percent).replace("+", percent + "20").replace("=", "\0").split("&")
    octets = form.encode("utf-8", "surrogatepass")
    marks = translate(octets, None, FORM_CHARACTERS)
    others = b""
    if marks + b"&" != b"=&" * (len(marks) + 1 >> 1):
        others = translate(marks, None, b"=&")
        if others and (len(octets) != len(form) or b"\n" in others or b"\r" in others):
            return None
        marks = translate(marks, None, others)
    text = None if others else usual_text(octets, strict, percent)
    if text is None:
        text = text_encoded_anew(octets, len(marks), strict, percent)
    if text is None:
        return None
    pairs = text.split("&")
    if marks + b"&" == b"=&" * len(pairs):
        return pairs
    pairs = [pair if "\0" in pair else pair + "\0" for pair in pairs if pair]
    # Two "=" in a row belong to one pair: the second is data.
    if b"==" not in marks:
        return pairs
    return [pair if pair.count("\0") == 1 else with_one_nul(pair, percent) for pair in pairs]


def is_usual(form: str) -> bool:
    """Tell whether ``form`` is name=value pairs, ASCII and encoded, with "&" between them. Without it: 1.07 times."""
    if "%" in form and compiled(NOT_ENCODED_ASCII).search(form):
        return False
    return compiled(USUAL_QUERY).fullmatch(form) is not None


def usual_text(octets: bytes, strict: bool, percent: str) -> "str | None":
    """Return a form encoded, with NUL for "="; or ``None`` if percent_encode() would write an escape differently.

    ``octets`` has only unreserved characters, "%", "+", "=" and "&".
    """
    escapes = octets.count(b"%")
    if escapes:
        if quoted_printable is None:
            return None
        # A usual escape becomes one reserved octet. A broken or lower-case escape stays longer; others are unreserved.
        decoded = quoted_printable(translate(octets, USUAL_ESCAPES))
        if len(octets) - len(decoded) != 2 * escapes or len(translate(decoded, None, UNRESERVED)) != escapes:
            return None
        if strict and not is_utf8(decoded):
            return None
    return octets.decode("ascii").replace("%", percent).replace("+", percent + "20").replace("=", "\0")


def text_encoded_anew(octets: bytes, marks: int, strict: bool, percent: str) -> "str | None":
    """Return the same for any legal spelling: decode the form, then encode each kind of octet everywhere at once."""
    if quoted_printable is None:
        return None
    decoded = quoted_printable(translate(octets, ANY_ESCAPES))
    if (
        # A broken escape does not become one octet.
        len(octets) - len(decoded) != 2 * octets.count(b"%")
        # The data holds NUL or U+0001.
        or decoded.count(b"\0") + decoded.count(b"\1") != marks
        or (strict and not is_utf8(decoded))
    ):
        return None
    for octet in translate(RESERVED, None, translate(RESERVED, None, decoded)):
        decoded = decoded.replace(bytes([octet]), ENCODED[octet].replace("%", percent).encode())
    return decoded.decode("ascii").replace("\1", "&")


def is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeError:
        return False
    return True


def with_one_nul(pair: str, percent: str) -> str:
    """Return a canonical pair, given one in which each "=" is NUL."""
    name, _, value = pair.partition("\0")
    return name + "\0" + value.replace("\0", percent + "3D")


def pairs_of_header(value: str) -> "tuple[list[str], list[str]]":
    """Return the protocol parameters of an Authorization header field, and its realms.

    The first are ``canonical_pairs(parse_authorization_header(value))``. Without it: 3 times as long to verify.
    """
    if compiled(USUAL_HEADER).fullmatch(value) and not compiled(NOT_ENCODED_ASCII).search(value):
        # Only these are not part of an encoded name or value.
        return value[len("OAuth ") : -1].replace('="', "\0").replace('", ', '",').split('",'), []
    pairs = read_authorization_header(value)
    realms = [value for name, value in pairs if name == "realm"]
    return canonical_pairs([pair for pair in pairs if pair[0] != "realm"]), realms


def header_of_realm(realm: str) -> str:
    """Return ``authorization_header((), realm)``. Without it: 1.15 times, for a realm of one request."""
    if type(realm) is str and not translate(realm.encode("utf-8", "surrogatepass"), None, REALM_OCTETS):
        return 'OAuth realm="' + realm + '"'
    return authorization_header((), realm)


def values_of_header(value: str) -> "tuple[tuple[str | None, ...], list[str]] | None":
    """Return the values of a usual header, and its pairs as :func:`pairs_of_header` returns them.

    The values are realm, client, token, method, timestamp, nonce, version and encoded signature; ``None`` for what is
    absent. Returns ``None`` if the header has any other parameter, or the same one twice, or a value that needs another
    check than the check of its length. Without it: 1.2 times as long to verify.
    """
    usual = compiled(USUAL_VALUES).fullmatch(value)
    if usual is None:
        return None
    values = usual.groups()
    start = len("OAuth ") if values[0] is None else value.index("oauth_", usual.end(1))
    # The space after a comma may be absent.
    pairs = value[start:-1].replace('="', "\0").replace('",o', '", o').split('", ')
    # If a parameter is there twice, the pattern has only its last value.
    return (values, pairs) if len(pairs) == 8 - values.count(None) - (values[0] is not None) else None


def quick_percent_encode(text: str) -> str:
    """Return ``percent_encode(text)``. Without it: 1.05 times, for a callback."""
    try:
        octets = text.encode("ascii")
    except UnicodeError:
        return percent_encode(text)
    text = text.replace("%", "%25")
    for octet in set(translate(octets, None, UNRESERVED_AND_PERCENT)):
        text = text.replace(chr(octet), ENCODED[octet])
    return text


def decoded_pairs(pairs: "list[str]") -> "Parameters":
    """Return the parameters from which :func:`canonical_pairs` made ``pairs``. Without it: 1.4 to 4.9 times."""
    texts = decode_encoded("\0".join(pairs)).split("\0")
    if len(texts) != 2 * len(pairs):
        # A name or value holds NUL.
        return [(decode_encoded(name), decode_encoded(value)) for name, value in [pair.split("\0") for pair in pairs]]
    one_by_one = iter(texts)
    return list(zip(one_by_one, one_by_one))


def decode_encoded(encoded: str) -> str:
    """Return ``percent_decode(encoded)`` of text that :func:`percent_encode` wrote. Without it: 1.1 to 2.8 times."""
    return octets_of(encoded).decode("utf-8", "surrogateescape")


def octets_of(encoded: str) -> bytes:
    return binascii.a2b_qp(encoded.replace("%", "="))


# The base string.


def start_of_base_string(
    method: str,
    uri: str,
    pairs_of_query: "Callable[[str], list[str]]",
    spell: "Callable[[str], str]" = spelled_path,
) -> "tuple[str, list[str]]":
    """Return ``signature_base_string(method, uri, ())`` and ``pairs_of_query(query_of(uri))``.

    ``pairs_of_query`` is not called for a usual query, nor ``spell`` for a path of unreserved characters and slashes.
    Without it: 1.3 to 1.6 times.
    """
    if method not in USUAL_METHODS:
        method = percent_encode(signed_method(method))
    target, query, is_usual = target_and_query(uri, spell)
    if is_usual:
        pairs = query.replace("+", "%20").replace("=", "\0").split("&")
    else:
        pairs = pairs_of_query(query) if query else []
    return f"{method}&{target}&", pairs


def target_and_query(uri: str, spell: "Callable[[str], str]" = spelled_path) -> "tuple[str, str, bool]":
    """Return ``percent_encode(base_string_uri(uri))``, ``query_of(uri)``, and whether the query is a usual one.

    A usual query is what :func:`is_usual` accepts. ``spell`` is as in :func:`start_of_base_string`.
    """
    usual = compiled(USUAL_URI).fullmatch(uri)
    if usual is None:
        target, _, query = uri.partition("#")[0].partition("?")
        return percent_encode(origin_of(target) + spell(split_uri(target)[2])), query, False
    target, regular, query = usual.groups("")
    target = target.replace(":", "%3A").replace("/", "%2F")
    if regular == "":
        return target, query, False
    return target, regular, not ("%" in regular and compiled(NOT_ENCODED_ASCII).search(regular))


def encode_again(pairs: str) -> str:
    """Return ``percent_encode`` of canonical pairs joined by "&", NUL read as "=". Without it: 1.2 to 1.8 times."""
    return pairs.replace("%", "%25").replace("&", "%26").replace("\0", "%3D")


# Quick exits of the verifier: for nearly every request, one cheap check finds the result, otherwise the plain function
# does. None gains 5 % alone, all together gain 4 to 8 %. To understand the algorithm, read each without its "quick_".


def quick_is_form_type(content_type: str) -> bool:
    return content_type == FORM or (content_type != "" and is_form_type(content_type))


def quick_is_oauth(authorization: str) -> bool:
    return authorization.startswith("OAuth ") or split_scheme(authorization)[0] == "oauth"


def quick_has_control(text: str) -> bool:
    # Printable text has no control characters.
    return not text.isprintable() and has_control(text)


def quick_protocol_pairs(pairs: "list[str]") -> "list[str]":
    """Return those whose name begins with ``oauth_``."""
    return [pair for pair in pairs if pair.startswith("oauth_")] if "oauth_" in "&".join(pairs) else []


def quick_has_userinfo(uri: str) -> bool:
    return "@" in uri and has_userinfo(uri)


# Patterns.


def compiled(pattern: str) -> "re.Pattern[str] | NoPattern":
    """Return the pattern, compiled on first use: importing ``re`` takes longer than importing this whole package."""
    found = COMPILED.get(pattern)
    if found is None:
        import re

        found = COMPILED[pattern] = re.compile(pattern) if hasattr(re, "fullmatch") else NoPattern()
    return found


class NoPattern:
    """Replaces a pattern that MicroPython's ``re`` cannot compile. Its answers always lead to the plain path."""

    def search(self, *text_and_position: object) -> "Any":
        return self

    def fullmatch(self, text: str) -> None:
        return None
