"""Signature base string (RFC 5849 section 3.4.1).

The signature base string is "a consistent, reproducible concatenation of several of the HTTP request elements into a
single string". The HMAC and RSA methods sign it.
"""

from .errors import SigningError
from .parameters import normalize_parameters
from .percent_encoding import UNRESERVED, percent_encode
from .uris import spelled_authority, spelled_path, split_uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# RFC 7230 section 3.2.6: what a method, a field name or an unquoted value is made of.
TOKEN_OCTETS = b"!#$%&'*+^`|" + UNRESERVED


def signature_base_string(method: str, uri: str, parameters: "Iterable[tuple[str, str]]") -> str:
    """Return the text to be signed, ASCII (3.4.1.1).

    ``parameters`` is the whole list from :func:`collect_parameters`; the query of ``uri`` is not
    read again. Raises SigningError if the method, the URI or a parameter cannot be part of a request.
    """
    elements = (signed_method(method), base_string_uri(uri), normalize_parameters(parameters))
    return "&".join([percent_encode(element) for element in elements])


def signed_method(method: str) -> str:
    """Return "the HTTP request method in uppercase"."""
    if not isinstance(method, str) or not is_token(method):
        raise SigningError("the request method is not an HTTP token", parameter="method")
    return method.upper()


def base_string_uri(uri: str) -> str:
    """Return scheme, authority and path of ``uri`` in the spelling that is signed (3.4.1.2).

    Raises SigningError if ``uri`` is not an absolute http or https URI, if its host or port is not valid, or if its
    path holds a control character.
    """
    scheme, authority, path = split_uri(uri)
    return scheme + "://" + spelled_authority(scheme, authority) + spelled_path(path)


def is_token(text: str) -> bool:
    return text != "" and not text.encode("utf-8", "surrogatepass").rstrip(TOKEN_OCTETS)
