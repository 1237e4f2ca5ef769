"""The recipes of docs/servers.md, each as a process: what was signed is accepted, and no trap is fallen into."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path
from wsgiref.simple_server import make_server

import mangum
import oauthlib.oauth1
import pytest

from oauth1_core import (
    AsyncVerifier,
    ClientCredentials,
    InvalidSignature,
    MalformedRequest,
    TokenCredentials,
    Verifier,
    authorization_header,
    body_hash,
    form_encoded_body,
    sign,
)
from oauth1_core.adapters import wsgi
from oauth1_core.adapters.asgi import OAuth1Middleware
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from tests.support.programs import path_of
from tests.support.served_app import CLIENT, TOKEN, Known
from tests.support.servers import ASGI, free_port, running, send, wait_for

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "servers.md").read_text()
FORM = ("Content-Type", "application/x-www-form-urlencoded")
BLOCKS = re.findall(r"^```python\n# (\w+)\.py(?:: ([^\n]+)|, goes on)?\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = {name: command for name, command, _ in BLOCKS if command}
WITH_NOTES = [name for name in COMMANDS if not name.startswith("lti_")]


def write_modules(folder, port="8080"):
    for module, _, code in BLOCKS:
        with (folder / (module + ".py")).open("a") as file:
            # A store that begins empty refuses for its first five seconds, for which no test waits.
            file.write(code.replace("8080", port).replace("MemoryNonceStore()", "MemoryNonceStore(epoch=0)"))


@contextlib.contextmanager
def served(name, folder):
    """Run a recipe by its own command, beside the others; yield its origin."""
    port = free_port()
    write_modules(folder, str(port))
    with running(COMMANDS[name].replace("8080", str(port)), folder=folder, port=port) as origin:
        yield origin


def test_a_recipe_has_at_most_fifteen_lines():
    assert len(BLOCKS) > 12
    for name, _, code in BLOCKS:
        assert len([line for line in code.splitlines() if line]) <= 15, name


@pytest.fixture(scope="module", params=WITH_NOTES)
def recipe(request, tmp_path_factory):
    """The name of a recipe and its origin."""
    with served(request.param, tmp_path_factory.mktemp(request.param)) as origin:
        yield request.param, origin


@pytest.fixture
def origin(recipe):
    return recipe[1]


def signed_pairs(method, uri, **options):
    """Sign as a client whose clock is ahead: a store that has just begun refuses what is as old as itself."""
    return sign(method, uri, CLIENT, TOKEN, timestamp=int(time.time()) + 5, **options)


def post(origin, signed="/notes", sent="/notes", form="text=caf%C3%A9+1", signed_form=None, host=None):
    signed_form = form if signed_form is None else signed_form
    pairs = signed_pairs("POST", origin + signed, form=signed_form)
    fields = [("Authorization", authorization_header(pairs)), FORM, ("Content-Length", str(len(form)))]
    return send(origin, "POST", sent, fields, form.encode(), host)


# Tornado, and what mounts the middleware, look for a handler before anything can refuse.
NOT_FOUND = {"tornado_app": [404], "starlette_app": [404]}


def test_what_was_signed_reaches_the_handler(recipe):
    name, origin = recipe
    escaped = ["/%6Eotes"] if name != "tornado_app" else []
    for target in ("/notes", "/notes?page=2&a=%C3%BC&a=1", "/notes?", *escaped):
        status, _, content = post(origin, target, target)
        assert (status, json.loads(content)) == (200, {"client": "client", "text": "caf\xe9 1"}), target


@pytest.mark.parametrize("signed, sent", [("/%6Eotes", "/notes"), ("/notes", "//notes"), ("/v1/notes", "/notes")])
def test_another_path_is_refused(recipe, signed, sent):
    name, origin = recipe
    status, headers, content = post(origin, signed, sent)
    if name == "tornado_app" and sent == "//notes":
        assert status == 404
        return
    assert (status, content) == (401, b"oauth_problem=signature_invalid")
    assert headers["www-authenticate"].startswith("OAuth realm=")


def test_another_form_is_refused(origin):
    assert post(origin, form="text=2", signed_form="text=1")[0] == 401


@pytest.mark.parametrize(
    "media_type, body",
    [
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n1\r\n--x--\r\n',
        ),
        ("application/x-www-form-urlencoded-x", b"text=1"),  # which Tornado and Bottle read as a form
    ],
)
def test_a_body_that_was_put_in_on_the_way_is_refused(origin, media_type, body):
    pairs = signed_pairs("POST", origin + "/notes")
    fields = [("Authorization", authorization_header(pairs)), ("Content-Type", media_type)]
    status, _, content = send(origin, "POST", "/notes", [*fields, ("Content-Length", str(len(body)))], body)
    assert (status, content) == (400, b"oauth_problem=parameter_absent&oauth_parameters_absent=oauth_body_hash")


def test_another_host_is_refused(origin):
    assert post(origin, host="evil.example")[0] == 421


def test_a_target_that_is_not_a_path_is_refused(recipe):
    name, origin = recipe
    pairs = signed_pairs("GET", origin.rpartition(":")[0] + ".evil.com/notes")
    fields = [("Authorization", authorization_header(pairs))]
    status, _, content = send(origin, "GET", ".evil.com/notes", fields)
    assert status in [0, 400, *NOT_FOUND.get(name, ())] and b"client" not in content


def test_a_used_nonce_and_a_missing_signature_are_refused(origin):
    pairs = signed_pairs("POST", origin + "/notes", form="text=1")
    fields = [FORM, ("Content-Length", "6"), ("Authorization", authorization_header(pairs))]
    answers = [send(origin, "POST", "/notes", fields, b"text=1")[::2] for _ in range(2)]
    assert answers[0][0] == 200 and answers[1] == (401, b"oauth_problem=nonce_used")
    assert send(origin, "POST", "/notes", fields[:2], b"text=1")[0] == 401


@pytest.mark.parametrize("sent, expected", [(b'{"a": 1}', 200), (b'{"a": 2}', 401)])
def test_json_is_covered_by_its_hash(tmp_path, sent, expected):
    with served("fastapi_app", tmp_path) as origin:
        more = [("oauth_body_hash", body_hash(b'{"a": 1}'))]
        pairs = signed_pairs("PUT", origin + "/notes", protocol_parameters=more)
        fields = [("Authorization", authorization_header(pairs)), ("Content-Type", "application/json")]
        status, _, content = send(origin, "PUT", "/notes", [*fields, ("Content-Length", str(len(sent)))], sent)
        assert status == expected
        assert expected == 401 or content.replace(b" ", b"") == b'{"a":1}'


# Credentials in a database

VERIFY = """
import {known}, time
from oauth1_core import *
from oauth1_core.nonce_stores.memory import MemoryNonceStore
verifier = Verifier({known}.Known(), MemoryNonceStore(epoch=0))
for identifier, secret in [("token", "ts"), ("Token", "ts"), ("other", "ts"), ("token", "other")]:
    pairs = sign("GET", "https://a.example/", ClientCredentials("client", "cs"), TokenCredentials(identifier, secret))
    try:
        verifier.verify("GET", "https://a.example/", [("Authorization", authorization_header(pairs))])
        print("accepted")
    except VerificationError as error:
        print(type(error).__name__)
