"""Requests replayed after a store's data was lost, or an older state of it put back: real processes, kill -9."""

import contextlib
import json
import os
import pickle
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from oauth1_core import VerificationError, Verifier
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from tests.support.amount import ALL
from tests.support.load import Registry, signed

SERVES = """
import json, pickle, sys
from tests.support.load import Registry
from tests.soak.test_losses import verified
from oauth1_core import Verifier
from oauth1_core.nonce_stores.sqlite import SQLiteNonceStore
verifier = Verifier(Registry(), SQLiteNonceStore(sys.argv[1], durability="normal", **json.loads(sys.argv[2])))
while True:
    print(json.dumps(verified(verifier, pickle.load(sys.stdin.buffer))), flush=True)
"""


def verified(verifier, requests):
    """Return how often each answer was given."""
    answers = Counter()
    for request in requests:
        try:
            verifier.verify(*request)
            answers["accepted"] += 1
        except VerificationError as error:
            answers[f"{error.status} {error.problem}".strip()] += 1
    return answers


class Worker:
    """A process that verifies with a store of its own."""

    def __init__(self, path, **options):
        environment = dict(os.environ, PYTHONPATH=str(Path(__file__).parents[2]))
        command = [sys.executable, "-c", SERVES, str(path), json.dumps(options)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.verify([])  # once it has started

    def verify(self, requests):
        with contextlib.suppress(BrokenPipeError):
            pickle.dump(requests, self.process.stdin)
            self.process.stdin.flush()
        line = self.process.stdout.readline()
        return Counter(json.loads(line)) if line else Counter({"does not start": len(requests)})

    def kill(self):
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def work(tmp_path):
    """Start a worker, on the one database of this test."""
    workers = []

    def start(**options):
        workers.append(Worker(tmp_path / "nonces.sqlite", **options))
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()


def backed_up(path, backup):
    with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(backup)) as target:
        source.backup(target)


def files_of(path):
    return [Path(f"{path}{suffix}") for suffix in ("", "-wal", "-shm")]


def deleted(path, backup):
    for file in files_of(path):
        file.unlink(missing_ok=True)


def copied_over(path, backup):
    shutil.copyfile(backup, path)


def moved_over(path, backup):
    os.replace(backup, path)


def restored(path, backup):
    backed_up(backup, path)


def copied_and_log_deleted(path, backup):
    for file in files_of(path)[1:]:
        file.unlink()
    shutil.copyfile(backup, path)


def truncated(path, backup):
    os.truncate(path, 0)


def rows_deleted(path, backup):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM nonces")


def table_dropped(path, backup):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TABLE nonces")


LOSSES = [deleted, copied_over, moved_over, restored, copied_and_log_deleted, truncated, rows_deleted, table_dropped]


def reported(report, what, answers, count):
    reached = not answers["accepted"] and sum(answers.values()) == count
    figure = ", ".join(f"{number:,} x {answer}" for answer, number in sorted(answers.items()))
    report("L24", f"{what}: {count:,} accepted requests replayed", "0 accepted", figure, reached)
    return reached


def spread(count, ahead):
    """Requests dated between 250 s behind the clock and so many seconds ahead of it."""
    return [signed(age=random.randint(-ahead, 250)) for _ in range(count)]


WHO = ["the worker", "another worker", "a new worker after kill -9"]
# In make test each loss is met by one of them.


@pytest.mark.parametrize(
    "who, loss",
    [(who, loss) for i, who in enumerate(WHO) for j, loss in enumerate(LOSSES) if ALL or (i + j) % len(WHO) == 0],
)
def test_what_was_accepted_before_a_loss_under_a_running_worker_is_not_accepted_after_it(
    loss, who, work, tmp_path, size, report
):
    path, count, options = tmp_path / "nonces.sqlite", size(300, 1000), {"epoch": 0}
    if loss is truncated:  # the file stays locked until the other worker has noticed, too
        count, options["timeout"] = count // (6 if ALL else 30), 0.2
    first, second = work(**options), work(**options)
    assert first.verify(spread(count, 290)) + second.verify(spread(count, 290)) == {"accepted": 2 * count}
    backed_up(path, tmp_path / "backup")
    requests = spread(count, 290)
    assert first.verify(requests) == {"accepted": count}
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # so that the log holds nothing of it
    assert first.verify([signed()]) == {"accepted": 1}
    loss(path, tmp_path / "backup")
    replaying = first
    if who != "the worker":
        for _ in range(2):  # to notice, and to open the database again
            first.verify([signed()])
        replaying = second
    if who == "a new worker after kill -9":
        first.kill()
        second.kill()
        replaying = work(skew=300)
    answers = replaying.verify(requests)
    assert reported(
        report, f"SQLite, {loss.__name__.replace('_', ' ')} under a running worker, to {who}", answers, count
    )


