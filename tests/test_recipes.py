"""How a signature is made wrongly: what each mistake makes of one request, by itself (RFC 5849 section 3.4)."""

import pytest

from oauth1_core import HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, TokenCredentials
from oauth1_core.debugging import recipes
from oauth1_core.debugging.mistakes import CATALOGUE
from oauth1_core.debugging.recipes import Mistake, Recipe, remove_dot_segments
from oauth1_core.percent_encoding import percent_encode

CHANGES = {mistake.id: mistake.change for mistake in CATALOGUE}
TOKEN = TokenCredentials("tk", "ts")


def recipe(method="GET", uri="http://h.example/", query=(), protocol=(), form=(), **more):
    made = Recipe(method, uri, query, protocol, form)
    vars(made).update(more)
    return made


def made(mistake, attribute, **of):
    """What the mistake makes of one attribute, each way to make it."""
    return [getattr(changed, attribute) for changed in CHANGES[mistake](recipe(**of))]


def test_a_recipe_begins_as_a_request_of_which_nothing_more_is_known():
    expected = {
        "method": "GET", "uri": "u", "encode_uri": (percent_encode,), "encode": (percent_encode,),
        "encode_again": (percent_encode,), "encode_key": (percent_encode,), "sources": ("q", "p", "f"),
        "client_secret": "", "token_secret": "", "join_key": "{}&{}", "digest": "", "swapped": False, "received": "",
        "detail": "", "received_method": "GET", "received_uri": "u", "raw_sources": ("", ""), "headers": [],
        "body": b"", "is_form": True, "realm": None, "client_identifier": "", "token": None, "other_secrets": (),
        "other_uris": (), "known": {}, "made": {}, "sort": recipes.by_encoded_pair, "join": recipes.name_and_value,
        "is_changed": False, "is_combined": True,
    }  # fmt: skip
    assert vars(Recipe("GET", "u", "q", "p", "f")) == expected


@pytest.mark.parametrize(
    "stages",
    [
        {"method": "PUT"}, {"uri": "http://other.example/"}, {"encode_uri": ()}, {"encode": ()}, {"sort": None},
        {"join": recipes.name_and_any_value}, {"encode_again": ()}, {"sources": ((), (("x", "y"),), ())},
        {"client_secret": "c"}, {"token_secret": "t"}, {"encode_key": ()}, {"join_key": "{}{}"},
    ],
    ids=lambda stages: next(iter(stages)),
)  # fmt: skip
def test_what_was_made_of_a_recipe_is_made_anew_where_a_stage_of_it_changes(stages):
    def recipe():
        made = Recipe("GET", "http://h.example/", (("z", ""), ("a", "/")), (("b", "1"),), ())
        made.client_secret = "a/b"
        return made

    first = recipe()
    before = first.base_string(), first.key()
    copy, fresh = first.replaced(**stages), recipe().replaced(**stages)
    assert (copy.base_string(), copy.key()) == (fresh.base_string(), fresh.key()) != before
    assert (first.base_string(), first.key()) == before


def test_a_copy_shares_all_but_what_is_changed_and_the_detail():
    first = recipe(detail="x", realm="r")
    copy = first.replaced(method="PUT")
    assert vars(copy) == {**vars(first), "method": "PUT", "detail": "", "is_changed": True}
    assert copy.known is first.known


def test_a_stage_that_is_misspelt_is_a_type_error():
    with pytest.raises(TypeError, match="a recipe has no encode_urii, methode"):
        recipe().replaced(encode_urii=(), methode="PUT", uri="u")
    with pytest.raises(TypeError, match="a recipe has no encode_urii"):
        recipes.replacing(encode_urii=())  # where the catalogue is read, before any request is


def test_a_mistake_keeps_what_it_is_made_of():
    mistake = Mistake("id", recipes.slash_at_the_end, "3.4", "did", "Wants", "Fix")
    assert [getattr(mistake, name) for name in Mistake.__slots__] == [
        "id",
        recipes.slash_at_the_end,
        "3.4",
        "did",
        "Wants",
        "Fix",
        "The signer",
        1,
    ]


