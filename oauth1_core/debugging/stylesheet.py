"""The stylesheet of all pages, with the colours of the steps of RFC 5849 section 3.4.

A colour, with its label and its underline, means a source: the method, the URI, the query, the Authorization header,
the form, or the signature. The page of ``explaining`` holds this text. The sandbox and the debugger serve this text
before their own rules. It is a Python string, so a copy or a zip of this folder is complete.
"""

__all__ = ["STYLE"]

STYLE = """\
/* Shared by all pages: light and dark, system fonts, one accent; red, green and amber are for verdicts. */
:root {
  color-scheme: light dark;
  --ground: #f3f5f8; --card: #fff; --text: #17202e; --soft: #55617a; --line: #cfd6e2; --field: #7b8798;
  --accent: #0b57c2; --on-accent: #fff; --caution: #fff6dc; --caution-line: #b98900; --error: #a8141f;
  --success: #0f6b43;
  --m: #e4dcfb; --u: #cfe6fb; --q: #cdeedd; --h: #fbe3c4; --f: #fad7e3; --s: #e3e7ea;
  --m-ink: #5b3fb5; --u-ink: #0b5fa8; --q-ink: #0f6b43; --h-ink: #8a5200; --f-ink: #a3255f; --s-ink: #37474f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10151d; --card: #19212c; --text: #e8ecf3; --soft: #a6b1c4; --line: #354154; --field: #7d8aa0;
    --accent: #8ab8ff; --on-accent: #0c1626; --caution: #2e2810; --caution-line: #d9ab2b; --error: #ff9a9f;
    --success: #6fdca6;
    --m: #3a2f63; --u: #12405f; --q: #134a33; --h: #573d12; --f: #5a2338; --s: #37424c;
    --m-ink: #b9a6ff; --u-ink: #7cc4ff; --q-ink: #6fdca6; --h-ink: #f0b45c; --f-ink: #ff9dc0; --s-ink: #c3ced8;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
h1 { margin: 0 0 1rem; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 1.75rem 0 .5rem; font-size: 1.05rem; }
h3 { margin: 1.5rem 0 .25rem; font-size: 1rem; }
p, ul, dl { margin: 0 0 1rem; }
ul { padding-left: 1.25rem; }
a { color: var(--accent); }
small { color: var(--soft); font-weight: 400; }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
blockquote { margin: 0 0 .5rem; color: var(--soft); font-style: italic; }
pre { margin: 0 0 1rem; padding: .75rem 1rem; background: var(--ground); border: 1px solid var(--line);
  border-radius: .4rem; font: .85rem/1.6 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
textarea { width: 100%; font: inherit; font-family: ui-monospace, monospace; }
label { display: block; margin: 1rem 0 .3rem; font-weight: 600; }
input:not([type=hidden]) { width: 100%; padding: .65rem .75rem; font: inherit;
  color: inherit; background: var(--card); border: 1px solid var(--field); border-radius: .4rem; }
button { min-height: 2.75rem; padding: .6rem 1.25rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--accent); background: transparent; border: 1px solid var(--field); border-radius: .4rem; }
button.primary { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
button.quiet { padding: .35rem .8rem; font-size: .9rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.note { margin: 1rem 0 0; color: var(--soft); font-size: .9rem; }
.error { color: var(--error); font-weight: 600; }
.success { color: var(--success); font-weight: 600; }
.verdict { font-size: 1.1rem; }
.finding { margin-bottom: 1rem; padding: .75rem 1rem; background: var(--caution);
  border-left: 4px solid var(--caution-line); }
.finding h3 { margin-top: 0; }
.finding dl, .finding dd:last-child { margin-bottom: 0; }
dt { color: var(--soft); font-size: .9rem; }
dd { margin: 0 0 .75rem; }
mark { padding: 0 .1rem; color: inherit; background: transparent; outline: 2px solid currentcolor; }

/* A colour means a source, never a parameter; without colours the underline and the label say the same. */
.pieces { line-height: 2.2; word-break: break-all; }
.pieces span { padding: .1rem .2rem; border-radius: .2rem; unicode-bidi: isolate; -webkit-box-decoration-break: clone;
  box-decoration-break: clone; text-decoration: underline 1.5px; text-underline-offset: .25em; }
.pieces sup { display: inline-block; margin-right: .2rem; font-size: .7rem; line-height: 1; white-space: nowrap;
  user-select: none; }
.pieces a { color: inherit; }
.pieces .from-m { background: var(--m); text-decoration-style: double; text-decoration-color: var(--m-ink); }
.pieces .from-u { background: var(--u); text-decoration-style: solid; text-decoration-color: var(--u-ink); }
.pieces .from-q { background: var(--q); text-decoration-style: dotted; text-decoration-color: var(--q-ink); }
.pieces .from-h { background: var(--h); text-decoration-style: dashed; text-decoration-color: var(--h-ink); }
.pieces .from-f { background: var(--f); text-decoration-style: wavy; text-decoration-color: var(--f-ink); }
.pieces .from-s { background: var(--s); text-decoration: none; outline: 1px solid var(--s-ink); }
.pieces span:has(:target) { outline: 2px solid var(--accent); }
@media (forced-colors: active) { .pieces span { text-decoration-color: CanvasText; } }

/* A table whose cells stand below each other where it is narrow. */
.stacked { width: 100%; border-collapse: collapse; text-align: left; font-size: .9rem; }
.stacked caption { padding-bottom: .5rem; color: var(--soft); text-align: left; }
.stacked th, .stacked td { padding: .5rem .75rem .5rem 0; vertical-align: top; border-bottom: 1px solid var(--line); }
.stacked a { text-underline-offset: .25em; }
.stacked td p { margin: .15rem 0 0; }
.stacked thead th { color: var(--soft); font-weight: 400; }
.stacked tbody th { font-weight: 400; }
.stacked .refused > :first-child { box-shadow: inset 4px 0 var(--error); padding-left: .75rem; }
.stacked tr > :first-child { padding-left: .75rem; white-space: nowrap; }
@media (max-width: 40rem) {
  .stacked, .stacked caption, .stacked tbody, .stacked tr, .stacked tbody th, .stacked td { display: block; }
  .stacked thead { position: absolute; clip-path: inset(50%); }
  .stacked tbody tr { padding: .6rem 0 .6rem .75rem; border-bottom: 1px solid var(--line); }
  .stacked tbody th, .stacked td, .stacked tr > :first-child { padding: .1rem 0; border: 0; }
  .stacked tr:not(.refused) [data-title="As signed"] { display: none; }
  .stacked .refused [data-title]::before { content: attr(data-title) ": "; color: var(--soft); }
  .stacked tr.refused { box-shadow: inset 4px 0 var(--error); }
  .stacked .refused > :first-child { box-shadow: none; padding-left: 0; }
}
"""
