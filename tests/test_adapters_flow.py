"""A login with each known provider, and whatever else a token endpoint may answer; the signatures are oauthlib's to
verify. ``tests/nexmo/test_playing.py`` logs in to each provider through each HTTP client.
"""

import asyncio
import contextlib
import gzip
import http.client
import importlib
import itertools
import socket
import threading
import time
import urllib.error
import urllib.request
from email.utils import formatdate

import aiohttp
import httpx
import httpx2
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from oauth1_core import (
    PLAINTEXT,
    AuthorizationDenied,
    AuthorizationError,
    AuthorizationFlow,
    CallbackMismatch,
    CallbackNotConfirmed,
    ClientCredentials,
    InsecureEndpoint,
    MalformedRequest,
    Plaintext,
    Provider,
    RsaSha1,
    SigningError,
    TemporaryCredentials,
    TokenCredentials,
    TokenRequestRefused,
    percent_encode,
    problem_report,
    providers,
)
from oauth1_core.adapters import flow
from oauth1_core.adapters.clock import LearningClock
from oauth1_core.adapters.cryptography import rsa_from_pem
from tests.support.http_clients import CLIENT, TOKEN, Server, running
from tests.support.played_provider import CONSUMER, CONSUMER_SECRET, PLAYED, PlayedProvider, press

CALLBACK = "http://client.example.net/cb?state=a%20b"
PRESETS = {
    **providers.KNOWN,
    "magento": providers.magento("https://shop.example.net/shop/"),
    "jira": providers.jira("https://jira.example.net/jira"),
    "wordpress": providers.wordpress("https://blog.example.net/blog"),
}


class Client:
    """One HTTP client: its adapter, and whether it is awaited; what is awaited is run here."""

    def __init__(self, library, is_async):
        self.library = importlib.import_module(library) if library != "urllib" else None
        self.adapter = importlib.import_module("oauth1_core.adapters." + library)
        self.name, self.is_async = library, is_async

    def login(self, step, *args, http=None, **options):
        """Run one step of a flow: (step, its arguments); ``http`` makes a client of the caller's own."""

        async def awaited():
            session = None if http is None else http()
            try:
                return await getattr(self.adapter.AsyncFlow(*args[0], http=session, **options), step)(*args[1:])
            finally:
                if session is not None:
                    await (session.close if self.name == "aiohttp" else session.aclose)()

        if self.is_async:
            return asyncio.run(awaited())
        return getattr(self.adapter.Flow(*args[0], http=http and http(), **options), step)(*args[1:])

    def get(self, uri, auth):
        async def by_aiohttp():
            async with aiohttp.ClientSession(middlewares=[auth]) as session, session.get(uri) as response:
                return await response.read()

        async def by_httpx():
            async with self.library.AsyncClient(auth=auth, verify=False) as session:  # to loopback, without TLS
                return (await session.get(uri)).content

        if self.name == "urllib":
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), auth)
            with opener.open(uri, timeout=30) as response:
                return response.read()
        if self.name == "aiohttp":
            return asyncio.run(by_aiohttp())
        return asyncio.run(by_httpx()) if self.is_async else self.library.get(uri, auth=auth, verify=False).content


CLIENTS = {
    "httpx": Client("httpx", False), "httpx, awaited": Client("httpx", True),
    "httpx2": Client("httpx2", False), "httpx2, awaited": Client("httpx2", True),
    "requests": Client("requests", False), "urllib": Client("urllib", False), "aiohttp": Client("aiohttp", True),
}  # fmt: skip
# Which client a provider is tried with here; tests/nexmo/test_playing.py tries all.
in_turn = pytest.mark.parametrize("like, client", [*zip(PLAYED, itertools.cycle(CLIENTS.values()))], ids=PLAYED)
every_client = pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
simple_client = CLIENTS["urllib"]


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def running_server():
    server = Server()
    with running(server):
        yield server


@pytest.fixture
def server(running_server):
    running_server.reset()
    return running_server


class Played:
    """A provider that is played, and what a client needs for it."""

    def __init__(self, server, like, key, **facts):
        self.played = PlayedProvider(server, like, key, **facts)
        self.provider = self.played.moved(PRESETS[like])
        self.credentials = ClientCredentials(CONSUMER, self.played.facts["secret"])
        self.options = {}
        if self.provider.signature_method == "RSA-SHA1":
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            self.options["signature_method"] = rsa_from_pem(RsaSha1, pem)
        self.who = (self.provider, self.credentials)
        wanted = self.played.facts["callback"]
        self.callback = {"absent": None, "oob": "oob", "required": CALLBACK}[wanted]

    def begin(self, client):
        temporary = client.login("temporary_credentials", self.who, self.callback, **self.options)
        flow = simple_client.adapter.Flow(*self.who, **self.options)
        # By way of JSON: another process may finish the login.
        again = TemporaryCredentials.from_dict(temporary.to_dict())
        assert (again, again.extra) == (temporary, temporary.extra)
        return again, flow.authorization_uri(again, scope="read write")

    def finish(self, client, temporary, verifier):
        return client.login("token_credentials", self.who, temporary, verifier, **self.options)


