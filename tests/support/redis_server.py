"""A real redis-server for tests: its own process, its own folder, a unix socket or loopback."""

import asyncio
import contextlib
import functools
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import pytest
import redis
import redis.asyncio

from oauth1_core.nonce_stores.redis import AsyncRedisNonceStore

BINARY = shutil.which("redis-server")
# Where REQUIRE_PEERS is set, nothing may be skipped: the test then fails for want of the binary.
needs_redis = pytest.mark.skipif(
    BINARY is None and not os.environ.get("REQUIRE_PEERS"), reason="needs redis-server (of Debian)"
)


class RedisServer:
    """``with RedisServer("--appendonly", "yes") as server``; without options nothing is saved."""

    def __init__(self, *options):
        self.folder = tempfile.mkdtemp(prefix="redis")  # a socket's path has at most 107 octets
        self.socket = os.path.join(self.folder, "s")
        self.options = options
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder)

    def start(self):
        command = [BINARY or "redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", self.folder]
        self.process = subprocess.Popen([*command, "--save", "", *self.options], stdout=subprocess.DEVNULL)
        with self.client() as client:
            wait_for(client.ping)

    def stop(self, kill=False):
        if self.process is not None:
            self.process.kill() if kill else self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None

    def client(self, **options):
        options = {"socket_timeout": 4, "retry": None, **options}
        return redis.Redis(unix_socket_path=self.socket, **options)


class Pair:
    """Two servers on loopback, each of which can be made the replica of the other."""

    def __init__(self):
        self.ports = free_ports(2)
        self.one, self.other = (RedisServer("--port", str(port), "--bind", "127.0.0.1") for port in self.ports)
        for server in (self.one, self.other):
            server.options += ("--repl-diskless-sync-delay", "0")

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.clients = [self.stack.enter_context(server).client() for server in (self.one, self.other)]
        for client in self.clients:
            self.stack.callback(client.close)
        return self

    def __exit__(self, *_):
        self.stack.close()

    def promote(self, which):
        self.clients[which].replicaof("NO", "ONE")

    def demote(self, which):
        """Make one of the two the replica of the other, and wait until it holds what its primary holds."""
        self.clients[which].replicaof("127.0.0.1", self.ports[1 - which])
        wait_for(lambda: self.clients[which].info("replication")["master_link_status"] == "up")


class Awaited:
    """AsyncRedisNonceStore for tests that do not await: a loop in a thread of its own runs the claims."""

    def __init__(self, client, *arguments, **options):
        """Take the settings of a ``redis.Redis`` or ``redis.cluster.RedisCluster``."""
        given = client.get_connection_kwargs()
        names = ["host", "port", "username", "password", "socket_timeout", "db"]
        settings = {name: given[name] for name in names if name in given}
        if isinstance(client, redis.RedisCluster):
            node = client.get_default_node()
            settings = {**settings, "host": node.host, "port": node.port}
            self.client = redis.asyncio.RedisCluster(**{k: v for k, v in settings.items() if k != "db"})
        else:
            self.client = redis.asyncio.Redis(unix_socket_path=given.get("path"), **settings)
        self.store = AsyncRedisNonceStore(self.client, *arguments, **options)
        self.skew = self.store.skew
        self._claims = self.store._claims
        try:
            run(self.store.start())
        except BaseException:
            self.close()
            raise

    def claim(self, *arguments):
        return run(self.store.claim(*arguments))

    def close(self):
        run(self.client.aclose())


@functools.lru_cache(None)
def loop():
    found = asyncio.new_event_loop()
    threading.Thread(target=found.run_forever, daemon=True).start()
    return found


def run(coroutine):
    return asyncio.run_coroutine_threadsafe(coroutine, loop()).result(60)


def free_ports(count):
    """Ports whose cluster bus port (10000 above) exists and which nobody listens on now."""
    ports = []
    for port in range(20000 + os.getpid() % 10000, 55000):
        with contextlib.suppress(OSError), socket.socket() as one, socket.socket() as bus:
            one.bind(("127.0.0.1", port))
            bus.bind(("127.0.0.1", port + 10000))
            ports.append(port)
        if len(ports) == count:
            break
    return ports


class Swallowing:
    """A proxy on loopback to a server's unix socket, which passes on everything but some replies.

    ``swallow`` is how many more replies to EVALSHA it keeps, closing the connection instead; ``requests``
    are the pieces in which the requests came.
    """

    def __init__(self, path):
        self.path = path
        self.swallow = 0
        self.swallowed = 0
        self.requests = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.path)
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self.pass_on, args=(*pair, pair[0] is client), daemon=True).start()

    def pass_on(self, source, target, is_request):
        with contextlib.suppress(OSError):
            for octets in iter(lambda: source.recv(1 << 20), b""):
                if is_request:
                    self.requests.append(octets)
                elif self.swallow and b"EVALSHA" in self.requests[-1]:
                    self.swallow -= 1
                    self.swallowed += 1
                    break
                target.sendall(octets)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        if not is_request:
            source.close()
            target.close()


def wait_for(probe, seconds=20):
    deadline = time.monotonic() + seconds
    while True:
        try:
            if probe():
                return
        except redis.exceptions.RedisError:
            pass
        assert time.monotonic() < deadline, "the server did not come up"
        time.sleep(0.02)
