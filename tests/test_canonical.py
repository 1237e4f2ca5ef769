"""Quick paths (RFC 5849 section 3.4.1): each gives what the plain function beside it gives, for any text.

The texts are made of what means something to either: escapes of every kind, separators, surrogates, control
characters.
"""

import functools
import re
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oauth1_core import (
    Limits,
    OAuth1Error,
    SigningError,
    authorization_header,
    base_string_uri,
    canonical,
    decode_form,
    parse_authorization_header,
    parse_request,
    percent_decode,
    percent_encode,
    receiving,
    signature_base_string,
)
from oauth1_core.canonical import (
    COMPILED,
    canonical_pairs,
    canonical_pairs_of,
    compiled,
    decode_encoded,
    decoded_pairs,
    encode_again,
    header_of_realm,
    is_usual,
    pairs_of_form,
    pairs_of_header,
    quick_has_control,
    quick_has_userinfo,
    quick_is_form_type,
    quick_is_oauth,
    quick_percent_encode,
    quick_protocol_pairs,
    start_of_base_string,
    strict_pairs_of_form,
    target_and_query,
    values_of_header,
)
from oauth1_core.percent_encoding import is_strictly_encoded
from oauth1_core.transmission import is_form_type, read_authorization_header, split_scheme
from oauth1_core.uris import has_control, has_userinfo, query_of
from tests.support.amount import examples

EVERY_TIME = settings(derandomize=True, deadline=None, max_examples=examples(1000))
PIECES = [
    "OAuth ", "oauth ", "Basic ", 'oauth_nonce="', ', oauth_token="', ', oauth_="', ",oauth_x=", 'realm="', '", ', '"',
    "%2B", "%2b", "%7E", "%41", "%C3%A9", "%FF", "%G", "%", "%2", "41", "&", "\0", "=", "+", " ", ";", "a", "~",
    "/", "?", "@", ":",
    "[", "é", "\ud800", "\udcff", "\udcc3\udca9", "\\", "\n", "\x7f", "http://", "https://h", "oauth_",
    "application/x-www-form-urlencoded", "text/plain",
]  # fmt: skip
TEXT = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
OCTETS = st.binary().map(lambda octets: octets.decode("utf-8", "surrogateescape"))
PAIRS = st.lists(st.tuples(OCTETS, OCTETS), max_size=5)


def outcome_of(function, *arguments):
    """What is returned, or class, message and parameter of the error."""
    try:
        return function(*arguments)
    except OAuth1Error as error:
        return type(error), str(error), error.parameter


def plain_pairs_of_header(header):
    realms = [value for name, value in read_authorization_header(header) if name == "realm"]
    return canonical_pairs(parse_authorization_header(header)), realms


def plain_strict_pairs_of_form(form):
    return canonical_pairs(decode_form(form)) if is_strictly_encoded(form) else None


PLAIN = {
    pairs_of_form: lambda form: canonical_pairs(decode_form(form)),
    strict_pairs_of_form: plain_strict_pairs_of_form,
    pairs_of_header: plain_pairs_of_header,
    start_of_base_string: lambda uri: (
        "GET&" + percent_encode(base_string_uri(uri)) + "&",
        canonical_pairs(decode_form(query_of(uri))),
    ),
    quick_percent_encode: percent_encode,
    header_of_realm: lambda realm: authorization_header((), realm),
    quick_is_form_type: is_form_type,
    quick_is_oauth: lambda authorization: split_scheme(authorization)[0] == "oauth",
    quick_has_control: has_control,
    quick_has_userinfo: has_userinfo,
}


@pytest.mark.parametrize("quick", PLAIN, ids=lambda function: function.__name__)
@EVERY_TIME
@given(TEXT)
@example("")
@example("a=b\0c&d=e")
@example("a=%7E")
@example("a&b==")
@example("a=b=&c")
@example("a=%C3&b=%A9")
@example("a=%41%2%41")
@example("http://a.example/?x=%41%2%41")
@example("XXXX")  # as mutated constants begin
@example("XXOAuth XX")
def test_a_quick_path_gives_what_the_plain_one_gives(quick, text):
    if quick is start_of_base_string:
        text = "http://example.com/" + text
        quick_one = functools.partial(quick, "GET", pairs_of_query=pairs_of_form)
    else:
        quick_one = quick
    for each in (text, 'OAuth oauth_nonce="' + text, 'OAuth oauth_nonce="' + text + '"'):
        assert outcome_of(quick_one, each) == outcome_of(PLAIN[quick], each)


