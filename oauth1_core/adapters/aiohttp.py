"""OAuth 1.0a for aiohttp: ``aiohttp.ClientSession(middlewares=[OAuth1(client, token)])``, or for one call.

URL, body, Content-Type and length go out as aiohttp built them, and the signature is that of the request
as it goes on the wire. The middleware signs each redirect and each attempt, aiohttp-retry's too.

It is not told whether a request is a redirect. ``origin`` (``"https://api.example.com"``) names the only one
that is signed for: redirects to any other go on without a protocol parameter, and one that leads back from
there is signed again. Without it each request is signed, and an answer that redirects to another origin ends
in a SigningError, even if it would not have been followed. With ``placement`` ``form`` or ``query``, protocol
parameters there are taken for those of an earlier attempt, and replaced.
"""

from __future__ import annotations

import aiohttp
from aiohttp import hdrs, payload
from yarl import URL

from ..errors import SigningError
from .outgoing import (
    RequestSigner,
    is_form,
    origin_of,
    with_query,
    without_protocol_parameters,
    without_query_parameters,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    Handler = Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]


class OAuth1(RequestSigner):
    """What ``middlewares`` takes; behind those that change a request, so that it is the last to see it."""

    def __init__(self, *args: Any, origin: str | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.origin: str | None = None if origin is None else origin_of(origin)

    async def __call__(self, request: aiohttp.ClientRequest, handler: Handler) -> aiohttp.ClientResponse:
        await self.clear(request)
        if self.origin not in (None, origin_of(str(request.url))):
            return await handler(request)
        sent = await self.sign(request)
        response = await handler(request)
        if self.learns_from(response.status):
            learnt = self.learn(sent, response.status, response.headers.items(), await response.read())
            if learnt and not (request.body and request.body.consumed):
                await self.clear(request)
                await self.sign(request)
                response = await handler(request)
        if self.origin is None and leads_elsewhere(request, response):
            response.close()
            raise SigningError("an answer redirects to another origin: give OAuth1 the one to sign for")
        return response

    async def sign(self, request: aiohttp.ClientRequest) -> str:
        """Sign a request, which holds no protocol parameters yet."""
        url, content_type = request.url, request.headers.get(hdrs.CONTENT_TYPE, "")
        # The authority is the one "declared by the HTTP "Host" request header field" (3.4.1).
        uri = "{}://{}{}".format(url.scheme, request.headers[hdrs.HOST], url.raw_path_qs)
        body: bytes | None = b""
        if request.body:
            # What is sent of a body that aiohttp compresses is another one.
            is_plain = isinstance(request.body, payload.BytesPayload) and not request.compress
            body = await request.body.as_bytes() if is_plain or is_form(content_type) else None
        where, text = self.signed(request.method, uri, content_type, body)
        if where == "header":
            request.headers[hdrs.AUTHORIZATION] = text
        elif where == "query":
            request.url = URL(with_query(str(url), text), encoded=True)
        else:
            await set_form(request, text)
        return text

    async def clear(self, request: aiohttp.ClientRequest) -> None:
        """Take out what :meth:`sign` has put into a query or form, of which a redirect may be made."""
        if self.placement == "query":
            request.url = URL(without_query_parameters(str(request.url)), encoded=True)
        if self.placement == "form" and request.body and is_form(request.headers.get(hdrs.CONTENT_TYPE, "")):
            form = (await request.body.as_bytes()).decode("utf-8", "surrogateescape")
            clean = without_protocol_parameters(form)
            if clean != form:
                await set_form(request, clean)


async def set_form(request: aiohttp.ClientRequest, form: str) -> None:
    octets = form.encode("utf-8", "surrogateescape")
    # A redirect is made from the body, its type too.
    await request.update_body(payload.BytesPayload(octets, content_type=request.headers[hdrs.CONTENT_TYPE]))


def leads_elsewhere(request: aiohttp.ClientRequest, response: aiohttp.ClientResponse) -> bool:
    location = response.headers.get(hdrs.LOCATION) or response.headers.get(hdrs.URI)
    if response.status not in (301, 302, 303, 307, 308) or not location:
        return False
    try:
        return origin_of(str(request.url.join(URL(location)))) != origin_of(str(request.url))
    except (ValueError, SigningError):
        return False  # aiohttp says what is wrong with it, and sends nothing there.
