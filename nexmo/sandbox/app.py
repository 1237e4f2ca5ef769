"""The sandbox as a web application: HTTP in, the rules of ``provider``, HTTP out.

What a client asks for goes through ``OAuth1Middleware`` first; every page needs a session, and every
decision the session's CSRF token and our own origin.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Awaitable, Callable, Collection
from decimal import Decimal
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, request_response

from oauth1_core import (
    HMAC_SHA1,
    HMAC_SHA256,
    HMAC_SHA512,
    PLAINTEXT,
    AuthenticatedRequest,
    MalformedRequest,
    VerificationError,
    decode_form,
    request_uri,
)
from oauth1_core.adapters.asgi import OAuth1Middleware
from oauth1_core.adapters.incoming import Origins
from oauth1_core.debugging.side_by_side import side_by_side

from . import provider
from .debugger import debugger
from .inspector import KEPT, InspectedVerifier, Inspector
from .responses import (
    HEADERS,
    NOT_KEPT,
    REALM,
    STYLE,
    advised,
    credentials_reply,
    error_page,
    page,
    redirect,
    refuse,
    send_back,
    set_cookie,
    show_error,
    show_failure,
    show_not_pending,
    show_unavailable,
    sms_failure,
)
from .store import Session, Store, sha256

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from oauth1_core import NonceStore

    Pairs = list[tuple[str, str]]
    PageHandler = Callable[[Request, bytes], Response]

LOOPBACK_NAMES = ("127.0.0.1", "[::1]", "localhost")
SEED_USER, SEED_PASSWORD = "jane", "sandbox-only"  # shown on the sign-in page
FORM_LIMIT = 16_384


def create_app(
    store: Store,
    nonces: NonceStore,
    port: int,
    *,
    names: Collection[str] = LOOPBACK_NAMES,
    clock: Callable[[], float] = time.time,
) -> ASGIApp:
    """Return the application for ``port``; it answers only where Host is one of ``names`` with that port."""
    origins = [f"http://{name}:{port}" for name in names]
    inspector = Inspector(store, origins, clock)
    pages = UserPages(store, port, clock, inspector)
    calls = ClientEndpoints(store, clock)
    accept = (HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT)
    # Only who let others in can reach the sandbox by a name that is not this machine's.
    has_others = not set(names) <= set(LOOPBACK_NAMES)

    def for_users(path: str, handler: PageHandler, *methods: str) -> Route:
        return Route(path, reading_form(handler), methods=methods)

    def for_clients(
        path: str,
        handler: Callable[[Request], Response],
        *methods: str,
        token: Literal["required", "optional", "absent"] = "required",
        status: Callable[[AuthenticatedRequest], None] | None = None,
    ) -> Route:
        credentials = provider.StoredCredentials(store)
        verifier = InspectedVerifier(
            inspector,
            credentials,
            nonces,
            accept=accept,
            clock=clock,
            check_status=status,
            disclose="verbose",
            require_tls=has_others and path.startswith("/oauth/"),
        )
        verified = OAuth1Middleware(
            request_response(handler), verifier, origins=origins, realm=REALM, token=token, answer=advised
        )
        return Route(path, verified, methods=methods)

    app = Starlette(
        routes=[
            for_users("/", pages.index, "GET"),
            for_users("/static/style.css", pages.style, "GET"),
            for_users("/debugger", pages.debugger, "GET"),
            Mount("/debugger", debugger()),
            for_users("/inspector", pages.inspector, "GET"),
            for_users("/inspector/{number}", pages.inspected, "GET"),
            for_clients("/oauth/request_token", calls.request_token, "POST", token="absent"),
            for_users("/oauth/authorize", pages.authorize, "GET", "POST"),
            for_users("/oauth/authenticate", pages.authenticate, "GET"),
            for_clients("/oauth/access_token", calls.access_token, "POST"),
            for_users("/oauth/sign-in", pages.sign_in, "GET", "POST"),
            for_users("/oauth/sign-out", pages.sign_out, "POST"),
            for_users("/oauth/revoke", pages.revoke, "POST"),
            for_clients("/sms/json", calls.sms, "GET", "POST", status=calls.check_access_token),
            for_clients("/account/get-balance", calls.balance, "GET", status=calls.check_access_token),
        ],
        exception_handlers={
            HTTPException: show_error,
            VerificationError: refuse,
            provider.NotPending: show_not_pending,
            sqlite3.OperationalError: show_unavailable,
            Exception: show_failure,
        },
    )
    app.router.redirect_slashes = False
    return inspector.watching(guarded(app, Origins(origins)))


def guarded(app: ASGIApp, origins: Origins) -> ASGIApp:
    """Return ``app`` for these origins only, with HEADERS on everything it answers."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS:
                    headers.setdefault(name, value)
            await send(message)

        answering = app
        if scope["type"] == "http":
            status = fault_of(scope, origins)
            if status is not None:
                answering = error_page(status, {"Connection": "close"})
        await answering(scope, receive, send_with_headers)

    return guard


