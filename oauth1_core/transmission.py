"""Parameter transmission (RFC 5849 section 3.5).

A client sends the protocol parameters in the Authorization header, the form or the query: "one and only one of" the
three per request. This module writes all three and reads the header. The rules for the header:

- ``realm`` is written first, in quotes. It may hold printable ASCII except ``"`` and the backslash.
- The header is read strictly. Quoted values, RFC 7230 tokens, empty list items and linear white space are allowed.
  A backslash, a control character, a broken escape and octets that are not UTF-8 are refused.
"""

from .base_string import TOKEN_OCTETS, is_token
from .errors import MalformedRequest, SigningError, quoted
from .parameters import encoded_pairs, form_text
from .percent_encoding import is_strictly_encoded, percent_decode
from .uris import has_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .parameters import Parameters

LINEAR_WHITE_SPACE = " \t\r\n"
TOKEN_CHARACTERS = TOKEN_OCTETS.decode("ascii")
REALM_OCTETS = bytes([octet for octet in range(0x20, 0x7F) if chr(octet) not in '"\\'])
FORM = "application/x-www-form-urlencoded"
# The protocol parameters that section 3.1 names.
PROTOCOL_PARAMETERS = frozenset(
    [
        "oauth_consumer_key",
        "oauth_token",
        "oauth_signature_method",
        "oauth_timestamp",
        "oauth_nonce",
        "oauth_version",
        "oauth_signature",
    ]
)


def authorization_header(protocol_parameters: "Iterable[tuple[str, str]]", realm: "str | None" = None) -> str:
    """Return the value of the Authorization header, in ASCII (3.5.1).

    :param protocol_parameters: (name, value) pairs, as :func:`sign` returns them.
    :param realm: the server's name for its protected resources; with ``None``, the default, no ``realm`` is sent.
    :raises SigningError: if ``realm`` or a parameter cannot be sent.
    """
    items = ['{}="{}"'.format(name, value) for name, value in encoded_pairs(protocol_parameters)]
    if realm is not None:
        if not isinstance(realm, str) or realm.encode("utf-8", "surrogatepass").rstrip(REALM_OCTETS):
            message = "realm must be a str of printable ASCII without quotes and backslashes"
            raise SigningError(message, parameter="realm")
        items.insert(0, 'realm="{}"'.format(realm))
    return "OAuth " + ", ".join(items)


def form_encoded_body(protocol_parameters: "Iterable[tuple[str, str]]", form: "str | bytes" = "") -> str:
    """Return the body: ``form`` and, appended to it, the protocol parameters (3.5.2).

    Raises SigningError if ``form`` or a parameter cannot be sent.
    """
    return append_pairs(form_text(form), protocol_parameters)


def request_uri(protocol_parameters: "Iterable[tuple[str, str]]", uri: str) -> str:
    """Return ``uri`` with the protocol parameters appended to its query (3.5.3).

    Raises SigningError if ``uri`` is not a ``str`` or a parameter cannot be sent.
    """
    if not isinstance(uri, str):
        raise SigningError("the request URI must be a str", parameter="uri")
    target, hash_sign, fragment = uri.partition("#")
    path, _, query = target.partition("?")
    query = append_pairs(query, protocol_parameters)
    return path + "?" + query + hash_sign + fragment if query else uri


def append_pairs(text: str, parameters: "Iterable[tuple[str, str]]") -> str:
    pairs = [name + "=" + value for name, value in encoded_pairs(parameters)]
    return "&".join([text] + pairs if text else pairs)


def parse_authorization_header(value: str) -> "Parameters":
    """Return the protocol parameters of an Authorization header, decoded, with duplicates (3.5.1).

    ``value`` is the value of the header. ``realm`` is left out. Raises MalformedRequest if the header cannot be read in
    exactly one way; ``parameter`` of the error is the name of the parameter at fault, if it has a name.
    """
    return [pair for pair in read_authorization_header(value) if pair[0] != "realm"]


