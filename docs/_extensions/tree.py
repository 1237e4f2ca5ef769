"""Pages made of other files of the tree, whose links lead to pages, and tables made from the code."""

import html
import os
import re
from pathlib import Path

from sphinx.util.docutils import SphinxDirective

DOCS = Path(__file__).parent.parent
ROOT = DOCS.parent
LINK = re.compile(r"(?<!!)\[((?:`[^`]*`|[^\][`])*)\]\((?!https?:|#)([^)\s]+)\)")
SHOWN = re.compile(r"^```\{shown\} (\S+)", re.MULTILINE)


def pages():
    """Return which page shows each file of the tree: what a ``{shown}`` names, and each page itself."""
    shown = {}
    for page in DOCS.rglob("*.md"):
        shown[page] = page
        for named in SHOWN.findall(page.read_text(encoding="utf-8")):
            shown[(page.parent / named).resolve()] = page
    return shown


def relinked(text, source, page, shown):
    """Return the text of ``source`` with links that work from ``page``; what has no page becomes its own text."""

    def replaced(match):
        label, target = match[1], match[2]
        path, mark, anchor = target.partition("#")
        there = (source.parent / path).resolve()
        if there.suffix == ".png":
            return f"[{label}]({os.path.relpath(there, page.parent)})"
        if there in shown:
            return f"[{label}]({os.path.relpath(shown[there], page.parent)}{mark}{anchor})"
        return label if there.exists() else match[0]

    return LINK.sub(replaced, text)


def on_source(app, docname, content):
    page = Path(app.env.doc2path(docname))
    content[0] = relinked(content[0], page, page, pages())


def plain(text):
    """Return a text in which Markdown marks up nothing."""
    return re.sub(r"([\\`*_<>$\[\]{}])", r"\\\1", text)


def findings():
    """Return a section for each entry of the catalogue with its example, and one for each other finding."""
    from examples import example_of, shown

    from oauth1_core.debugging.mistakes import CATALOGUE

    for mistake in CATALOGUE:
        yield from section_of(mistake)
        example = example_of(mistake)
        yield f"<details><summary>An example: {html.escape(example.findings[0].happened)}</summary>\n"
        yield from shown(example)
        if example.has_token or not example.token:
            yield f'<a href="../debugger/index.html{example.fragment()}">Open it in the debugger</a>\n'
        yield "</details>\n"
    for finding in others():
        yield from section_of(finding)


def section_of(finding):
    done = plain(finding.done.replace(": {}", "").replace("{}", "..."))
    yield f"({finding.id})=\n## `{finding.id}`\n"
    yield f"{finding.by} {done}. {plain(finding.wants)} (section {finding.section}).\n"
    yield f"**To fix it:** {plain(finding.fix.replace('{}', '...'))}.\n"


def others():
    """Return the findings that are no entries of the catalogue, each once."""
    from oauth1_core.debugging import diagnosing

    constants = [each for each in vars(diagnosing).values() if isinstance(each, diagnosing.Finding)]
    return {each.id: each for each in [*of_no_known_cause(), *of_body_hashes(), *constants]}.values()


def of_no_known_cause():
    from debugger.examples import REFUSED, header_of
    from oauth1_core import ClientCredentials, TokenCredentials, diagnose

    each = REFUSED["requests"][0]
    client, token = ClientCredentials("dpf43f3p2l4k3l03", "wrong"), TokenCredentials("nnch734d00sl2jdk", "wrong")
    return diagnose(each["method"], each["uri"], [("Authorization", header_of(each))], b"", client, token)


def of_body_hashes():
    """Yield what is found of the hashes of these bodies, each made in every way that is known to be wrong."""
    import gzip
    import hashlib

    from oauth1_core.debugging.diagnosing import HASH_FORMS, HASHED_BODIES, body_hash_findings
    from oauth1_core.debugging.on_the_way import rewritten_json
    from oauth1_core.signature_methods import encode_base64

    for body in (b'{"copies": 2}', b"one\ntwo\n", b"one\r\ntwo", gzip.compress(b"{}")):
        hashed = [body, *[make(body) for _, _, make, _ in HASHED_BODIES], *rewritten_json(body)]
        for name in ("sha1", "sha256"):
            for write in (encode_base64, *[write for _, _, write in HASH_FORMS]):
                for octets in hashed:
                    if octets is not None:
                        yield from body_hash_findings(write(hashlib.new(name, octets).digest()), body, "sha1")


def refused():
    """Return the ten refused requests of the tutorial, each with what ``diagnose`` says of it."""
    from debugger.examples import CREDENTIALS, REFUSED, header_of
    from oauth1_core import ClientCredentials, TokenCredentials, diagnose

    client = ClientCredentials(CREDENTIALS["client"], CREDENTIALS["client_secret"])
    token = TokenCredentials(CREDENTIALS["token"], CREDENTIALS["token_secret"])
    for each in REFUSED["requests"]:
        headers = [("Authorization", header_of(each))]
        if each["content_type"]:
            headers.append(("Content-Type", each["content_type"]))
        body = each["body"].encode()
        secrets = [CREDENTIALS["temporary_secret"]]
        findings = diagnose(each["method"], each["uri"], headers, body, client, token, other_secrets=secrets)
        _, _, rest = each["uri"].partition("://")
        host, slash, target = rest.partition("/")
        lines = [f"{each['method']} {slash}{target} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}".replace(", ", ",\n    ") for name, value in headers]
        yield (
            f"## Request {each['number']}\n\n```text\n"
            + "\n".join(lines + ([""] + [each["body"]] if body else []))
            + "\n```\n"
        )
        yield f"```{{try}} refused-{each['number']}\n```\n"
        yield "<details><summary>Answer</summary>\n"
        yield from [f"[`{finding.id}`](#{finding.id}): {plain(str(finding))}\n" for finding in findings]
        yield f"The right signature is `{each['right_signature']}`.\n\n</details>\n"