@EVERY_TIME
@given(TEXT)
@example("a=b=&%25+c")
def test_a_form_is_encoded_once_more_by_another_percent(form):
    again = outcome_of(pairs_of_form, form, "%25")
    if isinstance(again, list):
        assert again == [pair.replace("%", "%25") for pair in pairs_of_form(form)]
    else:
        assert again == outcome_of(pairs_of_form, form)


@EVERY_TIME
@given(TEXT)
@example("a=b&%25=+c")
@example("a=b&c")
def test_a_long_form_becomes_what_a_short_one_does(form):
    expected = [outcome_of(pairs_of_form, form, percent) for percent in ("%", "%25")]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(canonical, "SHORT", -1)
        patched.delattr(canonical, "is_usual")
        assert [outcome_of(pairs_of_form, form, percent) for percent in ("%", "%25")] == expected


@pytest.mark.parametrize("form", ["a=b", "=", "a=%20&b=+%7B", "a=~-._"])
def test_a_usual_form_is_told_from_others(form):
    assert is_usual(form)
    for other in ("&", "&c", "=", "&c=%41", "&c=%C3%A9", "&c=%", "&c=!", "&c=\n", "\n"):
        assert not is_usual(form + other)


@EVERY_TIME
@given(
    st.from_regex(
        r"(https?|ftp)://[a-zA-Z0-9.@:\[\]/]{0,9}(/[ -\x80]{0,5}){0,3}([?#]([ -\x80]{0,5}|[a%4A=&+]*)){0,2}",
        fullmatch=True,
    )
)
@example("http://a")
@example("https:///path")
@example("http://a//b")
@example("http://a:80/")
@example("https://a:80/")
@example("https://a:443/?")
@example("http://a:65536/")
@example("http://a:08/")
@example("http://a/?b\n#c")
def test_a_uri_begins_the_base_string_as_it_is_signed(uri):
    assert outcome_of(start_of_base_string, "GET", uri, pairs_of_form) == outcome_of(PLAIN[start_of_base_string], uri)


@EVERY_TIME
@given(PAIRS)
@example([("\r\n=\n= \t_.\0\x7f %3D=3D" * 9, "")])  # what means something in quoted-printable
@example([("a b", "c")])
@example([("aXX", "XXb")])
def test_canonical_pairs_are_decoded_to_the_pairs_that_they_were_made_of(parameters):
    pairs = canonical_pairs(parameters)
    assert decoded_pairs(pairs) == parameters
    for name, value in parameters:
        for encoded in (quick_percent_encode(name), quick_percent_encode(value)):
            assert decode_encoded(encoded) == percent_decode(encoded)
    protocol = [(name, value) for name, value in parameters if name.startswith("oauth_")]
    assert quick_protocol_pairs(pairs) == canonical_pairs(protocol)


@EVERY_TIME
@given(PAIRS, st.sampled_from(["GET", "post", "M-SEARCH", "x!y", "G T", ""]))
@example([("a", "b"), ("oauth_nonce", "n"), ("a", "")], "POST")
def test_a_base_string_of_canonical_pairs_is_that_of_the_parameters(parameters, method):
    target = "https://example.com/r%20v/X"
    expected = outcome_of(signature_base_string, method, target, parameters)
    found = outcome_of(start_of_base_string, method, target, pairs_of_form)
    if len(found) == 2:
        found = found[0] + encode_again("&".join(sorted(canonical_pairs(parameters))))
    assert found == expected


@EVERY_TIME
@given(PAIRS)
def test_canonical_pairs_are_encoded_again_as_a_whole(parameters):
    text = "&".join(canonical_pairs(parameters))
    assert encode_again(text) == percent_encode(text.replace("\0", "="))


