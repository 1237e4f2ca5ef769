"""No secret is seen where nobody asked for it: not in a repr, a message, a traceback, a log or a pickle.

What carries secrets by its nature (the parameters of a PLAINTEXT request, the octets to be sent) is not looked at.
"""

import ast
import asyncio
import copy
import logging
import math
import pathlib
import pickle
import re
import traceback
import urllib.request

import aiohttp
import httpx
import httpx2
import pytest
import requests

import oauth1_core
from oauth1_core import (
    HMAC_SHA1,
    PLAINTEXT,
    ClientCredentials,
    Limits,
    OAuth1Error,
    RsaSha1,
    Signer,
    TemporaryCredentials,
    TokenCredentials,
    Verifier,
    authorization_header,
    body_hash,
    explain,
    normalize_parameters,
    parse_callback,
    parse_request,
    parse_temporary_credentials,
    parse_token_credentials,
    percent_decode,
    percent_encode,
    refusal,
    request_uri,
    sign,
    temporary_credentials_request,
    token_credentials_request,
)
from oauth1_core.adapters import aiohttp as aiohttp_adapter
from oauth1_core.adapters import httpx as httpx_adapter
from oauth1_core.adapters import httpx2 as httpx2_adapter
from oauth1_core.adapters import requests as requests_adapter
from oauth1_core.adapters import urllib as urllib_adapter
from oauth1_core.adapters.clock import LearningClock
from oauth1_core.adapters.cryptography import rsa_from_pem
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from tests.support.http_clients import Server, running

MARK = "hidden-"
CLIENT_SECRET, TOKEN_SECRET, VERIFIER = MARK + "client-7f3a", MARK + "token-91bc", MARK + "verifier-c04d"
NOW = 1795455318
URI = "https://api.example/r"
FORM = "application/x-www-form-urlencoded"
CLIENT = ClientCredentials("ck", CLIENT_SECRET)
TOKEN = TokenCredentials("tk", TOKEN_SECRET, [("session", TOKEN_SECRET)])
TEMPORARY = TemporaryCredentials("tk", TOKEN_SECRET)
UNSENDABLE = VERIFIER + "\ud800"


class Registry:
    def client(self, identifier):
        return CLIENT if identifier == "ck" else None

    def token(self, client_identifier, token_identifier):
        return TOKEN if token_identifier == "tk" else None


def verifier(**options):
    options = dict({"accept": (HMAC_SHA1, PLAINTEXT), "clock": lambda: NOW}, **options)
    return Verifier(Registry(), MemoryNonceStore(epoch=0), **options)


def request(method=PLAINTEXT, client=CLIENT, token=TOKEN, timestamp=NOW):
    """A signed request that carries a verification code and, with PLAINTEXT, the secrets themselves."""
    options = {"timestamp": timestamp, "protocol_parameters": [("oauth_verifier", VERIFIER)]}
    return dict(sign("GET", URI, client, token, signature_method=method, **options))


def send(parameters=None, edit=lambda header: header, uri=URI, headers=(), body=b"", **options):
    header = edit(authorization_header((request() if parameters is None else parameters).items()))
    return verifier(**options).verify("GET", uri, [("Authorization", header), *headers], body)


def replay():
    server, header = verifier(), authorization_header(request().items())
    for _ in range(2):
        server.verify("GET", URI, [("Authorization", header)])


def send_by_httpx(url, auth, library=httpx, adapter=httpx_adapter):
    transport = adapter.OAuth1Transport(auth, library.HTTPTransport(verify=False))
    with library.Client(trust_env=False, transport=transport, auth=auth, follow_redirects=True) as client:
        return client.post(url, data={"a": "1"})


def send_by_httpx2(url, auth):
    return send_by_httpx(url, auth, httpx2, httpx2_adapter)


def send_by_requests(url, auth):
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", requests_adapter.OAuth1Adapter(max_retries=1))
        return session.post(url, data={"a": "1"}, auth=auth)


def send_by_aiohttp(url, auth):
    async def send():
        async with aiohttp.ClientSession(middlewares=[auth]) as session, session.post(url, data={"a": "1"}) as response:
            return response

    return asyncio.run(send())


def send_by_urllib(url, auth):
    with urllib.request.build_opener(urllib.request.ProxyHandler({}), auth).open(url, b"a=1") as response:
        return response


CLIENTS = {
    "httpx": (send_by_httpx, httpx_adapter.OAuth1),
    "httpx2": (send_by_httpx2, httpx2_adapter.OAuth1),
    "requests": (send_by_requests, requests_adapter.OAuth1),
    "aiohttp": (send_by_aiohttp, aiohttp_adapter.OAuth1),
    "urllib": (send_by_urllib, urllib_adapter.OAuth1),
}


