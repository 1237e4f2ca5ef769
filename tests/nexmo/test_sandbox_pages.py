"""The sandbox's pages, as a browser and as an attacker sees them."""

import re
from urllib.parse import urlsplit

import httpx
import pytest

from nexmo import Nexmo, NexmoError
from nexmo.sandbox import Sandbox, SandboxError
from nexmo.sandbox.browser import PASSWORD, USER, Browser, ShownPage
from nexmo.sandbox.store import Store

CALLBACK = "http://127.0.0.1:5000/callback"
NAME = "<script>alert('1')</script>&\"x"
EVERY_PAGE = {
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def policy(form_action="'self'"):
    sources = "style-src 'self'; img-src 'self'"
    return f"default-src 'none'; {sources}; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite"


@pytest.fixture(scope="module")
def sandbox(database):
    with Sandbox(database) as sandbox:
        store = Store(database)
        store.change_client(sandbox.consumer_key, name=NAME, callback=None)
        store.close()
        yield sandbox


@pytest.fixture
def nexmo(sandbox):
    with Nexmo(sandbox.consumer_key, sandbox.consumer_secret, endpoints=sandbox.endpoints) as nexmo:
        yield nexmo


@pytest.fixture
def seen():
    return []


@pytest.fixture
def browser(sandbox, seen):
    """A browser that keeps every response in ``seen``, and names the sandbox as the origin of each form."""
    with Browser(seen.append) as browser:
        browser.http.headers["Origin"] = sandbox.url
        yield browser


@pytest.fixture
def signed_in(sandbox, browser):
    submit_sign_in(browser, browser.open(sandbox.url + "/oauth/sign-in"))
    return browser


def submit_sign_in(browser, response, user=USER, password=PASSWORD):
    form = ShownPage(response.text).form_with("password")
    return browser.submit(response, form, user=user, password=password)


def authorize(sandbox, request_token, endpoint="authorize"):
    return f"{getattr(sandbox.endpoints, endpoint)}?oauth_token={request_token.key}"


def consent_fields(browser, url, decision="approve"):
    form = ShownPage(browser.open(url).text).form_with("decision")
    return form.filled(decision=decision)


def is_pending(sandbox, request_token):
    """Tell whether a user could still decide, without deciding."""
    return httpx.get(authorize(sandbox, request_token)).status_code == 303


def heading(response):
    return ShownPage(response.text).heading


# What every page has


def test_every_page_has_the_headers_and_no_script(sandbox, nexmo, browser, seen):
    port = urlsplit(sandbox.url).port
    browser.open(sandbox.url + "/")
    browser.open(authorize(sandbox, nexmo.request_token()))
    submit_sign_in(browser, seen[-1], password="wrong")
    browser.approve(authorize(sandbox, nexmo.request_token()))
    browser.deny(authorize(sandbox, nexmo.request_token()))
    browser.open(sandbox.url + "/")
    for path in ("/nowhere", "/oauth/authorize", "/oauth/authorize?oauth_token=unknown", "/oauth/request_token"):
        browser.open(sandbox.url + path)
    seen.append(httpx.post(sandbox.endpoints.authorize))
    seen.append(httpx.get(sandbox.url, headers={"Host": f"evil.example:{port}"}))
    seen.append(httpx.post(sandbox.endpoints.access_token))
    seen.append(httpx.put(sandbox.endpoints.access_token))
    seen.append(httpx.get(sandbox.url + "/account/get-balance"))
    seen.append(httpx.get(sandbox.url + "/static/style.css"))
    assert {response.status_code for response in seen} == {200, 303, 400, 401, 403, 404, 405, 421}
    for response in seen:
        assert EVERY_PAGE.items() <= {name.title(): value for name, value in response.headers.items()}.items()
        assert response.headers["Content-Security-Policy"] == policy()
        for cookie in response.headers.get_list("Set-Cookie"):
            assert "Path=/" in cookie
            assert "Max-Age=0" in cookie or ("HttpOnly" in cookie and "SameSite=strict" in cookie)
    pages = [page for page in seen if page.headers.get("Content-Type") == "text/html; charset=utf-8"]
    assert len(pages) > 10
    for page in pages:
        # Or a browser would send "Origin: null" with the page's forms.
        assert '<meta name="referrer" content="same-origin">' in page.text
        assert page.text.count("<h1>") == 1 and '<html lang="en">' in page.text and "<title>" in page.text
        assert not re.search(r"<script|<style|\son\w+=|\sstyle=|javascript:|https?://(?!127\.0\.0\.1:)", page.text)


def test_a_page_whose_form_leads_to_the_callback_says_so(sandbox, nexmo, browser, seen):
    url = authorize(sandbox, nexmo.request_token(CALLBACK))
    browser.approve(url)
    policies = {heading(page): page.headers["Content-Security-Policy"] for page in seen if page.text}
    assert policies == {
        "Sign in": policy("'self' http://127.0.0.1:5000"),
        f"Authorize{NAME}?": policy("'self' http://127.0.0.1:5000"),
    }


def test_markup_in_a_name_is_text(sandbox, nexmo, signed_in, seen):
    seen.clear()
    signed_in.approve(authorize(sandbox, nexmo.request_token()))
    signed_in.deny(authorize(sandbox, nexmo.request_token()))
    signed_in.open(sandbox.url + "/")
    named = [page for page in seen if "alert(" in page.text]
    assert len(named) == 5, "consent twice, code, denial, first page"
    for page in named:
        assert "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&#34;x" in page.text
        assert "<script" not in page.text


def test_markup_in_what_a_browser_sends_is_text(sandbox, browser):
    markup = '"><script>alert(2)</script>'
    response = browser.open(str(httpx.URL(sandbox.url + "/oauth/sign-in", params={"oauth_token": markup})))
    assert "&#34;&gt;&lt;script&gt;alert(2)" in response.text and "<script" not in response.text
    response = submit_sign_in(browser, response, user=markup)
    assert response.text.count("&#34;&gt;&lt;script&gt;alert(2)") == 2 and "<script" not in response.text


def test_the_consent_page_tells_who_asks_for_what_and_what_comes_next(sandbox, nexmo, signed_in):
    text = signed_in.open(authorize(sandbox, nexmo.request_token(CALLBACK))).text
    for words in (USER, "send SMS messages", "account balance", "http://127.0.0.1:5000", "has not verified"):
        assert words in text


def test_the_code_is_one_piece_of_text(sandbox, nexmo, signed_in, seen):
    code = signed_in.approve(authorize(sandbox, nexmo.request_token()))
    output = re.search(r"<output[^>]*>(.*?)</output>", seen[-1].text, re.DOTALL)[1]
    assert re.sub(r"<[^>]*>", "", output).strip() == code


# Links that lead nowhere


@pytest.mark.parametrize("query", ["", "?oauth_token=", "?oauth_token={0}&oauth_token={0}", "?oauth_token=%FF"])
@pytest.mark.parametrize("endpoint", ["authorize", "authenticate"])
def test_a_link_has_exactly_one_token(sandbox, nexmo, endpoint, query):
    url = getattr(sandbox.endpoints, endpoint) + query.format(nexmo.request_token().key)
    assert httpx.get(url).status_code == 400


def test_a_token_that_is_not_pending_gets_a_page_without_names(sandbox, nexmo, signed_in):
    used = nexmo.request_token()
    nexmo.access_token(used, signed_in.approve(authorize(sandbox, used)))
    denied = nexmo.request_token(CALLBACK)
    signed_in.deny(authorize(sandbox, denied))
    approved = nexmo.request_token(CALLBACK)
    signed_in.approve(authorize(sandbox, approved))
    for key in (used.key, denied.key, approved.key, "unknown"):
        for endpoint in (sandbox.endpoints.authorize, sandbox.endpoints.authenticate):
            response = signed_in.open(f"{endpoint}?oauth_token={key}")
            assert response.status_code == 404
            assert "alert(" not in response.text and "5000" not in response.text


# Who may decide


def test_a_decision_needs_the_csrf_token_of_its_session(sandbox, nexmo, signed_in):
    request_token = nexmo.request_token()
    fields = consent_fields(signed_in, authorize(sandbox, request_token))
    with Browser() as another:
        submit_sign_in(another, another.open(sandbox.url + "/oauth/sign-in"))
        others = consent_fields(another, authorize(sandbox, request_token))
    without = {name: value for name, value in fields.items() if name != "csrf"}
    for form in (without, {**without, "csrf": ""}, {**without, "csrf": others["csrf"]}):
        assert signed_in.http.post(sandbox.endpoints.authorize, data=form).status_code == 403
    assert is_pending(sandbox, request_token)
    assert signed_in.http.post(sandbox.endpoints.authorize, data=fields).status_code == 200
    assert not is_pending(sandbox, request_token)


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "http://127.0.0.1", "https://{}", ""])
def test_a_decision_comes_from_our_own_origin(sandbox, nexmo, signed_in, origin):
    request_token = nexmo.request_token()
    fields = consent_fields(signed_in, authorize(sandbox, request_token))
    headers = {"Origin": origin.format(urlsplit(sandbox.url).netloc)}
    response = signed_in.http.post(sandbox.endpoints.authorize, data=fields, headers=headers)
    assert response.status_code == 403
    assert is_pending(sandbox, request_token)