def read_authorization_header(value: str) -> "Parameters":
    """Return all parameters of an Authorization header, ``realm`` included."""
    scheme, text = split_scheme(value)
    if scheme != "oauth" or text[:1] not in LINEAR_WHITE_SPACE:
        raise MalformedRequest("the Authorization header does not use the OAuth scheme")
    parameters = []
    for item in list_items(text):
        name, equals, token = item[0].partition("=")
        name, token = name.strip(LINEAR_WHITE_SPACE), token.strip(LINEAR_WHITE_SPACE)
        if len(item) == 3 and equals and not token and not item[2].strip(LINEAR_WHITE_SPACE):
            parameters.append(decoded_pair(name, item[1]))
        elif len(item) == 1 and is_token(token) and not token.startswith("'"):
            parameters.append(decoded_pair(name, token))
        # "Parameters are separated by a comma", and an item of such a list may be empty (RFC 7230 section 7).
        elif len(item) > 1 or item[0].strip(LINEAR_WHITE_SPACE):
            raise MalformedRequest("the Authorization header has an item that is not name=value")
    return parameters


def list_items(text: str) -> "list[list[str]]":
    """Return the items between commas, each cut at its quotes: [text], or [text, quoted text, text]."""
    # No backslash is allowed, so a quote is never escaped: the pieces are outside and inside quotes in turn.
    pieces = text.split('"')
    if len(pieces) % 2 == 0:
        raise MalformedRequest("the Authorization header has a quote that is not closed")
    items: "list[list[str]]" = [[]]
    for index, piece in enumerate(pieces):
        if index % 2:
            items[-1].append(piece)
        else:
            first, *others = piece.split(",")
            items[-1].append(first)
            items.extend([[other] for other in others])
    return items


def decoded_pair(name: str, value: str) -> "tuple[str, str]":
    """Return a parameter, decoded; the value of ``realm`` is not decoded."""
    if not is_token(name) or not is_strictly_encoded(name):
        raise MalformedRequest("the Authorization header has a name that is not a token")
    name = percent_decode(name)
    if "\\" in value or has_control(value):
        message = "{} holds a backslash or a control character".format(quoted(name))
        raise MalformedRequest(message, parameter=name)
    # RFC 7235 names, such as realm, are case-insensitive; OAuth names are case-sensitive.
    if name.lower() == "realm":
        return "realm", value
    if not is_strictly_encoded(value):
        message = "{} holds a broken escape or octets that are not UTF-8".format(quoted(name))
        raise MalformedRequest(message, parameter=name)
    return name, percent_decode(value)


def split_scheme(value: str) -> "tuple[str, str]":
    """Return the authentication scheme of an Authorization header in lower case, and what follows it."""
    if not isinstance(value, str):
        raise MalformedRequest("the Authorization header must be a str")
    value = value.strip(LINEAR_WHITE_SPACE)
    rest = value.lstrip(TOKEN_CHARACTERS)
    return value[: len(value) - len(rest)].lower(), rest


def is_form_type(content_type: str) -> bool:
    """Tell whether a body of this Content-Type is a form (3.5.2).

    Raises MalformedRequest for a Content-Type that other software might read as a form.
    """
    media_type = content_type.partition(";")[0].strip(LINEAR_WHITE_SPACE).lower()
    kind, _, subtype = media_type.partition("/")
    if content_type and not (is_token(kind) and is_token(subtype)):
        raise MalformedRequest("the Content-Type is not a media type", parameter="content-type")
    return media_type == FORM


def charsets_of(content_type: str) -> "list[str]":
    """Return each ``charset`` that a Content-Type declares, in lower case."""
    charsets = []
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip(LINEAR_WHITE_SPACE).lower() == "charset":
            charsets.append(value.strip(LINEAR_WHITE_SPACE).strip('"').lower())
    return charsets
