"""Credentials (RFC 5849 section 1.1).

"Credentials are a pair of a unique identifier and a matching shared secret."

Older documents use other terms: "consumer" for the client, "service provider" for the server, and "user" for the
resource owner. The client credentials are "consumer key" and "consumer secret" there, temporary credentials are a
"request token", and token credentials are an "access token".
"""

from .errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, NoReturn, Self


def compared(a: bytes, b: bytes) -> bool:
    """Tell whether ``a`` and ``b`` are equal. The time taken does not reveal where they differ."""
    difference = len(a) ^ len(b)
    for one, other in zip(a, b):
        difference |= one ^ other
    return difference == 0


same_octets: "Callable[[bytes, bytes], bool]" = compared
try:
    import hmac

    same_octets = hmac.compare_digest
except (AttributeError, ImportError):
    pass  # MicroPython has no hmac, and the hmac of micropython-lib has no compare_digest


class Credentials:
    """An identifier and its shared secret (1.1).

    Two credentials of one class are equal if their identifiers and secrets are equal. ``repr`` hides the secret.

    :param identifier: a ``str``.
    :param secret: a ``str``, which may be empty.
    :raises SigningError: if ``identifier`` or ``secret`` is not a ``str``.
    """

    __slots__ = ("identifier", "secret")

    def __init__(self, identifier: str, secret: str) -> None:
        for name, value in (("identifier", identifier), ("secret", secret)):
            if not isinstance(value, str):
                raise SigningError("{} of {} must be a str".format(name, type(self).__name__), parameter=name)
        self.identifier: str = identifier
        self.secret: str = secret

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Credentials):
            return NotImplemented
        secrets = [each.secret.encode("utf-8", "surrogatepass") for each in (self, other)]
        return self.identifier == other.identifier and same_octets(*secrets)

    def to_dict(self) -> "dict[str, Any]":
        """Return a dict of plain values, which includes the secret: another process can go on with it."""
        return {"identifier": self.identifier, "secret": self.secret}

    @classmethod
    def from_dict(cls: "type[Self]", values: "Mapping[str, Any]") -> "Self":
        """Return the credentials from which :meth:`to_dict` made ``values``.

        Raises SigningError if ``values`` are not what :meth:`to_dict` returns.
        """
        try:
            return cls(**values)
        except TypeError:
            # The message does not show unknown names: a name may be a secret in the wrong place.
            raise SigningError("the values are not what {}.to_dict() returns".format(cls.__name__)) from None

    def __hash__(self) -> int:
        return hash((self.identifier, self.secret))

    def __repr__(self) -> str:
        return "{}({!r}, '***')".format(type(self).__name__, self.identifier)

    def __copy__(self: "Self") -> "Self":
        return self

    def __deepcopy__(self: "Self", memo: object) -> "Self":
        return self

    def __reduce__(self) -> "NoReturn":
        raise TypeError("credentials cannot be pickled: store what to_dict() returns where you keep secrets")


class ClientCredentials(Credentials):
    """Identify the client and authenticate its requests.

    :param identifier: a ``str``.
    :param secret: a ``str``, which may be empty.
    :raises SigningError: if ``identifier`` or ``secret`` is not a ``str``.
    """

    __slots__ = ()


class PublicClientCredentials(ClientCredentials):
    """Identify a client that has no secret; some servers issue such client credentials.

    Only the token's secret protects the client's requests, so a server accepts them only with a token.

    :param identifier: a ``str``.
    :raises SigningError: if ``identifier`` is not a ``str``.
    """

    __slots__ = ()

    def __init__(self, identifier: str) -> None:
        super().__init__(identifier, "")

    def to_dict(self) -> "dict[str, Any]":
        return {"identifier": self.identifier}


class IssuedCredentials(Credentials):
    """Credentials from a server's reply; ``extra`` is a list of the other (name, value) pairs of the reply."""

    __slots__ = ("extra",)

    def __init__(self, identifier: str, secret: str, extra: "Iterable[tuple[str, str]]" = ()) -> None:
        super().__init__(identifier, secret)
        try:
            self.extra: "list[tuple[str, str]]" = [(name, value) for name, value in extra]
        except (TypeError, ValueError):
            raise SigningError("extra must be a list of (name, value) pairs", parameter="extra") from None

    def to_dict(self) -> "dict[str, Any]":
        return dict(super().to_dict(), extra=[list(pair) for pair in self.extra])


class TemporaryCredentials(IssuedCredentials):
    """Identify one authorization in progress, from the first request (2.1) to the exchange for a token (2.3).

    :param identifier: a ``str``.
    :param secret: a ``str``, which may be empty.
    :param extra: the other (name, value) pairs of the server's reply; none by default.
    :raises SigningError: if ``identifier`` or ``secret`` is not a ``str``, or ``extra`` does not consist of pairs.
    """

    __slots__ = ()


class TokenCredentials(IssuedCredentials):
    """Identify the access that a resource owner has granted.

    :param identifier: a ``str``.
    :param secret: a ``str``, which may be empty.
    :param extra: the other (name, value) pairs of the server's reply; none by default.
    :raises SigningError: if ``identifier`` or ``secret`` is not a ``str``, or ``extra`` does not consist of pairs.
    """

    __slots__ = ()
