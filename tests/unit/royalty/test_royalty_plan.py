"""The set-based plan equals the reference, every unit, on random worlds; and refuses what it cannot share out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance.analytics import Table
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.shares import W
from cantoria.royalty import plan
from cantoria.royalty.distribute import distribute_pool
from cantoria.royalty.split import split_of, whole
from cantoria.royalty.types import UNMATCHED, Job, Key, Leaf, Run, Split, Units, residue_holder

WORLDS = 1_200


@pytest.fixture
def engine() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


@dataclass
class Numbers:
    """Numbers for (subject, split) pairs and leaves, given in order of appearance."""

    subjects: dict[tuple[str, str], int] = field(default_factory=dict)
    leaves: dict[tuple[str, str], int] = field(default_factory=lambda: {(UNMATCHED, "held"): plan.UNMATCHED_LEAF})

    def subject(self, subject: str, split: str) -> int:
        return self.subjects.setdefault((subject, split), len(self.subjects))

    def leaf(self, holder: str, leg: str) -> int:
        return self.leaves.setdefault((holder, leg), len(self.leaves))


def random_split(rng: random.Random) -> Split:
    count = rng.choice([1, 1, 2, 3, 5, 9])
    weights = [rng.choice([0, 1, 1, 2, 7, 997, 10**6]) for _ in range(count - 1)] + [rng.randint(1, 50)]
    names = rng.sample([f"party_{n}" for n in range(12)], count)
    legs = [rng.choice(["work", "recording", "performers"]) for _ in range(count)]
    return split_of(
        Leaf(name, leg, Fraction(weight, sum(weights))) for name, leg, weight in zip(names, legs, weights, strict=True)
    )


def random_job(rng: random.Random, world: int) -> Job:
    """A pool with lines of many sizes, unmatched subjects, negative and huge amounts, some of it empty."""
    unmatched = whole(UNMATCHED)
    splits = [random_split(rng) for _ in range(rng.randint(1, 4))]
    subjects = [(f"w{world}r{n}", rng.choice([*splits, unmatched]).version) for n in range(rng.randint(0, 8))]
    lines = [
        Units(subject, split, rng.choice([0, 1, 2, 3, 10**3, rng.randint(1, 10**12)]))
        for subject, split in subjects
        for _ in range(rng.randint(1, 3))
    ]
    lines += [Units(subject, split, -1) for subject, split, units in lines if units == 10**3 and rng.random() < 0.3]
    scale = rng.choice([1, 10, 10**6, 10**9, 10**12, 10**18 * 9])
    amount = rng.randint(-scale // 10, scale) if rng.random() < 0.95 else 0
    return Job(
        pool=f"pool_{world}",
        period="2026-Q1",
        currency="EUR",
        number=1,
        funding={"revenue:model": amount},
        units=tuple(rng.sample(lines, len(lines))),
        splits={split.version: split for split in [*splits, unmatched]},
    )


def load(engine: DuckDBAnalytics, jobs: list[Job], numbers: Numbers) -> None:
    lines = [(pool, numbers.subject(*unit[:2]), unit.units) for pool, job in enumerate(jobs) for unit in job.units]
    pools = [(pool, sum(job.funding.values())) for pool, job in enumerate(jobs)]
    splits: set[tuple[int, int, int, int]] = set()
    for job in jobs:
        for subject, version, _ in job.units:
            split = job.splits[version]
            if split.version == whole(UNMATCHED).version:
                continue  # the plan knows this one by itself
            for leaf, bound in zip(split.leaves, split.bounds, strict=True):
                number = numbers.leaf(leaf.holder, leaf.leg)
                splits.add((numbers.subject(subject, version), number, bound.low, bound.high))
    register(engine, "usage_lines", plan.LINES, lines)
    register(engine, "usage_pools", plan.POOLS, pools)
    register(engine, "split_rows", plan.SPLITS, sorted(splits))


def register(engine: DuckDBAnalytics, name: str, schema: dict, rows: list) -> None:
    columns = {column: [row[position] for row in rows] for position, column in enumerate(schema)}
    engine.register(name, Table(schema, columns))


def expected_allocations(runs: list[Run], numbers: Numbers) -> dict[tuple[int, int, int], int]:
    found = {}
    for pool, run in enumerate(runs):
        for key, amount in run.totals.items():
            if key.subject not in ("funding", "residue"):
                found[pool, numbers.subject(key.subject, key.split), numbers.leaf(key.holder, key.leg)] = amount
    return found


def test_plan_equals_reference_on_random_worlds(engine: DuckDBAnalytics) -> None:
    rng = random.Random(20260901)
    jobs = [random_job(rng, world) for world in range(WORLDS)]
    runs = [distribute_pool(job) for job in jobs]
    numbers = Numbers()
    load(engine, jobs, numbers)
    register(engine, "posted", plan.POSTED, [])
    controls = plan.run_steps(engine, differences=True)

    assert [control.pool for control in controls] == list(range(WORLDS))
    for control, run in zip(controls, runs, strict=True):
        residue = Key(run.pool, run.period, "residue", "", residue_holder(run.pool), "")
        assert control.residue == run.totals.get(residue, 0)
        assert control.paid == run.controls.total_in - run.controls.residue
        assert control.subjects == len(run.amounts)
    allocations = expected_allocations(runs, numbers)
    assert len(allocations) > WORLDS
    found = engine.fetch("SELECT pool, subject, leaf, amount FROM allocations")
    assert {tuple(row[:3]): row[3] for row in found} == allocations
    assert len(found) == len(allocations)

    parties: dict[tuple[int, int], int] = {}
    for (pool, _, leaf), amount in allocations.items():
        parties[pool, leaf] = parties.get((pool, leaf), 0) + amount
    rows = engine.fetch("SELECT pool, leaf, amount FROM party_amounts WHERE amount <> 0")
    assert {tuple(row[:2]): row[2] for row in rows} == {key: amount for key, amount in parties.items() if amount}


def test_plan_posts_the_same_differences(engine: DuckDBAnalytics) -> None:
    rng = random.Random(7)
    jobs = [random_job(rng, world) for world in range(200)]
    later = [random_job(rng, world) for world in range(200)]
    numbers = Numbers()
    before = expected_allocations([distribute_pool(job) for job in jobs], numbers)
    after = expected_allocations([distribute_pool(job) for job in later], numbers)
    load(engine, later, numbers)
    register(engine, "posted", plan.POSTED, [(*key, amount) for key, amount in before.items()])
    plan.run_steps(engine, differences=True)
    rows = engine.fetch("SELECT pool, subject, leaf, credit - debit, debit, credit FROM differences")
    changes = {key: after.get(key, 0) - before.get(key, 0) for key in before.keys() | after.keys()}
    assert {tuple(row[:3]): row[3] for row in rows} == {key: change for key, change in changes.items() if change}
    assert all(min(debit, credit) == 0 < max(debit, credit) for *_, debit, credit in rows)


def small(engine: DuckDBAnalytics, *, lines: list, pools: list, splits: list) -> None:
    register(engine, "usage_lines", plan.LINES, lines)
    register(engine, "usage_pools", plan.POOLS, pools)
    register(engine, "split_rows", plan.SPLITS, splits)


def test_lines_without_their_pool_are_refused(engine: DuckDBAnalytics) -> None:
    small(engine, lines=[(1, 1, 5)], pools=[(2, 100)], splits=[])
    with pytest.raises(InputError, match="pool 1"):
        plan.run_steps(engine)


def test_units_below_zero_are_refused(engine: DuckDBAnalytics) -> None:
    small(engine, lines=[(1, 1, 5), (1, 2, -1)], pools=[(1, 100)], splits=[])
    with pytest.raises(InputError, match="takes back too much"):
        plan.run_steps(engine)


@pytest.mark.parametrize(
    "rows", [[(1, 1, 0, W - 1)], [(1, 1, 0, W), (1, 2, 0, W)], [(1, 1, 0, 10), (1, 2, 11, W)]], ids=str
)
def test_splits_that_are_not_whole_are_refused(engine: DuckDBAnalytics, rows: list) -> None:
    small(engine, lines=[(1, 1, 5)], pools=[(1, 10**12)], splits=rows)
    with pytest.raises(IntegrityError, match="not whole"):
        plan.run_steps(engine)


def test_a_pool_without_lines_keeps_its_money_as_residue(engine: DuckDBAnalytics) -> None:
    small(engine, lines=[], pools=[(1, 100)], splits=[])
    assert plan.run_steps(engine) == (plan.PoolControl(1, 100, 0, 100, 0),)


def test_units_beyond_64_bits_are_an_error_not_a_wrap(engine: DuckDBAnalytics) -> None:
    small(engine, lines=[(1, 1, 2**63 - 1), (1, 1, 1)], pools=[(1, 100)], splits=[])
    with pytest.raises(InputError, match="out of range"):
        plan.run_steps(engine)
