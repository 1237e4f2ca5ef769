"""The two distributions: what they say, what is in them, and that each works where nothing else is installed."""

import ast
import configparser
import email
import importlib.metadata
import itertools
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import zipfile

import pytest
import readme_renderer.markdown
import tomllib
from environments.interpreters import found

import oauth1_core

pytestmark = pytest.mark.slow  # builds wheels, for which pip fetches what builds them

ROOT = pathlib.Path(__file__).parent.parent
# Python 3.11.4 has this; Debian 12 has 3.11.2.
SAFELY = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
PLACES = {"oauth1-core": ROOT, "oauth1-nexmo": ROOT / "nexmo"}
PAGE_OF_PYTHONS = ROOT / "docs" / "reference" / "environments.md"
PROJECTS = {name: tomllib.loads((place / "pyproject.toml").read_text())["project"] for name, place in PLACES.items()}
DIST_INFO = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
# Pip's own settings come from the environment, a way to our sources must not.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COVERAGE"))}
CPYTHONS = {tuple(map(int, each.version.split(".")[:2])): each.command[0] for each in found() if each.name == "CPython"}
SIGN = """
import oauth1_core
client = oauth1_core.ClientCredentials("dpf43f3p2l4k3l03", "kd94hf93k423kf44")
token = oauth1_core.TokenCredentials("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00")
url = "http://photos.example.net/photos?file=vacation.jpg&size=original"
parameters = oauth1_core.sign("GET", url, client, token, timestamp=137131202, nonce="chapoH", version=None)
print(dict(parameters)["oauth_signature"])
"""
SIGNED = "MdpQcU8iPSUjWoN/UDMsK2sui9I="  # RFC 5849 section 1.2

every_distribution = pytest.mark.parametrize("name", PLACES)


