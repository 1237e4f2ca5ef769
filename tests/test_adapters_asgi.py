"""The ASGI middleware: what reaches an application is verified, and what does not is answered in full."""

import asyncio
import socket
import threading
import time

import httpx
import pytest
import uvicorn

from oauth1_core import (
    AsyncVerifier,
    ClientCredentials,
    InvalidToken,
    MalformedRequest,
    SigningError,
    TokenCredentials,
    Verifier,
    authorization_header,
    body_hash,
    decode_form,
    form_encoded_body,
    request_uri,
    sign,
)
from oauth1_core.adapters.asgi import OAuth1Middleware
from oauth1_core.nonce_stores.memory import MemoryNonceStore

CLIENT, TOKEN = ClientCredentials("client", "cs"), TokenCredentials("token", "ts")
ORIGIN = "https://api.example"
FORM = ("content-type", "application/x-www-form-urlencoded")
DISCONNECT = {"type": "http.disconnect"}


class Known:
    def client(self, identifier):
        return CLIENT if identifier == CLIENT.identifier else None

    def token(self, client_identifier, token_identifier):
        return TOKEN if token_identifier == TOKEN.identifier else None


KINDS = [Verifier]


@pytest.fixture(params=[Verifier, AsyncVerifier], ids=["in threads", "inline"], autouse=True)
def kind(request):
    """Every test runs with a verifier of either kind."""
    KINDS[:] = [request.param]
    return request.param


def verifier(**options):
    return KINDS[0](Known(), options.pop("nonces", MemoryNonceStore(epoch=0)), **options)


class Application:
    """Reads the body to its end, and answers; keeps scopes, messages and what the middleware gave."""

    def __init__(self):
        self.scopes, self.messages = [], []

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        message = await receive()
        self.messages.append(message)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    @property
    def requests(self):
        return [scope["oauth1"] for scope in self.scopes]


@pytest.fixture
def app():
    return Application()


def protect(app, **options):
    options.setdefault("origins", [ORIGIN])
    return OAuth1Middleware(app, options.pop("verifier", None) or verifier(), **options)


def scope_of(method="GET", target="/r", headers=(), host="api.example", **more):
    path, _, query = target.encode("latin-1").partition(b"?")
    fields = [("host", host), *headers] if host is not None else headers
    return {
        "type": "http",
        "method": method,
        # As servers do: the path is decoded, so that it tells less than raw_path.
        "path": "/decoded",
        "raw_path": path,
        "query_string": query,
        "scheme": "http",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in fields],
        **more,
    }


def signed(method="GET", target="/r", headers=(), form="", origin=ORIGIN, **more):
    """Return the scope of a request that is signed for ``origin``."""
    pairs = sign(method, origin + target, CLIENT, TOKEN, form=form)
    return scope_of(method, target, [("authorization", authorization_header(pairs)), *headers], **more)


def body_of(*chunks):
    last = len(chunks) - 1
    return [{"type": "http.request", "body": chunk, "more_body": n != last} for n, chunk in enumerate(chunks)]


def call(app, scope, messages=None):
    """Run one request; return what was sent."""
    sent, incoming = [], iter(body_of(b"") if messages is None else messages)

    async def receive():
        return next(incoming, DISCONNECT)

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def status_of(app, scope, messages=None):
    return call(app, scope, messages)[0]["status"]


def refused(app, scope, messages=None):
    """Return status, header fields and form of a refusal, after a look at its frame."""
    start, end = call(app, scope, messages)
    assert (start["type"], end["type"]) == ("http.response.start", "http.response.body")
    assert all(name == name.lower() for name, _ in start["headers"])
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert len(headers) == len(start["headers"]) and headers["content-length"] == str(len(end["body"]))
    assert headers["content-type"] == FORM[1] and headers["cache-control"] == "no-store"
    return start["status"], headers, dict(decode_form(end["body"]))


# What is accepted


