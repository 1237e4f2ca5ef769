"""Pictures of the debugger's states, in docs/debugger: ``make debugger-screenshots``."""

import io
import json
import sys
from pathlib import Path

from PIL import Image

from debugger.build import ROOT
from debugger.examples import REFUSED, command_of, header_of
from oauth1_core.debugging.page import work
from tests.browser.debugger_site import Reader, served
from tests.browser.person import chromium

HERE = ROOT / "docs" / "debugger"
REQUESTS = {each["number"]: each for each in REFUSED["requests"]}
COLOURS = 64
BASE_STRING = json.loads(work(json.dumps({"request": command_of(REQUESTS[2])})))["base_string"]
COMPARED = "oauth_problem=signature_invalid\n\n" + BASE_STRING.replace("copies%3D2", "copies%3D3")
PLAINTEXT = (
    "GET https://photos.example.net/ HTTP/1.1\n"
    'Authorization: OAuth oauth_consumer_key="dpf43f3p2l4k3l03", oauth_signature_method="PLAINTEXT", '
    'oauth_signature="kd94hf93k423kf44%26"\n\n'
)
PASTED = {
    "empty": "",
    "not-read": "The request I sent was this one:",
    "secrets-missing": command_of(REQUESTS[2]),
    "refused": command_of(REQUESTS[2]).replace("oauth_nonce", "oauth_once"),
    "plaintext": PLAINTEXT,
    "rsa": command_of(REQUESTS[2]).replace("HMAC-SHA1", "RSA-SHA1"),
    "answer": "oauth_problem=timestamp_refused",
    "header-alone": header_of(REQUESTS[2]),
}
CHOSEN = {
    "causes": "Refused request 2",
    "two-causes": "Refused request 10",
    "matches": "RFC 5849, section 3.4.1: a form",
    "unsigned": "A request to sign",
}


def main(folder):
    HERE.mkdir(parents=True, exist_ok=True)
    with served(folder) as site, chromium() as browser:
        with Reader(browser, site.url) as reader:
            reader.page.goto(site.url)
            keep(reader, "loading")
            reader.open()
            for name, example in CHOSEN.items():
                reader.choose(example)
                reader.page.evaluate("window.scrollTo(0, 0); document.querySelector('.inputs').scrollTo(0, 0)")
                keep(reader, name)
                if name == "causes":
                    reader.page.emulate_media(color_scheme="dark")
                    keep(reader, "causes-dark")
                    reader.page.emulate_media(color_scheme="light")
                    reader.page.set_viewport_size({"width": 390, "height": 844})
                    reader.page.evaluate("document.querySelector('.outputs').scrollIntoView()")
                    keep(reader, "causes-390")
                    reader.page.set_viewport_size({"width": 1280, "height": 900})
                    reader.page.evaluate("document.getElementById('step-10').scrollIntoView()")
                    reader.page.hover("#step-10 [data-piece=u]")
                    keep(reader, "steps")
                    reader.acts(lambda: reader.page.click("#step-5 [data-does=table]"))
                    reader.page.evaluate("document.getElementById('step-5').scrollIntoView()")
                    keep(reader, "table")
                    reader.page.evaluate("window.scrollTo(0, 0)")
                    reader.acts(lambda: reader.page.click("#as-fields"))
                    keep(reader, "fields")
                    reader.acts(lambda: reader.page.click("#as-fields"))
                    reader.page.click("#open-share")
                    reader.page.wait_for_selector("#copy-link[data-what^=http]")
                    keep(reader, "share")
                    reader.page.keyboard.press("Escape")
            reader.page.click("#open-sign")
            reader.page.fill("#sign-client", "dpf43f3p2l4k3l03")
            reader.page.fill("#sign-timestamp", "137131202")
            reader.page.fill("#sign-nonce", "chapoH")
            reader.page.click("#sign")
            reader.page.wait_for_selector(".output")
            reader.page.evaluate("document.querySelector('#sign').scrollIntoView()")
            keep(reader, "signed")
            for name, text in PASTED.items():
                reader.clear()
                reader.page.evaluate("window.scrollTo(0, 0)")
                if text:
                    reader.paste(text)
                keep(reader, name)
            reader.choose("Refused request 2")
            reader.paste("not the secret", "client_secret")
            keep(reader, "unknown")
            reader.clear()
            reader.page.fill("#answer", COMPARED)
            reader.paste(command_of(REQUESTS[2]))
            keep(reader, "compared")
        with Reader(browser, site.url) as reader:
            reader.page.route("**/python_stdlib.zip", lambda route: route.fulfill(body=b"another"))
            reader.page.goto(site.url)
            reader.page.wait_for_selector("html[data-state=failed]")
            keep(reader, "failed")


def keep(reader, name):
    picture = Image.open(io.BytesIO(reader.page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist" / "debugger"))
