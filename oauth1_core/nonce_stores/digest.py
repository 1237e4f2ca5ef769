"""The digest of a nonce that a store keeps (RFC 5849 section 3.3): the same in every store, Python and release."""

import hashlib


def digest_of(client_identifier: str, token_identifier: str, nonce: str) -> bytes:
    """Return a digest of 16 octets. Different triples of texts always give different input to the hash."""
    fields = client_identifier, token_identifier, nonce
    text = "\0".join(fields)
    if text.count("\0") != 2:
        # A field contains NUL itself. Its Python literal does not, and is the same in every Python version.
        text = ascii(fields)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]
