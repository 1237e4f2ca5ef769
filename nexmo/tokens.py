"""Nexmo's names for temporary and token credentials: request token and access token."""

from __future__ import annotations

from oauth1_core import TemporaryCredentials, TokenCredentials, parse_callback

__all__ = ["AccessToken", "RequestToken"]


class RequestToken(TemporaryCredentials):
    """The request token of one login."""

    __slots__ = ()

    @property
    def key(self) -> str:
        return self.identifier

    def verifier(self, callback_url: str) -> str:
        """Return the verification code from the callback URL, or from its path and query.

        Raises CallbackMismatch if the callback belongs to another login, AuthorizationDenied if the user denied access,
        and AuthorizationError if the callback has no code.
        """
        return parse_callback(callback_url, self)


class AccessToken(TokenCredentials):
    """Valid until it is revoked, or until a new request token is requested with the same consumer key."""

    __slots__ = ()

    @property
    def key(self) -> str:
        return self.identifier
