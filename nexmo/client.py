"""Nexmo's API: ``Nexmo`` and ``AsyncNexmo`` are the httpx adapter's flow with Nexmo's terms, and a few signed calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar

import httpx

import oauth1_core
from oauth1_core import ClientCredentials, check_endpoint, origin_of
from oauth1_core.adapters.httpx import AsyncFlow, Flow, OAuth1

from .answers import Balance, Sms, SmsMessage, balance_of, sms_of
from .endpoints import NEXMO, Endpoints
from .errors import NexmoError, RedirectRefused, explained, told
from .tokens import AccessToken, RequestToken

Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)

__all__ = ["AccessToken", "AsyncNexmo", "Balance", "Nexmo", "RequestToken", "Sms", "SmsMessage"]

TIMEOUT = 30.0  # seconds for each connect, read or write
MAX_REDIRECTS = 5
MAX_ANSWER = 16 * 1024 * 1024  # octets
JSON = {"Accept": "application/json"}


class NexmoWords(oauth1_core.AuthorizationFlow, Generic[Http]):
    """The part of both clients that sends nothing: Nexmo's terms, and the reading of replies."""

    _client: Callable[..., Http]

    def __init__(
        self, consumer_key: str, consumer_secret: str, *, access_token: AccessToken | None = None,
        endpoints: Endpoints = NEXMO, http: Http | None = None, clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        super().__init__(endpoints, ClientCredentials(consumer_key, consumer_secret), clock=clock)
        self.endpoints = endpoints
        self._token = access_token
        self._auth = OAuth1(self.client, access_token, clock=clock)
        # http is used for loopback addresses only, so it never goes through a proxy from the environment.
        self.http: Http = http or self._client(timeout=TIMEOUT, mounts={"http://": None})
        self._owns_http = http is None

    def authorize_url(self, request_token: RequestToken) -> str:
        """Return the URL of the page on which the user presses Authorize."""
        return self.authorization_uri(request_token)

    def authenticate_url(self, request_token: RequestToken) -> str:
        """Return the URL of the page that does not ask a user again who has approved this application before."""
        return oauth1_core.resource_owner_authorization_uri(self.endpoints.authenticate, request_token)

    def accepted(self, response: httpx.Response) -> httpx.Response:
        """Return ``response`` if its status is 200; otherwise raise NexmoError with the service's message."""
        if response.status_code != 200:
            raise self._refusal(response, response.content)
        return response

    def _refusal(self, response: httpx.Response, body: bytes) -> NexmoError:
        answer = response.status_code, response.headers.multi_items(), body
        return told(self.refused(str(response.request.url), answer, [self._token.secret] if self._token else []))

    def _calls(self, method: str, path_or_url: str, arguments: dict[str, Any]) -> Generator[Any, Any, httpx.Response]:
        """Yield the request of an API call, and a new request for each redirect within the origin; return the reply."""
        request = self.http.build_request(method, httpx.URL(self.endpoints.api + "/").join(path_or_url), **arguments)
        request.headers["Accept-Encoding"] = "identity"
        check_endpoint(str(request.url))
        home = request.url.scheme, request.url.netloc
        for _ in range(MAX_REDIRECTS + 1):
            response, octets = yield self.http, request, self._auth, MAX_ANSWER
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise self._refusal(response, octets)
            if len(octets) > MAX_ANSWER:
                message = f"the reply of {origin_of(str(request.url))} is longer than {MAX_ANSWER} octets"
                raise NexmoError(message, status=response.status_code)
            request = response.next_request
            if request is None:
                facts = {"request": response.request, "extensions": response.extensions}
                return httpx.Response(response.status_code, headers=response.headers, content=octets, **facts)
            if (request.url.scheme, request.url.netloc) != home:
                raise self._refusal(response, octets)
        raise RedirectRefused(f"redirected more than {MAX_REDIRECTS} times", status=response.status_code)


class Nexmo(NexmoWords[httpx.Client], Flow):
    """Nexmo's API. ``close``, or the end of a ``with`` block, closes the HTTP client that this object has opened.

    Calls raise NexmoError, or OAuth1Error if a request or a reply of a token endpoint does not follow OAuth 1.0a.

    :param consumer_key: identifies the application; the service shows it on its page.
    :param consumer_secret: the secret that the application signs with; shown on the same page.
    :param access_token: from :meth:`access_token`; default: ``None`` (no login yet).
    :param endpoints: the service's URLs; default: ``NEXMO``; for tests, the ``endpoints`` of a sandbox.
    :param http: an :class:`httpx.Client`, which the caller must close; default: a client of this object,
        with a timeout of 30 seconds and no proxy for http.
    :param clock: returns seconds since 1970-01-01 00:00 UTC; default: ``time.time``. With a
        :class:`~oauth1_core.adapters.clock.LearningClock`, a request that is refused for its timestamp is retried once.
    :raises SigningError: if a key or secret is not a str.
    """

    _client = httpx.Client

    def request_token(self, callback: str = "oob") -> RequestToken:
        """Request a request token. ``callback`` is the URL that the user returns to; "oob": the user copies a code."""
        with explained(self.endpoints.request_token):
            issued = self.temporary_credentials(callback)
        return RequestToken(issued.identifier, issued.secret, issued.extra)

    def access_token(self, request_token: RequestToken, verifier: str) -> AccessToken:
        """Exchange an authorized request token for the access token. This works only once."""
        with explained(self.endpoints.access_token, used_up=True):
            issued = self.token_credentials(request_token, verifier)
        return AccessToken(issued.identifier, issued.secret, issued.extra)

    def send_sms(self, *, sender: str, to: str, text: str) -> Sms:
        """Send a text message; raise NexmoError if the service does not accept it."""
        fields = {"from": sender, "to": to, "text": text}
        return sms_of(self.accepted(self.request("GET", "sms/json", params=fields, headers=JSON)))

    def balance(self) -> Balance:
        """Return the account balance."""
        return balance_of(self.accepted(self.request("GET", "account/get-balance", headers=JSON)))

    def request(self, method: str, path_or_url: str, **httpx_arguments: Any) -> httpx.Response:
        """Send any signed request; ``path_or_url`` is relative to ``endpoints.api``.

        Redirects within the origin are followed. Raises RedirectRefused for a redirect to another origin. Raises
        NexmoError if the reply has more than 16 MiB or a Content-Encoding, or takes more than 60 s after its head.
        """
        with explained(self.endpoints.api):
            return self._driven(self._calls(method, path_or_url, httpx_arguments), self.exchange)

    def __enter__(self) -> Nexmo:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._owns_http:
            self.http.close()


class AsyncNexmo(NexmoWords[httpx.AsyncClient], AsyncFlow):
    """The methods of :class:`Nexmo` as coroutines. ``aclose``, or the end of an ``async with`` block, closes the HTTP
    client that this object has opened.

    :param consumer_key: identifies the application; the service shows it on its page.
    :param consumer_secret: the secret that the application signs with; shown on the same page.
    :param access_token: from :meth:`access_token`; default: ``None`` (no login yet).
    :param endpoints: the service's URLs; default: ``NEXMO``; for tests, the ``endpoints`` of a sandbox.
    :param http: an :class:`httpx.AsyncClient`, which the caller must close; default: a client of this object,
        with a timeout of 30 seconds and no proxy for http.
    :param clock: returns seconds since 1970-01-01 00:00 UTC; default: ``time.time``. With a
        :class:`~oauth1_core.adapters.clock.LearningClock`, a request that is refused for its timestamp is retried once.
    :raises SigningError: if a key or secret is not a str.
    """

    _client = httpx.AsyncClient

    async def request_token(self, callback: str = "oob") -> RequestToken:
        with explained(self.endpoints.request_token):
            issued = await self.temporary_credentials(callback)
        return RequestToken(issued.identifier, issued.secret, issued.extra)

    async def access_token(self, request_token: RequestToken, verifier: str) -> AccessToken:
        with explained(self.endpoints.access_token, used_up=True):
            issued = await self.token_credentials(request_token, verifier)
        return AccessToken(issued.identifier, issued.secret, issued.extra)

    async def send_sms(self, *, sender: str, to: str, text: str) -> Sms:
        fields = {"from": sender, "to": to, "text": text}
        return sms_of(self.accepted(await self.request("GET", "sms/json", params=fields, headers=JSON)))

    async def balance(self) -> Balance:
        return balance_of(self.accepted(await self.request("GET", "account/get-balance", headers=JSON)))

    async def request(self, method: str, path_or_url: str, **httpx_arguments: Any) -> httpx.Response:
        with explained(self.endpoints.api):
            return await self._driven(self._calls(method, path_or_url, httpx_arguments), self.exchange)

    async def __aenter__(self) -> AsyncNexmo:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        if self._owns_http:
            await self.http.aclose()
