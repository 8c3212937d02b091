"""A statement's lines, opened: each amount with its rule, inputs, shares, bounds and rounding, computed once more."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from cantoria.app.pages.money_tally import amount
from cantoria.kernel.money import FINE_PER_MINOR, Money
from cantoria.kernel.shares import W, muldiv_floor, portion

Value = dict[str, Any]


def grouped(statement: Mapping[str, Any], entries: Mapping[str, int]) -> list[Value]:
    """Return a statement's lines by what was used (recording, work, code), the largest sum first.

    `entries` gives the ledger index of each run. Amounts are exact; every line says how it came about.
    """
    currency = statement["currency"]
    by_subject: dict[str, list[Value]] = {}
    numbers = {(run["pool"], run["period"]): run for run in statement["runs"]}
    for line in statement["lines"]:
        run = numbers[line["pool"], line["period"]]
        by_subject.setdefault(line["subject"], []).append(opened(line, currency=currency, run=run, entries=entries))
    groups: list[Value] = []
    for subject, lines in by_subject.items():
        fine = sum(int(line["sum"]["fine"]) for line in lines)
        title = next((line["title"] for line in lines if line["title"]), "")
        groups.append({"subject": subject, "title": title, "sum": amount(fine, currency), "lines": lines})
    groups.sort(key=lambda group: (-int(group["sum"]["fine"]), group["subject"]))
    return groups


def opened(line: Mapping[str, Any], *, currency: str, run: Mapping[str, Any], entries: Mapping[str, int]) -> Value:
    """Return one line with what explains it; `why` is None where its split or its units are gone."""
    fine = Money.parse(line["amount"], currency).fine
    why = line["because"]
    return {
        "pool": line["pool"],
        "leg": line["leg"],
        "title": line["title"],
        "state": line["state"],
        "split": line["split"],
        "run": run["id"],
        "entry": entries.get(run["id"]),
        "tariff": run["tariff"],
        "basis": run["basis"],
        "sum": amount(fine, currency),
        "previously": amount(Money.parse(line["previously"], currency).fine, currency),
        "difference": amount(Money.parse(line["difference"], currency).fine, currency),
        "why": None if why is None else _why(why, fine=fine, currency=currency),
    }


def _why(why: Mapping[str, Any], *, fine: int, currency: str) -> Value:
    """Return both steps of a line with their numbers: the subject's part of the pool, and the holder's part of that."""
    pool = Money.parse(why["pool_amount"], currency).fine
    subject = Money.parse(why["subject_amount"], currency).fine
    units, all_units = int(why["units"]), int(why["pool_units"])
    low, high, size = int(why["low"]), int(why["high"]), abs(subject)
    until, since = portion(size, high), portion(size, low)
    exact = size * Fraction(why["share"])
    sign = -1 if subject < 0 else 1
    return {
        "units": units,
        "pool_units": all_units,
        "pool_amount": amount(pool, currency),
        "subject_amount": amount(subject, currency),
        "subject_exact": _fraction(Fraction(abs(pool) * units, all_units)),
        "subject_holds": muldiv_floor(pool, units, all_units) == subject,
        "share": why["share"],
        "paths": why["paths"],
        "low": str(low),
        "high": str(high),
        "measure": str(W),
        "at_high": str(until),
        "at_low": str(since),
        "exact": _fraction(exact),
        "holds": sign * (until - since) == fine,
        "distance": why["distance_fine"],
        "distance_max": why["distance_fine_max"],
        "fine_per_minor": str(FINE_PER_MINOR),
    }


def _fraction(value: Fraction) -> Value:
    """Return an exact number of fine units: whole part, and the rest as a fraction of one."""
    whole = value.numerator // value.denominator
    return {"whole": str(whole), "rest": str(value - whole)}


def by_pool(statement: Mapping[str, Any], entries: Mapping[str, int]) -> list[Value]:
    """Return for each run of a statement its control sums and what of it is the party's."""
    currency = statement["currency"]

    def money(text: str) -> dict[str, str]:
        return amount(Money.parse(text, currency).fine, currency)

    found = []
    for run in statement["runs"]:
        mine = sum(
            Money.parse(line["amount"], currency).fine
            for line in statement["lines"]
            if (line["pool"], line["period"]) == (run["pool"], run["period"])
        )
        found.append(
            {
                "run": run["id"],
                "pool": run["pool"],
                "source": run["pool"].rpartition("/")[0],
                "entry": entries.get(run["id"]),
                "state": run["state"],
                "tariff": run["tariff"],
                "basis": run["basis"],
                "pool_units": run["pool_units"],
                "pool_amount": money(run["pool_amount"]),
                "holders": money(run["holders"]),
                "suspense": money(run["suspense"]),
                "residue": money(run["residue"]),
                "mine": amount(mine, currency),
            }
        )
    return found
