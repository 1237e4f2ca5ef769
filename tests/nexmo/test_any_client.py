"""The sandbox is a provider as any other: each adapter's Flow logs in to it."""

import pytest

from nexmo.sandbox import Sandbox
from oauth1_core import AuthorizationDenied, ClientCredentials, Provider, TokenRequestRefused
from tests.test_adapters_flow import every_client


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def provider(sandbox):
    return Provider(sandbox.endpoints.request_token, sandbox.endpoints.authorize, sandbox.endpoints.access_token)


@every_client
def test_each_client_logs_in_to_the_sandbox_and_calls_it(sandbox, provider, client):
    who = (provider, ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret))
    temporary = client.login("temporary_credentials", who)
    token = client.login("token_credentials", who, temporary, sandbox.approve(temporary.identifier))
    assert b'"value"' in client.get(sandbox.url + "/account/get-balance", client.adapter.OAuth1(who[1], token))


@every_client
def test_each_client_hears_that_the_user_denied_and_that_a_secret_is_wrong(sandbox, provider, client):
    who = (provider, ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret))
    callback = "http://127.0.0.1:5000/callback"
    temporary = client.login("temporary_credentials", who, callback)
    watched = []
    sandbox.deny(temporary.identifier, watch=watched.append)
    came_back = watched[-1].headers["Location"]
    assert came_back.startswith(callback)
    with pytest.raises(AuthorizationDenied):
        client.login("token_credentials", who, temporary, came_back)
    with pytest.raises(TokenRequestRefused) as refused:
        client.login("temporary_credentials", (provider, ClientCredentials(sandbox.consumer_key, "wrong")), callback)
    assert refused.value.problem == "signature_invalid" and refused.value.advice
