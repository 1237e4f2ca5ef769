"""Providers on loopback, each as its own documentation describes it; signatures are checked by oauthlib.

``PLAYED`` states what each provider does, apart from ``oauth1_core/providers.py``, which states what a client does.
"""

import base64
import hashlib
import hmac
import itertools
import urllib.error
import urllib.request
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from oauthlib.oauth1.rfc5849 import signature

from tests.support.http_clients import FORM

CONSUMER, CONSUMER_SECRET = "consumer-0123", "consumer&secret/0123"
# What is the same in most.
USUAL = {
    "methods": ("POST", "POST"),
    "placement": "header",
    "signature": "HMAC-SHA1",
    "secret": CONSUMER_SECRET,
    "realm": None,
    "names": ("oauth_token", None),
    "confirmation": "&oauth_callback_confirmed=true",
    "callback": "required",
    "verifier": True,
    "token_secret": True,
    "token_reply": "{}",
    "denial": "oauth_token={token}&oauth_problem=user_refused",
}
PLAYED = {
    "x": {
        "paths": ("/oauth/request_token", "/oauth/authorize", "/oauth/access_token"),
        "token_reply": "{}&user_id=7&screen_name=jane",
        "denial": "denied={token}",
    },
    "discogs": {
        "paths": ("/oauth/request_token", "/oauth/authorize", "/oauth/access_token"),
        "methods": ("GET", "POST"),
        "signature": "PLAINTEXT",
        "denial": "denied={token}",
    },
    "flickr": {
        "paths": ("/services/oauth/request_token", "/services/oauth/authorize", "/services/oauth/access_token"),
        "methods": ("GET", "GET"),
        "placement": "query",
        "token_reply": "fullname=Jos%E9&{}&user_nsid=7%40N07&username=jane",
    },
    "tumblr": {
        "paths": ("/oauth/request_token", "/oauth/authorize", "/oauth/access_token"),
        "denial": "",
    },
    "trello": {"paths": ("/1/OAuthGetRequestToken", "/1/OAuthAuthorizeToken", "/1/OAuthGetAccessToken")},
    "mediawiki": {
        "paths": ("/w/index.php", "/w/index.php", "/w/index.php"),
        "titles": ("Special:OAuth/initiate", "Special:OAuth/authorize", "Special:OAuth/token"),
        "names": ("oauth_token", "oauth_consumer_key"),
        "denial": None,
    },
    "etrade": {
        "paths": ("/oauth/request_token", "/e/t/etws/authorize", "/oauth/access_token"),
        "methods": ("GET", "GET"),
        "realm": "",
        "names": ("token", "key"),
        "callback": "oob",
        "denial": None,
    },
    "zotero": {
        "paths": ("/oauth/request", "/oauth/authorize", "/oauth/access"),
        "token_reply": "{}&userID=7&username=jane",
    },
    "launchpad": {
        "paths": ("/+request-token", "/+authorize-token", "/+access-token"),
        "signature": "PLAINTEXT",
        "secret": "",
        "confirmation": "",
        "callback": "absent",
        "verifier": False,
        "denial": None,
    },
    "magento": {
        "paths": ("/shop/oauth/token/request", "/shop/oauth/authorize", "/shop/oauth/token/access"),
        "signature": "HMAC-SHA256",
        "confirmation": "",
    },
    "jira": {
        "paths": tuple("/jira/plugins/servlet/oauth/" + end for end in ("request-token", "authorize", "access-token")),
        "signature": "RSA-SHA1",
        "denial": "oauth_token={token}&oauth_verifier=denied",
    },
    "wordpress": {
        "paths": ("/blog/oauth1/request", "/blog/oauth1/authorize", "/blog/oauth1/access"),
        "token_reply": "\n{}",
    },
}


class Refused(Exception):
    """Holds ``oauth_problem`` and the advice that goes with it."""


