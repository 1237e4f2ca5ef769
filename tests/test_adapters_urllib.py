"""OAuth 1.0a for urllib: one header is added, and each sending and redirect is signed."""

import copy
import io
import math
import pickle
import time
import urllib.error
import urllib.request

import pytest

from oauth1_core import HMAC_SHA256, PLAINTEXT, InsecureEndpoint, SigningError, body_hash
from oauth1_core.adapters.clock import LearningClock
from oauth1_core.adapters.urllib import OAuth1
from tests.support.amount import ALL
from tests.support.http_clients import (
    CLIENT,
    FORM,
    JSON,
    PLACEMENTS,
    QUERIES,
    TOKEN,
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
    verifying,
)


def opener_of(auth, world=None):
    handlers = [urllib.request.ProxyHandler({}), *([auth] if auth else [])]
    if world:
        handlers.append(urllib.request.HTTPSHandler(context=world.context))
    return urllib.request.build_opener(*handlers)


def send(auth, url, data=None, world=None, **options):
    """Return status and body."""
    request = urllib.request.Request(url, data, **options)
    try:
        with opener_of(auth, world).open(request, timeout=30) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def sent(server, auth, target, *args, **options):
    assert send(auth, server.origin + target, *args, **options)[0] == 200
    return server.requests.pop()


def typed(data, media_type):
    return {"data": data, "headers": {"Content-Type": media_type}}


BODIES = {
    "none": (dict, True),
    "none, but POST": (lambda: {"method": "POST"}, True),
    "JSON": (lambda: typed(b'{"a": [1]}', JSON), True),
    "JSON that looks like a form": (lambda: typed(b"a=1&b=2", JSON), True),
    "multipart": (lambda: typed(b"--b\r\n\r\n\xff\0&=%\r\n--b--\r\n", "multipart/form-data; boundary=b"), True),
    "octets": (lambda: typed(bytes(range(256)) * 300, "image/png"), True),
    "octets in an array": (lambda: typed(bytearray(b"\0\xff" * 50000), "image/png"), True),
    "file": (lambda: typed(io.BytesIO(b"\0\xff" * 50000), "image/png"), True),
    "generator": (lambda: typed(generate(b"a=", b"1", b"\xff" * 70000), "image/png"), True),
    "form": (lambda: {"data": b"a=1&a=%C3%A9+%2B&b="}, True),
    "empty form": (lambda: {"data": b""}, True),
    "form in upper case with a charset": (lambda: typed(b"a=1&b=%c3%a9+", FORM.upper() + " ; charset=UTF-8"), False),
    "form with raw characters": (lambda: {"data": b"a[]=1|\xc3\xa9"}, False),
    "form from a file": (lambda: {"data": io.BytesIO(b"a=1&b")}, True),
    "form from a file of known length": (
        lambda: {"data": io.BytesIO(b"a=1&b"), "headers": {"Content-Length": "5"}},
        True,
    ),
    "form from a generator": (lambda: {"data": generate(b"a=", b"1&b")}, True),
    "form from a list": (lambda: {"data": [b"a=", b"1&b"]}, True),
}
# urllib sends no character outside ASCII.
ASCII_QUERIES = {name: row for name, row in QUERIES.items() if row[0].isascii()}


@pytest.mark.parametrize("target, oauthlib_reads", ASCII_QUERIES.values(), ids=ASCII_QUERIES.keys())
def test_the_target_arrives_as_it_would_unsigned_and_verifies(server, target, oauthlib_reads):
    plain = sent(server, None, target)
    same_but_signed(plain, sent(server, OAuth1(CLIENT, TOKEN), target), oauthlib_reads)
    placed(plain, sent(server, OAuth1(CLIENT, TOKEN, placement="query"), target), "query", oauthlib_reads)


@pytest.mark.parametrize("name", BODIES)
def test_the_body_arrives_as_it_would_unsigned_and_verifies(server, name):
    make, oauthlib_reads = BODIES[name]
    plain = sent(server, None, "/r?q=1", **make())
    signed = sent(server, OAuth1(CLIENT, TOKEN), "/r?q=1", **make())
    same_but_signed(plain, signed, oauthlib_reads, is_streamed_form="form from" in name)


