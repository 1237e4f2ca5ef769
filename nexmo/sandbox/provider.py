"""The provider's rules: who may do what, and when (RFC 5849 section 2, and Nexmo's own).

Plain functions of a store, values and the time; they know no HTTP. What a client does wrong is an error
of ``oauth1_core`` with its problem name, what a user's browser asks for in vain is a :class:`NotPending`.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import shlex
from typing import NamedTuple

from oauth1_core import (
    ClientCredentials,
    InvalidToken,
    MalformedRequest,
    MissingParameter,
    TemporaryCredentials,
    TokenCredentials,
    Unauthorized,
    VerificationError,
)

from . import sms
from .store import Client, RequestToken, Session, Store, sha256

REQUEST_TOKEN_LIFETIME = 600
SESSION_LIFETIME = 3600
# For this long a used or expired request token is told from an unknown one.
REQUEST_TOKEN_MEMORY = 24 * 3600
ALLOWED_WRONG_VERIFIERS = 5
# "it SHOULD ensure that the verifier value is suitable for manual entry" (2.2): no I, L, O, U.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8

OUT_OF_BAND = "oob"
NOWHERE = ""  # the callback of a provider that leads nobody back
LONGEST_SHOWN = 200
CALLBACK = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?"
    r"(?P<query>\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
)
UNGUESSABLE_SEGMENT = re.compile(r"/[A-Za-z0-9_-]{22,}")  # 128 bits or more
DOT_SEGMENT = re.compile(r"/(\.|%2e){1,2}(/|\?|$)", re.IGNORECASE)

MESSAGE_PRICE = 33_300  # millionths of a euro
TEST_NETWORK = "00101"


class NotPending(Exception):
    """There is no request token here that a user could still decide about."""


class Part(NamedTuple):
    """One message of an SMS, and what was left when it was paid."""

    identifier: str
    price: int
    remaining: int


class InsufficientBalance(Exception):
    """The user cannot pay for the message."""


class StoredCredentials:
    """What ``oauth1_core.Verifier`` asks for, from the store.

    Tokens that are used, expired or revoked are found too: their status is told after the signature held.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def client(self, identifier: str) -> ClientCredentials | None:
        secret = self._store.client_secret(identifier)
        return None if secret is None else ClientCredentials(identifier, secret)

    def token(self, client_identifier: str, token_identifier: str) -> TokenCredentials | None:
        secret = self._store.token_secret(client_identifier, token_identifier)
        return None if secret is None else TokenCredentials(token_identifier, secret)


# The client's requests, once they are verified


def issue_request_token(
    store: Store,
    consumer_key: str,
    callback: str | None,
    now: float,
    *,
    leads_back: bool = True,
    has_secret: bool = True,
    revokes: bool = True,
) -> TemporaryCredentials:
    """Issue a request token (2.1); where the user is not to be led back, ``callback`` is not looked at.

    Nexmo's own rule: this revokes the access tokens of the consumer key.
    """
    client = store.client(consumer_key)
    assert client is not None  # or the request would not have been verified
    if leads_back:
        check_callback(callback, client.callback)
    callback = callback if leads_back and callback else NOWHERE
    issued = TemporaryCredentials(*new_credentials(has_secret))
    with store.transaction():
        store.remove_request_tokens(now - REQUEST_TOKEN_MEMORY)
        if revokes:
            store.revoke(consumer_key)
        store.add_request_token(issued.identifier, issued.secret, consumer_key, callback, now + REQUEST_TOKEN_LIFETIME)
    return issued


def check_callback(callback: str | None, registered: str) -> None:
    """Refuse a callback that no client may have (400), or that this one did not register (401)."""
    name = "oauth_callback"
    if not callback:
        raise MissingParameter(
            "oauth_callback is missing; a client without one sends oob",
            parameter=name,
            fields=[("oauth_parameters_absent", name)],
        )
    if callback == OUT_OF_BAND:
        return
    if not is_callback(callback):
        raise MalformedRequest(
            "oauth_callback is neither oob nor an https URL nor http to a loopback IP address", parameter=name
        )
    if not is_registered(callback, registered):
        given = shlex.quote(callback) if len(callback) <= LONGEST_SHOWN else "URL"
        raise Unauthorized(
            f"oauth_callback is not the registered one, {registered}; to register another: nexmo sandbox --callback"
            f" {given}",
            problem="parameter_rejected",
            parameter=name,
        )


def is_callback(callback: str) -> bool:
    """Tell whether ``callback`` is an absolute URL that is read the same by everyone, and safe to redirect to."""
    match = CALLBACK.fullmatch(callback)
    if match is None or int(match["port"] or 0) > 65535 or DOT_SEGMENT.search(match["path"] or ""):
        return False
    return match["scheme"] == "https" or is_loopback(match["host"])


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_registered(callback: str, registered: str) -> bool:
    """Tell whether ``callback`` is the registered one.

    A program on this machine may add a last segment that nobody can guess, so that no other program calls it back.
    """
    given, known = without_free_port(callback), without_free_port(registered)
    added = given.removeprefix(known) if known.startswith("http:") and "?" not in known else ""
    return given == known or UNGUESSABLE_SEGMENT.fullmatch(added) is not None


def without_free_port(callback: str) -> str:
    """Return ``callback`` without its port if it is http: a program on this machine takes the port it gets."""
    match = CALLBACK.fullmatch(callback)
    if match is None or match["scheme"] != "http":
        return callback
    return f"http://{match['host']}{match['path'] or ''}{match['query'] or ''}"


