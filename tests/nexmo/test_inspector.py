"""The sandbox's inspector over real HTTP: what clients do wrong is sent by curl, and read on the pages.

The signer that makes the mistakes is that of tests/support/wrong_signer.py, which knows nothing of the core.
"""

import asyncio
import base64
import hmac
import re
import socket
import subprocess
import sys
import time
from contextlib import closing
from html import unescape
from html.parser import HTMLParser
from urllib.parse import quote, quote_plus, unquote, urlsplit

import httpx
import pytest

from nexmo.sandbox import Sandbox, inspector
from nexmo.sandbox.app import create_app
from nexmo.sandbox.browser import PASSWORD, USER
from nexmo.sandbox.inspector import Inspector
from nexmo.sandbox.store import Store
from oauth1_core import (
    HMAC_SHA1,
    PLAINTEXT,
    ClientCredentials,
    TokenCredentials,
    authorization_header,
    body_hash,
    decode_form,
    explain,
    form_encoded_body,
    parse_authorization_header,
    parse_request,
    request_uri,
    sign,
)
from oauth1_core.debugging import diagnosing
from oauth1_core.debugging.mistakes import CATALOGUE
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from tests.support import wrong_signer as signer
from tests.support.on_the_way import ON_THE_WAY, arrived
from tests.support.programs import path_of
from tests.support.spellings import SECRET, SPELLINGS

HTTP = httpx.Client(trust_env=False)
FORM = "application/x-www-form-urlencoded"
REAL_SERVICE = {"scheme": "https", "host": "rest.nexmo.com", "port": ""}

# The default port would have to be the sandbox's own, which takes a privilege.
NOT_SENT = {"default-port-kept"}
# What a mistake needs of the request; the other requests are for /sms/json, in a spelling that can be got wrong.
NEEDS = {
    **{name: signer.NEEDS[name] for name in ("json-put-in", "undeclared-form")},
    "host-case-kept": {"host": "LocalHost"},
    "path-normalized": {"path": "/sms%2f%6Ason"},
    "token-put-in": {"token": None, "path": "/oauth/request_token"},
    "token-not-sent": {"token": None, "path": "/oauth/request_token"},
}
# Mistakes that are made by signing another request.
SIGNED_INSTEAD = {"another-uri": REAL_SERVICE, "path-normalized": {"path": "/sms%2Fjson"}}
# Made of the base string, which itself is right.
AFTER_THE_BASE_STRING = {"another-hash"} | {
    mistake.id for mistake in CATALOGUE if mistake.section in ("3.4.2", "3.4.4", "3.5.1", "3.1")
}


@pytest.fixture(scope="module", autouse=True)
def close_connections():
    yield
    HTTP.close()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """A sandbox whose client and token have secrets that need encoding, and a request token before that."""
    database = tmp_path_factory.mktemp("inspector") / "sandbox.sqlite"
    with closing(Store(database)) as store:
        store.add_client(signer.CLIENT.identifier, signer.CLIENT.secret, "Test client", "http://127.0.0.1/")
        store.add_user(USER, PASSWORD, 10**9)
        for key, secret in (("first", signer.OTHER_SECRET), ("second", "another secret")):
            store.add_request_token(key, secret, signer.CLIENT.identifier, "oob", time.time() + 600)
        store.authorize("second", USER, "code")
        store.exchange("second", signer.TOKEN.identifier, signer.TOKEN.secret)
    with Sandbox(database) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox):
    return ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(signer, "NOW", int(time.time()))


