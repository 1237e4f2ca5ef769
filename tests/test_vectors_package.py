"""The packed vectors, each package installed and used with nothing of this repository in reach."""

import json
import os
import re
import subprocess
import sys
import tarfile

import pytest

from tests.interop import peers
from tests.interop.matrix import runner
from tests.run_vectors import VECTORS
from tests.support.programs import path_of, skip

pytestmark = pytest.mark.slow

FILES = runner.load()
# Python 3.11.4 has this; Debian 12 has 3.11.2.
SAFELY = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
VERSION = FILES["sign"]["version"]
TOTAL = sum(file["numberOfTests"] for file in FILES.values())


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packed")
    subprocess.run([sys.executable, os.path.join(VECTORS, "pack.py"), folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def unpacked(packed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(packed / f"oauth1-vectors-{VERSION}.tar.gz") as archive:
        archive.extractall(folder, **SAFELY)
    return folder / f"oauth1-vectors-{VERSION}"


def test_the_same_files_give_the_same_packages(packed, tmp_path):
    subprocess.run([sys.executable, os.path.join(VECTORS, "pack.py"), tmp_path], check=True, capture_output=True)
    names = sorted(path.name for path in packed.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir()) and len(names) == 3
    for name in names:
        assert (packed / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_the_python_package_installs_and_holds_every_test(packed, tmp_path):
    (wheel,) = packed.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target"]
    subprocess.run([*pip, tmp_path, wheel], check=True, capture_output=True)
    program = (
        "import importlib.resources, json, sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "import oauth1_vectors\n"
        "files = [f for f in importlib.resources.files('oauth1_vectors').iterdir() if f.name.endswith('.json')]\n"
        "tests = [json.loads(f.read_text('utf-8')).get('tests', []) for f in files]\n"
        "print(oauth1_vectors.__version__, sum(map(len, tests)))\n"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program, tmp_path], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (f"{VERSION} {TOTAL}\n", "")


def test_the_npm_package_installs_and_holds_every_test(packed, tmp_path):
    (package,) = packed.glob("*.tgz")
    (tmp_path / "package.json").write_text("{}", encoding="utf-8")
    install = [path_of("npm"), "install", "--offline", "--no-audit", "--no-fund", "--no-package-lock", package]
    subprocess.run(install, check=True, capture_output=True, cwd=tmp_path)
    program = (
        "const { version, files } = require('oauth1-vectors/package.json');"
        "const names = files.filter((name) => name.endsWith('.json'));"
        "const tests = names.flatMap((name) => require(`oauth1-vectors/${name}`).tests ?? []);"
        "console.log(version, tests.length)"
    )
    done = subprocess.run([path_of("node"), "-e", program], capture_output=True, text=True, cwd=tmp_path)
    assert (done.stdout, done.stderr) == (f"{VERSION} {TOTAL}\n", "")


@pytest.mark.parametrize("start", [[sys.executable, "-I", "-S", "runner.py"], ["node", "runner.mjs"]])
def test_the_runner_of_the_archive_needs_nothing_else(unpacked, start):
    """For this project's library and, with the examples, for two others."""
    path_of(start[0])

    def run(command, *options, **environment):
        environment["PATH"] = os.path.dirname(path_of("node"))
        line = [*start, "--command", command, *options]
        done = subprocess.run(line, capture_output=True, text=True, cwd=unpacked, env=environment, timeout=300)
        return done.returncode, done.stdout.splitlines()[-1]

    ours = run(" ".join(peers.command(peers.OURS)))
    assert ours == (0, f"{TOTAL} passed, 0 alternative, 0 differs, 0 failed, 0 crashed, 0 unsupported")
    number = len(FILES["percent_encode"]["tests"])
    oauthlib, oauth_1_0a = (
        next(peer for peer in peers.OTHERS if peer.name == name) for name in ("oauthlib", "oauth-1.0a")
    )
    for peer, environment in [(oauthlib, {}), (oauth_1_0a, {"NODE_PATH": str(peers.PEERS / "node_modules")})]:
        try:
            peers.version(peer)
        except peers.Unavailable as reason:
            skip(str(reason))
        command = f"{peers.command(peer)[0]} examples/{peer.adapter}"
        status, end = run(command, "percent_encode", **environment)
        passed, unsupported = map(int, re.fullmatch(r"(\d+) passed, 0 .*, 0 failed, 0 crashed, (\d+) .*", end).groups())
        assert status == 0 and passed > 30 and passed + unsupported == number, peer.name
        end = run(command, "sign", "--result", "valid", **environment)[1]
        assert int(end.split()[0]) > 200 and ", 0 crashed, " in end, peer.name


def test_the_archive_has_what_the_readme_links_to(unpacked):
    readme = (unpacked / "README.md").read_text(encoding="utf-8")
    links = {link for link in re.findall(r"\]\(([^)#]+)\)", readme) if "://" not in link}
    assert "runner.py" in readme and links >= {"schema.json", "CHANGELOG.md", "LICENSE"}
    assert [link for link in sorted(links) if not (unpacked / link).exists()] == []
    assert "/tests/" not in (unpacked / "runner.py").read_text(encoding="utf-8")


def test_licence_and_versions_agree():
    with open(os.path.join(VECTORS, "LICENSE"), "rb") as one, open(
        os.path.join(peers.HERE.parents[1], "LICENSE"), "rb"
    ) as other:
        assert one.read() == other.read()
    assert {file["version"] for file in FILES.values()} == {VERSION}
    with open(os.path.join(VECTORS, "schema.json"), encoding="utf-8") as stream:
        assert json.load(stream)["$id"].endswith(":" + VERSION)
    with open(os.path.join(VECTORS, "CHANGELOG.md"), encoding="utf-8") as stream:
        assert re.search(r"^## (.+)$", stream.read(), re.MULTILINE).group(1) == VERSION
