"""Nonces in Redis (RFC 5849 section 3.3), for any number of hosts; one server or Redis Cluster.

A claim is one script on one server, which is atomic: it looks whether the server still holds all that
it was told, refuses what is too old, and sets one key that expires. The keys are spread over 256
buckets, spaced evenly over the slots of a cluster. Each bucket has a record in its own slot, so that
whatever loses a nonce is noticed with the next claim that could be misled by it:

- a flush, or a loss of the slot, takes the record with it;
- a restart or a failover, which may bring back a record without the newest nonces (from a snapshot, an
  append-only file that is flushed once a second, or a replica), changes the server's ``run_id``;
- a server's clock that ran ahead, so that nonces expired early, and was set back is behind the record's.

The first two make a new epoch: a timestamp up to ``skew`` seconds after that moment is refused. The
last one raises the epoch above what has expired. Expiry follows the server's clock, and what has
expired is too old by the same clock: a host whose clock is set back gains nothing.
"""

import binascii

from redis.exceptions import RedisClusterException, RedisError

from ..errors import InvalidTimestamp, StoreUnavailable
from .digest import digest_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Union

    from redis import Redis
    from redis.cluster import RedisCluster

    Client = Union[Redis, RedisCluster]

CLAIM = """
local record, nonce = KEYS[1], KEYS[2]
local timestamp, keep, skew, given = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local held = redis.call('HMGET', record, 'server', 'epoch', 'clock', 'latest')
local epoch, last_clock, latest = tonumber(held[2]) or 0, tonumber(held[3]) or 0, tonumber(held[4]) or 0
local clock = tonumber(redis.call('TIME')[1])
local server = held[1] or 'trusted'
if ARGV[5] == 'check' then
    server = redis.call('INFO', 'server'):match('run_id:(%x+)')
end
if server ~= held[1] then
    if ARGV[5] == 'check' then
        local memory = redis.call('INFO', 'memory')
        if not memory:find('maxmemory_policy:noeviction') and not memory:find('maxmemory:0\\r') then
            return -2
        end
    end
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
if server ~= held[1] or epoch ~= tonumber(held[2]) or clock ~= last_clock or latest ~= tonumber(held[4]) then
    redis.call('HSET', record, 'server', server, 'epoch', epoch, 'clock', clock, 'latest', latest)
end
if refused then
    return -1
end
return redis.call('SET', nonce, 1, 'NX', 'EX', timestamp + keep - clock) and 1 or 0
"""


def evenly_spaced_tags(count: int) -> "list[str]":
    """Return the shortest numbers which, as the hash tag of a key, fall into equal parts of the 16384 slots."""
    tags: "dict[int, str]" = {}
    number = 0
    while len(tags) < count:
        slot = binascii.crc_hqx(str(number).encode("ascii"), 0) % 16384
        tags.setdefault(slot * count // 16384, str(number))
        number += 1
    return [tags[part] for part in sorted(tags)]


TAGS = evenly_spaced_tags(256)


class RedisNonceStore:
    """Remember each accepted nonce until its timestamp is ``window`` seconds old, and ``skew`` more.

    ``redis_client`` is a ``redis.Redis`` or ``redis.cluster.RedisCluster``; give it a ``socket_timeout``.
    ``skew`` is how many seconds the clocks of the hosts and servers may differ. A store that finds an
    empty server begins its epoch then; ``epoch=0`` says that there was no other store before. It
    refuses to start, or to go on after a failover, where the server may evict keys. ``trust_server``
    leaves that and the ``run_id`` unchecked, for users who may not use INFO: then it is the operator
    who knows that the server never evicts and that no acknowledged write is lost in a restart.
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
        self._prefix = [(prefix + ":{" + tag + "}:").encode("utf-8") for tag in TAGS]
        self._check = "trust" if trust_server else "check"
        self._script = redis_client.register_script(CLAIM)
        for prefix_of_bucket in self._prefix:
            # Nothing is as old as 0, so this claims nothing; it makes the record where there is none.
            self._run(prefix_of_bucket, b"", 0, "" if epoch is None else repr(epoch))

    def claim(self, client_identifier: str, token_identifier: str, timestamp: int, nonce: str, now: float) -> bool:
        """Return whether this combination is new, and remember it. Never True twice."""
        key = digest_of(client_identifier, token_identifier, f"{timestamp} {nonce}")
        answer = self._run(self._prefix[key[0]], key, timestamp, "")
        if answer == -1:
            raise InvalidTimestamp("the timestamp is from before this store", parameter="oauth_timestamp")
        return answer == 1

    def _run(self, prefix: bytes, key: bytes, timestamp: int, epoch: str) -> int:
        keep = self.window + self.skew
        try:
            answer = self._script([prefix + b"record", prefix + key], [timestamp, keep, self.skew, epoch, self._check])
        except (RedisError, RedisClusterException) as error:
            raise StoreUnavailable("the nonce server cannot be used") from error
        if answer == -2:
            raise StoreUnavailable("the nonce server may evict keys: set its maxmemory-policy to noeviction")
        return int(answer)
