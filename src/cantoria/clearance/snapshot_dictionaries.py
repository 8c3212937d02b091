"""The dictionaries of a snapshot: the numbers of everything that its tables name, and how they are read back.

A refresh begins with the numbers of the snapshot before it and only adds to them, so rows of all generations agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from cantoria.clearance.analytics import Table, Value
from cantoria.clearance.snapshot_numbers import Numbers, Rows
from cantoria.clearance.snapshot_schema import DICTIONARIES, SCHEMAS
from cantoria.consent import Scope, ScopeKind, TargetKind
from cantoria.kernel.check import require
from cantoria.kernel.ids import PartyId
from cantoria.mandates import Voice
from cantoria.registry import Side

SIDES: Final = (Side.RECORDING, Side.WORK)  # by media
UNIT_KINDS: Final = (TargetKind.RECORDING, TargetKind.WORK)  # by `unit.kind`
SubjectKey = tuple[str, Side]
UnitKey = tuple[TargetKind, str, str]  # of what kind, which, and as used in which recording


@dataclass(slots=True)
class Dictionaries:
    """All numbers of a lineage of snapshots. `statement_names` has the statement of every yes by ledger index."""

    subjects: Numbers[SubjectKey] = field(default_factory=Numbers[SubjectKey])
    things: Numbers[str] = field(default_factory=Numbers[str])
    units: Numbers[UnitKey] = field(default_factory=Numbers[UnitKey])
    scopes: Numbers[Scope] = field(default_factory=Numbers[Scope])
    parties: Numbers[str] = field(default_factory=Numbers[str])
    voices: Numbers[Voice] = field(default_factory=Numbers[Voice])
    terms: Numbers[str] = field(default_factory=Numbers[str])
    places: Numbers[str] = field(default_factory=Numbers[str])
    statement_names: dict[int, str] = field(default_factory=dict)
    _named: int = 0  # of these, how many were there before

    @staticmethod
    def read(rows: Mapping[str, Iterable[tuple[Any, ...]]]) -> Dictionaries:
        """Return the dictionaries in rows by table, each in the columns of its schema."""
        things = dict(rows["thing"])
        parties = dict(rows["party"])
        names = dict(rows["statement_name"])
        units = (
            ((UNIT_KINDS[kind], things[thing], things.get(recording, "")), unit)
            for unit, kind, thing, recording in rows["unit"]
        )
        voices = (
            (Voice(PartyId(parties[principal]), PartyId(parties[party])), voice)
            for voice, _, principal, party in rows["voice"]
        )
        return Dictionaries(
            subjects=Numbers(((text, SIDES[media]), number) for number, text, media in rows["subject"]),
            things=Numbers((text, number) for number, text in things.items()),
            units=Numbers(units),
            scopes=Numbers((Scope(ScopeKind(kind), text), number) for number, kind, text in rows["scope"]),
            parties=Numbers((text, number) for number, text in parties.items()),
            voices=Numbers(voices),
            terms=Numbers((text, number) for number, text in rows["term"]),
            places=Numbers((text, number) for number, text in rows["place"]),
            statement_names=names,
            _named=len(names),
        )

    @staticmethod
    def of(tables: Mapping[str, Table]) -> Dictionaries:
        """Return the dictionaries in the tables of a snapshot."""
        rows = {name: zip(*tables[name].columns.values(), strict=True) for name in DICTIONARIES}
        return Dictionaries.read(rows)

    def tables(self) -> dict[str, Table]:
        """Return the entries that were added since these dictionaries were read (all, for new ones), by table."""
        rows: dict[str, list[tuple[Value, ...]]] = {
            "unit": [
                (unit, UNIT_KINDS.index(kind), self.things[thing], self.things[recording] if recording else 0)
                for (kind, thing, recording), unit in self.units.fresh()
            ],
            "voice": [
                (number, str(voice), self.parties[voice.principal], self.parties[voice.speaker])
                for voice, number in self.voices.fresh()
            ],
            "scope": [(number, int(scope.kind), scope.id) for scope, number in self.scopes.fresh()],
            "subject": [(number, text, SIDES.index(side)) for (text, side), number in self.subjects.fresh()],
            "statement_name": [*islice(self.statement_names.items(), self._named, None)],
        }
        simple = {"thing": self.things, "party": self.parties, "term": self.terms, "place": self.places}
        for name, numbers in simple.items():
            rows[name] = [(number, text) for text, number in numbers.fresh()]
        require(rows.keys() == set(DICTIONARIES), "every dictionary has its rows")
        return {name: _table(name, found) for name, found in rows.items()}

    def settle(self) -> None:
        """Take everything as known from now on: `tables` then gives what is added after this."""
        for numbers in (self.subjects, self.things, self.units, self.scopes, self.parties, self.voices):
            numbers.settle()
        self.terms.settle()
        self.places.settle()
        self._named = len(self.statement_names)


def _table(name: str, found: list[tuple[Value, ...]]) -> Table:
    rows = Rows(SCHEMAS[name])
    for row in found:
        rows.add(*row)
    return rows.table()
