"""An example for each mistake of the catalogue: a request, what was signed, and what has to be signed.

The entry of the catalogue makes the mistake: it changes the recipe of a signer, and that recipe gives the signature.
"""

import base64
import hmac
import html

from oauth1_core import (
    HMAC_SHA1,
    ClientCredentials,
    TokenCredentials,
    authorization_header,
    diagnose,
    parse_request,
    percent_encode,
)
from oauth1_core.debugging.diagnosing import recipe_of
from oauth1_core.debugging.explaining import visible
from oauth1_core.debugging.side_by_side import parted

# Those of RFC 5849 section 1.2.
CLIENT = ClientCredentials("dpf43f3p2l4k3l03", "kd94hf93k423kf44")
TOKEN = TokenCredentials("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00")
TEMPORARY_SECRET = "hdhd0244k9j7ao03"
FORM = ("Content-Type", "application/x-www-form-urlencoded")
JSON = ("Content-Type", "application/json")
PHOTO = "http://photos.example.net/photos"
ORDERS = "http://photos.example.net/orders"
# What arrives at the server, the plainest first: method, URI, header fields, body.
ARRIVED = [
    ("GET", PHOTO + "?file=vacation.jpg&size=original", [], ""),
    ("GET", PHOTO + "?caption=red%20car", [], ""),
    ("POST", ORDERS, [FORM], "copies=2&paper=matte"),
    ("POST", ORDERS + "?album=7", [FORM], "copies=2&paper=matte"),
    ("GET", PHOTO + "?tag=sea&tag=beach&tag=sea", [], ""),
    ("GET", PHOTO + "?title=&size=original", [], ""),
    ("GET", PHOTO + "?caption=%C3%A9t%C3%A9", [], ""),
    ("GET", PHOTO + "?caption=sun+%26+sea!", [], ""),
    ("GET", PHOTO + "?path=/2009/july~1", [], ""),
    ("GET", PHOTO + "?caption=~%20sea", [], ""),
    ("POST", ORDERS, [FORM], "user_name=owner&copies=2"),
    ("POST", ORDERS, [("Content-Type", "text/plain")], "copies=2&paper=matte"),
    ("GET", PHOTO + "?caption=100%2525", [], ""),
    ("GET", PHOTO + "?Size=1&file=a&a2=1&a10=1&a=b", [], ""),
    ("GET", PHOTO + "?a-b=1&a=2&%C3%A9=3", [], ""),
    ("GET", PHOTO + "?tag=sea&tag=beach", [], ""),
    ("GET", PHOTO + "/a%20b?size=original", [], ""),
    ("GET", "http://photos.example.net:8080/photos?size=original", [], ""),
    ("GET", "http://Photos.Example.NET/photos?size=original", [], ""),
    ("GET", PHOTO + "?size=original", [("X-Forwarded-Host", "inner.example")], ""),
    ("GET", PHOTO + "/./a//b?size=original", [], ""),
    ("GET", "http://photos.example.net./photos", [], ""),
    ("GET", PHOTO + "?size=original", [("X-Original-URI", "/v1/photos?size=original")], ""),
    ("GET", "http://photos.example.net/v1/photos", [], ""),
    ("GET", PHOTO + "?size=original", [("X-Forwarded-Prefix", "/api")], ""),
    ("GET", "http://photos.example.net/a%2fb", [], ""),
    ("GET", "http://photos.example.net/~owner", [], ""),
    ("GET", PHOTO + "?size=original", [("X-Original-URI", "/photos?size=original&file=vacation.jpg")], ""),
    ("GET", PHOTO, [("X-Original-URI", "/photos?file=vacation.jpg")], ""),
    ("GET", PHOTO + "?size=original&_=1258000000000", [], ""),
    ("GET", PHOTO + "?size=original&utm_source=mail", [], ""),
    ("GET", PHOTO + "?q=/photos&size=original", [], ""),
    ("GET", PHOTO + "?f%5B%5D=1&f%5B%5D=2", [], ""),
    ("GET", PHOTO + "?size=null", [], ""),
    ("GET", PHOTO + "?caption=Red%20Car", [], ""),
    ("GET", PHOTO + "?caption=two%2Bwords", [], ""),
    ("GET", PHOTO + "?caption=two%2Bwords%252F", [], ""),
    ("POST", ORDERS, [FORM], "copies=2&submit=Send"),
    ("POST", ORDERS, [FORM], "copies=2&csrf_token=x%2By"),
    ("POST", ORDERS + "?album=7", [FORM], "album=7&copies=2"),
    ("POST", ORDERS, [FORM], '{"copies": 2}'),
    ("POST", ORDERS, [JSON], '{"copies": 2}'),
    ("POST", ORDERS, [FORM], "note=one%0D%0Atwo"),
    ("POST", ORDERS, [FORM], "copies=2\n"),
    ("POST", ORDERS, [FORM], "note=+hi+"),
    ("POST", ORDERS, [FORM], "note=R%26amp%3BD"),
    ("POST", ORDERS, [FORM], "note=caf%C3%A9"),
    ("POST", ORDERS, [FORM], "note=&copies=2"),
    ("post", ORDERS, [FORM], "copies=2"),
    ("POST", ORDERS, [FORM], "copies=2&tenant=x"),
]
# Credentials whose secrets have to be encoded; RFC 5849 has none.
ODD = (ClientCredentials("client", "a&b c"), TokenCredentials("token", "d+e/f"))
OTHER_URI = "http://10.0.0.7:8080/photos"
# Parameters that the header holds besides: those of a login, and one that is in the query too.
MORE = [[], [("oauth_callback", "http://printer.example.com/ready")], [("size", "original")]]
# The ways in which signers write a right signature wrongly.
WRITTEN = [
    lambda octets: octets.hex(),
    lambda octets: base64.b64encode(octets.hex().encode()).decode(),
    lambda octets: base64.urlsafe_b64encode(octets).decode(),
    lambda octets: base64.b64encode(octets).decode().rstrip("="),
    lambda octets: base64.b64encode(octets).decode().replace("+", " "),
    lambda octets: percent_encode(base64.b64encode(octets).decode()),
    lambda octets: base64.b64encode(octets).decode() + "\n",
]


