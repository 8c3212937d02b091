"""Distribute: from the dues of a model's contract to postings, recorded with their control sums."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cantoria.app.fact_types import FACTS
from cantoria.app.house import House
from cantoria.app.pooling import Pooling
from cantoria.app.ports import Author
from cantoria.attribution.disputes import contested, open_disputes
from cantoria.kernel import canonical
from cantoria.kernel.codec import to_json
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.kernel.ids import TariffId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import Period
from cantoria.lineage.facts import ModelRegistered
from cantoria.registry import Registry
from cantoria.royalty import journal
from cantoria.royalty.accounts import Accounts, pool_id, recoupment_job, revenue_account
from cantoria.royalty.contract import Due
from cantoria.royalty.distribute import distribute_pool
from cantoria.royalty.facts import DistributionRun, RevenueDeclared
from cantoria.royalty.pools import PoolUnits, with_aged
from cantoria.royalty.tariff import Tariff
from cantoria.royalty.types import Job, Posting, Run, Split, State

MONEY_TAGS: Final = frozenset(cls.TYPE.tag for cls in FACTS if 600 < cls.TYPE.tag < 800)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Which model (or channel), under which tariff, for which period label."""

    model: str
    tariff: str
    label: str


@dataclass(slots=True, kw_only=True)
class Payday:
    """What one distribution did: the runs and their units by pool name, the contract's due, the splits used, and the
    SHA-256 (hex) of the reports that it read."""

    tariff: Tariff
    due: Due
    registry: Registry
    runs: dict[str, Run] = field(default_factory=dict)
    units: dict[str, PoolUnits] = field(default_factory=dict)
    splits: dict[str, Split] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()


Watch = Callable[[str], None]


def distribute(
    house: House, request: Request, *, author: Author, dry_run: bool = False, watch: Watch = lambda step: None
) -> Payday:
    """Share out everything that `request` is owed, post the differences to what was posted before, and record it.

    Run twice, the second run posts nothing. A correction since (revenue, usage, rights) posts its difference.
    """
    size = house.index.catch_up()
    payday = compute(house, request, size=size, watch=watch)
    if not dry_run:
        accounts = load_accounts(house, size=size)
        news = [run for run in payday.runs.values() if run.postings or _changes_state(accounts, run)]
        for run in news:
            if accounts.runners.get(run.pool, author.party) != author.party:
                raise InputError(f"{accounts.runners[run.pool]} distributes pool {run.pool}", "let them run it")
        facts = [_record(house, run, payday, request=request, size=size) for run in news]
        house.journal.record(facts, author=author)
        _check_effect(house, facts)
    return payday


def _check_effect(house: House, facts: Sequence[DistributionRun]) -> None:
    """Raise `UnavailableError` unless the runs took effect: where two run at once, the second comes too late."""
    accounts = load_accounts(house, size=house.index.catch_up())
    for fact in facts:
        if fact not in accounts.runs_of(fact.pool, fact.label):
            raise UnavailableError(
                f"another distribution of {fact.pool} for {fact.label} was recorded meanwhile, this one has no effect",
                "run it again: it posts what is still missing",
            )


def compute(
    house: House, request: Request, *, size: int, afresh: bool = False, watch: Watch = lambda step: None
) -> Payday:
    """Return what the distribution comes to as of ledger size `size`; nothing is recorded.

    `afresh` computes as if nothing had been posted before: a full rerun, whose totals must equal those of all runs
    posted so far.
    """
    watch("reading rights")
    registry = house.rights.load(size=size).registry
    accounts = load_accounts(house, size=size)
    tariff = accounts.tariff(request.tariff)
    _check_pools(accounts, request, tariff)
    pooling = Pooling(
        house=house,
        registry=registry,
        tariff=tariff,
        model=request.model,
        period=period_of(accounts, request),
        size=size,
        contested=contested(open_disputes(house.index.scan(tags=MONEY_TAGS, size=size))),
    )
    if house.index.batches(size=size):
        pooling.take_rows()
    units: dict[str, PoolUnits] = {}
    for pool in tariff.pools:
        watch(f"weighing pool {pool.name}")
        units[pool.name] = pooling.units(pool)
    due = _due(accounts, request, pooling, units)
    payday = Payday(tariff=tariff, due=due, registry=pooling.registry, units=units)
    for job, name in _jobs(accounts, request, due=due, units=units):
        watch(f"distributing pool {name}")
        if not afresh:
            posted = journal.cumulate(postings_of(house, accounts, pool=job.pool, label=job.period))
            number = len(accounts.runs_of(job.pool, job.period)) + 1
            job = replace(job, posted=posted, number=number)
        payday.runs[name] = distribute_pool(job)
        payday.splits.update(job.splits)
    payday.inputs = pooling.inputs()
    return payday


def load_accounts(house: House, *, size: int, tags: Collection[int] = MONEY_TAGS) -> Accounts:
    """Return tariffs, revenue, runs, aged balances and payments as of `size`, or those of `tags` alone.

    Revenue of a registered model counts from its developer alone: nobody else can add to it or keep it open.
    """
    developers: dict[str, str] = {}
    for recorded in house.index.scan(tags=[ModelRegistered.TYPE.tag], size=size):
        if recorded.organisation == recorded.fact.developer:
            developers.setdefault(recorded.fact.model, recorded.fact.developer)
    return Accounts.fold(
        recorded
        for recorded in house.index.scan(tags=tags, size=size)
        if not isinstance(recorded.fact, RevenueDeclared)
        or developers.get(recorded.fact.model, recorded.organisation) == recorded.organisation
    )


