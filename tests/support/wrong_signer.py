"""A signer that makes each mistake of the catalogue, and a request with something for each to go wrong about.

Written on urllib, hmac and base64; it knows nothing of the core but its credentials.
"""

import base64
import hmac
import itertools
import json
from urllib.parse import parse_qsl, quote, unquote

from oauth1_core import ClientCredentials, TokenCredentials

FORM = "application/x-www-form-urlencoded"
CLIENT = ClientCredentials("9djdj82h48djs9d2", "j49 sk3/j29&djd")
TOKEN = TokenCredentials("kkk9d7dh3k39sjv7", "dh893+hd%asih9")
OTHER_SECRET = "temporary*secret"
NOW = 1795455318

# Something for every mistake to go wrong about.
RICH = {
    "method": "POST",
    "scheme": "https",
    "host": "api.example.com",
    "port": "",
    "path": "/v1/a%20b/./c//d%7e/items",
    "query": "b5=%3D%253D&a3=a&c%40=&a2=r%20b&A4=Z&a=/x&a-b=~x*y'z!(w)&e=%C3%A9&dup=2&dup=1&dup=2",
    "form": "c2&a3=2+q&name=caf%c3%a9",
    "body": None,
    "content_type": FORM,
    "headers": [("X-Forwarded-Host", "inner.example:8080")],
    "realm": "Photos",
    "client": CLIENT,
    "token": TOKEN,
    "protocol": [("oauth_callback", "http://printer.example/ready?x=1")],
}


def escaped(text, mistakes, use):
    """Encode ``text`` for one use: a "value", the "uri", the joined "text" or the "key"."""
    octets = text.encode("utf-8", "surrogateescape")
    if "not-utf-8" in mistakes:
        octets = text.encode("latin-1")
    if "utf-8-twice" in mistakes:
        octets = octets.decode("latin-1").encode("utf-8")
    if use == "value" and "values-not-encoded" in mistakes:
        return text
    safe = "~"
    if "reserved-kept" in mistakes:
        safe += "!'()*"
    if "slash-kept" in mistakes:
        safe += "/"
    if "encoded-as-a-form" in mistakes:
        safe += "*"
    result = quote(octets, safe=safe)
    if "tilde-encoded" in mistakes or "encoded-as-a-form" in mistakes:
        result = result.replace("~", "%7E")
    if "plus-for-space" in mistakes or "encoded-as-a-form" in mistakes:
        result = result.replace("%20", "+")
    if use == "value" and "values-encoded-twice" in mistakes:
        result = quote(result, safe="~")
    if "lower-case-escapes" in mistakes:
        result = "".join(
            "%" + piece[:2].lower() + piece[2:] if number else piece for number, piece in enumerate(result.split("%"))
        )
    return result


def pairs_of(text, mistakes):
    if "not-decoded" in mistakes:
        return [(name, value) for name, _, value in (piece.partition("=") for piece in text.split("&") if piece)]
    if "plus-taken-literally" in mistakes:
        text = text.replace("+", "%2B")
    return parse_qsl(text, keep_blank_values=True, errors="surrogateescape")


