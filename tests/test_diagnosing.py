"""Diagnosing signatures (RFC 5849 section 3.4): who makes a mistake is told which one, who makes none is not accused.

The signer that makes the mistakes is that of tests/support/wrong_signer.py, which knows nothing of the core.
"""

import base64
import contextlib
import hmac
import json
import random
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oauth1_core import (
    HMAC_SHA1,
    HMAC_SHA256,
    HMAC_SHA512,
    PLAINTEXT,
    ClientCredentials,
    InvalidClientCredentials,
    InvalidToken,
    MalformedRequest,
    OAuth1Error,
    PublicClientCredentials,
    RsaSha1,
    TokenCredentials,
    UnsupportedSignatureMethod,
    authorization_header,
    body_hash,
    compare_base_strings,
    diagnose,
    explain,
    form_encoded_body,
    percent_encode,
    request_uri,
    sign,
)
from oauth1_core.debugging import diagnosing
from oauth1_core.debugging.mistakes import CATALOGUE
from tests.support.amount import ALL, examples
from tests.support.on_the_way import ON_THE_WAY
from tests.support.wrong_signer import (
    CLIENT,
    FORM,
    NEEDS,
    OTHER_SECRET,
    RICH,
    TOKEN,
    independent_signature,
    protocol_of,
    sent,
)

HMACS = [HMAC_SHA1, HMAC_SHA256, HMAC_SHA512]
# What a signer does; the rest happens on the way, and is made by tests/support/on_the_way.py.
SIGNERS = [mistake.id for mistake in CATALOGUE if mistake.id not in ON_THE_WAY]
OPTIONS = {"other_secrets": [OTHER_SECRET], "other_uris": ["http://10.0.0.7:9000/inside"]}


def diagnosed(mistakes, digest="sha1", **changes):
    *received, client, token = sent(mistakes, digest, **changes)
    if "token-not-sent" in mistakes:
        token = TOKEN
    return diagnose(*received, client, token, **OPTIONS)


@pytest.mark.parametrize("mistake", [each for each in CATALOGUE if each.id in SIGNERS], ids=lambda each: each.id)
@pytest.mark.parametrize("digest", ["sha1", "sha256"])
def test_a_mistake_is_named_and_no_other(mistake, digest):
    findings = diagnosed({mistake.id}, digest, **NEEDS.get(mistake.id, {}))
    assert findings, f"teach independent_signature in tests/support/wrong_signer.py to make the mistake {mistake.id}"
    assert [finding.id for finding in findings] == [mistake.id]
    assert not {other.id for other in findings[0].alike} & set(SIGNERS)
    (finding,) = findings
    assert (finding.wants, finding.section, finding.fix) == (mistake.wants, mistake.section, mistake.fix)


def test_pairs_of_mistakes_are_named_where_they_can_be_told_apart():
    """What is named instead is a smaller or another set by which the independent signer gets the same signature.

    So it is where one mistake hides another: ``key-sent`` all but those of the key, ``another-uri`` all of the
    URI, ``query-left-out`` those of the order if the rest is in order, and each of a stage that has one outcome only.
    """
    chance = random.Random(5849)
    named, pairs = 0, 500 if ALL else 25
    for _ in range(pairs):
        made = set(chance.sample(SIGNERS, 2))
        # Less than the rich request, for the sake of time.
        changes = {"query": "a3=%3D%253D&c%40=&A4=/~*x&a-b=%C3%A9&a=r%20b&a3=3&a3=1", "form": "c2&a3=2+q&b=%2F"}
        for mistake in made:
            changes.update(NEEDS.get(mistake, {}))
        findings = diagnosed(made, **changes)
        found = {finding.id for finding in findings}
        if found == made:
            named += 1
        else:
            assert "unknown" not in found, made
            assert signature_of(found, made, **changes) == signature_of(made, made, **changes), (made, found)
    assert named >= 0.9 * pairs


def signature_of(mistakes, nonce_of, **changes):
    """What a signer with some mistakes makes of the request that another one sent."""
    header = sent(nonce_of, **changes)[2][0][1]
    nonce = header.partition('oauth_nonce="')[2].partition('"')[0]
    request = {**RICH, **changes}
    return independent_signature(request, protocol_of(request, "sha1", nonce), "sha1", mistakes)


def request_of(base_string, uri, headers=(), body=b"", digest="sha1", extra="", client="cs", token="ts"):
    """A request with the signature of a base string that was written by hand."""
    mac = hmac.new(f"{client}&{token}".encode(), base_string.encode(), digest).digest()
    items = 'oauth_consumer_key="ck", oauth_token="tk", oauth_nonce="n", oauth_timestamp="1"'
    signature = quote(base64.b64encode(mac), safe="")
    items += f', oauth_signature_method="HMAC-{digest.upper()}", oauth_signature="{signature}"'
    return "GET", uri, [("Authorization", "OAuth " + items + extra), *headers], body


def ids_of(request, **options):
    findings = diagnose(*request, ClientCredentials("ck", "cs"), TokenCredentials("tk", "ts"), **options)
    return [(finding.id, finding.done) for finding in findings]


