"""OAuth 1.0a for any ASGI application: only verified requests (RFC 5849 section 3.2) reach it.

    app = OAuth1Middleware(app, verifier, origins=["https://api.example.com"])

``origins`` are the addresses that clients use, as they know them: behind a proxy the external ones. A
request whose Host is none of them is answered 421, and no ``X-Forwarded-`` header is looked at. The
application finds the verified request, decoded once, in ``scope["oauth1"]``, and reads the body as usual.
"""

from __future__ import annotations

import asyncio

from ..base_string import base_string_uri
from ..errors import LimitExceeded, MalformedRequest, SigningError, VerificationError
from ..problem_reporting import refusal
from ..transmission import authorization_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping
    from typing import Any, Literal

    from ..verifying import Verifier

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Application = Callable[[Scope, Receive, Send], Awaitable[None]]
    Answer = Callable[[VerificationError, str], tuple[int, list[tuple[str, str]], bytes]]

__all__ = ["OAuth1Middleware", "origin_by_host"]


class OAuth1Middleware:
    """Verify each HTTP request before the application sees it.

    The verifier runs in a thread, since a nonce store may wait. A WebSocket is refused; the life span of the
    application is none of our business.

    :param app: the ASGI application; it finds the verified request in ``scope["oauth1"]``.
    :param verifier: the :class:`~oauth1_core.Verifier` to ask.
    :param origins: the addresses that clients use, such as ``["https://api.example.com"]``; no two of one Host.
    :param realm: ``realm`` of the challenge; empty by default, which sends none.
    :param token: ``"required"`` (default), ``"optional"`` or ``"absent"``: whether a request has a token.
    :param max_body: how many octets of a body are read, 1 MiB by default; a longer one is refused with 413.
    :param answer: called with the VerificationError and ``realm``, returns status, header fields and body of the
        refusal; :func:`~oauth1_core.refusal` by default.
    :raises ValueError: if an origin has a path, or two share a Host.
    :raises SigningError: if an origin is no http or https URI, or ``realm`` cannot be sent.
    """

    def __init__(
        self,
        app: Application,
        verifier: Verifier,
        *,
        origins: Iterable[str],
        realm: str = "",
        token: Literal["required", "optional", "absent"] = "required",
        max_body: int = 1048576,
        answer: Answer = refusal,
    ) -> None:
        self.app = app
        self.verifier = verifier
        self.origins: list[str] = [base_string_uri(origin) for origin in origins]
        if any([origin.split("/", 3)[3] for origin in self.origins]):
            raise ValueError("an origin is a scheme and a host, without a path")
        if len({origin.partition("://")[2] for origin in self.origins}) != len(self.origins):
            raise ValueError("two origins share a Host: which was signed could not be told")
        authorization_header((), realm)  # raises at once if it cannot be sent
        self.realm = realm
        self.token: Literal["required", "optional", "absent"] = token
        self.max_body = max_body
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self.verified(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            raise NotImplementedError("only HTTP requests can be verified")  # ASGI: an unknown type is an exception

    async def verified(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
            uri = origin_by_host(headers, self.origins) + target_of(scope)
            body = await self.whole_body(receive)
            if body is None:
                return
            request = await asyncio.to_thread(
                self.verifier.verify, scope["method"], uri, headers, body, token=self.token
            )
        except VerificationError as error:
            status, fields, content = self.answer(error, self.realm)
            fields = [*fields, ("Content-Length", str(len(content)))]
            encoded = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in fields]
            await send({"type": "http.response.start", "status": status, "headers": encoded})
            await send({"type": "http.response.body", "body": content})
            return
        replayed = False

        async def receive_again() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app({**scope, "oauth1": request}, receive_again, send)

    async def whole_body(self, receive: Receive) -> bytes | None:
        """Return the body, ``None`` if the client went away before its end: there is nobody to answer."""
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self.max_body:
                text = "the body is longer than {} octets".format(self.max_body)
                raise LimitExceeded(text, status=413, parameter="body")
            more = message.get("more_body", False)
        return bytes(body)


def origin_by_host(headers: Iterable[tuple[str, str]], origins: Iterable[str]) -> str:
    """Return scheme and authority of that one of ``origins`` which Host names; each is a base string URI."""
    hosts = [value for name, value in headers if name.lower() == "host"]
    if len(hosts) != 1 or any([character in hosts[0] for character in "@/?#"]):
        raise MalformedRequest("the request needs one Host, a name and a port", parameter="host")
    for origin in origins:
        scheme = origin.partition("://")[0]
        try:
            if base_string_uri("{}://{}/".format(scheme, hosts[0])) == origin:
                return origin[:-1]
        except SigningError as error:
            raise MalformedRequest(str(error), parameter="host") from None
    raise MalformedRequest("this server does not answer for that Host", status=421, parameter="host")


def target_of(scope: Scope) -> str:
    """Return path and query as they came over the wire."""
    target = scope.get("raw_path")
    if target is None:
        # What was signed cannot be told from a path that is decoded already.
        raise RuntimeError("the server passes no raw_path")
    if target[:1] != b"/":
        # Of another form (RFC 9112 section 3.2), which could name another authority than Host does.
        raise MalformedRequest("the request target is not a path", parameter="uri")
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    text: str = target.decode("utf-8", "surrogateescape")
    return text
