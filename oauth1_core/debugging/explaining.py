"""Show step by step how a signature is computed (RFC 5849 sections 3.4 and 3.5.1).

Every step names its section of the RFC, quotes the sentence that requires it, and shows the result in pieces. The label
of a piece says where the piece comes from: ``m`` is the method, ``u`` the URI, ``q1`` the first pair of the query,
``h1`` of the Authorization header, ``f1`` of the form, ``s`` the signature.

No output contains a secret. Of the key, and of a PLAINTEXT signature, only the lengths of the two secrets are shown.
Userinfo in the URI is masked. The signature of any other method is masked too, because it may contain secrets. All
signed values are shown, including a verification code (``oauth_verifier``).
"""

import binascii

from ..base_string import base_string_uri, signature_base_string
from ..masking import without_token_secret
from ..parameters import collect_parameters, decode_form, encoded_pairs, form_text
from ..percent_encoding import percent_encode
from ..signature_methods import HMAC_SHA1, Hmac, Plaintext, Rsa, RsaPssSha256, signing_key
from ..signing import sign
from ..transmission import authorization_header
from ..uris import query_of
from .stylesheet import STYLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..credentials import ClientCredentials, Credentials
    from ..parameters import Parameters
    from ..receiving import AuthenticatedRequest
    from ..signature_methods import SignatureMethod

    Pieces = list[tuple[str, str]]

__all__ = ["Explanation", "Step", "explain", "explain_base_string", "explain_request", "visible"]

# Sentences of the RFC, quoted without change.
REQUEST_RULE = (
    "The signature process does not change the request or its parameters, "
    'with the exception of the "oauth_signature" parameter.'
)
METHOD_RULE = "The HTTP request method in uppercase."
URI_RULE = "The scheme and host MUST be in lowercase."
SOURCES_RULE = "The parameters from the following sources are collected into a single list of name/value pairs:"
DECODED_RULE = (
    "In order to guarantee a consistent and reproducible representation of the request parameters, "
    "the parameters are collected and decoded to their original decoded form."
)
ENCODED_RULE = "First, the name and value of each parameter are encoded (Section 3.6)."
SORTED_RULE = "The parameters are sorted by name, using ascending byte value ordering."
JOINED_RULE = (
    "The sorted name/value pairs are concatenated together into a single string "
    'by using an "&" character (ASCII code 38) as separator.'
)
AGAIN_RULE = "The request parameters as normalized in Section 3.4.1.3.2, after being encoded (Section 3.6)."
BASE_STRING_RULE = (
    "The signature base string is constructed by concatenating together, in order, the following HTTP request elements:"
)
KEY_RULE = 'An "&" character (ASCII code 38), which MUST be included even when either secret is empty.'
MAC_RULE = "digest = HMAC-SHA1 (key, text)"
DIGEST_RULE = (
    'digest is used to set the value of the "oauth_signature" protocol parameter, '
    "after the result octet string is base64-encoded per [RFC2045], Section 6.8."
)
RSA_RULE = "The signature base string is signed using the client's RSA private key per [RFC3447], Section 8.2.1:"
PLAINTEXT_RULE = 'It does not utilize the signature base string or the "oauth_timestamp" and "oauth_nonce" parameters.'
OWN_METHOD_RULE = "Servers are free to implement and document their own custom methods."
HEADER_RULE = "Parameter names and values are encoded per Parameter Encoding (Section 3.6)."

