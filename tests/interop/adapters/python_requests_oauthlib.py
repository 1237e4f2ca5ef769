"""requests-oauthlib: the request as requests prepares it, URI and form given as text."""

import sys
from pathlib import Path

import requests
from requests_oauthlib import OAuth1
from serve import FORM, Unsupported, need_text, serve

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "vectors" / "examples"))
import adapter_oauthlib


def sign(method, uri, form, **rest):
    need_text(uri, form)
    prepared = requests.Request(method, uri, headers=FORM if form else {}, data=form or None).prepare()
    if (prepared.url, prepared.method) != (uri, method):
        raise Unsupported("a method or URI that requests sends in another spelling")
    try:
        arguments = adapter_oauthlib.client_of(**rest)
    except adapter_oauthlib.Unsupported as reason:
        raise Unsupported(str(reason)) from None
    header = OAuth1(**arguments)(prepared).headers["Authorization"]
    return header.decode() if isinstance(header, bytes) else header


serve(sign=sign)
