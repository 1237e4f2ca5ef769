"""A block of code without the empty lines at its end, each line in a row that keeps its indentation where it wraps.

The empty line is there because a doctest would take the end of the block for output.
"""

import html
import re

from pygments.formatters import HtmlFormatter
from sphinx.highlighting import PygmentsBridge

TAG = re.compile(r"<[^>]+>")
INDENTATION = re.compile(r"(?:(?:>>>|\.\.\.) )? *")


def row(line):
    """Return a line of HTML as a row; ``--in`` is how many characters its indentation has, with the prompt."""
    width = INDENTATION.match(html.unescape(TAG.sub("", line))).end()
    return f'<span class="row" style="--in: {width}">{line}</span>'


class Rows(HtmlFormatter):
    def wrap(self, source):
        lines = list(source)
        while lines and not TAG.sub("", lines[-1][1]).strip():
            lines.pop()
        return super().wrap([(code, row(line)) for code, line in lines])


def setup(app):
    PygmentsBridge.html_formatter = Rows
    return {"parallel_read_safe": True, "parallel_write_safe": True}