def send_by(name, url, **options):
    send, make = CLIENTS[name]
    return send(url, make(CLIENT, TOKEN, **options))


REPLY = "oauth_token=tk&oauth_token_secret=" + TOKEN_SECRET
OTHER = ClientCredentials("ck", CLIENT_SECRET + "x")
FAILURES = {
    "secret not Unicode": lambda: sign("GET", URI, ClientCredentials("ck", UNSENDABLE)),
    "secret not text": lambda: ClientCredentials("ck", CLIENT_SECRET.encode()),
    "client not credentials": lambda: sign("GET", URI, (CLIENT_SECRET, TOKEN_SECRET)),
    "PLAINTEXT in clear": lambda: sign("GET", "http://api.example/", CLIENT, TOKEN, signature_method=PLAINTEXT),
    "verifier twice": lambda: sign("GET", URI, CLIENT, protocol_parameters=[("oauth_verifier", VERIFIER)] * 2),
    "verifier in the query too": lambda: sign(
        "GET", URI + "?oauth_verifier=" + VERIFIER, CLIENT, protocol_parameters=[("oauth_verifier", VERIFIER)]
    ),
    "verifier not Unicode": lambda: token_credentials_request(URI, CLIENT, TEMPORARY, UNSENDABLE),
    "value not Unicode": lambda: normalize_parameters([("oauth_verifier", UNSENDABLE)]),
    "text not Unicode": lambda: percent_encode(UNSENDABLE),
    "escaped text not Unicode": lambda: percent_decode(UNSENDABLE + "%41"),
    "header not Unicode": lambda: authorization_header([("oauth_verifier", UNSENDABLE)]),
    "query not Unicode": lambda: request_uri([("oauth_verifier", UNSENDABLE)], URI),
    "realm": lambda: authorization_header([], '"' + VERIFIER),
    "body not octets": lambda: body_hash(TOKEN_SECRET),
    "unknown digest": lambda: body_hash(TOKEN_SECRET.encode(), "md17"),
    "RSA without a key": lambda: sign("GET", URI, CLIENT, TOKEN, signature_method=RsaSha1()),
    "PEM not readable": lambda: rsa_from_pem(RsaSha1, b"-----BEGIN PRIVATE KEY-----\n" + CLIENT_SECRET.encode()),
    "quote not closed": lambda: send(edit=lambda header: header[:-1]),
    "backslash in a secret": lambda: send(edit=lambda header: header.replace(MARK, MARK + "\\")),
    "broken escape in a secret": lambda: send(edit=lambda header: header.replace(MARK, MARK + "%")),
    "secret without quotes": lambda: send(edit=lambda header: header.replace('"', "'")),
    "signature twice": lambda: send(edit=lambda header: header + ", oauth_signature=" + CLIENT_SECRET),
    "signature in the query too": lambda: send(uri=URI + "?oauth_signature=" + CLIENT_SECRET),
    "broken query": lambda: send(uri=URI + "?password=" + CLIENT_SECRET + "%"),
    "password in the URI": lambda: send(uri="https://u:" + CLIENT_SECRET + "@api.example/r"),
    "secret in the port": lambda: send(uri="https://api.example:" + CLIENT_SECRET + "/r"),
    "broken form": lambda: send(headers=[("Content-Type", FORM)], body=CLIENT_SECRET.encode() + b"=%"),
    "body not octets, received": lambda: send(body=CLIENT_SECRET),
    "two Authorization headers": lambda: send(headers=[("Authorization", CLIENT_SECRET)]),
    "header too long": lambda: send(limits=Limits(header=3)),
    "signature too long": lambda: send(limits=Limits(signature=3)),
    "URI too long": lambda: send(limits=Limits(uri=3)),
    "no nonce": lambda: send(dict(request(HMAC_SHA1), oauth_nonce="")),
    "version": lambda: send(dict(request(), oauth_version=VERIFIER)),
    "timestamp": lambda: send(dict(request(), oauth_timestamp=VERIFIER)),
    "nonce": lambda: send(dict(request(), oauth_nonce=VERIFIER + "\n")),
    "method": lambda: send(dict(request(), oauth_signature_method=VERIFIER)),
    "method not accepted": lambda: send(accept=(HMAC_SHA1,)),
    "old timestamp": lambda: send(request(timestamp=NOW - 301)),
    "unknown client": lambda: send(request(client=ClientCredentials("other", CLIENT_SECRET))),
    "unknown token": lambda: send(request(token=TokenCredentials("other", TOKEN_SECRET))),
    "unknown client, verbose": lambda: send(dict(request(), oauth_consumer_key="other"), disclose="verbose"),
    "wrong PLAINTEXT": lambda: send(request(client=OTHER)),
    "wrong HMAC": lambda: send(request(HMAC_SHA1, client=OTHER)),
    "wrong body hash": lambda: send(dict(request(), oauth_body_hash=VERIFIER), body=TOKEN_SECRET.encode()),
    "in clear": lambda: send(uri="http://api.example/r"),
    "used nonce": replay,
    "callback not confirmed": lambda: parse_temporary_credentials(REPLY),
    "reply with two secrets": lambda: parse_token_credentials(REPLY + "&oauth_token_secret=" + CLIENT_SECRET),
    "reply without a token": lambda: parse_token_credentials("oauth_token_secret=" + TOKEN_SECRET),
    "reply with NUL": lambda: parse_token_credentials(REPLY + "%00"),
    "reply not UTF-8": lambda: parse_token_credentials(REPLY.encode() + b"\xff"),
    "reply too long": lambda: parse_token_credentials(REPLY + "x" * 65536),
    "reply in JSON": lambda: parse_token_credentials('{"oauth_token_secret": "' + TOKEN_SECRET + '"}'),
    "callback of another login": lambda: parse_callback("/?oauth_token=x&oauth_verifier=" + VERIFIER, TEMPORARY),
    "callback with two verifiers": lambda: parse_callback(
        "/?oauth_token=tk" + ("&oauth_verifier=" + VERIFIER) * 2, TEMPORARY
    ),
    "denial": lambda: parse_callback("/?oauth_token=tk&oauth_problem=x&oauth_verifier=" + VERIFIER, TEMPORARY),
    "endpoint in clear": lambda: temporary_credentials_request("http://api.example/?" + VERIFIER, CLIENT),
    "endpoint with a verifier": lambda: temporary_credentials_request(URI + "?oauth_verifier=" + VERIFIER, CLIENT),
    "callback not a URI": lambda: temporary_credentials_request(URI, CLIENT, VERIFIER),
    "PLAINTEXT in a query": lambda: requests_adapter.OAuth1(
        CLIENT, TOKEN, signature_method=PLAINTEXT, placement="query"
    ),
}
for client in CLIENTS:
    FAILURES[client + ", in clear"] = lambda client=client: send_by(
        client, "http://api.example/", signature_method=PLAINTEXT
    )
    FAILURES[client + ", conflict"] = lambda client=client: send_by(client, URI + "?oauth_token=" + VERIFIER)
    FAILURES[client + ", realm"] = lambda client=client: CLIENTS[client][1](CLIENT, TOKEN).with_realm('"' + VERIFIER)


