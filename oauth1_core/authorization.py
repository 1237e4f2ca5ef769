"""The authorization flow (RFC 5849 section 2, "Redirection-Based Authorization"), without I/O.

Each of these functions makes a request of the client, or reads a reply to the client:

    parameters = temporary_credentials_request(uri, client, callback)      # 2.1
    temporary = parse_temporary_credentials(body of the reply)
    resource_owner_authorization_uri(endpoint, temporary)                  # 2.2: where to send the resource owner
    verifier = parse_callback(request URI of the callback, temporary)
    parameters = token_credentials_request(uri, client, temporary, verifier)   # 2.3
    token = parse_token_credentials(body of the reply)

A :class:`Provider` holds what a server requires. :class:`AuthorizationFlow` makes the requests to a provider and reads
its replies, for every HTTP client; the ``Flow`` of each adapter sends them.

- Replies contain secrets, so the endpoints must use https (or http to a loopback IP address).
- A server that does not confirm the callback is refused, because it implements OAuth 1.0, which allows session
  fixation attacks.
- The Content-Type of a reply is ignored, because many servers send a wrong one. White space around a reply and a byte
  order mark are removed.
- Only the ``oauth_`` fields of a reply or callback must be well-formed.
"""

from .base_string import signed_method
from .credentials import TemporaryCredentials, TokenCredentials, same_octets
from .errors import (
    AuthorizationDenied,
    AuthorizationError,
    CallbackMismatch,
    CallbackNotConfirmed,
    InsecureEndpoint,
    MalformedTokenResponse,
    SigningError,
    TokenRequestRefused,
    is_printable,
    quoted,
)
from .masking import SHORTEST, Secrets, plainest, spellings
from .nonce import unix_time, whole_seconds
from .parameters import decode_form, pairs_of
from .percent_encoding import is_strictly_encoded, utf8_octets
from .problem_reporting import pairs_of_piece, problem_report, reply_text
from .receiving import text_pairs
from .signature_methods import PLAINTEXT, SIGNATURE_METHODS, Plaintext
from .signing import sign
from .transmission import FORM, authorization_header, form_encoded_body, request_uri
from .uris import has_control, keeps_secrets, origin_of, query_of, split_authority, split_uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from typing import Any, Literal, TypedDict, Unpack

    from .credentials import ClientCredentials
    from .parameters import Parameters
    from .receiving import Headers
    from .signature_methods import SignatureMethod

    Allowed = Literal["unconfirmed-callback", "no-callback", "no-verifier", "no-token-secret", "plaintext-in-clear"]
    # Method, URI, header fields and body of a request; status, header fields and body of the response.
    Sent = tuple[str, str, Parameters, bytes]
    Answer = tuple[int, Headers, bytes]
    Received = tuple[int, Parameters, bytes]

    class SignOptions(TypedDict, total=False):
        form: "str | bytes"
        signature_method: SignatureMethod
        timestamp: "str | int | None"
        nonce: "str | None"
        version: "str | None"


MAX_REPLY = 65536
WHITE_SPACE = " \t\r\n"
EXCERPT = 200
# An error reads at most this many characters of a reply, fields of a reply, and secrets in a reply.
LONGEST_SHOWN, MOST_REPORTED, MOST_SECRETS = 4096, 20, 8
KNOWN_NAMES = (None, "oauth_token", "oauth_token_secret")
DENIALS = (("oauth_verifier", "denied"), ("error", "access_denied"))
ALLOWED = ("unconfirmed-callback", "no-callback", "no-verifier", "no-token-secret", "plaintext-in-clear")
SCHEME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-."


def temporary_credentials_request(
    uri: str,
    client: "ClientCredentials",
    callback: str = "oob",
    *,
    method: str = "POST",
    protocol_parameters: "Iterable[tuple[str, str]]" = (),
    **options: "Unpack[SignOptions]",
) -> "Parameters":
    """Return the protocol parameters of a request for temporary credentials (2.1).

    :param uri: the URI of the temporary credential request endpoint.
    :param client: the client credentials.
    :param callback: an absolute URI; ``"oob"``, the default, if the client cannot receive a callback.
    :param method: the HTTP method, ``"POST"`` by default.
    :param protocol_parameters: further protocol parameters, as (name, value) pairs.
    :param options: other arguments of :func:`sign`, such as ``signature_method``.
    :raises InsecureEndpoint: if ``uri`` is neither https nor http to a loopback IP address.
    :raises SigningError: if ``callback`` is not valid, or as :func:`sign` does.
    """
    check_endpoint(uri)
    check_callback(callback)
    parameters = [("oauth_callback", callback)] + list(protocol_parameters)
    return sign(method, uri, client, protocol_parameters=parameters, **options)


