// The page's hands: it fetches Python, closes the network, hands over the text of the boxes and shows the result.
// It encodes, sorts and signs nothing: oauth1_core/debugging/page.py does that, in worker.js. What is only needed after
// Python has started is in acts.js.
"use strict";

const CLOSED =
  "default-src 'none'; script-src blob: 'wasm-unsafe-eval'; worker-src blob:; connect-src 'none'; form-action 'none'; base-uri 'none'";
const SETTLED = 150; // milliseconds after the last key
const SAID = 1000; // the same, until a screen reader is told
const TAGS = new Set(
  "a abbr b blockquote button caption code dd details div dl dt h2 h3 i li mark p pre section small span summary sup table tbody td th thead tr ul".split(" "),
);
const ATTRIBUTE = /^(class|id|scope|role|title|tabindex|type|aria-[a-z]+|data-[a-z]+)$/;

const at = (id) => document.getElementById(id);
const data = (id) => JSON.parse(at(id).textContent);
const TEXTS = ["request", "answer", "client_secret", "token_secret", "other_secret", "other_uri", "method", "uri"];
const SIGNING = ["sign-client", "sign-token", "sign-realm", "sign-timestamp", "sign-nonce"];
const SECRETS = ["client_secret", "token_secret", "other_secret"];
let examples = [];

let worker = null;
let ready = false;
let number = 0; // of the last question
let running = null; // the check that is running
let waiting = false; // whether something has changed since it began
let timer = 0;
let sayTimer = 0;
let said = "";
let last = null; // the last result
let original = at("request").value; // the text that was pasted, opened or chosen
let isExample = true;
let typed = false;
let assumed = ""; // the scheme that the page took, because the text has none
let files = {}; // texts of the files that a command names, by their names
const tables = new Set(); // the numbers of the steps that are shown as a table too
const promised = new Map();

// Loading, and closing the network

async function fetched(part, report) {
  const cache = part.integrity ? "force-cache" : "no-store";
  const response = await fetch(part.path, { integrity: part.integrity, credentials: "omit", cache }).catch((error) => {
    throw new Error(part.path + ": " + error.message);
  });
  if (!response.ok) throw new Error(part.path + ": " + response.status);
  const octets = await response.arrayBuffer();
  report(part.size);
  return octets;
}

async function load() {
  const wanted = data("files");
  const total = wanted.reduce((sum, file) => sum + file.parts.reduce((size, part) => size + part.size, 0), 0);
  let loaded = 0;
  const megabytes = (size) => (size / 1e6).toFixed(1);
  const report = (size) => {
    loaded += size;
    at("progress").textContent = `Python is loading: ${megabytes(loaded)} of ${megabytes(total)} MB`;
  };
  report(0);
  const found = {};
  await Promise.all(
    wanted.map(async (file) => {
      let blob = new Blob(await Promise.all(file.parts.map((part) => fetched(part, report))));
      if (file.packed) blob = await new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).blob();
      found[file.name] = await blob.arrayBuffer();
    }),
  );
  if (inspected) {
    const path = `../inspector/${inspected}/curl`;
    const octets = await fetched({ path, integrity: "", size: 0 }, report).catch(() => null);
    if (octets) inspectedText = new TextDecoder().decode(octets);
  }
  examples = JSON.parse(new TextDecoder().decode(found["examples.json"]));
  close();
  at("progress").textContent = "Starting Python";
  const source = (name) => URL.createObjectURL(new Blob([found[name]], { type: "text/javascript" }));
  (await import(source("acts.js"))).start(page);
  worker = new Worker(source("worker.js"), { type: "module" });
  worker.onmessage = heard;
  worker.onerror = (event) => failed(event.message || "the worker did not start");
  worker.postMessage({ files: found }, Object.values(found));
}

function close() {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = CLOSED;
  document.head.append(policy);
  // The policy does not cover these.
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport"]) delete window[name];
  document.documentElement.dataset.network = "closed";
  at("network").textContent = "This page has closed its network access.";
}

function failed(reason) {
  ready = false;
  at("progress").hidden = true; // other files may still be arriving
  at("failure").hidden = false;
  at("reason").textContent = reason;
  document.documentElement.dataset.state = "failed";
}

