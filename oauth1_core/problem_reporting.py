"""Problem reporting (the OAuth Problem Reporting extension; errors of RFC 5849 section 3.2).

A server writes ``oauth_problem`` and its details into a refusal, and a client reads them in a reply: in the challenge
of a 401, and in a body of form type.
"""

from .errors import MalformedRequest, SigningError
from .parameters import decode_form, form_text
from .receiving import text_pairs
from .transmission import authorization_header, form_encoded_body, parse_authorization_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .errors import VerificationError
    from .parameters import Parameters
    from .receiving import Headers

MAX_BODY = 65536
REPORTED = ("oauth_problem", "oauth_acceptable_", "oauth_parameters_")


def refusal(error: "VerificationError", realm: str = "") -> "tuple[int, list[tuple[str, str]], bytes]":
    """Return the response to a refused request: HTTP status, header fields as (name, value) pairs, body.

    The body is a form with ``oauth_problem`` and its details (OAuth Problem Reporting). A response with status 401 also
    has a challenge with ``oauth_problem``.

    :param error: the error that a verifier raised.
    :param realm: ``realm`` of the challenge, empty by default.
    :raises SigningError: if ``realm`` cannot be sent.
    """
    problem = [("oauth_problem", error.problem)] if error.problem else []
    headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Cache-Control", "no-store")]
    if error.status == 401:
        headers.append(("WWW-Authenticate", authorization_header(problem, realm)))
    if error.status == 503:
        headers.append(("Retry-After", "1"))
    return error.status, headers, form_encoded_body(problem + error.fields).encode("ascii")


def problem_report(headers: "Headers", body: bytes = b"") -> "dict[str, str]":
    """Return the problem that a reply reports in its challenges and in the first 64 KiB of its body.

    The result maps the names of the extension to their values: ``oauth_problem``, ``oauth_problem_advice``,
    ``oauth_acceptable_...`` and ``oauth_parameters_...``. It is empty if the reply reports no problem.

    :param headers: the header fields of the reply, as pairs or as a mapping.
    :param body: the octets of the body.
    :raises MalformedRequest: if ``headers`` are not pairs of str.
    """
    report = []
    for name, value in text_pairs(headers):
        if name.lower() == "www-authenticate":
            try:
                report += parse_authorization_header(value)
            except MalformedRequest:
                continue  # a challenge of another scheme
    for piece in reply_text(body[:MAX_BODY]).split("&"):
        report += pairs_of_piece(piece)
    return {name: value for name, value in report if name.startswith(REPORTED)}


def reply_text(body: "str | bytes") -> str:
    """Return the body of a reply as text.

    In MicroPython, each octet beyond ASCII becomes an escape if the octets are not UTF-8.
    """
    try:
        return form_text(body)
    except SigningError:
        if not isinstance(body, bytes):
            raise
    return "".join([chr(octet) if octet < 0x80 else "%{:02X}".format(octet) for octet in body])


def pairs_of_piece(piece: str) -> "Parameters":
    """Return the pairs in the text between two "&" of a reply. A pair that this Python cannot decode stays encoded."""
    try:
        return decode_form(piece)
    except SigningError:
        name, _, value = piece.partition("=")
        return [(name, value)]
