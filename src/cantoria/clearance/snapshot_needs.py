"""Needs in columns: which units a subject consists of, whose say each unit needs, and which scopes reach it.

A unit is a recording or a work. Where somebody who holds a work speaks of one recording of it, or of a release with
it, the work as used in that recording is a unit of its own; everywhere else one unit stands for all its uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from cantoria.clearance.analytics import Table
from cantoria.clearance.decide import PROBLEM_REASONS
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.rights import Rights, targets_of
from cantoria.clearance.snapshot_numbers import Numbers, Rows
from cantoria.clearance.snapshot_schema import OPEN_END, SCHEMAS, region_values, schema_of
from cantoria.clearance.snapshot_statements import Ledger, Spoken
from cantoria.consent import Profile, Scope, ScopeKind, Target, TargetKind
from cantoria.kernel.uses import Use
from cantoria.mandates import Voice
from cantoria.registry import Found, Role

ALWAYS: Final = -1
UnitKey = tuple[TargetKind, str, str]  # of what kind, which, and as used in which recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of works and recordings: a use, from holders in these roles, at a moment, in one country for each
    territory class, under a profile."""

    use: Use
    roles: frozenset[Role]
    at: int
    countries: tuple[str, ...]
    profile: Profile


@dataclass(frozen=True, slots=True)
class _Side:
    """Whose say one work or recording needs (with a mask of territory classes), and what is wrong with it."""

    voices: dict[Voice, int]
    problems: frozenset[ReasonCode]