@in_turn
def test_a_login_with_each_known_provider_ends_in_a_token_that_works(server, key, like, client):
    played = Played(server, like, key)
    temporary, uri = played.begin(client)
    assert uri.endswith("&scope=read%20write")
    came_back = press(uri, "approve")
    token = played.finish(client, temporary, came_back if played.callback else None)
    assert token == TokenCredentials("token/1", "token+secret")
    assert TokenCredentials.from_dict(token.to_dict()) == token
    options = dict(played.options) or {"signature_method": simple_client.adapter.Flow(*played.who).signature_method}
    auth = client.adapter.OAuth1(
        played.credentials, token, realm=played.provider.realm, placement=played.provider.placement, **options
    )
    assert client.get(server.origin + "/resource", auth) == b"hello"
    names = [arrived.target.partition("?")[0] for arrived in server.requests]
    assert len(names) == 4, "each step is one request"


@in_turn
def test_a_refusal_by_the_resource_owner_is_told_apart_with_each_known_provider(server, key, like, client):
    played = Played(server, like, key)
    temporary, uri = played.begin(client)
    came_back = press(uri, "deny")
    if came_back == "denied":
        # A page says so; nobody comes back, and no code is shown.
        with pytest.raises(TokenRequestRefused) as refused:
            played.finish(client, temporary, None if like == "launchpad" else "a guess")
        assert refused.value.problem == "token_rejected"
        return
    expected = CallbackMismatch if like == "tumblr" else AuthorizationDenied
    with pytest.raises(expected, match="resource owner"):
        played.finish(client, temporary, came_back)
    assert len(server.requests) == 2, "nothing is asked for after a refusal"


@every_client
def test_a_wrong_secret_shows_the_words_of_the_provider(server, key, client):
    played = Played(server, "x", key)
    who = (played.provider, ClientCredentials(CONSUMER, "wrong-secret"))
    with pytest.raises(TokenRequestRefused) as caught:
        client.login("temporary_credentials", who, CALLBACK)
    error = caught.value
    assert (error.status, error.problem) == (401, "signature_invalid")
    assert error.advice == "the verifier of the signature says no"
    words = "http://127.0.0.1:{} answered 401: signature_invalid, the verifier of the signature says no"
    assert str(error) == words.format(server.server_address[1])
    assert error.excerpt.startswith("oauth_problem=signature_invalid")
    assert error.parameters == {"oauth_problem": error.problem, "oauth_problem_advice": error.advice}


def test_a_code_may_be_pasted_with_white_space(server, key):
    played = Played(server, "x", key)
    played.callback = "oob"
    temporary, uri = played.begin(simple_client)
    code = press(uri, "approve")
    assert played.finish(simple_client, temporary, " " + code + "\r\n").identifier == "token/1"


def test_path_and_query_are_enough_of_what_came_back(server, key):
    played = Played(server, "x", key)
    temporary, uri = played.begin(simple_client)
    path = press(uri, "approve").partition("client.example.net")[2].partition("#")[0]
    assert played.finish(simple_client, temporary, path).identifier == "token/1"


def test_protocol_parameters_of_an_extension_are_signed_and_sent(server, key):
    played = Played(server, "x", key)
    flow = simple_client.adapter.Flow(*played.who)
    flow.temporary_credentials(CALLBACK, protocol_parameters=[("x_auth_access_type", "read")])
    assert 'x_auth_access_type="read"' in dict(server.requests[0].fields)["Authorization"]


def test_protocol_parameters_may_stand_in_the_form(server, key):
    played = Played(server, "x", key, placement="form")
    values = dict(played.provider.to_dict(), placement="form")
    played.who = (Provider.from_dict(values), played.credentials)
    for client in CLIENTS.values():
        temporary, uri = played.begin(client)
        assert played.finish(client, temporary, press(uri, "approve")).identifier == "token/1"
        assert dict(server.requests[-1].fields)["Content-Type"] == "application/x-www-form-urlencoded"


# What a provider leaves out has to be allowed, each thing by its word.

LEFT_OUT = {
    "unconfirmed-callback": ({"confirmation": ""}, CallbackNotConfirmed),
    "no-callback": ({"callback": "absent"}, SigningError),
    "no-verifier": ({"verifier": False}, AuthorizationError),
    "no-token-secret": ({"token_secret": False}, TokenRequestRefused),
}


