"""The stages in which a signer makes a signature, and the mistakes in each stage (RFC 5849 section 3.4).

Strategy. A signer works in stages: method, URI, parameters, encoding, sorting, joining, key, digest, output. A
:class:`Recipe` describes each stage, as data or as a function. A new recipe does what the RFC requires, and
:meth:`Recipe.base_string` and :meth:`Recipe.key` compute the results. A mistake is a *change*: a function that takes a
recipe and returns recipes with this mistake, one for each way to make it. A change can start from any recipe, so any
two changes can be combined. The output stage works backwards: the signature was received, so a change undoes in
``received`` what the signer did last.

A search makes thousands of recipes for one request, and two recipes have most stages in common. So a recipe is copied
and never changed. The copy of :meth:`Recipe.replaced` shares the other stages with the original, and keeps their
results in ``made``. All copies also share ``known``, the results of earlier calls by function and arguments. So after a
mistake in the method, the parameters are not encoded again. The arguments must be hashable. Therefore sources are
tuples of pairs, and an encoding is a tuple of named functions, which are not created for each recipe.
"""

import binascii
import re

from ..base_string import base_string_uri
from ..errors import SigningError
from ..parameters import decode_form, encoded_pairs
from ..percent_encoding import percent_decode, percent_encode
from ..signature_methods import HMAC_METHODS, decode_base64, encode_base64
from ..uris import DEFAULT_PORTS, query_of
from .explaining import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any, TypedDict, Unpack

    from ..credentials import Credentials
    from ..parameters import Parameters

    Pair = tuple[str, str]
    Row = tuple[Pair, Pair, str, str]
    Source = tuple[Pair, ...]
    Sources = tuple[Source, ...]
    Rewrites = tuple[Callable[[str], str], ...]
    Change = Callable[["Recipe"], "Iterable[Recipe]"]

    class Stages(TypedDict, total=False):
        """The stages that a mistake can replace in a recipe."""

        method: str
        uri: str
        encode_uri: Rewrites
        sources: Sources
        encode: Rewrites
        sort: Callable[[Row], Any] | None
        join: Callable[[str, str], str]
        encode_again: Rewrites
        client_secret: str
        token_secret: str
        encode_key: Rewrites
        join_key: str
        digest: str | None
        swapped: bool
        received: str
        detail: str


ENCODED = re.compile("[A-Za-z0-9._~%=-]*")
# The result that depends on each stage.
MADE_OF = {
    "uri": "uri", "encode_uri": "uri",
    "sources": "parameters", "encode": "parameters", "sort": "parameters", "join": "parameters",
    "encode_again": "parameters",
    "client_secret": "key", "token_secret": "key", "encode_key": "key", "join_key": "key",
}  # fmt: skip


