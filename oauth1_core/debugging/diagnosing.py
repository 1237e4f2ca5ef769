"""Why a signature does not match (RFC 5849 section 3.4).

By trying: each mistake of ``mistakes.CATALOGUE`` alone, then each two of them, in the order of the
stages, until what was received comes out. Mistakes that come to the same text for a request cannot be
told apart there: the first is named, the others stand in :attr:`Finding.alike`. A mistake that changes
nothing alone is not looked for in pairs, but for the order of parameters, which may be right by chance.

Findings hold no secret, but they tell what was right about a wrong signature: show them to whoever
runs or writes the client, never to everyone who can send a request.
"""

import hmac

from ..base_string import base_string_uri
from ..errors import InvalidSignature, MalformedRequest, SigningError
from ..parameters import decode_form, form_text
from ..percent_encoding import percent_decode, utf8_octets
from ..receiving import header_pairs, parse_request
from ..signature_methods import HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT, Hmac, Plaintext, Rsa, decode_base64
from ..uris import query_of
from ..verifying import verify_signature
from .mistakes import CATALOGUE
from .recipes import Recipe, raw_pairs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..credentials import ClientCredentials, Credentials
    from ..receiving import Headers
    from ..signature_methods import SignatureMethod
    from .recipes import Mistake

    # What a recipe comes to; where two recipes come to the same, one of them is tried.
    Outcome = tuple[str | None, ...]

# Octets of base string: what all trials together may cost, so that a large request has fewer of them.
BUDGET = 8000000


class Finding:
    """A mistake that the signer of a request made; ``str`` of it is three sentences.

    :param id: which one, such as ``"query-left-out"``: the ``id`` in ``mistakes.CATALOGUE``, or one of this module.
    :param done: what the signer did, as a sentence goes on after "The signer".
    :param wants: what the RFC wants instead.
    :param section: the section of RFC 5849 that says so, such as ``"3.4.1.3.1"``.
    :param fix: what to do about it.
    :param alike: the ids of other mistakes that come to the same signature for this request.
    :param base_string: what the mistake makes of the base string, after the mistake before it if there are two: that
        of the last one is what was signed. ``""`` where it is not known.
    """

    __slots__ = ("id", "done", "wants", "section", "fix", "alike", "base_string")

    def __init__(
        self, id: str, done: str, wants: str, section: str, fix: str, alike: "Iterable[str]" = (), base_string: str = ""
    ) -> None:
        self.id: str = id
        self.done: str = done
        self.wants: str = wants
        self.section: str = section
        self.fix: str = fix
        self.alike: "tuple[str, ...]" = tuple(alike)
        self.base_string: str = base_string

    def __str__(self) -> str:
        return "The signer {}. {} (RFC 5849 section {}). {}.".format(self.done, self.wants, self.section, self.fix)

    def __repr__(self) -> str:
        return "Finding({!r})".format(self.id)


TIMESTAMP = Finding(
    "timestamp-not-in-seconds", "sent a timestamp that is no whole number of seconds, such as milliseconds",
    "It is the number of seconds since 1970", "3.3", "Divide milliseconds by 1000, and drop the fraction",
)  # fmt: skip
BODY_HASH = Finding(
    "body-changed", "signed the hash of another body (the signature itself holds)",
    "It is the hash of the body that is sent (OAuth Request Body Hash 1.0), which the base string does not cover",
    "3.4.1", "Hash the very octets that are sent, and look for what changes them on the way",
)  # fmt: skip
EMPTY_SECRET = Finding(
    "client-secret-empty", "signed with an empty secret, as anyone could", "The client proves that it owns a secret",
    "3.4", "Issue a secret, or register the client as PublicClientCredentials",
)  # fmt: skip
UNKNOWN = (
    "Both sides come to the same base string and key", "3.4",
    "Compare the secrets, then both base strings: explain() and compare_base_strings()",
)  # fmt: skip
SERVER = Finding(
    "server-differs", "did what the RFC wants; the other side did not", "Both sides come to the same text", "3.4.1",
    "Show the other side this difference",
)  # fmt: skip
ANOTHER_REQUEST = Finding(
    "another-request", "made this base string for another request", "Nonce and timestamp are those that were sent",
    "3.3", "Compare the base strings of one and the same request",
)  # fmt: skip


