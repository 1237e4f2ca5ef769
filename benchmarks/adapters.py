"""Measure the hook of each HTTP client's adapter.

A hook is everything that an adapter does for one request: it turns the request that the client built into the signed
request, and then handles the response, which is 200. The requests are JSON POSTs that the adapter has not seen before.
All of them are built before the clock starts. The hooks are compared with a plain signature of the same requests, and
with the hooks of requests-oauthlib and Authlib. ``Verifier`` must accept each header before anything is timed.

All hooks take turns in every repetition, by CPU time of the thread. Ratios are medians of the ratios within each
repetition.
"""

import asyncio
import atexit
import contextlib
import gc
import itertools
import time
import urllib.request

import aiohttp
import authlib.integrations.httpx_client
import authlib.integrations.requests_client
import httpx
import httpx2
import requests
import requests_oauthlib
import yarl

from benchmarks.requests_to_sign import CREDENTIALS
from oauth1_core import ClientCredentials, Signer, TokenCredentials, Verifier
from oauth1_core.adapters import aiohttp as aiohttp_adapter
from oauth1_core.adapters import httpx as httpx_adapter
from oauth1_core.adapters import httpx2 as httpx2_adapter
from oauth1_core.adapters import requests as requests_adapter
from oauth1_core.adapters import urllib as urllib_adapter
from oauth1_core.nonce_stores.memory import MemoryNonceStore

CLIENT, TOKEN = ClientCredentials(*CREDENTIALS[:2]), TokenCredentials(*CREDENTIALS[2:])
BODY = b'{"title": "a note", "text": "what is in it", "tags": ["a", "b"]}'
TYPED = {"Content-Type": "application/json"}
NUMBERS = itertools.count(1000)
PLAIN, BODY_HASH = "plain signature", ", body hash"


def uri():
    return f"https://api.example.com/v1/notes/{next(NUMBERS)}"


class PlainSignature:
    """``Signer.authorization_header`` for the URI, without an HTTP client."""

    def __init__(self, body_hash):
        self.signer = Signer(CLIENT, TOKEN)

    def build(self):
        return uri()

    def run(self, built):
        for each in built:
            self.signer.authorization_header("POST", each)

    def header(self, uri):
        return uri, self.signer.authorization_header("POST", uri)


class HttpxTransport:
    """``OAuth1Transport`` around a transport that responds at once."""

    library, adapter = httpx, httpx_adapter

    def __init__(self, body_hash):
        self.client = self.library.Client()
        answering = Answering(self.library)
        self.transport = self.adapter.OAuth1Transport(
            self.adapter.OAuth1(CLIENT, TOKEN, body_hash=body_hash), answering
        )

    def build(self):
        return self.client.build_request("POST", uri(), content=BODY, headers=TYPED)

    def run(self, built):
        handle = self.transport.handle_request
        for each in built:
            handle(each)

    def header(self, request):
        self.run([request])
        return str(request.url), request.headers["Authorization"]


class Answering:
    def __init__(self, library):
        self.response = library.Response(200)

    def handle_request(self, request):
        return self.response


class HttpxAuth(HttpxTransport):
    """``auth=``: the generator that httpx runs, to its end."""

    make = httpx_adapter.OAuth1

    def __init__(self, body_hash):
        self.client = self.library.Client()
        self.auth = self.make(CLIENT, TOKEN, body_hash=body_hash)
        self.response = self.library.Response(200)

    def run(self, built):
        response = self.response
        for each in built:
            response.request = each
            flow = self.auth.sync_auth_flow(each)
            next(flow)
            with contextlib.suppress(StopIteration):
                flow.send(response)


class AuthlibHttpx(HttpxAuth):
    def __init__(self, body_hash):
        super().__init__("off")
        self.auth = authlib.integrations.httpx_client.OAuth1Auth(*CREDENTIALS)


class Httpx2Transport(HttpxTransport):
    library, adapter = httpx2, httpx2_adapter


class Requests:
    """``auth=``, and the response hook that it adds."""

    def __init__(self, body_hash):
        self.session = requests.Session()
        self.auth = requests_adapter.OAuth1(CLIENT, TOKEN, body_hash=body_hash)
        self.response = requests.Response()
        self.response.status_code = 200
        self.response.raw = requests_adapter.urllib3.HTTPResponse(status=200)

    def build(self):
        return self.session.prepare_request(requests.Request("POST", uri(), data=BODY, headers=TYPED))

    def run(self, built):
        response = self.response
        for each in built:
            response.request = signed = self.auth(each)
            for hook in signed.hooks["response"]:
                hook(response)

    def header(self, request):
        self.run([request])
        header = request.headers["Authorization"]
        return request.url, header.decode() if isinstance(header, bytes) else header


