"""Mutation testing of oauth1_core: ``make mutants``, or ``make mutants MODULES="percent_encoding nonce"``.

mutmut changes one thing at a time in the functions of a module (an operator, a number, a text, an argument) and runs
the tests named here; here it also removes each check: an ``if`` that never holds, or always; one side of ``and`` and
``or``; a call that is made for what it does. A change that no test notices has to be in ``equivalent.toml`` with the
reason why nobody could notice it; what is there and does not survive any more is reported too. A change is named by its
function and by the words that differ, and numbered where a function has several alike, so that it keeps its name when
code is formatted or moves to another module. On two processors most modules take one minute or two, ``verifying``
eight, ``explaining``, ``diagnosing`` and ``recipes`` 10 to 25.

Not tried: the text of error messages, which no program may depend on; the case of a codec's name, which has none;
tables outside functions, which mutmut does not change; the command line, the adapters and the stores outside memory.
"""

import ast
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tokenize
from collections import Counter

import libcst
import tomllib
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.mutation.mutators import mutation_operators

import oauth1_core.errors

ROOT = pathlib.Path(__file__).parents[2]
WORK = ROOT / ".mutants"
CORE = ROOT / "oauth1_core"
# What needs no tests of mutants: names alone, data, and what is tested by the programs that it is for.
NOT_TRIED = {"__init__", "__main__", "providers", "debugging/__init__", "debugging/mistakes", "debugging/command_line"}
PARTS = sorted([*CORE.glob("*.py"), *CORE.glob("debugging/*.py")])
MODULES = [str(path.relative_to(CORE).with_suffix("")) for path in PARTS]
MODULES = [name for name in MODULES if name not in NOT_TRIED] + ["nonce_stores/memory", "nonce_stores/quota"]
# The quickest tests that kill, where they are not "vectors" (for a module beside __init__) and test_<module>.py.
TESTS = {
    "canonical": ["vectors", "canonical"],
    "credentials": ["vectors", "credentials", "small_pythons"],
    "errors": ["errors", "authorization", "small_pythons"],
    "masking": ["masking", "adapters_flow"],
    "nonce": ["nonce", "small_pythons"],
    "percent_encoding": ["vectors", "percent_encoding", "small_pythons"],
    "problem_reporting": ["problem_reporting", "verifying", "adapters_clock", "adapters_flow", "small_pythons"],
    "receiving": ["vectors", "receiving", "verifying"],
    "signature_methods": ["vectors", "signature_methods", "signing", "small_pythons"],
    "uris": ["vectors", "base_string", "uris"],
    "nonce_stores/memory": ["vectors", "nonce_stores"],
    "nonce_stores/quota": ["nonce_store_quota"],
    "debugging/captured": ["curl", "har"],
    "debugging/on_the_way": ["on_the_way", "diagnosing"],
    "debugging/recipes": ["recipes", "diagnosing"],
}
ERRORS = {name for name, value in vars(oauth1_core.errors).items() if isinstance(value, type)}
ERRORS |= {"AttributeError", "TypeError", "ValueError", "in_clear"}


def decided(node):
    """Yield an ``if`` that never holds, and one that always does."""
    for constant in ("False", "True"):
        yield node.with_changes(test=libcst.Name(constant), whitespace_before_test=libcst.SimpleWhitespace(" "))


def one_side(node):
    """Yield what stands on either side of ``and`` or ``or``."""
    for side in (node.left, node.right):
        yield side.with_changes(lpar=[libcst.LeftParen(), *side.lpar], rpar=[*side.rpar, libcst.RightParen()])


def nothing_done(node):
    """Yield ``pass`` in the place of a call."""
    if isinstance(node.value, libcst.Call):
        yield libcst.Pass()


mutation_operators += [(libcst.If, decided), (libcst.BooleanOperation, one_side), (libcst.Expr, nothing_done)]


def main(modules):
    """Return the exit status: 0 if every survivor is explained."""
    explained = tomllib.loads(ROOT.joinpath("tests/mutants/equivalent.toml").read_text("utf-8"))["equivalent"]
    reasons = {tuple(change): entry["reason"] for entry in explained for change in entry["changes"]}
    functions = {module: functions_of(module) for module in MODULES}
    gone = {function for function, _ in reasons} - set().union(*functions.values())
    for function in sorted(gone):
        print(f"equivalent.toml names {function}, which no module has: name it anew, or take its entries out")
    failed = bool(gone)
    print("| module | mutants | killed | equivalent | unexplained | CPU seconds |")
    print("|---|---|---|---|---|---|")
    for module in modules:
        start = sum(os.times()[:4])
        mutants, survivors = run(module)
        unexplained = [mutant for mutant in survivors if mutant not in reasons]
        killed, equivalent = len(mutants) - len(survivors), len(survivors) - len(unexplained)
        seconds = round(sum(os.times()[:4]) - start)
        print(f"| {module} | {len(mutants)} | {killed} | {equivalent} | {len(unexplained)} | {seconds} |", flush=True)
        listed = [mutant for mutant in reasons if mutant[0] in functions[module] and mutant not in survivors]
        for function, change in unexplained:
            print(f"  survives:\n    {json.dumps([function, change], ensure_ascii=False)},")
        for function, change in listed:
            print(f"  listed, and does not survive:\n    {json.dumps([function, change], ensure_ascii=False)},")
        failed = failed or bool(unexplained or listed)
    return int(failed)


