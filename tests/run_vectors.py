"""Run vectors/*.json: ``python tests/run_vectors.py``.

The standard library alone, CPython 3.6 or newer, from any directory. The format is that of
vectors/README.md. pytest runs the same cases through ``load`` and ``check``.
"""
import hashlib
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VECTORS = os.path.join(ROOT, "vectors")
sys.path.insert(0, ROOT)

import oauth1_core  # noqa: E402


def load(directory=VECTORS):
    """Return {function: file}, octets and keys put in place. Raises ValueError where a file contradicts itself."""
    names = {name[:-5] for name in os.listdir(directory) if name.endswith(".json")} - {"schema"}
    if names != set(RUNNERS):
        raise ValueError(f"a file without a runner, or a runner without a file: {sorted(names ^ set(RUNNERS))}")
    files = {}
    for name in sorted(names):
        with open(os.path.join(directory, name + ".json"), encoding="utf-8") as stream:
            file = with_octets(json.load(stream))
        tests = file["tests"]
        if file["function"] != name:
            raise ValueError(f"{name}: function is {file['function']}")
        if not tests or [case["tcId"] for case in tests] != list(range(1, file["numberOfTests"] + 1)):
            raise ValueError(f"{name}: numberOfTests or a tcId is wrong")
        flags = {flag for case in tests for flag in case["flags"]}
        if flags != set(file["notes"]):
            raise ValueError(f"{name}: undeclared or unused flags: {sorted(flags ^ set(file['notes']))}")
        for case in tests:
            if "rsa_key" in case["input"]:
                case["input"]["rsa_key"] = file["keys"][case["input"]["rsa_key"]]
        files[name] = file
    return files


def with_octets(value):
    """Put text in the place of every {"octets": ...}: what is not UTF-8 travels by surrogateescape."""
    if isinstance(value, list):
        return [with_octets(item) for item in value]
    if isinstance(value, dict):
        if set(value) == {"octets"}:
            return bytes.fromhex(value["octets"]).decode("utf-8", "surrogateescape")
        return {name: with_octets(item) for name, item in value.items()}
    return value


def check(function, case):
    """Raise AssertionError unless ``case`` comes out as expected."""
    expected = case["expected"]
    refusal = expected["error"] if isinstance(expected, dict) and "error" in expected else None
    try:
        actual = RUNNERS[function](**case["input"])
    except oauth1_core.OAuth1Error as error:
        if refusal is None or not isinstance(error, getattr(oauth1_core, refusal)):
            raise AssertionError(f"{case['comment']} Expected {expected!r}, got {error!r}") from error
        return
    if isinstance(actual, list):
        actual = [list(pair) for pair in actual]
    # True is equal to 1, and is not the same answer.
    if type(actual) is not type(expected) or actual != expected:
        raise AssertionError(f"{case['comment']} Expected {expected!r}, got {actual!r}")


def decode_form(text):
    pairs = oauth1_core.decode_form(text)
    assert oauth1_core.decode_form(octets(text)) == pairs, "a text and its octets are decoded differently"
    return pairs


def signature_base_string(method, uri, protocol_parameters, form):
    parameters = oauth1_core.collect_parameters(uri, protocol_parameters, form)
    return oauth1_core.signature_base_string(method, uri, parameters)


def signature_methods(signature_method, base_string, client_secret="", token_secret="", rsa_key=None, signature=None):
    method = method_named(signature_method, rsa_key)
    if signature is None:
        return method.sign(base_string, client_secret, token_secret)
    return method.verify(signature, base_string, client_secret, token_secret)


def body_hash(body, digest):
    return oauth1_core.body_hash(octets(body), digest)


def sign(method, uri, client, token, signature_method, rsa_key=None, **options):
    client = oauth1_core.ClientCredentials(**client)
    token = None if token is None else oauth1_core.TokenCredentials(**token)
    signature_method = method_named(signature_method, rsa_key)
    return oauth1_core.sign(method, uri, client, token, signature_method=signature_method, **options)


