"""What a signer can do wrong (RFC 5849 section 3.4).

A signer goes through stages: method, URI, parameters, encoding, sorting, joining, key, digest, output.
A :class:`Recipe` holds what is done at each, as the RFC wants it; a mistake is a small change at one
of them, so that any two can be combined. ``CATALOGUE`` is the table of all of them.
"""

import binascii

from ..base_string import base_string_uri
from ..errors import SigningError
from ..parameters import decode_form, encoded_pairs
from ..percent_encoding import percent_decode, percent_encode
from ..signature_methods import HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, decode_base64, encode_base64
from ..uris import DEFAULT_PORTS, query_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from ..credentials import Credentials
    from ..parameters import Parameters

    Pair = tuple[str, str]
    Row = tuple[Pair, Pair]
    Source = tuple[Pair, ...]
    Rewrites = tuple[Callable[[str], str], ...]
    Change = Callable[["Recipe"], "Iterable[Recipe]"]


class Recipe:
    """How a signer makes a signature, stage by stage; as it is made here, as section 3.4 wants it.

    ``encode`` and its like are rewritings of a text, done one after the other. ``detail`` says which of
    several alternatives a mistake took.
    """

    def __init__(self, method: str, uri: str, query: "Source", protocol: "Source", form: "Source") -> None:
        self.method = method
        self.uri = uri
        self.encode_uri: "Rewrites" = (percent_encode,)
        self.sources: "tuple[Source, Source, Source]" = (query, protocol, form)
        self.encode: "Rewrites" = (percent_encode,)
        self.sort: "Callable[[Row], Any] | None" = by_encoded_pair
        self.join: "Callable[[str, str], str]" = name_and_value
        self.encode_again: "Rewrites" = (percent_encode,)
        self.client_secret = ""
        self.token_secret = ""
        self.encode_key: "Rewrites" = (percent_encode,)
        self.join_key = "{}&{}"
        self.digest = ""
        self.swapped = False
        self.received = ""
        self.detail = ""
        # What the request has besides; no mistake changes it.
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
        # What was computed before, shared by all copies: most of one recipe is that of another.
        self.known: "dict[object, Any]" = {}

    def but(self, **changes: object) -> "Recipe":
        """Return a copy with some of it changed."""
        copy = Recipe.__new__(Recipe)
        copy.__dict__.update(self.__dict__, detail="")
        copy.__dict__.update(changes)
        return copy

    def base_string(self) -> str:
        uri = self.once(rewrite, self.uri, self.encode_uri)
        part = (self.sources, self.encode, self.sort, self.join, self.encode_again)
        if part not in self.known:
            self.known[part] = self.parameters()
        return "&".join([percent_encode(self.method), uri, self.known[part]])

    def parameters(self) -> str:
        rows: "list[Row]" = []
        for source in self.sources:
            rows += self.once(rows_of, source, self.encode)
        if self.sort is not None:
            rows.sort(key=self.sort)
        return rewrite("&".join([self.join(*encoded) for _, encoded in rows]), self.encode_again)

    def key(self) -> str:
        secrets = [self.once(rewrite, secret, self.encode_key) for secret in (self.client_secret, self.token_secret)]
        return self.join_key.format(*secrets)

    def once(self, function: "Callable[..., Any]", *arguments: object) -> "Any":
        """Return what ``function`` makes of ``arguments``, called once for this recipe and its copies."""
        if arguments not in self.known:
            self.known[arguments] = function(*arguments)
        return self.known[arguments]


def rewrite(text: str, rewrites: "Rewrites") -> str:
    for function in rewrites:
        text = function(text)
    return text


def rows_of(source: "Source", encode: "Rewrites") -> "list[Row]":
    """Return each pair of a source as it is and as it is encoded."""
    return [(pair, (rewrite(pair[0], encode), rewrite(pair[1], encode))) for pair in source]


def by_encoded_pair(row: "Row") -> "Pair":
    return row[1]


def name_and_value(name: str, value: str) -> str:
    return name + "=" + value


