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

from .httpx_flow import AuthFlow, FormSentOnce, HopTransport


class SignedForm(FormSentOnce, httpx.SyncByteStream, httpx.AsyncByteStream):
    pass


class OAuth1(AuthFlow, httpx.Auth):
    """What ``auth`` takes, of a client or of one call."""

    byte_stream = httpx.ByteStream
    signed_form = SignedForm


class OAuth1Transport(HopTransport, httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sign each redirect and each attempt of what an :class:`OAuth1` has signed, for ``transport`` to send."""
