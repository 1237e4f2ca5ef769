"""The site: what its pages show is what happens, and it builds without a warning."""

import asyncio
import doctest
import html
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, unquote

import oauthlib.oauth1
import pytest
from pygments import highlight
from pygments.lexers import PythonConsoleLexer
from sphinx.search.en import SearchEnglish

from nexmo.sandbox import Sandbox
from oauth1_core import ClientCredentials, Provider, TokenCredentials
from oauth1_core.adapters import requests as adapter
from oauth1_core.debugging.mistakes import CATALOGUE
from oauth1_core.debugging.page import as_html, work

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([page for page in DOCS.rglob("*.md") if "_build" not in page.parts])
CHAPTERS = sorted((DOCS / "learn").glob("[0-9]*.md"))
# Run by tests of their own.
TESTED_ELSEWHERE = {"servers.md", "providers.md", "coming-from.md", "constrained.md"}

SOUGHT = json.loads(Path(__file__).with_name("newcomers.json").read_text())

BALANCE = "/account/get-balance"

sys.path[:0] = [str(DOCS / "_extensions"), str(ROOT / "vectors")]
import reference  # noqa: E402 (it is found by that path)
from chart import LATEST, charts  # noqa: E402 (they are found by that path)
from drawings import PICTURES, drawn  # noqa: E402 (so is this one)
from examples import example_of, shown  # noqa: E402 (so is this one)
from rows import Rows  # noqa: E402 (so is this one)
from tree import findings, refused  # noqa: E402 (so is this one)
from tries import TRIES, link  # noqa: E402 (so is this one)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if ">>> " in page.read_text()], ids=lambda page: str(page.relative_to(DOCS))
)
def test_the_examples_of_a_page_print_what_they_say(page):
    failed, run = doctest.testfile(str(page), module_relative=False, optionflags=doctest.REPORT_NDIFF)
    assert run > 0
    assert failed == 0


def blocks(name):
    """Return the blocks of a page that are no session."""
    found = re.findall(r"^```python\n(.*?)^```$", (DOCS / name).read_text(), re.MULTILINE | re.DOTALL)
    return [block for block in found if ">>> " not in block]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.mark.parametrize("number", range(4), ids=["requests", "httpx", "aiohttp", "urllib"])
def test_what_the_page_on_signing_shows_is_accepted(number, sandbox):
    access_token = sandbox.access_token()
    names = {
        "client": ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret),
        "token": TokenCredentials(access_token.key, access_token.secret),
        "url": sandbox.url + BALANCE,
    }
    code = blocks("sign.md")[number].replace("https://api.example.com", sandbox.url)
    if "async with" in code:
        lines = [*code.splitlines(), "        status = reply.status"]
        code = "async def run():\n" + "\n".join(["    " + line for line in lines]) + "\n    return status\n"
        exec(code, names)
        status = asyncio.run(names["run"]())
    else:
        exec(code, names)
        reply = names["reply"]
        status = getattr(reply, "status_code", None) or reply.status
    assert status == 200


def test_what_the_page_on_signing_shows_of_a_refusal_names_its_cause(sandbox):
    import requests

    access_token = sandbox.access_token()
    client = ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret)
    wrong, token = (
        TokenCredentials(access_token.key, "another"),
        TokenCredentials(access_token.key, access_token.secret),
    )
    reply = requests.get(sandbox.url + BALANCE, auth=adapter.OAuth1(client, wrong))
    assert reply.status_code == 401
    names = {"reply": reply, "client": client, "token": token, "print": lambda found: names.setdefault("found", found)}
    exec(blocks("sign.md")[4], names)
    assert [finding.id for finding in names["found"]] == ["unknown"]


def test_what_the_page_on_logging_in_shows_ends_in_a_token_that_works(sandbox):
    here = sandbox.endpoints
    provider = Provider(here.request_token, here.authorize, here.access_token)
    names = {"key": sandbox.consumer_key, "secret": sandbox.consumer_secret}
    opened = []
    names["print"] = lambda *words: opened.append(words[-1])
    names["input"] = lambda prompt: sandbox.approve(re.search(r"oauth_token=([^&]+)", opened[-1])[1])
    code = blocks("log-in.md")[0]
    code = code.replace("from oauth1_core.providers import DISCOGS", "").replace(
        "https://app.example.com/callback", "oob"
    )
    code = code.replace("https://api.discogs.com/oauth/identity", sandbox.url + BALANCE)
    code = code.replace(", signature_method=PLAINTEXT", "")
    names["DISCOGS"] = provider
    exec(code, names)
    assert names["reply"].status_code == 200
    del names["token"]
    names["input"] = lambda prompt: sandbox.approve(names["temporary"].identifier)
    exec(blocks("log-in.md")[1], names)  # with a code that is typed in
    assert names["token"].secret


