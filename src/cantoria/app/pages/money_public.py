"""What everybody may see of money: the control sums of every pool, and what waits, for which reason and how long.

No party's amounts are in it: they are in the parties' own statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from cantoria.app import payday
from cantoria.app.house import House
from cantoria.app.pages.money_flow import source_of
from cantoria.app.pages.money_tally import Tallies, accounts_at, amount, is_party, run_entries, source_called
from cantoria.kernel.money import EXPONENTS, FINE_DIGITS
from cantoria.kernel.periods import DAY
from cantoria.royalty.accounts import Accounts
from cantoria.royalty.balances import AGEING
from cantoria.royalty.facts import DistributionRun
from cantoria.royalty.types import SUSPENSES, UNATTRIBUTED

Value = dict[str, Any]
RESIDUE: Final = "residue"
POOLS_SHOWN: Final = 200


def totals(house: House, tallies: Tallies, *, size: int, now: int) -> Value:
    """Return the money of every pool and period below `size`, newest periods first: in = out, and what waits.

    `balanced` says for each pool whether money in equals holders, waiting and residue together.
    """
    accounts = accounts_at(house, size)
    ordered = sorted(accounts.runs.items(), key=lambda item: (-item[1][-1].ledger_size, item[0]))
    shown = ordered[:POOLS_SHOWN]
    entries = run_entries(house, (pool for (pool, _), _ in shown), size=size)
    pools = [_pool(house, tallies, accounts, runs, entries=entries, now=now) for _, runs in shown]
    sums = [{**one, "streams": _streams(pools, one["currency"])} for one in _sums(pools)]
    return {"pools": pools, "pool_count": len(ordered), "sums": sums, "waiting": _by_reason(pools)}


def _pool(
    house: House,
    tallies: Tallies,
    accounts: Accounts,
    runs: Sequence[DistributionRun],
    *,
    entries: dict[str, int],
    now: int,
) -> Value:
    last = runs[-1]
    currency = last.total_in.currency
    source = source_of(last.pool)
    request = payday.Request(model=source, tariff=last.tariff, label=last.label)
    end = payday.period_of(accounts, request).end or now
    tariff = accounts.tariff(last.tariff)
    total, holders, suspense, residue = (one.fine for one in (last.total_in, last.holders, last.suspense, last.residue))
    return {
        "pool": last.pool,
        "source": source,
        "source_name": source_called(house, source),
        "name": last.pool.rpartition("/")[2],
        "label": last.label,
        "end": end,
        "state": last.state.value,
        "runs": len(runs),
        "entry": entries.get(f"{last.pool}/{last.label}/{last.number}"),
        "postings": sum(run.postings for run in runs),
        "tariff": last.tariff,
        "total_in": amount(total, currency),
        "holders": amount(holders, currency),
        "suspense": amount(suspense, currency),
        "residue": amount(residue, currency),
        "balanced": total == holders + suspense + residue and last.debits.fine == last.credits.fine,
        "named": [
            {
                "holder": _reason(holder),
                "sum": amount(fine, currency),
                "subjects": subjects,
                "since": end,
                "days": max(0, (now - end) // DAY),
                "limit_days": tariff.escrow_days if holder in AGEING else 0,
                "heir": tariff.escrow_heir if holder in AGEING and tariff.escrow_days else "",
            }
            for holder, (fine, subjects) in _named(house, tallies, runs).items()
        ],
    }


def _named(house: House, tallies: Tallies, runs: Sequence[DistributionRun]) -> dict[str, tuple[int, int]]:
    """Return what the named balances of a pool and period hold, and of how many subjects."""
    found: dict[str, tuple[int, int]] = {}
    for run in runs:
        tally = tallies.of(house, run)
        for holder, fine in tally.holders.items():
            if not is_party(holder):
                before, subjects = found.get(holder, (0, 0))
                found[holder] = (before + fine, max(subjects, tally.subjects.get(holder, 0)))
    return {holder: one for holder, one in sorted(found.items()) if one[0]}


def _reason(holder: str) -> str:
    """Return why money waits as a code: `unmatched`, `disputed`, `incomplete`, `unattributed` …"""
    if holder in SUSPENSES:
        return holder.partition(":")[2]
    return RESIDUE if holder.startswith(f"{RESIDUE}:") else holder


def _sums(pools: Sequence[Value]) -> list[Value]:
    """Return the control sums of all pools by currency."""
    found: dict[str, dict[str, int]] = {}
    for pool in pools:
        sums = found.setdefault(pool["total_in"]["currency"], {})
        for name in ("total_in", "holders", "suspense", "residue"):
            sums[name] = sums.get(name, 0) + int(pool[name]["fine"])
    return [
        {"currency": currency, **{name: amount(fine, currency) for name, fine in sums.items()}}
        | {"places": EXPONENTS[currency] + FINE_DIGITS}
        | {"balanced": sums["total_in"] == sums["holders"] + sums["suspense"] + sums["residue"]}
        for currency, sums in sorted(found.items())
    ]


def _streams(pools: Sequence[Value], currency: str) -> Value:
    """Return the nodes and links source → pool → holders, waiting, residue of one currency, with exact sums."""
    nodes: dict[str, Value] = {}
    links: list[Value] = []
    for pool in pools:
        if pool["total_in"]["currency"] != currency:
            continue
        source, name = f"source {pool['source']}", f"pool {pool['pool']} {pool['label']}"
        nodes.setdefault(source, {"id": source, "layer": 0, "called": pool["source_name"] or pool["source"], "fine": 0})
        nodes[name] = {"id": name, "layer": 1, "called": pool["name"], "label": pool["label"], "fine": 0}
        links.append({"source": source, "target": name, "sum": pool["total_in"]})
        for kind in ("holders", "suspense", "residue"):
            if pool[kind]["fine"] != "0":
                nodes.setdefault(kind, {"id": kind, "layer": 2, "called": kind, "fine": 0})
                links.append({"source": name, "target": kind, "sum": pool[kind]})
    for link in links:
        fine = int(link["sum"]["fine"])
        nodes[link["target"]]["fine"] += fine
        if nodes[link["source"]]["layer"] == 0:
            nodes[link["source"]]["fine"] += fine
    places = ["holders", "suspense", "residue"]
    ordered = sorted(nodes.values(), key=lambda node: places.index(node["id"]) if node["id"] in places else 0)
    return {
        "nodes": [{**node, "fine": str(node["fine"]), "sum": amount(node["fine"], currency)} for node in ordered],
        "links": links,
    }


def _by_reason(pools: Sequence[Value]) -> list[Value]:
    """Return what waits by currency, reason and period, with how long it has waited; kept funds are not waiting."""
    found: dict[tuple[str, str, int], Value] = {}
    for pool in pools:
        for one in pool["named"]:
            if one["holder"] not in (*(name.partition(":")[2] for name in SUSPENSES), UNATTRIBUTED):
                continue
            key = (one["sum"]["currency"], one["holder"], one["since"])
            known = found.setdefault(key, {**one, "label": pool["label"], "fine": 0, "subjects": 0})
            known["fine"] += int(one["sum"]["fine"])
            known["subjects"] += one["subjects"]
    return [
        {**one, "sum": amount(one["fine"], currency), "fine": str(one["fine"])}
        for (currency, _, _), one in sorted(found.items())
    ]
