"""What happens to a request between signer and server: requests that were signed as they should
be, and as they arrive, for each entry of the catalogue.

Written on urllib, hmac and base64 like ``wrong_signer``; it knows nothing of the core.
"""

import base64
import gzip
import hmac
import unicodedata
from urllib.parse import parse_qsl, quote, quote_plus

FORM = "application/x-www-form-urlencoded"
CLIENT_SECRET, TOKEN_SECRET = "j49 sk3/j29&djd", "dh893+hd%asih9"
PLAIN = {
    "method": "POST",
    "uri": "https://api.example.com/v1/items",
    "query": "a=1&b=two%20words",
    "form": "text=hello&name=Anna",
    "headers": [],
    "protocol": [],
}


def signature_of(request, key=None):
    """Sign a request as RFC 5849 says; ``form`` is None for a body that is not signed."""
    pairs = parse_qsl(request["query"], keep_blank_values=True) + request["protocol"]
    pairs += parse_qsl(request["form"] or "", keep_blank_values=True)
    encoded = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in pairs)
    joined = "&".join(f"{name}={value}" for name, value in encoded)
    text = "&".join([request["method"], quote(request["uri"], safe="~"), quote(joined, safe="~")])
    key = key or quote(CLIENT_SECRET, safe="~") + "&" + quote(TOKEN_SECRET, safe="~")
    return base64.b64encode(hmac.new(key.encode(), text.encode(), "sha1").digest()).decode()


def arrived(signed, sign=signature_of, timestamp="1795455318", nonce="n", **changes):
    """Return what a server receives of a request that ``sign`` signed: (method, uri, headers, body)."""
    protocol = [
        ("oauth_consumer_key", "9djdj82h48djs9d2"), ("oauth_token", "kkk9d7dh3k39sjv7"), ("oauth_nonce", nonce),
        ("oauth_timestamp", timestamp), ("oauth_signature_method", "HMAC-SHA1"),
    ]  # fmt: skip
    signed = {**PLAIN, **signed}
    signature = sign({**signed, "protocol": protocol + signed["protocol"]})
    # What is not changed arrives as it was signed.
    request = {**signed, **changes}
    items = [*protocol, *request["protocol"], ("oauth_signature", signature)]
    header = "OAuth " + ", ".join(f'{name}="{quote(value, safe="~")}"' for name, value in items)
    uri = request["uri"] + ("?" + request["query"] if request["query"] else "")
    body = request.get("body", (request["form"] or "").encode())
    headers = [("Authorization", header), ("Content-Type", FORM), *request["headers"]]
    return request["method"], uri, headers, body


def in_form(text):
    return "note=" + quote_plus(text) + "&name=Anna"