class Recipe:
    """The work of a signer at each stage. A new recipe does what section 3.4 requires.

    The four encodings (``encode``, ``encode_uri``, ``encode_again``, ``encode_key``) are tuples of functions that are
    applied in order. The ``sources`` are query, protocol parameters and form. The ``digest`` is the hash name of an
    HMAC, ``""`` for PLAINTEXT, which sends the key itself, and ``None`` for a signature that only its method can
    verify. The ``detail`` is the text for ``{}`` in a finding, such as the name of a parameter.
    """

    def __init__(self, method: str, uri: str, query: "Source", protocol: "Source", form: "Source") -> None:
        self.method = method
        self.uri = uri
        self.encode_uri: "Rewrites" = (percent_encode,)
        self.sources: "Sources" = (query, protocol, form)
        self.encode: "Rewrites" = (percent_encode,)
        self.sort: "Callable[[Row], Any] | None" = by_encoded_pair
        self.join: "Callable[[str, str], str]" = name_and_value
        self.encode_again: "Rewrites" = (percent_encode,)
        self.client_secret = ""
        self.token_secret = ""
        self.encode_key: "Rewrites" = (percent_encode,)
        self.join_key = "{}&{}"
        self.digest: "str | None" = ""
        self.swapped = False
        self.received = ""
        self.detail = ""
        # Whether this recipe is a copy, and whether the search combines it with another mistake.
        self.is_changed = False
        self.is_combined = True
        # Other facts about the request; no mistake changes them.
        self.received_method = method
        self.received_uri = uri
        self.raw_sources: "tuple[str, str]" = ("", "")
        self.headers: "Parameters" = []
        self.body = b""
        self.is_form = True
        self.realm: "str | None" = None
        self.client_identifier = ""
        self.token: "Credentials | None" = None
        self.other_secrets: "Sequence[str]" = ()
        self.other_uris: "Sequence[str]" = ()
        # The cache that all copies share.
        self.known: "dict[object, Any]" = {}
        # The results of this recipe; a copy keeps the results that do not depend on its new stages.
        self.made: "dict[str, str]" = {}

    def replaced(self, **stages: "Unpack[Stages]") -> "Recipe":
        """Return a copy with other stages. Raises TypeError for an unknown stage."""
        if not stages.keys() <= self.__dict__.keys():
            raise TypeError("a recipe has no {}".format(", ".join(sorted(stages.keys() - self.__dict__.keys()))))
        copy = Recipe.__new__(Recipe)
        copy.__dict__ = dict(self.__dict__, detail="", made=self.made.copy(), is_changed=True)
        for stage in stages:
            copy.made.pop(MADE_OF.get(stage, ""), "")
        copy.__dict__.update(stages)
        return copy

    def base_string(self) -> str:
        return "&".join(self.elements())

    def elements(self) -> "tuple[str, str, str]":
        """Return the three elements that & joins in the base string."""
        made = self.made
        if "uri" not in made:
            made["uri"] = self.once(rewrite, self.uri, self.encode_uri)
        if "parameters" not in made:
            part = (self.sources, self.encode, self.sort, self.join, self.encode_again)
            if part not in self.known:
                self.known[part] = self.parameters()
            made["parameters"] = self.known[part]
        return self.once(percent_encode, self.method), made["uri"], made["parameters"]

    def parameters(self) -> str:
        # Most recipes share most parameters: each parameter is encoded and joined only once.
        known: "dict[Pair, Row]" = self.known.setdefault(("rows", self.encode, self.join), {})
        rows: "list[Row]" = []
        for source in self.sources:
            for pair in source:
                if pair not in known:
                    known[pair] = self.row(pair)
            rows += [known[pair] for pair in source]
        if self.sort is not None:
            rows.sort(key=self.sort)
        if self.encode_again[:1] != (percent_encode,):
            return rewrite("&".join([row[2] for row in rows]), self.encode_again)
        return rewrite("%26".join([row[3] for row in rows]), self.encode_again[1:])

    def row(self, pair: "Pair") -> "Row":
        """Return a pair, the encoded pair, the joined text, and the joined text encoded again."""
        encoded = self.encoded(pair[0], self.encode), self.encoded(pair[1], self.encode)
        joined = self.join(*encoded)
        return pair, encoded, joined, encode_encoded(joined)

    def encoded(self, text: str, encode: "Rewrites") -> str:
        """Return the encoded ``text``. The first step is cached, because most encodings begin with the same step."""
        if encode[:1] == (percent_encode,):
            text, encode = self.once(percent_encode, text), encode[1:]
        return rewrite(text, encode)

    def key(self) -> str:
        if "key" not in self.made:
            secrets = [self.once(rewrite, each, self.encode_key) for each in (self.client_secret, self.token_secret)]
            self.made["key"] = self.join_key.format(*secrets)
        return self.made["key"]

    def once(self, function: "Callable[..., Any]", *arguments: object) -> "Any":
        """Return the result of ``function``; this recipe and its copies call it only once for the same arguments."""
        call = (function, *arguments)
        if call not in self.known:
            self.known[call] = function(*arguments)
        return self.known[call]


