"""OAuth 1.0a for aiohttp: ``aiohttp.ClientSession(middlewares=[OAuth1(client, token)])``, or for one call.

The adapter signs the request exactly as aiohttp sends it. With the default ``placement`` it only adds the Authorization
header. The middleware signs each redirect and each retry, also a retry of aiohttp-retry.

aiohttp does not tell a middleware whether a request is a redirect. With ``origin="https://api.example.com"`` only
requests to this origin are signed: a redirect to another origin is followed without protocol parameters, and a redirect
back to ``origin`` is signed again. Without ``origin`` every request is signed, and a response that redirects to another
origin raises SigningError, even if the client would not have followed the redirect. With ``placement="form"`` or
``"query"``, protocol parameters that the form or query already holds are treated as left from an earlier attempt and
replaced.

The handshake of a WebSocket is signed as a GET request, with ``http`` for ``ws`` and ``https`` for ``wss``; ``origin``
uses these schemes too. If aiohttp compresses a form (``compress=``), its parameters are signed as the server reads them
after decompression. A compressed body gets no body hash.
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
    """A middleware for ``middlewares``. Put it after all middlewares that change a request.

    :param client: the client credentials.
    :param token: the token credentials; ``None``, the default, signs requests without a token.
    :param signature_method: ``HMAC_SHA1`` by default; or another method of the core, or a method of your own.
    :param realm: ``realm`` of the Authorization header, or a callable that takes the request URI and returns it; with
        ``None``, the default, no ``realm`` is sent.
    :param version: ``oauth_version``, ``"1.0"`` by default; with ``None`` no ``oauth_version`` is sent.
    :param placement: where the protocol parameters are sent: ``"header"`` (default), ``"form"`` or ``"query"``.
        ``"query"`` is refused with PLAINTEXT, because servers log URLs. With ``"form"``, a GET request, a HEAD request
        and a request without a form send them in the header.
    :param body_hash: ``"off"`` (default) sends no ``oauth_body_hash``. ``"auto"`` sends it for each body that is
        neither a form nor a stream. ``"always"`` does the same, and refuses to sign a form or a stream.
    :param protocol_parameters: (name, value) pairs that an extension requires in each request; none by default.
    :param nonce: called once for each signature, returns the nonce; ``generate_nonce`` by default.
    :param clock: called once for each signature, returns seconds since 1970-01-01 00:00 UTC; ``time.time`` by default,
        or a :class:`~oauth1_core.adapters.clock.LearningClock`.
    :param origin: scheme, host and port of the only server whose requests are signed, such as
        ``"https://api.example.com"``; with ``None``, the default, every request is signed, and a redirect to another
        origin is refused.
    :raises SigningError: if an argument is not valid or cannot be sent; later, if a request cannot be signed.
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
                # aiohttp decodes the body piece by piece.
                corrected = self.corrected_by_body(*heard, await first_octets(response.content))
            if corrected and not (request.body and request.body.consumed):
                response.close()
                await self.clear(request)
                await self.sign(request)
                response = await self.sent(request, handler)
        if self.origin is None and leads_elsewhere(request, response):
            response.close()
            raise SigningError("the server redirects to another origin: pass origin= to OAuth1 to allow this")
        return response

    async def sent(self, request: aiohttp.ClientRequest, handler: Handler) -> aiohttp.ClientResponse:
        response: Any = await handler(request)
        response.oauth1_body = request.oauth1_body  # type: ignore[attr-defined]  # set by sign()
        return response  # type: ignore[no-any-return]  # Any, so that it takes our attribute

    async def sign(self, request: aiohttp.ClientRequest) -> int | None:
        """Sign a request that holds no protocol parameters; return the timestamp if the clock learns."""
        has_form = is_form(request.headers.get(hdrs.CONTENT_TYPE, ""))
        uri = uri_of(request.url, request.headers)
        body: bytes | None = b""
        if request.body:
            # aiohttp compresses such a body later, so its octets here are not the octets that are sent.
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
        request.oauth1_body = body  # type: ignore[attr-defined]  # for as_sent(), which cannot await the body
        return timestamp

    async def clear(self, request: aiohttp.ClientRequest) -> None:
        """Remove the protocol parameters from a query or form, because aiohttp may build a redirect from it."""
        if self.placement == "query":
            request.url = URL(without_query_parameters(str(request.url), self.placed), encoded=True)
        if self.placement == "form" and request.body and is_form(request.headers.get(hdrs.CONTENT_TYPE, "")):
            form = (await request.body.as_bytes()).decode("utf-8", "surrogateescape")
            clean = without_protocol_parameters(form, self.placed)
            if clean != form:
                await set_form(request, clean)


