"""Redirection-based authorization (RFC 5849 section 2), without I/O.

The three steps as functions: each makes what the client sends or reads what it gets back.

    parameters = temporary_credentials_request(uri, client, callback)      # 2.1
    temporary = parse_temporary_credentials(body of the reply)
    resource_owner_authorization_uri(endpoint, temporary)                  # 2.2: send the resource owner there
    verifier = parse_callback(request URI of the callback, temporary)
    parameters = token_credentials_request(uri, client, temporary, verifier)   # 2.3
    token = parse_token_credentials(body of the reply)

Replies carry secrets, so the endpoints are https (or http to a loopback IP address). A server that
does not confirm the callback speaks OAuth 1.0, which is open to session fixation, and is refused. The
Content-Type of a reply is not looked at, since servers get it wrong; white space around it is dropped.
"""

import hmac

from .credentials import TemporaryCredentials, TokenCredentials
from .errors import (
    AuthorizationDenied,
    AuthorizationError,
    CallbackMismatch,
    CallbackNotConfirmed,
    InsecureEndpoint,
    MalformedTokenResponse,
    SigningError,
)
from .parameters import decode_form, form_text
from .percent_encoding import is_strictly_encoded
from .signing import sign
from .transmission import request_uri
from .uris import has_control, keeps_secrets, query_of, split_authority, split_uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypedDict, Unpack

    from .credentials import ClientCredentials
    from .parameters import Parameters
    from .signature_methods import SignatureMethod

    class SignOptions(TypedDict, total=False):
        form: "str | bytes"
        signature_method: SignatureMethod
        timestamp: "str | int | None"
        nonce: "str | None"
        version: "str | None"


MAX_REPLY = 65536
WHITE_SPACE = " \t\r\n"
SCHEME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-."


def temporary_credentials_request(
    uri: str,
    client: "ClientCredentials",
    callback: str = "oob",
    *,
    method: str = "POST",
    protocol_parameters: "Iterable[tuple[str, str]]" = (),
    **options: "Unpack[SignOptions]",
) -> "Parameters":
    """Return the protocol parameters of a request for temporary credentials (2.1).

    ``callback`` is an absolute URI, or "oob" where none can be received. ``options`` are those of
    :func:`sign`. Raises InsecureEndpoint, or SigningError as ``sign`` does.
    """
    check_endpoint(uri)
    if callback != "oob" and not is_absolute(callback):
        raise SigningError('oauth_callback is neither an absolute URI nor "oob"', parameter="oauth_callback")
    parameters = [("oauth_callback", callback)] + list(protocol_parameters)
    return sign(method, uri, client, protocol_parameters=parameters, **options)


def is_absolute(uri: str) -> bool:
    """Tell whether ``uri`` begins with a scheme, any scheme: native applications have their own."""
    scheme, colon, _ = uri.partition(":") if isinstance(uri, str) else ("", "", "")
    return colon != "" and scheme[:1].isalpha() and not scheme.rstrip(SCHEME_CHARACTERS)


def parse_temporary_credentials(body: "str | bytes") -> TemporaryCredentials:
    """Return the temporary credentials in the server's reply (2.1).

    Raises CallbackNotConfirmed or MalformedTokenResponse.
    """
    identifier, secret, extra = read_reply(body)
    # "MUST be present and set to "true"."
    if [value for name, value in extra if name == "oauth_callback_confirmed"] != ["true"]:
        raise CallbackNotConfirmed(
            "the server did not confirm the callback: it speaks OAuth 1.0, open to session fixation",
            parameter="oauth_callback_confirmed",
        )
    return TemporaryCredentials(identifier, secret, extra)


def resource_owner_authorization_uri(endpoint: str, temporary: TemporaryCredentials) -> str:
    """Return the URI to send the resource owner to, by GET (2.2)."""
    check_endpoint(endpoint)
    check_temporary(temporary)
    return request_uri([("oauth_token", temporary.identifier)], endpoint)


