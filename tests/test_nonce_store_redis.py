"""RedisNonceStore against real servers that stop, forget, fail over and fill up (RFC 5849 section 3.3)."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis
import redis.asyncio

from oauth1_core import InvalidTimestamp, StoreUnavailable
from oauth1_core.nonce_stores import redis as module
from oauth1_core.nonce_stores.redis import TAGS, AsyncRedisNonceStore, RedisNonceStore
from tests.support.redis_server import (
    BINARY,
    Awaited,
    Pair,
    RedisServer,
    Swallowing,
    free_ports,
    needs_redis,
    run,
    wait_for,
)

pytestmark = [needs_redis, pytest.mark.slow]


def claim(store, nonce="n", timestamp=None, client="c"):
    now = time.time()
    return store.claim(client, "t", int(now) if timestamp is None else timestamp, nonce, now)


@pytest.fixture(scope="module")
def running():
    with RedisServer() as server:
        yield server


@pytest.fixture
def client(running):
    """An empty server."""
    with running.client() as client:
        client.config_set("maxmemory", 0)
        client.config_set("maxmemory-policy", "noeviction")
        client.flushall()
        yield client


@pytest.fixture(params=["sync", "async"])
def new(request):
    """``new(client, ...)`` is a store of either class with the settings of a ``redis.Redis``."""
    with contextlib.ExitStack() as stack:

        def make(client, *arguments, **options):
            if request.param == "sync":
                return RedisNonceStore(client, *arguments, **options)
            store = Awaited(client, *arguments, **options)
            stack.callback(store.close)
            return store

        yield make


def keys(client, what="n"):
    found = [key for key in client.scan_iter(count=1000) if not key.endswith(b"record")]
    return len(found) if what == "n" else found


def test_the_buckets_are_spread_evenly_over_the_slots(client, new):
    assert len(set(TAGS)) == 256
    store = new(client, epoch=0)
    slots = sorted(redis.crc.key_slot(prefix + b"record") for prefix in store._claims.prefixes)
    assert [slot // 64 for slot in slots] == list(range(256))
    for number in range(2000):
        assert claim(store, nonce=str(number))
    used = {redis.crc.key_slot(key) for key in keys(client, "all")}
    assert len(used) > 250 and used <= set(slots)


@pytest.mark.parametrize("timestamp, seconds", [(-300, 5), (0, 305), (300, 605)])
def test_a_nonce_is_kept_until_its_timestamp_has_left_the_window(client, timestamp, seconds, new):
    store = new(client, 300, epoch=0)
    assert claim(store, timestamp=int(time.time()) + timestamp)
    (key,) = keys(client, "all")
    assert seconds - 2 <= client.pttl(key) / 1000 <= seconds + 1


def test_what_has_expired_is_too_old_by_the_same_clock(client, new):
    """So a host whose own clock is behind gains nothing."""
    store = new(client, 1, skew=0, epoch=0)
    timestamp = int(time.time())
    assert claim(store, timestamp=timestamp)
    answers = []
    with contextlib.suppress(InvalidTimestamp):
        while len(answers) < 10000:
            answers.append(store.claim("c", "t", timestamp, "n", timestamp))
    assert answers and not any(answers) and time.time() >= timestamp + 1
    wait_for(lambda: keys(client) == 0)
    with pytest.raises(InvalidTimestamp):
        claim(store, timestamp=timestamp)


def test_a_store_begins_once_for_all_its_processes(client, new):
    now = int(time.time())
    first = new(client, skew=2)
    with pytest.raises(InvalidTimestamp):
        claim(first, timestamp=now)
    assert claim(first, timestamp=now + 5)
    second = new(client, skew=2)
    assert not claim(second, timestamp=now + 5) and claim(second, timestamp=now + 4, nonce="2")
    third = new(client, skew=2, epoch=now + 10)
    for store in (first, second, third):
        with pytest.raises(InvalidTimestamp):
            claim(store, timestamp=now + 9, nonce="3")


def test_stores_with_other_prefixes_share_nothing(client, new):
    one, other = new(client, epoch=0), new(client, epoch=0, prefix="other")
    now = int(time.time())
    assert claim(one, timestamp=now) and claim(other, timestamp=now) and not claim(one, timestamp=now)


def forgotten(store, timestamps):
    """Nothing from before a loss is accepted again; what comes after it is, once."""
    later = int(time.time()) + store.skew + 2
    for timestamp in timestamps:
        for nonce in ("n", "unseen"):
            with pytest.raises(InvalidTimestamp):
                claim(store, timestamp=timestamp, nonce=nonce)
    assert [claim(store, timestamp=later) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("trust", [False, True])
@pytest.mark.parametrize("flush", ["flushall", "delete"])
def test_after_a_flush_nothing_from_before_is_accepted(client, trust, flush, new):
    store = new(client, epoch=0, trust_server=trust)
    now = int(time.time())
    timestamps = [now - 300, now - 1, now, now + store.skew]
    assert all([claim(store, timestamp=timestamp) for timestamp in timestamps])
    if flush == "flushall":
        client.flushall()
    else:
        client.delete(*client.keys())
    forgotten(store, timestamps)


def test_a_new_process_after_a_flush_says_no_different(client, new):
    store = new(client, epoch=0)
    now = int(time.time())
    assert claim(store, timestamp=now)
    client.flushall()
    forgotten(new(client), [now])


@pytest.mark.parametrize("options", [[], ["--appendonly", "yes", "--appendfsync", "no"], ["--save", "3600 1"]])
@pytest.mark.parametrize("kill", [False, True])
def test_after_a_restart_nothing_from_before_is_accepted(options, kill, new):
    """Also not where the server comes back with an old snapshot that knows the epoch and not the newest nonces."""
    with RedisServer(*options) as server, server.client() as client:
        store = new(client, epoch=0)
        if "--save" in options:
            client.save()
        now = int(time.time())
        assert claim(store, timestamp=now)
        server.stop(kill)
        with pytest.raises(StoreUnavailable) as caught:
            claim(store, timestamp=now)
        assert caught.value.status == 503
        server.start()
        forgotten(store, [now])


def test_a_clock_that_ran_ahead_and_was_set_back_gives_nothing_back(client, new):
    store = new(client, 300, epoch=0)
    now = int(time.time())
    assert claim(store, timestamp=now)
    (key,) = keys(client, "all")
    record = key[: key.index(b"}:") + 2] + b"record"
    # What a server whose clock was an hour ahead for one claim has done.
    client.delete(key)
    client.hset(record, "clock", now + 3600)
    with pytest.raises(InvalidTimestamp):
        claim(store, timestamp=now)
    assert client.hget(record, "epoch") == b"%d" % (now + 1)
    # And it is not an hour until it accepts again.
    assert claim(store, timestamp=now + 1) and not claim(store, timestamp=now + 1)
    # A small step back, as clocks do, changes nothing.
    client.hset(record, "clock", now + 10)
    claim(store, timestamp=now + 1)
    assert client.hget(record, "epoch") == b"%d" % (now + 1)


def test_a_server_that_may_evict_is_refused(client, new):
    client.config_set("maxmemory-policy", "volatile-ttl")
    assert new(client)  # it has no maxmemory at which to begin
    client.flushall()
    client.config_set("maxmemory", 100000000)
    with pytest.raises(StoreUnavailable, match="noeviction"):
        new(client)
    assert client.dbsize() == 0
    assert claim(new(client, epoch=0, trust_server=True))
    client.config_set("maxmemory-policy", "noeviction")
    assert claim(new(client, epoch=0, prefix="other"))


def test_a_server_that_may_evict_is_noticed_after_a_restart(running, new):
    with RedisServer() as server, server.client() as client:
        store = new(client, epoch=0)
        server.stop()
        server.options = ("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
        server.start()
        with pytest.raises(StoreUnavailable, match="noeviction"):
            claim(store)


def test_a_full_server_refuses_and_forgets_nothing(client, new):
    store = new(client, epoch=0)
    client.config_set("maxmemory", client.info("memory")["used_memory"] + 100000)
    now, number = int(time.time()), 0
    with pytest.raises(StoreUnavailable) as caught:
        while number < 100000:
            assert claim(store, nonce=str(number), timestamp=now)
            number += 1
    assert caught.value.status == 503 and number > 10
    client.config_set("maxmemory", 0)
    assert not any([claim(store, nonce=str(old), timestamp=now) for old in range(number)])
    assert claim(store, nonce=str(number), timestamp=now)


def test_who_may_not_use_info_is_refused_unless_the_server_is_trusted(running, client, new):
    client.acl_setuser("plain", enabled=True, nopass=True, keys="*", commands=["+@all", "-@dangerous"], reset=True)
    with running.client(username="plain", password="") as plain:
        with pytest.raises(StoreUnavailable):
            new(plain)
        store = new(plain, epoch=0, trust_server=True)
        now = int(time.time())
        assert [claim(store, timestamp=now) for _ in range(2)] == [True, False]


def test_a_server_that_does_not_answer_refuses_within_five_seconds(new):
    with RedisServer() as server, server.client(socket_timeout=0.3) as client:
        store = new(client, epoch=0)
        now = int(time.time())
        os.kill(server.process.pid, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            claim(store, timestamp=now)
        assert time.monotonic() - began < 2
        os.kill(server.process.pid, signal.SIGCONT)
        claim(store, timestamp=now)  # whether it arrived the first time is not known
        assert not claim(store, timestamp=now)


def test_no_server_no_store(tmp_path, new):
    client = redis.Redis(unix_socket_path=str(tmp_path / "nobody"), retry=None)
    with pytest.raises(StoreUnavailable):
        new(client)


def races(path, barrier, won):
    store = RedisNonceStore(redis.Redis(unix_socket_path=path), epoch=0)
    mine, now = [], int(time.time())
    for number in range(100):
        barrier.wait(30)
        if claim(store, nonce=str(number), timestamp=now - now % 1000 + 1000):
            mine.append(number)
    won.put(mine)


def test_of_many_processes_with_one_nonce_exactly_one_is_told_that_it_is_new(running, client):
    context = multiprocessing.get_context("spawn")
    barrier, won = context.Barrier(4), context.Queue()
    processes = [context.Process(target=races, args=(running.socket, barrier, won)) for _ in range(4)]
    for process in processes:
        process.start()
    numbers = [number for _ in processes for number in won.get(timeout=60)]
    for process in processes:
        process.join()
    won.close()
    assert sorted(numbers) == list(range(100))


def outcomes(store, nonces, timestamp):
    """Return how often which answer is given: True is an acceptance."""
    found = Counter()
    for nonce in nonces:
        try:
            found[claim(store, nonce=nonce, timestamp=timestamp)] += 1
        except (InvalidTimestamp, StoreUnavailable) as error:
            found[type(error).__name__] += 1
    return dict(found)


NONCES = [str(number) for number in range(600)]  # some for each bucket, or nearly


@pytest.fixture
def pair():
    with Pair() as servers:
        yield servers


@pytest.mark.parametrize("claims_on_the_other", [False, True])
def test_after_a_failover_and_back_nothing_from_before_is_accepted(pair, new, claims_on_the_other):
    """The first server is the same process all the time, with the same run_id."""
    one, other = pair.clients
    pair.demote(1)
    store, now = new(one, epoch=0), int(time.time())
    assert outcomes(store, ["replicated"], now) == {True: 1}
    assert one.wait(1, 5000) == 1
    run_id = one.info("server")["run_id"]
    pair.promote(1)  # it has lost its primary, which goes on for a moment
    assert outcomes(store, NONCES, now) == {True: 600}
    pair.demote(0)
    if claims_on_the_other:
        assert outcomes(new(other), NONCES, now) == {"InvalidTimestamp": 600}
    one.config_set("replica-read-only", "no")
    with pytest.raises(StoreUnavailable, match="must be a primary"):
        claim(store, timestamp=now)
    pair.promote(0)
    assert one.info("server")["run_id"] == run_id and one.dbsize() < 600
    assert outcomes(store, [*NONCES, "replicated"], now) == {"InvalidTimestamp": 601}
    forgotten(store, [now - 300, now])


def test_an_orderly_failover_and_back_is_noticed_too(pair, new):
    one, other = pair.clients
    pair.demote(1)
    store, now = new(one, epoch=0), int(time.time())
    assert claim(store, timestamp=now)
    for primary, replica in ((one, other), (other, one)):
        primary.execute_command("FAILOVER")
        wait_for(lambda replica=replica: replica.info("replication")["role"] == "master")
        wait_for(lambda primary=primary: primary.info("replication").get("master_link_status") == "up")
    forgotten(store, [now])


def test_a_first_replica_begins_a_new_epoch_and_a_later_one_does_not(pair, new):
    """Nothing is lost by the first one: this is the price for noticing a failover and back."""
    store, now = new(pair.clients[0], epoch=0), int(time.time())
    assert claim(store, timestamp=now)
    pair.demote(1)
    forgotten(store, [now])
    later = int(time.time()) + store.skew + 60
    assert outcomes(store, NONCES, later) == {True: 600}
    pair.promote(1)
    pair.demote(1)
    assert outcomes(store, NONCES, later) == {False: 600}


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
@pytest.mark.parametrize("moment", ["while it may evict", "after it might"])
def test_a_policy_that_is_changed_while_running_is_noticed(client, new, policy, moment):
    store, now = new(client, epoch=0), int(time.time())
    nonces = [str(number) for number in range(2000)]
    assert outcomes(store, nonces, now) == {True: 2000}
    client.config_set("maxmemory-policy", policy)
    evicted, limit = client.info("stats")["evicted_keys"], client.info("memory")["used_memory"]
    while client.info("stats")["evicted_keys"] < evicted + 300:
        client.config_set("maxmemory", limit)
        with contextlib.suppress(redis.exceptions.ResponseError):
            client.set("other", bytes(100))
        limit -= 10000
    if moment == "while it may evict":
        time.sleep(1.1)
        assert outcomes(store, nonces, now) == {"StoreUnavailable": 2000}
        with pytest.raises(StoreUnavailable, match="noeviction"):
            claim(store)
    client.config_set("maxmemory", 0)
    client.config_set("maxmemory-policy", "noeviction")
    time.sleep(1.1)
    assert outcomes(store, nonces, now) == {"InvalidTimestamp": 2000}
    later = int(time.time()) + store.skew + 60
    assert outcomes(store, nonces, later) == {True: 2000}


def test_a_policy_that_evicted_nothing_costs_nothing(client, new):
    store, now = new(client, epoch=0), int(time.time())
    client.config_set("maxmemory", 100000000)
    assert outcomes(store, NONCES, now) == {True: 600}
    client.config_set("maxmemory-policy", "allkeys-lru")
    time.sleep(1.1)
    assert outcomes(store, NONCES, now) == {"StoreUnavailable": 600}
    client.config_set("maxmemory-policy", "noeviction")
    assert outcomes(store, NONCES, now) == {False: 600}


@pytest.mark.parametrize("command, works", [("CONFIG", True), ("INFO", False)])
def test_a_service_that_renames_commands(new, command, works):
    """Only INFO is needed, and where it is missing the store says so and can be told to trust."""
    with RedisServer("--rename-command", command, "") as server, server.client() as client:
        if works:
            assert claim(new(client, epoch=0))
        else:
            with pytest.raises(StoreUnavailable, match="allowed to use INFO"):
                new(client, epoch=0)
        now = int(time.time())
        store = new(client, epoch=0, trust_server=True, prefix="trusted")
        assert [claim(store, timestamp=now) for _ in range(2)] == [True, False]


def commands_of(name):
    """Return what nonce_stores/README.md says that this user may do."""
    lines = Path(module.__file__).with_name("README.md").read_text(encoding="utf-8").splitlines()
    (line,) = (line.strip() for line in lines if line.strip().startswith(f"ACL SETUSER {name} "))
    return line.replace(">PASSWORD", ">secret").split()[3:]


CLUSTER = "+cluster|slots +cluster|shards +command"


def test_a_user_who_may_do_only_this_claims_and_cannot_undo(running, client, new):
    """Another user, for other keys, cannot delete a nonce or exchange the database."""
    for name in ("nonces", "application"):
        client.execute_command("ACL", "SETUSER", name, *commands_of(name))
    with running.client(username="nonces", password="secret") as nonces:
        store, now = new(nonces, epoch=0), int(time.time())
        assert [claim(store, timestamp=now) for _ in range(2)] == [True, False]
    (key,) = (key for key in client.scan_iter(count=1000) if not key.endswith(b"record"))
    with running.client(username="application", password="secret") as other:
        assert other.set("application:1", 1)
        for command in (["DEL", key], ["UNLINK", key], ["FLUSHDB"], ["SWAPDB", 0, 1], ["RENAME", key, "application:2"]):
            with pytest.raises(redis.exceptions.NoPermissionError):
                other.execute_command(*command)
    assert not claim(store, timestamp=now)


def test_a_database_that_is_exchanged_for_an_empty_one_is_noticed(client, new):
    store, now = new(client, epoch=0), int(time.time())
    assert claim(store, timestamp=now)
    client.swapdb(0, 1)
    forgotten(store, [now])


@pytest.mark.parametrize("what", ["a key that is deleted", "a database that is exchanged, and back"])
def test_what_nothing_notices_is_as_the_readme_says(client, new, what):
    """Whoever may do this may do anything; the README says what to do about it."""
    store, now = new(client, epoch=0), int(time.time())
    if what.startswith("a key"):
        assert claim(store, timestamp=now)
        (key,) = keys(client, "all")
        client.delete(key)
    else:
        client.swapdb(0, 1)
        now += store.skew + 60
        assert outcomes(store, ["other", "n"], now)[True] >= 1
        client.swapdb(0, 1)
    assert claim(store, timestamp=now)


def test_a_claim_that_is_sent_again_is_not_taken_for_a_replay(client, new):
    store, now = new(client, epoch=0), int(time.time())
    command = store._claims.claim("c", "t", now, "n")
    assert [client.execute_command(*command) for _ in range(3)] == [1, 1, 1]
    assert not claim(store, timestamp=now)
    # Not even where a new epoch has begun between the two.
    client.hset(command[3], "server", "another")
    assert client.execute_command(*command) == 1
    with pytest.raises(InvalidTimestamp):
        claim(store, timestamp=now)


def test_another_process_is_noticed_even_if_it_kept_the_master_replid(client, new):
    """No server of Redis itself does this; the record is what one would bring back."""
    store, now = new(client, epoch=0), int(time.time())
    command = store._claims.claim("c", "t", now, "n")
    assert client.execute_command(*command) == 1
    run_id, evicted = client.hget(command[3], "process").split()
    assert run_id.decode() == client.info("server")["run_id"]
    client.hset(command[3], "process", b"0" * 40 + b" " + evicted)
    time.sleep(1.1)
    with pytest.raises(InvalidTimestamp):
        claim(store, timestamp=now)


def test_an_id_is_kept_as_a_whole_number(client, new):
    """Which takes 16 octets, whatever the number is."""
    store, now = new(client, epoch=0), int(time.time())
    assert outcomes(store, NONCES, now) == {True: 600}
    found = [key for key in client.scan_iter(count=1000) if not key.endswith(b"record")]
    assert {client.object("encoding", key) for key in found} == {b"int"}
    values = [int(value) for value in client.mget(found)]
    assert len(set(values)) == 600 and min(values) < -(2**60) and max(values) > 2**60


def test_a_reply_that_is_lost_does_not_make_a_new_nonce_a_used_one(running, client):
    """``redis.asyncio`` retries by itself, and so finds the key that its own first attempt has set."""
    with Swallowing(running.socket) as proxy:
        retry = redis.asyncio.retry.Retry(redis.backoff.NoBackoff(), 3)  # the default of redis-py since 6.0 is alike
        other = redis.asyncio.Redis(port=proxy.port, socket_timeout=4, retry=retry)
        store, now = AsyncRedisNonceStore(other, epoch=0), int(time.time())
        run(store.start())
        for number in range(20):
            proxy.swallow = 1
            assert [run(store.claim("c", "t", now, str(number), now)) for _ in range(2)] == [True, False]
        assert proxy.swallowed == 20
        run(other.aclose())


def test_without_a_retry_a_reply_that_is_lost_is_no_acceptance(running, client):
    with Swallowing(running.socket) as proxy, redis.Redis(port=proxy.port, socket_timeout=4) as other:
        store, now = RedisNonceStore(other, epoch=0), int(time.time())
        proxy.swallow = 1
        with pytest.raises(StoreUnavailable):
            claim(store, timestamp=now)
        assert not claim(store, timestamp=now) and proxy.swallowed == 1


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_dead_server_is_given_up_after_the_socket_timeout(new, how):
    """With the retries that redis-py has by default, which would go on for much longer."""
    with RedisServer() as server, redis.Redis(unix_socket_path=server.socket, socket_timeout=0.5) as client:
        store, now = new(client, epoch=0), int(time.time())
        assert claim(store, timestamp=now)
        if how == "stopped":
            os.kill(server.process.pid, signal.SIGSTOP)
        else:
            server.stop(kill=True)
        for attempt in (lambda: claim(store, "n2"), lambda: new(client)):
            began = time.monotonic()
            with pytest.raises(StoreUnavailable):
                attempt()
            assert time.monotonic() - began < 1.5
        if how == "stopped":
            os.kill(server.process.pid, signal.SIGCONT)
            wait_for(lambda: client.ping())
            assert not claim(store, timestamp=now)


@pytest.fixture
def sentinel(pair, tmp_path):
    """The port of a Sentinel that watches the pair."""
    pair.demote(1)
    (port,) = free_ports(1)
    file = tmp_path / "sentinel.conf"
    lines = ["bind 127.0.0.1", f"port {port}", f"dir {tmp_path}", f"sentinel monitor pair 127.0.0.1 {pair.ports[0]} 1"]
    lines += ["sentinel down-after-milliseconds pair 1000", "sentinel failover-timeout pair 1000"]
    file.write_text("\n".join([*lines, ""]), encoding="ascii")
    command = [BINARY or "redis-server", str(file), "--sentinel"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process, redis.Redis(port=port) as client:
        try:
            wait_for(lambda: client.sentinel_slaves("pair"))
            yield client
        finally:
            process.kill()


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_client_of_a_sentinel_finds_the_new_primary(pair, sentinel, kind):
    address = [("127.0.0.1", sentinel.get_connection_kwargs()["port"])]
    if kind == "sync":
        # Nobody else holds this client.
        store = RedisNonceStore(redis.Sentinel(address).master_for("pair", socket_timeout=2), epoch=0)
        claims = store.claim
    else:
        sentinels = redis.asyncio.Sentinel(address)
        client = sentinels.master_for("pair", socket_timeout=2)
        store = AsyncRedisNonceStore(client, epoch=0)

        def claims(*arguments):
            return run(store.claim(*arguments))

    now = int(time.time())
    assert [claims("c", "t", now, "n", now) for _ in range(2)] == [True, False]
    wait_for(lambda: sentinel.execute_command("SENTINEL", "FAILOVER", "pair"))
    wait_for(lambda: pair.clients[1].info("replication")["role"] == "master")
    wait_for(lambda: pair.clients[0].info("replication")["role"] == "slave")
    wait_for(lambda: sentinel.sentinel_get_master_addr_by_name("pair")[1] == pair.ports[1])
    later, answers = now + 60, []
    for _ in range(5):
        try:
            answers.append(claims("c", "t", later, "n", now))
        except StoreUnavailable:
            time.sleep(0.1)  # its connection was to the old primary
    assert answers in ([True, *[False] * 4], [True, *[False] * 3])
    with pytest.raises(InvalidTimestamp):
        claims("c", "t", now, "n", now)
    if kind == "async":
        run(client.aclose())
        for each in sentinels.sentinels:
            run(each.aclose())


def test_a_client_with_a_pool_that_waits(running, client):
    pool = redis.BlockingConnectionPool(
        connection_class=redis.UnixDomainSocketConnection, path=running.socket, max_connections=2, timeout=5
    )
    with redis.Redis(connection_pool=pool) as given:
        store, now = RedisNonceStore(given, epoch=0), int(time.time())
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda number: claim(store, str(number % 100), now), range(200)))
    assert sum(answers) == 100
    assert len(pool._connections) == 0  # none of the application's is used


def test_the_given_client_keeps_its_own_retries(client):
    with redis.Redis(unix_socket_path=client.get_connection_kwargs()["path"]) as given:
        retries = given.get_retry().get_retries()
        assert claim(RedisNonceStore(given, epoch=0))
        assert given.get_retry().get_retries() == retries > 0
        assert given.connection_pool is not RedisNonceStore(given)._client.connection_pool


def test_a_store_is_made_in_two_round_trips_and_again_in_one(running, client):
    client.script_flush()
    with Swallowing(running.socket) as proxy, redis.Redis(port=proxy.port, protocol=2) as other:
        for evals in (256, 0):
            client.config_resetstat()
            RedisNonceStore(other, epoch=0)
            calls = client.info("commandstats")
            assert calls["cmdstat_evalsha"]["calls"] == 256
            assert calls.get("cmdstat_eval", {"calls": 0})["calls"] == evals
        sent = b"".join(proxy.requests)
        assert sent.count(b"EVALSHA") == 512 and len(proxy.requests) < 64


def test_many_who_begin_at_once_begin_once(running, client):
    """And a server that was not there at first is found by the next claim."""

    async def attempt():
        other = redis.asyncio.Redis(unix_socket_path=running.socket, max_connections=100)
        client.config_resetstat()
        store, now = AsyncRedisNonceStore(other, epoch=0), int(time.time())
        answers = await asyncio.gather(*[store.claim("c", "t", now, str(n % 25), now) for n in range(50)])
        await other.aclose()
        return answers

    client.script_flush()
    assert sum(run(attempt())) == 25
    assert client.info("commandstats")["cmdstat_eval"]["calls"] <= 256


def test_an_async_store_begins_when_its_server_does(tmp_path):
    with RedisServer() as server:
        server.stop()
        other = redis.asyncio.Redis(unix_socket_path=server.socket, socket_timeout=0.5)
        store, now = AsyncRedisNonceStore(other, epoch=0), int(time.time())
        for attempt in (store.start, lambda: store.claim("c", "t", now, "n", now)):
            with pytest.raises(StoreUnavailable):
                run(attempt())
        server.start()
        assert [run(store.claim("c", "t", now, "n", now)) for _ in range(2)] == [True, False]
        run(other.aclose())


def test_many_who_begin_while_there_is_no_server_are_refused_and_a_later_one_begins():
    with RedisServer() as server:
        server.stop()
        other = redis.asyncio.Redis(unix_socket_path=server.socket, socket_timeout=0.5, max_connections=100)
        store, now = AsyncRedisNonceStore(other, epoch=0), int(time.time())

        async def attempt():
            claims = [store.claim("c", "t", now, str(number), now) for number in range(20)]
            return await asyncio.gather(*claims, return_exceptions=True)

        assert [type(answer) for answer in run(attempt())] == [StoreUnavailable] * 20
        server.start()
        assert run(attempt()) == [True] * 20
        run(other.aclose())


def test_who_may_not_run_a_script_is_refused(running, client, new):
    client.acl_setuser("reader", enabled=True, nopass=True, keys="*", commands=["+@all", "-evalsha"], reset=True)
    with running.client(username="reader", password="") as reader, pytest.raises(StoreUnavailable) as caught:
        new(reader)
    assert isinstance(caught.value.__cause__, redis.exceptions.NoPermissionError)


def test_a_claim_that_is_cancelled_leaves_the_connection_usable(running, client):
    async def attempt():
        other = redis.asyncio.Redis(unix_socket_path=running.socket)
        store, now = AsyncRedisNonceStore(other, epoch=0), int(time.time())
        await store.start()
        for number in range(50):
            task = asyncio.ensure_future(store.claim("c", "t", now, str(number), now))
            await asyncio.sleep(number / 50000)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        answers = [await store.claim("c", "t", now, "x%d" % (n // 2), now) for n in range(100)]
        await other.aclose()
        return answers

    assert run(attempt()) == [True, False] * 50


@pytest.fixture
def cluster(tmp_path):
    processes, ports = {}, free_ports(6)
    try:
        for port in ports:
            folder = tmp_path / str(port)
            folder.mkdir()
            command = [BINARY or "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
            command += ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--save", ""]
            command += ["--repl-diskless-sync-delay", "0"]
            processes[port] = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for port in ports:
            with redis.Redis(port=port) as node:
                wait_for(node.ping)
        command = ["redis-cli", "--cluster", "create", *[f"127.0.0.1:{port}" for port in ports]]
        command += ["--cluster-replicas", "1", "--cluster-yes"]
        subprocess.run(command, check=True, timeout=60, capture_output=True)
        for port in ports:
            with redis.Redis(port=port) as node:
                wait_for(lambda node=node: node.cluster("info")["cluster_state"] == "ok")
                wait_for(lambda node=node: node.info("replication").get("master_link_status", "up") == "up")
        yield ports, processes
    finally:
        for process in processes.values():
            process.kill()
            process.wait()


def test_a_cluster_is_used_by_all_its_nodes_and_forgets_nothing_when_one_is_flushed_or_lost(cluster, new):
    ports, processes = cluster
    client = redis.cluster.RedisCluster(host="127.0.0.1", port=ports[0], socket_timeout=2)
    store = new(client, epoch=0)
    now = int(time.time())

    def replays(count=300):
        """Return the answers to requests that were accepted before: False, or why they were refused."""
        answers = []
        for number in range(count):
            try:
                answers.append(claim(store, nonce=str(number), timestamp=now))
            except (InvalidTimestamp, StoreUnavailable) as error:
                answers.append(type(error))
        assert True not in answers
        return answers

    assert all([claim(store, nonce=str(number), timestamp=now) for number in range(300)])
    assert replays() == [False] * 300
    primaries = [redis.Redis(port=node.port) for node in client.get_primaries()]
    sizes = [node.dbsize() for node in primaries]
    assert sum(sizes) == 300 + 256 and min(sizes) > 120
    primaries[0].flushall()
    answers = replays()
    assert answers.count(InvalidTimestamp) > 50 and answers.count(False) > 100
    later = int(time.time()) + store.skew + 2
    assert [claim(store, nonce="later", timestamp=later) for _ in range(2)] == [True, False]
    # One primary dies; its replica may not have heard of the newest nonces.
    port = primaries[1].get_connection_kwargs()["port"]
    processes[port].kill()
    with redis.Redis(port=ports[0] if ports[0] != port else ports[1]) as other:
        wait_for(lambda: other.cluster("info")["cluster_state"] == "fail")
        wait_for(lambda: other.cluster("info")["cluster_state"] == "ok")
    assert replays().count(InvalidTimestamp) > 130
    later = int(time.time()) + store.skew + 60
    numbers = range(300)
    assert all([claim(store, nonce=f"later{number}", timestamp=later) for number in numbers])
    assert not any([claim(store, nonce=f"later{number}", timestamp=later) for number in numbers])
    for node in (client, *primaries):
        node.close()


def test_in_a_cluster_a_user_needs_little_more(cluster, new):
    ports, _ = cluster
    for port in ports:
        with redis.Redis(port=port) as node:
            node.execute_command("ACL", "SETUSER", "nonces", *commands_of("nonces"), *CLUSTER.split())
    settings = {"username": "nonces", "password": "secret", "socket_timeout": 4}
    client = redis.cluster.RedisCluster(host="127.0.0.1", port=ports[0], **settings)
    store, now = new(client, epoch=0), int(time.time())
    assert [outcomes(store, NONCES[:50], now) for _ in range(2)] == [{True: 50}, {False: 50}]
    client.close()


def test_a_primary_that_does_not_answer_is_given_up_in_time(cluster, new):
    """A cluster's client also asks the other nodes who took over, which answer at once."""
    ports, processes = cluster
    client = redis.cluster.RedisCluster(host="127.0.0.1", port=ports[0], socket_timeout=0.5)
    store, now = new(client, epoch=0), int(time.time())
    port = client.get_primaries()[-1].port
    os.kill(processes[port].pid, signal.SIGSTOP)
    slowest, refused = 0.0, 0
    for number in range(12):
        began = time.monotonic()
        try:
            claim(store, str(number), timestamp=now)
        except StoreUnavailable:
            refused += 1
        except InvalidTimestamp:
            pass  # its replica has taken over
        slowest = max(slowest, time.monotonic() - began)
    os.kill(processes[port].pid, signal.SIGCONT)
    client.close()
    assert refused and slowest < 2


def test_the_script_is_found_again_when_the_server_forgot_it(client, new):
    store = new(client, epoch=0)
    client.script_flush()
    assert claim(store)
    assert "redis.call" in module.CLAIM
