"""Balances: what waits and for how long, what may be paid out, and printed units that add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cantoria.kernel.errors import InputError
from cantoria.kernel.money import FINE_PER_MINOR
from cantoria.kernel.periods import DAY
from cantoria.royalty.split import renamed
from cantoria.royalty.types import INCOMPLETE, SUSPENSES, UNATTRIBUTED, UNMATCHED, Key, Split

# What may pass to an heir: nobody came for it. Disputed money waits until it is decided (RULES section 9), and what
# the evidence does not say stays in sight.
AGEING: Final = (INCOMPLETE, UNMATCHED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Money in a named balance: whose pool, period and subject, how much, since when, and for how many days."""

    holder: str
    pool: str
    period: str
    subject: str
    amount: int
    since: int
    days: int
    overdue: bool


def waiting(
    totals: Mapping[Key, int], *, since: Mapping[str, int], now: int, escrow_days: int = 0
) -> tuple[Waiting, ...]:
    """Return every suspense and unattributed balance, oldest first.

    `since` gives for each period label the moment (UTC microseconds) from which its money waits; `escrow_days` 0
    means that it waits for ever. Only balances of `AGEING` are ever overdue.
    """
    sums: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
    for key, amount in totals.items():
        if key.holder in SUSPENSES or key.holder == UNATTRIBUTED:
            sums[key.holder, key.pool, key.period, key.subject] += amount
    found = []
    for (holder, pool, period, subject), amount in sums.items():
        if period not in since:
            raise InputError(f"no moment is known from which period {period} waits", "give the end of the period")
        days = max(0, (now - since[period]) // DAY)
        overdue = holder in AGEING and 0 < escrow_days <= days
        found.append(Waiting(holder, pool, period, subject, amount, since[period], days, overdue))
    found = [one for one in found if one.amount]
    found.sort(key=lambda one: (one.since, one.holder, one.pool, one.period, one.subject))
    return tuple(found)


def aged(split: Split, *, holder: str, heir: str) -> Split:
    """Return the split after `holder`'s part passed to `heir`: an ordinary change of split, so money moves by a
    difference, and moves on by another when the owner is found."""
    return renamed(split, {holder: heir})


@dataclass(frozen=True, slots=True)
class Payout:
    """Whole minor units to pay now, and the fine units that stay on the account; together the balance."""

    minor: int
    carry: int


def payout(balance: int) -> Payout:
    """Return what may be paid of a balance in fine units: floored to minor units; a debt is carried, not paid."""
    if balance <= 0:
        return Payout(0, balance)
    return Payout(balance // FINE_PER_MINOR, balance % FINE_PER_MINOR)


def printed(parts: Mapping[str, int], *, unit: int = FINE_PER_MINOR) -> dict[str, int]:
    """Return whole units that add up to the rounded-down total: the largest remainder, ties in canonical order.

    Only for a printed document whose lines must add up; accounts keep fine units. Parts are not negative.
    """
    if any(part < 0 for part in parts.values()):
        raise InputError("printed units are for amounts that are not negative", "print debits on their own")
    whole = {name: parts[name] // unit for name in sorted(parts, key=lambda name: name.encode())}
    missing = sum(parts.values()) // unit - sum(whole.values())
    by_remainder = sorted(whole, key=lambda name: (-(parts[name] % unit), name.encode()))
    for name in by_remainder[:missing]:
        whole[name] += 1
    return whole
