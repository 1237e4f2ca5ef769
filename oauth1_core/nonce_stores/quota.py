"""A quota for each client in front of a nonce store (RFC 5849 section 4.10).

A client whose signatures are good can fill a store, and then everybody is refused. With this before it, that
client alone is.
"""

import threading

from ..errors import StoreUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..verifying import NonceStore

__all__ = ["QuotaNonceStore"]


class QuotaNonceStore:
    """Let each client have no more than ``per_client`` nonces in ``store`` that are still needed.

    One more is refused with StoreUnavailable, whose problem is ``consumer_key_refused``. Counts are those of
    this process: where several share a store, each grants the whole quota.

    :param store: the nonce store that is asked next.
    :param per_client: how many nonces a client may have within the window.
    :param window: that of the Verifier, in seconds; 300 by default.
    """

    def __init__(self, store: "NonceStore", per_client: int, window: int = 300) -> None:
        self.store = store
        self.per_client = per_client
        self.window = window
        self._lock = threading.Lock()
        self._totals: "dict[str, int]" = {}
        self._counts: "dict[str, dict[int, int]]" = {}  # of each second

    def claim(self, client_identifier: str, token_identifier: str, timestamp: int, nonce: str, now: float) -> bool:
        """Return whether this combination is new, and remember it. Never True twice."""
        self._take(client_identifier, timestamp, int(now))
        new = False
        try:
            new = self.store.claim(client_identifier, token_identifier, timestamp, nonce, now)
        finally:
            if not new:
                self._give_back(client_identifier, timestamp)
        return new

    def _take(self, client_identifier: str, timestamp: int, now: int) -> None:
        with self._lock:
            counts = self._counts.setdefault(client_identifier, {})
            total = self._totals.get(client_identifier, 0)
            if total >= self.per_client:
                outside = [second for second in counts if abs(now - second) > self.window]
                total -= sum([counts.pop(second) for second in outside])
            self._totals[client_identifier] = total
            if total >= self.per_client:
                raise StoreUnavailable(
                    "the client has used up its quota", problem="consumer_key_refused", parameter="oauth_consumer_key"
                )
            self._totals[client_identifier] = total + 1
            counts[timestamp] = counts.get(timestamp, 0) + 1

    def _give_back(self, client_identifier: str, timestamp: int) -> None:
        with self._lock:
            counts = self._counts[client_identifier]
            # Its second may have been dropped meanwhile, and this one with it.
            if counts.get(timestamp):
                counts[timestamp] -= 1
                self._totals[client_identifier] -= 1
