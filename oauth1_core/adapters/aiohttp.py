"""OAuth 1.0a for aiohttp: ``aiohttp.ClientSession(middlewares=[OAuth1(client, token)])``, or for one call.

URL, body, Content-Type and length go out as aiohttp built them, and the signature is that of the request
as it goes on the wire. The middleware signs each redirect and each attempt, aiohttp-retry's too.

It is not told whether a request is a redirect. ``origin`` (``"https://api.example.com"``) names the only one
that is signed for: redirects to any other go on without a protocol parameter, and one that leads back from
there is signed again. Without it each request is signed, and an answer that redirects to another origin ends
in a SigningError, even if it would not have been followed. With ``placement`` ``form`` or ``query``, protocol
parameters there are taken for those of an earlier attempt, and replaced.

The handshake of a WebSocket is signed as the GET that it is, with ``http`` for ``ws`` and ``https`` for ``wss``, which
is how ``origin`` spells them too. Of a form that aiohttp compresses (``compress=``) the parameters are signed, as the
server has them once it has decompressed the body; a body hash is not made of any compressed body.
"""

from __future__ import annotations

import time
import warnings
from contextlib import AsyncExitStack

import aiohttp
from aiohttp import hdrs, payload
from yarl import URL

from ..errors import SigningError
from ..nonce import generate_nonce
from ..problem_reporting import MAX_BODY
from ..signature_methods import HMAC_SHA1
from ..uris import origin_of
from .flow import DEADLINE, AwaitedFlow, Reply
from .outgoing import (
    REFUSALS,
    RequestSigner,
    as_parsed,
    is_form,
    with_query,
    without_protocol_parameters,
    without_query_parameters,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from typing import Any, Literal

    from ..authorization import Answer
    from ..credentials import ClientCredentials, Credentials
    from ..parameters import Parameters
    from ..signature_methods import SignatureMethod
    from .outgoing import Sent

    Handler = Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]

__all__ = ["AsyncFlow", "OAuth1", "as_sent"]

HTTP = {"ws": "http", "wss": "https"}


class OAuth1(RequestSigner):
    """What ``middlewares`` takes; behind those that change a request, so that it is the last to see it.

    :param client: the client credentials.
    :param token: the token credentials; ``None``, the default, for a request without a token.
    :param signature_method: ``HMAC_SHA1`` by default; any other of the core's, or one of your own.
    :param realm: ``realm`` of the Authorization header, or a callable from the request's URI to it; ``None``, the
        default, sends none.
    :param version: ``oauth_version``, ``"1.0"`` by default; ``None`` sends none.
    :param placement: where the protocol parameters go: ``"header"`` (default), ``"form"`` or ``"query"``; the last is
        refused with PLAINTEXT, since URLs are logged. With ``"form"``, a GET, a HEAD and a request without a form are
        signed in their header.
    :param body_hash: ``"off"`` (default) sends no ``oauth_body_hash``; ``"auto"`` sends it for each body that is not a
        form and can be read without being used up; ``"always"`` refuses to sign any other body.
    :param protocol_parameters: further ones, as pairs, that an extension asks for with each request; none by default.
    :param nonce: called once for each signature, returns the nonce; ``generate_nonce`` by default.
    :param clock: called once for each signature, returns seconds since 1970; ``time.time`` by default, or a
        :class:`~oauth1_core.adapters.clock.LearningClock`.
    :param origin: scheme, host and port of the only server that is signed for, such as ``"https://api.example.com"``;
        ``None``, the default, signs for every one and refuses redirects from one to another.
    :raises SigningError: if an argument cannot be sent or is none of these words; later, if a request cannot be signed.
    """

    def __init__(
        self,
        client: ClientCredentials,
        token: Credentials | None = None,
        *,
        signature_method: SignatureMethod = HMAC_SHA1,
        realm: str | Callable[[str], str] | None = None,
        version: str | None = "1.0",
        placement: Literal["header", "form", "query"] = "header",
        body_hash: Literal["off", "auto", "always"] = "off",
        protocol_parameters: Iterable[tuple[str, str]] = (),
        nonce: Callable[[], str] = generate_nonce,
        clock: Callable[[], float] = time.time,
        origin: str | None = None,
    ) -> None:
        super().__init__(
            client,
            token,
            signature_method=signature_method,
            realm=realm,
            version=version,
            placement=placement,
            body_hash=body_hash,
            protocol_parameters=protocol_parameters,
            nonce=nonce,
            clock=clock,
        )
        self.origin: str | None = None if origin is None else origin_of(origin)

    async def __call__(self, request: aiohttp.ClientRequest, handler: Handler) -> aiohttp.ClientResponse:
        if self.placement != "header":
            await self.clear(request)
        if self.origin is not None and not is_of(self.origin, http_url(request.url)):
            return await handler(request)
        timestamp = await self.sign(request)
        response = await self.sent(request, handler)
        if timestamp is not None and response.status in REFUSALS:
            heard = timestamp, uri_of(request.url, request.headers), response.status, response.headers
            corrected = self.corrected_by_head(*heard)
            if corrected is None:
                # aiohttp has decoded it, piece by piece.
                corrected = self.corrected_by_body(*heard, await first_octets(response.content))
            if corrected and not (request.body and request.body.consumed):
                response.close()
                await self.clear(request)
                await self.sign(request)
                response = await self.sent(request, handler)
        if self.origin is None and leads_elsewhere(request, response):
            response.close()
            raise SigningError("an answer redirects to another origin: give OAuth1 the one to sign for")
        return response

    async def sent(self, request: aiohttp.ClientRequest, handler: Handler) -> aiohttp.ClientResponse:
        response: Any = await handler(request)
        response.oauth1_body = request.oauth1_body  # type: ignore[attr-defined]  # of sign()
        return response  # type: ignore[no-any-return]  # Any, to take an attribute of ours

    async def sign(self, request: aiohttp.ClientRequest) -> int | None:
        """Sign a request, which holds no protocol parameters yet; return the timestamp where a clock learns."""
        has_form = is_form(request.headers.get(hdrs.CONTENT_TYPE, ""))
        uri = uri_of(request.url, request.headers)
        body: bytes | None = b""
        if request.body:
            # What is sent of a body that aiohttp compresses is another one.
            is_plain = isinstance(request.body, payload.BytesPayload) and not request.compress
            body = await request.body.as_bytes() if is_plain or has_form else None
        where, text, timestamp = self.signed(request.method, uri, has_form, body)
        if where == "header":
            request.headers[hdrs.AUTHORIZATION] = text
        elif where == "query":
            request.url = URL(with_query(str(request.url), text), encoded=True)
        else:
            await set_form(request, text)
            body = text.encode("utf-8", "surrogateescape")
        request.oauth1_body = body  # type: ignore[attr-defined]  # for as_sent(), which cannot wait for it
        return timestamp

    async def clear(self, request: aiohttp.ClientRequest) -> None:
        """Take out what :meth:`sign` has put into a query or form, of which a redirect may be made."""
        if self.placement == "query":
            request.url = URL(without_query_parameters(str(request.url), self.placed), encoded=True)
        if self.placement == "form" and request.body and is_form(request.headers.get(hdrs.CONTENT_TYPE, "")):
            form = (await request.body.as_bytes()).decode("utf-8", "surrogateescape")
            clean = without_protocol_parameters(form, self.placed)
            if clean != form:
                await set_form(request, clean)