@pytest.mark.parametrize("word", LEFT_OUT)
def test_what_a_provider_leaves_out_is_refused_unless_its_word_is_allowed(server, key, word):
    facts, error = LEFT_OUT[word]
    played = Played(server, "x", key, **facts)
    strict = played.provider

    def login():
        temporary, uri = played.begin(simple_client)
        came_back = press(uri, "approve")
        return played.finish(simple_client, temporary, came_back if played.callback else "code 1/+")

    with pytest.raises(error):
        login()
    played.who = (Provider.from_dict(dict(strict.to_dict(), allow=[word])), played.credentials)
    assert login() == TokenCredentials("token/1", "token+secret" if word != "no-token-secret" else "")
    for other in set(LEFT_OUT) - {word}:
        played.who = (Provider.from_dict(dict(strict.to_dict(), allow=[other])), played.credentials)
        with pytest.raises((AuthorizationError, SigningError)):
            login()


def test_a_confirmation_that_is_not_true_is_none(server, key):
    """Mautic sends 1."""
    played = Played(server, "x", key, confirmation="&oauth_callback_confirmed=1")
    with pytest.raises(CallbackNotConfirmed):
        played.begin(simple_client)


def test_plaintext_in_clear_is_allowed_by_its_word_only():
    uris = ["http://maas.example.net:5240/MAAS/" + end for end in ("request", "authorize", "access")]
    for options in ({}, {"signature_method": "PLAINTEXT"}, {"signature_method": "PLAINTEXT", "allow": ["no-verifier"]}):
        with pytest.raises(InsecureEndpoint):
            Provider(*uris, **options)
    with pytest.raises(SigningError, match="needs the signature method PLAINTEXT"):
        Provider(*uris, allow=["plaintext-in-clear"])
    provider = Provider(*uris, signature_method="PLAINTEXT", allow=["plaintext-in-clear"])
    flow = simple_client.adapter.Flow(provider, ClientCredentials("c", "s"))
    assert flow.signature_method.in_clear is True
    method, uri, headers, body = next(flow.request_temporary_credentials("oob", []))
    assert (method, uri, body) == ("POST", uris[0], b"")
    assert 'oauth_signature="s%26"' in dict(headers)["Authorization"]
    strict = simple_client.adapter.Flow(provider, ClientCredentials("c", "s"), signature_method=PLAINTEXT)
    with pytest.raises(InsecureEndpoint):
        next(strict.request_temporary_credentials("oob", []))
    assert repr(flow.signature_method) == "Plaintext(in_clear=True)"
    assert repr(Plaintext()) == "PLAINTEXT"


# Whatever a token endpoint answers.

SECRET = "temporary/secret&"
HIDDEN = "hidden/secret"
ODD = {
    "JSON that refuses": (401, [], b'{"errors":[{"code":32,"message":"Could not authenticate you."}]}', "authenticate"),
    "HTML": (200, [], b"<!doctype html><title>Sign in</title>", "Sign in"),
    "nothing": (200, [], b"", ""),
    "nothing, and 500": (500, [], b"", ""),
    "a problem with status 200": (200, [], b"oauth_problem=token_rejected", "token_rejected"),
    "a problem in a challenge": (401, [("WWW-Authenticate", 'OAuth oauth_problem="token_used"')], b"", ""),
    "JSON with credentials": (200, [], b'{"oauth_token":"t","oauth_token_secret" : "hidden/secret"}', '"t"'),
    "XML with credentials": (200, [], b"<oauth_token_secret>hidden/secret</oauth_token_secret>", "***</oauth"),
    "credentials without an identifier": (200, [], b"oauth_token_secret=hidden%2Fsecret", "oauth_token_secret=***"),
    "octets that are no text": (400, [], b"\xff\x1b[2J\0", "\ufffd\\x1b[2J\\x00"),
    "our secrets": (401, [], ("<{}> {}".format(CONSUMER_SECRET, percent_encode(SECRET))).encode(), "<***> ***"),
    "prose about secrets": (401, [], b"oauth_token_secret is missing; the verifier", "is missing; the verifier"),
    "a redirect": (302, [("Location", "/elsewhere")], b"moved", "moved"),
    "a redirect that keeps the method": (307, [("Location", "/elsewhere")], b"", ""),
}  # fmt: skip


