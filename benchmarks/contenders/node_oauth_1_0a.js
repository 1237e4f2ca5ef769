// npm oauth-1.0a. The form is given as an object, decoded beforehand.
const { createHmac } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { createInterface } = require("node:readline");
const peers = __dirname + "/../.peers/node_modules/oauth-1.0a";
const OAuth = require(peers);

const [key, secret, token, tokenSecret] = process.argv.slice(2);
const oauth = OAuth({
  consumer: { key, secret },
  signature_method: "HMAC-SHA1",
  hash_function: (text, hmacKey) => createHmac("sha1", hmacKey).update(text).digest("base64"),
});
const credentials = { key: token, secret: tokenSecret };
const sign = (request) => oauth.toHeader(oauth.authorize(request, credentials)).Authorization;

const version = `${require(peers + "/package.json").version}, Node ${process.version}`;
console.log(["oauth-1.0a (Node)", version, "object", "sign"].join("\t"));
createInterface({ input: process.stdin }).on("line", (line) => {
  const [verb, path] = line.split("\t");
  const requests = readFileSync(path, "latin1").trimEnd().split("\n").map((row) => {
    const [method, url, form] = row.split("\t");
    return { method, url, data: Object.fromEntries(new URLSearchParams(form)) };
  });
  if (verb === "sign") return console.log(requests.map(sign).join("\n"));
  const start = process.hrtime.bigint();
  for (const request of requests) sign(request);
  console.log(Number(process.hrtime.bigint() - start) / 1e9 / requests.length);
});
