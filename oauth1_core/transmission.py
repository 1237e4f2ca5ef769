"""Parameter transmission (RFC 5849 section 3.5).

The three places that protocol parameters may travel in, "one and only one of" them per request, and
the reader of the first. What a value is allowed to be on the way:

- ``realm`` comes first, quoted; one that holds ``"``, a backslash or anything but printable ASCII is
  refused.
- The header is read strictly: quoted values and RFC 7230 tokens, empty list items, linear white space.
  A backslash, a control character, a broken escape, octets that are not UTF-8 are refused.
- PLAINTEXT and the requests of section 2 carry secrets: https, or http to a loopback IP address.
"""

from .base_string import TOKEN_OCTETS, has_control, is_token, split_authority, split_uri
from .errors import MalformedRequest, SigningError
from .parameters import encoded_pairs, form_text, items_of
from .percent_encoding import ENCODED_CHARACTERS, NOT_ENCODED_ASCII, compiled, is_strictly_encoded, percent_decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .parameters import Parameters

LINEAR_WHITE_SPACE = " \t\r\n"
TOKEN_CHARACTERS = TOKEN_OCTETS.decode("ascii")
REALM_CHARACTERS = frozenset([chr(code) for code in range(0x20, 0x7F)]) - frozenset('"\\')
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
# A header as authorization_header() writes it where nothing but ASCII is sent and no realm is given.
USUAL = 'OAuth (?:oauth_[a-z_]+="{}"(?:, (?=o)|$))+'.format(ENCODED_CHARACTERS)
OCTET_NUMBERS = frozenset([str(octet) for octet in range(256)])


def authorization_header(protocol_parameters: "Iterable[tuple[str, str]]", realm: "str | None" = None) -> str:
    """Return the value of the Authorization header field (3.5.1), ASCII.

    Raises SigningError if ``realm`` or a parameter cannot be sent.
    """
    items = ['{}="{}"'.format(name, value) for name, value in encoded_pairs(protocol_parameters)]
    if realm is not None:
        if not isinstance(realm, str) or not all([character in REALM_CHARACTERS for character in realm]):
            raise SigningError("realm holds a character that cannot be sent", parameter="realm")
        items.insert(0, 'realm="{}"'.format(realm))
    return "OAuth " + ", ".join(items)


def form_encoded_body(protocol_parameters: "Iterable[tuple[str, str]]", form: "str | bytes" = "") -> str:
    """Return the entity-body with the protocol parameters after those of ``form`` (3.5.2)."""
    return append_pairs(form_text(form), protocol_parameters)


def request_uri(protocol_parameters: "Iterable[tuple[str, str]]", uri: str) -> str:
    """Return the URI with the protocol parameters after those of its query (3.5.3)."""
    if not isinstance(uri, str):
        raise SigningError("the request URI is not text", parameter="uri")
    target, hash_sign, fragment = uri.partition("#")
    path, _, query = target.partition("?")
    query = append_pairs(query, protocol_parameters)
    return path + "?" + query + hash_sign + fragment if query else uri


def append_pairs(text: str, parameters: "Iterable[tuple[str, str]]") -> str:
    pairs = [name + "=" + value for name, value in encoded_pairs(parameters)]
    return "&".join([text] + pairs if text else pairs)


def parse_authorization_header(value: str) -> "Parameters":
    """Return the protocol parameters of an Authorization header field, decoded, duplicates kept (3.5.1).

    ``realm`` is left out. Raises MalformedRequest, naming the parameter where it has a name, if the
    header cannot be read in exactly one way.
    """
    return [pair for pair in read_authorization_header(value) if pair[0] != "realm"]


def items_of_header(value: str) -> "tuple[list[str], list[str]]":
    """Return the protocol parameters of an Authorization header field as items, and its realms."""
    if compiled(USUAL).fullmatch(value) and not compiled(NOT_ENCODED_ASCII).search(value):
        # Nothing but these stands between the encoded names and values.
        return value[len("OAuth ") : -1].replace('="', "\0").split('", '), []
    pairs = read_authorization_header(value)
    realms = [value for name, value in pairs if name == "realm"]
    return items_of([pair for pair in pairs if pair[0] != "realm"]), realms


