"""What was pasted is known by its beginning, and read as it was sent. The samples are those of the programs named."""

import json

import pytest

from oauth1_core.debugging.pasted import NotRead, kind_of, read_pasted

HEADER = 'OAuth oauth_consumer_key="ck", oauth_signature="s%3D"'
FORM = "application/x-www-form-urlencoded"
CHROME = """\
curl 'http://photos.example.net/photos?file=vacation.jpg' \\
  -H 'accept: */*' \\
  -H 'authorization: OAuth oauth_consumer_key="ck", oauth_signature="s%3D"' \\
  --insecure"""
CHROME_CMD = """\
curl ^"http://photos.example.net/photos?a=1^&b=2^" ^
  -H ^"accept: */*^" ^
  -H ^"authorization: OAuth oauth_consumer_key=^\\^"ck^\\^"^\""""
FIREFOX = "curl 'https://h.example/x' --compressed -X POST -H 'Content-Type: text/plain' --data-raw $'it\\'s'"
FIREFOX_WINDOWS = """curl.exe "https://h.example/x" --compressed -H "Accept: */*" """
POSTMAN = "curl --location 'https://h.example/x' \\\n--header 'Authorization: OAuth oauth_consumer_key=\"ck\"'"
INSOMNIA = "curl --request GET \\\n  --url 'https://h.example/x?a=b' \\\n  --header 'User-Agent: insomnia/11.0.0'"


def har(*requests):
    entries = [{"request": request} for request in requests]
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


def entry(url="https://h.example/x?a=b", authorization="", **more):
    headers = [{"name": ":method", "value": "GET"}]
    if authorization:
        headers.append({"name": "Authorization", "value": authorization})
    return {"method": "GET", "url": url, "headers": headers, **more}


def no_file(name):
    raise AssertionError("no file is read")


def read(text, *, read_file=no_file, **options):
    return read_pasted(text, read_file, **options)


@pytest.mark.parametrize(
    "text, kind, name, method, uri",
    [
        (CHROME, "curl", "curl (bash)", "GET", "http://photos.example.net/photos?file=vacation.jpg"),
        ("$ " + CHROME, "curl", "curl (bash)", "GET", "http://photos.example.net/photos?file=vacation.jpg"),
        ("\ufeff\n" + CHROME, "curl", "curl (bash)", "GET", "http://photos.example.net/photos?file=vacation.jpg"),
        (CHROME_CMD, "curl", "curl (cmd)", "GET", "http://photos.example.net/photos?a=1&b=2"),
        (FIREFOX, "curl", "curl (bash)", "POST", "https://h.example/x"),
        (FIREFOX_WINDOWS, "curl", "curl (bash)", "GET", "https://h.example/x"),
        (POSTMAN, "curl", "curl (bash)", "GET", "https://h.example/x"),
        (INSOMNIA, "curl", "curl (bash)", "GET", "https://h.example/x?a=b"),
        (har(entry()), "har", "HAR, a browser's log", "GET", "https://h.example/x?a=b"),
        ("GET /x?a=b HTTP/1.1\nHost: h.example\n\n", "http", "HTTP", "GET", "https://h.example/x?a=b"),
        ("GET http://h.example/x\n", "http", "HTTP", "GET", "http://h.example/x"),
        ("PROPFIND /x HTTP/1.1\r\nHost: h.example:81\r\n\r\n", "http", "HTTP", "PROPFIND", "https://h.example:81/x"),
        ("http://h.example/x?a=b#top \n", "url", "a URL", "GET", "http://h.example/x?a=b"),
    ],
)
def test_a_request_is_known_by_its_beginning(text, kind, name, method, uri):
    pasted = read(text)
    assert (pasted.kind, pasted.name, pasted.lacks) == (kind, name, "")
    assert pasted.request[:2] == (method, uri)


