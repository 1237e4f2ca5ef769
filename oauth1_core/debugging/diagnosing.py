"""Why a signature does not match (RFC 5849 section 3.4).

By trying: each entry of ``mistakes.CATALOGUE`` alone, then each two of them, until what was received comes out. Two
mistakes of the signer are tried before one of the signer and something that happened on the way. Entries that come to
the same for a request cannot be told apart there: the most common is named, and the others stand in
:attr:`Finding.alike`. What changes nothing alone is not looked for in pairs, but for the order of parameters, which
may be right by chance. Where an entry goes through many parameters, its pairs are those with the method, the URI and
the key, so that the time grows with the number of parameters and not with its square.

Findings hold no secret, but they tell what was right about a wrong signature: show them to whoever
runs or writes the client, never to everyone who can send a request.
"""

import binascii
import hashlib
import hmac

from ..base_string import base_string_uri
from ..errors import InvalidSignature, MalformedRequest, SigningError, UnsupportedVersion, VerificationError
from ..parameters import decode_form, form_text
from ..percent_encoding import percent_decode, percent_encode, utf8_octets
from ..receiving import LIMITS, header_pairs, parse_request
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

    # What a recipe comes to; where two recipes come to the same, one of them is tried.
    Outcome = tuple[str | None, ...]

# Octets of base string: what all trials together may cost, so that a large request has fewer of them.
BUDGET = 25000000
# Octets that all recipes together may make, and what a parameter counts in the making of one.
MADE = 4 * BUDGET
PAIR = 60
# More ways than this through the parameters are too many for all pairs.
FEW = 8
PARAMETERS = "3.4.1.3", "3.6"


