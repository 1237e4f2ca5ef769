"""A clock for any adapter that learns from a server that refuses its timestamps (RFC 5849 section 3.3).

    OAuth1(client, token, clock=LearningClock())

If a server refuses a timestamp, the clock learns the server's time and the adapter sends the request once more. The
clock believes a server within these limits:

- The server's time counts only for the server's own origin.
- It must not differ from the system's clock by more than a day (``largest_correction``).
- The response must come over https or from a loopback IP address: over plain http, anyone between client and server
  could set this clock.
"""

import copy
import threading
import time
from datetime import timezone
from email.utils import parsedate_to_datetime

from ..problem_reporting import problem_report
from ..receiving import header_pairs
from ..uris import keeps_secrets, origin_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..receiving import Headers


__all__ = ["LearningClock", "server_time"]

# Ignore smaller differences, in seconds: 1 if the server names the timestamp as the cause, 60 if it names no cause.
LEAST_NAMED, LEAST_UNNAMED = 1, 60
DAY = 86400.0


class LearningClock:
    """Returns the server's time when called, in seconds since 1970-01-01 00:00 UTC; safe between threads.

    The clock returns the system's time until it has learned the server's time from a refusal. After that it counts on
    with ``monotonic``, so changes of the system's clock have no effect. Each origin has its own time: the adapters call
    ``clock(uri)`` with the request URI. A copy starts with the times that the original has learned; later, each learns
    separately.

    :param never_back: whether the clock never returns an earlier time than before, for servers that refuse decreasing
        timestamps; False by default. A clock that was ahead then repeats its time until the server has caught up.
    :param largest_correction: how many seconds the server's time may differ from the system's clock; a day by default.
        Pass ``math.inf`` for a device that does not know the date.
    :param clock: returns seconds since 1970-01-01 00:00 UTC; ``time.time`` by default.
    :param monotonic: returns seconds since any fixed moment, and is never set; ``time.monotonic`` by default.
    """

    def __init__(
        self,
        *,
        never_back: bool = False,
        largest_correction: float = DAY,
        clock: "Callable[[], float]" = time.time,
        monotonic: "Callable[[], float]" = time.monotonic,
    ) -> None:
        self.never_back = never_back
        self.largest_correction = largest_correction
        self.clock = clock
        self.monotonic = monotonic
        # By origin; "" is the key for calls without a URI.
        self.offsets: "dict[str, float]" = {}
        self.latest: "dict[str, float]" = {}
        self.lock: "threading.Lock" = threading.Lock()

    def __call__(self, uri: str = "") -> float:
        origin = uri and origin_of(uri)
        with self.lock:
            offset = self.offsets.get(origin)
            now = self.clock() if offset is None else self.monotonic() + offset
            if self.never_back:
                now = self.latest[origin] = max(now, self.latest.get(origin, now))
            return now

    def correct(
        self, status: int, headers: "Headers", body: bytes = b"", timestamp: "int | None" = None, uri: str = ""
    ) -> bool:
        """Return True if a response refused ``timestamp`` and this clock now returns a different time.

        A refusal contains ``oauth_problem=timestamp_refused`` in the challenge or in a form body. A response with
        status 401 and without ``oauth_problem`` is a refusal too if its Date differs from ``timestamp`` by more than
        60 seconds. The server's time is the middle of ``oauth_acceptable_timestamps``, or Date if that is absent.

        :param status: the HTTP status of the response.
        :param headers: the header fields of the response: pairs, or any mapping with ``items()``.
        :param body: the body of the response, empty by default.
        :param timestamp: the ``oauth_timestamp`` that was sent; by default the clock's current time, which another
            response may have corrected since the request was sent.
        :param uri: the request URI. The server's time counts for its origin; over plain http the clock learns only
            from a loopback IP address. Empty by default: then the time counts for calls without a URI.
        :raises SigningError: if ``uri`` is neither empty nor an http or https URI.
        """
        if uri and not keeps_secrets(uri):
            return False
        headers = header_pairs(headers)
        report = problem_report(headers, body)
        problem = report.get("oauth_problem")
        if not (problem == "timestamp_refused" or (problem is None and status == 401)):
            return False
        time_there = server_time(report, headers)
        before = int(self(uri)) if timestamp is None else timestamp
        # "The timestamp value MUST be a positive integer": a Date in 1970 means that the server's clock is not set.
        if time_there is None or time_there < 1:
            return False
        if abs(time_there - before) <= (LEAST_NAMED if problem else LEAST_UNNAMED):
            return False
        # Compare with the system's clock, so that many small corrections do not add up to a large correction.
        if abs(time_there - self.clock()) > self.largest_correction:
            return False
        with self.lock:
            self.offsets[uri and origin_of(uri)] = time_there - self.monotonic()
        return int(self(uri)) != before

    def __copy__(self) -> "LearningClock":
        other = object.__new__(type(self))
        with self.lock:
            own = {"offsets": dict(self.offsets), "latest": dict(self.latest), "lock": threading.Lock()}
            other.__dict__.update(self.__dict__, **own)
        return other

    def __deepcopy__(self, memo: object) -> "LearningClock":
        return copy.copy(self)


def server_time(report: "dict[str, str]", headers: "Iterable[tuple[str, str]]") -> "float | None":
    """Return the server's time: the middle of ``oauth_acceptable_timestamps``, or Date if that is absent.

    :param report: the problem that the response reports, as :func:`~oauth1_core.problem_report` returns it.
    :param headers: the header fields of the response, as pairs.

    The time is in seconds since 1970-01-01 00:00 UTC; ``None`` if the response contains neither.
    """
    middle = middle_of(report.get("oauth_acceptable_timestamps", ""))
    date = {name.lower(): value for name, value in headers}.get("date", "")
    return time_of(date) if middle is None else middle


def middle_of(acceptable: str) -> "float | None":
    """Return the middle of ``from-to`` in seconds, ``None`` if ``acceptable`` has another format."""
    ends = acceptable.split("-")
    if len(ends) != 2 or not all([0 < len(end) <= 12 and not end.strip("0123456789") for end in ends]):
        return None
    return (int(ends[0]) + int(ends[1])) / 2


def time_of(date: str) -> "float | None":
    try:
        moment = parsedate_to_datetime(date)
        # RFC 7231 section 7.1.1.1: "values in the asctime format are assumed to be in UTC".
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
