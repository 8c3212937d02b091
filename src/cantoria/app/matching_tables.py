"""The registry's things as rows to match: what the views show of each, by the contract of `registry.matching.Row`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cantoria.app import rights
from cantoria.app.house import House
from cantoria.registry import Registry
from cantoria.registry.facts import PartyRegistered, RecordingRegistered, WorkRegistered
from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching.people import name_key
from cantoria.registry.matching.types import PPM, Row
from cantoria.registry.types import WRITER_ROLES, Right

LISTED_MAX: Final = 100
REGISTERED_TAGS: Final = tuple(cls.TYPE.tag for cls in (PartyRegistered, WorkRegistered, RecordingRegistered))
_RIGHTS: Final = (Right.PERFORMING, Right.MECHANICAL, None)


def rows_of(registry: Registry, kind: MatchKind) -> Iterator[Row]:
    """Give every recording, work or party as a row, in order of registration."""
    match kind:
        case MatchKind.RECORDING:
            return (recording_row(registry, one) for one in registry.recordings())
        case MatchKind.WORK:
            return (work_row(registry, one) for one in registry.works())
        case MatchKind.PARTY:
            return (row for one in registry.parties() if (row := party_row(registry, one)).title)


def row_of(registry: Registry, thing: str) -> Row | None:
    """Return the row of one recording, work or party, or None when it is not registered."""
    if registry.recording(thing):
        return recording_row(registry, thing)
    if registry.work(thing):
        return work_row(registry, thing)
    return party_row(registry, thing) if registry.party(thing) else None


def knowing(house: House, registry: Registry, thing: str) -> Registry | None:
    """Return a registry that knows a thing: the whole view, else the neighbourhood of a row of a batch, which the
    whole view does not hold; None when nothing of that id is on record."""
    if registry.registered_index(thing) >= 0:
        return registry
    if not house.index.about([thing], tags=REGISTERED_TAGS):
        return None
    around = rights.load_around(house.index, subjects=[thing], size=house.index.catch_up()).registry
    return around if around.registered_index(thing) >= 0 else None


def recording_row(registry: Registry, recording: str) -> Row:
    """Return a recording with the writers and ISWCs of the works that it embodies itself."""
    view = registry.recording(recording)
    codes = registry.codes_of(recording)
    works = registry.works_of(recording)
    return Row(
        id=recording,
        title=view.title if view else "",
        artist=view.display_artist if view else "",
        version=view.version if view else "",
        duration_ms=view.duration_ms if view else None,
        isrc=_of(codes, "isrc"),
        iswc=tuple(code for work in works for code in _of(registry.codes_of(work), "iswc"))[:LISTED_MAX],
        codes=_others(codes, "isrc", "iscc"),
        audio=_of(codes, "iscc"),
        aliases=_titles(registry, recording),
        writers=tuple(dict.fromkeys(name for work in works for name in _writers(registry, work)[0]))[:LISTED_MAX],
    )


def work_row(registry: Registry, work: str) -> Row:
    """Return a work with its writers, their shares, and who performs it on one of its recordings."""
    view = registry.work(work)
    codes = registry.codes_of(work)
    names, shares = _writers(registry, work)
    views = (registry.recording(recording) for recording in registry.recordings_of(work)[:1])
    return Row(
        id=work,
        title=view.title if view else "",
        artist=next((one.display_artist for one in views if one), ""),
        iswc=_of(codes, "iswc"),
        codes=_others(codes, "iswc"),
        aliases=_titles(registry, work),
        writers=names,
        shares=shares,
    )


def party_row(registry: Registry, party: str) -> Row:
    """Return a party with its names and codes, known by what it claims. Erased names leave the title empty."""
    view = registry.party(party)
    names = view.names if view else ()
    return Row(
        id=party,
        title=names[0] if names else "",
        aliases=names[1:LISTED_MAX],
        codes=(view.codes if view else ())[:LISTED_MAX],
        version=view.kind.value if view else "",
        related=tuple(dict.fromkeys(claim.fact.subject for claim in registry.claims_of_party(party)))[:LISTED_MAX],
    )


def aliases_of(registry: Registry) -> Mapping[str, str]:
    """Return which name key stands for which: parties that go by several names (`PartyNamed`) have the first for all.

    A key that two parties share stands for itself: an alias must not make two persons one.
    """
    owners: dict[str, set[str]] = {}
    first: dict[str, str] = {}
    for party in registry.parties():
        view = registry.party(party)
        keys = [key for key in map(name_key, view.names if view else ()) if key]
        for key in keys:
            owners.setdefault(key, set()).add(party)
            first.setdefault(key, keys[0])
    return {key: stands for key, stands in sorted(first.items()) if key != stands and len(owners[key]) == 1}


def _writers(registry: Registry, work: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the names of a work's writers, and their shares in millionths of one right (empty where not known)."""
    claims = [claim.fact for claim in registry.claims(work) if claim.fact.role in WRITER_ROLES and claim.effective]
    parties = dict.fromkeys(claim.party for claim in claims)
    views = (registry.party(party) for party in parties)
    names = tuple(view.names[0] for view in views if view and view.names)[:LISTED_MAX]
    for right in _RIGHTS:
        shares = [claim.share for claim in claims if claim.right is right]
        if shares and None not in shares:
            return names, tuple(int(share * PPM) for share in shares if share is not None)[:LISTED_MAX]
    return names, ()


def _titles(registry: Registry, subject: str) -> tuple[str, ...]:
    return tuple(view.title for view in registry.titles(subject))[:LISTED_MAX]


def _of(codes: tuple[str, ...], scheme: str) -> tuple[str, ...]:
    return tuple(code for code in codes if code.partition(":")[0] == scheme)[:LISTED_MAX]


def _others(codes: tuple[str, ...], *schemes: str) -> tuple[str, ...]:
    return tuple(code for code in codes if code.partition(":")[0] not in schemes)[:LISTED_MAX]
