"""Signature methods (RFC 5849 sections 3.4.2 to 3.4.4).

Each signature method has a ``name`` and two methods:

    sign(base_string, client_secret, token_secret) -> str
    verify(signature, base_string, client_secret, token_secret) -> bool

HMAC-SHA256, HMAC-SHA512, RSA-SHA256 and RSA-SHA512 follow sections 3.4.2 and 3.4.3 with another hash function. RSA-PSS
is a method of Mastercard. This module computes no RSA: the caller passes functions that sign and verify with its key.
"""

import binascii
import hashlib

from .credentials import same_octets
from .errors import SigningError
from .percent_encoding import ENCODED, translate, utf8_octets
from .uris import keeps_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol
else:
    Protocol = object


class SignatureMethod(Protocol):
    """The interface of a signature method, for :func:`sign` and for ``accept`` of a verifier.

    Implement it to add a signature method of your own:

    - ``name`` is the value of ``oauth_signature_method``.
    - ``sign`` returns the value of ``oauth_signature`` for a signature base string and the two secrets (3.4).
    - ``verify`` tells whether ``signature``, the received value of ``oauth_signature``, is valid (3.2).
    """

    @property
    def name(self) -> str: ...
    def sign(self, base_string: str, client_secret: str, token_secret: str) -> str: ...
    def verify(self, signature: str, base_string: str, client_secret: str, token_secret: str) -> bool: ...


class Hash(Protocol):
    """A ``hashlib`` hash object."""

    def copy(self) -> "Hash": ...
    def digest(self) -> bytes: ...
    def update(self, data: bytes) -> None: ...


BLOCK_SIZES = {"sha1": 64, "sha256": 64, "sha512": 128}
INNER_PAD = bytes([octet ^ 0x36 for octet in range(256)])
OUTER_PAD = bytes([octet ^ 0x5C for octet in range(256)])


def signing_key(client_secret: str, token_secret: str) -> str:
    """Return the HMAC key (3.4.2), which is also the PLAINTEXT signature (3.4.4).

    The "&" "MUST be included even when either secret is empty".
    """
    return encoded_secret(client_secret) + "&" + encoded_secret(token_secret)


def encoded_secret(secret: str) -> str:
    """Return ``percent_encode(secret)``. The time taken does not depend on the characters of the secret."""
    return "".join([ENCODED[octet] for octet in utf8_octets(secret)])


class Hmac:
    """HMAC over the base string with both secrets as the key (3.4.2).

    ``sign`` and ``verify`` raise SigningError if Python was built without the hash function.
    """

    __slots__ = ("name", "digest")

    def __init__(self, name: str, digest: str) -> None:
        self.name: str = name
        self.digest: str = digest

    def sign(self, base_string: str, client_secret: str, token_secret: str) -> str:
        return encode_base64(self.mac(base_string, client_secret, token_secret))

    def verify(self, signature: str, base_string: str, client_secret: str, token_secret: str) -> bool:
        mac = self.mac(base_string, client_secret, token_secret)
        return same_octets(mac, decode_base64(signature))

    def mac(self, base_string: str, client_secret: str, token_secret: str) -> bytes:
        inner, outer = keyed_hashes(self.digest, signing_key(client_secret, token_secret))
        inner.update(ascii_octets(base_string))
        outer.update(inner.digest())
        return outer.digest()

    def __repr__(self) -> str:
        return self.name.replace("-", "_")


def keyed_hashes(digest: str, key: str) -> "tuple[Hash, Hash]":
    """Return HMAC's inner and outer hash objects, already updated with the padded key (RFC 2104 section 2).

    ``hmac.new`` takes 1.5 times as long and gives no access to these objects, so they could not be copied.
    """
    octets = key.encode("ascii")
    try:
        new, block_size = hash_maker(digest), BLOCK_SIZES[digest]
        if len(octets) > block_size:
            octets = new(octets).digest()
        octets += bytes(block_size - len(octets))
        return new(translate(octets, INNER_PAD)), new(translate(octets, OUTER_PAD))
    except (AttributeError, KeyError, ValueError):
        raise missing_digest(digest) from None


