"""OAuth 1.0a for aiohttp: one header is added, and each redirect and attempt is signed."""

import asyncio
import copy
import io
import pickle
import time
import zlib

import aiohttp
import aiohttp.test_utils
import aiohttp.web
import aiohttp_retry
import pytest
import yarl

from oauth1_core import HMAC_SHA256, PLAINTEXT, InsecureEndpoint, SigningError, body_hash, parse_request
from oauth1_core.adapters.aiohttp import OAuth1
from oauth1_core.adapters.clock import LearningClock
from tests.support.amount import ALL
from tests.support.http_clients import (
    CLIENT,
    FORM,
    HOPS,
    JSON,
    PLACEMENTS,
    QUERIES,
    TOKEN,
    busy,
    empty_form_led_away,
    every_attempt_has_its_own_nonce,
    generate_async,
    heals,
    heals_all_that_are_under_way,
    heals_where_a_redirect_has_led,
    learns_from_no_stranger,
    learns_without_resending,
    placed,
    redirected,
    redirects,
    refused_by_oauthlib,
    running_oauthlib,
    same_but_signed,
    typed,
)


def send(auth, method, url, world=None, retry=None, per_call=None, **options):
    """Send one request and return its status."""

    async def sending():
        connector = aiohttp.TCPConnector(ssl=world.context if world else True)
        middlewares = [auth] if auth else []
        async with aiohttp.ClientSession(connector=connector, middlewares=middlewares) as session:
            client = aiohttp_retry.RetryClient(session, retry_options=retry) if retry else session
            more = {"middlewares": per_call} if per_call is not None else {}
            make = options.pop("make", dict)
            async with client.request(method, url, **options, **make(), **more) as response:
                await response.read()
                return response.status

    return asyncio.run(sending())


def sent(server, auth, method, target, **options):
    assert send(auth, method, server.origin + target, **options) == 200
    return server.requests.pop()


def multipart():
    with aiohttp.MultipartWriter("form-data", boundary="b") as writer:
        writer.append(b"\xff\0&=%")
    return {"data": writer}


# Payloads belong to a running loop, so that each of these is called in one.
BODIES = {
    "none": (dict, True),
    "JSON": (lambda: {"json": {"a": [1, "é&="]}}, True),
    "JSON that looks like a form": (lambda: {"data": b"a=1&b=2", **typed(JSON)}, True),
    "multipart": (multipart, True),
    "octets": (lambda: {"data": bytes(range(256)) * 300}, True),
    "octets, compressed": (lambda: {"data": b"a" * 300, "compress": "deflate"}, True),
    "text": (lambda: {"data": "a=é", **typed("text/plain")}, True),
    "file": (lambda: {"data": io.BytesIO(b"\0\xff" * 50000)}, True),
    "async generator": (lambda: {"data": generate_async(b"a=", b"1", b"\xff" * 70000)}, True),
    "form": (lambda: {"data": {"a": "é +&=", "b": ""}}, True),
    "form as text": (lambda: {"data": "a=1&b=%20", **typed(FORM)}, True),
    "empty form": (lambda: {"data": b"", **typed(FORM)}, True),
    "form without a body": (lambda: typed(FORM), True),
    "form in upper case with a charset": (
        lambda: {"data": b"a=1&b=%c3%a9+&a=1", **typed(FORM.upper() + " ; charset=UTF-8")},
        False,
    ),
    "form with raw characters": (lambda: {"data": b"a[]=1|\xc3\xa9", **typed(FORM)}, False),
    "form from a file": (lambda: {"data": io.BytesIO(b"a=1&b"), **typed(FORM)}, True),
    "form from an async generator": (lambda: {"data": generate_async(b"a=", b"1&b"), **typed(FORM)}, True),
}


@pytest.mark.parametrize("target, oauthlib_reads", QUERIES.values(), ids=QUERIES.keys())
def test_the_target_arrives_as_it_would_unsigned_and_verifies(server, target, oauthlib_reads):
    plain = sent(server, None, "GET", target)
    same_but_signed(plain, sent(server, OAuth1(CLIENT, TOKEN), "GET", target), oauthlib_reads)
    placed(plain, sent(server, OAuth1(CLIENT, TOKEN, placement="query"), "GET", target), "query", oauthlib_reads)


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_an_encoded_url_is_signed_as_it_is(server, placement):
    url = yarl.URL(server.origin + "/a%2fb%7e?x=%7e&y[]=1", encoded=True)
    assert send(OAuth1(CLIENT, TOKEN, placement=placement), "GET", url) == 200
    assert "/a%2fb%7e?x=%7e&y[]=1" in server.requests[0].verified().uri


