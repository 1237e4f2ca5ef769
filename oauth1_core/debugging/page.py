"""The content of the debugger's page: ``work`` takes the text of the boxes (RFC 5849 sections 3.1 to 3.5).

The page runs this module in the reader's browser and shows its result: a state, its verdict and a *view*. A view is a
tree of ``[tag, attributes, child, ...]``, in which a child is text or another tree. So the page itself encodes, sorts
and signs nothing. ``as_html`` of a view gives the same page without a script.

Nothing is sent. Nothing is signed, shared or saved unless ``act`` says so. No view holds a secret that was entered; a
PLAINTEXT signature, which consists of the secrets, is masked.
"""

import json
import re

from .. import __version__
from ..credentials import ClientCredentials, PublicClientCredentials, TokenCredentials
from ..errors import (
    InsecureTransport,
    OAuth1Error,
    SigningError,
    VerificationError,
)
from ..masking import SHORTEST, Secrets, plainest, spellings, without_token_secret
from ..nonce import generate_nonce
from ..parameters import decode_form
from ..percent_encoding import percent_decode, percent_encode
from ..problem_reporting import problem_report
from ..receiving import LIMITS, parse_request, single_fields
from ..signature_methods import HMAC_METHODS, PLAINTEXT, RSA_METHODS, body_hash
from ..signing import sign
from ..transmission import (
    FORM,
    authorization_header,
    form_encoded_body,
    parse_authorization_header,
    request_uri,
    split_scheme,
)
from ..uris import query_of
from .captured import declares_form, is_signed
from .curl import curl_line, printable
from .diagnosing import compare_base_strings, diagnose, find_base_string, without_protocol
from .explaining import Explanation, Step, explain_request, signature_steps, visible
from .fields import fields_of, text_of
from .pasted import KINDS, NotRead, read_pasted
from .side_by_side import side_by_side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..receiving import AuthenticatedRequest
    from ..signature_methods import SignatureMethod
    from .captured import CapturedRequest
    from .diagnosing import Finding
    from .pasted import Pasted

    Asked = dict[str, Any]
    Result = dict[str, Any]
    View = list[Any]

__all__ = ["as_html", "work"]

MASK = "MASKED"
# Searched in a name in lower case, of which only letters and digits are left.
MASKED_NAME = re.compile(
    "verifier|secret|pass(?:w|phrase|code|$)|pwd|apikey|session|sessid|sesskey|token|signature|credential|bearer|jwt"
    "|^(?:access)?key$"
)
NAME_START, NAME_END = ("[&;?#\\s]", "[&;?#\\s\"']"), re.compile("[\"']?\\s{0,9}[=:]")
NOT_MASKED = ("oauth_token", "oauth_signature_method")
# The credentials that RFC 5849 prints in sections 1.2 and 3.1: the secret of each identifier.
TEMPORARY_SECRET = "hdhd0244k9j7ao03"
EXAMPLE = "Its credentials are printed in RFC 5849: their secrets are filled in."
PUBLISHED = {
    "dpf43f3p2l4k3l03": "kd94hf93k423kf44",
    "nnch734d00sl2jdk": "pfkkdhi9sl3r4s00",
    "hh5s93j4hdidpola": TEMPORARY_SECRET,
    "9djdj82h48djs9d2": "j49sk3j29djd",
    "kkk9d7dh3k39sjv7": "dh893hdasih9",
}
METHODS = {method.name: method for method in HMAC_METHODS + (PLAINTEXT,)}
LONGEST_LINK = 8000
NOT_TEXT = ("entry", "fields", "files", "no_client_secret", "now", "sign", "timestamp", "body_hash")
LATEST = 1e15
# A surrogate, but not one that stands for an octet which is not UTF-8.
HALF = re.compile("[\ud800-\udc7f\udd00-\udfff]")
# More pieces than this are shown as text, without a label for each.
MOST_PIECES = 400
SOURCES = {
    "m": "the method",
    "u": "the URI",
    "q": "the query",
    "h": "the header",
    "f": "the form",
    "s": "the signature",
}
LEGEND = (
    "The label of a piece says where the piece comes from: m is the method, u the URI, q1 the first pair of the query, "
    "h1 of the Authorization header, f1 of the form."
)
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
# For each oauth_problem, or the word that servers write in its place: its subject, its meaning, the next step.
PROBLEMS = {
    "signature_invalid": ("the signature", "The server computed another signature for this request.",
        "Paste the request and enter the secrets: this page says what is different."),
    "invalid_signature": ("the signature", "The server computed another signature for this request.",
        "Paste the request and enter the secrets: this page says what is different."),
    "timestamp_refused": ("the clock", "The timestamp is too far from the server's clock, or is no number of seconds.",
        "Set the clock of the machine that signs, and send seconds, not milliseconds."),
    "nonce_used": ("the nonce", "The server has seen this nonce with this timestamp before.",
        "Sign each attempt again. Look for a retry, redirect or double click that sent the request twice."),
    "consumer_key_unknown": ("the client", "The server does not know oauth_consumer_key.",
        "Compare it with the issued identifier. It must belong to this server and environment."),
    "consumer_key_rejected": ("the client", "The server does not accept this client.",
        "Ask the provider whether the client is active and may make this request."),
    "token_rejected": ("the token", "The server does not accept oauth_token.",
        "Use the token of the last response, with the secret of the same response."),
    "token_expired": ("the token", "The token is too old.", "Log in again for a new one."),
    "token_used": ("the token", "The temporary credentials were exchanged before.", "Begin the login again."),
    "token_revoked": ("the token", "The user or the server withdrew the access.", "Log in again."),
    "permission_denied": ("the permission", "The user said no.", "Tell the user that access was denied."),
    "permission_unknown": ("the permission", "The user has not decided yet.", "Send the user to the server first."),
    "verifier_invalid": ("the verification code", "oauth_verifier is not the code that the user received.",
        "Use the code of this login, and use it once."),
    "parameter_absent": ("the form of the request", "A parameter is missing.",
        "Add the parameter that oauth_parameters_absent names."),
    "parameter_rejected": ("the form of the request", "A parameter is not allowed, or appears twice.",
        "Send each protocol parameter once, in one place."),
    "version_rejected": ("the form of the request", "oauth_version is not 1.0.", "Send 1.0, or leave it out."),
    "signature_method_rejected": ("the form of the request", "The server does not accept this signature method.",
        "Use a method that the server's documentation names."),
}  # fmt: skip
EMPTY_KINDS = (
    ("a curl command", "curl 'http://photos.example.net/photos' -H 'Authorization: OAuth ...'"),
    ("an HTTP request", "GET /photos HTTP/1.1"),
    ("a browser's log (HAR)", '{"log": {"entries": ['),
    ("the header alone", 'Authorization: OAuth oauth_consumer_key="..."'),
    ("a URL", "http://photos.example.net/photos?oauth_signature=..."),
    ("the server's response", "oauth_problem=signature_invalid"),
    ("a base string", "GET&http%3A%2F%2Fphotos.example.net%2Fphotos&..."),
)


