"""What the page of a recording says: names, codes with evidence, holders, works, releases, status for each use, the
rights graph, where it was used, and when any of this changed. As of one ledger size."""

from __future__ import annotations

from typing import Any

from cantoria.app.house import House
from cantoria.app.pages.registry_changes import changes_value
from cantoria.app.pages.registry_graph import graph_value
from cantoria.app.pages.registry_links import codes_value, embodied_value, same_value, strip_value
from cantoria.app.pages.registry_names import Names, Value
from cantoria.app.pages.registry_shares import cases_value, claims_value, sides_value
from cantoria.app.pages.registry_statuses import request_to, statuses_value
from cantoria.app.pages.registry_where import where_value
from cantoria.app.rights_near import Near, load_near
from cantoria.kernel.uses import Use
from cantoria.registry import Registry
from cantoria.registry.disclosure_facts import AiDisclosed, DealSignalled, NoticeGiven
from cantoria.registry.disclosures import Disclosures

_SAID = tuple(cls.TYPE.tag for cls in (AiDisclosed, DealSignalled, NoticeGiven))


def recording_value(
    house: House, recording: str, *, size: int, newest: int, at: int, territory: str, near: Near | None = None
) -> Value | None:
    """Return the page of a recording as of `size`; `at` is the moment that rights are asked for (UTC microseconds),
    `territory` an expression, `near` its neighbourhood as of that size if it was read. None when it is not registered
    by then."""
    near = near or load_near(house.index, subjects=[recording], size=size)
    registry = near.rights.registry
    view = registry.recording(recording)
    if view is None:
        return None
    names = Names(house.index, size)
    latest = near if size == newest else load_near(house.index, subjects=[recording], size=newest)
    own = codes_value(registry, recording, names=names)
    works = embodied_value(registry, recording, names=names)
    of_works = [code for one in works for code in codes_value(registry, one["work"]["id"], names=names)]
    keys = [recording, *(one["code"] for one in own if one["state"] != "withdrawn")]
    where = where_value(house, {recording: keys}, size=size, names=names)
    return {
        "id": recording,
        "title": view.title,
        "artist": view.display_artist,
        "version": view.version,
        "duration_ms": view.duration_ms,
        "titles": titles_value(registry, recording),
        "registered": registered_value(registry, recording, names=names),
        "at": at,
        "territory": territory,
        "strip": strip_value(own, of_works=of_works),
        "codes": own,
        "works": works,
        "same": same_value(registry, recording, names=names),
        "samples": {"things": _refs(view.samples, names), "complete": view.samples_complete},
        "releases": _refs(registry.releases_of(recording), names),
        "claims": claims_value(registry, recording, names=names, at=at),
        **around_value(near, recording, size=size, at=at, territory=territory, names=names),
        **beside_value(house, recording, size=size, at=at, names=names),
        "where": where,
        "graph": graph_value(near.rights, recording, where, names=names, at=at),
        "changes": changes_value(latest, recording, names=names),
    }


def around_value(near: Near, thing: str, *, size: int, at: int, territory: str, names: Names) -> Value:
    """Return what is known of a thing's rights: status for each use, completeness of each side, open conflicts."""
    registry = near.rights.registry
    closure = registry.closure(thing)
    request = request_to(Use.TRAIN_GENERATIVE, territory=territory, at=at, size=size)
    return {
        "statuses": statuses_value(near.rights, thing, territory=territory, at=at, size=size, names=names),
        "sides": sides_value(near.rights, thing, request, names=names),
        "broken": [problem.value for problem in closure.problems],
        "cases": cases_value(registry, (*closure.recordings, *closure.works), at=at),
    }


def titles_value(registry: Registry, thing: str) -> list[Value]:
    """Return what a thing is also called."""
    return [{"title": one.title, "kind": one.kind.value, "language": one.language} for one in registry.titles(thing)]


def registered_value(registry: Registry, thing: str, *, names: Names) -> Value:
    """Return who registered a thing first, and with which ledger entry."""
    by = registry.registered_by(thing)
    return {"by": names.ref(by) if by else None, "entry": registry.registered_index(thing)}


def beside_value(house: House, thing: str, *, size: int, at: int, names: Names) -> Value:
    """Return what messages of the trade disclose of AI in a thing and signal about it; nobody's yes."""
    said: list[Any] = house.index.about([thing], tags=_SAID, size=size)
    disclosures = Disclosures.fold(said)
    notice = disclosures.standing(thing)
    disclosed = disclosures.disclosed(thing)
    names.want(part.party for one in disclosed for part in one.parts)
    return {
        "ai": [
            {
                "said_by": one.said_by,
                "said_at": one.said_at,
                "extent": one.extent.value if one.extent else "",
                "parts": [
                    {
                        "roles": list(part.roles),
                        "party": names.ref(str(part.party)) if part.party else None,
                        "extent": part.extent.value if part.extent else "",
                    }
                    for part in one.parts
                ],
            }
            for one in disclosed
        ],
        "signals": [
            {"said_by": one.said_by, "uses": list(one.uses), "territories": list(one.territories)}
            for one in disclosures.signals(thing, at=at)
        ],
        "notice": notice.kind.value if notice else "",
    }


def _refs(things: tuple[Any, ...], names: Names) -> list[Value]:
    names.want(things)
    return [names.ref(thing) for thing in things]
