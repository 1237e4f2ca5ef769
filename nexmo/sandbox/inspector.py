"""The inspector: what clients sent last, how it was answered and, where a signature is wrong, why.

    inspector = Inspector(store, origins, clock)
    app = inspector.watching(app)             # notes each request, and how it was answered
    InspectedVerifier(inspector, ...)         # diagnoses those whose signature is wrong

The last KEPT requests are in memory, of each text no more than LONGEST characters, and are lost at the end.
What could be a secret is masked, by its name or its look; signatures too, since with PLAINTEXT they are
the secrets. The signature that would have been right is nowhere: with it, whoever sees this page could sign.
"""

from __future__ import annotations

import datetime
import itertools
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

from oauth1_core import (
    AuthenticatedRequest,
    ClientCredentials,
    Credentials,
    Difference,
    Finding,
    InvalidClientCredentials,
    InvalidSignature,
    InvalidTimestamp,
    InvalidToken,
    OAuth1Error,
    TokenCredentials,
    UnsupportedVersion,
    VerificationError,
    Verifier,
    compare_base_strings,
    decode_form,
    diagnose,
    origin_of,
    parse_request,
)
from oauth1_core.debugging.explaining import Step, explain_base_string, visible

from ..endpoints import NEXMO
from .responses import ERRORS, UNKNOWN_ERROR

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from oauth1_core import Headers, Parameters, SignatureMethod

    from .store import Store

    Pieces = list[tuple[str, str]]

KEPT = 50
LONGEST = 16_384
# What is looked at in a browser says nothing about a client.
PAGES = frozenset([
    "/", "/favicon.ico", "/static/style.css", "/oauth/sign-in", "/oauth/sign-out", "/oauth/revoke", "/oauth/consent",
])  # fmt: skip
# A diagnosis in vain takes a tenth of a second. Whoever sends many wrong signatures is not to keep the sandbox
# busy: so many seconds of work are there at once, and so many are added each second.
DIAGNOSES_AT_ONCE, DIAGNOSES_SHARE = 3.0, 0.1
MOST_ADVICE = 1000

MASK = "MASKED"
SECRET_NAME = re.compile("verifier|secret|password|^oauth_signature$", re.IGNORECASE)
ISSUED_SECRET = re.compile("[0-9a-f]{64,}")  # as provider.new_credentials() makes them
# In a base string, whatever it was encoded with, and however often.
SEPARATOR = re.compile("(&|%26)")
EQUALS = re.compile("(=|%3D)", re.IGNORECASE)


class Exchange:
    """A request, and how it was answered; all of it can be shown."""

    def __init__(self, number: int, time: float, method: str, target: str) -> None:
        self.number = number
        self.time = datetime.datetime.fromtimestamp(time).astimezone()
        self.method = shown(method)
        self.target = shown(masked_target(target))[:LONGEST]
        self.status = 0  # not answered, or nobody was there any more
        self.problem = ""
        self.advice = ""
        self.client = ""
        self.protocol: list[tuple[str, str]] = []
        self.findings: list[Finding] = []
        self.notes: list[str] = []  # of what was taken, and another server may refuse
        # What explain_base_string() takes, None where there is nothing to explain.
        self.explicable: tuple[str, str, Parameters, str] | None = None
        self.signed = ""

    @property
    def refused(self) -> bool:
        return self.status >= 400

    @property
    def reason(self) -> str:
        """Return why it was refused."""
        if self.findings:
            return " ".join([finding.happened for finding in self.findings]).rstrip(".")
        reason = self.advice or ERRORS.get(self.status, UNKNOWN_ERROR)[1]
        return reason[:1].upper() + reason[1:].rstrip(".")

    def read(self, request: AuthenticatedRequest) -> None:
        """Keep what the request says about itself and, if it is not too long, the way to its base string."""
        self.client = shown(request.client_identifier)
        self.protocol = [
            (shown(name), MASK if SECRET_NAME.search(name) else shown(value))
            for name, value in request.protocol_parameters
        ]
        if request.signature_method != "PLAINTEXT" and len(request.base_string) <= LONGEST:
            self.explicable = masked_request(request)

    def diagnosed(self, findings: list[Finding]) -> None:
        self.findings = [shown_finding(each) for each in findings]
        if self.explicable is not None and findings:
            self.signed = shown(masked_base_string(findings[-1].base_string))

    def compared(self, pasted: str) -> list[Difference] | None:
        """Return where a base string that the client pasted differs from that of this request, None if it is none."""
        steps = self.steps()
        try:
            return compare_base_strings(masked_base_string(pasted), steps[-1].result) if steps else None
        except (OAuth1Error, ValueError):
            return None

    def steps(self) -> list[Step]:
        """Return the way to the base string, [] where there is none to show."""
        if self.explicable is None:
            return []
        steps = explain_base_string(*self.explicable).steps
        for step in steps:
            step.pieces = [(label, shown(text) if label else text) for label, text in step.pieces]
        return steps


