"""``nexmo login`` and what it makes possible: real processes, a real sandbox, a person played by browse.py."""

import contextlib
import json
import os
import pty
import re
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from nexmo import Nexmo
from nexmo.sandbox import Sandbox
from nexmo.sandbox.browser import Browser
from nexmo.sandbox.store import Store
from nexmo.token_store import Profile, TokenStore

pytestmark = pytest.mark.slow

BROWSE = Path(__file__).with_name("browse.py")
CTRL_C = "\x03"
# The same command line, with everything logged.
LOGGED = "import logging; logging.basicConfig(level=1); from nexmo.__main__ import main; main()"


class Machine:
    """A home, an environment, and the browser that a person uses in it."""

    def __init__(self, folder, sandbox):
        self.store = TokenStore(folder / "data" / "nexmo")
        self.log = folder / "browser.log"
        self.sandbox, self.url = sandbox, sandbox.url
        self.consumer = sandbox.consumer_key, sandbox.consumer_secret
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("NEXMO_")},
            "XDG_DATA_HOME": str(folder / "data"),
            "NEXMO_CONSUMER_KEY": sandbox.consumer_key,
            "NEXMO_CONSUMER_SECRET": sandbox.consumer_secret,
        }
        self.browse("approve")

    def browse(self, decision, end=""):
        self.environment["BROWSER"] = f"{sys.executable} {BROWSE} {decision} {self.log} %s{end}"

    def forget_consumer(self):
        del self.environment["NEXMO_CONSUMER_KEY"], self.environment["NEXMO_CONSUMER_SECRET"]

    def start(self, *arguments, program=("-m", "nexmo")):
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen([sys.executable, *program, *arguments], text=True, env=self.environment, **pipes)

    def run(self, *arguments, code=0, typed=""):
        """Return stdout, or stderr where ``code`` is not 0."""
        with self.start(*arguments) as process:
            out, err = process.communicate(typed, timeout=60)
        assert process.returncode == code, err
        assert "Traceback" not in err
        return err if code else out

    def login(self, *arguments, **options):
        return self.run("login", "--sandbox", self.url, *arguments, **options)

    def logged_in(self, profile="default"):
        """Log in without the command line, which takes a second less; return the access token."""
        with Nexmo(*self.consumer, endpoints=self.sandbox.endpoints) as nexmo:
            request_token = nexmo.request_token()
            access_token = nexmo.access_token(request_token, self.sandbox.approve(request_token))
        with self.store.changing() as profiles:
            profiles[profile] = Profile(*self.consumer, self.url, access_token)
        return access_token.key

    def accepted(self, profile="default"):
        """The access token of the profile, once the service has accepted it."""
        kept = self.store.read()[profile]
        with Nexmo(*self.consumer, access_token=kept.access_token, endpoints=self.sandbox.endpoints) as nexmo:
            assert nexmo.balance().value > 0
        return kept.access_token.key

    @property
    def visited(self):
        return self.log.read_text().splitlines()

    def callback(self):
        """Where the last login waited."""
        (address,) = {re.search(r"http://127.0.0.1:(\d+)/callback/", line).group(1) for line in self.visited[-2:]}
        return "127.0.0.1", int(address)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite"


@pytest.fixture(scope="module")
def sandbox(database):
    with Sandbox(database) as sandbox:
        yield sandbox


@pytest.fixture
def machine(tmp_path, sandbox):
    return Machine(tmp_path, sandbox)