def rewrite(text: str, rewrites: "Rewrites") -> str:
    for function in rewrites:
        text = function(text)
    return text


def encode_encoded(text: str) -> str:
    """Return the result of ``percent_encode``, faster for a text that is already encoded."""
    if ENCODED.fullmatch(text):
        return text.replace("%", "%25").replace("=", "%3D")
    return percent_encode(text)


def by_encoded_pair(row: "Row") -> "Pair":
    return row[1]


def name_and_value(name: str, value: str) -> str:
    return name + "=" + value


class Mistake:
    """One mistake: what was ``done``, ``by`` whom, what the RFC ``wants`` (in ``section``), and how to ``fix`` it.

    ``change`` takes a recipe and returns recipes with this mistake, one for each way to make it. Of mistakes that give
    the same signature, the finding names the mistake with the lowest ``rank``, which is the most common mistake.
    """

    __slots__ = ("id", "change", "section", "done", "wants", "fix", "by", "rank")

    def __init__(
        self, id: str, change: "Change", section: str, done: str, wants: str, fix: str,
        by: str = "The signer", rank: int = 1,
    ) -> None:  # fmt: skip
        self.id: str = id
        self.change: "Change" = change
        self.section: str = section
        self.done: str = done
        self.wants: str = wants
        self.fix: str = fix
        self.by: str = by
        self.rank: int = rank


# Three kinds of change, for mistakes in one stage


def replacing(**stages: "Unpack[Stages]") -> "Change":
    """Return a change that replaces stages with fixed values."""
    Recipe("", "", (), (), ()).replaced(**stages)  # a misspelt stage fails when the catalogue is read
    return lambda recipe: [recipe.replaced(**stages)]


def rewriting(*functions: "Callable[[str], str]") -> "Change":
    """Return a change that makes the encoding wrong in all stages, or in some stages."""

    def change(recipe: Recipe) -> "Iterator[Recipe]":
        uses = ("encode", "encode_uri", "encode_again", "encode_key")
        for names in (uses, uses[:1], uses[1:3]):
            # A stage that does not encode at all cannot encode wrongly.
            rewrites = {name: getattr(recipe, name) for name in names}
            stages: "dict[str, Any]" = {name: each + functions for name, each in rewrites.items() if each}
            yield recipe.replaced(**stages)
            if "encode" in stages and recipe.encode == (percent_encode, percent_encode):
                # A signer that encodes twice can make the mistake the first time only, or both times.
                once = (percent_encode, *functions, percent_encode)
                yield recipe.replaced(**dict(stages, encode=once))
                yield recipe.replaced(**dict(stages, encode=once + functions))

    return change


def undoing(undo: "Callable[[str], str]") -> "Change":
    """Return a change for a signer that altered its signature; ``undo`` reverses the alteration."""

    def change(recipe: Recipe) -> "Iterator[Recipe]":
        received = undo(recipe.received)
        if received != recipe.received:
            yield recipe.replaced(received=received)

    return change


# Method (3.4.1.1)


def method_as_it_came(recipe: Recipe) -> "Iterator[Recipe]":
    for method in (recipe.method.lower(), recipe.received_method):
        if method != recipe.method:
            yield recipe.replaced(method=method)


def another_method(recipe: Recipe) -> "Iterator[Recipe]":
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
        if method != recipe.method:
            yield recipe.replaced(method=method, detail=method)


# Base string URI (3.4.1.2)


def parts_of(uri: str) -> "tuple[str, str, str, str]":
    """Return scheme, host, port (with its colon) and path of a URI."""
    scheme, _, rest = uri.partition("?")[0].partition("://")
    authority, slash, path = rest.partition("/")
    host, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        host, colon, port = authority, "", ""
    return scheme, host, colon + port, slash + path


