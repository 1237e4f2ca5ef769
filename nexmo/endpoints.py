"""Where Nexmo's OAuth service and API listened, and where a stand-in does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oauth1_core import Provider, check_endpoint

__all__ = ["NEXMO", "Endpoints", "under"]


class Endpoints(Provider):
    """A provider by the page's names, with its page for those who approved before, and the address of its API.

    :param request_token: the URL that gives request tokens.
    :param authorize: the page on which a person presses Authorize.
    :param authenticate: the page that lets a person pass who has approved before.
    :param access_token: the URL that exchanges a request token for the access token.
    :param api: the URL that API paths are relative to.
    :raises SigningError: if one of them is not https, or http to a loopback IP address.
    """

    def __init__(self, request_token: str, authorize: str, authenticate: str, access_token: str, api: str) -> None:
        super().__init__(request_token, authorize, access_token)
        for url in (authenticate, api):
            check_endpoint(url)
        self.request_token = request_token
        self.authorize = authorize
        self.authenticate = authenticate
        self.access_token = access_token
        self.api = api

    def to_dict(self) -> dict[str, Any]:
        return dict(vars(self))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Endpoints:
        return cls(**values)


def under(oauth: str, api: str) -> Endpoints:
    """Return the endpoints of a provider that has the four below ``oauth``."""
    return Endpoints(
        request_token=f"{oauth}/request_token",
        authorize=f"{oauth}/authorize",
        authenticate=f"{oauth}/authenticate",
        access_token=f"{oauth}/access_token",
        api=api,
    )


NEXMO = under("https://dashboard.nexmo.com/oauth", api="https://rest.nexmo.com")
