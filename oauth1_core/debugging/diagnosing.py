"""Why a signature does not match (RFC 5849 section 3.4).

``diagnose`` signs the request with each mistake of ``mistakes.CATALOGUE``, then with each pair of mistakes, until it
gets the received signature. Two mistakes of the signer are tried before a mistake of the signer together with a change
on the way. If several mistakes give the same signature for a request, the finding names the most common mistake, and
:attr:`Finding.alike` holds the others. A mistake that alone changes nothing is not tried in pairs. The exception is the
order of parameters, which can be right by chance. A mistake that tries many parameters is paired only with mistakes in
the method, the URI and the key. So the time grows with the number of parameters, not with its square.

Findings contain no secret, but they show what was right about a wrong signature. Show them to the people who run or
write the client, never to everyone who can send a request.
"""

import binascii
import hashlib
import hmac

from ..base_string import base_string_uri
from ..errors import BadRequest, InvalidSignature, MalformedRequest, SigningError, UnsupportedVersion, VerificationError
from ..parameters import decode_form, form_text
from ..percent_encoding import percent_decode, percent_encode, utf8_octets
from ..receiving import LIMITS, header_pairs, parse_request, single_fields
from ..signature_methods import (
    HMAC_METHODS,
    PLAINTEXT,
    Hmac,
    Plaintext,
    Rsa,
    decode_base64,
    encode_base64,
)
from ..uris import query_of
from ..verifying import verify_signature
from .explaining import visible
from .mistakes import CATALOGUE
from .on_the_way import crlf, in_utf_8, line_feeds, rewritten_json, unpacked
from .recipes import Recipe, raw_pairs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..credentials import ClientCredentials, Credentials
    from ..parameters import Parameters
    from ..receiving import AuthenticatedRequest, Headers
    from ..signature_methods import SignatureMethod
    from .recipes import Mistake

    # All inputs of a signature; of two recipes with the same outcome, only one is tried.
    Outcome = tuple[str | None, ...]

# The limit of all trials together, in octets of base string: a larger request gets fewer trials.
BUDGET = 35000000
# The limit of all recipes together, in octets that they make, and how many octets each parameter counts.
MADE = 2 * BUDGET
PAIR = 60
# A mistake with more ways than this to change the parameters is not combined with all others.
FEW = 8
PARAMETERS = "3.4.1.3", "3.6"


class Finding:
    """One mistake that explains a signature, made by the signer or on the way. ``str`` gives it as three sentences.

    :param id: the ``id`` of the mistake in ``mistakes.CATALOGUE`` or in this module, such as ``"query-left-out"``.
    :param done: what was done, as the rest of a sentence that begins with ``by``.
    :param wants: what the RFC requires instead.
    :param section: the section of RFC 5849 that requires it, such as ``"3.4.1.3.1"``.
    :param fix: how to correct the mistake.
    :param alike: other findings that give the same signature for this request, the most common first.
    :param base_string: the base string with this mistake and the mistakes of the findings before it. The last finding
        has the base string that was signed. ``""`` if it is not known.
    :param by: who made the mistake, as the beginning of a sentence: ``"The signer"``, ``"A browser"``, ``"A proxy"``.
    """

    __slots__ = ("id", "done", "wants", "section", "fix", "alike", "base_string", "by")

    def __init__(
        self, id: str, done: str, wants: str, section: str, fix: str, alike: "Iterable[Finding]" = (),
        base_string: str = "", by: str = "The signer",
    ) -> None:  # fmt: skip
        self.id: str = id
        self.done: str = done
        self.wants: str = wants
        self.section: str = section
        self.fix: str = fix
        self.alike: "tuple[Finding, ...]" = tuple(alike)
        self.base_string: str = base_string
        self.by: str = by

    @property
    def happened(self) -> str:
        """The mistake as one sentence."""
        return "{} {}.".format(self.by, self.done)

    def __str__(self) -> str:
        return "{} {} (RFC 5849 section {}). {}.".format(self.happened, self.wants, self.section, self.fix)

    def __repr__(self) -> str:
        return "Finding({!r})".format(self.id)


