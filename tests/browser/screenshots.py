"""Pictures of pages for the site: ``make screenshots``.

Name, addresses, code and size are fixed, so that on one machine the same pages give the same octets. Only the
inspector shows identifiers and nonces that are new each time.
"""

import io
import tempfile
from pathlib import Path

import httpx
from PIL import Image

import oauth1_core
from nexmo import Nexmo
from nexmo.sandbox import Sandbox
from tests.browser.person import Person, chromium, rename

HERE = Path(__file__).parent / "screenshots"
CALLBACK = "https://tides.example/connected"
CODE = """document.querySelectorAll("#verifier span").forEach((half, n) => half.textContent = ["7KQD", "M3X9"][n])"""
WIDTH, SCALE, COLOURS = 560, 2, 32


def main():
    with tempfile.TemporaryDirectory() as directory:
        database = Path(directory, "sandbox.sqlite")
        with Sandbox(database, callback=CALLBACK) as sandbox, chromium() as browser:
            rename(database, sandbox, "Tide Alerts")
            with Nexmo(sandbox.consumer_key, sandbox.consumer_secret, endpoints=sandbox.endpoints) as nexmo:
                options = {"viewport": {"width": WIDTH, "height": 400}, "device_scale_factor": SCALE}
                with Person(browser, sandbox, nexmo, **options) as person:
                    person.ask(CALLBACK)
                    keep(person.page, "consent", "light")
                    person.decide("Authorize")
                    person.page.evaluate(CODE)
                    keep(person.page, "code", "dark")
                    person.page.set_viewport_size({"width": 1100, "height": 800})
                    forget_the_query(sandbox)
                    person.open("/inspector?paused")
                    keep(person.page, "inspector", "light")
                    person.inspect()
                    keep(person.page, "inspected", "light", full_page=False)
        with chromium() as browser, browser.new_context(viewport={"width": 900, "height": 900}) as context:
            page = context.new_page()
            client = oauth1_core.ClientCredentials("9djdj82h48djs9d2", "j49sk3j29djd")
            token = oauth1_core.TokenCredentials("kkk9d7dh3k39sjv7", "dh893hdasih9")
            uri = "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b"
            options = {"form": "c2&a3=2+q", "timestamp": 137131201, "nonce": "7d8f3e4a", "version": None}
            page.set_content(oauth1_core.explain("POST", uri, client, token, **options).as_html())
            keep(page, "explain", "light", full_page=False)


def forget_the_query(sandbox):
    """Send a request whose query was not signed."""
    address = sandbox.endpoints.request_token
    client = oauth1_core.ClientCredentials(sandbox.consumer_key, sandbox.consumer_secret)
    signed = oauth1_core.sign("POST", address, client, protocol_parameters=[("oauth_callback", "oob")])
    headers = {"Authorization": oauth1_core.authorization_header(signed)}
    httpx.post(address, params={"language": "en"}, headers=headers, trust_env=False)


def keep(page, name, scheme, full_page=True):
    page.emulate_media(color_scheme=scheme)
    picture = Image.open(io.BytesIO(page.screenshot(full_page=full_page))).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