def another_scheme(recipe: Recipe) -> "Iterator[Recipe]":
    scheme, host, port, path = parts_of(recipe.uri)
    other = "https" if scheme == "http" else "http"
    yield recipe.replaced(uri=other + "://" + host + port + path, detail=other)
    if port == ":{}".format(DEFAULT_PORTS[other]):
        yield recipe.replaced(uri=other + "://" + host + path, detail=other)


def default_port_kept(recipe: Recipe) -> "Iterator[Recipe]":
    scheme, host, port, path = parts_of(recipe.uri)
    if not port:
        yield recipe.replaced(uri="{}://{}:{}{}".format(scheme, host, DEFAULT_PORTS[scheme.lower()], path))


def port_left_out(recipe: Recipe) -> "Iterator[Recipe]":
    scheme, host, port, path = parts_of(recipe.uri)
    if port:
        yield recipe.replaced(uri=scheme + "://" + host + path)


def host_case_kept(recipe: Recipe) -> "Iterator[Recipe]":
    scheme, host, port, path = parts_of(recipe.uri)
    hosts = [parts_of("://" + each.rpartition("@")[2])[1] for each in header_values(recipe, "host")]
    for their_scheme, their_host in [parts_of(recipe.received_uri)[:2]] + [(scheme, each) for each in hosts]:
        same = (their_scheme.lower(), their_host.lower()) == (scheme.lower(), host.lower())
        if same and (their_scheme, their_host) != (scheme, host):
            yield recipe.replaced(uri=their_scheme + "://" + their_host + port + path)


def another_host(recipe: Recipe) -> "Iterator[Recipe]":
    scheme, _, port, path = parts_of(recipe.uri)
    candidates = header_values(recipe, "host", "x-forwarded-host", "x-original-host", "x-forwarded-server")
    for field in header_values(recipe, "forwarded"):
        # RFC 7239 section 4: "Each parameter MUST NOT occur more than once per field-value".
        hosts = [pair.strip()[5:].strip('"') for pair in field.split(";") if pair.strip()[:5].lower() == "host="]
        candidates += hosts[:1]
    for uri in recipe.other_uris:
        _, other_host, other_port, _ = parts_of(uri)
        candidates.append(other_host + other_port)
    for candidate in candidates:
        for authority in (candidate, parts_of("://" + candidate)[1] + port):
            try:
                uri = base_string_uri(scheme + "://" + authority + "/")[:-1] + path
            except SigningError:
                continue
            if parts_of(uri)[1:] != parts_of(recipe.uri)[1:]:
                yield recipe.replaced(uri=uri, detail=parts_of(uri)[1] + parts_of(uri)[2])


def another_uri(recipe: Recipe) -> "Iterator[Recipe]":
    for uri in recipe.other_uris:
        try:
            yield recipe.replaced(uri=base_string_uri(uri), detail=base_string_uri(uri))
        except SigningError:
            continue


def with_path(recipe: Recipe, *paths: str) -> "Iterator[Recipe]":
    scheme, host, port, path = parts_of(recipe.uri)
    for other in paths:
        if other != path:
            yield recipe.replaced(uri=scheme + "://" + host + port + other)


def path_decoded(recipe: Recipe) -> "Iterator[Recipe]":
    return with_path(recipe, percent_decode(parts_of(recipe.uri)[3]))


def path_encoded_twice(recipe: Recipe) -> "Iterator[Recipe]":
    return with_path(recipe, parts_of(recipe.uri)[3].replace("%", "%25"))


def path_normalized(recipe: Recipe) -> "Iterator[Recipe]":
    path = parts_of(recipe.uri)[3]
    segments = path.split("/")[1:]
    without_empty = [segment for segment in segments[:-1] if segment] + segments[-1:]
    respelled = [percent_encode(percent_decode(segment)) for segment in segments]
    return with_path(recipe, remove_dot_segments(path), "/" + "/".join(without_empty), "/" + "/".join(respelled))


