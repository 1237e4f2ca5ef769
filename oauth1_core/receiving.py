"""Receiving requests (RFC 5849 section 3.2): what can be read without credentials.

A request is read in this order: size limits, before anything is parsed; a strict parse; the structure that section 3.1
requires.

The RFC leaves some decisions to the server. Here they are:

- A broken escape is refused, and so are octets that are not UTF-8.
- An unknown ``oauth_`` parameter is accepted.
- An empty ``oauth_token`` counts as absent.

Strategy. Parameters are canonical pairs (see ``canonical``) from the parse to the base string. They are decoded when
the application reads them. Decoding exactly reverses the encoding, so the application gets the value that was signed.
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
        """The interface of a mapping of headers, which every HTTP library has."""

        def items(self) -> "Iterable[tuple[str, str]]": ...

    Headers = Iterable[tuple[str, str]] | WithItems
else:
    Headers = object


REQUIRED = ("oauth_consumer_key", "oauth_signature_method", "oauth_signature", "oauth_timestamp", "oauth_nonce")
SINGLE = frozenset(["authorization", "content-type", "content-length", "host"])
PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t"
FIELDS = SINGLE | {"content-encoding", "transfer-encoding"}
# Single-byte character sets in which every ASCII character has its ASCII octet.
SUPERSETS_OF_ASCII = ("iso-8859-", "latin1", "windows-125")


class Limits:
    """The size limits of a request. A request that exceeds a limit is refused with LimitExceeded.

    :param header: most characters of the Authorization header (default: 8,192).
    :param uri: most characters of the request URI (default: 8,192).
    :param form: most octets of a form (default: 262,144). An essay of 25,000 Chinese characters fits (9 octets each,
        escaped). A form of this size takes 1 ms to decode if it is encoded as usual, and at most 31 ms.
    :param parameters: most parameters in the query, in the form, and in the request (default: 1,000).
    :param protocol_parameters: most protocol parameters (default: 32).
    :param identifier: most characters of ``oauth_consumer_key`` and of ``oauth_token`` (default: 1,024).
    :param signature: most characters of ``oauth_signature`` (default: 2,048).
    :param nonce: most characters of ``oauth_nonce`` (default: 256).
    :param method: most characters of the request method (default: 64).
    :param content_type: most characters of the Content-Type (default: 512).
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
    """The type of ``UNREAD``: an empty body that is a different object from b""."""


UNREAD = Unread()


class AuthenticatedRequest:
    """A parsed request (section 3.1). It is authentic only if it has been verified.

    :ivar method, uri, body: the arguments of :func:`parse_request`.
    :ivar is_form: whether the body is a form; a form is signed.
    :ivar realm: the realm of the Authorization header, or ``None``.
    :ivar base_string: the signature base string.
    :ivar client_identifier: ``oauth_consumer_key``.
    :ivar token_identifier: ``oauth_token``; ``None`` if the request has none or an empty one.
    :ivar signature_method, signature: as they were sent.
    :ivar timestamp: in seconds; it can be ``None`` only with PLAINTEXT.
    :ivar nonce: can be ``None`` only with PLAINTEXT.
    :ivar body_hash: ``oauth_body_hash``, or ``None``.
    :ivar parameters: all (name, value) pairs that were signed; use only these in the application. :meth:`single`
        returns the value of a parameter that must appear only once.
    :ivar protocol_parameters: the parameters whose name begins with ``oauth_``, and all others in the Authorization
        header.

    Each access to one of these two lists decodes it again.
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

    # Decoded on access: to decode it in every verification would take 1.16 times as long.
    @property
    def parameters(self) -> "Parameters":
        return decoded_pairs(self._pairs)

    @property
    def protocol_parameters(self) -> "Parameters":
        return decoded_pairs(self._protocol_pairs)

    def single(self, name: str) -> str:
        """Return the value of a signed parameter that must appear only once.

        If a name appears several times, the signature does not cover which value came first, or from which place
        (3.4.1.3). Raises MissingParameter or DuplicatedParameter, which name the parameter.
        """
        values = [value for each, value in self.parameters if each == name]
        if len(values) > 1:
            raise DuplicatedParameter("a parameter appears twice in the request, and must appear once", parameter=name)
        if not values:
            raise absent([name])
        return values[0]

    def __reduce__(self) -> "NoReturn":
        raise TypeError("requests cannot be pickled: their signature or verification code may be a secret")


def parse_request(
    method: str, uri: str, headers: "Headers" = (), body: bytes = b"", *, limits: Limits = LIMITS
) -> AuthenticatedRequest:
    """Return the request, parsed and checked as far as that needs no credentials.

    :param method: the HTTP request method, such as ``"GET"``.
    :param uri: the URI to which the client sent the request. Behind a proxy, this is the external URI.
    :param headers: (name, value) pairs of ``str``, which show duplicates; or a mapping with ``.items()``.
    :param body: the unchanged octets of the body, of any type.
    :param limits: the size limits of the request.
    :raises BadRequest: one of its classes. MissingParameter has status 401, not 400, if the request has no OAuth
        parameters at all.
    :raises LimitExceeded: a part of the request is larger than ``limits`` allows.
    """
    request = read_head(method, uri, headers, limits)
    read_body(request, body, limits)
    return request


def read_head(method: str, uri: str, headers: "Headers", limits: Limits) -> AuthenticatedRequest:
    """Return the request without its body, which :func:`read_body` reads later.

    ``client_identifier`` is ``""`` until then if the protocol parameters may be in the form.
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
    # Without oauth_signature here, all protocol parameters may be in the form: read_body() decides.
    if protocol and (not request.is_form or "oauth_signature\0" in "&".join(protocol)):
        read_protocol_parameters(request, protocol, limits)
    elif not request.is_form:
        # Without an OAuth header, the client gets a challenge (401); with an empty one, the missing parameters (400).
        raise absent(["oauth_consumer_key"], status=400 if quick_is_oauth(authorization) else 401)
    return request


