"""What the core does where Python lacks something, taken away here; MicroPython itself is run by make environments."""

import ast
import hashlib
import importlib.util
import json
import os
import sys
import time
from types import SimpleNamespace

import pytest

import oauth1_core
from oauth1_core import (
    AuthorizationFlow,
    CallbackMismatch,
    ClientCredentials,
    Provider,
    Signer,
    SigningError,
    TokenCredentials,
    TokenRequestRefused,
    body_hash,
    nonce,
    parse_callback,
    sign,
)
from oauth1_core import percent_encoding as full
from oauth1_core.adapters.asgi import within_context
from oauth1_core.credentials import compared
from oauth1_core.errors import quoted
from oauth1_core.uris import keeps_secrets

PHOTOS = "http://photos.example.net/photos?file=vacation.jpg&size=original"
CLIENT = ClientCredentials("dpf43f3p2l4k3l03", "kd94hf93k423kf44")
TOKEN = TokenCredentials("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00")
SIGNED = "MdpQcU8iPSUjWoN/UDMsK2sui9I="  # RFC 5849 section 1.2


def again(name, **names):
    """Return a module of the core, run anew with these names in the place of Python's."""
    spec = importlib.util.find_spec("oauth1_core." + name)
    module = importlib.util.module_from_spec(spec)
    vars(module).update(names)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def small():
    """The percent-encoding of a Python without bytes.translate, and so without room for tables."""
    return again("percent_encoding", hasattr=lambda *_: False)


def test_the_tables_have_an_entry_for_every_octet():
    assert again("percent_encoding").ENCODED == full.ENCODED == [full.spelled(octet) for octet in range(256)]


def test_without_tables_every_octet_is_encoded_and_decoded_as_with_them(small):
    assert not small.ROOMY and full.ROOMY and isinstance(small.ENCODED, small.Computed)
    for text in [chr(code) for code in range(0x800)] + ["\ud7ff", "\ue000", "😀", "a b%", "%", "%%41", "%4", "%zz"]:
        assert small.percent_encode(text) == full.percent_encode(text)
        assert small.percent_decode(text) == full.percent_decode(text)
        assert small.percent_decode(full.percent_encode(text)) == text
    for first in "0123456789abcdefABCDEFgG +-_\0":
        for digits in [first, *[first + second for second in "0123456789abcdefABCDEFgG +-_\0"]]:
            assert small.decoded_octet(digits.encode()) == full.decoded_octet(digits.encode()), digits
    assert small.is_strictly_encoded("%C3%A9") and not small.is_strictly_encoded("%C3")


class AsMicroPythonDoes(str):
    def encode(self, encoding="utf-8", errors="strict"):
        return str.encode(self, "utf-8", "surrogatepass")


@pytest.mark.parametrize("text", ["\ud83d\ude00", "a\udcff", "\ud800"])
def test_a_surrogate_is_refused_where_it_would_be_encoded_as_a_character(small, text):
    with pytest.raises(SigningError, match="must be a str of valid Unicode"):
        small.percent_encode(AsMicroPythonDoes(text))
    assert small.percent_encode(AsMicroPythonDoes("\ud7ff\ue000")) == "%ED%9F%BF%EE%80%80"


def test_octets_that_text_cannot_hold_are_a_signing_error():
    class Octets(bytes):
        def decode(self, *_):
            raise UnicodeError

    with pytest.raises(SigningError, match="not UTF-8"):
        full.utf8_text(Octets(b"\xff"))


class AsMicroPythonDecodes(bytes):
    """Octets that are decoded if they are UTF-8, whatever ``errors`` says."""

    def decode(self, *_):
        return bytes(self).decode("utf-8")

    def __getitem__(self, key):
        part = bytes.__getitem__(self, key)
        return part if isinstance(part, int) else type(self)(part)


@pytest.fixture
def utf8_alone(monkeypatch):
    """The percent-encoding of a Python whose text is UTF-8."""
    decode = full.utf8_text
    monkeypatch.setattr(full, "utf8_text", lambda octets: decode(AsMicroPythonDecodes(octets)))


