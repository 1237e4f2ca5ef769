"""Show where the time goes, line by line: a signal notes the running lines twice a millisecond.

Unlike a tracing profiler, this does not slow down each call, so the shares are true for a run without it.
"""

import linecache
import os
import signal
import sys
import time
from collections import Counter

from benchmarks.contenders import oauth1_core_signer as ours
from benchmarks.contest import received
from benchmarks.requests_to_sign import cold

PACKAGE = os.path.dirname(sys.modules["oauth1_core"].__file__)
INTERVAL = 0.0005
OUTSIDE = ("", 0)


def profile(title, function, arguments):
    """Return the package's lines in their order: the time in the line alone, and with everything that it calls."""
    alone, all_in = Counter(), Counter()

    def note(_, frame):
        places = []
        while frame is not None:
            if frame.f_code.co_filename.startswith(PACKAGE):
                places.append((frame.f_code.co_filename, frame.f_lineno or frame.f_code.co_firstlineno))
            frame = frame.f_back
        alone[places[0] if places else OUTSIDE] += 1
        all_in.update(set(places) or {OUTSIDE})

    previous = signal.signal(signal.SIGALRM, note)
    signal.setitimer(signal.ITIMER_REAL, INTERVAL, INTERVAL)
    start = time.perf_counter()
    try:
        for argument in arguments:
            function(argument)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    each = (time.perf_counter() - start) / len(arguments) * 1e6
    total = sum(alone.values())
    report = [f"{title}: {each:.1f} µs a call; {total} samples over {len(arguments)} calls", "    in all   alone  line"]
    for path, number in sorted(all_in):
        share = all_in[path, number] / total
        if share >= 0.005:
            where = f"{os.path.relpath(path, os.path.dirname(PACKAGE))}:{number}" if path else "the loop around it"
            line = linecache.getline(path, number).strip()
            report.append(f"{share:10.1%} {alone[path, number] / total:7.1%}  {where:36} {line}")
    return "\n".join(report)


def everything(count):
    ours.sign(cold("A", 1)[0])
    parts = [
        profile("Signer.authorization_header, A cold", ours.sign, cold("A", count)),
        profile("Signer.authorization_header, C cold", ours.sign, cold("C", max(count // 40, 10))),
        profile("Verifier.verify, A cold", ours.verify, list(map(ours.prepare_verify, received("A", count // 4)))),
    ]
    return "\n\n".join(parts) + "\n"
