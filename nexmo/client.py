"""Nexmo's API, signed: ``Nexmo`` and ``AsyncNexmo``.

What a call sends and how it reads the reply is written once, as a generator that yields what is to be
sent and is sent the response. The two classes only move it, one awaiting.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import aclosing, closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, NoReturn, TypeVar

import httpx

import oauth1_core
from oauth1_core import check_endpoint, problem_report
from oauth1_core.adapters.clock import server_time
from oauth1_core.adapters.httpx import OAuth1

from .endpoints import NEXMO, Endpoints
from .errors import ClockSkew, NexmoError, OutcomeUnknown, RedirectRefused, TooManyRedirects, printable

if TYPE_CHECKING:
    from oauth1_core import Parameters

    Auth = httpx.Auth | Callable[[httpx.Request], httpx.Request] | None

Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)
Result = TypeVar("Result")
TokenType = TypeVar("TokenType", bound="Token")
Issued = TypeVar("Issued", bound=oauth1_core.Credentials)
Call = Generator["Sending", httpx.Response, Result]

__all__ = ["AccessToken", "AsyncNexmo", "Balance", "Nexmo", "RequestToken", "Sms", "SmsMessage"]

TIMEOUT = 30.0  # seconds for each step
DEADLINE = 60.0  # and for a reply, once its head has come
MAX_REDIRECTS = 5
EXCERPT = 200
MAX_REPLY = 65_536  # octets; what is longer is no token reply
MAX_ANSWER = 16 * 1024 * 1024  # to whatever else is asked for
# Raised before anything of a request is sent.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
# Only a loopback address is ever asked over http: never through the environment's proxy.
NO_PROXY: dict[str, None] = {"http://": None}
SECRET = re.compile(r"((?:secret|verifier|signature|password)\W{1,4})[^\s&\"',<]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """Shows no secret, and is not pickled."""

    key: str
    secret: str = field(repr=False)

    def __reduce__(self) -> NoReturn:
        raise TypeError("tokens are not pickled: store to_dict() where secrets belong")

    def __copy__(self: TokenType) -> TokenType:
        return self

    def __deepcopy__(self: TokenType, memo: object) -> TokenType:
        return self

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

    __slots__ = ()

    def verifier(self, callback_url: str) -> str:
        """Return the verification code from the URL, or path and query, that the user came back to.

        Raises CallbackMismatch if that belongs to another login, AuthorizationDenied, or AuthorizationError.
        """
        return oauth1_core.parse_callback(callback_url, temporary(self))


class AccessToken(Token):
    """Permanent, until it is revoked or its consumer key asks for a new request token."""

    __slots__ = ()


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


class Sending(NamedTuple):
    """A request and what signs it each time that it is sent."""

    request: httpx.Request
    auth: Auth
    most: int = MAX_REPLY  # octets of its reply
    not_repeatable: bool = False

    def unanswered(self, error: Exception) -> NexmoError:
        """Return what is to be raised where ``error`` came instead of an answer."""
        message = f"no answer from {self.request.url.host}: {type(error).__name__}"
        return NexmoError(message) if isinstance(error, NOT_SENT) else self.failure(message)

    def failure(self, message: str) -> NexmoError:
        """Return what is to be raised where a request was sent, and its answer is not known."""
        if self.not_repeatable:
            return OutcomeUnknown(f"{message}; the request token may be used up: start again")
        return NexmoError(message)

    def bound(self, response: httpx.Response) -> None:
        """Give the body of a reply an end; refuse one that is encoded, which is as long as its sender likes."""
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise self.failure(f"the reply of {self.request.url.host} is encoded, which was not asked for")
        response.stream = Bounded(response.stream, self.most, time.monotonic() + DEADLINE)


class Signing(OAuth1):
    """Leaves the clock to the client, whose reading has a deadline."""

    def corrected_by_head(self, timestamp: int | None, uri: str, status: int, headers: Any) -> bool:
        return False


class NexmoCalls(Generic[Http]):
    """What each call sends, and how it reads the reply."""

    _client: Callable[..., Http]

    def __init__(
        self,
        consumer_key: str,
        consumer_secret: str,
        *,
        access_token: AccessToken | None = None,
        endpoints: Endpoints = NEXMO,
        http: Http | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.endpoints = endpoints
        self._consumer = oauth1_core.ClientCredentials(consumer_key, consumer_secret)
        self._token = None
        if access_token is not None:
            self._token = oauth1_core.TokenCredentials(access_token.key, access_token.secret)
        self._clock = clock
        self._auth = Signing(self._consumer, self._token, clock=clock)
        self._http: Http = http or self._client(timeout=TIMEOUT, mounts=NO_PROXY)
        self._owns_http = http is None

    def authorize_url(self, request_token: RequestToken) -> str:
        """Return the page on which the user presses Authorize."""
        return oauth1_core.resource_owner_authorization_uri(self.endpoints.authorize, temporary(request_token))

    def authenticate_url(self, request_token: RequestToken) -> str:
        """Return the page that lets a user pass who has approved this application before."""
        return oauth1_core.resource_owner_authorization_uri(self.endpoints.authenticate, temporary(request_token))

    def _request_token(self, callback: str) -> Call[RequestToken]:
        url = self.endpoints.request_token

        def parameters(timestamp: int) -> Parameters:
            return oauth1_core.temporary_credentials_request(url, self._consumer, callback, timestamp=timestamp)

        response = yield from self._healed(self._token_request(url, parameters))
        issued = self._issued(response, oauth1_core.parse_temporary_credentials)
        return RequestToken(issued.identifier, issued.secret)

    def _access_token(self, request_token: RequestToken, verifier: str) -> Call[AccessToken]:
        url, authorized = self.endpoints.access_token, temporary(request_token)

        def parameters(timestamp: int) -> Parameters:
            return oauth1_core.token_credentials_request(url, self._consumer, authorized, verifier, timestamp=timestamp)

        sending = self._token_request(url, parameters)._replace(not_repeatable=True)
        response = yield from self._healed(sending)
        issued = self._issued(response, oauth1_core.parse_token_credentials, request_token.secret, verifier.strip())
        return AccessToken(issued.identifier, issued.secret)

    def _send_sms(self, sender: str, to: str, text: str) -> Call[Sms]:
        response = yield from self._get("sms/json", params={"from": sender, "to": to, "text": text})
        with understood(response) as reply:
            for message in reply["messages"]:
                if message["status"] != "0":
                    raise NexmoError("not sent: {}".format(message.get("error-text")), status=int(message["status"]))
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
        response = yield from self._get("account/get-balance")
        with understood(response) as reply:
            return Balance(Decimal(reply["value"]), reply["autoReload"])

    def _get(self, path: str, **arguments: Any) -> Call[httpx.Response]:
        sending = self._api_request("GET", path, headers={"Accept": "application/json"}, **arguments)
        return self.accepted((yield from self._followed(sending)))

    def _request(
        self, method: str, path_or_url: str, follow_redirects: bool | None = None, **arguments: Any
    ) -> Call[httpx.Response]:
        sending = self._api_request(method, path_or_url, **arguments)._replace(most=MAX_ANSWER)
        response = yield from self._followed(sending, follow_redirects)
        if len(response.content) > MAX_ANSWER:
            message = f"the reply of {response.request.url.host} is longer than {MAX_ANSWER} octets"
            raise NexmoError(message, status=response.status_code)
        return response

    def _now(self, url: str) -> float:
        learns = hasattr(self._clock, "correct")
        return self._clock(url) if learns else self._clock()  # type: ignore[call-arg]  # what learns takes a URI

    def _token_request(self, url: str, parameters: Callable[[int], Parameters]) -> Sending:
        def sign(request: httpx.Request) -> httpx.Request:
            request.headers["Authorization"] = oauth1_core.authorization_header(parameters(int(self._now(url))))
            return request

        check_endpoint(url)
        return Sending(self._http.build_request("POST", url), sign)

    def _api_request(self, method: str, path_or_url: str, **arguments: Any) -> Sending:
        request = self._http.build_request(method, httpx.URL(self.endpoints.api + "/").join(path_or_url), **arguments)
        check_endpoint(str(request.url))
        return Sending(request, self._auth)

    def _healed(self, sending: Sending) -> Call[httpx.Response]:
        """Send a request, and once more if the answer has corrected the clock."""
        response = yield sending
        correct = getattr(self._clock, "correct", None)
        if correct is None or sending.auth is None or response.status_code not in (400, 401):
            return response
        sent = dict(oauth1_core.parse_authorization_header(response.request.headers["Authorization"]))
        headers, timestamp = response.headers.multi_items(), int(sent["oauth_timestamp"])
        uri = str(response.request.url)
        corrected = correct(response.status_code, headers, response.content, timestamp, uri)
        if not corrected or self._auth.body_of(sending.request) is None:
            return response
        return (yield sending)

    def _followed(self, sending: Sending, follow: bool | None = None) -> Call[httpx.Response]:
        """Send a request and what redirects make of it, each signed afresh.

        To another origin none is followed, or if ``follow`` is true they are without a signature, and so are
        those that lead back. If it is false none is followed at all.
        """
        home = server_of(sending.request)
        for _ in range(MAX_REDIRECTS + 1):
            response = yield from self._healed(sending)
            request = response.next_request
            if request is None or follow is False:
                return response
            if server_of(request) != home:
                if not follow:
                    raise redirect_refused(response, "an API call was")
                sending = sending._replace(auth=None)
            if sending.auth is None:
                request.headers.pop("Authorization", None)
            sending = sending._replace(request=request)
        raise TooManyRedirects(f"redirected more than {MAX_REDIRECTS} times", status=response.status_code)

    def _issued(self, response: httpx.Response, parse: Callable[[bytes], Issued], *secrets: str) -> Issued:
        """Return the credentials in the reply of a token endpoint."""
        if response.next_request is not None:
            raise redirect_refused(response, "the token endpoint")
        content = self.accepted(response, *secrets).content
        try:
            return parse(content)
        except oauth1_core.MalformedTokenResponse as error:
            kind = response.headers.get("Content-Type", "none").partition(";")[0]
            message = printable(f"{error} (Content-Type: {kind})")
            raise oauth1_core.MalformedTokenResponse(message, parameter=error.parameter) from None

    def accepted(self, response: httpx.Response, *secrets: str) -> httpx.Response:
        """Return ``response`` if it is the service's yes, else raise what it says, ``secrets`` and our own masked."""
        if response.status_code == 200:
            return response
        secrets = (self._consumer.secret, self._token.secret if self._token else "", *secrets)
        headers = response.headers.multi_items()
        report = problem_report(headers, response.content)
        params = {name: masked(value, secrets) for name, value in report.items()}
        words = [params[name] for name in ("oauth_problem", "oauth_problem_advice") if name in params]
        reason = ", ".join(words) or "no reason given"
        message = f"{response.request.url.host} answered {response.status_code}: {reason}"
        facts: dict[str, Any] = {
            "status": response.status_code,
            "params": params,
            "excerpt": masked(response.content.decode("utf-8", "replace"), secrets)[:EXCERPT],
        }
        time_there = server_time(report, headers)
        seconds = 0 if time_there is None else round(time_there - self._now(str(response.request.url)))
        if report.get("oauth_problem") == "timestamp_refused" and seconds:
            message += f"; this clock is {abs(seconds)} s {'behind' if seconds > 0 else 'ahead'}"
            raise ClockSkew(message, seconds=seconds, **facts)
        raise NexmoError(message, **facts)


