"""A person at a browser, as a command that BROWSER can name: ``browse.py approve|deny|leave LOG URL``.

Signs in, answers the question if there is one, and goes where that leads; each address and status goes to LOG.
"""

import sys

import httpx

from nexmo.sandbox.browser import PASSWORD, USER, Browser, ShownPage

decision, log, url = sys.argv[1:]
seen = []
with Browser(seen.append) as browser:
    response = browser.open(url)
    sign_in = ShownPage(response.text).form_with("password")
    if sign_in is not None and decision != "leave":
        response = browser.submit(response, sign_in, user=USER, password=PASSWORD)
    consent = ShownPage(response.text).form_with("decision")
    if consent is not None and decision != "leave":
        response = browser.submit(response, consent, decision=decision)
    while response.is_redirect:
        response = httpx.get(response.url.join(response.headers["Location"]), trust_env=False)
        seen.append(response)
with open(log, "w") as file:
    for response in seen:
        print(response.status_code, response.url, ShownPage(response.text).heading, file=file)
