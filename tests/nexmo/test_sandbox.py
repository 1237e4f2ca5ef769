"""The sandbox over real HTTP: what it answers to clients, with requests signed by oauth1_core."""

import asyncio
import contextlib
import os
import re
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from json import loads
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn

from nexmo import Nexmo
from nexmo.endpoints import under
from nexmo.sandbox import Sandbox, SandboxError, server
from nexmo.sandbox.app import LOOPBACK_NAMES, create_app
from nexmo.sandbox.browser import Browser
from nexmo.sandbox.server import registered_client, serve
from nexmo.sandbox.store import Store
from oauth1_core import (
    HMAC_SHA1,
    HMAC_SHA256,
    HMAC_SHA512,
    PLAINTEXT,
    ClientCredentials,
    TokenCredentials,
    authorization_header,
    decode_form,
    form_encoded_body,
    sign,
)
from oauth1_core.nonce_stores.memory import MemoryNonceStore

CALLBACK = "http://127.0.0.1:5000/callback"
HTTP = httpx.Client(trust_env=False)


@pytest.fixture(scope="module", autouse=True)
def close_connections():
    yield
    HTTP.close()


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite"


@pytest.fixture(scope="module")
def sandbox(database):
    with Sandbox(database) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def client(sandbox):
    return ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret)


@pytest.fixture(scope="module")
def other_client(sandbox, database):
    store = Store(database)
    store.add_client("other", "other secret", "Other application", "http://127.0.0.1/callback")
    store.close()
    return ClientCredentials("other", "other secret")


def send(method, url, client, token=None, form=(), **options):
    body = form_encoded_body(form)
    parameters = sign(method, url, client, token, form=body, **options)
    headers = {"Authorization": authorization_header(parameters)}
    if form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return HTTP.request(method, url, headers=headers, content=body.encode())


def get_request_token(sandbox, client, callback="oob", **options):
    parameters = [("oauth_callback", callback)]
    return send("POST", sandbox.endpoints.request_token, client, protocol_parameters=parameters, **options)


def exchange(sandbox, client, token, verifier, **options):
    parameters = [] if verifier is None else [("oauth_verifier", verifier)]
    return send("POST", sandbox.endpoints.access_token, client, token, protocol_parameters=parameters, **options)


def get_balance(sandbox, client, token, **options):
    return send("GET", sandbox.url + "/account/get-balance", client, token, **options)


def credentials(response):
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert response.headers["Cache-Control"] == "no-store"
    fields = dict(decode_form(response.text))
    return TokenCredentials(fields["oauth_token"], fields["oauth_token_secret"])


def problem(response):
    """Return status and problem of a refusal, after a look at its form."""
    fields = dict(decode_form(response.text))
    assert response.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert response.headers["Cache-Control"] == "no-store"
    assert fields["oauth_problem_advice"], "a test tool tells why"
    if response.status_code == 401:
        assert f'oauth_problem="{fields["oauth_problem"]}"' in response.headers["WWW-Authenticate"]
    return response.status_code, fields["oauth_problem"]


@pytest.fixture
def pending(sandbox, client):
    return credentials(get_request_token(sandbox, client))


@pytest.fixture
def approved(sandbox, pending):
    return pending, sandbox.approve(pending.identifier)


@pytest.fixture
def access_token(sandbox, client, approved):
    return credentials(exchange(sandbox, client, *approved))


# The flow


@pytest.mark.parametrize("method", [HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT], ids=lambda method: method.name)
def test_the_flow_completes_with_every_signature_method(sandbox, client, method):
    reply = get_request_token(sandbox, client, signature_method=method)
    assert ("oauth_callback_confirmed", "true") in decode_form(reply.text)
    token = credentials(reply)
    verifier = sandbox.approve(token.identifier)
    token = credentials(exchange(sandbox, client, token, verifier, signature_method=method))
    reply = get_balance(sandbox, client, token, signature_method=method)
    assert reply.status_code == 200
    assert set(reply.json()) == {"value", "autoReload"}


@pytest.mark.parametrize(
    "callback",
    [CALLBACK, "http://127.0.0.1/callback", "http://127.0.0.1:9/callback/1234567890-234567890_2"],
    ids=["registered", "another port", "another port and a segment that nobody can guess"],
)
def test_a_callback_gets_a_long_verifier(sandbox, client, callback):
    token = credentials(get_request_token(sandbox, client, callback))
    seen = []
    verifier = sandbox.approve(token.identifier, watch=seen.append)
    assert len(verifier) == 32 and int(verifier, 16)
    assert seen[-1].status_code == 303
    assert seen[-1].headers["Location"] == f"{callback}?oauth_token={token.identifier}&oauth_verifier={verifier}"
    credentials(exchange(sandbox, client, token, verifier))