class Mistake:
    """What a signer may have ``done``, what the RFC ``wants`` (``section``), how to ``fix`` it.

    ``change`` makes the mistake: from a recipe to those that have it, one for each way to make it.
    """

    __slots__ = ("id", "change", "section", "done", "wants", "fix")

    def __init__(self, id: str, change: "Change", section: str, done: str, wants: str, fix: str) -> None:
        self.id: str = id
        self.change: "Change" = change
        self.section: str = section
        self.done: str = done
        self.wants: str = wants
        self.fix: str = fix


def replaced(**changes: object) -> "Change":
    """Return the change of a signer who always does one thing in the place of another."""
    return lambda recipe: [recipe.but(**changes)]


# Method (3.4.1.1)


def method_as_it_came(recipe: Recipe) -> "Iterator[Recipe]":
    for method in (recipe.method.lower(), recipe.received_method):
        if method != recipe.method:
            yield recipe.but(method=method)


def another_method(recipe: Recipe) -> "Iterator[Recipe]":
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
        if method != recipe.method:
            yield recipe.but(method=method, detail=method)


# Base string URI (3.4.1.2)


def parts_of(uri: str) -> "tuple[str, str, str, str]":
    """Return scheme, host, port with its colon, and path of a URI."""
    scheme, _, rest = uri.partition("?")[0].partition("://")
    authority, slash, path = rest.partition("/")
    host, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        host, colon, port = authority, "", ""
    return scheme, host, colon + port, slash + path


def another_scheme(recipe: Recipe) -> "Iterator[Recipe]":
    scheme, host, port, path = parts_of(recipe.uri)
    other = "https" if scheme == "http" else "http"
    yield recipe.but(uri=other + "://" + host + port + path, detail=other)
    if port == ":{}".format(DEFAULT_PORTS[other]):
        yield recipe.but(uri=other + "://" + host + path, detail=other)


def default_port_kept(recipe: Recipe) -> "Iterator[Recipe]":
    scheme, host, port, path = parts_of(recipe.uri)
    if not port:
        yield recipe.but(uri="{}://{}:{}{}".format(scheme, host, DEFAULT_PORTS[scheme.lower()], path))


def port_left_out(recipe: Recipe) -> "Iterator[Recipe]":
    scheme, host, port, path = parts_of(recipe.uri)
    if port:
        yield recipe.but(uri=scheme + "://" + host + path)


def host_case_kept(recipe: Recipe) -> "Iterator[Recipe]":
    scheme, host, port, path = parts_of(recipe.uri)
    hosts = [parts_of("://" + each.rpartition("@")[2])[1] for each in header_values(recipe, "host")]
    for their_scheme, their_host in [parts_of(recipe.received_uri)[:2]] + [(scheme, each) for each in hosts]:
        if (their_scheme, their_host) != (scheme, host) and their_host.lower() == host.lower():
            yield recipe.but(uri=their_scheme + "://" + their_host + port + path)


def another_host(recipe: Recipe) -> "Iterator[Recipe]":
    scheme, host, port, path = parts_of(recipe.uri)
    candidates = [host[4:] if host.startswith("www.") else "www." + host]
    candidates += header_values(recipe, "host", "x-forwarded-host", "x-original-host", "x-forwarded-server")
    for field in header_values(recipe, "forwarded"):
        candidates += [item.strip()[5:].strip('"') for item in field.split(";") if item.strip()[:5].lower() == "host="]
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
                yield recipe.but(uri=uri, detail=ascii(parts_of(uri)[1] + parts_of(uri)[2])[1:-1])


def another_uri(recipe: Recipe) -> "Iterator[Recipe]":
    for uri in recipe.other_uris:
        try:
            yield recipe.but(uri=base_string_uri(uri), detail=base_string_uri(uri))
        except SigningError:
            continue


def with_path(recipe: Recipe, *paths: str) -> "Iterator[Recipe]":
    scheme, host, port, path = parts_of(recipe.uri)
    for other in paths:
        if other != path:
            yield recipe.but(uri=scheme + "://" + host + port + other)


