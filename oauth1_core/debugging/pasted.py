"""Read pasted text: a request, or the answer to a request (RFC 5849 sections 3.2, 3.4 and 3.5).

A request is read as curl, HAR, HTTP, the Authorization header alone or a URL. An answer is any reply that refuses, or
a base string. The first characters decide. ``captured`` says which requests are refused. Nothing is sent; only the
caller's ``read_file`` reads files.
"""

import re

from ..errors import OAuth1Error
from ..receiving import single_fields
from .captured import captured_request
from .curl import request_from_curl
from .diagnosing import find_base_string
from .har import har_entries, request_from_har
from .shell_words import holds_curl, refuse_other_programs, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .captured import CapturedRequest, Headers

    ReadFile = Callable[[str], bytes]

__all__ = ["KINDS", "NotRead", "Pasted", "kind_of", "read_pasted"]

KINDS = {
    "curl": "curl",
    "har": "HAR, a browser's log",
    "http": "HTTP",
    "header": "header fields alone",
    "url": "a URL",
    "answer": "a response of the server",
}
# In the order in which they are looked for, at the beginning of the text.
BEGINNINGS = (
    ("curl", re.compile(r"(?:\$[ \t]+)?(?:[^\s'\"]*[/\\])?curl(?:\.exe)?[ \t\r\n\\^]", re.IGNORECASE)),
    ("http", re.compile(r"[A-Z]{3,20}[ \t]+\S+[ \t]+HTTP/[0-9.]+[ \t]*(?:\r?\n|\Z)")),
    ("http", re.compile(r"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)[ \t]+(?:/|https?://)\S*[ \t]*(?:\r?\n|\Z)")),
    ("answer", re.compile(r"HTTP/[0-9.]+[ \t]+[0-9]{3}|WWW-Authenticate:|<|oauth_problem=", re.IGNORECASE)),
    ("header", re.compile(r"(?:Authorization:[ \t]*)?OAuth[ \t]", re.IGNORECASE)),
    ("header", re.compile(r"[A-Za-z0-9-]{1,40}:[ \t]*(?!//)\S")),
    ("url", re.compile(r"https?://[^\s<>\"]+\s*\Z", re.IGNORECASE)),
)
NOT_OF_OAUTH_1 = re.compile(r"(?:Authorization:[ \t]*)?Bearer[ \t]|eyJ[\w-]+[.][\w-]+[.]", re.IGNORECASE)
PROBLEM = re.compile("oauth_problem|[a-z]{4,20}_(?:invalid|refused|rejected|absent|used|unknown|expired)\\b")
LINE = re.compile(r"(.*?)(?:\r?\n|\Z)", re.DOTALL)
LENGTH = re.compile("[0-9]{1,18}")
GLOB_MESSAGE = "give --globoff"


class NotRead(ValueError):
    """The text cannot be read; ``start`` and ``end`` are the first place in it that did not fit.

    :param file: the name of a file that the command reads and whose text is missing, or "".
    :param instead: a text to try in its place, or "".
    """

    def __init__(self, message: str, start: int = 0, end: int = 0, file: str = "", instead: str = "") -> None:
        super().__init__(message)
        self.start = start
        self.end = end
        self.file = file
        self.instead = instead


class Pasted:
    """The result of reading a text.

    :param kind: one of KINDS.
    :param name: the kind as it is shown, such as ``"curl (cmd)"``.
    :param request: the request; ``None`` for an answer, or if something is missing.
    :param lacks: the missing part: ``"url"``, ``"entry"`` or ``""``.
    :param has_scheme: whether the text contains the scheme, http or https.
    :param entries: the requests of a log, each as (number, description, whether it is signed).
    :param notes: sentences about parts that were read in a surprising way.
    :param fields: the header fields, if the URL is missing.
    """

    __slots__ = ("kind", "name", "request", "lacks", "has_scheme", "entries", "notes", "fields")

    def __init__(
        self, kind: str, request: "CapturedRequest | None" = None, *, name: str = "", lacks: str = "",
        has_scheme: bool = True, entries: "list[tuple[int, str, bool]] | None" = None,
        notes: "list[str] | None" = None, fields: "Headers | None" = None,
    ) -> None:  # fmt: skip
        self.kind: str = kind
        self.name: str = name or KINDS[kind]
        self.request: "CapturedRequest | None" = request
        self.lacks: str = lacks
        self.has_scheme: bool = has_scheme
        self.entries: "list[tuple[int, str, bool]]" = entries or []
        self.notes: "list[str]" = notes or []
        self.fields: "Headers" = fields or []


