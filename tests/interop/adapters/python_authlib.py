"""Authlib. URI and form are given as text."""

import os
import time
import types

from authlib.oauth1 import ClientAuth, ResourceProtector
from authlib.oauth1.rfc5849 import base_server, client_auth
from authlib.oauth1.rfc5849.errors import OAuth1Error
from serve import FORM, known, need, need_text, serve

REFUSALS = (OAuth1Error, ValueError)
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # its own switch for http


def sign(
    method, uri, client, token, form, protocol_parameters, signature_method, timestamp, nonce, version, rsa_key=None
):
    need_text(uri, form)
    need(version == "1.0", "a request without oauth_version")
    need(signature_method in ClientAuth.SIGNATURE_METHODS, f"the method {signature_method}")
    client_auth.generate_nonce, client_auth.generate_timestamp = lambda: nonce, lambda: timestamp
    signer = ClientAuth(
        client["identifier"],
        client["secret"],
        token and token["identifier"],
        token and token["secret"],
        rsa_key=rsa_key and rsa_key["privateKeyPem"],
        signature_method=signature_method,
        **known(protocol_parameters, redirect_uri="oauth_callback", verifier="oauth_verifier"),
    )
    return signer.prepare(method, uri, dict(FORM) if form else {}, form)[1]["Authorization"]


class Known(ResourceProtector):
    """The credentials of one test, as Authlib asks for them."""

    def __init__(self, credentials, accept, window):
        self.clients = {client["identifier"]: Client(client) for client in credentials}
        self.SUPPORTED_SIGNATURE_METHODS = accept
        self.EXPIRY_TIME = window
        self.used = set()

    def get_client_by_id(self, client_id):
        return self.clients.get(client_id)

    def get_token_credential(self, request):
        found = [token for token in request.client.tokens if token["identifier"] == request.token]
        return Token(found[0]) if found and "status" not in found[0] else None

    def exists_nonce(self, nonce, request):
        key = request.client_id, request.token, request.timestamp, nonce
        used = key in self.used
        self.used.add(key)
        return used


class Client:
    def __init__(self, client):
        self.secret, self.tokens, self.key = client["secret"], client["tokens"], client.get("rsa_key")

    def get_client_secret(self):
        return self.secret

    def get_rsa_public_key(self):
        return self.key and self.key["publicKeyPem"]


class Token:
    def __init__(self, token):
        self.token = token

    def get_oauth_token_secret(self):
        return self.token["secret"]


def verify(
    method,
    uri,
    headers,
    body,
    credentials,
    now=None,
    accept=("HMAC-SHA1",),
    token="required",
    earlier=(),
    window=300,
    **options,
):
    options.pop("disclose", None)  # changes what is told, not what is refused
    need(not options, f"the option {', '.join(options)}")
    need(token == "required", "a request that may do without a token")
    need(set(accept) <= set(ResourceProtector.SIGNATURE_METHODS), f"the methods {', '.join(accept)}")
    need(
        all(client["secret"] and "methods" not in client for client in credentials), "clients with methods of their own"
    )
    server = Known(credentials, list(accept), window)
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "" if "PLAINTEXT" in accept else "1"  # its switch for all of http
    for request in [*earlier, {"method": method, "uri": uri, "headers": headers, "body": body, "now": now}]:
        need_text(request["uri"], request["body"], *[text for pair in request["headers"] for text in pair])
        names = [name.lower() for name, _ in request["headers"]]
        need(len(set(names)) == len(names), "a header field twice")
        base_server.time = types.SimpleNamespace(
            time=time.time if now is None else lambda seconds=request["now"]: seconds
        )
        arguments = request["method"], request["uri"], request["body"] or None, dict(request["headers"])
        if "accepted" not in request:
            server.validate_request(*arguments)
            return {}
        try:
            server.validate_request(*arguments)
            accepted = True
        except REFUSALS:
            accepted = False
        need(accepted == request["accepted"], "an earlier request had another outcome")


if __name__ == "__main__":
    serve(REFUSALS, sign=sign, verify=verify)
