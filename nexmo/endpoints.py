"""The URLs of Nexmo's OAuth service and API, and of a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oauth1_core import Provider, check_endpoint

__all__ = ["NEXMO", "Endpoints", "under"]


class Endpoints(Provider):
    """A ``Provider`` with Nexmo's names for its URLs, the URL ``authenticate`` and the URL of the API.

    :param request_token: the URL that issues request tokens.
    :param authorize: the page on which the user presses Authorize.
    :param authenticate: the page that asks only users who have not approved this application before.
    :param access_token: the URL that exchanges a request token for the access token.
    :param api: the URL that API paths are relative to.
    :raises SigningError: if a URL is neither https nor http with a loopback IP address.
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
    """Return the endpoints of a provider whose four OAuth URLs start with ``oauth``."""
    return Endpoints(
        request_token=f"{oauth}/request_token",
        authorize=f"{oauth}/authorize",
        authenticate=f"{oauth}/authenticate",
        access_token=f"{oauth}/access_token",
        api=api,
    )


NEXMO = under("https://dashboard.nexmo.com/oauth", api="https://rest.nexmo.com")
