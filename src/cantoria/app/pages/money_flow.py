"""A statement as steps and streams: the waterfall from money in to money paid, and where a party's money comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.pages.money_tally import accounts_at, amount, source_called
from cantoria.kernel.money import Money
from cantoria.royalty.accounts import Accounts
from cantoria.royalty.facts import DistributionRun

Value = dict[str, Any]
ADVANCE: Final = "advance"
SUBJECTS_SHOWN: Final = 10


def source_of(pool: str) -> str:
    """Return whose revenue a pool shares out: a model or a channel."""
    return pool.rpartition("/")[0]


def steps(house: House, statement: Mapping[str, Any]) -> Value:
    """Return both waterfalls of a statement as steps (`code`, `sum`, `level`): `inflow` from the revenue of its models
    and channels to the party's part, `payout` from there to what is payable now and what is carried.

    Every level is the level before it plus the changes between them, exactly.
    """
    currency = statement["currency"]
    return {
        "inflow": [_said(one, currency) for one in _inflow(house, statement) if one[1] or one[2]],
        "payout": [_said(one, currency) for one in _payout(statement) if one[1] or one[2]],
    }


def streams(house: House, statement: Mapping[str, Any], groups: Sequence[Mapping[str, Any]]) -> Value:
    """Return where a party's money comes from: `nodes` and `links` source → pool → what was used → party.

    The largest ten subjects stand for themselves, the rest together. The links of each layer add up to the party's
    amount, exactly.
    """
    currency, party = statement["currency"], statement["party"]
    order = [*(group["subject"] for group in groups[:SUBJECTS_SHOWN]), ""]
    titles = {f"subject {group['subject']}": group["title"] for group in groups[:SUBJECTS_SHOWN]}
    titles[f"party {party}"] = statement["name"]
    links: dict[tuple[str, str], int] = {}
    nodes: dict[str, Value] = {}
    for (source, pool, subject), fine in _by_path(groups, set(order)).items():
        path = (f"source {source}", f"pool {pool}", f"subject {subject}", f"party {party}")
        titles.setdefault(path[0], source_called(house, source))
        for start, end in pairwise(path):
            links[start, end] = links.get((start, end), 0) + fine
        for layer, (name, called) in enumerate(zip(path, (source, pool, subject, party), strict=True)):
            known = nodes.setdefault(name, {"id": name, "layer": layer, "called": called, "fine": 0})
            known["fine"] += fine

    def place(node: Value) -> tuple[int, int, int, str]:
        return node["layer"], order.index(node["called"]) if node["layer"] == 2 else 0, -node["fine"], node["id"]

    return {
        "nodes": [
            {**node, "title": titles.get(node["id"], ""), "sum": amount(node["fine"], currency)}
            | {"fine": str(node["fine"])}
            for node in sorted(nodes.values(), key=place)
        ],
        "links": [
            {"source": one, "target": other, "sum": amount(fine, currency)} for (one, other), fine in links.items()
        ],
        "folded": max(0, len(groups) - SUBJECTS_SHOWN),
    }


def _by_path(groups: Sequence[Mapping[str, Any]], shown: set[str]) -> dict[tuple[str, str, str], int]:
    """Return the party's money by source, pool and subject; subjects that are not shown stand as one without a name."""
    sums: dict[tuple[str, str, str], int] = {}
    for group in groups:
        subject = group["subject"] if group["subject"] in shown else ""
        for line in group["lines"]:
            key = (source_of(line["pool"]), line["pool"], subject)
            sums[key] = sums.get(key, 0) + int(line["sum"]["fine"])
    return sums


def _inflow(house: House, statement: Mapping[str, Any]) -> list[tuple[str, int, bool]]:
    currency, runs = statement["currency"], statement["runs"]

    def total(name: str, rows: Sequence[Mapping[str, Any]]) -> int:
        return sum(Money.parse(row[name], currency).fine for row in rows)

    pools = [run for run in runs if not run["pool"].endswith(f"/{ADVANCE}")]
    shared = total("pool_amount", pools)
    recouped = total("pool_amount", runs) - shared
    waiting, residue = total("suspense", pools), total("residue", pools)
    mine = total("amount", statement["lines"])
    revenue = _revenue(house, runs, label=statement["period"], currency=currency)
    return [
        ("revenue", revenue, True),
        ("not_due", shared + recouped - revenue, False),
        ("recouped", -recouped, False),
        ("shared_out", shared, True),
        ("waiting", -waiting, False),
        ("residue", -residue, False),
        ("others", mine + waiting + residue - shared, False),
        ("mine", mine, True),
    ]


def _payout(statement: Mapping[str, Any]) -> list[tuple[str, int, bool]]:
    totals = {name: Money.parse(text, statement["currency"]).fine for name, text in statement["totals"].items()}
    return [
        ("mine", totals["closed"] + totals["provisional"], True),
        ("provisional", -totals["provisional"], False),
        ("opening", totals["opening"], False),
        ("balance", totals["closed"] + totals["opening"], True),
        ("carried", -totals["carried"], False),
        ("payable", totals["payable"], True),
    ]


def _revenue(house: House, runs: Sequence[Mapping[str, Any]], *, label: str, currency: str) -> int:
    """Return what the runs' models and channels had declared for the period when each run read it, in fine units."""
    seen: dict[tuple[str, str], int] = {}
    for run in runs:
        name = (source_of(run["pool"]), run["tariff"])
        fact = _fact(accounts_at(house, house.index.catch_up()), run)
        if fact is not None and fact.total_in.currency == currency:
            seen[name] = max(seen.get(name, 0), fact.ledger_size)
    found = 0
    for (model, tariff), size in sorted(seen.items()):
        earned = accounts_at(house, size).earned(model, tariff)
        found += sum(one.revenue for one in earned if one.period == label)
    return found


def _fact(accounts: Accounts, run: Mapping[str, Any]) -> DistributionRun | None:
    runs = accounts.runs_of(run["pool"], run["period"])
    return runs[run["number"] - 1] if len(runs) >= run["number"] else None


def _said(step: tuple[str, int, bool], currency: str) -> Value:
    code, fine, level = step
    return {"code": code, "sum": amount(fine, currency), "level": level}
