"""Caches, mocks, recorders and retries beside the adapters: each is run, and what held is the table of their README.

``python -m pytest tests/test_beside_other_libraries.py`` compares; with ``WRITE_TABLE=1`` in the environment it writes.
"""

import asyncio
import contextlib
import functools
import os
import re
import subprocess
import sys
import tempfile
from email.utils import formatdate
from pathlib import Path

import aiohttp
import aiohttp_retry
import betamax
import cachecontrol
import httpx
import httpx2
import httpx_retries
import pytest
import pytest_httpx2  # noqa: F401 - teaches respx the name httpcore2
import requests
import requests_cache
import requests_mock
import requests_toolbelt
import responses
import respx
import tenacity
import urllib3
import vcr
from aiointercept import aiointercept
from aioresponses import aioresponses

from oauth1_core import SigningError, diagnose
from oauth1_core.adapters import aiohttp as aiohttp_adapter
from oauth1_core.adapters import httpx as httpx_adapter
from oauth1_core.adapters import httpx2 as httpx2_adapter
from oauth1_core.adapters import requests as requests_adapter
from oauth1_core.adapters.aiohttp import OAuth1 as AiohttpOAuth1
from oauth1_core.adapters.httpx import OAuth1 as HttpxOAuth1
from oauth1_core.adapters.httpx import OAuth1Transport
from oauth1_core.adapters.requests import OAuth1, OAuth1Adapter
from tests.support.http_clients import CLIENT, TOKEN, Server, busy, running

README = Path(requests_adapter.__file__).parent / "README.md"
BEGIN = "<!-- written by test_beside_other_libraries.py -->\n"
END = "<!-- end of what is written -->\n"
URL = "http://api.example/r?a=1"
AUTH = OAuth1(CLIENT, TOKEN)
FORMS = [("header", {}), ("form", {"data": {"a": "1"}}), ("query", {})]
# Library, client, how, and a function that yields what was tried: whether it held, and a sentence for either case.
ROWS = []


def row(library, client, how):
    def add(function):
        ROWS.append((library, client, how, function))
        return function

    return add


@contextlib.contextmanager
def session(auth=AUTH, kind=requests.Session, adapter=None, **options):
    with kind(**options) as opened:
        opened.trust_env = False
        opened.auth = auth
        if adapter:
            opened.mount("http://", adapter)
        yield opened


def is_right(*messages):
    """Whether each of them is signed as it was sent, by a nonce of its own."""
    sent = [requests_adapter.as_sent(each) for each in messages]
    signatures = {str(each) for each in sent}
    return len(signatures) == len(sent) and all(diagnose(*each, CLIENT, TOKEN) == [] for each in sent)


def arrived_right(server, times):
    nonces = {arrived.verified().nonce for arrived in server.requests}
    return len(nonces) == len(server.requests) == times


def redirecting(arrived):
    return (302, [("Location", "/end")], b"") if arrived.target.startswith("/r") else (200, [], b"end")


@row("requests-cache", "requests", "`CachedSession`, its `auth` an `OAuth1`")
def requests_caches(server, directory):
    server.answer = lambda arrived: (200, [], b"answer")
    for adapter in (None, OAuth1Adapter()):
        server.requests.clear()
        with session(kind=requests_cache.CachedSession, adapter=adapter, backend="memory") as cached:
            answers = [cached.get(server.origin + "/r?a=1") for _ in range(3)]
            kept = [each.request.headers.get("Authorization") for each in cached.cache.filter()]
        held = [each.from_cache for each in answers] == [False, True, True] and arrived_right(server, 1)
        where = "with `OAuth1Adapter`" if adapter else "with `auth=` alone"
        yield held, f"hits and misses {where}", f"hits {where}"
    yield not str(kept).count("oauth_signature"), "no signature is stored", "signatures are stored"
    for placement, options in (
        ("query", {}),
        ("query", {"ignored_parameters": ["oauth_nonce", "oauth_timestamp", "oauth_signature"]}),
    ):
        with session(
            OAuth1(CLIENT, TOKEN, placement=placement), requests_cache.CachedSession, backend="memory", **options
        ) as cached:
            answers = [cached.get(server.origin + "/r?a=1") for _ in range(2)]
        name = '`placement="query"`' + (
            " where `ignored_parameters` names nonce, timestamp and signature" if options else ""
        )
        yield answers[1].from_cache, f"hits with {name}", f"no hit with {name} alone"


