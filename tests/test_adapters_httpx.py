"""OAuth 1.0a for httpx and httpx2: one header is added, and each redirect and attempt is signed by a transport."""

import asyncio
import base64
import contextlib
import copy
import gzip
import hmac
import io
import pickle
import re
import ssl
import time
import urllib.parse

import httpx
import httpx2
import httpx_retries
import pytest

from oauth1_core import (
    HMAC_SHA256,
    PLAINTEXT,
    InsecureEndpoint,
    SigningError,
    body_hash,
    parse_authorization_header,
)
from oauth1_core.adapters import httpx as httpx_adapter
from oauth1_core.adapters import httpx2 as httpx2_adapter
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
    Arrived,
    busy,
    empty_form_led_away,
    every_attempt_has_its_own_nonce,
    generate,
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
    round_trip,
    running_oauthlib,
    same_but_signed,
    typed,
)

TRUST = ssl.create_default_context()  # made once, since that takes longer than a test


class Library:
    """One of the two, with what adapts it."""

    def __init__(self, module, adapter):
        self.httpx = module
        self.OAuth1, self.OAuth1Transport = adapter.OAuth1, adapter.OAuth1Transport

    def send(self, is_async, auth, method, url, trust=TRUST, transport=None, signs_hops=False, **options):
        """Send one request, sync or async, and return the answer; ``signs_hops="alone"`` without ``auth`` beside."""
        outer_auth = None if signs_hops == "alone" else auth
        options = {"follow_redirects": True, **options}

        async def send():
            inner = transport or self.httpx.AsyncHTTPTransport(verify=trust)
            outer = self.OAuth1Transport(auth, inner) if signs_hops else inner
            async with self.httpx.AsyncClient(trust_env=False, auth=outer_auth, transport=outer) as client:
                return await client.request(method, url, **options)

        if is_async:
            return asyncio.run(send())
        inner = transport or self.httpx.HTTPTransport(verify=trust)
        outer = self.OAuth1Transport(auth, inner) if signs_hops else inner
        with self.httpx.Client(trust_env=False, auth=outer_auth, transport=outer) as client:
            return client.request(method, url, **options)


@pytest.fixture(params=["httpx", "httpx2"])
def library(request):
    return {"httpx": Library(httpx, httpx_adapter), "httpx2": Library(httpx2, httpx2_adapter)}[request.param]


def multipart():
    files = {"f": ("n.bin", b"\xff\0&=%")}
    return {"files": files, "data": {"a": "1"}, **typed("multipart/form-data; boundary=b")}


# What is sent, made afresh for each sending, and whether oauthlib reads it: it knows the type of a form in lower
# case only.
BODIES = {
    "none": (dict, True),
    "JSON": (lambda: {"json": {"a": [1, "é&="]}}, True),
    "JSON that looks like a form": (lambda: {"content": b"a=1&b=2", **typed(JSON)}, True),
    "multipart": (multipart, True),
    "octets": (lambda: {"content": bytes(range(256)) * 300}, True),
    "text": (lambda: {"content": "a=é", **typed("text/plain")}, True),
    "form": (lambda: {"data": {"a": ["1", "é +&="], "b": ""}}, True),
    "empty form": (lambda: {"content": b"", **typed(FORM)}, True),
    "form in upper case with a charset": (
        lambda: {"content": b"a=1&b=%c3%a9+&a=1", **typed(FORM.upper() + " ; charset=UTF-8")},
        False,
    ),
    "form with raw characters": (lambda: {"content": b"a[]=1|\xc3\xa9", **typed(FORM)}, False),
}
SYNC_BODIES = {
    "generator": (lambda: {"content": generate(b"a=", b"1", b"\xff" * 70000)}, True),
    "file": (lambda: {"content": io.BytesIO(b"\0\xff" * 50000)}, True),
    "form from a generator": (lambda: {"content": generate(b"a=", b"1&b"), **typed(FORM)}, True),
}
ASYNC_BODIES = {
    "async generator": (lambda: {"content": generate_async(b"a=", b"1", b"\xff" * 70000)}, True),
    "form from an async generator": (lambda: {"content": generate_async(b"a=", b"1&b"), **typed(FORM)}, True),
}
KINDS = [(False, name, *row) for name, row in {**BODIES, **SYNC_BODIES}.items()]
KINDS += [(True, name, *row) for name, row in {**BODIES, **ASYNC_BODIES}.items()]
KIND_NAMES = ["async " * kind[0] + kind[1] for kind in KINDS]
either = pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
WAYS = {"transport alone": "alone", "transport and auth": True, "auth alone": False}
either_transport = pytest.mark.parametrize("signs_hops", WAYS.values(), ids=WAYS)
the_transport = pytest.mark.parametrize("signs_hops", ["alone", True], ids=["transport alone", "transport and auth"])