def work(text: str) -> str:
    """Take the text of the boxes as JSON, and return what the page shows as JSON.

    Each member may be absent.

    - ``request`` and ``answer`` are the two texts. ``kind``, ``scheme``, ``method``, ``uri``, ``entry`` and ``files``
      say how the request is read. ``assumed`` is the scheme of the last result; it serves a text without a scheme.
    - ``client_secret``, ``token_secret``, ``other_secret``, ``other_uri`` and ``no_client_secret`` serve the check.
    - ``before`` is the text before the reader edited it. ``now`` is the time in seconds.
    - ``view`` is ``"fields"`` to get the request as fields; ``fields`` are the fields that the reader changed.
    - ``tables`` are the numbers of the steps to show as tables, separated by spaces.
    - ``act`` is ``"sign"`` (with ``sign``), ``"share"`` or ``"save"`` (with ``share``), or ``"open"`` (with
      ``fragment``).
    """
    acts = {"sign": signed_anew, "share": shared, "save": saved, "open": opened}
    try:
        asked = entered(json.loads(text), NOT_TEXT)
        asked.update(sign=entered(asked.get("sign", {}), NOT_TEXT), files=entered(asked.get("files", {})))
        if asked.get("fields"):
            asked["fields"] = entered(asked["fields"], ("headers", "form"))
        act = asked.get("act")
        return json.dumps(acts[act](asked) if act else shown(asked))
    except Exception as error:
        # The reader always gets a result. The message of the error may hold a part of the request, so it is not shown.
        words = "This page failed ({}); this says nothing about the request".format(type(error).__name__)
        return json.dumps(result_of("fault", words, signed=False, error=words))


def entered(members: "Any", others: "Sequence[str]" = ()) -> "Asked":
    """Return the members of a JSON object. Each is text or a list of pairs of texts, except for ``others``.

    Half a surrogate pair that represents no octet becomes U+FFFD, as in a browser.
    """
    clean = {}
    for name, value in members.items():
        if isinstance(value, str):
            value = HALF.sub("\ufffd", value)
        elif isinstance(value, list):
            value = [tuple([HALF.sub("\ufffd", text) for text in pair]) for pair in value]
        elif name not in others:
            raise TypeError("a member is not text")
        clean[HALF.sub("\ufffd", name)] = value
    return clean


# Results


def shown(asked: "Asked") -> "Result":
    """Return the result for the text of the boxes."""
    written: "Result" = {}
    if asked.get("fields"):
        written = {"request": text_of_fields(asked)}
        asked = dict(asked, kind="", **written)
    text, answer = asked.get("request", ""), asked.get("answer", "")
    if not text.strip():
        return answered(answer) if answer.strip() else empty()
    try:
        pasted = pasted_of(asked)
    except NotRead as error:
        return dict(not_read(text, error), **written)
    if pasted.kind == "answer":
        result = answered(text)
        result["moves"] = True
        return result
    if pasted.request is None:
        result = wanting(pasted)
    else:
        result = judged(asked, pasted.request)
        if not pasted.has_scheme and not asked.get("scheme"):
            pasted, result = assuming(asked, pasted, result)
    result.setdefault("signed", True)
    result.update(written)
    if asked.get("view") == "fields" and pasted.request:
        result["fields"] = fields_of(pasted.request)
    result.update(
        kind=pasted.kind, name=pasted.name, lacks=pasted.lacks, has_scheme=pasted.has_scheme, entries=pasted.entries,
    )  # fmt: skip
    tables = [each for each in result["view"] if each[1].get("id") == "comparison" and each[-1][0] == "table"]
    steps = [each for each in result["view"] if each[1].get("id") == "steps"]
    for each in (tables + steps)[:1]:
        each.insert(3, el("p", {"class": "note"}, LEGEND))
    if pasted.notes:
        result["view"].insert(0, el("p", {"class": "note"}, " ".join(pasted.notes)))
    if answer.strip() and "compared" not in result:
        result["view"].append(section("servers-answer", "The server's response", *meaning(answer)))
    return result


def judged(asked: "Asked", request: "CapturedRequest") -> "Result":
    try:
        return received(asked, request) if is_signed(request) else unsigned(request)
    except VerificationError as error:
        return refused(request, error)


def assuming(asked: "Asked", pasted: "Pasted", result: "Result") -> "tuple[Pasted, Result]":
    """Return a request whose text has no scheme, with the scheme that explains its signature, and its result.

    The result has the scheme as ``assumed``, and its view says that the scheme was assumed.
    """
    scheme = asked.get("assumed") or "https"
    other = "http" if scheme == "https" else "https"
    if result["state"] == "unknown" or "another-scheme" in result.get("findings", []):
        asked = dict(asked, scheme=other)
        another = pasted_of(asked)
        assert another.request is not None  # only its scheme is another
        found = judged(asked, another.request)
        is_cause = found["state"] == "causes" and "another-scheme" not in found["findings"]
        if is_cause or found["state"] in ("matches", "edited"):
            pasted, result, scheme, other = another, found, other, scheme
    words = "The request does not contain its scheme. This page takes {}"
    words += ", which explains the signature. " if result["state"] in ("matches", "edited", "causes") else ". "
    note = el("p", {"class": "note"}, words.format(scheme), button("Use " + other, "scheme", other))
    result["view"].insert(0, note)
    result["assumed"] = scheme
    return pasted, result


def text_of_fields(asked: "Asked") -> str:
    """Return the text of the request with the fields that the reader changed."""
    try:
        before = pasted_of(asked)
        return text_of(asked["fields"], before.request, before.kind)
    except NotRead:
        return text_of(asked["fields"])