@pytest.mark.parametrize(
    "text",
    [
        "HTTP/1.1 401 Unauthorized\nContent-Type: text/plain\n\nno",
        'WWW-Authenticate: OAuth realm="x"',
        "oauth_problem=signature_invalid",
        '{"error": "signature_invalid"}',
        "<html>signature_invalid</html>",
        "GET&http%3A%2F%2Fh.example%2F&a%3Db",
        "The server said signature_invalid.",
        "Expected: GET&http%3A%2F%2Fh.example%2F&a%3Db",
    ],
)
def test_an_answer_is_known_too(text):
    pasted = read(text)
    assert (pasted.kind, pasted.request) == ("answer", None)


@pytest.mark.parametrize(
    "text, words",
    [
        ("Bearer abc", "OAuth 2"),
        ("Authorization: Bearer abc", "OAuth 2"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "JWT"),
        ("$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession", "PowerShell"),
        ('Invoke-WebRequest -UseBasicParsing -Uri "https://h/"', "PowerShell"),
        ('fetch("https://h.example/x", {', "JavaScript"),
        ("wget --header 'A: b' https://h/", "wget"),
        ("irm https://h.example/x -Method Post", "PowerShell"),
        ("$answer = Invoke-RestMethod https://h.example/x", "PowerShell"),
        ('const answer = await fetch("https://h.example/x", {', "JavaScript"),
        ("hello", "this is no request"),
        ("curling is a sport", "this is no request"),
    ],
)
def test_what_is_something_else_is_named(text, words):
    with pytest.raises(NotRead, match=words) as raised:
        kind_of("  " + text)
    assert (raised.value.start, raised.value.end) == (2, 2 + len(text))


@pytest.mark.parametrize(
    "text",
    [
        "export TOKEN=abc\n" + FIREFOX,
        "# sends a note\n\n" + FIREFOX,
        "cd /tmp && " + FIREFOX + " | jq .",
        "anna@host-1:~/notes$ " + FIREFOX,
        "anna@Mac notes % " + FIREFOX,
        "root@host:/# " + FIREFOX,
    ],
)
def test_a_curl_command_is_found_behind_a_prompt_and_other_commands(text):
    pasted = read(text)
    assert (pasted.kind, pasted.request) == ("curl", read(FIREFOX).request)


def test_the_kind_can_be_overruled():
    assert read("GET http://h.example/x\n", kind="answer").kind == "answer"
    with pytest.raises(NotRead, match="does not begin with curl"):
        read("GET http://h.example/x\n", kind="curl")


# curl


def test_a_file_that_the_command_names_is_asked_for():
    pasted = read("curl http://h.example/ -d @body.txt", read_file={"body.txt": b"a=b"}.__getitem__)
    assert pasted.request == ("POST", "http://h.example/", [("Content-Type", FORM)], b"a=b")


def test_what_curl_would_take_for_several_urls_has_a_way_out():
    with pytest.raises(NotRead, match="--globoff") as raised:
        read("curl 'http://h.example/?a[0]=1'")
    assert raised.value.instead == "curl --globoff 'http://h.example/?a[0]=1'"
    assert read(raised.value.instead).request[1] == "http://h.example/?a[0]=1"


def test_a_multipart_body_is_said_to_be_left_out():
    pasted = read("curl http://h.example/ --form a=b")
    assert pasted.request[3] == b"" and "multipart" in pasted.notes[0]


def test_a_command_that_is_not_read_is_marked_in_its_first_line():
    with pytest.raises(NotRead, match="a quote is not closed") as raised:
        read(" curl 'http://h.example/\nx")
    assert (raised.value.start, raised.value.end) == (1, 24)


# HAR


def test_the_signed_request_of_a_log_is_taken_and_the_others_are_listed():
    text = har(entry("https://h.example/1?secret=x"), entry("https://h.example/2?q", HEADER), entry())
    pasted = read(text)
    assert pasted.request == ("GET", "https://h.example/2?q", [("Authorization", HEADER)], b"")
    assert pasted.entries == [
        (1, "GET https://h.example/2", True), (0, "GET https://h.example/1", False),
        (2, "GET https://h.example/x", False),
    ]  # fmt: skip
    assert read(text, entry=0).request[1] == "https://h.example/1?secret=x"


def test_one_of_several_has_to_be_chosen():
    pasted = read(har(entry(), entry()))
    assert (pasted.request, pasted.lacks, len(pasted.entries)) == (None, "entry", 2)


