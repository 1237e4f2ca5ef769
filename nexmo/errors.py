"""Errors of the calls to Nexmo, of the login and of the token store.

    NexmoError          the service refused the request, gave no reply, or gave a reply that cannot be read
    |- RedirectRefused  a token endpoint redirected, or the API redirected to another origin or too often
    |- OutcomeUnknown   no reply with the access token; the request token may be used up: log in again
    |- CallbackError    the callback did not bring a verification code to this machine
    |  `- CallbackTimeout    no callback in time
    `- StoreError       the token store cannot be read or written; the file is left unchanged

Requests and replies that do not follow OAuth 1.0a raise the errors of ``oauth1_core``.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import httpx

from oauth1_core import TokenRequestRefused, origin_of
from oauth1_core.debugging.explaining import visible

__all__ = [
    "CallbackError",
    "CallbackTimeout",
    "NexmoError",
    "OutcomeUnknown",
    "RedirectRefused",
    "StoreError",
]

# Exceptions that httpx raises before it has sent any part of a request.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class NexmoError(Exception):
    """``status`` is the HTTP status, or Nexmo's own status of a message. The service's ``oauth_problem`` is in
    ``problem``, its ``oauth_problem_advice`` in ``advice``; ``params`` has all parameters of this kind. ``excerpt`` is
    the beginning of the body of a refusal. Secrets are masked. An attribute is ``None`` or empty if the service sent
    nothing for it."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        params: Mapping[str, str] = MappingProxyType({}),
        excerpt: str = "",
    ) -> None:
        super().__init__(printable(message))
        self.status = status
        self.params = {name: printable(value) for name, value in params.items()}
        self.problem = self.params.get("oauth_problem")
        self.advice = self.params.get("oauth_problem_advice")
        self.excerpt = printable(excerpt)


class RedirectRefused(NexmoError):
    pass


class OutcomeUnknown(NexmoError):
    pass


class CallbackError(NexmoError):
    pass


class CallbackTimeout(CallbackError):
    pass


class StoreError(NexmoError):
    pass


def printable(text: str) -> str:
    """Return the first 4096 characters of ``text``, with control characters escaped.

    Parts of the text come from the service, and control characters could change what a terminal shows.
    """
    return visible(text[:4096])


def told(refused: TokenRequestRefused) -> NexmoError:
    kind = RedirectRefused if 300 <= refused.status < 400 else NexmoError
    return kind(str(refused), status=refused.status, params=refused.parameters, excerpt=refused.excerpt)


@contextmanager
def explained(url: str, used_up: bool = False) -> Iterator[None]:
    """Raise a refusal or a network error as NexmoError; ``used_up``: the request may have used the request token up."""
    try:
        yield
    except TokenRequestRefused as refused:
        raise told(refused) from None
    except (httpx.RequestError, httpx.StreamError) as error:
        message = f"no response from {origin_of(url)}: {reason_of(error)}"
        if used_up and not isinstance(error, NOT_SENT):
            raise OutcomeUnknown(f"{message}; the request token may be used up: log in again") from error
        raise NexmoError(message) from error


def reason_of(error: BaseException) -> str:
    """Return the system's message for a network error, or else the HTTP client's."""
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, OSError) and behind.strerror:
            # asyncio writes its own text for an errno. TLS and DNS errors have numbers of their own.
            own = isinstance(behind, (ssl.SSLError, socket.gaierror))
            return behind.strerror if own or not behind.errno else os.strerror(behind.errno)
        behind = behind.__cause__ or behind.__context__
    return str(error) or ("timed out" if isinstance(error, httpx.TimeoutException) else type(error).__name__)
