// oauth-sign. It takes the base string URI, made here; query, form and protocol parameters are given as one object; arrays where a name has several values.
const { peer, serve, objectOf, Unsupported } = require("./serve.js");
const oauth = peer("oauth-sign");

serve((input) => {
  const { method, uri, client, token, signature_method } = input;
  if (!["HMAC-SHA1", "HMAC-SHA256", "RSA-SHA1", "PLAINTEXT"].includes(signature_method))
    throw new Unsupported(`the method ${signature_method}`);
  const own = [["oauth_consumer_key", client.identifier], ...(token ? [["oauth_token", token.identifier]] : [])];
  own.push(["oauth_signature_method", signature_method], ["oauth_timestamp", input.timestamp]);
  own.push(["oauth_nonce", input.nonce], ...(input.version ? [["oauth_version", input.version]] : []));
  own.push(...input.protocol_parameters);
  const [target, query] = uri.split("#")[0].split(/\?(.*)/s);
  const [, scheme, authority, path] = /^(\w+):\/\/(?:[^@/]*@)?([^/]*)(.*)$/s.exec(target);
  const port = { http: /:80$/, https: /:443$/ }[scheme.toLowerCase()];
  const base = `${scheme}://${authority.replace(port, "")}`.toLowerCase() + (path || "/");
  const parameters = objectOf([query, input.form].filter(Boolean).join("&"));
  const secrets = [input.rsa_key ? input.rsa_key.privateKeyPem : client.secret, token ? token.secret : ""];
  const all = { ...parameters, ...Object.fromEntries(own) };
  const signature = oauth.sign(signature_method, method, base, all, ...secrets);
  return {
    output: [...own, ["oauth_signature", signature]],
    base_string: signature_method === "PLAINTEXT" ? undefined : oauth.generateBase(method, base, all),
  };
});
