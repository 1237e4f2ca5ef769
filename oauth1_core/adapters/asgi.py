"""OAuth 1.0a for any ASGI application: only verified requests (RFC 5849 section 3.2) reach it.

    app = OAuth1Middleware(app, verifier, origins=["https://api.example.com"])

``origins`` are the addresses that clients use, as they know them: behind a proxy the external ones. A
request whose Host is none of them is answered 421, and no ``X-Forwarded-`` header is looked at. The
application finds the verified request, decoded once, in ``scope["oauth1"]``, and reads the body as usual.
"""
from __future__ import annotations

import asyncio
from functools import partial

from ..base_string import base_string_uri
from ..errors import LimitExceeded, MalformedRequest, SigningError, VerificationError
from ..verifying import refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping
    from typing import Any

    from ..verifying import Verifier

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class OAuth1Middleware:
    """Verify each HTTP request; ``token`` is that of :meth:`Verifier.verify`.

    A body of more than ``max_body`` octets is refused with 413. The verifier runs in a thread, since a
    nonce store may wait. What is neither HTTP nor the application's life span is refused.
    """

    def __init__(
        self,
        app: Application,
        verifier: Verifier,
        *,
        origins: Iterable[str],
        realm: str = "",
        token: str = "required",
        max_body: int = 1048576,
    ) -> None:
        self.app = app
        self.verifier = verifier
        self.origins = [base_string_uri(origin) for origin in origins]
        self.realm = realm
        self.token = token
        self.max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self.verified(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def verified(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
            uri = self.origin_of(headers) + target_of(scope)
            body = await self.whole_body(receive)
            verify = partial(self.verifier.verify, scope["method"], uri, headers, body, token=self.token)
            request = await asyncio.get_running_loop().run_in_executor(None, verify)
        except VerificationError as error:
            status, fields, content = refusal(error, self.realm)
            fields.append(("Content-Length", str(len(content))))
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

    def origin_of(self, headers: list[tuple[str, str]]) -> str:
        """Return scheme and authority of the origin that Host names."""
        hosts = [value for name, value in headers if name.lower() == "host"]
        if len(hosts) != 1:
            raise MalformedRequest("the request needs exactly one Host", parameter="host")
        for origin in self.origins:
            scheme = origin.partition("://")[0]
            try:
                if base_string_uri("{}://{}/".format(scheme, hosts[0])) == origin:
                    return origin[:-1]
            except SigningError:
                break
        raise MalformedRequest("this server does not answer for that Host", status=421, parameter="host")

    async def whole_body(self, receive: Receive) -> bytes:
        body = bytearray()
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            # A client that went away in the middle sent no request that could be verified.
            more = message.get("more_body", False)
            if len(body) > self.max_body or message["type"] == "http.disconnect":
                raise LimitExceeded("the body is too long or was cut off", status=413, parameter="body")
        return bytes(body)


def target_of(scope: Scope) -> str:
    """Return path and query as they came over the wire."""
    target = scope["raw_path"]
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    text: str = target.decode("utf-8", "surrogateescape")
    return text
