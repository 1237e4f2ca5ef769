"""Verifying requests (RFC 5849 section 3.2).

A request is verified in this order:

1. the head, as ``receiving`` reads it; whether a token must or must not be there; the timestamp; TLS
2. the body, and what must cover it
3. client and token, with stand-ins if they are unknown
4. the signature and the body hash, in constant time
5. the status of the token
6. the nonce, in one atomic step

A request that fails changes nothing. If the protocol parameters are in a form, the checks that need them wait for the
body.

The RFC leaves some decisions to the server. Here they are:

- The timestamp must be within ``window`` seconds of the server's clock. This is checked, and reported, before the
  signature.
- An unknown ``oauth_`` parameter is accepted if it was signed.
- A client with an empty secret can only use RSA, unless it is PublicClientCredentials and there is a token.
- Only a request with a valid signature is told that its nonce was used or that its token has ended.
"""

import binascii
import os
import time

from .credentials import PublicClientCredentials, same_octets
from .errors import (
    InsecureTransport,
    InvalidClientCredentials,
    InvalidNonce,
    InvalidSignature,
    InvalidTimestamp,
    InvalidToken,
    MalformedRequest,
    SigningError,
    Unauthorized,
    UnsupportedSignatureMethod,
)
from .receiving import LIMITS, UNREAD, absent, read_body, read_head
from .signature_methods import HMAC_SHA1, HMAC_SHA256, SIGNATURE_METHODS, Rsa, body_hash, discloses_secrets
from .uris import keeps_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Sequence
    from typing import Any, Literal, Protocol

    from .credentials import ClientCredentials, Credentials
    from .receiving import AuthenticatedRequest, Headers, Limits
    from .signature_methods import SignatureMethod
else:
    Protocol = object

# Used as the secret of an unknown client or token, so that a refusal takes the same work. Two of them and "&" fit into
# one block of SHA-1 and SHA-256, as most secrets do. A client that knew it would be refused all the same.
STAND_IN = binascii.hexlify(os.urandom(14) if hasattr(os, "urandom") else bytes(14)).decode("ascii")
# No client knows a method outside this list.
METHOD_NAMES = frozenset([method.name for method in SIGNATURE_METHODS])


class CredentialsSource(Protocol):
    """The interface of a source of credentials. Each method returns ``None`` for unknown credentials.

    An exception of either method passes through unchanged, so that the application can answer if its database is down.
    """

    def client(self, identifier: str) -> "ClientCredentials | None": ...
    def token(self, client_identifier: str, token_identifier: str) -> "Credentials | None": ...


class NonceStore(Protocol):
    """The interface of a nonce store: ``claim`` returns True for a new nonce and False for a used one, atomically."""

    def claim(self, client_identifier: str, token_identifier: str, timestamp: int, nonce: str, now: float) -> bool: ...


def verify_signature(
    request: "AuthenticatedRequest",
    client: "ClientCredentials | None",
    token: "Credentials | None" = None,
    *,
    accept: "Sequence[SignatureMethod]" = (HMAC_SHA1, HMAC_SHA256),
    sha1_body_hash: bool = False,
) -> None:
    """Return if the request was signed with these credentials, else raise.

    ``client`` or ``token`` is ``None`` where the identifier is unknown; finding that out takes the same
    work as a wrong signature. PLAINTEXT has to be in ``accept`` by name, and is refused without TLS.
    ``sha1_body_hash`` is that of :class:`Verifier`.
    """
    for method in accept:
        if method.name == request.signature_method:
            break
    else:
        raise UnsupportedSignatureMethod(
            "this server does not accept the signature method", parameter="oauth_signature_method"
        )
    if discloses_secrets(method, request.uri):
        raise in_clear("PLAINTEXT was sent without TLS")
    # A database that ignores case, or white space at the end, finds others than were asked for.
    if client is not None and client.identifier != request.client_identifier:
        client = None
    if token is not None and token.identifier != request.token_identifier:
        token = None
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
        raise InvalidSignature("the signature does not match the request", parameter="oauth_signature")
    if request.body_hash is not None:
        digests = [getattr(method, "digest", "sha1")]
        if sha1_body_hash:
            digests.append("sha1")
        hashes = [body_hash(request.body, digest).encode() for digest in digests]
        if not any([same_octets(each, request.body_hash.encode()) for each in hashes]):
            raise InvalidSignature("the body is not the one that was signed", parameter="oauth_body_hash")


