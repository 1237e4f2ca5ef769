"""A quota for each client in front of a nonce store (RFC 5849 section 4.10).

A client whose signatures are good can fill a store, and then everybody is refused. With this before it, that
client alone is.
"""

import threading

from ..errors import StoreUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..verifying import NonceStore

__all__ = ["QuotaNonceStore"]


class QuotaNonceStore:
    """Limit each client to ``per_client`` nonces within the window.

    A request beyond the limit raises StoreUnavailable with the problem ``consumer_key_refused``. Each process counts
    separately: if several processes share a store, each of them allows the whole quota. A client takes no memory once
    all its nonces are out of the window.

    :param store: the nonce store behind this one.
    :param per_client: how many nonces a client may have within the window.
    :param window: the window of the Verifier in seconds (default: 300).
    """

    def __init__(self, store: "NonceStore", per_client: int, window: int = 300) -> None:
        self.store = store
        self.per_client = per_client
        self.window = window
        self._lock = threading.Lock()
        self._totals: "dict[str, int]" = {}  # of each client
        self._counts: "dict[int, dict[str, int]]" = {}  # of each second, those of each client
        self._now = 0
        self._kept = 0, 0

    def claim(self, client_identifier: str, token_identifier: str, timestamp: int, nonce: str, now: float) -> bool:
        """Return True if this combination is new, and store it; never True twice for one combination."""
        self._take(client_identifier, timestamp, int(now))
        new = False
        try:
            claimed: "Any" = self.store.claim(client_identifier, token_identifier, timestamp, nonce, now)
            if hasattr(claimed, "close"):
                claimed.close()  # a coroutine, of which Python warns if it is never awaited
                raise TypeError("the store of a QuotaNonceStore must not have to be awaited")
            new = claimed is True
        finally:
            if not new:
                self._give_back(client_identifier, timestamp)
        return new

    def _take(self, client_identifier: str, timestamp: int, now: int) -> None:
        with self._lock:
            # By the clock of two claims in a row, so that one which is wrong for a moment drops nothing.
            earlier, later, self._now = min(now, self._now), max(now, self._now), now
            self._keep(earlier - self.window, later + self.window)
            if self._totals.get(client_identifier, 0) >= self.per_client:
                self._keep(now - self.window, now + self.window)
            if self._totals.get(client_identifier, 0) >= self.per_client:
                raise StoreUnavailable(
                    "the client has used up its quota", problem="consumer_key_refused", parameter="oauth_consumer_key"
                )
            for counts in (self._totals, self._counts.setdefault(timestamp, {})):
                counts[client_identifier] = counts.get(client_identifier, 0) + 1

    def _keep(self, first: int, last: int) -> None:
        """Drop the seconds outside these two; about once a second, since most calls name the same two again."""
        if (first, last) != self._kept:
            self._kept = first, last
            for second in [second for second in self._counts if not first <= second <= last]:
                for client_identifier, count in self._counts.pop(second).items():
                    subtract(self._totals, client_identifier, count)

    def _give_back(self, client_identifier: str, timestamp: int) -> None:
        with self._lock:
            counts = self._counts.get(timestamp, {})
            # The count of this second may have been dropped in the meantime.
            if client_identifier in counts:
                subtract(counts, client_identifier, 1)
                subtract(self._totals, client_identifier, 1)


def subtract(counts: "dict[str, int]", client_identifier: str, count: int) -> None:
    """A client that is left with nothing is left out."""
    counts[client_identifier] -= count
    if not counts[client_identifier]:
        del counts[client_identifier]
