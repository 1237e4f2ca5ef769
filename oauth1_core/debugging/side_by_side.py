"""Two base strings side by side, piece by piece (RFC 5849 section 3.4.1.1).

A piece is what stands between two separators, with the separator behind it. Whatever a base string was encoded with,
and however often, it is cut there; what differs within a piece is found by whole escapes.
"""

import difflib
import itertools
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Parts = tuple[str, str, str]

__all__ = ["MOST_ROWS", "Row", "side_by_side"]

MOST_ROWS = 200
SEPARATOR = re.compile("(&|%26)")
CHARACTER = re.compile("%(?:25)*[0-9A-Fa-f]{2}|.", re.DOTALL)


class Row:
    """A piece of two base strings.

    :param label: where ours comes from, ``""`` where ours has nothing.
    :param ours: the text of ours as (before, difference, after).
    :param theirs: that of theirs.
    """

    __slots__ = ("label", "ours", "theirs")

    def __init__(self, label: str, ours: "Parts", theirs: "Parts") -> None:
        self.label: str = label
        self.ours: "Parts" = ours
        self.theirs: "Parts" = theirs

    @property
    def differs(self) -> bool:
        return self.ours != self.theirs


def side_by_side(base_string: "list[tuple[str, str]]", theirs: str) -> "list[Row]":
    """Return the pieces of both in rows, [] if there are more than MOST_ROWS.

    :param base_string: ours, as the pieces of the last step of :func:`explain_base_string`.
    :param theirs: the other, as one text.
    """
    # Between two pieces with a label stands what joins them.
    joints = itertools.zip_longest(base_string[::2], base_string[1::2], fillvalue=("", ""))
    ours = [(label, piece) for (label, text), (_, joint) in joints for piece in elements(text + joint)]
    others = elements(theirs)
    if max(len(ours), len(others)) > MOST_ROWS:
        return []
    rows = []
    matcher = difflib.SequenceMatcher(None, [piece for _, piece in ours], others, autojunk=False)
    for _, start, end, their_start, their_end in matcher.get_opcodes():
        for mine, other in itertools.zip_longest(ours[start:end], others[their_start:their_end]):
            label, piece = mine or ("", "")
            rows.append(Row(label, *parted(piece, other or "")))
    return rows


def elements(text: str) -> "list[str]":
    pieces = SEPARATOR.split(text)
    return [piece for piece in map("".join, itertools.zip_longest(pieces[::2], pieces[1::2], fillvalue="")) if piece]


def parted(ours: str, theirs: str) -> "tuple[Parts, Parts]":
    """Return both as what they begin with, what differs, and what they end with; escapes stay whole."""
    first, second = CHARACTER.findall(ours), CHARACTER.findall(theirs)
    start = common(first, second)
    end = common(first[start:][::-1], second[start:][::-1])

    def three(text: "list[str]") -> "Parts":
        return "".join(text[:start]), "".join(text[start : len(text) - end]), "".join(text[len(text) - end :])

    return three(first), three(second)


def common(first: "Iterable[str]", second: "Iterable[str]") -> int:
    """Return how many of the first items are equal."""
    return len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, second))))
