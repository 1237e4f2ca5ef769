"""The public calls: their names and signatures are a contract that other programs rely on."""

import ast
import importlib
import inspect
import pathlib
import subprocess
import sys
import time

import pytest

import oauth1_core
import oauth1_core.adapters.outgoing

NAMES = [
    "AuthenticatedRequest", "AuthorizationDenied", "AuthorizationError", "BadRequest", "CallbackMismatch",
    "CallbackNotConfirmed", "ClientCredentials", "Credentials", "CredentialsSource", "Difference",
    "DuplicatedParameter", "Explanation", "Finding", "HMAC_SHA1", "HMAC_SHA256", "HMAC_SHA512", "Headers",
    "InsecureEndpoint", "InsecureTransport", "InvalidClientCredentials", "InvalidNonce", "InvalidSignature",
    "InvalidTimestamp", "InvalidToken", "LIMITS", "LimitExceeded", "Limits", "MalformedRequest",
    "MalformedTokenResponse", "MissingParameter", "NonceStore", "OAuth1Error", "PLAINTEXT", "Parameters",
    "PublicClientCredentials", "RsaSha1", "RsaSha256", "RsaSha512", "SignatureMethod", "Signer", "SigningError",
    "Step", "StoreUnavailable", "TemporaryCredentials", "TokenCredentials", "Unauthorized",
    "UnsupportedSignatureMethod", "UnsupportedVersion", "VerificationError", "Verifier", "authorization_header",
    "base_string_uri", "body_hash", "collect_parameters", "compare_base_strings", "decode_form", "diagnose",
    "explain", "explain_request", "form_encoded_body", "generate_nonce", "generate_timestamp", "keeps_secrets",
    "normalize_parameters", "parse_authorization_header", "parse_callback", "parse_request",
    "parse_temporary_credentials", "parse_token_credentials", "percent_decode", "percent_encode", "refusal",
    "request_uri", "resource_owner_authorization_uri", "sign", "signature_base_string",
    "temporary_credentials_request", "token_credentials_request", "verify_signature",
]  # fmt: skip
# Without annotations; a default that is no literal stands by its repr.
SIGNATURES = {
    "percent_encode": "(text)",
    "percent_decode": "(text)",
    "generate_nonce": "()",
    "generate_timestamp": "()",
    "decode_form": "(text)",
    "collect_parameters": "(uri, protocol_parameters=(), form='')",
    "normalize_parameters": "(parameters)",
    "base_string_uri": "(uri)",
    "signature_base_string": "(method, uri, parameters)",
    "Credentials": "(identifier, secret)",
    "ClientCredentials": "(identifier, secret)",
    "PublicClientCredentials": "(identifier)",
    "TemporaryCredentials": "(identifier, secret, extra=())",
    "TokenCredentials": "(identifier, secret, extra=())",
    "HMAC_SHA1.sign": "(base_string, client_secret, token_secret)",
    "HMAC_SHA1.verify": "(signature, base_string, client_secret, token_secret)",
    "PLAINTEXT.sign": "(base_string, client_secret, token_secret)",
    "PLAINTEXT.verify": "(signature, base_string, client_secret, token_secret)",
    "RsaSha1": "(sign=None, verify=None)",
    "RsaSha256": "(sign=None, verify=None)",
    "RsaSha512": "(sign=None, verify=None)",
    "RsaSha1.sign": "(self, base_string, client_secret='', token_secret='')",
    "RsaSha1.verify": "(self, signature, base_string, client_secret='', token_secret='')",
    "body_hash": "(body, digest='sha1')",
    "sign": "(method, uri, client, token=None, *, form='', protocol_parameters=(), signature_method=HMAC_SHA1, "
    "timestamp=None, nonce=None, version='1.0')",
    "Signer": "(client, token=None, *, signature_method=HMAC_SHA1, realm=None, version='1.0', "
    "nonce=<generate_nonce>, clock=<built-in function time>)",
    "Signer.sign": "(self, method, uri, *, form='', protocol_parameters=())",
    "Signer.authorization_header": "(self, method, uri, *, form='', protocol_parameters=(), realm=None)",
    "authorization_header": "(protocol_parameters, realm=None)",
    "form_encoded_body": "(protocol_parameters, form='')",
    "request_uri": "(protocol_parameters, uri)",
    "parse_authorization_header": "(value)",
    "parse_request": "(method, uri, headers=(), body=b'', *, limits=LIMITS)",
    "verify_signature": "(request, client, token=None, *, accept=(HMAC_SHA1, HMAC_SHA256))",
    "Verifier": "(credentials, nonces, *, accept=(HMAC_SHA1, HMAC_SHA256), window=300, "
    "clock=<built-in function time>, disclose='minimal', check_status=None, require_body_hash=False, "
    "require_tls=False, limits=LIMITS)",
    "Verifier.verify": "(self, method, uri, headers=(), body=b'', *, token='required')",
    "refusal": "(error, realm='')",
    "keeps_secrets": "(uri)",
    "temporary_credentials_request": "(uri, client, callback='oob', *, method='POST', protocol_parameters=(), "
    "**options)",
    "parse_temporary_credentials": "(body)",
    "resource_owner_authorization_uri": "(endpoint, temporary)",
    "parse_callback": "(uri, temporary)",
    "token_credentials_request": "(uri, client, temporary, verifier, *, method='POST', protocol_parameters=(), "
    "**options)",
    "parse_token_credentials": "(body)",
    "explain": "(method, uri, client, token=None, *, form='', protocol_parameters=(), signature_method=HMAC_SHA1, "
    "timestamp=None, nonce=None, version='1.0', realm=None)",
    "explain_request": "(request)",
    "Explanation": "(steps, base_string)",
    "Explanation.as_text": "(self)",
    "Explanation.as_json": "(self)",
    "Explanation.as_html": "(self)",
    "diagnose": "(method, uri, headers, body, client, token=None, *, "
    "accept=(HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT), other_secrets=(), other_uris=())",
    "Finding": "(id, done, wants, section, fix, alike=(), base_string='')",
    "compare_base_strings": "(ours, theirs)",
    "Difference": "(field, ours, theirs, causes)",
}
# Imported when they are first asked for.
LAZY = {
    "Difference",
    "Explanation",
    "Finding",
    "Step",
    "compare_base_strings",
    "diagnose",
    "explain",
    "explain_request",
}


