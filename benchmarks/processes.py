"""Run each contender as a process, ask it line by line, or say why it does not start."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.requests_to_sign import CREDENTIALS

HERE = Path(__file__).parent
PEERS = HERE / ".peers"
GO = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(PEERS / "go-cache")}
JARS = "/usr/share/java/signpost-core.jar:/usr/share/java/commons-codec.jar"
RUNNERS = {".php": "php", ".js": "node", ".rb": "ruby", ".pl": "perl"}
# Contenders that do not know their own version.
PACKAGES = {
    "go_gomodule_oauth1": "golang-github-gomodule-oauth1-dev",
    "java_signpost": "liboauth-signpost-java",
    "ruby_simple_oauth": "ruby-simple-oauth",
}


class Unavailable(Exception):
    """The contender does not run here; the message says why."""


class Contender:
    """A running contender: its label, version, form and verbs, and its replies."""

    def __init__(self, path):
        self.name = path.stem
        environment = {**os.environ, "PEER_VERSION": debian_version(PACKAGES.get(path.stem))}
        self.process = subprocess.Popen(
            command(path), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            encoding="ascii", errors="backslashreplace", cwd=HERE.parent, env=environment,
        )  # fmt: skip
        self.label, self.version, self.form, verbs = self._line().split("\t")
        self.signs, self.verifies = "sign" in verbs, "verify" in verbs

    def ask(self, verb, file, lines=1):
        try:
            self.process.stdin.write(f"{verb}\t{file}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the reason is on stderr
        return [self._line() for _ in range(lines)]

    def seconds(self, verb, file):
        return float(self.ask(verb, file)[0])

    def stop(self):
        self.process.kill()
        self.process.communicate()

    def _line(self):
        line = self.process.stdout.readline()
        if not line:
            said = self.process.stderr.read().strip().splitlines() or ["it ended"]
            raise Unavailable(next((text for text in reversed(said) if "rror" in text), said[-1])[:200])
        return line.rstrip("\n")


def command(path):
    """Return the command that runs the contender; build the contender first if its language needs it."""
    program = str(PEERS / path.stem)
    if path.suffix == ".py":
        return [sys.executable, "-m", "benchmarks.worker", path.stem]
    if path.suffix in RUNNERS:
        return [found(RUNNERS[path.suffix]), str(path), *CREDENTIALS]
    if path.suffix == ".java":
        build("javac", "-cp", JARS, "-d", program, str(path))
        return [found("java"), "-cp", f"{JARS}:{program}", "Driver", *CREDENTIALS]
    if path.suffix == ".go":
        build("go", "build", "-o", program, str(path))
    else:
        build("cc", "-O2", str(path), "-o", program, "-loauth")
    return [program, *CREDENTIALS]


def build(*arguments):
    PEERS.mkdir(exist_ok=True)
    program = found(arguments[0])
    done = subprocess.run([program, *arguments[1:]], capture_output=True, text=True, env={**os.environ, **GO})
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Unavailable(next((line for line in said if "rror" in line), said[0])[:200])


def found(program):
    where = shutil.which(program)
    if where is None:
        raise Unavailable(f"{program} is not installed")
    return where


def debian_version(package):
    if package is None or not shutil.which("dpkg-query"):
        return "version unknown"
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
    return asked.stdout or "version unknown"
