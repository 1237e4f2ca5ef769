"""Receiving requests (RFC 5849 section 3.2): what can be read without credentials.

Size limits before anything is parsed; a strict parse, decoded once; then the structure that section 3.1
asks for. What the RFC leaves to the server: a broken escape or octets that are not UTF-8 are refused, an
unknown ``oauth_`` parameter is accepted, an empty ``oauth_token`` is none.

Strategy. Parameters stay canonical pairs (see ``canonical``) from the parse to the base string, and are
decoded when somebody asks for them. Decoding those is the exact reverse of how they were encoded, so the
value that was signed and the value that the application gets are one.
"""

from .canonical import (
    decode_encoded,
    decoded_pairs,
    encode_again,
    pairs_of_header,
    quick_has_control,
    quick_has_userinfo,
    quick_is_form_type,
    quick_is_oauth,
    quick_protocol_pairs,
    start_of_base_string,
    strict_pairs_of_form,
    values_of_header,
)
from .errors import (
    DuplicatedParameter,
    LimitExceeded,
    MalformedRequest,
    MissingParameter,
    SigningError,
    UnsupportedVersion,
)
from .parameters import form_text
from .percent_encoding import percent_decode
from .transmission import LINEAR_WHITE_SPACE, charsets_of
from .uris import has_control, is_sound_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, NoReturn, Protocol

    from .parameters import Parameters

    class WithItems(Protocol):
        """What has ``.items()``, as the headers of every HTTP library have."""

        def items(self) -> "Iterable[tuple[str, str]]": ...

    Headers = Iterable[tuple[str, str]] | WithItems
else:
    Headers = object


REQUIRED = ("oauth_consumer_key", "oauth_signature_method", "oauth_signature", "oauth_timestamp", "oauth_nonce")
SINGLE = frozenset(["authorization", "content-type", "content-length", "host"])
PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t"
FIELDS = SINGLE | {"content-encoding", "transfer-encoding"}
# Single-byte character sets that agree with UTF-8 where a form holds nothing but ASCII.
SUPERSETS_OF_ASCII = ("iso-8859-", "latin1", "windows-125")


class Limits:
    """How much of a request is read.

    :param header: characters of the Authorization header; 8,192 by default.
    :param uri: characters of the request URI; 8,192 by default.
    :param form: octets of a form; 262,144 by default, into which an essay of 25,000 Chinese characters fits (9
        octets each, escaped), and which takes 30 ms to decode.
    :param parameters: how many there may be in the query, in the form, and in all; 1,000 by default.
    :param protocol_parameters: how many protocol parameters; 32 by default.
    :param identifier: characters of ``oauth_consumer_key`` and of ``oauth_token``; 1,024 by default.
    :param signature: characters of ``oauth_signature``; 2,048 by default.
    :param nonce: characters of ``oauth_nonce``; 256 by default.
    :param method: characters of the request method; 64 by default.
    :param content_type: characters of the Content-Type; 512 by default.
    """

    __slots__ = (
        "header",
        "uri",
        "form",
        "parameters",
        "protocol_parameters",
        "identifier",
        "signature",
        "nonce",
        "method",
        "content_type",
    )

    def __init__(
        self,
        *,
        header: int = 8192,
        uri: int = 8192,
        form: int = 262144,
        parameters: int = 1000,
        protocol_parameters: int = 32,
        identifier: int = 1024,
        signature: int = 2048,
        nonce: int = 256,
        method: int = 64,
        content_type: int = 512,
    ) -> None:
        self.header: int = header
        self.uri: int = uri
        self.form: int = form
        self.parameters: int = parameters
        self.protocol_parameters: int = protocol_parameters
        self.identifier: int = identifier
        self.signature: int = signature
        self.nonce: int = nonce
        self.method: int = method
        self.content_type: int = content_type


LIMITS = Limits()


class Unread(bytes):
    """An empty body that is another object than b"" is."""


UNREAD = Unread()