@every_client
@pytest.mark.parametrize("name", ODD)
def test_whatever_a_provider_answers_gives_an_error_that_says_what_it_was(server, key, client, name):
    status, fields, body, words = ODD[name]
    played = Played(server, "x", key)
    server.answer = lambda arrived: (status, fields, body)
    temporary = TemporaryCredentials("t", SECRET)
    for step, args in (("temporary_credentials", (CALLBACK,)), ("token_credentials", (temporary, "code"))):
        with pytest.raises(TokenRequestRefused) as caught:
            client.login(step, played.who, *args)
        error = caught.value
        assert error.status == status
        if not (name == "our secrets" and step == "temporary_credentials"):
            assert words in error.excerpt and (words or not error.excerpt)
        assert error.excerpt.isprintable() and len(error.excerpt) <= 200
        everything = str(error) + repr(error) + str(vars(error))
        for secret in (CONSUMER_SECRET, percent_encode(CONSUMER_SECRET), HIDDEN, percent_encode(HIDDEN)):
            assert secret not in everything
        assert step == "temporary_credentials" or SECRET not in everything
    assert len(server.requests) == 2, "nothing is followed, and nothing is sent twice"
    if name.startswith("a problem"):
        assert error.problem == ("token_used" if "challenge" in name else "token_rejected")
        assert error.problem in str(error)
    if name.startswith("a redirect"):
        assert "a redirect, which is not followed" in str(error)


@pytest.mark.parametrize(
    "status, body, words",
    [
        (401, b'{"errors":[{"message":"Bad key"}]}', '{"errors":[{"message":"Bad key"}]}'),
        (400, b"Invalid consumer\x1b[2J se+cr/et=", "Invalid consumer\\x1b[2J ***"),
        (500, b"<error>Signature failed</error>", "<error>Signature failed</error>"),
        (401, b"oauth_problem=nonce_used&x=y", "nonce_used"),
        (401, b"x" * 300, "x" * 200),
        (403, b"\r\n <!DOCTYPE html><title>No</title>", "no reason given"),
        (403, b"<HTML><title>No</title>", "no reason given"),
        (400, b"", "no reason given"),
        (202, b"the new token is hidden", "no reason given"),
    ],
)
def test_the_message_of_a_refusal_ends_in_the_words_of_the_reply(status, body, words):
    assert str(refused_with(body, status)) == "https://api.example answered {}: {}".format(status, words)


def refused_with(body, status=401):
    """What is said of a reply, without any HTTP."""
    provider = Provider(*["https://api.example/" + each for each in "123"])
    steps = AuthorizationFlow(provider, ClientCredentials("ck", "se+cr/et=")).request_temporary_credentials("oob", [])
    next(steps)
    with pytest.raises(TokenRequestRefused) as caught:
        steps.send((status, [], body))
    return caught.value


@pytest.mark.parametrize(
    "headers",
    [
        5, None, "Date: today", [("Date",)], [5], [None], {5: "today"}, {"WWW-Authenticate": 5}, [("Date", "a", "b")],
        [(b"WWW-Authenticate", b'OAuth oauth_problem="nonce_used"')], {("a", "b"): "c"},
    ],
)  # fmt: skip
def test_headers_of_a_reply_that_are_not_pairs_of_text_are_refused(headers):
    flow = AuthorizationFlow(PRESETS["x"], ClientCredentials("c", "other"))
    steps = flow.request_temporary_credentials("oob", [])
    next(steps)
    for read in (problem_report, lambda given: flow.refused("https://api.example/1", (401, given, b"")),
                 lambda given: steps.send((401, given, b""))):  # fmt: skip
        with pytest.raises(MalformedRequest, match="headers must be pairs"):
            read(headers)


class Fields:
    def items(self):
        return iter([("www-authenticate", 'OAuth oauth_problem="nonce_used"')])


@pytest.mark.parametrize("headers", [Fields(), dict(Fields().items()), Fields().items(), list(Fields().items())])
def test_headers_of_a_reply_may_be_pairs_or_a_mapping(headers):
    assert problem_report(headers) == {"oauth_problem": "nonce_used"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"m":"{\\"oauth_token_secret\\":\\"TOPHIDDEN\\"}"}', b"&quot;oauth_token_secret&quot;:&quot;TOPHIDDEN&quot;",
        b"<key>oauth_token_secret</key><string>TOPHIDDEN</string>", b'name="oauth_token_secret" value="TOPHIDDEN"',
        b"[oauth_token_secret] => TOPHIDDEN", b's:18:"oauth_token_secret";s:9:"TOPHIDDEN";',
        b'{"oauth_token_secret": ["TOPHIDDEN"]}', b"{'oauth_token_secret': u'TOPHIDDEN'}",
        b"oauth%5Ftoken%5Fsecret=TOPHIDDEN", b"OAUTH_TOKEN_SECRET=TOPHIDDEN", b'{"oauthTokenSecret":"TOPHIDDEN"}',
        "oauth_token_secret=TOPHIDDEN".encode("utf-16"), b"oauth_problem_advice=oauth_token_secret%3DTOPHIDDEN",
        b"oauth_acceptable_TOPHIDDEN=1&oauth_token_secret=TOPHIDDEN", b"oauth_token_secret=TOPHIDDEN&a=TOPHIDDEN",
    ],
)  # fmt: skip
def test_no_spelling_of_an_issued_secret_is_shown(body):
    error = refused_with(body)
    assert "TOPHIDDEN" not in (str(error) + repr(error) + str(vars(error))).replace("\0", "")


