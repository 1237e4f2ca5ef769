"""The inspector records the latest requests of clients, the responses, and the causes of wrong signatures.

    inspector = Inspector(store, origins, clock)
    app = inspector.watching(app)             # records each request and its response
    InspectedVerifier(inspector, ...)         # diagnoses wrong signatures

The last 50 requests (KEPT) stay in memory until the sandbox stops. Texts of more than 16,384 characters (LONGEST) are
cut or left out. Texts that could be secrets, by their name or their look, are masked. So are signatures, because a
PLAINTEXT signature consists of the secrets. The correct signature is never shown: any reader of the page could use it.
A copy of a request, as curl or as HAR, has the signature and the verification code, so that other programs can diagnose
the request. Secrets and PLAINTEXT signatures are masked there too.
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
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

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
    MalformedRequest,
    OAuth1Error,
    TokenCredentials,
    UnsupportedVersion,
    VerificationError,
    Verifier,
    authorization_header,
    compare_base_strings,
    decode_form,
    diagnose,
    origin_of,
    parse_authorization_header,
    parse_request,
    percent_decode,
)
from oauth1_core.debugging.curl import curl_line, request_from_curl
from oauth1_core.debugging.explaining import Step, explain_base_string, visible
from oauth1_core.debugging.har import har_log
from oauth1_core.debugging.shell_words import words_of
from oauth1_core.masking import Secrets, plainest, spellings, without_token_secret

from ..endpoints import NEXMO
from .responses import ERRORS, UNKNOWN_ERROR

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from oauth1_core import Headers, Parameters, SignatureMethod

    from .store import Store

    Pieces = list[tuple[str, str]]

KEPT = 50
LONGEST = 16_384
# Requests for these pages come from a browser, and are not recorded.
PAGES = frozenset(["/", "/favicon.ico", "/oauth/sign-in", "/oauth/sign-out", "/oauth/revoke", "/oauth/consent"])
# A diagnosis that finds nothing takes about 0.1 s. So that many wrong signatures cannot block the sandbox, diagnoses
# may take DIAGNOSES_AT_ONCE seconds of work at once, and DIAGNOSES_SHARE more for each second that passes.
DIAGNOSES_AT_ONCE, DIAGNOSES_SHARE = 3.0, 0.1
MOST_ADVICE = 1000
LONGEST_ANSWER = 4096

MASK = "MASKED"
SECRET_ITSELF = re.compile("secret|passw|passphrase|api.?key|private.?key|access.?token", re.IGNORECASE)
SECRET_NAME = re.compile(f"verifier|{SECRET_ITSELF.pattern}|^oauth_signature$", re.IGNORECASE)
# An Authorization header as a client logs it, with or without its name.
AUTHORIZATION = re.compile(r"(?:authorization\s*:\s*)?(OAuth\s.*)", re.IGNORECASE | re.DOTALL)
# A secret as provider.new_credentials() makes it, in upper or lower case. Each of its digits may be escaped, also more
# than once. Another escape before it is not part of it.
ISSUED_SECRET = re.compile("(%[0-9a-f]{2})?(?:[0-9a-f]|%(?:25)*(?:3[0-9]|[46][1-6])){64,}", re.IGNORECASE)
SCHEME = re.compile("^[A-Za-z]+ ")
METHODS = re.compile(r'oauth_signature_method\s*=\s*"?(HMAC-|RSA-)?')
# A secret within the value of a pair, because the value may be JSON or a URI.
SECRET_MEMBER = re.compile(rf"""({SECRET_ITSELF.pattern})\w{{0,20}}["']?\s{{0,9}}[:=]""", re.IGNORECASE)
# Only the Authorization header is needed for a diagnosis, so any other header field that may be a secret is masked.
SECRET_FIELD = re.compile("secret|passw|token|key|auth|cookie|session|signature", re.IGNORECASE)
SIGNATURE_WITHIN = re.compile("oauth_signature(?!_method)")
FORM = "application/x-www-form-urlencoded"
BASE_STRING = "(&|%26)", "(=|%3D|%3d)"  # the sign between two pairs, and the sign within a pair
NAME = re.compile(r"[\w.~%+\[\]-]+", re.ASCII)  # a name in a form, as clients write it


class Received(NamedTuple):
    """A request as it arrived."""

    method: str
    uri: str
    headers: list[tuple[str, str]]
    body: bytes


