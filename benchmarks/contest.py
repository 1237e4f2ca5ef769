"""Time all contenders with all requests, by turns in each repetition: other load then affects all of them equally."""

import statistics
import sys
import time

from benchmarks.contenders import oauth1_core_signer as ours
from benchmarks.processes import HERE, Contender, Unavailable
from benchmarks.requests_to_sign import ALTERNATE, MAIN, cold, warm

OURS, READ, PHP, GO, OAUTHLIB = (
    "oauth1_core_signer", "oauth1_core_parameters", "php_oauth", "go_gomodule_oauth1", "oauthlib"
)  # fmt: skip
FLOORS = ("floor", "floor_hashed_once")
SIGNING = {"A new hosts": "A new hosts", "A": "A", "A warm": "A", **{name: name for name in [*MAIN, *ALTERNATE]}}
VERIFYING = {f"verify {name}": name for name in MAIN}
# Seconds that the calls of one contender for one column take in one repetition, roughly.
SLICE = 0.012
WARM_UP = 0.1


class Result:
    """One contender: the seconds for one call, by request and repetition, or why it was refused."""

    def __init__(self, contender):
        self.contender = contender
        self.name, self.label, self.version, self.form = (
            contender.name, contender.label, contender.version, contender.form
        )  # fmt: skip
        self.seconds = {}
        self.refused = {}
        self.calls = {}

    def median(self, what):
        return statistics.median(self.seconds[what]) if self.seconds.get(what) else None


def run(folder, repetitions, part_of_a_slice):
    """Return the results, and {contender: reason} for the contenders that did not run."""
    results, skipped = start()
    try:
        for result in list(results):
            try:
                prepare(result, folder, SLICE * part_of_a_slice)
            except Unavailable as reason:
                give_up(result, results, skipped, reason)
        for repetition in range(repetitions):
            print(f"repetition {repetition + 1} of {repetitions}", file=sys.stderr)
            for what in [*SIGNING, *VERIFYING]:
                for result in results[repetition % len(results) :] + results[: repetition % len(results)]:
                    if what not in result.seconds:
                        continue
                    try:
                        file = requests_of(what, folder, result.calls[what])
                        verb = "verify" if what in VERIFYING else "time"
                        result.seconds[what].append(result.contender.seconds(verb, file))
                    except Unavailable as reason:
                        give_up(result, results, skipped, reason)
    finally:
        for result in results:
            result.contender.stop()
    return results, skipped


def start():
    results, skipped = [], {}
    for path in sorted((HERE / "contenders").glob("[a-z]*.*")):
        try:
            results.append(Result(Contender(path)))
        except Unavailable as reason:
            if path.stem.startswith("oauth1_core"):
                raise
            skipped[path.stem] = str(reason)
    return results, skipped


def prepare(result, folder, seconds):
    """Check each kind of header with ``Verifier`` before it is timed, warm up, and count the calls of one slice."""
    for what in SIGNING if result.contender.signs else ():
        if result.name in FLOORS:
            if what == "A warm":
                result.seconds[what] = []
            continue
        requests = cold(SIGNING[what], 4)
        headers = result.contender.ask("sign", write(folder, requests), len(requests))
        reasons = [refusal(request._replace(header=header)) for request, header in zip(requests, headers)]
        note(result, what, next(filter(None, reasons), None))
    for what in VERIFYING if result.contender.verifies else ():
        first, *rest = received(VERIFYING[what], 4)
        # A request that was accepted before, and a request with the signature of another request.
        forged = first._replace(header=ours.sign(rest[0]))
        answers = result.contender.ask("accepts", write(folder, [first, *rest, first, forged]), 6)
        note(result, what, None if answers == ["yes"] * 4 + ["no"] * 2 else f"answered {' '.join(answers)}")
    for what in result.seconds:
        verb = "verify" if what in VERIFYING else "time"
        deadline, count = time.monotonic() + WARM_UP, 5
        while True:
            each = result.contender.seconds(verb, requests_of(what, folder, count))
            count = min(max(int(seconds / each), 3), 1000)
            if time.monotonic() > deadline:
                break
        result.calls[what] = count


def note(result, what, reason):
    if reason is None:
        result.seconds[what] = []
    elif result.name.startswith("oauth1_core"):
        raise SystemExit(f"{result.label}: {what}: {reason}")
    else:
        result.refused[what] = reason


def refusal(request):
    """Return why ``Verifier`` does not accept the header, None if it does."""
    try:
        ours.verify(ours.prepare_verify(request))
    except Exception as reason:
        return type(reason).__name__
    return None


def give_up(result, results, skipped, reason):
    if result.name.startswith("oauth1_core"):
        raise reason
    results.remove(result)
    skipped[result.name] = str(reason)


def requests_of(what, folder, count):
    if what in VERIFYING:
        return write(folder, received(VERIFYING[what], count))
    return write(folder, (warm if what.endswith("warm") else cold)(SIGNING[what], count))


def received(name, count):
    return [request._replace(header=ours.sign(request)) for request in cold(name, count)]


def write(folder, requests):
    file = folder / "requests"
    file.write_text("".join(["\t".join(request) + "\n" for request in requests]), encoding="ascii")
    return file


def ratio(above, below, what, below_what=None):
    """Return the median of the ratios within each repetition, None if a contender was not measured."""
    if above is None or below is None:
        return None
    times = zip(above.seconds.get(what, ()), below.seconds.get(below_what or what, ()))
    ratios = [one / other for one, other in times]
    return statistics.median(ratios) if ratios else None


def ranking(results, names):
    """Return the contenders that sign all the named requests, the fastest first, by the geometric mean."""
    timed = [each for each in results if all([each.seconds.get(name) for name in names])]
    means = {each.label: statistics.geometric_mean([each.median(name) for name in names]) for each in timed}
    return sorted(means, key=means.get)
