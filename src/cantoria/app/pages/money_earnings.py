"""What a party earned, by period and currency: from recorded distributions and statements, and what was paid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from cantoria.app import payday
from cantoria.app.house import House
from cantoria.app.pages.money_tally import Tallies, accounts_at, amount, called, payments_to
from cantoria.kernel.facts import Recorded
from cantoria.royalty.accounts import Accounts
from cantoria.royalty.facts import DistributionRun, StatementIssued
from cantoria.royalty.types import State

Value = dict[str, Any]
ISSUED_SHOWN: Final = 100
WINDOW: Final = 20_000
LOOKED_AT: Final = 5 * WINDOW  # entries of the ledger


def runs_of(house: House, *, size: int) -> list[DistributionRun]:
    """Return every recorded run with effect below `size`."""
    return [run for runs in accounts_at(house, size).runs.values() for run in runs]


def earnings(house: House, tallies: Tallies, parties: Sequence[str], *, size: int) -> list[Value]:
    """Return for each party, in the order given, its periods (newest first) and payments."""
    accounts = accounts_at(house, size)
    return [_party(house, tallies, accounts, party, size=size) for party in dict.fromkeys(parties)]


def distributor(house: House, party: str, *, size: int) -> list[Value]:
    """Return the last statements that an organisation recorded for others below `size`, newest first: up to a hundred
    of those among the last hundred thousand entries."""
    found: list[Value] = []
    for until in range(size, max(0, size - LOOKED_AT), -WINDOW):
        said = house.index.scan(tags=[StatementIssued.TYPE.tag], start=max(0, until - WINDOW), size=until)
        found += [_issued(one) for one in reversed([one for one in said if one.organisation == party])]
        if len(found) >= ISSUED_SHOWN:
            break
    return found[:ISSUED_SHOWN]


def _party(house: House, tallies: Tallies, accounts: Accounts, party: str, *, size: int) -> Value:
    said = house.index.about([party], tags=[StatementIssued.TYPE.tag], size=size)
    mine = [one for one in said if one.fact.party == party]
    periods: dict[tuple[str, str], Value] = {}
    for (_, label), runs in sorted(accounts.runs.items()):
        last = runs[-1]
        fine = tallies.credited(house, runs, holder=party)
        if not fine:
            continue
        currency = last.total_in.currency
        period = periods.setdefault((label, currency), _period(accounts, runs[0], label=label, currency=currency))
        period[last.state.value] += fine
        period["runs"] += 1
    for one in mine:
        key = (one.fact.label, one.fact.amount.currency)
        if key in periods:
            periods[key]["statements"].append(_issued(one))
    payments = payments_to(house, accounts, party, size=size)
    return {
        "party": party,
        "name": called(house, party),
        "periods": [_said(one) for one in sorted(periods.values(), key=lambda one: (-one["end"], one["currency"]))],
        "payments": [
            {
                "entry": one.index,
                "by": one.organisation,
                "at": one.claimed_at,
                "sum": amount(one.fact.amount.fine, one.fact.amount.currency),
                "carried": amount(one.fact.carry.fine, one.fact.carry.currency),
            }
            for one in sorted(payments, key=lambda one: -one.index)
        ],
    }


def _period(accounts: Accounts, run: DistributionRun, *, label: str, currency: str) -> Value:
    request = payday.Request(model=run.pool.rpartition("/")[0], tariff=run.tariff, label=label)
    end = payday.period_of(accounts, request).end or 0
    return {"label": label, "currency": currency, "end": end, "closed": 0, "provisional": 0, "runs": 0} | {
        "statements": []
    }


def _said(period: Value) -> Value:
    currency = period["currency"]
    closed, provisional = period["closed"], period["provisional"]
    state = State.PROVISIONAL.value if provisional else State.CLOSED.value
    return {
        "label": period["label"],
        "currency": currency,
        "end": period["end"],
        "state": "mixed" if closed and provisional else state,
        "closed": amount(closed, currency),
        "provisional": amount(provisional, currency),
        "all": amount(closed + provisional, currency),
        "pools": period["runs"],
        "statements": list(reversed(period["statements"])),
    }


def _issued(one: Recorded[StatementIssued]) -> Value:
    fact = one.fact
    return {
        "entry": one.index,
        "party": fact.party,
        "label": fact.label,
        "at": one.claimed_at,
        "by": one.organisation,
        "digest": fact.digest,
        "sum": amount(fact.amount.fine, fact.amount.currency),
        "payable_minor": fact.payable_minor,
    }
