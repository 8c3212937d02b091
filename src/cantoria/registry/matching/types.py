"""Nouns of matching: what comes in, what is compared, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from cantoria.kernel.errors import InputError

PPM: Final = 1_000_000
SEPARATOR: Final = "\x1f"  # between the parts of a value that is compared as a whole
BITS: Final = 3  # of a pattern for each field


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing as it stands in a table: the contract of what can be matched.

    Of a recording: title, artist, ISRCs, ISWCs of its works, duration, version, writers. Of a work: title, ISWCs,
    performer, writers with their shares in millionths (in no order, empty when unknown). Of a party: `title` is its
    name, `aliases` are other names, `codes` its IPI and ISNI keys, `related` the things it is known by (its works).
    `codes` are further code keys; `audio` ids of fingerprints. `source` is who says so.
    """

    id: str
    title: str
    source: str = ""
    artist: str = ""
    isrc: tuple[str, ...] = ()
    iswc: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    duration_ms: int | None = None
    version: str = ""
    aliases: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    shares: tuple[int, ...] = ()
    audio: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Normal:
    """A row as it is compared. Texts of several parts hold them between separators, so that each distinct value is
    compared once: `titles` and `names` in folded form, `facets` sorted, `writers` and `shares` sorted."""

    id: str
    source: str
    titles: str
    names: str
    facets: str
    writers: str
    shares: str
    first_codes: tuple[str, ...]
    second_codes: tuple[str, ...]
    other_codes: tuple[str, ...]
    audio: tuple[str, ...]
    related: tuple[str, ...]
    duration_ms: int | None
    keys: tuple[str, ...]


class Field(IntEnum):
    """What is compared; the value is its place in a pattern."""

    TITLE = 0
    NAMES = 1
    DURATION = 2
    FIRST_CODE = 3
    SECOND_CODE = 4
    OTHER_CODE = 5
    WRITERS = 6
    SHARES = 7
    AUDIO = 8
    FACETS = 9
    SWAPPED = 10


class Title(IntEnum):
    """How alike two titles (or names of parties) are."""

    MISSING = 0
    DIFFERENT = 1
    WEAK = 2
    SIMILAR = 3
    NEAR = 4
    EQUAL = 5
    EQUAL_RARE = 6  # equal, and few rows are called so


class Names(IntEnum):
    """How alike two sets of performers are."""

    MISSING = 0
    DIFFERENT = 1
    WEAK = 2
    SIMILAR = 3
    PARTLY = 4  # some are the same
    EQUAL = 5


class Duration(IntEnum):
    """How far two durations lie apart."""

    MISSING = 0
    FAR = 1
    LOOSE = 2
    CLOSE = 3
    EQUAL = 4


class Code(IntEnum):
    """Whether two sets of codes of one scheme meet."""

    MISSING = 0
    DISAGREE = 1
    AGREE = 2


class Writers(IntEnum):
    """Whether two sets of writers (or the works of two parties) meet."""

    MISSING = 0
    DISJOINT = 1
    OVERLAP = 2
    EQUAL = 3


class Facets(IntEnum):
    """Whether both say that they are the same version."""

    SAME = 0
    ONE_SIDED = 1  # one says more than the other
    CONTRADICT = 2


FIELD_LEVELS: Final = {
    Field.TITLE: Title,
    Field.NAMES: Names,
    Field.DURATION: Duration,
    Field.FIRST_CODE: Code,
    Field.SECOND_CODE: Code,
    Field.OTHER_CODE: Code,
    Field.WRITERS: Writers,
    Field.SHARES: Code,
    Field.AUDIO: Code,
    Field.FACETS: Facets,
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a comparison came to: one level for each field, in one number."""

    number: int

    @staticmethod
    def of(levels: dict[Field, int]) -> Pattern:
        """Return the pattern of these levels; a field that is not named is missing (or the same)."""
        return Pattern(sum(level << BITS * field for field, level in levels.items()))

    def level(self, field: Field) -> int:
        """Return the level of one field."""
        return self.number >> BITS * field & (1 << BITS) - 1


class Band(StrEnum):
    """What is proposed for a pair."""

    LINK = "link"
    REVIEW = "review"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability (millionths) a pair is proposed as a link, and from which for review."""

    link_ppm: int = 950_000
    review_ppm: int = 200_000

    def __post_init__(self) -> None:
        if not 0 < self.review_ppm <= self.link_ppm <= PPM:
            raise InputError(
                f"thresholds {self.review_ppm} and {self.link_ppm} are not in order",
                "give 0 < review <= link <= 1000000, in millionths",
            )


@dataclass(frozen=True, slots=True)
class Judged:
    """What a pattern comes to: its weight (thousandths of a bit, the prior included), probability (millionths), the
    band, and the hard rule that keeps it from being a link (empty when the probability alone decides)."""

    weight: int
    probability_ppm: int
    band: Band
    rule: str = ""
