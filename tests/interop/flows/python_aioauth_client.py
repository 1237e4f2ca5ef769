"""aioauth-client, which asks for the request token by GET, everything in the query."""

import asyncio

from aioauth_client import OAuth1Client
from common import API, CALLBACK, FORM, KEY, SECRET, URLS, ask, show, verifier_in


async def main():
    client = OAuth1Client(
        KEY, SECRET, base_url=API, request_token_url=URLS[0], authorize_url=URLS[1], access_token_url=URLS[2]
    )
    request_token, _ = await client.get_request_token(oauth_callback=CALLBACK)
    verifier = verifier_in(ask(client.get_authorize_url(request_token)))
    await client.get_access_token(verifier, request_token)
    # It writes + for a space into what it signs, so that here is none.
    sent = await client.request("POST", f"{API}/sms/json", params={**FORM, "text": "a+b&cé100%"})
    show(sent, await client.request("GET", f"{API}/account/get-balance", params={"unused": "1+1"}))


asyncio.run(main())