TIMESTAMP = Finding(
    "timestamp-not-in-seconds", "sent a timestamp that is not a whole number of seconds (milliseconds, for example)",
    "The timestamp must be the number of seconds since 1970", "3.3",
    "Divide milliseconds by 1000, and remove the fraction",
)  # fmt: skip
VERSION = Finding(
    "version-is-not-1.0", "sent an oauth_version other than 1.0", "oauth_version must be 1.0 or be left out", "3.1",
    "Send 1.0. The protocol is called OAuth 1.0a, but examples that send 1.0A or 1.0a are wrong",
)  # fmt: skip
PACKED = Finding(
    "body-packed", "compressed the form after it was signed", "The form must be sent as it is signed", "3.4.1.3.1",
    "Do not compress a form, or decompress it before the request is verified", by="A client library or a proxy",
)  # fmt: skip
ANOTHER_CHARSET = Finding(
    "sent-as-windows-1252", "sent the form in Windows-1252 or Latin-1, so it cannot be read as UTF-8",
    "Text must be encoded as UTF-8", "3.6", "Declare UTF-8 in the page or the form (charset, accept-charset)",
    by="A browser or a client library",
)  # fmt: skip
NOT_IN_UTF_8 = Finding(
    "form-not-in-utf-8",
    "sent a form that is not UTF-8: the form is in another charset (such as Latin-1), compressed, or cut off",
    "A form must be sent as text in UTF-8, as it is signed", "3.6",
    "Send the form in UTF-8 and uncompressed, and compare the octets that are sent with the octets that arrive",
    by="The client, or something between signer and server,",
)  # fmt: skip
HASH_RULE = "oauth_body_hash must be the hash of the body that is sent (OAuth Request Body Hash 1.0)", "3.4.1"
BODY_HASH = Finding(
    "body-changed", "sent a body hash (oauth_body_hash) of another body; the signature itself is valid", *HASH_RULE,
    "Hash exactly the octets that are sent, and look for what changes the body on the way",
)  # fmt: skip
HASHED_BODIES: "tuple[tuple[str, str, Callable[[bytes], bytes], str], ...]" = (
    ("body-hash-of-nothing", "hashed an empty body", lambda body: b"", "Hash the octets of the body"),
    ("body-hash-of-unpacked-body", "hashed the body before it was compressed", unpacked,
        "Hash the octets that are sent, or send the body uncompressed"),
    ("body-hash-without-final-line-break", "hashed the body without the line break at its end",
        lambda body: body.rstrip(b"\r\n"),
        "Send the body without a line break at its end (echo adds one, printf does not)"),
    ("body-hash-with-final-line-break", "hashed the body with a line break at its end, but the body arrived without it",
        lambda body: body + b"\n", "Hash exactly the octets that are sent"),
    ("body-hash-with-final-line-break", "hashed the body with CRLF at its end, but the body arrived without it",
        lambda body: body + b"\r\n", "Hash exactly the octets that are sent"),
    ("body-hash-with-other-line-breaks", "hashed the body with LF as line breaks, but CRLF arrived",
        lambda body: line_feeds(body.decode("latin-1")).encode("latin-1"), "Hash exactly the octets that are sent"),
    ("body-hash-with-other-line-breaks", "hashed the body with CRLF as line breaks, but LF arrived",
        lambda body: crlf(body.decode("latin-1")).encode("latin-1"), "Hash exactly the octets that are sent"),
)  # fmt: skip
JSON_REWRITTEN = (
    "json-rewritten", "hashed the JSON body before something wrote it again with other white space, order or escapes",
    "Hash exactly the octets that are sent: write the JSON once, and pass these octets to the HTTP client",
)  # fmt: skip
HASH_FORMS: "tuple[tuple[str, str, Callable[[bytes], str]], ...]" = (
    ("body-hash-in-hex", "wrote the body hash in hex", lambda digest: binascii.hexlify(digest).decode()),
    ("body-hash-in-hex", "wrote the body hash in hex", lambda digest: binascii.hexlify(digest).decode().upper()),
    ("body-hash-in-hex", "wrote the hex text of the body hash in base64",
        lambda digest: encode_base64(binascii.hexlify(digest))),
    ("body-hash-encoded-twice", "percent-encoded the body hash twice",
        lambda digest: percent_encode(encode_base64(digest))),
    ("body-hash-in-url-safe-base64", "wrote the body hash in the URL-safe alphabet, or without padding",
        lambda digest: encode_base64(digest).replace("+", "-").replace("/", "_")),
)  # fmt: skip
ANOTHER_CLIENT = Finding(
    "token-of-another-client", "sent a token that was issued to another client",
    "A token may be restricted to the client to which it was issued", "3.2",
    "Send the token with the client credentials (consumer key) that it was issued to, or let the user log in again",
)  # fmt: skip
EMPTY_SECRET = Finding(
    "client-secret-empty", "signed with an empty secret, which anyone can do",
    "The client must prove that it owns a secret", "3.4",
    "Issue a secret, or register the client as a client without a secret",
)  # fmt: skip
SERVER = Finding(
    "server-differs", "builds another base string than the RFC requires; your base string is right",
    "Both sides must build the same base string", "3.4.1", "Report this difference to the owner of the server",
    by="The server",
)  # fmt: skip
ENCODED_AGAIN = Finding(
    "base-string-encoded-again", "encoded or decoded the whole base string once more",
    "The three elements of a base string must be joined by two &, without encoding the result", "3.4.1.1",
    "Compare the text that goes into the HMAC, not a copy that was encoded for display",
)  # fmt: skip
ANOTHER_REQUEST = Finding(
    "another-request", "computed this base string for another request",
    "The base string must contain the nonce and timestamp of the request", "3.3",
    "Compare two base strings of the same request",
)  # fmt: skip


