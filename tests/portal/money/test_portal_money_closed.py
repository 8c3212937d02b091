"""A period that closes: closed money, what is payable and carried, payments, and who may see them."""

from __future__ import annotations

from typing import Any

import pytest

from cantoria.app import earning, payday, paying
from cantoria.app.access.permissions import Role
from cantoria.app.earning import Revenue
from cantoria.app.pages import money_tally
from cantoria.royalty.facts import StatementIssued
from cantoria.royalty.types import State


@pytest.fixture
def paid(own_site: Any) -> Any:
    """The sample world's KRW period declared final, distributed and paid; the site's artist is `paid.artist`."""
    house = own_site.house()
    house.begin_writing(lambda: None)
    own_site.artist = next(iter(house.index.scan(tags=[StatementIssued.TYPE.tag]))).fact.party
    society = house.author("org-haneulsori")
    accounts = payday.load_accounts(house, size=house.index.catch_up())
    names = {house.author(name).party: name for name in ("dev-mirinae", "dev-boreal", "org-haneulsori", "org-maru")}
    for said in accounts.revenues.values():
        fact = said.fact
        if fact.amount.currency != "KRW":
            continue
        final = Revenue(
            model=fact.model,
            tariff=fact.tariff,
            label=fact.label,
            period=fact.period,
            amount=fact.amount,
            final=True,
        )
        earning.declare_revenue(house, final, author=house.author(names[fact.debtor]))
        request = payday.Request(model=fact.model, tariff=fact.tariff, label=fact.label)
        done = payday.distribute(house, request, author=society)
        assert {run.state for run in done.runs.values()} == {State.CLOSED}
    own_site.payments = paying.pay(house, currency="KRW", author=society)
    house.close()
    return own_site


def test_closed_money_is_paid_and_its_fraction_carried(paid: Any) -> None:
    mine = next(one for one in paid.payments if one.party == paid.artist)
    paid.become(Role.PERSON, party=paid.artist, organisation="org-haneulsori", persons=(paid.artist,))
    (account,) = paid.json("/earnings")["accounts"]
    period = next(one for one in account["periods"] if one["currency"] == "KRW")
    assert (period["state"], period["provisional"]["fine"]) == ("closed", "0")
    assert int(period["closed"]["fine"]) == mine.amount.fine + mine.carry.fine
    (payment,) = account["payments"]
    assert payment["sum"]["fine"] == str(mine.amount.fine)
    assert payment["carried"]["fine"] == str(mine.carry.fine)
    assert "✔" in paid.get("/earnings")


def test_a_closed_statement_ends_in_what_is_payable(paid: Any) -> None:
    """The record is older than the closing: as of its size it stands; anew, the whole period is closed."""
    paid.become(Role.PERSON, party=paid.artist, organisation="org-haneulsori", persons=(paid.artist,))
    path = f"/earnings/{paid.artist}/2026-09?currency=KRW"
    kept = paid.json(path)
    assert {pool["state"] for pool in kept["pools"]} == {"provisional"}
    again = paid.post(f"/earnings/{paid.artist}/2026-09/recompute", {"currency": "KRW"}, status=200)
    assert "✔" in again.text
    house = paid.house()
    which = money_statement_of(paid.artist, house.index.catch_up())
    page = computed_page(house, which)
    house.close()
    codes = {step["code"]: int(step["sum"]["fine"]) for step in page["payout"]}
    assert codes["payable"] % 1_000_000 == 0
    assert codes["balance"] == codes["payable"] - codes["carried"]
    assert codes["mine"] == codes["balance"]
    assert page["totals"]["provisional"]["fine"] == "0"


def money_statement_of(party: str, size: int) -> Any:
    from cantoria.app.pages.money_statement import Which

    return Which(party=party, label="2026-09", currency="KRW", size=size)


def computed_page(house: Any, which: Any) -> Any:
    from cantoria.app.pages import money_statement

    return money_statement.page(house, money_statement.computed(house, which), size=which.size, start=0)


def test_payments_are_the_fold_s(paid: Any) -> None:
    house = paid.house()
    size = house.index.catch_up()
    accounts = payday.load_accounts(house, size=size)
    for party in sorted({one.party for one in paid.payments})[:20]:
        found = money_tally.payments_to(house, money_tally.accounts_at(house, size), party, size=size)
        assert sum(one.fact.amount.fine for one in found) == accounts.paid(party, "KRW")
    house.close()


def test_public_money_says_that_it_is_closed(paid: Any) -> None:
    paid.become()
    pools = [one for one in paid.json("/money")["pools"] if one["total_in"]["currency"] == "KRW"]
    assert {one["state"] for one in pools} == {"closed"}
    assert all(one["balanced"] for one in pools)
