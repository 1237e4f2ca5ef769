"""Find sentences that stop a reader, in Markdown, docstrings, comments, messages and pages.

    python -m tests.prose            fails if a file has more of them than tests/prose.json allows
    python -m tests.prose --list     prints each of them, and what to write instead
    python -m tests.prose --write    writes down how many there are now; the numbers should only go down

Each rule is a pattern for one habit. No pattern finds a pronoun whose noun is a sentence away: ask of each sentence who
does what, and what happens otherwise.
"""

import ast
import io
import json
import re
import subprocess
import sys
import tokenize
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
ALLOWED = Path(__file__).with_suffix(".json")
LEFT_OUT = ("tests/", "benchmarks/results/", "vectors/CONFORMANCE.md", "docs/_extensions/")

# name: (pattern, what to write instead)
RULES = {
    "headless who": (
        r"(?:^|[.;:] )Who (?!.*\?)|\b[Ww]hoever\b|\bonly who\b",
        "name the actor: a client that ..., if you ...",
    ),
    "bare that": (
        r"\b(?:is|as|not|for|to|than|in|of|from|also|,) (?:that|those) (?:of|by|from|for|with|who|which|it|in)\b",
        "repeat the noun",
    ),
    "ours, theirs": (r"\b(?:ours|theirs|of one's own|none of our)\b", "name the owner"),
    "in clear": (r"\bin (?:the )?clear\b", "in plain text, without TLS"),
    "but for except": (r"\bbut for\b|\bbut by\b|\bnothing but\b|\bbut one\b|\bgive or take\b", "except, only"),
    "comes to": (
        r"\bc[ao]mes? (?:to be|to the same|to what|out\b|of it|to get)|\bcame to be\b|\bbecomes? of\b",
        "say what happens: gives, results, is computed",
    ),
    "old adverb": (r"\b(?:afresh|anew|as new|beforehand|thereafter|meanwhile)\b", "again, new, before"),
    "stands": (r"\bstands?\b(?! for| in for|-in)", "is, appears"),
    "wants": (r"\bRFC(?: 5849)? wants\b|\bas wanted\b", "requires"),
    "is to": (r"\b(?:is|are) (?:not )?to (?:be \w+|keep|act|decide|come)\b", "must, will, or an active verb"),
    "headless what": (r"(?:^|[.;:] )What (?!.*\?)[a-z ]+", "begin with a noun"),
    "object first": (
        r"(?:^|[.;:] )(?:Of|To|By|Behind) [^,.]{3,60}, ?(?:those|none|\d)|(?:^|[.;:] )Of a \w+",
        "subject first",
    ),
    "double negative": (
        r"(?<!here )\bis no (?!longer)\w+|\bno (?:more|fewer) than\b|\bnone is\b|\bnot un\w+",
        "say it positively",
    ),
    "for because": (r", for (?:the|it|they|another|what|this|SQLite)\b", "because"),
    "told": (
        r"\b(?:tells?|told) (?:(?:an? |the )?\w+ ){0,3}from\b|\bis told (?!to)|\bc(?:an|ould) ?not be told\b",
        "distinguish, report",
    ),
    "wit": (
        r"\b(?:none of our business|nobody|not heard out|wild|on paper|our own words|in vain|sees to)\b",
        "state the fact",
    ),
    "long sentence": (r"(?s)^(?:\S+\s+){38,}\S+$", "split: at most 37 words"),
}
# A name in backquotes, which is an x here, a field of a docstring and a cell of a table begin a sentence too.
SENTENCE_END = r"(?<=[.?!]) (?=[A-Z\"]|x[a-zA-Z_])| (?=:(?:param|ivar|raises|returns?)\b)| \| "


def files():
    """Return the files under version control that hold prose."""
    named = subprocess.run(
        ["git", "ls-files", "*.md", "*.py", "*.html"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in named.stdout.split("\n") if name and not name.startswith(LEFT_OUT)]


def prose(name):
    """Yield each text of a file with its line."""
    text = (ROOT / name).read_text(encoding="utf-8")
    if name.endswith(".py"):
        yield from python_prose(text)
        return
    kept = r"(?s)```.*?```|<!-- benchmark -->.*?<!-- /benchmark -->"
    if name.endswith(".html"):
        kept = r"(?s)\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>"
    text = re.sub(kept, lambda match: "\n" * match[0].count("\n") + "x" * match[0].startswith("{{"), text)
    for match in re.finditer(r"(?:.+\n?)+?(?=\n|\Z|- |\|)|.+", text):
        yield text.count("\n", 0, match.start()) + 1, match[0]


def python_prose(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            docstring = ast.get_docstring(node)
            text_alone = re.sub(r"(?m)^ {4,}.*$", "", docstring or "")
            for paragraph in re.split(r"\n\n|\n(?=- |\d\. )", text_alone):
                yield (node.body[0].lineno if node.body else 1), paragraph
        elif isinstance(node, ast.Call):
            for each in [*node.args, *[k.value for k in node.keywords if k.arg in ("help", "description")]]:
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value.count(" ") > 2:
                    yield each.lineno, each.value
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.string.startswith(("# fmt", "# type", "# noqa")):
            yield token.start[0], token.string.lstrip("# ")


def findings(name):
    """Yield (line, rule, sentence, what to write instead)."""
    for line, text in prose(name):
        flat = re.sub(r"`[^`]*`+|\s+", lambda match: "x" if match[0][0] == "`" else " ", text).strip(" |-")
        for sentence in re.split(SENTENCE_END, flat):
            for rule, (pattern, instead) in RULES.items():
                if re.search(pattern, sentence):
                    yield line, rule, sentence, instead


def main(words):
    found = {name: list(findings(name)) for name in files()}
    if "--list" in words:
        for name, each in found.items():
            for line, rule, sentence, instead in each:
                print(f"{name}:{line}: {rule}: {sentence[:110]} -> {instead}")
        return 0
    counts = {
        name: dict(sorted(Counter([rule for _, rule, _, _ in each]).items())) for name, each in found.items() if each
    }
    if "--write" in words:
        ALLOWED.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
        return 0
    allowed = json.loads(ALLOWED.read_text(encoding="utf-8"))
    worse = 0
    for name, rules in counts.items():
        for rule, count in rules.items():
            if count > allowed.get(name, {}).get(rule, 0):
                worse += 1
                for line, each, sentence, instead in found[name]:
                    if each == rule:
                        print(f"{name}:{line}: {rule}: {sentence[:110]} -> {instead}", file=sys.stderr)
    return min(worse, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
