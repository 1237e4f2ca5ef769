"""RSA keys from a PEM file, by the cryptography package (extra ``rsa``).

method = rsa_from_pem(RsaSha256, open("private.pem", "rb").read())
sign("GET", uri, client, signature_method=method)
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_pem_x509_certificate

from ..errors import SigningError
from ..signature_methods import Rsa

__all__ = ["rsa_from_pem"]

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),
    "sha256": hashes.SHA256(),
    "sha512": hashes.SHA512(),
}


def rsa_from_pem(method: type[Rsa], pem: bytes, password: bytes | None = None) -> Rsa:
    """Return ``method`` with the key in ``pem``.

    A private key signs and verifies, a public key or a certificate verifies.

    :param method: RsaSha1, RsaSha256 or RsaSha512, the class itself.
    :param pem: what a PEM file holds, in octets.
    :param password: what opens an encrypted private key; ``None``, the default, if it is not encrypted.
    :raises SigningError: if ``pem`` holds no RSA key that ``password`` opens.
    """
    algorithm = HASHES[method.digest]
    private = None
    try:
        if b"PRIVATE KEY" in pem:
            private = serialization.load_pem_private_key(pem, password)
            public = private.public_key()
        elif b"CERTIFICATE" in pem:
            public = load_pem_x509_certificate(pem).public_key()
        else:
            public = serialization.load_pem_public_key(pem)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        # Without the cause, which may show parts of the key.
        raise SigningError("the PEM holds no key that can be read") from None
    if not isinstance(public, rsa.RSAPublicKey) or not isinstance(private, (rsa.RSAPrivateKey, type(None))):
        raise SigningError("the PEM holds a key that is not RSA")

    def sign(octets: bytes) -> bytes:
        assert isinstance(private, rsa.RSAPrivateKey)
        try:
            return private.sign(octets, padding.PKCS1v15(), algorithm)
        except ValueError:
            raise SigningError(f"the RSA key is too short for {method.name}") from None

    def verify(signature: bytes, octets: bytes) -> bool:
        try:
            public.verify(signature, octets, padding.PKCS1v15(), algorithm)
        except InvalidSignature:
            return False
        return True

    return method(sign if private else None, verify)
