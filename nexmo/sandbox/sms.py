"""Count the messages that a text needs (3GPP TS 23.038 and 23.040).

A message holds 160 characters of the GSM alphabet or 70 UTF-16 units. If a text needs several messages, each message
also has its part number, and holds 153 or 67.
"""

from __future__ import annotations

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED = frozenset("\f^{}\\[~]|€")  # take two places: an escape and a character


def parts(text: str) -> int:
    """Return the number of messages that ``text`` needs; no character is split between two messages."""
    if all(character in GSM_7 or character in ESCAPED for character in text):
        sizes = [2 if character in ESCAPED else 1 for character in text]
        single, several = 160, 153
    else:
        sizes = [2 if ord(character) > 0xFFFF else 1 for character in text]
        single, several = 70, 67
    if sum(sizes) <= single:
        return 1
    count, used = 1, 0
    for size in sizes:
        if used + size > several:
            count, used = count + 1, 0
        used += size
    return count
