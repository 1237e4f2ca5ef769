"""The debugger's page at /debugger, from the folder that ``make debugger`` builds.

The folder is not part of the distribution, because it has 5 MB of Python for the browser. The environment variable
``NEXMO_DEBUGGER`` names the folder; default: dist/debugger of the source tree. If the folder is missing, the page says
how to build it.

The document is served with links back to the sandbox. It opens a request of the inspector by its number: while it
loads, before it closes its network access, it asks for ``/inspector/NUMBER/curl``. So no address holds a part of a
request.
"""

from __future__ import annotations

import html
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from .responses import error_page

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUILT = Path(__file__).parents[2] / "dist" / "debugger"
NOT_BUILT = (
    "The debugger is not built",
    "Run make debugger in the source tree of this sandbox. If the sandbox is installed, also set NEXMO_DEBUGGER to the "
    "folder dist/debugger of the source tree, and start the sandbox again.",
)
LINKS = '<header>\n<nav aria-label="Sandbox"><a href="/">First page</a> <a href="/inspector">Inspector</a></nav>'
POLICY = re.compile('http-equiv="Content-Security-Policy" content="([^"]+)"')


def folder_of_debugger() -> Path | None:
    """Return the folder of the page, ``None`` if it was not built."""
    folder = Path(os.environ.get("NEXMO_DEBUGGER") or BUILT)
    return folder if (folder / "index.html").is_file() else None


def debugger(folder: Path | None) -> ASGIApp:
    """Return the application for the paths below /debugger."""
    if folder is None:
        return error_page(404, words=NOT_BUILT)
    text = (folder / "index.html").read_text("utf-8")
    policies = POLICY.findall(text)
    # The document's policy as a header, because only a header can forbid frames. Other files have the sandbox's policy.
    policy = "; ".join([html.unescape(each) for each in policies] + ["frame-ancestors 'none'"])
    files = StaticFiles(directory=folder)
    document = HTMLResponse(text.replace("<header>", LINKS, 1))

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # The browser asks each time whether a file has changed, and loads it again only then.
                headers["Cache-Control"] = "no-cache"
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Content-Security-Policy"] = policy
            await send(message)

        is_document = scope["path"] in ("/debugger/", "/debugger/index.html")
        await (document if is_document else files)(scope, receive, send_with_policy)

    return serve
