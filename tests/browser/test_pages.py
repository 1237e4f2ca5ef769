"""The sandbox's pages in Debian's Chromium, as a person meets them.

What is not installed is skipped by name; with REQUIRE_PEERS in the environment it fails instead.
"""

import http.server
import os
import signal
import subprocess
import sys
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from nexmo import Nexmo, NexmoError
from nexmo.sandbox import Sandbox
from nexmo.sandbox.browser import PASSWORD, USER
from tests.browser.person import AXE, PAGES, Person, rename

pytestmark = pytest.mark.peers

NAME = "Tide & <b>Alerts</b> \u202e" + "W" * 60
PHONE = {"width": 320, "height": 568}
FOCUSABLE = "a[href], button, input:not([type=hidden])"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    database = tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite"
    with Sandbox(database) as sandbox:
        rename(database, sandbox, NAME)
        yield sandbox


@pytest.fixture(scope="module")
def nexmo(sandbox):
    with Nexmo(sandbox.consumer_key, sandbox.consumer_secret, endpoints=sandbox.endpoints) as nexmo:
        yield nexmo


@pytest.fixture(scope="module", params=PAGES)
def shown(request, browser, sandbox, nexmo):
    """Somebody who looks at the page, each in turn."""
    with Person(browser, sandbox, nexmo) as person:
        PAGES[request.param](person)
        yield person


@pytest.fixture
def person(browser, sandbox, nexmo):
    """Somebody with a small screen and with scripts off."""
    with Person(browser, sandbox, nexmo, java_script_enabled=False, viewport=PHONE) as person:
        yield person


