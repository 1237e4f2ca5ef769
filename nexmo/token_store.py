"""Keep logins in a file: each user of this machine has one JSON file with profiles.

The file stores secrets in plain text, because HMAC needs them (RFC 5849 section 4.5), so only its owner can read it.
It is replaced atomically, under a lock: if the process is killed, the file has either the old or the new content.
A file that other users could have written, or that cannot be parsed, is refused and left unchanged.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import filelock
import platformdirs

from .errors import StoreError
from .tokens import AccessToken

__all__ = ["Profile", "TokenStore"]

LOCK_DEADLINE = 30  # seconds
# Flags that Windows does not have; on Windows the user's profile folder protects the file.
AS_IT_STANDS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True)
class Profile:
    """A profile. ``sandbox`` is a sandbox's URL, ``None`` for Nexmo. ``access_token`` is ``None`` before a login."""

    consumer_key: str
    consumer_secret: str = field(repr=False)
    sandbox: str | None = None
    access_token: AccessToken | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "consumer_key": self.consumer_key,
            "consumer_secret": self.consumer_secret,
            "sandbox": self.sandbox,
            "access_token": self.access_token and {"key": self.access_token.key, "secret": self.access_token.secret},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Profile:
        """Return a profile from the result of ``to_dict``. Raises KeyError or TypeError for any other ``data``."""
        sandbox, token = data["sandbox"], data["access_token"]
        return cls(
            text(data["consumer_key"]),
            text(data["consumer_secret"]),
            None if sandbox is None else text(sandbox),
            None if token is None else AccessToken(text(token["key"]), text(token["secret"])),
        )


class TokenStore:
    """The profiles in ``folder``, used for nothing else; default: the platform's data directory for ``nexmo``."""

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = Path(folder or platformdirs.user_data_path("nexmo", appauthor=False))
        self.path = self.folder / "tokens.json"

    def read(self) -> dict[str, Profile]:
        """Return the profiles by name; raises StoreError."""
        with storing(self.path):
            try:
                owned(self.folder, os.lstat(self.folder), 0o700)
                with open(self.path, "rb", opener=lambda path, flags: os.open(path, flags | AS_IT_STANDS)) as file:
                    owned(self.path, os.fstat(file.fileno()), 0o600)
                    octets = file.read()
            except FileNotFoundError:
                return {}
        try:
            return {name: Profile.from_dict(data) for name, data in json.loads(octets)["profiles"].items()}
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
            pass  # StoreError is raised below, without this exception, which may contain secrets
        raise StoreError(f"{self.path} is not a token store and was left unchanged: move it away to begin a new one")

    @contextmanager
    def changing(self) -> Iterator[dict[str, Profile]]:
        """Yield the profiles by name, and save them after the block; raises StoreError.

        Other processes wait until the block ends. If the block raises an exception, nothing is saved.
        """
        lock = filelock.FileLock(self.folder / "tokens.lock", mode=0o600, timeout=LOCK_DEADLINE, poll_interval=0.005)
        with storing(self.path):
            for folder in reversed([self.folder, *self.folder.parents]):
                folder.mkdir(0o700, exist_ok=True)
            owned(self.folder, os.lstat(self.folder), 0o700)
            lock.acquire()
        try:
            profiles = self.read()
            yield profiles
            with storing(self.path):
                self._write(profiles)
        finally:
            lock.release()

    def _write(self, profiles: dict[str, Profile]) -> None:
        content = {"profiles": {name: profile.to_dict() for name, profile in profiles.items()}}
        for stale in self.folder.glob("*.tmp"):
            stale.unlink()  # left by a killed process: only the process that holds the lock writes such a file
        descriptor, temporary = tempfile.mkstemp(".tmp", dir=self.folder)
        try:
            with open(descriptor, "w", encoding="ascii") as file:
                json.dump(content, file, indent=2)
                file.flush()
                os.fsync(descriptor)
            os.replace(temporary, self.path)
        finally:
            Path(temporary).unlink(missing_ok=True)
        if os.name == "posix":
            descriptor = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


@contextmanager
def storing(path: Path) -> Iterator[None]:
    try:
        yield
    except filelock.Timeout:
        raise StoreError(f"{path} is locked by another process: try again later") from None
    except OSError as error:
        raise StoreError(f"{error.filename or path}: {error.strerror or type(error).__name__}") from error


def owned(path: Path, info: os.stat_result, mode: int) -> None:
    """Raise StoreError unless ``path`` is this user's file or folder. Remove others' permissions, with a warning."""
    is_kind = stat.S_ISDIR if mode & stat.S_IXUSR else stat.S_ISREG
    if not is_kind(info.st_mode):
        kind = "folder" if mode & stat.S_IXUSR else "regular file"
        raise StoreError(f"{path} must be a {kind}, not a link or anything else")
    if os.name != "posix":
        return
    if info.st_uid != os.geteuid():
        raise StoreError(f"{path} belongs to another user: choose another folder")
    if info.st_mode & stat.S_ISVTX:
        raise StoreError(f"{path} has the sticky bit, so all users share it: choose another folder")
    if info.st_mode & 0o077:
        os.chmod(path, mode)
        warnings.warn(f"{path} was open to other users: it had mode {info.st_mode & 0o777:04o}", stacklevel=2)


def text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a str")
    return value