def remove_dot_segments(path: str) -> str:
    """Return an absolute path without its segments ``.`` and ``..`` (RFC 3986 section 5.2.4).

    "for interpreting and removing the special "." and ".." complete path segments from a referenced path".
    """
    kept: "list[str]" = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1:] in (["."], [".."]):
        kept.append("")
    return "/" + "/".join(kept)


def slash_at_the_end(recipe: Recipe) -> "Iterator[Recipe]":
    path = parts_of(recipe.uri)[3]
    return with_path(recipe, path[:-1] if path.endswith("/") else path + "/")


def query_in_the_uri(recipe: Recipe) -> "Iterator[Recipe]":
    query = query_of(recipe.received_uri)
    if query:
        yield recipe.replaced(uri=recipe.uri + "?" + query)


def header_values(recipe: Recipe, *names: str) -> "list[str]":
    """Return at most the first nine items of these header fields."""
    values = [value for name, value in recipe.headers if name.lower() in names]
    return [item.strip() for item in ",".join(values).split(",", 9)[:9]]


# Parameters (3.4.1.3.1)


def query_left_out(recipe: Recipe) -> "Iterator[Recipe]":
    _, protocol, form = recipe.sources
    yield recipe.replaced(sources=((), protocol, form))


def form_left_out(recipe: Recipe) -> "Iterator[Recipe]":
    query, protocol, _ = recipe.sources
    yield recipe.replaced(sources=(query, protocol, ()))


def undeclared_form(recipe: Recipe) -> "Iterator[Recipe]":
    query, protocol, _ = recipe.sources
    if recipe.body and not recipe.is_form:
        yield recipe.replaced(sources=(query, protocol, tuple(decode_form(recipe.body))))


def json_put_in(recipe: Recipe) -> "Iterator[Recipe]":
    query, protocol, _ = recipe.sources
    if recipe.body[:1] == b"{" and not recipe.is_form:
        import json  # here, because few requests need it

        try:
            members = json.loads(recipe.body.decode("utf-8"))
            pairs = [(name, each if isinstance(each, str) else json.dumps(each)) for name, each in members.items()]
            encoded_pairs(pairs)
        except (ValueError, RecursionError, SigningError):
            return  # not JSON, or with strings that are not valid Unicode
        yield recipe.replaced(sources=(query, protocol, tuple(pairs)))


def reread(recipe: Recipe, decode: "Callable[[str], Parameters]") -> "Iterator[Recipe]":
    """Yield recipes with the received query, the received form, or both read by ``decode``."""
    query, protocol, form = recipe.sources
    raw_query, raw_form = [
        tuple(decode(text)) if text else source for text, source in zip(recipe.raw_sources, (query, form))
    ]
    yield recipe.replaced(sources=(raw_query, protocol, raw_form))
    yield recipe.replaced(sources=(raw_query, protocol, form))
    yield recipe.replaced(sources=(query, protocol, raw_form))


def plus_taken_literally(recipe: Recipe) -> "Iterator[Recipe]":
    return reread(recipe, lambda text: decode_form(text.replace("+", "%2B")))


def not_decoded(recipe: Recipe) -> "Iterator[Recipe]":
    return reread(recipe, raw_pairs)


def raw_pairs(text: str) -> "Parameters":
    """Return the pairs of a query, a form or a normalized list, without decoding them."""
    return [(name, value) for name, _, value in [piece.partition("=") for piece in text.split("&") if piece]]


def decoded_twice(recipe: Recipe) -> "Iterator[Recipe]":
    query, protocol, form = recipe.sources
    again = [
        tuple([(percent_decode(name), percent_decode(value)) for name, value in source]) for source in recipe.sources
    ]
    for sources in (tuple(again), (again[0], protocol, again[2]), (query, again[1], form)):
        yield recipe.replaced(sources=sources)


def keep_first(sources: "Iterable[Source]") -> "list[Source]":
    """Return the sources without each pair whose name appeared before."""
    seen: "set[str]" = set()
    kept = []
    for source in sources:
        pairs = []
        for name, value in source:
            if name not in seen:
                seen.add(name)
                pairs.append((name, value))
        kept.append(tuple(pairs))
    return kept


