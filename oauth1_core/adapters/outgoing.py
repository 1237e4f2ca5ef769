"""Code shared by the adapters of HTTP clients: what to sign, where to put the signature, which origin may get it.

Each adapter passes method, URI and body as its client sends them, and puts the result into the request. This module
depends on no client library.
"""

import copy
import io
import time
import zlib

from ..errors import SigningError
from ..nonce import generate_nonce, whole_seconds
from ..parameters import encoded_pairs, pairs_of
from ..problem_reporting import MAX_BODY, problem_report
from ..signature_methods import HMAC_SHA1, body_hash
from ..signer import Signer
from ..transmission import FORM, PROTOCOL_PARAMETERS, authorization_header, form_encoded_body, request_uri
from ..uris import keeps_secrets, origin_of, query_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Literal, TypeVar

    from ..credentials import ClientCredentials, Credentials
    from ..receiving import Headers
    from ..signature_methods import SignatureMethod

    Self = TypeVar("Self", bound="RequestSigner")
    # The arguments of parse_request, diagnose and explain_request.
    Sent = tuple[str, str, list[tuple[str, str]], bytes]

# The statuses of a server that refuses a timestamp: 401, but some servers send 400.
REFUSALS = (400, 401)
PLACED = PROTOCOL_PARAMETERS | {"oauth_body_hash"}


class RequestSigner:
    """Credentials and how to sign with them.

    ``OAuth1`` of each adapter describes the arguments, because an editor shows the docstring of that class.
    """

    def __init__(
        self,
        client: "ClientCredentials",
        token: "Credentials | None" = None,
        *,
        signature_method: "SignatureMethod" = HMAC_SHA1,
        realm: "str | Callable[[str], str] | None" = None,
        version: "str | None" = "1.0",
        placement: "Literal['header', 'form', 'query']" = "header",
        body_hash: "Literal['off', 'auto', 'always']" = "off",
        protocol_parameters: "Iterable[tuple[str, str]]" = (),
        nonce: "Callable[[], str]" = generate_nonce,
        clock: "Callable[[], float]" = time.time,
    ) -> None:
        if placement not in ("header", "form", "query"):
            raise SigningError("placement must be header, form or query")
        if body_hash not in ("off", "auto", "always"):
            raise SigningError("body_hash must be off, auto or always", parameter="oauth_body_hash")
        self.signer: "Signer" = Signer(
            client,
            token,
            signature_method=signature_method,
            realm=None if callable(realm) else realm,
            version=version,
            nonce=nonce,
            clock=clock,
        )
        if placement == "query" and signature_method.name == "PLAINTEXT":
            raise SigningError("PLAINTEXT in a query would put the secrets into logs")
        self.placement: "Literal['header', 'form', 'query']" = placement
        self.body_hash: "Literal['off', 'auto', 'always']" = body_hash
        self.digest: str = getattr(signature_method, "digest", "sha1")
        self.clock = clock
        self.learns: bool = hasattr(clock, "correct")
        self.realm: "str | None" = None
        self.realm_of: "Callable[[str], str] | None" = realm if callable(realm) else None
        self.protocol_parameters: "list[tuple[str, str]]" = pairs_of(protocol_parameters)
        # The names, encoded, of the parameters that this object signs with: a redirect may repeat them.
        self.placed: "frozenset[str]" = PLACED | {name for name, _ in encoded_pairs(self.protocol_parameters)}

    def with_realm(self: "Self", realm: str) -> "Self":
        """Return a copy with another realm, for one call; raises SigningError if ``realm`` cannot be sent."""
        authorization_header((), realm)
        other = copy.copy(self)
        other.realm = realm
        return other

    def __deepcopy__(self: "Self", memo: "Any") -> "Self":
        """Return a copy that shares the credentials and the clock, so that all copies use a corrected clock."""
        return copy.copy(self)

    def signed(self, method: str, uri: str, has_form: bool, body: "bytes | None") -> "tuple[str, str, int | None]":
        """Return the place of the protocol parameters, the new text of that place, and the timestamp.

        The place and its text are ``("header", value of Authorization, …)``, ``("form", whole body, …)`` or
        ``("query", whole query, …)``. The timestamp is ``None`` unless the clock learns.

        ``body`` is ``None`` for a stream, but a form must always be given. It is used only if it is a form or needs a
        hash.
        """
        form = (body or b"") if has_form else b""
        more = self.protocol_parameters
        if self.body_hash != "off":
            more = more + self.hash_of(has_form, body)
        signer, timestamp = self.signer_for(uri) if self.learns else (self.signer, None)
        if self.placement == "query":
            parameters = signer.sign(method, uri, form=form, protocol_parameters=more)
            return "query", request_uri(parameters, "?" + query_of(uri))[1:], timestamp
        if self.placement == "form" and has_form and method not in ("GET", "HEAD"):
            parameters = signer.sign(method, uri, form=form, protocol_parameters=more)
            return "form", form_encoded_body(parameters, form), timestamp
        realm = self.realm_of(uri) if self.realm is None and self.realm_of else self.realm
        # Signer does not look into an empty tuple.
        value = signer.authorization_header(method, uri, form=form, protocol_parameters=more or (), realm=realm)
        return "header", value, timestamp

    def signer_for(self, uri: str) -> "tuple[Signer, int | None]":
        """Return a signer with the time that the clock has learned for the origin of ``uri``, and that time."""
        timestamp = whole_seconds(self.clock(uri))  # type: ignore[call-arg]  # a learning clock takes a URI
        signer = copy.copy(self.signer)
        signer._clock = lambda: timestamp
        return signer, timestamp

    def hash_of(self, has_form: bool, body: "bytes | None") -> "list[tuple[str, str]]":
        """Return a list with ``oauth_body_hash``; an empty list for a form or a stream."""
        # The extension: it "MUST NOT be included on requests with form-encoded bodies".
        if body is None or has_form:
            if self.body_hash == "always":
                message = 'body_hash="always" needs a body that is neither a form nor a stream'
                raise SigningError(message, parameter="oauth_body_hash")
            return []
        return [("oauth_body_hash", body_hash(body, self.digest))]

    def corrected_by_head(self, timestamp: "int | None", uri: str, status: int, headers: "Headers") -> "bool | None":
        """Let the clock learn from the status and the header fields of a response.

        ``timestamp`` is the timestamp that :meth:`signed` returned for ``uri``. Return True if the request should be
        signed and sent once more, and ``None`` if this depends on the body: then call :meth:`corrected_by_body` with
        the beginning of the body.
        """
        if status not in REFUSALS or timestamp is None or not keeps_secrets(uri):
            return False
        problem = problem_report(headers).get("oauth_problem")
        if problem == "timestamp_refused":
            return self.corrected_by_body(timestamp, uri, status, headers, b"") or None
        return None if problem is None else False

    def corrected_by_body(
        self, timestamp: "int | None", uri: str, status: int, headers: "Headers", body: "bytes | None"
    ) -> bool:
        """Do the same with the body; ``None`` is a body that cannot be read."""
        if body is None:
            return False
        corrected: bool = self.clock.correct(  # type: ignore[attr-defined]  # a clock that learns has it
            status, headers, body, timestamp, uri
        )
        return corrected