def providers():
    """Return a table of the providers that are known by name."""
    from oauth1_core.providers import BASED, KNOWN

    yield "| name | temporary credentials | authorization | token credentials | signed with | placed in | leaves out |"
    yield "|---|---|---|---|---|---|---|"
    based = {name: make("https://www.example.com") for name, make in BASED.items()}
    for name, provider in sorted({**KNOWN, **based}.items()):
        value = provider.to_dict()
        first, last = provider.methods()
        cells = [f"`{name}`", f"`{first} {value['temporary_credentials']}`", f"`{value['authorization']}`"]
        cells.append(f"`{last} {value['token_credentials']}`")
        cells += [value.get("signature_method", "HMAC-SHA1"), value.get("placement", "header")]
        cells.append(", ".join([f"`{word}`" for word in value.get("allow", [])]))
        yield f"| {' | '.join(cells)} |"


def oauth1():
    """Return the help of the command and of each of its commands."""
    from oauth1_core.debugging.command_line import command_line

    parser = command_line()
    yield f"```text\n{parser.format_help()}```\n"
    commands = next(action for action in parser._actions if hasattr(action, "_name_parser_map"))
    for name, command in commands._name_parser_map.items():
        yield f"## `oauth1 {name}`\n\n```text\n{command.format_help()}```\n"


def nexmo():
    """Return the help of the command and of each of its commands."""
    import typer
    from typer.testing import CliRunner

    from nexmo.cli import app

    runner = CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"})
    yield f"```text\n{runner.invoke(app, ['--help'], prog_name='nexmo').output}```\n"
    for name in typer.main.get_command(app).commands:
        yield f"## `nexmo {name}`\n\n```text\n{runner.invoke(app, [name, '--help'], prog_name='nexmo').output}```\n"


def api():
    """Return every public name with its docstring, under the module that defines it, in the order of the RFC."""
    import inspect
    import sys

    import oauth1_core

    found = {}
    for name in oauth1_core.__all__:
        value = getattr(oauth1_core, name)
        home = getattr(value, "__module__", "")
        if not home.startswith("oauth1_core.") or not hasattr(sys.modules[home], name):
            home = next(
                m for m in sys.modules if m.startswith("oauth1_core.") and vars(sys.modules[m]).get(name) is value
            )
        found.setdefault(home, []).append((name, value))
    table = oauth1_core.__doc__.split()
    for home in sorted(found, key=lambda module: [*table, module.rpartition(".")[2]].index(module.rpartition(".")[2])):
        yield f"## `{home}`\n"
        yield (sys.modules[home].__doc__ or "").partition("\n")[0] + "\n"
        for name, value in found[home]:
            kind = "exception" if inspect.isclass(value) and issubclass(value, Exception) else None
            kind = kind or ("class" if inspect.isclass(value) else "function" if inspect.isroutine(value) else "data")
            yield f"```{{eval-rst}}\n.. auto{kind}:: {home}.{name}\n```\n"


def adapters():
    """Return the names of each adapter and nonce store, under its module."""
    import importlib
    import inspect

    for folder in ("adapters", "nonce_stores"):
        for path in sorted((ROOT / "oauth1_core" / folder).glob("[a-z]*.py")):
            module = importlib.import_module(f"oauth1_core.{folder}.{path.stem}")
            names = getattr(module, "__all__", [])
            if names:
                yield f"## `{module.__name__}`\n\n{(module.__doc__ or '').partition(chr(10))[0]}\n"
            for name in names:
                kind = "class" if inspect.isclass(getattr(module, name)) else "function"
                yield f"```{{eval-rst}}\n.. auto{kind}:: {module.__name__}.{name}\n```\n"


class Generated(SphinxDirective):
    """``{generated} NAME`` puts what the function of that name returns into a page."""

    required_arguments = 1

    def run(self):
        made = {
            "findings": findings,
            "refused": refused,
            "providers": providers,
            "oauth1": oauth1,
            "adapters": adapters,
            "nexmo": nexmo,
            "api": api,
        }
        text = "\n".join(made[self.arguments[0]]())
        return self.parse_text_to_nodes(text, allow_section_headings=True)


class Shown(SphinxDirective):
    """``{shown} PATH`` makes the page of a Markdown file that lives elsewhere in the tree."""

    required_arguments = 1

    def run(self):
        page = Path(self.env.doc2path(self.env.docname))
        source = (page.parent / self.arguments[0]).resolve()
        self.env.note_dependency(str(source))
        text = relinked(source.read_text(encoding="utf-8"), source, page, pages())
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app):
    app.add_directive("generated", Generated)
    app.add_directive("shown", Shown)
    app.connect("source-read", on_source)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
