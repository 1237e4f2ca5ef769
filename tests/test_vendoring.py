"""``oauth1 vendor``: what a copy holds, that it works alone, and what --check says of it."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import oauth1_core
from oauth1_core.debugging.command_line import main
from oauth1_core.vendoring import copying
from tests.run_vectors import load

ROOT = Path(oauth1_core.__file__).parent.parent
EXAMPLE = """
import sys
sys.path[:0] = [{folder!r}]
from {name} import ClientCredentials, TokenCredentials, sign
client = ClientCredentials("dpf43f3p2l4k3l03", "kd94hf93k423kf44")
token = TokenCredentials("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00")
url = "http://photos.example.net/photos?file=vacation.jpg&size=original"
print(sign("GET", url, client, token, timestamp=137131202, nonce="chapoH", version=None)[-1][1])
"""
ALL = sum([len(file["tests"]) for file in load().values()])
SIGNED = "MdpQcU8iPSUjWoN/UDMsK2sui9I="  # RFC 5849 section 1.2


@pytest.fixture(autouse=True)
def same_day(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795824000")


@pytest.fixture
def without_vectors(monkeypatch):
    """The vectors of each kind take seconds; test_every_kind_holds_the_vectors_of_what_it_has runs them."""
    monkeypatch.setattr(copying, "hold_vectors", lambda directory: "not run here")


def run_python(*arguments, **options):
    return subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, timeout=60, **options)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(copying.SEEDS))
@pytest.mark.parametrize("options", [[], ["--single-file"]], ids=["folder", "file"])
def test_every_kind_holds_the_vectors_of_what_it_has(kind, options, tmp_path, capsys):
    assert main(["vendor", str(tmp_path), "--only", kind, *options]) == 0
    first, vectors, *rest = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r".*/oauth1_core(\.py)?: oauth1-core [0-9.]+, " + kind + r", \d+ KB", first)
    passed = int(re.fullmatch(r"vectors: (\d+) passed, 0 failed", vectors)[1])
    assert passed == ALL if kind == "all" else 900 < passed < ALL
    assert bool(rest) == (kind != "all" or bool(options))


def test_signing_in_one_file_is_checked_by_the_vectors_and_signs_alone(tmp_path, capsys):
    assert main(["vendor", str(tmp_path), "--only", "sign", "--single-file"]) == 0
    _, vectors, left_out = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"vectors: \d{3} passed, 0 failed", vectors)
    assert "authorization" in left_out and "adapters," in left_out and "signer" not in left_out
    assert [path.name for path in tmp_path.iterdir()] == ["oauth1_core.py"]
    done = run_python("-I", "-OO", "-W", "error", "-c", EXAMPLE.format(folder=str(tmp_path), name="oauth1_core"))
    assert (done.stdout, done.stderr) == (SIGNED + "\n", "")
    head = (tmp_path / "oauth1_core.py").read_text().partition("\n\n\n")[0]
    stamp = rf"# oauth1-core {re.escape(oauth1_core.__version__)}, sign, 2026-11-28, sha256 [0-9a-f]{{64}}\n"
    assert re.match(stamp, head)
    assert [line.strip("# ") for line in head.splitlines() if "Permission is hereby" in line]
    assert main(["vendor", str(tmp_path), "--check"]) == 0
    assert "untouched and current" in capsys.readouterr().out


@pytest.mark.parametrize("single_file", [False, True])
def test_a_second_copy_has_the_same_octets_and_takes_the_place_of_the_first(single_file, tmp_path, without_vectors):
    def contents():
        return {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    copying.vendor(tmp_path, "all", single_file)
    first = contents()
    copying.vendor(tmp_path, "all", single_file)
    assert contents() == first
    copying.vendor(tmp_path, "sign", single_file)
    assert len(contents()) < len(first) or single_file


@pytest.mark.parametrize("single_file", [False, True])
def test_a_copy_that_was_changed_is_told_and_never_overwritten(single_file, tmp_path, without_vectors, capsys):
    copying.vendor(tmp_path, "client", single_file)
    path = tmp_path / ("oauth1_core.py" if single_file else "oauth1_core/nonce.py")
    path.write_text(path.read_text().replace("os.urandom(23)", "bytes(23)"))
    assert main(["vendor", str(tmp_path), "--check"]) == 1
    assert "changed since it was written" in capsys.readouterr().out
    arguments = ["vendor", str(tmp_path), "--only", "client", *(["--single-file"] if single_file else [])]
    assert main(arguments) == 2
    assert "not an untouched copy" in capsys.readouterr().err


def test_a_file_more_is_a_change_and_what_git_does_to_line_ends_or_python_beside_it_is_none(
    tmp_path, without_vectors, capsys
):
    copying.vendor(tmp_path, "sign")
    for path in tmp_path.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    (tmp_path / "oauth1_core" / "__pycache__").mkdir()
    (tmp_path / "oauth1_core" / "__pycache__" / "nonce.cpython-311.pyc").write_bytes(b"")
    assert main(["vendor", str(tmp_path), "--check"]) == 0
    (tmp_path / "oauth1_core" / "more.py").touch()
    assert main(["vendor", str(tmp_path), "--check"]) == 1


def test_what_python_keeps_beside_a_copy_is_said_not_to_be_checked(tmp_path, without_vectors, capsys):
    for single_file in (False, True):
        directory = tmp_path / str(single_file)
        copying.vendor(directory, "sign", single_file)
        assert main(["vendor", str(directory), "--check"]) == 0
        assert "not checked" not in capsys.readouterr().out
        cache = (directory if single_file else directory / "oauth1_core") / "__pycache__"
        made(cache / ("oauth1_core.cpython-311.pyc" if single_file else "nonce.cpython-311.pyc"))
        assert main(["vendor", str(directory), "--check"]) == 0
        said = "current (oauth1-core {}, sign); the files in __pycache__ are not checked"
        assert said.format(oauth1_core.__version__) in capsys.readouterr().out


def linked(path, to="/etc/hostname"):
    if path.exists():
        path.unlink()
    path.symlink_to(to)


def made(path, content=b"print('another')\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def edited(before, after):
    def edit(copy):
        path = copy if copy.suffix else copy / "__init__.py"
        content = path.read_bytes()
        path.write_bytes(re.sub(before, after, content, count=1))
        assert path.read_bytes() != content

    return edit


STAMPS = {
    "version": edited(b"core [0-9.]+,", b"core 9.9,"), "kind": edited(b", sign,", b", client,"),
    "date": edited(b"2026-", b"2027-"), "escape": edited(b"core [0-9.]+,", b"core 1\x1b[2J,"),
    "octet": edited(b"core [0-9.]+,", b"core 1\xff,"),
}  # fmt: skip
IN_A_FOLDER = {
    **STAMPS,
    "a linked folder": lambda copy: linked(copy / "signing", copy.parent),
    "a linked file": lambda copy: (
        (copy / "nonce.py").rename(copy.parent / "n.py"),
        linked(copy / "nonce.py", "../n.py"),
    ),
    "a link to nothing": lambda copy: linked(copy / "more", "nothing"),
    "a pipe": lambda copy: os.mkfifo(copy / "more.py"),
    "compiled": lambda copy: made(copy / "signing" / "__init__.pyc"),
    "compiled, in a folder of the cache": lambda copy: made(copy / "__pycache__" / "x" / "__init__.pyc"),
    "no cache": lambda copy: made(copy / "__pycache__" / "signing.py"),
    "a linked cache": lambda copy: linked(copy / "__pycache__", copy.parent),
    "the folder is a link": lambda copy: (copy.rename(copy.parent / "c"), linked(copy, "c")),
    "a file beside": lambda copy: made(copy.parent / "oauth1_core.py"),
    "a name that is no text": lambda copy: made(copy / os.fsdecode(b"\xff.py")),
}
BESIDE_A_FILE = {
    **STAMPS,
    "a folder": lambda copy: made(copy.parent / "oauth1_core" / "__init__.py"),
    "a library": lambda copy: made(copy.parent / "oauth1_core.abi3.so"),
    "a link to nothing": lambda copy: linked(copy.parent / "oauth1_core", "nothing"),
    "the file is a link": lambda copy: (copy.rename(copy.parent / "c"), linked(copy, "c")),
}


@pytest.mark.parametrize(
    "single_file, change",
    [(False, each) for each in IN_A_FOLDER.values()] + [(True, each) for each in BESIDE_A_FILE.values()],
    ids=[*("folder, " + each for each in IN_A_FOLDER), *("file, " + each for each in BESIDE_A_FILE)],
)
def test_what_else_would_be_imported_or_was_edited_is_told_and_not_overwritten(
    single_file, change, tmp_path, without_vectors, capsys
):
    copying.vendor(tmp_path, "sign", single_file)
    change(tmp_path / ("oauth1_core.py" if single_file else "oauth1_core"))
    assert main(["vendor", str(tmp_path), "--check"]) == 1
    said = capsys.readouterr().out
    assert "untouched" not in said and "\x1b" not in said and "codec" not in said
    assert main(["vendor", str(tmp_path), "--only", "sign", *(["--single-file"] if single_file else [])]) == 2


def test_nothing_is_written_through_a_link(tmp_path, without_vectors):
    (tmp_path / "oauth1_core.py").symlink_to(tmp_path / "elsewhere.py")
    assert main(["vendor", str(tmp_path), "--single-file"]) == 2
    assert not (tmp_path / "elsewhere.py").exists()


def test_a_copy_of_an_older_version_is_told(tmp_path, without_vectors, monkeypatch, capsys):
    monkeypatch.setattr(copying, "__version__", "0.0.1")
    copying.vendor(tmp_path, "sign")
    monkeypatch.undo()
    assert main(["vendor", str(tmp_path), "--check"]) == 1
    assert "untouched, but not current: it is 0.0.1" in capsys.readouterr().out


def test_what_is_no_copy_is_told(tmp_path, capsys):
    assert main(["vendor", str(tmp_path), "--check"]) == 1
    assert "not a copy that oauth1 vendor has written" in capsys.readouterr().out
    (tmp_path / "oauth1_core.py").write_text("print('mine')\n")
    assert main(["vendor", str(tmp_path), "--check"]) == 1
    assert main(["vendor", str(tmp_path), "--single-file"]) == 2
    assert main(["vendor", str(tmp_path)]) == 2
    assert main(["vendor", str(tmp_path), "--check", "--only", "sign"]) == 2
    assert (tmp_path / "oauth1_core.py").read_text() == "print('mine')\n"


@pytest.mark.slow
def test_a_copy_for_which_a_vector_does_not_hold_is_not_written(tmp_path, monkeypatch, capsys):
    read = copying.source_of
    monkeypatch.setattr(copying, "source_of", lambda name: read(name).replace('"http": 80', '"http": 8080'))
    assert main(["vendor", str(tmp_path), "--only", "sign", "--single-file"]) == 2
    assert "does not work, and was not written" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_two_modules_of_one_file_define_no_name_twice(monkeypatch):
    read = copying.source_of
    monkeypatch.setattr(copying, "source_of", lambda name: read(name) + "\n\nTWICE = 2\n")
    with pytest.raises(ValueError, match="TWICE is defined in errors and in"):
        copying.single("sign")


def test_where_the_vectors_are_not_installed_the_example_of_the_rfc_has_to_hold(tmp_path):
    """As from a wheel: the tool itself runs from a copied folder."""
    copying.write(copying.folder("all"), tmp_path)
    target = tmp_path / "target"
    done = run_python("-W", "error", "-m", "oauth1_core", "vendor", target, "--only", "server", cwd=tmp_path)
    assert "the example of RFC 5849 section 1.2 passes" in done.stdout, done.stderr
    assert "verifying.py" in os.listdir(target / "oauth1_core")


def test_the_copy_is_tried_and_not_what_is_installed(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    monkeypatch.setattr(copying, "PACKAGE", tmp_path / "without" / "oauth1_core")
    (tmp_path / "oauth1_core.py").write_text("raise SystemExit('the copy')\n")
    with pytest.raises(ValueError, match="the copy"):
        copying.hold_vectors(tmp_path)


def test_the_licence_is_ours():
    assert (ROOT / "LICENSE").read_text() == copying.LICENSE


@pytest.mark.parametrize("kind", list(copying.SEEDS))
def test_a_kind_offers_what_it_is_for_and_nothing_that_is_not_there(kind):
    names = {"sign": {"sign", "Signer"}, "client": {"Provider", "sign"}, "server": {"Verifier", "refusal"}}
    text = copying.single(kind)["oauth1_core.py"].decode()
    public = set(ast.literal_eval(text.partition("__all__ = ")[2]))
    assert public >= names.get(kind, names["client"] | names["server"])
    assert public <= set(oauth1_core.__all__) | {"MemoryNonceStore"}
    namespace = {"__name__": "copy"}
    exec(compile(text, "copy", "exec"), namespace)
    assert public <= set(namespace)


def test_without_the_vectors_beside_it_a_copy_signs_the_example_of_the_rfc(tmp_path, monkeypatch):
    """As in a wheel, which does not bring them."""
    (tmp_path / "wheel").mkdir()
    (tmp_path / "wheel" / "oauth1_core").symlink_to(copying.PACKAGE)
    monkeypatch.setattr(copying, "PACKAGE", tmp_path / "wheel" / "oauth1_core")
    assert "example of RFC 5849 section 1.2 passes" in copying.vendor(tmp_path / "copy", "sign")[1]


def test_a_python_that_cannot_make_copies_is_told_which_can(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(copying, "sys", SimpleNamespace(version_info=(3, 8)))
    assert main(["vendor", str(tmp_path / "copy")]) == 2
    assert "vendor needs Python 3.9 or newer" in capsys.readouterr().err
    assert not (tmp_path / "copy").exists()
