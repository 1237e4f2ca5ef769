// Run micropython/main.py in MicroPython, compiled to WebAssembly: node micropython.mjs FOLDER PACKAGE
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadMicroPython } from "./.interpreters/node_modules/@micropython/micropython-webassembly-pyscript/micropython.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const [folder, name] = process.argv.slice(2);
const python = await loadMicroPython({ heapsize: 64 * 1024 * 1024, stdout: (line) => console.log(line) });
python.registerJsModule("host", {
  digest: (hash, octets) => createHash(hash).update(octets, "hex").digest("hex"),
  random: (count) => randomBytes(count).toString("hex"),
});

function copy(from, to) {
  python.FS.mkdirTree(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), `${to}/${entry.name}`];
    if (entry.isDirectory()) copy(source, target);
    // Its JSON reader does not know "\ud83d\ude00" as one character: written out, it does.
    else if (entry.name.endsWith(".json")) python.FS.writeFile(target, JSON.stringify(JSON.parse(readFileSync(source, "utf8"))));
    else python.FS.writeFile(target, readFileSync(source));
  }
}

copy(join(here, "micropython"), "/shims");
copy(folder, "/folder");
python.globals.set("name", name);
python.runPython(`
import sys
sys.path.insert(0, "/shims")
print("version:", ".".join([str(number) for number in sys.implementation.version[:3]]))
import main
main.run("/folder", name)
`);