def exchange(server, library, auth, is_async, method, target, options, signs_hops=False):
    """Send one request and return what arrived."""
    response = library.send(is_async, auth, method, server.origin + target, signs_hops=signs_hops, **options)
    assert response.status_code == 200
    return server.requests.pop()


@either_transport
@either
@pytest.mark.parametrize("target, oauthlib_reads", QUERIES.values(), ids=QUERIES.keys())
def test_the_target_arrives_as_it_would_unsigned_and_verifies(
    server, library, is_async, signs_hops, target, oauthlib_reads
):
    plain = exchange(server, library, None, is_async, "GET", target, {})
    signed = exchange(server, library, library.OAuth1(CLIENT, TOKEN), is_async, "GET", target, {}, signs_hops)
    same_but_signed(plain, signed, oauthlib_reads)
    auth = library.OAuth1(CLIENT, TOKEN, placement="query")
    placed(plain, exchange(server, library, auth, is_async, "GET", target, {}, signs_hops), "query", oauthlib_reads)


@either_transport
@pytest.mark.parametrize("is_async, name, make, oauthlib_reads", KINDS, ids=KIND_NAMES)
def test_the_body_arrives_as_it_would_unsigned_and_verifies(
    server, library, is_async, signs_hops, name, make, oauthlib_reads
):
    plain = exchange(server, library, None, is_async, "PUT", "/r?q=1", make())
    signed = exchange(server, library, library.OAuth1(CLIENT, TOKEN), is_async, "PUT", "/r?q=1", make(), signs_hops)
    same_but_signed(plain, signed, oauthlib_reads, is_streamed_form="form from" in name)


@either_transport
@either
@pytest.mark.parametrize("placement", ["form", "query"])
@pytest.mark.parametrize("name", ["form", "empty form", "form from a generator"])
def test_the_parameters_can_go_into_form_or_query(server, library, is_async, signs_hops, placement, name):
    make = {**BODIES, **(ASYNC_BODIES if is_async else SYNC_BODIES)}
    make = make.get(name, make.get("form from an async generator"))[0]
    plain = exchange(server, library, None, is_async, "POST", "/r?q=1", make())
    auth = library.OAuth1(CLIENT, TOKEN, placement=placement)
    placed(plain, exchange(server, library, auth, is_async, "POST", "/r?q=1", make(), signs_hops), placement)


@either
def test_a_request_without_a_form_is_signed_in_its_header(server, library, is_async):
    for method, options in (("POST", {}), ("POST", {"json": {}}), ("GET", typed(FORM))):
        auth = library.OAuth1(CLIENT, TOKEN, placement="form")
        arrived = exchange(server, library, auth, is_async, method, "/r", options)
        assert dict(arrived.fields)["Authorization"].startswith("OAuth ")


@the_transport
@either
@pytest.mark.parametrize("status, name, placement", **redirects())
def test_a_redirect_is_signed_afresh_or_not_at_all(world, library, is_async, signs_hops, status, name, placement):
    auth, options = library.OAuth1(CLIENT, TOKEN, placement=placement), {"data": {"a": "1", "b": " "}}

    def send(url):
        library.send(is_async, auth, "POST", url, trust=world.context, signs_hops=signs_hops, **options)

    redirected(world, send, status, name)


