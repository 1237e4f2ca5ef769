"""Programs that tests run beside Python."""
import os
import shutil

import pytest


def path_of(name):
    """Where a program is. Without it the test is skipped, or fails where REQUIRE_PEERS says that nothing may be."""
    path = shutil.which(name)
    if path is None:
        (pytest.fail if os.environ.get("REQUIRE_PEERS") else pytest.skip)(f"{name} is not installed")
    return path
