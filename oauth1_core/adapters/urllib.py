"""OAuth 1.0a for urllib: ``urllib.request.build_opener(OAuth1(client, token)).open(url)``.

The adapter signs the request exactly as urllib sends it. With the default ``placement`` it only adds the Authorization
header. Each request and each redirect to the same origin gets a new signature. The Request object that you pass to
``open`` is not changed: a copy is signed. To use another realm, build another opener.

urllib treats a body as a form unless you set Content-Type, and does not follow redirects that would send a body again.
An ``unverifiable`` request, such as another redirect handler makes, is not signed.
"""

import copy
import io
import urllib.error
import urllib.request

from ..problem_reporting import MAX_BODY
from .flow import TIMEOUT, Reply, SyncFlow, through_proxy
from .outgoing import (
    Rejoined,
    RequestSigner,
    SignedHops,
    as_parsed,
    body_octets,
    decoded,
    is_form,
    with_query,
    without_query_parameters,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..authorization import Answer
    from ..parameters import Parameters
    from .outgoing import Sent

__all__ = ["Flow", "OAuth1", "as_sent"]


class OAuth1(RequestSigner, urllib.request.HTTPRedirectHandler):
    """A handler for ``build_opener``. It replaces the default HTTPRedirectHandler.

    :param client: the client credentials.
    :param token: the token credentials; ``None``, the default, signs requests without a token.
    :param signature_method: ``HMAC_SHA1`` by default; or another method of the core, or a method of your own.
    :param realm: ``realm`` of the Authorization header, or a callable that takes the request URI and returns it; with
        ``None``, the default, no ``realm`` is sent.
    :param version: ``oauth_version``, ``"1.0"`` by default; with ``None`` no ``oauth_version`` is sent.
    :param placement: where the protocol parameters are sent: ``"header"`` (default), ``"form"`` or ``"query"``.
        ``"query"`` is refused with PLAINTEXT, because servers log URLs. With ``"form"``, a GET request, a HEAD request
        and a request without a form send them in the header.
    :param body_hash: ``"off"`` (default) sends no ``oauth_body_hash``. ``"auto"`` sends it for each body that is
        neither a form nor a stream. ``"always"`` does the same, and refuses to sign a form or a stream.
    :param protocol_parameters: (name, value) pairs that an extension requires in each request; none by default.
    :param nonce: called once for each signature, returns the nonce; ``generate_nonce`` by default.
    :param clock: called once for each signature, returns seconds since 1970-01-01 00:00 UTC; ``time.time`` by default,
        or a :class:`~oauth1_core.adapters.clock.LearningClock`.
    :raises SigningError: if an argument is not valid or cannot be sent; later, if a request cannot be signed.
    """

    # Run after the handlers that add Content-Type and Host.
    handler_order = 600

    def http_request(self, request: "Any") -> "Any":
        hops = hops_of(request)
        if hops is None:
            if request.unverifiable:
                return request
            hops = OpenedRequest(self, request.full_url)
        elif self.placement == "query":
            # The Location of a redirect may repeat the protocol parameters.
            request.full_url = without_query_parameters(request.full_url, self.placed)
        return self.sign(request, hops) if hops.may_sign(request.full_url) else request

    https_request = http_request

    def sign(self, request: "Any", hops: "OpenedRequest") -> "Any":
        """Return a signed copy of a request that the opener is about to send."""
        signed = copied(request)
        signed.headers, signed.unredirected_hdrs = dict(request.headers), dict(request.unredirected_hdrs)
        signed.oauth1 = hops
        hops.unsigned = request
        has_form = is_form(request.get_header("Content-type", ""))
        body = body_octets(request.data)
        if body is None and has_form:
            body = b"".join(request.data)
            signed.data = body
        # The authority is the one "declared by the HTTP "Host" request header field" (3.4.1).
        uri = "{}://{}{}".format(request.type, request.get_header("Host"), request.selector)
        signed.oauth1_uri = uri  # kept, because a proxy handler changes the selector later
        where, text, hops.timestamp = self.signed(request.get_method(), uri, has_form, body)
        if where == "header":
            signed.remove_header("Authorization")
            signed.add_unredirected_header("Authorization", text)
        elif where == "query":
            signed.full_url = with_query(request.full_url, text)
            signed.oauth1_uri = with_query(uri, text)
        else:
            signed.data = text.encode("utf-8", "surrogateescape")
        return signed

    def http_response(self, request: "Any", response: "Any") -> "Any":
        response.oauth1_request = request
        return response

    https_response = http_response

    def redirect_request(self, req: "Any", fp: "Any", code: "Any", msg: "Any", headers: "Any", newurl: "Any") -> "Any":
        new: "Any" = super().redirect_request(req, fp, code, msg, headers, newurl)
        new.oauth1 = hops_of(req)
        return new

    def http_error_401(self, request: "Any", response: "Any", status: int, message: str, headers: "Any") -> "Any":
        """Let the clock learn from a refusal; if that has changed the clock, send the request once more."""
        hops = hops_of(request)
        if hops is None or hops.is_corrected or hops.has_left:
            return None
        heard = hops.timestamp, request.oauth1_uri, status, headers.items()
        corrected, body = self.corrected_by_head(*heard), response
        if corrected is None:
            first = response.read(MAX_BODY)
            body = io.BufferedReader(Rejoined(first, response.read, response.close))
            corrected = self.corrected_by_body(*heard, decoded(headers.get("Content-Encoding", ""), first))
        if corrected and body_octets(hops.unsigned.data) is not None:
            response.close()
            hops.is_corrected = True
            again = copied(hops.unsigned)
            again.oauth1 = hops
            return self.parent.open(again, timeout=request.timeout)
        error: "Any" = urllib.error.HTTPError(request.full_url, status, message, headers, body)
        error.oauth1_request = request
        raise error

    http_error_400 = http_error_401


class Flow(SyncFlow):
    """Run the authorization flow (2): request temporary credentials, and exchange them for token credentials.

    :param provider: the server's endpoints, and what they require.
    :param client: the client credentials.
    :param http: an :class:`urllib.request.OpenerDirector`, whose handlers are used, except redirect handlers; by
        default a new opener. The timeout is 30 seconds.
    :param signature_method: the provider's by default; an RSA method must be given, because it needs a key.
    :param clock: called once for each signature, returns seconds since 1970-01-01 00:00 UTC; ``time.time`` by default.
        With a :class:`~oauth1_core.adapters.clock.LearningClock`, the flow sends a request once more if the server
        refused its timestamp.
    :raises SigningError: if the provider's signature method needs a key and ``signature_method`` is not given.
    """

    def send(self, method: str, uri: str, headers: "Parameters", body: bytes) -> "Answer":
        given: "Any" = self.http
        if given is None:
            given = urllib.request.build_opener(urllib.request.ProxyHandler(None if through_proxy(uri) else {}))
        opener = urllib.request.OpenerDirector()
        opener.addheaders = given.addheaders
        for handler in given.handlers:
            # Without such a handler, a redirect is returned like any other response. OAuth1 is such a handler too, and
            # would sign again.
            if not isinstance(handler, urllib.request.HTTPRedirectHandler):
                opener.add_handler(copy.copy(handler))
        data = None if method == "GET" else body
        request = urllib.request.Request(uri, data, dict(headers), method=method)
        reply = Reply(TimeoutError)
        try:
            response: "Any" = opener.open(request, timeout=TIMEOUT)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            for piece in iter(lambda: response.read1(4096), b""):
                if not reply.take(piece):
                    break
        return response.status, response.headers.items(), reply.body


class OpenedRequest(SignedHops):
    """The state of an opened request and its redirects; ``unsigned`` is the request before it was signed."""

    unsigned: "Any" = None
    is_corrected = False


def copied(request: "Any") -> "Any":
    """Return a shallow copy of a request, in a quarter of the time of ``copy.copy``."""
    other = object.__new__(type(request))
    vars(other).update(vars(request))
    return other


def hops_of(request: "Any") -> "OpenedRequest | None":
    return getattr(request, "oauth1", None)


def as_sent(sent: "Any") -> "Sent":
    """Return method, URI, headers and body of a request as it was sent, for ``parse_request`` and ``diagnose``.

    A stream that is not a form has been used up when it was sent: the returned body is empty.

    :param sent: the response that an opener with an :class:`OAuth1` returned, or the HTTPError that it raised.
    """
    request = sent.oauth1_request
    body = body_octets(request.data)
    return as_parsed(
        request.get_method(), getattr(request, "oauth1_uri", request.full_url), request.header_items(), body
    )