def test_a_callback_is_left_as_it_is_and_what_is_appended_comes_after_its_query(tmp_path):
    with Sandbox(tmp_path / "db", callback="http://127.0.0.1/call;back?x=1&y=%2B+(a)") as sandbox:
        client = ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret)
        callback = "http://127.0.0.1:9/call;back?x=1&y=%2B+(a)"
        token = credentials(get_request_token(sandbox, client, callback))
        seen = []
        verifier = sandbox.approve(token.identifier, watch=seen.append)
    answer = f"&oauth_token={token.identifier}&oauth_verifier={verifier}"
    assert seen[-1].headers["Location"] == callback + answer


def test_a_code_for_people_is_short_and_may_be_typed_in_lower_case(sandbox, client, pending):
    code = sandbox.approve(pending.identifier)
    assert len(code) == 8 and not set(code) - set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    credentials(exchange(sandbox, client, pending, code.lower()))


def test_keys_and_secrets_are_long_and_differ(sandbox, client):
    tokens = [credentials(get_request_token(sandbox, client)) for _ in range(3)]
    assert {len(token.identifier) for token in tokens} == {32}
    assert {len(token.secret) for token in tokens} == {64}
    assert len({token.secret for token in tokens} | {token.identifier for token in tokens}) == 6


# Asking for a request token


def test_a_request_token_needs_a_callback(sandbox, client):
    reply = send("POST", sandbox.endpoints.request_token, client)
    assert problem(reply) == (400, "parameter_absent")
    assert ("oauth_parameters_absent", "oauth_callback") in decode_form(reply.text)
    assert problem(get_request_token(sandbox, client, "")) == (400, "parameter_absent")


@pytest.mark.parametrize(
    "callback",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "/callback",
        "callback",
        "//127.0.0.1/callback",
        "http://127.0.0.1/callback#fragment",
        "http://user@127.0.0.1/callback",
        "http://127.0.0.1\\@evil.example/callback",
        "http://127.0.0.1/call\\back",
        "http://127.0.0.1/callback\r\nSet-Cookie: a=b",
        "http://127.0.0.1/callback\n",
        "http://example.com/callback",
        "http://localhost/callback",
        "http://legit.com.evil.com/callback",
        "http://127.0.0.1.evil.com/callback",
        "http://legit.com@evil.com/callback",
        "http://[127.0.0.1]/callback",
        "http://127.1/callback",
        "http://127.0.0.1/%2e%2e/callback",
        "http://127.0.0.1/../callback",
        "http://127.0.0.1/a/%2E./callback",
        "http://127.0.0.1/callback%zz",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1/call back",
        "http://127.0.0.1/cällback",
        "OOB",
        " oob",
    ],
)
def test_a_callback_that_no_client_may_have_is_refused(sandbox, client, callback):
    assert problem(get_request_token(sandbox, client, callback)) == (400, "parameter_rejected")


@pytest.mark.parametrize(
    "callback",
    [
        "http://127.0.0.1:5000/other",
        "http://127.0.0.1:5000/callback/",
        "http://127.0.0.1:5000/callback?x=1",
        "http://127.0.0.1:5000/callback/123456789012345678901",
        "http://127.0.0.1:5000/callback/1234567890123456789012/x",
        "http://127.0.0.1:5000/callback?1234567890123456789012",
        "http://127.0.0.1:5000/callback1234567890123456789012",
        "http://127.0.0.1:5000/1234567890123456789012",
        "http://127.0.0.1:5000/Callback",
        "http://127.0.0.2:5000/callback",
        "http://[::1]:5000/callback",
        "https://127.0.0.1/callback",
        "https://legit.com.evil.com/callback",
    ],
)
def test_a_callback_that_is_not_registered_is_refused_and_how_to_register_it_said(sandbox, client, callback):
    reply = get_request_token(sandbox, client, callback)
    assert problem(reply) == (401, "parameter_rejected")
    said = dict(decode_form(reply.text))["oauth_problem_advice"]
    assert shlex.split(said)[-4:] == ["nexmo", "sandbox", "--callback", callback]
    assert "http://127.0.0.1/callback" in said


def test_an_unauthentic_request_does_not_hear_about_its_callback(sandbox, client):
    forged = ClientCredentials(client.identifier, "wrong")
    reply = get_request_token(sandbox, forged, "https://evil.example/callback")
    assert problem(reply) == (401, "signature_invalid")


def test_an_unknown_consumer_key_is_told_apart(sandbox):
    reply = get_request_token(sandbox, ClientCredentials("unknown", "secret"))
    assert problem(reply) == (401, "consumer_key_unknown")


