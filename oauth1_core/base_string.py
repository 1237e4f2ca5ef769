"""Signature base string (RFC 5849 section 3.4.1).

"a consistent, reproducible concatenation of several of the HTTP request elements into a single
string", which the HMAC and RSA methods sign.

The RFC is silent on some spellings of a URI: userinfo is left out and so is a fragment, the path is
taken as given (no dot segment, no escape is touched), and a character that cannot stand in a URI is
percent-encoded as HTTP clients do when they send it.
"""

from .errors import SigningError
from .parameters import normalize_parameters
from .percent_encoding import ENCODED, UNRESERVED, encode_again, percent_encode, translate, utf8_octets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

USUAL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
DEFAULT_PORTS = {"http": 80, "https": 443}

NEVER_IN_A_URI = ' "<>\\^`{|}'
URI_OCTETS = bytes([octet for octet in range(0x21, 0x7F) if chr(octet) not in NEVER_IN_A_URI])
PATH_SPELLINGS = [chr(octet) if octet in URI_OCTETS else ENCODED[octet] for octet in range(256)]
PATH_CHARACTERS = UNRESERVED + b"/"
ORIGINS: "dict[str, str]" = {}  # what the last origins are in the base string
MOST_ORIGINS = 128
CONTROL_OCTETS = bytes(range(0x20)) + b"\x7f"
IPV6_CHARACTERS = "0123456789abcdef:."
# RFC 7230 section 3.2.6: what a method, a field name or an unquoted value is made of.
TOKEN_OCTETS = b"!#$%&'*+^`|" + UNRESERVED


def signature_base_string(method: str, uri: str, parameters: "Iterable[tuple[str, str]]") -> str:
    """Return the text to be signed, ASCII (3.4.1.1).

    ``parameters`` is the whole list from :func:`collect_parameters`; the query of ``uri`` is not
    read again. Raises SigningError if the method, the URI or a parameter cannot be part of a request.
    """
    return joined_elements(method, percent_encode(base_string_uri(uri)), normalize_parameters(parameters))


def joined_elements(method: str, encoded_uri: str, normalized: str, equals: str = "=") -> str:
    if method not in USUAL_METHODS:
        if not isinstance(method, str) or not is_token(method):
            raise SigningError("the request method is not an HTTP token", parameter="method")
        method = percent_encode(method.upper())
    return method + "&" + encoded_uri + "&" + encode_again(normalized, equals)


def base_string_uri(uri: str) -> str:
    """Return scheme, authority and path of ``uri`` in the spelling that is signed (3.4.1.2).

    Raises SigningError if ``uri`` is not an absolute http or https URI, or its host or port is not
    one, or its path holds a control character. A host outside ASCII is to be given in its ``xn--`` form.
    """
    scheme, authority, path = split_uri(uri)
    host, port = split_authority(authority)
    # "The port MUST be included if it is not the default port for the scheme, and MUST be excluded
    # if it is the default."
    if port and port != DEFAULT_PORTS[scheme]:
        host = "{}:{}".format(host, port)
    octets = utf8_octets(path)
    if octets.rstrip(URI_OCTETS):
        if has_control(path):
            raise SigningError("the path of the request URI holds a control character", parameter="uri")
        path = "".join([PATH_SPELLINGS[octet] for octet in octets])
    return "{}://{}{}".format(scheme, host, path)


def encoded_base_string_uri(target: str) -> str:
    """Return ``percent_encode(base_string_uri(target))``, quicker; ``target`` has no query and no fragment."""
    slash = target.find("/", len("https://"))
    origin, path = (target[:slash], target[slash:]) if slash > 0 else (target, "/")
    encoded = ORIGINS.get(origin)
    if encoded is None:
        encoded = percent_encode(base_string_uri(origin)[:-1])
        if len(ORIGINS) >= MOST_ORIGINS:
            ORIGINS.clear()
        ORIGINS[origin] = encoded
    if translate(path.encode("utf-8", "replace"), None, PATH_CHARACTERS):
        return encoded + percent_encode(base_string_uri("http://path" + path)[len("http://path") :])
    return encoded + path.replace("/", "%2F")


def split_uri(uri: str) -> "tuple[str, str, str]":
    """Return scheme (in lower case), authority and path of an http or https URI."""
    if not isinstance(uri, str):
        raise SigningError("the request URI is not text", parameter="uri")
    scheme, separator, rest = uri.partition("#")[0].partition("?")[0].partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in DEFAULT_PORTS:
        raise SigningError("the request URI is not an absolute http or https URI", parameter="uri")
    authority, slash, path = rest.partition("/")
    return scheme, authority, slash + path or "/"


def split_authority(authority: str) -> "tuple[str, int]":
    """Return host (in lower case, userinfo left out) and port, 0 if none is given."""
    host, port = authority.rpartition("@")[2].lower(), ""
    if ":" in host.rpartition("]")[2]:
        host, _, port = host.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        valid = ":" in host and not host[1:-1].rstrip(IPV6_CHARACTERS)
    else:
        valid = host != "" and not ("[" in host or "]" in host or ":" in host)
    # Userinfo too: what a client reads differently there, it would connect to.
    if not valid or authority.encode("utf-8", "surrogatepass").rstrip(URI_OCTETS):
        raise SigningError("the request URI has no valid host (ASCII, as in the Host header)", parameter="uri")
    if port.rstrip("0123456789") or len(port) > 5 or (port and not 0 < int(port) < 65536):
        raise SigningError("the port of the request URI is not a number from 1 to 65535", parameter="uri")
    return host, int(port or 0)


def is_token(text: str) -> bool:
    return text != "" and not text.encode("utf-8", "surrogatepass").rstrip(TOKEN_OCTETS)


def has_control(text: str) -> bool:
    octets = text.encode("utf-8", "surrogatepass")
    return translate(octets, None, CONTROL_OCTETS) != octets
