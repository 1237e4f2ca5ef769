"""Making many requests with the same credentials (RFC 5849 section 3.1, prepared).

Strategy. The results are those of :func:`sign`, octet for octet. Four things make them fast:

- All text that depends on the credentials is encoded once. It is kept as a base string and a header with gaps for
  nonce, timestamp and signature, and each request fills the gaps.
- All ``oauth_*`` parameters are adjacent in the sorted list, unless the query or form also has a parameter that sorts
  among them. So a request adds two pieces of text to the base string: one before the protocol parameters and one after
  them. The pieces are kept for the last requests, because a client calls few URIs many times. Without this, a request
  that was seen before takes 1.8 times as long.
- The query and the form are encoded as a whole, and not at all where they are encoded already (see ``canonical``).
- HMAC first hashes its padded key (RFC 2104 section 2). This is done once; each request copies the hash objects.
  Without this, a request without a form takes 1.16 to 1.29 times as long.

``sign`` handles everything else, for example other signature methods. ``_signature``, ``_around`` and
``further_items`` return ``None`` in these cases.
"""

import binascii

from .base_string import signed_method
from .canonical import (
    USUAL_METHODS,
    canonical_pairs,
    encode_again,
    header_of_realm,
    pairs_of_form,
    quick_percent_encode,
    target_and_query,
)
from .errors import SigningError
from .nonce import ALPHABET, clock_error, generate_nonce, unix_time
from .parameters import form_text
from .percent_encoding import UNRESERVED, percent_encode
from .signature_methods import HMAC_SHA1, Hmac, keyed_hashes, signing_key
from .signing import own_parameters, sign
from .transmission import PROTOCOL_PARAMETERS, authorization_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .credentials import ClientCredentials, Credentials
    from .parameters import Parameters
    from .signature_methods import SignatureMethod

MOST_REQUESTS, LONGEST_URI = 128, 4096
GAPS = ("oauth_nonce", "oauth_timestamp")