def test_a_request_token_is_not_asked_for_with_a_token(sandbox, client, pending):
    parameters = [("oauth_callback", "oob")]
    reply = send("POST", sandbox.endpoints.request_token, client, pending, protocol_parameters=parameters)
    assert problem(reply) == (400, "parameter_rejected")


@pytest.mark.parametrize("endpoint", ["request_token", "access_token"])
def test_the_token_endpoints_take_get_and_post_only(sandbox, endpoint):
    for method in ("PUT", "HEAD"):
        reply = HTTP.request(method, getattr(sandbox.endpoints, endpoint))
        assert reply.status_code == 405
        assert set(reply.headers["Allow"].split(", ")) == {"GET", "POST"}


def test_a_request_that_is_not_signed_gets_the_challenge(sandbox):
    reply = HTTP.post(sandbox.endpoints.request_token)
    assert problem(reply) == (401, "parameter_absent")
    assert reply.headers["WWW-Authenticate"].startswith('OAuth realm="Nexmo sandbox"')


# Exchanging it


def test_before_approval_there_is_no_access_token(sandbox, client, pending):
    assert problem(exchange(sandbox, client, pending, "early")) == (401, "permission_unknown")
    credentials(exchange(sandbox, client, pending, sandbox.approve(pending.identifier)))


def test_the_verifier_is_required(sandbox, client, approved):
    token, verifier = approved
    assert problem(exchange(sandbox, client, token, None)) == (400, "parameter_absent")
    assert problem(exchange(sandbox, client, token, "")) == (400, "parameter_absent")
    credentials(exchange(sandbox, client, token, verifier))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_others_send_too_is_taken_with_a_note(sandbox, client, method):
    """Authlib and tweepy send the callback again; several clients ask the token endpoints by GET."""
    asked_by_get = ["The method is GET"] if method == "GET" else []
    parameters = [("oauth_callback", "oob")]
    token = credentials(send(method, sandbox.endpoints.request_token, client, protocol_parameters=parameters))
    assert noted(sandbox) == asked_by_get
    parameters.append(("oauth_verifier", sandbox.approve(token.identifier)))
    reply = send(method, sandbox.endpoints.access_token, client, token, protocol_parameters=parameters)
    assert noted(sandbox) == [*asked_by_get, "oauth_callback was sent with the request for the access"]
    assert get_balance(sandbox, client, credentials(reply)).status_code == 200


def noted(sandbox):
    """Return how each note begins that the inspector has of the last request that is not for a page."""
    newest = max(map(int, re.findall(r'href="/inspector/(\d+)"', HTTP.get(sandbox.url + "/inspector").text)))
    shown = HTTP.get(f"{sandbox.url}/inspector/{newest}").text
    known = "The method is GET", "oauth_callback was sent with the request for the access"
    return [each for each in known if each in shown]


def test_four_wrong_verifiers_are_forgiven(sandbox, client, approved):
    token, verifier = approved
    for _ in range(4):
        assert problem(exchange(sandbox, client, token, "wrong")) == (401, "verifier_invalid")
    credentials(exchange(sandbox, client, token, verifier))


def test_five_wrong_verifiers_end_the_request_token(sandbox, client, approved):
    token, verifier = approved
    for _ in range(5):
        assert problem(exchange(sandbox, client, token, "wrong")) == (401, "verifier_invalid")
    assert problem(exchange(sandbox, client, token, verifier)) == (401, "token_rejected")


def test_strangers_cannot_use_up_the_verifiers(sandbox, client, approved):
    token, verifier = approved
    forged = TokenCredentials(token.identifier, "not its secret")
    for _ in range(6):
        assert problem(exchange(sandbox, client, forged, "wrong")) == (401, "signature_invalid")
    credentials(exchange(sandbox, client, token, verifier))


def test_the_verifier_of_another_request_token_is_wrong(sandbox, client, approved, pending):
    other = credentials(get_request_token(sandbox, client))
    others_verifier = sandbox.approve(other.identifier)
    assert problem(exchange(sandbox, client, approved[0], others_verifier)) == (401, "verifier_invalid")


def test_another_clients_request_token_is_refused(sandbox, other_client, approved):
    token, verifier = approved
    assert problem(exchange(sandbox, other_client, token, verifier)) == (401, "token_rejected")


def test_another_clients_access_token_is_refused(sandbox, other_client, access_token):
    assert problem(get_balance(sandbox, other_client, access_token)) == (401, "token_rejected")


def test_a_second_exchange_is_refused_and_the_first_stays_valid(sandbox, client, approved):
    access_token = credentials(exchange(sandbox, client, *approved))
    assert problem(exchange(sandbox, client, *approved)) == (401, "token_used")
    assert get_balance(sandbox, client, access_token).status_code == 200