def fault_of(scope: Scope, origins: Origins) -> int | None:
    """Return the status to refuse the request with, whatever it asks for."""
    headers = Request(scope).headers
    try:
        # A foreign name that leads here is DNS rebinding.
        origin = origins.of(headers.getlist("host"))
    except MalformedRequest as error:
        return error.status
    # Whoever is elsewhere and says that this is a loopback address wants to do without TLS.
    peer = scope["client"][0].removeprefix("::ffff:") if scope["client"] else "127.0.0.1"
    if provider.is_loopback(urlsplit(origin).hostname or "") and not provider.is_loopback(peer):
        return 421
    if "transfer-encoding" in headers:
        # With a length beside it the end of the request is in doubt (RFC 9112 section 6.3).
        return 400 if "content-length" in headers else 411
    target = scope["raw_path"] + scope["query_string"]
    return 400 if b"#" in target or target[:1] != b"/" else None


def reading_form(handler: PageHandler) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint that reads the body and lets ``handler`` answer in a thread, where it may block."""

    async def endpoint(request: Request) -> Response:
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > FORM_LIMIT:
                    raise HTTPException(413)
        except ClientDisconnect:
            return Response()  # to nobody
        return await run_in_threadpool(handler, request, bytes(body))

    return endpoint


class ClientEndpoints:
    """The endpoints for the client; each takes a request that was verified."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self.store = store
        self.clock = clock

    # RFC 5849 sections 2.1 and 2.3

    def request_token(self, request: Request) -> Response:
        verified = verified_of(request)
        callback = protocol_parameter(verified, "oauth_callback")
        issued = provider.issue_request_token(self.store, verified.client_identifier, callback, self.clock())
        return credentials_reply(issued, [("oauth_callback_confirmed", "true")])

    def access_token(self, request: Request) -> Response:
        verified = verified_of(request)
        issued = provider.exchange(
            self.store,
            verified.client_identifier,
            verified.token_identifier or "",
            protocol_parameter(verified, "oauth_verifier"),
            protocol_parameter(verified, "oauth_callback"),
            self.clock(),
        )
        return credentials_reply(issued)

    # The API

    def sms(self, request: Request) -> Response:
        verified = verified_of(request)
        fields = {}
        for name in ("from", "to", "text"):
            values = [value for key, value in verified.parameters if key == name]
            if not any(values):
                return sms_failure("2", f"Missing {name} param")
            if len(values) > 1:
                return sms_failure("3", f"Invalid value for param: {name}")
            fields[name] = values[0]
        try:
            sent = provider.send_sms(
                self.store, self.account(verified), fields["from"], fields["to"], fields["text"], self.clock()
            )
        except provider.InsufficientBalance:
            return sms_failure("9", "Quota Exceeded - rejected")
        messages = [
            {
                "to": fields["to"],
                "message-id": part.identifier,
                "status": "0",
                "remaining-balance": f"{euros(part.remaining):.8f}",
                "message-price": f"{euros(part.price):.8f}",
                "network": provider.TEST_NETWORK,
            }
            for part in sent
        ]
        return JSONResponse({"message-count": str(len(messages)), "messages": messages})

    def balance(self, request: Request) -> Response:
        user = self.account(verified_of(request))
        return JSONResponse({"value": float(euros(self.store.balance(user))), "autoReload": False})

    def check_access_token(self, verified: AuthenticatedRequest) -> None:
        self.account(verified)

    def account(self, verified: AuthenticatedRequest) -> str:
        return provider.account(self.store, verified.client_identifier, verified.token_identifier)


