"""Nonce and timestamp (RFC 5849 section 3.3).

A timestamp in seconds, and a random string, make every request different from every other request.
"""

import os
import time

from .errors import SigningError
from .percent_encoding import translate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Some servers accept only letters and digits, and at most 24 of them. The 256 values of an octet do not divide evenly
# among 62 characters (each character gets 5 or 4 of them), so 23 characters hold at least 130 bits.
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
CHARACTER_OF_OCTET = bytes([ALPHABET[octet % 62] for octet in range(256)])
# Seconds from 1970 to the year in which the clock of this Python begins: 2000 on an ESP32 and some other boards.
EPOCH = 946684800 if hasattr(time, "gmtime") and time.gmtime(0)[0] == 2000 else 0


def generate_nonce() -> str:
    """Return 23 random letters and digits from ``os.urandom`` (3.3).

    Raises SigningError if this Python has no ``os.urandom``.
    """
    try:
        octets = os.urandom(23)
    except (AttributeError, NotImplementedError):
        message = "this Python has no os.urandom: give sign or Signer a nonce= that is different for each request"
        raise SigningError(message, parameter="oauth_nonce") from None
    return translate(octets, CHARACTER_OF_OCTET).decode()


def generate_timestamp() -> str:
    """Return the seconds since 1970-01-01 00:00 UTC as decimal digits (3.3)."""
    return str(int(time.time()) + EPOCH)


def whole_seconds(now: float) -> int:
    """Return what a clock returned in whole seconds; raise SigningError if it is not a finite number."""
    try:
        return int(now)
    except (OverflowError, TypeError, ValueError):
        raise clock_error() from None


def clock_error() -> SigningError:
    message = "oauth_timestamp must be a positive integer: the clock must return seconds since 1970-01-01 00:00 UTC"
    return SigningError(message, parameter="oauth_timestamp")


def seconds_since_1970() -> float:
    return time.time() + EPOCH


# Returns seconds since 1970 on every board; time.time() does so only where EPOCH is 0.
unix_time: "Callable[[], float]" = seconds_since_1970 if EPOCH else time.time
