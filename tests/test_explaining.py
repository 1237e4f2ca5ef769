"""Explaining signatures (RFC 5849 sections 3.4 and 3.5.1)."""

import json
import pathlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oauth1_core import (
    HMAC_SHA1,
    HMAC_SHA256,
    HMAC_SHA512,
    PLAINTEXT,
    ClientCredentials,
    InsecureEndpoint,
    RsaPssSha256,
    RsaSha1,
    SigningError,
    TokenCredentials,
    authorization_header,
    body_hash,
    decode_form,
    explain,
    explain_request,
    form_encoded_body,
    normalize_parameters,
    parse_request,
    request_uri,
    sign,
    signature_base_string,
)
from oauth1_core.debugging.stylesheet import STYLE
from oauth1_core.signature_methods import Hmac
from tests.support.amount import examples

EVERY_TIME = settings(derandomize=True, deadline=None, max_examples=examples(200))
FORM = "application/x-www-form-urlencoded"
EXPLAINED = pathlib.Path(__file__).parent / "explained_example.txt"
MARK = "canary"
CLIENT = ClientCredentials("ck", MARK + "-client &%")
TOKEN = TokenCredentials("tk", MARK + "-token")

# RFC 5849 section 3.1, with the signature of erratum 2550.
URI = "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b"


def the_rfc():
    return explain(
        "POST", URI, ClientCredentials("9djdj82h48djs9d2", "j49sk3j29djd"),
        TokenCredentials("kkk9d7dh3k39sjv7", "dh893hdasih9"), form="c2&a3=2+q",
        timestamp=137131201, nonce="7d8f3e4a", version=None, realm="Example",
    )  # fmt: skip


def result_of(explanation, title):
    (step,) = [step for step in explanation.steps if step.title == title]
    return step.result


def test_the_example_of_the_rfc_is_explained_as_the_rfc_does():
    """Each result is printed in sections 3.4.1.1 and 3.4.1.3."""
    explanation = the_rfc()
    assert [(step.title, step.section) for step in explanation.steps] == [
        ("The request", "3.4"),
        ("Method", "3.4.1.1"),
        ("Base string URI", "3.4.1.2"),
        ("Parameters, as they were sent", "3.4.1.3.1"),
        ("Decoded", "3.4.1.3"),
        ("Encoded (every name and value in the same way)", "3.4.1.3.2"),
        ("Sorted", "3.4.1.3.2"),
        ("Joined", "3.4.1.3.2"),
        ("Encoded again", "3.4.1.1"),
        ("Signature base string", "3.4.1.1"),
        ("Key", "3.4.2"),
        ("Digest by HMAC-SHA1", "3.4.2"),
        ("Digest in base64", "3.4.2"),
        ("Authorization header", "3.5.1"),
    ]
    assert result_of(explanation, "Base string URI") == "http://example.com/request"
    decoded = ['"b5" = "=%3D"', '"a3" = "a"', '"c@" = ""', '"a2" = "r b"']
    assert result_of(explanation, "Decoded").split("\n")[:4] == decoded
    assert result_of(explanation, "Sorted").split("\n")[:6] == [
        "a2 = r%20b", "a3 = 2%20q", "a3 = a", "b5 = %3D%253D", "c%40 = ", "c2 = "
    ]  # fmt: skip
    assert result_of(explanation, "Joined") == (
        "a2=r%20b&a3=2%20q&a3=a&b5=%3D%253D&c%40=&c2=&oauth_consumer_key=9djdj82h48djs9d2&oauth_nonce=7d8f3e4a"
        "&oauth_signature_method=HMAC-SHA1&oauth_timestamp=137131201&oauth_token=kkk9d7dh3k39sjv7"
    )
    assert (
        result_of(explanation, "Signature base string")
        == explanation.base_string
        == (
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540"
            "%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3D"
            "HMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
        )
    )
    shape = "[client secret, encoded: 12 characters]&[token secret, encoded: 12 characters]"
    assert result_of(explanation, "Key") == shape
    assert result_of(explanation, "Digest in base64") == "r6/TJjbCOr97/+UU0NsvSne7s5g="


