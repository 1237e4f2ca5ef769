"""Verifying requests (RFC 5849 section 3.2).

The order removes most of what can go wrong: size limits before anything is parsed; a strict parse,
decoded once; structure; the timestamp's window; client and token, with stand-ins where they are
unknown; the signature in constant time; and last, in one atomic step, the nonce. So a request that is
not authentic changes nothing.

What the RFC leaves to the server: a broken escape or octets that are not UTF-8 are refused; a
timestamp lies within ``window`` seconds of now, which is told before the signature is looked at; an
unknown ``oauth_`` parameter is accepted if it was signed; an empty ``oauth_token`` is none; a client
with an empty secret can only use RSA, unless it is PublicClientCredentials and there is a token; that a
nonce was used, or a token expired, is told only to whoever could sign.
"""

import binascii
import hmac
import os
import time

from .base_string import encoded_base_string_uri, has_control, is_token, joined_elements
from .credentials import PublicClientCredentials
from .errors import (
    DuplicatedParameter,
    InsecureTransport,
    InvalidClientCredentials,
    InvalidNonce,
    InvalidSignature,
    InvalidTimestamp,
    InvalidToken,
    LimitExceeded,
    MalformedRequest,
    MissingParameter,
    SigningError,
    Unauthorized,
    UnsupportedSignatureMethod,
    UnsupportedVersion,
)
from .parameters import decoded_items, form_text, items_of_form
from .percent_encoding import ENCODED_CHARACTERS, NOT_ENCODED_ASCII, compiled, decode_encoded, is_strictly_encoded
from .signature_methods import HMAC_SHA1, HMAC_SHA256, Rsa, body_hash
from .transmission import (
    LINEAR_WHITE_SPACE,
    authorization_header,
    form_encoded_body,
    items_of_header,
    keeps_secrets,
    split_scheme,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import NoReturn, Protocol

    from .credentials import ClientCredentials, Credentials
    from .errors import VerificationError
    from .parameters import Parameters
    from .signature_methods import SignatureMethod

    Accept = Sequence[SignatureMethod]

    class CredentialsSource(Protocol):
        """What :class:`Verifier` asks for credentials; ``None`` for those it does not know."""

        def client(self, identifier: str) -> "ClientCredentials | None": ...
        def token(self, client_identifier: str, token_identifier: str) -> "Credentials | None": ...

    class NonceStore(Protocol):
        """What :class:`Verifier` asks whether a nonce is new: one atomic step, True once only."""

        def claim(
            self, client_identifier: str, token_identifier: str, timestamp: int, nonce: str, now: float
        ) -> bool: ...


# Stands in for the secret of an unknown client or token, so that refusing them takes the same work.
STAND_IN = binascii.hexlify(os.urandom(16)).decode("ascii")

REQUIRED = ("oauth_consumer_key", "oauth_signature_method", "oauth_signature", "oauth_timestamp", "oauth_nonce")
# A query or form that is spelled as it is signed, and nothing but ASCII.
USUAL_FORM = "(?:{0}={0}(?:&(?=.)|$))+".format(ENCODED_CHARACTERS)
FORM = "application/x-www-form-urlencoded"
SINGLE = frozenset(["authorization", "content-type", "host"])
# A method outside this list is unknown to every client.
METHOD_NAMES = frozenset(
    ["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "RSA-SHA1", "RSA-SHA256", "RSA-SHA512", "PLAINTEXT"]
)


class Limits:
    """How much of a request is read: characters of each part, and numbers of parameters."""

    __slots__ = ("header", "uri", "form", "parameters", "protocol_parameters", "identifier", "signature", "nonce")

    def __init__(
        self,
        *,
        header: int = 8192,
        uri: int = 8192,
        form: int = 1048576,
        parameters: int = 1000,
        protocol_parameters: int = 32,
        identifier: int = 1024,
        signature: int = 2048,
        nonce: int = 256,
    ) -> None:
        self.header: int = header
        self.uri: int = uri
        self.form: int = form
        self.parameters: int = parameters
        self.protocol_parameters: int = protocol_parameters
        self.identifier: int = identifier
        self.signature: int = signature
        self.nonce: int = nonce


LIMITS = Limits()


class AuthenticatedRequest:
    """A request as section 3.1 describes it, read once; authentic only after it was verified.

    ``parameters`` are all that were signed: what the application may see. ``timestamp`` is an ``int``;
    it and ``nonce`` are ``None`` only with PLAINTEXT, ``token_identifier`` and ``body_hash`` where none was
    sent. Both lists of parameters are decoded when they are asked for.
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
        "_items",
        "_protocol_items",
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
    _items: "list[str]"
    _protocol_items: "list[str]"

    # Kept as items; to decode those is the exact reverse of how they were encoded.
    @property
    def parameters(self) -> "Parameters":
        return decoded_items(self._items)

    @property
    def protocol_parameters(self) -> "Parameters":
        return decoded_items(self._protocol_items)

    def __reduce__(self) -> "NoReturn":
        raise TypeError("requests are not pickled: their signature or verification code may be a secret")


def parse_request(
    method: str, uri: str, headers: "Iterable[tuple[str, str]]" = (), body: bytes = b"", *, limits: Limits = LIMITS
) -> AuthenticatedRequest:
    """Return the request as far as it can be read without any credentials.

    ``uri`` is the URI that the client sent the request to, as it knows it: behind a proxy, the
    external one. ``headers`` are pairs, so that duplicates can be seen. Raises the BadRequest kinds
    and LimitExceeded; MissingParameter has status 401 where the request does not even try.
    """
    fields = single_fields(headers)
    authorization = fields.get("authorization", "")
    if len(authorization) > limits.header:
        raise too_long("authorization", limits.header, 431)
    is_form = is_form_type(fields.get("content-type", ""))
    check_target(method, uri, limits)
    if not isinstance(body, bytes):
        raise MalformedRequest("the body is not bytes", parameter="body")
    if is_form and len(body) > limits.form:
        raise too_long("form", limits.form, 413)

    target, _, query_text = uri.partition("?")
    query = strict_items(query_text, "query", limits) if query_text else []
    form = strict_items(form_text(body), "form", limits) if is_form else []
    header, realm = strict_header(authorization)
    protocol = the_one_place(header, query, form)
    if not protocol:
        # Whoever sent no OAuth header gets the challenge, whoever sent an empty one hears what it lacks.
        raise absent(["oauth_consumer_key"], status=400 if is_oauth(authorization) else 401)
    if len(protocol) > limits.protocol_parameters:
        raise too_long("oauth_", limits.protocol_parameters)
    values = unique_values(protocol)
    signature = values.get("oauth_signature", "")

    request = AuthenticatedRequest()
    request.method = method
    request.uri = uri
    request.body = body
    request.is_form = is_form
    request.realm = realm
    read_protocol_parameters(request, values, limits)
    # As collect_parameters() would return them.
    items = query + header + form
    items.remove("oauth_signature\0" + signature)
    if len(items) > limits.parameters:
        raise too_long("the list of parameters", limits.parameters)
    request._items = items
    request._protocol_items = protocol
    try:
        normalized = "&".join(sorted(items))
        request.base_string = joined_elements(method, encoded_base_string_uri(target), normalized, equals="\0")
    except SigningError as error:
        raise MalformedRequest(str(error), parameter=error.parameter) from None
    return request


def verify_signature(
    request: AuthenticatedRequest,
    client: "ClientCredentials | None",
    token: "Credentials | None" = None,
    *,
    accept: "Accept" = (HMAC_SHA1, HMAC_SHA256),
) -> None:
    """Return if the request was signed with these credentials, else raise.

    ``client`` or ``token`` is ``None`` where the identifier is unknown; finding that out takes the same
    work as a wrong signature. PLAINTEXT has to be in ``accept`` by name, and is refused without TLS.
    """
    for method in accept:
        if method.name == request.signature_method:
            break
    else:
        raise UnsupportedSignatureMethod(
            "this server does not accept the signature method", parameter="oauth_signature_method"
        )
    if method.name == "PLAINTEXT" and not keeps_secrets(request.uri):
        raise in_clear("PLAINTEXT was sent without TLS")
    client_secret = STAND_IN if client is None else client.secret
    token_secret = ""
    if request.token_identifier is not None:
        token_secret = STAND_IN if token is None else token.secret
    authentic = method.verify(request.signature, request.base_string, client_secret, token_secret)
    if client is None:
        raise InvalidClientCredentials("no such client", parameter="oauth_consumer_key")
    if token is None and request.token_identifier is not None:
        raise InvalidToken("no such token", parameter="oauth_token")
    # Without a secret anyone can compute an HMAC; RSA rests on something else (section 4.1).
    keyed = client_secret or isinstance(method, Rsa)
    if not authentic or not (keyed or (isinstance(client, PublicClientCredentials) and token_secret)):
        raise InvalidSignature("the signature is not that of this request", parameter="oauth_signature")
    if request.body_hash is not None:
        actual = body_hash(request.body, getattr(method, "digest", "sha1"))
        if not hmac.compare_digest(actual.encode(), request.body_hash.encode()):
            raise InvalidSignature("the body is not the one that was signed", parameter="oauth_body_hash")


class Verifier:
    """Everything section 3.2 asks of a server, in the right order.

    ``credentials`` has ``client(identifier)`` and ``token(client_identifier, token_identifier)``;
    ``nonces`` has ``claim(...)`` (see ``nonce_stores``); ``accept`` is a tuple of signature methods or a
    callable from the client identifier to one, for an unknown client too; ``window`` is in seconds,
    ``clock`` returns seconds. ``status`` is called with the request once its signature held, and raises
    InvalidToken or another VerificationError if the token, or what it was granted, has ended.
    ``require_body_hash`` refuses a body that neither a form nor ``oauth_body_hash`` covers,
    ``require_tls`` a request without TLS, but for a loopback IP address: for where tokens are issued (2.1, 2.3).
    ``disclose="verbose"`` tells an unknown client or token from a wrong signature: for test tools only.
    """

    def __init__(
        self,
        credentials: "CredentialsSource",
        nonces: "NonceStore",
        *,
        accept: "Accept | Callable[[str], Accept]" = (HMAC_SHA1, HMAC_SHA256),
        window: int = 300,
        clock: "Callable[[], float]" = time.time,
        disclose: str = "minimal",
        status: "Callable[[AuthenticatedRequest], None] | None" = None,
        require_body_hash: bool = False,
        require_tls: bool = False,
        limits: Limits = LIMITS,
    ) -> None:
        if disclose not in ("minimal", "verbose"):
            raise ValueError('disclose is "minimal" or "verbose"')
        self.credentials = credentials
        self.nonces = nonces
        self.accept = accept
        self.window = window
        self.clock = clock
        self.disclose = disclose
        self.status = status
        self.require_body_hash = require_body_hash
        self.require_tls = require_tls
        self.limits = limits

    def verify(
        self,
        method: str,
        uri: str,
        headers: "Iterable[tuple[str, str]]" = (),
        body: bytes = b"",
        *,
        token: str = "required",
    ) -> AuthenticatedRequest:
        """Return the request if it is authentic and was never accepted before, else raise VerificationError.

        ``token`` is ``"required"``, ``"optional"`` or ``"absent"`` (as in section 2.1).
        """
        if token not in ("required", "optional", "absent"):
            raise ValueError('token is "required", "optional" or "absent"')
        request = parse_request(method, uri, headers, body, limits=self.limits)
        client_identifier, token_identifier = request.client_identifier, request.token_identifier
        if token == "required" and token_identifier is None:
            raise absent(["oauth_token"])
        if token == "absent" and token_identifier is not None:
            raise MalformedRequest("no token is expected here", parameter="oauth_token")
        if self.require_body_hash and request.body and not request.is_form and request.body_hash is None:
            raise absent(["oauth_body_hash"])
        if self.require_tls and not keeps_secrets(uri):
            raise in_clear("the request came without TLS, and so would the answer go")
        now = self.clock()
        self.check_timestamp(request.timestamp, now)
        client = self.credentials.client(client_identifier)
        credentials = None
        if token_identifier is not None:
            credentials = self.credentials.token(client_identifier, token_identifier)
        try:
            verify_signature(request, client, credentials, accept=self.accepted(request))
        except Unauthorized as error:
            if self.disclose == "minimal":
                error.problem = InvalidSignature.problem
            raise
        except SigningError as error:
            # A hash that this Python was built without, or a method that was given no key.
            raise UnsupportedSignatureMethod(str(error), parameter="oauth_signature_method") from None
        if self.status is not None:
            self.status(request)
        if request.timestamp is not None and request.nonce is not None:
            new = self.nonces.claim(client_identifier, token_identifier or "", request.timestamp, request.nonce, now)
            if not new:
                raise InvalidNonce("this nonce was used before", parameter="oauth_nonce")
        return request

    def accepted(self, request: AuthenticatedRequest) -> "Accept":
        """Return the methods that this client may use, those of its own if ``accept`` is a callable."""
        if not callable(self.accept):
            return self.accept
        accept = self.accept(request.client_identifier)
        name = request.signature_method
        if name in METHOD_NAMES and name not in [method.name for method in accept]:
            # An unknown client costs one MAC, and so does one that can be told by its methods.
            HMAC_SHA256.verify(request.signature, request.base_string, STAND_IN, STAND_IN)
            raise UnsupportedSignatureMethod(
                "this client does not use the signature method",
                status=401,
                problem=InvalidSignature.problem if self.disclose == "minimal" else None,
                parameter="oauth_signature_method",
            )
        return accept

    def check_timestamp(self, timestamp: "int | None", now: float) -> None:
        if timestamp is not None and abs(int(now) - timestamp) > self.window:
            acceptable = "{}-{}".format(int(now) - self.window, int(now) + self.window)
            raise InvalidTimestamp(
                "the timestamp is too far from this server's clock",
                parameter="oauth_timestamp",
                fields=[("oauth_acceptable_timestamps", acceptable)],
            )


def refusal(error: "VerificationError", realm: str = "") -> "tuple[int, list[tuple[str, str]], bytes]":
    """Return the answer to a refused request: status, header fields, body.

    The body is a form with ``oauth_problem`` and its details (OAuth Problem Reporting); with 401 the
    challenge says the same.
    """
    problem = [("oauth_problem", error.problem)] if error.problem else []
    headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Cache-Control", "no-store")]
    if error.status == 401:
        headers.append(("WWW-Authenticate", authorization_header(problem, realm)))
    if error.status == 503:
        headers.append(("Retry-After", "1"))
    return error.status, headers, form_encoded_body(problem + error.fields).encode("ascii")


# The parts of parse_request(), in the order of their use.


def single_fields(headers: "Iterable[tuple[str, str]]") -> "dict[str, str]":
    """Return the header fields that matter here, each of which may stand only once."""
    fields: "dict[str, str]" = {}
    for field, value in headers:
        if not isinstance(field, str) or not isinstance(value, str):
            raise MalformedRequest("header fields are pairs of text")
        name = field.lower()
        if name in SINGLE:
            if name in fields:
                raise MalformedRequest("{} stands twice among the header fields".format(name), parameter=name)
            fields[name] = value
    return fields


def is_form_type(content_type: str) -> bool:
    """Tell whether the body is a form, refusing a media type that another reader could take for one."""
    if content_type in ("", FORM):
        return content_type == FORM
    media_type = content_type.partition(";")[0].strip(LINEAR_WHITE_SPACE).lower()
    kind, _, subtype = media_type.partition("/")
    if not (is_token(kind) and is_token(subtype)):
        raise MalformedRequest("the Content-Type is not a media type", parameter="content-type")
    return media_type == FORM


def too_long(parameter: str, limit: int, status: int = 400) -> LimitExceeded:
    message = "{} is too long: {} is the limit".format(parameter, limit)
    # The statuses of HTTP say it all; the extension has no word for them.
    return LimitExceeded(message, status=status, problem=None if status == 400 else "", parameter=parameter)


def check_target(method: str, uri: str, limits: Limits) -> None:
    """Refuse what no HTTP client sends, or what could be read as another resource than was signed."""
    if not isinstance(method, str) or not isinstance(uri, str):
        raise MalformedRequest("method and request URI are not text", parameter="uri")
    if len(uri) > limits.uri:
        raise too_long("uri", limits.uri, 414)
    userinfo = "@" in uri and "@" in uri.partition("?")[0].partition("://")[2].partition("/")[0]
    # What is printable holds no control character.
    if userinfo or "#" in uri or " " in uri or (not uri.isprintable() and has_control(uri)):
        raise MalformedRequest("the request URI holds a fragment, userinfo or white space", parameter="uri")


def strict_items(text: str, source: str, limits: Limits) -> "list[str]":
    if text.count("&") >= limits.parameters:
        raise too_long(source, limits.parameters)
    if compiled(USUAL_FORM).fullmatch(text) and not compiled(NOT_ENCODED_ASCII).search(text):
        return text.replace("=", "\0").split("&")
    if not is_strictly_encoded(text):
        message = "the {} holds a broken escape or octets that are not UTF-8".format(source)
        raise MalformedRequest(message, parameter=source)
    return items_of_form(text)


def is_oauth(authorization: str) -> bool:
    return split_scheme(authorization)[0] == "oauth"


def strict_header(authorization: str) -> "tuple[list[str], str | None]":
    """Return the protocol parameters of the Authorization header, and its realm."""
    if not authorization.startswith("OAuth ") and not is_oauth(authorization):
        if any([is_oauth(item) for item in authorization.split(",")[1:]]):
            raise MalformedRequest("two schemes share one Authorization header", parameter="authorization")
        return [], None
    items, realms = items_of_header(authorization)
    if len(realms) > 1:
        raise DuplicatedParameter("realm stands in the request twice", parameter="realm")
    return items, realms[0] if realms else None


def the_one_place(header: "list[str]", query: "list[str]", form: "list[str]") -> "list[str]":
    """Return the protocol parameters from "one and only one" of their locations (3.5), [] if there are none."""
    if "oauth_" not in "&".join(query + form):
        return header
    elsewhere = [item for item in query + form if item.startswith("oauth_")]
    if not elsewhere:
        return header
    if header or 0 < len([item for item in query if item.startswith("oauth_")]) < len(elsewhere):
        ((name, _),) = decoded_items(elsewhere[:1])
        raise DuplicatedParameter("protocol parameters stand in more than one place", parameter=name)
    return elsewhere


def unique_values(items: "list[str]") -> "dict[str, str]":
    """Return the protocol parameters by name; each "MUST NOT appear more than once per request" (3.1)."""
    texts = "\0".join(items).split("\0")
    names = texts[::2]
    values = dict(zip(names, texts[1::2]))
    if len(values) < len(names):
        twice = [name for name in values if names.count(name) > 1]
        raise DuplicatedParameter(
            "a protocol parameter stands in the request twice", parameter=decode_encoded(twice[0])
        )
    return values


def read_protocol_parameters(request: AuthenticatedRequest, values: "dict[str, str]", limits: Limits) -> None:
    """Check each protocol parameter of section 3.1 and put it where it belongs."""
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
    if len(client) > limits.identifier:
        raise too_long("oauth_consumer_key", limits.identifier)
    if token is not None and len(token) > limits.identifier:
        raise too_long("oauth_token", limits.identifier)
    if len(signature) > limits.signature:
        raise too_long("oauth_signature", limits.signature)
    request.client_identifier = client
    request.token_identifier = token
    request.signature_method = method
    request.signature = signature
    request.timestamp = checked_timestamp(timestamp)
    request.nonce = checked_nonce(nonce, limits.nonce)
    request.body_hash = get("oauth_body_hash")
    if request.is_form and request.body_hash is not None:
        raise MalformedRequest("oauth_body_hash does not go with a form", parameter="oauth_body_hash")


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


def checked_nonce(text: "str | None", limit: int) -> "str | None":
    if text is not None and (not text or len(text) > limit or (not text.isprintable() and has_control(text))):
        raise MalformedRequest("the nonce is empty, too long or holds a control character", parameter="oauth_nonce")
    return text


def in_clear(message: str) -> InsecureTransport:
    return InsecureTransport(message, parameter="uri", fields=[("oauth_problem_advice", "TLS required")])


def absent(names: "list[str]", status: int = 400) -> MissingParameter:
    return MissingParameter(
        "the request lacks {}".format(", ".join(names)),
        status=status,
        parameter=names[0],
        fields=[("oauth_parameters_absent", "&".join(names))],
    )
