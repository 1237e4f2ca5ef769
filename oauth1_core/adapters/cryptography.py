"""RSA keys from PEM and PKCS#12 files, with the cryptography package (extra ``rsa``; RFC 5849 section 3.4.3).

method = rsa_from_pem(RsaSha256, os.environ["PRIVATE_KEY"])
sign("GET", uri, client, signature_method=method)

A key that cannot be used raises SigningError. The message says why and contains no part of the key.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import load_pem_x509_certificate

from ..errors import SigningError
from ..signature_methods import Rsa, RsaPssSha256, RsaSha1, RsaSha256, RsaSha512

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["rsa_from_pem", "rsa_from_pkcs12"]

# Padding and hash by the method's name, because another method may need another padding.
PKCS1: padding.AsymmetricPadding = padding.PKCS1v15()
ALGORITHMS: dict[str, tuple[padding.AsymmetricPadding, hashes.HashAlgorithm]] = {
    RsaSha1.name: (PKCS1, hashes.SHA1()),
    RsaSha256.name: (PKCS1, hashes.SHA256()),
    RsaSha512.name: (PKCS1, hashes.SHA512()),
    RsaPssSha256.name: (padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32), hashes.SHA256()),
}


def rsa_from_pem(method: type[Rsa], pem: str | bytes, password: str | bytes | None = None) -> Rsa:
    """Return a signature method with the key in ``pem``.

    A private key signs and verifies; a public key or a certificate only verifies.

    :param method: the class RsaSha1, RsaSha256, RsaSha512 or RsaPssSha256.
    :param pem: the content of a PEM file: a key in PKCS#1, PKCS#8 or OpenSSH format, encrypted or not, or a
        certificate. A line break may be the two characters ``\\n``, as in environment variables.
    :param password: the password of an encrypted private key; ``None``, the default, if the key is not encrypted.
    :raises SigningError: if ``pem`` holds no RSA key, if ``password`` does not decrypt it, or if ``method`` is another
        class.
    """
    octets = pem.encode("utf-8", "replace") if isinstance(pem, str) else pem
    if not isinstance(octets, bytes) or not (b"-----BEGIN " in octets or octets.startswith(b"ssh-")):
        raise SigningError("the key must be in PEM format, with a line -----BEGIN ...-----")
    octets = octets.replace(b"\\r", b"").replace(b"\\n", b"\n")
    if b"BEGIN OPENSSH PRIVATE KEY" in octets:
        private = private_key(serialization.load_ssh_private_key, octets, password)
    elif b"PRIVATE KEY" in octets:
        private = private_key(serialization.load_pem_private_key, octets, password)
    else:
        return rsa_of(method, None, public_key(octets))
    return rsa_of(method, private, private.public_key())


def rsa_from_pkcs12(method: type[Rsa], octets: bytes, password: str | bytes | None = None) -> Rsa:
    """Return a signature method with the private key in a PKCS#12 file (``.p12``, ``.pfx``).

    :param method: the class RsaSha1, RsaSha256, RsaSha512 or RsaPssSha256.
    :param octets: the content of the file.
    :param password: the password of the file; ``None``, the default, if the file is not encrypted.
    :raises SigningError: if the file holds no RSA key, if ``password`` does not decrypt it, or if ``method`` is another
        class.
    """
    # PFX is a SEQUENCE that begins with "version INTEGER {v3(3)}" (RFC 7292 section 4).
    if not isinstance(octets, bytes) or octets[:1] != b"\x30" or b"\2\1\3" not in octets[:10]:
        raise SigningError("the file is not a PKCS#12 file")
    try:
        private = opened_pkcs12(octets, password)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        raise SigningError(why_closed(opened_pkcs12, octets, password)) from None
    if private is None:
        raise SigningError("the file holds no private key")
    return rsa_of(method, private, private.public_key())


def opened_pkcs12(octets: bytes, password: str | bytes | None) -> Any:
    return pkcs12.load_key_and_certificates(octets, octets_of(password))[0]


def private_key(load: Callable[[bytes, bytes | None], Any], octets: bytes, password: str | bytes | None) -> Any:
    try:
        # Some loaders take an empty password for None, others for a password.
        return load(octets, octets_of(password) or None)
    except UnsupportedAlgorithm:
        message = "cryptography cannot read this kind of key; some encrypted keys also need the package bcrypt"
        raise SigningError(message) from None
    except TypeError:
        # "from None" here and below, because the cause may show parts of the key.
        missing = "the key is encrypted: give its password"
        raise SigningError("the key is not encrypted: give no password" if password else missing) from None
    except ValueError:
        raise SigningError(why_closed(load, octets, password)) from None


def why_closed(load: Callable[[bytes, bytes | None], Any], octets: bytes, password: str | bytes | None) -> str:
    """Return why ``password`` did not open ``octets``: loading it without a password shows whether it is encrypted."""
    try:
        load(octets, None)
    except TypeError:
        return "the password does not open the key"
    except (ValueError, UnsupportedAlgorithm):
        if load is not opened_pkcs12:
            return "the PEM holds no readable key"
        return "the password does not open the file" if password else "the file is encrypted: give its password"
    return "the file is not encrypted: give no password"


def public_key(octets: bytes) -> Any:
    try:
        if b"CERTIFICATE" in octets:
            return load_pem_x509_certificate(octets).public_key()
        if octets.startswith(b"ssh-"):
            return serialization.load_ssh_public_key(octets)
        return serialization.load_pem_public_key(octets)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        raise SigningError("the PEM holds no readable key") from None


def octets_of(password: str | bytes | None) -> bytes | None:
    if not isinstance(password, (str, bytes, type(None))):
        raise SigningError("the password must be str, bytes or None")
    return password.encode("utf-8", "surrogateescape") if isinstance(password, str) else password


def rsa_of(method: type[Rsa], private: Any, public: Any) -> Rsa:
    name = getattr(method, "name", None)
    if not isinstance(method, type) or not issubclass(method, Rsa) or name not in ALGORITHMS:
        message = "method must be the class of {}; give any other method its own functions"
        raise SigningError(message.format(", ".join(ALGORITHMS)))
    used = ALGORITHMS[name]
    if not isinstance(public, rsa.RSAPublicKey):
        raise SigningError("the key is not an RSA key")

    def sign(octets: bytes) -> bytes:
        if private is None:
            raise SigningError(f"{method.name} needs the private key to sign, and this is the public key")
        try:
            signature: bytes = private.sign(octets, *used)
        except ValueError:
            raise SigningError(f"the RSA key is too short for {method.name}") from None
        return signature

    def verify(signature: bytes, octets: bytes) -> bool:
        try:
            public.verify(signature, octets, *used)
        except InvalidSignature:
            return False
        return True

    return method(sign, verify)
