"""A party's statement: every amount opens to its rule, input, shares and rounding (spec/money.md section 9).

The statement is a JSON value with one canonical encoding; CSV and HTML are views of it and add nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from typing import Any

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.kernel.money import Money
from cantoria.kernel.shares import W
from cantoria.royalty.balances import payout
from cantoria.royalty.types import Key, Leaf, Run, Split, State, SubjectAmount

FORMAT = "cantoria-statement-v1"
RULE = "F(A, high) - F(A, low) with F(A, b) = A*b/1000000000 rounded down, in fine units (10^-6 minor units)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A run with what explains it: its splits by version, the tariff's id and what a unit of the pool is.

    Where the run is a full rerun, `earlier` gives what was posted by key before the last recorded run: lines then show
    the difference to it, and the period counts with its whole amounts.
    """

    run: Run
    splits: Mapping[str, Split]
    tariff: str
    basis: str
    run_id: str = ""
    earlier: Mapping[Key, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whose statement it is. `names` and `titles` are texts to show for ids; they do not enter any computation.

    `opening` is the account's balance in fine units before the period's differences: what earlier closed periods
    credited, less what was paid.
    """

    party: str
    name: str = ""
    opening: int = 0
    titles: Mapping[str, str] = field(default_factory=dict)


def statement_of(addressee: Addressee, sources: Sequence[Source], *, label: str, ledger: Mapping[str, Any]) -> Any:
    """Return the statement of one party for the period `label`, from runs in one currency.

    `ledger` names size and root that rights were read at (integers and text). Amounts are exact decimal text. The
    differences of closed runs are added to the opening balance and paid out floored to whole minor units; the rest is
    carried. Provisional runs are shown and not paid.
    """
    currencies = sorted({source.run.currency for source in sources})
    if len(currencies) != 1:
        raise InputError(f"runs in {', '.join(currencies) or 'no currency'}", "make one statement for each currency")
    currency = currencies[0]
    ordered = sorted(sources, key=lambda source: (source.run.pool, source.run.period, source.run.number))
    lines = [line for source in ordered for line in _lines(addressee, source)]
    closed = sum(
        change for source in ordered if source.run.state is State.CLOSED for change in _changes(addressee, source)
    )
    pending = sum(
        change for source in ordered if source.run.state is State.PROVISIONAL for change in _changes(addressee, source)
    )
    paid = payout(addressee.opening + closed)
    return {
        "format": FORMAT,
        "party": addressee.party,
        "name": addressee.name,
        "period": label,
        "currency": currency,
        "ledger": dict(ledger),
        "rule": RULE,
        "runs": [_run(source) for source in ordered],
        "lines": lines,
        "totals": {
            "opening": _text(addressee.opening, currency),
            "closed": _text(closed, currency),
            "provisional": _text(pending, currency),
            "payable": Money.minor(paid.minor, currency).format(),
            "carried": _text(paid.carry, currency),
        },
        "payable_minor": paid.minor,
    }


def to_bytes(statement: Any) -> bytes:
    """Return the canonical bytes of a statement: what its digest and its receipt speak of."""
    return canonical.encode(statement)


def digest(statement: Any) -> str:
    """Return the SHA-256 (hex) of the canonical bytes."""
    return sha256(to_bytes(statement)).hexdigest()


def _changes(addressee: Addressee, source: Source) -> list[int]:
    if source.earlier is not None:
        return [amount for key, amount in source.run.totals.items() if key.holder == addressee.party]
    return [p.credit - p.debit for p in source.run.postings if p.key.holder == addressee.party]


def _run(source: Source) -> dict[str, Any]:
    run, controls = source.run, source.run.controls
    return {
        "id": source.run_id,
        "pool": run.pool,
        "period": run.period,
        "number": run.number,
        "state": run.state.value,
        "tariff": source.tariff,
        "basis": source.basis,
        "pool_amount": _text(run.pool_amount, run.currency),
        "pool_units": str(run.pool_units),
        "holders": _text(controls.holders, run.currency),
        "suspense": _text(controls.suspense, run.currency),
        "residue": _text(controls.residue, run.currency),
    }


def _lines(addressee: Addressee, source: Source) -> list[dict[str, Any]]:
    """Return a line for each key of the party that has an amount now or had one before."""
    run = source.run
    amounts = {(amount.subject, amount.split): amount for amount in run.amounts}
    changes = _differences(addressee, source)
    keys = sorted({key for key in run.totals if key.holder == addressee.party} | changes.keys())
    return [
        {
            "pool": key.pool,
            "period": key.period,
            "state": run.state.value,
            "subject": key.subject,
            "title": addressee.titles.get(key.subject, ""),
            "leg": key.leg,
            "split": key.split,
            "amount": _text(run.totals.get(key, 0), run.currency),
            "previously": _text(run.totals.get(key, 0) - changes.get(key, 0), run.currency),
            "difference": _text(changes.get(key, 0), run.currency),
            "because": _because(source, key, amount=amounts.get((key.subject, key.split))),
        }
        for key in keys
    ]


def _differences(addressee: Addressee, source: Source) -> dict[Key, int]:
    """Return by key what changed for the party by the last recorded run."""
    changes: dict[Key, int] = {}
    if source.earlier is not None:
        for key in sorted(source.run.totals.keys() | source.earlier.keys()):
            if key.holder == addressee.party:
                changes[key] = source.run.totals.get(key, 0) - source.earlier.get(key, 0)
        return changes
    for posting in source.run.postings:
        if posting.key.holder == addressee.party:
            changes[posting.key] = changes.get(posting.key, 0) + posting.credit - posting.debit
    return changes


def _because(source: Source, key: Key, *, amount: SubjectAmount | None) -> dict[str, Any] | None:
    """Return input, shares and rounding of a line, or None where its split version or its units are gone."""
    split = source.splits.get(key.split)
    if amount is None or split is None:
        return None
    run = source.run
    bounds = {bound.holder: bound for bound in split.bounds}
    leaf = next(leaf for leaf in split.leaves if (leaf.holder, leaf.leg) == (key.holder, key.leg))
    bound = bounds[leaf.id]
    exact = abs(amount.amount) * leaf.share
    return {
        "units": str(amount.units),
        "pool_units": str(run.pool_units),
        "pool_amount": _text(run.pool_amount, run.currency),
        "subject_amount": _text(amount.amount, run.currency),
        "share": str(leaf.share),
        "paths": _paths(leaf),
        "low": bound.low,
        "high": bound.high,
        "distance_fine": str(_ceiling(abs(exact - abs(run.totals.get(key, 0))))),
        "distance_fine_max": str(_ceiling(Fraction(abs(amount.amount), W)) + 1),
    }


def _paths(leaf: Leaf) -> list[dict[str, Any]]:
    return [
        {
            "share": str(path.share),
            "steps": [{"name": step.name, "fraction": str(step.fraction)} for step in path.steps],
        }
        for path in leaf.paths
    ]


def _ceiling(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def _text(fine: int, currency: str) -> str:
    return Money(fine, currency).format()
