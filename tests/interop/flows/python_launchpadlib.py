"""launchpadlib, which has no callback and no verifier, and is told its token by nobody."""

import httplib2
from common import API, KEY, URLS, ask
from launchpadlib.credentials import Consumer, Credentials

root = URLS[0].rpartition("+")[0]
credentials = Credentials()
credentials.consumer = Consumer(KEY)
ask(credentials.get_request_token(web_root=root))
credentials.exchange_request_token_for_access_token(web_root=root)
headers = {}
credentials.authorizeRequest(f"{API}/1.0/people/+me", "GET", None, headers)
_, content = httplib2.Http().request(f"{API}/1.0/people/+me", headers=headers)
print("jane" if b'"jane"' in content else content)
