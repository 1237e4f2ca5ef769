"""What happened between signer and server is named, first and alone (RFC 5849 section 3.4.1).

Requests are signed and changed by tests/support/on_the_way.py, which knows nothing of the core.
"""

import base64
import functools
import gzip
import hashlib
import random
from urllib.parse import quote, urlsplit

import pytest

from oauth1_core import ClientCredentials, MalformedRequest, TokenCredentials, diagnose
from oauth1_core.debugging.mistakes import CATALOGUE
from tests.support import wrong_signer
from tests.support.amount import examples
from tests.support.on_the_way import CLIENT_SECRET, FORM, FORM_TEXT, ON_THE_WAY, TOKEN_SECRET, arrived, signature_of

CLIENT = ClientCredentials("9djdj82h48djs9d2", CLIENT_SECRET)
TOKEN = TokenCredentials("kkk9d7dh3k39sjv7", TOKEN_SECRET)
# What needs another request than those here.
NOT_HERE = {
    *wrong_signer.NEEDS,
    "another-secret",
    "another-uri",
    "another-host",
    "realm-put-in",
    "not-utf-8",
    *wrong_signer.OUTPUT,
}
CASES = [(id, number) for id, cases in ON_THE_WAY.items() for number in range(len(cases))]


def test_each_entry_of_what_happens_on_the_way_is_tried():
    ids = [mistake.id for mistake in CATALOGUE]
    # Two are found when the form cannot be read, and are no entries.
    unreadable = {"body-packed", "sent-as-windows-1252"}
    assert set(ON_THE_WAY) - unreadable == set(ids[: ids.index("method-in-lower-case")])


@pytest.mark.parametrize("id, number", CASES)
def test_what_happened_is_named_first(id, number):
    signed, changes = ON_THE_WAY[id][number]
    findings = diagnose(*arrived(signed, **changes), CLIENT, TOKEN)
    assert [finding.id for finding in findings] == [id]


@pytest.mark.parametrize("id, number", CASES)
def test_what_arrives_as_it_was_signed_is_not_accused(id, number):
    signed, _ = ON_THE_WAY[id][number]
    if signed.get("form", "") is not None:
        assert diagnose(*arrived(signed), CLIENT, TOKEN) == []


PACKED = gzip.compress(b"a=1")


@pytest.mark.parametrize(
    "body", [PACKED[:-9] + bytes(9), PACKED[:12], b"\x78\x9c\xff"], ids=["wrong sum", "cut short", "no zlib"]
)
def test_what_only_begins_as_if_it_were_packed_is_not_called_so(body):
    assert "body-packed" not in [finding.id for finding in diagnose(*arrived({}, body=body), CLIENT, TOKEN)]


UNREADABLE = {
    "another charset": (FORM_TEXT.encode("utf-16"), "", ["form-not-in-utf-8"]),
    "cut off": ("text=\u00e9".encode()[:-1], "", ["form-not-in-utf-8"]),
    "an encoding that is not undone": (b"\x0b\x0a\x80text=hello\xff", "BR", ["body-packed"]),
    "no encoding": (b"text=\x80hello\xff", "identity", ["form-not-in-utf-8"]),
}


