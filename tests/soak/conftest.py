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
    if not ROWS:
        return
    terminalreporter.section("load and fault tests, {} count".format("full" if FULL else "small"))
    table = [("test", "", "reached", "figure", "to reach")]
    for identifier, what, goal, figure, reached in sorted(ROWS, key=lambda row: (int(row[0][1:]), row[1])):
        table.append((identifier, what, "yes" if reached else "NO" if FULL else "not here", figure, goal))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        terminalreporter.write_line("  ".join(cells).rstrip())
