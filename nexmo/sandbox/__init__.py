"""The sandbox: a local server that follows the rules of Nexmo's retired OAuth service.

    with Sandbox() as sandbox:
        nexmo = Nexmo(sandbox.consumer_key, sandbox.consumer_secret, endpoints=sandbox.endpoints)
        request_token = nexmo.request_token()
        verifier = sandbox.approve(request_token)

It runs in its own process, which calls ``server.serve``; it uses real HTTP and a real database.
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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from oauth1_core import Provider, TemporaryCredentials

from ..client import AccessToken, Nexmo
from ..endpoints import Endpoints, under
from .browser import Browser, SandboxError

if TYPE_CHECKING:
    from typing import Self

    from ..client import RequestToken

    PageWatcher = Callable[[httpx.Response], None]
    Asked = RequestToken | TemporaryCredentials | str

__all__ = ["Sandbox", "SandboxError"]

START_DEADLINE = 20
STOP_DEADLINE = 5


class Sandbox:
    """Runs a sandbox while the ``with`` block runs. It can also act as the user who approves or denies.

    :param database: the SQLite file for all data; with ``None``, the default, all data is deleted at the end.
    :param callback: the callback URL to register for the consumer key, by default ``http://127.0.0.1/callback``. For
        http with a loopback IP address, clients may use any port.
    :param port: the port on 127.0.0.1; with 0, the default, the system chooses a free port.
    :param like: another provider to play: a name in ``oauth1_core.providers``, such as ``"discogs"``, a
        :class:`~oauth1_core.Provider`, or a file with a provider; default: ``None``, which plays Nexmo.
    :raises SandboxError: when the block is entered, if the sandbox does not start.
    """

    consumer_key: str
    consumer_secret: str
    url: str
    endpoints: Endpoints
    # For a Flow: the provider with the sandbox's URLs; the private key, as PEM, of a client that signs with RSA, or "".
    provider: Provider
    private_key: str

    _stdin = subprocess.DEVNULL
    _like: str | os.PathLike[str] | Provider | None = None

    def __init__(
        self,
        database: str | os.PathLike[str] | None = None,
        callback: str | None = None,
        port: int = 0,
        like: str | os.PathLike[str] | Provider | None = None,
    ) -> None:
        self._like = like
        self._command = ["-m", "nexmo", "sandbox", "--port", str(port), "--json"]
        if database is not None:
            self._command += ["--database", os.fspath(database)]
        if callback is not None:
            self._command += ["--callback", callback]

    def __enter__(self) -> Self:
        # The child process must import this same package, even if it is not installed.
        here = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
        self._errors = tempfile.TemporaryFile()
        with self._played() as arguments:
            self._process = subprocess.Popen(
                [sys.executable, *self._command, *arguments],
                stdin=self._stdin,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env={**os.environ, "PYTHONPATH": path},
            )
            try:
                self._is_announced(json.loads(self._line()))
            except (ValueError, queue.Empty) as error:
                self._stop()
                self._errors.seek(0)
                message = self._errors.read().decode(errors="replace")
                self._errors.close()
                raise SandboxError(f"the sandbox did not start: {message}") from error
            except BaseException:
                self.__exit__()
                raise
        return self

    @contextlib.contextmanager
    def _played(self) -> Iterator[list[str]]:
        """Yield the arguments for the provider to play; their file exists until the sandbox has announced itself."""
        with tempfile.TemporaryDirectory(prefix="nexmo-sandbox-") as directory:
            like = self._like
            if isinstance(like, Provider):
                path = Path(directory, "provider.json")
                path.write_text(json.dumps(like.to_dict()), encoding="utf-8")
                like = path
            yield [] if like is None else ["--like", os.fspath(like)]

    def _is_announced(self, facts: dict[str, Any]) -> None:
        self.url, self.consumer_key = facts["url"], facts["consumer_key"]
        self.consumer_secret = facts["consumer_secret"]
        self.provider, self.private_key = Provider.from_dict(facts["provider"]), facts["private_key"]
        self.endpoints = under(f"{self.url}/oauth", api=self.url)

    def __exit__(self, *exc_info: object) -> None:
        self._stop()
        self._errors.close()

    def approve(self, request_token: Asked, *, watch: PageWatcher | None = None) -> str:
        """Sign in and approve on the sandbox's pages; return the verification code, "" if the provider issues no code.

        ``request_token`` may also be the authorization URI. ``watch`` is called with each response.
        """
        with Browser(watch) as browser:
            return browser.approve(self._authorize_url(request_token))

    def deny(self, request_token: Asked, *, watch: PageWatcher | None = None) -> None:
        """Sign in and deny on the sandbox's pages."""
        with Browser(watch) as browser:
            browser.deny(self._authorize_url(request_token))

    def access_token(self) -> AccessToken:
        """Run the whole flow and return the new access token. Earlier access tokens are revoked."""
        http = httpx.Client(trust_env=False)
        with http, Nexmo(self.consumer_key, self.consumer_secret, endpoints=self.endpoints, http=http) as nexmo:
            request_token = nexmo.request_token()
            return nexmo.access_token(request_token, self.approve(request_token))

    def _authorize_url(self, request_token: Asked) -> str:
        if isinstance(request_token, TemporaryCredentials):
            key = request_token.identifier
        else:
            key = request_token if isinstance(request_token, str) else request_token.key
        if "://" in key:
            return key
        path = "authorize" if self.provider.authorization == self.endpoints.authorize else "consent"
        return f"{self.url}/oauth/{path}?oauth_token={key}"

    def _line(self) -> bytes:
        lines: queue.Queue[bytes] = queue.Queue()
        stdout = self._process.stdout
        assert stdout is not None
        # In a thread, because not every platform can read a pipe with a deadline.
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
