"""The parts of a request URI (RFC 5849 sections 3.4.1.2 and 3.4.4).

The RFC does not say how to sign some spellings. Here userinfo and fragment are left out, and the path is used
unchanged (dot segments and escapes are kept). A character that a URI must not contain is percent-encoded, as HTTP
clients do when they send it. Give a host name with non-ASCII characters in its ``xn--`` form.
"""

from .errors import SigningError
from .percent_encoding import decoded_octet, spelled, table_of, translate, utf8_octets

DEFAULT_PORTS = {"http": 80, "https": 443}

NEVER_IN_A_URI = ' "<>\\^`{|}'
URI_OCTETS = bytes([octet for octet in range(0x21, 0x7F) if chr(octet) not in NEVER_IN_A_URI])
PATH_SPELLINGS = table_of(lambda octet: chr(octet) if octet in URI_OCTETS else spelled(octet))
CONTROL_OCTETS = bytes(range(0x20)) + b"\x7f"
IPV6_CHARACTERS = "0123456789abcdef:."
DIGITS = "0123456789"


def origin_of(uri: str) -> str:
    """Return scheme and authority of ``uri`` as they are signed (3.4.1.2).

    Examples are ``https://example.com`` and ``http://[::1]:8080``. Raises SigningError if ``uri`` is not an absolute
    http or https URI, or if its host or port is not valid.
    """
    scheme, authority, _ = split_uri(uri)
    return scheme + "://" + spelled_authority(scheme, authority)


def spelled_authority(scheme: str, authority: str) -> str:
    host, port = split_authority(authority)
    # "The port MUST be included if it is not the default port for the scheme, and MUST be excluded
    # if it is the default."
    if port and port != DEFAULT_PORTS[scheme]:
        return "{}:{}".format(host, port)
    return host


def spelled_path(path: str) -> str:
    """Return ``path`` with every character that a URI must not contain percent-encoded."""
    octets = utf8_octets(path)
    if has_control(path):
        raise SigningError("the path of the request URI holds a control character", parameter="uri")
    return "".join([PATH_SPELLINGS[octet] for octet in octets])


def query_of(uri: str) -> str:
    """Return the query component of ``uri``, ``""`` if there is none; a fragment is not part of it."""
    if not isinstance(uri, str):
        raise SigningError("the request URI must be a str", parameter="uri")
    return uri.partition("#")[0].partition("?")[2]


def keeps_secrets(uri: str) -> bool:
    """Return True if ``uri`` is an https URI, or an http URI with a loopback IP address (3.4.4).

    Only the client and the server can read a request to such a URI. The host name ``localhost`` does not count, because
    it may resolve to any address. Short forms of an address, such as ``127.1``, do not count either.
    Raises SigningError as :func:`origin_of` does.
    """
    scheme, authority, _ = split_uri(uri)
    host = split_authority(authority)[0]
    if scheme == "https" or host == "[::1]":
        return True
    numbers = host.split(".")
    return len(numbers) == 4 and numbers[0] == "127" and all([is_octet(number) for number in numbers])


def is_octet(number: str) -> bool:
    """Tell whether ``number`` is a decimal number from 0 to 255, without leading zeros."""
    # Check the length first: int() refuses a text of thousands of digits.
    return 0 < len(number) < 4 and not number.rstrip(DIGITS) and str(int(number)) == number and int(number) < 256


def is_sound_path(path: str) -> bool:
    """Tell whether a URI may contain every character of ``path``, and every percent sign of it begins an escape."""
    octets = path.encode("utf-8", "surrogatepass")
    return not octets.rstrip(URI_OCTETS) and all(
        [decoded_octet(piece[:2]) is not None for piece in octets.split(b"%")[1:]]
    )


def split_uri(uri: str) -> "tuple[str, str, str]":
    """Return scheme (in lower case), authority and path of an http or https URI."""
    if not isinstance(uri, str):
        raise SigningError("the request URI must be a str", parameter="uri")
    scheme, separator, rest = uri.partition("#")[0].partition("?")[0].partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in DEFAULT_PORTS:
        raise SigningError("the request URI must be an absolute http or https URI", parameter="uri")
    authority, slash, path = rest.partition("/")
    return scheme, authority, slash + path or "/"


def split_authority(authority: str) -> "tuple[str, int]":
    """Return the host (in lower case, without userinfo) and the port (0 if ``authority`` has no port)."""
    host, port = authority.rpartition("@")[2].lower(), ""
    if ":" in host.rpartition("]")[2]:
        host, _, port = host.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        valid = ":" in host and not host[1:-1].rstrip(IPV6_CHARACTERS)
    else:
        valid = host != "" and not ("[" in host or "]" in host or ":" in host)
    # Check userinfo too: a client that parses it differently would connect to another host than the one signed.
    if not valid or authority.encode("utf-8", "surrogatepass").rstrip(URI_OCTETS):
        raise SigningError("the request URI has no valid host (ASCII, as in the Host header)", parameter="uri")
    if port.rstrip(DIGITS) or len(port) > 5 or (port and not 0 < int(port) < 65536):
        raise SigningError("the port of the request URI must be a number from 1 to 65535", parameter="uri")
    return host, int(port or 0)


def has_userinfo(uri: str) -> bool:
    return "@" in uri.partition("?")[0].partition("://")[2].partition("/")[0]


def has_control(text: str) -> bool:
    octets = text.encode("utf-8", "surrogatepass")
    return translate(octets, None, CONTROL_OCTETS) != octets