@pytest.mark.parametrize("echoed", ["se+cr/et=", "se%2Bcr%2Fet%3D", "se%2bcr%2fet%3d", "se%2Bcr/et%3D", "se+cr\\/et=",
                                    "SE%252BCR%252FET%253D", "se%25252Bcr%25252Fet%25253D"])  # fmt: skip
def test_no_spelling_of_the_clients_secret_is_shown(echoed):
    error = refused_with(b"the key was " + echoed.encode())
    everything = (str(error) + str(vars(error))).lower()
    assert echoed.lower() not in everything and "cr" not in error.excerpt.lower()


@pytest.mark.parametrize(
    "secret, echoed",
    [
        ("<a&b>'c'", "&lt;a&amp;b&gt;&#39;c&#x27;"), ("<a&b>", "\\u003Ca\\u0026b\\u003e"), ("my secret", "my+secret"),
        ("my secret", "My%20Secret"), ("caf\u00e9", "caf\\u00E9"), ("caf\u00e9", "caf&#233;"),
        ("a&b c", "a&amp;amp;b+c"),
        ("key\U0001f511", "key\\ud83d\\udd11"), ('a"b\\c', 'a\\"b\\\\c'), ("a&b<", "a\\\\u0026b\\\\u003c"),
    ],
)  # fmt: skip
def test_a_secret_is_not_shown_as_html_json_or_a_form_spell_it(secret, echoed):
    flow = AuthorizationFlow(PRESETS["x"], ClientCredentials("c", "other"))
    error = flow.refused("https://api.example/1", (401, [], b"the key was " + echoed.encode()), [secret])
    assert error.excerpt in ("", "the key was ***")
    other = flow.refused("https://api.example/1", (401, [], b"&#; &#x0; \\u12 &#9999999999; \\ud83d %"), [secret])
    assert other.excerpt == "&#; &#x0; \\u12 &#9999999999; \\ud83d %"


LONG = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "body",
    [
        "oauth_problem=x&oauth_problem_advice=" + "x" * 4040 + LONG,
        "x" * 5 + LONG * 66,
        "oauth_problem=" + "x" * 65450 + "&oauth_problem_advice=" + LONG,
        "oauth_problem_advice=" + LONG * 1100,
        "oauth_token=a&oauth_token_secret=abcd&oauth_" + LONG + "=%",
    ],
)
def test_a_secret_is_masked_before_anything_is_cut(body):
    flow = AuthorizationFlow(PRESETS["x"], ClientCredentials("c", LONG))
    steps = flow.request_temporary_credentials("oob", [])
    for status in (200, 401):
        steps = flow.request_temporary_credentials("oob", [])
        next(steps)
        with pytest.raises(TokenRequestRefused) as caught:
            steps.send((status, [], body.encode()))
        assert "0123" not in str(caught.value) + str(vars(caught.value))
    error = flow.refused("https://api.example/1", (200, [("Content-Encoding", LONG)], b""))
    assert str(error) == "https://api.example answered 200: encoded as '***', which was not asked for"


WHERE = [
    ("https://evil.example:444/x?a=b", ", to https://evil.example:444"), ("//evil.example/x", ", to https://evil.example"),
    ("/x", ""), ("ftp://evil.example/", ""), ("https://[", ""), (None, ""),
]  # fmt: skip


@pytest.mark.parametrize("location, where", WHERE)
def test_a_refused_redirect_says_where_it_leads(location, where):
    fields = [] if location is None else [("location", location)]
    error = simple_client.adapter.Flow(PRESETS["x"], ClientCredentials("c", "s")).refused(
        "https://api.example/1", (307, fields, b"")
    )
    assert str(error) == "https://api.example answered 307: a redirect, which is not followed" + where


@pytest.mark.parametrize("fields, time", [([], ""), ([("Date", "Mon, 23 Nov 2026 17:35:18 GMT\x1b")], True)])
def test_a_refused_timestamp_says_what_time_it_is_there(fields, time):
    flow = AuthorizationFlow(PRESETS["x"], ClientCredentials("c", "s"))
    error = flow.refused("https://api.example/1", (401, fields, b"oauth_problem=timestamp_refused"))
    end = "; the server's time is Mon, 23 Nov 2026 17:35:18 GMT\\x1b" if time else ""
    assert str(error) == "https://api.example answered 401: timestamp_refused" + end


def test_a_short_secret_mangles_no_words():
    flow = AuthorizationFlow(PRESETS["x"], ClientCredentials("c", "the"))
    body = b"oauth_problem_advice=the+verifier+is+not+that+of+this+token"
    error = flow.refused("https://api.example/1", (401, [], body), ["is", "not"])
    assert error.advice == "the verifier is not that of this token"