def read_body(request: AuthenticatedRequest, body: bytes, limits: Limits) -> None:
    """Read the body into a request from :func:`read_head`, and complete its base string.

    ``UNREAD`` stands for a body that no signature covers and that the caller has not read.
    """
    unread = body is UNREAD
    if not isinstance(body, bytes):
        raise MalformedRequest("body must be bytes", parameter="body")
    if request.is_form and len(body) > limits.form:
        raise too_long("form", limits.form, 413, "octets")
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


# The parts of parse_request(), in the order in which it uses them.


def single_fields(headers: "Headers") -> "dict[str, str]":
    """Return the header fields that matter here, by name in lower case. Those in SINGLE must appear only once."""
    fields: "dict[str, str]" = {}
    try:
        for field, value in header_pairs(headers):
            if not isinstance(field, str) or not isinstance(value, str):
                raise MalformedRequest("headers must be pairs of str")
            name = field.lower()
            if name in FIELDS:
                if name in fields and name in SINGLE:
                    raise MalformedRequest("the header field {} appears twice".format(name), parameter=name)
                fields[name] = value
    except (TypeError, ValueError):
        raise MalformedRequest("headers must be pairs of str") from None
    return fields


def header_pairs(headers: "Headers") -> "Parameters":
    """Return the header fields as a list of pairs, given pairs or a mapping with ``.items()``."""
    if isinstance(headers, list):
        return headers
    pairs: "Any" = headers
    try:
        return list(pairs.items() if hasattr(pairs, "items") else pairs)
    except TypeError:
        raise MalformedRequest("headers must be pairs or a mapping") from None


def text_pairs(headers: "Headers") -> "Parameters":
    """Return the header fields as :func:`header_pairs` does. Raises MalformedRequest unless they are pairs of str."""
    pairs: "list[Any]"
    try:
        pairs = [(name, value) for name, value in header_pairs(headers)]
    except (TypeError, ValueError):
        pairs = [(None, None)]
    if not all([isinstance(text, str) for pair in pairs for text in pair]):
        raise MalformedRequest("headers must be pairs of str")
    return pairs


def too_long(parameter: str, limit: int, status: int = 400, unit: str = "characters") -> LimitExceeded:
    message = "{} is too long: it must have at most {} {}".format(parameter, limit, unit)
    # 413, 414 and 431 need no explanation, and the Problem Reporting extension has no name for them.
    return LimitExceeded(message, status=status, problem=None if status == 400 else "", parameter=parameter)


def too_many(what: str, limit: int, parameter: str) -> LimitExceeded:
    return LimitExceeded("the request has more than {} {}".format(limit, what), parameter=parameter)


def check_target(method: str, uri: str, limits: Limits) -> None:
    """Refuse a method or URI that no HTTP client sends, or that a server could read as a different resource."""
    if not isinstance(method, str) or not isinstance(uri, str):
        raise MalformedRequest("method and URI must be str", parameter="uri")
    if len(method) > limits.method:
        raise too_long("method", limits.method)
    if len(uri) > limits.uri:
        raise too_long("uri", limits.uri, 414)
    if quick_has_userinfo(uri) or "#" in uri or " " in uri or quick_has_control(uri):
        raise MalformedRequest(
            "the request URI has a fragment, userinfo, white space or a control character", parameter="uri"
        )