class RequestsOauthlib(Requests):
    def __init__(self, body_hash):
        super().__init__("off")
        self.auth = requests_oauthlib.OAuth1(*CREDENTIALS)


class AuthlibRequests(Requests):
    def __init__(self, body_hash):
        super().__init__("off")
        self.auth = authlib.integrations.requests_client.OAuth1Auth(*CREDENTIALS)


class Urllib:
    """The handlers of an opener: one for the request, one for the response."""

    def __init__(self, body_hash):
        self.auth = urllib_adapter.OAuth1(CLIENT, TOKEN, body_hash=body_hash)
        self.response = urllib.request.addinfourl(None, {}, "", 200)

    def build(self):
        request = urllib.request.Request(uri(), BODY, TYPED)
        request.add_unredirected_header("Host", "api.example.com")
        return request

    def run(self, built):
        request, response = self.auth.https_request, self.auth.https_response
        for each in built:
            response(request(each), self.response)

    def header(self, built):
        request = self.auth.https_request(built)
        return request.full_url, request.get_header("Authorization")


class Aiohttp:
    """The middleware, with a handler that responds at once."""

    def __init__(self, body_hash):
        self.auth = aiohttp_adapter.OAuth1(CLIENT, TOKEN, body_hash=body_hash, origin="https://api.example.com")
        self.loop = asyncio.new_event_loop()
        self.session = self.loop.run_until_complete(self.opened())
        atexit.register(lambda: self.loop.run_until_complete(self.session.close()))

    async def opened(self):
        return aiohttp.ClientSession()

    def build(self):
        options = {"loop": self.loop, "session": self.session, "response_class": aiohttp.ClientResponse}
        return self.loop.run_until_complete(self.built(options))

    async def built(self, options):
        return aiohttp.ClientRequest("POST", yarl.URL(uri()), data=BODY, headers=TYPED, **options)

    def run(self, built):
        self.loop.run_until_complete(self.sent(built))

    async def sent(self, built):
        for each in built:
            await self.auth(each, answered)

    def header(self, request):
        self.run([request])
        return str(request.url), request.headers["Authorization"]


class AiohttpAnswer:
    status, headers = 200, {}


async def answered(request):
    return AiohttpAnswer()


HOOKS = {
    "httpx, OAuth1Transport": HttpxTransport,
    "httpx, auth=": HttpxAuth,
    "httpx2, OAuth1Transport": Httpx2Transport,
    "requests": Requests,
    "urllib": Urllib,
    "aiohttp": Aiohttp,
}
OTHERS = {
    "requests-oauthlib": RequestsOauthlib,
    "Authlib, requests": AuthlibRequests,
    "Authlib, httpx": AuthlibHttpx,
}
# The longest time that a hook may take: 12 µs where a plain signature takes 5, and with a body hash 1.5 times as long.
LIMITS = dict.fromkeys(HOOKS, (PLAIN, 2.4)) | {name + BODY_HASH: (name, 1.5) for name in HOOKS}


class Known:
    def client(self, identifier):
        return CLIENT

    def token(self, client_identifier, token_identifier):
        return TOKEN


def check(hook):
    verifier = Verifier(Known(), MemoryNonceStore(epoch=0))
    uri, header = hook.header(hook.build())
    # The signature does not cover a body that is not a form; the verifier compares its hash.
    verifier.verify("POST", uri, [("Authorization", header), ("Content-Type", TYPED["Content-Type"])], BODY)


def measure(repetitions, count=100):
    """Return the seconds of one request, by name, for each repetition."""
    hooks = {name: make("off") for name, make in {PLAIN: PlainSignature, **HOOKS, **OTHERS}.items()}
    hooks |= {name + BODY_HASH: make("auto") for name, make in HOOKS.items()}
    for hook in hooks.values():
        check(hook)
        hook.run([hook.build() for _ in range(count)])
    found = {name: [] for name in hooks}
    for _ in range(repetitions):
        for name, hook in hooks.items():
            built = [hook.build() for _ in range(count)]
            gc.collect()
            gc.disable()
            start = time.thread_time()
            hook.run(built)
            found[name].append((time.thread_time() - start) / count)
            gc.enable()
    return found