def test_a_verified_request_reaches_the_application_in_its_scope(app):
    scope = signed("GET", "/r%2Fs?b=2&a=1&a=1")
    before = dict(scope)
    assert status_of(protect(app), scope) == 204
    [request] = app.requests
    assert (request.client_identifier, request.token_identifier) == ("client", "token")
    assert request.uri == ORIGIN + "/r%2Fs?b=2&a=1&a=1"
    assert [pair for pair in request.parameters if pair[0] in "ab"] == [("b", "2"), ("a", "1"), ("a", "1")]
    assert scope == before, "the server's own scope stays as it was"
    assert {name: app.scopes[0][name] for name in scope} == scope


@pytest.mark.parametrize("chunks", [(b"a=1&b=2",), (b"a=1&", b"b=", b"", b"2"), (b"", b"a=1&b=2", b"")])
def test_a_body_may_come_in_pieces_and_is_replayed_whole(app, chunks):
    scope = signed("POST", headers=[FORM], form="a=1&b=2")
    assert status_of(protect(app), scope, body_of(*chunks)) == 204
    assert app.messages == [{"type": "http.request", "body": b"a=1&b=2", "more_body": False}]
    assert app.requests[0].parameters[-2:] == [("a", "1"), ("b", "2")]


def test_a_message_may_leave_out_what_has_a_default(app):
    assert status_of(protect(app), signed(), [{"type": "http.request"}]) == 204
    assert app.messages == [{"type": "http.request"}]
    assert status_of(protect(app), signed("POST", headers=[FORM]), [{"type": "http.request"}]) == 204
    assert app.messages[1:] == [{"type": "http.request", "body": b"", "more_body": False}]


def test_after_the_body_the_application_hears_the_server():
    heard = []

    async def app(scope, receive, send):
        heard.extend([await receive(), await receive()])

    for scope in (signed("PUT"), signed("POST", headers=[FORM], form="x")):
        heard.clear()
        call(protect(app), scope, [*body_of(b"x"), DISCONNECT])
        assert heard == [*body_of(b"x"), DISCONNECT]


def test_the_protocol_parameters_may_come_in_the_query(app):
    target = request_uri(sign("GET", ORIGIN + "/r?a=1", CLIENT, TOKEN), "/r?a=1")
    assert status_of(protect(app), scope_of("GET", target)) == 204


def test_the_protocol_parameters_may_come_in_the_form(app):
    form = form_encoded_body(sign("POST", ORIGIN + "/r", CLIENT, TOKEN, form="a=1"), "a=1")
    assert status_of(protect(app), scope_of("POST", headers=[FORM]), body_of(form.encode())) == 204


def test_without_a_token_where_it_may_be_absent(app):
    pairs = sign("GET", ORIGIN + "/r", CLIENT)
    scope = scope_of(headers=[("authorization", authorization_header(pairs))])
    assert refused(protect(app), scope)[0] == 400
    assert status_of(protect(app, token="absent"), scope) == 204
    assert app.requests[0].token_identifier is None


@pytest.mark.parametrize(
    "host, origin",
    [
        ("api.example", "https://api.example"),
        ("API.Example:443", "https://api.example"),
        ("second.example:8080", "http://second.example:8080"),
        ("[::1]:1", "http://[::1]:1"),
    ],
)
def test_each_origin_has_the_scheme_that_clients_use(app, host, origin):
    """The connection's own scheme is that of the last hop."""
    origins = ["HTTPS://API.example:443/", "http://second.example:8080", "http://[::1]:1"]
    assert status_of(protect(app, origins=origins), signed(origin=origin, host=host)) == 204


def test_no_forwarded_header_is_looked_at(app):
    forwarded = [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-port", "1"),
        ("forwarded", "host=evil.example;proto=http"),
    ]
    assert status_of(protect(app), signed(headers=forwarded)) == 204
    evil = signed(origin="http://evil.example", headers=forwarded)
    assert refused(protect(app), evil)[0] == 401


def test_a_header_field_may_hold_any_octets(app):
    assert status_of(protect(app), signed(headers=[("x-name", "J\xf6rg")])) == 204


