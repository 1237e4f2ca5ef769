"""Run the vectors in every Python that is found, as the package and as a vendored copy, and write a page's table.

The page is docs/reference/environments.md.

    python -m tests.environments

The vectors must pass in every Python that is found. If REQUIRE_ENVIRONMENTS is set, all that install.sh installs must
be found. The other rows are the Pythons of the machine that wrote the table.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote_to_bytes

from tests.environments import browser, microcontrollers, vendored
from tests.environments.interpreters import MICROPYTHON, PYODIDE, PYSCRIPT, WITHOUT_SHA1, found
from tests.run_vectors import ROOT, VECTORS, load

TABLE = Path(ROOT, "docs", "reference", "environments.md")
MARKS = "<!-- written by make environments -->\n", "<!-- end of what is written -->\n"
REQUIRED = ["CPython", WITHOUT_SHA1, "PyPy", PYODIDE, MICROPYTHON, PYSCRIPT]
PAGE = microcontrollers.PAGE
SIZE_MARKS = "<!-- sizes written by make environments -->\n", "<!-- end of sizes -->\n"
PACKAGES = ["oauth1_core", "yours._vendor.oauth1_core"]
FILES = load()
# A character that MicroPython's JSON reader reads as two.
PAIR = re.compile(r"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}", re.IGNORECASE)
# Why a case may fail in an environment; follows the number of cases.
LACKS = {
    WITHOUT_SHA1: "vectors need SHA-1; each raises the documented exception",
    MICROPYTHON: "vectors contain octets that are not UTF-8, or need SHA-512; the server's vectors are not run",
    PYSCRIPT: "vectors contain octets that are not UTF-8; the server's vectors are not run",
}


class Failed(Exception):
    """The vectors do not pass in this environment."""


def main():
    rows, failed = [], []
    with tempfile.TemporaryDirectory() as folder:
        folders = [prepared(Path(folder, package), package) for package in PACKAGES]
        for environment in found():
            try:
                rows.append(row(environment, [run(environment, *each) for each in zip(folders, PACKAGES)]))
                print(*rows[-1], sep="  ", flush=True)
            except Failed as reason:
                failed.append(environment.name)
                print(f"{environment.name} {environment.version}: {reason}", file=sys.stderr)
    missing = set(REQUIRED) - {name for name, *_ in rows} - set(failed)
    for name in sorted(missing):
        print(f"{name}: not found", file=sys.stderr)
    if failed or (missing and os.environ.get("REQUIRE_ENVIRONMENTS")):
        return 1
    head = ["environment", "version", "vectors passed", "passed in a vendored copy", "why the others did not pass"]
    put(TABLE, MARKS, table_of(head, rows))
    return 0


def small_places():
    """Check microcontrollers, vendored copies and the browser, write their figures, and return the failures' names."""
    failed = []
    for part in (microcontrollers_held, copies_held, browser_held):
        try:
            part()
        except (microcontrollers.Failed, vendored.Failed, OSError, ValueError) as reason:
            failed.append(part.__name__)
            print(f"{part.__name__}: {reason}", file=sys.stderr)
    return failed


def microcontrollers_held():
    if microcontrollers.missing():
        return not_there(microcontrollers.missing())
    head = ["what is imported", "installed by", "source", "heap from source", "as `.mpy`", "heap from `.mpy`"]
    rows = microcontrollers.measured()
    put(PAGE, MARKS, table_of(head, rows))
    microcontrollers.compile_page()
    for line in [*rows, *microcontrollers.fetched()]:
        print(*([line] if isinstance(line, str) else line), sep="  ", flush=True)


def copies_held():
    pythons = [each.command[:1] for each in found() if each.name == "CPython"]
    for what in vendored.held([pythons[0], pythons[-1]]):
        print(f"signed in {what}", flush=True)
    vendored.import_all(pythons[0])
    print(f"imported {len(vendored.PLAIN_MODULES)} modules in {pythons[0][0].rpartition('/')[2]}", flush=True)
    head = ["`--only`", "folder", "in a zip", "one file", "in a zip"]
    put(PAGE, SIZE_MARKS, table_of(head, vendored.sizes()))
    if not vendored.TOOLS.exists():
        return not_there([vendored.TOOLS])
    for what in vendored.tooled():
        print(f"signed, {what}", flush=True)


