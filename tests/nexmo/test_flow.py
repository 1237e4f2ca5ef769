"""The whole flow over real HTTP, with both clients."""

import json
import socket
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from nexmo import AccessToken, NexmoError, RequestToken
from oauth1_core import AuthorizationDenied, TemporaryCredentials, parse_callback

CALLBACK = "http://127.0.0.1:1/callback"


@pytest.fixture
def nexmo(open_nexmo, sandbox):
    return open_nexmo(sandbox.consumer_key, sandbox.consumer_secret, endpoints=sandbox.endpoints)


@pytest.fixture
def signed_in(open_nexmo, sandbox, nexmo):
    request_token = nexmo.request_token()
    access_token = nexmo.access_token(request_token, sandbox.approve(request_token))
    return open_nexmo(
        sandbox.consumer_key, sandbox.consumer_secret, access_token=access_token, endpoints=sandbox.endpoints
    )


def test_an_approved_request_token_becomes_an_access_token_that_sends_an_sms(signed_in):
    before = signed_in.balance()
    sms = signed_in.send_sms(sender="NexmoOauth", to="15551234567", text="hello from Nexmo")
    assert [message.to for message in sms.messages] == ["15551234567"]
    assert sms.messages[0].message_price > 0
    assert sms.messages[0].remaining_balance == before.value - sms.messages[0].message_price
    assert signed_in.balance().value == sms.messages[0].remaining_balance
    assert before.auto_reload is False


def test_money_is_decimal(signed_in):
    assert isinstance(signed_in.balance().value, Decimal)


def test_a_text_outside_ascii_arrives_as_several_messages(signed_in):
    sms = signed_in.send_sms(sender="Nexmo & Söhne", to="15551234567", text="100 % = всё + [ok] ☃" * 10)
    assert len(sms.messages) > 1
    assert len({message.message_id for message in sms.messages}) == len(sms.messages)


def test_a_refused_message_raises_what_nexmo_says(signed_in):
    with pytest.raises(NexmoError, match="not sent: .*to") as raised:
        signed_in.send_sms(sender="NexmoOauth", to="", text="hello")
    assert raised.value.status == 2


def test_any_other_request_is_signed_too(signed_in):
    fields = {"from": "NexmoOauth", "to": "15551234567", "text": "a+b & c"}
    response = signed_in.request("POST", "/sms/json", data=fields)
    assert response.json()["messages"][0]["status"] == "0"
    url = signed_in.endpoints.api + "/account/get-balance"
    assert signed_in.request("GET", url).json()["autoReload"] is False


def test_a_callback_brings_the_verification_code(nexmo, sandbox):
    request_token = nexmo.request_token(CALLBACK)
    pages = []
    verifier = sandbox.approve(request_token, watch=pages.append)
    location = pages[-1].headers["Location"]
    assert location.startswith(CALLBACK + "?")
    temporary = TemporaryCredentials(request_token.key, request_token.secret)
    assert parse_callback(location, temporary) == verifier
    assert nexmo.access_token(request_token, verifier).key


def test_a_denied_login_comes_back_as_denied(nexmo, sandbox):
    request_token = nexmo.request_token(CALLBACK)
    pages = []
    sandbox.deny(request_token, watch=pages.append)
    temporary = TemporaryCredentials(request_token.key, request_token.secret)
    with pytest.raises(AuthorizationDenied):
        parse_callback(pages[-1].headers["Location"], temporary)
    with pytest.raises(NexmoError) as raised:
        nexmo.access_token(request_token, "0123456789abcdef")
    assert raised.value.status == 401


def test_a_pasted_code_may_have_white_space_around_it(nexmo, sandbox):
    request_token = nexmo.request_token()
    assert nexmo.access_token(request_token, f"  {sandbox.approve(request_token)}\n").secret


def test_another_process_can_finish_the_flow_from_json(open_nexmo, nexmo, sandbox):
    stored = json.dumps(nexmo.request_token().to_dict())
    request_token = RequestToken.from_dict(json.loads(stored))
    other = open_nexmo(sandbox.consumer_key, sandbox.consumer_secret, endpoints=sandbox.endpoints)
    assert other.access_token(request_token, sandbox.approve(request_token)).key


def test_a_wrong_code_is_refused_in_the_providers_words(nexmo, sandbox):
    request_token = nexmo.request_token()
    sandbox.approve(request_token)
    with pytest.raises(NexmoError, match="verifier_invalid") as raised:
        nexmo.access_token(request_token, "wrong")
    assert (raised.value.status, raised.value.problem) == (401, "verifier_invalid")


def test_a_request_token_is_used_up_by_its_exchange(nexmo, sandbox):
    request_token = nexmo.request_token()
    code = sandbox.approve(request_token)
    nexmo.access_token(request_token, code)
    with pytest.raises(NexmoError) as raised:
        nexmo.access_token(request_token, code)
    assert raised.value.problem == "token_used"


def test_a_new_request_token_invalidates_the_access_token(nexmo, signed_in):
    assert signed_in.balance().value
    nexmo.request_token()
    with pytest.raises(NexmoError) as raised:
        signed_in.balance()
    assert (raised.value.status, raised.value.problem) == (401, "token_revoked")


def test_a_wrong_consumer_secret_is_refused(open_nexmo, sandbox):
    nexmo = open_nexmo(sandbox.consumer_key, "wrong", endpoints=sandbox.endpoints)
    with pytest.raises(NexmoError) as raised:
        nexmo.request_token()
    assert (raised.value.status, raised.value.problem) == (401, "signature_invalid")


def test_an_unknown_access_token_is_refused(open_nexmo, sandbox):
    nexmo = open_nexmo(
        sandbox.consumer_key,
        sandbox.consumer_secret,
        access_token=AccessToken("nobody", "secret"),
        endpoints=sandbox.endpoints,
    )
    with pytest.raises(NexmoError) as raised:
        nexmo.balance()
    assert raised.value.status == 401


def test_both_pages_are_given_as_urls_with_the_request_token(nexmo, sandbox):
    request_token = nexmo.request_token()
    for url, endpoint in (
        (nexmo.authorize_url(request_token), sandbox.endpoints.authorize),
        (nexmo.authenticate_url(request_token), sandbox.endpoints.authenticate),
    ):
        assert url.startswith(endpoint)
        assert parse_qsl(urlsplit(url).query) == [("oauth_token", request_token.key)]
        assert httpx.get(url, follow_redirects=True).status_code == 200


def test_a_proxy_of_the_environment_never_sees_what_is_sent_to_loopback(open_nexmo, sandbox, monkeypatch):
    """It could read what goes over plain http; https goes through it still."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{listener.getsockname()[1]}")
        nexmo = open_nexmo(sandbox.consumer_key, sandbox.consumer_secret, endpoints=sandbox.endpoints)
        assert nexmo.request_token().key
        with pytest.raises(BlockingIOError):
            listener.accept()
        http = nexmo.http
        assert http._transport_for_url(httpx.URL("https://rest.nexmo.com")) is not http._transport
