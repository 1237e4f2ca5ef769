"""requests-oauthlib: the request as requests prepares it, URI and form given as text."""

import requests
from python_oauthlib import client_of
from requests_oauthlib import OAuth1
from serve import FORM, Unsupported, need_text, serve


def sign(method, uri, form, **rest):
    need_text(uri, form)
    prepared = requests.Request(method, uri, headers=FORM if form else {}, data=form or None).prepare()
    if (prepared.url, prepared.method) != (uri, method):
        raise Unsupported("a method or URI that requests sends in another spelling")
    header = OAuth1(**client_of(**rest))(prepared).headers["Authorization"]
    return header.decode() if isinstance(header, bytes) else header


serve(sign=sign)