def pasted_of(asked: "Asked") -> "Pasted":
    files = asked.get("files", {})

    def read_file(name: str) -> bytes:
        if name not in files:
            raise NotRead("the command reads the file {}: paste the text of the file".format(ascii(name)), file=name)
        octets: bytes = files[name].encode("utf-8", "surrogateescape")
        return octets

    entry = asked.get("entry")
    try:
        number = None if entry is None else int(entry)
    except (TypeError, ValueError, OverflowError):
        raise NotRead("choose a request of the log by its number") from None
    return read_pasted(
        asked.get("request", ""), read_file, asked.get("kind", ""), uri=asked.get("uri", ""), entry=number,
        scheme=asked.get("scheme") or asked.get("assumed") or "https", method=asked.get("method", ""),
    )  # fmt: skip


def result_of(state: str, verdict: str, *view: "View", **more: "Any") -> "Result":
    return dict(more, state=state, verdict=verdict, view=list(view))


def empty() -> "Result":
    rows = [el("li", {}, "{}: ".format(name), el("code", {}, example)) for name, example in EMPTY_KINDS]
    return result_of("empty", "Paste a request, or the server's response", el("ul", {}, *rows), signed=False)


def not_read(text: str, error: NotRead) -> "Result":
    # The part that did not fit, after at most 60 characters of its line.
    begin = text.rfind("\n", 0, error.start) + 1
    place = text[error.start : error.end][:200]
    view = [el("p", {}, "{}.".format(sentence(str(error))))]
    if place:
        view.append(el("pre", {}, text[begin : error.start][-60:], el("mark", {}, visible(place))))
    if error.instead:
        view.append(el("p", {}, button("Add --globoff", "replace", error.instead)))
    return result_of("not-read", "Not read", *view, signed=False, start=error.start, end=error.end, file=error.file)


def wanting(pasted: "Pasted") -> "Result":
    if pasted.lacks == "entry":
        text = "The log holds {} requests: choose one".format(len(pasted.entries))
        return result_of("waits", text, signed=False)
    view = []
    try:
        pairs = parse_authorization_header(single_fields(pasted.fields).get("authorization", ""))
    except VerificationError as error:
        pairs = []
        view.append(el("p", {"class": "error"}, sentence(str(error)) + "."))
    is_plaintext = ("oauth_signature_method", "PLAINTEXT") in pairs
    rows = [(name, MASK if is_plaintext and name == "oauth_signature" else value) for name, value in pairs]
    view.append(table("The parameters of the header", ("Name", "Value"), rows))
    return result_of("waits", "Which request does this belong to? Enter its method and URL", *view)


def unsigned(request: "CapturedRequest") -> "Result":
    method, uri, _, _ = request
    words = "{} {} has no oauth_signature in its Authorization header, its URL or its form."
    return result_of(
        "unsigned", "This request is not signed",
        el("p", {}, words.format(method, visible(uri.partition("?")[0]))),
        el("p", {}, "If this request was refused, copy it as it was sent: your code may add the signature later. "
            "To sign the request here, choose Sign it."),
        el("p", {}, button("Sign it", "sign", "")),
        signed=False,
    )  # fmt: skip


def received(asked: "Asked", request: "CapturedRequest") -> "Result":
    """Return the result for a request that bears a signature."""
    try:
        parsed = parse_request(*request)
    except VerificationError as error:
        return refused(request, error)
    name = parsed.signature_method
    who: "Result" = {
        "client": parsed.client_identifier, "token": parsed.token_identifier, "method": name,
        "realm": parsed.realm or "", "base_string": "" if name == "PLAINTEXT" else parsed.base_string,
    }  # fmt: skip
    rsa = [method.name for method in RSA_METHODS]
    if name in rsa:
        command = "oauth1 verify --key public.pem FILE"
        words = "{} needs a key from a file, and this page reads no key. Use the command line:".format(name)
        view = [el("p", {}, words), el("pre", {}, command), *steps_view(explain_request(parsed).steps, asked)]
        return result_of("rsa", "Base string made. RSA is checked on the command line", *view, **who)
    if name not in METHODS:
        words = "✗ A server would answer 400: the signature method {} is unknown"
        return result_of(
            "refused", words.format(visible(name)), *steps_view(explain_request(parsed).steps, asked), **who
        )
    missing = missing_secrets(asked, parsed)
    if missing:
        who["missing"] = missing
        if name == "PLAINTEXT":
            result, steps = result_of("plaintext", "The signature is the secrets", **who), []
        else:
            verdict = "Read, base string made. To check the signature, enter the secrets"
            result, steps = result_of("secrets-missing", verdict, **who), explain_request(parsed).steps
        compare(asked, parsed, result)
        result["view"] += steps_view(steps, asked) + [not_covered(parsed)]
        return result
    return checked(asked, request, parsed, who)


def missing_secrets(asked: "Asked", parsed: "AuthenticatedRequest") -> "list[str]":
    missing = []
    if not asked.get("client_secret") and not asked.get("no_client_secret"):
        missing.append("client_secret")
    if parsed.token_identifier is not None and not asked.get("token_secret"):
        missing.append("token_secret")
    return missing


def credentials_of(
    asked: "Asked", client: str, token: "str | None"
) -> "tuple[ClientCredentials, TokenCredentials | None]":
    secret = asked.get("client_secret", "")
    is_public = asked.get("no_client_secret")
    credentials = PublicClientCredentials(client) if is_public else ClientCredentials(client, secret)
    return credentials, None if token is None else TokenCredentials(token, asked.get("token_secret", ""))


