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
from hypothesis import Phase, settings

JOBS = 2
# What is left of the slow tests: examples of a property; seconds above which a test is left out.
EXAMPLES, SLOW = 100, 5
# A mutant may loop for ever, may keep what it makes, and may wait: times the time of the tests, octets, seconds.
PATIENCE, MEMORY, WAIT = 4, 4 << 30, 900


def pytest_collection_modifyitems(items):
    for item in items:
        ours = getattr(item.obj, "_hypothesis_internal_use_settings", None)
        if ours is not None:
            item.obj._hypothesis_internal_use_settings = settings(
                ours, max_examples=min(ours.max_examples, EXAMPLES), phases=[Phase.explicit, Phase.generate]
            )


def pytest_runtestloop(session):
    waiting = json.loads(pathlib.Path("mutants.json").read_text())
    results, running = {}, {}
    pid = os.fork()
    if pid == 0:
        attempt("", session.items, 1000)
    if os.waitpid(pid, 0)[1]:
        raise session.Failed("a test fails without any mutant")
    durations = json.loads(pathlib.Path("durations.json").read_text())
    quick = [item for item in session.items if durations[item.nodeid] < SLOW]
    items = sorted(quick, key=lambda item: durations[item.nodeid])
    seconds = 2 + PATIENCE * sum([durations[item.nodeid] for item in items])
    while waiting or running:
        if waiting and len(running) < JOBS:
            name = waiting.pop()
            pid = os.fork()
            if pid == 0:
                attempt(name, items, seconds)
            running[pid] = name, list(items)
            continue
        pid, status = os.wait()
        name, order = running.pop(pid)
        code = os.waitstatus_to_exitcode(status)
        results[name] = "killed" if code else "survived"
        if 0 < code < 255:
            # What kills one mutant kills its neighbours.
            killer = order[code - 1]
            items.remove(killer)
            items.insert(0, killer)
    pathlib.Path("results.json").write_text(json.dumps(results))
    return True


def attempt(mutant, items, seconds):
    """End this process: with 0 if all tests pass, else with the number of the one that failed, or by a signal."""
    code = 255
    try:
        os.environ["MUTANT_UNDER_TEST"] = mutant
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.alarm(WAIT)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        code = first_failure(items)
    finally:
        os._exit(code)


def first_failure(items):
    durations = {}
    for number, item in enumerate(items, 1):
        start = time.process_time()
        following = items[number] if number < len(items) else None
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            return min(number, 254)
        durations[item.nodeid] = time.process_time() - start
    if not os.environ["MUTANT_UNDER_TEST"]:
        pathlib.Path("durations.json").write_text(json.dumps(durations))
    return 0
