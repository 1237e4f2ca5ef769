"""Run all benchmarks: ``python -m benchmarks [--quick]``; ``--readme`` only rewrites the README's table."""

import argparse
import datetime
import platform
import tempfile
from pathlib import Path

from benchmarks import alone, contest, hot_lines, report
from benchmarks.contest import FLOORS, OAUTHLIB, OURS, PHP, ratio
from benchmarks.requests_to_sign import ALTERNATE


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few calls, for a first look: the figures are noisy")
    parser.add_argument("--readme", action="store_true", help="measure nothing; put the latest table into README.md")
    arguments = parser.parse_args()
    if not arguments.readme:
        latest = measure(arguments.quick)
        report.write(latest)
        print(report.text(latest))
    else:
        report.rewrite_readme(Path(__file__).parents[1] / "README.md")


def measure(quick):
    repetitions = 7 if quick else 31
    latest = {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "machine": alone.machine(),
        "repetitions": repetitions,
    }
    with tempfile.TemporaryDirectory() as folder:
        results, skipped = contest.run(Path(folder), repetitions, 100 if quick else 300, 0.05 if quick else 0.5)
    latest["contenders"] = [as_json(result) for result in results]
    latest["skipped"] = skipped
    main = contest.ranking(results, ["A cold", "B cold", "C cold"])
    alternate = contest.ranking(results, list(ALTERNATE))
    both = [label for label in main if label in alternate], [label for label in alternate if label in main]
    latest["rankings"] = {
        "main": main, "alternate": alternate, "alternate_requests": list(ALTERNATE), "same": both[0] == both[1],
        "apart": [one for one, other in zip(*both) if one != other],
    }  # fmt: skip
    latest["imports"] = alone.imports(7 if quick else 41)
    latest["memory"] = alone.memory(100000 if quick else 1000000)
    latest["growth"] = alone.growth(7)
    try:
        latest["whole_client"] = alone.whole_client(0.2 if quick else 1)
    except ImportError:
        latest["whole_client"] = None
    latest["goals"] = goals(latest, {result.name: result for result in results})
    report.RESULTS.mkdir(exist_ok=True)
    lines = hot_lines.everything(20000 if quick else 200000)
    (report.RESULTS / "profile.txt").write_text(lines, encoding="utf-8")
    return latest


def as_json(result):
    seconds = {
        what: {"median": result.median(what), "min": min(times), "max": max(times)}
        for what, times in result.seconds.items()
        if times
    }
    return {
        "name": result.name, "label": result.label, "version": result.version, "form": result.form,
        "seconds": seconds, "refused": result.refused,
    }  # fmt: skip


def goals(latest, by_name):
    ours, php, oauthlib = [by_name.get(name) for name in (OURS, PHP, OAUTHLIB)]
    found = []

    def at_most(goal, limit, figure):
        found.append(goal_of(goal, f"{figure:.2f} x" if figure else "-", None if figure is None else figure <= limit))

    def at_least(goal, limit, figure):
        found.append(goal_of(goal, f"{figure:.1f} x" if figure else "-", None if figure is None else figure >= limit))

    for what in ("A cold", "B cold", "C cold"):
        at_most(f"{what}: at most 1.0 x the time of PHP's extension in C", 1.0, ratio(ours, php, what))
        at_least(f"{what}: at least 18 x as fast as oauthlib", 18, ratio(oauthlib, ours, what))
    at_least("A warm: at least 45 x as fast as oauthlib", 45, ratio(oauthlib, ours, "A warm"))
    for name in FLOORS:
        floor = by_name[name]
        at_most(f"A warm: at most 1.6 x the {floor.label}", 1.6, ratio(ours, floor, "A warm"))
    at_least("verify A, cold: at least 8 x as fast as oauthlib", 8, ratio(oauthlib, ours, "verify A"))
    times = {module: each["seconds"] for module, each in latest["imports"].items()}
    at_most("import: at most 1/5 of the time of oauthlib.oauth1", 0.2, times["oauth1_core"] / times["oauthlib.oauth1"])
    growth = latest["growth"]
    at_most(
        "1,000 to 100,000 form parameters: time for one grows by at most 3.0 x",
        3.0,
        growth[100000]["signing"] / growth[1000]["signing"],
    )
    memory = latest["memory"]
    more = memory["at_the_end"] - memory["after_10000"]
    goal = f"{memory['requests']:,} different requests: resident size flat after the first 10,000 (within 0.5 MB)"
    found.append(goal_of(goal, f"{more / 1e6:+.2f} MB", more <= 500000))
    return found


def goal_of(goal, figure, reached):
    return {"goal": goal, "figure": figure, "reached": reached}


if __name__ == "__main__":
    main()