def check_callback(callback: str) -> None:
    if callback != "oob" and not is_absolute(callback):
        raise SigningError('oauth_callback must be an absolute URI or "oob"', parameter="oauth_callback")


def is_absolute(uri: str) -> bool:
    """Tell whether ``uri`` begins with a scheme. Every scheme is allowed: native applications register their own."""
    scheme, colon, _ = uri.partition(":") if isinstance(uri, str) else ("", "", "")
    return colon != "" and scheme[:1].isalpha() and not scheme.rstrip(SCHEME_CHARACTERS)


def parse_temporary_credentials(body: "str | bytes") -> TemporaryCredentials:
    """Return the temporary credentials in the body of the server's reply (2.1).

    Raises CallbackNotConfirmed if the server did not confirm the callback, MalformedTokenResponse if the body holds no
    temporary credentials.
    """
    return read_temporary_credentials(body, ())


def read_temporary_credentials(body: "str | bytes", allow: "Iterable[Allowed]") -> TemporaryCredentials:
    identifier, secret, extra = read_reply(body, allow)
    # "MUST be present and set to "true"."
    confirmed = [value for name, value in extra if name == "oauth_callback_confirmed"] == ["true"]
    if not confirmed and "unconfirmed-callback" not in allow:
        raise CallbackNotConfirmed(
            "the server did not confirm the callback: it implements OAuth 1.0, which allows session fixation",
            parameter="oauth_callback_confirmed",
        )
    return TemporaryCredentials(identifier, secret, extra)


def resource_owner_authorization_uri(endpoint: str, temporary: TemporaryCredentials) -> str:
    """Return the URI to which the client sends the resource owner's browser, by GET (2.2).

    :param endpoint: the URI of the resource owner authorization endpoint.
    :param temporary: the temporary credentials.
    :raises InsecureEndpoint: if ``endpoint`` is neither https nor http to a loopback IP address.
    :raises SigningError: if ``endpoint`` or ``temporary`` is not valid.
    """
    check_endpoint(endpoint)
    check_temporary(temporary)
    return request_uri([("oauth_token", temporary.identifier)], endpoint)


def parse_callback(uri: str, temporary: TemporaryCredentials) -> str:
    """Return the verification code in a callback (2.2).

    :param uri: the request URI of the callback, or its path and query.
    :param temporary: the temporary credentials of this authorization.
    :raises CallbackMismatch: if the callback does not belong to ``temporary``, or its ``oauth_verifier`` is malformed.
    :raises AuthorizationDenied: if the resource owner denied access.
    :raises AuthorizationError: if the callback holds no verification code.
    """
    verifier = read_callback(uri, temporary)
    if verifier is None:
        raise no_verifier()
    return verifier


def no_verifier() -> AuthorizationError:
    message = "the callback holds no verification code: nothing was authorized"
    return AuthorizationError(message, parameter="oauth_verifier")


def read_callback(uri: str, temporary: TemporaryCredentials) -> "str | None":
    """Return the verification code, or ``None`` if the callback belongs to ``temporary`` but holds no code."""
    check_temporary(temporary)
    pairs, unclear = read_fields(query_of(uri))
    tokens = [value for name, value in pairs if name == "oauth_token"]
    # Some servers report a denial as denied=TOKEN, without oauth_token.
    tokens = tokens or [value for name, value in pairs if name == "denied"]
    if not tokens:
        raise CallbackMismatch(
            "the callback has no oauth_token; some servers send such a callback if the resource owner denied access",
            parameter="oauth_token",
        )
    if "oauth_token" in unclear or len(tokens) != 1 or not same_text(tokens[0], temporary.identifier):
        raise CallbackMismatch(
            "the callback does not belong to the authorization started here", parameter="oauth_token"
        )
    for name, value in pairs:
        # The RFC does not define how a server reports a denial: several servers use these parameters.
        if name in ("denied", "oauth_problem") or (name, value) in DENIALS:
            raise AuthorizationDenied("the resource owner did not authorize the request", parameter=name)
    verifiers = [value for name, value in pairs if name == "oauth_verifier"]
    if not verifiers:
        return None
    if "oauth_verifier" in unclear:
        raise CallbackMismatch("oauth_verifier of the callback is not well-formed", parameter="oauth_verifier")
    if len(verifiers) != 1 or not verifiers[0]:
        raise no_verifier()
    return verifiers[0]


