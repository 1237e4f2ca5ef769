"""The sandbox plays each known provider, and one of a file: every HTTP client logs in, is denied, and calls its API.

What each provider does is written down once more here, apart from ``oauth1_core/providers.py`` and
``nexmo/sandbox/playing.py``: the table of ``tests/support/played_provider.py``.
"""

import functools
import itertools
import json

import httpx
import pytest

from nexmo.sandbox.browser import Browser
from nexmo.sandbox.fault_client import FaultySandbox
from oauth1_core import (
    AuthorizationDenied,
    CallbackMismatch,
    ClientCredentials,
    RsaSha1,
    TokenRequestRefused,
    decode_form,
)
from oauth1_core.adapters.cryptography import rsa_from_pem
from tests.support.played_provider import PLAYED, USUAL
from tests.test_adapters_flow import CLIENTS, simple_client

CALLBACK = "http://127.0.0.1:5000/callback"
# What no known provider combines; it says no as OKAPI does.
OWN = {
    "temporary_credentials": "https://own.example.net/a/begin?kind=1",
    "authorization": "https://own.example.net/a/ask?kind=2&lang=en",
    "token_credentials": "https://own.example.net/a/begin?kind=2",
    "signature_method": "HMAC-SHA512",
    "placement": "form",
    "token_parameter": "ticket",
    "client_parameter": "application",
    "allow": ["no-token-secret", "no-verifier", "unconfirmed-callback"],
    "sandbox": {
        "denial": [["oauth_token", "{token}"], ["error", "access_denied"]],
        "token_reply": "\ufeff{}&expires=never",
    },
}
HTTP = httpx.Client(trust_env=False)
ONE_CLIENT = itertools.cycle(CLIENTS.values())


@pytest.fixture(scope="module")
def sandbox():
    with FaultySandbox() as sandbox:
        yield sandbox
    HTTP.close()


class Played:
    """What the tests need of the provider that the sandbox plays; ``facts`` are those of the table."""

    def __init__(self, sandbox, like, facts):
        self.sandbox, self.facts, self.provider = sandbox, facts, sandbox.provider
        self.client = ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret)
        self.who = (sandbox.provider, self.client)
        key = sandbox.private_key
        self.options = {"signature_method": rsa_from_pem(RsaSha1, key)} if key else {}
        self.flow = simple_client.adapter.Flow(*self.who, **self.options)
        self.callback = {"absent": None, "oob": "oob", "required": CALLBACK}[facts["callback"]]
        self.browser = Browser()  # one for all logins: a person signs in once

    def begin(self, client):
        temporary = self.login(client, "temporary_credentials", self.callback)
        return temporary, self.flow.authorization_uri(temporary, scope="read write")

    def decide(self, uri, decision):
        """Return where a button leads: the callback, or the page that is shown."""
        response = self.browser.decide(uri, decision)
        return response.headers.get("Location") or response.text

    def finish(self, client, temporary, verifier):
        return self.login(client, "token_credentials", temporary, verifier)

    def login(self, client, step, *args):
        if not client.name.startswith("httpx"):
            return client.login(step, self.who, *args, **self.options)
        # To loopback, without TLS: to read the certificates that are trusted takes longer than a login.
        if client.is_async:
            http = functools.partial(client.library.AsyncClient, verify=False)
            return client.login(step, self.who, *args, http=http, **self.options)
        with client.library.Client(verify=False) as session:
            return client.login(step, self.who, *args, http=lambda: session, **self.options)

    def call(self, client, token):
        auth = client.adapter.OAuth1(
            self.client, token, realm=self.provider.realm, placement=self.provider.placement,
            signature_method=self.flow.signature_method,
        )  # fmt: skip
        if self.provider.placement == "form":
            return b""  # a GET has none
        return client.get(self.sandbox.url + "/any/call?a=%C3%A9&b=1+2", auth)


@pytest.fixture(scope="module", params=[*PLAYED, "own"])
def played(sandbox, request, tmp_path_factory):
    like, facts = request.param, {**USUAL, **PLAYED.get(request.param, {"denial": "oauth_token={token}&error="})}
    if like == "own":
        like = tmp_path_factory.mktemp("own") / "own.json"
        like.write_text(json.dumps(OWN), encoding="utf-8")
    sandbox.renew(like=str(like))
    played = Played(sandbox, like, facts)
    with played.browser:
        yield played


def code_in(text):
    return text.partition('id="verifier"')[2].partition(">")[2].partition("</output>")[0].replace("<span>", "").replace(
        "</span>", "").strip() or None  # fmt: skip


def came_back_with(played, came_back):
    """Return what to hand to the flow."""
    return came_back if came_back.startswith(CALLBACK) else code_in(came_back)


def test_each_client_logs_in_and_calls_the_api(played):
    for name, client in CLIENTS.items():
        temporary, uri = played.begin(client)
        came_back = played.decide(uri, "approve")
        assert came_back.startswith(CALLBACK) is (played.callback == CALLBACK)
        token = played.finish(client, temporary, came_back_with(played, came_back))
        wanted = {pair for pair in decode_form(played.facts["token_reply"].strip()) if pair[0] != "{}"}
        assert wanted <= {*token.extra, ("expires", "never")}, name
        assert (token.secret == "") is ("no-token-secret" in played.provider.allow)
        reply = played.call(client, token)
        assert not reply or json.loads(reply) == {
            "user": "jane", "method": "GET", "parameters": [["a", "é"], ["b", "1 2"]],
        }  # fmt: skip


def test_a_client_hears_that_the_user_denied(played):
    hear_the_denial(played, [next(ONE_CLIENT)])


@pytest.mark.slow
def test_each_client_hears_that_the_user_denied(played):
    hear_the_denial(played, CLIENTS.values())


def hear_the_denial(played, clients):
    for client in clients:
        temporary, uri = played.begin(client)
        came_back = played.decide(uri, "deny")
        if not came_back.startswith(CALLBACK):
            assert played.facts["denial"] is None or played.callback != CALLBACK
            assert "You denied the request" in came_back
            with pytest.raises(TokenRequestRefused) as refused:
                played.finish(client, temporary, None if played.callback is None else "a guess")
            assert refused.value.problem == "permission_denied"
            continue
        wanted = played.facts["denial"].format(token=temporary.identifier)
        assert came_back.partition("#")[0].partition("?")[2].startswith(wanted)
        with pytest.raises(AuthorizationDenied if wanted else CallbackMismatch, match="resource owner"):
            played.finish(client, temporary, came_back)


def test_a_client_hears_that_the_secret_is_wrong(played):
    played.who = (played.provider, ClientCredentials(played.client.identifier, "wrong"))
    if played.options:
        return  # who signs with a key has no secret
    with pytest.raises(TokenRequestRefused) as refused:
        played.begin(next(ONE_CLIENT))
    assert refused.value.status == 401
    assert "Could not authenticate you" in refused.value.excerpt or refused.value.advice
    assert refused.value.problem == "signature_invalid"  # in the challenge, whatever the body is