@pytest.mark.parametrize(
    "mistake, of, expected",
    [
        ("method-in-lower-case", {}, ["get"]),
        ("method-in-lower-case", {"received_method": "Get"}, ["get", "Get"]),
        ("another-method", {}, ["POST", "PUT", "PATCH", "DELETE", "HEAD"]),
        ("another-method", {"method": "PUT"}, ["GET", "POST", "PATCH", "DELETE", "HEAD"]),
    ],
)
def test_methods(mistake, of, expected):
    assert made(mistake, "method", **of) == expected
    if mistake == "another-method":
        assert made(mistake, "detail", **of) == expected


@pytest.mark.parametrize(
    "uri, parts",
    [
        ("http://h.example", ("http", "h.example", "", "")),
        ("https://h.example:81/a:b", ("https", "h.example", ":81", "/a:b")),
        ("http://[::1]/", ("http", "[::1]", "", "/")),
        ("http://[::1]:81/", ("http", "[::1]", ":81", "/")),
        ("http://h.example?a=/b:1", ("http", "h.example", "", "")),
    ],
)
def test_a_uri_has_four_parts(uri, parts):
    assert recipes.parts_of(uri) == parts


@pytest.mark.parametrize(
    "path, expected",
    [
        # RFC 3986 section 5.2.4.
        ("/a/b/c/./../../g", "/a/g"),
        # Sections 5.4.1 and 5.4.2, each reference merged with the base /b/c/d;p.
        ("/b/c/./g", "/b/c/g"),
        ("/b/c/g/", "/b/c/g/"),
        ("/b/c/.", "/b/c/"),
        ("/b/c/./", "/b/c/"),
        ("/b/c/..", "/b/"),
        ("/b/c/../", "/b/"),
        ("/b/c/../g", "/b/g"),
        ("/b/c/../..", "/"),
        ("/b/c/../../g", "/g"),
        ("/b/c/../../../g", "/g"),
        ("/b/c/../../../../g", "/g"),
        ("/../g", "/g"),
        ("/b/c/g.", "/b/c/g."),
        ("/b/c/.g", "/b/c/.g"),
        ("/b/c/g..", "/b/c/g.."),
        ("/b/c/..g", "/b/c/..g"),
        ("/b/c/./../g", "/b/g"),
        ("/b/c/./g/.", "/b/c/g/"),
        ("/b/c/g/./h", "/b/c/g/h"),
        ("/b/c/g/../h", "/b/c/h"),
        ("/b/c/g;x=1/./y", "/b/c/g;x=1/y"),
        ("/b/c/g;x=1/../y", "/b/c/y"),
    ],
)
def test_dot_segments_are_removed_as_rfc_3986_does(path, expected):
    assert remove_dot_segments(path) == expected


OTHERS = ["no URI", "http://in.example:9/x?y"]


