"""The sandbox as a web application: it reads HTTP requests, applies the rules of ``provider``, and writes responses.

Requests of clients pass through ``OAuth1Middleware``. The consent page needs a session; every decision needs the
session's CSRF token and the sandbox's own Origin.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Mount, Route, request_response

from oauth1_core import (
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
from .debugger import debugger, folder_of_debugger
from .inspector import CURRENT, KEPT, PAGES, Exchange, InspectedVerifier, Inspector
from .playing import FORM, NEXMO_ITSELF, Played, target_of
from .responses import (
    HEADERS,
    NOT_COPIED,
    NOT_KEPT,
    REALM,
    STATIC,
    advised,
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

    from oauth1_core import Credentials, NonceStore, SignatureMethod

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
    playing: Played = NEXMO_ITSELF,
) -> ASGIApp:
    """Return the application for ``port``; it answers only requests whose Host is one of ``names`` with this port.

    If it is ``playing`` another provider, it has that provider's endpoints too; all other addresses are the API.
    """
    origins = [f"http://{name}:{port}" for name in names]
    inspector = Inspector(store, origins, clock)
    pages = UserPages(store, port, clock, inspector, playing)
    calls = ClientEndpoints(store, clock, NEXMO_ITSELF)
    # Other names are possible only if the sandbox was started with allow_remote.
    has_others = not set(names) <= set(LOOPBACK_NAMES)

    def for_users(path: str, handler: PageHandler, *methods: str) -> Route:
        return Route(path, reading_form(handler), methods=methods)

    def verified(
        handler: Callable[[Request], Response],
        accept: Sequence[SignatureMethod],
        *,
        token: Literal["required", "optional", "absent"] = "required",
        status: Callable[[AuthenticatedRequest], None] | None = None,
    ) -> ASGIApp:
        verifier = InspectedVerifier(
            inspector,
            provider.StoredCredentials(store),
            nonces,
            accept=accept,
            clock=clock,
            check_status=status,
            disclose="verbose",
            require_tls=has_others and status is None,  # only the token endpoints have no status check
        )
        return OAuth1Middleware(
            request_response(handler), verifier, origins=origins, realm=REALM, token=token, answer=advised
        )

    def api(path: str, handler: Callable[[Request], Response], *methods: str) -> Route:
        accept = dict.fromkeys([*NEXMO_ITSELF.accept, *playing.accept])
        return Route(path, verified(handler, [*accept], status=calls.check_access_token), methods=methods)

    def token_endpoints(played: Played) -> list[Route]:
        calls, entry = ClientEndpoints(store, clock, played), played.provider
        request_token = verified(calls.request_token, played.accept, token="absent")
        access_token = verified(calls.access_token, played.accept)
        first, last = played.methods()
        return [
            Endpoint(entry.temporary_credentials, taking_untyped_forms(request_token), first),
            Endpoint(entry.token_credentials, taking_untyped_forms(access_token), last),
        ]

    def endpoints_of_another() -> list[Route]:
        return [
            for_users("/oauth/authorize", pages.authorize, "POST"),  # the target of the sandbox's own form
            *token_endpoints(playing),
            Endpoint(playing.provider.authorization, request_response(reading_form(pages.enter)), ["GET"]),
            for_users("/oauth/consent", pages.consent, "GET"),
        ]

    def api_of_another() -> list[Route]:
        calls = ClientEndpoints(store, clock, playing)
        return [Endpoint(None, verified(calls.any_call, playing.accept, status=calls.check_access_token), None)]

    app = Starlette(
        routes=[
            *(endpoints_of_another() if playing.is_another else []),
            for_users("/", pages.index, "GET"),
            for_users("/static/{name}", pages.static, "GET"),
            for_users("/debugger", pages.debugger, "GET"),
            Mount("/debugger", debugger(pages.debugger_folder)),
            for_users("/inspector", pages.inspector, "GET"),
            for_users("/inspector/{number}", pages.inspected, "GET"),
            for_users("/inspector/{number}/compared", pages.inspected, "POST"),
            for_users("/inspector/{number}/{kind}", pages.copied, "GET"),
            *token_endpoints(NEXMO_ITSELF),
            for_users("/oauth/authorize", pages.authorize, "GET", "POST"),
            for_users("/oauth/authenticate", pages.authenticate, "GET"),
            for_users("/oauth/sign-in", pages.sign_in, "GET", "POST"),
            for_users("/oauth/sign-out", pages.sign_out, "POST"),
            for_users("/oauth/revoke", pages.revoke, "POST"),
            api("/sms/json", calls.sms, "GET", "POST"),
            api("/account/get-balance", calls.balance, "GET"),
            *(api_of_another() if playing.is_another else []),
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
    return in_words_of(playing, inspector.watching(guarded(app, Origins(origins))))


class Endpoint(Route):
    """The endpoint of a provider, at the path and query of ``uri``: two endpoints may differ in the query only.

    Without ``uri`` it is at every address that has no page.
    """

    def __init__(self, uri: str | None, app: ASGIApp, methods: list[str] | None) -> None:
        super().__init__("/", app, methods=methods)
        self.app = app  # Route would treat an application that is a function as a handler of requests
        self.methods = None if methods is None else set(methods)  # without HEAD: the credentials would be lost
        self.target = None if uri is None else target_of(uri)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or not self.is_at(scope):
            return Match.NONE, {}
        # For every HTTP method: a wrong method gets 405 from this route, and is not passed to a later route.
        return Match.FULL, {"endpoint": self.endpoint, "path_params": {}}

    def is_at(self, scope: Scope) -> bool:
        if self.target is None:
            return scope["path"] not in PAGES and not scope["path"].startswith("/inspector")
        path, query = self.target
        return bool(scope["raw_path"] == path.encode()) and query <= set(decode_form(scope["query_string"]))


def taking_untyped_forms(app: ASGIApp) -> ASGIApp:
    """Return ``app`` for forms without Content-Type too, as launchpadlib sends them."""

    async def typed(scope: Scope, receive: Receive, send: Send) -> None:
        headers = Request(scope).headers
        is_untyped = "content-type" not in headers and "authorization" not in headers
        if is_untyped and headers.get("content-length", "0") != "0":
            note("There is no Content-Type, which RFC 5849 requires (section 3.5.2); the body was read as a form.")
            scope = {**scope, "headers": [*scope["headers"], (b"content-type", FORM.encode("ascii"))]}
        await app(scope, receive, send)

    return typed


def in_words_of(playing: Played, app: ASGIApp) -> ASGIApp:
    """Return ``app`` with refusals as the played provider writes them; the inspector has seen the sandbox's own."""
    if playing.manners.refusal is None:
        return app

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        starts: list[Message] = []

        async def reword(message: Message) -> None:
            if message["type"] == "http.response.start":
                starts.append(message)
                return
            if starts:
                start = starts.pop()
                if start["status"] >= 400 and message.get("body", b"").startswith(b"oauth_problem="):
                    message = {**message, "body": json.dumps(playing.manners.refusal).encode("ascii")}
                    headers = MutableHeaders(scope=start)
                    headers["Content-Length"] = str(len(message["body"]))
                    headers["Content-Type"] = "application/json"
                await send(start)
            await send(message)

        await app(scope, receive, reword)

    return answer