def seen_of(thing):
    """Everything that printing, formatting, copying and pickling show of an object."""
    seen = [repr(thing), str(thing), ascii(thing), "{}".format(thing), "{!r}".format([thing]), "%s %r" % (thing, thing)]
    seen.append(repr(getattr(thing, "__dict__", "")))
    for attempt in (copy.copy, copy.deepcopy):
        try:
            seen.append(repr(attempt(thing)))
        except TypeError as error:
            seen.append(rendered(error))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        try:
            seen.append(ascii(pickle.dumps(thing, protocol)))
        except (TypeError, AttributeError, pickle.PicklingError) as error:
            seen.append(rendered(error))
    return "\n".join(seen)


def rendered(error):
    """Everything that a traceback shows of an exception and of those behind it, suppressed or not."""
    text = ""
    while error is not None:
        text += "".join(traceback.format_exception(type(error), error, error.__traceback__))
        error = error.__cause__ or error.__context__
    return text


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_shows_no_secret(fail, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(OAuth1Error) as caught:
        fail()
    # The lines of this file in a traceback name the secrets and do not spell them.
    assert MARK not in rendered(caught.value) + seen_of(caught.value) + caplog.text
    if isinstance(caught.value, oauth1_core.VerificationError):
        assert MARK not in repr(refusal(caught.value))


THINGS = {
    "client credentials": lambda: CLIENT,
    "token credentials": lambda: TOKEN,
    "temporary credentials": lambda: TEMPORARY,
    "credentials of a reply": lambda: parse_token_credentials(REPLY + "&session=" + VERIFIER),
    "verifier": verifier,
    "signer": lambda: Signer(CLIENT, TOKEN, signature_method=PLAINTEXT),
    **{name + " adapter": lambda make=row[1]: make(CLIENT, TOKEN) for name, row in CLIENTS.items()},
    "learning clock": LearningClock,
    "RSA method": lambda: RsaSha1(lambda octets: CLIENT_SECRET.encode()),
    "HMAC method": lambda: HMAC_SHA1,
    "verified request": lambda: send(request(HMAC_SHA1)),
    "verified PLAINTEXT request": lambda: send(),
    "explanation": lambda: explain("GET", URI, CLIENT, TOKEN, signature_method=PLAINTEXT),
    "request that was only parsed": lambda: parse_request(
        "GET", URI, [("Authorization", authorization_header(request().items()))]
    ),
}


@pytest.mark.parametrize("make", THINGS.values(), ids=THINGS.keys())
def test_an_object_shows_no_secret(make):
    assert MARK not in seen_of(make())


@pytest.mark.parametrize("credentials", [CLIENT, TOKEN, TEMPORARY], ids=lambda each: type(each).__name__)
def test_credentials_show_who_they_are_and_are_not_pickled(credentials):
    assert repr(credentials) == "{}('{}', '***')".format(type(credentials).__name__, credentials.identifier)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(credentials)


def test_nothing_is_logged_or_printed_on_the_way(caplog, capfd):
    caplog.set_level(logging.DEBUG)
    temporary = parse_temporary_credentials(REPLY + "&oauth_callback_confirmed=true")
    temporary_credentials_request(URI, CLIENT)
    parse_callback("/?oauth_token=tk&oauth_verifier=" + VERIFIER, temporary)
    token_credentials_request(URI, CLIENT, temporary, VERIFIER)
    parse_token_credentials(REPLY)
    assert send().signature == CLIENT_SECRET + "&" + TOKEN_SECRET
    assert MARK not in caplog.text
    assert not [record for record in caplog.records if record.name.startswith("oauth1_core")]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("placement", ["header", "form", "query"])
@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_shows_no_secret_in_its_log_or_its_answer(name, placement, caplog, capfd):
    """Nor on a redirect, and after the clock has learnt from a refusal."""
    answers = iter([(401, [("Date", "Mon, 23 Nov 2026 17:35:18 GMT")], b""), (302, [("Location", "/x")], b"")])
    caplog.set_level(logging.DEBUG)
    server = Server()
    server.answer = lambda arrived: next(answers, (200, [], b""))
    with running(server):
        clock = LearningClock(clock=lambda: 1, largest_correction=math.inf)
        response = send_by(name, server.origin, placement=placement, clock=clock)
    assert len(server.requests) == 3 and all(arrived.is_signed for arrived in server.requests[:2])
    assert MARK not in caplog.text + seen_of(response)
    assert not [record for record in caplog.records if record.name.startswith("oauth1_core")]
    assert capfd.readouterr() == ("", "")


SECRET_NAME = re.compile("(^|_)(secret|signature|mac|hmac|verifier|password|key)s?$")


def unsafe_comparisons(tree):
    """The lines on which == or != stands between values of which one is named like a secret, signature or MAC."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(each, (ast.Eq, ast.NotEq)) for each in node.ops):
            operands = [node.left, *node.comparators]
            if any(isinstance(each, ast.Constant) for each in operands):
                continue  # Against a constant: at most whether it is empty, or how many there are.
            for leaf in [leaf for operand in operands for leaf in ast.walk(operand)]:
                name = getattr(leaf, "id", None) or getattr(leaf, "attr", None) or getattr(leaf, "value", None)
                if isinstance(name, str) and SECRET_NAME.search(name):
                    lines.append(node.lineno)
    return lines


@pytest.mark.parametrize(
    "source, lines",
    [
        ("a.secret == b", [1]),
        ("token_secret != other", [1]),
        ("values['oauth_signature'] == x", [1]),
        ("f(mac) == x", [1]),
        ("method.name == request.signature_method", []),
        ("len(verifiers) != 1", []),
        ("name == 'oauth_signature'", []),
    ],
)
def test_the_search_for_unsafe_comparisons_finds_them(source, lines):
    assert unsafe_comparisons(ast.parse(source)) == lines


def test_secrets_signatures_and_macs_are_compared_in_constant_time_only():
    files = sorted(pathlib.Path(oauth1_core.__file__).parent.rglob("*.py"))
    assert len(files) > 10
    assert {file.name: unsafe_comparisons(ast.parse(file.read_text("utf-8"))) for file in files} == {
        file.name: [] for file in files
    }