@pytest.mark.parametrize(
    "mistake, of, expected",
    [
        ("another-scheme", {}, ["https://h.example/"]),
        ("another-scheme", {"uri": "http://h.example:443/"}, ["https://h.example:443/", "https://h.example/"]),
        ("another-scheme", {"uri": "https://h.example:81/"}, ["http://h.example:81/"]),
        ("default-port-kept", {}, ["http://h.example:80/"]),
        ("default-port-kept", {"uri": "https://h.example/"}, ["https://h.example:443/"]),
        ("default-port-kept", {"uri": "http://h.example:81/"}, []),
        ("port-left-out", {}, []),
        ("port-left-out", {"uri": "http://h.example:81/"}, ["http://h.example/"]),
        ("host-case-kept", {"headers": [("Host", "h.example")]}, []),
        ("host-case-kept", {"headers": [("Host", "u@H.example:81"), ("Host", "I.example")]}, ["http://H.example/"]),
        ("host-case-kept", {"received_uri": "HTTP://h.example/"}, ["HTTP://h.example/"]),
        ("host-case-kept", {"received_uri": "https://h.example/"}, []),
        ("www-changed", {}, ["http://www.h.example/"]),
        ("www-changed", {"uri": "http://www.h.example:81/"}, ["http://h.example/", "http://h.example:81/"]),
        ("another-uri", {"other_uris": OTHERS}, ["http://in.example:9/x"]),
        ("slash-at-the-end", {"uri": "http://h.example/a"}, ["http://h.example/a/"]),
        ("slash-at-the-end", {"uri": "http://h.example/a/"}, ["http://h.example/a"]),
        ("path-decoded", {"uri": "http://h.example/a%20b"}, ["http://h.example/a b"]),
        ("path-decoded", {"uri": "http://h.example/a"}, []),
        ("path-encoded-twice", {"uri": "http://h.example/a%20b"}, ["http://h.example/a%2520b"]),
        ("path-normalized", {"uri": "http://h.example/a/b"}, []),
        ("path-normalized", {"uri": "http://h.example/a/b/c/../d"}, ["http://h.example/a/b/d"]),
        ("path-normalized", {"uri": "http://h.example/a/."}, ["http://h.example/a/"]),
        ("path-normalized", {"uri": "http://h.example/a//b/c"}, ["http://h.example/a/b/c"]),
        ("path-normalized", {"uri": "http://h.example/%7ea"}, ["http://h.example/~a"]),
        ("query-in-the-uri", {}, []),
        ("query-in-the-uri", {"received_uri": "http://h.example/?a=1"}, ["http://h.example/?a=1"]),
    ],
)
def test_uris(mistake, of, expected):
    assert made(mistake, "uri", **of) == expected


def test_the_other_scheme_and_the_other_uri_are_told():
    assert made("another-scheme", "detail", uri="http://h.example:443/") == ["https", "https"]
    assert made("another-uri", "detail", other_uris=OTHERS) == ["http://in.example:9/x"]


@pytest.mark.parametrize(
    "headers, expected",
    [
        ([("Host", "in")], ["in:81", "in"]),
        ([("X-Forwarded-Host", "in:82")], ["in:82", "in:81"]),
        ([("x-original-host", "in")], ["in:81", "in"]),
        ([("X-Forwarded-Server", "in")], ["in:81", "in"]),
        ([("X-Other", "in")], []),
        ([("Host", "h.example:81")], []),
        ([("Host", "in:99999")], ["in:81"]),
        ([("Forwarded", "for=1; HOST=in;proto=http")], ["in:81", "in"]),
        ([("Forwarded", 'host="X.example"')], ["x.example:81", "x.example"]),
        ([("Forwarded", "host=X.example")], ["x.example:81", "x.example"]),
        # Each item of the field names one host; a request could otherwise name thousands.
        ([("Forwarded", "host=in;host=in;HOST=in2, for=1;host=out;host=in")], ["in:81", "in", "out:81", "out"]),
    ],
)
def test_another_host_is_one_of_those_that_the_request_names(headers, expected):
    of = {"uri": "http://h.example:81/x", "headers": headers}
    hosts = made("another-host", "detail", **of)
    assert made("www-changed", "detail", **of) == ["www.h.example", "www.h.example:81"]
    assert sorted(hosts) == sorted(expected)
    assert sorted(made("another-host", "uri", **of)) == sorted(f"http://{host}/x" for host in expected)


def test_the_host_of_another_uri_is_another_host():
    assert made("another-host", "uri", other_uris=OTHERS) == ["http://in.example:9/", "http://in.example/"]


def test_of_a_header_nine_items_are_read():
    many = recipe(headers=[("a", " 1 , 2"), ("A", "3"), ("b", "x"), ("a", ",".join("456789") + ",10,11 12")])
    assert recipes.header_values(many, "a") == list("123456789")
    assert recipes.header_values(recipe(headers=[("a", "1 2")]), "a", "b") == ["1 2"]


