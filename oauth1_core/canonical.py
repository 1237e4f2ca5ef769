"""The quick paths (RFC 5849 section 3.4.1), each equal to a plain function that stands above it.

Strategy. Most requests are spelled already as section 3.6 spells them, because a library wrote them. What is
spelled so need be neither decoded nor encoded again: one look at the whole text tells, and then the text is
cut and sorted as it stands. In other legal text, each character and each escape that 3.6 spells otherwise is
replaced, all of its kind at once. What is not legal takes the plain path.

A *canonical pair* is one parameter in one text, as it is signed: encoded name, NUL, encoded value. Encoded
text is ASCII without NUL, so canonical pairs sort as the pairs themselves do, and each parameter has one
spelling only.

Only ``signer`` and ``receiving`` use this module. The figure beside each function says how much longer it takes
them to sign or verify a request without it (CPU time, by ``python -m benchmarks.gains``), and
``tests/test_canonical.py`` holds each equal to its plain counterpart.
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
from .uris import DEFAULT_PORTS, has_control, has_userinfo, origin_of, spelled_path, split_uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable
    from typing import Any

    from .parameters import Parameters

USUAL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
FORM_CHARACTERS = UNRESERVED + b"%+"
PAIR_CHARACTERS = UNRESERVED + b"%\0"
# More kinds of escape than this are decoded, so that time stays linear.
MOST_ESCAPES = 64

# A URI in which nothing before the query has to be encoded, but for ":" and "/"; scheme, host, port, path, and a query
# of name=value, encoded, or any other.
USUAL_URI = (
    "(https?)://([a-z0-9.-]+)(?::([1-9][0-9]{{0,3}}))?(/[A-Za-z0-9._~/-]*)"
    "(?:[?](?:((?:{0}={0}(?:&(?=.)|$))+)|([^#]*)))?"
).format("[A-Za-z0-9._~%+-]*")
# A percent sign without an escape that percent_encode() writes: upper case, not of an unreserved character.
OTHER_ESCAPE = "%(?![0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[BCDF])"
BROKEN_ESCAPE = "%(?![0-9A-Fa-f]{2})"
# The one before, or one with the escape of an octet that is not ASCII: such octets may not be UTF-8.
NOT_ENCODED_ASCII = "%(?![01][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[BCDF])"

# A header as authorization_header() writes it where nothing but ASCII is sent and no realm is given.
USUAL_HEADER = 'OAuth (?:oauth_[a-z_]+="[A-Za-z0-9._~%-]*"(?:, (?=o)|$))+'
# The same with the values of section 3.1 alone, each in a group, in any order; nothing but the signature is escaped.
USUAL_VALUES = (
    'OAuth (?:realm="([ !#-[\\]-~]*)", (?=o))?(?:oauth_(?:consumer_key="({0}+)"|token="({0}+)"'
    '|signature_method="([A-Z0-9-]+)"|timestamp="([1-9][0-9]{{0,11}})"|nonce="({0}+)"|version="(1[.]0)"'
    '|signature="([A-Za-z0-9]+(?:%(?:2[BF]|3D)[A-Za-z0-9]*)*)")(?:, (?=o)|$))+'
).format("[A-Za-z0-9._~-]")

COMPILED: "dict[str, re.Pattern[str] | NoPattern]" = {}


# Canonical pairs.


def canonical_pairs(parameters: "Iterable[tuple[str, str]]") -> "list[str]":
    return [name + "\0" + value for name, value in encoded_pairs(parameters)]


def pairs_of_form(form: str) -> "list[str]":
    """Return ``canonical_pairs(decode_form(form))``. Without it: 7.7 times as long to sign, for a large form."""
    pairs = canonical_pairs_of(form)
    return canonical_pairs(decode_form(form)) if pairs is None else pairs


def strict_pairs_of_form(form: str) -> "list[str] | None":
    """Return ``pairs_of_form(form)`` if :func:`is_strictly_encoded`, else ``None``. Without it: 3.4 times, if large."""
    is_ascii = "%" not in form or not compiled(NOT_ENCODED_ASCII).search(form)
    pairs = canonical_pairs_of(form, is_ascii)
    if pairs is None:
        return canonical_pairs(decode_form(form)) if is_strictly_encoded(form) else None
    if not is_ascii:
        try:
            octets_of("&".join(pairs)).decode("utf-8")
        except UnicodeDecodeError:
            return None
    return pairs


def canonical_pairs_of(form: str, escapes_are_canonical: bool = False) -> "list[str] | None":
    """Return ``canonical_pairs(decode_form(form))``, ``None`` if an escape is broken or a character is not ASCII."""
    octets = form.encode("utf-8", "surrogatepass")
    marks = translate(octets, None, FORM_CHARACTERS)
    others = b""
    if marks + b"&" != b"=&" * (len(marks) + 1 >> 1):
        others = translate(marks, None, b"=&")
        if others and len(octets) != len(form):
            return None
        marks = translate(marks, None, others)
    other = compiled(OTHER_ESCAPE).search(form) if "%" in form and not escapes_are_canonical else None
    # What stands beside a broken escape would become a part of it: "%2%41" is no "%2A".
    if other is not None and compiled(BROKEN_ESCAPE).search(form):
        return None
    kinds = 0
    while other is not None:
        kinds += 1
        escape = form[other.start() + 1 : other.start() + 3]
        if kinds > MOST_ESCAPES:
            return None
        form = form.replace("%" + escape, ENCODED[int(escape, 16)])
        other = compiled(OTHER_ESCAPE).search(form, other.start())
    for octet in set(others):
        form = form.replace(chr(octet), ENCODED[octet])
    pairs = form.replace("+", "%20").replace("=", "\0").split("&")
    if marks + b"&" == b"=&" * len(pairs):
        return pairs
    return [pair if pair.count("\0") == 1 else with_one_nul(pair) for pair in pairs if pair]


def with_one_nul(pair: str) -> str:
    """Return what is canonical but for the number of its "=", each of which is a NUL, as a canonical pair."""
    name, _, value = pair.partition("\0")
    return name + "\0" + value.replace("\0", "%3D")


def pairs_of_header(value: str) -> "tuple[list[str], list[str]]":
    """Return the protocol parameters of an Authorization header field, and its realms.

    The first are ``canonical_pairs(parse_authorization_header(value))``. Without it: 2.6 times as long to verify.
    """
    if compiled(USUAL_HEADER).fullmatch(value) and not compiled(NOT_ENCODED_ASCII).search(value):
        # Nothing but these stands between the encoded names and values.
        return value[len("OAuth ") : -1].replace('="', "\0").split('", '), []
    pairs = read_authorization_header(value)
    realms = [value for name, value in pairs if name == "realm"]
    return canonical_pairs([pair for pair in pairs if pair[0] != "realm"]), realms


def header_of_realm(realm: str) -> str:
    """Return ``authorization_header((), realm)``. Without it: 1.2 times, for a realm of one request."""
    if type(realm) is str and not translate(realm.encode("utf-8", "surrogatepass"), None, REALM_OCTETS):
        return 'OAuth realm="' + realm + '"'
    return authorization_header((), realm)


def values_of_header(value: str) -> "tuple[str | None, ...] | None":
    """Return realm, client, token, method, timestamp, nonce, version, encoded signature; ``None`` for what is absent.

    Returns ``None`` unless the header holds nothing else, each of them once, and no value needs a look but at its
    length. Without it: 1.2 times as long to verify.
    """
    usual = compiled(USUAL_VALUES).fullmatch(value)
    # Of what stands there twice, the pattern tells the last alone.
    if usual is None:
        return None
    values = usual.groups()
    return values if value.count('="') == 8 - values.count(None) else None


def canonical_pair(name: str, value: str) -> str:
    """Return ``canonical_pairs([(name, value)])[0]``, of text alone. Without it: 1.13 times, for a callback."""
    pair = name + "\0" + value
    octets = pair.encode("utf-8", "surrogatepass")
    if len(octets) != len(pair) or pair.count("\0") != 1:
        return canonical_pairs([(name, value)])[0]
    pair = pair.replace("%", "%25")
    for octet in set(translate(octets, None, PAIR_CHARACTERS)):
        pair = pair.replace(chr(octet), ENCODED[octet])
    return pair


def decoded_pairs(pairs: "Iterable[str]") -> "Parameters":
    """Return the parameters that :func:`canonical_pairs` made ``pairs`` of. Without it: 1.5 to 3.3 times."""
    text = "\0".join(pairs)
    if "%00" in text:
        return [(decode_encoded(name), decode_encoded(value)) for name, value in [pair.split("\0") for pair in pairs]]
    texts = decode_encoded(text).split("\0")
    return list(zip(texts[::2], texts[1::2]))


def decode_encoded(encoded: str) -> str:
    """Return ``percent_decode(encoded)``, for what :func:`percent_encode` wrote. Without it: 1.2 to 2.4 times."""
    return octets_of(encoded).decode("utf-8", "surrogateescape")


def octets_of(encoded: str) -> bytes:
    # Quoted-printable is the same encoding with another sign, which the text does not hold (RFC 2045 section 6.7).
    return binascii.a2b_qp(encoded.replace("%", "="))


# The base string.


def start_of_base_string(
    method: str,
    uri: str,
    pairs_of_query: "Callable[[str], list[str]]",
    spell: "Callable[[str], str]" = spelled_path,
) -> "tuple[str, list[str]]":
    """Return ``signature_base_string(method, uri, ())`` and ``pairs_of_query(query_of(uri))``.

    A query that is canonical and holds nothing but ASCII need not be asked for; ``spell`` is, for a path that holds
    more than unreserved characters and slashes. Without it: 1.4 to 1.9 times.
    """
    if method not in USUAL_METHODS:
        method = percent_encode(signed_method(method))
    usual = compiled(USUAL_URI).fullmatch(uri)
    if usual is None:
        target, _, query = uri.partition("#")[0].partition("?")
        start = method + "&" + percent_encode(origin_of(target) + spell(split_uri(target)[2])) + "&"
        return start, pairs_of_query(query)
    scheme, host, port, path, regular, query = usual.groups("")
    if port and int(port) != DEFAULT_PORTS[scheme]:
        host += "%3A" + port
    if regular and not ("%" in regular and compiled(NOT_ENCODED_ASCII).search(regular)):
        pairs = regular.replace("+", "%20").replace("=", "\0").split("&")
    else:
        query = regular or query
        pairs = pairs_of_query(query) if query else []
    return "".join((method, "&", scheme, "%3A%2F%2F", host, path.replace("/", "%2F"), "&")), pairs


def encode_again(pairs: str) -> str:
    """Return ``percent_encode`` of canonical pairs joined by "&", NUL read as "=". Without it: 1.2 to 1.7 times."""
    return pairs.replace("%", "%25").replace("&", "%26").replace("\0", "%3D")


# Quick exits of the verifier: one cheap look that tells for nearly every request, else the plain function. None
# gains 5 % alone, all together 6 to 10 %. To understand what is done, read each as if "quick_" were not there.


def quick_is_form_type(content_type: str) -> bool:
    return content_type == FORM or (content_type != "" and is_form_type(content_type))


def quick_is_oauth(authorization: str) -> bool:
    return authorization.startswith("OAuth ") or split_scheme(authorization)[0] == "oauth"


def quick_has_control(text: str) -> bool:
    # What is printable holds no control character.
    return not text.isprintable() and has_control(text)


def quick_protocol_pairs(pairs: "list[str]") -> "list[str]":
    """Return those whose name begins with ``oauth_``."""
    return [pair for pair in pairs if pair.startswith("oauth_")] if "oauth_" in "&".join(pairs) else []


def quick_has_userinfo(uri: str) -> bool:
    return "@" in uri and has_userinfo(uri)


# Patterns.


def compiled(pattern: str) -> "re.Pattern[str] | NoPattern":
    """Return the pattern, compiled when it is first needed: ``re`` takes longer to import than all of this."""
    found = COMPILED.get(pattern)
    if found is None:
        import re

        found = COMPILED[pattern] = re.compile(pattern) if hasattr(re, "fullmatch") else NoPattern()
    return found


class NoPattern:
    """Stands for a pattern that is too much for MicroPython's ``re``: no text is taken for a usual one."""

    def search(self, *text_and_position: object) -> "Any":
        return self

    def fullmatch(self, text: str) -> None:
        return None
