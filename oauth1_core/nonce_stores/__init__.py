"""Nonce stores remember the nonces of accepted requests (RFC 5849 sections 3.2 and 3.3).

Each has ``claim(client_identifier, token_identifier, timestamp, nonce, now) -> bool``, one atomic
step that is True once and then False. A store that cannot answer raises StoreUnavailable.
"""