@pytest.mark.parametrize("name", BODIES)
def test_the_body_arrives_as_it_would_unsigned_and_verifies(server, name):
    make, oauthlib_reads = BODIES[name]
    plain = sent(server, None, "POST", "/r?q=1", make=make)
    same_but_signed(plain, sent(server, OAuth1(CLIENT, TOKEN), "POST", "/r?q=1", make=make), oauthlib_reads)


@pytest.mark.parametrize("name", ["form", "form as text", "empty form", "form without a body", "form from a file"])
@pytest.mark.parametrize("placement", ["form", "query"])
def test_the_parameters_can_go_into_form_or_query(server, placement, name):
    make, _ = BODIES[name]
    plain = sent(server, None, "POST", "/r?q=1", make=make)
    auth = OAuth1(CLIENT, TOKEN, placement=placement)
    placed(plain, sent(server, auth, "POST", "/r?q=1", make=make), placement)


def test_a_request_without_a_form_is_signed_in_its_header(server):
    for method, options in (("POST", {}), ("POST", {"json": {}}), ("GET", typed(FORM))):
        arrived = sent(server, OAuth1(CLIENT, TOKEN, placement="form"), method, "/r", **options)
        assert dict(arrived.fields)["Authorization"].startswith("OAuth ")


@pytest.mark.parametrize("status, name, placement", **redirects())
def test_a_redirect_is_signed_afresh_or_not_at_all(world, status, name, placement):
    origin = getattr(world, HOPS[name][0]).origin
    auth = OAuth1(CLIENT, TOKEN, placement=placement, origin=origin.upper().replace("HTTP", "http"))
    redirected(world, lambda url: send(auth, "POST", url, world, data={"a": "1", "b": " "}), status, name)


@pytest.mark.parametrize("status, name, placement", **redirects([302, 307]))
def test_without_an_origin_a_redirect_to_another_is_refused(world, status, name, placement):
    auth = OAuth1(CLIENT, TOKEN, placement=placement)

    def post(url):
        return send(auth, "POST", url, world, data={"a": "1", "b": " "})

    if HOPS[name][2]:
        return redirected(world, post, status, name)
    world.reset()
    start, end = [getattr(world, each) for each in HOPS[name][:2]]
    start.answer = lambda arrived: (status, [("Location", end.origin + "/end")], b"")
    with pytest.raises(SigningError, match="another origin"):
        post(start.origin + "/start")
    assert [len(each.requests) for each in (start, end)] == [1, 0]


def test_an_answer_without_a_location_is_no_redirect(server):
    server.answer = lambda arrived: (302, [], b"")
    assert send(OAuth1(CLIENT, TOKEN), "GET", server.origin + "/r") == 302


@pytest.mark.parametrize("name", ["Location", "URI"])
def test_another_origin_is_seen_wherever_it_stands(world, name):
    world.reset()
    world.origin.answer = lambda arrived: (302, [(name, world.other_host.origin.replace("http:", ""))], b"")
    with pytest.raises(SigningError, match="another origin"):
        send(OAuth1(CLIENT, TOKEN), "GET", world.origin.origin)
    assert world.other_host.requests == []


def test_a_location_that_is_no_redirect_may_be_elsewhere(world):
    world.reset()
    world.origin.answer = lambda arrived: (201, [("Location", world.other_host.origin)], b"")
    assert send(OAuth1(CLIENT, TOKEN), "POST", world.origin.origin) == 201


def test_a_refused_redirect_gives_its_connection_back(world):
    world.reset()
    answers = iter([(302, [("Location", world.other_host.origin)], b"x" * 1000000)])
    world.origin.answer = lambda arrived: next(answers, (200, [], b""))

    async def sending():
        connector, timeout = aiohttp.TCPConnector(limit=1), aiohttp.ClientTimeout(total=10)
        middlewares = [OAuth1(CLIENT, TOKEN)]
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, middlewares=middlewares) as session:
            with pytest.raises(SigningError) as caught:
                await session.get(world.origin.origin)
            async with session.get(world.origin.origin) as response:
                return caught, response.status

    assert asyncio.run(sending())[1] == 200


