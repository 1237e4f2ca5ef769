"""What the tests of all HTTP client adapters share: servers on loopback, what is sent, what has to arrive."""

import contextlib
import http.server
import socketserver
import ssl
import threading
import time
from email.utils import formatdate

import trustme
from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint

from oauth1_core import (
    HMAC_SHA1,
    PLAINTEXT,
    ClientCredentials,
    TokenCredentials,
    VerificationError,
    Verifier,
    parse_request,
    refusal,
)
from oauth1_core.adapters.clock import LearningClock
from oauth1_core.nonce_stores.memory import MemoryNonceStore

CLIENT = ClientCredentials("client0123456789abcdef", "cs")
TOKEN = TokenCredentials("token0123456789abcdef0", "ts")
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def typed(media_type):
    """Options of a call that declare what its body is."""
    return {"headers": {"Content-Type": media_type}}


def generate(*chunks):
    yield from chunks


async def generate_async(*chunks):
    for chunk in chunks:
        yield chunk


class Registry(RequestValidator):
    """Both sets of credentials, for our Verifier and for oauthlib."""

    enforce_ssl = False

    def client(self, identifier):
        return CLIENT if identifier == CLIENT.identifier else None

    def token(self, client_identifier, token_identifier):
        return TOKEN if token_identifier == TOKEN.identifier else None

    def validate_timestamp_and_nonce(self, *_, **__):
        return True

    def validate_client_key(self, identifier, _):
        return identifier == CLIENT.identifier

    def get_client_secret(self, *_):
        return CLIENT.secret

    def get_access_token_secret(self, *_):
        return TOKEN.secret


class Arrived:
    """A request as it came over the wire: request line, fields, body as framed, body."""

    def __init__(self, scheme, line, fields, framed, body):
        self.line, self.fields, self.framed, self.body = line, fields, framed, body
        self.method, self.target, _ = line.decode("latin-1").split(" ")
        self.uri = scheme + "://" + dict(fields)["Host"] + self.target

    @property
    def is_signed(self):
        return "oauth_" in self.target + str(self.fields) or b"oauth_" in self.body

    @property
    def parsed(self):
        return parse_request(self.method, self.uri, self.fields, self.body)

    def verified(self, **options):
        """Let our Verifier read it."""
        options.setdefault("accept", (HMAC_SHA1, PLAINTEXT))
        nonces = options.pop("nonces", None) or MemoryNonceStore(epoch=0)
        return Verifier(Registry(), nonces, **options).verify(self.method, self.uri, self.fields, self.body)

    @property
    def accepted_by_oauthlib(self):
        body = self.body.decode("latin-1")
        return SignatureOnlyEndpoint(Registry()).validate_request(self.uri, self.method, body, dict(self.fields))[0]


class Server(socketserver.ThreadingTCPServer):
    """Keeps what arrives; ``answer`` takes it and returns status, fields and body."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 100

    def __init__(self, host="127.0.0.1", context=None):
        super().__init__((host, 0), Handler)
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.scheme = "https" if context else "http"
        self.origin = "{}://{}:{}".format(self.scheme, host, self.server_address[1])
        self.reset()

    def reset(self):
        self.requests = []
        self.answer = lambda arrived: (200, [], b"")

    def handle_error(self, request, client_address):
        """A client that leaves, as some do after a redirect, is no error."""


class Handler(socketserver.StreamRequestHandler):
    timeout = 30

    def handle(self):
        line = self.rfile.readline()
        if not line:
            return
        fields = []
        for field in iter(self.rfile.readline, b"\r\n"):
            name, _, value = field.decode("latin-1").rstrip("\r\n").partition(":")
            fields.append((name, value.strip()))
        lower = {name.lower(): value for name, value in fields}
        framed = body = self.rfile.read(int(lower.get("content-length", 0)))
        if lower.get("transfer-encoding") == "chunked":
            size = None
            while size != 0:
                head = self.rfile.readline()
                size = int(head, 16)
                chunk = self.rfile.read(size)
                framed, body = framed + head + chunk + self.rfile.readline(), body + chunk
        arrived = Arrived(self.server.scheme, line, fields, framed, body)
        self.server.requests.append(arrived)
        status, answer_fields, content = self.server.answer(arrived)
        answer_fields = [*answer_fields, ("Connection", "close")]
        if "Transfer-Encoding" not in dict(answer_fields):
            answer_fields.append(("Content-Length", str(len(content))))
        head = "HTTP/1.1 {} X\r\n".format(status) + "".join("{}: {}\r\n".format(*field) for field in answer_fields)
        self.wfile.write(head.encode() + b"\r\n" + content)


@contextlib.contextmanager
def running(*servers):
    threads = [threading.Thread(target=server.serve_forever, args=(0.01,)) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for server, thread in zip(servers, threads):
            server.shutdown()
            thread.join()
            server.server_close()


class World:
    """An origin and those that a redirect may lead to; ``trust`` is the certificate's authority as a file."""

    def __init__(self, directory):
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        self.trust = str(directory / "authority.pem")
        authority.cert_pem.write_to_path(self.trust)
        self.context = ssl.create_default_context(cafile=self.trust)
        self.origin, self.other_port, self.other_host = Server(), Server(), Server("127.0.0.2")
        self.tls = Server(context=context)
        self.servers = [self.origin, self.other_port, self.other_host, self.tls]

    def reset(self):
        for server in self.servers:
            server.reset()


