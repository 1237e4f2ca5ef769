"""Code shared by the adapters for httpx and httpx2, whose request objects work the same way (RFC 5849)."""

from __future__ import annotations

import contextlib
import weakref
from contextlib import AsyncExitStack, ExitStack, closing

from ..authorization import MAX_REPLY
from ..errors import SigningError
from ..problem_reporting import MAX_BODY
from .flow import TIMEOUT, AwaitedFlow, Reply, SyncFlow
from .outgoing import (
    REFUSALS,
    RequestSigner,
    SignedHops,
    as_parsed,
    decoded,
    is_form,
    protocol_parameters_of,
    with_query,
    without_query_parameters,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
    from typing import Any

    from ..authorization import Answer
    from ..parameters import Parameters
    from .outgoing import Sent

EXTENSION = "oauth1"
SIGNED = "signed"  # the extension of a request that no transport must sign
# http is used for loopback IP addresses only, so such a request must never go through the environment's proxy.
NO_PROXY: dict[str, None] = {"http://": None}


class AuthFlow(RequestSigner):
    """Signs a request when it is sent, and signs it again if the response has corrected the clock."""

    library: Any
    signed_form: Any
    rejoined_stream: Any

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        head = Head(request)
        # Only a form is signed, so any other body can stay an unread stream.
        if head.has_form:
            request.read()
        hops = self.begin(request, head)
        response = yield request
        if self.corrected(hops, response.request, response):
            self.leave(response)
            self.sign_again(response.request)
            response = yield response.request
        hops.check(response)

    async def async_auth_flow(self, request: Any) -> AsyncGenerator[Any, Any]:
        head = Head(request)
        if head.has_form:
            await request.aread()
        hops = self.begin(request, head)
        response = yield request
        if await self.acorrected(hops, response.request, response):
            self.leave(response)
            self.sign_again(response.request)
            response = yield response.request
        hops.check(response)

    def begin(self, request: Any, head: Head) -> FollowedRedirects:
        if EXTENSION in request.extensions:
            self.clear(request, head)  # The request was sent before.
        timestamp = self.sign(request, head)
        hops = request.extensions[EXTENSION] = FollowedRedirects(self, request.url)
        hops.timestamp = timestamp
        return hops

    def sign(self, request: Any, head: Head) -> int | None:
        """Sign a request that holds no protocol parameters; a form must have been read.

        Return the timestamp if the clock learns, otherwise ``None``.
        """
        body = self.body_of(request) if head.has_form or self.body_hash != "off" else None
        where, text, timestamp = self.signed(request.method, uri_of(request, head.host), head.has_form, body)
        if where == "header":
            request.headers["Authorization"] = text
        elif where == "query":
            target = with_query(request.url.raw_path.decode("ascii"), text)
            request.url = request.url.copy_with(raw_path=target.encode("ascii"))
        else:
            set_body(request, self.signed_form(text.encode("utf-8", "surrogateescape"), body))
        return timestamp

    def clear(self, request: Any, head: Head) -> None:
        """Remove everything that :meth:`sign` added to a request, and parameters that a redirect copied from it."""
        if head.is_signed:
            del request.headers["Authorization"]
        if self.placement == "query":
            target = without_query_parameters(request.url.raw_path.decode("ascii"), self.placed)
            request.url = request.url.copy_with(raw_path=target.encode("ascii"))
        if isinstance(request.stream, FormSentOnce):
            set_body(request, self.library.ByteStream(request.stream.form))

    def body_of(self, request: Any) -> bytes | None:
        """Return the octets of a body that can be sent again, ``None`` for a stream."""
        if isinstance(request.stream, FormSentOnce):
            return request.stream.form
        return b"".join(request.stream) if isinstance(request.stream, self.library.ByteStream) else None

    def corrected(self, hops: FollowedRedirects, request: Any, response: Any) -> bool:
        """Tell whether a response has corrected the clock, and the request can be sent again."""
        corrected = hops.corrected_by_head(request, response)
        if corrected is None:
            corrected = hops.corrected_by_body(request, response, self.first_octets(request, response))
        return corrected and self.body_of(request) is not None

    async def acorrected(self, hops: FollowedRedirects, request: Any, response: Any) -> bool:
        corrected = hops.corrected_by_head(request, response)
        if corrected is None:
            corrected = hops.corrected_by_body(request, response, await self.afirst_octets(request, response))
        return corrected and self.body_of(request) is not None

    def first_octets(self, request: Any, response: Any) -> bytes:
        """Return the beginning of a body, not decoded; the response can still be read from its start."""
        first, rest = b"", iter(response.stream)
        with naming(self.library.RequestError, request):
            for piece in rest:
                first += piece
                if len(first) >= MAX_BODY:
                    break
        response.stream = self.rejoined_stream(first, rest, response.stream)
        return first[:MAX_BODY]

    async def afirst_octets(self, request: Any, response: Any) -> bytes:
        first, rest = b"", response.stream.__aiter__()
        with naming(self.library.RequestError, request):
            async for piece in rest:
                first += piece
                if len(first) >= MAX_BODY:
                    break
        response.stream = self.rejoined_stream(first, rest, response.stream)
        return first[:MAX_BODY]

    def leave(self, response: Any) -> None:
        """Replace the body of a refusal with its beginning, which was read for the clock.

        httpx would otherwise read and decode the whole body before it sends the next request of an ``auth``.
        """
        stream = response.stream
        first = (
            stream.first if isinstance(stream, RejoinedStream) and "Content-Encoding" not in response.headers else b""
        )
        response.stream = self.rejoined_stream(first, iter(()), stream)

    def sign_again(self, request: Any) -> None:
        """Replace the signature of a refused request, which may be the target of a redirect."""
        head = Head(request)
        self.clear(request, head)
        self.sign(request, head)


@contextlib.contextmanager
def naming(kind: type[Exception], request: Any) -> Iterator[None]:
    """Add the request to a network error, as httpx does when it reads a body itself."""
    try:
        yield
    except kind as error:
        error.request = request  # type: ignore[attr-defined]  # of httpx, or of httpx2
        raise


class FollowedRedirects(SignedHops):
    """The state in the extensions of a request, which the client copies to each redirect that it follows.

    ``first`` is the first request if only the transport signs, ``None`` if an ``auth`` has signed the first request.
    """

    auth: AuthFlow
    first: weakref.ref[Any] | None = None

    def is_first(self, request: Any) -> bool:
        return self.first is not None and self.first() is request

    def corrected_by_head(self, request: Any, response: Any) -> bool | None:
        # Test these first: they decide nearly every response.
        if self.timestamp is None or response.status_code not in REFUSALS or not self.may_sign(request.url):
            return False
        return self.auth.corrected_by_head(*self.heard(request, response))

    def corrected_by_body(self, request: Any, response: Any, first: bytes) -> bool:
        encoding = response.headers.get("Content-Encoding", "")
        return self.auth.corrected_by_body(*self.heard(request, response), decoded(encoding, first))

    def heard(self, request: Any, response: Any) -> tuple[int | None, str, int, Any]:
        uri = uri_of(request, request.headers["Host"])
        return self.timestamp, uri, response.status_code, response.headers.multi_items()

    def check(self, response: Any) -> None:
        """Raise SigningError if the client followed a redirect with the signature of the previous request."""
        answers = [*response.history, response]
        for before, after in zip(answers, answers[1:]):
            signed = placed_in(after.request)
            if before.has_redirect_location and signed and signed == placed_in(before.request):
                raise SigningError("a redirect was followed with a used signature: use OAuth1Transport")


class HopTransport:
    """Signs each request before another transport sends it; its clock learns from a refusal if no ``auth`` does."""

    library: Any

    def __init__(self, auth: AuthFlow, transport: Any = None) -> None:
        if not isinstance(auth, AuthFlow):
            raise SigningError("the first argument of OAuth1Transport must be an OAuth1, the second the transport")
        self.auth: AuthFlow = auth
        self.sync_transport: Any = transport
        self.async_transport: Any = transport
        if transport is None:
            context = self.library.create_ssl_context()  # this takes longer than everything else here
            self.sync_transport = self.library.HTTPTransport(verify=context)
            self.async_transport = self.library.AsyncHTTPTransport(verify=context)

    def handle_request(self, request: Any) -> Any:
        head = Head(request)
        hops = self.begin(request, head)
        if hops is None:
            return self.sync_transport.handle_request(request)
        if head.has_form:
            request.read()
        hops.timestamp = hops.auth.sign(request, head)
        response = self.sync_transport.handle_request(request)
        # Where an ``auth`` has begun, it learns.
        if hops.first is not None and hops.auth.corrected(hops, request, response):
            response.close()
            hops.auth.sign_again(request)
            response = self.sync_transport.handle_request(request)
        return response

    async def handle_async_request(self, request: Any) -> Any:
        head = Head(request)
        hops = self.begin(request, head)
        if hops is None:
            return await self.async_transport.handle_async_request(request)
        if head.has_form:
            await request.aread()
        hops.timestamp = hops.auth.sign(request, head)
        response = await self.async_transport.handle_async_request(request)
        # Where an ``auth`` has begun, it learns.
        if hops.first is not None and await hops.auth.acorrected(hops, request, response):
            await response.aclose()
            hops.auth.sign_again(request)
            response = await self.async_transport.handle_async_request(request)
        return response

    def begin(self, request: Any, head: Head) -> FollowedRedirects | None:
        """Return the state of a request, ``None`` if the transport must not sign the request.

        Such a request holds no signature any more, unless the flow has built it with one.
        """
        hops = request.extensions.get(EXTENSION)
        if hops is SIGNED:
            return None
        may_sign = True
        if hops is None or hops.is_first(request):
            hops = FollowedRedirects(self.auth, request.url)
            hops.first = weakref.ref(request)
            request.extensions[EXTENSION] = hops
        else:
            may_sign = hops.may_sign(request.url)
        hops.auth.clear(request, head)
        return hops if may_sign else None

    def close(self) -> None:
        self.sync_transport.close()

    async def aclose(self) -> None:
        await self.async_transport.aclose()


class FormSentOnce:
    """A signed form that can be sent only once; ``form`` is the form without the protocol parameters."""

    def __init__(self, octets: bytes, form: bytes) -> None:
        self.octets = octets
        self.form = form
        self.is_sent: bool = False

    def __iter__(self) -> Iterator[bytes]:
        if self.is_sent:
            raise SigningError("a signed form must not be sent twice: use OAuth1Transport")
        self.is_sent = True
        yield self.octets

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for octets in self:
            yield octets


class RejoinedStream:
    """A body whose first octets have been read; ``rest`` yields the other octets, and ``stream`` is closed at last."""

    def __init__(self, first: bytes, rest: Any, stream: Any) -> None:
        self.first = first
        self.rest = rest
        self.stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield self.first
        yield from self.rest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.first
        if hasattr(self.rest, "__aiter__"):
            async for piece in self.rest:
                yield piece

    def close(self) -> None:
        self.stream.close()

    async def aclose(self) -> None:
        await self.stream.aclose()


def set_body(request: Any, stream: Any) -> None:
    octets = stream.octets if isinstance(stream, FormSentOnce) else b"".join(stream)
    # Mocks and WSGITransport read request.content, which is _content.
    request.stream, request._content = stream, octets
    if "Transfer-Encoding" not in request.headers:
        request.headers["Content-Length"] = str(len(octets))


def sent_by(request: Any) -> Sent:
    """Return the result of ``as_sent`` for a request."""
    # A signed form has been read, and so has every body that the client can send again.
    body = getattr(request, "_content", None)
    uri = uri_of(request, request.headers["Host"])
    return as_parsed(request.method, uri, request.headers.multi_items(), body)


class Head:
    """The header fields that a signature depends on, all read in one pass, because httpx takes long to find a field."""

    __slots__ = ("has_form", "host", "is_signed")

    def __init__(self, request: Any) -> None:
        fields = {b"authorization": b"", b"content-type": b"", b"host": b""}
        for name, value in request.headers.raw:
            name = name.lower()
            if name in fields:
                fields[name] = fields[name] + b", " + value if fields[name] else value
        self.host: str = fields[b"host"].decode("latin-1")
        self.has_form: bool = is_form(fields[b"content-type"].decode("latin-1"))
        self.is_signed: bool = fields[b"authorization"].startswith(b"OAuth ")


def uri_of(request: Any, host: str) -> str:
    # The authority is the one "declared by the HTTP "Host" request header field" (3.4.1).
    url = request.url
    return f"{url.scheme}://{host}{url.raw_path.decode('ascii')}"


def placed_in(request: Any) -> str:
    """Return the Authorization header of the OAuth scheme, or the protocol parameters of the query."""
    header: str = request.headers.get("Authorization", "")
    query = request.url.query.decode("ascii")
    return header if header.startswith("OAuth ") else protocol_parameters_of(query)


class ClientFlow(SyncFlow):
    """The flow over ``Client`` of ``library``."""

    library: Any

    def send(self, method: str, uri: str, headers: Parameters, body: bytes) -> Answer:
        with ExitStack() as stack:
            http = self.http or stack.enter_context(self.library.Client(timeout=TIMEOUT, mounts=NO_PROXY))
            request = http.build_request(method, uri, headers=headers, content=body)
            request.url = self.library.URL(uri)  # without the client's own parameters
            request.extensions[EXTENSION] = SIGNED
            response, octets = self.exchange(http, request, unchanged)
        return response.status_code, response.headers.multi_items(), octets

    def exchange(self, http: Any, request: Any, auth: Any, most: int = MAX_REPLY) -> tuple[Any, bytes]:
        """Send one request without following a redirect; return the response and at most ``most`` + 1 octets of it.

        The octets are not decoded, unless an event hook of the client has read the body.
        """
        reply = Reply(self.library.ReadTimeout, most)
        response = http.send(request, auth=auth, follow_redirects=False, stream=True)
        with closing(response):
            for piece in [response.content] if response.is_stream_consumed else response.iter_raw():
                if not reply.take(piece):
                    break
        return response, reply.body


class AsyncClientFlow(AwaitedFlow):
    """The flow over ``AsyncClient`` of ``library``."""

    library: Any

    async def send(self, method: str, uri: str, headers: Parameters, body: bytes) -> Answer:
        async with AsyncExitStack() as stack:
            http = self.http
            if http is None:
                http = await stack.enter_async_context(self.library.AsyncClient(timeout=TIMEOUT, mounts=NO_PROXY))
            request = http.build_request(method, uri, headers=headers, content=body)
            request.url = self.library.URL(uri)  # without the client's own parameters
            request.extensions[EXTENSION] = SIGNED
            response, octets = await self.exchange(http, request, unchanged)
        return response.status_code, response.headers.multi_items(), octets

    async def exchange(self, http: Any, request: Any, auth: Any, most: int = MAX_REPLY) -> tuple[Any, bytes]:
        reply = Reply(self.library.ReadTimeout, most)
        response = await http.send(request, auth=auth, follow_redirects=False, stream=True)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(response.aclose)
            if response.is_stream_consumed:
                reply.take(response.content)
                return response, reply.body
            async for piece in response.aiter_raw():
                if not reply.take(piece):
                    break
        return response, reply.body


def unchanged(request: Any) -> Any:
    """Return the request, as the ``auth`` of a signed request: without it, httpx would use the client's ``auth``."""
    return request