def independent_signature(request, protocol, digest, mistakes):
    method = request["method"]
    if "method-in-lower-case" in mistakes:
        method = method.lower()
    if "another-method" in mistakes:
        method = "GET"

    scheme, host, port, path = (request[name] for name in ("scheme", "host", "port", "path"))
    default = {"http": ":80", "https": ":443"}[scheme]
    if "another-scheme" in mistakes:
        scheme = {"http": "https", "https": "http"}[scheme]
    if "host-case-kept" not in mistakes:
        host = host.lower()
    if port == default:
        port = ""
    if "default-port-kept" in mistakes:
        port = {"http": ":80", "https": ":443"}[scheme]
    if "port-left-out" in mistakes:
        port = ""
    if "another-host" in mistakes:
        host, port = "inner.example", ":8080"
    if "slash-at-the-end" in mistakes:
        path += "/"
    if "path-decoded" in mistakes:
        path = unquote(path)
    if "path-encoded-twice" in mistakes:
        path = path.replace("%", "%25")
    if "path-normalized" in mistakes:
        path = path.replace("/./", "/")
    uri = scheme + "://" + host + port + path
    if "another-uri" in mistakes:
        uri = "http://10.0.0.7:9000/inside"
    if "query-in-the-uri" in mistakes:
        uri += "?" + request["query"]

    query, form = pairs_of(request["query"], mistakes), pairs_of(request["form"] or "", mistakes)
    if "query-left-out" in mistakes:
        query = []
    if "form-left-out" in mistakes:
        form = []
    if "json-put-in" in mistakes:
        form = [
            (name, value if isinstance(value, str) else json.dumps(value))
            for name, value in json.loads(request["body"]).items()
        ]
    if "undeclared-form" in mistakes:
        form = parse_qsl(request["body"].decode())
    if "realm-put-in" in mistakes:
        protocol = [*protocol, ("realm", request["realm"])]
    if "signature-put-in" in mistakes:
        protocol = [*protocol, ("oauth_signature", "")]
    if "version-put-in" in mistakes:
        protocol = [*protocol, ("oauth_version", "1.0")]
    if "token-put-in" in mistakes:
        protocol = [*protocol, ("oauth_token", "")]
    if "protocol-parameter-left-out" in mistakes:
        protocol = [pair for pair in protocol if pair[0] != "oauth_callback"]
    pairs = query + protocol + form
    if "decoded-twice" in mistakes:
        pairs = [(unquote(name), unquote(value)) for name, value in pairs]
    if "equal-pairs-signed-once" in mistakes:
        pairs = [pair for number, pair in enumerate(pairs) if pair not in pairs[:number]]
    if "duplicates-numbered" in mistakes:
        names = [name for name, _ in pairs]
        pairs = [
            (f"{name}[{names[:number].count(name)}]" if names.count(name) > 1 else name, value)
            for number, (name, value) in enumerate(pairs)
        ]
    if "first-duplicate-kept" in mistakes:
        pairs = [(name, dict(pairs[::-1])[name]) for name in dict(pairs)]
    if "last-duplicate-kept" in mistakes:
        pairs = [(name, dict(pairs)[name]) for name in dict(pairs)]
    if "empty-values-dropped" in mistakes:
        pairs = [pair for pair in pairs if pair[1]]

    encoded = [(escaped(name, mistakes, "value"), escaped(value, mistakes, "value")) for name, value in pairs]
    if "sorted-before-encoding" in mistakes:
        order = sorted(range(len(pairs)), key=pairs.__getitem__)
        encoded = [encoded[index] for index in order]
    elif "sorted-when-joined" in mistakes:
        encoded.sort(key="=".join)
    elif "sorted-by-name-only" in mistakes:
        encoded.sort(key=lambda pair: pair[0])
    elif "sorted-ignoring-case" in mistakes:
        encoded.sort(key=lambda pair: (pair[0].lower(), pair[1].lower()))
    elif "not-sorted" not in mistakes:
        encoded.sort()
    joined = "&".join(
        name if "equals-left-out" in mistakes and not value else name + "=" + value for name, value in encoded
    )
    if "not-encoded-again" not in mistakes:
        joined = escaped(joined, mistakes - {"not-utf-8"}, "text")
    if "uri-not-encoded" not in mistakes:
        uri = escaped(uri, mistakes - {"not-utf-8"}, "uri")
    text = method + "&" + uri + "&" + joined

    client, token = request["client"].secret, request["token"].secret if request["token"] else ""
    if "token-secret-missing" in mistakes:
        token = ""
    if "client-secret-missing" in mistakes:
        client = ""
    if "secrets-swapped" in mistakes:
        client, token = token, client
    if "another-secret" in mistakes:
        token = OTHER_SECRET
    if "token-not-sent" in mistakes:
        token = TOKEN.secret
    if "identifier-for-secret" in mistakes:
        client = request["client"].identifier
    if "white-space-in-a-secret" in mistakes:
        client += "\n"
    if "quotes-in-a-secret" in mistakes:
        client = f'"{client}"'
    if "secret-cut" in mistakes:
        token = token[:-1]
    if "ampersand-in-a-secret" in mistakes:
        client += "&"
    if "secret-encoded-before" in mistakes:
        client = quote(client, safe="~")
    if "secrets-not-encoded" not in mistakes:
        client, token = escaped(client, mistakes, "key"), escaped(token, mistakes, "key")
    key = client + ("" if "ampersand-missing" in mistakes else "&") + token
    if "ampersand-encoded" in mistakes:
        key = client + "%26" + token

    if "another-hash" in mistakes:
        digest = "sha256" if digest != "sha256" else "sha1"
    if "key-sent" in mistakes:
        return key
    if "key-and-text-swapped" in mistakes:
        key, text = text, key
    mac = hmac.new(key.encode("utf-8", "surrogateescape"), text.encode("utf-8", "surrogateescape"), digest).digest()
    if "hex-for-base64" in mistakes:
        return mac.hex()
    if "hex-in-base64" in mistakes:
        return base64.b64encode(mac.hex().encode()).decode()
    signature = base64.b64encode(mac).decode()
    if "url-safe-base64" in mistakes:
        signature = base64.urlsafe_b64encode(mac).decode()
    if "padding-missing" in mistakes:
        signature = signature.rstrip("=")
    if "line-break-in-the-signature" in mistakes:
        signature += "\n"
    if "signature-encoded-twice" in mistakes:
        signature = quote(signature, safe="")
    if "signature-plus-as-space" in mistakes:
        signature = signature.replace("+", " ")
    return signature


