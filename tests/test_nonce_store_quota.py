"""The quota of each client (RFC 5849 section 4.10): exact, that client's alone, and free again after the window."""

import contextlib
import sys
import threading
import time

import pytest

from oauth1_core import (
    ClientCredentials,
    InvalidTimestamp,
    StoreUnavailable,
    Verifier,
    authorization_header,
    refusal,
    sign,
)
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from oauth1_core.nonce_stores.quota import QuotaNonceStore

NOW = int(time.time())


def claim(store, nonce, client="c", timestamp=NOW, now=NOW):
    return store.claim(client, "t", timestamp, nonce, now)


def test_a_client_at_its_quota_is_refused_alone():
    inner = MemoryNonceStore(epoch=0)
    store = QuotaNonceStore(inner, per_client=3)
    assert all([claim(store, str(number)) for number in range(3)])
    for _ in range(2):
        with pytest.raises(StoreUnavailable) as caught:
            claim(store, "3")
        assert (caught.value.status, caught.value.problem) == (503, "consumer_key_refused")
        assert caught.value.parameter == "oauth_consumer_key"
    assert len(inner) == 3
    assert claim(store, "3", client="other")


def test_the_refusal_tells_when_to_come_again():
    client = ClientCredentials("c", "s")

    class Known:
        def client(self, identifier):
            return client

    verifier = Verifier(Known(), QuotaNonceStore(MemoryNonceStore(epoch=0), per_client=1))
    for attempt in range(2):
        headers = [("Authorization", authorization_header(sign("GET", "http://h/", client)))]
        if attempt == 0:
            verifier.verify("GET", "http://h/", headers, token="absent")
    with pytest.raises(StoreUnavailable) as caught:
        verifier.verify("GET", "http://h/", headers, token="absent")
    status, fields, body = refusal(caught.value)
    assert (status, dict(fields)["Retry-After"], body) == (503, "1", b"oauth_problem=consumer_key_refused")


@pytest.mark.parametrize("later", [301, 86400])
def test_the_quota_is_free_again_after_the_window(later):
    store = QuotaNonceStore(MemoryNonceStore(epoch=0), per_client=2)
    assert claim(store, "1") and claim(store, "2", timestamp=NOW + 300)
    with pytest.raises(StoreUnavailable):
        claim(store, "3", timestamp=NOW + 300, now=NOW + 300)
    assert claim(store, "3", timestamp=NOW + later, now=NOW + later)


def test_what_was_dated_by_a_clock_that_jumped_forward_does_not_count_for_good():
    store = QuotaNonceStore(MemoryNonceStore(epoch=0), per_client=1)
    assert claim(store, "1", timestamp=NOW + 86400, now=NOW + 86400)
    assert claim(store, "2")


def test_what_was_not_accepted_does_not_count():
    inner = MemoryNonceStore(capacity=1, epoch=NOW - 100)
    store = QuotaNonceStore(inner, per_client=2)
    assert claim(store, "1")
    for _ in range(5):
        assert not claim(store, "1")
        with pytest.raises(InvalidTimestamp):
            claim(store, "2", timestamp=NOW - 101)
        with pytest.raises(StoreUnavailable) as caught:
            claim(store, "2")
        assert caught.value.problem == ""
    inner.capacity = 2
    assert claim(store, "2")


def granted(store, timestamp, now):
    """How many of ten new nonces are taken."""
    taken = 0
    for number in range(10):
        with contextlib.suppress(StoreUnavailable):
            taken += claim(store, f"{timestamp} {number}", timestamp=timestamp, now=now)
    return taken


@pytest.mark.parametrize("refused", [0, 1, 7])
def test_the_quota_is_exact_whatever_was_refused_between(refused):
    store = QuotaNonceStore(MemoryNonceStore(epoch=0), per_client=4)
    for nonce in ("1", "2"):
        assert claim(store, nonce)
        for _ in range(refused):
            assert not claim(store, nonce)
    assert granted(store, NOW + 100, NOW + 100) == 2
    assert granted(store, NOW + 301, NOW + 301) == 2
    assert granted(store, NOW + 401, NOW + 401) == 2
    assert granted(store, NOW + 1000, NOW + 1000) == 4


def test_what_is_still_needed_counts_after_the_clock_was_wrong_for_a_moment():
    store = QuotaNonceStore(MemoryNonceStore(10000, epoch=0), per_client=2)
    assert claim(store, "1") and claim(store, "2", timestamp=NOW + 1000, now=NOW + 1000)
    assert granted(store, NOW, NOW) == 1


