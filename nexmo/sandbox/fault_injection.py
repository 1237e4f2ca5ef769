"""Simulated faults: a layer around the sandbox's application, for tests of clients.

``python -m nexmo.sandbox.fault_injection`` is a sandbox that takes commands on its standard input, so only the process
that started it can cause faults. Each command and each answer is one line of JSON. If the sandbox has a rule for the
case, the fault makes that rule apply, so the response is a genuine refusal.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection
from contextvars import ContextVar
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from oauth1_core import SigningError, decode_form, form_encoded_body

from .app import create_app
from .playing import played
from .responses import error_page
from .server import Announcement, announced, registered_client, serve

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from oauth1_core import NonceStore

    from .playing import Played
    from .store import Store

REQUEST_TOKEN, ACCESS_TOKEN = "/oauth/request_token", "/oauth/access_token"
API = ("/sms/json", "/account/get-balance")
SIGNED = (REQUEST_TOKEN, ACCESS_TOKEN, *API)

# State of the current request; context variables are passed on to its threads.
SECONDS_AHEAD: ContextVar[float] = ContextVar("SECONDS_AHEAD", default=0)
NONCE_USED: ContextVar[bool] = ContextVar("NONCE_USED", default=False)


@dataclass
class InjectedFault:
    """An active fault. It affects the next ``left`` requests to ``paths``, or all of them if ``left`` is None."""

    name: str
    facts: dict[str, Any]
    paths: Collection[str]
    left: int | None
    met: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def meets(self, path: str) -> bool:
        if self.over.is_set() or self.left == 0 or path not in self.paths:
            return False
        self.met += 1
        if self.left is not None:
            self.left -= 1
        return True

    async def pause(self, seconds: float) -> None:
        """Wait, but no longer than the fault lasts."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.over.wait(), seconds)


# Each of these functions takes an application, the fault, the store and the facts; it returns the faulty application.


def skewed_clock(app: ASGIApp, fault: InjectedFault, store: Store, *, seconds: float) -> ASGIApp:
    """The sandbox's clock is ``seconds`` ahead, or behind if ``seconds`` is negative."""

    async def skewed(scope: Scope, receive: Receive, send: Send) -> None:
        SECONDS_AHEAD.set(seconds)
        await app(scope, receive, send)

    return skewed


def used_nonce(app: ASGIApp, fault: InjectedFault, store: Store) -> ASGIApp:
    """The nonce counts as already used."""

    async def replayed(scope: Scope, receive: Receive, send: Send) -> None:
        NONCE_USED.set(True)
        await app(scope, receive, send)

    return replayed