def hash_maker(digest: str) -> "Callable[[bytes], Hash]":
    """Return a function that makes a hash object. MicroPython has only the constructors, CircuitPython only ``new``."""
    make = getattr(hashlib, digest, None) if digest in BLOCK_SIZES else None
    return make or (lambda octets: hashlib.new(digest, octets))


class Plaintext:
    """The signature method PLAINTEXT: the signature consists of the two secrets (3.4.4).

    It "MUST be used with a transport-layer mechanism such as TLS or SSL (or sent over a secure channel with equivalent
    protections)".

    :param in_clear: whether PLAINTEXT is sent, and accepted, without TLS too; False by default. Anyone who sees such a
        request knows both secrets and can sign any other request.
    """

    __slots__ = ("in_clear",)
    name = "PLAINTEXT"
    digest = "sha1"

    def __init__(self, in_clear: bool = False) -> None:
        self.in_clear: bool = in_clear

    def sign(self, base_string: str, client_secret: str, token_secret: str) -> str:
        return signing_key(client_secret, token_secret)

    def verify(self, signature: str, base_string: str, client_secret: str, token_secret: str) -> bool:
        # Compare hashes, so that the time taken does not reveal the length of the secrets. The key is ASCII without
        # backslashes, so a text that "backslashreplace" has changed can never equal it.
        key = signing_key(client_secret, token_secret).encode("ascii")
        received = signature.encode("ascii", "backslashreplace")
        new = hash_maker("sha256")
        return same_octets(new(received).digest(), new(key).digest())

    def __repr__(self) -> str:
        return "Plaintext(in_clear=True)" if self.in_clear else self.name


class Rsa:
    """An RSA signature over the base string, computed by functions that the caller provides (3.4.3).

    You may leave out the function that you do not need. An exception that a function raises is not caught.
    ``rsa_from_pem`` of ``adapters.cryptography`` makes both functions from a key in PEM.
    """

    __slots__ = ("_sign", "_verify")
    name = ""
    digest = ""

    def __init__(
        self,
        sign: "Callable[[bytes], bytes] | None" = None,
        verify: "Callable[[bytes, bytes], bool] | None" = None,
    ) -> None:
        for key in (sign, verify):
            if key is not None and not callable(key):
                message = "{0} needs functions: adapters.cryptography.rsa_from_pem({0}, pem) makes them from a key"
                raise SigningError(message.format(type(self).__name__))
        self._sign = sign
        self._verify = verify

    def sign(self, base_string: str, client_secret: str = "", token_secret: str = "") -> str:
        if self._sign is None:
            raise SigningError("{} has no function that signs: pass sign=".format(self.name))
        octets = self._sign(ascii_octets(base_string))
        if not isinstance(octets, bytes):
            raise SigningError("sign of {} must return bytes, without base64".format(self.name))
        return encode_base64(octets)

    def verify(self, signature: str, base_string: str, client_secret: str = "", token_secret: str = "") -> bool:
        if self._verify is None:
            raise SigningError("{} has no function that verifies: pass verify=".format(self.name))
        octets = decode_base64(signature)
        return octets != b"" and self._verify(octets, ascii_octets(base_string)) is True

    def __repr__(self) -> str:
        return "{}(sign={}, verify={})".format(
            type(self).__name__, *["..." if key else "None" for key in (self._sign, self._verify)]
        )


class RsaSha1(Rsa):
    """RSASSA-PKCS1-v1_5 with SHA-1 (3.4.3).

    :param sign: takes the octets to sign, and returns the octets of the signature; ``None`` by default.
    :param verify: takes a signature and the octets that were signed; returns True if it is valid; ``None`` by default.
    :raises SigningError: if ``sign`` or ``verify`` is neither callable nor ``None``.
    """

    __slots__ = ()
    name = "RSA-SHA1"
    digest = "sha1"