FLOW = AuthorizationFlow(
    Provider("https://a.example/initiate", "https://a.example/authorize", "https://a.example/token"), CLIENT
)
REPLY = b"oauth_token=hh5s93j4hdidpola&oauth_token_secret=hdhd0244k9j7ao03&oauth_callback_confirmed=true"


def asked(status, body):
    """Return the temporary credentials for this response."""
    steps = FLOW.request_temporary_credentials("oob", ())
    next(steps)
    try:
        steps.send((status, [], AsMicroPythonDecodes(body)))
    except StopIteration as end:
        return end.value


@pytest.mark.parametrize("field", [b"&name=Jos%E9", b"&name=Jos\xe9"])
def test_a_foreign_field_that_text_cannot_hold_stays_encoded(utf8_alone, field):
    temporary = asked(200, REPLY + field)
    assert (temporary.identifier, temporary.secret) == ("hh5s93j4hdidpola", "hdhd0244k9j7ao03")
    assert ("name", "Jos%E9") in temporary.extra
    assert parse_callback("/ready?name=Jos%E9&oauth_token=hh5s93j4hdidpola&oauth_verifier=1", temporary) == "1"
    with pytest.raises(CallbackMismatch):
        parse_callback("/ready?oauth_token=hh5s93j4hdidpola&oauth_verifier=%E9", temporary)


@pytest.mark.parametrize(
    "status, body, said",
    [
        (401, b"oauth_problem=nonce_used&oauth_problem_advice=%E9", "nonce_used"),
        (401, b"oauth_problem=nonce_used&note=d\xe9j\xe0", "nonce_used"),
        (500, b"Acc\xe8s refus\xe9", "no reason given"),
        (200, b"<html>\xff</html>", "must be form-encoded"),
        (200, REPLY.replace(b"hh5", b"\xe9"), "'oauth_token' of the server's reply holds"),
        (200, REPLY + b"&oauth_token=%E9", "contain oauth_token exactly once"),
    ],
)
def test_a_refusal_that_text_cannot_hold_is_the_server_s_error(utf8_alone, status, body, said):
    with pytest.raises(TokenRequestRefused, match=said) as caught:
        asked(status, body)
    assert caught.value.status == status


@pytest.mark.parametrize("missing", [None, SimpleNamespace(new=None)], ids=["no hmac", "that of micropython-lib"])
def test_secrets_are_compared_without_hmac_too(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, "hmac", missing)
    credentials = again("credentials")
    one = credentials.ClientCredentials("a", "secret")
    assert credentials.same_octets.__name__ == "compared"
    assert one == credentials.ClientCredentials("a", "secret")
    assert one != credentials.ClientCredentials("a", "Secret") != credentials.ClientCredentials("a", "Secret1")


def test_octets_are_compared_to_the_last():
    for one, other in [(b"", b""), (b"ab", b"ab"), (b"ab", b"aB"), (b"ab", b"a"), (b"", b"a"), (b"xab", b"ab")]:
        assert compared(one, other) is (one == other)


@pytest.mark.parametrize("error", [AttributeError, NotImplementedError])
def test_without_randomness_a_nonce_is_asked_for(monkeypatch, error):
    def refuse(count):
        raise error

    monkeypatch.setattr(os, "urandom", refuse)
    # The flow takes no nonce, so the message names the calls that do.
    with pytest.raises(SigningError, match="give sign or Signer a nonce=") as caught:
        sign("GET", PHOTOS, CLIENT)
    assert caught.value.parameter == "oauth_nonce" and caught.value.__suppress_context__
    assert sign("GET", PHOTOS, CLIENT, nonce="1")[-1][0] == "oauth_signature"


def test_a_clock_that_counts_from_2000_gives_the_seconds_since_1970(monkeypatch):
    # 2026-11-28 00:00:00 UTC, by date -d.
    monkeypatch.setattr(time, "time", lambda: 1795824000 - 946684800)
    monkeypatch.setattr(time, "gmtime", lambda seconds: (2000, 1, 1, 0, 0, 0, 5, 1))
    board = again("nonce")
    assert (board.generate_timestamp(), board.unix_time()) == ("1795824000", 1795824000)


