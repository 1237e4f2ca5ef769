"""The sandbox: a provider on loopback that keeps the rules of Nexmo's retired OAuth service.

    with Sandbox() as sandbox:
        nexmo = Nexmo(sandbox.consumer_key, sandbox.consumer_secret, endpoints=sandbox.endpoints)
        request_token = nexmo.request_token()
        verifier = sandbox.approve(request_token)

It runs in a process of its own, over real HTTP, with a real database. ``server.serve`` is that process.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from ..client import AccessToken, Nexmo
from ..endpoints import Endpoints, under
from .browser import Browser, SandboxError

if TYPE_CHECKING:
    from typing import Self

    from ..client import RequestToken

    PageWatcher = Callable[[httpx.Response], None]

__all__ = ["Sandbox", "SandboxError"]

START_DEADLINE = 20
STOP_DEADLINE = 5


class Sandbox:
    """A sandbox while the ``with`` block runs, and a user there who approves or denies.

    :param database: the file that keeps everything; ``None``, the default, forgets everything at the end.
    :param callback: the callback registered for the consumer key, by default ``http://127.0.0.1/callback``; over http
        to a loopback IP address its port is free.
    :param port: the port on 127.0.0.1; 0, the default, takes a free one.
    :raises SandboxError: when the block is entered, if the sandbox does not start.
    """

    consumer_key: str
    consumer_secret: str
    url: str
    endpoints: Endpoints

    _stdin = subprocess.DEVNULL

    def __init__(
        self, database: str | os.PathLike[str] | None = None, callback: str | None = None, port: int = 0
    ) -> None:
        self._command = ["-m", "nexmo", "sandbox", "--port", str(port), "--json"]
        if database is not None:
            self._command += ["--database", os.fspath(database)]
        if callback is not None:
            self._command += ["--callback", callback]

    def __enter__(self) -> Self:
        # The child finds this very package, installed or not.
        here = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, *self._command],
            stdin=self._stdin,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "PYTHONPATH": path},
        )
        try:
            ready = json.loads(self._line())
            self.url, self.consumer_key = ready["url"], ready["consumer_key"]
            self.consumer_secret = ready["consumer_secret"]
        except (ValueError, queue.Empty) as error:
            self._stop()
            self._errors.seek(0)
            message = self._errors.read().decode(errors="replace")
            self._errors.close()
            raise SandboxError(f"the sandbox did not start: {message}") from error
        except BaseException:
            self.__exit__()
            raise
        self.endpoints = under(f"{self.url}/oauth", api=self.url)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop()
        self._errors.close()

    def approve(self, request_token: RequestToken | str, *, watch: PageWatcher | None = None) -> str:
        """Sign in and approve, on the pages that a user sees; return the verifier.

        ``watch`` is called with each response.
        """
        with Browser(watch) as browser:
            return browser.approve(self._authorize_url(request_token))

    def deny(self, request_token: RequestToken | str, *, watch: PageWatcher | None = None) -> None:
        """Sign in and deny."""
        with Browser(watch) as browser:
            browser.deny(self._authorize_url(request_token))

    def access_token(self) -> AccessToken:
        """Walk the whole flow; return the access token, which revokes those from before."""
        http = httpx.Client(trust_env=False)
        with http, Nexmo(self.consumer_key, self.consumer_secret, endpoints=self.endpoints, http=http) as nexmo:
            request_token = nexmo.request_token()
            return nexmo.access_token(request_token, self.approve(request_token))

    def _authorize_url(self, request_token: RequestToken | str) -> str:
        key = request_token if isinstance(request_token, str) else request_token.key
        return f"{self.endpoints.authorize}?oauth_token={key}"

    def _line(self) -> bytes:
        lines: queue.Queue[bytes] = queue.Queue()
        stdout = self._process.stdout
        assert stdout is not None
        # A thread, since a pipe cannot be read with a deadline everywhere.
        threading.Thread(target=lambda: lines.put(stdout.readline()), daemon=True).start()
        return lines.get(timeout=START_DEADLINE)

    def _stop(self) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.terminate()
        try:
            self._process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