class Trials:
    """What was tried, each outcome once; ``hit`` tells whether a recipe comes to what was received."""

    def __init__(self, outcome: "Callable[[Recipe], Outcome]", holds: "Callable[..., bool]", limit: int) -> None:
        self.outcome = outcome
        self.holds = holds
        self.limit = limit
        self.results: "dict[Outcome, bool]" = {}

    def hit(self, recipe: Recipe) -> bool:
        outcome = self.outcome(recipe)
        if outcome not in self.results:
            self.results[outcome] = self.holds(*outcome)
        return self.results[outcome]

    def is_over(self) -> bool:
        return len(self.results) >= self.limit


def search(recipe: Recipe, trials: Trials) -> "list[Finding]":
    """Return the one or two mistakes by which ``recipe`` comes to what was received, [] if there are none."""
    singles: "list[tuple[int, Recipe]]" = []
    hits, recipes = [], []
    for number, mistake in enumerate(CATALOGUE):
        for changed in mistake.change(recipe):
            if trials.is_over():
                break
            tried = len(trials.results)
            if trials.hit(changed) and mistake not in hits:
                hits.append(mistake)
                recipes.append(changed)
            if len(trials.results) > tried or changed.sort is not recipe.sort:
                singles.append((number, changed))
    if hits:
        return [finding_of(hits[0], recipes[0], [each.id for each in hits[1:]])]
    numbers = sorted({number for number, _ in singles})
    for first, changed in singles:
        for second in numbers:
            for both in CATALOGUE[second].change(changed) if second > first else ():
                if trials.is_over():
                    return []
                if trials.hit(both):
                    return [finding_of(CATALOGUE[first], changed), finding_of(CATALOGUE[second], both)]
    return []


def finding_of(mistake: "Mistake", recipe: Recipe, alike: "Iterable[str]" = ()) -> Finding:
    done = mistake.done.format(recipe.detail)
    return Finding(mistake.id, done, mistake.wants, mistake.section, mistake.fix, alike, recipe.base_string())


