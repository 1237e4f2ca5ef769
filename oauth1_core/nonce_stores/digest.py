"""What a store keeps of a nonce (RFC 5849 section 3.3): the same 16 octets in every store, Python and release."""

import hashlib


def digest_of(client_identifier: str, token_identifier: str, nonce: str) -> bytes:
    """Return 16 octets for the three texts: no two triples look alike, whatever is in them."""
    fields = client_identifier, token_identifier, nonce
    text = "\0".join(fields)
    if text.count("\0") != 2:
        # A field holds one itself; a literal does not, and this one is the same in every Python.
        text = ascii(fields)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]
