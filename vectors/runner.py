"""Ask a program, in any language, what the vectors ask, and tell what it answers wrongly.

    python runner.py --command "./my-program --its-options" [--result valid] [--profile strict] [FUNCTION ...]

Python's standard library alone, 3.7 or newer, and the JSON files beside this one. The program reads one JSON object
per line and answers with one; README.md has the protocol. Exits with 0 if nothing failed and something passed,
with 1 if not, with 2 if the program could not be asked.
"""

import argparse
import base64
import glob
import hashlib
import hmac
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
from collections import Counter, namedtuple
from urllib.parse import quote, unquote, unquote_to_bytes

HERE = os.path.dirname(os.path.abspath(__file__))
RESULTS = ("valid", "invalid", "acceptable")
PROFILES = ("strict", "limits", "body-hash")
OUTCOMES = ("passed", "alternative", "differs", "failed", "crashed", "unsupported")
SECONDS_FOR_ONE = 30
CRASHES = 10
PAIR = r'([^ \t\r\n=,"]+)="((?:[^"\\]|\\[\s\S])*)"'
# What may stand in a query, or between two "&" of a form.
IN_A_QUERY = r"(?:[A-Za-z0-9._~!$'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*"
# What these return is the text they are given, with parameters appended.
APPENDING = ("form_encoded_body", "request_uri", "resource_owner_authorization_uri")
# RFC 3447 section 9.2: the DER in front of the hash.
DIGEST_INFO = {
    "sha1": "3021300906052b0e03021a05000414",
    "sha256": "3031300d060960864801650304020105000420",
    "sha512": "3051300d060960864801650304020305000440",
}

Answer = namedtuple("Answer", ["function", "case", "outcome", "detail", "reply"])


class Ended(Exception):
    """The program ended, did not answer in time, or answered what is not the protocol."""


