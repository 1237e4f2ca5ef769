import oauthlib
from oauthlib import oauth1

from benchmarks.requests_to_sign import CREDENTIALS, FORM

label = "oauthlib (Python), its own checks"
form = "text"
CLIENT = oauth1.Client(*CREDENTIALS)
NONCES = set()


class Known(oauth1.RequestValidator):
    """One client, one token, and the nonces in a set; oauthlib's own checks of identifiers and nonces are on."""

    dummy_client = dummy_access_token = "none"

    def validate_client_key(self, client_key, request):
        return client_key == CREDENTIALS[0]

    def validate_access_token(self, client_key, token, request):
        return token == CREDENTIALS[2]

    def validate_realms(self, client_key, token, request, uri=None, realms=None):
        return True

    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request, access_token=None, **_):
        used = (client_key, access_token, timestamp, nonce)
        if used in NONCES:
            return False
        NONCES.add(used)
        return True

    def get_client_secret(self, client_key, request):
        return CREDENTIALS[1]

    def get_access_token_secret(self, client_key, token, request):
        return CREDENTIALS[3]


ENDPOINT = oauth1.ResourceEndpoint(Known())


def version():
    return oauthlib.__version__


def prepare_sign(request):
    headers = {"Content-Type": FORM} if request.form else {}
    return request.uri, request.method, request.form or None, headers


def sign(arguments):
    return CLIENT.sign(*arguments)[1]["Authorization"]


def prepare_verify(request):
    headers = {"Authorization": request.header}
    if request.form:
        headers["Content-Type"] = FORM
    return request.uri, request.method, request.form or None, headers


def verify(received):
    return ENDPOINT.validate_protected_resource_request(*received)[0]
