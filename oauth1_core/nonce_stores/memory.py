"""Nonces in the memory of one process (RFC 5849 section 3.3).

Safe between threads. A request from before the store existed may have been accepted by its
predecessor, so it is refused; ``epoch=0`` says that there was none, as in a test or with new clients.
"""

import hashlib
import threading
import time

from ..errors import InvalidTimestamp, StoreUnavailable

__all__ = ["MemoryNonceStore"]


class MemoryNonceStore:
    """Remember each accepted nonce for as long as its timestamp is within ``window`` seconds.

    ``capacity`` bounds the number of nonces; when all of them are still needed, a further request is
    refused with StoreUnavailable and none is forgotten. A nonce takes about 90 octets.
    """

    def __init__(self, window: int = 300, *, capacity: int = 1000000, epoch: "float | None" = None) -> None:
        self.window = window
        self.capacity = capacity
        self.epoch: float = time.time() if epoch is None else epoch
        self._lock = threading.Lock()
        self._nonces: "dict[int, set[bytes]]" = {}
        self._forgotten = 0
        self._count = 0

    def claim(self, client_identifier: str, token_identifier: str, timestamp: int, nonce: str, now: float) -> bool:
        """Return whether this combination is new, and remember it. Never True twice."""
        key = digest_of(client_identifier, token_identifier, nonce)
        before = int(now) - self.window
        with self._lock:
            if before != self._forgotten:
                self._forget(before)
            if timestamp < self.epoch:
                raise InvalidTimestamp("the timestamp is from before this store", parameter="oauth_timestamp")
            nonces = self._nonces.get(timestamp)
            if nonces is None:
                nonces = self._nonces[timestamp] = set()
            if key in nonces:
                return False
            if self._count >= self.capacity:
                raise StoreUnavailable("the nonce store is full")
            nonces.add(key)
            self._count += 1
            return True

    def _forget(self, before: int) -> None:
        """Drop the seconds that have left the window, once a second.

        Raising the epoch refuses them for good, also when the clock is set back.
        """
        self._forgotten = before
        for second in [second for second in self._nonces if second < before]:
            self._count -= len(self._nonces.pop(second))
            self.epoch = max(self.epoch, second + 1)

    def __len__(self) -> int:
        return self._count


def digest_of(client_identifier: str, token_identifier: str, nonce: str) -> bytes:
    """Return 16 octets for the three texts: no two triples look alike, whatever is in them."""
    fields = client_identifier, token_identifier, nonce
    text = "\0".join(fields)
    if text.count("\0") != 2:
        # A field holds one itself; a literal does not, and this one is the same in every Python.
        text = ascii(fields)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]