@pytest.mark.parametrize("name", ["httpx", "httpx, awaited", "httpx2", "httpx2, awaited"])
def test_a_hook_of_the_client_may_read_the_reply(server, key, name):
    client, seen = CLIENTS[name], []

    async def aread(response):
        seen.append(await response.aread())

    def http():
        if client.is_async:
            return client.library.AsyncClient(event_hooks={"response": [aread]})
        return client.library.Client(event_hooks={"response": [lambda response: seen.append(response.read())]})

    played = Played(server, "x", key)
    assert client.login("temporary_credentials", played.who, CALLBACK, http=http).identifier == "temporary-1"
    assert len(seen) == 1


def test_a_refusal_costs_no_more_than_it_is_long():
    """Each secret that a reply names would be a mask to be masked again."""
    assert refused_with(b"oauth_token_secret=*&" * 3000).excerpt == ""
    assert refused_with(b"&".join([b"oauth_token_secret=%d" % (10**9 + n) for n in range(3000)])).excerpt == ""
    assert len(refused_with(b"&".join([b"oauth_acceptable_%d=x" % n for n in range(3000)])).parameters) <= 20


def test_an_excerpt_is_200_characters_and_cuts_no_secret_in_two(server, key):
    played = Played(server, "x", key)
    server.answer = lambda arrived: (401, [], b"a" * 195 + CONSUMER_SECRET.encode() + b"z" * 99)
    with pytest.raises(TokenRequestRefused) as caught:
        simple_client.login("temporary_credentials", played.who, CALLBACK)
    assert caught.value.excerpt == "a" * 195 + "***zz"


@every_client
def test_a_reply_is_bounded_before_it_is_decoded(server, key, client):
    played = Played(server, "x", key)
    packed = gzip.compress(b"oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=true&x=" + b"x" * 9_000_000)
    server.answer = lambda arrived: (200, [("Content-Encoding", "gzip")], packed[:60_000])
    with pytest.raises(TokenRequestRefused, match="encoded as 'gzip', which was not asked for") as caught:
        client.login("temporary_credentials", played.who, CALLBACK)
    assert caught.value.excerpt == ""
    assert dict(server.requests[0].fields)["Accept-Encoding"] == "identity"
    start = b"oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=true&x="
    for more, is_taken in ((65536 - len(start), True), (65537 - len(start), False), (2_000_000, False)):
        server.answer = lambda arrived, more=more: (200, [], start + b"x" * more)
        if is_taken:
            assert client.login("temporary_credentials", played.who, CALLBACK).identifier == "a"
        else:
            with pytest.raises(TokenRequestRefused, match="longer than 65536 octets"):
                client.login("temporary_credentials", played.who, CALLBACK)


@every_client
def test_a_reply_in_chunks_is_read_whole(server, key, client):
    played = Played(server, "x", key)
    pieces = [b"oauth_token=a&oauth_", b"token_secret=b", b"&oauth_callback_confirmed=true"]
    chunked = b"".join([b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""]])
    server.answer = lambda arrived: (200, [("Transfer-Encoding", "chunked")], chunked)
    assert client.login("temporary_credentials", played.who, CALLBACK).secret == "b"


# The clock.


@every_client
def test_a_clock_that_learns_is_corrected_once_and_what_it_learnt_stays(server, key, client):
    played = Played(server, "x", key)
    honest = server.answer

    def answer(arrived):
        if arrived.target.startswith("/oauth/authorize"):
            return honest(arrived)
        if abs(arrived.parsed.timestamp - time.time()) > 300:
            return 401, [("Date", formatdate(time.time(), usegmt=True))], b"oauth_problem=timestamp_refused"
        return honest(arrived)

    server.answer = answer
    with pytest.raises(TokenRequestRefused, match="timestamp_refused"):
        client.login("temporary_credentials", played.who, CALLBACK, clock=lambda: time.time() - 7200)
    assert len(server.requests) == 1, "a clock that cannot learn does not try again"
    clock = LearningClock(clock=lambda: time.time() - 7200)
    temporary = client.login("temporary_credentials", played.who, CALLBACK, clock=clock)
    assert len(server.requests) == 3
    nonces = [arrived.parsed.nonce for arrived in server.requests]
    assert len(set(nonces)) == 3
    code = press(simple_client.adapter.Flow(*played.who).authorization_uri(temporary), "approve")
    assert client.login("token_credentials", played.who, temporary, code, clock=clock).identifier == "token/1"
    assert len(server.requests) == 5


@every_client
def test_a_refusal_that_never_ends_is_heard_twice(server, key, client):
    played = Played(server, "x", key)
    server.answer = lambda arrived: (401, [("Date", formatdate(time.time() - 7200 * len(server.requests)))], b"")
    with pytest.raises(TokenRequestRefused):
        client.login("temporary_credentials", played.who, CALLBACK, clock=LearningClock())
    assert len(server.requests) == 2