def sound_path(path: str) -> str:
    """Return ``path`` if it needs no encoding; a signer would have to encode any other path.

    Otherwise two paths, ``/|`` and ``/%7C``, would have the same base string.
    """
    if not is_sound_path(path):
        message = "the path has a broken escape or a character that must be percent-encoded"
        raise MalformedRequest(message, parameter="uri")
    return path


def check_length(fields: "dict[str, str]", length: int, is_form: bool) -> None:
    """Refuse a body of another length than the client sent, such as the rest of a form that was already read.

    Anyone on the way can add a Transfer-Encoding or a Content-Encoding, so neither of them excuses an empty form.
    """
    if length and ("transfer-encoding" in fields or "content-encoding" in fields):
        return
    declared = fields.get("content-length", "0").strip(LINEAR_WHITE_SPACE).lstrip("0")
    if declared != (str(length) if length else "") or (is_form and "transfer-encoding" in fields):
        raise MalformedRequest(
            "the body is not as long as Content-Length or Transfer-Encoding says: pass the whole body",
            parameter="content-length",
        )


def check_charset(content_type: str, body: bytes) -> None:
    """Refuse a form that a reader would decode differently if it followed the declared charset."""
    charsets = charsets_of(content_type)
    # Other readers also accept ``charset*`` (RFC 2231) and other white space.
    known = content_type.lower().count("charset") == len(charsets) and not content_type.encode().strip(PRINTABLE)
    if not known or not charsets or charsets[0] in ("utf-8", "us-ascii", "utf8", "ascii"):
        same = known and len(charsets) < 2
    else:
        same = charsets[0].startswith(SUPERSETS_OF_ASCII) and is_ascii(body) and len(charsets) == 1
    if not same:
        raise MalformedRequest(
            "the form declares a charset other than UTF-8: send it as UTF-8", parameter="content-type"
        )


def is_ascii(form: bytes) -> bool:
    """Tell whether a form, once it is decoded, is ASCII."""
    decoded = percent_decode(form_text(form))
    return len(decoded.encode("utf-8", "surrogateescape")) == len(decoded)


def strict_pairs(text: str, source: str, limits: Limits) -> "list[str]":
    if text.count("&") >= limits.parameters:
        raise too_many("parameters in the " + source, limits.parameters, source)
    pairs = strict_pairs_of_form(text)
    if pairs is None:
        message = "the {} has a broken escape or octets that are not UTF-8".format(source)
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
        raise DuplicatedParameter("realm appears twice in the request", parameter="realm")
    return pairs, realms[0] if realms else None


def the_one_place(first: "list[str]", second: "list[str]") -> "list[str]":
    """Return the protocol parameters from "one and only one" of their places (3.5), [] if there are none.

    ``first`` has only protocol parameters. In ``second``, they are the pairs whose name begins with ``oauth_``.
    """
    elsewhere = quick_protocol_pairs(second)
    if first and elsewhere:
        ((name, _),) = decoded_pairs(elsewhere[:1])
        raise DuplicatedParameter(
            "protocol parameters appear in more than one of header, form and query", parameter=name
        )
    return first or elsewhere


def unique_values(pairs: "list[str]") -> "dict[str, str]":
    """Return the protocol parameters by name; each "MUST NOT appear more than once per request" (3.1)."""
    texts = "\0".join(pairs).split("\0")
    names = texts[::2]
    values = dict(zip(names, texts[1::2]))
    if len(values) < len(names):
        twice = [name for name in values if names.count(name) > 1]
        message = "a protocol parameter appears twice in the request"
        raise DuplicatedParameter(message, parameter=percent_decode(twice[0]))
    return values


def read_usual_header(request: AuthenticatedRequest, authorization: str, limits: Limits) -> bool:
    """Set the attributes of a request with a usual header as :func:`read_protocol_parameters` does.

    Return False for any other header, for missing parameters, and for values longer than ``limits`` allows; then
    :func:`read_protocol_parameters` raises the error.
    """
    usual = values_of_header(authorization)
    if usual is None:
        return False
    (realm, client, token, method, timestamp, nonce, _, signature), pairs = usual
    if not (client and method and timestamp and nonce and signature) or (
        len(client) > limits.identifier
        or len(token or "") > limits.identifier
        or len(nonce) > limits.nonce
        or limits.protocol_parameters < 7
    ):
        return False
    # The signature is base64; only these three of its characters are escaped.
    decoded = signature.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")
    if len(decoded) > limits.signature:
        return False
    request.realm = realm
    request._header = request._protocol_pairs = pairs
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
    """Check each protocol parameter of section 3.1 and set the attributes of the request."""
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
        raise MalformedRequest("the nonce must have 1 to {} characters".format(limits.nonce), parameter="oauth_nonce")
    # Many databases raise their own error for NUL.
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
        raise MalformedRequest("oauth_body_hash must not be sent with a form", parameter="oauth_body_hash")


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
