"""The command line: what it prints, how it ends, and that it shows no secret."""

import contextlib
import errno
import io
import json
import os
import re
import runpy
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from oauthlib.oauth1 import Client

import oauth1_core
from oauth1_core import (
    HMAC_SHA1,
    ClientCredentials,
    Provider,
    RsaSha256,
    TokenCredentials,
    adapters,
    authorization_header,
)
from oauth1_core.adapters.cryptography import rsa_from_pem
from oauth1_core.debugging import command_line
from oauth1_core.debugging.command_line import main
from oauth1_core.providers import KNOWN
from tests.environments.interpreters import found
from tests.support.http_clients import CLIENT, FORM, TOKEN, Server, running
from tests.support.played_provider import CONSUMER, CONSUMER_SECRET, PlayedProvider, press
from tests.support.programs import path_of

ROOT = Path(oauth1_core.__file__).parent.parent
HAR = str(Path(__file__).with_name("browser.har"))
# The request for a photo of RFC 5849 section 1.2, and its credentials.
PHOTO = "http://photos.example.net/photos?file=vacation.jpg&size=original"
PHOTO_ENVIRONMENT = {
    "OAUTH1_CLIENT_IDENTIFIER": "dpf43f3p2l4k3l03", "OAUTH1_CLIENT_SECRET": "kd94hf93k423kf44",
    "OAUTH1_TOKEN_IDENTIFIER": "nnch734d00sl2jdk", "OAUTH1_TOKEN_SECRET": "pfkkdhi9sl3r4s00",
}  # fmt: skip
PHOTO_OPTIONS = ["--realm", "Photos", "--timestamp", "137131202", "--nonce", "chapoH", "--no-version"]
PHOTO_HEADER = (
    'Authorization: OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", '
    'oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202", oauth_nonce="chapoH", '
    'oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"'
)
MARK = "hidden-"
SECRETS = {
    "OAUTH1_CLIENT_SECRET": MARK + "client", "OAUTH1_TOKEN_SECRET": MARK + "token",
    "OAUTH1_OTHER_SECRET": MARK + "other", "OAUTH1_KEY_PASSWORD": MARK + "password",
}  # fmt: skip


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Start without any variable of ours, and let a test set some: ``environment(OAUTH1_CLIENT_SECRET="...")``."""
    for name in [*PHOTO_ENVIRONMENT, *SECRETS]:
        monkeypatch.delenv(name, raising=False)

    def set_all(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_all


@pytest.fixture
def photo(environment):
    environment(**PHOTO_ENVIRONMENT)


@pytest.fixture
def run(capsys, monkeypatch):
    """Run a command; return its status, what it printed, and its errors. No terminal is there to ask at."""
    monkeypatch.setattr("os.open", refuse_terminal(os.open))

    def run(*words, input=b""):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(input)))
        try:
            status = main([*words])
        except SystemExit as ended:
            status = ended.code
        return (status, *capsys.readouterr())

    return run


def refuse_terminal(open):
    def opened(path, *arguments, **options):
        if path == "/dev/tty":
            raise OSError("no terminal")
        return open(path, *arguments, **options)

    return opened


def signed(method=None, *, uri=PHOTO, client="dpf43f3p2l4k3l03", **environment):
    """The Authorization field that oauthlib makes."""
    secrets = {**PHOTO_ENVIRONMENT, **environment}
    signer = Client(
        client, secrets["OAUTH1_CLIENT_SECRET"], "nnch734d00sl2jdk", secrets["OAUTH1_TOKEN_SECRET"],
        signature_method=method or "HMAC-SHA1",
    )  # fmt: skip
    return "Authorization: " + signer.sign(uri)[1]["Authorization"]


# sign


def test_sign_prints_the_header_of_section_1_2(run, photo):
    assert run("sign", PHOTO, *PHOTO_OPTIONS) == (0, PHOTO_HEADER + "\n", "")


def test_identifiers_may_be_given_as_options(run, environment, photo):
    environment(OAUTH1_CLIENT_IDENTIFIER="other", OAUTH1_TOKEN_IDENTIFIER="other")
    whose = ["--client", "dpf43f3p2l4k3l03", "--token", "nnch734d00sl2jdk"]
    assert run("sign", PHOTO, *PHOTO_OPTIONS, *whose) == (0, PHOTO_HEADER + "\n", "")


@pytest.mark.parametrize(
    "source",
    [
        ["--curl", "FILE"],
        ["--curl", "-"],
        ["--", "curl", "-s", PHOTO],
        ["--", "curl", "-G", "-d", "file=vacation.jpg", "-d", "size=original", "http://photos.example.net/photos"],
    ],
)
def test_the_request_may_be_a_curl_command_line(source, run, photo, tmp_path):
    line = "curl '{}' \\\n  -H 'accept: */*' --compressed\n".format(PHOTO).encode()
    (tmp_path / "line").write_bytes(line)
    source = [str(tmp_path / "line") if word == "FILE" else word for word in source]
    assert run("sign", *PHOTO_OPTIONS, *source, input=line) == (0, PHOTO_HEADER + "\n", "")


def test_sign_puts_the_parameters_into_the_url_or_the_form(run, photo):
    options = ["--timestamp", "1", "--nonce", "n"]
    status, url, _ = run("sign", PHOTO, "--as", "url", *options)
    assert status == 0 and re.fullmatch(re.escape(PHOTO) + "&oauth_consumer_key=.*&oauth_signature=.*%3D\n", url)
    assert run("verify", url.strip())[0] == 0
    for data in (["-d", "a=b+c"], ["-X", "POST"]):
        status, form, _ = run("sign", "https://api.example/", *data, "--as", "form", *options)
        assert status == 0
        assert re.fullmatch("(a=b[+]c&)?oauth_consumer_key=.*&oauth_signature=.*%3D\n", form)
        assert run("verify", "https://api.example/", "-d", form.strip())[0] == 0


def test_a_form_is_printed_without_spaces(run, photo):
    assert run("sign", "http://h.example/x", "--as", "form", "-d", "a=b c")[1].startswith("a=b%20c&oauth_consumer_key=")


@pytest.mark.parametrize("address", ["foo", "ftp://x/", "http://", ""])
def test_an_address_of_a_provider_that_is_none_is_named_as_that(address, run):
    status, output, errors = run("login", "magento", "--at", address)
    message = "oauth1: --at '{}' is not an absolute URL: give a URL such as https://shop.example\n"
    assert (status, output, errors) == (2, "", message.format(address))


def test_a_request_with_another_scheme_is_signed_in_its_url(run, photo):
    bearer = ["-H", "Authorization: Bearer x"]
    status, url, _ = run("sign", PHOTO, *bearer, "--as", "url")
    assert status == 0 and run("verify", url.strip(), *bearer)[0] == 0


def test_a_request_without_a_token_has_only_the_secret_of_its_client(run, environment):
    environment(OAUTH1_CLIENT_SECRET="kd94hf93k423kf44")
    status, header, _ = run("sign", PHOTO, "--client", "ck")
    assert status == 0 and "oauth_token" not in header
    fine = "The signature verifies: client 'ck', HMAC-SHA1."
    assert run("verify", PHOTO, "-H", header.strip())[1].startswith(fine)


def test_sign_sends_further_parameters_a_body_hash_and_an_empty_token_that_needs_no_secret(run, environment):
    environment(OAUTH1_CLIENT_IDENTIFIER="ck", OAUTH1_CLIENT_SECRET="cs")
    status, header, _ = run(
        "sign", "https://api.example/", "-H", "Content-Type: text/plain", "-d", "Hello World!",
        "--body-hash", "--parameter", "oauth_callback=http://a/?b=c d", "--token", "",
    )  # fmt: skip
    assert status == 0
    # The hash is that of the extension's own example.
    assert 'oauth_body_hash="Lve95gjOVATpfV8EL5X4nxwjKHE%3D"' in header
    assert 'oauth_callback="http%3A%2F%2Fa%2F%3Fb%3Dc%20d"' in header and 'oauth_token=""' in header


# The words of a request, with {body} for a file, and whether oauthlib reads it: it resolves the dots of a path, and
# takes only some characters for those of a query or form.
SIGNABLE = [
    (["-X", "GET", "/photos?file=vacation.jpg&b=%5B%5D"], True),
    (["-X", "GET", "/photos?b[]=1&c={x}"], False),
    (["-X", "GET", "/a/../b/./%2e?x=%20+%C3%A9"], False),
    (["-X", "DELETE", "/a?x=%20+%C3%A9"], True),
    (["-I", "/a"], True),
    (["-X", "POST", "/a"], True),
    (["-X", "PUT", "/a", "-H", "X-Empty;", "-H", 'X-Quoted: it\'s "$HOME" `id` \\ !'], True),
    (["/a?x=1", "-d", "a=b+c&d=%27%22%21%24&%C3%A9=@", "-d", "e"], True),
    (["/a?x=1", "-d", "a=b c&d='\"!$HOME`id`\\&é=@", "-d", "e"], False),
    (["/a", "-H", "Content-Type: application/json", "-d", '{"a": "it\'s\\n"}'], True),
    (["/a", "-H", "Content-Type: text/plain", "-d", "@two\nlines %s é €"], True),
    (["/a", "-H", "Content-Type: text/plain", "--data-binary", "@{body}"], True),
    (["/a", "-H", "Content-Type:", "-d", "no type"], True),
    (["/a", "-X", "PATCH", "-d", "@-"], True),
]
BINARY = bytes(range(256)) * 2


@pytest.mark.parametrize("method", ["HMAC-SHA1", "PLAINTEXT"])
@pytest.mark.parametrize("words, oauthlib_reads_it", SIGNABLE, ids=lambda value: str(value)[:40])
def test_a_curl_line_that_is_pasted_into_a_shell_is_accepted(
    words, oauthlib_reads_it, method, run, environment, tmp_path
):
    shell, curl = path_of("sh"), path_of("curl")
    environment(OAUTH1_CLIENT_SECRET=CLIENT.secret, OAUTH1_TOKEN_SECRET=TOKEN.secret)
    (tmp_path / "body").write_bytes(BINARY)
    options = ["--client", CLIENT.identifier, "--token", TOKEN.identifier, "--signature-method", method]
    words = [word.replace("{body}", str(tmp_path / "body")) for word in words]
    if "@two\nlines %s é €" in words:
        words[words.index("-d")] = "--data-raw"
    server = Server()
    with running(server):
        source = [curl, "-g", "--path-as-is", *[server.origin + each if each[0] == "/" else each for each in words]]
        status, line, errors = run("sign", *options, "--as", "curl", "--", *source, input=b"from=stdin")
        assert (status, errors) == (0, "")
        pasted = subprocess.run([shell], input=line.encode(), capture_output=True, timeout=60)
        assert pasted.returncode == 0, pasted.stderr
        by_hand = subprocess.run([*source, "-sS"], input=b"from=stdin", capture_output=True, timeout=60)
        assert by_hand.returncode == 0, by_hand.stderr
    arrived, unsigned = server.requests
    assert arrived.verified().client_identifier == CLIENT.identifier
    assert not oauthlib_reads_it or arrived.accepted_by_oauthlib
    # But for the signature, it is the request that was to be signed.
    assert (arrived.line, arrived.body) == (unsigned.line, unsigned.body)
    assert {field for field in unsigned.fields if field[0] != "Content-Length"} <= set(arrived.fields)
    more = {name for name, _ in set(arrived.fields) - set(unsigned.fields)}
    assert more - {"Content-Length"} == {"Authorization"}
    assert arrived.method in ("GET", "HEAD", "DELETE") or "Content-Length" in dict(arrived.fields)


NAMING_FILES = ["--data-binary @{}", "-d @{}", "--data-urlencode a@{}", "--json @{}"]


@pytest.mark.parametrize("option", NAMING_FILES)
def test_a_file_that_a_captured_command_names_is_read_only_on_request(option, run, photo, tmp_path):
    named, captured = tmp_path / "named", tmp_path / "captured"
    named.write_bytes(b"in the file")
    captured.write_text("curl https://h/ " + option.format(named))
    words = ["sign", "--as", "curl", "--curl", str(captured)]
    status, out, errors = run(*words)
    assert (status, out) == (2, "") and "--read-files" in errors and str(named) in errors
    assert "in" in run(*words, "--read-files")[1]
    # What is typed on our own command line stays.
    assert run("sign", "--", "curl", "https://h/", *option.format(named).split())[0] == 0
    assert run("sign", "https://h/", "-d", "@" + str(named))[0] == 0
    assert run("sign", "https://h/", "--read-files")[0] == 2


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/stdin", "-", "/", "/no/such/file", "fifo", "long"])
def test_of_files_that_a_captured_command_names_regular_ones_are_read_up_to_16_mib(name, run, photo, tmp_path):
    captured = tmp_path / "captured"
    os.mkfifo(tmp_path / "fifo")
    with (tmp_path / "long").open("wb") as file:
        file.truncate(16 * 1024 * 1024 + 1)
    name = name if name[0] in "/-" else str(tmp_path / name)
    captured.write_text("curl https://h/ --data-binary @" + name)
    status, out, errors = run("sign", "--curl", str(captured), "--read-files")
    assert (status, out) == (2, "") and errors.count("\n") == 1 and repr(name) in errors


# What a terminal obeys (ESC, BEL, an escape of 8 bits) or takes for an order to write from right to left.
OBEYED = ["\x1b[2J", "\x07", "\x9b2J", "\u202e"]


@pytest.mark.parametrize("text", OBEYED)
@pytest.mark.parametrize("place", ["header", "url", "form", "curl"])
def test_what_a_terminal_obeys_does_not_come_out_of_sign(text, place, run, photo):
    requests = [
        ["https://h/?a=" + text, "-d", "c=" + text],
        ["https://h/", "-d", "c=" + text],
        ["https://h/", "-d", "c", "-H", "X-Y: " + text],
        ["https://h/", "-d", "c", "-H", "X-" + text + ": y"],
        ["https://h/", "-d", "c", "-X", "P" + text],
        ["https://h/", "-d", "c", "--realm", text],
    ]
    results = [run("sign", "--as", place, *words) for words in requests]
    assert results[1][0] == 0, "a form holds anything"
    assert "".join([out + errors for _, out, errors in results]).replace("\n", "").isprintable()


def test_what_cannot_be_printed_is_signed_as_it_was_given(run, photo):
    options = ["--timestamp", "1", "--nonce", "n"]
    raw, url = "https://h/?a=\u202e\x9b&b=é", "https://h/?a=%E2%80%AE%C2%9B&b=é"
    assert run("sign", *options, raw) == run("sign", *options, url)
    assert run("sign", *options, "--as", "url", raw)[1].startswith(url + "&oauth_")


def test_a_curl_line_leaves_to_curl_what_is_curls_own(run, photo, environment):
    environment(OAUTH1_TOKEN_IDENTIFIER="")
    status, line, _ = run("sign", "--as", "curl", "--har", HAR, "--entry", "1")
    assert status == 0
    assert line.startswith("curl --globoff --path-as-is --request POST --header 'content-type: " + FORM + "' --header")
    assert line.endswith("' --data-raw 'c2&a3=2+q%C3%A9' 'https://api.example.com/request?b5=%3D%253D&a3=a'\n")
    assert "content-length" not in line


NOT_SIGNED = {
    "client": (["https://h/", "--client", ""], "no client identifier"),
    "signed already": (["https://h/", "-H", PHOTO_HEADER], "already signed"),
    "signed already, in the query": (["https://h/?oauth_nonce=x"], "oauth_nonce"),
    "another scheme": (["-H", "Authorization: Bearer x", "https://h/"], "already has an Authorization header"),
    "realm in a URL": (["https://h/", "--as", "url", "--realm", "x"], "realm"),
    "realm": (["https://h/", "--realm", 'a"b'], "realm"),
    "no form": (["https://h/", "--as", "form"], "needs a form as the body"),
    "JSON": (
        ["https://h/", "--as", "form", "-d", "{}", "-H", "Content-Type: application/json"],
        "needs a form as the body",
    ),
    "no type": (["https://h/", "--as", "form", "-d", "a", "-H", "Content-Type:"], "needs a form as the body"),
    "form and hash": (["https://h/", "-d", "a=b", "--body-hash"], "form"),
    "parameter": (["https://h/", "--parameter", "oauth_callback"], "NAME=VALUE"),
    "parameter twice": (["https://h/", "--parameter", "oauth_token=x"], "oauth_token"),
    "PLAINTEXT in clear": (["http://h/", "--signature-method", "PLAINTEXT"], "PLAINTEXT"),
    "PLAINTEXT in a URL": (["https://h/", "--signature-method", "PLAINTEXT", "--as", "url"], "logs"),
    "timestamp": (["https://h/", "--timestamp", "1.5"], "timestamp"),
    "no request": ([], "one of these ways"),
    "no request, but a part": (["-d", "a=b"], "one of these ways"),
    "two requests": (["https://h/", "--har", HAR], "one of these ways"),
    "part of another request": (["--har", HAR, "-X", "PUT"], "one of these ways"),
    "entry of nothing": (["https://h/", "--entry", "0"], "one of these ways"),
    "no such file": (["--curl", "/no/such/file"], "/no/such/file"),
    "no such data": (["https://h/", "-d", "@/no/such/file"], "/no/such/file"),
    "URL": (["ftp://h/"], "begin with http://"),
    "line for a file": (["--curl", "curl https://h/ -u user:hidden"], 'put it after "--"'),
    "entries": (["--har", HAR], "choose one by its number"),
    "UTF-16": (["--har", "-"], "utf-8"),
    "key without RSA": (["https://h/", "--key", HAR], "--key can only be used with an RSA method"),
    "RSA without key": (["https://h/", "--signature-method", "RSA-SHA1"], "--key FILE"),
    "not a key": (["https://h/", "--signature-method", "RSA-SHA1", "--key", HAR], "the key must be in PEM format"),
    "signature method": (["https://h/", "--signature-method", "HMAC-MD5"], "HMAC-MD5"),
    "not curl": (["--", "wget", "https://h/"], "curl"),
}


@pytest.mark.parametrize("words, why", NOT_SIGNED.values(), ids=NOT_SIGNED)
def test_what_cannot_be_signed_ends_with_2_and_says_why(words, why, run, photo, environment):
    if "" in words:
        environment(OAUTH1_CLIENT_IDENTIFIER="")
    status, output, errors = run("sign", *words, input=b"\xff\xfe")
    assert (status, output) == (2, "")
    assert why in errors and "Traceback" not in errors and "hidden" not in errors


# verify


def test_verify_accepts_the_request_of_section_1_2(run, photo):
    for source in (["--har", HAR, "--entry", "0"], [PHOTO, "-H", PHOTO_HEADER], [PHOTO, "-H", signed("HMAC-SHA256")]):
        status, output, errors = run("verify", *source)
        assert (status, errors) == (0, "")
        assert output.startswith("The signature verifies: client 'dpf43f3p2l4k3l03', token 'nnch734d00sl2jdk', HMAC-")


def test_verify_reads_what_curl_is_told_to_send(run, photo):
    words = ["curl", PHOTO, "-H", PHOTO_HEADER]
    assert run("verify", "--", *words)[0] == 0
    assert run("verify", "--", *words, "-X", "POST")[0] == 1
    line = "curl '{}' -H '{}'".format(PHOTO, PHOTO_HEADER)
    assert run("verify", "--curl", "-", input=line.encode())[0] == 0


def test_verify_in_json(run, photo):
    status, output, errors = run("verify", "--json", PHOTO, "-H", PHOTO_HEADER)
    assert (status, json.loads(output), errors) == (
        0,
        {
            "verified": True, "client": "dpf43f3p2l4k3l03", "token": "nnch734d00sl2jdk",
            "signature_method": "HMAC-SHA1",
        },
        "",
    )  # fmt: skip
    status, output, errors = run("verify", "--json", PHOTO + "&x", "-H", PHOTO_HEADER)
    assert (status, errors) == (1, "")
    assert json.loads(output) == {
        "verified": False, "client": "dpf43f3p2l4k3l03", "token": "nnch734d00sl2jdk",
        "signature_method": "HMAC-SHA1", "problem": "signature_invalid", "parameter": "oauth_signature",
        "message": "the signature does not match the request",
    }  # fmt: skip
    assert json.loads(run("verify", "--json", PHOTO)[1])["problem"] == "parameter_absent"


NOT_VERIFIED = {
    "changed": ([PHOTO + "&x=1", "-H", PHOTO_HEADER], "oauth1 diagnose"),
    "not signed": ([PHOTO], "the request is not signed: it has no Authorization header"),
    "version": ([PHOTO, "-H", PHOTO_HEADER + ', oauth_version="2"'], "version"),
    "twice": ([PHOTO, "-H", PHOTO_HEADER, "-H", PHOTO_HEADER], "twice"),
    "method": ([PHOTO, "-H", PHOTO_HEADER.replace("HMAC-SHA1", "HMAC-MD5")], "does not accept the signature method"),
    "PLAINTEXT in clear": ([PHOTO, "-H", signed("PLAINTEXT")], "TLS"),
}


@pytest.mark.parametrize("words, why", NOT_VERIFIED.values(), ids=NOT_VERIFIED)
def test_what_does_not_verify_ends_with_1_and_says_why(words, why, run, photo):
    status, output, errors = run("verify", *words)
    assert (status, errors) == (1, "")
    assert output.startswith("The request does not verify: ") and why in output


def test_only_a_wrong_signature_leads_to_diagnose(run, photo):
    assert "diagnose" not in run("verify", PHOTO)[1]


@pytest.mark.parametrize("command", ["verify", "diagnose"])
@pytest.mark.parametrize("name", ["OAUTH1_CLIENT_IDENTIFIER", "OAUTH1_TOKEN_IDENTIFIER"])
def test_secrets_that_are_known_to_be_of_others_are_not_tried(name, command, run, photo, environment):
    environment(**{name: "other"})
    status, output, errors = run(command, PHOTO, "-H", PHOTO_HEADER)
    assert status == 1
    assert "but {} is 'other'".format(name) in output + errors
    kind, theirs = ("client", "dpf43f3p2l4k3l03") if "CLIENT" in name else ("token", "nnch734d00sl2jdk")
    assert "the request has the {} identifier '{}'".format(kind, theirs) in output + errors
    environment(**{name: ""})
    assert run(command, PHOTO, "-H", PHOTO_HEADER)[0] == 0


def test_an_empty_secret_is_that_of_a_client_without(run, environment, photo):
    environment(OAUTH1_CLIENT_SECRET="")
    header = signed(OAUTH1_CLIENT_SECRET="")
    assert run("verify", PHOTO, "-H", header)[0] == 0
    client = ClientCredentials("dpf43f3p2l4k3l03", "")
    header = "Authorization: " + authorization_header(oauth1_core.sign("GET", PHOTO, client))
    environment(OAUTH1_TOKEN_IDENTIFIER="")
    assert run("verify", PHOTO, "-H", header)[0] == 1
    assert "client-secret-empty" in run("diagnose", PHOTO, "-H", header)[1]


# explain


def test_explain_shows_the_steps_of_a_request_to_be_signed(run, photo):
    status, output, errors = run("explain", PHOTO, *PHOTO_OPTIONS)
    assert (status, errors) == (0, "")
    assert "11. Key (section 3.4.2)" in output and "MdpQcU8iPSUjWoN/UDMsK2sui9I=" in output
    assert output.endswith('oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"\n')


def test_explain_shows_the_base_string_of_a_signed_request(run):
    """That of section 3.4.1.1, with the parameters of its header. It needs no secret."""
    request = [
        "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", "-d", "c2&a3=2+q", "-H",
        'Authorization: OAuth realm="Example", oauth_consumer_key="9djdj82h48djs9d2", oauth_token="kkk9d7dh3k39sjv7",'
        'oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="7d8f3e4a", oauth_signature="x"',
    ]  # fmt: skip
    expected = (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D"
        "%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1"
        "%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )
    status, output, errors = run("explain", "--json", *request)
    assert (status, errors) == (0, "")
    assert json.loads(output)["base_string"] == expected
    assert "10. Signature base string" in run("explain", *request)[1]
    for url in (request[0] + "&oauth_signature=x&oauth_consumer_key=y", request[0]):
        data = "oauth_signature=x" if url == request[0] else "a=b"
        status, _, errors = run("explain", url, "-d", data)
        assert status == 1 and "lacks" in errors


def test_explain_writes_a_page(run, photo, tmp_path):
    page = tmp_path / "page.html"
    assert run("explain", PHOTO, *PHOTO_OPTIONS, "--html", str(page)) == (0, "", "")
    status, output, _ = run("explain", PHOTO, *PHOTO_OPTIONS, "--html", "-")
    assert status == 0
    assert output.rstrip("\n") == page.read_text("utf-8").rstrip("\n") and output.startswith("<!doctype html>")
    assert run("explain", PHOTO, "--html", str(tmp_path / "no" / "page"))[0] == 2


def test_what_is_signed_is_not_explained_as_if_it_were_signed_here(run, photo):
    status, output, errors = run("explain", PHOTO, "-H", PHOTO_HEADER, "--no-version")
    assert (status, output) == (2, "") and "leave out --no-version" in errors


# diagnose


def test_diagnose_says_what_was_done_what_is_wanted_and_how_to_fix_it(run, photo):
    header = signed(uri=PHOTO.replace("http:", "https:").partition("?")[0])
    status, output, errors = run("diagnose", PHOTO, "-H", header)
    assert (status, errors) == (1, "")
    lines = output.splitlines()
    assert lines[0] == "The request does not verify. It has 2 mistakes: correct each of them."
    assert [line.partition(":")[0] for line in lines if line[:1].islower()] == ["another-scheme", "query-left-out"]
    assert "another-scheme: The signer signed the URL with the scheme https." in lines
    assert "  correct: The scheme of the request must be signed (RFC 5849 section 3.4.1.2)." in lines
    assert [line[:11] for line in lines].count("  to fix:  ") == 2
    status, output, errors = run("diagnose", "--json", PHOTO, "-H", header)
    findings = json.loads(output)["findings"]
    assert status == 1 and [finding["id"] for finding in findings] == ["another-scheme", "query-left-out"]
    assert set(findings[0]) == {"id", "done", "wants", "section", "fix", "alike", "base_string", "by"}


def test_diagnose_tells_what_comes_to_the_same(run, photo):
    status, output, _ = run("diagnose", PHOTO + "&empty=", "-H", signed())
    assert status == 1 and output.splitlines()[2].startswith("empty-values-dropped: ")
    assert output.splitlines()[0] == "The request does not verify."
    status, output, _ = run("diagnose", "http://h/?b&b", "-H", signed(uri="http://h/"))
    assert status == 1 and "  perhaps: " in output


def test_diagnose_finds_nothing_where_the_signature_holds(run, photo):
    fine = "The signature verifies: there is nothing to diagnose.\n"
    assert run("diagnose", PHOTO, "-H", PHOTO_HEADER) == (0, fine, "")
    status, output, _ = run("diagnose", "--json", PHOTO, "-H", PHOTO_HEADER)
    assert (status, json.loads(output)) == (0, {"findings": []})


def test_diagnose_tries_another_secret_and_another_url(run, photo, environment):
    header = signed(OAUTH1_TOKEN_SECRET="hh5s93j4hdidpola")
    assert "unknown: " in run("diagnose", PHOTO, "-H", header)[1]
    environment(OAUTH1_OTHER_SECRET="hh5s93j4hdidpola")
    assert "unknown: " not in run("diagnose", PHOTO, "-H", header)[1]
    inside = "http://inside.example:8080/app/photos"
    header = signed(uri=PHOTO.replace("http://photos.example.net/photos", inside))
    assert "unknown: " in run("diagnose", PHOTO, "-H", header)[1]
    status, output, _ = run("diagnose", PHOTO, "-H", header, "--other-url", inside)
    assert status == 1 and "inside.example:8080" in output


def test_a_timestamp_that_is_none_is_diagnosed_without_any_secret(run):
    header = PHOTO_HEADER.replace("137131202", "137131202.5")
    status, output, errors = run("diagnose", PHOTO, "-H", header)
    assert (status, errors) == (1, "") and "timestamp-not-in-seconds" in output


def test_what_cannot_be_read_is_not_diagnosed(run, photo):
    for words in ([PHOTO], [PHOTO, "-H", PHOTO_HEADER.replace("chapoH", "%zz")]):
        status, output, errors = run("diagnose", *words)
        assert (status, output) == (1, "") and errors.startswith("oauth1: ")


# compare

BASE_STRING = (
    "GET&http%3A%2F%2Fphotos.example.net%2Fphotos&file%3Dvacation.jpg%26oauth_consumer_key%3Ddpf43f3p2l4k3l03%26"
    "oauth_nonce%3DchapoH%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131202%26"
    "oauth_token%3Dnnch734d00sl2jdk%26size%3Doriginal"
)
THEIRS = BASE_STRING.replace("http%3A", "https%3A").replace("vacation", "holiday")


def test_compare_takes_a_reply_from_an_argument_a_file_or_standard_input(run, tmp_path):
    reply = "<p>Invalid signature; the base string is " + BASE_STRING.replace("&", "&amp;")
    (tmp_path / "reply").write_text(reply)
    (tmp_path / "ours").write_text(BASE_STRING + "\n")
    for ours in (["--har", HAR, "--entry", "0"], ["--ours", BASE_STRING], ["--ours", "@" + str(tmp_path / "ours")]):
        for theirs in ([], ["--theirs", "@-"], ["--theirs", reply], ["--theirs", "@" + str(tmp_path / "reply")]):
            status, output, errors = run("compare", *ours, *theirs, input=reply.encode())
            assert (status, errors) == (0, "") and output.startswith("The base strings are equal")


def test_compare_says_where_they_differ_and_why(run):
    status, output, errors = run("compare", "--ours", BASE_STRING, "--theirs", THEIRS)
    assert (status, errors) == (1, "")
    blocks = output.split("\n\n")
    assert blocks[0].splitlines() == [
        "base string URI:",
        "  yours   http://photos.example.net/photos",
        "  server  https://photos.example.net/photos",
        "parameter file:",
        "  yours   file=vacation.jpg",
        "  server  file=holiday.jpg",
    ]
    assert blocks[1].startswith("another-scheme: The signer signed the URL with the scheme http.\n  correct: ")
    status, output, _ = run("compare", "--json", "--ours", BASE_STRING, "--theirs", THEIRS + "%26x%3D")
    differences = json.loads(output)["differences"]
    assert status == 1
    assert [each["field"] for each in differences] == ["base string URI", "parameter file", "parameter x"]
    assert [each["id"] for each in differences[0]["causes"]] == ["another-scheme"]
    assert "  yours   (none)\n" in run("compare", "--ours", BASE_STRING, "--theirs", BASE_STRING + "%26x%3D")[1]
    status, output, _ = run("compare", "--json", "--ours", BASE_STRING, "--theirs", BASE_STRING)
    assert (status, json.loads(output)) == (0, {"differences": []})


@pytest.mark.parametrize(
    "words, why",
    [
        (["--ours", BASE_STRING, "--theirs", "Unauthorized"], "the server's reply contains no base string"),
        (["--ours", "GET", "--theirs", BASE_STRING], "your text is not a base string"),
        ([PHOTO, "--theirs", BASE_STRING], "the request has no base string"),
        ([PHOTO, "--ours", BASE_STRING], "not both"),
        (["--ours", BASE_STRING, "--theirs", "@/no/such/file"], "/no/such/file"),
    ],
)
def test_what_cannot_be_compared_ends_with_2(words, why, run):
    status, output, errors = run("compare", *words)
    assert (status, output) == (2, "") and why in errors


# RSA


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    key = rsa.generate_private_key(65537, 2048)
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    locked = serialization.BestAvailableEncryption(b"hidden-password")
    (folder / "private.pem").write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    (folder / "locked.pem").write_bytes(key.private_bytes(pem, pkcs8, locked))
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    (folder / "public.pem").write_bytes(public)
    return folder


@pytest.mark.parametrize("name", ["RSA-SHA1", "RSA-SHA256", "RSA-SHA512"])
def test_rsa_takes_a_key_from_a_file_and_asks_for_no_secret(name, run, keys):
    options = ["--client", "c", "--token", "t", "--signature-method", name]
    status, header, errors = run("sign", PHOTO, *options, "--key", str(keys / "private.pem"))
    assert (status, errors) == (0, "")
    signed = [PHOTO, "-H", header.strip()]
    for key in ("public.pem", "private.pem"):
        assert run("verify", *signed, "--key", str(keys / key))[0] == 0
    signed[0] += "&x"
    assert run("verify", *signed, "--key", str(keys / "public.pem"))[0] == 1
    status, output, _ = run("diagnose", *signed, "--key", str(keys / "public.pem"))
    assert status == 1 and "empty-values-dropped" in output
    status, output, errors = run("verify", *signed)
    assert (status, output) == (2, "") and "--key FILE" in errors


def test_a_locked_key_is_opened_by_the_password_of_the_environment(run, keys, environment):
    words = ["sign", PHOTO, "--client", "c", "--signature-method", "RSA-SHA256", "--key", str(keys / "locked.pem")]
    status, _, errors = run(*words)
    assert status == 2 and "OAUTH1_KEY_PASSWORD" in errors
    environment(OAUTH1_KEY_PASSWORD="hidden-password")
    status, header, _ = run(*words)
    assert status == 0
    request = oauth1_core.parse_request("GET", PHOTO, [("Authorization", header.strip().partition(": ")[2])])
    key = rsa_from_pem(RsaSha256, (keys / "public.pem").read_bytes())
    oauth1_core.verify_signature(request, ClientCredentials("c", ""), accept=[key])


def test_without_cryptography_rsa_says_what_is_missing(run, keys, monkeypatch):
    words = ["sign", PHOTO, "--client", "c", "--signature-method", "RSA-SHA1", "--key", str(keys / "private.pem")]
    missing = "oauth1: RSA methods need the package cryptography: install it\n"
    bare = [sys.executable, "-S", "-m", "oauth1_core"]
    done = subprocess.run([*bare, *words], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", missing)
    monkeypatch.setitem(sys.modules, "oauth1_core.adapters.cryptography", None)
    assert run(*words) == (2, "", missing)


# Secrets


def test_what_is_not_in_the_environment_has_to_be_asked_for_at_a_terminal(run):
    status, output, errors = run("verify", PHOTO, "-H", PHOTO_HEADER, input=b"typed\n")
    assert (status, output) == (2, "")
    assert errors == "oauth1: no client secret: set OAUTH1_CLIENT_SECRET, or run oauth1 at a terminal\n"


def test_without_a_terminal_nothing_is_read_that_would_have_been_echoed():
    done = subprocess.run(
        [sys.executable, "-m", "oauth1_core", "verify", PHOTO, "-H", PHOTO_HEADER], input=b"typed\n",
        capture_output=True, timeout=60, cwd=ROOT, start_new_session=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"oauth1: no client secret: ") and done.stderr.count(b"\n") == 1


SPAWN = "import os, pty, sys; sys.exit(os.WEXITSTATUS(pty.spawn(sys.argv[1:])))"


def test_a_secret_that_is_asked_for_is_not_echoed():
    """At a real terminal."""
    command = [sys.executable, "-m", "oauth1_core", "verify", PHOTO, "-H", PHOTO_HEADER]
    program = [sys.executable, "-c", SPAWN, *command]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, cwd=ROOT) as process:
        seen = b""
        for prompt, secret in ((b"client secret", "OAUTH1_CLIENT_SECRET"), (b"token secret", "OAUTH1_TOKEN_SECRET")):
            while prompt + b" (not shown): " not in seen:
                octets = os.read(process.stdout.fileno(), 1000)
                assert octets, seen
                seen += octets
            process.stdin.write(PHOTO_ENVIRONMENT[secret].encode() + b"\n")
            process.stdin.flush()
        seen += process.stdout.read()
        assert process.wait(60) == 0
    assert b"The signature verifies" in seen
    assert b"kd94hf93k423kf44" not in seen and b"pfkkdhi9sl3r4s00" not in seen


@pytest.mark.parametrize(
    "option", ["--client-secret", "--token-secret", "--secret", "--password", "--client-secret=", "-s", "-S"]
)
@pytest.mark.parametrize("command", ["sign", "verify", "explain", "diagnose", "compare"])
def test_no_option_takes_a_secret_and_none_is_repeated_in_the_message(command, option, run):
    words = [option + "hidden-x"] if option.endswith("=") or option[1] != "-" else [option, "hidden-x"]
    status, output, errors = run(command, *words, PHOTO)
    assert (status, output) == (2, "")
    assert "unknown option: " + option.rstrip("=") in errors and "hidden-" not in errors
    assert ("set secrets in the environment" in errors) is ("secret" in option)


@pytest.mark.parametrize("words", [["-F", "a=@b"], ["-Fa=b"], ["--form", "a=b"], ["-u", "a:b"], ["--data-urlencode=a"]])
def test_an_option_of_curl_alone_leads_to_the_way_that_reads_it(words, run):
    status, output, errors = run("sign", *words, PHOTO)
    assert (status, output) == (2, "") and "give the whole curl command after --" in errors


def planted(method, uri, **options):
    client, token = ClientCredentials("ck", MARK + "client"), TokenCredentials("tk", MARK + "token")
    parameters = oauth1_core.sign("GET", uri, client, token, signature_method=method, **options)
    return "Authorization: " + authorization_header(parameters)


def test_no_output_holds_a_secret(run, environment, keys, tmp_path):
    """Whatever is asked for and however it ends; but for signing by PLAINTEXT, which is to send them."""
    environment(**SECRETS)
    whose = ["--client", "ck", "--token", "tk"]
    user = ["-u", "user:" + MARK + "password"]
    requests = [["https://h/a?b=c"], ["http://h/", "-d", "x=y"], ["ftp://h/"]]
    for method in (HMAC_SHA1, oauth1_core.PLAINTEXT):
        header = planted(method, "https://h/a?b=c")
        requests += [[uri, "-H", header] for uri in ("https://h/a?b=c", "https://h/a", "http://h/a?b=c")]
        requests.append(["https://h/a?b=c", "-H", header, "-H", header])
        requests.append(["https://h/a?b=c", "-H", header + "\\"])
        requests.append(["--", "curl", "https://h/a?b=c", "-H", header, *user])
    requests.append(["--", "curl", "https://" + MARK + "u:" + MARK + "p@h/", "--json"])
    requests.append(["--", "curl", "https://h/", "-X", "PUT", *user, "--unknown=" + MARK])
    commands = [
        ["sign", *whose], ["sign", *whose, "--as", "curl"], ["sign", *whose, "--as", "url"],
        ["sign", *whose, "--signature-method", "RSA-SHA1", "--key", str(keys / "locked.pem")],
        ["verify"], ["verify", "--json"], ["diagnose"], ["diagnose", "--json"],
        ["explain", *whose], ["explain", *whose, "--json"], ["explain", "--html", "-"],
        ["explain", *whose, "--signature-method", "PLAINTEXT"], ["compare", "--theirs", BASE_STRING],
    ]  # fmt: skip
    statuses = set()
    for command in commands:
        for request in requests:
            status, output, errors = run(*command, *request)
            statuses.add((command[0], status))
            assert MARK not in output + errors, (command, request)
    expected = [(name, status) for name in ("verify", "diagnose") for status in (0, 1, 2)]
    assert statuses >= {*expected, ("sign", 0), ("sign", 2), ("explain", 0), ("explain", 2)}
    assert statuses >= {("compare", 1), ("compare", 2)}


# login and call


@pytest.fixture
def server():
    server = Server()
    with running(server):
        yield server


def provider_file(tmp_path, played, preset, **more):
    path = tmp_path / "provider.json"
    path.write_text(json.dumps(dict(played.moved(preset).to_dict(), **more)))
    return str(path)


@pytest.fixture
def logged_in(run, environment, server, tmp_path, monkeypatch):
    """Run ``login``; a person presses what is named as soon as the command asks what came of it."""

    def login(*words, like="x", decision="approve", secret=CONSUMER_SECRET, **facts):
        played = PlayedProvider(server, like, **facts)
        words = words if set(words) & {"--callback", "--timeout"} or like == "launchpad" else [*words, "--oob"]
        environment(OAUTH1_CLIENT_IDENTIFIER=CONSUMER, OAUTH1_CLIENT_SECRET=secret)
        errors = io.StringIO()
        monkeypatch.setattr("sys.stderr", errors)

        class Person:
            def readline(self):
                [page] = [line for line in errors.getvalue().splitlines() if line.startswith("http")]
                return press(page, decision) + "\n" if decision else ""

        monkeypatch.setattr(command_line.sys, "stdin", Person())
        output = io.TextIOWrapper(io.BytesIO(), write_through=True)
        monkeypatch.setattr("sys.stdout", output)
        status = main(["login", provider_file(tmp_path, played, KNOWN[like]), *words])
        return status, output.buffer.getvalue().decode(), errors.getvalue()

    return login


TOKEN_OF_LOGIN = {
    "identifier": "token/1",
    "secret": "token+secret",
    "extra": [["user_id", "7"], ["screen_name", "jane"]],
}


def test_login_prints_the_token_credentials_and_nothing_else(logged_in):
    status, output, errors = logged_in()
    assert (status, json.loads(output)) == (0, TOKEN_OF_LOGIN)
    assert "token+secret" not in errors and CONSUMER_SECRET not in errors


def test_login_takes_the_address_that_the_page_led_to(logged_in):
    status, output, _ = logged_in("--callback", "https://client.example.net/cb", "--authorize", "perms=read")
    assert (status, json.loads(output)) == (0, TOKEN_OF_LOGIN)


def test_what_login_prints_for_a_shell_can_be_evaluated(logged_in):
    output = logged_in("--as", "env")[1]
    shell = 'eval "$1"; printf "%s|%s" "$OAUTH1_TOKEN_IDENTIFIER" "$OAUTH1_TOKEN_SECRET"'
    done = subprocess.run([path_of("sh"), "-c", shell, "-", output], stdout=subprocess.PIPE, text=True, timeout=30)
    assert done.stdout == "token/1|token+secret"


def test_login_asks_for_no_code_where_the_provider_has_none(logged_in):
    status, output, errors = logged_in(like="launchpad", secret="")
    assert (status, json.loads(output)["secret"]) == (0, "token+secret")
    assert "when you have approved" in errors


def test_a_denied_login_ends_with_3(logged_in):
    status, output, errors = logged_in("--callback", "https://client.example.net/cb", decision="deny")
    assert (status, output) == (3, "") and "the resource owner did not authorize the request" in errors


def test_a_login_without_a_code_is_a_denied_one(logged_in, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "press", lambda page, decision: decision)
    status, output, errors = logged_in(decision="  ")
    assert (status, output) == (3, "") and "no code was entered, so no access was given" in errors


@pytest.mark.parametrize("problem, ends_with", [("permission_denied", 3), ("user_refused", 3), ("token_expired", 1)])
def test_a_server_that_says_that_it_was_denied_ends_login_with_3(
    run, environment, server, tmp_path, problem, ends_with
):
    played = PlayedProvider(server, "x")
    server.answer = lambda arrived: (401, [], b"oauth_problem=" + problem.encode())
    environment(OAUTH1_CLIENT_IDENTIFIER=CONSUMER, OAUTH1_CLIENT_SECRET=CONSUMER_SECRET)
    assert run("login", provider_file(tmp_path, played, KNOWN["x"]), "--oob")[0] == ends_with


def test_a_login_that_is_refused_ends_with_1_and_the_words_of_the_provider(logged_in):
    status, output, errors = logged_in(secret="hidden-wrong")
    assert (status, output) == (1, "")
    assert "answered 401: signature_invalid, the verifier of the signature says no" in errors
    assert "hidden-" not in errors


@pytest.mark.parametrize("decision, ends_with", [("approve", 0), ("deny", 3)])
def test_a_browser_leads_back_to_login(logged_in, monkeypatch, decision, ends_with):
    def browse(uri):
        with urllib.request.urlopen(press(uri, decision), timeout=30) as response:
            assert b"oauth1 command" in response.read()
        return True

    monkeypatch.setattr("webbrowser.open", browse)
    status, output, errors = logged_in("--timeout", "30")
    assert (status, json.loads(output) if output else "") == (ends_with, "" if ends_with else TOKEN_OF_LOGIN)
    assert ends_with == 0 or "did not authorize" in errors


def test_a_login_that_nobody_answers_ends_with_4(logged_in, monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda uri: True)
    status, output, errors = logged_in("--timeout", "0")
    assert (status, output) == (4, "") and "no callback arrived within 0 seconds" in errors


def test_a_login_without_a_browser_or_without_h11_says_how_to_go_on(logged_in, monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda uri: False)
    status, _, errors = logged_in("--timeout", "30")
    assert status == 2 and "the browser did not open" in errors
    monkeypatch.setitem(sys.modules, "oauth1_core.adapters.h11", None)
    status, _, errors = logged_in("--timeout", "30")
    assert status == 2 and "--oob" in errors


def test_ctrl_c_at_the_prompt_ends_with_130(logged_in, monkeypatch):
    monkeypatch.setattr(command_line, "asked_verifier", interrupted)
    assert logged_in()[:2] == (130, "")


def interrupted(callback, is_needed):
    raise KeyboardInterrupt


def test_a_login_whose_input_ends_is_not_done(logged_in):
    status, output, errors = logged_in(decision=None)
    assert (status, output) == (2, "") and "was not finished" in errors


@pytest.mark.parametrize("answered_with", [200, 403])
def test_what_a_provider_says_in_its_own_way_is_shown(run, environment, server, tmp_path, answered_with):
    played = PlayedProvider(server, "x")
    server.answer = lambda arrived: (answered_with, [], b'{"error": "Application suspended"}')
    environment(OAUTH1_CLIENT_IDENTIFIER=CONSUMER, OAUTH1_CLIENT_SECRET=CONSUMER_SECRET)
    status, output, errors = run("login", provider_file(tmp_path, played, KNOWN["x"]), "--oob")
    assert (status, output, errors.count("Application suspended")) == (1, "", 1)


@pytest.mark.parametrize(
    "words, reason",
    [
        (["nobody"], "neither a file nor a known provider: give a file or one of x, discogs"), (["jira"], "--at URL"),
        (["x", "--at", "https://h"], "--at can only be used with"),
        (["jira", "--at", "h"], "absolute URL"), (["jira", "--at", "https://h"], "--key FILE"),
        (["x", "--key", "k"], "--key can only"), ([HAR], "a provider has no 'log'"), (["x"], "no client identifier"),
        ([__file__], "is not JSON: write the provider as JSON"),
    ],
)  # fmt: skip
def test_a_login_that_cannot_begin_ends_with_2_and_says_why(words, reason, run):
    status, output, errors = run("login", *words)
    assert (status, output) == (2, "") and reason in errors


def test_a_provider_may_be_a_toml_file(run, environment, server, tmp_path):
    tomllib = pytest.importorskip("tomllib")
    played = PlayedProvider(server, "discogs")
    text = "".join("{} = {}\n".format(*pair) for pair in zip(*[iter(toml_words(played.moved(KNOWN["discogs"])))] * 2))
    assert tomllib.loads(text) == played.moved(KNOWN["discogs"]).to_dict()
    path = tmp_path / "discogs.toml"
    path.write_text(text)
    environment(OAUTH1_CLIENT_IDENTIFIER=CONSUMER, OAUTH1_CLIENT_SECRET=CONSUMER_SECRET)
    status, output, errors = run("login", str(path), "--oob")
    assert (status, output) == (2, "") and "Open this page" in errors and "was not finished" in errors


def toml_words(provider):
    for name, value in provider.to_dict().items():
        yield name
        yield json.dumps(value)


def test_a_file_that_holds_another_value_than_an_object_is_no_provider(run, tmp_path):
    path = tmp_path / "provider.json"
    path.write_text('["https://h.example/request"]')
    status, output, errors = run("login", str(path))
    assert (status, output) == (2, "") and "provider.json' does not contain a provider" in errors


@pytest.mark.parametrize("content", [b'method = "GET', b"\xff = 1", b"a = " + b"[" * 100000])
@pytest.mark.parametrize("kind", ["JSON", "TOML"])
def test_a_file_that_cannot_be_read_as_a_provider_is_named(run, tmp_path, content, kind):
    if kind == "TOML":
        pytest.importorskip("tomllib")
    path = tmp_path / ("provider." + kind.lower())
    path.write_bytes(content.removeprefix(b"a = ") if kind == "JSON" else content)
    status, output, errors = run("login", str(path))
    assert (status, output) == (2, "")
    assert "oauth1: '{}' is not {}: ".format(path, kind) in errors


def test_a_python_without_toml_asks_for_json(run, tmp_path, monkeypatch):
    path = tmp_path / "provider.toml"
    path.write_text('request = "https://h.example/request"')
    monkeypatch.setitem(sys.modules, "tomllib", None)
    status, output, errors = run("login", str(path))
    assert (status, output) == (2, "") and "write the provider as JSON" in errors


@pytest.mark.parametrize("command", [["login", "x", "--oob"], ["call", "GET", "https://h.example/"]])
def test_a_python_that_cannot_read_the_adapters_is_told_which_can(command, run, photo, tmp_path, monkeypatch):
    """Python 3.6 stops at the first line of an adapter as any Python does at this file."""
    (tmp_path / "urllib.py").write_text("from __future__ import nothing_that_exists\n")
    monkeypatch.setattr(adapters, "__path__", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "oauth1_core.adapters.urllib", raising=False)
    status, output, errors = run(*command)
    assert (status, output) == (2, "") and "login and call need Python 3.7" in errors


@pytest.fixture
def called(run, environment, server):
    environment(
        OAUTH1_CLIENT_IDENTIFIER=CLIENT.identifier, OAUTH1_CLIENT_SECRET=CLIENT.secret,
        OAUTH1_TOKEN_IDENTIFIER=TOKEN.identifier, OAUTH1_TOKEN_SECRET=TOKEN.secret,
    )  # fmt: skip
    server.answer = lambda arrived: (200, [], b"hello \xc3\xa9\n")
    return lambda method, target, *words, **options: run("call", method, server.origin + target, *words, **options)


@pytest.mark.parametrize(
    "method, words, target, body",
    [
        ("get", ["a=1", "b=x y"], "/r?q=0&a=1&b=x%20y", b""), ("DELETE", [], "/r?q=0", b""),
        ("POST", ["a=1", "b=x y"], "/r?q=0", b"a=1&b=x%20y"), ("PUT", ["-d", "a=b+c"], "/r?q=0", b"a=b+c"),
        ("POST", ["-d", "{}", "-H", "Content-Type: application/json", "--body-hash"], "/r?q=0", b"{}"),
        ("GET", ["--realm", "Photos", "--parameter", "oauth_callback=about:blank"], "/r?q=0", b""),
    ],
)  # fmt: skip
def test_call_sends_a_signed_request_and_prints_the_reply(method, words, target, body, called, server):
    assert called(method, "/r?q=0", *words) == (0, "hello é\n", "")
    [arrived] = server.requests
    assert (arrived.method, arrived.target, arrived.body) == (method.upper(), target, body)
    found = arrived.verified()
    assert (found.realm, found.body_hash is not None) == (
        "Photos" if "--realm" in words else None,
        "--body-hash" in words,
    )
    assert arrived.accepted_by_oauthlib


def test_a_reply_is_printed_octet_by_octet(called, server, monkeypatch):
    server.answer = lambda arrived: (200, [], bytes(range(256)))
    output = io.TextIOWrapper(io.BytesIO(), write_through=True)
    monkeypatch.setattr("sys.stdout", output)
    assert main(["call", "GET", server.origin]) == 0
    assert output.buffer.getvalue() == bytes(range(256))


def test_a_terminal_is_shown_what_it_would_obey(called, server, monkeypatch):
    class Terminal(io.TextIOWrapper):
        def isatty(self):
            return True

    server.answer = lambda arrived: (200, [], b"one\x1b[2J\ntwo \xc3\xa9 \xff\n")
    output = Terminal(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)
    monkeypatch.setattr("sys.stdout", output)
    assert main(["call", "GET", server.origin]) == 0
    assert output.buffer.getvalue().decode() == "one\\x1b[2J\ntwo é \ufffd\n"


def test_call_encodes_a_url_that_was_typed_with_accents(called, server):
    assert called("GET", "/caf\u00e9%20?q=\u20ac&a=%41") == (0, "hello \u00e9\n", "")
    [arrived] = server.requests
    assert arrived.target == "/caf%C3%A9%20?q=%E2%82%AC&a=%41"
    assert arrived.verified()


def test_only_a_wrong_signature_leads_to_explain(called, server):
    server.answer = lambda arrived: (401, [], b"oauth_problem=nonce_used")
    status, _, errors = called("GET", "/r")
    assert status == 1 and "oauth_problem: nonce_used" in errors and "explain" not in errors


def test_a_problem_of_a_reply_is_explained_and_ends_with_1(called, server):
    body = b"oauth_problem=signature_invalid&oauth_problem_advice=sort%20them\x1b"
    server.answer = lambda arrived: (401, [], body)
    status, output, errors = called("GET", "/r")
    assert (status, output.encode()) == (1, body)
    assert "answered 401\n  oauth_problem: signature_invalid\n  oauth_problem_advice: sort them\\x1b\n" in errors
    assert "oauth1 explain" in errors


@pytest.mark.parametrize(
    "words, reason",
    [
        (["GET", "file:///etc/hosts"], "http or https"), (["GET", "http://caf\u00e9.example/"], "no valid host"),
        (["GET", "https://h/", "a"], "NAME=VALUE"),
        (["GET", "https://h/", "-H", "x"], "NAME: VALUE"), (["POST", "https://h/", "a=b", "-d", "c"], "not both"),
        (["GET", "https://h/", "--nonce", "n"], "leave out --timestamp"), (["GET", "http://127.0.0.1:9/"], "refused"),
        (["GET", "http://h.example/", "--signature-method", "PLAINTEXT"], "PLAINTEXT over http"),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_made_ends_with_2_and_says_why(words, reason, called, run):
    status, output, errors = run("call", *words)
    assert (status, output) == (2, "") and reason in errors


@pytest.mark.parametrize(
    "field, said",
    [
        ("Note: \u20ac", "'Note' cannot be sent: its value has a character that is not in Latin-1"),
        ("Note: \udcff", "'Note' cannot be sent: its value has a character that is not in Latin-1"),
        ("Note: a\nb", "'Note' cannot be sent: its value has a line break"),
        ("Note: a\rb", "'Note' cannot be sent: its value has a line break"),
        ("Caf\u00e9: a", r"'Caf\xe9' cannot be sent: its name must be an HTTP token, such as Accept"),
        ("No te: a", "'No te' cannot be sent: its name must be an HTTP token, such as Accept"),
    ],
    ids=ascii,
)
def test_a_header_field_that_cannot_be_sent_is_named(field, said, called, server):
    status, output, errors = called("GET", "/r", "-H", field)
    assert (status, output, errors) == (2, "", f"oauth1: the header field {said}\n")
    assert server.requests == []


def test_a_header_field_in_latin_1_is_sent(called, server):
    assert called("GET", "/r", "-H", "Note: caf\u00e9")[0] == 0
    assert dict(server.requests[0].fields)["Note"] == "caf\u00e9"


@pytest.fixture
def silent():
    """Answer one request with some octets, and close; nothing listens at the origin of ``None``."""
    with contextlib.ExitStack() as stack:

        def origin_of(octets):
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            origin = "http://127.0.0.1:{}".format(listening.getsockname()[1])

            def answer():
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(octets)

            if octets is None:
                listening.close()
            else:
                thread = threading.Thread(target=answer)
                thread.start()
                stack.callback(thread.join)
            return origin

        yield origin_of


REFUSED = str(ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED)))
NO_RESPONSE = {
    "nothing listens": (None, "no response from {}: " + REFUSED),
    "closed at once": (b"", "no response from {}: Remote end closed connection without response"),
    "not HTTP": (b"oauth_token_secret=hidden\r\n", "no valid HTTP response from {}: BadStatusLine"),
}


@pytest.mark.parametrize("octets, said", NO_RESPONSE.values(), ids=NO_RESPONSE.keys())
def test_a_call_without_a_response_names_the_server(octets, said, silent, called, run):
    origin = silent(octets)
    expected = (2, "", f"oauth1: {said.format(origin)}\n")
    assert run("call", "GET", origin + "/r?a=b") == expected


def test_a_response_that_ends_too_early_names_the_server(silent, called, run):
    origin = silent(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
    expected = f"oauth1: no valid HTTP response from {origin}: IncompleteRead\n"
    assert run("call", "GET", origin) == (2, "", expected)


@pytest.mark.parametrize("octets, said", NO_RESPONSE.values(), ids=NO_RESPONSE.keys())
def test_a_login_without_a_response_names_the_server(octets, said, silent, environment, run, tmp_path):
    environment(OAUTH1_CLIENT_IDENTIFIER="c", OAUTH1_CLIENT_SECRET="s")
    origin = silent(octets)
    path = tmp_path / "provider.json"
    path.write_text(json.dumps(Provider(origin + "/a", "https://h.example/b", "https://h.example/c").to_dict()))
    assert run("login", str(path), "--oob") == (2, "", f"oauth1: {said.format(origin)}\n")


def test_the_second_request_of_a_login_without_a_response_names_its_server(silent, environment, run, server, tmp_path):
    environment(OAUTH1_CLIENT_IDENTIFIER="c", OAUTH1_CLIENT_SECRET="s")
    server.answer = lambda arrived: (200, [], b"oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=true")
    origin = silent(None)
    path = tmp_path / "provider.json"
    path.write_text(json.dumps(Provider(server.origin + "/a", "https://h.example/b", origin + "/c").to_dict()))
    status, output, errors = run("login", str(path), "--oob", input=b"code\n")
    assert (status, output) == (2, "")
    assert errors.endswith(f"oauth1: no response from {origin}: {REFUSED}\n")


def test_a_response_that_takes_too_long_is_not_a_user_who_does(monkeypatch, environment, run, server, tmp_path):
    """A login that its user does not finish in time ends with 4."""
    environment(OAUTH1_CLIENT_IDENTIFIER="c", OAUTH1_CLIENT_SECRET="s")
    monkeypatch.setattr(adapters.flow, "DEADLINE", 0)
    server.answer = lambda arrived: (200, [], b"a")
    path = tmp_path / "provider.json"
    path.write_text(json.dumps(Provider(server.origin + "/a", "https://h.example/b", "https://h.example/c").to_dict()))
    status, output, errors = run("login", str(path), "--oob")
    assert (status, output) == (2, "")
    assert errors == f"oauth1: no response from {server.origin}: the reply took longer than 0 seconds\n"


# The program itself


def test_the_help_tells_of_secrets_and_of_the_exit_status_once(run):
    status, output, errors = run("--help")
    assert (status, errors) == (0, "")
    assert all(name in output for name in [*PHOTO_ENVIRONMENT, *SECRETS])
    assert re.search(r"^exit status:\n  0  .*\n  1  .*\n  2  ", output, re.MULTILINE)
    for command in ("sign", "verify", "explain", "diagnose", "compare"):
        status, output, errors = run(command, "--help")
        assert (status, errors) == (0, "") and "oauth1 --help" in output and "OAUTH1_" not in output


@pytest.mark.parametrize(
    "text, more",
    [
        ("curl '{}' -H '{}'", []),
        ("GET {} HTTP/1.1\nContent-Length: 1\n{}\n\n", []),
        (
            "GET /photos?file=vacation.jpg&size=original HTTP/1.1\nHost: photos.example.net\n{1}\n\n",
            ["--scheme", "http"],
        ),
    ],
)
def test_a_file_that_is_given_as_a_url_is_read_as_what_it_is(text, more, run, photo, tmp_path):
    path = tmp_path / "request.txt"
    path.write_text(text.format(PHOTO, PHOTO_HEADER))
    status, output, errors = run("verify", str(path), *more)
    assert status == 0 and output.startswith("The signature verifies")
    assert ("1 octets shorter" in errors) is ("Content-Length" in text)


@pytest.mark.parametrize(
    "text, words, message",
    [
        ("GET /x HTTP/1.1\nHost: h\n\n", [], "does not contain its scheme: give --scheme"),
        (PHOTO_HEADER, [], "the file contains header fields without a URL: give the URL, -X"),
        ("oauth_problem=nonce_used", [], "the file contains a reply of a server: give a file with the request"),
        ('{"log": {"entries": []}}', [], "choose one with --har FILE --entry N"),
        ("hello", [], "this is no request"),
        ("curl https://h/", ["-X", "POST"], "is a file with a whole request"),
        ("curl https://h/ -d @x", [], "use --read-files"),
    ],
)
def test_a_file_without_a_whole_request_is_told(text, words, message, run, tmp_path):
    path = tmp_path / "request.txt"
    path.write_text(text)
    status, output, errors = run("verify", str(path), *words)
    assert (status, output) == (2, "") and message in errors


@pytest.mark.parametrize(
    "headers, message",
    [
        ([], "the request is not signed: it has no Authorization header"),
        (["-H", "Authorization: Bearer x"], "the request is not signed: its Authorization header is not OAuth"),
        (["-H", 'Authorization: OAuth oauth_nonce="x"'], "the request lacks oauth_consumer_key"),
    ],
)
@pytest.mark.parametrize("command", ["verify", "diagnose"])
def test_no_signature_is_told_from_a_header_that_lacks_something(command, headers, message, run):
    status, output, errors = run(command, "https://h/", *headers)
    assert status == 1 and message in output + errors


def test_sign_says_which_scheme_it_assumed(run, photo):
    assert "the signed URL is http://h/" in run("sign", "h")[2]
    assert run("sign", "https://h/")[2] == ""


def test_a_body_of_several_parts_is_not_signed(run, photo):
    status, output, _ = run("sign", "--", "curl", "https://h/a?b=1", "-F", "file=@photo.jpg", "-F", "c=d")
    assert status == 0
    header = output.strip()
    status, output, _ = run("verify", "--", "curl", "https://h/a?b=1", "-F", "c=d", "-H", header)
    assert (status, output.splitlines()[0][:23]) == (0, "The signature verifies:")


def test_diagnose_says_that_a_secret_is_most_likely_wrong_and_shows_the_base_string(run, photo):
    status, output, _ = run("diagnose", PHOTO, "-H", signed(OAUTH1_TOKEN_SECRET="wrong"))
    lines = output.splitlines()
    assert status == 1 and lines[2].startswith("unknown: Most likely one of the secrets is wrong: ")
    assert lines[-1].startswith("GET&http%3A%2F%2Fphotos.example.net%2Fphotos&")


@pytest.mark.parametrize("words", [[], ["sing"], ["sign", PHOTO, PHOTO], ["sign", "--as", "header", "--timestamp"]])
def test_a_command_that_is_none_ends_with_2(words, run):
    status, output, errors = run(*words)
    assert (status, output) == (2, "") and errors.startswith("usage: oauth1")


def test_it_runs_as_a_module_and_as_oauth1(photo, capsys, monkeypatch):
    script = shutil.which("oauth1", path=os.path.dirname(sys.executable))
    for program in ([sys.executable, "-m", "oauth1_core"], [script]):
        done = subprocess.run(
            [*program, "sign", PHOTO, *PHOTO_OPTIONS], capture_output=True, text=True, timeout=60, cwd=ROOT,
            env={**os.environ, **PHOTO_ENVIRONMENT},
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (0, PHOTO_HEADER + "\n", "")
    monkeypatch.delitem(sys.modules, "oauth1_core.__main__", raising=False)
    monkeypatch.setattr("sys.argv", ["oauth1", "sign", PHOTO, *PHOTO_OPTIONS])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("oauth1_core", run_name="__main__")
    assert (ended.value.code, capsys.readouterr().out) == (0, PHOTO_HEADER + "\n")


def test_a_tool_that_imports_each_module_runs_no_command(capsys):
    runpy.run_module("oauth1_core.__main__", run_name="oauth1_core.__main__")
    assert capsys.readouterr() == ("", "")


COMMANDS = [
    (["sign", "--as", "curl", "--har", HAR, "--entry", "1"], 0),
    (["verify", "--har", HAR, "--entry", "0"], 0),
    (["verify", PHOTO + "&x", "-H", PHOTO_HEADER], 1),
    (["diagnose", PHOTO + "&x", "-H", PHOTO_HEADER], 1),
    (["explain", "--", "curl", PHOTO, "-H", PHOTO_HEADER], 0),
    (["compare", "--ours", BASE_STRING, "--theirs", THEIRS], 1),
    (["sign", PHOTO, "--secret", "x"], 2),
    ([], 2),
    (["verify", "--help"], 0),
]
ALL_COMMANDS = """
import json, sys
from oauth1_core.debugging import command_line
from oauth1_core.debugging.command_line import main
from oauth1_core.providers import KNOWN
for words, expected in json.loads(sys.argv[1]):
    try:
        status = main(words)
    except SystemExit as ended:
        status = ended.code
    assert status == expected, (words, status)