class Finding:
    """One thing that was done wrong, by the signer or on the way; ``str`` of it is three sentences.

    :param id: which one, such as ``"query-left-out"``: the ``id`` in ``mistakes.CATALOGUE``, or one of this module.
    :param done: what was done, as a sentence goes on after ``by``.
    :param wants: what the RFC wants instead.
    :param section: the section of RFC 5849 that says so, such as ``"3.4.1.3.1"``.
    :param fix: what to do about it.
    :param alike: other findings that come to the same signature for this request, the most common first.
    :param base_string: what the mistake makes of the base string, after the mistake before it if there are two: that
        of the last one is what was signed. ``""`` where it is not known.
    :param by: who did it, as a sentence begins: ``"The signer"``, ``"A browser"``, ``"A proxy"``.
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
        """What happened, as one sentence."""
        return "{} {}.".format(self.by, self.done)

    def __str__(self) -> str:
        return "{} {} (RFC 5849 section {}). {}.".format(self.happened, self.wants, self.section, self.fix)

    def __repr__(self) -> str:
        return "Finding({!r})".format(self.id)


TIMESTAMP = Finding(
    "timestamp-not-in-seconds", "sent a timestamp that is no whole number of seconds, such as milliseconds",
    "The timestamp must be the number of seconds since 1970", "3.3",
    "Divide milliseconds by 1000, and drop the fraction",
)  # fmt: skip
VERSION = Finding(
    "version-is-not-1.0", "sent an oauth_version other than 1.0", "oauth_version must be 1.0, or be left out", "3.1",
    "Write 1.0. The protocol is called OAuth 1.0a, but examples that send 1.0A or 1.0a are wrong",
)  # fmt: skip
PACKED = Finding(
    "body-packed", "compressed the form after it was signed", "The form must be sent as it is signed", "3.4.1.3.1",
    "Do not compress a form, or decompress it before the request is verified", by="A client library or a proxy",
)  # fmt: skip
ANOTHER_CHARSET = Finding(
    "sent-as-windows-1252", "sent text in Windows-1252 or Latin-1, so that the form cannot be read as UTF-8",
    "Text must be encoded as UTF-8", "3.6", "Declare the page or the form as UTF-8 (charset, accept-charset)",
    by="A browser or a client library",
)  # fmt: skip
HASH_RULE = "oauth_body_hash must be the hash of the body that is sent, as its extension says", "3.4.1"
BODY_HASH = Finding(
    "body-changed", "signed the hash of another body; the signature itself is right", *HASH_RULE,
    "Hash exactly the octets that are sent, and look for what changes them on the way",
)  # fmt: skip
HASHED_BODIES: "tuple[tuple[str, str, Callable[[bytes], bytes], str], ...]" = (
    ("body-hash-of-nothing", "hashed an empty body", lambda body: b"", "Hash the octets of the body"),
    ("body-hash-of-unpacked-body", "hashed the body before it was compressed", unpacked,
        "Hash the octets that are sent, or send the body as it is"),
    ("body-hash-without-final-line-break", "hashed the body without the line break at its end",
        lambda body: body.rstrip(b"\r\n"),
        "Send the body without a line break at its end (echo adds one, printf does not)"),
    ("body-hash-with-final-line-break", "hashed the body with a line break at its end, which did not arrive",
        lambda body: body + b"\n", "Hash exactly the octets that are sent"),
    ("body-hash-with-other-line-breaks", "hashed the body with LF, and CRLF arrived",
        lambda body: line_feeds(body.decode("latin-1")).encode("latin-1"), "Hash exactly the octets that are sent"),
    ("body-hash-with-other-line-breaks", "hashed the body with CRLF, and LF arrived",
        lambda body: crlf(body.decode("latin-1")).encode("latin-1"), "Hash exactly the octets that are sent"),
)  # fmt: skip
JSON_REWRITTEN = (
    "json-rewritten", "hashed the JSON body before something wrote it anew, with other white space, order or escapes",
    "Hash exactly the octets that are sent: write the JSON once, and hand these octets to the HTTP client",
)  # fmt: skip
HASH_FORMS: "tuple[tuple[str, str, Callable[[bytes], str]], ...]" = (
    ("body-hash-in-hex", "wrote the body hash in hex", lambda digest: binascii.hexlify(digest).decode()),
    ("body-hash-in-hex", "wrote the body hash in hex", lambda digest: binascii.hexlify(digest).decode().upper()),
    ("body-hash-in-hex", "wrote the hex text of the body hash in base64",
        lambda digest: encode_base64(binascii.hexlify(digest))),
    ("body-hash-in-url-safe-base64", "wrote the body hash in the URL-safe alphabet, or without padding",
        lambda digest: encode_base64(digest).replace("+", "-").replace("/", "_")),
)  # fmt: skip
ANOTHER_CLIENT = Finding(
    "token-of-another-client", "sent a token that was issued to another client",
    "A token may be restricted to the client to which it was issued", "3.2",
    "Send the token with the consumer key and secret that it was issued to, or let the user log in again with these",
)  # fmt: skip
EMPTY_SECRET = Finding(
    "client-secret-empty", "signed with an empty secret, as anyone could",
    "The client must prove that it owns a secret", "3.4",
    "Issue a secret, or register the client as one without a secret",
)  # fmt: skip
SERVER = Finding(
    "server-differs", "builds another base string than the RFC; ours is that of the RFC",
    "Both sides must build the same base string", "3.4.1", "Show the server's owner this difference", by="The server",
)  # fmt: skip
ENCODED_AGAIN = Finding(
    "base-string-encoded-again", "encoded its whole base string once more, or decoded it once",
    "The three elements of a base string must be joined by two &, and never be encoded as a whole", "3.4.1.1",
    "Compare what goes into the hash, not a copy that was encoded to be shown",
)  # fmt: skip
ANOTHER_REQUEST = Finding(
    "another-request", "made this base string for another request", "Nonce and timestamp must be those that were sent",
    "3.3", "Compare the base strings of one and the same request",
)  # fmt: skip


class Trials:
    """What was tried, each outcome once; ``hit`` tells whether a recipe comes to what was received."""

    def __init__(self, outcome: "Callable[[Recipe], Outcome]", holds: "Callable[..., bool]", limit: int) -> None:
        self.outcome = outcome
        self.holds = holds
        self.limit = limit
        self.spent: int = 0
        self.results: "dict[Outcome, bool]" = {}

    def hit(self, recipe: Recipe) -> bool:
        outcome = self.outcome(recipe)
        # Much is made that comes to the same.
        self.spent += sum([len(text or "") for text in outcome]) + PAIR * sum(map(len, recipe.sources))
        if outcome not in self.results:
            self.results[outcome] = self.holds(*outcome)
        return self.results[outcome]

    def is_over(self) -> bool:
        return len(self.results) >= self.limit or self.spent >= MADE


def search(recipe: Recipe, trials: Trials) -> "list[Finding]":
    """Return the one or two mistakes by which ``recipe`` comes to what was received, [] if there are none."""
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
                # All parameters at once, and the first few: what happens to one of many is rarely met in a pair.
                if ways[number] <= FEW or mistake.rank == 2 or mistake.by == "The signer":
                    singles.append((number, changed))
    if hits:
        hits.sort(key=lambda hit: hit[0].rank)
        first, *others = [finding_of(*hit) for hit in hits]
        first.alike = tuple(others)
        return [first]
    # What goes through many parameters is combined with what leaves them alone.
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
    """Return when an entry has its turn: what is common, then the signer's mistakes, then the rest; rare ones last."""
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
    """Return what went wrong with the signature of a received request: one finding, or two that go together.

    If the signature is right, there is none. If nothing known explains it, the one finding has the id ``"unknown"``:
    one of the secrets is then most likely wrong.

    :param method: the request method, as :func:`parse_request` takes it.
    :param uri: the request URI, absolute, as it was sent.
    :param headers: the header fields, as (name, value) pairs of ``str``. The hosts in them are tried too.
    :param body: the entity-body, as octets.
    :param client: the credentials that ``oauth_consumer_key`` stands for.
    :param token: those that ``oauth_token`` stands for, ``None`` if there are none.
    :param accept: signature methods, that of the request among them; an RSA method needs its callable to verify with.
    :param other_secrets: secrets to try in the place of either, such as that of the temporary credentials.
    :param other_uris: absolute URIs to try in the place of ``uri``, such as the one behind a proxy.
    :param token_client: the identifier of the client that ``token`` was issued to, if it is known.
    :raises InvalidToken: if ``token`` is ``None`` and the request has one.
    :raises UnsupportedSignatureMethod: if ``accept`` does not have the signature method of the request.
    :raises VerificationError: any other of :func:`parse_request` or :func:`verify_signature`, if the request cannot be
        read or may not be verified.
    :raises SigningError: if a secret is not valid Unicode.
    """
    findings = findings_of(method, uri, header_pairs(headers), body, client, token, accept, other_secrets, other_uris)
    if token is not None and token_client is not None and token_client != client.identifier:
        # A signature that nothing explains is then no sign of a wrong secret.
        findings = [ANOTHER_CLIENT] + [each for each in findings if each.id != "unknown"]
    return findings


