"""OAuth 1.0a for any WSGI application: only verified requests (RFC 5849 section 3.2) reach it.

    app = OAuth1Middleware(app, verifier, origins=["https://api.example.com"])

``origins`` are the addresses that clients use; behind a proxy, the proxy's external addresses. A request with any other
Host gets status 421, and ``X-Forwarded-`` header fields are ignored. The application finds the verified request in
``environ["oauth1"]``, and reads the body as usual.

``PATH_INFO`` is decoded, so the middleware uses the request target as it was sent, which servers pass as ``RAW_URI`` or
``REQUEST_URI``. Put the middleware outside every other middleware that reads the form.
"""

import http.client
import io

from ..errors import MalformedRequest, VerificationError
from ..problem_reporting import refusal
from ..verifying import Verifier
from .incoming import Origins, body_limit, check_options, too_long

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Literal

    from ..receiving import AuthenticatedRequest

    Environ = dict[str, Any]
    StartResponse = Callable[..., Any]
    Application = Callable[[Environ, StartResponse], Iterable[bytes]]
    Answer = Callable[[VerificationError, str], tuple[int, list[tuple[str, str]], bytes]]

__all__ = ["OAuth1Middleware"]

FIELDS = {
    "CONTENT_TYPE": "content-type",
    "CONTENT_LENGTH": "content-length",
    "HTTP_AUTHORIZATION": "authorization",
    "HTTP_CONTENT_ENCODING": "content-encoding",
    "HTTP_TRANSFER_ENCODING": "transfer-encoding",
}
NO_TARGET = (
    "the WSGI server provides neither RAW_URI nor REQUEST_URI, and a decoded path does not show what was signed: run"
    " the application under gunicorn, waitress, uWSGI, mod_wsgi or werkzeug, or pass OAuth1Middleware uri=, which"
    " returns the URI"
)


class OAuth1Middleware:
    """Verify each request before it reaches the application.

    :param app: the WSGI application; it finds the verified request in ``environ["oauth1"]``.
    :param verifier: a :class:`~oauth1_core.Verifier`.
    :param origins: the addresses that clients use, such as ``["https://api.example.com"]``. If an ``http`` and an
        ``https`` origin share a Host, ``environ["wsgi.url_scheme"]`` decides.
    :param prefix: the beginning of the path that a proxy has removed, such as ``"/v1"``; empty by default.
    :param uri: a callable that takes the environ and returns the whole URI that the client signed, if Host and path do
        not show it. The URI must belong to ``origins``, unless ``origins`` are empty. ``None`` by default.
    :param realm: ``realm`` of the challenge, empty by default.
    :param token: whether a request has a token: ``"required"`` (default), ``"optional"`` or ``"absent"``.
    :param max_body: how many octets of a body are read, 1 MiB by default; a longer body is refused with 413. A form is
        also refused if it is longer than the verifier's ``limits.form``. A body that no signature covers is not read.
    :param answer: a callable that takes the VerificationError and ``realm``, and returns status, header fields and body
        of the refusal; :func:`~oauth1_core.refusal` by default.
    :raises TypeError: if ``verifier`` is not a Verifier; an AsyncVerifier needs ASGI.
    :raises ValueError: if an origin is more than a scheme, a host and a port, or if ``prefix`` or ``token`` is not
        valid.
    :raises SigningError: if an origin is not an http or https URI, or if ``realm`` cannot be sent.
    """

    def __init__(
        self,
        app: "Application",
        verifier: "Verifier",
        *,
        origins: "Iterable[str]",
        prefix: str = "",
        uri: "Callable[[Environ], str] | None" = None,
        realm: str = "",
        token: "Literal['required', 'optional', 'absent']" = "required",
        max_body: int = 1048576,
        answer: "Answer" = refusal,
    ) -> None:
        if not isinstance(verifier, Verifier):
            raise TypeError("verifier must be a Verifier; an AsyncVerifier works only with ASGI")
        self.app = app
        self.verifier = verifier
        self.origins: "Origins" = Origins(origins, prefix)
        check_options(realm, token)
        self.uri = uri
        self.realm = realm
        self.token: "Literal['required', 'optional', 'absent']" = token
        self.max_body = max_body
        self.answer = answer

    def __call__(self, environ: "Environ", start_response: "StartResponse") -> "Iterable[bytes]":
        try:
            environ["oauth1"] = self.verified(environ)
        except VerificationError as error:
            status, fields, content = self.answer(error, self.realm)
            reason = http.client.responses.get(status, "Refused")
            start_response("{} {}".format(status, reason), [*fields, ("Content-Length", str(len(content)))])
            return [content]
        return self.app(environ, start_response)

    def verified(self, environ: "Environ") -> "AuthenticatedRequest":
        body: "bytes | None" = None

        def read() -> bytes:
            nonlocal body
            body = self.body_of(environ)
            return body

        # A server sets CONTENT_TYPE and CONTENT_LENGTH to "" if the request lacks the header field.
        headers = [(FIELDS[name], environ[name]) for name in FIELDS if environ.get(name)]
        method, uri = environ["REQUEST_METHOD"], self.uri_of(environ)
        request = self.verifier.verify(method, uri, headers, read, token=self.token)
        if body is not None:
            # A body that was sent in chunks now gets a length, because many applications read no body without it.
            environ["wsgi.input"] = io.BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
            environ.pop("HTTP_TRANSFER_ENCODING", None)
        return request

    def uri_of(self, environ: "Environ") -> str:
        """Return the URI that the client signed, with path and query as the client sent them."""
        if self.uri is not None:
            return self.origins.checked(self.uri(environ))
        target = environ.get("RAW_URI", environ.get("REQUEST_URI"))
        if target is None:
            raise RuntimeError(NO_TARGET)
        hosts = [environ["HTTP_HOST"]] if "HTTP_HOST" in environ else []
        # PEP 3333: each character of target holds one octet.
        octets = target.encode("latin-1")
        return self.origins.uri(hosts, octets.decode("utf-8", "surrogateescape"), environ["wsgi.url_scheme"])

    def body_of(self, environ: "Environ") -> bytes:
        length = environ.get("CONTENT_LENGTH") or "0"
        limit = body_limit(environ.get("CONTENT_TYPE") or "", length, self.verifier.limits, self.max_body)
        if "HTTP_TRANSFER_ENCODING" in environ:
            if not environ.get("wsgi.input_terminated"):
                # Without this flag, a reader that does not parse the chunks cannot find the end of the body.
                raise MalformedRequest(
                    "this server passes no body without Content-Length: send it", status=411, parameter="body"
                )
            wanted = limit + 1
        elif length and not length.strip("0123456789"):
            wanted = int(length)
        else:
            raise MalformedRequest("Content-Length must be a number", parameter="content-length")
        body = bytearray()
        while len(body) < wanted:
            octets = environ["wsgi.input"].read(wanted - len(body))
            if not octets:
                break
            body += octets
        if len(body) > limit:
            raise too_long(limit)
        return bytes(body)
