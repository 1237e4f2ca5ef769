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
    """Let each client have no more than ``per_client`` nonces in ``store`` that are still needed.

    One more is refused with StoreUnavailable, whose problem is ``consumer_key_refused``. Counts are those of
    this process: where several share a store, each grants the whole quota. A client whose
    nonces have all left the window takes no memory.

    :param store: the nonce store that is asked next.
    :param per_client: how many nonces a client may have within the window.
    :param window: that of the Verifier, in seconds; 300 by default.
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
        """Return whether this combination is new, and remember it. Never True twice."""
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
            # Its second may have been dropped meanwhile, and this one with it.
            if client_identifier in counts:
                subtract(counts, client_identifier, 1)
                subtract(self._totals, client_identifier, 1)


def subtract(counts: "dict[str, int]", client_identifier: str, count: int) -> None:
    """A client that is left with nothing is left out."""
    counts[client_identifier] -= count
    if not counts[client_identifier]:
        del counts[client_identifier]
