"""The vectors under pytest, one test each, and the vectors themselves against their schema."""

import json
import os
import re
import sys
import types
from collections import Counter

import jsonschema
import pytest

from oauth1_core import canonical
from tests.run_vectors import RUNNERS, VECTORS, check, load

FILES = load()
CASES = [(function, case) for function, file in FILES.items() for case in file["tests"]]
SCHEMA = os.path.join(VECTORS, "schema.json")
# Flags of requests that are to be read, in the files of a server.
SHOWN_BY_WHAT_IS_READ = {
    "Published",
    "DecodedOnce",
    "NotInAUri",
    "BodyNotSigned",
    "EmptyToken",
    "Plus",
    "SortEncoded",
    "SortValues",
    "Version",
}


def read(path):
    with open(path, encoding="utf-8") as stream:
        return json.load(stream)


@pytest.mark.parametrize("function, case", CASES, ids=[case["id"] for _, case in CASES])
def test_vector(function, case):
    check(function, case)


def test_the_answers_are_the_same_where_re_is_small(monkeypatch):
    monkeypatch.setitem(sys.modules, "re", types.SimpleNamespace(compile=None))
    monkeypatch.setattr(canonical, "COMPILED", {})
    for function, case in CASES:
        check(function, case)
    assert {type(pattern) for pattern in canonical.COMPILED.values()} == {canonical.NoPattern}


def test_the_schema_follows_its_own():
    jsonschema.Draft202012Validator.check_schema(read(SCHEMA))


@pytest.mark.parametrize("function", sorted(RUNNERS))
def test_file_follows_the_schema(function):
    jsonschema.Draft202012Validator(read(SCHEMA)).validate(read(os.path.join(VECTORS, function + ".json")))


def first_valid(file):
    return next(case for case in file["tests"] if case["result"] == "valid")


@pytest.mark.parametrize(
    "drift",
    [
        lambda file: file.update(extra=1),
        lambda file: first_valid(file).update(extra=1),
        lambda file: file["tests"][0]["input"].update(extra=1),
        lambda file: first_valid(file).pop("source"),
        lambda file: first_valid(file).update(result="unknown"),
        lambda file: first_valid(file).update(result="invalid"),
        lambda file: first_valid(file).update(result="acceptable"),
        lambda file: first_valid(file).update(profile="strict"),
        lambda file: first_valid(file).update(expected=1),
        lambda file: first_valid(file).update(expected={"output": 1}),
        lambda file: first_valid(file)["expected"].update(refusal={"error": "SigningError", "reason": "both"}),
        lambda file: first_valid(file).update(expected={"refusal": {"error": "Other", "reason": "no such error"}}),
        lambda file: file.update(version="0.0.1"),
    ],
)
@pytest.mark.parametrize("function", sorted(RUNNERS))
def test_schema_rejects_drift(function, drift):
    file = read(os.path.join(VECTORS, function + ".json"))
    drift(file)
    assert not jsonschema.Draft202012Validator(read(SCHEMA)).is_valid(file)


def test_schema_and_runners_name_the_same_functions():
    assert sorted(read(SCHEMA)["properties"]["function"]["enum"]) == sorted(RUNNERS)


def test_readme_counts_the_tests():
    with open(os.path.join(VECTORS, "README.md"), encoding="utf-8") as stream:
        rows = re.findall(r"^\| \[`(\w+)`\]\(\1\.json\) \|.*\| (\d+) \|$", stream.read(), re.MULTILINE)
    assert {function: int(count) for function, count in rows} == {
        function: file["numberOfTests"] for function, file in FILES.items()
    }


