"""Write the tables, and what is between two markers of README.md and of docs/why/benchmarks.md."""

import json
from pathlib import Path

from benchmarks.contest import OAUTHLIB, OURS, READ

HERE = Path(__file__).parent
RESULTS = HERE / "results"
SHORT = ["A new hosts", "A", "A warm", "B", "C"]
MARKS = ["marks", "marks, browser", "marks, any"]
COLUMNS = [*SHORT, *MARKS]
VERIFYING = ["verify A new hosts", "verify A", "verify B", "verify C", *["verify " + name for name in MARKS]]
# If the load at the start is higher, the first line of a run says so.
QUIET = 0.5
START, END = "<!-- benchmark -->", "<!-- /benchmark -->"


def microseconds(contender, what, spread=True):
    times = contender["seconds"].get(what)
    if not times:
        return "not accepted" if what in contender["refused"] else "-"
    text = f"{times['median'] * 1e6:.1f}"
    return f"{text} ({times['min'] * 1e6:.1f}-{times['max'] * 1e6:.1f})" if spread else text


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def contenders_table(latest, columns, spread=True):
    first = columns[0]
    listed = [each for each in latest["contenders"] if any([each["seconds"].get(what) for what in columns])]
    listed.sort(key=lambda each: each["seconds"].get(first, {}).get("median", 1))
    rows = [
        [each["label"], each["version"], each["form"]] + [microseconds(each, what, spread) for what in columns]
        for each in listed
    ]
    return table(["contender", "version", "form given as", *columns], rows)


def losses(latest):
    """Return a sentence for each missed goal, and for each contender that is faster than ``oauth1_core``."""
    # The other verifiers return the parameters, so the one that also reads its parameters is compared with them.
    ours = {each["name"]: each for each in latest["contenders"] if each["name"] in (OURS, READ)}
    found = []
    for what in [*COLUMNS, *VERIFYING]:
        own = ours[READ if what in VERIFYING else OURS]["seconds"][what]["median"]
        for each in latest["contenders"]:
            other = each["seconds"].get(what, {}).get("median")
            if other is not None and other < own and not each["name"].startswith(("oauth1_core", "floor")):
                found.append(f"{what}: {each['label']} takes {other * 1e6:.1f} µs, oauth1_core {own * 1e6:.1f} µs.")
    missed = [goal for goal in latest["goals"] if goal["reached"] is False]
    return [f"Goal not reached: {goal['goal']}; measured: {goal['figure']}." for goal in missed] + found


def summary(latest):
    reached = [goal["reached"] for goal in latest["goals"]]
    counts = reached.count(True), reached.count(False), reached.count(None)
    return "{} goals reached, {} missed, {} not measured.".format(*counts)


def circumstances(latest):
    machine = latest["machine"]
    loud = "" if (machine["load"] or 0) <= QUIET else "Other programs ran at the same time: the figures are not exact. "
    return (
        f"{loud}Load {machine['load']:.1f} at the start, {machine['cores']} cores of {machine['processor']}, "
        f"{latest['date']}, Python {latest['python']}, {latest['system']}. Median of {latest['repetitions']} "
        "repetitions, minimum and maximum in brackets. Ratios are medians of the ratios within each repetition."
    )


def ratios_table(measured, title):
    rows = [
        [name, f"{each['median'] * 1e6:.1f} ({each['min'] * 1e6:.1f}-{each['max'] * 1e6:.1f})", f"{each['ratio']:.2f}"]
        for name, each in measured.items()
    ]
    return table([title, "µs", "ratio to the first row"], rows)


def goals_table(latest):
    words = {True: "yes", False: "no", None: "not measured"}
    rows = [[goal["goal"], goal["figure"], words[goal["reached"]]] for goal in latest["goals"]]
    return table(["goal", "figure", "reached"], rows)