"""
FILL = {
    "sqlalchemy_known": """
from sqlalchemy.orm import Session
from sqlalchemy_known import engine
from sqlalchemy_tables import Base, Client, Token
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add(Client(identifier="client", secret="cs"))
    session.add(Token(client_identifier="client", identifier="token", secret="ts"))
    session.commit()
""",
    "django_known": """
import django
from django.conf import settings
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "known.sqlite"}},
    INSTALLED_APPS=["known"], DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
import sys, types
sys.modules["known"] = application = types.ModuleType("known")
application.__file__, application.__path__ = "known.py", ["."]
django.setup()
source = open("django_known.py").read()
meta = "(models.Model):\\n    class Meta: app_label = 'known'"
open("django_known.py", "w").write(source.replace("(models.Model):", meta))
from django.db import connection
from django_known import Client, Token
with connection.schema_editor() as editor:
    editor.create_model(Client)
    editor.create_model(Token)
Token.objects.create(client=Client.objects.create(identifier="client", secret="cs"), identifier="token", secret="ts")
""",
}


@pytest.mark.parametrize("known", FILL)
def test_credentials_come_from_a_database(tmp_path, known):
    write_modules(tmp_path)
    (tmp_path / "run.py").write_text(FILL[known] + VERIFY.format(known=known))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "run.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == ["accepted", "InvalidToken", "InvalidToken", "InvalidSignature"], done.stderr


# Behind a proxy


@pytest.fixture(scope="module")
def behind_nginx(tmp_path_factory):
    """Debian's nginx with the locations of the page, before uvicorn; yields the origin that clients use."""
    folder = tmp_path_factory.mktemp("nginx")
    ports = free_port(), free_port()
    origin = f"http://127.0.0.1:{ports[0]}"
    [locations] = re.findall(r"^```nginx\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    paths = " ".join(
        [f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {paths} server {{ listen 127.0.0.1:{ports[0]};\n"
        + locations.replace("8080", str(ports[1])) + "} }\n"
    )  # fmt: skip
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin") or path_of("nginx")
    with running(ASGI["uvicorn httptools"], port=ports[1], ORIGIN=origin):
        process = subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")])
        try:
            wait_for(ports[0], process)
            yield origin
        finally:
            process.terminate()
            process.wait(10)


ODD = ["/r?a=1&b=%C3%BC", "/r%2Fs", "/r//s", "/a/../r", "/%7Er", "/caf%c3%a9"]


@pytest.mark.peers
@pytest.mark.parametrize(
    "location, variant, whole",
    [("", "", ODD), ("/v1", "prefix", ODD[:1]), ("/v1", "original", ODD), ("/v1", "", [])],
)
def test_nginx_keeps_a_signature_whole_as_the_page_says(behind_nginx, location, variant, whole):
    accepted = []
    for target in ODD:
        target = target if not target.startswith("/a/") or not location else "/b/../r"
        pairs = sign("GET", behind_nginx + location + target, CLIENT, TOKEN)
        fields = [("Authorization", authorization_header(pairs)), ("X-Variant", variant)]
        status, _, content = send(behind_nginx, "GET", location + target, fields)
        assert status in (200, 401)
        if status == 200:
            assert json.loads(content)["uri"] == behind_nginx + location + target
            accepted.append(target)
    assert [target.replace("/b/", "/a/") for target in accepted] == whole


def signed_uris():
    module = {}
    exec(next(code for name, _, code in BLOCKS if name == "signed_uris"), module)
    return module


def test_the_target_that_nginx_names_is_put_behind_the_origin():
    scope = {"headers": [(b"host", b"inner"), (b"x-original-uri", b"/v1/r%2Fs?a=1")]}
    assert signed_uris()["from_nginx"](scope) == "https://api.example.com/v1/r%2Fs?a=1"


async def seen(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["oauth1"].uri.encode()})


@pytest.mark.parametrize("sent, status", [("/a%2Fb", 200), ("/a/b", 401)])
def test_an_event_of_lambda_is_verified(sent, status):
    verifier = AsyncVerifier(Known(), MemoryNonceStore(epoch=0))
    origins = ["https://api.example.com"]
    app = OAuth1Middleware(seen, verifier, origins=origins, uri=signed_uris()["from_lambda"])
    header = authorization_header(sign("GET", origins[0] + "/a%2Fb?c=d+e", CLIENT, TOKEN))
    http = {"method": "GET", "path": sent, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "x"}
    event = {
        "version": "2.0", "routeKey": "$default", "rawPath": sent, "rawQueryString": "c=d+e",
        "headers": {"authorization": header, "host": "api.example.com"}, "isBase64Encoded": False,
        "requestContext": {"domainName": "api.example.com", "http": http, "stage": "$default"},
    }  # fmt: skip
    reply = mangum.Mangum(app, lifespan="off")(event, None)
    assert reply["statusCode"] == status
    assert status == 401 or reply["body"] == origins[0] + "/a%2Fb?c=d+e"


@pytest.mark.parametrize(
    "host, raw_path, status",
    [
        ("b.example.com", b"/r", None), ("c.example.com", b"/r", 421), ("b.example.com", b".evil.com/r", 400),
        (None, b"/r", 421),
    ],
)  # fmt: skip
def test_a_tenant_has_an_address_of_its_own(host, raw_path, status):
    of_tenant = signed_uris()["of_tenant"]
    headers = [(b"host", host.encode())] if host else []
    scope = {"headers": headers, "raw_path": raw_path, "query_string": b"a=\xff"}
    if status is None:
        assert of_tenant(scope) == "https://b.example.com/r?a=\udcff"
    else:
        with pytest.raises(MalformedRequest) as caught:
            of_tenant(scope)
        assert caught.value.status == status


# LTI 1.1

LAUNCH = {
    "lti_message_type": "basic-lti-launch-request", "lti_version": "LTI-1p0", "user_id": "292832126",
    "roles": "Instructor,urn:lti:role:ims/lis/Observer", "custom_text": "Zo\xeb \u6f22\u5b57\r\nline two & 100 % = 1+1",
    **{f"custom_{number}": "x" * number for number in range(35)},
}  # fmt: skip


@pytest.fixture(scope="module", params=["lti_flask", "lti_fastapi"])
def tool(request, tmp_path_factory):
    with served(request.param, tmp_path_factory.mktemp(request.param)) as origin:
        yield origin


def launched(origin, body, headers=(FORM,)):
    fields = [*headers, ("Content-Length", str(len(body)))]
    return send(origin, "POST", "/launch", fields, body.encode())


def by_oauthlib(uri, form, secret="shared secret", method="HMAC-SHA1"):
    client = oauthlib.oauth1.Client(
        "platform", secret, signature_method=method, signature_type="BODY", timestamp=str(int(time.time()) + 5)
    )
    _, _, body = client.sign(uri, "POST", form, dict([FORM]))
    return body


@pytest.mark.parametrize("method", ["HMAC-SHA1", "HMAC-SHA256"])
def test_a_launch_that_oauthlib_signed_is_verified(tool, method):
    body = by_oauthlib(tool + "/launch", LAUNCH, method=method)
    status, _, content = launched(tool, body)
    assert status == 200
    assert json.loads(content) == {name: LAUNCH[name] for name in ("user_id", "roles", "custom_text")}


def test_a_launch_with_an_empty_token_is_verified(tool):
    form = urllib.parse.urlencode(LAUNCH)
    platform = ClientCredentials("platform", "shared secret")
    now = int(time.time()) + 5
    pairs = sign("POST", tool + "/launch", platform, TokenCredentials("", ""), form=form, timestamp=now)
    assert ("oauth_token", "") in pairs
    assert launched(tool, form_encoded_body(pairs, form))[0] == 200


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda body: body + "&extra=1", "the signature does not match the request"),
        (
            lambda body: body.replace("oauth_timestamp=", "oauth_timestamp=1&x="),
            "too far from this server&#x27;s clock",
        ),
        (lambda body: body.replace("platform", "somebody"), "no such client"),
        (lambda body: body.replace("oauth_nonce=", "nonce="), "the request lacks oauth_nonce"),
        (lambda body: "", "the request lacks oauth_consumer_key"),
    ],
)
def test_a_page_says_what_was_wrong_with_a_launch(tool, change, said):
    status, headers, content = launched(tool, change(by_oauthlib(tool + "/launch", LAUNCH)))
    assert status in (400, 401) and headers["content-type"] == "text/html; charset=utf-8"
    assert said in content.decode() and "shared secret" not in content.decode()


