"""Run the vectors through any implementation that speaks the protocol of vectors/README.md.

    python -m tests.interop.conformance --command "ruby my_adapter.rb" [FUNCTION ...]

Prints, for each function, how many tests passed of those that apply, and each that did not; exits with 1 if there
is one. A test whose result is "acceptable" and that comes out differently is told and counted apart.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
from collections import namedtuple

from tests.run_vectors import VECTORS, load

sys.path.insert(0, VECTORS)
import reference

SECONDS_FOR_ONE = 30
PAIR = re.compile(r'([^\s=,"]+)="([^"]*)"')

# outcome: passed, differs (another choice where the RFC leaves one), failed or unsupported; detail: text
Answer = namedtuple("Answer", ["function", "case", "outcome", "detail", "reply"])


class Ended(Exception):
    """The implementation ended, did not answer in time, or answered what is not the protocol."""


class Implementation:
    """A command that runs as long as it is asked."""

    def __init__(self, command, environment=None):
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, env=environment
        )

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.process.kill()
        self.process.communicate()
        self.errors.close()

    def ask(self, identifier, function, input):
        """Return the reply, an object with ``output``, ``error`` or ``unsupported``. Raises Ended."""
        request = {"id": identifier, "function": function, "input": as_json(input)}
        timer = threading.Timer(SECONDS_FOR_ONE, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            timer.cancel()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            said = self.errors.read().decode("utf-8", "replace").strip().splitlines() or ["no word why"]
            raise Ended(f"{identifier}: it ended: {said[-1][:200]}")
        try:
            reply = json.loads(line.decode("utf-8"))
            right = reply["id"] == identifier and len({"output", "error", "unsupported"} & set(reply)) == 1
        except (ValueError, KeyError, TypeError):
            right = False
        if not right:
            raise Ended(f"{identifier}: not a reply: {line[:200]!r}")
        return reply


def as_json(value):
    """Return ``value`` as the vectors write it: {"octets": ...} for text that is not UTF-8."""
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {name: as_json(item) for name, item in value.items()}
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return {"octets": value.encode("utf-8", "surrogateescape").hex()}
    return value


def run(implementation, functions=(), results=("valid", "invalid", "acceptable")):
    """Yield an Answer for each test of these functions and results."""
    for function, file in load().items():
        if functions and function not in functions:
            continue
        for case in file["tests"]:
            if case["result"] in results:
                reply = implementation.ask(f"{function}-{case['tcId']}", function, case["input"])
                yield Answer(function, case, *judged(function, case, reply), reply)


def judged(function, case, reply):
    """Return outcome and detail."""
    if "unsupported" in reply:
        return "unsupported", str(reply["unsupported"])
    expected, refused = as_json(case["expected"]), "error" in reply
    if refused:
        # Words and class of a refusal are an implementation's own; a signature that must not verify may be refused.
        if case["result"] == "invalid" or is_refusal(expected):
            return "passed", ""
        detail = f"refused: {reply['error']}"
    else:
        output = reply["output"]
        if function == "sign":
            output = header_pairs(output) if isinstance(output, str) else output
            expected = expected_for(case, output)
        if comparable(function, output) == comparable(function, expected):
            return "passed", ""
        detail = f"expected {json.dumps(expected)}, got {json.dumps(output)}"
    return "differs" if case["result"] == "acceptable" else "failed", detail


def header_pairs(header):
    """Return the pairs of an Authorization header without its realm."""
    pairs = [[reference.percent_decode(text) for text in pair] for pair in PAIR.findall(header)]
    return [pair for pair in pairs if pair[0] != "realm"]


def expected_for(case, output):
    """Return what is to come out with the timestamp and nonce of ``output``: some libraries insist on their own."""
    input, found = case["input"], dict(output)
    own = {name: found.get("oauth_" + name, input[name]) for name in ("timestamp", "nonce")}
    if is_refusal(case["expected"]):
        return case["expected"]
    expected = as_json(reference.sign(**dict(input, **own)))
    # "The parameter MAY be omitted when using the "PLAINTEXT" signature method." (section 3.1)
    optional = ("oauth_timestamp", "oauth_nonce") if input["signature_method"] == "PLAINTEXT" else ()
    return [pair for pair in expected if pair[0] in found or pair[0] not in optional]


def is_refusal(expected):
    return isinstance(expected, dict) and "error" in expected


def comparable(function, value):
    """Return ``value`` less what the RFC leaves open."""
    if function in ("sign", "collect_parameters") and isinstance(value, list):
        return sorted([json.dumps(pair) for pair in value])
    if function == "authorization_header" and isinstance(value, str):
        return re.sub(r",\s*", ",", value)
    # True is equal to 1, and is not the same answer.
    return type(value), value


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], prog="python -m tests.interop.conformance")
    parser.add_argument("--command", required=True, help="what to run, as one would type it")
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="only these; otherwise all")
    arguments = parser.parse_args()
    unknown = set(arguments.functions) - {name[:-5] for name in os.listdir(VECTORS) if name.endswith(".json")}
    if unknown:
        parser.error(f"no vectors for {', '.join(sorted(unknown))}")
    total = dict.fromkeys(["passed", "failed", "differs", "unsupported"], 0)
    with Implementation(shlex.split(arguments.command)) as implementation:
        try:
            for answer in run(implementation, arguments.functions):
                total[answer.outcome] += 1
                if answer.outcome in ("failed", "differs"):
                    where = f"{answer.function}-{answer.case['tcId']}"
                    print(f"{answer.outcome}: {where}: {answer.case['comment']} {ascii(answer.detail)[1:-1]}")
        except Ended as reason:
            print(reason, file=sys.stderr)
            return 2
    print(", ".join([f"{count} {outcome}" for outcome, count in total.items()]))
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
