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

from .outgoing import (
    RequestSigner,
    SignedHops,
    as_parsed,
    body_octets,
    is_form,
    with_query,
    without_query_parameters,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .outgoing import Sent

__all__ = ["OAuth1", "as_sent"]


class OAuth1(RequestSigner, urllib.request.HTTPRedirectHandler):
    """A handler for ``build_opener``, which takes the place of its HTTPRedirectHandler.

    :param client: the client credentials.
    :param token: the token credentials; ``None``, the default, for a request without a token.
    :param signature_method: ``HMAC_SHA1`` by default; any other of the core's, or one of your own.
    :param realm: ``realm`` of the Authorization header; ``None``, the default, sends none.
    :param version: ``oauth_version``, ``"1.0"`` by default; ``None`` sends none.
    :param placement: where the protocol parameters go: ``"header"`` (default), ``"form"`` or ``"query"``; the last is
        refused with PLAINTEXT, since URLs are logged. With ``"form"``, a GET, a HEAD and a request without a form are
        signed in their header.
    :param body_hash: ``"off"`` (default) sends no ``oauth_body_hash``; ``"auto"`` sends it for each body that is not a
        form and can be read without being used up; ``"always"`` refuses to sign any other body.
    :param nonce: called once for each signature, returns the nonce; ``generate_nonce`` by default.
    :param clock: called once for each signature, returns seconds since 1970; ``time.time`` by default, or a
        :class:`~oauth1_core.adapters.clock.LearningClock`.
    :raises SigningError: if an argument cannot be sent or is none of these words; later, if a request cannot be signed.
    """

    # After the handlers that add Content-Type and Host.
    handler_order = 600

    def http_request(self, request: Any) -> Any:
        hops = hops_of(request)
        if hops is None:
            if request.unverifiable:
                return request
            hops = OpenedRequest(self, request.full_url)
        elif self.placement == "query":
            # A redirect may repeat what was sent.
            request.full_url = without_query_parameters(request.full_url)
        return self.sign(request, hops) if hops.may_sign(request.full_url) else request

    https_request = http_request

    def sign(self, request: Any, hops: OpenedRequest) -> Any:
        """Return a signed copy of a request that the opener is about to send."""
        signed = copy.copy(request)
        signed.headers, signed.unredirected_hdrs = dict(request.headers), dict(request.unredirected_hdrs)
        signed.oauth1 = hops
        hops.unsigned = request
        content_type = request.get_header("Content-type", "")
        body = body_octets(request.data)
        if body is None and is_form(content_type):
            body = b"".join(request.data)
            signed.data = body
        # A proxy will change the selector.
        uri = signed.oauth1_uri = "{}://{}{}".format(request.type, request.get_header("Host"), request.selector)
        where, hops.sent = self.signed(request.get_method(), uri, content_type, body)
        if where == "header":
            signed.remove_header("Authorization")
            signed.add_unredirected_header("Authorization", hops.sent)
        elif where == "query":
            signed.full_url = with_query(request.full_url, hops.sent)
            signed.oauth1_uri = with_query(uri, hops.sent)
        else:
            signed.data = hops.sent.encode("utf-8", "surrogateescape")
        return signed

    def http_response(self, request: Any, response: Any) -> Any:
        response.oauth1_request = request
        return response

    https_response = http_response

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> Any:
        new: Any = super().redirect_request(req, fp, code, msg, headers, newurl)
        new.oauth1 = hops_of(req)
        return new

    def http_error_401(self, request: Any, response: Any, status: int, message: str, headers: Any) -> Any:
        """Correct the clock by a refusal, and open the request once more if that changed it."""
        hops = hops_of(request)
        if hops is None or hops.is_corrected or not self.may_correct_clock(status) or hops.origin is None:
            return None
        body = response.read()
        if self.correct_clock(hops.sent, status, headers.items(), body) and body_octets(hops.unsigned.data) is not None:
            hops.is_corrected = True
            again = copy.copy(hops.unsigned)
            again.oauth1 = hops
            return self.parent.open(again, timeout=request.timeout)
        error: Any = urllib.error.HTTPError(request.full_url, status, message, headers, io.BytesIO(body))
        error.oauth1_request = request
        raise error

    http_error_400 = http_error_401


class OpenedRequest(SignedHops):
    """Travels with a request that was opened, to its redirects too; ``unsigned`` is what it was before."""

    unsigned: Any = None
    is_corrected = False


def hops_of(request: Any) -> OpenedRequest | None:
    return getattr(request, "oauth1", None)


def as_sent(sent: Any) -> Sent:
    """Return a request as it was sent: method, URI, headers and body, as ``parse_request`` and ``diagnose`` take them.

    A body that is no form, and was used up as it was sent, is empty here.

    :param sent: what an opener with an :class:`OAuth1` returned, or the HTTPError that it raised.
    """
    request = sent.oauth1_request
    body = body_octets(request.data)
    return as_parsed(
        request.get_method(), getattr(request, "oauth1_uri", request.full_url), request.header_items(), body
    )