class PlayedProvider:
    """Answers on a ``Server`` of tests.support.http_clients; ``facts`` are those of PLAYED, each to be overridden."""

    def __init__(self, server, like, key=None, **facts):
        self.server, self.key = server, key
        self.facts = {**USUAL, **PLAYED[like], **facts}
        self.numbers = itertools.count(1)
        self.pending = {}  # temporary identifier: [secret, callback, verifier or None]
        self.tokens = {}
        server.answer = self.answer

    def answer(self, arrived):
        path, _, query = arrived.target.partition("?")
        titles = self.facts.get("titles")
        steps = [self.temporary, self.page, self.token]
        where = list(zip(self.facts["paths"], titles)) if titles else self.facts["paths"]
        here = (path, dict(parse_qsl(query)).get("title")) if titles else path
        try:
            if path == "/resource":
                return self.resource(arrived)
            return steps[where.index(here)](arrived)
        except Refused as refused:
            problem, advice = refused.args
            body = "oauth_problem={}&oauth_problem_advice={}".format(problem, quote(advice))
            return 401, [("Content-Type", FORM)], body.encode()

    def signed(self, arrived, method, secret_of):
        """Return the protocol parameters; raises Refused unless oauthlib finds the signature right."""
        if arrived.method != method:
            raise Refused("parameter_rejected", "the method is " + method)
        fields = dict(arrived.fields)
        if not fields.get("User-Agent"):
            raise Refused("parameter_absent", "name yourself in User-Agent")
        placement = self.facts["placement"]
        body = arrived.body.decode() if fields.get("Content-Type", "").startswith(FORM) else ""
        authorization = fields.get("Authorization", "")
        if placement == "header" and self.facts["realm"] is not None:
            assert 'realm="{}"'.format(self.facts["realm"]) in authorization
        header = signature.collect_parameters(
            headers={"Authorization": authorization} if authorization else None, exclude_oauth_signature=False
        )
        # Not by oauthlib, which decodes the oauth_ parameters of a query and of a form twice.
        query, form = [parse_qsl(text, True) for text in (arrived.target.partition("?")[2], body)]
        found = {"header": header, "query": query, "form": form}[placement]
        given = {name: value for name, value in found if name.startswith("oauth_")}
        if given.get("oauth_consumer_key") != CONSUMER:
            raise Refused("consumer_key_unknown", "no such key: " + given.get("oauth_consumer_key", ""))
        if given["oauth_signature_method"] != self.facts["signature"]:
            raise Refused("signature_method_rejected", "sign by " + self.facts["signature"])
        pairs = [pair for pair in header + query + form if pair[0] != "oauth_signature"]
        text = signature.signature_base_string(
            arrived.method, signature.base_string_uri(arrived.uri), signature.normalize_parameters(pairs)
        )
        secrets = [quote(secret, safe="~") for secret in (self.facts["secret"], secret_of(given))]
        if not self.is_right(given, text, "&".join(secrets)):
            raise Refused("signature_invalid", "the verifier of the signature says no")
        return given

    def is_right(self, given, text, key):
        method, sent = given["oauth_signature_method"], given["oauth_signature"]
        if method == "PLAINTEXT":
            return sent == key
        if method == "RSA-SHA1":
            try:
                octets = base64.b64decode(sent)
                self.key.public_key().verify(octets, text.encode(), padding.PKCS1v15(), hashes.SHA1())
            except InvalidSignature:
                return False
            return True
        digest = getattr(hashlib, method.partition("-")[2].lower())
        return base64.b64decode(sent) == hmac.new(key.encode(), text.encode(), digest).digest()

    def temporary(self, arrived):
        given = self.signed(arrived, self.facts["methods"][0], lambda given: "")
        callback = given.get("oauth_callback")
        wanted = self.facts["callback"]
        if (wanted == "absent") != (callback is None) or (wanted == "oob" and callback != "oob"):
            raise Refused("parameter_rejected", "oauth_callback is not what this provider takes")
        identifier, secret = "temporary-{}".format(next(self.numbers)), "temporary/secret&"
        self.pending[identifier] = [secret, callback, None]
        body = "oauth_token={}&oauth_token_secret={}".format(identifier, quote(secret, safe=""))
        return 200, [("Content-Type", "text/html")], (body + self.facts["confirmation"]).encode()

    def page(self, arrived):
        """The page that the resource owner sees; ``decision`` stands for the button that is pressed."""
        given = dict(parse_qsl(arrived.target.partition("?")[2], keep_blank_values=True))
        token_name, client_name = self.facts["names"]
        assert client_name is None or given[client_name] == CONSUMER
        identifier = given[token_name]
        pending = self.pending[identifier]
        if given["decision"] == "approve":
            pending[2] = "code 1/+" if self.facts["verifier"] else "approved"
            back = "oauth_token={}".format(identifier)
            back += "&oauth_verifier=code+1%2F%2B" if self.facts["verifier"] else ""
        else:
            del self.pending[identifier]
            back = self.facts["denial"] and self.facts["denial"].format(token=identifier)
        if pending[1] in (None, "oob") or back is None:
            return 200, [], (pending[2] or "denied").encode()
        joint = "&" if "?" in pending[1] else "?"
        return 302, [("Location", pending[1] + (joint + back if back else "") + "#_=_")], b""

    def token(self, arrived):
        given = self.signed(arrived, self.facts["methods"][1], lambda given: self.secret(given, self.pending, 0))
        identifier = given["oauth_token"]
        approved = self.pending[identifier][2]
        wanted = approved if self.facts["verifier"] else None
        if approved is None or given.get("oauth_verifier") != wanted:
            raise Refused("permission_denied", "the verifier is not that of this token")
        del self.pending[identifier]
        self.tokens["token/1"] = ["token+secret" if self.facts["token_secret"] else ""]
        body = "oauth_token=token%2F1" + ("&oauth_token_secret=token%2Bsecret" if self.facts["token_secret"] else "")
        return 200, [("Content-Type", "text/plain")], self.facts["token_reply"].format(body).encode()

    def secret(self, given, known, index):
        if given.get("oauth_token") not in known:
            raise Refused("token_rejected", "no such token")
        return known[given["oauth_token"]][index]

    def resource(self, arrived):
        self.signed(arrived, "GET", lambda given: self.secret(given, self.tokens, 0))
        return 200, [], b"hello"

    def moved(self, provider):
        """Return the preset with its endpoints here."""
        values = provider.to_dict()
        for name in ("temporary_credentials", "authorization", "token_credentials"):
            parts = urlsplit(self.server.origin)
            values[name] = urlunsplit(urlsplit(values[name])._replace(scheme=parts.scheme, netloc=parts.netloc))
        return type(provider).from_dict(values)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def press(uri, decision):
    """Do what a person does in a browser: return where it leads, or the text of the page that is shown."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)
    try:
        with opener.open(uri + "&decision=" + decision, timeout=30) as response:
            return response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.headers["Location"]