def test_a_denied_request_token_is_of_no_use(sandbox, client, pending):
    sandbox.deny(pending.identifier)
    assert problem(exchange(sandbox, client, pending, "any")) == (401, "permission_denied")
    with pytest.raises(SandboxError, match="404"):
        sandbox.approve(pending.identifier)


def test_denial_goes_to_the_callback(sandbox, client):
    token = credentials(get_request_token(sandbox, client, CALLBACK))
    seen = []
    sandbox.deny(token.identifier, watch=seen.append)
    location = f"{CALLBACK}?oauth_token={token.identifier}&oauth_problem=user_refused"
    assert (seen[-1].status_code, seen[-1].headers["Location"]) == (303, location)


def test_request_and_access_tokens_do_not_stand_in_for_each_other(sandbox, client, access_token, database):
    assert problem(exchange(sandbox, client, access_token, "any")) == (401, "token_rejected")
    request_token = credentials(get_request_token(sandbox, client))
    assert problem(get_balance(sandbox, client, request_token)) == (401, "token_rejected")


def test_one_verifier_gives_one_access_token_however_many_ask(sandbox, client, approved):
    barrier = threading.Barrier(16)

    def ask(_):
        barrier.wait()
        return exchange(sandbox, client, *approved)

    with ThreadPoolExecutor(16) as threads:
        replies = list(threads.map(ask, range(16)))
    refused = [problem(reply) for reply in replies if reply.status_code != 200]
    assert refused == [(401, "token_used")] * 15


# Using the access token


def test_a_new_request_token_revokes_the_access_tokens_of_its_consumer_key_only(
    sandbox, client, other_client, access_token
):
    credentials(get_request_token(sandbox, other_client))
    assert get_balance(sandbox, client, access_token).status_code == 200
    credentials(get_request_token(sandbox, client))
    options = {"timestamp": int(time.time()), "nonce": "not-used-up-by-a-token-that-has-ended"}
    for _ in range(2):
        assert problem(get_balance(sandbox, client, access_token, **options)) == (401, "token_revoked")
        reply = send("GET", sandbox.url + "/sms/json", client, access_token, **options)
        assert problem(reply) == (401, "token_revoked")
    forged = TokenCredentials(access_token.identifier, "not its secret")
    assert problem(get_balance(sandbox, client, forged)) == (401, "signature_invalid")


def test_a_refused_request_for_a_request_token_revokes_nothing(sandbox, client, access_token):
    assert get_request_token(sandbox, client, "https://evil.example/").status_code == 401
    assert get_balance(sandbox, client, access_token).status_code == 200


def test_an_api_call_needs_a_token(sandbox, client):
    assert problem(get_balance(sandbox, client, None)) == (400, "parameter_absent")
    unknown = TokenCredentials("unknown", "secret")
    assert problem(get_balance(sandbox, client, unknown)) == (401, "token_rejected")


def test_the_same_request_is_accepted_once(sandbox, client, access_token):
    options = {"timestamp": int(time.time()), "nonce": "a-nonce-of-this-test"}
    assert get_balance(sandbox, client, access_token, **options).status_code == 200
    assert problem(get_balance(sandbox, client, access_token, **options)) == (401, "nonce_used")


def test_while_the_database_cannot_be_written_nothing_is_accepted_or_used_up(sandbox, client, access_token, database):
    options = {"timestamp": int(time.time()), "nonce": "while-locked"}
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        reply = get_balance(sandbox, client, access_token, **options)
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
        assert time.monotonic() - began < 5
        another.execute("ROLLBACK")
    assert get_balance(sandbox, client, access_token, **options).status_code == 200


def test_a_stale_timestamp_is_refused_with_the_acceptable_ones(sandbox, client, access_token):
    reply = get_balance(sandbox, client, access_token, timestamp=int(time.time()) - 1000)
    assert problem(reply) == (401, "timestamp_refused")
    assert "oauth_acceptable_timestamps" in dict(decode_form(reply.text))


def test_no_forwarded_header_changes_what_is_verified(sandbox, client, access_token):
    url = sandbox.url + "/account/get-balance"
    header = authorization_header(sign("GET", url, client, access_token))
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "example.com", "Forwarded": "proto=https"}
    reply = HTTP.get(url, headers={"Authorization": header, **forwarded})
    assert reply.status_code == 200


