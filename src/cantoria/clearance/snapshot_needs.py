"""Needs in columns: which units a subject consists of, whose say each unit needs, and which scopes reach it.

A unit is a recording or a work. Where somebody who holds a work speaks of one recording of it, or refuses a release
with it, the work as used in that recording is a unit of its own; everywhere else one unit stands for all its uses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cantoria.clearance.analytics import Table
from cantoria.clearance.decide import PROBLEM_REASONS
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.rights import Rights, targets_of
from cantoria.clearance.snapshot_dictionaries import Dictionaries, UnitKey
from cantoria.clearance.snapshot_numbers import Rows
from cantoria.clearance.snapshot_places import Places
from cantoria.clearance.snapshot_schema import OPEN_END, SCHEMAS
from cantoria.clearance.snapshot_statements import Spoken
from cantoria.clearance.snapshot_voices import VoiceBook
from cantoria.consent import Scope, ScopeKind, Target, TargetKind
from cantoria.mandates import Voice
from cantoria.registry import Found, Side

ALWAYS: Final = -1


@dataclass(frozen=True, slots=True)
class _Side:
    """Whose say one work or recording needs (with its bits of `asked` and a mask of countries), and what is wrong
    with it where."""

    voices: dict[Voice, tuple[int, int]]
    problems: dict[ReasonCode, int]


class NeedBook:
    """Reads subjects into the tables `part`, `problem`, `unit_problem`, `need` and `reach`."""

    def __init__(
        self,
        rights: Rights,
        *,
        at: int,
        numbers: Dictionaries,
        places: Places,
        voices: VoiceBook,
        scopes: dict[Scope, Spoken],
    ) -> None:
        self._rights, self._at = rights, at
        self._numbers, self._places, self._voices, self._scopes = numbers, places, voices, scopes
        self._sides: dict[str, _Side] = {}
        self._spoken_in: dict[str, set[Voice]] = {}
        self._read: set[UnitKey] = set()
        self._asked: dict[Voice, None] = {}
        self._rows = {name: Rows(SCHEMAS[name]) for name in ("part", "problem", "unit_problem", "need", "reach")}

    def read(self, subject: str, side: Side) -> None:
        """Take in everything that a subject carries with it."""
        registry = self._rights.registry
        number = self._numbers.subjects[subject, side]
        for code in sorted({PROBLEM_REASONS[problem] for problem in registry.closure(subject).problems}):
            self._rows["problem"].add(number, int(code), self._numbers.things[subject])
        found = Found(subject, side, "")
        for unit in dict.fromkeys(self._unit(target) for target in targets_of(found, registry=registry)):
            self._rows["part"].add(number, unit)

    def read_unit(self, key: UnitKey) -> None:
        """Take in one unit, whether or not a subject that was read consists of it."""
        kind, thing, recording = key
        if key not in self._read:
            works = self._rights.registry.works_of(recording) if recording else ()
            self._add_unit(key, Target(kind, thing, recording, works), self._side(thing))

    def units(self) -> set[UnitKey]:
        """Return the units taken in so far."""
        return self._read

    def voices(self) -> Iterator[Voice]:
        """Give the voices that these units need, each once."""
        return iter(self._asked)

    def tables(self) -> dict[str, Table]:
        """Return the tables read."""
        return {name: rows.table() for name, rows in self._rows.items()}

    def _unit(self, target: Target) -> int:
        side = self._side(target.id)
        if target.kind is TargetKind.WORK and self._speakers_in(target.recording).isdisjoint(side.voices):
            target = Target(target.kind, target.id)
        key = (target.kind, target.id, target.recording)
        if key not in self._read:
            self._add_unit(key, target, side)
        return self._numbers.units[key]

    def _add_unit(self, key: UnitKey, target: Target, side: _Side) -> None:
        self._read.add(key)
        unit = self._numbers.units[key]
        about = self._numbers.things[target.id]
        if target.recording:
            self._numbers.things[target.recording]
        registered = self._rights.registry.registered_index(target.id)
        for code, mask in sorted(side.problems.items()):
            self._rows["unit_problem"].add(unit, int(code), about, self._places.number(mask))
        for voice, (asked, mask) in side.voices.items():
            self._asked[voice] = None
            reachable = self._voices.can_reach(voice.speaker)
            place = self._places.number(mask)
            self._rows["need"].add(unit, self._numbers.voices[voice], about, registered, reachable, place, asked)
        for scope, since in self._reaching(target):
            if not self._scopes[scope].voices.isdisjoint(side.voices):
                self._rows["reach"].add(self._numbers.scopes[scope], unit, since)

    def _side(self, subject: str) -> _Side:
        side = self._sides.get(subject)
        if side is None:
            registry = self._rights.registry
            voices: dict[Voice, tuple[int, int]] = {}
            problems: dict[ReasonCode, int] = {}
            for country, mask in self._places.classes(registry.side_expressions(subject)):
                state = registry.side(subject, territory=country, at=self._at)
                for problem in state.problems:
                    code = PROBLEM_REASONS[problem]
                    problems[code] = problems.get(code, 0) | mask
                for party in dict.fromkeys(holding.party for holding in state.holders):
                    for voice, asked in self._voices.of_holder(party):
                        voices[voice] = (asked, voices.get(voice, (0, 0))[1] | mask)
            side = self._sides[subject] = _Side(voices, problems)
        return side

    def _speakers_in(self, recording: str) -> set[Voice]:
        """Return who speaks of the works in one recording in particular."""
        speakers = self._spoken_in.get(recording)
        if speakers is None:
            speakers = self._spoken_in[recording] = speakers_in(recording, rights=self._rights, scopes=self._scopes)
        return speakers

    def _reaching(self, target: Target) -> Iterator[tuple[Scope, int]]:
        """Give the narrow scopes that reach a target and that somebody speaks of, with the ledger index above which a
        yes must stand to do so; a refusal always does. The set-based form of `consent.reaches`."""
        registry = self._rights.registry
        is_recording = target.kind is TargetKind.RECORDING
        reaching = [(Scope(ScopeKind.RECORDING, target.recording), ALWAYS)] if target.recording else []
        if is_recording:
            reaching += [(Scope(ScopeKind.WORK, work), OPEN_END) for work in target.works]
        else:
            reaching.append((Scope(ScopeKind.WORK, target.id), ALWAYS))
        for scope, since in reaching:
            if scope in self._scopes:
                yield scope, since
        for release in registry.releases_of(target.recording):
            scope = Scope(ScopeKind.RELEASE, release)
            if scope in self._scopes:
                yield scope, registry.carried_since(target.recording, release) if is_recording else OPEN_END
        for catalogue in registry.catalogues_of(target.id, at_index=registry.last_index + 1):
            scope = Scope(ScopeKind.CATALOGUE, catalogue)
            if scope in self._scopes:
                yield scope, registry.member_since(target.id, catalogue)


def speakers_in(recording: str, *, rights: Rights, scopes: dict[Scope, Spoken]) -> set[Voice]:
    """Return who speaks of the works in one recording in particular: of the recording, or against a release of it."""
    if not recording:
        return set()
    speakers: set[Voice] = set()
    own = scopes.get(Scope(ScopeKind.RECORDING, recording))
    if own is not None:
        speakers |= own.voices
    for release in rights.registry.releases_of(recording):
        spoken = scopes.get(Scope(ScopeKind.RELEASE, release))
        if spoken is not None:
            speakers |= spoken.refusers
    return speakers
