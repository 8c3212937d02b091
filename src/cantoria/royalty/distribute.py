"""Share out one pool of one period: the readable reference (RULES section 9); `plan.py` is its set-based twin.

Everything is computed on cumulative totals, and what is posted is the difference to what was posted before. So late
lines, corrections, changed splits and reruns converge to one state, whatever the order they came in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import sha256

from cantoria.kernel import canonical
from cantoria.kernel.check import require
from cantoria.kernel.errors import InputError
from cantoria.kernel.money import FINE_MAX
from cantoria.kernel.shares import allocate, muldiv_floor
from cantoria.royalty.controls import control_sums
from cantoria.royalty.types import (
    FUNDING_SUBJECT,
    RESIDUE_SUBJECT,
    Job,
    Key,
    Posting,
    Run,
    SubjectAmount,
    Units,
    pool_account,
    residue_holder,
)


def distribute_pool(job: Job) -> Run:
    """Return the run of `job`: amounts by subject, new totals by key, and the postings that lead there.

    Raises `InputError` for negative units, units without their split, and amounts beyond 63 bits.
    """
    units = sum_units(job.units)
    pool_amount = sum(job.funding.values())
    if abs(pool_amount) > FINE_MAX:
        raise InputError(f"pool {job.pool} of {pool_amount} fine units exceeds 63 bits", "check its revenue")
    amounts = pro_rata(pool_amount, units)
    totals = _targets(job, amounts)
    postings = _postings(job, totals)
    return Run(
        pool=job.pool,
        period=job.period,
        currency=job.currency,
        number=job.number,
        state=job.state,
        pool_amount=pool_amount,
        pool_units=sum(units.values()),
        amounts=amounts,
        totals=totals,
        postings=postings,
        controls=control_sums(totals, postings, pool=job.pool),
    )


def sum_units(units: Iterable[Units]) -> dict[tuple[str, str], int]:
    """Return the cumulative units by (subject, split version), without zeros, in canonical order."""
    totals: defaultdict[tuple[str, str], int] = defaultdict(int)
    for subject, split, count in units:
        totals[subject, split] += count
    for (subject, split), count in totals.items():
        if not 0 <= count <= FINE_MAX:
            raise InputError(
                f"units of {subject} under split {split} add up to {count}", "a correction takes back too much"
            )
        if subject in (RESIDUE_SUBJECT, FUNDING_SUBJECT):
            raise InputError(f"{subject} cannot be a subject of usage", "use a recording id or a code key")
    return {key: totals[key] for key in sorted(totals) if totals[key]}


def pro_rata(amount: int, units: Mapping[tuple[str, str], int]) -> tuple[SubjectAmount, ...]:
    """Return each subject's part of the pool, amount·units/all units rounded down; the rest is the residue."""
    whole = sum(units.values())
    return tuple(
        SubjectAmount(subject, split, count, muldiv_floor(amount, count, whole))
        for (subject, split), count in units.items()
    )


def _targets(job: Job, amounts: tuple[SubjectAmount, ...]) -> dict[Key, int]:
    """Return the cumulative net credit of every key; money that comes in stands as a negative credit."""
    totals: dict[Key, int] = {}
    for account in sorted(job.funding):
        totals[Key(job.pool, job.period, FUNDING_SUBJECT, "", account, "")] = -job.funding[account]
    for subject, version, _, amount in amounts:
        split = job.splits.get(version)
        if split is None:
            raise InputError(f"no split {version} for {subject}", "give the job every split its units name")
        parts = allocate(amount, split.bounds)
        for leaf in split.leaves:
            totals[Key(job.pool, job.period, subject, version, leaf.holder, leaf.leg)] = parts[leaf.id]
    rest = sum(job.funding.values()) - sum(amount.amount for amount in amounts)
    totals[Key(job.pool, job.period, RESIDUE_SUBJECT, "", residue_holder(job.pool), "")] = rest
    return {key: totals[key] for key in sorted(totals) if totals[key]}


def _postings(job: Job, totals: Mapping[Key, int]) -> tuple[Posting, ...]:
    """Return the double entries from what was posted to `totals`: every difference against the pool account."""
    found: list[Posting] = []
    through: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for key in sorted(totals.keys() | job.posted.keys()):
        if (key.pool, key.period) != (job.pool, job.period):
            raise InputError(f"posted {key} is not of pool {job.pool}, period {job.period}")
        before, after = job.posted.get(key, 0), totals.get(key, 0)
        if before == after:
            continue
        debit, credit = max(before - after, 0), max(after - before, 0)
        found.append(Posting(posting_id(job, key, change=credit - debit), key, debit, credit))
        through[key.subject, key.split][0] += debit
        through[key.subject, key.split][1] += credit
    for (subject, split), (debited, credited) in sorted(through.items()):
        key = Key(job.pool, job.period, subject, split, pool_account(job.pool), "")
        found.extend(
            Posting(posting_id(job, key, change=credit - debit), key, debit, credit)
            for debit, credit in ((credited, 0), (0, debited))
            if debit or credit
        )
    found.sort(key=lambda posting: (posting.key, posting.debit, posting.credit))
    require(sum(p.debit for p in found) == sum(p.credit for p in found), f"entries of {job.pool} do not balance")
    return tuple(found)


def posting_id(job: Job, key: Key, *, change: int) -> str:
    """Return the idempotent id of one change of one key by one run (32 hex digits)."""
    body = canonical.encode([job.currency, job.number, *key, str(change)])
    return sha256(b"cantoria posting v1\n" + body).hexdigest()[:32]
