"""Two base strings side by side, piece by piece (RFC 5849 section 3.4.1.1).

A piece is the text between two separators, with the separator after it. A base string is cut there however often it
was encoded. Differences within a piece consist of whole escapes.
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
    """One piece of two base strings. The first is as RFC 5849 requires it, the second is the other.

    :param label: the source of the first piece, or ``""`` if the first base string has no such piece.
    :param ours: the first piece as (before, difference, after).
    :param theirs: the second piece in the same form.
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
    """Return the pieces of both base strings in rows; return [] if there are more than MOST_ROWS.

    :param base_string: the first base string, as the pieces of the last step of :func:`explain_base_string`.
    :param theirs: the second base string, as one text.
    """
    # A piece without a label joins two pieces with labels.
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
    """Split each text into common beginning, difference and common end. No escape is cut."""
    first, second = CHARACTER.findall(ours), CHARACTER.findall(theirs)
    start = common(first, second)
    end = common(first[start:][::-1], second[start:][::-1])

    def three(text: "list[str]") -> "Parts":
        return "".join(text[:start]), "".join(text[start : len(text) - end]), "".join(text[len(text) - end :])

    return three(first), three(second)


def common(first: "Iterable[str]", second: "Iterable[str]") -> int:
    """Return the number of equal items at the beginning."""
    return len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, second))))