def token_credentials_request(
    uri: str,
    client: "ClientCredentials",
    temporary: TemporaryCredentials,
    verifier: str,
    *,
    method: str = "POST",
    protocol_parameters: "Iterable[tuple[str, str]]" = (),
    **options: "Unpack[SignOptions]",
) -> "Parameters":
    """Return the protocol parameters of a request for token credentials (2.3).

    :param uri: the URI of the token request endpoint.
    :param client: the client credentials.
    :param temporary: the temporary credentials.
    :param verifier: the verification code. White space around it, as from pasting, is removed.
    :param method: the HTTP method, ``"POST"`` by default.
    :param protocol_parameters: further protocol parameters, as (name, value) pairs.
    :param options: other arguments of :func:`sign`, such as ``signature_method``.
    :raises InsecureEndpoint: if ``uri`` is neither https nor http to a loopback IP address.
    :raises SigningError: if ``temporary`` or ``verifier`` is not valid, or as :func:`sign` does.
    """
    check_endpoint(uri)
    check_temporary(temporary)
    parameters = [("oauth_verifier", stripped_verifier(verifier))] + list(protocol_parameters)
    return sign(method, uri, client, temporary, protocol_parameters=parameters, **options)


def stripped_verifier(verifier: str) -> str:
    if not isinstance(verifier, str) or not verifier.strip():
        raise SigningError("oauth_verifier must be a str that is not empty", parameter="oauth_verifier")
    return verifier.strip()


def parse_token_credentials(body: "str | bytes") -> TokenCredentials:
    """Return the token credentials in the body of the server's reply (2.3).

    Raises MalformedTokenResponse if the body holds no token credentials.
    """
    return TokenCredentials(*read_reply(body))


def check_endpoint(uri: str) -> None:
    """Raise an error if ``uri`` cannot be one of the server's three endpoints (2).

    Raises InsecureEndpoint if ``uri`` is neither https nor http to a loopback IP address, SigningError if it is not a
    valid URI or if its query holds an ``oauth_`` parameter.
    """
    check_endpoint_uri(uri, in_clear=False)


def check_endpoint_uri(uri: str, in_clear: bool) -> None:
    if not isinstance(uri, str) or " " in uri or has_control(uri):
        message = "the endpoint's URI must be a str without spaces and control characters"
        raise SigningError(message, parameter="uri")
    if not keeps_secrets(uri) and not in_clear:
        host = split_authority(split_uri(uri)[1])[0]
        message = "https is required for {}; only a loopback IP address may use http".format(host)
        raise InsecureEndpoint(message, parameter="uri")
    # The query "MUST NOT contain any parameters beginning with the "oauth_" prefix".
    for name, _ in decode_form(query_of(uri)):
        if name.startswith("oauth_"):
            raise SigningError("the endpoint's query must not hold an oauth_ parameter", parameter=name)


def check_temporary(temporary: TemporaryCredentials) -> None:
    if not isinstance(temporary, TemporaryCredentials):
        raise SigningError("the temporary credentials must be TemporaryCredentials, not another type")


