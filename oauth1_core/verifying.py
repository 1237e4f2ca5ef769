"""Verifying requests (RFC 5849 section 3.2).

A request is verified in this order:

1. the head, as ``receiving`` reads it; whether a token must or must not be there; the timestamp; TLS
2. the body, and what must cover it
3. client and token, with stand-ins if they are unknown
4. the signature and the body hash, in constant time
5. the status of the token
6. the nonce, which is claimed atomically

A request that fails changes nothing. If the protocol parameters are in a form, the checks that need them wait for the
body.

The RFC leaves some decisions to the server. Here they are:

- The timestamp must be within ``window`` seconds of the server's clock. The verifier checks and reports this before
  the signature.
- An unknown ``oauth_`` parameter is accepted if it was signed.
- A client with an empty secret can only use RSA, unless it is PublicClientCredentials and there is a token.
- A refusal says that the nonce was used or that the token has ended only if the signature is valid.
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

    ``client`` or ``token`` is ``None`` if the identifier is unknown. To refuse it takes the same work as to refuse a
    wrong signature. PLAINTEXT is accepted only if ``accept`` has it and the request came over TLS or to a loopback IP
    address. ``Plaintext(in_clear=True)`` needs no TLS. ``sha1_body_hash`` is the argument of :class:`Verifier`.
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
    # A database that ignores case, or white space at the end, returns other credentials than those asked for.
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
    # If the secret is empty, anyone can compute the HMAC. RSA does not use the secret (section 4.1).
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
            raise ValueError('disclose must be "minimal" or "verbose"')
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
        """Yield the request without its body, then each awaitable that a source or store returns.

        Send back the body, or ``UNREAD`` if :meth:`needs_body` returns False; then the result of each awaitable.
        """
        if token not in ("required", "optional", "absent"):
            raise ValueError('token must be "required", "optional" or "absent"')
        request = read_head(method, uri, headers, self.limits)
        now = self.clock()
        # Refuse as much as possible before a body is awaited or a form is decoded.
        if request.client_identifier:  # "" if the protocol parameters may be in the form
            self.check_request(request, token, now)
        if self.require_tls and not keeps_secrets(uri):
            raise in_clear("the request came without TLS, and the response would contain secrets: use https")
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
            # Python was built without this hash, or the signature method has no key.
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
        """Return the request without its body, or refuse it as far as that is possible without the body.

        The request is not verified. This is for servers that read the body in one place and verify in another.
        """
        request: "AuthenticatedRequest" = next(self.steps(method, uri, headers, token))
        return request

    def needs_body(self, request: "AuthenticatedRequest") -> bool:
        """Tell whether the body has to be read to verify a request whose head was read."""
        return request.is_form or request.body_hash is not None or self.require_body_hash

    def check_request(self, request: "AuthenticatedRequest", token: str, now: float) -> None:
        """Check the presence of the token and the timestamp."""
        if token == "required" and request.token_identifier is None:
            raise absent(["oauth_token"])
        if token == "absent" and request.token_identifier is not None:
            raise MalformedRequest("no token is expected here", parameter="oauth_token")
        self.check_timestamp(request.timestamp, now)

    def accepted(self, request: "AuthenticatedRequest") -> "Sequence[SignatureMethod]":
        """Return the signature methods that the client of this request may use."""
        if not callable(self.accept):
            return self.accept
        accept = self.accept(request.client_identifier)
        name = request.signature_method
        if name in METHOD_NAMES and name not in [method.name for method in accept]:
            # Compute one MAC, as for an unknown client, so that the time does not reveal which clients exist.
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
    :param accept: the accepted signature methods (default: HMAC_SHA1 and HMAC_SHA256); or a function that takes a
        client identifier, known or unknown, and returns the methods of that client.
    :param window: how many seconds a timestamp may differ from ``clock`` (default: 300).
    :param clock: returns the seconds since 1970-01-01 00:00 UTC (default: ``time.time``).
    :param disclose: ``"minimal"`` (the default) refuses an unknown client or token as it refuses a wrong signature.
        ``"verbose"``, which is for test tools only, lets the refusal say which of them is wrong.
    :param check_status: called with the request after its signature was verified (default: None). It raises
        InvalidToken or another VerificationError if the token is expired or revoked.
    :param require_body_hash: whether a body that is not a form must have an ``oauth_body_hash`` (default: False).
    :param sha1_body_hash: whether a SHA-1 ``oauth_body_hash``, as oauthlib and LTI 1.1 send it, is accepted with every
        signature method (default: False).
    :param require_tls: whether a request must come over TLS or to a loopback IP address (default: False). Set it for
        the endpoints that issue credentials (2.1, 2.3).
    :param limits: the size limits of a request (default: ``LIMITS``).
    :raises ValueError: ``disclose`` is neither of the two.

    :meth:`verify` passes on every exception of ``credentials``, ``check_status``, ``accept`` or the function of an RSA
    method unchanged. Only a SigningError of a signature method becomes UnsupportedSignatureMethod.
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

        :param method: the HTTP request method, such as ``"GET"``.
        :param uri: the URI to which the client sent the request. Behind a proxy, this is the external URI.
        :param headers: (name, value) pairs of ``str``, or a mapping with ``.items()``.
        :param body: the unchanged octets of the body, of any type; or a function that returns them. The function is
            called after the head of the request was checked, and only if the body has to be verified. Otherwise
            ``request.body`` is empty, and the body has not been read.
        :param token: ``"required"``, ``"optional"``, or ``"absent"`` (for requests for temporary credentials, 2.1).
        :raises VerificationError: one of its classes, with the HTTP status of the refusal; see :func:`refusal`.
        :raises ValueError: ``token`` is none of the three.
        """
        steps = self.steps(method, uri, headers, token)
        request: "AuthenticatedRequest" = next(steps)
        answer: "Any" = body
        if callable(body):
            answer = body() if self.needs_body(request) else UNREAD
        waiting: "Any" = answer
        if not hasattr(answer, "__await__"):
            try:
                waiting = steps.send(answer)
            except StopIteration as end:
                request = end.value
                return request
        if hasattr(waiting, "close"):
            waiting.close()  # otherwise Python warns that it was never awaited
        raise TypeError("body, credentials, check_status or nonces have to be awaited: use AsyncVerifier")


