"""Copies that ``oauth1 vendor`` makes, in the places where programs keep such copies, and what they weigh.

Each place is laid out as its program lays it out; the example of RFC 5849 section 1.2 is signed there, by the oldest
Python and the newest, with ``-OO``. What freezes, compiles or vendors is in .interpreters/tools (install.sh).
"""

import ast
import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from oauth1_core.vendoring import copying
from oauth1_core.vendoring.copying import PACKAGE, SEEDS, modules, stamped, vendor, write
from tests.environments.interpreters import INSTALLED

TOOLS = INSTALLED / "tools"
CALL = """
client = {0}ClientCredentials("dpf43f3p2l4k3l03", "kd94hf93k423kf44")
token = {0}TokenCredentials("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00")
url = "http://photos.example.net/photos?file=vacation.jpg&size=original"
print({0}sign("GET", url, client, token, timestamp=137131202, nonce="chapoH", version=None)[-1][1])
"""
SIGNED = "MdpQcU8iPSUjWoN/UDMsK2sui9I=\n"
USE = "import oauth1_core\n" + CALL.format("oauth1_core.")
VENDORING = """
[tool.vendoring]
destination = "yours/_vendor/"
requirements = "yours/_vendor/vendor.txt"
namespace = "yours._vendor"
protected-files = ["__init__.py", "vendor.txt"]
"""
USE_RELATIVE = "from . import oauth1_core\n" + CALL.format("oauth1_core.")


class Failed(Exception):
    """A copy does not work in its place."""


# Where a copy is, and what is run. Each is given a folder, and returns the words after the interpreter's options.


def put(directory, kind, single_file):
    """Write a copy as vendor() does, but for the vectors: sizes() has them run for each kind."""
    write(stamped(copying.single(kind) if single_file else copying.folder(kind), kind), directory)


def beside_a_script(folder, single_file):
    put(folder / "lib", "client", single_file)
    (folder / "script.py").write_text("import sys\nsys.path.insert(0, {!r})\n{}".format(str(folder / "lib"), USE))
    return [folder / "script.py"]


def in_a_package(folder, single_file):
    put(folder / "yours" / "_vendor", "client", single_file)
    for package in ("yours", "yours/_vendor"):
        (folder / package / "__init__.py").touch()
    return ["-c", within(folder, "from yours._vendor import oauth1_core\n" + CALL.format("oauth1_core."))]


def in_a_zip(folder, single_file):
    put(folder / "content", "all", single_file)
    shutil.make_archive(str(folder / "app"), "zip", str(folder / "content"))
    return ["-c", within(folder / "app.zip", USE)]


def in_a_zipapp(folder, single_file):
    put(folder / "content", "sign", single_file)
    (folder / "content" / "__main__.py").write_text(USE)
    shutil.make_archive(str(folder / "app"), "zip", str(folder / "content"))
    return [folder / "app.zip"]


def in_a_kodi_addon(folder, single_file):
    addon = folder / "plugin.audio.yours"
    put(addon / "resources" / "lib", "client", single_file)
    path = 'os.path.join(os.path.dirname(os.path.abspath(__file__)), "resources/lib")'
    (addon / "addon.py").write_text("import os, sys\nsys.path.insert(0, {})\n{}".format(path, USE))
    return [addon / "addon.py"]


def in_a_blender_addon(folder, single_file):
    put(folder / "addons" / "yours", "client", single_file)
    (folder / "addons" / "yours" / "__init__.py").write_text("def register():\n    {}".format(indented(USE_RELATIVE)))
    return ["-c", within(folder / "addons", "import yours\nyours.register()\n")]


def in_an_ansible_module(folder, single_file):
    """A module is one file, which Ansible has the interpreter read from its standard input."""
    put(folder, "sign", True)
    text = (folder / "oauth1_core.py").read_text(encoding="utf-8")
    (folder / "module.py").write_text(text + CALL.format(""), encoding="utf-8")
    return ["-c", "import sys; exec(compile(sys.stdin.read(), 'module', 'exec'))", folder / "module.py"]


def in_a_lambda(folder, single_file):
    """A layer is unpacked to /opt, the function to /var/task; here, to these names in a folder that nobody writes."""
    layer = folder / "opt" / "python"
    put(layer, "client", single_file)
    (folder / "var" / "task").mkdir(parents=True)
    function = "def handler(event, context):\n    {}\n    return 200\n".format(indented(USE))
    (folder / "var" / "task" / "function.py").write_text(function)
    paths = [str(folder / "var" / "task"), str(layer)]
    return ["-c", "import sys\nsys.path[:0] = {!r}\nimport function\nfunction.handler({{}}, None)\n".format(paths)]


PLACES = {
    "`lib/` beside a script": beside_a_script,
    "`yours/_vendor/` in a package": in_a_package,
    "a zip on the path": in_a_zip,
    "a zip that is run": in_a_zipapp,
    "an add-on of Kodi": in_a_kodi_addon,
    "an add-on of Blender": in_a_blender_addon,
    "a module of Ansible": in_an_ansible_module,
    "a layer of AWS Lambda": in_a_lambda,
}