@the_transport
@either
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_who_has_left_the_origin_is_not_signed_when_coming_back(world, library, is_async, signs_hops, placement):
    auth = library.OAuth1(CLIENT, TOKEN, placement=placement)
    round_trip(
        world,
        lambda url: library.send(is_async, auth, "POST", url, signs_hops=signs_hops, data={"a": "1"}),
        world.other_host,
    )


@either
@pytest.mark.parametrize("status, name, placement", **redirects([302, 307]))
def test_without_the_transport_no_used_signature_goes_unnoticed(world, library, is_async, status, name, placement):
    """In a header to the same origin, in a query that the server repeats: all that the client lets through."""
    auth, options = library.OAuth1(CLIENT, TOKEN, placement=placement), {"data": {"a": "1", "b": " "}}
    keeps = {"header": HOPS[name][2], "form": status in (307, 308), "query": True}[placement]

    def send(url):
        if keeps:
            with pytest.raises(SigningError, match="use OAuth1Transport"):
                library.send(is_async, auth, "POST", url, trust=world.context, **options)
            raise EOFError
        library.send(is_async, auth, "POST", url, trust=world.context, **options)

    try:
        redirected(world, send, status, name, is_signed=False)
    except EOFError:
        strangers = [server for server in world.servers if server is not getattr(world, HOPS[name][0])]
        assert placement == "query" or not any(each.is_signed for server in strangers for each in server.requests)


def retrying(library, is_async, inner, times):
    """The transport of httpx-retries; there is none for httpx2 yet, whose users write one of their own."""
    if library.httpx is httpx:
        retry = httpx_retries.Retry(total=times, backoff_factor=0, allowed_methods=["POST"])
        return httpx_retries.RetryTransport(inner, retry=retry)

    class RetryTransport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
        def handle_request(self, request):
            response = inner.handle_request(request)
            while response.status_code == 503:
                response.close()
                response = inner.handle_request(request)
            return response

        async def handle_async_request(self, request):
            response = await inner.handle_async_request(request)
            while response.status_code == 503:
                await response.aclose()
                response = await inner.handle_async_request(request)
            return response

        def close(self):
            inner.close()

        async def aclose(self):
            await inner.aclose()

    return RetryTransport()


@the_transport
@either
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_every_attempt_has_its_own_nonce(server, library, is_async, signs_hops, placement):
    times = 1000 if ALL else 20
    server.answer = busy(times)
    auth = library.OAuth1(CLIENT, TOKEN, placement=placement)
    inner = library.httpx.AsyncHTTPTransport(verify=TRUST) if is_async else library.httpx.HTTPTransport(verify=TRUST)
    transport = retrying(library, is_async, library.OAuth1Transport(auth, inner), times)
    options = {"transport": transport, "data": {"a": "1"}}
    assert (
        library.send(
            is_async, auth if signs_hops is True else None, "POST", server.origin + "/r", **options
        ).status_code
        == 200
    )
    every_attempt_has_its_own_nonce(server, times + 1)


@either_transport
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_request_is_signed_each_time_that_it_is_sent(server, library, signs_hops, placement):
    transport = library.httpx.HTTPTransport(verify=TRUST)
    auth = library.OAuth1(CLIENT, TOKEN, placement=placement)
    transport = library.OAuth1Transport(auth, transport) if signs_hops else transport
    auth = None if signs_hops == "alone" else auth
    with library.httpx.Client(trust_env=False, auth=auth, transport=transport) as client:
        request = client.build_request("POST", server.origin + "/r?q=1", data={"a": "1"})
        for _ in range(3):
            client.send(request)
    every_attempt_has_its_own_nonce(server, 3)


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_request_that_was_led_away_is_signed_when_it_is_sent_again(world, library, placement):
    world.reset()
    world.origin.answer = lambda arrived: (307, [("Location", world.other_host.origin + "/end")], b"")
    transport = library.OAuth1Transport(
        library.OAuth1(CLIENT, TOKEN, placement=placement), library.httpx.HTTPTransport(verify=TRUST)
    )
    with library.httpx.Client(trust_env=False, transport=transport, follow_redirects=True) as client:
        request = client.build_request("POST", world.origin.origin + "/r", data={"a": "1"})
        client.send(request)
        client.send(request)
    every_attempt_has_its_own_nonce(world.origin, 2)
    assert [arrived.is_signed for arrived in world.other_host.requests] == [False, False]


