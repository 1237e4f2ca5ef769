"""What a caller does wrong and what a hostile or broken server sends: each has one outcome, which shows no secret."""

import contextlib
import copy
import gzip
import json
import logging
import pickle
import socket
import threading
import time
import traceback

import httpx
import pytest

import nexmo.client
import oauth1_core.adapters.flow
from nexmo import (
    NEXMO,
    AccessToken,
    Endpoints,
    Nexmo,
    NexmoError,
    OutcomeUnknown,
    RedirectRefused,
    RequestToken,
)
from oauth1_core import (
    PLAINTEXT,
    AuthorizationDenied,
    AuthorizationError,
    CallbackMismatch,
    ClientCredentials,
    InsecureEndpoint,
    InvalidSignature,
    SigningError,
    TemporaryCredentials,
    authorization_header,
    parse_authorization_header,
    parse_callback,
    parse_request,
    percent_encode,
    sign,
    temporary_credentials_request,
    verify_signature,
)
from oauth1_core.adapters.clock import LearningClock
from oauth1_core.adapters.httpx import OAuth1

MARK = "hidden"  # in every secret here
SECRETS = [MARK + "/consumer+secret", MARK + "/token+secret", MARK + "-code"]
REQUEST_TOKEN = RequestToken("request-token", SECRETS[1])
ACCESS_TOKEN = AccessToken("access-token", SECRETS[1])
CLIENT, TEMPORARY = ClientCredentials("ck", SECRETS[0]), TemporaryCredentials("request-token", SECRETS[1])
URL = "https://nexmo.example/oauth/request_token"
NOW = 1795455318
DATE = "Mon, 23 Nov 2026 17:35:18 GMT"  # NOW, by the date command
URLS = ("request_token", "authorize", "authenticate", "access_token", "api")
RANGE = "oauth_acceptable_timestamps"
CONFIRMED = b"&oauth_callback_confirmed=true"


def rendered(error):
    """Everything that a traceback and the attributes show of an exception and of those behind it."""
    text = ""
    while error is not None:
        text += "".join(traceback.format_exception(type(error), error, error.__traceback__)) + repr(vars(error))
        error = error.__cause__ or error.__context__
    return text


@pytest.fixture
def answered_by(open_nexmo):
    """Make a client whose requests are answered by a function."""

    def answered_by(answer, **options):
        kind = httpx.Client if isinstance(open_nexmo("ck", ""), Nexmo) else httpx.AsyncClient
        http = kind(transport=httpx.MockTransport(answer))
        return open_nexmo("ck", SECRETS[0], access_token=ACCESS_TOKEN, http=http, **options)

    return answered_by


@pytest.fixture
def signed_in(open_nexmo, nexmo_sandbox):
    """Make a client of the sandbox that has an access token."""

    def signed_in(**options):
        consumer = nexmo_sandbox.consumer_key, nexmo_sandbox.consumer_secret
        access_token = nexmo_sandbox.access_token()
        return open_nexmo(*consumer, access_token=access_token, endpoints=nexmo_sandbox.endpoints, **options)

    return signed_in


# What a caller does wrong.


def endpoint(url):
    return lambda: temporary_credentials_request(url, CLIENT)


def signed(uri="https://nexmo.example/", **options):
    return lambda: sign("GET", uri, CLIENT, **options)


def callback(query):
    return lambda: parse_callback("/callback?" + query, TEMPORARY)


