"""Run vectors/*.json: ``python tests/run_vectors.py [PACKAGE]``, the package being ``oauth1_core`` or a copy of it.

The standard library alone, CPython 3.6 or newer, from any directory; MicroPython with tests/environments.
The format is that of vectors/README.md. pytest runs the same cases through ``load`` and ``check``.
"""

import hashlib
import json
import os
import sys

if hasattr(os, "path"):
    ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
else:  # MicroPython
    ROOT = __file__.rpartition("/tests/")[0]
VECTORS = ROOT + "/vectors"
sys.path.insert(0, ROOT)

PACKAGE = sys.argv[1] if sys.argv[0].endswith("run_vectors.py") and sys.argv[1:] else "oauth1_core"
oauth1_core = __import__(PACKAGE, None, None, ["sign"])
try:
    stores = __import__(PACKAGE + ".nonce_stores.memory", None, None, ["MemoryNonceStore"])
except ImportError:
    stores = oauth1_core  # in one file, or of the client's side alone


def load(directory=VECTORS):
    """Return {function: file}, texts and keys put in place. Raises ValueError where a file contradicts itself."""
    names = {name[:-5] for name in os.listdir(directory) if name.endswith(".json")} - {"schema"}
    if names != set(RUNNERS):
        raise ValueError(f"a file without a runner, or a runner without a file: {sorted(names ^ set(RUNNERS))}")
    files = {}
    for name in sorted(names):
        with open(directory + "/" + name + ".json", encoding="utf-8") as stream:
            file = with_texts(json.load(stream))
        tests = file["tests"]
        if file["function"] != name:
            raise ValueError(f"{name}: function is {file['function']}")
        ids = {case["id"] for case in tests if case["id"].startswith(name + "-")}
        if not tests or not len(tests) == len(ids) == file["numberOfTests"]:
            raise ValueError(f"{name}: numberOfTests or an id is wrong")
        flags = {flag for case in tests for flag in case["flags"]}
        if flags != set(file["notes"]):
            raise ValueError(f"{name}: undeclared or unused flags: {sorted(flags ^ set(file['notes']))}")
        for case in tests:
            for item in [case["input"]] + case["input"].get("credentials", []):
                if "rsa_key" in item:
                    item["rsa_key"] = file["keys"][item["rsa_key"]]
        files[name] = file
    return files


def with_texts(value):
    """Put text in the place of {"octets": ...} and {"repeat": ...}: what is not UTF-8 travels by surrogateescape."""
    if isinstance(value, list):
        return [with_texts(item) for item in value]
    if isinstance(value, dict):
        if set(value) == {"octets"}:
            return bytes.fromhex(value["octets"]).decode("utf-8", "surrogateescape")
        if set(value) == {"repeat"}:
            return "".join(with_texts(text) * times for text, times in value["repeat"])
        return {name: with_texts(item) for name, item in value.items()}
    return value


def check(function, case):
    """Raise AssertionError unless ``case`` comes out as expected."""
    expected, refusal = case["expected"].get("output"), case["expected"].get("refusal")
    try:
        actual = RUNNERS[function](**case["input"])
    except oauth1_core.OAuth1Error as error:
        if refusal is None or not isinstance(error, getattr(oauth1_core, refusal["error"])):
            raise AssertionError(f"{case['comment']} Expected {refusal or expected!r}, got {error!r}") from error
        for name in ("status", "problem", "parameter", "fields"):
            actual = as_lists(getattr(error, name, None))
            if refusal.get(name, actual) not in (None, actual):
                raise AssertionError(f"{case['comment']} Expected {refusal!r}, {name} is {actual!r}") from error
        return
    actual = as_lists(actual)
    # True is equal to 1, and is not the same answer.
    if refusal is not None or not (type(actual) is type(expected) and actual == expected):
        raise AssertionError(f"{case['comment']} Expected {refusal or expected!r}, got {actual!r}")


def as_lists(value):
    """Return ``value`` with every pair as JSON has it."""
    if isinstance(value, dict):
        return {name: as_lists(item) for name, item in value.items()}
    return [list(pair) for pair in value] if isinstance(value, list) else value


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


def sign(
    method, uri, client, token, signature_method, form, protocol_parameters, timestamp, nonce, version, rsa_key=None
):
    client = oauth1_core.ClientCredentials(**client)
    token = None if token is None else oauth1_core.TokenCredentials(**token)
    fixed = {"signature_method": method_named(signature_method, rsa_key), "version": version}
    request = {"form": form, "protocol_parameters": protocol_parameters}
    parameters = oauth1_core.sign(method, uri, client, token, timestamp=timestamp, nonce=nonce, **fixed, **request)
    signer = oauth1_core.Signer(client, token, nonce=lambda: nonce, clock=lambda: int(timestamp), **fixed)
    assert signer.sign(method, uri, **request) == parameters, "a Signer signs differently"
    return parameters


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


def parse_request(method, uri, headers, body):
    request = oauth1_core.parse_request(method, uri, headers, octets(body))
    return {
        "client_identifier": request.client_identifier,
        "token_identifier": request.token_identifier,
        "signature_method": request.signature_method,
        "signature": request.signature,
        "timestamp": request.timestamp,
        "nonce": request.nonce,
        "realm": request.realm,
        "parameters": request.parameters,
        "base_string": request.base_string,
    }