def exchange(
    store: Store,
    consumer_key: str,
    request_token: str,
    verifier: str | None,
    now: float,
    *,
    needs_verifier: bool = True,
    has_secret: bool = True,
) -> TokenCredentials:
    """Exchange an authorized request token for an access token (2.3), once; what is not needed is not looked at."""
    if needs_verifier and not verifier:
        raise MissingParameter(
            "oauth_verifier is missing",
            parameter="oauth_verifier",
            fields=[("oauth_parameters_absent", "oauth_verifier")],
        )
    issued = TokenCredentials(*new_credentials(has_secret))
    # The error is raised outside, so that counting a wrong verifier is not rolled back.
    with store.transaction():
        error = exchange_error(store, consumer_key, request_token, verifier if needs_verifier else None, now)
        if error is None and not store.exchange(request_token, issued.identifier, issued.secret):
            error = InvalidToken("the request token is not authorized")
    if error is not None:
        raise error
    return issued


def exchange_error(
    store: Store, consumer_key: str, request_token: str, verifier: str | None, now: float
) -> VerificationError | None:
    """Return why the request token cannot be exchanged; counts a wrong verifier, None is that of nobody's asking."""
    row = store.request_token(request_token)
    if row is None or row.consumer_key != consumer_key:
        return InvalidToken("this is not a request token of this consumer key", parameter="oauth_token")
    message, problem = {
        "used": ("the request token was exchanged before", "token_used"),
        "denied": ("the user denied access", "permission_denied"),
        "dead": ("the request token is of no use any more; get a new one", "token_rejected"),
    }.get(row.state, ("", ""))
    if not message and now >= row.expires:
        message, problem = "the request token has expired", "token_expired"
    if not message and row.state == "pending":
        message, problem = "the user has not decided yet", "permission_unknown"
    if message:
        return InvalidToken(message, problem=problem, parameter="oauth_token")
    if verifier is None:
        return None
    # A code is in upper case, so that it may be typed in any.
    offered = verifier.upper() if row.callback == OUT_OF_BAND else verifier
    if not secrets.compare_digest(sha256(offered), row.verifier or b""):
        store.count_wrong_verifier(row.key, ALLOWED_WRONG_VERIFIERS)
        return InvalidToken(
            "the verifier does not belong to this request token", problem="verifier_invalid", parameter="oauth_verifier"
        )
    return None


def account(store: Store, consumer_key: str, access_token: str | None) -> str:
    """Return the user who granted the access token; it is valid until it is revoked."""
    row = store.access_token(access_token or "")
    if row is None or row.consumer_key != consumer_key:
        raise InvalidToken("this is not an access token of this consumer key", parameter="oauth_token")
    if row.revoked:
        raise InvalidToken("the access token was revoked", problem="token_revoked", parameter="oauth_token")
    return row.user


def send_sms(store: Store, user: str, sender: str, recipient: str, text: str, now: float) -> list[Part]:
    """Charge the user for each message that the text takes, and keep them: all, or InsufficientBalance."""
    sent = []
    with store.transaction():
        for _ in range(sms.parts(text)):
            if not store.charge(user, MESSAGE_PRICE):
                raise InsufficientBalance
            part = Part(secrets.token_hex(8).upper(), MESSAGE_PRICE, store.balance(user))
            store.add_message(part.identifier, user, sender, recipient, text, part.price, now)
            sent.append(part)
    return sent


# The user's decisions


def sign_in(store: Store, name: str, password: str, now: float) -> str | None:
    """Return the identifier of a new session, or ``None`` if name or password is wrong."""
    if not store.is_password(name, password):
        return None
    identifier = secrets.token_urlsafe(32)
    store.add_session(identifier, Session(name, secrets.token_urlsafe(32)), now + SESSION_LIFETIME, now)
    return identifier


def pending_request(store: Store, request_token: str, now: float) -> tuple[RequestToken, Client]:
    """Return the request that a user is to decide about, and who asks."""
    row = store.request_token(request_token)
    if row is None or row.state != "pending" or now >= row.expires:
        raise NotPending
    client = store.client(row.consumer_key)
    assert client is not None  # a foreign key
    return row, client


def needs_no_question(store: Store, user: str, request: RequestToken, client: Client) -> bool:
    """Tell whether ``authenticate`` may go straight back: the user approved this application before, and
    the answer goes to the registered callback (so not to oob, which is never the registered one)."""
    return is_registered(request.callback, client.callback) and client in store.approved_clients(user)


def approve(store: Store, request_token: str, user: str, now: float) -> str:
    """Let the user authorize the request; return the verification code (2.2)."""
    with store.transaction():
        request, client = pending_request(store, request_token, now)
        if request.callback == OUT_OF_BAND:
            verifier = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
        else:
            verifier = secrets.token_hex(16)
        store.authorize(request.key, user, verifier)
        store.add_approval(user, client.consumer_key)
    return verifier


def deny(store: Store, request_token: str, now: float) -> None:
    """Let the user refuse the request; its token is of no use any more."""
    with store.transaction():
        request, _ = pending_request(store, request_token, now)
        store.deny(request.key)


def withdraw(store: Store, user: str, consumer_key: str) -> None:
    """Let the user take back what was approved.

    "Servers SHOULD enable resource owners to revoke token credentials after they have been issued" (2).
    """
    with store.transaction():
        store.remove_approval(user, consumer_key)
        store.forget_authorized(consumer_key, user)
        store.revoke(consumer_key, user)


def callback_origin(callback: str) -> str:
    """Return the origin that ``callback`` leads to, as a browser writes it; ``""`` for oob."""
    match = CALLBACK.fullmatch(callback)
    if match is None:
        return ""
    return f"{match['scheme']}://{match['host']}" + (f":{match['port']}" if match["port"] else "")


def new_credentials(has_secret: bool = True) -> tuple[str, str]:
    """Return a new identifier of 128 bits and a secret of 256, or none."""
    return secrets.token_hex(16), secrets.token_hex(32) if has_secret else ""
