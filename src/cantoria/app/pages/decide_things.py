"""What a party can decide about: its own works, recordings, releases and catalogues, and the recordings in a scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cantoria.app import search
from cantoria.app.house import House
from cantoria.app.pages.decide_names import Value, names_of
from cantoria.app.ports import FactIndex
from cantoria.consent.types import Scope, ScopeKind
from cantoria.registry.facts import (
    CatalogueDefined,
    ClaimWithdrawn,
    LinkAsserted,
    PartyRegistered,
    ReleaseRegistered,
    ShareClaimed,
)
from cantoria.registry.types import PartyKind, Relation

SHOWN_MAX: Final = 60  # of a list to choose from
SEARCHED_MAX: Final = 30
ORDER: Final = ("catalogue", "release", "work", "recording")


@dataclass(frozen=True, slots=True)
class Reached:
    """The recordings that a scope speaks of: `listed` are at hand, sorted; `whole` tells that there are no others."""

    listed: tuple[str, ...]
    whole: bool


def is_person(index: FactIndex, party: str, *, size: int) -> bool:
    """Tell whether a party is a person or group, whose things are few enough to be listed."""
    said = index.about([party], tags=[PartyRegistered.TYPE.tag], size=size)
    kinds = [one.fact.kind for one in said if one.fact.party == party]
    return bool(kinds) and kinds[-1] is not PartyKind.ORGANISATION


def claimed(index: FactIndex, party: str, *, size: int) -> list[str]:
    """Return the works and recordings that a party claims a part of, in ledger order."""
    said = index.about([party], tags=[ShareClaimed.TYPE.tag], size=size)
    mine = [one.fact for one in said if one.fact.party == party]
    gone = index.about([one.claim for one in mine], tags=[ClaimWithdrawn.TYPE.tag], size=size)
    over = {one.fact.claim for one in gone}
    return list(dict.fromkeys(one.subject for one in mine if one.claim not in over))


def catalogues(index: FactIndex, party: str, *, size: int) -> list[str]:
    """Return the catalogues that a party owns."""
    said = index.about([party], tags=[CatalogueDefined.TYPE.tag], size=size)
    return list(dict.fromkeys(one.fact.catalogue for one in said if one.fact.owner == party))


def releases_with(index: FactIndex, recordings: Sequence[str], *, size: int) -> list[str]:
    """Return the releases that carry any of these recordings."""
    said = index.about(recordings, tags=[ReleaseRegistered.TYPE.tag], size=size)
    return list(dict.fromkeys(one.fact.release for one in said))


def choices(house: House, party: str, *, q: str, size: int) -> Value:
    """Return what of a party's things one can choose from, by kind: the first few of a person's, or what words find."""
    index = house.index
    if q.strip():
        hits = search.find(house, q, limit=SEARCHED_MAX).hits
        ids = [hit.id for hit in hits if hit.kind.value in ("recording", "work", "release")]
        found = _mine(index, party, ids, size=size)
    elif is_person(index, party, size=size):
        mine = claimed(index, party, size=size)
        recordings = [one for one in mine if one.startswith("recording_")]
        found = [*catalogues(index, party, size=size), *releases_with(index, recordings, size=size), *mine]
    else:
        found = catalogues(index, party, size=size)
    kinds = {kind: [one for one in found if one.startswith(kind + "_")] for kind in ORDER}
    names = names_of(index, [one for ids in kinds.values() for one in ids[:SHOWN_MAX]], size=size)
    return {
        "q": q,
        "groups": [
            {"kind": kind, "total": len(ids), "things": [names[one] for one in ids[:SHOWN_MAX]]}
            for kind, ids in kinds.items()
            if ids
        ],
    }


def _mine(index: FactIndex, party: str, ids: Sequence[str], *, size: int) -> list[str]:
    """Return those of the things that a party claims a part of; a release by what is on it."""
    carried: dict[str, list[str]] = {one: [one] for one in ids}
    for said in index.about([one for one in ids if one.startswith("release_")], size=size):
        if isinstance(said.fact, ReleaseRegistered) and said.fact.release in carried:
            carried[said.fact.release] += said.fact.recordings
    wanted = sorted({thing for things in carried.values() for thing in things})
    said_of = index.about(wanted, tags=[ShareClaimed.TYPE.tag], size=size)
    mine = {one.fact.subject for one in said_of if one.fact.party == party}
    return [one for one in ids if mine.intersection(carried[one])]


def reached(index: FactIndex, party: str, scope: Scope, *, size: int, limit: int) -> Reached:
    """Return up to `limit` recordings that a statement for a party with this scope may speak of today."""
    match scope.kind:
        case ScopeKind.PERSONA | ScopeKind.FUTURE_WORKS:
            return Reached((), whole=True)
        case ScopeKind.RECORDING:
            things = [scope.id]
        case ScopeKind.PRESENT_WORKS:
            if not is_person(index, party, size=size):
                return Reached((), whole=False)
            things = claimed(index, party, size=size)
        case _:
            things = _members(index, scope.id, size=size)
    found = {one for one in things if one.startswith("recording_")}
    works = [one for one in things if one.startswith("work_")][: 4 * limit]
    for said in index.about(works, tags=[LinkAsserted.TYPE.tag], size=size):
        if said.fact.relation is Relation.EMBODIES and said.fact.right in works:
            found.add(said.fact.left)
    listed = sorted(one for one in found if one.startswith("recording_"))
    return Reached(tuple(listed[:limit]), whole=len(listed) <= limit)


def _members(index: FactIndex, thing: str, *, size: int) -> list[str]:
    """Return what a work, release or catalogue leads to: itself, and what is on it or in it."""
    found = {thing}
    for said in index.about([thing], tags=[CatalogueDefined.TYPE.tag, ReleaseRegistered.TYPE.tag], size=size):
        found.update(_inside(said.fact, thing))
    releases = sorted(one for one in found if one.startswith("release_"))
    for said in index.about(releases, tags=[ReleaseRegistered.TYPE.tag], size=size):
        found.update(said.fact.recordings)
    return sorted(found)


def _inside(fact: object, thing: str) -> Iterable[str]:
    match fact:
        case CatalogueDefined(catalogue=catalogue, members=members) if catalogue == thing:
            return members
        case ReleaseRegistered(release=release, recordings=recordings) if release == thing:
            return recordings
        case _:
            return ()