@row(
    "CacheControl", "requests", "`CacheControl(session)`; for retries `class Both(OAuth1Adapter, CacheControlAdapter)`"
)
def cache_control(server, directory):
    class Both(OAuth1Adapter, cachecontrol.CacheControlAdapter):
        pass

    date = ("Date", formatdate(usegmt=True))
    server.answer = lambda arrived: (200, [("Cache-Control", "max-age=60"), date], b"answer")
    for where, adapter in (
        ("with `auth=` alone", cachecontrol.CacheControlAdapter()),
        ("with both adapters in one", Both()),
    ):
        server.requests.clear()
        with session(adapter=adapter) as cached:
            answers = [cached.get(server.origin + "/r?a=1") for _ in range(3)]
        held = [each.from_cache for each in answers] == [False, True, True] and arrived_right(server, 1)
        yield held, f"hits and misses {where}", f"hits {where}"
    server.requests.clear()
    server.answer = lambda arrived: (
        (304, [], b"") if "If-None-Match" in dict(arrived.fields) else (200, [("ETag", '"1"')], b"answer")
    )
    with session(adapter=Both()) as cached:
        texts = [cached.get(server.origin + "/r?a=1").text for _ in range(2)]
    held = texts == ["answer"] * 2 and arrived_right(server, 2)
    yield held, "a request that revalidates is signed", "revalidating"


@row("responses", "requests", "nothing to do")
def responses_mocks(server, directory):
    for adapter in (None, OAuth1Adapter()):
        where = "with `OAuth1Adapter`" if adapter else "with `auth=` alone"
        with responses.RequestsMock() as mock, session(adapter=adapter) as opened:
            mock.get("http://api.example/r", body="answer")
            opened.get(URL)
            yield is_right(mock.calls[0].request), f"sees the signed request {where}", f"signed requests {where}"
        with responses.RequestsMock() as mock, session(adapter=adapter) as opened:
            mock.get("http://api.example/r", status=302, headers={"Location": "/end"})
            mock.get("http://api.example/end")
            response = opened.get(URL)
            held = is_right(*[call.request for call in mock.calls]) and response.status_code == 200
            yield held, f"redirects {where}", f"redirects {where}"
    retry = urllib3.Retry(2, status_forcelist=[503], backoff_factor=0)
    with responses.RequestsMock() as mock, session(adapter=OAuth1Adapter(max_retries=retry)) as opened:
        for status in (503, 200):
            mock.get("http://api.example/r", status=status)
        opened.get(URL)
        held = is_right(*[call.request for call in mock.calls])
        yield held, "signs each retry that it plays", "the retries that it plays itself repeat one signature"


@row("requests-mock", "requests", "nothing to do")
def requests_mocks(server, directory):
    for adapter in (None, OAuth1Adapter()):
        where = "with `OAuth1Adapter` mounted" if adapter else "with `auth=` alone"
        with requests_mock.Mocker() as mock, session(adapter=adapter) as opened:
            mock.get("http://api.example/r", status_code=302, headers={"Location": "/end"})
            mock.get("http://api.example/end", text="answer")
            opened.get(URL)
            held = is_right(*[each._request for each in mock.request_history]) and len(mock.request_history) == 2
            yield held, f"sees signed requests and redirects {where}", f"signed requests {where}"


def recorded(server, use, send, placements):
    """Record against the server, replay without it; yield which placement is found again."""
    for placement, options in placements:
        server.requests.clear()
        server.answer = lambda arrived: (200, [], b"answer")
        with use(placement):
            first = send(placement, options)
        with use(placement):
            second = send(placement, options)
        yield placement, first == second == b"answer" and arrived_right(server, 1)


