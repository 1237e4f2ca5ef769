"""curl's command lines: curl itself says what they send."""

import os
import re
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth1_core.debugging.curl import HAS_ARGUMENT, LETTERS, request_from_curl
from oauth1_core.debugging.shell_words import words_of
from oauth1_core.errors import SigningError
from tests.support.http_clients import Server, running
from tests.support.programs import path_of

FILES = {"form.txt": b"a=b\r\n&c=dX \xff%\n", "nul.txt": b"a=b\r\n&c\0=d", "empty": b"", "a=b.txt": b"in a=b"}


@pytest.fixture(scope="module")
def server():
    server = Server()
    with running(server):
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for name, octets in FILES.items():
        (folder / name).write_bytes(octets)
    return folder


def sent_by_curl(line, server, folder, input=b"from standard input\n"):
    """Run a command line in bash, and return the requests that arrive, without what curl adds to every one."""
    server.reset()
    assert path_of("curl")
    subprocess.run(
        [path_of("bash"), "--norc", "-f", "-c", line], input=input, cwd=folder, capture_output=True, timeout=60,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "CURL_HOME": str(folder), "HOME": str(folder)},
    )  # fmt: skip
    requests = []
    for arrived in server.requests:
        fields = [
            (name, raw(value))
            for name, value in arrived.fields
            if name not in ("Host", "Content-Length", "Accept-Encoding")
            and (name, value) != ("Accept", "*/*")
            and not value.startswith("curl/")
        ]
        requests.append((arrived.method, raw(arrived.uri), sorted(fields), arrived.body))
    return requests


def raw(text):
    return text.encode("latin-1").decode("utf-8", "surrogateescape")


def read(line, **files):
    files = {**FILES, "-": b"from standard input\n", **files}
    method, uri, headers, body = request_from_curl(words_of(line), files.__getitem__)
    return method, uri, sorted([field for field in headers if field[0] != "Host"]), body


