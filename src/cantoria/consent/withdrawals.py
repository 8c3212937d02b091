"""When a statement ends by being taken back (RULES sections 2 and 6).

A plain yes ends by anybody's word: its end can only tighten. A refusal, an ask or a yes with conditions may stand in
the way of a wider yes, so it ends only by the word of its speaker or party, or, where nobody signed it, of the
organisation that recorded it. Short of that, a yes with conditions turns into an ask.
"""

from __future__ import annotations

from typing import Any

from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.kernel.facts import Recorded
from cantoria.kernel.periods import TIME_MIN, Period
from cantoria.mandates import Mandates


class Withdrawals:
    """All withdrawals as of one ledger size, by statement."""

    __slots__ = ("_by_statement", "_mandates")

    def __init__(self, mandates: Mandates) -> None:
        self._mandates = mandates
        self._by_statement: dict[str, list[Recorded[StatementWithdrawn]]] = {}

    def add(self, recorded: Recorded[StatementWithdrawn]) -> None:
        """Take in a withdrawal."""
        self._by_statement.setdefault(recorded.fact.statement, []).append(recorded)

    def any_end(self, statement: str) -> int | None:
        """Return the earliest end that anybody gave the statement."""
        return min((said.fact.at for said in self._by_statement.get(statement, ())), default=None)

    def firm_end(self, said: Recorded[Any]) -> int | None:
        """Return the earliest end by the word of those whose statement `said` (made or tombstone) is.

        A body that any key signed is not its recorder's to take back, whatever became of the key. Neither is a
        tombstone: who signed the erased body can no longer be told."""
        fact = said.fact
        mine = not said.proven_key and isinstance(fact, StatementMade)
        ends = [
            taken.fact.at
            for taken in self._by_statement.get(fact.statement, ())
            if self._entitled(fact.speaker, taken)
            or self._entitled(fact.party, taken)
            or (mine and taken.organisation == said.organisation)
        ]
        return min(ends, default=None)

    def _entitled(self, party: str, taken: Recorded[StatementWithdrawn]) -> bool:
        """Tell whether the party itself took it back, alive and of age."""
        died_at = self._mandates.died_at(party)
        minor = any(taken.claimed_at < fact.majority_at for fact in self._mandates.guardians(party))
        alive = died_at is None or taken.claimed_at < died_at
        return alive and not minor and self._mandates.authentic(party, taken)


def before(period: Period, end: int | None) -> Period | None:
    """Return the part of `period` before `end` (None = all of it)."""
    if end is None:
        return period
    return period.intersect(Period(TIME_MIN, end)) if end > TIME_MIN else None


def since(period: Period, start: int) -> Period | None:
    """Return the part of `period` from `start` on."""
    return period.intersect(Period(start))