@pytest.mark.parametrize("time", ["now", None, float("nan"), float("inf")], ids=repr)
@pytest.mark.parametrize("of", [lambda clock: clock, lambda clock: LearningClock(clock=clock)], ids=["own", "learns"])
def test_a_clock_that_returns_no_time_is_refused_before_anything_is_sent(of, time):
    flow = AuthorizationFlow(PRESETS["x"], ClientCredentials("c", "s"), clock=of(lambda: time))
    with pytest.raises(SigningError, match="clock") as caught:
        next(flow.request_temporary_credentials("oob", []))
    assert caught.value.parameter == "oauth_timestamp"


# The caller's own client.

HEADERS = {"User-Agent": "mine/1", "X-Own": "1"}


def own_opener():
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), CLIENTS["urllib"].adapter.OAuth1(WRONG))
    opener.addheaders = list(HEADERS.items())
    return opener


def own_session(adapter=False):
    session = requests.Session()
    if adapter:
        session.mount("http://", CLIENTS["requests"].adapter.OAuth1Adapter())
    session.headers.update(HEADERS)
    session.auth, session.params = CLIENTS["requests"].adapter.OAuth1(WRONG), {"own": "1"}
    return session


def own_httpx(library, kind, by_transport=False):
    adapter = importlib.import_module("oauth1_core.adapters." + library.__name__)
    auth = adapter.OAuth1(WRONG)

    def own():
        signs = {"transport": adapter.OAuth1Transport(auth)} if by_transport else {"auth": auth}
        return getattr(library, kind)(headers=HEADERS, params={"own": "1"}, follow_redirects=True, **signs)

    return own