BOXES = {
    "client_secret": "the client secret",
    "token_secret": "the token secret",
    "other_uri": "the other URL that the server may see,",
}


def octets_of(recipe):
    """Return the octets of the HMAC that a recipe makes."""
    key, text = [each.encode("utf-8", "surrogateescape") for each in (recipe.key(), recipe.base_string())]
    return hmac.new(*((text, key) if recipe.swapped else (key, text)), recipe.digest).digest()


def in_base64(octets):
    return base64.b64encode(octets).decode()


def request_of(arrived, client, token, more, signature):
    """Return the request as it arrives with a signature: (method, uri, headers, body)."""
    method, uri, headers, body = arrived
    pairs = [("oauth_consumer_key", client.identifier)]
    if token:
        pairs.append(("oauth_token", token.identifier))
    pairs += [("oauth_signature_method", "HMAC-SHA1"), ("oauth_timestamp", "137131202"), ("oauth_nonce", "chapoH")]
    header = authorization_header([*pairs, *more, ("oauth_signature", signature)], "Photos")
    return method, uri, [("Authorization", header), *headers], body.encode()


class Example:
    """A request that has one mistake: the credentials, and what ``diagnose`` finds."""

    def __init__(self, mistake, request, client, token, has_token, findings, pairs):
        self.mistake, self.request, self.client, self.token = mistake, request, client, token
        # Whether the request has the token; without it the debugger asks for no token secret.
        self.has_token = has_token
        self.findings = findings
        # What the signer made and what is right: the base string, the key and the signature.
        self.pairs = pairs

    def http(self):
        """Return the request as HTTP text, with the whole URI in its first line."""
        method, uri, headers, body = self.request
        lines = [f"{method} {uri} HTTP/1.1", *[f"{name}: {value}" for name, value in headers]]
        return "\n".join(lines) + ("\n\n" + body.decode() if body else "")

    def entered(self):
        """Return what a reader enters besides, since it is in no request and RFC 5849 does not print it."""
        entered = {}
        if self.mistake.id == "another-uri":
            entered["other_uri"] = OTHER_URI
        if self.client != CLIENT:
            entered["client_secret"] = self.client.secret
        if self.token and (self.token != TOKEN or not self.has_token):
            entered["token_secret"] = self.token.secret
        return entered

    def fragment(self):
        """Return what a link to the debugger ends in."""
        return "#r=" + percent_encode(self.http())