function heard({ data: message }) {
  if (message.ready) {
    ready = true;
    at("progress").textContent = "";
    document.documentElement.dataset.ready = "yes";
    begin();
    return;
  }
  if (message.failed !== undefined && message.number === undefined) return failed(message.failed);
  const answer = promised.get(message.number);
  promised.delete(message.number);
  if (message.failed !== undefined) return failed(message.failed);
  answer(JSON.parse(message.result));
}

function ask(asked) {
  number += 1;
  const mine = number;
  return new Promise((answer) => {
    promised.set(mine, answer);
    worker.postMessage({ number: mine, asked: JSON.stringify(asked) });
  });
}

// The text of the boxes

function collected() {
  const asked = { now: Date.now() / 1000, files, kind: at("kind").value, scheme: at("scheme").value, assumed, before: original };
  for (const name of TEXTS) asked[name] = at(name).value;
  if (at("entry").value !== "") asked.entry = at("entry").value;
  asked.no_client_secret = at("no_client_secret").checked;
  asked.tables = [...tables].join(" ");
  return { ...asked, ...page.more() };
}

function changed(wait = SETTLED) {
  clearTimeout(timer);
  if (ready) timer = setTimeout(check, wait);
}

function check() {
  clearTimeout(timer);
  waiting = true;
  running ||= checked();
  return running;
}

// All changes while Python is busy are checked once, when Python is ready.
async function checked() {
  let result = null;
  while (waiting && ready) {
    waiting = false;
    performance.mark("asked");
    result = await ask(collected());
  }
  running = null;
  if (!result) return;
  show(result);
  performance.measure("edit to result", "asked");
}

function renew() {
  typed = false;
  original = at("request").value;
  files = {};
  for (const name of ["kind", "scheme"]) at(name).value = "";
  assumed = "";
}

function putIn(text) {
  at("request").value = text;
  renew();
  at("entry").replaceChildren();
  changed(0);
}

function leaveExample() {
  if (!isExample) return;
  isExample = false;
  at("example").value = "";
  for (const name of SECRETS) at(name).value = "";
  at("replace").hidden = true;
}

function choose(example) {
  isExample = true;
  at("banner").hidden = true;
  for (const name of SECRETS) at(name).value = example[name] || "";
  at("other-secret").open = Boolean(example.other_secret);
  for (const name of ["answer", "other_uri", "method", "uri"]) at(name).value = "";
  at("no_client_secret").checked = false;
  for (const id of SIGNING) at(id).value = "";
  at("replace").hidden = false;
  putIn(example.request);
}

// The result

function built(view) {
  if (typeof view === "string") return document.createTextNode(view);
  const [tag, attributes, ...children] = view;
  if (!TAGS.has(tag)) throw new Error("no such element: " + tag);
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (ATTRIBUTE.test(name)) element.setAttribute(name, value);
  element.append(...children.map(built));
  return element;
}

function show(result) {
  const root = document.documentElement;
  if (result.request !== undefined) {
    at("request").value = result.request;
    at("kind").value = "";
    typed = true;
  }
  assumed = result.assumed || "";
  page.shown(result);
  at("kind-read").textContent = result.name ? "Read as: " + result.name : result.state === "not-read" ? "Not read" : "";
  if (result.moves) {
    at("answer").value = at("request").value;
    at("request").value = "";
    original = "";
    at("answer").focus({ preventScroll: true });
  }
  at("needs-scheme").hidden = result.has_scheme !== false;
  at("needs-url").hidden = result.kind !== "header";
  at("needs-entry").hidden = !(result.entries && result.entries.length > 1);
  listEntries(result.entries || []);
  at("needs-file").hidden = !result.file;
  if (result.file) at("file-name").textContent = result.file;
  at("client-of").textContent = result.client ? "of " + result.client : "";
  at("token-of").textContent = result.token ? "of " + result.token : "";
  for (const name of ["client_secret", "token_secret"]) {
    at(name).setAttribute("aria-invalid", String(Boolean(result.missing && result.missing.includes(name))));
  }
  at("token-field").hidden = result.signed === true && !result.token;
  at("edited").hidden = !(typed && original && result.signed && at("request").value !== original);
  at("open-sign").hidden = !["unsigned", "matches", "causes", "unknown", "edited", "secrets-missing", "compared"].includes(result.state);
  prefill(result);

  const isRead = result.state !== "not-read";
  const place = at("result");
  const kept = remembered();
  at("before").hidden = isRead || !last;
  place.classList.toggle("stale", !isRead && Boolean(last));
  at("complaint").replaceChildren(...(isRead ? [] : result.view.map(built)));
  if (isRead) {
    place.replaceChildren(...result.view.map(built));
    last = result;
  } else if (!last) place.replaceChildren();
  restore(kept);
  mark("");
  root.dataset.state = result.state;
  at("verdict").textContent = result.verdict;
  at("bar-verdict").textContent = result.verdict;
  clearTimeout(sayTimer);
  sayTimer = setTimeout(() => {
    if (said !== result.verdict) at("said").textContent = said = result.verdict;
  }, SAID);
}

