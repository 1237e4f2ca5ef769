"""The ladder of imports, and what no module of the core may hold."""

import ast
import importlib
import importlib.util
import inspect
import re
import sys
from pathlib import Path

import pytest

import oauth1_core

ROOT = Path(oauth1_core.__file__).parent
# "A module imports only what stands above it in the list."
CORE_LADDER = [
    "errors", "percent_encoding", "credentials", "nonce", "uris", "parameters", "base_string", "signature_methods",
    "transmission", "signing", "canonical", "signer", "receiving", "verifying", "problem_reporting", "masking",
    "authorization", "providers", "__init__",
]  # fmt: skip
DEBUGGING_LADDER = [
    "stylesheet", "explaining", "recipes", "on_the_way", "mistakes", "diagnosing", "side_by_side",
    "shell_words", "captured", "curl", "fields", "har", "pasted", "page", "command_line",
]  # fmt: skip
LADDER = [
    *CORE_LADDER, "vendoring.copying", "vendoring",
    *["debugging." + name for name in DEBUGGING_LADDER], "debugging", "__main__",
]  # fmt: skip
STANDARD_LIBRARY = {"binascii", "hashlib", "hmac", "os", "time"}
# Beside it: nothing finds an escape in a long form, or a header that is spelled as usual, faster than "re"; what only
# explaining or diagnosing needs is imported where it is used.
MORE_LIBRARY = {
    "canonical": {"re"}, "__init__": {"sys"}, "__main__": {"sys"},
    "debugging.explaining": {"html", "json"}, "debugging.recipes": {"json", "re"}, "debugging.diagnosing": {"re"},
    "debugging.on_the_way": {"json", "re", "unicodedata", "zlib"},
    "vendoring.copying": {"argparse", "ast", "pathlib", "re", "shutil", "subprocess", "sys", "tempfile"},
    # The command line is imported by whoever runs it, and by nothing else.
    "debugging.shell_words": {"re"}, "debugging.curl": {"re", "shlex"}, "debugging.har": {"json"},
    "debugging.pasted": {"re"}, "debugging.page": {"html", "json", "re"},
    "debugging.side_by_side": {"difflib", "itertools", "re"},
    "debugging.command_line": {
        "argparse", "contextlib", "getpass", "http.client", "json", "shlex", "sys", "tomllib", "urllib.error",
        "urllib.request", "warnings",
    },
}  # fmt: skip
COMMAND_LINE = {"__main__"} | {"debugging." + name for name in DEBUGGING_LADDER[7:]}
# The one thing outside the core that a core module imports, where a key is given; and the version.
MORE_PARTS = {
    "vendoring.copying": {"__version__"},
    "debugging.page": {"__version__"},
    "debugging.command_line": {
        "adapters.cryptography",
        "adapters.h11",
        "adapters.urllib",
        "__version__",
    },
}
# What the top level imports when it is first asked for.
LAZY_PARTS = {"__init__": {"debugging", "debugging.explaining", "debugging.diagnosing"}}
STORE_LIBRARY = {"digest": {"hashlib"}, "memory": {"os", "threading", "time"}, "quota": {"threading"}}
# An adapter bears the name of the library that it adapts; what it imports beside that.
MORE_ADAPTED = {"aiohttp": {"yarl"}, "requests": {"urllib3"}}
CORE = sorted([*ROOT.glob("*.py"), *ROOT.glob("debugging/*.py"), *ROOT.glob("vendoring/*.py")])
OUTER = sorted([*ROOT.glob("adapters/*.py"), *ROOT.glob("nonce_stores/*.py")])
name_of = {"ids": lambda path: str(path.relative_to(ROOT))}
every_core_module = pytest.mark.parametrize("path", CORE, **name_of)
every_outer_module = pytest.mark.parametrize("path", OUTER, **name_of)


def tree_of(path):
    # The grammar of 3.6, which the core keeps to, has no walrus, "/" or match.
    version = (3, 6) if path in CORE else None
    return ast.parse(path.read_text(encoding="utf-8"), feature_version=version)