# The request that is being answered, for the verifier, which runs in a thread and is handed no scope.
CURRENT: ContextVar[Exchange] = ContextVar("CURRENT")


class Inspector:
    """The requests of clients, newest first in ``exchanges``, and what their wrong signatures came from.

    ``origins`` are the sandbox's own.
    """

    def __init__(self, store: Store, origins: Iterable[str], clock: Callable[[], float]) -> None:
        self.store = store
        self.clock = clock
        self.exchanges: tuple[Exchange, ...] = ()
        self.numbers = itertools.count(1)
        # Whose URIs a client may have signed: our other names, and the service that this one stands in for.
        self.origins = [*origins, *(origin_of(uri) for uri in (NEXMO.request_token, NEXMO.api))]
        self.turn = threading.Lock()
        self.credit = DIAGNOSES_AT_ONCE
        self.counted = time.monotonic()

    def exchange(self, number: int) -> Exchange | None:
        return next((exchange for exchange in self.exchanges if exchange.number == number), None)

    def watching(self, app: ASGIApp) -> ASGIApp:
        """Return ``app`` with every request noted that is not for a page."""

        async def watch(scope: Scope, receive: Receive, send: Send) -> None:
            if (
                scope["type"] != "http"
                or scope["path"] in PAGES
                or scope["path"].startswith(("/inspector", "/debugger"))
            ):
                await app(scope, receive, send)
                return
            target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
            text = target.decode("utf-8", "surrogateescape")
            exchange = Exchange(next(self.numbers), self.clock(), scope["method"], text)
            self.exchanges = (exchange, *self.exchanges[: KEPT - 1])
            CURRENT.set(exchange)

            async def send_and_note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    exchange.status = message["status"]
                elif exchange.refused and message["body"].startswith(b"oauth_"):
                    fields = dict(decode_form(message["body"]))
                    exchange.problem = fields.get("oauth_problem", "")
                    exchange.advice = shown(fields.get("oauth_problem_advice", ""))
                await send(message)

            await app(scope, receive, send_and_note)

        return watch

    def diagnose(
        self,
        request: AuthenticatedRequest,
        headers: Headers,
        client: ClientCredentials,
        token: Credentials | None,
        accept: Sequence[SignatureMethod],
    ) -> list[Finding]:
        """Return what the signer did wrong, [] if others have used up the time for that."""
        if not self.turn.acquire(blocking=False):
            return []
        try:
            now = time.monotonic()
            self.credit = min(DIAGNOSES_AT_ONCE, self.credit + DIAGNOSES_SHARE * (now - self.counted))
            self.counted = now
            if self.credit <= 0:
                return []
            before = time.thread_time()
            issued = [TokenCredentials(*row) for row in self.store.latest_tokens(client.identifier)]
            if token is None and issued:
                # For a signer that uses the secret of a token and does not name it.
                token = issued[0]
            target = request.uri[len(origin_of(request.uri)) :]
            try:
                return diagnose(
                    request.method,
                    request.uri,
                    headers,
                    request.body,
                    client,
                    token,
                    accept=accept,
                    other_secrets=[other.secret for other in issued if other != token],
                    other_uris=[origin + target for origin in self.origins if origin + target != request.uri],
                )
            finally:
                self.credit -= time.thread_time() - before
        finally:
            self.turn.release()


