"""Check a request from a curl command or a HAR log, as far as its signature needs it (RFC 5849 section 3.4).

The modules ``curl`` and ``har`` return ``(method, uri, headers, body)``, the arguments of :func:`parse_request`. They
raise ValueError for input that they cannot read in exactly one way, and SigningError for a URI that cannot be signed.
Nothing is sent, and files are read only through the caller's ``read_file``.
"""

from ..base_string import base_string_uri
from ..parameters import decode_form
from ..percent_encoding import utf8_octets
from ..receiving import single_fields
from ..transmission import is_form_type, split_scheme
from ..uris import query_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    Headers = list[tuple[str, str]]
    CapturedRequest = tuple[str, str, Headers, bytes]


def captured_request(method: str, uri: str, headers: "Headers", body: bytes) -> "CapturedRequest":
    """Return the request.

    Raises ValueError if a part cannot be sent, or if the Host header field is not the host of the URI.
    """
    texts = "".join([method, uri, *[text for header in headers for text in header]])
    if [character for character in "\r\n\0" if character in texts]:
        raise ValueError("the request contains a line break or NUL in its method, URL or header: remove it")
    utf8_octets(texts)  # JSON text can contain half a character
    origin = base_string_uri(uri).split("/")[:3]
    for name, value in headers:
        if name.lower() == "host" and base_string_uri(origin[0] + "//" + value).split("/")[:3] != origin:
            raise ValueError("the Host header field names another host than the URL: write this host into the URL")
    return method, uri, headers, body


def declares_form(headers: "Headers", unless_given: str = "") -> bool:
    return is_form_type(single_fields(headers).get("content-type", unless_given))


def is_signed(request: "CapturedRequest") -> bool:
    _, uri, headers, body = request
    form = body if declares_form(headers) else b""
    names = [name for name, _ in decode_form(query_of(uri)) + decode_form(form)]
    return "oauth_signature" in names or split_scheme(single_fields(headers).get("authorization", ""))[0] == "oauth"
