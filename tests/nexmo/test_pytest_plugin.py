"""The pytest plugin, as whoever installs it gets it: a sandbox for each test, with faults on demand."""

import json
import os
import pathlib
import re
import subprocess
import sys
import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from nexmo import NexmoError, OutcomeUnknown, RedirectRefused
from nexmo.sandbox import SandboxError
from nexmo.sandbox.fault_client import FaultySandbox
from oauth1_core import CallbackNotConfirmed, ClientCredentials, TokenCredentials, decode_form
from oauth1_core.adapters.clock import LearningClock
from oauth1_core.adapters.httpx import OAuth1, OAuth1Transport

pytestmark = pytest.mark.slow

pytest_plugins = ["pytester"]

PAGE = pathlib.Path(__file__).parent.parent.parent / "docs" / "test-your-code.md"
BLOCKED = "import sys, pytest; sys.modules.update(dict.fromkeys({!r})); sys.exit(pytest.main({!r}))"
HOUR = 3600


@pytest.fixture
def connect(open_nexmo, nexmo_sandbox):
    """Make a client of the sandbox."""

    def connect(access_token=None, **options):
        consumer = nexmo_sandbox.consumer_key, nexmo_sandbox.consumer_secret
        return open_nexmo(*consumer, access_token=access_token, endpoints=nexmo_sandbox.endpoints, **options)

    return connect


@pytest.fixture
def signed_in(connect, nexmo_sandbox):
    return connect(nexmo_sandbox.access_token())


@pytest.fixture
def open_http(nexmo_sandbox):
    """Make an httpx client with our adapter, for somebody who does not use Nexmo's."""
    opened = []

    def open_http(access_token, **options):
        client = ClientCredentials(nexmo_sandbox.consumer_key, nexmo_sandbox.consumer_secret)
        auth = OAuth1(client, TokenCredentials(access_token.key, access_token.secret), **options)
        http = httpx.Client(transport=OAuth1Transport(auth), base_url=nexmo_sandbox.url, follow_redirects=True)
        opened.append(http)
        return http

    yield open_http
    for http in opened:
        http.close()


# Each fault, and what a client makes of it: name, facts, the error and its words.
FAULTS = {
    "clock ahead": ("skewed_clock", {"seconds": HOUR}, NexmoError, "timestamp_refused"),
    "clock behind": ("skewed_clock", {"seconds": -HOUR}, NexmoError, "timestamp_refused"),
    "used nonce": ("used_nonce", {}, NexmoError, "401: nonce_used"),
    "redirect": ("redirect", {"to": "https://elsewhere.example/", "status": 307}, RedirectRefused, "elsewhere.example"),
    "error": ("error", {}, NexmoError, "answered 500"),
    "another error": ("error", {"status": 503}, NexmoError, "answered 503"),
}


