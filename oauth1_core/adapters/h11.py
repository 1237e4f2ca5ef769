"""Receive the callback of a login (RFC 5849 section 2.2): a web server on 127.0.0.1, with h11.

    with Receiver() as receiver:
        temporary = flow.temporary_credentials(receiver.url)
        receiver.expect(temporary)
        receiver.open(flow.authorization_uri(temporary))
        verifier = receiver.wait(120)

The wait ends only with a GET request for ``url``, which has a random path. The request must contain the identifier of
the temporary credentials, and no parameter twice. Every other request gets a fixed error page. After the callback the
browser is redirected to a page whose address does not contain the verification code.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import socket
import threading
import webbrowser
from concurrent.futures import Future, InvalidStateError, wait
from contextlib import suppress
from http import HTTPStatus

import h11

from ..authorization import parse_callback
from ..errors import AuthorizationDenied, AuthorizationError, CallbackMismatch
from ..parameters import decode_form

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..credentials import TemporaryCredentials

    PageText = tuple[str, str]  # title and text

__all__ = ["Receiver"]

ADDRESS = "127.0.0.1"
CONNECTION_DEADLINE = 5  # seconds for a request and its response
PAGE_DEADLINE = 2  # seconds for a browser to fetch the last page
HEAD_LIMIT = 16_384  # octets

APPROVED = ("You approved the request", "The command line finishes the login. You can close this window.")
DENIED = ("You denied the request", "The application has no access. You can close this window.")
INCOMPLETE = ("The login was not completed", "The server sent no verification code. Start the login again.")
ERRORS = {
    400: ("This is another login", "The command line is still waiting for its own login. Go back to it."),
    404: ("There is nothing here", "This server only receives the end of a login."),
    405: ("Method not allowed", "This address accepts only GET requests."),
    409: ("This login has already ended", "Only the first answer counts. You can close this window."),
    414: ("The address is too long", "The command line is still waiting for the end of a login."),
    421: ("Wrong host name", "The command line answers only at the address of its callback."),
    431: ("The request headers are too large", "The command line is still waiting for the end of a login."),
}
PAGE = """\
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{title} - {program}</title>
  <style>{style}</style>
</head>
<body>
  <header><span class="brand">{program} <span>command line</span></span></header>
  <main>
<section class="card">
  <h1>{title}</h1>
  <p>{text}</p>
</section>
  </main>
  <footer>This page comes from the {program} command on this machine.</footer>