def test_readme_tells_how_many_tests_there_are():
    with open(os.path.join(VECTORS, "README.md"), encoding="utf-8") as stream:
        readme = stream.read()
    assert re.findall(r"^(\d+) tests\. ", readme, re.MULTILINE) == [str(len(CASES))]
    results = re.findall(r"^- \*\*(\w+)\*\* \((\d+)(?: tests)?\)", readme, re.MULTILINE)
    assert {name: int(count) for name, count in results} == Counter(case["result"] for _, case in CASES)
    table = readme.partition("\n| profile | tests | demands |\n")[2].partition("\n\n")[0]
    profiles = re.findall(r"^\| `([\w-]+)` \| (\d+) \|", table, re.MULTILINE)
    counts = Counter(case["profile"] for _, case in CASES if "profile" in case)
    assert {name: int(count) for name, count in profiles} == counts
    assert set(read(SCHEMA)["$defs"]["test"]["properties"]["profile"]["enum"]) == set(counts)


def test_readme_lists_each_test_of_the_strict_profile_once():
    with open(os.path.join(VECTORS, "README.md"), encoding="utf-8") as stream:
        section = stream.read().partition("\n### The profile strict\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| .+ \| (`.+) \|$", section, re.MULTILINE)
    listed = []
    for row in rows:
        for function, numbers in re.findall(r"`(\w+)` ([\d, -]+)", row):
            for part in numbers.split(", "):
                first, _, last = part.partition("-")
                listed += [f"{function}-{number}" for number in range(int(first), int(last or first) + 1)]
    assert sorted(listed) == sorted(case["id"] for _, case in CASES if case.get("profile") == "strict")


@pytest.mark.parametrize("function", ["sign", "verify"])
def test_readme_has_a_row_for_each_input(function):
    with open(os.path.join(VECTORS, "README.md"), encoding="utf-8") as stream:
        table = stream.read().partition(f"\n| `input` of `{function}` | meaning |\n")[2].partition("\n\n")[0]
    told = set(re.findall(r"`(\w+)`", " ".join(row.split("|")[1] for row in table.splitlines())))
    request = {"method", "uri", "headers", "body"} if function == "verify" else set()
    assert told | request == set(read(SCHEMA)["$defs"][function]["properties"]["input"]["properties"])


def test_a_comment_that_names_no_secret_and_one_that_is_empty_are_told_apart():
    for case in FILES["verify"]["tests"]:
        secrets = {client["secret"] for client in case["input"]["credentials"]}
        if "A client known to have no secret" in case["comment"]:
            assert None in secrets, case["id"]
        if re.search("whose secret is empty:|and an empty secret:", case["comment"]):
            assert "" in secrets and None not in secrets, case["id"]
        assert "and no secret" not in case["comment"], case["id"]


def test_all_published_answers_are_there():
    assert len({case["published"] for _, case in CASES if "published" in case}) == 94
    assert len({case["published"] for _, case in CASES if "PublishedMistake" in case["flags"]}) == 8


def test_alternatives_differ_from_what_is_expected():
    for _, case in CASES:
        for other in case.get("alternatives", []):
            for kind in ("output", "refusal"):
                assert kind not in other or other[kind] != case["expected"].get(kind), case


def test_what_is_decided_names_what_decides_and_what_is_chosen_says_so():
    for _, case in CASES:
        assert case["result"] == "acceptable" or not re.search("choice|decision|Design", case["source"]), case["id"]
    for function, case in CASES:
        if case["result"] == "invalid" and "output" in case["expected"]:
            assert function == "signature_methods" and case["expected"] == {"output": False}


def test_a_flag_means_the_same_in_every_file_and_in_the_readme():
    notes = {}
    for file in FILES.values():
        for flag, note in file["notes"].items():
            assert notes.setdefault(flag, note) == note, flag
    with open(os.path.join(VECTORS, "README.md"), encoding="utf-8") as stream:
        rows = re.findall(r"^\| ([A-Z]\w+) \| (.*) \| (.*) \|$", stream.read(), re.MULTILINE)
    assert {flag: {"description": text, "effect": effect} for flag, text, effect in rows} == notes


def test_the_same_text_has_the_same_rating_in_every_function():
    """What is a choice where it is read is no error where a request is verified."""
    for flag in ("BrokenEscape", "NotUtf8"):
        for function, case in CASES:
            refused = "refusal" in case["expected"] and function not in ("signature_methods", "percent_encode")
            assert not (flag in case["flags"] and refused and case["result"] == "invalid"), case["id"]


