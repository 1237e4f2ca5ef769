// The acts of the reader, after Python has started: sign, share, save, open, and edit the request as fields.
"use strict";

const BLANK = { method: "GET", uri: "", headers: [], form: null, body: "" };
let page;
let at;
let isEdited = false; // whether a field was changed since the last question

export function start(given) {
  page = given;
  at = page.at;
  page.more = () => {
    const asked = { view: at("fields").hidden ? "" : "fields" };
    if (isEdited) asked.fields = fields();
    isEdited = false;
    return asked;
  };
  page.shown = (result) => {
    const isOfTheReader = result.request !== undefined || isEdited;
    if (!at("fields").hidden && !isOfTheReader) fill(result.fields || (result.state === "empty" ? BLANK : null));
  };
  Object.assign(page, { openLink, openInspected });
  for (const id of ["open-sign", "sign-again"]) at(id).addEventListener("click", () => openPanel("sign-panel", id));
  at("sign").addEventListener("click", sign);
  at("now").addEventListener("click", () => (at("sign-timestamp").value = Math.floor(Date.now() / 1000)));
  at("new").addEventListener("click", () => (at("sign-nonce").value = ""));
  at("open-share").addEventListener("click", () => {
    openPanel("share-panel", "open-share");
    share();
  });
  for (const choice of document.querySelectorAll("[data-share]")) choice.addEventListener("change", share);
  at("save-page").addEventListener("click", save);
  for (const button of document.querySelectorAll("[data-closes]")) {
    button.addEventListener("click", () => shut(button.dataset.closes));
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && (shut("share-panel") || shut("sign-panel"))) event.preventDefault();
  });
  at("as-fields").addEventListener("click", turn);
  at("fields").addEventListener("input", (event) => {
    const row = event.target.closest(".pair");
    if (row && !row.nextElementSibling) row.after(pair(row.dataset.what));
    page.leaveExample();
    isEdited = true;
    page.changed();
  });
  for (const id of ["client_secret", "token_secret", "other_secret"]) {
    at(id).addEventListener("keydown", (event) => event.key === "Enter" && at("check").click());
  }
  for (const id of ["open-share", "as-fields"]) at(id).disabled = false;
}

// Panels

function openPanel(panel, from) {
  at(panel).hidden = false;
  at(panel).dataset.from = from;
  at(panel).querySelector("h2").focus({ preventScroll: true });
  at(panel).scrollIntoView();
}

function shut(panel) {
  if (at(panel).hidden) return false;
  at(panel).hidden = true;
  at(at(panel).dataset.from).focus();
  return true;
}

// Sign

function output([name, text]) {
  const title = `signed, as ${name}`;
  return [
    "div", { class: "output" }, ["h3", {}, name],
    ["button", { type: "button", class: "quiet", "data-does": "copy", "data-what": text, "aria-label": "Copy " + title }, "Copy"],
    ["pre", { tabindex: "0", role: "group", "aria-label": title }, text],
  ];
}

async function sign() {
  const options = { client: at("sign-client").value, token: at("sign-token").value, method: at("sign-method").value };
  options.realm = at("sign-realm").value;
  options.timestamp = at("sign-timestamp").value;
  options.nonce = at("sign-nonce").value;
  options.body_hash = at("sign-body-hash").checked;
  const result = await page.ask({ ...page.collected(), act: "sign", sign: options });
  const views = result.error ? [["p", { class: "error", role: "alert" }, result.error + "."]] : result.outputs.map(output);
  at("signed").replaceChildren(...views.map(page.built));
  at("signed").firstElementChild.scrollIntoView({ block: "nearest" });
}

// Share, save and open

const how = () => document.querySelector("[data-share]:checked").value;

async function share() {
  const result = await page.ask({ ...page.collected(), act: "share", share: how() });
  const hasLink = Boolean(result.fragment);
  at("share-text").textContent = result.error ? result.error + "." : result.text;
  at("copy-link").disabled = !hasLink;
  for (const id of ["copy-report", "save-page"]) at(id).disabled = Boolean(result.error);
  at("too-long").hidden = hasLink || Boolean(result.error);
  at("copy-link").dataset.what = hasLink ? document.URL.split("#")[0] + result.fragment : "";
  at("copy-report").dataset.what = result.report || "";
}

async function save() {
  const result = await page.ask({ ...page.collected(), act: "save", share: how() });
  if (result.error) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([result.page], { type: "text/html" }));
  link.download = "oauth1-signature.html";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function openLink(fragment) {
  const result = await page.ask({ act: "open", fragment });
  page.leaveExample();
  page.forget();
  at("answer").value = "";
  say(["From a link; no secrets in it.", result.said].join(" ").trim());
  for (const name of ["client_secret", "token_secret", "other_secret"]) at(name).value = result[name] || at(name).value;
  page.putIn(result.request);
}

function openInspected(number, text) {
  const words = text ? `Request ${number} of the inspector. Enter its secrets.` : "The inspector does not hold this request.";
  say(words, `../inspector/${number}`);
  if (!text) return;
  page.leaveExample();
  page.putIn(text);
}

function say(words, back = "") {
  at("banner").hidden = false;
  at("banner-said").textContent = words;
  at("banner-back").hidden = !back;
  at("banner-back").href = back;
}

// The request as fields

function turn() {
  const turnsOn = at("fields").hidden;
  at("fields").hidden = !turnsOn;
  at("request").hidden = turnsOn;
  at("as-fields").textContent = turnsOn ? "As text" : "As fields";
  page.changed(0);
}

function box(tag, label, value) {
  const element = document.createElement(tag);
  Object.assign(element, { value, spellcheck: false, autocapitalize: "off", autocomplete: "off" });
  element.setAttribute("aria-label", label);
  if (tag === "textarea") element.rows = 1;
  return element;
}

function pair(what, name = "", value = "") {
  const row = document.createElement("div");
  row.className = "pair";
  row.dataset.what = what;
  row.append(box("input", what + ", name", name), box("textarea", what + ", value", value));
  return row;
}

function group(title, what, pairs) {
  const set = document.createElement("fieldset");
  const legend = document.createElement("legend");
  legend.textContent = title;
  set.append(legend, ...[...pairs, []].map(([name, value]) => pair(what, name, value)));
  return set;
}

function labelled(label, tag, id, value) {
  const whole = document.createElement("label");
  const element = box(tag, label, value);
  element.id = id;
  whole.append(label, element);
  return whole;
}

function fill(values) {
  const hint = document.createElement("p");
  hint.className = "hint";
  if (!values) {
    hint.textContent = "The text is not a whole request. Choose As text to see the text, or choose Clear.";
    at("fields").replaceChildren(hint);
    return;
  }
  hint.textContent = "To remove a header field or a pair of the form, empty it.";
  if (values.form) hint.textContent = "Names and values of the form are decoded. " + hint.textContent;
  at("fields").replaceChildren(
    labelled("Method", "input", "field-method", values.method),
    labelled("URL", "textarea", "field-uri", values.uri),
    group("Header fields", "Header field", values.headers),
    values.form ? group("Form", "Form parameter", values.form) : labelled("Body", "textarea", "field-body", values.body),
    hint,
  );
}

function fields() {
  if (!at("field-method")) return undefined;
  const [headers, form = null] = [...at("fields").querySelectorAll("fieldset")].map((set) =>
    [...set.querySelectorAll(".pair")].map((row) => [...row.children].map((each) => each.value)),
  );
  const body = at("field-body");
  return { method: at("field-method").value, uri: at("field-uri").value, headers, form, body: body ? body.value : "" };
}
