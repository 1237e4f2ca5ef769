import rauth
from rauth.oauth import HmacSha1Signature
from rauth.utils import OAuth1Auth
from requests import PreparedRequest

from benchmarks.requests_to_sign import CREDENTIALS, FORM, pairs

label = "rauth (Python)"
form = "dict; the query too"
SESSION = rauth.OAuth1Session(*CREDENTIALS)
SIGNATURE = HmacSha1Signature()


def version():
    return rauth.__version__


def prepare_sign(request):
    uri, _, query = request.uri.partition("?")
    arguments = {"params": dict(pairs(query)), "data": dict(pairs(request.form))}
    arguments["headers"] = {"Content-Type": FORM} if request.form else {}
    return request.method, uri, arguments


def sign(prepared):
    """What OAuth1Session.request does before it sends."""
    method, uri, arguments = prepared
    parameters = SESSION._get_oauth_params(arguments)
    parameters["oauth_signature"] = SIGNATURE.sign(*CREDENTIALS[1::2], method, uri, parameters, arguments)
    request = PreparedRequest()
    request.headers = {}
    return OAuth1Auth(parameters, "")(request).headers["Authorization"]
