"""The runners of the vectors for other implementations: what they count, and what they say of one that misbehaves."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter

import pytest

from tests.interop import matrix, peers
from tests.interop.matrix import FILES, Ended, runner
from tests.interop.peers import VECTORS, Program
from tests.support.programs import skip

sys.path.insert(0, VECTORS)
import reference

pytestmark = pytest.mark.slow

ECHO = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"id": request["id"], **REPLY}), flush=True)
"""
RUNNERS = {"Python": [sys.executable, "-I", "-S", "runner.py"], "JavaScript": ["node", "runner.mjs"]}
TOTAL = sum(file["numberOfTests"] for file in FILES.values())


def replying(reply):
    """Return a command that gives the same reply to everything."""
    return [sys.executable, "-c", ECHO.replace("REPLY", repr(reply))]


def vector(function, number):
    return next(case for case in FILES[function]["tests"] if case["id"] == f"{function}-{number}")


def judged(function, case, reply, profiles=()):
    return runner.judged(function, case, reply, profiles)


@pytest.fixture(params=RUNNERS)
def said(request, tmp_path):
    """Run the runner with a command, in a folder that has nothing but the vectors and an environment that is empty."""
    start = RUNNERS[request.param]
    if not shutil.which(start[0]):
        skip(f"{start[0]} is not installed")
    folder = shutil.copytree(VECTORS, tmp_path / "vectors")

    def run(command, *arguments):
        environment = {"PATH": os.path.dirname(shutil.which(start[0]))}
        line = [*start, "--command", command, *arguments]
        done = subprocess.run(line, capture_output=True, text=True, cwd=folder, env=environment, timeout=300)
        return done.returncode, done.stdout.splitlines(), done.stderr

    return run


@pytest.fixture
def program(tmp_path):
    def write(reply):
        (tmp_path / "program.py").write_text(replying(reply)[-1], encoding="utf-8")
        return f"{sys.executable} {tmp_path / 'program.py'}"

    return write


def test_our_own_implementation_passes_every_test_and_profile(said):
    profiles = [option for profile in runner.PROFILES for option in ("--profile", profile)]
    status, lines, _ = said(" ".join(peers.command(peers.OURS)), *profiles)
    assert (status, lines) == (0, [f"{TOTAL} passed, 0 alternative, 0 differs, 0 failed, 0 crashed, 0 unsupported"])


def test_both_runners_judge_another_implementation_alike():
    peer = next(peer for peer in peers.OTHERS if peer.name == "oauthlib")
    try:
        peers.version(peer)
    except peers.Unavailable as reason:
        skip(str(reason))
    command = ["--command", " ".join(peers.command(peer)), "base_string_uri", "sign", "verify"]
    reports = []
    for start in RUNNERS.values():
        done = subprocess.run([*start, *command], capture_output=True, text=True, cwd=VECTORS, timeout=300)
        lines = [line for line in done.stdout.splitlines() if not line.startswith(("failed", "differs"))]
        reports.append((done.returncode, re.findall(r"^(?:failed|differs): [\w-]+", done.stdout, re.MULTILINE), lines))
    assert reports[0] == reports[1] and len(reports[0][1]) > 10


def with_expected(function, number, **changes):
    """Return a reply with the expected output, some members of it changed."""
    return {"output": dict(vector(function, number)["expected"]["output"], **changes)}


def as_line(identifier, reply):
    return json.dumps({"id": identifier, **reply}).encode("ascii")