class AuthenticatedRequest:
    """A request as section 3.1 describes it, read once; authentic only after it was verified.

    :ivar method, uri, body: as they were handed over.
    :ivar is_form: whether the body is a form, and so signed.
    :ivar realm: that of the Authorization header, or ``None``.
    :ivar base_string: what was signed.
    :ivar client_identifier: ``oauth_consumer_key``.
    :ivar token_identifier: ``oauth_token``, ``None`` where it was not sent or empty.
    :ivar signature_method, signature: as they were sent.
    :ivar timestamp: seconds, ``None`` only with PLAINTEXT.
    :ivar nonce: ``None`` only with PLAINTEXT.
    :ivar body_hash: ``oauth_body_hash``, or ``None``.
    :ivar parameters: all (name, value) pairs that were signed: what the application may see. :meth:`single`
        returns the value of one that may stand only once.
    :ivar protocol_parameters: those that begin with ``oauth_``, and all others of the Authorization header.

    Both lists of parameters are decoded each time they are asked for.
    """

    __slots__ = (
        "method",
        "uri",
        "body",
        "is_form",
        "realm",
        "base_string",
        "client_identifier",
        "token_identifier",
        "signature_method",
        "signature",
        "timestamp",
        "nonce",
        "body_hash",
        "_fields",
        "_query",
        "_header",
        "_pairs",
        "_protocol_pairs",
        "_signature_pair",
    )

    method: str
    uri: str
    body: bytes
    is_form: bool
    realm: "str | None"
    base_string: str
    client_identifier: str
    token_identifier: "str | None"
    signature_method: str
    signature: str
    timestamp: "int | None"
    nonce: "str | None"
    body_hash: "str | None"
    _fields: "dict[str, str]"
    _query: "list[str]"
    _header: "list[str]"
    _pairs: "list[str]"
    _protocol_pairs: "list[str]"
    _signature_pair: str

    # Decoded when it is asked for: without that, verifying takes 1.16 times as long.
    @property
    def parameters(self) -> "Parameters":
        return decoded_pairs(self._pairs)

    @property
    def protocol_parameters(self) -> "Parameters":
        return decoded_pairs(self._protocol_pairs)

    def single(self, name: str) -> str:
        """Return the one value of a parameter that was signed.

        Order and place of parameters of one name are not signed (3.4.1.3), so none of several can be relied on.
        Raises MissingParameter or DuplicatedParameter, which name the parameter.
        """
        values = [value for each, value in self.parameters if each == name]
        if len(values) > 1:
            raise DuplicatedParameter("a parameter that may stand once stands in the request twice", parameter=name)
        if not values:
            raise absent([name])
        return values[0]

    def __reduce__(self) -> "NoReturn":
        raise TypeError("requests are not pickled: their signature or verification code may be a secret")


def parse_request(
    method: str, uri: str, headers: "Headers" = (), body: bytes = b"", *, limits: Limits = LIMITS
) -> AuthenticatedRequest:
    """Return the request as far as it can be read without any credentials.

    :param method: as it came, such as ``"GET"``.
    :param uri: the URI that the client sent the request to, as the client knows it: behind a proxy, the external one.
    :param headers: (name, value) pairs of text, so that duplicates can be seen, or a mapping with ``.items()``.
    :param body: the entity-body, octet for octet, whatever its type.
    :param limits: how much of the request is read.
    :raises BadRequest: one of its classes. MissingParameter has status 401 where the request does not even try.
    :raises LimitExceeded: A part is larger than ``limits``.
    """
    request = read_head(method, uri, headers, limits)
    read_body(request, body, limits)
    return request


def read_head(method: str, uri: str, headers: "Headers", limits: Limits) -> AuthenticatedRequest:
    """Return what can be read before the body is there; :func:`read_body` reads the rest.

    Of a form that may hold the protocol parameters, ``client_identifier`` is ``""`` until then.
    """
    fields = single_fields(headers)
    authorization = fields.get("authorization", "")
    if len(authorization) > limits.header:
        raise too_long("authorization", limits.header, 431)
    content_type = fields.get("content-type", "")
    if len(content_type) > limits.content_type:
        raise too_long("content-type", limits.content_type, 431)
    check_target(method, uri, limits)

    request = AuthenticatedRequest()
    request.method = method
    request.uri = uri
    request.is_form = quick_is_form_type(content_type)
    request._fields = fields
    try:
        request.base_string, request._query = start_of_base_string(
            method, uri, lambda query: strict_pairs(query, "query", limits), sound_path
        )
    except SigningError as error:
        raise MalformedRequest(str(error), parameter=error.parameter) from None
    if len(request._query) > limits.parameters:
        raise too_many("parameters in the query", limits.parameters, "query")
    if read_usual_header(request, authorization, limits) and not quick_protocol_pairs(request._query):
        return request
    request.client_identifier = ""
    request._header, request.realm = strict_header(authorization)
    protocol = request._protocol_pairs = the_one_place(request._header, request._query)
    # Without its signature, the rest may stand in the form, which the one place is then not.
    if protocol and (not request.is_form or "oauth_signature\0" in "&".join(protocol)):
        read_protocol_parameters(request, protocol, limits)
    elif not request.is_form:
        # Whoever sent no OAuth header gets the challenge, whoever sent an empty one hears what it lacks.
        raise absent(["oauth_consumer_key"], status=400 if quick_is_oauth(authorization) else 401)
    return request


