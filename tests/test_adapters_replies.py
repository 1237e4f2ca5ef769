"""What the adapters of all HTTP clients read of a refusal: as little as the clock needs, and nothing is lost of it."""

import asyncio
import gzip
import http.server
import threading
import time
import urllib.error
import urllib.request
import zlib
from email.utils import formatdate

import aiohttp
import httpx
import httpx2
import pytest
import requests

import oauth1_core.adapters.aiohttp
import oauth1_core.adapters.httpx
import oauth1_core.adapters.httpx2
import oauth1_core.adapters.requests
import oauth1_core.adapters.urllib
from oauth1_core.adapters.clock import LearningClock
from oauth1_core.adapters.outgoing import RequestSigner, decoded
from tests.support.http_clients import CLIENT, TOKEN

TIMEOUT = 5


def signing_options(adapter, by_transport, **options):
    auth = adapter.OAuth1(CLIENT, TOKEN, **options)
    return {"transport": adapter.OAuth1Transport(auth)} if by_transport else {"auth": auth}


def by_httpx(library, adapter, by_transport=False):
    def send(uri, is_read, **options):
        signs = signing_options(adapter, by_transport, **options)
        with library.Client(**signs, timeout=TIMEOUT) as http, http.stream("GET", uri) as response:
            return response.status_code, response.read() if is_read else None

    return send


def by_async_httpx(library, adapter, by_transport=False):
    async def get(uri, is_read, **options):
        signs = signing_options(adapter, by_transport, **options)
        async with library.AsyncClient(**signs, timeout=TIMEOUT) as http, http.stream("GET", uri) as response:
            return response.status_code, await response.aread() if is_read else None

    return lambda *args, **options: asyncio.run(get(*args, **options))


def by_requests(uri, is_read, **options):
    auth = oauth1_core.adapters.requests.OAuth1(CLIENT, TOKEN, **options)
    with requests.get(uri, auth=auth, stream=True, timeout=TIMEOUT) as response:
        return response.status_code, response.content if is_read else None


def by_aiohttp(uri, is_read, **options):
    async def get():
        middlewares = [oauth1_core.adapters.aiohttp.OAuth1(CLIENT, TOKEN, **options)]
        timeout = aiohttp.ClientTimeout(TIMEOUT)
        async with aiohttp.ClientSession(middlewares=middlewares, timeout=timeout) as session, session.get(
            uri
        ) as reply:
            return reply.status, await reply.read() if is_read else None

    return asyncio.run(get())


