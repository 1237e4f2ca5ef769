"""Nonces in a SQLite database (RFC 5849 section 3.3), for any number of threads and processes of one host.

A claim is a single SQL statement, so exactly one of several claims for the same nonce succeeds. A nonce is written to
disk before ``claim`` returns True, so it survives kill -9 and, with ``durability="full"``, a power loss.

A new database refuses timestamps older than itself, because it does not know what was accepted before. An existing
database keeps its nonces. When nonces are deleted, by this store or by another program, the epoch is raised for good.

If the database is deleted, replaced or overwritten under a running store, the store notices before it answers a
claim, and accepts nothing again that may have been in the database. It recognizes three cases:

- The file at ``path`` is another file.
- The last nonce of this store is not in the database, or the generation is less than this store has seen, although it
  only grows. Then another program has restored an older state through SQLite.
- The file was written to, and the generation in the file itself, without the log, is less than before. Then another
  program has copied an older file over it. Pages in the log would hide this until they are written back, so a store
  writes them back only directly after this check.
"""

import contextlib
import math
import os
import sqlite3
import threading
import time
import weakref
from pathlib import Path

from ..errors import InvalidTimestamp, StoreUnavailable
from .digest import digest_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

__all__ = ["SQLiteNonceStore"]

# At every 64th new nonce, and once a second, a store purges at most 1024 old nonces: faster than new nonces arrive.
EVERY, BATCH = 64, 1024
LOG = 128  # generations after which the log is written back: it takes 8 MB at most
POLL = 0.004  # seconds between two attempts if the database is locked

# A key is the timestamp in five octets and the digest of the rest, so that the oldest keys come first. Every key up to
# the epoch is refused.
STORE = "CREATE TABLE IF NOT EXISTS store (identity BLOB, generation INTEGER, epoch BLOB, live INTEGER)"
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS nonces (key BLOB PRIMARY KEY) WITHOUT ROWID",
    # The timestamps of nonces that another program deletes stay refused, too.
    "CREATE TRIGGER IF NOT EXISTS deleted AFTER DELETE ON nonces WHEN OLD.key > (SELECT epoch FROM store) BEGIN "
    "UPDATE store SET live = live - 1, epoch = OLD.key; END",
    "INSERT INTO store VALUES (randomblob(16), 0, x'', 0)",
)
# The last two parameters are the last nonce of this store.
UNCHANGED = "identity = ? AND generation >= ? AND (? <= epoch OR EXISTS (SELECT 1 FROM nonces WHERE key = ?))"
# If no row of the store fits, the key is NULL, which is ignored like a key that exists. (INSERT ... SELECT from the
# same table would use a temporary table.)
CLAIM = "INSERT OR IGNORE INTO nonces VALUES ((SELECT ? FROM store WHERE ? > epoch AND live < ? AND " + UNCHANGED + "))"
WHY_NOT = "SELECT ? <= epoch, EXISTS (SELECT 1 FROM nonces WHERE key = ?) FROM store WHERE " + UNCHANGED
OLDEST = "SELECT max(key), count(*) FROM (SELECT key FROM nonces WHERE key < ? ORDER BY key LIMIT ?)"
OPENED = "UPDATE store SET generation = generation + 1, epoch = max(epoch, ?), live = (SELECT count(*) FROM nonces)"
COUNT = "UPDATE store SET generation = generation + 1, live = live + ?, epoch = max(epoch, ?)"


