"""Both middlewares under each server, as a process: what was signed is accepted, and no trap is fallen into."""

import contextlib
import json
import os
import socket
import sys
from pathlib import Path

import pytest

from oauth1_core import authorization_header, body_hash, sign
from tests.support.served_app import CLIENT, TOKEN
from tests.support.servers import ASGI, WSGI, WSGI_WITHOUT_TARGET, chunked, received, running, send

pytestmark = pytest.mark.slow

FORM = ("Content-Type", "application/x-www-form-urlencoded")
TARGETS = [
    "/", "/r", "/r/", "/r?a=1&b=2", "/r?b=2&a=1&a=1", "/r?", "/r?a", "/r?a=", "/r?=a", "/r?&&a=1&", "/r%2Fs", "/r%2fs",
    "/%7Er", "/~r", "/caf%C3%A9", "/caf%c3%a9", "/%FF", "/r//s", "//r/s", "//evil.example/r", "/./r", "/a/../r",
    "/r;p=1", "/r+s", "/r%20s", "/r%3Fa=1", "/r:81/@s", "/r?a=%2B+b", "/r?a=b%20c", "/r?a=%C3%BC", "/r?a=1;b=2",
    "/r?u=http://x/?y", "/r?q[]=1&q[]=2", "/r?%61=%62",
]  # fmt: skip


@pytest.fixture(scope="module", params=[*ASGI, *WSGI])
def server(request):
    """The name of a server and its origin."""
    with running({**ASGI, **WSGI}[request.param]) as origin:
        yield request.param, origin


@pytest.fixture
def origin(server):
    return server[1]


def header_of(origin, target="/r", method="GET", form="", more=()):
    pairs = sign(method, origin + target, CLIENT, TOKEN, form=form, protocol_parameters=more)
    return "Authorization", authorization_header(pairs)


def variant(name):
    return "X-Variant", name


