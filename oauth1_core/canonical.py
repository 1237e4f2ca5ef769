"""The quick paths (RFC 5849 section 3.4.1), each equal to a plain function that stands above it.

Strategy. Most requests are spelled already as section 3.6 spells them, because a library wrote them. What is
spelled so need be neither decoded nor encoded again: one look at the whole text tells, and then the text is
cut and sorted as it stands. Text that is spelled in any other way takes the plain path.

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
from .percent_encoding import UNRESERVED, is_strictly_encoded, percent_encode, translate
from .transmission import FORM, is_form_type, read_authorization_header, split_scheme
from .uris import has_control, has_userinfo, origin_of, spelled_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable

    from .parameters import Parameters

USUAL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
FORM_CHARACTERS = UNRESERVED + b"%&="
PATH_CHARACTERS = UNRESERVED + b"/"

# A percent sign without an escape that percent_encode() writes: upper case, not of an unreserved character.
OTHER_ESCAPE = "%(?![0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[BCDF])"
# The same, or one with the escape of an octet that is not ASCII: such octets may not be UTF-8.
NOT_ENCODED_ASCII = "%(?![01][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[BCDF])"
# A header as authorization_header() writes it where nothing but ASCII is sent and no realm is given.
USUAL_HEADER = 'OAuth (?:oauth_[a-z_]+="[A-Za-z0-9._~%-]*"(?:, (?=o)|$))+'
# The same with the values of section 3.1 alone, each in a group, in any order; nothing but the signature is escaped.
USUAL_VALUES = (
    'OAuth (?:realm="([ !#-[\\]-~]*)", (?=o))?(?:oauth_(?:consumer_key="({0}+)"|token="({0}+)"'
    '|signature_method="([A-Z0-9-]+)"|timestamp="([1-9][0-9]{{0,11}})"|nonce="({0}+)"|version="(1[.]0)"'
    '|signature="([A-Za-z0-9]+(?:%(?:2[BF]|3D)[A-Za-z0-9]*)*)")(?:, (?=o)|$))+'
).format("[A-Za-z0-9._~-]")
# A query or form of which the same holds.
USUAL_FORM = "(?:[A-Za-z0-9._~%-]*=[A-Za-z0-9._~%-]*(?:&(?=.)|$))+"

COMPILED: "dict[str, re.Pattern[str] | NoPattern]" = {}
ORIGINS: "dict[str, str]" = {}
MOST_ORIGINS = 128


# Canonical pairs.


def canonical_pairs(parameters: "Iterable[tuple[str, str]]") -> "list[str]":
    return [name + "\0" + value for name, value in encoded_pairs(parameters)]


def pairs_of_form(text: str) -> "list[str]":
    """Return ``canonical_pairs(decode_form(text))``. Without it: 1.9 times as long to sign, 6.3 for a large form."""
    plain = text.replace("+", "%20")
    if is_canonical(plain):
        pairs = plain.replace("=", "\0").split("&")
        if plain.count("=") == len(pairs) and all(["\0" in pair for pair in pairs]):
            return pairs
    return canonical_pairs(decode_form(text))


def strict_pairs_of_form(text: str) -> "list[str] | None":
    """Return ``pairs_of_form(text)`` if :func:`is_strictly_encoded`, else ``None``. Without it: 1.15 times."""
    if compiled(USUAL_FORM).fullmatch(text) and not compiled(NOT_ENCODED_ASCII).search(text):
        return text.replace("=", "\0").split("&")
    return pairs_of_form(text) if is_strictly_encoded(text) else None


def is_canonical(form: str) -> bool:
    """Tell whether names and values in ``form`` are spelled as :func:`percent_encode` does."""
    if translate(form.encode("utf-8", "replace"), None, FORM_CHARACTERS):
        return False
    return not compiled(OTHER_ESCAPE).search(form)


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


def decoded_pairs(pairs: "Iterable[str]") -> "Parameters":
    """Return the parameters that :func:`canonical_pairs` made ``pairs`` of."""
    parameters = []
    for pair in pairs:
        name, _, value = pair.partition("\0")
        parameters.append((decode_encoded(name), decode_encoded(value)) if "%" in pair else (name, value))
    return parameters


def decode_encoded(encoded: str) -> str:
    """Return ``percent_decode(encoded)``, for what :func:`percent_encode` wrote. Without it: 1.1 to 1.5 times."""
    # Quoted-printable is the same encoding with another sign, which the text does not hold (RFC 2045 section 6.7).
    return binascii.a2b_qp(encoded.replace("%", "=")).decode("utf-8", "surrogateescape")


# The base string.


def start_of_base_string(method: str, target: str, spell: "Callable[[str], str]" = spelled_path) -> str:
    """Return ``signature_base_string(method, target, ())``; ``target`` ends before its query.

    ``spell`` is asked for a path that holds more than unreserved characters and slashes.
    """
    if method not in USUAL_METHODS:
        method = percent_encode(signed_method(method))
    return method + "&" + encoded_base_string_uri(target, spell) + "&"


def encode_again(pairs: str) -> str:
    """Return ``percent_encode`` of canonical pairs joined by "&", NUL read as "=". Without it: 1.2 to 1.7 times."""
    return pairs.replace("%", "%25").replace("&", "%26").replace("\0", "%3D")


def encoded_base_string_uri(target: str, spell: "Callable[[str], str]" = spelled_path) -> str:
    """Return ``percent_encode(base_string_uri(target))``; ``target`` has no query. Without it: 1.2 to 1.5 times.

    Keeps what the last origins are in the base string.
    """
    slash = target.find("/", len("https://"))
    origin, path = (target[:slash], target[slash:]) if slash > 0 else (target, "/")
    encoded = ORIGINS.get(origin)
    if encoded is None:
        encoded = percent_encode(origin_of(origin))
        if len(ORIGINS) >= MOST_ORIGINS:
            ORIGINS.clear()
        ORIGINS[origin] = encoded
    if translate(path.encode("utf-8", "replace"), None, PATH_CHARACTERS):
        return encoded + percent_encode(spell(path))
    return encoded + path.replace("/", "%2F")


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

    def search(self, text: str) -> bool:
        return True

    def fullmatch(self, text: str) -> None:
        return None
