"""The sandbox's responses: pages from templates, redirects, credentials, refusals."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from oauth1_core import (
    VerificationError,
    authorization_header,
    decode_form,
    refusal,
    request_uri,
)
from oauth1_core.debugging.stylesheet import STYLE as SHARED_STYLE

REALM = "Nexmo sandbox"
HERE = Path(__file__).parent
STYLE = SHARED_STYLE.encode() + (HERE / "static" / "style.css").read_bytes()
# The files that pages load, with their types.
STATIC = {
    "style.css": (STYLE, "text/css"),
    "mark.svg": ((HERE / "static" / "mark.svg").read_bytes(), "image/svg+xml"),
    "inspector.js": ((HERE / "static" / "inspector.js").read_bytes(), "text/javascript"),
}
TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ERRORS = {
    400: ("This link is not complete", "Go back to the application that sent you here and start again."),
    403: ("This form cannot be accepted", "It was not sent from a page of this session. Nothing was changed."),
    404: ("There is nothing here", "Check the address, or start at the first page."),
    405: ("Method not allowed", "This address does not accept this kind of request."),
    411: ("Length required", "The sandbox accepts only requests with a Content-Length header."),
    413: ("Request too large", "The sandbox accepts forms of at most 16 KiB."),
    421: ("Wrong host name", "The sandbox answers only at the address that it printed when it started."),
    503: ("Busy", "The database cannot be reached now. Try again in a moment."),
}
UNKNOWN_ERROR = ("Something went wrong", "The request could not be completed.")
NOT_PENDING = (
    "This request cannot be answered any more",
    "It is unknown, has expired or was already answered. Go back to the application and start again.",
)
NOT_KEPT = (
    "This request is no longer stored",
    "The inspector stores only the last requests since the sandbox was started.",
)


NOT_COPIED = (
    "This request cannot be copied",
    "It is too long to store, or has characters that a command line cannot show. Download it as HAR, or send less.",
)


def security_policy(form_target: str = "", has_script: bool = False) -> str:
    """Return the Content-Security-Policy of a page whose form may redirect to ``form_target``.

    Browsers apply ``form-action`` to the redirect after a form, too.
    """
    # A source expression of CSP cannot contain an IPv6 address.
    target = "http:" if "[" in form_target else form_target
    form_action = f"form-action 'self' {target}".rstrip()
    sources = "style-src 'self'; img-src 'self'"
    if has_script:
        sources += "; script-src 'self'; connect-src 'self'"
    return f"default-src 'none'; {sources}; {form_action}; frame-ancestors 'none'; base-uri 'none'"


HEADERS = [
    ("Content-Security-Policy", security_policy()),
    ("X-Frame-Options", "DENY"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
]


def page(
    template: str, *, status: int = 200, form_target: str = "", has_script: bool = False, **values: Any
) -> HTMLResponse:
    text = TEMPLATES.get_template(template).render(values)
    return HTMLResponse(text, status, {"Content-Security-Policy": security_policy(form_target, has_script)})


def error_page(status: int, headers: Any = None, words: tuple[str, str] | None = None) -> Response:
    title, advice = words or ERRORS.get(status, UNKNOWN_ERROR)
    response = page("error.html", status=status, title=title, advice=advice)
    response.headers.update(headers or {})
    return response


def redirect(location: str) -> Response:
    # 303: the browser follows with GET. RedirectResponse is not used, because it would change the URL's encoding.
    return Response(status_code=303, headers={"Location": location})


def send_back(callback: str, answer: Iterable[tuple[str, str]], fragment: str = "") -> Response:
    """Redirect the user to the client (section 2.2)."""
    # "the server MUST append the OAuth parameters to the end of the existing query"
    return redirect(request_uri(answer, callback) + fragment)


def sms_failure(status: str, text: str) -> Response:
    return JSONResponse({"message-count": "1", "messages": [{"status": status, "error-text": text}]})


def set_cookie(response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, path="/", httponly=True, samesite="strict")


def refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, VerificationError)
    status, headers, body = advised(error, REALM)
    return Response(body, status, dict(headers))


def advised(error: VerificationError, realm: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return the response to a refused request, with advice: this is a test tool."""
    if "oauth_problem_advice" not in dict(error.fields):
        error.fields.append(("oauth_problem_advice", str(error)))
    status, headers, body = refusal(error, realm)
    if status == 401:
        said = [pair for pair in decode_form(body) if pair[0] in ("oauth_problem", "oauth_problem_advice")]
        # The challenge is the last header field.
        headers[-1] = ("WWW-Authenticate", authorization_header(said, realm))
    return status, headers, body


def show_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return error_page(error.status_code, error.headers)


def show_not_pending(request: Request, error: Exception) -> Response:
    # GET: a link to a request that is not pending. POST: a form that was already answered.
    return error_page(404 if request.method == "GET" else 400, words=NOT_PENDING)


def show_unavailable(request: Request, error: Exception) -> Response:
    return error_page(503, {"Retry-After": "1"})


def show_failure(request: Request, error: Exception) -> Response:
    return error_page(500)
