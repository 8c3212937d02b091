"""Whether two titles can be those of one thing: a code shared by things that are called differently is a wrong code."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from anyascii import anyascii
from rapidfuzz import fuzz

KIN_PERCENT: Final = 60
_ASIDE: Final = re.compile(r"[(\[].*?[)\]]")
_WORDS: Final = re.compile(r"[^0-9a-z]+")


def kin(left: str, right: str) -> bool:
    """Tell whether two titles are alike, or cannot be compared because they are in different scripts."""
    first, second = _plain(left), _plain(right)
    if not first or not second or _latin(left) != _latin(right):
        return True
    return fuzz.token_set_ratio(first, second) >= KIN_PERCENT or fuzz.ratio(first, second) >= KIN_PERCENT


@lru_cache(maxsize=65536)
def _plain(title: str) -> str:
    bare = _ASIDE.sub(" ", title) or title
    return " ".join(_WORDS.split(anyascii(unicodedata.normalize("NFKC", bare)).lower())).strip()


def _latin(title: str) -> bool:
    letters = [letter for letter in title if letter.isalpha()]
    return sum(letter < "\u0250" for letter in letters) * 2 >= len(letters)
