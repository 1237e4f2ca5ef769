"""OAuth 1.0a for httpx2: ``httpx2.Client(auth=OAuth1(client, token))``, and AsyncClient alike.

URL, body, Content-Type and length go out as httpx2 built them, and the signature is that of the request
as it goes on the wire. httpx2 lets ``auth`` sign once, before redirects and what a transport retries, so
that these need a transport that signs each of them, inside of the one that retries:

    transport = OAuth1Transport(httpx2.HTTPTransport())
    httpx2.Client(auth=OAuth1(client, token), transport=transport, follow_redirects=True)

Without it a redirect that was followed with a used signature ends in a SigningError, once it is answered.
"""

from __future__ import annotations

import httpx2

from .httpx_flow import AuthFlow, FormSentOnce, HopTransport


class SignedForm(FormSentOnce, httpx2.SyncByteStream, httpx2.AsyncByteStream):
    pass


class OAuth1(AuthFlow, httpx2.Auth):
    """What ``auth`` takes, of a client or of one call."""

    byte_stream = httpx2.ByteStream
    signed_form = SignedForm


class OAuth1Transport(HopTransport, httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Sign each redirect and each attempt of what an :class:`OAuth1` has signed, for ``transport`` to send."""
