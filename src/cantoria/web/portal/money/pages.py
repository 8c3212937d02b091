"""Earnings and public totals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cantoria.app.access.permissions import Permission
from cantoria.app.pages import money_earnings, money_public
from cantoria.bootstrap.house import WiredHouse
from cantoria.royalty.facts import DistributionRun
from cantoria.web.portal.money.workshop import INLINE_POSTINGS, Workshop, workshop_of
from cantoria.web.portal.page import Area, Ask, Value

area: Final = Area("money")
PARTIES_MAX: Final = 50


@area.page(
    "/earnings",
    template="money/earnings.html",
    summary="What the visitor's parties earned, by period and currency",
    needs=Permission.READ_EARNINGS,
)
def earnings(ask: Ask) -> Value:
    """Return the earnings of the parties that the visitor acts for, and the statements their organisation recorded."""
    visitor = ask.visitor
    parties = [party for party in dict.fromkeys((visitor.party, *visitor.persons)) if party]
    shop = workshop_of(ask.portal)
    runs = money_earnings.runs_of(ask.house, size=ask.size)
    light = shop.tallies.missing(runs) <= INLINE_POSTINGS
    made = shop.get(
        ("tallied",),
        lambda house: _tallied(shop, house, runs),
        stamp=len(runs),
        here=ask.house if light else None,
    )
    ready = light or made.stamp == len(runs)
    shown = parties[:PARTIES_MAX]
    return {
        "ready": ready,
        "accounts": money_earnings.earnings(ask.house, shop.tallies, shown, size=ask.size) if ready else [],
        "party_count": len(parties),
        "issued": money_earnings.distributor(ask.house, visitor.party, size=ask.size) if visitor.organisation else [],
    }


@area.page("/money", template="money/public.html", summary="Money in and out of every pool, and what waits")
def money(ask: Ask) -> Value:
    """Return the control sums of every pool, and what waits by reason and age: nobody's own amounts."""
    shop = workshop_of(ask.portal)
    runs = money_earnings.runs_of(ask.house, size=ask.size)
    size, now = ask.size, ask.now
    here = ask.house if shop.tallies.missing(runs) <= INLINE_POSTINGS else None
    made = shop.get(
        ("public", size, now // 3_600_000_000),
        lambda house: money_public.totals(house, shop.tallies, size=size, now=now),
        stamp=size,
        here=here,
    )
    empty: Value = {"pools": [], "pool_count": 0, "sums": [], "waiting": []}
    return {"ready": made.value is not None, **(made.value or empty)}


def _tallied(shop: Workshop, house: WiredHouse, runs: Sequence[DistributionRun]) -> bool:
    """Read every run's postings."""
    for run in runs:
        shop.step()
        shop.tallies.of(house, run)
    return True