def text(latest):
    memory, rankings = latest["memory"], latest["rankings"]
    imports = [
        [
            module,
            f"{each['seconds'] * 1e3:.1f} ({each['min'] * 1e3:.1f}-{each['max'] * 1e3:.1f})",
            str(each["modules"]),
            f"{each['installed_bytes']:,}",
            f"{each['peak_memory'] / 1e6:.1f}",
        ]
        for module, each in latest["imports"].items()
    ]
    growth = [
        [f"{int(size):,}", f"{each['signing'] * 1e9:.0f}", f"{each['sorting'] * 1e9:.0f}"]
        for size, each in latest["growth"].items()
    ]
    client = [
        [name, f"{each['median']:.0f} ({each['min']:.0f}-{each['max']:.0f})"]
        for name, each in (latest["whole_client"] or {}).items()
    ]
    parts = [
        "# Benchmark",
        circumstances(latest),
        "## Contenders that are faster than oauth1_core, and goals that were not reached",
        "\n".join(["- " + line for line in losses(latest)]) or "None in this run.",
        "## Goals",
        summary(latest),
        goals_table(latest),
        "## Signing, microseconds to the Authorization header",
        contenders_table(latest, SHORT),
        "## Signing a form of 100 values with marks: encoded as in RFC 5849, as by a browser, in another legal way",
        contenders_table(latest, MARKS),
        "## Signing other requests",
        contenders_table(latest, rankings["alternate_requests"]),
        "## Verifying, microseconds",
        contenders_table(latest, VERIFYING),
        "## Ways of signing, adapters, and servers, microseconds",
        ratios_table(latest["calls"], "way of signing A"),
        ratios_table(latest["adapters"], "an adapter's whole work for one JSON POST"),
        ratios_table(latest["servers"], "one request"),
        "## Ranking",
        f"A, B and C: {', '.join(rankings['main'])}.",
        f"Other requests: {', '.join(rankings['alternate'])}.",
        "The order is the same." if rankings["same"] else f"The order differs for: {', '.join(rankings['apart'])}.",
        "## Import, size, memory",
        table(["module", "import, ms", "modules", "installed bytes", "peak memory, MB"], imports),
        f"{memory['requests']:,} different requests signed: {memory['after_10000'] / 1e6:.2f} MB resident after the "
        f"first 10,000, {memory['at_the_end'] / 1e6:.2f} MB at the end.",
        "## Growth with the form, nanoseconds for one parameter",
        table(["parameters", "signing", "only sort and join"], growth),
        "## The whole client, requests per second through httpx",
        table(["request", "per second"], client) if client else "Not measured: the extra `sandbox` is not installed.",
        "Unsigned requests get a static page of the sandbox. Signed requests are `account/get-balance`: the sandbox "
        "verifies each of them and reads the balance from its database.",
        "## Not run",
        "\n".join([f"- {name}: {reason}" for name, reason in latest["skipped"].items()]) or "All contenders ran.",
    ]
    return "\n\n".join(parts) + "\n"


def write(latest):
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latest.json").write_text(json.dumps(latest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (RESULTS / "latest.md").write_text(text(latest), encoding="utf-8")


def headline(latest):
    """Return how long the first request takes, and with which others: one paragraph, for README.md."""
    timed = {each["name"]: each for each in latest["contenders"] if each["seconds"]}
    what = next(iter(timed[OURS]["seconds"]))
    took = {name: each["seconds"][what]["median"] * 1e6 for name, each in timed.items() if what in each["seconds"]}
    faster = [timed[name]["label"] for name in sorted(took, key=took.get) if took[name] < took[OURS]]
    return (
        f"`Signer` signs a GET with 3 parameters in {took[OURS]:.1f} µs, oauthlib in {took[OAUTHLIB]:.1f} µs (median "
        f"of {latest['repetitions']} repetitions, Python {latest['python']}, {latest['date'][:10]}). Faster signers: "
        f"{', '.join(faster) or 'none of those measured'}. "
        "[Benchmarks](docs/why/benchmarks.md) has all figures."
    )


def rewrite_pages(readme, page):
    """Put the headline between the markers of the README, and the table between those of the page of the site."""
    latest = json.loads((RESULTS / "latest.json").read_text(encoding="utf-8"))
    machine = latest["machine"]
    middle = [
        f"Microseconds, median of {latest['repetitions']} on {machine['cores']} cores of {machine['processor']}, load "
        f"{machine['load']:.1f}, Python {latest['python']}, {latest['date'][:10]}. A is a GET with 3 parameters, B a "
        'POST with 2, C a POST with 100. In "A warm" the same request repeats; in the other columns each request is '
        'new. "Form given as" is the type in which the library takes the form. "Floor" is the work that no signer can '
        "avoid: nonce, clock, HMAC, base64. All rows and columns are in "
        "[benchmarks/results](../../benchmarks/results/latest.md).",
        "Where another implementation is faster than `oauth1_core`, and goals that were not reached:\n\n"
        + ("\n".join(["- " + line for line in losses(latest)]) or "- Nowhere in this run."),
        contenders_table(latest, [*SHORT, "verify A new hosts", "verify C"], spread=False),
    ]
    put(page, "\n\n".join(middle))
    put(readme, headline(latest))


def put(page, text):
    before, start, rest = page.read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise SystemExit(f"{page} does not have the lines {START} and {END}: add them where the text belongs")
    page.write_text(f"{before}{START}\n{text}\n{END}{after}", encoding="utf-8")