def test_a_piece_of_the_base_string_leads_back_to_the_request():
    explanation = the_rfc()
    first, last = explanation.steps[0].pieces, explanation.steps[9].pieces
    origin = {label: text for label, text in first if label}
    assert [(origin[label], text) for label, text in last if label][:5] == [
        ("POST", "POST"),
        ("http://example.com/request", "http%3A%2F%2Fexample.com%2Frequest"),
        ("a2=r%20b", "a2%3Dr%2520b"),
        ("a3=2+q", "a3%3D2%2520q"),
        ("a3=a", "a3%3Da"),
    ]
    assert explanation.steps[0].result == (
        "POST http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b\nAuthorization: OAuth "
        'oauth_consumer_key="9djdj82h48djs9d2", oauth_token="kkk9d7dh3k39sjv7", oauth_signature_method="HMAC-SHA1", '
        'oauth_timestamp="137131201", oauth_nonce="7d8f3e4a"\n\nc2&a3=2+q'
    )


def test_the_text_shows_each_piece_behind_its_label():
    assert the_rfc().as_text() == EXPLAINED.read_text("utf-8")


# Anything in query, form and nonce: raw octets, broken escapes, markup, empty pieces.
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("&=%+;<\"'\udcff"), max_size=20)
METHODS = st.sampled_from([HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, RsaSha1(lambda octets: octets[::-1])])


@EVERY_TIME
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT.filter(bool), METHODS, st.booleans(), st.sampled_from([None, "", "Photos, all"]))
def test_it_ends_in_the_header_that_sign_makes(query, form, nonce, method, with_token, realm):
    uri = "HTTPS://u:p@Example.com:443/a b/%7e?" + query.replace("#", "")
    token = TOKEN if with_token else None
    options = {"form": form, "signature_method": method, "timestamp": 1, "nonce": nonce}
    options["protocol_parameters"] = [("oauth_callback", nonce)]
    try:
        parameters = sign("post", uri, CLIENT, token, **options)
    except SigningError as error:
        with pytest.raises(SigningError, match=re.escape(str(error))):
            explain("post", uri, CLIENT, token, realm=realm, **options)
        return
    explanation = explain("post", uri, CLIENT, token, realm=realm, **options)
    assert explanation.steps[-1].result == authorization_header(parameters, realm)
    body = form.encode("utf-8", "surrogateescape")
    pairs = [pair for pair in parameters if pair[0] != "oauth_signature"]
    received = decode_form(uri.partition("?")[2]) + pairs + decode_form(body)
    assert result_of(explanation, "Joined") == normalize_parameters(received)
    assert explanation.base_string == result_of(explanation, "Signature base string")
    assert explanation.base_string == signature_base_string("POST", uri, received)
    assert result_of(explanation, "Base string URI") == "https://example.com/a%20b/%7e"
    for shown in (explanation.as_text(), explanation.as_json(), explanation.as_html()):
        assert MARK not in shown and "u:p" not in shown
        shown.encode("utf-8")


class ParsedPage(HTMLParser):
    """What a page shows, element by element, its labels, and everything that could load or run something."""

    def __init__(self, html):
        super().__init__()
        self.texts = {name: [] for name in ("title", "style", "h1", "p", "h2", "blockquote", "pre")}
        self.tags, self.attributes, self.ids, self.links, self.classes = set(), set(), [], [], []
        self.inside = []
        self.feed(html)

    @property
    def blocks(self):
        return self.texts["pre"]

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta",):
            self.inside.append(tag)
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name == "href"]
        self.classes += [value for name, value in attrs if name == "class"]
        if tag in self.texts:
            self.texts[tag].append("")

    def handle_endtag(self, tag):
        assert self.inside.pop() == tag or tag == "html"

    def handle_data(self, data):
        block = [tag for tag in self.inside if tag in self.texts]
        if "sup" in self.inside:
            # A label, which belongs to the piece that has it as its class, and is a link or where links lead.
            assert data == self.classes[-1].split()[1] in (self.ids + [link[1:] for link in self.links])
        elif block:
            self.texts[block[0]][-1] += data
        else:
            assert not data.strip()