def browser_held():
    if browser.missing():
        return not_there(browser.missing())
    print(browser.signed_in_chromium(), flush=True)


def not_there(paths):
    if os.environ.get("REQUIRE_ENVIRONMENTS"):
        raise OSError(f"not found: {', '.join(map(str, paths))}")
    print(f"not found: {', '.join(map(str, paths))}", file=sys.stderr)


def table_of(head, rows):
    return "".join(["| " + " | ".join(cells) + " |\n" for cells in [head, ["---"] * len(head), *rows]])


def put(page, marks, text):
    old = page.read_text(encoding="utf-8")
    before, after = old.split(marks[0])[0], old.split(marks[1])[1]
    page.write_text(before + marks[0] + text + marks[1] + after, encoding="utf-8")


def prepared(folder, package):
    """Put only the vectors, their runner, and the core as ``package`` into ``folder``."""
    target = folder.joinpath(*package.split("."))
    shutil.copytree(Path(ROOT, "oauth1_core"), target, ignore=shutil.ignore_patterns("__pycache__"))
    for parent in target.parents:
        if folder in parent.parents:
            (parent / "__init__.py").touch()
    shutil.copytree(VECTORS, folder / "vectors")
    for path in (folder / "vectors").glob("*.json"):
        path.write_text(PAIR.sub(written_out, path.read_text(encoding="utf-8")), encoding="utf-8")
    (folder / "tests").mkdir()
    shutil.copy(Path(ROOT, "tests", "run_vectors.py"), folder / "tests")
    return folder


def written_out(pair):
    return json.loads('"' + pair[0] + '"')


def run(environment, folder, package):
    """Return the version (the one that the run prints, if it prints one), and how many cases passed and failed."""
    target = folder if environment.hosted else folder / "tests" / "run_vectors.py"
    command = [*environment.command, str(target), package]
    environ = dict(os.environ, OPENSSL_CONF=environment.openssl) if environment.openssl else None
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=folder, env=environ)
    end = re.search(r"^(\d+) passed, (\d+) failed\n\Z", done.stdout, re.MULTILINE)
    if end is None:
        raise Failed(f"the run did not finish: {done.stdout[-500:]}{done.stderr[-2000:]}")
    passed, failed = map(int, end.groups())
    told = re.findall(r"^  (\w+)-(\d+): (.*)$", done.stdout, re.MULTILINE)
    for function, number, said in told:
        case = next(case for case in FILES[function]["tests"] if case["id"] == f"{function}-{number}")
        if not excused(environment, case, said):
            raise Failed(f"{function}-{number}: {said}")
    if len(told) != failed:
        raise Failed(f"{failed} cases failed, but the run names {len(told)}")
    version = re.search(r"^version: (.+)$", done.stdout, re.MULTILINE)
    return version.group(1) if version else environment.version, passed, failed


def excused(environment, case, said):
    """Tell whether this failure of a case is expected in this environment."""
    if environment.name == WITHOUT_SHA1:
        # The vectors' own RSA functions are not part of the core: they raise hashlib's error.
        by_key_holder = said.startswith("ValueError: ") and "RSA-SHA1" in str(case)
        typed = re.search(r" (SigningError|UnsupportedSignatureMethod)\(.*this Python does not offer sha1", said)
        return by_key_holder or typed is not None
    if environment.name == MICROPYTHON and "SHA512" in str(case).replace("-", "").upper():
        # The vectors' own RSA functions raise the module's error.
        return re.search(r"SigningError\(.*does not offer sha512|has no attribute 'sha512'", said) is not None
    return environment.name in (MICROPYTHON, PYSCRIPT) and not is_utf8(case)


def is_utf8(value):
    """Tell whether every text in ``value``, with its escapes decoded, is UTF-8."""
    if isinstance(value, dict):
        return is_utf8(list(value.items()))
    if isinstance(value, (list, tuple)):
        return all(map(is_utf8, value))
    try:
        unquote_to_bytes(value.encode("utf-8") if isinstance(value, str) else b"").decode("utf-8")
        return True
    except UnicodeError:
        return False


def row(environment, runs):
    counts = [f"{passed} of {passed + failed}" for _, passed, failed in runs]
    version, _, failed = runs[0]
    return [environment.name, version, *counts, f"{failed} {LACKS[environment.name]}" if failed else ""]


if __name__ == "__main__":
    small = small_places()
    sys.exit(main() or bool(small))