@row("vcrpy", "requests, httpx, aiohttp", '`filter_headers=["authorization"]`, so that no cassette holds a signature')
def vcr_records(server, directory):
    def by_requests(placement, options):
        with session(OAuth1(CLIENT, TOKEN, placement=placement), adapter=OAuth1Adapter()) as opened:
            return opened.post(server.origin + "/r?a=1", data=options.get("data")).content

    def by_httpx(placement, options):
        with httpx.Client(transport=OAuth1Transport(HttpxOAuth1(CLIENT, TOKEN, placement=placement))) as client:
            return client.post(server.origin + "/r?a=1", data=options.get("data")).content

    def by_aiohttp(placement, options):
        async def send():
            auth = AiohttpOAuth1(CLIENT, TOKEN, placement=placement)
            async with aiohttp.ClientSession(middlewares=[auth]) as opened:
                response = await opened.post(server.origin + "/r?a=1", data=options.get("data"))
                return await response.read()

        return asyncio.run(send())

    for send in (by_requests, by_httpx, by_aiohttp):
        name = send.__name__[3:]

        def use(placement, name=name):
            return vcr.use_cassette(str(directory / f"{name}-{placement}.yaml"), filter_headers=["authorization"])

        for placement, held in recorded(server, use, send, FORMS[:2]):
            yield held, f"replays {name}", f"{name} in {placement}"
        cassettes = "".join(path.read_text() for path in directory.glob(f"{name}-header.yaml"))
        yield "oauth_signature" not in cassettes, "keeps no signature of a header", f"keeps signatures of {name}"

    def ignoring(placement):
        names = ["oauth_nonce", "oauth_timestamp", "oauth_signature"]
        return vcr.use_cassette(str(directory / "query.yaml"), filter_query_parameters=names)

    for _, held in recorded(server, ignoring, by_requests, FORMS[2:]):
        words = '`placement="query"` where `filter_query_parameters` names nonce, timestamp and signature'
        yield held, f"replays {words}", words


@row(
    "betamax", "requests", '`match_requests_on=["method", "uri"]`, its default; placeholders for what it must not keep'
)
def betamax_records(server, directory):
    def send(placement, options):
        with session(OAuth1(CLIENT, TOKEN, placement=placement), adapter=OAuth1Adapter()) as opened:
            recorder = betamax.Betamax(opened, cassette_library_dir=str(directory))
            with recorder.use_cassette("betamax-" + placement):
                return opened.post(server.origin + "/r?a=1", data=options.get("data")).content

    for placement, held in recorded(server, lambda placement: contextlib.nullcontext(), send, FORMS[:2]):
        yield held, "replays header and form", f"replaying {placement}"
    kept = "oauth_signature" in (directory / "betamax-header.json").read_text()
    yield not kept, "keeps no signature", "keeps each used signature in its cassettes, but no secret"


@row("respx", "httpx", "nothing to do")
def respx_mocks(server, directory, library=httpx, adapter=httpx_adapter, using="httpcore"):
    for where, options in httpx_ways(adapter):
        for placement, more in FORMS:
            auth = adapter.OAuth1(CLIENT, TOKEN, placement=placement)
            with respx.mock(using=using) as mock, library.Client(**options(auth)) as client:
                route = mock.post(url__startswith="http://api.example/r").respond(200)
                client.post(URL, data=more.get("data"))
                found = httpx_adapter.as_sent(route.calls[0].request)
            yield diagnose(*found, CLIENT, TOKEN) == [], f"sees the signed request {where}", f"{where} in {placement}"


@row("respx", "httpx2", '`respx.mock(using="httpcore2")`, a name that pytest-httpx2 adds')
def respx_mocks_httpx2(server, directory):
    yield from respx_mocks(server, directory, httpx2, httpx2_adapter, "httpcore2")
    with respx.mock(assert_all_called=False) as mock, httpx2.Client() as client:
        mock.get(url__startswith=server.origin)
        client.get(server.origin + "/r")
        yield len(mock.calls) == 1, "sees it without that name too", "without that name it sees nothing of httpx2"


def httpx_ways(adapter=httpx_adapter):
    return [
        ("with `OAuth1Transport`", lambda auth: {"transport": adapter.OAuth1Transport(auth)}),
        ("with `auth=` alone", lambda auth: {"auth": auth}),
    ]


