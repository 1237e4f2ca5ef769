"""The pictures of the tutorial: each function draws one of them, 720 wide, or 340 wide for narrow pages.

Photos is a hexagon, Printer a square, the owner a circle, the stranger a dashed circle. A secret is a hatched key, and
touches no arrow without a lock. The colour of a slip is its source (method, URI, query, header, form), and so is its
underline.
"""

import html

HATCH = (
    '<defs><pattern id="{id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line x1="0" y1="0" x2="0" y2="6" class="hatch"/></pattern></defs>'
)


class Drawing:
    """Shapes that are put one after the other, and the SVG that they make."""

    def __init__(self, name, wide, height):
        self.name, self.wide, self.height = name + ("" if wide else "-narrow"), wide, height
        self.width = 720 if wide else 340
        self.parts = []

    def add(self, part):
        self.parts.append(part)

    def text(self, x, y, text, kind="", anchor="middle"):
        for line, words in enumerate(text.split("\n")):
            self.add(
                f'<text x="{x}" y="{y + 17 * line}" class="{kind}" text-anchor="{anchor}">{html.escape(words)}</text>'
            )

    def line(self, *points, kind="line"):
        self.add(f'<polyline class="{kind}" points="{" ".join([f"{x},{y}" for x, y in points])}"/>')

    def arrow(self, x1, y1, x2, y2, label="", kind="line", below=False):
        self.line((x1, y1), (x2, y2), kind=kind)
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        ux, uy = (x2 - x1) / length, (y2 - y1) / length
        left, right = (x2 - 9 * ux + 4 * uy, y2 - 9 * uy - 4 * ux), (x2 - 9 * ux - 4 * uy, y2 - 9 * uy + 4 * ux)
        self.add(
            f'<polygon class="head" points="{x2},{y2} {left[0]:.1f},{left[1]:.1f} {right[0]:.1f},{right[1]:.1f}"/>'
        )
        if label:
            rows = label.count("\n")
            self.text((x1 + x2) / 2, (y1 + y2) / 2 + (17 if below else -7 - 17 * rows), label, "wire")

    def box(self, x, y, width, height, kind="shape"):
        self.add(f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="4"/>')

    def actor(self, x, y, who, under=True):
        """Draw one of the four around (x, y), 48 wide, with the name under it."""
        if who == "Photos":
            corners = [(24, 0), (12, 21), (-12, 21), (-24, 0), (-12, -21), (12, -21)]
            self.add(f'<polygon class="shape" points="{" ".join([f"{x + a},{y + b}" for a, b in corners])}"/>')
        elif who == "Printer":
            self.box(x - 21, y - 21, 42, 42)
        else:
            self.add(f'<circle class="shape{" dashed" if "stranger" in who else ""}" cx="{x}" cy="{y}" r="22"/>')
        self.text(x, y + (40 if under else -30), who, "name")

    def key(self, x, y, width, label=""):
        self.add(f'<circle class="shape" cx="{x}" cy="{y}" r="7"/>')
        self.box(x + 7, y - 4, width - 14, 8)
        self.add(f'<rect fill="url(#hatch-{self.name})" x="{x + 7}" y="{y - 4}" width="{width - 14}" height="8"/>')
        self.line((x + width - 12, y + 4), (x + width - 12, y + 10))
        if label:
            self.text(x + width / 2, y + 24, label, "small")

    def lock(self, x, y):
        self.box(x - 6, y - 3, 12, 10)
        self.add(f'<path class="line" d="M{x - 4},{y - 3} v-4 a4,4 0 0 1 8,0 v4"/>')

    def slip(self, x, y, label, source, width=34):
        self.add(f'<rect class="slip {source}" x="{x}" y="{y}" width="{width}" height="22" rx="3"/>')
        self.text(x + width / 2, y + 15, label, f"wire on-{source}")

    def hatched(self, x, y, width, height):
        self.box(x, y, width, height)
        self.add(f'<rect fill="url(#hatch-{self.name})" x="{x}" y="{y}" width="{width}" height="{height}"/>')

    def svg(self, title, alternative):
        return (
            f'<svg class="{"wide" if self.wide else "narrow"}" viewBox="0 0 {self.width} {self.height}" role="img">'
            f"<title>{html.escape(title)}</title><desc>{html.escape(alternative)}</desc>"
            + HATCH.format(id=f"hatch-{self.name}")
            + "".join(self.parts)
            + "</svg>"
        )


def two_ends(d, wide):
    left, right, y = (70, 650, 120) if wide else (50, 290, 120)
    d.actor(left, y, "Printer")
    d.actor(right, y, "Photos")
    for x in (left, right):
        d.key(x - 40, 50, 38)
        d.key(x + 4, 50, 38)
        d.text(x, 26, "both secrets", "small")
    d.arrow(
        left + 34,
        y,
        right - 36,
        y,
        "GET /photos?file=vacation.jpg, identifiers, signature" if wide else "identifiers,\nsignature",
    )
    middle = (left + right) / 2
    d.actor(middle, 230, "the stranger")
    d.line((middle, 208), (middle, y + 4), kind="line dashed")
    d.text(middle + 12, 172, "reads it", "small", "start")
    d.line((middle + 40, 222), (middle + 58, 240))
    d.line((middle + 58, 222), (middle + 40, 240))
    d.text(middle + 66, 236, "cannot\nwrite one", "small", "start")


def three_trays(d, wide):
    trays = [
        ("query", "q", ["q1", "q2", "q3", "q4"]),
        ("header", "h", ["h1", "h2", "h3", "h4", "h5"]),
        ("form", "f", ["f1", "f2"]),
    ]
    order = ["q4", "f2", "q2", "q1", "q3", "f1", "h1", "h5", "h3", "h4", "h2"]
    if wide:
        x = 20
        for name, source, slips in trays:
            width = 42 * len(slips) + 14
            d.box(x, 34, width, 38)
            d.text(x + width / 2, 24, name, "name")
            for number, slip in enumerate(slips):
                d.slip(x + 9 + 42 * number, 42, slip, source)
            d.arrow(x + width / 2, 74, x + width / 2, 108)
            x += width + 36
        left, top = 129, 150
    else:
        y = 20
        for name, source, slips in trays:
            d.box(70, y, 230, 38)
            d.text(62, y + 24, name, "name", "end")
            for number, slip in enumerate(slips):
                d.slip(78 + 43 * number, y + 8, slip, source)
            y += 48
        left, top = 20, 226
    d.text(
        d.width / 2, top - 22, "decoded once, encoded in one way, sorted, joined with &", "small"
    ) if wide else d.text(170, top - 44, "decoded once, encoded in one way,\nsorted, joined with &", "small")
    columns = 11 if wide else 6
    for number, slip in enumerate(order):
        x, y = left + 42 * (number % columns), top + 30 * (number // columns)
        d.slip(x if wide else x + 30, y, slip, slip[0])
    bottom = top + 30 * ((len(order) + columns - 1) // columns)
    d.arrow(d.width / 2, bottom + 4, d.width / 2, bottom + 34)
    y = bottom + 42
    if wide:
        d.slip(140, y, "POST", "m", 56)
        d.text(206, y + 15, "&", "wire")
        d.slip(216, y, "http%3A%2F%2Fexample.com%2Frequest", "u", 276)
        d.text(502, y + 15, "&", "wire")
        d.slip(512, y, "the list", "plain", 70)
    else:
        d.slip(24, y, "POST &", "m", 60)
        d.slip(24, y + 28, "http%3A%2F%2Fexample.com%2Frequest &", "u", 292)
        d.slip(24, y + 56, "the list", "plain", 80)


def envelopes(d, wide):
    layers = [
        ("the base string: GET&...&", "& is %2526"),
        ("the list: caption=...&size=...", "& is %26"),
        ("the value", "sea&size=big"),
    ]
    x, y, width, height = (60, 20, 600, 220) if wide else (10, 20, 320, 220)
    for number, (name, ampersand) in enumerate(layers):
        d.box(x, y, width, height)
        d.text(x + 12, y + 22, name, "name", "start")
        d.text(x + width - 12, y + 22 if number < 2 and wide else y + height - 9, ampersand, "wire", "end")
        x, y, width, height = x + 24, y + 42, width - 48, height - 70


def two_halves(d, wide):
    if wide:
        d.key(40, 50, 110, "client secret")
        d.text(172, 55, "&", "wire")
        d.key(196, 50, 110, "token secret")
        d.arrow(316, 50, 372, 50)
        d.box(40, 110, 266, 40)
        d.text(173, 135, "signature base string", "name")
        d.arrow(316, 130, 372, 100)
        d.box(380, 50, 130, 66)
        d.text(445, 88, "HMAC-SHA1", "name")
        d.arrow(516, 83, 566, 83)
        d.text(640, 76, "20 octets", "name")
        d.text(640, 96, "28 characters\nof base64", "small")
    else:
        d.key(20, 40, 110, "client secret")
        d.text(158, 45, "&", "wire")
        d.key(190, 40, 110, "token secret")
        d.box(40, 92, 250, 36)
        d.text(165, 115, "signature base string", "name")
        d.line((312, 40), (326, 40), (326, 180))
        d.arrow(326, 180, 244, 180)
        d.arrow(165, 132, 165, 152)
        d.box(90, 156, 150, 46)
        d.text(165, 184, "HMAC-SHA1", "name")
        d.arrow(165, 206, 165, 232)
        d.text(165, 250, "20 octets, 28 characters of base64", "small")


def three_places(d, wide):
    places = [("in the header", 2), ("in the form", 3), ("in the query", 1)]
    for number, (name, row) in enumerate(places):
        x, y = (16 + 236 * number, 34) if wide else (20, 34 + 170 * number)
        width = 216 if wide else 300
        d.text(x + width / 2, y - 10, name, "name")
        d.box(x, y, width, 110)
        for index, part in enumerate(["GET /photos?", "Authorization:", "body:"]):
            top = y + 10 + 34 * index
            d.text(x + 10, top + 15, part, "wire", "start")
            if index + 1 == row or (index == 0 and row == 1):
                for slip in range(6):
                    d.slip(
                        x + 112 + (16 if wide else 28) * slip,
                        top,
                        "",
                        "h" if row == 2 else "f" if row == 3 else "q",
                        13 if wide else 24,
                    )


def five_doors(d, wide):
    doors = [
        ("form", "400 parameter_absent"),
        ("timestamp", "401 timestamp_refused"),
        ("credentials", "401 signature_invalid"),
        ("signature", "401 signature_invalid"),
        ("nonce", "401 nonce_used"),
    ]
    for number, (name, answer) in enumerate(doors):
        if wide:
            x, y = 20 + 138 * number, 280 - 40 * number
            d.line((x, y), (x + 138, y), *([(x + 138, y - 40)] if number < 4 else []))
            d.box(x + 32, y - 62, 46, 62)
            d.text(x + 55, y - 70, f"{number + 1}. {name}", "name")
            d.text(x + 76, y + 18, answer.replace(" ", "\n"), "wire")
        else:
            y = 20 + 62 * number
            d.box(20, y, 40, 48)
            d.text(74, y + 20, f"{number + 1}. {name}", "name", "start")
            d.text(74, y + 40, answer, "wire", "start")
            if number < 4:
                d.arrow(40, y + 49, 40, y + 61)
    if not wide:
        d.text(20, 350, "the third door looks like the fourth", "small", "start")


def window_and_shelf(d, wide):
    left, right, y = (200, 620, 150) if wide else (110, 310, 150)
    now = (left + right) / 2
    d.arrow(10, y, d.width - 8, y)
    d.text(d.width - 10, y + (22 if wide else 44), "time", "small", "end")
    for x, label in ((left, "now - 300 s"), (now, "now"), (right, "now + 300 s")):
        d.line((x, y - 70 if x != now else y - 8), (x, y + 8))
        d.text(x, y + 26 if wide or x != now else y + 44, label if wide or x != right else "+300 s", "small")
    d.box(left + 16, y - 60, right - left - 32, 28)
    nonces = ["chapoH", "wIjqoxSZ", "kllo9940", "7d8f3e4a"] if wide else ["chapoH", "wIjqoxSZ"]
    for number, nonce in enumerate(nonces):
        d.text(left + 62 + (88 if wide else 84) * number, y - 41, nonce, "wire")
    d.text(now, y - 72, "accepted: remembered while the window lasts", "small") if wide else d.text(
        now - 10, y - 84, "remembered", "small"
    )
    d.arrow(20, 40, left - 4, 84)
    d.arrow(left - 6, 90, 40, 118)
    d.text(
        24,
        26,
        "an older request: timestamp_refused" if wide else "an older request:\ntimestamp_refused",
        "wire",
        "start",
    )
    kept = y + (46 if wide else 64)
    for x in (left, right):
        d.line((x, kept - 6), (x, kept + 6))
    d.arrow(right, kept, left, kept)
    d.text(now, kept + 18, "600 s: the longest time that a nonce is kept", "small") if wide else d.text(
        now, kept + 18, "600 s: the longest\ntime that a nonce is kept", "small"
    )


def flow_lines(d, lines, messages, step=44, top=86):
    """Draw life lines, and messages (from, to, text, lock) one below the other."""
    bottom = top + step * len(messages) + 6
    for x, who in lines.values():
        d.actor(x, 40, who)
        d.line((x, 88), (x, bottom), kind="line dashed")
    for number, (start, end, text, lock) in enumerate(messages):
        y = top + step * (number + 1) - 6
        x1, x2 = lines[start][0], lines[end][0]
        way = 1 if x2 > x1 else -1
        d.arrow(x1 + 4 * way, y, x2 - 4 * way, y, f"{number + 1}  {text}")
        if lock:
            d.lock(x2 - 24 * way, y - 10)


FLOW = [
    ("p", "s", "POST /initiate, oauth_callback", False),
    ("s", "p", "hh5s93j4hdidpola, its secret, callback_confirmed=true", True),
    ("p", "b", "go to /authorize?oauth_token=hh5s...", False),
    ("b", "s", "sign in, allow", False),
    ("s", "b", "/ready?...&oauth_verifier=hfdp...", False),
    ("b", "p", "the same, to Printer", False),
    ("p", "s", "POST /token, oauth_verifier", False),
    ("s", "p", "nnch734d00sl2jdk, its secret", True),
]
SHORT = [
    "POST /initiate",
    "hh5s..., secret",
    "/authorize?...",
    "allow",
    "/ready, code",
    "the same",
    "POST /token",
    "nnch..., secret",
]


def three_life_lines(d, wide):
    if wide:
        flow_lines(d, {"p": (70, "Printer"), "b": (360, "the owner's browser"), "s": (650, "Photos")}, FLOW)
    else:
        messages = [(a, b, short, lock) for (a, b, _, lock), short in zip(FLOW, SHORT)]
        flow_lines(d, {"p": (36, "Printer"), "b": (170, "the owner"), "s": (304, "Photos")}, messages)


def the_attack_of_2009(d, wide):
    xs = (60, 250, 440, 650) if wide else (34, 124, 214, 306)
    lines = dict(
        zip(
            "xpbs",
            zip(xs, ("the stranger" if wide else "stranger", "Printer", "the owner" if wide else "owner", "Photos")),
        )
    )
    messages = [
        ("x", "p", "Connect Photos" if wide else "begin", False),
        ("p", "x", "a link with hh5s..." if wide else "link", False),
        ("x", "b", "the same link: your prints are ready" if wide else "the same link", False),
        ("b", "s", "sign in, allow" if wide else "allow", False),
        ("s", "b", "1.0a: the code" if wide else "the code", False),
        ("x", "p", "/ready without a code" if wide else "/ready", False),
    ]
    flow_lines(d, lines, messages)
    y = 86 + 44 * 6 + 30
    d.text(d.width / 2, y, "1.0: the stranger gets the pictures", "small")
    d.text(d.width / 2, y + 20, "1.0a: Photos wants the code; the stranger has none", "small")


def covered_and_not(d, wide):
    rows = [
        ("method", "POST", "m"),
        ("URI", "http://photos.example.net/orders", "u"),
        ("query", "album=7&copies=2", "q"),
        ("protocol parameters", "oauth_consumer_key ...", "h"),
        ("form", "paper=matte&note=hi", "f"),
        ("realm", "", ""),
        ("other header fields", "", ""),
        ("a body that is no form", "", ""),
        ("the whole response", "", ""),
    ]
    left, width = (220, 480) if wide else (10, 320)
    y = 16
    for name, value, source in rows:
        if wide:
            d.text(left - 14, y + 16, name, "name", "end")
        else:
            d.text(left, y + 12, name, "name", "start")
            y += 18
        if source:
            d.slip(left, y, value, source, width)
        else:
            d.hatched(left, y, width, 22)
        y += 30 if wide else 32
    d.text(left, y + 12, "filled: covered. Hatched: not covered.", "small", "start")


def three_keyholes(d, wide):
    methods = [
        ("HMAC-SHA1", "the same key\nat both ends"),
        ("RSA-SHA1", "a private half at the client,\na public half at the server"),
        ("PLAINTEXT", "the key itself\nlies in the letter"),
    ]
    for number, (name, what) in enumerate(methods):
        x, y = (130 + 230 * number, 40) if wide else (170, 40 + 170 * number)
        d.text(x, y - 14, name, "name")
        if number == 2:
            d.box(x - 70, y + 2, 140, 50)
            d.line((x - 70, y + 2), (x, y + 32), (x + 70, y + 2))
            d.key(x - 34, y + 40, 68)
        else:
            d.key(x - 88, y + 26, 76)
            if number == 0:
                d.key(x + 12, y + 26, 76)
            else:
                d.add(f'<circle class="shape" cx="{x + 30}" cy="{y + 26}" r="7"/>')
                d.box(x + 37, y + 22, 52, 8)
        d.text(x, y + 84, what, "small")


def refusal_chart(d, wide):
    questions = [
        ("1. Is it about the signature?", "no: form, identifiers,\nclock, or a second copy"),
        ("2. Is a base string in the reply?", "yes: compare; if equal,\ncheck the secrets first"),
        ("3. Do you have both secrets?", "yes: diagnose the request\nas it was sent"),
        ("4. Neither", "six things to check,\nin order"),
    ]
    for number, (question, answer) in enumerate(questions):
        if wide:
            y = 16 + 72 * number
            d.box(30, y, 300, 44)
            d.text(180, y + 27, question, "name")
            d.arrow(336, y + 22, 420, y + 22)
            d.text(432, y + 18, answer, "small", "start")
            if number < 3:
                d.arrow(180, y + 48, 180, y + 70)
        else:
            y = 16 + 104 * number
            d.box(10, y, 320, 40)
            d.text(170, y + 25, question, "name")
            d.text(40, y + 60, answer, "small", "start")
            if number < 3:
                d.arrow(20, y + 44, 20, y + 100)


# Height of the wide drawing and of the narrow one.
PICTURES = {
    "two-ends": (two_ends, 290, 290),
    "three-trays": (three_trays, 260, 430),
    "envelopes": (envelopes, 260, 260),
    "two-halves": (two_halves, 170, 270),
    "three-places": (three_places, 165, 510),
    "five-doors": (five_doors, 330, 365),
    "window-and-shelf": (window_and_shelf, 224, 258),
    "three-life-lines": (three_life_lines, 450, 450),
    "the-attack-of-2009": (the_attack_of_2009, 420, 420),
    "covered-and-not": (covered_and_not, 310, 480),
    "three-keyholes": (three_keyholes, 150, 510),
    "refusal-chart": (refusal_chart, 290, 420),
}


def drawn(name, alternative):
    """Return both drawings of that name as SVG."""
    draw, *heights = PICTURES[name]
    made = []
    for wide, height in zip((True, False), heights):
        drawing = Drawing(name, wide, height)
        draw(drawing, wide)
        made.append(drawing.svg(name.replace("-", " "), alternative))
    return "".join(made)
