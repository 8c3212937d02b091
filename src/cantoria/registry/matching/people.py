"""Names of people and groups: one key for every order, script and spelling that one name is found in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from cantoria.registry.matching.folding import fold, latin, plain
from cantoria.registry.matching.hangul import (
    HANGUL_SURNAMES,
    LATIN_SURNAMES,
    SURNAME_RANK,
    has_hangul,
    phonetic,
    romanise,
)

NAMES_MAX: Final = 12
SOUNDED: Final = "~"  # begins a key that is phonetic: Korean names, and names in other scripts
_SPLIT: Final = re.compile(r"\s*(?:;|/|\s(?:\+|&|x|×|vs\.?|feat\.?|ft\.?|featuring|with|con|피처링|그리고)\s|、|・)\s*")
_COMMA: Final = re.compile(r",\s+")
_PARTICLE_WORDS: Final = "de del la las los el y e da das do dos di van von der den the and jr sr ii iii"
_PARTICLES: Final = frozenset(_PARTICLE_WORDS.split())
_GIVEN_MAX: Final = 2  # words of a Korean given name


def split_names(text: str) -> tuple[str, ...]:
    """Return the names of a credit, as written. A comma parts names, but not one surname from one given name
    (`Molina, Ada`): which of the two it was, `comparing.names_level` need not know, for it sees the words."""
    names: list[str] = []
    for one in _SPLIT.split(plain(text)):
        parts = [part.strip() for part in _COMMA.split(one) if part.strip()]
        turned = len(parts) == 2 and max(len(part.split()) for part in parts) <= _GIVEN_MAX
        names += [" ".join(parts)] if turned else parts
    return tuple(names[:NAMES_MAX])


@lru_cache(maxsize=400_000)
def name_key(name: str) -> str:
    """Return the key of one name: the same for `김민준`, `Kim Min-jun`, `Min Jun Kim`, `Gim Minjun`; for `Gabriel
    García`, `GARCIA, Gabriel`, `Gabriel de García`. Empty where the name holds no letter."""
    folded = fold(name.replace("-", "" if _hyphened(name) else " "))
    if not folded:
        return ""
    if has_hangul(folded):
        return SOUNDED + _hangul_key(folded)
    words = latin(folded).split()
    korean = _latin_key(words)
    if korean:
        return SOUNDED + korean
    # A name of particles only (`The The`) keeps them.
    kept = sorted(word for word in words if word not in _PARTICLES) or sorted(words)
    key = " ".join(kept)
    return key if folded.isascii() else SOUNDED + phonetic(key)


def _hyphened(name: str) -> bool:
    """Tell whether the hyphen joins syllables of a given name (`Min-jun`)."""
    return any(len(part) <= 6 and part.count("-") == 1 for part in name.split())


def _hangul_key(folded: str) -> str:
    packed = folded.replace(" ", "")
    for length in (2, 1):
        surname = HANGUL_SURNAMES.get(packed[:length])
        if surname and 2 <= len(packed) - length + 1 <= 3 and len(packed) <= 4 and has_hangul(packed[length:]):
            return f"{surname} {phonetic(romanise(packed[length:]))}"
    return phonetic(latin(folded))


def _latin_key(words: list[str]) -> str:
    """Return the key of a Korean name in Latin letters, or nothing: a surname stands first or last, with one or two
    syllables of a given name. Of two that could be the surname the commoner is."""
    if not 2 <= len(words) <= 1 + _GIVEN_MAX:
        return ""
    ends = [end for end in (0, -1) if words[end] in SURNAME_RANK]
    if not ends:
        return ""
    end = min(ends, key=lambda one: SURNAME_RANK[words[one]])
    given = words[1:] if end == 0 else words[:-1]
    return f"{LATIN_SURNAMES[words[end]]} {phonetic(''.join(given))}"


def name_keys(names: tuple[str, ...], *, aliases: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of several names, sorted, each once; an alias stands as the name that it is an alias of."""
    keys = (name_key(name) for name in names)
    return tuple(sorted({aliases.get(key, key) for key in keys if key}))


def key_words(key: str) -> tuple[str, ...]:
    """Return the words of a key."""
    return tuple(key.removeprefix(SOUNDED).split())


@lru_cache(maxsize=400_000)
def key_sound(key: str) -> str:
    """Return a key reduced to sounds, so that a phonetic key meets one that is not."""
    if key.startswith(SOUNDED):
        return key.removeprefix(SOUNDED).replace(" ", "")
    return phonetic(key.replace(" ", ""))
