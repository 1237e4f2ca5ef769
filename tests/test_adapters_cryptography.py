"""RSA keys from PEM files (RFC 5849 section 3.4.3), checked against the cryptography package used directly."""

import base64
import datetime
import json
import re
import traceback
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from oauth1_core import (
    ClientCredentials,
    RsaPssSha256,
    RsaSha1,
    RsaSha256,
    RsaSha512,
    SigningError,
    UnsupportedSignatureMethod,
    adapters,
    authorization_header,
    parse_request,
    sign,
    verify_signature,
)
from oauth1_core.adapters.cryptography import rsa_from_pem, rsa_from_pkcs12
from oauth1_core.signature_methods import Rsa

BASE_STRING = "GET&http%3A%2F%2Fexample.com%2F&a%3Db"
METHODS = [(RsaSha1, hashes.SHA1()), (RsaSha256, hashes.SHA256()), (RsaSha512, hashes.SHA512())]
KEY = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)


def private_pem(key, password=None, form=serialization.PrivateFormat.PKCS8):
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, encryption)


def public_pem(key, form=serialization.PublicFormat.SubjectPublicKeyInfo):
    return key.public_key().public_bytes(serialization.Encoding.PEM, form)


def certificate_pem(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client.example")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    now = datetime.datetime(2020, 1, 1)
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(1))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def der_pem(label, der):
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{text}-----END {label}-----\n".encode()


PUBLIC = {
    "public key": public_pem(KEY),
    "PKCS 1": public_pem(KEY, serialization.PublicFormat.PKCS1),
    "certificate": certificate_pem(KEY),
}
PRIVATE = {
    "PKCS 8": private_pem(KEY),
    "PKCS 1": private_pem(KEY, form=serialization.PrivateFormat.TraditionalOpenSSL),
    "beside a certificate": certificate_pem(OTHER) + private_pem(KEY),
}


def verified(method_hash, signature, octets):
    try:
        KEY.public_key().verify(signature, octets, padding.PKCS1v15(), method_hash)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("pem", PRIVATE.values(), ids=PRIVATE)
@pytest.mark.parametrize("kind, algorithm", METHODS)
def test_a_private_key_signs_and_verifies(kind, algorithm, pem):
    method = rsa_from_pem(kind, pem)
    assert type(method) is kind
    ours = method.sign(BASE_STRING, "any", "secret")
    theirs = base64.b64encode(KEY.sign(BASE_STRING.encode(), padding.PKCS1v15(), algorithm)).decode()
    assert ours == theirs
    assert verified(algorithm, base64.b64decode(ours), BASE_STRING.encode())
    assert method.verify(theirs, BASE_STRING, "any", "secret") is True


@pytest.mark.parametrize("pem", PUBLIC.values(), ids=PUBLIC)
@pytest.mark.parametrize("kind, algorithm", METHODS)
def test_a_public_key_or_certificate_verifies_and_does_not_sign(kind, algorithm, pem):
    method = rsa_from_pem(kind, pem)
    signature = KEY.sign(BASE_STRING.encode(), padding.PKCS1v15(), algorithm)
    assert method.verify(base64.b64encode(signature).decode(), BASE_STRING) is True
    with pytest.raises(SigningError, match="needs the private key to sign, and this is the public key"):
        method.sign(BASE_STRING)


@pytest.mark.parametrize("kind, algorithm", METHODS)
def test_what_the_key_did_not_sign_in_this_way_does_not_verify(kind, algorithm):
    octets = BASE_STRING.encode()
    method = rsa_from_pem(kind, public_pem(KEY))
    right = KEY.sign(octets, padding.PKCS1v15(), algorithm)
    wrong = [
        OTHER.sign(octets, padding.PKCS1v15(), algorithm),
        KEY.sign(octets + b"x", padding.PKCS1v15(), algorithm),
        KEY.sign(octets, padding.PKCS1v15(), hashes.SHA384()),
        KEY.sign(octets, padding.PSS(padding.MGF1(algorithm), 20), algorithm),
        b"", right[:-1], right + b"\0", b"\0" + right, right[:-1] + bytes([right[-1] ^ 1]), bytes(256), b"\xff" * 256,
        # The same number to the verifier, if it did not look at its size: s + n.
        (int.from_bytes(right, "big") + KEY.public_key().public_numbers().n).to_bytes(257, "big"),
    ]  # fmt: skip
    assert method.verify(base64.b64encode(right).decode(), BASE_STRING) is True
    assert [method.verify(base64.b64encode(each).decode(), BASE_STRING) for each in wrong] == [False] * len(wrong)


