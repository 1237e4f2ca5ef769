"""OAuth 1.0a for requests: one header is added, and each redirect and attempt is signed where an adapter is mounted."""

import copy
import io
import math
import pickle
import time
import urllib.parse

import pytest
import requests
import urllib3

from oauth1_core import HMAC_SHA256, PLAINTEXT, InsecureEndpoint, SigningError, body_hash
from oauth1_core.adapters.clock import LearningClock
from oauth1_core.adapters.requests import OAuth1, OAuth1Adapter, as_sent
from tests.support.amount import examples
from tests.support.http_clients import (
    CLIENT,
    FORM,
    JSON,
    PLACEMENTS,
    QUERIES,
    TOKEN,
    busy,
    empty_form_led_away,
    every_attempt_has_its_own_nonce,
    generate,
    heals,
    heals_all_that_are_under_way,
    heals_where_a_redirect_has_led,
    learns_from_no_stranger,
    learns_without_resending,
    placed,
    redirected,
    redirects,
    refused_by_oauthlib,
    round_trip,
    running_oauthlib,
    same_but_signed,
    typed,
    verifying,
)


def session_with(auth, world=None, adapter=None, **options):
    session = requests.Session()
    session.trust_env = False
    session.auth = auth
    session.verify = world.trust if world else True
    if adapter is not False:
        adapter = adapter or OAuth1Adapter(**options)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
    return session


def sent(server, auth, method, target, adapter=None, **options):
    with session_with(auth, adapter=adapter) as session:
        response = session.request(method, server.origin + target, **options)
    assert response.status_code == 200
    return server.requests.pop()


BODIES = {
    "none": (dict, True),
    "JSON": (lambda: {"json": {"a": [1, "é&="]}}, True),
    "JSON that looks like a form": (lambda: {"data": b"a=1&b=2", **typed(JSON)}, True),
    "multipart": (
        lambda: {
            "data": b'--b\r\nContent-Disposition: form-data; name="f"; filename="n"\r\n\r\n\xff\0&=%\r\n--b--\r\n',
            **typed("multipart/form-data; boundary=b"),
        },
        True,
    ),
    "octets": (lambda: {"data": bytes(range(256)) * 300}, True),
    "octets in an array": (lambda: {"data": bytearray(b"\0\xff" * 50000), **typed("image/png")}, True),
    "text": (lambda: {"data": "a=é", **typed("text/plain")}, True),
    "file": (lambda: {"data": io.BytesIO(b"\0\xff" * 50000)}, True),
    "generator": (lambda: {"data": generate(b"a=", b"1", b"\xff" * 70000)}, True),
    "form": (lambda: {"data": {"a": ["1", "é +&="], "b": ""}}, True),
    "form as text": (lambda: {"data": "a=1&b=%20", **typed(FORM)}, True),
    "empty form": (lambda: {"data": b"", **typed(FORM)}, True),
    "form in upper case with a charset": (
        lambda: {"data": b"a=1&b=%c3%a9+&a=1", **typed(FORM.upper() + " ; charset=UTF-8")},
        False,
    ),
    "form type as octets": (lambda: {"data": b"a=1", **typed(FORM.encode())}, True),
    "form with raw characters": (lambda: {"data": b"a[]=1|\xc3\xa9", **typed(FORM)}, False),
    "form from a file": (lambda: {"data": io.BytesIO(b"a=1&b"), **typed(FORM)}, True),
    "form from a generator": (lambda: {"data": generate(b"a=", b"1&b"), **typed(FORM)}, True),
}
both_adapters = pytest.mark.parametrize("adapter", [None, False], ids=["OAuth1Adapter", "HTTPAdapter"])


@both_adapters
@pytest.mark.parametrize("target, oauthlib_reads", QUERIES.values(), ids=QUERIES.keys())
def test_the_target_arrives_as_it_would_unsigned_and_verifies(server, adapter, target, oauthlib_reads):
    plain = sent(server, None, "GET", target, adapter)
    same_but_signed(plain, sent(server, OAuth1(CLIENT, TOKEN), "GET", target, adapter), oauthlib_reads)
    auth = OAuth1(CLIENT, TOKEN, placement="query")
    placed(plain, sent(server, auth, "GET", target, adapter), "query", oauthlib_reads)


