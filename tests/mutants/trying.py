"""A pytest plugin that tries each mutant in a process of its own, with the tests that were collected once.

Reads ``mutants.json``, a list of names, and writes ``results.json``: what became of each.
"""
import json
import os
import pathlib
import resource
import signal
import time

from _pytest.runner import runtestprotocol

JOBS = 2
# Seconds for what takes a few, and octets: a mutant may loop for ever, and may keep what it makes.
PATIENCE, MEMORY = 120, 4 << 30


def pytest_runtestloop(session):
    waiting = json.loads(pathlib.Path("mutants.json").read_text())
    results, running = {}, {}
    pid = os.fork()
    if pid == 0:
        attempt("", session.items)
    if os.waitpid(pid, 0)[1]:
        raise session.Failed("a test fails without any mutant")
    durations = json.loads(pathlib.Path("durations.json").read_text())
    items = sorted(session.items, key=lambda item: durations[item.nodeid])
    while waiting or running:
        if waiting and len(running) < JOBS:
            name = waiting.pop()
            pid = os.fork()
            if pid == 0:
                attempt(name, items)
            running[pid] = name, list(items)
            continue
        pid, status = os.wait()
        name, order = running.pop(pid)
        code = os.waitstatus_to_exitcode(status)
        results[name] = "timeout" if code == -signal.SIGALRM else "killed" if code else "survived"
        if 0 < code < 255:
            # What kills one mutant kills its neighbours.
            killer = order[code - 1]
            items.remove(killer)
            items.insert(0, killer)
    pathlib.Path("results.json").write_text(json.dumps(results))
    return True


def attempt(mutant, items):
    """End this process: with 0 if all tests pass, else with the number of the one that failed."""
    code = 255
    try:
        os.environ["MUTANT_UNDER_TEST"] = mutant
        signal.alarm(PATIENCE)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        code = first_failure(items)
    finally:
        os._exit(code)


def first_failure(items):
    durations = {}
    for number, item in enumerate(items, 1):
        start = time.perf_counter()
        following = items[number] if number < len(items) else None
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            return min(number, 254)
        durations[item.nodeid] = time.perf_counter() - start
    if not os.environ["MUTANT_UNDER_TEST"]:
        pathlib.Path("durations.json").write_text(json.dumps(durations))
    return 0
