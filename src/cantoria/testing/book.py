"""Facts in ledger order without a ledger: what the folds take, for tests, worlds and vectors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.periods import DAY, parse_moment

START: Final = parse_moment("2025-01-01")


@dataclass(slots=True)
class Book:
    """A growing list of recorded facts. Each is claimed a day after the one before unless `at` says otherwise.
    `size` is the ledger's: an erased body leaves its place behind."""

    facts: list[Recorded[Any]] = field(default_factory=list)
    now: int = START
    size: int = 0

    def say(
        self,
        fact: Any,
        *,
        by: str = "party_registrar",
        capacity: Capacity = Capacity.REGISTRAR,
        at: int | None = None,
        key: str = "",
    ) -> Recorded[Any]:
        """Record a fact as said by the organisation `by` at the moment `at`, signed by `key` where one is given."""
        self.now = at if at is not None else self.now + DAY
        recorded = Recorded(self.size, f"fact_{self.size:04}", by, capacity, self.now, fact, key)
        self.facts.append(recorded)
        self.size += 1
        return recorded


def without(facts: Iterable[Recorded[Any]], index: int) -> tuple[Recorded[Any], ...]:
    """Return the facts without the one at `index`; the others keep their places."""
    return tuple(recorded for recorded in facts if recorded.index != index)


def appended(
    facts: Iterable[Recorded[Any]], fact: Any, *, index: int, by: str, at: int, key: str = ""
) -> tuple[Recorded[Any], ...]:
    """Return the facts with one more at the end, at ledger index `index`."""
    return (*facts, Recorded(index, f"fact_{index:04}", by, Capacity.REGISTRAR, at, fact, key))
