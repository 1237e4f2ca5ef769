// Run tests/run_vectors.py in Pyodide, CPython compiled to WebAssembly: node pyodide.mjs FOLDER PACKAGE
import { loadPyodide } from "./.interpreters/node_modules/pyodide/pyodide.mjs";

const [folder, name] = process.argv.slice(2);
const python = await loadPyodide();
python.mountNodeFS("/folder", folder);
python.globals.set("name", name);
python.runPython(`
import platform, runpy, sys
print("version:", "${python.version}", "(Python", platform.python_version() + ")")
sys.dont_write_bytecode = True
sys.argv = ["/folder/tests/run_vectors.py", name]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit:
    pass  # what was printed tells
`);
