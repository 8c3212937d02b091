"""Which identifiers stand for somebody or something: the keys that "was I in it?" looks for.

A code stands for itself and for what it names; a party for what it claims; a work or recording for everything that
carries it. The walk reads the neighbourhood alone. It leaves out nothing that `lineage.search_keys` finds and may find
a little more (what a link says that nobody vouches for): too many questions rather than a missing answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.search import code_of
from cantoria.kernel.facts import Recorded
from cantoria.registry.facts import (
    LinkAsserted,
    PartyNamed,
    RecordingRegistered,
    ReleaseRegistered,
    ShareClaimed,
    WorkRegistered,
)
from cantoria.registry.types import Relation

THINGS_MAX: Final = 2_000
KEYS_MAX: Final = 400
KINDS: Final = ("party_", "work_", "recording_", "release_")
_LINK: Final = LinkAsserted.TYPE.tag
_CARRYING: Final = (_LINK, WorkRegistered.TYPE.tag, RecordingRegistered.TYPE.tag)


@dataclass(frozen=True, slots=True)
class Keys:
    """What a question comes to: the things it is about, what carries them, and the keys to look for. `whole` is false
    where there are more than are looked for on a page."""

    named: tuple[str, ...]
    carriers: tuple[str, ...]
    keys: tuple[str, ...]
    whole: bool


def asked_for(text: str) -> str:
    """Return the code key or id that a text is, empty where it is words."""
    text = text.strip()
    return text if text.startswith(KINDS) and text.replace("_", "").isalnum() else code_of(text)


def keys_of(house: House, asked: str, *, size: int) -> Keys:
    """Return the keys for a code key or the id of a party, work, recording or release, as of `size`."""
    named = _named(house, asked, size) if ":" in asked else [asked]
    targets = {thing for thing in named if not thing.startswith(("party_", "release_"))}
    parties = [thing for thing in named if thing.startswith("party_")]
    if parties:
        claims = house.index.about(parties, tags=[ShareClaimed.TYPE.tag], size=size)
        targets |= {one.fact.subject for one in claims if one.fact.party in parties}
    releases = [thing for thing in named if thing.startswith("release_")]
    if releases:
        made = house.index.about(releases, tags=[ReleaseRegistered.TYPE.tag], size=size)
        targets |= {recording for one in made if one.fact.release in releases for recording in one.fact.recordings}
    carriers, whole = _carriers(house, targets, size)
    found = {asked, *named, *carriers, *_codes(house, [*named, *carriers], size)}
    first = sorted({asked, *named})
    keys = [*first, *sorted(found - set(first))]
    return Keys(tuple(named), tuple(carriers), tuple(keys[:KEYS_MAX]), whole and len(keys) <= KEYS_MAX)


def _named(house: House, code: str, size: int) -> list[str]:
    """Return what a code names, by whoever says so."""
    found: set[str] = set()
    for one in house.index.about([code], tags=[_LINK, PartyNamed.TYPE.tag], size=size):
        fact = one.fact
        if isinstance(fact, PartyNamed):
            found.add(fact.party)
        elif fact.relation is Relation.IDENTIFIES and fact.left == code:
            found.add(fact.right)
        elif fact.relation is Relation.SAME_AS:
            found.update({fact.left, fact.right} - {code})
    return sorted(found)


def _carriers(house: House, targets: set[str], size: int) -> tuple[list[str], bool]:
    """Return the targets and everything that carries one of them: recordings of a work, arrangements and medleys made
    of it, recordings that sample one, and what is said to be the same."""
    seen, ahead = set(targets), sorted(targets)
    while ahead and len(seen) <= THINGS_MAX:
        fresh = set(ahead)
        found = {name for one in house.index.about(ahead, tags=_CARRYING, size=size) for name in _of(one, fresh)}
        ahead = sorted(found - seen)
        seen |= found
    return sorted(seen)[:THINGS_MAX], len(seen) <= THINGS_MAX


def _of(one: Recorded[Any], things: set[str]) -> Iterable[str]:
    match one.fact:
        case WorkRegistered(work=work, parts=parts):
            return (work,) if not things.isdisjoint(parts) else ()
        case RecordingRegistered(recording=recording, samples=samples):
            return (recording,) if not things.isdisjoint(samples) else ()
        case LinkAsserted(left=left, relation=Relation.EMBODIES, right=right):
            return (left,) if right in things else ()
        case LinkAsserted(left=left, relation=Relation.SAME_AS, right=right):
            return tuple(end for end in (left, right) if ":" not in end and not end.startswith("party_"))
        case _:
            return ()


def _codes(house: House, things: list[str], size: int) -> set[str]:
    """Return the codes that name one of these things."""
    wanted = set(things)
    found = house.index.about(sorted(wanted), tags=[_LINK], size=size)
    return {
        one.fact.left
        for one in found
        if one.fact.relation is Relation.IDENTIFIES and one.fact.right in wanted and ":" in one.fact.left
    }
