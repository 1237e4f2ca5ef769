"""rauth, by its service."""

from common import API, CALLBACK, FORM, KEY, QUERY, SECRET, URLS, ask, show, verifier_in
from rauth import OAuth1Service

service = OAuth1Service(
    consumer_key=KEY, consumer_secret=SECRET, request_token_url=URLS[0], authorize_url=URLS[1], access_token_url=URLS[2]
)
request_token, secret = service.get_request_token(method="POST", data={"oauth_callback": CALLBACK})
verifier = verifier_in(ask(service.get_authorize_url(request_token)))
session = service.get_auth_session(request_token, secret, method="POST", data={"oauth_verifier": verifier})
sent = session.post(f"{API}/sms/json", data=FORM, header_auth=True).json()
show(sent, session.get(f"{API}/account/get-balance", params=QUERY, header_auth=True).json())