class SQLiteNonceStore:
    """A store that keeps each accepted nonce while its timestamp is within ``window`` seconds of the clock.

    :param path: the database file, on a local disk. The store creates the file if it does not exist; its folder must
        exist. The path may be a link. A nonce takes about 30 octets.
    :param window: how many seconds a timestamp may differ from the clock (default: 300), as in ``Verifier``.
    :param capacity: how many nonces are kept at most (default: 1,000,000), exact to 64 for each process that shares
        the file. A full store refuses requests, and drops no nonce that is still needed.
    :param skew: a store that begins empty does not know which requests were accepted before, so its epoch begins this
        many seconds in the future (default: 5). A request whose timestamp was further ahead, and which was accepted
        less than a window before its nonce was lost, can be accepted a second time. ``skew=window`` rules this out;
        the store then refuses every request for one window.
    :param durability: ``"full"`` (the default) keeps every nonce through a power loss. ``"normal"`` is several
        times faster, but a power loss may lose the newest nonces.
    :param timeout: how many seconds a claim waits for other threads and processes (default: 4.0).
    :param epoch: refuse each timestamp below this one (default: now + ``skew`` for a new database, none for one
        that exists). Pass ``epoch=0`` only if there was no earlier store: in a test, an example or at the very first
        start. Do not leave it in the code of a server, where it would be false once the file is lost. Pass
        ``epoch=time.time() + window`` at the start after a backup was restored, because a backup lacks the newest
        nonces.
    :raises ValueError: if ``durability`` is not one of the two words.

    ``claim`` raises InvalidTimestamp (401) for a timestamp before the epoch. The constructor and ``claim`` raise
    StoreUnavailable (503) if the database is full, locked, damaged, out of reach or has been replaced.
    """

    def __init__(
        self,
        path: "str | os.PathLike[str]",
        window: int = 300,
        *,
        capacity: int = 1000000,
        skew: int = 5,
        durability: "Literal['full', 'normal']" = "full",
        timeout: float = 4.0,
        epoch: "float | None" = None,
    ) -> None:
        if durability not in ("full", "normal"):
            raise ValueError('durability must be "full" or "normal"')
        self.window = window
        self.capacity = capacity
        self.skew = skew
        self.durability: "Literal['full', 'normal']" = durability
        self.timeout = timeout
        self.epoch = epoch
        self._lock = threading.Lock()
        self._connection: "sqlite3.Connection | None" = None
        self._process = 0
        self._identity = b""
        self._generation = 0
        self._written = -1  # the generation in the file itself
        self._last = b""  # key
        self._lost = False
        self._log_is_long = False
        self._uncounted = 0
        self._due = 0.0
        OPEN_STORES.add(self)
        with self._lock:
            try:
                self.path: str = os.path.abspath(os.fspath(path))
                self._connected(time.time(), time.monotonic() + timeout)
            except (sqlite3.Error, OSError) as error:
                raise StoreUnavailable("the nonce database {} cannot be opened".format(path)) from error

    def claim(self, client_identifier: str, token_identifier: str, timestamp: int, nonce: str, now: float) -> bool:
        """Store this combination and return True if it is new; return False if it was stored before.

        ``timestamp`` and ``now``, the current time, are in seconds since 1970-01-01 00:00 UTC.
        """
        key = timestamp.to_bytes(5, "big") + digest_of(client_identifier, token_identifier, nonce)
        deadline = time.monotonic() + self.timeout
        before = int(now) - self.window
        if not self._lock.acquire(timeout=self.timeout):
            raise StoreUnavailable("the nonce store is busy")
        try:
            connection = self._connected(now, deadline)
            at_times = self._uncounted + 1 >= EVERY or deadline > self._due
            new = self._claim(connection, key, before, deadline, at_times)
            if new:
                self._last = key
                self._uncounted += 1
                if at_times:
                    self._purge(connection, before)
                    self._due = deadline + 1
            return new
        except (sqlite3.Error, OSError) as error:
            if not is_locked(error):
                self._disconnect()
            raise StoreUnavailable("the nonce database cannot be read or written") from error
        finally:
            self._lock.release()

    def close(self) -> None:
        """Close the database. A later claim opens it again."""
        with self._lock:
            self._disconnect()

    def _claim(self, connection: sqlite3.Connection, key: bytes, before: int, deadline: float, at_times: bool) -> bool:
        unchanged = self._identity, self._generation, self._last, self._last
        purged = False
        while True:
            room = self.capacity - self._uncounted
            if execute(connection, deadline, CLAIM, key, key, room, *unchanged).rowcount == 1:
                if not self._is_in_place(thoroughly=at_times):
                    break
                return True
            row = execute(connection, deadline, WHY_NOT, key, key, *unchanged).fetchone()
            if row is None:
                break
            old, known = row
            if old:
                message = "the timestamp is before the epoch of the nonce store"
                raise InvalidTimestamp(message, parameter="oauth_timestamp")
            if known:
                return False
            if purged:
                raise StoreUnavailable("the nonce store is full: raise its capacity")
            self._purge(connection, before)
            purged = True
        self._lost = True
        self._disconnect()
        raise StoreUnavailable("the nonce database was deleted or replaced")

    def _purge(self, connection: sqlite3.Connection, before: int) -> None:
        """Delete a batch of nonces that are out of the window, and update the count; never wait, never fail a claim."""
        try:
            connection.execute("BEGIN IMMEDIATE")
            last, count = connection.execute(OLDEST, (key_of(before), BATCH)).fetchone()
            # The timestamps of deleted nonces stay refused, even if the clock is set back.
            connection.execute(COUNT, (self._uncounted - count, last or b""))
            if last:
                connection.execute("DELETE FROM nonces WHERE key <= ?", (last,))
            (generation,) = connection.execute("SELECT generation FROM store").fetchone()
            connection.execute("COMMIT")
            self._generation, self._uncounted = generation, 0
            if (self._log_is_long or generation - self._written >= LOG) and self._is_in_place():
                # PASSIVE writes most of the log back while other processes go on. RESTART makes them wait for the
                # rest, so that the log begins again.
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                ((busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
                self._log_is_long = bool(busy)
                self._is_in_place()  # to remember the generation that is in the file now
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def _connected(self, now: float, deadline: float) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect(now, deadline)
            self._process = os.getpid()
        elif self._process != os.getpid():
            # Neither this connection nor a second connection in this process would see the parent's locks.
            raise StoreUnavailable("the nonce database was opened before a fork: open the store in the child process")
        return self._connection

    def _connect(self, now: float, deadline: float) -> sqlite3.Connection:
        # SQLite puts the log beside the file that a link points to.
        file = os.path.realpath(self.path)
        connection = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA page_size = 1024")  # a claim writes one page
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            (journal,) = execute(connection, deadline, "PRAGMA journal_mode = WAL").fetchone()
            if journal != "wal":
                raise StoreUnavailable(
                    "the nonce database cannot use SQLite's WAL mode: put it in a file on a local disk"
                )
            connection.execute("PRAGMA synchronous = " + self.durability)
            connection.execute("PRAGMA fullfsync = 1")  # macOS needs this for synchronous = FULL
            execute(connection, deadline, "BEGIN IMMEDIATE")
            connection.execute(STORE)
            least = key_of(self.epoch or 0)
            # Only if the store is new: if an existing store lacks the table of nonces, the table was deleted, and must
            # not be created again.
            if connection.execute("SELECT count(*) FROM store").fetchone() == (0,):
                for statement in SCHEMA:
                    connection.execute(statement)
                least = key_of(int(now + self.skew) + 1 if self.epoch is None else self.epoch)
            identity, generation = connection.execute("SELECT identity, generation FROM store").fetchone()
            status = os.stat(file)
            written = generation_in_file(file, identity, self._written)
            if self._identity:
                older = generation < self._generation or written < self._written
                self._lost = self._lost or older or identity != self._identity
            if self._lost and connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                # The file holds pages of two states. Without an identity, no other store uses it either.
                connection.execute("UPDATE store SET identity = x''")
                connection.execute("COMMIT")
                identity = b""
            if not identity:
                raise StoreUnavailable("the nonce database is damaged: delete it")
            if self._lost:
                # No nonce that was accepted until now can have a later timestamp.
                least = max(least, key_of(now + self.window + 1))
            connection.execute(OPENED, (least,))
            connection.execute("COMMIT")
            parent = os.path.dirname(file)
            self._folder = os.stat(parent).st_mtime_ns
            self._files = inodes(file)
        except BaseException:
            connection.close()
            raise
        self._file, self._parent, self._modified = file, parent, (status.st_mtime_ns, status.st_size)
        self._identity, self._generation, self._written = identity, generation + 1, written
        self._lost, self._last, self._uncounted = False, b"" if self._lost else self._last, 0
        return connection

    def _is_in_place(self, thoroughly: bool = False) -> bool:
        """Tell whether the database is still the same file, and not an older copy.

        The files -wal and -shm are checked if the folder has changed, or if ``thoroughly`` is true.
        """
        try:
            status = os.stat(self.path)
            folder = os.stat(self._parent).st_mtime_ns
            if (status.st_dev, status.st_ino) != self._files[0]:
                return False
            if folder != self._folder or thoroughly:
                if inodes(self._file) != self._files:
                    return False
                self._folder = folder
        except OSError:
            return False
        if (status.st_mtime_ns, status.st_size) != self._modified:
            written = generation_in_file(self._file, self._identity, self._written)
            if written < self._written:
                return False
            self._modified, self._written = (status.st_mtime_ns, status.st_size), written
        return True

    def _disconnect(self) -> None:
        if self._connection is not None:
            # The last connection that closes a database writes the log back, so check the file before.
            self._lost = self._lost or not self._is_in_place()
            self._connection.close()
            self._connection = None


def key_of(timestamp: float) -> bytes:
    """Return the least key of this second: every key of this second is greater, every earlier key is less."""
    return max(math.ceil(timestamp), 0).to_bytes(5, "big")


def inodes(file: str) -> "list[tuple[int, int]]":
    """Return device and inode of the database file and of its -wal and -shm files."""
    found = [os.stat(file + suffix) for suffix in ("", "-wal", "-shm")]
    return [(status.st_dev, status.st_ino) for status in found]


def generation_in_file(file: str, identity: bytes, known: int) -> int:
    """Return the generation in the file itself, without the log; -1 if the file holds no store.

    While the log is written back, the file may be shorter than its first page says; ``writable_schema`` lets SQLite
    read it all the same. A value that is read at that moment may be wrong, so two readings must agree. If SQLite calls
    the file malformed, the reading is ``known``.
    """
    readings: "list[int]" = []
    while len(readings) < 2 or readings[-1] != readings[-2]:
        reading = -1
        try:
            # Through SQLite: opening and closing the file in any other way drops SQLite's locks on it.
            with contextlib.closing(sqlite3.connect(Path(file).as_uri() + "?immutable=1", uri=True)) as connection:
                connection.execute("PRAGMA writable_schema = 1")
                row = connection.execute("SELECT generation FROM store WHERE identity = ?", (identity,)).fetchone()
            reading = row[0] if row else -1
        except sqlite3.Error as error:
            if "malformed" in str(error):
                reading = known
        readings.append(reading)
    return readings[-1]


def execute(connection: sqlite3.Connection, deadline: float, statement: str, *values: "Any") -> sqlite3.Cursor:
    """Execute a statement; wait for other processes in steps of 4 ms, until ``deadline``.

    The steps of SQLite's own busy handler would grow to 100 ms.
    """
    while True:
        try:
            return connection.execute(statement, values)
        except sqlite3.OperationalError as error:
            if not is_locked(error) or time.monotonic() > deadline:
                raise
        time.sleep(POLL)


def is_locked(error: Exception) -> bool:
    return "locked" in str(error)


# "Do not open an SQLite database connection, then fork(2), then try to use that database connection in
# the child process." (How To Corrupt An SQLite Database File, 2.6) The child cannot open a second connection
# either, because SQLite would treat the parent's locks as its own. So all connections are closed before a fork.
OPEN_STORES: "weakref.WeakSet[SQLiteNonceStore]" = weakref.WeakSet()
HELD: "list[SQLiteNonceStore]" = []


def before_fork() -> None:
    for store in list(OPEN_STORES):
        store._lock.acquire()
        HELD.append(store)
        store._disconnect()


def after_fork_in_parent() -> None:
    held = HELD[:]
    HELD.clear()  # first, because another thread may be about to fork
    for store in held:
        store._lock.release()


def after_fork_in_child() -> None:
    HELD.clear()
    for store in list(OPEN_STORES):
        store._lock = threading.Lock()


# Python 3.6 and Windows have no register_at_fork.
getattr(os, "register_at_fork", dict)(
    before=before_fork, after_in_parent=after_fork_in_parent, after_in_child=after_fork_in_child
)
