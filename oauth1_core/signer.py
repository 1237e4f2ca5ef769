"""Making many requests with the same credentials (RFC 5849 section 3.1, prepared).

Strategy. The results are those of :func:`sign`, octet for octet; four things make them fast.

- Everything about the credentials is encoded once, as base string and header with gaps for nonce,
  timestamp and signature; each request fills the gaps.
- All ``oauth_*`` parameters sort side by side, unless the request has one of its own. So a request
  adds two pieces of text to the base string: what sorts before them and what sorts after. Those pieces
  are kept for the last requests, since a client calls few URIs many times; without that, a request that
  was seen before takes 1.95 times as long.
- A request adds its parameters as canonical pairs (see ``canonical``): text that is already in the
  encoding of section 3.6 is neither decoded nor encoded again.
- HMAC hashes its padded key first (RFC 2104 section 2): that is done once here, and copied. Without it:
  1.13 to 1.29 times as long.

What cannot be done that way, other signature methods among it, is left to ``sign``: ``_signature``,
``_around`` and ``further_pairs`` return ``None`` then.
"""

import binascii

from .canonical import (
    canonical_pair,
    canonical_pairs,
    encode_again,
    header_of_realm,
    pairs_of_form,
    start_of_base_string,
)
from .errors import SigningError
from .nonce import ALPHABET, generate_nonce, unix_time
from .parameters import form_text
from .signature_methods import HMAC_SHA1, Hmac, keyed_hashes, signing_key
from .signing import own_parameters, sign
from .transmission import PROTOCOL_PARAMETERS, authorization_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .credentials import ClientCredentials, Credentials
    from .parameters import Parameters
    from .signature_methods import SignatureMethod

MOST_REQUESTS = 128


