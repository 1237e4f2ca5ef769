"""Signature methods (RFC 5849 sections 3.4.2 to 3.4.4), against hashlib and hmac used directly."""

import base64
import functools
import hashlib
import hmac
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from oauth1_core import (
    HMAC_SHA1,
    HMAC_SHA256,
    HMAC_SHA512,
    PLAINTEXT,
    ClientCredentials,
    Plaintext,
    RsaPssSha256,
    RsaSha1,
    RsaSha256,
    RsaSha512,
    SigningError,
    body_hash,
    sign,
)
from oauth1_core.signature_methods import Hmac, discloses_secrets

BASE_STRING = "GET&http%3A%2F%2Fexample.com%2F&a%3Db"
HMACS = [(HMAC_SHA1, hashlib.sha1), (HMAC_SHA256, hashlib.sha256), (HMAC_SHA512, hashlib.sha512)]
RSAS = [RsaSha1, RsaSha256, RsaSha512, RsaPssSha256]
# Ends in one "=" and holds both characters that base64 variants disagree about.
SIGNATURE = b"\xfb\xef\xbe\xff\xff" * 4
NEAR_MISSES = {
    "empty": lambda text: "",
    "padding only": lambda text: "=",
    "unused bits": lambda text: text[:-2] + chr(ord(text[-2]) + 1) + "=",
    "no padding": lambda text: text.rstrip("="),
    "more padding": lambda text: text + "=",
    "padding in front": lambda text: "=" + text,
    "truncated": lambda text: text[:-4],
    "truncated in a group": lambda text: text[:-6],
    "urlsafe": lambda text: text.replace("+", "-").replace("/", "_"),
    "space around": lambda text: " " + text + " ",
    "space inside": lambda text: text[:4] + " " + text[4:],
    "line feed at the end": lambda text: text + "\n",
    "NUL at the end": lambda text: text + "\0",
    "text behind the padding": lambda text: text + "AAAA",
    "full-width letter": lambda text: text.replace(text[0], chr(ord(text[0]) + 0xFEE0), 1),
    "surrogate": lambda text: text + "\udcff",
    "other case": str.swapcase,
    "twice": lambda text: text + text,
    "all zero": lambda text: "A" * (len(text) - 1) + "=",
}
near_misses = pytest.mark.parametrize("miss", NEAR_MISSES.values(), ids=NEAR_MISSES)


@pytest.mark.parametrize(
    "secrets, key", [(("", ""), b"&"), (("a&b", "é"), b"a%26b&%C3%A9"), (("\udcff", "~"), b"%FF&~")]
)
@pytest.mark.parametrize("method, digest", HMACS)
def test_hmac_is_keyed_with_both_secrets_encoded(method, digest, secrets, key):
    expected = base64.b64encode(hmac.new(key, BASE_STRING.encode(), digest).digest()).decode()
    assert method.sign(BASE_STRING, *secrets) == expected
    assert method.verify(expected, BASE_STRING, *secrets) is True
    assert method.verify(expected, BASE_STRING + "x", *secrets) is False
    assert method.verify(expected, BASE_STRING, secrets[0] + "x", secrets[1]) is False
    assert method.verify(expected, BASE_STRING, secrets[0], secrets[1] + "x") is False


def test_methods_have_the_names_that_are_sent_and_show_no_key():
    key = functools.partial(hmac.new, b"hidden")
    methods = [HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT, *[rsa(key, key) for rsa in RSAS], RsaSha1(verify=key)]
    assert [(method.name, method.digest) for method in methods[:-1]] == [
        ("HMAC-SHA1", "sha1"), ("HMAC-SHA256", "sha256"), ("HMAC-SHA512", "sha512"), ("PLAINTEXT", "sha1"),
        ("RSA-SHA1", "sha1"), ("RSA-SHA256", "sha256"), ("RSA-SHA512", "sha512"), ("RSA-PSS", "sha256"),
    ]  # fmt: skip
    assert [repr(method) for method in methods] == [
        "HMAC_SHA1", "HMAC_SHA256", "HMAC_SHA512", "PLAINTEXT", "RsaSha1(sign=..., verify=...)",
        "RsaSha256(sign=..., verify=...)", "RsaSha512(sign=..., verify=...)",
        "RsaPssSha256(sign=..., verify=...)", "RsaSha1(sign=None, verify=...)",
    ]  # fmt: skip


def test_an_hmac_may_have_another_name():
    method = Hmac("X-SHA512", "sha512")
    expected = base64.b64encode(hmac.new(b"c&t", BASE_STRING.encode(), hashlib.sha512).digest()).decode()
    assert (method.name, method.digest, method.sign(BASE_STRING, "c", "t")) == ("X-SHA512", "sha512", expected)


@near_misses
def test_an_hmac_verifies_in_its_one_spelling_only(miss):
    """The base string is one whose signature holds "+", "/" and letters of both cases."""
    for number in range(1000):
        base_string = f"GET&{number}"
        signature = base64.b64encode(hmac.new(b"c&t", base_string.encode(), hashlib.sha1).digest()).decode()
        if "+" in signature and "/" in signature and signature[0].isalnum():
            break
    assert HMAC_SHA1.verify(signature, base_string, "c", "t") is True
    assert HMAC_SHA1.verify(miss(signature), base_string, "c", "t") is False


