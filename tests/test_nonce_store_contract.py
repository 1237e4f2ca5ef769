"""What all nonce stores agree on: once True, then False, whatever the clock, the threads and the fields (3.3)."""

import itertools
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oauth1_core import InvalidTimestamp, StoreUnavailable
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from oauth1_core.nonce_stores.redis import RedisNonceStore
from oauth1_core.nonce_stores.sqlite import SQLiteNonceStore
from tests.support.amount import ALL
from tests.support.redis_server import Awaited, RedisServer, needs_redis

NOW = int(time.time())
FRESH = itertools.count()
quick = settings(
    derandomize=True,
    deadline=None,
    max_examples=30 if ALL else 10,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def claim(store, client="c", token="t", timestamp=NOW, nonce="n", now=NOW):
    return store.claim(client, token, timestamp, nonce, now)


@pytest.fixture(scope="module")
def redis_server():
    with RedisServer() as server:
        yield server


REDIS = [pytest.param(kind, marks=needs_redis) for kind in ("redis", "redis.asyncio")]


@pytest.fixture(params=["memory", "sqlite", *REDIS])
def kind(request):
    return request.param


@pytest.fixture
def new_store(kind, tmp_path, request):
    """Make an empty store."""
    opened = []

    def make(window=300, epoch=0, **options):
        if kind == "memory":
            return MemoryNonceStore(window, epoch=epoch, **options)
        if kind == "sqlite":
            options.setdefault("durability", "normal")
            store = SQLiteNonceStore(tmp_path / f"{next(FRESH)}.sqlite", window, epoch=epoch, **options)
            opened.append(store)
            return store
        client = request.getfixturevalue("redis_server").client()
        opened.append(client)
        # These tests stop the clock, the server does not.
        options.setdefault("skew", 5 if epoch is None else 3600)
        if kind == "redis":
            return RedisNonceStore(client, window, epoch=epoch, prefix=str(next(FRESH)), **options)
        opened.append(Awaited(client, window, epoch=epoch, prefix=str(next(FRESH)), **options))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


def test_a_nonce_is_new_once(new_store):
    store = new_store()
    assert [claim(store) for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize(
    "other",
    [{"client": "d"}, {"token": "u"}, {"token": ""}, {"timestamp": NOW + 1}, {"timestamp": NOW - 1}, {"nonce": "N"}],
)
def test_any_other_part_makes_another_combination(new_store, other):
    """It is "unique across all requests with the same timestamp, client credentials, and token combinations"."""
    store = new_store()
    assert claim(store) and claim(store, **other)
    assert not claim(store) and not claim(store, **other)


def test_no_two_combinations_look_alike(new_store):
    """Not even where the end of one field could be the beginning of the next."""
    store, text = new_store(), "a1:1:,\0\udcff\u20ac"
    cuts = list(itertools.combinations_with_replacement(range(len(text) + 1), 2))
    combinations = [(text[:one], text[one:other], text[other:]) for one, other in cuts]
    for answer in (True, False):
        assert {store.claim(client, token, NOW, nonce, NOW) for client, token, nonce in combinations} == {answer}


def test_the_window_is_whole(new_store):
    store = new_store(300)
    timestamps = [NOW - 300, NOW - 299, NOW, NOW + 299, NOW + 300]
    for answer in (True, False):
        assert [claim(store, timestamp=timestamp) for timestamp in timestamps] == [answer] * 5


def test_a_timestamp_from_before_the_store_is_refused(new_store):
    store = new_store(epoch=NOW)
    with pytest.raises(InvalidTimestamp) as caught:
        claim(store, timestamp=NOW - 1)
    assert (caught.value.status, caught.value.problem) == (401, "timestamp_refused")
    assert caught.value.parameter == "oauth_timestamp"
    assert claim(store)


def test_a_store_without_a_past_refuses_what_another_may_have_accepted(new_store):
    now = int(time.time())
    store = new_store(epoch=None)
    for timestamp in (now - 300, now - 1, now):
        with pytest.raises(InvalidTimestamp):
            claim(store, timestamp=timestamp, now=now)
    assert claim(store, timestamp=now + 10, now=now)


@pytest.mark.parametrize("skew", [0, 7, 300])
def test_a_store_that_begins_empty_refuses_what_may_have_been_accepted_dated_up_to_skew_ahead(new_store, skew):
    """With skew=window, whatever another store accepted."""
    before = int(time.time())
    store, after = new_store(epoch=None, skew=skew), int(time.time())
    for timestamp in (before - 300, before, before + skew):
        with pytest.raises(InvalidTimestamp):
            claim(store, timestamp=timestamp, now=after)
    assert claim(store, timestamp=after + skew + 2, now=after + 2)


@pytest.mark.parametrize("kind", ["memory", "sqlite"], indirect=True)  # a Redis server has its maxmemory
def test_a_full_store_refuses_what_is_new_and_forgets_nothing_until_the_window_has_passed(new_store):
    store = new_store(300, capacity=3)
    assert all([claim(store, nonce=str(number)) for number in range(3)])
    for now in (NOW, NOW + 300):
        with pytest.raises(StoreUnavailable) as caught:
            claim(store, nonce="3", timestamp=now, now=now)
        assert caught.value.status == 503
        assert not any([claim(store, nonce=str(number), now=now) for number in range(3)])
    assert claim(store, nonce="3", timestamp=NOW + 301, now=NOW + 301)
    with pytest.raises(InvalidTimestamp):
        claim(store, nonce="0", timestamp=NOW)


STEPS = st.tuples(
    st.integers(-400, 400) | st.sampled_from([-86400, -3600, 0, 0, 1, 3600, 86400]),  # how far the clock moves
    st.integers(-10, 10),  # the timestamp against the clock
    st.sampled_from("abc"),
)


@quick
@given(steps=st.lists(STEPS, max_size=40))
def test_nothing_is_new_twice_wherever_the_clock_goes(new_store, steps):
    """Against a set that never forgets; a step back in time may be refused, but never accepted again."""
    store, accepted, now = new_store(10), set(), NOW
    for step, offset, nonce in steps:
        now += step
        try:
            new = claim(store, timestamp=now + offset, nonce=nonce, now=now + 0.5)
        except InvalidTimestamp:
            continue
        assert new == ((now + offset, nonce) not in accepted)
        accepted.add((now + offset, nonce))


@quick
@given(steps=st.lists(st.tuples(st.integers(-10, 10), st.sampled_from("abc")), max_size=40))
def test_within_the_window_everything_new_is_accepted(new_store, steps):
    store, accepted = new_store(10), set()
    for offset, nonce in steps:
        assert claim(store, timestamp=NOW + offset, nonce=nonce, now=NOW) == ((offset, nonce) not in accepted)
        accepted.add((offset, nonce))


def test_of_many_threads_with_one_nonce_exactly_one_is_told_that_it_is_new(new_store):
    rounds, threads = 20, 16
    store, won = new_store(), []
    barrier = threading.Barrier(threads, timeout=60)

    def race():
        for number in range(rounds):
            barrier.wait()
            if claim(store, nonce=str(number)):
                won.append(number)

    racers = [threading.Thread(target=race) for _ in range(threads)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(won) == list(range(rounds))
