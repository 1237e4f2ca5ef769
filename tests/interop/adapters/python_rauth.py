"""rauth: its signature objects, as its session calls them, query and form given as dicts. RSA needs PyCrypto."""

from rauth import oauth
from rauth.utils import FORM_URLENCODED
from serve import dict_of, need, need_text, serve

METHODS = {
    "HMAC-SHA1": oauth.HmacSha1Signature,
    "PLAINTEXT": oauth.PlaintextSignature,
}


def sign(
    method, uri, client, token, form, protocol_parameters, signature_method, timestamp, nonce, version, rsa_key=None
):
    need_text(uri, form)
    need(version == "1.0", "a request without oauth_version")
    need(signature_method in METHODS, f"the method {signature_method}")
    parameters = [("oauth_consumer_key", client["identifier"]), ("oauth_signature_method", signature_method)]
    parameters += [("oauth_timestamp", timestamp), ("oauth_nonce", nonce), ("oauth_version", version)]
    parameters += [("oauth_token", token["identifier"])] if token else []
    parameters += protocol_parameters
    uri, _, query = uri.partition("#")[0].partition("?")
    request = {"params": dict_of(query), "data": dict_of(form), "headers": {"Content-Type": FORM_URLENCODED}}
    secrets = client["secret"], token["secret"] if token else None
    signature = METHODS[signature_method]().sign(*secrets, method, uri, dict(parameters), request)
    return [*parameters, ("oauth_signature", signature)]


serve(sign=sign)
