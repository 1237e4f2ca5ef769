"""OAuth 1.0a for httpx2: ``httpx2.Client(transport=OAuth1Transport(OAuth1(client, token)))``.

AsyncClient takes the same transport. The adapter signs the request exactly as httpx2 sends it. With the default
``placement`` it only adds the Authorization header.

The transport signs each request, each redirect to the same origin, and each retry of a transport around it. A clock
that learns is corrected by a refusal of the timestamp. A redirect to another origin is followed without protocol
parameters. Options of the client's transport, such as ``verify``, belong to the transport inside:

    OAuth1Transport(OAuth1(client, token), httpx2.HTTPTransport(http2=True))

The other way is ``auth=OAuth1(client, token)``, for a client, for one call with other credentials, or with a mock in
place of the transport. Without OAuth1Transport, ``auth`` signs only the first request, and httpx2 follows a redirect
with the used signature. The adapter then raises SigningError, but only after the server has answered. With
OAuth1Transport, the ``auth`` of the call replaces the transport's credentials, and nothing is signed twice.

An event hook that changes a request runs before the transport signs, but after ``auth`` alone has signed: with such a
hook, use the transport.
"""

from __future__ import annotations

import httpx2

from .httpx_flow import AsyncClientFlow, AuthFlow, ClientFlow, FormSentOnce, HopTransport, RejoinedStream, sent_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .outgoing import Sent

__all__ = ["AsyncFlow", "Flow", "OAuth1", "OAuth1Transport", "as_sent"]


class SignedForm(FormSentOnce, httpx2.SyncByteStream, httpx2.AsyncByteStream):
    pass


class Rejoined(RejoinedStream, httpx2.SyncByteStream, httpx2.AsyncByteStream):
    pass


class OAuth1(AuthFlow, httpx2.Auth):
    """Pass an instance as ``auth``, to a client or to one call, or to :class:`OAuth1Transport`.

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

    library = httpx2
    signed_form = SignedForm
    rejoined_stream = Rejoined


class OAuth1Transport(HopTransport, httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """A transport that signs each request, each redirect to the same origin and each retry.

    :param auth: an :class:`OAuth1`; ``auth`` of a client or a call, if given, signs instead.
    :param transport: the transport that sends the signed requests: ``HTTPTransport`` or ``AsyncHTTPTransport`` of
        httpx2, or another; by default a new HTTPTransport or AsyncHTTPTransport. Put a transport that retries around
        OAuth1Transport, not inside.
    :raises SigningError: if ``auth`` is not an :class:`OAuth1`; when a request is sent, if it cannot be signed.
    """

    library = httpx2


class Flow(ClientFlow):
    """Run the authorization flow (2): request temporary credentials, and exchange them for token credentials.

    :param provider: the server's endpoints, and what they require.
    :param client: the client credentials.
    :param http: an :class:`httpx2.Client`, which the flow does not close; by default a new client for each request,
        with a timeout of 30 seconds. Its ``auth``, ``params`` and OAuth1Transport are not used, and no redirect is
        followed.
    :param signature_method: the provider's by default; an RSA method must be given, because it needs a key.
    :param clock: called once for each signature, returns seconds since 1970-01-01 00:00 UTC; ``time.time`` by default.
        With a :class:`~oauth1_core.adapters.clock.LearningClock`, the flow sends a request once more if the server
        refused its timestamp.
    :raises SigningError: if the provider's signature method needs a key and ``signature_method`` is not given.
    """

    library = httpx2


class AsyncFlow(AsyncClientFlow):
    """Do the same as :class:`Flow`, awaited.

    :param provider: the server's endpoints, and what they require.
    :param client: the client credentials.
    :param http: an :class:`httpx2.AsyncClient`, which the flow does not close; by default a new client for each
        request, with a timeout of 30 seconds. Its ``auth``, ``params`` and OAuth1Transport are not used, and no
        redirect is followed.
    :param signature_method: the provider's by default; an RSA method must be given, because it needs a key.
    :param clock: called once for each signature, returns seconds since 1970-01-01 00:00 UTC; ``time.time`` by default.
        With a :class:`~oauth1_core.adapters.clock.LearningClock`, the flow sends a request once more if the server
        refused its timestamp.
    :raises SigningError: if the provider's signature method needs a key and ``signature_method`` is not given.
    """

    library = httpx2


def as_sent(sent: httpx2.Request | httpx2.Response) -> Sent:
    """Return method, URI, headers and body of a request as it was sent, for ``parse_request`` and ``diagnose``.

    A stream that is not a form has been used up when it was sent: the returned body is empty.

    :param sent: a response, or the request.
    """
    return sent_by(sent.request if isinstance(sent, httpx2.Response) else sent)