"""


@pytest.mark.peers
def test_it_runs_under_every_python():
    options = {"capture_output": True, "text": True, "timeout": 60, "cwd": ROOT}
    options["env"] = {**os.environ, **PHOTO_ENVIRONMENT}
    pythons = [each for each in found() if not (each.hosted or each.openssl)]
    assert pythons
    for each in pythons:
        program = [each.command[0], "-B", "-W", "error"]
        done = subprocess.run([*program, "-m", "oauth1_core", "sign", PHOTO, *PHOTO_OPTIONS], **options)
        assert (done.returncode, done.stdout, done.stderr) == (0, PHOTO_HEADER + "\n", ""), each
        done = subprocess.run([*program, "-c", ALL_COMMANDS, json.dumps(COMMANDS)], **options)
        assert done.returncode == 0, (each, done.stderr)


def test_it_runs_from_a_vendored_copy(tmp_path):
    shutil.copytree(ROOT / "oauth1_core", tmp_path / "pkg" / "_vendor" / "oauth1_core")
    command = [sys.executable, "-S", "-B", "-W", "error", "-m", "pkg._vendor.oauth1_core", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.stdout[:14], done.stderr) == ("usage: oauth1 ", "")


def test_nothing_of_it_is_imported_before_it_is_run():
    program = (
        "import sys, oauth1_core; oauth1_core.diagnose; own = ['command_line', 'curl', 'shell_words'];"
        "print([name for name in own if 'oauth1_core.debugging.' + name in sys.modules]);"
        "import oauth1_core.debugging.command_line; print('cryptography' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout == "[]\nFalse\n", done.stderr


def test_output_is_the_octets_of_the_request_whatever_the_locale():
    done = subprocess.run(
        [sys.executable, "-m", "oauth1_core", "sign", "https://h/", "--as", "form", "--data", "@-"],
        input=b"a=\xff\xc3\xa9", capture_output=True, timeout=60, cwd=ROOT,
        env={**os.environ, **PHOTO_ENVIRONMENT, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    # A terminal would not show an octet that is not UTF-8; escaped, it is the same octet.
    assert done.stdout.startswith(b"a=%FF\xc3\xa9&oauth_consumer_key=") and done.returncode == 0


def test_a_reader_that_leaves_is_no_error():
    command = "{} -m oauth1_core explain {!r} --html - | true; echo ${{PIPESTATUS[0]}}".format(sys.executable, PHOTO)
    done = subprocess.run(
        [path_of("bash"), "-c", command], capture_output=True, text=True, timeout=60, cwd=ROOT,
        env={**os.environ, **PHOTO_ENVIRONMENT},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("141\n", "")


@pytest.mark.parametrize("error, status", [(KeyboardInterrupt, 130), (BrokenPipeError, 141)])
def test_an_end_from_outside_has_the_status_of_its_signal(error, status, monkeypatch, photo):
    class Interrupted:
        buffer = None

        def fileno(self):
            return target.fileno()

        def __getattribute__(self, name):
            if name == "buffer":
                raise error
            return object.__getattribute__(self, name)

    with open(os.devnull, "wb") as target, contextlib.redirect_stdout(Interrupted()):
        assert main(["sign", PHOTO]) == status


def test_it_tells_the_version(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"oauth1 (oauth1-core) {oauth1_core.__version__}\n")
