"""The debugger's page at /debugger, from the folder that ``make debugger`` builds.

The folder is not part of the distribution, because it has 5 MB of Python for the browser. The environment variable
``NEXMO_DEBUGGER`` names the folder; default: dist/debugger of the source tree. If the folder is missing, the page says
how to build it.
"""

from __future__ import annotations

import html
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
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
POLICY = re.compile('http-equiv="Content-Security-Policy" content="([^"]+)"')


def debugger() -> ASGIApp:
    """Return the application for the paths below /debugger."""
    folder = Path(os.environ.get("NEXMO_DEBUGGER") or BUILT)
    document = folder / "index.html"
    if not document.is_file():
        return error_page(404, words=NOT_BUILT)
    policies = POLICY.findall(document.read_text("utf-8"))
    # The document's policy as a header, because only a header can forbid frames. Other files have the sandbox's policy.
    policy = "; ".join([html.unescape(each) for each in policies] + ["frame-ancestors 'none'"])
    files = StaticFiles(directory=folder, html=True)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # The browser asks each time whether a file has changed, and loads it again only then.
                headers["Cache-Control"] = "no-cache"
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Content-Security-Policy"] = policy
            await send(message)

        await files(scope, receive, send_with_policy)

    return serve
