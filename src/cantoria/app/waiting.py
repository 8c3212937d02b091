"""Money that waits: the named balances with their age, and their passing to an heir once they waited too long."""

from __future__ import annotations

from dataclasses import dataclass

from cantoria.app import payday
from cantoria.app.house import House
from cantoria.app.payday import Request
from cantoria.app.ports import Author
from cantoria.kernel.errors import InputError
from cantoria.kernel.money import Money
from cantoria.kernel.periods import DAY
from cantoria.royalty import journal
from cantoria.royalty.accounts import Accounts
from cantoria.royalty.balances import AGEING, Waiting, waiting
from cantoria.royalty.facts import BalanceAged
from cantoria.royalty.tariff import Tariff
from cantoria.royalty.types import DISPUTED, Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a named holder (a suspense, `unattributed`, a residue, the joint fund) has of one pool and period.

    `since` is the period's end (UTC microseconds), `days` how many days have passed since. `limit_days` and `heir`
    are the tariff's where the balance ages (limit 0: it waits for ever). `subjects` counts what it is made of.
    """

    holder: str
    pool: str
    label: str
    amount: Money
    since: int
    days: int
    limit_days: int
    heir: str
    overdue: bool
    subjects: int


@dataclass(frozen=True, slots=True)
class Pool:
    """The recorded state of one pool and period: its tariff, its end, and the totals of all its postings."""

    pool: str
    label: str
    tariff: Tariff
    end: int
    totals: dict[Key, int]


def named(house: House, *, currency: str) -> tuple[Balance, ...]:
    """Return every named balance in a currency by holder, pool and period; parties and sources are left out."""
    now = house.clock.now()
    accounts = payday.load_accounts(house, size=house.index.catch_up())
    found = []
    for pool in pools_of(house, accounts, currency=currency):
        sums: dict[str, dict[str, int]] = {}
        for key, fine in pool.totals.items():
            if not key.holder.startswith(("party_", "revenue:", "pool:")):
                subjects = sums.setdefault(key.holder, {})
                subjects[key.subject] = subjects.get(key.subject, 0) + fine
        for holder, subjects in sums.items():
            amount = Money(sum(subjects.values()), currency)
            if not amount.fine:
                continue
            ages = holder in AGEING and pool.tariff.escrow_days > 0
            days = max(0, (now - pool.end) // DAY)
            found.append(
                Balance(
                    holder=holder,
                    pool=pool.pool,
                    label=pool.label,
                    amount=amount,
                    since=pool.end,
                    days=days,
                    limit_days=pool.tariff.escrow_days if ages else 0,
                    heir=pool.tariff.escrow_heir if ages else "",
                    overdue=ages and days >= pool.tariff.escrow_days,
                    subjects=sum(bool(fine) for fine in subjects.values()),
                )
            )
    return tuple(sorted(found, key=lambda one: (one.holder, one.since, one.pool, one.label)))


def disputed(house: House) -> dict[str, dict[str, int]]:
    """Return all money that waits because it is disputed, by subject (recording, work or code key) and currency, in
    fine units."""
    accounts = payday.load_accounts(house, size=house.index.catch_up())
    found: dict[str, dict[str, int]] = {}
    for currency in sorted({runs[-1].total_in.currency for runs in accounts.runs.values()}):
        for pool in pools_of(house, accounts, currency=currency):
            for key, fine in pool.totals.items():
                if key.holder == DISPUTED and fine:
                    amounts = found.setdefault(key.subject, {})
                    amounts[currency] = amounts.get(currency, 0) + fine
    return found


def age(house: House, *, currency: str, author: Author, dry_run: bool = False) -> tuple[BalanceAged, ...]:
    """Record for every subject whose money waited longer than its tariff allows that it passes to the heir.

    Only pools that the author distributes. The money moves with the next distribution of its pool, by a difference;
    when its owner is found later, another one moves it on. Disputed money waits until it is decided, however long.
    """
    now = house.clock.now()
    accounts = payday.load_accounts(house, size=house.index.catch_up())
    facts: list[BalanceAged] = []
    for pool in pools_of(house, accounts, currency=currency):
        if accounts.runners[pool.pool] == author.party:
            facts += (_passed(pool, one) for one in _overdue(accounts, pool, now=now))
    if not dry_run:
        house.journal.record(facts, author=author)
    return tuple(facts)


def pools_of(house: House, accounts: Accounts, *, currency: str) -> list[Pool]:
    """Return every pool and period that was distributed in a currency, in canonical order."""
    found = []
    for (pool, label), runs in sorted(accounts.runs.items()):
        if runs[-1].total_in.currency != currency:
            continue
        tariff = accounts.tariff(runs[-1].tariff)
        request = Request(model=pool.rpartition("/")[0], tariff=tariff.tariff, label=label)
        end = payday.period_of(accounts, request).end
        if end is None:
            raise InputError(f"the period {label} of {pool} has no end", "declare it with --until")
        posted = journal.cumulate(payday.postings_of(house, accounts, pool=pool, label=label))
        found.append(Pool(pool, label, tariff, end, posted))
    return found


def _overdue(accounts: Accounts, pool: Pool, *, now: int) -> list[Waiting]:
    """Return what waited too long and has not been passed on yet; a debt is not passed to anybody."""
    since, limit = {pool.label: pool.end}, pool.tariff.escrow_days
    already = {(balance.subject, balance.holder) for balance in accounts.aged_of(pool.pool, pool.label)}
    return [
        one
        for one in waiting(pool.totals, since=since, now=now, escrow_days=limit)
        if one.overdue and one.amount > 0 and (one.subject, one.holder) not in already
    ]


def _passed(pool: Pool, one: Waiting) -> BalanceAged:
    return BalanceAged(
        pool=pool.pool,
        label=pool.label,
        subject=one.subject,
        holder=one.holder,
        heir=pool.tariff.escrow_heir,
        amount=Money(one.amount, pool.tariff.currency),
    )
