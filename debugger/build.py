"""Build the debugger: a folder of static files, which any web server can serve (``python -m http.server`` will do).

    python -m debugger.build [FOLDER]        # dist/debugger unless given

npm downloads Pyodide in one version with one integrity. Everything else is from this tree. The same tree and the same
Python give the same octets. If DEBUGGER_PYODIDE is set, the file that it names is used as the package of npm; its
integrity is checked too.
"""

import base64
import gzip
import hashlib
import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from oauth1_core import __version__
from oauth1_core.debugging.page import as_html, work
from oauth1_core.debugging.pasted import KINDS
from oauth1_core.debugging.stylesheet import STYLE

from .examples import examples

HERE = Path(__file__).parent
ROOT = HERE.parent
CACHE = HERE / ".peers"
VERSION = "314.0.7"
INTEGRITY = "sha512-0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
POLICY = (
    "default-src 'none'; script-src 'self' blob: 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self';"
    " worker-src blob:; base-uri 'none'; form-action 'none'"
)
# The page does not need these parts of the core. __init__ would import parts for other users.
LEFT_OUT = (
    "adapters",
    "nonce_stores",
    "authorization.py",
    "providers.py",
    "signer.py",
    "command_line.py",
    "README.md",
    "py.typed",
    "__pycache__",
)
PART = 500_000  # octets: one step of the progress
WHEN = (2020, 1, 1, 0, 0, 0)
SITE = """\
<p><a href="../reference/findings.html" rel="noreferrer">What each finding means</a>,
<a href="../reference/glossary.html" rel="noreferrer">glossary</a>,
<a href="../learn/index.html" rel="noreferrer">tutorial</a></p>
"""
FIRST = 2  # the number of the prepared example: the form is left out


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist" / "debugger")
    build(folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != "debugger.zip")
    print(f"{folder}: {size / 1e6:.2f} MB in {len(list(folder.rglob('*')))} files")


def build(folder):
    pyodide = package()
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    files = []
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm"):
        files.append(packed(folder, name, pyodide[name]))
    files.append(plain(folder, "python_stdlib.zip", standard_library(pyodide["python_stdlib.zip"])))
    files.append(plain(folder, "oauth1_core.zip", core()))
    files.append(plain(folder, "lock.json", lock(pyodide["pyodide-lock.json"])))
    for name in ("worker.js", "acts.js"):
        files.append(plain(folder, name, (HERE / name).read_bytes()))
    files.append(plain(folder, "examples.json", json.dumps(examples()).encode()))
    (folder / "app.js").write_text(lean((HERE / "app.js").read_text(encoding="utf-8")), encoding="utf-8")
    style = lean(STYLE + (HERE / "style.css").read_text(encoding="utf-8"))
    (folder / "style.css").write_text(re.sub(r"\s*([{};,])\s*", r"\1", style), encoding="utf-8")
    shutil.copytree(HERE / "licences", folder / "licences")
    shutil.copy(ROOT / "LICENSE", folder / "licences" / "oauth1-core-MIT.txt")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    (folder / "index.html").write_text(page(folder, files, size), encoding="utf-8")
    archive(folder)


def link_to_site(folder):
    """Add links to the site's pages, which a downloaded copy does not have beside it."""
    path = folder / "index.html"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("</footer>", SITE + "</footer>"), encoding="utf-8")