HEADER = vector("authorization_header", 1)["expected"]["output"]
# Replies, as JSON or as octets, and what becomes of them in either runner.
JUDGED = [
    ("parse_request", 170, with_expected("parse_request", 1, timestamp=None), "alternative"),
    (
        "parse_request",
        169,
        b'{"id": "parse_request-169", "output": {"timestamp": ' + b"9" * 5000 + b"}}",
        "alternative",
    ),
    ("parse_request", 1, with_expected("parse_request", 1, timestamp=1795455318.0), "passed"),
    ("parse_request", 2, with_expected("parse_request", 2, timestamp="1795455318"), "failed"),
    ("parse_request", 47, with_expected("parse_request", 47, timestamp=None), "passed"),
    (
        "parse_request",
        48,
        as_line("parse_request-48", with_expected("parse_request", 48)).replace(b"null", b"1e999"),
        "failed",
    ),
    ("decode_form", 1, {"output": {}}, "failed"),
    ("percent_decode", 36, {"output": {"octets": "FF"}}, "passed"),
    ("percent_decode", 1, {"output": {"octets": "3D 25 33 44"}}, "failed"),
    ("percent_decode", 2, {"output": {"octets": "zz"}}, "failed"),
    ("percent_encode", 23, {"output": {"octets": ""}}, "passed"),
    ("percent_encode", 12, {"output": {"octets": "253242", "text": "%2B"}}, "failed"),
    ("authorization_header", 1, {"output": [list(pair) for pair in re.findall(runner.PAIR, HEADER)]}, "failed"),
    ("authorization_header", 2, {"output": "OAuth \x1d"}, "failed"),
    ("percent_encode", 1, b'{"id": "percent_encode-1", "output": NaN}', "crashed"),
    ("percent_encode", 2, b'{"id": "percent_encode-2", "output": "\xff"}', "crashed"),
    ("percent_encode", 3, b'\xef\xbb\xbf{"id": "percent_encode-3", "output": "a"}', "crashed"),
    ("sign", 28, {"output": 'OAuth oauth_nonce="\u00e9"'}, "failed"),
    ("sign", 29, {"output": [["oauth_nonce", "\ud800"]]}, "failed"),
    ("form_encoded_body", 7, {"output": "oauth_nonce=a+b"}, "passed"),
    (
        "form_encoded_body",
        10,
        {"output": "oauth_token=a%2bb/c==%26d&oauth_token_secret=100%25+%7E&oauth_callback_confirmed=true"},
        "failed",
    ),
    ("form_encoded_body", 3, {"output": "c2&a3=2%20q&x=%7e&&y=[1]&oauth_nonce=n"}, "failed"),
    ("form_encoded_body", 5, {"output": "oauth_callback=http://c.example/?x=1%26y=%2b&oauth_\u00e9=%25"}, "failed"),
    ("request_uri", 14, {"output": "https://client.example.net/cb?oauth_token=a/b%3D&oauth_verifier=c+%26d"}, "passed"),
    (
        "request_uri",
        6,
        {"output": "http://example.com/r?oauth_callback=http://c.example/?x=1%26y%3D%2B&oauth_nonce=%c3%a9+%25"},
        "passed",
    ),
    ("request_uri", 5, {"output": "http://example.com/r?a=%3F&oauth_nonce=n"}, "failed"),
    ("request_uri", 4, {"output": "http://example.com/r?oauth_nonce=%6E"}, "passed"),
    (
        "resource_owner_authorization_uri",
        5,
        {"output": "https://server.example.com/authorize?oauth_token=a%2Bb%2Fc%3D%26d+%C3%A9"},
        "passed",
    ),
]


def test_both_runners_judge_a_reply_alike(said, tmp_path):
    replies = {}
    for function, number, reply, _ in JUDGED:
        identifier = f"{function}-{number}"
        line = reply if isinstance(reply, bytes) else as_line(identifier, reply)
        assert replies.setdefault(identifier, line) is line, identifier
    (tmp_path / "program.py").write_text(
        "import json, sys\n"
        f"REPLIES = {replies!r}\n"
        "for line in sys.stdin:\n"
        "    identifier = json.loads(line)['id']\n"
        "    line = REPLIES.get(identifier) or json.dumps({'id': identifier, 'unsupported': 'no'}).encode('ascii')\n"
        "    sys.stdout.buffer.write(line + b'\\n')\n"
        "    sys.stdout.buffer.flush()\n",
        encoding="utf-8",
    )
    functions = sorted({function for function, *_ in JUDGED})
    _, lines, errors = said(f"{sys.executable} {tmp_path / 'program.py'}", *functions)
    told = Counter(line.split(": ")[0] + ": " + line.split(": ")[1] for line in lines if re.match(r"\w+: \w+-\d", line))
    assert told == Counter(
        f"{outcome}: {function}-{number}" for function, number, _, outcome in JUDGED if outcome in ("failed", "crashed")
    )
    totals = Counter(outcome for *_, outcome in JUDGED)
    assert re.findall(r"(\d+) (passed|alternative|differs)", lines[-1]) == [
        (str(totals[outcome]), outcome) for outcome in ("passed", "alternative", "differs")
    ]
    assert errors == ""


