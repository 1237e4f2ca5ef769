"""The vectors under every other CPython on this machine: the source of the core is the same for all."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RUNNER = Path(__file__).with_name("run_vectors.py")
PROBE = "import platform, sys; print(platform.python_implementation(), *sys.version_info[:3])"


def other_interpreters():
    """Return {version: path} of each CPython 3 that starts and is not of the version that runs this."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates = [shutil.which(f"python3.{minor}") for minor in range(6, 15)]
    candidates += sorted(map(str, pyenv.glob("versions/*/bin/python3")))
    found = {}
    for path in filter(None, candidates):
        # A shim of pyenv may be there and start nothing.
        probe = subprocess.run([path, "-c", PROBE], capture_output=True, text=True, timeout=60)
        implementation, _, version = probe.stdout.strip().partition(" ")
        numbers = tuple(map(int, version.split())) if probe.returncode == 0 else ()
        if implementation == "CPython" and (3, 6) <= numbers != sys.version_info[:3]:
            found.setdefault(numbers, path)
    return {".".join(map(str, numbers)): found[numbers] for numbers in sorted(found)}


NONE = pytest.param(None, marks=pytest.mark.skip("no other CPython on this machine"), id="none")
OTHERS = [pytest.param(path, id=version) for version, path in other_interpreters().items()] or [NONE]


@pytest.mark.parametrize("path", OTHERS)
def test_the_vectors_hold_under_another_python(path):
    done = subprocess.run(
        [path, "-B", "-W", "error", str(RUNNER)], capture_output=True, text=True, timeout=300, cwd=RUNNER.parent.parent
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
