"""What the debugger's page shows. The ten refused requests were made by hand from RFC 5849; see their file."""

import base64
import hmac
import json
import re
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, quote_plus, unquote

import pytest

from debugger.examples import CREDENTIALS, REFUSED, command_of, examples, header_of
from oauth1_core import ClientCredentials, authorization_header, parse_request, sign
from oauth1_core.debugging.page import as_html, work

SECRETS = {"client_secret": CREDENTIALS["client_secret"], "token_secret": CREDENTIALS["token_secret"]}
OTHER = {"other_secret": CREDENTIALS["temporary_secret"]}
NOW = 137131300
PAGE = (Path(__file__).parent.parent / "debugger" / "page.html").read_text("utf-8")
REQUESTS = {each["number"]: each for each in REFUSED["requests"]}
CANARIES = {"client_secret": "canary-cs", "token_secret": "canary-ts", "other_secret": "canary-os"}
PLAIN_HEADER = (
    'OAuth oauth_consumer_key="ck", oauth_token="tk", oauth_signature_method="PLAINTEXT", '
    'oauth_signature="canary-cs%26canary-ts"'
)


def asked(**members):
    return json.loads(work(json.dumps({"now": NOW, **members})))


def text_of(result):
    return "\n".join(re.sub("<[^>]*>", " ", as_html(view)) for view in result["view"])


def http(header="", method="GET", uri="https://h.example/x?a=b", body="", **fields):
    lines = [f"{method} {uri} HTTP/1.1"] + ([f"Authorization: {header}"] if header else [])
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\n".join(lines) + ("\n\n" + body if body else "\n\n")


# The ten refused requests


def test_there_are_ten():
    assert list(REQUESTS) == list(range(1, 11))


@pytest.mark.parametrize("number", REQUESTS)
def test_each_has_its_signature_from_the_key_and_the_method_of_its_mistake(number):
    """What ``right_signature`` says is what the RFC's own computation gives, without our signer."""
    refused = REQUESTS[number]
    headers = [("Authorization", header_of(refused))]
    if refused["content_type"]:
        headers.append(("Content-Type", refused["content_type"]))
    request = parse_request(refused["method"], refused["uri"], headers, refused["body"].encode())
    key = "{client_secret}&{token_secret}".format(**CREDENTIALS).encode()
    digest = hmac.new(key, request.base_string.encode(), "sha1").digest()
    assert base64.b64encode(digest).decode() == refused["right_signature"] != refused["signature"]


@pytest.mark.parametrize("number", REQUESTS)
def test_each_is_diagnosed_and_the_right_signature_is_shown_to_whoever_has_the_secrets(number):
    refused = REQUESTS[number]
    result = asked(request=command_of(refused), **SECRETS, **OTHER)
    assert (result["state"], result["findings"]) == ("causes", refused["causes"])
    assert result["verdict"].startswith("✗ The signer ")
    assert refused["right_signature"] in text_of(result)
    for secret in (*SECRETS.values(), *OTHER.values()):
        assert secret not in json.dumps(result)


def test_the_page_offers_them_and_those_of_the_rfc():
    states = [asked(**{name: value for name, value in each.items() if name != "name"})["state"] for each in examples()]
    assert states == ["matches", "matches"] + ["causes"] * 10 + ["unsigned"]


# States


@pytest.mark.parametrize(
    "request_text, more, state, verdict",
    [
        ("", {}, "empty", "Paste a request, or the server's response"),
        ("hello", {}, "not-read", "Not read"),
        (http(), {}, "unsigned", "This request is not signed"),
        (
            http('OAuth oauth_nonce="x"'), {}, "refused",
            "✗ A server would answer 400: the request lacks oauth_consumer_key, oauth_signature_method, "
            "oauth_signature, oauth_timestamp",
        ),
        (
            http(header_of(REQUESTS[1]).replace("137131211", "1371312110000")), {}, "refused",
            "✗ The signer sent a timestamp that is not a whole number of seconds (milliseconds, for example)",
        ),
        (
            http(header_of(REQUESTS[1]).replace("HMAC-SHA1", "RSA-SHA1")), {}, "rsa",
            "Base string made. RSA is checked on the command line",
        ),
        (
            http(header_of(REQUESTS[1]).replace("HMAC-SHA1", "HMAC-MD5")), {}, "refused",
            "✗ A server would answer 400: the signature method HMAC-MD5 is unknown",
        ),
        (http(PLAIN_HEADER), {}, "plaintext", "The signature is the secrets"),
        (http(PLAIN_HEADER), CANARIES, "plaintext", "The signature is the secrets"),
        (http(PLAIN_HEADER), {**CANARIES, "token_secret": "another"}, "plaintext", "The signature is the secrets"),
        (http(PLAIN_HEADER, uri="http://h.example/"), CANARIES, "plaintext", "The signature is the secrets"),
        (
            command_of(REQUESTS[2]), {"client_secret": "x"}, "secrets-missing",
            "Read, base string made. To check the signature, enter the secrets",
        ),
        ("", {"answer": "oauth_problem=timestamp_refused"}, "answer", "timestamp_refused: the clock"),
        ("oauth_problem=nonce_used", {}, "answer", "nonce_used: the nonce"),
        ("HTTP/1.1 500 Oh\nA: b\n\nno", {}, "answer", "Read: a response of the server"),
        ("GET&http%3A%2F%2Fh.example%2F&a%3Db", {}, "answer", "A base string: paste the request too"),
        ("OAuth oauth_nonce=", {}, "waits", "Which request does this belong to? Enter its method and URL"),
        (header_of(REQUESTS[2]), {}, "waits", "Which request does this belong to? Enter its method and URL"),
        ('{"log": {"entries": []}}', {}, "waits", "The log holds 0 requests: choose one"),
    ],
)  # fmt: skip
def test_a_state_has_its_verdict(request_text, more, state, verdict):
    result = asked(request=request_text, **more)
    assert (result["state"], result["verdict"]) == (state, verdict)
    assert "canary" not in json.dumps(result)


