"""The command line: ``python -m nexmo``."""
from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Annotated, Optional

import typer

from oauth1_core import OAuth1Error

from . import demo as walkthrough
from .errors import NexmoError
from .sandbox.server import serve

app = typer.Typer(
    help="Nexmo's OAuth flow and signed API calls, on a provider of your own.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals hold secrets
)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65535)] = 0,
    database: Annotated[Optional[Path], typer.Option(help="Keep everything in this file.")] = None,
    callback: Annotated[
        Optional[str], typer.Option(help="The callback to register; over http to a loopback IP its port is free.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Announce in one line of JSON.")] = False,
) -> None:
    """Run the stand-in for Nexmo's retired service on 127.0.0.1, until Ctrl-C."""

    def announce(url: str, consumer_key: str, consumer_secret: str) -> None:
        if as_json:
            ready = {"url": url, "consumer_key": consumer_key, "consumer_secret": consumer_secret}
            print(json.dumps(ready), flush=True)
        else:
            print(f"The sandbox listens on {url} - open it in a browser to see what it offers.")
            print(f"  consumer key     {consumer_key}\n  consumer secret  {consumer_secret}")
            print(f"Its inspector shows what clients send, and why it is refused: {url}/inspector")
            print("Ctrl-C stops it.", flush=True)

    try:
        serve(port=port, database=database, callback=callback, announce=announce)
    except (OSError, ValueError, sqlite3.Error, OAuth1Error) as error:
        typer.echo(f"The sandbox cannot start: {error}", err=True)
        raise typer.Exit(1) from None


@app.command()
def demo(
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Wait for a person with a browser to press Authorize.")
    ] = False,
) -> None:
    """Walk the whole flow against a sandbox and send a signed SMS, showing every request."""
    try:
        walkthrough.run(interactive=interactive)
    except (NexmoError, OAuth1Error) as error:
        typer.echo(f"The demo stopped: {error}", err=True)
        raise typer.Exit(1) from None