class Signer:
    """Sign requests with one set of credentials; safe between threads.

    :param client: the client credentials.
    :param token: the token credentials, or temporary ones; None, the default, sends no ``oauth_token``.
    :param signature_method: HMAC_SHA1 by default.
    :param realm: of the Authorization header; None, the default, sends none.
    :param version: ``oauth_version``, ``"1.0"`` by default; None sends none.
    :param nonce: called once for each request; returns text. :func:`generate_nonce` by default.
    :param clock: called once for each request; returns the seconds since 1970. ``time.time`` by default.
    :raises SigningError: the credentials, the method or the realm cannot be used.
    """

    def __init__(
        self,
        client: "ClientCredentials",
        token: "Credentials | None" = None,
        *,
        signature_method: "SignatureMethod" = HMAC_SHA1,
        realm: "str | None" = None,
        version: "str | None" = "1.0",
        nonce: "Callable[[], str]" = generate_nonce,
        clock: "Callable[[], float]" = unix_time,
    ) -> None:
        own = own_parameters(client, token, signature_method, "1", "1", version)
        self._client = client
        self._token = token
        self._signature_method = signature_method
        self._version = version
        self._realm = realm
        self._nonce = nonce
        self._clock = clock
        self._hashes = None
        if isinstance(signature_method, Hmac):
            key = signing_key(client.secret, "" if token is None else token.secret)
            inner, outer = keyed_hashes(signature_method.digest, key)
            if hasattr(inner, "copy"):  # which MicroPython's hashes have not
                self._hashes = inner, outer
        self._own = [(name, "" if name in ("oauth_timestamp", "oauth_nonce") else value) for name, value in own]
        pairs = canonical_pairs(self._own)
        self._fixed = [pair.replace("%", "%25") for pair in pairs if pair not in ("oauth_timestamp\0", "oauth_nonce\0")]
        # No encoded value holds "%3D" or a quote, so each gap is found where it belongs.
        block = encode_again("&".join(sorted(pairs)))
        self._block = split_after(block, "oauth_nonce%3D", "oauth_timestamp%3D")
        self._start = authorization_header((), realm) + ("" if realm is None else ", ")
        self._header = split_after(header_items(pairs), 'oauth_timestamp="', 'oauth_nonce="')
        self._requests: "dict[tuple[str, str], tuple[str, str]]" = {}

    def for_token(self, token: "Credentials | None") -> "Signer":
        """Return a Signer with other token credentials, and all else the same."""
        signer = Signer(
            self._client, token, signature_method=self._signature_method, realm=self._realm, version=self._version,
            nonce=self._nonce, clock=self._clock,
        )  # fmt: skip
        signer._requests = self._requests
        return signer

    def sign(
        self, method: str, uri: str, *, form: "str | bytes" = "", protocol_parameters: "Iterable[tuple[str, str]]" = ()
    ) -> "Parameters":
        """Return all protocol parameters of a signed request, ``oauth_signature`` last."""
        nonce, timestamp = self._nonce(), str(int(self._clock()))
        further = [] if protocol_parameters == () else further_pairs(protocol_parameters)
        signature = self._signature(method, uri, form, further, nonce, timestamp)
        if signature is None:
            return self._sign(method, uri, form, protocol_parameters, nonce, timestamp)
        values = {"oauth_nonce": nonce, "oauth_timestamp": timestamp}
        parameters = [(name, values.get(name, value)) for name, value in self._own]
        if further:
            parameters.extend([(name, value) for name, value in protocol_parameters])
        return parameters + [("oauth_signature", signature)]

    def authorization_header(
        self,
        method: str,
        uri: str,
        *,
        form: "str | bytes" = "",
        protocol_parameters: "Iterable[tuple[str, str]]" = (),
        realm: "str | None" = None,
    ) -> str:
        """Return the value of the Authorization header field; ``realm`` is this request's own."""
        nonce, timestamp = self._nonce(), str(int(self._clock()))
        further = [] if protocol_parameters == () else further_pairs(protocol_parameters)
        signature = self._signature(method, uri, form, further, nonce, timestamp)
        if signature is None:
            parameters = self._sign(method, uri, form, protocol_parameters, nonce, timestamp)
            return authorization_header(parameters, self._realm if realm is None else realm)
        start = self._start if realm is None else header_of_realm(realm) + ", "
        before_timestamp, before_nonce, after_nonce = self._header
        if further:
            after_nonce += ", " + header_items(further)
        signature = signature.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
        pieces = start, before_timestamp, timestamp, before_nonce, nonce, after_nonce, ', oauth_signature="', signature
        return "".join(pieces) + '"'

    def _sign(
        self,
        method: str,
        uri: str,
        form: "str | bytes",
        protocol_parameters: "Iterable[tuple[str, str]]",
        nonce: str,
        timestamp: str,
    ) -> "Parameters":
        return sign(
            method, uri, self._client, self._token, form=form, protocol_parameters=protocol_parameters,
            signature_method=self._signature_method, timestamp=timestamp, nonce=nonce, version=self._version,
        )  # fmt: skip

    def _signature(
        self,
        method: str,
        uri: str,
        form: "str | bytes",
        further: "list[str] | None",
        nonce: str,
        timestamp: str,
    ) -> "str | None":
        """Return the signature, ``None`` where sign() has to look at the request."""
        if (
            self._hashes is None
            or further is None
            or not (type(method) is type(uri) is str and type(form) in (str, bytes))
            # What generate_nonce() returns needs no look.
            or (self._nonce is not generate_nonce and not is_alphanumeric(nonce))
            or timestamp[0] in "-0"
        ):
            return None
        around = None if form else self._requests.get((method, uri))
        if around is None:
            try:
                around = self._around(method, uri, form)
            except SigningError:
                around = None
            if around is None:
                return None
            if not form:
                if len(self._requests) >= MOST_REQUESTS:
                    self._requests.clear()
                self._requests[method, uri] = around
        before, after = around
        if further:
            pairs = self._fixed + [pair.replace("%", "%25") for pair in further]
            pairs += "oauth_nonce\0" + nonce, "oauth_timestamp\0" + timestamp
            pairs.sort()
            base_string = before + "%26".join(pairs).replace("\0", "%3D") + after
        else:
            before_nonce, before_timestamp, after_timestamp = self._block
            base_string = "".join((before, before_nonce, nonce, before_timestamp, timestamp, after_timestamp, after))
        inner, outer = self._hashes
        inside, outside = inner.copy(), outer.copy()
        inside.update(base_string.encode())
        outside.update(inside.digest())
        return binascii.b2a_base64(outside.digest(), newline=False).decode()

    def _around(self, method: str, uri: str, form: "str | bytes") -> "tuple[str, str] | None":
        """Return what the request puts before and after the protocol parameters in the base string."""
        start, pairs = start_of_base_string(method, uri, pairs_of_form)
        if form:
            pairs += pairs_of_form(form_text(form))
        if not pairs:
            return start, ""
        pairs.append("oauth_")
        pairs.sort()
        text = "&".join(pairs)
        if text.count("oauth_") != 1:
            return None  # a parameter of the request may sort among the protocol parameters
        before, _, after = encode_again(text).partition("oauth_")
        return start + before, after


def further_pairs(parameters: "Iterable[tuple[str, str]]") -> "list[str] | None":
    """Return a caller's protocol parameters as canonical pairs, ``None`` where sign() has to look at them."""
    if type(parameters) not in (list, tuple):
        return None  # an iterator is used up once it was looked at
    try:
        pairs = [canonical_pair(name, value) for name, value in parameters]
    except (SigningError, TypeError, ValueError):
        return None
    for name, _ in parameters:
        if name in PROTOCOL_PARAMETERS or not name.startswith("oauth_"):
            return None
    if len(pairs) > 1 and len(dict(parameters)) < len(pairs):
        return None
    return pairs


def is_alphanumeric(nonce: str) -> bool:
    return type(nonce) is str and nonce != "" and not nonce.encode("utf-8", "replace").rstrip(ALPHABET)


def header_items(pairs: "list[str]") -> str:
    """Return canonical pairs as the Authorization header has them."""
    return '", '.join(pairs).replace("\0", '="') + '"'


def split_after(text: str, *marks: str) -> "list[str]":
    """Cut ``text`` behind each mark, in order."""
    pieces = []
    for mark in marks:
        before, mark, text = text.partition(mark)
        pieces.append(before + mark)
    return pieces + [text]