@both_adapters
@pytest.mark.parametrize("name", BODIES)
def test_the_body_arrives_as_it_would_unsigned_and_verifies(server, adapter, name):
    make, oauthlib_reads = BODIES[name]
    plain = sent(server, None, "POST", "/r?q=1", adapter, **make())
    signed = sent(server, OAuth1(CLIENT, TOKEN), "POST", "/r?q=1", adapter, **make())
    same_but_signed(plain, signed, oauthlib_reads, is_streamed_form=name == "form from a generator")


def test_files_arrive_whole(server):
    files = {"f": ("n.bin", b"\xff\0&=%", "image/png")}
    arrived = sent(server, OAuth1(CLIENT, TOKEN), "POST", "/r", files=files, data={"a": "1"})
    assert arrived.accepted_by_oauthlib and b"\xff\0&=%" in arrived.body and b"oauth_" not in arrived.body


@both_adapters
@pytest.mark.parametrize("name", ["form", "form as text", "empty form", "form from a file", "form from a generator"])
@pytest.mark.parametrize("placement", ["form", "query"])
def test_the_parameters_can_go_into_form_or_query(server, adapter, placement, name):
    make, _ = BODIES[name]
    plain = sent(server, None, "POST", "/r?q=1", adapter, **make())
    auth = OAuth1(CLIENT, TOKEN, placement=placement)
    placed(plain, sent(server, auth, "POST", "/r?q=1", adapter, **make()), placement)


def test_a_request_without_a_form_is_signed_in_its_header(server):
    for options in ({}, {"json": {}}):
        arrived = sent(server, OAuth1(CLIENT, TOKEN, placement="form"), "POST", "/r", **options)
        assert dict(arrived.fields)["Authorization"].startswith("OAuth ")


@both_adapters
@pytest.mark.parametrize("status, name, placement", **redirects())
def test_a_redirect_is_signed_afresh_or_not_at_all(world, adapter, status, name, placement):
    with session_with(OAuth1(CLIENT, TOKEN, placement=placement), world, adapter) as session:
        redirected(world, lambda url: session.post(url, data={"a": "1", "b": " "}), status, name)


@both_adapters
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_who_has_left_the_origin_is_not_signed_when_coming_back(world, adapter, placement):
    with session_with(OAuth1(CLIENT, TOKEN, placement=placement), adapter=adapter) as session:
        round_trip(world, lambda url: session.post(url, data={"a": "1"}), world.other_host)


@both_adapters
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_each_of_many_redirects_is_signed(server, adapter, placement):
    def answer(arrived):
        left = int(arrived.target[2:].partition("?")[0])
        return (307, [("Location", "/r{}".format(left - 1))], b"") if left else (200, [], b"")

    server.answer = answer
    with session_with(OAuth1(CLIENT, TOKEN, placement=placement), adapter=adapter) as session:
        response = session.post(server.origin + "/r5", data={"a": "1"})
    assert len(response.history) == 5
    every_attempt_has_its_own_nonce(server, 6)


@both_adapters
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_redirect_that_is_not_followed_leaves_the_request_as_it_was_sent(server, adapter, placement):
    server.answer = lambda arrived: (307, [("Location", "/end")] if arrived.target.startswith("/r") else [], b"")
    with session_with(OAuth1(CLIENT, TOKEN, placement=placement), adapter=adapter) as session:
        response = session.post(server.origin + "/r", data={"a": "1"}, allow_redirects=False)
        [arrived], request = server.requests, response.request
        assert (request.path_url, request.body.encode() if isinstance(request.body, str) else request.body) == (
            arrived.target, arrived.body
        )  # fmt: skip
        assert request.headers.get("Authorization") == dict(arrived.fields).get("Authorization")
        assert (response.status_code, response.headers["Location"]) == (307, "/end")
        session.send(response.next)
    every_attempt_has_its_own_nonce(server, 2)


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_every_attempt_has_its_own_nonce(server, placement):
    times = examples(100)
    retry = urllib3.Retry(total=times, status_forcelist=[503], allowed_methods=None)
    with session_with(OAuth1(CLIENT, TOKEN, placement=placement), max_retries=retry) as session:
        for _ in range(10):
            server.answer = busy(times)
            assert session.post(server.origin + "/r", data={"a": "1"}).status_code == 200
    every_attempt_has_its_own_nonce(server, 10 * (times + 1))