Q, P, F = (("q", "1+%31"),), (("oauth_x", "%32"),), (("f", "%33"),)
EMPTY = (("e", ""), ("q", "2"))


@pytest.mark.parametrize(
    "mistake, of, expected",
    [
        ("query-left-out", {}, [((), P, F)]),
        ("form-left-out", {}, [(Q, P, ())]),
        ("undeclared-form", {"body": b"a=1", "is_form": False}, [(Q, P, (("a", "1"),))]),
        ("undeclared-form", {"body": b"a=1", "is_form": True}, []),
        ("undeclared-form", {"body": b"", "is_form": False}, []),
        ("json-put-in", {"body": b'{"a": 1, "b": "c"}', "is_form": False}, [(Q, P, (("a", "1"), ("b", "c")))]),
        ("json-put-in", {"body": b'{"a": 1}', "is_form": True}, []),
        ("json-put-in", {"body": b"[]", "is_form": False}, []),
        (
            "not-decoded",
            {"raw_sources": ("q=%2b&r", "f=+")},
            [
                ((("q", "%2b"), ("r", "")), P, (("f", "+"),)),
                ((("q", "%2b"), ("r", "")), P, F),
                (Q, P, (("f", "+"),)),
            ],
        ),
        ("not-decoded", {}, [(Q, P, F)] * 3),
        ("plus-taken-literally", {"raw_sources": ("q=+", "")}, [((("q", "+"),), P, F)] * 2 + [(Q, P, F)]),
        (
            "decoded-twice",
            {},
            [
                ((("q", "1+1"),), (("oauth_x", "2"),), (("f", "3"),)),
                ((("q", "1+1"),), P, (("f", "3"),)),
                (Q, (("oauth_x", "2"),), F),
            ],
        ),
        ("first-duplicate-kept", {"form": EMPTY}, [(Q, P, (("e", ""),))]),
        ("last-duplicate-kept", {"form": EMPTY}, [((("q", "2"),), P, (("e", ""),))]),
        (
            "duplicates-numbered",
            {"form": EMPTY},
            [((("q[0]", "1+%31"),), P, (("e", ""), ("q[1]", "2"))), (Q, P, EMPTY)],
        ),
        ("empty-values-dropped", {"form": EMPTY}, [(Q, P, (("q", "2"),))]),
        ("realm-put-in", {"realm": "r"}, [(Q, (*P, ("realm", "r")), F)]),
        ("realm-put-in", {}, []),
        ("signature-put-in", {}, [(Q, (*P, ("oauth_signature", "")), F)]),
        ("version-put-in", {}, [(Q, (*P, ("oauth_version", "1.0")), F)]),
        ("version-put-in", {"protocol": (("oauth_version", "1.0"),)}, []),
        ("token-put-in", {}, [(Q, (*P, ("oauth_token", "")), F)]),
        ("token-put-in", {"protocol": (("oauth_token", "tk"),)}, []),
        ("protocol-parameter-left-out", {"protocol": (*P, ("oauth_y", ""))}, [(Q, (("oauth_y", ""),), F), (Q, P, F)]),
    ],
)
def test_parameters(mistake, of, expected):
    assert made(mistake, "sources", **{"query": Q, "protocol": P, "form": F, **of}) == expected


USES = ("encode", "encode_uri", "encode_again", "encode_key")


def uses_of(changes):
    return [tuple(getattr(changed, name) for name in USES) for changed in changes]


