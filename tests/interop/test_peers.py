"""The other implementations at work: their requests at our Verifier, ours at theirs, their flows at the sandbox.

What is not installed is skipped by name; with REQUIRE_PEERS in the environment it fails instead.
"""

import time

import pytest

from nexmo.sandbox.fault_client import FaultySandbox
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
from tests.interop import flows, peers
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


def walks():
    """Return each client with each case, as arguments of a test."""
    for client in flows.CLIENTS:
        for case in flows.CASES:
            if case not in client.cannot:
                yield pytest.param(client, case, id=f"{client.name}, {case}")


@pytest.mark.parametrize("client, case", list(walks()))
def test_the_flow_of_others_ends_as_the_person_decides(played, client, case):
    """RFC 5849 section 2, over HTTP, with the sandbox's own pages for the person."""
    try:
        begun = flows.command(client)
    except peers.Unavailable as reason:
        skip(reason)
    outcome = flows.walk(client, begun, played(client.like), case)
    assert flows.right(case, *outcome), outcome


@pytest.fixture(scope="module")
def played():
    """Give the sandbox, playing what a client is for; one process plays one after the other."""
    with FaultySandbox() as sandbox:

        def play(like):
            sandbox.renew(like=like or None)
            return sandbox

        yield play
