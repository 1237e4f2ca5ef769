"""A sandbox in which things go wrong when a test says so: the ``nexmo_sandbox`` of the pytest plugin.

    with FaultySandbox() as sandbox, sandbox.fault("redirect", to="https://example.com/", status=307):
        ...

``fault_injection`` is its process.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

from . import Sandbox, SandboxError

__all__ = ["Fault", "FaultySandbox"]


class FaultySandbox(Sandbox):
    """A sandbox, with faults on demand:

    ``skewed_clock``
        The provider's clock is ``seconds`` ahead (behind, if less than 0): ``timestamp_refused``.
    ``used_nonce``
        The nonce was used before: ``nonce_used``.
    ``token_revoked``
        The user revokes the access token just before an API call. It stays revoked: get another one.
    ``callback_confirmed``
        ``oauth_callback_confirmed`` has another ``value``, or is missing without one, as in OAuth 1.0.
    ``redirect``
        ``to`` a URL or path, with ``status`` 302 unless another is given.
    ``error``
        An error page, with ``status`` 500 unless another is given.
    ``slow``
        The request is carried out, and the answer begins ``seconds`` later.
    ``trickle``
        The answer begins at once, and its body takes ``seconds``, octet by octet.
    """

    _stdin = subprocess.PIPE

    def __init__(self) -> None:
        self._command = ["-m", "nexmo.sandbox.fault_injection"]

    def fault(self, name: str, *, times: int | None = None, path: str | None = None, **facts: Any) -> Fault:
        """Begin the fault of this name; ValueError if there is none, or it takes other ``facts``.

        It is for signed requests, or for those to ``path``; for as many as ``times`` says, else until its ``end``,
        that of its ``with`` block, or that of the test.
        """
        begun = self._tell(do="begin", name=name, facts=facts, times=times, path=path)
        return Fault(self, begun["number"])

    def renew(self, callback: str | None = None, like: str | None = None) -> None:
        """Forget all faults, tokens and messages; take a new consumer key, with another callback if one is given.

        ``like`` is what :class:`Sandbox` takes; without it the sandbox is Nexmo's again. A fault of a token endpoint of
        another provider is given the ``path``.
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
    """A fault that has begun. As a context manager it lasts as long as the block."""

    def __init__(self, sandbox: FaultySandbox, number: int) -> None:
        self._sandbox = sandbox
        self._number = number

    @property
    def met(self) -> int:
        """How many requests have met it."""
        met: int = self._sandbox._tell(do="met", number=self._number)["met"]
        return met

    def end(self) -> None:
        """End it; an answer that it holds back is sent now."""
        self._sandbox._tell(do="end", number=self._number)

    def __enter__(self) -> Fault:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.end()
