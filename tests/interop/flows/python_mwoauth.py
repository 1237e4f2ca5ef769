"""mwoauth, which sends people to Special:OAuth/authenticate; here to Special:OAuth/authorize."""

import mwoauth
import requests
from common import API, CALLBACK, KEY, SECRET, URLS, ask
from requests_oauthlib import OAuth1

handshaker = mwoauth.Handshaker(
    URLS[0].partition("?")[0], mwoauth.ConsumerToken(KEY, SECRET), callback=CALLBACK, user_agent="Interop/1.0"
)
url, request_token = handshaker.initiate()
answer = ask(url.replace("authenticate", "authorize"))
query = answer.partition("?")[2] or f"oauth_token={request_token.key}&oauth_verifier={answer}"
token = handshaker.complete(request_token, query)
auth = OAuth1(KEY, SECRET, token.key, token.secret)
print(requests.get(f"{API}/w/api.php", params={"action": "query"}, auth=auth).json()["user"])