@pytest.mark.parametrize("name", ["form", "empty form", "form from a file of known length", "form from a generator"])
@pytest.mark.parametrize("placement", ["form", "query"])
def test_the_parameters_can_go_into_form_or_query(server, placement, name):
    make, _ = BODIES[name]
    plain = sent(server, None, "/r?q=1", **make())
    placed(plain, sent(server, OAuth1(CLIENT, TOKEN, placement=placement), "/r?q=1", **make()), placement)


def test_a_request_without_a_form_is_signed_in_its_header(server):
    for options in ({}, typed(b"{}", JSON)):
        arrived = sent(server, OAuth1(CLIENT, TOKEN, placement="form"), "/r", **options)
        assert dict(arrived.fields)["Authorization"].startswith("OAuth ")


@pytest.mark.parametrize("status, name, placement", **redirects([301, 302, 303]))
def test_a_redirect_is_signed_afresh_or_not_at_all(world, status, name, placement):
    auth = OAuth1(CLIENT, TOKEN, placement=placement)
    redirected(world, lambda url: send(auth, url, b"a=1&b=+", world), status, name)


@pytest.mark.parametrize("status, name, placement", **redirects([307, 308]))
def test_a_redirect_that_keeps_the_method_is_followed_without_a_body_only(world, status, name, placement):
    auth = OAuth1(CLIENT, TOKEN, placement=placement)
    redirected(world, lambda url: send(auth, url, world=world), status, name, keeps_body=False)
    world.reset()
    world.origin.answer = lambda arrived: (status, [("Location", world.origin.origin + "/end")], b"")
    assert send(auth, world.origin.origin + "/start", b"a=1")[0] == status
    assert len(world.origin.requests) == 1


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_who_has_left_the_origin_is_not_signed_when_coming_back(world, placement):
    round_trip(world, lambda url: send(OAuth1(CLIENT, TOKEN, placement=placement), url), world.other_host)


def test_a_request_of_another_redirect_handler_is_not_signed(server):
    request = urllib.request.Request(server.origin + "/r", unverifiable=True)
    with opener_of(OAuth1(CLIENT, TOKEN)).open(request):
        assert not server.requests[0].is_signed


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_every_attempt_has_its_own_nonce(server, placement):
    """urllib has no retries: who opens a request again has a new one, and the request is as it was."""
    opener = opener_of(OAuth1(CLIENT, TOKEN, placement=placement))
    request = urllib.request.Request(server.origin + "/r", b"a=1")
    times = 1000 if ALL else 20
    for _ in range(times):
        opener.open(request).close()
    every_attempt_has_its_own_nonce(server, times)
    assert (request.full_url, request.data) == (server.origin + "/r", b"a=1")
    assert "oauth_" not in str(request.header_items())


def test_through_a_proxy_the_request_is_that_of_the_origin(server):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": server.origin}), OAuth1(CLIENT, TOKEN))
    opener.open("http://api.example/r?a=1").close()
    [arrived] = server.requests
    arrived.uri = arrived.target
    assert arrived.verified().uri == "http://api.example/r?a=1"


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_one_hour_wrong_heals_in_one_retry(server, placement, hours):
    def make(clock):
        auth = OAuth1(CLIENT, TOKEN, placement=placement, clock=clock)
        return lambda: send(auth, server.origin + "/r?q=1", b"a=1")[0]

    heals(server, hours, make)


def test_a_clock_heals_all_requests_of_many_threads_and_those_that_were_redirected(server):
    def make(clock):
        auth = OAuth1(CLIENT, TOKEN, clock=clock)
        return lambda: send(auth, server.origin + "/r", b"a=1")[0]

    heals_all_that_are_under_way(server, make)
    heals_where_a_redirect_has_led(server, make)


def test_a_clock_believes_no_stranger(world):
    def make(clock):
        return lambda: send(OAuth1(CLIENT, TOKEN, clock=clock), world.origin.origin + "/r", b"a=1")[0]

    learns_from_no_stranger(world, make)


def test_a_refusal_that_teaches_nothing_can_be_read(server):
    server.answer = lambda arrived: (401, [], b"why")
    assert send(OAuth1(CLIENT, TOKEN, clock=LearningClock()), server.origin) == (401, b"why")


def test_the_second_sending_has_the_timeout_of_the_first(server):
    class Noting(urllib.request.BaseHandler):
        def http_request(self, request):
            timeouts.append(request.timeout)
            return request

    timeouts, server.answer = [], verifying()
    opener = opener_of(OAuth1(CLIENT, TOKEN, clock=LearningClock(clock=lambda: 1, largest_correction=math.inf)))
    opener.add_handler(Noting())
    opener.open(server.origin, timeout=17).close()
    assert timeouts == [17, 17]