@either
def test_a_transport_of_its_own_sends_where_none_is_given(server, library, is_async):
    transport = library.OAuth1Transport(library.OAuth1(CLIENT, TOKEN))
    server.answer = busy(0)

    async def send():
        async with library.httpx.AsyncClient(transport=transport) as client:
            return await client.get(server.origin + "/r")

    if is_async:
        asyncio.run(send())
    else:
        with library.httpx.Client(transport=transport) as client:
            client.get(server.origin + "/r")
    every_attempt_has_its_own_nonce(server, 1)


def test_a_transport_in_the_place_of_who_signs_is_refused(library):
    with pytest.raises(SigningError, match="must be an OAuth1, the second the transport"):
        library.OAuth1Transport(library.httpx.HTTPTransport(verify=TRUST))


def test_an_auth_beside_the_transport_says_who_signs(server, library):
    transport = library.OAuth1Transport(library.OAuth1(CLIENT, TOKEN), library.httpx.HTTPTransport(verify=TRUST))
    with library.httpx.Client(trust_env=False, transport=transport) as client:
        client.get(server.origin + "/r", auth=library.OAuth1(CLIENT, realm="Photos"))
    [arrived] = server.requests
    assert dict(arrived.fields)["Authorization"].startswith('OAuth realm="Photos"')
    assert arrived.parsed.token_identifier is None
    assert [name for name, _ in arrived.fields].count("Authorization") == 1


@the_transport
@either
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_an_event_hook_that_changes_a_request_comes_before_the_transport_signs(
    server, library, is_async, signs_hops, placement
):
    def change(request):
        request.url = request.url.copy_add_param("b", "2")
        request.headers["X-Trace"] = "1"

    async def change_async(request):
        change(request)

    auth, kinds = library.OAuth1(CLIENT, TOKEN, placement=placement), library.httpx
    inner = (kinds.AsyncHTTPTransport if is_async else kinds.HTTPTransport)(verify=TRUST)
    options = {"transport": library.OAuth1Transport(auth, inner), "auth": None if signs_hops == "alone" else auth}
    options = {"trust_env": False, "event_hooks": {"request": [change_async if is_async else change]}, **options}

    async def send():
        async with kinds.AsyncClient(**options) as client:
            await client.post(server.origin + "/r?a=1", data={"c": "3"})

    if is_async:
        asyncio.run(send())
    else:
        with kinds.Client(**options) as client:
            client.post(server.origin + "/r?a=1", data={"c": "3"})
    assert {("a", "1"), ("b", "2"), ("c", "3")} <= set(server.requests[0].verified().parameters)


@either_transport
@either
def test_a_form_shows_what_is_sent_wherever_one_looks(server, library, is_async, signs_hops):
    auth = library.OAuth1(CLIENT, TOKEN, placement="form")
    response = library.send(is_async, auth, "POST", server.origin + "/r", signs_hops=signs_hops, data={"a": "1"})
    [arrived], request = server.requests, response.request
    assert request.content == arrived.body and b"oauth_signature=" in arrived.body
    assert int(request.headers["Content-Length"]) == len(arrived.body)
    seen = []

    def mock(request):
        seen.append((request.content, int(request.headers["Content-Length"])))
        return library.httpx.Response(200)

    transport = library.httpx.MockTransport(mock)
    library.send(is_async, auth, "POST", "http://h/", transport=transport, signs_hops=signs_hops, data={"a": "1"})
    [(content, length)] = seen
    assert content.startswith(b"a=1&oauth_consumer_key=") and length == len(content)


