"""Which catalogues are licensed to whom: what the ledger says of one licensee.

Prices are between those who agreed on them and are not shown here. A conclusion makes nothing true by itself, and a
deal is nobody's yes: whether a row is cleared is decided row by row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.pages.trace_certificates import summary
from cantoria.app.pages.trace_common import Value, lineage, names, newest_first, places, state, thing
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.consent.types import LicenseeKind, ScopeKind, Verdict
from cantoria.kernel.facts import Recorded
from cantoria.licensing.facts import BlanketDealRegistered, DealContested, DealEnded
from cantoria.licensing.licence_facts import LicenceConcluded, LicenceRequested
from cantoria.licensing.offers import digest_of

SECTIONS: Final = ("licences", "yeses", "deals", "certificates", "models", "runs")
SHOWN: Final = 25  # of each section while all are shown
NAMED_MAX: Final = 3  # things of a licence that are named
_CONCLUDED: Final = LicenceConcluded.TYPE.tag
_REQUESTED: Final = LicenceRequested.TYPE.tag
_SAID: Final = StatementMade.TYPE.tag
_TAKEN_BACK: Final = StatementWithdrawn.TYPE.tag
_DEAL: Final = BlanketDealRegistered.TYPE.tag
_ABOUT_DEALS: Final = (DealContested.TYPE.tag, DealEnded.TYPE.tag)

Shown = Callable[[House, Sequence[Recorded[Any]], int], list[Value]]


def licensee(
    house: House, party: str, *, size: int, at: int, section: str = "", before: int | None = None, limit: int = 100
) -> Value | None:
    """Return what a licensee holds as of `size`, by section, the newest first; with `section` a page of that alone.
    None where the ledger knows nothing of it."""
    key = ("pages", "licensee", party, state(house, (_CONCLUDED, _SAID, _DEAL), size=size))
    said = house.memo.get(key, lambda: _said(house, party, size))
    history = lineage(house, size)
    said = {
        **said,
        "certificates": [one for one in history.certificates.values() if one.fact.request.licensee == party],
        "models": [one for one in history.models.values() if one.fact.developer == party],
        "runs": [one for one in history.runs.values() if one.fact.developer == party],
    }
    called = names(house, [party], size=size)
    if not called and not any(said.values()):
        return None
    sections = {}
    for name in (section,) if section else SECTIONS:
        known = {one.index: one for one in said[name]}
        page, rest = newest_first(sorted(known), before=before, limit=limit if section else SHOWN)
        facts = [known[index] for index in page]
        sections[name] = {"total": len(known), "rows": _rows(house, name, facts, size, at), "next_before": rest}
    return {"id": party, "name": called.get(party, ""), "section": section, "sections": sections}


def _said(house: House, party: str, size: int) -> dict[str, list[Recorded[Any]]]:
    """Return the licences concluded with a licensee, the yeses that name it, and the deals said to be with it."""
    found = house.index.about([party], tags=(_CONCLUDED, _SAID, _DEAL), size=size)
    return {
        "licences": [one for one in found if isinstance(one.fact, LicenceConcluded) and one.fact.licensee == party],
        "yeses": [one for one in found if isinstance(one.fact, StatementMade) and _names_it(one.fact, party)],
        "deals": [one for one in found if isinstance(one.fact, BlanketDealRegistered) and one.fact.licensee == party],
    }


def _names_it(fact: StatementMade, party: str) -> bool:
    named = fact.licensee.kind is LicenseeKind.NAMED and fact.licensee.id == party
    return named and fact.verdict is Verdict.YES


def _rows(house: House, name: str, facts: Sequence[Recorded[Any]], size: int, at: int) -> list[Value]:
    match name:
        case "licences":
            return _licences(house, facts, size)
        case "yeses":
            return _yeses(house, facts, size)
        case "deals":
            return _deals(house, facts, size)
        case "certificates":
            return [summary(one, {}, at=at) for one in facts]
        case "models":
            return [{"id": one.fact.model, "name": one.fact.name, "index": one.index} for one in facts]
        case _:
            return [
                {
                    "id": one.fact.run,
                    "index": one.index,
                    "version": one.fact.version,
                    "started_at": one.fact.started_at,
                    "rows": one.fact.manifest.rows,
                    "unauthorised": one.fact.unauthorised,
                }
                for one in facts
            ]


def _licences(house: House, facts: Sequence[Recorded[Any]], size: int) -> list[Value]:
    ids = sorted({one.fact.licence for one in facts})
    asked = house.index.about(ids, tags=[_REQUESTED], size=size)
    offers = {digest_of(one.fact.offer): one.fact.offer for one in asked}
    wanted = [scope.id for offer in offers.values() for scope in offer.scopes[:NAMED_MAX]]
    called = names(house, [*(one.fact.holder for one in facts), *wanted], size=size)
    found = []
    for one in facts:
        offer = offers.get(one.fact.offer)
        found.append(
            {
                "id": one.fact.licence,
                "index": one.index,
                "holder": thing(one.fact.holder, called),
                "recorded_at": one.claimed_at,
                "use": offer.use.value if offer else "",
                "territory": places(offer.territory, at=one.claimed_at) if offer else None,
                "since": offer.period.start if offer else None,
                "until": offer.period.end if offer else None,
                "model_version": (offer.model_version or "") if offer else "",
                "things": _things(offer.scopes, called) if offer else None,
                "statements": len(one.fact.statements),
            }
        )
    return found


def _yeses(house: House, facts: Sequence[Recorded[Any]], size: int) -> list[Value]:
    ids = [one.fact.statement for one in facts]
    ended = {one.fact.statement: one for one in house.index.about(ids, tags=[_TAKEN_BACK], size=size)}
    called = names(house, [name for one in facts for name in (one.fact.party, one.fact.scope.id)], size=size)
    return [
        {
            "id": one.fact.statement,
            "index": one.index,
            "holder": thing(one.fact.party, called),
            "recorded_at": one.claimed_at,
            "uses": sorted(use.value for use in one.fact.uses),
            "territory": places(one.fact.territory, at=one.claimed_at),
            "until": one.fact.period.end,
            "things": _things((one.fact.scope,), called),
            "taken_back_at": ended[one.fact.statement].fact.at if one.fact.statement in ended else None,
        }
        for one in facts
    ]


def _deals(house: House, facts: Sequence[Recorded[Any]], size: int) -> list[Value]:
    ids = sorted({one.fact.deal for one in facts})
    later = house.index.about(ids, tags=_ABOUT_DEALS, size=size)
    contested = Counter(one.fact.deal for one in later if isinstance(one.fact, DealContested))
    ended = {one.fact.deal: one.fact.at for one in later if isinstance(one.fact, DealEnded)}
    called = names(house, [name for one in facts for name in one.fact.subjects()[1:]], size=size)
    return [
        {
            "id": one.fact.deal,
            "index": one.index,
            "holder": thing(one.fact.label, called),
            "recorded_at": one.claimed_at,
            "uses": sorted(use.value for use in one.fact.uses),
            "territory": places(one.fact.territory, at=one.claimed_at),
            "until": one.fact.period.end,
            "things": _things(one.fact.scopes, called),
            "by_label": one.fact.by_label,
            "contested": contested[one.fact.deal],
            "ended_at": ended.get(one.fact.deal),
        }
        for one in facts
    ]


def _things(scopes: Sequence[Any], called: dict[str, str]) -> Value:
    """Return how many things of each kind are meant, and the first of them."""
    counted = Counter(ScopeKind(scope.kind).name.lower() for scope in scopes)
    first = [
        {"kind": ScopeKind(scope.kind).name.lower(), **thing(scope.id, called)}
        for scope in scopes[:NAMED_MAX]
        if scope.id
    ]
    return {"counts": [{"kind": kind, "count": counted[kind]} for kind in sorted(counted)], "first": first}