def parse_authorization_header(header):
    return oauth1_core.parse_authorization_header(header)


def parse_temporary_credentials(body):
    return identifier_and_secret(oauth1_core.parse_temporary_credentials, body)


def parse_token_credentials(body):
    return identifier_and_secret(oauth1_core.parse_token_credentials, body)


def identifier_and_secret(parse, body):
    credentials = parse(body)
    assert parse(octets(body)) == credentials, "a text and its octets are read differently"
    return {"identifier": credentials.identifier, "secret": credentials.secret}


def parse_callback(uri, temporary):
    return oauth1_core.parse_callback(uri, oauth1_core.TemporaryCredentials(**temporary))


def resource_owner_authorization_uri(endpoint, temporary):
    return oauth1_core.resource_owner_authorization_uri(endpoint, oauth1_core.TemporaryCredentials(**temporary))


def method_named(name, rsa_key):
    if rsa_key is None:
        return getattr(oauth1_core, name.replace("-", "_"))
    digest = name.partition("-")[2].lower()
    n, e, d = [int(rsa_key[number], 16) for number in ("modulus", "publicExponent", "privateExponent")]
    size = (n.bit_length() + 7) // 8

    # RSASSA-PKCS1-v1_5 of RFC 3447, good enough for vectors: its time depends on the key.
    def encoded(message):
        info = bytes.fromhex(DIGEST_INFO[digest]) + hashlib.new(digest, message).digest()
        return b"\x00\x01" + b"\xff" * (size - 3 - len(info)) + b"\x00" + info

    def sign_octets(message):
        return pow(int.from_bytes(encoded(message), "big"), d, n).to_bytes(size, "big")

    def verify_octets(signature, message):
        number = int.from_bytes(signature, "big")
        return len(signature) == size and number < n and pow(number, e, n).to_bytes(size, "big") == encoded(message)

    return getattr(oauth1_core, "Rsa" + digest.capitalize())(sign=sign_octets, verify=verify_octets)


# RFC 3447 section 9.2: the DER in front of the hash.
DIGEST_INFO = {
    "sha1": "3021300906052b0e03021a05000414",
    "sha256": "3031300d060960864801650304020105000420",
    "sha512": "3051300d060960864801650304020305000440",
}


def octets(text):
    return text.encode("utf-8", "surrogateescape")


# The name of a file, and what is called with the members of "input".
RUNNERS = {
    "percent_encode": oauth1_core.percent_encode,
    "percent_decode": oauth1_core.percent_decode,
    "decode_form": decode_form,
    "collect_parameters": oauth1_core.collect_parameters,
    "normalize_parameters": oauth1_core.normalize_parameters,
    "base_string_uri": oauth1_core.base_string_uri,
    "signature_base_string": signature_base_string,
    "signature_methods": signature_methods,
    "body_hash": body_hash,
    "sign": sign,
    "authorization_header": oauth1_core.authorization_header,
    "parse_authorization_header": parse_authorization_header,
    "form_encoded_body": oauth1_core.form_encoded_body,
    "request_uri": oauth1_core.request_uri,
    "parse_temporary_credentials": parse_temporary_credentials,
    "parse_token_credentials": parse_token_credentials,
    "parse_callback": parse_callback,
    "resource_owner_authorization_uri": resource_owner_authorization_uri,
}


def main():
    passed = failed = 0
    for function, file in load().items():
        failures = []
        for case in file["tests"]:
            try:
                check(function, case)
            except Exception as error:  # an error of another kind fails its case, not the run
                failures.append(f"  {function}-{case['tcId']}: {type(error).__name__}: {str(error)!a}")
        total = len(file["tests"])
        print(f"{function}: {total - len(failures)}/{total}", *failures, sep="\n")
        passed += total - len(failures)
        failed += len(failures)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
