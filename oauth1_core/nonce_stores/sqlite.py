"""Nonces in a SQLite database (RFC 5849 section 3.3), for any number of threads and processes of one host.

One statement decides, so of any number of claims for one nonce exactly one wins. What was answered
with True is on disk first: it survives kill -9 and, with ``durability="full"``, a power loss.

A new database has no memory, so a timestamp from before it was made is refused; an existing one goes
on where it was. Whatever is purged raises its epoch for good, also when the clock is set back. A
database that is deleted or replaced under a running store is noticed before a claim is answered;
nothing that may have been in it is accepted again.
"""

import os
import sqlite3
import threading
import time
import weakref

from ..errors import InvalidTimestamp, StoreUnavailable
from .memory import digest_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

__all__ = ["SQLiteNonceStore"]

EVERY, BATCH = 64, 1024  # every 64th new nonce purges 1024 at most: faster than they come, and in a moment
POLL = 0.004  # seconds between two looks at a database that is locked

# A key is the timestamp in five octets and the digest of the rest, so that the oldest come first.
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS nonces (key BLOB PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS store (identity BLOB, epoch REAL, live INTEGER)",
)
CLAIM = "INSERT OR IGNORE INTO nonces SELECT ? WHERE ? >= (SELECT epoch FROM store) AND (SELECT live FROM store) < ?"
WHY_NOT = "SELECT epoch, EXISTS (SELECT 1 FROM nonces WHERE key = ?) FROM store"


