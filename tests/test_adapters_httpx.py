"""OAuth 1.0a for httpx: one header is added, and nothing else differs from the unsigned request."""
import asyncio
import base64
import hmac
import io
import re
import socketserver
import threading
import time
import urllib.parse

import httpx
import pytest
from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint

from oauth1_core import (
    HMAC_SHA1,
    HMAC_SHA256,
    PLAINTEXT,
    ClientCredentials,
    InsecureEndpoint,
    SigningError,
    TokenCredentials,
    Verifier,
    parse_authorization_header,
)
from oauth1_core.adapters.httpx import OAuth1
from oauth1_core.nonce_stores.memory import MemoryNonceStore

CLIENT = ClientCredentials("client0123456789abcdef", "cs")
TOKEN = TokenCredentials("token0123456789abcdef0", "ts")
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class Recorder(socketserver.ThreadingTCPServer):
    """Keeps the octets of every request: request line, fields, body as framed, body."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []


class Handler(socketserver.StreamRequestHandler):
    timeout = 30

    def handle(self):
        line = self.rfile.readline()
        fields = []
        for field in iter(self.rfile.readline, b"\r\n"):
            name, _, value = field.decode("latin-1").rstrip("\r\n").partition(": ")
            fields.append((name, value))
        lower = {name.lower(): value for name, value in fields}
        framed = body = self.rfile.read(int(lower.get("content-length", 0)))
        if lower.get("transfer-encoding") == "chunked":
            size = None
            while size != 0:
                head = self.rfile.readline()
                size = int(head, 16)
                chunk = self.rfile.read(size)
                framed, body = framed + head + chunk + self.rfile.readline(), body + chunk
        self.server.requests.append((line, fields, framed, body))
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.fixture(scope="module")
def server():
    with Recorder() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


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


def verify(line, fields, body):
    """Let our Verifier read what arrived."""
    method, target, _ = line.decode("ascii").split(" ")
    uri = "http://" + dict(fields)["Host"] + target
    accept = (HMAC_SHA1, HMAC_SHA256, PLAINTEXT)
    server = Verifier(Registry(), MemoryNonceStore(epoch=0), accept=accept)
    return server.verify(method, uri, fields, body)


def accepted_by_oauthlib(line, fields, body):
    method, target, _ = line.decode("ascii").split(" ")
    uri = "http://" + dict(fields)["Host"] + target
    return SignatureOnlyEndpoint(Registry()).validate_request(uri, method, body.decode("latin-1"), dict(fields))[0]


def generate(*chunks):
    yield from chunks


async def generate_async(*chunks):
    for chunk in chunks:
        yield chunk


def multipart():
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    return {"files": {"f": ("n.bin", b"\xff\0&=%")}, "data": {"a": "1"}, "headers": headers}


# What is sent, made afresh for each sending, and whether oauthlib reads it: it takes no query or form with
# characters outside a list of its own (such as brackets), and knows the type of a form in lower case only.
QUERIES = {
    "no query": ("/", True),
    "escaped slash and space in the path": ("/a%2Fb%20c/~d;e=f?x=1", True),
    "order and spaces": ("/r?b=2&a=1&a=%20+%2B&c&&d=", True),
    "percent signs": ("/r?a=%25%2541", True),
    "brackets and other raw characters": ("/r?filter[a]={b}|c^`d'e", False),
    "raw UTF-8": ("/r?é=ü&x=%C3%A9", True),
}
BODIES = {
    "none": (dict, True),
    "JSON": (lambda: {"json": {"a": [1, "é&="]}}, True),
    "JSON that looks like a form": (lambda: {"content": b"a=1&b=2", "headers": {"Content-Type": JSON}}, True),
    "multipart": (multipart, True),
    "octets": (lambda: {"content": bytes(range(256)) * 300}, True),
    "text": (lambda: {"content": "a=é", "headers": {"Content-Type": "text/plain"}}, True),
    "form": (lambda: {"data": {"a": ["1", "é +&="], "b": ""}}, True),
    "empty form": (lambda: {"content": b"", "headers": {"Content-Type": FORM}}, True),
    "form in upper case with a charset": (
        lambda: {"content": b"a=1&b=%c3%a9+&a=1", "headers": {"Content-Type": FORM.upper() + " ; charset=UTF-8"}}, False
    ),
    "form with raw characters": (lambda: {"content": b"a[]=1|\xc3\xa9", "headers": {"Content-Type": FORM}}, False),
}
SYNC_BODIES = {
    "generator": (lambda: {"content": generate(b"a=", b"1", b"\xff" * 70000)}, True),
    "file": (lambda: {"content": io.BytesIO(b"\0\xff" * 50000)}, True),
    "form from a generator": (lambda: {"content": generate(b"a=", b"1&b"), "headers": {"Content-Type": FORM}}, True),
}
ASYNC_BODIES = {
    "async generator": (lambda: {"content": generate_async(b"a=", b"1", b"\xff" * 70000)}, True),
    "form from an async generator": (
        lambda: {"content": generate_async(b"a=", b"1&b"), "headers": {"Content-Type": FORM}}, True
    ),
}


def exchange(server, auth, is_async, method, target, options):
    """Send one request and return what arrived."""
    url = "http://127.0.0.1:{}{}".format(server.server_address[1], target)

    async def send():
        async with httpx.AsyncClient(trust_env=False, auth=auth) as client:
            return await client.request(method, url, **options)

    if is_async:
        response = asyncio.run(send())
    else:
        with httpx.Client(trust_env=False, auth=auth) as client:
            response = client.request(method, url, **options)
    assert response.status_code == 200
    return server.requests.pop()


def check(server, is_async, method, target, make, oauthlib_reads):
    line, fields, framed, body = exchange(server, None, is_async, method, target, make())
    signed = exchange(server, OAuth1(CLIENT, TOKEN), is_async, method, target, make())
    assert signed[0] == line
    assert [field for field in signed[1] if field[0] != "Authorization"] == fields
    assert len(signed[1]) == len(fields) + 1
    assert signed[3] == body
    # A form is read before it is signed, so that it leaves in one chunk where it came in several.
    is_form = FORM in str(fields).lower()
    assert is_form or signed[2] == framed
    found = verify(signed[0], signed[1], body)
    assert (found.client_identifier, found.token_identifier) == (CLIENT.identifier, TOKEN.identifier)
    if oauthlib_reads:
        assert accepted_by_oauthlib(signed[0], signed[1], body)


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("target, oauthlib_reads", QUERIES.values(), ids=QUERIES.keys())
def test_the_target_arrives_as_it_would_unsigned_and_verifies(server, is_async, target, oauthlib_reads):
    check(server, is_async, "GET", target, dict, oauthlib_reads)


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("make, oauthlib_reads", BODIES.values(), ids=BODIES.keys())
def test_the_body_arrives_as_it_would_unsigned_and_verifies(server, is_async, make, oauthlib_reads):
    check(server, is_async, "POST", "/r?q=1", make, oauthlib_reads)


@pytest.mark.parametrize("make, oauthlib_reads", SYNC_BODIES.values(), ids=SYNC_BODIES.keys())
def test_a_stream_arrives_as_it_would_unsigned_and_verifies(server, make, oauthlib_reads):
    check(server, False, "PUT", "/r?q=1", make, oauthlib_reads)


@pytest.mark.parametrize("make, oauthlib_reads", ASYNC_BODIES.values(), ids=ASYNC_BODIES.keys())
def test_an_async_stream_arrives_as_it_would_unsigned_and_verifies(server, make, oauthlib_reads):
    check(server, True, "PUT", "/r?q=1", make, oauthlib_reads)


def test_a_form_that_is_not_utf_8_is_signed_by_its_octets(server):
    """A verifier refuses it, so the signature is compared with one made by urllib and hmac."""
    options = {"content": b"a=%FF&b=\xff", "headers": {"Content-Type": FORM}}
    _, fields, _, body = exchange(server, OAuth1(CLIENT), False, "POST", "/r", options)
    assert body == b"a=%FF&b=\xff"
    pairs = dict(parse_authorization_header(dict(fields)["Authorization"]))
    signature = pairs.pop("oauth_signature")
    parameters = "&".join(["a=%FF", "b=%FF", *[name + "=" + pairs[name] for name in sorted(pairs)]])
    uri = "http://" + dict(fields)["Host"] + "/r"
    base_string = "&".join(["POST", *[urllib.parse.quote(each, safe="~") for each in (uri, parameters)]])
    assert base64.b64decode(signature) == hmac.digest(b"cs&", base_string.encode(), "sha1")


def test_the_host_field_is_what_is_signed(server):
    """RFC 5849 section 3.4.1: "the authority as declared by the HTTP "Host" request header field"."""
    recorded = exchange(server, OAuth1(CLIENT, TOKEN), False, "GET", "/r", {"headers": {"Host": "virtual.example:81"}})
    assert ("Host", "virtual.example:81") in recorded[1]
    assert verify(recorded[0], recorded[1], b"").base_string.startswith("GET&http%3A%2F%2Fvirtual.example%3A81%2Fr&")


def sent_by(auth, url="https://api.example/r", times=1, **options):
    """The requests that a transport is given."""
    seen = []

    def answer(request):
        seen.append(request.headers.get_list("Authorization"))
        return httpx.Response(200)

    with httpx.Client(transport=httpx.MockTransport(answer), auth=auth) as client:
        request = client.build_request("GET", url, **options)
        for _ in range(times):
            client.send(request)
    assert all(len(fields) == 1 for fields in seen)
    return [field for [field] in seen]


def test_realm_version_nonce_and_clock_are_the_callers():
    auth = OAuth1(CLIENT, realm="Photos", version=None, nonce=lambda: "abc", clock=lambda: 1795455318.9)
    [header] = sent_by(auth)
    assert header.startswith('OAuth realm="Photos", oauth_consumer_key="client0123456789abcdef", oauth_signature_')
    assert 'oauth_timestamp="1795455318", oauth_nonce="abc", oauth_signature=' in header
    assert "oauth_version" not in header and "oauth_token" not in header


def test_by_default_there_is_a_version_and_no_realm():
    [header] = sent_by(OAuth1(CLIENT, TOKEN))
    assert 'oauth_token="token0123456789abcdef0"' in header and 'oauth_version="1.0"' in header
    assert "realm" not in header
    [timestamp] = re.findall('oauth_timestamp="([0-9]+)"', header)
    assert abs(int(timestamp) - time.time()) < 60


def test_every_sending_of_one_request_has_its_own_nonce():
    headers = sent_by(OAuth1(CLIENT, TOKEN), times=3)
    assert len({re.search('oauth_nonce="([^"]+)"', header).group(1) for header in headers}) == 3


def test_the_signature_method_is_the_callers():
    [header] = sent_by(OAuth1(CLIENT, TOKEN, signature_method=PLAINTEXT))
    assert 'oauth_signature_method="PLAINTEXT"' in header and 'oauth_signature="cs%26ts"' in header


def test_an_authorization_header_of_the_caller_is_replaced():
    [header] = sent_by(OAuth1(CLIENT), headers={"Authorization": "Bearer x"})
    assert header.startswith("OAuth ")


@pytest.mark.parametrize(
    "url, base_string_uri",
    [
        ("https://API.example:443/", "https%3A%2F%2Fapi.example%2F"),
        ("http://[::1]:8000", "http%3A%2F%2F%5B%3A%3A1%5D%3A8000%2F"),
        ("https://bücher.example/ü", "https%3A%2F%2Fxn--bcher-kva.example%2F%25C3%25BC"),
        ("https://u:p@api.example/a%2fb#f", "https%3A%2F%2Fapi.example%2Fa%252fb"),
    ],
)
def test_the_url_is_signed_as_httpx_sends_it(url, base_string_uri):
    signed = []

    class Recording:
        name = "X"

        def sign(self, base_string, *secrets):
            signed.append((base_string.split("&")[1], secrets))
            return "signature"

    [header] = sent_by(OAuth1(CLIENT, TOKEN, signature_method=Recording()), url)
    assert signed == [(base_string_uri, ("cs", "ts"))]
    assert 'oauth_signature="signature"' in header


@pytest.mark.parametrize(
    "options, url, error",
    [
        ({"signature_method": PLAINTEXT}, "http://api.example/", InsecureEndpoint),
        ({}, "https://api.example/?oauth_nonce=x", SigningError),
        ({"nonce": str}, "https://api.example/", SigningError),
    ],
)
def test_what_cannot_be_signed_is_not_sent(options, url, error):
    sent = []
    auth, transport = OAuth1(CLIENT, **options), httpx.MockTransport(sent.append)

    async def send():
        async with httpx.AsyncClient(transport=transport, auth=auth) as client:
            await client.get(url)

    with httpx.Client(transport=transport, auth=auth) as client, pytest.raises(error):
        client.get(url)
    with pytest.raises(error):
        asyncio.run(send())
    assert sent == []


def test_a_realm_that_cannot_be_sent_is_refused_at_once():
    with pytest.raises(SigningError, match="realm"):
        OAuth1(CLIENT, realm='"')


class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Notes when it is called and when the body is made."""

    def __init__(self):
        self.events = []

    def body(self):
        for number in range(2):
            self.events.append("chunk")
            yield b"%d" % number

    async def async_body(self):
        for chunk in self.body():
            yield chunk

    def handle_request(self, request):
        self.events.append("transport")
        return httpx.Response(200, content=b"".join(request.stream))

    async def handle_async_request(self, request):
        self.events.append("transport")
        return httpx.Response(200, content=b"".join([chunk async for chunk in request.stream]))


@pytest.mark.parametrize(
    "media_type, events", [("text/plain", ["transport", "chunk", "chunk"]), (FORM, ["chunk", "chunk", "transport"])]
)
def test_only_a_form_is_read_before_it_is_sent(media_type, events):
    options = {"headers": {"Content-Type": media_type}}
    transport = Transport()
    with httpx.Client(transport=transport, auth=OAuth1(CLIENT)) as client:
        assert client.post("https://api.example/", content=transport.body(), **options).content == b"01"
    assert transport.events == events

    async def send():
        async with httpx.AsyncClient(transport=transport, auth=OAuth1(CLIENT)) as client:
            return await client.post("https://api.example/", content=transport.async_body(), **options)

    transport.events.clear()
    assert asyncio.run(send()).content == b"01"
    assert transport.events == events
