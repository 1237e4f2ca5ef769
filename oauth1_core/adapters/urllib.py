"""OAuth 1.0a for urllib: ``urllib.request.build_opener(OAuth1(client, token)).open(url)``.

URL, body, Content-Type and length go out as urllib built them, and the signature is that of the request
as it goes on the wire. Each sending and each redirect to the same origin is signed afresh; what is opened
stays as it was, since the protocol parameters are in a copy of it. Another realm is another opener.

urllib takes a body for a form unless its type is given, and follows no redirect that would repeat one.
A request that is ``unverifiable``, as another redirect handler makes them, is not signed.
"""

from __future__ import annotations

import copy
import io
import urllib.error
import urllib.request

from .outgoing import Chain, RequestSigner, is_form, with_query, without_query_parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class OAuth1(RequestSigner, urllib.request.HTTPRedirectHandler):
    """A handler for ``build_opener``, which takes the place of its HTTPRedirectHandler."""

    # After the handlers that add Content-Type and Host.
    handler_order = 600

    def http_request(self, request: Any) -> Any:
        watch = watch_of(request)
        if watch is None:
            if request.unverifiable:
                return request
            watch = Watch(self, request.full_url)
        elif self.placement == "query":
            # A redirect may repeat what was sent.
            request.full_url = without_query_parameters(request.full_url)
        return self.sign(request, watch) if watch.may_sign(request.full_url) else request

    https_request = http_request

    def sign(self, request: Any, watch: Watch) -> Any:
        """Return a signed copy of a request that the opener is about to send."""
        signed = copy.copy(request)
        signed.headers, signed.unredirected_hdrs = dict(request.headers), dict(request.unredirected_hdrs)
        signed.oauth1 = watch
        watch.unsigned = request
        content_type = request.get_header("Content-type", "")
        body = octets_of(request.data)
        if body is None and is_form(content_type):
            body = b"".join(request.data)
            signed.data = body
        uri = "{}://{}{}".format(request.type, request.get_header("Host"), request.selector)
        where, watch.sent = self.signed(request.get_method(), uri, content_type, body)
        if where == "header":
            signed.remove_header("Authorization")
            signed.add_unredirected_header("Authorization", watch.sent)
        elif where == "query":
            signed.full_url = with_query(request.full_url, watch.sent)
        else:
            signed.data = watch.sent.encode("utf-8", "surrogateescape")
        return signed

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> Any:
        new: Any = super().redirect_request(req, fp, code, msg, headers, newurl)
        new.oauth1 = watch_of(req)
        return new

    def http_error_401(self, request: Any, response: Any, status: int, message: str, headers: Any) -> Any:
        """Let the clock learn, and open the request once more if it has."""
        watch = watch_of(request)
        if watch is None or watch.is_corrected or not self.learns_from(status) or watch.origin is None:
            return None
        body = response.read()
        if self.learn(watch.sent, status, headers.items(), body) and octets_of(watch.unsigned.data) is not None:
            watch.is_corrected = True
            again = copy.copy(watch.unsigned)
            again.oauth1 = watch
            return self.parent.open(again, timeout=request.timeout)
        raise urllib.error.HTTPError(request.full_url, status, message, headers, io.BytesIO(body))

    http_error_400 = http_error_401


class Watch(Chain):
    """Travels with a request, to its redirects too."""

    unsigned: Any = None
    is_corrected = False


def watch_of(request: Any) -> Watch | None:
    return getattr(request, "oauth1", None)


def octets_of(data: Any) -> bytes | None:
    """Return a body as it is sent, ``None`` if reading would use it up."""
    return bytes(data or b"") if isinstance(data, (bytes, bytearray, type(None))) else None