def test_a_reply_without_the_end_of_its_line_is_none(said, tmp_path):
    (tmp_path / "program.py").write_text(
        "import json, sys\nprint(json.dumps({'id': json.loads(input())['id'], 'unsupported': 'no'}), end='')\n",
        encoding="utf-8",
    )
    status, lines, errors = said(f"{sys.executable} {tmp_path / 'program.py'}", "body_hash")
    assert (status, errors) == (2, f"stopped after {runner.CRASHES} crashes\n")
    assert len([line for line in lines if line.startswith("crashed: ")]) == runner.CRASHES


@pytest.mark.parametrize(
    "options",
    [
        ["program 'open"],
        ['program "open'],
        ["program \\"],
        [" "],
        ["program", "--longest", "abc"],
        ["program", "--longest", "-1"],
        ["program", "--longest", "1_000"],
        ["program", "--longest", ""],
        ["program", "--result", "right"],
        ["program", "--profile", "lax"],
        ["program", "--results", "valid"],
        ["program", "no_such_function"],
    ],
)
def test_both_runners_refuse_the_same_command_lines(options, said):
    status, lines, errors = said(*options)
    assert (status, lines) == (2, []) and errors.startswith("usage: ")


def test_both_runners_divide_a_command_as_python_does(said, tmp_path):
    (tmp_path / "program.py").write_text(
        "import json, pathlib, sys\n"
        "pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(sys.argv[1:]))\n"
        "for line in sys.stdin:\n"
        "    print(json.dumps({'id': json.loads(line)['id'], 'unsupported': 'all'}), flush=True)\n",
        encoding="utf-8",
    )
    words = r"""a 'a b'  c "a \n b" "\\ \" \$" a\ b '' a'b'"c"d '\' a\"b """ + '\\\n "a\nb" a\u00a0b \t c'
    said(f"{sys.executable} {tmp_path / 'program.py'} {words}", "challenge")
    assert json.loads((tmp_path / "program.json").read_text(encoding="utf-8")) == shlex.split(words)


def test_the_command_line_counts_and_tells(said, program):
    ours = " ".join(peers.command(peers.OURS))
    number = sum(len(FILES[name]["tests"]) for name in ("body_hash", "base_string_uri"))
    end = "passed, 0 alternative, 0 differs, 0 failed, 0 crashed, 0 unsupported"
    assert said(ours, "body_hash", "base_string_uri")[:2] == (0, [f"{number} {end}"])
    valid = Counter(case["result"] for case in FILES["base_string_uri"]["tests"])["valid"]
    assert said(ours, "--result", "valid", "base_string_uri")[:2] == (0, [f"{valid} {end}"])
    status, lines, _ = said(program({"output": "x"}), "body_hash")
    count = len(FILES["body_hash"]["tests"])
    assert (status, lines[-1]) == (1, f"0 passed, 0 alternative, 0 differs, {count} failed, 0 crashed, 0 unsupported")
    assert len([line for line in lines if line.startswith("failed: body_hash-")]) == count
    (line,) = [line for line in lines if line.startswith("Published, ")]
    assert line.endswith("Otherwise: " + FILES["body_hash"]["notes"]["Published"]["effect"])
    status, lines, _ = said(program({"unsupported": "anything"}), "body_hash")
    last = f"0 passed, 0 alternative, 0 differs, 0 failed, 0 crashed, {count} unsupported"
    assert (status, lines) == (1, [last])
    assert said(ours, "no_such_function")[0] == 2


