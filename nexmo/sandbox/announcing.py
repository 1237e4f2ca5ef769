"""The text that the command ``nexmo sandbox`` prints when it listens: its URL, its consumer key and how to log in."""

from __future__ import annotations

import contextlib
import json
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .playing import ENDPOINTS
from .server import Announce, Announcement

__all__ = ["announcing"]


@contextlib.contextmanager
def announcing(like: str | None, *, as_json: bool) -> Iterator[Announce]:
    """Yield the function that ``serve`` calls; the files that its text names exist until the block ends."""
    with tempfile.TemporaryDirectory(prefix="nexmo-sandbox-") as directory:

        def announce(ready: Announcement) -> None:
            if as_json:
                lines = [json.dumps(ready.facts())]
            else:
                lines = [
                    f"The sandbox is running at {ready.url} (open this address in a browser).",
                    f"  consumer key     {ready.consumer_key}",
                    f"  consumer secret  {ready.consumer_secret or '(empty)'}",
                    f"The inspector shows the requests of clients, and why they were refused: {ready.url}/inspector",
                    *(how_to_log_in(ready, directory) if like else nexmo_login(ready)),
                    "Ctrl-C stops the sandbox.",
                ]
            print("\n".join(lines), flush=True)

        yield announce


def nexmo_login(ready: Announcement) -> list[str]:
    return [f"  to log in        nexmo login --sandbox {ready.url}"]


def how_to_log_in(ready: Announcement, directory: str) -> list[str]:
    """Return the endpoints of the provider that is played, and the command that logs in to it."""
    provider = Path(directory, "provider.json")
    provider.write_text(json.dumps(ready.provider.to_dict()), encoding="utf-8")
    lines = [f"The sandbox plays a provider with these endpoints, which are also in {provider}:"]
    methods = dict(zip(ENDPOINTS[::2], ready.provider.methods()))
    lines += [f"  {methods.get(name, 'GET'):4} {getattr(ready.provider, name)}" for name in ENDPOINTS]
    command = f"oauth1 login {shlex.quote(str(provider))} --client {ready.consumer_key} --oob"
    if ready.private_key:
        key = Path(directory, "client.pem")
        key.touch(0o600)
        key.write_text(ready.private_key, encoding="ascii")
        command += f" --key {shlex.quote(str(key))}"
    else:
        command = f"OAUTH1_CLIENT_SECRET={ready.consumer_secret} {command}"
    return [*lines, "To log in, run this command in another terminal:", f"  {command}"]
