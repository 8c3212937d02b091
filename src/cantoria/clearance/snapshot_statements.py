"""Statements in columns: everything that has effect at any time, and which scopes anybody speaks of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from cantoria.clearance.analytics import Table, Value
from cantoria.clearance.snapshot_dictionaries import Dictionaries
from cantoria.clearance.snapshot_numbers import Numbers, Rows
from cantoria.clearance.snapshot_places import Places
from cantoria.clearance.snapshot_schema import INDEX_BITS, OPEN_END, SCHEMAS, USE_BITS
from cantoria.consent import Effective, Scope, ScopeKind, Standings, Verdict
from cantoria.kernel.check import require
from cantoria.kernel.uses import Use
from cantoria.mandates import Voice

VERDICTS: Final = {Verdict.STOP: 0, Verdict.NO: 1, Verdict.ASK: 2, Verdict.YES: 3}
_LICENSEES: Final = ("licensee", "class", "")  # by LicenseeKind: which terms its id is one of


@dataclass(slots=True)
class Spoken:
    """A narrow scope that somebody speaks of at some time: who does, and who refuses."""

    voices: set[Voice] = field(default_factory=set)
    refusers: set[Voice] = field(default_factory=set)


def narrow(scope: Scope) -> bool:
    """Tell whether a scope names a recording, work, release or catalogue."""
    return ScopeKind.PERSONA < scope.kind < ScopeKind.PRESENT_WORKS


def spoken_scopes(statements: Iterable[Effective]) -> dict[Scope, Spoken]:
    """Return who speaks of which narrow scope."""
    scopes: dict[Scope, Spoken] = {}
    for said in statements:
        if narrow(said.scope):
            spoken = scopes.get(said.scope)
            if spoken is None:
                spoken = scopes[said.scope] = Spoken()
            spoken.voices.add(said.voice)
            if said.verdict is not Verdict.YES:
                spoken.refusers.add(said.voice)
    return scopes


class StatementBook:
    """Reads voices into the table `statement`."""

    def __init__(self, standings: Standings, *, numbers: Dictionaries, places: Places) -> None:
        self._standings, self._numbers, self._places = standings, numbers, places
        self._rows = Rows(SCHEMAS["statement"])
        self._uses: dict[frozenset[Use], int] = {}

    def read(self, voice: Voice) -> None:
        """Take in everything that has effect in a voice."""
        said = self._standings.by_voice(voice)
        if said:
            number = self._numbers.voices[voice]
            for one in said:
                self._add(number, one)

    def table(self) -> Table:
        """Return the table of what was read."""
        return self._rows.table()

    def _add(self, voice: int, said: Effective) -> None:
        require(0 <= said.index < 1 << INDEX_BITS, "ledger indices fit the packed key")
        if said.verdict is Verdict.YES:
            self._numbers.statement_names.setdefault(said.index, said.statement)
        end = said.period.end
        self._rows.add(
            voice,
            said.index,
            self._numbers.scopes[said.scope] if narrow(said.scope) else 0,
            int(said.scope.kind),
            said.own,
            VERDICTS[said.verdict],
            self._use_mask(said.uses),
            *_licensee(said, self._numbers.terms),
            self._places.named(said.territory),
            said.period.start,
            OPEN_END if end is None else end,
            *_conditions(said, self._numbers.terms),
        )

    def _use_mask(self, uses: frozenset[Use]) -> int:
        mask = self._uses.get(uses)
        if mask is None:
            mask = self._uses[uses] = sum(USE_BITS[use] for use in uses)
        return mask


def _licensee(said: Effective, terms: Numbers[str]) -> tuple[Value, Value]:
    kind = said.licensee.kind
    scheme = _LICENSEES[kind]
    return int(kind), terms[f"{scheme}:{said.licensee.id}"] if scheme else 0


def _conditions(said: Effective, terms: Numbers[str]) -> tuple[Value, ...]:
    demands = said.conditions
    price = demands.min_price
    return (
        terms[f"model:{demands.model_version}"] if demands.model_version is not None else 0,
        terms[f"currency:{price.currency}"] if price is not None else 0,
        price.fine if price is not None else 0,
        demands.attribution,
        demands.label,
        terms[f"campaign:{demands.campaign}"] if demands.campaign is not None else 0,
        bool(demands.other),
    )