def test_a_program_that_refuses_everything_passes_nothing(said, program):
    status, lines, _ = said(program({"error": "never"}), "--result", "valid", "--result", "invalid")
    assert status == 1 and re.fullmatch(r"0 passed, .*, 0 crashed, 0 unsupported", lines[-1])
    failed = "failed: base_string_uri-48: Another scheme. refused or false, but so is everything that is valid"
    assert failed in lines
    for options in (["invalid"], ["acceptable", "--profile", "strict"]):
        status, lines, _ = said(program({"error": "never"}), "base_string_uri", "--result", *options)
        asked = sum(case["result"] == options[0] for case in FILES["base_string_uri"]["tests"])
        counts = re.fullmatch(r"0 passed, (\d+) alternative, (\d+) differs, (\d+) failed, 0 crashed, 0 .*", lines[-1])
        assert status == 1 and sum(map(int, counts.groups())) == asked
        assert (failed in lines) == (options == ["invalid"])


@pytest.mark.parametrize("rubbish", [{"output": 5}, {"output": [1]}, {"output": {"octets": "x"}}, {"output": None}])
def test_rubbish_passes_nothing_and_breaks_nothing(said, program, rubbish):
    status, lines, errors = said(program(rubbish), "--result", "valid", "--result", "invalid")
    assert (status, errors) == (1, "") and re.fullmatch(
        r"0 passed, 0 alternative, 0 differs, .* unsupported", lines[-1]
    )


def test_what_is_called_a_crash_passes_no_test(said, program):
    number = len(FILES["parse_callback"]["tests"])
    status, lines, _ = said(program({"crash": "TypeError"}), "parse_callback")
    assert status == 1
    assert lines[-1] == f"0 passed, 0 alternative, 0 differs, 0 failed, {number} crashed, 0 unsupported"


def test_a_program_that_ends_is_started_again_and_the_totals_are_told(said, tmp_path):
    (tmp_path / "program.py").write_text(
        "import json, sys\n"
        "for line in sys.stdin:\n"
        "    request = json.loads(line)\n"
        "    if len(line) > 100000:\n"
        "        sys.exit('too long for me')\n"
        "    print(json.dumps({'id': request['id'], 'unsupported': 'all'}), flush=True)\n",
        encoding="utf-8",
    )
    command = f"{sys.executable} {tmp_path / 'program.py'}"
    status, lines, _ = said(command, "parse_request")
    crashed = [line for line in lines if line.startswith("crashed: ")]
    assert status == 1 and len(crashed) >= 4 and all(line.endswith("it ended: too long for me") for line in crashed)
    rest = len(FILES["parse_request"]["tests"]) - len(crashed)
    assert lines[-1] == f"0 passed, 0 alternative, 0 differs, 0 failed, {len(crashed)} crashed, {rest} unsupported"
    status, lines, _ = said(command, "--longest", "60000", "parse_request")
    assert lines == [f"0 passed, 0 alternative, 0 differs, 0 failed, 0 crashed, {rest + len(crashed)} unsupported"]


def test_a_program_that_always_ends_or_cannot_start_is_given_up(said, program):
    status, lines, errors = said(program({"no": "reply"}))
    assert (status, errors) == (2, f"stopped after {runner.CRASHES} crashes\n")
    assert lines[-1].endswith(f" {runner.CRASHES} crashed, 0 unsupported") and "not a reply" in lines[0]
    status, lines, _ = said("/no/such/program")
    assert status == 2 and "does not start" in lines[0]


def test_the_longest_line_is_the_one_that_the_readme_announces():
    lines = [
        json.dumps({"id": case["id"], "function": function, "input": case["input"]})
        for function, file in FILES.items()
        for case in file["tests"]
    ]
    readme = matrix.PAGE.with_name("README.md").read_text(encoding="utf-8")
    (announced,) = re.findall(r"up to ([\d,]+) octets", readme)
    assert 0.9 < max(map(len, lines)) / int(announced.replace(",", "")) < 1


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
    case = vector("sign", 28)
    assert judged("sign", case, {"output": change(case["expected"]["output"])})[0] == outcome