def by_urllib(uri, is_read, **options):
    opener = urllib.request.build_opener(oauth1_core.adapters.urllib.OAuth1(CLIENT, TOKEN, **options))
    try:
        response = opener.open(uri, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        octets = response.read() if is_read else None
        # urllib leaves it to its caller to decode.
        return response.status, gzip.decompress(octets) if response.headers["Content-Encoding"] == "gzip" else octets


CLIENTS = {
    "httpx": by_httpx(httpx, oauth1_core.adapters.httpx),
    "httpx, async": by_async_httpx(httpx, oauth1_core.adapters.httpx),
    "httpx2": by_httpx(httpx2, oauth1_core.adapters.httpx2),
    "httpx2, async": by_async_httpx(httpx2, oauth1_core.adapters.httpx2),
    "httpx, transport": by_httpx(httpx, oauth1_core.adapters.httpx, by_transport=True),
    "httpx, transport, async": by_async_httpx(httpx, oauth1_core.adapters.httpx, by_transport=True),
    "httpx2, transport": by_httpx(httpx2, oauth1_core.adapters.httpx2, by_transport=True),
    "httpx2, transport, async": by_async_httpx(httpx2, oauth1_core.adapters.httpx2, by_transport=True),
    "requests": by_requests,
    "aiohttp": by_aiohttp,
    "urllib": by_urllib,
}
each_client = pytest.mark.parametrize("send", CLIENTS.values(), ids=CLIENTS)


def now():
    return ("Date", formatdate(time.time(), usegmt=True))


def wrong():
    return LearningClock(clock=lambda: time.time() - 3600)


def refusal_of(answer):
    """Answers of a server that takes timestamps of the last minute, and gives ``answer`` to others."""
    return lambda arrived: (200, [], b"yes") if arrived.parsed.timestamp > time.time() - 60 else answer


@each_client
@pytest.mark.parametrize("length", [0, 65535, 65536, 65537, 1000000])
@pytest.mark.parametrize("encoding", [[], [("Content-Encoding", "gzip")]])
def test_all_of_a_refusal_that_teaches_nothing_is_left_to_the_caller(server, send, length, encoding):
    text = (b"%07d " % number for number in range(length // 8 + 1))
    body = b"".join(text)[:length]
    server.answer = lambda arrived: (401, [now(), *encoding], gzip.compress(body) if encoding else body)
    assert send(server.origin, True, clock=LearningClock()) == (401, body)
    assert len(server.requests) == 1


@each_client
@pytest.mark.parametrize("encoding", [None, "identity", "gzip", "deflate"])
def test_a_body_that_is_encoded_once_teaches(server, send, encoding):
    there = int(time.time())
    body = b"oauth_problem=timestamp_refused&oauth_acceptable_timestamps=%d-%d" % (there - 300, there + 300)
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}.get(encoding, bytes)(body)
    fields = [("Content-Encoding", encoding)] if encoding else []
    server.answer = refusal_of((400, fields, packed))
    assert send(server.origin, True, clock=wrong()) == (200, b"yes")
    assert len(server.requests) == 2


@pytest.mark.parametrize("name", [name for name in CLIENTS if name != "aiohttp"])
@pytest.mark.parametrize("encoding, layers", [("gzip, gzip", 2), ("gzip", 0), ("unknown", 0)])
def test_a_body_that_cannot_be_decoded_at_once_teaches_nothing(server, name, encoding, layers):
    """aiohttp decodes by itself, piece by piece, and takes what it does not know for the body."""
    body = b"no gzip"
    for _ in range(layers):
        body = gzip.compress(body)
    server.answer = refusal_of((401, [now(), ("Content-Encoding", encoding)], body))
    assert CLIENTS[name](server.origin, False, clock=wrong())[0] == 401
    assert len(server.requests) == 1


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_of_what_an_encoding_makes_64_kib_are_decoded(layers):
    octets = bytes(10_000_000)
    for _ in range(layers):
        octets = gzip.compress(octets)
    assert len(decoded("gzip", octets)) <= 65536
    assert decoded("gzip, gzip", octets) is None


class Silent(http.server.ThreadingHTTPServer):
    """Answers old timestamps with the head of a refusal alone; its body never comes."""

    daemon_threads = True

    def __init__(self, fields):
        self.fields, self.seen, self.over = fields, [], threading.Event()
        super().__init__(("127.0.0.1", 0), SilentHandler)


class SilentHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        timestamp = int(self.headers["Authorization"].partition('oauth_timestamp="')[2].partition('"')[0])
        self.server.seen.append(timestamp)
        is_late = timestamp < time.time() - 60
        self.send_response(401 if is_late else 200)
        for field in self.server.fields if is_late else []:
            self.send_header(*field)
        self.send_header("Content-Length", "400000000" if is_late else "0")
        self.end_headers()
        if is_late:
            self.wfile.flush()
            self.server.over.wait(30)

    def log_message(self, *_):
        pass


@each_client
@pytest.mark.parametrize("problem, outcome, requests_seen", [("timestamp_refused", 200, 2), ("nonce_used", 401, 1)])
def test_a_body_is_not_read_where_the_head_has_the_answer(send, problem, outcome, requests_seen):
    """BaseHTTPRequestHandler sends the Date."""
    server = Silent([("WWW-Authenticate", 'OAuth oauth_problem="{}"'.format(problem))])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        uri = "http://127.0.0.1:{}/".format(server.server_address[1])
        assert send(uri, False, clock=wrong())[0] == outcome
        assert len(server.seen) == requests_seen
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def test_nothing_is_read_of_what_anybody_on_the_way_may_have_written():
    auth = RequestSigner(CLIENT, TOKEN, clock=LearningClock())
    timestamp = auth.signed("GET", "https://api.example.com/", "", b"")[2]
    assert auth.corrected_by_head(timestamp, "http://api.example.com/", 401, [now()]) is False
    assert auth.corrected_by_head(timestamp, "https://api.example.com/", 401, [now()]) is None


@pytest.mark.parametrize("encoding", [None, "gzip"])
def test_a_refusal_that_taught_is_in_the_history_and_never_decoded(server, encoding):
    body = b"oauth_problem=timestamp_refused"
    fields = [now(), ("Content-Encoding", encoding)] if encoding else [now()]
    server.answer = refusal_of((401, fields, gzip.compress(body) if encoding else body))
    for library, adapter in ((httpx, oauth1_core.adapters.httpx), (httpx2, oauth1_core.adapters.httpx2)):
        with library.Client(auth=adapter.OAuth1(CLIENT, TOKEN, clock=wrong())) as http:
            answer = http.get(server.origin)
            assert [each.status_code for each in [*answer.history, answer]] == [401, 200]
            assert answer.history[0].content == (b"" if encoding else body)
    answer = requests.get(server.origin, auth=oauth1_core.adapters.requests.OAuth1(CLIENT, TOKEN, clock=wrong()))
    assert [each.status_code for each in [*answer.history, answer]] == [401, 200]
    assert answer.history[0].content == (b"" if encoding else body)


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_an_error_of_the_network_names_the_request_whose_refusal_was_read(library, is_async):
    class Broken(library.SyncByteStream, library.AsyncByteStream):
        def __iter__(self):
            yield b"x"
            raise library.ReadError("broken")

        async def __aiter__(self):
            for piece in self:
                yield piece

    adapter = {httpx: oauth1_core.adapters.httpx, httpx2: oauth1_core.adapters.httpx2}[library]
    options = {
        "auth": adapter.OAuth1(CLIENT, TOKEN, clock=LearningClock()),
        "transport": library.MockTransport(lambda request: library.Response(401, stream=Broken())),
    }

    async def get():
        async with library.AsyncClient(**options) as http:
            await http.get("https://h.example/")

    with pytest.raises(library.ReadError) as raised:
        if is_async:
            asyncio.run(get())
        else:
            with library.Client(**options) as http:
                http.get("https://h.example/")
    assert raised.value.request.url == "https://h.example/"
