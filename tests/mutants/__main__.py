"""Mutation testing of oauth1_core: ``make mutants``, or ``make mutants MODULES="percent_encoding nonce"``.

mutmut changes one thing at a time in the functions of a module (an operator, a number, a text, an argument) and runs
the tests named here; here it also removes each check: an ``if`` that never holds, or always; one side of ``and`` and
``or``; a call that is made for what it does. A change that no test notices has to be in ``equivalent.toml`` with the
reason why nobody could notice it; what is there and does not survive any more is reported too. On two processors most
modules take one minute or two, ``verifying`` eight, ``explaining``, ``diagnosing`` and ``mistakes`` 10 to 25.

Not tried: the text of error messages, which no program may depend on; the case of a codec's name, which has none;
tables outside functions, which mutmut does not change; the command line, the adapters and the stores outside memory.
"""

import ast
import json
import os
import pathlib
import shutil
import subprocess
import sys

import libcst
import tomllib
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.mutation.mutators import mutation_operators

import oauth1_core.errors

ROOT = pathlib.Path(__file__).parents[2]
WORK = ROOT / ".mutants"
# The quickest tests that kill, beside the vectors (for the modules that these reach).
TESTS = {
    "percent_encoding": ["percent_encoding"],
    "parameters": ["parameters"],
    "base_string": ["base_string"],
    "signature_methods": ["signature_methods"],
    "transmission": ["transmission"],
    "signing": ["signing"],
    "signer": ["signer"],
    "credentials": ["credentials"],
    "nonce": ["nonce"],
    "errors": ["errors"],
    "authorization": ["authorization"],
    "verifying": ["verifying"],
    "nonce_stores/memory": ["nonce_stores"],
    "nonce_stores/quota": ["nonce_store_quota"],
    "debugging/explaining": ["explaining"],
    "debugging/diagnosing": ["diagnosing"],
    "debugging/mistakes": ["mistakes", "diagnosing"],
    "debugging/shell_words": ["shell_words"],
    "debugging/curl": ["curl"],
}
WITHOUT_VECTORS = {"nonce_stores/quota"} | {name for name in TESTS if name.startswith("debugging/")}
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
    explained = tomllib.loads(ROOT.joinpath("tests/mutants/equivalent.toml").read_text("utf-8"))
    failed = False
    print("| module | mutants | killed | equivalent | unexplained | CPU seconds |")
    print("|---|---|---|---|---|---|")
    for module in modules:
        start = sum(os.times()[:4])
        mutants, survivors = run(module)
        reasons = {tuple(mutant): entry["reason"] for entry in explained.get(module, []) for mutant in entry["mutants"]}
        unexplained = [mutant for mutant in survivors if mutant not in reasons]
        killed, equivalent = len(mutants) - len(survivors), len(survivors) - len(unexplained)
        seconds = round(sum(os.times()[:4]) - start)
        print(f"| {module} | {len(mutants)} | {killed} | {equivalent} | {len(unexplained)} | {seconds} |", flush=True)
        for function, before, after in unexplained:
            print(f"  survives:\n    ['{function}', '''{before}''', '''{after}'''],")
        for function, before, after in reasons.keys() - set(survivors):
            print(f"  listed, and does not survive:\n    ['{function}', '''{before}''', '''{after}'''],")
        failed = failed or set(survivors) != set(reasons)
    return int(failed)


def run(module):
    """Return all mutants of a module, and those that no test kills: (function, its lines, the mutant's lines)."""
    directory = WORK / module
    shutil.rmtree(directory, ignore_errors=True)
    for name in ("oauth1_core", "tests", "vectors"):
        shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    shutil.copy(ROOT / "pyproject.toml", directory)
    path = directory / "oauth1_core" / (module + ".py")
    path.write_text(mutate_file_contents(path.name, path.read_text("utf-8")).code, "utf-8")
    mutants = read_mutants(path, "oauth1_core." + module.replace("/", "."))
    directory.joinpath("mutants.json").write_text(json.dumps(list(mutants)))
    tests = [f"tests/test_{name}.py" for name in TESTS[module]]
    if module not in WITHOUT_VECTORS:
        tests.insert(0, "tests/mutants/vectors_by_file.py")
    options = ["-p", "tests.mutants.trying", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests], cwd=directory, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    results = json.loads(directory.joinpath("results.json").read_text())
    return list(mutants.values()), [mutants[name] for name in mutants if results[name] == "survived"]


def read_mutants(path, module):
    """Return the mutants by name, without those that are not tried."""
    source = path.read_text("utf-8")
    functions = {node.name: node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
    lines = source.splitlines()
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
                    mutants[f"{module}.{node.name}"] = (function, *difference(lines, original, node))
                number += 1
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


def difference(lines, original, mutant):
    """Return the lines of a function that a mutant has not, and what it has instead."""
    before, after = [
        [line.strip().replace(function.name, "") for line in lines[function.lineno - 1 : function.end_lineno]]
        for function in (original, mutant)
    ]
    while before and after and before[0] == after[0]:
        del before[0], after[0]
    while before and after and before[-1] == after[-1]:
        del before[-1], after[-1]
    return "\n".join(before), "\n".join(after)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(TESTS)))