def checked(asked: "Asked", request: "CapturedRequest", parsed: "AuthenticatedRequest", who: "Result") -> "Result":
    """Return the result where the secrets are there."""
    client, token = credentials_of(asked, parsed.client_identifier, parsed.token_identifier)
    method = METHODS[parsed.signature_method]
    others = [asked[name] for name in ("other_secret",) if asked.get(name)]
    # No server accepts a longer URI.
    uris = [asked["other_uri"]] if 0 < len(asked.get("other_uri", "")) <= LIMITS.uri else []
    try:
        findings = diagnose(*request, client, token, other_secrets=others, other_uris=uris)
    except InsecureTransport:
        words = "It was sent without TLS, so a server refuses it. Replace the secrets: others may have read them."
        return result_of("plaintext", "The signature is the secrets", el("p", {}, words), not_covered(parsed), **who)
    is_plaintext = parsed.signature_method == "PLAINTEXT"
    before = ""
    if findings and findings[0].id == "unknown":
        before = base_string_before(asked)
        if before and not method.verify(parsed.signature, before, client.secret, "" if token is None else token.secret):
            before = ""
    if is_plaintext:
        verdict, state = "The signature is the secrets", "plaintext"
    elif not findings:
        verdict, state = "✓ The signature matches this request", "matches"
    elif before:
        verdict, state, findings = "✗ The signature belongs to the request before your edit", "edited", []
    elif findings[0].id == "unknown":
        verdict, state = "✗ " + vain(findings[0]), "unknown"
    else:
        verdict, state = "✗ " + " ".join([each.happened for each in findings]).rstrip("."), "causes"
    result = result_of(state, verdict, **who)
    view = result["view"]
    if is_plaintext:
        words = (
            "The secrets are {}those that you entered. A reader of this request can sign others: send it over TLS only."
        )
        view.append(el("p", {}, words.format("not " if findings else "")))
    elif before:
        view.append(el("p", {}, "The secrets are right. Undo the edit, or sign the request again."))
        view.append(two_base_strings(explain_request(parsed).steps[-1].pieces, before, "Before your edit"))
    elif not findings:
        view.append(el("p", {}, age_of(parsed.timestamp, now_of(asked))))
        view.append(el("p", {}, "Only the server knows whether the nonce is fresh."))
    if findings:
        more = [advice_view(asked)] if state == "unknown" else []
        view.append(section("findings", "What happened", *[finding_view(each) for each in findings], *more))
    result["findings"] = [each.id for each in findings]
    explanation = explain_request(parsed)
    if findings and findings[-1].base_string and not is_plaintext:
        signed = findings[-1].base_string
        view.append(two_base_strings(explanation.steps[-1].pieces, signed, "As it was signed"))
    compare(asked, parsed, result)
    if not is_plaintext:
        steps = explanation.steps
        right = method.sign(parsed.base_string, client.secret, "" if token is None else token.secret)
        steps += signature_steps(method, client.secret, "" if token is None else token.secret, right)
        if authorization_of(request):
            pairs = [pair for pair in parsed.protocol_parameters if pair[0] != "oauth_signature"]
            rule = "Parameter names and values are encoded per Parameter Encoding (Section 3.6)."
            try:
                header = authorization_header([*pairs, ("oauth_signature", right)], parsed.realm)
                steps.append(Step("Authorization header, signed with these secrets", "3.5.1", rule, [("", header)]))
            except SigningError:
                pass  # the realm arrived with octets that a header must not hold
        view += steps_view(steps, asked)
    view.append(not_covered(parsed))
    return result


def base_string_before(asked: "Asked") -> str:
    """Return the base string of the request before the edit; "" if there was no signed request."""
    try:
        request = pasted_of(dict(asked, request=asked.get("before", ""), kind="")).request
        before = None if request is None else parse_request(*request)
    except (NotRead, VerificationError):
        return ""
    return before.base_string if before else ""


def vain(finding: "Finding") -> str:
    tried = re.search(r"\(([0-9]+) combinations", finding.done)
    return "None of the known mistakes, nor a pair of them, explains it{}".format(
        " ({} tried)".format(tried.group(1)) if tried else ""
    )


def refused(request: "CapturedRequest", error: VerificationError) -> "Result":
    """Return the result for a request that a server refuses before it checks the signature."""
    verdict = "✗ A server would answer {}: {}".format(error.status, error)
    view = []
    try:
        findings = diagnose(*request, ClientCredentials("", ""))
        verdict = "✗ " + findings[0].happened.rstrip(".")
        view.append(section("findings", "What happened", *[finding_view(each) for each in findings]))
    except OAuth1Error:
        view.append(el("p", {}, "Check ", el("code", {}, visible(error.parameter or "the request")), "."))
    words = "A server refuses this request before it checks the signature (section 3.2)."
    return result_of("refused", verdict, *view, el("p", {}, words))


def answered(answer: str) -> "Result":
    """Return the result for an answer of the server, without a request."""
    problem = problem_of(answer)
    verdict = "Read: a response of the server"
    if problem in PROBLEMS:
        verdict = "{}: {}".format(problem, PROBLEMS[problem][0])
    view = meaning(answer)
    try:
        base_string = find_base_string(answer)
        view.append(el("p", {}, "The response holds a base string. Paste the request too, to compare both."))
        view.append(el("pre", {}, visible(base_string)))
        verdict = verdict if problem else "A base string: paste the request too"
    except ValueError:
        pass
    return result_of("answer", verdict, *view, kind="answer", name=KINDS["answer"], signed=False)


def problem_of(answer: str) -> str:
    """Return the ``oauth_problem`` of an answer, wherever it is; "" if there is none."""
    fields = [
        (name.strip(), value.strip())
        for name, colon, value in [line.partition(":") for line in answer.splitlines()]
        if colon
    ]
    body = re.split("\r?\n\r?\n", answer, maxsplit=1)[-1].strip()
    reported = problem_report(fields, body.encode("utf-8", "surrogateescape")).get("oauth_problem")
    if reported:
        return reported
    for match in re.finditer("[a-z_]{5,30}", answer.lower()):
        if match.group() in PROBLEMS:
            return match.group()
    return ""


def meaning(answer: str) -> "list[View]":
    problem = problem_of(answer)
    if problem in PROBLEMS:
        about, means, next_step = PROBLEMS[problem]
        return [el("p", {}, el("code", {}, problem), ": ", about, ". ", means), el("p", {}, next_step)]
    if problem:
        return [el("p", {}, "The server says ", el("code", {}, visible(problem)), ".")]
    return [el("p", {}, "The response names no oauth_problem.")]