SMS = {"from": "NexmoOauth", "to": "15551234567", "text": "hello from Nexmo & the +Ünïcode= friends"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_sms_is_sent_by_get_or_post(sandbox, client, access_token, method):
    before = get_balance(sandbox, client, access_token).json()["value"]
    url = sandbox.url + "/sms/json"
    if method == "GET":
        reply = send("GET", f"{url}?{form_encoded_body(SMS.items())}", client, access_token)
    else:
        reply = send("POST", url, client, access_token, form=SMS.items())
    assert reply.status_code == 200
    assert reply.json()["message-count"] == "1"
    (message,) = reply.json()["messages"]
    assert set(message) == {"to", "message-id", "status", "remaining-balance", "message-price", "network"}
    assert (message["status"], message["to"], message["message-price"]) == ("0", SMS["to"], "0.03330000")
    after = get_balance(sandbox, client, access_token).json()["value"]
    assert after == float(message["remaining-balance"]) == round(before - 0.0333, 4)


def test_an_altered_sms_is_refused(sandbox, client, access_token):
    url = sandbox.url + "/sms/json"
    header = authorization_header(sign("POST", url, client, access_token, form=form_encoded_body(SMS.items())))
    reply = HTTP.post(url, headers={"Authorization": header}, data={**SMS, "to": "15557654321"})
    assert problem(reply) == (401, "signature_invalid")


@pytest.mark.parametrize("name", ["from", "to", "text"])
def test_an_sms_lacks_nothing_and_has_nothing_twice(sandbox, client, access_token, name):
    url = sandbox.url + "/sms/json"
    without = [(key, value) for key, value in SMS.items() if key != name]
    for form, status in ((without, "2"), ([*without, (name, "")], "2"), ([*SMS.items(), (name, "1")], "3")):
        reply = send("POST", url, client, access_token, form=form)
        assert reply.status_code == 200
        (failure,) = reply.json()["messages"]
        assert failure["status"] == status and name in failure["error-text"]


def test_a_text_that_costs_more_than_there_is_costs_nothing(sandbox, client, access_token):
    before = get_balance(sandbox, client, access_token).json()
    reply = send(
        "POST", sandbox.url + "/sms/json", client, access_token, form=[*without_text(), ("text", "x" * 153 * 400)]
    )
    assert reply.json()["messages"] == [{"status": "9", "error-text": "Quota Exceeded - rejected"}]
    assert get_balance(sandbox, client, access_token).json() == before


def without_text():
    return [(name, value) for name, value in SMS.items() if name != "text"]


def test_a_body_that_is_too_long_is_refused(sandbox, client, access_token):
    url = sandbox.url + "/sms/json"
    header = authorization_header(sign("POST", url, client, access_token))
    content_type = "application/x-www-form-urlencoded"
    headers = {"Authorization": header, "Content-Type": content_type}
    assert HTTP.post(url, headers=headers, content=b"a" * 1_100_000).status_code == 413


# The octets of a request


def answers(sandbox, *pieces):
    """Send octets over a connection of their own, with a pause between pieces; return the status codes."""
    url = urlsplit(sandbox.url)
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.1 if len(pieces) > 1 else 0)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", received)]