function listEntries(entries) {
  const select = at("entry");
  const lines = entries.map(([index, text, signed]) => [String(index), (signed ? "signed: " : "") + text]);
  if (JSON.stringify(lines) === select.dataset.lines) return;
  select.dataset.lines = JSON.stringify(lines);
  select.replaceChildren(new Option("choose", ""), ...lines.map(([value, text]) => new Option(text, value)));
}

function prefill(result) {
  for (const [id, value] of [["sign-client", result.client], ["sign-token", result.token], ["sign-realm", result.realm]]) {
    if (value && !at(id).value) at(id).value = value;
  }
}

// A step keeps its focus and its place when it is drawn again.
function remembered() {
  const active = document.activeElement;
  if (!at("result").contains(active)) return null;
  const section = active.closest("section[id]");
  const index = section ? [...section.querySelectorAll("[tabindex], button, summary")].indexOf(active) : -1;
  return { section: section && section.id, index, top: window.scrollY };
}

function restore(kept) {
  if (!kept || !kept.section) return;
  const section = at(kept.section);
  const element = section && section.querySelectorAll("[tabindex], button, summary")[kept.index];
  if (element) element.focus({ preventScroll: true });
  window.scrollTo({ top: kept.top, behavior: "instant" });
}

function mark(label) {
  let line = "";
  for (const element of document.querySelectorAll(".marked")) element.classList.remove("marked");
  if (label) {
    for (const element of document.querySelectorAll(`[data-piece="${CSS.escape(label)}"]`)) {
      element.classList.add("marked");
      line ||= element.dataset.line || "";
    }
  }
  at("piece-line").textContent = line;
}

function moveIn(pre, key) {
  const pieces = [...pre.querySelectorAll("[data-piece]")];
  if (!pieces.length) return false;
  const now = pieces.indexOf(document.activeElement);
  const next = { ArrowRight: now + 1, ArrowLeft: now < 0 ? pieces.length - 1 : now - 1, Home: 0, End: pieces.length - 1 }[key];
  if (next === undefined) return false;
  const piece = pieces[(next + pieces.length) % pieces.length];
  piece.tabIndex = -1;
  piece.setAttribute("aria-describedby", "piece-line");
  piece.focus();
  return true;
}

function blockOf(button) {
  const block = button.closest("section").querySelector("pre").cloneNode(true);
  for (const label of block.querySelectorAll("sup")) label.remove();
  return block.textContent;
}

async function copy(text, button) {
  const words = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    at("copied").value = text;
    at("copied").hidden = false;
    at("copied").select();
    document.execCommand("copy");
    at("copied").hidden = true;
    button.focus();
  }
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = words), 1500);
}

// Links

function takenFragment() {
  const fragment = document.location.hash;
  if (!fragment.startsWith("#r=")) return "";
  history.replaceState(null, "", document.URL.split("#")[0]);
  return fragment;
}

let fragment = takenFragment();
// The number of a request that the sandbox's inspector holds. Only the number is in the address.
const [, inspected = ""] = /^#inspected=([0-9]{1,9})$/.exec(document.location.hash) || [];
let inspectedText = "";

function begin() {
  if (fragment) page.openLink(fragment);
  else if (inspected) page.openInspected(inspected, inspectedText);
  else if (!isExample || tables.size || at("request").value !== original) check();
}