def module_of(path):
    """Return the name of a module within the package, with dots; a package's own is that of its folder."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def imports_of(path, root=ROOT):
    """Return (module, seen by type checkers only) for each import; what is of this package is named within it."""
    package = root.name + "." + ".".join(path.relative_to(root).parts[:-1])
    nodes = [(tree_of(path), False)]
    found = []
    while nodes:
        node, typing_only = nodes.pop()
        if isinstance(node, ast.Import):
            found += [(alias.name, typing_only) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module] if node.module else [alias.name for alias in node.names]
            start = "." * node.level
            found += [(resolved(start + module, package.rstrip(".")), typing_only) for module in modules]
        typing_only |= isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        nodes += [(child, typing_only) for child in ast.iter_child_nodes(node)]
    return found


def resolved(module, package):
    """Return "." and the name within the package for a relative import, any other as it stands."""
    if not module.startswith("."):
        return module
    return "." + importlib.util.resolve_name(module, package).partition(".")[2]


def test_the_ladder_knows_every_module():
    assert len(CORE) > 10 and len(OUTER) > 3
    unknown = [module_of(path) for path in CORE if module_of(path) not in LADDER]
    assert not unknown, f"give {unknown} a place in the ladder (and in the design), or put it elsewhere"


def test_the_tour_is_the_ladder():
    rows = re.findall(r"^\| [\d.-]+ \| `(\w+)` \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [*CORE_LADDER[: CORE_LADDER.index("__init__")], "debugging"]


@every_core_module
def test_a_core_module_imports_only_what_stands_above_it(path):
    name = module_of(path)
    above = LADDER[: LADDER.index(name)]
    parts = {"." + each for each in [*above, *MORE_PARTS.get(name, ()), *LAZY_PARTS.get(name, ())]}
    for module, typing_only in imports_of(path):
        library = {"typing", "collections.abc"} if typing_only else STANDARD_LIBRARY
        library = library | MORE_LIBRARY.get(name, set())
        assert module in (parts if module.startswith(".") else library), (
            f"{path.name} imports {module}: a module imports only what stands above it in LADDER, and of the standard"
            " library what STANDARD_LIBRARY and MORE_LIBRARY name; move the code, or do without"
        )


def test_nothing_but_the_command_line_imports_the_command_line():
    for path in CORE + OUTER:
        if module_of(path) not in COMMAND_LINE:
            assert not {module.lstrip(".") for module, _ in imports_of(path)} & COMMAND_LINE, path.name


def test_what_is_imported_from_outside_the_core_is_imported_where_it_is_used():
    path = ROOT / "debugging" / "command_line.py"
    assert ".adapters.cryptography" in {module for module, _ in imports_of(path)}
    at_the_top = [node.module or "" for node in tree_of(path).body if isinstance(node, ast.ImportFrom)]
    assert not [module for module in at_the_top if module.startswith("adapters")]


@every_outer_module
def test_an_adapter_or_store_imports_only_the_core_and_what_it_adapts(path):
    for module, _ in imports_of(path):
        if module == ".nonce_stores.digest" and path.parent.name == "nonce_stores":
            continue  # every store keeps the same digest of a nonce
        if module.startswith(".adapters.") and path.parent.name == "adapters":
            shared = foreign_imports(ROOT / "adapters" / (module.rpartition(".")[2] + ".py"))
            assert not shared, f"{path.name} imports {module}, which needs {shared}: put what both use into a third"
        elif module.startswith("."):
            assert module[1:] in CORE_LADDER, f"{path.name} imports {module}: an adapter stands on the core alone"
        else:
            assert module.partition(".")[0] not in ("oauth1_core", "nexmo"), f"{path.name} imports {module}"
    if path.parent.name == "nonce_stores" and path.stem in STORE_LIBRARY:
        own = {module for module, typing_only in imports_of(path) if not (typing_only or module.startswith("."))}
        assert own <= STORE_LIBRARY[path.stem]


def foreign_imports(path):
    """Return the packages that a module imports of those that are neither Python's nor this repository's."""
    modules = {module.partition(".")[0] for module, _ in imports_of(path) if not module.startswith(".")}
    return modules - sys.stdlib_module_names


def test_an_adapter_imports_the_library_that_it_adapts_and_no_other():
    for path in sorted(ROOT.glob("adapters/*.py")):
        others = foreign_imports(path) - {path.stem} - MORE_ADAPTED.get(path.stem, set())
        assert not others, f"adapters/{path.name} imports {others}: an adapter is named after the one library it adapts"


@every_core_module
def test_a_core_module_prints_and_logs_nothing_and_looks_nothing_up_by_name(path):
    calls = [node.func for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    called = {func.id for func in calls if isinstance(func, ast.Name)}
    allowed = {"command_line": {"print", "open"}, "copying": {"print"}}.get(path.stem, set())
    forbidden = called & {"print", "open", "input", "exec", "eval", "__import__", "warn", "getLogger"} - allowed
    assert not forbidden, f"{path.name} calls {forbidden}: return a value or raise an error; the caller shows it"


@pytest.mark.parametrize("path", CORE + OUTER, **name_of)
def test_a_module_opens_with_its_section_of_the_rfc(path):
    docstring = ast.get_docstring(tree_of(path)) or ""
    what = "RFC 5849" if path in CORE else "."
    assert what in docstring and len(docstring) > 20, f"open {path.name} with its purpose and its section of RFC 5849"


@pytest.mark.parametrize("name", oauth1_core.__all__)
def test_a_public_name_is_documented(name):
    value = getattr(oauth1_core, name)
    kind = value if inspect.isclass(value) or inspect.isfunction(value) else type(value)
    assert inspect.getdoc(kind), f"give {name} a docstring"


def test_no_function_of_the_core_is_without_use():
    """A function is used, or public, or called by Python itself."""
    names, defined = {*oauth1_core.__all__, "single", "head", "as_text", "as_json", "as_html", "from_dict"}, {}
    # Called by a notebook, by the page of the debugger, by the sandbox and by users of a Signer.
    names |= {"_repr_html_", "work", "har_log", "for_token"}
    # Those of AuthorizationFlow.
    names |= {"authorization_uri", "request_temporary_credentials", "request_token_credentials"}
    for path in CORE:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef):
                defined[node.name] = f"{path.name}: {node.name}"
            elif isinstance(node, (ast.Name, ast.Attribute)):
                names.add(node.id if isinstance(node, ast.Name) else node.attr)
    unused = [where for name, where in defined.items() if name not in names and not name.startswith("__")]
    assert not unused, f"make {unused} public, use them or delete them"


def test_the_rules_of_the_sandbox_know_no_http():
    """So that they can be read, and used with another framework."""
    root = ROOT.parent / "nexmo"
    own = {"oauth1_core", ".sandbox.store", ".sandbox.sms"}
    allowed = (sys.stdlib_module_names | own) - {"http", "urllib", "socket", "asyncio"}
    for name in ("provider", "sms", "store"):
        found = imports_of(root / "sandbox" / f"{name}.py", root)
        assert {module if module[0] == "." else module.partition(".")[0] for module, _ in found} <= allowed, name


def names_from_the_core(tree):
    """Return (module, name) for each name of oauth1_core that a module imports or reads."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "oauth1_core":
            found |= {(node.module, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            assert not [alias.name for alias in node.names if alias.name.startswith("oauth1_core.")], "import its names"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "oauth1_core":
            found.add(("oauth1_core", node.attr))
    return found


def test_nexmo_imports_only_what_is_public():
    paths = sorted((ROOT.parent / "nexmo").rglob("*.py"))
    found = set().union(*[names_from_the_core(ast.parse(path.read_text(encoding="utf-8"))) for path in paths])
    assert len(paths) > 15 and ("oauth1_core", "check_endpoint") in found
    hidden = {(name, each) for name, each in found if each not in getattr(importlib.import_module(name), "__all__", ())}
    assert hidden == {("oauth1_core", "__version__")}, "import it from where an __all__ has it, or do without"