WRONG = ClientCredentials("another", "another")
OWN = {
    "httpx": own_httpx(httpx, "Client"), "httpx, awaited": own_httpx(httpx, "AsyncClient"),
    "httpx2": own_httpx(httpx2, "Client"), "httpx2, awaited": own_httpx(httpx2, "AsyncClient"),
    "httpx by its transport": own_httpx(httpx, "Client", True),
    "httpx, awaited by its transport": own_httpx(httpx, "AsyncClient", True),
    "httpx2 by its transport": own_httpx(httpx2, "Client", True),
    "httpx2, awaited by its transport": own_httpx(httpx2, "AsyncClient", True),
    "requests": own_session, "requests by its adapter": lambda: own_session(True), "urllib": own_opener,
    "aiohttp": lambda: aiohttp.ClientSession(
        headers=HEADERS, middlewares=[CLIENTS["aiohttp"].adapter.OAuth1(WRONG)], raise_for_status=True
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_the_callers_own_client_sends_with_its_settings_and_without_its_signature(server, key, name):
    played, client, http = Played(server, "flickr", key), CLIENTS[name.partition(" by ")[0]], OWN[name]
    temporary = client.login("temporary_credentials", played.who, CALLBACK, http=http)
    code = press(simple_client.adapter.Flow(*played.who).authorization_uri(temporary), "approve")
    assert client.login("token_credentials", played.who, temporary, code, http=http).identifier == "token/1"
    fields = dict(server.requests[0].fields)
    assert (fields["User-Agent"], fields.get("X-Own", fields.get("X-own"))) == ("mine/1", "1")
    assert "own=1" not in server.requests[0].target
    assert "Authorization" not in fields
    server.answer = lambda arrived: (302, [("Location", "/elsewhere")], b"")
    before = len(server.requests)
    with pytest.raises(TokenRequestRefused, match="a redirect"):
        client.login("temporary_credentials", played.who, CALLBACK, http=http)
    assert len(server.requests) == before + 1


@pytest.mark.parametrize("like", ["x", "flickr"])
@pytest.mark.parametrize("name", ["httpx", "httpx, awaited", "httpx2", "httpx2, awaited", "requests", "aiohttp"])
def test_a_password_of_netrc_is_neither_sent_nor_in_the_way(server, key, tmp_path, monkeypatch, name, like):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login jane password hunter2\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    client = CLIENTS[name]
    kind = {"requests": "Session", "aiohttp": "ClientSession"}.get(client.name)
    kind = kind or ("AsyncClient" if client.is_async else "Client")

    def http():
        return getattr(client.library, kind)(**({} if kind == "Session" else {"trust_env": True}))

    played = Played(server, like, key)
    assert client.login("temporary_credentials", played.who, CALLBACK, http=http).identifier == "temporary-1"
    assert "Basic" not in str(server.requests[0].fields)


def test_a_client_is_the_callers_to_close(server, key):
    played = Played(server, "x", key)
    with httpx.Client() as http:
        CLIENTS["httpx"].adapter.Flow(*played.who, http=http).temporary_credentials(CALLBACK)
        assert not http.is_closed


@every_client
def test_a_server_that_cannot_be_reached_is_the_clients_own_error(client):
    who = (Provider(*["http://127.0.0.1:9/" + end for end in "abc"]), WRONG)
    kinds = {"urllib": urllib.error.URLError, "aiohttp": aiohttp.ClientError, "requests": requests.RequestException}
    kind = kinds.get(client.name) or client.library.TransportError
    with pytest.raises(kind):
        client.login("temporary_credentials", who, CALLBACK)


@every_client
def test_a_reply_that_breaks_off_is_the_clients_own_error(server, key, client):
    played = Played(server, "x", key)
    server.answer = lambda arrived: (200, [("Transfer-Encoding", "chunked")], b"44\r\noauth_token=a&oauth_token_se")
    kinds = {"urllib": http.client.HTTPException, "aiohttp": aiohttp.ClientError, "requests": requests.ConnectionError}
    kind = kinds.get(client.name) or client.library.RemoteProtocolError
    with pytest.raises(kind):
        client.login("temporary_credentials", played.who, CALLBACK)


def test_what_no_step_can_be_made_of_is_refused_before_anything_is_sent(server, key):
    played = Played(server, "x", key)
    flow = simple_client.adapter.Flow(*played.who)
    temporary = TemporaryCredentials("t", "s")
    for call in (
        lambda: flow.temporary_credentials("/ready"),
        lambda: flow.temporary_credentials(None),
        lambda: flow.token_credentials(temporary),
        lambda: flow.token_credentials(temporary, " "),
        lambda: flow.token_credentials("t", "code"),
        lambda: flow.token_credentials(temporary, 5),
        lambda: flow.authorization_uri("t"),
        lambda: simple_client.adapter.Flow(PRESETS["jira"], WRONG),
    ):
        with pytest.raises(SigningError):
            call()
    for came_back in ("https://client.example.net/cb", "/cb?oauth_token=other&oauth_verifier=v", "/cb?oauth_token=t"):
        with pytest.raises(AuthorizationError):
            flow.token_credentials(temporary, came_back)
    assert not server.requests


# What OAuth1 takes for a provider's sake.


@every_client
def test_a_realm_may_follow_from_the_uri_and_protocol_parameters_go_with_each_request(server, client):
    """The URL without its query, as Cardmarket wants it; oauth_callback, as LTI does."""
    server.answer = lambda arrived: (200, [], b"")
    auth = client.adapter.OAuth1(
        CLIENT, TOKEN, realm=lambda uri: uri.partition("?")[0], protocol_parameters=[("oauth_callback", "about:blank")]
    )
    for target in ("/a?x=1", "/b"):
        client.get(server.origin + target, auth)
        arrived = server.requests.pop()
        found = arrived.verified()
        assert found.realm == server.origin + target.partition("?")[0]
        assert ("oauth_callback", "about:blank") in found.protocol_parameters
        assert arrived.accepted_by_oauthlib
    client.get(server.origin, auth.with_realm("Other"))
    assert server.requests.pop().verified().realm == "Other"


def test_a_redirect_elsewhere_repeats_no_protocol_parameter_of_the_callers(server):
    auth = simple_client.adapter.OAuth1(CLIENT, placement="query", protocol_parameters=[("oauth_own[]", "a b")])
    other = Server("127.0.0.2")
    with running(other):
        server.answer = lambda arrived: (307, [("Location", other.origin + arrived.target)], b"")
        simple_client.get(server.origin + "/r?x=1", auth)
        assert "oauth_own%5B%5D=a%20b" in server.requests[0].target
        assert other.requests[0].target == "/r?x=1"


# A server that is slow.


@every_client
def test_a_reply_that_trickles_in_has_a_deadline_for_the_whole_of_it(key, client, monkeypatch):
    """Each octet comes long before a timeout for one step; the whole would take a minute."""
    monkeypatch.setattr(flow, "DEADLINE", 0.2)
    monkeypatch.setattr(client.adapter, "DEADLINE", 0.2, raising=False)
    over = threading.Event()

    def trickle(listener):
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n")
            while not over.wait(0.05):
                connection.sendall(b"a")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=trickle, args=(listener,))
        thread.start()
        try:
            origin = "http://127.0.0.1:{}/".format(listener.getsockname()[1])
            who = (Provider(*[origin + end for end in "abc"]), WRONG)
            began = time.monotonic()
            kinds = {"urllib": TimeoutError, "aiohttp": TimeoutError, "requests": requests.exceptions.ReadTimeout}
            with pytest.raises(kinds.get(client.name) or client.library.ReadTimeout):
                client.login("temporary_credentials", who, CALLBACK)
            assert time.monotonic() - began < 20
        finally:
            over.set()
            thread.join()
