"""A party's statement as a page says it: as it was recorded, or computed by the same use case where none was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cantoria.app import issuing
from cantoria.app.house import House
from cantoria.app.pages import money_flow, money_lines
from cantoria.app.pages.money_tally import accounts_at, amount, run_entries, source_called
from cantoria.kernel import canonical
from cantoria.kernel.facts import Recorded
from cantoria.kernel.money import Money
from cantoria.royalty import statements
from cantoria.royalty.facts import StatementIssued
from cantoria.royalty.statement_views import to_csv, to_html

Value = dict[str, Any]
GROUPS_SHOWN: Final = 12
FORMS: Final = {"json": "application/json", "csv": "text/csv; charset=utf-8", "html": "text/html; charset=utf-8"}
TOTALS: Final = ("opening", "closed", "provisional", "payable", "carried")
DIFFERENCES_MAX: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which statement: whose, for which period label, in which currency, as of which ledger size."""

    party: str
    label: str
    currency: str
    size: int


@dataclass(frozen=True, slots=True)
class Found:
    """A statement: its JSON value, and the fact that recorded it, if one did."""

    statement: Any
    issued: Recorded[StatementIssued] | None


def issued(house: House, which: Which) -> Recorded[StatementIssued] | None:
    """Return the newest record of a statement below the size."""
    said = house.index.about([which.party], tags=[StatementIssued.TYPE.tag], size=which.size)
    mine = [
        one
        for one in said
        if (one.fact.party, one.fact.label, one.fact.amount.currency) == (which.party, which.label, which.currency)
    ]
    return mine[-1] if mine else None


def recorded(house: House, which: Which) -> Found | None:
    """Return the statement that was recorded last, from the very bytes that its record commits to."""
    said = issued(house, which)
    if said is None:
        return None
    return Found(canonical.decode(house.attachments.get(said.fact.digest)), said)


def computed(house: House, which: Which) -> Found:
    """Return the statement as it would be issued now: distributed afresh, checked against the recorded runs."""
    value, _ = issuing.statement_at(
        house, party=which.party, label=which.label, currency=which.currency, size=which.size
    )
    return Found(value, None)


def distributed_by(house: House, which: Which) -> set[str]:
    """Return the organisations whose distributions the period and currency are made of."""
    accounts = accounts_at(house, which.size)
    return {
        accounts.runners[pool]
        for (pool, label), runs in accounts.runs.items()
        if label == which.label and runs[-1].total_in.currency == which.currency
    }


def page(house: House, found: Found, *, size: int, start: int) -> Value:
    """Return what the page of a statement says; of its lines those of a few subjects from number `start` on."""
    statement, said = found.statement, found.issued
    currency = statement["currency"]
    entries = run_entries(house, (run["pool"] for run in statement["runs"]), size=size)
    groups = money_lines.grouped(statement, entries)
    start = min(start, max(0, len(groups) - 1))
    fact = said.fact if said is not None else None
    return {
        "party": statement["party"],
        "name": statement["name"],
        "label": statement["period"],
        "currency": currency,
        "recorded": None
        if said is None or fact is None
        else {"entry": said.index, "by": said.organisation, "at": said.claimed_at, "digest": fact.digest},
        "digest": statements.digest(statement),
        "read_at": dict(statement["ledger"]),
        "totals": {name: amount(Money.parse(statement["totals"][name], currency).fine, currency) for name in TOTALS},
        "rule": statement["rule"],
        "pools": money_lines.by_pool(statement, entries),
        **money_flow.steps(house, statement),
        "sources": {
            source: source_called(house, source)
            for source in sorted({money_flow.source_of(run["pool"]) for run in statement["runs"]})
        },
        "flow": money_flow.streams(house, statement, groups),
        "groups": groups[start : start + GROUPS_SHOWN],
        "group_count": len(groups),
        "line_count": len(statement["lines"]),
        "start": start,
        "before": max(0, start - GROUPS_SHOWN) if start else None,
        "after": start + GROUPS_SHOWN if start + GROUPS_SHOWN < len(groups) else None,
    }


def file(house: House, found: Found, form: str) -> bytes:
    """Return a statement as a file: JSON (with the ledger's proof, where it was recorded), CSV or HTML."""
    if form == "csv":
        return to_csv(found.statement).encode()
    if form == "html":
        return to_html(found.statement).encode()
    if found.issued is None:
        return statements.to_bytes(found.statement)
    return issuing.attested(house, found.issued.index, found.statement)


def compared(kept: Found, again: Any) -> Value:
    """Return how a recomputed statement compares to the one that is shown: equal to the byte, or where it differs."""
    before, after = statements.to_bytes(kept.statement), statements.to_bytes(again)
    return {
        "equal": before == after,
        "bytes": len(before),
        "bytes_again": len(after),
        "digest": statements.digest(kept.statement),
        "digest_again": statements.digest(again),
        "differences": [] if before == after else _differences(kept.statement, again),
    }


def _differences(before: Any, after: Any) -> list[Value]:
    found = [
        {"where": name, "line": None, "before": before["totals"][name], "after": after["totals"].get(name, "")}
        for name in TOTALS
        if before["totals"][name] != after["totals"].get(name)
    ]
    one, other = _by_key(before), _by_key(after)
    for key in sorted(one.keys() | other.keys()):
        if one.get(key) != other.get(key):
            line = {"pool": key[0], "subject": key[1], "leg": key[2]}
            found.append({"where": "line", "line": line, "before": one.get(key, ""), "after": other.get(key, "")})
    return found[:DIFFERENCES_MAX]


def _by_key(statement: Mapping[str, Any]) -> dict[tuple[str, str, str, str], str]:
    return {(line["pool"], line["subject"], line["leg"], line["split"]): line["amount"] for line in statement["lines"]}
