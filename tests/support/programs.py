"""What tests need of the machine beside Python."""

import os
import shutil
import subprocess

import pytest


def skip(reason):
    """Skip the test, or let it fail where REQUIRE_PEERS says that nothing may be skipped."""
    if os.environ.get("REQUIRE_PEERS"):
        pytest.fail(f"REQUIRE_PEERS is set: {reason}")
    pytest.skip(str(reason))  # by name, on a machine where not everything is installed


def path_of(name):
    """Where a program is. Without it the test is skipped."""
    path = shutil.which(name)
    return path or skip(f"{name} is not installed")


def mount_disk(folder, options):
    """Mount a small file system in memory on a new folder. Without the right to, the test is skipped."""
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], capture_output=True).returncode:
        pytest.skip("needs the right to mount a small file system")  # a right that no installation brings
