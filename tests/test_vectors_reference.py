"""The expected values of the signing vectors are what vectors/reference.py works out by itself."""

import base64
import os
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.run_vectors import VECTORS, as_lists, load

sys.path.insert(0, VECTORS)
import reference

FILES = load()


def text(pairs):
    return [[octets.decode("utf-8", "surrogateescape") for octets in pair] for pair in pairs]


FUNCTIONS = {
    "percent_encode": reference.percent_encode,
    "percent_decode": reference.percent_decode,
    "decode_form": lambda **input: text(reference.decode_form(**input)),
    "collect_parameters": lambda **input: text(reference.collect_parameters(**input)),
    "normalize_parameters": reference.normalize_parameters,
    "base_string_uri": reference.base_string_uri,
    "signature_base_string": reference.signature_base_string,
    "signature_methods": reference.signature,
    "sign": reference.sign,
}
# The reference refuses nothing and verifies nothing.
CASES = [
    (function, case)
    for function in FUNCTIONS
    for case in FILES[function]["tests"]
    if "output" in case["expected"] and "signature" not in case["input"]
]


@pytest.mark.parametrize("function, case", CASES, ids=[case["id"] for _, case in CASES])
def test_expected_value_is_that_of_the_reference(function, case):
    assert as_lists(FUNCTIONS[function](**case["input"])) == case["expected"]["output"]


@pytest.mark.parametrize("case", [case for case in FILES["sign"]["tests"] if "base_string" in case["expected"]])
def test_base_string_of_a_signed_request_is_that_of_the_reference(case):
    input, own = case["input"], case["expected"]["output"][:-1]
    expected = reference.signature_base_string(input["method"], input["uri"], own, input["form"])
    assert case["expected"]["base_string"] == expected


def test_the_files_name_the_version_of_the_reference():
    assert {file["generatorVersion"] for file in FILES.values()} == {reference.VERSION}


def test_there_are_at_least_200_base_strings_and_signatures():
    signing = ("signature_base_string", "sign", "signature_methods")
    assert len([function for function, _ in CASES if function in signing]) >= 200


def test_rsa_signatures_are_those_of_another_implementation_too():
    hashes = {"RSA-SHA1": SHA1, "RSA-SHA256": SHA256, "RSA-SHA512": SHA512}
    seen = set()
    for case in FILES["sign"]["tests"]:
        name = case["input"]["signature_method"]
        if name in hashes and "output" in case["expected"]:
            text = reference.signature_base_string(
                case["input"]["method"], case["input"]["uri"], case["expected"]["output"][:-1], case["input"]["form"]
            )
            key = load_pem_public_key(case["input"]["rsa_key"]["publicKeyPem"].encode())
            signature = base64.b64decode(case["expected"]["output"][-1][1])
            key.verify(signature, text.encode(), padding.PKCS1v15(), hashes[name]())
            seen.add(name)
    assert seen == set(hashes)


def test_the_reference_stands_alone():
    """It says that the RFC's examples come out right, and imports nothing but the standard library."""
    program = os.path.join(VECTORS, "reference.py")
    done = subprocess.run([sys.executable, "-I", "-S", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "erratum 2550" in done.stdout


@pytest.mark.parametrize("name", ["sign", "percent_encode", "base_string_uri", "signature", "decode_form"])
def test_the_reference_notices_a_mistake_of_its_own(name, monkeypatch):
    wrong = {"decode_form": [(b"a", b"b")], "sign": [["oauth_signature", "x"]]}.get(name, "x")
    monkeypatch.setattr(reference, name, lambda *_, **__: wrong)
    with pytest.raises(AssertionError):
        reference.check()
