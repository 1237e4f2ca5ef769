"""The site in Debian's Chromium, with the debugger in it: what each link "Try it" of the tutorial leads to."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from urllib.parse import quote_plus

import pytest

from debugger.build import ROOT, build, link_to_site
from oauth1_core.debugging.page import work
from tests.browser.debugger_site import Reader, served
from tests.browser.person import AXE
from tests.support.programs import skip

sys.path.insert(0, str(ROOT / "docs" / "_extensions"))
from tries import TRIES

pytestmark = pytest.mark.peers

SOUGHT = json.loads((ROOT / "tests" / "newcomers.json").read_text())
VIOLATIONS = "axe.run().then(found => found.violations.map(({id, nodes}) => [id, nodes[0].html]))"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if not shutil.which("npm") and "DEBUGGER_PYODIDE" not in os.environ:
        skip("npm is not installed (make browser-peers)")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-E", "-d", str(folder / "trees"), "docs", str(folder / "site")]
    subprocess.run(command, cwd=ROOT, check=True, timeout=300)
    build(folder / "site" / "debugger")
    link_to_site(folder / "site" / "debugger")
    return folder / "site"


@pytest.fixture(scope="module")
def links(folder):
    """Return where each link of the tutorial leads, by its name; one that is on several pages is the same on all."""
    found = {}
    for page in sorted((folder / "learn").glob("*.html")):
        for name, address in re.findall(r'data-try="([^"]+)" href="([^"]+)"', page.read_text(encoding="utf-8")):
            found.setdefault(name, set()).add(html.unescape(address))
    return {name: address for name, (address,) in found.items()}


@pytest.fixture(scope="module")
def site(folder):
    with served(folder) as site:
        yield site


@pytest.fixture(scope="module")
def opened(browser, site):
    with Reader(browser, site.url + "debugger/index.html") as reader:
        yield reader.open()


def test_the_page_links_to_the_site_and_a_copy_of_it_does_not(folder):
    text = (folder / "debugger" / "index.html").read_text(encoding="utf-8")
    addresses = re.findall(r'href="(\.\./[^"]*)"', text)
    assert len(addresses) == 3 and all([(folder / "debugger" / address).is_file() for address in addresses])
    with zipfile.ZipFile(folder / "debugger" / "debugger.zip") as copy:
        assert b'href="../' not in copy.read("oauth1-debugger/index.html")


def said_by_python(fragment):
    """Return what the same engine says outside of the browser."""
    request = json.loads(work(json.dumps({"act": "open", "fragment": fragment})))
    return json.loads(work(json.dumps({name: text for name, text in request.items() if name != "said"})))


@pytest.mark.parametrize("name", TRIES)
def test_a_link_opens_its_request_and_each_change_shows_what_the_page_says(opened, links, name):
    text, state, changes = TRIES[name]
    fragment = links[name].partition("#")[2]
    opened.acts(lambda: opened.page.goto(opened.url + "#" + fragment))
    assert opened.page.input_value("#request") == text
    assert "RFC 5849" in opened.page.inner_text("#banner")
    assert (opened.state, opened.verdict) == (state, said_by_python("#" + fragment)["verdict"])
    for box, old, new, state, words in changes:
        before = opened.page.input_value("#" + box)
        assert old in before
        opened.paste(before.replace(old, new, 1) if old else new, box)
        assert opened.state == state
        assert words in opened.verdict + opened.page.text_content("#result")


def test_a_click_in_a_chapter_opens_the_debugger_with_the_request(browser, site):
    with Reader(browser, site.url + "learn/01-who-sent-this.html") as reader:
        reader.page.goto(reader.url)
        reader.page.click("a.try")
        reader.ready()
        reader.page.wait_for_selector("html[data-state=matches]")
        assert reader.page.url == site.url + "debugger/index.html"
        assert reader.page.input_value("#request") == TRIES["photo"][0]
        reader.page.click("#open-sign")
        nonces = []
        for _ in range(2):
            before = reader.page.inner_text("#signed")
            reader.page.click("#sign")
            changed = "before => document.getElementById('signed').innerText !== before"
            reader.page.wait_for_function(changed, arg=before)
            nonces.append(re.search('oauth_nonce="([^"]+)"', reader.page.inner_text("#signed"))[1])
        assert nonces[0] != nonces[1]  # as chapter 7 says


def test_what_a_newcomer_types_into_the_search_has_the_right_page_among_the_first_six(browser, site):
    with browser.new_context() as context, context.new_page() as page:
        for sought in SOUGHT:
            page.goto(f"{site.url}search.html?q={quote_plus(sought['search'])}")
            page.wait_for_function("document.querySelector('.search-summary')?.innerText")
            found = page.locator("ul.search li a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
            pages = list(dict.fromkeys([address.partition(".html")[0] for address in found]))
            assert sought["page"] in pages[:6], (sought["search"], pages)
            assert "changelog" not in pages[:3]


@pytest.mark.parametrize("width, scheme", [(1280, "light"), (390, "dark")])
def test_no_page_has_an_obstacle_that_axe_finds_or_is_wider_than_the_screen(browser, folder, site, width, scheme):
    pages = [page.relative_to(folder) for page in sorted(folder.rglob("*.html")) if "debugger" not in page.parts]
    assert len(pages) > 40
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with browser.new_context(**options) as context, context.new_page() as page:
        for name in pages:
            page.goto(site.url + str(name))
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            # axe takes a second or more for a page; the chapters show what narrow and dark pages have of their own.
            if scheme == "light" or "learn" in name.parts:
                page.add_script_tag(path=str(AXE))
                found = page.evaluate(VIOLATIONS)
                assert found == [], name
