"""``oauth1 vendor DIR``: copy the needed modules of the core (RFC 5849 sections 2 and 3), as a folder or as one file.

The needed modules are the seeds of a kind and all modules that they import, directly or not. The first line of a copy
has version, kind, date and the SHA-256 of these and of the whole copy; ``--check`` uses it to tell whether the copy is
untouched and current. A copy is put in place only after the vectors have passed with it. This module needs Python 3.9;
the copy does not.
"""

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .. import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    Files = dict[str, bytes]

PACKAGE = Path(__file__).parent.parent
NAME = "oauth1_core"
SIGN = ("signing", "signer", "transmission")
CLIENT = SIGN + ("authorization", "providers")
SERVER = ("verifying", "problem_reporting", "nonce_stores.memory")
SEEDS: "dict[str, tuple[str, ...]]" = {"sign": SIGN, "client": CLIENT, "server": SERVER, "all": CLIENT + SERVER}
STAMP = "# oauth1-core {}, {}, {}"
STAMPED = re.compile(rb"(# oauth1-core ([\w.+-]+), (sign|client|server|all), [0-9-]{10}), sha256 ([0-9a-f]{64})\r?\n")
# The check of a copy if the vectors are not installed: the example of section 1.2.
EXAMPLE = """
import sys
sys.path.insert(0, {!r})
import oauth1_core as core
client = core.ClientCredentials("dpf43f3p2l4k3l03", "kd94hf93k423kf44")
token = core.TokenCredentials("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00")
url = "http://photos.example.net/photos?file=vacation.jpg&size=original"
header = ('OAuth oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", oauth_nonce="chapoH",'
    'oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202",'
    'oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"')
if hasattr(core, "sign"):
    signed = core.sign("GET", url, client, token, timestamp=137131202, nonce="chapoH", version=None)
    assert dict(signed)["oauth_signature"] == "MdpQcU8iPSUjWoN/UDMsK2sui9I="
if hasattr(core, "verify_signature"):
    core.verify_signature(core.parse_request("GET", url, [("Authorization", header)]), client, token)
"""
LICENSE = """\
MIT License

Copyright (c) 2026 The oauth1-core authors

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


def add_vendor(parser: "argparse.ArgumentParser") -> None:
    add = parser.add_argument
    add("directory", metavar="DIR", help="the folder that gets the copy, or that contains it")
    add("--only", choices=list(SEEDS), help="which part of oauth1_core to copy; default: all")
    add("--single-file", action="store_true", help="write the file DIR/oauth1_core.py, not the folder DIR/oauth1_core")
    add("--check", action="store_true", help="say whether the copy in DIR is untouched and current; write nothing")


def run_vendor(arguments: "argparse.Namespace") -> int:
    directory = Path(arguments.directory)
    if sys.version_info < (3, 9):
        raise ValueError("vendor needs Python 3.9 or newer; the copies that it makes do not")
    if arguments.check:
        if arguments.only or arguments.single_file:
            raise ValueError("--check finds the kind of the copy itself: leave out --only and --single-file")
        sound, said = check(directory)
        print(said)
        return 0 if sound else 1
    for line in vendor(directory, arguments.only or "all", arguments.single_file):
        print(line)
    return 0


# Writing a copy.


def vendor(directory: Path, kind: str = "all", single_file: bool = False) -> "list[str]":
    """Put a copy into ``directory``, or replace an untouched copy there; return the lines to print.

    Raises ValueError if ``directory`` holds anything else that a copy must not replace, or if the copy does not work.
    """
    target = directory / (NAME + ".py" if single_file else NAME)
    for other in rivals(target):
        raise ValueError("{} exists: a program would import only one of it and the copy; remove it".format(other))
    if os.path.lexists(str(target)) and not is_untouched(target):
        raise ValueError("{} exists, and is not an untouched copy: move it away first".format(target))
    files = stamped(single(kind) if single_file else folder(kind), kind)
    with tempfile.TemporaryDirectory() as scratch:
        write(files, Path(scratch))
        held = hold_vectors(Path(scratch))
    directory.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        shutil.rmtree(str(target))
    write(files, directory)
    size = sum([len(content) for content in files.values()])
    left_out = missing(kept_files(kind, single_file))
    lines = ["{}: oauth1-core {}, {}, {} KB".format(target, __version__, kind, round(size / 1000)), held]
    return lines + (["left out: " + ", ".join(left_out)] if left_out else [])


def write(files: "Files", directory: Path) -> None:
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def stamped(files: "Files", kind: str) -> "Files":
    """Return the files; the first file gets a line with version, kind, date and SHA-256 at its beginning."""
    # A release has the date of its commit, so that a second build has the same octets.
    date = time.strftime("%Y-%m-%d", time.gmtime(float(os.environ.get("SOURCE_DATE_EPOCH") or time.time())))
    first = next(iter(files))
    head = STAMP.format(__version__, kind, date).encode("ascii")
    stamp = head + ", sha256 {}\n".format(digest_of(head, files)).encode("ascii")
    return dict(files, **{first: stamp + files[first]})


def digest_of(head: bytes, files: "Files") -> str:
    total = hashlib.sha256(head)
    for name, content in sorted(files.items()):
        # Git may have changed the line ends.
        content = content.replace(b"\r\n", b"\n")
        total.update("{!a} {}\n".format(name, len(content)).encode("ascii") + content)
    return total.hexdigest()


def folder(kind: str) -> "Files":
    """Return the files of a folder, its ``__init__.py`` first."""
    files = {name: (PACKAGE / name).read_bytes() for name in kept_files(kind, False)}
    opening = files.pop("__init__.py") if kind == "all" else opening_of(needed(kind)).encode("utf-8")
    files = {"__init__.py": opening, **files, "LICENSE": LICENSE.encode("utf-8")}
    return {NAME + "/" + name: content for name, content in files.items()}


def kept_files(kind: str, single_file: bool) -> "list[str]":
    """Return the files of the package that are in a copy, by their names within the package."""
    if kind == "all" and not single_file:
        paths = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".md", ".typed")]
        return sorted([path.relative_to(PACKAGE).as_posix() for path in paths])
    names = [module_file(name) for name in needed(kind)]
    packages = [name.rpartition("/")[0] + "/__init__.py" for name in names if "/" in name]
    return sorted({*names, *packages, "py.typed"})


def opening_of(names: "list[str]") -> str:
    """Return an ``__init__.py`` with those imports of the package's own ``__init__.py`` that the copy can resolve."""
    text = source_of("__init__")
    imports = [node for node in ast.parse(text).body if isinstance(node, ast.ImportFrom) and node.module in names]
    blocks = [lines_of(text, node) for node in imports]
    return '"""{}"""\n\n{}\n\n{}'.format(title(), "\n".join(blocks), ending(public_names(names)))


