"""The page's two tokens: the core's credentials by its names."""

from __future__ import annotations

from oauth1_core import TemporaryCredentials, TokenCredentials, parse_callback

__all__ = ["AccessToken", "RequestToken"]


class RequestToken(TemporaryCredentials):
    """Stands for one login, from request_token to access_token."""

    __slots__ = ()

    @property
    def key(self) -> str:
        return self.identifier

    def verifier(self, callback_url: str) -> str:
        """Return the verification code from the URL, or path and query, that the user came back to.

        Raises CallbackMismatch if that belongs to another login, AuthorizationDenied, or AuthorizationError.
        """
        return parse_callback(callback_url, self)


class AccessToken(TokenCredentials):
    """Permanent, until it is revoked or its consumer key asks for a new request token."""

    __slots__ = ()

    @property
    def key(self) -> str:
        return self.identifier
