"""oauth10a. The URI is given as text, the form as a dict."""

import oauth10a
from serve import dict_of, need, need_text, serve

METHODS = {
    "HMAC-SHA1": oauth10a.SignatureMethod_HMAC_SHA1,
    "PLAINTEXT": oauth10a.SignatureMethod_PLAINTEXT,
}


def sign(
    method, uri, client, token, form, protocol_parameters, signature_method, timestamp, nonce, version, rsa_key=None
):
    need_text(uri, form)
    need(version == "1.0", "a request without oauth_version")
    need(signature_method in METHODS, f"the method {signature_method}")
    consumer = oauth10a.Consumer(client["identifier"], client["secret"])
    token = token and oauth10a.Token(token["identifier"], token["secret"])
    own = {"oauth_timestamp": timestamp, "oauth_nonce": nonce, **dict(protocol_parameters), **dict_of(form)}
    request = oauth10a.Request.from_consumer_and_token(consumer, token, method, uri, own, form.encode(), True)
    request.sign_request(METHODS[signature_method](), consumer, token)
    return request.to_header()["Authorization"]


def verify(method, uri, headers, body, credentials, **_):
    (client,) = credentials
    consumer = oauth10a.Consumer(client["identifier"], client["secret"])
    token = oauth10a.Token(client["tokens"][0]["identifier"], client["tokens"][0]["secret"])
    uri, _, query = uri.partition("?")
    request = oauth10a.Request.from_request(method, uri, dict(headers), dict_of(body), query)
    server = oauth10a.Server({"HMAC-SHA1": oauth10a.SignatureMethod_HMAC_SHA1()})
    server.verify_request(request, consumer, token)
    return "accepted"


serve((ValueError, oauth10a.Error), sign=sign, verify=verify)
