"""One secret as URIs, forms, JSON and HTML spell it, alone and one within the other; made without the core."""

import html
import json
from urllib.parse import quote, quote_plus

SECRET = "my S3cr+t/=<é>"


def escaped(text, times=1, quote=quote):
    for _ in range(times):
        text = quote(text, safe="")
    return text


def all_escaped(text, template):
    return "".join([template.format(each) for each in text.encode("utf-16-be")[1::2]])


IN_JSON = json.dumps(SECRET)[1:-1]
SPELLINGS = {
    "as it is": SECRET,
    "another case": SECRET.swapcase(),
    **{f"in a URI, {times}": escaped(SECRET, times) for times in (1, 2, 3, 4, 6)},
    **{f"in a form, {times}": escaped(SECRET, times, quote_plus) for times in (1, 2, 3, 4)},
    "in a form, in a URI": escaped(quote_plus(SECRET)),
    "in a URI, in a form": quote_plus(escaped(SECRET)),
    "in a URI, lower case": escaped(SECRET).lower(),
    "in a URI, in part": SECRET.replace("/", "%2F"),
    "in a URI, each octet": "".join([f"%{octet:02x}" for octet in SECRET.encode()]),
    "in JSON": IN_JSON,
    "in JSON, with slashes": SECRET.replace("/", r"\/"),
    "in JSON, each character": all_escaped(SECRET, r"\u{:04X}"),
    "in JSON, in JSON": json.dumps(all_escaped(SECRET, r"\u{:04x}"))[1:-1],
    "in JSON, in a form": escaped(IN_JSON, 1, quote_plus),
    "in a URI, in JSON": escaped(SECRET).replace("%", r"\u0025"),
    "in HTML": html.escape(SECRET),
    "in HTML, each character": all_escaped(SECRET, "&#{};"),
    "in HTML, each in hexadecimal": all_escaped(SECRET, "&#x{:X};"),
    "in HTML, in HTML": html.escape(html.escape(SECRET)),
    "in HTML, in a form": escaped(all_escaped(SECRET, "&#{};"), 1, quote_plus),
    "in HTML, with zeros": all_escaped(SECRET, "&#{:012};"),
    "in HTML, without a semicolon": SECRET.replace("/", "&#47").replace("+", "&#x2b"),
    "in HTML, with names": SECRET.replace("/", "&sol;").replace("+", "&plus;").replace("=", "&equals;"),
    "in JavaScript, in two digits": "".join([f"\\x{octet:02x}" for octet in SECRET.encode()]),
    "in JavaScript, in braces": all_escaped(SECRET, r"\u{{{:x}}}"),
    "in JavaScript, with escape()": all_escaped(SECRET, "%u{:04X}"),
    "in HTML, in JSON": all_escaped(SECRET, "&#{};").replace("&", r"\u0026"),
}
