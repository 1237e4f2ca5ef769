"""The sandbox's database: SQLite tables and their queries.

One connection under one lock serves all threads; WAL, a busy timeout and immediate transactions let several processes
share the file. Secrets are stored in plain text, because HMAC needs them (RFC 5849 section 4.5). Passwords,
verification codes and session identifiers are stored only as digests.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE client (
    consumer_key TEXT PRIMARY KEY, secret TEXT NOT NULL, name TEXT NOT NULL, callback TEXT NOT NULL
);
CREATE TABLE user (
    name TEXT PRIMARY KEY, salt BLOB NOT NULL, password BLOB NOT NULL,
    balance INTEGER NOT NULL CHECK (balance >= 0)  -- millionths of a euro
);
CREATE TABLE approval (
    user TEXT NOT NULL REFERENCES user, consumer_key TEXT NOT NULL REFERENCES client,
    PRIMARY KEY (user, consumer_key)
);
CREATE TABLE request_token (
    key TEXT PRIMARY KEY, secret TEXT NOT NULL, consumer_key TEXT NOT NULL REFERENCES client,
    callback TEXT NOT NULL, expires REAL NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'authorized', 'denied', 'used', 'dead')),
    user TEXT REFERENCES user, verifier BLOB, wrong_verifiers INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX request_token_expires ON request_token (expires);
CREATE TABLE access_token (
    key TEXT PRIMARY KEY, secret TEXT NOT NULL, consumer_key TEXT NOT NULL REFERENCES client,
    user TEXT NOT NULL REFERENCES user, revoked INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX access_token_client ON access_token (consumer_key);
CREATE TABLE session (
    digest BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES user, csrf TEXT NOT NULL, expires REAL NOT NULL
);
CREATE TABLE message (
    id TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES user, sender TEXT NOT NULL,
    recipient TEXT NOT NULL, text TEXT NOT NULL, price INTEGER NOT NULL, sent REAL NOT NULL
);
"""


class Client(NamedTuple):
    consumer_key: str
    name: str
    callback: str


class RequestToken(NamedTuple):
    key: str
    consumer_key: str
    callback: str
    expires: float
    state: str
    verifier: bytes | None
    wrong_verifiers: int


class AccessToken(NamedTuple):
    consumer_key: str
    user: str
    revoked: int


class Session(NamedTuple):
    user: str
    csrf: str


