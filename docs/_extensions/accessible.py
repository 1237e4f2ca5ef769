"""What a screen reader or a keyboard needs and the theme leaves out, put into each page once the site is built."""

from pathlib import Path

MISSING = (
    # The titles of the menu's parts are headings without a level.
    ('class="caption" role="heading"', 'class="caption" role="heading" aria-level="2"'),
    # Two landmarks of one kind need names.
    ('<aside class="sidebar-drawer"', '<aside class="sidebar-drawer" aria-label="Pages"'),
    ('<aside class="toc-drawer', '<aside aria-label="On this page" class="toc-drawer'),
    # A wide table scrolls in its frame, which the keyboard has to reach.
    ('<div class="table-wrapper', '<div tabindex="0" class="table-wrapper'),
    # The empty corner of a table is no head of anything.
    ('<th class="head"><p></p></th>', "<td></td>"),
    ('<div id="search-results">', '<h1>Search</h1><div id="search-results">'),
)


def completed(text):
    for old, new in MISSING:
        text = text.replace(old, new)
    return text


def complete(app, failure):
    if failure is None and app.builder.format == "html":
        for page in Path(app.outdir).rglob("*.html"):
            text = page.read_text(encoding="utf-8")
            # A page that was not built again is complete already.
            if MISSING[2][1] not in text and "sidebar-drawer" in text:
                page.write_text(completed(text), encoding="utf-8")


def setup(app):
    app.connect("build-finished", complete)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
