"""The sandbox's rules for clients and users: RFC 5849 section 2, and Nexmo's own rules.

Plain functions of a store, values and the time, which do not depend on HTTP. A client's mistake raises an error of
``oauth1_core`` with its ``oauth_problem``. A page for a request that is not pending raises :class:`NotPending`.
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
# Used and expired request tokens are kept this long, so that a refusal can report their status.
REQUEST_TOKEN_MEMORY = 24 * 3600
ALLOWED_WRONG_VERIFIERS = 5
# "it SHOULD ensure that the verifier value is suitable for manual entry" (2.2): no I, L, O, U.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8

OUT_OF_BAND = "oob"
NOWHERE = ""  # the callback for a provider that does not redirect users to the client
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
    """The request token is unknown, expired or already answered."""


class Part(NamedTuple):
    """One message of an SMS, its price, and the balance after it was paid."""

    identifier: str
    price: int
    remaining: int


class InsufficientBalance(Exception):
    """The user cannot pay for the message."""


class StoredCredentials:
    """The credentials source for ``oauth1_core.Verifier``: it reads the store.

    It also returns used, expired and revoked tokens; their status is checked after the signature.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def client(self, identifier: str) -> ClientCredentials | None:
        secret = self._store.client_secret(identifier)
        return None if secret is None else ClientCredentials(identifier, secret)

    def token(self, client_identifier: str, token_identifier: str) -> TokenCredentials | None:
        secret = self._store.token_secret(client_identifier, token_identifier)
        return None if secret is None else TokenCredentials(token_identifier, secret)


# Rules for verified requests of clients


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
    """Issue a request token (2.1). Without ``leads_back`` (the user is not redirected), ``callback`` is ignored.

    Nexmo's own rule: this revokes the access tokens of the consumer key.
    """
    client = store.client(consumer_key)
    assert client is not None  # otherwise the request would not have been verified
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
    """Raise MalformedRequest (400) for a callback that is never allowed, Unauthorized (401) for an unregistered one."""
    name = "oauth_callback"
    if not callback:
        raise MissingParameter(
            "oauth_callback is missing: a client without a callback URL must send oob",
            parameter=name,
            fields=[("oauth_parameters_absent", name)],
        )
    if callback == OUT_OF_BAND:
        return
    if not is_callback(callback):
        raise MalformedRequest(
            "oauth_callback must be oob, an https URL, or an http URL with a loopback IP address", parameter=name
        )
    if not is_registered(callback, registered):
        given = shlex.quote(callback) if len(callback) <= LONGEST_SHOWN else "URL"
        raise Unauthorized(
            f"oauth_callback is not the registered callback, {registered}: to register another callback, run"
            f" nexmo sandbox --callback {given}",
            problem="parameter_rejected",
            parameter=name,
        )


def is_callback(callback: str) -> bool:
    """Return whether ``callback`` is safe as a redirect: an absolute URL that all software parses in the same way.

    It must be https, or http with a loopback IP address.
    """
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
    """Return whether ``callback`` is the registered callback.

    A local client may append a random path segment, so that no other program can send it a callback.
    """
    given, known = without_free_port(callback), without_free_port(registered)
    added = given.removeprefix(known) if known.startswith("http:") and "?" not in known else ""
    return given == known or UNGUESSABLE_SEGMENT.fullmatch(added) is not None