def test_a_lost_connection_is_retried_with_another_nonce(server):
    def lose(arrived):
        server.answer = lambda arrived: (200, [], b"")
        raise ConnectionResetError

    server.answer = lose
    with session_with(OAuth1(CLIENT, TOKEN), max_retries=urllib3.Retry(3, allowed_methods=None)) as session:
        session.post(server.origin + "/r", data=b"x")
    every_attempt_has_its_own_nonce(server, 2)


def test_a_prepared_request_is_signed_each_time_that_it_is_sent(server):
    with session_with(OAuth1(CLIENT, TOKEN)) as session:
        request = session.prepare_request(requests.Request("GET", server.origin + "/r"))
        for _ in range(3):
            session.send(request)
    every_attempt_has_its_own_nonce(server, 3)


@both_adapters
def test_the_host_field_is_what_is_signed(server, adapter):
    """RFC 5849 section 3.4.1: "the authority as declared by the HTTP "Host" request header field"."""
    options = {"headers": {"Host": "virtual.example:81"}}
    arrived = sent(server, OAuth1(CLIENT, TOKEN), "GET", "/r", adapter, **options)
    assert arrived.verified().base_string.startswith("GET&http%3A%2F%2Fvirtual.example%3A81%2Fr&")


def test_through_a_proxy_the_request_is_that_of_the_origin(world):
    world.reset()
    with session_with(OAuth1(CLIENT, TOKEN), max_retries=urllib3.Retry(3, status_forcelist=[503])) as session:
        session.proxies = {"http": world.origin.origin}
        world.origin.answer = busy(2)
        session.get("http://api.example/r?a=1")
    for arrived in world.origin.requests:
        assert arrived.target == "http://api.example/r?a=1"
        arrived.uri = arrived.target
        arrived.verified()
    every_attempt_has_its_own_nonce(world.origin, 3)


def test_a_realm_for_all_and_one_for_a_call(server):
    auth = OAuth1(CLIENT, TOKEN, realm="Photos")
    for each, realm in ((auth, "Photos"), (auth.with_realm("Other"), "Other"), (auth, "Photos")):
        header = dict(sent(server, each, "GET", "/r").fields)["Authorization"]
        assert header.startswith('OAuth realm="{}", oauth_consumer_key='.format(realm))
    with pytest.raises(SigningError, match="realm"):
        auth.with_realm('"')


def test_a_call_can_go_without_a_signature(server):
    arrived = sent(server, None, "GET", "/r")
    assert not arrived.is_signed


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff" * 100])
def test_a_body_hash_is_that_of_the_octets(server, body):
    for mode in ("auto", "always"):
        auth = OAuth1(CLIENT, TOKEN, body_hash=mode, signature_method=HMAC_SHA256)
        arrived = sent(server, auth, "POST", "/r", data=body, **typed(JSON))
        found = arrived.verified(accept=(HMAC_SHA256,), require_body_hash=True)
        assert ("oauth_body_hash", body_hash(body, "sha256")) in found.protocol_parameters


@pytest.mark.parametrize("options", [{"data": {"a": "1"}}, {"data": generate(b"x")}, {"data": io.BytesIO(b"x")}])
def test_where_there_can_be_no_body_hash_there_is_none_or_an_error(server, options):
    assert "oauth_body_hash" not in dict(
        sent(server, OAuth1(CLIENT, TOKEN, body_hash="auto"), "POST", "/r", **options).parsed.protocol_parameters
    )
    with pytest.raises(SigningError, match="hash"):
        sent(server, OAuth1(CLIENT, TOKEN, body_hash="always"), "POST", "/r", **options)
    assert server.requests == []