class SQLiteNonceStore:
    """Remember each accepted nonce for as long as its timestamp is within ``window`` seconds.

    ``capacity`` bounds the nonces that are still needed, give or take 64 for each process that shares
    the file; a full store refuses, and forgets none. A nonce takes about 30 octets on disk. A claim
    waits ``timeout`` seconds at most for other processes. ``durability="normal"`` is several
    times faster and may lose the last moments in a power loss. ``epoch`` refuses all that is older;
    ``epoch=0`` with a new database says that no other store was there before.
    """

    def __init__(
        self,
        path: "str | os.PathLike[str]",
        window: int = 300,
        *,
        capacity: int = 1000000,
        durability: "Literal['full', 'normal']" = "full",
        timeout: float = 4.0,
        epoch: "float | None" = None,
    ) -> None:
        if durability not in ("full", "normal"):
            raise ValueError('durability is "full" or "normal"')
        self.path: str = os.path.abspath(os.fspath(path))
        self.window = window
        self.capacity = capacity
        self.durability: "Literal['full', 'normal']" = durability
        self.timeout = timeout
        self.epoch = epoch
        self._lock = threading.Lock()
        self._connection: "sqlite3.Connection | None" = None
        self._process = 0
        self._identity = b""
        self._files: "list[int]" = []
        self._lost = False
        self._uncounted = 0
        OPEN_STORES.add(self)
        with self._lock:
            try:
                self._connected(time.time(), time.monotonic() + timeout)
            except sqlite3.Error as error:
                raise StoreUnavailable("the nonce database cannot be opened") from error

    def claim(self, client_identifier: str, token_identifier: str, timestamp: int, nonce: str, now: float) -> bool:
        """Return whether this combination is new, and remember it. Never True twice."""
        key = timestamp.to_bytes(5, "big") + digest_of(client_identifier, token_identifier, nonce)
        deadline = time.monotonic() + self.timeout
        before = max(int(now) - self.window, 0)
        if not self._lock.acquire(timeout=self.timeout):
            raise StoreUnavailable("the nonce store is busy")
        try:
            connection = self._connected(now, deadline)
            new = self._claim(connection, key, timestamp, before, deadline)
            if new and not self._is_in_place():
                self._lost = True
                self._disconnect()
                raise StoreUnavailable("the nonce database was deleted or replaced")
            self._uncounted += new
            if self._uncounted >= EVERY:
                self._purge(connection, before)
            return new
        except sqlite3.Error as error:
            if not is_locked(error):
                self._disconnect()
            raise StoreUnavailable("the nonce database cannot be used") from error
        finally:
            self._lock.release()

    def close(self) -> None:
        """Close the database. A later claim opens it again."""
        with self._lock:
            self._disconnect()

    def _claim(self, connection: sqlite3.Connection, key: bytes, timestamp: int, before: int, deadline: float) -> bool:
        for purged in (False, True):
            room = self.capacity - self._uncounted
            if execute(connection, deadline, CLAIM, key, timestamp, room).rowcount == 1:
                return True
            epoch, used = execute(connection, deadline, WHY_NOT, key).fetchone()
            if timestamp < epoch:
                raise InvalidTimestamp("the timestamp is from before this store", parameter="oauth_timestamp")
            if used:
                return False
            if not purged:
                self._purge(connection, before)
        raise StoreUnavailable("the nonce store is full")

    def _purge(self, connection: sqlite3.Connection, before: int) -> None:
        """Forget a batch of what has left the window, and count. This waits for nobody, and no claim fails by it."""
        try:
            connection.execute("BEGIN IMMEDIATE")
            oldest = "SELECT max(key) FROM (SELECT key FROM nonces WHERE key < ? ORDER BY key LIMIT ?)"
            (last,) = connection.execute(oldest, (before.to_bytes(5, "big"), BATCH)).fetchone()
            last = last or bytes(5)
            count = connection.execute("DELETE FROM nonces WHERE key <= ?", (last,)).rowcount
            # What is forgotten is refused for good, also when the clock is set back.
            epoch = int.from_bytes(last[:5], "big") + 1
            change = "UPDATE store SET live = live + ?, epoch = max(epoch, ?)"
            connection.execute(change, (self._uncounted - count, epoch))
            connection.execute("COMMIT")
            self._uncounted = 0
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def _connected(self, now: float, deadline: float) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect(now, deadline)
            self._process = os.getpid()
        elif self._process != os.getpid():
            # Neither this connection nor a second one beside it would see the locks of the parent's.
            raise StoreUnavailable("the nonce database was opened before a fork")
        return self._connection

    def _connect(self, now: float, deadline: float) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA page_size = 1024")  # a claim writes one page
            connection.execute("PRAGMA wal_autocheckpoint = 8000")
            (journal,) = execute(connection, deadline, "PRAGMA journal_mode = WAL").fetchone()
            if journal != "wal":
                raise StoreUnavailable("the nonce database is not a file that threads and processes can share")
            connection.execute("PRAGMA synchronous = " + self.durability)
            connection.execute("PRAGMA fullfsync = 1")  # what macOS needs for it
            execute(connection, deadline, "BEGIN IMMEDIATE")
            for statement in SCHEMA:
                connection.execute(statement)
            if connection.execute("SELECT count(*) FROM store").fetchone() == (0,):
                began = time.time() if self.epoch is None else self.epoch
                connection.execute("INSERT INTO store VALUES (?, ?, 0)", (os.urandom(16), began))
            (identity,) = connection.execute("SELECT identity FROM store").fetchone()
            least = self.epoch or 0
            if self._lost or identity != (self._identity or identity):
                # No nonce that was accepted until now has a later timestamp.
                least = max(least, now + self.window + 1)
            connection.execute("UPDATE store SET epoch = max(epoch, ?), live = (SELECT count(*) FROM nonces)", (least,))
            connection.execute("COMMIT")
            self._files = self._inodes(3)
        except BaseException:
            connection.close()
            raise
        self._identity, self._lost, self._uncounted = identity, False, 0
        return connection

    def _is_in_place(self) -> bool:
        """Look at the database with each claim; at its two companions, which few would delete alone, with some."""
        try:
            files = self._inodes(3 if self._uncounted + 1 >= EVERY else 1)
            return files == self._files[: len(files)]
        except OSError:
            return False

    def _inodes(self, count: int) -> "list[int]":
        return [os.stat(self.path + suffix).st_ino for suffix in ("", "-wal", "-shm")[:count]]

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def execute(connection: sqlite3.Connection, deadline: float, statement: str, *values: "Any") -> sqlite3.Cursor:
    """Wait for other processes in small steps; those of SQLite's own busy handler grow to 100 ms."""
    while True:
        try:
            return connection.execute(statement, values)
        except sqlite3.OperationalError as error:
            if not is_locked(error) or time.monotonic() > deadline:
                raise
        time.sleep(POLL)


def is_locked(error: sqlite3.Error) -> bool:
    return "locked" in str(error)


# "Do not open an SQLite database connection, then fork(2), then try to use that database connection in
# the child process." (How To Corrupt An SQLite Database File, 2.6) Nor can the child open another one
# beside it, for SQLite would take the parent's locks for its own. So none is open while a process forks.
OPEN_STORES: "weakref.WeakSet[SQLiteNonceStore]" = weakref.WeakSet()
HELD: "list[SQLiteNonceStore]" = []


def before_fork() -> None:
    for store in list(OPEN_STORES):
        store._lock.acquire()
        HELD.append(store)
        store._disconnect()


def after_fork_in_parent() -> None:
    held = HELD[:]
    HELD.clear()  # first, for another thread may be about to fork
    for store in held:
        store._lock.release()


def after_fork_in_child() -> None:
    HELD.clear()
    for store in list(OPEN_STORES):
        store._lock = threading.Lock()


# From Python 3.7 on, and not on Windows.
getattr(os, "register_at_fork", dict)(
    before=before_fork, after_in_parent=after_fork_in_parent, after_in_child=after_fork_in_child
)