def compare(asked: "Asked", parsed: "AuthenticatedRequest", result: "Result") -> None:
    """Add to the result the differences from the base string in the server's answer, if the answer holds it."""
    answer = asked.get("answer", "")
    if not answer.strip() or parsed.signature_method == "PLAINTEXT":
        return
    try:
        differences = compare_base_strings(parsed.base_string, answer)
    except (ValueError, OAuth1Error):
        return
    result["compared"] = True
    if differences:
        verdict = "The base strings differ in: " + ", ".join([visible(each.field) for each in differences])
    else:
        verdict = "The base strings are equal: the key differs"
    if result["state"] in ("secrets-missing", "unknown"):
        result.update(state="compared", verdict=("✗ " if differences else "") + verdict)
    children = [*meaning(answer)] if problem_of(answer) else []
    children.append(el("p", {}, verdict + "."))
    for each in differences:
        rows = [("Yours", each.ours or "nothing"), ("The server's", each.theirs or "nothing")]
        children.append(table(visible(each.field), ("", "Base string"), rows))
    causes = {cause.id: cause for each in differences for cause in each.causes}
    children += [finding_view(each) for each in causes.values()]
    result["view"].append(section("servers-answer", "Compared with the server's base string", *children))
    try:
        theirs = find_base_string(answer)
        result["view"].append(two_base_strings(explain_request(parsed).steps[-1].pieces, theirs, "The server's"))
    except ValueError:
        pass  # the server shows it decoded: the table above has the differences


# The parts of a view.


def el(tag: str, attributes: "dict[str, str]", *children: "View | str") -> "View":
    return [tag, attributes, *children]


def as_html(view: "View | str") -> str:
    """Return a view as HTML; all text is escaped."""
    from html import escape

    if isinstance(view, str):
        return escape(view, quote=False)
    tag, attributes, *children = view
    written = "".join([' {}="{}"'.format(name, escape(value)) for name, value in attributes.items()])
    return "<{0}{1}>{2}</{0}>".format(tag, written, "".join([as_html(child) for child in children]))


def section(name: str, title: str, *children: "View | str") -> "View":
    heading = el("h2", {"id": "heading-" + name}, title)
    return el("section", {"id": name, "aria-labelledby": "heading-" + name}, heading, *children)


def button(words: str, does: str, what: str) -> "View":
    attributes = {"type": "button", "class": "quiet", "data-does": does}
    if what:
        attributes["data-what"] = what
    return el("button", attributes, words)


def copy_button(what: str) -> "View":
    """Return the button that copies the text of the block beside it."""
    copied = button("Copy", "copy", "")
    copied[1]["aria-label"] = "Copy " + what
    return copied


def table(caption: str, titles: "tuple[str, ...]", rows: "Sequence[tuple[str, ...]]") -> "View":
    head = el("tr", {}, *[el("th", {"scope": "col"}, title or "Whose") for title in titles])
    body = [
        el(
            "tr",
            {},
            el("th", {"scope": "row"}, visible(first)),
            *[el("td", {}, el("code", {}, visible(cell))) for cell in rest],
        )
        for first, *rest in rows
    ]
    return el(
        "div", {"class": "scrolls"},
        el("table", {"class": "plain"}, el("caption", {}, caption), el("thead", {}, head), el("tbody", {}, *body)),
    )  # fmt: skip


def finding_view(finding: "Finding") -> "View":
    rows = [
        el("dt", {}, "What RFC 5849 requires, section " + finding.section), el("dd", {}, visible(finding.wants) + "."),
        el("dt", {}, "How to fix it"), el("dd", {}, visible(finding.fix) + "."),
    ]  # fmt: skip
    if finding.alike:
        rows.append(el("dt", {}, "Other causes that give the same signature"))
        rows += [el("dd", {}, visible(each.happened)) for each in finding.alike]
    return el("section", {"class": "finding"}, el("h3", {}, visible(finding.happened)), el("dl", {}, *rows))


def advice_view(asked: "Asked") -> "View":
    advice = [
        "Another secret, for example the secret of the temporary credentials: enter it under Another secret to try.",
        "Another URL, for example the URL behind a proxy or after a redirect.",
        "The server's base string: if the server's response holds it, paste the response.",
    ]
    if asked.get("other_secret"):
        advice = advice[1:]
    return el("section", {}, el("h3", {}, "What to try"), el("ul", {}, *[el("li", {}, each) for each in advice]))


def two_base_strings(pieces: "list[tuple[str, str]]", theirs: str, title: str) -> "View":
    """Return both base strings in rows, with the differences marked."""
    rows = side_by_side(pieces, theirs)
    ours = "".join([text for _, text in pieces])
    only = "only signed" if title == "As it was signed" else "only there"
    children = []
    if ours == theirs:
        rows = []
        children.append(
            el("p", {}, "The two base strings are equal. The difference is in the secrets, or in the signature step.")
        )
    elif not rows:
        children.append(el("p", {}, "The base strings have too many pieces to compare them side by side."))
    body = []
    for row in rows:
        head = el("th", {"scope": "row", "role": "rowheader"}, row.label or only)
        if row.differs:
            head += [" ", el("b", {"class": "error"}, el("abbr", {"title": "differs"}, "≠"))]
        cells = [
            el("td", {"role": "cell", "data-title": title}, *(marked(parts) or [el("i", {}, "nothing")]))
            for title, parts in (("As required", row.ours), ("As signed", row.theirs))
        ]
        body.append(el("tr", dict({"role": "row"}, **({"class": "refused"} if row.differs else {})), head, *cells))
    if body:
        columns = [
            el("th", {"scope": "col", "role": "columnheader"}, each)
            for each in ("From", "As RFC 5849 requires it", title)
        ]
        children += [
            el("p", {}, button("Next difference", "next", "")),
            el(
                "table", {"class": "stacked", "role": "table"},
                el("caption", {}, "Comparison piece by piece: ≠ and a frame mark each difference"),
                el("thead", {"role": "rowgroup"}, el("tr", {"role": "row"}, *columns)),
                el("tbody", {"role": "rowgroup"}, *body),
            ),
        ]  # fmt: skip
    return section("comparison", "The two base strings", *children)


def marked(parts: "tuple[str, str, str]") -> "list[View]":
    texts = [each for each in (visible(parts[0]), el("mark", {}, visible(parts[1])), visible(parts[2])) if each]
    if not parts[1]:
        texts = [text for text in texts if isinstance(text, str)]
    return [el("code", {}, *texts)] if texts else []


