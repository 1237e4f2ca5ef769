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
import oauth1_core.errors

# The one list of what can be called. An error needs no line here: every class of errors.py is public.
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
    "Credentials.to_dict": "(self)",
    "Credentials.from_dict": "(values)",
    "HMAC_SHA1.sign": "(base_string, client_secret, token_secret)",
    "HMAC_SHA1.verify": "(signature, base_string, client_secret, token_secret)",
    "Plaintext": "(in_clear=False)",
    "PLAINTEXT.sign": "(base_string, client_secret, token_secret)",
    "PLAINTEXT.verify": "(signature, base_string, client_secret, token_secret)",
    "RsaPssSha256": "(sign=None, verify=None)",
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
    "Signer.for_token": "(self, token)",
    "Signer.sign": "(self, method, uri, *, form='', protocol_parameters=())",
    "Signer.authorization_header": "(self, method, uri, *, form='', protocol_parameters=(), realm=None)",
    "authorization_header": "(protocol_parameters, realm=None)",
    "form_encoded_body": "(protocol_parameters, form='')",
    "request_uri": "(protocol_parameters, uri)",
    "parse_authorization_header": "(value)",
    "parse_request": "(method, uri, headers=(), body=b'', *, limits=LIMITS)",
    "Limits": "(*, header=8192, uri=8192, form=262144, parameters=1000, protocol_parameters=32, identifier=1024, "
    "signature=2048, nonce=256, method=64, content_type=512)",
    "verify_signature": "(request, client, token=None, *, accept=(HMAC_SHA1, HMAC_SHA256), sha1_body_hash=False)",
    "Verifier": "(credentials, nonces, *, accept=(HMAC_SHA1, HMAC_SHA256), window=300, "
    "clock=<built-in function time>, disclose='minimal', check_status=None, require_body_hash=False, "
    "sha1_body_hash=False, require_tls=False, limits=LIMITS)",
    "Verifier.verify": "(self, method, uri, headers=(), body=b'', *, token='required')",
    "AsyncVerifier": "(credentials, nonces, *, accept=(HMAC_SHA1, HMAC_SHA256), window=300, "
    "clock=<built-in function time>, disclose='minimal', check_status=None, require_body_hash=False, "
    "sha1_body_hash=False, require_tls=False, limits=LIMITS)",
    "AsyncVerifier.verify": "(self, method, uri, headers=(), body=b'', *, token='required')",
    "refusal": "(error, realm='')",
    "problem_report": "(headers, body=b'')",
    "check_endpoint": "(uri)",
    "origin_of": "(uri)",
    "keeps_secrets": "(uri)",
    "temporary_credentials_request": "(uri, client, callback='oob', *, method='POST', protocol_parameters=(), "
    "**options)",
    "parse_temporary_credentials": "(body)",
    "resource_owner_authorization_uri": "(endpoint, temporary)",
    "parse_callback": "(uri, temporary)",
    "token_credentials_request": "(uri, client, temporary, verifier, *, method='POST', protocol_parameters=(), "
    "**options)",
    "parse_token_credentials": "(body)",
    "Provider": "(temporary_credentials, authorization, token_credentials, *, signature_method='HMAC-SHA1', "
    "realm=None, method='POST', placement='header', token_parameter='oauth_token', client_parameter=None, allow=())",
    "Provider.to_dict": "(self)",
    "Provider.from_dict": "(values)",
    "AuthorizationFlow": "(provider, client, *, signature_method=None, clock=<built-in function time>)",
    "AuthorizationFlow.request_temporary_credentials": "(self, callback, protocol_parameters)",
    "AuthorizationFlow.authorization_uri": "(self, temporary, **parameters)",
    "AuthorizationFlow.request_token_credentials": "(self, temporary, verifier)",
    "AuthorizationFlow.refused": "(self, uri, answer, secrets=(), error=None)",
    "explain": "(method, uri, client, token=None, *, form='', protocol_parameters=(), signature_method=HMAC_SHA1, "
    "timestamp=None, nonce=None, version='1.0', realm=None)",
    "explain_request": "(request)",
    "Explanation": "(steps, base_string)",
    "Explanation.as_text": "(self)",
    "Explanation.as_json": "(self)",
    "Explanation.as_html": "(self)",
    "diagnose": "(method, uri, headers, body, client, token=None, *, "
    "accept=(HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT), other_secrets=(), other_uris=(), token_client=None)",
    "Finding": "(id, done, wants, section, fix, alike=(), base_string='', by='The signer')",
    "compare_base_strings": "(ours, theirs)",
    "Difference": "(field, ours, theirs, causes)",
}
# What else is public: values, and what is made by a call and not by its user.
VALUES = {"AuthenticatedRequest", "HMAC_SHA1", "HMAC_SHA256", "HMAC_SHA512", "LIMITS", "PLAINTEXT", "Step"}
# What annotations name.
VALUES |= {"CredentialsSource", "Headers", "NonceStore", "Parameters", "SignatureMethod"}
ERRORS = {name for name, value in vars(oauth1_core.errors).items() if isinstance(value, type)}


