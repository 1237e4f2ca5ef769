"""OAuth 1.0a for any ASGI application: only verified requests (RFC 5849 section 3.2) reach it.

    app = OAuth1Middleware(app, verifier, origins=["https://api.example.com"])

``origins`` are the addresses that clients use; behind a proxy, the proxy's external addresses. A request with any other
Host gets status 421, and ``X-Forwarded-`` header fields are ignored. The application finds the verified request in
``scope["oauth1"]``, and reads the body as usual.

An AsyncVerifier runs in the event loop. A Verifier, whose store may wait, runs in the middleware's own threads, so that
a slow store does not occupy the threads of ``asyncio.to_thread`` and the resolver. The middleware checks the head of a
request before it awaits the body; a body that no signature covers is not read at all.
"""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from ..errors import LimitExceeded, StoreUnavailable, VerificationError
from ..problem_reporting import refusal
from ..verifying import AsyncVerifier
from .incoming import Origins, body_limit, check_options, too_long

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping
    from typing import Any, Literal

    from ..receiving import AuthenticatedRequest
    from ..verifying import Verifier

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Application = Callable[[Scope, Receive, Send], Awaitable[None]]
    Answer = Callable[[VerificationError, str], tuple[int, list[tuple[str, str]], bytes]]

__all__ = ["OAuth1Middleware"]

NO_RAW_PATH = (
    "the ASGI server does not provide raw_path, and a decoded path does not show what was signed: run the application"
    " under uvicorn, hypercorn, daphne, granian or gunicorn, or pass OAuth1Middleware uri=, which returns the URI"
)


class Disconnected(Exception):
    """The client closed the connection before the end of the body, so no response can be sent."""


