"""The other implementations: how each is started, or why it is not here."""

import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from importlib.metadata import distributions
from pathlib import Path

from tests.run_vectors import VECTORS

sys.path.insert(0, VECTORS)
from runner import Program

HERE = Path(__file__).parent
PEERS = HERE / ".peers"
ADAPTERS = HERE / "adapters"
EXAMPLES = Path(VECTORS, "examples")
JARS = ":".join([f"/usr/share/java/{name}.jar" for name in ("signpost-core", "commons-codec", "gson")])
GO = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(PEERS / "go-cache")}

# package: as the registry that follows from the adapter's language calls it; given: what becomes of the form
Peer = namedtuple("Peer", ["name", "language", "package", "adapter", "given"])
OURS = Peer("oauth1_core", "Python", None, "python_oauth1_core.py", "text")
OTHERS = [
    Peer("oauthlib", "Python", "oauthlib", "adapter_oauthlib.py", "text"),
    Peer("requests-oauthlib", "Python", "requests-oauthlib", "python_requests_oauthlib.py", "text"),
    Peer("Authlib", "Python", "authlib", "python_authlib.py", "text"),
    Peer("oauth10a", "Python", "oauth10a", "python_oauth10a.py", "dict"),
    Peer("rauth", "Python", "rauth", "python_rauth.py", "dict; the query too"),
    Peer("oauth-1.0a", "JavaScript", "oauth-1.0a", "adapter_oauth_1_0a.cjs", "object"),
    Peer("oauth-sign", "JavaScript", "oauth-sign", "node_oauth_sign.js", "object; the query too"),
    Peer("oauth", "JavaScript", "oauth", "node_oauth.js", "object"),
    Peer("PECL oauth", "PHP", "php-oauth", "php_oauth.php", "array"),
    Peer("oauth", "Ruby", "ruby-oauth", "ruby_oauth.rb", "text"),
    Peer("simple_oauth", "Ruby", "ruby-simple-oauth", "ruby_simple_oauth.rb", "list of pairs"),
    Peer("Net::OAuth", "Perl", "libnet-oauth-perl", "perl_net_oauth.pl", "hash"),
    Peer("WWW::OAuth", "Perl", "libwww-oauth-perl", "perl_www_oauth.pl", "text"),
    Peer("gomodule/oauth1", "Go", "golang-github-gomodule-oauth1-dev", "go_gomodule_oauth1.go", "parsed; the URL too"),
    Peer("mrjones/oauth", "Go", "golang-github-mrjones-oauth-dev", "go_mrjones_oauth.go", "text"),
    Peer("liboauth", "C", "liboauth-dev", "liboauth.c", "text, appended to the URL"),
    Peer("signpost", "Java", "liboauth-signpost-java", "JavaSignpost.java", "text"),
]


# Those whose adapter answers the vectors of verify.
VERIFYING = {"Python": ["oauthlib", "Authlib"], "PHP": ["PECL oauth"], "Ruby": ["oauth"], "Perl": ["Net::OAuth"]}
VERIFYING.update({language: [] for language in ("JavaScript", "Go", "C", "Java")})


class Unavailable(Exception):
    """The implementation is not installed here; the message says what is missing."""


def start(peer):
    """Return a :class:`Program` to ask. Raises Unavailable."""
    version(peer)
    os.environ["NODE_PATH"] = str(PEERS / "node_modules")  # for the examples of the vectors
    return Program(command(peer))


def from_pypi(environment, package):
    """Return the version of a package in a virtual environment of .peers, None if it is not there."""
    folders = [str(folder) for folder in PEERS.glob(f"{environment}/lib/*/site-packages")]
    return next((each.version for each in distributions(name=package, path=folders)), None)


def version(peer):
    """Return the version that is installed. Raises Unavailable."""
    if peer is OURS:
        return "this repository"
    if peer.language == "Python":
        number = from_pypi("venv", peer.package)
    elif peer.language == "JavaScript":
        where = PEERS / "node_modules" / peer.package / "package.json"
        number = json.loads(where.read_text(encoding="utf-8"))["version"] if where.exists() else None
    else:
        asked = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", peer.package]
        done = shutil.which("dpkg-query") and subprocess.run(asked, capture_output=True, text=True)
        status, _, number = done.stdout.partition(" ") if done else ("", "", "")
        number = number if status == "installed" else None
    if not number:
        raise Unavailable(f"{peer.package} is not installed (make interop-peers)")
    return number


def command(peer):
    """Return what to run, built first where the language asks for it."""
    adapter = adapter_of(peer)
    if peer is OURS:
        return [sys.executable, str(adapter)]
    if peer.language == "Python":
        return [str(PEERS / "venv" / "bin" / "python"), str(adapter)]
    if peer.language == "Java":
        build("javac", "-cp", JARS, "-d", str(PEERS / "java"), str(adapter))
        return [found("java"), "-cp", f"{JARS}:{PEERS / 'java'}", adapter.stem]
    if peer.language in ("Go", "C"):
        program = str(PEERS / adapter.stem)
        if peer.language == "Go":
            build("go", "build", "-o", program, str(adapter), str(ADAPTERS / "serve.go"))
        else:
            build("cc", "-Wall", str(adapter), "-o", program, "-loauth", "-ljson-c")
        return [program]
    return [found({"JavaScript": "node", "PHP": "php", "Ruby": "ruby", "Perl": "perl"}[peer.language]), str(adapter)]


def adapter_of(peer):
    """Return the path of a peer's adapter: with the others, or an example of the vectors."""
    return next(folder / peer.adapter for folder in (EXAMPLES, ADAPTERS) if (folder / peer.adapter).exists())


def build(*arguments):
    PEERS.mkdir(exist_ok=True)
    done = subprocess.run(
        [found(arguments[0]), *arguments[1:]], capture_output=True, text=True, env={**os.environ, **GO}
    )
    if done.returncode:
        raise Unavailable(f"{arguments[0]} failed: {done.stderr.strip()[:500]}")


def found(program):
    where = shutil.which(program)
    if where is None:
        raise Unavailable(f"{program} is not installed (make interop-peers)")
    return where