def test_the_life_span_is_the_applications():
    seen = []

    async def app(scope, receive, send):
        seen.append((scope, await receive()))
        await send({"type": "lifespan.startup.complete"})

    scope = {"type": "lifespan"}
    assert call(protect(app), scope, [{"type": "lifespan.startup"}]) == [{"type": "lifespan.startup.complete"}]
    assert seen == [(scope, {"type": "lifespan.startup"})]


# What is refused


def test_a_request_that_is_not_signed_gets_the_challenge(app):
    status, headers, form = refused(protect(app, realm="Photos"), scope_of())
    assert (status, form["oauth_problem"]) == (401, "parameter_absent")
    assert headers["www-authenticate"] == 'OAuth realm="Photos", oauth_problem="parameter_absent"'
    assert app.scopes == []


def test_a_forged_request_changes_nothing(app):
    nonces = MemoryNonceStore(epoch=0)
    middleware = protect(app, verifier=verifier(nonces=nonces))
    scope = signed("POST", headers=[FORM], form="a=1")
    status, headers, form = refused(middleware, scope, body_of(b"a=2"))
    assert (status, form) == (401, {"oauth_problem": "signature_invalid"})
    assert headers["www-authenticate"] == 'OAuth realm="", oauth_problem="signature_invalid"'
    assert (app.scopes, len(nonces)) == ([], 0)
    assert status_of(middleware, scope, body_of(b"a=1")) == 204
    assert refused(middleware, scope, body_of(b"a=1"))[2] == {"oauth_problem": "nonce_used"}


def test_the_details_of_a_refusal_are_in_its_form(app):
    pairs = sign("GET", ORIGIN + "/r", CLIENT, TOKEN, timestamp=1)
    scope = scope_of(headers=[("authorization", authorization_header(pairs))])
    assert set(refused(protect(app), scope)[2]) == {"oauth_problem", "oauth_acceptable_timestamps"}


@pytest.mark.parametrize("field", ["authorization", "content-type", "host"])
def test_a_field_that_stands_twice_is_seen(app, field):
    scope = signed("POST", headers=[FORM], form="a=1")
    scope["headers"] += [pair for pair in scope["headers"] if pair[0] == field.encode()]
    assert refused(protect(app), scope, body_of(b"a=1"))[0] == 400
    assert app.scopes == []


@pytest.mark.parametrize("other", ["evil.example", "api.example"])
def test_two_hosts_are_none(app, other):
    assert refused(protect(app), signed(host=other, headers=[("host", "api.example")]))[0] == 400


@pytest.mark.parametrize(
    "host, status",
    [
        (None, 400),
        ("", 400),
        ("api.example:0", 400),
        ("api.example:99999", 400),
        ("api.example:abc", 400),
        ("user@api.example", 400),
        ("api.example/", 400),
        ("api.example?x", 400),
        ("api.example#x", 400),
        ("api.example, api.example", 400),
        ("api.example:80", 421),
        ("api.example.evil.example", 421),
        ("evil.example", 421),
        ("api.example.", 421),
    ],
)
def test_the_host_is_one_of_the_origins(app, host, status):
    found, _, form = refused(protect(app), signed(host=host))
    assert (found, form["oauth_problem"]) == (status, "parameter_rejected")
    assert app.scopes == []


def test_without_origins_there_is_no_host_to_answer_for(app):
    assert refused(protect(app, origins=[]), signed())[0] == 421


@pytest.mark.parametrize(
    "target",
    [
        "/r?a=%FF",
        "/r?a=\xff",
        "/r?a=%zz",
        "/r#fragment",
        "/r?a=1#fragment",
        "/r\x7f",
        "*",
        "",
        "r",
        "@evil.example/r",
        ":443/r",
        "https://evil.example/r",
    ],
)
def test_a_target_that_is_read_in_two_ways_is_refused(app, target):
    pairs = sign("GET", ORIGIN + "/r", CLIENT, TOKEN)
    scope = scope_of(target=target, headers=[("authorization", authorization_header(pairs))])
    assert refused(protect(app), scope)[0] == 400
    assert app.scopes == []