def without_free_port(callback: str) -> str:
    """Return ``callback`` without its port if it is http, because a local client may have to use any free port."""
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
    """Exchange an authorized request token for an access token (2.3). Each request token can be exchanged once.

    Without ``needs_verifier``, ``verifier`` is ignored.
    """
    if needs_verifier and not verifier:
        raise MissingParameter(
            "oauth_verifier is missing",
            parameter="oauth_verifier",
            fields=[("oauth_parameters_absent", "oauth_verifier")],
        )
    issued = TokenCredentials(*new_credentials(has_secret))
    # The error is raised after the transaction, so that the count of wrong codes is not rolled back.
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
    """Return why the request token cannot be exchanged, or None; count a wrong verification code.

    ``verifier`` is None if the provider issues no codes.
    """
    row = store.request_token(request_token)
    if row is None or row.consumer_key != consumer_key:
        return InvalidToken("oauth_token is not a request token of this consumer key", parameter="oauth_token")
    message, problem = {
        "used": ("the request token was already exchanged; get a new one", "token_used"),
        "denied": ("the user denied access", "permission_denied"),
        "dead": ("the request token is no longer valid; get a new one", "token_rejected"),
    }.get(row.state, ("", ""))
    if not message and now >= row.expires:
        message, problem = "the request token has expired; get a new one", "token_expired"
    if not message and row.state == "pending":
        message, problem = "the user has not decided yet", "permission_unknown"
    if message:
        return InvalidToken(message, problem=problem, parameter="oauth_token")
    if verifier is None:
        return None
    # Codes are upper-case; a user may type them in any case.
    offered = verifier.upper() if row.callback == OUT_OF_BAND else verifier
    if not secrets.compare_digest(sha256(offered), row.verifier or b""):
        store.count_wrong_verifier(row.key, ALLOWED_WRONG_VERIFIERS)
        return InvalidToken(
            "oauth_verifier is not the verification code of this request token",
            problem="verifier_invalid",
            parameter="oauth_verifier",
        )
    return None


def account(store: Store, consumer_key: str, access_token: str | None) -> str:
    """Return the user who granted the access token; it is valid until it is revoked."""
    row = store.access_token(access_token or "")
    if row is None or row.consumer_key != consumer_key:
        raise InvalidToken("oauth_token is not an access token of this consumer key", parameter="oauth_token")
    if row.revoked:
        raise InvalidToken("the access token was revoked", problem="token_revoked", parameter="oauth_token")
    return row.user


def send_sms(store: Store, user: str, sender: str, recipient: str, text: str, now: float) -> list[Part]:
    """Charge the user for each message of the text and store all messages, or raise InsufficientBalance."""
    sent = []
    with store.transaction():
        for _ in range(sms.parts(text)):
            if not store.charge(user, MESSAGE_PRICE):
                raise InsufficientBalance
            part = Part(secrets.token_hex(8).upper(), MESSAGE_PRICE, store.balance(user))
            store.add_message(part.identifier, user, sender, recipient, text, part.price, now)
            sent.append(part)
    return sent


# Decisions of the user


def sign_in(store: Store, name: str, password: str, now: float) -> str | None:
    """Return the identifier of a new session, or ``None`` if name or password is wrong."""
    if not store.is_password(name, password):
        return None
    identifier = secrets.token_urlsafe(32)
    store.add_session(identifier, Session(name, secrets.token_urlsafe(32)), now + SESSION_LIFETIME, now)
    return identifier


def pending_request(store: Store, request_token: str, now: float) -> tuple[RequestToken, Client]:
    """Return the pending request and its client; raise NotPending if the user cannot decide any more."""
    row = store.request_token(request_token)
    if row is None or row.state != "pending" or now >= row.expires:
        raise NotPending
    client = store.client(row.consumer_key)
    assert client is not None  # a foreign key
    return row, client


def needs_no_question(store: Store, user: str, request: RequestToken, client: Client) -> bool:
    """Return whether ``authenticate`` may skip the question: the user has approved this application before, and the
    callback is the registered callback (never oob)."""
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
    """Let the user refuse the request; its token is no longer valid."""
    with store.transaction():
        request, _ = pending_request(store, request_token, now)
        store.deny(request.key)


def withdraw(store: Store, user: str, consumer_key: str) -> None:
    """Let the user revoke an approval, with its tokens.

    "Servers SHOULD enable resource owners to revoke token credentials after they have been issued" (2).
    """
    with store.transaction():
        store.remove_approval(user, consumer_key)
        store.forget_authorized(consumer_key, user)
        store.revoke(consumer_key, user)


def callback_origin(callback: str) -> str:
    """Return the origin of ``callback``, as a browser writes it; ``""`` for oob."""
    match = CALLBACK.fullmatch(callback)
    if match is None:
        return ""
    return f"{match['scheme']}://{match['host']}" + (f":{match['port']}" if match["port"] else "")


def new_credentials(has_secret: bool = True) -> tuple[str, str]:
    """Return a new identifier of 128 bits, and a secret of 256 bits or, without ``has_secret``, an empty secret."""
    return secrets.token_hex(16), secrets.token_hex(32) if has_secret else ""
