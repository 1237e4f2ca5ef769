"""A clock that jumps, against a set that never forgets."""

import contextlib
import random
import time
from collections import Counter

import pytest

from oauth1_core import InvalidTimestamp, StoreUnavailable
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from oauth1_core.nonce_stores.redis import RedisNonceStore
from oauth1_core.nonce_stores.sqlite import SQLiteNonceStore
from tests.support.redis_server import RedisServer, needs_redis

pytestmark = pytest.mark.slow

# An hour ahead and back, as with a wrong time zone; small steps; and none at all.
JUMPS = [3600, -3600, 7200, -7200, 301, -301, 60, -60, *[1, -1] * 3, *[0] * 30]


@pytest.fixture
def store(kind, tmp_path):
    with contextlib.ExitStack() as stack:
        if kind == "Memory":
            yield MemoryNonceStore(epoch=0)
        elif kind == "SQLite":
            path = tmp_path / "nonces.sqlite"
            yield stack.enter_context(contextlib.closing(SQLiteNonceStore(path, epoch=0, durability="normal")))
        else:
            client = stack.enter_context(stack.enter_context(RedisServer()).client())
            # The server's own clock does not jump here; tests/test_nonce_store_redis.py has that.
            yield RedisNonceStore(client, epoch=0, skew=8000)


@pytest.mark.parametrize("kind", ["Memory", "SQLite", pytest.param("Redis", marks=needs_redis)])
def test_no_nonce_is_accepted_twice_wherever_the_clock_goes(kind, store, size, report):
    steps, chance = size(3000, 100000), random.Random(20260101)
    now = start = int(time.time())
    accepted, recent, answers = set(), [], Counter()
    replayed, refused_new = 0, 0
    for step in range(steps):
        now += chance.choice(JUMPS)
        if abs(now - start - 20 * step) > 7200:
            now = start + 20 * step  # time goes on all the same, and with it what was refused for a wrong clock's sake
        if recent and chance.random() < 0.5:
            request = chance.choice(recent)  # it may be from 300 s ahead, and waited for
        else:
            request = (now + chance.choice([-300, -1, 0, 0, 0, 1, 300]), str(step))
        if abs(request[0] - now) > 300:
            continue  # a Verifier refuses it
        try:
            new = store.claim("c", "t", request[0], request[1], now + 0.5)
        except (InvalidTimestamp, StoreUnavailable) as error:
            answers[type(error).__name__] += 1
            continue
        replayed += new and request in accepted
        refused_new += not new and request not in accepted
        answers[new] += 1
        accepted.add(request)
        recent = [*recent[-200:], request]
    reached = not replayed and not refused_new and len(accepted) > steps / 20
    report(
        "L6",
        f"{kind}: {steps:,} random steps of a clock that jumps",
        "0 replays accepted",
        f"{replayed} accepted again; {answers[True]:,} accepted, {answers[False]:,} x nonce_used, "
        f"{answers['InvalidTimestamp']:,} x timestamp_refused",
        reached,
    )
    assert reached, (replayed, refused_new, answers)
