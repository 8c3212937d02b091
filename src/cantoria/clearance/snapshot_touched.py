"""Which rows of a snapshot new facts can have changed: always a superset, and only a neighbourhood.

Statements are compared voice by voice, and the voices of holders party by party, as they were and as they are. Of the
registry, which is not kept twice, `Noted` tells what the facts touched; from there one goes up to what carries it,
down to what is in it, and to the codes that name any of it, by all that was ever said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cantoria.clearance.rights import Rights
from cantoria.clearance.snapshot_dictionaries import UnitKey
from cantoria.clearance.snapshot_statements import Spoken, narrow
from cantoria.clearance.snapshot_time import things_changed
from cantoria.clearance.snapshot_voices import VoiceBook
from cantoria.consent import Effective, Scope, ScopeKind, TargetKind, Verdict
from cantoria.consent.signal_facts import SignalObserved, SignalRetracted
from cantoria.kernel.facts import Recorded
from cantoria.mandates import Voice
from cantoria.registry import Registry, Side
from cantoria.registry.noted import Noted


@dataclass(slots=True)
class Touched:
    """The owners of rows that may have changed: codes, works and recordings that rows can name (`subjects`, by id),
    units, voices and persons."""

    codes: set[str] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)
    units: set[UnitKey] = field(default_factory=set)
    voices: set[Voice] = field(default_factory=set)
    parties: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Moved:
    """Two states of the rights and the moments at which each was, or is to be, worked out. Of the one before, the
    registry may have moved on already; it is not looked at."""

    before: Rights
    after: Rights
    then: int
    now: int

    @property
    def registry(self) -> Registry:
        """The registry as it is."""
        return self.after.registry


def touched(new: Iterable[Recorded[Any]], *, noted: Noted, moved: Moved, scopes: dict[Scope, Spoken]) -> Touched:
    """Return what the facts `new`, of which the registry noted `noted`, and the time between may have changed.

    `scopes` are the narrow scopes of which anybody speaks afterwards.
    """
    found = Touched()
    found.voices = _changed_voices(moved)
    changed = set(_changed_scopes(found.voices, moved))
    holders = _changed_holders(moved)
    found.parties |= holders | noted.parties | {voice.principal for voice in found.voices}
    within = set(_in_company_of(noted.parties, moved))
    found.parties |= within
    registry = moved.registry
    sides = noted.sides | set(things_changed(moved.after, after=moved.then, to=moved.now))
    sides |= {claim.fact.subject for party in holders | within for claim in registry.claims_of_party(party)}
    _touch_sides(found, sides, changed, registry, scopes)
    for scope in changed:
        _touch_scope(found, scope, registry)
    _touch_gathered(found, noted.gathered, registry)
    _touch_contents(found, noted, registry)
    found.subjects |= registry.users_of(_signalled(new, sides, moved))
    return found


def _changed_voices(moved: Moved) -> set[Voice]:
    """Return the voices in which anything else has effect than before."""
    before, after = moved.before.standings, moved.after.standings
    return {voice for voice in {*before.voices(), *after.voices()} if before.by_voice(voice) != after.by_voice(voice)}


def _changed_scopes(voices: Iterable[Voice], moved: Moved) -> Iterator[Scope]:
    """Give the narrow scopes of which one of these voices began or ceased to speak, or to refuse."""
    for voice in voices:
        then = _spoken(moved.before.standings.by_voice(voice))
        now = _spoken(moved.after.standings.by_voice(voice))
        yield from (scope for scope, _ in then ^ now)


def _spoken(said: Iterable[Effective]) -> set[tuple[Scope, bool]]:
    found: set[tuple[Scope, bool]] = set()
    for one in said:
        if narrow(one.scope):
            found |= {(one.scope, False), (one.scope, one.verdict is not Verdict.YES)}
    return found


def _changed_holders(moved: Moved) -> set[str]:
    """Return the parties for whom others must say yes than before."""
    then, now = VoiceBook(moved.before, at=moved.then), VoiceBook(moved.after, at=moved.now)
    before, after = set(moved.before.mandates.in_company()), set(moved.after.mandates.in_company())
    changed = (
        party
        for party in before & after
        if then.of_holder(party) != now.of_holder(party) or then.of_person(party) != now.of_person(party)
    )
    return (before ^ after).union(changed)


def _in_company_of(speakers: set[str], moved: Moved) -> Iterator[str]:
    """Give the holders for whom one of these speakers must say yes, the speakers themselves included."""
    yield from speakers
    if speakers:
        voices = VoiceBook(moved.after, at=moved.now)
        for party in moved.after.mandates.in_company():
            asked = (*voices.of_holder(party), *voices.of_person(party))
            if any(voice.speaker in speakers for voice, _ in asked):
                yield party


def _touch_sides(
    found: Touched, sides: set[str], changed: set[Scope], registry: Registry, scopes: dict[Scope, Spoken]
) -> None:
    """Touch the units of things whose holders changed. What a subject consists of hangs on them only where somebody
    speaks of one recording in particular: there a work may become a unit of its own, or cease to be."""
    for thing in sides:
        users = registry.users_of([thing])
        found.units |= set(_units_of(thing, users))
        for user in users:
            if _spoken_of(user, registry, scopes, changed):
                found.subjects |= registry.users_of([user])


def _spoken_of(recording: str, registry: Registry, scopes: dict[Scope, Spoken], changed: set[Scope]) -> bool:
    around = [Scope(ScopeKind.RECORDING, recording)]
    around += [Scope(ScopeKind.RELEASE, release) for release in registry.releases_of(recording)]
    return any(scope in scopes or scope in changed for scope in around)


def _units_of(thing: str, users: Iterable[str]) -> Iterator[UnitKey]:
    """Give the units that a work or recording can be; `users` are those that may carry it."""
    yield TargetKind.RECORDING, thing, thing
    yield TargetKind.WORK, thing, ""
    for user in users:
        yield TargetKind.WORK, thing, user


def _touch_scope(found: Touched, scope: Scope, registry: Registry) -> None:
    """Touch what a scope reaches."""
    match scope.kind:
        case ScopeKind.RECORDING:
            found.units.add((TargetKind.RECORDING, scope.id, scope.id))
            found.subjects |= registry.users_of([scope.id])
        case ScopeKind.WORK:
            users = registry.users_of([scope.id])
            found.units |= set(_units_of(scope.id, users))
            found.units |= {(TargetKind.RECORDING, user, user) for user in users}
        case ScopeKind.RELEASE:
            release = registry.release(scope.id)
            for recording in release.recordings if release else ():
                found.units.add((TargetKind.RECORDING, recording, recording))
                found.subjects |= registry.users_of([recording])
        case _:
            _touch_gathered(found, registry.members_of(scope.id), registry)


def _touch_gathered(found: Touched, things: Iterable[str], registry: Registry) -> None:
    """Touch what is, or came to be, on a release or in a catalogue: a catalogue holds what its releases carry."""
    for thing in things:
        release = registry.release(thing)
        if release is not None:
            _touch_gathered(found, release.recordings, registry)
            continue
        found.units |= set(_units_of(thing, registry.users_of([thing])))
        if registry.releases_of(thing):
            found.subjects |= registry.users_of([thing])


def _touch_contents(found: Touched, noted: Noted, registry: Registry) -> None:
    """Touch what carries something that is made up otherwise now, and the codes that name any of it."""
    unregistered = {thing for thing in noted.sides if registry.registered_index(thing) < 0}
    users = registry.users_of(noted.contents | unregistered)
    found.subjects |= users
    found.units |= {(TargetKind.RECORDING, user, user) for user in users}
    near = users | registry.carried_by(users | noted.lost) | noted.naming
    releases = {release for thing in users for release in registry.releases_of(thing)}
    found.codes |= registry.names_near(near | releases)


def _signalled(new: Iterable[Recorded[Any]], sides: set[str], moved: Moved) -> set[str]:
    """Return the things on which outside signals may count otherwise than before."""
    signals = moved.after.standings.signals
    found = {thing for thing in sides if signals.on(thing)} if signals else set()
    for recorded in new:
        match recorded.fact:
            case SignalObserved() as fact:
                found |= set(fact.things)
            case SignalRetracted() as fact:
                known = (
                    thing for thing in signals.things() if any(n.fact.signal == fact.signal for n in signals.on(thing))
                )
                found |= set(known)
            case _:
                pass
    return found


def sides_of(subject: str) -> tuple[tuple[str, Side], ...]:
    """Return the keys under which a row can name a work or recording."""
    return ((subject, Side.RECORDING), (subject, Side.WORK))