def test_what_is_given_back_after_its_second_was_dropped_is_not_given_back_twice():
    class Slow:
        """While a claim of long ago is under way, others of the same client come and go."""

        def claim(self, client, token, timestamp, nonce, now):
            if nonce == "old":
                assert claim(store, "1", now=NOW) and claim(store, "2", now=NOW)
                return False
            return True

    store = QuotaNonceStore(Slow(), per_client=2)
    assert not claim(store, "old", timestamp=NOW - 500, now=NOW - 500)
    with pytest.raises(StoreUnavailable):
        claim(store, "3")


def test_of_many_threads_no_more_than_the_quota_gets_through():
    inner = MemoryNonceStore(epoch=0)
    store = QuotaNonceStore(inner, per_client=100)
    refused = []

    def claims(thread):
        for number in range(50):
            try:
                assert claim(store, f"{thread} {number}")
            except StoreUnavailable:
                refused.append(number)

    threads = [threading.Thread(target=claims, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(inner), len(refused)) == (100, 300)


def octets_of(store):
    """The memory that a quota's own counts take."""
    seen, waiting, total = set(), [store._totals, store._counts], 0
    while waiting:
        each = waiting.pop()
        if id(each) not in seen:
            seen.add(id(each))
            total += sys.getsizeof(each)
            waiting += [*each, *each.values()] if isinstance(each, dict) else []
    return total


class Accepting:
    def claim(self, client, token, timestamp, nonce, now):
        return True


def test_clients_that_come_once_leave_nothing_after_the_window():
    store = QuotaNonceStore(Accepting(), per_client=100)
    for number in range(10000):
        assert claim(store, "n", client=f"client {number}")
    assert octets_of(store) > 10**6
    for later in (301, 302):  # the clock of two claims in a row
        assert claim(store, "n", client="other", timestamp=NOW + later, now=NOW + later)
    assert list(store._totals) == ["other"] and sorted(store._counts) == [NOW + 301, NOW + 302]


def test_what_is_held_after_an_hour_is_what_the_window_needs():
    store, held = QuotaNonceStore(Accepting(), per_client=10**6), []
    for second in range(3600):
        for client in ("a", "b", "c"):
            assert claim(store, "n", client=client, timestamp=NOW + second, now=NOW + second)
        if second in (600, 3599):
            held.append((sum(map(len, store._counts.values())), store._totals))
    assert held[0] == held[1] == (903, {"a": 301, "b": 301, "c": 301})


def test_a_client_whose_claims_were_all_refused_leaves_nothing():
    class Refusing:
        def claim(self, client, token, timestamp, nonce, now):
            return False

    store = QuotaNonceStore(Refusing(), per_client=2)
    assert not any([claim(store, "n", client=f"client {number}") for number in range(100)])
    assert not store._totals and not any(store._counts.values())


@pytest.mark.parametrize("per_client", [301, 10**6])
def test_a_claim_costs_the_same_however_many_went_before(per_client):
    """Counted, not timed: the seconds that are looked at, with a client at its quota and without."""
    looks = [0]

    class Counted(dict):
        def __iter__(self):
            looks[0] += len(self)
            return super().__iter__()

    store = QuotaNonceStore(Accepting(), per_client=per_client)
    store._counts = Counted()
    for second in range(1000):
        for number in range(100):
            with contextlib.suppress(StoreUnavailable):
                claim(store, str(number), timestamp=NOW + second, now=NOW + second)
    assert looks[0] <= 1000 * 3 * 310  # three times a second, and not a hundred times


def test_a_store_that_has_to_be_awaited_is_a_type_error_and_costs_the_client_nothing():
    class Late:
        async def claim(self, *claimed):
            return True

    store = QuotaNonceStore(Late(), per_client=1)
    for _ in range(3):
        with pytest.raises(TypeError, match="awaited"):
            claim(store, "n")


class Endless:
    """A store to which every nonce is new."""

    def claim(self, *arguments):
        return True


def test_a_clock_that_is_wrong_for_a_moment_drops_no_count_of_another_client():
    store = QuotaNonceStore(Endless(), per_client=1)
    assert store.claim("a", "", 100, "first", 100)
    assert store.claim("b", "", 1000000, "first", 1000000)
    with pytest.raises(StoreUnavailable):
        store.claim("a", "", 101, "second", 101)


def test_the_last_second_of_the_window_is_counted():
    store = QuotaNonceStore(Endless(), per_client=2)
    assert store.claim("a", "", 400, "first", 100)
    assert store.claim("a", "", 400, "second", 99)  # the clock went back
    with pytest.raises(StoreUnavailable):
        store.claim("a", "", 400, "third", 100)
