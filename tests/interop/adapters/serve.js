// The protocol of vectors/README.md, for the adapters written for Node.
const { createInterface } = require("node:readline");

exports.Unsupported = class extends Error {};
exports.peer = (name) => require(`${__dirname}/../.peers/node_modules/${name}`);

// `sign` takes "input" and returns {output, base_string}.
exports.serve = (sign) => {
  createInterface({ input: process.stdin, crlfDelay: Infinity }).on("line", (line) => {
    const { id, function: name, input } = JSON.parse(line);
    let reply;
    try {
      if (name !== "sign") throw new exports.Unsupported("the function");
      if (typeof input.uri !== "string" || typeof input.form !== "string")
        throw new exports.Unsupported("octets that are not UTF-8");
      reply = sign(input);
    } catch (error) {
      reply = error instanceof exports.Unsupported ? { unsupported: error.message } : { error: String(error) };
    }
    console.log(JSON.stringify({ id, ...reply }));
  });
};

// A query or form as an object: an array where a name has several values.
exports.objectOf = (text) => {
  const found = {};
  for (const [name, value] of new URLSearchParams(text))
    found[name] = name in found ? [].concat(found[name], value) : value;
  return found;
};
