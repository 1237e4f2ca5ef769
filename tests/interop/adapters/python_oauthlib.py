"""oauthlib. URI and form are given as text."""

from oauthlib import oauth1
from serve import FORM, known, need, need_text, serve


def client_of(client, token, protocol_parameters, signature_method, timestamp, nonce, version, rsa_key=None):
    need(version == "1.0", "a request without oauth_version")
    return {
        "client_key": client["identifier"],
        "client_secret": client["secret"],
        "resource_owner_key": token and token["identifier"],
        "resource_owner_secret": token and token["secret"],
        "signature_method": signature_method,
        "rsa_key": rsa_key and rsa_key["privateKeyPem"],
        "timestamp": timestamp,
        "nonce": nonce,
        **known(protocol_parameters, callback_uri="oauth_callback", verifier="oauth_verifier"),
    }


def sign(method, uri, form, **rest):
    need_text(uri, form)
    client = oauth1.Client(**client_of(**rest))
    return client.sign(uri, method, form or None, dict(FORM) if form else {})[1]["Authorization"]


if __name__ == "__main__":
    serve(sign=sign)
