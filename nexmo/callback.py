"""Receive the callback of a login: a web server on loopback, with the sandbox's style sheet.

    with Receiver() as receiver:
        request_token = nexmo.request_token(receiver.url)
        receiver.expect(request_token)
        receiver.open(nexmo.authorize_url(request_token))
        verifier = receiver.wait(120)

The web server is the ``Receiver`` of ``oauth1_core.adapters.h11``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from oauth1_core import AuthorizationDenied, AuthorizationError
from oauth1_core.adapters.h11 import Receiver as CoreReceiver
from oauth1_core.debugging.stylesheet import STYLE as SHARED_STYLE

from .errors import CallbackError, CallbackTimeout

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Receiver"]

STYLE = SHARED_STYLE + Path(__file__).with_name("sandbox").joinpath("static", "style.css").read_text("utf-8")


class Receiver(CoreReceiver):
    """Listens while the ``with`` block runs; ``url`` is the callback URL. Port 0: the system chooses a free port."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port, program="nexmo", style=STYLE)

    def __enter__(self) -> Self:
        try:
            super().__enter__()
        except OSError as error:
            raise CallbackError(str(error)) from error
        return self

    def wait(self, seconds: float) -> str:
        """Return the verification code; raises AuthorizationDenied, CallbackTimeout or CallbackError."""
        try:
            return super().wait(seconds)
        except AuthorizationDenied:
            raise
        except TimeoutError as error:
            raise CallbackTimeout(str(error)) from error
        except (AuthorizationError, OSError) as error:
            raise CallbackError(str(error)) from error
