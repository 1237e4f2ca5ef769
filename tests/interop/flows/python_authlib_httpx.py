"""Authlib, by its client for httpx."""

from authlib.integrations.httpx_client import OAuth1Client
from common import API, CALLBACK, FORM, KEY, QUERY, SECRET, URLS, ask, show

with OAuth1Client(KEY, SECRET, redirect_uri=CALLBACK, trust_env=False) as client:
    client.fetch_request_token(URLS[0])
    answer = ask(client.create_authorization_url(URLS[1]))
    if CALLBACK == "oob":
        client.fetch_access_token(URLS[2], verifier=answer)
    else:
        client.parse_authorization_response(answer)
        client.fetch_access_token(URLS[2])
    sent = client.post(f"{API}/sms/json", data=FORM).json()
    show(sent, client.get(f"{API}/account/get-balance", params=QUERY).json())
