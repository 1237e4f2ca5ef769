"""What a store still knows after kill -9, a restart or a flush."""

import contextlib
import os
import pickle
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
import redis

from oauth1_core import InvalidNonce, InvalidTimestamp, StoreUnavailable, Verifier
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from oauth1_core.nonce_stores.redis import RedisNonceStore
from oauth1_core.nonce_stores.sqlite import SQLiteNonceStore
from tests.support.load import Registry, signed
from tests.support.redis_server import Awaited, Pair, RedisServer, needs_redis

pytestmark = pytest.mark.slow

NOW = 1795455318
CLAIMS = """
import itertools, os, sys
from oauth1_core.nonce_stores.sqlite import SQLiteNonceStore
store = SQLiteNonceStore(sys.argv[1], epoch=0, durability="normal", capacity=10**7)
for number in itertools.count():
    assert store.claim("c", "t", 1795455318, "%s-%d" % (sys.argv[2], number), 1795455318)
    os.write(1, b".")
"""


def test_no_acknowledged_nonce_is_new_after_kill_9(tmp_path, size, report, full):
    path, kills, each = str(tmp_path / "nonces.sqlite"), size(5, 200), size(200, 2600)
    acknowledged, longest = [], 0.0
    for kill in range(kills):
        with subprocess.Popen([sys.executable, "-c", CLAIMS, path, str(kill)], stdout=subprocess.PIPE) as process:
            wanted, got = each + random.randrange(each // 2), 0
            while got < wanted:
                got += len(os.read(process.stdout.fileno(), 65536))
            process.kill()
            acknowledged.append(got + len(process.stdout.read()))
        begun = time.monotonic()
        store = SQLiteNonceStore(path, durability="normal", capacity=10**7)
        assert store.claim("c", "t", NOW, str(kill), NOW)
        longest = max(longest, time.monotonic() - begun)
        store.close()
    with contextlib.closing(SQLiteNonceStore(path, durability="normal", capacity=10**7)) as store:
        forgotten = sum(
            store.claim("c", "t", NOW, f"{kill}-{number}", NOW)
            for kill in range(kills)
            for number in range(acknowledged[kill])
        )
    with contextlib.closing(sqlite3.connect(path)) as connection:
        intact = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    total, correct = sum(acknowledged), not forgotten and intact
    reached = correct and total >= 500000 and longest <= 0.1
    report(
        "L4",
        f"SQLite: {kills} x kill -9 during claims",
        ">= 500,000 acknowledged, 0 forgotten, integrity ok, reopened within 100 ms",
        f"{total:,} acknowledged, {forgotten} forgotten, integrity {'ok' if intact else 'BROKEN'}, "
        f"longest reopening {longest * 1000:.0f} ms",
        reached,
    )
    assert correct and (reached or not full)


VERIFIES = """
import pickle, sys, time
from tests.support.load import Registry
from oauth1_core import Verifier
from oauth1_core.nonce_stores.sqlite import SQLiteNonceStore
verifier = Verifier(Registry(), SQLiteNonceStore(sys.argv[1], epoch=0, durability="normal"))
for request in pickle.load(sys.stdin.buffer):
    verifier.verify(*request)
print("done", flush=True)
time.sleep(600)
"""


@contextlib.contextmanager
def memory_restart(tmp_path, accept, requests):
    accept(MemoryNonceStore(epoch=0), requests)
    yield MemoryNonceStore()


@contextlib.contextmanager
def sqlite_kill(tmp_path, accept, requests):
    path = str(tmp_path / "nonces.sqlite")
    command = [sys.executable, "-c", VERIFIES, path]
    environment = dict(os.environ, PYTHONPATH=str(Path(__file__).parents[2]))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        pickle.dump(requests, process.stdin)
        process.stdin.close()
        assert process.stdout.readline().strip() == b"done"
        process.kill()
    with contextlib.closing(SQLiteNonceStore(path)) as store:
        yield store


@contextlib.contextmanager
def redis_after(tmp_path, accept, requests, loss, *options, new_store=False):
    with RedisServer(*options) as server, server.client() as client:
        store = RedisNonceStore(client, epoch=0)
        if options:
            client.save()
        accept(store, requests)
        loss(server, client)
        yield RedisNonceStore(client) if new_store else store


def flush(server, client):
    client.flushall()


def restart(server, client):
    server.stop()
    server.start()


def kill(server, client):
    server.stop(kill=True)
    server.start()


def evict_for_a_moment(server, client):
    client.config_set("maxmemory-policy", "allkeys-lru")
    limit = client.info("memory")["used_memory"]
    while client.info("stats")["evicted_keys"] < 200:
        client.config_set("maxmemory", limit)
        with contextlib.suppress(redis.exceptions.ResponseError):
            client.set("other", bytes(100))
        limit -= 10000
    client.config_set("maxmemory", 0)
    client.config_set("maxmemory-policy", "noeviction")
    time.sleep(1.1)  # a store looks once a second


def swap(server, client):
    client.swapdb(0, 1)


@contextlib.contextmanager
def redis_failover_and_back(tmp_path, accept, requests, kind=RedisNonceStore):
    """The second server has lost its primary, which accepts requests until it is made the second one's replica."""
    with Pair() as servers:
        servers.demote(1)
        store = kind(servers.clients[0], epoch=0)
        servers.promote(1)
        accept(store, requests)
        servers.demote(0)
        servers.promote(0)
        yield store
        if kind is Awaited:
            store.close()


@contextlib.contextmanager
def redis_failover(tmp_path, accept, requests):
    with Pair() as servers:
        servers.demote(1)
        store = RedisNonceStore(servers.clients[0], epoch=0)
        servers.promote(1)
        accept(store, requests)
        yield RedisNonceStore(servers.clients[1])


CASES = {
    "Memory, restart": memory_restart,
    "SQLite, kill -9": sqlite_kill,
    "Redis, FLUSHALL": lambda *each: redis_after(*each, flush),
    "Redis, FLUSHALL, then a new process": lambda *each: redis_after(*each, flush, new_store=True),
    "Redis, restart without AOF": lambda *each: redis_after(*each, restart),
    "Redis, kill -9, back with an old snapshot": lambda *each: redis_after(*each, kill, "--save", "3600 1"),
    "Redis, failover": redis_failover,
    "Redis, failover and failback": redis_failover_and_back,
    "Redis, failover and failback, redis.asyncio": lambda *each: redis_failover_and_back(*each, Awaited),
    "Redis, may evict for a moment": lambda *each: redis_after(*each, evict_for_a_moment),
    "Redis, SWAPDB": lambda *each: redis_after(*each, swap),
    "Redis, kill -9, AOF": lambda *each: redis_after(*each, kill, "--appendonly", "yes"),
}
needing = {name: [needs_redis] if name.startswith("Redis") else [] for name in CASES}


@pytest.mark.parametrize("name", [pytest.param(name, marks=needing[name]) for name in CASES])
def test_what_was_accepted_before_a_loss_is_not_accepted_after_it(name, tmp_path, size, report):
    requests = [signed(age=random.randrange(250)) for _ in range(size(300, 10000))]

    def accept(store, requests):
        verifier = Verifier(Registry(), store)
        for request in requests:
            verifier.verify(*request)

    answers = Counter()
    with CASES[name](tmp_path, accept, requests) as store:
        verifier = Verifier(Registry(), store)
        for request in requests:
            try:
                verifier.verify(*request)
                answers["accepted"] += 1
            except (InvalidNonce, InvalidTimestamp) as error:
                answers[f"401 {error.problem}"] += 1
    reached = not answers["accepted"] and sum(answers.values()) == len(requests)
    answers.setdefault("accepted", 0)
    report(
        "L25" if "failover" in name else "L24" if "evict" in name or "SWAP" in name else "L5",
        f"{name}: {len(requests):,} accepted requests replayed",
        "0 accepted, all 401 nonce_used or timestamp_refused",
        ", ".join(f"{count:,} x {answer}" for answer, count in sorted(answers.items())),
        reached,
    )
    assert reached


@needs_redis
@pytest.mark.parametrize("kind", [RedisNonceStore, Awaited])
def test_a_server_that_stalls_makes_no_new_nonce_a_used_one(kind, size, report):
    """With the retries that redis-py has by default, and a timeout that passes while the server stands still."""
    count, seconds, answers = 200, size(1, 3), Counter()
    with RedisServer() as server, redis.Redis(unix_socket_path=server.socket, socket_timeout=0.4) as client:
        store, now, slowest = kind(client, epoch=0), int(time.time()), 0.0
        resume = threading.Timer(seconds, os.kill, (server.process.pid, signal.SIGCONT))
        os.kill(server.process.pid, signal.SIGSTOP)
        resume.start()
        for number in range(count):
            begun = time.monotonic()
            try:
                answers[str(store.claim("c", "t", now, str(number), now))] += 1
            except StoreUnavailable:
                answers["503"] += 1
            slowest = max(slowest, time.monotonic() - begun)
        resume.join()
        if kind is Awaited:
            store.close()
    reached = not answers["False"] and answers["True"] > 100
    report(
        "L26",
        f"Redis{', redis.asyncio' * (kind is Awaited)}: stopped for {seconds} s, {count} new nonces, timeout 0.4 s",
        "0 x nonce_used, 503 within the timeout",
        ", ".join(f"{n} x {answer}" for answer, n in sorted(answers.items())) + f", slowest {slowest:.1f} s",
        reached,
    )
    assert reached, answers