@pytest.mark.parametrize("position", range(160))
def test_one_bit_makes_another_signature(position):
    mac = bytearray(hmac.new(b"c&", BASE_STRING.encode(), hashlib.sha1).digest())
    assert HMAC_SHA1.verify(base64.b64encode(mac).decode(), BASE_STRING, "c", "") is True
    mac[position // 8] ^= 1 << position % 8
    assert HMAC_SHA1.verify(base64.b64encode(mac).decode(), BASE_STRING, "c", "") is False


@near_misses
@pytest.mark.parametrize("rsa", RSAS)
def test_an_rsa_signature_verifies_in_its_one_spelling_only(rsa, miss):
    method = rsa(verify=lambda signature, octets: (signature, octets) == (SIGNATURE, BASE_STRING.encode()))
    text = base64.b64encode(SIGNATURE).decode()
    assert method.verify(text, BASE_STRING, "c", "t") is True
    assert method.verify(text, BASE_STRING + "x", "c", "t") is False
    assert method.verify(miss(text), BASE_STRING, "c", "t") is False


def test_a_key_is_not_asked_about_what_is_no_signature():
    method = RsaSha1(verify=lambda signature, octets: True)
    assert method.verify("QUI=", BASE_STRING) is True
    for text in ("", "=", "QUI", "QUJ=", "QUI=\n", "Q-I=", "é"):
        assert method.verify(text, BASE_STRING) is False


@pytest.mark.parametrize("answer", [None, 1, "yes", False, 0, object()])
def test_only_true_from_a_key_is_a_yes(answer):
    assert RsaSha256(verify=lambda signature, octets: answer).verify("QUI=", BASE_STRING) is False


def test_an_rsa_key_gets_the_octets_and_no_secret():
    method = RsaSha256(sign=lambda *arguments: repr(arguments).encode())
    expected = base64.b64encode(repr((BASE_STRING.encode(),)).encode()).decode()
    assert method.sign(BASE_STRING, "hidden", "hidden") == method.sign(BASE_STRING) == expected


@pytest.mark.parametrize("rsa", RSAS)
def test_a_callable_that_is_missing_is_a_signing_error(rsa):
    method = rsa()
    for half in (lambda: method.sign(BASE_STRING, "hidden", "hidden"), lambda: method.verify("QUI=", BASE_STRING)):
        with pytest.raises(SigningError, match=f"{rsa.name} has no function") as caught:
            half()
        assert "hidden" not in str(caught.value)


def test_plaintext_is_both_secrets_encoded():
    assert PLAINTEXT.sign("", "a b", "&") == "a%20b&%26"
    assert PLAINTEXT.verify("a%20b&%26", "", "a b", "&") is True
    assert PLAINTEXT.verify("&", "", "", "") is True


@pytest.mark.parametrize(
    "text", ["", "&", "a\\&", "%c3%a9&", "é&", "\udce9&", "\\xe9&", "%C3%A9& ", "%C3%A9", "%C3%A9&\n"]
)
def test_plaintext_verifies_in_its_one_spelling_only(text):
    assert PLAINTEXT.verify("%C3%A9&", "", "é", "") is True
    assert PLAINTEXT.verify(text, "", "é", "") is False


@pytest.mark.parametrize("method", [HMAC_SHA1, HMAC_SHA512, RsaSha1(sign=bytes)])
def test_a_base_string_is_ascii_and_is_not_shown(method):
    with pytest.raises(SigningError) as caught:
        method.sign("hiddené", "", "")
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("method", [HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT])
@pytest.mark.parametrize("secrets", [("hidden\ud800", ""), ("", "hidden\ud800"), (None, ""), ("", b"hidden")])
def test_a_secret_that_cannot_be_encoded_is_not_shown(method, secrets):
    with pytest.raises(SigningError) as caught:
        method.sign(BASE_STRING, *secrets)
    assert "hidden" not in str(caught.value)
    assert "hidden" not in "".join(traceback.format_exception_only(caught.type, caught.value))
    assert caught.value.__suppress_context__


def test_a_body_hash_is_that_of_the_extension():
    """The two SHA-1 values are those of OAuth Request Body Hash 1.0, appendix A."""
    assert body_hash(b"") == "2jmj7l5rSw0yVb/vlWAYkK/YBwk="
    assert body_hash(b"Hello World!") == "Lve95gjOVATpfV8EL5X4nxwjKHE="
    for method, digest in HMACS:
        assert body_hash(b"\xff\0", method.digest) == base64.b64encode(digest(b"\xff\0").digest()).decode()


@pytest.mark.parametrize("body", [None, "hidden", bytearray(b"hidden"), 5])
def test_a_body_to_hash_is_octets(body):
    with pytest.raises(SigningError) as caught:
        body_hash(body)
    assert caught.value.parameter == "oauth_body_hash"
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("digest", ["", "nonsense", "sha1 "])
def test_a_digest_that_python_does_not_have_is_a_signing_error(digest):
    with pytest.raises(SigningError):
        body_hash(b"", digest)


@pytest.fixture
def without_sha1(monkeypatch):
    """Make Python refuse SHA-1 in the way of a FIPS build."""
    new = hashlib.new

    def refuse(*data):
        raise ValueError("[digital envelope routines] unsupported")

    monkeypatch.setattr(hashlib, "sha1", refuse)
    monkeypatch.setattr(hashlib, "new", lambda name, *data: refuse() if name == "sha1" else new(name, *data))


def test_a_python_without_sha1_names_the_method_to_use(without_sha1):
    client = ClientCredentials("id", "hidden")
    for call in (
        lambda: HMAC_SHA1.sign(BASE_STRING, "hidden", ""),
        lambda: HMAC_SHA1.verify("QUI=", BASE_STRING, "hidden", ""),
        lambda: sign("GET", "http://example.com/", client),
        lambda: body_hash(b"hidden"),
    ):
        with pytest.raises(SigningError, match="sha1; use HMAC-SHA256") as caught:
            call()
        assert "hidden" not in str(caught.value)
        assert caught.value.__suppress_context__
    assert sign("GET", "http://example.com/", client, signature_method=HMAC_SHA256)[-1][0] == "oauth_signature"
    assert PLAINTEXT.verify("a&", "", "a", "") is True


def test_a_hash_that_this_python_was_built_without_is_named(monkeypatch):
    monkeypatch.delattr(hashlib, "sha512")
    new = hashlib.new
    offered = {name for name in hashlib.algorithms_available if name not in ("sha512", "sha3-256")}
    monkeypatch.setattr(hashlib, "new", lambda name, octets: new(name if name in offered else "none", octets))
    for method in (HMAC_SHA512, Hmac("HMAC-SHA3-256", "sha3-256")):
        with pytest.raises(SigningError, match=f"{method.digest}; use HMAC-SHA256") as caught:
            method.sign(BASE_STRING, "hidden", "")
        assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("method", [HMAC_SHA1, HMAC_SHA256, HMAC_SHA512])
def test_the_mac_is_that_of_the_standard_library_for_keys_of_every_length(method):
    for length in range(300):
        secret = "k" * length
        expected = hmac.new(f"{secret}&t".encode(), BASE_STRING.encode(), method.digest).digest()
        assert method.mac(BASE_STRING, secret, "t") == expected


def test_importing_touches_no_digest():
    script = """
import hashlib, hmac
def refuse(*arguments, **options):
    raise ValueError("unsupported hash type")
for name in hashlib.algorithms_guaranteed | {"new"}:
    setattr(hashlib, name, refuse)
hmac.new = hmac.digest = hmac.HMAC = refuse
import oauth1_core, oauth1_core.nonce_stores.memory
try:
    oauth1_core.HMAC_SHA1.sign("", "", "")
except oauth1_core.SigningError:
    print("imported, and no digest at hand")
"""
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("imported, and no digest at hand\n", "")


@pytest.mark.parametrize("kind", [RsaSha1, RsaSha256, RsaSha512])
def test_a_key_in_the_place_of_a_callable_says_what_is_wanted(kind):
    for options in ({"sign": "-----BEGIN PRIVATE KEY-----"}, {"verify": b"hidden"}):
        with pytest.raises(
            SigningError, match="{0} needs functions: .*rsa_from_pem\\({0}, pem\\)".format(kind.__name__)
        ):
            kind(**options)


@pytest.mark.parametrize("returned", ["c2lnbmF0dXJl", None, 7])
def test_a_callable_that_returns_no_octets_is_an_error(returned):
    with pytest.raises(SigningError, match="must return bytes"):
        RsaSha256(sign=lambda octets: returned).sign("GET&a&b")


def test_plaintext_goes_in_clear_only_where_that_is_said():
    said = [repr(method) for method in (PLAINTEXT, Plaintext(), Plaintext(in_clear=True), Plaintext(False))]
    assert said == ["PLAINTEXT", "PLAINTEXT", "Plaintext(in_clear=True)", "PLAINTEXT"]
    for uri, in_clear in [("http://a.example/", True), ("https://a.example/", False), ("http://127.0.0.1/", False)]:
        assert discloses_secrets(PLAINTEXT, uri) is in_clear
        assert discloses_secrets(Plaintext(in_clear=True), uri) is False
        for other in (True, 1, None, "True"):
            assert discloses_secrets(Named("PLAINTEXT", in_clear=other), uri) is (in_clear and other is not True)
        assert discloses_secrets(Named("PLAINTEXT"), uri) is in_clear
        assert discloses_secrets(Named("OTHER"), uri) is discloses_secrets(HMAC_SHA1, uri) is False


class Named:
    """A signature method of an application."""

    def __init__(self, name, **attributes):
        self.name = name
        vars(self).update(attributes)


@pytest.mark.parametrize("digest", ["new", "algorithms_available", "sha0", "", "__doc__"])
def test_a_name_in_hashlib_that_is_no_hash_is_refused(digest):
    with pytest.raises(SigningError):
        body_hash(b"", digest)