def same_text(one: str, other: str) -> bool:
    return same_octets(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def read_reply(body: "str | bytes", allow: "Iterable[Allowed]" = ()) -> "tuple[str, str, Parameters]":
    """Return identifier, secret and all other pairs in the body of a reply with credentials."""
    text = reply_text(body)
    if len(body) > MAX_REPLY:
        raise MalformedTokenResponse("the server's reply is longer than {} octets".format(MAX_REPLY))
    extra, unclear = read_fields((text[1:] if text.startswith("\ufeff") else text).strip(WHITE_SPACE))
    credentials = []
    for wanted in ("oauth_token", "oauth_token_secret"):
        values = [value for name, value in extra if name == wanted]
        if wanted == "oauth_token_secret" and not values and "no-token-secret" in allow:
            values = [""]
        # Only the secret may be empty. The message does not show the reply, which may hold a secret.
        if len(values) != 1 or "\0" in values[0] or (wanted == "oauth_token" and not values[0]):
            message = "the server's reply ({} octets) must be form-encoded and contain {} exactly once"
            raise MalformedTokenResponse(message.format(len(body), wanted), parameter=wanted)
        credentials.append(values[0])
        extra = [pair for pair in extra if pair[0] != wanted]
    if unclear:
        message = "{} of the server's reply holds a broken escape or octets that are not UTF-8"
        raise MalformedTokenResponse(message.format(quoted(unclear[0])), parameter=unclear[0])
    return credentials[0], credentials[1], extra


def read_fields(text: str) -> "tuple[Parameters, list[str]]":
    """Return all pairs of a reply or callback, and the names of the ``oauth_`` pairs that are not well-formed."""
    try:
        utf8_octets(text)
    except SigningError:
        return [], []  # text is not valid Unicode
    pieces = [(piece, pairs_of_piece(piece)) for piece in text.split("&")]
    pairs = [pair for _, piece_pairs in pieces for pair in piece_pairs]
    unclear = [
        name
        for piece, piece_pairs in pieces
        for name, _ in piece_pairs
        if name.startswith("oauth_") and not is_strictly_encoded(piece)
    ]
    return pairs, unclear


class Provider:
    """A server with its three endpoints, and what they require (2): a plain value, equal by value, never changed.

    :param temporary_credentials: the URI of the temporary credential request endpoint (2.1).
    :param authorization: the URI of the resource owner authorization endpoint (2.2).
    :param token_credentials: the URI of the token request endpoint (2.3).
    :param signature_method: the name of the signature method, ``"HMAC-SHA1"`` by default.
    :param realm: ``realm`` of the Authorization header; with ``None``, the default, no ``realm`` is sent.
    :param method: the HTTP method of both token requests, ``"POST"`` by default; or a pair with the method of each.
    :param placement: where the protocol parameters are sent: ``"header"`` (default), ``"form"`` or ``"query"``.
    :param token_parameter: the parameter of the authorization URI that holds the identifier of the temporary
        credentials; ``"oauth_token"`` by default.
    :param client_parameter: the parameter of the authorization URI that holds the client's identifier; with ``None``,
        the default, the URI does not name the client.
    :param allow: words for what this provider leaves out; none by default. Each word has a risk:
        ``"unconfirmed-callback"``: the reply need not confirm the callback. The provider may then ignore the
        callback, and send the resource owner to another callback that is registered for the client.
        ``"no-callback"``: the client need not send a callback. The provider then does not send the resource owner back.
        ``"no-verifier"``: the provider issues token credentials without a verification code. An attacker can begin an
        authorization, get a victim to approve it, and receive a token for the victim's account (session fixation).
        Begin and end the authorization in one session of one user.
        ``"no-token-secret"``: a reply may lack the secret, which is then empty. An attacker who reads a token's
        identifier in a log needs only the client's secret to use it.
        ``"plaintext-in-clear"``: the endpoints may use http, and PLAINTEXT is sent to them. Anyone who sees the traffic
        knows all secrets.
    :raises InsecureEndpoint: if an endpoint is neither https nor http to a loopback IP address.
    :raises SigningError: if another argument is not valid, or an endpoint's query holds an ``oauth_`` parameter.
    """

    __slots__ = (
        "temporary_credentials", "authorization", "token_credentials", "signature_method", "realm", "method",
        "placement", "token_parameter", "client_parameter", "allow",
    )  # fmt: skip

    def __init__(
        self,
        temporary_credentials: str,
        authorization: str,
        token_credentials: str,
        *,
        signature_method: str = "HMAC-SHA1",
        realm: "str | None" = None,
        method: "str | tuple[str, str]" = "POST",
        placement: "Literal['header', 'form', 'query']" = "header",
        token_parameter: str = "oauth_token",
        client_parameter: "str | None" = None,
        allow: "Iterable[Allowed]" = (),
    ) -> None:
        self.temporary_credentials: str = temporary_credentials
        self.authorization: str = authorization
        self.token_credentials: str = token_credentials
        self.signature_method: str = signature_method
        self.realm: "str | None" = realm
        methods = (method, method) if isinstance(method, str) else items_of(method)
        if methods is None or len(methods) != 2 or not all([isinstance(each, str) for each in methods]):
            message = "method must be the name of an HTTP method, or a pair of two names"
            raise SigningError(message, parameter="method")
        self.method: "str | tuple[str, str]" = method if isinstance(method, str) else (methods[0], methods[1])
        self.placement: "Literal['header', 'form', 'query']" = placement
        self.token_parameter: str = token_parameter
        self.client_parameter: "str | None" = client_parameter
        allowed = items_of(allow)
        if allowed is None or [word for word in allowed if word not in ALLOWED]:
            message = "allow must be a list of these words: {}".format(", ".join(ALLOWED))
            raise SigningError(message, parameter="allow")
        self.allow: "tuple[Allowed, ...]" = tuple(sorted(set(allowed)))
        self._check()

    def _check(self) -> None:
        for endpoint in (self.temporary_credentials, self.authorization, self.token_credentials):
            check_endpoint_uri(endpoint, in_clear="plaintext-in-clear" in self.allow)
        names = [each.name for each in SIGNATURE_METHODS]
        if self.signature_method not in names:
            message = "signature_method must be one of {}".format(", ".join(names))
            raise SigningError(message, parameter="signature_method")
        if "plaintext-in-clear" in self.allow and self.signature_method != PLAINTEXT.name:
            raise SigningError("plaintext-in-clear needs the signature method PLAINTEXT", parameter="allow")
        if self.placement not in ("header", "form", "query"):
            raise SigningError("placement must be header, form or query", parameter="placement")
        if self.placement == "query" and self.signature_method == PLAINTEXT.name:
            raise SigningError("PLAINTEXT in a query would put the secrets into logs", parameter="placement")
        if "GET" in [signed_method(each) for each in self.methods()] and self.placement == "form":
            raise SigningError("a GET request has no form: use another placement or method", parameter="placement")
        if not isinstance(self.token_parameter, str):
            raise SigningError("token_parameter must be a str", parameter="token_parameter")
        if not isinstance(self.client_parameter, (str, type(None))):
            raise SigningError("client_parameter must be a str or None", parameter="client_parameter")
        authorization_header((), self.realm)

    def methods(self) -> "tuple[str, str]":
        """Return the HTTP methods of the two token requests (2.1, 2.3)."""
        return (self.method, self.method) if isinstance(self.method, str) else self.method

    def to_dict(self) -> "dict[str, Any]":
        """Return a dict of plain values, for JSON or TOML. It leaves out each attribute that has its default."""
        defaults = Provider(*["https://example.com/"] * 3)
        values = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if name in self.__slots__[:3] or value != getattr(defaults, name):
                values[name] = list(value) if isinstance(value, tuple) else value
        return values

    @classmethod
    def from_dict(cls, values: "Mapping[str, Any]") -> "Provider":
        """Return the provider from which :meth:`to_dict` made ``values``.

        Raises SigningError if ``values`` are not what :meth:`to_dict` returns.
        """
        try:
            values = dict(values)
        except (TypeError, ValueError):
            raise SigningError("the values of a provider must be a dict, as Provider.to_dict() returns it") from None
        unknown = [name for name in values if name not in cls.__slots__]
        missing = [name for name in cls.__slots__[:3] if name not in values]
        if unknown or missing:
            if unknown:
                message = "a provider has no {}; it has {}".format(quoted(unknown[0]), ", ".join(cls.__slots__))
            else:
                message = "a provider needs {}".format(missing[0])
            raise SigningError(message, parameter=(unknown + missing)[0])
        return cls(**values)

    def __eq__(self, other: object) -> bool:
        return self.to_dict() == other.to_dict() if isinstance(other, Provider) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.temporary_credentials, self.authorization, self.token_credentials))

    def __repr__(self) -> str:
        return "{}({})".format(
            type(self).__name__, ", ".join(["{}={!r}".format(*item) for item in self.to_dict().items()])
        )