class Store:
    """The database at ``path``; it is created if it does not exist."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        # Create the file with mode 0600 first: SQLite would use the umask, and gives its journal the file's mode.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, timeout=4, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        with self.transaction():
            version = self._one("PRAGMA user_version")[0]
            if version == 0:
                for statement in SCHEMA.split(";\n"):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            elif version != SCHEMA_VERSION:
                raise ValueError(
                    f"the database has schema version {version}, but this sandbox needs version {SCHEMA_VERSION}: use"
                    " another file"
                )

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def clear(self) -> None:
        """Delete all data."""
        with self.transaction():
            for table in ("message", "access_token", "request_token", "session", "approval", "user", "client"):
                self._write(f"DELETE FROM {table}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block in a transaction that excludes other writers. A nested transaction joins the outer one."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _one(self, query: str, *values: Any) -> Any:
        with self._lock:
            return self._connection.execute(query, values).fetchone()

    def _write(self, statement: str, *values: Any) -> int:
        """Run one statement; return the number of rows that it changed."""
        with self._lock:
            return self._connection.execute(statement, values).rowcount

    # Clients

    def add_client(self, consumer_key: str, secret: str, name: str, callback: str) -> None:
        self._write("INSERT INTO client VALUES (?, ?, ?, ?)", consumer_key, secret, name, callback)

    def change_client(self, consumer_key: str, *, name: str | None, callback: str | None) -> None:
        self._write(
            "UPDATE client SET name = coalesce(?, name), callback = coalesce(?, callback) WHERE consumer_key = ?",
            name,
            callback,
            consumer_key,
        )

    def first_consumer_key(self) -> str | None:
        row = self._one("SELECT consumer_key FROM client ORDER BY rowid")
        return row and str(row[0])

    def client(self, consumer_key: str) -> Client | None:
        row = self._one("SELECT consumer_key, name, callback FROM client WHERE consumer_key = ?", consumer_key)
        return row and Client(*row)

    # For the verifier: the secret of an identifier, whatever the token's status. Only a client with a valid signature
    # learns the status.

    def client_secret(self, consumer_key: str) -> str | None:
        row = self._one("SELECT secret FROM client WHERE consumer_key = ?", consumer_key)
        return row and str(row[0])

    def token_secret(self, consumer_key: str, key: str) -> str | None:
        row = self._one(
            "SELECT secret FROM access_token WHERE key = ?1 AND consumer_key = ?2 UNION ALL "
            "SELECT secret FROM request_token WHERE key = ?1 AND consumer_key = ?2",
            key,
            consumer_key,
        )
        return row and str(row[0])

    def latest_tokens(self, consumer_key: str) -> list[tuple[str, str]]:
        """Return the identifier and secret of the last 3 tokens of each kind: a client could mix these tokens up."""
        newest = "SELECT key, secret FROM (SELECT * FROM {} WHERE consumer_key = ?1 ORDER BY rowid DESC LIMIT 3)"
        statement = " UNION ALL ".join(newest.format(table) for table in ("access_token", "request_token"))
        with self._lock:
            return self._connection.execute(statement, (consumer_key,)).fetchall()

    # Users and their sessions

    def add_user(self, name: str, password: str, balance: int) -> None:
        salt = secrets.token_bytes(16)
        self._write("INSERT INTO user VALUES (?, ?, ?, ?)", name, salt, password_digest(password, salt), balance)

    def is_password(self, name: str, password: str) -> bool:
        """Return whether the user has this ``password``; for an unknown user the function does the same work."""
        salt, digest = self._one("SELECT salt, password FROM user WHERE name = ?", name) or (b"", b"")
        return secrets.compare_digest(password_digest(password, salt), digest)

    def add_session(self, identifier: str, session: Session, expires: float, now: float) -> None:
        with self.transaction():
            self._write("DELETE FROM session WHERE expires <= ?", now)
            self._write("INSERT INTO session VALUES (?, ?, ?, ?)", sha256(identifier), *session, expires)

    def session(self, identifier: str, now: float) -> Session | None:
        row = self._one("SELECT user, csrf FROM session WHERE digest = ? AND expires > ?", sha256(identifier), now)
        return row and Session(*row)

    def remove_session(self, identifier: str) -> None:
        self._write("DELETE FROM session WHERE digest = ?", sha256(identifier))

    # Approvals

    def add_approval(self, user: str, consumer_key: str) -> None:
        self._write("INSERT OR IGNORE INTO approval VALUES (?, ?)", user, consumer_key)

    def remove_approval(self, user: str, consumer_key: str) -> None:
        self._write("DELETE FROM approval WHERE user = ? AND consumer_key = ?", user, consumer_key)

    def approved_clients(self, user: str) -> list[Client]:
        with self._lock:
            rows = self._connection.execute(
                "SELECT consumer_key, name, callback FROM client JOIN approval USING (consumer_key) WHERE user = ?",
                (user,),
            ).fetchall()
        return [Client(*row) for row in rows]

    # Request tokens

    def add_request_token(self, key: str, secret: str, consumer_key: str, callback: str, expires: float) -> None:
        self._write(
            "INSERT INTO request_token (key, secret, consumer_key, callback, expires, state) "
            "VALUES (?, ?, ?, ?, ?, 'pending')",
            key,
            secret,
            consumer_key,
            callback,
            expires,
        )

    def remove_request_tokens(self, expired_before: float) -> None:
        self._write("DELETE FROM request_token WHERE expires < ?", expired_before)

    def request_token(self, key: str) -> RequestToken | None:
        row = self._one(
            "SELECT key, consumer_key, callback, expires, state, verifier, wrong_verifiers "
            "FROM request_token WHERE key = ?",
            key,
        )
        return row and RequestToken(*row)

    def authorize(self, key: str, user: str, verifier: str) -> bool:
        """Authorize a pending request token; return False if it was not pending."""
        return (
            self._write(
                "UPDATE request_token SET state = 'authorized', user = ?, verifier = ? "
                "WHERE key = ? AND state = 'pending'",
                user,
                sha256(verifier),
                key,
            )
            == 1
        )

    def deny(self, key: str) -> bool:
        """Deny a pending request token; return False if it was not pending."""
        statement = "UPDATE request_token SET state = 'denied' WHERE key = ? AND state = 'pending'"
        return self._write(statement, key) == 1

    def count_wrong_verifier(self, key: str, allowed: int) -> None:
        self._write(
            "UPDATE request_token SET wrong_verifiers = wrong_verifiers + 1, "
            "state = CASE WHEN wrong_verifiers + 1 >= ? THEN 'dead' ELSE state END WHERE key = ?",
            allowed,
            key,
        )

    def exchange(self, key: str, access_token: str, secret: str) -> bool:
        """Use an authorized request token up and issue its access token; return False if it was not authorized."""
        with self.transaction():
            consumed = (
                self._write("UPDATE request_token SET state = 'used' WHERE key = ? AND state = 'authorized'", key) == 1
            )
            if consumed:
                self._write(
                    "INSERT INTO access_token (key, secret, consumer_key, user) "
                    "SELECT ?, ?, consumer_key, user FROM request_token WHERE key = ?",
                    access_token,
                    secret,
                    key,
                )
            return consumed

    # Access tokens

    def access_token(self, key: str) -> AccessToken | None:
        row = self._one("SELECT consumer_key, user, revoked FROM access_token WHERE key = ?", key)
        return row and AccessToken(*row)

    def revoke(self, consumer_key: str, user: str | None = None) -> None:
        """Revoke the access tokens of a consumer key; with ``user``, only the tokens that this user granted."""
        self._write(
            "UPDATE access_token SET revoked = 1 WHERE consumer_key = ? AND user = coalesce(?, user) AND NOT revoked",
            consumer_key,
            user,
        )

    def forget_authorized(self, consumer_key: str, user: str) -> None:
        """Invalidate the request tokens that ``user`` authorized and that were not exchanged yet."""
        self._write(
            "UPDATE request_token SET state = 'dead' WHERE consumer_key = ? AND user = ? AND state = 'authorized'",
            consumer_key,
            user,
        )

    # Money and messages

    def balance(self, user: str) -> int:
        return int(self._one("SELECT balance FROM user WHERE name = ?", user)[0])

    def charge(self, user: str, price: int) -> bool:
        """Reduce the balance by ``price``; return False if the balance is too low."""
        return self._write("UPDATE user SET balance = balance - ?1 WHERE name = ?2 AND balance >= ?1", price, user) == 1

    def add_message(
        self, identifier: str, user: str, sender: str, recipient: str, text: str, price: int, sent: float
    ) -> None:
        self._write(
            "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?)", identifier, user, sender, recipient, text, price, sent
        )


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def password_digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogateescape"), salt=salt, n=2**14, r=8, p=1)