def read_body(request: AuthenticatedRequest, body: bytes, limits: Limits) -> None:
    """Read the body of a request whose head was read, and end the base string.

    ``UNREAD`` is a body that no signature covers, and which the caller passes on unread.
    """
    unread = body is UNREAD
    if not isinstance(body, bytes):
        raise MalformedRequest("the body is not bytes", parameter="body")
    if request.is_form and len(body) > limits.form:
        raise too_long("form", limits.form, 413)
    if not unread and ("content-length" in request._fields or "transfer-encoding" in request._fields):
        check_length(request._fields, len(body), request.is_form)
    request.body = b"" if unread else body
    form: "list[str]" = []
    if request.is_form:
        check_charset(request._fields["content-type"], body)
        form = strict_pairs(form_text(body), "form", limits)
        protocol = the_one_place(request._protocol_pairs, form)
        if not protocol:
            authorization = request._fields.get("authorization", "")
            raise absent(["oauth_consumer_key"], status=400 if quick_is_oauth(authorization) else 401)
        if not request.client_identifier:
            read_protocol_parameters(request, protocol, limits)
    # As collect_parameters() would return them.
    pairs = request._query + request._header + form
    pairs.remove(request._signature_pair)
    if len(pairs) > limits.parameters:
        raise too_many("parameters", limits.parameters, "parameters")
    request._pairs = pairs
    request.base_string += encode_again("&".join(sorted(pairs)))


# The parts of parse_request(), in the order of their use.


def single_fields(headers: "Headers") -> "dict[str, str]":
    """Return the header fields that matter here, each of which may stand only once."""
    fields: "dict[str, str]" = {}
    try:
        for field, value in header_pairs(headers):
            if not isinstance(field, str) or not isinstance(value, str):
                raise MalformedRequest("header fields are pairs of text")
            name = field.lower()
            if name in FIELDS:
                if name in fields and name in SINGLE:
                    raise MalformedRequest("{} stands twice among the header fields".format(name), parameter=name)
                fields[name] = value
    except (TypeError, ValueError):
        raise MalformedRequest("header fields are pairs of text") from None
    return fields


def header_pairs(headers: "Headers") -> "Parameters":
    """Return header fields as a list of pairs, which a mapping with ``.items()`` holds too."""
    if isinstance(headers, list):
        return headers
    pairs: "Any" = headers
    try:
        return list(pairs.items() if hasattr(pairs, "items") else pairs)
    except TypeError:
        raise MalformedRequest("header fields are neither pairs nor a mapping") from None


def too_long(parameter: str, limit: int, status: int = 400) -> LimitExceeded:
    message = "{} is too long: {} is the limit".format(parameter, limit)
    # The statuses of HTTP say it all; the extension has no word for them.
    return LimitExceeded(message, status=status, problem=None if status == 400 else "", parameter=parameter)


def too_many(what: str, limit: int, parameter: str) -> LimitExceeded:
    return LimitExceeded("more than {} {}".format(limit, what), parameter=parameter)


def check_target(method: str, uri: str, limits: Limits) -> None:
    """Refuse what no HTTP client sends, or what could be read as another resource than was signed."""
    if not isinstance(method, str) or not isinstance(uri, str):
        raise MalformedRequest("method and request URI are not text", parameter="uri")
    if len(method) > limits.method:
        raise too_long("method", limits.method)
    if len(uri) > limits.uri:
        raise too_long("uri", limits.uri, 414)
    if quick_has_userinfo(uri) or "#" in uri or " " in uri or quick_has_control(uri):
        raise MalformedRequest("the request URI holds a fragment, userinfo or white space", parameter="uri")