METHOD = "oauth_signature_method%3DHMAC-SHA1"
OAUTH = f"oauth_consumer_key%3Dck%26oauth_nonce%3Dn%26{METHOD}%26oauth_timestamp%3D1%26oauth_token%3Dtk"
UNSORTED = f"oauth_consumer_key%3Dck%26oauth_token%3Dtk%26oauth_nonce%3Dn%26oauth_timestamp%3D1%26{METHOD}"
VARIANTS = [
    ("path-normalized", "http://h.example/a//b", "http%3A%2F%2Fh.example%2Fa%2Fb&" + OAUTH, ()),
    ("path-normalized", "http://h.example/a/x/../b", "http%3A%2F%2Fh.example%2Fa%2Fb&" + OAUTH, ()),
    ("path-normalized", "http://h.example/a/b/..", "http%3A%2F%2Fh.example%2Fa%2F&" + OAUTH, ()),
    ("path-normalized", "http://h.example/%7ea%2fb", "http%3A%2F%2Fh.example%2F~a%252Fb&" + OAUTH, ()),
    ("slash-at-the-end", "http://h.example/a/", "http%3A%2F%2Fh.example%2Fa&" + OAUTH, ()),
    ("slash-at-the-end", "http://h.example", "http%3A%2F%2Fh.example&" + OAUTH, ()),
    ("port-left-out", "http://[::1]:81/", "http%3A%2F%2F%5B%3A%3A1%5D%2F&" + OAUTH, ()),
    ("default-port-kept", "http://[::1]/", "http%3A%2F%2F%5B%3A%3A1%5D%3A80%2F&" + OAUTH, ()),
    ("another-scheme", "http://h.example:443/", "https%3A%2F%2Fh.example%2F&" + OAUTH, ()),
    ("another-scheme", "http://h.example:443/", "https%3A%2F%2Fh.example%3A443%2F&" + OAUTH, ()),
    ("host-case-kept", "HTTP://h.example:80/", "HTTP%3A%2F%2Fh.example%2F&" + OAUTH, ()),
    ("decoded-twice", "http://h.example/?a=%2525", "http%3A%2F%2Fh.example%2F&a%3D%2525%26" + OAUTH, ()),
    ("host-case-kept", "http://h.example/", "http%3A%2F%2FH.example%2F&" + OAUTH, [("Host", "H.example")]),
    ("www-changed", "http://www.h.example/", "http%3A%2F%2Fh.example%2F&" + OAUTH, ()),
    ("www-changed", "http://h.example/", "http%3A%2F%2Fwww.h.example%2F&" + OAUTH, ()),
    ("another-host", "http://h.example/", "http%3A%2F%2Fin%3A81%2F&" + OAUTH, [("Host", "in:81")]),
    ("another-host", "http://h.example:81/", "http%3A%2F%2Fin%3A81%2F&" + OAUTH, [("X-Forwarded-Host", "a b, in")]),
    (
        "another-host", "http://h.example/", "http%3A%2F%2Fin%2F&" + OAUTH,
        [("Forwarded", 'for=192.0.2.1;Host="in";proto=http')],
    ),
    ("another-host", "http://h.example/x", "http%3A%2F%2Fother.example%3A9%2Fx&" + OAUTH, ()),
    ("another-uri", "http://h.example/x", "http%3A%2F%2Fother.example%3A9%2Fy&" + OAUTH, ()),
    ("not-sorted", "http://h.example/?z=1&a=2", "http%3A%2F%2Fh.example%2F&z%3D1%26a%3D2%26" + UNSORTED, ()),
    ("not-sorted", "http://h.example/?z=1&a=2", "http%3A%2F%2Fh.example%2F&" + UNSORTED + "%26z%3D1%26a%3D2", ()),
    ("not-sorted", "http://h.example/?z=1&a=2", "http%3A%2F%2Fh.example%2F&" + OAUTH + "%26a%3D2%26z%3D1", ()),
    ("reserved-kept", "http://h.example/?a=*!", "http%3A%2F%2Fh.example%2F&a%3D*%2521%26" + OAUTH, ()),
    ("reserved-kept", "http://h.example/?a=*!", "http%3A%2F%2Fh.example%2F&a%3D%2A%2521%26" + OAUTH, ()),
    ("query-left-out", "http://h.example/?a=%E2%82%AC", "http%3A%2F%2Fh.example%2F&" + OAUTH, ()),
    ("reserved-kept", "http://h.example/(a)", "http%3A%2F%2Fh.example%2F(a)&" + OAUTH, ()),
    ("lower-case-escapes", "http://h.example/?a=%2F", "http%3A%2F%2Fh.example%2F&a%3D%252f%26" + OAUTH, ()),
    ("lower-case-escapes", "http://h.example/?a=%2F", "http%3a%2f%2fh.example%2f&a%3d%252f%26" + OAUTH.lower(), ()),
    ("not-decoded", "http://h.example/?a=%2f", "http%3A%2F%2Fh.example%2F&a%3D%25252f%26" + OAUTH, ()),
]  # fmt: skip


@pytest.mark.parametrize("mistake, uri, rest, headers", VARIANTS)
def test_each_way_to_make_a_mistake_is_seen(mistake, uri, rest, headers):
    rest = rest.replace("hmac-sha1", "HMAC-SHA1")
    found = ids_of(request_of("GET&" + rest, uri, headers), other_uris=["http://other.example:9/y", "no URI"])
    assert [name for name, _ in found] == [mistake]


def test_what_is_done_to_one_source_only_is_seen():
    form = [("Content-Type", FORM)]
    # b[0] and b[1] in the query, b in the form
    rest = "b%3D1%26b%255B0%255D%3D2%26b%255B1%255D%3D1%26" + OAUTH
    request = request_of("GET&http%3A%2F%2Fh.example%2F&" + rest, "http://h.example/?b=2&b=1", form, b"b=1")
    assert [name for name, _ in ids_of(request)] == ["duplicates-numbered"]
    # The header is decoded twice, the query is not.
    rest = "a%3D%252525%26oauth_callback%3Dc%2525%26" + OAUTH
    extra = ', oauth_callback="c%2525"'
    request = request_of("GET&http%3A%2F%2Fh.example%2F&" + rest, "http://h.example/?a=%2525", extra=extra)
    assert [name for name, _ in ids_of(request)] == ["decoded-twice"]


@pytest.mark.parametrize(
    "sent, signed, mistake",
    [("r%20s!", "r%252Bs%252521", "plus-for-space"), ("!%2D%20", "%21-%252520", "reserved-kept")],
)
def test_who_encodes_twice_may_do_so_wrongly_the_first_time_or_each_time(sent, signed, mistake):
    request = request_of(f"GET&http%3A%2F%2Fh.example%2F&a%3D{signed}%26{OAUTH}", f"http://h.example/?a={sent}")
    assert [name for name, _ in ids_of(request)] == ["values-encoded-twice", mistake]