def diagnose(
    method: str,
    uri: str,
    headers: "Headers",
    body: bytes,
    client: "ClientCredentials",
    token: "Credentials | None" = None,
    *,
    accept: "Sequence[SignatureMethod]" = (HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT),
    other_secrets: "Iterable[str]" = (),
    other_uris: "Iterable[str]" = (),
) -> "list[Finding]":
    """Return what the signer of a received request did wrong: one finding, two that go together, or [] if nothing.

    If no known mistake explains the signature, the one finding has the id ``"unknown"`` and says how many were tried.

    :param method: the request method, as :func:`parse_request` takes it.
    :param uri: the request URI, absolute, as it was sent.
    :param headers: the header fields, as (name, value) pairs of ``str``. The hosts in them are tried too.
    :param body: the entity-body, as octets.
    :param client: the credentials that ``oauth_consumer_key`` stands for.
    :param token: those that ``oauth_token`` stands for, ``None`` if there are none.
    :param accept: signature methods, that of the request among them; an RSA method needs its callable to verify with.
    :param other_secrets: secrets to try in the place of either, such as that of the temporary credentials.
    :param other_uris: absolute URIs to try in the place of ``uri``, such as the one behind a proxy.
    :raises InvalidToken: if ``token`` is ``None`` and the request has one.
    :raises UnsupportedSignatureMethod: if ``accept`` does not have the signature method of the request.
    :raises VerificationError: any other of :func:`parse_request` or :func:`verify_signature`, if the request cannot be
        read or may not be verified.
    """
    headers = header_pairs(headers)
    try:
        request = parse_request(method, uri, headers, body)
    except MalformedRequest as error:
        if error.problem == "timestamp_refused":
            return [TIMESTAMP]
        raise
    try:
        verify_signature(request, client, token, accept=accept)
    except InvalidSignature as error:
        if error.parameter == "oauth_body_hash":
            return [BODY_HASH]
    else:
        return []

    (signature_method,) = [each for each in accept if each.name == request.signature_method][:1]
    protocol = tuple([pair for pair in request.protocol_parameters if pair[0] != "oauth_signature"])
    raw_sources = [without_protocol(query_of(uri)), without_protocol(request.body) if request.is_form else ""]
    query, form = [tuple(decode_form(text)) for text in raw_sources]
    recipe = Recipe(request.method.upper(), base_string_uri(uri), query, protocol, form)
    recipe.client_secret = client.secret
    recipe.token_secret = token.secret if token is not None and request.token_identifier is not None else ""
    recipe.digest = digest_used_by(signature_method)
    recipe.received = request.signature
    recipe.received_method = method
    recipe.received_uri = uri
    recipe.raw_sources = (raw_sources[0], raw_sources[1])
    recipe.headers = headers
    recipe.body = body
    recipe.is_form = request.is_form
    recipe.realm = request.realm
    recipe.client_identifier = client.identifier
    recipe.token = token
    recipe.other_secrets = list(other_secrets)
    recipe.other_uris = list(other_uris)

    def outcome(recipe: Recipe) -> "Outcome":
        if recipe.digest is None:
            # What becomes of the secrets is the method's own affair; RSA takes none.
            secrets = ("", "") if isinstance(signature_method, Rsa) else (recipe.client_secret, recipe.token_secret)
            return (recipe.received, None, recipe.base_string(), *secrets)
        # PLAINTEXT has no text.
        text, key = recipe.base_string() if recipe.digest else "", recipe.key()
        return (recipe.received, recipe.digest, *((text, key) if recipe.swapped else (key, text)))

    def holds(received: str, digest: "str | None", *signed: str) -> bool:
        if digest is None:
            text = signed[0]
            # Of a text that is not ASCII nobody can make a signature.
            return text.encode("ascii", "ignore") == utf8_octets(text) and signature_method.verify(received, *signed)
        key, text = signed
        if not digest:
            return hmac.compare_digest(utf8_octets(received), utf8_octets(key))
        try:
            mac = hmac.new(utf8_octets(key), utf8_octets(text), digest).digest()
        except ValueError:
            return False  # Python was built without this hash.
        return hmac.compare_digest(mac, decode_base64(received))

    trials = Trials(outcome, holds, BUDGET // (len(request.base_string) + len(body) + 100))
    if trials.hit(recipe):
        return [EMPTY_SECRET]
    findings = search(recipe, trials)
    if findings:
        return findings
    done = "did something else: none of {} known mistakes and of the pairs of them explains the signature ({} tried{})"
    done = done.format(len(CATALOGUE), len(trials.results), ", then given up" if trials.is_over() else "")
    return [Finding("unknown", done, *UNKNOWN)]


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
    our_elements = ours.strip().split("&", 2)
    if len(our_elements) != 3:
        raise ValueError("ours is not a base string: it has no two &")
    elements = find_base_string(theirs).split("&")
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
    for index, (mine, other) in enumerate(zip(our_elements, elements)):
        if mine != other:
            causes = causes_of(recipe, index, mine)
            mine, other = percent_decode(mine), percent_decode(other)
            if index == 2:
                differences += parameter_differences(mine, other, causes)
            else:
                differences.append(Difference(("method", "base string URI")[index], mine, other, causes))
    return differences


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
            finding.alike += ("form-left-out",)
    return findings


def parameter_differences(ours: str, theirs: str, causes: "list[Finding]") -> "list[Difference]":
    """Return what differs between two normalized lists: parameters, else their order, else their encoding."""
    our_pieces, their_pieces = ours.split("&"), theirs.split("&")
    if sorted(our_pieces) == sorted(their_pieces):
        field = "encoding of the parameters" if our_pieces == their_pieces else "order of the parameters"
        return [Difference(field, ours, theirs, causes)]
    names: "list[str]" = []
    for name, _ in raw_pairs(ours) + raw_pairs(theirs):
        if name not in names:
            names.append(name)
    differences = []
    for name in names:
        mine, other = [
            "&".join([piece for piece in pieces if piece.partition("=")[0] == name])
            for pieces in (our_pieces, their_pieces)
        ]
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