class Application(http.server.ThreadingHTTPServer):
    """A web application on loopback: shows ``pages``, keeps what it was asked for and where that came from."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.pages, self.asked, self.referers = {}, [], []

    def url(self, path, host="127.0.0.1"):
        return f"http://{host}:{self.server_port}{path}"


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.server.referers.append(self.headers["Referer"])
        page = self.server.pages.get(urlsplit(self.path).path)
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write((page or "nothing").encode())

    def log_message(self, *arguments):
        pass


@pytest.fixture
def application():
    with Application() as application:
        thread = threading.Thread(target=application.serve_forever)
        thread.start()
        yield application
        application.shutdown()
        thread.join()


def sends_an_sms(person, verifier):
    """The application can do what the person authorized."""
    access_token = person.nexmo.access_token(person.request_token, verifier)
    credentials = (person.sandbox.consumer_key, person.sandbox.consumer_secret)
    with Nexmo(*credentials, access_token=access_token, endpoints=person.sandbox.endpoints) as granted:
        (message,) = granted.send_sms(sender="Tide", to="15551234567", text="High at 6").messages
    return message.to == "15551234567"


def problem(person, verifier):
    with pytest.raises(NexmoError) as raised:
        person.nexmo.access_token(person.request_token, verifier)
    return raised.value.problem


# Each page


def test_nothing_is_loaded_but_the_stylesheet_the_mark_and_the_script_of_the_inspector(shown):
    assert {urlsplit(request.url).hostname for request in shown.requests} == {"127.0.0.1"}
    loaded = {urlsplit(request.url).path for request in shown.requests if not request.is_navigation_request()}
    script = {"/static/inspector.js"} if "/inspector" in shown.page.url else set()
    assert loaded == {"/static/style.css", "/static/mark.svg"} | script
    assert shown.page.evaluate("[...document.styleSheets].map(sheet => sheet.cssRules.length > 10)") == [True]


def test_nothing_is_complained_about_in_the_console(shown):
    # Chromium counts a status of 400 and more as a failure to load.
    assert [words for words in shown.complaints if "the server responded with a status of 40" not in words] == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1280)])
def test_it_is_accessible(shown, scheme, width):
    shown.page.emulate_media(color_scheme=scheme)
    shown.page.set_viewport_size({"width": width, "height": 800})
    assert faults(shown.page) == []


def test_it_fits_a_phone_and_a_thumb(shown):
    shown.page.set_viewport_size(PHONE)
    assert shown.page.evaluate("document.scrollingElement.scrollWidth") == PHONE["width"]
    for control in shown.page.locator("button, input:not([type=hidden])").all():
        assert control.bounding_box()["height"] >= 44


def test_the_tab_key_reaches_everything_in_order_and_visibly(shown):
    stops = []
    shown.wait_for_focus()
    # One more than there are, for the way around from the last to the first.
    for _ in range(shown.page.locator(FOCUSABLE).count() + 1):
        shown.page.keyboard.press("Tab")
        number, outline = shown.page.evaluate(
            """focusable => {
                const style = getComputedStyle(document.activeElement);
                const number = [...document.querySelectorAll(focusable)].indexOf(document.activeElement);
                return [number, style.outlineStyle + " " + style.outlineWidth];
            }""",
            FOCUSABLE,
        )
        if number >= 0:
            stops.append(number)
            assert outline == "solid 3px"
    # It goes on from the field that has the focus, if one has; a page may have nothing to go to.
    first = stops.index(0) if stops else 0
    assert stops[first:] + stops[:first] == list(range(len(stops)))
    assert len(stops) == shown.page.locator(FOCUSABLE).count()


def faults(page):
    """Return what axe-core finds wrong, or cannot judge, on the page."""
    # Evaluated by the browser's debugger, which the page's policy does not bind.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({rules: {'target-size': {enabled: true}}})")
    assert len(found["passes"]) > 10
    return [(rule["id"], node["html"]) for rule in found["violations"] + found["incomplete"] for node in rule["nodes"]]


def test_a_page_that_is_not_accessible_is_found_out(person, browser, sandbox, nexmo):
    with Person(browser, sandbox, nexmo) as person:
        person.open("/oauth/sign-in")
        person.page.evaluate("document.querySelector('label').remove()")
        person.page.evaluate("document.querySelector('h1').style.color = 'var(--line)'")
        assert {rule for rule, _ in faults(person.page)} == {"label", "color-contrast"}


def test_what_a_page_must_not_load_is_not_loaded(browser, sandbox, nexmo, application):
    with Person(browser, sandbox, nexmo) as person:
        person.ask()
        person.page.evaluate(
            """url => {
                for (const [name, attribute] of Object.entries(
                    {script: "src", img: "src", iframe: "src", object: "data", link: "href"})) {
                    const element = document.createElement(name);
                    element.rel = "stylesheet";
                    element.setAttribute(attribute, url + name);
                    document.body.append(element);
                }
                const script = document.createElement("script");
                script.textContent = "document.title = 'changed'";
                document.body.append(script);
            }""",
            application.url("/"),
        )
        person.page.wait_for_timeout(300)
        refused = [words for words in person.complaints if "Content Security Policy" in words]
        assert len(refused) == 6
        assert person.page.title() != "changed"
    assert application.asked == []


# The ways through them


def test_a_code_is_reached_by_the_keyboard_alone(person):
    keyboard = person.page.keyboard
    person.follow()
    person.wait_for_focus()
    keyboard.type(USER)
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    person.page.wait_for_url("**/oauth/authorize?*")
    while person.focused() != "Authorize":
        keyboard.press("Tab")
    keyboard.press("Space")
    code = person.page.locator("#verifier")
    assert sends_an_sms(person, code.inner_text())
    code.click()
    assert person.page.evaluate("getSelection().toString()") == code.inner_text(), "one click selects all of it"


def test_the_pages_say_who_asks_in_whose_name_and_what_comes_next(person, application):
    person.follow(application.url("/callback"))
    assert NAME in person.text
    person.sign_in()
    assert person.heading == f"Authorize {NAME}?"
    text = person.text
    assert f"You go on to {application.url('')}, and the application can act for you." in text
    person.ask()
    assert "This page shows you a code." in person.text
    person.press("Authorize")
    assert person.heading == f"Enter this code in {NAME}"
    for words in (text, person.text):
        assert "on behalf of" in words and USER in words


def test_whoever_authorizes_comes_back_to_the_application(person, application):
    application.pages["/callback"] = "<h1>Back</h1>"
    person.decide("Authorize", application.url("/callback"))
    assert person.heading == "Back"
    (verifier,) = parse_qs(urlsplit(person.page.url).query)["oauth_verifier"]
    assert sends_an_sms(person, verifier)
    assert application.referers[0] is None, "it is not told the address of a page here"


def test_whoever_denies_comes_back_without_anything(person, application):
    application.pages["/callback"] = "<h1>Back</h1>"
    person.decide("Deny", application.url("/callback"))
    assert person.heading == "Back"
    answer = parse_qs(urlsplit(person.page.url).query)
    assert answer == {"oauth_token": [person.request_token.key], "oauth_problem": ["user_refused"]}
    assert problem(person, "any") == "permission_denied"


def test_another_account_answers_the_same_request(person):
    person.ask()
    person.press("Use another account")
    assert person.heading == "Sign in"
    person.sign_in()
    person.press("Authorize")
    assert sends_an_sms(person, person.page.locator("#verifier").inner_text())


def test_access_can_be_revoked_and_the_session_ended(person):
    person.decide("Authorize")
    person.open("/")
    person.press(f"Revoke the access of {NAME}")
    assert "None so far" in person.text
    person.press("Sign out")
    assert "Sign in to see the applications with access" in person.text


def test_the_interactive_demo_takes_the_code_that_is_shown(person):
    command = [sys.executable, "-u", "-m", "nexmo", "demo", "--interactive"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as demo:
        url = next(line.strip() for line in demo.stdout if "/oauth/authorize?" in line)
        person.page.goto(url)
        person.sign_in()
        person.press("Authorize")
        said, _ = demo.communicate(person.page.locator("#verifier").inner_text() + "\n", timeout=60)
    assert demo.returncode == 0
    assert "accepted for" in said


def test_a_login_of_the_command_line_serves_other_processes(person, tmp_path):
    others = {name: value for name, value in os.environ.items() if not name.startswith("NEXMO_")}
    # Chromium is at hand, and goes where the command says; so it has no other to start.
    later = {**others, "XDG_DATA_HOME": str(tmp_path), "BROWSER": "true %s"}
    consumer = {
        "NEXMO_CONSUMER_KEY": person.sandbox.consumer_key,
        "NEXMO_CONSUMER_SECRET": person.sandbox.consumer_secret,
    }
    nexmo = [sys.executable, "-m", "nexmo"]
    command = [*nexmo, "login", "--sandbox", person.sandbox.url]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**later, **consumer}) as login:
        person.page.goto(next(line.strip() for line in login.stderr if line.startswith("http")))
        person.sign_in()
        person.press("Authorize")
        login.communicate(timeout=60)
    assert login.returncode == 0
    assert person.heading == "You approved the request"
    assert urlsplit(person.page.url).query == "", "the address holds no code"
    sms = [*nexmo, "sms", "15551234567", "High at 6", "--from", "Tide"]
    assert "accepted" in subprocess.run(sms, capture_output=True, text=True, env=later, check=True, timeout=60).stdout


# What people do besides


@pytest.mark.parametrize("decision", ["Authorize", "Deny"])
def test_going_back_after_a_decision_changes_nothing(person, decision):
    person.decide(decision)
    verifier = "".join(person.page.locator("#verifier").all_inner_texts())
    person.go_back()
    if person.heading != "This request cannot be answered any more":
        # Chromium kept the page, although it was asked to store none.
        person.press("Authorize")
    assert person.heading == "This request cannot be answered any more"
    if decision == "Authorize":
        assert sends_an_sms(person, verifier)
    else:
        assert problem(person, "any") == "permission_denied"


def test_going_back_after_signing_in_and_signing_in_again_is_no_fault(person):
    person.ask()
    person.go_back()
    assert person.heading == "Sign in"
    person.sign_in()
    person.press("Authorize")
    assert sends_an_sms(person, person.page.locator("#verifier").inner_text())


def test_going_back_after_signing_out_shows_no_account(person):
    person.sign_in()
    person.press("Sign out")
    person.go_back()
    assert "Sign in to see the applications with access" in person.text


def test_reloading_the_code_does_not_authorize_twice(person):
    person.decide("Authorize")
    verifier = person.page.locator("#verifier").inner_text()
    person.page.reload()
    assert person.heading == "This request cannot be answered any more"
    assert sends_an_sms(person, verifier)


@pytest.mark.parametrize("width", [320, 1280])
def test_a_double_click_signs_in_and_decides_nothing(person, width):
    person.page.set_viewport_size({"width": width, "height": 640})
    person.follow()
    person.page.fill("#user", USER)
    person.page.fill("#password", PASSWORD)
    box = person.page.get_by_role("button", name="Sign in", exact=True).bounding_box()
    double_click(person, "Sign in")
    assert person.heading == f"Authorize {NAME}?"
    # With a fast server the second click meets the next page.
    there = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert person.page.evaluate("([x, y]) => document.elementFromPoint(x, y).closest('a, button')", there) is None


def test_a_double_click_authorizes_once(person):
    person.ask()
    double_click(person, "Authorize")
    if person.heading == "This request cannot be answered any more":
        assert problem(person, "any") == "verifier_invalid", "the other click came first, and its code is not shown"
    else:
        assert sends_an_sms(person, person.page.locator("#verifier").inner_text())


def double_click(person, button):
    """Click twice before a slow server has an answer to either."""
    before = person.page.locator("h1", has_text=person.heading)
    person.requests.clear()
    person.sandbox._process.send_signal(signal.SIGSTOP)
    person.page.get_by_role("button", name=button, exact=True).dblclick(delay=60, no_wait_after=True)
    person.page.wait_for_timeout(200)
    person.sandbox._process.send_signal(signal.SIGCONT)
    before.wait_for(state="detached")
    person.page.wait_for_load_state()
    assert [request.method for request in person.requests][:2] == ["POST", "POST"]


def test_two_windows_decide_once(person):
    person.ask()
    late = person.context.new_page()
    late.goto(person.page.url)
    person.press("Authorize")
    late.get_by_role("button", name="Deny").click()
    assert late.locator("h1").inner_text() == "This request cannot be answered any more"
    assert sends_an_sms(person, person.page.locator("#verifier").inner_text())


# Other sites: localhost is not the site of 127.0.0.1


def test_whoever_comes_from_another_site_can_decide(person, application):
    person.sign_in()
    person.request_token = person.nexmo.request_token()
    application.pages["/"] = f'<a href="{person.nexmo.authorize_url(person.request_token)}">Connect</a>'
    person.page.goto(application.url("/", host="localhost"))
    person.page.click("a")
    person.sign_in()
    person.press("Authorize")
    assert sends_an_sms(person, person.page.locator("#verifier").inner_text())


def test_no_page_can_be_framed(person, application):
    person.ask()
    application.pages["/"] = f'<iframe src="{person.page.url}"></iframe><iframe src="{person.sandbox.url}"></iframe>'
    for host in ("localhost", "127.0.0.1"):
        person.page.goto(application.url("/", host=host))
        frames = person.page.frames[1:]
        assert len(frames) == 2
        for frame in frames:
            frame.wait_for_url("chrome-error://chromewebdata/")
    refused = [words for words in person.complaints if "frame-ancestors 'none'" in words]
    assert len(refused) == 4


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_form_of_another_origin_is_refused(person, application, host):
    person.ask()
    csrf, key = (person.page.locator(f"form:has([name=decision]) [name={name}]").get_attribute("value")
                 for name in ("csrf", "oauth_token"))  # fmt: skip
    application.pages["/"] = (
        f'<form method="post" action="{person.sandbox.endpoints.authorize}"><button name="decision" value="approve">Win'
        f'</button><input name="csrf" value="{csrf}"><input name="oauth_token" value="{key}"></form>'
    )
    person.page.goto(application.url("/", host=host))
    person.press("Win")
    assert person.heading == "This form cannot be accepted"
    assert problem(person, "any") == "permission_unknown", "nobody has decided yet"
