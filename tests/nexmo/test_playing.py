"""The sandbox plays each known provider, and one of a file: every HTTP client logs in, is denied, and calls its API.

What each provider does is written down once more here, apart from ``oauth1_core/providers.py`` and
``nexmo/sandbox/playing.py``: the table of ``tests/support/played_provider.py``.
"""

import functools
import html
import itertools
import json
import os
import re
import shlex
import subprocess
import sys

import httpx
import pytest

from nexmo import Nexmo
from nexmo.sandbox import Sandbox, SandboxError, playing
from nexmo.sandbox.browser import Browser
from nexmo.sandbox.fault_client import FaultySandbox
from oauth1_core import (
    HMAC_SHA1,
    HMAC_SHA256,
    PLAINTEXT,
    AuthorizationDenied,
    CallbackMismatch,
    ClientCredentials,
    Provider,
    RsaSha1,
    SigningError,
    TokenRequestRefused,
    authorization_header,
    decode_form,
    form_encoded_body,
    request_uri,
    sign,
)
from oauth1_core.adapters.cryptography import rsa_from_pem
from tests.support.http_clients import FORM
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


# How it is played.


@pytest.fixture
def like(sandbox):
    """Play a provider, and return what sends a signed request of a client to it."""

    def play(name):
        sandbox.renew(like=name)
        client = ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret)
        method = {"PLAINTEXT": PLAINTEXT}.get(sandbox.provider.signature_method, HMAC_SHA1)

        def send(verb, uri, placement, headers=(), **more):
            parameters = [("oauth_callback", "oob")] if more.pop("callback", True) else []
            signed = sign(verb, uri, client, protocol_parameters=parameters, signature_method=method, **more)
            headers = {"User-Agent": "test", **dict(headers)}
            if placement == "query":
                return HTTP.request(verb, request_uri(signed, uri), headers=headers)
            if placement == "form":
                headers.setdefault("Content-Type", FORM)
                headers = {name: value for name, value in headers.items() if value}
                return HTTP.request(verb, uri, headers=headers, content=form_encoded_body(signed).encode())
            headers["Authorization"] = authorization_header(signed)
            return HTTP.request(verb, uri, headers=headers)

        return send

    return play


def notes(sandbox):
    """Return the notes of the inspector on the newest request."""
    newest = max(map(int, re.findall(r'href="/inspector/(\d+)"', HTTP.get(sandbox.url + "/inspector").text)))
    shown = HTTP.get(f"{sandbox.url}/inspector/{newest}").text
    return [html.unescape(each) for each in re.findall(r'<p class="note">([^<]*)</p>', shown.partition("<h2>")[0])]


def problem(reply):
    fields = dict(decode_form(reply.text))
    return reply.status_code, fields["oauth_problem"], fields["oauth_problem_advice"]


def test_what_is_documented_is_taken_without_a_note_and_the_rest_with_one(sandbox, like):
    send, uri = like("discogs"), sandbox.url + "/oauth/request_token"
    assert (send("GET", uri, "header").status_code, notes(sandbox)) == (200, [])
    assert send("POST", uri, "header").status_code == 200
    assert notes(sandbox) == ["The method is POST; discogs documents GET, and other servers may require it."]
    assert send("POST", uri, "form").status_code == 200
    assert notes(sandbox)[1:] == ["The protocol parameters are in the form; discogs documents the header."]
    assert send("GET", uri, "header", callback=False).status_code == 200
    assert notes(sandbox)[-1].endswith("the sandbox assumed oob.")
    send, uri = like("launchpad"), sandbox.url + "/+request-token"
    assert send("POST", uri, "form", {"Content-Type": ""}).status_code == 200
    assert notes(sandbox)[0].startswith("There is no Content-Type, which RFC 5849 requires")
    assert notes(sandbox)[-1] == "launchpad does not redirect users to the client: oauth_callback was ignored."
    send, uri = like("etrade"), sandbox.url + "/oauth/request_token"
    assert send("GET", uri, "header").status_code == 200
    assert notes(sandbox) == ['etrade documents realm="".']


