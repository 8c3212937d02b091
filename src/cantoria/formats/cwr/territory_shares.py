"""Collection shares by territory: what all parties of a work together collect, country by country.

A party's territories are told in order: I includes one with shares (and takes the place of what was told of it
before), E takes one away. Shares are hundredths of a percent. Territories are CISAC TIS as of one moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.territories import TerritorySet

RIGHTS: Final = ("performing", "mechanical", "synchronisation")
WHOLE: Final = 10_000
TOLERANCE: Final = 6
SHARES: Final = {f"{share:05d}": share for share in range(WHOLE + 1)} | {" " * size: 0 for size in range(6)}

Triple = tuple[int | None, int | None, int | None]
Part = tuple[int, int, int]


class Collected:
    """Adds up the terms of one party after the other."""

    __slots__ = ("_at", "_bound", "_by_mask", "_terms")

    def __init__(self, at: int) -> None:
        """Take territories as of the moment `at` (UTC microseconds)."""
        self._at = at
        self._terms: dict[int, Part] = {}  # of the present party: disjoint sets of countries and their shares
        self._by_mask: dict[int, Part] = {}
        self._bound: Part = (0, 0, 0)

    def party(self) -> None:
        """Begin another party."""
        for mask, (one, two, three) in self._terms.items():
            before = self._by_mask.get(mask, (0, 0, 0))
            self._by_mask[mask] = (before[0] + one, before[1] + two, before[2] + three)
            bound = self._bound
            self._bound = (bound[0] + one, bound[1] + two, bound[2] + three)
        self._terms = {}

    def term(self, indicator: str, territory: str, shares: Triple) -> bool:
        """Take a term of the present party; return False when it cannot be read."""
        mask = _mask(territory, self._at)
        one, two, three = shares
        if mask is None or one is None or two is None or three is None or indicator not in ("I", "E"):
            return False
        terms = self._terms
        if terms:
            kept = [(before & ~mask, part) for before, part in terms.items()]
            terms = self._terms = {before: part for before, part in kept if before}
        if indicator == "I" and mask:
            terms[mask] = (one, two, three)
        return True

    def excesses(self) -> Iterator[tuple[str, int, str]]:
        """Give for each right that is collected too much somewhere: right, highest total, a country's TIS code."""
        self.party()
        limit = WHOLE + TOLERANCE
        if max(self._bound) <= limit:
            return
        regions = self._regions()
        for position, right in enumerate(RIGHTS):
            total, mask = max(((part[position], mask) for mask, part in regions.items()), default=(0, 0))
            if total > limit:
                yield right, total, next(iter(TerritorySet(mask)))

    def _regions(self) -> dict[int, Part]:
        """Return disjoint sets of countries with the sums of what is collected there."""
        regions: dict[int, Part] = {}
        for mask, added in self._by_mask.items():
            rest, split = mask, dict[int, Part]()
            for region, part in regions.items():
                common = region & rest
                if not common:
                    split[region] = part
                    continue
                rest &= ~common
                split[common] = (part[0] + added[0], part[1] + added[1], part[2] + added[2])
                if region & ~common:
                    split[region & ~common] = part
            if rest:
                split[rest] = added
            regions = split
        return regions


@lru_cache(maxsize=4096)
def _mask(territory: str, at: int) -> int | None:
    """Return the countries of a TIS code as a mask; None for a code that is none."""
    if len(territory) != 4 or not territory.isascii() or not territory.isdigit():
        return None
    try:
        return territories.resolve(territory, at=at).mask
    except InputError:
        return None