class OAuth1Middleware:
    """Verify each HTTP request before it reaches the application.

    WebSocket connections are refused. Lifespan events are passed on to the application.

    :param app: the ASGI application; it finds the verified request in ``scope["oauth1"]``.
    :param verifier: an :class:`~oauth1_core.AsyncVerifier`, or a :class:`~oauth1_core.Verifier`, which runs in threads.
    :param origins: the addresses that clients use, such as ``["https://api.example.com"]``. If an ``http`` and an
        ``https`` origin share a Host, ``scope["scheme"]`` decides.
    :param prefix: the beginning of the path that a proxy has removed, such as ``"/v1"``; empty by default.
    :param uri: a callable that takes the scope and returns the whole URI that the client signed, if Host and path do
        not show it. The URI must belong to ``origins``, unless ``origins`` are empty. ``None`` by default.
    :param realm: ``realm`` of the challenge, empty by default.
    :param token: whether a request has a token: ``"required"`` (default), ``"optional"`` or ``"absent"``.
    :param max_body: how many octets of a body are read, 1 MiB by default; a longer body is refused with 413. A form is
        also refused if it is longer than the verifier's ``limits.form``. A body that no signature covers is not read.
    :param body_timeout: in how many seconds a body must arrive, 30 by default; a slower body is refused with 408.
    :param threads: how many requests a Verifier verifies at a time, 8 by default.
    :param waiting: how many more requests may wait for a thread, 64 by default; further requests are refused with 503.
    :param answer: a callable that takes the VerificationError and ``realm``, and returns status, header fields and body
        of the refusal; :func:`~oauth1_core.refusal` by default.
    :raises ValueError: if an origin is more than a scheme, a host and a port, or if ``prefix`` or ``token`` is not
        valid.
    :raises SigningError: if an origin is not an http or https URI, or if ``realm`` cannot be sent.
    """

    def __init__(
        self,
        app: "Application",
        verifier: "Verifier | AsyncVerifier",
        *,
        origins: "Iterable[str]",
        prefix: str = "",
        uri: "Callable[[Scope], str] | None" = None,
        realm: str = "",
        token: "Literal['required', 'optional', 'absent']" = "required",
        max_body: int = 1048576,
        body_timeout: float = 30.0,
        threads: int = 8,
        waiting: int = 64,
        answer: "Answer" = refusal,
    ) -> None:
        self.app = app
        self.verifier = verifier
        self.origins: "Origins" = Origins(origins, prefix)
        check_options(realm, token)
        self.uri = uri
        self.realm = realm
        self.token: "Literal['required', 'optional', 'absent']" = token
        self.max_body = max_body
        self.body_timeout = body_timeout
        # The pool starts no thread before a request needs it, so a server may fork after the middleware was made.
        self.pool: "ThreadPoolExecutor" = ThreadPoolExecutor(threads, "oauth1")
        self.places: "threading.Semaphore" = threading.Semaphore(threads + waiting)
        self.answer = answer

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self.verified(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            raise NotImplementedError("only HTTP requests can be verified")  # ASGI: an unknown type is an exception

    async def verified(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        body: "bytes | None" = None

        async def read() -> bytes:
            nonlocal body
            body = await self.body_of(dict(headers), receive)
            return body

        try:
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
            uri = self.uri_of(scope, headers)
            if isinstance(self.verifier, AsyncVerifier):
                request = await self.verifier.verify(scope["method"], uri, headers, read, token=self.token)
            else:
                head = self.verifier.head(scope["method"], uri, headers, self.token)
                if self.verifier.needs_body(head):
                    await read()
                request = await self.in_thread(self.verifier, scope["method"], uri, headers, body)
        except VerificationError as error:
            status, fields, content = self.answer(error, self.realm)
            fields = [*fields, ("Content-Length", str(len(content)))]
            encoded = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in fields]
            await send({"type": "http.response.start", "status": status, "headers": encoded})
            await send({"type": "http.response.body", "body": content})
            return
        except Disconnected:
            return
        scope = {**scope, "oauth1": request}
        await self.app(scope, receive if body is None else replaying(body, receive), send)

    def uri_of(self, scope: "Scope", headers: "list[tuple[str, str]]") -> str:
        """Return the URI that the client signed, with path and query as the client sent them."""
        if self.uri is not None:
            return self.origins.checked(self.uri(scope))
        target = scope.get("raw_path")
        if target is None:
            raise RuntimeError(NO_RAW_PATH)
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        hosts = [value for name, value in headers if name == "host"]
        return self.origins.uri(hosts, target.decode("utf-8", "surrogateescape"), scope.get("scheme", "http"))

    async def body_of(self, headers: "dict[str, str]", receive: "Receive") -> bytes:
        declared = headers.get("content-length", "")
        limit = body_limit(headers.get("content-type", ""), declared, self.verifier.limits, self.max_body)
        try:
            return await asyncio.wait_for(whole_body(receive, limit), self.body_timeout)
        except asyncio.TimeoutError:
            text = "the body did not arrive within {} seconds".format(self.body_timeout)
            raise LimitExceeded(text, status=408, problem="", parameter="body") from None

    async def in_thread(
        self, verifier: "Verifier", method: str, uri: str, headers: "list[tuple[str, str]]", body: "bytes | None"
    ) -> "AuthenticatedRequest":
        if not self.places.acquire(blocking=False):
            raise StoreUnavailable("too many requests are waiting to be verified")

        def verify() -> "AuthenticatedRequest":
            # A body that was not needed was not read. verify() does not call for it, so Content-Length is not compared.
            return verifier.verify(method, uri, headers, bytes if body is None else body, token=self.token)

        future = self.pool.submit(within_context(verify))
        # If this task is cancelled, the thread goes on; so the thread's end releases the place.
        future.add_done_callback(lambda _: self.places.release())
        return await asyncio.wrap_future(future)


def within_context(call: "Callable[[], Any]") -> "Callable[[], Any]":
    """Return ``call`` with the current context variables, which Python 3.6 does not have."""
    try:
        from contextvars import copy_context
    except ImportError:
        return call
    context = copy_context()
    return lambda: context.run(call)


async def whole_body(receive: "Receive", limit: int) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        body += message.get("body", b"")
        if len(body) > limit:
            raise too_long(limit)
        more = message.get("more_body", False)
    return bytes(body)


def replaying(body: bytes, receive: "Receive") -> "Receive":
    """Return a ``receive`` that returns the body that was read, and then the server's next messages."""
    replayed = False

    async def receive_again() -> "Message":
        nonlocal replayed
        if replayed:
            return await receive()
        replayed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