def test_what_is_missing_is_told():
    assert asked(request=command_of(REQUESTS[2]))["missing"] == ["client_secret", "token_secret"]
    assert asked(request=command_of(REQUESTS[2]), no_client_secret=True)["missing"] == ["token_secret"]
    result = asked(request=command_of(REQUESTS[2]), kind="curl", no_client_secret=True, token_secret="x")
    assert "missing" not in result and result["state"] == "unknown"


def test_a_right_signature_says_what_else_only_the_server_knows():
    result = asked(**examples()[0])
    assert result["state"] == "matches" and "Only the server knows whether the nonce is fresh." in text_of(result)


@pytest.mark.parametrize(
    "seconds, words",
    [
        (2 * 86400, "2 days behind"), (-3 * 3600, "3 hours ahead of"), (150, "2 minutes behind"),
        (2, "2 seconds behind"),
        (1, "agrees with the clock"),
    ],
)  # fmt: skip
def test_the_age_of_the_timestamp_is_told_in_words(seconds, words):
    assert words in text_of(asked(**{**examples()[0], "now": 137131202 + seconds}))
    assert "no timestamp to judge" in text_of(asked(**{**examples()[0], "now": None}))


def test_a_search_in_vain_says_how_many_were_tried_and_what_to_try():
    result = asked(request=command_of(REQUESTS[2]), client_secret="x", token_secret="y")
    assert result["state"] == "unknown"
    assert re.fullmatch(r"✗ None of the known mistakes, .* explains it \(\d{2,} tried\)", result["verdict"])
    assert "Another secret" in text_of(result)
    result = asked(request=command_of(REQUESTS[2]), client_secret="x", token_secret="y", other_secret="z")
    assert "Another secret" not in text_of(result)


def test_after_an_edit_the_signature_belongs_to_the_request_before_it():
    example = examples()[0]
    edited = {**example, "request": example["request"].replace("vacation", "vacatiom"), "before": example["request"]}
    result = asked(**edited)
    assert (result["state"], result["findings"]) == ("edited", [])
    assert result["verdict"] == "✗ The signature belongs to the request before your edit"
    text = text_of(result)
    assert "Before your edit" in text and "secrets are right" in text and "wrong" not in text
    assert text.count("≠") == 2, "in the caption and beside the file"
    # The right signature of the edited request is shown too.
    assert asked(**{**edited, "before": ""})["state"] == "unknown" and "14. Authorization header" in text
    assert "DQkCBUq7iSP+AViaqWLzRgdycG8=" in text


@pytest.mark.parametrize(
    "before, more",
    [
        ("hello", {}), (header_of(REQUESTS[1]), {}), (examples()[0]["request"].replace("chapoH", ""), {}),
        (examples()[0]["request"].replace("chapoH", "another"), {}), (examples()[0]["request"], {"client_secret": "x"}),
    ],
)  # fmt: skip
def test_a_text_before_the_edit_that_did_not_match_changes_no_verdict(before, more):
    example = examples()[0]
    edited = {**example, "request": example["request"].replace("vacation", "vacatiom"), "before": before}
    assert asked(**{**edited, **more})["state"] == "unknown"


def test_an_edit_leaves_the_assumed_scheme():
    text = origin_form(REQUESTS[2]).partition("Content-Type")[0] + "\n"
    edited = asked(request=text.replace("orders", "order"), before=text, **SECRETS)
    assert (edited["state"], edited["assumed"]) == ("edited", "http")


def test_another_url_is_tried():
    text = http(authorization_header(sign("GET", "http://10.0.0.7/x?a=b", ClientCredentials("ck", "cs"))))
    assert asked(request=text, client_secret="cs")["state"] == "unknown"
    result = asked(request=text, client_secret="cs", other_uri="http://10.0.0.7/x?a=b")
    assert result["findings"] == ["another-uri"]


def test_a_body_that_cannot_be_read_is_named():
    result = asked(
        request=http(header_of(REQUESTS[2]), "POST", body="a=%FF", Content_Type="application/x-www-form-urlencoded")
    )
    assert result["state"] == "refused"


def test_notes_stand_first_and_the_answer_is_explained_last():
    text = "POST http://h.example/ HTTP/1.1\nContent-Length: 9\n\nabc"
    result = asked(request=text, answer="oauth_problem=made_up")
    assert "6 octets shorter" in as_html(result["view"][0])
    assert "The server says <code>made_up</code>" in as_html(result["view"][-1])
    assert "The response names no oauth_problem" in text_of(asked(request=text, answer="no"))
    assert "The response names no oauth_problem" in text_of(asked(request=command_of(REQUESTS[2]), answer="no"))


def test_an_answer_in_the_request_box_moves():
    assert asked(request="oauth_problem=nonce_used")["moves"] is True
    assert "moves" not in asked(answer="oauth_problem=nonce_used")


def test_a_challenge_and_a_word_in_a_page_name_the_problem_too():
    answer = 'HTTP/1.1 401 No\nWWW-Authenticate: OAuth realm="x", oauth_problem="token_rejected"\n\n<p>sorry</p>'
    assert asked(answer=answer)["verdict"] == "token_rejected: the token"
    assert asked(answer="<p>signature_invalid</p>")["verdict"] == "signature_invalid: the signature"
    answer = "oauth_problem=signature_invalid GET&http%3A%2F%2Fh.example%2F&a%3Db"
    assert "The response holds a base string" in text_of(asked(answer=answer))