def sound_path(path: str) -> str:
    """Return ``path``, in which nothing may be spelled as signing alone would have to spell it.

    Otherwise two targets, ``/|`` and ``/%7C``, would share a base string.
    """
    if not is_sound_path(path):
        message = "the path holds a broken escape or a character that has to be percent-encoded"
        raise MalformedRequest(message, parameter="uri")
    return path


def check_length(fields: "dict[str, str]", length: int, is_form: bool) -> None:
    """Refuse a body that is not the one which was sent, such as what is left when a form was read before.

    Anybody on the way can add a Transfer-Encoding or a Content-Encoding, so neither excuses a form that is empty.
    """
    if length and ("transfer-encoding" in fields or "content-encoding" in fields):
        return
    declared = fields.get("content-length", "0").strip(LINEAR_WHITE_SPACE).lstrip("0")
    if declared != (str(length) if length else "") or (not length and is_form and "transfer-encoding" in fields):
        raise MalformedRequest("the body has another length than Content-Length tells", parameter="content-length")


def check_charset(content_type: str, body: bytes) -> None:
    """Refuse a form that another reader, who goes by its charset, would decode otherwise."""
    charsets = charsets_of(content_type)
    # Other readers know more spellings of a parameter's name (RFC 2231), and of white space.
    known = content_type.lower().count("charset") == len(charsets) and not content_type.encode().strip(PRINTABLE)
    if not known or not charsets or charsets[0] in ("utf-8", "us-ascii", "utf8", "ascii"):
        same = known and len(charsets) < 2
    else:
        same = charsets[0].startswith(SUPERSETS_OF_ASCII) and is_ascii(body) and len(charsets) == 1
    if not same:
        raise MalformedRequest("the form declares a charset that is not UTF-8", parameter="content-type")


def is_ascii(form: bytes) -> bool:
    """Tell whether a form holds nothing but ASCII, once it is decoded."""
    decoded = percent_decode(form_text(form))
    return len(decoded.encode("utf-8", "surrogateescape")) == len(decoded)


def strict_pairs(text: str, source: str, limits: Limits) -> "list[str]":
    if text.count("&") >= limits.parameters:
        raise too_many("parameters in the " + source, limits.parameters, source)
    pairs = strict_pairs_of_form(text)
    if pairs is None:
        message = "the {} holds a broken escape or octets that are not UTF-8".format(source)
        raise MalformedRequest(message, parameter=source)
    return pairs


def strict_header(authorization: str) -> "tuple[list[str], str | None]":
    """Return the protocol parameters of the Authorization header, and its realm."""
    if not quick_is_oauth(authorization):
        if any([quick_is_oauth(item) for item in authorization.split(",")[1:]]):
            raise MalformedRequest("two schemes share one Authorization header", parameter="authorization")
        return [], None
    pairs, realms = pairs_of_header(authorization)
    if len(realms) > 1:
        raise DuplicatedParameter("realm stands in the request twice", parameter="realm")
    return pairs, realms[0] if realms else None


def the_one_place(first: "list[str]", second: "list[str]") -> "list[str]":
    """Return the protocol parameters from "one and only one" of their locations (3.5), [] if there are none.

    ``first`` are nothing but protocol parameters; those among ``second`` begin with ``oauth_``.
    """
    elsewhere = quick_protocol_pairs(second)
    if first and elsewhere:
        ((name, _),) = decoded_pairs(elsewhere[:1])
        raise DuplicatedParameter("protocol parameters stand in more than one place", parameter=name)
    return first or elsewhere


def unique_values(pairs: "list[str]") -> "dict[str, str]":
    """Return the protocol parameters by name; each "MUST NOT appear more than once per request" (3.1)."""
    texts = "\0".join(pairs).split("\0")
    names = texts[::2]
    values = dict(zip(names, texts[1::2]))
    if len(values) < len(names):
        twice = [name for name in values if names.count(name) > 1]
        message = "a protocol parameter stands in the request twice"
        raise DuplicatedParameter(message, parameter=percent_decode(twice[0]))
    return values