class Exchange:
    """A request and its response, with secrets masked; only ``received`` and ``answer`` are as they were sent."""

    def __init__(self, number: int, time: float, method: str, target: str) -> None:
        self.number = number
        self.time = datetime.datetime.fromtimestamp(time).astimezone()
        self.method = shown(method)
        self.target = shown(masked_target(target))[:LONGEST]
        self.status = 0  # no response yet, or the client had disconnected
        self.problem = ""
        self.advice = ""
        self.client = ""
        self.protocol: list[tuple[str, str, str]] = []  # name, value, and the meaning in words
        self.findings: list[Finding] = []
        self.notes: list[str] = []  # about what the sandbox accepted and other servers may refuse
        # The arguments for explain_base_string(), None if there is no base string to explain.
        self.explicable: tuple[str, str, Parameters, str] | None = None
        self.signed = ""
        # The request as it arrived, to be masked and copied; None if it is too long.
        self.received: Received | None = None
        self.token = ""
        self.answer_type = ""
        self.answer = b""

    @property
    def refused(self) -> bool:
        return self.status >= 400

    @property
    def reason(self) -> str:
        """Return why the request was refused."""
        if self.findings:
            return " ".join([finding.happened for finding in self.findings]).rstrip(".")
        reason = self.advice or ERRORS.get(self.status, UNKNOWN_ERROR)[1]
        return reason[:1].upper() + reason[1:].rstrip(".")

    def read(self, request: AuthenticatedRequest) -> None:
        """Record the protocol parameters and, if the base string is not too long, what is needed to explain it."""
        self.client = shown(request.client_identifier)
        self.token = shown(request.token_identifier or "")
        self.protocol = [
            (shown(name), shown(masked_value(name, value)), self.in_words(name, value))
            for name, value in request.protocol_parameters
        ]
        if request.signature_method != "PLAINTEXT" and len(request.base_string) <= LONGEST:
            self.explicable = masked_request(request)

    def diagnosed(self, findings: list[Finding]) -> None:
        self.findings = [shown_finding(each) for each in findings]
        if self.explicable is not None and findings:
            self.signed = shown(masked_pairs(findings[-1].base_string, *BASE_STRING))

    def in_words(self, name: str, value: str) -> str:
        """Return the meaning of a timestamp in words, "" for any other parameter."""
        if name != "oauth_timestamp" or not value.isdigit() or len(value) > 11:
            return ""
        seconds = int(value) - int(self.time.timestamp())
        moment = datetime.datetime.fromtimestamp(int(value)).astimezone()
        return f"{moment:%d %b %Y, %H:%M:%S}, {behind_or_ahead(seconds)}"

    @property
    def answer_text(self) -> str:
        """Return the body of the response, with secrets masked; each parameter of a form is on its own line."""
        text = self.answer.decode("utf-8", "replace")
        if len(self.answer) == LONGEST_ANSWER:
            # The cut may have left a part of a secret at the end, which does not look like a secret.
            text = text.rstrip("%0123456789ABCDEFabcdef")
        if self.answer_type.startswith(FORM):
            return "\n".join([shown(f"{name}: {masked_value(name, value)}") for name, value in decode_form(text)])
        if self.answer_type.startswith("application/json"):
            text = masked_text(text, False)  # the response repeats parameters of the request
        return "\n".join([shown(line) for line in text.splitlines()])

    def compared(self, pasted: str) -> Comparison | None:
        """Return the differences between the pasted text and this request; None if they cannot be compared.

        ``pasted`` is the client's base string, its Authorization header or its curl command line.
        """
        steps = self.steps()
        if not steps or self.received is None:
            return None
        method, uri, headers, body = self.received
        authorization = AUTHORIZATION.fullmatch(pasted.strip())
        try:
            if authorization:
                kind, said = "Authorization header", [("Authorization", " ".join(authorization[1].split()))]
                others = [(name, value) for name, value in headers if name.lower() != "authorization"]
                theirs = parse_request(method, uri, others + said, body)
            elif re.search(r"\bcurl\b", pasted):
                kind = "curl command line"
                theirs = parse_request(*request_from_curl(words_of(pasted), no_file))
            else:
                return Comparison("base string", shown_differences(pasted.strip(), steps[-1].result), None)
            signature = parse_request(*self.received).signature
        except (OAuth1Error, ValueError):
            return None
        differences = shown_differences(theirs.base_string, steps[-1].result)
        return Comparison(kind, differences, theirs.signature == signature)

    def steps(self) -> list[Step]:
        """Return the steps to the base string, or [] if there is no base string to show."""
        if self.explicable is None:
            return []
        steps = explain_base_string(*self.explicable).steps
        for step in steps:
            step.pieces = [(label, shown(text) if label else text) for label, text in step.pieces]
        return steps


