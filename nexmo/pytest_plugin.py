"""The pytest fixture ``nexmo_sandbox``; it needs ``oauth1-nexmo[sandbox]``.

Every run of pytest imports this module, so it imports the sandbox only when a test uses the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .sandbox.fault_client import FaultySandbox

# Only httpx is imported into the process of the tests; the sandbox's own process imports the others.
NEEDED = ("httpx", "h11", "jinja2", "starlette", "uvicorn")


@pytest.fixture(scope="session")
def nexmo_sandbox_process() -> Iterator[FaultySandbox]:
    """One sandbox process for all tests, because starting a process takes about 1 s, and resetting it about 0.1 s."""
    for name in NEEDED:
        if find_spec(name) is None:
            from .__main__ import how_to_install

            pytest.fail(how_to_install(name, "sandbox"), pytrace=False)
    from .sandbox.fault_client import FaultySandbox

    with FaultySandbox() as sandbox:
        yield sandbox


@pytest.fixture
def nexmo_sandbox(nexmo_sandbox_process: FaultySandbox) -> FaultySandbox:
    """A sandbox on loopback that is reset before each test; ``nexmo_sandbox.fault(name, ...)`` starts a fault."""
    nexmo_sandbox_process.renew()
    return nexmo_sandbox_process