@pytest.mark.parametrize("function", ["parse_request", "verify"])
def test_every_mistake_of_a_server_is_shown_by_three_requests_to_refuse(function):
    flags = [flag for case in FILES[function]["tests"] if "refusal" in case["expected"] for flag in case["flags"]]
    for flag in set(FILES[function]["notes"]) - SHOWN_BY_WHAT_IS_READ:
        assert flags.count(flag) >= 3, flag


def test_what_cannot_be_read_is_not_verified():
    server = {"now": 1795455318, "credentials": [], "accept": ["HMAC-SHA1"], "token": "optional", "earlier": []}
    for case in FILES["parse_request"]["tests"]:
        if "refusal" in case["expected"]:
            check("verify", dict(case, input=dict(case["input"], **server)))


def test_no_vector_is_there_twice():
    inputs = [
        json.dumps([function, case["input"]], sort_keys=True) for function, case in CASES if "published" not in case
    ]
    assert len(set(inputs)) == len(inputs)


def write_changed(directory, change):
    """Copy the vectors to ``directory``, one file changed by ``change``."""
    for function in RUNNERS:
        file = read(os.path.join(VECTORS, function + ".json"))
        if function == "body_hash":
            change(file)
        (directory / (function + ".json")).write_text(json.dumps(file), encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.update(numberOfTests=file["numberOfTests"] + 1),
        lambda file: file.update(function="sign"),
        lambda file: file["tests"].pop(),
        lambda file: first_valid(file).update(id="body_hash-2"),
        lambda file: first_valid(file).update(id="sign-1"),
        lambda file: file["tests"][0]["flags"].append("Undeclared"),
        lambda file: file["notes"].update(Unused={}),
    ],
)
def test_loader_refuses_a_file_that_contradicts_itself(tmp_path, change):
    write_changed(tmp_path, change)
    with pytest.raises(ValueError, match="body_hash"):
        load(str(tmp_path))


def test_loader_refuses_files_and_runners_that_differ(tmp_path):
    with pytest.raises(ValueError, match="runner"):
        load(str(tmp_path))
    write_changed(tmp_path, lambda file: None)
    (tmp_path / "unknown.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match="unknown"):
        load(str(tmp_path))


def test_check_fails_on_a_wrong_answer():
    case = dict(FILES["percent_encode"]["tests"][0])
    for expected in ({"output": "wrong"}, {"refusal": {"error": "SigningError", "reason": "not refused"}}):
        with pytest.raises(AssertionError):
            check("percent_encode", dict(case, expected=expected))
    refused = next(case for case in FILES["base_string_uri"]["tests"] if case["result"] == "invalid")
    for expected in ({"output": "not refused"}, {"refusal": {"error": "MalformedRequest", "reason": "another"}}):
        with pytest.raises(AssertionError):
            check("base_string_uri", dict(refused, expected=expected))


@pytest.mark.parametrize(
    "difference",
    [
        {"error": "InvalidSignature"},
        {"status": 401},
        {"problem": "version_rejected"},
        {"parameter": "oauth_nonce"},
        {"fields": [["oauth_acceptable_timestamps", "1-2"]]},
    ],
)
def test_check_fails_on_another_refusal(difference):
    refusals = [(case, case["expected"].get("refusal", {})) for case in FILES["verify"]["tests"]]
    case, refusal = next(pair for pair in refusals if pair[1].get("error") == "MissingParameter")
    check("verify", case)
    with pytest.raises(AssertionError):
        check("verify", dict(case, expected={"refusal": dict(refusal, **difference)}))


def test_check_fails_where_an_earlier_request_had_another_outcome():
    case = next(case for case in FILES["verify"]["tests"] if case["input"]["earlier"])
    earlier = [dict(request, accepted=not request["accepted"]) for request in case["input"]["earlier"]]
    with pytest.raises(AssertionError, match="earlier"):
        check("verify", dict(case, input=dict(case["input"], earlier=earlier)))