def steps_view(steps: "list[Step]", asked: "Asked") -> "list[View]":
    """Return the steps, each a region with its heading and sentence, and those in ``tables`` with their table."""
    if not steps:
        return []
    lines = piece_lines(steps)
    is_long = len(lines) > MOST_PIECES  # before the lines are taken
    opened = asked.get("tables", "").split()
    children = []
    for number, step in enumerate(steps, 1):
        title = "{}. {}".format(number, step.title)
        name = "step-{}".format(number)
        texts: "list[Any]" = []
        for label, text in step.pieces:
            text = visible(text) if label else text
            if label and not is_long:
                attributes = {"class": "from-" + label[0], "data-piece": label}
                if label in lines:
                    # Only once: the page finds the line by the label.
                    attributes["data-line"] = lines.pop(label)
                texts.append(el("span", attributes, el("sup", {}, label), text))
            else:
                texts.append(text)
        has_rows = not is_long and len([label for label, _ in step.pieces if label]) > 1
        is_open = has_rows and str(number) in opened
        buttons = [copy_button("step {}".format(number))]
        if has_rows:
            buttons.insert(0, button("Hide the table" if is_open else "As a table", "table", str(number)))
            buttons[0][1].update({"aria-expanded": str(is_open).lower(), "aria-describedby": "heading-" + name})
        children.append(
            el(
                "section", {"id": name, "aria-labelledby": "heading-" + name, "class": "step"},
                el("h3", {"id": "heading-" + name}, title + " ", el("small", {}, "section " + step.section)),
                el("blockquote", {}, step.rule),
                el("div", {"class": "copied"}, *buttons),
                el("pre", {"class": "pieces", "tabindex": "0", "role": "group", "aria-label": step.title}, *texts),
                *(pieces_table(step) if is_open else []),
            )
        )  # fmt: skip
    return [section("steps", "The base string, step by step", *children)]


def piece_lines(steps: "list[Step]") -> "dict[str, str]":
    """Return a line about each piece, by its label."""
    lines = {"m": "m, the method", "u": "u, the URI", "s": "s, the signature"}
    sent, decoded, ordered = [[piece for piece in steps[index].pieces if piece[0]] for index in (3, 4, 6)]
    places = {label: number for number, (label, _) in enumerate(ordered, 1)}
    for (label, text), (_, pair) in zip(sent, decoded):
        number = int(label[1:])
        ordinal = "pair {}".format(number)
        if number <= len(ORDINALS):
            ordinal = ORDINALS[number - 1] + " pair"
        line = "{}, {} of {}; sent {}; decoded {}; sorted as number {}"
        text = text.partition(" ")[2].strip()
        lines[label] = visible(line.format(label, ordinal, SOURCES[label[0]], text, pair, places[label]))
    return lines


def pieces_table(step: "Step") -> "list[View]":
    """Return the labelled pieces of a step as a table, and the button that copies it with tabs between the cells."""
    titles = ("Label", "Source", "Name", "Value")
    rows = []
    for label, text in step.pieces:
        if label:
            name, value = pair_of(step, text) if label[0] in "qhf" else ("", text)
            rows.append((label, SOURCES[label[0]].partition(" ")[2], visible(name), visible(value)))
    lines = "\n".join(["\t".join(row) for row in [titles, *rows]])
    copied = button("Copy the table", "copy", lines)
    return [table("{}, as a table".format(step.title), titles, rows), el("p", {}, copied)]


def pair_of(step: "Step", text: str) -> "tuple[str, str]":
    """Return the name and the value of a piece, as the step writes them."""
    if step.section == "3.4.1.3":
        name, _, value = text[1:-1].partition('" = "')
    elif step.section == "3.4.1.1":
        name, _, value = text.partition("%3D")
    elif step.section == "3.4.1.3.1":  # behind the name of the source
        name, _, value = text.partition(" ")[2].strip().partition("=")
    else:
        name, _, value = text.partition("=")
    return name.strip(), value.strip()


def not_covered(parsed: "AuthenticatedRequest") -> "View":
    """Return the parts of this request that could change while the signature still matches."""
    items = ["The header fields other than Authorization, and the realm.", "The response of the server."]
    names = [name for name, _ in parsed.parameters if not name.startswith("oauth_")]
    if parsed.body and not parsed.is_form and parsed.body_hash is None:
        items.insert(0, "The body: it is not a form, and the request has no oauth_body_hash.")
    if names:
        items.insert(0, "The place of a parameter (query or form), and how it is encoded there.")
    repeated = sorted({visible(name) for name in names if names.count(name) > 1})
    if repeated:
        items.insert(0, "The order of the values of {}.".format(", ".join(repeated)))
    if parsed.signature_method == "PLAINTEXT":
        items = ["Anything: with PLAINTEXT the signature is the same for every request."]
    rows = [el("li", {}, item) for item in items]
    return section("not-covered", "What the signature does not cover", el("ul", {}, *rows))


def now_of(asked: "Asked") -> "int | None":
    now = asked.get("now")
    return int(now) if isinstance(now, (int, float)) and abs(now) < LATEST else None


