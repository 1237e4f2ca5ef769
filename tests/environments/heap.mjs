// What an import and one signed request leave on MicroPython's heap: node heap.mjs FOLDER SCRIPT
//
// FOLDER is what mip would have put into /lib. Prints the octets. npm's build has words of 32 bits, as microcontrollers
// have; it collects between calls of runPython alone, so that each collection is a call of its own.
import { readFileSync } from "node:fs";
import { copy } from "./folder.mjs";
import { loadMicroPython } from "./.interpreters/node_modules/@micropython/micropython-webassembly-pyscript/micropython.mjs";

const [folder, script] = process.argv.slice(2);
const python = await loadMicroPython({ heapsize: 1024 * 1024, stdout: (line) => console.log(line) });
copy(python, folder, "/lib");
// What every build has in its flash, and npm's loads when it is first imported.
python.runPython("import sys, gc, binascii, hashlib, os, time\nbefore = 0\nsys.path.append('/lib')");
python.runPython("gc.collect()");
python.runPython("before = gc.mem_alloc()");
python.runPython(readFileSync(script, "utf8"));
python.runPython("gc.collect()");
python.runPython("print(gc.mem_alloc() - before)");
