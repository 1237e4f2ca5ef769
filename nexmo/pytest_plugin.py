"""The pytest fixture ``nexmo_sandbox``, for whoever has installed ``oauth1-nexmo[sandbox]``.

Every run of pytest imports this module, so it imports nothing else before a test asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .sandbox.fault_client import FaultySandbox

# Of these, only httpx is imported into the tests' own process.
NEEDED = ("httpx", "h11", "jinja2", "starlette", "uvicorn")


@pytest.fixture(scope="session")
def nexmo_sandbox_process() -> Iterator[FaultySandbox]:
    """One process for all tests: to start one takes a second, to renew it a tenth of that."""
    for name in NEEDED:
        if find_spec(name) is None:
            from .__main__ import how_to_install

            pytest.fail(how_to_install(name, "sandbox"), pytrace=False)
    from .sandbox.fault_client import FaultySandbox

    with FaultySandbox() as sandbox:
        yield sandbox


@pytest.fixture
def nexmo_sandbox(nexmo_sandbox_process: FaultySandbox) -> FaultySandbox:
    """A stand-in for Nexmo on loopback, as new for each test; ``nexmo_sandbox.fault(name, ...)`` begins a fault."""
    nexmo_sandbox_process.renew()
    return nexmo_sandbox_process
