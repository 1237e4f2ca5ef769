"""Servers as processes on loopback, and requests whose octets are all chosen here."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.support.programs import path_of

ROOT = Path(__file__).parents[2]
PYTHON = [sys.executable, "-m"]
APP = "tests.support.served_app:"
# Each server's command, with {port}; in which a server that waits for its workers is told not to.
ASGI = {
    "uvicorn h11": "uvicorn {app}asgi --port {port} --http h11 --log-level warning",
    "uvicorn httptools": "uvicorn {app}asgi --port {port} --http httptools --log-level warning",
    "hypercorn": "hypercorn {app}asgi --bind 127.0.0.1:{port} --graceful-timeout 0",
    "daphne": "daphne --bind 127.0.0.1 --port {port} -v 0 {app}asgi",
    "granian": "granian --interface asgi --host 127.0.0.1 --port {port} --no-log {app}asgi",
    "gunicorn asgi": "gunicorn --worker-class asgi --bind 127.0.0.1:{port} --graceful-timeout 1 {app}asgi",
}
WSGI = {
    "gunicorn": "gunicorn --bind 127.0.0.1:{port} --graceful-timeout 1 {app}wsgi",
    "gunicorn gthread": "gunicorn --threads 4 --bind 127.0.0.1:{port} --graceful-timeout 1 {app}wsgi",
    "waitress": "waitress --listen=127.0.0.1:{port} {app}wsgi",
    "werkzeug": "tests.support.served_app {port}",
    "uwsgi": "uwsgi --http-socket 127.0.0.1:{port} --module {app}wsgi --need-app --die-on-term --disable-logging",
}
# These pass no target as it was sent.
WSGI_WITHOUT_TARGET = {
    "granian wsgi": "granian --interface wsgi --host 127.0.0.1 --port {port} --log-level error {app}wsgi",
    "hypercorn wsgi": "hypercorn wsgi:{app}wsgi --bind 127.0.0.1:{port} --graceful-timeout 0",
}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextlib.contextmanager
def running(command, folder=ROOT, app=APP, log=None, port=None, **environment):
    """Run a server's command as a process; yield its origin once it listens."""
    port = port or free_port()
    origin = f"http://127.0.0.1:{port}"
    words = command.format(port=port, app=app).split()
    if words[0] == "uwsgi":
        beside = str(Path(sys.executable).with_name("uwsgi"))
        words = [shutil.which(beside) or path_of("uwsgi"), "--virtualenv", sys.prefix, *words[1:]]
    else:
        words = PYTHON[: 1 if words[0].endswith(".py") else 2] + words
    environment = {**os.environ, "ORIGIN": origin, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", **environment}
    process = subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        wait_for(port, process)
        yield origin
    finally:
        # With its workers: the group is that of the process which was started here.
        os.killpg(process.pid, signal.SIGTERM)
        try:
            said = process.communicate(timeout=10)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said = process.communicate()[0]
        if log is not None:
            log.append(said.decode("utf-8", "replace"))


def wait_for(port, process):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError("the server does not listen: " + process.stdout.read1().decode("utf-8", "replace"))


def send(origin, method, target, headers=(), body=b"", host=None):
    """Send exactly these octets; return status, header fields in lower case, and body.

    No answer within five seconds is status 0.
    """
    authority = origin.partition("://")[2]
    name, _, port = authority.rpartition(":")
    fields = [("Host", authority if host is None else host), ("Connection", "close"), *headers]
    lines = ["{} {} HTTP/1.1".format(method, target), *["{}: {}".format(*field) for field in fields], "", ""]
    with socket.create_connection((name, int(port)), 5) as connection:
        # A server may close before it has read all that it refuses.
        with contextlib.suppress(ConnectionError):
            connection.sendall("\r\n".join(lines).encode("latin-1") + body)
        reply = received(connection)
    head, _, content = reply.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    found = {name.lower(): value.strip() for name, _, value in [line.partition(":") for line in rest]}
    if found.get("transfer-encoding") == "chunked":
        content = dechunked(content)
    return int(first.split()[1]) if reply else 0, found, content


def received(connection):
    """Return all that comes until the other side closes, or says nothing for as long as the connection's time-out."""
    reply = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        octets = connection.recv(65536)
        while octets:
            reply += octets
            octets = connection.recv(65536)
    return reply


def dechunked(content):
    whole = b""
    while content:
        size, _, rest = content.partition(b"\r\n")
        if not int(size, 16):
            break
        whole, content = whole + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return whole


def chunked(*pieces):
    return b"".join([b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""]])
