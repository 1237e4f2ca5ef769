"""A real redis-server for tests: its own process, its own folder, a unix socket or loopback."""

import os
import shutil
import subprocess
import tempfile
import time

import pytest
import redis

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
