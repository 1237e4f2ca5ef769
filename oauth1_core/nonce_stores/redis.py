"""Nonces in Redis (RFC 5849 section 3.3), for any number of hosts; one server or Redis Cluster.

A claim is one script on one server, so it is atomic. The script checks that the server has lost no data, refuses a
timestamp that is too old, and sets one key with an expiry time. The keys are spread over 256 buckets, spaced evenly
over the slots of a cluster. Each bucket has a record in its own slot, so that every loss of nonces is noticed at the
next claim in the same bucket. A loss can be:

- A flush, or a loss of the slot: the record is gone too.
- A restart or a promotion, which may bring back a record without the newest nonces: from a snapshot, from an
  append-only file that is flushed once a second, or from a replica. Every server that starts, and every replica that
  is promoted, draws a new ``master_replid``. A server that is demoted takes the ``master_replid`` of its primary, and
  draws a new one when it is promoted again. ``run_id`` does not change while the process runs, not even during a
  failover and failback. A server also draws a new ``master_replid``, without any loss, when its first replica connects
  and an hour after its last replica has left.
- An eviction of keys: the server counts them in ``evicted_keys``.
- A server clock that ran ahead, so that nonces expired early, and was set back: it is behind the time in the record.

The first three start a new epoch: timestamps up to ``skew`` seconds after the moment of detection are refused. The
last one raises the epoch above all expired timestamps. Expiry and the age check both use the Redis server's clock, so
setting back the clock of an application host has no effect.

Each claim compares the ``master_replid``. The first claim of each second in a bucket also compares ``run_id`` (a
relative of Redis may keep its ``master_replid`` in a restart) and ``evicted_keys``, and refuses if the server may
evict keys now. These checks cost the server more.

A client library may send the same claim again. Each claim therefore writes its own random id into the key: a key that
holds the claim's id was set by an earlier attempt of the same claim. The id has 64 bits, because Redis stores an
integer of 64 bits in 16 octets. A replayed request has the id of the first request by chance once in
18,000,000,000,000,000,000 attempts.
"""

import asyncio
import binascii
import copy
import os

from redis import Redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.exceptions import NoScriptError, RedisClusterException, RedisError
from redis.retry import Retry

from ..errors import InvalidTimestamp, StoreUnavailable
from .digest import digest_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any, Union

    import redis.asyncio

    Client = Union[Redis, RedisCluster]
    AsyncClient = Union[redis.asyncio.Redis, redis.asyncio.RedisCluster]
    Command = tuple[Union[str, bytes, int], ...]

__all__ = ["RedisNonceStore"]

CLAIM = """
local record, nonce = KEYS[1], KEYS[2]
local timestamp, keep, skew, given = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local id, checks = ARGV[5], ARGV[6] == 'check'
local held = redis.call('HMGET', record, 'server', 'epoch', 'clock', 'latest', 'process')
local epoch, last_clock, latest = tonumber(held[2]) or 0, tonumber(held[3]) or 0, tonumber(held[4]) or 0
local clock = tonumber(redis.call('TIME')[1])
local server, process = held[1] or 'trusted', held[5] or ''
local function told(section, pattern)
    local info = redis.pcall('INFO', section)
    return type(info) == 'string' and info:match(pattern)
end
if checks then
    server = told('replication', 'role:master.-master_replid:(%x+)')
    if server ~= held[1] or clock ~= last_clock then
        local run_id, evicted = told('server', 'run_id:(%x+)'), told('stats', 'evicted_keys:(%d+)')
        local memory = told('memory', '.*')
        if not (server and run_id and evicted and memory) then
            return -3
        end
        if not memory:find('maxmemory_policy:noeviction') and not memory:find('maxmemory:0\\r') then
            return -2
        end
        process = run_id .. ' ' .. evicted
    end
end
local changed = server ~= held[1] or process ~= held[5]
if changed then
    if held[1] or not given then
        epoch = math.max(epoch, clock + skew + 1)
    end
elseif clock < last_clock then
    epoch = math.max(epoch, math.min(latest, last_clock - keep) + 1)
end
epoch = math.max(epoch, given or 0)
local refused = timestamp < epoch or timestamp + keep <= clock
if not refused then
    latest = math.max(latest, timestamp)
end
if changed or epoch ~= tonumber(held[2]) or clock ~= last_clock or latest ~= tonumber(held[4]) then
    redis.call('HSET', record, 'server', server, 'epoch', epoch, 'clock', clock, 'latest', latest, 'process', process)
end
if not refused and redis.call('SET', nonce, id, 'NX', 'EX', timestamp + keep - clock) then
    return 1
end
if redis.call('GET', nonce) == id then
    return 1
end
return refused and -1 or 0
"""
REACHING = (RedisError, RedisClusterException, asyncio.TimeoutError)