def test_octets_of_a_target_outside_utf_8_are_those_that_were_signed(app):
    pairs = sign("GET", ORIGIN + "/%FF", CLIENT, TOKEN)
    for target, status in (("/%FF", 204), ("/%FE", 401), ("/\xff", 400)):
        scope = scope_of(target=target, headers=[("authorization", authorization_header(pairs))])
        assert (status_of(protect(app), scope) if status == 204 else refused(protect(app), scope)[0]) == status


def test_a_target_is_verified_as_it_was_sent(app):
    pairs = sign("GET", ORIGIN + "/r/s", CLIENT, TOKEN)
    for target in ("/r%2Fs", "/r%2fs", "/x/../r/s", "/r//s", "/r/s/"):
        scope = scope_of(target=target, headers=[("authorization", authorization_header(pairs))])
        assert refused(protect(app), scope)[0] == 401


@pytest.mark.parametrize("sent", [1000, 1001])
def test_a_body_has_a_limit(app, sent):
    middleware = protect(app, max_body=1000)
    messages = body_of(b"a" * 1000, b"a" * (sent - 1000))
    # What comes after the limit is not read.
    messages += [] if sent == 1000 else [AssertionError]
    scope = signed("POST", headers=[FORM], form="a" * 1000)
    if sent == 1000:
        assert status_of(middleware, scope, messages) == 204
    else:
        messages[1]["more_body"] = True
        assert refused(middleware, scope, messages)[0] == 413
        assert app.scopes == []


@pytest.mark.parametrize("before", [[], body_of(b"a=1", b"")[:1]])
def test_who_goes_away_before_the_end_of_the_body_sent_no_request(app, before):
    nonces = MemoryNonceStore(epoch=0)
    scope = signed("POST", headers=[FORM], form="a=1")
    assert call(protect(app, verifier=verifier(nonces=nonces)), scope, [*before, DISCONNECT]) == []
    assert (app.scopes, len(nonces)) == ([], 0)


def test_a_websocket_is_refused(app):
    scope = {**signed(), "type": "websocket"}
    assert call(protect(app), scope) == [{"type": "websocket.close", "code": 1008}]
    assert app.scopes == []


def test_an_unknown_kind_of_connection_is_refused(app):
    with pytest.raises(NotImplementedError):  # what ASGI's own examples raise
        call(protect(app), {**signed(), "type": "webtransport"})
    assert app.scopes == []


@pytest.mark.parametrize("missing", [{"raw_path": None}, {}])
def test_a_server_that_passes_no_raw_path_is_of_no_use(app, missing):
    scope = signed()
    del scope["raw_path"]
    with pytest.raises(RuntimeError, match="raw_path"):
        call(protect(app), {**scope, **missing})
    assert app.scopes == []


def test_an_application_may_word_the_refusals(app):
    def answer(error, realm):
        return error.status, [("Content-Type", "application/json"), ("X-Realm", realm)], b"{}"

    start, end = call(protect(app, realm="Photos", answer=answer), scope_of())
    headers = [(b"content-type", b"application/json"), (b"x-realm", b"Photos"), (b"content-length", b"2")]
    assert (start["status"], start["headers"], end["body"]) == (401, headers, b"{}")


def test_the_status_of_a_token_is_refused_with_its_problem(app):
    def status(request):
        raise InvalidToken("over", problem="token_revoked")

    found, _, form = refused(protect(app, verifier=verifier(check_status=status)), signed())
    assert (found, form["oauth_problem"]) == (401, "token_revoked")


@pytest.mark.parametrize(
    "options, error",
    [
        ({"origins": ["https://api.example/v1"]}, ValueError),
        ({"origins": ["https://api.example?"]}, ValueError),
        ({"origins": ["https://api.example/?a=1"]}, ValueError),
        ({"origins": ["https://user@api.example"]}, ValueError),
        ({"origins": ["https://*.example"]}, ValueError),
        ({"origins": ["https://api.example#x"]}, ValueError),
        ({"prefix": "v1"}, ValueError),
        ({"prefix": "/v1/"}, ValueError),
        ({"prefix": "/v1?"}, ValueError),
        ({"prefix": "/v 1"}, ValueError),
        ({"token": "none"}, ValueError),
        ({"origins": "https://api.example"}, SigningError),
        ({"origins": ["api.example"]}, SigningError),
        ({"realm": 'a"b'}, SigningError),
    ],
)
def test_what_could_never_work_is_said_at_once(app, options, error):
    with pytest.raises(error):
        protect(app, **options)


