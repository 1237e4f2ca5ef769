"""Nonces in the memory of one process (RFC 5849 section 3.3).

Safe between threads. A fork copies the store, and then each copy would accept what another has accepted: so a
store answers only in the process that made it. Processes that are to share their nonces use SQLite or Redis.
"""

import os
import threading
import time

from ..errors import InvalidTimestamp, StoreUnavailable
from .digest import digest_of

__all__ = ["MemoryNonceStore"]


class MemoryNonceStore:
    """Remember each accepted nonce for as long as its timestamp is within ``window`` seconds.

    :param window: how many seconds a timestamp may differ from the clock (default: 300); that of the ``Verifier``.
    :param capacity: how many nonces are kept at most (default: 1,000,000); each takes about 90 octets. A full store
        refuses, and forgets none that is still needed.
    :param skew: a store that begins empty does not know what was accepted before, and begins its epoch so many
        seconds ahead (default: 5). A request that was dated further ahead than that, and accepted within a window
        before its nonce was lost, can be accepted once more. With ``skew=window`` nothing that was accepted before is
        accepted again, and everything is refused for one window.
    :param epoch: refuse each timestamp below this one (default: now + ``skew``). ``epoch=0`` says that there was no
        other store before: for a test or an example, and not for a server, where each restart would say so again.

    ``claim`` raises InvalidTimestamp (401) for a timestamp from before the epoch, and StoreUnavailable (503) where
    the store is full or was made in another process.
    """

    def __init__(
        self, window: int = 300, *, capacity: int = 1000000, skew: int = 5, epoch: "float | None" = None
    ) -> None:
        self.window = window
        self.capacity = capacity
        self.epoch: float = int(time.time() + skew) + 1 if epoch is None else epoch
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._nonces: "dict[int, set[bytes]]" = {}
        self._forgotten = 0
        self._count = 0

    def claim(self, client_identifier: str, token_identifier: str, timestamp: int, nonce: str, now: float) -> bool:
        """Return whether this combination is new, and remember it. Never True twice."""
        key = digest_of(client_identifier, token_identifier, nonce)
        before = int(now) - self.window
        # Before the lock, which a thread of the parent may have held when this process was forked.
        if os.getpid() != self._process:
            raise StoreUnavailable("the nonce store was made before a fork")
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
