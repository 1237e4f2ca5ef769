"""OAuth 1.0a for httpx: ``httpx.Client(auth=OAuth1(client, token))``, and AsyncClient alike.

URL, body, Content-Type and length go out as httpx built them, and the signature is that of the request
as it goes on the wire. httpx lets ``auth`` sign once, before redirects and what a transport retries, so
that these need a transport that signs each of them, inside of the one that retries:

    transport = OAuth1Transport(httpx.HTTPTransport())
    httpx.Client(auth=OAuth1(client, token), transport=transport, follow_redirects=True)

Without it a redirect that was followed with a used signature ends in a SigningError, once it is answered.
"""

from __future__ import annotations

import httpx

from .httpx_flow import AsyncClientFlow, AuthFlow, ClientFlow, FormSentOnce, HopTransport, RejoinedStream

__all__ = ["AsyncFlow", "Flow", "OAuth1", "OAuth1Transport"]


class SignedForm(FormSentOnce, httpx.SyncByteStream, httpx.AsyncByteStream):
    pass


class Rejoined(RejoinedStream, httpx.SyncByteStream, httpx.AsyncByteStream):
    pass


class OAuth1(AuthFlow, httpx.Auth):
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

    byte_stream = httpx.ByteStream
    signed_form = SignedForm
    rejoined_stream = Rejoined
    request_error = httpx.RequestError


class OAuth1Transport(HopTransport, httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sign each redirect and each attempt of what an :class:`OAuth1` has signed.

    :param transport: what sends the signed request: httpx's ``HTTPTransport``, ``AsyncHTTPTransport`` or another.
        One that retries belongs around this one.
    :raises SigningError: when a request is sent, if it cannot be signed.
    """


class Flow(ClientFlow):
    """Log in to a provider: ask for temporary credentials, and exchange them for token credentials.

    :param provider: the server's endpoints, and what it asks for.
    :param client: the client credentials.
    :param http: an :class:`httpx.Client`, which stays the caller's; by default one for each request, with a
        timeout of 30 seconds. Its ``auth`` and ``params`` are left out, and no redirect is followed.
    :param signature_method: the provider's own by default; RSA has to be given, since it needs a key.
    :param clock: called once for each signature, returns seconds since 1970; ``time.time`` by default, or a
        :class:`~oauth1_core.adapters.clock.LearningClock`, with which a request that is refused for its timestamp is
        sent once more.
    :raises SigningError: if the provider's signature method needs a key and has none.
    """

    library = httpx


class AsyncFlow(AsyncClientFlow):
    """The same as Flow, awaited.

    :param provider: the server's endpoints, and what it asks for.
    :param client: the client credentials.
    :param http: an :class:`httpx.AsyncClient`, which stays the caller's; by default one for each request, with a
        timeout of 30 seconds. Its ``auth`` and ``params`` are left out, and no redirect is followed.
    :param signature_method: the provider's own by default; RSA has to be given, since it needs a key.
    :param clock: called once for each signature, returns seconds since 1970; ``time.time`` by default, or a
        :class:`~oauth1_core.adapters.clock.LearningClock`, with which a request that is refused for its timestamp is
        sent once more.
    :raises SigningError: if the provider's signature method needs a key and has none.
    """

    library = httpx