def age_of(timestamp: "int | None", now: "int | None") -> str:
    if timestamp is None or now is None:
        return "The request has no timestamp to judge."
    seconds = now - timestamp
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1)):
        if abs(seconds) >= 2 * length:
            where = "behind" if seconds > 0 else "ahead of"
            words = (
                "Its timestamp is {} {} {} the clock of this computer. Most servers accept a difference of 5 minutes."
            )
            return words.format(abs(seconds) // length, unit, where)
    return "Its timestamp agrees with the clock of this computer."


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")


# Acts of the reader


def signed_anew(asked: "Asked") -> "Result":
    """Return the request signed with the secrets, in each place that can hold a signature."""
    options = asked.get("sign", {})
    try:
        pasted = pasted_of(asked)
        if pasted.request is None:
            raise ValueError("there is no whole request to sign")
        method, uri, headers, body = without_signature(pasted.request)
        name = options.get("method") or "HMAC-SHA1"
        if name not in METHODS:
            raise ValueError("this page does not sign with {}: choose another method".format(visible(name)))
        signature_method: "SignatureMethod" = METHODS[name]
        client, token = credentials_of(asked, options.get("client", ""), options.get("token") or None)
        if not client.identifier:
            raise ValueError("the client identifier is missing")
        if not client.secret and not asked.get("no_client_secret"):
            raise ValueError("the client secret is missing")
        form = body if declares_form(headers) else b""
        more = []
        if options.get("body_hash"):
            if declares_form(headers):
                raise ValueError("a form has no body hash: its parameters are signed instead")
            more = [("oauth_body_hash", body_hash(body, getattr(signature_method, "digest", "sha1")))]
        timestamp = options.get("timestamp") or now_of(asked)
        if timestamp is None:
            raise ValueError("the timestamp is missing")
        nonce = options.get("nonce") or generate_nonce()
        parameters = sign(
            method, uri, client, token, form=form, protocol_parameters=more, signature_method=signature_method,
            timestamp=timestamp, nonce=nonce,
        )  # fmt: skip
        header = authorization_header(parameters, options.get("realm") or None)
        outputs = [
            ("Header", "Authorization: " + header),
            ("curl", curl_line(method, uri, [*headers, ("Authorization", header)], body)),
        ]
        if signature_method is not PLAINTEXT:
            outputs.append(("URL", printable(request_uri(parameters, uri))))
        if method not in ("GET", "HEAD") and declares_form(headers, FORM if not body else ""):
            outputs.append(("Form", printable(form_encoded_body(parameters, form))))
    except (OAuth1Error, ValueError) as error:
        return {"error": sentence(str(error))}
    return {"outputs": outputs}


def saved(asked: "Asked") -> "Result":
    """Return a page to keep, as HTML: what a link would hold, the verdict, the findings, the comparison and the steps.

    ``share`` is as in `shared`. The comparison is left out if it could hold what the link does not hold.
    """
    result = shared(asked, saves=True)
    if "error" in result:
        return result
    explanation = Explanation([], "")
    try:
        request = pasted_of({"request": result["text"], "kind": "http", "scheme": result["scheme"]}).request
        assert request is not None  # it is whole, or it could not be shared
        parsed = parse_request(*request)
        if parsed.signature_method != "PLAINTEXT":
            explanation = explain_request(parsed)
    except (NotRead, VerificationError):
        pass  # it has no base string, and the verdict says why; or a secret such as "http" was masked in the URL
    view = [
        el("p", {"class": "verdict"}, result["verdict"]),
        section("sent", "The request", el("pre", {}, visible_lines(result["text"]))),
    ]
    if result["scheme_said"]:
        view.append(el("p", {"class": "note"}, result["scheme_said"]))
    if MASK in result["text"]:
        words = "{} stands for a value that was taken out. The signature was made with that value."
        view.append(el("p", {"class": "note"}, words.format(MASK)))
    view += result["view"]
    page = explanation.as_html().replace("How this signature is computed", "What did this signature sign?", 2)
    page = page.replace("</h1>\n", "</h1>\n" + "".join(map(as_html, view)), 1)
    return {"page": page}


def without_signature(request: "CapturedRequest") -> "CapturedRequest":
    """Return the request without any protocol parameter."""
    method, uri, headers, body = request
    target, question_mark, query = uri.partition("?")
    query = without_protocol(query)
    kept = [(name, value) for name, value in headers if not is_oauth(name, value)]
    if declares_form(headers):
        body = without_protocol(body).encode("utf-8", "surrogateescape")
    return method, target + (question_mark + query if query else ""), kept, body


def is_oauth(name: str, value: str) -> bool:
    return name.lower() == "authorization" and split_scheme(value)[0] == "oauth"


def authorization_of(request: "CapturedRequest") -> str:
    return ([value for name, value in request[2] if is_oauth(name, value)] or [""])[0]


def findings_to_save(result: "Result", request: "CapturedRequest", masking: "Masking", text: str) -> "list[View]":
    """Return the findings and the comparison of a result, without what the text of a link does not hold."""
    kept = [each for each in result["view"] if each[1].get("id") == "findings"]
    if masking.is_anonymous:
        names = result.get("findings", [])
        for finding, name in zip(kept[0][3:] if names else [], names):
            # The other sentences of a finding may name the host.
            finding[2:] = [el("h3", {}, name), finding[3][:6]]
        return kept if names else []
    holds_all = MASK not in text and "@" not in request[1].partition("?")[0] and (not request[3] or holds_form(request))
    if holds_all and result["state"] != "edited":
        kept += [each for each in result["view"] if each[1].get("id") == "comparison"]
    return [masked_view(each, masking) for each in kept]


def masked_view(view: "View | str", masking: "Masking") -> "Any":
    if isinstance(view, str):
        return masking.text(view)
    return [*view[:2], *[masked_view(each, masking) for each in view[2:] if each[:1] != ["button"]]]


def shared(asked: "Asked", saves: bool = False) -> "Result":
    """Return the text that a link will hold, the link's fragment, and a report; ``share`` is "same" or "anonymous".

    If it ``saves``, the result has the ``view`` to save too.
    """
    try:
        pasted = pasted_of(asked)
        request = pasted.request
        if request is None:
            raise ValueError("there is no whole request to share")
        masking = Masking(asked, request)
        text = shareable(request, masking, pasted.has_scheme)
    except (OAuth1Error, ValueError) as error:
        return {"error": sentence(str(error))}
    result = shown(asked)
    view = findings_to_save(result, request, masking, text) if saves else []
    fragment = "#r=" + percent_encode(text)
    if masking.is_anonymous:
        # The receiver cannot check an anonymous request again. A sentence may name the host.
        if result.get("findings"):
            result["verdict"] = "✗ " + ", ".join(result["findings"])
        fragment += "&v=" + percent_encode(masking.text(result["verdict"]))
    lines = ["What was sent:", "", fenced(text), "", "Verdict: " + masking.text(result["verdict"]), ""]
    scheme, words = asked.get("scheme") or result.get("assumed") or "https", ""
    if not pasted.has_scheme:
        words = "The request does not contain its scheme. The verdict is for {}.".format(scheme)
        lines += [words, ""]
    if request[3] and not holds_form(request):
        lines += ["The body is not a form and was left out.", ""]
    if not masking.is_anonymous and result.get("base_string"):
        lines += ["Base string, as RFC 5849 requires it:", "", fenced(masking.base_string(result["base_string"])), ""]
    lines += ["Findings: {}".format(", ".join(result.get("findings", [])) or "none"), "oauth1-core " + __version__]
    return {
        "text": text, "fragment": fragment if len(fragment) <= LONGEST_LINK else "", "report": "\n".join(lines),
        "verdict": masking.text(result["verdict"]), "scheme": scheme, "scheme_said": words, "view": view,
    }  # fmt: skip


def fenced(text: str) -> str:
    return "```\n" + visible_lines(text) + "\n```"


def visible_lines(text: str) -> str:
    return "\n".join([visible(line) for line in text.split("\n")])


def shareable(request: "CapturedRequest", masking: "Masking", has_scheme: bool) -> str:
    """Return the request as HTTP text without secrets. Of its header fields it has Authorization and Content-Type.

    It has its scheme if the pasted text has it; otherwise the text has the field Host. A body that
    is not a form is left out, because no rule here finds a secret in it.
    """
    method, uri, headers, body = request
    target, question_mark, query = uri.partition("?")
    scheme, _, rest = target.partition("://")
    authority, slash, path = rest.partition("/")
    authority = "host.example" if masking.is_anonymous else authority.rpartition("@")[2]
    path, query = masking.segments(path), masking.pairs(query)
    origin = "{}://{}".format(scheme, authority) if has_scheme else ""
    lines = ["{} {}{}{}{}{} HTTP/1.1".format(method, origin, slash, path, question_mark, query)]
    if not has_scheme:
        lines.append("Host: " + authority)
    authorization = authorization_of(request)
    if authorization:
        realms = [masking.value(*pair) for pair in parse_realm(authorization) if not masking.is_anonymous]
        pairs = parse_authorization_header(authorization)
        masked = [(masking.name(name), masking.value(name, value)) for name, value in pairs]
        lines.append("Authorization: " + authorization_header(masked, realms[0] if realms else None))
    types = [(name, masking.segments(value, ";")) for name, value in headers if name.lower() == "content-type"]
    lines += ["{}: {}".format(*field) for field in types]
    text = masking.pairs(body.decode("utf-8", "surrogateescape")) if holds_form(request) else ""
    return masking.text("\n".join(lines)) + ("\n\n" + masking.text(text) if text else "")


def holds_form(request: "CapturedRequest") -> bool:
    """Return whether the body is a form. Content-Type alone does not show this: curl sends it with any body."""
    return declares_form(request[2]) and request[3].lstrip()[:1] not in (b"{", b"[", b"<", b"-")


def parse_realm(authorization: str) -> "list[tuple[str, str]]":
    match = re.search(r'(?:^OAuth|,)\s*(realm)="([^"\\]*)"', authorization, re.IGNORECASE)
    return [(match.group(1), match.group(2))] if match else []


class Masking:
    """The masking of a request: entered secrets wherever they appear, and values by their names."""

    def __init__(self, asked: "Asked", request: "CapturedRequest") -> None:
        self.is_anonymous: bool = asked.get("share") == "anonymous"
        entered = [asked.get(name, "").strip() for name in ("client_secret", "token_secret", "other_secret")]
        self.secrets: "Secrets" = Secrets(entered)
        authorization = authorization_of(request)
        pairs = decode_form(query_of(request[1])) + (decode_form(request[3]) if declares_form(request[2]) else [])
        pairs += parse_authorization_header(authorization) if authorization else []
        methods = [value for name, value in pairs if name == "oauth_signature_method"]
        # Any other signature may be the secrets themselves.
        self.shows_signature: bool = bool(methods) and all([each.startswith(("HMAC-", "RSA-")) for each in methods])

    def masks_name(self, name: str) -> bool:
        if name.strip().lower() == "oauth_signature":
            return not self.shows_signature
        return name not in NOT_MASKED and bool(MASKED_NAME.search(re.sub("[^a-z0-9]", "", name.lower())))

    def name(self, name: str) -> str:
        return MASK if self.secrets.are_in(name) else name

    def value(self, name: str, value: str) -> str:
        """Return the value, or the mask in its place. The value may be escaped; ``name`` is decoded."""
        names = [name]
        for text in (value, plainest(value)):
            # A value may be a URL, a form or JSON itself: a name in it is the last word before "=" or ":".
            names += [re.split(start, each)[-1] for each in NAME_END.split(text)[:-1] for start in NAME_START]
        if value and (self.secrets.are_in(value) or [each for each in names if self.masks_name(each)]):
            return MASK
        if value and self.is_anonymous:
            return {"oauth_consumer_key": "client", "oauth_token": "token"}.get(name, value)
        return value

    def segments(self, text: str, slash: str = "/") -> str:
        return slash.join([self.name(each) for each in text.split(slash)])

    def pairs(self, text: str, ampersand: str = "&", equals_sign: str = "=") -> str:
        """Return a query, a form or the last element of a base string in its own spelling."""
        if not self.shows_signature:
            text = without_token_secret(text, MASK)
        pieces = []
        for piece in text.split(ampersand):
            name, equals, value = piece.partition(equals_sign)
            decoded = percent_decode(name.replace("+", " "))
            decoded = decoded if ampersand == "&" else percent_decode(decoded)
            pieces.append(self.name(name) + equals + self.value(decoded, value))
        return ampersand.join(pieces)

    def text(self, text: str) -> str:
        """Return a text without the entered secrets, plain and encoded."""
        for secret in self.secrets.longest_first:
            pattern = "|".join([re.escape(each) for each in spellings(secret)])
            if len(secret) < SHORTEST:
                # A letter or digit beside it makes it part of a word, unless that is the end of an escape.
                pattern = "(?:(?<![A-Za-z0-9])|(?<=%..)|(?<=%25..))(?:{})(?![A-Za-z0-9])".format(pattern)
            text = re.sub(pattern, MASK, text, flags=re.IGNORECASE)
        return MASK if self.secrets.are_in(text) else text

    def base_string(self, text: str) -> str:
        method, uri, parameters = text.split("&", 2)
        return self.text("&".join([method, self.segments(uri, "%2F"), self.pairs(parameters, "%26", "%3D")]))


def opened(asked: "Asked") -> "Result":
    """Return the request that a link holds, as the text that was shared.

    A link has no secrets. If its identifiers are those of an example of RFC 5849, the secrets that the RFC prints are
    there too.
    """
    pieces = dict([piece.partition("=")[::2] for piece in asked.get("fragment", "").lstrip("#").split("&")])
    text = percent_decode(pieces.get("r", ""))
    said = visible(percent_decode(pieces.get("v", "")))[:300]
    result = {"request": text, "said": "As the sender saw it: " + said if said else ""}
    identifiers = dict(re.findall(r'oauth_(consumer_key|token)="?(\w+)', text))
    client, token = [identifiers.get(name, "") for name in ("consumer_key", "token")]
    if client in PUBLISHED and (not token or token in PUBLISHED):
        result.update(client_secret=PUBLISHED[client], token_secret=PUBLISHED.get(token, ""))
        result.update(other_secret=TEMPORARY_SECRET, said=EXAMPLE)
    return result
