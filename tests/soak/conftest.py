"""Load and fault tests: a small count as part of the suite, the full one with SOAK=full, and a table at the end."""
import os

import pytest

FULL = os.environ.get("SOAK") == "full"
ROWS = []


@pytest.fixture
def full():
    """Whether figures that depend on the speed of the machine are asserted."""
    return FULL


@pytest.fixture
def size():
    """``size(small, full)`` is the count that this run uses."""
    return lambda small, full: full if FULL else small


@pytest.fixture
def report():
    """``report(identifier, what, goal, figure, reached)`` adds a line to the table."""
    return lambda *row: ROWS.append(row)


def pytest_terminal_summary(terminalreporter):
    if ROWS:
        terminalreporter.section("load and fault tests, {} count".format("full" if FULL else "small"))
    for identifier, what, goal, figure, reached in sorted(ROWS, key=lambda row: (int(row[0][1:]), row[1])):
        yes = "yes" if reached else "NO" if FULL else "not by this count, on this machine"
        lines = [f"{identifier:4} {what}", f"     goal: {goal}", f"     figure: {figure}", f"     reached: {yes}"]
        terminalreporter.write_line("\n".join(lines))