def test_a_method_that_is_not_in_upper_case_may_be_signed_as_it_came():
    for method in ("Get", "get"):
        request = request_of(method + "&http%3A%2F%2Fh.example%2F&" + OAUTH, "http://h.example/")
        assert ids_of((method, *request[1:])) == [
            ("method-in-lower-case", "did not sign the HTTP method in upper case")
        ]
        request = request_of("GET&https%3A%2F%2Fh.example%2F&" + OAUTH, "http://h.example/")
        assert [name for name, _ in ids_of((method, *request[1:]))] == ["another-scheme"]


def test_a_finding_has_the_base_string_that_was_signed():
    wanted = "GET&http%3A%2F%2Fh.example%2F&b%3D1%26" + OAUTH
    first = "GET&https%3A%2F%2Fh.example%2F&b%3D1%26" + OAUTH
    both = "GET&https%3A%2F%2Fh.example%2F&" + OAUTH
    uri, credentials = "http://h.example/?b=1", (ClientCredentials("ck", "cs"), TokenCredentials("tk", "ts"))

    def base_strings(signed):
        return [finding.base_string for finding in diagnose(*request_of(signed, uri), *credentials)]

    assert base_strings(first) == [first]
    assert base_strings(both) == [first, both]
    assert base_strings("nonsense") == [""]
    findings = diagnose(*request_of(wanted, uri, token=""), *credentials)
    assert [(finding.id, finding.base_string) for finding in findings] == [("token-secret-missing", wanted)]


def test_a_mistake_that_changes_nothing_alone_is_looked_for_in_pairs_only_if_it_is_one_of_the_order():
    """The members of the JSON body hold what could be encoded as Latin-1; what is sent otherwise does not."""
    uri, json_body = "http://h.example/", ([("Content-Type", "application/json")], '{"a": "é"}'.encode())
    request = request_of(f"GET&http%3A%2F%2Fh.example%2F&a%3D%25E9%26{OAUTH}", uri, *json_body)
    assert [name for name, _ in ids_of(request)] == ["unknown"]
    request = request_of(f"GET&http%3A%2F%2Fh.example%2F&a%3D%25C3%25A9%26{OAUTH}", uri, *json_body)
    assert [name for name, _ in ids_of(request)] == ["json-put-in"]
    # "a b" and "a!b" are in order, encoded or not, but not with + for the space.
    uri += "?a=a%20b&a=a%21b&z=1"
    request = request_of(f"GET&http%3A%2F%2Fh.example%2F&a%3Da%2Bb%26a%3Da%2521b%26{OAUTH}%26z%3D1", uri)
    assert [name for name, _ in ids_of(request)] == ["plus-for-space", "sorted-before-encoding"]


def test_no_mistake_is_looked_for_twice():
    request = request_of(f"GET&http%3A%2F%2Fh.example%2Fa%252525&{OAUTH}", "http://h.example/a%25")
    assert [name for name, _ in ids_of(request)] == ["path-encoded-twice"]
    request = request_of(f"GET&http%3A%2F%2Fh.example%2Fa%25252525&{OAUTH}", "http://h.example/a%25")
    assert [name for name, _ in ids_of(request)] == ["unknown"]


def test_a_form_is_not_taken_for_json():
    for content_type, expected in (("application/json", "json-put-in"), (FORM, "unknown")):
        body = [("Content-Type", content_type)], b'{"a": "b"}'
        request = request_of(f"GET&http%3A%2F%2Fh.example%2F&a%3Db%26{OAUTH}", "http://h.example/", *body)
        assert [name for name, _ in ids_of(request)] == [expected]


def test_a_finding_reads_as_sentences():
    finding = diagnosing.Finding("id", "did this", "That is wanted", "3.4", "Do that")
    assert str(finding) == "The signer did this. That is wanted (RFC 5849 section 3.4). Do that."
    assert (finding.alike, finding.base_string) == ((), "")


def test_a_finding_says_which_one_it_was():
    uri = "http://h.example:81/"
    cases = {
        "another-host": ("GET&http%3A%2F%2Fin%3A81%2F&" + OAUTH, "signed the URL with the host in:81"),
        "another-scheme": ("GET&https%3A%2F%2Fh.example%3A81%2F&" + OAUTH, "signed the URL with the scheme https"),
        "another-method": ("POST&http%3A%2F%2Fh.example%3A81%2F&" + OAUTH, "signed the HTTP method POST"),
        "protocol-parameter-left-out": (
            "GET&http%3A%2F%2Fh.example%3A81%2F&" + OAUTH.replace("oauth_nonce%3Dn%26", ""), "did not sign oauth_nonce"
        ),
    }  # fmt: skip
    for mistake, (base_string, done) in cases.items():
        assert ids_of(request_of(base_string, uri, [("Host", "in:81")])) == [(mistake, done)]


def test_mistakes_that_come_to_the_same_are_listed():
    base_string = "GET&http%3A%2F%2Fh.example%2F&a%3Db%2Bc%26" + OAUTH
    found = diagnose(
        *request_of(base_string.replace("%2B", "%252B"), "http://h.example/?a=b+c"),
        ClientCredentials("ck", "cs"), TokenCredentials("tk", "ts"),
    )  # fmt: skip
    (finding,) = found
    assert (finding.id, ids_alike(finding)) == ("not-decoded", ("plus-taken-literally", "plus-became-space"))