def balance_request(
    sandbox, client, token, *fields, start="GET {path} HTTP/1.1", authorization="Authorization: OAuth "
):
    """Return the octets of a signed request for the balance, with other fields or another start."""
    url = sandbox.url + "/account/get-balance"
    header = authorization_header(sign("GET", url, client, token))
    lines = [
        start.format(path="/account/get-balance", url=url),
        *(fields or ["Host: " + urlsplit(url).netloc]),
        authorization + header.removeprefix("OAuth "),
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def test_the_scheme_and_the_names_of_fields_are_read_in_any_case(sandbox, client, access_token):
    for authorization in ("AUTHORIZATION: oauth ", "authorization: OAUTH\t", "Authorization:OAuth   ,"):
        octets = balance_request(sandbox, client, access_token, authorization=authorization)
        assert answers(sandbox, octets) == [200], authorization
        assert answers(sandbox, octets) == [401], authorization


def test_a_request_has_one_length_and_one_reading(sandbox, client, access_token):
    expected = {
        "X-Other: one": 200,
        "Content-Length: 0": 200,
        "Content-Length: -1": 400,
        "Content-Length: +0": 400,
        "Content-Length: zero": 400,
        "Content-Length: 0, 1": 400,
        "Content-Length: 0\r\nContent-Length: 1": 400,
        "Content-Length: 0\r\nTransfer-Encoding: chunked": 400,
        "Transfer-Encoding: chunked": 411,
        "X-Folded: one\r\n two": 400,
        "X-Folded: one\r\n\ttwo": 400,
        "X-Space : one": 400,
        "Content-Type: text/plain\r\nContent-Type: text/plain": 400,
        "Authorization: Basic eDp5": 400,
        "Authorization: OAuth": 400,
    }
    host = "Host: " + urlsplit(sandbox.url).netloc
    found = {field: answers(sandbox, balance_request(sandbox, client, access_token, host, field)) for field in expected}
    assert found == {field: [status] for field, status in expected.items()}


@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_a_request_has_one_host(sandbox, client, access_token, version):
    ours = urlsplit(sandbox.url).netloc
    expected = {
        f"Host: {ours}": 200,
        "X-No: host": 400,
        f"Host: {ours}\r\nHost: {ours}": 400,
        "Host: 127.0.0.1:0": 400,
        "Host: 127.0.0.1:99999": 400,
        "Host: 127.0.0.1:abc": 400,
        f"Host: user@{ours}": 400,
        f"Host: {ours}/": 400,
        f"Host: {ours}, {ours}": 400,
        f"Host: {ours}1": 400,
        f"Host: evil.example:{urlsplit(sandbox.url).port}": 421,
    }
    start = "GET {path} HTTP/" + version
    found = {
        host: answers(sandbox, balance_request(sandbox, client, access_token, host, start=start)) for host in expected
    }
    assert found == {host: [status] for host, status in expected.items()}


def test_a_request_line_is_read_as_it_was_signed(sandbox, client, access_token):
    expected = {
        "GET {path} HTTP/1.1": 200,
        "GET {path}? HTTP/1.1": 200,
        "GET {path}?x=1 HTTP/1.1": 401,
        "GET {path}#x HTTP/1.1": 400,
        "GET {path}?#x HTTP/1.1": 400,
        "GET {path}?x y HTTP/1.1": 400,
        "GET {path}?x=%FF HTTP/1.1": 400,
        "GET {path}?x=\xff HTTP/1.1": 400,
        "GET {path}\0 HTTP/1.1": 400,
        "GET http://evil.example{path} HTTP/1.1": 400,
        "GET {url} HTTP/1.1": 400,
        "GET evil{path} HTTP/1.1": 400,
        "OPTIONS * HTTP/1.1": 400,
        "G ET {path} HTTP/1.1": 400,
        "G\0ET {path} HTTP/1.1": 400,
        "GE\tT {path} HTTP/1.1": 400,
        "DELETE {path} HTTP/1.1": 405,
        "GET /account/../account/get-balance HTTP/1.1": 404,
        "GET /account%2Fget-balance HTTP/1.1": 401,
        "GET /%61ccount/get-balance HTTP/1.1": 401,
    }
    found = {start: answers(sandbox, balance_request(sandbox, client, access_token, start=start)) for start in expected}
    assert found == {start: [status] for start, status in expected.items()}


def test_a_folded_field_is_found_behind_another_request(sandbox):
    host = "Host: " + urlsplit(sandbox.url).netloc
    head, body = f"POST /oauth/sign-out HTTP/1.1\r\n{host}\r\nContent-Length: 8\r\n\r\n".encode(), b"a=\r\n b=1"
    folded = f"GET / HTTP/1.1\r\n{host}\r\nX-Folded: one\r\n two\r\n\r\n".encode()
    # What looks like a fold in a body is none, also where the body comes alone.
    assert answers(sandbox, head, body + head + body + folded + head) == [403, 403, 400]
    assert answers(sandbox, folded[:-7], folded[-7:]) == [400]


# The process


def test_a_host_that_is_not_the_sandboxs_is_refused(sandbox, client, access_token):
    url = sandbox.url + "/sms/json"
    port = urlsplit(url).port
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}", f"127.0.0.1.:{port}"):
        # Signed for that very host: only the sandbox's own check can refuse it.
        form = form_encoded_body(SMS.items())
        parameters = sign("POST", f"http://{host}/sms/json", client, access_token, form=form)
        headers = {"Host": host, "Authorization": authorization_header(parameters)}
        before = get_balance(sandbox, client, access_token).json()
        assert HTTP.post(url, headers=headers, data=SMS).status_code == 421
        assert get_balance(sandbox, client, access_token).json() == before


def test_localhost_is_the_sandboxs_name_too(sandbox, client, access_token):
    port = urlsplit(sandbox.url).port
    url = sandbox.url + "/account/get-balance"
    parameters = sign("GET", f"http://localhost:{port}/account/get-balance", client, access_token)
    headers = {"Host": f"LocalHost:{port}", "Authorization": authorization_header(parameters)}
    assert HTTP.get(url, headers=headers).status_code == 200