def test_what_cannot_be_signed_is_not_sent(server):
    for auth, url, error in [
        (OAuth1(CLIENT, signature_method=PLAINTEXT), "http://api.example/", InsecureEndpoint),
        (OAuth1(CLIENT), server.origin + "/?oauth_nonce=x", SigningError),
        (OAuth1(CLIENT, placement="query"), server.origin + "/?oauth_nonce=x", SigningError),
    ]:
        with session_with(auth) as session, pytest.raises(error):
            session.get(url)
    assert server.requests == []


@pytest.mark.parametrize("options", [{"placement": "body"}, {"body_hash": "on"}])
def test_an_option_that_does_not_exist_is_refused(options):
    with pytest.raises(SigningError):
        OAuth1(CLIENT, **options)


def test_a_response_can_be_pickled(server):
    with session_with(OAuth1(CLIENT, TOKEN)) as session:
        response = pickle.loads(pickle.dumps(session.get(server.origin + "/r")))
    assert response.status_code == 200
    assert response.request.headers["Authorization"].startswith("OAuth ")
    [hook] = response.request.hooks["response"]
    assert hook(response, stream=True) is response


def test_an_answer_shows_the_request_that_it_answers(server):
    with session_with(OAuth1(CLIENT, TOKEN)) as session:
        response = session.get(server.origin + "/r")
    assert response.request.headers["Authorization"] == dict(server.requests[0].fields)["Authorization"]


@both_adapters
@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_one_hour_wrong_heals_in_one_retry(server, adapter, placement, hours):
    def make(clock):
        session = session_with(OAuth1(CLIENT, TOKEN, placement=placement, clock=clock), adapter=adapter)

        def send():
            with session:
                return session.post(server.origin + "/r?q=1", data={"a": "1"}).status_code

        return send

    heals(server, hours, make)


@both_adapters
def test_a_clock_heals_all_requests_of_many_threads(server, adapter):
    def make(clock):
        session = session_with(OAuth1(CLIENT, TOKEN, clock=clock), adapter=adapter)
        return lambda: session.post(server.origin + "/r", json={}).status_code

    heals_all_that_are_under_way(server, make)


@both_adapters
def test_a_clock_heals_a_request_that_was_redirected(server, adapter):
    def make(clock):
        session = session_with(OAuth1(CLIENT, TOKEN, clock=clock), adapter=adapter)
        return lambda: session.post(server.origin + "/r", json={}).status_code

    heals_where_a_redirect_has_led(server, make)


@both_adapters
def test_a_clock_believes_no_stranger(world, adapter):
    def make(clock):
        session = session_with(OAuth1(CLIENT, TOKEN, clock=clock), adapter=adapter)
        return lambda: session.post(world.origin.origin + "/r", json={}).status_code

    learns_from_no_stranger(world, make)


@both_adapters
def test_an_answer_tells_of_the_refusal_before_it(server, adapter):
    server.answer = verifying()
    auth = OAuth1(CLIENT, TOKEN, clock=LearningClock(clock=lambda: 1, largest_correction=math.inf))
    with session_with(auth, adapter=adapter) as session:
        response = session.get(server.origin + "/r")
    assert [each.status_code for each in [*response.history, response]] == [401, 200]


def test_an_empty_form_is_led_away_empty(world):
    with session_with(OAuth1(CLIENT, TOKEN, placement="form")) as session:
        empty_form_led_away(world, lambda url: session.post(url, data=b"", **typed(FORM)))


@pytest.mark.parametrize("make", [lambda: io.BytesIO(b"a=1&b=2"), lambda: generate(b"a=1", b"&b=2")])
def test_a_form_that_was_read_is_sent_again_where_a_redirect_leads(server, make):
    server.answer = lambda arrived: (307, [("Location", "/end")] if arrived.target == "/r" else [], b"")
    with session_with(OAuth1(CLIENT, TOKEN)) as session:
        session.post(server.origin + "/r", data=make(), **typed(FORM))
    assert [arrived.body for arrived in server.requests] == [b"a=1&b=2"] * 2
    every_attempt_has_its_own_nonce(server, 2)


@both_adapters
def test_a_body_that_is_used_up_is_not_sent_again_but_the_clock_has_learnt(server, adapter):
    def make(clock):
        session = session_with(OAuth1(CLIENT, TOKEN, clock=clock), adapter=adapter)
        return lambda: session.post(server.origin + "/r", data=generate(b"x")).status_code

    learns_without_resending(server, make)