def kind_of(text: str) -> str:
    """Return the kind of the text, one of KINDS, by its beginning.

    :raises NotRead: if the text is of no such kind. The message names a known other kind.
    """
    start = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    text = text[start:]
    if NOT_OF_OAUTH_1.match(text):
        raise NotRead("this is OAuth 2 or a JWT: only OAuth 1 is read here", start, start + len(first_line(text)))
    if text[:1] in ("{", "["):
        return "har" if '"entries"' in text else "answer"
    for kind, beginning in BEGINNINGS:
        if beginning.match(text):
            # Words before a base string look like a header field.
            is_answer = kind == "header" and "oauth" not in text.lower() and holds_base_string(text)
            return "answer" if is_answer else kind
    if PROBLEM.search(text) or holds_base_string(text):
        return "answer"
    if "curl" in text and holds_curl(text):
        return "curl"
    try:
        refuse_other_programs(text)
    except ValueError as error:
        raise NotRead(str(error), start, start + len(first_line(text))) from None
    message = "this is no request: paste a curl command, a HAR log, an HTTP request, header fields or a URL"
    raise NotRead(message, start, start + len(first_line(text)))


def read_pasted(
    text: str,
    read_file: "ReadFile",
    kind: str = "",
    *,
    scheme: str = "https",
    method: str = "",
    uri: str = "",
    entry: "int | None" = None,
) -> Pasted:
    """Return the pasted text as far as it can be read.

    :param text: the pasted text.
    :param read_file: returns the octets of a file that a curl command names.
    :param kind: one of KINDS; default: the kind that the beginning of the text shows.
    :param scheme: the scheme of a request whose text has none.
    :param method: the method, for header fields alone.
    :param uri: the URI, for header fields alone.
    :param entry: the number of a request of a log, from 0; default: the signed request, if only one is signed.
    :raises NotRead: if the text cannot be read.
    """
    kind = kind or kind_of(text)
    text = text.lstrip("\ufeff")
    try:
        if kind == "curl":
            return pasted_curl(text, read_file)
        if kind == "har":
            return pasted_har(text, entry)
        if kind == "http":
            return pasted_http(text, scheme)
        if kind == "header":
            return pasted_fields(text, method or "GET", uri)
        if kind == "url":
            return Pasted("url", captured_request("GET", text.strip().partition("#")[0], [], b""))
        return Pasted("answer")
    except NotRead:
        raise
    except (OAuth1Error, ValueError) as error:
        start = len(text) - len(text.lstrip())
        raise NotRead(str(error), start, start + len(first_line(text.lstrip()))) from None


def pasted_curl(text: str, read_file: "ReadFile") -> Pasted:
    try:
        words = words_of(text)
        request = request_from_curl(words, read_file)
    except ValueError as error:
        if GLOB_MESSAGE not in str(error):
            raise
        instead = re.sub(r"(curl(?:\.exe)?)", r"\1 --globoff", text, count=1, flags=re.IGNORECASE)
        raise NotRead(str(error), 0, len(first_line(text)), instead=instead) from None
    notes = []
    if single_fields(request[2]).get("content-type", "") == "multipart/form-data":
        notes.append("A multipart body is not signed, and was left out.")
    is_cmd = '^"' in text or first_line(text).rstrip().endswith("^")
    return Pasted("curl", request, name="curl (cmd)" if is_cmd else "curl (bash)", notes=notes)