# In a process of its own, since it changes what ``import httpx`` is.
ALIASED = """
import httpx2
import httpx_retries
import pytest

from oauth1_core import diagnose
from oauth1_core.adapters import httpx as adapter_of_httpx
from oauth1_core.adapters import httpx2 as adapter_of_httpx2
from tests.support.http_clients import CLIENT, TOKEN, Server, busy, running

adapters = pytest.mark.parametrize("adapter", [adapter_of_httpx, adapter_of_httpx2])


@adapters
@pytest.mark.parametrize("way", ["transport", "auth"])
@pytest.mark.parametrize("placement", ["header", "form", "query"])
def test_pytest_httpx(httpx_mock, adapter, way, placement):
    auth = adapter.OAuth1(CLIENT, TOKEN, placement=placement)
    httpx_mock.add_response()
    with httpx2.Client(**{way: auth if way == "auth" else adapter.OAuth1Transport(auth)}) as client:
        client.post("http://api.example/r?a=1", data={"a": "1"} if placement == "form" else None)
    assert diagnose(*adapter.as_sent(httpx_mock.get_requests()[-1]), CLIENT, TOKEN) == []


@adapters
def test_httpx_retries(adapter):
    server = Server()
    with running(server):
        server.answer = busy(2)
        signing = adapter.OAuth1Transport(adapter.OAuth1(CLIENT, TOKEN))
        transport = httpx_retries.RetryTransport(signing, retry=httpx_retries.Retry(total=3, backoff_factor=0))
        with httpx2.Client(transport=transport) as client:
            client.get(server.origin + "/r?a=1")
    assert len({arrived.verified().nonce for arrived in server.requests}) == len(server.requests) == 3
"""


