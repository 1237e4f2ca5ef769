"""The recipe of docs/constrained.md for a browser: Pyodide in Chromium signs, fetches, and the request verifies."""

import io
import shutil
import tempfile
import threading
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec

import oauth1_core
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from oauth1_core.vendoring import copying
from tests.environments.interpreters import INSTALLED
from tests.environments.microcontrollers import PAGE, Failed, blocks

PYODIDE = INSTALLED / "node_modules" / "pyodide"
CLIENT = oauth1_core.ClientCredentials("client", "client's secret")
TOKEN = oauth1_core.TokenCredentials("token", "token's secret")
OPENED = """<!doctype html><title>loading</title><script type="module">
import { loadPyodide } from "/pyodide.mjs";
try {
  const python = await loadPyodide();
  python.unpackArchive(await (await fetch("/oauth1_core.zip")).arrayBuffer(), "zip");
  await python.runPythonAsync(await (await fetch("/browser.py")).text());
  document.title = await python.runPythonAsync(`
from oauth1_core import ClientCredentials, Signer, TokenCredentials
signer = Signer(ClientCredentials("client", "client's secret"), TokenCredentials("token", "token's secret"))
reply = await signed_fetch(signer, "GET", "${location.origin}/protected?place=caf%C3%A9")
f"{reply.status} {await reply.string()}"
`);
} catch (error) { document.title = "failed: " + error; }
</script>"""


def missing():
    """Return what the recipe needs and is not there."""
    if find_spec("playwright") is None:
        return ["playwright"]
    return [each for each, there in [("chromium", shutil.which("chromium")), (PYODIDE, PYODIDE.exists())] if not there]


class Server(SimpleHTTPRequestHandler):
    """The page, what it loads, and one protected resource."""

    verifier: oauth1_core.Verifier

    def __init__(self, *arguments):
        self.extensions_map = dict(self.extensions_map, **{".mjs": "text/javascript", ".wasm": "application/wasm"})
        super().__init__(*arguments, directory=str(PYODIDE))

    def do_GET(self):
        made = {"/": OPENED.encode(), "/oauth1_core.zip": packed(), "/browser.py": blocks()["browser.py"].encode()}
        if self.path.startswith("/protected"):
            self.answer(*self.protected())
        elif self.path in made:
            self.answer(200, made[self.path])
        else:
            super().do_GET()

    def protected(self):
        uri = "http://{}{}".format(self.headers["Host"], self.path)
        try:
            request = self.verifier.verify("GET", uri, list(self.headers.items()))
        except oauth1_core.VerificationError as error:
            return error.status, str(error).encode()
        return 200, dict(request.parameters)["place"].encode()

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Known:
    def client(self, identifier):
        return CLIENT if identifier == CLIENT.identifier else None

    def token(self, client_identifier, identifier):
        return TOKEN if identifier == TOKEN.identifier else None


def packed():
    """Return a vendored copy of the client's side as a zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in copying.folder("client").items():
            archive.writestr(name, content)
    return stream.getvalue()


def signed_in_chromium():
    """Open the page, and return what became of its request; Failed unless it verified."""
    from playwright.sync_api import sync_playwright

    Server.verifier = oauth1_core.Verifier(Known(), MemoryNonceStore(epoch=0))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
            browser = playwright.chromium.launch_persistent_context(
                profile, executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = browser.new_page()
            page.goto("http://127.0.0.1:{}/".format(server.server_port))
            page.wait_for_function("document.title != 'loading'", timeout=120000)
            title = page.title()
            browser.close()
    finally:
        server.shutdown()
        server.server_close()
    if title != "200 café":
        raise Failed(f"{PAGE.name}, in Chromium: {title}")
    return "the recipe for Pyodide, in Chromium"


if __name__ == "__main__":
    print(signed_in_chromium())