@pytest.mark.parametrize("place", ["header", "form", "query"])
@pytest.mark.parametrize("token", [None, TOKEN, TokenCredentials("", "")], ids=["none", "one", "empty"])
@pytest.mark.parametrize("signature_method", [*HMACS, PLAINTEXT, "RSA"], ids=repr)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "M-SEARCH"])
def test_who_signs_well_is_not_accused(method, signature_method, token, place):
    if signature_method == "RSA":
        signature_method = rsa(b"key")
    uri, form = "https://api.example.com:8443/a%20b/../~?b5=%3D%253D&a3=a&c%40=&a2=r%20b&x=*!'()+", "c2&a3=2+q&e=%C3%A9"
    parameters = sign(method, uri, CLIENT, token, form=form, signature_method=signature_method)
    headers, body = [("Content-Type", FORM)], form.encode()
    if place == "header":
        headers.append(("Authorization", authorization_header(parameters, "realm")))
    elif place == "form":
        body = form_encoded_body(parameters, form).encode()
    else:
        uri = request_uri(parameters, uri)
    assert diagnose(method, uri, headers, body, CLIENT, token, accept=[*HMACS, PLAINTEXT, rsa(b"key")]) == []


def ids_alike(finding):
    return tuple(other.id for other in finding.alike)


def tried(finding):
    return int(finding.done.partition("(")[2].partition(" combinations tried")[0])


def rsa(key):
    """A stand-in for a key holder: what can only be verified, not computed, by who diagnoses."""

    def octets(base_string):
        return hmac.new(key, base_string, "sha512").digest() * 4

    return RsaSha1(octets, lambda signature, base_string: signature == octets(base_string))


def test_the_base_string_of_an_rsa_signature_is_diagnosed_by_verifying_it():
    method = rsa(b"key")
    parameters = sign("GET", "http://h.example/", CLIENT, TOKEN, signature_method=method)
    header = [("Authorization", authorization_header(parameters))]
    found = diagnose("GET", "https://h.example/?a=%C3%A9", header, b"", CLIENT, TOKEN, accept=[method])
    assert [finding.id for finding in found] == ["another-scheme", "query-left-out"]
    found = diagnose("GET", "https://h.example/?a=%C3%A9", header, b"", CLIENT, TOKEN, accept=[rsa(b"other")])
    assert [finding.id for finding in found] == ["unknown"]
    assert tried(found[0]) < 2500  # Secrets make no difference, so that there is nothing to try with them.


class Own:
    """A method of one's own: an HMAC keyed by both secrets in a way that no other method has."""

    def __init__(self, name="X-OWN"):
        self.name = name

    def sign(self, base_string, client_secret, token_secret):
        key = f"{len(client_secret)}:{client_secret}{token_secret}".encode()
        return base64.b64encode(hmac.new(key, base_string.encode("ascii"), "sha384").digest()).decode()

    def verify(self, signature, base_string, client_secret, token_secret):
        return hmac.compare_digest(signature, self.sign(base_string, client_secret, token_secret))


# Called as a method that is known, as a hash, and as what stands for none.
@pytest.mark.parametrize("name", ["X-OWN", "PLAINTEXT", "HMAC-SHA1", "sha1", "None"])
def test_a_method_of_ones_own_is_diagnosed_by_what_it_verifies(name):
    uri, other = "https://h.example/a?b=c+d&e=", TokenCredentials("tk2", "other secret")

    def diagnosed_as(uri_signed, client=CLIENT, token=TOKEN):
        header = authorization_header(sign("GET", uri_signed, client, token, signature_method=Own(name)))
        received = "GET", uri, [("Authorization", header)], b""
        found = diagnose(*received, CLIENT, TOKEN, accept=[Own(name)], other_secrets=[other.secret])
        return [finding.id for finding in found], found[0] if found else None

    assert diagnosed_as(uri.replace("h.example", "www.h.example"))[0] == ["www-changed"]
    assert diagnosed_as(uri.replace("&e=", ""))[0] == ["empty-values-dropped"]
    assert diagnosed_as("https://h.example/a/")[0] == ["slash-at-the-end", "query-left-out"]
    assert diagnosed_as(uri, token=TokenCredentials(TOKEN.identifier, other.secret))[0] == ["another-secret"]
    assert diagnosed_as(uri, client=ClientCredentials(CLIENT.identifier, ""))[0] == ["client-secret-missing"]
    ids, finding = diagnosed_as(uri, client=ClientCredentials(CLIENT.identifier, "unknown"))
    assert ids == ["unknown"] and tried(finding) > 100
    assert diagnosed_as(uri) == ([], None)


def test_a_method_of_ones_own_is_told_from_the_hmac_that_was_sent_in_its_name():
    parameters = [
        ("oauth_consumer_key", CLIENT.identifier), ("oauth_nonce", "n"), ("oauth_signature_method", "X-OWN"),
        ("oauth_timestamp", "1"), ("oauth_token", TOKEN.identifier),
    ]  # fmt: skip
    text = "GET&https%3A%2F%2Fh.example%2F&" + quote("&".join([f"{name}={value}" for name, value in parameters]))
    key = "j49%20sk3%2Fj29%26djd&dh893%2Bhd%25asih9"
    for signature, expected in (
        (base64.b64encode(hmac.new(key.encode(), text.encode(), "sha256").digest()).decode(), "another-hash"),
        (key, "key-sent"),
    ):
        header = authorization_header([*parameters, ("oauth_signature", signature)])
        received = "GET", "https://h.example/", [("Authorization", header)], b""
        (finding,) = diagnose(*received, CLIENT, TOKEN, accept=[Own()])
        assert finding.id == expected and "dh893" not in str(finding)


def test_plaintext_has_only_a_key_to_go_wrong_about():
    for signature, expected in [
        ("j49 sk3/j29&djd&dh893+hd%asih9", "secrets-not-encoded"),
        ("dh893%2Bhd%25asih9&j49%20sk3%2Fj29%26djd", "secrets-swapped"),
        ("j49%20sk3%2Fj29%26djd", "token-secret-missing ampersand-missing"),
        ("j49", "unknown"),
        ("j49%20sk3%2Fj29%26djd&", "token-secret-missing"),
    ]:
        parameters = [
            ("oauth_consumer_key", CLIENT.identifier), ("oauth_token", TOKEN.identifier),
            ("oauth_signature_method", "PLAINTEXT"), ("oauth_signature", signature),
        ]  # fmt: skip
        header = [("Authorization", authorization_header(parameters))]
        found = diagnose("GET", "https://h.example/?a=%C3%A9", header, b"", CLIENT, TOKEN)
        assert [finding.id for finding in found] == expected.split()
        # The base string makes no difference, so that there is nothing to try with it.
        assert expected != "unknown" or tried(found[-1]) < 1000


