"""What the page of a work says: titles, ISWC, holders with shares and by whose word, originals, recordings, status
for each use, and when any of this changed. As of one ledger size."""

from __future__ import annotations

from typing import Final

from cantoria.app.house import House
from cantoria.app.pages.registry_changes import changes_value
from cantoria.app.pages.registry_graph import RECORDINGS_MAX, graph_value
from cantoria.app.pages.registry_links import codes_value, same_value
from cantoria.app.pages.registry_names import Names, Value
from cantoria.app.pages.registry_recording import around_value, registered_value, titles_value
from cantoria.app.pages.registry_shares import claims_value, period_value, place_value
from cantoria.app.pages.registry_where import where_value
from cantoria.app.rights_near import load_near
from cantoria.registry import Registry
from cantoria.registry.answer_facts import RegistrationAnswered
from cantoria.registry.answers import Answers
from cantoria.registry.types import Relation

PAGE: Final = 50


def work_value(
    house: House, work: str, *, size: int, newest: int, at: int, territory: str, start: int = 0
) -> Value | None:
    """Return the page of a work as of `size`, with its recordings from number `start` on; None when it is not
    registered by then."""
    near = load_near(house.index, subjects=[work], size=size)
    registry = near.rights.registry
    view = registry.work(work)
    if view is None:
        return None
    names = Names(house.index, size)
    latest = near if size == newest else load_near(house.index, subjects=[work], size=newest)
    recordings = registry.recordings_of(work)
    keys: dict[str, list[str]] = {work: [work], **{one: [one] for one in recordings[:RECORDINGS_MAX]}}
    keys[work] += registry.codes_of(work)
    where = where_value(house, keys, size=size, names=names)
    return {
        "id": work,
        "title": view.title,
        "kind": view.kind.value,
        "titles": titles_value(registry, work),
        "registered": registered_value(registry, work, names=names),
        "at": at,
        "territory": territory,
        "codes": codes_value(registry, work, names=names),
        "same": same_value(registry, work, names=names),
        "parts": {"things": [names.ref(part) for part in view.parts], "complete": view.parts_complete},
        "claims": claims_value(registry, work, names=names, at=at),
        "collections": _collections_value(registry, work, names=names, at=at),
        "chains": _chains_value(registry, work, names=names, at=at),
        "answers": _answers_value(house, work, size=size, names=names),
        **around_value(near, work, size=size, at=at, territory=territory, names=names),
        "recordings": _recordings_value(house, registry, work, recordings, start=start, names=names),
        "where": where,
        "graph": graph_value(near.rights, work, where, names=names, at=at),
        "changes": changes_value(latest, work, names=names),
    }


def _recordings_value(
    house: House, registry: Registry, work: str, recordings: tuple[str, ...], *, start: int, names: Names
) -> Value:
    """Return one page of the recordings that anybody links to a work."""
    shown = recordings[start : start + PAGE]
    names.want(shown)
    links = {link.left: link for link in registry.links(work) if link.relation is Relation.EMBODIES}
    return {
        "total": len(recordings),
        "start": start,
        "next": start + PAGE if start + PAGE < len(recordings) else None,
        "shown": [
            {"recording": names.ref(one), "state": links[one].state.value, "tier": links[one].tier.name.lower()}
            for one in shown
        ],
    }


def _collections_value(registry: Registry, work: str, *, names: Names, at: int) -> list[Value]:
    found = [one for one in registry.collections(work) if one.fact.share]
    names.want([name for one in found for name in (one.fact.party, one.organisation)])
    return [
        {
            "party": names.ref(one.fact.party),
            "right": one.fact.right.value,
            "share": str(one.fact.share),
            "share_of": [one.fact.share.numerator, one.fact.share.denominator],
            "territory": place_value(one.fact.territory, at=at),
            **period_value(one.fact.period),
            "in_force": one.in_force(at),
            "said_by": names.ref(one.organisation),
            "entry": one.index,
        }
        for one in found
    ]


def _chains_value(registry: Registry, work: str, *, names: Names, at: int) -> list[Value]:
    found = registry.chains(work)
    names.want([str(name) for one in found for name in (one.fact.grantor, one.fact.acquirer)])
    return [
        {
            "grantor": names.ref(str(one.fact.grantor)) if one.fact.grantor else None,
            "acquirer": names.ref(one.fact.acquirer),
            "kind": one.fact.kind.value,
            "territory": place_value(one.fact.territory, at=at),
            **period_value(one.fact.period),
            "agreement": one.fact.agreement,
            "counts": one.effective and one.in_force(at),
            "entry": one.index,
        }
        for one in found
    ]


def _answers_value(house: House, work: str, *, size: int, names: Names) -> list[Value]:
    said = house.index.about([work], tags=[RegistrationAnswered.TYPE.tag], size=size)
    return [
        {
            "answered_by": one.fact.answered_by,
            "status": one.fact.status.value,
            "state": one.state.value,
            "next_actor": one.next_actor.value,
            "said_at": one.fact.said_at,
        }
        for one in Answers.fold(said).of(work)
    ]