@pytest.mark.parametrize("number", [28, 29, 39, 299, 306, 313])
def test_a_nonce_and_a_timestamp_of_its_own_are_signed_too(number):
    case = vector("sign", number)
    own = dict(case["input"], nonce="an & other", timestamp="1234567890")
    right = reference.sign(**own)
    assert judged("sign", case, {"output": right}) == ("passed", "")
    if case["input"]["signature_method"] != "PLAINTEXT":
        assert judged("sign", case, {"output": [*right[:-1], case["expected"]["output"][-1]]})[0] == "failed"


def test_plaintext_may_leave_out_nonce_and_timestamp():
    own = ("oauth_nonce", "oauth_timestamp")
    case, hmac = vector("sign", 306), vector("sign", 28)
    short, too_short = [[pair for pair in each["expected"]["output"] if pair[0] not in own] for each in (case, hmac)]
    assert judged("sign", case, {"output": short}) == ("passed", "")
    assert judged("sign", hmac, {"output": too_short})[0] == "failed"


def test_refusals_and_choices_are_told_apart():
    def one(function, result, **members):
        found = [case for case in FILES[function]["tests"] if case["result"] == result]
        return next(case for case in found if all(case.get(name) == value for name, value in members.items()))

    invalid, valid = one("base_string_uri", "invalid"), one("base_string_uri", "valid")
    assert judged("base_string_uri", invalid, {"error": "no"}) == ("passed", "")
    assert judged("base_string_uri", invalid, {"crash": "no"}) == ("crashed", "no")
    assert judged("base_string_uri", invalid, {"output": "http://x/"})[0] == "failed"
    assert judged("base_string_uri", valid, {"error": "no"})[0] == "failed"
    assert judged("base_string_uri", valid, {"unsupported": "why"}) == ("unsupported", "why")
    choice = vector("base_string_uri", 32)
    assert judged("base_string_uri", choice, {"output": choice["expected"]["output"]}) == ("passed", "")
    other, why = judged("base_string_uri", choice, {"output": choice["alternatives"][0]["output"]})
    assert other == "alternative" and choice["alternatives"][0]["who"] in why
    assert judged("base_string_uri", choice, {"error": "no"})[0] == "differs"
    strict = one("parse_request", "acceptable", profile="strict")
    assert judged("parse_request", strict, {"output": {}})[0] == "alternative"
    assert judged("parse_request", strict, {"output": {}}, ["strict"])[0] == "failed"
    assert judged("parse_request", strict, {"error": "no"}, ["strict"]) == ("passed", "")
    forged = one("signature_methods", "invalid")
    assert judged("signature_methods", forged, {"output": True})[0] == "failed"
    assert judged("signature_methods", forged, {"output": 0})[0] == "failed"
    assert judged("signature_methods", forged, {"output": False})[0] == "passed"
    assert judged("signature_methods", forged, {"error": "no"})[0] == "passed"
    accepted = one("verify", "valid")
    assert judged("verify", accepted, {"output": {}})[0] == "passed"
    assert judged("verify", accepted, {"output": {"parameters": []}})[0] == "failed"


def test_what_the_rfc_leaves_open_does_not_count():
    header = vector("authorization_header", 1)
    first, _, rest = header["expected"]["output"].partition(" ")[2].partition(", ")
    other = f"OAuth {rest.replace(', ', ',')},\n {first}"
    assert judged("authorization_header", header, {"output": other}) == ("passed", "")
    assert judged("authorization_header", header, {"output": other.replace("wIjqoS", "wIjqos")})[0] == "failed"
    for function in ("collect_parameters", "decode_form", "parse_authorization_header"):
        found = [case for case in FILES[function]["tests"] if len(case["expected"].get("output", [])) > 1]
        assert judged(function, found[0], {"output": found[0]["expected"]["output"][::-1]}) == ("passed", "")
    received = vector("parse_request", 1)
    output = dict(received["expected"]["output"])
    output["parameters"] = output["parameters"][::-1]
    assert judged("parse_request", received, {"output": output}) == ("passed", "")
    assert judged("parse_request", received, {"output": dict(output, nonce="x")})[0] == "failed"


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
    with Program(command) as program, pytest.raises(Ended, match=said):
        program.ask("one", "percent_encode", {"text": "a"})