def evenly_spaced_tags(count: int) -> "list[str]":
    """Return ``count`` hash tags, as short as possible, that divide the 16384 slots into equal parts."""
    tags: "dict[int, str]" = {}
    number = 0
    while len(tags) < count:
        slot = binascii.crc_hqx(str(number).encode("ascii"), 0) % 16384
        tags.setdefault(slot * count // 16384, str(number))
        number += 1
    return [tags[part] for part in sorted(tags)]


TAGS = evenly_spaced_tags(256)


class RedisNonceStore:
    """A store that keeps each accepted nonce until its timestamp is ``window`` + ``skew`` seconds old.

    :param redis_client: a ``redis.Redis`` or ``redis.cluster.RedisCluster``. A claim waits at most its
        ``socket_timeout`` for a server that does not answer, and without limit if ``socket_timeout`` is not set. The
        store uses the settings of a ``Redis`` but opens its own connections, and does not retry. These connections come
        on top of the client's ``max_connections``.
    :param window: how many seconds a timestamp may differ from the clock (default: 300), as in ``Verifier``.
    :param skew: how many seconds the clocks of the hosts and servers may differ (default: 5). A new epoch
        begins this many seconds in the future. A request whose timestamp was further ahead, and which was accepted less
        than a window before its nonce was lost, can be accepted a second time. ``skew=window`` rules this out, if the
        clocks agree; the store then refuses every request for one window.
    :param epoch: refuse each timestamp below this one (default: ``None``, and if the server is empty, the epoch begins
        ``skew`` seconds in the future). Pass ``epoch=0`` only if there was no earlier store.
    :param prefix: the beginning of each key's name (default: "oauth1"). Stores with the same prefix share nonces.
    :param trust_server: do not check whether the server may evict keys, has restarted or has failed over (default:
        False). Use it if the Redis user must not call INFO. The operator must then make sure that the server never
        evicts keys and loses no acknowledged write in a restart or failover.

    The constructor and ``claim`` raise StoreUnavailable (503) if the server cannot be reached or used, if it
    may evict keys, if INFO is forbidden, or if the server is a replica. ``claim`` raises InvalidTimestamp (401) for a
    timestamp before the epoch.
    """

    def __init__(
        self,
        redis_client: "Client",
        window: int = 300,
        *,
        skew: int = 5,
        epoch: "float | None" = None,
        prefix: str = "oauth1",
        trust_server: bool = False,
    ) -> None:
        self.window = window
        self.skew = skew
        sha = redis_client.register_script(CLAIM).sha
        self._claims = Claims(sha, window, skew, epoch, prefix, trust_server)
        self._given = redis_client  # kept, because the pool of a Sentinel's client asks it for the primary
        self._client: "Any" = trying_once(redis_client)
        self._is_cluster = isinstance(redis_client, RedisCluster)
        try:
            commands = self._claims.opening()
            replies = self._send_all(commands)
            check_opening(replies + self._send_all(not_known(commands, replies)))
        except REACHING as error:
            raise unreachable() from error

    def claim(self, client_identifier: str, token_identifier: str, timestamp: int, nonce: str, now: float) -> bool:
        """Store this combination and return True if it is new; return False if it was stored before.

        ``timestamp`` is in seconds since 1970-01-01 00:00 UTC. ``now`` is ignored: the server's clock counts.
        """
        command = self._claims.claim(client_identifier, token_identifier, timestamp, nonce)
        try:
            try:
                reply = self._send(command)
            except NoScriptError:
                reply = self._send(with_text(command))
        except REACHING as error:
            raise unreachable() from error
        return is_new(reply)

    def _send(self, command: "Command") -> "Any":
        if self._is_cluster:
            # RedisCluster does not retry a command for a given node if the node does not answer.
            node = self._client.get_node_from_key(command[3])
            return self._client.execute_command(*command, target_nodes=node)
        return self._client.execute_command(*command)

    def _send_all(self, commands: "list[Command]") -> "Any":
        with self._client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            return pipeline.execute(raise_on_error=False)


class AsyncRedisNonceStore:
    """RedisNonceStore for ``redis.asyncio``: ``claim`` is awaited.

    ``redis_client`` is a ``redis.asyncio.Redis`` or ``redis.asyncio.RedisCluster``. The store uses its connections, and
    the client may retry. A claim takes at most the client's ``socket_timeout``, retries included. The other arguments
    and the errors of ``claim`` are the same as for RedisNonceStore. The constructor sends nothing, so it raises no
    StoreUnavailable.

    The first claim creates the records of the store. Call ``await store.start()`` to do this earlier: it raises
    StoreUnavailable if the server cannot be used, and the epoch of an empty server begins at this time.
    """

    def __init__(
        self,
        redis_client: "AsyncClient",
        window: int = 300,
        *,
        skew: int = 5,
        epoch: "float | None" = None,
        prefix: str = "oauth1",
        trust_server: bool = False,
    ) -> None:
        self.window = window
        self.skew = skew
        sha = redis_client.register_script(CLAIM).sha
        self._claims = Claims(sha, window, skew, epoch, prefix, trust_server)
        self._client: "Any" = redis_client
        self._timeout: "float | None" = redis_client.get_connection_kwargs().get("socket_timeout")
        self._started: "asyncio.Future[None] | None" = None

    async def start(self) -> None:
        """Create the missing records, once; raises StoreUnavailable, and then a later call tries again."""
        started = self._started
        if started is None:
            # All callers wait for one task, which goes on if one of the callers is cancelled.
            started = self._started = asyncio.ensure_future(self._open())
        try:
            await asyncio.shield(started)
        except StoreUnavailable:
            if self._started is started:
                self._started = None
            raise

    async def claim(
        self, client_identifier: str, token_identifier: str, timestamp: int, nonce: str, now: float
    ) -> bool:
        """Store this combination and return True if it is new; return False if it was stored before.

        ``timestamp`` is in seconds since 1970-01-01 00:00 UTC. ``now`` is ignored: the server's clock counts.
        """
        if self._started is None or not self._started.done():
            await self.start()
        command = self._claims.claim(client_identifier, token_identifier, timestamp, nonce)
        return is_new(await self._within_timeout(self._send(command)))

    async def _within_timeout(self, sending: "Coroutine[Any, Any, Any]") -> "Any":
        try:
            return await asyncio.wait_for(sending, self._timeout)
        except REACHING as error:
            raise unreachable() from error

    async def _open(self) -> None:
        commands = self._claims.opening()
        replies = await self._within_timeout(self._send_all(commands))
        replies += await self._within_timeout(self._send_all(not_known(commands, replies)))
        check_opening(replies)

    async def _send(self, command: "Command") -> "Any":
        try:
            return await self._client.execute_command(*command)
        except NoScriptError:
            return await self._client.execute_command(*with_text(command))

    async def _send_all(self, commands: "list[Command]") -> "Any":
        async with self._client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            return await pipeline.execute(raise_on_error=False)


class Claims:
    """The commands that both stores send."""

    def __init__(
        self, sha: str, window: int, skew: int, epoch: "float | None", prefix: str, trust_server: bool
    ) -> None:
        self.prefixes: "list[bytes]" = [(prefix + ":{" + tag + "}:").encode("utf-8") for tag in TAGS]
        self._sha = sha
        self._keep = window + skew
        self._skew = skew
        self._epoch = "" if epoch is None else repr(epoch)
        self._checks = "trust" if trust_server else "check"

    def opening(self) -> "list[Command]":
        # Timestamp 0 is always refused, so these calls claim no nonce; they only create missing records.
        return [self._command(prefix, b"", 0, self._epoch) for prefix in self.prefixes]

    def claim(self, client_identifier: str, token_identifier: str, timestamp: int, nonce: str) -> "Command":
        key = digest_of(client_identifier, token_identifier, f"{timestamp} {nonce}")
        return self._command(self.prefixes[key[0]], key, timestamp, "")

    def _command(self, prefix: bytes, key: bytes, timestamp: int, epoch: str) -> "Command":
        own = int.from_bytes(os.urandom(8), "big", signed=True)
        keys = prefix + b"record", prefix + key
        return ("EVALSHA", self._sha, 2, *keys, timestamp, self._keep, self._skew, epoch, own, self._checks)


def with_text(command: "Command") -> "Command":
    """Return the same claim with the text of the script, for a server that does not know the script yet."""
    return ("EVAL", CLAIM, *command[2:])


def not_known(commands: "list[Command]", replies: "list[Any]") -> "list[Command]":
    pairs = zip(commands, replies)
    return [with_text(command) for command, reply in pairs if isinstance(reply, NoScriptError)]


def check_opening(replies: "list[Any]") -> None:
    for reply in replies:
        if isinstance(reply, NoScriptError):
            continue  # this command has been sent again, with its text
        if isinstance(reply, Exception):
            raise unreachable() from reply
        if reply != -1:
            is_new(reply)


def is_new(reply: int) -> bool:
    """Return whether the nonce is new according to the script's reply, or raise the error that the reply names."""
    if reply == -1:
        raise InvalidTimestamp("the timestamp is before the epoch of the nonce store", parameter="oauth_timestamp")
    if reply == -2:
        raise StoreUnavailable("the nonce server may evict keys: set its maxmemory-policy to noeviction")
    if reply == -3:
        raise StoreUnavailable("the nonce server must be a primary, and its user must be allowed to use INFO")
    return reply == 1


def unreachable() -> StoreUnavailable:
    return StoreUnavailable("the Redis server of the nonce store cannot be reached, or reported an error")


def trying_once(client: "Client") -> "Client":
    """Return a client with the same settings that does not retry.

    Strategy: redis-py keeps the retries in each connection, so this function copies the pool, whatever its class is,
    and removes the connections of the copy. A cluster's connections do not retry.
    """
    if isinstance(client, RedisCluster):
        return client
    pool = copy.copy(client.connection_pool)
    pool.connection_kwargs = dict(pool.connection_kwargs, retry=Retry(NoBackoff(), 0))
    pool.reset()
    return Redis(connection_pool=pool)
