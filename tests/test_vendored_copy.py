"""The core works as a copied folder, under another package and with nothing installed."""
import shutil
import subprocess
import sys
from pathlib import Path

import oauth1_core

# RFC 5849 section 1.2, the request for temporary credentials.
SCRIPT = """
import sys
try:
    import oauth1_core
except ImportError:
    sys.path.insert(0, sys.argv[1])
from pkg._vendor import oauth1_core as vendored
from pkg._vendor.oauth1_core.nonce_stores.memory import MemoryNonceStore
assert MemoryNonceStore(epoch=0).claim("a", "b", 1, "c", 1)
assert not [name for name in sys.modules if name.partition(".")[0] == "oauth1_core"]
parameters = vendored.sign(
    "POST", "https://photos.example.net/initiate",
    vendored.ClientCredentials("dpf43f3p2l4k3l03", "kd94hf93k423kf44"),
    protocol_parameters=[("oauth_callback", "http://printer.example.com/ready")],
    timestamp="137131200", nonce="wIjqoS", version=None,
)
print(parameters[-1][1])
"""


def test_a_vendored_copy_signs_the_example_of_section_1_2(tmp_path):
    vendor = tmp_path / "pkg" / "_vendor"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(oauth1_core.__file__).parent, vendor / "oauth1_core", ignore=ignored)
    for folder in (vendor.parent, vendor):
        (folder / "__init__.py").touch()
    # Without site-packages, environment and current folder: nothing installed can be found.
    command = [sys.executable, "-I", "-S", "-B", "-W", "error", "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("74KNZJeDHnMBp0EMJ9ZHt/XKycU=\n", "")
    command = [sys.executable, "-S", "-B", "-W", "error", "-m", "pkg._vendor.oauth1_core", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.stdout[:14], done.stderr) == ("usage: oauth1 ", "")