def test_protocol_parameters_in_query_or_form_are_told_from_the_others():
    base_string = "GET&http%3A%2F%2Fh.example%2F&" + OAUTH.replace("%26oauth_token%3Dtk", "")
    mac = hmac.new(b"cs&", base_string.encode(), "sha1")
    protocol = "oauth_consumer_key=ck&oauth_nonce=n&oauth_signature_method=HMAC-SHA1&oauth_timestamp=1&oauth_signature="
    protocol += quote(base64.b64encode(mac.digest()), safe="")
    client = ClientCredentials("ck", "cs")
    found = diagnose("GET", "http://h.example/?a=1&" + protocol, [], b"", client)
    assert [finding.id for finding in found] == ["query-left-out"]
    found = diagnose("GET", "http://h.example/", [("Content-Type", FORM)], b"b=1&" + protocol.encode(), client)
    assert [finding.id for finding in found] == ["form-left-out"]


def test_what_is_read_as_it_is_written_is_the_query_without_protocol_parameters():
    base_string = f"GET&http%3A%2F%2Fh.example%2F&a%3D%25252f%26{OAUTH}%26z%3D%25252f"
    method, uri, ((_, header),), body = request_of(base_string, "http://h.example/")
    protocol = header[len("OAuth ") :].replace('"', "").replace(", ", "&")
    assert ids_of((method, uri + "?a=%2f&" + protocol + "&z=%2f", [], body)) == [
        ("not-decoded", "did not decode the query or the form before signing")
    ]


def test_a_header_with_many_hosts_costs_no_more_than_one_with_few():
    for others, expected in ((1, "another-host"), (5000, "unknown")):
        headers = [("X-Forwarded-Host", "other, " * others + "in")]
        request = request_of("GET&http%3A%2F%2Fin%2F&" + OAUTH, "http://h.example/", headers)
        assert [name for name, _ in ids_of(request)] == [expected]


def test_json_that_is_no_object_or_none_at_all_is_passed_over():
    for body in (b"[1]", b"{broken", b'{"a": "\xff"}', b'{"a":' * 50000, b'{"a": "\\ud800"}'):
        request = request_of("nonsense", "http://h.example/", [("Content-Type", "application/json")], body)
        assert [name for name, _ in ids_of(request)] == ["unknown"]


@pytest.mark.parametrize("version", ["1.0a", "1.0A", "1", "2.0"])
def test_a_version_that_is_not_that_of_the_protocol_is_a_finding(version):
    """RFC 5849 section 3.1: "If present, its value MUST be set to "1.0"."""
    request = request_of("", "http://h.example/", extra=f', oauth_version="{version}"')
    [finding] = diagnose(*request, ClientCredentials("ck", "cs"), TokenCredentials("tk", "ts"))
    assert (finding.id, finding.section) == ("version-is-not-1.0", "3.1")


def test_a_timestamp_that_is_not_in_seconds_is_a_finding():
    method, uri, headers, body = request_of("", "http://h.example/")
    headers = [("Authorization", headers[0][1].replace('stamp="1"', 'stamp="1795455318000"'))]
    (found,) = ids_of((method, uri, headers, body))
    assert found[0] == "timestamp-not-in-seconds"
    with pytest.raises(MalformedRequest):
        ids_of((method, uri, [(name, value.replace("=", "==")) for name, value in headers], body))


def test_a_body_other_than_the_hashed_one_is_a_finding():
    parameters = sign("POST", "http://h.example/", CLIENT, protocol_parameters=[("oauth_body_hash", body_hash(b"x"))])
    headers = [("Authorization", authorization_header(parameters))]
    (finding,) = diagnose("POST", "http://h.example/", headers, b"y", CLIENT)
    assert finding.id == "body-changed"


def test_a_signature_by_an_empty_secret_is_a_finding():
    client = ClientCredentials("ck", "")
    headers = [("Authorization", authorization_header(sign("GET", "http://h.example/", client)))]
    (finding,) = diagnose("GET", "http://h.example/", headers, b"", client)
    assert finding.id == "client-secret-empty"
    headers = [("Authorization", authorization_header(sign("GET", "http://h.example/", client, TOKEN)))]
    assert diagnose("GET", "http://h.example/", headers, b"", PublicClientCredentials("ck"), TOKEN) == []


def test_a_token_of_another_client_is_a_finding():
    """Whoever keeps the tokens knows whose each is; the signature itself may be right, wrong or wrong by a mistake."""
    client, token = ClientCredentials("ck", "cs"), TokenCredentials("tk", "ts")
    base_string = "GET&http%3A%2F%2Fh.example%2F&" + OAUTH
    right, scheme = request_of(base_string, "http://h.example/"), request_of(base_string, "https://h.example/")
    unknown = request_of(base_string, "http://h.example/", client="another")

    def found(request, token_client):
        return [finding.id for finding in diagnose(*request, client, token, token_client=token_client)]

    assert found(right, "other") == ["token-of-another-client"]
    assert found(scheme, "other") == ["token-of-another-client", "another-scheme"]
    assert found(unknown, "other") == ["token-of-another-client"]
    assert [found(right, each) for each in ("ck", None)] == [[], []]
    assert found(unknown, "ck") == ["unknown"]


