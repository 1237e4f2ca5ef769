"""Read a request from a HAR 1.2 log of a browser, as far as its signature needs it (RFC 5849 section 3.4).

The body is the ``text`` of the entry. If ``text`` is missing, the body is made of ``params``, which are assumed to be
decoded. Pseudo-header fields of HTTP/2 are left out. ``captured`` describes the errors. ``har_log`` writes a HAR log.
"""

import json

from ..parameters import decode_form
from ..percent_encoding import percent_encode
from ..transmission import FORM
from ..uris import query_of
from .captured import captured_request
from .explaining import visible

__all__ = ["har_log", "request_from_har"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .captured import CapturedRequest, Headers

NO_LOG = "the file is not a HAR log (JSON with log.entries)"


def request_from_har(text: str, number: "int | None" = None, takes_signed: bool = False) -> "CapturedRequest":
    """Return the request of entry ``number``, counted from 0, of a HAR file.

    The number may be omitted if the file has only one entry, or, with ``takes_signed``, only one signed entry.
    """
    try:
        entries = requests_of(text)
        signed = [index for index, entry in enumerate(entries) if takes_signed and is_signed(entry)]
        if number is None and len(signed) == 1:
            number = signed[0]
        if number is None and len(entries) > 1:
            lines = ["  {}  {method} {url}".format(index, **entry) for index, entry in enumerate(entries)]
            lines = [visible(line.partition("?")[0]) for line in lines]
            message = "the HAR file has {} entries: choose one by its number (--entry N)".format(len(entries))
            raise ValueError("\n".join([message, *lines]))
        if not 0 <= (number or 0) < len(entries):
            message = "there is no entry {}: the HAR file has {} entries, numbered from 0"
            raise ValueError(message.format(number or 0, len(entries)))
        entry = entries[number or 0]
        headers = [(header["name"], header["value"]) for header in entry["headers"]]
        headers = [header for header in headers if not header[0].startswith(":")]
        body = body_of_entry(entry.get("postData") or {}, headers)
        return captured_request(entry["method"], entry["url"].partition("#")[0], headers, body)
    except (AttributeError, KeyError, IndexError, TypeError, RecursionError, UnicodeError, json.JSONDecodeError):
        # Leave out the original exception, which may show parts of the request.
        raise ValueError(NO_LOG) from None


def har_entries(text: str) -> "list[tuple[int, str, bool]]":
    """Return (number, method and URL without query, whether it is signed) for each entry, signed entries first."""
    try:
        entries = [
            (index, visible("{method} {url}".format(**entry).partition("?")[0]), is_signed(entry))
            for index, entry in enumerate(requests_of(text))
        ]
    except (AttributeError, KeyError, IndexError, TypeError, RecursionError, json.JSONDecodeError):
        raise ValueError(NO_LOG) from None
    return sorted(entries, key=lambda entry: not entry[2])


def requests_of(text: str) -> "list[dict[str, Any]]":
    return [entry["request"] for entry in json.loads(text)["log"]["entries"]]


def is_signed(entry: "dict[str, Any]") -> bool:
    """Return whether the request of an entry has a signature in its header, URL or form."""
    post_data = entry.get("postData") or {}
    fields = [str(header["value"]) for header in entry["headers"] if header["name"].lower() == "authorization"]
    names = [str(each.get("name")) for each in post_data.get("params") or []]
    text = "&".join([entry["url"].partition("?")[2], post_data.get("text") or ""])
    return (
        bool([field for field in fields if field.lower().startswith("oauth ") and "oauth_signature" in field])
        or "oauth_signature" in names
        or bool([piece for piece in text.split("&") if piece.startswith("oauth_signature=")])
    )


def body_of_entry(post_data: "dict[str, Any]", headers: "Headers") -> bytes:
    """Return the body of a HAR entry. Add its Content-Type to ``headers`` if they have none."""
    mime_type = post_data.get("mimeType") or ""
    if mime_type and "content-type" not in [name.lower() for name, _ in headers]:
        headers.append(("Content-Type", mime_type))
    params = post_data.get("params")
    if post_data.get("text") or not params:
        return (post_data.get("text") or "").encode("utf-8", "surrogateescape")
    if mime_type.partition(";")[0].strip().lower() != FORM:
        raise ValueError("the HAR entry has only the params of a body that is not a form: the body itself is missing")
    pairs = [(each["name"], each.get("value", "")) for each in params]
    return "&".join([percent_encode(name) + "=" + percent_encode(value) for name, value in pairs]).encode("ascii")


def har_log(request: "CapturedRequest", started: str, status: int, answer: "tuple[Headers, str]") -> str:
    """Return a HAR log of one request and its response (header fields, text); ``started`` is an ISO 8601 time."""
    method, uri, headers, body = request
    answer_headers, answer_text = answer
    sent = {
        "method": method, "url": uri, "httpVersion": "HTTP/1.1", "cookies": [], "headers": named(headers),
        "queryString": named(decode_form(query_of(uri))), "headersSize": -1, "bodySize": len(body),
    }  # fmt: skip
    if body:
        mime_type = [value for name, value in headers if name.lower() == "content-type"]
        sent["postData"] = {"mimeType": "".join(mime_type[:1]), "text": body.decode("utf-8", "surrogateescape")}
    types = [value for name, value in answer_headers if name.lower() == "content-type"]
    response = {
        "status": status, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [], "headers": named(answer_headers),
        "content": {"size": len(answer_text), "mimeType": "".join(types[:1]), "text": answer_text},
        "redirectURL": "", "headersSize": -1, "bodySize": -1,
    }  # fmt: skip
    entry = {
        "startedDateTime": started, "time": 0, "request": sent, "response": response, "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
    }  # fmt: skip
    creator = {"name": "oauth1_core", "version": "1"}
    return json.dumps({"log": {"version": "1.2", "creator": creator, "entries": [entry]}}, indent=1)


def named(pairs: "Headers") -> "list[dict[str, str]]":
    return [{"name": name, "value": value} for name, value in pairs]