# What is signed where, and what of the body is read


def test_of_two_origins_with_one_host_the_scheme_decides(app):
    middleware = protect(app, origins=["http://api.example", "https://api.example"])
    for scheme in ("http", "https"):
        assert status_of(middleware, signed(origin=scheme + "://api.example", scheme=scheme)) == 204
        assert app.requests[-1].uri == scheme + "://api.example/r"
    assert refused(middleware, signed(scheme="http"))[0] == 401
    assert refused(middleware, signed(scheme="ws"))[0] == 421


def test_what_a_proxy_took_off_the_path_is_put_back(app):
    pairs = sign("GET", ORIGIN + "/v1/r%2Fs?a=1", CLIENT, TOKEN)
    scope = scope_of(target="/r%2Fs?a=1", headers=[("authorization", authorization_header(pairs))])
    assert refused(protect(app), scope)[0] == 401
    assert status_of(protect(app, prefix="/v1"), scope) == 204
    assert app.requests[0].uri == ORIGIN + "/v1/r%2Fs?a=1"
    assert refused(protect(app, prefix="/v1"), signed(target=".evil.example/r"))[0] == 400


def original_uri(scope):
    return ORIGIN + dict(scope["headers"])[b"x-original-uri"].decode("latin-1")


@pytest.mark.parametrize(
    "target, origins, status",
    [("/v1/r%2Fs", [ORIGIN], 204), ("/v1/r%2Fs", [], 204), (".evil.example/r", [ORIGIN], 421), (":0/", [ORIGIN], 400)],
)
def test_a_function_tells_what_was_signed(app, target, origins, status):
    """And neither Host nor raw_path, which a server may not even pass."""
    pairs = sign("GET", ORIGIN + "/v1/r%2Fs", CLIENT, TOKEN)
    fields = [("authorization", authorization_header(pairs)), ("x-original-uri", target)]
    scope = scope_of(target="/inner", host="inner", headers=fields)
    del scope["raw_path"]
    middleware = protect(app, uri=original_uri, origins=origins)
    assert (status_of(middleware, scope) if status == 204 else refused(middleware, scope)[0]) == status


def never(scope, receive, send):
    raise AssertionError


def without_a_body(app, scope):
    """Return the status of a refusal that was sent before anything of the body was asked for."""
    return refused(app, scope, [AssertionError])[0]


def test_a_body_that_no_signature_covers_streams_to_the_application():
    received = []

    async def app(scope, receive, send):
        assert scope["oauth1"].body == b""
        received.extend([await receive(), await receive()])

    scope = signed("PUT", headers=[("content-type", "image/png"), ("content-length", "3000000")])
    chunks = body_of(b"x" * 1_000_000, b"y" * 2_000_000)
    call(protect(app), scope, chunks)
    assert received == chunks and received[0] is chunks[0]


@pytest.mark.parametrize("sent, status", [(b"{}", 204), (b"[]", 401)])
def test_a_body_that_its_hash_covers_is_read_and_replayed(app, sent, status):
    pairs = sign("PUT", ORIGIN + "/r", CLIENT, TOKEN, protocol_parameters=[("oauth_body_hash", body_hash(b"{}"))])
    fields = [("authorization", authorization_header(pairs)), ("content-type", "application/json")]
    found = call(protect(app), scope_of("PUT", headers=fields), body_of(sent))[0]["status"]
    assert found == status
    assert app.messages == ([{"type": "http.request", "body": b"{}", "more_body": False}] if status == 204 else [])


def test_a_body_without_its_hash_is_refused_where_that_is_required(app):
    middleware = protect(app, verifier=verifier(require_body_hash=True))
    assert refused(middleware, signed("PUT"), body_of(b"{}"))[0] == 400
    assert status_of(middleware, signed("PUT"), body_of(b"")) == 204