def duplicates_first_kept(recipe: Recipe) -> "Iterator[Recipe]":
    yield recipe.replaced(sources=tuple(keep_first(recipe.sources)))


def duplicates_last_kept(recipe: Recipe) -> "Iterator[Recipe]":
    # As in a dictionary, the last value takes the position of the first.
    last = {name: value for source in recipe.sources for name, value in source}
    kept = keep_first(recipe.sources)
    yield recipe.replaced(sources=tuple([tuple([(name, last[name]) for name, _ in source]) for source in kept]))


def equal_pairs_once(recipe: Recipe) -> "Iterator[Recipe]":
    seen: "set[Pair]" = set()
    sources = []
    for source in recipe.sources:
        sources.append(tuple([pair for pair in dict.fromkeys(source) if pair not in seen]))
        seen.update(source)
    yield recipe.replaced(sources=tuple(sources))


def duplicates_numbered(recipe: Recipe) -> "Iterator[Recipe]":
    yield recipe.replaced(sources=tuple(numbered(recipe.sources)))
    yield recipe.replaced(sources=tuple([numbered([source])[0] for source in recipe.sources]))


def numbered(sources: "Sequence[Source]") -> "list[Source]":
    """Return the sources with [0], [1] ... after each name that appears more than once."""
    names: "dict[str, list[str]]" = {}
    for source in sources:
        for name, _ in source:
            known = names.setdefault(name, [])
            known.append("{}[{}]".format(name, len(known)))
    renamed = {name: iter(known if len(known) > 1 else [name]) for name, known in names.items()}
    return [tuple([(next(renamed[name]), value) for name, value in source]) for source in sources]


def empty_values_dropped(recipe: Recipe) -> "Iterator[Recipe]":
    yield recipe.replaced(sources=tuple([tuple([pair for pair in source if pair[1]]) for source in recipe.sources]))


def put_in(recipe: Recipe, name: str, value: str) -> "Iterator[Recipe]":
    query, protocol, form = recipe.sources
    yield recipe.replaced(sources=(query, protocol + ((name, value),), form))


def realm_put_in(recipe: Recipe) -> "Iterable[Recipe]":
    return () if recipe.realm is None else put_in(recipe, "realm", recipe.realm)


def signature_put_in(recipe: Recipe) -> "Iterator[Recipe]":
    return put_in(recipe, "oauth_signature", "")


def version_put_in(recipe: Recipe) -> "Iterable[Recipe]":
    return () if "oauth_version" in dict(recipe.sources[1]) else put_in(recipe, "oauth_version", "1.0")


def token_put_in(recipe: Recipe) -> "Iterable[Recipe]":
    return () if "oauth_token" in dict(recipe.sources[1]) else put_in(recipe, "oauth_token", "")


def protocol_parameter_left_out(recipe: Recipe) -> "Iterator[Recipe]":
    query, protocol, form = recipe.sources
    for pair in protocol:
        others = tuple([each for each in protocol if each != pair])
        yield recipe.replaced(sources=(query, others, form), detail=visible(pair[0]))


# Encoding (3.6)


def encoded_twice(recipe: Recipe) -> "Iterator[Recipe]":
    yield recipe.replaced(encode=recipe.encode + (percent_encode,))


def latin_1(text: str) -> str:
    """Return ``text``, which was percent-encoded from UTF-8, as if it had been encoded from Latin-1."""
    try:
        octets = percent_decode(text).encode("latin-1")
    except UnicodeEncodeError:
        return text
    return percent_encode(octets.decode("ascii", "surrogateescape"))


def utf_8_twice(text: str) -> str:
    """Return ``text`` as if its UTF-8 octets had been read as Latin-1 and encoded as UTF-8 again."""
    return percent_encode(percent_decode(text).encode("utf-8", "surrogateescape").decode("latin-1"))


