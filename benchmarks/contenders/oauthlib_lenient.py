from oauthlib import oauth1

from benchmarks.contenders.oauthlib import Known, form, prepare_verify, version

__all__ = ["form", "prepare_verify", "version"]
label = "oauthlib (Python), checks left out"


class Lenient(Known):
    """Accepts identifiers and nonces of any length and with any characters."""

    def check_client_key(self, client_key):
        return True

    check_access_token = check_nonce = check_client_key


ENDPOINT = oauth1.SignatureOnlyEndpoint(Lenient())


def verify(received):
    return ENDPOINT.validate_request(*received)[0]
