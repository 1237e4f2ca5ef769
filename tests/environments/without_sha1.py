"""Run a script with SHA-1 refused, as in a FIPS build: python without_sha1.py SCRIPT [ARGUMENT ...]

OpenSSL refuses by its configuration (openssl.cnf beside this file, which has to be in OPENSSL_CONF); the hashes
that Python brings are left out as ``configure --with-builtin-hashlib-hashes=sha2`` would leave them out.
"""

import runpy
import sys

sys.modules["_sha1"] = sys.modules["_hmac"] = None

import hashlib  # noqa: E402 (it looks for SHA-1 when it is imported)
import hmac  # noqa: E402 (so does it)

for what, refused in {
    "hashlib.new": lambda: hashlib.new("sha1"),
    "hashlib.sha1": lambda: hashlib.sha1(),
    "hmac.new": lambda: hmac.new(b"", b"", "sha1"),
}.items():
    try:
        refused()
    except ValueError:
        continue
    sys.exit(f"{what} offers SHA-1 all the same")

sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
