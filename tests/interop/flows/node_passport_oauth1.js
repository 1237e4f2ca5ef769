// npm's passport-oauth1: a strategy, in the place of the middleware that would run it.
const readline = require("node:readline/promises");
const { Strategy } = require("passport-oauth1");

const [requestTokenURL, userAuthorizationURL, accessTokenURL, api, consumerKey, consumerSecret, callbackURL] =
  process.argv.slice(2);
const strategy = new Strategy(
  { requestTokenURL, userAuthorizationURL, accessTokenURL, consumerKey, consumerSecret, callbackURL, skipUserProfile: true },
  (token, tokenSecret, profile, done) => done(null, { token, tokenSecret }),
);
const session = {};

function authenticate(query) {
  return new Promise((resolve, reject) => {
    const running = Object.create(strategy);
    running.redirect = running.success = resolve;
    running.error = (error) => reject(new Error(`${error.message} ${JSON.stringify(error.oauthError)}`));
    running.fail = (why) => reject(new Error(`failed: ${JSON.stringify(why)}`));
    running.authenticate({ query, session, headers: {}, connection: {} }, {});
  });
}

const get = (method, url, user, ...more) => new Promise((resolve, reject) =>
  strategy._oauth[method](url, user.token, user.tokenSecret, ...more, (error, body) => (error ? reject(error) : resolve(JSON.parse(body)))));

async function main() {
  const location = await authenticate({});
  console.log(location);
  const lines = readline.createInterface({ input: process.stdin });
  const answer = await lines.question("");
  lines.close();
  const query = callbackURL === "oob"
    ? { oauth_token: new URL(location).searchParams.get("oauth_token"), oauth_verifier: answer }
    : Object.fromEntries(new URL(answer).searchParams);
  const user = await authenticate(query);
  const sent = await get("post", `${api}/sms/json`, user, { from: "Node", to: "15551234567", text: "a+b & cé 100 %" }, null);
  const balance = await get("get", `${api}/account/get-balance?unused=1%20%2B%201`, user);
  console.log(sent.messages[0].status, balance.value);
}

main().catch((error) => { console.error(error.message); process.exitCode = 1; });