@pytest.mark.parametrize("location", ["http://[::1", "http://h:99999/", "mailto:a@b", "http:///x"])
def test_a_location_that_leads_nowhere_is_for_aiohttp_to_refuse(server, location):
    server.answer = lambda arrived: (302, [("Location", location)], b"")
    with pytest.raises(aiohttp.ClientError):
        send(OAuth1(CLIENT, TOKEN), "GET", server.origin + "/r")
    assert len(server.requests) == 1


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_every_attempt_has_its_own_nonce(server, placement):
    times = 1000 if ALL else 20
    server.answer = busy(times)
    retry = aiohttp_retry.ExponentialRetry(attempts=times + 1, start_timeout=0, max_timeout=0, statuses={503})
    auth = OAuth1(CLIENT, TOKEN, placement=placement)
    assert send(auth, "POST", server.origin + "/r", retry=retry, data={"a": "1"}) == 200
    every_attempt_has_its_own_nonce(server, times + 1)


def test_a_lost_connection_is_retried_with_another_nonce(server):
    def lose(arrived):
        server.answer = lambda arrived: (200, [], b"")
        raise ConnectionResetError

    server.answer = lose
    assert send(OAuth1(CLIENT, TOKEN), "GET", server.origin + "/r") == 200
    every_attempt_has_its_own_nonce(server, 2)


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_one_hour_wrong_heals_in_one_retry(server, placement, hours):
    def make(clock):
        auth = OAuth1(CLIENT, TOKEN, placement=placement, clock=clock)
        return lambda: send(auth, "POST", server.origin + "/r?q=1", data={"a": "1"})

    heals(server, hours, make)


def test_a_clock_heals_all_requests_of_many_threads_and_those_that_were_redirected(server):
    def make(clock):
        auth = OAuth1(CLIENT, TOKEN, clock=clock)
        return lambda: send(auth, "POST", server.origin + "/r", json={})

    heals_all_that_are_under_way(server, make)
    heals_where_a_redirect_has_led(server, make)


def test_a_clock_believes_no_stranger(world):
    def make(clock):
        auth = OAuth1(CLIENT, TOKEN, clock=clock, origin=world.origin.origin)
        return lambda: send(auth, "POST", world.origin.origin + "/r", json={})

    learns_from_no_stranger(world, make)


def test_an_empty_form_is_led_away_empty(world):
    auth = OAuth1(CLIENT, TOKEN, placement="form", origin=world.origin.origin)
    empty_form_led_away(world, lambda url: send(auth, "POST", url, data=b"", **typed(FORM)))


def test_through_a_proxy_the_request_is_that_of_the_origin(server):
    send(OAuth1(CLIENT, TOKEN), "GET", "http://api.example/r?a=1", proxy=server.origin)
    [arrived] = server.requests
    arrived.uri = arrived.target
    assert arrived.verified().uri == "http://api.example/r?a=1"


def test_the_host_field_is_what_is_signed(server):
    """RFC 5849 section 3.4.1: "the authority as declared by the HTTP "Host" request header field"."""
    options = {"headers": {"Host": "virtual.example:81"}}
    arrived = sent(server, OAuth1(CLIENT, TOKEN), "GET", "/r", **options)
    assert arrived.verified().base_string.startswith("GET&http%3A%2F%2Fvirtual.example%3A81%2Fr&")


def test_a_body_that_is_used_up_is_not_sent_again_but_the_clock_has_learnt(server):
    def make(clock):
        auth = OAuth1(CLIENT, TOKEN, clock=clock)
        return lambda: send(auth, "POST", server.origin + "/r", make=lambda: {"data": generate_async(b"x")})

    learns_without_resending(server, make)


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_form_that_is_compressed_is_signed_as_it_is_once_decompressed(server, placement):
    auth = OAuth1(CLIENT, TOKEN, placement=placement)
    arrived = sent(server, auth, "POST", "/r?q=1", data={"a": "1 2"}, compress="deflate")
    assert dict(arrived.fields)["Content-Encoding"] == "deflate" and arrived.body[:2] == b"\x78\x9c"
    arrived.body = zlib.decompress(arrived.body)
    assert {("a", "1 2"), ("q", "1")} <= set(arrived.verified().parameters)