def test_what_is_refused_by_who_is_played(sandbox, like):
    send, uri = like("x"), sandbox.url + "/oauth/request_token"
    reply = send("GET", uri, "header")
    assert (reply.status_code, reply.headers["Allow"]) == (405, "POST")
    reply = send("POST", uri, "header", timestamp=1)
    assert reply.status_code == 401 and reply.headers["Content-Type"] == "application/json"
    assert reply.json() == {"errors": [{"code": 32, "message": "Could not authenticate you."}]}
    send, uri = like("discogs"), sandbox.url + "/oauth/request_token"
    reply = send("GET", uri, "header", {"User-Agent": ""})
    assert problem(reply) == (400, "parameter_rejected", "discogs requires a User-Agent that names the application")
    assert problem(send("GET", uri, "query"))[2].startswith("PLAINTEXT in the query writes the secrets to logs")
    send, uri = like("etrade"), sandbox.url + "/oauth/request_token"
    reply = send("GET", uri, "header", callback=False)
    assert problem(reply)[1] == "parameter_absent"
    client = ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret)
    with pytest.raises(TokenRequestRefused, match="etrade accepts no callback URL here: send oob"):
        simple_client.login("temporary_credentials", (sandbox.provider, client), CALLBACK)
    with pytest.raises(TokenRequestRefused) as refused:
        flow = simple_client.adapter.Flow(sandbox.provider, client, signature_method=HMAC_SHA256)
        flow.temporary_credentials()
    assert refused.value.problem == "signature_method_rejected"


def test_the_authorization_uri_names_token_and_client_as_the_provider_has_it(sandbox, like):
    like("etrade")
    client = ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret)
    flow = simple_client.adapter.Flow(sandbox.provider, client)
    temporary = flow.temporary_credentials()
    page = sandbox.provider.authorization
    for query in (
        f"oauth_token={temporary.identifier}&key={client.identifier}",
        f"token={temporary.identifier}&key=another",
        f"token={temporary.identifier}",
    ):
        assert HTTP.get(f"{page}?{query}").status_code == 400
    assert sandbox.approve(flow.authorization_uri(temporary))


def test_nexmo_is_there_beside_another_provider(sandbox, like):
    like("flickr")
    shown = HTTP.get(sandbox.url + "/").text
    assert "GET /services/oauth/request_token" in shown and "POST /oauth/request_token" in shown
    consumer = sandbox.consumer_key, sandbox.consumer_secret
    with Nexmo(*consumer, endpoints=sandbox.endpoints) as nexmo:
        request_token = nexmo.request_token()
        token = nexmo.access_token(request_token, sandbox.approve(request_token))
    with Nexmo(*consumer, access_token=token, endpoints=sandbox.endpoints) as nexmo:
        assert nexmo.balance().value > 10


def test_a_token_of_another_provider_outlives_a_new_request_token(sandbox, like):
    """That a request token revokes it is Nexmo's own rule."""
    like("x")
    client = ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret)
    flow = simple_client.adapter.Flow(sandbox.provider, client)
    temporary = flow.temporary_credentials()
    token = flow.token_credentials(temporary, sandbox.approve(temporary))
    flow.temporary_credentials()
    assert b"jane" in simple_client.get(sandbox.url + "/me", simple_client.adapter.OAuth1(client, token))