def test_tokens_outlive_a_restart_and_replays_do_not(tmp_path):
    with Sandbox(tmp_path / "db") as sandbox:
        client = ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret)
        request_token = credentials(get_request_token(sandbox, client))
        token = credentials(exchange(sandbox, client, request_token, sandbox.approve(request_token.identifier)))
        port = urlsplit(sandbox.url).port
        options = {"timestamp": int(time.time()), "nonce": "before-the-restart"}
        assert get_balance(sandbox, client, token, **options).status_code == 200
    with Sandbox(tmp_path / "db", port=port) as sandbox:
        assert (sandbox.consumer_key, sandbox.consumer_secret) == (client.identifier, client.secret)
        assert problem(get_balance(sandbox, client, token, **options)) == (401, "nonce_used")
        with Sandbox(tmp_path / "db") as another:
            assert problem(get_balance(another, client, token, **options)) == (401, "nonce_used")
            options["nonce"] = "at-two-processes"
            assert get_balance(another, client, token, **options).status_code == 200
        assert problem(get_balance(sandbox, client, token, **options)) == (401, "nonce_used")
        options["nonce"] = "after-the-restart"
        assert get_balance(sandbox, client, token, **options).status_code == 200


def test_the_process_stops_cleanly_says_nothing_and_leaves_nothing(tmp_path):
    command = [sys.executable, "-m", "nexmo", "sandbox", "--port", "0", "--json"]
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": root}
    for number in (signal.SIGTERM, signal.SIGINT):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        ready = loads(process.stdout.readline())
        client = ClientCredentials(ready["consumer_key"], ready["consumer_secret"])
        assert list(tmp_path.iterdir())
        url = ready["url"] + "/oauth/request_token"
        parameters = sign("POST", url, client, protocol_parameters=[("oauth_callback", "oob")])
        with httpx.Client() as http:  # a connection that stays open
            reply = http.post(url, headers={"Authorization": authorization_header(parameters)})
            assert reply.status_code == 200
            assert "Server" not in reply.headers
            process.send_signal(number)
            output, errors = process.communicate(timeout=10)
        assert (process.returncode, output, errors) == (0, "", "")
        assert not list(tmp_path.iterdir())


def test_the_database_is_for_its_owner_only(database):
    files = list(database.parent.iterdir())
    assert database in files
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_sandbox_that_cannot_start_says_why():
    with pytest.raises(SandboxError, match="callback"), Sandbox(callback="javascript:alert(1)"):
        pass


def test_who_does_not_finish_a_request_is_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "HEAD_DEADLINE", 0.5)
    monkeypatch.setattr(server, "BODY_DEADLINE", 1.5)
    store, listening = Store(tmp_path / "db"), threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    app = create_app(store, MemoryNonceStore(), address[1])
    config = uvicorn.Config(app, http=server.PatientOnce, log_level="warning", lifespan="off", ws="none")
    running = server.Server(config, listening.set)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert listening.wait(10)
        whole = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{address[1]}\r\n\r\n".encode()
        for before, beginning in ((b"", b""), (b"", whole[:20]), (whole, whole[:20])):
            # Less than the keep-alive timeout, so that it is not what closes the connection.
            with socket.create_connection(address, timeout=4) as slow:
                if before:
                    slow.sendall(before)
                    received = b""
                    while not received.endswith(b"</html>"):
                        received += slow.recv(65536)
                slow.sendall(beginning)
                assert slow.recv(65536) == b""
        body = "csrf=x"
        head = f"POST /oauth/sign-out HTTP/1.1\r\nHost: 127.0.0.1:{address[1]}\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection(address, timeout=10) as steady:
            steady.sendall(head.encode())
            time.sleep(0.8)  # longer than the deadline, which is over with the head
            steady.sendall(body.encode())
            assert steady.recv(65536).startswith(b"HTTP/1.1 403")

        # Neither the answer, where one is possible before the body, nor more octets put off the deadline.
        def seconds_until_cut_off(path, length):
            slow_head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{address[1]}\r\nContent-Length: {length}\r\n\r\n"
            began = time.monotonic()
            with socket.create_connection(address, timeout=10) as slow, contextlib.suppress(ConnectionError):
                slow.sendall(slow_head.encode() + b"a" * (length - 50))
                while time.monotonic() < began + 10:
                    slow.sendall(b"a")
                    time.sleep(0.1)
            return time.monotonic() - began

        paths, lengths = ["/oauth/sign-out", "/sms/json", "/oauth/sign-out"], [100, 2_000_000, 2_000_000]
        with ThreadPoolExecutor() as pool:
            for path, seconds in zip(paths, pool.map(seconds_until_cut_off, paths, lengths)):
                assert 1 < seconds < 4, path
    finally:
        running.should_exit = True
        thread.join(10)
        store.close()


