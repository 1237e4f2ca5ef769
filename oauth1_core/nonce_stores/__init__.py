"""Nonce stores remember the nonces of accepted requests (RFC 5849 sections 3.2 and 3.3).

Each store has a method ``claim(client_identifier, token_identifier, timestamp, nonce, now) -> bool``. It atomically
returns True for the first claim of a nonce and False for every later claim. A store that cannot answer raises
StoreUnavailable.
"""
