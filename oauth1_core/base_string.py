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

# RFC 7230 section 3.2.6: the octets of a token, such as a method, a field name or an unquoted value.
TOKEN_OCTETS = b"!#$%&'*+^`|" + UNRESERVED


def signature_base_string(method: str, uri: str, parameters: "Iterable[tuple[str, str]]") -> str:
    """Return the text that is signed, in ASCII (3.4.1.1).

    :param method: the HTTP method, in upper or lower case.
    :param uri: the request URI. Its query is ignored here, because ``parameters`` already contain it.
    :param parameters: all (name, value) pairs that are signed, as :func:`collect_parameters` returns them.
    :raises SigningError: if the method, the URI or a parameter cannot be part of a request.
    """
    elements = (signed_method(method), base_string_uri(uri), normalize_parameters(parameters))
    return "&".join([percent_encode(element) for element in elements])


def signed_method(method: str) -> str:
    """Return "the HTTP request method in uppercase"."""
    if not isinstance(method, str) or not is_token(method):
        raise SigningError("the request method must be an HTTP token, such as GET", parameter="method")
    return method.upper()


def base_string_uri(uri: str) -> str:
    """Return scheme, authority and path of ``uri``, normalized as they are signed (3.4.1.2).

    Scheme and host are in lower case, and a default port is left out. Raises SigningError if ``uri`` is not an absolute
    http or https URI, if its host or port is not valid, or if its path holds a control character.
    """
    scheme, authority, path = split_uri(uri)
    return scheme + "://" + spelled_authority(scheme, authority) + spelled_path(path)


def is_token(text: str) -> bool:
    return text != "" and not text.encode("utf-8", "surrogatepass").rstrip(TOKEN_OCTETS)
