"""What people decided about pairs, as it stands: a fold over the ordered facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cantoria.kernel.facts import Recorded
from cantoria.registry.match_facts import MatchDecided, MatchDecisionWithdrawn, MatchingRun, MatchVerdict
from cantoria.registry.standing import OFFICES, REGISTERS

Pair = tuple[str, str]


def pair_of(left: str, right: str) -> Pair:
    """Return two ids as a pair in byte order."""
    return (left, right) if left <= right else (right, left)


@dataclass(slots=True)
class Decisions:
    """The standing decisions. The latest of each organisation about a pair counts; a decision is taken back by the
    organisation that made it, and by no other. Runs are kept in the order of the ledger."""

    runs: dict[str, Recorded[MatchingRun]] = field(default_factory=dict)
    made: dict[str, Recorded[MatchDecided]] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    _by_pair: dict[Pair, dict[str, Recorded[MatchDecided]]] = field(default_factory=dict)

    @staticmethod
    def fold(facts: Iterable[Recorded[Any]]) -> Decisions:
        """Return the decisions after all facts, which come in ledger order; facts of other kinds are passed over."""
        decisions = Decisions()
        for recorded in facts:
            decisions.add(recorded)
        return decisions

    def add(self, recorded: Recorded[Any]) -> None:
        """Take in one fact. An id that was used before keeps its first meaning."""
        match recorded.fact:
            case MatchingRun() as run:
                self.runs.setdefault(run.run, recorded)
            case MatchDecided() as decided:
                if self.made.setdefault(decided.decision, recorded) is recorded:
                    pair = pair_of(decided.left, decided.right)
                    self._by_pair.setdefault(pair, {})[recorded.organisation] = recorded
            case MatchDecisionWithdrawn() as back:
                made = self.made.get(back.decision)
                if made is not None and made.organisation == recorded.organisation:
                    self.withdrawn.add(back.decision)
            case _:
                pass

    def about(self, left: str, right: str) -> tuple[Recorded[MatchDecided], ...]:
        """Return the standing decisions about a pair, in ledger order."""
        said = self._by_pair.get(pair_of(left, right), {}).values()
        return tuple(sorted((one for one in said if one.fact.decision not in self.withdrawn), key=_place))

    def settled_for(self, left: str, right: str, *, organisation: str) -> MatchVerdict | None:
        """Return what an organisation need not be asked again: its own verdict, else a register's, else None.

        `unsure` settles nothing, and what any other organisation said is evidence, not an answer.
        """
        own = [one for one in self.about(left, right) if one.organisation == organisation]
        registers = [one for one in self.about(left, right) if one.capacity in REGISTERS]
        for said in (*own, *registers):
            if said.fact.verdict is not MatchVerdict.UNSURE:
                return said.fact.verdict
        return None

    def kept_apart(self, left: str, right: str) -> bool:
        """Tell whether anybody's standing decision says that the pair is two things."""
        return any(one.fact.verdict is MatchVerdict.DIFFERENT for one in self.about(left, right))

    def runs_for(self, organisation: str) -> list[Recorded[MatchingRun]]:
        """Return the runs that an organisation works with unless it names another, in ledger order: its own, and those
        of registers and societies. Any member can record a run and write into it what it likes."""
        return [one for one in self.runs.values() if one.organisation == organisation or one.capacity in OFFICES]

    def latest_run(self, kind: str, *, organisation: str) -> Recorded[MatchingRun] | None:
        """Return the last run of a kind that an organisation works with, or None."""
        of_kind = [recorded for recorded in self.runs_for(organisation) if recorded.fact.kind == kind]
        return of_kind[-1] if of_kind else None


def _place(recorded: Recorded[Any]) -> int:
    return recorded.index
