"""A demonstration in seven steps, from a consumer key to an SMS, against a sandbox, after the sample on Nexmo's page.

Prints each request and response; secrets and verification codes are masked.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import httpx

from oauth1_core import decode_form, form_encoded_body, parse_authorization_header

from .client import Nexmo
from .sandbox import Sandbox

MASKED = ("oauth_token_secret", "oauth_verifier", "password", "csrf")


def run(*, interactive: bool) -> None:
    """Run all steps; raises the errors of ``Nexmo`` if a step fails."""
    with Sandbox() as sandbox, httpx.Client() as http:
        http.event_hooks = {"request": [show_request], "response": [show_response]}
        step(1, "Create the object")
        print(f"Nexmo({sandbox.consumer_key!r}, '***', endpoints=…)   # a sandbox at {sandbox.url}")
        nexmo = Nexmo(sandbox.consumer_key, sandbox.consumer_secret, endpoints=sandbox.endpoints, http=http)

        step(2, "Get a request token")
        request_token = nexmo.request_token()

        step(3, "Open the following URL and press Authorize:")
        print(nexmo.authorize_url(request_token))

        if interactive:
            step(4, "Copy the code that the page shows")
            verifier = input("Code: ")
        else:
            step(4, "Approve the request on the sandbox's pages, as a user would")
            verifier = sandbox.approve(request_token, watch=show_page)

        step(5, "Get the access token")
        access_token = nexmo.access_token(request_token, verifier)

        step(6, "Set the request parameters")
        message = {"sender": "NexmoOauth", "to": "15551234567", "text": "hello from Nexmo"}
        print(json.dumps(message))

        step(7, "Make the signed request")
        nexmo = Nexmo(
            sandbox.consumer_key,
            sandbox.consumer_secret,
            access_token=access_token,
            endpoints=sandbox.endpoints,
            http=http,
        )
        sms = nexmo.send_sms(**message)
        balance = nexmo.balance()
        print()
        for part in sms.messages:
            print(f"SMS {part.message_id} to {part.to} accepted for {part.message_price} euros.")
        print(f"Balance: {balance.value} euros.")


def step(number: int, title: str) -> None:
    print(f"\n{number}. {title}")


def show_request(request: httpx.Request) -> None:
    print(f"  > {request.method} {request.url}")
    print("  > Authorization: OAuth")
    for name, value in parse_authorization_header(request.headers["Authorization"]):
        print(f"  >     {name}={mask(name, value)!r}")


def show_response(response: httpx.Response) -> None:
    response.read()
    print(f"  < {response.status_code} {response.reason_phrase}")
    if response.headers["Content-Type"].startswith("application/json"):
        print(f"  < {response.text}")
    else:
        for name, value in decode_form(response.content):
            print(f"  < {name}={mask(name, value)}")


def show_page(response: httpx.Response) -> None:
    request = response.request
    fields = masked_form(request.content) if request.method == "POST" else ""
    print(f"  > {request.method} {request.url.raw_path.decode()} {fields}".rstrip())
    leads_to = ""
    if response.is_redirect:
        location = urlsplit(response.headers["Location"])
        leads_to = f" to {location.path}?{masked_form(location.query)}".rstrip("?")
    print(f"  < {response.status_code} {response.reason_phrase}{leads_to}")


def masked_form(form: str | bytes) -> str:
    return form_encoded_body([(name, mask(name, value)) for name, value in decode_form(form)])


def mask(name: str, value: str) -> str:
    return "***" if name in MASKED else value