class UserPages:
    """The endpoints for the user (section 2.2); each takes a request and its body."""

    def __init__(self, store: Store, port: int, clock: Callable[[], float], inspector: Inspector) -> None:
        self.store = store
        self.clock = clock
        self.requests = inspector
        # Cookies are shared by all ports of a host: one sandbox must not sign another's user out.
        self.session_cookie = f"session-{port}"
        self.sign_in_cookie = f"sign-in-{port}"

    def authorize(self, request: Request, body: bytes) -> Response:
        if request.method == "POST":
            return self.decide(request, read_form(body))
        return self.ask(request, "authorize")

    def authenticate(self, request: Request, body: bytes) -> Response:
        return self.ask(request, "authenticate")

    def ask(self, request: Request, endpoint: str) -> Response:
        token = the_one(read_form(request.scope["query_string"]), "oauth_token")
        pending, client = provider.pending_request(self.store, token, self.clock())
        session = self.session(request)
        if session is None:
            return redirect(request_uri([("oauth_token", token), ("endpoint", endpoint)], "/oauth/sign-in"))
        if endpoint == "authenticate" and provider.needs_no_question(self.store, session.user, pending, client):
            verifier = provider.approve(self.store, token, session.user, self.clock())
            return send_back(pending.callback, token, ("oauth_verifier", verifier))
        origin = provider.callback_origin(pending.callback)
        return page(
            "consent.html",
            form_target=origin,
            session=session,
            client=client,
            token=token,
            origin=origin,
            to_return=[("oauth_token", token), ("endpoint", endpoint)],
        )

    def decide(self, request: Request, form: Pairs) -> Response:
        session = self.posting_session(request, form)
        token, decision = the_one(form, "oauth_token"), the_one(form, "decision")
        pending, client = provider.pending_request(self.store, token, self.clock())
        if decision == "deny":
            provider.deny(self.store, token, self.clock())
            if pending.callback == provider.OUT_OF_BAND:
                return page("denied.html", session=session, client=client)
            return send_back(pending.callback, token, ("oauth_problem", "user_refused"))
        if decision != "approve":
            raise HTTPException(400)
        verifier = provider.approve(self.store, token, session.user, self.clock())
        if pending.callback == provider.OUT_OF_BAND:
            half = len(verifier) // 2
            return page("code.html", session=session, client=client, code=(verifier[:half], verifier[half:]))
        return send_back(pending.callback, token, ("oauth_verifier", verifier))

    def index(self, request: Request, body: bytes) -> Response:
        session = self.session(request)
        clients = self.store.approved_clients(session.user) if session else []
        return page(
            "index.html",
            session=session,
            clients=clients,
            origin=own_origin(request),
            consumer_key=self.store.first_consumer_key(),
        )

    def style(self, request: Request, body: bytes) -> Response:
        return Response(STYLE, media_type="text/css")

    def debugger(self, request: Request, body: bytes) -> Response:
        return redirect("/debugger/")  # what the page loads stands beside it

    def inspector(self, request: Request, body: bytes) -> Response:
        shown = request.scope["query_string"].split(b"&")
        refused = b"refused" in shown
        exchanges = [each for each in self.requests.exchanges if each.refused or not refused]
        clients = {exchange.client: self.store.client(exchange.client) for exchange in exchanges}
        # Live without a script; and to be paused, since a page that changes by itself is hard to read.
        live = b"paused" not in shown
        session, origin = self.session(request), own_origin(request)
        response = page(
            "inspector.html",
            session=session,
            live=live,
            refused=refused,
            exchanges=exchanges,
            clients=clients,
            kept=KEPT,
            origin=origin,
        )
        if live:
            response.headers["Refresh"] = "2"
        return response

    def inspected(self, request: Request, body: bytes) -> Response:
        number = request.path_params["number"]
        is_number = number.isascii() and number.isdigit() and len(number) < 20
        exchange = self.requests.exchange(int(number)) if is_number else None
        if exchange is None:
            return error_page(404, words=NOT_KEPT)
        steps = exchange.steps()
        rows = side_by_side(steps[-1].pieces, exchange.signed) if exchange.signed else []
        client, session = self.store.client(exchange.client), self.session(request)
        pasted = dict(read_form(request.scope["query_string"])).get("pasted", "")
        return page(
            "inspected.html",
            session=session,
            exchange=exchange,
            client=client,
            steps=steps,
            rows=rows,
            pasted=pasted,
            differences=exchange.compared(pasted) if pasted else None,
        )

    def revoke(self, request: Request, body: bytes) -> Response:
        form = read_form(body)
        session = self.posting_session(request, form)
        provider.withdraw(self.store, session.user, the_one(form, "consumer_key"))
        return redirect("/")

    # Sessions

    def sign_in(self, request: Request, body: bytes) -> Response:
        # The way back is a token and an endpoint's name, never a URL: it cannot lead elsewhere.
        fields = read_form(body if request.method == "POST" else request.scope["query_string"])
        to_return = [pair for pair in fields if pair[0] in ("oauth_token", "endpoint")]
        if request.method == "GET":
            csrf = request.cookies.get(self.sign_in_cookie) or secrets.token_urlsafe(32)
            return self.sign_in_page(to_return, csrf)
        csrf = request.cookies.get(self.sign_in_cookie, "")
        check_origin(request)
        check_csrf(fields, csrf)
        name, password = the_one(fields, "user"), the_one(fields, "password")
        identifier = provider.sign_in(self.store, name, password, self.clock())
        if identifier is None:
            return self.sign_in_page(to_return, csrf, wrong=name)
        self.store.remove_session(request.cookies.get(self.session_cookie, ""))
        response = redirect(self.destination(to_return))
        set_cookie(response, self.session_cookie, identifier)
        response.delete_cookie(self.sign_in_cookie)
        return response

    def sign_in_page(self, to_return: Pairs, csrf: str, wrong: str | None = None) -> Response:
        origin, client = "", None
        try:
            pending, client = provider.pending_request(self.store, dict(to_return).get("oauth_token", ""), self.clock())
            origin = provider.callback_origin(pending.callback)
        except provider.NotPending:
            pass
        response = page(
            "sign_in.html",
            form_target=origin,
            client=client,
            status=200 if wrong is None else 403,
            csrf=csrf,
            wrong=wrong,
            to_return=to_return,
            seed=(SEED_USER, SEED_PASSWORD),
        )
        set_cookie(response, self.sign_in_cookie, csrf)
        return response

    def destination(self, to_return: Pairs) -> str:
        fields = dict(to_return)
        if "oauth_token" not in fields:
            return "/"
        endpoint = "authenticate" if fields.get("endpoint") == "authenticate" else "authorize"
        return request_uri([("oauth_token", fields["oauth_token"])], f"/oauth/{endpoint}")

    def sign_out(self, request: Request, body: bytes) -> Response:
        form = read_form(body)
        self.posting_session(request, form)
        self.store.remove_session(request.cookies[self.session_cookie])
        # With a request in it the form is that of a user who wants to decide as somebody else.
        response = redirect(self.destination(form))
        response.delete_cookie(self.session_cookie)
        return response

    def session(self, request: Request) -> Session | None:
        return self.store.session(request.cookies.get(self.session_cookie, ""), self.clock())

    def posting_session(self, request: Request, form: Pairs) -> Session:
        """Return the session whose page this form was on, or refuse."""
        session = self.session(request)
        if session is None:
            raise HTTPException(403)
        check_origin(request)
        check_csrf(form, session.csrf)
        return session