def path_decoded(recipe: Recipe) -> "Iterator[Recipe]":
    return with_path(recipe, percent_decode(parts_of(recipe.uri)[3]))


def path_encoded_twice(recipe: Recipe) -> "Iterator[Recipe]":
    return with_path(recipe, parts_of(recipe.uri)[3].replace("%", "%25"))


def path_normalized(recipe: Recipe) -> "Iterator[Recipe]":
    path = parts_of(recipe.uri)[3]
    segments = path.split("/")[1:]
    kept: "list[str]" = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1:] in (["."], [".."]):
        kept.append("")
    without_empty = [segment for segment in segments[:-1] if segment] + segments[-1:]
    respelled = [percent_encode(percent_decode(segment)) for segment in segments]
    return with_path(recipe, *["/" + "/".join(each) for each in (kept, without_empty, respelled)])


def slash_at_the_end(recipe: Recipe) -> "Iterator[Recipe]":
    path = parts_of(recipe.uri)[3]
    return with_path(recipe, path[:-1] if path.endswith("/") else path + "/")


def query_in_the_uri(recipe: Recipe) -> "Iterator[Recipe]":
    query = query_of(recipe.received_uri)
    if query:
        yield recipe.but(uri=recipe.uri + "?" + query)


def header_values(recipe: Recipe, *names: str) -> "list[str]":
    """Return the first items of the header fields of these names; who sends many is not heard out."""
    values = [value for name, value in recipe.headers if name.lower() in names]
    return [item.strip() for item in ",".join(values).split(",", 9)[:9]]


# Parameters (3.4.1.3.1)


def query_left_out(recipe: Recipe) -> "Iterator[Recipe]":
    _, protocol, form = recipe.sources
    yield recipe.but(sources=((), protocol, form))


def form_left_out(recipe: Recipe) -> "Iterator[Recipe]":
    query, protocol, _ = recipe.sources
    yield recipe.but(sources=(query, protocol, ()))


def undeclared_form(recipe: Recipe) -> "Iterator[Recipe]":
    query, protocol, _ = recipe.sources
    if recipe.body and not recipe.is_form:
        yield recipe.but(sources=(query, protocol, tuple(decode_form(recipe.body))))


def json_put_in(recipe: Recipe) -> "Iterator[Recipe]":
    query, protocol, _ = recipe.sources
    if recipe.body[:1] == b"{" and not recipe.is_form:
        import json  # here, since few requests come to this

        try:
            members = json.loads(recipe.body.decode("utf-8"))
            pairs = [(name, each if isinstance(each, str) else json.dumps(each)) for name, each in members.items()]
            encoded_pairs(pairs)
        except (ValueError, RecursionError, SigningError):
            return  # no JSON, or one that holds no Unicode
        yield recipe.but(sources=(query, protocol, tuple(pairs)))


def reread(recipe: Recipe, decode: "Callable[[str], Parameters]") -> "Iterator[Recipe]":
    """Yield recipes whose query and form, or one of them, are read by ``decode`` from what was received."""
    query, protocol, form = recipe.sources
    raw_query, raw_form = [
        tuple(decode(text)) if text else source for text, source in zip(recipe.raw_sources, (query, form))
    ]
    yield recipe.but(sources=(raw_query, protocol, raw_form))
    yield recipe.but(sources=(raw_query, protocol, form))
    yield recipe.but(sources=(query, protocol, raw_form))


def plus_taken_literally(recipe: Recipe) -> "Iterator[Recipe]":
    return reread(recipe, lambda text: decode_form(text.replace("+", "%2B")))


def not_decoded(recipe: Recipe) -> "Iterator[Recipe]":
    return reread(recipe, raw_pairs)


def raw_pairs(text: str) -> "Parameters":
    """Return the pairs of a query, a form or a normalized list as they are spelled there."""
    return [(name, value) for name, _, value in [piece.partition("=") for piece in text.split("&") if piece]]


