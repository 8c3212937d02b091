"""The pages of recordings, works and releases."""

from __future__ import annotations

from cantoria.app.pages.registry_recording import recording_value
from cantoria.app.pages.registry_release import release_value
from cantoria.app.pages.registry_work import work_value
from cantoria.web.portal.page import Ask, Value
from cantoria.web.portal.registry.area import (
    ReleaseQuery,
    ThingQuery,
    area,
    find,
    find_near,
    shown_or_gone,
    territory_of,
)


@area.page(
    "/recordings/{thing:path}",
    template="registry/recording.html",
    summary="A recording by its id or any code of it: codes, holders, rights graph, status for each use",
    query=ThingQuery,
)
def recording(ask: Ask, thing: str) -> Value:
    """Return the page of a recording."""
    query: ThingQuery = ask.query
    name, near = find_near(ask, thing, "recording")
    found = recording_value(
        ask.house,
        name,
        near=near,
        size=ask.size,
        newest=ask.newest,
        at=ask.now,
        territory=territory_of(ask, query.territory),
    )
    return shown_or_gone(found, thing)


@area.page(
    "/works/{thing:path}",
    template="registry/work.html",
    summary="A work by its id or any code of it: holders and who says so, recordings, status for each use",
    query=ThingQuery,
)
def work(ask: Ask, thing: str) -> Value:
    """Return the page of a work."""
    query: ThingQuery = ask.query
    found = work_value(
        ask.house,
        find(ask, thing, "work"),
        size=ask.size,
        newest=ask.newest,
        at=ask.now,
        territory=territory_of(ask, query.territory),
        start=query.start,
    )
    return shown_or_gone(found, thing)


@area.page(
    "/releases/{thing:path}",
    template="registry/release.html",
    summary="A release by its id or any code of it: its recordings and their status for one use",
    query=ReleaseQuery,
)
def release(ask: Ask, thing: str) -> Value:
    """Return the page of a release."""
    query: ReleaseQuery = ask.query
    found = release_value(
        ask.house,
        find(ask, thing, "release"),
        size=ask.size,
        at=ask.now,
        territory=territory_of(ask, query.territory),
        use=query.use,
        start=query.start,
    )
    return shown_or_gone(found, thing)
