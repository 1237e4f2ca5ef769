import importlib.metadata

import oauth10a

from benchmarks.requests_to_sign import CREDENTIALS, pairs

label = "oauth10a (Python)"
form = "dict"
CONSUMER = oauth10a.Consumer(*CREDENTIALS[:2])
TOKEN = oauth10a.Token(*CREDENTIALS[2:])
METHOD = oauth10a.SignatureMethod_HMAC_SHA1()


def version():
    return importlib.metadata.version("oauth10a")


def prepare_sign(request):
    return request.method, request.uri, dict(pairs(request.form)), request.form.encode()


def sign(arguments):
    method, uri, form, body = arguments
    request = oauth10a.Request.from_consumer_and_token(CONSUMER, TOKEN, method, uri, form, body, bool(body))
    request.sign_request(METHOD, CONSUMER, TOKEN)
    return request.to_header()["Authorization"]