def functions_of(module):
    """Return the names of a module's functions; a method's stands behind that of its class."""
    tree = ast.parse(CORE.joinpath(module + ".py").read_text("utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    methods = [(each.name + ".", node) for each in classes for node in each.body]
    found = [("", node) for node in tree.body] + methods
    return {start + node.name for start, node in found if isinstance(node, ast.FunctionDef)}


def tests_of(module):
    """Return the tests that are to kill the mutants of a module."""
    name = module.rpartition("/")[2]
    names = TESTS.get(module) or ([name] if "/" in module else ["vectors", name])
    return [f"tests/test_{name}.py" if name != "vectors" else "tests/mutants/vectors_by_file.py" for name in names]


def run(module):
    """Return all mutants of a module, and those that no test kills: (function, its change)."""
    directory = WORK / module
    shutil.rmtree(directory, ignore_errors=True)
    for name in ("oauth1_core", "tests", "vectors"):
        shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    shutil.copy(ROOT / "pyproject.toml", directory)
    path = directory / "oauth1_core" / (module + ".py")
    path.write_text(mutate_file_contents(path.name, path.read_text("utf-8")).code, "utf-8")
    mutants = read_mutants(path, "oauth1_core." + module.replace("/", "."))
    directory.joinpath("mutants.json").write_text(json.dumps(list(mutants)))
    options = ["-p", "tests.mutants.trying", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, *tests_of(module)]
    environment = {**os.environ, "TESTS": "all"}
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    results = json.loads(directory.joinpath("results.json").read_text())
    return list(mutants.values()), [mutants[name] for name in mutants if results[name] == "survived"]


def read_mutants(path, module):
    """Return the mutants by name, without those that are not tried."""
    tree = ast.parse(path.read_text("utf-8"))
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    mutants = {}
    for name, original in functions.items():
        mangled, mark, rest = name.partition("__mutmut_orig")
        if mark and not rest:
            function = mangled[2:] if mangled.startswith("x_") else ".".join(mangled.split("ǁ")[1:])
            unchanged = essence(original)
            number = 1
            while f"{mangled}__mutmut_{number}" in functions:
                node = functions[f"{mangled}__mutmut_{number}"]
                if essence(node) != unchanged:
                    mutants[f"{module}.{node.name}"] = function, change_of(original, node)
                number += 1
    count, met = Counter(mutants.values()), Counter()
    for name, mutant in mutants.items():
        met[mutant] += 1
        if count[mutant] > 1:
            mutants[name] = mutant[0], f"{mutant[1]} ({met[mutant]} of {count[mutant]})"
    return mutants


def essence(function):
    """Return a function without its name, the messages of its errors, and the case of a codec's name."""
    tree = ast.parse(ast.unparse(function))
    tree.body[0].name = ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            if isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                node.args[0] = ast.Constant("")
            if isinstance(node.func, ast.Attribute) and node.func.attr in ("encode", "decode"):
                node.args[0] = ast.Constant(ast.unparse(node.args[0]).lower())
        if isinstance(node, ast.Assign) and ast.unparse(node.targets) == "message":
            node.value = ast.Constant("")
    return ast.dump(tree)


def change_of(original, mutant):
    """Return the words of a function that a mutant has not, and what it has instead."""
    before, after = words_of(original), words_of(mutant)
    while before and after and before[0] == after[0]:
        del before[0], after[0]
    while before and after and before[-1] == after[-1]:
        del before[-1], after[-1]
    return " ".join(before) + " -> " + " ".join(after)


def words_of(function):
    """Return the words of a function as Python itself writes it, so that no spelling of it matters."""
    tree = ast.parse(ast.unparse(function))
    tree.body[0].name = "f"
    layout = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    words = tokenize.generate_tokens(io.StringIO(ast.unparse(tree)).readline)
    return [word.string for word in words if word.type not in layout]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or MODULES))
