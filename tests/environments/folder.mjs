// Put a folder into the file system of a MicroPython that is compiled to WebAssembly.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export function copy(python, from, to) {
  python.FS.mkdirTree(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), `${to}/${entry.name}`];
    if (entry.isDirectory()) copy(python, source, target);
    else python.FS.writeFile(target, readFileSync(source));
  }
}