class Nexmo(NexmoCalls[httpx.Client]):
    """Nexmo's API; ``close`` or a ``with`` block closes what it has opened itself.

    Calls raise NexmoError, or an OAuth1Error where a token reply or a request is not OAuth 1.0a.

    :param consumer_key: identifies the application, as the provider's page shows it.
    :param consumer_secret: what the application signs with; shown there too.
    :param access_token: from :meth:`access_token`; ``None``, the default, before there is one.
    :param endpoints: the provider's URLs; ``NEXMO`` by default, those of a sandbox for tests.
    :param http: an :class:`httpx.Client`, which stays the caller's to close; by default one of this object's own,
        with a timeout of 30 seconds and no proxy for http.
    :param clock: returns seconds since 1970; ``time.time`` by default. With a
        :class:`~oauth1_core.adapters.clock.LearningClock` a request refused for its timestamp is sent once more.
    :raises SigningError: if a key or secret is not text.
    """

    _client = httpx.Client

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
        """Send any other request, signed; ``path_or_url`` is relative to ``endpoints.api``.

        ``follow_redirects=True`` follows redirects to other origins too, without a signature. A reply has at most
        16 MiB, is not encoded, and has come a minute after its head, or NexmoError is raised.
        """
        return self._run(self._request(method, path_or_url, **httpx_arguments))

    def __enter__(self) -> Nexmo:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._owns_http:
            self._http.close()

    def _run(self, call: Call[Result]) -> Result:
        try:
            sending = next(call)
            while True:
                sending = call.send(self._send(sending))
        except StopIteration as stop:
            result: Result = stop.value
            return result

    def _send(self, sending: Sending) -> httpx.Response:
        sending.request.headers["Accept-Encoding"] = "identity"
        try:
            response = self._http.send(sending.request, auth=sending.auth, follow_redirects=False, stream=True)
            with closing(response):
                sending.bound(response)
                response.read()
                return response
        except (httpx.RequestError, httpx.StreamError) as error:
            raise sending.unanswered(error) from error


