"""The whole flow with requests-oauthlib's session: URLs, keys and callback as arguments, the answer from stdin.

Prints the authorization URL; reads the verifier, or the URL that the user was sent back to; prints the balance.
"""

import sys

from requests_oauthlib import OAuth1Session

oauth, api, key, secret, callback = sys.argv[1:]
session = OAuth1Session(key, secret, callback_uri=callback)
session.trust_env = False
session.fetch_request_token(f"{oauth}/request_token")
print(session.authorization_url(f"{oauth}/authorize"), flush=True)
answer = input()
if callback == "oob":
    session.fetch_access_token(f"{oauth}/access_token", verifier=answer)
else:
    session.parse_authorization_response(answer)
    session.fetch_access_token(f"{oauth}/access_token")
sent = session.post(f"{api}/sms/json", data={"from": "requests", "to": "15551234567", "text": "a+b & cé 100 %"}).json()
balance = session.get(f"{api}/account/get-balance", params={"unused": "1 + 1"}).json()
print(sent["messages"][0]["status"], balance["value"])
