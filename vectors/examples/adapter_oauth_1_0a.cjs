// A worked example: oauth-1.0a of npm answers the vectors. NODE_PATH says where it is installed.
//
//     node runner.mjs --command "node examples/adapter_oauth_1_0a.cjs"
//
// Each function takes "input" and returns {output}. What oauth-1.0a cannot take is Unsupported; it refuses nothing but
// what cannot be decoded, by URIError; anything else that it throws is a crash.
const { createHmac, createSign } = require("node:crypto");
const { createInterface } = require("node:readline");
const OAuth = require("oauth-1.0a");

class Unsupported extends Error {}

function need(so, what) {
  if (!so) throw new Unsupported(what);
}

const functions = {
  percent_encode: ({ text }) => ({ output: new OAuth({ consumer: {}, hash_function() {} }).percentEncode(text) }),

  sign(input) {
    need(input.version === "1.0", "a request without oauth_version");
    let base_string;
    const [family, digest] = input.signature_method.split("-");
    const oauth = OAuth({
      consumer: { key: input.client.identifier, secret: input.client.secret },
      signature_method: input.signature_method,
      hash_function(text, key) {
        base_string = text;
        if (family === "PLAINTEXT") return key;
        if (family === "RSA") return createSign(digest).update(text).sign(input.rsa_key.privateKeyPem, "base64");
        return createHmac(digest, key).update(text).digest("base64");
      },
    });
    oauth.getNonce = () => input.nonce;
    oauth.getTimeStamp = () => input.timestamp;
    // Further protocol parameters go in with the data of the request; it puts those with the prefix into the header.
    const data = { ...objectOf(input.form), ...Object.fromEntries(input.protocol_parameters) };
    const request = { url: input.uri, method: input.method, data };
    const token = input.token ? { key: input.token.identifier, secret: input.token.secret } : undefined;
    return { output: oauth.toHeader(oauth.authorize(request, token)).Authorization, base_string };
  },
};

// A form as an object: an array where a name has several values.
function objectOf(text) {
  const found = {};
  for (const [name, value] of new URLSearchParams(text))
    found[name] = name in found ? [].concat(found[name], value) : value;
  return found;
}

// Whether there is a text of octets that are not UTF-8: JavaScript's strings do not hold them.
function hasOctets(value) {
  if (value === null || typeof value !== "object") return false;
  return Object.hasOwn(value, "octets") || Object.values(value).some(hasOctets);
}

function answer(name, input) {
  try {
    need(functions[name], "the function");
    need(!hasOctets(input), "octets that are not UTF-8");
    return functions[name](input);
  } catch (error) {
    if (error instanceof Unsupported) return { unsupported: error.message };
    return error instanceof URIError ? { error: String(error) } : { crash: String(error) };
  }
}

createInterface({ input: process.stdin, crlfDelay: Infinity }).on("line", (line) => {
  const { id, function: name, input } = JSON.parse(line);
  console.log(JSON.stringify({ id, ...answer(name, input) }));
});
