"""Statements in columns: what has effect at the moment of a request, and which scopes anybody speaks of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cantoria.clearance.analytics import Table, Value
from cantoria.clearance.snapshot_numbers import Numbers, Rows
from cantoria.clearance.snapshot_schema import INDEX_BITS, OPEN_END, SCHEMAS, region_values, schema_of
from cantoria.consent import Effective, Scope, ScopeKind, Standings, Verdict
from cantoria.kernel import territories
from cantoria.kernel.check import require
from cantoria.kernel.uses import Use
from cantoria.mandates import Voice

VERDICTS: Final = {Verdict.STOP: 0, Verdict.NO: 1, Verdict.ASK: 2, Verdict.YES: 3}
USE_BITS: Final = {use: 1 << position for position, use in enumerate(Use)}
_LICENSEES: Final = ("licensee", "class", "")  # by LicenseeKind: which terms its id is one of


@dataclass(slots=True)
class Spoken:
    """A narrow scope that somebody speaks of: its number, who does, who refuses, and where the yeses stand."""

    number: int
    voices: set[Voice] = field(default_factory=set)
    refusers: set[Voice] = field(default_factory=set)
    yeses: set[int] = field(default_factory=set)

    def since(self, holds: Callable[[int], bool]) -> int:
        """Return the ledger index above which a yes reaches something that only a later yes could see; `holds` tells
        it for the index of one yes, and once it holds it does for all later ones."""
        indices = sorted(self.yeses)
        low, high = 0, len(indices)
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if holds(indices[middle]) else (middle + 1, high)
        if low == 0:
            return -1
        return indices[low] - 1 if low < len(indices) else OPEN_END


class Ledger:
    """The statements in force at a moment that hold in one of the `countries`, one for each territory class."""

    def __init__(self, standings: Standings, *, at: int, countries: tuple[str, ...]) -> None:
        self._at, self._countries = at, countries
        self._places: dict[str, tuple[int, int]] = {}
        self._said: dict[Voice, list[Effective]] = {}
        self.scopes: dict[Scope, Spoken] = {}
        for said in standings.effective:
            if said.period.contains(at) and said.scope.kind is not ScopeKind.PERSONA and self._place(said.territory)[0]:
                self._said.setdefault(said.voice, []).append(said)
                if said.scope.kind < ScopeKind.PRESENT_WORKS:
                    self._note(said)

    def _note(self, said: Effective) -> None:
        spoken = self.scopes.get(said.scope)
        if spoken is None:
            spoken = self.scopes[said.scope] = Spoken(len(self.scopes) + 1)
        spoken.voices.add(said.voice)
        if said.verdict is Verdict.YES:
            spoken.yeses.add(said.index)
        else:
            spoken.refusers.add(said.voice)

    def _place(self, territory: str) -> tuple[int, int]:
        """Return the territory classes that an expression holds, as a mask, and the number of its countries."""
        found = self._places.get(territory)
        if found is None:
            members = territories.resolve(territory, at=self._at)
            mask = sum(1 << region for region, country in enumerate(self._countries) if country in members)
            found = self._places[territory] = mask, len(members)
        return found

    def tables(self, voices: Numbers[Voice]) -> tuple[dict[str, Table], dict[str, int]]:
        """Return the tables `statement` and `statement_name` of these voices, and the numbers of the terms used."""
        terms = Numbers[str]()
        regions = len(self._countries)
        rows = Rows(schema_of("statement", regions=regions))
        names: dict[int, str] = {}
        for voice, number in voices.items():
            for said in self._said.get(voice, ()):
                require(0 <= said.index < 1 << INDEX_BITS, "ledger indices fit the packed key")
                mask, count = self._place(said.territory)
                spoken = self.scopes.get(said.scope)
                rows.add(
                    number,
                    said.index,
                    spoken.number if spoken else 0,
                    int(said.scope.kind),
                    said.own,
                    VERDICTS[said.verdict],
                    sum(USE_BITS[use] for use in said.uses),
                    *_licensee(said, terms),
                    count,
                    *_conditions(said, terms),
                    *region_values(mask, regions=regions),
                )
                if said.verdict is Verdict.YES:
                    names[said.index] = said.statement
        named = Rows(SCHEMAS["statement_name"])
        for index in sorted(names):
            named.add(index, names[index])
        return {"statement": rows.table(), "statement_name": named.table()}, dict(terms.items())


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
