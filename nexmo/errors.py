"""What goes wrong between this program and Nexmo.

    NexmoError          the service refused, or cannot be reached or understood
    |- RedirectRefused  a token endpoint answered with a redirect, which is never followed
    |- OutcomeUnknown   the connection broke while the access token was on its way: start the flow again
    |- CallbackError    no verification code came back to this machine
    |  `- CallbackTimeout    ... in time
    `- StoreError       the token store cannot be read or written; what is in it stays

A token reply or a request that is not OAuth 1.0a raises the errors of ``oauth1_core``.
"""
from __future__ import annotations


class NexmoError(Exception):
    """``status`` is the HTTP status, or Nexmo's own status of a message; ``problem`` and ``advice`` are the
    service's words (``oauth_problem``, ``oauth_problem_advice``); each ``None`` where there is none."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        problem: str | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(printable(message))
        self.status = status
        self.problem = problem
        self.advice = advice


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
    """Return ``text`` without what could steer a terminal, since parts of it come from the service."""
    return "".join(character if character.isprintable() else "?" for character in text[:500])