def findings_of(
    method: str, uri: str, headers: "Parameters", body: bytes, client: "ClientCredentials",
    token: "Credentials | None", accept: "Sequence[SignatureMethod]", other_secrets: "Iterable[str]",
    other_uris: "Iterable[str]",
) -> "list[Finding]":  # fmt: skip
    """Return what went wrong with the signature alone."""
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
        # The request cannot be read because of it; what else is wrong can be looked for without it.
        try:
            return [finding] + findings_of(
                method, uri, headers, octets, client, token, accept, other_secrets, other_uris
            )
        except VerificationError:
            return [finding]
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
            # What becomes of the secrets is the method's own affair; RSA takes none.
            secrets = ("", "") if isinstance(signature_method, Rsa) else (recipe.client_secret, recipe.token_secret)
            return (recipe.received, None, "", *secrets, *recipe.elements())
        # PLAINTEXT has no text.
        elements = recipe.elements() if recipe.digest else ()
        return (recipe.received, recipe.digest, "swapped" if recipe.swapped else "", recipe.key(), *elements)

    def holds(received: str, digest: "str | None", swapped: str, key: str, *rest: str) -> bool:
        if digest is None:
            text = "&".join(rest[1:])
            # Of a text that is not ASCII nobody can make a signature.
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
    """Return the finding that nothing explains the signature, with what points to a secret and what away from it."""
    tried = "none of {} known causes, and no two of them, explain the signature ({} combinations tried{})"
    tried = tried.format(len(CATALOGUE), len(trials.results), ", then given up" if trials.is_over() else "")
    if isinstance(signature_method, Rsa):
        done = "another private key signed this: " + tried
        fix = ["Compare the public key on the server with the private key of the client"]
    else:
        which = "one of the secrets" if recipe.token_secret else "the secret of the client"
        done = "{} is wrong: {}".format(which, tried)
        fix = ["Copy the secrets again, from where they were issued"]
        also = "empty, cut at either end, in quotes, with white space or &, and encoded once more"
        if recipe.token_secret:
            also = "swapped, " + also
        fix.append("They were tried {}".format(also))
    if isinstance(signature_method, Plaintext):
        return Finding(
            "unknown", done, "Both sides must use the same secrets", "3.4.4", ". ".join(fix), by="Most likely"
        )
    query, _, form = recipe.sources
    empty = list(dict.fromkeys([name for name, value in query + form if not value]))[:3]
    if empty:
        fix.append("These arrived empty, and may have been signed with a value: " + visible(", ".join(empty))[:200])
    fix.append("If the secrets are right, compare the client's base string with the server's, octet by octet")
    wants = "Both sides must build the same base string and sign it with the same secrets"
    return Finding("unknown", done, wants, "3.4", ". ".join(fix), by="Most likely")


