"""Nonce and timestamp (RFC 5849 section 3.3).

What makes every request a new one: a number of seconds, and a string that is unique within it.
"""

import os
import time

from .percent_encoding import translate

# Some servers take letters and digits only, and no more than 24 of them. 256 octets over 62
# characters come out uneven (5 or 4 of 256 each), so 23 characters hold at least 130 bits.
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
CHARACTER_OF_OCTET = bytes([ALPHABET[octet % 62] for octet in range(256)])


def generate_nonce() -> str:
    """Return 23 random letters and digits, from the system's generator."""
    return translate(os.urandom(23), CHARACTER_OF_OCTET).decode("ascii")


def generate_timestamp() -> str:
    """Return the seconds since 1970-01-01 00:00 UTC as decimal digits."""
    return str(int(time.time()))