class Comparison(NamedTuple):
    """The comparison of a pasted text with the request that arrived."""

    kind: str
    differences: list[Difference]
    has_same_signature: bool | None  # None for a base string, which has no signature


def no_file(name: str) -> bytes:
    raise ValueError("a pasted command cannot read files of this machine")


# The current request. The verifier needs it, but runs in a thread and does not get the scope.
CURRENT: ContextVar[Exchange] = ContextVar("CURRENT")


class Inspector:
    """Records the requests of clients (``exchanges``, newest first) and diagnoses wrong signatures.

    ``origins`` are the sandbox's own origins.
    """

    def __init__(self, store: Store, origins: Iterable[str], clock: Callable[[], float]) -> None:
        self.store = store
        self.clock = clock
        self.exchanges: tuple[Exchange, ...] = ()
        self.numbers = itertools.count(1)
        # Origins that a client may have signed by mistake: the sandbox's other names, and Nexmo's service.
        self.origins = [*origins, *(origin_of(uri) for uri in (NEXMO.request_token, NEXMO.api))]
        self.turn = threading.Lock()
        self.credit = DIAGNOSES_AT_ONCE
        self.counted = time.monotonic()

    def exchange(self, number: int) -> Exchange | None:
        return next((exchange for exchange in self.exchanges if exchange.number == number), None)

    def watching(self, app: ASGIApp) -> ASGIApp:
        """Wrap ``app`` so that every request is recorded, except requests for pages."""

        async def watch(scope: Scope, receive: Receive, send: Send) -> None:
            path = scope["path"]
            if scope["type"] != "http" or path in PAGES or path.startswith(("/inspector", "/debugger", "/static/")):
                await app(scope, receive, send)
                return
            target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
            text = target.decode("utf-8", "surrogateescape")
            exchange = Exchange(next(self.numbers), self.clock(), scope["method"], text)
            self.exchanges = (exchange, *self.exchanges[: KEPT - 1])
            CURRENT.set(exchange)
            headers = [(name.decode("latin-1").title(), value.decode("latin-1")) for name, value in scope["headers"]]
            host = dict(headers).get("Host", "")
            if len(text) + sum(len(name) + len(value) for name, value in headers) <= LONGEST:
                exchange.received = Received(scope["method"], f"http://{host}{text}", headers, b"")

            async def receive_and_note() -> Message:
                message = await receive()
                if exchange.received is not None:
                    body = exchange.received.body + message.get("body", b"")
                    exchange.received = exchange.received._replace(body=body) if len(body) <= LONGEST else None
                return message

            async def send_and_note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    exchange.status = message["status"]
                    fields = {name.lower(): value for name, value in message["headers"]}
                    exchange.answer_type = fields.get(b"content-type", b"").decode("latin-1")
                elif not exchange.answer_type.startswith("text/html"):
                    # A page is for one user, and may have text that other users must not see.
                    exchange.answer = (exchange.answer + message.get("body", b""))[:LONGEST_ANSWER]
                    if exchange.refused and exchange.answer.startswith(b"oauth_"):
                        said = dict(decode_form(exchange.answer))
                        exchange.problem = said.get("oauth_problem", "")
                        exchange.advice = shown(said.get("oauth_problem_advice", ""))
                await send(message)

            await app(scope, receive_and_note, send_and_note)

        return watch

    def names(self, exchange: Exchange) -> tuple[str, str]:
        """Return the name of the client and a description of the token; "" if unknown."""
        client = self.store.client(exchange.client)
        access, pending = self.store.access_token(exchange.token), self.store.request_token(exchange.token)
        token = f"access token for {access.user}" if access else "request token" if pending else ""
        return client.name if client else "", token

    def sent(self, exchange: Exchange) -> Received | None:
        """Return the request of a client, to be copied, with secrets and PLAINTEXT signatures masked."""
        if exchange.received is None:
            return None
        method, uri, headers, body = exchange.received
        client = exchange.client or self.store.first_consumer_key() or ""  # if the request could not be read
        of_tokens = [secret for _, secret in self.store.latest_tokens(client)]
        known = Secrets([self.store.client_secret(client) or "", *of_tokens])
        hidden = "|".join([re.escape(each) for secret in known.longest_first for each in spellings(secret)]) or "$^"

        def masked(text: str) -> str:
            text = without_issued(re.sub(hidden, MASK, text, flags=re.IGNORECASE))
            return MASK if known.are_in(text) else text

        path, question_mark, query = uri.partition("?")
        is_form = dict(headers).get("Content-Type", FORM).lower().startswith(FORM)
        text = body.decode("utf-8", "surrogateescape")
        # A request that may be signed with PLAINTEXT is masked as if it were.
        said = " ".join([uri, *[value for _, value in headers], text])
        methods = METHODS.findall(percent_decode(said))
        is_plaintext = "plaintext" in plainest(said) or not methods or "" in methods
        return Received(
            method,
            masked(path) + question_mark + masked(masked_values(query, is_plaintext)),
            [(name, masked(masked_field(name, value, is_plaintext))) for name, value in headers],
            masked((masked_values if is_form else masked_text)(text, is_plaintext)).encode("utf-8", "surrogateescape"),
        )

    def as_curl(self, exchange: Exchange) -> str | None:
        """Return the curl command line of the request; None if it is too long, or cannot be printed."""
        sent = self.sent(exchange)
        try:
            return curl_line(*sent) if sent else None
        except ValueError:
            return None

    def as_har(self, exchange: Exchange) -> str | None:
        sent = self.sent(exchange)
        answer = [("Content-Type", exchange.answer_type)], exchange.answer_text
        return har_log(sent, exchange.time.isoformat(), exchange.status, answer) if sent else None

    def diagnose(
        self,
        request: AuthenticatedRequest,
        headers: Headers,
        client: ClientCredentials,
        token: Credentials | None,
        accept: Sequence[SignatureMethod],
    ) -> list[Finding]:
        """Return the findings, or [] if other diagnoses have used up the time."""
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
                # Covers a signer that uses a token's secret but does not send the token.
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
        """Accept every head, so that the inspector can show a refused request with its body."""
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
        assert isinstance(body, bytes)  # because needs_body is True
        exchange = CURRENT.get()
        try:
            request = super().verify(method, uri, headers, body, token=token)
        except VerificationError as error:
            if isinstance(error, (MalformedRequest, UnsupportedVersion)):
                # diagnose can find why a request cannot be parsed, and needs no credentials for this.
                with suppress(VerificationError):
                    exchange.diagnosed(diagnose(method, uri, headers, body, ClientCredentials("", "")))
                    found = " ".join(map(str, exchange.findings))
                    error.fields.append(("oauth_problem_advice", found[:MOST_ADVICE]))
            with suppress(VerificationError):  # parse_request raises it again if the request cannot be parsed
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
        """Return advice that the error's own message lacks, or ""."""
        if isinstance(error, InvalidClientCredentials):
            return "no such client: oauth_consumer_key must be the consumer key that this sandbox printed at its start"
        if isinstance(error, InvalidTimestamp) and request.timestamp is not None:
            seconds = request.timestamp - int(self.clock())
            return f"the timestamp is {behind_or_ahead(seconds)} this server's clock"
        if not isinstance(error, (InvalidToken, InvalidSignature)):
            return ""
        client = self.credentials.client(request.client_identifier)
        token = None
        if request.token_identifier is not None:
            token = self.credentials.token(request.client_identifier, request.token_identifier)
            if token is None:
                known = self.inspector.store
                other = known.access_token(request.token_identifier) or known.request_token(request.token_identifier)
                if other is not None:
                    return "oauth_token was issued to another client: use the consumer key to which it was issued"
                return "no such token: this sandbox has not issued this oauth_token to this consumer key"
        if isinstance(error, InvalidToken):
            return ""
        assert client is not None  # otherwise the error would be InvalidClientCredentials
        exchange.diagnosed(self.inspector.diagnose(request, headers, client, token, self.accepted(request)))
        found = " ".join(map(str, exchange.findings)) or (
            "The signature does not match the request. The cause was not looked for, because many signatures were "
            "wrong in the last seconds; send the request again."
        )
        return f"{found} See {origin_of(request.uri)}/inspector/{exchange.number}"