def decoded_twice(recipe: Recipe) -> "Iterator[Recipe]":
    query, protocol, form = recipe.sources
    again = [
        tuple([(percent_decode(name), percent_decode(value)) for name, value in source]) for source in recipe.sources
    ]
    for sources in (tuple(again), (again[0], protocol, again[2]), (query, again[1], form)):
        yield recipe.but(sources=sources)


def keep_first(sources: "Iterable[Source]") -> "list[Source]":
    """Return the sources without the pairs whose name was there before."""
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
    yield recipe.but(sources=tuple(keep_first(recipe.sources)))


def duplicates_last_kept(recipe: Recipe) -> "Iterator[Recipe]":
    # As in a map: where the first one was.
    last = {name: value for source in recipe.sources for name, value in source}
    kept = keep_first(recipe.sources)
    yield recipe.but(sources=tuple([tuple([(name, last[name]) for name, _ in source]) for source in kept]))


def duplicates_numbered(recipe: Recipe) -> "Iterator[Recipe]":
    yield recipe.but(sources=tuple(numbered(recipe.sources)))
    yield recipe.but(sources=tuple([numbered([source])[0] for source in recipe.sources]))


def numbered(sources: "Sequence[Source]") -> "list[Source]":
    """Return the sources with [0], [1] ... behind each name that is there more than once."""
    names: "dict[str, list[str]]" = {}
    for source in sources:
        for name, _ in source:
            known = names.setdefault(name, [])
            known.append("{}[{}]".format(name, len(known)))
    renamed = {name: iter(known if len(known) > 1 else [name]) for name, known in names.items()}
    return [tuple([(next(renamed[name]), value) for name, value in source]) for source in sources]


def empty_values_dropped(recipe: Recipe) -> "Iterator[Recipe]":
    yield recipe.but(sources=tuple([tuple([pair for pair in source if pair[1]]) for source in recipe.sources]))


def put_in(recipe: Recipe, name: str, value: str) -> "Iterator[Recipe]":
    query, protocol, form = recipe.sources
    yield recipe.but(sources=(query, protocol + ((name, value),), form))


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
        yield recipe.but(sources=(query, others, form), detail=ascii(pair[0])[1:-1])


# Encoding (3.6)


def rewritten(*functions: "Callable[[str], str]") -> "Change":
    """Return the change of a signer whose encoding is wrong in one of its uses, or in all of them."""

    def change(recipe: Recipe) -> "Iterator[Recipe]":
        uses = ("encode", "encode_uri", "encode_again", "encode_key")
        for names in (uses, uses[:1], uses[1:3]):
            # Who does not encode at all cannot do it wrongly.
            rewrites = {name: getattr(recipe, name) for name in names}
            changes: "dict[str, Any]" = {name: each + functions for name, each in rewrites.items() if each}
            yield recipe.but(**changes)
            if "encode" in changes and recipe.encode == (percent_encode, percent_encode):
                # Who encodes twice may do so wrongly the first time, or each time.
                once = (percent_encode, *functions, percent_encode)
                yield recipe.but(**dict(changes, encode=once))
                yield recipe.but(**dict(changes, encode=once + functions))

    return change


def encoded_twice(recipe: Recipe) -> "Iterator[Recipe]":
    yield recipe.but(encode=recipe.encode + (percent_encode,))


def latin_1(text: str) -> str:
    """Return text that was encoded as UTF-8 as it would be from the one octet that each character is in Latin-1."""
    try:
        octets = percent_decode(text).encode("latin-1")
    except UnicodeEncodeError:
        return text
    return percent_encode(octets.decode("ascii", "surrogateescape"))


def utf_8_twice(text: str) -> str:
    """Return text that was encoded as UTF-8 as it would be if each of its octets were a character."""
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
    for characters, keep in KEEP.items():
        for changed in rewritten(keep)(recipe):
            changed.detail = characters
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
            yield recipe.but(sources=sources, sort=None)


def name_and_any_value(name: str, value: str) -> str:
    return name + "=" + value if value else name


# Key (3.4.2)


