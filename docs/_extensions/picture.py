"""``{picture} NAME`` puts a drawing into a page; its text is the alternative.

It is inline: an SVG in the page takes the page's colours, light or dark, which an image cannot.
"""

from docutils import nodes
from drawings import drawn
from sphinx.util.docutils import SphinxDirective


class Picture(SphinxDirective):
    required_arguments = 1
    has_content = True

    def run(self):
        svg = drawn(self.arguments[0], " ".join(self.content))
        return [nodes.raw("", f'<figure class="picture">{svg}</figure>', format="html")]


def setup(app):
    app.add_directive("picture", Picture)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
