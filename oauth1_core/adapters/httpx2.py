"""OAuth 1.0a for httpx2: ``httpx2.Client(transport=OAuth1Transport(OAuth1(client, token)))``, and AsyncClient alike.

URL, body, Content-Type and length go out as httpx2 built them, and the signature is that of the request
as it goes on the wire. The transport signs each request, each redirect within the origin and each attempt of a
transport around it, and learns from a refusal of the timestamp; a redirect that leads elsewhere goes on without any
protocol parameter. What a client would give its own transport, such as ``verify``, goes to the one inside:

    OAuth1Transport(OAuth1(client, token), httpx2.HTTPTransport(http2=True))

``auth=OAuth1(client, token)`` is the other way: of a client, of one call that differs, or for a mock that takes the
place of the transport. Alone it signs once, so that a redirect that was followed with a used signature ends in a
SigningError, once it is answered. Beside the transport it says who signs, and nothing is signed twice.

An event hook that changes a request comes before the transport signs, and after ``auth`` alone has signed: with such a
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
    """What ``auth`` takes, of a client or of one call.

    :param client: the client credentials.
    :param token: the token credentials; ``None``, the default, for a request without a token.
    :param signature_method: ``HMAC_SHA1`` by default; any other of the core's, or one of your own.
    :param realm: ``realm`` of the Authorization header, or a callable from the request's URI to it; ``None``, the
        default, sends none.
    :param version: ``oauth_version``, ``"1.0"`` by default; ``None`` sends none.
    :param placement: where the protocol parameters go: ``"header"`` (default), ``"form"`` or ``"query"``; the last is
        refused with PLAINTEXT, since URLs are logged. With ``"form"``, a GET, a HEAD and a request without a form are
        signed in their header.
    :param body_hash: ``"off"`` (default) sends no ``oauth_body_hash``; ``"auto"`` sends it for each body that is not a
        form and can be read without being used up; ``"always"`` refuses to sign any other body.
    :param protocol_parameters: further ones, as pairs, that an extension asks for with each request; none by default.
    :param nonce: called once for each signature, returns the nonce; ``generate_nonce`` by default.
    :param clock: called once for each signature, returns seconds since 1970; ``time.time`` by default, or a
        :class:`~oauth1_core.adapters.clock.LearningClock`.
    :raises SigningError: if an argument cannot be sent or is none of these words; later, if a request cannot be signed.
    """

    library = httpx2
    signed_form = SignedForm
    rejoined_stream = Rejoined


class OAuth1Transport(HopTransport, httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Sign each request, each redirect within its origin and each attempt.

    :param auth: an :class:`OAuth1`, who signs; that of a client or call, if it has one, signs instead.
    :param transport: what sends the signed request: httpx2's ``HTTPTransport``, ``AsyncHTTPTransport`` or another;
        one with the defaults by default. One that retries belongs around this one.
    :raises SigningError: if ``auth`` is something else; when a request is sent, if it cannot be signed.
    """

    library = httpx2


class Flow(ClientFlow):
    """Log in to a provider: ask for temporary credentials, and exchange them for token credentials.

    :param provider: the server's endpoints, and what it asks for.
    :param client: the client credentials.
    :param http: an :class:`httpx2.Client`, which stays the caller's; by default one for each request, with a
        timeout of 30 seconds. Its ``auth``, ``params`` and OAuth1Transport are left out, and no redirect is followed.
    :param signature_method: the provider's own by default; RSA has to be given, since it needs a key.
    :param clock: called once for each signature, returns seconds since 1970; ``time.time`` by default, or a
        :class:`~oauth1_core.adapters.clock.LearningClock`, with which a request that is refused for its timestamp is
        sent once more.
    :raises SigningError: if the provider's signature method needs a key and has none.
    """

    library = httpx2


class AsyncFlow(AsyncClientFlow):
    """The same as Flow, awaited.

    :param provider: the server's endpoints, and what it asks for.
    :param client: the client credentials.
    :param http: an :class:`httpx2.AsyncClient`, which stays the caller's; by default one for each request, with a
        timeout of 30 seconds. Its ``auth``, ``params`` and OAuth1Transport are left out, and no redirect is followed.
    :param signature_method: the provider's own by default; RSA has to be given, since it needs a key.
    :param clock: called once for each signature, returns seconds since 1970; ``time.time`` by default, or a
        :class:`~oauth1_core.adapters.clock.LearningClock`, with which a request that is refused for its timestamp is
        sent once more.
    :raises SigningError: if the provider's signature method needs a key and has none.
    """

    library = httpx2


def as_sent(sent: httpx2.Request | httpx2.Response) -> Sent:
    """Return a request as it was sent: method, URI, headers and body, as ``parse_request`` and ``diagnose`` take them.

    A body that is no form, and was used up as it was sent, is empty here.

    :param sent: a response, or the request.
    """
    return sent_by(sent.request if isinstance(sent, httpx2.Response) else sent)
