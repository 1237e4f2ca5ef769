"""The callback's receiver among sockets that say nothing, or too little."""

import contextlib
import os
import socket
import threading
import time
from urllib.parse import urlsplit

import httpx
import pytest

import oauth1_core.adapters.h11
from nexmo import CallbackTimeout, RequestToken
from nexmo.callback import Receiver
from tests.support.load import drip

pytestmark = pytest.mark.slow


def in_use():
    """The numbers of file descriptors and threads of this process."""
    return len(os.listdir("/proc/self/fd")), threading.active_count()


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "never answered"])
def test_slow_sockets_keep_neither_the_login_nor_its_end_waiting(answered, size, full, report, monkeypatch):
    slow, deadline = 50, size(1, 10)
    monkeypatch.setattr(oauth1_core.adapters.h11, "PAGE_DEADLINE", 0)
    start = in_use()
    with contextlib.ExitStack() as stack:
        with Receiver() as receiver:
            receiver.expect(RequestToken("rt", "secret"))
            address = "127.0.0.1", urlsplit(receiver.url).port
            sockets = [stack.enter_context(socket.create_connection(address)) for _ in range(2 * slow)]
            over = threading.Event()
            thread = threading.Thread(target=drip, args=(sockets[slow:], over))
            thread.start()
            stack.callback(thread.join)
            stack.callback(over.set)
            begun = time.monotonic()
            if answered:
                status = httpx.get(f"{receiver.url}?oauth_token=rt&oauth_verifier=c0de", trust_env=False).status_code
                ended = receiver.wait(60) == "c0de" and status == 303
            else:
                with pytest.raises(CallbackTimeout):
                    receiver.wait(deadline)
                ended = True
        seconds = time.monotonic() - begun
    end = in_use()
    reached = ended and end == start and (seconds <= (1 if answered else deadline + 1) or not full)
    report(
        "L15",
        f"callback: {slow} idle + {slow} drip sockets, {'then the callback' if answered else 'and nobody comes'}",
        "answered and closed within 1 s; fds and threads as before"
        if answered
        else f"ended and closed within {deadline} + 1 s; fds and threads as before",
        f"{seconds * 1000:.0f} ms; fds, threads {start} -> {end}",
        reached,
    )
    assert reached, (ended, seconds, start, end)
