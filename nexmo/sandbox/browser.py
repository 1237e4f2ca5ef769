"""Simulates a user of the sandbox's pages: reads and fills in forms, and presses buttons.

Like a browser it keeps cookies and follows redirects. It does not follow the redirect to the callback but returns it.
"""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import httpx

from oauth1_core import decode_form

USER, PASSWORD = "jane", "sandbox-only"
MOST_PAGES = 10


class SandboxError(Exception):
    """The sandbox did not start, or did not show the expected page."""


class ShownPage(HTMLParser):
    """The parts of a page that a user can see or press: the forms, the heading, the verification code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.heading = ""
        self.verifier = ""
        self._reading = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(attributes))
        elif tag in ("input", "button") and "name" in attributes:
            self.forms[-1].fields.append((attributes["name"], attributes.get("value", ""), tag == "button"))
        elif tag == "h1" or (tag == "output" and attributes.get("id") == "verifier"):
            self._reading = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._reading:
            self._reading = ""

    def handle_data(self, data: str) -> None:
        if self._reading == "h1":
            self.heading += data.strip()
        elif self._reading == "output":
            self.verifier += data.strip()

    def form_with(self, field: str) -> Form | None:
        """Return the first form that has a field or button of this name."""
        for form in self.forms:
            if any(name == field for name, _, _ in form.fields):
                return form
        return None


class Form:
    """A form: ``action`` is its target; each of its ``fields`` is (name, value, is a button)."""

    def __init__(self, attributes: dict[str, str]) -> None:
        self.action = attributes.get("action", "")
        self.fields: list[tuple[str, str, bool]] = []

    def filled(self, **values: str) -> dict[str, str]:
        """Return the form's fields with ``values``. Buttons are left out, except a pressed button in ``values``."""
        unpressed = {name: value for name, value, is_button in self.fields if not is_button}
        return {**unpressed, **values}


class Browser:
    """A browser with its cookies; ``watch`` is called with each response."""

    def __init__(self, watch: Callable[[httpx.Response], None] | None = None) -> None:
        self._watch = watch
        # The sandbox listens on loopback, where a proxy from the environment could not reach it.
        self.http = httpx.Client(trust_env=False, follow_redirects=False)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.http.close()

    def approve(self, url: str) -> str:
        """Approve; return the verification code, "" if the provider issues no code."""
        response = self.decide(url, "approve")
        if response.status_code not in (200, 303):
            raise unexpected(response)
        return self.answer(response).get("oauth_verifier") or ShownPage(response.text).verifier

    def deny(self, url: str) -> None:
        """Deny; raise SandboxError unless the response is a page or a redirect to the callback."""
        response = self.decide(url, "deny")
        if response.status_code not in (200, 303):
            raise unexpected(response)

    def decide(self, url: str, decision: str) -> httpx.Response:
        """Sign in, press the button, and return the resulting page or redirect."""
        response = self.open(url)
        page = ShownPage(response.text)
        sign_in = page.form_with("password")
        if sign_in is not None:
            response = self.submit(response, sign_in, user=USER, password=PASSWORD)
            page = ShownPage(response.text)
        consent = page.form_with("decision")
        if consent is None:
            raise unexpected(response)
        return self.submit(response, consent, decision=decision)

    def open(self, url: str) -> httpx.Response:
        return self.arrive(self.http.get(url))

    def submit(self, response: httpx.Response, form: Form, **values: str) -> httpx.Response:
        url = response.url.join(form.action)
        origin = f"{url.scheme}://{url.netloc.decode()}"
        return self.arrive(self.http.post(url, data=form.filled(**values), headers={"Origin": origin}))

    def arrive(self, response: httpx.Response) -> httpx.Response:
        """Follow redirects within the sandbox."""
        for _ in range(MOST_PAGES):
            if self._watch is not None:
                self._watch(response)
            here = response.url
            there = here.join(response.headers.get("Location", ""))
            if not response.is_redirect or (there.host, there.port) != (here.host, here.port):
                return response
            response = self.http.get(there)
        raise unexpected(response)

    def answer(self, response: httpx.Response) -> dict[str, str]:
        """Return the query parameters of the redirect to the callback."""
        query = response.headers.get("Location", "").partition("#")[0].partition("?")[2]
        return dict(decode_form(query))


def unexpected(response: httpx.Response) -> SandboxError:
    heading = ShownPage(response.text).heading if response.text else "no page"
    return SandboxError(f"{response.request.method} {response.url.path}: {response.status_code}, {heading}")