def test_who_goes_away_in_the_middle_of_a_request_leaves_no_trace(tmp_path):
    with Sandbox(tmp_path / "db") as sandbox:
        url = urlsplit(sandbox.url)
        for path in ("/oauth/sign-out", "/sms/json"):
            with socket.create_connection((url.hostname, url.port)) as connection:
                head = f"POST {path} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: 100\r\n\r\nhalf"
                connection.sendall(head.encode())
        assert HTTP.get(sandbox.url).status_code == 200
        time.sleep(0.2)
        sandbox._errors.seek(0)
        assert sandbox._errors.read() == b""


def test_the_sandbox_connects_to_nobody(tmp_path):
    script = (
        "import os, sys\n"
        "FORBIDDEN = {'socket.connect', 'socket.sendto', 'socket.sendmsg', 'socket.getaddrinfo', 'subprocess.Popen'}\n"
        "def hook(event, arguments):\n"
        "    if event in FORBIDDEN:\n"
        "        os.write(2, f'{event} {arguments}'.encode())\n"
        "        os._exit(3)\n"
        "from nexmo.cli import app\n"
        "sys.addaudithook(hook)\n"
        "app()\n"
    )
    command = [sys.executable, "-c", script, "sandbox", "--json", "--callback", CALLBACK]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        ready = loads(process.stdout.readline())
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(0.2)
            callback = f"http://127.0.0.1:{listener.getsockname()[1]}/callback"
            credentials = (ready["consumer_key"], ready["consumer_secret"])
            with Nexmo(*credentials, endpoints=under(ready["url"] + "/oauth", api=ready["url"])) as nexmo:
                token = nexmo.request_token(callback)
                with Browser() as browser:
                    verifier = browser.approve(nexmo.authorize_url(token))
                nexmo.access_token(token, verifier)
            with pytest.raises(TimeoutError):
                listener.accept()
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_no_token_is_issued_in_clear_to_another_host(tmp_path):
    store = Store(tmp_path / "db")
    consumer = ClientCredentials(*registered_client(store, None, None))
    known = {"http://api.test:80": 403, "http://127.0.0.1:80": 200}
    app = create_app(store, MemoryNonceStore(epoch=0), 80, names=[*LOOPBACK_NAMES, "api.test"])

    async def ask(origin):
        uri = origin + "/oauth/request_token"
        header = authorization_header(sign("POST", uri, consumer, protocol_parameters=[("oauth_callback", "oob")]))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
            return await http.post(uri, headers={"Authorization": header})

    replies = {origin: asyncio.run(ask(origin)) for origin in known}
    store.close()
    assert {origin: reply.status_code for origin, reply in replies.items()} == known
    assert "TLS%20required" in replies["http://api.test:80"].text


@pytest.mark.parametrize(
    "peer, host, status",
    [
        ("127.0.0.1", "127.0.0.1", 200),
        ("::1", "[::1]", 200),
        ("::ffff:127.0.0.1", "127.0.0.1", 200),
        ("::ffff:192.0.2.1", "127.0.0.1", 421),
        ("127.0.0.1", "localhost", 403),
        ("192.0.2.1", "127.0.0.1", 421),
        ("192.0.2.1", "[::1]", 421),
        ("192.0.2.1", "localhost", 403),
        ("192.0.2.1", "api.test", 403),
    ],
)
def test_whoever_is_elsewhere_does_not_get_a_token_by_naming_a_loopback_address(tmp_path, peer, host, status):
    store = Store(tmp_path / "db")
    consumer = ClientCredentials(*registered_client(store, None, None))
    app = create_app(store, MemoryNonceStore(epoch=0), 80, names=[*LOOPBACK_NAMES, "api.test"])
    uri = f"http://{host}/oauth/request_token"
    header = authorization_header(sign("POST", uri, consumer, protocol_parameters=[("oauth_callback", "oob")]))

    async def ask():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(peer, 1))) as http:
            return await http.post(uri, headers={"Authorization": header})

    reply = asyncio.run(ask())
    store.close()
    assert reply.status_code == status
    assert ("oauth_token_secret" in reply.text) is (status == 200)


def test_sockets_that_say_nothing_keep_nobody_out(sandbox):
    """More of them than may be connected."""
    address = urlsplit(sandbox.url).hostname, urlsplit(sandbox.url).port
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_connection(address)) for _ in range(100)]
        sockets[-1].sendall(b"GET / HT")
        for _ in range(3):
            assert httpx.get(sandbox.url, trust_env=False, timeout=5).status_code == 200
        # Those that kept it waiting longest have been hung up on.
        sockets[0].settimeout(5)
        assert sockets[0].recv(1) == b""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "localhost"])
def test_others_are_let_in_only_on_request(host):
    with pytest.raises(ValueError, match="loopback"):
        serve(host=host)