def test_get_approves_nothing(sandbox, nexmo, signed_in):
    request_token = nexmo.request_token()
    fields = consent_fields(signed_in, authorize(sandbox, request_token))
    response = signed_in.http.get(sandbox.endpoints.authorize, params=fields)
    assert heading(response).startswith("Authorize")
    assert is_pending(sandbox, request_token)


def test_a_decision_is_approve_or_deny(sandbox, nexmo, signed_in):
    request_token = nexmo.request_token()
    fields = consent_fields(signed_in, authorize(sandbox, request_token), decision="perhaps")
    assert signed_in.http.post(sandbox.endpoints.authorize, data=fields).status_code == 400
    assert is_pending(sandbox, request_token)


@pytest.mark.parametrize("decisions", [("approve", "approve"), ("approve", "deny"), ("deny", "approve")])
def test_a_decision_is_made_once(sandbox, nexmo, signed_in, decisions):
    request_token = nexmo.request_token()
    fields = consent_fields(signed_in, authorize(sandbox, request_token))
    replies = [
        signed_in.http.post(sandbox.endpoints.authorize, data={**fields, "decision": decision})
        for decision in decisions
    ]
    assert [reply.status_code for reply in replies] == [200, 400]
    assert "alert(" not in replies[1].text


def test_nobody_decides_without_a_session(sandbox, nexmo, signed_in):
    request_token = nexmo.request_token()
    fields = consent_fields(signed_in, authorize(sandbox, request_token))
    assert httpx.post(sandbox.endpoints.authorize, data=fields).status_code == 403
    assert is_pending(sandbox, request_token)