def test_each_block_of_python_has_a_test():
    """Another page with blocks that are no session gets its test here, or is named as tested elsewhere."""
    assert {page.name for page in PAGES if blocks(page.relative_to(DOCS))} - TESTED_ELSEWHERE == {
        "sign.md", "log-in.md", "test-your-code.md",
    }  # fmt: skip


@pytest.mark.parametrize("chapter", CHAPTERS[:-1], ids=lambda chapter: chapter.stem)
def test_a_chapter_asks_shows_and_has_an_exercise_with_its_answer(chapter):
    text = chapter.read_text()
    assert text.startswith(f"# {int(chapter.stem[:2])}. ")
    assert "## Exercise" in text
    assert re.search(r"<details><summary>Answers?</summary>.+</details>", text, re.DOTALL)


def test_the_request_that_is_verified_by_hand_is_signed_as_two_other_implementations_sign_it():
    """They are ``vectors/reference.py`` and oauthlib."""
    chapter = (DOCS / "learn" / "06-how-the-server-checks.md").read_text()
    head, _, form = re.search(r"^```text\n(POST .+?)\n```$", chapter, re.MULTILINE | re.DOTALL)[1].partition("\n\n")
    path, host = re.search(r"POST (\S+).*?^Host: (\S+)$", head, re.MULTILINE | re.DOTALL).groups()
    protocol = {name: unquote(value) for name, value in re.findall(r'(oauth_\w+)="([^"]*)"', head)}
    given, uri = protocol.pop("oauth_signature"), f"http://{host}{path}"
    secrets = re.findall(r"secret is `(\w+)`", chapter)
    base_string = reference.signature_base_string("POST", uri, list(protocol.items()), form)
    assert reference.signature("HMAC-SHA1", base_string, *secrets) == given
    client = oauthlib.oauth1.Client(
        protocol["oauth_consumer_key"], secrets[0], protocol["oauth_token"], secrets[1],
        timestamp=protocol["oauth_timestamp"], nonce=protocol["oauth_nonce"],
    )  # fmt: skip
    _, headers, _ = client.sign(uri, "POST", form, {"Content-Type": "application/x-www-form-urlencoded"})
    assert f'oauth_signature="{quote(given, safe="")}"' in headers["Authorization"]


def test_a_block_of_code_has_no_empty_line_at_its_end_and_each_row_has_the_indentation_of_its_line():
    shown = highlight(">>> if a:\n...     b\n\n  2\n\n\n", PythonConsoleLexer(stripnl=False), Rows())
    assert re.findall('class="row" style="--in: ([0-9]+)"', shown) == ["4", "8", "0", "2"]
    assert html.unescape(re.sub("<[^>]+>", "", shown)).rstrip("\n") == ">>> if a:\n...     b\n\n  2"


def test_each_picture_is_in_one_chapter_and_is_drawn_wide_and_narrow_with_its_alternative():
    used = re.findall(
        r"^```\{picture\} (\S+)\n(.+?)\n```$", "\n".join([page.read_text() for page in CHAPTERS]), re.MULTILINE
    )
    assert sorted([name for name, _ in used]) == sorted(PICTURES)
    for name, alternative in used:
        assert len(alternative.split()) > 12
        svg = drawn(name, alternative)
        assert svg.count("<svg ") == svg.count("</svg>") == svg.count("<desc>") == 2
        # Whatever is drawn stands in the picture, not past its edge.
        for picture, width in re.findall(r'(<svg class="(?:wide|narrow)" viewBox="0 0 (\d+) .*?</svg>)', svg):
            for x in re.findall(r' x="(-?[\d.]+)"', picture):
                assert 0 <= float(x) <= int(width)


def test_the_chart_has_a_bar_for_each_signer_whose_length_is_its_time():
    latest = json.loads(LATEST.read_text())
    (_, svg), _ = charts(latest)
    wide = svg.partition("</svg>")[0]
    widths = [float(width) for width in re.findall(r'<rect class="bar[^"]*".*? width="([\d.]+)"', wide)]
    signer = next(each for each in latest["contenders"] if each["name"] == "oauth1_core_signer")
    first = next(iter(signer["seconds"]))
    signers = {each["label"]: each["seconds"] for each in latest["contenders"] if first in each["seconds"]}
    times = [seconds[first]["median"] for seconds in signers.values()]
    assert len(widths) == len(signers) > 10
    assert [width / max(widths) for width in widths] == pytest.approx([t / max(times) for t in sorted(times)], abs=0.01)
    assert wide.count("bar own") == len([label for label in signers if label.startswith("oauth1_core")]) > 0


@pytest.mark.parametrize("mistake", CATALOGUE, ids=lambda mistake: mistake.id)
def test_each_mistake_has_an_example_of_which_the_debugger_says_so(mistake):
    example = example_of(mistake)
    assert [finding.id for finding in example.findings] == [mistake.id]
    lines = list(shown(example))
    assert len([line for line in lines if line.startswith('<p class="compared">')]) >= 2
    assert any(["<mark>" in line for line in lines])
    if example.has_token or not example.token:
        opened = json.loads(work(json.dumps({"act": "open", "fragment": example.fragment()})))
        boxes = {**{name: text for name, text in opened.items() if name != "said"}, **example.entered()}
        assert json.loads(work(json.dumps(boxes)))["findings"] == [mistake.id]