@pytest.mark.parametrize(("options", "ahead"), [({}, 5), ({"skew": 300}, 290)], ids=["skew=5", "skew=window"])
@pytest.mark.parametrize("running", [False, True], ids=["down", "under one worker"])
def test_a_new_worker_does_not_accept_what_was_accepted_in_a_file_that_is_gone(
    running, options, ahead, work, tmp_path, size, report
):
    path, count = tmp_path / "nonces.sqlite", size(300, 1000)
    requests, first = spread(count, ahead), work(epoch=0)
    assert first.verify(requests) == {"accepted": count}
    if not running:
        first.kill()
    deleted(path, None)
    answers = work(**options).verify(requests)
    assert "does not start" not in answers
    what = f"SQLite, deleted {'under one worker' if running else 'after kill -9'}, then a new worker"
    assert reported(report, f"{what}, skew={options.get('skew', 5)}, dated up to {ahead} s ahead", answers, count)


@pytest.mark.parametrize("told", [False, True], ids=["not told", "told by epoch"])
def test_a_backup_that_was_put_back_while_nothing_ran_has_to_be_told(told, work, tmp_path, size, report):
    """Nothing is left that could know better; nonce_stores/README.md says so, and what to do."""
    path, count = tmp_path / "nonces.sqlite", size(300, 1000)
    first = work(epoch=0)
    assert first.verify(spread(count, 290)) == {"accepted": count}
    backed_up(path, tmp_path / "backup")
    requests = spread(count, 290)
    assert first.verify(requests) == {"accepted": count}
    first.kill()
    deleted(path, None)
    moved_over(path, tmp_path / "backup")
    answers = work(**({"epoch": time.time() + 300} if told else {})).verify(requests)
    if told:
        assert "does not start" not in answers
        assert reported(report, "SQLite, backup put back after kill -9, epoch=now + window", answers, count)
    else:
        figure = f"{answers['accepted']:,} accepted"
        report("L24", "SQLite, backup put back after kill -9, nothing told", "said beforehand", figure, True)
        assert answers == {"accepted": count}


@pytest.mark.parametrize(("options", "ahead"), [({}, 5), ({"skew": 300}, 290)], ids=["skew=5", "skew=window"])
def test_memory_that_begins_anew_accepts_nothing_again(options, ahead, size, report):
    requests = spread(size(300, 1000), ahead)
    assert verified(Verifier(Registry(), MemoryNonceStore(epoch=0)), requests) == {"accepted": len(requests)}
    answers = verified(Verifier(Registry(), MemoryNonceStore(**options)), requests)
    what = f"Memory, made anew, skew={options.get('skew', 5)}, dated up to {ahead} s ahead"
    assert reported(report, what, answers, len(requests))


FORKS = """
import json, os, pickle, sys
from collections import Counter
from tests.support.load import Registry
from tests.soak.test_losses import verified
from oauth1_core import Verifier
from oauth1_core.nonce_stores.memory import MemoryNonceStore
verifier = Verifier(Registry(), MemoryNonceStore(epoch=0))
requests = pickle.load(sys.stdin.buffer)
children = []
for child in range(4):
    children.append(os.fork())
    if not children[-1]:
        os.write(1, json.dumps(verified(verifier, requests)).encode() + b"\\n")
        os._exit(0)
for child in children:
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_the_children_of_a_fork_accept_no_request_four_times(size, report):
    requests = spread(size(300, 1000), 290)
    environment = dict(os.environ, PYTHONPATH=str(Path(__file__).parents[2]))
    command = [sys.executable, "-c", FORKS]
    child = subprocess.run(command, input=pickle.dumps(requests), env=environment, stdout=subprocess.PIPE, check=True)
    answers = sum((Counter(json.loads(line)) for line in child.stdout.splitlines()), Counter())
    assert reported(report, "Memory, 4 children of one process", answers, 4 * len(requests))