HEADER_ITEMS = [
    'oauth_consumer_key="c"', 'oauth_consumer_key="c%2B"', 'oauth_token="t"', 'oauth_token=""', 'oauth_token="%00"',
    'oauth_signature_method="HMAC-SHA1"', 'oauth_signature_method="PLAINTEXT"', 'oauth_signature_method="hmac"',
    'oauth_timestamp="1"', 'oauth_timestamp="01"', 'oauth_timestamp="9999999999999"', 'oauth_nonce="n"',
    'oauth_nonce="nnnnnnnn"', 'oauth_version="1.0"', 'oauth_version="1.0A"', 'oauth_signature="ab%2B%2F%3D"',
    'oauth_signature="a+b"', 'oauth_signature="a%C3%A9"', 'oauth_signature=""', 'oauth_body_hash="x"',
    'realm="r oauth_"', 'realm="%FF"', 'x="y"', "oauth_nonce=n",
]  # fmt: skip
WHOLE = [HEADER_ITEMS[number] for number in (0, 2, 5, 8, 11, 13, 15)]


@st.composite
def headers(draw):
    """A whole header, with some items more, less or in another order."""
    items = draw(st.permutations(WHOLE))[: draw(st.sampled_from([7, 7, 7, 6]))]
    for item in draw(st.lists(st.sampled_from(HEADER_ITEMS), max_size=2)):
        items.insert(draw(st.integers(0, len(items))), item)
    commas = draw(st.sampled_from([[", "], [","], [", ", ","], [" , "]]))
    return "OAuth " + items[0] + "".join([draw(st.sampled_from(commas)) + item for item in items[1:]])


def what_is_read(*request):
    found = outcome_of(lambda: parse_request(*request, limits=Limits(nonce=5)))
    return found if isinstance(found, tuple) else [getattr(found, name, None) for name in found.__slots__]


@EVERY_TIME
@given(headers(), st.sampled_from(["", "?a=b", "?oauth_x=y"]), st.sampled_from([b"", b"a=b", b"oauth_x=y"]))
@example("OAuth " + ", ".join(WHOLE), "", b"")
@example('OAuth realm="r", ' + ", ".join(WHOLE), "?a=b", b"a=b")
@example("OAuth " + ", ".join([*WHOLE, 'oauth_nonce="m"']), "", b"")
def test_a_header_of_the_usual_values_is_read_as_any_other(header, query, form):
    fields = [
        ("Authorization", header),
        ("Content-Type", "application/x-www-form-urlencoded" if form else "text/plain"),
    ]
    request = "POST", "https://example.com/r" + query, fields, form
    quick = what_is_read(*request)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(receiving, "values_of_header", lambda value: None)
        assert quick == what_is_read(*request)


@pytest.mark.parametrize("comma", [", ", ","])
def test_the_usual_header_takes_the_quick_path(comma):
    pairs = [item.replace('"', "").replace("=", "\0") for item in WHOLE]
    usual = "OAuth " + comma.join(WHOLE)
    assert values_of_header(usual) == ((None, "c", "t", "HMAC-SHA1", "1", "n", "1.0", "ab%2B%2F%3D"), pairs)
    assert values_of_header("OAuth " + comma.join(['realm="r oauth_"', *WHOLE[::-1]])) == (
        ("r oauth_", "c", "t", "HMAC-SHA1", "1", "n", "1.0", "ab%2B%2F%3D"),
        pairs[::-1],
    )
    for other in (", ", ","):
        assert values_of_header(usual + other + 'oauth_nonce="n"') is None
    with pytest.MonkeyPatch.context() as patched:
        patched.delattr(canonical, "read_authorization_header")
        assert pairs_of_header(usual + comma + 'oauth_body_hash="x"') == ([*pairs, "oauth_body_hash\0x"], [])


def test_every_quick_path_is_among_these_tests():
    tested = {
        *PLAIN,
        values_of_header,
        decode_encoded,
        decoded_pairs,
        quick_protocol_pairs,
        canonical_pairs_of,
        encode_again,
        is_usual,
        target_and_query,
    }
    # Those of which tests.mutants makes several begin with "x".
    public = {
        value
        for name, value in vars(canonical).items()
        if getattr(value, "__module__", "") == canonical.__name__ and not name.startswith("x_")
    }
    helpers = {
        canonical_pairs,
        canonical.octets_of,
        canonical.usual_text,
        canonical.text_encoded_anew,
        canonical.is_utf8,
        canonical.with_one_nul,
        compiled,
        canonical.NoPattern,
    }
    assert public - tested == helpers