class AsyncNexmo(NexmoCalls[httpx.AsyncClient]):
    """The same as Nexmo, awaited; ``aclose`` or an ``async with`` block closes what it has opened itself.

    :param consumer_key: identifies the application, as the provider's page shows it.
    :param consumer_secret: what the application signs with; shown there too.
    :param access_token: from :meth:`access_token`; ``None``, the default, before there is one.
    :param endpoints: the provider's URLs; ``NEXMO`` by default, those of a sandbox for tests.
    :param http: an :class:`httpx.AsyncClient`, which stays the caller's to close; by default one of this object's own,
        with a timeout of 30 seconds and no proxy for http.
    :param clock: returns seconds since 1970; ``time.time`` by default. With a
        :class:`~oauth1_core.adapters.clock.LearningClock` a request refused for its timestamp is sent once more.
    :raises SigningError: if a key or secret is not text.
    """

    _client = httpx.AsyncClient

    async def request_token(self, callback: str = "oob") -> RequestToken:
        return await self._run(self._request_token(callback))

    async def access_token(self, request_token: RequestToken, verifier: str) -> AccessToken:
        return await self._run(self._access_token(request_token, verifier))

    async def send_sms(self, *, sender: str, to: str, text: str) -> Sms:
        return await self._run(self._send_sms(sender, to, text))

    async def balance(self) -> Balance:
        return await self._run(self._balance())

    async def request(self, method: str, path_or_url: str, **httpx_arguments: Any) -> httpx.Response:
        return await self._run(self._request(method, path_or_url, **httpx_arguments))

    async def __aenter__(self) -> AsyncNexmo:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        if self._owns_http:
            await self._http.aclose()

    async def _run(self, call: Call[Result]) -> Result:
        try:
            sending = next(call)
            while True:
                sending = call.send(await self._send(sending))
        except StopIteration as stop:
            result: Result = stop.value
            return result

    async def _send(self, sending: Sending) -> httpx.Response:
        sending.request.headers["Accept-Encoding"] = "identity"
        try:
            response = await self._http.send(sending.request, auth=sending.auth, follow_redirects=False, stream=True)
            async with aclosing(response):
                sending.bound(response)
                await response.aread()
                return response
        except (httpx.RequestError, httpx.StreamError) as error:
            raise sending.unanswered(error) from error


