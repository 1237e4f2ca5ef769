"""Credentials (RFC 5849 section 1.1): equal by value, and the secret does not leave them unasked."""

import copy
import json
import pickle

import pytest

from oauth1_core import (
    ClientCredentials,
    Credentials,
    PublicClientCredentials,
    SigningError,
    TemporaryCredentials,
    TokenCredentials,
)

CLASSES = [Credentials, ClientCredentials, TemporaryCredentials, TokenCredentials]
every_class = pytest.mark.parametrize("kind", CLASSES)


@every_class
def test_credentials_are_equal_by_value(kind):
    one = kind("id", "secret")
    assert one == kind("id", "secret")
    assert hash(one) == hash(kind("id", "secret"))
    assert one != kind("id", "Secret")
    assert one != kind("ID", "secret")
    assert one != ("id", "secret")
    assert len({one, kind("id", "secret"), kind("other", "secret")}) == 2
    assert len({hash(kind(str(number), "secret")) for number in range(50)}) > 40


def test_different_kinds_are_never_equal():
    assert len({kind("id", "secret") for kind in CLASSES}) == len(CLASSES)


@pytest.mark.parametrize("secret", ["", "é", "\udcff", "\ud800"])
def test_any_text_can_be_compared(secret):
    assert ClientCredentials("id", secret) == ClientCredentials("id", secret)
    assert ClientCredentials("id", secret) != ClientCredentials("id", "x")


@every_class
def test_the_secret_is_not_shown(kind):
    credentials = kind("id", "hidden")
    for shown in (repr(credentials), str(credentials), f"{credentials}", "%r" % credentials, repr([credentials])):
        assert "hidden" not in shown
        assert kind.__name__ in shown and "'id'" in shown
    assert repr(credentials) == kind.__name__ + "('id', '***')"


def test_what_came_with_the_credentials_is_kept_and_not_shown():
    token = TokenCredentials("id", "secret", iter([("user_id", "hidden"), ("user_id", "2")]))
    assert token.extra == [("user_id", "hidden"), ("user_id", "2")]
    assert "hidden" not in repr(token)
    assert token == TokenCredentials("id", "secret")
    assert TokenCredentials("id", "secret").extra == []


@every_class
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_credentials_are_not_pickled(kind, protocol):
    with pytest.raises(TypeError, match="cannot be pickled") as caught:
        pickle.dumps({"session": kind("id", "hidden")}, protocol)
    assert "hidden" not in str(caught.value)


@every_class
@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy])
def test_copying_shows_no_secret(kind, copier):
    """Neither a copy nor the refusal to make one does."""
    try:
        shown = repr(copier(kind("id", "hidden")))
    except TypeError as error:
        shown = str(error)
    assert "hidden" not in shown


@every_class
def test_there_is_no_dictionary_that_would_show_the_secret(kind):
    with pytest.raises(TypeError):
        vars(kind("id", "hidden"))
    with pytest.raises(AttributeError):
        kind("id", "hidden").note = "x"


@every_class
@pytest.mark.parametrize("wrong", [None, 5, b"octets"])
def test_identifier_and_secret_are_text(kind, wrong):
    with pytest.raises(SigningError, match=f"identifier of {kind.__name__}") as caught:
        kind(wrong, "hidden")
    assert caught.value.parameter == "identifier"
    with pytest.raises(SigningError, match=f"secret of {kind.__name__}") as caught:
        kind("id", wrong)
    assert caught.value.parameter == "secret"
    assert "octets" not in str(caught.value)


@every_class
def test_another_process_can_carry_on_with_what_json_has_kept(kind):
    made = (
        kind("id", "secret", [("user_id", "7"), ("user_id", "\udce9")]) if hasattr(kind, "extra") else kind("id", "é")
    )
    again = kind.from_dict(json.loads(json.dumps(made.to_dict())))
    assert again == made and type(again) is kind
    assert getattr(again, "extra", None) == getattr(made, "extra", None)


def test_a_client_without_a_secret_stays_one():
    again = PublicClientCredentials.from_dict(PublicClientCredentials("id").to_dict())
    assert again == PublicClientCredentials("id")


@every_class
@pytest.mark.parametrize(
    "values",
    [
        {}, {"identifier": "id"}, {"identifier": "id", "secret": 5}, {"hidden": "id", "secret": "s"}, None, "hidden",
        ["identifier", "secret"], {"identifier": "id", "secret": "s", "extra": 5, "hidden": 1}, {1: 2},
    ],
)  # fmt: skip
def test_what_is_no_credentials_is_refused_and_not_shown(kind, values):
    with pytest.raises(SigningError) as caught:
        kind.from_dict(values)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("extra", [5, ["a"], [("a", "b", "c")], [5]])
def test_what_came_beside_credentials_is_pairs(extra):
    with pytest.raises(SigningError) as caught:
        TokenCredentials.from_dict({"identifier": "id", "secret": "s", "extra": extra})
    assert caught.value.parameter == "extra"
