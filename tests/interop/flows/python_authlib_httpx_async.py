"""Authlib, by its asynchronous client for httpx."""

import asyncio

from authlib.integrations.httpx_client import AsyncOAuth1Client
from common import API, CALLBACK, FORM, KEY, QUERY, SECRET, URLS, ask, show


async def main():
    async with AsyncOAuth1Client(KEY, SECRET, redirect_uri=CALLBACK, trust_env=False) as client:
        await client.fetch_request_token(URLS[0])
        answer = ask(client.create_authorization_url(URLS[1]))
        if CALLBACK == "oob":
            await client.fetch_access_token(URLS[2], verifier=answer)
        else:
            client.parse_authorization_response(answer)
            await client.fetch_access_token(URLS[2])
        sent = (await client.post(f"{API}/sms/json", data=FORM)).json()
        show(sent, (await client.get(f"{API}/account/get-balance", params=QUERY)).json())


asyncio.run(main())
