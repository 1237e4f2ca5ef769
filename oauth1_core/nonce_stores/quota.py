"""A quota for each client in front of a nonce store (RFC 5849 section 4.10).

A client with valid credentials can fill a store; then every client is refused. With a QuotaNonceStore in front of the
store, only that client is refused.
"""

import threading

from ..errors import StoreUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..verifying import NonceStore

__all__ = ["QuotaNonceStore"]


class QuotaNonceStore:
    """A store that limits each client to ``per_client`` nonces within the window.

    For a request beyond the limit, ``claim`` raises StoreUnavailable (503) with the problem ``consumer_key_refused``.
    Each process counts separately: if several processes share a store, each process allows the whole quota. A client
    takes no memory once all its nonces are out of the window.

    :param store: the nonce store that keeps the nonces; its ``claim`` must not be awaitable.
    :param per_client: how many nonces a client may have within the window.
    :param window: the window of the Verifier in seconds (default: 300).
    """

    def __init__(self, store: "NonceStore", per_client: int, window: int = 300) -> None:
        self.store = store
        self.per_client = per_client
        self.window = window
        self._lock = threading.Lock()
        self._totals: "dict[str, int]" = {}  # nonces by client
        self._counts: "dict[int, dict[str, int]]" = {}  # nonces by client, by second
        self._now = 0
        self._kept = 0, 0

    def claim(self, client_identifier: str, token_identifier: str, timestamp: int, nonce: str, now: float) -> bool:
        """Return what ``claim`` of the store returns; raises StoreUnavailable if the client has used up its quota."""
        self._take(client_identifier, timestamp, int(now))
        new = False
        try:
            claimed: "Any" = self.store.claim(client_identifier, token_identifier, timestamp, nonce, now)
            if hasattr(claimed, "close"):
                claimed.close()  # without this, Python warns that a coroutine was never awaited
                raise TypeError("QuotaNonceStore needs a store whose claim is not awaited")
            new = claimed is True
        finally:
            if not new:
                self._give_back(client_identifier, timestamp)
        return new

    def _take(self, client_identifier: str, timestamp: int, now: int) -> None:
        with self._lock:
            # Use the clock of this and the previous claim, so that a clock that is wrong for a moment drops nothing.
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
        """Drop the counts of all seconds before ``first`` and after ``last``.

        This happens about once a second, because most calls have the same arguments as the call before.
        """
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
    """Reduce the count of a client, and drop a count of 0."""
    counts[client_identifier] -= count
    if not counts[client_identifier]:
        del counts[client_identifier]
