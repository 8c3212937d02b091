"""Coverage as a page says it: use by territory for everything registered or a part of it, and whose yes opens most."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from cantoria.app import coverage as coverages
from cantoria.app import rights as neighbourhood
from cantoria.app.coverage import Ready, Scope, Unlocked
from cantoria.app.house import House
from cantoria.app.pages.money_tally import called
from cantoria.clearance import Request, Row, Status
from cantoria.clearance.law_column import STATUS_MEANS
from cantoria.clearance.rights import countries_of
from cantoria.clearance.unlock import Move
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import Use
from cantoria.lineage.facts import ModelRegistered
from cantoria.registry.facts import CatalogueDefined, PartyRegistered, ReleaseRegistered

Value = dict[str, Any]
ANYBODY: Final = "party_00000000000000000000000000"  # a licensee that nobody has named: what is open to everyone
TERRITORIES: Final = "KR JP US GB DE ES"
COLUMNS_MAX: Final = 8
YESES: Final = 12
THINGS_MAX: Final = 5_000  # recordings and works of one party or catalogue
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a map is asked for: for whom, where, of what (nothing: every recording; else a catalogue or a party), and
    the use whose missing yeses are planned."""

    licensee: str = ""
    territories: str = TERRITORIES
    scope: str = ""
    use: Use = Use.TRAIN_GENERATIVE

    def checked(self) -> Wanted:
        """Return it with each territory once; raises `InputError` for what is none, or for too many."""
        columns = list(dict.fromkeys(self.territories.upper().replace(",", " ").split()))
        if not columns or len(columns) > COLUMNS_MAX or any(not name.isalnum() for name in columns):
            raise InputError(f"{len(columns)} territories", f"name 1 to {COLUMNS_MAX} by their codes, such as KR ES US")
        request = replace(_request(self, size=0, at=0), territories=" ".join(columns))
        if not countries_of(request):
            raise InputError("no country is in these territories", "name them by their codes, such as KR ES US")
        return replace(self, territories=" ".join(columns))


Look = Callable[[Request, Scope], AbstractContextManager[Ready]]


@contextmanager
def by_ledger(house: House, request: Request, scope: Scope) -> Iterator[Ready]:
    """Give what is needed to look by the ledger itself, for houses without a published snapshot."""
    with coverages.by_house(house, scope, request) as ready:
        yield ready


def measured(house: House, wanted: Wanted, *, look: Look, step: Progress | None = None) -> Value:
    """Return the map and the plan of yeses. This clears every row for every cell: it is made in the background."""
    size = house.index.catch_up()
    request = _request(wanted, size=size, at=house.clock.now())
    scope = _scope(house, wanted.scope, size=size)
    columns = wanted.territories.split()
    if scope.rows is not None and not scope.rows:
        return {"rows": 0, "unnamed": scope.unnamed, "cells": [], "unlock": None, "size": size, **_asked(wanted)}
    with look(request, scope) as ready:
        uses = coverages.uses_for(request)
        found = coverages.coverage(ready, title="", uses=uses, territories=columns, step=step)
        planned = coverages.unlock(replace(ready, request=replace(ready.request, use=wanted.use)), yeses=YESES)
    cells = [
        {"use": cell.use.value, "territory": cell.territory}
        | {status.value: cell.counts.get(status, 0) for status in Status}
        | {"percent": {status.value: cell.share(status) for status in Status}}
        for cell in found.cells
    ]
    return {
        "rows": found.rows,
        "unnamed": scope.unnamed,
        "uses": [use.value for use in uses],
        "cells": cells,
        "unlock": _plan(house, planned),
        "size": found.size,
        "at": found.at,
        "means": STATUS_MEANS,
        **_asked(wanted),
    }


def developers(house: House, *, size: int) -> list[Value]:
    """Return who registered a model below `size`: the licensees that a map may be asked for by name."""
    said = house.index.scan(tags=[ModelRegistered.TYPE.tag], size=size)
    parties = sorted({one.fact.developer for one in said})[:50]
    return [{"party": party, "name": called(house, party)} for party in parties]


def known_scope(house: House, scope: str, *, size: int) -> bool:
    """Tell whether something is registered under this id."""
    return not scope or bool(house.index.about([scope], size=size))


def _asked(wanted: Wanted) -> Value:
    return {
        "licensee": wanted.licensee,
        "scope": wanted.scope,
        "territories": wanted.territories.split(),
        "use": wanted.use.value,
    }


def _request(wanted: Wanted, *, size: int, at: int) -> Request:
    columns = wanted.territories.split()
    return Request(
        use=wanted.use,
        licensee=PartyId(wanted.licensee or ANYBODY),
        territories=columns[0] if columns else "",
        at=at,
        size=size,
    )


def _scope(house: House, scope: str, *, size: int) -> Scope:
    """Return what is looked at, read from its neighbourhood alone."""
    if not scope:
        return Scope(title="", rows=None)
    if house.index.about([scope], tags=[PartyRegistered.TYPE.tag], size=size):
        said = house.index.about([scope], size=size)
        return _rows(house, {thing for one in said for thing in one.fact.subjects()}, size=size)
    members: set[str] = set()
    for one in house.index.about([scope], tags=[CatalogueDefined.TYPE.tag], size=size):
        members.update(one.fact.members)
    for one in house.index.about(sorted(members)[:THINGS_MAX], tags=[ReleaseRegistered.TYPE.tag], size=size):
        members.update(one.fact.recordings)
    return _rows(house, members, size=size, catalogue=scope)


def _rows(house: House, named: set[str], *, size: int, catalogue: str = "") -> Scope:
    """Return the recordings and works among these as rows, each by its best code; of a catalogue those that are its."""
    things = sorted(one for one in named if one.startswith(("recording_", "work_")))
    if len(things) > THINGS_MAX:
        raise InputError(f"{len(things)} recordings and works", "draw it with `cantoria coverage map --catalogue`")
    subjects = [catalogue, *things] if catalogue else things
    registry = neighbourhood.load_around(house.index, subjects=subjects, size=size).registry
    if catalogue and registry.catalogue_owner(catalogue) is None:
        raise InputError(f"{catalogue[:60]} is neither a party nor a catalogue", "name the id of one")
    rows: list[Row] = []
    for thing in things:
        if catalogue and catalogue not in registry.catalogues_of(thing, at_index=size):
            continue
        media = "work" if thing.startswith("work_") else "recording"
        codes = registry.codes_of(thing)
        first = "iswc:" if media == "work" else "isrc:"
        code = next((one for one in codes if one.startswith(first)), codes[0] if codes else "")
        if code:
            rows.append(Row(len(rows) + 1, (code,), media))
    return Scope(title="", rows=rows, unnamed=len(things) - len(rows))


def _plan(house: House, found: Unlocked) -> Value:
    voices = dict(found.waiting.voices)
    return {
        **coverages.unlocked_value(found),
        "moves": [_move(house, move, voices) for move in found.plan.moves],
    }


def _move(house: House, move: Move, voices: dict[int, str]) -> Value:
    asked = []
    for number in move.voices:
        party, _, speaker = voices[number].partition(" via ")
        asked.append({"party": party, "name": called(house, party), "via": speaker})
    return {"ask": asked, "yeses": move.yeses, "opened": move.rows, "at_most": move.bound}
