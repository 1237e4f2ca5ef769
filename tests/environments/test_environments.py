"""The runs of ``make environments``, here in this Python alone: a copied folder, and what may not pass."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environments import __main__ as environments
from tests.environments.__main__ import FILES, Failed, excused, prepared, run
from tests.environments.interpreters import MICROPYTHON, PYSCRIPT, WITHOUT_SHA1, Environment

HERE = Environment("CPython", "", [sys.executable, "-I", "-S", "-B", "-W", "error"])
COPY = "yours._vendor.oauth1_core"
TOTAL = sum(file["numberOfTests"] for file in FILES.values())


def test_all_vectors_hold_in_a_vendored_copy_with_nothing_installed(tmp_path):
    assert run(HERE, prepared(tmp_path, COPY), COPY) == ("", TOTAL, 0)
    with pytest.raises(Failed, match="No module named 'oauth1_core'"):
        run(HERE, tmp_path, "oauth1_core")


def test_a_core_that_signs_wrongly_fails_the_run(tmp_path):
    folder = prepared(tmp_path, "oauth1_core")
    module = folder / "oauth1_core" / "uris.py"
    module.write_text(module.read_text().replace('"http": 80', '"http": 8080'))
    with pytest.raises(Failed, match="base_string_uri-"):
        run(HERE, folder, "oauth1_core")


def test_a_run_that_does_not_come_to_its_end_is_no_pass(tmp_path):
    with pytest.raises(Failed, match="did not finish"):
        run(Environment("CPython", "", [sys.executable, "-c", "print('1756 passed')"]), tmp_path, "oauth1_core")


def test_what_is_required_and_not_found_fails_and_leaves_the_table(monkeypatch, tmp_path, capsys):
    page = "before\n" + environments.MARKS[0] + "| old |\n" + environments.MARKS[1] + "after\n"
    (tmp_path / "page.md").write_text(page)
    monkeypatch.setattr(environments, "TABLE", tmp_path / "page.md")
    monkeypatch.setattr(environments, "found", lambda: [HERE])
    monkeypatch.setattr(environments, "run", lambda *_: ("3.11.7", 5, 0))
    monkeypatch.setenv("REQUIRE_ENVIRONMENTS", "1")
    assert environments.main() == 1
    assert "MicroPython, as it is shipped: not found\n" in capsys.readouterr().err
    assert (tmp_path / "page.md").read_text() == page
    monkeypatch.delenv("REQUIRE_ENVIRONMENTS")
    assert environments.main() == 0
    assert "| CPython | 3.11.7 | 5 of 5 | 5 of 5 |  |\n" in (tmp_path / "page.md").read_text()


TYPED = "AssertionError: \"... got SigningError('this Python does not offer sha1; use HMAC-SHA256')\""


@pytest.mark.parametrize(
    "name, input, said, expected",
    [
        ("CPython", {"text": "%FF"}, TYPED, False),
        (WITHOUT_SHA1, {"signature_method": "HMAC-SHA1"}, TYPED, True),
        (WITHOUT_SHA1, {"earlier": []}, TYPED.replace("SigningError", "UnsupportedSignatureMethod"), True),
        (WITHOUT_SHA1, {"signature_method": "HMAC-SHA1"}, "ValueError: 'unsupported hash type sha1'", False),
        (WITHOUT_SHA1, {"signature_method": "RSA-SHA1"}, "ValueError: 'unsupported hash type sha1'", True),
        (WITHOUT_SHA1, {"signature_method": "HMAC-SHA256"}, "AssertionError: 'another signature'", False),
        (MICROPYTHON, {"text": "a%20%C3%A9%"}, "AssertionError: 'another text'", False),
        (MICROPYTHON, {"text": "%ff"}, "UnicodeError: ''", True),
        (MICROPYTHON, {"pairs": [["a", "\udcff"]]}, "UnicodeError: ''", True),
    ],
)
def test_only_what_an_environment_lacks_is_excused(name, input, said, expected):
    assert excused(Environment(name, "", []), {"input": input, "expected": "abc"}, said) is expected


def test_sha1_refused_by_openssl_is_noticed_where_it_is_not():
    script = str(Path(environments.__file__).with_name("without_sha1.py"))
    done = subprocess.run([sys.executable, "-I", script, script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "hashlib.new offers SHA-1 all the same\n")


def test_the_page_has_every_required_environment_and_all_vectors():
    page = environments.TABLE.read_text(encoding="utf-8")
    table = page.partition(environments.MARKS[0])[2].partition(environments.MARKS[1])[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    assert {name for name, *_ in rows} >= set(environments.REQUIRED), "make environments"
    for name, _version, plain, vendored, _rest in rows:
        counted = TOTAL
        if name in (MICROPYTHON, PYSCRIPT):
            server = ("parse_authorization_header", "parse_request", "verify")
            counted -= sum(FILES[function]["numberOfTests"] for function in server)
        passed = counted if name not in (MICROPYTHON, PYSCRIPT, WITHOUT_SHA1) else int(plain.partition(" ")[0])
        assert plain == vendored == f"{passed} of {counted}", f"{name}: make environments"
    assert not re.search(r"/|\d{4}-\d\d", table), "no paths, no dates"