@pytest.mark.parametrize(
    "form, pairs",
    [
        ("a=b&c=d", ["a\0b", "c\0d"]),
        ("a=b=c&d=e", ["a\0b%3Dc", "d\0e"]),
        ("a=b=&c", ["a\0b%3D", "c\0"]),
        ("a=b==&c&d", ["a\0b%3D%3D", "c\0", "d\0"]),
        ("a=b&&c=d", ["a\0b", "c\0d"]),
        ("=a&b=", ["\0a", "b\0"]),
        ("%41=b+c", ["A\0b%20c"]),
        ("", []),
    ],
)
def test_a_form_becomes_canonical_pairs_whatever_its_spelling(form, pairs):
    assert pairs_of_form(form) == strict_pairs_of_form(form) == pairs


# The same parameters, spelled as section 3.6 does and in other ways.
SPELLINGS = [
    "a=it%27s%20%28all%29%20fine%21%2A%2F~&b=%C3%A9%2F&c=",
    "a=it's+(all)+fine!*/~&b=%C3%A9/&c=",
    "a=it%27s+%28all%29+fine%21*%2F%7E&b=%c3%A9%2F&c",
    "&a=it's%20(all)%20fine!*/%7e&%62=%c3%a9/&c&&",
    "a=i%74%27%73%20%28%61%6c%6C%29%20fin%65%21%2A%2F~&b=%C3%a9%2F&c=",
]


@pytest.mark.parametrize("form", SPELLINGS)
def test_no_legal_spelling_is_decoded(monkeypatch, form):
    monkeypatch.delattr(canonical, "decode_form")
    pairs = ["a\0it%27s%20%28all%29%20fine%21%2A%2F~", "b\0%C3%A9%2F", "c\0"]
    assert pairs_of_form(form) == strict_pairs_of_form(form) == pairs
    assert pairs_of_form(form, "%25") == [pair.replace("%", "%25") for pair in pairs]


@pytest.mark.parametrize("percent", ["%", "%25"])
def test_a_usual_spelling_is_not_encoded_anew(monkeypatch, percent):
    monkeypatch.delattr(canonical, "text_encoded_anew")
    form, pairs = "a=it%27s+%C3%A9&b=~&c=%FF", ["a\0it%27s%20%C3%A9", "b\0~", "c\0%FF"]
    pairs = [pair.replace("%", percent) for pair in pairs]
    for more in range(3):
        assert canonical_pairs_of(form + "&d=" * more, percent=percent) == pairs + ["d\0"] * more
    assert canonical_pairs_of(form[:-6], strict=True, percent=percent) == pairs[:2]


def test_a_short_form_as_most_clients_write_it_takes_the_shortest_way(monkeypatch):
    monkeypatch.delattr(canonical, "translate")
    assert canonical_pairs_of("a=%20&b=" + "c" * (canonical.SHORT - 8)) == ["a\0%20", "b\0" + "c" * 992]
    with pytest.raises(NameError):
        canonical_pairs_of("a=%20&b=" + "c" * (canonical.SHORT - 7))


def test_a_usual_query_is_not_read_as_a_form():
    for uri, pairs in [("http://a.example/", []), ("http://a.example/?b=%20&c=+", ["b\0%20", "c\0%20"])]:
        assert start_of_base_string("GET", uri, None, None) == ("GET&http%3A%2F%2Fa.example%2F&", pairs)


def test_a_usual_realm_is_not_checked_twice(monkeypatch):
    for realm in (5, b"r", None):
        assert outcome_of(header_of_realm, realm) == outcome_of(authorization_header, (), realm)
    monkeypatch.delattr(canonical, "authorization_header")
    assert header_of_realm("a realm") == 'OAuth realm="a realm"'


@pytest.mark.parametrize(
    "form", ["é", "a=b&é=!", "\udcff", "a\ud800", "%", "%2", "a=%G1", "%%41", "!=%4\xe9", "!%\r\n41", "!%\r", "%\n1"]
)
def test_what_is_not_legal_is_decoded(form):
    assert canonical_pairs_of(form) is None


