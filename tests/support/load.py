"""Signed requests for load tests."""

import contextlib
import time

from oauth1_core import ClientCredentials, TokenCredentials, authorization_header, sign

URI = "https://api.example/account/get-balance?a=1&b=%C3%A9"
CLIENT = ClientCredentials("client", "secret")
TOKEN = TokenCredentials("token", "token secret")


class Registry:
    """Knows one client and its token."""

    def __init__(self, client=CLIENT, token=TOKEN):
        self.known = client, token

    def client(self, identifier):
        return self.known[0] if identifier == "client" else None

    def token(self, client_identifier, identifier):
        return self.known[1] if (client_identifier, identifier) == ("client", "token") else None


def signed(client=CLIENT, token=TOKEN, age=0, **options):
    """Return method, URI and headers."""
    pairs = sign("GET", URI, client, token, timestamp=int(time.time()) - age, **options)
    return "GET", URI, [("Authorization", authorization_header(pairs))]


def drip(sockets, over):
    """Send the head of a request, an octet a time, until the other side hangs up."""
    head = b"GET / HTTP/1.1\r\nX-Slow: "
    for index in range(600):
        for connection in sockets:
            with contextlib.suppress(OSError):
                connection.send(head[index : index + 1] or b"a")
        if over.wait(0.1):
            return