@pytest.mark.parametrize("name, facts, error, words", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_meets_every_signed_request_until_it_ends(connect, nexmo_sandbox, name, facts, error, words):
    nexmo = connect(nexmo_sandbox.access_token())
    with nexmo_sandbox.fault(name, **facts) as fault:
        for call in (
            nexmo.balance,
            lambda: nexmo.send_sms(sender="a", to="b", text="c"),
            nexmo.request_token,
        ):
            with pytest.raises(error, match=words):
                call()
        assert fault.met == 3
    request_token = nexmo.request_token()
    code = nexmo_sandbox.approve(request_token)
    with nexmo_sandbox.fault(name, **facts), pytest.raises(error, match=words):
        nexmo.access_token(request_token, code)
    # Nothing was used up: what was refused is accepted now.
    assert str(connect(nexmo.access_token(request_token, code)).balance().value) == "10.28"


def test_a_fault_ends_by_itself_after_so_many_requests(signed_in, nexmo_sandbox):
    fault = nexmo_sandbox.fault("error", times=2)
    for _ in range(2):
        with pytest.raises(NexmoError):
            signed_in.balance()
    assert signed_in.balance().value
    assert fault.met == 2


def test_a_fault_can_be_for_one_path(signed_in, nexmo_sandbox):
    with nexmo_sandbox.fault("error", path="/sms/json"):
        assert signed_in.balance().value
        with pytest.raises(NexmoError):
            signed_in.send_sms(sender="a", to="b", text="c")
    with nexmo_sandbox.fault("error", path="/", status=502):
        assert httpx.get(nexmo_sandbox.url, trust_env=False).status_code == 502
    assert httpx.get(nexmo_sandbox.url, trust_env=False).status_code == 200


def test_a_revoked_token_stays_revoked_until_there_is_another(connect, nexmo_sandbox):
    nexmo = connect(nexmo_sandbox.access_token())
    with nexmo_sandbox.fault("token_revoked", times=1) as fault:
        for _ in range(2):
            with pytest.raises(NexmoError) as raised:
                nexmo.balance()
            assert (raised.value.status, raised.value.problem) == (401, "token_revoked")
        assert fault.met == 1
    with pytest.raises(NexmoError, match="token_revoked"):
        nexmo.balance()
    assert connect(nexmo_sandbox.access_token()).balance().value


@pytest.mark.parametrize("facts", [{}, {"value": "false"}, {"value": "True"}, {"value": ""}])
def test_a_callback_that_is_not_confirmed_is_refused(connect, nexmo_sandbox, facts):
    nexmo = connect()
    with nexmo_sandbox.fault("callback_confirmed", **facts), pytest.raises(CallbackNotConfirmed):
        nexmo.request_token()
    assert nexmo.request_token().key


def test_a_refusal_says_nothing_of_the_callback(nexmo_sandbox):
    with nexmo_sandbox.fault("callback_confirmed", value="false") as fault:
        reply = httpx.post(nexmo_sandbox.endpoints.request_token, trust_env=False)
        assert fault.met == 1
    assert reply.status_code == 401
    assert "oauth_callback_confirmed" not in dict(decode_form(reply.content))


def test_a_slow_answer_comes_after_the_deed_was_done(connect, nexmo_sandbox):
    nexmo = connect()
    request_token = nexmo.request_token()
    code = nexmo_sandbox.approve(request_token)
    nexmo.http.timeout = 0.5
    with nexmo_sandbox.fault("slow", seconds=HOUR) as fault:
        with pytest.raises(OutcomeUnknown, match="timed out"):
            nexmo.access_token(request_token, code)
        assert fault.met == 1, "it was not sent again"
    nexmo.http.timeout = 30
    with pytest.raises(NexmoError) as raised:
        nexmo.access_token(request_token, code)
    assert raised.value.problem == "token_used"


def test_a_fault_that_ends_lets_go_of_what_it_holds_back(nexmo_sandbox):
    fault = nexmo_sandbox.fault("slow", seconds=HOUR, path="/")
    with httpx.Client(trust_env=False, timeout=0.3) as http:
        with pytest.raises(httpx.ReadTimeout):
            http.get(nexmo_sandbox.url)
        http.timeout = 30
        fault.end()
        assert http.get(nexmo_sandbox.url).status_code == 200


def test_an_answer_can_come_octet_by_octet(signed_in, nexmo_sandbox):
    with nexmo_sandbox.fault("trickle", seconds=0.05) as fault:
        assert str(signed_in.balance().value) == "10.28"
        assert fault.met == 1
    with nexmo_sandbox.fault("trickle", seconds=HOUR, path="/"):
        url = nexmo_sandbox.url
        with httpx.Client(trust_env=False, timeout=30) as http, http.stream("GET", url) as response:
            assert len(next(response.iter_raw())) == 1
            assert int(response.headers["Content-Length"]) > 1


def test_several_faults_hold_at_once(signed_in, nexmo_sandbox):
    with nexmo_sandbox.fault("skewed_clock", seconds=HOUR), nexmo_sandbox.fault("trickle", seconds=0.05) as drops:
        with pytest.raises(NexmoError, match="timestamp_refused"):
            signed_in.balance()
        assert drops.met == 1


def test_a_skewed_clock_is_the_providers_in_all_that_it_says(nexmo_sandbox):
    with nexmo_sandbox.fault("skewed_clock", seconds=-HOUR):
        reply = httpx.post(nexmo_sandbox.endpoints.request_token, trust_env=False)
    date = parsedate_to_datetime(reply.headers["Date"]).timestamp()
    assert abs(date + HOUR - time.time()) < 60
    assert len(reply.headers.get_list("Date")) == 1


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_a_clock_that_learns_heals_in_one_retry_and_again_when_it_is_over(open_http, nexmo_sandbox, seconds):
    access_token = nexmo_sandbox.access_token()
    http = open_http(access_token, clock=LearningClock())
    with nexmo_sandbox.fault("skewed_clock", seconds=seconds) as fault:
        for met in (2, 3):
            assert http.get("/account/get-balance").status_code == 200
            assert fault.met == met
        plain = open_http(access_token)
        assert plain.get("/account/get-balance").status_code == 401
    assert http.get("/account/get-balance").status_code == 200
    assert plain.get("/account/get-balance").status_code == 200


def test_another_client_meets_them_too(open_http, nexmo_sandbox):
    http = open_http(nexmo_sandbox.access_token())
    with nexmo_sandbox.fault("used_nonce"):
        reply = http.get("/account/get-balance")
        assert (reply.status_code, dict(decode_form(reply.content))["oauth_problem"]) == (401, "nonce_used")
    with nexmo_sandbox.fault("redirect", to="/account/get-balance", times=1, status=308):
        reply = http.get("/account/get-balance")
        assert [each.status_code for each in [*reply.history, reply]] == [308, 200]
    with nexmo_sandbox.fault("error", times=1):
        assert http.get("/account/get-balance").status_code == 500
    assert http.get("/account/get-balance").status_code == 200


@pytest.mark.parametrize(
    "name, facts, words",
    [
        ("no_such", {}, "there is no fault 'no_such': the faults are skewed_clock, "),
        ("slow", {}, "seconds"),
        ("redirect", {"to": "/", "code": 307}, "code"),
    ],
)
def test_a_fault_that_does_not_exist_is_a_value_error(nexmo_sandbox, name, facts, words):
    with pytest.raises(ValueError, match=words):
        nexmo_sandbox.fault(name, **facts)
    assert httpx.get(nexmo_sandbox.url, trust_env=False).status_code == 200


def test_another_callback_can_be_registered(connect, nexmo_sandbox):
    with pytest.raises(NexmoError, match="oauth_callback"):
        connect().request_token("https://app.example/done")
    nexmo_sandbox.renew(callback="https://app.example/done")
    assert connect().request_token("https://app.example/done").key


TESTS = """
    import pytest
    from nexmo import AccessToken, Nexmo, NexmoError

    seen = []

    @pytest.mark.parametrize("number", range(3))
    def test_the_sandbox_is_as_new(nexmo_sandbox, number):
        access_token = nexmo_sandbox.access_token()
        consumer = nexmo_sandbox.consumer_key, nexmo_sandbox.consumer_secret
        with Nexmo(*consumer, access_token=access_token, endpoints=nexmo_sandbox.endpoints) as nexmo:
            assert str(nexmo.balance().value) == "10.28"
            nexmo.send_sms(sender="a", to="b", text="c")
            assert str(nexmo.balance().value) != "10.28"
        nexmo_sandbox.fault("error")  # and is not ended
        seen.append((nexmo_sandbox.url, nexmo_sandbox.consumer_key, access_token))
        for url, consumer_key, old in seen[:-1]:
            assert url == nexmo_sandbox.url, "one process serves all"
            assert consumer_key != nexmo_sandbox.consumer_key

    def test_what_was_valid_before_is_unknown(nexmo_sandbox):
        consumer = nexmo_sandbox.consumer_key, nexmo_sandbox.consumer_secret
        with Nexmo(*consumer, access_token=seen[-1][2], endpoints=nexmo_sandbox.endpoints) as nexmo:
            with pytest.raises(NexmoError, match="token_rejected"):
                nexmo.balance()
            nexmo_sandbox.fault("slow", seconds=3600)
            nexmo.http.timeout = 0.3
            with pytest.raises(NexmoError, match="timed out"):
                nexmo.balance()  # which would hold up the end
"""


def test_each_test_of_somebody_else_has_a_sandbox_of_its_own(pytester):
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess("-W", "error", timeout=120)
    result.assert_outcomes(passed=4)


def test_the_page_shows_a_test_that_passes(pytester):
    [example] = re.findall(r"^```python\n(from nexmo .*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    pytester.makepyfile(example)
    pytester.runpytest_subprocess(timeout=120).assert_outcomes(passed=1)


def test_without_the_extra_other_tests_run_and_those_that_need_it_say_so(pytester, monkeypatch):
    # Without the plugins of others, some of which import what is missing here.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "nexmo.pytest_plugin")
    pytester.makepyfile("def test_other(): pass\ndef test_with_it(nexmo_sandbox): pass")
    missing = ["httpx", "uvicorn", "starlette", "jinja2", "typer", "h11"]
    without = ["-p", "no:pytest_httpx", "-p", "no:respx"]  # which import httpx themselves
    result = pytester.run(sys.executable, "-c", BLOCKED.format(missing, without))
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["httpx is missing: pip install cryptography filelock h11 jinja2 *"])


def test_to_load_the_plugin_imports_nothing_else_of_ours_or_others():
    program = (
        "import pytest, sys; before = set(sys.modules); import nexmo.pytest_plugin;"
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "['nexmo', 'nexmo.pytest_plugin']\n"


def test_a_sandbox_that_somebody_starts_takes_no_faults_from_anywhere():
    command = [sys.executable, "-m", "nexmo", "sandbox", "--json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            url = json.loads(child.stdout.readline())["url"]
            child.stdin.write(json.dumps({"do": "begin", "name": "error", "facts": {}}) + "\n")
            child.stdin.close()
            reply = httpx.post(url + "/oauth/request_token", trust_env=False)
            assert (reply.status_code, dict(decode_form(reply.content))["oauth_problem"]) == (401, "parameter_absent")
        finally:
            child.terminate()
        assert child.stdout.read() == ""


def test_the_process_ends_with_whoever_started_it(tmp_path):
    program = (
        "import os, sys; from nexmo.sandbox.fault_client import FaultySandbox;"
        "sandbox = FaultySandbox().__enter__(); print(sandbox._process.pid, flush=True); os._exit(1)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, env=environment)
    assert int(done.stdout) > 0
    deadline = time.monotonic() + 30
    while list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(tmp_path.iterdir()) == [], "its database is there, so it has not left"


def test_a_sandbox_that_has_ended_says_so():
    with FaultySandbox() as sandbox:
        sandbox._process.kill()
        sandbox._process.wait()
        with pytest.raises(SandboxError, match="has ended"):
            sandbox.fault("error")
