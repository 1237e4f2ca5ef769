"""Running the sandbox: a socket, a database, uvicorn."""

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
LIMIT = 64  # connections, the one that is to be answered among them
HEAD_DEADLINE = 10  # seconds for the request line and the header fields
BODY_DEADLINE = 20  # seconds for what comes after them
HEAD_END = re.compile(rb"\r?\n\r?\n")
FOLD = re.compile(rb"\n[ \t]")


class Announcement(NamedTuple):
    """Where the sandbox listens, and who may use it; ``private_key`` is PEM, "" unless the client signs with it."""

    url: str
    consumer_key: str
    consumer_secret: str
    provider: Provider
    private_key: str

    def facts(self) -> dict[str, Any]:
        """Return what one line of JSON says."""
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
    """Serve until SIGTERM or SIGINT; to be called from the main thread.

    Port 0 takes a free one. Without ``database`` a temporary one is used, and removed at the end; with one
    that exists, ``callback`` and ``name`` change what is registered. ``announce`` gets an Announcement once
    connections are accepted. ``like`` names another provider to play, or a file that holds one. Raises ValueError
    for a ``callback`` that no client may have, a ``like`` that cannot be played, or a ``host`` that others can reach
    unless ``allow_remote``. ``make_app`` takes the arguments of ``create_app``.
    """
    played = playing.played(like)
    if callback is not None and not provider.is_callback(callback):
        raise ValueError("callback is neither an https URL nor http to a loopback IP address")
    if not allow_remote and not provider.is_loopback(host):
        raise ValueError("host is not a loopback IP address: others could reach this test tool")
    # uvicorn handles a signal, then raises it again; this way the temporary database goes too.
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
    # In the file of the clients: where no nonces are yet, nothing that these signed was ever accepted.
    nonces = SQLiteNonceStore(database, epoch=0)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named.
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
            proxy_headers=False,  # or a client could choose the scheme that its signature is checked with
            server_header=False,
            date_header=make_app is create_app,  # another has a clock of its own
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
    """uvicorn's server, telling when it listens."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self.announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.announce()


class PatientOnce(H11Protocol):
    """uvicorn's protocol, which would wait forever for a request, with a deadline for its head and its body."""

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
        """Where as many are connected as may be, hang up on the one who has kept us waiting for its request longest."""
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
            self.send_400_response("A header field is folded.")
        else:
            super().handle_events()


def registered_client(store: Store, callback: str | None, name: str | None) -> tuple[str, str]:
    """Return consumer key and secret; a new database gets them, its user and the balance here."""
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
