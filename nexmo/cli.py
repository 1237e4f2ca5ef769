"""The command line: ``nexmo``, also ``python -m nexmo``. This module only parses arguments and prints results."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import warnings
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, NoReturn, Optional

import httpx
import typer
from rich.console import Console

from oauth1_core import AuthorizationDenied, OAuth1Error, __version__, form_encoded_body, keeps_secrets, request_uri
from oauth1_core.debugging.explaining import visible

from .__main__ import how_to_install
from .callback import Receiver
from .client import Nexmo
from .endpoints import NEXMO, Endpoints, under
from .errors import CallbackError, NexmoError, StoreError, printable
from .token_store import Profile, TokenStore

REFUSED, MISUSED, NOT_LOGGED_IN, NOT_APPROVED, NO_STORE = 1, 2, 3, 4, 5
EPILOG = """
Exit codes:
0    done
1    the service refused the request, or gave no reply or an invalid reply
2    wrong usage
3    not logged in, or access token no longer valid; login: already logged in
4    login: denied, not answered in time, or no browser or free port found
5    the token store cannot be read or written
130  stopped by Ctrl-C

NEXMO_CONSUMER_KEY and NEXMO_CONSUMER_SECRET take precedence over the consumer
key and secret in the profile. If neither has them, login asks for them.
"""

OTHER_KEY = (
    "A sandbox without --database has a new consumer key after each start: run nexmo logout, then nexmo login"
    " --sandbox URL. If NEXMO_CONSUMER_KEY and NEXMO_CONSUMER_SECRET are set, change them first"
)

app = typer.Typer(
    help="Nexmo's OAuth flow, signed API calls, and a sandbox to test with.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals hold secrets
)


def show_version(wanted: bool) -> None:
    if wanted:
        print(f"nexmo (oauth1-nexmo) {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def service_url(value: Optional[str]) -> Optional[str]:
    if value is None:
        return None
    try:
        url = str(httpx.URL(value)).rstrip("/")  # always the same text for one URL, because profiles are compared by it
        if keeps_secrets(url):
            return url
    except (httpx.InvalidURL, OAuth1Error):
        pass
    raise typer.BadParameter("the URL must be https, or http with a loopback IP address such as 127.0.0.1")


def relative_path(value: str) -> str:
    try:
        url = httpx.URL(value)
    except httpx.InvalidURL as error:
        raise typer.BadParameter(str(error)) from None
    if url.host or url.scheme:
        raise typer.BadParameter("give a path such as sms/json, not a URL with a host")
    return value


ProfileName = Annotated[str, typer.Option("--profile", envvar="NEXMO_PROFILE", help="Name of the profile to use.")]
SandboxUrl = Annotated[
    Optional[str],
    typer.Option(
        "--sandbox", metavar="URL", callback=service_url, help="Fail unless the profile belongs to this sandbox."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")]


@app.command()
def login(
    profile: ProfileName = "default",
    sandbox: Annotated[
        Optional[str],
        typer.Option(
            "--sandbox", metavar="URL", callback=service_url, help="Sandbox to log in to; the profile remembers it."
        ),
    ] = None,
    oob: Annotated[
        bool, typer.Option("--oob", help="Print the URL and ask for the code, for a machine without a browser.")
    ] = False,
    authenticate: Annotated[
        bool, typer.Option("--authenticate", help="Do not ask a user again who has approved this consumer key before.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Log in again, even though this invalidates the current access token.")
    ] = False,
    port: Annotated[
        int, typer.Option(help="Port on 127.0.0.1 for the callback; 0 chooses a free port.", min=0, max=65535)
    ] = 0,
    timeout: Annotated[int, typer.Option(help="Seconds to wait for the browser.", min=1)] = 120,
    as_json: AsJson = False,
) -> None:
    """Log in: ask the user for approval in the browser, and store the access token for the other commands."""
    with explained():
        store = TokenStore()
        known = store.read()
        kept = known.get(profile)
        if kept is not None and sandbox not in (None, kept.sandbox):
            kept = None  # this profile belongs to another service, so its consumer key cannot be used
        if kept is not None:
            sandbox = kept.sandbox
        if sandbox is None:
            stop(MISUSED, "Nexmo's OAuth service has been retired: run nexmo sandbox, and pass its URL with --sandbox")
        key, secret = consumer(kept)
        in_use = {name for name, each in known.items() if each.access_token}
        invalidated = {name for name in in_use if (known[name].consumer_key, known[name].sandbox) == (key, sandbox)}
        ended = invalidated | in_use & {profile}
        if ended and not force:
            stop(
                NOT_LOGGED_IN,
                f"already logged in (profile {', '.join(sorted(ended))}). A new login invalidates that access token as"
                " soon as it begins. To log in anyway, use --force.",
            )
        in_terminal = not oob and browses_in_terminal()
        with store.changing():
            pass  # fail now if the store cannot be written, before a login begins
        listening = nullcontext() if oob else Receiver(port)
        with Nexmo(key, secret, endpoints=endpoints_of(sandbox)) as nexmo, listening as receiver:
            request_token = nexmo.request_token(receiver.url if receiver else "oob")
            with store.changing() as profiles:
                for name in invalidated & profiles.keys():
                    profiles[name] = replace(profiles[name], access_token=None)
            page = (nexmo.authenticate_url if authenticate else nexmo.authorize_url)(request_token)
            typer.echo(f"Open the following URL and press Authorize:\n{page}", err=True)
            if receiver is None:
                verifier = "".join(prompted("Code, or an empty line if the request was denied").split())
                if not verifier:
                    stop(NOT_APPROVED, "no code was entered, so this program has no access")
            else:
                receiver.expect(request_token)
                browser = receiver.open(page)
                with nullcontext() if in_terminal else Console(stderr=True).status("Waiting for the browser"):
                    verifier = receiver.wait(timeout)
                if in_terminal:
                    browser.join()  # until it gives the terminal back
            kept = Profile(key, secret, sandbox, nexmo.access_token(request_token, verifier))
        with store.changing() as profiles:
            profiles[profile] = kept
    show_login(profile, kept, as_json)


@app.command()
def logout(profile: ProfileName = "default") -> None:
    """Delete a profile. Its access token stays valid until you revoke it on the service's website."""
    with explained(), TokenStore().changing() as profiles:
        if profiles.pop(profile, None) is None:
            stop(NOT_LOGGED_IN, f"there is no profile {profile}")