class Trials:
    """The results of all trials, each outcome once. ``hit`` returns whether a recipe gives the received signature."""

    def __init__(self, outcome: "Callable[[Recipe], Outcome]", holds: "Callable[..., bool]", limit: int) -> None:
        self.outcome = outcome
        self.holds = holds
        self.limit = limit
        self.spent: int = 0
        self.results: "dict[Outcome, bool]" = {}

    def hit(self, recipe: Recipe) -> bool:
        outcome = self.outcome(recipe)
        # Making a recipe costs time even if its outcome is known, because many recipes have the same outcome.
        self.spent += sum([len(text or "") for text in outcome]) + PAIR * sum(map(len, recipe.sources))
        if outcome not in self.results:
            self.results[outcome] = self.holds(*outcome)
        return self.results[outcome]

    def is_over(self) -> bool:
        return len(self.results) >= self.limit or self.spent >= MADE


def search(recipe: Recipe, trials: Trials) -> "list[Finding]":
    """Return the one or two mistakes that turn ``recipe`` into the received signature, or []."""
    singles: "list[tuple[int, Recipe]]" = []
    ways = [0] * len(CATALOGUE)
    hits: "list[tuple[Mistake, Recipe]]" = []
    order = sorted(range(len(CATALOGUE)), key=trial_order)
    for number in order:
        mistake = CATALOGUE[number]
        for changed in mistake.change(recipe):
            if trials.is_over():
                break
            tried = len(trials.results)
            if trials.hit(changed) and mistake not in [each for each, _ in hits]:
                hits.append((mistake, changed))
            if len(trials.results) > tried or changed.sort is not recipe.sort:
                ways[number] += 1
                # All parameters at once, and the first few: a change to one of many is rare in a pair.
                if changed.is_combined and (ways[number] <= FEW or mistake.rank == 2 or mistake.by == "The signer"):
                    singles.append((number, changed))
    if hits:
        hits.sort(key=lambda hit: hit[0].rank)
        first, *others = [finding_of(*hit) for hit in hits]
        first.alike = tuple(others)
        return [first]
    # A mistake that tries many parameters is combined only with mistakes that do not change parameters.
    is_wide = [
        mistake.rank == 2 or (count > FEW and mistake.by != "The signer" and mistake.section.startswith(PARAMETERS))
        for count, mistake in zip(ways, CATALOGUE)
    ]
    numbers = sorted({number for number, _ in singles})
    for first_number, changed in singles:
        for second in numbers:
            if second <= first_number:
                continue
            if is_wide[second] or (is_wide[first_number] and CATALOGUE[second].section.startswith(PARAMETERS)):
                continue
            for both in CATALOGUE[second].change(changed):
                if trials.is_over():
                    return []
                if trials.hit(both):
                    return [finding_of(CATALOGUE[first_number], changed), finding_of(CATALOGUE[second], both)]
    return []