class Verification:
    """The order of a verification, stated once and without I/O; the two verifiers below drive it."""

    def __init__(
        self,
        credentials: "CredentialsSource",
        nonces: "NonceStore",
        *,
        accept: "Sequence[SignatureMethod] | Callable[[str], Sequence[SignatureMethod]]" = (HMAC_SHA1, HMAC_SHA256),
        window: int = 300,
        clock: "Callable[[], float]" = time.time,
        disclose: "Literal['minimal', 'verbose']" = "minimal",
        check_status: "Callable[[AuthenticatedRequest], None] | None" = None,
        require_body_hash: bool = False,
        sha1_body_hash: bool = False,
        require_tls: bool = False,
        limits: "Limits" = LIMITS,
    ) -> None:
        if disclose not in ("minimal", "verbose"):
            raise ValueError('disclose is "minimal" or "verbose"')
        self.credentials = credentials
        self.nonces = nonces
        self.accept = accept
        self.window = window
        self.clock = clock
        self.disclose = disclose
        self.check_status = check_status
        self.require_body_hash = require_body_hash
        self.sha1_body_hash = sha1_body_hash
        self.require_tls = require_tls
        self.limits = limits

    def steps(
        self, method: str, uri: str, headers: "Headers", token: str
    ) -> "Generator[Any, Any, AuthenticatedRequest]":
        """Yield the request without its body, and then what has to be awaited, if anything.

        The answer to the first is the body, or ``UNREAD`` where :meth:`needs_body` says that none is needed.
        """
        if token not in ("required", "optional", "absent"):
            raise ValueError('token is "required", "optional" or "absent"')
        request = read_head(method, uri, headers, self.limits)
        now = self.clock()
        # What can be refused before a body is awaited, or a form decoded, is refused here.
        if request.client_identifier:  # or the protocol parameters may stand in the form
            self.check_request(request, token, now)
        if self.require_tls and not keeps_secrets(uri):
            raise in_clear("the request came without TLS, and so would the answer go")
        known = request.client_identifier
        read_body(request, (yield request), self.limits)
        if not known:
            self.check_request(request, token, now)
        if self.require_body_hash and request.body and not request.is_form and request.body_hash is None:
            raise absent(["oauth_body_hash"])

        client: "Any" = self.credentials.client(request.client_identifier)
        if hasattr(client, "__await__"):
            client = yield client
        credentials: "Any" = None
        if request.token_identifier is not None:
            credentials = self.credentials.token(request.client_identifier, request.token_identifier)
            if hasattr(credentials, "__await__"):
                credentials = yield credentials
        try:
            verify_signature(
                request, client, credentials, accept=self.accepted(request), sha1_body_hash=self.sha1_body_hash
            )
        except Unauthorized as error:
            if self.disclose == "minimal":
                error.problem = InvalidSignature.problem
            raise
        except SigningError as error:
            # A hash that this Python was built without, or a method that was given no key.
            raise UnsupportedSignatureMethod(str(error), parameter="oauth_signature_method") from None
        if self.check_status is not None:
            waiting: "Any" = self.check_status(request)
            if hasattr(waiting, "__await__"):
                yield waiting
        # Only PLAINTEXT may do without them (3.1).
        if request.timestamp is not None and request.nonce is not None:
            new: "Any" = self.nonces.claim(
                request.client_identifier, request.token_identifier or "", request.timestamp, request.nonce, now
            )
            if hasattr(new, "__await__"):
                new = yield new
            if new is not True:
                raise InvalidNonce("this nonce was used before", parameter="oauth_nonce")
        return request

    def head(self, method: str, uri: str, headers: "Headers", token: str) -> "AuthenticatedRequest":
        """Return the request without its body, if nothing speaks against it that can be told before the body is there.

        It is not verified: for servers that read the body in another place than where they verify.
        """
        request: "AuthenticatedRequest" = next(self.steps(method, uri, headers, token))
        return request

    def needs_body(self, request: "AuthenticatedRequest") -> bool:
        """Tell, once the head of a request was read, whether its body is part of what is verified."""
        return request.is_form or request.body_hash is not None or self.require_body_hash

    def check_request(self, request: "AuthenticatedRequest", token: str, now: float) -> None:
        """Check what the protocol parameters alone tell."""
        if token == "required" and request.token_identifier is None:
            raise absent(["oauth_token"])
        if token == "absent" and request.token_identifier is not None:
            raise MalformedRequest("no token is expected here", parameter="oauth_token")
        self.check_timestamp(request.timestamp, now)

    def accepted(self, request: "AuthenticatedRequest") -> "Sequence[SignatureMethod]":
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


