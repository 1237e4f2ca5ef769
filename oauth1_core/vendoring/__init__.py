"""``oauth1 vendor``: copies the core (RFC 5849) for projects that cannot install it. Nothing else imports this."""