@pytest.mark.parametrize("name", ["origin", "tls"])
@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("is_own", [True, False, None], ids=["own origin", "another", "no origin"])
def test_the_handshake_of_a_websocket_is_signed_for_its_own_origin_only(world, name, placement, is_own):
    world.reset()
    server = getattr(world, name)
    server.answer = lambda arrived: (401, [], b"")
    origins = {True: server.origin, False: world.other_port.origin, None: None}
    auth = OAuth1(CLIENT, TOKEN, placement=placement, origin=origins[is_own])

    async def connect():
        connector = aiohttp.TCPConnector(ssl=world.context)
        async with aiohttp.ClientSession(connector=connector, middlewares=[auth]) as session:
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(server.origin.replace("http", "ws") + "/r?a=1")

    asyncio.run(connect())
    [arrived] = server.requests
    assert arrived.is_signed is (is_own is not False)
    assert dict(arrived.fields)["Upgrade"] == "websocket"
    if arrived.is_signed:
        assert arrived.verified().uri.startswith(server.origin + "/r?a=1")


def test_a_websocket_works_over_a_signed_handshake():
    async def echo(request):
        parse_request("GET", str(request.url), request.headers.items())
        socket = aiohttp.web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str((await socket.receive_str()).upper())
        return socket

    async def talk():
        application = aiohttp.web.Application()
        application.router.add_get("/r", echo)
        session = aiohttp.ClientSession(middlewares=[OAuth1(CLIENT, TOKEN)])
        async with aiohttp.test_utils.TestServer(application) as server, session:
            socket = await session.ws_connect(server.make_url("/r").with_scheme("ws"))
            await socket.send_str("hello")
            return await socket.receive_str()

    assert asyncio.run(talk()) == "HELLO"


@pytest.mark.parametrize("clock", [time.time, LearningClock()], ids=["time", "LearningClock"])
def test_deep_copies_sign_and_pickles_are_refused(server, clock):
    auth = copy.deepcopy(OAuth1(CLIENT, TOKEN, clock=clock))
    sent(server, auth, "GET", "/r").verified()
    with pytest.raises(TypeError, match="secret"):
        pickle.dumps(auth)


def test_oauthlib_behind_a_server_accepts_it():
    with running_oauthlib() as origin:
        for placement in PLACEMENTS:
            auth = OAuth1(CLIENT, TOKEN, placement=placement)
            assert send(auth, "POST", origin + "/r?b=2&a=%20", data={"a": "é +"}) == 200
        assert refused_by_oauthlib(lambda client: send(OAuth1(client, TOKEN), "GET", origin))


def test_a_realm_for_all_and_one_for_a_call(server):
    auth = OAuth1(CLIENT, TOKEN, realm="Photos")
    for per_call, realm in ((None, "Photos"), ([auth.with_realm("Other")], "Other")):
        header = dict(sent(server, auth, "GET", "/r", per_call=per_call).fields)["Authorization"]
        assert header.startswith('OAuth realm="{}", oauth_consumer_key='.format(realm))
    assert not sent(server, auth, "GET", "/r", per_call=[]).is_signed


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff" * 100])
def test_a_body_hash_is_that_of_the_octets(server, body):
    for mode in ("auto", "always"):
        auth = OAuth1(CLIENT, TOKEN, body_hash=mode, signature_method=HMAC_SHA256)
        arrived = sent(server, auth, "POST", "/r", data=body, **typed(JSON))
        found = arrived.verified(accept=(HMAC_SHA256,), require_body_hash=True)
        assert ("oauth_body_hash", body_hash(body, "sha256")) in found.protocol_parameters


@pytest.mark.parametrize("name", ["form", "async generator", "file", "octets, compressed"])
def test_where_there_can_be_no_body_hash_there_is_none_or_an_error(server, name):
    make = BODIES[name][0]
    arrived = sent(server, OAuth1(CLIENT, TOKEN, body_hash="auto"), "POST", "/r", make=make)
    assert "oauth_body_hash" not in dict(arrived.parsed.protocol_parameters)
    with pytest.raises(SigningError, match="hash"):
        send(OAuth1(CLIENT, TOKEN, body_hash="always"), "POST", server.origin + "/r", make=make)
    assert server.requests == []


def test_what_cannot_be_signed_is_not_sent(server):
    for auth, url, error in [
        (OAuth1(CLIENT, signature_method=PLAINTEXT), "http://api.example/", InsecureEndpoint),
        (OAuth1(CLIENT), server.origin + "/?oauth_nonce=x", SigningError),
    ]:
        with pytest.raises(error):
            send(auth, "GET", url)
    assert server.requests == []
