"""Nexmo's API, signed: ``Nexmo`` and ``AsyncNexmo``.

What a call sends and how it reads the reply is written once, as a generator that yields the arguments
of httpx's ``request`` and is sent the response. The two classes only move it, one awaiting.
"""
from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

import oauth1_core
from oauth1_core.adapters.httpx import OAuth1
from oauth1_core.transmission import keeps_secrets

from .endpoints import NEXMO, Endpoints
from .errors import NexmoError, OutcomeUnknown, RedirectRefused, printable

if TYPE_CHECKING:
    from oauth1_core.parameters import Parameters

Result = TypeVar("Result")
TokenType = TypeVar("TokenType", bound="Token")
Call = Generator[dict[str, Any], httpx.Response, Result]

TIMEOUT = 30.0
# Only a loopback address is ever asked over http: never through the environment's proxy.
NO_PROXY: dict[str, None] = {"http://": None}


@dataclass(frozen=True)
class Token:
    key: str
    secret: str = field(repr=False)

    def to_dict(self) -> dict[str, str]:
        """Return a plain value, secret included, with which any process can carry on."""
        return {"key": self.key, "secret": self.secret}

    @classmethod
    def from_dict(cls: type[TokenType], data: Mapping[str, str]) -> TokenType:
        """Return the token that ``to_dict`` was called on; raises NexmoError if ``data`` is not one."""
        try:
            key, secret = data["key"], data["secret"]
        except (KeyError, TypeError):
            raise NexmoError("not a stored token: key and secret are needed") from None
        return cls(key, secret)


class RequestToken(Token):
    """Stands for one login, from request_token to access_token."""

    def verifier(self, callback_url: str) -> str:
        """Return the verification code from the URL, or path and query, that the user came back to.

        Raises CallbackMismatch if that belongs to another login, AuthorizationDenied, or AuthorizationError.
        """
        return oauth1_core.parse_callback(callback_url, temporary(self))


class AccessToken(Token):
    """Permanent, until it is revoked or its consumer key asks for a new request token."""


@dataclass(frozen=True)
class SmsMessage:
    """One of the messages that a text was sent as; money in euros."""

    to: str
    message_id: str
    remaining_balance: Decimal
    message_price: Decimal
    network: str


@dataclass(frozen=True)
class Sms:
    messages: tuple[SmsMessage, ...]


@dataclass(frozen=True)
class Balance:
    """``value`` is in euros."""

    value: Decimal
    auto_reload: bool


