"""The application that tests run under each server: it says which request reached it.

In ORIGIN is the address that clients use. The header X-Variant chooses how the middleware is set up.
"""

import json
import os

from oauth1_core import AsyncVerifier, ClientCredentials, TokenCredentials, Verifier
from oauth1_core.adapters import asgi as asgi_adapter
from oauth1_core.adapters import wsgi as wsgi_adapter
from oauth1_core.nonce_stores.memory import MemoryNonceStore

CLIENT, TOKEN = ClientCredentials("client", "cs"), TokenCredentials("token", "ts")
ORIGINS = [os.environ.get("ORIGIN", "http://127.0.0.1:1")]
NONCES = MemoryNonceStore(epoch=0)


class Known:
    def client(self, identifier):
        return CLIENT if identifier == CLIENT.identifier else None

    def token(self, client_identifier, token_identifier):
        return TOKEN if token_identifier == TOKEN.identifier else None


def described(request, body):
    names = [name for name, _ in request.parameters if not name.startswith("oauth_")]
    seen = {"uri": request.uri, "body": body.decode("latin-1"), "names": names}
    return json.dumps(seen).encode("ascii")


async def asgi_application(scope, receive, send):
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": described(scope["oauth1"], body)})


def wsgi_application(environ, start_response):
    if environ.get("CONTENT_LENGTH"):
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    else:
        body = environ["wsgi.input"].read() if environ.get("wsgi.input_terminated") else b""
    content = described(environ["oauth1"], body)
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
    return [content]


def without_raw_path(app):
    async def shortened(scope, receive, send):
        await app({**scope, "raw_path": None}, receive, send)

    return shortened


def reading_before(app):
    """Return ``app`` behind something that has parsed the form, as a framework does."""

    async def read(scope, receive, send):
        more = scope["type"] == "http"
        while more:
            more = (await receive()).get("more_body", False)

        async def nothing():
            return {"type": "http.request", "body": b"", "more_body": False}

        await app(scope, nothing, send)

    return read


def reading_before_in_wsgi(app):
    def read(environ, start_response):
        # As Flask and Django read it: chunks only from a server that ends the input with the body.
        chunks = "HTTP_TRANSFER_ENCODING" in environ and environ.get("wsgi.input_terminated")
        environ["wsgi.input"].read(*[] if chunks else [int(environ.get("CONTENT_LENGTH") or 0)])
        return app(environ, start_response)

    return read


def protected(adapter, app, verifier, **options):
    return adapter.OAuth1Middleware(app, verifier, origins=ORIGINS, **options)


async def bare(scope, receive, send):
    """Answer at once, whatever was sent: what a server itself costs."""
    await send({"type": "http.response.start", "status": 401, "headers": []})
    await send({"type": "http.response.body"})


def original_uri(scope):
    return ORIGINS[0] + dict(scope["headers"])[b"x-original-uri"].decode("latin-1")


INLINE, THREADED = AsyncVerifier(Known(), NONCES), Verifier(Known(), NONCES)
ASGI = {
    b"": protected(asgi_adapter, asgi_application, INLINE),
    b"bare": bare,
    b"threads": protected(asgi_adapter, asgi_application, THREADED),
    b"prefix": protected(asgi_adapter, asgi_application, INLINE, prefix="/v1"),
    b"original": protected(asgi_adapter, asgi_application, INLINE, uri=original_uri),
    b"parsed": reading_before(protected(asgi_adapter, asgi_application, INLINE)),
}
WSGI = {
    "": protected(wsgi_adapter, wsgi_application, THREADED),
    "threads": protected(wsgi_adapter, wsgi_application, THREADED),
    "prefix": protected(wsgi_adapter, wsgi_application, THREADED, prefix="/v1"),
    "parsed": reading_before_in_wsgi(protected(wsgi_adapter, wsgi_application, THREADED)),
}


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        for _ in range(2):
            message = await receive()
            await send({"type": message["type"] + ".complete"})
        return
    await ASGI[dict(scope["headers"]).get(b"x-variant", b"")](scope, receive, send)


def wsgi(environ, start_response):
    return WSGI[environ.get("HTTP_X_VARIANT", "")](environ, start_response)


if __name__ == "__main__":
    import sys

    from werkzeug.serving import run_simple

    run_simple("127.0.0.1", int(sys.argv[1]), wsgi, threaded=True)