def parse_callback(uri: str, temporary: TemporaryCredentials) -> str:
    """Return the verification code from the URI that the resource owner came back to (2.2).

    ``uri`` may be the whole request URI or path and query. Raises CallbackMismatch if it does not
    belong to ``temporary``, AuthorizationDenied if the resource owner refused, AuthorizationError if
    it holds no code.
    """
    check_temporary(temporary)
    query = query_of(uri)
    pairs = decode_form(query) if is_strictly_encoded(query) else []
    tokens = [value for name, value in pairs if name == "oauth_token"]
    # Some servers report a denial as denied=TOKEN, without oauth_token.
    tokens = tokens or [value for name, value in pairs if name == "denied"]
    if len(tokens) != 1 or not same_text(tokens[0], temporary.identifier):
        raise CallbackMismatch(
            "the callback does not belong to the authorization started here", parameter="oauth_token"
        )
    for name, _ in pairs:
        if name in ("denied", "oauth_problem"):
            raise AuthorizationDenied("the resource owner did not authorize the request", parameter=name)
    verifiers = [value for name, value in pairs if name == "oauth_verifier"]
    if len(verifiers) != 1 or not verifiers[0]:
        raise AuthorizationError(
            "the callback holds no verification code: nothing was authorized", parameter="oauth_verifier"
        )
    return verifiers[0]


def token_credentials_request(
    uri: str,
    client: "ClientCredentials",
    temporary: TemporaryCredentials,
    verifier: str,
    *,
    method: str = "POST",
    protocol_parameters: "Iterable[tuple[str, str]]" = (),
    **options: "Unpack[SignOptions]",
) -> "Parameters":
    """Return the protocol parameters of a request for token credentials (2.3).

    White space around ``verifier``, as from pasting, is dropped. ``options`` are those of
    :func:`sign`. Raises InsecureEndpoint, or SigningError as ``sign`` does.
    """
    check_endpoint(uri)
    check_temporary(temporary)
    if not isinstance(verifier, str) or not verifier.strip():
        raise SigningError("oauth_verifier is empty or not text", parameter="oauth_verifier")
    parameters = [("oauth_verifier", verifier.strip())] + list(protocol_parameters)
    return sign(method, uri, client, temporary, protocol_parameters=parameters, **options)


def parse_token_credentials(body: "str | bytes") -> TokenCredentials:
    """Return the token credentials in the server's reply (2.3); raises MalformedTokenResponse."""
    return TokenCredentials(*read_reply(body))


def check_endpoint(uri: str) -> None:
    """Refuse an endpoint that would carry credentials in clear, or whose query conflicts (2)."""
    if not isinstance(uri, str) or " " in uri or has_control(uri):
        raise SigningError("the endpoint's URI holds white space or a control character", parameter="uri")
    if not keeps_secrets(uri):
        host = split_authority(split_uri(uri)[1])[0]
        message = "https is required for {}; only a loopback IP address may use http".format(host)
        raise InsecureEndpoint(message, parameter="uri")
    # The query "MUST NOT contain any parameters beginning with the "oauth_" prefix".
    for name, _ in decode_form(query_of(uri)):
        if name.startswith("oauth_"):
            raise SigningError("the endpoint's query holds an oauth_ parameter", parameter=name)


def check_temporary(temporary: TemporaryCredentials) -> None:
    if not isinstance(temporary, TemporaryCredentials):
        raise SigningError("the temporary credentials are not TemporaryCredentials")


def same_text(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def read_reply(body: "str | bytes") -> "tuple[str, str, Parameters]":
    """Return identifier, secret and all other pairs of a reply with credentials."""
    text = form_text(body).strip(WHITE_SPACE)
    if len(body) > MAX_REPLY:
        raise MalformedTokenResponse("the server's reply is longer than {} octets".format(MAX_REPLY))
    extra = decode_form(text) if is_strictly_encoded(text) else []
    credentials = []
    for wanted in ("oauth_token", "oauth_token_secret"):
        values = [value for name, value in extra if name == wanted]
        # Only the secret may be empty. The reply itself is not shown: it may hold a secret.
        if len(values) != 1 or "\0" in values[0] or (wanted == "oauth_token" and not values[0]):
            message = "expected form-encoded credentials, got {} octets without exactly one {}"
            raise MalformedTokenResponse(message.format(len(body), wanted), parameter=wanted)
        credentials.append(values[0])
        extra = [pair for pair in extra if pair[0] != wanted]
    return credentials[0], credentials[1], extra
