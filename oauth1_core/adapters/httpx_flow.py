"""What the adapters of httpx and httpx2 share: how the requests of both, which are alike, are signed."""

from __future__ import annotations

import weakref

from ..errors import SigningError
from .outgoing import (
    RequestSigner,
    SignedHops,
    as_parsed,
    is_form,
    protocol_parameters_of,
    with_query,
    without_query_parameters,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
    from typing import Any

    from .outgoing import Sent

EXTENSION = "oauth1"


class AuthFlow(RequestSigner):
    """Signs when a request is sent, and once more if the answer has corrected the clock."""

    byte_stream: Any
    signed_form: Any

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        # Only a form is part of the signature: any other body stays the stream that it is.
        if is_form(content_type_of(request)):
            request.read()
        hops = self.begin(request)
        response = yield request
        if hops.may_correct_from(response):
            response.read()
            if self.sign_corrected(response.request, response, hops):
                response = yield response.request
        hops.check(response)

    async def async_auth_flow(self, request: Any) -> AsyncGenerator[Any, Any]:
        if is_form(content_type_of(request)):
            await request.aread()
        hops = self.begin(request)
        response = yield request
        if hops.may_correct_from(response):
            await response.aread()
            if self.sign_corrected(response.request, response, hops):
                response = yield response.request
        hops.check(response)

    def begin(self, request: Any) -> FollowedRedirects:
        if EXTENSION in request.extensions:
            self.clear(request)  # It was sent before.
        sent = self.sign(request)
        hops = request.extensions[EXTENSION] = FollowedRedirects(self, origin_url(request))
        hops.sent = sent
        return hops

    def sign(self, request: Any) -> str:
        """Sign a request, which holds no protocol parameters yet; the body of a form must have been read."""
        form = self.body_of(request)
        where, text = self.signed(request.method, uri_of(request), content_type_of(request), form)
        if where == "header":
            request.headers["Authorization"] = text
        elif where == "query":
            target = with_query(request.url.raw_path.decode("ascii"), text)
            request.url = request.url.copy_with(raw_path=target.encode("ascii"))
        else:
            set_body(request, self.signed_form(text.encode("utf-8", "surrogateescape"), form))
        return text

    def clear(self, request: Any) -> None:
        """Take out what :meth:`sign` has put into a request, or what a redirect repeats of it."""
        if request.headers.get("Authorization", "").startswith("OAuth "):
            del request.headers["Authorization"]
        if self.placement == "query":
            target = without_query_parameters(request.url.raw_path.decode("ascii"))
            request.url = request.url.copy_with(raw_path=target.encode("ascii"))
        if isinstance(request.stream, FormSentOnce):
            set_body(request, self.byte_stream(request.stream.form))

    def body_of(self, request: Any) -> bytes | None:
        """Return the octets of a body that can be sent again, ``None`` for any other."""
        if isinstance(request.stream, FormSentOnce):
            return request.stream.form
        return b"".join(request.stream) if isinstance(request.stream, self.byte_stream) else None

    def sign_corrected(self, request: Any, response: Any, hops: FollowedRedirects) -> bool:
        """Sign the refused request, which a redirect may have led to, again if the refusal corrected the clock."""
        corrected = self.correct_clock(hops.sent, response.status_code, response.headers.multi_items(), response.read())
        if not corrected or self.body_of(request) is None:
            return False
        self.clear(request)
        self.sign(request)
        return True


class FollowedRedirects(SignedHops):
    """Travels with a request in its extensions, which the client copies to each redirect that it follows.

    ``first`` is the first request where the transport alone signs, ``None`` where an ``auth`` has begun.
    """

    auth: AuthFlow
    first: weakref.ref[Any] | None = None

    def is_first(self, request: Any) -> bool:
        return self.first is not None and self.first() is request

    def may_correct_from(self, response: Any) -> bool:
        return self.auth.may_correct_clock(response.status_code) and self.may_sign(origin_url(response.request))

    def check(self, response: Any) -> None:
        """Refuse an answer that was got by following a redirect with the signature of another request."""
        answers = [*response.history, response]
        for before, after in zip(answers, answers[1:]):
            signed = placed_in(after.request)
            if before.has_redirect_location and signed and signed == placed_in(before.request):
                raise SigningError("a redirect was followed with a used signature: use OAuth1Transport")


class HopTransport:
    """Signs each request on its way to another transport, and learns from a refusal where no ``auth`` does."""

    default_transports: Any

    def __init__(self, auth: AuthFlow, transport: Any = None) -> None:
        if not isinstance(auth, AuthFlow):
            raise SigningError("OAuth1Transport takes an OAuth1, and then the transport")
        self.auth = auth
        self.sync_transport, self.async_transport = (transport, transport) if transport else self.default_transports()

    def handle_request(self, request: Any) -> Any:
        hops = self.begin(request)
        if not hops.may_sign(origin_url(request)):
            return self.sync_transport.handle_request(request)
        if is_form(content_type_of(request)):
            request.read()
        hops.sent = hops.auth.sign(request)
        response = self.sync_transport.handle_request(request)
        if hops.first is not None and hops.auth.may_correct_clock(response.status_code):
            octets = b"".join(response.stream)
            response.close()
            response = unread(response, self.auth.byte_stream(octets))
            if hops.auth.sign_corrected(request, unread(response, self.auth.byte_stream(octets)), hops):
                response = self.sync_transport.handle_request(request)
        return response

    async def handle_async_request(self, request: Any) -> Any:
        hops = self.begin(request)
        if not hops.may_sign(origin_url(request)):
            return await self.async_transport.handle_async_request(request)
        if is_form(content_type_of(request)):
            await request.aread()
        hops.sent = hops.auth.sign(request)
        response = await self.async_transport.handle_async_request(request)
        if hops.first is not None and hops.auth.may_correct_clock(response.status_code):
            octets = b"".join([chunk async for chunk in response.stream])
            await response.aclose()
            response = unread(response, self.auth.byte_stream(octets))
            if hops.auth.sign_corrected(request, unread(response, self.auth.byte_stream(octets)), hops):
                response = await self.async_transport.handle_async_request(request)
        return response

    def begin(self, request: Any) -> FollowedRedirects:
        """Return the hops that a request belongs to; there is nothing signed in it then."""
        hops: FollowedRedirects | None = request.extensions.get(EXTENSION)
        if hops is None or hops.is_first(request):
            hops = FollowedRedirects(self.auth, origin_url(request))
            hops.first = weakref.ref(request)
            request.extensions[EXTENSION] = hops
        hops.auth.clear(request)
        return hops

    def close(self) -> None:
        self.sync_transport.close()

    async def aclose(self) -> None:
        await self.async_transport.aclose()


def unread(response: Any, stream: Any) -> Any:
    """Return a response whose stream was read with the same octets, for the client to read."""
    kind = type(response)
    return kind(response.status_code, headers=response.headers, stream=stream, extensions=response.extensions)


class FormSentOnce:
    """A form with protocol parameters, which is sent once, and what it was without them."""

    def __init__(self, octets: bytes, form: bytes) -> None:
        self.octets = octets
        self.form = form
        self.is_sent: bool = False

    def __iter__(self) -> Iterator[bytes]:
        if self.is_sent:
            raise SigningError("a signed form is not sent twice: use OAuth1Transport")
        self.is_sent = True
        yield self.octets

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for octets in self:
            yield octets


def set_body(request: Any, stream: Any) -> None:
    octets = stream.octets if isinstance(stream, FormSentOnce) else b"".join(stream)
    # What ``request.content`` is, which mocks and WSGITransport read.
    request.stream, request._content = stream, octets
    if "Transfer-Encoding" not in request.headers:
        request.headers["Content-Length"] = str(len(octets))


def sent_by(request: Any) -> Sent:
    """Return what ``as_sent`` returns of a request."""
    # A form that was signed has been read, and so has all that the client can send again.
    body = getattr(request, "_content", None)
    return as_parsed(request.method, uri_of(request), request.headers.multi_items(), body)


def uri_of(request: Any) -> str:
    # The authority is the one "declared by the HTTP "Host" request header field" (3.4.1).
    target = request.url.raw_path.decode("ascii")
    return "{}://{}{}".format(request.url.scheme, request.headers["Host"], target)


def content_type_of(request: Any) -> str:
    value: str = request.headers.get("Content-Type", "")
    return value


def origin_url(request: Any) -> str:
    return "{}://{}".format(request.url.scheme, request.url.netloc.decode("ascii"))


def placed_in(request: Any) -> str:
    """Return the Authorization header of the OAuth scheme, or the protocol parameters of the query."""
    header: str = request.headers.get("Authorization", "")
    query = request.url.query.decode("ascii")
    return header if header.startswith("OAuth ") else protocol_parameters_of(query)
