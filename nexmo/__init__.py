"""Nexmo over OAuth 1.0a: the four-step flow and signed API calls.

from nexmo import Nexmo

nexmo = Nexmo(consumer_key, consumer_secret)
request_token = nexmo.request_token()
print("Open the following URL and press Authorize:", nexmo.authorize_url(request_token))
access_token = nexmo.access_token(request_token, input("Code: "))
with Nexmo(consumer_key, consumer_secret, access_token=access_token) as nexmo:
    nexmo.send_sms(sender="NexmoOauth", to="15551234567", text="hello from Nexmo")
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oauth1_core import __version__ as __version__

    from .client import AccessToken, AsyncNexmo, Balance, Nexmo, RequestToken, Sms, SmsMessage
    from .endpoints import NEXMO, Endpoints
    from .errors import (
        CallbackError,
        CallbackTimeout,
        NexmoError,
        OutcomeUnknown,
        RedirectRefused,
        StoreError,
    )
else:

    def __getattr__(name: str) -> object:
        """Import a name on first use (PEP 562): pytest imports this package even if httpx is not installed."""
        if name == "__version__":
            return import_module("oauth1_core").__version__  # the two distributions have the same version
        if name in __all__:
            for module in ("errors", "endpoints", "client"):
                found = vars(import_module("." + module, __name__)).get(name)
                if found is not None:
                    return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