@functools.lru_cache(maxsize=None)
def passed_under_the_alias():
    program = "import httpx2, pytest, sys; httpx2.alias_httpx(); sys.exit(pytest.main(sys.argv[1:]))"
    options = ["-p", "pytest_httpx", "-p", "no:cacheprovider", "-c", os.devnull, "--noconftest", "-rA"]
    environment = {**os.environ, "PYTHONPATH": str(README.parents[2]), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "test_aliased.py"
        path.write_text(ALIASED)
        arguments = [sys.executable, "-c", program, *options, str(path)]
        done = subprocess.run(arguments, env=environment, timeout=60, capture_output=True, text=True)
    return re.findall(r"^PASSED .*::(\w+)", done.stdout, re.MULTILINE)


@row("pytest-httpx", "httpx", "nothing to do")
def pytest_httpx_mocks(server, directory, httpx_mock):
    for where, options in httpx_ways():
        for placement, more in FORMS:
            httpx_mock.add_response(url=re.compile("http://api.example/r"))
            with httpx.Client(**options(HttpxOAuth1(CLIENT, TOKEN, placement=placement))) as client:
                client.post(URL, data=more.get("data"))
            found = httpx_adapter.as_sent(httpx_mock.get_requests()[-1])
            yield diagnose(*found, CLIENT, TOKEN) == [], f"sees the signed request {where}", f"{where} in {placement}"


@row("pytest-httpx", "httpx2", "`httpx2.alias_httpx()` before anything imports httpx")
def pytest_httpx_mocks_httpx2(server, directory, httpx_mock):
    held = passed_under_the_alias().count("test_pytest_httpx") == 12
    yield held, "sees the signed request with `OAuth1Transport` and with `auth=` alone", "signed requests"
    with httpx2.Client(auth=httpx2_adapter.OAuth1(CLIENT, TOKEN)) as client:
        client.get(server.origin + "/r")
    yield bool(httpx_mock.get_requests()), "sees it without the alias", "without the alias it sees nothing of httpx2"


@row("aioresponses", "aiohttp", "nothing to do; to see signatures, aiointercept")
def aioresponses_mocks(server, directory):
    async def send():
        async with aiohttp.ClientSession(middlewares=[AiohttpOAuth1(CLIENT, TOKEN)]) as opened:
            with aioresponses() as mock:
                mock.get(URL, exception=EOFError())
                with contextlib.suppress(EOFError):
                    await opened.get(URL)
                is_signed = "Authorization" in str(mock.requests)
                mock.get(URL, body="answer")
                try:
                    return is_signed, await (await opened.get(URL)).text()
                except TypeError:
                    return is_signed, ""

    is_signed, text = asyncio.run(send())
    yield True, "raises the exceptions that it is given", ""
    yield text == "answer", "answers", "its answers raise TypeError with this release of aiohttp"
    yield is_signed, "sees the signed request", "replaces the middleware too, so no request is signed"


@row("aiointercept", "aiohttp", "nothing to do")
def aiointercept_mocks(server, directory):
    async def send(placement, data):
        async with aiointercept() as mock:
            url = str(mock.server_url) + "/r?a=1"
            mock.post(re.compile(".*"), body="answer")
            auth = AiohttpOAuth1(CLIENT, TOKEN, placement=placement)
            async with aiohttp.ClientSession(middlewares=[auth]) as opened:
                response = await opened.post(url, data=data)
                [[seen]] = mock.requests.values()
                return aiohttp_adapter.as_sent(response), str(seen.__dict__) + str(response.request_info.url)

    for placement, options in FORMS:
        found, seen = asyncio.run(send(placement, options.get("data")))
        held = diagnose(*found, CLIENT, TOKEN) == [] and "oauth_signature" in seen
        yield held, "gets the signed request", f"the signed request in {placement}"


@row("httpx-retries", "httpx", "`RetryTransport(OAuth1Transport(auth))`: the transport that retries is outside")
def httpx_retry(server, directory):
    retry = httpx_retries.Retry(total=3, backoff_factor=0)
    for is_inside in (True, False):
        server.requests.clear()
        server.answer = busy(2)
        auth = HttpxOAuth1(CLIENT, TOKEN)
        transport = httpx_retries.RetryTransport(OAuth1Transport(auth), retry=retry)
        if not is_inside:
            transport = OAuth1Transport(auth, httpx_retries.RetryTransport(retry=retry))
        with httpx.Client(transport=transport) as client:
            client.get(server.origin + "/r?a=1")
        says = "signs each attempt" if is_inside else "signs them the other way round too"
        yield arrived_right(server, 3), says, "the other way round, each attempt repeats one signature"


@row("httpx-retries", "httpx2", "`httpx2.alias_httpx()` before anything imports httpx; then as for httpx")
def httpx_retry_of_httpx2(server, directory):
    held = passed_under_the_alias().count("test_httpx_retries") == 2
    yield held, "signs each attempt", "signing each attempt"
    transport = httpx_retries.RetryTransport(httpx2_adapter.OAuth1Transport(httpx2_adapter.OAuth1(CLIENT, TOKEN)))
    with httpx2.Client(transport=transport) as client:
        try:
            held = client.get(server.origin + "/r").status_code == 200
        except RuntimeError:
            held = False
    yield held, "takes httpx2 as it is", "without the alias it raises RuntimeError: it takes no transport of httpx2"


@row("tenacity", "any", "around the call of the client, such as `session.get`")
def tenacity_retries(server, directory):
    def retried(function):
        return tenacity.retry(
            retry=tenacity.retry_if_result(lambda response: response.status_code == 503),
            stop=tenacity.stop_after_attempt(3),
        )(function)

    server.answer = busy(2)
    with session() as opened:
        retried(lambda: opened.get(server.origin + "/r?a=1"))()
        yield arrived_right(server, 3), "signs each attempt", "signing each attempt"
        prepared = opened.prepare_request(requests.Request("GET", server.origin + "/r"))
        server.answer = busy(2)
        try:
            retried(lambda: opened.send(prepared))()
        except SigningError:
            yield (
                False,
                "",
                "around `session.send` of one prepared request: a SigningError that says so, without `OAuth1Adapter`",
            )
    server.requests.clear()
    server.answer = busy(2)
    with session(adapter=OAuth1Adapter()) as opened:
        prepared = opened.prepare_request(requests.Request("GET", server.origin + "/r"))
        retried(lambda: opened.send(prepared))()
    yield arrived_right(server, 3), "around `session.send` with `OAuth1Adapter`", "`session.send` with `OAuth1Adapter`"


@row("urllib3.Retry", "requests", '`session.mount("https://", OAuth1Adapter(max_retries=Retry(3)))`')
def urllib3_retries(server, directory):
    retry = urllib3.Retry(3, status_forcelist=[503], backoff_factor=0)
    for adapter, says in [
        (OAuth1Adapter(max_retries=retry), "signs each attempt"),
        (requests.adapters.HTTPAdapter(max_retries=retry), "signs them under requests' own adapter too"),
    ]:
        server.requests.clear()
        server.answer = busy(2)
        with session(adapter=adapter) as opened:
            opened.get(server.origin + "/r?a=1")
        yield arrived_right(server, 3), says, "under requests' own adapter, each attempt repeats one signature"


@row("aiohttp-retry", "aiohttp", "`RetryClient(session)`")
def aiohttp_retries(server, directory):
    async def send():
        async with aiohttp.ClientSession(middlewares=[AiohttpOAuth1(CLIENT, TOKEN)]) as opened:
            retry = aiohttp_retry.ExponentialRetry(3, start_timeout=0, max_timeout=0, statuses={503})
            async with aiohttp_retry.RetryClient(opened, retry_options=retry).get(server.origin + "/r?a=1"):
                pass

    server.answer = busy(2)
    asyncio.run(send())
    yield arrived_right(server, 3), "signs each attempt", "signing each attempt"


@row("requests-toolbelt", "requests", "`MultipartEncoder` as `data`")
def multipart_streams(server, directory):
    def fields():
        return requests_toolbelt.MultipartEncoder({"a": "1", "f": ("n.bin", b"\xff\0&=%" * 50000, "image/png")})

    with session() as opened:
        body = fields()
        opened.post(server.origin + "/r", data=body, headers={"Content-Type": body.content_type})
    held = b"\xff\0&=%" * 50000 in server.requests[0].body and arrived_right(server, 1)
    yield held, "streams, and none of its parameters is signed (RFC 5849 section 3.4.1.3.1)", "streaming"
    with session(OAuth1(CLIENT, TOKEN, body_hash="always")) as opened:
        try:
            opened.post(server.origin + "/r", data=fields())
            held = True
        except SigningError:
            held = False
    refused = '`body_hash="always"` raises SigningError, because a stream is not read before it is sent'
    yield held, '`body_hash="always"`', refused


@row("HTTPie", "requests", "[a plugin](#httpie)")
def httpie_calls(server, directory):
    [program] = re.findall(r"^## HTTPie\n+```python\n(.*?)```", README.read_text(), re.DOTALL | re.MULTILINE)
    assert len([line for line in program.splitlines() if line]) <= 12
    path = directory / "oauth1_http.py"
    path.write_text(program)
    secrets = {"TOKEN": f"{TOKEN.identifier}:{TOKEN.secret}", "PYTHONPATH": str(README.parents[2])}
    environment = {**os.environ, **secrets, "HTTPIE_CONFIG_DIR": str(directory), "NO_PROXY": "*"}
    basic = [sys.executable, str(path), "--ignore-stdin", "-A", "oauth1", "-a", f"{CLIENT.identifier}:{CLIENT.secret}"]
    for name, arguments, times in [
        ("a query", ["GET", server.origin + "/end", "b==2", "a== "], 1),
        ("a form", ["-f", "POST", server.origin + "/end", "b=2", "a= "], 1),
        ("JSON", ["POST", server.origin + "/end", "b=2"], 1),
        ("redirects (`--follow`)", ["--follow", "GET", server.origin + "/r"], 2),
    ]:
        server.requests.clear()
        server.answer = redirecting
        subprocess.run(basic + arguments, env=environment, check=True, timeout=60, capture_output=True)
        yield arrived_right(server, times), f"signs {name}", name


@pytest.fixture(scope="module")
def own_server():
    server = Server()
    with running(server):
        yield server


FOUND = {}
# Those that start another Python with all that is in this one.
SLOW = [pytest_httpx_mocks_httpx2, httpx_retry_of_httpx2]
MARKED = [
    pytest.param(*row, id=f"{row[0]} {row[1]}", marks=[pytest.mark.slow] if row[3] in SLOW else []) for row in ROWS
]


@pytest.mark.parametrize("library, client, how, tried", MARKED)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")  # of these libraries
def test_a_library_does_what_the_table_says(own_server, tmp_path, request, library, client, how, tried):
    own_server.reset()
    fixtures = [request.getfixturevalue("httpx_mock")] if library == "pytest-httpx" else []
    found = list(tried(own_server, tmp_path, *fixtures))
    assert any(held for held, _, _ in found)
    # A sentence for several tries stands there once, and only if all of them held.
    broken = {says for held, says, _ in found if not held}
    works = "; ".join(dict.fromkeys(says for held, says, _ in found if held and says not in broken))
    fails = "; ".join(dict.fromkeys(says for held, _, says in found if not held))
    FOUND[library, client] = f"| {library} | {client} | {how} | {works} | {fails} |"
    if not os.environ.get("WRITE_TABLE"):
        assert FOUND[library, client] in README.read_text().splitlines()


def test_the_table_has_these_libraries_and_no_other():
    before, rest = README.read_text().split(BEGIN)
    table, after = rest.split(END)
    head = ["| library | client | how | works | does not |", "| --- | --- | --- | --- | --- |"]
    if os.environ.get("WRITE_TABLE"):
        lines = [*head, *[FOUND[library, client] for library, client, *_ in ROWS]]
        table = "\n".join(lines) + "\n"
        README.write_text(before + BEGIN + table + END + after)
    lines = table.splitlines()
    assert lines[:2] == head
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| " + library for library, *_ in ROWS]