@pytest.mark.parametrize("body, encoding, expected", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_form_that_is_not_utf_8_is_called_windows_1252_only_if_the_signature_shows_it(body, encoding, expected):
    headers = [("Content-Encoding", encoding)] if encoding else []
    findings = diagnose(*arrived({}, body=body, headers=headers), CLIENT, TOKEN)
    assert [finding.id for finding in findings] == expected


@pytest.mark.parametrize(
    "body, id", [(b"text=caf%E9", "sent-as-windows-1252"), (gzip.compress(b"text=caf%C3%A9", mtime=0), "body-packed")]
)
def test_a_mistake_of_the_signer_is_found_in_a_form_that_cannot_be_read(body, id):
    headers = [("Content-Length", str(len(body)))]
    changes = {"uri": "http://api.example.com/v1/items", "body": body, "headers": headers}
    findings = diagnose(*arrived({"form": "text=caf%C3%A9"}, **changes), CLIENT, TOKEN)
    assert [finding.id for finding in findings] == [id, "another-scheme"]


@pytest.mark.parametrize(
    "body, encoding, id",
    [
        (b"text=caf%E9", "", "form-not-in-utf-8"),
        (b"text=caf%E9", "identity", "form-not-in-utf-8"),
        (b"\x0b\x0a\x80text=hello\xff", "br", "body-packed"),
        (gzip.compress(b"text=caf%C3%A9", mtime=0), "", "body-packed"),
    ],
)
def test_without_the_token_a_form_that_cannot_be_read_is_named_only_by_what_it_shows(body, encoding, id):
    """Its signature cannot be checked, so nothing shows its charset; octets that can be unpacked were packed."""
    headers = [("Content-Encoding", encoding)] if encoding else []
    findings = diagnose(*arrived({}, body=body, headers=headers), CLIENT)
    assert [finding.id for finding in findings] == [id]


@pytest.mark.parametrize("headers", [[1], [(1, "a")], [("a", "b", "c")]])
def test_header_fields_that_are_no_pairs_of_str_are_refused(headers):
    with pytest.raises(MalformedRequest, match="pairs of str"):
        diagnose("POST", "http://h.example/", headers, b"a=\xe9", CLIENT, TOKEN)


def test_another_error_of_a_request_is_not_hidden_by_its_charset():
    method, uri, headers, body = arrived({}, body="a=\u00e9".encode("latin-1"))
    broken = ("Authorization", headers[0][1] + ', oauth_version="%"')
    for content_type in (FORM, "application/json"):
        with pytest.raises(MalformedRequest, match="oauth_version"):
            diagnose(method, uri, [broken, ("Content-Type", content_type)], body, CLIENT, TOKEN)


def wrongly(mistake):
    """Return what signs a request with one mistake, in the place of ``signature_of``."""

    def sign(request):
        parts = urlsplit(request["uri"])
        port = f":{parts.port}" if parts.port else ""
        of_signer = {
            **wrong_signer.RICH, "method": request["method"], "scheme": parts.scheme, "host": parts.hostname,
            "port": port, "path": parts.path, "query": request["query"], "form": request["form"], "token": TOKEN,
        }  # fmt: skip
        return wrong_signer.independent_signature(of_signer, request["protocol"], "sha1", {mistake})

    return sign


def test_what_happened_is_found_together_with_a_mistake_of_the_signer():
    """Pairs by chance. What is named instead, where it is, comes to the same signature."""
    chance = random.Random(11)
    # What is rare is combined with what leaves the parameters alone, for the sake of time.
    common = [each.id for each in CATALOGUE if each.id in ON_THE_WAY and each.rank < 2]
    signers = [each.id for each in CATALOGUE if each.id not in ON_THE_WAY and each.id not in NOT_HERE]
    named, unknown, pairs = 0, 0, examples(500)
    for _ in range(pairs):
        id, mistake = chance.choice(common), chance.choice(signers)
        signed, changes = chance.choice(ON_THE_WAY[id])
        findings = diagnose(*arrived(signed, sign=wrongly(mistake), **changes), CLIENT, TOKEN)
        found = {finding.id for finding in findings}
        # A mistake that changes nothing of this request leaves what happened on the way, and the reverse.
        is_hidden = arrived(signed) == arrived(signed, sign=wrongly(mistake))
        named += found == ({id} if is_hidden else {id, mistake})
        unknown += "unknown" in found
    assert named >= 0.86 * pairs and unknown <= 0.04 * pairs


JSON = b'{"text": "one\\n"}\n'
BODY_HASHES = {
    "another digest": (hashlib.sha256(JSON).digest(), JSON, ["body-hash-by-another-digest"]),
    "SHA-384": (hashlib.sha384(JSON).digest(), JSON, ["body-hash-by-another-digest"]),
    "encoded twice": (
        quote(base64.b64encode(hashlib.sha1(JSON).digest()), safe=""), JSON, ["body-hash-encoded-twice"],
    ),
    "hex": (hashlib.sha1(JSON).hexdigest(), JSON, ["body-hash-in-hex"]),
    "HEX": (hashlib.sha1(JSON).hexdigest().upper(), JSON, ["body-hash-in-hex"]),
    "hex in base64": (hashlib.sha1(JSON).hexdigest().encode(), JSON, ["body-hash-in-hex"]),
    "hex of another digest": (
        hashlib.sha256(JSON).hexdigest(), JSON, ["body-hash-by-another-digest", "body-hash-in-hex"],
    ),
    "decompressed": (hashlib.sha1(JSON).digest(), gzip.compress(JSON), ["body-hash-of-unpacked-body"]),
    "no line break": (hashlib.sha1(JSON[:-1]).digest(), JSON, ["body-hash-without-final-line-break"]),
    "a line break": (hashlib.sha1(JSON).digest(), JSON[:-1], ["body-hash-with-final-line-break"]),
    "CRLF at the end": (hashlib.sha1(JSON[:-1] + b"\r\n").digest(), JSON[:-1], ["body-hash-with-final-line-break"]),
    "LF": (hashlib.sha1(b"a\nb").digest(), b"a\r\nb", ["body-hash-with-other-line-breaks"]),
    "CRLF": (hashlib.sha1(b"a\r\nb").digest(), b"a\nb", ["body-hash-with-other-line-breaks"]),
    "nothing": (hashlib.sha1(b"").digest(), JSON, ["body-hash-of-nothing"]),
    "no padding": (
        base64.b64encode(hashlib.sha1(JSON).digest()).decode().rstrip("="), JSON, ["body-hash-in-url-safe-base64"],
    ),
    "rewritten, shorter": (hashlib.sha1(JSON).digest(), b'{"text":"one\\n"}', ["json-rewritten"]),
    "rewritten, indented": (hashlib.sha1(b'{"a": 1, "b": "/caf\xc3\xa9"}').digest(),
        b'{\n  "b": "\\/caf\\u00e9",\n  "a": 1\n}\n', ["json-rewritten"]),
    "another body, no JSON": (hashlib.sha1(b"another").digest(), b'{"a": ', ["body-changed"]),
    "another body of JSON": (hashlib.sha1(b"another").digest(), b'{"a": 1}', ["body-changed"]),
    "another body": (hashlib.sha1(b"another").digest(), JSON, ["body-changed"]),
}  # fmt: skip


@pytest.mark.parametrize("digest, body, expected", BODY_HASHES.values(), ids=BODY_HASHES.keys())
def test_how_a_body_hash_was_made_is_named(digest, body, expected):
    text = digest if isinstance(digest, str) else base64.b64encode(digest).decode()
    signed = {"form": None, "protocol": [("oauth_body_hash", text)]}
    method, uri, headers, body = arrived(signed, body=body)
    headers = [
        ("Content-Type", "application/json") if name == "Content-Type" else (name, value) for name, value in headers
    ]
    findings = diagnose(method, uri, headers, body, CLIENT, TOKEN)
    assert [finding.id for finding in findings] == expected
    right = {**signed, "protocol": [("oauth_body_hash", base64.b64encode(hashlib.sha1(body).digest()).decode())]}
    method, uri, (authorization, *_), body = arrived(right, body=body)
    assert diagnose(method, uri, [authorization, ("Content-Type", "application/json")], body, CLIENT, TOKEN) == []


def test_a_python_without_a_hash_tries_the_others(monkeypatch):
    """As one in FIPS mode, which has no MD5."""

    made = hashlib.new

    def new(name, *data, **options):
        if name in refused:
            raise ValueError("unsupported hash type " + name)
        return made(name, *data, **options)

    monkeypatch.setattr("oauth1_core.debugging.diagnosing.hashlib.new", new)
    method, uri, headers, _ = arrived(
        {"form": None, "protocol": [("oauth_body_hash", base64.b64encode(hashlib.sha512(JSON).digest()).decode())]}
    )
    headers = [headers[0], ("Content-Type", "application/json")]
    for refused, expected in (({"md5"}, "body-hash-by-another-digest"), ({"md5", "sha512"}, "body-changed")):  # noqa: B007  # new() does
        findings = diagnose(method, uri, headers, JSON, CLIENT, TOKEN)
        assert [finding.id for finding in findings] == [expected]


WRONG_SECRETS = {
    "quotes-in-a-secret": ['"{}"', "'{}'"],
    "ampersand-in-a-secret": ["{}&"],
    "white-space-in-a-secret": ["{}\n", "{}\r\n", "{} ", " {}", " {} ", "{}\t", "{}\xa0", "\ufeff{}"],
}


@pytest.mark.parametrize("id, text", [(id, text) for id, texts in WRONG_SECRETS.items() for text in texts])
@pytest.mark.parametrize("whose", [["client"], ["token"], ["client", "token"]], ids=" and ".join)
def test_a_secret_that_was_copied_badly_is_named(id, text, whose):
    """The signer has a secret with more than was issued: the server knows the issued one."""
    secrets = {"client": CLIENT_SECRET, "token": TOKEN_SECRET}
    secrets.update({each: text.format(secrets[each]) for each in whose})
    key = "&".join(quote(secret, safe="~") for secret in secrets.values())
    findings = diagnose(*arrived({}, sign=functools.partial(signature_of, key=key)), CLIENT, TOKEN)
    assert [finding.id for finding in findings] == [id]


@pytest.mark.parametrize("secret", [CLIENT_SECRET[:-1], CLIENT_SECRET[1:]])
def test_a_secret_that_lacks_a_character_is_named(secret):
    key = quote(secret, safe="~") + "&" + quote(TOKEN_SECRET, safe="~")
    findings = diagnose(*arrived({}, sign=functools.partial(signature_of, key=key)), CLIENT, TOKEN)
    assert [finding.id for finding in findings] == ["secret-cut"]


def test_a_wrong_secret_is_the_most_likely_cause_where_nothing_is_known():
    sign = functools.partial(signature_of, key="another&secret")
    (finding,) = diagnose(*arrived({"query": "a=&b=1"}, sign=sign), CLIENT, TOKEN)
    assert str(finding).startswith("Most likely one of the secrets is wrong: ")
    assert "These parameters arrived empty, and may have been signed with a value: a." in str(finding)
    (finding,) = diagnose(*arrived({}, sign=sign), CLIENT, TokenCredentials("kkk9d7dh3k39sjv7", ""))
    assert str(finding).startswith("Most likely the secret of the client is wrong: ")


def test_what_cannot_be_told_apart_is_told_in_sentences_the_common_first():
    (finding,) = diagnose(*arrived({"query": ""}, query="utm_source=x"), CLIENT, TOKEN)
    assert finding.id == "tracking-parameter-added"
    assert [other.id for other in finding.alike][:1] == ["query-left-out"]
    assert all(other.happened.endswith(".") for other in finding.alike)


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({}, []),
        ({"form": "&tenant=5"}, ["parameter-added"]),
        ({"form": "&ext_submit=Launch"}, ["submit-button-added"]),
        ({"form": "&tenant=5", "uri": "http://tool.example.com/lti/launch"}, ["parameter-added", "another-scheme"]),
        ({"start": "tenant=5&", "uri": "http://tool.example.com/lti/launch"}, ["parameter-added", "another-scheme"]),
    ],
)
def test_a_launch_of_45_parameters_is_not_given_up(changes, expected):
    form = "&".join(f"custom_value_{number}=Value+number+{number}%21" for number in range(38))
    signed = {"uri": "https://tool.example.com/lti/launch", "query": "", "form": form}
    if "form" in changes:
        changes = {**changes, "form": form + changes["form"]}
    if "start" in changes:
        changes = {"uri": changes["uri"], "form": changes["start"] + form}
    findings = diagnose(*arrived(signed, **changes), CLIENT, TOKEN)
    assert [finding.id for finding in findings] == expected
