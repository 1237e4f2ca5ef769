"""The other implementations at work: their requests at our Verifier, ours at theirs, their flows at the sandbox.

What is not installed is skipped by name; with REQUIRE_PEERS in the environment it fails instead.
"""

import subprocess
import time

import pytest

from nexmo.sandbox import Sandbox
from nexmo.sandbox.browser import Browser
from oauth1_core import (
    ClientCredentials,
    InvalidSignature,
    TokenCredentials,
    Verifier,
    authorization_header,
    generate_nonce,
    sign,
)
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from tests.interop import peers
from tests.interop.matrix import header_pairs
from tests.support.programs import skip

pytestmark = pytest.mark.peers

CLIENT = ClientCredentials("client0123456789abcdef", "c&s %é")
TOKEN = TokenCredentials("token0123456789abcdef0", "t+s=/")
# Secrets of unreserved characters, for what others verify.
PLAIN_CLIENT = ClientCredentials(CLIENT.identifier, "client-secret")
PLAIN_TOKEN = TokenCredentials(TOKEN.identifier, "token-secret")
FORM = "application/x-www-form-urlencoded"
# What every implementation reads alike (vectors/CONFORMANCE.md).
REQUESTS = {
    "query": ("GET", "https://api.example.com/r/X?b=2%26&a=%3D&n=r%20b", ""),
    "form": ("POST", "https://api.example.com:8443/r", "b=%2B1&a=x%20y&text=100%25"),
    "unicode": ("POST", "https://api.example.com/r", "text=%C3%A9%E2%98%83%F0%9F%98%80"),
}
with_each_request = pytest.mark.parametrize("method, uri, form", REQUESTS.values(), ids=REQUESTS)
with_and_without_token = pytest.mark.parametrize("token", [TOKEN, None], ids=["token", "no token"])


class Registry:
    def client(self, identifier):
        return CLIENT if identifier == CLIENT.identifier else None

    def token(self, client_identifier, token_identifier):
        return TOKEN if token_identifier == TOKEN.identifier else None


def name_of(peer):
    return f"{peer.name} ({peer.language})"


VERIFYING = [peer for peer in peers.OTHERS if "verify" in peers.adapter_of(peer).read_text(encoding="utf-8")]


@pytest.fixture(scope="module", params=peers.OTHERS, ids=name_of)
def signing_peer(request):
    with started(request.param) as implementation:
        yield implementation


@pytest.fixture(scope="module", params=VERIFYING, ids=name_of)
def verifying_peer(request):
    with started(request.param) as implementation:
        yield implementation


def started(peer):
    try:
        return peers.start(peer)
    except peers.Unavailable as reason:
        return skip(reason)


def headers_of(header, form):
    return [("Authorization", header)] + ([("Content-Type", FORM)] if form else [])


@with_each_request
@with_and_without_token
def test_what_others_sign_is_accepted_here(signing_peer, method, uri, form, token):
    input = {
        "method": method,
        "uri": uri,
        "client": {"identifier": CLIENT.identifier, "secret": CLIENT.secret},
        "token": token and {"identifier": token.identifier, "secret": token.secret},
        "form": form,
        "protocol_parameters": [],
        "signature_method": "HMAC-SHA1",
        "timestamp": str(int(time.time())),
        "nonce": generate_nonce(),
        "version": "1.0",
    }
    reply = signing_peer.ask("accepted", "sign", input)
    header = reply["output"]
    header = header if isinstance(header, str) else authorization_header(header)
    verifier = Verifier(Registry(), MemoryNonceStore(epoch=0))
    found = verifier.verify(method, uri, headers_of(header, form), form.encode(), token="optional")
    assert found.client_identifier == CLIENT.identifier
    assert found.token_identifier == (token and token.identifier)
    assert dict(header_pairs(header))["oauth_nonce"] == found.nonce
    with pytest.raises(InvalidSignature):
        verifier.verify(method, uri + "x", headers_of(header, form), form.encode(), token="optional")


@with_each_request
def test_what_is_signed_here_is_accepted_by_others(verifying_peer, method, uri, form):
    header = authorization_header(sign(method, uri, PLAIN_CLIENT, PLAIN_TOKEN, form=form), realm="Photos")
    received = {
        "credentials": [
            {
                "identifier": PLAIN_CLIENT.identifier,
                "secret": PLAIN_CLIENT.secret,
                "tokens": [{"identifier": PLAIN_TOKEN.identifier, "secret": PLAIN_TOKEN.secret}],
            }
        ],
        "method": method,
        "uri": uri,
        "headers": headers_of(header, form),
        "body": form,
        "now": int(time.time()),
        "accept": ["HMAC-SHA1"],
        "token": "required",
        "earlier": [],
    }
    assert "output" in verifying_peer.ask("right", "verify", received)
    assert "error" in verifying_peer.ask("wrong", "verify", dict(received, uri=uri.replace("/r", "/R")))


def commands():
    """Return {name: how its command begins} for the clients that go through the whole flow."""
    here = peers.HERE
    python = [str(peers.PEERS / "venv" / "bin" / "python"), str(here / "flow_requests_oauthlib.py")]
    return {"requests-oauthlib": python, "PECL oauth": ["php", str(here / "flow_php_oauth.php")]}


@pytest.mark.parametrize("callback", ["http://127.0.0.1:1/callback", "oob"])
@pytest.mark.parametrize("name", sorted(commands()))
def test_the_flow_of_others_ends_with_an_sms(name, callback):
    """RFC 5849 section 2, over HTTP, with the sandbox's own pages for the user."""
    peer = next(peer for peer in peers.OTHERS if peer.name == name)
    try:
        peers.version(peer)
        peers.command(peer)
    except peers.Unavailable as reason:
        skip(reason)
    with Sandbox() as sandbox:
        arguments = [f"{sandbox.url}/oauth", sandbox.url, sandbox.consumer_key, sandbox.consumer_secret, callback]
        client = subprocess.Popen(
            [*commands()[name], *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        with client:
            url = client.stdout.readline().strip()
            assert url.startswith(sandbox.endpoints.authorize), client.stderr.read()
            pages = []
            with Browser(pages.append) as browser:
                verifier = browser.approve(url)
            answer = verifier if callback == "oob" else pages[-1].headers["Location"]
            said, errors = client.communicate(answer + "\n", timeout=60)
    assert (client.returncode, errors) == (0, "")
    status, balance = said.split()
    assert status == "0"
    assert 0 < float(balance) < 10.28
