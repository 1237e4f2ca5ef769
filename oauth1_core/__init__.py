"""OAuth 1.0a (RFC 5849) on the standard library alone: sign, verify, authorize.

    section    module               what
    1.1        credentials          ClientCredentials, TemporaryCredentials, TokenCredentials
    2          authorization        the authorization flow, without I/O; Provider
    2          providers            known providers, as data
    3.1        signing              sign: the whole section in one function
    3.1        signer               Signer: signs many requests faster
    3.2        receiving            parse_request: reads a request without credentials
    3.2        verifying            verify_signature, Verifier, AsyncVerifier
    3.2        errors               OAuth1Error and its subclasses
    3.3        nonce                generate_nonce, generate_timestamp
    3.4.1      base_string          signature_base_string, base_string_uri
    3.4.1.2    uris                 keeps_secrets, and the parts of a request URI
    3.4.1.3    parameters           collect_parameters, normalize_parameters, decode_form
    3.4.2-4    signature_methods    HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, RsaSha1 ..., PLAINTEXT, body_hash
    3.5        transmission         authorization_header, form_encoded_body, request_uri
    3.6        percent_encoding     percent_encode, percent_decode
               canonical            the quick paths, each equal to one of the functions above
               problem_reporting    refusal, problem_report: write and read why a request failed
    4.5        masking              Secrets: finds secrets in a text that is shown

``README.md`` beside this file is a guided tour. Import ``adapters`` and ``nonce_stores`` by name. ``debugging``
contains explain, diagnose and related functions; ``oauth1_core`` imports them when they are first used. A name that is
in no ``__all__`` may change from one version to the next.
"""

import sys

from .authorization import (
    AuthorizationFlow,
    Provider,
    check_endpoint,
    parse_callback,
    parse_temporary_credentials,
    parse_token_credentials,
    resource_owner_authorization_uri,
    temporary_credentials_request,
    token_credentials_request,
)
from .base_string import base_string_uri, signature_base_string
from .credentials import (
    ClientCredentials,
    Credentials,
    PublicClientCredentials,
    TemporaryCredentials,
    TokenCredentials,
)
from .errors import (
    AuthorizationDenied,
    AuthorizationError,
    BadRequest,
    CallbackMismatch,
    CallbackNotConfirmed,
    DuplicatedParameter,
    InsecureEndpoint,
    InsecureTransport,
    InvalidClientCredentials,
    InvalidNonce,
    InvalidSignature,
    InvalidTimestamp,
    InvalidToken,
    LimitExceeded,
    MalformedRequest,
    MalformedTokenResponse,
    MissingParameter,
    OAuth1Error,
    SigningError,
    StoreUnavailable,
    TokenRequestRefused,
    Unauthorized,
    UnsupportedSignatureMethod,
    UnsupportedVersion,
    VerificationError,
)
from .nonce import generate_nonce, generate_timestamp
from .parameters import Parameters, collect_parameters, decode_form, normalize_parameters
from .percent_encoding import percent_decode, percent_encode
from .problem_reporting import problem_report, refusal
from .receiving import LIMITS, AuthenticatedRequest, Headers, Limits, parse_request
from .signature_methods import (
    HMAC_SHA1,
    HMAC_SHA256,
    HMAC_SHA512,
    PLAINTEXT,
    Plaintext,
    RsaPssSha256,
    RsaSha1,
    RsaSha256,
    RsaSha512,
    SignatureMethod,
    body_hash,
)
from .signer import Signer
from .signing import sign
from .transmission import authorization_header, form_encoded_body, parse_authorization_header, request_uri
from .uris import keeps_secrets, origin_of
from .verifying import AsyncVerifier, CredentialsSource, NonceStore, Verifier, verify_signature

__version__ = "0.1.0"

TYPE_CHECKING = False
# Not "< (3, 7)": MicroPython reports version 3.4 but has module-level __getattr__ (added in 3.7).
if TYPE_CHECKING or sys.version_info[:2] == (3, 6):
    from .debugging.diagnosing import Difference, Finding, compare_base_strings, diagnose
    from .debugging.explaining import Explanation, Step, explain, explain_request
else:

    def __getattr__(name: str) -> object:
        """Import ``explaining`` or ``diagnosing`` on first use (PEP 562), because few programs need them."""
        if name in ("Explanation", "Step", "explain", "explain_request"):
            from .debugging import explaining as module
        elif name in ("Difference", "Finding", "compare_base_strings", "diagnose"):
            from .debugging import diagnosing as module
        else:
            raise AttributeError("module {!r} has no attribute {!r}".format(__name__, name))
        return getattr(module, name)


__all__ = [
    "HMAC_SHA1",
    "HMAC_SHA256",
    "HMAC_SHA512",
    "LIMITS",
    "PLAINTEXT",
    "AsyncVerifier",
    "AuthenticatedRequest",
    "AuthorizationDenied",
    "AuthorizationError",
    "AuthorizationFlow",
    "BadRequest",
    "CallbackMismatch",
    "CallbackNotConfirmed",
    "ClientCredentials",
    "Credentials",
    "CredentialsSource",
    "Difference",
    "DuplicatedParameter",
    "Explanation",
    "Finding",
    "Headers",
    "InsecureEndpoint",
    "InsecureTransport",
    "InvalidClientCredentials",
    "InvalidNonce",
    "InvalidSignature",
    "InvalidTimestamp",
    "InvalidToken",
    "LimitExceeded",
    "Limits",
    "MalformedRequest",
    "MalformedTokenResponse",
    "MissingParameter",
    "NonceStore",
    "OAuth1Error",
    "Parameters",
    "Plaintext",
    "Provider",
    "PublicClientCredentials",
    "RsaPssSha256",
    "RsaSha1",
    "RsaSha256",
    "RsaSha512",
    "SignatureMethod",
    "Signer",
    "SigningError",
    "Step",
    "StoreUnavailable",
    "TemporaryCredentials",
    "TokenCredentials",
    "TokenRequestRefused",
    "Unauthorized",
    "UnsupportedSignatureMethod",
    "UnsupportedVersion",
    "VerificationError",
    "Verifier",
    "authorization_header",
    "base_string_uri",
    "body_hash",
    "check_endpoint",
    "collect_parameters",
    "compare_base_strings",
    "decode_form",
    "diagnose",
    "explain",
    "explain_request",
    "form_encoded_body",
    "generate_nonce",
    "generate_timestamp",
    "keeps_secrets",
    "normalize_parameters",
    "origin_of",
    "parse_authorization_header",
    "parse_callback",
    "parse_request",
    "parse_temporary_credentials",
    "parse_token_credentials",
    "percent_decode",
    "percent_encode",
    "problem_report",
    "refusal",
    "request_uri",
    "resource_owner_authorization_uri",
    "sign",
    "signature_base_string",
    "temporary_credentials_request",
    "token_credentials_request",
    "verify_signature",
]
