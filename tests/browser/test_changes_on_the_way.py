"""What a real browser, proxy and redirect do to a request after it was signed, and that ``diagnose`` names it.

Chromium submits forms, nginx rewrites paths, and curl follows redirects; a server that only records has the last word.
What is not installed is skipped by name; with REQUIRE_PEERS in the environment it fails instead.
"""

import contextlib
import html
import http.server
import shutil
import socket
import subprocess
import threading
import time

import pytest

from oauth1_core import ClientCredentials, authorization_header, decode_form, diagnose, form_encoded_body, sign
from tests.browser import person
from tests.support.programs import skip

pytestmark = pytest.mark.peers

CLIENT = ClientCredentials("ck", "client secret")
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location /raw/ {{ proxy_pass http://127.0.0.1:{behind}; proxy_set_header Host $http_host; }}
    location /app/ {{ proxy_pass http://127.0.0.1:{behind}/app/; proxy_set_header Host $http_host; }}
    location /prefix/ {{
      proxy_pass http://127.0.0.1:{behind}/; proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Prefix /prefix;
    }}
    location /told/ {{
      proxy_pass http://127.0.0.1:{behind}/inside/; proxy_set_header Host $http_host;
      proxy_set_header X-Original-URI $request_uri;
    }}
    location /portless/ {{
      proxy_pass http://127.0.0.1:{behind}; proxy_set_header Host $host:80;
      proxy_set_header X-Forwarded-Port {port};
    }}
    location /rewritten/ {{
      rewrite ^(.*)$ $1?q=$uri break; proxy_pass http://127.0.0.1:{behind}; proxy_set_header Host $http_host;
    }}
  }}
}}
"""


def needs(name):
    if shutil.which(name) is None:
        skip(f"{name} is not installed")


class Recorder(http.server.ThreadingHTTPServer):
    """A server that keeps the last request to each path, as it arrived, and answers with a page or a redirect."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answering)
        self.page, self.redirects, self.received = "", {}, None
        self.origin = f"http://127.0.0.1:{self.server_port}"


class Answering(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/favicon"):
            self.send_error(404)
            return
        if self.path == "/page":
            octets = self.server.page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
        elif self.path in self.server.redirects:
            octets = b""
            self.send_response(307)
            self.send_header("Location", self.server.redirects[self.path])
        else:
            octets = b"ok"
            uri = "http://" + self.headers["Host"] + self.path
            self.server.received = self.command, uri, list(self.headers.items()), body
            self.send_response(200)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    do_GET = do_POST = answer

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def recorder():
    server = Recorder()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def nginx(recorder, tmp_path_factory):
    needs("nginx")
    folder = tmp_path_factory.mktemp("nginx")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, behind=recorder.server_port))
    process = subprocess.Popen(
        ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL
    )
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        time.sleep(0.05)
    else:
        pytest.fail("nginx did not start: " + (folder / "error.log").read_text())
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="module")
def browser():
    missing = [name for name in person.missing() if not name.startswith("axe-core")]
    if missing:
        skip(f"not installed: {', '.join(missing)}")
    with person.chromium() as browser:
        yield browser


def curl(uri, *options):
    needs("curl")
    header = "Authorization: " + authorization_header(sign("GET", uri, CLIENT))
    command = ["curl", "-sS", "--globoff", "--path-as-is", "-H", header, *options, uri]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "ok"), done


def found(recorder):
    return [finding.id for finding in diagnose(*recorder.received, CLIENT)]


@pytest.mark.parametrize(
    "path, expected",
    [
        ("/raw/a%2Fb/~c", []),  # as it came
        ("/app/a%2Fb", ["path-decoded-on-the-way"]),
        ("/app/%7Eanna", ["path-decoded-on-the-way"]),
        ("/app//a", ["slashes-merged"]),
        ("/app/./a", ["dots-removed"]),
        ("/app/caf%c3%a9", ["case-of-escapes-changed"]),
        ("/prefix/a", ["prefix-removed"]),
        ("/told/a", ["path-rewritten"]),
        ("/portless/a", ["port-lost"]),
        ("/rewritten/a", ["rewritten-path-added"]),
    ],
)
def test_what_nginx_does_to_a_path_is_named(nginx, recorder, path, expected):
    curl(nginx + path)
    assert found(recorder) == expected


@pytest.mark.parametrize(
    "signed, location, expected",
    [
        ("/old?a=1", "/new?a=1&utm_source=mail&utm_medium=web", ["tracking-parameter-added", "path"]),
        ("/same?a=1", "/same?a=1&lang=en", ["parameter-added"]),
        ("/slash?a=1", "/slash/?a=1", ["slash-at-the-end"]),
    ],
)
def test_what_a_redirect_changes_is_named(recorder, signed, location, expected):
    recorder.redirects = {signed: location}
    curl(recorder.origin + signed, "-L")
    ids = found(recorder)
    if expected[-1] == "path":
        # Another path is none of what is known: without --other-url nothing can be said.
        assert ids == ["unknown"]
        old = recorder.origin + signed
        ids = [each.id for each in diagnose(*recorder.received, CLIENT, other_uris=[old])]
        assert set(ids) == {"tracking-parameter-added", "path-rewritten"}
    else:
        assert ids == expected


def submitted(browser, recorder, signed, fields, button=""):
    """Have Chromium submit a form whose fields were signed as ``signed``; ``fields`` are the inputs of the page."""
    uri = recorder.origin + "/launch"
    body = form_encoded_body(sign("POST", uri, CLIENT, form=signed), signed)
    protocol = [(name, value) for name, value in decode_form(body) if name.startswith("oauth_")]
    hidden = [f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in protocol]
    recorder.page = f'<!doctype html><form method="post" action="/launch">{"".join(hidden)}{fields}{button}</form>'
    recorder.received = None
    page = browser.new_page()
    page.goto(recorder.origin + "/page")
    if button:
        page.click("button")
    else:
        page.evaluate("document.forms[0].submit()")
    page.wait_for_url("**/launch")
    page.close()
    return found(recorder)


def test_a_form_that_arrives_as_it_was_signed_is_not_accused(browser, recorder):
    assert submitted(browser, recorder, "note=one%0D%0Atwo", "<textarea name=note>one\ntwo</textarea>") == []


def test_the_line_breaks_of_a_text_area_are_named(browser, recorder):
    ids = submitted(
        browser,
        recorder,
        "note=one%0Atwo%0A%0Athree&a=1",
        "<textarea name=note>one\ntwo\n\nthree</textarea><input name=a value=1>",
    )
    assert ids == ["line-breaks-changed"]


def test_a_button_with_a_name_is_named(browser, recorder):
    ids = submitted(
        browser, recorder, "a=1", "<input name=a value=1>", "<button name=submit value=Launch>Launch</button>"
    )
    assert ids == ["submit-button-added"]


def test_text_that_the_page_escapes_twice_is_named(browser, recorder):
    ids = submitted(browser, recorder, "title=R%26D", '<input name=title value="R&amp;amp;D">')
    assert ids == ["html-escaped"]
