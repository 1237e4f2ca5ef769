// oauth-1.0a. The URL is given as text, the form as an object.
const { createHmac, createSign } = require("node:crypto");
const { peer, serve, objectOf, Unsupported } = require("./serve.js");
const OAuth = peer("oauth-1.0a");

serve((input) => {
  if (input.version !== "1.0") throw new Unsupported("a request without oauth_version");
  if (input.protocol_parameters.length) throw new Unsupported("further protocol parameters outside query and form");
  let base_string;
  const method = input.signature_method;
  const [family, digest] = method.split("-");
  const oauth = OAuth({
    consumer: { key: input.client.identifier, secret: input.client.secret },
    signature_method: method,
    hash_function: (text, key) => {
      base_string = text;
      if (family === "PLAINTEXT") return key;
      if (family === "RSA") return createSign(digest).update(text).sign(input.rsa_key.privateKeyPem, "base64");
      return createHmac(digest, key).update(text).digest("base64");
    },
  });
  oauth.getNonce = () => input.nonce;
  oauth.getTimeStamp = () => input.timestamp;
  const request = { url: input.uri, method: input.method, data: objectOf(input.form) };
  const token = input.token ? { key: input.token.identifier, secret: input.token.secret } : undefined;
  const signed = oauth.authorize(request, token);
  return { output: oauth.toHeader(signed).Authorization, base_string };
});
