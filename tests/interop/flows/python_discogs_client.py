"""python3-discogs-client, its addresses changed."""

import discogs_client
from common import API, CALLBACK, KEY, SECRET, URLS, ask, verifier_in

discogs_client.Client._base_url = API
discogs_client.Client._request_token_url, _, discogs_client.Client._access_token_url = URLS
discogs_client.Client._authorize_url = URLS[1]
client = discogs_client.Client("Interop/1.0", KEY, SECRET)
_, _, url = client.get_authorize_url(None if CALLBACK == "oob" else CALLBACK)
client.get_access_token(verifier_in(ask(url)))
print(client._get(f"{API}/oauth/identity")["user"])