def signs_with_the_key(method):
    assert verified(hashes.SHA256(), base64.b64decode(method.sign(BASE_STRING)), BASE_STRING.encode())


FORMS = ["PKCS8", "TraditionalOpenSSL", "OpenSSH"]


@pytest.mark.parametrize("form", [getattr(serialization.PrivateFormat, name) for name in FORMS], ids=FORMS)
def test_an_encrypted_key_opens_with_its_password_only(form):
    pem = private_pem(KEY, b"passphrase", form)
    for password in (b"passphrase", "passphrase"):
        signs_with_the_key(rsa_from_pem(RsaSha256, pem, password))
    with pytest.raises(SigningError, match="is not encrypted: give no password"):
        rsa_from_pem(RsaSha256, private_pem(KEY, form=form), "hidden")
    for password, why in [
        (None, "is encrypted: give its password"),
        ("", "is encrypted: give its password"),
        (b"", "is encrypted: give its password"),
        (b"hidden", "password does not open"),
        (1, "the password must be str, bytes or None"),
    ]:
        with pytest.raises(SigningError, match=why) as caught:
            rsa_from_pem(RsaSha256, pem, password)
        assert "hidden" not in "".join(traceback.format_exception(caught.type, caught.value, caught.tb))


UNKNOWN_CURVE = bytes.fromhex("301006072a8648ce3d020106052b81040006")  # id-ecPublicKey, secp112r1
NOT_RSA = {
    "EC": private_pem(ec.generate_private_key(ec.SECP256R1())),
    "EC public": public_pem(ec.generate_private_key(ec.SECP256R1())),
    "EC certificate": certificate_pem(ec.generate_private_key(ec.SECP256R1())),
    "Ed25519": private_pem(ed25519.Ed25519PrivateKey.generate()),
    "Ed25519 public": public_pem(ed25519.Ed25519PrivateKey.generate()),
    "DSA": private_pem(dsa.generate_private_key(1024)),
    "a curve that nobody knows": der_pem("PUBLIC KEY", b"\x30\x32" + UNKNOWN_CURVE + b"\x03\x1e\0\4" + bytes(28)),
    "empty": b"",
    "text": b"hidden",
    "no content": b"-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----\n",
    "cut short": private_pem(KEY)[:-100],
    "private as public": der_pem("PUBLIC KEY", b"\x30\x03hid"),
    "certificate of garbage": der_pem("CERTIFICATE", b"\x30\x06hidden"),
    "certificate request": der_pem("CERTIFICATE REQUEST", b"\x30\x06hidden"),
    "DER": KEY.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ),
    "OpenSSH cut short": private_pem(KEY, form=serialization.PrivateFormat.OpenSSH)[:-100],
    "OpenSSH of another kind": private_pem(
        ed25519.Ed25519PrivateKey.generate(), form=serialization.PrivateFormat.OpenSSH
    ),
    "text that is not ASCII": "hidden é",
    "None": None,
}


@pytest.mark.parametrize("form", [getattr(serialization.PrivateFormat, name) for name in FORMS], ids=FORMS)
@pytest.mark.parametrize("spell", [bytes, bytes.decode, lambda pem: pem.replace(b"\n", b"\\n").decode(),
                                   lambda pem: pem.replace(b"\n", b"\\r\\n"), lambda pem: pem.replace(b"\n", b"\r\n")],
                         ids=["octets", "text", "escaped", "escaped CRLF", "CRLF"])  # fmt: skip
def test_a_key_is_read_however_its_lines_are_broken(form, spell):
    signs_with_the_key(rsa_from_pem(RsaSha256, spell(private_pem(KEY, form=form))))


