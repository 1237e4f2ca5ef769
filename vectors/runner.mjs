// Ask a program, in any language, what the vectors ask, and tell what it answers wrongly.
//
//     node runner.mjs --command "./my-program --its-options" [--result valid] [--profile strict] [FUNCTION ...]
//
// Node 18 or newer, no package, and the JSON files beside this one. The same as runner.py: README.md has the protocol.
// Exits with 0 if nothing failed and something passed, with 1 if not, with 2 if the program could not be asked.
import { spawn } from "node:child_process";
import { createHmac, createSign } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const HERE = dirname(fileURLToPath(import.meta.url));
const RESULTS = ["valid", "invalid", "acceptable"];
const PROFILES = ["strict", "limits", "body-hash"];
const OUTCOMES = ["passed", "alternative", "differs", "failed", "crashed", "unsupported"];
const SECONDS_FOR_ONE = 30;
const CRASHES = 10;
const PAIR = String.raw`([^ \t\r\n=,"]+)="((?:[^"\\]|\\[\s\S])*)"`;
// What may stand in a query, or between two "&" of a form.
const IN_A_QUERY = /^(?:[A-Za-z0-9._~!$'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*$/;
// What these return is the text they are given, with parameters appended.
const APPENDING = ["form_encoded_body", "request_uri", "resource_owner_authorization_uri"];

// The program ended, did not answer in time, or answered what is not the protocol.
class Ended extends Error {}

// A command that runs as long as it is asked, and is started again once it has ended.
class Program {
  constructor(command, longest) {
    [this.command, this.longest, this.ended] = [command, longest, 0];
  }

  start() {
    const [program, ...options] = this.command;
    const child = spawn(program, options, { stdio: ["pipe", "pipe", "pipe"] });
    const state = { child, chunks: [], said: "", waiting: null };
    const settle = (what, value) => {
      const waiting = state.waiting;
      state.waiting = null;
      if (waiting) waiting[what](value);
    };
    child.stdin.on("error", () => {});
    child.stderr.on("data", (text) => (state.said = (state.said + text).slice(-10000)));
    child.stdout.on("data", (chunk) => {
      state.chunks.push(chunk);
      if (chunk.includes(10)) {
        const all = Buffer.concat(state.chunks);
        const end = all.indexOf(10);
        state.chunks = [all.subarray(end + 1)];
        settle("resolve", all.subarray(0, end));
      }
    });
    child.on("error", (error) => settle("reject", new Ended(`${program} does not start: ${error.message}`)));
    child.on("close", () => {
      const last = state.said.trim().split("\n").pop() || "no word why";
      state.ended = new Ended(`it ended: ${last.slice(0, 200)}`);
      settle("reject", state.ended);
    });
    this.state = state;
  }

  stop() {
    if (this.state) this.state.child.kill("SIGKILL");
    this.state = null;
  }

  async ask(id, name, input) {
    const line = ascii(JSON.stringify({ id, function: name, input })) + "\n";
    if (line.length > this.longest)
      return { unsupported: `a line of more than ${this.longest} octets` };
    if (!this.state) this.start();
    const { state } = this;
    const timer = setTimeout(() => state.child.kill("SIGKILL"), SECONDS_FOR_ONE * 1000);
    try {
      const answer = await new Promise((resolve, reject) => {
        if (state.ended) return reject(state.ended);
        state.waiting = { resolve, reject };
        state.child.stdin.write(line);
      });
      const reply = parsed(answer);
      const kinds = ["output", "error", "unsupported", "crash"].filter((kind) => Object.hasOwn(reply, kind));
      if (reply.id !== id || kinds.length !== 1) throw new Ended(`not a reply: ${answer.subarray(0, 200)}`);
      return reply;
    } catch (reason) {
      this.ended += 1;
      this.stop();
      throw reason;
    } finally {
      clearTimeout(timer);
    }
  }
}

function parsed(answer) {
  try {
    return Object(JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(answer)));
  } catch {
    return {};
  }
}

function ascii(text) {
  return text.replace(/[^\0-~]/g, (unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0"));
}

function load() {
  const files = {};
  for (const name of readdirSync(HERE)
    .filter((name) => name.endsWith(".json"))
    .sort()) {
    const file = JSON.parse(readFileSync(join(HERE, name), "utf8"));
    if (!file.tests) continue;
    if (file.tests.length !== file.numberOfTests) throw new Error(`${name}: numberOfTests is ${file.numberOfTests}`);
    file.tests = file.tests.map((test) => writtenOut(test, file.keys));
    files[file.function] = file;
  }
  if (!Object.keys(files).length) throw new Error(`no vectors in ${HERE}`);
  return files;
}

// Repeats written out, and keys put in the place of their names.
function writtenOut(value, keys) {
  if (Array.isArray(value)) return value.map((item) => writtenOut(item, keys));
  if (value === null || typeof value !== "object") return value;
  if (value.repeat) {
    const pieces = value.repeat.map(([piece, times]) => [octetsOf(piece), times]);
    return textOf(Buffer.concat(pieces.map(([piece, times]) => Buffer.alloc(piece.length * times, piece))));
  }
  const members = Object.entries(value).map(([name, item]) => [
    name,
    name === "rsa_key" ? keys[item] : writtenOut(item, keys),
  ]);
  return Object.fromEntries(members);
}

function octetsOf(text) {
  return typeof text === "string" ? Buffer.from(text, "utf8") : Buffer.from(text.octets, "hex");
}

function textOf(octets) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return { octets: octets.toString("hex") };
  }
}

async function* run(program, files, functions, results, profiles) {
  for (const [name, file] of Object.entries(files)) {
    if (functions.length && !functions.includes(name)) continue;
    const answers = [];
    for (const test of file.tests) {
      // lessHollow needs a valid test that passed, even if valid tests are left out.
      if (!results.includes(test.result) && (test.result !== "valid" || accepts(answers))) continue;
      const answer = { function: name, test };
      try {
        Object.assign(answer, judged(name, test, await program.ask(test.id, name, test.input), profiles));
      } catch (reason) {
        if (!(reason instanceof Ended)) throw reason;
        Object.assign(answer, { outcome: "crashed", detail: reason.message });
      }
      answers.push(answer);
      if (program.ended === CRASHES) break;
    }
    yield* lessHollow(answers).filter(({ test }) => results.includes(test.result));
    if (program.ended === CRASHES) return;
  }
}

function accepts(answers) {
  return answers.some(({ test, outcome }) => test.result === "valid" && outcome === "passed");
}

// Where nothing that is valid was accepted, refusals show nothing and have failed.
function lessHollow(answers) {
  const valid = answers.filter(({ test }) => test.result === "valid").map(({ outcome }) => outcome);
  if (accepts(answers) || !(valid.includes("failed") || valid.includes("crashed"))) return answers;
  const error = "refused or false, but so is everything that is valid";
  return answers.map((answer) =>
    answer.outcome === "passed" && agrees(answer.function, answer.test.expected, { error })
      ? { ...answer, outcome: "failed", detail: error }
      : answer,
  );
}

function judged(name, test, reply, profiles) {
  if (Object.hasOwn(reply, "unsupported")) return { outcome: "unsupported", detail: String(reply.unsupported) };
  if (Object.hasOwn(reply, "crash")) return { outcome: "crashed", detail: String(reply.crash) };
  let { expected } = test;
  if (name === "sign" && typeof reply.output === "string" && isAscii(reply.output))
    reply = { ...reply, output: headerPairs(reply.output) };
  if (name === "sign" && expected.output && arePairs(reply.output)) expected = signedWithItsOwn(test, reply.output);
  if (agrees(name, expected, reply)) return { outcome: "passed", detail: "" };
  const detail = told(expected, reply);
  if (test.result !== "acceptable" || profiles.includes(test.profile)) return { outcome: "failed", detail };
  const other = test.alternatives.find((other) => agrees(name, other, reply));
  if (!other) return { outcome: "differs", detail };
  return { outcome: "alternative", detail: `like ${other.who}: ${other.why}` };
}

// Whether a reply is what `expected`, or an alternative, says.
function agrees(name, expected, reply) {
  // A signature that must not verify may be refused, too.
  if (Object.hasOwn(reply, "error")) return Object.hasOwn(expected, "refusal") || expected.output === false;
  if (!Object.hasOwn(expected, "output")) return expected.accepted === true;
  // An implementation that verifies need not give back parameters.
  if (name === "verify" && JSON.stringify(reply.output) === "{}") return true;
  return comparable(name, reply.output) === comparable(name, expected.output);
}

// Text that stands for a value less what the RFC leaves open, such as the order of pairs; README.md lists it.
function comparable(name, value) {
  if (isOctets(value)) value = textOf(octetsOf(value)); // octets that are UTF-8 are a text
  if (typeof value === "string" && name === "challenge")
    return "challenge" + (value.match(/^OAuth +realm="(?:[^"\\]|\\[\s\S])*"/i)?.[0] ?? value);
  if (typeof value === "string" && name === "authorization_header") {
    if (new RegExp(`^OAuth +${PAIR}(?:[ \\t\\r\\n]*,[ \\t\\r\\n]*${PAIR})*$`).test(value)) {
      const pairs = [...value.matchAll(PAIR)].map(([, ...pair]) => JSON.stringify(pair));
      return "header" + JSON.stringify(pairs.sort());
    }
  }
  if (typeof value === "string" && APPENDING.includes(name)) {
    const start = name === "form_encoded_body" ? 0 : value.indexOf("?") + 1;
    return "appended" + value.slice(0, start) + value.slice(start).replace(/(?<![^&])[^&#]+/g, protocolParameterDecoded);
  }
  if (arePairs(value)) {
    const pairs = value.map((pair) => JSON.stringify(pair.map((item) => comparable(name, item))));
    return "pairs" + JSON.stringify(pairs.sort());
  }
  // A number that is too large for JavaScript would be JSON's null.
  if (typeof value === "number") return "number" + value;
  if (value === null || typeof value !== "object" || Array.isArray(value)) return "value" + JSON.stringify(value);
  const members = Object.keys(value).sort();
  return "object" + JSON.stringify(members.map((member) => [member, comparable(name, value[member])]));
}

// A pair of a query, or of a form, in one spelling if it is a protocol parameter, otherwise as it is.
function protocolParameterDecoded(text) {
  if (!IN_A_QUERY.test(text)) return text;
  const [, name, equals, value] = text.replaceAll("+", " ").match(/^([^=]*)(=?)(.*)$/);
  const [first, second] = [name, value].map((part) => percentEncoded(octetsOf(percentDecoded(part))));
  return first.startsWith("oauth_") ? first + equals + second : text;
}

function isOctets(value) {
  if (value === null || typeof value !== "object" || Object.keys(value).join() !== "octets") return false;
  return typeof value.octets === "string" && /^(?:[0-9A-Fa-f]{2})*$/.test(value.octets);
}

function isAscii(text) {
  return !/[^\0-\x7f]/.test(text);
}

function arePairs(value) {
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2);
}

// The pairs of an Authorization header without its realm.
function headerPairs(header) {
  return [...header.matchAll(PAIR)].map(([, ...pair]) => pair.map(percentDecoded)).filter(([name]) => name !== "realm");
}

// `text` is ASCII.
function percentDecoded(text) {
  const octets = text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
  return textOf(Buffer.from(octets, "latin1"));
}

function percentEncoded(octets) {
  const one = (octet) =>
    /[A-Za-z0-9._~-]/.test(String.fromCharCode(octet))
      ? String.fromCharCode(octet)
      : "%" + octet.toString(16).toUpperCase().padStart(2, "0");
  return [...octets].map(one).join("");
}

// What is expected with the timestamp and nonce of `output`: some libraries insist on their own.
function signedWithItsOwn({ input, expected }, output) {
  const found = new Map(output);
  const pairs = expected.output.map((pair) => [...pair]);
  let base_string = expected.base_string;
  for (const pair of pairs) {
    const [name, old] = pair;
    const own = found.get(name);
    if (!["oauth_timestamp", "oauth_nonce"].includes(name) || typeof own !== "string" || !isAscii(own)) continue;
    pair[1] = own;
    const [before, after] = [old, pair[1]].map(
      (text) => `${name}%3D${percentEncoded(Buffer.from(percentEncoded(octetsOf(text))))}`,
    );
    base_string = base_string.split(before).join(after);
  }
  const plaintext = input.signature_method === "PLAINTEXT";
  if (base_string !== expected.base_string && !plaintext) pairs[pairs.length - 1][1] = signature(input, base_string);
  // "The parameter MAY be omitted when using the "PLAINTEXT" signature method." (section 3.1)
  const optional = plaintext ? ["oauth_timestamp", "oauth_nonce"] : [];
  return { output: pairs.filter(([name]) => found.has(name) || !optional.includes(name)), base_string };
}

// Sections 3.4.2 and 3.4.3.
function signature({ signature_method, client, token, rsa_key }, base_string) {
  const [family, digest] = signature_method.split("-");
  if (family === "RSA") return createSign(digest).update(base_string).sign(rsa_key.privateKeyPem, "base64");
  const key = [client.secret, token ? token.secret : ""].map((secret) => percentEncoded(octetsOf(secret))).join("&");
  return createHmac(digest, key).update(base_string).digest("base64");
}

// How a reply differs, in words.
function told(expected, reply) {
  if (Object.hasOwn(reply, "error")) return `refused: ${reply.error}`;
  if (typeof expected.base_string === "string" && typeof reply.base_string === "string") {
    const [right, found] = [expected.base_string, reply.base_string];
    if (right === found) return "the same base string, another key or signature";
    let at = 0;
    while (right[at] === found[at]) at += 1;
    return `the base string differs from character ${at}: expected ${shortened(right.slice(at), 70)}, got ${shortened(found.slice(at), 70)}`;
  }
  const wanted = Object.hasOwn(expected, "refusal") ? "a refusal" : JSON.stringify(expected.output);
  return `expected ${shortened(wanted)}, got ${shortened(JSON.stringify(reply.output))}`;
}

function shortened(text, length = 300) {
  return text.length <= length ? text : text.slice(0, length - 3) + "...";
}

// A command line as Python's shlex divides it, [] if a quote or a backslash has no end.
function words(text) {
  const piece = String.raw`\\([\s\S])|"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'`;
  const word = String.raw`(?:[^ \t\r\n"'\\]|${piece})+`;
  if (/["'\\]/.test(text.replace(new RegExp(piece, "g"), ""))) return [];
  // Within double quotes, a backslash stands for itself but in front of another or of a quote.
  const plain = (_, one, double, single) => one ?? single ?? double.replace(/\\(["\\])/g, "$1");
  return [...text.matchAll(word)].map(([each]) => each.replace(new RegExp(piece, "g"), plain));
}

const USAGE = `usage: node runner.mjs --command COMMAND [--result RESULT] [--profile PROFILE] [--longest OCTETS] [FUNCTION ...]`;

function options() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        command: { type: "string", default: "" },
        result: { type: "string", multiple: true, default: RESULTS },
        profile: { type: "string", multiple: true, default: [] },
        longest: { type: "string" },
      },
    });
  } catch (error) {
    return { values: { command: "", result: [], profile: [] }, positionals: [], unusable: [error.message] };
  }
}

async function main() {
  const { values, positionals, unusable = [] } = options();
  const command = words(values.command);
  const files = load();
  const unknown = [
    ...unusable,
    ...positionals.filter((name) => !files[name]),
    ...values.result.filter((result) => !RESULTS.includes(result)),
    ...values.profile.filter((profile) => !PROFILES.includes(profile)),
    ...[values.longest ?? "0"].filter((octets) => !/^[0-9]{1,15}$/.test(octets)),
  ];
  if (!command.length || unknown.length) {
    console.error(USAGE);
    if (unknown.length) console.error(`unknown: ${unknown.join(", ")}`);
    return 2;
  }
  const total = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0]));
  const classes = new Map();
  const program = new Program(command, Number(values.longest ?? Infinity));
  for await (const answer of run(program, files, positionals, values.result, values.profile)) {
    const { test, outcome, detail } = answer;
    total[outcome] += 1;
    if (["differs", "failed", "crashed"].includes(outcome))
      console.log(`${outcome}: ${test.id}: ${test.comment} ${ascii(detail)}`);
    if (!["failed", "crashed"].includes(outcome)) continue;
    for (const flag of test.flags)
      classes.set(flag, [...(classes.get(flag) ?? []), files[answer.function].notes[flag]]);
  }
  program.stop();
  for (const [flag, notes] of [...classes].sort(
    (one, other) => other[1].length - one[1].length || (one[0] < other[0] ? -1 : 1),
  ))
    console.log(`${flag}, ${notes.length} failed. ${notes[0].description} Otherwise: ${notes[0].effect}`);
  console.log(OUTCOMES.map((outcome) => `${total[outcome]} ${outcome}`).join(", "));
  if (program.ended === CRASHES) {
    console.error(`stopped after ${CRASHES} crashes`);
    return 2;
  }
  return total.failed || total.crashed || !total.passed ? 1 : 0;
}

process.exitCode = await main();