ONLY_HTTPS = "https is required for {}; only a loopback IP address may use http"
CALLER = {
    "endpoint over http": (endpoint("http://nexmo.example/x"), InsecureEndpoint, ONLY_HTTPS.format("nexmo.example")),
    "PLAINTEXT over http": (
        signed("http://nexmo.example/", signature_method=PLAINTEXT),
        InsecureEndpoint,
        "PLAINTEXT over http would disclose the client secret: use https",
    ),
    **{
        "http to " + host: (endpoint("http://" + host + "/"), InsecureEndpoint, ONLY_HTTPS.format(host))
        for host in ("localhost", "localhost.evil.com", "127.0.0.1.evil.com", "127.1", "0x7f000001", "2130706433")
    },
    "http with a password": (
        endpoint("http://me:" + MARK + "@nexmo.example/x"), InsecureEndpoint, ONLY_HTTPS.format("nexmo.example")
    ),
    "endpoint with oauth_ in its query": (
        endpoint(URL + "?oauth_x=1"), SigningError, "the endpoint's query must not hold an oauth_ parameter"
    ),
    "realm with a quote": (
        lambda: authorization_header([], 'a"b'),
        SigningError,
        "realm must be a str of printable ASCII without quotes and backslashes",
    ),
    "name outside Unicode": (
        signed(protocol_parameters=[("\ud800", "x")]),
        SigningError,
        "parameter '\\ud800' must be a str of valid Unicode",
    ),
    "value outside Unicode": (
        signed(protocol_parameters=[("x", "\ud800")]), SigningError, "parameter 'x' must be a str of valid Unicode"
    ),
    "own nonce in the query": (
        signed("https://nexmo.example/?oauth_nonce=1"),
        SigningError,
        "'oauth_nonce' must not be both in the query or form and a protocol parameter",
    ),
    "own signature in the body": (
        signed(form="oauth_signature=1"),
        SigningError,
        "'oauth_signature' must not be both in the query or form and a protocol parameter",
    ),
    "callback of another login": (
        callback("oauth_token=other&oauth_verifier=hidden"),
        CallbackMismatch,
        "the callback does not belong to the authorization started here",
    ),
    "callback without a token": (
        callback("oauth_verifier=hidden"),
        CallbackMismatch,
        "the callback has no oauth_token; some servers send such a callback if the resource owner denied access",
    ),
    "callback with two tokens": (
        callback("oauth_token=request-token&oauth_token=request-token&oauth_verifier=hidden"),
        CallbackMismatch,
        "the callback does not belong to the authorization started here",
    ),
    "callback without a verifier": (
        callback("oauth_token=request-token"),
        AuthorizationError,
        "the callback holds no verification code: nothing was authorized",
    ),
    "callback of a denial": (
        callback("oauth_token=request-token&oauth_problem=user_refused"),
        AuthorizationDenied,
        "the resource owner did not authorize the request",
    ),
    "callback of another kind of denial": (
        callback("denied=request-token"), AuthorizationDenied, "the resource owner did not authorize the request"
    ),
}  # fmt: skip


@pytest.mark.parametrize("call, error, message", CALLER.values(), ids=CALLER.keys())
def test_what_a_caller_or_a_callback_gets_wrong_is_told(call, error, message):
    with pytest.raises(error) as raised:
        call()
    assert type(raised.value) is error
    assert ascii(str(raised.value)).replace("\\\\", "\\")[1:-1] == message
    assert MARK not in rendered(raised.value).replace('"' + MARK, "")


@pytest.mark.parametrize("character", ['"', "\\", "\r", "\n", "\0", "\x7f", "é"])
def test_a_realm_that_would_have_to_be_quoted_is_refused(character):
    with pytest.raises(SigningError, match="realm must be a str of printable ASCII without quotes and backslashes"):
        OAuth1(CLIENT).with_realm("a" + character)


def test_an_empty_consumer_secret_signs_and_does_not_verify():
    client = ClientCredentials("ck", "")
    header = authorization_header(sign("GET", URL, client))
    request = parse_request("GET", URL, [("Authorization", header)])
    with pytest.raises(InvalidSignature):
        verify_signature(request, client)


@pytest.mark.parametrize("host", ["nexmo.example", "localhost", "127.0.0.1.evil.com"])
def test_no_request_of_the_client_goes_out_in_clear(answered_by, host):
    def never(request):
        raise AssertionError("was sent")

    for name in URLS:
        with pytest.raises(InsecureEndpoint, match=host):
            Endpoints(**{each: f"http{'' if each == name else 's'}://{host}/{each}" for each in URLS})
    client = answered_by(never)
    with pytest.raises(InsecureEndpoint, match=host):
        client.request("POST", f"http://{host}/", data={"a": "b"})


# Replies of the token endpoints.

