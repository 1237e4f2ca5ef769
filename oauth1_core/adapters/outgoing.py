"""What the adapters of HTTP clients have in common: what is signed, where it goes, for which origin.

Each adapter hands over method, URI and body as they go on the wire, and puts the result
where it belongs. Nothing here knows any of the clients.
"""

import copy
import io
import time
import zlib

from ..errors import SigningError
from ..nonce import generate_nonce
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
    # What parse_request, diagnose and explain_request take.
    Sent = tuple[str, str, list[tuple[str, str]], bytes]

# Of a server that refuses a timestamp; some say 400.
REFUSALS = (400, 401)
PLACED = PROTOCOL_PARAMETERS | {"oauth_body_hash"}


class RequestSigner:
    """Credentials and how to sign with them.

    The arguments are described where they are given: in each adapter's ``OAuth1``, whose own docstring is the one
    that every editor shows.
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
            raise SigningError("placement is header, form or query")
        if body_hash not in ("off", "auto", "always"):
            raise SigningError("body_hash is off, auto or always", parameter="oauth_body_hash")
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
        # What a redirect may repeat of this object's, as it stands in a query or form.
        self.placed: "frozenset[str]" = PLACED | {name for name, _ in encoded_pairs(self.protocol_parameters)}

    def with_realm(self: "Self", realm: str) -> "Self":
        """Return the same with another realm, for one call; SigningError if it cannot be sent."""
        authorization_header((), realm)
        other = copy.copy(self)
        other.realm = realm
        return other

    def __deepcopy__(self: "Self", memo: "Any") -> "Self":
        """Return a copy with the same credentials and the same clock, which others may have under correction."""
        return copy.copy(self)

    def signed(self, method: str, uri: str, has_form: bool, body: "bytes | None") -> "tuple[str, str, int | None]":
        """Return where the protocol parameters go, what is there then, and the timestamp where a clock learns.

        ``("header", value of Authorization, …)``, ``("form", whole body, …)`` or ``("query", whole query, …)``.
        ``body`` is looked at if it is a form or is to have a hash, and ``None`` if it cannot be read before it is sent;
        a form has to be.
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
        value = signer.authorization_header(method, uri, form=form, protocol_parameters=more, realm=realm)
        return "header", value, timestamp

    def signer_for(self, uri: str) -> "tuple[Signer, int | None]":
        """Return a signer that shows the time that a clock has learned of the origin, and that time."""
        timestamp = int(self.clock(uri))  # type: ignore[call-arg]  # what learns takes a URI
        signer = copy.copy(self.signer)
        signer._clock = lambda: timestamp
        return signer, timestamp

    def hash_of(self, has_form: bool, body: "bytes | None") -> "list[tuple[str, str]]":
        """Return ``oauth_body_hash``, if the body has one, in a list."""
        # The extension: it "MUST NOT be included on requests with form-encoded bodies".
        if body is None or has_form:
            if self.body_hash == "always":
                message = "only a body that is not a form and can be read before it is sent has a hash"
                raise SigningError(message, parameter="oauth_body_hash")
            return []
        return [("oauth_body_hash", body_hash(body, self.digest))]

    def corrected_by_head(self, timestamp: "int | None", uri: str, status: int, headers: "Headers") -> "bool | None":
        """Let the clock read the head of an answer to what :meth:`signed` returned for ``uri``, with its timestamp.

        True if the request should be signed and sent once more, ``None`` if only the body can tell: then
        :meth:`corrected_by_body` gets the beginning of it.
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
        """The same of head and body; ``None`` is a body that cannot be read."""
        if body is None:
            return False
        corrected: bool = self.clock.correct(  # type: ignore[attr-defined]  # what has no timestamp has not come here
            status, headers, body, timestamp, uri
        )
        return corrected


class SignedHops:
    """A request with all its attempts and redirects: who signs it, for which origin, with which timestamp last."""

    timestamp: "int | None" = None
    has_left: bool = False

    def __init__(self, auth: "RequestSigner", uri: "Any") -> None:
        self.auth = auth
        self.uri = uri

    def may_sign(self, uri: "Any") -> bool:
        """Tell whether ``uri``, text or what ``str()`` makes text, is of the first origin.

        Once a redirect has led elsewhere, nothing is.
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
    """Return what the first octets of a body say, up to MAX_BODY; ``None`` if that cannot be read.

    An encoding makes 1,000 octets of one, and another encoding around it 1,000 of each of these.
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
    """Return a request as it was sent; of a body that was used up neither the octets nor the length."""
    return (
        method,
        uri,
        [pair for pair in headers if body is not None or pair[0].lower() != "content-length"],
        body or b"",
    )


def is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == FORM


def body_octets(body: "Any") -> "bytes | None":
    """Return a body as it is sent, ``None`` if reading would use it up."""
    if isinstance(body, str):
        return body.encode("utf-8")
    return bytes(body or b"") if isinstance(body, (bytes, bytearray, type(None))) else None


def protocol_parameters_of(text: str) -> str:
    """Return what :meth:`RequestSigner.signed` has put into a query or form."""
    return "&".join([piece for piece in text.split("&") if piece.partition("=")[0] in PLACED])


def without_protocol_parameters(text: str, placed: "frozenset[str]" = PLACED) -> str:
    """Return what else there is in a query or form."""
    return "&".join([piece for piece in text.split("&") if piece.partition("=")[0] not in placed])


def without_query_parameters(uri: str, placed: "frozenset[str]" = PLACED) -> str:
    """Return ``uri`` with the same done to its query."""
    query = query_of(uri)
    clean = without_protocol_parameters(query, placed)
    return uri if clean == query else uri.replace("?" + query, "?" + clean if clean else "", 1)


def with_query(uri: str, query: str) -> str:
    """Return ``uri`` with another query."""
    target, hash_sign, fragment = uri.partition("#")
    return target.partition("?")[0] + "?" + query + hash_sign + fragment
