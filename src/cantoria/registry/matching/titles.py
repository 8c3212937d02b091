"""Titles: the base title, other titles beside it, the version facets, the numbers, and who features."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cantoria.registry.matching.folding import fold, numbered, plain
from cantoria.registry.matching.vocabulary import (
    ANY_FACET,
    AT_END,
    DETAILED,
    FEATURING,
    FEATURING_INSIDE,
    IN_BRACKETS,
    LANGUAGES,
    NEUTRAL_WORDS,
    OWN_VERSION,
    YEAR,
    Facet,
)

TITLES_MAX: Final = 4
DETAIL_CHARS_MAX: Final = 40
_BRACKETS: Final = ("()", "[]", "{}", "〈〉", "【】", "「」", "《》")
_BRACKETED: Final = re.compile("|".join(rf"\{a}([^\{a}\{b}]*)\{b}" for a, b in _BRACKETS))
_AFTER_DASH: Final = re.compile(r"\s[-~/|:]\s*([^-~/|]+)$")


@dataclass(frozen=True, slots=True)
class SplitTitle:
    """A title taken apart. `titles` are folded: the base first, then subtitles and translations in brackets; `facets`
    are `kind` or `kind=detail`, sorted; `numbers` the digits of the base title; `featured` names as written."""

    titles: tuple[str, ...]
    facets: tuple[str, ...]
    numbers: tuple[str, ...]
    featured: tuple[str, ...]


@lru_cache(maxsize=200_000)
def split_title(text: str, *, version: str = "") -> SplitTitle:
    """Take a title apart into what it names and what tells its version; `version` is a column of its own, if any.

    Brackets, a part after a dash and clear words at the end are looked at; a title that consists of version words
    only (`Live`) stays a title.
    """
    facets: set[str] = set()
    featured: list[str] = []
    others: list[str] = []
    base = _without_groups(plain(text).strip(), facets=facets, featured=featured, others=others)
    base = _without_tail(base, facets)
    inside = FEATURING_INSIDE.search(base)
    if inside:
        featured.append(inside[1])
        base = base[: inside.start()]
    if version.strip():
        facets |= _version_facets(plain(version).strip())
    titles = [numbered(one) for one in (fold(base), *map(fold, others)) if one] or [fold(text)]
    # Where the bracket came first (`(I Can't Get No) Satisfaction`), the whole is a title, too.
    if others:
        titles.append(numbered(fold(f"{base} {' '.join(others)}")))
    kept = tuple(one for one in dict.fromkeys(titles) if one)[:TITLES_MAX]
    numbers = tuple(sorted(re.findall(r"\d+", kept[0]))) if kept else ()
    return SplitTitle(kept, tuple(sorted(facets)), numbers, tuple(featured))


def _without_groups(text: str, *, facets: set[str], featured: list[str], others: list[str]) -> str:
    """Return the text without its brackets and version suffixes; what they say goes where it belongs."""
    groups: list[str] = []

    def take(found: re.Match[str]) -> str:
        groups.append(next(group for group in found.groups() if group is not None).strip())
        return " "

    bare = _BRACKETED.sub(take, text)
    if not fold(bare):  # all of it stands in brackets
        return text
    while (dashed := _AFTER_DASH.search(bare)) and fold(bare[: dashed.start()]):
        if not says_version(dashed[1]):
            break
        groups.append(dashed[1].strip())
        bare = bare[: dashed.start()]
    for group in groups:
        feature = FEATURING.match(group)
        if feature:
            featured.append(feature[1])
        elif says_version(group):
            facets |= facets_of(group)
        elif fold(group):
            others.append(group)
    return bare.strip()


def _without_tail(base: str, facets: set[str]) -> str:
    while (found := AT_END.search(base)) and fold(base[: found.start()]):
        facets |= facets_of(found[1])
        base = base[: found.start()].rstrip(" -~,")
    return base


def says_version(text: str) -> bool:
    """Tell whether a group is about the version (or says nothing at all) rather than a part of the title."""
    if ANY_FACET.search(text) or OWN_VERSION.search(text):
        return True
    rest = fold(NEUTRAL_WORDS.sub(" ", text))
    return not rest or (rest.isdigit() and rest != fold(text))


def _version_facets(text: str) -> set[str]:
    """Return the facets of a version column; words that nobody knows are a facet of their own."""
    found = facets_of(text)
    rest = fold(YEAR.sub(" ", NEUTRAL_WORDS.sub(" ", text)))
    if not found and rest:
        return {f"{Facet.OTHER}={rest[:DETAIL_CHARS_MAX]}"}
    return found


def facets_of(text: str) -> set[str]:
    """Return the version facets that a group of words in plain lower case states."""
    found: dict[Facet, str] = {}
    own = OWN_VERSION.search(text)
    if own and not ANY_FACET.search(own[0]):
        found[Facet.RERECORDING] = own[1]
    rest = text
    for facet, pattern in IN_BRACKETS.items():
        hit = pattern.search(rest)
        if hit:
            if facet is Facet.LANGUAGE:
                found[facet] = next((short for word, short in LANGUAGES.items() if word in hit[0]), hit[0])
            else:
                found.setdefault(facet, "")
            rest = f"{rest[: hit.start()]} | {rest[hit.end() :]}"
    year = YEAR.search(text)
    detail = fold(NEUTRAL_WORDS.sub(" ", rest))[:DETAIL_CHARS_MAX].strip()
    for facet in found:
        if facet in DETAILED and detail and not found[facet]:
            found[facet] = detail
        elif year and facet in (Facet.REMASTER, Facet.RERECORDING) and not found[facet]:
            found[facet] = year[0]
    return {f"{facet}={fold(value)}" if value else str(facet) for facet, value in found.items()}