def test_the_page_holds_every_result_and_nothing_from_elsewhere():
    explanation = the_rfc()
    html = explanation.as_html()
    page = ParsedPage(html)
    assert page.blocks == [step.result for step in explanation.steps]
    assert page.texts["blockquote"] == [step.rule for step in explanation.steps]
    assert page.texts["h2"][:2] == ["1. The request section 3.4", "2. Method section 3.4.1.1"]
    assert page.texts["h2"][-1] == "14. Authorization header section 3.5.1"
    labels = [label for step in explanation.steps for label, _ in step.pieces if label]
    assert [each for each in page.classes if each != "pieces"] == [f"from-{label[0]} {label}" for label in labels]
    assert not page.tags & {"script", "link", "img", "iframe", "object", "form", "input", "base"}
    assert page.attributes == {"charset", "class", "content", "href", "id", "lang", "name"}
    assert page.ids == ["m", "u", "q1", "q2", "q3", "q4", "h1", "h2", "h3", "h4", "h5", "f1", "f2", "s"]
    assert set(page.links) <= {"#" + name for name in page.ids}
    assert "url(" not in html and "@import" not in html and "prefers-color-scheme: dark" in html


def test_a_colour_is_a_source_and_a_piece_is_marked_where_it_is_pointed_at():
    (style,) = ParsedPage(the_rfc().as_html()).texts["style"]
    assert STYLE in style
    rules = style.strip().split("\n")[-14:]
    assert rules[0] == "body:has(.m:hover) .m { outline: 2px solid var(--accent) }"
    assert rules[2] == "body:has(.q1:hover) .q1 { outline: 2px solid var(--accent) }"
    assert len(set(rules)) == 14


def test_all_input_is_escaped():
    markup = "</pre><script>alert(1)</script>"
    explanation = explain(
        "GET", "https://h.example/<b>?a=" + markup + "&<i>", ClientCredentials(markup, "cs"), form="x=" + markup,
        realm="<i>", nonce=markup, protocol_parameters=[(markup, markup)],
    )  # fmt: skip
    page = ParsedPage(explanation.as_html())
    assert page.tags == ParsedPage(the_rfc().as_html()).tags
    assert page.blocks[3].startswith("query  a=" + markup)
    page = ParsedPage(explain("GET", "https://h.example/", CLIENT, signature_method=Hmac(markup, "sha1")).as_html())
    assert page.tags == ParsedPage(the_rfc().as_html()).tags


def test_without_token_form_and_realm_there_is_nothing_of_them():
    explanation = explain("get", "https://u@x:p@h.example/x://y@z/w?q=1?2#f?g", CLIENT, timestamp=1, nonce="n")
    assert explanation.steps[0].result == (
        "get https://***@h.example/x://y@z/w?q=1?2\nAuthorization: OAuth "
        'oauth_consumer_key="ck", oauth_signature_method="HMAC-SHA1", oauth_timestamp="1", oauth_nonce="n", '
        'oauth_version="1.0"'
    )
    assert explanation.steps[1].pieces == [("m", "GET")]
    assert explain("GET", "http://h.example/a#f?g", CLIENT).steps[0].result.startswith("GET http://h.example/a\n")
    assert result_of(explanation, "Key").endswith("&[token secret, encoded: 0 characters]")
    assert explanation.steps[-1].result.startswith('OAuth oauth_consumer_key="ck", ')


def test_the_json_holds_every_step():
    explanation = explain("GET", "https://h.example/?a=%FF&b=\u00e9", CLIENT, realm="r")
    read = json.loads(explanation.as_json())
    assert read["base_string"] == explanation.base_string
    for step, there in zip(explanation.steps, read["steps"]):
        assert [(piece["label"], piece["text"]) for piece in there.pop("pieces")] == step.pieces
        assert there == {name: getattr(step, name) for name in ("title", "section", "rule", "result")}
    assert explanation.as_json().isascii()
    assert explanation.as_json().startswith('{\n "base_string": "GET&')


