"""A clock that learns from a server that refuses its timestamps (RFC 5849 section 3.3), for any adapter.

    OAuth1(client, token, clock=LearningClock())

A refusal for the timestamp corrects it, and the adapter sends the request once more. A server is believed within
bounds: for its own origin alone, up to a day from the system's clock, and not over plain http, where anybody on the
way could set this clock; a loopback IP address may use http.
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

# Smaller differences are not why a server refuses: where it says that they are, and where it says nothing.
LEAST_NAMED, LEAST_UNNAMED = 1, 60
DAY = 86400.0


class LearningClock:
    """Seconds since 1970 as the server counts them; safe between threads.

    It shows the system's clock until a refusal has told the server's time. From then on it carries that time on by
    itself, whatever becomes of the system's clock. Each origin has a time of its own: a call with the URI that is
    requested, ``clock(uri)``, gives it. The adapters do that. A copy has learnt the same, and goes on by itself.

    :param never_back: whether no reading may be less than an earlier one, for servers that refuse that; False by
        default. The clock then stands still rather than going back, and one that was ahead is not corrected at once.
    :param largest_correction: how many seconds a server's time may be from the system's clock to be believed, a day
        by default; ``math.inf`` for a device that does not know the date.
    :param clock: returns seconds since 1970; ``time.time`` by default.
    :param monotonic: returns seconds since any moment, and is never set; ``time.monotonic`` by default.
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
        # By origin; "" is that of whoever names none.
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
        """Read an answer; return True if it refused ``timestamp`` and this clock now shows another.

        Such a one says ``oauth_problem=timestamp_refused``, in its challenge or its form, or is a 401
        without any ``oauth_problem`` whose Date is more than a minute off. The time is the middle of
        ``oauth_acceptable_timestamps``, else Date.

        :param status: the HTTP status of the answer.
        :param headers: its header fields: pairs, or any mapping with ``items()``.
        :param body: its body, empty by default.
        :param timestamp: the ``oauth_timestamp`` that was sent; by default the present one, which another answer may
            have corrected since the request was sent.
        :param uri: what was requested: only its origin gets the time, and none over plain http but from a loopback IP
            address. Empty by default: then the time is that of whoever names no origin.
        :raises SigningError: if ``uri`` is not empty, and no http or https URI.
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
        # "The timestamp value MUST be a positive integer": a server that shows 1970 has no clock itself.
        if time_there is None or time_there < 1:
            return False
        if abs(time_there - before) <= (LEAST_NAMED if problem else LEAST_UNNAMED):
            return False
        # From the system's clock, so that many small corrections do not add up to a large one.
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
    """Return what time an answer says it is: the middle of ``oauth_acceptable_timestamps``, else Date."""
    middle = middle_of(report.get("oauth_acceptable_timestamps", ""))
    date = {name.lower(): value for name, value in headers}.get("date", "")
    return time_of(date) if middle is None else middle


def middle_of(acceptable: str) -> "float | None":
    """Return the middle of ``from-to`` in seconds, ``None`` if it is not that."""
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
