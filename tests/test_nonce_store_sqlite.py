"""SQLiteNonceStore under faults: locks, full disks, deleted files, kill -9, forks (RFC 5849 section 3.3)."""

import contextlib
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from oauth1_core import InvalidTimestamp, StoreUnavailable
from oauth1_core.nonce_stores import sqlite as module
from oauth1_core.nonce_stores.sqlite import SQLiteNonceStore
from tests.support.programs import mount_disk

NOW = 1795455318


def claim(store, nonce="n", timestamp=NOW, now=NOW):
    return store.claim("c", "t", timestamp, nonce, now)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "nonces.sqlite"


@pytest.fixture
def store(path):
    with contextlib.closing(SQLiteNonceStore(path, epoch=0, timeout=0.2)) as store:
        yield store


@contextlib.contextmanager
def another(path, statement=None):
    """A connection of somebody else."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        if statement:
            connection.execute(statement)
        yield connection


def count_of(path):
    with another(path) as connection:
        (count,) = connection.execute("SELECT count(*) FROM nonces").fetchone()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return count


def unavailable(store, **what):
    """Return the seconds that the refusal took."""
    began = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        claim(store, **what)
    assert (caught.value.status, caught.value.problem) == (503, "")
    return time.monotonic() - began


def test_every_acknowledged_nonce_is_on_disk_when_the_answer_is_given(store):
    for durability, pragma in (("full", 2), ("normal", 1)):
        store.durability = durability
        store.close()
        claim(store, nonce=durability)
        assert store._connection.execute("PRAGMA synchronous").fetchone() == (pragma,)
        assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_durability_is_full_or_normal(path):
    with pytest.raises(ValueError, match="full"):
        SQLiteNonceStore(path, durability="off")
    assert not path.exists()


def test_a_database_that_threads_would_not_share_is_refused():
    with pytest.raises(StoreUnavailable), pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.os.path, "abspath", lambda path: path)
        SQLiteNonceStore(":memory:")


def test_an_existing_database_goes_on_where_it_was(path):
    first = SQLiteNonceStore(path, epoch=0)
    assert claim(first)
    first.close()
    second = SQLiteNonceStore(path)
    assert not claim(second) and claim(second, nonce="other")
    second.close()
    # After a backup was put back, for example.
    third = SQLiteNonceStore(path, epoch=NOW + 1)
    with pytest.raises(InvalidTimestamp):
        claim(third, nonce="third")
    assert claim(third, nonce="third", timestamp=NOW + 1)
    third.close()


def test_stores_of_one_file_share_its_capacity(path, store):
    """Each keeps its last few claims to itself, so that a claim need not write a count."""
    store.capacity, number = 100, 0
    with contextlib.closing(SQLiteNonceStore(path, capacity=100)) as other:
        with pytest.raises(StoreUnavailable):
            for number in range(300):
                assert claim((store, other)[number % 2], nonce=str(number))
        assert 100 <= number < 100 + 64
        assert not any([claim(other, nonce=str(old)) for old in range(number)])
    with contextlib.closing(SQLiteNonceStore(path, capacity=number)) as third:
        unavailable(third)
        third.capacity += 1
        assert claim(third)
        unavailable(third, nonce="other")
    assert count_of(path) == number + 1


def test_what_has_left_the_window_is_purged_in_small_batches_and_refused_for_good(path, store, monkeypatch):
    monkeypatch.setattr(module, "EVERY", 2)
    monkeypatch.setattr(module, "BATCH", 10)
    store._due = float("inf")  # by their number, and not once a second
    for number in range(36):
        assert claim(store, nonce=str(number), timestamp=NOW + number % 2)
    later = NOW + 302
    sizes = []
    for number in range(10):
        assert claim(store, nonce=f"later{number}", timestamp=later, now=later)
        sizes.append(count_of(path))
    assert sizes == [37, 28, 29, 20, 21, 12, 13, 8, 9, 10]
    for number in range(36):
        with pytest.raises(InvalidTimestamp):
            claim(store, nonce=str(number), timestamp=NOW + number % 2)
    assert claim(store, timestamp=NOW + 2)


def test_a_purge_waits_for_nobody_and_refuses_nobody(path, store):
    """Whether another process holds the lock by then, or the disk is full."""
    assert claim(store)

    class Failing:
        in_transaction = property(lambda self: connection.in_transaction)

        def execute(self, statement, *values):
            if statement.startswith(self.at):
                raise sqlite3.OperationalError("database is locked")
            return connection.execute(statement, *values)

    connection, failing = store._connection, Failing()
    for failing.at in ("SELECT", "BEGIN", "DELETE", "UPDATE"):
        store._purge(failing, NOW + 1)
        assert not connection.in_transaction
    assert count_of(path) == 1
    store._purge(connection, NOW + 1)
    assert count_of(path) == 0


def test_a_lock_of_another_process_is_waited_for_and_then_refused(path, store):
    with another(path, "BEGIN IMMEDIATE") as other:
        assert 0.2 <= unavailable(store) < 2
        store.timeout = 10
        answers = []
        thread = threading.Thread(target=lambda: answers.append(claim(store)))
        thread.start()
        time.sleep(0.1)
        assert not answers
        store.timeout = 0.1
        assert unavailable(store, nonce="other") < 2  # the other thread has this process's turn
        other.execute("ROLLBACK")
        thread.join()
    assert answers == [True] and not claim(store)
    assert count_of(path) == 1


def test_the_first_opening_waits_too_and_gives_up(path):
    with another(path, "BEGIN EXCLUSIVE"):
        with pytest.raises(StoreUnavailable):
            SQLiteNonceStore(path, timeout=0.1)
        assert count_of_locked(path)


def count_of_locked(path):
    with another(path) as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("SELECT * FROM store")
    return True


def test_a_full_database_refuses_and_recovers(path, store):
    number = 0
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreUnavailable):
        while number < 10000:
            assert claim(store, nonce=str(number))
            number += 1
    assert number > 50
    assert not any([claim(store, nonce=str(old)) for old in range(number)])
    assert claim(store, nonce=str(number))  # the limit went with the connection: now there is room
    assert count_of(path) == number + 1


def test_a_full_disk_refuses_and_recovers(tmp_path):
    disk = tmp_path / "disk"
    mount_disk(disk, "size=300k")
    store = SQLiteNonceStore(disk / "nonces.sqlite", epoch=0)
    try:
        ballast = disk / "ballast"
        with pytest.raises(OSError), open(ballast, "wb", buffering=0) as file:
            while True:
                file.write(bytes(1024))
        accepted, refused = [], 0
        for number in range(10000):
            try:
                assert claim(store, nonce=str(number))
                accepted.append(number)
            except StoreUnavailable:
                refused += 1
                if refused == 50:  # the first ones only bring the log into the database, which makes room
                    break
        assert refused == 50 and accepted
        ballast.unlink()
        assert not any([claim(store, nonce=str(number)) for number in accepted])
        assert claim(store, nonce="last")
        assert count_of(disk / "nonces.sqlite") == len(accepted) + 1
    finally:
        store.close()
        subprocess.run(["umount", disk], check=True)


def test_a_read_only_database_refuses_and_recovers(path, store):
    assert claim(store)
    store._connection.execute("PRAGMA query_only = 1")
    unavailable(store, nonce="other")
    assert not claim(store) and claim(store, nonce="other")


@pytest.mark.parametrize("where", ["", "-wal", "-shm"])
def test_an_error_of_the_file_system_is_a_refusal(path, store, monkeypatch, where):
    """In the constructor and in a claim; the next claim is answered."""
    assert claim(store)
    stat = os.stat

    def denied(file, **options):
        if str(file) == str(path) + where:
            raise PermissionError(13, "Permission denied")
        return stat(file, **options)

    monkeypatch.setattr(module, "EVERY", 1)
    monkeypatch.setattr(module.os, "stat", denied)
    unavailable(store, nonce="other")
    unavailable(store, nonce="third")
    with pytest.raises(StoreUnavailable):
        SQLiteNonceStore(path, epoch=0)
    monkeypatch.setattr(module.os, "stat", stat)
    with pytest.raises(InvalidTimestamp):  # it was not seen in its place for a while
        claim(store, nonce="other")
    assert claim(store, timestamp=NOW + 301, now=NOW + 301)


def test_the_path_may_be_a_link_and_one_that_leads_elsewhere_is_noticed(tmp_path):
    for folder in ("first", "second", "links"):
        (tmp_path / folder).mkdir()
    link = tmp_path / "links" / "nonces.sqlite"
    link.symlink_to(tmp_path / "first" / "nonces.sqlite")
    with contextlib.closing(SQLiteNonceStore(link, epoch=0)) as store:
        assert claim(store) and not claim(store)
        assert sorted(os.listdir(tmp_path / "first"))[0] == "nonces.sqlite" and os.listdir(link.parent) == [link.name]
        link.unlink()
        link.symlink_to(tmp_path / "second" / "nonces.sqlite")
        unavailable(store, nonce="other")
        with pytest.raises(InvalidTimestamp):
            claim(store)
        link.unlink()
        link.symlink_to(link)
        unavailable(store, timestamp=NOW + 301, now=NOW + 301)
    with pytest.raises(StoreUnavailable):
        SQLiteNonceStore(link)
    link.unlink()
    link.symlink_to(tmp_path / "nowhere" / "nonces.sqlite")
    with pytest.raises(StoreUnavailable):
        SQLiteNonceStore(link)


def test_a_relative_path_in_a_folder_that_was_deleted_is_refused(tmp_path):
    code = """
