"""A sandbox for the tests of this folder, and a client of each kind."""

import asyncio
import contextlib
import inspect

import pytest

from nexmo import AsyncNexmo, Nexmo
from nexmo.sandbox import Sandbox


class Blocking:
    """AsyncNexmo with every call awaited, so that one test serves both clients."""

    def __init__(self, nexmo, runner):
        self.nexmo = nexmo
        self.runner = runner

    def __getattr__(self, name):
        attribute = getattr(self.nexmo, name)
        if not inspect.iscoroutinefunction(attribute):
            return attribute
        return lambda *args, **kwargs: self.runner.run(attribute(*args, **kwargs))


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(params=[Nexmo, AsyncNexmo], ids=["sync", "async"])
def open_nexmo(request):
    """Make clients of one kind; all are closed at the end of the test."""
    with contextlib.ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())

        def open_nexmo(*args, **kwargs):
            nexmo = request.param(*args, **kwargs)
            if isinstance(nexmo, Nexmo):
                return stack.enter_context(nexmo)
            stack.callback(lambda: runner.run(nexmo.aclose()))
            return Blocking(nexmo, runner)

        yield open_nexmo