def guarded(app: ASGIApp, origins: Origins) -> ASGIApp:
    """Return ``app`` for these origins only, with HEADERS on every response."""

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
    """Return the status with which the request is refused before its path is looked at, or None."""
    headers = Request(scope).headers
    try:
        # Another host name that resolves to this address would be DNS rebinding.
        origin = origins.of(headers.getlist("host"))
    except MalformedRequest as error:
        return error.status
    # A client on another machine that names a loopback address in Host would avoid the requirement of TLS.
    peer = scope["client"][0].removeprefix("::ffff:") if scope["client"] else "127.0.0.1"
    if provider.is_loopback(urlsplit(origin).hostname or "") and not provider.is_loopback(peer):
        return 421
    if "transfer-encoding" in headers:
        # Together with Content-Length, the end of the request would be ambiguous (RFC 9112 section 6.3).
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
            return Response()  # the client has disconnected and does not read this response
        return await run_in_threadpool(handler, request, bytes(body))

    return endpoint


class ClientEndpoints:
    """The endpoints of one provider for clients; each takes a verified request."""

    def __init__(self, store: Store, clock: Callable[[], float], playing: Played) -> None:
        self.store = store
        self.clock = clock
        self.playing = playing

    # RFC 5849 sections 2.1 and 2.3

    def request_token(self, request: Request) -> Response:
        verified = self.seen(request, self.playing.provider.methods()[0])
        callback = protocol_parameter(verified, "oauth_callback")
        leads_back = not self.playing.leaves_out("no-callback")
        if callback is not None and not leads_back:
            note(f"{self.playing.name} does not redirect users to the client: oauth_callback was ignored.")
        elif callback is None and self.playing.manners.callback == "optional":
            note("There is no oauth_callback, which RFC 5849 requires (section 2.1); the sandbox assumed oob.")
            callback = provider.OUT_OF_BAND
        elif self.playing.manners.callback == "oob" and callback not in (None, provider.OUT_OF_BAND):
            raise MalformedRequest(
                f"{self.playing.name} accepts no callback URL here: send oob, and ask the user for the code",
                parameter="oauth_callback",
            )
        issued = provider.issue_request_token(
            self.store,
            verified.client_identifier,
            callback,
            self.clock(),
            leads_back=leads_back,
            has_secret=not self.playing.leaves_out("no-token-secret"),
            revokes=not self.playing.is_another,
        )
        is_unconfirmed = self.playing.leaves_out("unconfirmed-callback")
        confirmation = [] if is_unconfirmed else [("oauth_callback_confirmed", "true")]
        return self.issued(issued, confirmation, is_token=False)

    def access_token(self, request: Request) -> Response:
        verified = self.seen(request, self.playing.provider.methods()[1])
        if protocol_parameter(verified, "oauth_callback") is not None:
            note(
                "oauth_callback was sent with the request for the access token, and was ignored: it belongs to"
                " the request for the request token (RFC 5849, section 2.1)."
            )
        issued = provider.exchange(
            self.store,
            verified.client_identifier,
            verified.token_identifier or "",
            protocol_parameter(verified, "oauth_verifier"),
            self.clock(),
            needs_verifier=not self.playing.leaves_out("no-verifier"),
            has_secret=not self.playing.leaves_out("no-token-secret"),
        )
        return self.issued(issued, [], is_token=True)

    def seen(self, request: Request, documented: str | None = None) -> AuthenticatedRequest:
        """Return the verified request; note how it differs from the documented requests."""
        verified = verified_of(request)
        for text in self.playing.notes(verified, request.headers, documented):
            note(text)
        return verified

    def issued(self, issued: Credentials, further: Pairs, *, is_token: bool) -> Response:
        body = self.playing.reply(issued, further, is_token=is_token)
        return Response(body, media_type=self.playing.manners.media_type)

    # The API

    def any_call(self, request: Request) -> Response:
        """Answer any call of the played provider's API with the user's name and the parameters that arrived."""
        verified = self.seen(request)
        user = self.account(verified)
        pairs = [pair for pair in verified.parameters if not pair[0].startswith("oauth_")]
        return JSONResponse({"user": user, "method": request.method, "parameters": pairs})

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
    """The pages for the user (section 2.2); each method takes a request and its body."""

    def __init__(
        self, store: Store, port: int, clock: Callable[[], float], inspector: Inspector, playing: Played
    ) -> None:
        self.store = store
        self.clock = clock
        self.playing = playing
        self.requests = inspector
        self.debugger_folder = folder_of_debugger()
        # Cookies are shared by all ports of a host: one sandbox must not sign another's user out.
        self.session_cookie = f"session-{port}"
        self.sign_in_cookie = f"sign-in-{port}"

    def authorize(self, request: Request, body: bytes) -> Response:
        if request.method == "POST":
            return self.decide(request, read_form(body))
        return self.ask(request, "authorize")

    def authenticate(self, request: Request, body: bytes) -> Response:
        return self.ask(request, "authenticate")

    def consent(self, request: Request, body: bytes) -> Response:
        return self.ask(request, "consent")

    def enter(self, request: Request, body: bytes) -> Response:
        """Redirect the user from the played provider's authorization URI to the consent page."""
        fields, played = read_form(request.scope["query_string"]), self.playing.provider
        token = the_one(fields, played.token_parameter)
        _, client = provider.pending_request(self.store, token, self.clock())
        if played.client_parameter is not None and the_one(fields, played.client_parameter) != client.consumer_key:
            raise HTTPException(400)
        return redirect(request_uri([("oauth_token", token)], "/oauth/consent"))

    def ask(self, request: Request, endpoint: str) -> Response:
        token = the_one(read_form(request.scope["query_string"]), "oauth_token")
        pending, client = provider.pending_request(self.store, token, self.clock())
        session = self.session(request)
        if session is None:
            return redirect(request_uri([("oauth_token", token), ("endpoint", endpoint)], "/oauth/sign-in"))
        if endpoint == "authenticate" and provider.needs_no_question(self.store, session.user, pending, client):
            verifier = provider.approve(self.store, token, session.user, self.clock())
            return self.send_back(pending.callback, token, verifier)
        origin = provider.callback_origin(pending.callback)
        return page(
            "consent.html",
            form_target=origin,
            session=session,
            client=client,
            token=token,
            origin=origin,
            gives_code=not self.playing.leaves_out("no-verifier"),
            denial_leads_back=self.playing.manners.denial is not None,
            to_return=[("oauth_token", token), ("endpoint", endpoint)],
        )

    def decide(self, request: Request, form: Pairs) -> Response:
        session = self.posting_session(request, form)
        token, decision = the_one(form, "oauth_token"), the_one(form, "decision")
        pending, client = provider.pending_request(self.store, token, self.clock())
        if decision == "deny":
            provider.deny(self.store, token, self.clock())
            denial = self.playing.denial(token)
            if pending.callback in (provider.OUT_OF_BAND, provider.NOWHERE) or denial is None:
                return page("denied.html", session=session, client=client)
            return send_back(pending.callback, denial, self.playing.manners.fragment)
        if decision != "approve":
            raise HTTPException(400)
        verifier = provider.approve(self.store, token, session.user, self.clock())
        if pending.callback not in (provider.OUT_OF_BAND, provider.NOWHERE):
            return self.send_back(pending.callback, token, verifier)
        if self.playing.leaves_out("no-verifier"):
            return page("approved.html", session=session, client=client)
        half = len(verifier) // 2
        return page("code.html", session=session, client=client, code=(verifier[:half], verifier[half:]))

    def send_back(self, callback: str, token: str, verifier: str) -> Response:
        given = [] if self.playing.leaves_out("no-verifier") else [("oauth_verifier", verifier)]
        return send_back(callback, [("oauth_token", token), *given], self.playing.manners.fragment)

    def index(self, request: Request, body: bytes) -> Response:
        session = self.session(request)
        clients = self.store.approved_clients(session.user) if session else []
        return page(
            "index.html",
            has_debugger=self.debugger_folder is not None,
            session=session,
            clients=clients,
            origin=own_origin(request),
            consumer_key=self.store.first_consumer_key(),
            played=self.playing.name if self.playing.is_another else "",
            endpoints=self.playing.endpoints(),
        )

    def static(self, request: Request, body: bytes) -> Response:
        if request.path_params["name"] not in STATIC:
            raise HTTPException(404)
        content, media_type = STATIC[request.path_params["name"]]
        return Response(content, media_type=media_type)

    def debugger(self, request: Request, body: bytes) -> Response:
        return redirect("/debugger/")  # the page loads its files by relative URLs

    def inspector(self, request: Request, body: bytes) -> Response:
        shown = request.scope["query_string"].split(b"&")
        refused = b"refused" in shown
        exchanges = [each for each in self.requests.exchanges if each.refused or not refused]
        # The page refreshes itself, also without a script. It can be paused, because a changing page is hard to read.
        return page(
            "inspector.html",
            has_script=True,
            has_debugger=self.debugger_folder is not None,
            session=self.session(request),
            live=b"paused" not in shown,
            refused=refused,
            exchanges=[(each, *self.requests.names(each)) for each in exchanges],
            kept=KEPT,
            origin=own_origin(request),
        )

    def inspected(self, request: Request, body: bytes) -> Response:
        exchange = self.exchange_of(request)
        if exchange is None:
            return error_page(404, words=NOT_KEPT)
        steps = exchange.steps()
        rows = side_by_side(steps[-1].pieces, exchange.signed) if exchange.signed else []
        client, token = self.requests.names(exchange)
        pasted = dict(read_form(body)).get("pasted", "")
        return page(
            "inspected.html",
            has_script=True,
            has_debugger=self.debugger_folder is not None,
            session=self.session(request),
            exchange=exchange,
            older=self.requests.exchange(exchange.number - 1),
            newer=self.requests.exchange(exchange.number + 1),
            client=client,
            token=token,
            is_copied=exchange.received is not None,
            steps=steps,
            rows=rows,
            pasted=pasted,
            comparison=exchange.compared(pasted) if pasted else None,
        )

    def copied(self, request: Request, body: bytes) -> Response:
        exchange, kind = self.exchange_of(request), request.path_params["kind"]
        if exchange is None or kind not in ("curl", "har"):
            return error_page(404, words=NOT_KEPT)
        text = self.requests.as_curl(exchange) if kind == "curl" else self.requests.as_har(exchange)
        if text is None:
            return error_page(404, words=NOT_COPIED)
        if kind == "curl":
            return Response(text.encode("utf-8", "backslashreplace"), media_type="text/plain; charset=utf-8")
        name = f'attachment; filename="request-{exchange.number}.har"'
        return Response(text, media_type="application/json", headers={"Content-Disposition": name})

    def exchange_of(self, request: Request) -> Exchange | None:
        number = request.path_params["number"]
        is_number = number.isascii() and number.isdigit() and len(number) < 20
        return self.requests.exchange(int(number)) if is_number else None

    def revoke(self, request: Request, body: bytes) -> Response:
        form = read_form(body)
        session = self.posting_session(request, form)
        provider.withdraw(self.store, session.user, the_one(form, "consumer_key"))
        return redirect("/")

    # Sessions

    def sign_in(self, request: Request, body: bytes) -> Response:
        # The return target is a token and an endpoint's name, never a URL, so it cannot lead to another site.
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
        endpoint = fields.get("endpoint")
        endpoint = endpoint if endpoint in ("authenticate", "consent") else "authorize"
        return request_uri([("oauth_token", fields["oauth_token"])], f"/oauth/{endpoint}")

    def sign_out(self, request: Request, body: bytes) -> Response:
        form = read_form(body)
        self.posting_session(request, form)
        self.store.remove_session(request.cookies[self.session_cookie])
        # If the form names a request token, the user wants to answer that request with another account.
        response = redirect(self.destination(form))
        response.delete_cookie(self.session_cookie)
        return response

    def session(self, request: Request) -> Session | None:
        return self.store.session(request.cookies.get(self.session_cookie, ""), self.clock())

    def posting_session(self, request: Request, form: Pairs) -> Session:
        """Return the session of the page that sent this form; otherwise refuse the form."""
        session = self.session(request)
        if session is None:
            raise HTTPException(403)
        check_origin(request)
        check_csrf(form, session.csrf)
        return session


def check_origin(request: Request) -> None:
    """Refuse a form without the sandbox's own Origin: another port of the host could have set the cookie."""
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


def note(text: str) -> None:
    """Let the inspector show ``text`` with the current request: what the sandbox accepted and others may refuse."""
    CURRENT.get().notes.append(text)


def euros(millionths: int) -> Decimal:
    return Decimal(millionths).scaleb(-6)
