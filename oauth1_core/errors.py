"""Errors, in the order of the list in RFC 5849 section 3.2.

The class says whose fault an error is, and the attributes hold the facts. No message contains a secret, a base string,
a signature or a body.

    OAuth1Error
    |- SigningError               the caller's fault: this request cannot be signed as given
    |    InsecureEndpoint         the caller's fault: this request must not be sent without TLS
    |- AuthorizationError         the server's fault: a section 2 reply or callback is not what the RFC requires
    |    CallbackNotConfirmed  CallbackMismatch  AuthorizationDenied  MalformedTokenResponse  TokenRequestRefused
    `- VerificationError          a received request fails section 3.2
       |- BadRequest         400  MalformedRequest MissingParameter DuplicatedParameter
       |                          UnsupportedVersion UnsupportedSignatureMethod
       |- Unauthorized       401  InvalidClientCredentials InvalidToken InvalidSignature
       |                          InvalidTimestamp InvalidNonce
       |- InsecureTransport  403
       |- LimitExceeded      400, 408, 413, 414 or 431
       `- StoreUnavailable   503
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def quoted(name: str) -> str:
    """Return ``ascii(name)``, which MicroPython lacks; its ``repr`` is ASCII already."""
    return repr(name).encode("ascii", "backslashreplace").decode("ascii")


# Takes one character. MicroPython has no str.isprintable.
is_printable: "Callable[[str], bool]" = getattr(str, "isprintable", lambda character: " " <= character <= "~")


class OAuth1Error(Exception):
    """The base of every error of this package.

    ``parameter`` is the name of the parameter at fault, or ``None`` if no parameter is at fault.
    """

    def __init__(self, message: str, *, parameter: "str | None" = None) -> None:
        super().__init__(message)
        self.parameter = parameter


class SigningError(OAuth1Error):
    """The request cannot be signed as given."""


class InsecureEndpoint(SigningError):
    """The request would carry a secret without TLS."""


class AuthorizationError(OAuth1Error):
    """The server's reply or callback is not what section 2 requires."""


class CallbackNotConfirmed(AuthorizationError):
    """The server did not confirm the callback (section 2.1): it implements OAuth 1.0, not 1.0a.

    OAuth 1.0 allows session fixation attacks.
    """


class CallbackMismatch(AuthorizationError):
    """The callback does not belong to these temporary credentials (section 2.2)."""


class AuthorizationDenied(AuthorizationError):
    """The resource owner denied access."""


class MalformedTokenResponse(AuthorizationError):
    """The server's reply holds no usable credentials (sections 2.1, 2.3).

    A ``Flow`` raises TokenRequestRefused instead.
    """


class TokenRequestRefused(AuthorizationError):
    """The reply of a token endpoint contains no credentials (sections 2.1, 2.3).

    :ivar status: the HTTP status of the reply.
    :ivar problem: ``oauth_problem`` of the reply, or ``None``.
    :ivar advice: ``oauth_problem_advice`` of the reply, or ``None``.
    :ivar parameters: all parameters of the OAuth Problem Reporting extension in the reply, by name.
    :ivar excerpt: the beginning of the reply, at most 200 characters.

    The secrets that the request was signed with are masked in all of them.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,  # pickle makes the object with the message alone, and sets the attributes afterwards
        parameters: "Mapping[str, str] | None" = None,
        excerpt: str = "",
        parameter: "str | None" = None,
    ) -> None:
        super().__init__(message, parameter=parameter)
        self.status = status
        self.parameters: "dict[str, str]" = dict(parameters or {})
        self.problem: "str | None" = self.parameters.get("oauth_problem")
        self.advice: "str | None" = self.parameters.get("oauth_problem_advice")
        self.excerpt = excerpt


class VerificationError(OAuth1Error):
    """A received request fails section 3.2.

    :ivar status: the HTTP status of the response to the request.
    :ivar problem: the name of the failure in the OAuth Problem Reporting extension, or ``""`` if it has none.
    :ivar parameter: the name of the parameter at fault, or ``None``.
    :ivar fields: a list of further pairs of that extension, such as ``("oauth_acceptable_versions", "1.0-1.0")``.
    """

    status: int = 400
    problem: str = "parameter_rejected"

    def __init__(
        self,
        message: str,
        *,
        status: "int | None" = None,
        problem: "str | None" = None,
        parameter: "str | None" = None,
        fields: "Iterable[tuple[str, str]]" = (),
    ) -> None:
        super().__init__(message, parameter=parameter)
        if status is not None:
            self.status = status
        if problem is not None:
            self.problem = problem
        self.fields: "list[tuple[str, str]]" = list(fields)


class BadRequest(VerificationError):
    """The request is malformed: it does not follow section 3.1."""


class MalformedRequest(BadRequest):
    """A part of the request cannot be read in exactly one way."""


class MissingParameter(BadRequest):
    """A required protocol parameter is absent or empty."""

    problem = "parameter_absent"


class DuplicatedParameter(BadRequest):
    """A protocol parameter appears in the request more than once."""


class UnsupportedVersion(BadRequest):
    """``oauth_version`` is present and is not ``1.0``."""

    problem = "version_rejected"


class UnsupportedSignatureMethod(BadRequest):
    """This server does not accept the signature method."""

    problem = "signature_method_rejected"


class Unauthorized(VerificationError):
    """The request is well formed but not authentic."""

    status = 401
    problem = "signature_invalid"


class InvalidClientCredentials(Unauthorized):
    """The server does not know this client."""

    problem = "consumer_key_unknown"


class InvalidToken(Unauthorized):
    """The server does not know this token, or the token is no longer valid."""

    problem = "token_rejected"


class InvalidSignature(Unauthorized):
    """The signature does not match the request."""


class InvalidTimestamp(Unauthorized):
    """The timestamp is outside the window, or before the epoch of the nonce store."""

    problem = "timestamp_refused"


class InvalidNonce(Unauthorized):
    """This nonce was used before."""

    problem = "nonce_used"


class InsecureTransport(VerificationError):
    """The request carried a secret without TLS."""

    status = 403
    problem = ""


class LimitExceeded(VerificationError):
    """The request exceeds a limit of this server; ``status`` is 400, 408, 413, 414 or 431."""


class StoreUnavailable(VerificationError):
    """The nonce store is full or cannot be reached; the request was not accepted."""

    status = 503
    problem = ""
