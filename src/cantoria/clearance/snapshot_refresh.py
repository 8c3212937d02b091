"""Refresh a snapshot: the rows that new facts changed, as one generation more, instead of all rows anew.

The numbers go on where they were, so the new rows stand beside the old. What a generation gives anew replaces all
rows of the same owner; `gone` names the owners whose earlier rows no longer count.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from cantoria.clearance.analytics import Table
from cantoria.clearance.rights import Rights
from cantoria.clearance.snapshot_build import Builder
from cantoria.clearance.snapshot_dictionaries import Dictionaries, SubjectKey, UnitKey
from cantoria.clearance.snapshot_numbers import Numbers, Rows
from cantoria.clearance.snapshot_schema import CODE, GONE_SCHEMA, PARTY, SUBJECT, UNIT, VOICE
from cantoria.clearance.snapshot_time import until_of
from cantoria.clearance.snapshot_touched import Moved, Touched, sides_of, touched
from cantoria.consent import Standings
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import PartyId
from cantoria.mandates import Mandates
from cantoria.registry import Registry, Side
from cantoria.registry.noted import Noted

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """What a refresh adds: rows and dictionary entries by table, the owners that are `gone` from earlier generations,
    and the size and moments of the snapshot that it makes."""

    tables: Mapping[str, Table]
    gone: Table
    size: int
    at: int
    until: int


@dataclass(frozen=True, slots=True)
class Grown:
    """The rights before and after new facts, and what the registry noted while it took them in."""

    before: Rights
    after: Rights
    new: tuple[Recorded[Any], ...]
    noted: Noted


def grow(rights: Rights, *, said: Iterable[Recorded[Any]], new: Iterable[Recorded[Any]]) -> Grown:
    """Take new facts, in ledger order, into rights that were folded from all facts before them.

    The registry of `rights` moves on with them; `said` are all facts of mandates and consent, the new ones included,
    from which those two views are worked out anew.
    """
    added = tuple(new)
    noted = rights.registry.take(added)
    known = list(said)
    mandates = Mandates.fold(known, registry=rights.registry)
    standings = Standings.fold(known, registry=rights.registry, mandates=mandates)
    return Grown(rights, Rights(rights.registry, mandates, standings), added, noted)


def refresh(grown: Grown, *, then: int, at: int, size: int, numbers: Dictionaries) -> Generation:
    """Return the generation that makes the snapshot of `grown.before` at the moment `then` one of `grown.after` at the
    moment `at`. `numbers` are the dictionaries of the former; they take in what is new.

    Where what territory expressions mean has changed in between, every row may have: that is an `InputError`.
    """
    if at < then:
        raise InputError("a snapshot does not go back in time", "give a later moment, or build it anew")
    change = territories.next_change(then)
    if change is not None and change <= at:
        raise InputError("countries have changed since the snapshot was made", "build it anew")
    numbers.settle()
    builder = Builder(grown.after, at=at, numbers=numbers)
    moved = Moved(grown.before, grown.after, then, at)
    found = touched(grown.new, noted=grown.noted, moved=moved, scopes=builder.scopes)
    _read_codes(builder, found, numbers.subjects, grown.after.registry)
    subjects = {key for subject in found.subjects for key in sides_of(subject) if key in numbers.subjects}
    subjects.update(key for key, _ in numbers.subjects.fresh())
    builder.subjects(sorted(subjects, key=numbers.subjects.__getitem__))
    builder.units(sorted(filter(numbers.units.knew, found.units), key=numbers.units.__getitem__))
    builder.voices(sorted(found.voices))
    builder.persons(sorted(_persons(found, grown.after)))
    gone = _gone(found, subjects, builder.read_units(), numbers)
    return Generation(tables=builder.tables(), gone=gone, size=size, at=at, until=until_of(grown.after, at=at))


def _read_codes(builder: Builder, found: Touched, numbers: Numbers[SubjectKey], registry: Registry) -> None:
    """Read the codes that may lead elsewhere than before, and add to them those that belong together with what can be
    named only now."""
    ahead, seen = found.codes, 0
    while ahead:
        builder.lead(sorted(ahead))
        named = list(islice(numbers.fresh(), seen, None))
        seen += len(named)
        recordings = [subject for (subject, side), _ in named if side is Side.RECORDING]
        works = [subject for (subject, side), _ in named if side is Side.WORK]
        near = registry.names_near(registry.carried_by(recordings) | registry.users_of(works))
        ahead = near - found.codes
        found.codes |= ahead
    builder.finish_codes()


def _persons(found: Touched, after: Rights) -> Iterator[str]:
    """Give the parties, of those touched, that a snapshot has a row of (`persons_of`)."""
    for party in found.parties:
        voices = after.mandates.all_voices(PartyId(party))
        if (
            after.registry.party(party)
            or not after.mandates.speaks_alone(party)
            or any(after.standings.by_voice(voice) for voice in voices)
        ):
            yield party


def _gone(found: Touched, subjects: set[SubjectKey], units: set[UnitKey], numbers: Dictionaries) -> Table:
    """Return the table `gone`: the owners known before of which this generation has all rows."""
    keys = [(CODE, code) for code in sorted(found.codes)]
    keys += _numbered(SUBJECT, numbers.subjects, subjects)
    keys += _numbered(UNIT, numbers.units, units)
    keys += _numbered(VOICE, numbers.voices, found.voices)
    keys += _numbered(PARTY, numbers.parties, found.parties)
    rows = Rows(GONE_SCHEMA)
    for kind, key in keys:
        rows.add(kind, key)
    return rows.table()


def _numbered(kind: int, numbers: Numbers[K], owners: Iterable[K]) -> list[tuple[int, str]]:
    return [(kind, str(number)) for number in sorted(numbers[owner] for owner in owners if numbers.knew(owner))]
