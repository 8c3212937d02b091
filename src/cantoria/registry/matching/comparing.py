"""How two rows compare: the level of each field. This is the reference; the plan over millions of rows calls the same
functions once for each pair of distinct values, and is held equal to it by a test.

All functions take values in the form of `types.Normal` and are symmetric.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rapidfuzz.fuzz import ratio

from cantoria.registry.matching.folding import letters, sound
from cantoria.registry.matching.hangul import has_hangul
from cantoria.registry.matching.people import SOUNDED, key_sound, key_words, name_key
from cantoria.registry.matching.types import (
    SEPARATOR,
    Code,
    Duration,
    Facets,
    Field,
    Names,
    Normal,
    Pattern,
    Title,
    Writers,
)

NEAR: Final = 92.0  # per cent of letters that stay the same
SIMILAR: Final = 80.0
WEAK: Final = 62.0
NAME_SIMILAR: Final = 86.0
NAME_WEAK: Final = 72.0
DURATION_MS: Final = ((1_500, Duration.EQUAL), (4_000, Duration.CLOSE), (10_000, Duration.LOOSE))
RARE_ROWS: Final = 12  # a title that at most so many rows have is rare


def compare(left: Normal, right: Normal, *, rare: bool = False) -> Pattern:
    """Return the pattern of two rows; `rare` tells that an equal title is one that few rows have."""
    title: int = title_level(left.titles, right.titles)
    names = names_level(left.names, right.names)
    swapped = title <= Title.WEAK and names <= Names.WEAK and is_swapped(left, right)
    if swapped:
        title, names = Title.NEAR, Names.SIMILAR
    if title == Title.EQUAL and rare:
        title = Title.EQUAL_RARE
    return Pattern.of(
        {
            Field.TITLE: title,
            Field.NAMES: names,
            Field.DURATION: duration_level(left.duration_ms, right.duration_ms),
            Field.FIRST_CODE: code_level(left.first_codes, right.first_codes),
            Field.SECOND_CODE: code_level(left.second_codes, right.second_codes),
            Field.OTHER_CODE: other_level(left.other_codes, right.other_codes),
            Field.WRITERS: writers_level(left.writers, right.writers, left.related, right.related),
            Field.SHARES: text_level(left.shares, right.shares),
            Field.AUDIO: code_level(left.audio, right.audio),
            Field.FACETS: facets_level(left.facets, right.facets),
            Field.SWAPPED: int(swapped),
        }
    )


def title_level(left: str, right: str) -> Title:
    """Return how alike two lists of titles are: the best of any two."""
    if not left or not right:
        return Title.MISSING
    if left == right:
        return Title.EQUAL
    return max(_title(one, other) for one in left.split(SEPARATOR) for other in right.split(SEPARATOR))


def _title(left: str, right: str) -> Title:
    first, second = letters(left), letters(right)
    if first == second:
        return Title.EQUAL
    if first.isascii() == second.isascii() or has_hangul(left) == has_hangul(right):
        alike = ratio(first, second, score_cutoff=WEAK)
    else:
        # One in its own script, the other in Latin letters.
        first, second = sound(left), sound(right)
        if first == second:
            return Title.NEAR
        alike = ratio(first, second, score_cutoff=WEAK)
    if alike < SIMILAR and " " in left and " " in right:
        turned = ratio(" ".join(sorted(left.split())), " ".join(sorted(right.split())), score_cutoff=WEAK)
        alike = max(alike, turned)
    return _graded(alike)


def _graded(alike: float) -> Title:
    if alike >= NEAR:
        return Title.NEAR
    if alike >= SIMILAR:
        return Title.SIMILAR
    return Title.WEAK if alike >= WEAK else Title.DIFFERENT


def names_level(left: str, right: str) -> Names:
    """Return how alike two sets of performers are."""
    if not left or not right:
        return Names.MISSING
    if left == right:
        return Names.EQUAL
    first, second = left.split(SEPARATOR), right.split(SEPARATOR)
    if set(first) & set(second) or _sounds(left) & _sounds(right):
        return Names.EQUAL if _sounds(left) == _sounds(right) and _foreign(left, right) else Names.PARTLY
    if sorted(_words(left)) == sorted(_words(right)):
        return Names.EQUAL  # the same words, parted differently: `Simon, Paul`
    return max(_name(one, other) for one in first for other in second)


@lru_cache(maxsize=200_000)
def _sounds(names: str) -> frozenset[str]:
    """Return the sounds of the names, of which those in Latin letters count only beside phonetic ones."""
    return frozenset(key_sound(name) for name in names.split(SEPARATOR)) if SOUNDED in names else frozenset()


def _foreign(left: str, right: str) -> bool:
    return SOUNDED in left and SOUNDED in right


@lru_cache(maxsize=200_000)
def _words(names: str) -> tuple[str, ...]:
    return tuple(word for name in names.split(SEPARATOR) for word in key_words(name))


@lru_cache(maxsize=1_000_000)
def _name(left: str, right: str) -> Names:
    sounded = left.startswith(SOUNDED) or right.startswith(SOUNDED)
    first, second = (key_sound(left), key_sound(right)) if sounded else (left, right)
    if first == second:
        return Names.EQUAL
    ours, theirs = set(key_words(left)), set(key_words(right))
    common = ours & theirs
    # One of two surnames left out, or a middle name: all the words of the shorter, at least two of them.
    if common in (ours, theirs) and len(common) >= 2:
        return Names.SIMILAR
    alike = ratio(first, second, score_cutoff=NAME_WEAK)
    if alike >= NAME_SIMILAR:
        return Names.SIMILAR
    return Names.WEAK if alike >= NAME_WEAK or (common and min(len(ours), len(theirs)) == 1) else Names.DIFFERENT


def is_swapped(left: Normal, right: Normal) -> bool:
    """Tell whether the title of one is the performer of the other, and the other way round."""
    return swapped_texts(left.titles, left.names, right.titles, right.names)


def swapped_texts(title: str, names: str, other_title: str, other_names: str) -> bool:
    """Tell whether title and names of two rows are exchanged."""
    return (
        bool(title and names and other_title and other_names)
        and _crossed(title, other_names)
        and _crossed(other_title, names)
    )


@lru_cache(maxsize=200_000)
def _crossed(titles: str, names: str) -> bool:
    sounds = {key_sound(name) for name in names.split(SEPARATOR)}
    as_names = {key_sound(name_key(one)) for one in titles.split(SEPARATOR)}
    return any(one == other or ratio(one, other) >= NEAR for one in as_names for other in sounds)


def duration_level(left: int | None, right: int | None) -> Duration:
    """Return how far two durations (milliseconds) lie apart."""
    if left is None or right is None:
        return Duration.MISSING
    apart = abs(left - right)
    return next((level for most, level in DURATION_MS if apart <= most), Duration.FAR)


def code_level(left: tuple[str, ...], right: tuple[str, ...]) -> Code:
    """Return whether two sets of codes of one scheme meet."""
    if not left or not right:
        return Code.MISSING
    return Code.AGREE if set(left) & set(right) else Code.DISAGREE


def other_level(left: tuple[str, ...], right: tuple[str, ...]) -> Code:
    """Return whether any further codes meet; that none does says nothing: everybody has its own."""
    return Code.AGREE if set(left) & set(right) else Code.MISSING


def text_level(left: str, right: str) -> Code:
    """Return whether two values are equal where both are known."""
    if not left or not right:
        return Code.MISSING
    return Code.AGREE if left == right else Code.DISAGREE


def writers_level(left: str, right: str, related: tuple[str, ...] = (), other_related: tuple[str, ...] = ()) -> Writers:
    """Return whether two sets of writers meet; of parties, whether the things they are known by do."""
    if related or other_related:
        if not related or not other_related:
            return Writers.MISSING
        return Writers.OVERLAP if set(related) & set(other_related) else Writers.DISJOINT
    if not left or not right:
        return Writers.MISSING
    level = names_level(left, right)
    if level == Names.EQUAL:
        return Writers.EQUAL
    return Writers.OVERLAP if level >= Names.SIMILAR else Writers.DISJOINT


def facets_level(left: str, right: str) -> Facets:
    """Return whether both are the same version by their facets and numbers (`#5` is a number in the title)."""
    if left == right:
        return Facets.SAME
    ours, theirs = _facets(left), _facets(right)
    mine, others = ours.keys() - theirs.keys(), theirs.keys() - ours.keys()
    if mine and others:
        return Facets.CONTRADICT
    for kind in ours.keys() & theirs.keys():
        if ours[kind] and theirs[kind] and not _same_detail(ours[kind], theirs[kind]):
            return Facets.CONTRADICT
    same = not mine and not others and all(bool(ours[kind]) == bool(theirs[kind]) for kind in ours)
    return Facets.SAME if same else Facets.ONE_SIDED


def _same_detail(left: str, right: str) -> bool:
    return left == right or (not left.isdigit() and not right.isdigit() and ratio(left, right) >= NEAR)


@lru_cache(maxsize=100_000)
def _facets(text: str) -> dict[str, str]:
    """Return details by kind. A number of a title is a kind of its own, so that `5` and `6` contradict each other."""
    parts = (part.partition("=") for part in text.split(SEPARATOR) if part)
    return {kind: detail for kind, _, detail in parts}
