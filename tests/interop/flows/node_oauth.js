// npm's oauth.
const readline = require("node:readline/promises");
const { OAuth } = require("oauth");

const [requestUrl, authorizeUrl, accessUrl, api, key, secret, callback] = process.argv.slice(2);
const oauth = new OAuth(requestUrl, accessUrl, key, secret, "1.0", callback, "HMAC-SHA1");
// Its callbacks, as promises of all that they get.
const call = (name, ...given) => new Promise((resolve, reject) =>
  oauth[name](...given, (error, ...results) => (error ? reject(new Error(JSON.stringify(error))) : resolve(results))));

async function main() {
  const [token, tokenSecret] = await call("getOAuthRequestToken");
  console.log(`${authorizeUrl}?oauth_token=${encodeURIComponent(token)}`);
  const lines = readline.createInterface({ input: process.stdin });
  const answer = await lines.question("");
  lines.close();
  const verifier = callback === "oob" ? answer : new URL(answer).searchParams.get("oauth_verifier");
  const [access, accessSecret] = await call("getOAuthAccessToken", token, tokenSecret, verifier);
  const form = { from: "Node", to: "15551234567", text: "a+b & cé 100 %" };
  const [sent] = await call("post", `${api}/sms/json`, access, accessSecret, form, null);
  const [balance] = await call("get", `${api}/account/get-balance?unused=1%20%2B%201`, access, accessSecret);
  console.log(JSON.parse(sent).messages[0].status, JSON.parse(balance).value);
}

main().catch((error) => { console.error(error.message); process.exitCode = 1; });
