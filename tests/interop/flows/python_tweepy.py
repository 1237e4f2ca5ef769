"""tweepy's handler, its address of X changed."""

import requests
import tweepy
from common import CALLBACK, KEY, SECRET, URLS, ask, call_by_requests, verifier_in


class Handler(tweepy.OAuth1UserHandler):
    def _get_oauth_url(self, endpoint):
        return next(url for url in URLS if url.endswith(endpoint))


handler = Handler(KEY, SECRET, callback=CALLBACK)
handler.get_access_token(verifier_in(ask(handler.get_authorization_url())))
session = requests.Session()
session.trust_env, session.auth = False, handler.apply_auth()
call_by_requests(session)