def test_the_host_field_is_what_is_signed(server):
    """RFC 5849 section 3.4.1: "the authority as declared by the HTTP "Host" request header field"."""
    options = {"headers": {"Host": "virtual.example:81"}}
    arrived = sent(server, OAuth1(CLIENT, TOKEN), "/r", **options)
    assert arrived.verified().base_string.startswith("GET&http%3A%2F%2Fvirtual.example%3A81%2Fr&")


def test_a_body_that_is_used_up_is_not_sent_again_but_the_clock_has_learnt(server):
    def make(clock):
        return lambda: send(OAuth1(CLIENT, TOKEN, clock=clock), server.origin + "/r", generate(b"a=1"))[0]

    learns_without_resending(server, make)


def test_oauthlib_behind_a_server_accepts_it():
    with running_oauthlib() as origin:
        for placement in PLACEMENTS:
            assert send(OAuth1(CLIENT, TOKEN, placement=placement), origin + "/r?b=2&a=%20", b"a=%C3%A9+")[0] == 200
        assert refused_by_oauthlib(lambda client: send(OAuth1(client, TOKEN), origin)[0])


def test_a_realm(server):
    auth = OAuth1(CLIENT, TOKEN, realm="Photos")
    for each, realm in ((auth, "Photos"), (auth.with_realm("Other"), "Other")):
        header = dict(sent(server, each, "/r").fields)["Authorization"]
        assert header.startswith('OAuth realm="{}", oauth_consumer_key='.format(realm))


def test_an_authorization_header_of_the_caller_is_replaced(server):
    arrived = sent(server, OAuth1(CLIENT, TOKEN), "/r", headers={"Authorization": "Bearer x"})
    assert [value[:6] for name, value in arrived.fields if name == "Authorization"] == ["OAuth "]


def test_nor_does_it_follow_a_redirect(world):
    world.reset()
    world.origin.answer = lambda arrived: (302, [("Location", world.other_host.origin)], b"")
    send(OAuth1(CLIENT, TOKEN), world.origin.origin, headers={"Authorization": "Bearer x"})
    assert "Authorization" not in dict(world.other_host.requests[0].fields)


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff" * 100])
def test_a_body_hash_is_that_of_the_octets(server, body):
    for mode in ("auto", "always"):
        auth = OAuth1(CLIENT, TOKEN, body_hash=mode, signature_method=HMAC_SHA256)
        found = sent(server, auth, "/r", **typed(body, JSON)).verified(accept=(HMAC_SHA256,), require_body_hash=True)
        assert ("oauth_body_hash", body_hash(body, "sha256")) in found.protocol_parameters


@pytest.mark.parametrize("make", [lambda: {"data": b"a=1"}, lambda: typed(generate(b"x"), JSON)])
def test_where_there_can_be_no_body_hash_there_is_none_or_an_error(server, make):
    arrived = sent(server, OAuth1(CLIENT, TOKEN, body_hash="auto"), "/r", **make())
    assert "oauth_body_hash" not in dict(arrived.parsed.protocol_parameters)
    with pytest.raises(SigningError, match="hash"):
        send(OAuth1(CLIENT, TOKEN, body_hash="always"), server.origin + "/r", **make())
    assert server.requests == []


def test_what_cannot_be_signed_is_not_sent(server):
    for auth, url, error in [
        (OAuth1(CLIENT, signature_method=PLAINTEXT), "http://api.example/", InsecureEndpoint),
        (OAuth1(CLIENT), server.origin + "/?oauth_nonce=x", SigningError),
        (OAuth1(CLIENT, placement="query"), server.origin + "/?oauth_nonce=x", SigningError),
    ]:
        with pytest.raises(error):
            send(auth, url)
    assert server.requests == []


@pytest.mark.parametrize("clock", [time.time, LearningClock()], ids=["time", "LearningClock"])
def test_deep_copies_sign_and_pickles_are_refused(server, clock):
    auth = copy.deepcopy(OAuth1(CLIENT, TOKEN, clock=clock))
    urllib.request.build_opener(urllib.request.ProxyHandler({}), auth).open(server.origin + "/r").close()
    server.requests[0].verified()
    with pytest.raises(TypeError, match="secret"):
        pickle.dumps(auth)