def secrets_swapped(recipe: Recipe) -> "Iterator[Recipe]":
    yield recipe.but(client_secret=recipe.token_secret, token_secret=recipe.client_secret)


def another_secret(recipe: Recipe) -> "Iterator[Recipe]":
    for secret in recipe.other_secrets:
        yield recipe.but(token_secret=secret, detail="token")
        yield recipe.but(client_secret=secret, detail="client")


def token_not_sent(recipe: Recipe) -> "Iterator[Recipe]":
    if recipe.token is not None and not dict(recipe.sources[1]).get("oauth_token"):
        yield recipe.but(token_secret=recipe.token.secret)


def identifier_for_secret(recipe: Recipe) -> "Iterator[Recipe]":
    yield recipe.but(client_secret=recipe.client_identifier)
    if recipe.token is not None:
        yield recipe.but(token_secret=recipe.token.identifier)


def white_space_in_a_secret(recipe: Recipe) -> "Iterator[Recipe]":
    for white_space in ("\n", "\r\n", " "):
        yield recipe.but(client_secret=recipe.client_secret + white_space)
        yield recipe.but(token_secret=recipe.token_secret + white_space)


# Digest (3.4.2) and output


def another_hash(recipe: Recipe) -> "Iterator[Recipe]":
    for method in (HMAC_SHA1, HMAC_SHA256, HMAC_SHA512):
        if method.digest != recipe.digest:
            yield recipe.but(digest=method.digest, detail=method.name)


def undone(undo: "Callable[[str], str]") -> "Change":
    """Return the change of a signer who wrote the signature in a way that ``undo`` takes back."""

    def change(recipe: Recipe) -> "Iterator[Recipe]":
        received = undo(recipe.received)
        if received != recipe.received:
            yield recipe.but(received=received)

    return change


def from_hex(text: str) -> str:
    try:
        return encode_base64(binascii.unhexlify(text))
    except ValueError:
        return text


def from_hex_in_base64(text: str) -> str:
    digits = decode_base64(text).decode("latin-1")
    octets = from_hex(digits)
    return text if octets == digits else octets