def test_a_file_and_another_spelling_are_asked_for():
    result = asked(request="curl http://h.example/ -d @body.txt")
    assert (result["state"], result["file"]) == ("not-read", "body.txt")
    assert asked(request="curl http://h.example/ -d @body.txt", files={"body.txt": "a=b"})["state"] == "unsigned"
    assert "--globoff &#x27;http" in as_html(asked(request="curl 'http://h.example/[1]'")["view"][-1])


def test_http_is_asked_for_its_scheme_and_a_header_for_its_url():
    text = "GET /x HTTP/1.1\nHost: h.example\n\n"
    assert asked(request=text)["has_scheme"] is False
    header = header_of(REQUESTS[2])
    assert asked(request=header)["lacks"] == "url"
    result = asked(request=header, method="GET", uri="http://photos.example.net/orders", **SECRETS)
    assert result["lacks"] == "" and result["state"] == "causes"


def origin_form(refused):
    """Return a refused request as HTTP text whose first line has no scheme."""
    authority, _, path = refused["uri"].partition("://")[2].partition("/")
    fields = {"Host": authority}
    if refused["content_type"]:
        fields["Content_Type"] = refused["content_type"]
    return http(header_of(refused), refused["method"], "/" + path, refused["body"], **fields)


@pytest.mark.parametrize("number", list(REQUESTS)[1:])
def test_the_scheme_that_explains_the_signature_is_assumed_and_said_to_be(number):
    """They were signed with http; only the first was signed with https. The page would take https."""
    text = origin_form(REQUESTS[number])
    result = asked(request=text, **SECRETS, **OTHER)
    assert (result["findings"], result["assumed"]) == (REQUESTS[number]["causes"], "http")
    assert "does not contain its scheme. This page takes http, which explains the signature." in text_of(result)
    assert 'data-what="https">Use https' in as_html(result["view"][0])
    again = asked(request=text, assumed="http", **SECRETS, **OTHER)
    assert again == result
    # The reader says it: then it is no assumption, and a proxy may be the cause.
    chosen = asked(request=text, scheme="https", **SECRETS, **OTHER)
    assert "assumed" not in chosen and "does not contain its scheme" not in text_of(chosen)
    assert chosen["state"] == "unknown" or "another-scheme" in chosen["findings"]


def test_an_assumed_scheme_changes_back_and_stays_where_no_scheme_explains_the_signature():
    header = authorization_header(sign("GET", "https://h.example/x", ClientCredentials("ck", "cs")))
    text = http(header, uri="/x", Host="h.example")
    assert asked(request=text, assumed="http", client_secret="cs")["assumed"] == "https"
    result = asked(request=text, assumed="http", client_secret="wrong")
    assert (result["state"], result["assumed"]) == ("unknown", "http")
    assert "This page takes http. " in text_of(result)


def test_an_entry_is_chosen():
    entries = [{"request": {"method": "GET", "url": f"http://h.example/{number}", "headers": []}} for number in "01"]
    text = json.dumps({"log": {"entries": entries}})
    assert asked(request=text)["lacks"] == "entry"
    assert asked(request=text, entry="1")["state"] == "unsigned"


# Whatever is pasted

TWICE = "{0}: OAuth a=b\n{0}: OAuth c=d\n\n"
HALVES = ("\ud800", "\udfff", "\udc80")  # the last one stands for an octet, and may stay


@pytest.mark.parametrize(
    "request_text, state, words",
    [
        ("GET http://h.example/ HTTP/1.1\nContent-Type: foo\n\n", "refused", "not a media type"),
        ("GET http://h.example/ HTTP/1.1\n" + TWICE.format("Content-Type"), "refused", "content-type appears twice"),
        ("GET http://h.example/ HTTP/1.1\n" + TWICE.format("Authorization"), "refused", "authorization appears twice"),
        (TWICE.format("Authorization"), "waits", "authorization appears twice"),
        ("curl http://h.example/ -H 'Content-Type: foo'", "refused", "not a media type"),
        ("curl http://h.example/ -H 'Content-Type: a/b' -H 'Content-Type: a/b'", "not-read", "appears twice"),
        ("curl http://h.example/ -H 'Authorization: a' -H 'Authorization: b'", "not-read", "appears twice"),
        (
            json.dumps({"log": {"entries": [{"request": {
                "method": "GET", "url": "http://h.example/", "headers": [{"name": "Content-Type", "value": "foo"}]
            }}]}}), "refused", "not a media type",
        ),
        (
            json.dumps({"log": {"entries": [{"request": {
                "method": "GET", "url": "http://h.example/?\ud800", "headers": []
            }}]}}), "not-read", "valid Unicode",
        ),
    ],
)  # fmt: skip
def test_a_request_with_fields_that_cannot_be_read_is_told_why(request_text, state, words):
    result = asked(request=request_text)
    assert result["state"] == state and words in result["verdict"] + text_of(result)


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("name", ["request", "answer", "uri", "other_uri", "fragment", *CANARIES])
def test_half_a_character_is_no_fault(half, name):
    signed = {"request": command_of(REQUESTS[2]), **SECRETS}
    for more in ({}, {"act": "share"}, {"act": "sign", "sign": {"client": half}}, {"act": "open"}):
        assert asked(**{**signed, name: half, **more}).get("state") != "fault"
        text = http(uri="http://h.example/?" + half)
        assert asked(**{"request": text, name: half, **more}).get("state") != "fault"


def test_a_realm_that_cannot_be_written_again_is_no_fault():
    assert asked(request=command_of(REQUESTS[2]).replace("Photos", "\udcff"), **SECRETS)["state"] == "causes"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "5", "null", "[" * 100000, '{"request": 5}', '{"act": "x"}', '{"sign": []}', '{"files": 1}']
)
def test_what_the_page_never_asks_has_an_answer_too(text):
    result = json.loads(work(text))
    assert result["state"] == "fault" and "This page failed" in result["verdict"] == result["error"]


