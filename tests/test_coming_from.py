"""docs/coming-from.md and the README's login: the code on both sides gets the same from a provider on loopback."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

import oauth1_core.providers
from oauth1_core import (
    AuthorizationDenied,
    CallbackMismatch,
    ClientCredentials,
    InvalidNonce,
    TokenCredentials,
    Verifier,
    authorization_header,
    sign,
)
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from tests.support.http_clients import Server, running
from tests.support.played_provider import CONSUMER, CONSUMER_SECRET, PlayedProvider, press

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "coming-from.md").read_text()
BLOCK = re.compile(r"^```python\n# ([^\n]+)\n(.+?)^```$", re.MULTILINE | re.DOTALL)
# Of each library: its code, and ours for the same.
CODE = {theirs[0]: (theirs[1], ours[1]) for theirs, ours in zip(*[iter(BLOCK.findall(PAGE))] * 2)}
PEERS = ROOT / "tests" / "interop" / ".peers"
README = (ROOT / "README.md").read_text()


@pytest.fixture
def server():
    server = Server()
    with running(server):
        yield server


def run_login(code, server, monkeypatch, like="x", decision="approve"):
    """Run the code of a login with a person who presses a button; return the names that it leaves, and the provider."""
    played = PlayedProvider(server, like)
    known = {"x": "X", "discogs": "DISCOGS"}[like]
    monkeypatch.setattr(oauth1_core.providers, known, played.moved(getattr(oauth1_core.providers, known)))
    shown = []
    names = {"key": CONSUMER, "secret": CONSUMER_SECRET, "print": lambda *words: shown.append(words[-1])}
    names["input"] = lambda prompt: press(shown[-1], decision)
    code = re.sub(r"https://api\.(x|discogs)\.com/(2/users/me|oauth/identity)", server.origin + "/resource", code)
    exec(code.replace("https://api.x.com", server.origin), names)
    return names


def test_the_page_has_both_sides_of_each_library():
    assert list(CODE) == ["requests-oauthlib", "oauthlib", "oauthlib: a server", "Authlib", "tweepy"]
    assert [name for name, _ in BLOCK.findall(PAGE)][1::2] == ["oauth1_core"] * 2 + ["oauth1_core: a server"] + [
        "oauth1_core"
    ] * 2


@pytest.mark.parametrize("side", [0, 1], ids=["theirs", "ours"])
@pytest.mark.parametrize("name", ["requests-oauthlib", "Authlib"])
def test_a_login_ends_with_a_signed_call(server, monkeypatch, name, side):
    names = run_login(CODE[name][side], server, monkeypatch)
    assert (names["reply"].status_code, names["reply"].text) == (200, "hello")


def test_the_five_statements_of_the_readme_log_in_and_call(server, monkeypatch):
    (code,) = re.findall(r"^```python\n(import requests\nfrom oauth1_core .+?)^```$", README, re.MULTILINE | re.DOTALL)
    statements = [line for line in code.partition("\n\n")[2].splitlines() if line and line[0] not in " )"]
    assert len(statements) == 5
    names = run_login(code, server, monkeypatch, like="discogs")
    assert (names["reply"].status_code, names["reply"].text) == (200, "hello")


def test_our_side_of_tweepy_gets_the_token(server, monkeypatch):
    names = run_login(CODE["tweepy"][1], server, monkeypatch)
    assert (names["access_token"], names["access_token_secret"]) == ("token/1", "token+secret")


@pytest.mark.peers
def test_tweepy_gets_the_same_token(server):
    found = next(PEERS.glob("*/lib/python*/site-packages/tweepy"), None)
    if found is None:
        pytest.skip("tweepy is not installed: make interop-peers")
    PlayedProvider(server, "x")
    before = "import sys, tweepy\nkey, secret = sys.argv[1:3]\n"
    # It takes no other address than its own.
    before += "tweepy.OAuth1UserHandler._get_oauth_url = lambda self, end: sys.argv[3] + '/oauth/' + end\n"
    before += "print = lambda *words, print=print: print(words[-1], flush=True)\n"
    program = (
        before + CODE["tweepy"][0].replace("import tweepy\n", "") + "print(access_token + ' ' + access_token_secret)"
    )
    command = [found.parents[3] / "bin" / "python", "-c", program, CONSUMER, CONSUMER_SECRET, server.origin]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        (verifier,) = parse_qs(urlsplit(press(process.stdout.readline().strip(), "approve")).query)["oauth_verifier"]
        said, _ = process.communicate(verifier + "\n", timeout=60)
    assert said.splitlines()[-1].endswith("token/1 token+secret")


@pytest.mark.parametrize("side", [0, 1], ids=["theirs", "ours"])
def test_both_sign_a_form(side):
    names = {"key": "ck", "secret": "cs", "token": "t", "token_secret": "ts"}
    exec(CODE["oauthlib"][side], names)
    client, token = ClientCredentials("ck", "cs"), TokenCredentials("t", "ts")

    class Known:
        def client(self, identifier):
            return client

        def token(self, client_identifier, identifier):
            return token

    verifier = Verifier(Known(), MemoryNonceStore(epoch=0))
    request = verifier.verify("POST", names["uri"], list(names["headers"].items()), names["body"].encode())
    assert request.signature_method == "HMAC-SHA256"
    assert request.single("text") == "a b"


@pytest.mark.parametrize("side", [0, 1], ids=["theirs", "ours"])
def test_both_servers_accept_a_request_once(side, tmp_path):
    uri, body, used = "https://api.example.com/notes", "text=a", set()
    parameters = sign("POST", uri, ClientCredentials("ck", "cs"), form=body)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": authorization_header(parameters),
    }

    def remember_once(*what):
        return what not in used and not used.add(what)

    names = {"SECRETS": {"ck": "cs"}, "DATABASE": str(tmp_path / "nonces"), "remember_once": remember_once}
    names.update(uri=uri, body=body, headers=headers)
    exec(CODE["oauthlib: a server"][side], names)
    if side == 0:
        assert names["valid"]
        exec(CODE["oauthlib: a server"][0], names)
        assert not names["valid"]
    else:
        assert names["request"].single("text") == "a"
        with pytest.raises(InvalidNonce):
            exec(CODE["oauthlib: a server"][1], names)


# What gets stricter.


@pytest.mark.parametrize("name", ["requests-oauthlib", "Authlib"])
def test_the_token_of_any_callback_is_taken_there_and_that_of_this_login_here(server, monkeypatch, name):
    """Whoever approved a login of his own sends its callback to somebody who has begun another one."""
    another = "https://app.example.com/callback?oauth_token=another&oauth_verifier=v"
    monkeypatch.setattr(sys.modules[__name__], "press", lambda page, decision: another)
    with pytest.raises(CallbackMismatch):
        run_login(CODE[name][1], server, monkeypatch)
    begun = CODE[name][0].partition("session.fetch_access_token")[0]
    names = run_login(begun, server, monkeypatch)
    assert names["session"].token["oauth_token"] == "another"


@pytest.mark.parametrize("name", ["requests-oauthlib", "Authlib"])
def test_a_denial_is_told_here_and_something_is_missing_there(server, monkeypatch, name):
    with pytest.raises(AuthorizationDenied):
        run_login(CODE[name][1], server, monkeypatch, decision="deny")
    with pytest.raises(Exception, match="does not contain a token|oauth_token is missing"):
        run_login(CODE[name][0], server, monkeypatch, decision="deny")