def test_a_result_goes_to_the_outcome_service_with_its_hash(tmp_path, monkeypatch):
    write_modules(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    import lti_known
    import lti_outcome

    received = []

    def platform(environ, start_response):
        received.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    with make_server("127.0.0.1", 0, None) as server:
        verifier = Verifier(lti_known.Platforms(), MemoryNonceStore(epoch=0), require_body_hash=True)
        origin = f"http://127.0.0.1:{server.server_port}"
        # wsgiref passes no target as it was sent.
        options = {"origins": [origin], "token": "absent", "uri": lambda environ: origin + environ["PATH_INFO"]}
        server.set_app(wsgi.OAuth1Middleware(platform, verifier, **options))
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        reply = lti_outcome.send_result(origin + "/outcome", "<replaceResultRequest/>")
        thread.join(10)
    assert (reply.status_code, received) == (200, [b"<replaceResultRequest/>"])


@pytest.mark.parametrize("lenient", [False, True])
def test_a_sha_1_hash_under_hmac_sha256_is_taken_where_that_is_named(lenient):
    """As oauthlib sends it, which knows no other hash."""
    client = oauthlib.oauth1.Client("client", "cs", "token", "ts", signature_method="HMAC-SHA256")
    headers = {"Content-Type": "application/xml"}
    uri, headers, body = client.sign("https://a.example/outcome", "POST", "<r/>", headers)
    assert 'oauth_body_hash="' in headers["Authorization"]
    verifier = Verifier(Known(), MemoryNonceStore(epoch=0), sha1_body_hash=lenient)
    with pytest.raises(InvalidSignature):
        verifier.verify("POST", uri, headers, b"<s/>")
    with contextlib.nullcontext() if lenient else pytest.raises(InvalidSignature):
        verifier.verify("POST", uri, headers, body.encode())