class AsyncVerifier(Verification):
    """:class:`Verifier` for asyncio: ``client``, ``token``, ``check_status`` and ``claim`` may each be awaitable.

    A function that returns no awaitable runs in the thread of the event loop, so it must not block.

    :param credentials: a :class:`CredentialsSource`: ``client(identifier)`` and ``token(client_identifier,
        token_identifier)`` return credentials, or ``None``.
    :param nonces: a :class:`NonceStore`, such as ``AsyncRedisNonceStore``: ``claim(...)`` returns True once for each
        nonce.
    :param accept: the accepted signature methods (default: HMAC_SHA1 and HMAC_SHA256); or a function that takes a
        client identifier, known or unknown, and returns the methods of that client.
    :param window: how many seconds a timestamp may differ from ``clock`` (default: 300).
    :param clock: returns the seconds since 1970-01-01 00:00 UTC (default: ``time.time``).
    :param disclose: ``"minimal"`` (the default) refuses an unknown client or token as it refuses a wrong signature.
        ``"verbose"``, which is for test tools only, lets the refusal say which of them is wrong.
    :param check_status: called with the request after its signature was verified (default: None). It raises
        InvalidToken or another VerificationError if the token is expired or revoked.
    :param require_body_hash: whether a body that is not a form must have an ``oauth_body_hash`` (default: False).
    :param sha1_body_hash: whether a SHA-1 ``oauth_body_hash``, as oauthlib and LTI 1.1 send it, is accepted with every
        signature method (default: False).
    :param require_tls: whether a request must come over TLS or to a loopback IP address (default: False). Set it for
        the endpoints that issue credentials (2.1, 2.3).
    :param limits: the size limits of a request (default: ``LIMITS``).
    :raises ValueError: ``disclose`` is neither of the two.
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

        If ``body`` is a function, it returns an awaitable.
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