@app.command()
def whoami(profile: ProfileName = "default", sandbox: SandboxUrl = None, as_json: AsJson = False) -> None:
    """Check that the service accepts the access token, then show the login."""
    with logged_in(profile, sandbox) as (kept, nexmo):
        nexmo.balance()
    show_login(profile, kept, as_json)


@app.command()
def sms(
    to: Annotated[str, typer.Argument(metavar="TO", help="Telephone number of the recipient.")],
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    sender: Annotated[str, typer.Option("--from", help="Name or number of the sender.")],
    profile: ProfileName = "default",
    sandbox: SandboxUrl = None,
    as_json: AsJson = False,
) -> None:
    """Send a text message, and show its price in euros."""
    with logged_in(profile, sandbox) as (_, nexmo):
        sent = nexmo.send_sms(sender=sender, to=to, text=text)
    if as_json:
        show(asdict(sent))
        return
    for message in sent.messages:
        typer.echo(printable(f"SMS {message.message_id} to {message.to} accepted for {message.message_price} euros."))


@app.command()
def balance(profile: ProfileName = "default", sandbox: SandboxUrl = None, as_json: AsJson = False) -> None:
    """Show the account balance in euros."""
    with logged_in(profile, sandbox) as (_, nexmo):
        left = nexmo.balance()
    if as_json:
        show(asdict(left))
    else:
        typer.echo(f"{left.value} euros")


@app.command()
def call(
    method: Annotated[str, typer.Argument(metavar="METHOD")],
    path: Annotated[
        str, typer.Argument(metavar="PATH", callback=relative_path, help="Path of the call, such as sms/json.")
    ],
    parameters: Annotated[
        Optional[list[str]],
        typer.Argument(
            metavar="KEY=VALUE...", help="Parameters: in the form of a POST, PUT or PATCH, else in the query."
        ),
    ] = None,
    profile: ProfileName = "default",
    sandbox: SandboxUrl = None,
) -> None:
    """Send any signed request to the API, and print the body of the response."""
    pairs = [(name, value) for name, equals, value in (each.partition("=") for each in parameters or ()) if equals]
    if len(pairs) != len(parameters or ()):
        raise typer.BadParameter("each parameter must have the form KEY=VALUE")
    method = method.upper()
    form = {}
    if method in ("POST", "PUT", "PATCH"):
        form = {"content": form_encoded_body(pairs), "headers": {"Content-Type": "application/x-www-form-urlencoded"}}
    with logged_in(profile, sandbox) as (_, nexmo):
        response = nexmo.request(method, path if form else request_uri(pairs, path), **form)
        if sys.stdout.isatty():
            typer.echo("\n".join(map(visible, response.text.splitlines())))
        else:
            typer.echo(response.content, nl=False)
        if not response.is_success:
            nexmo.accepted(response)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 chooses a free port.", min=0, max=65535)] = 0,
    database: Annotated[
        Optional[Path], typer.Option(help="SQLite file for all data. Without it, the data is deleted at the end.")
    ] = None,
    callback: Annotated[
        Optional[str],
        typer.Option(help="Callback to register. For http with a loopback IP address, clients may use any port."),
    ] = None,
    like: Annotated[
        Optional[str],
        typer.Option(
            metavar="PROVIDER",
            help="Provider to play besides Nexmo: discogs, flickr, x ..., or a JSON or TOML file with one.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the URL, consumer key and secret as JSON.")] = False,
) -> None:
    """Run the sandbox, a local replacement for Nexmo's retired service, on 127.0.0.1. Stop it with Ctrl-C."""
    try:
        # Imported here, because the other commands do not need the web framework and its import is slow.
        from .sandbox.announcing import announcing
        from .sandbox.server import serve

        with announcing(like, as_json=as_json) as announce:
            serve(port=port, database=database, callback=callback, like=like, announce=announce)
    except ModuleNotFoundError as missing:
        stop(REFUSED, how_to_install(missing.name, "sandbox"))
    except (OSError, ValueError, sqlite3.Error, OAuth1Error) as error:
        typer.echo(f"The sandbox cannot start: {error}", err=True)
        raise typer.Exit(REFUSED) from None


