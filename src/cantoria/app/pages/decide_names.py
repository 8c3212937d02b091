"""What things and parties are called, for the pages that decide: many ids in one look-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from cantoria.app.ports import FactIndex
from cantoria.consent.types import Scope, ScopeKind
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.money import Money
from cantoria.kernel.periods import TIME_MIN, Period
from cantoria.registry.facts import (
    CatalogueDefined,
    PartyNamed,
    RecordingRegistered,
    ReleaseRegistered,
    WorkRegistered,
)

Value = dict[str, Any]
NAMED_BY: Final = (PartyNamed, RecordingRegistered, WorkRegistered, ReleaseRegistered)
LISTED_COUNTRIES: Final = 12


def names_of(index: FactIndex, ids: Iterable[str], *, size: int) -> dict[str, Value]:
    """Return by id the kind, title and artist of parties, works, recordings and releases; nothing for an empty id. The
    first name on record counts; a thing without one has an empty title."""
    wanted = sorted({one for one in ids if one})
    found = {one: {"id": one, "kind": one.rpartition("_")[0], "title": "", "artist": ""} for one in wanted}
    for said in index.about(wanted, tags=[cls.TYPE.tag for cls in NAMED_BY], size=size):
        value = found.get(said.fact.subjects()[0])
        if value is not None and not value["title"]:
            value["title"] = getattr(said.fact, "name", "") or getattr(said.fact, "title", "")
            value["artist"] = getattr(said.fact, "display_artist", "")
    for said in index.about([one for one in wanted if one.startswith("catalogue_")], size=size):
        if isinstance(said.fact, CatalogueDefined) and said.fact.catalogue in found:
            owner = names_of(index, [said.fact.owner], size=size)[said.fact.owner]
            found[said.fact.catalogue]["artist"] = owner["title"]
    return found


def named(names: Mapping[str, Value], thing: str) -> Value:
    """Return the name value of an id; one that was not looked up stands for itself."""
    return names.get(thing) or {"id": thing, "kind": thing.rpartition("_")[0], "title": "", "artist": ""}


def scope_value(scope: Scope, names: Mapping[str, Value]) -> Value:
    """Return a scope as pages say it: its kind, and the thing that it names."""
    return {"kind": scope.kind.name.lower(), **(named(names, scope.id) if scope.id else {"id": "", "title": ""})}


def scope_word(scope: Scope) -> str:
    """Return a scope as addresses and forms write it; `bootstrap.naming.scope_of` reads it."""
    wide = {ScopeKind.PERSONA: "persona", ScopeKind.PRESENT_WORKS: "present", ScopeKind.FUTURE_WORKS: "future"}
    return wide.get(scope.kind) or scope.id


def money_value(money: Money | None) -> Value | None:
    """Return an exact amount in units of its currency."""
    return None if money is None else {"amount": money.format(), "currency": money.currency}


def territory_value(text: str, *, at: int) -> Value:
    """Return a territory expression with the countries that it means: all of them in few words, or the first few."""
    try:
        found, world = territories.resolve(text, at=at), territories.countries(at)
    except InputError:
        return {"text": text, "world": False, "countries": [], "more": 0}
    if found == world:
        return {"text": text, "world": True, "countries": [], "more": 0}
    iso = found.iso()
    return {
        "text": text,
        "world": False,
        "countries": list(iso[:LISTED_COUNTRIES]),
        "more": len(iso[LISTED_COUNTRIES:]),
    }


def period_value(period: Period) -> Value:
    """Return a period: from when (None: always) until when (None: until further notice), in UTC microseconds."""
    return {"since": None if period.start == TIME_MIN else period.start, "until": period.end}