@pytest.mark.parametrize(
    "text, words",
    [
        ("[]", "has no provider: it must be a JSON object"),
        ("{", "Expecting"),
        ('{"realm": ""}', "a provider needs temporary_credentials"),
        (json.dumps({**OWN, "sandbox": {"denied": 1}}), "the member sandbox may have denial, fragment"),
        (json.dumps({**OWN, "sandbox": {"reply": "{x}"}}), "the member sandbox may have"),
        (json.dumps({**OWN, "sandbox": {"denial": [1]}}), "the member sandbox may have"),
        *(
            (json.dumps({**OWN, "sandbox": {name: value}}), f"the member sandbox may have .*: {name} ")
            for name, value in (
                ("fragment", 5),
                ("fragment", "#\n"),
                ("media_type", 5),
                ("media_type", "text/\u20ac"),
                ("reply", None),
                ("reply", "\ud800{}"),
                ("token_reply", "{} {}"),
                ("callback", "none"),
                ("client_has_secret", "no"),
                ("wants_user_agent", 1),
                ("also_signed_by", []),
                ("denial", [["a", "\ud800"]]),
            )
        ),
        (json.dumps({**OWN, "sandbox": 5}), "the member sandbox may have"),
        (json.dumps({**OWN, "method": 5}), "method must be the name"),
        (json.dumps({**OWN, "allow": 5}), "allow must be a list"),
        ('{"a":' * 100_000, "nested too deeply"),
        (json.dumps({**OWN, "authorization": "https://a.example/inspector/1"}), "is a page of the sandbox"),
        (json.dumps({**OWN, "authorization": OWN["token_credentials"]}), "two endpoints of this provider"),
    ],
)
def test_what_cannot_be_played_is_refused_with_the_reason(tmp_path, text, words):
    path = tmp_path / "provider.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((ValueError, SigningError), match=words):
        playing.played(str(path))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="TOML needs Python 3.11")
def test_a_refusal_in_toml_that_json_cannot_hold_is_told(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("[sandbox]\nrefusal = 2026-01-01\n", encoding="utf-8")
    with pytest.raises(ValueError, match="refusal must be a value that JSON can express"):
        playing.played(str(path))


def test_who_is_not_known_is_told_who_is():
    with pytest.raises(ValueError, match="'nobody' must be a file or one of x, discogs, flickr"):
        playing.played("nobody")


@pytest.mark.slow
def test_a_sandbox_takes_a_provider_or_a_file_in_toml(tmp_path):
    own = {name: value for name, value in OWN.items() if name != "sandbox"}
    toml = tmp_path / "own.toml"
    lines = [f"{name} = {json.dumps(value)}" for name, value in own.items()]
    toml.write_text("\n".join([*lines, "[sandbox]", "denial = false"]), encoding="utf-8")
    for like in (Provider.from_dict(own), toml):
        with Sandbox(like=like) as sandbox:
            client = ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret)
            flow = simple_client.adapter.Flow(sandbox.provider, client)
            temporary = flow.temporary_credentials(CALLBACK)
            seen = []
            sandbox.deny(flow.authorization_uri(temporary), watch=seen.append)
            assert ("Location" in seen[-1].headers) is (like is not toml)
            temporary = flow.temporary_credentials()
            assert sandbox.approve(flow.authorization_uri(temporary)) == ""
            assert flow.token_credentials(temporary).secret == ""
    with pytest.raises(SandboxError, match="must be a file or one of"), Sandbox(like="nobody"):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("like", ["discogs", "jira", "launchpad"])
def test_the_command_that_is_printed_logs_in(like):
    command = [sys.executable, "-m", "nexmo", "sandbox", "--like", like]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            lines = list(itertools.takewhile(lambda line: not line.startswith("Ctrl-C"), running.stdout))
            printed = [line.split()[-1] for line in lines if line.startswith(("  GET ", "  POST "))]
            words = shlex.split(lines[-1])
            changed = dict([words.pop(0).split("=", 1)]) if "=" in words[0] else {}
            environment = {**os.environ, **changed}
            login = [sys.executable, "-m", "oauth1_core", *words[1:]]
            assert words[0] == "oauth1"
            with subprocess.Popen(
                login, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            ) as logging_in:
                assert logging_in.stderr.readline() == "Open this page and approve:\n"
                page = logging_in.stderr.readline().strip()
                assert page.startswith(printed[1])
                with Browser() as browser:
                    code = browser.approve(page)
                said, complaint = logging_in.communicate(code + "\n", timeout=30)
            assert logging_in.returncode == 0, complaint
            assert json.loads(said)["identifier"]
        finally:
            running.terminate()
    assert len(printed) == 3
