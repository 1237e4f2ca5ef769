"""Requests that travel between this package and oauthlib, in both directions (RFC 5849 section 3).

Measured with oauthlib 4.0.1, inside what both accept:
- oauthlib takes a query or form of a limited set of characters, so values are percent-encoded here; raw
  brackets, braces and bars are refused with ValueError.
- With PLAINTEXT, oauthlib wants the timestamp and the nonce as well.
- In a query or form, oauthlib decodes the values of oauth_ parameters once more; a PLAINTEXT signature there
  verifies if the secrets need no escape.
- Where its client puts the parameters into a form, it spells the whole form anew, so that what is verified is
  what it returned.
"""

import time

import pytest
from oauthlib import oauth1

from oauth1_core import (
    HMAC_SHA1,
    HMAC_SHA256,
    HMAC_SHA512,
    PLAINTEXT,
    ClientCredentials,
    InvalidNonce,
    InvalidSignature,
    TokenCredentials,
    Verifier,
    authorization_header,
    form_encoded_body,
    request_uri,
    sign,
)
from oauth1_core.nonce_stores.memory import MemoryNonceStore

CLIENT = ClientCredentials("client0123456789abcdef", "c&s é")
TOKEN = TokenCredentials("token0123456789abcdef0", "t+s=%")
PLAIN_CLIENT = ClientCredentials(CLIENT.identifier, "c-s")
PLAIN_TOKEN = TokenCredentials(TOKEN.identifier, "t~s")
FORM = "application/x-www-form-urlencoded"
METHODS = (HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT)
PLACES = (oauth1.SIGNATURE_TYPE_AUTH_HEADER, oauth1.SIGNATURE_TYPE_BODY, oauth1.SIGNATURE_TYPE_QUERY)

each_method = pytest.mark.parametrize("method", METHODS, ids=repr)
each_place = pytest.mark.parametrize("place", PLACES)
with_and_without_token = pytest.mark.parametrize("token", [TOKEN, None], ids=["token", "no token"])
each_realm = pytest.mark.parametrize("realm", [None, "Photos (all)"], ids=["no realm", "realm"])
each_target = pytest.mark.parametrize(
    "uri, form",
    [
        ("https://API.example:443/a%2Fb/c%20d?b=%C3%A9+x&a=1&a=%26%3D&empty=", "f=%E2%98%83&g=+%2B&f=1"),
        ("https://api.example:8443/r", "f=1"),
        ("https://api.example/?x", "g=~%7E-._&f"),
    ],
    ids=["everything", "port", "bare names"],
)


class Registry(oauth1.RequestValidator):
    """Both sets of credentials, for our Verifier and for oauthlib."""

    def __init__(self, plain=False):
        self.secrets = (PLAIN_CLIENT.secret, PLAIN_TOKEN.secret) if plain else (CLIENT.secret, TOKEN.secret)

    def client(self, identifier):
        return CLIENT if identifier == CLIENT.identifier else None

    def token(self, client_identifier, token_identifier):
        return TOKEN if token_identifier == TOKEN.identifier else None

    def validate_timestamp_and_nonce(self, *_, **__):
        return True

    def validate_client_key(self, identifier, _):
        return identifier == CLIENT.identifier

    def validate_access_token(self, client_identifier, token_identifier, _):
        return token_identifier == TOKEN.identifier

    def validate_realms(self, *_, **__):
        return True

    def get_client_secret(self, *_):
        return self.secrets[0]

    def get_access_token_secret(self, *_):
        return self.secrets[1]


def accepted_by_oauthlib(registry, uri, body, headers, with_token):
    if with_token:
        endpoint = oauth1.ResourceEndpoint(registry)
        return endpoint.validate_protected_resource_request(uri, "POST", body, headers, ["Photos"])[0]
    return oauth1.SignatureOnlyEndpoint(registry).validate_request(uri, "POST", body, headers)[0]


