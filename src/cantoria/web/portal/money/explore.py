"""The explorers: the ledger's growth, coverage and money, to look into more closely than a still picture allows."""

from __future__ import annotations

from cantoria.app.pages import money_explore
from cantoria.web.portal.money.pages import area
from cantoria.web.portal.money.workshop import small, workshop_of
from cantoria.web.portal.page import Ask, Value


@area.page("/explore", template="money/explore.html", summary="Explorers: growth of the ledger, coverage, money")
def explore(ask: Ask) -> Value:
    """Return how the ledger grew; the other explorers read the twins of `/coverage` and `/money`."""
    size = ask.size
    made = workshop_of(ask.portal).get(
        ("growth", size),
        lambda house: money_explore.growth(house, size=size),
        stamp=size,
        here=ask.house if small(ask.house) else None,
    )
    return {"ready": made.value is not None, "growth": made.value or {"sizes": [], "moments": [], "families": []}}