def test_what_cannot_be_seen_is_shown_as_an_escape():
    explanation = explain("GET", "https://h.example/?a=%FF%00%0A%E2%80%AE%C3%A9", CLIENT)
    for shown in (explanation.as_text(), ParsedPage(explanation.as_html()).blocks[4]):
        assert '"a" = "\\udcff\\x00\\n\\u202e\u00e9"' in shown


def test_plaintext_is_masked_where_its_signature_would_stand():
    options = {"signature_method": PLAINTEXT, "nonce": "n", "timestamp": 1}
    explanation = explain("GET", "https://h.example/", CLIENT, TOKEN, **options)
    assert [(step.title, step.section) for step in explanation.steps[9:]] == [
        ("Signature base string", "3.4.1.1"),
        ("Signature (PLAINTEXT: the key)", "3.4.4"),
        ("Authorization header", "3.5.1"),
    ]
    shape = "[client secret, encoded: 22 characters]&[token secret, encoded: 12 characters]"
    assert explanation.steps[-2].pieces == [("s", shape)]
    assert explanation.steps[-1].result == (
        'OAuth oauth_consumer_key="ck", oauth_token="tk", oauth_signature_method="PLAINTEXT", oauth_timestamp="1", '
        'oauth_nonce="n", oauth_version="1.0", oauth_signature="' + shape + '"'
    )
    assert MARK not in explanation.as_text() + explanation.as_json() + explanation.as_html()
    with pytest.raises(InsecureEndpoint):
        explain("GET", "http://h.example/", CLIENT, signature_method=PLAINTEXT)


class Own:
    """A signature method of one's own, whose signature holds a secret."""

    def __init__(self, name="X-OWN"):
        self.name = name

    def sign(self, base_string, client_secret, token_secret):
        return client_secret + token_secret


@pytest.mark.parametrize("name", ["X-OWN", "PLAINTEXT", "HMAC-SHA1"])
def test_a_method_of_ones_own_is_explained_as_what_it_is(name):
    """By its name and base string: nothing is said of a key, whatever it calls itself, and its signature is masked."""
    options = {"nonce": "n", "timestamp": 1}
    explanation = explain("GET", "https://h.example/", CLIENT, TOKEN, signature_method=Own(name), **options)
    assert [(step.title, step.section, step.result) for step in explanation.steps[10:]] == [
        (f"Signature by {name} (not shown)", "3.4", "***"),
        (
            "Authorization header",
            "3.5.1",
            f'OAuth oauth_consumer_key="ck", oauth_token="tk", oauth_signature_method="{name}", oauth_timestamp="1", '
            'oauth_nonce="n", oauth_version="1.0", oauth_signature="***"',
        ),
    ]
    assert explanation.steps[10].rule == "Servers are free to implement and document their own custom methods."
    assert explanation.base_string == signature_base_string(
        "GET", "https://h.example/",
        [("oauth_consumer_key", "ck"), ("oauth_token", "tk"), ("oauth_signature_method", name),
         ("oauth_timestamp", "1"), ("oauth_nonce", "n"), ("oauth_version", "1.0")],
    )  # fmt: skip
    shown = explanation.as_text() + explanation.as_json() + explanation.as_html()
    assert MARK not in shown and "secret, encoded" not in shown


def test_what_cannot_be_seen_in_the_name_of_a_method_is_shown_as_an_escape():
    for method in (Own("X\x1b[2J"), Hmac("X\x1b[2J", "sha1")):
        explanation = explain("GET", "https://h.example/", CLIENT, signature_method=method)
        assert "by X\\x1b[2J" in explanation.as_text() and "\x1b" not in explanation.as_text() + explanation.as_html()


