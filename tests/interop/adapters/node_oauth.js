// The package oauth: what its requests are signed with. The URL is given as text, the form as an object.
const { peer, serve, objectOf, Unsupported } = require("./serve.js");
const { OAuth } = peer("oauth");

serve((input) => {
  const { method, uri, client, token, signature_method } = input;
  if (input.version !== "1.0") throw new Unsupported("a request without oauth_version");
  if (!["HMAC-SHA1", "HMAC-SHA256", "RSA-SHA1", "PLAINTEXT"].includes(signature_method))
    throw new Unsupported(`the method ${signature_method}`);
  const secret = input.rsa_key ? input.rsa_key.privateKeyPem : client.secret;
  const oauth = new OAuth("", "", client.identifier, secret, "1.0", undefined, signature_method);
  oauth._getNonce = () => input.nonce;
  oauth._getTimestamp = () => input.timestamp;
  let base_string;
  const construct = oauth._createSignatureBase;
  oauth._createSignatureBase = (...given) => (base_string = construct.apply(oauth, given));
  const parameters = { ...objectOf(input.form), ...Object.fromEntries(input.protocol_parameters) };
  const signed = oauth._prepareParameters(token?.identifier, token?.secret, method, uri, parameters);
  return { output: oauth._buildAuthorizationHeaders(signed), base_string };
});
