"""Run the sandbox: a socket, a database, uvicorn."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from oauth1_core.nonce_stores.sqlite import SQLiteNonceStore

from . import playing, provider
from .app import LOOPBACK_NAMES, SEED_PASSWORD, SEED_USER, create_app
from .store import Store

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from oauth1_core import Provider

__all__ = ["serve"]

CALLBACK = "http://127.0.0.1/callback"
CLIENT_NAME = "Example application"
SEED_BALANCE = 10_280_000  # millionths of a euro
LIMIT = 64  # connections, with the connection whose request is answered
HEAD_DEADLINE = 10  # seconds for the request line and the header fields
BODY_DEADLINE = 20  # seconds for the body
HEAD_END = re.compile(rb"\r?\n\r?\n")
FOLD = re.compile(rb"\n[ \t]")


class Announcement(NamedTuple):
    """The sandbox's URL, client and provider; ``private_key`` is the PEM of a client that signs with RSA, or ""."""

    url: str
    consumer_key: str
    consumer_secret: str
    provider: Provider
    private_key: str

    def facts(self) -> dict[str, Any]:
        """Return the values that can be written as JSON."""
        return {**self._asdict(), "provider": self.provider.to_dict()}


def announced(url: str, consumer_key: str, consumer_secret: str, played: playing.Played) -> Announcement:
    secret = consumer_secret if played.manners.client_has_secret else ""
    return Announcement(url, consumer_key, secret, played.moved(url), played.private_key)


Announce = Callable[[Announcement], None]


def serve(
    port: int = 0,
    database: str | Path | None = None,
    callback: str | None = None,
    announce: Announce = lambda announcement: None,
    *,
    like: str | None = None,
    name: str | None = None,
    host: str = "127.0.0.1",
    allow_remote: bool = False,
    make_app: Callable[..., ASGIApp] = create_app,
) -> None:
    """Serve until SIGTERM or SIGINT. Call this function from the main thread.

    With port 0 the system chooses a free port. Without ``database`` a temporary database is used, and deleted at the
    end. With an existing database, ``callback`` and ``name`` replace the registered values. When the sandbox
    accepts connections, it calls ``announce`` with an Announcement. To play another provider, pass its name, or a file
    with a provider, as ``like``. The arguments of ``make_app`` are the arguments of ``create_app``.

    Raises ValueError for a ``callback`` that is never allowed, a ``like`` that cannot be played, and a ``host`` that
    other machines can reach, unless ``allow_remote`` is true.
    """
    played = playing.played(like)
    if callback is not None and not provider.is_callback(callback):
        raise ValueError("callback must be an https URL, or an http URL with a loopback IP address")
    if not allow_remote and not provider.is_loopback(host):
        raise ValueError("host must be a loopback IP address, so that other machines cannot reach this test tool")
    # uvicorn handles a signal and raises it again; these handlers then let the temporary database be deleted.
    handlers = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with tempfile.TemporaryDirectory(prefix="nexmo-sandbox-") as directory:
            run(port, database or Path(directory, "sandbox.sqlite"), callback, announce, played, name, host, make_app)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def run(
    port: int,
    database: str | Path,
    callback: str | None,
    announce: Announce,
    played: playing.Played,
    name: str | None,
    host: str,
    make_app: Callable[..., ASGIApp],
) -> None:
    store = Store(database)
    # Nonces are in the clients' database file: without nonces, no request of these clients was accepted, so epoch=0 is
    # safe.
    nonces = SQLiteNonceStore(database, epoch=0)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only for a socket whose protocol is IPPROTO_TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        consumer_key, consumer_secret = registered_client(store, callback, name)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        port = listener.getsockname()[1]
        address = f"[{host}]" if ":" in host else host
        config = uvicorn.Config(
            make_app(store, nonces, port, names={*LOOPBACK_NAMES, address}, playing=played),
            http=PatientOnce,
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,  # verification codes travel in URLs
            proxy_headers=False,  # otherwise a client could choose the scheme with which its signature is verified
            server_header=False,
            date_header=make_app is create_app,  # another application has its own clock
            limit_concurrency=LIMIT,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=3,
        )
        url = f"http://{address}:{port}"
        announcement = announced(url, consumer_key, consumer_secret, played)
        server = Server(config, lambda: announce(announcement))
        server.run(sockets=[listener])
    finally:
        listener.close()
        nonces.close()
        store.close()


class Server(uvicorn.Server):
    """uvicorn's server; it calls ``announce`` when it listens."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self.announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.announce()


class PatientOnce(H11Protocol):
    """uvicorn's protocol with a deadline for the head and the body of a request; uvicorn alone would wait forever."""

    deadline: asyncio.TimerHandle | None = None
    watched: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own does
        super().connection_made(transport)
        self.make_room()
        self.watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self.watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self.forget_deadline()
        super().connection_lost(exc)

    def make_room(self) -> None:
        """If LIMIT connections are open, close the connection that has waited longest without sending a request."""
        connections: set[Any] = self.connections
        connected = [each for each in connections if not each.transport.is_closing()]
        waiting = [each for each in connected if each.deadline and each.watched is h11.IDLE]
        if waiting and len(connected) >= LIMIT:
            min(waiting, key=lambda each: each.deadline.when()).transport.close()

    def watch(self) -> None:
        state = self.conn.their_state
        if state is self.watched:
            return
        self.watched = state
        self.forget_deadline()
        seconds = {h11.IDLE: HEAD_DEADLINE, h11.SEND_BODY: BODY_DEADLINE}.get(state)
        if seconds is not None:
            self.deadline = self.loop.call_later(seconds, self.transport.close)

    def forget_deadline(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    def handle_events(self) -> None:
        head = HEAD_END.split(self.conn.trailing_data[0], maxsplit=1)[0]
        if self.conn.their_state is h11.IDLE and FOLD.search(head):
            # "MUST either reject the message by sending a 400 (Bad Request) ..." (RFC 9112 section 5.2)
            self.send_400_response("A header field is folded: send each header field on one line.")
        else:
            super().handle_events()


def registered_client(store: Store, callback: str | None, name: str | None) -> tuple[str, str]:
    """Return the consumer key and secret. A new database is filled with a client, a user and a balance."""
    with store.transaction():
        consumer_key = store.first_consumer_key()
        if consumer_key is None:
            consumer_key, secret = provider.new_credentials()
            store.add_client(consumer_key, secret, name or CLIENT_NAME, callback or CALLBACK)
            store.add_user(SEED_USER, SEED_PASSWORD, SEED_BALANCE)
            return consumer_key, secret
        store.change_client(consumer_key, name=name, callback=callback)
        return consumer_key, store.client_secret(consumer_key) or ""


def leave(number: int, frame: FrameType | None) -> None:
    sys.exit(0)
