"""The clients that walk the whole flow, RFC 5849 section 2, at the sandbox: how each is run, or why it is not here.

    python -m tests.interop.flows

prints the table: each client, and how each of the CASES came out.
"""

import functools
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from nexmo.sandbox import Sandbox
from nexmo.sandbox.browser import Browser, ShownPage
from tests.interop import peers
from tests.interop.peers import PEERS, Unavailable, build, found

HERE = Path(__file__).parent / "flows"
CASES = ("approve oob", "approve callback", "deny", "wrong secret")
CALLBACK = "http://127.0.0.1:1/callback"
JAVA = {
    "JavaSignpostFlow": ["signpost-core", "commons-codec"],
    "JavaGoogleFlow": [
        "google-oauth-client", "google-http-client", "guava", "commons-codec", "grpc-context", "opencensus-api",
        "opencensus-contrib-http-util",
    ],
}  # fmt: skip


class Client(NamedTuple):
    """``program`` is a file in ``flows``; ``like`` is the provider that it is a client of, "" for any.

    ``cannot`` says why it cannot do one of the CASES, here or anywhere.
    """

    name: str
    program: str
    package: str
    like: str = ""
    cannot: Mapping[str, str] = MappingProxyType({})

    def __hash__(self):
        return hash(self.name)


SPLIT = "sends oauth_callback in the form, and the rest in the header: RFC 5849 section 3.5 has one place"
CLIENTS = [
    Client("requests-oauthlib", "python_requests_oauthlib.py", "requests-oauthlib"),
    Client("Authlib, requests", "python_authlib_requests.py", "authlib"),
    Client("Authlib, httpx", "python_authlib_httpx.py", "authlib"),
    Client("Authlib, httpx, async", "python_authlib_httpx_async.py", "authlib"),
    Client("rauth", "python_rauth.py", "rauth"),
    Client("tweepy", "python_tweepy.py", "tweepy"),
    Client("aioauth-client", "python_aioauth_client.py", "aioauth-client"),
    Client("PECL oauth", "php_oauth.php", "php-oauth"),
    Client("npm oauth", "node_oauth.js", "oauth"),
    Client("npm passport-oauth1", "node_passport_oauth1.js", "passport-oauth1", cannot={
        "approve oob": "takes oob for a path: it is for web applications",
    }),
    Client("npm oauth-1.0a", "node_oauth_1_0a.js", "oauth-1.0a"),
    Client("Ruby oauth", "ruby_oauth.rb", "ruby-oauth"),
    Client("Ruby signet", "ruby_signet.rb", "ruby-signet"),
    Client("Java signpost", "JavaSignpostFlow.java", "liboauth-signpost-java"),
    Client("Java google-oauth-client", "JavaGoogleFlow.java", "libgoogle-oauth-client-java"),
    Client("Go gomodule/oauth1", "go_gomodule_oauth1.go", "golang-github-gomodule-oauth1-dev"),
    Client("Go mrjones/oauth", "go_mrjones_oauth.go", "golang-github-mrjones-oauth-dev"),
    Client("Perl Net::OAuth", "perl_net_oauth.pl", "libnet-oauth-perl"),
    Client("C liboauth", "c_liboauth.c", "liboauth-dev"),
    Client("tweepy at X", "python_tweepy.py", "tweepy", "x"),
    Client("python3-discogs-client", "python_discogs_client.py", "python3-discogs-client", "discogs", {
        "approve callback": SPLIT, "deny": SPLIT,
    }),
    Client("flickrapi", "python_flickrapi.py", "flickrapi", "flickr", dict.fromkeys(CASES[:3], SPLIT)),
    Client("mwoauth", "python_mwoauth.py", "mwoauth", "mediawiki"),
    Client("launchpadlib", "python_launchpadlib.py", "launchpadlib", "launchpad", {
        "approve callback": "there is no callback", "wrong secret": "there is no secret",
    }),
]  # fmt: skip