def test_the_page_of_findings_has_a_section_for_each_that_the_source_names():
    sections = re.findall(r"^## `(.+)`$", "\n".join(findings()), re.MULTILINE)
    assert len(sections) == len(set(sections))
    source = (ROOT / "oauth1_core" / "debugging" / "diagnosing.py").read_text()
    named = set(re.findall(r'^ +(?:\(|.*Finding\()?"([a-z0-9.]+(?:-[a-z0-9.]+)+)", ', source, re.MULTILINE)) | {
        "unknown"
    }
    assert {
        "timestamp-not-in-seconds",
        "body-hash-of-nothing",
        "body-hash-by-another-digest",
        "server-differs",
    } <= named
    assert named <= set(sections)


@pytest.mark.parametrize("name", TRIES)
def test_what_a_chapter_says_of_a_change_is_what_the_debugger_says(name):
    """The same in Chromium, from the link: tests/browser/test_site.py."""
    text, state, changes = TRIES[name]
    boxes = json.loads(work(json.dumps({"act": "open", "fragment": link(name, "").partition("#")[2]})))
    del boxes["said"]
    boxes["before"] = text
    assert boxes["request"] == text
    assert json.loads(work(json.dumps(boxes)))["state"] == state
    for box, old, new, state, words in changes:
        boxes[box] = boxes[box].replace(old, new, 1) if old else new
        result = json.loads(work(json.dumps(boxes)))
        assert result["state"] == state
        assert words in result["verdict"] + re.sub("<[^>]+>", "", "".join([as_html(view) for view in result["view"]]))


def test_each_try_is_used_and_each_that_is_used_is_there():
    text = "\n".join([page.read_text() for page in CHAPTERS]) + "\n".join(refused())
    assert set(re.findall(r"^```\{try\} (\S+)$", text, re.MULTILINE)) == set(TRIES)
    assert all(["```{try} " in page.read_text() for page in CHAPTERS[:-1]])


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return the folder of the site, and what was said while it was built."""
    folder = tmp_path_factory.mktemp("site")
    options = ["-q", "-W", "--keep-going", "-E", "-d", folder / "trees"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, DOCS, folder / "site"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
    )  # fmt: skip
    return folder / "site", (done.returncode, done.stdout)


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_each_link_within_it_leads_somewhere(built):
    site, said = built
    assert said == (0, "")
    pages = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    assert len(pages) > 30
    for page, text in pages.items():
        for target in re.findall(r'<a [^>]*href="([^":]+)"', text):
            path, _, anchor = target.partition("#")
            there = (page.parent / path).resolve() if path else page
            if "debugger/" in path:  # put there by make docs
                continue
            assert there.exists(), (page.name, target)
            if anchor and there in pages and "genindex" not in there.name:
                assert f'id="{anchor}"' in pages[there], (page.name, target)
        # Nothing is loaded from elsewhere.
        assert not re.search(r'<(?:script|img|link|iframe)[^>]+(?:src|href)="(?:https?:)?//', text), page.name


def article_of(page):
    """Return what a page itself says, without the menu and the headings beside it."""
    return page.read_text(encoding="utf-8").partition("<article")[2].partition("</article>")[0]


def clicks_to(site):
    """Return how many links lead from the first page to each other, of those in the text of pages."""
    clicks, todo = {site / "index.html": 0}, [site / "index.html"]
    while todo:
        page = todo.pop(0)
        for target in re.findall(r'<a [^>]*href="([^":#]+)', article_of(page)):
            there = (page.parent / target).resolve()
            if there.suffix == ".html" and there.exists() and there not in clicks:
                clicks[there] = clicks[page] + 1
                todo.append(there)
    return clicks


@pytest.mark.slow
@pytest.mark.parametrize("sought", SOUGHT, ids=lambda sought: sought["question"])
def test_what_a_newcomer_looks_for_is_three_clicks_away_and_is_found_by_the_search(built, sought):
    site, _ = built
    page = (site / (sought["page"] + ".html")).resolve()
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", "", article_of(page))).split())
    assert sought["says"] in words
    assert clicks_to(site.resolve())[page] <= 3
    index = json.loads((site / "searchindex.js").read_text()[len("Search.setIndex(") : -1])
    number = index["docnames"].index(sought["page"])
    language = SearchEnglish({})
    typed = [word.lower() for word in language.split(sought["search"])]
    for word in [language.stem(word) for word in typed if word not in language.stopwords]:
        found = [index[terms].get(word, []) for terms in ("terms", "titleterms")]
        # One page stands for itself.
        assert number in [each for pages in found for each in (pages if isinstance(pages, list) else [pages])], word
