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
from ..percent_encoding import percent_decode
from ..receiving import header_pairs, parse_request
from ..signature_methods import HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT, Hmac, decode_base64
from ..uris import query_of
from ..verifying import verify_signature
from .mistakes import CATALOGUE, Recipe, raw_pairs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..credentials import ClientCredentials, Credentials
    from ..receiving import Headers
    from ..signature_methods import SignatureMethod
    from .mistakes import Mistake

# Octets of base string: what all trials together may cost, so that a large request has fewer of them.
BUDGET = 8000000


class Finding:
    """A mistake that was made: ``id``, what was ``done``, what the RFC ``wants`` (``section``), how to ``fix`` it.

    ``alike`` are the ids of other mistakes that come to the same signature for this request. ``base_string`` is
    what the mistake makes of the base string, after the one before it if there are two: the last one's is what
    was signed. It is "" where that is not known.
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

    def __init__(
        self, outcome: "Callable[[Recipe], tuple[str, ...]]", holds: "Callable[..., bool]", limit: int
    ) -> None:
        self.outcome = outcome
        self.holds = holds
        self.limit = limit
        self.results: "dict[tuple[str, ...], bool]" = {}

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
        return [found(hits[0], recipes[0], [each.id for each in hits[1:]])]
    numbers = sorted({number for number, _ in singles})
    for first, changed in singles:
        for second in numbers:
            for both in CATALOGUE[second].change(changed) if second > first else ():
                if trials.is_over():
                    return []
                if trials.hit(both):
                    return [found(CATALOGUE[first], changed), found(CATALOGUE[second], both)]
    return []


def found(mistake: "Mistake", recipe: Recipe, alike: "Iterable[str]" = ()) -> Finding:
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
    """Return what the signer of a received request did wrong: one or two findings.

    The request is given as :func:`parse_request` takes it, with the credentials that its identifiers
    stand for. ``accept`` has the signature method of the request, for RSA with a callable to verify with.
    ``other_secrets`` are tried as either secret, such as that of the temporary credentials; ``other_uris``
    in place of ``uri``, such as the one behind a proxy; hosts are taken from the request's headers too.
    If no known mistake explains the signature, the one finding, ``unknown``, says how many were tried.

    Raises what :func:`parse_request` and :func:`verify_signature` raise, but InvalidSignature, and
    ValueError if the signature is that of the request.
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
        raise ValueError("the signature is that of the request: there is nothing to diagnose")

    (signature_method,) = [each for each in accept if each.name == request.signature_method][:1]
    protocol = tuple([pair for pair in request.protocol_parameters if pair[0] != "oauth_signature"])
    raw_sources = [without_protocol(query_of(uri)), without_protocol(request.body) if request.is_form else ""]
    query, form = [tuple(decode_form(text)) for text in raw_sources]
    recipe = Recipe(request.method.upper(), base_string_uri(uri), query, protocol, form)
    recipe.client_secret = client.secret
    recipe.token_secret = token.secret if token is not None and request.token_identifier is not None else ""
    recipe.digest = digest_of(signature_method)
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

    def outcome(recipe: Recipe) -> "tuple[str, ...]":
        # PLAINTEXT has no text, RSA no secrets.
        text = recipe.base_string() if recipe.digest else ""
        key = "" if recipe.digest == request.signature_method else recipe.key()
        return (recipe.received, recipe.digest, *((text, key) if recipe.swapped else (key, text)))

    def holds(received: str, digest: str, key: str, text: str) -> bool:
        if digest == request.signature_method:
            return text.encode("ascii", "ignore") == octets_of(text) and signature_method.verify(received, text, "", "")
        if not digest:
            return hmac.compare_digest(octets_of(received), octets_of(key))
        try:
            mac = hmac.new(octets_of(key), octets_of(text), digest).digest()
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


def digest_of(signature_method: "SignatureMethod") -> str:
    """Return the hash of an HMAC, "" for PLAINTEXT, and the method's own name for what only it can verify."""
    if isinstance(signature_method, Hmac):
        return signature_method.digest
    return "" if signature_method.name == "PLAINTEXT" else signature_method.name


def octets_of(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


class Difference:
    """A ``field`` in which two base strings differ, in ``ours`` and ``theirs``, decoded, "" where there is none.

    ``causes`` are the findings that explain it, [] if there is no known one.
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

    ``theirs`` is the server's base string, or a reply that holds it: as text, in JSON, HTML or a form.
    Raises ValueError if either is not there, SigningError if one is not valid Unicode.
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