def test_the_public_names_are_these():
    pinned = {name for name in SIGNATURES if "." not in name} | VALUES | ERRORS
    public = set(oauth1_core.__all__)
    assert public == pinned, (
        f"give {sorted(public - pinned)} a line in SIGNATURES (a call) or VALUES of this file: it is the contract;"
        f" add {sorted(pinned - public)} to the imports and to __all__ of oauth1_core/__init__.py, or take them out"
    )
    assert all(hasattr(oauth1_core, name) for name in public)


def test_nothing_public_is_left_out():
    imported = {name for name, value in vars(oauth1_core).items() if not inspect.ismodule(value) and name[0] != "_"}
    left_out = sorted(imported - set(oauth1_core.__all__) - {"TYPE_CHECKING"})
    assert not left_out, f"add {left_out} to __all__ of oauth1_core/__init__.py, or do not import them there"


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
    shown = shown.replace(repr(oauth1_core.generate_nonce), "<generate_nonce>")
    assert shown == SIGNATURES[name], f"{name} is called otherwise: undo that, or change SIGNATURES and CHANGELOG.md"


@pytest.mark.parametrize("library", ["aiohttp", "httpx", "httpx2", "requests", "urllib"])
def test_every_http_client_has_a_flow_of_one_signature(library):
    adapter = importlib.import_module("oauth1_core.adapters." + library)
    kinds = {"httpx": {"AsyncFlow", "Flow"}, "aiohttp": {"AsyncFlow"}}
    kinds = kinds.get(library, kinds["httpx"] if library == "httpx2" else {"Flow"})
    assert {name for name in adapter.__all__ if name.endswith("Flow")} == kinds
    for name in kinds:
        flow = getattr(adapter, name)
        shown = [
            [(each.name, each.default) for each in inspect.signature(call).parameters.values() if each.name != "self"]
            for call in (flow, flow.temporary_credentials, flow.token_credentials, flow.authorization_uri)
        ]
        empty = inspect.Parameter.empty
        assert shown == [
            [
                ("provider", empty), ("client", empty), ("http", None), ("signature_method", None),
                ("clock", time.time),
            ],
            [("callback", "oob"), ("protocol_parameters", ())],
            [("temporary", empty), ("verifier", None)],
            [("temporary", empty), ("parameters", empty)],
        ]  # fmt: skip
        assert inspect.iscoroutinefunction(flow.token_credentials) is (name == "AsyncFlow")


@pytest.mark.parametrize("library", ["aiohttp", "httpx", "httpx2", "requests", "urllib"])
def test_every_http_client_is_adapted_by_a_class_of_one_signature(library):
    adapter = importlib.import_module("oauth1_core.adapters." + library)
    parameters = inspect.signature(oauth1_core.adapters.outgoing.RequestSigner.__init__).parameters.values()
    assert [(each.name, each.default) for each in parameters][2:] == [
        ("token", None), ("signature_method", oauth1_core.HMAC_SHA1), ("realm", None), ("version", "1.0"),
        ("placement", "header"), ("body_hash", "off"), ("protocol_parameters", ()),
        ("nonce", oauth1_core.generate_nonce), ("clock", time.time),
    ]  # fmt: skip
    assert all(each.kind is each.KEYWORD_ONLY for each in list(parameters)[3:])
    assert issubclass(adapter.OAuth1, oauth1_core.adapters.outgoing.RequestSigner)
    # aiohttp's has one parameter more.
    assert ("__init__" in vars(adapter.OAuth1)) is (library == "aiohttp")


def test_a_request_has_what_the_verifier_read():
    assert [name for name in dir(oauth1_core.AuthenticatedRequest) if not name.startswith("_")] == [
        "base_string", "body", "body_hash", "client_identifier", "is_form", "method", "nonce", "parameters",
        "protocol_parameters", "realm", "signature", "signature_method", "single", "timestamp", "token_identifier",
        "uri",
    ]  # fmt: skip


def test_type_checkers_read_a_use_of_every_public_name():
    """Beside its import, so that mypy and pyright see a call or an annotation with each."""
    path = pathlib.Path(__file__).parent / "typing_api.py"
    used = {node.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)}
    unused = sorted(set(oauth1_core.__all__) - used)
    assert not unused, f"use each of {unused} once in tests/typing_api.py, in assert_type or as an annotation"