@pytest.mark.parametrize(
    "scope, status",
    [
        (scope_of("POST"), 401),
        (scope_of("POST", headers=[("authorization", "Bearer x"), ("content-length", "1000000")]), 401),
        (scope_of("POST", headers=[("authorization", "OAuth a=")]), 400),
        (scope_of("POST", headers=[FORM, ("content-length", "262145")]), 413),
        (scope_of("POST", headers=[FORM, ("content-length", "9" * 5000)]), 413),
        (scope_of("POST", host="evil.example", headers=[FORM]), 421),
        (scope_of("POST", "/r?a=%zz", headers=[FORM]), 400),
    ],
)
def test_what_the_head_alone_tells_is_refused_before_the_body_is_awaited(app, scope, status):
    assert without_a_body(protect(app), scope) == status


def test_an_old_timestamp_is_refused_before_the_body_is_awaited(app):
    pairs = sign("POST", ORIGIN + "/r", CLIENT, TOKEN, timestamp=1)
    scope = scope_of("POST", headers=[FORM, ("authorization", authorization_header(pairs))])
    assert without_a_body(protect(app), scope) == 401


def test_a_form_ends_at_the_limit_of_the_verifier(app):
    messages = body_of(b"a" * 262_144, b"a")
    messages[1]["more_body"] = True
    assert refused(protect(app), scope_of("POST", headers=[FORM]), [*messages, AssertionError])[0] == 413


def test_a_body_that_trickles_in_has_a_deadline(app):
    async def main():
        sent = []

        async def receive():
            await asyncio.sleep(0.02)
            return {"type": "http.request", "body": b"a", "more_body": True}

        async def send(message):
            sent.append(message)

        await protect(app, body_timeout=0.1)(signed("POST", headers=[FORM], form="a=1"), receive, send)
        return sent[0]["status"]

    assert asyncio.run(main()) == 408
    assert app.scopes == []


# Who waits for whom


class Slow:
    """A store that takes its time, and counts who is there at once."""

    def __init__(self, seconds):
        self.seconds, self.there, self.most = seconds, 0, 0
        self.lock = threading.Lock()

    def claim(self, *fields):
        with self.lock:
            self.there += 1
            self.most = max(self.most, self.there)
        time.sleep(self.seconds)
        with self.lock:
            self.there -= 1
        return True


def test_a_slow_store_takes_no_thread_of_the_application_and_who_finds_no_place_is_told():
    nonces = Slow(0.2)
    answers = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def main():
        middleware = protect(app, verifier=Verifier(Known(), nonces), threads=3, waiting=4)

        async def one():
            async def send(message):
                if message["type"] == "http.response.start":
                    answers.append((message["status"], dict(message["headers"]).get(b"retry-after")))

            await middleware(signed(), None, send)

        tasks = [asyncio.create_task(one()) for _ in range(40)]
        await asyncio.sleep(0)
        start = time.monotonic()
        await asyncio.to_thread(int)
        beside = time.monotonic() - start
        await asyncio.gather(*tasks)
        # Whose turn is over leaves a place.
        await one()
        return beside

    beside = asyncio.run(main())
    assert (nonces.most, answers.count((204, None)), answers.count((503, b"1"))) == (3, 8, 33)
    assert answers[:33] == [(503, b"1")] * 33 and answers[-1] == (204, None)
    assert beside < 0.2 * 2


def test_who_stops_waiting_leaves_the_place_once_the_thread_is_free():
    nonces = Slow(0.1)

    async def main():
        middleware = protect(never, verifier=Verifier(Known(), nonces), threads=1, waiting=0)
        task = asyncio.create_task(middleware(signed(), None, None))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        taken = not middleware.places.acquire(blocking=False)
        await asyncio.sleep(0.3)
        return taken, middleware.places.acquire(blocking=False)

    assert asyncio.run(main()) == (True, True)


