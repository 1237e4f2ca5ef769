"""The inspector in Debian's Chromium, with scripts and without: the live list, the copies, the box to compare.

What is not installed is skipped by name; with REQUIRE_PEERS in the environment it fails instead.
"""

import json

import httpx
import pytest

from nexmo.sandbox import Sandbox
from oauth1_core import ClientCredentials, authorization_header, sign
from tests.browser.person import Person, chromium, missing
from tests.support.programs import skip

pytestmark = pytest.mark.peers

SIZES = [{"width": 390, "height": 800}, {"width": 1280, "height": 800}]


@pytest.fixture(scope="module")
def browser():
    lacking = [name for name in missing() if not name.startswith("axe-core")]
    if lacking:
        skip(f"not installed: {', '.join(lacking)} (make browser-peers)")
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def person(browser, sandbox):
    with Person(browser, sandbox, None) as person:
        person.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=sandbox.url)
        yield person


@pytest.fixture(scope="module")
def send(sandbox):
    """Send a request to a path; it is refused."""
    with httpx.Client(trust_env=False) as http:
        yield lambda path, **headers: http.get(sandbox.url + path, headers=headers).status_code


def signed(sandbox, path):
    client = ClientCredentials(sandbox.consumer_key, "wrong")
    return authorization_header(sign("GET", sandbox.url + path, client))


def test_a_request_appears_in_the_list_without_a_reload(person, sandbox, send):
    send("/before")
    person.open("/inspector")
    person.page.evaluate("window.isTheSame = true")
    link = person.page.locator("tr a", has_text="/before").first
    link.focus()
    send("/later/1")
    person.page.get_by_text("GET /later/1").wait_for()
    assert person.page.evaluate("window.isTheSame") is True
    assert "/before" in person.focused()  # whoever is there by the keyboard stays there
    assert person.page.locator("tbody tr").first.inner_text().find("/later/1") > 0
    assert person.complaints == []


def test_what_a_client_sends_is_text_in_a_renewed_list_too(person, send):
    person.open("/inspector")
    send("/%3Cimg%20src=x%20onerror=alert(1)%3E")
    person.page.get_by_text("img%20src").wait_for()
    assert person.page.locator("tbody img").count() == 0 and person.complaints == []


def test_a_paused_or_filtered_list_stays_so(person, send):
    person.open("/inspector?paused")
    shown = person.text
    send("/while-paused")
    person.page.wait_for_timeout(1500)
    assert person.text == shown
    person.open("/inspector?refused")
    send("/refused-one")
    person.page.get_by_text("/refused-one").wait_for()
    assert "Only refused requests are shown." in person.text


def test_without_scripts_the_list_reloads_itself(browser, sandbox, send):
    with Person(browser, sandbox, None, java_script_enabled=False) as person:
        person.open("/inspector")
        send("/without-scripts")
        person.page.get_by_text("/without-scripts").wait_for(timeout=8000)
        before = len(person.requests)
        person.open("/inspector?paused")
        person.page.wait_for_timeout(2500)
        assert len([each for each in person.requests[before:] if each.is_navigation_request()]) == 1


def test_a_sandbox_that_has_ended_is_told(browser):
    with Sandbox() as sandbox, Person(browser, sandbox, None) as person:
        person.open("/inspector")
        assert not person.page.get_by_text("does not answer").is_visible()
        sandbox._stop()
        person.page.get_by_text("The sandbox does not answer.").wait_for()


def test_a_request_is_copied_and_downloaded(person, sandbox, send):
    header = signed(sandbox, "/account/get-balance?a=%2f")
    send("/account/get-balance?a=%2f", Authorization=header)
    person.open("/inspector")
    person.click(person.page.locator("tr a").first)
    person.page.get_by_text("Copy as curl").click()
    person.page.get_by_text("Copied.").wait_for()
    line = person.page.evaluate("navigator.clipboard.readText()")
    assert line.startswith("curl ") and line.endswith(f"'{sandbox.url}/account/get-balance?a=%2f'") and header in line
    with person.page.expect_download() as download:
        person.page.get_by_text("Download as HAR").click()
    (entry,) = json.loads(download.value.path().read_text())["log"]["entries"]
    assert entry["request"]["url"] == f"{sandbox.url}/account/get-balance?a=%2f"
    assert download.value.suggested_filename.endswith(".har")
    assert person.complaints == []


def test_without_scripts_the_command_line_is_a_page(browser, sandbox, send):
    send("/nothing?x=1")
    with Person(browser, sandbox, None, java_script_enabled=False) as person:
        person.open("/inspector?paused")
        person.click(person.page.locator("tr a").first)
        person.click(person.page.get_by_text("Copy as curl"))
        assert "curl --globoff" in person.text and "/nothing?x=1" in person.text


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_what_the_client_made_is_pasted_and_compared_by_the_keyboard_alone(browser, sandbox, send, size):
    header = signed(sandbox, "/account/get-balance")
    send("/account/get-balance", Authorization=header)
    with Person(browser, sandbox, None, viewport=size) as person:
        person.open("/inspector?paused")
        person.click(person.page.locator("tr a").first)
        person.page.get_by_label("The base string, the Authorization header").focus()
        person.page.keyboard.insert_text("Authorization: " + header)
        person.page.keyboard.press("Tab")
        assert person.focused() == "Compare"
        person.page.keyboard.press("Enter")
        person.page.get_by_text("the Authorization header belongs to this request").wait_for()
        wide = person.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0 and person.complaints == []


def test_the_pages_lead_to_each_other(person, send):
    send("/one")
    send("/two")
    person.open("/")
    person.click(person.page.get_by_role("link", name="Inspector").first)
    person.click(person.page.locator("tr a").first)
    assert "/two" in person.heading
    person.click(person.page.get_by_role("link", name="Older"))
    assert "/one" in person.heading
    person.click(person.page.get_by_role("link", name="Only refused ones"))
    assert person.heading == "Inspector"
    person.click(person.page.get_by_role("link", name="First page"))
    assert person.heading == "OAuth 1.0a sandbox"
