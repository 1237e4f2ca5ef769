"""What goes wrong between this program and Nexmo.

    NexmoError          the service refused, or cannot be reached or understood
    |- ClockSkew        it refused the timestamp, since its clock shows another time
    |- RedirectRefused  a token endpoint answered with a redirect, or the API with one to another origin
    |    TooManyRedirects  ... or with one after the other
    |- OutcomeUnknown   the connection broke while the access token was on its way: start the flow again
    |- CallbackError    no verification code came back to this machine
    |  `- CallbackTimeout    ... in time
    `- StoreError       the token store cannot be read or written; what is in it stays

A token reply or a request that is not OAuth 1.0a raises the errors of ``oauth1_core``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from oauth1_core.debugging.explaining import visible

__all__ = [
    "CallbackError",
    "CallbackTimeout",
    "ClockSkew",
    "NexmoError",
    "OutcomeUnknown",
    "RedirectRefused",
    "StoreError",
    "TooManyRedirects",
]


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


class ClockSkew(NexmoError):
    """``seconds`` is what this machine's clock lacks; less than 0 if it is ahead."""

    def __init__(self, message: str, *, seconds: int = 0, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.seconds = seconds


class RedirectRefused(NexmoError):
    pass


class TooManyRedirects(RedirectRefused):
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