def example_of(mistake):
    """Return the first example of which ``diagnose`` finds this mistake and no other, None if there is none."""
    for client, sent, used in [(CLIENT, TOKEN, TOKEN), (*ODD, ODD[1]), (CLIENT, None, None), (CLIENT, None, TOKEN)]:
        for arrived in ARRIVED:
            for more in MORE:
                for example in tried(mistake, arrived, client, sent, used, more):
                    return example
    return None


def tried(mistake, arrived, client, sent, token, more):
    """Yield the examples that this request gives; ``sent`` is the token in the header, if there is one."""
    blank = request_of(arrived, client, sent, more, "AAAA")
    recipe = recipe_of(parse_request(*blank), blank[2], blank[3], client, token, HMAC_SHA1)
    other = {"other_secrets": [TEMPORARY_SECRET], "other_uris": [OTHER_URI] * (mistake.id == "another-uri")}
    recipe.other_secrets, recipe.other_uris = other["other_secrets"], other["other_uris"]
    right = octets_of(recipe)
    made = [(in_base64(octets_of(each)) if each.digest else each.key(), each) for each in mistake.change(recipe)]
    for write in WRITTEN:
        written = recipe.replaced(received=write(right))
        for each in mistake.change(written):
            if each.received != written.received:
                made.append((written.received, each))
    for signature, each in made:
        request = request_of(arrived, client, sent, more, signature)
        if signature != in_base64(right):
            findings = diagnose(*request, client, token, **other)
            if [finding.id for finding in findings] == [mistake.id]:
                pairs = [
                    ("The base string that {} signed", each.base_string(), recipe.base_string()),
                    ("The key that {} used", each.key(), recipe.key()),
                    ("The signature that {} sent", signature, in_base64(right)),
                ]
                yield Example(mistake, request, client, token, sent is not None, findings, pairs)


def shown(example):
    """Yield the request, then what the signer made and what is right, with a mark where the two differ."""
    method, uri, headers, body = example.request
    _, _, rest = uri.partition("://")
    host, slash, target = rest.partition("/")
    lines = [f"{method} {slash}{target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}".replace(", ", ",\n    ") for name, value in headers]
    yield "```text\n" + "\n".join(lines + ([""] + [body.decode()] if body else [])) + "\n```\n"
    entered = example.entered()
    if entered:
        words = " and ".join([f"{BOXES[name]} `{value}`" for name, value in entered.items()])
        yield f"`diagnose` also needs {words}.\n"
    differing = [each for each in example.pairs if each[1] != each[2]]
    # Another base string or key gives another signature anyway.
    for title, made, right in differing[:-1] or differing:
        titles = [title.format(words) for words in ("was", "must be")]
        for title, parts in zip(titles, parted(made, right)):
            before, difference, after = [html.escape(visible(part)) for part in parts]
            mark = f"<mark>{difference}</mark>" if difference else ""
            yield f'<p class="compared">{title}:<br><code>{before}{mark}{after}</code></p>\n'
