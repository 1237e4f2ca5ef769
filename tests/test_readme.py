"""What the READMEs show is what happens."""

import doctest
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import pytest
import tomllib

from benchmarks.report import END, RESULTS, START, headline
from oauth1_core import BadRequest, ClientCredentials, TokenCredentials, Verifier, authorization_header, sign
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from tests.support.programs import path_of

ROOT = pathlib.Path(__file__).parent.parent
READMES = [ROOT / folder / "README.md" for folder in (".", "oauth1_core", "oauth1_core/debugging", "nexmo")]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_examples_of_a_readme_print_what_they_say(readme):
    failed, run = doctest.testfile(str(readme), module_relative=False, optionflags=doctest.REPORT_NDIFF)
    assert run > 0
    assert failed == 0


def test_the_commands_of_a_page_print_what_they_say():
    """In one shell, one after the other."""
    text = (ROOT / "oauth1_core" / "debugging" / "README.md").read_text()
    blocks = re.findall("^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks
    environment = {"PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    for block in blocks:
        commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
        script = "\n".join(["echo {}\n{}".format(shlex.quote("$ " + command), command) for command in commands])
        done = subprocess.run(
            [path_of("bash"), "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=60, env=environment,
        )  # fmt: skip
        assert done.stdout == block


def test_every_make_target_of_the_readme_exists():
    named = set(re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test"} <= named <= targets


def test_every_extra_that_is_named_exists():
    pages = [(ROOT / name).read_text() for name in ("README.md", "docs/install.md")]
    for place, wanted in ((".", {"requests", "rsa"}), ("./nexmo", {"cli", "sandbox"})):
        readme, page = [set(re.findall(rf"pip install .*'{re.escape(place)}\[(\w+)\]'", each)) for each in pages]
        project = tomllib.loads((ROOT / place / "pyproject.toml").read_text())["project"]
        assert readme <= page and wanted <= page <= set(project["optional-dependencies"])


def test_the_readme_is_short_and_its_figures_are_those_of_the_last_runs():
    readme = (ROOT / "README.md").read_text()
    assert len(readme.splitlines()) <= 120
    assert f"{START}\n{headline(json.loads((RESULTS / 'latest.json').read_text()))}\n{END}" in readme
    table = (ROOT / "docs" / "reference" / "environments.md").read_text()
    minors = sorted(map(int, re.findall(r"\| CPython \| 3\.(\d+)", table)))
    pythons = f"pass in CPython 3.{minors[0]} to 3.{minors[-1]}, PyPy and Pyodide. In MicroPython only"
    assert pythons in readme
    for name in ("CPython", "PyPy", "Pyodide"):
        rows = re.findall(rf"^\| {name} \| .+? \| (\d+) of (\d+) \|", table, re.MULTILINE)
        assert rows and all([passed == total for passed, total in rows]), name


@pytest.mark.parametrize("query, values", [("to=a&amount=1", ["a", "1"]), ("to=a&amount=1&to=b", None), ("to=a", None)])
def test_what_an_application_is_shown_to_do_refuses_duplicates(query, values):
    code = re.search("^```python\n(.*?)^```$", (ROOT / "SECURITY.md").read_text(), re.MULTILINE | re.DOTALL)[1]
    assert len(code.splitlines()) == 3
    client, uri = ClientCredentials("c", "s"), "https://h/?" + query

    class Source:
        def client(self, identifier):
            return client

        def token(self, client_identifier, identifier):
            return TokenCredentials("t", "s")

    header = authorization_header(sign("GET", uri, client, TokenCredentials("t", "s")))
    names = {"verifier": Verifier(Source(), MemoryNonceStore(epoch=0))}
    names.update(method="GET", uri=uri, headers=[("Authorization", header)], body=b"")
    if values is None:
        with pytest.raises(BadRequest):
            exec(code, names)
    else:
        exec(code, names)
        assert [names["to"], names["amount"]] == values


def test_every_promise_names_tests_that_exist():
    chapter = (ROOT / "SECURITY.md").read_text().split("\n## ")[3]
    assert chapter.startswith("Promises")
    promises = chapter.split("\n- ")[1:]
    assert len(promises) > 25
    for promise in promises:
        tests = re.findall(r"^  `(.+)::(\w+)`$", promise, re.MULTILINE)
        assert tests, promise
        for path, name in tests:
            assert f"\ndef {name}(" in (ROOT / "tests" / path).read_text(), promise


def test_every_local_link_leads_somewhere():
    for readme in [*ROOT.glob("*.md"), *(ROOT / "oauth1_core").rglob("*.md"), ROOT / "nexmo" / "README.md"]:
        for link in re.findall(r"""(?:\]\(|<img src=")([^)#:"]+)[)"]""", readme.read_text()):
            assert (readme.parent / link).exists(), f"{readme.name}: {link}"