def test_what_cannot_be_diagnosed_is_refused_with_the_error_of_the_verifier():
    request = request_of("", "http://h.example/")
    client, token = ClientCredentials("ck", "cs"), TokenCredentials("tk", "ts")
    with pytest.raises(InvalidToken):
        diagnose(*request, client)
    with pytest.raises(UnsupportedSignatureMethod):
        diagnose(*request, client, token, accept=[HMAC_SHA256])
    with pytest.raises(InvalidClientCredentials):
        diagnose(*request, ClientCredentials("another", "cs"), token)


def test_what_is_not_known_is_counted():
    credentials = ClientCredentials("ck", "cs"), TokenCredentials("tk", "ts")
    (finding,) = diagnose(*request_of("nonsense", "http://h.example/?b=2&a=1"), *credentials)
    assert finding.id == "unknown"
    assert f"none of the {len(CATALOGUE)} known mistakes" in finding.done and tried(finding) > 500
    assert finding.done.endswith(f" ({tried(finding)} combinations tried)")
    assert str(finding).startswith("Most likely one of the secrets is wrong: ")


def test_a_large_request_has_fewer_trials_and_says_so():
    for count, expected in ((400, range(10, 40)), (10, range(500, 1500))):
        body = b"&".join(b"name%d=%s" % (number, b"*" * 500) for number in range(count))
        request = request_of("nonsense", "http://h.example/", [("Content-Type", FORM)], body)
        (finding,) = diagnose(*request, ClientCredentials("ck", "cs"), TokenCredentials("tk", "ts"))
        assert finding.done.endswith(" combinations tried, then stopped)")
        assert tried(finding) in expected


@pytest.mark.parametrize("limit", [3, 40])
@pytest.mark.parametrize("body", [b"", b"x" * 50])
def test_all_trials_together_cost_what_the_budget_allows(limit, body, monkeypatch):
    wanted = "GET&http%3A%2F%2Fh.example%2F&" + OAUTH
    request = request_of("nonsense", "http://h.example/", body=body)
    trial = len(wanted) + len(body) + 100
    for budget, expected in ((limit * trial, limit), ((limit + 1) * trial - 1, limit)):
        monkeypatch.setattr(diagnosing, "BUDGET", budget)
        (finding,) = diagnose(*request, ClientCredentials("ck", "cs"), TokenCredentials("tk", "ts"))
        assert tried(finding) == expected
        # What was found before is not lost: the method in lower case is the first of all mistakes.
        lower = request_of("get" + wanted[3:], "http://h.example/", body=body)
        assert [name for name, _ in ids_of(lower)] == ["method-in-lower-case"]


def test_a_hash_that_this_python_lacks_is_passed_over(monkeypatch):
    real = hmac.new

    def without_sha1(key, text, digest):
        if digest == "sha1":
            raise ValueError("unsupported hash type")
        return real(key, text, digest)

    base_string = "GET&https%3A%2F%2Fh.example%2F&" + OAUTH.replace("SHA1", "SHA256")
    request = request_of(base_string, "http://h.example/", digest="sha256")
    monkeypatch.setattr(hmac, "new", without_sha1)
    assert [name for name, _ in ids_of(request)] == ["another-scheme"]
    assert [name for name, _ in ids_of(request_of("nonsense", "http://h.example/", digest="sha256"))] == ["unknown"]


def test_of_two_methods_with_one_name_the_first_is_meant():
    request = request_of("GET&https%3A%2F%2Fh.example%2F&" + OAUTH, "http://h.example/")
    assert [name for name, _ in ids_of(request, accept=[HMAC_SHA1, HMAC_SHA1])] == ["another-scheme"]


FRAGMENTS = st.sampled_from(
    [*"%&=+,;:'\"/?[]<>.{}@ aA1~*\xe9\u212a\udcff\ud800", "%C3%A9", "%ff", "..", "http://", ":443", "host=", '{"a": ']
)
GARBAGE = st.lists(FRAGMENTS, max_size=8).map("".join)