def test_the_token_endpoints_do_not_look_at_cookies(sandbox, signed_in):
    for path in ("/account/get-balance", "/sms/json?from=a&to=1&text=b"):
        assert signed_in.http.get(sandbox.url + path).status_code == 401


# Signing in


def test_a_wrong_password_and_a_wrong_name_get_the_same_answer(sandbox, browser):
    pages = []
    for user, password in ((USER, "wrong"), ("nobody", PASSWORD)):
        response = submit_sign_in(browser, browser.open(sandbox.url + "/oauth/sign-in"), user, password)
        assert response.status_code == 403
        assert not any(name.startswith("session") for name in browser.http.cookies)
        pages.append(response.text.replace(f'value="{user}"', ""))
    assert pages[0] == pages[1] and "The user name or password is wrong." in pages[0]


def test_the_sign_in_page_tells_the_way_in(sandbox, browser):
    text = browser.open(sandbox.url + "/oauth/sign-in").text
    assert USER in text and PASSWORD in text


def test_sign_in_needs_the_token_of_its_own_page(sandbox, browser):
    response = browser.open(sandbox.url + "/oauth/sign-in")
    fields = ShownPage(response.text).form_with("password").filled(user=USER, password=PASSWORD)
    url = sandbox.url + "/oauth/sign-in"
    assert httpx.post(url, data=fields).status_code == 403, "a form without the cookie"
    assert httpx.post(url, data={**fields, "csrf": ""}).status_code == 403
    assert browser.http.post(url, data={**fields, "csrf": "another"}).status_code == 403
    assert browser.http.post(url, data=fields, headers={"Origin": "http://evil.example"}).status_code == 403
    assert browser.http.post(url, data=fields).status_code == 303