def run(*command, **options):
    """Return what the command printed, on both streams."""
    done = subprocess.run(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, **options
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


# What they say


def test_both_have_one_version():
    assert PROJECTS["oauth1-nexmo"]["dependencies"][0] == f"oauth1-core=={oauth1_core.__version__}"


def test_both_have_the_same_urls_author_and_licence():
    for field in ("authors", "license", "license-files", "urls"):
        assert PROJECTS["oauth1-core"][field] == PROJECTS["oauth1-nexmo"][field]
    assert (ROOT / "nexmo" / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


def test_no_url_points_to_a_stranger_before_the_first_publication():
    """All of them are set in one go, by the command that ``make release`` prints."""
    urls = {re.match("https://[^/]+", url)[0] for url in PROJECTS["oauth1-core"]["urls"].values()}
    for place in PLACES.values():
        urls |= set(re.findall("https://[^/\"']+", (place / "pyproject.toml").read_text()))
    assert len(urls) == 1


@every_distribution
def test_every_import_of_a_package_is_declared_and_nothing_else_is(name):
    folders = {"oauth1-core": "oauth1_core", "oauth1-nexmo": "nexmo"}
    imported = set()
    for path in (ROOT / folders[name]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module.partition(".")[0])
    imported -= sys.stdlib_module_names | {"nexmo", "oauth1_core"}
    imported.discard("pytest")  # which is what imports the plugin
    known_as = importlib.metadata.packages_distributions()
    project = PROJECTS[name]
    declared = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    assert {known_as[each][0].lower() for each in imported} == {
        re.match(r"[\w-]+", each)[0] for each in declared if not each.startswith("oauth1-")
    }


def test_the_pythons_that_are_named_are_those_of_the_tests():
    """The core runs the vectors in each of them (docs/reference/environments.md); nexmo is installed in each, below."""
    table = set(map(int, re.findall(r"\| CPython \| 3\.(\d+)", PAGE_OF_PYTHONS.read_text())))
    for name, floor, newest in (("oauth1-core", 6, max(table)), ("oauth1-nexmo", 10, 13)):
        assert PROJECTS[name]["requires-python"] == f">=3.{floor}"
        named = set(map(int, re.findall(r"Python :: 3\.(\d+)'", str(PROJECTS[name]["classifiers"]))))
        assert named == {minor for minor in table if floor <= minor <= newest}


# What is in them


def build_into(directory, *options):
    for place in PLACES.values():
        run(sys.executable, "-m", "build", *options, "--outdir", directory, place, env=ENVIRONMENT)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return where the distributions are: those of ``make release``, or those of this tree."""
    if "DISTRIBUTIONS" in os.environ:
        return pathlib.Path(os.environ["DISTRIBUTIONS"]).resolve()
    directory = tmp_path_factory.mktemp("built")
    build_into(directory)
    return directory


def wheel_of(name, directory):
    (wheel,) = directory.glob(f"{name.replace('-', '_')}-*.whl")
    return wheel


def metadata_of(name, directory):
    archive = zipfile.ZipFile(wheel_of(name, directory))
    (path,) = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
    return email.message_from_bytes(archive.read(path))


def files_of(folder):
    tracked = subprocess.run(["git", "ls-files", folder], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return set(tracked.stdout.split())


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, package, left_out, entry_points",
    [
        ("oauth1-core", "oauth1_core", set(), {"console_scripts": {"oauth1"}}),
        (
            "oauth1-nexmo",
            "nexmo",
            {"nexmo/LICENSE", "nexmo/README.md", "nexmo/pyproject.toml"},
            {"console_scripts": {"nexmo"}, "pytest11": {"nexmo"}},
        ),
    ],
)
def test_a_wheel_holds_its_package_and_nothing_else(built, name, package, left_out, entry_points):
    archive = zipfile.ZipFile(wheel_of(name, built))
    information = f"{name.replace('-', '_')}-{oauth1_core.__version__}.dist-info/"
    wanted = files_of(package) - left_out
    assert len(wanted) > 20
    assert set(archive.namelist()) == wanted | {information + each for each in DIST_INFO}
    points = configparser.ConfigParser()
    points.read_string(archive.read(information + "entry_points.txt").decode())
    assert {section: set(points[section]) for section in points.sections()} == entry_points


@pytest.mark.slow
@every_distribution
def test_it_says_what_it_requires(built, name):
    metadata = metadata_of(name, built)
    assert metadata["Version"] == oauth1_core.__version__
    required = {each for each in metadata.get_all("Requires-Dist") if "extra ==" not in each}
    if name == "oauth1-core":
        assert (metadata["Requires-Python"], required) == (">=3.6", set())
    else:
        assert (metadata["Requires-Python"], required) == (
            ">=3.10",
            {f"oauth1-core=={oauth1_core.__version__}", "httpx>=0.27"},
        )


@pytest.mark.slow
def test_the_index_would_take_them_and_show_every_link_and_picture(built):
    run(sys.executable, "-m", "twine", "check", "--strict", *built.glob("*.whl"), *built.glob("*.tar.gz"))
    pictures = 0
    for name, place in PLACES.items():
        page = readme_renderer.markdown.render(metadata_of(name, built).get_payload(decode=True).decode())
        links = re.findall(r'(?:href|src)="([^"]*)"', page)
        assert len(links) >= len(re.findall(r"\]\(", (place / "README.md").read_text())) > 0
        assert [each for each in links if not each.startswith(("https://", "#"))] == []
        pictures += page.count("<img")
    assert pictures == 2


@pytest.mark.slow
def test_a_second_build_has_the_same_octets_from_the_tree_as_from_the_sdist(built, tmp_path):
    """The first wheels are those of the sdists, the second ones those of this tree."""
    build_into(tmp_path, "--sdist", "--wheel")
    second = sorted(tmp_path.iterdir())
    assert len(second) == 4
    for path in second:
        assert path.read_bytes() == (built / path.name).read_bytes(), path.name


@pytest.mark.slow
def test_the_sdist_of_the_core_brings_the_vectors_and_what_runs_them(built, tmp_path):
    (sdist,) = built.glob("oauth1_core-*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, **SAFELY)
    (unpacked,) = tmp_path.iterdir()
    assert " passed" in run(sys.executable, "-I", "-S", unpacked / "tests" / "run_vectors.py", cwd=tmp_path)
    assert not (unpacked / "nexmo").exists()


# That each works where nothing else is installed


def install(version, folder, *what):
    """Install into an empty environment, and return what starts that Python in it."""
    run(CPYTHONS[version], "-m", "venv", folder, env=ENVIRONMENT)
    python = folder / "bin" / "python"
    if version == (3, 6):
        # The last one for it; that which it brings would take packages for newer Pythons.
        run(python, "-m", "pip", "install", "--quiet", "pip==21.3.1", env=ENVIRONMENT)
    run(python, "-m", "pip", "install", "--quiet", *what, env=ENVIRONMENT)
    return [python]


def able_since(floor):
    """Return those of this machine that can make a virtual environment; one that is only unpacked cannot."""
    return sorted(
        version
        for version, python in CPYTHONS.items()
        if version >= floor
        and not subprocess.run([python, "-c", "import ensurepip"], stderr=subprocess.DEVNULL).returncode
    )


def pytest_outcome(command, folder, test):
    """Return the last line of a run of pytest."""
    (folder / "test_other.py").write_text(test)
    done = subprocess.run(
        [*map(str, command), "-m", "pytest", "-q"],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.stdout


@pytest.mark.slow
@pytest.mark.peers
@pytest.mark.parametrize("version", sorted({min(able_since((3, 6))), max(able_since((3, 6)))}), ids=str)
def test_the_core_alone_signs_and_leaves_pytest_alone(built, tmp_path, version):
    command = install(version, tmp_path / "installed", wheel_of("oauth1-core", built), "pytest")
    assert run(*command, "-c", SIGN, cwd=tmp_path, env=ENVIRONMENT).strip() == SIGNED
    shown = run(*command, "-m", "oauth1_core", "--version", cwd=tmp_path, env=ENVIRONMENT)
    assert shown == f"oauth1 (oauth1-core) {oauth1_core.__version__}\n"
    assert "1 passed" in pytest_outcome(command, tmp_path, "def test_other(): pass")
    looked_for = "import importlib.util; print(importlib.util.find_spec('nexmo'))"
    assert run(*command, "-c", looked_for, cwd=tmp_path, env=ENVIRONMENT) == "None\n"


@pytest.mark.slow
@pytest.mark.peers
@pytest.mark.parametrize("version", able_since((3, 10)), ids=str)
def test_both_together_run_the_whole_flow(built, tmp_path, version):
    wheels = [wheel_of("oauth1-core", built), f"{wheel_of('oauth1-nexmo', built)}[sandbox]"]
    command = install(version, tmp_path / "installed", *wheels, "pytest")
    shown = run(*command, "-m", "nexmo", "--version", cwd=tmp_path, env=ENVIRONMENT)
    assert shown == f"nexmo (oauth1-nexmo) {oauth1_core.__version__}\n"
    assert "Balance: " in run(*command, "-m", "nexmo", "demo", cwd=tmp_path, env=ENVIRONMENT).splitlines()[-1]
    test = "def test_other(nexmo_sandbox): assert nexmo_sandbox.access_token()"
    assert "1 passed" in pytest_outcome(command, tmp_path, test)


@pytest.mark.slow
@pytest.mark.peers
@pytest.mark.parametrize("version", able_since((3, 10))[:1], ids=str)
def test_without_the_sandbox_the_client_works_and_only_the_fixture_says_what_is_missing(built, tmp_path, version):
    wheels = [wheel_of("oauth1-core", built), wheel_of("oauth1-nexmo", built)]
    command = install(version, tmp_path / "installed", *wheels, "pytest")
    program = "import nexmo; print(nexmo.Nexmo('a', 'b'), nexmo.__version__)"
    assert oauth1_core.__version__ in run(*command, "-c", program, cwd=tmp_path, env=ENVIRONMENT)
    test = "def test_other(): pass\ndef test_with_it(nexmo_sandbox): pass"
    outcome = pytest_outcome(command, tmp_path, test)
    assert "1 passed, 1 error" in outcome
    assert re.search(r"\w+ is missing: pip install cryptography filelock h11 jinja2 ", outcome)


@pytest.mark.slow
@pytest.mark.peers
def test_no_older_python_takes_the_wheel_of_nexmo(built, tmp_path):
    older = [version for version in able_since((3, 6)) if version < (3, 10)]
    if not older:
        pytest.skip("needs a Python before 3.10")
    with pytest.raises(AssertionError, match="requires a different Python"):
        install(older[-1], tmp_path / "installed", "--no-deps", wheel_of("oauth1-nexmo", built))
