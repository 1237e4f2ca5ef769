"""The provider's rules without HTTP: time is an argument, so nothing waits."""

import pytest

from nexmo.sandbox import provider, sms
from nexmo.sandbox.store import Store
from oauth1_core import InvalidToken

KEY, USER, CALLBACK = "key", "jane", "http://127.0.0.1/callback"
NOW = 1_700_000_000


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sandbox.sqlite"


@pytest.fixture
def store(path):
    store = Store(path)
    store.add_client(KEY, "secret", "Application", CALLBACK)
    store.add_user(USER, "password", 1_000_000)
    yield store
    store.close()


def problem_of(store, token, verifier, now):
    with pytest.raises(InvalidToken) as raised:
        provider.exchange(store, KEY, token.identifier, verifier, now)
    assert raised.value.status == 401
    return raised.value.problem


def test_a_request_token_lives_for_ten_minutes(store):
    token = provider.issue_request_token(store, KEY, "oob", NOW)
    verifier = provider.approve(store, token.identifier, USER, NOW + 599)
    assert problem_of(store, token, verifier, NOW + 600) == "token_expired"
    provider.exchange(store, KEY, token.identifier, verifier, NOW + 599)


def test_an_expired_request_token_can_no_longer_be_decided_about(store):
    token = provider.issue_request_token(store, KEY, "oob", NOW)
    for decide in (
        lambda: provider.approve(store, token.identifier, USER, NOW + 600),
        lambda: provider.deny(store, token.identifier, NOW + 600),
        lambda: provider.pending_request(store, token.identifier, NOW + 600),
    ):
        with pytest.raises(provider.NotPending):
            decide()
    assert problem_of(store, token, "any", NOW + 600) == "token_expired"
    assert problem_of(store, token, "any", NOW) == "permission_unknown"


def test_a_request_token_is_decided_about_once(store):
    token = provider.issue_request_token(store, KEY, "oob", NOW)
    provider.approve(store, token.identifier, USER, NOW)
    with pytest.raises(provider.NotPending):
        provider.deny(store, token.identifier, NOW)
    with pytest.raises(provider.NotPending):
        provider.approve(store, token.identifier, USER, NOW)


def test_used_is_told_rather_than_expired(store):
    token = provider.issue_request_token(store, KEY, "oob", NOW)
    verifier = provider.approve(store, token.identifier, USER, NOW)
    provider.exchange(store, KEY, token.identifier, verifier, NOW)
    assert problem_of(store, token, verifier, NOW + 1000) == "token_used"


def test_an_access_token_does_not_expire(store):
    token = provider.issue_request_token(store, KEY, "oob", NOW)
    verifier = provider.approve(store, token.identifier, USER, NOW)
    access = provider.exchange(store, KEY, token.identifier, verifier, NOW)
    later = NOW + 10 * provider.REQUEST_TOKEN_MEMORY
    store.remove_request_tokens(later)
    assert provider.account(store, KEY, access.identifier) == USER


def test_old_request_tokens_are_forgotten_a_day_later(store):
    old = provider.issue_request_token(store, KEY, "oob", NOW)
    provider.issue_request_token(store, KEY, "oob", NOW + provider.REQUEST_TOKEN_MEMORY)
    assert problem_of(store, old, "any", NOW) == "permission_unknown"
    provider.issue_request_token(store, KEY, "oob", NOW + provider.REQUEST_TOKEN_MEMORY + 601)
    assert problem_of(store, old, "any", NOW) == "token_rejected"


def test_what_was_revoked_by_the_user_cannot_be_exchanged_either(store):
    token = provider.issue_request_token(store, KEY, "oob", NOW)
    verifier = provider.approve(store, token.identifier, USER, NOW)
    provider.withdraw(store, USER, KEY)
    assert problem_of(store, token, verifier, NOW) == "token_rejected"


def test_the_verifier_and_the_password_are_stored_as_digests_only(store, path):
    token = provider.issue_request_token(store, KEY, CALLBACK, NOW)
    verifier = provider.approve(store, token.identifier, USER, NOW)
    session = provider.sign_in(store, USER, "password", NOW)
    octets = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert token.identifier.encode() in octets
    assert verifier.encode() not in octets
    assert session.encode() not in octets
    assert b"password\0" not in octets and b"\x08password" not in octets


def test_a_session_lasts_an_hour(store):
    session = provider.sign_in(store, USER, "password", NOW)
    assert store.session(session, NOW + 3599).user == USER
    assert store.session(session, NOW + 3600) is None
    assert store.session("another", NOW) is None


def test_who_signs_in_needs_the_password(store):
    assert provider.sign_in(store, USER, "passwor", NOW) is None
    assert provider.sign_in(store, "nobody", "password", NOW) is None
    assert provider.sign_in(store, "nobody", "", NOW) is None


def test_a_message_is_paid_to_the_last_coin_or_not_sent(store):
    per_text = provider.MESSAGE_PRICE
    for left in range(1_000_000 - per_text, -1, -per_text):
        (part,) = provider.send_sms(store, USER, "me", "1", "hello", NOW)
        assert (part.price, part.remaining) == (per_text, left)
    with pytest.raises(provider.InsufficientBalance):
        provider.send_sms(store, USER, "me", "1", "hello", NOW)
    assert store.balance(USER) == left


def test_a_text_is_charged_for_all_its_messages_or_none(store):
    with pytest.raises(provider.InsufficientBalance):
        provider.send_sms(store, USER, "me", "1", "x" * 153 * 31, NOW)
    assert store.balance(USER) == 1_000_000
    sent = provider.send_sms(store, USER, "me", "1", "x" * 153 * 30, NOW)
    assert len({part.identifier for part in sent}) == 30
    assert [part.remaining for part in sent] == [1_000_000 - 33_300 * n for n in range(1, 31)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("ä" * 160, 1),
        ("€" * 80, 1),
        ("€" * 81, 2),
        # An escape and its character stay together, so 153 places hold 76 of them.
        ("€" * 152, 2),
        ("€" * 153, 3),
        ("☃" * 70, 1),
        ("☃" * 71, 2),
        ("☃" * 134, 2),
        ("☃" * 135, 3),
        ("x" * 69 + "☃", 1),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        # Likewise the halves of a surrogate pair: 67 units hold 33.
        ("😀" * 66, 2),
        ("😀" * 67, 3),
        ("ç", 1),
        ("ç" * 71, 2),
    ],
)
def test_a_text_takes_as_many_messages_as_its_alphabet_makes_it(text, count):
    assert sms.parts(text) == count


def test_a_database_of_another_version_is_refused(path):
    Store(path).close()
    store = Store(path)
    store._write("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(ValueError, match="version 99"):
        Store(path)


def test_a_failed_transaction_leaves_nothing(store):
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.add_approval(USER, KEY)
        raise ZeroDivisionError
    assert store.approved_clients(USER) == []
