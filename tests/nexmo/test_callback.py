"""Receiving the callback of a login on this machine: which requests end the wait, and which do not."""

import base64
import hashlib
import logging
import re
import socket
import threading
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import oauth1_core.adapters.h11
from nexmo import CallbackError, CallbackTimeout, RequestToken
from nexmo.callback import Receiver
from nexmo.sandbox.responses import HEADERS, STYLE
from oauth1_core import AuthorizationDenied

REQUEST_TOKEN = RequestToken("rt-5d41", "request-token-secret")
GOOD = "?oauth_token=rt-5d41&oauth_verifier=c0de"


@pytest.fixture(autouse=True)
def no_browser_waits_for_the_last_page(monkeypatch):
    monkeypatch.setattr(oauth1_core.adapters.h11, "PAGE_DEADLINE", 0)


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        receiver.expect(REQUEST_TOKEN)
        yield receiver


def send(receiver, octets):
    """Return all that comes back."""
    with socket.create_connection(("127.0.0.1", urlsplit(receiver.url).port), timeout=20) as connection:
        connection.sendall(octets)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def ask(receiver, target, method="GET", host=None, more=""):
    """Return status and body of the answer to a request, written as it stands."""
    host = urlsplit(receiver.url).netloc if host is None else host
    answer = send(receiver, f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode())
    return int(answer.split(b" ", 2)[1]), answer.partition(b"\r\n\r\n")[2]


def path_of(receiver):
    return urlsplit(receiver.url).path


def test_the_callback_brings_the_code_and_leads_the_browser_to_an_address_without_it(receiver):
    with httpx.Client(trust_env=False) as browser:
        reply = browser.get(receiver.url + GOOD)
        assert reply.status_code == 303
        assert reply.headers["Location"] == path_of(receiver) + "/done"
        assert receiver.wait(5) == "c0de"
        page = browser.get(reply.next_request.url)
    assert page.status_code == 200
    assert "<h1>You approved the request</h1>" in page.text
    assert "close this window" in page.text


def test_it_listens_on_loopback_alone_at_a_path_of_128_random_bits(receiver):
    """127.0.0.1 alone: not even at the other addresses of the loopback network."""
    address = urlsplit(receiver.url)
    assert address.hostname == "127.0.0.1"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", address.port))
    with Receiver() as other:
        paths = {path_of(receiver), path_of(other)}
    assert len(paths) == 2
    assert all(re.fullmatch("/callback/[0-9a-f]{32}", path) for path in paths)


@pytest.mark.parametrize(
    "status, target, options",
    [
        (421, "{path}" + GOOD, {"host": "localhost:{port}"}),
        (421, "{path}" + GOOD, {"host": "evil.example:{port}"}),
        (421, "{path}" + GOOD, {"host": "127.0.0.1"}),
        (400, "{path}" + GOOD, {"more": "Host: 127.0.0.1:{port}\r\n"}),
        (404, "/" + GOOD, {}),
        (404, "/favicon.ico", {}),
        (404, "/callback" + GOOD, {}),
        (404, "{path}/" + GOOD, {}),
        (404, "{path}/done" + GOOD, {}),
        (404, "//127.0.0.1{path}" + GOOD, {}),
        (404, "http://127.0.0.1:{port}{path}" + GOOD, {}),
        (405, "{path}" + GOOD, {"method": "POST", "more": "Content-Length: 0\r\n"}),
        (405, "{path}" + GOOD, {"method": "HEAD"}),
        (405, "{path}" + GOOD, {"method": "BREW"}),
        (400, "{path}", {}),
        (400, "{path}?oauth_verifier=c0de", {}),
        (400, "{path}?oauth_token=&oauth_verifier=c0de", {}),
        (400, "{path}?oauth_token=other&oauth_verifier=c0de", {}),
        (400, "{path}?oauth_token=RT-5d41&oauth_verifier=c0de", {}),
        (400, "{path}" + GOOD + "&oauth_token=rt-5d41", {}),
        (400, "{path}" + GOOD + "&oauth_verifier=c0de", {}),
        (400, "{path}" + GOOD + "&a=1&a=1", {}),
        (400, "{path}" + GOOD + "&%61=1&a=2", {}),
        (400, "{path}" + GOOD + "%zz", {}),
        (400, "{path}?oauth_problem=user_refused", {}),
        (400, "{path}?oauth_problem=user_refused&oauth_token=other", {}),
        (400, "{path}?denied=other", {}),
        (400, "{path}" + GOOD + "#fragment\x01", {}),
        (414, "{path}" + GOOD + "&a=" + "a" * 65536, {}),
        (414, "{path}" + GOOD + "&a=" + "a" * 2**20, {}),  # told, though most of it is still on its way
        (431, "{path}" + GOOD, {"more": "X: " + "a" * 65536}),
    ],
)
def test_anything_else_gets_a_constant_answer_and_the_wait_goes_on(receiver, status, target, options):
    values = {"path": path_of(receiver), "port": urlsplit(receiver.url).port}
    options = {name: option.format_map(values) for name, option in options.items()}
    code, body = ask(receiver, target.format_map(values), **options)
    assert code == status
    if options.get("method") == "HEAD":
        assert body == b""
    else:
        assert b"<h1>" in body
    for said in ("c0de", "rt-5d41", "evil", "BREW", values["path"], str(values["port"]), "aaa"):
        assert said.encode() not in body
    assert ask(receiver, path_of(receiver) + GOOD)[0] == 303
    assert receiver.wait(5) == "c0de"


def test_a_method_that_is_refused_is_told_which_is_not(receiver):
    assert httpx.post(receiver.url, trust_env=False).headers["Allow"] == "GET"