class SignedHops:
    """The state of a request with its retries and redirects: its signer, first URI and last timestamp."""

    timestamp: "int | None" = None
    has_left: bool = False

    def __init__(self, auth: "RequestSigner", uri: "Any") -> None:
        self.auth = auth
        self.uri = uri

    def may_sign(self, uri: "Any") -> bool:
        """Tell whether ``uri``, a ``str`` or an object for ``str()``, has the origin of the first request.

        After a redirect to another origin, return False for every URI.
        """
        if uri is not self.uri and origin_of(str(uri)) != origin_of(str(self.uri)):
            self.has_left = True
        return not self.has_left


class Rejoined(io.RawIOBase):
    """A body whose first octets have been read already."""

    def __init__(self, first: bytes, read: "Callable[[int], bytes]", close: "Callable[[], None]") -> None:
        self.first: bytes = first
        self.read_more = read
        self.close_rest = close

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Any") -> int:
        piece = self.first[: len(buffer)] or self.read_more(len(buffer))
        self.first = self.first[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        super().close()
        self.close_rest()


def decoded(content_encoding: str, octets: bytes) -> "bytes | None":
    """Return the first octets of a body, decoded, up to MAX_BODY; ``None`` if they cannot be decoded.

    The limit is needed because each Content-Encoding can make 1,000 octets out of one octet.
    """
    encoding = content_encoding.strip().lower()
    if encoding in ("", "identity"):
        return octets
    if encoding not in ("gzip", "x-gzip", "deflate"):
        return None
    try:
        return zlib.decompressobj(zlib.MAX_WBITS + 32).decompress(octets, MAX_BODY)
    except zlib.error:
        return None


def as_parsed(method: str, uri: str, headers: "Iterable[tuple[str, str]]", body: "bytes | None") -> "Sent":
    """Return a request as it was sent. If ``body`` is ``None``, its octets and Content-Length are left out."""
    return (
        method,
        uri,
        [pair for pair in headers if body is not None or pair[0].lower() != "content-length"],
        body or b"",
    )


def is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == FORM


def body_octets(body: "Any") -> "bytes | None":
    """Return the octets of a body, or ``None`` if the body is a stream that can be read only once."""
    if isinstance(body, str):
        return body.encode("utf-8")
    return bytes(body or b"") if isinstance(body, (bytes, bytearray, type(None))) else None


def protocol_parameters_of(text: str) -> str:
    """Return the part of a query or form that :meth:`RequestSigner.signed` has added."""
    return "&".join([piece for piece in text.split("&") if piece.partition("=")[0] in PLACED])


def without_protocol_parameters(text: str, placed: "frozenset[str]" = PLACED) -> str:
    """Return a query or form without the protocol parameters."""
    return "&".join([piece for piece in text.split("&") if piece.partition("=")[0] not in placed])


def without_query_parameters(uri: str, placed: "frozenset[str]" = PLACED) -> str:
    """Return ``uri`` without the protocol parameters in its query."""
    query = query_of(uri)
    clean = without_protocol_parameters(query, placed)
    return uri if clean == query else uri.replace("?" + query, "?" + clean if clean else "", 1)


def with_query(uri: str, query: str) -> str:
    """Return ``uri`` with another query."""
    target, hash_sign, fragment = uri.partition("#")
    return target.partition("?")[0] + "?" + query + hash_sign + fragment
