"""Pack the vectors: an archive with the runners, and the data alone as a Python and an npm package.

    python vectors/pack.py FOLDER

The standard library alone, and no network. The same files give the same packages, octet by octet.
"""

import base64
import gzip
import hashlib
import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
VERSION = json.loads((HERE / "schema.json").read_text(encoding="utf-8"))["properties"]["version"]["const"]
NAME, MODULE = "oauth1-vectors", "oauth1_vectors"
SUMMARY = "Language-neutral test vectors for OAuth 1.0a (RFC 5849)"
DATA = [*sorted(path.name for path in HERE.glob("*.json")), "README.md", "CONFORMANCE.md", "CHANGELOG.md", "LICENSE"]
RUN = [
    "runner.py",
    "runner.mjs",
    "reference.py",
    *sorted(f"examples/{path.name}" for path in HERE.glob("examples/*.*")),
]
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first that a zip file knows
METADATA = f"""\
Metadata-Version: 2.1
Name: {NAME}
Version: {VERSION}
Summary: {SUMMARY}
License: MIT
Requires-Python: >=3.7
Description-Content-Type: text/markdown

"""
WHEEL = f"Wheel-Version: 1.0\nGenerator: pack.py ({VERSION})\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
INIT = f'"""{SUMMARY}: the JSON files beside this one, which README.md describes."""\n\n__version__ = "{VERSION}"\n'
PACKAGE = {
    "name": NAME,
    "version": VERSION,
    "description": SUMMARY,
    "license": "MIT",
    "keywords": ["oauth", "oauth1", "rfc5849", "test-vectors"],
    "files": DATA,
}


def read(name):
    return (HERE / name).read_bytes()


def archive():
    """Return name and octets of the archive: what is in the packages, the runners and their examples."""
    folder = f"{NAME}-{VERSION}"
    return f"{folder}.tar.gz", tar({f"{folder}/{name}": read(name) for name in [*DATA, *RUN]})


def npm():
    files = {"package.json": json.dumps(PACKAGE, indent=2).encode() + b"\n", **{name: read(name) for name in DATA}}
    return f"{NAME}-{VERSION}.tgz", tar({f"package/{name}": octets for name, octets in files.items()})


def wheel():
    info = f"{MODULE}-{VERSION}.dist-info"
    files = {f"{MODULE}/{name}": read(name) for name in DATA}
    files[f"{MODULE}/__init__.py"] = INIT.encode()
    files[f"{info}/METADATA"] = METADATA.encode() + read("README.md")
    files[f"{info}/WHEEL"] = WHEEL.encode()
    files[f"{info}/LICENSE"] = read("LICENSE")
    lines = [f"{name},sha256={digest(octets)},{len(octets)}\n" for name, octets in files.items()]
    files[f"{info}/RECORD"] = "".join([*lines, f"{info}/RECORD,,\n"]).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, octets in files.items():
            member = zipfile.ZipInfo(name, EPOCH)
            member.external_attr = 0o644 << 16
            packed.writestr(member, octets, zipfile.ZIP_DEFLATED)
    return f"{MODULE}-{VERSION}-py3-none-any.whl", stream.getvalue()


def digest(octets):
    return base64.urlsafe_b64encode(hashlib.sha256(octets).digest()).decode().rstrip("=")


def tar(files):
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as compressed, tarfile.open(
        fileobj=compressed, mode="w", format=tarfile.USTAR_FORMAT
    ) as packed:
        for name, octets in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(octets), 0o644
            packed.addfile(member, io.BytesIO(octets))
    return stream.getvalue()


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: python vectors/pack.py FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for make in (archive, wheel, npm):
        name, octets = make()
        (folder / name).write_bytes(octets)
        print(f"{folder / name}: {len(octets)} octets, sha256 {hashlib.sha256(octets).hexdigest()}")


if __name__ == "__main__":
    main()