@contextlib.contextmanager
def running_world(directory):
    world = World(directory)
    with running(*world.servers):
        yield world


# Where a redirect leads: from, to, whether the second request is signed.
HOPS = {
    "same origin": ("origin", "origin", True),
    "same origin by TLS": ("tls", "tls", True),
    "other port": ("origin", "other_port", False),
    "other host": ("origin", "other_host", False),
    "https to http": ("tls", "origin", False),
    "http to https": ("origin", "tls", False),
}
STATUSES = [301, 302, 303, 307, 308]
PLACEMENTS = ["header", "form", "query"]


def redirects(statuses=STATUSES):
    """The table: names and arguments of :func:`redirected` for each combination."""
    table = [(status, name, placement) for status in statuses for name in HOPS for placement in PLACEMENTS]
    return {"argvalues": table, "ids": ["{} {} {}".format(*row) for row in table]}


def redirected(world, send, status, name, keeps_body=True, is_signed=None):
    """Check one row: ``send(url)`` posts the form ``a=1&b=+``, signed, and follows the redirect.

    The server repeats the query that it got in Location, as many do, so that what is in it comes back.
    """
    world.reset()
    start, end, is_same = HOPS[name]
    is_signed = is_same if is_signed is None else is_signed
    first_server, second_server = getattr(world, start), getattr(world, end)

    def answer(arrived):
        if arrived.target.startswith("/end"):
            return 200, [], b""
        query = arrived.target.partition("?")[2]
        return status, [("Location", second_server.origin + "/end/%2f?x=%20y&" + query)], b""

    first_server.answer = answer
    send(first_server.origin + "/start?q=1")
    first = first_server.requests[0]
    first.verified()
    assert first.accepted_by_oauthlib
    [second] = [each for each in second_server.requests if each.target.startswith("/end")]
    assert second.is_signed is is_signed
    assert second.target.lower().startswith("/end/%2f?x=%20y&q=1")
    if is_signed:
        found = second.verified()
        assert (found.client_identifier, found.token_identifier) == (CLIENT.identifier, TOKEN.identifier)
        assert found.nonce != first.parsed.nonce
        assert second.accepted_by_oauthlib
        assert "{}{}{}".format(second.line, second.fields, second.body).count("oauth_nonce=") == 1
    if status in (307, 308) and keeps_body:
        assert dict(second.fields)["Content-Type"] == dict(first.fields)["Content-Type"]
        assert (second.method, second.body[:7]) == (first.method, first.body[:7]) == ("POST", b"a=1&b=+")
    # What the query of the first request held has not come twice.
    assert second.target.count("q=1") == 1


def round_trip(world, send, detour):
    """Check that a redirect away and back again leaves the request unsigned: its URL is of a stranger's choice."""
    world.reset()
    world.origin.answer = lambda arrived: (
        (307, [("Location", detour.origin + "/away")], b"") if arrived.target.startswith("/start") else (200, [], b"")
    )
    detour.answer = lambda arrived: (307, [("Location", world.origin.origin + "/end")], b"")
    send(world.origin.origin + "/start")
    first, last = world.origin.requests
    assert (first.is_signed, detour.requests[0].is_signed, last.is_signed) == (True, False, False)


