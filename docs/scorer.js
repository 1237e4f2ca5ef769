// How the search ranks a page beside the words that it has: a heading that is what was typed, then the debugger, the
// glossary and how-tos, and last what belongs to the making of the library.
const LAST = ["changelog", "contributing", "debugger-build", "reference/conformance", "reference/vectors", "why/how-it-is-measured"];
const BROAD = ["tour", "index"];

function rankOf(page, kind) {
  if (LAST.includes(page)) return -20;
  if (["debugger", "reference/glossary"].includes(page)) return 3;
  return (page.includes("/") || BROAD.includes(page) ? 0 : 2) + (kind === "title" ? 3 : 0);
}

var Scorer = {
  score: ([page, title, anchor, description, score, file, kind]) => score + rankOf(page, kind),
  // The rest are the defaults of Sphinx.
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
