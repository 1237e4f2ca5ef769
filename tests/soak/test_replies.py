"""What a reply can cost a client: one that is long, and one that is encoded again and again."""

import http.server
import json
import subprocess
import sys
import threading
import zlib

import pytest

pytestmark = pytest.mark.slow

# Runs in a process of its own, whose peak of memory nothing else has raised: what asks, then what is asked.
CLIENT = """
import asyncio, json, sys
from oauth1_core import ClientCredentials
from oauth1_core.adapters.clock import LearningClock

name, origin = sys.argv[1:]
client = ClientCredentials("c", "s")


def ask(origin):
    if name == "nexmo":
        from nexmo import Endpoints, Nexmo

        urls = [origin + each for each in ("/request", "/authorize", "/authenticate", "/access", "/api")]
        with Nexmo("c", "s", endpoints=Endpoints(*urls)) as nexmo:
            nexmo.request_token()
    elif name in ("httpx", "httpx2"):
        httpx = __import__(name)
        OAuth1 = __import__("oauth1_core.adapters." + name, fromlist="x").OAuth1
        with httpx.Client(auth=OAuth1(client, clock=LearningClock())) as http, http.stream("GET", origin) as reply:
            return reply.status_code
    elif name == "requests":
        import requests
        from oauth1_core.adapters.requests import OAuth1

        with requests.get(origin, auth=OAuth1(client, clock=LearningClock()), stream=True) as reply:
            return reply.status_code
    elif name == "urllib":
        import urllib.error, urllib.request
        from oauth1_core.adapters.urllib import OAuth1

        try:
            urllib.request.build_opener(OAuth1(client, clock=LearningClock())).open(origin)
        except urllib.error.HTTPError as error:
            return error.status
    else:
        import aiohttp
        from oauth1_core.adapters.aiohttp import OAuth1

        async def get():
            async with aiohttp.ClientSession(middlewares=[OAuth1(client, clock=LearningClock())]) as session:
                async with session.get(origin) as reply:
                    return reply.status

        return asyncio.run(get())


def peak():
    # Of this program alone: what getrusage() tells begins with the peak of the process that started it.
    with open("/proc/self/status") as file:
        return [int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM")][0]


try:
    ask(origin + "/short")
except Exception as error:
    assert type(error).__module__.split(".")[0] in ("nexmo", "oauth1_core"), error
before = peak()
try:
    result = ask(origin)
except Exception as error:
    result = type(error).__name__
print(json.dumps([result, peak() - before]))
"""


def repeated(octets, size):
    """Yield ``size`` octets, in pieces."""
    for _ in range(size // len(octets)):
        yield octets


def gzipped(pieces):
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return [*filter(None, map(packer.compress, pieces)), packer.flush()]


class Handler(http.server.BaseHTTPRequestHandler):
    """Refuses each request with the body of its server; the path /short with none."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        fields, pieces, length = self.server.reply
        if self.path.startswith("/short"):
            fields, pieces, length = [], [], 0
        self.send_response(401)
        for field in [*fields, ("Content-Length", str(length)), ("Connection", "close")]:
            self.send_header(*field)
        self.end_headers()
        try:
            for piece in pieces:
                self.wfile.write(piece)
        except ConnectionError:
            pass  # the client has read enough

    def do_POST(self):
        self.do_GET()

    def log_message(self, *_):
        pass


MEGABYTE = 10**6
REPLIES = ["long", "gzip in gzip in gzip"]


@pytest.fixture(scope="module")
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("what", REPLIES)
@pytest.mark.parametrize("name", ["nexmo", "httpx", "httpx2", "requests", "aiohttp", "urllib"])
def test_a_reply_costs_its_reader_no_more_than_what_is_looked_at(name, what, server, size, report):
    if what == "long":
        total = size(40, 400) * MEGABYTE
        server.reply = [], repeated(b"x" * MEGABYTE, total), total
    else:
        total = size(100, 3000) * MEGABYTE
        packed = gzipped(gzipped(gzipped(repeated(bytes(MEGABYTE), total))))
        server.reply = [("Content-Encoding", "gzip, gzip, gzip")], packed, sum(map(len, packed))
    origin = "http://127.0.0.1:{}".format(server.server_address[1])
    run = subprocess.run([sys.executable, "-c", CLIENT, name, origin], stdout=subprocess.PIPE, timeout=300, check=True)
    outcome, grown = json.loads(run.stdout)
    assert outcome in (401, "NexmoError")
    most = 8 * MEGABYTE
    figure = f"{grown / MEGABYTE:.1f} MB, {server.reply[2]:,} octets sent"
    report("L27", f"{name}: a 401, {what}, of {total // MEGABYTE:,} MB", "< 8 MB", figure, grown < most)
    assert grown < most
