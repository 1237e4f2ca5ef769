"""The debugger in Debian's Firefox: it diagnoses, and neither the page nor its worker reaches the network."""

import asyncio
import json
import os
import shutil

import pytest

from debugger.build import build
from debugger.examples import examples
from tests.browser.debugger_site import served
from tests.browser.firefox import firefox, path_of_firefox
from tests.support.programs import skip

pytestmark = pytest.mark.peers

# The page, or a worker, tries each way and returns the names of the ways that were open.
WAYS = """
const ways = {
    fetch: () => fetch(url + "fetch", {mode: "no-cors"}),
    xhr: () => new Promise((done, fail) => {
        const xhr = new XMLHttpRequest();
        xhr.onload = done; xhr.onerror = fail; xhr.open("GET", url + "xhr"); xhr.send();
    }),
    events: () => new Promise((done, fail) => {
        const events = new EventSource(url + "events"); events.onopen = done; events.onerror = fail;
    }),
    socket: () => new Promise((done, fail) => {
        const socket = new WebSocket(url.replace("http", "ws") + "socket");
        socket.onopen = done; socket.onerror = fail;
    }),
    import: () => import(url + "import.js"),
};
const tried = Promise.all(Object.entries(ways).map(async ([name, way]) => {
    try { await way(); return name; } catch { return ""; }
}));
"""
IN_PAGE = "(async url => { %s; return (await tried).join(' '); })(%s)"
# As app.js makes its own: a module from a blob.
IN_WORKER = """(source => new Promise((done, fail) => {
    const worker = new Worker(URL.createObjectURL(new Blob([source], {type: "text/javascript"})), {type: "module"});
    worker.onmessage = event => done(event.data);
    worker.onerror = event => fail(new Error("no worker: " + event.message));
}))(%s)"""


def in_page(url):
    return IN_PAGE % (WAYS, json.dumps(url))


def in_worker(url):
    source = f"const url = {json.dumps(url)}; {WAYS}; tried.then(found => postMessage(found.join(' ')));"
    return IN_WORKER % json.dumps(source)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if not path_of_firefox():
        skip("firefox-esr is not installed (make browser-peers)")
    if not shutil.which("npm") and "DEBUGGER_PYODIDE" not in os.environ:
        skip("npm is not installed (make browser-peers)")
    folder = tmp_path_factory.mktemp("built") / "debugger"
    build(folder)
    return folder


def test_it_diagnoses_and_its_worker_has_no_network(folder, tmp_path):
    async def session(site, other):
        async with firefox(tmp_path / "profile") as tab:
            await tab.open(site.url)
            await tab.wait_for("document.documentElement.dataset.ready")
            number = [each["name"] for each in examples()].index("Refused request 4")
            await tab.evaluate(
                f"""document.getElementById("example").value = "{number}";
                document.getElementById("example").dispatchEvent(new Event("change"))"""
            )
            await tab.wait_for("document.getElementById('verdict').textContent.includes('+ for a space')")
            assert "rHq9ta2PWKbYggQr09yrQENblak=" in await tab.evaluate("document.getElementById('result').textContent")
            gone = "['RTCPeerConnection', 'WebTransport'].filter(name => name in window).length"
            assert await tab.evaluate(gone) == 0

            asked = len(site.asked)
            for url in (site.url, other.url):
                assert (await tab.evaluate(in_page(url))).split() == []
                assert (await tab.evaluate(in_worker(url))).split() == []
            await asyncio.sleep(1)
            assert site.asked[asked:] == [] and other.asked == []

    with served(folder) as site, served(tmp_path) as other:
        asyncio.run(session(site, other))


def test_a_worker_that_was_made_before_the_network_was_closed_would_be_seen(folder, tmp_path):
    """The control: with the first policy alone the page and its worker reach their own origin."""

    async def session(site):
        async with firefox(tmp_path / "profile") as tab:
            await tab.open(site.url + "index.html")
            await tab.wait_for("document.documentElement.dataset.state === 'failed'")
            assert (await tab.evaluate(in_page(site.url))).split() == ["fetch", "xhr"]
            assert (await tab.evaluate(in_worker(site.url))).split() == ["fetch", "xhr"]
            assert {"/fetch", "/xhr", "/events", "/socket", "/import.js"} <= set(site.asked)

    shutil.copytree(folder, tmp_path / "copy")
    # What is missing ends the loader before it closes the network.
    (tmp_path / "copy" / "worker.js").unlink()
    with served(tmp_path / "copy") as site:
        asyncio.run(session(site))
