"""Running the sandbox: a socket, a database, uvicorn."""
from __future__ import annotations

import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

from oauth1_core.nonce_stores.memory import MemoryNonceStore

from . import provider
from .app import LOOPBACK_NAMES, SEED_PASSWORD, SEED_USER, create_app
from .store import Store

CALLBACK = "http://127.0.0.1/callback"
CLIENT_NAME = "Example application"
SEED_BALANCE = 10_280_000  # millionths of a euro
NONCES = 100_000

Announce = Callable[[str, str, str], None]


def serve(
    port: int = 0,
    database: str | Path | None = None,
    callback: str | None = None,
    announce: Announce = lambda url, consumer_key, consumer_secret: None,
    *,
    name: str | None = None,
    host: str = "127.0.0.1",
    allow_remote: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT; to be called from the main thread.

    Port 0 takes a free one. Without ``database`` a temporary one is used, and removed at the end; with one
    that exists, ``callback`` and ``name`` change what is registered. ``announce`` gets URL, consumer key and
    consumer secret once connections are accepted. Raises ValueError for a ``callback`` that no client may
    have, or a ``host`` that others can reach unless ``allow_remote``.
    """
    if callback is not None and not provider.is_callback(callback):
        raise ValueError("callback is neither an https URL nor http to a loopback IP address")
    if not allow_remote and not provider.is_loopback(host):
        raise ValueError("host is not a loopback IP address: others could reach this test tool")
    # uvicorn handles a signal, then raises it again; this way the temporary database goes too.
    handlers = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with tempfile.TemporaryDirectory(prefix="nexmo-sandbox-") as directory:
            run(port, database or Path(directory, "sandbox.sqlite"), callback, announce, name, host)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def run(
    port: int, database: str | Path, callback: str | None, announce: Announce, name: str | None, host: str
) -> None:
    store = Store(database)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        consumer_key, consumer_secret = registered_client(store, callback, name)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        port = listener.getsockname()[1]
        address = f"[{host}]" if ":" in host else host
        # Nothing can have been accepted for a client that did not exist.
        nonces = MemoryNonceStore(capacity=NONCES, epoch=0 if store.is_new else None)
        config = uvicorn.Config(
            create_app(store, nonces, port, names={*LOOPBACK_NAMES, address}),
            http="h11",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,  # verification codes travel in URLs
            proxy_headers=False,  # or a client could choose the scheme that its signature is checked with
            server_header=False,
            limit_concurrency=64,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=3,
        )
        server = Server(config, lambda: announce(f"http://{address}:{port}", consumer_key, consumer_secret))
        server.run(sockets=[listener])
    finally:
        listener.close()
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