@functools.cache  # what is built is built once
def command(client):
    """Return how the command of a client begins, which is built first where the language asks for it."""
    path = HERE / client.program
    language = path.suffix
    if language == ".py":
        for folder in ("venv", "clients"):
            if peers.from_pypi(folder, client.package):
                return [str(PEERS / folder / "bin" / "python"), str(path)]
        raise Unavailable(f"{client.package} is not installed (make interop-peers)")
    if language == ".js":
        if not (PEERS / "node_modules" / client.package).exists():
            raise Unavailable(f"{client.package} is not installed (make interop-peers)")
        return [found("node"), str(path)]
    peers.version(peers.Peer(client.name, language, client.package, "", ""))
    if language == ".java":
        jars = ":".join(f"/usr/share/java/{name}.jar" for name in JAVA[path.stem])
        build("javac", "-cp", jars, "-d", str(PEERS / "java"), str(path))
        return [found("java"), "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}:{PEERS / 'java'}", path.stem]
    if language in (".go", ".c"):
        program = str(PEERS / ("flow_" + path.stem))
        if language == ".go":
            build("go", "build", "-o", program, str(path))
        else:
            build("cc", "-Wall", str(path), "-o", program, "-loauth")
        return [program]
    return [found({".php": "php", ".rb": "ruby", ".pl": "perl"}[language]), str(path)]


def walk(client, begun, sandbox, case):
    """Run a client through one of the CASES; return whether a person was asked, status, what it printed, complaint."""
    callback = CALLBACK if case in ("approve callback", "deny") and client.like != "launchpad" else "oob"
    provider = sandbox.provider
    urls = provider.temporary_credentials, provider.authorization, provider.token_credentials
    secret = "wrong" if case == "wrong secret" else sandbox.consumer_secret
    running = subprocess.Popen(
        [*begun, *urls, sandbox.url, sandbox.consumer_key, secret, callback],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    )  # fmt: skip
    with running:
        page = running.stdout.readline().strip()
        answer = ""
        if page.startswith("http"):
            with Browser() as browser:
                response = browser.decide(page, "deny" if case == "deny" else "approve")
            answer = response.headers.get("Location") or ShownPage(response.text).verifier or "none"
        said, complaint = running.communicate(answer + "\n", timeout=60)
    return page.startswith("http"), running.returncode, said.strip(), complaint


def environment():
    return {**os.environ, "NODE_PATH": str(PEERS / "node_modules"), "NO_PROXY": "127.0.0.1", "PYTHONWARNINGS": "ignore"}


def right(case, asked, status, said, complaint):
    """Tell whether a case came out as it should: a call that was answered, or a refusal that was noticed in time."""
    if case in ("deny", "wrong secret"):
        return status != 0 and complaint != "" and asked is (case == "deny")
    sent, _, balance = said.partition(" ")
    return status == 0 and (said == "jane" or (sent == "0" and 0 < float(balance) < 10.28))


def main():
    """Print the table; return 1 if something in it went wrong, or is missing and REQUIRE_PEERS is set."""
    wrong = False
    print("| client | " + " | ".join(CASES) + " |\n" + "|---" * (len(CASES) + 1) + "|")
    for client in CLIENTS:
        try:
            begun = command(client)
        except Unavailable as reason:
            print(f"| {client.name} | not installed: {reason} |")
            wrong = wrong or bool(os.environ.get("REQUIRE_PEERS"))
            continue
        cells = []
        with Sandbox(like=client.like or None) as sandbox:
            for case in CASES:
                if case in client.cannot:
                    cells.append(client.cannot[case])
                    continue
                outcome = walk(client, begun, sandbox, case)
                cells.append("yes" if right(case, *outcome) else f"NO: {outcome[-1].strip()[-150:]}")
                if case == "wrong secret" and "signature_invalid" in outcome[-1]:
                    cells[-1] += ", shows why"
        print(f"| {client.name} | " + " | ".join(cells) + " |", flush=True)
        wrong = wrong or any(cell.startswith("NO") for cell in cells)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
