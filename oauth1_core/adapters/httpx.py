"""OAuth 1.0a for httpx: ``httpx.Client(auth=OAuth1(client, token))``.

Sets the Authorization header and touches nothing else: URL, body, Content-Type and length go out as
httpx built them, and the signature is that of the request as it goes on the wire. Every attempt has
a nonce of its own. A redirect is not signed afresh: leave ``follow_redirects`` off.
"""
from __future__ import annotations

import time

import httpx

from ..nonce import generate_nonce
from ..signature_methods import HMAC_SHA1
from ..signer import Signer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from ..credentials import ClientCredentials, Credentials
    from ..signature_methods import SignatureMethod

FORM = "application/x-www-form-urlencoded"


class OAuth1(httpx.Auth):
    """Sign each request. Works with httpx.Client and httpx.AsyncClient."""

    def __init__(
        self,
        client: ClientCredentials,
        token: Credentials | None = None,
        *,
        signature_method: SignatureMethod = HMAC_SHA1,
        realm: str | None = None,
        version: str | None = "1.0",
        nonce: Callable[[], str] = generate_nonce,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.signer = Signer(
            client,
            token,
            signature_method=signature_method,
            realm=realm,
            version=version,
            nonce=nonce,
            clock=clock,
        )

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        # Only a form is part of the signature: any other body stays the stream that it is.
        if is_form(request):
            request.read()
        self.sign(request)
        yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if is_form(request):
            await request.aread()
        self.sign(request)
        yield request

    def sign(self, request: httpx.Request) -> None:
        """Set the Authorization header; the body of a form must have been read."""
        url = request.url
        # The authority is the one "declared by the HTTP "Host" request header field" (3.4.1).
        uri = "{}://{}{}".format(url.scheme, request.headers["Host"], url.raw_path.decode("ascii"))
        form = request.content if is_form(request) else b""
        request.headers["Authorization"] = self.signer.authorization_header(request.method, uri, form=form)


def is_form(request: httpx.Request) -> bool:
    media_type: str = request.headers.get("Content-Type", "").partition(";")[0]
    return media_type.strip().lower() == FORM