def plus(text: str) -> str:
    return text.replace("%20", "+")


def tilde(text: str) -> str:
    return text.replace("~", "%7E")


def slash(text: str) -> str:
    return text.replace("%2F", "/")


def lower_case(text: str) -> str:
    first, *pieces = text.split("%")
    return "%".join([first] + [piece[:2].lower() + piece[2:] for piece in pieces])


def kept_as_they_are(characters: str) -> "Callable[[str], str]":
    def keep(text: str) -> str:
        for character in characters:
            text = text.replace("%{:02X}".format(ord(character)), character)
        return text

    return keep


KEEP = {each: kept_as_they_are(each) for each in ("!'()*", "*", "'", "!", "()")}


def reserved_kept(recipe: Recipe) -> "Iterator[Recipe]":
    text = recipe.uri + "".join([each for source in recipe.sources for pair in source for each in pair])
    for characters, keep in KEEP.items():
        # If none occurs, they are in a secret, of which nothing is told.
        found = "".join([each for each in characters if each in text]) or characters
        for changed in rewriting(keep)(recipe):
            changed.detail = found
            yield changed


# Sorting and joining (3.4.1.3.2)


def not_sorted(recipe: Recipe) -> "Iterator[Recipe]":
    query, protocol, form = recipe.sources
    apart = [tuple(sorted(source)) for source in recipe.sources]
    for first, second, third in ((query, protocol, form), apart):
        for sources in (
            (first, second, third), (second, first, third), (first, third, second),
            (second, third, first), (third, second, first), (third, first, second),
        ):  # fmt: skip
            yield recipe.replaced(sources=sources, sort=None)


def by_decoded_pair(row: "Row") -> "Pair":
    return row[0]


def by_name(row: "Row") -> str:
    return row[1][0]


def by_joined_text(row: "Row") -> str:
    return name_and_value(*row[1])


def ignoring_case(row: "Row") -> "Pair":
    name, value = row[1]
    return name.lower(), value.lower()


def name_and_any_value(name: str, value: str) -> str:
    return name + "=" + value if value else name


# Key (3.4.2)


def secrets_swapped(recipe: Recipe) -> "Iterator[Recipe]":
    yield recipe.replaced(client_secret=recipe.token_secret, token_secret=recipe.client_secret)


def another_secret(recipe: Recipe) -> "Iterator[Recipe]":
    for secret in recipe.other_secrets:
        yield recipe.replaced(token_secret=secret, detail="token")
        yield recipe.replaced(client_secret=secret, detail="client")


def token_not_sent(recipe: Recipe) -> "Iterator[Recipe]":
    if recipe.token is not None and not dict(recipe.sources[1]).get("oauth_token"):
        yield recipe.replaced(token_secret=recipe.token.secret)


def identifier_for_secret(recipe: Recipe) -> "Iterator[Recipe]":
    yield recipe.replaced(client_secret=recipe.client_identifier)
    if recipe.token is not None:
        yield recipe.replaced(token_secret=recipe.token.identifier)


# Digest (3.4.2) and output


def another_hash(recipe: Recipe) -> "Iterator[Recipe]":
    for method in HMAC_METHODS:
        if method.digest != recipe.digest:
            yield recipe.replaced(digest=method.digest, detail=method.name)


def from_hex(text: str) -> str:
    try:
        return encode_base64(binascii.unhexlify(text))
    except ValueError:
        return text


def from_hex_in_base64(text: str) -> str:
    digits = decode_base64(text).decode("latin-1")
    octets = from_hex(digits)
    return text if octets == digits else octets


def from_spaces(text: str) -> str:
    return text.replace(" ", "+")


def from_several_lines(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")


def from_url_safe(text: str) -> str:
    return text.replace("-", "+").replace("_", "/")


def from_unpadded(text: str) -> str:
    digits = text.rstrip("=")
    return digits + "=" * (-len(digits) % 4)