class RsaSha256(Rsa):
    """RSASSA-PKCS1-v1_5 with SHA-256.

    :param sign: takes the octets to sign, and returns the octets of the signature; ``None`` by default.
    :param verify: takes a signature and the octets that were signed; returns True if it is valid; ``None`` by default.
    :raises SigningError: if ``sign`` or ``verify`` is neither callable nor ``None``.
    """

    __slots__ = ()
    name = "RSA-SHA256"
    digest = "sha256"


class RsaSha512(Rsa):
    """RSASSA-PKCS1-v1_5 with SHA-512.

    :param sign: takes the octets to sign, and returns the octets of the signature; ``None`` by default.
    :param verify: takes a signature and the octets that were signed; returns True if it is valid; ``None`` by default.
    :raises SigningError: if ``sign`` or ``verify`` is neither callable nor ``None``.
    """

    __slots__ = ()
    name = "RSA-SHA512"
    digest = "sha512"


class RsaPssSha256(Rsa):
    """RSASSA-PSS (RFC 8017 section 8.1) with SHA-256, MGF1 with SHA-256 and a salt of 32 octets.

    The other RSA methods are RSASSA-PKCS1-v1_5 (3.4.3). The name RSA-PSS states neither hash nor salt. The only
    published source for both is Mastercard's oauth1-signer libraries (their ``SignatureMethod.java``, read in 2026).

    :param sign: takes the octets to sign, and returns the octets of the signature; ``None`` by default.
    :param verify: takes a signature and the octets that were signed; returns True if it is valid; ``None`` by default.
    :raises SigningError: if ``sign`` or ``verify`` is neither callable nor ``None``.
    """

    __slots__ = ()
    name = "RSA-PSS"
    digest = "sha256"


HMAC_SHA1 = Hmac("HMAC-SHA1", "sha1")
HMAC_SHA256 = Hmac("HMAC-SHA256", "sha256")
HMAC_SHA512 = Hmac("HMAC-SHA512", "sha512")
PLAINTEXT = Plaintext()
# Every signature method, the RSA methods as classes. Every other list of methods or their names is made from this list.
SIGNATURE_METHODS = (HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, RsaSha1, RsaSha256, RsaSha512, RsaPssSha256, PLAINTEXT)
HMAC_METHODS = tuple([method for method in SIGNATURE_METHODS if isinstance(method, Hmac)])
RSA_METHODS = tuple([method for method in SIGNATURE_METHODS if isinstance(method, type)])


def discloses_secrets(signature_method: SignatureMethod, uri: str) -> bool:
    """Tell whether PLAINTEXT would be sent to ``uri`` without TLS, and the caller has not allowed it."""
    in_clear = getattr(signature_method, "in_clear", False) is True
    return signature_method.name == "PLAINTEXT" and not in_clear and not keeps_secrets(uri)


def body_hash(body: bytes, digest: str = "sha1") -> str:
    """Return the value of ``oauth_body_hash`` for a body that is not a form (OAuth Request Body Hash 1.0).

    :param body: the octets of the body.
    :param digest: the ``.digest`` of the signature method: ``"sha1"`` (default), ``"sha256"`` or ``"sha512"``.
    :raises SigningError: if ``body`` is not ``bytes``, or Python was built without the hash function.
    """
    if not isinstance(body, bytes):
        raise SigningError("the body to hash must be bytes", parameter="oauth_body_hash")
    try:
        return encode_base64(hash_maker(digest)(body).digest())
    except (AttributeError, ValueError):
        raise missing_digest(digest) from None


def ascii_octets(base_string: str) -> bytes:
    try:
        return base_string.encode("ascii")
    except UnicodeError:
        raise SigningError("the signature base string must be ASCII") from None


def encode_base64(octets: bytes) -> str:
    return binascii.b2a_base64(octets, newline=False).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Return the octets that canonical base64 encodes, ``b""`` if ``text`` is not canonical base64.

    Two texts must never stand for one signature, so padding, alphabet and unused bits must be exact.
    """
    try:
        octets = binascii.a2b_base64(text)
    except (TypeError, ValueError):
        return b""
    return octets if encode_base64(octets) == text else b""


def missing_digest(digest: str) -> SigningError:
    return SigningError("this Python does not offer {}; use HMAC-SHA256".format(digest))
