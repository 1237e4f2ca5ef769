"""How many messages a text takes (3GPP TS 23.038 and 23.040).

A message holds 160 characters of the GSM alphabet or 70 UTF-16 units; where a text takes several, each
gives up room to say which part it is: 153 and 67.
"""

from __future__ import annotations

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED = frozenset("\f^{}\\[~]|€")  # take two places: an escape and a character


def parts(text: str) -> int:
    """Return the number of messages that ``text`` is sent as; no character is split between two."""
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