@pytest.mark.parametrize("entry", ["x", 1e400, [], "\ud800"])
def test_an_entry_that_is_no_number_is_not_read(entry):
    assert asked(request='{"log": {"entries": []}}', entry=entry)["state"] == "not-read"


@pytest.mark.parametrize("now", ["x", 1e400, [], None])
def test_without_a_time_the_timestamp_is_missing(now):
    assert "no timestamp to judge" in text_of(asked(**{**examples()[0], "now": now}))
    assert signed(sign={"timestamp": ""}, now=now) == {"error": "The timestamp is missing"}


# The parts


def test_fourteen_steps_with_secrets_and_ten_without():
    with_secrets = asked(request=command_of(REQUESTS[2]), **SECRETS)
    headings = re.findall(r"<h3 id=\"heading-step-(\d+)\"", "".join(map(as_html, with_secrets["view"])))
    assert headings == [str(number) for number in range(1, 15)]
    without = asked(request=command_of(REQUESTS[2]))
    headings = re.findall(r"<h3 id=\"heading-step-(\d+)\"", "".join(map(as_html, without["view"])))
    assert headings == [str(number) for number in range(1, 11)]


def test_what_stands_in_the_url_has_thirteen():
    uri = "http://h.example/?oauth_consumer_key=ck&oauth_signature_method=HMAC-SHA1&oauth_timestamp=1&oauth_nonce=n&oauth_signature=x"
    html = "".join(map(as_html, asked(request=uri, client_secret="x")["view"]))
    assert len(re.findall(r"<h3 id=\"heading-step-", html)) == 13


def test_a_piece_has_a_line_about_itself():
    html = "".join(map(as_html, asked(**examples()[1])["view"]))
    assert (
        'data-line="q2, second pair of the query; sent a3=a; decoded &quot;a3&quot; = &quot;a&quot;; sorted as '
        'number 3"' in html
    )
    many = "&".join(f"p{number}=" for number in range(12))
    html = "".join(map(as_html, asked(request=http(header_of(REQUESTS[1]), uri="http://h.example/?" + many))["view"]))
    assert "q11, pair 11 of the query" in html


def test_very_many_pieces_are_shown_without_labels():
    many = "&".join(f"p{number}=" for number in range(405))
    result = asked(request=http(header_of(REQUESTS[1]), "GET", "http://h.example/?" + many))
    assert "data-piece" not in json.dumps(result)
    client, uri = ClientCredentials("ck", "cs"), "http://h.example/"
    header = authorization_header(sign("POST", uri, client))
    body = "&".join(f"p{number}=" for number in range(202))
    text = http(header, "POST", uri, body, Content_Type="application/x-www-form-urlencoded")
    result = asked(request=text, client_secret="cs")
    assert result["findings"] == ["form-left-out"] and "too many pieces" in text_of(result)


def tables_of(tables, **members):
    result = asked(tables=tables, **members)
    html = "".join(map(as_html, result["view"]))
    copied = [unescape(each) for each in re.findall('data-what="(Label[^"]*)"', html)]
    return [[line.split("\t") for line in text.split("\n")] for text in copied], html


@pytest.mark.parametrize(
    "step, row",
    [
        (1, ["q1", "query", "b5", "%3D%253D"]), (4, ["f2", "form", "a3", "2+q"]), (5, ["f2", "form", "a3", "2 q"]),
        (6, ["q1", "query", "b5", "%3D%253D"]), (7, ["q3", "query", "c%40", ""]), (8, ["q4", "query", "a2", "r%20b"]),
        (9, ["q4", "query", "a2", "r%2520b"]), (10, ["u", "URI", "", "http%3A%2F%2Fexample.com%2Frequest"]),
    ],
)  # fmt: skip
def test_a_step_is_shown_as_a_table_if_asked(step, row):
    ((titles, *rows),), html = tables_of(str(step), **examples()[1])
    assert titles == ["Label", "Source", "Name", "Value"] and row in rows
    assert len(rows) == (13 if step in (1, 10) else 11)
    cells = "</code></td><td><code>".join(map(escape, row[1:]))
    assert f'<th scope="row">{row[0]}</th><td><code>{cells}</code></td>' in html
    assert html.count("Hide the table") == 1 and html.count("As a table") == 7
    assert html.count('aria-expanded="true"') == 1 and html.count('aria-expanded="false"') == 7


def test_a_step_with_one_piece_has_no_table():
    tables, html = tables_of("2 3 11 14 x", **examples()[1])
    assert tables == [] and html.count("As a table") == 8
    many = "&".join(f"p{number}=" for number in range(405))
    tables, html = tables_of("5", request=http(header_of(REQUESTS[1]), "GET", "http://h.example/?" + many))
    assert tables == [] and "As a table" not in html


def test_differences_are_framed_and_equal_base_strings_are_said_to_be():
    html = "".join(map(as_html, asked(request=command_of(REQUESTS[2]), **SECRETS)["view"]))
    # Two pieces that only ours has, and the separator that is behind the token only there.
    assert html.count("<mark>") == 3 and html.count("nothing") == 2
    html = "".join(map(as_html, asked(request=command_of(REQUESTS[5]), **SECRETS, **OTHER)["view"]))
    assert "The two base strings are equal" in html and "<mark>" not in html
    assert "Next difference" not in html and "stacked" not in html


def test_a_piece_that_only_one_base_string_has_is_said_to_be():
    text = text_of(asked(request=command_of(REQUESTS[6]), **SECRETS))
    assert "only signed" in text and "none" not in text
    ours = asked(request=command_of(REQUESTS[2]))["base_string"]
    assert "only there" in text_of(asked(request=command_of(REQUESTS[2]), answer=ours + "%26z%3D1"))