@pytest.mark.parametrize(
    "text", ['{"entries": 1}', '{"log": {"entries": [1]}}', '{"log": {"entries": [{}]}}', '{"entries"']
)
def test_what_is_no_log_is_not_read(text):
    with pytest.raises(NotRead, match="not a HAR log"):
        read(text)


# HTTP


def test_http_is_read_octet_for_octet():
    text = (
        "\r\nPOST /x?a=b%20c HTTP/1.1\r\nHost: h.example\r\nAuthorization: OAuth\r\n  a=\"b\",\r\n\tc=\"d\"\r\n"
        "Content-Type: text/plain\r\nContent-Length: 6\r\n\r\na\r\n\r\nb"
    )  # fmt: skip
    pasted = read(text, scheme="http")
    assert not pasted.has_scheme and not pasted.notes
    assert pasted.request == (
        "POST",
        "http://h.example/x?a=b%20c",
        [
            ("Host", "h.example"), ("Authorization", 'OAuth a="b", c="d"'), ("Content-Type", "text/plain"),
            ("Content-Length", "6"),
        ],
        b"a\r\n\r\nb",
    )  # fmt: skip


@pytest.mark.parametrize(
    "body, length, octets, note",
    [
        ("a=b", "", b"a=b", ""),
        ("\n\n", "", b"", ""),
        ("a=b\n", "3", b"a=b", ""),
        ("a\nb", "4", b"a\r\nb", ""),
        ("a=b", "5", b"a=b", "The body is 2 octets shorter than its Content-Length says (5)."),
        ("a=bc", "1", b"a=bc", "The body is 3 octets longer than its Content-Length says (1)."),
        ("a=b", "x", b"a=b", ""),
        ("a=b", "\u00b3", b"a=b", ""),
        ("a=b", "9" * 5000, b"a=b", ""),
        ("\udcff", "1", b"\xff", ""),
    ],
)
def test_a_body_is_as_long_as_it_says_or_that_is_told(body, length, octets, note):
    fields = "Content-Length: " + length + "\n" if length else ""
    pasted = read("POST http://h.example/ HTTP/1.1\n" + fields + "\n" + body)
    assert pasted.request[3] == octets
    assert pasted.notes == ([note] if note else [])
    # What contradicts itself is not looked at further: a server would not get as far as the signature.
    assert bool(pasted.request[2]) == bool(length and not note)


@pytest.mark.parametrize(
    "text, words, place",
    [
        ("GET /x HTTP/1.1\n\n", "needs one Host field", "GET /x HTTP/1.1"),
        ("GET /x HTTP/1.1\nHost: a\nHost: b\n\n", "needs one Host field", "GET /x HTTP/1.1"),
        ("GET http://h/ HTTP/1.1\nno field\n\n", "not a header field", "no field"),
        ("GET http://h/ HTTP/1.1\nA : b\n\n", "not a header field", "A : b"),
        ("GET http://h/ HTTP/1.1\n folded: b\n\n", "not a header field", " folded: b"),
        ("GET http://h/ HTTP/1.1\nHost: other.example\n\n", "another host than the URL", "GET http://h/ HTTP/1.1"),
    ],
)
def test_the_place_that_does_not_fit_is_told(text, words, place):
    with pytest.raises(NotRead, match=words) as raised:
        read(text)
    assert text[raised.value.start : raised.value.end] == place


def test_a_first_line_of_other_words_is_not_read():
    with pytest.raises(NotRead, match="the first line"):
        read("GET", kind="http")


# The header alone


@pytest.mark.parametrize("text", [HEADER, "Authorization: " + HEADER, "accept: */*\nAuthorization:\n " + HEADER])
def test_a_header_alone_lacks_its_url(text):
    pasted = read(text)
    assert (pasted.kind, pasted.request, pasted.lacks) == ("header", None, "url")
    assert pasted.fields[-1] == ("Authorization", HEADER)
    method, uri, headers, body = read(text, method="POST", uri=" http://h.example/x#y ").request
    assert (method, uri, headers[-1], body) == ("POST", "http://h.example/x", ("Authorization", HEADER), b"")