LINES = [
    "curl URL/a",
    "curl URL",
    "curl 'URL?x=1'",
    "curl 'URL/a?x=1#fragment?'",
    "curl --url URL/a -sS",
    "curl -- URL/a",
    "curl HOST/a",
    "curl 'HOST/a?u=http://x/'",
    "curl HTTP://HOST/a",
    "/usr/bin/curl URL/a",
    # Method
    "curl -X PUT URL/a",
    "curl -XDELETE URL/a",
    "curl --request put URL/a -d x",
    "curl -X GET -d x URL/a",
    "curl -X PATCH -X PUT URL/a",
    "curl -I URL/a",
    "curl -sI URL/a",
    "curl -I -X GET -m 1 URL/a",
    # Data
    "curl -d a=b URL/a",
    "curl -da=b URL/a",
    "curl -sda=b URL/a",
    "curl -d a=b -d 'c=d e' --data-ascii f URL/a",
    "curl -d '' URL/a",
    "curl -d a -d '' -d b URL/a",
    "curl -d @form.txt URL/a",
    "curl --data-ascii @form.txt -d c URL/a",
    "curl --data-binary @form.txt URL/a",
    "curl --data-binary @nul.txt --data-binary x URL/a",
    "curl --data-binary $'a\\nb' URL/a",
    "curl -d $'a\\r\\nb' URL/a",
    "curl --data-raw @form.txt URL/a",
    "curl -d @empty URL/a",
    "curl -d @- URL/a",
    "curl --data-binary @- URL/a",
    "curl --data-urlencode 'a b+c/é~.-_' URL/a",
    "curl --data-urlencode '=a=b' URL/a",
    "curl --data-urlencode 'a b=c d=e@f' URL/a",
    "curl --data-urlencode 'a=@form.txt' URL/a",
    "curl --data-urlencode 'a@form.txt' URL/a",
    "curl --data-urlencode @nul.txt URL/a",
    "curl --data-urlencode '' -d x URL/a",
    "curl --data-urlencode $'a=\\xff\\n' URL/a",
    "curl --data-urlencode '=@form.txt' URL/a",
    "curl --data-raw $'{\"a\":\"\\u0021\\u00e9\"}' -H 'Content-Type: application/json' URL/a",
    "curl -H 'content-type: text/plain' -d x URL/a",
    "curl -H 'Content-Type:' -d x URL/a",
    "curl -H 'Content-Type;' -d x URL/a",
    "curl -H 'Content-Type: application/x-www-form-urlencoded; charset=UTF-8' -d x URL/a",
    "curl --json '{\"a\":1}' URL/a",
    "curl --json '[1,' --json '2]' URL/a",
    "curl --json @form.txt URL/a",
    "curl --json '{}' -H 'content-type: a/b' -H 'accept: c/d' URL/a",
    "curl --json '{}' -X PUT URL/a",
    # -G
    "curl -G -d a=b -d c=d URL/a",
    "curl -G -d a=b URL",
    "curl -G -d a=b 'URL/a?x=1'",
    "curl -G -d a=b 'URL/a?x=1&'",
    "curl -G -d a=b 'URL/a?X'",
    "curl -G -d a=b 'URL/a?#f'",
    "curl -G --data-urlencode 'a=b c&d' 'URL/a?x=1'",
    "curl -G -I -d a=b URL/a",
    "curl -G -X POST -d a=b URL/a",
    "curl -G URL/a",
    "curl --get --data-raw @x URL/a",
    "curl -G -d é=1 'URL/a?ü=2'",
    # Header fields
    "curl -H 'A: b' -H 'a:  c  ' -H 'D;' -H 'E:' -H 'F: g:h;' URL/a",
    "curl -H 'A: XbX' URL/a",
    "curl -H 'Accept: text/html' -H 'User-Agent: x' URL/a",
    "curl -A agent -e http://referer/ -r 0-9 -b 'a=1' URL/a",
    "curl -A agent -A '' -b a=1 -b 'b=2; c=3' -b '' -e 'x;auto' URL/a",
    "curl -A agent -H 'User-Agent: other' -b a=1 -H 'Cookie: b=2' -e x -H 'Referer:' URL/a",
    "curl -u user:pass:word URL/a",
    "curl -u us:er -u 'é:' --basic URL/a",
    "curl -u user:password -H 'Authorization: OAuth a=\"b\"' URL/a",
    "curl -u user:password -H 'Authorization:' URL/a",
    "curl http://us%40r:p%2Fw@HOST/a",
    "curl -u other:pass http://user:password@HOST/a",
    "curl http://user:@HOST/a",
    "curl -H 'Host: HOST' URL/a",
    "curl -H $'X: \\xe9\\u00e9' URL/a",
    # Where curl does not send the URL as it is given
    "curl 'URL/a/../b/./c/..?x=../y'",
    "curl 'URL//a//../b/..//'",
    "curl 'URL/..'",
    "curl 'URL/a/..'",
    "curl 'URL/a/b/.'",
    "curl --path-as-is 'URL/a/../b/%2e%2E/.'",
    "curl 'URL/a%2e/.a/...'",
    "curl 'URL/%zz%41?%zz+a%20'",
    "curl 'URL/a\\b|\"<>^`?a\\b|\"<>^`'",
    "curl 'URL/a?é=ü'",
    "curl 'URL/a\\[b\\]\\{c\\}?x=\\[1'",
    "curl 'URL/a?b[]=1&c[]=2'",
    "curl -g 'URL/a[1-2]{x,y}]?[a]={}'",
    "curl 'URL/a?b=[::1]'",
    # Options that do not matter here, in each form
    "curl -ksSfv -4 --compressed -o /dev/null -m5 --max-time 5 --connect-timeout 1 -w '%{http_code}' URL/a",
    "curl --no-keepalive --no-buffer -N --no-compressed --http1.1 -L --max-redirs 3 --retry 1 -D /dev/null URL/a",
    "curl -x '' --noproxy '*' --proto '=http' --resolve x.example:80:127.0.0.1 -c /dev/null --stderr - URL/a",
    # As browsers write it
    "curl 'URL/a?b=1' \\\n  -H 'accept: */*' \\\n  -b 'c=d' \\\n  --data-raw $'a=it\\'s\\u0021' \\\n  --compressed",
    "curl 'URL/a' \\\n  -X 'PUT' \\\n  -H 'content-type: a/b' \\\n  --data-raw $'{\"a\":\"b\\nc\"}' \\\n  --insecure",
]  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_a_command_line_is_read_as_curl_sends_it(line, server, folder):
    line = line.replace("URL", server.origin).replace("HOST", server.origin.rpartition("/")[2])
    assert [read(line)] == sent_by_curl(line, server, folder)