def check_origin(request: Request) -> None:
    """Refuse a form that is not known to be of our own page: a cookie may be one that another port has planted."""
    if [origin.lower() for origin in request.headers.getlist("origin")] != [own_origin(request)]:
        raise HTTPException(403)


def check_csrf(form: Pairs, expected: str) -> None:
    offered = [value for name, value in form if name == "csrf"]
    if len(offered) != 1 or not expected or not secrets.compare_digest(sha256(offered[0]), sha256(expected)):
        raise HTTPException(403)


def own_origin(request: Request) -> str:
    return f"http://{request.headers['host'].lower()}"


def read_form(octets: bytes) -> Pairs:
    """Return the pairs of a page's form or query."""
    if len(octets) > FORM_LIMIT:
        raise HTTPException(413)
    pairs = decode_form(octets)
    try:
        "".join(name + value for name, value in pairs).encode()
    except UnicodeEncodeError:
        raise HTTPException(400) from None
    return pairs


def the_one(pairs: Pairs, name: str) -> str:
    values = [value for key, value in pairs if key == name]
    if len(values) != 1 or not values[0]:
        raise HTTPException(400)
    return values[0]


def verified_of(request: Request) -> AuthenticatedRequest:
    verified: AuthenticatedRequest = request.scope["oauth1"]
    return verified


def protocol_parameter(verified: AuthenticatedRequest, name: str) -> str | None:
    return dict(verified.protocol_parameters).get(name)


def euros(millionths: int) -> Decimal:
    return Decimal(millionths).scaleb(-6)
