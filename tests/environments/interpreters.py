"""The Pythons of this machine: those of install.sh, of the path and of pyenv, each version once."""

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
INSTALLED = HERE / ".interpreters"
WITHOUT_SHA1 = "CPython, SHA-1 refused as in a FIPS build"
PYODIDE, MICROPYTHON, PYSCRIPT = "Pyodide", "MicroPython, as it is shipped", "MicroPython of PyScript"
PROBE = """
import json, platform, sys, sysconfig
name, version = platform.python_implementation(), platform.python_version()
if name == "PyPy":
    version = "{}.{}.{} (Python {})".format(*(sys.pypy_version_info[:3] + (version,)))
if sysconfig.get_config_var("Py_GIL_DISABLED"):
    name += ", free-threaded"
print(json.dumps([name, sys.version_info[:3], version]))
"""


class Environment(NamedTuple):
    name: str
    version: str  # "" where the run tells it
    command: list  # takes a script and its arguments; hosted, a folder and a package
    hosted: bool = False
    openssl: str = ""  # its configuration


@functools.lru_cache(maxsize=None)
def found():
    """Return every environment, in the order of the table."""
    pythons = {}
    for path in candidates():
        # A shim of pyenv may be there and start nothing.
        probe = subprocess.run([path, "-c", PROBE], capture_output=True, text=True, timeout=60)
        if probe.returncode == 0:
            name, numbers, version = json.loads(probe.stdout)
            if numbers >= [3, 6]:
                pythons.setdefault((name, tuple(numbers), version), path)
    # Nothing that is installed can be found, and what the compiler warns of is an error.
    options = ["-I", "-S", "-B", "-W", "error"]
    environments = [
        Environment(name, version, [path, *options]) for (name, _, version), path in sorted(pythons.items())
    ]
    newest = [each for each in environments if each.name == "CPython"][-1]
    refusing = [*newest.command, str(HERE / "without_sha1.py")]
    environments.append(Environment(WITHOUT_SHA1, newest.version, refusing, openssl=str(HERE / "openssl.cnf")))
    micropython = INSTALLED / "bin" / "micropython"
    if micropython.exists():
        command = [str(micropython), "-X", "heapsize=256m", str(HERE / "micropython.py")]
        environments.append(Environment(MICROPYTHON, "", command, hosted=True))
    for name, script, package in [
        (PYODIDE, "pyodide.mjs", "pyodide"),
        (PYSCRIPT, "micropython.mjs", "@micropython/micropython-webassembly-pyscript"),
    ]:
        if shutil.which("node") and (INSTALLED / "node_modules" / package).exists():
            environments.append(Environment(name, "", ["node", str(HERE / script)], hosted=True))
    return environments


def candidates():
    names = [f"python3.{minor}{build}" for minor in range(6, 30) for build in ("", "t")] + ["python3", "pypy3"]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return [
        sys.executable,
        *map(str, sorted((INSTALLED / "bin").glob("*"))),
        *filter(None, map(shutil.which, names)),
        *map(str, sorted(pyenv.glob("versions/*/bin/python3"))),
    ]
