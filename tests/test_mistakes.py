"""The catalogue of mistakes, as it is read."""

import ast
import inspect

from oauth1_core.debugging import mistakes
from oauth1_core.debugging.mistakes import CATALOGUE


def test_the_catalogue_reads_as_sentences():
    assert len(CATALOGUE) > 60
    assert len({mistake.id for mistake in CATALOGUE}) == len(CATALOGUE)
    for mistake in CATALOGUE:
        assert not mistake.wants[0].islower() and mistake.fix[0].isupper() and mistake.done[0].islower()
        assert all(text and not text.endswith(".") for text in (mistake.done, mistake.wants, mistake.fix))
        assert mistake.section.startswith("3.")


def test_the_catalogue_is_data_only():
    """Whoever adds a mistake has nothing to skip: a docstring, imports and one list."""
    docstring, *imports, catalogue = ast.parse(inspect.getsource(mistakes)).body
    assert isinstance(docstring, ast.Expr) and all(isinstance(each, ast.ImportFrom) for each in imports)
    assert isinstance(catalogue, ast.Assign) and isinstance(catalogue.value, ast.List)
    assert not [node for node in ast.walk(catalogue) if isinstance(node, ast.Lambda)]
    assert {entry.func.id for entry in catalogue.value.elts} == {"Mistake"}