def duration(seconds: int) -> str:
    """Return ``seconds`` in the largest unit that gives a number of at least 2."""
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if abs(seconds) >= 2 * length:
            return f"{abs(seconds) // length} {unit}"
    return f"{abs(seconds)} seconds"


def behind_or_ahead(seconds: int) -> str:
    return f"{duration(seconds)} {'ahead of' if seconds > 0 else 'behind'}"


# Masking


def masked_values(text: str, is_plaintext: bool) -> str:
    """Return a query or form; values with the name of a secret, and values that contain one, are masked.

    If a secret is found outside a pair, as in JSON, the whole text is masked.
    """
    pieces = []
    text = without_token_secret(text, MASK) if is_plaintext else text
    for piece in text.split("&"):
        name, equals, value = piece.partition("=")
        if is_secret(name, is_plaintext) or SECRET_MEMBER.search(plainest(value)):
            if not (equals and NAME.fullmatch(name)):
                return MASK
            piece = f"{name}={MASK}"
        pieces.append(piece)
    return "&".join(pieces)


def masked_text(text: str, is_plaintext: bool) -> str:
    """Return a text of any kind; the whole text is masked if it contains the name of a secret."""
    said = plainest(text)
    return MASK if SECRET_ITSELF.search(said) or (is_plaintext and SIGNATURE_WITHIN.search(said)) else text


