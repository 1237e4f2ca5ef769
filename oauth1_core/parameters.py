"""Request parameters (RFC 5849 section 3.4.1.3).

The parameters are collected from the query, the protocol parameters and the form body into one list of ``(name,
value)`` pairs of ``str``. They are decoded, and duplicates are kept. Then they are normalized into the one string
that is signed.

The RFC does not say how to read some spellings. Here ``;`` is data, ``a`` is the pair ``("a", "")``, an empty piece
between two ``&`` is ignored, and a broken escape is signed unchanged.
"""

from .errors import SigningError, quoted
from .percent_encoding import percent_decode, percent_encode, utf8_text
from .uris import query_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Parameters = list[tuple[str, str]]
else:
    Parameters = list


def decode_form(text: "str | bytes") -> "Parameters":
    """Return the (name, value) pairs of a form or a query, decoded and in order (3.4.1.3.1).

    ``text`` is the octets or the text of an ``application/x-www-form-urlencoded`` body, or the query of a URI. Octets
    that are not UTF-8 are decoded with ``surrogateescape``.
    Raises SigningError if ``text`` is neither ``bytes`` nor a ``str`` of valid Unicode.
    """
    pairs = []
    # RFC 5849: "+", used "to represent an encoded space character", "MUST be properly decoded".
    for piece in form_text(text).replace("+", " ").split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((percent_decode(name), percent_decode(value)))
    return pairs


def collect_parameters(
    uri: str, protocol_parameters: "Iterable[tuple[str, str]]" = (), form: "str | bytes" = ""
) -> "Parameters":
    """Return all parameters that are signed, as decoded (name, value) pairs (3.4.1.3.1).

    :param uri: the request URI as the client sends it; its query is signed.
    :param protocol_parameters: (name, value) pairs, without ``realm``, which is not signed.
    :param form: the body, if and only if its type is ``application/x-www-form-urlencoded``.
    :raises SigningError: if ``uri`` is not a ``str``, or a form or parameter cannot be read.
    """
    parameters = decode_form(query_of(uri))
    parameters.extend(pairs_of(protocol_parameters))
    parameters.extend(decode_form(form))
    # "The "oauth_signature" parameter MUST be excluded from the signature base string if present."
    return [pair for pair in parameters if pair[0] != "oauth_signature"]


def normalize_parameters(parameters: "Iterable[tuple[str, str]]") -> str:
    """Return the (name, value) pairs encoded, sorted and joined into one string (3.4.1.3.2).

    Raises SigningError, naming the parameter, if a name or value is not a ``str`` of valid Unicode.
    """
    # Sorting ASCII by character is the "ascending byte value ordering" that the RFC requires.
    return "&".join([name + "=" + value for name, value in sorted(encoded_pairs(parameters))])


def encoded_pairs(parameters: "Iterable[tuple[str, str]]") -> "Parameters":
    """Return the pairs encoded (3.6).

    Raises SigningError, with the pair's name as ``parameter``, if a pair cannot be encoded.
    """
    encoded = []
    for name, value in pairs_of(parameters):
        try:
            encoded.append((percent_encode(name), percent_encode(value)))
        except SigningError:
            message = "parameter {} must be a str of valid Unicode".format(quoted(name))
            raise SigningError(message, parameter=name) from None
    return encoded


def pairs_of(parameters: "Iterable[tuple[str, str]]") -> "Parameters":
    try:
        pairs = list(parameters)
        # A text of two characters would be taken for a name and a value.
        if not any([isinstance(pair, str) for pair in pairs]):
            return [(name, value) for name, value in pairs]
    except (TypeError, ValueError):
        pass
    raise SigningError("parameters must be a list of (name, value) pairs")


def form_text(form: "str | bytes") -> str:
    """Return a form body as ``str``. Octets that are not UTF-8 are decoded with ``surrogateescape``."""
    if isinstance(form, bytes):
        return utf8_text(form)
    if isinstance(form, str):
        return form
    raise SigningError("the form body must be a str or bytes", parameter="form")