def busy(times):
    """An answer that refuses ``times`` requests with 503."""
    left = [times]

    def answer(arrived):
        left[0] -= 1
        return (503 if left[0] >= 0 else 200), [], b""

    return answer


def every_attempt_has_its_own_nonce(server, times):
    nonces = MemoryNonceStore(epoch=0)
    assert len({arrived.verified(nonces=nonces).nonce for arrived in server.requests}) == times


def verifying(body=True, challenge=True, date=True, status=401):
    """An answer as a provider gives it: 200, or of what ``refusal`` says what is asked for here, and the date."""
    nonces = MemoryNonceStore(epoch=0)

    def answer(arrived):
        try:
            arrived.verified(nonces=nonces)
        except VerificationError as error:
            _, fields, content = refusal(error)
            fields = [pair for pair in fields if challenge or pair[0] != "WWW-Authenticate"]
            fields += [("Date", formatdate(time.time(), usegmt=True))] if date else []
            return status, fields, content if body else b""
        return 200, [], arrived.body

    return answer


def same_but_signed(plain, signed, oauthlib_reads, is_streamed_form=False):
    """Check that a signed request differs from the same one unsigned by its Authorization header only."""
    assert signed.line == plain.line
    assert sorted([field for field in signed.fields if field[0].lower() != "authorization"]) == sorted(plain.fields)
    assert len(signed.fields) == len(plain.fields) + 1
    assert signed.body == plain.body
    # A form is read before it is signed, so that it leaves in one chunk where it came in several.
    assert is_streamed_form or signed.framed == plain.framed
    found = signed.verified()
    assert (found.client_identifier, found.token_identifier) == (CLIENT.identifier, TOKEN.identifier)
    if oauthlib_reads:
        assert signed.accepted_by_oauthlib


def placed(plain, signed, placement, oauthlib_reads=True):
    """Check that the protocol parameters are in the query or form, after what was there, and nothing else changed."""
    signed.verified()
    assert not oauthlib_reads or signed.accepted_by_oauthlib
    ours = [field for field in signed.fields if field[0].lower() not in ("content-length", "content-type")]
    assert ours == [field for field in plain.fields if field[0].lower() not in ("content-length", "content-type")]
    if placement == "query":
        assert (signed.body, signed.method) == (plain.body, plain.method)
        assert signed.target.startswith(plain.target)
        assert signed.target[len(plain.target) :][:7] in ("&oauth_", "?oauth_")
    else:
        assert signed.line == plain.line
        assert signed.body.startswith(plain.body) and signed.body[len(plain.body) :].lstrip(b"&").startswith(b"oauth_")


# What is sent as a target, and whether oauthlib reads it: it takes no query or form with characters outside a
# list of its own, such as brackets.
QUERIES = {
    "no query": ("/", True),
    "escaped slash and space in the path": ("/a%2Fb%20c/~d;e=f?x=1", True),
    "order and spaces": ("/r?b=2&a=1&a=%20+%2B&c&&d=", True),
    "percent signs": ("/r?a=%25%2541", True),
    "brackets and other raw characters": ("/r?filter[a]={b}|c^`d'e", False),
    "raw UTF-8": ("/r?é=ü&x=%C3%A9", True),
    "raw characters in the path": ("/é[a]/b'(c)", True),
    "small letters in escapes": ("/a%2fb%c3%a9?x=%c3%a9", True),
    "two slashes at the start": ("//a//b?x=1", True),
}


