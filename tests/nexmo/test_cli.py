"""The command line as a person would type it."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import tomllib
import typer

import oauth1_core
from nexmo import Nexmo, cli
from nexmo.token_store import Profile, TokenStore

NEXMO = Path(sys.executable).with_name("nexmo")
README = Path(cli.__file__).with_name("README.md")


# Runs each of several commands, as a process of its own would, and prints what came of it.
EACH = """
import contextlib, io, json, sys
from nexmo import __main__
for words in json.loads(sys.argv[1]):
    sys.argv[1:], errors, status = words, io.StringIO(), 0
    with contextlib.redirect_stderr(errors):
        try:
            __main__.main()
        except SystemExit as ended:
            status = ended.code
    print(json.dumps([status, errors.getvalue()]))
"""


def nexmo(*arguments, **options):
    command = [sys.executable, "-m", "nexmo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


@pytest.fixture(scope="module")
def demo():
    return nexmo("demo")


def test_the_demo_walks_seven_steps_and_ends_with_the_sms_and_the_balance(demo):
    assert demo.returncode == 0, demo.stderr
    assert re.findall(r"^(\d)\. ", demo.stdout, re.MULTILINE) == list("1234567")
    assert "Open the following URL and press Authorize:" in demo.stdout
    assert "SMS" in demo.stdout.splitlines()[-2]
    assert re.fullmatch(r"Balance: \d+\.\d+ euros\.", demo.stdout.splitlines()[-1])


def test_the_demo_shows_no_secret(demo):
    shown = demo.stdout
    values = re.findall(r"(?:oauth_token_secret|oauth_verifier|password|csrf)='?([^&\s']+)", shown)
    assert values
    assert set(values) <= {"***", "%2A%2A%2A"}


def test_the_interactive_demo_waits_for_the_code_and_says_why_it_stopped():
    done = nexmo("demo", "--interactive", input="wrong\n")
    assert done.returncode == 1
    assert "The demo stopped:" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_sandbox_announces_itself_to_a_program():
    command = [sys.executable, "-m", "nexmo", "sandbox", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            ready = json.loads(child.stdout.readline())
            url = ready["url"] + "/oauth/request_token"
            client = oauth1_core.ClientCredentials(ready["consumer_key"], ready["consumer_secret"])
            header = oauth1_core.authorization_header(oauth1_core.temporary_credentials_request(url, client))
            assert httpx.post(url, headers={"Authorization": header}).status_code == 200
        finally:
            child.terminate()
            assert child.wait(10) == 0


def test_a_sandbox_that_cannot_start_says_why(tmp_path):
    (tmp_path / "other").write_text("no database " * 100)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for arguments, reason in (
            (["--callback", "http://example.com/"], "callback"),
            (["--database", str(tmp_path / "other")], "database"),
            (["--database", str(tmp_path / "missing" / "file")], "No such file"),
            (["--port", str(taken.getsockname()[1])], "in use"),
        ):
            done = nexmo("sandbox", *arguments)
            assert done.returncode == 1
            assert "The sandbox cannot start:" in done.stderr
            assert reason in done.stderr
            assert "Traceback" not in done.stderr


WRONG = [
    "sandbox --port 70000",
    "demo --no-such-option",
    "nothing",
    "login --port -1",
    "login --timeout 0",
    "sms 15551234567 text",
    "call GET account/get-balance value",
    "call GET http://127.0.0.1:1/account/get-balance",
    "call GET //127.0.0.1:1/account/get-balance",
    "call GET http://[",
    "call GET a\x7fb",
]


def test_a_wrong_command_is_explained_with_exit_code_2():
    command = [sys.executable, "-c", EACH, json.dumps([arguments.split(" ") for arguments in WRONG])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(WRONG)
    for arguments, (status, errors) in zip(WRONG, answers):
        assert (status, "Usage" in errors) == (2, True), arguments
    assert nexmo("nothing").returncode == 2


@pytest.fixture
def logged_in(tmp_path, monkeypatch, sandbox):
    """A profile in the store of this test's home."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    consumer = sandbox.consumer_key, sandbox.consumer_secret
    with Nexmo(*consumer, endpoints=sandbox.endpoints) as client:
        request_token = client.request_token()
        access_token = client.access_token(request_token, sandbox.approve(request_token))
    with TokenStore().changing() as profiles:
        profiles["default"] = Profile(*consumer, sandbox.url, access_token)


