"""Nexmo over OAuth 1.0a: the four-step flow and signed API calls.

    from nexmo import Nexmo

    nexmo = Nexmo(consumer_key, consumer_secret)
    request_token = nexmo.request_token()
    print("Open the following URL and press Authorize:", nexmo.authorize_url(request_token))
    access_token = nexmo.access_token(request_token, input("Code: "))
    with Nexmo(consumer_key, consumer_secret, access_token=access_token) as nexmo:
        nexmo.send_sms(sender="NexmoOauth", to="15551234567", text="hello from Nexmo")
"""
from .client import AccessToken, AsyncNexmo, Balance, Nexmo, RequestToken, Sms, SmsMessage
from .endpoints import NEXMO, Endpoints
from .errors import CallbackError, CallbackTimeout, NexmoError, OutcomeUnknown, RedirectRefused, StoreError

__all__ = [
    "NEXMO",
    "AccessToken",
    "AsyncNexmo",
    "Balance",
    "CallbackError",
    "CallbackTimeout",
    "Endpoints",
    "Nexmo",
    "NexmoError",
    "OutcomeUnknown",
    "RedirectRefused",
    "RequestToken",
    "Sms",
    "SmsMessage",
    "StoreError",
]