class Calls:
    """What each call sends, and how it reads the reply."""

    def __init__(
        self, consumer_key: str, consumer_secret: str, access_token: AccessToken | None, endpoints: Endpoints
    ) -> None:
        self.endpoints = endpoints
        self._consumer = oauth1_core.ClientCredentials(consumer_key, consumer_secret)
        token = None
        if access_token is not None:
            token = oauth1_core.TokenCredentials(access_token.key, access_token.secret)
        self._auth = OAuth1(self._consumer, token)

    def authorize_url(self, request_token: RequestToken) -> str:
        """Return the page on which the user presses Authorize."""
        return oauth1_core.resource_owner_authorization_uri(self.endpoints.authorize, temporary(request_token))

    def authenticate_url(self, request_token: RequestToken) -> str:
        """Return the page that lets a user pass who has approved this application before."""
        return oauth1_core.resource_owner_authorization_uri(self.endpoints.authenticate, temporary(request_token))

    def _request_token(self, callback: str) -> Call[RequestToken]:
        url = self.endpoints.request_token
        parameters = oauth1_core.temporary_credentials_request(url, self._consumer, callback)
        response = yield token_request(url, parameters)
        issued = oauth1_core.parse_temporary_credentials(accepted(response).content)
        return RequestToken(issued.identifier, issued.secret)

    def _access_token(self, request_token: RequestToken, verifier: str) -> Call[AccessToken]:
        url = self.endpoints.access_token
        parameters = oauth1_core.token_credentials_request(
            url, self._consumer, temporary(request_token), verifier
        )
        try:
            response = yield token_request(url, parameters)
        except NexmoError as error:
            raise OutcomeUnknown(f"{error}; the request token may be used up: start again") from error
        issued = oauth1_core.parse_token_credentials(accepted(response).content)
        return AccessToken(issued.identifier, issued.secret)

    def _send_sms(self, sender: str, to: str, text: str) -> Call[Sms]:
        response = yield self._get("sms/json", params={"from": sender, "to": to, "text": text})
        with understood(response) as reply:
            for message in reply["messages"]:
                if message["status"] != "0":
                    raise NexmoError(
                        "not sent: {}".format(message.get("error-text")), status=int(message["status"])
                    )
            return Sms(
                tuple(
                    SmsMessage(
                        to=message["to"],
                        message_id=message["message-id"],
                        remaining_balance=Decimal(message["remaining-balance"]),
                        message_price=Decimal(message["message-price"]),
                        network=message["network"],
                    )
                    for message in reply["messages"]
                )
            )

    def _balance(self) -> Call[Balance]:
        response = yield self._get("account/get-balance")
        with understood(response) as reply:
            return Balance(Decimal(reply["value"]), reply["autoReload"])

    def _request(self, method: str, path_or_url: str, arguments: dict[str, Any]) -> Call[httpx.Response]:
        return (yield self._signed(method, path_or_url, **arguments))

    def _get(self, path: str, **arguments: Any) -> dict[str, Any]:
        return self._signed("GET", path, headers={"Accept": "application/json"}, **arguments)

    def _signed(self, method: str, path_or_url: str, **arguments: Any) -> dict[str, Any]:
        url = str(httpx.URL(self.endpoints.api + "/").join(path_or_url))
        if not keeps_secrets(url):
            raise oauth1_core.InsecureEndpoint("https is required; only a loopback IP address may use http")
        return {"method": method, "url": url, "auth": self._auth, "follow_redirects": False, **arguments}


class Nexmo(Calls):
    """Nexmo through ``http``, an httpx.Client, or one of its own, which ``close`` or a ``with`` block closes.

    Calls raise NexmoError, or an OAuth1Error where a token reply or a request is not OAuth 1.0a.
    """

    def __init__(
        self,
        consumer_key: str,
        consumer_secret: str,
        *,
        access_token: AccessToken | None = None,
        endpoints: Endpoints = NEXMO,
        http: httpx.Client | None = None,
    ) -> None:
        super().__init__(consumer_key, consumer_secret, access_token, endpoints)
        self._http = http or httpx.Client(timeout=TIMEOUT, mounts=NO_PROXY)
        self._owns_http = http is None

    def request_token(self, callback: str = "oob") -> RequestToken:
        """Ask for a request token; ``callback`` is where the user comes back to, "oob" for a code to copy."""
        return self._run(self._request_token(callback))

    def access_token(self, request_token: RequestToken, verifier: str) -> AccessToken:
        """Exchange a request token that the user has authorized, once, for the access token."""
        return self._run(self._access_token(request_token, verifier))

    def send_sms(self, *, sender: str, to: str, text: str) -> Sms:
        return self._run(self._send_sms(sender, to, text))

    def balance(self) -> Balance:
        return self._run(self._balance())

    def request(self, method: str, path_or_url: str, **httpx_arguments: Any) -> httpx.Response:
        """Send any other request, signed; ``path_or_url`` is relative to ``endpoints.api``."""
        return self._run(self._request(method, path_or_url, httpx_arguments))

    def __enter__(self) -> Nexmo:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._owns_http:
            self._http.close()

    def _run(self, call: Call[Result]) -> Result:
        arguments = next(call)
        try:
            response = self._http.request(**arguments)
        except httpx.RequestError as error:
            return finish(call, error)
        return finish(call, response)


