"""What ``pip install .`` brings: the wheel, without any dependency."""

import pathlib
import subprocess
import sys
import zipfile

import pytest

pytestmark = pytest.mark.slow  # builds wheels, for which pip fetches what builds them

ROOT = pathlib.Path(__file__).parent.parent


def build_into(directory):
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(directory), str(ROOT)]
    subprocess.run(command, check=True, timeout=300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    directory = tmp_path_factory.mktemp("wheel")
    build_into(directory)
    (wheel,) = directory.glob("*.whl")
    return wheel


def test_the_wheel_holds_both_packages_and_all_that_they_read(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    for package in ("oauth1_core", "nexmo"):
        files = [path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        assert files
        assert {path.relative_to(ROOT).as_posix() for path in files} <= inside


def test_it_requires_nothing_and_python_3_6(wheel):
    archive = zipfile.ZipFile(wheel)
    (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    lines = archive.read(metadata).decode().splitlines()
    assert "Requires-Python: >=3.6" in lines
    assert [line for line in lines if line.startswith("Requires-Dist:") and "extra ==" not in line] == []


def test_a_second_build_has_the_same_octets(wheel, tmp_path):
    build_into(tmp_path)
    (second,) = tmp_path.glob("*.whl")
    assert second.read_bytes() == wheel.read_bytes()


def test_the_core_signs_from_the_wheel_alone(wheel):
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import oauth1_core;"
        "client = oauth1_core.ClientCredentials('a', 'b');"
        "print(oauth1_core.__file__, len(oauth1_core.sign('GET', 'https://example.com/', client)))"
    )
    command = [sys.executable, "-S", "-E", "-c", program, str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout.split()[-1] == "6"
    assert str(wheel) in done.stdout
