import oauth1_core
from benchmarks.requests_to_sign import CREDENTIALS

label = "oauth1_core sign()"
form = "text"
CLIENT = oauth1_core.ClientCredentials(*CREDENTIALS[:2])
TOKEN = oauth1_core.TokenCredentials(*CREDENTIALS[2:])


def version():
    return "this repository"


def sign(request):
    return header(request.method, request.uri, request.form)


def header(method, uri, form=""):
    return oauth1_core.authorization_header(oauth1_core.sign(method, uri, CLIENT, TOKEN, form=form))
