"""What the adapters of httpx and httpx2 share: how the requests of both, which are alike, are signed."""

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
SIGNED = "signed"  # what is there in a request that no transport is to sign
# Only a loopback address is ever asked over http: never through the environment's proxy.
NO_PROXY: dict[str, None] = {"http://": None}


class AuthFlow(RequestSigner):
    """Signs when a request is sent, and once more if the answer has corrected the clock."""

    library: Any
    signed_form: Any
    rejoined_stream: Any

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        head = Head(request)
        # Only a form is part of the signature: any other body stays the stream that it is.
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
            self.clear(request, head)  # It was sent before.
        timestamp = self.sign(request, head)
        hops = request.extensions[EXTENSION] = FollowedRedirects(self, request.url)
        hops.timestamp = timestamp
        return hops

    def sign(self, request: Any, head: Head) -> int | None:
        """Sign a request, which holds no protocol parameters yet; the body of a form must have been read.

        Return the timestamp where a clock learns.
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
        """Take out what :meth:`sign` has put into a request, or what a redirect repeats of it."""
        if head.is_signed:
            del request.headers["Authorization"]
        if self.placement == "query":
            target = without_query_parameters(request.url.raw_path.decode("ascii"), self.placed)
            request.url = request.url.copy_with(raw_path=target.encode("ascii"))
        if isinstance(request.stream, FormSentOnce):
            set_body(request, self.library.ByteStream(request.stream.form))

    def body_of(self, request: Any) -> bytes | None:
        """Return the octets of a body that can be sent again, ``None`` for any other."""
        if isinstance(request.stream, FormSentOnce):
            return request.stream.form
        return b"".join(request.stream) if isinstance(request.stream, self.library.ByteStream) else None

    def corrected(self, hops: FollowedRedirects, request: Any, response: Any) -> bool:
        """Tell whether an answer has corrected the clock, and the request can be sent again."""
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
        """Return the beginning of a body, not decoded, and leave all of it to be read."""
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
        """Leave no more to be read of what is refused than was read for the clock.

        httpx reads, and decodes, it before it sends the next request of an ``auth``.
        """
        stream = response.stream
        first = (
            stream.first if isinstance(stream, RejoinedStream) and "Content-Encoding" not in response.headers else b""
        )
        response.stream = self.rejoined_stream(first, iter(()), stream)

    def sign_again(self, request: Any) -> None:
        """Sign the refused request, which a redirect may have led to, in the place of what is signed there."""
        head = Head(request)
        self.clear(request, head)
        self.sign(request, head)


@contextlib.contextmanager
def naming(kind: type[Exception], request: Any) -> Iterator[None]:
    """Say in an error of the network of which request it is, as httpx does where it reads itself."""
    try:
        yield
    except kind as error:
        error.request = request  # type: ignore[attr-defined]  # of httpx, or of httpx2
        raise


class FollowedRedirects(SignedHops):
    """Travels with a request in its extensions, which the client copies to each redirect that it follows.

    ``first`` is the first request where the transport alone signs, ``None`` where an ``auth`` has begun.
    """

    auth: AuthFlow
    first: weakref.ref[Any] | None = None

    def is_first(self, request: Any) -> bool:
        return self.first is not None and self.first() is request

    def corrected_by_head(self, request: Any, response: Any) -> bool | None:
        # Looked at first, since they tell of nearly every answer.
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
        """Refuse an answer that was got by following a redirect with the signature of another request."""
        answers = [*response.history, response]
        for before, after in zip(answers, answers[1:]):
            signed = placed_in(after.request)
            if before.has_redirect_location and signed and signed == placed_in(before.request):
                raise SigningError("a redirect was followed with a used signature: use OAuth1Transport")


class HopTransport:
    """Signs each request on its way to another transport, and learns from a refusal where no ``auth`` does."""

    library: Any

    def __init__(self, auth: AuthFlow, transport: Any = None) -> None:
        if not isinstance(auth, AuthFlow):
            raise SigningError("OAuth1Transport takes an OAuth1, and then the transport")
        self.auth: AuthFlow = auth
        self.sync_transport: Any = transport
        self.async_transport: Any = transport
        if transport is None:
            context = self.library.create_ssl_context()  # which takes longer than all else
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
        """Return the hops that a request belongs to, ``None`` if it is not to be signed.

        There is nothing signed in it then, unless that is what it was built with.
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


class RejoinedStream:
    """A body whose first octets have been read already; ``rest`` goes on, and ``stream`` is to be closed."""

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
    # What ``request.content`` is, which mocks and WSGITransport read.
    request.stream, request._content = stream, octets
    if "Transfer-Encoding" not in request.headers:
        request.headers["Content-Length"] = str(len(octets))


def sent_by(request: Any) -> Sent:
    """Return what ``as_sent`` returns of a request."""
    # A form that was signed has been read, and so has all that the client can send again.
    body = getattr(request, "_content", None)
    uri = uri_of(request, request.headers["Host"])
    return as_parsed(request.method, uri, request.headers.multi_items(), body)


class Head:
    """What a signature depends on in the header fields of a request, read once: httpx takes long to find a field."""

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
    """Sends by ``Client`` of ``library``."""

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
        """Send one request, without following a redirect; return the response, and its body up to ``most`` + 1 octets.

        The body comes as it was sent, unless a hook of the client has read it.
        """
        reply = Reply(self.library.ReadTimeout, most)
        response = http.send(request, auth=auth, follow_redirects=False, stream=True)
        with closing(response):
            for piece in [response.content] if response.is_stream_consumed else response.iter_raw():
                if not reply.take(piece):
                    break
        return response, reply.body


class AsyncClientFlow(AwaitedFlow):
    """Sends by ``AsyncClient`` of ``library``."""

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
    """Be the ``auth`` of a request that is signed already: the client's own would take its place."""
    return request