def wait_for(path):
    deadline = time.monotonic() + 30
    while not path.exists() or not path.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_after_a_login_in_the_browser_other_processes_send_messages(machine, sandbox):
    shown = json.loads(machine.login("--json"))
    assert shown["service"] == sandbox.url
    assert shown["consumer_key"] == sandbox.consumer_key
    assert machine.visited[-1].startswith("200 ") and machine.visited[-1].endswith("/done You approved the request")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(machine.callback())
    machine.forget_consumer()
    assert json.loads(machine.run("whoami", "--json")) == shown
    before = json.loads(machine.run("balance", "--json"))
    (message,) = json.loads(machine.run("sms", "15551234567", "hello", "--from", "me", "--json"))["messages"]
    assert message["to"] == "15551234567"
    assert Decimal(message["remaining_balance"]) == Decimal(before["value"]) - Decimal(message["message_price"])
    said = machine.run("sms", "15551234567", "hello again", "--from", "me")
    assert re.fullmatch(r"SMS \w+ to 15551234567 accepted for [\d.]+ euros\.\n", said)
    assert re.fullmatch(r"[\d.]+ euros\n", machine.run("balance"))


def test_a_pasted_code_may_have_white_space_around_it(machine):
    with machine.start("login", "--oob", "--sandbox", machine.url) as process:
        url = next(line for line in process.stderr if line.startswith("http"))
        with Browser() as browser:
            process.stdin.write(f"  {browser.approve(url.strip())} \n")
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert machine.url in out
    assert machine.accepted()


def code_of(machine, decision):
    """Log in with --oob; a person decides, and types what is returned by ``decision``."""
    with machine.start("login", "--oob", "--sandbox", machine.url) as process:
        url = next(line for line in process.stderr if line.startswith("http")).strip()
        with Browser() as browser:
            process.stdin.write(decision(browser, url))
        _, error = process.communicate(timeout=60)
    return process.returncode, error


def test_a_code_may_be_typed_in_groups(machine):
    def decision(browser, url):
        code = browser.approve(url)
        return f"{code[:4]} {code[4:].lower()}\n"

    assert code_of(machine, decision)[0] == 0
    assert machine.accepted()


@pytest.mark.parametrize("typed", ["\n", "ABCDEFGH\n"], ids=["nothing", "a guess"])
def test_a_login_that_was_denied_ends_with_4_without_a_browser_too(machine, typed):
    def decision(browser, url):
        browser.deny(url)
        return typed

    code, error = code_of(machine, decision)
    assert code == 4, error
    assert "no code was entered" in error if typed == "\n" else "permission_denied, the user denied access" in error
    assert machine.store.read() == {}


def test_a_consumer_key_that_a_new_sandbox_does_not_know_is_told_with_the_way_out(machine):
    machine.logged_in()
    with machine.store.changing() as profiles:
        profiles["default"] = Profile("forgotten", "hidden", machine.url, profiles["default"].access_token)
    machine.forget_consumer()
    for command in ("balance", "login --force --oob"):
        error = machine.run(*command.split(), code=1)
        assert "consumer_key_unknown" in error and "nexmo logout, then nexmo login --sandbox URL" in error


def test_a_login_without_a_sandbox_is_told_that_the_service_has_been_retired(machine):
    assert "has been retired: run nexmo sandbox" in machine.run("login", code=2)


@pytest.mark.parametrize("prompt", ["Consumer key", "Consumer secret", "Code"])
def test_ctrl_c_at_any_prompt_ends_with_130(machine, prompt):
    answers = {"Consumer key": [], "Consumer secret": [("Consumer key", "ck")], "Code": []}[prompt]
    if prompt != "Code":
        machine.forget_consumer()
    code, screen = at_terminal(machine, [*answers, (prompt, CTRL_C)], "login", "--oob", "--sandbox", machine.url)
    assert code == 130, screen
    assert "Traceback" not in screen


def test_a_wrong_code_is_refused_in_the_words_of_the_service(machine):
    error = machine.login("--oob", code=1, typed="wrong\n")
    assert f"nexmo: {machine.url} answered 401: " in error
    assert machine.store.read() == {}


def test_with_authenticate_a_person_who_approved_before_is_not_asked_again(machine):
    first = machine.logged_in()
    machine.login("--force", "--authenticate")
    assert not any("/oauth/authorize" in line or "Authorize " in line for line in machine.visited)
    assert any("/oauth/authenticate" in line for line in machine.visited)
    assert machine.accepted() != first


