"""The web application of the README, taken from there, in two worker processes behind real sockets."""

import contextlib
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

import nexmo
from nexmo.sandbox.browser import Browser

README = Path(nexmo.__file__).with_name("README.md")


@contextlib.contextmanager
def worker(folder, listener, environment):
    """Serve the application on ``listener``, in a process of its own."""
    command = [sys.executable, "-m", "uvicorn", "app:app", "--fd", str(listener.fileno()), "--log-level", "warning"]
    environment = {**os.environ, **environment, "PYTHONPATH": str(Path(nexmo.__file__).parents[1])}
    with subprocess.Popen(command, cwd=folder, env=environment, pass_fds=[listener.fileno()]) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def workers(tmp_path, sandbox):
    """The addresses of two workers; people come back to the second."""
    (app,) = re.findall(r"<!-- examples: app.py -->\n```python\n(.*?)```", README.read_text(), re.DOTALL)
    (tmp_path / "app.py").write_text(app)
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        addresses = [f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in listeners]
        environment = {
            "NEXMO_CONSUMER_KEY": sandbox.consumer_key,
            "NEXMO_CONSUMER_SECRET": sandbox.consumer_secret,
            "NEXMO_SANDBOX": sandbox.url,
            "NEXMO_CALLBACK": addresses[1] + "/callback",
            "DATABASE": str(tmp_path / "kept.sqlite"),
        }
        for listener in listeners:
            stack.enter_context(worker(tmp_path, listener, environment))
        yield addresses


@pytest.fixture
def person():
    """A browser, whose cookies are those of 127.0.0.1 on every port."""
    with httpx.Client(trust_env=False, timeout=60) as person:
        yield person


def begin(person, address):
    reply = person.get(address + "/login")
    assert reply.status_code == 303, reply.text
    return reply.headers["Location"]


def decide(url, decision):
    """Decide on the sandbox's pages; return the URL that the browser is sent back to."""
    with Browser() as browser:
        return browser.decide(url, decision).headers["Location"]


def test_a_login_that_begins_in_one_worker_ends_in_another(workers, person):
    first, second = workers
    assert person.get(first + "/").headers["Location"] == "/login"
    back = decide(begin(person, first), "approve")
    assert back.startswith(second + "/callback?")
    assert person.get(back).headers["Location"] == "/"
    for address in workers:
        reply = person.get(address + "/")
        assert (reply.status_code, reply.text) == (200, "Your balance: 10.28 euros")
    assert person.get(back).status_code == 400  # once


def test_only_the_browser_that_began_a_login_ends_it(workers, person):
    first, _ = workers
    back = decide(begin(person, first), "approve")
    with httpx.Client(trust_env=False, timeout=60) as other:
        assert other.get(back).status_code == 400
        begin(other, first)
        reply = other.get(back)
        assert (reply.status_code, "does not belong" in reply.text) == (502, True)


def test_a_denial_is_told(workers, person):
    first, second = workers
    reply = person.get(decide(begin(person, first), "deny"))
    assert (reply.status_code, "did not authorize" in reply.text) == (403, True)
    assert person.get(second + "/").headers["Location"] == "/login"