// Events

at("request").addEventListener("input", (event) => {
  const isTyped = !String(event.inputType).startsWith("insertFromPaste") && at("request").value !== "";
  leaveExample();
  if (isTyped) typed = true;
  else renew();
  changed();
});
at("request").addEventListener("focus", () => {
  if (isExample) at("request").select();
});
for (const name of [...TEXTS.slice(1)]) at(name).addEventListener("input", () => {
  at("example").value = "";
  changed();
});
for (const name of ["kind", "scheme", "entry", "no_client_secret"]) at(name).addEventListener("change", () => changed(0));

at("example").addEventListener("change", (event) => {
  if (event.target.value !== "") choose(examples[Number(event.target.value)]);
});
at("open-file").addEventListener("click", () => at("file").click());
at("file").addEventListener("change", (event) => openFile(event.target.files[0]));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  openFile(event.dataTransfer.files[0]);
});

async function openFile(file) {
  if (!file) return;
  const text = await file.text();
  leaveExample();
  putIn(text);
}

at("file-text").addEventListener("input", (event) => {
  files[at("file-name").textContent] = event.target.value;
});
at("use-file").addEventListener("click", () => {
  files[at("file-name").textContent] = at("file-text").value;
  at("file-text").value = "";
  changed(0);
});
at("check").addEventListener("click", async () => {
  await check();
  at("verdict").focus();
});
at("clear").addEventListener("click", () => {
  isExample = true;
  leaveExample();
  for (const name of TEXTS) at(name).value = "";
  for (const id of [...SIGNING, "file-text"]) at(id).value = "";
  for (const id of ["signed", "share-text", "complaint"]) at(id).replaceChildren();
  for (const id of ["copy-link", "copy-report"]) at(id).dataset.what = "";
  for (const panel of ["sign-panel", "share-panel"]) at(panel).hidden = true;
  tables.clear();
  at("banner").hidden = true;
  at("no_client_secret").checked = false;
  last = null;
  putIn("");
  at("request").focus();
});
at("undo").addEventListener("click", () => {
  putIn(original);
  at("request").focus();
});
for (const button of document.querySelectorAll("[data-reveals]")) {
  button.addEventListener("click", () => {
    const field = at(button.dataset.reveals);
    const hides = field.type === "text";
    field.type = hides ? "password" : "text";
    button.textContent = hides ? "Show" : "Hide";
    button.setAttribute("aria-pressed", String(!hides));
  });
}
at("again").addEventListener("click", () => window.history.go(0));

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-does]");
  if (!button) return;
  const { does, what } = button.dataset;
  if (does === "copy") copy(what || blockOf(button), button);
  if (does === "replace") putIn(what);
  if (does === "next") nextDifference(button);
  if (does === "scheme") {
    at("scheme").value = what;
    changed(0);
  }
  if (does === "sign") at("open-sign").click();
  if (does === "table") {
    if (!tables.delete(what)) tables.add(what);
    changed(0);
  }
});

function nextDifference(button) {
  const rows = [...button.closest("section").querySelectorAll("tr.refused")];
  const next = rows[(rows.indexOf(document.activeElement) + 1) % rows.length];
  if (!next) return;
  next.tabIndex = -1;
  next.focus();
}

document.addEventListener("keydown", (event) => {
  const pre = event.target.closest && event.target.closest("pre.pieces");
  if (pre && !event.ctrlKey && !event.altKey && !event.metaKey && moveIn(pre, event.key)) event.preventDefault();
});
for (const name of ["pointerover", "focusin"]) {
  document.addEventListener(name, (event) => {
    const piece = event.target.closest && event.target.closest("[data-piece]");
    if (piece) mark(piece.dataset.piece);
  });
}
window.addEventListener("hashchange", () => {
  const found = takenFragment();
  if (found && ready) page.openLink(found);
  else if (found) fragment = found;
});

// acts.js uses these. It replaces the last two: the members that it adds to a question, and what it does with a result.
const page = { at, ask, built, changed, collected, leaveExample, putIn, forget: () => (last = null), more: () => ({}), shown: () => {} };

document.documentElement.dataset.scripted = "yes";
load().catch((error) => failed(String(error.message || error)));
