"""Nonce and timestamp (RFC 5849 section 3.3).

What makes every request a new one: a number of seconds, and a string that is unique within it.
"""

import os
import time

from .errors import SigningError
from .percent_encoding import translate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Some servers take letters and digits only, and no more than 24 of them. 256 octets over 62
# characters come out uneven (5 or 4 of 256 each), so 23 characters hold at least 130 bits.
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
CHARACTER_OF_OCTET = bytes([ALPHABET[octet % 62] for octet in range(256)])
# Seconds from 1970 to where the clock of this Python begins: on an ESP32 and others, that is 2000.
EPOCH = 946684800 if hasattr(time, "gmtime") and time.gmtime(0)[0] == 2000 else 0


def generate_nonce() -> str:
    """Return 23 random letters and digits, from the system's generator.

    Raises SigningError where the system has none.
    """
    try:
        octets = os.urandom(23)
    except (AttributeError, NotImplementedError):
        message = "this Python has no os.urandom: give a nonce of your own, never twice the same (nonce=)"
        raise SigningError(message, parameter="oauth_nonce") from None
    return translate(octets, CHARACTER_OF_OCTET).decode()


def generate_timestamp() -> str:
    """Return the seconds since 1970-01-01 00:00 UTC as decimal digits."""
    return str(int(time.time()) + EPOCH)


def seconds_since_1970() -> float:
    return time.time() + EPOCH


# What time.time() is elsewhere.
unix_time: "Callable[[], float]" = seconds_since_1970 if EPOCH else time.time
