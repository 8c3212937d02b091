"""Whose yes would open most rows: a plan of whom to ask, with a bound that no plan can pass.

A row opens only when *all* its missing voices say yes. Choosing k voices so that most rows open is hard (it contains
the densest part of a hypergraph), so the plan is greedy over groups of rows with the same missing voices, and says how
far from the best it can be at most. Small cases are also solved exactly. All arithmetic is on integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import combinations
from typing import Final

from cantoria.clearance.unlock_bounds import PARTS, Group, merged, upper_bounds
from cantoria.clearance.unlock_exact import best_rows, is_small
from cantoria.kernel.errors import InputError

Progress = Callable[[int, int | None], None]
YESES_MAX: Final = 1_000
CANDIDATES: Final = 300
SUBSETS_OF_MAX: Final = 7


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a plan: the voices to ask for, and what it comes to by then: yeses in all, rows opened in all, and
    how many rows any plan with so many yeses opens at most."""

    voices: tuple[int, ...]
    yeses: int
    rows: int
    bound: int


@dataclass(frozen=True, slots=True)
class UnlockPlan:
    """The plan for at most `yeses` yeses over groups of `waiting` rows: its moves, the bound for that many yeses, and
    the best possible number of rows where the case was small enough to find it, else None."""

    moves: tuple[Move, ...]
    yeses: int
    waiting: int
    bound: int
    best: int | None

    @property
    def rows(self) -> int:
        """How many rows the plan opens."""
        return self.moves[-1].rows if self.moves else 0


def plan_unlock(
    groups: Iterable[Group], *, yeses: int, step: Progress | None = None, exact: bool | None = None
) -> UnlockPlan:
    """Return the plan for at most `yeses` yeses. `exact` asks for the best possible number of rows (None: where the
    case is small). Raises `InputError` for a number of yeses that is out of range."""
    if not 1 <= yeses <= YESES_MAX:
        raise InputError(f"{yeses} yeses", f"ask for 1 to {YESES_MAX}")
    known = merged(groups)
    bounds = upper_bounds(known, yeses=yeses)
    moves = []
    for voices, count, rows in greedy(known, yeses=yeses, step=step):
        moves.append(Move(voices, count, rows, bounds[count]))
    best = best_rows(known, yeses=yeses) if exact or (exact is None and is_small(known)) else None
    return UnlockPlan(tuple(moves), yeses, sum(group.rows for group in known), bounds[yeses], best)


def greedy(
    groups: Sequence[Group], *, yeses: int, step: Progress | None = None
) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Give moves (voices, yeses by then, rows opened by then), each opening the most rows for each new yes.

    A move asks for all that one group still misses; it also opens every group that misses no more than a part of that.
    Of equal moves the one with fewer voices, then with the smaller numbers, goes first. Looked at are the groups with
    most rows for each yes they miss.
    """
    state = _State(groups)
    asked, opened = 0, 0
    while asked < yeses and state.left:
        move = state.best(budget=yeses - asked)
        if move is None:
            return
        opened += state.take(move)
        asked += len(move)
        if step is not None:
            step(asked, yeses)
        yield move, asked, opened


class _State:
    """What groups still miss: rows by the set of missing voices, the sets that each voice is in, and a heap of sets by
    their rows for each voice, in which entries that no longer hold are passed over."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self.left: dict[tuple[int, ...], int] = {group.voices: group.rows for group in groups}
        self._with: dict[int, set[tuple[int, ...]]] = {}
        self._heap: list[tuple[int, int, tuple[int, ...], int]] = []
        for voices in self.left:
            self._enter(voices)

    def _enter(self, voices: tuple[int, ...]) -> None:
        for voice in voices:
            self._with.setdefault(voice, set()).add(voices)
        self._offer(voices)

    def _offer(self, voices: tuple[int, ...]) -> None:
        rows = self.left[voices]
        heappush(self._heap, (-rows * PARTS // len(voices), len(voices), voices, rows))

    def best(self, *, budget: int) -> tuple[int, ...] | None:
        """Return the set of voices within the budget that opens most rows for each of them. Budgets only shrink."""
        looked_at: list[tuple[int, int, tuple[int, ...], int]] = []
        while self._heap and len(looked_at) < CANDIDATES:
            entry = heappop(self._heap)
            _, size, voices, rows = entry
            # One that is too large fits no smaller budget either; when it misses less, it is offered anew.
            if size <= budget and self.left.get(voices) == rows:
                looked_at.append(entry)
        for entry in looked_at:
            heappush(self._heap, entry)
        order = ((-self._gain(voices) * PARTS // size, size, voices) for _, size, voices, _ in looked_at)
        found = min(order, default=None)
        return None if found is None else found[2]

    def _gain(self, voices: tuple[int, ...]) -> int:
        """Return how many rows open when these voices say yes: groups that miss them, or a part of them. Of a large set
        only parts of one and two are looked at: that orders moves, and `take` counts all."""
        sizes = range(1, len(voices)) if len(voices) <= SUBSETS_OF_MAX else (1, 2)
        parts = (part for size in sizes for part in combinations(voices, size))
        return self.left[voices] + sum(self.left.get(part, 0) for part in parts)

    def take(self, voices: tuple[int, ...]) -> int:
        """Let these voices say yes, and return how many rows open by that."""
        chosen = set(voices)
        opened = 0
        for before in sorted({entry for voice in voices for entry in self._with.get(voice, ())}):
            rows = self.left.pop(before)
            for voice in before:
                self._with[voice].discard(before)
            after = tuple(voice for voice in before if voice not in chosen)
            if not after:
                opened += rows
            elif after in self.left:
                self.left[after] += rows
                self._offer(after)
            else:
                self.left[after] = rows
                self._enter(after)
        return opened