def test_a_cookie_that_somebody_planted_signs_nobody_in_without_our_own_origin(sandbox, browser):
    """Cookies are shared by all ports of a host."""
    url, port = sandbox.url + "/oauth/sign-in", urlsplit(sandbox.url).port
    fields = {"user": USER, "password": PASSWORD, "csrf": "planted"}
    with httpx.Client(cookies={f"sign-in-{port}": "planted"}) as http:
        for headers in ({}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}):
            assert http.post(url, data=fields, headers=headers).status_code == 403
        twice = [("Origin", sandbox.url), ("Origin", sandbox.url)]
        assert http.post(url, data=fields, headers=twice).status_code == 403


def test_a_decision_without_an_origin_is_refused(sandbox, nexmo, signed_in):
    request_token = nexmo.request_token()
    fields = consent_fields(signed_in, authorize(sandbox, request_token))
    del signed_in.http.headers["Origin"]
    assert signed_in.http.post(sandbox.endpoints.authorize, data=fields).status_code == 403
    assert is_pending(sandbox, request_token)


@pytest.mark.parametrize(
    "endpoint", ["authenticate", "authorize", "https://evil.example/", "//evil.example", "../../x", ""]
)
def test_sign_in_leads_back_to_where_it_was_asked_for_and_nowhere_else(sandbox, nexmo, browser, seen, endpoint):
    key = nexmo.request_token().key
    fields = {"oauth_token": key, "endpoint": endpoint, "next": "https://evil.example/"}
    submit_sign_in(browser, browser.open(str(httpx.URL(sandbox.url + "/oauth/sign-in", params=fields))))
    back = "authenticate" if endpoint == "authenticate" else "authorize"
    assert seen[1].headers["Location"] == f"/oauth/{back}?oauth_token={key}"


def test_sign_in_begins_a_new_session(sandbox, signed_in):
    def session():
        return next(value for name, value in signed_in.http.cookies.items() if name.startswith("session"))

    before = session()
    submit_sign_in(signed_in, signed_in.open(sandbox.url + "/oauth/sign-in"))
    assert session() != before
    port = urlsplit(sandbox.url).port
    page = httpx.get(sandbox.url, cookies={f"session-{port}": before})
    assert "Sign out" not in page.text, "the old session is over"


def test_signing_in_to_decide_tells_who_asks(sandbox, nexmo, browser):
    link = authorize(sandbox, nexmo.request_token())
    for response in (browser.open(link), submit_sign_in(browser, browser.open(link), password="wrong")):
        assert heading(response) == "Sign in" and "alert(" in response.text
    assert "alert(" not in browser.open(sandbox.url + "/oauth/sign-in").text


@pytest.mark.parametrize("endpoint", ["authorize", "authenticate"])
def test_another_account_can_answer_the_same_request(sandbox, nexmo, signed_in, seen, endpoint):
    request_token = nexmo.request_token()
    page = signed_in.open(authorize(sandbox, request_token, endpoint))
    (form,) = (form for form in ShownPage(page.text).forms if form.action == "/oauth/sign-out")
    response = signed_in.submit(page, form)
    assert heading(response) == "Sign in"
    submit_sign_in(signed_in, response)
    assert str(seen[-1].url) == authorize(sandbox, request_token, endpoint)
    assert heading(seen[-1]).startswith("Authorize")


