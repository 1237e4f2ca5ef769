"""Claims at once, and claims per second."""

import itertools
import multiprocessing
import threading
import time

import pytest
import redis

from oauth1_core.nonce_stores.memory import MemoryNonceStore
from oauth1_core.nonce_stores.redis import RedisNonceStore
from oauth1_core.nonce_stores.sqlite import SQLiteNonceStore
from tests.support.redis_server import RedisServer, needs_redis

pytestmark = pytest.mark.slow

SPAWN = multiprocessing.get_context("spawn")


def opened(kind, where):
    if kind == "memory":
        return MemoryNonceStore(epoch=0, capacity=10**7)
    if kind == "redis":
        return RedisNonceStore(redis.Redis(unix_socket_path=where), epoch=0)
    return SQLiteNonceStore(where, epoch=0, durability=kind, capacity=10**7)


@pytest.fixture
def where(kind, tmp_path):
    if kind == "redis":
        with RedisServer() as server:
            yield server.socket
    else:
        yield str(tmp_path / "nonces.sqlite")


def in_processes(target, count, *arguments):
    """Return what each process gives."""
    answers = SPAWN.Queue()
    processes = [SPAWN.Process(target=target, args=(*arguments, answers)) for _ in range(count)]
    for process in processes:
        process.start()
    found = [answers.get(timeout=600) for _ in processes]
    for process in processes:
        process.join()
    answers.close()
    return found


def race(store, threads, rounds, start, timestamp):
    """Return the rounds that a thread of this process has won, and what went wrong."""
    won, wrong = [], []
    together = threading.Barrier(threads, action=start, timeout=120)

    def run():
        try:
            for number in range(rounds):
                together.wait()
                if store.claim("c", "t", timestamp, str(number), timestamp):
                    won.append(number)
        except Exception as error:
            wrong.append(repr(error))
            together.abort()

    racers = [threading.Thread(target=run) for _ in range(threads)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    return won, wrong


def race_in_process(kind, where, threads, rounds, timestamp, barrier, answers):
    store = opened(kind, where)
    answers.put(race(store, threads, rounds, lambda: barrier.wait(120), timestamp))


@pytest.mark.parametrize("kind", ["memory", "full", "normal", pytest.param("redis", marks=needs_redis)])
def test_of_many_racers_with_one_nonce_one_is_told_that_it_is_new(kind, where, size, report):
    rounds, now = size(3, 200), int(time.time())
    if kind == "memory":
        what, found = "1 process x 64 threads", [race(opened(kind, where), 64, rounds, None, now)]
    else:
        what = "8 processes x 32 threads"
        barrier = SPAWN.Barrier(8)
        found = in_processes(race_in_process, 8, kind, where, 32, rounds, now, barrier)
    won, wrong = ([each for answer in found for each in answer[part]] for part in (0, 1))
    reached = sorted(won) == list(range(rounds)) and not wrong
    report(
        "L1",
        f"{NAMES[kind]}: 1 nonce, {what}, {rounds} rounds",
        "exactly 1 accepted per round, 0 errors",
        f"{len(won)} accepted in {len(set(won))} rounds, {len(wrong)} errors",
        reached,
    )
    assert reached, (won, wrong)


def measure(kind, where, seconds, barrier, answers):
    store = opened(kind, where)
    latencies, wrong, prefix = [], 0, str(id(barrier)) + str(time.perf_counter_ns())
    barrier.wait(60)
    begun = earlier = time.perf_counter()
    for number in itertools.count():
        now = time.time()
        try:
            wrong += not store.claim("client", "token", int(now), prefix + str(number), now)
        except Exception:
            wrong += 1
        later = time.perf_counter()
        latencies.append(later - earlier)
        earlier = later
        if later - begun > seconds:
            break
    answers.put((latencies, wrong))


NAMES = {"memory": "Memory", "full": "SQLite FULL", "normal": "SQLite NORMAL", "redis": "Redis"}
GOALS = {"memory": (1, 200000, None), "full": (4, 2000, 50), "normal": (4, 20000, None), "redis": (4, 8000, None)}


@pytest.mark.parametrize("kind", ["memory", "full", "normal", pytest.param("redis", marks=needs_redis)])
def test_fresh_claims_per_second(kind, where, size, report, full):
    processes, rate, p99 = GOALS[kind]
    seconds = size(0.5, 5)
    found = in_processes(measure, processes, kind, where, seconds, SPAWN.Barrier(processes))
    latencies = sorted(latency for each, _ in found for latency in each)
    wrong = sum(each for _, each in found)
    reached_rate, reached_p99 = len(latencies) / seconds, latencies[len(latencies) * 99 // 100] * 1000
    reached = not wrong and reached_rate >= rate and (p99 is None or reached_p99 <= p99)
    report(
        "L3",
        f"{NAMES[kind]}: fresh claims, {processes} process{'es' * (processes > 1)}, {seconds} s",
        f">= {rate:,}/s{f', p99 <= {p99} ms' if p99 else ''}, 0 errors",
        f"{reached_rate:,.0f}/s, p99 {reached_p99:.2f} ms, longest {latencies[-1] * 1000:.0f} ms, {wrong} errors",
        reached,
    )
    assert not wrong and (reached or not full)


@needs_redis
def test_what_a_claim_costs_a_redis_server(size, report):
    """The figures from which nonce_stores/README.md computes."""
    count, now = size(10000, 1000000), int(time.time())
    with RedisServer() as server, server.client() as client:
        store = RedisNonceStore(client, epoch=0)
        before, size_before = client.info(), client.dbsize()
        for start in range(0, count, 10000):
            pipeline = client.pipeline(transaction=False)
            for number in range(start, start + 10000):
                pipeline.execute_command(*store._claims.claim("", "", now, str(number)))
            assert pipeline.execute() == [1] * 10000
        after = client.info()
        assert client.dbsize() - size_before == count
    octets = (after["used_memory"] - before["used_memory"]) / count
    seconds = sum(after[each] - before[each] for each in ("used_cpu_user", "used_cpu_sys"))
    figure = f"{octets:.0f} octets each; {seconds / count * 1e6:.1f} us, which is {count / seconds:,.0f}/s on one core"
    report("L3", f"Redis: {count:,} claims in a pipeline, memory and CPU time of the server", "(none)", figure, True)