def test_a_second_login_stops_and_says_why_before_anything_is_lost(machine):
    first = machine.logged_in()
    for arguments in ((), ("--oob",)):
        assert "already logged in (profile default)" in machine.login(*arguments, code=3)
    assert machine.accepted() == first
    machine.login("--force")
    assert machine.accepted() != first


def test_another_profile_with_the_consumer_key_is_the_same_login(machine):
    """Its request token would invalidate the access token all the same."""
    machine.logged_in("work")
    assert "profile work" in machine.login("--profile", "home", code=3)
    machine.environment["NEXMO_PROFILE"] = "home"
    machine.login("--force")
    assert "profile work is not logged in" in machine.run("balance", "--profile", "work", code=3)
    assert machine.run("balance")


def test_a_login_with_another_consumer_key_takes_the_profile_only_once_it_is_completed(machine, database):
    token = machine.logged_in()
    with contextlib.closing(Store(database)) as store:
        store.add_client("other", "hidden-other", "Other application", "http://127.0.0.1/callback")
    machine.environment.update(NEXMO_CONSUMER_KEY="other", NEXMO_CONSUMER_SECRET="hidden-other")
    assert "profile default" in machine.login(code=3)
    machine.browse("deny")
    machine.login("--force", code=4)
    assert machine.accepted() == token
    machine.browse("approve")
    machine.login("--force")
    assert machine.store.read()["default"].consumer_key == "other"


def test_an_access_token_that_the_service_has_revoked_is_told_with_the_way_out(machine, database):
    machine.logged_in()
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE access_token SET revoked = 1")
    for command in ("balance", "whoami", "sms 15551234567 x --from y", "call GET account/get-balance"):
        error = machine.run(*command.split(), code=3)
        assert "token_revoked" in error
        assert "nexmo login --force" in error


def test_a_denied_login_keeps_nothing(machine):
    machine.browse("deny")
    assert "did not authorize" in machine.login(code=4)
    assert machine.visited[-1].endswith("You denied the request")
    assert machine.store.read() == {}


def test_a_login_that_is_not_completed_leaves_no_dead_token_behind(machine):
    """The service invalidated the first one when the second login began."""
    machine.logged_in()
    machine.browse("deny")
    machine.login("--force", code=4)
    assert "not logged in" in machine.run("balance", code=3)
    machine.browse("approve")
    machine.forget_consumer()
    machine.run("login")  # the consumer key and the sandbox are known still
    assert machine.accepted()


@pytest.mark.parametrize("ending", ["timeout", "Ctrl-C"])
def test_a_login_that_nobody_answers_ends_and_closes_its_port(machine, database, ending):
    # In the background of a script SIGINT is ignored, also by children, unless there is a handler.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    machine.browse("leave")
    seconds = "1" if ending == "timeout" else "120"
    with machine.start("login", "--sandbox", machine.url, "--timeout", seconds) as process:
        signal.signal(signal.SIGINT, before)
        request_token = next(line for line in process.stderr if line.startswith("http")).strip().rpartition("=")[2]
        address = callback_of(database, request_token)
        if ending == "Ctrl-C":
            wait_for(machine.log)
            socket.create_connection(address).close()
            process.send_signal(signal.SIGINT)
        assert process.wait(60) == {"timeout": 4, "Ctrl-C": 130}[ending]
        said = process.stderr.read()
    assert said == {"timeout": "nexmo: no callback arrived within 1 seconds\n", "Ctrl-C": ""}[ending]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)
    assert machine.store.read() == {}


def callback_of(database, request_token):
    with contextlib.closing(sqlite3.connect(database)) as connection:
        ((url,),) = connection.execute("SELECT callback FROM request_token WHERE key = ?", [request_token])
    return "127.0.0.1", int(re.match(r"http://127\.0\.0\.1:(\d+)/", url).group(1))