MASK = "***"
SOURCES = {"q": "query ", "h": "header", "f": "form  "}
PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>How this signature is computed</title>
<style>
SHAREDbody { max-width: 60rem; margin: auto; padding: 1rem; background: var(--card) }
STYLES
</style>
<main>
<h1>How this signature is computed</h1>
<p>The label of each piece says where the piece comes from: m is the method, u the URI, q1 the first pair of the query,
h1 of the Authorization header, f1 of the form; s is the signature. Each source has its own colour and underline. Follow
a label to see the piece as it was sent. Point at a piece to mark it in every step.</p>
STEPS
</main>
</html>
"""


class Step:
    """One step of computing a signature. ``str`` gives it as plain text.

    :param title: the name of the step, such as ``"Sorted"``.
    :param section: the section of RFC 5849 that requires it, such as ``"3.4.1.3.2"``.
    :param rule: the sentence of this section, quoted.
    :param pieces: the result as (label, text) pairs; the label is ``""`` for text that the request does not contain.
    """

    __slots__ = ("title", "section", "rule", "pieces")

    def __init__(self, title: str, section: str, rule: str, pieces: "Pieces") -> None:
        self.title: str = title
        self.section: str = section
        self.rule: str = rule
        self.pieces: "Pieces" = pieces

    @property
    def result(self) -> str:
        """The text of the step: all pieces joined."""
        return "".join([text for _, text in self.pieces])

    def __str__(self) -> str:
        lines = ["{} (section {})".format(self.title, self.section), '   "{}"'.format(self.rule)]
        lines += ["   {:4}{}".format(label, visible(text)).rstrip() for label, text in lines_of(self.pieces)]
        return "\n".join(lines)


class Explanation:
    """The steps from a request to its signature, without any secret. ``str`` gives them as plain text.

    :param steps: the :class:`Step` objects, in order.
    :param base_string: the signature base string.
    """

    __slots__ = ("steps", "base_string")

    def __init__(self, steps: "list[Step]", base_string: str) -> None:
        self.steps: "list[Step]" = steps
        self.base_string: str = base_string

    def __str__(self) -> str:
        return self.as_text()

    def _repr_html_(self) -> str:
        """Return the HTML page in a frame, for notebooks. The frame keeps its styles away from the notebook."""
        from html import escape

        return '<iframe srcdoc="{}" width="100%" height="600"></iframe>'.format(escape(self.as_html()))

    def as_text(self) -> str:
        """Return the steps as plain text, one line for each piece, label first."""
        return "\n".join(["{}. {}\n".format(number, step) for number, step in enumerate(self.steps, 1)])

    def as_json(self) -> str:
        """Return the steps as a JSON object in ASCII; octets that are not UTF-8 appear as with ``surrogateescape``."""
        import json  # imported here, like html below, because signing does not need it

        steps = [
            {
                "title": step.title,
                "section": step.section,
                "rule": step.rule,
                "result": step.result,
                "pieces": [{"label": label, "text": text} for label, text in step.pieces],
            }
            for step in self.steps
        ]
        return json.dumps({"base_string": self.base_string, "steps": steps}, indent=1)

    def as_html(self) -> str:
        """Return the steps as one HTML page without other files and scripts. All input is escaped."""
        from html import escape

        labels: "list[str]" = []
        sections = []
        for number, step in enumerate(self.steps, 1):
            heading = "<h2>{}. {} <small>section {}</small></h2>"
            sections.append(heading.format(number, escape(step.title), step.section))
            sections.append("<blockquote>{}</blockquote>".format(escape(step.rule)))
            spans = []
            for label, text in step.pieces:
                text = escape(visible(text) if label else text)
                if label:
                    link = '<a href="#{0}">{0}</a>' if label in labels else '<a id="{0}">{0}</a>'
                    labels += [] if label in labels else [label]
                    text = '<span class="from-{} {}"><sup>{}</sup>{}</span>'.format(
                        label[0], label, link.format(label), text
                    )
                spans.append(text)
            sections.append('<pre class="pieces">{}</pre>'.format("".join(spans)))
        style = "body:has(.{0}:hover) .{0} {{ outline: 2px solid var(--accent) }}"
        page = PAGE.replace("SHARED", STYLE).replace("STYLES", "\n".join([style.format(label) for label in labels]))
        return page.replace("STEPS", "\n".join(sections))


def explain(
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
    realm: "str | None" = None,
) -> Explanation:
    """Return every step by which :func:`sign` and :func:`authorization_header` compute a signature and its header.

    :param method: the request method, such as ``"GET"``.
    :param uri: the request URI, absolute, as it is sent.
    :param client: the client credentials.
    :param token: the token credentials, or ``None``.
    :param form: the body, as text or octets, if and only if it is ``application/x-www-form-urlencoded``.
    :param protocol_parameters: more of them as (name, value) pairs, such as ``("oauth_callback", "oob")``.
    :param signature_method: the signature method. Signatures of methods outside this package are masked.
    :param timestamp: seconds since 1970, ``None`` for now.
    :param nonce: text that is used only once, ``None`` for a random one.
    :param version: ``oauth_version``, ``None`` to send none.
    :param realm: of the Authorization header, ``None`` to send none.
    :raises SigningError: if the request cannot be signed as given, or the realm cannot be sent.
    :raises InsecureEndpoint: if the request would send a secret without TLS.
    """
    parameters = sign(
        method, uri, client, token, form=form, protocol_parameters=protocol_parameters,
        signature_method=signature_method, timestamp=timestamp, nonce=nonce, version=version,
    )  # fmt: skip
    signed, signature = parameters[:-1], parameters[-1][1]
    explanation = explain_base_string(method, uri, signed, form)
    explanation.steps += signature_steps(
        signature_method, client.secret, "" if token is None else token.secret, signature
    )
    item = header_item(parameters[-1])
    if isinstance(signature_method, Plaintext):
        item = 'oauth_signature="{}"'.format(key_shape(client.secret, "" if token is None else token.secret))
    elif not isinstance(signature_method, (Hmac, Rsa)):
        item = 'oauth_signature="{}"'.format(MASK)

    realm_item = [] if realm is None else [("", authorization_header([], realm)[len("OAuth ") :])]
    items = realm_item + [(label, sent) for label, sent, _ in labelled("h", signed)] + [("s", item)]
    explanation.steps.append(Step("Authorization header", "3.5.1", HEADER_RULE, [("", "OAuth "), *joined(items, ", ")]))
    return explanation


def signature_steps(
    signature_method: "SignatureMethod", client_secret: str, token_secret: str, signature: str
) -> "list[Step]":
    """Return the steps from the base string to ``signature``."""
    key = key_shape(client_secret, token_secret)
    if isinstance(signature_method, Hmac):
        # The rule quotes HMAC-SHA1, the only HMAC in the RFC; other HMAC methods differ only in the hash.
        title = "Digest by {}".format(visible(signature_method.name))
        octets = binascii.hexlify(binascii.a2b_base64(signature)).decode("ascii")
        return [
            Step("Key", "3.4.2", KEY_RULE, [("", key)]),
            Step(title, "3.4.2", MAC_RULE, [("s", octets)]),
            Step("Digest in base64", "3.4.2", DIGEST_RULE, [("s", signature)]),
        ]
    if isinstance(signature_method, Rsa):
        is_own = isinstance(signature_method, RsaPssSha256)
        section, rule = ("3.4", OWN_METHOD_RULE) if is_own else ("3.4.3", RSA_RULE)
        return [Step("Signature in base64", section, rule, [("s", signature)])]
    if isinstance(signature_method, Plaintext):
        return [Step("Signature (PLAINTEXT: the key)", "3.4.4", PLAINTEXT_RULE, [("s", key)])]
    title = "Signature by {} (not shown)".format(visible(signature_method.name))
    return [Step(title, "3.4", OWN_METHOD_RULE, [("s", MASK)])]


def explain_request(request: "AuthenticatedRequest") -> Explanation:
    """Return the steps from a received request to its base string. Credentials are not needed.

    The Authorization header is shown as section 3.5.1 writes it, even if the request wrote it differently.

    :param request: the result of :func:`parse_request`.
    """
    uri, form = request.uri, form_text(request.body if request.is_form else b"")
    if not request.signature_method.startswith(("HMAC-", "RSA-")):
        target, question_mark, query = uri.partition("?")
        uri, form = target + question_mark + without_token_secret(query, MASK), without_token_secret(form, MASK)
    elsewhere = decode_form(query_of(uri)) + decode_form(form)
    in_header = not [name for name, _ in elsewhere if name.startswith("oauth_")]
    header = [pair for pair in request.protocol_parameters if in_header and pair[0] != "oauth_signature"]
    return explain_base_string(request.method, uri, header, form)


def explain_base_string(method: str, uri: str, header: "Parameters", form: "str | bytes") -> Explanation:
    """Return the steps of section 3.4.1; ``header`` are the protocol parameters of the Authorization header."""
    sources = [labelled("q", query_of(uri)), labelled("h", header), labelled("f", form_text(form))]
    rows = [row for source in sources for row in source if row[2][0] != "oauth_signature"]
    parameters = collect_parameters(uri, header, form)
    labels = [label for label, _, _ in rows]
    encoded = encoded_pairs(parameters)
    # Sort indexes, so that the labels stay with their pairs. The order is the order of normalize_parameters().
    order = sorted(range(len(rows)), key=encoded.__getitem__)
    pairs = [(labels[index], "=".join(encoded[index])) for index in order]
    again = [(label, percent_encode(pair)) for label, pair in pairs]
    base_string = signature_base_string(method, uri, parameters)
    encoded_method, encoded_uri, _ = base_string.split("&")
    elements = [("m", encoded_method), ("", "&"), ("u", encoded_uri), ("", "&"), *joined(again, "%26")]
    steps = [
        Step("The request", "3.4", REQUEST_RULE, request_pieces(method, uri, sources)),
        Step("Method", "3.4.1.1", METHOD_RULE, [("m", method.upper())]),
        Step("Base string URI", "3.4.1.2", URI_RULE, [("u", base_string_uri(uri))]),
        Step(
            "Parameters, as they were sent", "3.4.1.3.1", SOURCES_RULE,
            joined([(label, "{} {}".format(SOURCES[label[0]], sent)) for label, sent, _ in rows], "\n"),
        ),
        Step(
            "Decoded", "3.4.1.3", DECODED_RULE,
            joined([(label, '"{}" = "{}"'.format(*pair)) for label, _, pair in rows], "\n"),
        ),
        Step(
            "Encoded (every name and value in the same way)", "3.4.1.3.2", ENCODED_RULE,
            joined([(label, "{} = {}".format(*pair)) for label, pair in zip(labels, encoded)], "\n"),
        ),
        Step(
            "Sorted", "3.4.1.3.2", SORTED_RULE,
            joined([(labels[index], "{} = {}".format(*encoded[index])) for index in order], "\n"),
        ),
        Step("Joined", "3.4.1.3.2", JOINED_RULE, joined(pairs, "&")),
        Step("Encoded again", "3.4.1.1", AGAIN_RULE, joined(again, "%26")),
        Step("Signature base string", "3.4.1.1", BASE_STRING_RULE, elements),
    ]  # fmt: skip
    return Explanation(steps, base_string)


def request_pieces(method: str, uri: str, sources: "list[list[tuple[str, str, tuple[str, str]]]]") -> "Pieces":
    """Return the request as it is sent, in pieces. The signature and userinfo in the URI are masked."""
    target = uri.partition("#")[0].partition("?")[0]
    scheme, separator, rest = target.partition("://")
    authority, slash, path = rest.partition("/")
    if "@" in authority:
        authority = MASK + "@" + authority.rpartition("@")[2]
    target = scheme + separator + authority + slash + path
    query, header, form = [
        [(label, "oauth_signature=" + MASK if pair[0] == "oauth_signature" else sent) for label, sent, pair in source]
        for source in sources
    ]
    pieces = [("m", method), ("", " "), ("u", target)]
    if query:
        pieces += [("", "?"), *joined(query, "&")]
    if header:
        pieces += [("", "\nAuthorization: OAuth "), *joined(header, ", ")]
    if form:
        pieces += [("", "\n\n"), *joined(form, "&")]
    return pieces


def labelled(letter: str, source: "str | Parameters") -> "list[tuple[str, str, tuple[str, str]]]":
    """Return (label, text as it was sent, decoded pair) for each pair of a query, a form or the header."""
    if isinstance(source, str):
        rows = [(piece, decode_form(piece)[0]) for piece in source.split("&") if piece]
    else:
        rows = [(header_item(pair), pair) for pair in source]
    return [("{}{}".format(letter, number), sent, pair) for number, (sent, pair) in enumerate(rows, 1)]


def header_item(pair: "tuple[str, str]") -> str:
    return authorization_header([pair])[len("OAuth ") :]


def joined(pieces: "Pieces", separator: str) -> "Pieces":
    result = []
    for piece in pieces:
        result += [("", separator), piece]
    return result[1:]


def key_shape(client_secret: str, token_secret: str) -> str:
    """Return how the key is built, and no more of the secrets than their length."""
    lengths = [len(secret) for secret in signing_key(client_secret, token_secret).split("&")]
    return "[client secret, encoded: {} characters]&[token secret, encoded: {} characters]".format(*lengths)


def lines_of(pieces: "Pieces") -> "list[tuple[str, str]]":
    """Return one line for each labelled piece; a separator is put at the end of the preceding line."""
    lines = [("", "")]
    for label, text in pieces:
        if label:
            if lines[-1] == ("", ""):
                lines.pop()
            lines.append((label, text))
        else:
            first, *further = text.split("\n")
            lines[-1] = (lines[-1][0], lines[-1][1] + first)
            lines += [("", line) for line in further]
    return lines


def visible(text: str) -> str:
    """Return ``text`` with every character that is not printable replaced by its Python escape."""
    if text.isprintable():
        return text
    return "".join([each if each.isprintable() else ascii(each)[1:-1] for each in text])