class AsyncFlow(AwaitedFlow):
    """Run the authorization flow (2), awaited: request temporary credentials, and exchange them for token credentials.

    :param provider: the server's endpoints, and what they require.
    :param client: the client credentials.
    :param http: an :class:`aiohttp.ClientSession`, which the flow does not close; by default a new session for each
        request, with a timeout of 60 seconds. Its ``auth`` and middlewares are not used, and no redirect is followed.
    :param signature_method: the provider's by default; an RSA method must be given, because it needs a key.
    :param clock: called once for each signature, returns seconds since 1970-01-01 00:00 UTC; ``time.time`` by default.
        With a :class:`~oauth1_core.adapters.clock.LearningClock`, the flow sends a request once more if the server
        refused its timestamp.
    :raises SigningError: if the provider's signature method needs a key and ``signature_method`` is not given.
    """

    async def send(self, method: str, uri: str, headers: Parameters, body: bytes) -> Answer:
        async def as_given(request: aiohttp.ClientRequest, handler: Handler) -> aiohttp.ClientResponse:
            # Replace what the session's own auth, or netrc, has set: aiohttp refuses it beside a given Authorization.
            request.headers.popall(hdrs.AUTHORIZATION, None)
            request.headers.update(headers)
            return await handler(request)

        async with AsyncExitStack() as stack:
            http = self.http
            if http is None:
                own = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=DEADLINE))
                http = await stack.enter_async_context(own)
            reply = Reply(aiohttp.ServerTimeoutError)
            sending = http.request(
                method, URL(uri, encoded=True), data=body or None, allow_redirects=False,
                middlewares=[as_given], raise_for_status=False, auto_decompress=False,
            )  # fmt: skip
            response = await stack.enter_async_context(sending)
            async for piece in response.content.iter_any():
                if not reply.take(piece):
                    break
        return response.status, list(response.headers.items()), reply.body


def as_sent(sent: aiohttp.ClientRequest | aiohttp.ClientResponse) -> Sent:
    """Return method, URI, headers and body of a request as it was sent, for ``parse_request`` and ``diagnose``.

    A stream that is not a form has been used up when it was sent: the returned body is empty. It is also empty for a
    request that was not signed.

    :param sent: a response, or the request in a middleware after the :class:`OAuth1`.
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
    """Tell whether ``uri`` has the origin ``origin``, in the form that :func:`origin_of` returns."""
    return uri.startswith(origin + "/") or origin_of(uri) == origin


async def first_octets(content: aiohttp.StreamReader) -> bytes:
    """Return the beginning of a body; the body can still be read from its start."""
    first = b""
    while len(first) < MAX_BODY:
        piece = await content.read(MAX_BODY - len(first))
        if not piece:
            break
        first += piece
    with warnings.catch_warnings():
        # aiohttp has deprecated this method since 2018, but has no other method that puts octets back.
        warnings.simplefilter("ignore", DeprecationWarning)
        content.unread_data(first)
    return first


async def set_form(request: aiohttp.ClientRequest, form: str) -> None:
    octets = form.encode("utf-8", "surrogateescape")
    # aiohttp builds a redirect from the body object, including its content type.
    await request.update_body(payload.BytesPayload(octets, content_type=request.headers[hdrs.CONTENT_TYPE]))


def leads_elsewhere(request: aiohttp.ClientRequest, response: aiohttp.ClientResponse) -> bool:
    location = response.headers.get(hdrs.LOCATION) or response.headers.get(hdrs.URI)
    if response.status not in (301, 302, 303, 307, 308) or not location:
        return False
    try:
        return origin_of(str(request.url.join(URL(location)))) != origin_of(str(request.url))
    except (ValueError, SigningError):
        return False  # aiohttp raises its own error for such a Location, and sends no request.
