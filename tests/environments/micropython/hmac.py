"""``hmac`` (RFC 2104) as the core uses it: MicroPython's own does not take the name of a hash, nor compare."""
import hashlib


def new(key, message, digest):
    block_size = hashlib.new(digest).block_size
    if len(key) > block_size:
        key = hashlib.new(digest, key).digest()
    key += bytes(block_size - len(key))
    inner = hashlib.new(digest, bytes([octet ^ 0x36 for octet in key]) + message).digest()
    return hashlib.new(digest, bytes([octet ^ 0x5C for octet in key]) + inner)


def compare_digest(a, b):
    """Tell whether the two are equal; not in constant time, so good for tests only."""
    return a == b