def test_oauthlib_behind_a_server_accepts_it():
    with running_oauthlib() as origin:
        for placement in PLACEMENTS:
            with session_with(OAuth1(CLIENT, TOKEN, placement=placement)) as session:
                assert session.post(origin + "/r?b=2&a=%20", data={"a": "é +"}).status_code == 200
        with session_with(None) as session:
            assert refused_by_oauthlib(lambda client: session.get(origin, auth=OAuth1(client, TOKEN)).status_code)


@both_adapters
def test_a_redirect_with_a_protocol_parameter_of_the_servers_own_is_not_signed_over(server, adapter):
    server.answer = lambda arrived: (302, [("Location", "/end?oauth_nonce=x")], b"")
    with session_with(OAuth1(CLIENT, TOKEN), adapter=adapter) as session, pytest.raises(SigningError):
        session.get(server.origin + "/r")
    assert len(server.requests) == 1


@both_adapters
@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("is_same", [True, False], ids=["same origin", "other port"])
def test_no_redirect_carries_a_password_from_netrc_beside_protocol_parameters(
    world, adapter, placement, is_same, tmp_path, monkeypatch
):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login jane password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    world.reset()
    end = world.origin if is_same else world.other_port
    world.origin.answer = lambda arrived: (
        307,
        [("Location", end.origin + "/end")] * ("/end" not in arrived.target),
        b"",
    )
    with session_with(OAuth1(CLIENT, TOKEN, placement=placement), adapter=adapter) as session:
        session.trust_env = True
        session.post(world.origin.origin + "/r", data={"a": "1"})
    last = end.requests[-1]
    assert last.is_signed is is_same
    assert ("Basic" in str(last.fields)) is not is_same, "requests does that where nothing of ours is"


def test_a_prepared_request_that_is_sent_twice_without_the_adapter_is_an_error(server):
    with session_with(OAuth1(CLIENT, TOKEN), adapter=False) as session:
        request = session.prepare_request(requests.Request("GET", server.origin + "/r"))
        session.send(request)
        with pytest.raises(SigningError, match="sent twice with the same nonce: mount OAuth1Adapter"):
            session.send(request)


@pytest.mark.parametrize(
    "url",
    [
        "https://h.example/", "https://h.example", "http://H.example:80/a?b=c&d", "http://h.example/a?", "http://h.example/?",
        "http://h.example//a//b", "http://u:p@h.example/a", "http://h.example/a#b?c", "http://h.example?a", "http://[::1]:8080/a",
        "http://h.example/%7e%zz?x=[1]'\"", "http://h.example/a?#", "http://h.example/é?ü",
    ],
)  # fmt: skip
def test_a_url_that_is_taken_as_it_stands_is_what_requests_sends(url):
    """The careful way, of requests' own functions, gives the same of each."""
    request = requests.Request("GET", url).prepare()
    parts = urllib.parse.urlsplit(request.url)
    sent = requests.adapters.HTTPAdapter().request_url(request, None)
    assert as_sent(request)[1] == f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{sent}"


@pytest.mark.parametrize("retries", [0, 2])
def test_an_adapter_below_sees_the_signed_request_and_what_it_adds_is_sent(server, retries):
    seen = []

    class Tracing(requests.adapters.HTTPAdapter):
        def send(self, request, **kwargs):
            seen.append(request.headers["Authorization"])
            request.headers["X-Trace"] = "1"
            return super().send(request, **kwargs)

    class Both(OAuth1Adapter, Tracing):
        pass

    server.answer = busy(retries)
    adapter = Both(max_retries=urllib3.Retry(3, status_forcelist=[503]))
    with session_with(OAuth1(CLIENT, TOKEN), adapter=adapter) as session:
        session.get(server.origin + "/r")
    assert seen == [dict(server.requests[0].fields)["Authorization"]]
    assert [dict(arrived.fields)["X-Trace"] for arrived in server.requests] == ["1"] * (retries + 1)
    every_attempt_has_its_own_nonce(server, retries + 1)