def trial_order(number: int) -> "tuple[bool, bool, int]":
    """Return the sort key for trials: common mistakes, then mistakes of the signer, then the others, rare ones last."""
    mistake = CATALOGUE[number]
    return mistake.rank > 0, mistake.by != "The signer", mistake.rank


def finding_of(mistake: "Mistake", recipe: Recipe) -> Finding:
    done = mistake.done.format(recipe.detail)
    return Finding(mistake.id, done, mistake.wants, mistake.section, mistake.fix, (), recipe.base_string(), mistake.by)


def diagnose(
    method: str,
    uri: str,
    headers: "Headers",
    body: bytes,
    client: "ClientCredentials",
    token: "Credentials | None" = None,
    *,
    accept: "Sequence[SignatureMethod]" = HMAC_METHODS + (PLAINTEXT,),
    other_secrets: "Iterable[str]" = (),
    other_uris: "Iterable[str]" = (),
    token_client: "str | None" = None,
) -> "list[Finding]":
    """Return the mistakes that explain the signature of a received request.

    Several findings mean that the request has all of these mistakes: correct each of them. For a valid signature the
    list is empty. If no known mistake explains the signature, the last finding has the id ``"unknown"``: most likely
    one of the secrets is wrong.

    :param method: the request method, as :func:`parse_request` takes it.
    :param uri: the request URI, absolute, as it was sent.
    :param headers: the header fields, as (name, value) pairs of ``str``. The hosts in them are tried too.
    :param body: the entity-body, as octets.
    :param client: the client credentials that ``oauth_consumer_key`` names.
    :param token: the credentials that ``oauth_token`` names, ``None`` if the request has no token.
    :param accept: signature methods, including the method of the request; an RSA method needs its ``verify`` callable.
    :param other_secrets: other secrets to try as either secret, such as the secret of the temporary credentials.
    :param other_uris: absolute URIs to try instead of ``uri``, such as the URI behind a proxy.
    :param token_client: the identifier of the client that ``token`` was issued to, if it is known.
    :raises InvalidToken: if ``token`` is ``None`` and the request has one.
    :raises UnsupportedSignatureMethod: if ``accept`` does not have the signature method of the request.
    :raises VerificationError: any other error of :func:`parse_request` or :func:`verify_signature`, if the request
        cannot be read or may not be verified.
    :raises SigningError: if a secret is not valid Unicode.
    """
    findings = findings_of(method, uri, header_pairs(headers), body, client, token, accept, other_secrets, other_uris)
    if token is not None and token_client is not None and token_client != client.identifier:
        # The wrong token explains the signature, so "unknown" would wrongly blame a secret.
        findings = [ANOTHER_CLIENT] + [each for each in findings if each.id != "unknown"]
    return findings