class Text(HTMLParser):
    """What a page says, and its tags."""

    def __init__(self, html):
        super().__init__()
        self.said, self.tags = [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.said.append(data)


def page(sandbox, path="/inspector?paused"):
    reply = HTTP.get(sandbox.url + path)
    assert reply.status_code == 200
    return reply.text


def numbers(html):
    """Return the requests that a list shows, from the top."""
    return [int(number) for number in re.findall(r'href="/inspector/(\d+)"', html)]


def newest(sandbox):
    return page(sandbox, f"/inspector/{numbers(page(sandbox))[0]}")


def every_page(sandbox):
    html = page(sandbox)
    return html + "".join(page(sandbox, f"/inspector/{number}") for number in numbers(html))


def in_one_piece(html):
    """Return both base strings: as it is wanted, as it was signed."""
    pieces = re.findall(r"in one piece</h3>\s*<pre>(.*?)</pre>", html, re.DOTALL)
    return [unescape(piece) for piece in pieces]


def refusal(reply):
    """Return what a refusal says, in its body and, the same, in its challenge."""
    fields = dict(decode_form(reply.text))
    challenge = reply.headers["WWW-Authenticate"]
    assert challenge.isascii() and challenge.startswith('OAuth realm="Nexmo sandbox", ')
    said = dict(parse_authorization_header(challenge))
    assert said == {name: fields[name] for name in ("oauth_problem", "oauth_problem_advice")}
    return fields["oauth_problem"], fields["oauth_problem_advice"]


def curl(method, url, headers, body):
    """Send a request as it is, and return the reply."""
    command = [path_of("curl"), "-sS", "-i", "--noproxy", "*", "--path-as-is", "--globoff", "--request", method]
    command += ["--connect-to", f"::127.0.0.1:{urlsplit(url).port}"]
    for name, value in headers:
        command += ["--header", f"{name}: {value}"]
    if body:
        command += ["--data-binary", "@-"]
    done = subprocess.run([*command, url], input=body, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    status, *fields = head.decode("ascii").split("\r\n")
    headers = [field.split(": ", 1) for field in fields]
    return httpx.Response(int(status.split()[1]), headers=headers, content=content)


def request_with(sandbox, mistake):
    """Return a request to the sandbox that is signed with one mistake, and what was to be signed."""
    url = urlsplit(sandbox.url)
    usual = {"scheme": "http", "host": url.hostname, "port": f":{url.port}", "path": "/sms%2fjson"}
    changes = {**usual, **NEEDS.get(mistake, {})}
    instead = SIGNED_INSTEAD.get(mistake)
    made = set() if instead else {mistake}
    method, uri, headers, body, *_ = signer.sent(made, **{**changes, **(instead or {})})
    if instead:
        uri = "{scheme}://{host}{port}{path}?{query}".format(**{**signer.RICH, **changes})
    return method, uri, headers, body, {**signer.RICH, **changes}


def test_each_mistake_of_the_catalogue_is_sent():
    assert NOT_SENT < {mistake.id for mistake in CATALOGUE}
    assert {*NEEDS, *SIGNED_INSTEAD} <= {mistake.id for mistake in CATALOGUE}
    assert len(CATALOGUE) - len(NOT_SENT) > 60


@pytest.mark.parametrize(
    "mistake", [each for each in CATALOGUE if each.id not in {*NOT_SENT, *ON_THE_WAY}], ids=lambda mistake: mistake.id
)
def test_a_mistake_is_named_in_the_reply_and_on_the_page(sandbox, mistake):
    method, uri, headers, body, request = request_with(sandbox, mistake.id)
    reply = curl(method, uri, headers, body)
    problem, advice = refusal(reply)
    assert (reply.status_code, problem) == (401, "signature_invalid")
    done = re.escape(mistake.done).replace(r"\{\}", ".+")
    found = re.fullmatch(
        rf"{mistake.by} {done}\. (.*) \(RFC 5849 section (.*?)\)\. (.*)\. See (http://\S+)(/inspector/\d+)", advice
    )
    assert found, advice
    assert found.group(1, 2, 3) == (mistake.wants, mistake.section, mistake.fix)
    assert found[4].lower() == f"http://{urlsplit(uri).netloc}".lower()

    html = page(sandbox, found[5])
    said = re.findall(r'<section class="finding">\s*<h3>(.*?)\.</h3>', html, re.DOTALL)
    assert len(said) == 1 and re.fullmatch(f"{mistake.by} {done}", unescape(said[0]))
    for words in (mistake.wants, mistake.fix, mistake.section):
        assert words in unescape(html)

    # What is shown as wanted and as signed does come to the signature that was wanted, and that was sent.
    sent = dict(parse_authorization_header(headers[0][1]))
    signature = sent.pop("oauth_signature")
    wanted, signed = in_one_piece(html)
    protocol = list(sent.items())
    key = "j49%20sk3%2Fj29%26djd&" + ("dh893%2Bhd%25asih9" if request["token"] else "")
    assert mac(key, wanted) == signer.independent_signature(request, protocol, "sha1", set())
    if mistake.id in AFTER_THE_BASE_STRING:
        assert signed == wanted
        assert "The two base strings are equal" in html
    else:
        keys = {key, key.lower(), key.replace("%20", "+"), key.replace("%2F", "/")}
        assert signature in {mac(each, signed) for each in keys}
        assert signed != wanted
        assert '<abbr title="differs">≠</abbr>' in html


# For what the sandbox has no other path, or what arrives must be its own host.
AT_SANDBOX = {
    "host-with-a-dot": ({"uri": "http://localhost.:{port}/sms/json"}, {"uri": "http://localhost:{port}/sms/json"}),
    "www-changed": ({"uri": "http://www.localhost:{port}/sms/json"}, {"uri": "http://localhost:{port}/sms/json"}),
    "case-of-escapes-changed": (
        {"uri": "http://localhost:{port}/sms%2fjson"}, {"uri": "http://localhost:{port}/sms%2Fjson"},
    ),
    "port-lost": ({"uri": "http://localhost:8443/sms/json"}, {"uri": "http://localhost:{port}/sms/json"}),
}  # fmt: skip


def at_sandbox(value, port):
    """Return a request of tests/support/on_the_way.py as one for the sandbox: its host, and its one path for a form."""
    if isinstance(value, str):
        for old, new in (("https://api.example.com", "http://localhost:{port}"), ("v1", "sms"), ("items", "json")):
            value = value.replace(old, new)
        return value.replace("{port}", str(port))
    if isinstance(value, dict):
        return {name: at_sandbox(each, port) for name, each in value.items()}
    return [tuple(at_sandbox(text, port) for text in pair) for pair in value] if isinstance(value, list) else value


@pytest.mark.parametrize("id", ON_THE_WAY)
def test_what_happened_on_the_way_is_named_on_the_page(sandbox, id):
    port = urlsplit(sandbox.url).port
    signed, changes = [at_sandbox(each, port) for each in AT_SANDBOX.get(id, ON_THE_WAY[id][0])]
    signed = {"uri": f"http://localhost:{port}/sms/json", **signed}
    fresh = {"timestamp": str(int(time.time())), "nonce": id}
    method, uri, headers, body = arrived(signed, **fresh, **changes)
    target = uri.partition(f"localhost:{port}")[2]
    fields = [("Host", f"localhost:{port}"), ("Content-Length", str(len(body))), ("Connection", "close"), *headers]
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields)
    answer = exchange_raw(sandbox, head.encode("ascii") + b"\r\n" + body)
    assert answer.split()[1] in (b"400", b"401")
    html = newest(sandbox)
    said = re.findall(r'<section class="finding">\s*<h3>(.*?)</h3>', html, re.DOTALL)
    known = {each.id: (each.by, each.done) for each in CATALOGUE}
    known["body-packed"] = (diagnosing.PACKED.by, diagnosing.PACKED.done)
    # The inspector reads such a request without credentials, so no signature shows its charset.
    known["sent-as-windows-1252"] = (diagnosing.NOT_IN_UTF_8.by, diagnosing.NOT_IN_UTF_8.done)
    by, done = known[id]
    assert len(said) == 1 and re.fullmatch(by + " " + re.escape(done).replace(r"\{\}", ".+") + r"\.", unescape(said[0]))


def mac(key, text):
    return base64.b64encode(hmac.new(key.encode(), text.encode("utf-8"), "sha1").digest()).decode()


def test_pieces_stand_side_by_side_and_differences_are_marked(sandbox):
    method, uri, headers, body, _ = request_with(sandbox, "first-duplicate-kept")
    curl(method, uri, headers, body)
    rows = re.findall(r"<tr role=\"row\"(.*?)</tr>", newest(sandbox).partition("Piece by piece")[2], re.DOTALL)
    rows = {re.sub(r"<.*?>|\s", "", row): row for row in rows if "dup" in row or "a3" in row}
    assert [row.count("nothing") for row in rows.values() if "<mark>" in row] == [1, 1, 1]
    assert [row.count("<mark>") for row in rows.values()].count(0) == 2


def test_two_mistakes_are_both_named(sandbox, client):
    form = "from=a&to=15551234567&text=hello+there"
    url = sandbox.url + "/sms/json"
    header = authorization_header(sign("POST", url.replace("http", "https"), client, signer.TOKEN))
    reply = curl("POST", url, [("Authorization", header), ("Content-Type", FORM)], form.encode())
    _, advice = refusal(reply)
    assert advice.startswith("The signer signed the URL with the scheme https. ")
    assert " The signer left the form out of the signature. " in advice
    assert newest(sandbox).count('class="finding"') == 2


def test_what_is_not_known_is_not_named_and_leads_to_the_page(sandbox, client):
    other = ClientCredentials(client.identifier, "not the secret")
    header = authorization_header(sign("POST", sandbox.endpoints.request_token, other))
    _, advice = refusal(curl("POST", sandbox.endpoints.request_token, [("Authorization", header)], b""))
    number = numbers(page(sandbox))[0]
    assert advice.startswith("Most likely the secret of the client is wrong: none of ")
    assert advice.endswith(f" See {sandbox.url}/inspector/{number}")
    html = page(sandbox, f"/inspector/{number}")
    assert "Copy the secrets again" in html
    assert "as it was signed" not in html.lower()
    assert "Signature base string" in html


def test_an_accepted_request_is_explained_too(sandbox, client):
    query = "text=caf%C3%A9+%26&from=a&to=15551234567"
    url = f"{sandbox.url}/sms/json?{query}"
    parameters = sign("GET", url, client, signer.TOKEN)
    assert HTTP.get(url, headers={"Authorization": authorization_header(parameters)}).status_code == 200
    html = newest(sandbox)
    said = "".join(Text(html).said)
    assert "✓ 200" in said and "Test client" in said
    assert "What happened" not in said
    explained = explain(
        "GET", url, client, signer.TOKEN,
        timestamp=dict(parameters)["oauth_timestamp"], nonce=dict(parameters)["oauth_nonce"],
    )  # fmt: skip
    for step in explained.steps[:10]:
        assert step.title in said and step.rule in said
    assert "%2520%2526" in said  # the end of the text, encoded twice


def others(sandbox, client):
    """Requests that are refused for another reason, with what is said of them."""
    url, known = sandbox.url + "/account/get-balance", signer.TOKEN
    now = int(time.time())
    unknown_client, unknown_token = ClientCredentials("nobody", "x"), TokenCredentials("none", "x")
    return {
        "consumer_key_unknown": (sign("GET", url, unknown_client, known), "no such client: oauth_consumer_key must be"),
        "token_rejected": (sign("GET", url, client, unknown_token), "no such token: this sandbox has not issued"),
        "parameter_absent": (sign("GET", url, client), "the request lacks oauth_token"),
        "timestamp_refused": (
            sign("GET", url, client, known, timestamp=now - 4000),
            "66 minutes behind this server's clock",
        ),
    }


@pytest.mark.parametrize("problem", ["consumer_key_unknown", "token_rejected", "parameter_absent", "timestamp_refused"])
def test_other_refusals_say_what_is_wrong(sandbox, client, problem):
    parameters, words = others(sandbox, client)[problem]
    header = {"Authorization": authorization_header(parameters)}
    reply = HTTP.get(sandbox.url + "/account/get-balance", headers=header)
    fields = dict(decode_form(reply.text))
    assert fields["oauth_problem"] == problem
    assert words in fields["oauth_problem_advice"]
    html = newest(sandbox)
    assert f"<code>{problem}</code>" in html
    assert words[1:] in unescape(html)
    assert "What happened" not in html  # there are no secrets to try


def test_a_clock_ahead_is_told_from_one_behind(sandbox, client):
    url = sandbox.url + "/account/get-balance"
    header = authorization_header(sign("GET", url, client, signer.TOKEN, timestamp=int(time.time()) + 5000))
    problem, advice = refusal(HTTP.get(url, headers={"Authorization": header}))
    assert problem == "timestamp_refused" and "83 minutes ahead of this server's clock" in advice


def test_a_used_nonce_and_a_changed_body_are_named(sandbox, client):
    url = sandbox.url + "/account/get-balance"
    header = {"Authorization": authorization_header(sign("GET", url, client, signer.TOKEN))}
    assert HTTP.get(url, headers=header).status_code == 200
    assert refusal(HTTP.get(url, headers=header)) == ("nonce_used", "this nonce was used before")
    url = sandbox.url + "/sms/json"
    hashed = [("oauth_body_hash", body_hash(b"one"))]
    header = authorization_header(sign("POST", url, client, signer.TOKEN, protocol_parameters=hashed))
    _, advice = refusal(HTTP.post(url, headers={"Authorization": header}, content=b"another"))
    assert advice.startswith("The signer sent a body hash (oauth_body_hash) of another body")


def test_what_reaches_no_endpoint_is_shown_too(sandbox):
    for method, path, status in (
        ("GET", "/oauth/requesttoken", 404), ("PUT", "/oauth/request_token", 405), ("GET", "/oauth/authorize", 400),
    ):  # fmt: skip
        assert HTTP.request(method, sandbox.url + path).status_code == status
        assert f"✗ {status}" in newest(sandbox)
        assert f"{method} {path}" in newest(sandbox)
    assert HTTP.get(sandbox.url + "/sms/json", headers={"Host": "other.example"}).status_code == 421
    assert "✗ 421" in newest(sandbox)


def test_pages_are_not_requests_of_clients(sandbox):
    before = numbers(page(sandbox))
    for path in ("/", "/oauth/sign-in", "/static/style.css", "/favicon.ico", "/inspector", "/inspector/99999"):
        HTTP.get(sandbox.url + path)
    assert numbers(page(sandbox)) == before


# Secrets


@pytest.fixture(scope="module")
def issued():
    """A sandbox with secrets of its own making."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 20, "-1", "x", "1.0", "%D9%A1", "1%20"])
def test_what_is_no_number_of_a_request_is_not_found(sandbox, number):
    assert HTTP.get(f"{sandbox.url}/inspector/{number}").status_code == 404


def test_no_page_and_no_reply_holds_a_secret(issued):
    client = ClientCredentials(issued.consumer_key, issued.consumer_secret)
    url, replies, secrets = issued.endpoints.access_token, [], [client.secret]

    def send(method, url, parameters, content=b"", **headers):
        headers["Authorization"] = authorization_header(parameters)
        replies.append(HTTP.request(method, url, headers=headers, content=content))
        return replies[-1]

    begun = send(
        "POST", issued.endpoints.request_token,
        sign("POST", issued.endpoints.request_token, client, protocol_parameters=[("oauth_callback", "oob")]),
    )  # fmt: skip
    replies.clear()
    pending = dict(decode_form(begun.text))
    token = TokenCredentials(pending["oauth_token"], pending["oauth_token_secret"])
    verifier = issued.approve(token.identifier)
    secrets += [token.secret, verifier, PASSWORD]
    named = [("oauth_verifier", verifier)]
    wrong = TokenCredentials(token.identifier, "")
    # A verification code in each place, signed wrongly in ways that spell it differently.
    send("POST", url, sign("POST", url, client, wrong, protocol_parameters=named))
    send("POST", url, sign("POST", url.replace("http", "https"), client, token, protocol_parameters=named))
    in_query = request_uri(sign("POST", url, client, wrong, protocol_parameters=named), url)
    replies.append(HTTP.post(in_query))
    in_form = form_encoded_body(sign("POST", url, client, wrong, protocol_parameters=named))
    replies.append(HTTP.post(url, content=in_form, headers={"Content-Type": FORM}))
    replies.append(HTTP.get(f"{issued.endpoints.authorize}?oauth_token={token.identifier}&oauth_verifier={verifier}"))
    # Secrets in the place of identifiers and signatures, under their own names, and where nobody expects them.
    send("POST", url, sign("POST", url, ClientCredentials(client.secret, "x"), protocol_parameters=named))
    send("POST", url, sign("POST", url, client, TokenCredentials(token.secret, "x"), protocol_parameters=named))
    key = f"{client.secret}&{token.secret}"
    for method in ("HMAC-SHA1", "PLAINTEXT"):
        parameters = [pair for pair in sign("POST", url, client, token) if pair[0] != "oauth_signature"]
        parameters = [(name, method if name.endswith("method") else value) for name, value in parameters]
        send("POST", url, [*parameters, ("oauth_signature", key if method == "HMAC-SHA1" else key + "x")])
    send("POST", url, sign("POST", url, client, wrong, signature_method=PLAINTEXT, protocol_parameters=named))
    replies.append(HTTP.post(f"{url}?client_secret={client.secret}&a={token.secret}&my_password={PASSWORD}"))
    send("POST", f"{url}/{client.secret}", sign("POST", url, client))
    everything = sign("POST", f"{url}?secret={PASSWORD}&x={client.secret}", client, wrong, protocol_parameters=named)
    send("POST", f"{url}?secret={PASSWORD}&x={client.secret}", everything)
    form = f"password={PASSWORD}&y={token.secret}"
    send("POST", url, sign("POST", url, client, token, form=form), form.encode(), **{"Content-Type": FORM})

    assert len(replies) > 12 and all(reply.status_code >= 400 for reply in replies if reply.request.method == "POST")
    shown = every_page(issued)
    assert shown.count("MASKED") > 20
    for text in [shown, *(reply.text + str(reply.headers) for reply in replies)]:
        for secret in secrets:
            encoded = base64.b64encode(secret.encode()).decode()
            for spelling in (secret, quote(secret, safe=""), secret.lower(), encoded):
                assert spelling not in text


def test_the_signature_that_would_have_been_right_is_nowhere(sandbox, client):
    """Or whoever sees the page could have any request signed."""
    url = sandbox.url + "/account/get-balance"
    parameters = sign("GET", url, client, signer.TOKEN)
    forged = [(name, "AAAA" if name == "oauth_signature" else value) for name, value in parameters]
    reply = HTTP.get(url, headers={"Authorization": authorization_header(forged)})
    assert reply.status_code == 401
    right = dict(parameters)["oauth_signature"]
    digest = base64.b64decode(right)
    for spelling in (right, quote(right, safe=""), digest.hex(), repr(digest)[2:-1]):
        assert spelling not in every_page(sandbox) + reply.text
    assert HTTP.get(url, headers={"Authorization": authorization_header(parameters)}).status_code == 200


# Hostile requests

HOSTILE = "<script>alert('1')</script>\"><img src=x onerror=alert(1)>"


def test_what_clients_send_is_text(sandbox, client):
    url = sandbox.url + "/sms/json"
    hostile = "\x1b[2J\x00" + HOSTILE + "\u202e\u2028"
    for query in (quote(hostile), f"a={quote(hostile)}"):
        for key in (client, ClientCredentials(hostile, "x")):
            header = authorization_header(sign("GET", url, key, TokenCredentials(HOSTILE, "x"), nonce=HOSTILE))
            HTTP.get(f"{url}?{query}", headers={"Authorization": header, "X-Forwarded-Host": HOSTILE})
    parameters = sign("GET", url, client, signer.TOKEN, nonce=HOSTILE, protocol_parameters=[("oauth_x", HOSTILE)])
    header = authorization_header(parameters)
    reply = HTTP.get(f"{url}?a={quote(hostile)}", headers={"Authorization": header})
    assert refusal(reply)[1].startswith("The signer left the query out of the signature.")
    found = newest(sandbox)
    assert "\\x1b[2J\\x00&lt;script&gt;" in found and "\\u202e\\u2028" in found
    raw = (
        f'GET /<script>alert(1)</script>"\xff?{HOSTILE.replace(" ", "+")} HTTP/1.1\r\n'
        f"Host: {urlsplit(url).netloc}\r\nConnection: close\r\n\r\n"
    )
    exchange_raw(sandbox, raw.encode("latin-1"))
    html = every_page(sandbox)
    text = Text(html)
    assert not {"style", "iframe", "object"} & {tag for tag, _ in text.tags}
    loaded = [attributes.get("src") for tag, attributes in text.tags if tag in ("script", "img")]
    assert set(loaded) == {"/static/inspector.js", "/static/mark.svg"}
    assert not {name for _, attributes in text.tags for name in attributes if name.startswith("on") or name == "style"}
    assert "&lt;script&gt;alert" in html
    control = [character for character in html if not character.isprintable() and character != "\n"]
    assert control == []


def exchange_raw(sandbox, octets):
    url = urlsplit(sandbox.url)
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(octets)
        return connection.makefile("rb").read()


def test_a_signature_of_a_large_form_is_refused_and_not_kept(sandbox, client):
    url = sandbox.url + "/sms/json"
    form = "&".join(f"name{number}={'*' * 900}" for number in range(280))
    header = authorization_header(sign("POST", url, client, signer.TOKEN, form="a=1"))
    reply = HTTP.post(url, headers={"Authorization": header, "Content-Type": FORM}, content=form)
    assert "then stopped" in refusal(reply)[1]
    html = newest(sandbox)
    assert "very long base strings are not stored" in html
    assert len(html) < 5000


def test_a_target_is_cut_where_it_is_too_long(sandbox):
    HTTP.get(sandbox.url + "/nothing?" + "z" * 30_000)
    assert "z" * 16_000 in newest(sandbox)
    assert len(newest(sandbox)) < 20_000
    assert len(page(sandbox)) < 150_000


def test_a_large_number_of_pieces_is_not_laid_side_by_side(sandbox, client):
    url = sandbox.url + "/sms/json"
    form = "&".join(f"{number}=" for number in range(500))
    header = authorization_header(sign("POST", url, client, signer.TOKEN))
    reply = HTTP.post(url, headers={"Authorization": header, "Content-Type": FORM}, content=form)
    assert refusal(reply)[1].startswith("The signer left the form out of the signature.")
    html = newest(sandbox)
    assert "too many pieces" in html and len(in_one_piece(html)) == 2


# The page


def test_the_last_requests_are_kept_newest_first(issued):
    for number in range(60):
        HTTP.get(f"{issued.url}/nothing/{number}")
    html = page(issued)
    shown = numbers(html)
    assert shown == list(range(shown[0], shown[0] - 50, -1))
    assert re.findall(r"GET /nothing/(\d+)", html) == [str(number) for number in range(59, 9, -1)]
    assert HTTP.get(f"{issued.url}/inspector/{shown[-1] - 1}").status_code == 404
    assert HTTP.get(f"{issued.url}/inspector/{shown[-1]}").status_code == 200


def test_the_list_is_live_until_it_is_paused(issued):
    live, paused = HTTP.get(issued.url + "/inspector"), HTTP.get(issued.url + "/inspector?paused")
    refresh = '<noscript><meta http-equiv="refresh" content="2"></noscript>'
    assert refresh in live.text and "data-live" in live.text
    assert '<a href="/inspector?paused">Pause</a>' in live.text
    assert refresh not in paused.text and "data-live" not in paused.text
    assert '<a href="/inspector">Follow live</a>' in paused.text
    one = HTTP.get(f"{issued.url}/inspector/{numbers(live.text)[0]}") if numbers(live.text) else paused
    assert refresh not in one.text
    HTTP.get(issued.url + "/arrived-in-the-meantime")
    assert "/arrived-in-the-meantime" not in live.text
    assert "/arrived-in-the-meantime" in HTTP.get(issued.url + "/inspector").text


def test_before_the_first_request_it_says_how_to_send_one():
    with Sandbox() as sandbox:
        html = page(sandbox)
        assert f"curl --data oauth_callback=oob {sandbox.url}/oauth/request_token" in html
        assert "<table" not in html


@pytest.mark.parametrize("path", ["/inspector", "/inspector?paused", "/inspector/1", "/inspector/99999"])
def test_its_pages_keep_the_rules_of_all_pages(sandbox, path):
    HTTP.get(sandbox.url + "/something")
    reply = HTTP.get(sandbox.url + path)
    assert (
        reply.headers["Content-Security-Policy"]
        == (
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
        or reply.status_code == 404
    )
    assert (reply.headers["X-Frame-Options"], reply.headers["Cache-Control"]) == ("DENY", "no-store")
    tags = Text(reply.text).tags
    assert [attributes["href"] for tag, attributes in tags if tag == "link"] == [
        "/static/style.css",
        "/static/mark.svg",
    ]
    sources = [attributes.get("src", tag) for tag, attributes in tags if tag in ("script", "img", "style", "iframe")]
    assert set(sources) <= {"/static/inspector.js", "/static/mark.svg"}
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on") or name == "style"]
    for tag, attributes in tags:
        if tag == "a":
            assert attributes.get("href", "#").startswith(("/", "#"))
    assert HTTP.get(sandbox.url + path, headers={"Host": "rebound.example"}).status_code == 421
    assert HTTP.post(sandbox.url + path).status_code == 405


def test_its_pages_have_headings_in_order_and_tables_with_headers(sandbox):
    method, uri, headers, body, _ = request_with(sandbox, "another-scheme")
    curl(method, uri, headers, body)
    for html in (page(sandbox), newest(sandbox)):
        tags = Text(html).tags
        levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
        assert levels.count(1) == 1 and levels[0] == 1
        assert all(after - before <= 1 for before, after in zip(levels, levels[1:]))
        scopes = [attributes["scope"] for tag, attributes in tags if tag == "th"]
        assert scopes.count("col") in (3, 4) and "row" in scopes
        assert len([tag for tag, _ in tags if tag == "caption"]) == 1
        # Each link within the page leads somewhere, and no name is there twice.
        names = [attributes["id"] for _, attributes in tags if "id" in attributes]
        assert len(names) == len(set(names))
        links = [attributes["href"] for _, attributes in tags if "href" in attributes]
        assert {link[1:] for link in links if link.startswith("#")} <= set(names)


def test_the_first_page_and_the_start_message_name_it(sandbox):
    assert 'href="/inspector"' in page(sandbox, "/")
    process = subprocess.Popen([sys.executable, "-m", "nexmo", "sandbox"], stdout=subprocess.PIPE, text=True)
    with process:
        lines = [process.stdout.readline() for _ in range(4)]
        process.terminate()
    url = re.search(r"http://\S+", lines[0]).group()
    assert lines[3].strip().endswith(url + "/inspector")


# What it may cost


def test_a_diagnosis_has_its_turn_and_its_time(tmp_path, monkeypatch):
    with closing(Store(tmp_path / "sandbox.sqlite")) as store:
        clock = [100.0]
        monkeypatch.setattr(inspector.time, "monotonic", lambda: clock[0])
        watching = Inspector(store, ["http://127.0.0.1:1"], time.time)
        client = ClientCredentials("ck", "cs")
        url = "http://127.0.0.1:1/sms/json"
        headers = [("Authorization", authorization_header(sign("GET", url, ClientCredentials("ck", "other"))))]
        request = parse_request("GET", url, headers)

        def diagnosed():
            return len(watching.diagnose(request, headers, client, None, [HMAC_SHA1]))

        with watching.turn:
            assert diagnosed() == 0  # while there is another
        watching.credit = 0.001
        assert [diagnosed(), diagnosed()] == [1, 0]
        clock[0] += 100
        assert diagnosed() == 1
        assert watching.credit < inspector.DIAGNOSES_AT_ONCE


def test_who_is_not_diagnosed_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setattr(inspector, "DIAGNOSES_AT_ONCE", 0)
    with closing(Store(tmp_path / "sandbox.sqlite")) as store:
        store.add_client("ck", "cs", "Test client", "http://127.0.0.1/")
        transport = httpx.ASGITransport(create_app(store, MemoryNonceStore(epoch=0), 1))
        url = "http://127.0.0.1:1/oauth/request_token"
        header = authorization_header(sign("POST", url, ClientCredentials("ck", "other")))

        async def exchange():
            async with httpx.AsyncClient(transport=transport) as client:
                refused = await client.post(url, headers={"Authorization": header})
                return refused, await client.get("http://127.0.0.1:1/inspector/1")

        refused, shown = asyncio.run(exchange())
    advice = "The signature does not match the request. The cause was not looked for, because many signatures"
    assert refusal(refused)[1].startswith(advice)
    assert advice in shown.text and "Signature base string" in shown.text


def test_who_sends_another_version_is_told_to_write_1_0(sandbox, client):
    url = sandbox.url + "/account/get-balance"
    header = authorization_header(sign("GET", url, client, signer.TOKEN))
    header = header.replace('oauth_version="1.0"', 'oauth_version="1.0A"')
    fields = dict(decode_form(HTTP.get(url, headers={"Authorization": header}).text))
    assert fields["oauth_problem"] == "version_rejected"
    assert "Send 1.0." in fields["oauth_problem_advice"] and "1.0A" in fields["oauth_problem_advice"]


@pytest.mark.parametrize(
    "seconds, words",
    [(40, "40 seconds"), (-119, "119 seconds"), (120, "2 minutes"), (7200, "2 hours"), (-1727999, "19 days")],
)
def test_how_wrong_a_clock_is_can_be_read(seconds, words):
    assert inspector.duration(seconds) == words


def test_refused_requests_can_be_shown_alone(sandbox, client):
    url = sandbox.url + "/account/get-balance?accepted-one"
    assert (
        HTTP.get(
            url, headers={"Authorization": authorization_header(sign("GET", url, client, signer.TOKEN))}
        ).status_code
        == 200
    )
    HTTP.get(sandbox.url + "/refused-one")
    assert "accepted-one" in page(sandbox) and "/refused-one" in page(sandbox)
    html = page(sandbox, "/inspector?refused&paused")
    assert "accepted-one" not in html and "/refused-one" in html
    assert "data-live" in HTTP.get(sandbox.url + "/inspector?refused").text


@pytest.fixture(scope="module")
def inspected(sandbox):
    """A request that was accepted, its parameters, and the path of its page."""
    client = ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret)
    url = sandbox.url + "/account/get-balance?a=1"
    parameters = sign("GET", url, client, signer.TOKEN)
    HTTP.get(url, headers={"Authorization": authorization_header(parameters)})
    return url, client, parameters, f"/inspector/{numbers(page(sandbox))[0]}"


@pytest.fixture
def compared(sandbox, inspected):
    def compared(text):
        reply = HTTP.post(sandbox.url + inspected[3] + "/compared", data={"pasted": text})
        assert reply.status_code == 200
        return unescape(reply.text)

    return compared


def test_the_clients_own_base_string_is_compared(inspected, compared):
    url, client, parameters, _ = inspected
    given = {"timestamp": dict(parameters)["oauth_timestamp"], "nonce": dict(parameters)["oauth_nonce"]}
    right = explain("GET", url, client, signer.TOKEN, **given).base_string
    assert "The base strings are equal." in compared(right)
    html = compared(right.replace("http%3A", "https%3A"))
    assert "<h3>base string URI</h3>" in html and "The signer signed the URL with the scheme https." in html
    assert "This text cannot be compared" in compared("<script>nonsense")
    assert compared("<script>1").count("<script>1") == 1  # unescaped here


def test_a_pasted_base_string_that_is_no_text_is_compared(compared):
    assert "\\udced\\udca0\\udc80" in compared("GET&http%3A%2F%2Fa&a%3D%ED%A0%80")
    assert "\\udcff" in compared("GET&http%3A%2F%2Fa%FF&a%3D1")
    html = compared("%1B%FF&http%3A%2F%2Fa&%ED%A0%80%3D1")
    assert "<h3>parameter \\udced\\udca0\\udc80</h3>" in html and "\\x1b\\udcff" in html and "\x1b" not in html


def test_the_clients_own_header_is_compared(inspected, compared):
    url, client, parameters, _ = inspected
    header = authorization_header(parameters)
    for text in (header, "Authorization: " + header, "authorization:\n  " + header.replace(", ", ",\n  ")):
        assert "the Authorization header belongs to this request" in " ".join(compared(text).split())
    other = [(name, "AAAA" if name == "oauth_signature" else value) for name, value in parameters]
    assert "The signatures differ" in compared(authorization_header(other))
    html = compared(authorization_header(sign("GET", url, client, signer.TOKEN)))
    assert "<h3>parameter oauth_nonce</h3>" in html and "computed this base string for another request" in html


def test_the_clients_own_command_line_is_compared(inspected, compared):
    url, _, parameters, _ = inspected
    line = f"curl '{url}' -H 'Authorization: {authorization_header(parameters)}'"
    assert "the curl command line belongs to this request" in " ".join(compared("$ " + line).split())
    html = compared(line.replace("a=1", "a=2"))
    assert "<h3>parameter a</h3>" in html
    assert "This text cannot be compared" in compared(f"curl '{url}'")
    assert "This text cannot be compared" in compared(
        f"curl '{url}' -d @/etc/hostname -H 'Authorization: OAuth a=\"b\"'"
    )


def test_a_request_is_copied_as_curl_and_sends_the_same(sandbox, client, tmp_path):
    url = sandbox.url + "/sms/json?b=%2f&a=1%20~"
    form = b"from=a&to=15551234567&text=it%27s+%E2%9C%93"
    header = authorization_header(
        sign("POST", url, ClientCredentials(client.identifier, "wrong"), signer.TOKEN, form=form)
    )
    HTTP.post(url, headers={"Authorization": header, "Content-Type": FORM, "X-Extra": "it's \\ $HOME"}, content=form)
    number = numbers(page(sandbox))[0]
    line = HTTP.get(f"{sandbox.url}/inspector/{number}/curl")
    assert line.headers["Content-Type"] == "text/plain; charset=utf-8"
    sent = subprocess.run(["sh", "-c", line.text + " -s --noproxy '*'"], capture_output=True, timeout=30)
    assert b"signature_invalid" in sent.stdout
    first, second = [dict(har_request(sandbox, each)) for each in (number, numbers(page(sandbox))[0])]
    assert first["postData"]["text"] == form.decode() and header in [each["value"] for each in first["headers"]]
    for name in ("method", "url", "postData"):
        assert first[name] == second[name]
    kept = [{each["name"]: each["value"] for each in request["headers"]} for request in (first, second)]
    assert kept[0]["X-Extra"] == kept[1]["X-Extra"] and kept[0]["Authorization"] == kept[1]["Authorization"]
    # And it can be diagnosed elsewhere.
    file = tmp_path / "request.har"
    file.write_bytes(HTTP.get(f"{sandbox.url}/inspector/{number}/har").content)
    environment = {"OAUTH1_CLIENT_SECRET": "wrong", "OAUTH1_TOKEN_SECRET": signer.TOKEN.secret, "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "oauth1_core", "verify", "--har", str(file)]
    assert subprocess.run(command, env=environment, timeout=60, capture_output=True).returncode == 0


def har_request(sandbox, number):
    reply = HTTP.get(f"{sandbox.url}/inspector/{number}/har")
    assert reply.headers["Content-Disposition"] == f'attachment; filename="request-{number}.har"'
    (entry,) = reply.json()["log"]["entries"]
    return entry["request"]


def test_a_copy_holds_no_secret(sandbox, client):
    url = sandbox.url + "/sms/json"
    secrets = [signer.TOKEN.secret, client.secret, "a" * 64]
    plaintext = authorization_header(sign("POST", url, client, signer.TOKEN, signature_method=PLAINTEXT))
    headers = {"Authorization": plaintext, "Cookie": "session=1234567", "X-Secret": quote(secrets[0], safe="")}
    form = f"client_secret=abcdefgh&x={quote(secrets[0])}&y={secrets[2]}&z={quote(secrets[1], safe='')}&kept=1"
    HTTP.post(url, headers={**headers, "Content-Type": FORM}, content=form)
    HTTP.post(url, headers={"Authorization": "Basic abcdefgh"}, content=secrets[2])
    # Spelled otherwise, in a request that cannot be read, with the secrets of another service.
    of_another = 'OAuth oauth_signature_method="PLAIN%54EXT", oauth_signature="abcdefgh%261234567", oauth_nonce="%"'
    HTTP.post(url, headers={"Authorization": of_another})
    for number in numbers(page(sandbox))[:3]:
        curl, har = [HTTP.get(f"{sandbox.url}/inspector/{number}/{kind}").text for kind in ("curl", "har")]
        for text in (curl, har):
            assert "MASKED" in text
            for secret in secrets:
                for spelling in (secret, quote(secret), quote(secret, safe=""), quote(quote(secret, safe=""), safe="")):
                    assert spelling not in text
            assert "1234567" not in text and "abcdefgh" not in text
    assert "kept=1" in HTTP.get(f"{sandbox.url}/inspector/{numbers(page(sandbox))[2]}/curl").text


def test_a_secret_in_another_case_or_with_escapes_is_masked_too(issued, sandbox):
    secret = issued.consumer_secret
    escaped = "".join(f"%{ord(digit):02x}" for digit in secret)
    for spelling in (secret.upper(), secret[:32] + secret[32:].upper(), escaped, secret[:9] + escaped[27:]):
        header = authorization_header(
            sign("GET", issued.url, ClientCredentials(spelling, "x"), protocol_parameters=[("oauth_x", f"={spelling}")])
        )
        HTTP.get(f"{issued.url}/sms/json?a=%3D{spelling}&b={spelling}", headers={"Authorization": header})
        number = numbers(page(issued))[0]
        for path in ("", "/curl", "/har"):
            text = HTTP.get(f"{issued.url}/inspector/{number}{path}").text
            assert "a=%3DMASKED&" in unescape(text)
            for _ in range(5):
                assert secret not in text.lower()
                text = unquote(text)
    url = f"{sandbox.url}/sms/json?a={quote(sandbox.consumer_secret.swapcase(), safe='')}"
    header = authorization_header(sign("GET", url, ClientCredentials(sandbox.consumer_key, "x")))
    HTTP.get(url, headers={"Authorization": header})
    assert "?a=MASKED" in HTTP.get(f"{sandbox.url}/inspector/{numbers(page(sandbox))[0]}/curl").text


OF_ANOTHER = "abcdefgh"  # which no sandbox knows
PLAIN = f"oauth_signature_method=PLAINTEXT, oauth_signature={OF_ANOTHER}%26"
HASHED = 'OAuth oauth_signature_method="HMAC-SHA1", oauth_signature="kept"'
UNTYPED_FORM = f"oauth_signature_method=PLAINTEXT&oauth_signature={OF_ANOTHER}%26"
JSON = f'{{"client_secret": "{OF_ANOTHER}", "a": "&{OF_ANOTHER}"}}'


@pytest.mark.parametrize(
    "headers, body, kept",
    [
        ({"Authorization": "OAuth " + PLAIN}, "", "PLAINTEXT"),
        ({"Authorization": "oauth\t" + PLAIN.replace(" ", "")}, "", "curl"),
        ({"Authorization": f"OAuth oauth_signature = {OF_ANOTHER}"}, "", "oauth_signature="),
        ({"Authorization": f'OAuth a="%", client_secret={OF_ANOTHER}'}, "", "OAuth MASKED"),
        ({"Authorization": f"OAuth a=1, Basic {OF_ANOTHER}"}, "", "OAuth MASKED"),
        ({"Authorization": OF_ANOTHER}, "", "Authorization: MASKED"),
        (
            {"Authorization": f"OAuth oauth_signature_method=OWN, oauth_signature={OF_ANOTHER}", "X-A": HASHED},
            "",
            "OWN",
        ),
        ({}, UNTYPED_FORM, "oauth_signature=MASKED"),
        ({}, JSON, "curl"),
        ({"Content-Type": FORM}, JSON, FORM),
        ({"Content-Type": "application/json", "Authorization": HASHED}, JSON, "kept"),
        ({"Content-Type": "application/json"}, f'{{"oauth_signature": "{OF_ANOTHER}"}}', "application/json"),
        ({}, JSON.replace("secret", r"\u0073\u0065cret"), "curl"),
        ({"Content-Type": FORM}, "a=open&b=" + quote(JSON.replace("secret", r"\u0073ecret")), "a=open"),
        ({"X-Api-Secret": OF_ANOTHER, "Authorization": HASHED}, '{"a": "open"}', "open"),
        ({"X-Auth-Token": OF_ANOTHER, "Content-Type": "text/plain"}, "open", "open"),
        (
            {"Content-Type": FORM},
            f"api_key={OF_ANOTHER}&passwd={OF_ANOTHER}&access_token={OF_ANOTHER}&a=open",
            "a=open",
        ),
        ({"Content-Type": FORM}, "a=open&b=" + quote(JSON), "a=open"),
        ({"Content-Type": FORM}, f"c=http%3A%2F%2Fa%3Fapi_secret%3D{OF_ANOTHER}&text=my%20secret", "text=my%20secret"),
        ({"Referer": f"http://a/?client_secret={OF_ANOTHER}"}, "a=open", "a=open"),
    ],
)
def test_a_copy_holds_no_secret_that_the_sandbox_does_not_know(sandbox, headers, body, kept):
    HTTP.post(sandbox.url + "/oauth/request_token", headers=headers, content=body.encode())
    number = numbers(page(sandbox))[0]
    curl, har = [HTTP.get(f"{sandbox.url}/inspector/{number}/{kind}").text for kind in ("curl", "har")]
    assert OF_ANOTHER not in curl + har
    assert kept in curl


def copies_of(store, headers, body):
    exchange = inspector.Exchange(1, 0, "POST", "/")
    exchange.client = "ck"
    exchange.received = inspector.Received("POST", "http://a/", headers, body.encode())
    return [make(Inspector(store, [], time.time), exchange) for make in (Inspector.as_curl, Inspector.as_har)]


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_copy_holds_no_spelling_of_a_secret(tmp_path, spelling):
    escaped = quote_plus(spelling)
    with closing(Store(tmp_path / "sandbox.sqlite")) as store:
        store.add_client("ck", SECRET, "Test client", "http://127.0.0.1/")
        for text in [
            *copies_of(store, [("Content-Type", FORM)], f"a=open&b={escaped}"),
            *copies_of(store, [("Content-Type", "text/plain"), ("X-A", f"the key was {escaped}")], spelling),
        ]:
            assert "MASKED" in text and "http://a/" in text
            assert spelling.lower() not in text.lower() and escaped.lower() not in text.lower()


@pytest.mark.parametrize(
    "said", [rf"c=%5Cu0073ecret%3D{OF_ANOTHER}", f"%2573ecret={OF_ANOTHER}", f"secr%26%23101;t={OF_ANOTHER}"]
)
def test_a_name_of_a_secret_is_read_in_each_spelling(tmp_path, said):
    exchange = inspector.Exchange(1, 0, "POST", "/?" + said)
    with closing(Store(tmp_path / "sandbox.sqlite")) as store:
        assert OF_ANOTHER not in "".join(copies_of(store, [("Content-Type", FORM)], said)) + exchange.target
        # The token secret of a PLAINTEXT signature whose "&" is not encoded has no name.
        said = f"oauth_signature_method=PLAINTEXT&oauth_signature=a&{OF_ANOTHER}"
        assert OF_ANOTHER not in "".join(copies_of(store, [("Content-Type", FORM)], said))


@pytest.mark.parametrize("escape", [r"\\u{:04x}", "&#{};", "%25{:02x}", r"%5Cu{:04X}"])
def test_what_looks_like_a_secret_is_masked_in_each_spelling(escape):
    said = "".join([escape.format(ord(digit)) for digit in "0123456789abcdef" * 4])
    assert "MASKED" in inspector.Exchange(1, 0, "GET", f"/?a={said}").target
    assert said not in inspector.Exchange(1, 0, "GET", f"/?a={said}").target


def test_a_copy_of_what_cannot_be_read_holds_no_secret_of_the_sandbox(sandbox):
    secrets = [sandbox.consumer_secret, signer.TOKEN.secret]
    body = "&".join(f"x={quote(secret, safe='')}" for secret in secrets)
    HTTP.post(sandbox.url + "/sms/json", headers={"Authorization": "OAuth x", "Content-Type": FORM}, content=body)
    assert "x=MASKED&x=MASKED" in HTTP.get(f"{sandbox.url}/inspector/{numbers(page(sandbox))[0]}/curl").text


def test_what_is_too_long_or_not_there_is_not_copied(sandbox):
    HTTP.post(sandbox.url + "/sms/json", content=b"a" * 20_000)
    number = numbers(page(sandbox))[0]
    for path in (f"{number}/curl", f"{number}/har", f"{number}/other", "99999/har", "x/curl"):
        assert HTTP.get(f"{sandbox.url}/inspector/{path}").status_code == 404


def test_a_long_header_is_not_copied_and_costs_little(sandbox):
    HTTP.get(sandbox.url + "/nothing", headers={"Authorization": "OAuth " + "a" * 20_000})
    assert HTTP.get(f"{sandbox.url}/inspector/{numbers(page(sandbox))[0]}/curl").status_code == 404
    before = time.process_time()
    assert inspector.masked_field("Authorization", "OAuth " + "a" * 65_536, True) == "OAuth MASKED"
    exchange = inspector.Exchange(1, 0, "GET", "/")
    exchange.received = inspector.Received("GET", "http://a/", [], b"")
    exchange.explicable = "GET", "http://a/", [], ""
    assert exchange.compared("OAuth " + " " * 65_536) is None
    assert exchange.compared("authorization" + " " * 65_536 + "OAuth x") is None
    assert time.process_time() - before < 3


def test_the_answer_stands_beside_the_verdict_without_its_secret(issued):
    with httpx.Client(trust_env=False) as http:
        client = ClientCredentials(issued.consumer_key, issued.consumer_secret)
        url = issued.endpoints.request_token
        parameters = sign("POST", url, client, protocol_parameters=[("oauth_callback", "oob")])
        reply = dict(decode_form(http.post(url, headers={"Authorization": authorization_header(parameters)}).text))
    html = newest(issued)
    assert "Response of the sandbox" in html and f"oauth_token: {reply['oauth_token']}" in html
    assert "oauth_token_secret: MASKED" in html and reply["oauth_token_secret"] not in html
    HTTP.get(f"{issued.endpoints.authorize}?oauth_token={reply['oauth_token']}")
    assert HTTP.get(issued.url + "/nothing").status_code == 404
    assert "browser; it is not stored" in newest(issued)


def test_an_answer_that_repeats_what_was_sent_is_shown_without_secrets():
    exchange = inspector.Exchange(1, 0, "GET", "/")
    exchange.answer_type = "application/json"
    for said, shown in (("text", '[["text", "abc"]]'), ("client_secret", "MASKED"), ("api_key", "MASKED")):
        exchange.answer = f'[["{said}", "abc"]]'.encode()
        assert exchange.answer_text == shown


@pytest.mark.parametrize("secret", ["0123456789abcdef" * 4, "01%61b" * 16])
@pytest.mark.parametrize("kept", [1, 20, 63])
def test_no_part_of_a_secret_is_left_at_the_cut_of_a_long_answer(secret, kept):
    exchange = inspector.Exchange(1, 0, "GET", "/")
    before = "x" * (inspector.LONGEST_ANSWER - kept - 1) + " "
    exchange.answer = (before + secret).encode()[: inspector.LONGEST_ANSWER]
    assert exchange.answer_text == before


def test_numbers_and_ids_have_words(sandbox, client):
    url = sandbox.url + "/account/get-balance"
    stale = sign("GET", url, client, signer.TOKEN, timestamp=int(time.time()) - 20 * 86400 - 60)
    _, advice = refusal(HTTP.get(url, headers={"Authorization": authorization_header(stale)}))
    assert "20 days behind this server's clock" in advice
    said = " ".join(" ".join(Text(newest(sandbox)).said).split())
    assert re.search("20 days behind the sandbox.s clock", said)
    assert "Client Test client" in said and f"access token for {USER}" in said
    assert f"access token for {USER}" in page(sandbox)


def test_a_token_of_another_client_is_told_from_an_unknown_one(tmp_path):
    with closing(Store(tmp_path / "sandbox.sqlite")) as store:
        store.add_client("ck", "cs", "Test client", "http://127.0.0.1/")
        store.add_client("other", "cs", "Other client", "http://127.0.0.1/")
        store.add_request_token("its", "secret", "other", "oob", time.time() + 600)
    with Sandbox(tmp_path / "sandbox.sqlite") as sandbox:
        url = sandbox.url + "/account/get-balance"
        header = authorization_header(
            sign("GET", url, ClientCredentials("ck", "cs"), TokenCredentials("its", "secret"))
        )
        _, advice = refusal(HTTP.get(url, headers={"Authorization": header}))
        assert advice.startswith("oauth_token was issued to another client")


def test_one_request_leads_to_the_next_and_to_the_last(sandbox):
    for number in range(3):
        HTTP.get(f"{sandbox.url}/next/{number}")
    newest_one, middle, oldest = numbers(page(sandbox))[:3]
    html = page(sandbox, f"/inspector/{middle}")
    assert f'href="/inspector/{oldest}" rel="prev"' in html and f'href="/inspector/{newest_one}" rel="next"' in html
    assert 'rel="next"' not in page(sandbox, f"/inspector/{newest_one}")
    assert 'href="/inspector"' in html and 'href="/"' in html


def test_the_mark_is_ours_and_loads_nothing(sandbox):
    reply = HTTP.get(sandbox.url + "/static/mark.svg")
    assert reply.headers["Content-Type"] == "image/svg+xml" and len(reply.content) < 1000
    assert b"href" not in reply.content and b"script" not in reply.content
    assert '<link rel="icon" type="image/svg+xml" href="/static/mark.svg">' in page(sandbox, "/")
    for name in ("nothing.js", "..%2finspector.py"):
        assert HTTP.get(sandbox.url + "/static/" + name).status_code == 404


def test_the_first_page_names_the_consumer_key(issued):
    assert f"<code>{issued.consumer_key}</code>" in page(issued, "/")