class Signer:
    """Sign requests with one set of credentials; safe between threads.

    :param client: the client credentials.
    :param token: the token credentials, or temporary ones; None, the default, sends no ``oauth_token``.
    :param signature_method: HMAC_SHA1 by default.
    :param realm: ``realm`` of the Authorization header; None, the default, sends none.
    :param version: ``oauth_version``, ``"1.0"`` by default; None sends none.
    :param nonce: called once for each request; returns text. :func:`generate_nonce` by default.
    :param clock: called once for each request; returns seconds since 1970-01-01 00:00 UTC; ``time.time`` by default.
    :raises SigningError: if the credentials, the signature method, the version or the realm cannot be used.
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
            if hasattr(inner, "copy"):  # MicroPython's hash objects cannot be copied
                self._hashes = inner, outer
        self._own = own
        pairs = pairs_with_gaps(own)
        # No encoded value contains "%3D" or a quote, so each mark is found at the right place.
        block = encode_again("&".join(sorted(pairs)))
        self._block = split_after(block, "oauth_nonce%3D", "oauth_timestamp%3D")
        self._pairs = block.split("%26")
        self._start = "OAuth " if realm is None else header_of_realm(realm) + ", "
        self._header = split_after(header_items(pairs), 'oauth_timestamp="', 'oauth_nonce="')
        self._requests: "dict[str, tuple[str, str]]" = {}

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
        nonce, now = self._nonce(), self._clock()
        try:
            timestamp = str(int(now))
        except (OverflowError, TypeError, ValueError):
            raise clock_error() from None
        further = [] if protocol_parameters == () else further_items(protocol_parameters)
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
        """Return the value of the Authorization header; ``realm`` replaces the signer's realm for this request."""
        nonce, now = self._nonce(), self._clock()
        try:
            timestamp = str(int(now))
        except (OverflowError, TypeError, ValueError):
            raise clock_error() from None
        further = [] if protocol_parameters == () else further_items(protocol_parameters)
        signature = self._signature(method, uri, form, further, nonce, timestamp)
        if signature is None:
            parameters = self._sign(method, uri, form, protocol_parameters, nonce, timestamp)
            return authorization_header(parameters, self._realm if realm is None else realm)
        start = self._start if realm is None else header_of_realm(realm) + ", "
        before_timestamp, before_nonce, after_nonce = self._header
        if further:
            after_nonce += "".join([f', {name}="{value}"' for name, value in further])
        signature = signature.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
        return f'{start}{before_timestamp}{timestamp}{before_nonce}{nonce}{after_nonce}, oauth_signature="{signature}"'

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
        further: "Parameters | None",
        nonce: str,
        timestamp: str,
    ) -> "str | None":
        """Return the signature, or ``None`` if sign() must sign the request instead."""
        if (
            self._hashes is None
            or further is None
            or not (type(method) is type(uri) is str and (type(form) is str or type(form) is bytes))
            # A nonce from generate_nonce() need not be checked.
            or (self._nonce is not generate_nonce and not is_alphanumeric(nonce))
            or timestamp < "1"
        ):
            return None
        around = None if form else self._requests.get(uri)
        try:
            if method not in USUAL_METHODS:
                method = percent_encode(signed_method(method))
            if around is None:
                around = self._around(uri, form)
        except SigningError:
            return None
        if around is None:
            return None
        before, after = around
        if further:
            # oauth_nonce is always the second of the sorted parameters, and oauth_timestamp the fourth.
            pairs = self._pairs[:]
            pairs[1] += nonce
            pairs[3] += timestamp
            for name, value in further:
                pairs.append(name + "%3D" + value.replace("%", "%25"))
            pairs.sort()
            block = "%26".join(pairs)
            base_string = f"{method}{before}{block}{after}"
        else:
            before_nonce, before_timestamp, after_timestamp = self._block
            base_string = f"{method}{before}{before_nonce}{nonce}{before_timestamp}{timestamp}{after_timestamp}{after}"
        inner, outer = self._hashes
        inside, outside = inner.copy(), outer.copy()
        inside.update(base_string.encode())
        outside.update(inside.digest())
        return binascii.b2a_base64(outside.digest(), newline=False).decode()

    def _around(self, uri: str, form: "str | bytes") -> "tuple[str, str] | None":
        """Return the text of the base string before and after the protocol parameters, without the method.

        Returns ``None`` if a parameter of the request may sort among the protocol parameters.
        """
        target, query, is_usual = target_and_query(uri)
        if is_usual:
            pairs = query.replace("%", "%25").replace("+", "%2520").replace("=", "\0").split("&")
        else:
            pairs = pairs_of_form(query, "%25") if query else []
        if form:
            pairs += pairs_of_form(form_text(form), "%25")
        before, after = "", ""
        if pairs:
            # This sorts where the protocol parameters begin. Encoded text never contains U+0001.
            pairs.append("oauth_\1")
            pairs.sort()
            before, _, after = "%26".join(pairs).replace("\0", "%3D").partition("\1")
            if after.startswith("%26oauth_"):
                return None
            before = before[: -len("oauth_")]
        around = f"&{target}&{before}", after
        if not form and len(uri) <= LONGEST_URI:
            if len(self._requests) >= MOST_REQUESTS:
                self._requests.clear()
            self._requests[uri] = around
        return around


def pairs_with_gaps(own: "Parameters") -> "list[str]":
    """Return ``canonical_pairs(own)`` with no value for nonce and timestamp, all names being unreserved."""
    try:
        return [name + "\0" + ("" if name in GAPS else percent_encode(value)) for name, value in own]
    except SigningError:
        return canonical_pairs(own)  # raises an error that names the parameter


def further_items(parameters: "Iterable[tuple[str, str]]") -> "Parameters | None":
    """Return the caller's protocol parameters with encoded values, or ``None`` if sign() must check them instead."""
    if type(parameters) is not list and type(parameters) is not tuple:
        return None  # an iterator could be read only once
    items = []
    try:
        for name, value in parameters:
            # Such a name would not sort after "oauth_", or would have to be encoded first.
            if not name.startswith("oauth_") or name == "oauth_" or name.encode().rstrip(UNRESERVED):
                return None
            if name in PROTOCOL_PARAMETERS:
                return None
            items.append((name, quick_percent_encode(value)))
    except (AttributeError, SigningError, TypeError, ValueError):
        return None
    return items if len(items) == 1 or len(dict(items)) == len(items) else None


def is_alphanumeric(nonce: str) -> bool:
    return type(nonce) is str and nonce != "" and not nonce.encode("utf-8", "replace").rstrip(ALPHABET)


def header_items(pairs: "list[str]") -> str:
    """Return canonical pairs as they appear in the Authorization header."""
    return '", '.join(pairs).replace("\0", '="') + '"'


def split_after(text: str, *marks: str) -> "list[str]":
    """Cut ``text`` after each mark, in order."""
    pieces = []
    for mark in marks:
        before, mark, text = text.partition(mark)
        pieces.append(before + mark)
    return pieces + [text]