def test_the_public_names_are_these():
    assert sorted(oauth1_core.__all__) == sorted(NAMES)
    assert len(set(oauth1_core.__all__)) == len(oauth1_core.__all__)
    assert all(hasattr(oauth1_core, name) for name in NAMES)


def test_the_public_names_stand_in_order():
    """Constants, then classes, then functions; each by the alphabet."""

    def order(name):
        return not name.isupper() and not name.startswith("HMAC"), not name[0].isupper(), name

    assert oauth1_core.__all__ == sorted(oauth1_core.__all__, key=order)


def test_nothing_public_is_left_out():
    imported = {name for name, value in vars(oauth1_core).items() if not inspect.ismodule(value)}
    assert {name for name in imported if not name.startswith("_")} == set(NAMES) - LAZY | {"TYPE_CHECKING"}


def test_what_explains_and_diagnoses_is_imported_when_it_is_asked_for():
    program = (
        "import sys, oauth1_core as core; debugging = ['explaining', 'recipes', 'mistakes', 'diagnosing'];"
        "names = ['debugging.' + name for name in debugging] + ['json'];"
        "late = lambda: [name for name in names if {name, 'oauth1_core.' + name} & set(sys.modules)];"
        "print(late()); core.explain; core.diagnose;"
        "from oauth1_core import *; print(late()); print(explain is core.explain, core.Finding is Finding)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    loaded = ["debugging." + name for name in ("explaining", "recipes", "mistakes", "diagnosing")]
    assert done.stdout == f"[]\n{loaded}\nTrue True\n", done.stderr
    with pytest.raises(AttributeError, match="module 'oauth1_core' has no attribute 'explane'"):
        oauth1_core.explane  # noqa: B018 (to look for it is what fails)


def test_every_public_function_and_class_is_pinned():
    callables = {name for name in NAMES if callable(getattr(oauth1_core, name))}
    errors = {name for name in callables if isinstance(getattr(oauth1_core, name), type)}
    errors = {name for name in errors if issubclass(getattr(oauth1_core, name), oauth1_core.OAuth1Error)}
    types = {"AuthenticatedRequest", "CredentialsSource", "Headers", "Limits", "NonceStore", "Parameters"}
    assert callables - errors - types - {"SignatureMethod", "Step"} == {name for name in SIGNATURES if "." not in name}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_public_call_keeps_its_signature(name):
    value = oauth1_core
    for part in name.split("."):
        value = getattr(value, part)
    signature = inspect.signature(value)
    empty = inspect.Parameter.empty
    bare = signature.replace(
        parameters=[each.replace(annotation=empty) for each in signature.parameters.values()], return_annotation=empty
    )
    shown = str(bare).replace(repr(oauth1_core.LIMITS), "LIMITS")
    assert shown.replace(repr(oauth1_core.generate_nonce), "<generate_nonce>") == SIGNATURES[name]


@pytest.mark.parametrize("library", ["aiohttp", "httpx", "httpx2", "requests", "urllib"])
def test_every_http_client_is_adapted_by_a_class_of_one_signature(library):
    adapter = importlib.import_module("oauth1_core.adapters." + library)
    parameters = inspect.signature(oauth1_core.adapters.outgoing.RequestSigner.__init__).parameters.values()
    assert [(each.name, each.default) for each in parameters][2:] == [
        ("token", None), ("signature_method", oauth1_core.HMAC_SHA1), ("realm", None), ("version", "1.0"),
        ("placement", "header"), ("body_hash", "off"), ("nonce", oauth1_core.generate_nonce), ("clock", time.time),
    ]  # fmt: skip
    assert all(each.kind is each.KEYWORD_ONLY for each in list(parameters)[3:])
    assert issubclass(adapter.OAuth1, oauth1_core.adapters.outgoing.RequestSigner)
    # aiohttp's has one parameter more.
    assert ("__init__" in vars(adapter.OAuth1)) is (library == "aiohttp")


def test_a_request_has_what_the_verifier_read():
    assert [name for name in dir(oauth1_core.AuthenticatedRequest) if not name.startswith("_")] == [
        "base_string", "body", "body_hash", "client_identifier", "is_form", "method", "nonce", "parameters",
        "protocol_parameters", "realm", "signature", "signature_method", "timestamp", "token_identifier", "uri",
    ]  # fmt: skip


def test_type_checkers_read_a_use_of_every_public_name():
    """Beside its import, so that mypy and pyright see a call or an annotation with each."""
    path = pathlib.Path(__file__).parent / "typing_api.py"
    used = {node.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)}
    assert set(NAMES) <= used


def test_limits_can_be_set_one_by_one():
    defaults = {name: getattr(oauth1_core.LIMITS, name) for name in oauth1_core.Limits.__slots__}
    assert defaults == {
        "header": 8192, "uri": 8192, "form": 1048576, "parameters": 1000, "protocol_parameters": 32,
        "identifier": 1024, "signature": 2048, "nonce": 256,
    }  # fmt: skip
    for name in defaults:
        limits = oauth1_core.Limits(**{name: 7})
        assert {each: getattr(limits, each) for each in defaults} == {**defaults, name: 7}