def test_who_encodes_wrongly_does_so_everywhere_or_in_one_place():
    one, plus = (percent_encode,), recipes.plus
    wrong = (percent_encode, plus)
    everywhere, values, both = (wrong,) * 4, (wrong, one, one, one), (one, wrong, wrong, one)
    assert uses_of(recipes.rewriting(plus)(recipe())) == [everywhere, values, both]
    # Who does not encode at all cannot do it wrongly.
    assert uses_of(recipes.rewriting(plus)(recipe(encode=()))) == [
        ((), wrong, wrong, wrong),
        ((), one, one, one),
        ((), wrong, wrong, one),
    ]
    twice = (percent_encode, percent_encode)
    first, each = (percent_encode, plus, percent_encode), (percent_encode, plus, percent_encode, plus)
    assert uses_of(recipes.rewriting(plus)(recipe(encode=twice))) == [
        ((*twice, plus), wrong, wrong, wrong), (first, wrong, wrong, wrong), (each, wrong, wrong, wrong),
        ((*twice, plus), one, one, one), (first, one, one, one), (each, one, one, one),
        (twice, wrong, wrong, one),
    ]  # fmt: skip


def test_what_is_not_encoded_is_told():
    assert made("reserved-kept", "detail") == [each for each in ("!'()*", "*", "'", "!", "()") for _ in range(3)]
    # Of each set, those that occur are told.
    details = made("reserved-kept", "detail", sources=([("a", "it's")], [], [("!", "")]))
    assert details == [each for each in ("!'", "*", "'", "!", "()") for _ in range(3)]
    assert set(made("reserved-kept", "detail", uri="http://h/(")) == {"(", "*", "'", "!"}
    assert recipes.kept_as_they_are("!'*")("%21%27%28%2A%2a") == "!'%28*%2a"


def test_who_always_does_one_thing_has_one_way_to_do_it():
    (changed,) = recipes.replacing(join_key="x")(recipe())
    assert changed.join_key == "x"


@pytest.mark.parametrize(
    "mistake, of, expected",
    [
        ("secrets-swapped", {}, ["ts&cs"]),
        ("another-secret", {"other_secrets": ["x"]}, ["cs&x", "x&ts"]),
        ("token-not-sent", {"token": TOKEN, "token_secret": ""}, ["cs&ts"]),
        ("token-not-sent", {"token": TOKEN, "token_secret": "", "protocol": (("oauth_token", "tk"),)}, []),
        ("token-not-sent", {"token": TOKEN, "token_secret": "", "protocol": (("oauth_token", ""),)}, ["cs&ts"]),
        ("token-not-sent", {}, []),
        ("identifier-for-secret", {"client_identifier": "ck"}, ["ck&ts"]),
        ("identifier-for-secret", {"client_identifier": "ck", "token": TOKEN}, ["ck&ts", "cs&tk"]),
        (
            "white-space-in-a-secret",
            {},
            [
                key
                for text in ("{}%0A", "{}%0D%0A", "{}%20", "%20{}", "%20{}%20", "{}%09", "{}%C2%A0", "%EF%BB%BF{}")
                for client, token in [(text.format("cs"), text.format("ts"))]
                for key in (client + "&ts", "cs&" + token, client + "&" + token)
            ],
        ),
    ],
)
def test_keys(mistake, of, expected):
    changes = CHANGES[mistake](recipe(**{"client_secret": "cs", "token_secret": "ts", **of}))
    assert sorted(changed.key() for changed in changes) == sorted(expected)


def test_whose_secret_it_was_is_told():
    assert made("another-secret", "detail", other_secrets=["x", "y"]) == ["token", "client"] * 2


def test_another_hash_is_one_of_the_other_two_and_told():
    methods = HMAC_SHA1, HMAC_SHA256, HMAC_SHA512
    for method in methods:
        others = [each for each in methods if each is not method]
        assert made("another-hash", "digest", digest=method.digest) == [each.digest for each in others]
        assert made("another-hash", "detail", digest=method.digest) == [each.name for each in others]


def test_what_was_written_otherwise_is_taken_back():
    change = recipes.undoing(lambda text: text.strip())
    assert [changed.received for changed in change(recipe(received=" x"))] == ["x"]
    assert list(change(recipe(received="x"))) == []