def token_revoked(app: ASGIApp, fault: InjectedFault, store: Store) -> ASGIApp:
    """The user revokes the access token just before the request. The token stays revoked."""

    async def revoked(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.to_thread(store.revoke, store.first_consumer_key() or "")
        await app(scope, receive, send)

    return revoked


def callback_confirmed(app: ASGIApp, fault: InjectedFault, store: Store, *, value: str | None = None) -> ASGIApp:
    """``oauth_callback_confirmed`` has the value ``value`` instead of ``true``, or is missing, as in OAuth 1.0."""

    async def unconfirmed(scope: Scope, receive: Receive, send: Send) -> None:
        starts: list[Message] = []

        async def alter(message: Message) -> None:
            if message["type"] == "http.response.start":
                starts.append(message)
                return
            (start,) = starts
            body = message["body"]
            if start["status"] == 200:
                pairs = [pair for pair in decode_form(body) if pair[0] != "oauth_callback_confirmed"]
                said = [] if value is None else [("oauth_callback_confirmed", value)]
                body = form_encoded_body(pairs + said).encode("ascii")
                MutableHeaders(scope=start)["Content-Length"] = str(len(body))
            await send(start)
            await send({**message, "body": body})

        await app(scope, receive, alter)

    return unconfirmed


def redirect(app: ASGIApp, fault: InjectedFault, store: Store, *, to: str, status: int = 302) -> ASGIApp:
    """The response is a redirect."""
    return Response(status_code=status, headers={"Location": to})


def error(app: ASGIApp, fault: InjectedFault, store: Store, *, status: int = 500) -> ASGIApp:
    """The response is an error page in HTML; the request is not carried out."""
    return error_page(status)


def slow(app: ASGIApp, fault: InjectedFault, store: Store, *, seconds: float) -> ASGIApp:
    """The request is carried out, but the response starts ``seconds`` later."""

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_later(message: Message) -> None:
            if message["type"] == "http.response.start":
                await fault.pause(seconds)
            await send(message)

        await app(scope, receive, send_later)

    return waiting


def trickle(app: ASGIApp, fault: InjectedFault, store: Store, *, seconds: float) -> ASGIApp:
    """The response starts at once, but its body is sent octet by octet, over ``seconds``."""

    async def trickling(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_drops(message: Message) -> None:
            body = message.get("body", b"")
            for octet in body:
                await send({"type": "http.response.body", "body": bytes([octet]), "more_body": True})
                await fault.pause(seconds / len(body))
            await send({**message, "body": b""} if body else message)

        await app(scope, receive, send_in_drops)

    return trickling


# The faults by name, with the paths that each affects by default.
KINDS: dict[str, tuple[Callable[..., ASGIApp], Collection[str]]] = {
    "skewed_clock": (skewed_clock, SIGNED),
    "used_nonce": (used_nonce, SIGNED),
    "token_revoked": (token_revoked, API),
    "callback_confirmed": (callback_confirmed, [REQUEST_TOKEN]),
    "redirect": (redirect, SIGNED),
    "error": (error, SIGNED),
    "slow": (slow, SIGNED),
    "trickle": (trickle, SIGNED),
}


class FaultInjection:
    """The application with its faults, and the commands that change the faults. Commands run in the event loop."""

    store: Store
    url: str
    fresh_app: Callable[..., ASGIApp]
    app: ASGIApp

    def __init__(self) -> None:
        self.faults: dict[int, InjectedFault] = {}
        self.numbers = itertools.count(1)

    def make_app(
        self, store: Store, nonces: NonceStore, port: int, *, names: Collection[str], playing: Played
    ) -> ASGIApp:
        self.store = store
        self.url = f"http://127.0.0.1:{port}"
        self.fresh_app = partial(create_app, store, Nonces(nonces), port, names=names, clock=provider_time)
        self.app = self.fresh_app(playing=playing)
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Date"] = formatdate(provider_time(), usegmt=True)
            await send(message)

        app: ASGIApp = self.app
        for fault in self.faults.values():
            if fault.meets(scope["path"]):
                app = KINDS[fault.name][0](app, fault, self.store, **fault.facts)
        await app(scope, receive, send_dated)

    # Commands

    def command(self, line: str) -> dict[str, Any]:
        """Carry out the command in ``line``; return the answer."""
        arguments = json.loads(line)
        commands: dict[str, Callable[..., dict[str, Any]]] = {
            "renew": self.renew,
            "begin": self.begin,
            "end": self.end,
            "met": self.met,
        }
        try:
            return commands[arguments.pop("do")](**arguments)
        except (TypeError, ValueError, SigningError) as mistake:
            return {"error": str(mistake)}

    def renew(self, callback: str | None = None, like: str | None = None) -> dict[str, Any]:
        """End all faults and delete all data; register a new consumer key, and the user again."""
        playing = played(like)
        self.end_all()
        with self.store.transaction():
            self.store.clear()
            consumer_key, consumer_secret = registered_client(self.store, callback, None)
        self.app = self.fresh_app(playing=playing)
        return announced(self.url, consumer_key, consumer_secret, playing).facts()

    def begin(
        self, name: str, facts: dict[str, Any], times: int | None = None, path: str | None = None
    ) -> dict[str, Any]:
        if name not in KINDS:
            raise ValueError(f"there is no fault {name!r}: the faults are {', '.join(KINDS)}")
        kind, paths = KINDS[name]
        inspect.signature(kind).bind(None, None, None, **facts)
        number = next(self.numbers)
        self.faults[number] = InjectedFault(name, facts, paths if path is None else [path], times)
        return {"number": number}

    def end(self, number: int) -> dict[str, Any]:
        self.faults[number].over.set()
        return {}

    def end_all(self) -> None:
        for fault in self.faults.values():
            fault.over.set()

    def met(self, number: int) -> dict[str, Any]:
        return {"met": self.faults[number].met}


class Nonces:
    """Wraps a nonce store, so that a skewed clock does not delete nonces that are needed later."""

    def __init__(self, nonces: NonceStore) -> None:
        self.nonces = nonces

    def claim(self, client_identifier: str, token_identifier: str, timestamp: int, nonce: str, now: float) -> bool:
        ahead = SECONDS_AHEAD.get()
        arguments = (client_identifier, token_identifier, timestamp - round(ahead), nonce, now - ahead)
        if NONCE_USED.get():
            self.nonces.claim(*arguments)
        return self.nonces.claim(*arguments)


def provider_time() -> float:
    return time.time() + SECONDS_AHEAD.get()


def main() -> None:
    """Serve until standard input ends."""
    faults = FaultInjection()

    def announce(announcement: Announcement) -> None:
        answer(announcement.facts())
        arguments = (faults, asyncio.get_running_loop())
        threading.Thread(target=take_commands, args=arguments, daemon=True).start()

    serve(announce=announce, make_app=faults.make_app)


def take_commands(faults: FaultInjection, loop: asyncio.AbstractEventLoop) -> None:
    def obey(line: str) -> None:
        answer(faults.command(line))

    def leave() -> None:
        faults.end_all()  # otherwise the server would wait for delayed responses
        signal.raise_signal(signal.SIGTERM)

    for line in sys.stdin:
        loop.call_soon_threadsafe(obey, line)
    loop.call_soon_threadsafe(leave)


def answer(values: dict[str, Any]) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    main()
