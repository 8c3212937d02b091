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
    currency, label = statement["currency"], statement["period"]

    def fine(text: str) -> int:
        return Money.parse(text, currency).fine

    runs, totals = statement["runs"], statement["totals"]
    pools = [run for run in runs if not run["pool"].endswith(f"/{ADVANCE}")]
    shared = sum(fine(run["pool_amount"]) for run in pools)
    recouped = sum(fine(run["pool_amount"]) for run in runs) - shared
    mine = sum(fine(line["amount"]) for line in statement["lines"])
    waiting = sum(fine(run["suspense"]) for run in pools)
    residue = sum(fine(run["residue"]) for run in pools)
    revenue = _revenue(house, runs, label=label, currency=currency)
    inflow = [
        _step("revenue", revenue, level=True),
        _step("not_due", shared + recouped - revenue),
        _step("recouped", -recouped),
        _step("shared_out", shared, level=True),
        _step("waiting", -waiting),
        _step("residue", -residue),
        _step("others", mine + waiting + residue - shared),
        _step("mine", mine, level=True),
    ]
    closed, provisional, opening = (fine(totals[name]) for name in ("closed", "provisional", "opening"))
    payable, carried = fine(totals["payable"]), fine(totals["carried"])
    payout = [
        _step("mine", closed + provisional, level=True),
        _step("provisional", -provisional),
        _step("opening", opening),
        _step("balance", closed + opening, level=True),
        _step("carried", -carried),
        _step("payable", payable, level=True),
    ]
    return {
        "inflow": [_said(one, currency) for one in inflow if one[1] or one[2]],
        "payout": [_said(one, currency) for one in payout if one[1] or one[2]],
    }


def streams(house: House, statement: Mapping[str, Any], groups: Sequence[Mapping[str, Any]]) -> Value:
    """Return where a party's money comes from: `nodes` and `links` source → pool → what was used → party.

    The largest ten subjects stand for themselves, the rest together. The links of each layer add up to the party's
    amount, exactly.
    """
    currency = statement["currency"]
    names: dict[tuple[str, str], str] = {}
    top = {group["subject"] for group in groups[:SUBJECTS_SHOWN]}
    sums: dict[tuple[str, str, str], int] = {}
    for group in groups:
        subject = group["subject"] if group["subject"] in top else ""
        names["subject", subject] = group["title"] if subject else ""
        for line in group["lines"]:
            key = (source_of(line["pool"]), line["pool"], subject)
            sums[key] = sums.get(key, 0) + int(line["sum"]["fine"])
    order = [group["subject"] for group in groups[:SUBJECTS_SHOWN]] + [""]
    links: dict[tuple[str, str], int] = {}
    nodes: dict[str, Value] = {}
    for (source, pool, subject), fine in sums.items():
        path = (f"source {source}", f"pool {pool}", f"subject {subject}", f"party {statement['party']}")
        for start, end in pairwise(path):
            links[start, end] = links.get((start, end), 0) + fine
        for layer, (name, called) in enumerate(zip(path, (source, pool, subject, statement["party"]), strict=True)):
            known = nodes.setdefault(name, {"id": name, "layer": layer, "called": called, "title": "", "fine": 0})
            known["fine"] += fine
            known["rank"] = order.index(subject) if layer == 2 else 0
    for (_, subject), title in names.items():
        nodes[f"subject {subject}"]["title"] = title
    for node in nodes.values():
        if node["layer"] == 0:
            node["title"] = source_called(house, node["called"])
    nodes[f"party {statement['party']}"]["title"] = statement["name"]
    ordered = sorted(nodes.values(), key=lambda node: (node["layer"], node["rank"], -node["fine"], node["id"]))
    return {
        "nodes": [
            {
                "id": node["id"],
                "layer": node["layer"],
                "called": node["called"],
                "title": node["title"],
                "sum": amount(node["fine"], currency),
            }
            for node in ordered
        ],
        "links": [
            {"source": start, "target": end, "sum": amount(fine, currency)} for (start, end), fine in links.items()
        ],
        "folded": max(0, len(groups) - SUBJECTS_SHOWN),
    }


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


def _step(code: str, fine: int, *, level: bool = False) -> tuple[str, int, bool]:
    return code, fine, level


def _said(step: tuple[str, int, bool], currency: str) -> Value:
    code, fine, level = step
    return {"code": code, "sum": amount(fine, currency), "level": level}