HTML, JSON = b"<html>no</html>", b'{"oauth_token": "a", "oauth_token_secret": "hidden"}'
NEITHER = "the server's reply ({} octets) must be form-encoded and contain {} exactly once"
REPLIES = {
    "HTML": (HTML, "text/html; charset=utf-8", NEITHER.format(15, "oauth_token")),
    "JSON": (JSON, "application/json", NEITHER.format(52, "oauth_token")),
    "nothing": (b"", "text/plain", NEITHER.format(0, "oauth_token")),
    "a type that steers a terminal": (b"", "text/\x1b[2J", NEITHER.format(0, "oauth_token")),
    "no type": (HTML, None, NEITHER.format(15, "oauth_token")),
    "a token twice": (
        b"oauth_token=a&oauth_token=a&oauth_token_secret=hidden", "x/y", NEITHER.format(53, "oauth_token")
    ),
    "no secret": (b"oauth_token=a", "x/y", NEITHER.format(13, "oauth_token_secret")),
    "an empty token": (
        b"oauth_token=&oauth_token_secret=hidden", "x/y", NEITHER.format(38, "oauth_token")
    ),
    "octets that are not UTF-8": (
        b"oauth_token=a&oauth_token_secret=hidden\xff",
        "x/y",
        "'oauth_token_secret' of the server's reply holds a broken escape or octets that are not UTF-8",
    ),
    "NUL": (
        b"oauth_token=a&oauth_token_secret=hidden%00", "x/y", NEITHER.format(42, "oauth_token_secret")
    ),
}  # fmt: skip


@pytest.mark.parametrize("content, content_type, message", REPLIES.values(), ids=REPLIES.keys())
def test_a_reply_that_holds_no_credentials_is_malformed(answered_by, content, content_type, message):
    headers = {} if content_type is None else {"Content-Type": content_type}
    client = answered_by(lambda request: httpx.Response(200, headers=headers, content=content))
    for call in (client.request_token, lambda: client.access_token(REQUEST_TOKEN, SECRETS[2])):
        with pytest.raises(NexmoError) as raised:
            call()
        assert (str(raised.value).partition(" answered 200: ")[2], raised.value.status) == (message, 200)
        assert MARK not in str(raised.value) + repr(vars(raised.value))


def test_the_type_of_a_reply_is_not_trusted_and_white_space_around_it_is_dropped(answered_by):
    content = b"\r\n oauth_token=a&oauth_token_secret=b" + CONFIRMED + b"\n"
    client = answered_by(lambda request: httpx.Response(200, headers={"Content-Type": "text/html"}, content=content))
    assert client.request_token() == RequestToken("a", "b")


