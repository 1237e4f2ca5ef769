"""The recipes of docs/servers.md, each as a process: what was signed is accepted, and no trap is fallen into."""

import contextlib
import json
import re
import time
from pathlib import Path

import pytest

from oauth1_core import authorization_header, body_hash, sign
from tests.support.served_app import CLIENT, TOKEN
from tests.support.servers import free_port, running, send

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[1] / "docs" / "servers.md").read_text()
FORM = ("Content-Type", "application/x-www-form-urlencoded")
BLOCKS = re.findall(r"^```python\n# (\w+)\.py(?:: ([^\n]+)|, goes on)?\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = {name: command for name, command, _ in BLOCKS if command}
WITH_NOTES = [name for name in COMMANDS if not name.startswith("lti_")]


@contextlib.contextmanager
def served(name, folder):
    """Run a recipe by its own command, beside the others; yield its origin."""
    port = free_port()
    for module, _, code in BLOCKS:
        with (folder / (module + ".py")).open("a") as file:
            file.write(code.replace("8080", str(port)))
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