def single(kind: str) -> "Files":
    """Return one file that holds the needed modules, each after the modules that it imports."""
    names = needed(kind)
    taken: "dict[str, str]" = {}
    libraries: "set[str]" = set()
    typing: "set[str]" = set()
    bodies = []
    for name in names:
        body, imported, for_types, defined = inlined(name)
        for each in sorted(set(defined) & set(taken)):
            raise ValueError("{} is defined in {} and in {}".format(each, taken[each], name))
        taken.update(dict.fromkeys(defined, name))
        libraries |= imported
        typing |= for_types
        bodies.append(body)
    comment = "".join([("# " + line).rstrip() + "\n" for line in LICENSE.splitlines()])
    head = '"""{}"""\n\n{}\n{}'.format(title(), comment, "".join(sorted(libraries)))
    head += "\nTYPE_CHECKING = False\nif TYPE_CHECKING:\n" + "".join(["    " + each for each in sorted(typing)])
    public = public_names(names) + (["MemoryNonceStore"] if "nonce_stores.memory" in names else [])
    text = "{}\n\n{}\n\n\n{}".format(head, "\n\n\n".join(bodies), ending(public))
    return {NAME + ".py": text.encode("utf-8")}


def inlined(name: str) -> "tuple[str, set[str], set[str], list[str]]":
    """Return a module's text for a single file, its imports, its imports for types only, and the names it defines."""
    text = source_of(name)
    tree = ast.parse(text)
    lines = text.splitlines()
    removed: "set[int]" = set()
    libraries: "set[str]" = set()
    typing: "set[str]" = set()
    defined = []
    for position, node in enumerate(tree.body):
        gone = [node] if position == 0 or is_relative(node) or is_written_once(node) else []
        if isinstance(node, ast.Import):
            libraries |= set(single_imports(node))
            gone = [node]
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            imports = [each for each in node.body if isinstance(each, (ast.Import, ast.ImportFrom))]
            if node.orelse:
                imports = [each for each in imports if is_relative(each)]
            typing.update(*[single_imports(each) for each in imports if not is_relative(each)])
            gone = [node] if imports == node.body else list(imports)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            defined.append(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and not gone:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            defined += [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
        for each in gone:
            removed |= set(range(each.lineno, (each.end_lineno or 0) + 1))
    kept = [line for number, line in enumerate(lines, 1) if number not in removed]
    body = re.sub(r"\n{4,}", "\n\n\n", "\n".join(kept).strip("\n"))
    title = (ast.get_docstring(tree) or "").splitlines()[0]
    return "# {}: {}\n\n{}".format(name, title, body), libraries, typing, sorted(set(defined))


def single_imports(node: "ast.Import | ast.ImportFrom") -> "list[str]":
    start = "from {} import ".format(node.module) if isinstance(node, ast.ImportFrom) else "import "
    return [start + alias.name + "\n" for alias in node.names]


def is_relative(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.level > 0


def is_written_once(node: ast.stmt) -> bool:
    """Tell whether a statement appears only once in a single file, however many modules the file holds."""
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("TYPE_CHECKING", "__all__")


def lines_of(text: str, node: ast.stmt) -> str:
    return "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])


def title() -> str:
    return "OAuth 1.0a (RFC 5849), vendored: oauth1 vendor --check says whether this is untouched and current."


def ending(names: "list[str]") -> str:
    listed = "".join(['    "{}",\n'.format(name) for name in sorted(names)])
    return '__version__ = "{}"\n\n__all__ = [\n{}]\n'.format(__version__, listed)


# Finding the needed modules.


def modules() -> "list[str]":
    """Return every module of the package, by its name within the package."""
    paths = sorted(PACKAGE.rglob("*.py"))
    names = [".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in paths]
    return [name for name in names if not name.endswith("__init__")]


def needed(kind: str) -> "list[str]":
    """Return the modules of a kind, each after the modules that it imports."""
    found: "list[str]" = []

    def add(name: str) -> None:
        for each in imported_by(name):
            if each not in found:
                add(each)
        if name not in found:
            found.append(name)

    for seed in SEEDS[kind]:
        add(seed)
    return found


def imported_by(name: str) -> "list[str]":
    """Return the modules of the package that a module imports when it is imported."""
    place = name.split(".")
    nodes = [node for node in ast.parse(source_of(name)).body if isinstance(node, ast.ImportFrom) and node.level]
    return [".".join(place[: -node.level] + [node.module or ""]) for node in nodes]


def public_names(names: "list[str]") -> "list[str]":
    """Return the names in the package's ``__all__`` that come from these modules."""
    body = ast.parse(source_of("__init__")).body
    public = [ast.literal_eval(node.value) for node in body if isinstance(node, ast.Assign)][-1]
    imports = [node for node in body if isinstance(node, ast.ImportFrom) and node.module in names]
    return [alias.name for node in imports for alias in node.names if alias.name in public]


def missing(kept: "list[str]") -> "list[str]":
    """Return the modules that are not among these files; a package of which no file is kept is returned once."""
    names = []
    for name in modules():
        package = name.partition(".")[0]
        nothing = "." in name and not [file for file in kept if file.startswith(package + "/")]
        if module_file(name) not in kept and not (nothing and package in names):
            names.append(package if nothing else name)
    return names


def module_file(name: str) -> str:
    return name.replace(".", "/") + ".py"


def source_of(name: str) -> str:
    return (PACKAGE / module_file(name)).read_text(encoding="utf-8")


# Checking a copy.


def hold_vectors(directory: Path) -> str:
    """Run the vectors with the copy in ``directory``, and return the result as text; ValueError if a vector fails."""
    vectors, runner = PACKAGE.parent / "vectors", PACKAGE.parent / "tests" / "run_vectors.py"
    if not (vectors.is_dir() and runner.is_file()):
        run([sys.executable, "-I", "-B", "-W", "error", "-c", EXAMPLE.format(str(directory))], directory)
        return "the example of RFC 5849 section 1.2 passes (the vectors come with the source, not with a wheel)"
    (directory / "tests").mkdir()
    shutil.copy(str(runner), str(directory / "tests"))
    shutil.copytree(str(vectors), str(directory / "vectors"))
    said = run([sys.executable, "-I", "-B", "-W", "error", str(directory / "tests" / "run_vectors.py")], directory)
    return "vectors: " + said.splitlines()[-1]


def run(command: "list[str]", directory: Path) -> str:
    done = subprocess.run(command, cwd=str(directory), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        raise ValueError("the copy does not work, and was not written: {}".format(said[-2000:]))
    return said


def check(directory: Path) -> "tuple[bool, str]":
    """Return whether the copy in ``directory`` is untouched and current, and a line that says so."""
    target = directory / (NAME + ".py")
    is_single = os.path.lexists(str(target))
    if not is_single:
        target = directory / NAME
    try:
        files = contents(target)
    except ValueError as error:
        return False, str(error)
    stamp = stamp_of(files)
    if stamp is None:
        return False, "{}: not a copy that oauth1 vendor has written".format(target)
    version, kind = stamp.group(2).decode("ascii"), stamp.group(3).decode("ascii")
    if not is_untouched(target):
        return False, "{}: changed since it was written (oauth1-core {}, {})".format(target, version, kind)
    for rival in rivals(target):
        return False, "{} exists: a program would import only one of it and {}".format(rival, target)
    fresh = digest_of(stamp.group(1), single(kind) if is_single else folder(kind)).encode("ascii")
    if (version, fresh) != (__version__, stamp.group(4)):
        return False, "{}: untouched, but not current: it is {}, and this is {}".format(target, version, __version__)
    said = "{}: untouched and current (oauth1-core {}, {})".format(target, version, kind)
    caches = directory.glob("__pycache__/oauth1_core.*") if is_single else target.rglob("__pycache__")
    return True, said + ("; the files in __pycache__ are not checked" if list(caches) else "")


def rivals(target: Path) -> "list[Path]":
    """Return the files and folders beside ``target`` that compete with it for the name ``oauth1_core``."""
    if target.suffix != ".py":
        found = [target.parent / (NAME + ".py")]
    else:
        libraries = [path for path in target.parent.glob(NAME + ".*") if path.suffix in (".so", ".pyd")]
        found = [target.parent / NAME] + libraries
    return [path for path in found if os.path.lexists(str(path))]


def contents(target: Path) -> "Files":
    """Return the files of a copy, without the files in ``__pycache__``; ValueError for a link or a special file."""
    files: "Files" = {}
    left = [target] if os.path.lexists(str(target)) else []
    while left:
        path = left.pop()
        if path.is_dir() and not path.is_symlink():
            left += path.iterdir()
        elif path.is_symlink() or not path.is_file():
            raise ValueError("{!a} is a link or a special file: a copy holds only regular files".format(str(path)))
        elif path.suffix != ".pyc" or path.parent.name != "__pycache__":
            files[path.relative_to(target.parent).as_posix()] = path.read_bytes()
    return files


def stamp_of(files: "Files") -> "re.Match[bytes] | None":
    return STAMPED.match(files.get(NAME + ".py") or files.get(NAME + "/__init__.py") or b"")


def is_untouched(target: Path) -> bool:
    files = contents(target)
    stamp = stamp_of(files)
    if stamp is None:
        return False
    first = NAME + (".py" if target.suffix else "/__init__.py")
    files[first] = files[first][stamp.end() :]
    return digest_of(stamp.group(1), files) == stamp.group(4).decode("ascii")
