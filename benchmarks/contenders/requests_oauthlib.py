import requests
import requests_oauthlib

from benchmarks.requests_to_sign import CREDENTIALS, FORM

label = "requests-oauthlib (Python)"
form = "text"
AUTH = requests_oauthlib.OAuth1(*CREDENTIALS)


def version():
    return requests_oauthlib.__version__


def prepare_sign(request):
    """The request as requests hands it to its auth object."""
    headers = {"Content-Type": FORM} if request.form else {}
    return requests.Request(request.method, request.uri, headers=headers, data=request.form or None).prepare()


def sign(prepared):
    return AUTH(prepared).headers["Authorization"]