# In the order of the stages, and at each the frequent before the rare: it is the order of the trials.
CATALOGUE = [
    # Method
    Mistake("method-in-lower-case", method_as_it_came, "3.4.1.1",
        "wrote the method as it came, not in upper case", "It is signed in upper case",
        "Call upper() on the method first"),
    Mistake("another-method", another_method, "3.4.1.1",
        "signed the method {}", "The method of the request that is sent is signed",
        "Sign what is really sent: look for a redirect, or a library that changes the method"),
    # Base string URI
    Mistake("another-scheme", another_scheme, "3.4.1.2",
        "signed the scheme {}", "The scheme of the request is signed",
        "Give both sides the same URI; behind a proxy that ends TLS, the server has to know the outer one"),
    Mistake("default-port-kept", default_port_kept, "3.4.1.2",
        "left the default port in the URI", "Ports 80 of http and 443 of https are left out",
        "Remove :80 from http and :443 from https URIs"),
    Mistake("port-left-out", port_left_out, "3.4.1.2",
        "left the port out of the URI", "A port that is not the scheme's default is signed",
        "Take the authority from the Host header as it is sent"),
    Mistake("host-case-kept", host_case_kept, "3.4.1.2",
        "took scheme and host as they were written", "Scheme and host are signed in lower case",
        "Call lower() on scheme and host"),
    Mistake("another-host", another_host, "3.4.1.2",
        "signed the host {}", "The host is that of the Host header",
        "Give both sides the same name; behind a proxy, the server has to know the outer one"),
    Mistake("another-uri", another_uri, "3.4.1.2",
        "signed the URI {}", "The URI of the request is signed",
        "Give both sides the same URI; behind a proxy, the server has to know the outer one"),
    Mistake("slash-at-the-end", slash_at_the_end, "3.4.1.2",
        "added a slash to the path's end, or left one out", "The path is signed as it is sent",
        "Sign the URI that the HTTP client really sends, an empty path as /"),
    Mistake("path-decoded", path_decoded, "3.4.1.2",
        "decoded the path", "The path is signed as it is sent",
        "Take the path from the raw URI, not from a framework's decoded one"),
    Mistake("path-encoded-twice", path_encoded_twice, "3.4.1.2",
        "encoded the path once more", "The path is signed as it is sent",
        "Encode the path when the URI is built, and never again"),
    Mistake("path-normalized", path_normalized, "3.4.1.2",
        "normalized the path: dot segments, empty segments or escapes", "The path is signed as it is sent",
        "Sign the URI that the HTTP client really sends"),
    Mistake("query-in-the-uri", query_in_the_uri, "3.4.1.2",
        "left the query in the URI", "The URI is signed without query and fragment",
        "Cut the URI at the first ? or #; the query is signed among the parameters"),
    Mistake("uri-not-encoded", replaced(encode_uri=()), "3.4.1.1",
        "put the URI into the base string without encoding it", "The URI is encoded",
        "Percent-encode the base string URI"),
    # Parameters
    Mistake("query-left-out", query_left_out, "3.4.1.3.1",
        "left the query out", "The parameters of the query are signed",
        "Collect the pairs of the query too"),
    Mistake("form-left-out", form_left_out, "3.4.1.3.1",
        "left the form out", "The parameters of a form-encoded body are signed",
        "Collect the pairs of a body whose type is application/x-www-form-urlencoded"),
    Mistake("json-put-in", json_put_in, "3.4.1.3.1",
        "signed the members of a JSON body", "Only a form-encoded body is signed",
        "Leave the body out; oauth_body_hash can cover it"),
    Mistake("undeclared-form", undeclared_form, "3.4.1.3.1",
        "signed a body as a form without the Content-Type of one",
        "A body is signed only if its Content-Type says that it is a form",
        "Send Content-Type: application/x-www-form-urlencoded, or leave the body out"),
    Mistake("not-decoded", not_decoded, "3.4.1.3",
        "took the query or the form as it is written, without decoding it",
        "Names and values are decoded, then encoded anew",
        "Parse query and form before encoding"),
    Mistake("plus-taken-literally", plus_taken_literally, "3.4.1.3.1",
        "read + in the query or the form as a plus sign", "+ stands for a space there",
        "Parse query and form as application/x-www-form-urlencoded; write a plus sign as %2B"),
    Mistake("decoded-twice", decoded_twice, "3.4.1.3",
        "decoded names and values twice", "They are decoded once",
        "Parse query, form and header once, and leave what comes out as it is"),
    Mistake("first-duplicate-kept", duplicates_first_kept, "3.4.1.3.2",
        "kept only the first of the parameters of one name", "Each of them is signed",
        "Keep parameters in a list of pairs, not in a map"),
    Mistake("last-duplicate-kept", duplicates_last_kept, "3.4.1.3.2",
        "kept only the last of the parameters of one name", "Each of them is signed",
        "Keep parameters in a list of pairs, not in a map"),
    Mistake("duplicates-numbered", duplicates_numbered, "3.4.1.3.2",
        "numbered the parameters of one name, as in a[0] and a[1]", "Each is signed with the name that is sent",
        "Keep parameters in a list of pairs, not in a map of lists"),
    Mistake("empty-values-dropped", empty_values_dropped, "3.4.1.3.2",
        "dropped the parameters with an empty value", "They are signed, as name=",
        "Tell the parser to keep empty values"),
    Mistake("realm-put-in", realm_put_in, "3.4.1.3.1",
        "signed the realm", "The realm is not signed",
        "Add the realm to the header after signing"),
    Mistake("signature-put-in", signature_put_in, "3.4.1.3.1",
        "signed an empty oauth_signature", "The signature is not signed",
        "Add oauth_signature after signing"),
    Mistake("version-put-in", version_put_in, "3.4.1.3.1",
        "signed an oauth_version that is not sent", "Only what is sent is signed",
        "Send oauth_version, or do not sign it"),
    Mistake("token-put-in", token_put_in, "3.4.1.3.1",
        "signed an empty oauth_token that is not sent", "Only what is sent is signed",
        "Send the empty oauth_token, or do not sign it"),
    Mistake("protocol-parameter-left-out", protocol_parameter_left_out, "3.4.1.3.1",
        "did not sign {}", "Each protocol parameter that is sent is signed",
        "Add every oauth_ parameter before signing"),
    # Encoding
    Mistake("values-not-encoded", replaced(encode=()), "3.4.1.3.2",
        "joined names and values without encoding them", "Each is encoded before they are joined",
        "Percent-encode each name and value, then the joined text once more"),
    Mistake("values-encoded-twice", encoded_twice, "3.4.1.3.2",
        "encoded names and values twice before joining them", "Each is encoded once",
        "Decode what is encoded already, or do not encode it"),
    Mistake("not-utf-8", rewritten(latin_1), "3.6",
        "encoded characters as Latin-1", "Text is encoded as UTF-8",
        "Encode text as UTF-8 before escaping it"),
    Mistake("utf-8-twice", rewritten(utf_8_twice), "3.6",
        "encoded text as UTF-8 twice", "Text is encoded as UTF-8 once",
        "Decode octets to text before signing, or do not encode them to UTF-8 again"),
    Mistake("plus-for-space", rewritten(plus), "3.6",
        "wrote + for a space", "A space is %20",
        "Use a function for URI components, not one for forms"),
    Mistake("tilde-encoded", rewritten(tilde), "3.6",
        "encoded ~", "Letters, digits and -._~ are never encoded",
        "Use a function that follows RFC 3986, or put ~ back in place of %7E"),
    Mistake("reserved-kept", reserved_kept, "3.6",
        "did not encode {}", "All but letters, digits and -._~ is encoded",
        "Encode !'()* after what encodeURIComponent and the like have done"),
    Mistake("slash-kept", rewritten(slash), "3.6",
        "did not encode /", "All but letters, digits and -._~ is encoded",
        "Tell the function that / is not safe"),
    Mistake("encoded-as-a-form", rewritten(KEEP["*"], tilde, plus), "3.6",
        "encoded as for a form: + for a space, ~ encoded, * not", "There is one encoding",
        "Use a function for URI components, or mend its result"),
    Mistake("lower-case-escapes", rewritten(lower_case), "3.6",
        "wrote escapes in lower case", "Escapes are in upper case: %2F, not %2f",
        "Turn the digits of every escape to upper case"),
    # Sorting and joining
    Mistake("not-sorted", not_sorted, "3.4.1.3.2",
        "did not sort the parameters", "They are sorted by name, then by value",
        "Sort the encoded pairs of all sources as one list"),
    Mistake("sorted-before-encoding", replaced(sort=lambda row: row[0]), "3.4.1.3.2",
        "sorted the parameters before encoding them", "They are encoded first, then sorted",
        "Encode each name and value, then sort"),
    Mistake("sorted-when-joined", replaced(sort=lambda row: row[1][0] + "=" + row[1][1]), "3.4.1.3.2",
        "sorted name=value texts", "Names are compared first, then values",
        "Sort pairs, then join them"),
    Mistake("sorted-by-name-only", replaced(sort=lambda row: row[1][0]), "3.4.1.3.2",
        "sorted by name only", "Parameters of one name are sorted by value",
        "Sort pairs"),
    Mistake("sorted-ignoring-case", replaced(sort=lambda row: (row[1][0].lower(), row[1][1].lower())), "3.4.1.3.2",
        "sorted without regard to case", "The order is that of the octets",
        "Compare octets (ordinal comparison), not text in a language"),
    Mistake("equals-left-out", replaced(join=name_and_any_value), "3.4.1.3.2",
        "left out the = of an empty value", "= is written even if the value is empty",
        "Write name= for an empty value"),
    Mistake("not-encoded-again", replaced(encode_again=()), "3.4.1.1",
        "did not encode the joined parameters", "They are encoded as a whole",
        "Percent-encode the joined text once more"),
    # Key
    Mistake("token-secret-missing", replaced(token_secret=""), "3.4.2",
        "left the token's secret out of the key", "The key holds both secrets",
        "Give the signer the secret that came with the token"),
    Mistake("client-secret-missing", replaced(client_secret=""), "3.4.2",
        "left the client's secret out of the key", "The key holds both secrets",
        "Give the signer the client's secret"),
    Mistake("secrets-swapped", secrets_swapped, "3.4.2",
        "put the token's secret first", "The client's secret comes first",
        "Swap the secrets"),
    Mistake("another-secret", another_secret, "3.4.2",
        "used another secret for the {}", "Each secret is the one issued with its identifier",
        "Replace the secret together with its identifier, as after the exchange of temporary credentials"),
    Mistake("token-not-sent", token_not_sent, "3.1",
        "used a token's secret and did not send the token", "A request names the token whose secret it uses",
        "Send oauth_token"),
    Mistake("identifier-for-secret", identifier_for_secret, "3.4.2",
        "used an identifier in place of its secret", "The key holds the secrets",
        "Look at the order of the arguments"),
    Mistake("white-space-in-a-secret", white_space_in_a_secret, "3.4.2",
        "used a secret with white space at its end", "The key holds the secrets",
        "Strip what a file or a form added"),
    Mistake("secrets-not-encoded", replaced(encode_key=()), "3.4.2",
        "put the secrets into the key without encoding them", "Each secret is encoded",
        "Percent-encode each secret"),
    Mistake("ampersand-missing", replaced(join_key="{}{}"), "3.4.2",
        "left the & out of the key", "The & is there even if a secret is empty",
        "Join the secrets with &, without a token too"),
    Mistake("ampersand-encoded", replaced(join_key="{}%26{}"), "3.4.2",
        "encoded the & of the key", "The secrets are encoded, then joined with &",
        "Encode each secret, not the key"),
    # Digest
    Mistake("another-hash", another_hash, "3.4",
        "used {}", "The method is the one that oauth_signature_method names",
        "Send the name of the method that is used"),
    Mistake("key-and-text-swapped", replaced(swapped=True), "3.4.2",
        "swapped key and text of the HMAC", "The key is made of the secrets",
        "Look at the order of the arguments"),
    Mistake("key-sent", replaced(digest=""), "3.4.2",
        "sent the key itself as the signature", "The signature is an HMAC by that key",
        "Replace the secrets, which were disclosed, and compute the HMAC"),
    # Output
    Mistake("hex-for-base64", undone(from_hex), "3.4.2",
        "wrote the signature in hex", "It is written in base64",
        "Encode the octets of the digest, not its hex text"),
    Mistake("hex-in-base64", undone(from_hex_in_base64), "3.4.2",
        "wrote the hex text of the digest in base64", "The octets of the digest are in base64",
        "Encode the octets of the digest, not its hex text"),
    Mistake("signature-plus-as-space", undone(lambda text: text.replace(" ", "+")), "3.5.1",
        "did not encode the signature, so that + arrived as a space", "It is encoded",
        "Percent-encode the signature where it is sent"),
    Mistake("signature-encoded-twice", undone(percent_decode), "3.5.1",
        "encoded the signature twice", "It is encoded once where it is sent",
        "Leave the encoding to the last step"),
    Mistake("line-break-in-the-signature", undone(lambda text: text.replace("\r", "").replace("\n", "")), "3.4.2",
        "left a line break in the signature", "The signature is one line",
        "Strip the signature, or use an encoder that adds no line breaks"),
    Mistake("url-safe-base64", undone(lambda text: text.replace("-", "+").replace("_", "/")), "3.4.2",
        "used the URL-safe alphabet of base64", "The alphabet is that of RFC 2045: + and /",
        "Use the standard alphabet"),
    Mistake("padding-missing", undone(lambda text: text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)), "3.4.2",
        "left out the = at the end of the signature", "Base64 is padded",
        "Keep the padding"),
]  # fmt: skip