def findings_of(
    method: str, uri: str, headers: "Parameters", body: bytes, client: "ClientCredentials",
    token: "Credentials | None", accept: "Sequence[SignatureMethod]", other_secrets: "Iterable[str]",
    other_uris: "Iterable[str]",
) -> "list[Finding]":  # fmt: skip
    """Return the findings for the signature, without the check of ``token_client``."""
    try:
        request = parse_request(method, uri, headers, body)
    except UnsupportedVersion:
        return [VERSION]
    except MalformedRequest as error:
        if error.problem == "timestamp_refused":
            return [TIMESTAMP]
        octets = unpacked(body)
        finding, octets = (PACKED, octets) if octets else (ANOTHER_CHARSET, in_utf_8(body))
        if not octets:
            raise
        # The request cannot be read with this mistake. Correct it, and look for other mistakes.
        try:
            unproved = not_in_utf_8(headers)
            rest = [(name, value) for name, value in headers if name.lower() != "content-length"]
            more = findings_of(method, uri, rest, octets, client, token, accept, other_secrets, other_uris)
        except VerificationError as other:
            if finding is ANOTHER_CHARSET and isinstance(other, BadRequest):
                raise error from None
            return [finding if finding is PACKED else unproved]
        if finding is ANOTHER_CHARSET and "unknown" in [each.id for each in more]:
            return [unproved]
        return [finding, *more]
    try:
        verify_signature(request, client, token, accept=accept)
    except InvalidSignature as error:
        if error.parameter == "oauth_body_hash":
            (signature_method,) = [each for each in accept if each.name == request.signature_method][:1]
            return body_hash_findings(request.body_hash or "", body, getattr(signature_method, "digest", "sha1"))
    else:
        return []

    (signature_method,) = [each for each in accept if each.name == request.signature_method][:1]
    recipe = recipe_of(request, headers, body, client, token, signature_method)
    recipe.other_secrets = list(other_secrets)
    recipe.other_uris = list(other_uris)

    def outcome(recipe: Recipe) -> "Outcome":
        if recipe.digest is None:
            # Only the method knows how it uses the secrets. RSA uses none.
            secrets = ("", "") if isinstance(signature_method, Rsa) else (recipe.client_secret, recipe.token_secret)
            return (recipe.received, None, "", *secrets, *recipe.elements())
        # PLAINTEXT signs no base string.
        elements = recipe.elements() if recipe.digest else ()
        return (recipe.received, recipe.digest, "swapped" if recipe.swapped else "", recipe.key(), *elements)

    def holds(received: str, digest: "str | None", swapped: str, key: str, *rest: str) -> bool:
        if digest is None:
            text = "&".join(rest[1:])
            # A base string that is not ASCII cannot be signed.
            return text.encode("ascii", "ignore") == utf8_octets(text) and signature_method.verify(
                received, text, key, rest[0]
            )
        text = "&".join(rest)
        if swapped:
            key, text = text, key
        if not digest:
            return hmac.compare_digest(utf8_octets(received), utf8_octets(key))
        try:
            mac = recipe.once(hmac_of, digest, key).copy()
        except ValueError:
            return False  # Python was built without this hash.
        mac.update(utf8_octets(text))
        return hmac.compare_digest(mac.digest(), recipe.once(decode_base64, received))

    trials = Trials(outcome, holds, BUDGET // (len(request.base_string) + len(body) + 100))
    if trials.hit(recipe):
        return [EMPTY_SECRET]
    findings = search(recipe, trials)
    if findings:
        return findings
    return [unknown(recipe, signature_method, trials)]


def not_in_utf_8(headers: "Parameters") -> Finding:
    """Return the finding for a form of which the signature does not show the charset."""
    encoding = single_fields(headers).get("content-encoding", "").strip().lower()
    return NOT_IN_UTF_8 if encoding in ("", "identity") else PACKED


def recipe_of(
    request: "AuthenticatedRequest", headers: "Parameters", body: bytes, client: "ClientCredentials",
    token: "Credentials | None", signature_method: "SignatureMethod",
) -> Recipe:  # fmt: skip
    """Return the recipe of a signer that signs this request as section 3.4 requires."""
    protocol = tuple([pair for pair in request.protocol_parameters if pair[0] != "oauth_signature"])
    raw_sources = [without_protocol(query_of(request.uri)), without_protocol(request.body) if request.is_form else ""]
    query, form = [tuple(decode_form(text)) for text in raw_sources]
    recipe = Recipe(request.method.upper(), base_string_uri(request.uri), query, protocol, form)
    recipe.client_secret = client.secret
    recipe.token_secret = token.secret if token is not None and request.token_identifier is not None else ""
    recipe.digest = digest_used_by(signature_method)
    recipe.received = request.signature
    recipe.received_method = request.method
    recipe.received_uri = request.uri
    recipe.raw_sources = (raw_sources[0], raw_sources[1])
    recipe.headers = headers
    recipe.body = body
    recipe.is_form = request.is_form
    recipe.realm = request.realm
    recipe.client_identifier = client.identifier
    recipe.token = token
    return recipe


def hmac_of(digest: str, key: str) -> "hmac.HMAC":
    return hmac.new(utf8_octets(key), None, digest)


def unknown(recipe: Recipe, signature_method: "SignatureMethod", trials: Trials) -> Finding:
    """Return the finding for a signature that no known mistake explains, with hints where to look."""
    tried = "none of the {} known mistakes, and no pair of them, explains the signature ({} combinations tried{})"
    tried = tried.format(len(CATALOGUE), len(trials.results), ", then stopped" if trials.is_over() else "")
    if isinstance(signature_method, Rsa):
        done = "another private key signed the request: " + tried
        fix = ["Compare the public key on the server with the private key of the client"]
    else:
        which = "one of the secrets" if recipe.token_secret else "the secret of the client"
        done = "{} is wrong: {}".format(which, tried)
        fix = ["Copy the secrets again from the page or reply that issued them"]
        also = "empty, without the first or last character, in quotes, with white space or &, and encoded once more"
        if recipe.token_secret:
            also = "swapped, " + also
        fix.append("These variants of the secrets were tried, and do not match: {}".format(also))
    if isinstance(signature_method, Plaintext):
        return Finding(
            "unknown", done, "Both sides must use the same secrets", "3.4.4", ". ".join(fix), by="Most likely"
        )
    query, _, form = recipe.sources
    empty = list(dict.fromkeys([name for name, value in query + form if not value]))[:3]
    if empty:
        names = visible(", ".join(empty))[:200]
        fix.append("These parameters arrived empty, and may have been signed with a value: " + names)
    fix.append("If the secrets are right, compare the client's base string with the server's, character by character")
    wants = "Both sides must build the same base string and sign it with the same secrets"
    return Finding("unknown", done, wants, "3.4", ". ".join(fix), by="Most likely")


def body_hash_findings(sent: str, body: bytes, digest: str) -> "list[Finding]":
    """Return the mistakes that turn ``body`` into the sent hash: in the body, the digest or the encoding."""
    bodies = [("", "", body, "")] + [(id, done, make(body), fix) for id, done, make, fix in HASHED_BODIES]
    bodies += [(*JSON_REWRITTEN[:2], text, JSON_REWRITTEN[2]) for text in rewritten_json(body)]
    digests = [digest] + [each for each in ("sha1", "sha256", "sha512", "sha384", "md5") if each != digest]
    forms = [("", "", encode_base64), *HASH_FORMS]
    for body_id, body_done, octets, body_fix in bodies:
        for name in digests:
            try:
                hashed = hashlib.new(name, octets).digest()
            except ValueError:
                continue  # Python was built without this hash.
            for form_id, form_done, write in forms:
                if write(hashed).rstrip("=") != sent.rstrip("="):
                    continue
                found = []
                if body_id:
                    found.append(Finding(body_id, body_done, *HASH_RULE, body_fix))
                if name != digest:
                    done = "hashed the body with {} instead of {}".format(name.upper(), digest.upper())
                    fix = "Use the hash of the signature method"
                    found.append(Finding("body-hash-by-another-digest", done, *HASH_RULE, fix))
                if form_id or (not found and write(hashed) != sent):
                    done = form_done or HASH_FORMS[-1][1]
                    fix = "Write the octets of the hash in base64, with +, / and =, and percent-encode the result once"
                    found.append(Finding(form_id or HASH_FORMS[-1][0], done, *HASH_RULE, fix))
                return found
    return [BODY_HASH]


def without_protocol(text: "str | bytes") -> str:
    """Return a query or form without the protocol parameters; the rest is not decoded."""
    pieces = form_text(text).split("&")
    return "&".join([each for each in pieces if not percent_decode(each).startswith("oauth_")])


def digest_used_by(signature_method: "SignatureMethod") -> "str | None":
    """Return :attr:`Recipe.digest` for a signature method; ``None`` for RSA and for methods of other programs."""
    if isinstance(signature_method, Hmac):
        return signature_method.digest
    return "" if isinstance(signature_method, Plaintext) else None


class Difference:
    """One difference between two base strings.

    :param field: what differs: ``"method"``, ``"base string URI"``, ``"parameter <name>"``,
        ``"order of the parameters"``, ``"encoding of the parameters"`` or ``"encoding of the base string"``.
    :param ours: this part of your base string, decoded once; ``""`` if it is missing.
    :param theirs: this part of the server's base string.
    :param causes: the findings that explain the difference, ``[]`` if unknown.
    """

    __slots__ = ("field", "ours", "theirs", "causes")

    def __init__(self, field: str, ours: str, theirs: str, causes: "list[Finding]") -> None:
        self.field: str = field
        self.ours: str = ours
        self.theirs: str = theirs
        self.causes: "list[Finding]" = causes

    def __repr__(self) -> str:
        return "Difference({!r}, causes={!r})".format(self.field, self.causes)


def compare_base_strings(ours: str, theirs: str) -> "list[Difference]":
    """Return where your base string differs from the server's, and which mistakes explain each difference.

    :param ours: your base string, such as the base string of an :class:`Explanation`.
    :param theirs: the server's base string, or a reply that contains it: as text, in JSON, HTML or a form.
    :raises ValueError: if ``ours`` is not a base string, or ``theirs`` contains no base string.
    :raises SigningError: if one of them is not valid Unicode.
    """
    message = "your text is not a base string: a base string contains at least two &"
    our_elements, elements = elements_of(ours.strip(), message), None
    try:
        elements = find_base_string(theirs).split("&")
    except ValueError:
        # Some servers show the base string decoded once.
        elements = elements_of(shown_base_string(theirs), "the server's reply contains no base string")
    method, uri, parameters = [percent_decode(element) for element in elements]
    pairs = [(percent_decode(name), percent_decode(value)) for name, value in raw_pairs(parameters)]
    protocol = tuple([pair for pair in pairs if pair[0].startswith("oauth_")])
    others = tuple([pair for pair in pairs if not pair[0].startswith("oauth_")])
    # Start from what the RFC requires: the server's base string may be wrong too.
    recipe = Recipe(method.upper(), wanted_uri(uri), others, protocol, ())
    recipe.raw_sources = (without_protocol(parameters), "")
    recipe.received_uri = percent_decode(our_elements[1])
    recipe.other_uris = [recipe.received_uri]

    differences = []
    if ours.strip() != "&".join(our_elements):
        differences.append(
            Difference("encoding of the base string", ours.strip(), "&".join(our_elements), [ENCODED_AGAIN])
        )
    is_small = len(uri) <= LIMITS.uri and len(pairs) <= LIMITS.parameters
    for index, (mine, other) in enumerate(zip(our_elements, elements)):
        if mine != other:
            causes = causes_of(recipe, index, mine) if is_small else []
            mine, other = percent_decode(mine), percent_decode(other)
            if index == 2:
                differences += parameter_differences(mine, other, causes)
            else:
                differences.append(Difference(("method", "base string URI")[index], mine, other, causes))
    return differences


def elements_of(base_string: str, message: str) -> "list[str]":
    """Return the three elements of a base string, even if it was decoded or encoded once more."""
    elements = base_string.split("&", 2)
    if len(elements) == 1:
        elements = percent_decode(base_string).split("&", 2)
    if len(elements) != 3:
        raise ValueError(message)
    if "://" in elements[1]:
        elements[1:] = [percent_encode(each) for each in elements[1:]]
    return elements


def wanted_uri(uri: str) -> str:
    try:
        return base_string_uri(uri)
    except SigningError:
        return uri


def causes_of(recipe: Recipe, index: int, mine: str) -> "list[Finding]":
    """Return the mistakes that explain this element of your base string."""
    trials = Trials(
        lambda recipe: (recipe.base_string().split("&", 2)[index],), mine.__eq__, BUDGET // (len(mine) + 100)
    )
    if trials.hit(recipe):
        return [SERVER]
    findings = search(recipe, trials)
    for finding in findings:
        if finding.id == "query-left-out":
            # A base string does not show whether a parameter was in the query or in the form.
            (form,) = [each for each in CATALOGUE if each.id == "form-left-out"]
            finding.alike += (finding_of(form, recipe),)
    return findings


def parameter_differences(ours: str, theirs: str, causes: "list[Finding]") -> "list[Difference]":
    """Return the differences of two normalized lists: in the parameters, or in their order, or in their encoding."""
    our_pieces, their_pieces = ours.split("&"), theirs.split("&")
    if sorted(our_pieces) == sorted(their_pieces):
        field = "encoding of the parameters" if our_pieces == their_pieces else "order of the parameters"
        return [Difference(field, ours, theirs, causes)]
    by_name: "dict[str, tuple[list[str], list[str]]]" = {}
    for side, pieces in enumerate((our_pieces, their_pieces)):
        for piece in pieces:
            if piece:
                by_name.setdefault(piece.partition("=")[0], ([], []))[side].append(piece)
    differences = []
    for name, both in by_name.items():
        mine, other = ["&".join(pieces) for pieces in both]
        if mine != other:
            another = name in ("oauth_nonce", "oauth_timestamp") and mine and other
            field = "parameter " + percent_decode(name)
            differences.append(Difference(field, mine, other, [ANOTHER_REQUEST] if another else causes))
    return differences


def find_base_string(text: str) -> str:
    """Return the first base string in a text, even if its & and % are escaped, also more than once."""
    import re  # here, because few programs need it

    pattern = re.compile("[a-z]{1,20}&https?%3a%2f%2f[a-z0-9%._~-]*&[a-z0-9%._~-]*", re.IGNORECASE)
    decoded = percent_decode(text)
    for variant in (text, without_escapes(text), decoded, percent_decode(decoded)):
        match = pattern.search(variant)
        if match is not None:
            return match.group()
    raise ValueError("the server's reply contains no base string")


def shown_base_string(text: str) -> str:
    """Return the first base string in a text that shows it decoded, ``""`` if there is none."""
    import re

    pattern = re.compile("[a-z]{1,20}&https?://[^\\s&\"'<>]+&[^\\s\"'<>]*", re.IGNORECASE)
    match = pattern.search(without_escapes(text))
    return match.group() if match is not None else ""


def without_escapes(text: str) -> str:
    """Return a text without the escapes of JSON and HTML for &, and without other JSON escapes of ASCII."""
    import re

    text = re.sub("&(?:amp;|#38;|#[xX]26;)+", "&", text)
    # Without (?<!...), the time grows with the square of the backslashes in a row.
    return re.sub(r"(?<!\\)\\+u00([2-7][0-9a-fA-F])", lambda match: chr(int(match.group(1), 16)), text)
