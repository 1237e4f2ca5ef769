"""Compare the cost of a middleware with the verification itself, and measure who waits for a slow store.

python -m benchmarks.middleware
"""

import asyncio
import io
import statistics
import threading
import time

import flask
from authlib.integrations.flask_oauth1 import ResourceProtector

from oauth1_core import AsyncVerifier, ClientCredentials, TokenCredentials, Verifier, authorization_header, sign
from oauth1_core.adapters import asgi, wsgi
from oauth1_core.nonce_stores.memory import MemoryNonceStore

ORIGIN, TARGET = "https://api.example.com", "/photos?file=vacation.jpg&size=original"
CLIENT, TOKEN = ClientCredentials("dpf43f3p2l4k3l03", "kd94hf93k423kf44"), TokenCredentials("nnch734d", "pfkkdhi9")
# The header fields that a client sends in addition to Authorization.
FIELDS = [
    ("host", "api.example.com"), ("user-agent", "python-httpx/0.28.1"), ("accept", "*/*"),
    ("accept-encoding", "gzip, deflate"), ("connection", "keep-alive"),
]  # fmt: skip
COUNT, REPETITIONS = 400, 31
VERIFY = "Verifier.verify"


class Known:
    def client(self, identifier):
        return CLIENT

    def token(self, client_identifier, token_identifier):
        return TOKEN


class Slow:
    """A store that takes half a second, like a store whose server does not respond."""

    def claim(self, *fields):
        time.sleep(0.5)
        return True


def signed():
    return [*FIELDS, ("authorization", authorization_header(sign("GET", ORIGIN + TARGET, CLIENT, TOKEN)))]


def scope_of(headers):
    path, _, query = TARGET.encode().partition(b"?")
    encoded = [(name.encode(), value.encode()) for name, value in headers]
    return {
        "type": "http", "method": "GET", "path": path.decode(), "raw_path": path, "query_string": query,
        "scheme": "http", "headers": encoded,
    }  # fmt: skip


def environ_of(headers):
    environ = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers}
    path, _, query = TARGET.partition("?")
    return {
        **environ, "REQUEST_METHOD": "GET", "RAW_URI": TARGET, "wsgi.url_scheme": "https", "wsgi.input": io.BytesIO(),
        "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "api.example.com", "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
    }  # fmt: skip


async def nothing(scope, receive, send):
    pass


def store():
    return MemoryNonceStore(epoch=0)


class OfAuthlib(str):
    """An identifier with the methods that Authlib calls on clients and tokens."""

    def get_client_secret(self):
        return CLIENT.secret

    def get_oauth_token_secret(self):
        return TOKEN.secret


def flask_application(protect=None):
    """Return an application of one page; with ``protect``, Authlib's ResourceProtector guards it."""
    application = flask.Flask(__name__)
    view = application.route("/photos")
    if protect:
        nonces = set()

        def exists_nonce(nonce, timestamp, client, token):
            used = (nonce, timestamp, client, token)
            if used in nonces:
                return True
            nonces.add(used)
            return False

        protector = ResourceProtector(application, OfAuthlib, lambda client, token: OfAuthlib(token), exists_nonce)
        view(protector()(lambda: "photo"))
    else:
        view(lambda: "photo")
    return application


def statuses(application, headers):
    """Return the status of a WSGI application's response."""
    found = []
    b"".join(application(environ_of(headers), lambda status, headers, error=None: found.append(status)))
    return found


def start_response(status, headers, error=None):
    pass


async def seconds_of_each(repetitions=REPETITIONS, count=COUNT):
    """Return the seconds of one request, by name; each repetition has ``count`` requests that are all new."""
    origins = {"origins": [ORIGIN]}
    verifier, inline = Verifier(Known(), store()), AsyncVerifier(Known(), store())
    contenders = {
        VERIFY: lambda headers: verifier.verify("GET", ORIGIN + TARGET, headers),
        "AsyncVerifier.verify": lambda headers: inline.verify("GET", ORIGIN + TARGET, headers),
        "WSGI": wsgi.OAuth1Middleware(lambda environ, start: [], Verifier(Known(), store()), **origins),
        "ASGI, AsyncVerifier": asgi.OAuth1Middleware(nothing, AsyncVerifier(Known(), store()), **origins),
        "ASGI, Verifier in threads": asgi.OAuth1Middleware(nothing, Verifier(Known(), store()), **origins),
        "Flask alone": flask_application(),
        "Flask behind WSGI": wsgi.OAuth1Middleware(flask_application(), Verifier(Known(), store()), **origins),
        "Flask, Authlib": flask_application(protect=True),
    }
    for name in ("Flask behind WSGI", "Flask, Authlib"):
        given = signed()
        for headers, status in ((given, "200 OK"), (given, "4"), (FIELDS, "4")):
            assert statuses(contenders[name], headers)[0].startswith(status), name
    found = {name: [] for name in contenders}
    for _ in range(repetitions):
        for name, call in contenders.items():
            given = [signed() for _ in range(count)]
            if "ASGI" in name:
                given = [scope_of(headers) for headers in given]
            elif name == "WSGI" or "Flask" in name:
                given = [environ_of(headers) for headers in given]
            start = time.perf_counter()
            if "ASGI" in name:
                for each in given:
                    await call(each, None, None)
            elif name == "AsyncVerifier.verify":
                for each in given:
                    await call(each)
            elif name == "WSGI" or "Flask" in name:
                for each in given:
                    call(each, start_response)
            else:
                for each in given:
                    call(each)
            found[name].append((time.perf_counter() - start) / count)
    return found


async def beside_a_slow_store(requests=200):
    """Return the seconds of ``asyncio.to_thread(int)`` during the requests, and (status, seconds) of each request."""
    answers = []
    middleware = asgi.OAuth1Middleware(nothing, Verifier(Known(), Slow()), origins=[ORIGIN])

    async def one():
        start, status = time.perf_counter(), 200

        async def send(message):
            nonlocal status
            status = message.get("status", status)

        await middleware(scope_of(signed()), None, send)
        answers.append((status, time.perf_counter() - start))

    tasks = [asyncio.create_task(one()) for _ in range(requests)]
    await asyncio.sleep(0)
    start = time.perf_counter()
    await asyncio.to_thread(int)
    beside = time.perf_counter() - start
    await asyncio.gather(*tasks)
    return beside, answers


def main():
    found = asyncio.run(seconds_of_each())
    print("microseconds of one request, median of {}, and its ratio to Verifier.verify".format(REPETITIONS))
    base = found[VERIFY]
    for name, seconds in found.items():
        ratio = statistics.median([a / b for a, b in zip(seconds, base)])
        print("{:28}{:8.1f}{:8.2f}".format(name, statistics.median(seconds) * 1e6, ratio))
    beside, answers = asyncio.run(beside_a_slow_store())
    accepted = [seconds for status, seconds in answers if status == 200]
    refused = [seconds for status, seconds in answers if status == 503]
    print("200 requests, and a store that takes 0.5 s: to_thread(int) returns after {:.3f} s;".format(beside))
    print("{} accepted, the last after {:.1f} s; {} answered 503, the last after {:.3f} s; {} threads".format(
        len(accepted), max(accepted), len(refused), max(refused), threading.active_count()))  # fmt: skip


if __name__ == "__main__":
    main()