@pytest.mark.parametrize("name", ["", "threads"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_target_is_accepted_as_it_was_signed(server, target, name):
    server_name, origin = server
    if server_name == "werkzeug" and target.startswith("//"):
        # Python's http.server, on which it stands, has made one slash of them before anybody sees them.
        header = header_of(origin, target[1:])
        assert json.loads(send(origin, "GET", target, [header])[2])["uri"] == origin + target[1:]
        return
    status, _, content = send(origin, "GET", target, [header_of(origin, target), variant(name)])
    assert status == 200, content
    # ASGI does not tell whether a query is empty or there is none, which are signed alike.
    assert json.loads(content)["uri"] in (origin + target, origin + target.rstrip("?"))


@pytest.mark.parametrize(
    "signed, sent",
    [
        ("/r%2Fs", "/r/s"), ("/r/s", "/r%2Fs"), ("/%7Er", "/~r"), ("/~r", "/%7Er"), ("/r/s", "/r//s"),
        ("/r//s", "/r/s"), ("//r", "/r"), ("/s", "//r"), ("/a/../r", "/r"), ("/r", "/a/../r"),
        ("/r%2fs", "/r%2Fs"), ("/r", "/r/"),
        ("/r?a=1", "/r?a=2"), ("/r?a=1", "/r%3Fa=1"), ("/r", "/r?a=1"), ("/v1/r", "/r"), ("/r", "/r;p=1"),
    ],
)  # fmt: skip
def test_another_target_is_refused(origin, signed, sent):
    status, headers, content = send(origin, "GET", sent, [header_of(origin, signed)])
    assert (status, content) == (401, b"oauth_problem=signature_invalid")
    assert headers["www-authenticate"] == 'OAuth realm="", oauth_problem="signature_invalid"'


@pytest.mark.parametrize("sent", [".evil.com/a", ":81/a", "@evil.com/a", "r", "*"])
def test_a_target_that_is_not_a_path_is_refused(origin, sent):
    """Behind an origin it would name another one."""
    status, _, content = send(origin, "GET", sent, [header_of(origin.rpartition(":")[0] + sent, "")])
    assert status in (0, 400) and b"uri" not in content
    status, _, content = send(origin, "GET", sent, [header_of(origin, "/r")])
    assert status in (0, 400, 401) and b"uri" not in content


def test_an_absolute_target_of_another_origin_is_refused(origin):
    status, _, content = send(origin, "GET", "https://evil.com/r", [header_of("https://evil.com", "/r")])
    assert status in (0, 400, 401, 421) and b"uri" not in content


@pytest.mark.parametrize(
    "hosts, statuses",
    [
        (["evil.example"], [421]),
        (["127.0.0.1:1"], [421]),
        (["127.0.0.1:99999"], [0, 400]),
        ([""], [0, 400, 421]),
        (["127.0.0.1:1", None], [0, 400, 421]),
        ([None, "127.0.0.1:1"], [0, 400, 421]),
    ],
)
def test_the_host_is_that_of_the_origin(origin, hosts, statuses):
    ours = origin.partition("://")[2]
    first, *others = [ours if host is None else host for host in hosts]
    fields = [("Host", other) for other in others]
    forwarded = [("X-Forwarded-Host", ours), ("X-Forwarded-Proto", "http"), ("Forwarded", "host=" + ours)]
    status, _, content = send(origin, "GET", "/r", [*fields, *forwarded, header_of(origin)], host=first)
    assert status in statuses and b"uri" not in content
    evil = header_of("http://" + (first.replace("99999", "9999") or "evil.example"))
    status, _, content = send(origin, "GET", "/r", [*fields, evil], host=first)
    assert status in statuses or status == 401
    assert b"uri" not in content


def test_a_prefix_that_a_proxy_took_off_has_to_be_named(origin):
    header = header_of(origin, "/v1/r%2Fs?a=1")
    assert send(origin, "GET", "/r%2Fs?a=1", [header])[0] == 401
    status, _, content = send(origin, "GET", "/r%2Fs?a=1", [header, variant("prefix")])
    assert (status, json.loads(content)["uri"]) == (200, origin + "/v1/r%2Fs?a=1")


def post(origin, sent, signed=None, more=(), target="/r"):
    header = header_of(origin, target, "POST", sent if signed is None else signed)
    length = ("Content-Length", str(len(sent)))
    return send(origin, "POST", target, [header, FORM, length, *more], sent.encode())


def test_a_form_is_verified_and_read_by_the_application(origin):
    status, _, content = post(origin, "a=1&b=%C3%BC&a=2")
    seen = json.loads(content)
    assert (status, seen["body"], seen["names"]) == (200, "a=1&b=%C3%BC&a=2", ["a", "b", "a"])
    assert post(origin, "a=1&b=2", signed="a=1")[0] == 401
    assert post(origin, "a=1", signed="")[0] == 401


def test_a_form_of_200_kib_is_verified_and_a_larger_one_refused(origin):
    status, _, content = post(origin, "a=" + "b" * 200_000)
    assert status == 200 and len(json.loads(content)["body"]) == 200_002
    status, _, content = post(origin, "a=" + "b" * 300_000)
    assert status in (0, 413)


def test_a_form_that_was_parsed_before_is_refused(server):
    name, origin = server
    status, _, content = post(origin, "a=1&b=2", more=[variant("parsed")])
    if name == "werkzeug":
        # Its input does not end with the body: whoever reads it again waits for more.
        assert status == 0
        return
    assert (status, content) == (400, b"oauth_problem=parameter_rejected")


@pytest.mark.parametrize("added, body", [("Content-Encoding", b"amount=9999"), ("Transfer-Encoding", chunked(b"a=9"))])
def test_a_form_that_was_put_in_on_the_way_and_parsed_before_is_refused(server, added, body):
    """Signed over an empty form: what is left of the other once it was read looks the same."""
    name, origin = server
    value = {"Content-Encoding": "identity", "Transfer-Encoding": "chunked"}[added]
    length = [("Content-Length", str(len(body)))] if added == "Content-Encoding" else []
    fields = [header_of(origin, "/r", "POST"), FORM, (added, value), *length, variant("parsed")]
    status, _, content = send(origin, "POST", "/r", fields, body)
    if name == "werkzeug" and added == "Content-Encoding":
        # Whoever reads its input again waits for more.
        assert status == 0
        return
    assert status == (411 if name == "uwsgi" and added == "Transfer-Encoding" else 400), content


def test_a_form_in_chunks_is_verified_and_read_by_the_application(server):
    name, origin = server
    header = header_of(origin, "/r", "POST", "a=1&b=2")
    fields = [header, FORM, ("Transfer-Encoding", "chunked")]
    status, _, content = send(origin, "POST", "/r", fields, chunked(b"a=1&", b"b=2"))
    if name == "uwsgi":
        # It passes the chunks by an interface of its own.
        assert status == 411
    else:
        assert (status, json.loads(content)["body"]) == (200, "a=1&b=2")


@pytest.mark.parametrize("sent, expected", [(b'{"a": 1}', 200), (b'{"a": 2}', 401)])
def test_a_body_that_its_hash_covers_is_verified(origin, sent, expected):
    header = header_of(origin, "/r", "PUT", more=[("oauth_body_hash", body_hash(b'{"a": 1}'))])
    fields = [header, ("Content-Type", "application/json"), ("Content-Length", str(len(sent)))]
    status, _, content = send(origin, "PUT", "/r", fields, sent)
    assert status == expected
    assert expected == 401 or json.loads(content)["body"] == sent.decode()


@pytest.mark.parametrize("name", ["", "threads"])
def test_a_body_that_no_signature_covers_reaches_the_application(origin, name):
    sent = b"x" * 2_000_000
    fields = [header_of(origin, "/r", "PUT"), ("Content-Type", "image/png"), ("Content-Length", str(len(sent)))]
    status, _, content = send(origin, "PUT", "/r", [*fields, variant(name)], sent)
    assert status == 200 and len(json.loads(content)["body"]) == len(sent)


def test_a_request_is_accepted_once_and_without_a_signature_never(origin):
    header = header_of(origin)
    assert send(origin, "GET", "/r", [header])[0] == 200
    status, _, content = send(origin, "GET", "/r", [header])
    assert (status, content) == (401, b"oauth_problem=nonce_used")
    status, headers, _ = send(origin, "GET", "/r")
    assert (status, headers["www-authenticate"]) == (401, 'OAuth realm="", oauth_problem="parameter_absent"')


@pytest.mark.parametrize("fields", [2, 3])
def test_two_authorization_headers_are_refused(origin, fields):
    both = [header_of(origin), ("Authorization", "Basic eDp5"), header_of(origin)][:fields]
    status, _, content = send(origin, "GET", "/r", both)
    assert status in (0, 400, 401) and b"uri" not in content


@pytest.mark.parametrize("name", ["", "threads"])
def test_a_body_that_was_refused_unread_is_no_request(origin, name):
    """On a connection that is kept, the server has to skip it, or to close."""
    authority = origin.partition("://")[2]
    field = ": ".join(header_of(origin))
    hidden = f"GET /r HTTP/1.1\r\nHost: {authority}\r\n{field}\r\n\r\n".encode()
    fields = [f"Host: {authority}", f"X-Variant: {name}", f"Content-Length: {len(hidden)}", "Content-Type: text/plain"]
    head = "\r\n".join(["POST /r HTTP/1.1", *fields, "", ""]).encode()
    host, port = authority.split(":")
    with socket.create_connection((host, int(port)), 1) as connection:
        connection.sendall(head + hidden)
        reply = received(connection)
    assert b" 401 " in reply.partition(b"\r\n")[0] and reply.count(b"HTTP/1.") == 1


@pytest.mark.parametrize("server", WSGI_WITHOUT_TARGET)
def test_a_server_without_the_target_says_what_to_do(server):
    log = []
    with running(WSGI_WITHOUT_TARGET[server], log=log) as origin:
        assert send(origin, "GET", "/r", [header_of(origin)])[0] in (0, 500)
    assert "gunicorn, waitress" in log[0] and "uri=" in log[0]


def resident(origin):
    """The memory of the process that listens there, in octets."""
    port = "{:04X}".format(int(origin.rpartition(":")[2]))
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    [inode] = {line[9] for line in lines if line[1].endswith(":" + port) and line[3] == "0A"}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(os.readlink(file) == f"socket:[{inode}]" for file in process.glob("fd/*")):
                return int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    raise AssertionError("nothing listens there")


def memory_of_connections(fields, count, name):
    """Return by how much the server grows, and the status of each answer.

    Each connection says that it sends 1 MB, sends as much of it as the server takes, and stays.
    """
    with running(ASGI["uvicorn httptools"]) as origin, contextlib.ExitStack() as stack:
        for _ in range(20):  # what a server has to load and to learn, it has by now
            send(origin, "GET", "/r", [header_of(origin), variant(name)])
        before = resident(origin)
        host, port = origin.partition("://")[2].split(":")
        lines = [f"Host: {host}:{port}", "Content-Length: 1000000", f"X-Variant: {name}", *map(": ".join, fields)]
        head = "\r\n".join(["POST /r HTTP/1.1", *lines, "", ""]).encode()
        connections = []
        for _ in range(count):
            connection = stack.enter_context(socket.create_connection((host, int(port)), 10))
            with contextlib.suppress(ConnectionError):
                connection.sendall(head + b"a" * 1_000_000)
            connections.append(connection)
        growth = resident(origin) - before
        # An honest request is served beside them.
        assert send(origin, "GET", "/r", [header_of(origin), variant("threads")])[0] == 200
        return growth, {int(connection.recv(100).split()[1]) for connection in connections}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("name", ["", "threads"])
@pytest.mark.parametrize(
    "fields, count, status",
    [
        ([("Content-Type", "application/octet-stream")], 200, 401),
        ([FORM], 200, 413),
        ([FORM, ("Authorization", 'OAuth oauth_consumer_key="client"')], 32, 413),
    ],
)
def test_what_is_not_signed_takes_no_memory(fields, count, status, name):
    """Beside what uvicorn itself reads ahead, which is measured with an application that answers at once."""
    own, _ = memory_of_connections(fields, count, "bare")
    growth, statuses = memory_of_connections(fields, count, name)
    assert statuses == {status}
    assert growth - own < 10_000_000