def test_without_browser_or_port_nothing_is_begun(machine, tmp_path):
    """So that the present access token stays good."""
    token = machine.logged_in()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"port {port} cannot be used" in machine.login("--force", "--port", port, code=4)
    machine.environment.update(PATH=str(tmp_path), DISPLAY="", WAYLAND_DISPLAY="")
    del machine.environment["BROWSER"]
    assert "no browser was found" in machine.login("--force", code=4)
    assert machine.accepted() == token


def test_a_browser_that_does_not_open_ends_the_login(machine, tmp_path):
    machine.environment.update(PATH=str(tmp_path), DISPLAY="", WAYLAND_DISPLAY="", BROWSER="/no/such/browser %s")
    assert "the browser did not open" in machine.login(code=4)


def test_what_the_service_refuses_is_told_in_its_words(machine):
    machine.environment["NEXMO_CONSUMER_SECRET"] = "hidden-wrong"
    error = machine.login(code=1)
    assert "answered 401: signature_invalid" in error
    assert re.search(r"See {}/inspector/\d+$".format(machine.url), error.strip()), "the advice is not cut"
    assert "hidden" not in error
    assert machine.store.read() == {}


def test_a_service_that_cannot_be_reached_is_told(machine):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        machine.url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    assert machine.login(code=1) == f"nexmo: no response from {machine.url}: Connection refused\n"


@pytest.mark.parametrize("url", ["http://example.com", "http://localhost:1", "ftp://127.0.0.1", "x", "http://[", ""])
def test_secrets_are_not_sent_to_where_others_could_read_them(machine, url):
    machine.url = url
    assert "--sandbox" in machine.login(code=2)


def test_where_the_login_could_not_be_kept_it_is_not_begun(machine):
    token = machine.logged_in()
    kept = machine.store.path.read_bytes()
    machine.store.path.write_bytes(kept[:100])
    for command in (("login", "--force"), ("logout",), ("balance",)):
        assert "not a token store" in machine.run(*command, code=5)
    assert machine.store.path.read_bytes() == kept[:100]
    machine.store.path.write_bytes(kept)
    assert machine.accepted() == token


def test_a_token_file_that_others_can_read_is_told_and_closed(machine):
    machine.logged_in()
    machine.store.path.chmod(0o644)
    with machine.start("balance") as process:
        _, error = process.communicate(timeout=60)
    assert (process.returncode, error.count("\n")) == (0, 1)
    assert error.endswith("tokens.json was open to other users: it had mode 0644\n")
    assert machine.store.path.stat().st_mode & 0o777 == 0o600


def test_after_logout_nothing_of_the_profile_is_kept(machine):
    machine.logged_in("work")
    assert machine.environment["NEXMO_CONSUMER_SECRET"] in machine.store.path.read_text()
    machine.run("logout", "--profile", "work")
    assert json.loads(machine.store.path.read_text()) == {"profiles": {}}
    assert "no profile work" in machine.run("logout", "--profile", "work", code=3)
    assert "not logged in" in machine.run("balance", "--profile", "work", code=3)


def test_another_sandbox_gets_neither_the_consumer_key_nor_the_token_of_this_one(machine):
    machine.logged_in()
    machine.forget_consumer()
    assert "not logged in to http://127.0.0.1:9" in machine.run("balance", "--sandbox", "http://127.0.0.1:9", code=3)
    error = machine.run("login", "--sandbox", "http://127.0.0.1:9", "--force", code=2)
    assert "Consumer key is missing and cannot be asked for without a terminal" in error
    assert machine.run("balance", "--sandbox", machine.url.upper() + "/")


