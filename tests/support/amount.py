"""How much of a property is tried: a tenth in ``make test``, all of it in ``make test-all``."""

import os

ALL = os.environ.get("TESTS") == "all"


def examples(count):
    """Return the number of examples of a property of which ``make test-all`` tries ``count``."""
    return count if ALL else max(count // 10, 20)
