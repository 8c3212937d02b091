"""The script of a text by its letters (ISO 15924), where one script is enough to write it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_SCRIPTS: Final = {
    "LATIN": "Latn",
    "HANGUL": "Hang",
    "CJK": "Hani",
    "HIRAGANA": "Jpan",
    "KATAKANA": "Jpan",
    "CYRILLIC": "Cyrl",
    "GREEK": "Grek",
    "HEBREW": "Hebr",
    "ARABIC": "Arab",
    "THAI": "Thai",
    "DEVANAGARI": "Deva",
}
_SUBTAG: Final = re.compile(r"[_-]([A-Z][a-z]{3})(?:[_-]|$)")


@lru_cache(maxsize=65536)
def script_of(text: str, locale: str = "") -> str:
    """Return the script that `locale` names (`zh_Hant`), else that of the letters; nothing where they are mixed."""
    named = _SUBTAG.search(locale)
    if named:
        return named[1]
    found = {
        _SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0].partition("-")[0], "")
        for letter in text[:200]
        if letter.isalpha()
    }
    if "Jpan" in found and found <= {"Jpan", "Hani"}:
        return "Jpan"
    return found.pop() if len(found) == 1 else ""
