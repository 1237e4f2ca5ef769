"""``oauth1 vendor``: copies of the core (RFC 5849) for whoever cannot install it. Nothing else imports this."""
