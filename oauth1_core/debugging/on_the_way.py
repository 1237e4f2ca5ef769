"""Undo the changes to a request between the signer and the server (RFC 5849 section 3.4.1).

Each change takes a recipe for the request as it arrived, and yields recipes for the request as it may have been signed.
As in ``recipes``, a change yields one recipe for each way, so any two changes can be combined. If a change tries
one parameter after the other, the number of recipes grows with the number of parameters, never with its square.
"""

import re
import unicodedata

from ..parameters import decode_form
from ..percent_encoding import percent_decode, percent_encode, utf8_octets
from ..uris import query_of
from .explaining import visible
from .recipes import header_values, parts_of, with_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .recipes import Change, Pair, Recipe, Source

    Place = tuple[int, int]

# Names of parameters that programs often add after signing.
BUTTON = re.compile(r"(\w+_)?submit\w*|btn\w*|button|commit|op|go|.+[.][xy]", re.IGNORECASE)
CACHE = re.compile(r"_|_?no_?cache|cache_?bust\w*|_?ts|cb|rand(om)?", re.IGNORECASE)
TRACKING = re.compile(r"utm_\w+|[gfdy]clid|msclkid|twclid|[gw]braid|mc_[ce]id|_g[al]|_hs\w+|igshid", re.IGNORECASE)
FRAMEWORK = re.compile(
    r"utf8|_method|_token|authenticity_token|_?csrf\w*|__\w+|_wpnonce|sesskey|(php|j)sess(ion)?id|sid", re.IGNORECASE
)
REWRITTEN = re.compile(r"_?(q|r|url|uri|path|route|page|request|rest_route)", re.IGNORECASE)
KNOWN = BUTTON, CACHE, TRACKING, FRAMEWORK, REWRITTEN
# Parameters that programs often sign and then do not send.
DROPPED = (
    ("oauth_callback", "about:blank"), ("ext_submit", "Submit"), ("ext_submit", "Press to Launch"),
    ("ext_submit", "Click to Launch"), ("ext_submit", "Launch"), ("submit", "Submit"), ("submit", "Launch"),
    ("submit", ""), ("utf8", "\u2713"), ("oauth_verifier", ""), ("oauth_callback", "oob"), ("oauth_callback", ""),
)  # fmt: skip
PORTS = "8080", "8443", "8000", "3000", "5000", "8888", "80", "443"
TOLD_PATHS = "x-original-uri", "x-original-url", "x-rewrite-url", "x-forwarded-uri", "x-envoy-original-path"
TOLD_PREFIXES = "x-forwarded-prefix", "x-script-name", "x-forwarded-path"
PREFIXES = "/api", "/index.php", "/app", "/v1"
MOST_OCTETS = 1 << 20
MOST_JSON = 100000
MOST_SEGMENTS = 100
# Of up to so many parameters, or slashes of a path, any two are tried together.
MOST_PAIRED = 12


# Parameters


def places(recipe: "Recipe") -> "list[tuple[Place, Pair]]":
    """Return the place of each pair in query and form, and the pair."""
    query, _, form = recipe.sources
    return [((0, index), pair) for index, pair in enumerate(query)] + [
        ((2, index), pair) for index, pair in enumerate(form)
    ]


def with_pairs(recipe: "Recipe", new: "dict[Place, Pair | None]") -> "Recipe":
    """Return a recipe with other pairs in these places, or without them (``None``). The detail is the old names."""
    sources, names = list(recipe.sources), []
    for number in sorted({place[0] for place in new}):
        source = sources[number]
        names += [source[index][0] for each, index in sorted(new) if each == number]
        pairs = [new.get((number, index), pair) for index, pair in enumerate(source)]
        sources[number] = tuple([pair for pair in pairs if pair is not None])
    names = list(dict.fromkeys(names))
    detail = visible(", ".join([name[:60] for name in names[:3]] + ["..."] * (len(names) > 3)))
    return recipe.replaced(sources=tuple(sources), detail=detail)