def read_authorization_header(value: str) -> "Parameters":
    """Return all parameters of an Authorization header field, ``realm`` included."""
    scheme, text = split_scheme(value)
    if scheme != "oauth" or text[:1] not in LINEAR_WHITE_SPACE:
        raise MalformedRequest("the Authorization header is not of the OAuth scheme")
    # What the whole text does not hold need not be looked for in each value.
    careful = "\\" in text or has_control(text) or not is_strictly_encoded(text)
    # No backslash is allowed, so a quote is never escaped: the pieces lie outside and inside quotes in turn.
    pieces = text.split('"')
    if len(pieces) % 2 == 0:
        raise MalformedRequest("the Authorization header has a quote that is not closed")
    parameters = []
    for index in range(0, len(pieces), 2):
        items = pieces[index].split(",")
        if index and items.pop(0).strip(LINEAR_WHITE_SPACE):
            raise MalformedRequest("the Authorization header has text between a closing quote and a comma")
        is_last = index == len(pieces) - 1
        before_quote = items.pop() if items and not is_last else None
        for item in items:
            if item.strip(LINEAR_WHITE_SPACE):
                name, _, token = item.partition("=")
                token = token.strip(LINEAR_WHITE_SPACE)
                if not is_token(token) or token.startswith("'"):
                    raise MalformedRequest("the Authorization header has an item that is not name=value")
                parameters.append(decoded_pair(name, token, careful))
        if not is_last:
            name, equals, after = (before_quote or "").partition("=")
            if not equals or after.strip(LINEAR_WHITE_SPACE):
                raise MalformedRequest("the Authorization header has a quoted value without a name")
            parameters.append(decoded_pair(name, pieces[index + 1], careful))
    return parameters


def decoded_pair(name: str, value: str, careful: bool) -> "tuple[str, str]":
    """Return a parameter decoded; ``careful`` if its value may hold what is refused."""
    name = name.strip(LINEAR_WHITE_SPACE)
    if name not in PROTOCOL_PARAMETERS:
        if not is_token(name) or not is_strictly_encoded(name):
            raise MalformedRequest("the Authorization header has a name that is not a token")
        name = percent_decode(name)
    if careful and ("\\" in value or has_control(value)):
        message = "{} holds a backslash or a control character".format(ascii(name))
        raise MalformedRequest(message, parameter=name)
    # The names of RFC 7235 are case-insensitive, those of OAuth are not.
    if name.lower() == "realm":
        return "realm", value
    if careful and not is_strictly_encoded(value):
        message = "{} holds a broken escape or octets that are not UTF-8".format(ascii(name))
        raise MalformedRequest(message, parameter=name)
    return name, percent_decode(value) if "%" in value else value


def split_scheme(value: str) -> "tuple[str, str]":
    """Return the authentication scheme of an Authorization header in lower case, and what follows it."""
    if not isinstance(value, str):
        raise MalformedRequest("the Authorization header is not text")
    if value.startswith("OAuth "):
        return "oauth", value[len("OAuth") :]
    value = value.strip(LINEAR_WHITE_SPACE)
    rest = value.lstrip(TOKEN_CHARACTERS)
    return value[: len(value) - len(rest)].lower(), rest


def keeps_secrets(uri: str) -> bool:
    """Tell whether what is sent to ``uri`` stays between client and server: TLS or a loopback IP address.

    Names are not looked at: ``localhost`` may resolve to anything. Nor are other spellings of an
    address, such as ``127.1``. Raises SigningError as :func:`base_string_uri` does.
    """
    scheme, authority, _ = split_uri(uri)
    host = split_authority(authority)[0]
    if scheme == "https" or host == "[::1]":
        return True
    numbers = host.split(".")
    return len(numbers) == 4 and numbers[0] == "127" and all([number in OCTET_NUMBERS for number in numbers])
