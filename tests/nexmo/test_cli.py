"""The command line as a person would type it."""
import json
import re
import socket
import subprocess
import sys

import httpx
import pytest

import oauth1_core


def nexmo(*arguments, **options):
    command = [sys.executable, "-m", "nexmo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


def test_the_demo_walks_seven_steps_and_ends_with_the_sms_and_the_balance():
    done = nexmo("demo")
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^(\d)\. ", done.stdout, re.MULTILINE) == list("1234567")
    assert "Open the following URL and press Authorize:" in done.stdout
    assert "SMS" in done.stdout.splitlines()[-2]
    assert re.fullmatch(r"Balance: \d+\.\d+ euros\.", done.stdout.splitlines()[-1])


def test_the_demo_shows_no_secret():
    shown = nexmo("demo").stdout
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


@pytest.mark.parametrize("arguments", [["sandbox", "--port", "70000"], ["demo", "--no-such-option"], ["nothing"]])
def test_a_wrong_command_is_explained_with_exit_code_2(arguments):
    done = nexmo(*arguments)
    assert done.returncode == 2
    assert "Usage" in done.stderr
