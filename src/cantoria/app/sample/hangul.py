"""Hangul syllables to Latin letters, syllable by syllable: Revised Romanization of Korean (2000), chapter 2.

Names are written without the assimilation between syllables, as that standard's section 3.4 has it, and surnames as
their bearers customarily do.
"""

from __future__ import annotations

from typing import Final

from cantoria.app.sample.lists import words

_INITIALS: Final = "g kk n d tt r m b pp s ss - j jj ch k t p h".replace("-", "").split(" ")
_MEDIALS: Final = words("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
_FINALS: Final = "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t".replace("-", "").split(" ")
_FIRST: Final = 0xAC00


def romanise(text: str) -> str:
    """Return the Latin letters of a run of Hangul syllables, lower case; other characters stay as they are."""
    return "".join(_syllable(character) for character in text)


def _syllable(character: str) -> str:
    offset = ord(character) - _FIRST
    if not 0 <= offset < len(_INITIALS) * len(_MEDIALS) * len(_FINALS):
        return character
    initial, rest = divmod(offset, len(_MEDIALS) * len(_FINALS))
    medial, final = divmod(rest, len(_FINALS))
    return _INITIALS[initial] + _MEDIALS[medial] + _FINALS[final]