def test_an_inline_verifier_awaits_its_sources(app):
    class Awaited(Known):
        async def token(self, client_identifier, token_identifier):
            await asyncio.sleep(0)
            return super().token(client_identifier, token_identifier)

    assert status_of(protect(app, verifier=AsyncVerifier(Awaited(), MemoryNonceStore(epoch=0))), signed()) == 204


# Whose errors are whose


def test_the_applications_errors_are_its_own():
    """A refusal by the application is not taken for one of the verifier."""

    async def app(scope, receive, send):
        raise MalformedRequest("not the verifier's")

    with pytest.raises(MalformedRequest, match="not the verifier's"):
        call(protect(app), signed())


def test_a_fault_of_the_verifier_is_not_an_acceptance(app):
    class Broken:
        def claim(self, *fields):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        call(protect(app, verifier=verifier(nonces=Broken())), signed())
    assert app.scopes == []


def test_a_nonce_store_that_waits_keeps_nobody_else_waiting(app):
    class Waiting:
        waited = threading.Event()

        def claim(self, *fields):
            return self.waited.wait(10)

    KINDS[:] = [Verifier]
    nonces, order = Waiting(), []

    async def main():
        async def first():
            await protect(app, verifier=verifier(nonces=nonces))(signed(), receive, send)
            order.append("first")

        async def receive():
            return body_of(b"")[0]

        async def send(message):
            pass

        waiting = asyncio.create_task(first())
        await asyncio.sleep(0.1)
        await protect(app)(signed(), receive, send)
        order.append("second")
        nonces.waited.set()
        await waiting

    asyncio.run(main())
    assert order == ["second", "first"]


# Under a real server


@pytest.fixture(scope="module")
def server():
    """An application under uvicorn that says who signed and what the body was; yields its URL."""

    async def app(scope, receive, send):
        body = (await receive())["body"]
        names = b" ".join([name.encode() for name, _ in scope["oauth1"].parameters if not name.startswith("oauth_")])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-names", names)]})
        await send({"type": "http.response.body", "body": body})

    listener = socket.create_server(("127.0.0.1", 0))
    url = "http://127.0.0.1:{}".format(listener.getsockname()[1])
    config = uvicorn.Config(
        protect(app, origins=[url]), http="h11", ws="none", log_level="error", timeout_graceful_shutdown=3
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + 10
    while not running.started and time.monotonic() < deadline:
        time.sleep(0.01)
    yield url
    running.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def http():
    with httpx.Client(trust_env=False) as http:
        yield http


def test_over_http_a_form_in_chunks_and_a_query_are_verified(server, http):
    uri, form = server + "/r%2Fs?q=%C3%BC&q=2", "a=1&b=" + "2" * 200_000
    header = authorization_header(sign("POST", uri, CLIENT, TOKEN, form=form))
    headers = {"Authorization": header, "Content-Type": FORM[1]}
    pieces = (form[at : at + 70_000].encode() for at in range(0, len(form), 70_000))
    reply = http.post(uri, headers=headers, content=pieces)
    assert (reply.status_code, reply.text, reply.headers["x-names"]) == (200, form, "q q a b")
    again = http.post(uri, headers=headers, content=form.encode())
    assert (again.status_code, again.text) == (401, "oauth_problem=nonce_used")


def test_over_http_a_refusal_leaves_the_connection_in_order(server, http):
    for _ in range(3):
        reply = http.get(server + "/r")
        assert (reply.status_code, reply.headers["content-type"]) == (401, FORM[1])
        assert reply.headers["www-authenticate"] == 'OAuth realm="", oauth_problem="parameter_absent"'
    assert http.get(server + "/r", headers={"Host": "evil.example"}).status_code == 421
    header = authorization_header(sign("GET", server + "/r", CLIENT, TOKEN))
    assert http.get(server + "/r", headers={"Authorization": header}).status_code == 200


def test_over_http_a_body_that_is_too_long_is_refused(server, http):
    headers = {"Content-Type": FORM[1]}
    assert http.post(server + "/r", content=b"a" * 262_145, headers=headers).status_code == 413
    assert http.post(server + "/r", content=b"a" * 10_000_000).status_code == 401
