"""The recipes of docs/providers.md, each against a server on loopback that checks what arrives."""

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from oauth1_core import (
    HMAC_SHA1,
    HMAC_SHA256,
    PLAINTEXT,
    ClientCredentials,
    PublicClientCredentials,
    RsaSha256,
    TokenCredentials,
    Verifier,
)
from oauth1_core.adapters.clock import LearningClock
from oauth1_core.adapters.requests import OAuth1
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from tests.support.http_clients import Server, running
from tests.support.played_provider import CONSUMER, CONSUMER_SECRET, PlayedProvider

PAGE = (Path(__file__).parents[1] / "docs" / "providers.md").read_text()
RECIPES = dict(re.findall(r"^```python\n# (\w+)\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL))
ROWS = dict(re.findall(r"^\| ([^|]+) \| `(OAuth1\(.+\))` \|$", PAGE, re.MULTILINE))
CLIENT, TOKEN = ClientCredentials("client", "client&secret"), TokenCredentials("token", "token secret")


class Known:
    def __init__(self, client=CLIENT, token=TOKEN):
        self.credentials = client, token

    def client(self, identifier):
        return self.credentials[0] if identifier == self.credentials[0].identifier else None

    def token(self, client_identifier, identifier):
        return self.credentials[1] if identifier == self.credentials[1].identifier else None


@pytest.fixture
def server():
    server = Server()
    with running(server):
        yield server


@pytest.fixture
def recipe(server):
    """Run a recipe against the server, which verifies each request and answers by ``answer``; return its names."""

    def run(name, answer=lambda arrived: b"", known=None, accept=(HMAC_SHA1, HMAC_SHA256), **names):
        verifier = Verifier(known or Known(), MemoryNonceStore(epoch=0), accept=accept)
        verified = []

        def answered(arrived):
            request = verifier.verify(
                arrived.method, server.origin + arrived.target, arrived.fields, arrived.body, token="optional"
            )
            verified.append(request)
            return 200, [], answer(arrived)

        server.answer = answered
        code = re.sub(r"https?://[\w.{}-]+\.(?:com|org|net)(:\d+)?", server.origin, RECIPES[name])
        names = {"client": CLIENT, "token": TOKEN, **names}
        exec(code, names)
        assert verified
        return names, verified

    return run


def test_each_recipe_is_run_here():
    assert set(RECIPES) == {"x", "discogs", "mediawiki", "magento", "netsuite", "mastercard", "maas"}
    assert len(ROWS) == 5
    for name, code in RECIPES.items():
        assert len([line for line in code.splitlines() if line]) <= 17, name


def test_a_picture_is_uploaded_to_x_and_posted(recipe, server, tmp_path):
    (tmp_path / "picture").write_bytes(b"\x89PNG=&%")
    _, verified = recipe("x", lambda arrived: b'{"data": {"id": "17"}}', picture=tmp_path / "picture")
    upload, post = server.requests
    assert dict(upload.fields)["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b"\x89PNG=&%" in upload.body and b"tweet_image" in upload.body
    assert json.loads(post.body) == {"text": "hello", "media": {"media_ids": ["17"]}}
    assert [len([name for name, _ in each.parameters if name[:6] != "oauth_"]) for each in verified] == [0, 0]


def test_discogs_gets_a_name(recipe, server):
    recipe("discogs", accept=(PLAINTEXT,))
    fields = dict(server.requests[0].fields)
    assert fields["User-Agent"] == "Shelf/1.0 +https://shelf.example"
    assert 'oauth_signature="client%2526secret%26token%2520secret"' in fields["Authorization"]


def jwt(claims, secret, **head):
    """RFC 7519 by hand."""
    parts = [json.dumps(each).encode() for each in ({"typ": "JWT", "alg": "HS256", **head}, claims)]
    signed = b".".join([base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts])
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")


def identity(arrived, **changed):
    nonce = re.search('oauth_nonce="([^"]+)"', dict(arrived.fields)["Authorization"])[1]
    return {"username": "José", "aud": CLIENT.identifier, "nonce": nonce, **changed}


def test_a_wiki_says_who_it_is(recipe, server):
    names, _ = recipe("mediawiki", lambda arrived: jwt(identity(arrived), CLIENT.secret))
    assert names["identity"]["username"] == "José"
    assert (server.requests[0].method, server.requests[0].target) == (
        "POST",
        "/w/index.php?title=Special%3AOAuth%2Fidentify",
    )


@pytest.mark.parametrize(
    "answer, words",
    [
        (lambda arrived: jwt(identity(arrived), "another secret"), "not signed by the wiki"),
        (lambda arrived: jwt(identity(arrived), CLIENT.secret, alg="none").rpartition(b".")[0] + b".", "not signed"),
        (lambda arrived: b'{"error": "mwoauth-invalid-authorization"}', "not signed by the wiki"),
        (lambda arrived: jwt(identity(arrived, aud="another"), CLIENT.secret), "another request"),
        (lambda arrived: jwt(identity(arrived, nonce="another"), CLIENT.secret), "another request"),
    ],
    ids=["another secret", "no signature", "a refusal", "another client", "another request"],
)
def test_an_identity_that_is_not_for_this_request_is_refused(recipe, answer, words):
    with pytest.raises(ValueError, match=words):
        recipe("mediawiki", answer)


def test_an_integration_of_magento_gets_its_token(server):
    played = PlayedProvider(server, "magento")
    begin = played.temporary

    def begun(arrived):
        reply = begin(arrived)
        for pending in played.pending.values():
            pending[2] = "code 1/+"  # which was posted to the application beforehand
        return reply

    played.temporary = begun
    store = server.origin + "/shop/"
    body = urlencode(
        {
            "oauth_consumer_key": CONSUMER,
            "oauth_consumer_secret": CONSUMER_SECRET,
            "oauth_verifier": "code 1/+",
            "store_base_url": store,
        }
    )
    names = {"body": body, "STORES": [store]}
    exec(RECIPES["magento"], names)
    assert names["token"] == TokenCredentials("token/1", "token+secret")
    with pytest.raises(ValueError, match="not a store of ours"):
        exec(RECIPES["magento"], {"body": body, "STORES": []})


def test_netsuite_gets_its_account_as_the_realm(recipe, server):
    recipe("netsuite")
    (arrived,) = server.requests
    assert dict(arrived.fields)["Authorization"].startswith('OAuth realm="123456_SB1", ')
    assert json.loads(arrived.body) == {"q": "SELECT id FROM customer"}


def test_mastercard_gets_an_rsa_signature_and_the_hash_of_the_body(recipe, server, tmp_path):
    key = rsa.generate_private_key(65537, 2048)
    encryption = serialization.BestAvailableEncryption(b"keystore password")
    (tmp_path / "keys.p12").write_bytes(pkcs12.serialize_key_and_certificates(b"k", key, None, None, encryption))

    def verify(signature, base_string):
        key.public_key().verify(signature, base_string, padding.PKCS1v15(), hashes.SHA256())
        return True

    _, (request,) = recipe(
        "mastercard", known=Known(PublicClientCredentials("a!b")), accept=(RsaSha256(verify=verify),),
        keys=tmp_path / "keys.p12", password="keystore password", consumer_key="a!b",
    )  # fmt: skip
    digest = hashlib.sha256(server.requests[0].body).digest()
    assert request.single("oauth_body_hash") == base64.b64encode(digest).decode()


def test_maas_gets_its_key(server):
    code = re.sub(r"http://maas[\w.:]+", server.origin, RECIPES["maas"])
    exec(code, {"key": "consumer:t:token-secret"})
    (arrived,) = server.requests
    assert arrived.target == "/MAAS/api/2.0/machines/"
    assert 'oauth_signature="%26token-secret"' in dict(arrived.fields)["Authorization"]


@pytest.mark.parametrize("provider", ROWS)
def test_what_oauth1_takes_for_static_credentials_is_accepted(server, provider):
    no_token = TokenCredentials("", "")
    verifier = Verifier(Known(token=no_token if "without" in provider else TOKEN), MemoryNonceStore(epoch=0))
    names = {"client": CLIENT, "token": TOKEN, "OAuth1": OAuth1, "LearningClock": LearningClock}
    auth = eval(ROWS[provider], {**names, "HMAC_SHA256": HMAC_SHA256, "TokenCredentials": TokenCredentials})
    assert requests.get(server.origin + "/call?a%5Bb%5D=1", auth=auth).status_code == 200
    (arrived,) = server.requests
    uri = server.origin + arrived.target
    request = verifier.verify("GET", uri, arrived.fields, b"", token="optional")
    assert ("a[b]", "1") in request.parameters
    authorization = dict(arrived.fields).get("Authorization", "")
    assert ("placement" in ROWS[provider]) == (authorization == "")
    realm = {"BrickLink": "", "Cardmarket": server.origin + "/call"}.get(provider.strip())
    if "Schoology" in provider:
        realm = "Schoology API"
        assert 'oauth_token=""' in authorization
    assert realm is None or authorization.startswith(f'OAuth realm="{realm}", ')
    assert not parse_qsl(uri.partition("?")[2])[0][0].startswith("oauth_")