def protocol_of(request, digest, nonce):
    token = [("oauth_token", request["token"].identifier)] if request["token"] else []
    return [
        ("oauth_consumer_key", request["client"].identifier), *token, ("oauth_timestamp", str(NOW)),
        ("oauth_nonce", nonce), ("oauth_signature_method", "HMAC-" + digest.upper()), *request["protocol"],
    ]  # fmt: skip


def sent(mistakes, digest="sha1", **changes):
    """A request as it arrives, signed with these mistakes, with a signature that has both + and / in it."""
    request = {**RICH, **changes}
    for number in itertools.count():
        protocol = protocol_of(request, digest, f"n{number}")
        plain = independent_signature(request, protocol, digest, mistakes - OUTPUT)
        if ("+" in plain and "/" in plain) or "key-sent" in mistakes:
            break
    signature = independent_signature(request, protocol, digest, mistakes)
    items = [f'{name}="{quote(value, safe="~")}"' for name, value in [*protocol, ("oauth_signature", signature)]]
    header = f'OAuth realm="{request["realm"]}", ' + ", ".join(items)
    uri = f"{request['scheme']}://{request['host']}{request['port']}{request['path']}"
    if request["query"]:
        uri += "?" + request["query"]
    body = request["body"] if request["body"] is not None else (request["form"] or "").encode()
    headers = [("Authorization", header), ("Content-Type", request["content_type"]), *request["headers"]]
    return request["method"], uri, headers, body, request["client"], request["token"]


OUTPUT = {
    "hex-for-base64", "hex-in-base64", "signature-plus-as-space", "signature-encoded-twice",
    "line-break-in-the-signature", "url-safe-base64", "padding-missing",
}  # fmt: skip
# What a mistake needs of the request, where it is not the rich one.
NEEDS = {
    "port-left-out": {"port": ":8443"},
    "host-case-kept": {"host": "API.Example.com"},
    "json-put-in": {
        "form": "", "body": b'{"name": "caf\xc3\xa9", "count": 3, "ok": true, "list": [1, 2]}',
        "content_type": "application/json",
    },
    "undeclared-form": {"form": "", "body": b"c2=x&a3=2+q", "content_type": "text/plain"},
    "token-put-in": {"token": None},
    "token-not-sent": {"token": None},
}  # fmt: skip