class NeedBook:
    """Reads subjects into the tables `part`, `problem`, `unit_problem`, `need` and `reach`."""

    def __init__(self, rights: Rights, *, question: Question, ledger: Ledger) -> None:
        self._rights, self._question, self._ledger = rights, question, ledger
        self._units = Numbers[UnitKey]()
        self._things = Numbers[str]()
        self._sides: dict[str, _Side] = {}
        self._heard: dict[str, tuple[Voice, ...]] = {}
        self._spoken_in: dict[str, set[Voice]] = {}
        self._reachable: dict[str, bool] = {}
        regions = len(question.countries)
        self._rows = {
            name: Rows(schema_of(name, regions=regions))
            for name in ("part", "problem", "unit_problem", "need", "reach")
        }
        self.voices = Numbers[Voice]()

    def read(self, found: Found, *, number: int) -> None:
        """Take in everything that a subject, numbered `number`, carries with it."""
        registry = self._rights.registry
        for code in sorted({PROBLEM_REASONS[problem] for problem in registry.closure(found.subject).problems}):
            self._rows["problem"].add(number, int(code), self._things[found.subject])
        for unit in dict.fromkeys(self._unit(target) for target in targets_of(found, registry=registry)):
            self._rows["part"].add(number, unit)

    def tables(self) -> dict[str, Table]:
        """Return the tables read, with the dictionaries `thing`, `voice` and `party`."""
        things, voices, names = Rows(SCHEMAS["thing"]), Rows(SCHEMAS["voice"]), Rows(SCHEMAS["party"])
        for thing, number in self._things.items():
            things.add(number, thing)
        parties = Numbers[str]()
        for voice, number in self.voices.items():
            voices.add(number, str(voice), parties[voice.speaker])
        for party, number in parties.items():
            names.add(number, party)
        tables = {name: rows.table() for name, rows in self._rows.items()}
        return tables | {"thing": things.table(), "voice": voices.table(), "party": names.table()}

    def _unit(self, target: Target) -> int:
        side = self._side(target.id)
        if target.kind is TargetKind.WORK and self._speakers_in(target.recording).isdisjoint(side.voices):
            target = replace(target, recording="", works=())
        key = (target.kind, target.id, target.recording)
        if key not in self._units:
            self._add_unit(self._units[key], target, side)
        return self._units[key]

    def _add_unit(self, unit: int, target: Target, side: _Side) -> None:
        registry = self._rights.registry
        about = self._things[target.id]
        registered = registry.registered_index(target.id)
        for code in sorted(side.problems):
            self._rows["unit_problem"].add(unit, int(code), about)
        for voice, mask in side.voices.items():
            regions = region_values(mask, regions=len(self._question.countries))
            need = (unit, self.voices[voice], about, registered, self._can_reach(voice.speaker), *regions)
            self._rows["need"].add(*need)
        for spoken, since in self._reaching(target):
            if not spoken.voices.isdisjoint(side.voices):
                self._rows["reach"].add(spoken.number, unit, since)

    def _side(self, subject: str) -> _Side:
        side = self._sides.get(subject)
        if side is None:
            voices: dict[Voice, int] = {}
            problems: set[ReasonCode] = set()
            for region, country in enumerate(self._question.countries):
                state = self._rights.registry.side(subject, territory=country, at=self._question.at)
                problems.update(PROBLEM_REASONS[problem] for problem in state.problems)
                for holding in state.holders:
                    if holding.role in self._question.roles:
                        for voice in self._voices_of(holding.party):
                            voices[voice] = voices.get(voice, 0) | 1 << region
            side = self._sides[subject] = _Side(voices, frozenset(problems))
        return side

    def _can_reach(self, party: str) -> bool:
        reachable = self._reachable.get(party)
        if reachable is None:
            view = self._rights.registry.party(party)
            reachable = self._reachable[party] = view is not None and view.reachable
        return reachable

    def _voices_of(self, party: str) -> tuple[Voice, ...]:
        voices = self._heard.get(party)
        if voices is None:
            asked = self._question
            voices = self._heard[party] = self._rights.mandates.voices(
                party, at=asked.at, profile=asked.profile, use=asked.use
            )
        return voices

    def _speakers_in(self, recording: str) -> set[Voice]:
        """Return who speaks of the works in one recording in particular."""
        speakers = self._spoken_in.get(recording)
        if speakers is None:
            speakers = self._spoken_in[recording] = set()
            own = self._scope(ScopeKind.RECORDING, recording)
            if own is not None:
                speakers |= own.voices
            for release in self._rights.registry.releases_of(recording):
                spoken = self._scope(ScopeKind.RELEASE, release)
                if spoken is not None:
                    speakers |= spoken.refusers
        return speakers

    def _scope(self, kind: ScopeKind, thing: str) -> Spoken | None:
        return self._ledger.scopes.get(Scope(kind, thing)) if thing else None

    def _reaching(self, target: Target) -> Iterator[tuple[Spoken, int]]:
        """Give the narrow scopes that reach a target, with the ledger index above which a yes must stand to do so;
        a refusal always does. The set-based form of `consent.reaches`."""
        registry = self._rights.registry
        is_recording = target.kind is TargetKind.RECORDING
        reaching = [(ScopeKind.RECORDING, target.recording, ALWAYS)]
        if is_recording:
            reaching += [(ScopeKind.WORK, work, OPEN_END) for work in target.works]
        else:
            reaching.append((ScopeKind.WORK, target.id, ALWAYS))
        for kind, thing, since in reaching:
            spoken = self._scope(kind, thing)
            if spoken is not None:
                yield spoken, since
        for release in registry.releases_of(target.recording):
            spoken = self._scope(ScopeKind.RELEASE, release)
            if spoken is not None:
                carried = self._carriage(target.recording, release)
                yield spoken, spoken.since(carried) if is_recording else OPEN_END
        for catalogue in registry.catalogues_of(target.id, at_index=registry.last_index + 1):
            spoken = self._scope(ScopeKind.CATALOGUE, catalogue)
            if spoken is not None:
                yield spoken, spoken.since(self._membership(target.id, catalogue))

    def _carriage(self, recording: str, release: str) -> Callable[[int], bool]:
        registry = self._rights.registry
        return lambda index: release in registry.releases_of(recording, at_index=index)

    def _membership(self, thing: str, catalogue: str) -> Callable[[int], bool]:
        registry = self._rights.registry
        return lambda index: catalogue in registry.catalogues_of(thing, at_index=index)
