// Runs Python, and in it the core, away from the page. All octets come by message: nothing is fetched from here.
"use strict";

let work = null;

async function start(files) {
  // Answers the requests of Pyodide with the octets from the message.
  self.fetch = async (wanted) => {
    const name = String(wanted.url ?? wanted).split("/").pop();
    if (!(name in files)) throw new TypeError("not here: " + name);
    const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
    return new Response(files[name], { headers: { "Content-Type": type } });
  };
  const module = (name) => import(URL.createObjectURL(new Blob([files[name]], { type: "text/javascript" })));
  const { loadPyodide } = await module("pyodide.mjs");
  const { default: createPyodideModule } = await module("pyodide.asm.mjs");
  const python = await loadPyodide({
    createPyodideModule,
    indexURL: "https://files.invalid/",
    stdLibURL: "https://files.invalid/python_stdlib.zip",
    lockFileContents: new TextDecoder().decode(files["lock.json"]),
  });
  python.FS.writeFile("/core.zip", new Uint8Array(files["oauth1_core.zip"]));
  work = python.runPython(
    "import sys; sys.path.insert(0, '/core.zip'); from oauth1_core.debugging.page import work; work",
  );
  work("{}");
}

self.onmessage = async ({ data }) => {
  try {
    if (data.files) {
      await start(data.files);
      self.postMessage({ ready: true });
    } else {
      self.postMessage({ number: data.number, result: work(data.asked) });
    }
  } catch (error) {
    // The last line of a traceback names the error; a reader needs no other line.
    const reason = String(error.message ?? error).trim().split("\n").pop().slice(0, 300);
    self.postMessage({ number: data.number, failed: reason });
  }
};
