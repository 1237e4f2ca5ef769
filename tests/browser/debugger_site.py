"""The debugger's page, built and served as any static site, and somebody who looks at it in Debian's Chromium."""

import contextlib
import functools
import http.server
import threading
from urllib.parse import urlsplit

from debugger.examples import examples


class Site(http.server.ThreadingHTTPServer):
    """A folder on loopback, as ``python -m http.server`` serves it; keeps what it was asked for."""

    daemon_threads = True

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), functools.partial(Answer, directory=str(folder)))
        self.asked = []
        self.url = f"http://127.0.0.1:{self.server_port}/"


class Answer(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        super().do_GET()

    # A beacon and a form, which would be seen too.
    def do_POST(self):
        self.server.asked.append("POST " + self.path)
        self.send_error(405)

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def served(folder):
    with Site(folder) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        yield site
        site.shutdown()
        thread.join()


class Reader:
    """Somebody who has opened the page."""

    def __init__(self, browser, url, **options):
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.complaints = []
        self.context.on("console", lambda message: self.complaints.append(message.text))
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.url = url
        self.origin = "{0.scheme}://{0.netloc}/".format(urlsplit(url))

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.context.close()

    def open(self, fragment=""):
        self.page.goto(self.url + fragment)
        self.ready()
        return self

    def ready(self):
        # On a machine that has much else to do.
        self.page.wait_for_selector("html[data-ready]", timeout=90_000)

    def choose(self, name):
        """Choose an example by its name."""
        number = [each["name"] for each in examples()].index(name)
        self.acts(lambda: self.page.select_option("#example", str(number)))

    def clear(self):
        self.acts(lambda: self.page.click("#clear"))

    def paste(self, text, field="request"):
        self.acts(lambda: self.page.fill("#" + field, text))

    def drop(self, text):
        """Open a file with this text."""
        self.acts(lambda: self.page.set_input_files("#file", {"name": "x", "mimeType": "", "buffer": text.encode()}))

    def acts(self, act):
        """Do what changes the result, and wait for that."""
        before = self.results()
        act()
        self.page.wait_for_function(
            "count => performance.getEntriesByName('edit to result').length > count", arg=before
        )

    def results(self):
        return self.page.evaluate("performance.getEntriesByName('edit to result').length")

    @property
    def state(self):
        return self.page.evaluate("document.documentElement.dataset.state")

    @property
    def verdict(self):
        return self.page.inner_text("#verdict")

    @property
    def result(self):
        return self.page.inner_text("#result")
