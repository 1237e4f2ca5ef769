"""What the command ``nexmo sandbox`` prints once it listens: where, for whom, and how to log in."""

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
    """Give what ``serve`` calls; the files that it names are there until the block ends."""
    with tempfile.TemporaryDirectory(prefix="nexmo-sandbox-") as directory:

        def announce(ready: Announcement) -> None:
            if as_json:
                lines = [json.dumps(ready.facts())]
            else:
                lines = [
                    f"The sandbox listens on {ready.url} - open it in a browser to see what it offers.",
                    f"  consumer key     {ready.consumer_key}",
                    f"  consumer secret  {ready.consumer_secret or '(none: an empty one)'}",
                    f"Its inspector shows what clients send, and why it is refused: {ready.url}/inspector",
                    *(how_to_log_in(ready, directory) if like else nexmo_login(ready)),
                    "Ctrl-C stops it.",
                ]
            print("\n".join(lines), flush=True)

        yield announce


def nexmo_login(ready: Announcement) -> list[str]:
    return [f"  to log in        nexmo login --sandbox {ready.url}"]


def how_to_log_in(ready: Announcement, directory: str) -> list[str]:
    """Return the endpoints of the provider that is played, and the command that logs in to it."""
    provider = Path(directory, "provider.json")
    provider.write_text(json.dumps(ready.provider.to_dict()), encoding="utf-8")
    lines = [f"It plays a provider with these endpoints, written down in {provider}:"]
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
    return [*lines, "To log in, in another terminal:", f"  {command}"]
