"""Debian's Firefox, driven by WebDriver BiDi over a WebSocket, which Firefox itself speaks.

Playwright cannot drive this Firefox: each new context sends ``emulation.setMediaFeaturesOverride``, a command that
Firefox 153 does not know.
"""

import asyncio
import contextlib
import itertools
import re
import shutil

import aiohttp

NAMES = ("firefox-esr", "firefox")
# Firefox asks nobody about itself, and looks up no host: the tests need 127.0.0.1 alone.
PREFERENCES = """\
user_pref("network.dns.disabled", true);
user_pref("services.settings.server", "data:,");
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("toolkit.telemetry.enabled", false);
"""
STARTS = 60  # seconds


def path_of_firefox():
    return next(filter(None, map(shutil.which, NAMES)), None)


class Tab:
    """A tab of Firefox. A refused command raises AssertionError with Firefox's own message."""

    def __init__(self, socket):
        self.socket = socket
        self.numbers = itertools.count(1)
        self.context = ""

    async def send(self, method, **parameters):
        """Return the result of a command of https://w3c.github.io/webdriver-bidi/."""
        number = next(self.numbers)
        await self.socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            answer = await self.socket.receive_json()
            if answer.get("id") == number:
                assert answer["type"] == "success", answer
                return answer["result"]

    async def open(self, url):
        await self.send("browsingContext.navigate", context=self.context, url=url, wait="complete")

    async def evaluate(self, expression):
        """Return the value of an expression or its promise: text, a number or a truth value."""
        result = await self.send(
            "script.evaluate", expression=expression, awaitPromise=True, target={"context": self.context}
        )
        assert result["type"] == "success", result
        return result["result"].get("value")

    async def wait_for(self, expression, seconds=90):
        """Wait until an expression is true."""
        async with asyncio.timeout(seconds):
            while not await self.evaluate(f"Boolean({expression})"):
                await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def firefox(profile):
    """Start Firefox with a new profile in a folder, and yield a tab."""
    profile.mkdir()
    (profile / "user.js").write_text(PREFERENCES)
    arguments = ["--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    process = await asyncio.create_subprocess_exec(path_of_firefox(), *arguments, stderr=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(STARTS):
            lines, found = "", None
            while found is None:
                line = await process.stderr.readline()
                assert line, lines
                lines += line.decode()
                found = re.search(r"listening on (ws://\S+)\n", lines)
        drain = asyncio.create_task(process.stderr.read())
        async with aiohttp.ClientSession() as session, session.ws_connect(found[1] + "/session", max_msg_size=0) as ws:
            tab = Tab(ws)
            await tab.send("session.new", capabilities={})
            tab.context = (await tab.send("browsingContext.getTree"))["contexts"][0]["context"]
            yield tab
            await tab.send("browser.close")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
    await drain
