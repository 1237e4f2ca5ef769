// npm's oauth-1.0a, which signs, over fetch.
const crypto = require("node:crypto");
const readline = require("node:readline/promises");
const OAuth = require("oauth-1.0a");

const [requestUrl, authorizeUrl, accessUrl, api, key, secret, callback] = process.argv.slice(2);
const oauth = new OAuth({
  consumer: { key, secret },
  signature_method: "HMAC-SHA1",
  hash_function: (text, signingKey) => crypto.createHmac("sha1", signingKey).update(text).digest("base64"),
});

async function send(method, url, data, token, more) {
  const signed = oauth.authorize({ method, url, data: { ...data, ...more } }, token);
  const headers = oauth.toHeader(Object.fromEntries(Object.entries(signed).filter(([name]) => name.startsWith("oauth_"))));
  const body = method === "POST" && data ? new URLSearchParams(data) : undefined;
  const response = await fetch(url, { method, headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

async function main() {
  const issued = new URLSearchParams(await send("POST", requestUrl, null, undefined, { oauth_callback: callback }));
  const credentials = (fields) => ({ key: fields.get("oauth_token"), secret: fields.get("oauth_token_secret") });
  console.log(`${authorizeUrl}?oauth_token=${encodeURIComponent(issued.get("oauth_token"))}`);
  const lines = readline.createInterface({ input: process.stdin });
  const answer = await lines.question("");
  lines.close();
  const verifier = callback === "oob" ? answer : new URL(answer).searchParams.get("oauth_verifier");
  const granted = await send("POST", accessUrl, null, credentials(issued), { oauth_verifier: verifier });
  const token = credentials(new URLSearchParams(granted));
  const sent = await send("POST", `${api}/sms/json`, { from: "Node", to: "15551234567", text: "a+b & cé 100 %" }, token);
  const balance = await send("GET", `${api}/account/get-balance?unused=1%20%2B%201`, null, token);
  console.log(JSON.parse(sent).messages[0].status, JSON.parse(balance).value);
}

main().catch((error) => { console.error(error.message); process.exitCode = 1; });