@each_method
@each_place
@with_and_without_token
@each_target
@each_realm
def test_oauthlib_accepts_what_is_signed_here(method, place, token, uri, form, realm):
    plain = method is PLAINTEXT and place != oauth1.SIGNATURE_TYPE_AUTH_HEADER
    client, token = (PLAIN_CLIENT, token and PLAIN_TOKEN) if plain else (CLIENT, token)
    parameters = sign("POST", uri, client, token, form=form, signature_method=method)
    headers = {"Content-Type": FORM}
    if place == oauth1.SIGNATURE_TYPE_AUTH_HEADER:
        headers["Authorization"] = authorization_header(parameters, realm)
    elif place == oauth1.SIGNATURE_TYPE_BODY:
        form = form_encoded_body(parameters, form)
    else:
        uri = request_uri(parameters, uri)
    assert accepted_by_oauthlib(Registry(plain), uri, form, headers, token is not None)
    if method is not PLAINTEXT:
        assert not accepted_by_oauthlib(Registry(plain), uri, form + "&x=1", headers, token is not None)


@each_method
@each_place
@with_and_without_token
@each_target
@each_realm
def test_what_oauthlib_signs_is_accepted_here(method, place, token, uri, form, realm):
    keys = [CLIENT.identifier, CLIENT.secret] + ([token.identifier, token.secret] if token else [])
    client = oauth1.Client(*keys, signature_method=method.name, signature_type=place)
    uri, headers, body = client.sign(uri, "POST", form, {"Content-Type": FORM}, realm)
    server = Verifier(Registry(), MemoryNonceStore(epoch=0), accept=METHODS, clock=time.time)
    sent = "POST", uri, list(headers.items())
    found = server.verify(*sent, body.encode(), token="optional")
    assert found.client_identifier == CLIENT.identifier
    assert found.token_identifier == (token.identifier if token else None)
    assert found.realm == (realm if place == oauth1.SIGNATURE_TYPE_AUTH_HEADER else None)
    with pytest.raises(InvalidNonce):
        server.verify(*sent, body.encode(), token="optional")
    if method is not PLAINTEXT:
        with pytest.raises(InvalidSignature):
            server.verify(*sent, body.encode() + b"&x=1", token="optional")


@each_method
@pytest.mark.parametrize("extra", [{"callback_uri": "https://client.example/cb?a=b&c=%20"}, {"verifier": "v é&="}])
def test_the_requests_of_the_authorization_flow_are_accepted_here(method, extra):
    """RFC 5849 sections 2.1 and 2.3."""
    token = (TOKEN.identifier, TOKEN.secret) if "verifier" in extra else ()
    client = oauth1.Client(CLIENT.identifier, CLIENT.secret, *token, signature_method=method.name, **extra)
    uri, headers, _ = client.sign("https://api.example/token", "POST")
    server = Verifier(Registry(), MemoryNonceStore(epoch=0), accept=METHODS)
    found = server.verify("POST", uri, headers.items(), token="optional")
    assert dict(found.parameters).get("oauth_callback") == extra.get("callback_uri")
    assert dict(found.parameters).get("oauth_verifier") == extra.get("verifier")


@pytest.mark.parametrize("method", METHODS[:3], ids=repr)
@pytest.mark.parametrize(
    "uri, form",
    [
        ("https://api.example/r?c@=&a2=r%20b&b5=%3D%253D&a3=a", "c2&a3=2+q"),
        ("http://EXAMPLE.com:80/r%20v/X?id=123", ""),
        ("https://[::1]:8443/;p=1?a=%00&a=", "a=%C3%A9"),
    ],
)
def test_both_make_the_same_signature(method, uri, form):
    client = oauth1.Client(
        CLIENT.identifier,
        CLIENT.secret,
        TOKEN.identifier,
        TOKEN.secret,
        signature_method=method.name,
        nonce="n",
        timestamp="1795455318",
    )
    _, headers, _ = client.sign(uri, "POST", form, {"Content-Type": FORM})
    ours = sign("POST", uri, CLIENT, TOKEN, form=form, signature_method=method, nonce="n", timestamp=1795455318)
    assert sorted(headers["Authorization"][6:].split(", ")) == sorted(authorization_header(ours)[6:].split(", "))
