import oauth1_core
from benchmarks.requests_to_sign import CREDENTIALS, FORM
from oauth1_core.nonce_stores.memory import MemoryNonceStore

label = "oauth1_core Signer, Verifier"
form = "text"
CLIENT = oauth1_core.ClientCredentials(*CREDENTIALS[:2])
TOKEN = oauth1_core.TokenCredentials(*CREDENTIALS[2:])
SIGNER = oauth1_core.Signer(CLIENT, TOKEN)


class Known:
    def client(self, identifier):
        return CLIENT if identifier == CLIENT.identifier else None

    def token(self, client_identifier, token_identifier):
        return TOKEN if token_identifier == TOKEN.identifier else None


VERIFIER = oauth1_core.Verifier(Known(), MemoryNonceStore(epoch=0))


def version():
    return "this repository"


def sign(request):
    return SIGNER.authorization_header(request.method, request.uri, form=request.form)


def prepare_verify(request):
    headers = [("Host", "rest.nexmo.com"), ("Authorization", request.header)]
    if request.form:
        headers.append(("Content-Type", FORM))
    return request.method, request.uri, headers, request.form.encode()


def verify(received):
    return VERIFIER.verify(*received)