def read_usual_header(request: AuthenticatedRequest, authorization: str, limits: Limits) -> bool:
    """Read a header that is spelled as usual, if it is one, as :func:`read_protocol_parameters` would.

    A header with a lack, or longer than ``limits``, is left to that one, which says what is wrong with it.
    """
    values = values_of_header(authorization)
    if values is None:
        return False
    realm, client, token, method, timestamp, nonce, _, signature = values
    if not (client and method and timestamp and nonce and signature) or (
        len(client) > limits.identifier
        or len(token or "") > limits.identifier
        or len(nonce) > limits.nonce
        or limits.protocol_parameters < 7
    ):
        return False
    # It is base64, of which no other character is escaped.
    decoded = signature.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")
    if len(decoded) > limits.signature:
        return False
    start = len("OAuth ") if realm is None else len('OAuth realm="", ') + len(realm)
    request.realm = realm
    request._header = request._protocol_pairs = authorization[start:-1].replace('="', "\0").split('", ')
    request._signature_pair = "oauth_signature\0" + signature
    request.client_identifier = client
    request.token_identifier = token
    request.signature_method = method
    request.signature = decoded
    request.timestamp = int(timestamp)
    request.nonce = nonce
    request.body_hash = None
    return True


def read_protocol_parameters(request: AuthenticatedRequest, pairs: "list[str]", limits: Limits) -> None:
    """Check each protocol parameter of section 3.1 and put it where it belongs."""
    if len(pairs) > limits.protocol_parameters:
        raise too_many("protocol parameters", limits.protocol_parameters, "oauth_")
    request._protocol_pairs = pairs
    values = unique_values(pairs)
    request._signature_pair = "oauth_signature\0" + values.get("oauth_signature", "")
    for name, value in values.items():
        if "%" in value:
            values[name] = decode_encoded(value)
    get = values.get
    method, timestamp, nonce = get("oauth_signature_method"), get("oauth_timestamp"), get("oauth_nonce")
    client, signature, token = get("oauth_consumer_key"), get("oauth_signature"), get("oauth_token") or None
    # "The parameter MAY be omitted when using the "PLAINTEXT" signature method."
    if not (client and method and signature and ((timestamp and nonce) or method == "PLAINTEXT")):
        required = REQUIRED if method != "PLAINTEXT" else REQUIRED[:3]
        raise absent([name for name in required if not get(name)])
    if get("oauth_version", "1.0") != "1.0":
        raise UnsupportedVersion(
            "oauth_version is not 1.0",
            parameter="oauth_version",
            fields=[("oauth_acceptable_versions", "1.0-1.0")],
        )
    for name, identifier in (("oauth_consumer_key", client), ("oauth_token", token)):
        if identifier is not None and len(identifier) > limits.identifier:
            raise too_long(name, limits.identifier)
    if nonce is not None and (not nonce or len(nonce) > limits.nonce):
        raise MalformedRequest("the nonce is empty or too long", parameter="oauth_nonce")
    # Many a database raises something of its own for a NUL.
    if quick_has_control(client + (token or "") + (nonce or "")):
        raise holding_control(("oauth_consumer_key", client), ("oauth_token", token), ("oauth_nonce", nonce))
    if len(signature) > limits.signature:
        raise too_long("oauth_signature", limits.signature)
    request.client_identifier = client
    request.token_identifier = token
    request.signature_method = method
    request.signature = signature
    request.timestamp = checked_timestamp(timestamp)
    request.nonce = nonce
    request.body_hash = get("oauth_body_hash")
    if request.is_form and request.body_hash is not None:
        raise MalformedRequest("oauth_body_hash does not go with a form", parameter="oauth_body_hash")


def holding_control(*parameters: "tuple[str, str | None]") -> MalformedRequest:
    names = [name for name, value in parameters if value is not None and has_control(value)]
    return MalformedRequest("{} holds a control character".format(names[0]), parameter=names[0])


def checked_timestamp(text: "str | None") -> "int | None":
    """Return the seconds; "MUST be a positive integer" (3.3), of at most twelve digits here."""
    if text is None:
        return None
    if not text or text.rstrip("0123456789") or text.startswith("0") or len(text) > 12:
        advice = "decimal digits: seconds since 1970-01-01 00:00 UTC, not milliseconds"
        raise MalformedRequest(
            "the timestamp is not a positive number of seconds",
            problem="timestamp_refused",
            parameter="oauth_timestamp",
            fields=[("oauth_problem_advice", advice)],
        )
    return int(text)


def absent(names: "list[str]", status: int = 400) -> MissingParameter:
    return MissingParameter(
        "the request lacks {}".format(", ".join(names)),
        status=status,
        parameter=names[0],
        fields=[("oauth_parameters_absent", "&".join(names))],
    )
