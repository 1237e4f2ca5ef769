"""The runner of the vectors for other implementations: what it counts, and what it says of one that misbehaves."""

import json
import os
import re
import subprocess
import sys
from collections import Counter

import pytest

from tests.interop import conformance, matrix, peers
from tests.interop.conformance import Ended, Implementation, as_json, judged, run
from tests.run_vectors import VECTORS, load

FILES = load()
ECHO = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"id": request["id"], **REPLY}), flush=True)
"""


def replying(reply):
    """Return a command that gives the same reply to everything."""
    return [sys.executable, "-c", ECHO.replace("REPLY", repr(reply))]


def signed(number):
    """Return a test of sign.json, and what is to come out."""
    case = FILES["sign"]["tests"][number - 1]
    return case, as_json(case["expected"])


def test_our_own_implementation_passes_every_test_by_the_protocol():
    with peers.start(peers.OURS) as implementation:
        outcomes = [answer.outcome for answer in run(implementation)]
    assert outcomes == ["passed"] * sum(file["numberOfTests"] for file in FILES.values())


def test_the_command_line_counts_and_tells(tmp_path):
    def said(*arguments):
        command = [sys.executable, "-m", "tests.interop.conformance", "--command", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=peers.HERE.parents[1])
        return done.returncode, done.stdout.splitlines()

    def program(reply):
        (tmp_path / "program.py").write_text(replying(reply)[-1], encoding="utf-8")
        return f"{sys.executable} {tmp_path / 'program.py'}"

    ours = " ".join(peers.command(peers.OURS))
    number = sum(len(FILES[name]["tests"]) for name in ("body_hash", "base_string_uri"))
    assert said(ours, "body_hash", "base_string_uri") == (0, [f"{number} passed, 0 failed, 0 differs, 0 unsupported"])
    status, lines = said(program({"output": "x"}), "body_hash")
    assert (status, len(lines), lines[-1]) == (1, 10, "0 passed, 9 failed, 0 differs, 0 unsupported")
    status, lines = said(program({"error": "never"}), "base_string_uri")
    results = Counter(case["result"] for case in FILES["base_string_uri"]["tests"])
    refused = "{invalid} passed, {valid} failed, {acceptable} differs, 0 unsupported".format(**results)
    assert (status, lines[-1]) == (1, refused)
    status, lines = said(program({"unsupported": "anything"}), "body_hash")
    assert (status, lines) == (1, ["0 passed, 0 failed, 0 differs, 9 unsupported"])
    assert said(ours, "no_such_function")[0] == 2
    assert said(program({"no": "reply"}))[0] == 2


@pytest.mark.parametrize(
    "change, outcome",
    [
        (lambda pairs: pairs, "passed"),
        (lambda pairs: pairs[::-1], "passed"),
        (lambda pairs: pairs[:-1] + [["oauth_signature", "wrong"]], "failed"),
        (lambda pairs: pairs[:-1], "failed"),
        (lambda pairs: [*pairs, ["oauth_extra", ""]], "failed"),
        (lambda pairs: 'OAuth realm="x", ' + ", ".join(f'{name}="{value}"' for name, value in pairs), "passed"),
        (lambda pairs: "OAuth", "failed"),
    ],
)
def test_a_signed_request_is_judged_by_its_pairs(change, outcome):
    case, expected = signed(28)
    assert judged("sign", case, {"output": change(expected)})[0] == outcome


def test_a_nonce_and_a_timestamp_of_its_own_are_signed_too():
    case, _ = signed(28)
    own = dict(case["input"], nonce="another", timestamp="1234567890")
    right = conformance.reference.sign(**own)
    assert judged("sign", case, {"output": right}) == ("passed", "")
    assert judged("sign", case, {"output": [*right[:-1], case["expected"][-1]]})[0] == "failed"


def test_plaintext_may_leave_out_nonce_and_timestamp():
    case = next(case for case in FILES["sign"]["tests"] if "Plaintext" in case["flags"])
    short = [pair for pair in case["expected"] if pair[0] not in ("oauth_nonce", "oauth_timestamp")]
    assert judged("sign", case, {"output": short}) == ("passed", "")
    hmac = signed(28)[0]
    short = [pair for pair in hmac["expected"] if pair[0] != "oauth_nonce"]
    assert judged("sign", hmac, {"output": short})[0] == "failed"


def test_refusals_and_choices_are_told_apart():
    def one(function, result):
        return next(case for case in FILES[function]["tests"] if case["result"] == result)

    invalid, choice, valid = (one("base_string_uri", result) for result in ("invalid", "acceptable", "valid"))
    assert judged("base_string_uri", invalid, {"error": "no"}) == ("passed", "")
    assert judged("base_string_uri", invalid, {"output": "http://x/"})[0] == "failed"
    assert judged("base_string_uri", choice, {"error": "no"})[0] == "differs"
    assert judged("base_string_uri", choice, {"output": choice["expected"]}) == ("passed", "")
    assert judged("base_string_uri", valid, {"error": "no"})[0] == "failed"
    assert judged("base_string_uri", valid, {"unsupported": "why"}) == ("unsupported", "why")
    forged = one("signature_methods", "invalid")
    assert judged("signature_methods", forged, {"output": True})[0] == "failed"
    assert judged("signature_methods", forged, {"output": 0})[0] == "failed"
    assert judged("signature_methods", forged, {"output": False})[0] == "passed"
    assert judged("signature_methods", forged, {"error": "no"})[0] == "passed"


def test_what_the_rfc_leaves_open_does_not_count():
    headers = FILES["authorization_header"]["tests"]
    header = next(case for case in headers if case["result"] == "valid" and ", " in case["expected"])
    other = {"output": header["expected"].replace(", ", ",\n ")}
    assert judged("authorization_header", header, other) == ("passed", "")
    sources = next(case for case in FILES["collect_parameters"]["tests"] if len(case["expected"]) > 1)
    assert judged("collect_parameters", sources, {"output": as_json(sources["expected"][::-1])}) == ("passed", "")


@pytest.mark.parametrize(
    "command, said",
    [
        ([sys.executable, "-c", "raise SystemExit('out of order')"], "out of order"),
        ([sys.executable, "-c", "pass"], "no word why"),
        ([sys.executable, "-c", "input(); print('not JSON')"], "not a reply"),
        (replying({"id": "another", "output": 1}), "not a reply"),
        (replying({}), "not a reply"),
        (replying({"output": 1, "error": "2"}), "not a reply"),
    ],
)
def test_an_implementation_that_misbehaves_is_told(command, said):
    with Implementation(command) as implementation, pytest.raises(Ended, match=said):
        implementation.ask("one", "percent_encode", {"text": "a"})


def test_an_implementation_that_does_not_answer_is_ended(monkeypatch):
    monkeypatch.setattr(conformance, "SECONDS_FOR_ONE", 0.2)
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with Implementation(command) as implementation, pytest.raises(Ended, match="it ended"):
        implementation.ask("one", "percent_encode", {"text": "a"})


def test_octets_travel_in_hexadecimal():
    assert as_json(["é", ("a\udcff", {"b": "\udcc3\udca9"})]) == [
        "é",
        [{"octets": "61ff"}, {"b": {"octets": "c3a9"}}],
    ]
    assert json.loads(json.dumps(as_json(FILES["sign"]["tests"][0]["input"])))


RIGHT = "GET&http%3A%2F%2Fexample.com%2Fr&a%3D1%26b%3D2%2520x%26oauth_nonce%3Dn"


@pytest.mark.parametrize(
    "change, said",
    [
        (("", ""), "the same base string, another key"),
        (("GET", "get"), "signs the method `get`, not `GET`"),
        (("%2Fr&", "&"), "signs the URI `http://example.com`, not `http://example.com/r`"),
        (("a%3D1%26", ""), "leaves out `a=1`"),
        (("%2520x", "%252Bx"), "signs `b=2%2Bx`, not `b=2%20x`"),
        (("a%3D1", "a%3D1%26c%3D"), "signs `c=` as well"),
        (("a%3D1%26b%3D2%2520x", "b%3D2%2520x%26a%3D1"), "signs in the order `b=2%20x&a=1`"),
        (("&a", "a"), "signs `GET&http%3A%2F%2Fexample.com%2Fra%3D1%26b%3D2%2520x%26oauth_nonce%3Dn`"),
    ],
)
def test_differences_of_base_strings_are_put_in_words(change, said):
    assert matrix.in_base_strings(RIGHT, RIGHT.replace(*change)) == said


def test_the_examples_of_the_readme_are_true(tmp_path):
    with open(os.path.join(VECTORS, "README.md"), encoding="utf-8") as stream:
        readme = stream.read()
    lines = [json.loads(line) for line in re.findall(r"^(?:->|<-) (.*)$", readme, re.MULTILINE)]
    assert len(lines) == 6
    for request, reply in zip(lines[::2], lines[1::2]):
        function, _, number = request["id"].rpartition("-")
        case = FILES[function]["tests"][int(number) - 1]
        assert request == {"id": reply["id"], "function": function, "input": as_json(case["input"])}
        assert judged(function, case, reply)[0] == ("unsupported" if "unsupported" in reply else "passed")
    (program,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    with Implementation([sys.executable, str(tmp_path / "program.py")]) as implementation:
        outcomes = {answer.outcome for answer in run(implementation, ["percent_encode", "sign"])}
    assert outcomes == {"passed", "unsupported"}


def test_the_page_has_all_our_tests_and_all_implementations():
    page = matrix.PAGE.read_text(encoding="utf-8")
    total = sum(file["numberOfTests"] for file in FILES.values())
    assert f"| all {total} tests of all functions pass |" in page, "make interop"
    for peer in peers.OTHERS:
        assert f"| {peer.name} ({peer.language}) |" in page
        assert f"\n## {peer.name} ({peer.language})\n" in page
        assert f"(#{matrix.anchor(peer)})" in page
    tests = FILES["sign"]["tests"]
    for flag, numbers in re.findall(r"^\| ([A-Z]\w+) \| ([\d, ]+) \|", page, re.MULTILINE):
        assert {tests[int(number) - 1]["flags"][0] for number in numbers.split(", ")} == {flag}, "make interop"
    assert "/tmp/" not in page


def test_every_adapter_belongs_to_an_implementation():
    files = {path.name for path in peers.ADAPTERS.iterdir() if path.is_file()}
    shared = {"serve.py", "serve.js", "serve.rb", "Serve.pm", "serve.go"}
    assert files - shared == {peer.adapter for peer in [peers.OURS, *peers.OTHERS]}