def test_every_octet_is_encoded_in_one_spelling_and_read_in_two():
    upper, lower = ["".join([spelled.format(octet) for octet in range(256)]) for spelled in ("%{:02X}", "%{:02x}")]
    pairs = canonical_pairs(decode_form(upper))
    # The octets that part names and values have no other spelling.
    assert canonical_pairs_of(upper) is None is canonical_pairs_of(lower)
    assert canonical_pairs_of("%00!") is None is canonical_pairs_of("%01!")
    assert canonical_pairs_of(upper[6:]) == canonical_pairs_of(lower[6:]) == [pairs[0][6:]]
    assert pairs_of_form(upper) == pairs_of_form(lower) == pairs
    # Each alone, so that no other escape leads to the plain path.
    for spelled in [text[start : start + 3] for text in (upper, lower) for start in range(0, len(text), 3)]:
        assert pairs_of_form(spelled) == canonical_pairs(decode_form(spelled))
    assert canonical_pairs_of(upper[6:], strict=True) is None


def test_a_path_is_encoded_without_its_origin_as_with_it():
    start = start_of_base_string("GET", "http://example.com/\udcff?\udcff", pairs_of_form)
    assert start == ("GET&http%3A%2F%2Fexample.com%2F%25FF&", ["%FF\0"])
    with pytest.raises(SigningError):
        start_of_base_string("GET", "http://example.com/\ud800", pairs_of_form)


@pytest.mark.parametrize(
    "uri, found",
    [
        ("http://a.example/b", ("http%3A%2F%2Fa.example%2Fb", "", False)),
        ("https://a.example:8080/b?c=%20&d=+", ("https%3A%2F%2Fa.example%3A8080%2Fb", "c=%20&d=+", True)),
        ("http://a.example:443/?c=&=", ("http%3A%2F%2Fa.example%3A443%2F", "c=&=", False)),
        ("https://a.example:4430/?c=&=", ("https%3A%2F%2Fa.example%3A4430%2F", "c=&=", True)),
        ("http://a.example/?c", ("http%3A%2F%2Fa.example%2F", "c", False)),
        ("http://a.example/?c=d=e", ("http%3A%2F%2Fa.example%2F", "c=d=e", False)),
        ("http://a.example/?c=%41", ("http%3A%2F%2Fa.example%2F", "c=%41", False)),
        ("http://a.example/?c=%C3%A9", ("http%3A%2F%2Fa.example%2F", "c=%C3%A9", False)),
        ("http://a.example/?c=d#e", ("http%3A%2F%2Fa.example%2F", "c=d", False)),
    ],
)
def test_a_query_is_known_to_be_usual_where_it_can_be_taken_as_it_is(uri, found):
    assert target_and_query(uri) == found


def test_a_pattern_is_compiled_once(monkeypatch):
    monkeypatch.delitem(COMPILED, "a[b-c]", raising=False)
    pattern = compiled("a[b-c]")
    assert pattern.fullmatch("ab") and not pattern.fullmatch("ad")
    monkeypatch.delattr(re, "compile")
    assert compiled("a[b-c]") is pattern
    del COMPILED["a[b-c]"]


def test_where_re_is_too_small_no_text_is_taken_for_a_usual_one(monkeypatch):
    monkeypatch.delitem(COMPILED, "a[b-c]", raising=False)
    monkeypatch.delattr(re, "fullmatch")
    pattern = compiled("a[b-c]")
    assert pattern.search("x") and pattern.fullmatch("ab") is None
    monkeypatch.setattr(canonical, "COMPILED", {})
    monkeypatch.setattr(canonical, "quoted_printable", None)
    for form, pairs in [("a=%41", ["a\0A"]), ("a=%2B", ["a\0%2B"]), ("a='", ["a\0%27"]), ("a=b+", ["a\0b%20"])]:
        assert pairs_of_form(form) == strict_pairs_of_form(form) == pairs
    del COMPILED["a[b-c]"]


def test_no_plain_module_of_the_core_uses_a_pattern_or_a_quick_path():
    """So that a learner meets the algorithm first."""
    own = {"canonical", "signer", "receiving"}
    names = {name for name, value in vars(canonical).items() if getattr(value, "__module__", "") == canonical.__name__}
    for name, module in sys.modules.items():
        package, _, rest = name.partition(".")
        if package == "oauth1_core" and "." not in rest and rest not in own:
            assert not names & set(vars(module)) and "re" not in vars(module), name