class AsyncNexmo(Calls):
    """The same as Nexmo, awaited, through an httpx.AsyncClient; ``aclose`` or ``async with``."""

    def __init__(
        self,
        consumer_key: str,
        consumer_secret: str,
        *,
        access_token: AccessToken | None = None,
        endpoints: Endpoints = NEXMO,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        super().__init__(consumer_key, consumer_secret, access_token, endpoints)
        self._http = http or httpx.AsyncClient(timeout=TIMEOUT, mounts=NO_PROXY)
        self._owns_http = http is None

    async def request_token(self, callback: str = "oob") -> RequestToken:
        return await self._run(self._request_token(callback))

    async def access_token(self, request_token: RequestToken, verifier: str) -> AccessToken:
        return await self._run(self._access_token(request_token, verifier))

    async def send_sms(self, *, sender: str, to: str, text: str) -> Sms:
        return await self._run(self._send_sms(sender, to, text))

    async def balance(self) -> Balance:
        return await self._run(self._balance())

    async def request(self, method: str, path_or_url: str, **httpx_arguments: Any) -> httpx.Response:
        return await self._run(self._request(method, path_or_url, httpx_arguments))

    async def __aenter__(self) -> AsyncNexmo:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        if self._owns_http:
            await self._http.aclose()

    async def _run(self, call: Call[Result]) -> Result:
        arguments = next(call)
        try:
            response = await self._http.request(**arguments)
        except httpx.RequestError as error:
            return finish(call, error)
        return finish(call, response)


def finish(call: Call[Result], outcome: httpx.Response | httpx.RequestError) -> Result:
    """Hand the outcome of its one request to ``call`` and return its result."""
    try:
        if isinstance(outcome, httpx.Response):
            call.send(outcome)
        else:
            call.throw(NexmoError(f"no answer from {outcome.request.url.host}: {type(outcome).__name__}"))
    except StopIteration as stop:
        result: Result = stop.value
        return result
    raise AssertionError("a call is one request")


def temporary(request_token: RequestToken) -> oauth1_core.TemporaryCredentials:
    return oauth1_core.TemporaryCredentials(request_token.key, request_token.secret)


def token_request(url: str, parameters: Parameters) -> dict[str, Any]:
    headers = {"Authorization": oauth1_core.authorization_header(parameters)}
    return {"method": "POST", "url": url, "headers": headers, "auth": None, "follow_redirects": False}


def accepted(response: httpx.Response) -> httpx.Response:
    """Return ``response`` if the service said yes, else raise what it said."""
    if response.is_redirect:
        host = response.request.url.join(response.headers["Location"]).host
        raise RedirectRefused(f"redirected to {host}, which is not followed", status=response.status_code)
    if response.status_code != 200:
        problem = problem_report(response)
        words = [problem[name] for name in ("oauth_problem", "oauth_problem_advice") if name in problem]
        raise NexmoError(
            f"{response.request.url.host} answered {response.status_code}: {', '.join(words) or 'no reason given'}",
            status=response.status_code,
            problem=problem.get("oauth_problem"),
            advice=problem.get("oauth_problem_advice"),
        )
    return response


def problem_report(response: httpx.Response) -> dict[str, str]:
    """Return the fields of the OAuth Problem Reporting extension, from the body or the challenge."""
    fields = dict(oauth1_core.decode_form(response.content))
    if "oauth_problem" not in fields:
        try:
            challenge = response.headers.get("WWW-Authenticate", "")
            fields = dict(oauth1_core.parse_authorization_header(challenge))
        except oauth1_core.MalformedRequest:
            fields = {}
    return {name: printable(value) for name, value in fields.items()}


@contextmanager
def understood(response: httpx.Response) -> Iterator[Any]:
    """Give the JSON of an accepted reply; what it lacks while it is read becomes a NexmoError."""
    try:
        yield accepted(response).json(parse_float=Decimal)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise NexmoError(
            f"the reply of {response.request.url.path} is not what the API describes", status=response.status_code
        ) from error