def masked_field(name: str, value: str, is_plaintext: bool) -> str:
    if name.lower() != "authorization":
        return MASK if SECRET_FIELD.search(name) else masked_text(value, is_plaintext)
    try:
        pairs = parse_authorization_header(value)
    except MalformedRequest:
        return "".join(SCHEME.findall(value)) + MASK
    if not any(is_secret(each, is_plaintext) for each, _ in pairs):
        return value
    return authorization_header([(each, MASK if is_secret(each, is_plaintext) else said) for each, said in pairs])


def is_secret(name: str, is_plaintext: bool) -> bool:
    name = plainest(name)
    return bool(SECRET_ITSELF.search(name)) or (is_plaintext and name.strip() == "oauth_signature")


def shown(text: str) -> str:
    return visible(without_issued(text))


def without_issued(text: str) -> str:
    text = ISSUED_SECRET.sub(r"\1" + MASK, text)
    return MASK if ISSUED_SECRET.search(plainest(text)) else text


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


def shown_differences(pasted: str, wanted: str) -> list[Difference]:
    """Return where a client's base string differs from the base string that RFC 5849 requires."""
    return [
        Difference(
            shown(each.field), shown(each.ours), shown(each.theirs), [shown_finding(cause) for cause in each.causes]
        )
        for each in compare_base_strings(masked_pairs(pasted, *BASE_STRING), wanted)
    ]


def masked_target(target: str) -> str:
    path, question_mark, query = target.partition("?")
    return path + question_mark + masked_pairs(query)


def masked_pairs(text: str, ampersand: str = "(&)", equals: str = "(=)") -> str:
    """Return a query or form, or a base string with BASE_STRING; values that may be secrets are masked."""
    pieces = [(*re.split(equals, piece, maxsplit=1), "", "")[:3] for piece in re.split(ampersand, text)]
    return "".join([name + equals + masked_value(name, value) for name, equals, value in pieces])


def masked_value(name: str, value: str) -> str:
    is_masked = value and (SECRET_NAME.search(plainest(name)) or SECRET_MEMBER.search(plainest(value)))
    return MASK if is_masked else value


def masked_request(request: AuthenticatedRequest) -> tuple[str, str, Parameters, str]:
    """Return the method, the URI, the protocol parameters of the header, and the form, with secrets masked."""
    query = request.uri.partition("?")[2]
    form = request.body.decode("utf-8", "surrogateescape") if request.is_form else ""
    in_header = not any(name.startswith("oauth_") for name, _ in decode_form(query) + decode_form(form))
    header = [
        (name, masked_value(name, value))
        for name, value in request.protocol_parameters
        if in_header and name != "oauth_signature"
    ]
    return request.method, masked_target(request.uri), header, masked_pairs(form)