class Bounded(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body of which one octet more is read than a reply may have, and nothing after the deadline."""

    def __init__(self, stream: Any, most: int, deadline: float) -> None:
        self.stream = stream
        self.deadline = deadline
        self.left = most + 1

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.stream:
            yield self.taken(piece)
            if not self.left:
                break

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self.stream:
            yield self.taken(piece)
            if not self.left:
                break

    def taken(self, piece: bytes) -> bytes:
        if time.monotonic() > self.deadline:
            raise httpx.ReadTimeout("the reply takes too long")
        piece = piece[: self.left]
        self.left -= len(piece)
        return piece

    def close(self) -> None:
        self.stream.close()

    async def aclose(self) -> None:
        await self.stream.aclose()


def temporary(request_token: RequestToken) -> oauth1_core.TemporaryCredentials:
    return oauth1_core.TemporaryCredentials(request_token.key, request_token.secret)


def server_of(request: httpx.Request) -> str:
    """Return scheme, host and port as httpx spells them: of any scheme, since a redirect may lead anywhere."""
    return f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"


def redirect_refused(response: httpx.Response, who: str) -> RedirectRefused:
    assert response.next_request is not None
    there = server_of(response.next_request)
    return RedirectRefused(f"{who} redirected to {there}, which is not followed", status=response.status_code)


def masked(text: str, secrets: tuple[str, ...]) -> str:
    """Return ``text`` without the secrets, encoded or not, and without the values of what is named like one."""
    for secret in filter(None, secrets):
        encoded = oauth1_core.percent_encode(secret)
        for spelling in (secret, encoded, oauth1_core.percent_encode(encoded)):
            text = text.replace(spelling, "***")
    return SECRET.sub(r"\1***", text)


@contextmanager
def understood(response: httpx.Response) -> Iterator[Any]:
    """Give the JSON of an accepted reply; what it lacks while it is read becomes a NexmoError."""
    try:
        yield response.json(parse_float=Decimal)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise NexmoError(
            f"the reply of {response.request.url.path} is not what the API describes", status=response.status_code
        ) from error