def test_a_second_callback_does_not_change_the_first(receiver):
    assert ask(receiver, path_of(receiver) + GOOD)[0] == 303
    for query in (GOOD, "?oauth_token=rt-5d41&oauth_verifier=other", "?denied=rt-5d41"):
        assert ask(receiver, path_of(receiver) + query)[0] == 409
    assert receiver.wait(5) == "c0de"


@pytest.mark.parametrize("query", ["?oauth_token=rt-5d41&oauth_problem=user_refused", "?denied=rt-5d41"])
def test_a_denial_with_the_token_of_the_login_ends_it(receiver, query):
    assert ask(receiver, path_of(receiver) + query)[0] == 303
    with pytest.raises(AuthorizationDenied):
        receiver.wait(5)
    assert b"You denied the request" in ask(receiver, path_of(receiver) + "/done")[1]


@pytest.mark.parametrize("query", ["?oauth_token=rt-5d41", "?oauth_token=rt-5d41&oauth_verifier="])
def test_a_callback_without_a_code_is_no_login(receiver, query):
    assert ask(receiver, path_of(receiver) + query)[0] == 303
    with pytest.raises(CallbackError, match="no verification code"):
        receiver.wait(5)
    assert b"not completed" in ask(receiver, path_of(receiver) + "/done")[1]


def test_before_a_request_token_is_expected_none_is_taken():
    with Receiver() as receiver:
        assert ask(receiver, path_of(receiver) + GOOD)[0] == 400
        receiver.expect(REQUEST_TOKEN)
        assert ask(receiver, path_of(receiver) + GOOD)[0] == 303
        assert receiver.wait(5) == "c0de"


def test_when_nobody_comes_the_wait_ends_and_the_port_is_closed():
    with Receiver() as receiver:
        receiver.expect(REQUEST_TOKEN)
        with pytest.raises(CallbackTimeout, match="within 0.01 seconds"):
            receiver.wait(0.01)
        assert ask(receiver, path_of(receiver) + GOOD)[0] == 409  # late, and told so
        with pytest.raises(CallbackTimeout, match="within 0.01 seconds"):
            receiver.wait(0.01)
    with pytest.raises(ConnectionRefusedError):
        ask(receiver, "/")


def test_a_port_that_is_taken_is_an_error_that_names_it():
    with Receiver() as receiver:
        port = urlsplit(receiver.url).port
        with pytest.raises(CallbackError, match=f"port {port} .*in use"), Receiver(port):
            pytest.fail("it took the port")
    with Receiver(port) as again:
        assert urlsplit(again.url).port == port


def test_a_browser_that_does_not_open_ends_the_wait(receiver, monkeypatch):
    monkeypatch.setattr(oauth1_core.adapters.h11.webbrowser, "open", lambda url: False)
    receiver.open("http://127.0.0.1/").join()
    with pytest.raises(CallbackError, match="browser did not open"):
        receiver.wait(60)


def test_a_browser_that_fails_after_it_came_back_changes_nothing(receiver, monkeypatch):
    monkeypatch.setattr(
        oauth1_core.adapters.h11.webbrowser, "open", lambda url: ask(receiver, path_of(receiver) + GOOD)[0] == 0
    )
    receiver.open("http://127.0.0.1/").join()
    assert receiver.wait(5) == "c0de"


def test_pages_load_nothing_and_have_the_look_and_the_headers_of_the_sandbox(receiver):
    answer = httpx.get(receiver.url + GOOD, follow_redirects=True, trust_env=False)
    (style,) = re.findall("<style>(.*)</style>", answer.text, re.DOTALL)
    assert style.encode() == STYLE
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert not re.search(r"\b(src|href|action)=|url\(|@import|<script", answer.text)
    assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    others = [(name, value) for name, value in HEADERS if name != "Content-Security-Policy"]
    assert len(others) == 4
    assert [(name, answer.headers[name]) for name, _ in others] == others


def test_a_request_may_come_in_pieces(receiver):
    with socket.create_connection(("127.0.0.1", urlsplit(receiver.url).port), timeout=20) as connection:
        head = f"GET {path_of(receiver)}{GOOD} HTTP/1.1\r\nHost: {urlsplit(receiver.url).netloc}\r\n\r\n".encode()
        for index in range(0, len(head), 7):
            connection.send(head[index : index + 7])
        assert connection.recv(65536).startswith(b"HTTP/1.1 303 ")


@pytest.mark.parametrize("sent", [b"", b"GET /callback"])
def test_a_connection_that_does_not_get_on_is_closed(receiver, sent, monkeypatch):
    monkeypatch.setattr(oauth1_core.adapters.h11, "CONNECTION_DEADLINE", 0.1)
    with socket.create_connection(("127.0.0.1", urlsplit(receiver.url).port), timeout=20) as connection:
        connection.sendall(sent)
        assert connection.recv(65536) == b""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda each: b"GET /" + each + b"\r\n\r\n")))
def test_any_octets_are_answered_with_an_error_or_not_at_all(receiver, octets):
    answer = send(receiver, octets)
    assert not answer or re.match(rb"HTTP/1\.1 4(00|04|05|14|21|31) ", answer)


def test_nothing_is_logged_printed_or_left_running(caplog, capfd):
    caplog.set_level(logging.DEBUG)
    threads = threading.active_count()
    with Receiver() as receiver:
        receiver.expect(REQUEST_TOKEN)
        idle = socket.create_connection(("127.0.0.1", urlsplit(receiver.url).port))
        assert ask(receiver, path_of(receiver) + GOOD)[0] == 303
        assert receiver.wait(5) == "c0de"
        ask(receiver, path_of(receiver) + "/done")
    idle.close()
    assert threading.active_count() == threads
    assert "c0de" not in caplog.text and "rt-5d41" not in caplog.text and "secret" not in caplog.text
    assert capfd.readouterr() == ("", "")
