"""Secrets in a text that is shown (RFC 5849 section 4.5).

    spellings(secret)                # what to replace: a secret as it is, and as a URI or form usually has it
    Secrets([secret]).are_in(text)   # whether a secret is left in any other spelling: do not show the text then

A text is compared in its plainest spelling: without the escapes of URIs, forms, JSON, JavaScript and HTML, however
they are nested.
"""

from .percent_encoding import percent_decode, percent_encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Secrets", "plainest", "spellings", "without_token_secret"]

# A text can contain a shorter secret by chance.
SHORTEST = 4
# A base string escapes a value twice more than a request does.
MOST_LEVELS = 10
HTML_NAMES = (
    ("lt", "<"), ("gt", ">"), ("quot", '"'), ("apos", "'"), ("sol", "/"), ("plus", "+"), ("equals", "="),
    ("percnt", "%"), ("bsol", "\\"), ("lowbar", "_"), ("amp", "&"),
)  # fmt: skip


def spellings(secret: str) -> "list[str]":
    """Return a secret encoded twice, once, as in a form and as it is. Raises as :func:`percent_encode` does."""
    encoded = percent_encode(secret)
    return [percent_encode(encoded), encoded, encoded.replace("%20", "+"), secret]


class Secrets:
    """Secrets that no text may show. ``longest_first`` has no empty ones. Raises as :func:`plainest` does."""

    def __init__(self, secrets: "Iterable[str]") -> None:
        self.longest_first: "list[str]" = sorted({each for each in secrets if each}, key=len, reverse=True)
        # A secret such as "%2525" is much shorter in this spelling.
        plain = [plainest(each) for each in self.longest_first]
        self.plain: "list[tuple[bool, str]]" = [(len(each) >= SHORTEST, each) for each in plain if each]

    def are_in(self, text: str) -> bool:
        """Return whether ``text`` is a secret or contains one of at least four characters, in any spelling."""
        text = plainest(text)
        return any([each in text if is_long else each == text for is_long, each in self.plain])


def plainest(text: str) -> str:
    """Return ``text`` in lower case without the escapes of URIs, forms, JSON, JavaScript and HTML, to compare texts.

    Raises SigningError as :func:`percent_decode` does.
    """
    for _ in range(MOST_LEVELS):
        before = text
        text = percent_decode(text).lower()
        # JavaScript has these three escapes besides those of JSON.
        text = text.replace("\\x", "%").replace("\\u{", "&#x").replace("%u", "\\u")
        text = numbered(text, "\\u", 16).replace("\\", "")
        text = numbered(numbered(text, "&#x", 16), "&#", 10)
        for name, character in HTML_NAMES:
            text = text.replace("&" + name + ";", character)
        text = text.replace("\0", "")
        if text == before:
            break
    return text.lower().replace("+", " ")


def numbered(text: str, mark: str, base: int) -> str:
    """Return ``text`` with each number after ``mark`` replaced by its character.

    The number of JSON has four digits. Any other ends with its last digit, and ``;`` or ``}`` may close it.
    """
    before, *pieces = text.split(mark)
    found, high = [before], 0
    for piece in pieces:
        digits, rest = piece[:4], piece[4:]
        if mark != "\\u":
            rest = piece.lstrip("0123456789abcdef"[:base])
            digits = piece[: len(piece) - len(rest)]
            rest = rest[1:] if rest[:1] in (";", "}") else rest
        try:
            code = int((digits.lstrip("0") or digits)[:9], base)
            # JSON writes a character beyond U+FFFF as two numbers. One of them alone is left out.
            if high and 0xDC00 <= code < 0xE000:
                code += 0x10000 - 0xDC00 + ((high - 0xD800) << 10)
            high = code if 0xD800 <= code < 0xDC00 and not rest else 0
            found.append(("" if 0xD800 <= code < 0xE000 else chr(code)) + rest)
        except (ValueError, OverflowError):
            found.append(mark + piece)
    return "".join(found)


def without_token_secret(text: str, mask: str) -> str:
    """Return a query or form with ``mask`` for the token secret of a PLAINTEXT signature with an unencoded ``&``."""
    pieces = text.split("&")
    for index in range(1, len(pieces)):
        name, _, value = pieces[index - 1].partition("=")
        is_cut = percent_decode(name) == "oauth_signature" and "&" not in percent_decode(percent_decode(value))
        if is_cut and not pieces[index].startswith("oauth_"):
            pieces[index] = mask
    return "&".join(pieces)