@settings(derandomize=True, deadline=None, max_examples=examples(100))
@given(GARBAGE, GARBAGE, GARBAGE, GARBAGE, st.sampled_from([FORM, "application/json"]))
def test_any_request_gives_findings_or_a_typed_error(path, signature, header, body, content_type):
    headers = [("Content-Type", content_type), ("Host", header), ("X-Forwarded-Host", header), ("Forwarded", header)]
    protocol = [(name, "1") for name in ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce")]
    protocol += [("oauth_signature_method", "HMAC-SHA1"), ("oauth_signature", signature)]
    body = body.encode("utf-8", "surrogatepass")
    try:
        headers.append(("Authorization", authorization_header(protocol, "r")))
        findings = diagnose("GET", "http://h.example/" + path, headers, body, CLIENT, other_uris=["http://" + header])
    except OAuth1Error:
        return
    # A form that is not UTF-8 is a finding by itself.
    assert findings[-1].id in ("unknown", "sent-as-windows-1252")


@settings(derandomize=True, deadline=None, max_examples=examples(100))
@given(GARBAGE, GARBAGE)
def test_any_two_texts_are_compared_or_refused(ours, theirs):
    for mine in (ours, "GET&" + ours + "&x"):
        with contextlib.suppress(ValueError, OAuth1Error):
            assert isinstance(compare_base_strings(mine, "GET&http%3A%2F%2F&" + theirs), list)


def test_no_finding_holds_a_secret():
    client, token = ClientCredentials("ck", "canary *c"), TokenCredentials("tk", "canary/+t")
    for mistake in CATALOGUE:
        changes = {**NEEDS.get(mistake.id, {}), "client": client}
        changes.setdefault("token", token)
        *received, client, sent_token = sent({mistake.id}, **changes)
        findings = diagnose(*received, client, sent_token or TOKEN, **OPTIONS)
        shown = repr(findings) + "".join(
            str(finding) + repr([getattr(finding, name) for name in finding.__slots__]) for finding in findings
        )
        for secret in ("canary", OTHER_SECRET, TOKEN.secret):
            assert secret not in shown


URI = "http://example.com/request"
OURS = explain(
    "POST", URI + "?b5=%3D%253D&a3=a&c%40=&a2=r%20b", CLIENT, TOKEN, form="c2&a3=2+q",
    timestamp=137131201, nonce="7d8f3e4a", version=None,
).base_string  # fmt: skip
# As it stands in RFC 5849 section 3.4.1.1, with the nonce of erratum 2550.
THEIRS = (
    "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26"
    "c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26"
    "oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
)


def differences(ours, theirs):
    found = compare_base_strings(ours, theirs)
    return [(each.field, each.ours, each.theirs, [cause.id for cause in each.causes]) for each in found]


def test_equal_base_strings_do_not_differ():
    assert compare_base_strings(OURS, THEIRS) == []
    assert compare_base_strings(OURS + "\n", THEIRS) == []


# The forms in which servers are known to give the base string away: a form (Jira), a sentence (MAAS, and what is
# built on the same library), a sentence in JSON (Mastercard), JSON that escapes the & (Yelp), HTML.
REPLIES = {
    "form": "oauth_problem=signature_invalid&oauth_signature=x%3D&oauth_signature_base_string={}"
    "&oauth_signature_method=HMAC-SHA1".format(quote(THEIRS, safe="")),
    "challenge": f'OAuth realm="x", oauth_problem="signature_invalid", base_string="{quote(THEIRS, safe="")}"',
    "form in a form": "oauth_problem_advice=" + quote("base_string=" + quote(THEIRS, safe=""), safe=""),
    "sentence": "Authorization Error: Invalid signature. Expected signature base string: " + THEIRS,
    "JSON": json.dumps({"Errors": [{"Description": "Acceptable signature base string: " + THEIRS}]}, indent=2),
    "JSON without &": json.dumps({"error": "base string: " + THEIRS}).replace("&", "\\u0026"),
    "JSON in JSON": json.dumps({"error": json.dumps({"text": "base string: " + THEIRS}).replace("&", "\\u0026")}),
    "JSON without %": json.dumps({"error": "base string: " + THEIRS}).replace("%", "\\u0025"),
    "HTML": "<p>Expected <code>" + THEIRS.replace("&", "&amp;") + "</code>",
    "HTML escaped twice": "<p>Expected <code>" + THEIRS.replace("&", "&amp;amp;") + "</code>",
    "XML": "<error>Expected " + THEIRS.replace("&", "&#38;") + "</error>",
    "XML in hexadecimal": "<error>Expected " + THEIRS.replace("&", "&#x26;") + "</error>",
}


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES.keys())
def test_the_base_string_is_found_in_a_reply(reply):
    assert compare_base_strings(OURS, reply) == []
    ours = OURS.replace("http%3A", "https%3A")
    assert differences(ours, reply) == [
        ("base string URI", "https://example.com/request", "http://example.com/request", ["another-scheme"])
    ]


@pytest.mark.parametrize(
    "ours, expected",
    [
        (OURS.replace("POST", "post"), [("method", "post", "POST", ["method-in-lower-case"])]),
        (
            OURS.replace("example.com", "EXAMPLE.com"),
            [("base string URI", "http://EXAMPLE.com/request", "http://example.com/request", ["host-case-kept"])],
        ),
        (
            OURS.replace("example.com", "other.example").replace("POST", "GET"),
            [
                ("method", "GET", "POST", ["another-method"]),
                ("base string URI", "http://other.example/request", "http://example.com/request", ["another-host"]),
            ],
        ),
        (
            OURS.replace("request&", "request%3Fb5%3D%253D&"),
            [("base string URI", URI + "?b5=%3D", URI, ["query-in-the-uri"])],
        ),
        (
            OURS.replace("%26a3%3D2%2520q", ""),
            [("parameter a3", "a3=a", "a3=2%20q&a3=a", ["last-duplicate-kept"])],
        ),
        (
            OURS.replace("a2%3Dr%2520b%26", "").replace("%253D%25253D", "%253D"),
            [("parameter b5", "b5=%3D", "b5=%3D%253D", []), ("parameter a2", "", "a2=r%20b", [])],
        ),
        (
            OURS.replace("7d8f3e4a", "another"),
            [("parameter oauth_nonce", "oauth_nonce=another", "oauth_nonce=7d8f3e4a", ["another-request"])],
        ),
    ],
)
def test_a_difference_has_its_field_and_its_cause(ours, expected):
    assert differences(ours, THEIRS) == expected


def test_each_element_has_its_differences():
    ours = OURS.replace("POST", "post").replace("a3%3Da", "a3%3Db").replace("137131201", "137131202")
    assert differences(ours, THEIRS) == [
        ("method", "post", "POST", ["method-in-lower-case"]),
        ("parameter a3", "a3=2%20q&a3=b", "a3=2%20q&a3=a", []),
        ("parameter oauth_timestamp", "oauth_timestamp=137131202", "oauth_timestamp=137131201", ["another-request"]),
    ]


def test_parameters_that_were_not_encoded_again_have_one_cause():
    method, uri, parameters = OURS.split("&")
    found = differences("&".join([method, uri, unquote(parameters)]), THEIRS)
    assert [(field, causes) for field, *_, causes in found] == [
        ("parameter " + name, ["not-encoded-again"]) for name in ("a2", "a3", "b5", "c@", "c@")
    ]


def test_parameters_that_were_not_decoded_are_seen():
    theirs = THEIRS.replace("r%2520b", "%252Fb").replace("2%2520q", "%252Fq")
    ours = theirs.replace("%252F", "%25252f")
    assert differences(theirs.replace("%252F", "%25252F"), theirs)[0][3] == []
    assert [causes for *_, causes in differences(ours, theirs)] == [[], []]


def test_a_value_that_was_not_encoded_belongs_to_its_name():
    ours = OURS.replace("b5%3D%253D%25253D", "b5%3D%3D%253D")
    assert differences(ours, THEIRS) == [("parameter b5", "b5==%3D", "b5=%3D%253D", [])]