class InspectedVerifier(Verifier):
    """A verifier that tells the inspector what it read, and the client what the inspector found."""

    def __init__(self, inspector: Inspector, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.inspector = inspector

    def head(self, method: str, uri: str, headers: Headers, token: str) -> AuthenticatedRequest:
        """Let everything pass: what is refused is shown with its body."""
        return AuthenticatedRequest()

    def needs_body(self, request: AuthenticatedRequest) -> bool:
        return True

    def verify(
        self,
        method: str,
        uri: str,
        headers: Headers = (),
        body: bytes | Callable[[], bytes] = b"",
        *,
        token: Literal["required", "optional", "absent"] = "required",
    ) -> AuthenticatedRequest:
        assert isinstance(body, bytes)  # since it was needed
        exchange = CURRENT.get()
        try:
            request = super().verify(method, uri, headers, body, token=token)
        except VerificationError as error:
            if isinstance(error, UnsupportedVersion):
                # Which is found before any credentials are looked at.
                (finding,) = diagnose(method, uri, headers, body, ClientCredentials("", ""))
                error.fields.append(("oauth_problem_advice", str(finding)))
            with suppress(VerificationError):  # of which one that cannot be read is the same again
                request = parse_request(method, uri, headers, body, limits=self.limits)
                exchange.read(request)
                advice = self.advice(error, request, headers, exchange)
                if advice:
                    error.fields.append(("oauth_problem_advice", advice[:MOST_ADVICE]))
            raise
        exchange.read(request)
        return request

    def advice(
        self,
        error: VerificationError,
        request: AuthenticatedRequest,
        headers: Headers,
        exchange: Exchange,
    ) -> str:
        """Return more than the error itself says, "" if there is no more."""
        if isinstance(error, InvalidClientCredentials):
            return "no such client: oauth_consumer_key has to be the one that this sandbox printed when it started"
        if isinstance(error, InvalidTimestamp) and request.timestamp is not None:
            seconds = request.timestamp - int(self.clock())
            return f"the timestamp is {duration(seconds)} {'ahead of' if seconds > 0 else 'behind'} this server's clock"
        if not isinstance(error, (InvalidToken, InvalidSignature)):
            return ""
        client = self.credentials.client(request.client_identifier)
        token = None
        if request.token_identifier is not None:
            token = self.credentials.token(request.client_identifier, request.token_identifier)
            if token is None:
                return "no such token: oauth_token is none that this sandbox issued to this consumer key"
        if isinstance(error, InvalidToken):
            return ""
        assert client is not None  # or the error would be another
        exchange.diagnosed(self.inspector.diagnose(request, headers, client, token, self.accepted(request)))
        found = " ".join(map(str, exchange.findings)) or (
            "The signature is not that of this request. So many were wrong in the last seconds that nobody looked why; "
            "send it again."
        )
        return f"{found} See {origin_of(request.uri)}/inspector/{exchange.number}"


def duration(seconds: int) -> str:
    """Return how long that is, in the largest unit of which it is two or more."""
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if abs(seconds) >= 2 * length:
            return f"{abs(seconds) // length} {unit}"
    return f"{abs(seconds)} seconds"


# What is masked, and what can be seen


def shown(text: str) -> str:
    return visible(ISSUED_SECRET.sub(MASK, text))


def shown_finding(finding: Finding) -> Finding:
    return Finding(
        finding.id,
        shown(finding.done),
        finding.wants,
        finding.section,
        shown(finding.fix),
        [shown_finding(each) for each in finding.alike],
        by=finding.by,
    )


def masked_target(target: str) -> str:
    path, question_mark, query = target.partition("?")
    return path + question_mark + masked_form(query)


def masked_form(text: str) -> str:
    """Return a query or form in which values with the name of a secret are masked."""
    return "&".join(masked_pair(piece) for piece in text.split("&"))


def masked_pair(piece: str) -> str:
    ((name, value),) = decode_form(piece) or [("", "")]
    return f"{piece.partition('=')[0]}={MASK}" if value and SECRET_NAME.search(name) else piece


def masked_base_string(text: str) -> str:
    return "".join(masked_element(piece) for piece in SEPARATOR.split(text))


def masked_element(piece: str) -> str:
    name, equals, value = (*EQUALS.split(piece, 1), "", "")[:3]
    return name + equals + MASK if value and SECRET_NAME.search(name) else piece


def masked_request(request: AuthenticatedRequest) -> tuple[str, str, Parameters, str]:
    """Return method, URI, protocol parameters in the header, and form, with secrets masked."""
    query = request.uri.partition("?")[2]
    form = request.body.decode("utf-8", "surrogateescape") if request.is_form else ""
    in_header = not any(name.startswith("oauth_") for name, _ in decode_form(query) + decode_form(form))
    header = [
        (name, MASK if SECRET_NAME.search(name) else value)
        for name, value in request.protocol_parameters
        if in_header and name != "oauth_signature"
    ]
    return request.method, masked_target(request.uri), header, masked_form(form)