def plain_modules():
    """Return the modules of the core that need no library; each adapter and store is named after what it needs."""
    names = []
    for name in modules():
        imported = set()
        for node in ast.walk(ast.parse((PACKAGE / (name.replace(".", "/") + ".py")).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add((node.module or "").partition(".")[0])
        # What two libraries of one interface share is handed the library, and is of no use without one.
        if imported <= sys.stdlib_module_names and name != "adapters.httpx_flow":
            names.append(name)
    return names


PLAIN_MODULES = plain_modules()


def import_all(command):
    """Import each of them alone, as a server that vendors the folder would, in one Python."""
    script = "import sys\nsys.path.insert(0, {!r})\nimport importlib\n{}"
    for name in PLAIN_MODULES:
        if name != "__main__":
            load = "importlib.import_module('oauth1_core.{}')".format(name)
            run([*command, "-I", "-S", "-B", "-W", "error", "-c", script.format(str(PACKAGE.parent), load)], PACKAGE)


def within(path, text):
    return "import sys\nsys.path.insert(0, {!r})\n{}".format(str(path), text)


def indented(text):
    return text.strip().replace("\n", "\n    ") + "\n"


def held(interpreters):
    """Sign in each place, by each Python, with a folder and with a file; return the places."""
    for what, lay_out in PLACES.items():
        for single_file in (False, True):
            with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stdout(io.StringIO()):
                words = lay_out(Path(scratch), single_file)
                for command in interpreters:
                    check(what, read_only(scratch, [*command, "-I", "-S", "-B", "-OO", "-W", "error", *words]))
    return list(PLACES)


def read_only(folder, command):
    """Return a command that runs with ``folder`` mounted so that nobody writes there, if this user may do that."""
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    mounted = ["unshare", "--mount", "sh", "-c", script, folder]
    may = os.geteuid() == 0 and subprocess.run([*mounted, "true"], stderr=subprocess.DEVNULL).returncode == 0
    return [*mounted, *command] if may else command


def check(what, command, **options):
    """Run a command, without HOME and with what it is given last as its input, and have it print the signature."""
    last = Path(str(command[-1]))
    stdin = last.open() if "\n" not in str(last) and last.is_file() else subprocess.DEVNULL
    done = subprocess.run(
        list(map(str, command)), stdin=stdin, capture_output=True, text=True, timeout=300,
        env={"PATH": os.environ["PATH"]}, **options,
    )  # fmt: skip
    if done.stdout != SIGNED or done.returncode:
        raise Failed(f"{what}: {done.stdout[-1500:]}{done.stderr[-1500:]}")


def sizes():
    """Return a row for each kind: folder, file, and the file in a zip, as a layer of AWS Lambda is counted."""
    rows = []
    for kind in SEEDS:
        with tempfile.TemporaryDirectory() as scratch:
            vendor(Path(scratch, "folder"), kind)
            vendor(Path(scratch, "file"), kind, single_file=True)
            figures = []
            for name in ("folder", "file"):
                paths = [path for path in Path(scratch, name).rglob("*") if path.is_file()]
                packed = io.BytesIO()
                with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                    for path in paths:
                        archive.write(path, path.relative_to(Path(scratch, name)))
                figures += [sum(path.stat().st_size for path in paths), len(packed.getvalue())]
        rows.append([f"`{kind}`", *[f"{figure / 1000:.0f} KB" for figure in figures]])
    return rows


# What freezes, compiles or vendors.


def frozen(folder):
    (folder / "app.py").write_text(USE)
    run([TOOLS / "bin" / "pyinstaller", "--log-level=ERROR", "--noconfirm", "app.py"], folder)
    return [folder / "dist" / "app" / "app"]


def cythonized(folder):
    run([TOOLS / "bin" / "cythonize", "-i", "-q", "-3", "oauth1_core.py"], folder, CFLAGS="-O0")
    (folder / "oauth1_core.py").unlink()
    return [TOOLS / "bin" / "python", "-B", "-c", within(folder, USE)]


def vendored(folder):
    """Have PyPA's ``vendoring`` take the sdist, as pip takes its own dependencies."""
    run([sys.executable, "-m", "build", "--quiet", "--sdist", "--outdir", folder, PACKAGE.parent], folder)
    (folder / "yours" / "_vendor").mkdir(parents=True)
    for package in ("yours", "yours/_vendor"):
        (folder / package / "__init__.py").touch()
    (folder / "yours" / "_vendor" / "vendor.txt").write_text(str(next(folder.glob("*.tar.gz"))))
    (folder / "pyproject.toml").write_text(VENDORING)
    run([TOOLS / "bin" / "vendoring", "sync"], folder, PATH=f"{TOOLS / 'bin'}:{os.environ['PATH']}")
    use = "from yours._vendor import oauth1_core\n" + CALL.format("oauth1_core.")
    return [sys.executable, "-I", "-S", "-B", "-c", within(folder, use)]


TOOLED = {"frozen by PyInstaller": frozen, "compiled by Cython": cythonized, "vendored by PyPA's vendoring": vendored}


def tooled():
    """Freeze, compile and vendor the client's side, and sign with that; return what did it."""
    for what, make in TOOLED.items():
        with tempfile.TemporaryDirectory() as scratch:
            put(Path(scratch), "client", single_file=True)
            check(what, make(Path(scratch)))
    return list(TOOLED)


def run(command, folder, **environ):
    done = subprocess.run(
        list(map(str, command)), cwd=folder, capture_output=True, text=True, timeout=300, env={**os.environ, **environ}
    )
    if done.returncode:
        raise Failed(f"{command[0]}: {done.stdout[-1500:]}{done.stderr[-1500:]}")


if __name__ == "__main__":
    print(held([[sys.executable]]), sizes(), tooled())