import os, sys
from oauth1_core import StoreUnavailable
from oauth1_core.nonce_stores.sqlite import SQLiteNonceStore
os.rmdir(os.getcwd())
try:
    SQLiteNonceStore("nonces.sqlite")
except StoreUnavailable as error:
    print(error.status)
"""
    (tmp_path / "here").mkdir()
    environment = dict(os.environ, PYTHONPATH=str(Path(module.__file__).parents[2]))
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=tmp_path / "here", env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout == "503\n"


@pytest.mark.parametrize("content", [b"garbage, not a database" * 100, "directory"])
def test_what_is_not_a_database_is_refused(path, content):
    if content == "directory":
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(StoreUnavailable):
        SQLiteNonceStore(path)
    with pytest.raises(StoreUnavailable):
        SQLiteNonceStore(path / "below" / "it")


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_a_deleted_file_is_noticed_and_nothing_it_held_is_accepted_again(path, store, suffix, monkeypatch):
    if suffix:
        monkeypatch.setattr(module, "EVERY", 1)
    assert claim(store) and claim(store, nonce="ahead", timestamp=NOW + 300)
    os.unlink(str(path) + suffix)
    assert not claim(store)
    unavailable(store, nonce="not kept")
    for nonce, timestamp in (("n", NOW), ("ahead", NOW + 300), ("not kept", NOW)):
        with pytest.raises(InvalidTimestamp):
            claim(store, nonce=nonce, timestamp=timestamp)
    assert claim(store, timestamp=NOW + 301, now=NOW + 301)
    assert not claim(store, timestamp=NOW + 301, now=NOW + 301)


@pytest.mark.parametrize("closed", [False, True])
def test_a_database_that_another_process_made_anew_is_noticed(path, store, closed):
    assert claim(store, timestamp=NOW + 300)
    if closed:
        store.close()
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(str(path) + suffix)
    with contextlib.closing(SQLiteNonceStore(path, epoch=0)) as successor:
        assert claim(successor)
        if not closed:
            unavailable(store, nonce="other")
        with pytest.raises(InvalidTimestamp):
            claim(store, timestamp=NOW + 300)
        with pytest.raises(InvalidTimestamp):
            claim(successor, timestamp=NOW + 300)
        assert claim(store, timestamp=NOW + 301, now=NOW + 301)


def overwritten(path, backup):
    """As cp does: the same inode."""
    path.write_bytes(backup.read_bytes())


def restored(path, backup):
    with another(path) as ours, another(backup) as theirs:
        theirs.backup(ours)


def restored_twice(path, backup):
    restored(path, backup)
    restored(path, backup)


def moved_there(path, backup):
    os.replace(backup, path)


def all_overwritten(path, backup):
    overwritten(path, backup)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink()


def truncated(path, backup):
    os.truncate(path, 0)


def rows_deleted(path, backup):
    with another(path, "DELETE FROM nonces"):
        pass


def some_rows_deleted(path, backup):
    with another(path, "DELETE FROM nonces WHERE key IN (SELECT key FROM nonces ORDER BY random() LIMIT 10)"):
        pass


def table_dropped(path, backup):
    with another(path, "DROP TABLE nonces"):
        pass


def record_deleted(path, backup):
    with another(path, "DELETE FROM store"):
        pass


def database_emptied(path, backup):
    with another(path, "DROP TABLE nonces") as connection:
        connection.execute("DROP TABLE store")


LOSSES = [
    overwritten, restored, restored_twice, moved_there, all_overwritten, truncated,
    rows_deleted, some_rows_deleted, table_dropped, record_deleted, database_emptied,
]  # fmt: skip


@pytest.mark.parametrize("logged", [1, 10**6], ids=["log written back", "log kept"])
@pytest.mark.parametrize("late", [5, 200])
@pytest.mark.parametrize("loss", LOSSES)
def test_an_older_state_that_is_put_under_a_running_store_is_noticed(path, store, loss, late, logged, monkeypatch):
    """``late`` nonces were accepted after the backup was made; none of them is accepted again."""
    monkeypatch.setattr(module, "LOG", logged)
    assert all([claim(store, nonce=f"early {number}") for number in range(100)])
    backup = path.with_name("backup")
    with another(path) as ours, another(backup) as theirs:
        ours.backup(theirs)
    accepted = [f"{number}" for number in range(late)]
    assert all([claim(store, nonce=nonce, timestamp=NOW + 300) for nonce in accepted])
    if logged == 1:
        store._due = 0.0
        accepted.append("last")
        assert claim(store, nonce="last")
    loss(path, backup)
    again, refused = [], 0
    for nonce in ["new", *accepted] * 2:
        try:
            new = claim(store, nonce=nonce, timestamp=NOW + 300)
        except (StoreUnavailable, InvalidTimestamp):
            refused += 1
        else:
            if new and nonce in accepted[:late]:
                again.append(nonce)
    assert not again
    if logged == 1 and loss is not some_rows_deleted:  # else all may be known, from the log and the other rows
        assert refused
    later = NOW + 302
    with contextlib.suppress(StoreUnavailable):  # a damaged one has to be deleted
        assert claim(store, timestamp=later, now=later) and not claim(store, timestamp=later, now=later)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    for _ in range(2):
        with contextlib.suppress(StoreUnavailable, InvalidTimestamp):
            claim(store, nonce="other", timestamp=later + 400, now=later + 400)
    assert claim(store, timestamp=later + 800, now=later + 800)


def page_damaged(octets, number):
    """Return a database in which one page, of those that begin with 1, is nothing but noise."""
    size = int.from_bytes(octets[16:18], "big")  # "The database page size in bytes" (SQLite's file format, 1.3)
    return octets[: (number - 1) * size] + b"\xa5" * size + octets[number * size :]


def test_a_copy_with_pages_of_two_states_is_refused_until_it_is_deleted(path, store):
    """Also by stores that have not noticed anything, and by new ones."""
    assert all([claim(store, nonce=str(number)) for number in range(200)])
    with another(path, "PRAGMA wal_checkpoint(TRUNCATE)") as other:
        (last,) = other.execute("PRAGMA page_count").fetchone()
    copy = path.with_name("copy")
    copy.write_bytes(page_damaged(path.read_bytes(), last))
    os.replace(copy, path)
    unavailable(store, nonce="other")
    with pytest.raises(StoreUnavailable, match="is damaged: delete it"):
        claim(store, nonce="other")
    with pytest.raises(StoreUnavailable, match="is damaged: delete it"):
        SQLiteNonceStore(path)
    for file in path.parent.glob(path.name + "*"):
        file.unlink()
    with pytest.raises(InvalidTimestamp):
        claim(store, nonce="1")
    assert claim(store, timestamp=NOW + 301, now=NOW + 301)


def test_a_log_that_was_put_in_the_place_of_ours_is_noticed(path, store, monkeypatch):
    monkeypatch.setattr(module, "EVERY", 1)
    assert claim(store)
    log, copy = path.with_name(path.name + "-wal"), path.with_name("copy")
    copy.write_bytes(log.read_bytes())
    assert claim(store, nonce="later")
    os.replace(copy, log)
    unavailable(store, nonce="other")
    with pytest.raises(InvalidTimestamp):
        claim(store, nonce="later")


def test_a_file_that_is_half_written_says_nothing_new_and_one_that_is_no_database_has_no_generation(path, store):
    claim(store)
    store.close()
    octets, identity = path.read_bytes(), store._identity
    assert module.generation_in_file(str(path), identity, 7) == store._generation
    with another(path) as other:
        (root,) = other.execute("SELECT rootpage FROM sqlite_master WHERE name = 'store'").fetchone()
    path.write_bytes(page_damaged(octets, root))
    assert module.generation_in_file(str(path), identity, 7) == 7
    path.write_bytes(page_damaged(octets, 1))
    assert module.generation_in_file(str(path), identity, 7) == -1


def test_a_backup_that_is_put_back_twice_is_noticed_twice(path, store):
    backup = path.with_name("backup")
    with another(path) as ours, another(backup) as theirs:
        ours.backup(theirs)
    for number in range(2):
        at = NOW + 400 * number
        assert claim(store, nonce="replayed", timestamp=at, now=at)
        restored(path, backup)
        unavailable(store, nonce="other", timestamp=at, now=at)
        with pytest.raises(InvalidTimestamp):
            claim(store, nonce="replayed", timestamp=at, now=at)


def test_a_store_beside_notices_by_what_it_saw_last(path, store):
    """The other one accepts; what this one saw is a generation, of each 64 nonces or each second."""
    with contextlib.closing(SQLiteNonceStore(path)) as other:
        backup = path.with_name("backup")
        with another(path) as ours, another(backup) as theirs:
            ours.backup(theirs)
        assert all([claim(other, nonce=str(number)) for number in range(70)])
        assert claim(store, nonce="mine")
        store._purge(store._connection, NOW - 300)
        store._last = b""
        restored(path, backup)
        unavailable(store, nonce="0")
        for each in (store, other):
            with pytest.raises((InvalidTimestamp, StoreUnavailable)):
                claim(each, nonce="0")


def test_another_database_of_nonces_in_its_place_is_noticed(path, store):
    backup = path.with_name("backup")
    with contextlib.closing(SQLiteNonceStore(backup, epoch=0)) as other:
        assert all([claim(other, nonce=str(number)) for number in range(200)])
    restored(path, backup)
    unavailable(store)


def test_checkpoints_of_other_stores_are_no_loss(path, store, monkeypatch):
    monkeypatch.setattr(module, "LOG", 1)
    with contextlib.closing(SQLiteNonceStore(path)) as other:
        for number in range(1000):
            assert claim((store, other)[number % 3 == 0], nonce=str(number))
        assert store._written > 1 and other._written > 1
    with another(path, "PRAGMA wal_checkpoint"):
        assert claim(store, nonce="after")
    assert not any([claim(store, nonce=str(number)) for number in range(1000)])
    assert os.stat(f"{path}-wal").st_size < 10**6


def test_a_database_of_somebody_else_is_used_beside_their_tables(path):
    with another(path, "CREATE TABLE theirs (value)") as theirs:
        with contextlib.closing(SQLiteNonceStore(path, epoch=0)) as store:
            assert claim(store) and not claim(store)
        assert theirs.execute("SELECT count(*) FROM theirs").fetchone() == (0,)


def test_a_deleted_folder_refuses_until_it_is_there_again(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    store = SQLiteNonceStore(folder / "nonces.sqlite", epoch=0)
    assert claim(store)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    unavailable(store, nonce="1")
    unavailable(store, nonce="2")
    folder.mkdir()
    with pytest.raises(InvalidTimestamp):
        claim(store)
    assert claim(store, timestamp=NOW + 301, now=NOW + 301)
    store.close()


def claims_until_killed(path, answers):
    store = SQLiteNonceStore(path, epoch=0, durability="normal")
    for number in range(10**9):
        assert claim(store, nonce=str(number))
        answers.send(number)


def test_no_acknowledged_nonce_is_new_again_after_kill_9(path):
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=claims_until_killed, args=(path, writer))
    process.start()
    writer.close()
    assert reader.recv() == 0
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    last = 0
    with contextlib.suppress(EOFError):
        while True:
            last = reader.recv()
    reader.close()
    with contextlib.closing(SQLiteNonceStore(path)) as store:
        assert not any([claim(store, nonce=str(number)) for number in range(last + 1)])
    assert last + 1 <= count_of(path) <= last + 2


def races(path, barrier, won):
    store = SQLiteNonceStore(path, epoch=0, durability="normal")
    mine = []
    for number in range(50):
        barrier.wait(30)
        if claim(store, nonce=str(number)):
            mine.append(number)
    store.close()
    won.put(mine)


def test_of_many_processes_with_one_nonce_exactly_one_is_told_that_it_is_new(path):
    """They make the database together, too."""
    context = multiprocessing.get_context("spawn")
    barrier, won = context.Barrier(4), context.Queue()
    processes = [context.Process(target=races, args=(path, barrier, won)) for _ in range(4)]
    for process in processes:
        process.start()
    numbers = [number for _ in processes for number in won.get(timeout=60)]
    for process in processes:
        process.join()
    won.close()
    assert sorted(numbers) == list(range(50))


CHECKPOINTS = """
import sys
from oauth1_core.nonce_stores import sqlite
sqlite.LOG = int(sys.argv[3])
store = sqlite.SQLiteNonceStore(sys.argv[1], epoch=0, durability="normal", timeout=20)
for number in range(6000):
    assert store.claim("c", "t", 1795455318 + number // 100, sys.argv[2] + str(number), 1795455318)
"""


@pytest.mark.parametrize("log", [1, 40])
def test_a_log_that_is_written_back_while_other_processes_claim_is_no_loss(path, log):
    """They look at a file that is half written then, and find pages of two states."""
    command = [sys.executable, "-c", CHECKPOINTS, str(path)]
    processes = [subprocess.Popen([*command, name, str(log)]) for name in ("a", "b", "c")]
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0]
    assert count_of(path) == 18000


FORK = """
import os, sys, threading
from oauth1_core.nonce_stores.sqlite import SQLiteNonceStore
store = SQLiteNonceStore(sys.argv[1], epoch=0, durability="normal")
claim = lambda nonce: store.claim("c", "t", 1795455318, nonce, 1795455318)
assert claim("parent")
stop = threading.Event()
def work():
    number = 0
    while not stop.is_set():
        number += 1
        assert claim("thread%d" % number)
threads = [threading.Thread(target=work)] if sys.argv[2] == "threads" else []
for thread in threads: thread.start()
children = []
for child in range(5):
    pid = os.fork()
    if not pid:
        good = not claim("parent") and claim("child%d" % child) and not claim("child%d" % child)
        os._exit(0 if good else 1)
    children.append(pid)
assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 5
stop.set()
for thread in threads: thread.join()
assert not claim("parent") and not any([claim("child%d" % child) for child in range(5)])
store.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize("threads", ["alone", "threads"])
def test_after_a_fork_parent_and_children_go_on(path, threads):
    subprocess.run([sys.executable, "-W", "ignore", "-c", FORK, str(path), threads], check=True, timeout=60)
    count_of(path)


def test_no_connection_is_open_while_a_process_forks(store):
    module.before_fork()
    assert store._connection is None and store._lock.locked()
    module.after_fork_in_parent()
    assert not store._lock.locked()
    module.before_fork()
    module.after_fork_in_child()
    assert not store._lock.locked() and claim(store)


def test_a_connection_that_came_through_a_fork_all_the_same_is_not_used(store):
    """A server written in C may fork without telling Python."""
    store._process -= 1
    unavailable(store)
    store._process += 1
    assert claim(store)
