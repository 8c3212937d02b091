"""What matching needs from an engine that holds millions of rows, as a protocol, and what it hands back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching.model import Model
from cantoria.registry.matching.types import Band, Pattern, Row, Thresholds

BLOCK_ROWS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class KeyKind:
    """What one kind of blocking key did: blocks of two rows and more, the largest, those beyond the cap with the rows
    in them, and the pairs that were not looked at for it by this kind of key."""

    kind: str
    blocks: int
    largest: int
    capped_blocks: int
    capped_rows: int
    capped_pairs: int


@dataclass(frozen=True, slots=True)
class Blocked:
    """What blocking came to. `pairs` is distinct pairs to compare; `unreached` counts the rows that stand in blocks
    beyond the cap and in no smaller one: nothing was compared with them, and that is said."""

    rows: int
    pairs: int
    kinds: tuple[KeyKind, ...]
    unreached: int

    @property
    def capped_pairs(self) -> int:
        return sum(kind.capped_pairs for kind in self.kinds)


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """A pair that is proposed: ids in byte order, what was compared, and what it came to."""

    left: str
    right: str
    pattern: Pattern
    weight: int
    probability_ppm: int
    band: Band
    rule: str


class Matcher(Protocol):
    """An engine that matches the rows of one table with each other. Use each in this order, once."""

    def load(self, rows: Iterable[Row], *, kind: MatchKind, aliases: Mapping[str, str]) -> int:
        """Take rows in, normalised, and return how many. An id that comes twice counts once, as it came first."""
        ...

    def block(self, *, rows_max: int = BLOCK_ROWS_MAX, one_each: frozenset[str] = frozenset()) -> Blocked:
        """Find the pairs to compare. Blocks of more than `rows_max` rows are left out and reported. `one_each` names
        sources that hold each thing once: no two of their rows are paired."""
        ...

    def compare(self) -> dict[int, int]:
        """Compare the pairs and return how many have each pattern."""
        ...

    def judge(
        self, model: Model, *, thresholds: Thresholds, one_each: frozenset[str] = frozenset()
    ) -> Mapping[Band, int]:
        """Give each pair its band and return the counts. In the band link a row has at most one partner in each
        source of `one_each`, the likeliest; the others go to review, and all where two are equally likely."""
        ...

    def pairs(self) -> Iterator[ScoredPair]:
        """Give the pairs of the bands link and review in byte order of their ids."""
        ...
