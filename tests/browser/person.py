"""A person with Debian's Chromium at the sandbox, and every page with the way to it."""

import contextlib
import importlib.util
import shutil
from pathlib import Path

from nexmo import Nexmo, NexmoError
from nexmo.callback import Receiver
from nexmo.sandbox.browser import PASSWORD, USER
from nexmo.sandbox.store import Store

AXE = Path(__file__).parent / ".peers" / "node_modules" / "axe-core" / "axe.min.js"
# Nothing leaves this machine: Chromium reports to nobody, and finds no host but these.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]  # fmt: skip

# The way to each page, by its name.
PAGES = {
    "index": lambda person: person.open("/"),
    "index-with-applications": lambda person: (person.decide("Authorize"), person.open("/")),
    "sign-in": lambda person: person.open("/oauth/sign-in"),
    "sign-in-wrong": lambda person: person.sign_in(password="wrong"),
    "sign-in-to-decide": lambda person: person.follow(),
    "consent-callback": lambda person: person.ask(callback="http://127.0.0.1:5000/callback"),
    "consent-code": lambda person: person.ask(),
    "code": lambda person: person.decide("Authorize"),
    "denied": lambda person: person.decide("Deny"),
    "inspector": lambda person: (person.follow(), person.open("/inspector?paused")),
    "inspected": lambda person: (person.follow(), person.inspect()),
    "inspected-refused": lambda person: (person.sign_wrongly(), person.inspect()),
    "login": lambda person: person.log_in("Authorize"),
    "login-denied": lambda person: person.log_in("Deny"),
    "error": lambda person: person.open("/oauth/authorize?oauth_token=unknown"),
}


def missing():
    """Return what of all this is not installed, by name."""
    there = {
        "playwright of PyPI": importlib.util.find_spec("playwright"),
        "chromium of Debian": shutil.which("chromium"),
        "axe-core of npm": AXE.exists(),
    }
    return [name for name, found in there.items() if not found]


@contextlib.contextmanager
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # What goes back and forward in history is part of what is tested.
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=ARGUMENTS,
            ignore_default_args=["--disable-back-forward-cache"],
        )
        with browser:
            yield browser


def rename(database, sandbox, name):
    """Give the application that asks another name."""
    store = Store(database)
    store.change_client(sandbox.consumer_key, name=name, callback=None)
    store.close()


class Person:
    """Somebody with a browser of their own, who came from ``nexmo``, an application, to ``sandbox``."""

    def __init__(self, browser, sandbox, nexmo, **options):
        self.sandbox = sandbox
        self.nexmo = nexmo
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(10_000)
        self.page = self.context.new_page()
        self.requests, self.complaints = [], []
        self.context.on("request", lambda request: self.requests.append(request))
        self.context.on("console", lambda message: self.complaints.append(message.text))
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.context.close()

    def open(self, path):
        return self.page.goto(self.sandbox.url + path)

    def follow(self, callback="oob"):
        """Follow the link of the application's request for access."""
        self.request_token = self.nexmo.request_token(callback)
        return self.page.goto(self.nexmo.authorize_url(self.request_token))

    def sign_in(self, password=PASSWORD):
        if self.page.locator("#password").count() == 0:
            self.open("/oauth/sign-in")
        self.page.fill("#user", USER)
        self.page.fill("#password", password)
        self.press("Sign in")

    def ask(self, callback="oob"):
        self.follow(callback)
        if self.page.locator("#password").count():
            self.sign_in()

    def decide(self, decision, callback="oob"):
        self.ask(callback)
        self.press(decision)

    def log_in(self, decision):
        """Answer the request of a program on this machine, which waits for that as ``nexmo login`` does."""
        with Receiver() as receiver:
            self.ask(receiver.url)
            receiver.expect(self.request_token)
            self.press(decision)

    def sign_wrongly(self):
        """Let the application ask with a wrong secret."""
        nexmo = Nexmo(self.sandbox.consumer_key, "wrong", endpoints=self.sandbox.endpoints)
        with nexmo, contextlib.suppress(NexmoError):
            nexmo.request_token()

    def inspect(self):
        """Look at what the sandbox was sent last."""
        self.open("/inspector?paused")
        self.click(self.page.locator("tr a").first)

    def press(self, name):
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def click(self, what):
        what.click()
        self.page.wait_for_load_state()

    def go_back(self):
        # A page that Chromium kept is not loaded again.
        self.page.go_back(wait_until="commit")

    def wait_for_focus(self):
        """Wait until the page has put the focus where it wants it, which it does after it has loaded."""
        if self.page.locator("[autofocus]").count():
            self.page.wait_for_selector("[autofocus]:focus")

    def focused(self):
        """Return the words on what has the focus."""
        return "".join(self.page.locator(":focus").all_inner_texts())

    @property
    def text(self):
        return " ".join(self.page.locator("body").inner_text().split())

    @property
    def heading(self):
        return self.page.locator("h1").inner_text()
