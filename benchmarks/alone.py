"""Measure the package by itself or compared with oauthlib: import, size, memory, growth, the whole client."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.contenders.oauth1_core_signer import SIGNER
from benchmarks.requests_to_sign import CREDENTIALS

IMPORT = """
import sys, time
before = set(sys.modules)
start = time.perf_counter()
import {module}
seconds = time.perf_counter() - start
modules = len(set(sys.modules) - before)
import json
# Not ru_maxrss, which begins at the size of the process that started this one.
status = open("/proc/self/status").read() if sys.platform == "linux" else "VmHWM: 0"
print(json.dumps([seconds, modules, int(status.partition("VmHWM:")[2].split()[0])]))
"""
SIGN_MANY = """
import json, os, sys
from oauth1_core import ClientCredentials, Signer, TokenCredentials
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
signer = Signer(ClientCredentials({0!r}, {1!r}), TokenCredentials({2!r}, {3!r}))
uri = "https://rest.nexmo.com/sms/{{0}}/json?from=NexmoOauth&text=hello%20from%20Nexmo&to={{0}}"
for number in range(int(sys.argv[1])):
    if number == 10000:
        before = resident()
    signer.authorization_header("GET", uri.format(number))
print(json.dumps([before, resident()]))
"""


def python(code, *arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[1], env={**os.environ, **environment},
    )  # fmt: skip
    return json.loads(done.stdout)


def imports(repetitions):
    """Import each module in new interpreters, by turns. The interpreter's own modules are not counted."""
    modules = ["oauth1_core", "oauthlib.oauth1"]
    runs = {module: [] for module in modules}
    with tempfile.TemporaryDirectory() as folder:
        # Compiled before the clock starts, as in an installed package.
        environment = {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        for _ in range(repetitions + 1):
            for module in modules:
                runs[module].append(python(IMPORT.format(module=module), **environment))
    found = {}
    for module in modules:
        seconds, numbers, peaks = zip(*runs[module][1:])  # the first one compiles
        package = Path(__import__(module.partition(".")[0]).__file__).parent
        found[module] = {
            "seconds": statistics.median(seconds), "min": min(seconds), "max": max(seconds), "modules": numbers[0],
            "peak_memory": statistics.median(peaks) * 1024,
            "installed_bytes": sum([file.stat().st_size for file in package.rglob("*.py")]),
        }  # fmt: skip
    return found


def memory(count):
    before, after = python(SIGN_MANY.format(*CREDENTIALS), str(count))
    return {"requests": count, "after_10000": before, "at_the_end": after}


def growth(repetitions):
    """Return the seconds for one parameter in forms of each size, for a signature and for only sort and join."""
    found = {}
    for size in (1000, 10000, 100000):
        # Not sorted, because the names of a form usually are not.
        order = [number * 7919 % size for number in range(size)]
        form = "&".join([f"name{number}=value%20{number}" for number in order])
        signing, sorting = [], []
        for _ in range(repetitions * max(1, 10000 // size)):
            start = time.perf_counter()
            SIGNER.authorization_header("POST", "https://rest.nexmo.com/sms/json", form=form)
            signing.append((time.perf_counter() - start) / size)
            start = time.perf_counter()
            "&".join(sorted(form.split("&")))
            sorting.append((time.perf_counter() - start) / size)
        found[size] = {"signing": statistics.median(signing), "sorting": statistics.median(sorting)}
    return found


def whole_client(seconds):
    """Return requests per second through httpx against the sandbox, a signed call and an unsigned page by turns."""
    import httpx

    from nexmo import Nexmo
    from nexmo.sandbox import Sandbox
    from oauth1_core import ClientCredentials, TokenCredentials
    from oauth1_core.adapters.httpx import OAuth1

    with Sandbox() as sandbox, httpx.Client() as http:
        consumer = sandbox.consumer_key, sandbox.consumer_secret
        with Nexmo(*consumer, endpoints=sandbox.endpoints) as nexmo:
            request_token = nexmo.request_token()
            access_token = nexmo.access_token(request_token, sandbox.approve(request_token))
        auth = OAuth1(ClientCredentials(*consumer), TokenCredentials(access_token.key, access_token.secret))
        calls = {
            "unsigned": lambda: http.get(sandbox.url + "/static/style.css"),
            "signed": lambda: http.get(sandbox.url + "/account/get-balance", auth=auth),
        }
        rates = {name: [] for name in calls}
        for _ in range(7):
            for name, call in calls.items():
                start, count = time.perf_counter(), 0
                while time.perf_counter() - start < seconds:
                    call().raise_for_status()
                    count += 1
                rates[name].append(count / (time.perf_counter() - start))
    return {
        name: {"median": statistics.median(each), "min": min(each), "max": max(each)} for name, each in rates.items()
    }


def machine():
    cpu = "unknown processor"
    if os.path.exists("/proc/cpuinfo"):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        models = [line for line in lines if line.startswith("model name")]
        cpu = models[0].partition(":")[2].strip() if models else cpu
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"processor": cpu, "cores": os.cpu_count(), "load": load}
