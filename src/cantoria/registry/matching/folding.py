"""Text as it is compared: one spelling for case, width, accents and punctuation; other scripts in Latin letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from anyascii import anyascii

from cantoria.registry.matching.hangul import has_hangul, jamo, phonetic, romanise

_SAME: Final = str.maketrans(
    {"’": "'", "‘": "'", "´": "'", "`": "'", "ʼ": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-", "‑": "-",
     "−": "-", "～": "~", "〜": "~", "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"}
)  # fmt: skip
_APART: Final = re.compile(r"[^\w]+|_+")
_ROMAN: Final = {"ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10"}
_COUNTED: Final = {"part": "part", "pt": "part", "parte": "part", "no": "no", "vol": "vol", "volume": "vol", "op": "op"}


def plain(text: str) -> str:
    """Return the text in lower case and compatibility form, with one kind of quote and dash; words stay as they are."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).casefold().translate(_SAME)


@lru_cache(maxsize=200_000)
def fold(text: str) -> str:
    """Return words without accents and punctuation, with one space between them; Hangul and other scripts stay."""
    text = plain(text).replace("'", "").replace("&", " and ")
    if not text.isascii():
        apart = unicodedata.normalize("NFD", text)
        kept = "".join(character for character in apart if not unicodedata.combining(character) or _own(character))
        text = unicodedata.normalize("NFC", kept)
    return " ".join(_APART.sub(" ", text).split())


def _own(character: str) -> bool:
    """Tell whether a combining sign makes another letter of its script (as the voicing of kana does)."""
    return character in "\u3099\u309a"


def numbered(words: str) -> str:
    """Return folded words with counting written one way: `pt. ii` and `part 2` are the same."""
    if not any(word in _COUNTED for word in words.split()):
        return words
    written: list[str] = []
    for word in words.split():
        counted = bool(written) and written[-1] in _COUNTED.values()
        written.append(_ROMAN.get(word, word) if counted else _COUNTED.get(word, word))
    return " ".join(written)


@lru_cache(maxsize=200_000)
def latin(folded: str) -> str:
    """Return folded words in Latin letters only."""
    if folded.isascii():
        return folded
    text = romanise(folded) if has_hangul(folded) else folded
    return " ".join(_APART.sub(" ", anyascii(text).lower().replace("'", "")).split())


def sound(folded: str) -> str:
    """Return the phonetic key of folded words: the same for a Hangul title and its usual romanisations."""
    return phonetic(latin(folded))


@lru_cache(maxsize=200_000)
def letters(folded: str) -> str:
    """Return folded words without spaces, Hangul taken apart: what errors of writing are counted in."""
    packed = folded.replace(" ", "")
    return jamo(packed) if has_hangul(packed) else packed