def heals(server, hours, make):
    """Check a client whose clock is wrong: ``make(clock)`` returns a call that sends a form and returns the status."""

    def wrong():
        return time.time() + hours * 3600

    # The time from oauth_acceptable_timestamps in the body, then from Date alone, with and without the challenge.
    for options in ({"date": False, "status": 400}, {"body": False}, {"body": False, "challenge": False}):
        server.reset()
        server.answer = verifying(**options)
        send = make(LearningClock(clock=wrong))
        assert send() == 200
        assert len(server.requests) == 2
        assert send() == 200
        assert len(server.requests) == 3, "what was learnt stays"
        assert len({each.parsed.nonce for each in server.requests}) == 3
    # A server that refuses for another reason hears no more than one request.
    now, long_ago = [("Date", formatdate(time.time() - ago, usegmt=True)) for ago in (0, 7200)]
    challenges = [("WWW-Authenticate", each) for each in ('Basic realm="x"', 'OAuth oauth_problem="nonce_used"')]
    refused = b"oauth_problem=timestamp_refused"
    for answer in ((401, [now], b""), (401, [long_ago, *challenges], b""), (403, [long_ago], refused)):
        server.reset()
        server.answer = lambda arrived, answer=answer: answer
        assert make(LearningClock())() == answer[0]
        assert len(server.requests) == 1
    # Nor does one whose refusals never end, but one more.
    server.reset()
    server.answer = lambda arrived: (401, [("Date", formatdate(time.time() - 7200 * len(server.requests)))], b"")
    send = make(LearningClock())
    assert send() == 401
    assert len(server.requests) == 2
    # And a clock that does not learn changes nothing.
    server.reset()
    server.answer = verifying()
    assert make(wrong)() == 401
    assert len(server.requests) == 1


def heals_all_that_are_under_way(server, make):
    """Check that a clock heals each of several requests that were signed before the first was refused."""
    server.reset()
    verify, all_are_there = verifying(), threading.Barrier(5)

    def answer(arrived):
        if arrived.parsed.timestamp < time.time() - 60:
            all_are_there.wait(30)
        return verify(arrived)

    server.answer = answer
    send, statuses = make(LearningClock(clock=lambda: time.time() - 3600)), []
    threads = [threading.Thread(target=lambda: statuses.append(send())) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 5
    assert len({each.parsed.nonce for each in server.requests}) == len(server.requests) == 10


def heals_where_a_redirect_has_led(server, make):
    """Check that it is the refused request that is sent again, not the one that was redirected, and done."""
    server.reset()
    verify = verifying()
    server.answer = lambda arrived: (303, [("Location", "/end")], b"") if arrived.method == "POST" else verify(arrived)
    assert make(LearningClock(clock=lambda: time.time() - 3600))() == 200
    assert [each.method for each in server.requests] == ["POST", "GET", "GET"]


def empty_form_led_away(world, send):
    """Check that of an empty form, into which the parameters were put, nothing is left where a redirect leads."""
    world.reset()
    world.origin.answer = lambda arrived: (307, [("Location", world.other_host.origin + "/end")], b"")
    send(world.origin.origin + "/start")
    [first], [second] = world.origin.requests, world.other_host.requests
    assert first.body.startswith(b"oauth_consumer_key=")
    assert (second.body, dict(second.fields)["Content-Length"]) == (b"", "0")


def learns_from_no_stranger(world, make):
    """Check that the clock is not set by whom a redirect leads to, nor anything sent there twice."""
    world.reset()
    world.origin.answer = lambda arrived: (303, [("Location", world.other_host.origin + "/end")], b"")
    world.other_host.answer = lambda arrived: (
        401, [("Date", "Mon, 23 Nov 2020 17:35:18 GMT")], b"oauth_problem=timestamp_refused"
    )  # fmt: skip
    clock = LearningClock()
    assert make(clock)() == 401
    assert len(world.other_host.requests) == 1
    assert not clock.offsets


def learns_without_resending(server, make):
    server.answer = verifying()
    clock = LearningClock(clock=lambda: time.time() - 3600)
    assert make(clock)() == 401
    assert len(server.requests) == 1
    assert abs(clock(server.origin) - time.time()) < 60


@contextlib.contextmanager
def running_oauthlib():
    """A server of the standard library, behind which oauthlib verifies."""

    class Protected(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("ascii")
            uri = "http://{}{}".format(self.headers["Host"], self.path)
            endpoint = SignatureOnlyEndpoint(Registry())
            valid = endpoint.validate_request(uri, self.command, body, dict(self.headers))[0]
            self.send_response(200 if valid else 401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Protected)
    with running(server):
        yield "http://127.0.0.1:{}".format(server.server_address[1])


def refused_by_oauthlib(send):
    """Tell whether the wrong secret is refused, so that what was accepted means something."""
    return send(ClientCredentials(CLIENT.identifier, "other")) == 401