def test_a_nonce_or_timestamp_on_one_side_only_is_no_other_request():
    for name in ("%26oauth_nonce%3D7d8f3e4a", "%26oauth_timestamp%3D137131201"):
        ((_, mine, _, causes),) = differences(OURS.replace(name, ""), THEIRS)
        assert (mine, causes) == ("", ["protocol-parameter-left-out"])
        ((_, _, other, causes),) = differences(OURS, THEIRS.replace(name, ""))
        assert (other, causes) == ("", [])


def test_a_cause_has_what_comes_to_the_same():
    theirs = THEIRS.replace("a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26", "")
    (first, second) = compare_base_strings(theirs.replace("c%2540%3D%26c2%3D%26", ""), theirs)
    (cause,) = first.causes
    assert (first.field, second.field, cause.id) == ("parameter c@", "parameter c2", "query-left-out")
    assert ids_alike(cause) == ("empty-values-dropped", "form-left-out")
    (difference,) = compare_base_strings(OURS.replace("POST", "post"), THEIRS)
    assert difference.causes[0].alike == ()


def test_what_is_tried_for_a_difference_has_its_budget(monkeypatch):
    for budget, expected in ((104, []), (2 * 104 - 1, []), (2 * 104, ["method-in-lower-case"])):
        monkeypatch.setattr(diagnosing, "BUDGET", budget)
        assert differences(OURS.replace("POST", "post"), THEIRS) == [("method", "post", "POST", expected)]


def test_parameters_that_are_not_there_have_one_cause():
    ours = OURS[: OURS.index("a2%3D")] + OURS[OURS.index("oauth_consumer") :]
    found = compare_base_strings(ours, THEIRS)
    assert [each.field for each in found] == ["parameter " + name for name in ("a2", "a3", "b5", "c@", "c2")]
    for each in found:
        (cause,) = each.causes
        assert (each.ours, cause.id, ids_alike(cause)) == ("", "query-left-out", ("form-left-out",))


def test_parameters_in_another_order_or_encoding_are_one_difference():
    first, second, third = OURS.split("&")
    pieces = third.split("%26")
    swapped = "&".join([first, second, "%26".join(pieces[1:] + pieces[:1])])
    ((field, mine, other, causes),) = differences(swapped, THEIRS)
    assert (field, causes) == ("order of the parameters", [])
    assert (mine, other) == (unquote("%26".join(pieces[1:] + pieces[:1])), unquote(third))
    protocol_first = "&".join([first, second, "%26".join(pieces[6:] + pieces[:6])])
    ((field, _, _, causes),) = differences(protocol_first, THEIRS)
    assert (field, causes) == ("order of the parameters", ["not-sorted"])
    lower = "&".join([first, second, third.replace("%3D", "%3d", 1)])
    ((field, _, _, causes),) = differences(lower, THEIRS)
    assert (field, causes) == ("encoding of the parameters", [])


def test_a_server_that_does_otherwise_is_told_from_a_mistake_of_ours():
    ((field, _, _, causes),) = differences(OURS, THEIRS.replace("%3D", "%3d"))
    assert (field, causes) == ("encoding of the parameters", ["server-differs"])
    ((field, _, theirs, causes),) = differences(OURS, THEIRS.replace("http%3A", "HTTP%3A"))
    assert (field, theirs, causes) == ("base string URI", "HTTP://example.com/request", ["server-differs"])
    ((field, _, theirs, causes),) = differences(OURS, THEIRS.replace("POST&", "post&"))
    assert (field, theirs, causes) == ("method", "post", ["server-differs"])
    no_path, slash = OURS.replace("%2Frequest", ""), OURS.replace("%2Frequest", "%2F")
    assert [causes for *_, causes in differences(slash, no_path)] == [["server-differs"]]
    assert [causes for *_, causes in differences(no_path, slash)] == [["slash-at-the-end"]]
    port_0 = OURS.replace("example.com", "example.com%3A0")
    assert [causes for *_, causes in differences(OURS, port_0)] == [["port-left-out"]]


@pytest.mark.parametrize("ours, theirs", [("POST&x", THEIRS), (OURS, "oauth_problem=signature_invalid"), (OURS, "")])
def test_what_holds_no_base_string_is_refused(ours, theirs):
    with pytest.raises(ValueError, match="base string"):
        compare_base_strings(ours, theirs)


def test_a_base_string_of_ours_that_was_encoded_or_decoded_once_more_is_seen():
    for ours in (quote(OURS, safe=""), "&".join(unquote(each) for each in OURS.split("&"))):
        ((field, mine, _, causes),) = differences(ours, THEIRS)
        assert (field, mine, causes) == ("encoding of the base string", ours, ["base-string-encoded-again"])


@pytest.mark.parametrize("reply", ["Expected: {}", "<p>{}</p>", '{{"error": "{}"}}'])
def test_a_base_string_that_the_server_shows_decoded_is_found(reply):
    shown = "&".join(unquote(each) for each in THEIRS.split("&"))
    assert differences(OURS, reply.format(shown)) == []
    ((field, *_, causes),) = differences(OURS.replace("http%3A", "https%3A"), reply.format(shown))
    assert (field, causes) == ("base string URI", ["another-scheme"])


def test_a_difference_does_not_show_values_in_its_repr():
    (difference,) = compare_base_strings(OURS.replace("7d8f3e4a", "another"), THEIRS)
    assert repr(difference) == "Difference('parameter oauth_nonce', causes=[Finding('another-request')])"


@pytest.mark.parametrize("signature", ["=", "\n", "k", "oauth_consumer_key", "HMAC-SHA1"])
def test_a_signature_that_equals_another_part_of_the_request_is_diagnosed(signature):
    query = "oauth_consumer_key=k&oauth_nonce=n&oauth_signature_method=HMAC-SHA1&oauth_timestamp=1&oauth_signature="
    uri = "https://a.example/?" + query + percent_encode(signature)
    assert diagnose("GET", uri, [], b"", ClientCredentials("k", "a"))
