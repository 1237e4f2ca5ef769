"""How the site is built: sphinx-build -W docs docs/_build, which ``make docs`` does."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_extensions")]

import oauth1_core  # noqa: E402 (it is found by that path)

project = "oauth1_core"
author = "the oauth1_core project"
copyright = f"%Y, {author}"
release = version = oauth1_core.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "accessible", "chart", "picture", "rows", "tree", "tries"]
exclude_patterns = ["_build", "_extensions"]
myst_heading_anchors = 3
# The docstrings are the reference: name, arguments, errors, section.
autodoc_typehints = "none"
# Not those of the libraries that an adapter builds on.
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "undoc-members": False}

# A quotation mark in a text is what a program prints.
smartquotes = False

html_theme = "furo"
html_title = "oauth1_core"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_search_scorer = str(HERE / "scorer.js")
# System fonts, no script of others, no tracker: a page loads nothing from elsewhere.
html_theme_options = {"navigation_with_keys": False}