@pytest.mark.parametrize(
    "request_text, more, place",
    [
        (command_of(REQUESTS[2]), SECRETS, "comparison"), (command_of(REQUESTS[5]), {**SECRETS, **OTHER}, "steps"),
        (examples()[0]["request"], SECRETS, "steps"),
    ],
)  # fmt: skip
def test_the_labels_are_explained_once_where_the_first_labels_are(request_text, more, place):
    result = asked(request=request_text, **more)
    assert text_of(result).count("m is the method, u the URI") == 1
    (where,) = [each for each in result["view"] if "m is the method" in as_html(each)]
    assert where[1]["id"] == place and "m is the method" in as_html(where[3])


@pytest.mark.parametrize("secrets, state", [({}, "compared"), (SECRETS, "causes")])
def test_the_servers_base_string_is_compared(secrets, state):
    ours = asked(request=command_of(REQUESTS[2]))["base_string"]
    answer = "oauth_problem=signature_invalid&expected=" + ours.replace("paper%3Dmatte", "paper%3Dglossy")
    result = asked(request=command_of(REQUESTS[2]), answer=answer, **secrets)
    assert result["state"] == state
    if not secrets:
        assert result["verdict"] == "✗ The base strings differ in: parameter paper"
    assert "Compared with the server" in text_of(result)
    equal = asked(request=command_of(REQUESTS[2]), answer=ours)
    assert (equal["state"], equal["verdict"]) == ("compared", "The base strings are equal: the key differs")


def test_a_base_string_that_the_server_shows_decoded_is_compared_without_rows():
    answer = "POST&http://photos.example.net/orders&copies=3"
    result = asked(request=command_of(REQUESTS[2]), answer=answer)
    assert result["state"] == "compared" and "The two base strings" not in text_of(result)
    result = asked(request=command_of(REQUESTS[2]).replace("orders", "order"), answer=answer)
    assert "base string URI" in result["verdict"]


def test_what_is_not_covered_is_that_of_the_request():
    assert "The body: it is not a form" in text_of(asked(request=command_of(REQUESTS[6])))
    assert "The order of the values of tag" in text_of(asked(request=command_of(REQUESTS[3])))
    assert "The body" not in text_of(asked(request=command_of(REQUESTS[1])))
    assert "Anything: with PLAINTEXT" in text_of(asked(request=http(PLAIN_HEADER)))


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def test_all_text_is_escaped():
    text = http(header_of(REQUESTS[1]), uri='http://h.example/<script>"?<b>=<i>"')
    for each in (text, "<script>", header_of(REQUESTS[1]), "hello <script>"):
        result = asked(request=each)
        tags = Tags("".join(map(as_html, result["view"]))).found
        assert not {tag for tag, _ in tags} & {"script", "b", "img"}
        assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]


# Sign


def signed(**more):
    options = {"client": "dpf43f3p2l4k3l03", "token": "nnch734d00sl2jdk", "timestamp": "137131202", "nonce": "chapoH"}
    return asked(
        act="sign", sign={**options, **more.pop("sign", {})}, **{"request": examples()[0]["request"], **SECRETS, **more}
    )


def test_a_request_is_signed_in_each_place():
    outputs = dict(signed(sign={"realm": "Photos"})["outputs"])
    assert list(outputs) == ["Header", "curl", "URL"]
    assert 'realm="Photos"' in outputs["Header"] and 'oauth_nonce="chapoH"' in outputs["Header"]
    result = asked(request=outputs["curl"], **SECRETS)
    assert result["state"] == "matches" and asked(request=outputs["URL"], **SECRETS)["state"] == "matches"
    outputs = dict(signed(request=command_of(REQUESTS[2]))["outputs"])
    assert outputs["Form"].startswith("copies=2&paper=matte&oauth_consumer_key=")
    assert 'oauth_signature="' in outputs["curl"] and "refused02" not in outputs["curl"]


def test_what_was_not_given_is_made():
    one, other = [
        dict(signed(sign={"timestamp": "", "nonce": "", "token": "", "method": "HMAC-SHA256"})["outputs"])["Header"]
        for _ in "12"
    ]
    assert f'oauth_timestamp="{NOW}"' in one and one != other and "oauth_token" not in one and "SHA256" in one


def test_a_body_hash_is_added_to_what_is_no_form():
    """The value is that of the lesson on what a signature covers: SHA-1 of {"copies":2}."""
    text = http(method="POST", body='{"copies":2}', Content_Type="application/json")
    outputs = dict(signed(request=text, sign={"body_hash": True})["outputs"])
    assert 'oauth_body_hash="OH9O%2FwibCK%2FtNt7luVo7Sc%2Fqwlk%3D"' in outputs["Header"]
    assert "Form" not in outputs


def test_plaintext_is_signed_nowhere_but_in_the_header_and_the_form():
    outputs = dict(signed(request=http(method="POST"), sign={"method": "PLAINTEXT"})["outputs"])
    assert list(outputs) == ["Header", "curl", "Form"]


@pytest.mark.parametrize(
    "more, words",
    [
        ({"request": "hello"}, "This is no request"),
        ({"request": header_of(REQUESTS[1])}, "There is no whole request"),
        ({"sign": {"client": ""}}, "client identifier is missing"),
        ({"client_secret": ""}, "client secret is missing"),
        ({"request": command_of(REQUESTS[2]), "sign": {"body_hash": True}}, "A form has no body hash"),
        ({"sign": {"timestamp": "soon"}}, "timestamp"),
        ({"sign": {"method": "RSA-SHA1"}}, "This page does not sign with RSA-SHA1"),
        ({"sign": {"method": "PLAINTEXT"}}, "would disclose the client secret"),
    ],
)
def test_what_cannot_be_signed_is_said(more, words):
    result = signed(**more)
    assert list(result) == ["error"] and words in result["error"]


