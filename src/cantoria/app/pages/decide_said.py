"""Statements as pages show them: what was said, by whom, on what terms, and whether it has effect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from cantoria.app import rights
from cantoria.app.pages.decide_names import (
    Value,
    money_value,
    named,
    names_of,
    period_value,
    scope_value,
    scope_word,
    territory_value,
)
from cantoria.app.ports import FactIndex
from cantoria.clearance.rights import Rights
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.consent.types import Conditions, LicenseeKind, LicenseeTerm, Scope
from cantoria.kernel.facts import Recorded
from cantoria.kernel.uses import Use
from cantoria.licensing.licence_facts import PriceListPublished

MADE: Final = StatementMade.TYPE.tag
TAKEN: Final = StatementWithdrawn.TYPE.tag
ORDER: Final = {use: place for place, use in enumerate(Use)}


def said_for(index: FactIndex, party: str, *, size: int) -> list[Recorded[StatementMade]]:
    """Return what was said for a party, in ledger order."""
    return [one for one in index.about([party], tags=[MADE], size=size) if one.fact.party == party]


def said_by(index: FactIndex, party: str, *, size: int) -> list[Recorded[StatementMade]]:
    """Return what a party said for itself or others, in ledger order."""
    about = index.about([party], tags=[MADE], size=size)
    return [one for one in about if party in (one.fact.party, one.fact.speaker)]


def ids_in(said: Iterable[Recorded[StatementMade]]) -> set[str]:
    """Return all ids that statements name and people would like to read as names."""
    found: set[str] = set()
    for one in said:
        fact = one.fact
        found |= {fact.party, fact.speaker, fact.scope.id}
        if fact.licensee.kind is LicenseeKind.NAMED:
            found.add(fact.licensee.id)
    return found


def licensee_value(term: LicenseeTerm, names: Mapping[str, Value]) -> Value:
    """Return to whom a statement speaks: anyone, a class, or a party by name."""
    kind = {LicenseeKind.ANY: "anyone", LicenseeKind.CLASS: "class", LicenseeKind.NAMED: "named"}[term.kind]
    return {"kind": kind, "id": term.id, "title": named(names, term.id)["title"] if kind == "named" else ""}


def conditions_value(given: Conditions) -> Value:
    """Return what a yes demands."""
    return {
        "min_price": money_value(given.min_price),
        "attribution": given.attribution,
        "label": given.label,
        "model_version": given.model_version or "",
        "campaign": given.campaign or "",
        "other": list(given.other),
    }


def uses_value(uses: Iterable[Use]) -> list[str]:
    """Return uses in the order of the rules."""
    return [use.value for use in sorted(uses, key=ORDER.__getitem__)]


def spoken_value(fact: StatementMade, names: Mapping[str, Value], *, at: int) -> Value:
    """Return what a statement says, recorded or not."""
    scope: Scope = fact.scope
    return {
        "statement": fact.statement,
        "verdict": fact.verdict.value,
        "uses": uses_value(fact.uses),
        "party": named(names, fact.party),
        "speaker": named(names, fact.speaker),
        "delegation": fact.delegation or "",
        "scope": scope_value(scope, names),
        "scope_word": scope_word(scope),
        "licensee": licensee_value(fact.licensee, names),
        "territory": territory_value(fact.territory, at=at),
        **period_value(fact.period),
        "conditions": conditions_value(fact.conditions),
    }


def effects(view: Rights, statements: Iterable[str], ended: Mapping[str, int], *, at: int) -> dict[str, Value]:
    """Return by statement whether it has effect: `in_force`, `later`, `ended` (with when), or `none` with the reason's
    code. A yes with conditions that somebody took back may live on as an ask: then `now` says so."""
    parts: dict[str, list[Any]] = {}
    for one in view.standings.effective:
        parts.setdefault(one.statement, []).append(one)
    why: dict[str, str] = {one.statement: one.reason for one in view.standings.without_effect}
    found: dict[str, Value] = {}
    for name in statements:
        mine = parts.get(name, [])
        now = next((one for one in mine if one.period.contains(at)), None)
        value: Value = {"state": "in_force", "reason": "", "ended_at": ended.get(name), "now": ""}
        if now is not None:
            value["now"] = now.verdict.value
        elif any(one.period.start > at for one in mine):
            value["state"] = "later"
        elif ended.get(name, at + 1) <= at or any(one.period.end is not None for one in mine):
            value["state"] = "ended"
        else:
            value |= {"state": "none", "reason": why.get(name, "never_in_force")}
        found[name] = value
    return found


def listed(
    index: FactIndex, said: Sequence[Recorded[StatementMade]], *, at: int, size: int, view: Rights | None = None
) -> list[Value]:
    """Return recorded statements with their effect at the moment `at`, as of `size`."""
    names = names_of(index, ids_in(said), size=size)
    statements = [one.fact.statement for one in said]
    ended = ends(index, statements, size=size)
    if view is None:
        parties = sorted({one.fact.party for one in said})
        view = rights.load_said(index, parties=parties, things=[], size=size)
    state = effects(view, statements, ended, at=at)
    lists = _lists(index, said, size=size)
    return [
        {
            **spoken_value(one.fact, names, at=at),
            "index": one.index,
            "said_at": one.claimed_at,
            "signed": bool(one.proven_key) or one.organisation == one.fact.speaker,
            "effect": state[one.fact.statement],
            "price_list": lists.get(one.fact.statement, ""),
        }
        for one in said
    ]


def ends(index: FactIndex, statements: Sequence[str], *, size: int) -> dict[str, int]:
    """Return when statements were taken back, by the first that says so."""
    found: dict[str, int] = {}
    for one in index.about(statements, tags=[TAKEN], size=size):
        found.setdefault(one.fact.statement, one.fact.at)
    return found


def _lists(index: FactIndex, said: Iterable[Recorded[StatementMade]], *, size: int) -> dict[str, str]:
    """Return the price list behind each statement that stands in one."""
    priced = sorted({one.fact.party for one in said if one.fact.conditions.min_price is not None})
    found = index.about(priced, tags=[PriceListPublished.TYPE.tag], size=size)
    return {line.statement: one.fact.price_list for one in found for line in one.fact.lines}
