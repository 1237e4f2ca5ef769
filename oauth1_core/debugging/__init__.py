"""Tools for whoever debugs a signature of RFC 5849; no part of signing or verifying needs them."""
