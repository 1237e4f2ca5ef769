"""A SQLite store whose disk or file is in trouble."""

import contextlib
import os
import sqlite3
import subprocess
import threading
import time

import pytest

from oauth1_core import InvalidTimestamp, StoreUnavailable
from oauth1_core.nonce_stores.sqlite import SQLiteNonceStore
from tests.support.programs import mount_disk

pytestmark = pytest.mark.slow

NOW = 1795455318


@contextlib.contextmanager
def locked(folder, seconds):
    connection = sqlite3.connect(folder / "nonces.sqlite", isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    release = threading.Timer(seconds, connection.rollback)
    release.start()
    yield
    release.join()
    connection.close()


@contextlib.contextmanager
def read_only(folder, store):
    store.close()  # a file system with files open for writing cannot become read-only
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,rw", folder], check=True)


@contextlib.contextmanager
def full_disk(folder):
    with open(folder / "ballast", "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1024))
    yield
    os.unlink(folder / "ballast")


@contextlib.contextmanager
def deleted(folder):
    for suffix in ("", "-wal", "-shm"):
        os.unlink(folder / f"nonces.sqlite{suffix}")
    yield


@pytest.mark.parametrize("what", ["locked", "read-only", "full disk", "deleted"])
def test_a_store_in_trouble_refuses_and_recovers(what, tmp_path, size, report):
    folder = tmp_path / "disk"
    mounts = what in ("read-only", "full disk")
    if mounts:
        mount_disk(folder, "size=1m")
    else:
        folder.mkdir()
    seconds = size(1.5, 30)
    trouble = {
        "locked": lambda: locked(folder, seconds),
        "read-only": lambda: read_only(folder, store),
        "full disk": lambda: full_disk(folder),
        "deleted": lambda: deleted(folder),
    }[what]
    store = SQLiteNonceStore(folder / "nonces.sqlite", epoch=0, timeout=size(0.3, 4))
    accepted, refusals, begun = [], [], time.monotonic()

    def claim(nonce):
        start = time.monotonic()
        try:
            assert store.claim("c", "t", NOW, nonce, NOW)
            accepted.append(nonce)
        except StoreUnavailable:
            refusals.append(time.monotonic() - start)
        except InvalidTimestamp:  # a new database in place of the deleted one
            assert what == "deleted"

    try:
        for number in range(200):
            claim(f"before{number}")
        assert len(accepted) == 200
        with trouble():
            for number in range(5000):
                claim(f"during{number}")
                if time.monotonic() - begun > seconds or len(refusals) >= 100:
                    break
        during = len(accepted) - 200
        again = 0
        for nonce in accepted:
            with contextlib.suppress(InvalidTimestamp):
                again += store.claim("c", "t", NOW, nonce, NOW)
        later = NOW + 301
        recovered = store.claim("c", "t", later, "after", later) and not store.claim("c", "t", later, "after", later)
    finally:
        store.close()
        if mounts:
            subprocess.run(["umount", "--lazy", folder], check=True)
    reached = bool(refusals) and max(refusals) <= 5 and not again and recovered
    report(
        "L21",
        f"SQLite {what}" + (f" for {seconds} s by another process" if what == "locked" else ""),
        "503 within 5 s, never accepts what may be lost, recovers",
        f"{len(refusals)} x 503, the slowest after {max(refusals):.1f} s; {during} kept all the same, "
        f"{again} accepted again, recovered",
        reached,
    )
    assert reached