@either_transport
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_an_application_under_wsgi_gets_what_was_signed(library, signs_hops, placement):
    arrived = []

    def application(environ, start_response):
        body = environ["wsgi.input"].read()
        uri = "http://h{}?{}".format(environ["PATH_INFO"], environ["QUERY_STRING"])
        fields = [
            (name, environ.get(key, ""))
            for name, key in [("Content-Type", "CONTENT_TYPE"), ("Authorization", "HTTP_AUTHORIZATION")]
        ]
        arrived.append(Arrived("http", b"POST / HTTP/1.1", [*fields, ("Host", "h")], body, body))
        arrived[0].uri = uri
        start_response("200 OK", [])
        return []

    auth, transport = library.OAuth1(CLIENT, TOKEN, placement=placement), library.httpx.WSGITransport(application)
    library.send(False, auth, "POST", "http://h/r?q=1", transport=transport, signs_hops=signs_hops, data={"a": "1"})
    arrived[0].verified()


@either
@pytest.mark.parametrize("signs_all", [False, True])
def test_a_transport_that_signs_only_a_part_lets_no_used_signature_pass_unnoticed(library, is_async, signs_all):
    """http to https of the same host is the one change of origin for which the client keeps the header."""
    answers = iter([{"status_code": 302, "headers": {"Location": "https://api.example/end"}}])
    seen = []

    def answer(request):
        seen.append(request.headers.get("Authorization"))
        return library.httpx.Response(**next(answers, {"status_code": 200}))

    inner = library.httpx.MockTransport(answer)
    auth, options = library.OAuth1(CLIENT, TOKEN), {"follow_redirects": True, "trust_env": False, "transport": inner}
    mounts = {"all://" if signs_all else "http://": library.OAuth1Transport(auth, inner)}

    async def send():
        async with library.httpx.AsyncClient(auth=auth, mounts=mounts, **options) as client:
            await client.get("http://api.example/r")

    with contextlib.nullcontext() if signs_all else pytest.raises(SigningError, match="use OAuth1Transport"):
        if is_async:
            asyncio.run(send())
        else:
            with library.httpx.Client(auth=auth, mounts=mounts, **options) as client:
                client.get("http://api.example/r")
    assert len(seen) == 2 and seen[0] and seen[1] == (None if signs_all else seen[0])


@either
def test_a_client_that_is_closed_closes_the_transport_inside(library, is_async):
    closed = []

    class Closing(library.httpx.MockTransport):
        def close(self):
            closed.append("sync")

        async def aclose(self):
            closed.append("async")

    inner = Closing(lambda request: library.httpx.Response(200))
    library.send(is_async, library.OAuth1(CLIENT), "GET", "http://h/", transport=inner, signs_hops=True)
    assert closed == ["async" if is_async else "sync"]


@either_transport
@either
@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_one_hour_wrong_heals_in_one_retry(server, library, is_async, signs_hops, placement, hours):
    def make(clock):
        auth = library.OAuth1(CLIENT, TOKEN, placement=placement, clock=clock)
        options = {"signs_hops": signs_hops, "data": {"a": "1"}}
        return lambda: library.send(is_async, auth, "POST", server.origin + "/r?q=1", **options).status_code

    heals(server, hours, make)


@either_transport
@either
def test_a_clock_heals_all_requests_of_many_threads_and_those_that_were_redirected(
    server, library, is_async, signs_hops
):
    def make(clock):
        auth = library.OAuth1(CLIENT, TOKEN, clock=clock)
        options = {"signs_hops": signs_hops, "json": {}}
        return lambda: library.send(is_async, auth, "POST", server.origin + "/r", **options).status_code

    heals_all_that_are_under_way(server, make)
    heals_where_a_redirect_has_led(server, make)


@either_transport
@either
def test_a_clock_believes_no_stranger(world, library, is_async, signs_hops):
    def make(clock):
        auth = library.OAuth1(CLIENT, TOKEN, clock=clock)
        options = {"signs_hops": signs_hops, "json": {}}
        return lambda: library.send(is_async, auth, "POST", world.origin.origin + "/r", **options).status_code

    learns_from_no_stranger(world, make)


@the_transport
@either
def test_an_empty_form_is_led_away_empty(world, library, is_async, signs_hops):
    auth, options = library.OAuth1(CLIENT, TOKEN, placement="form"), {"content": b"", **typed(FORM)}
    options = {"signs_hops": signs_hops, **options}
    empty_form_led_away(world, lambda url: library.send(is_async, auth, "POST", url, **options))


