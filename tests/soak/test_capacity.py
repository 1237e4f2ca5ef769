"""Stores that are purged, flooded by strangers, and flooded by clients."""

import contextlib
import os
import sqlite3
import threading
import time
from collections import Counter

import pytest

from oauth1_core import ClientCredentials, InvalidTimestamp, StoreUnavailable, VerificationError, Verifier
from oauth1_core.nonce_stores.digest import digest_of
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from oauth1_core.nonce_stores.sqlite import SQLiteNonceStore
from tests.support.load import TOKEN, Registry, signed

pytestmark = pytest.mark.slow


def resident():
    """Return the octets of memory that this process has."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def percentile(values, percent):
    return sorted(values)[len(values) * percent // 100]


def test_a_purge_refuses_no_honest_request(tmp_path, size, report, full):
    path, expired, rate, threads = tmp_path / "nonces.sqlite", size(20000, 1000000), 1000, 4
    now = int(time.time())
    SQLiteNonceStore(path, epoch=0).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        keys = (((now - 400 - n % 300).to_bytes(5, "big") + digest_of("", "", str(n)),) for n in range(expired))
        connection.executemany("INSERT INTO nonces VALUES (?)", keys)
        connection.commit()
    store = SQLiteNonceStore(path, capacity=10**7)
    latencies, refused, begun = [], Counter(), time.monotonic()
    left = threading.Event()

    def send(thread):
        for number in range(10**6):
            due = begun + (number * threads + thread) / rate
            time.sleep(max(0, due - time.monotonic()))
            if left.is_set():
                return
            start = time.monotonic()
            try:
                stamp = time.time()
                assert store.claim("c", "t", int(stamp), f"{thread}-{number}", stamp)
            except Exception as error:
                refused[repr(error)] += 1
            latencies.append(time.monotonic() - start)

    senders = [threading.Thread(target=send, args=(thread,)) for thread in range(threads)]
    for sender in senders:
        sender.start()
    old, deadline = expired, begun + 300
    with contextlib.closing(sqlite3.connect(path)) as connection:
        while old and time.monotonic() < deadline:
            time.sleep(0.2)
            query = "SELECT count(*) FROM (SELECT 1 FROM nonces WHERE key < ? LIMIT 1)"
            (old,) = connection.execute(query, ((now - 350).to_bytes(5, "big"),)).fetchone()
    left.set()
    for sender in senders:
        sender.join()
    seconds = time.monotonic() - begun
    store.close()
    p99 = percentile(latencies, 99) * 1000
    reached = not refused and not old and p99 <= 100
    report(
        "L7",
        f"SQLite FULL: purge of {expired:,} expired rows under {rate:,} claims/s",
        "0 refused, claim p99 <= 100 ms",
        f"{len(latencies):,} claims in {seconds:.0f} s ({len(latencies) / seconds:,.0f}/s), {sum(refused.values())} "
        f"refused, p99 {p99:.1f} ms, longest {max(latencies) * 1000:.0f} ms",
        reached,
    )
    assert not refused and not old and (reached or not full), refused


def honest_p99(verifier, count):
    latencies = []
    for request in [signed() for _ in range(count)]:
        begun = time.perf_counter()
        verifier.verify(*request)
        latencies.append(time.perf_counter() - begun)
    return percentile(latencies, 99)


def test_forged_requests_leave_nothing_behind(size, report, full):
    count, store = size(2000, 100000), MemoryNonceStore(epoch=0)
    verifier = Verifier(Registry(), store)
    stranger, thief = ClientCredentials("stranger", "secret"), ClientCredentials("client", "wrong")
    victim = signed()
    idle = honest_p99(verifier, 2000)
    before, memory, answers, flooded, forged = len(store), resident(), Counter(), [], 0
    while forged < count:
        # The honest requests stand between the forged ones, as on a server.
        for client in [stranger, thief] * min(500, count // 4):
            request = signed(client, TOKEN)
            forged += 1
            with pytest.raises(VerificationError) as caught:
                verifier.verify(*request)
            answers[type(caught.value).__name__] += 1
        flooded.append(honest_p99(verifier, 20))
    store_growth = len(store) - before - 20 * len(flooded)
    memory_growth = (resident() - memory - 90 * 20 * len(flooded)) / 1e6
    verifier.verify(*victim)
    p99 = percentile(flooded, 50)
    correct = store_growth == 0 and sum(answers.values()) == forged and memory_growth <= 5
    reached = correct and p99 <= 2 * idle
    report(
        "L8",
        f"{forged:,} forged requests: unknown client, wrong secret",
        "store size +0, RSS growth <= 5 MB, honest p99 <= 2 x idle",
        f"store +{store_growth}, RSS {memory_growth:+.1f} MB, honest p99 {p99 * 1e6:.0f} us ({idle * 1e6:.0f} us idle)",
        reached,
    )
    assert correct and (reached or not full), answers


@pytest.mark.parametrize("kind", ["Memory", "SQLite"])
def test_a_full_store_refuses_and_loses_nothing(kind, tmp_path, size, report, full):
    capacity, now, memory = size(3000, 1000000), int(time.time()), resident()
    if kind == "Memory":
        store = MemoryNonceStore(epoch=0, capacity=capacity)
    else:
        store = SQLiteNonceStore(tmp_path / "nonces.sqlite", epoch=0, capacity=capacity, durability="normal")
    accepted = 0
    with pytest.raises(StoreUnavailable):
        while accepted <= capacity:
            assert store.claim("client", "token", now - accepted % 300, str(accepted), now)
            accepted += 1
    growth = (resident() - memory) / 1e6
    verifier = Verifier(Registry(), store, clock=lambda: now + 0.5)
    with pytest.raises(StoreUnavailable) as caught:
        verifier.verify(*signed())
    lost = sum(store.claim("client", "token", now - n % 300, str(n), now) for n in range(accepted))
    # It makes room as the oldest leave the window, and has forgotten all after the whole of it.
    recovered = [store.claim("client", "token", later, f"later{later}", later) for later in (now + 2, now + 301)]
    with pytest.raises(InvalidTimestamp):
        store.claim("client", "token", now - 299, "299", now)
    correct = accepted == capacity and caught.value.status == 503 and not lost and all(recovered)
    reached = correct and growth <= 200
    report(
        "L9",
        f"{kind}: authenticated flood to the cap of {capacity:,}",
        "503 at the cap, RSS <= 200 MB, no live nonce lost, recovers within the window",
        f"503 at {accepted:,}, RSS +{growth:.0f} MB ({growth * 1e6 / accepted:.0f} octets each), {lost} lost, "
        f"{'recovered' if all(recovered) else 'NOT RECOVERED'}",
        reached,
    )
    if kind == "SQLite":
        store.close()
    assert correct and (reached or not full)
