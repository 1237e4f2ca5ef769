"""Credentials (RFC 5849 section 1.1).

"Credentials are a pair of a unique identifier and a matching shared secret."

Older documents use other terms: "consumer" for the client, "service provider" for the server, "user" for the resource
owner; "consumer key" and "consumer secret" for the client credentials, "request token" for temporary credentials, and
"access token" for token credentials.
"""

from .errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, NoReturn, Self


def compared(a: bytes, b: bytes) -> bool:
    """Tell whether the two are equal; the time taken does not tell where they differ."""
    difference = len(a) ^ len(b)
    for one, other in zip(a, b):
        difference |= one ^ other
    return difference == 0


same_octets: "Callable[[bytes, bytes], bool]" = compared
try:
    import hmac

    same_octets = hmac.compare_digest
except (AttributeError, ImportError):
    pass  # MicroPython has no hmac, and that of its library not this


class Credentials:
    """An identifier and its shared secret, both ``str``.

    Instances are immutable values, and ``repr`` does not show the secret. Raises SigningError if either is not a
    ``str``.
    """

    __slots__ = ("identifier", "secret")

    def __init__(self, identifier: str, secret: str) -> None:
        for name, value in (("identifier", identifier), ("secret", secret)):
            if not isinstance(value, str):
                raise SigningError("{} of {} is not text".format(name, type(self).__name__), parameter=name)
        self.identifier: str = identifier
        self.secret: str = secret

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Credentials):
            return NotImplemented
        secrets = [each.secret.encode("utf-8", "surrogatepass") for each in (self, other)]
        return self.identifier == other.identifier and same_octets(*secrets)

    def to_dict(self) -> "dict[str, Any]":
        """Return plain values, the secret included, from which another process can go on."""
        return {"identifier": self.identifier, "secret": self.secret}

    @classmethod
    def from_dict(cls: "type[Self]", values: "Mapping[str, Any]") -> "Self":
        """Return the credentials that :meth:`to_dict` made ``values`` of.

        Raises SigningError if ``values`` are anything else.
        """
        try:
            return cls(**values)
        except TypeError:
            # Another name may be a secret that was put in the wrong place: it is not shown.
            raise SigningError("not what {}.to_dict() returns".format(cls.__name__)) from None

    def __hash__(self) -> int:
        return hash((self.identifier, self.secret))

    def __repr__(self) -> str:
        return "{}({!r}, '***')".format(type(self).__name__, self.identifier)

    def __copy__(self: "Self") -> "Self":
        return self

    def __deepcopy__(self: "Self", memo: object) -> "Self":
        return self

    def __reduce__(self) -> "NoReturn":
        raise TypeError("credentials are not pickled: store identifier and secret where secrets belong")


class ClientCredentials(Credentials):
    """Identify the client and authenticate its requests."""

    __slots__ = ()


class PublicClientCredentials(ClientCredentials):
    """Identify a client without a secret; some servers issue such clients.

    Only the token's secret protects its requests, so a server accepts them only with a token.
    """

    __slots__ = ()

    def __init__(self, identifier: str) -> None:
        super().__init__(identifier, "")

    def to_dict(self) -> "dict[str, Any]":
        return {"identifier": self.identifier}


class IssuedCredentials(Credentials):
    """Credentials from a server's reply; ``extra`` holds the other pairs of that reply."""

    __slots__ = ("extra",)

    def __init__(self, identifier: str, secret: str, extra: "Iterable[tuple[str, str]]" = ()) -> None:
        super().__init__(identifier, secret)
        try:
            self.extra: "list[tuple[str, str]]" = [(name, value) for name, value in extra]
        except (TypeError, ValueError):
            raise SigningError("extra is not a list of (name, value) pairs", parameter="extra") from None

    def to_dict(self) -> "dict[str, Any]":
        return dict(super().to_dict(), extra=[list(pair) for pair in self.extra])


class TemporaryCredentials(IssuedCredentials):
    """Identify one login in progress, from the first request (2.1) to the exchange (2.3)."""

    __slots__ = ()


class TokenCredentials(IssuedCredentials):
    """Identify the access that a resource owner has granted."""

    __slots__ = ()
