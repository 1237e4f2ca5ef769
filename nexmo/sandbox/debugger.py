"""The debugger's page at /debugger, from the folder that ``make debugger`` builds.

The folder is not part of the distribution, since it is five megabytes of Python for the browser. It is looked for in
``NEXMO_DEBUGGER``, and in dist/debugger of the source tree; without it the page says how to get it.
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
    "Run make debugger in the source tree of this sandbox. For an installed sandbox, start it with NEXMO_DEBUGGER set "
    "to the folder dist/debugger that this makes.",
)
POLICY = re.compile('http-equiv="Content-Security-Policy" content="([^"]+)"')


def debugger() -> ASGIApp:
    """Return what answers below /debugger."""
    folder = Path(os.environ.get("NEXMO_DEBUGGER") or BUILT)
    document = folder / "index.html"
    if not document.is_file():
        return error_page(404, words=NOT_BUILT)
    policies = POLICY.findall(document.read_text("utf-8"))
    # Of the document; frames can be forbidden by a header only. A file of the folder has the sandbox's own policy.
    policy = "; ".join([html.unescape(each) for each in policies] + ["frame-ancestors 'none'"])
    files = StaticFiles(directory=folder, html=True)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # Looked at again each time, and not loaded again.
                headers["Cache-Control"] = "no-cache"
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Content-Security-Policy"] = policy
            await send(message)

        await files(scope, receive, send_with_policy)

    return serve