def test_a_client_without_a_secret_can_sign():
    assert "outputs" in signed(client_secret="", no_client_secret=True)


# As fields


def test_the_fields_are_shown_if_asked_and_a_change_is_written_into_the_text():
    example = {"request": command_of(REQUESTS[2]), **SECRETS}
    assert "fields" not in asked(**example)
    fields = asked(view="fields", **example)["fields"]
    assert fields["form"] == [["copies", "2"], ["paper", "matte"]]
    fields["form"] = []
    result = asked(view="fields", fields=fields, **example)
    assert result["state"] == "matches" and result["request"].startswith("curl ") and result["fields"]["form"] == []
    again = asked(view="fields", **{**example, "request": result["request"]})
    assert again["fields"] == result["fields"] and "request" not in again


def test_fields_are_written_where_there_was_no_request():
    fields = {"method": "GET", "uri": "http://h.example/", "headers": [], "form": None, "body": ""}
    for before in ("", "hello"):
        result = asked(request=before, kind="har" if before else "", fields=fields)
        assert (result["state"], result["request"]) == ("unsigned", "GET http://h.example/ HTTP/1.1")
    result = asked(request="", view="fields", fields={**fields, "uri": ""})
    assert (result["state"], result["request"]) == ("not-read", "GET  HTTP/1.1")
    result = asked(request="", fields={**fields, "body": "\ud800", "headers": [["A", "\ud800"]]})
    assert result["request"] == "GET http://h.example/ HTTP/1.1\nA: \ufffd\n\n\ufffd"


@pytest.mark.parametrize("fields", [{"method": 1}, {"headers": ["a"]}, {"headers": [[1, 2]]}, [], "x"])
def test_what_the_fields_never_send_is_told(fields):
    result = asked(request="", fields=fields)
    assert result["state"] in ("empty", "fault")


# Share


SENSITIVE = http(
    'OAuth realm="Photos", oauth_consumer_key="canary-ck", oauth_token="canary-tk", oauth_signature_method="HMAC-SHA1",'
    ' oauth_timestamp="1", oauth_nonce="n", oauth_verifier="canary-code", oauth_signature="c2ln"',
    "POST",
    "https://canary-user:canary-pass@canary.example/x?password=canary-1&a=b&access_key=canary-2",
    "api_key=canary-3&oauth_verifier=canary-4&c=d",
    Content_Type="application/x-www-form-urlencoded",
    Cookie="canary-cookie",
    X_Secret="canary-field",
)


def shared(request, how="same", **more):
    return asked(act="share", share=how, request=request, **more)


def test_the_same_octets_hold_no_secret_and_can_be_checked_by_the_receiver():
    result = shared(command_of(REQUESTS[2]), **SECRETS)
    opened = asked(act="open", fragment=result["fragment"])
    assert opened["request"] == result["text"] and "As the sender" not in opened["said"]
    assert asked(request=opened["request"], **SECRETS)["findings"] == ["form-left-out"]
    for secret in SECRETS.values():
        assert secret not in json.dumps(result)


@pytest.mark.parametrize("how, host", [("same", "photos.example.net"), ("anonymous", "host.example")])
def test_a_scheme_that_the_text_does_not_contain_is_not_shared_as_a_fact(how, host):
    text = origin_form(REQUESTS[2])
    result = shared(text, how, **SECRETS)
    assert result["text"].startswith(f"POST /orders HTTP/1.1\nHost: {host}\n") and "://" not in result["text"]
    assert asked(request=result["text"])["has_scheme"] is False
    assert "The request does not contain its scheme. The verdict is for http." in result["report"]
    assert "The verdict is for https." in shared(text, how, scheme="https", **SECRETS)["report"]
    assert "The verdict is for" not in shared(command_of(REQUESTS[2]), how, **SECRETS)["report"]
    page = saved(text, how, **SECRETS)["page"]
    assert "The verdict is for http." in page and f"http%3A%2F%2F{host}" in page


def test_what_is_secret_is_masked():
    result = shared(SENSITIVE, **CANARIES)
    left = set(re.findall("canary-?[a-z0-9]*", json.dumps(result)))
    assert left == {"canary-ck", "canary-tk", "canary"}  # identifiers and the host, which the receiver needs
    anonymous = shared(SENSITIVE, "anonymous", **CANARIES)
    assert "canary" not in json.dumps(anonymous) and "host.example" in anonymous["text"]


def test_the_signature_of_plaintext_is_masked_wherever_it_stands():
    in_query = (
        "https://h.example/?oauth_consumer_key=ck&oauth_signature_method=PLAINTEXT&oauth_signature=canary%26canary"
    )
    for text in (http(PLAIN_HEADER), in_query):
        assert "canary" not in json.dumps(shared(text, **CANARIES)) and "MASKED" in shared(text)["text"]