# Each is refused, and why: a word of the message. The second list are those of which curl says the same, or
# which make another number of requests than one.
REFUSED = {
    "curl -T file URL/a": "'-T'",
    "curl --digest -u a:b URL/a": "'--digest'",
    "curl --oauth2-bearer secret URL/a": "'--oauth2-bearer'",
    "curl -K file": "'-K'",
    "curl -n URL/a": "'-n'",
    "curl --no-get URL/a": "'--no-get'",
    "curl --request-target /b URL/a": "'--request-target'",
    "curl --dat a URL/a": "'--dat'",
    "curl -u user URL/a": "password",
    "curl http://user@HOST/a": "password",
    "curl -b file URL/a": "cookie",
    "curl -b @a=b URL/a": "cookie",
    "curl -H 'Host: other.example' URL/a": "Host",
    "curl -H @file URL/a": "header",
    "curl -H 'no colon' URL/a": "header",
    "curl -H 'A;X' URL/a": "header",
    "curl -H $'A;\x0b' URL/a": "header",
    "curl -H 'A;b;' URL/a": "header",
    "curl -H '@file;' URL/a": "header",
    "curl -H 'no colon; but this' URL/a": "header",
    "curl -H $'A: b\nC: d' URL/a": "line break",
    "curl -d @nul.txt URL/a": "NUL",
    "curl URL/%2e%2E/a": "%2e",
    "curl URL/é": "percent-encode",
    "curl http:/HOST/a": "slash",
    "curl HTTP:/HOST/a": "slash",
    "curl ftp://HOST/a": "begin with http://",
    "curl -G -d 'a=b#c' URL/a": "#",
    "wget URL/a": "wget command, not a curl command",
    "fetch('URL/a', {method: 'POST'});": "JavaScript call of fetch",
    "await fetch('URL/a');": "JavaScript call of fetch",
    "Invoke-WebRequest -Uri 'URL/a'": "PowerShell",
    "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession": "PowerShell",
    "http GET URL/a": "HTTPie",
    "GET /a HTTP/1.1": "HTTP request",
    "curl -F a=b -d c=d URL/a": "remove one of them",
    "": "curl",
}
REFUSED_BY_CURL = {
    "curl URL/a URL/b": "2 requests",
    "curl -s": "0 requests",
    "curl 'URL/a[1-2]'": "several",
    "curl 'URL/a{b,c}'": "several",
    "curl 'URL/a?b={}'": "several",
    "curl 'URL/a]'": "several",
    "curl 'URL/a b'": "white space",
    "curl 'URL/a?b c'": "white space",
    "curl -G -d 'a=b c' URL/a": "white space",
    "curl -I -d a URL/a": "--head",
    "curl --data=x URL/a": "not supported",
    "curl --unknown URL/a": "'--unknown'",
    "curl --on-keepalive URL/a": "'--on-keepalive'",
    "curl - URL/a": "'- '",
    "curl URL/a -d": "-d needs an argument",
    "curl URL/a --data": "--data needs an argument",
    "curl http://127.0.0.1:99999/a": "port",
}


@pytest.mark.parametrize("line", {**REFUSED, **REFUSED_BY_CURL})
def test_what_is_not_one_request_in_one_reading_is_refused(line, server, folder):
    why = {**REFUSED, **REFUSED_BY_CURL}[line]
    line = line.replace("URL", server.origin).replace("HOST", server.origin.rpartition("/")[2])
    with pytest.raises((ValueError, SigningError), match=why):
        read(line)


@pytest.mark.parametrize("line", REFUSED_BY_CURL)
def test_curl_does_not_make_one_request_of_it_either(line, server, folder):
    line = line.replace("URL", server.origin).replace("HOST", server.origin.rpartition("/")[2])
    assert len(sent_by_curl(line, server, folder)) != 1


def test_curl_may_have_the_name_it_has_on_windows():
    for program in ("curl.exe", "C:\\Windows\\System32\\CURL.EXE"):
        assert request_from_curl([program, "http://h/"], FILES.__getitem__)[:2] == ("GET", "http://h/")


def test_only_blanks_around_a_value_are_left_out():
    assert read("curl -H $'A: \\t\\x0bb\\x0b \\t' http://h/")[2] == [("A", "\x0bb\x0b")]


def test_a_message_shows_nothing_that_may_be_a_secret():
    for line in ("--data=hidden http://h/", "-u hidden http://h/", "hidden hidden"):
        with pytest.raises(ValueError) as caught:
            read("curl " + line)
        assert "hidden" not in str(caught.value)


def test_options_take_arguments_as_those_of_curl_do():
    """The curl that is installed lists its options; ours know no other of the same name."""
    listed = subprocess.run([path_of("curl"), "--help", "all"], capture_output=True, text=True, timeout=60).stdout
    options = re.findall(r"^ *(?:-(.), )?--([\w.-]+)( [<\[])?", listed, re.MULTILINE)
    assert len(options) > 200
    known = 0
    for letter, name, argument in options:
        name = name[3:] if name.startswith("no-") and name != "no-" else name
        if name in HAS_ARGUMENT:
            known += 1
            assert HAS_ARGUMENT[name] == bool(argument), name
            assert LETTERS.get(letter, name) == name
        assert not letter or letter not in LETTERS or LETTERS[letter] == name
    assert known > 150


WORDS = ["-d", "-G", "-I", "-H", "--url", "-X", "a=b", "@f", "--", "-", "http://h/a?b=c", "[", "é", "\0", "--json"]


@given(st.lists(st.sampled_from([*WORDS, "-sd", "-u", "a:b", "-b", "--data-urlencode", "-r"])))
def test_any_words_are_read_or_refused(words):
    try:
        method, uri, headers, body = request_from_curl(["curl", *words], lambda name: b"\xff")
    except (ValueError, SigningError):
        return
    assert uri.startswith("http://") and isinstance(body, bytes) and method
    assert all(isinstance(text, str) for field in headers for text in field)
