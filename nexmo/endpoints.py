"""Where Nexmo's OAuth service listened, and where a stand-in does."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NEXMO", "Endpoints", "under"]


@dataclass(frozen=True)
class Endpoints:
    """The four URLs of the flow, and the one that API paths are relative to."""

    request_token: str
    authorize: str
    authenticate: str
    access_token: str
    api: str


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