@app.command()
def demo(
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Wait until a user presses Authorize in a browser.")
    ] = False,
) -> None:
    """Run the whole flow against a sandbox, send a signed SMS, and show every request."""
    from . import demo as walkthrough
    from .sandbox import SandboxError

    try:
        walkthrough.run(interactive=interactive)
    except (NexmoError, OAuth1Error, SandboxError) as error:
        typer.echo(f"The demo stopped: {error}", err=True)
        raise typer.Exit(REFUSED) from None


# Functions that several commands use


def consumer(kept: Profile | None) -> tuple[str, str]:
    """Return the consumer key and secret."""
    key = os.environ.get("NEXMO_CONSUMER_KEY") or (kept.consumer_key if kept else ask("Consumer key"))
    secret = os.environ.get("NEXMO_CONSUMER_SECRET") or (
        kept.consumer_secret if kept and kept.consumer_key == key else ask("Consumer secret", hidden=True)
    )
    return key, secret


def ask(what: str, *, hidden: bool = False) -> str:
    if not sys.stdin.isatty():
        stop(
            MISUSED,
            f"{what} is missing and cannot be asked for without a terminal: set NEXMO_CONSUMER_KEY and"
            " NEXMO_CONSUMER_SECRET",
        )
    return prompted(what, hidden=hidden).strip()


def prompted(what: str, *, hidden: bool = False) -> str:
    try:
        answer: str = typer.prompt(what, default="", show_default=False, hide_input=hidden, err=True)
    except typer.Abort as abort:
        # typer raises Abort for Ctrl-C and for the end of the input.
        if isinstance(abort.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        stop(MISUSED, "the input ended before anything was entered")
    return answer


def browses_in_terminal() -> bool:
    """Return whether the default browser runs in the terminal, as text browsers do."""
    try:
        return type(webbrowser.get()) is webbrowser.GenericBrowser
    except webbrowser.Error:
        raise CallbackError("no browser was found: name one in BROWSER, or use --oob") from None


def endpoints_of(sandbox: str | None) -> Endpoints:
    return under(f"{sandbox}/oauth", api=sandbox) if sandbox else NEXMO


@contextmanager
def logged_in(profile: str, sandbox: str | None) -> Iterator[tuple[Profile, Nexmo]]:
    """Yield the profile and a client that uses its access token."""
    with explained():
        kept = TokenStore().read().get(profile)
        if kept is None or kept.access_token is None or sandbox not in (None, kept.sandbox):
            where = f" to {sandbox}" if sandbox else ""
            stop(NOT_LOGGED_IN, f"profile {profile} is not logged in{where}: run nexmo login")
        endpoints = endpoints_of(kept.sandbox)
        with Nexmo(
            kept.consumer_key, kept.consumer_secret, access_token=kept.access_token, endpoints=endpoints
        ) as nexmo:
            yield kept, nexmo


@contextmanager
def explained() -> Iterator[None]:
    """Print an error in one line, then exit with its exit code."""
    with warnings.catch_warnings():
        warnings.showwarning = show_warning
        try:
            yield
        except (AuthorizationDenied, CallbackError) as error:
            stop(NOT_APPROVED, str(error))
        except StoreError as error:
            stop(NO_STORE, str(error))
        except NexmoError as error:
            if error.problem == "permission_denied":
                stop(NOT_APPROVED, str(error))
            if error.problem == "consumer_key_unknown":
                stop(REFUSED, f"{error}. {OTHER_KEY}")
            if (error.problem or "").startswith("token_"):
                stop(NOT_LOGGED_IN, f"{error}. To log in again, run nexmo login --force")
            stop(REFUSED, str(error))
        except OAuth1Error as error:
            stop(REFUSED, str(error))


def show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    typer.echo(f"nexmo: {message}", err=True)


def stop(code: int, message: str) -> NoReturn:
    typer.echo(f"nexmo: {printable(message)}", err=True)
    raise typer.Exit(code)


def show_login(name: str, kept: Profile, as_json: bool) -> None:
    assert kept.access_token is not None
    facts = {
        "profile": name,
        "service": kept.sandbox or NEXMO.api,
        "consumer_key": kept.consumer_key,
        "access_token": kept.access_token.key,
    }
    if as_json:
        show(facts)
    else:
        typer.echo("\n".join(f"{what.replace('_', ' '):14}{printable(fact)}" for what, fact in facts.items()))


def show(value: object) -> None:
    typer.echo(json.dumps(value, default=str))
