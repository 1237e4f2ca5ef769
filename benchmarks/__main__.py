"""Run all benchmarks: ``python -m benchmarks [--quick]``. ``--readme`` only writes the last figures into the pages."""

import argparse
import asyncio
import datetime
import platform
import statistics
import tempfile
from pathlib import Path

from benchmarks import adapters, alone, calls, contest, hot_lines, middleware, report
from benchmarks.contest import GO, OAUTHLIB, OURS, PHP, READ, ratio
from benchmarks.requests_to_sign import ALTERNATE


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="measure few calls: a first look, the figures are not exact"
    )
    parser.add_argument(
        "--readme", action="store_true", help="write the latest figures into the pages, measure nothing"
    )
    arguments = parser.parse_args()
    if not arguments.readme:
        latest = measure(arguments.quick)
        report.write(latest)
        print(report.text(latest))
    root = Path(__file__).parents[1]
    report.rewrite_pages(root / "README.md", root / "docs" / "why" / "benchmarks.md")


def measure(quick):
    repetitions = 5 if quick else 21
    latest = {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "machine": alone.machine(),
        "repetitions": repetitions,
    }
    with tempfile.TemporaryDirectory() as folder:
        results, skipped = contest.run(Path(folder), repetitions, 0.3 if quick else 1)
    latest["contenders"] = [as_json(result) for result in results]
    latest["skipped"] = skipped
    main = contest.ranking(results, ["A new hosts", "A", "B", "C"])
    alternate = contest.ranking(results, list(ALTERNATE))
    both = [label for label in main if label in alternate], [label for label in alternate if label in main]
    latest["rankings"] = {
        "main": main, "alternate": alternate, "alternate_requests": list(ALTERNATE), "same": both[0] == both[1],
        "apart": [one for one, other in zip(*both) if one != other],
    }  # fmt: skip
    ways = calls.measure(15 if quick else 61)
    hooks = adapters.measure(5 if quick else 41)
    servers = asyncio.run(middleware.seconds_of_each(*((5, 100) if quick else (21, 200))))
    for what, found, base in (
        ("calls", ways, calls.PLAIN), ("adapters", hooks, adapters.PLAIN), ("servers", servers, middleware.VERIFY)
    ):  # fmt: skip
        latest[what] = {
            name: {**spread(times), "ratio": calls.ratio(found, name, base)} for name, times in found.items()
        }
    latest["imports"] = alone.imports(7 if quick else 41)
    latest["memory"] = alone.memory(100000 if quick else 1000000)
    latest["growth"] = alone.growth(7)
    try:
        latest["whole_client"] = alone.whole_client(0.2 if quick else 1)
    except ImportError:
        latest["whole_client"] = None
    latest["goals"] = goals(latest, {result.name: result for result in results}, ways, hooks, servers)
    report.RESULTS.mkdir(exist_ok=True)
    lines = hot_lines.everything(20000 if quick else 100000)
    (report.RESULTS / "profile.txt").write_text(lines, encoding="utf-8")
    return latest


def spread(times):
    return {"median": statistics.median(times), "min": min(times), "max": max(times)}


def as_json(result):
    seconds = {what: spread(times) for what, times in result.seconds.items() if times}
    return {
        "name": result.name, "label": result.label, "version": result.version, "form": result.form,
        "seconds": seconds, "refused": result.refused,
    }  # fmt: skip


def goals(latest, by_name, ways, hooks, servers):
    ours, read, php, go, oauthlib, floor = [
        by_name.get(name) for name in (OURS, READ, PHP, GO, OAUTHLIB, "floor_hashed_once")
    ]
    found = []

    def at_most(goal, limit, figure):
        figure_of = f"{figure:.2f} x" if figure else "-"
        found.append(goal_of(f"{goal}: at most {limit} x", figure_of, None if figure is None else figure <= limit))

    def at_least(goal, limit, figure):
        figure_of = f"{figure:.1f} x" if figure else "-"
        found.append(goal_of(f"{goal}: at least {limit} x", figure_of, None if figure is None else figure >= limit))

    at_most("A, new hosts: compared with PHP's extension in C", 0.8, ratio(ours, php, "A new hosts"))
    at_most("A, one host: compared with PHP's extension", 0.75, ratio(ours, php, "A"))
    at_least("A, new hosts: oauthlib compared with oauth1_core", 25, ratio(oauthlib, ours, "A new hosts"))
    at_most(
        "A, new hosts: compared with Go, whose URL is parsed before the clock starts",
        0.9,
        ratio(ours, go, "A new hosts"),
    )
    at_most(
        "A, warm: compared with the floor whose key is hashed before the clock starts",
        1.6,
        ratio(ours, floor, "A warm"),
    )
    at_most(
        "C: compared with PHP's extension, whose form is parsed before the clock starts", 0.8, ratio(ours, php, "C")
    )
    at_most("C: compared with Go, whose form is parsed before the clock starts", 1.1, ratio(ours, go, "C"))
    for spelling in ("browser", "any"):
        at_most(
            f"100 values with marks, encoding: {spelling}: compared with the encoding of RFC 5849",
            1.5,
            ratio(ours, ours, f"marks, {spelling}", "marks"),
        )
    for name, (base, limit) in calls.LIMITS.items():
        at_most(f"{name}: compared with {base}", limit, calls.ratio(ways, name, base))
    verified = [("new hosts", 9, "verify A new hosts"), ("one host", 10, "verify A")]
    for hosts, limit, what in verified:
        at_least(
            f"verify A, {hosts}, .parameters read: oauthlib, with its own checks, compared with oauth1_core",
            limit,
            ratio(oauthlib, read, what),
        )
    at_most(
        "verify C, .parameters read: compared with PHP's provider, everything parsed before the clock starts",
        1.7,
        ratio(read, php, "verify C"),
    )
    for spelling in ("browser", "any"):
        at_most(
            f"verify 100 values with marks, .parameters read, encoding: {spelling}: compared with that of RFC 5849",
            1.5,
            ratio(read, read, f"verify marks, {spelling}", "verify marks"),
        )
    at_most(
        "ASGI with AsyncVerifier: compared with Verifier.verify",
        1.7,
        calls.ratio(servers, "ASGI, AsyncVerifier", middleware.VERIFY),
    )
    for name, (base, limit) in adapters.LIMITS.items():
        at_most(f"hook of the adapter for {name}: compared with {base}", limit, calls.ratio(hooks, name, base))
    times = {module: each["seconds"] for module, each in latest["imports"].items()}
    at_most("import: compared with oauthlib.oauth1", 0.2, times["oauth1_core"] / times["oauthlib.oauth1"])
    growth = latest["growth"]
    at_most(
        "time for one of 100,000 form parameters: compared with one of 1,000",
        3.0,
        growth[100000]["signing"] / growth[1000]["signing"],
    )
    memory = latest["memory"]
    more = memory["at_the_end"] - memory["after_10000"]
    goal = f"{memory['requests']:,} different requests: resident memory grows by at most 0.5 MB after 10,000"
    found.append(goal_of(goal, f"{more / 1e6:+.2f} MB", more <= 500000))
    return found


def goal_of(goal, figure, reached):
    return {"goal": goal, "figure": figure, "reached": reached}


if __name__ == "__main__":
    main()
