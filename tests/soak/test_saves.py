"""The token store under kill -9, many processes and an open umask."""

import contextlib
import os
import random
import stat
import subprocess
import sys
import threading
import time

import pytest

from nexmo import AccessToken
from nexmo.token_store import Profile, TokenStore

pytestmark = pytest.mark.slow

LONG = "s" * 9999  # so that a file could be half written
SAVES = """
import itertools, os, sys
from nexmo import AccessToken
from nexmo.token_store import Profile, TokenStore
folder, name, count, secret = sys.argv[1:]
os.umask(0)
sys.stdin.read(1)
for number in itertools.count() if count == "endless" else range(int(count)):
    with TokenStore(folder).changing() as profiles:
        login = Profile("ck", str(number), None, AccessToken("at", secret))
        profiles[f"{name}{number}" if name else "default"] = login
    os.write(1, b".")
"""


@contextlib.contextmanager
def saving(folder, name, count, secret=LONG):
    """A process that saves once it is let, and writes a dot for each save that was done."""
    command = [sys.executable, "-c", SAVES, str(folder), name, str(count), secret]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process


def let(process):
    process.stdin.write(b"\n")
    process.stdin.close()


def test_a_save_that_is_killed_happened_or_did_not(tmp_path, size, report):
    store, kills = TokenStore(tmp_path / "nexmo"), size(5, 200)
    unreadable = wrong = open_files = most_stale = left = saves = 0
    for _ in range(kills):
        with saving(store.folder, "", "endless") as process:
            let(process)
            done = len(os.read(process.stdout.fileno(), 1))
            time.sleep(random.random() / 20)
            process.kill()
            done += len(process.stdout.read())
        saves += done
        left += len(list(store.folder.glob("*.tmp")))
        try:
            kept = store.read()["default"]
            wrong += kept not in [
                Profile("ck", str(number), None, AccessToken("at", LONG)) for number in (done - 1, done)
            ]
        except Exception:
            unreadable += 1
        open_files += any(stat.S_IMODE(path.stat().st_mode) != 0o600 for path in store.folder.iterdir())
        with store.changing():
            pass
        most_stale = max(most_stale, len(list(store.folder.glob("*.tmp"))))
    reached = not (unreadable or wrong or open_files or most_stale > 1)
    report(
        "L12",
        f"token store: {kills} x kill -9 during saves",
        "0 unreadable, the old or the new content, mode 0600, at most 1 stale file after the next start",
        f"{unreadable} unreadable, {wrong} with other content, {open_files} with another mode, {most_stale} stale "
        f"({left} kills left one); {saves:,} saves",
        reached,
    )
    assert reached and saves >= kills


def test_no_save_of_another_process_is_lost(tmp_path, size, report):
    store, processes, saves = TokenStore(tmp_path / "nexmo"), 8, size(10, 50)
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(saving(store.folder, f"p{each}-", saves, "s")) for each in range(processes)]
        for process in running:
            let(process)
        assert [process.wait(300) for process in running] == [0] * processes
    wanted = {f"p{each}-{number}" for each in range(processes) for number in range(saves)}
    kept = len(wanted & set(store.read()))
    reached = set(store.read()) == wanted
    report(
        "L13",
        f"token store: {processes} processes x {saves} saves of different profiles",
        f"{len(wanted)} of {len(wanted)} kept",
        f"{kept} of {len(wanted)} kept",
        reached,
    )
    assert reached


def test_no_file_is_ever_open_to_others(tmp_path, size, report):
    """With umask 000, looked at again and again while saves go on."""
    folder, saves = tmp_path / "data" / "nexmo", size(100, 1000)
    over, modes, looks = threading.Event(), {}, 0

    def watch():
        nonlocal looks
        while not over.is_set():
            looks += 1
            for path in (folder.parent, folder, *map(folder.joinpath, names_in(folder))):
                with contextlib.suppress(FileNotFoundError):
                    kind = "folder" if path in (folder.parent, folder) else path.suffix
                    modes.setdefault(kind, set()).add(stat.S_IMODE(os.lstat(path).st_mode))

    watcher = threading.Thread(target=watch)
    with saving(folder, "", saves) as process:
        watcher.start()
        let(process)
        done = len(process.stdout.read())
    over.set()
    watcher.join()
    reached = modes.pop("folder") == {0o700} and set().union(*modes.values()) == {0o600} and done == saves
    report(
        "L14",
        f"token store: {saves:,} saves with umask 000, modes looked at meanwhile",
        "never other than 0600; folder 0700",
        f"{'never' if reached else modes} other, {looks:,} looks, temporary files seen: {'.tmp' in modes}",
        reached,
    )
    assert reached and {".json", ".tmp"} <= set(modes)


def names_in(folder):
    with contextlib.suppress(FileNotFoundError):
        return os.listdir(folder)
    return []