def test_sign_out_ends_the_session(sandbox, signed_in):
    page = signed_in.open(sandbox.url)
    cookies = dict(signed_in.http.cookies)
    form = ShownPage(page.text).forms[0]
    assert form.action == "/oauth/sign-out"
    assert signed_in.http.post(sandbox.url + form.action).status_code == 403, "not without the CSRF token"
    assert "Sign out" in signed_in.open(sandbox.url).text
    assert "Sign out" not in signed_in.submit(page, form).text
    assert "Sign out" not in httpx.get(sandbox.url, cookies=cookies).text


# authenticate asks once


def goes_straight_back(response):
    return response.status_code == 303 and response.headers["Location"].startswith(CALLBACK)


def test_authenticate_goes_straight_back_once_approved_and_authorize_always_asks(sandbox, nexmo, signed_in):
    page = signed_in.open(sandbox.url)
    form = ShownPage(page.text).form_with("consumer_key")
    if form is not None:  # approved by another test
        signed_in.submit(page, form)
    first = nexmo.request_token(CALLBACK)
    assert heading(signed_in.open(authorize(sandbox, first, "authenticate"))).startswith("Authorize")
    signed_in.approve(authorize(sandbox, first, "authenticate"))

    second = nexmo.request_token(CALLBACK)
    response = signed_in.open(authorize(sandbox, second, "authenticate"))
    assert goes_straight_back(response)
    nexmo.access_token(second, signed_in.answer(response)["oauth_verifier"])

    third = nexmo.request_token(CALLBACK)
    assert heading(signed_in.open(authorize(sandbox, third))).startswith("Authorize")
    with Browser() as stranger:
        assert heading(stranger.open(authorize(sandbox, third, "authenticate"))) == "Sign in"

    by_hand = nexmo.request_token()
    assert heading(signed_in.open(authorize(sandbox, by_hand, "authenticate"))).startswith("Authorize")


def test_a_denial_is_not_remembered_as_an_approval(sandbox, nexmo, signed_in, database):
    store = Store(database)
    store.remove_approval(USER, sandbox.consumer_key)
    store.close()
    signed_in.deny(authorize(sandbox, nexmo.request_token(CALLBACK)))
    response = signed_in.open(authorize(sandbox, nexmo.request_token(CALLBACK), "authenticate"))
    assert heading(response).startswith("Authorize")


def test_the_user_can_revoke_what_was_granted(sandbox, nexmo, signed_in):
    request_token = nexmo.request_token(CALLBACK)
    access_token = nexmo.access_token(request_token, signed_in.approve(authorize(sandbox, request_token)))
    credentials = (sandbox.consumer_key, sandbox.consumer_secret)
    with Nexmo(*credentials, access_token=access_token, endpoints=sandbox.endpoints) as granted:
        granted.balance()
        page = signed_in.open(sandbox.url)
        form = ShownPage(page.text).form_with("consumer_key")
        response = signed_in.http.post(sandbox.url + form.action, data={**form.filled(), "csrf": "another"})
        assert response.status_code == 403
        granted.balance()
        assert ShownPage(signed_in.submit(page, form).text).form_with("consumer_key") is None
        with pytest.raises(NexmoError) as raised:
            granted.balance()
    assert raised.value.problem == "token_revoked"
    response = signed_in.open(authorize(sandbox, nexmo.request_token(CALLBACK), "authenticate"))
    assert heading(response).startswith("Authorize")


# The fixture itself


def test_the_fixture_tells_what_it_saw_instead(sandbox):
    with pytest.raises(SandboxError, match="GET /oauth/authorize: 404, This request cannot be answered any more"):
        sandbox.approve("unknown")
    with pytest.raises(SandboxError, match="404"):
        sandbox.deny("unknown")


def test_the_fixture_shows_every_response(sandbox, nexmo):
    seen = []
    sandbox.approve(nexmo.request_token(), watch=seen.append)
    assert [(response.request.method, response.status_code) for response in seen] == [
        ("GET", 303),
        ("GET", 200),
        ("POST", 303),
        ("GET", 200),
        ("POST", 200),
    ]