def all_and_each(recipe: "Recipe", new: "dict[Place, Pair | None]") -> "Iterator[Recipe]":
    """Yield a recipe with all of these changes, then one recipe for each change."""
    if new:
        yield with_pairs(recipe, new)
    if len(new) > 1:
        for place, pair in new.items():
            yield with_pairs(recipe, {place: pair})


def alone(recipe: "Recipe", recipes: "Iterable[Recipe]") -> "Iterator[Recipe]":
    """Yield these recipes only if ``recipe`` has no other mistake: they are too many to combine with all mistakes."""
    if not recipe.is_changed:
        for each in recipes:
            each.is_combined = False
            yield each


def added(names: "re.Pattern[str]") -> "Change":
    """Return a change that removes added parameters with known names."""

    def change(recipe: "Recipe") -> "Iterator[Recipe]":
        return all_and_each(recipe, {place: None for place, pair in places(recipe) if names.fullmatch(pair[0])})

    return change


def path_added(recipe: "Recipe") -> "Iterator[Recipe]":
    path = percent_decode(parts_of(recipe.uri)[3])
    return all_and_each(
        recipe, {place: None for place, (name, value) in places(recipe)
                 if REWRITTEN.fullmatch(name) and (value or "/").strip("/") in path}
    )  # fmt: skip


def any_added(recipe: "Recipe") -> "Iterator[Recipe]":
    """Yield recipes without one parameter, the last parameter first, then without a few of the parameters.

    The few are the last few or the first few, two or three in a row, or any two of up to MOST_PAIRED. If all names of
    the few are known, each has a mistake of its own.
    """
    pairs = places(recipe)
    found = [place for place, _ in pairs]
    for place in reversed(found):
        yield with_pairs(recipe, {place: None})
    for number in (0, 2):
        source = [place for place in found if place[0] == number]
        for count in range(2, len(source)):
            yield with_pairs(recipe, dict.fromkeys(source[-count:]))
        for count in range(2, len(source)):
            yield with_pairs(recipe, dict.fromkeys(source[:count]))
    few = [found[index : index + count] for count in (2, 3) for index in range(len(found) - count + 1)]
    if len(found) <= MOST_PAIRED:
        few += [[first, second] for index, first in enumerate(found) for second in found[index + 2 :]]
    known = {place for place, (name, _) in pairs if any([names.fullmatch(name) for names in KNOWN])}
    few = [each for each in few if len(each) < len(found) and not known.issuperset(each)]
    yield from alone(recipe, [with_pairs(recipe, dict.fromkeys(each)) for each in few])


def dropped(recipe: "Recipe") -> "Iterator[Recipe]":
    query, protocol, form = recipe.sources
    names = {name for source in recipe.sources for name, _ in source}
    for pair in DROPPED:
        if pair[0] not in names:
            yield recipe.replaced(sources=(query, (*protocol, pair), form), detail="{}={}".format(*pair))


def values_changed(*functions: "Callable[[str], str]", names: bool = False) -> "Change":
    """Return a change that applies these functions to values, and to names with ``names``: of all pairs, or of one."""

    def change(recipe: "Recipe") -> "Iterator[Recipe]":
        found = places(recipe)
        for function in functions:
            new: "dict[Place, Pair | None]" = {}
            for place, (name, value) in found:
                pair = (function(name) if names else name, function(value))
                if pair != (name, value):
                    new[place] = pair
            yield from all_and_each(recipe, new)

    return change


def line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def crlf(text: str) -> str:
    return line_feeds(text).replace("\n", "\r\n")


