"""What was said in cases, by case, and which claims a register's decisions let fall."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cantoria.kernel.facts import Recorded
from cantoria.registry.conflict_facts import CaseDecided
from cantoria.registry.facts import ClaimWithdrawn
from cantoria.registry.standing import REGISTERS


class Conflicts:
    """Answers, escalations and decisions, in ledger order."""

    __slots__ = ("_decided", "_said")

    def __init__(self) -> None:
        self._said: dict[str, list[Recorded[Any]]] = {}
        self._decided: dict[tuple[str, str], list[Recorded[CaseDecided]]] = {}

    def add(self, recorded: Recorded[Any]) -> None:
        """Take in what is said in a case."""
        fact = recorded.fact
        self._said.setdefault(fact.case, []).append(recorded)
        if isinstance(fact, CaseDecided) and recorded.capacity in REGISTERS:
            for claim in fact.falls:
                self._decided.setdefault((recorded.organisation, claim), []).append(recorded)

    def said(self, case: str) -> tuple[Recorded[Any], ...]:
        """Return what was said in a case, in ledger order."""
        return tuple(self._said.get(case, ()))

    def ruled(self, recorded: Recorded[ClaimWithdrawn]) -> Iterator[str]:
        """Give the subjects on which a register that records this withdrawal has decided that the claim falls."""
        if recorded.capacity in REGISTERS:
            for decision in self._decided.get((recorded.organisation, str(recorded.fact.claim)), ()):
                yield decision.fact.subject

    def decided(self, recorded: Recorded[Any]) -> frozenset[str]:
        """Return the subjects on which the organisation that recorded this has decided its case as a register."""
        return frozenset(
            one.fact.subject
            for one in self._said.get(recorded.fact.case, ())
            if isinstance(one.fact, CaseDecided)
            and one.organisation == recorded.organisation
            and one.capacity in REGISTERS
        )
