"""A sandbox that can simulate faults: the fixture ``nexmo_sandbox`` of the pytest plugin.

    with FaultySandbox() as sandbox, sandbox.fault("redirect", to="https://example.com/", status=307):
        ...

Its process runs ``fault_injection``.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

from . import Sandbox, SandboxError

__all__ = ["Fault", "FaultySandbox"]


class FaultySandbox(Sandbox):
    """A sandbox with these faults:

    ``skewed_clock``
        The sandbox's clock is ``seconds`` ahead (negative: behind), so it refuses requests with ``timestamp_refused``.
    ``used_nonce``
        The nonce counts as used, so the sandbox refuses the request with ``nonce_used``.
    ``token_revoked``
        The user revokes the access token just before an API call. The token stays revoked: log in again.
    ``callback_confirmed``
        ``oauth_callback_confirmed`` has the value ``value``; without ``value`` it is missing, as in OAuth 1.0.
    ``redirect``
        The response is a redirect ``to`` a URL or path, with ``status`` (default: 302).
    ``error``
        The response is an error page with ``status`` (default: 500).
    ``slow``
        The request is carried out, but the response starts ``seconds`` later.
    ``trickle``
        The response starts at once, but its body is sent octet by octet and takes ``seconds``.
    """

    _stdin = subprocess.PIPE

    def __init__(self) -> None:
        self._command = ["-m", "nexmo.sandbox.fault_injection"]

    def fault(self, name: str, *, times: int | None = None, path: str | None = None, **facts: Any) -> Fault:
        """Start a fault. Raises ValueError if the name is unknown or ``facts`` do not fit.

        The fault affects signed requests or, with ``path``, requests to that path. It ends after ``times`` requests if
        given, otherwise with ``end()``, with its ``with`` block or with the test.
        """
        begun = self._tell(do="begin", name=name, facts=facts, times=times, path=path)
        return Fault(self, begun["number"])

    def renew(self, callback: str | None = None, like: str | None = None) -> None:
        """Remove all faults, tokens and messages, and register a new consumer key, with ``callback`` if given.

        ``like`` is as for :class:`Sandbox`; without it the sandbox plays Nexmo again. To start a fault at a token
        endpoint of another provider, give its ``path``.
        """
        self._is_announced(self._tell(do="renew", callback=callback, like=like))

    def _tell(self, **command: Any) -> dict[str, Any]:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps(command).encode("ascii") + b"\n")
            stdin.flush()
            line = self._line()
        except BrokenPipeError:
            line = b""
        if not line:
            raise SandboxError("the sandbox has ended")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer


class Fault:
    """A fault that has started. As a context manager it ends with the ``with`` block."""

    def __init__(self, sandbox: FaultySandbox, number: int) -> None:
        self._sandbox = sandbox
        self._number = number

    @property
    def met(self) -> int:
        """The number of requests that this fault has affected."""
        met: int = self._sandbox._tell(do="met", number=self._number)["met"]
        return met

    def end(self) -> None:
        """End the fault; a delayed response is sent now."""
        self._sandbox._tell(do="end", number=self._number)

    def __enter__(self) -> Fault:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.end()