@either_transport
@either
def test_through_a_proxy_the_request_is_that_of_the_origin(server, library, is_async, signs_hops):
    kind = library.httpx.AsyncHTTPTransport if is_async else library.httpx.HTTPTransport
    transport, auth = kind(proxy=server.origin, verify=TRUST), library.OAuth1(CLIENT, TOKEN)
    library.send(is_async, auth, "GET", "http://api.example/r?a=1", transport=transport, signs_hops=signs_hops)
    [arrived] = server.requests
    arrived.uri = arrived.target
    assert arrived.verified().uri == "http://api.example/r?a=1"


@either_transport
@either
def test_a_body_that_is_used_up_is_not_sent_again_but_the_clock_has_learnt(server, library, is_async, signs_hops):
    def make(clock):
        auth, body = library.OAuth1(CLIENT, TOKEN, clock=clock), generate_async if is_async else generate
        options = {"signs_hops": signs_hops, "content": body(b"x")}
        return lambda: library.send(is_async, auth, "POST", server.origin + "/r", **options).status_code

    learns_without_resending(server, make)


@either
def test_oauthlib_behind_a_server_accepts_it(library, is_async):
    with running_oauthlib() as origin:
        for placement in PLACEMENTS:
            auth = library.OAuth1(CLIENT, TOKEN, placement=placement)
            url = origin + "/r?b=2&a=%20"
            assert library.send(is_async, auth, "POST", url, data={"a": "é +"}).status_code == 200
        assert refused_by_oauthlib(
            lambda client: library.send(is_async, library.OAuth1(client, TOKEN), "GET", origin).status_code
        )


@either
def test_a_realm_for_all_and_one_for_a_call(server, library, is_async):
    auth = library.OAuth1(CLIENT, TOKEN, realm="Photos")
    for each, realm in ((auth, "Photos"), (auth.with_realm("Other"), "Other"), (auth, "Photos")):
        header = dict(exchange(server, library, each, is_async, "GET", "/r", {}, True).fields)["Authorization"]
        assert header.startswith('OAuth realm="{}", oauth_consumer_key='.format(realm))


@either
@pytest.mark.parametrize("body", [b"", b"{}", b"\xff" * 100])
def test_a_body_hash_is_that_of_the_octets(server, library, is_async, body):
    for mode in ("auto", "always"):
        auth = library.OAuth1(CLIENT, TOKEN, body_hash=mode, signature_method=HMAC_SHA256)
        arrived = exchange(server, library, auth, is_async, "POST", "/r", {"content": body, **typed(JSON)}, True)
        found = arrived.verified(accept=(HMAC_SHA256,), require_body_hash=True)
        assert ("oauth_body_hash", body_hash(body, "sha256")) in found.protocol_parameters


@either
@pytest.mark.parametrize("kind", ["form", "stream"])
def test_where_there_can_be_no_body_hash_there_is_none_or_an_error(server, library, is_async, kind):
    def options():
        body = (generate_async if is_async else generate)(b"x")
        return {"data": {"a": "1"}} if kind == "form" else {"content": body}

    arrived = exchange(server, library, library.OAuth1(CLIENT, body_hash="auto"), is_async, "POST", "/r", options())
    assert "oauth_body_hash" not in dict(arrived.parsed.protocol_parameters)
    with pytest.raises(SigningError, match="hash"):
        library.send(is_async, library.OAuth1(CLIENT, body_hash="always"), "POST", server.origin, **options())
    assert server.requests == []


@either
def test_a_refusal_from_which_the_transport_has_learnt_nothing_is_the_answer(server, library, is_async):
    server.answer = lambda arrived: (401, [("Content-Encoding", "gzip")], gzip.compress(b"no"))
    auth = library.OAuth1(CLIENT, TOKEN, clock=LearningClock())
    response = library.send(is_async, auth, "GET", server.origin + "/r", signs_hops="alone")
    assert (response.status_code, response.text) == (401, "no")
    assert response.elapsed.total_seconds() > 0 and response.request.url.path == "/r"
    assert len(server.requests) == 1