PLAIN = "https://h.example/?oauth_consumer_key=ck&{}&oauth_signature=canary%26"
AS_FORM = {"Content_Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("how", ["same", "anonymous"])
@pytest.mark.parametrize(
    "text",
    [
        PLAIN.format("oauth_signature_method=%50LAINTEXT"),
        PLAIN.format("%6fauth_signature_method=PLAINTEXT"),
        PLAIN.format("oauth_signature_method=plaintext"),
        PLAIN.format("oauth_signature_method=HMAC-SHA1&oauth_signature_method=PLAINTEXT"),
        PLAIN.format("a=b"),
        PLAIN.format("oauth_signature_method=PLAINTEXT")[: -len("%26")] + "&canary",
        PLAIN.format("oauth_signature_method=PLAINTEXT")[: -len("%26")] + "&canary=%3d&b=c",
        http(method="POST", body="oauth_signature_method=PLAINTEXT&oauth%5Fsignature=c&canary", **AS_FORM),
        http('OAuth oauth_signature_method="PLAINTEXT"', uri="https://h.example/?oauth_signature=canary"),
        http(PLAIN_HEADER.replace('"PLAINTEXT"', '"plaintext"')),
        http('OAuth oauth_signature="canary"', "POST", body="oauth_signature_method=PLAINTEXT", **AS_FORM),
        http(uri="https://h.example/?access_token=canary&oauth_signature=x"),
        http(uri="https://h.example/?pass+word=canary&pass%2Bphrase=canary"),
        http(uri="https://h.example/?a=https%3A%2F%2Fx.example%2F%3Fapi_key%3Dcanary"),
        http(header_of(REQUESTS[1]), uri="https://h.example/?a=" + quote(quote("/?b=" + quote(quote("/?pwd=canary"))))),
        http(header_of(REQUESTS[1]), "POST", body="a=" + quote('{"b": {"client_secret" : "canary"}}'), **AS_FORM),
        http(header_of(REQUESTS[1]), uri="https://h.example/?access_key=canary&pass%20word=canary"),
        http(method="POST", body='{"a": "canary"}', Content_Type="application/json"),
        http(method="POST", body='{"a": "canary"}', **AS_FORM),
        http(method="POST", body="canary"),
        http(method="POST", body="--x\n\ncanary\n--x--", Content_Type="multipart/form-data; boundary=x"),
    ],
)
def test_what_may_be_a_secret_is_masked_by_what_it_means(text, how):
    assert "canary" not in json.dumps(shared(text, how))


@pytest.mark.parametrize("secret", ["S3cret/ +é", "k%2F1", "q~7"])
@pytest.mark.parametrize("name", ["client_secret", "token_secret", "other_secret"])
def test_a_secret_that_was_entered_is_masked_wherever_it_stands(secret, name):
    once = quote(secret, safe="")
    header = header_of(REQUESTS[1]).replace("Photos", once)
    uri = f"https://h.example/{once}/b?a={once}&b={quote(once, safe='')}&{once}=c&d={quote_plus(secret)}"
    uri += "&e=" + "".join(f"%{octet:02x}" for octet in secret.encode())
    result = shared(http(header, "POST", uri, f"z={once}", **AS_FORM), **{name: secret})
    assert result["text"].count("MASKED") == 8
    for text in (result["text"], result["report"]):
        assert secret not in unquote(unquote(unquote(text.replace("+", " ")))) and secret not in unquote(text)


@pytest.mark.parametrize("times", [1, 2, 3, 4])
def test_a_secret_is_masked_however_often_it_is_escaped(times):
    """The report has a base string, which escapes a value twice more than the request does."""
    secret = escaped = "S3+cret/ é"
    for _ in range(times):
        escaped = quote_plus(escaped)
    header = header_of(REQUESTS[1]).replace("Photos", escaped) + f', oauth_x="{escaped}", x{escaped}="y"'.replace(
        "+", "%20"
    )
    uri = f"https://h.example/{escaped}/b?a={escaped}&{escaped}=c"
    type_of_form = f"application/x-www-form-urlencoded; x={escaped}; charset=utf-8"
    result = shared(http(header, "POST", uri, f"z={escaped}", Content_Type=type_of_form), client_secret=secret)
    assert result["text"].count("MASKED") == 8
    for text in (result["text"], result["report"]):
        for _ in range(times + 3):
            assert secret.replace("+", " ") not in text.replace("+", " ")
            text = unquote(text)


@pytest.mark.parametrize("name", ["a", "a%253D", "a%25253D"])
def test_a_short_secret_is_masked_behind_an_escape_and_not_within_a_word(name):
    result = shared(http(header_of(REQUESTS[1]), uri=f"https://q7.example/q7x/xq7?{name}=q7"), client_secret="q7")
    for text in (result["text"], result["report"]):
        assert set(re.findall("[a-z]*q7[a-z]*", text)) <= {"q7x", "xq7", "Fq7x", "Fxq7"}


def test_the_signature_of_hmac_is_shared_since_it_is_no_secret():
    assert 'oauth_signature="' in shared(command_of(REQUESTS[2]))["text"]
    assert "MASKED" not in shared(command_of(REQUESTS[2]))["text"]


def test_an_anonymous_verdict_is_that_of_the_sender_and_names_no_host():
    result = shared(command_of(REQUESTS[10]), "anonymous", **SECRETS)
    opened = asked(act="open", fragment=result["fragment"])
    assert opened["said"] == "As the sender saw it: ✗ port-left-out, empty-values-dropped"
    assert "photos.example" not in json.dumps(result)
    assert asked(request=opened["request"], **SECRETS)["state"] == "unknown"


def link_of(*protocol):
    header = authorization_header(protocol)
    return "#r=" + quote("GET https://api.example.com/ HTTP/1.1\nAuthorization: " + header)


CLIENT_1_2, TOKEN_1_2 = ("oauth_consumer_key", "dpf43f3p2l4k3l03"), ("oauth_token", "nnch734d00sl2jdk")


@pytest.mark.parametrize(
    "protocol, secrets",
    [
        ([CLIENT_1_2, TOKEN_1_2], ["kd94hf93k423kf44", "pfkkdhi9sl3r4s00"]),
        ([TOKEN_1_2, CLIENT_1_2], ["kd94hf93k423kf44", "pfkkdhi9sl3r4s00"]),
        ([CLIENT_1_2], ["kd94hf93k423kf44", ""]),
        ([CLIENT_1_2, ("oauth_token", "another")], [None, None]),
        ([("oauth_consumer_key", "another"), TOKEN_1_2], [None, None]),
        ([], [None, None]),
    ],
)
def test_the_secrets_that_the_rfc_prints_are_known_and_no_others(protocol, secrets):
    opened = asked(act="open", fragment=link_of(*protocol))
    assert [opened.get("client_secret"), opened.get("token_secret")] == secrets
    said = "Its credentials are printed in RFC 5849: their secrets are filled in."
    assert opened["said"] == (said if secrets[0] is not None else "")


def test_a_long_request_has_no_link_but_a_report():
    result = shared(http(uri="https://h.example/?a=" + "x" * 9000))
    assert result["fragment"] == "" and "Findings: none" in result["report"]


@pytest.mark.parametrize(
    "text, words", [("hello", "no request"), (header_of(REQUESTS[1]), "no whole"), (http('OAuth a="'), "")]
)
def test_what_is_not_read_is_not_shared(text, words):
    result = shared(text)
    assert list(result) == ["error"] and words in result["error"]


def saved(request, how="same", **more):
    return asked(act="save", share=how, request=request, **more)


def test_a_saved_page_has_the_verdict_the_request_and_its_steps():
    page = saved(command_of(REQUESTS[2]), **SECRETS)["page"]
    assert page.startswith("<!doctype html>") and "<script" not in page and "http-equiv" not in page
    assert "✗ The signer left the form out of the signature" in page and "copies=2&amp;paper=matte" in page
    assert "10. Signature base string" in page and "MASKED" not in page
    assert page.count("What did this signature sign?") == 2 and "How this signature is computed" not in page
    assert "How to fix it" in page and "As RFC 5849 requires it" in page and "<button" not in page
    for secret in SECRETS.values():
        assert secret not in page


def test_a_page_is_saved_without_steps_if_a_mask_makes_the_request_unreadable():
    page = saved(command_of(REQUESTS[2]), client_secret="http")["page"]
    assert "POST MASKED://photos" in page and "Signature base string" not in page


def test_a_saved_page_holds_no_more_than_a_link():
    page = saved(SENSITIVE, **CANARIES)["page"]
    assert set(re.findall("canary-?[a-z0-9]*", page)) == {"canary-ck", "canary-tk", "canary"}
    assert "MASKED stands for a value" in page
    page = saved(command_of(REQUESTS[10]), "anonymous", **SECRETS)["page"]
    assert "photos.example" not in page and "port-left-out" in page
    assert page.count("How to fix it") == 2 and "As RFC 5849 requires it" not in page
    signed = sign(
        "GET", "https://h.example/x?api_key=canary-3", ClientCredentials("ck", "cs"), nonce="n", timestamp="1"
    )
    header = authorization_header(signed)
    texts = [
        http(header, uri="https://h.example/x?api_key=canary-3&c=d"),
        http(header, uri="https://canary-user@h.example/x?c=d"),
        http(header_of(REQUESTS[6]), "POST", "http://photos.example.net/orders", '{"canary":1}', Content_Type="a/json"),
    ]
    for text in texts:
        page = saved(text, client_secret="cs", token_secret="x")["page"]
        assert "canary" not in page and "The two base strings" not in page
    assert "The two base strings" in text_of(asked(request=command_of(REQUESTS[6]), **SECRETS))
    page = saved(command_of(REQUESTS[6]), **SECRETS)["page"]
    assert "How to fix it" in page and "The two base strings" not in page


def test_a_saved_page_shows_no_text_from_before_an_edit():
    text = examples()[0]["request"]
    edited = text.replace("file=vacation.jpg&", "")
    assert asked(request=edited, before=text, **SECRETS)["state"] == "edited"
    page = saved(edited, before=text, **SECRETS)["page"]
    assert "before your edit" in page and "vacation" not in page


def test_a_saved_page_without_a_base_string_has_no_steps():
    plain = saved(http(PLAIN_HEADER), **CANARIES)["page"]
    refused = saved(http('OAuth oauth_nonce="x"'))["page"]
    assert "1. The request" not in plain + refused and "canary-cs" not in plain and "lacks oauth_" in refused
    assert "no request" in saved("hello")["error"]


def test_an_opened_link_is_text_whatever_it_is():
    for fragment in ("", "#", "#r", "#x=1", "#r=%FF%00", "#r=%E2%80%AE&v=%1b[31m"):
        assert "\x1b" not in asked(act="open", fragment=fragment)["said"]


def test_every_field_tells_the_browser_to_keep_nothing():
    """A browser restores the other fields of a page, and stores what it needs for that."""
    fields = re.findall(r"<textarea[^>]*>|<input[^>]*>", PAGE)
    kept = [field for field in fields if 'autocomplete="off"' not in field]
    assert len(fields) > 15
    assert [re.search('type="(?:checkbox|radio|file)"|id="copied"', field) for field in kept].count(None) == 0, kept


def test_the_page_says_response_as_the_glossary_does():
    words = re.sub("<[^>]*>", " ", PAGE)
    for text in ("", "HTTP/1.1 500 Oh", "oauth_problem=token_rejected", "GET&http%3A%2F%2Fh.example%2F&a%3Db"):
        for kind in ("request", "answer"):
            words += asked(**{kind: text})["verdict"] + text_of(asked(**{kind: text}))
    for request in (command_of(REQUESTS[2]), "GET http://h.example/x HTTP/1.1"):
        words += text_of(asked(request=request, answer="no", client_secret="a", token_secret="b"))
        words += json.dumps(asked(request=request, act="share", share="same"))
        words += json.dumps(asked(request=request, act="save", share="same"))
    assert "server's response" in words
    assert re.findall(r"(?:an?|the|'s|last|same) (?:answer|reply)\b", words, re.IGNORECASE) == []