def items_of(values: "Iterable[Any]") -> "list[Any] | None":
    """Return the items of ``values``, or ``None`` if ``values`` are a ``str`` or not iterable."""
    try:
        return None if isinstance(values, str) else list(values)
    except TypeError:
        return None


class AuthorizationFlow:
    """The three steps of section 2 with one provider, for every HTTP client.

    ``request_temporary_credentials`` and ``request_token_credentials`` are generators. Each yields a request
    ``(method, uri, headers, body)``, which the caller sends without following a redirect. The caller sends the response
    ``(status, headers, body)`` into the generator; ``MAX_REPLY + 1`` octets of the body are enough. The credentials are
    the generator's return value. ``Flow`` of each adapter drives the generators.

    If ``clock`` has a method ``correct``, the flow calls it with a response of 400 or 401. If this changes the clock,
    the flow signs and sends the request once more.

    :param provider: the server.
    :param client: the client credentials.
    :param signature_method: the provider's by default; an RSA method, which needs a key, must be given.
    :param clock: returns the seconds since 1970-01-01 00:00 UTC; the system's clock by default.
    :raises SigningError: if the provider's signature method needs a key and ``signature_method`` is not given.
    """

    def __init__(
        self,
        provider: Provider,
        client: "ClientCredentials",
        *,
        signature_method: "SignatureMethod | None" = None,
        clock: "Callable[[], float]" = unix_time,
    ) -> None:
        self.provider = provider
        self.client = client
        self.signature_method: "SignatureMethod" = signature_method or self._method_of_provider()
        self.clock = clock

    def _method_of_provider(self) -> "SignatureMethod":
        if "plaintext-in-clear" in self.provider.allow:
            return Plaintext(in_clear=True)
        for method in SIGNATURE_METHODS:
            if method.name == self.provider.signature_method and not isinstance(method, type):
                return method
        message = "{} needs a key: pass signature_method=".format(self.provider.signature_method)
        raise SigningError(message, parameter="signature_method")

    def authorization_uri(self, temporary: TemporaryCredentials, **parameters: str) -> str:
        """Return the URI to which the client sends the resource owner's browser, by GET (2.2).

        ``parameters`` are parameters that only this provider defines; they are appended to the query.
        """
        check_temporary(temporary)
        pairs = [(self.provider.token_parameter, temporary.identifier)]
        if self.provider.client_parameter is not None:
            pairs.append((self.provider.client_parameter, self.client.identifier))
        return request_uri(pairs + list(parameters.items()), self.provider.authorization)

    def request_temporary_credentials(
        self, callback: "str | None", protocol_parameters: "Iterable[tuple[str, str]]"
    ) -> "Generator[Sent, Answer, TemporaryCredentials]":
        """Yield the request for temporary credentials (2.1), and return the temporary credentials.

        :param callback: an absolute URI, ``"oob"``, or ``None`` to send no callback if the provider allows it.
        :param protocol_parameters: further protocol parameters, as (name, value) pairs.
        :raises TokenRequestRefused: if the reply holds no credentials.
        :raises CallbackNotConfirmed: if the provider did not confirm the callback.
        """
        parameters = pairs_of(protocol_parameters)
        if callback is not None:
            check_callback(callback)
            parameters.insert(0, ("oauth_callback", callback))
        elif "no-callback" not in self.provider.allow:
            message = 'callback=None needs a provider that allows "no-callback"'
            raise SigningError(message, parameter="oauth_callback")
        method, uri = self.provider.methods()[0], self.provider.temporary_credentials
        answer = yield from self._signed(method, uri, None, parameters, [])
        try:
            return read_temporary_credentials(answer[2], self.provider.allow)
        except MalformedTokenResponse as error:
            raise self.refused(uri, answer, [], error) from None

    def request_token_credentials(
        self, temporary: TemporaryCredentials, verifier: "str | None"
    ) -> "Generator[Sent, Answer, TokenCredentials]":
        """Yield the request for token credentials (2.3), and return the token credentials.

        :param temporary: the temporary credentials.
        :param verifier: the verification code, the URI of the callback, or ``None`` to send no verification code if the
            provider allows it.
        :raises TokenRequestRefused: if the reply holds no credentials.
        :raises AuthorizationError: as :func:`parse_callback`, if ``verifier`` is the URI of a callback.
        """
        check_temporary(temporary)
        # A callback is a URI, or path and query; a verification code contains neither "?" nor "://".
        if isinstance(verifier, str) and ("?" in verifier or "://" in verifier):
            verifier = read_callback(verifier.strip(), temporary)
            if verifier is None and "no-verifier" not in self.provider.allow:
                raise no_verifier()
        elif verifier is not None or "no-verifier" not in self.provider.allow:
            verifier = stripped_verifier(verifier or "")
        parameters = [] if verifier is None else [("oauth_verifier", verifier)]
        method, uri = self.provider.methods()[1], self.provider.token_credentials
        secrets = [temporary.secret, verifier or ""]
        answer = yield from self._signed(method, uri, temporary, parameters, secrets)
        try:
            return TokenCredentials(*read_reply(answer[2], self.provider.allow))
        except MalformedTokenResponse as error:
            raise self.refused(uri, answer, secrets, error) from None

    def _signed(
        self,
        method: str,
        uri: str,
        temporary: "TemporaryCredentials | None",
        parameters: "Parameters",
        secrets: "list[str]",
    ) -> "Generator[Sent, Answer, Received]":
        """Yield a signed request, and once more if its refusal has corrected the clock; return a response of 200."""
        correct = getattr(self.clock, "correct", None)
        learns = correct is not None
        while True:
            now = self.clock(uri) if learns else self.clock()  # type: ignore[call-arg]  # a learning clock takes a URI
            timestamp = whole_seconds(now)
            status, fields, body = yield self._request(method, uri, temporary, parameters, timestamp)
            answer = status, text_pairs(fields), body[: MAX_REPLY + 1]
            if status == 200 and not encoding_of(answer[1]):
                return answer
            if not (correct and status in (400, 401) and correct(*answer, timestamp=timestamp, uri=uri)):
                raise self.refused(uri, answer, secrets)
            correct = None

    def _request(
        self,
        method: str,
        uri: str,
        temporary: "TemporaryCredentials | None",
        parameters: "Parameters",
        timestamp: int,
    ) -> "Sent":
        signed = sign(
            method, uri, self.client, temporary, protocol_parameters=parameters,
            signature_method=self.signature_method, timestamp=timestamp,
        )  # fmt: skip
        # A compressed reply could be far longer, once decoded, than the octets that are read.
        headers = [("Accept-Encoding", "identity")]
        if self.provider.placement == "query":
            return method, request_uri(signed, uri), headers, b""
        if self.provider.placement == "form":
            return method, uri, headers + [("Content-Type", FORM)], form_encoded_body(signed).encode("ascii")
        return method, uri, headers + [("Authorization", authorization_header(signed, self.provider.realm))], b""

    def refused(
        self,
        uri: str,
        answer: "Answer",
        secrets: "Iterable[str]" = (),
        error: "MalformedTokenResponse | None" = None,
    ) -> TokenRequestRefused:
        """Return the error for a refusal, with ``secrets`` and the client's secret masked.

        It can also be used for a request to the server's API, with the secret of the token that signed the request.

        :param uri: the URI of the request.
        :param answer: status, header fields and body of the response.
        :param secrets: the secrets, besides the client's, that the request was signed with or contained.
        :param error: why the body of a response of 200 could not be read.
        """
        status, headers, body = answer[0], text_pairs(answer[1]), answer[2]
        secrets = [self.client.secret] + list(secrets)
        encoding = encoding_of(headers)
        if len(body) > MAX_REPLY:
            # The cut may have left a part of a secret at the end.
            body = body[:MAX_REPLY].rpartition(b"&")[0]
        try:
            text = "" if encoding else body.decode("utf-8", "replace")
        except UnicodeError:  # MicroPython has no "replace"
            text = ""
        secrets += secrets_named_in(text) or []
        reported = list(problem_report(headers, body).items())[:MOST_REPORTED]
        report = {shown(name, secrets): shown(value, secrets) for name, value in reported}
        words = [report[name] for name in ("oauth_problem", "oauth_problem_advice") if report.get(name)]
        excerpt = shown(text, secrets)[:EXCERPT]
        parameter = None if error is None else error.parameter
        if words:
            reason = ", ".join(words)
        elif encoding:
            reason = "encoded as {}, which was not asked for".format(quoted(shown(encoding, secrets)[:EXCERPT]))
        elif 300 <= status < 400:
            reason = "a redirect, which is not followed" + shown(led_to(uri, headers), secrets)[:EXCERPT]
        elif error is not None:
            reason = str(error) if parameter in KNOWN_NAMES else shown(str(error), secrets)
        else:
            # A reply below 400 may hold a new secret in an unknown syntax, and an HTML page begins with its head.
            is_told = status >= 400 and text.strip(WHITE_SPACE)[:5].lower() not in ("<!doc", "<html")
            reason = (is_told and excerpt) or "no reason given"
        if report.get("oauth_problem") == "timestamp_refused":
            dates = [value for name, value in headers if name.lower() == "date"]
            reason += shown("; the server's time is {}".format(dates[0]), secrets)[:EXCERPT] if dates else ""
        return TokenRequestRefused(
            "{} answered {}: {}".format(origin_of(uri), status, reason),
            status=status,
            parameters=report,
            excerpt=excerpt,
            parameter=parameter if parameter in KNOWN_NAMES else shown(parameter, secrets),
        )


