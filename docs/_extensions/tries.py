"""``{try} NAME`` links to the debugger with a request of the tutorial in it; its text says what to change there.

``TRIES`` has each request, the state of the debugger, and each change with the state and a text that it leads to.
"""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from debugger.examples import CREDENTIALS, PHOTO, REFUSED, RFC_EXAMPLE, command_of
from oauth1_core import (
    PLAINTEXT,
    ClientCredentials,
    TemporaryCredentials,
    TokenCredentials,
    authorization_header,
    percent_encode,
    request_uri,
    sign,
)
from oauth1_core.debugging.mistakes import CATALOGUE

CLIENT = ClientCredentials(CREDENTIALS["client"], CREDENTIALS["client_secret"])
TOKEN = TokenCredentials(CREDENTIALS["token"], CREDENTIALS["token_secret"])
TEMPORARY = TemporaryCredentials("hh5s93j4hdidpola", CREDENTIALS["temporary_secret"])
FORM = "\nContent-Type: application/x-www-form-urlencoded"
PHOTO_URI = "http://photos.example.net/photos?file=vacation.jpg&size=original"


def http(method, uri, token=TOKEN, form="", **options):
    """Return a signed request as HTTP text; ``options`` are those of ``sign``."""
    parameters = sign(method, uri, CLIENT, token, form=form, version=None, **options)
    header = authorization_header(parameters, "Photos").replace(", ", ",\n    ")
    return f"{method} {uri} HTTP/1.1\nAuthorization: {header}{FORM if form else ''}" + (f"\n\n{form}" if form else "")


def in_the_query():
    parameters = sign("GET", PHOTO_URI, CLIENT, TOKEN, timestamp=137131202, nonce="chapoH", version=None)
    return f"GET {request_uri(parameters, PHOTO_URI)} HTTP/1.1"


def change(box, old, new, state, text=""):
    """Return a change: in that box of the page, ``new`` replaces ``old``, or all where ``old`` is empty."""
    return box, old, new, state, text


def done(id):
    """Return what the verdict says of a mistake, without the detail that it fills in."""
    (mistake,) = [mistake for mistake in CATALOGUE if mistake.id == id]
    return max(mistake.done.split("{}"), key=len)


MATCHES, UNKNOWN, EDITED, CAUSES = "matches", "unknown", "edited", "causes"
TRIES = {
    "photo": (PHOTO, MATCHES, [change("request", "vacation", "vacatiom", EDITED, "DQkCBUq7iSP+AViaqWLzRgdycG8=")]),
    "form": (
        RFC_EXAMPLE,
        MATCHES,
        [
            change("request", "a3=2+q", "a3=2%20q", MATCHES),
            change("request", "a3=2%20q", "a3=2%2Bq", CAUSES, "The signer decoded a3 twice, the second time as a form"),
        ],
    ),
    "caption": (
        http("GET", "http://photos.example.net/p?caption=sea%26size%3Dbig", timestamp=137131202, nonce="caption1"),
        MATCHES,
        [change("request", "sea%26size%3Dbig", "sea&size=big", EDITED, "caption%3Dsea")],
    ),
    "secrets": (
        PHOTO,
        MATCHES,
        [
            change("token_secret", "", TOKEN.secret + "x", CAUSES, done("secret-cut")),
            change("token_secret", "", CLIENT.secret, UNKNOWN),
            change("client_secret", "", TOKEN.secret, CAUSES, done("secrets-swapped")),
        ],
    ),
    "query": (in_the_query(), MATCHES, [change("request", "size=original&", "", EDITED)]),
    "server": (
        PHOTO,
        MATCHES,
        [
            change("request", 'oauth_nonce="chapoH",', "", "refused", "the request lacks oauth_nonce"),
            change("request", "oauth_signature_method", 'oauth_nonce="chapoH", oauth_signature_method', MATCHES),
        ],
    ),
    "login": (
        http(
            "POST", "https://photos.example.net/initiate", None, timestamp=137131200, nonce="wIjqoxSZ",
            protocol_parameters=[("oauth_callback", "http://printer.example.com/ready")],
        ),
        MATCHES,
        [change("request", "printer.example.com", "stranger.example.com", EDITED)],
    ),
    "code": (
        http(
            "POST", "https://photos.example.net/token", TEMPORARY, timestamp=137131201, nonce="walatlh",
            protocol_parameters=[("oauth_verifier", "hfdp7dh39dks9884")],
        ),
        MATCHES,
        [change("request", "hfdp7dh39dks9884", "guessed", EDITED)],
    ),
    "order": (
        http(
            "POST", "http://photos.example.net/orders?album=7&copies=2", form="paper=matte&note=hi",
            timestamp=137131202, nonce="order1",
        ),
        MATCHES,
        [
            change("request", "album=7&copies=2", "copies=2&album=7", MATCHES),
            change("request", "matte", "%6Datte", MATCHES),
            change("request", "copies=2", "copies=3", EDITED),
        ],
    ),
    "plaintext": (
        http("GET", PHOTO_URI.replace("http:", "https:"), signature_method=PLAINTEXT, timestamp=137131202, nonce="p1"),
        "plaintext",
        [change("request", "vacation", "diary", "plaintext")],
    ),
    **{
        f"refused-{each['number']}": (command_of(each), CAUSES, [])
        for each in REFUSED["requests"]
    },
}  # fmt: skip


def link(name, root):
    """Return where a link of a page leads; ``root`` is the way from the page to the root of the site."""
    return f"{root}debugger/index.html#r={percent_encode(TRIES[name][0])}"


class Try(SphinxDirective):
    required_arguments = 1
    has_content = True

    def run(self):
        name = self.arguments[0]
        box = nodes.container(classes=["try"])
        address = link(name, "../" * self.env.docname.count("/"))
        words = "Try it in the debugger"
        box += nodes.raw("", f'<p><a class="try" data-try="{name}" href="{address}">{words}</a></p>', format="html")
        box += self.parse_content_to_nodes()
        return [box]


def setup(app):
    app.add_directive("try", Try)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