@pytest.mark.parametrize("clock", [time.time, LearningClock()], ids=["time", "LearningClock"])
def test_deep_copies_sign_and_pickles_are_refused(server, library, clock):
    auth = copy.deepcopy(library.OAuth1(CLIENT, TOKEN, clock=clock))
    response = library.send(False, auth, "GET", server.origin + "/r")
    assert copy.deepcopy(response.request).headers == response.request.headers
    every_attempt_has_its_own_nonce(server, 1)
    with pytest.raises(TypeError, match="secret"):
        pickle.dumps(auth)


def test_a_form_that_is_not_utf_8_is_signed_by_its_octets(server, library):
    """A verifier refuses it, so the signature is compared with one made by urllib and hmac."""
    options = {"content": b"a=%FF&b=\xff", **typed(FORM)}
    arrived = exchange(server, library, library.OAuth1(CLIENT), False, "POST", "/r", options)
    assert arrived.body == b"a=%FF&b=\xff"
    pairs = dict(parse_authorization_header(dict(arrived.fields)["Authorization"]))
    signature = pairs.pop("oauth_signature")
    parameters = "&".join(["a=%FF", "b=%FF", *[name + "=" + pairs[name] for name in sorted(pairs)]])
    base_string = "&".join(["POST", *[urllib.parse.quote(each, safe="~") for each in (arrived.uri, parameters)]])
    assert base64.b64decode(signature) == hmac.digest(b"cs&", base_string.encode(), "sha1")


def test_the_host_field_is_what_is_signed(server, library):
    """RFC 5849 section 3.4.1: "the authority as declared by the HTTP "Host" request header field"."""
    options = {"headers": {"Host": "virtual.example:81"}}
    arrived = exchange(server, library, library.OAuth1(CLIENT, TOKEN), False, "GET", "/r", options)
    assert arrived.verified().base_string.startswith("GET&http%3A%2F%2Fvirtual.example%3A81%2Fr&")


def test_a_field_that_is_there_twice_is_read_as_both(library):
    """As httpx itself joins them: a body of two types is no form, and no Host is signed that is not the only one."""
    twice = [("Content-Type", FORM), ("Content-Type", "text/plain")]
    [field] = sent_by(library, library.OAuth1(CLIENT, TOKEN, placement="form"), content=b"a=1", headers=twice)
    assert field.startswith("OAuth ")
    with pytest.raises(SigningError, match="no valid host"):
        sent_by(library, library.OAuth1(CLIENT, TOKEN), headers=[("Host", "a.example"), ("host", "b.example")])


def sent_by(library, auth, url="https://api.example/r", times=1, **options):
    """The requests that a transport is given."""
    seen = []

    def answer(request):
        seen.append(request.headers.get_list("Authorization"))
        return library.httpx.Response(200)

    with library.httpx.Client(transport=library.httpx.MockTransport(answer), auth=auth) as client:
        request = client.build_request("GET", url, **options)
        for _ in range(times):
            client.send(request)
    assert all(len(fields) == 1 for fields in seen)
    return [field for [field] in seen]


def test_realm_version_nonce_and_clock_are_the_callers(library):
    auth = library.OAuth1(CLIENT, realm="Photos", version=None, nonce=lambda: "abc", clock=lambda: 1795455318.9)
    [header] = sent_by(library, auth)
    assert header.startswith('OAuth realm="Photos", oauth_consumer_key="client0123456789abcdef", oauth_signature_')
    assert 'oauth_timestamp="1795455318", oauth_nonce="abc", oauth_signature=' in header
    assert "oauth_version" not in header and "oauth_token" not in header


def test_by_default_there_is_a_version_and_no_realm(library):
    [header] = sent_by(library, library.OAuth1(CLIENT, TOKEN))
    assert 'oauth_token="token0123456789abcdef0"' in header and 'oauth_version="1.0"' in header
    assert "realm" not in header
    [timestamp] = re.findall('oauth_timestamp="([0-9]+)"', header)
    assert abs(int(timestamp) - time.time()) < 60


