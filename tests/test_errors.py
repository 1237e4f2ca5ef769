"""The tree of errors (RFC 5849 section 3.2): who is at fault is the class, facts are attributes."""

import copy
import inspect
import pickle

import pytest

from oauth1_core import errors

# name: (base, status, problem of the OAuth Problem Reporting extension); None where the class has no such thing.
TREE = {
    "OAuth1Error": ("Exception", None, None),
    "SigningError": ("OAuth1Error", None, None),
    "InsecureEndpoint": ("SigningError", None, None),
    "AuthorizationError": ("OAuth1Error", None, None),
    "CallbackNotConfirmed": ("AuthorizationError", None, None),
    "CallbackMismatch": ("AuthorizationError", None, None),
    "AuthorizationDenied": ("AuthorizationError", None, None),
    "MalformedTokenResponse": ("AuthorizationError", None, None),
    "TokenRequestRefused": ("AuthorizationError", 401, None),
    "VerificationError": ("OAuth1Error", 400, "parameter_rejected"),
    "BadRequest": ("VerificationError", 400, "parameter_rejected"),
    "MalformedRequest": ("BadRequest", 400, "parameter_rejected"),
    "MissingParameter": ("BadRequest", 400, "parameter_absent"),
    "DuplicatedParameter": ("BadRequest", 400, "parameter_rejected"),
    "UnsupportedVersion": ("BadRequest", 400, "version_rejected"),
    "UnsupportedSignatureMethod": ("BadRequest", 400, "signature_method_rejected"),
    "Unauthorized": ("VerificationError", 401, "signature_invalid"),
    "InvalidClientCredentials": ("Unauthorized", 401, "consumer_key_unknown"),
    "InvalidToken": ("Unauthorized", 401, "token_rejected"),
    "InvalidSignature": ("Unauthorized", 401, "signature_invalid"),
    "InvalidTimestamp": ("Unauthorized", 401, "timestamp_refused"),
    "InvalidNonce": ("Unauthorized", 401, "nonce_used"),
    "InsecureTransport": ("VerificationError", 403, ""),
    "LimitExceeded": ("VerificationError", 400, "parameter_rejected"),
    "StoreUnavailable": ("VerificationError", 503, ""),
}


def test_the_tree_is_the_documented_one():
    classes = dict(inspect.getmembers(errors, inspect.isclass))
    assert {name: each.__base__.__name__ for name, each in classes.items()} == {
        name: base for name, (base, _, _) in TREE.items()
    }
    assert [name for name in TREE if name not in errors.__doc__] == []


@pytest.mark.parametrize("name", TREE)
def test_a_class_says_status_and_problem(name):
    options = {"status": 401} if name == "TokenRequestRefused" else {}
    error = getattr(errors, name)("message", **options)
    assert (getattr(error, "status", None), getattr(error, "problem", None)) == TREE[name][1:]
    assert str(error) == "message"
    assert error.parameter is None


def test_an_error_can_say_more_than_its_class():
    error = errors.LimitExceeded(
        "too long", status=431, problem="", parameter="authorization", fields=iter([("a", "b")])
    )
    assert (error.status, error.problem, error.parameter, error.fields) == (431, "", "authorization", [("a", "b")])
    assert (errors.LimitExceeded.status, errors.LimitExceeded.problem) == (400, "parameter_rejected")


def test_fields_are_not_shared_between_errors():
    errors.BadRequest("one").fields.append(("a", "b"))
    assert errors.BadRequest("two").fields == []


@pytest.mark.parametrize("transport", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_reaches_another_process_whole(transport):
    error = transport(errors.InvalidNonce("used", status=409, parameter="oauth_nonce", fields=[("a", "b")]))
    assert type(error) is errors.InvalidNonce
    assert (str(error), error.status, error.problem, error.parameter, error.fields) == (
        "used",
        409,
        "nonce_used",
        "oauth_nonce",
        [("a", "b")],
    )


def test_a_refusal_of_a_token_endpoint_has_what_the_reply_reports():
    reported = {"oauth_problem": "nonce_used", "oauth_problem_advice": "again"}
    error = errors.TokenRequestRefused("no", status=401, parameters=reported, excerpt="a=b", parameter="oauth_nonce")
    for each in (error, copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (str(each), each.status, each.parameter) == ("no", 401, "oauth_nonce")
        assert (each.problem, each.advice, each.excerpt) == ("nonce_used", "again", "a=b")
        assert each.parameters == reported and each.parameters is not reported
    bare = errors.TokenRequestRefused("no")
    assert (bare.status, bare.parameters, bare.problem, bare.advice, bare.excerpt) == (0, {}, None, None, "")