FORM_TEXT = PLAIN["form"]
URI = PLAIN["uri"]
MANY = "&".join(f"k{number}={number}" for number in range(12))
CAFE = "caf\u00e9 \u00c5ngstr\u00f6m"
# id -> what was signed, and in what it differs when it arrives; several where there are several ways.
ON_THE_WAY = {
    "submit-button-added": [({}, {"form": FORM_TEXT + "&submit=Send"}), ({}, {"form": FORM_TEXT + "&go.x=3&go.y=9"})],
    "cache-parameter-added": [({}, {"query": "a=1&b=two%20words&_=1795455318000"})],
    "tracking-parameter-added": [
        ({}, {"query": "a=1&b=two%20words&utm_source=mail&utm_medium=x&utm_campaign=y"}),
        ({"query": ""}, {"query": "gclid=Cj0"}),
    ],
    "framework-parameter-added": [({}, {"form": "utf8=%E2%9C%93&authenticity_token=x%2By%3D&" + FORM_TEXT})],
    "rewritten-path-added": [
        ({}, {"query": "q=/v1/items&a=1&b=two%20words"}),
        ({}, {"query": "a=1&b=two%20words&url=items"}),
    ],
    "query-in-the-form-too": [({"form": "c=3"}, {"form": "a=1&b=two+words&c=3"})],
    "query-in-the-header-too": [({}, {"protocol": [("a", "1"), ("b", "two words")]})],
    "json-declared-as-a-form": [({"form": None}, {"body": b'{"a": [1, "b=c&d"]}'})],
    "body-packed": [
        ({}, {"body": gzip.compress(FORM_TEXT.encode()), "headers": [("Content-Encoding", "gzip")]}),
    ],
    "query-lost": [
        ({}, {"query": "", "headers": [("X-Original-URI", "/v1/items?a=1&b=two%20words")]}),
        ({}, {"query": "b=two%20words", "headers": [("X-Original-URI", "/v1/items?a=1&b=two%20words")]}),
    ],
    "line-breaks-changed": [
        ({"form": in_form("one\ntwo\n\nthree")}, {"form": in_form("one\r\ntwo\r\n\r\nthree")}),
        ({"form": in_form("one\r\ntwo")}, {"form": in_form("one\ntwo")}),
        ({"form": in_form("one\ntwo") + "&raw=a%0Ab"}, {"form": in_form("one\r\ntwo") + "&raw=a%0Ab"}),
        ({"form": in_form("one\rtwo")}, {"form": in_form("one\r\ntwo")}),
    ],
    "final-line-break-added": [
        ({}, {"body": FORM_TEXT.encode() + b"\n"}),
        ({}, {"body": FORM_TEXT.encode() + b"\r\n"}),
    ],
    "white-space-added": [
        ({"form": in_form("text")}, {"form": in_form(" text ")}),
        ({"form": in_form("text") + "&x=+y"}, {"form": in_form("text ") + "&x=+y"}),
    ],
    "html-escaped": [
        ({"form": in_form("R&D <b>")}, {"form": in_form("R&amp;D &lt;b&gt;")}),
        ({"form": in_form("R&amp;D")}, {"form": in_form("R&D")}),
        ({"query": "a=1&b=2"}, {"query": "a=1&amp;b=2"}),
    ],
    "unicode-normalized": [
        ({"form": in_form(unicodedata.normalize(first, CAFE))}, {"form": in_form(unicodedata.normalize(second, CAFE))})
        for first, second in (("NFC", "NFD"), ("NFD", "NFC"))
    ],
    "space-became-plus": [({"query": "a=two+words%2525"}, {"query": "a=two%2Bwords%2525"})],
    "plus-became-space": [
        ({"query": "a=one%2Btwo%2F"}, {"query": "a=one%20two%2F"}),
        ({"form": "to=%2B15551234567&text=hello+there"}, {"form": "to=+15551234567&text=hello+there"}),
    ],
    "decoded-twice-as-a-form": [({"query": "a=two+words%2F"}, {"query": "a=two%2Bwords%252F"})],
    "sent-as-windows-1252": [({"form": in_form("caf\u00e9 \u20ac")}, {"body": b"note=caf%E9+%80&name=Anna"})],
    "brackets-changed": [
        ({"query": "f=1&f=2"}, {"query": "f%5B%5D=1&f%5B%5D=2"}),
        ({"query": "f%5B%5D=1&f%5B%5D=2"}, {"query": "f=1&f=2"}),
        ({"query": "f%5B%5D=1&f%5B%5D=2"}, {"query": "f%5B0%5D=1&f%5B1%5D=2"}),
    ],
    "dots-became-underscores": [
        ({"form": "user.name=Anna&a=1"}, {"form": "user_name=Anna&a=1"}),
        ({"form": "user.first.name=Anna&user.id=7&x=1"}, {"form": "user_first_name=Anna&user_id=7&x=1"}),
        ({"form": "lis_person_name.full=Anna&user_id=7"}, {"form": "lis_person_name_full=Anna&user_id=7"}),
        ({"form": "first+name=Anna"}, {"form": "first_name=Anna"}),
        ({"form": FORM_TEXT + "&send.x=3&send.y=9&user_id=7"}, {"form": FORM_TEXT + "&send_x=3&send_y=9&user_id=7"}),
    ],
    "value-emptied": [
        ({"form": "note=null&name=Anna"}, {"form": "note=&name=Anna"}),
        ({"query": "a=undefined&b=undefined&c=3"}, {"query": "a=&b=&c=3"}),
    ],
    "value-filled-in": [
        ({"form": "note=&name=Anna"}, {"form": "note=hello&name=Anna"}),
        ({"query": "a=&b=&c=3"}, {"query": "a=null&b=null&c=3"}),
    ],
    "parameter-dropped": [
        ({"protocol": [("oauth_callback", "about:blank")]}, {"protocol": []}),
        ({"form": FORM_TEXT + "&ext_submit=Press+to+Launch"}, {"form": FORM_TEXT}),
    ],
    "white-space-trimmed": [
        ({"form": in_form(before + "text" + after)}, {"form": in_form("text")})
        for before, after in (("", " "), (" ", " "), ("", "\t"), ("", "\xa0"))
    ],
    "case-changed": [
        ({"form": in_form("Anna Berta")}, {"form": in_form("anna berta")}),
        ({"query": "NAME=1"}, {"query": "name=1"}),
    ],
    "parameter-added": [
        ({}, {"query": "a=1&b=two%20words&tenant=x"}),
        ({}, {"query": "a=1&b=two%20words&tenant=x&zone=y"}),
        ({}, {"query": "tenant=x&zone=y&a=1&b=two%20words"}),
        ({}, {"form": FORM_TEXT + "&extra=1&more=2&most=3"}),
        ({}, {"form": "text=hello&tenant=x&zone=y&name=Anna"}),
        ({}, {"form": "text=hello&tenant=x&zone=y&area=z&name=Anna"}),
        ({}, {"form": "tenant=x&text=hello&zone=y&name=Anna"}),
        ({}, {"query": "a=1&b=two%20words&tenant=x", "form": "text=hello&zone=y&name=Anna"}),
        ({"query": MANY}, {"query": MANY.replace("k5=", "tenant=x&zone=y&k5=")}),
    ],
    "www-changed": [
        ({}, {"uri": "https://www.api.example.com/v1/items"}),
        ({"uri": "https://www.example.com/"}, {"uri": "https://example.com/"}),
    ],
    "host-with-a-dot": [
        ({}, {"uri": "https://api.example.com./v1/items"}),
        ({"uri": "https://h.example./x"}, {"uri": "https://h.example/x"}),
    ],
    "port-lost": [
        ({"uri": "https://api.example.com:8443/v1/items"}, {"uri": URI}),
        ({"uri": "https://api.example.com:9443/v1/items"}, {"uri": URI, "headers": [("X-Forwarded-Port", "9443")]}),
    ],
    "path-rewritten": [
        (
            {"uri": "https://api.example.com/shop/items"},
            {"uri": URI, "headers": [("X-Original-URI", "/shop/items?a=1")]},
        ),
    ],
    "prefix-removed": [
        (
            {"uri": "https://api.example.com/tools/v1/items"},
            {"uri": URI, "headers": [("X-Forwarded-Prefix", "/tools/")]},
        ),
        ({"uri": "https://api.example.com/api/v1/items"}, {"uri": URI}),
    ],
    "prefix-added": [({"uri": "https://api.example.com/items"}, {"uri": URI})],
    "slashes-merged": [
        ({"uri": "https://api.example.com/v1//items"}, {"uri": URI}),
        ({"uri": "https://api.example.com//v1//items"}, {"uri": URI}),
        ({"uri": "https://api.example.com/v1///items"}, {"uri": URI}),
        ({"uri": URI + "//a" + "/b" * 12}, {"uri": URI + "/a" + "/b" * 12}),
    ],
    "dots-removed": [
        ({"uri": "https://api.example.com/v1/./items"}, {"uri": URI}),
        ({"uri": "https://api.example.com/v1/"[:-1] + "/."}, {"uri": "https://api.example.com/v1/"}),
    ],
    "path-decoded-on-the-way": [
        ({"uri": "https://api.example.com/v1%2Fitems"}, {"uri": URI}),
        (
            {"uri": "https://api.example.com/v1/anna%2Fbook%2Fpage"},
            {"uri": "https://api.example.com/v1/anna/book/page"},
        ),
        ({"uri": "https://api.example.com/%7Eanna"}, {"uri": "https://api.example.com/~anna"}),
    ],
    "case-of-escapes-changed": [
        ({"uri": "https://api.example.com/a%2fb"}, {"uri": "https://api.example.com/a%2Fb"}),
        ({"uri": "https://api.example.com/a%2Fb"}, {"uri": "https://api.example.com/a%2fb"}),
        ({"uri": "https://api.example.com/a%2fb%3Ac"}, {"uri": "https://api.example.com/a%2Fb%3Ac"}),
    ],
}
