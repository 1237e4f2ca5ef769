// Run micropython.py in PyScript's MicroPython, compiled to WebAssembly: node micropython.mjs FOLDER PACKAGE
// The host lends it the digests: it has SHA-256 alone.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { copy } from "./folder.mjs";
import { loadMicroPython } from "./.interpreters/node_modules/@micropython/micropython-webassembly-pyscript/micropython.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const [folder, name] = process.argv.slice(2);
const python = await loadMicroPython({ heapsize: 64 * 1024 * 1024, stdout: (line) => console.log(line) });
python.registerJsModule("host", {
  digest: (hash, octets) => createHash(hash).update(octets, "hex").digest("hex"),
});

copy(python, join(here, "pyscript"), "/shims");
python.FS.writeFile("/shims/vectors_here.py", readFileSync(join(here, "micropython.py")));
copy(python, folder, "/folder");
python.globals.set("name", name);
python.runPython(`
import binascii, sys
sys.path.insert(0, "/shims")

# Its own is a module in Python that takes no text, and raises what is no ValueError.
decode = binascii.a2b_base64
def a2b_base64(text):
    try:
        return decode(text.encode())
    except Exception:
        raise ValueError("not base64")
binascii.a2b_base64 = a2b_base64

import vectors_here
vectors_here.run("/folder", name)
`);