def postings_of(house: House, accounts: Accounts, *, pool: str, label: str, until: int | None = None) -> list[Posting]:
    """Return all postings of the recorded runs of a pool and period, or of the first `until`, in order."""
    found: list[Posting] = []
    for run in accounts.runs_of(pool, label)[:until]:
        found += _read_postings(house, run.outputs)
    return found


def _read_postings(house: House, digest: str) -> tuple[Posting, ...]:
    return house.memo.get(("postings", digest), lambda: journal.read_postings(house.attachments.get(digest)))


def _changes_state(accounts: Accounts, run: Run) -> bool:
    """Tell whether the run closes (or reopens) what was recorded: that is news even where no amount changes."""
    before = accounts.runs_of(run.pool, run.period)
    return bool(before) and before[-1].state is not run.state


def _jobs(accounts: Accounts, request: Request, *, due: Due, units: dict[str, PoolUnits]) -> list[tuple[Job, str]]:
    """Return the jobs of a full run, as if nothing had been posted before, with the names of their pools."""
    tariff = accounts.tariff(request.tariff)
    state = State.CLOSED if accounts.closed(request.model, request.tariff, label=request.label) else State.PROVISIONAL
    jobs = []
    for name, pool_units in units.items():
        pool = pool_id(request.model, name)
        pool_units = with_aged(pool_units, accounts.aged_of(pool, request.label))
        job = Job(
            pool=pool,
            period=request.label,
            currency=tariff.currency,
            number=1,
            funding={revenue_account(request.model): due.pools[name]},
            units=pool_units.units,
            splits=pool_units.splits,
            state=state,
        )
        jobs.append((job, name))
    pool = pool_id(request.model, "advance")
    if due.recouped or accounts.runs_of(pool, request.label):  # a correction may take the whole recoupment back
        job = recoupment_job(request.model, due, currency=tariff.currency, number=1, posted={})
        jobs.append((job, "advance"))
    return jobs


def _check_pools(accounts: Accounts, request: Request, tariff: Tariff) -> None:
    """Raise `InputError` where a pool of this period was distributed under another tariff: under this one, everything
    that was posted would be taken back, in whatever currency it was."""
    for name in (*(pool.name for pool in tariff.pools), "advance"):
        runs = accounts.runs_of(pool_id(request.model, name), request.label)
        if runs and runs[0].tariff != request.tariff:
            raise InputError(
                f"pool {name} of {request.model} for {request.label} was distributed under {runs[0].tariff}",
                "declare what is due under another tariff as a period of its own, such as 2026-10-b",
            )


def period_of(accounts: Accounts, request: Request) -> Period:
    """Return the period that a label stands for, which all its declarations must agree on."""
    facts = [recorded.fact for recorded in accounts.revenues.values()]
    mine = [
        fact.period
        for fact in facts
        if (fact.model, fact.tariff, fact.label) == (request.model, request.tariff, request.label)
    ]
    if not mine:
        raise InputError(
            f"no revenue of {request.model} is declared for {request.label}",
            "declare it with `cantoria royalty revenue`, even when it is zero",
        )
    if len(set(mine)) > 1:
        raise InputError(
            f"the period {request.label} of {request.model} is declared with different bounds",
            "correct one of the declarations",
        )
    if mine[0].end is None:
        raise InputError(f"the period {request.label} of {request.model} has no end", "declare it with --until")
    return mine[0]


def _due(accounts: Accounts, request: Request, pooling: Pooling, units: dict[str, PoolUnits]) -> Due:
    tariff = pooling.tariff
    prices = [pool for pool in tariff.pools if pool.unit_price is not None]
    counted = {request.label: units}
    if prices and tariff.terms.advance is not None:  # recoupment is cumulative: earlier periods count too
        labels = [one.period for one in accounts.earned(request.model, request.tariff)]
        for label in labels[: labels.index(request.label)]:
            earlier = replace(pooling, period=period_of(accounts, replace(request, label=label)))
            counted[label] = {pool.name: earlier.units(pool) for pool in prices}
    priced = {
        (label, pool.name): sum(one.units for one in found[pool.name].units)
        for label, found in counted.items()
        for pool in prices
    }
    dues = accounts.dues(request.model, request.tariff, units=priced)
    return next(due for due in dues if due.period == request.label)


def _record(house: House, run: Run, payday: Payday, *, request: Request, size: int) -> DistributionRun:
    postings = journal.write_postings(run.postings)
    controls = run.controls
    splits = sorted({one.split for one in run.amounts})

    def money(fine: int) -> Money:
        return Money(fine, run.currency)

    return DistributionRun(
        pool=run.pool,
        label=run.period,
        number=run.number,
        state=run.state,
        tariff=TariffId(request.tariff),
        ledger_size=size,
        inputs=payday.inputs,
        rules=_digest(to_json(payday.tariff)),
        splits=_digest(splits),
        outputs=house.attachments.put(postings),
        totals=journal.totals_digest(run),
        total_in=money(controls.total_in),
        holders=money(controls.holders),
        suspense=money(controls.suspense),
        residue=money(controls.residue),
        debits=money(controls.debits),
        credits=money(controls.credits),
        postings=controls.postings,
    )


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical.encode(value)).hexdigest()
