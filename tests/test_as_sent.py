"""After a refusal: from the answer of each client to what was sent, its diagnosis and its explanation."""

import asyncio
import io
import urllib.error
import urllib.request

import aiohttp
import httpx
import httpx2
import pytest
import requests
import yarl

from oauth1_core import ClientCredentials, diagnose, explain_request, parse_request
from oauth1_core.adapters import aiohttp as aiohttp_adapter
from oauth1_core.adapters import httpx as httpx_adapter
from oauth1_core.adapters import httpx2 as httpx2_adapter
from oauth1_core.adapters import requests as requests_adapter
from oauth1_core.adapters import urllib as urllib_adapter
from oauth1_core.adapters.clock import LearningClock
from tests.support.amount import ALL
from tests.support.http_clients import CLIENT, FORM, PLACEMENTS, TOKEN, generate, generate_async

OTHER = ClientCredentials(CLIENT.identifier, "other")
TARGET = "/r%2f?b=2&a=%20&x[]=1"


def by_requests(url, data, headers, adapter=True, **options):
    with requests.Session() as session:
        session.trust_env = False
        if adapter:
            session.mount("http://", requests_adapter.OAuth1Adapter())
        auth = requests_adapter.OAuth1(CLIENT, TOKEN, **options)
        return requests_adapter.as_sent(session.post(url, data=data, headers=headers, auth=auth))


def by_requests_without_the_adapter(url, data, headers, **options):
    return by_requests(url, data, headers, adapter=False, **options)


def by_httpx(url, data, headers, library=httpx, adapter=httpx_adapter, **options):
    auth = adapter.OAuth1(CLIENT, TOKEN, **options)
    with library.Client(transport=adapter.OAuth1Transport(auth)) as client:
        return adapter.as_sent(client.post(url, content=data, headers=headers))


def by_httpx2(url, data, headers, **options):
    return by_httpx(url, data, headers, httpx2, httpx2_adapter, **options)


def by_httpx_with_auth(url, data, headers, **options):
    response = httpx.post(url, content=data, headers=headers, auth=httpx_adapter.OAuth1(CLIENT, TOKEN, **options))
    return httpx_adapter.as_sent(response)


def by_aiohttp(url, data, headers, **options):
    async def send():
        auth = aiohttp_adapter.OAuth1(CLIENT, TOKEN, **options)
        async with aiohttp.ClientSession(middlewares=[auth]) as session:
            response = await session.post(yarl.URL(url, encoded=True), data=data, headers=headers)
            return aiohttp_adapter.as_sent(response)

    return asyncio.run(send())


def by_urllib(url, data, headers, **options):
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib_adapter.OAuth1(CLIENT, TOKEN, **options)
    )
    try:
        with opener.open(urllib.request.Request(url, data, headers)) as response:
            return urllib_adapter.as_sent(response)
    except urllib.error.HTTPError as error:
        with error:
            return urllib_adapter.as_sent(error)


CLIENTS = [
    by_requests, by_requests_without_the_adapter, by_httpx, by_httpx2, by_httpx_with_auth, by_aiohttp, by_urllib
]  # fmt: skip
every_client = pytest.mark.parametrize("send", CLIENTS, ids=lambda send: send.__name__)


@every_client
@pytest.mark.parametrize("clock", [False, True], ids=["time", "LearningClock"])
@pytest.mark.parametrize("status", [200, 401])
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_what_was_sent_is_diagnosed_and_explained_from_the_answer(server, send, placement, status, clock):
    server.answer = lambda arrived: (status, [], b"")
    options = {"placement": placement, **({"clock": LearningClock()} if clock else {})}
    found = send(server.origin + TARGET, b"c=%20&d=e", {"Content-Type": FORM}, **options)
    [arrived] = server.requests
    method, uri, headers, body = found
    assert (method, uri, body) == (arrived.method, arrived.uri, arrived.body)
    sent_headers = {name.lower(): value for name, value in headers}
    received = {name.lower(): value for name, value in arrived.fields}
    for name in ("authorization", "content-type", "content-length"):
        assert sent_headers.get(name, received.get(name)) == received.get(name)
    assert all(isinstance(text, str) for pair in headers for text in pair)
    assert diagnose(*found, CLIENT, TOKEN) == []
    if ALL or (placement, status, clock) == ("header", 401, False):  # which takes longer than all of the rest
        [finding] = diagnose(*found, OTHER, TOKEN)
        assert finding.id == "unknown"
    explanation = explain_request(parse_request(*found))
    assert explanation.base_string == arrived.verified().base_string
    assert str(explanation) == explanation.as_text()


@every_client
@pytest.mark.parametrize("kind", ["JSON", "stream"])
def test_a_body_that_is_no_form_is_there_unless_it_was_used_up(server, send, kind):
    streams = {by_aiohttp: lambda: generate_async(b"{}"), by_urllib: lambda: io.BytesIO(b"{}")}
    data = b"{}" if kind == "JSON" else streams.get(send, lambda: generate(b"{}"))()
    headers = {"Content-Type": "application/json"}
    if send is by_urllib and kind == "stream":
        headers["Content-Length"] = "2"
    found = send(server.origin + TARGET, data, headers)
    assert server.requests[0].body == b"{}"
    assert found[3] == (b"{}" if kind == "JSON" else b"")
    assert diagnose(*found, CLIENT, TOKEN) == []


def test_a_request_that_was_not_sent_is_read_too(server):
    auth = requests_adapter.OAuth1(CLIENT, TOKEN)
    prepared = requests.Request("GET", "http://u:p@h.example/%7e?a=1#f", auth=auth).prepare()
    found = requests_adapter.as_sent(prepared)
    assert found[1] == "http://h.example/~?a=1"
    assert diagnose(*found, CLIENT, TOKEN) == []
    for library, adapter in ((httpx, httpx_adapter), (httpx2, httpx2_adapter)):
        request = library.Request("GET", "http://h.example/%7e?a=1#f")
        next(adapter.OAuth1(CLIENT, TOKEN).sync_auth_flow(request))
        found = adapter.as_sent(request)
        assert found[1] == "http://h.example/%7e?a=1"
        assert diagnose(*found, CLIENT, TOKEN) == []


def test_each_answer_of_a_redirect_tells_its_own_request(server):
    server.answer = lambda arrived: (302, [("Location", "/end")], b"") if arrived.target == "/r" else (401, [], b"")
    response = requests.get(server.origin + "/r", auth=requests_adapter.OAuth1(CLIENT, TOKEN))
    for each, arrived in zip([*response.history, response], server.requests):
        found = requests_adapter.as_sent(each)
        assert found[1] == arrived.uri and diagnose(*found, CLIENT, TOKEN) == []


def test_a_middleware_behind_reads_what_is_about_to_be_sent(server):
    found = []

    async def behind(request, handler):
        found.append(aiohttp_adapter.as_sent(request))
        return await handler(request)

    async def send():
        auth = aiohttp_adapter.OAuth1(CLIENT, TOKEN, placement="form")
        async with aiohttp.ClientSession(middlewares=[auth, behind]) as session:
            await session.post(server.origin + "/r?a=1", data={"b": "2"})

    asyncio.run(send())
    [arrived] = server.requests
    assert found[0][3] == arrived.body
    assert diagnose(*found[0], CLIENT, TOKEN) == []