def test_any_other_clock_is_taken_as_it_is(monkeypatch):
    assert nonce.unix_time is time.time
    monkeypatch.delattr(time, "gmtime")
    assert again("nonce").unix_time is time.time


@pytest.fixture
def offered(monkeypatch):
    """Put a hashlib in place that offers no more than the given names."""

    def put(**names):
        monkeypatch.setattr("oauth1_core.signature_methods.hashlib", SimpleNamespace(**names))

    return put


class WithoutCopy:
    def __init__(self, octets):
        self.hash = hashlib.sha1(octets)
        self.update, self.digest = self.hash.update, self.hash.digest


def signatures():
    signer = Signer(CLIENT, TOKEN, version=None, nonce=lambda: "chapoH", clock=lambda: 137131202)
    plain = sign("GET", PHOTOS, CLIENT, TOKEN, timestamp=137131202, nonce="chapoH", version=None)
    return dict(plain)["oauth_signature"], dict(signer.sign("GET", PHOTOS))["oauth_signature"]


def test_hashes_are_made_by_their_constructors_where_there_is_no_new_and_no_copy(offered):
    offered(sha1=WithoutCopy)
    assert signatures() == (SIGNED, SIGNED)
    assert body_hash(b"") == "2jmj7l5rSw0yVb/vlWAYkK/YBwk="  # OAuth Request Body Hash, section 4
    with pytest.raises(SigningError, match="sha512; use HMAC-SHA256"):
        body_hash(b"", "sha512")


def test_hashes_are_made_by_new_where_there_are_no_constructors(offered):
    offered(new=hashlib.new)
    assert signatures() == (SIGNED, SIGNED)
    assert body_hash(b"") == "2jmj7l5rSw0yVb/vlWAYkK/YBwk="
    assert oauth1_core.PLAINTEXT.verify("a&", "", "a", "")
    with pytest.raises(SigningError, match="sha0; use"):
        body_hash(b"", "sha0")


def test_names_are_quoted_as_ascii_does():
    for text in ["", "a", "'", '"', "'\"", "é", "\x00\n\\", "\u2028", "😀", "\udcff"]:
        assert quoted(text) == ascii(text)


@pytest.mark.parametrize("number", ["0", "9", "10", "255", "99"])
def test_loopback_addresses_are_known_without_a_table(number):
    assert keeps_secrets(f"http://127.0.{number}.1/")


@pytest.mark.parametrize("number", ["256", "00", "01", "", "-1", "+1", " 1", "1000", "1" * 5000, "²", "1_0", "a"])
def test_what_is_no_octet_is_no_loopback_address(number):
    try:
        assert not keeps_secrets(f"http://127.0.{number}.1/")
    except SigningError as error:
        assert error.parameter == "uri"


@pytest.mark.parametrize("name, kind", [("package.json", "sign"), ("package-client.json", "client")])
def test_mip_installs_what_signing_or_the_login_imports(name, kind):
    from environments.microcontrollers import PACKAGE, package

    text = (PACKAGE / name).read_text()
    assert text == package(kind), "python -m tests.environments.microcontrollers"
    sources = {source for _, source in json.loads(text)["urls"]}
    assert sources >= {"signing.py", "signer.py", "transmission.py", "credentials.py", "errors.py"}
    assert ("authorization.py" in sources) == (kind == "client")
    assert "verifying.py" not in sources and "__init__.py" not in sources


def test_every_module_without_a_library_imports_in_the_oldest_python():
    """The grammar of 3.6, here; make environments imports each of them there."""
    from environments.vendored import PACKAGE, PLAIN_MODULES

    assert {"adapters.urllib", "adapters.asgi", "nonce_stores.sqlite", "debugging.command_line"} <= set(PLAIN_MODULES)
    for name in PLAIN_MODULES:
        text = (PACKAGE / (name.replace(".", "/") + ".py")).read_text(encoding="utf-8")
        tree = ast.parse(text, feature_version=(3, 6))
        imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert "__future__" not in imported, f"{name}: quote the annotations instead"


def test_context_variables_are_handed_on_where_python_has_them(monkeypatch):
    def call():
        return "called"

    assert within_context(call)() == "called"
    monkeypatch.setitem(sys.modules, "contextvars", None)
    assert within_context(call) is call