class AsyncFlow(AwaitedFlow):
    """Log in to a provider: ask for temporary credentials, and exchange them for token credentials, awaited.

    :param provider: the server's endpoints, and what it asks for.
    :param client: the client credentials.
    :param http: an :class:`aiohttp.ClientSession`, which stays the caller's; by default one for each request, with
        a timeout of 60 seconds. Its middlewares are left out, and no redirect is followed.
    :param signature_method: the provider's own by default; RSA has to be given, since it needs a key.
    :param clock: called once for each signature, returns seconds since 1970; ``time.time`` by default, or a
        :class:`~oauth1_core.adapters.clock.LearningClock`, with which a request that is refused for its timestamp is
        sent once more.
    :raises SigningError: if the provider's signature method needs a key and has none.
    """

    async def send(self, method: str, uri: str, headers: Parameters, body: bytes) -> Answer:
        async with AsyncExitStack() as stack:
            http = self.http
            if http is None:
                own = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=DEADLINE))
                http = await stack.enter_async_context(own)
            reply = Reply(aiohttp.ServerTimeoutError)
            sending = http.request(
                method, URL(uri, encoded=True), headers=headers, data=body or None, allow_redirects=False,
                middlewares=(), raise_for_status=False, auto_decompress=False,
            )  # fmt: skip
            response = await stack.enter_async_context(sending)
            async for piece in response.content.iter_any():
                if not reply.take(piece):
                    break
        return response.status, list(response.headers.items()), reply.body


def as_sent(sent: aiohttp.ClientRequest | aiohttp.ClientResponse) -> Sent:
    """Return a request as it was sent: method, URI, headers and body, as ``parse_request`` and ``diagnose`` take them.

    A body that is no form, and was used up as it was sent, is empty here; so is any that was not signed.

    :param sent: a response, or the request that a middleware behind the :class:`OAuth1` is given.
    """
    request = sent.request_info if isinstance(sent, aiohttp.ClientResponse) else sent
    uri, headers = uri_of(request.url, request.headers), request.headers.items()
    return as_parsed(request.method, uri, headers, getattr(sent, "oauth1_body", None))


def uri_of(url: URL, headers: Mapping[str, str]) -> str:
    # The authority is the one "declared by the HTTP "Host" request header field" (3.4.1).
    return "{}://{}{}".format(HTTP.get(url.scheme, url.scheme), headers[hdrs.HOST], url.raw_path_qs)


def http_url(url: URL) -> str:
    """Return a URL with the scheme of HTTP: a WebSocket's handshake "MUST be an HTTP GET" (RFC 6455 section 4.1)."""
    return str(url).replace("ws", "http", 1) if url.scheme in HTTP else str(url)


def is_of(origin: str, uri: str) -> bool:
    """Tell whether ``uri`` is of ``origin``, which is what :func:`origin_of` returns."""
    return uri.startswith(origin + "/") or origin_of(uri) == origin


async def first_octets(content: aiohttp.StreamReader) -> bytes:
    """Return the beginning of a body, and leave all of it to be read."""
    first = b""
    while len(first) < MAX_BODY:
        piece = await content.read(MAX_BODY - len(first))
        if not piece:
            break
        first += piece
    with warnings.catch_warnings():
        # aiohttp has said since 2018 that this is to go, and has nothing else that puts octets back.
        warnings.simplefilter("ignore", DeprecationWarning)
        content.unread_data(first)
    return first


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
