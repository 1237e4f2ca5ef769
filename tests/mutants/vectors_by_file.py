"""The vectors as one test for each file: the tests of ``tests/test_vectors.py``, collected in no time."""

import pytest

from tests.run_vectors import check, load

FILES = load()


@pytest.mark.parametrize("function", FILES)
def test_vectors(function):
    for case in FILES[function]["tests"]:
        check(function, case)
