"""Two check character systems of ISO/IEC 7064: MOD 11-2 (ISNI) and MOD 37,36 (GRid, DPID).

Both find every single wrong character and nearly every transposition of two neighbours.
"""

from __future__ import annotations

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}


def mod_11_2(digits: str) -> str:
    """Return the check character (0-9 or X) of `digits` (ISO/IEC 7064, pure system MOD 11-2)."""
    remainder = 0
    for digit in digits:
        remainder = (remainder + _VALUES[digit]) * 2 % 11
    return "0123456789X"[(12 - remainder) % 11]


def mod_37_36(characters: str) -> str:
    """Return the check character of capitals and digits (ISO/IEC 7064, hybrid system MOD 37,36)."""
    product = 36
    for character in characters:
        product = ((product + _VALUES[character]) % 36 or 36) * 2 % 37
    return ALPHABET[(37 - product) % 36]
