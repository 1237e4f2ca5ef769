"""Measure the whole path: requests per second and latency of an application, with verification and without.

    python -m benchmarks.whole_path

Two gunicorn processes with two workers each and one Redis server stand for two hosts behind a proxy. The clients run on
the same machine, so the servers have only the rest of its time.
"""

import argparse
import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from oauth1_core import AsyncVerifier, ClientCredentials, Signer, TokenCredentials
from oauth1_core.adapters.asgi import OAuth1Middleware

CLIENT, TOKEN = ClientCredentials("dpf43f3p2l4k3l03", "kd94hf93k423kf44"), TokenCredentials("nnch734d", "pfkkdhi9")
HOST = "api.example.com"
TARGET = "/photos?file=vacation.jpg&size=original"
CONNECTIONS = (1, 32, 200)


class Known:
    def client(self, identifier):
        return CLIENT

    def token(self, client_identifier, token_identifier):
        return TOKEN


async def plain(scope, receive, send):
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": (await receive())["type"] + ".complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"fine\n"})


def verifying():
    """Make the application in a worker of gunicorn."""
    import redis.asyncio

    from oauth1_core.nonce_stores.redis import AsyncRedisNonceStore

    client = redis.asyncio.Redis(unix_socket_path=os.environ["REDIS"], socket_timeout=5)
    verifier = AsyncVerifier(Known(), AsyncRedisNonceStore(client, epoch=0))
    return OAuth1Middleware(plain, verifier, origins=["https://" + HOST])


@contextlib.contextmanager
def process(*words, **environment):
    running = subprocess.Popen(words, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
    try:
        yield
    finally:
        running.terminate()
        running.wait(10)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def until_there(make):
    deadline = time.monotonic() + 20
    while True:
        try:
            make().close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def connected_to(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    return connection


async def load(ports, connections, seconds):
    """Return the requests per second and the seconds of each request."""
    signer = Signer(CLIENT, TOKEN)
    taken, deadline = [], time.perf_counter() + seconds

    async def one(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < deadline:
            # Signed in both runs, so that the clients do the same work.
            header = signer.authorization_header("GET", "https://" + HOST + TARGET)
            head = "GET {} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\n\r\n".format(TARGET, HOST, header).encode()
            start = time.perf_counter()
            writer.write(head)
            reply = await reader.readuntil(b"fine\n")
            taken.append(time.perf_counter() - start)
            assert reply.startswith(b"HTTP/1.1 200"), reply
        writer.close()

    await asyncio.gather(*[one(ports[number % len(ports)]) for number in range(connections)])
    return len(taken) / seconds, taken


def figures(app, redis, seconds, repetitions):
    """Return (requests per second, median, 99th percentile) for each number of connections."""
    ports, found = [free_port(), free_port()], {}
    with contextlib.ExitStack() as stack:
        for port in ports:
            words = [sys.executable, "-m", "gunicorn", "--worker-class", "asgi", "--workers", "2"]
            options = ["--bind", "127.0.0.1:{}".format(port), "--log-level", "error", "benchmarks.whole_path:" + app]
            stack.enter_context(process(*words, *options, REDIS=redis))
        for port in ports:
            until_there(lambda port=port: socket.create_connection(("127.0.0.1", port), 1))
        time.sleep(
            2
        )  # until the second worker is there, and the new epoch of the store has begun before what is signed
        for connections in CONNECTIONS:
            runs = [asyncio.run(load(ports, connections, seconds)) for _ in range(repetitions)]
            quantiles = [statistics.quantiles(taken, n=100) for _, taken in runs]
            found[connections] = (
                statistics.median([rate for rate, _ in runs]),
                statistics.median([each[49] for each in quantiles]),
                statistics.median([each[98] for each in quantiles]),
            )
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--repetitions", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        redis = os.path.join(folder, "redis.sock")
        words = ["redis-server", "--port", "0", "--unixsocket", redis, "--save", "", "--dir", folder]
        with process(*words):
            until_there(lambda: connected_to(redis))
            both = {
                "without": figures("plain", redis, options.seconds, options.repetitions),
                "verified": figures("verifying()", redis, options.seconds, options.repetitions),
            }
    print("| | without verification | | | with verification | | |")
    print("|---|---|---|---|---|---|---|")
    print("| connections | requests/s | median ms | p99 ms | requests/s | median ms | p99 ms |")
    for connections in CONNECTIONS:
        cells = []
        for found in both.values():
            rate, median, last = found[connections]
            cells += ["{:,.0f}".format(rate), "{:.1f}".format(median * 1000), "{:.1f}".format(last * 1000)]
        print("| {} | {} |".format(connections, " | ".join(cells)))


if __name__ == "__main__":
    main()