def test_a_public_key_of_openssh_verifies():
    line = KEY.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    signature = base64.b64encode(KEY.sign(BASE_STRING.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    assert rsa_from_pem(RsaSha256, line).verify(signature, BASE_STRING) is True


WHY = {
    "EC": "the key is not an RSA key",
    "EC public": "the key is not an RSA key",
    "EC certificate": "the key is not an RSA key",
    "OpenSSH of another kind": "the key is not an RSA key",
    "empty": "the key must be in PEM format",
    "DER": "the key must be in PEM format",
    "None": "the key must be in PEM format",
    "text that is not ASCII": "the key must be in PEM format",
    "cut short": "the PEM holds no readable key",
    "OpenSSH cut short": "the PEM holds no readable key",
    "certificate of garbage": "the PEM holds no readable key",
}


@pytest.mark.parametrize("name, why", WHY.items())
def test_each_failure_has_a_sentence_of_its_own(name, why):
    with pytest.raises(SigningError, match=why):
        rsa_from_pem(RsaSha256, NOT_RSA[name])


def test_a_lock_of_a_kind_that_nobody_knows_is_told_from_a_wrong_password():
    pem = private_pem(KEY, b"hidden", serialization.PrivateFormat.OpenSSH)
    octets = base64.b64decode(b"".join(pem.splitlines()[1:-1]))
    assert octets.count(b"aes256-ctr") == 1
    pem = der_pem("OPENSSH PRIVATE KEY", octets.replace(b"aes256-ctr", b"rot256-ctr"))
    with pytest.raises(SigningError, match="cannot read this kind of key"):
        rsa_from_pem(RsaSha256, pem, "hidden")


def p12(key=KEY, password=None):
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    certificate = None if key else x509.load_pem_x509_certificate(certificate_pem(KEY))
    return pkcs12.serialize_key_and_certificates(b"client", key, certificate, None, encryption)


def test_a_pkcs12_file_opens_with_its_password_only():
    for octets, password in [(p12(), None), (p12(password=b"passphrase"), "passphrase"), (p12(password=b"p"), b"p")]:
        signs_with_the_key(rsa_from_pkcs12(RsaSha256, octets, password))
    for octets, password, why in [
        (p12(password=b"passphrase"), None, "the file is encrypted: give its password"),
        (p12(password=b"passphrase"), "hidden", "the password does not open the file"),
        (p12(), "hidden", "the file is not encrypted: give no password"),
        (p12(ec.generate_private_key(ec.SECP256R1())), None, "the key is not an RSA key"),
        (p12(None), None, "the file holds no private key"),
        (private_pem(KEY), None, "the file is not a PKCS#12 file"),
        ("hidden", None, "the file is not a PKCS#12 file"),
        (b"", None, "the file is not a PKCS#12 file"),
    ]:
        with pytest.raises(SigningError, match=why) as caught:
            rsa_from_pkcs12(RsaSha256, octets, password)
        assert "hidden" not in "".join(traceback.format_exception(caught.type, caught.value, None))


def test_another_method_gets_no_signature_of_these_by_accident():
    class RsaPss(Rsa):
        name = "X-RSA-PSS"
        digest = "sha256"

    for method in (RsaPss, Rsa, RsaSha256(), "RSA-SHA256", type("X", (), {"name": "RSA-SHA256"})):
        with pytest.raises(SigningError, match="give any other method its own functions"):
            rsa_from_pem(method, private_pem(KEY))


@pytest.mark.parametrize("pem", NOT_RSA.values(), ids=NOT_RSA)
def test_what_is_no_rsa_key_is_refused_and_not_shown(pem):
    with pytest.raises(SigningError) as caught:
        rsa_from_pem(RsaSha256, pem)
    text = pem if isinstance(pem, str) else (pem or b"").decode("latin-1")
    shown = "".join(traceback.format_exception(caught.type, caught.value, None))
    assert "hidden" not in shown
    assert not [line for line in text.splitlines() if len(line) > 30 and line in shown]


def test_a_key_too_short_for_the_hash_is_a_signing_error():
    """RSASSA-PKCS1-v1_5 with SHA-512 needs 94 octets; two Mersenne primes make a key of 81."""
    p, q = 2**521 - 1, 2**127 - 1
    d = rsa.rsa_recover_private_exponent(65537, p, q)
    crt = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
    key = rsa.RSAPrivateNumbers(p, q, d, *crt, rsa.RSAPublicNumbers(65537, p * q)).private_key()
    method = rsa_from_pem(RsaSha512, private_pem(key))
    with pytest.raises(SigningError):
        method.sign(BASE_STRING)


def test_a_method_from_a_pem_shows_no_key():
    method = rsa_from_pem(RsaSha1, private_pem(KEY))
    assert repr(method) == "RsaSha1(sign=..., verify=...)"
    parameters = dict(sign("GET", "http://example.com/", ClientCredentials("a", ""), signature_method=method))
    assert parameters["oauth_signature_method"] == "RSA-SHA1"
    assert len(base64.b64decode(parameters["oauth_signature"])) == 256


# Made by mastercard-oauth1-signer 1.9.2 of BASE_STRING, with the key "2048" of the vectors:
# OAuth.sign_message(base_string, key, signature_method=SignatureMethod.RSA_PSS_SHA256). (Its base strings do not encode
# a value of the protocol parameters twice, so that a whole header of it would be no RFC 5849.)
MASTERCARD = (
    "FKo9w54v76DUigMiLa9XPJdIUxrhjClI5ewgJq1FpqbcKqQndcGJcxwYG0jl1Qy6d9PucgBpLpam3B6Kgl2ulI1FDxRvOlgUnLTD"
    "s5eH5P4eIxrTlPODjeox2HOCOUf8iPt8NZjTFNXZFa+aQkH7AbNg4t978ImCwr1LtfN3UnLdWpiLSplGOGetvOoKEPOtzM1Dj8vB"
    "r7SXe04pPKUp+ULJ9N+v8St2sw3eKmCsd4Wiq/8igMkTbfWp89dQIIWxGZ3guD51020MlDYMjHVT6wAHP1e3pjIa/OasHcnteYdB"
    "MTYLjxwygxvHy74yAJ1r+GPdP43v6pfmOtplD3I0cA=="
)


def test_rsa_pss_is_what_mastercard_signs():
    vectors = json.loads((Path(__file__).parents[1] / "vectors" / "signature_methods.json").read_text())
    pem = vectors["keys"]["2048"]["publicKeyPem"]
    assert rsa_from_pem(RsaPssSha256, pem).verify(MASTERCARD, BASE_STRING) is True
    assert rsa_from_pem(RsaPssSha256, pem).verify(MASTERCARD, BASE_STRING + "c") is False
    assert rsa_from_pem(RsaPssSha256, public_pem(OTHER)).verify(MASTERCARD, BASE_STRING) is False
    assert rsa_from_pem(RsaSha256, pem).verify(MASTERCARD, BASE_STRING) is False


def test_rsa_pss_goes_by_its_name_from_the_client_to_the_server():
    header = authorization_header(
        sign(
            "GET",
            "http://h.example/",
            ClientCredentials("a", ""),
            signature_method=rsa_from_pem(RsaPssSha256, private_pem(KEY)),
        )
    )
    assert 'oauth_signature_method="RSA-PSS"' in header
    request = parse_request("GET", "http://h.example/", [("Authorization", header)])
    verify_signature(request, ClientCredentials("a", ""), accept=[rsa_from_pem(RsaPssSha256, public_pem(KEY))])
    with pytest.raises(UnsupportedSignatureMethod):
        verify_signature(request, ClientCredentials("a", ""), accept=[rsa_from_pem(RsaSha256, public_pem(KEY))])


@pytest.mark.parametrize("salt_length", [0, 20, 32, padding.PSS.MAX_LENGTH])
def test_rsa_pss_has_a_salt_of_32_octets(salt_length):
    method, octets = rsa_from_pem(RsaPssSha256, private_pem(KEY)), BASE_STRING.encode()
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length)
    theirs = base64.b64encode(KEY.sign(octets, pss, hashes.SHA256())).decode()
    assert method.verify(theirs, BASE_STRING) is (salt_length == 32)
    found = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    KEY.public_key().verify(base64.b64decode(method.sign(BASE_STRING)), octets, found, hashes.SHA256())


def test_the_recipe_for_another_padding_makes_a_signature_of_that_padding():
    """The page of the adapters shows it; the parameters there are those of RFC 8017 section 9.1 with SHA-512."""
    page = (Path(adapters.__file__).parent / "README.md").read_text()
    [recipe] = re.findall(r"```python\n([^`]*class RsaPssSha512[^`]*)```", page)
    names = {"private_key": KEY}
    exec(recipe, names)
    parameters = dict(sign("GET", "http://h.example/", ClientCredentials("a", ""), signature_method=names["method"]))
    assert parameters["oauth_signature_method"] == "X-RSA-PSS-SHA512"
    signature = base64.b64decode(names["method"].sign(BASE_STRING))
    pss = padding.PSS(padding.MGF1(hashes.SHA512()), hashes.SHA512.digest_size)
    KEY.public_key().verify(signature, BASE_STRING.encode(), pss, hashes.SHA512())
    assert not verified(hashes.SHA512(), signature, BASE_STRING.encode())