def body_hash_findings(sent: str, body: bytes, digest: str) -> "list[Finding]":
    """Return how the body hash that was sent comes from the body: at most another body, another hash, another text."""
    bodies = [("", "", body, "")] + [(id, done, make(body), fix) for id, done, make, fix in HASHED_BODIES]
    bodies += [(*JSON_REWRITTEN[:2], text, JSON_REWRITTEN[2]) for text in rewritten_json(body)]
    digests = [digest] + [each for each in ("sha1", "sha256", "sha512", "md5") if each != digest]
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
                    done = "hashed the body with {} in place of {}".format(name.upper(), digest.upper())
                    fix = "Use the hash of the signature method"
                    found.append(Finding("body-hash-by-another-digest", done, *HASH_RULE, fix))
                if form_id or (not found and write(hashed) != sent):
                    done = form_done or HASH_FORMS[-1][1]
                    fix = "Write the octets of the hash in base64, with + and / and the padding"
                    found.append(Finding(form_id or HASH_FORMS[-1][0], done, *HASH_RULE, fix))
                return found
    return [BODY_HASH]


def without_protocol(text: "str | bytes") -> str:
    """Return a query or form without the protocol parameters, in its own spelling."""
    pieces = form_text(text).split("&")
    return "&".join([each for each in pieces if not percent_decode(each).startswith("oauth_")])


def digest_used_by(signature_method: "SignatureMethod") -> "str | None":
    """Return what :attr:`Recipe.digest` is for a signature method: RSA and any method of one's own have none."""
    if isinstance(signature_method, Hmac):
        return signature_method.digest
    return "" if isinstance(signature_method, Plaintext) else None


class Difference:
    """Something in which two base strings differ.

    :param field: what it is: ``"method"``, ``"base string URI"``, ``"parameter <name>"``, ``"order of the parameters"``
        or ``"encoding of the parameters"``.
    :param ours: what our base string has there, decoded once; ``""`` if it has nothing.
    :param theirs: what the server's has there.
    :param causes: the findings that explain it, ``[]`` if no known mistake does.
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
    """Return where our base string differs from the server's, and what we may have done to get there.

    :param ours: our base string, such as that of an :class:`Explanation`.
    :param theirs: the server's base string, or a reply that holds it: as text, in JSON, HTML or a form.
    :raises ValueError: if ``ours`` is no base string, or ``theirs`` holds none.
    :raises SigningError: if one of them is not valid Unicode.
    """
    our_elements, elements = elements_of(ours.strip(), "ours is not a base string: it has no two &"), None
    try:
        elements = find_base_string(theirs).split("&")
    except ValueError:
        # Decoded once, as some servers show it.
        elements = elements_of(shown_base_string(theirs), "theirs holds no base string")
    method, uri, parameters = [percent_decode(element) for element in elements]
    pairs = [(percent_decode(name), percent_decode(value)) for name, value in raw_pairs(parameters)]
    protocol = tuple([pair for pair in pairs if pair[0].startswith("oauth_")])
    others = tuple([pair for pair in pairs if not pair[0].startswith("oauth_")])
    # As the RFC wants it: what is theirs may be wrong as well.
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
    """Return the three elements, as they are in a base string that was neither decoded nor encoded once more."""
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
    """Return the mistakes by which one element of the base string becomes ours."""
    trials = Trials(
        lambda recipe: (recipe.base_string().split("&", 2)[index],), mine.__eq__, BUDGET // (len(mine) + 100)
    )
    if trials.hit(recipe):
        return [SERVER]
    findings = search(recipe, trials)
    for finding in findings:
        if finding.id == "query-left-out":
            # A base string does not tell where its parameters came from.
            (form,) = [each for each in CATALOGUE if each.id == "form-left-out"]
            finding.alike += (finding_of(form, recipe),)
    return findings


def parameter_differences(ours: str, theirs: str, causes: "list[Finding]") -> "list[Difference]":
    """Return what differs between two normalized lists: parameters, else their order, else their encoding."""
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
    """Return the first base string of a text, whatever the text did to its & and %."""
    import re  # here, since few programs come to this

    pattern = re.compile("[a-z]{1,20}&https?%3a%2f%2f[a-z0-9%._~-]*&[a-z0-9%._~-]*", re.IGNORECASE)
    decoded = percent_decode(text)
    for variant in (text, text.replace("\\u0026", "&").replace("&amp;", "&"), decoded, percent_decode(decoded)):
        match = pattern.search(variant)
        if match is not None:
            return match.group()
    raise ValueError("theirs holds no base string")


def shown_base_string(text: str) -> str:
    """Return the first base string of a text that shows it decoded, ``""`` if there is none."""
    import re

    pattern = re.compile("[a-z]{1,20}&https?://[^\\s&\"'<>]+&[^\\s\"'<>]*", re.IGNORECASE)
    match = pattern.search(text.replace("\\u0026", "&").replace("&amp;", "&"))
    return match.group() if match is not None else ""
