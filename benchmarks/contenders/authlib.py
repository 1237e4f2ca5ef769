import authlib
from authlib.oauth1 import ClientAuth, ResourceProtector

from benchmarks.requests_to_sign import CREDENTIALS, FORM

label = "Authlib (Python)"
form = "text"
CLIENT = ClientAuth(*CREDENTIALS)
NONCES = set()


class Known(ResourceProtector):
    """One client, one token, and the nonces in a set."""

    def get_client_by_id(self, client_id):
        return self if client_id == CREDENTIALS[0] else None

    def get_client_secret(self):
        return CREDENTIALS[1]

    def get_token_credential(self, request):
        return Token() if request.token == CREDENTIALS[2] else None

    def exists_nonce(self, nonce, request):
        used = (request.client_id, request.token, request.timestamp, nonce)
        if used in NONCES:
            return True
        NONCES.add(used)
        return False


class Token:
    def get_oauth_token_secret(self):
        return CREDENTIALS[3]


SERVER = Known()


def version():
    return authlib.__version__


def prepare_sign(request):
    return request.method, request.uri, {"Content-Type": FORM} if request.form else {}, request.form


def sign(arguments):
    return CLIENT.prepare(*arguments)[1]["Authorization"]


def prepare_verify(request):
    headers = {"Authorization": request.header}
    if request.form:
        headers["Content-Type"] = FORM
    return request.method, request.uri, request.form or None, headers


def verify(received):
    return SERVER.validate_request(*received)