class Program:
    """A command that runs as long as it is asked, and is started again once it has ended."""

    def __init__(self, command, longest=None):
        self.command = command
        self.longest = longest
        self.process = None
        self.ended = 0

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.stop()

    def start(self):
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        try:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors
            )
        except OSError as error:
            self.errors.close()
            raise Ended(f"{self.command[0]} does not start: {error}") from None

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.errors.close()
            self.process = None

    def ask(self, identifier, function, input):
        """Return the reply, an object with ``output``, ``error``, ``unsupported`` or ``crash``. Raises Ended."""
        try:
            return self.reply_to(identifier, function, input)
        except Ended:
            self.ended += 1
            self.stop()
            raise

    def reply_to(self, identifier, function, input):
        line = json.dumps({"id": identifier, "function": function, "input": input}).encode("ascii") + b"\n"
        if self.longest is not None and len(line) > self.longest:
            return {"unsupported": f"a line of more than {self.longest} octets"}
        if self.process is None:
            self.start()
        timer = threading.Timer(SECONDS_FOR_ONE, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write(line)
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except OSError:
            answer = b""
        finally:
            timer.cancel()
        if not answer.endswith(b"\n"):
            self.process.kill()
            self.process.wait()
            self.errors.seek(0)
            said = self.errors.read().decode("utf-8", "replace").strip().splitlines() or ["no word why"]
            raise Ended(f"it ended: {said[-1][:200]}")
        try:
            reply = json.loads(answer.decode("utf-8"), parse_int=number, parse_constant=not_json)
            right = reply["id"] == identifier and len({"output", "error", "unsupported", "crash"} & set(reply)) == 1
        except (ValueError, KeyError, TypeError):
            right = False
        if not right:
            raise Ended(f"not a reply: {answer[:200]!r}")
        return reply


def number(digits):
    """Return an integer; of more digits than an expected one has, a float: Python limits how many it reads."""
    return int(digits) if len(digits) < 20 else float(digits)


def not_json(name):
    raise ValueError(f"{name} is not JSON")


def load(directory=HERE):
    """Return {function: file}, repeats written out and keys put in the place of their names.

    Raises ValueError where a file does not hold the tests that it announces.
    """
    files = {}
    for path in sorted(glob.glob(os.path.join(glob.escape(directory), "*.json"))):
        with open(path, encoding="utf-8") as stream:
            file = json.load(stream)
        if "tests" in file:
            if len(file["tests"]) != file["numberOfTests"]:
                raise ValueError(f"{path}: numberOfTests is {file['numberOfTests']}")
            file["tests"] = [written_out(case, file.get("keys")) for case in file["tests"]]
            files[file["function"]] = file
    if not files:
        raise ValueError(f"no vectors in {directory}")
    return files


def written_out(value, keys):
    if isinstance(value, list):
        return [written_out(item, keys) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"repeat"}:
        return text_of(b"".join(octets_of(piece) * times for piece, times in value["repeat"]))
    return {name: keys[item] if name == "rsa_key" else written_out(item, keys) for name, item in value.items()}


def octets_of(text):
    return bytes.fromhex(text["octets"]) if isinstance(text, dict) else text.encode("utf-8")


def text_of(octets):
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return {"octets": octets.hex()}


def run(program, files, functions=(), results=RESULTS, profiles=()):
    """Yield an Answer for each test of these functions and results, until the program has ended too often."""
    for function, file in files.items():
        if functions and function not in functions:
            continue
        answers = []
        for case in file["tests"]:
            # less_hollow needs a valid test that passed, even if valid tests are left out.
            if case["result"] not in results and (case["result"] != "valid" or accepts(answers)):
                continue
            try:
                reply = program.ask(case["id"], function, case["input"])
                outcome, detail = judged(function, case, reply, profiles)
            except Ended as reason:
                reply, outcome, detail = {}, "crashed", str(reason)
            answers.append(Answer(function, case, outcome, detail, reply))
            if program.ended == CRASHES:
                break
        yield from [answer for answer in less_hollow(answers) if answer.case["result"] in results]
        if program.ended == CRASHES:
            return


def accepts(answers):
    """Tell whether a valid test has passed."""
    return any(answer.case["result"] == "valid" and answer.outcome == "passed" for answer in answers)


def less_hollow(answers):
    """Return the answers; where nothing that is valid was accepted, refusals show nothing and have failed."""
    valid = {answer.outcome for answer in answers if answer.case["result"] == "valid"}
    if accepts(answers) or not valid & {"failed", "crashed"}:
        return answers
    why = "refused or false, but so is everything that is valid"
    return [
        answer._replace(outcome="failed", detail=why)
        if answer.outcome == "passed" and agrees(answer.function, answer.case["expected"], {"error": why})
        else answer
        for answer in answers
    ]


def judged(function, case, reply, profiles=()):
    """Return outcome and detail."""
    if "unsupported" in reply:
        return "unsupported", str(reply["unsupported"])
    if "crash" in reply:
        return "crashed", str(reply["crash"])
    expected = case["expected"]
    if function == "sign" and isinstance(reply.get("output"), str) and reply["output"].isascii():
        reply = dict(reply, output=header_pairs(reply["output"]))
    if function == "sign" and "output" in expected and are_pairs(reply.get("output")):
        expected = signed_with_its_own(case, reply["output"])
    if agrees(function, expected, reply):
        return "passed", ""
    detail = told(expected, reply)
    if case["result"] == "acceptable" and case.get("profile") not in profiles:
        others = [other for other in case["alternatives"] if agrees(function, other, reply)]
        return ("alternative", f"like {others[0]['who']}: {others[0]['why']}") if others else ("differs", detail)
    return "failed", detail


def agrees(function, expected, reply):
    """Tell whether a reply is what ``expected``, or an alternative, says."""
    if "error" in reply:
        # A signature that must not verify may be refused, too.
        return "refusal" in expected or expected.get("output") is False
    if "output" not in expected:
        return "accepted" in expected
    if function == "verify" and reply["output"] == {}:
        return True  # an implementation that verifies need not give back parameters
    return comparable(function, reply["output"]) == comparable(function, expected["output"])


def comparable(function, value):
    """Return ``value`` less what the RFC leaves open, such as the order of pairs; README.md lists it."""
    if is_octets(value):
        value = text_of(octets_of(value))  # octets that are UTF-8 are a text
    if function == "challenge" and isinstance(value, str):
        realm = re.match(r'(?i)OAuth +realm="(?:[^"\\]|\\[\s\S])*"', value)
        return "challenge", realm.group() if realm else value
    one_pair_or_more = rf"OAuth +{PAIR}(?:[ \t\r\n]*,[ \t\r\n]*{PAIR})*"
    if function == "authorization_header" and isinstance(value, str) and re.fullmatch(one_pair_or_more, value):
        return "header", sorted(re.findall(PAIR, value))
    if function in APPENDING and isinstance(value, str):
        start = 0 if function == "form_encoded_body" else value.find("?") + 1
        return "appended", value[:start] + re.sub("(?<![^&])[^&#]+", protocol_parameter_decoded, value[start:])
    if isinstance(value, dict):
        return "object", {name: comparable(function, item) for name, item in value.items()}
    if are_pairs(value):
        return "pairs", sorted([json.dumps([comparable(function, item) for item in pair]) for pair in value])
    # True is equal to 1, and is not the same answer; 1.0 is the same number as 1.
    return "number" if type(value) in (int, float) else type(value).__name__, value


def protocol_parameter_decoded(match):
    """Return a pair of a query, or of a form, in one spelling if it is a protocol parameter, otherwise as it is."""
    name, equals, value = match.group().replace("+", " ").partition("=")
    if not re.fullmatch(IN_A_QUERY, match.group()) or not unquote_to_bytes(name).startswith(b"oauth_"):
        return match.group()
    return quote(unquote_to_bytes(name), safe="~") + equals + quote(unquote_to_bytes(value), safe="~")


def is_octets(value):
    if not isinstance(value, dict) or set(value) != {"octets"} or not isinstance(value["octets"], str):
        return False
    return re.fullmatch("(?:[0-9A-Fa-f]{2})*", value["octets"]) is not None


def are_pairs(value):
    return isinstance(value, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in value)


def header_pairs(header):
    """Return the pairs of an Authorization header without its realm."""
    pairs = [[text_of(unquote_to_bytes(text)) for text in pair] for pair in re.findall(PAIR, header)]
    return [pair for pair in pairs if pair[0] != "realm"]


def signed_with_its_own(case, output):
    """Return what is expected with the timestamp and nonce of ``output``: some libraries insist on their own."""
    input, expected, found = case["input"], case["expected"], {str(name): value for name, value in output}
    pairs, base_string = [list(pair) for pair in expected["output"]], expected["base_string"]
    for pair in pairs:
        own = found.get(pair[0])
        if pair[0] in ("oauth_timestamp", "oauth_nonce") and isinstance(own, str) and own.isascii():
            old, pair[1] = pair[1], own
            parts = [quote(quote(text, safe="~"), safe="~") for text in (old, pair[1])]
            base_string = base_string.replace(*[f"{pair[0]}%3D{part}" for part in parts])
    if base_string != expected["base_string"] and input["signature_method"] != "PLAINTEXT":
        pairs[-1] = ["oauth_signature", signature(input, base_string)]
    # "The parameter MAY be omitted when using the "PLAINTEXT" signature method." (section 3.1)
    optional = ("oauth_timestamp", "oauth_nonce") if input["signature_method"] == "PLAINTEXT" else ()
    return {
        "output": [pair for pair in pairs if pair[0] in found or pair[0] not in optional],
        "base_string": base_string,
    }


def signature(input, base_string):
    """Sections 3.4.2 and 3.4.3."""
    family, digest = input["signature_method"].lower().split("-")
    if family == "hmac":
        secrets = [input["client"]["secret"], input["token"]["secret"] if input["token"] else ""]
        key = "&".join([quote(octets_of(secret), safe="~") for secret in secrets])
        octets = hmac.new(key.encode("ascii"), base_string.encode("ascii"), digest).digest()
    else:
        n, d = [int(input["rsa_key"][number], 16) for number in ("modulus", "privateExponent")]
        size = (n.bit_length() + 7) // 8
        end = bytes.fromhex(DIGEST_INFO[digest]) + hashlib.new(digest, base_string.encode("ascii")).digest()
        padded = b"\x00\x01" + b"\xff" * (size - 3 - len(end)) + b"\x00" + end
        octets = pow(int.from_bytes(padded, "big"), d, n).to_bytes(size, "big")
    return base64.b64encode(octets).decode("ascii")


def told(expected, reply):
    """Return how a reply differs, in words."""
    if "error" in reply:
        return f"refused: {reply['error']}"
    if "base_string" in expected and isinstance(reply.get("base_string"), str):
        return in_base_strings(expected["base_string"], reply["base_string"])
    wanted = "a refusal" if "refusal" in expected else json.dumps(expected["output"])
    got = json.dumps(reply["output"])
    return f"expected {shortened(wanted)}, got {shortened(got)}"


def shortened(text, length=300):
    return text if len(text) <= length else text[: length - 3] + "..."


def in_base_strings(right, found):
    """Return what is signed in place of what."""
    if right == found:
        return "the same base string, another key or signature"
    parts, found_parts = right.split("&"), found.split("&")
    if len(found_parts) != 3:
        return f"signs {code(found)}"
    if parts[0] != found_parts[0]:
        return f"signs the method {code(found_parts[0])}, not {code(parts[0])}"
    if parts[1] != found_parts[1]:
        return f"signs the URI {code(unquote(found_parts[1]))}, not {code(unquote(parts[1]))}"
    ours, theirs = unquote(parts[2]).split("&"), unquote(found_parts[2]).split("&")
    lost = list((Counter(ours) - Counter(theirs)).elements())
    added = list((Counter(theirs) - Counter(ours)).elements())
    if not lost and not added:
        return f"signs in the order {code('&'.join(pair for pair in theirs if not pair.startswith('oauth_')))}"
    if not added:
        return f"leaves out {code('&'.join(lost))}"
    return f"signs {code('&'.join(added))}" + (f", not {code('&'.join(lost))}" if lost else " as well")


def code(text):
    text = ascii(text)[1:-1].replace("\\\\", "\\")
    text = shortened(text, 70)
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def octets(text):
    if not re.fullmatch("[0-9]{1,15}", text):
        raise ValueError
    return int(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--command", required=True, help="what to run, as one would type it")
    parser.add_argument("--result", choices=RESULTS, action="append", help="only these tests; may be repeated")
    parser.add_argument("--profile", choices=PROFILES, action="append", default=[], help="what is demanded as well")
    parser.add_argument("--longest", type=octets, help="leave out what takes a longer line, in octets")
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="only these; otherwise all")
    arguments = parser.parse_args()
    try:
        command = shlex.split(arguments.command)
    except ValueError as error:
        parser.error(f"--command: {error}")
    if not command:
        parser.error("--command: nothing to run")
    files = load()
    unknown = set(arguments.functions) - set(files)
    if unknown:
        parser.error(f"no vectors for {', '.join(sorted(unknown))}")
    total, classes, notes = Counter(), {}, {}
    with Program(command, arguments.longest) as program:
        options = arguments.functions, arguments.result or RESULTS, arguments.profile
        for answer in run(program, files, *options):
            total[answer.outcome] += 1
            if answer.outcome in ("differs", "failed", "crashed"):
                print(f"{answer.outcome}: {answer.case['id']}: {answer.case['comment']} {ascii(answer.detail)[1:-1]}")
            if answer.outcome in ("failed", "crashed"):
                for flag in answer.case["flags"]:
                    classes.setdefault(flag, []).append(answer.case["id"])
                    notes[flag] = files[answer.function]["notes"][flag]
    for flag, ids in sorted(classes.items(), key=lambda item: (-len(item[1]), item[0])):
        print(f"{flag}, {len(ids)} failed. {notes[flag]['description']} Otherwise: {notes[flag]['effect']}")
    print(", ".join([f"{total[outcome]} {outcome}" for outcome in OUTCOMES]))
    if program.ended == CRASHES:
        print(f"stopped after {CRASHES} crashes", file=sys.stderr)
        return 2
    return 1 if total["failed"] or total["crashed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
