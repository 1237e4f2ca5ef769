"""A request as the fields of a form to fill in, and back as text (RFC 5849 sections 3.4.1.3.1 and 3.5.2).

The fields are the method, the URL, the header fields, and the pairs of the form or another body. Pairs are shown
decoded. A pair that was not changed keeps the octets that it was sent with.
"""

from ..parameters import decode_form
from ..percent_encoding import percent_encode
from .captured import declares_form
from .curl import curl_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .captured import CapturedRequest

__all__ = ["fields_of", "text_of"]

# Both follow from the URL and the body.
NOT_SHOWN = ("host", "content-length")


def fields_of(request: "CapturedRequest") -> "dict[str, Any]":
    """Return the members ``method``, ``uri``, ``headers``, ``form`` and ``body``; ``form`` is None for another body."""
    method, uri, headers, body = request
    is_form = declares_form(headers)
    return {
        "method": method,
        "uri": uri,
        "headers": [[name, value] for name, value in headers if name.lower() not in NOT_SHOWN],
        "form": [list(pair) for pair in decode_form(body)] if is_form else None,
        "body": "" if is_form else body.decode("utf-8", "surrogateescape"),
    }


def text_of(fields: "dict[str, Any]", before: "CapturedRequest | None" = None, kind: str = "http") -> str:
    """Return the text of a request with these fields: a curl command if ``kind`` is "curl", or else HTTP.

    :param fields: the members that :func:`fields_of` returns; pairs and header fields without a name are left out.
    :param before: the request before the change, whose unchanged pairs keep their octets.
    :param kind: what the request was read as. A body that curl cannot take from its command line gives HTTP.
    """
    method, uri = one_line(fields["method"]).strip() or "GET", one_line(fields["uri"]).strip()
    headers = [(one_line(name).strip(), one_line(value).strip()) for name, value in fields["headers"] if name.strip()]
    body = fields["body"]
    if declares_form(headers) and fields["form"] is not None:
        sent = form_of(before)
        pairs = [(name, value) for name, value in fields["form"] if name or value]
        body = "&".join([sent[pair].pop() if sent.get(pair) else "=".join(map(percent_encode, pair)) for pair in pairs])
    if kind == "curl":
        try:
            line = curl_line(method, uri, headers, body.encode("utf-8", "surrogateescape"))
            if line.startswith("curl "):
                return line
        except ValueError:
            pass  # a character that a terminal would not show
    lines = ["{} {} HTTP/1.1".format(method, uri)] + ["{}: {}".format(*field) for field in headers]
    return "\n".join(lines) + ("\n\n" + body if body else "")


def form_of(request: "CapturedRequest | None") -> "dict[tuple[str, str], list[str]]":
    """Return the texts that each pair of the form was sent as, the first text last."""
    sent: "dict[tuple[str, str], list[str]]" = {}
    if request is not None and declares_form(request[2]):
        for piece in reversed(request[3].decode("utf-8", "surrogateescape").split("&")):
            for pair in decode_form(piece):
                sent.setdefault(pair, []).append(piece)
    return sent


def one_line(text: str) -> str:
    return " ".join(text.splitlines())
