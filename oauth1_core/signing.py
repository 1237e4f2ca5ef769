"""Making requests (RFC 5849 section 3.1).

One function that follows the section from top to bottom. ``signer`` does the same faster, with more code.
"""

from .base_string import signature_base_string
from .credentials import Credentials
from .errors import InsecureEndpoint, SigningError, quoted
from .nonce import generate_nonce, generate_timestamp
from .parameters import collect_parameters, decode_form, pairs_of
from .signature_methods import HMAC_SHA1, discloses_secrets
from .transmission import PROTOCOL_PARAMETERS
from .uris import query_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .credentials import ClientCredentials
    from .parameters import Parameters
    from .signature_methods import SignatureMethod


def sign(
    method: str,
    uri: str,
    client: "ClientCredentials",
    token: "Credentials | None" = None,
    *,
    form: "str | bytes" = "",
    protocol_parameters: "Iterable[tuple[str, str]]" = (),
    signature_method: "SignatureMethod" = HMAC_SHA1,
    timestamp: "str | int | None" = None,
    nonce: "str | None" = None,
    version: "str | None" = "1.0",
) -> "Parameters":
    """Return all protocol parameters of a signed request, ``oauth_signature`` last (3.1).

    :param method: the HTTP method.
    :param uri: the request URI as the client sends it, with its query.
    :param client: the client credentials.
    :param token: the token credentials, or the temporary credentials (2.3). With ``None``, the default, no
        ``oauth_token`` is sent; with ``TokenCredentials("", "")`` an empty ``oauth_token`` is sent.
    :param form: the body, if and only if its type is ``application/x-www-form-urlencoded``.
    :param protocol_parameters: further protocol parameters such as ``oauth_callback``, as (name, value) pairs.
    :param signature_method: ``HMAC_SHA1`` by default.
    :param timestamp: seconds since 1970-01-01 00:00 UTC; by default the time now.
    :param nonce: a value that is new for each request; random by default.
    :param version: ``"1.0"`` by default; with ``None`` no ``oauth_version`` is sent.
    :raises SigningError: if the request cannot be signed as given.
    :raises InsecureEndpoint: if PLAINTEXT would send the secrets without TLS.
    """
    timestamp = generate_timestamp() if timestamp is None else str(timestamp)
    nonce = generate_nonce() if nonce is None else nonce
    parameters = own_parameters(client, token, signature_method, timestamp, nonce, version)
    further = pairs_of(protocol_parameters)
    parameters.extend(further)

    base_string = signature_base_string(method, uri, collect_parameters(uri, parameters, form))
    refuse_conflicts(further, decode_form(query_of(uri)) + decode_form(form))
    if discloses_secrets(signature_method, uri):
        raise InsecureEndpoint("PLAINTEXT over http would disclose the client secret: use https", parameter="uri")
    signature = signature_method.sign(base_string, client.secret, "" if token is None else token.secret)
    return parameters + [("oauth_signature", signature)]


def own_parameters(
    client: "ClientCredentials",
    token: "Credentials | None",
    signature_method: "SignatureMethod",
    timestamp: str,
    nonce: str,
    version: "str | None",
) -> "Parameters":
    """Return the protocol parameters that every request has, except ``oauth_signature``."""
    if not isinstance(client, Credentials) or not isinstance(token, (Credentials, type(None))):
        raise SigningError("client must be ClientCredentials, and token must be Credentials or None")
    if isinstance(signature_method, type) or not isinstance(getattr(signature_method, "name", None), str):
        message = "signature_method must be a signature method such as HMAC_SHA1, not a class or a name"
        raise SigningError(message, parameter="oauth_signature_method")
    # "The timestamp value MUST be a positive integer."
    if not timestamp or timestamp.rstrip("0123456789") or timestamp.startswith("0"):
        raise SigningError("oauth_timestamp must be a positive integer", parameter="oauth_timestamp")
    if not nonce:
        raise SigningError("oauth_nonce must not be empty", parameter="oauth_nonce")
    if version not in ("1.0", None):
        raise SigningError('version must be "1.0", or None to leave oauth_version out', parameter="oauth_version")
    parameters = [("oauth_consumer_key", client.identifier)]
    if token is not None:
        parameters.append(("oauth_token", token.identifier))
    parameters.append(("oauth_signature_method", signature_method.name))
    parameters.append(("oauth_timestamp", timestamp))
    parameters.append(("oauth_nonce", nonce))
    if version is not None:
        parameters.append(("oauth_version", version))
    return parameters


def refuse_conflicts(further: "Parameters", requested: "Parameters") -> None:
    """Raise SigningError if a protocol parameter would "appear more than once per request".

    ``further`` are the caller's protocol parameters; ``requested`` are the parameters of the query and the form.
    ``realm`` belongs to :func:`authorization_header` and is never signed as a protocol parameter.
    """
    taken = set(PROTOCOL_PARAMETERS)
    for name, _ in further:
        if name in PROTOCOL_PARAMETERS or name.lower() == "realm":
            raise SigningError("protocol_parameters must not contain {}".format(quoted(name)), parameter=name)
        if name in taken:
            raise SigningError("protocol_parameters must contain {} only once".format(quoted(name)), parameter=name)
        taken.add(name)
    for name, _ in requested:
        if name in taken:
            message = "{} must not be both in the query or form and a protocol parameter".format(quoted(name))
            raise SigningError(message, parameter=name)
