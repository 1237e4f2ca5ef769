"""flickrapi, its addresses changed."""

from types import SimpleNamespace

from common import API, CALLBACK, KEY, SECRET, URLS, ask, verifier_in
from flickrapi.auth import OAuthFlickrInterface

flickr = OAuthFlickrInterface(KEY, SECRET, SimpleNamespace(token=None))
flickr.REQUEST_TOKEN_URL, flickr.AUTHORIZE_URL, flickr.ACCESS_TOKEN_URL = URLS
flickr.get_request_token(oauth_callback=CALLBACK)
flickr.verifier = verifier_in(ask(flickr.auth_url(perms="read")))
flickr.get_access_token()
print(flickr.session.get(f"{API}/services/rest", params={"method": "x"}, auth=flickr.oauth).json()["user"])