def test_an_implementation_that_does_not_answer_is_ended(monkeypatch):
    monkeypatch.setattr(runner, "SECONDS_FOR_ONE", 0.2)
    with Program([sys.executable, "-c", "import time; time.sleep(60)"]) as program, pytest.raises(
        Ended, match="it ended"
    ):
        program.ask("one", "percent_encode", {"text": "a"})


def test_octets_may_be_repeated():
    repeat = {"repeat": [["a", 2], [{"octets": "ff"}, 2]]}
    assert runner.written_out([repeat], {}) == [{"octets": "6161ffff"}]
    assert runner.written_out({"repeat": [[{"octets": "c3"}, 1], [{"octets": "a9"}, 1]]}, {}) == "é"


RIGHT = "GET&http%3A%2F%2Fexample.com%2Fr&a%3D1%26b%3D2%2520x%26oauth_nonce%3Dn"


@pytest.mark.parametrize(
    "change, said",
    [
        (("", ""), "the same base string, another key or signature"),
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
    assert runner.in_base_strings(RIGHT, RIGHT.replace(*change)) == said


def test_the_examples_of_the_readme_are_true(tmp_path):
    with open(os.path.join(VECTORS, "README.md"), encoding="utf-8") as stream:
        readme = stream.read()
    lines = [json.loads(line) for line in re.findall(r"^(?:->|<-) (.*)$", readme, re.MULTILINE)]
    assert len(lines) == 6
    for request, reply in zip(lines[::2], lines[1::2]):
        function, _, number = request["id"].rpartition("-")
        case = vector(function, number)
        assert request == {"id": reply["id"], "function": function, "input": case["input"]}
        assert judged(function, case, reply)[0] == ("unsupported" if "unsupported" in reply else "passed")
    (source,) = re.findall(r"```python\n(import json, sys\n.*?)```", readme, re.DOTALL)
    (tmp_path / "program.py").write_text(source, encoding="utf-8")
    with Program([sys.executable, str(tmp_path / "program.py")]) as program:
        outcomes = {answer.outcome for answer in runner.run(program, FILES, ["percent_encode", "sign"])}
    assert outcomes == {"passed", "unsupported"}


def test_the_page_has_all_our_tests_and_all_implementations():
    page = matrix.PAGE.read_text(encoding="utf-8")
    total = sum(file["numberOfTests"] for file in FILES.values())
    assert f"| all {total} tests of all functions pass |" in page, "make interop"
    for peer in peers.OTHERS:
        assert f"| {peer.name} ({peer.language}) |" in page
        assert f"\n### {peer.name} ({peer.language})\n" in page
        assert f"(#{matrix.anchor(peer)})" in page
        assert (f"### {peer.name} ({peer.language}), verifying\n" in page) == (
            peer.name in peers.VERIFYING[peer.language]
        )
    page = page.partition("\n## Verifying\n")[0]
    tests = {case["id"]: case for case in FILES["sign"]["tests"]}
    for flag, numbers in re.findall(r"^\| ([A-Z]\w+) \| ([\d, ]+) \|", page, re.MULTILINE):
        assert {tests[f"sign-{number}"]["flags"][0] for number in numbers.split(", ")} == {flag}, "make interop"
    assert "/tmp/" not in page


def test_every_adapter_belongs_to_an_implementation():
    files = {path.name for path in peers.ADAPTERS.iterdir() if path.is_file()}
    shared = {"serve.py", "serve.js", "serve.rb", "Serve.pm", "serve.go"}
    files |= {path.name for path in peers.EXAMPLES.iterdir() if path.is_file()}
    assert files - shared == {peer.adapter for peer in [peers.OURS, *peers.OTHERS]}
