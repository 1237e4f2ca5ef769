"""Nonce stores: once True and then False, whatever the threads, the clock and the size (RFC 5849 section 3.3)."""

import hashlib
import os
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oauth1_core import InvalidTimestamp, StoreUnavailable
from oauth1_core.nonce_stores.digest import digest_of
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from tests.support.amount import examples

NOW = 1795455318


def claim(store, client="c", token="t", timestamp=NOW, nonce="n", now=NOW):
    return store.claim(client, token, timestamp, nonce, now)


def test_a_nonce_is_new_once():
    store = MemoryNonceStore(epoch=0)
    assert [claim(store) for _ in range(3)] == [True, False, False]
    assert len(store) == 1


@pytest.mark.parametrize(
    "other",
    [{"client": "d"}, {"token": "u"}, {"token": ""}, {"timestamp": NOW + 1}, {"timestamp": NOW - 1}, {"nonce": "N"}],
)
def test_any_other_part_makes_another_combination(other):
    """It is "unique across all requests with the same timestamp, client credentials, and token combinations"."""
    store = MemoryNonceStore(epoch=0)
    assert claim(store)
    assert claim(store, **other)
    assert not claim(store) and not claim(store, **other)
    assert len(store) == 2


@settings(derandomize=True, deadline=None, max_examples=examples(1000))
@given(st.text(st.sampled_from("a12 \0\udcff"), max_size=24), *[st.tuples(st.integers(0, 24), st.integers(0, 24))] * 2)
@example("a" * 24, (1, 12), (11, 12))  # lengths of 1 and 11, or of 11 and 1
def test_no_two_combinations_look_alike(text, one, other):
    """Not even where the end of one field could be the beginning of the next, or look like its length."""
    store = MemoryNonceStore(epoch=0)
    one, other = [(text[: min(cut)], text[min(cut) : max(cut)], text[max(cut) :]) for cut in (one, other)]
    assert store.claim(one[0], one[1], NOW, one[2], NOW)
    assert store.claim(other[0], other[1], NOW, other[2], NOW) == (one != other)


def test_what_a_nonce_is_kept_as_is_the_same_in_every_python_and_release():
    """SQLite and Redis hand it on, and a nonce that is looked for under another name is forgotten."""
    known = {
        ("client", "token", "nonce"): b"client\0token\0nonce",
        ("é", "", "\U0001f600"): "é\0\0\U0001f600".encode(),
        ("a\0", "é'", '"\\'): rb"""('a\x00', "\xe9'", '"\\')""",
    }
    assert {fields: digest_of(*fields) for fields in known} == {
        fields: hashlib.sha256(octets).digest()[:16] for fields, octets in known.items()
    }


class Yielding(int):
    """A capacity that lets other threads run while it is compared, between the look and the entry."""

    def __le__(self, count):
        time.sleep(0)
        return int(self) <= count


def test_of_64_threads_with_one_nonce_exactly_one_is_told_that_it_is_new():
    rounds, threads = 200, 64
    store = MemoryNonceStore(epoch=0, capacity=Yielding(1000))
    barrier = threading.Barrier(threads, timeout=60)
    won = [[] for _ in range(threads)]

    def race(mine):
        for number in range(rounds):
            barrier.wait()
            if claim(store, nonce=str(number), timestamp=NOW + number % 3):
                mine.append(number)

    racers = [threading.Thread(target=race, args=(mine,)) for mine in won]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(number for mine in won for number in mine) == list(range(rounds))
    assert len(store) == rounds


def test_a_full_store_refuses_what_is_new_and_forgets_nothing_until_the_window_has_passed():
    store = MemoryNonceStore(300, capacity=3, epoch=0)
    for number in range(3):
        assert claim(store, nonce=str(number))
    for now in (NOW, NOW + 300):
        with pytest.raises(StoreUnavailable) as caught:
            claim(store, nonce="3", timestamp=now, now=now)
        assert (caught.value.status, len(store)) == (503, 3)
        assert not any(claim(store, nonce=str(number), now=now) for number in range(3))
    assert claim(store, nonce="3", timestamp=NOW + 301, now=NOW + 301)
    assert len(store) == 1


def test_a_store_that_saw_the_clock_jump_forward_and_back_still_makes_room():
    """Else it stays full until the clock has come to where it once stood, for a day if it was off by a day."""
    store = MemoryNonceStore(300, capacity=2, epoch=0)
    assert claim(store, timestamp=NOW + 86400, now=NOW + 86400)
    assert claim(store)
    for now in (NOW + 1000, NOW + 2000):
        assert claim(store, timestamp=now, now=now)


