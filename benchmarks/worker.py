"""Run one Python contender in its own process: commands on stdin, replies on stdout.

    time FILE     sign each request of the file          -> the seconds for one request
    sign FILE     sign each request of the file          -> a line for each request: its header
    verify FILE   verify each request of the file        -> the seconds for one request
    accepts FILE  verify each request of the file        -> a line for each request: yes or no

Before the first command the worker writes one line: label, version, type of the form, and verbs, separated by tabs.
"""

import gc
import importlib
import sys
import time
from pathlib import Path

from benchmarks.requests_to_sign import Request


def main(name):
    contender = importlib.import_module("benchmarks.contenders." + name)
    verbs = " ".join([verb for verb in ("sign", "verify") if hasattr(contender, verb)])
    print(contender.label, contender.version(), contender.form, verbs, sep="\t")
    sys.stdout.flush()
    for line in sys.stdin:
        verb, path = line.rstrip("\n").split("\t")
        requests = [Request(*row.split("\t")) for row in Path(path).read_text(encoding="ascii").splitlines()]
        work = "verify" if verb in ("verify", "accepts") else "sign"
        function = getattr(contender, work)
        prepare = getattr(contender, "prepare_" + work, None)
        prepared = [prepare(request) for request in requests] if prepare else requests
        if verb in ("time", "verify"):
            print(seconds_for_one(function, prepared))
        elif verb == "sign":
            for request in prepared:
                header = function(request)
                print(header.decode() if isinstance(header, bytes) else header)
        else:
            for request in prepared:
                print("yes" if accepts(function, request) else "no")
        sys.stdout.flush()


def seconds_for_one(function, requests):
    gc.collect()
    start = time.perf_counter()
    for request in requests:
        function(request)
    return (time.perf_counter() - start) / len(requests)


def accepts(verify, request):
    try:
        return verify(request)
    except Exception:
        return False


if __name__ == "__main__":
    main(sys.argv[1])