def pasted_har(text: str, entry: "int | None") -> Pasted:
    entries = har_entries(text)
    signed = [number for number, _, is_signed in entries if is_signed]
    if entry is None and len(signed) != 1 and len(entries) != 1:
        return Pasted("har", lacks="entry", entries=entries)
    return Pasted("har", request_from_har(text, entry, takes_signed=True), entries=entries)


def pasted_http(text: str, scheme: str) -> Pasted:
    """Return the request of RFC 9112 section 2.1, with bare LF and folded lines allowed."""
    start = len(text) - len(text.lstrip("\r\n\t "))
    line = first_line(text[start:])
    words = line.split()
    if len(words) not in (2, 3):
        raise NotRead(
            "the first line of an HTTP request must be its method, its target and HTTP/1.1", start, start + len(line)
        )
    fields, body_start = fields_of(text, text.find("\n", start) + 1 or len(text))
    target = words[1]
    has_scheme = "://" in target.partition("?")[0]
    if not has_scheme:
        hosts = [value for name, value in fields if name.lower() == "host"]
        if len(hosts) != 1:
            message = "the request needs one Host field, or its whole URL in the first line"
            raise NotRead(message, start, start + len(line))
        target = scheme + "://" + hosts[0] + target
    octets, notes = body_of(text[body_start:], fields)
    fields = [field for field in fields if not (notes and field[0].lower() == "content-length")]
    request = captured_request(words[0], target.partition("#")[0], fields, octets)
    return Pasted("http", request, has_scheme=has_scheme, notes=notes)


def pasted_fields(text: str, method: str, uri: str) -> Pasted:
    start = len(text) - len(text.lstrip("\r\n\t "))
    if re.match("oauth[ \t]", text[start:], re.IGNORECASE):
        fields = [("Authorization", " ".join(text.split()))]
    else:
        fields, _ = fields_of(text, start)
    if not uri:
        return Pasted("header", lacks="url", fields=fields)
    fields = [field for field in fields if field[0].lower() != "content-length"]
    return Pasted("header", captured_request(method, uri.strip().partition("#")[0], fields, b""))


def fields_of(text: str, position: int) -> "tuple[Headers, int]":
    """Return the header fields that begin at a position, and where the body begins."""
    fields: "Headers" = []
    while position < len(text):
        match = LINE.match(text, position)
        assert match is not None  # a line may be empty
        line, position = match.group(1), match.end()
        if not line:
            break
        if line[0] in " \t" and fields:
            # "replace each received obs-fold with one or more SP octets" (RFC 9112 section 5.2)
            fields[-1] = (fields[-1][0], (fields[-1][1] + " " + line.strip()).strip())
            continue
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise NotRead(
                "this line is not a header field: write Name: value", match.start(), match.start() + len(line)
            )
        fields.append((name, value.strip(" \t")))
    return fields, position


def body_of(text: str, fields: "Headers") -> "tuple[bytes, list[str]]":
    """Return the body, and a note if its length is not the Content-Length."""
    octets = text.encode("utf-8", "surrogateescape")
    lengths = [value for name, value in fields if name.lower() == "content-length" and LENGTH.fullmatch(value)]
    if not lengths:
        return octets if octets.strip() else b"", []
    length = int(lengths[0])
    # A text box turns every line break into LF, and an editor ends a file with a line break.
    for candidate in (octets, octets.rstrip(b"\r\n"), octets.replace(b"\n", b"\r\n")):
        if len(candidate) == length:
            return candidate, []
    note = "The body is {} octets {} than its Content-Length says ({})."
    comparative = "longer" if len(octets) > length else "shorter"
    return octets, [note.format(abs(len(octets) - length), comparative, length)]


def holds_base_string(text: str) -> bool:
    try:
        return bool(find_base_string(text))
    except ValueError:
        return False


def first_line(text: str) -> str:
    return re.split("\r?\n", text, maxsplit=1)[0]