def challenge(realm):
    _, headers, _ = oauth1_core.refusal(oauth1_core.InvalidSignature("", problem=""), realm)
    return dict(headers)["WWW-Authenticate"]


def verify(
    now, credentials, accept, token, earlier, method, uri, headers, body, nonce_store=None, required=(), **options
):
    server = Server(credentials, accept, required)
    nonces = stores.MemoryNonceStore(options.get("window", 300), **dict({"epoch": 0}, **(nonce_store or {})))
    verifier = oauth1_core.Verifier(
        server, nonces, accept=server.accept, clock=lambda: server.now, check_status=server.check_status, **options
    )
    for request in earlier:
        server.now = request["now"]
        try:
            verifier.verify(request["method"], request["uri"], request["headers"], octets(request["body"]), token=token)
            refused = None
        except oauth1_core.VerificationError as error:
            refused = error
        assert (refused is None) == request["accepted"], f"an earlier request had another outcome: {refused!r}"
    server.now = now
    return {"parameters": verifier.verify(method, uri, headers, octets(body), token=token).parameters}


class Server:
    """The clock and the credentials of one case, as Verifier asks for them."""

    def __init__(self, credentials, accept, required):
        self.now = None
        self.required = required
        self.clients = {client["identifier"]: client for client in credentials}
        self.tokens = {
            (client["identifier"], token["identifier"]): token for client in credentials for token in client["tokens"]
        }
        self.default = accept
        own = any("methods" in client for client in credentials)
        self.accept = self.methods_of if own else self.methods_of(None)

    def methods_of(self, identifier):
        client = self.clients.get(identifier, {})
        return tuple(
            method_named(name, client.get("rsa_key") if name.startswith("RSA-") else None)
            for name in client.get("methods", self.default)
        )

    def client(self, identifier):
        client = self.clients.get(identifier)
        if client is None:
            return None
        if client["secret"] is None:
            return oauth1_core.PublicClientCredentials(identifier)
        return oauth1_core.ClientCredentials(identifier, client["secret"])

    def token(self, client_identifier, token_identifier):
        token = self.tokens.get((client_identifier, token_identifier))
        return None if token is None else oauth1_core.TokenCredentials(token_identifier, token["secret"])

    def check_status(self, request):
        for name in set(self.required) - {name for name, _ in request.protocol_parameters}:
            raise oauth1_core.MissingParameter(
                name, problem="parameter_absent", parameter=name, fields=[("oauth_parameters_absent", name)]
            )
        token = self.tokens.get((request.client_identifier, request.token_identifier), {})
        if "status" in token:
            raise oauth1_core.InvalidToken(token["status"], problem="token_" + token["status"], parameter="oauth_token")


def method_named(name, rsa_key):
    if rsa_key is None:
        return getattr(oauth1_core, name.replace("-", "_"))
    digest = name.partition("-")[2].lower()
    n, e, d = [int(rsa_key[number], 16) for number in ("modulus", "publicExponent", "privateExponent")]
    size = (len(rsa_key["modulus"]) + 1) // 2

    # RSASSA-PKCS1-v1_5 of RFC 3447, good enough for vectors: its time depends on the key.
    def encoded(message):
        info = bytes.fromhex(DIGEST_INFO[digest]) + getattr(hashlib, digest)(message).digest()
        return b"\x00\x01" + b"\xff" * (size - 3 - len(info)) + b"\x00" + info

    def sign_octets(message):
        return pow(int.from_bytes(encoded(message), "big"), d, n).to_bytes(size, "big")

    def verify_octets(signature, message):
        number = int.from_bytes(signature, "big")
        return len(signature) == size and number < n and pow(number, e, n).to_bytes(size, "big") == encoded(message)

    return getattr(oauth1_core, name.replace("RSA-SHA", "RsaSha"))(sign=sign_octets, verify=verify_octets)


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
    "challenge": challenge,
    "parse_temporary_credentials": parse_temporary_credentials,
    "parse_token_credentials": parse_token_credentials,
    "parse_callback": parse_callback,
    "resource_owner_authorization_uri": resource_owner_authorization_uri,
    "parse_request": parse_request,
    "verify": verify,
}


# What a runner calls, where that has another name: a vendored copy need not have all.
CALLED = {"signature_methods": "HMAC_SHA1", "challenge": "refusal", "verify": "Verifier"}


def main(functions=RUNNERS):
    passed = failed = 0
    for function, file in load().items():
        if function not in functions:
            continue
        if not hasattr(oauth1_core, CALLED.get(function, function)):
            print(f"{function}: not in this copy")
            continue
        failures = []
        for case in file["tests"]:
            try:
                check(function, case)
            except Exception as error:  # an error of another kind fails its case, not the run
                said = repr(str(error)).encode("ascii", "backslashreplace").decode("ascii")
                failures.append(f"  {case['id']}: {type(error).__name__}: {said}")
        total = len(file["tests"])
        print(f"{function}: {total - len(failures)}/{total}", *failures, sep="\n")
        passed += total - len(failures)
        failed += len(failures)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