def carriage_returns(text: str) -> str:
    return line_feeds(text).replace("\n", "\r")


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def compatible(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def spaces(text: str) -> str:
    return text.replace("+", " ")


def pluses(text: str) -> str:
    return text.replace(" ", "+")


def decoded_as_a_form(text: str) -> str:
    return percent_decode(text.replace("+", " ")) if "+" in text else text


def unescaped(text: str) -> str:
    for escape, character in HTML:
        text = text.replace(escape, character)
    return text


def escaped(text: str) -> str:
    for escape, character in reversed(HTML):
        text = text.replace(character, escape)
    return text


HTML = [("&quot;", '"'), ("&#039;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]


def name_without_amp(text: str) -> str:
    return text[4:] if text.startswith("amp;") else text


def in_utf_8(body: bytes) -> bytes:
    """Return a Windows-1252 form in UTF-8, or ``b""`` if the form is in UTF-8 already."""
    text = body.decode("utf-8", "surrogateescape")
    decoded = utf8_octets(percent_decode(text))
    try:
        decoded.decode("utf-8")
    except UnicodeDecodeError:
        pairs = ["=".join([percent_encode(from_windows_1252(each)) for each in pair]) for pair in decode_form(text)]
        return "&".join(pairs).encode("ascii")
    return b""


def from_windows_1252(text: str) -> str:
    octets = utf8_octets(text)
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


def with_space(text: str) -> str:
    return text + " "


def with_space_before(text: str) -> str:
    return " " + text


def with_spaces_around(text: str) -> str:
    return " " + text + " "


def with_tab(text: str) -> str:
    return text + "\t"


def with_no_break_space(text: str) -> str:
    return text + "\xa0"


def with_line_break(text: str) -> str:
    return text + "\n"


def with_crlf(text: str) -> str:
    return text + "\r\n"


def white_space_trimmed(recipe: "Recipe") -> "Iterator[Recipe]":
    yield from values_changed(with_space, with_line_break, with_crlf, with_space_before)(recipe)
    yield from alone(recipe, values_changed(with_spaces_around, with_tab, with_no_break_space)(recipe))


def final_line_break_added(recipe: "Recipe") -> "Iterator[Recipe]":
    for place, (name, value) in places(recipe)[-1:]:
        if place[0] == 2 and value[-1:] in ("\r", "\n"):
            yield with_pairs(recipe, {place: (name, value.rstrip("\r\n"))})


def case_changed(recipe: "Recipe") -> "Iterator[Recipe]":
    found = places(recipe)
    for function in (str.lower, str.upper, str.title, str.swapcase):
        for part in (0, 1):
            new: "dict[Place, Pair | None]" = {}
            for place, pair in found:
                other = function(pair[part])
                if other != pair[part]:
                    new[place] = (other, pair[1]) if part == 0 else (pair[0], other)
            yield from all_and_each(recipe, new)


def underscores_for_dots(recipe: "Recipe") -> "Iterator[Recipe]":
    """Yield recipes with dots or spaces for the underscores of PHP: in all names, in one name, for one underscore."""
    found = [(place, pair) for place, pair in places(recipe) if "_" in pair[0]]
    for pattern in (r"_(?=[xy]$)", "_"):
        for character in (".", " "):
            new: "dict[Place, Pair | None]" = {
                place: (re.sub(pattern, character, name), value)
                for place, (name, value) in found
                if re.search(pattern, name)
            }
            yield from all_and_each(recipe, new)
    for place, (name, value) in found:
        pieces = name.split("_")
        for index in range(1, len(pieces) if len(pieces) > 2 else 0):
            yield with_pairs(recipe, {place: ("_".join(pieces[:index]) + "." + "_".join(pieces[index:]), value)})


def emptied(recipe: "Recipe") -> "Iterator[Recipe]":
    """Yield recipes with a word that programs write for an empty value, such as null, for values that arrived empty."""
    found = [(place, pair) for place, pair in places(recipe) if not pair[1]]
    for text in ("null", "undefined", "None", "0", "false", "NULL", "nil", " "):
        yield from all_and_each(recipe, {place: (name, text) for place, (name, _) in found})


def filled(recipe: "Recipe") -> "Iterator[Recipe]":
    """Yield recipes with empty values: first for all words such as null together, then for one value at a time."""
    found = [(place, pair) for place, pair in places(recipe) if pair[1]]
    words: "dict[Place, Pair | None]" = {
        place: (name, "") for place, (name, value) in found if value.lower() in ("null", "undefined", "none", "nil")
    }
    if len(words) > 1:
        yield with_pairs(recipe, words)
    for place, (name, _) in found:
        yield with_pairs(recipe, {place: (name, "")})


def brackets_changed(recipe: "Recipe") -> "Iterator[Recipe]":
    """Yield recipes without [] or [0], [1] ... in names, and with [] after names that appear more than once."""
    found = places(recipe)
    names = [pair[0] for _, pair in found]
    for pattern in (r"(\[\d*\])+$", r"\[\]$", r"\[\d+\]$"):
        bare = {place: (re.sub(pattern, "", pair[0]), pair[1]) for place, pair in found if re.search(pattern, pair[0])}
        if bare:
            yield with_pairs(recipe, dict(bare))
    numbered = {
        place: (re.sub(r"\[\d+\]$", "[]", pair[0]), pair[1]) for place, pair in found if re.search(r"\[\d+\]$", pair[0])
    }
    if numbered:
        yield with_pairs(recipe, dict(numbered))
    repeated = {place: (pair[0] + "[]", pair[1]) for place, pair in found if names.count(pair[0]) > 1}
    if repeated:
        yield with_pairs(recipe, dict(repeated))


def without_pairs_of(source: "Source", other: "Source") -> "Source":
    return tuple([pair for pair in source if pair not in other])


def query_in_the_form(recipe: "Recipe") -> "Iterator[Recipe]":
    query, protocol, form = recipe.sources
    if set(query) & set(form):
        yield recipe.replaced(sources=(query, protocol, without_pairs_of(form, query)))


def query_in_the_header(recipe: "Recipe") -> "Iterator[Recipe]":
    query, protocol, form = recipe.sources
    known = query + form
    if set(protocol) & set(known):
        yield recipe.replaced(sources=(query, without_pairs_of(protocol, known), form))


def query_lost(recipe: "Recipe") -> "Iterator[Recipe]":
    """Yield recipes with the parameters of another URI's query added that the query of the request lacks."""
    query, protocol, form = recipe.sources
    told = [query_of(uri) for uri in [*header_values(recipe, *TOLD_PATHS, "referer"), *recipe.other_uris]]
    for text in sorted(set(told)):
        told_pairs = tuple([pair for pair in decode_form(text) if not pair[0].startswith("oauth_")])
        pairs = without_pairs_of(told_pairs, query)
        if pairs:
            yield recipe.replaced(sources=(query + pairs, protocol, form), detail=names_of(pairs))


def names_of(pairs: "Source") -> str:
    return visible(", ".join([name for name, _ in pairs[:3]]))


def unpacked(body: bytes) -> bytes:
    """Return the decompressed ``body``, ``b""`` if it is not gzip or zlib, or is longer than MOST_OCTETS."""
    import zlib  # here, because few requests need it

    if body[:2] not in (b"\x1f\x8b", b"\x78\x9c", b"\x78\x01", b"\x78\xda"):
        return b""
    try:
        stream = zlib.decompressobj(47)
        octets = stream.decompress(body, MOST_OCTETS)
        return octets if stream.eof else b""
    except zlib.error:
        return b""


def rewritten_json(body: bytes) -> "list[bytes]":
    """Return other ways to write a JSON text, ``[]`` if ``body`` is not JSON or is too long."""
    import json  # here, because few requests need it

    if body.lstrip()[:1] not in (b"{", b"[") or len(body) > MOST_JSON:
        return []
    try:
        value = json.loads(body.decode("utf-8"))
        texts = [
            json.dumps(value, ensure_ascii=is_ascii, sort_keys=is_sorted, indent=indent, separators=separators)
            for is_sorted in (False, True)
            for indent, separators in ((None, (",", ":")), (None, (", ", ": ")), (2, (",", ": ")), (4, (",", ": ")))
            for is_ascii in (False, True)
        ]
        # PHP escapes slashes.
        texts += [text.replace("/", "\\/") for text in texts if "/" in text]
        return [text.encode("utf-8") for each in dict.fromkeys(texts) for text in (each, each + "\n")]
    except (ValueError, TypeError, RecursionError):
        return []  # not JSON, or with names that cannot be sorted, or with strings that are not valid Unicode


def json_as_a_form(recipe: "Recipe") -> "Iterator[Recipe]":
    query, protocol, _ = recipe.sources
    if recipe.is_form and recipe.body.lstrip()[:1] in (b"{", b"["):
        yield recipe.replaced(sources=(query, protocol, ()))


# Base string URI


def told(recipe: "Recipe") -> "list[str]":
    """Return the paths in header fields and in the other URIs."""
    paths = [each.partition("?")[0] for each in header_values(recipe, *TOLD_PATHS)]
    return [parts_of(each)[3] if "://" in each else each for each in [*paths, *recipe.other_uris] if each]


def path_with_escapes(recipe: "Recipe") -> "Iterator[Recipe]":
    """Yield recipes with the escape of ~, of one slash, or of several in a row, which a proxy decoded in the path."""
    path = parts_of(recipe.uri)[3]
    segments = path.split("/", MOST_SEGMENTS)[1:]
    paths = [path.replace("~", "%7E"), path.replace("~", "%7e")]
    for index in range(1, len(segments)):
        for escape in ("%2F", "%2f"):
            paths.append("/" + "/".join(segments[:index]) + escape + "/".join(segments[index:]))
    yield from shown(with_path(recipe, *paths))
    if 2 < len(segments) <= MOST_PAIRED:
        runs = [(start, end) for start in range(len(segments)) for end in range(start + 3, len(segments) + 1)]
        joined = [
            "/" + "/".join([*segments[:start], escape.join(segments[start:end]), *segments[end:]])
            for start, end in runs
            for escape in ("%2F", "%2f")
        ]
        yield from alone(recipe, shown(with_path(recipe, *joined)))


def slashes_merged(recipe: "Recipe") -> "Iterator[Recipe]":
    path = parts_of(recipe.uri)[3]
    slashes = [index for index, each in enumerate(path) if each == "/"][:MOST_SEGMENTS]
    yield from shown(with_path(recipe, *[path[:index] + "/" + path[index:] for index in slashes]))
    if len(slashes) <= MOST_PAIRED:
        twice = [
            path[:first] + "/" + path[first:second] + "/" + path[second:]
            for number, first in enumerate(slashes)
            for second in slashes[number:]
        ]
        yield from alone(recipe, shown(with_path(recipe, *twice)))


def dots_removed(recipe: "Recipe") -> "Iterator[Recipe]":
    path = parts_of(recipe.uri)[3]
    slashes = [index for index, each in enumerate(path) if each == "/"][:MOST_SEGMENTS]
    paths = [path[:index] + "/." + path[index:] for index in slashes] + [path + "."] * path.endswith("/")
    return shown(with_path(recipe, *paths, *[each for each in told(recipe) if "/." in each]))


def case_of_escapes(recipe: "Recipe") -> "Iterator[Recipe]":
    path = parts_of(recipe.uri)[3]
    other = [
        re.sub("%[0-9a-f]{2}", lambda match: match.group().upper(), path, flags=re.IGNORECASE),
        re.sub("%[0-9a-f]{2}", lambda match: match.group().lower(), path, flags=re.IGNORECASE),
    ]
    yield from shown(with_path(recipe, *other))
    escapes = [match.span() for match in re.finditer("%[0-9A-Fa-f]{2}", path)][:MOST_SEGMENTS]
    each = [path[:start] + path[start:end].swapcase() + path[end:] for start, end in escapes]
    yield from alone(recipe, shown(with_path(recipe, *each)))


def path_replaced(recipe: "Recipe") -> "Iterator[Recipe]":
    return shown(with_path(recipe, *[each for each in told(recipe) if each.startswith("/")]))


def prefix_removed(recipe: "Recipe") -> "Iterator[Recipe]":
    path = parts_of(recipe.uri)[3]
    prefixes = ["/" + each.strip("/") for each in header_values(recipe, *TOLD_PREFIXES) if each.strip("/")]
    return shown(with_path(recipe, *[each + path for each in [*prefixes, *PREFIXES]]))


def prefix_added(recipe: "Recipe") -> "Iterator[Recipe]":
    segments = parts_of(recipe.uri)[3].split("/")
    return shown(with_path(recipe, *["/" + "/".join(segments[count:]) for count in range(2, min(len(segments), 5))]))


def shown(recipes: "Iterator[Recipe]") -> "Iterator[Recipe]":
    """Yield the same recipes, with the path as the detail."""
    for recipe in recipes:
        recipe.detail = visible(parts_of(recipe.uri)[3][:120])
        yield recipe


def host_with_a_dot(recipe: "Recipe") -> "Iterator[Recipe]":
    scheme, host, port, path = parts_of(recipe.uri)
    other = host[:-1] if host.endswith(".") else host + "."
    yield recipe.replaced(uri=scheme + "://" + other + port + path, detail=other)


def host_with_www(recipe: "Recipe") -> "Iterator[Recipe]":
    scheme, host, port, path = parts_of(recipe.uri)
    other = host[4:] if host.startswith("www.") else "www." + host
    for authority in dict.fromkeys([other, other + port]):
        yield recipe.replaced(uri=scheme + "://" + authority + path, detail=authority)


def port_lost(recipe: "Recipe") -> "Iterator[Recipe]":
    scheme, host, port, path = parts_of(recipe.uri)
    ports = [each for each in header_values(recipe, "x-forwarded-port") if each.isdigit()]
    for each in dict.fromkeys([*ports, *PORTS]):
        if ":" + each != port and (scheme, each) not in (("http", "80"), ("https", "443")):
            yield recipe.replaced(uri="{}://{}:{}{}".format(scheme, host, each, path), detail=each)


# Secrets that were stored or copied wrongly


def either_secret(*functions: "Callable[[str], str]") -> "Change":
    """Return a change for a signer whose copy of a secret differs in one of these ways from the issued secret."""

    def change(recipe: "Recipe") -> "Iterator[Recipe]":
        for function in functions:
            client, token = function(recipe.client_secret), function(recipe.token_secret)
            yield recipe.replaced(client_secret=client, detail="client")
            if recipe.token_secret:
                yield recipe.replaced(token_secret=token, detail="token")
                yield recipe.replaced(client_secret=client, token_secret=token, detail="client and token")

    return change


def white_space_in_a_secret(recipe: "Recipe") -> "Iterator[Recipe]":
    ways = list(either_secret(with_line_break, with_crlf, with_space)(recipe))
    yield from [each for each in ways if each.detail != "client and token"]
    yield from alone(recipe, [each for each in ways if each.detail == "client and token"])
    rare = with_space_before, with_spaces_around, with_tab, with_no_break_space, with_byte_order_mark
    yield from alone(recipe, either_secret(*rare)(recipe))


def with_byte_order_mark(text: str) -> str:
    return "\ufeff" + text


def quoted(text: str) -> str:
    return '"' + text + '"'


def quoted_once(text: str) -> str:
    return "'" + text + "'"


def without_last(text: str) -> str:
    return text[:-1]


def without_first(text: str) -> str:
    return text[1:]


def with_ampersand(text: str) -> str:
    return text + "&"