def package():
    """Return the files of the pinned package of npm, by name."""
    given = os.environ.get("DEBUGGER_PYODIDE")
    path = Path(given) if given else CACHE / f"pyodide-{VERSION}.tgz"
    if not path.exists():
        CACHE.mkdir(exist_ok=True)
        command = ["npm", "pack", "--silent", f"pyodide@{VERSION}", "--pack-destination", str(CACHE)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    octets = path.read_bytes()
    if integrity(octets, "sha512") != INTEGRITY:
        raise SystemExit(f"{path} is not the chosen package, pyodide {VERSION} of npm: remove the file and build again")
    with tarfile.open(fileobj=io.BytesIO(octets)) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        return {member.name.rpartition("/")[2]: archive.extractfile(member).read() for member in members}


def integrity(octets, name="sha384"):
    return f"{name}-" + base64.b64encode(hashlib.new(name, octets).digest()).decode()


def plain(folder, name, octets):
    (folder / name).write_bytes(octets)
    return {"name": name, "packed": False, "parts": [part(name, octets)]}


def packed(folder, name, octets):
    """Write a file as gzip, so that it is small from any server, in parts, so that the page can show the progress."""
    compressed = gzip.compress(octets, 9, mtime=0)
    parts = []
    for number, start in enumerate(range(0, len(compressed), PART), 1):
        piece = compressed[start : start + PART]
        path = f"{name}.gz" if len(compressed) <= PART else f"{name}.gz.{number}"
        (folder / path).write_bytes(piece)
        parts.append(part(path, piece))
    return {"name": name, "packed": True, "parts": parts}


def part(path, octets):
    return {"path": path, "size": len(octets), "integrity": integrity(octets)}


def standard_library(octets):
    """Return the used modules of the standard library, as standard_library.txt lists them."""
    names = set((HERE / "standard_library.txt").read_text().split())
    with zipfile.ZipFile(io.BytesIO(octets)) as whole:
        kept = {name: whole.read(name) for name in whole.namelist() if name in names}
    missing = names - kept.keys()
    if missing:
        raise SystemExit(f"python_stdlib.zip does not hold {sorted(missing)}")
    return zipped(kept)


def core():
    root = ROOT / "oauth1_core"
    kept = {}
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(ROOT)
        if path.is_file() and not set(relative.parts) & set(LEFT_OUT):
            kept[relative.as_posix()] = path.read_bytes()
    # The page does not use the names of the top level, and they would import parts that are left out.
    kept["oauth1_core/__init__.py"] = f'"""The core, for this page."""\n\n__version__ = "{__version__}"\n'.encode()
    return zipped(kept)


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, octets in sorted(files.items()):
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, octets)
    return buffer.getvalue()


def lock(octets):
    """Return the lock file that Pyodide requires, without any package."""
    return json.dumps({**json.loads(octets), "packages": {}}).encode()


def archive(folder):
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
    (folder / "debugger.zip").write_bytes(zipped({f"oauth1-debugger/{name}": octets for name, octets in files.items()}))


def page(folder, files, size):
    """Return the document, with a prepared example, so that it is complete without a script."""
    offered = examples()
    first = offered[FIRST + 1]
    result = json.loads(work(json.dumps({name: value for name, value in first.items() if name != "name"})))
    values = {
        "policy": POLICY,
        "style_integrity": integrity((folder / "style.css").read_bytes()),
        "app_integrity": integrity((folder / "app.js").read_bytes()),
        "request": html.escape(first["request"]),
        "client_secret": first["client_secret"],
        "token_secret": first["token_secret"],
        "state": result["state"],
        "verdict": html.escape(result["verdict"]),
        "result": "".join(map(as_html, result["view"])),
        "example_options": options((number, each["name"]) for number, each in enumerate(offered)),
        "kind_options": options(KINDS.items()),
        "version": __version__,
        "pyodide": VERSION,
        "zip_size": f"{size / 1e6:.1f}",
        "files": as_data(files),
    }
    text = lean((HERE / "page.html").read_text(encoding="utf-8"))
    # In one pass: a value may contain text that looks like a name.
    pieces = text.split("{")
    return pieces[0] + "".join(values[name] + rest for name, _, rest in (piece.partition("}") for piece in pieces[1:]))


def lean(text):
    """Return a text without indentation and comments: the browser loads it before the first paint."""
    lines = [re.sub("(?<=[;{]) // .*", "", line.strip()) for line in text.splitlines()]
    return "".join([line + "\n" for line in lines if line and not line.startswith(("//", "/*"))])


def options(pairs):
    return "".join(f'<option value="{value}">{html.escape(name)}</option>' for value, name in pairs)


def as_data(value):
    return json.dumps(value).replace("<", "\\u003c")


if __name__ == "__main__":
    main()
