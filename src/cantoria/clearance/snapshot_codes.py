"""Codes in columns: what a row with one code names, and where each code leads in a row with several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from cantoria.clearance.analytics import Table
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.resolution_plan import (
    ASTRAY,
    CHIEF,
    EITHER,
    FIRM,
    FOLLOWS_CHIEF,
    FOLLOWS_OTHER,
    LOOSE,
    OTHER,
    TOGETHER,
)
from cantoria.clearance.snapshot_dictionaries import SubjectKey
from cantoria.clearance.snapshot_numbers import Numbers, Rows
from cantoria.clearance.snapshot_schema import SCHEMAS
from cantoria.registry import Ambiguous, Found, NotFound, Registry, Side
from cantoria.registry.resolve import CHIEF_SCHEMES, Lead

# The media of a row and their numbers in the tables.
MEDIA: Final = {"recording": 0, "work": 1}
_SIDES: Final = {"recording": Side.RECORDING, "work": Side.WORK}


class CodeBook:
    """Reads codes into the tables `name` and `lead`, and numbers the subjects that they lead to."""

    def __init__(self, registry: Registry, *, numbers: Numbers[SubjectKey]) -> None:
        self._registry = registry
        self._numbers = numbers
        self._names = Rows(SCHEMAS["name"])
        self._leads = Rows(SCHEMAS["lead"])
        self._across: list[tuple[str, str, int, Lead]] = []
        self._works: dict[str, frozenset[str]] = {}

    def read(self, codes: Iterable[str]) -> None:
        """Take in codes that rows may carry, each once; in the end, `finish`."""
        for code in codes:
            for media in MEDIA:
                self._lead(code, media)

    def finish(self) -> None:
        """Take in what belongs together with the codes read, of all that has a number by now."""
        for code, media, way, lead in self._across:
            for subject in sorted(self._together(lead, _SIDES[media]) - lead.implied):
                number = self._numbers[subject, _SIDES[media]]
                self._leads.add(code, MEDIA[media], way, TOGETHER, number)

    def tables(self) -> dict[str, Table]:
        """Return the tables `name` and `lead`."""
        return {"name": self._names.table(), "lead": self._leads.table()}

    def _lead(self, code: str, media: str) -> None:
        side = _SIDES[media]
        firm, loose = self._registry.leads(code, media=media)
        if firm == loose:
            found = firm.any
            if found:
                outcome = int(ReasonCode.AMBIGUOUS) if len(found) > 1 else 0
                self._names.add(code, MEDIA[media], 0 if outcome else self._numbers[next(iter(found)), side], outcome)
        else:
            self._name_disputed(code, media)
        for way, lead in ((EITHER, firm),) if firm == loose else ((FIRM, firm), (LOOSE, loose)):
            for level, subject in _levels(lead, side):
                self._leads.add(code, MEDIA[media], way, level, self._numbers[subject, side] if subject else 0)
            if lead.across and not lead.direct:
                self._across.append((code, media, way, lead))

    def _name_disputed(self, code: str, media: str) -> None:
        match self._registry.resolve([code], media=media):
            case Found(subject=subject, side=side):
                self._names.add(code, MEDIA[media], self._numbers[subject, side], 0)
            case Ambiguous(contradiction=contradiction):
                outcome = ReasonCode.CODES_DISAGREE if contradiction else ReasonCode.AMBIGUOUS
                self._names.add(code, MEDIA[media], 0, int(outcome))
            case NotFound():
                pass

    def _together(self, lead: Lead, side: Side) -> set[str]:
        """Return the subjects, of those that rows can name, that belong together with what a code names on the other
        side."""
        if side is Side.RECORDING:
            users = self._registry.users_of(lead.across)
            found = {user for user in users if not lead.across.isdisjoint(self._works_under(user))}
        else:
            found = set().union(*(self._works_under(recording) for recording in lead.across))
        return {subject for subject in found if (subject, side) in self._numbers}

    def _works_under(self, recording: str) -> frozenset[str]:
        found = self._works.get(recording)
        if found is None:
            found = self._works[recording] = frozenset(self._registry.works_of(recording))
        return found


def _levels(lead: Lead, side: Side) -> Iterator[tuple[int, str]]:
    """Give the subjects that a code leads to with the level, or level ASTRAY with none."""
    if lead.direct:
        level = CHIEF if lead.scheme == CHIEF_SCHEMES[side] else OTHER
        yield from ((level, subject) for subject in sorted(lead.direct))
    elif lead.implied:
        level = FOLLOWS_CHIEF if lead.scheme in CHIEF_SCHEMES.values() else FOLLOWS_OTHER
        yield from ((level, subject) for subject in sorted(lead.implied))
    elif lead.astray:
        yield ASTRAY, ""
