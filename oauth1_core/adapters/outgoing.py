"""What the adapters of HTTP clients have in common: what is signed, where it goes, for which origin.

Each adapter hands over method, URI, Content-Type and body as they go on the wire, and puts the result
where it belongs. Nothing here knows any of the clients.
"""

from __future__ import annotations

import copy
import re
import time

from ..errors import SigningError
from ..nonce import generate_nonce
from ..signature_methods import HMAC_SHA1, body_hash
from ..signer import Signer
from ..transmission import FORM, PROTOCOL_PARAMETERS, authorization_header, form_encoded_body, request_uri
from ..uris import origin_of, query_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Literal, TypeVar

    from ..credentials import ClientCredentials, Credentials
    from ..signature_methods import SignatureMethod

    Self = TypeVar("Self", bound="RequestSigner")
    # What parse_request, diagnose and explain_request take.
    Sent = tuple[str, str, list[tuple[str, str]], bytes]

PLACED = PROTOCOL_PARAMETERS | {"oauth_body_hash"}


class RequestSigner:
    """Credentials and how to sign with them.

    The arguments are described where they are given: in each adapter's ``OAuth1``, whose own docstring is the one
    that every editor shows.
    """

    def __init__(
        self,
        client: ClientCredentials,
        token: Credentials | None = None,
        *,
        signature_method: SignatureMethod = HMAC_SHA1,
        realm: str | None = None,
        version: str | None = "1.0",
        placement: Literal["header", "form", "query"] = "header",
        body_hash: Literal["off", "auto", "always"] = "off",
        nonce: Callable[[], str] = generate_nonce,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if placement not in ("header", "form", "query"):
            raise SigningError("placement is header, form or query")
        if body_hash not in ("off", "auto", "always"):
            raise SigningError("body_hash is off, auto or always", parameter="oauth_body_hash")
        self.signer: Signer = Signer(
            client,
            token,
            signature_method=signature_method,
            realm=realm,
            version=version,
            nonce=nonce,
            clock=clock,
        )
        if placement == "query" and signature_method.name == "PLAINTEXT":
            raise SigningError("PLAINTEXT in a query would put the secrets into logs")
        self.placement: Literal["header", "form", "query"] = placement
        self.body_hash: Literal["off", "auto", "always"] = body_hash
        self.digest: str = getattr(signature_method, "digest", "sha1")
        self.clock = clock
        self.realm: str | None = None

    def with_realm(self: Self, realm: str) -> Self:
        """Return the same with another realm, for one call; SigningError if it cannot be sent."""
        authorization_header((), realm)
        other = copy.copy(self)
        other.realm = realm
        return other

    def __deepcopy__(self: Self, memo: Any) -> Self:
        """Return a copy with the same credentials and the same clock, which others may have under correction."""
        return copy.copy(self)

    def signed(self, method: str, uri: str, content_type: str, body: bytes | None) -> tuple[str, str]:
        """Return where the protocol parameters go, and what is there then.

        ``("header", value of Authorization)``, ``("form", whole body)`` or ``("query", whole query)``.
        ``body`` is ``None`` if it cannot be read before it is sent; that of a form has to be.
        """
        form = (body or b"") if is_form(content_type) else b""
        more = self.hash_of(content_type, body)
        if self.placement == "query":
            parameters = self.signer.sign(method, uri, form=form, protocol_parameters=more)
            return "query", request_uri(parameters, "?" + query_of(uri))[1:]
        if self.placement == "form" and is_form(content_type) and method not in ("GET", "HEAD"):
            parameters = self.signer.sign(method, uri, form=form, protocol_parameters=more)
            return "form", form_encoded_body(parameters, form)
        value = self.signer.authorization_header(method, uri, form=form, protocol_parameters=more, realm=self.realm)
        return "header", value

    def hash_of(self, content_type: str, body: bytes | None) -> list[tuple[str, str]]:
        """Return ``oauth_body_hash``, if there is to be one, in a list."""
        if self.body_hash == "off":
            return []
        # The extension: it "MUST NOT be included on requests with form-encoded bodies".
        if body is None or is_form(content_type):
            if self.body_hash == "always":
                message = "only a body that is not a form and can be read before it is sent has a hash"
                raise SigningError(message, parameter="oauth_body_hash")
            return []
        return [("oauth_body_hash", body_hash(body, self.digest))]

    def may_correct_clock(self, status: int) -> bool:
        """Tell whether an answer is to be handed to :meth:`correct_clock`, its body read."""
        return status in (400, 401) and hasattr(self.clock, "correct")

    def correct_clock(self, sent: str, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> bool:
        """Let the clock read the refusal of what was ``sent``, which is what :meth:`signed` returned.

        True if the request should be signed and sent once more.
        """
        timestamp = int(re.findall('oauth_timestamp="?([0-9]+)', sent)[-1])
        corrected: bool = self.clock.correct(  # type: ignore[attr-defined]  # may_correct_clock() has seen that it can
            status, headers, body, timestamp
        )
        return corrected


class SignedHops:
    """A request with all its attempts and redirects: who signs it, for which origin, and what was last sent."""

    sent = ""

    def __init__(self, auth: RequestSigner, uri: str) -> None:
        self.auth = auth
        self.origin: str | None = origin_of(uri)

    def may_sign(self, uri: str) -> bool:
        """Tell whether ``uri`` is of the first origin; once a redirect has led elsewhere, nothing is."""
        if origin_of(uri) != self.origin:
            self.origin = None
        return self.origin is not None


def as_parsed(method: str, uri: str, headers: Iterable[tuple[str, str]], body: bytes | None) -> Sent:
    """Return a request as it was sent; of a body that was used up neither the octets nor the length."""
    return (
        method,
        uri,
        [pair for pair in headers if body is not None or pair[0].lower() != "content-length"],
        body or b"",
    )


def is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == FORM


def body_octets(body: Any) -> bytes | None:
    """Return a body as it is sent, ``None`` if reading would use it up."""
    if isinstance(body, str):
        return body.encode("utf-8")
    return bytes(body or b"") if isinstance(body, (bytes, bytearray, type(None))) else None


def protocol_parameters_of(text: str) -> str:
    """Return what :meth:`RequestSigner.signed` has put into a query or form."""
    return "&".join([piece for piece in text.split("&") if piece.partition("=")[0] in PLACED])


def without_protocol_parameters(text: str) -> str:
    """Return what else there is in a query or form."""
    return "&".join([piece for piece in text.split("&") if piece.partition("=")[0] not in PLACED])


def without_query_parameters(uri: str) -> str:
    """Return ``uri`` with the same done to its query."""
    query = query_of(uri)
    clean = without_protocol_parameters(query)
    return uri if clean == query else uri.replace("?" + query, "?" + clean if clean else "", 1)


def with_query(uri: str, query: str) -> str:
    """Return ``uri`` with another query."""
    target, hash_sign, fragment = uri.partition("#")
    return target.partition("?")[0] + "?" + query + hash_sign + fragment