def at_terminal(machine, answers, *arguments):
    """Run at a pseudo-terminal, answering each prompt; return exit code and all that was on the screen."""
    process, screen = pty.fork()
    if not process:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # which a shell's background job ignores, and hands on
        os.execve(sys.executable, [sys.executable, "-m", "nexmo", *arguments], machine.environment)
    seen, typed, deadline = "", "", time.monotonic() + 60
    answers = list(answers)
    while time.monotonic() < deadline:
        if not select.select([screen], [], [], 1)[0]:
            if typed == CTRL_C:  # as a person would: it came between the prompt and the reading
                os.write(screen, typed.encode())
            continue
        try:
            seen += os.read(screen, 65536).decode()
        except OSError:
            break
        if answers and answers[0][0] in seen:
            typed = answers.pop(0)[1]
            os.write(screen, (typed if typed == CTRL_C else typed + "\n").encode())
    else:
        os.kill(process, signal.SIGKILL)
    os.close(screen)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), seen


def test_at_a_terminal_the_consumer_is_asked_for_and_its_secret_not_shown(machine, sandbox):
    machine.forget_consumer()
    machine.browse("approve", end=" &")
    answers = [("Consumer key: ", sandbox.consumer_key), ("Consumer secret: ", f" {sandbox.consumer_secret} ")]
    code, screen = at_terminal(machine, answers, "login", "--sandbox", sandbox.url)
    assert code == 0, screen
    assert sandbox.consumer_key in screen
    assert sandbox.consumer_secret not in screen
    assert "Waiting for the browser" in screen
    assert machine.accepted()


def test_without_a_terminal_nothing_turns_and_the_consumer_is_not_asked_for(machine):
    machine.browse("approve", end=" &")
    with machine.start("login", "--sandbox", machine.url) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Waiting" not in out + err and "\x1b" not in out + err
    machine.forget_consumer()
    error = machine.login("--profile", "other", code=2)
    assert "set NEXMO_CONSUMER_KEY and NEXMO_CONSUMER_SECRET" in error


def test_while_a_browser_has_the_terminal_nothing_turns_there(machine, sandbox):
    code, screen = at_terminal(machine, [], "login", "--sandbox", sandbox.url)
    assert code == 0, screen
    assert "Waiting" not in screen


CRASH = """
import nexmo.token_store
def crash(self, profiles):
    raise RuntimeError("planted")  # where locals hold every secret that is kept
nexmo.token_store.TokenStore._write = crash
"""


def test_no_secret_of_a_whole_run_is_shown_or_logged(machine, database, sandbox):
    """With everything logged, on success, refusal and crash."""
    said = ""

    def run(*arguments, program=LOGGED, typed=""):
        nonlocal said
        with machine.start(*arguments, program=("-X", "dev", "-c", program)) as process:
            out, err = process.communicate(typed, timeout=60)
        said += out + err
        return process.returncode

    codes = [
        run("login", "--sandbox", machine.url),
        run("sms", "15551234567", "hello", "--from", "me"),
        run("call", "POST", "sms/json", "from=me", "to=15551234567", "text=x"),
        run("login"),
        run("login", "--force", "--oob", typed="0123456789\n"),
    ]
    verifiers = re.findall(r"oauth_verifier=(\w+)", "\n".join(machine.visited))
    codes.append(run("login", "--oob", program=CRASH + LOGGED))
    machine.store.path.write_bytes(machine.store.path.read_bytes()[:-9])
    codes.append(run("balance"))
    assert codes == [0, 0, 0, 3, 1, 1, 5]
    assert "DEBUG:" in said and "HTTP Request: POST" in said and "RuntimeError: planted" in said
    with contextlib.closing(sqlite3.connect(database)) as connection:
        tables = ("client", "request_token", "access_token")
        secrets = {row[0] for table in tables for row in connection.execute(f"SELECT secret FROM {table}")}
    assert sandbox.consumer_secret in secrets and len(secrets) > 3 and verifiers
    assert not [secret for secret in (*secrets, *verifiers, "0123456789") if secret in said]