def test_a_timestamp_from_before_the_store_is_refused():
    store = MemoryNonceStore(epoch=NOW)
    with pytest.raises(InvalidTimestamp) as caught:
        claim(store, timestamp=NOW - 1)
    assert (caught.value.status, caught.value.problem) == (401, "timestamp_refused")
    assert caught.value.parameter == "oauth_timestamp"
    assert len(store) == 0
    assert claim(store)


def test_a_store_begins_skew_after_it_is_made_and_has_room_for_a_million():
    before = time.time()
    assert (MemoryNonceStore().window, MemoryNonceStore().capacity) == (300, 1000000)
    assert before + 5 < MemoryNonceStore().epoch <= time.time() + 6
    assert before + 40 < MemoryNonceStore(skew=40).epoch <= time.time() + 41


FORK = """
import os, threading
from oauth1_core import StoreUnavailable
from oauth1_core.nonce_stores.memory import MemoryNonceStore
store = MemoryNonceStore(epoch=0)
stop = threading.Event()
def work():
    number = 0
    while not stop.is_set():
        number += 1
        assert store.claim("c", "t", 1795455318, "thread%d" % number, 1795455318)
thread = threading.Thread(target=work)  # so that the lock is often held when the process is forked
thread.start()
reader, writer = os.pipe()
children = []
for child in range(20):
    children.append(os.fork())
    if not children[-1]:
        try:
            answer = store.claim("c", "t", 1795455318, "one", 1795455318)
        except StoreUnavailable as error:
            answer = error.status
        os.write(writer, b"%d\\n" % answer)
        os._exit(0)
for child in children: os.waitpid(child, 0)
stop.set()
thread.join()
os.close(writer)
print(os.read(reader, 65536).decode().split(), store.claim("c", "t", 1795455318, "one", 1795455318))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_after_a_fork_only_the_process_that_made_the_store_answers():
    """Else each child has a store of its own, and each accepts the one request."""
    child = subprocess.run([sys.executable, "-W", "ignore", "-c", FORK], capture_output=True, text=True, timeout=60)
    assert (child.stdout, child.stderr) == (f"{['503'] * 20} True\n", "")


def test_a_copy_in_another_process_refuses_and_remembers_nothing(monkeypatch):
    store = MemoryNonceStore(epoch=0)
    with monkeypatch.context() as patch:
        patch.setattr("oauth1_core.nonce_stores.memory.os.getpid", lambda: 1)
        with pytest.raises(StoreUnavailable, match="before a fork"):
            claim(store)
    assert claim(store)


def test_what_was_forgotten_is_refused_for_good_when_the_clock_is_set_back():
    store = MemoryNonceStore(300, epoch=0)
    assert claim(store)
    assert claim(store, timestamp=NOW + 301, now=NOW + 301)
    assert len(store) == 1
    with pytest.raises(InvalidTimestamp):
        claim(store)
    assert claim(store, timestamp=NOW + 1, now=NOW)


STEPS = st.tuples(
    st.integers(-400, 400) | st.sampled_from([-86400, 0, 0, 1, 86400]),  # how far the clock moves
    st.integers(-10, 10),  # the timestamp against the clock
    st.sampled_from("abc"),
)


@settings(derandomize=True, deadline=None, max_examples=examples(500))
@given(st.lists(STEPS, max_size=60), st.integers(1, 5))
def test_nothing_is_new_twice_wherever_the_clock_goes(steps, capacity):
    """Against a set that never forgets; a step back in time may be refused, but never accepted again."""
    store, accepted, now = MemoryNonceStore(10, capacity=capacity, epoch=0), set(), NOW
    for step, offset, nonce in steps:
        now += step
        try:
            new = claim(store, timestamp=now + offset, nonce=nonce, now=now + 0.5)
        except (InvalidTimestamp, StoreUnavailable):
            continue
        assert new == ((now + offset, nonce) not in accepted)
        accepted.add((now + offset, nonce))
        assert len(store) <= capacity


@settings(derandomize=True, deadline=None, max_examples=examples(300))
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-10, 10), st.sampled_from("abc")), max_size=60))
def test_within_the_window_of_a_clock_that_runs_forward_everything_new_is_accepted(steps):
    store, accepted, now = MemoryNonceStore(10, epoch=0), set(), NOW
    for step, offset, nonce in steps:
        now += step
        assert claim(store, timestamp=now + offset, nonce=nonce, now=now) == ((now + offset, nonce) not in accepted)
        accepted.add((now + offset, nonce))
    assert len(store) == len([1 for timestamp, _ in accepted if timestamp >= now - 10])