class Verifier(Verification):
    """Everything section 3.2 asks of a server, in the right order; safe between threads if its parts are.

    :param credentials: a :class:`CredentialsSource`: ``client(identifier)`` and ``token(client_identifier,
        token_identifier)`` return credentials, or ``None``.
    :param nonces: a :class:`NonceStore`: ``claim(...)`` returns True once for each nonce (see ``nonce_stores``).
    :param accept: the signature methods that are accepted, HMAC_SHA1 and HMAC_SHA256 by default; or a function that
        takes a client identifier, known or unknown, and returns the methods of that client.
    :param window: how many seconds a timestamp may differ from ``clock``, 300 by default.
    :param clock: returns the seconds since 1970-01-01 00:00 UTC; ``time.time`` by default.
    :param disclose: ``"minimal"``, the default, answers an unknown client or token as a wrong signature;
        ``"verbose"`` says which of them it was: for test tools only.
    :param check_status: called with the request after its signature was verified; it raises InvalidToken or another
        VerificationError if the token is expired or revoked. None by default.
    :param require_body_hash: whether a body that is not a form must have an ``oauth_body_hash``; False by
        default.
    :param sha1_body_hash: whether a SHA-1 ``oauth_body_hash`` is accepted with every signature method, as oauthlib and
        LTI 1.1 send it; False by default.
    :param require_tls: whether a request needs TLS or a loopback IP address; set it for the endpoints that issue
        credentials (2.1, 2.3); False by default.
    :param limits: how much of a request is read; ``LIMITS`` by default.
    :raises ValueError: ``disclose`` is another word.

    What ``credentials``, ``check_status``, ``accept`` or the callable of an RSA method raises passes through
    :meth:`verify` as it is; only a SigningError of a signature method is UnsupportedSignatureMethod.
    """

    def verify(
        self,
        method: str,
        uri: str,
        headers: "Headers" = (),
        body: "bytes | Callable[[], bytes]" = b"",
        *,
        token: "Literal['required', 'optional', 'absent']" = "required",
    ) -> "AuthenticatedRequest":
        """Return the request if it is authentic and was never accepted before, else raise VerificationError.

        :param method: as it came, such as ``"GET"``.
        :param uri: the URI that the client sent the request to, as the client knows it: behind a proxy, the
            external one.
        :param headers: (name, value) pairs of text, or a mapping with ``.items()``.
        :param body: the entity-body, octet for octet, whatever its type; or a function that returns it, which is called
            once the head of the request was found sound, and not at all if no signature covers the body: then
            ``request.body`` stays empty, and nobody has read it.
        :param token: ``"required"``, ``"optional"``, or ``"absent"`` (where temporary credentials are asked for, 2.1).
        :raises VerificationError: one of its classes, with the HTTP status to answer with; see :func:`refusal`.
        :raises ValueError: ``token`` is another word.
        """
        steps = self.steps(method, uri, headers, token)
        request: "AuthenticatedRequest" = next(steps)
        answer: "Any" = body
        if callable(body):
            answer = body() if self.needs_body(request) else UNREAD
        try:
            waiting = steps.send(answer)
        except StopIteration as end:
            request = end.value
            return request
        if hasattr(waiting, "close"):
            waiting.close()  # or Python warns that it was never awaited
        raise TypeError("credentials, check_status or nonces have to be awaited: use AsyncVerifier")


class AsyncVerifier(Verification):
    """:class:`Verifier` for asyncio: ``client``, ``token``, ``check_status`` and ``claim`` may each be awaitable.

    What is not awaitable is called in the event loop's own thread, which it must not keep waiting.

    :param credentials: a :class:`CredentialsSource`: ``client(identifier)`` and ``token(client_identifier,
        token_identifier)`` return credentials, or ``None``.
    :param nonces: a :class:`NonceStore`: ``claim(...)`` returns True once for each nonce, as that of an
        ``AsyncRedisNonceStore`` does when it is awaited.
    :param accept: the signature methods that are accepted, HMAC_SHA1 and HMAC_SHA256 by default; or a function that
        takes a client identifier, known or unknown, and returns the methods of that client.
    :param window: how many seconds a timestamp may differ from ``clock``, 300 by default.
    :param clock: returns the seconds since 1970-01-01 00:00 UTC; ``time.time`` by default.
    :param disclose: ``"minimal"``, the default, answers an unknown client or token as a wrong signature;
        ``"verbose"`` says which of them it was: for test tools only.
    :param check_status: called with the request after its signature was verified; it raises InvalidToken or another
        VerificationError if the token is expired or revoked. None by default.
    :param require_body_hash: whether a body that is not a form must have an ``oauth_body_hash``; False by
        default.
    :param sha1_body_hash: whether a SHA-1 ``oauth_body_hash`` is accepted with every signature method, as oauthlib and
        LTI 1.1 send it; False by default.
    :param require_tls: whether a request needs TLS or a loopback IP address; set it for the endpoints that issue
        credentials (2.1, 2.3); False by default.
    :param limits: how much of a request is read; ``LIMITS`` by default.
    :raises ValueError: ``disclose`` is another word.
    """

    async def verify(
        self,
        method: str,
        uri: str,
        headers: "Headers" = (),
        body: "bytes | Callable[[], Awaitable[bytes]]" = b"",
        *,
        token: "Literal['required', 'optional', 'absent']" = "required",
    ) -> "AuthenticatedRequest":
        """Return the request as :meth:`Verifier.verify` does.

        If ``body`` is a function, it is awaited.
        """
        steps = self.steps(method, uri, headers, token)
        request: "AuthenticatedRequest" = next(steps)
        answer: "Any" = body
        if callable(body):
            answer = await body() if self.needs_body(request) else UNREAD
        try:
            while True:
                answer = await steps.send(answer)
        except StopIteration as end:
            request = end.value
            return request


def in_clear(message: str) -> InsecureTransport:
    return InsecureTransport(message, parameter="uri", fields=[("oauth_problem_advice", "TLS required")])