def test_every_sending_of_one_request_has_its_own_nonce(library):
    headers = sent_by(library, library.OAuth1(CLIENT, TOKEN), times=3)
    assert len({re.search('oauth_nonce="([^"]+)"', header).group(1) for header in headers}) == 3


def test_the_signature_method_is_the_callers(library):
    [header] = sent_by(library, library.OAuth1(CLIENT, TOKEN, signature_method=PLAINTEXT))
    assert 'oauth_signature_method="PLAINTEXT"' in header and 'oauth_signature="cs%26ts"' in header


def test_an_authorization_header_of_the_caller_is_replaced(library):
    [header] = sent_by(library, library.OAuth1(CLIENT), headers={"Authorization": "Bearer x"})
    assert header.startswith("OAuth ")


@pytest.mark.parametrize(
    "url, base_string_uri",
    [
        ("https://API.example:443/", "https%3A%2F%2Fapi.example%2F"),
        ("http://[::1]:8000", "http%3A%2F%2F%5B%3A%3A1%5D%3A8000%2F"),
        ("https://bücher.example/ü", "https%3A%2F%2Fxn--bcher-kva.example%2F%25C3%25BC"),
        ("https://u:p@api.example/a%2fb#f", "https%3A%2F%2Fapi.example%2Fa%252fb"),
    ],
)
def test_the_url_is_signed_as_httpx_sends_it(library, url, base_string_uri):
    signed = []

    class Recording:
        name = "X"

        def sign(self, base_string, *secrets):
            signed.append((base_string.split("&")[1], secrets))
            return "signature"

    [header] = sent_by(library, library.OAuth1(CLIENT, TOKEN, signature_method=Recording()), url)
    assert signed == [(base_string_uri, ("cs", "ts"))]
    assert 'oauth_signature="signature"' in header


@pytest.mark.parametrize(
    "options, url, error",
    [
        ({"signature_method": PLAINTEXT}, "http://api.example/", InsecureEndpoint),
        ({}, "https://api.example/?oauth_nonce=x", SigningError),
        ({"nonce": str}, "https://api.example/", SigningError),
    ],
)
def test_what_cannot_be_signed_is_not_sent(library, options, url, error):
    sent = []
    auth, transport = library.OAuth1(CLIENT, **options), library.httpx.MockTransport(sent.append)

    async def send():
        async with library.httpx.AsyncClient(transport=transport, auth=auth) as client:
            await client.get(url)

    with library.httpx.Client(transport=transport, auth=auth) as client, pytest.raises(error):
        client.get(url)
    with pytest.raises(error):
        asyncio.run(send())
    assert sent == []


def test_a_realm_that_cannot_be_sent_is_refused_at_once(library):
    with pytest.raises(SigningError, match="realm"):
        library.OAuth1(CLIENT, realm='"')


class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Notes when it is called and when the body is made."""

    def __init__(self, library):
        self.library, self.events = library, []

    def body(self):
        for number in range(2):
            self.events.append("chunk")
            yield b"%d" % number

    async def async_body(self):
        for chunk in self.body():
            yield chunk

    def handle_request(self, request):
        self.events.append("transport")
        return self.library.httpx.Response(200, content=b"".join(request.stream))

    async def handle_async_request(self, request):
        self.events.append("transport")
        return self.library.httpx.Response(200, content=b"".join([chunk async for chunk in request.stream]))


@pytest.mark.parametrize(
    "media_type, events", [("text/plain", ["transport", "chunk", "chunk"]), (FORM, ["chunk", "chunk", "transport"])]
)
def test_only_a_form_is_read_before_it_is_sent(library, media_type, events):
    options = {"headers": {"Content-Type": media_type}}
    transport = Transport(library)
    with library.httpx.Client(transport=transport, auth=library.OAuth1(CLIENT)) as client:
        assert client.post("https://api.example/", content=transport.body(), **options).content == b"01"
    assert transport.events == events

    async def send():
        async with library.httpx.AsyncClient(transport=transport, auth=library.OAuth1(CLIENT)) as client:
            return await client.post("https://api.example/", content=transport.async_body(), **options)

    transport.events.clear()
    assert asyncio.run(send()).content == b"01"
    assert transport.events == events
