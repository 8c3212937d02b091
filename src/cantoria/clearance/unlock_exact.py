"""The best possible plan of whom to ask, by branch and bound: for small cases, and to test the greedy plan against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import nlargest
from typing import Final

from cantoria.clearance.unlock_bounds import Group

VOICES_MAX: Final = 24
GROUPS_MAX: Final = 200
NODES_MAX: Final = 50_000


def is_small(groups: Sequence[Group]) -> bool:
    """Tell whether a case is small enough to be solved as a matter of course."""
    return len(groups) <= GROUPS_MAX and len({voice for group in groups for voice in group.voices}) <= VOICES_MAX


def best_rows(groups: Sequence[Group], *, yeses: int, nodes_max: int = NODES_MAX) -> int | None:
    """Return the most rows that at most `yeses` yeses can open, None where more than `nodes_max` choices would have to
    be looked at.

    Each node decides whether one more voice is asked. A node is left when what is open, with the capacity bound of
    `unlock_bounds.upper_bounds` on what may still open, does not exceed the best found.
    """
    search = _Search(nodes_max)
    live = [(frozenset(group.voices), group.rows) for group in groups if len(group.voices) <= yeses]
    search.visit(live, opened=0, budget=yeses)
    return None if search.nodes_left < 0 else search.best


Live = list[tuple[frozenset[int], int]]


@dataclass(slots=True)
class _Search:
    nodes_left: int
    best: int = 0

    def visit(self, live: Live, *, opened: int, budget: int) -> None:
        """Look at what can be made of `live`, the voices that groups still miss, with `budget` yeses."""
        self.nodes_left -= 1
        self.best = max(self.best, opened)
        if self.nodes_left < 0:
            return
        within = [(voices, rows) for voices, rows in live if len(voices) <= budget]
        shares: dict[int, Fraction] = {}
        for voices, rows in within:
            for voice in voices:
                shares[voice] = shares.get(voice, Fraction(0)) + Fraction(rows, len(voices))
        most = min(sum(nlargest(budget, shares.values())), sum(rows for _, rows in within))
        if not within or opened + most <= self.best:
            return
        voice = max(sorted(shares), key=lambda one: shares[one])
        asked = [(voices - {voice}, rows) for voices, rows in within]
        gained = sum(rows for voices, rows in asked if not voices)
        self.visit([pair for pair in asked if pair[0]], opened=opened + gained, budget=budget - 1)
        self.visit([pair for pair in within if voice not in pair[0]], opened=opened, budget=budget)
