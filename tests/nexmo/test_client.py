"""What the clients make of a service that does not behave."""

import copy
import pickle

import httpx
import pytest

import oauth1_core
from nexmo import (
    NEXMO,
    AccessToken,
    AsyncNexmo,
    Endpoints,
    Nexmo,
    NexmoError,
    OutcomeUnknown,
    RequestToken,
)
from oauth1_core.adapters.httpx import AsyncFlow, Flow

REQUEST_TOKEN = RequestToken("rt", "request-token-secret")
ACCESS_TOKEN = AccessToken("at", "access-token-secret")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def answered_by(open_nexmo):
    """Make a client whose requests are answered by a function, and that keeps the requests."""

    def answered_by(answer, endpoints=NEXMO):
        kind = open_nexmo("ck", "consumer-secret")
        client = httpx.AsyncClient if not isinstance(kind, Nexmo) else httpx.Client
        http = client(transport=httpx.MockTransport(answer), follow_redirects=True)
        return open_nexmo("ck", "consumer-secret", access_token=ACCESS_TOKEN, endpoints=endpoints, http=http)

    return answered_by


def test_the_endpoints_are_those_of_the_retired_page():
    assert NEXMO == Endpoints(
        request_token="https://dashboard.nexmo.com/oauth/request_token",
        authorize="https://dashboard.nexmo.com/oauth/authorize",
        authenticate="https://dashboard.nexmo.com/oauth/authenticate",
        access_token="https://dashboard.nexmo.com/oauth/access_token",
        api="https://rest.nexmo.com",
    )
    assert Endpoints.from_dict(NEXMO.to_dict()) == NEXMO != Endpoints(**dict(NEXMO.to_dict(), api="https://a.example"))


def test_the_endpoints_are_a_provider_and_the_client_is_a_flow():
    client = oauth1_core.ClientCredentials("ck", "cs")
    assert isinstance(NEXMO, oauth1_core.Provider)
    with Nexmo("ck", "cs") as nexmo:
        assert isinstance(nexmo, Flow)
        assert Flow(NEXMO, client).authorization_uri(REQUEST_TOKEN) == nexmo.authorize_url(REQUEST_TOKEN)
    assert isinstance(AsyncNexmo("ck", "cs"), AsyncFlow)


def test_the_page_s_sample_request_goes_out_signed_and_otherwise_as_the_page_says(answered_by):
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(200, json={"value": 1.5, "autoReload": True})

    nexmo = answered_by(answer)
    assert str(nexmo.balance().value) == "1.5"
    (request,) = seen
    assert str(request.url) == "https://rest.nexmo.com/account/get-balance"
    assert request.headers["Accept"] == "application/json"
    names = [name for name, _ in oauth1_core.parse_authorization_header(request.headers["Authorization"])]
    assert names[:2] == ["oauth_consumer_key", "oauth_token"]


def test_a_server_that_does_not_confirm_the_callback_is_refused(answered_by):
    content = b"oauth_token=a&oauth_token_secret=b"
    nexmo = answered_by(lambda request: httpx.Response(200, headers=FORM, content=content))
    with pytest.raises(oauth1_core.CallbackNotConfirmed):
        nexmo.request_token()


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        (FORM, b"oauth_problem=timestamp_refused&oauth_problem_advice=check+your+clock%1B[2J"),
        (
            {"WWW-Authenticate": 'OAuth realm="x", oauth_problem="timestamp_refused", '
             'oauth_problem_advice="check%20your%20clock%1B%5B2J"'},
            b"<html>no</html>",
        ),
    ],
    ids=["in the body", "in the challenge"],
)  # fmt: skip
def test_the_provider_s_words_reach_the_caller_with_control_characters_escaped(answered_by, headers, content):
    nexmo = answered_by(lambda request: httpx.Response(401, headers=headers, content=content))
    for call in (nexmo.request_token, nexmo.balance):
        with pytest.raises(NexmoError, match="timestamp_refused") as raised:
            call()
        assert raised.value.status == 401
        assert raised.value.problem == "timestamp_refused"
        assert raised.value.advice == "check your clock\\x1b[2J"


@pytest.mark.parametrize("challenge", ["", "Basic realm=x", 'OAuth realm="'])
def test_a_refusal_without_a_reason_is_reported_with_its_status(answered_by, challenge):
    nexmo = answered_by(lambda request: httpx.Response(500, headers={"WWW-Authenticate": challenge}))
    with pytest.raises(NexmoError, match="500: no reason given") as raised:
        nexmo.balance()
    assert (raised.value.problem, raised.value.advice) == (None, None)


def test_a_connection_that_breaks_at_the_access_token_leaves_the_outcome_unknown(answered_by):
    def answer(request):
        raise httpx.ReadError("gone", request=request)

    nexmo = answered_by(answer)
    with pytest.raises(OutcomeUnknown, match="log in again"):
        nexmo.access_token(REQUEST_TOKEN, "code")
    with pytest.raises(NexmoError, match="no response from https://rest.nexmo.com: gone") as raised:
        nexmo.balance()
    assert not isinstance(raised.value, OutcomeUnknown)


@pytest.mark.parametrize(
    "reply",
    [b"", b"[]", b"{}", b'{"messages": 1}', b'{"messages": [{"status": "0"}]}', b'{"messages": [{"status": "x"}]}'],
)
def test_a_reply_that_the_api_does_not_describe_is_a_typed_error(answered_by, reply):
    nexmo = answered_by(lambda request: httpx.Response(200, content=reply))
    with pytest.raises(NexmoError, match="does not have the expected format"):
        nexmo.send_sms(sender="a", to="b", text="c")


def test_tokens_are_plain_values_that_hide_their_secret():
    assert RequestToken.from_dict(REQUEST_TOKEN.to_dict()) == REQUEST_TOKEN
    assert repr(REQUEST_TOKEN) == "RequestToken('rt', '***')"
    assert RequestToken("a", "b") != AccessToken("a", "b")
    assert copy.deepcopy([REQUEST_TOKEN]) == [REQUEST_TOKEN] == [copy.copy(REQUEST_TOKEN)]
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(REQUEST_TOKEN)


@pytest.mark.parametrize("data", [{}, {"key": "a"}, None, [], "text"])
def test_what_is_no_stored_token_is_a_typed_error(data):
    with pytest.raises(oauth1_core.SigningError, match="not what RequestToken.to_dict"):
        RequestToken.from_dict(data)


def test_no_secret_shows_in_a_client_or_its_errors(answered_by):
    nexmo = answered_by(lambda request: httpx.Response(401, headers=FORM, content=b"oauth_problem=token_rejected"))
    shown = [repr(nexmo), repr(vars(getattr(nexmo, "nexmo", nexmo)))]
    with pytest.raises(NexmoError) as raised:
        nexmo.access_token(REQUEST_TOKEN, "the-code")
    shown.append(repr(raised.value))
    for secret in ("consumer-secret", "access-token-secret", "request-token-secret", "the-code"):
        assert secret not in "".join(shown)


def test_a_client_closes_what_it_opened_and_nothing_else():
    with httpx.Client() as http:
        with Nexmo("ck", "cs", http=http):
            pass
        assert not http.is_closed
    own = Nexmo("ck", "cs")
    own.close()
    assert own.http.is_closed


def test_both_clients_offer_the_same_calls():
    def calls(kind):
        return {name for name in dir(kind) if not name.startswith("_")} - {"close", "aclose"}

    assert calls(Nexmo) == calls(AsyncNexmo) >= {"request_token", "access_token", "send_sms", "balance", "request"}