def test_an_rsa_signature_shows_no_key():
    explanation = explain("GET", "https://h.example/", CLIENT, TOKEN, signature_method=RsaSha1(lambda octets: b"s"))
    step = explanation.steps[-2]
    assert (step.title, step.section, step.pieces) == ("Signature in base64", "3.4.3", [("s", "cw==")])
    assert explanation.steps[-1].result.endswith('oauth_signature="cw%3D%3D"')
    assert "Section 8.2.1" in step.rule
    explanation = explain(
        "GET", "https://h.example/", CLIENT, TOKEN, signature_method=RsaPssSha256(lambda octets: b"s")
    )
    assert "custom methods" in explanation.steps[-2].rule and "8.2.1" not in explanation.as_text()


@pytest.mark.parametrize("place", ["header", "form", "query"])
@pytest.mark.parametrize("method", [HMAC_SHA1, PLAINTEXT], ids=repr)
def test_a_received_request_is_explained_up_to_its_base_string(place, method):
    uri, form, headers = "https://h.example/?b=1&a=%7e", "c=x+y", [("Content-Type", FORM)]
    parameters = sign("POST", uri, CLIENT, TOKEN, form=form, signature_method=method)
    if place == "header":
        headers.append(("Authorization", authorization_header(parameters, "realm")))
    elif place == "form":
        form = form_encoded_body(parameters, form)
    else:
        uri = request_uri(parameters, uri)
    request = parse_request("POST", uri, headers, form.encode())
    explanation = explain_request(request)
    assert explanation.base_string == request.base_string
    assert [step.title for step in explanation.steps] == [step.title for step in the_rfc().steps[:10]]
    sent = [text for _, text in explanation.steps[0].pieces]
    assert sent.count("oauth_signature=***") == (place != "header")
    assert ("Authorization: " in explanation.steps[0].result) == (place == "header")
    labels = [label for label, _ in explanation.steps[9].pieces if label]
    letter = {"header": "h", "form": "f", "query": "q"}[place]
    assert len([label for label in labels if label[0] == letter]) >= 6
    shown = explanation.as_text() + explanation.as_json() + explanation.as_html()
    assert MARK not in shown and dict(parameters)["oauth_signature"] not in shown


@pytest.mark.parametrize(
    "method, signature, kept",
    [
        ("PLAINTEXT", "c&" + MARK, False),
        ("OWN", "c&" + MARK + "=", False),
        ("PLAINTEXT", "c%26&" + MARK, True),
        ("PLAINTEXT", "c%2526&" + MARK, True),
        ("PLAINTEXT", "c&oauth_" + MARK + "=1", True),
        ("HMAC-SHA1", "c=&" + MARK, True),
        ("RSA-SHA1", "c&" + MARK, True),
    ],
)
def test_a_token_secret_behind_an_ampersand_that_was_not_encoded_is_masked(method, signature, kept):
    pairs = f"oauth_consumer_key=c&oauth_signature_method={method}&oauth_timestamp=1&oauth_nonce=n"
    pairs += f"&oauth_signature={signature}"
    for uri, form in ((f"https://h.example/?{pairs}", ""), ("https://h.example/", pairs)):
        explanation = explain_request(parse_request("POST", uri, [("Content-Type", FORM)], form.encode()))
        for shown in (explanation.as_text(), explanation.as_json(), explanation.as_html(), explanation.base_string):
            assert (MARK in shown) is kept


def test_a_body_that_is_no_form_is_not_signed():
    parameters = sign("POST", "https://h.example/", CLIENT, protocol_parameters=[("oauth_body_hash", body_hash(b"{}"))])
    headers = [("Authorization", authorization_header(parameters)), ("Content-Type", "application/json")]
    request = parse_request("POST", "https://h.example/", headers, b"{}")
    explanation = explain_request(request)
    assert explanation.base_string == request.base_string
    assert "{}" not in explanation.steps[0].result


def test_an_explanation_prints_as_its_text_and_shows_its_page_in_a_notebook():
    explanation = explain("GET", "http://h.example/?a=<b>", ClientCredentials("ck", "canary"))
    assert str(explanation) == explanation.as_text()
    [(tag, attributes)] = tags_of(explanation._repr_html_())
    assert tag == "iframe" and dict(attributes)["srcdoc"] == explanation.as_html()


def tags_of(html):
    """The tags, as a browser's parser reads them."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, attributes))
    parser.feed(html)
    return found
