"""How words are compared in a search: without case, accents and punctuation; Hangul also letter by letter."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

WORD_CHARS_MAX: Final = 40
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_QUOTES: Final = re.compile("['’‘`´ʼ]")
_WORD: Final = re.compile(r"[^\W_]+")
_PLAIN: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_LEADS: Final = ("g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h")
_VOWELS: Final = tuple("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split())  # noqa: SIM905
_TAILS: Final = ("", *"k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split())  # noqa: SIM905
GRAM: Final = "~"  # ends the term of two syllables within a longer word; no word holds it


def fold(text: str) -> str:
    """Return text as it is compared: one case, no accents, compatible forms as one, syllables whole."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_PLAIN)
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", plain))
    return unicodedata.normalize("NFC", bare)


def words(text: str) -> list[str]:
    """Return the words of a text, folded, in order; an apostrophe within a word is passed over."""
    return [word[:WORD_CHARS_MAX] for word in _WORD.findall(_QUOTES.sub("", fold(text)))]


def terms(text: str) -> list[str]:
    """Return under which terms a text stands: its words, and for a word of three or more syllables of a script without
    spaces within, such as Korean, every two that stand together."""
    found = []
    for word in words(text):
        found.append(word)
        found += grams(word)
    return found


def grams(word: str) -> list[str]:
    """Return the terms of two syllables within a longer word."""
    if len(word) < 3 or not _UNSPACED.search(word):
        return []
    return [word[start : start + 2] + GRAM for start in range(len(word) - 1)]


def within(word: str) -> list[str]:
    """Return the terms that a longer word which holds this one stands under, none where words are kept whole."""
    return [word + GRAM] if len(word) == 2 and _UNSPACED.search(word) else grams(word)


def letters(word: str) -> str:
    """Return a word letter by letter: Hangul syllables as the letters that are typed."""
    return word if word.isascii() else unicodedata.normalize("NFD", word)


def deletes(word: str) -> set[str]:
    """Return a word's letters and what is left of them without any one: two words with one of these in common are a
    typing error apart (one letter wrong, missing, too many, or two swapped)."""
    spelt = letters(word)
    return {spelt, *(spelt[:place] + spelt[place + 1 :] for place in range(len(spelt)))}


def typable(word: str) -> bool:
    """Tell whether a word is long enough to be known again with a typing error."""
    return 4 <= len(letters(word)) <= WORD_CHARS_MAX


def romanised(word: str) -> str:
    """Return text with its Hangul in Latin letters, syllable by syllable (Revised Romanization without its changes of
    sound); of text without Hangul nothing."""
    found = _HANGUL.sub(_syllable, word)
    return "" if found == word else found


def sound(word: str) -> str:
    """Return under what a Korean word is found by how it is romanised: l and r, on which nobody agrees, are one."""
    return (romanised(word) or word).replace("r", "l")


def _syllable(found: re.Match[str]) -> str:
    lead, rest = divmod(ord(found[0]) - 0xAC00, 588)
    vowel, tail = divmod(rest, 28)
    return _LEADS[lead] + _VOWELS[vowel] + _TAILS[tail]