def led_to(uri: str, headers: "Parameters") -> str:
    """Return ``", to "`` and the origin that a redirect leads to; ``""`` if Location is absent or only a path."""
    location = "".join([value for name, value in headers if name.lower() == "location"][:1])
    try:
        return ", to " + origin_of(split_uri(uri)[0] + ":" + location if location[:2] == "//" else location)
    except SigningError:
        return ""


def encoding_of(headers: "Parameters") -> str:
    """Return the Content-Encoding of a response, ``""`` if the response is not encoded."""
    encodings = [value.strip().lower() for name, value in headers if name.lower() == "content-encoding"]
    return ", ".join([each for each in encodings if each not in ("", "identity")])


def secrets_named_in(text: str) -> "list[str] | None":
    """Return the values of ``oauth_token_secret`` in a reply, or ``None`` if the reply may hold one in another syntax.

    The known syntaxes are forms, JSON and XML.
    """
    try:
        plain = plainest(text)
    except SigningError:  # this Python cannot decode an escape in it
        return None
    found, without_value = [], 0
    before, *pieces = text.split("oauth_token_secret")
    for piece in pieces:
        value, word = "", piece.split(" ", 2)[1:2]
        # The name has no value if it ends an XML element, or if a word of prose follows it.
        if before[-1:] == "/" or (piece[:1] == " " and word and word[0].isalpha() and word[0].islower()):
            without_value += 1
            before = piece
            continue
        before = piece
        if piece[:1] == "=" and piece[:2] != "=>":
            value = piece[1:].partition("&")[0]
        elif piece[:1] == ">":
            value = piece[1:].partition("<")[0]
        elif piece[:1] == '"' and piece[1:].lstrip()[:1] == ":":
            quote, _, rest = piece[1:].lstrip()[1:].lstrip().partition('"')
            value = rest.partition('"')[0] if quote == "" and "\\" not in rest else ""
        found.append(value.strip(WHITE_SPACE))
    known = all([len(value) > 3 for value in found]) and len(found) <= MOST_SECRETS
    count = plain.count("token_secret") + plain.count("tokensecret")
    return found if known and count == len(found) + without_value else None


def shown(text: str, secrets: "list[str]") -> str:
    """Return the beginning of ``text`` with the secrets masked and unprintable characters escaped.

    Return ``""`` if the text may hold a secret in a syntax or encoding that this function cannot mask.
    """
    named = secrets_named_in(text)
    if named is None:
        return ""
    try:
        known = Secrets([secret for secret in secrets + named if len(secret) >= SHORTEST])
        for secret in known.longest_first:
            for spelling in spellings(secret):
                text = text.replace(spelling, "***")
        if known.are_in(text):
            return ""
    except SigningError:  # this Python cannot decode an escape in it
        return ""
    # The text is masked before it is cut, so that no part of a secret is left.
    return "".join([each if is_printable(each) else quoted(each)[1:-1] for each in text[:LONGEST_SHOWN]])
