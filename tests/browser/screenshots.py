"""Pictures of pages for README.md: ``make screenshots``.

Name, addresses, code and size are fixed, so that on one machine the same pages give the same octets.
"""

import io
import tempfile
from pathlib import Path

from PIL import Image

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


def keep(page, name, scheme):
    page.emulate_media(color_scheme=scheme)
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