</body>
</html>
"""
HEADERS = (
    "Content-Security-Policy: default-src 'none'; style-src 'sha256-{digest}'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Frame-Options: DENY",
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    "Referrer-Policy: no-referrer",
    "Content-Type: text/html; charset=utf-8",
    "Connection: close",
)


class Receiver:
    """A web server that runs during its ``with`` block; ``url`` is the callback.

    :param port: the port on 127.0.0.1; with 0, the default, the system chooses a free port.
    :param program: the name of the command on the pages; ``"oauth1"`` by default.
    :param style: the stylesheet of the pages, as CSS; empty by default.
    :raises OSError: when the block is entered, if the port cannot be used.
    """

    url: str

    def __init__(self, port: int = 0, *, program: str = "oauth1", style: str = "") -> None:
        self._port = port
        self._program = program
        self._style = style
        self._path = f"/callback/{secrets.token_hex(16)}"
        self._temporary: TemporaryCredentials | None = None
        self._outcome: Future[str] = Future()
        self._last_page: PageText | None = None
        self._shown = threading.Event()
        self._started = threading.Event()

    def __enter__(self) -> Receiver:
        try:
            self._listener = socket.create_server((ADDRESS, self._port))
        except OSError as error:
            raise OSError(f"port {self._port} cannot be used for the callback: {error.strerror}") from error
        self._host = f"{ADDRESS}:{self._listener.getsockname()[1]}"
        self.url = f"http://{self._host}{self._path}"
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),), daemon=True)
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._last_page is not None:
            self._shown.wait(PAGE_DEADLINE)
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def expect(self, temporary: TemporaryCredentials) -> None:
        """Set the temporary credentials whose callback ends the wait. Before this call, every callback is refused."""
        self._temporary = temporary

    def open(self, url: str) -> threading.Thread:
        """Open ``url`` in this machine's browser, or in the browser that the environment variable BROWSER names.

        If the browser cannot be opened, :meth:`wait` raises OSError. Some browsers return at once, others when they are
        closed: the returned thread ends at that time.
        """

        def browse() -> None:
            if not webbrowser.open(url):
                self._settle(OSError("the browser did not open, or ended with an error"))

        thread = threading.Thread(target=browse, daemon=True)
        thread.start()
        return thread

    def wait(self, seconds: float) -> str:
        """Wait for the callback, and return the verification code.

        :param seconds: how long to wait.
        :raises AuthorizationDenied: if the resource owner denied access.
        :raises AuthorizationError: if the callback holds no verification code.
        :raises TimeoutError: if no callback arrived in time.
        :raises OSError: if the browser could not be opened.
        """
        if not wait([self._outcome], seconds).done:
            self._settle(TimeoutError(f"no callback arrived within {seconds:g} seconds"))
        return self._outcome.result()

    def _settle(self, outcome: str | Exception) -> bool:
        """Set the outcome, unless it is already set. Return True if this call has set it."""
        try:
            if isinstance(outcome, str):
                self._outcome.set_result(outcome)
            else:
                self._outcome.set_exception(outcome)
        except InvalidStateError:
            return False
        return True

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, sock=self._listener)
        self._started.set()
        await self._stop.wait()
        server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The task is cancelled at the end; Python 3.11 would print the CancelledError if it left this method.
        with suppress(OSError, EOFError, asyncio.TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(self._converse(reader, writer), CONNECTION_DEADLINE)
        writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        if isinstance(request, int):
            status, page, with_body = request, ERRORS[request], True
        else:
            status, page = self._answer(request)
            with_body = request.method != b"HEAD"
        writer.write(self._response(status, page, with_body))
        writer.write_eof()
        if status == 200:
            self._shown.set()
        # If octets are unread, close() resets the connection, and the response might be lost.
        while await reader.read(HEAD_LIMIT):
            pass

    def _answer(self, request: h11.Request) -> tuple[int, PageText]:
        target = request.target.decode("ascii")
        path, _, query = target.partition("?")
        if [value for name, value in request.headers if name == b"host"] != [self._host.encode()]:
            return 421, ERRORS[421]  # another host name that resolves to this address is a DNS rebinding attack
        if request.method != b"GET":
            return 405, ERRORS[405]
        if path == self._path:
            return self._take(target, [name for name, _ in decode_form(query)])
        if path == f"{self._path}/done" and self._last_page is not None:
            return 200, self._last_page
        return 404, ERRORS[404]

    def _take(self, target: str, names: list[str]) -> tuple[int, PageText]:
        if self._temporary is None or len(set(names)) != len(names):
            return 400, ERRORS[400]
        outcome: str | Exception
        try:
            outcome, page = parse_callback(target, self._temporary), APPROVED
        except CallbackMismatch:
            return 400, ERRORS[400]
        except AuthorizationDenied as denied:
            outcome, page = denied, DENIED
        except AuthorizationError as incomplete:
            outcome, page = incomplete, INCOMPLETE
        if not self._settle(outcome):
            return 409, ERRORS[409]
        self._last_page = page
        return 303, page

    def _response(self, status: int, page: PageText, with_body: bool) -> bytes:
        title, text = page
        body = PAGE.format(title=title, text=text, style=self._style, program=self._program).encode()
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *HEADERS, f"Content-Length: {len(body)}"]
        lines += {303: [f"Location: {self._path}/done"], 405: ["Allow: GET"]}.get(status, [])
        return "\r\n".join([*lines, "", ""]).format(digest=digest).encode() + (body if with_body else b"")


async def read_request(reader: asyncio.StreamReader) -> h11.Request | int:
    """Return the request, or the HTTP status to refuse it with; raises EOFError if the client sent nothing."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_LIMIT)
    try:
        event = connection.next_event()
        while event is h11.NEED_DATA:
            connection.receive_data(await reader.read(HEAD_LIMIT))
            event = connection.next_event()
    except h11.RemoteProtocolError as error:
        if error.error_status_hint != 431:
            return 400
        return 431 if b"\n" in connection.trailing_data[0] else 414
    if not isinstance(event, h11.Request):
        raise EOFError
    return event