class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body of which nobody should see the end; it counts what is taken of it."""

    def __init__(self):
        self.taken = 0

    def __iter__(self):
        while self.taken < 2**20:
            self.taken += 4096
            yield b"x" * 4096

    async def __aiter__(self):
        for piece in self:
            yield piece


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "9999999999"}])
def test_of_an_endless_reply_64_kib_are_read(answered_by, headers):
    bodies = []

    def answer(request):
        bodies.append(Endless())
        return httpx.Response(200, headers=headers, stream=bodies[-1])

    client = answered_by(answer)
    for call in (client.request_token, lambda: client.access_token(REQUEST_TOKEN, "code")):
        with pytest.raises(NexmoError, match="longer than 65536 octets"):
            call()
    assert [body.taken for body in bodies] == [17 * 4096] * 2


def test_a_reply_of_the_api_has_an_end_too(answered_by, monkeypatch):
    monkeypatch.setattr(nexmo.client, "MAX_ANSWER", 300_000)
    client = answered_by(lambda request: httpx.Response(200, stream=Piece(b"x" * 300_000)))
    assert len(client.request("GET", "/x").content) == 300_000
    for name, arguments in (("request", ("GET", "/x")), ("balance", ())):
        body = Endless()
        client = answered_by(lambda request, body=body: httpx.Response(500, stream=body))
        with pytest.raises(NexmoError, match="longer than 300000 octets"):
            getattr(client, name)(*arguments)
        assert body.taken == 74 * 4096


class Piece(Endless):
    """A body in one piece."""

    def __init__(self, octets):
        self.octets = octets

    def __iter__(self):
        yield self.octets


THREE_GZIPS = gzip.compress(gzip.compress(gzip.compress(bytes(10_000_000))))


@pytest.mark.parametrize("encoding", ["gzip, gzip, gzip", "br", "GZIP"])
def test_an_encoded_reply_is_not_asked_for_and_never_decoded(answered_by, encoding):
    """However many octets another encoding makes of few, and of these another."""
    asked = []

    def answer(request):
        asked.append(request.headers.get_list("Accept-Encoding"))
        return httpx.Response(200, headers={"Content-Encoding": encoding}, stream=Piece(THREE_GZIPS))

    client = answered_by(answer)
    for call in (
        client.request_token,
        lambda: client.access_token(REQUEST_TOKEN, "code"),
        client.balance,
        lambda: client.request("GET", "/x", headers={"Accept-Encoding": "gzip"}),
    ):
        with pytest.raises(NexmoError, match=r"answered 200: encoded as '[a-z, ]+', which was not asked for"):
            call()
    assert asked == [["identity"]] * 4


def test_a_reply_that_trickles_in_has_a_deadline_for_the_whole_of_it(signed_in, nexmo_sandbox, monkeypatch):
    """Each octet is in time for httpx, whose timeouts are for one step."""
    client = signed_in()
    request_token = client.request_token()
    monkeypatch.setattr(oauth1_core.adapters.flow, "DEADLINE", 0.3)
    with nexmo_sandbox.fault("trickle", seconds=30) as fault:
        for call, error in (
            (client.request_token, NexmoError),
            (lambda: client.access_token(request_token, "code"), OutcomeUnknown),
            (client.balance, NexmoError),
            (lambda: client.request("GET", "/account/get-balance"), NexmoError),
        ):
            with pytest.raises(NexmoError, match="the reply took longer than 0.3 seconds") as raised:
                call()
            assert type(raised.value) is error
        assert fault.met == 4


# Refusals.


def test_a_refusal_says_what_the_provider_says(answered_by):
    body = (
        "oauth_problem=parameter_absent&oauth_problem_advice=send%20%1B%5B2J%20both"
        "&oauth_parameters_absent=oauth_callback%26x&oauth_token_secret=hidden"
    )
    client = answered_by(lambda request: httpx.Response(400, text=body))
    for call in (client.request_token, lambda: client.access_token(REQUEST_TOKEN, SECRETS[2]), client.balance):
        with pytest.raises(NexmoError) as raised:
            call()
        error = raised.value
        assert (error.status, error.problem) == (400, "parameter_absent")
        assert error.advice == "send \\x1b[2J both"
        assert error.params == {
            "oauth_problem": "parameter_absent",
            "oauth_problem_advice": "send \\x1b[2J both",
            "oauth_parameters_absent": "oauth_callback&x",
        }
        assert str(error).endswith("answered 400: parameter_absent, send \\x1b[2J both")
        assert error.excerpt.startswith("oauth_problem=parameter_absent&oauth_problem_advice=send")
        assert MARK not in repr(vars(error)) + str(error)


def test_a_refusal_without_such_words_shows_how_its_body_begins_without_secrets(answered_by):
    def answer(request):
        once = [percent_encode(secret) for secret in SECRETS]
        twice = [percent_encode(secret) for secret in once]
        echo = " ".join(SECRETS + once + twice)
        return httpx.Response(403, text=f'{{"error": "account barred", "echo": "{echo}"}}\x1b[2J' + "x" * 9999)

    client = answered_by(answer)
    with pytest.raises(NexmoError, match='answered 403: {"error": "account barred", ') as raised:
        client.access_token(REQUEST_TOKEN, f" {SECRETS[2]}\n")
    error = raised.value
    assert (error.problem, error.advice, error.params) == (None, None, {})
    assert error.excerpt.startswith('{"error": "account barred", "echo": "*** ***')
    assert "\\x1b[2J" in error.excerpt
    assert len(error.excerpt) < 300
    assert MARK not in repr(vars(error)) + str(error)


@pytest.mark.parametrize("body", ["oauth_token=a&oauth_token_secret=hidden", '{"oauth_token_secret": "hidden"}'])
def test_a_secret_that_a_refusal_gives_is_masked(answered_by, body):
    client = answered_by(lambda request: httpx.Response(201, text=body))
    with pytest.raises(NexmoError, match="answered 201") as raised:
        client.request_token()
    assert MARK not in repr(vars(raised.value))
    assert "***" in raised.value.excerpt


@pytest.mark.parametrize("verifier", ["is", "not", "1234567"])
def test_the_words_of_an_advice_are_left_as_they_are(answered_by, verifier):
    advice = "the verifier is not that of this token: its password was secret enough"
    body = percent_encode(advice).replace("%20", "+")
    client = answered_by(lambda request: httpx.Response(401, text="oauth_problem_advice=" + body))
    for call in (lambda: client.access_token(REQUEST_TOKEN, verifier), client.balance):
        with pytest.raises(NexmoError) as raised:
            call()
        assert raised.value.advice == advice


def refusing_timestamps(acceptable=(), date=DATE):
    """An answer that refuses all timestamps but those near NOW."""

    def answer(request):
        parameters = dict(parse_authorization_header(request.headers["Authorization"]))
        if abs(int(parameters["oauth_timestamp"]) - NOW) <= 300:
            content = b"oauth_token=a&oauth_token_secret=b" + CONFIRMED
            if "balance" in request.url.path:
                content = b'{"value": 1, "autoReload": false}'
            return httpx.Response(200, content=content)
        text = "&".join(["oauth_problem=timestamp_refused", *acceptable])
        return httpx.Response(401, headers={"Date": date} if date else {}, text=text)

    return answer


@pytest.mark.parametrize(
    "options",
    [{"acceptable": [f"{RANGE}={NOW - 300}-{NOW + 300}"], "date": None}, {}, {"acceptable": [f"{RANGE}=x"]}],
    ids=["range", "Date", "Date beside a range that is none"],
)
@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_refused_timestamp_tells_the_time_there_and_heals_if_the_clock_learns(answered_by, options, seconds):
    seen = []

    def answer(request):
        seen.append(dict(parse_authorization_header(request.headers["Authorization"]))["oauth_nonce"])
        return refusing_timestamps(**options)(request)

    def wrong():
        return NOW - seconds

    client = answered_by(answer, clock=wrong)
    calls = ["request_token", "balance"]
    for name in calls:
        with pytest.raises(NexmoError) as raised:
            getattr(client, name)()
        end = "timestamp_refused" if "date" in options else f"timestamp_refused; the server's time is {DATE}"
        assert str(raised.value).endswith(end)
        assert (raised.value.status, raised.value.problem) == (401, "timestamp_refused")
    assert len(seen) == 2, "nobody asked for a retry"
    for name in calls:
        seen.clear()
        client = answered_by(answer, clock=LearningClock(clock=wrong))
        getattr(client, name)()
        assert len(set(seen)) == len(seen) == 2
        getattr(client, name)()
        assert len(seen) == 3, "what was learnt stays"


def test_a_refusal_that_does_not_end_is_retried_once(answered_by):
    """Of a server whose clock runs away."""
    seen = []

    def answer(request):
        seen.append(request)
        there = int(time.time()) + 3600 * len(seen)
        body = f"oauth_problem=timestamp_refused&oauth_acceptable_timestamps={there}-{there}"
        return httpx.Response(401, text=body)

    client = answered_by(answer, clock=LearningClock())
    with pytest.raises(NexmoError, match="timestamp_refused"):
        client.balance()
    assert len(seen) == 2


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}, {"Date": DATE}])
def test_a_refused_timestamp_that_the_clock_does_not_explain_is_a_refusal_like_others(answered_by, headers):
    def answer(request):
        return httpx.Response(401, headers=headers, text="oauth_problem=timestamp_refused")

    client = answered_by(answer, clock=lambda: NOW)
    with pytest.raises(NexmoError) as raised:
        client.balance()
    assert type(raised.value) is NexmoError


def test_a_body_that_cannot_be_sent_again_is_not_but_the_clock_has_learnt(signed_in, nexmo_sandbox):
    clock = LearningClock()
    client = signed_in(clock=clock)

    def post():
        def body():
            yield b"once"

        async def async_body():
            yield b"once"

        content = body() if isinstance(client, Nexmo) else async_body()
        return client.request("POST", "/sms/json", content=content, headers={"Content-Length": "4"})

    with nexmo_sandbox.fault("skewed_clock", seconds=3600) as fault:
        assert post().status_code == 401
        assert fault.met == 1
        assert abs(clock(client.endpoints.api) - time.time() - 3600) < 60
        assert post().status_code == 200
    redirected = nexmo_sandbox.fault("redirect", to="/sms/json", status=307)
    with redirected, pytest.raises(NexmoError, match="already been streamed"):
        post()


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_against_a_provider_whose_clock_is_wrong_the_whole_flow_works_with_a_clock_that_learns(
    open_nexmo, nexmo_sandbox, seconds
):
    consumer = nexmo_sandbox.consumer_key, nexmo_sandbox.consumer_secret
    with nexmo_sandbox.fault("skewed_clock", seconds=seconds, path="/oauth/request_token"):
        client = open_nexmo(*consumer, endpoints=nexmo_sandbox.endpoints)
        with pytest.raises(NexmoError, match="timestamp_refused, .*; the server's time is .* GMT"):
            client.request_token()
    options = {"endpoints": nexmo_sandbox.endpoints, "clock": LearningClock()}
    client = open_nexmo(*consumer, **options)
    request_token = client.request_token()
    code = nexmo_sandbox.approve(request_token)
    # The provider's clock moves only now: nothing has expired by it yet.
    with nexmo_sandbox.fault("skewed_clock", seconds=-3600, path="/oauth/access_token") as fault:
        access_token = client.access_token(request_token, code)
        assert fault.met == 2
    client = open_nexmo(*consumer, access_token=access_token, **options)
    with nexmo_sandbox.fault("skewed_clock", seconds=seconds, path="/sms/json") as fault:
        for met in (2, 3) if seconds > 0 else (1, 2):
            client.send_sms(sender="a", to="b", text="c")
            assert fault.met == met


# Redirects.

ELSEWHERE = {
    "another host": "https://evil.example/token?x=1",
    "another port": "http://127.0.0.1:1/x",
    "another scheme": "https://127.0.0.1:1/x",
    "an IPv6 address": "http://[::1]:1/x",
    "no scheme": "//evil.example/x",
}


STATUSES = [301, 302, 303, 307, 308]


@pytest.mark.parametrize("to", ["/elsewhere", "https://evil.example/x"])
def test_a_redirect_of_a_token_endpoint_is_refused(open_nexmo, nexmo_sandbox, to):
    consumer = nexmo_sandbox.consumer_key, nexmo_sandbox.consumer_secret
    client = open_nexmo(*consumer, endpoints=nexmo_sandbox.endpoints)
    request_token = client.request_token()
    where = ", to https://evil.example" if "evil" in to else ""
    for status in STATUSES:
        with nexmo_sandbox.fault("redirect", to=to, status=status) as fault:
            for call in (client.request_token, lambda: client.access_token(request_token, SECRETS[2])):
                with pytest.raises(RedirectRefused, match="a redirect, which is not followed" + where) as raised:
                    call()
                assert raised.value.status == status
                assert SECRETS[2] not in rendered(raised.value)
            assert fault.met == 2


@pytest.mark.parametrize("to", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_a_redirect_of_an_api_call_to_another_origin_is_refused(signed_in, nexmo_sandbox, to):
    client = signed_in()
    for status in STATUSES:
        with nexmo_sandbox.fault("redirect", to=to, status=status) as fault:
            for call in (client.balance, lambda: client.request("POST", "/sms/json", data={"to": "1"})):
                with pytest.raises(RedirectRefused, match="a redirect, which is not followed, to http") as raised:
                    call()
                assert (type(raised.value), raised.value.status) == (RedirectRefused, status)
            assert fault.met == 2


def test_a_redirect_to_the_same_origin_is_signed_afresh(signed_in, nexmo_sandbox):
    """The provider would refuse a nonce that it has seen, or the signature of another URL."""
    client = signed_in()
    for status in STATUSES:
        keeps_body = status in (307, 308)
        with nexmo_sandbox.fault("redirect", to="/account/get-balance?hop=1", status=status, times=1) as fault:
            assert client.balance().value
            assert fault.met == 1
        with nexmo_sandbox.fault("redirect", to="/sms/json?from=a&to=b&text=c%20d", status=status, times=1):
            reply = client.request("POST", "/sms/json", data={"to": "x"})
        assert reply.status_code == 200
        # With the body "to" stands there twice, which is an answer of the API: the request was accepted as signed.
        assert reply.json()["messages"][0]["status"] == ("3" if keeps_body else "0")


def test_the_sixth_redirect_is_one_too_many(signed_in, nexmo_sandbox):
    client = signed_in()
    with nexmo_sandbox.fault("redirect", to="/account/get-balance", times=5) as fault:
        assert client.balance().value
        assert fault.met == 5
    with nexmo_sandbox.fault("redirect", to="/account/get-balance") as fault:
        with pytest.raises(RedirectRefused, match="more than 5"):
            client.balance()
        assert fault.met == 6


def test_a_used_signature_is_not_carried_to_https_of_the_same_host(answered_by):
    seen = []

    def answer(request):
        seen.append((request.url.scheme, "Authorization" in request.headers))
        headers = {"Location": "https://127.0.0.1/b"}
        return httpx.Response(307 if request.url.scheme == "http" else 200, headers=headers)

    urls = ["https://nexmo.example/" + name for name in URLS[:4]]
    client = answered_by(answer, endpoints=Endpoints(*urls, "http://127.0.0.1"))
    with pytest.raises(RedirectRefused, match="https://127.0.0.1"):
        client.balance()
    assert seen == [("http", True)]


@pytest.mark.parametrize("location", [None, "", "http://[", "https://a:b/", "ftp://a/", "\x1b[2J"])
@pytest.mark.parametrize("status", [300, 302, 304, 307])
def test_a_redirect_that_leads_nowhere_is_a_typed_error(answered_by, location, status):
    headers = {} if location is None else {"Location": location}
    client = answered_by(lambda request: httpx.Response(status, headers=headers))
    for call in (client.request_token, client.balance):
        with pytest.raises(NexmoError) as raised:
            call()
        assert "\x1b" not in str(raised.value)


# Broken connections.


@contextlib.contextmanager
def hanging_up():
    """A server that reads each request and hangs up; gives its URL and what it has read."""
    requests = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        requests.append(connection.recv(65536))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield "http://127.0.0.1:{}".format(listener.getsockname()[1]), requests
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_an_access_token_that_got_lost_is_not_asked_for_again(open_nexmo):
    with hanging_up() as (url, requests):
        endpoints = Endpoints(**{name: url + "/" + name for name in URLS})
        client = open_nexmo("ck", SECRETS[0], endpoints=endpoints)
        with pytest.raises(OutcomeUnknown, match="the request token may be used up: log in again") as raised:
            client.access_token(REQUEST_TOKEN, SECRETS[2])
        assert len(requests) == 1
        assert requests[0].startswith(b"POST /access_token ")
        assert MARK not in rendered(raised.value)
        with pytest.raises(NexmoError) as raised:
            client.request_token()
        assert not isinstance(raised.value, OutcomeUnknown)
    # Nobody listens there any more: nothing was sent, and the request token is as good as before.
    with pytest.raises(NexmoError, match=r"no response from http://127.0.0.1:\d+: Connection refused") as raised:
        client.access_token(REQUEST_TOKEN, SECRETS[2])
    assert not isinstance(raised.value, OutcomeUnknown)


# Nothing shows a secret.


def seen_of(thing):
    """Everything that printing, formatting, copying, pickling and JSON show of an object."""
    seen = [repr(thing), str(thing), f"{thing}", f"{[thing]!r}", repr(getattr(thing, "__dict__", ""))]
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps, json.dumps):
        try:
            seen.append(ascii(attempt(thing)))
        except (TypeError, AttributeError, pickle.PicklingError) as error:
            seen.append(rendered(error))
    return "\n".join(seen)


def test_after_a_full_flow_nothing_shows_a_secret(open_nexmo, nexmo_sandbox, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    things = [NEXMO]

    def connect(**options):
        consumer = nexmo_sandbox.consumer_key, nexmo_sandbox.consumer_secret
        client = open_nexmo(*consumer, endpoints=nexmo_sandbox.endpoints, **options)
        things.append(getattr(client, "nexmo", client))
        return client

    def refused(call, *arguments):
        with pytest.raises(NexmoError) as raised:
            call(*arguments)
        things.append(raised.value)

    first = connect()
    request_token = first.request_token()
    code = nexmo_sandbox.approve(request_token)
    caplog.clear()  # which is the log of the user's browser
    with nexmo_sandbox.fault("error", times=1):
        refused(first.access_token, request_token, code)
    access_token = first.access_token(request_token, code)
    refused(first.access_token, request_token, code)
    second = connect(access_token=access_token)
    things += [request_token, access_token, second.balance(), second.send_sms(sender="a", to="b", text="c")]
    for name, facts in (
        ("used_nonce", {}),
        ("skewed_clock", {"seconds": 3600}),
        ("redirect", {"to": "https://evil.example/"}),
        ("token_revoked", {}),
    ):
        with nexmo_sandbox.fault(name, **facts) as fault:
            refused(second.balance)
        things.append(fault)
    secrets = {nexmo_sandbox.consumer_secret, request_token.secret, access_token.secret, code}
    assert len(secrets) == 4 and all(len(secret) >= 8 for secret in secrets)
    shown = [seen_of(thing) for thing in things] + [rendered(thing) for thing in things if isinstance(thing, Exception)]
    shown += [caplog.text, *[repr(vars(record)) for record in caplog.records], str(capfd.readouterr())]
    assert "httpcore" in caplog.text and access_token.key in "".join(shown), "there was something to see"
    assert not [secret for secret in secrets if secret in "".join(shown)]
