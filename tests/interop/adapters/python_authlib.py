"""Authlib. URI and form are given as text."""

import os

from authlib.oauth1 import ClientAuth, ResourceProtector
from authlib.oauth1.rfc5849 import client_auth
from serve import FORM, known, need, need_text, serve

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
    """The credentials of one request, and no nonces."""

    def __init__(self, client):
        self.client = client

    def get_client_by_id(self, client_id):
        return self if client_id == self.client["identifier"] else None

    def get_client_secret(self):
        return self.client["secret"]

    def get_token_credential(self, request):
        found = [token for token in self.client["tokens"] if token["identifier"] == request.token]
        return Token(found[0]) if found else None

    def exists_nonce(self, nonce, request):
        return False


class Token:
    def __init__(self, token):
        self.token = token

    def get_oauth_token_secret(self):
        return self.token["secret"]


def verify(method, uri, headers, body, credentials):
    Known(credentials[0]).validate_request(method, uri, body or None, dict(headers))
    return "accepted"


serve(sign=sign, verify=verify)
