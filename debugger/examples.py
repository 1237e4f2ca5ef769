"""The examples of the debugger's page, made from ``refused_requests.json`` and from RFC 5849.

python -m debugger.examples 3        # the third refused request, as a curl command to paste
"""

import json
import sys
from pathlib import Path

from oauth1_core import authorization_header

REFUSED = json.loads(Path(__file__).with_name("refused_requests.json").read_text(encoding="utf-8"))
CREDENTIALS = REFUSED["credentials"]
# RFC 5849 section 3.4.1.1, with the body of section 3.4.1.3.1 and the signature of erratum 2550.
RFC_EXAMPLE = """\
POST http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b HTTP/1.1
Content-Type: application/x-www-form-urlencoded
Authorization: OAuth realm="Example",
    oauth_consumer_key="9djdj82h48djs9d2",
    oauth_token="kkk9d7dh3k39sjv7",
    oauth_signature_method="HMAC-SHA1",
    oauth_timestamp="137131201",
    oauth_nonce="7d8f3e4a",
    oauth_signature="r6%2FTJjbCOr97%2F%2BUU0NsvSne7s5g%3D"

c2&a3=2+q"""
# Section 1.2.
PHOTO = """\
GET http://photos.example.net/photos?file=vacation.jpg&size=original HTTP/1.1
Host: photos.example.net
Authorization: OAuth realm="Photos",
    oauth_consumer_key="dpf43f3p2l4k3l03",
    oauth_token="nnch734d00sl2jdk",
    oauth_signature_method="HMAC-SHA1",
    oauth_timestamp="137131202",
    oauth_nonce="chapoH",
    oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D\""""
FORM = """\
POST http://photos.example.net/orders HTTP/1.1
Content-Type: application/x-www-form-urlencoded

copies=2&paper=matte"""


def header_of(refused):
    """Return the Authorization header of a refused request."""
    pairs = [
        ("oauth_consumer_key", CREDENTIALS["client"]),
        ("oauth_token", CREDENTIALS["token"]),
        ("oauth_signature_method", REFUSED["signature_method"]),
        ("oauth_timestamp", refused["timestamp"]),
        ("oauth_nonce", refused["nonce"]),
        ("oauth_signature", refused["signature"]),
    ]
    return authorization_header(pairs, REFUSED["realm"])


def command_of(refused):
    """Return a refused request as a curl command."""
    lines = [f"curl -X {refused['method']} '{refused['uri']}'", f"-H 'Authorization: {header_of(refused)}'"]
    if refused["content_type"]:
        lines.append(f"-H 'Content-Type: {refused['content_type']}'")
    if refused["body"]:
        lines.append(f"--data-raw '{refused['body']}'")
    return " \\\n  ".join(lines)


def examples():
    """Return what the page offers: name, request and what is put into the other boxes."""
    secrets = {"client_secret": CREDENTIALS["client_secret"], "token_secret": CREDENTIALS["token_secret"]}
    rfc = {"client_secret": "j49sk3j29djd", "token_secret": "dh893hdasih9"}
    found = [
        {"name": "RFC 5849, section 1.2: a photo", "request": PHOTO, **secrets},
        {"name": "RFC 5849, section 3.4.1: a form", "request": RFC_EXAMPLE, **rfc},
    ]
    for refused in REFUSED["requests"]:
        other = CREDENTIALS["temporary_secret"] if refused["causes"] == ["another-secret"] else ""
        name = f"Refused request {refused['number']}"
        found.append({"name": name, "request": command_of(refused), "other_secret": other, **secrets})
    return [*found, {"name": "A request to sign", "request": FORM, **secrets}]


if __name__ == "__main__":
    print(command_of(REFUSED["requests"][int(sys.argv[1]) - 1]))
