"""What goes wrong between this program and Nexmo.

    NexmoError          the service refused, or cannot be reached or understood
    |- RedirectRefused  a token endpoint answered with a redirect, or the API with one to another origin or too many
    |- OutcomeUnknown   the connection broke while the access token was on its way: start the flow again
    |- CallbackError    no verification code came back to this machine
    |  `- CallbackTimeout    ... in time
    `- StoreError       the token store cannot be read or written; what is in it stays

What does not keep to OAuth 1.0a otherwise raises the errors of ``oauth1_core``.
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

# Raised before anything of a request is sent.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class NexmoError(Exception):
    """``status`` is the HTTP status, or Nexmo's own status of a message. ``problem`` and ``advice`` are the service's
    words (``oauth_problem``, ``oauth_problem_advice``), ``params`` all that it says in that way, and ``excerpt``
    how the body begins that it refused with, secrets masked. Each is ``None`` or empty where there is none."""

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
    """Return how ``text`` begins, with what could steer a terminal escaped: parts of it come from the service."""
    return visible(text[:500])


def told(refused: TokenRequestRefused) -> NexmoError:
    kind = RedirectRefused if 300 <= refused.status < 400 else NexmoError
    return kind(str(refused), status=refused.status, params=refused.parameters, excerpt=refused.excerpt)


@contextmanager
def explained(url: str, used_up: bool = False) -> Iterator[None]:
    """Raise what is refused, or cannot be reached, as NexmoError."""
    try:
        yield
    except TokenRequestRefused as refused:
        raise told(refused) from None
    except (httpx.RequestError, httpx.StreamError) as error:
        message = f"no answer from {origin_of(url)}: {reason_of(error)}"
        if used_up and not isinstance(error, NOT_SENT):
            raise OutcomeUnknown(f"{message}; the request token may be used up: start again") from error
        raise NexmoError(message) from error


def reason_of(error: BaseException) -> str:
    """Return what the system says of a failure of the network, else what the HTTP client says."""
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, OSError) and behind.strerror:
            # asyncio has words of its own for an errno; those of TLS and of DNS are no errno.
            own = isinstance(behind, (ssl.SSLError, socket.gaierror))
            return behind.strerror if own or not behind.errno else os.strerror(behind.errno)
        behind = behind.__cause__ or behind.__context__
    return str(error) or ("timed out" if isinstance(error, httpx.TimeoutException) else type(error).__name__)
