"""``{chart}`` draws how long each signer takes, out of the figures of the last run of the benchmarks."""

import json

from docutils import nodes
from drawings import Drawing
from sphinx.util.docutils import SphinxDirective
from tree import ROOT

LATEST = ROOT / "benchmarks" / "results" / "latest.json"
ALTERNATIVE = (
    "Bars for the time of each signer, the shortest on top, on one linear scale. The bars of oauth1_core are dark. The"
    " table below the chart has the figures."
)


def timed(latest, request):
    """Return label, microseconds and whether it is oauth1_core, of each contender that signs; the quickest first."""
    rows = [
        (each["label"], each["seconds"][request]["median"] * 1e6, each["name"].startswith("oauth1_core"))
        for each in latest["contenders"]
        if request in each["seconds"] and not each["name"].startswith("floor")
    ]
    return sorted(rows, key=lambda row: row[1])


def bars(rows, name, wide):
    """Draw one bar for each row, its label before it, or above it on a narrow page."""
    height, left = (24, 275) if wide else (40, 8)
    drawing = Drawing(name, wide, height * len(rows) + 8)
    room = drawing.width - left - 70
    longest = max([microseconds for _, microseconds, _ in rows])
    for number, (label, microseconds, is_own) in enumerate(rows):
        y = height * number + 8
        kind = "small own" if is_own else "small"
        width = max(1, room * microseconds / longest)
        if wide:
            drawing.text(left - 8, y + 13, label, kind, "end")
        else:
            drawing.text(left, y + 12, label, kind, "start")
            y += 17
        drawing.add(f'<rect class="bar{" own" if is_own else ""}" x="{left}" y="{y}" width="{width:.1f}" height="16"/>')
        drawing.text(round(left + width + 6, 1), y + 13, f"{microseconds:,.1f}", kind, "start")
    return drawing


def charts(latest):
    """Yield a title and its SVG, wide and narrow, for the first GET and the form of 100 parameters."""
    columns = next(each["seconds"] for each in latest["contenders"] if each["name"] == "oauth1_core_signer")
    large = next(name for name in columns if name.startswith("C"))
    titles = ("A GET with 3 parameters, never seen before: microseconds", "A POST with 100 parameters: microseconds")
    for request, title in zip((next(iter(columns)), large), titles):
        rows = timed(latest, request)
        yield title, "".join([bars(rows, request[0], wide).svg(title, ALTERNATIVE) for wide in (True, False)])


class Chart(SphinxDirective):
    def run(self):
        self.env.note_dependency(str(LATEST))
        latest = json.loads(LATEST.read_text(encoding="utf-8"))
        return [
            nodes.raw("", f'<figure class="picture"><figcaption>{title}</figcaption>{svg}</figure>', format="html")
            for title, svg in charts(latest)
        ]


def setup(app):
    app.add_directive("chart", Chart)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