def test_call_sends_any_request_signed_and_prints_the_answer(logged_in):
    got = nexmo("call", "get", "account/get-balance")
    assert (got.returncode, json.loads(got.stdout)["autoReload"]) == (0, False)
    for method in ("GET", "POST"):
        sent = nexmo("call", method, "/sms/json", "from=a", "to=15551234567", "text=a+b & c=d é%")
        assert (sent.returncode, json.loads(sent.stdout)["messages"][0]["status"]) == (0, "0"), sent.stderr


def test_call_keeps_the_query_of_the_path_and_names_that_come_twice(logged_in):
    sent = nexmo("call", "GET", "sms/json?from=a&to=15551234567", "text=b")
    assert json.loads(sent.stdout)["messages"][0]["status"] == "0"
    twice = nexmo("call", "GET", "sms/json?from=a&to=15551234567", "text=b", "text=c")
    assert json.loads(twice.stdout)["messages"][0]["error-text"] == "Invalid value for param: text"


def test_what_call_is_refused_is_printed_and_told(logged_in):
    refused = nexmo("call", "DELETE", "account/get-balance", "a=b")
    assert refused.returncode == 1
    assert "<h1>" in refused.stdout
    assert re.fullmatch(r"nexmo: http://127\.0\.0\.1:\d+ answered 405: no reason given\n", refused.stderr)
    for path, parameter in (("account/get-balance", "oauth_nonce=1"), ("account/get-balance?oauth_token=1", "a=b")):
        unsigned = nexmo("call", "GET", path, parameter)
        assert (unsigned.returncode, unsigned.stdout) == (1, "")
        assert "oauth_" in unsigned.stderr and "Traceback" not in unsigned.stderr


def test_a_refused_message_is_told_in_the_words_of_the_service(logged_in):
    done = nexmo("sms", "", "hello", "--from", "me")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "nexmo: not sent: Missing to param\n")


def test_the_exit_codes_are_documented():
    shown = nexmo("--help").stdout
    codes = re.findall(r"^ (\d+)  +\w", shown.partition("Exit codes:")[2], re.MULTILINE)
    assert codes == ["0", "1", "2", "3", "4", "5", "130"]


def test_the_shell_completes_commands():
    environment = {**os.environ, "_NEXMO_COMPLETE": "complete_bash", "COMP_WORDS": "nexmo lo", "COMP_CWORD": "1"}
    done = subprocess.run([NEXMO], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["login", "logout"]


def test_it_is_also_a_command_of_its_own():
    done = subprocess.run([NEXMO, "--help"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "Usage: nexmo " in done.stdout
    assert done.stdout == nexmo("--help").stdout


@pytest.mark.parametrize("missing, extra", [("typer", "cli"), ("platformdirs", "cli"), ("uvicorn", "sandbox")])
def test_what_is_not_installed_is_named_with_the_extra_that_brings_it(missing, extra):
    program = f"import sys; sys.modules[{missing!r}] = None; from nexmo.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", program, "sandbox"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    extras = tomllib.loads(README.with_name("pyproject.toml").read_text())["project"]["optional-dependencies"]
    wanted = {
        re.match(r"[\w-]+", each)[0] for each in extras["cli"] + (extras["sandbox"] if extra == "sandbox" else [])
    }
    assert done.stderr.rpartition("nexmo: ")[2].startswith(f"{missing} is missing: pip install ")
    assert set(done.stderr.split("pip install ")[1].split()) == wanted - {"oauth1-nexmo"}


def test_it_tells_the_version():
    done = nexmo("--version")
    assert (done.returncode, done.stdout) == (0, f"nexmo (oauth1-nexmo) {oauth1_core.__version__}\n")
    assert sys.modules["nexmo"].__version__ == oauth1_core.__version__


def test_beside_the_retired_sdk_of_the_same_name_the_command_refuses(tmp_path):
    (tmp_path / "nexmo-2.5.2.dist-info").mkdir()
    (tmp_path / "nexmo-2.5.2.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: nexmo\nVersion: 2.5.2\n")
    refused = nexmo("--version", env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "nexmo 2.5.2, is installed too" in refused.stderr


def test_every_command_and_option_of_the_readme_exists():
    lines = re.findall(r"^nexmo (.*?)(?: +#.*)?$", README.read_text(), re.MULTILINE)
    assert len(lines) >= 8
    app = typer.main.get_command(cli.app)
    for line in lines:
        name, *arguments = shlex.split(line)
        app.commands[name].make_context(name, arguments, resilient_parsing=False)
