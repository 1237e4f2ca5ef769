"""Nonces in the memory of one process (RFC 5849 section 3.3).

The store is safe between threads. A fork copies it, and each copy would accept what another copy has accepted, so a
store answers only in the process that made it. For several processes, use SQLite or Redis.
"""

import os
import threading
import time

from ..errors import InvalidTimestamp, StoreUnavailable
from .digest import digest_of

__all__ = ["MemoryNonceStore"]


class MemoryNonceStore:
    """A store that keeps each accepted nonce while its timestamp is within ``window`` seconds of the clock.

    :param window: how many seconds a timestamp may differ from the clock (default: 300), as in ``Verifier``.
    :param capacity: how many nonces are kept at most (default: 1,000,000); each takes about 97 octets. A full store
        refuses requests, and drops no nonce that is still needed.
    :param skew: a store that begins empty does not know which requests were accepted before, so its epoch begins this
        many seconds in the future (default: 5). A request whose timestamp was further ahead, and which was accepted
        less than a window before its nonce was lost, can be accepted a second time. ``skew=window`` rules this out;
        the store then refuses every request for one window.
    :param epoch: refuse each timestamp below this one (default: now + ``skew``). Pass ``epoch=0`` only if there was no
        earlier store, as in a test or an example. In a server it would be false after each restart.

    ``claim`` raises InvalidTimestamp (401) for a timestamp before the epoch, and StoreUnavailable (503) if the
    store is full or was made in another process.
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
        """Store this combination and return True if it is new; return False if it was stored before.

        ``timestamp`` and ``now``, the current time, are in seconds since 1970-01-01 00:00 UTC.
        """
        key = digest_of(client_identifier, token_identifier, nonce)
        before = int(now) - self.window
        # Check this before taking the lock, which a thread of the parent may have held when this process was forked.
        if os.getpid() != self._process:
            raise StoreUnavailable("the nonce store was made before a fork: use SQLite or Redis for several processes")
        with self._lock:
            if before != self._forgotten:
                self._forget(before)
            if timestamp < self.epoch:
                message = "the timestamp is before the epoch of the nonce store"
                raise InvalidTimestamp(message, parameter="oauth_timestamp")
            nonces = self._nonces.get(timestamp)
            if nonces is None:
                nonces = self._nonces[timestamp] = set()
            if key in nonces:
                return False
            if self._count >= self.capacity:
                raise StoreUnavailable("the nonce store is full: raise its capacity")
            nonces.add(key)
            self._count += 1
            return True

    def _forget(self, before: int) -> None:
        """Drop all nonces whose timestamp is out of the window; called at most once a second.

        The epoch is raised, so that these timestamps stay refused even if the clock is set back.
        """
        self._forgotten = before
        for second in [second for second in self._nonces if second < before]:
            self._count -= len(self._nonces.pop(second))
            self.epoch = max(self.epoch, second + 1)

    def __len__(self) -> int:
        return self._count