@both_adapters
@pytest.mark.parametrize("clock", [time.time, LearningClock()], ids=["time", "LearningClock"])
def test_deep_copies_sign_and_pickles_of_credentials_are_refused(server, adapter, clock):
    auth = copy.deepcopy(OAuth1(CLIENT, TOKEN, clock=clock))
    server.answer = lambda arrived: (302, [("Location", "/end")] if arrived.target == "/r" else [], b"")
    with session_with(auth, adapter=adapter) as original, copy.deepcopy(original) as session:
        request = session.prepare_request(requests.Request("GET", server.origin + "/r"))
        response = session.send(copy.deepcopy(request))
        assert copy.deepcopy(response.request).headers == response.request.headers
        assert copy.deepcopy(request.hooks) == request.hooks
    every_attempt_has_its_own_nonce(server, 2)
    for each in (auth, original):
        with pytest.raises(TypeError, match="secret"):
            pickle.dumps(each)


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_to_where_another_adapter_is_mounted_carries_nothing(world, placement, status):
    world.reset()
    world.tls.answer = lambda arrived: (status, [("Location", world.origin.origin + "/end")], b"")
    with session_with(OAuth1(CLIENT, TOKEN, placement=placement), world, adapter=False) as session:
        session.mount("https://", OAuth1Adapter())
        session.post(world.tls.origin + "/r", data={"a": "1"})
    assert (world.tls.requests[0].is_signed, world.origin.requests[0].is_signed) == (True, False)


@both_adapters
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_redirect_after_the_clock_has_learnt_carries_nothing_elsewhere(world, adapter, placement):
    world.reset()
    refusals = iter([(401, [("Date", "Mon, 23 Nov 2026 17:35:18 GMT")], b"")])
    away = (307, [("Location", world.other_host.origin + "/end")], b"")
    world.origin.answer = lambda arrived: next(refusals, away)
    auth = OAuth1(CLIENT, TOKEN, placement=placement, clock=LearningClock(clock=lambda: 1, largest_correction=math.inf))
    with session_with(auth, adapter=adapter) as session:
        assert session.post(world.origin.origin + "/r", data={"a": "1"}).status_code == 200
    assert [arrived.is_signed for arrived in world.origin.requests] == [True, True]
    assert [arrived.is_signed for arrived in world.other_host.requests] == [False]


def test_a_prepared_request_that_was_led_away_is_signed_when_it_is_sent_again(world):
    world.reset()
    world.origin.answer = lambda arrived: (302, [("Location", world.other_host.origin + "/end")], b"")
    with session_with(OAuth1(CLIENT, TOKEN)) as session:
        request = session.prepare_request(requests.Request("GET", world.origin.origin + "/r"))
        session.send(request)
        session.send(request)
    every_attempt_has_its_own_nonce(world.origin, 2)
    assert not any(arrived.is_signed for arrived in world.other_host.requests)


def test_the_answer_of_an_adapter_that_asks_no_server_is_left_as_it_is():
    """A test's own, for example, which teaches no clock."""

    class Canned(requests.adapters.BaseAdapter):
        def send(self, request, **options):
            sent.append(request)
            response = requests.Response()
            response.status_code, response.request, response.url = 401, request, request.url
            response.raw = io.BytesIO(b"oauth_problem=timestamp_refused&oauth_acceptable_timestamps=2-4")
            return response

        def close(self):
            pass

    sent, clock = [], LearningClock(clock=lambda: 1, largest_correction=math.inf)
    with requests.Session() as session:
        session.mount("http://", Canned())
        response = session.get("http://h.example/r", auth=OAuth1(CLIENT, TOKEN, clock=clock))
    assert (response.status_code, len(sent), clock()) == (401, 1, 1)
    assert response.content.startswith(b"oauth_problem=timestamp_refused")


def test_the_pools_of_a_proxy_sign_each_attempt_too():
    adapter = OAuth1Adapter()
    manager = adapter.proxy_manager_for("http://127.0.0.1:1")
    kinds = manager.pool_classes_by_scheme
    assert adapter.proxy_manager_for("http://127.0.0.1:1").pool_classes_by_scheme == kinds
    assert all(isinstance(manager.connection_from_url(each + "://h/"), kinds[each]) for each in ("http", "https"))
