"""Tools to debug a signature of RFC 5849. Signing and verifying do not need them."""
