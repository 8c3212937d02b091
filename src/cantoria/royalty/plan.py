"""Share out millions of usage lines: the set-based twin of `distribute.py`, every unit equal to it.

The plan is text for the `Analytics` port. It knows integers only: HUGEINT for one product, `//` for every division,
no float, no DECIMAL, no window, no order (RULES section 9; the traps are those of spec/money.md section 10).

Tables in (all BIGINT): `usage_lines(pool, subject, units)`; `usage_pools(pool, amount)`; `split_rows(subject, leaf,
low, high)`. `subject` numbers the pairs of (subject, split version), `leaf` the holder leaves; subjects without rows
in `split_rows` go to leaf 0, `suspense:unmatched`. For differences also `posted(pool, subject, leaf, amount)`.
Tables out: `subject_amounts`, `party_amounts` (pool, leaf, amount), `pool_controls`; and from `difference_steps`
`allocations` (pool, subject, leaf, amount) and `differences` (with debit and credit).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cantoria.clearance.analytics import Analytics, Kind, Step
from cantoria.kernel.check import require
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.shares import W
from cantoria.royalty.controls import LIMB_BITS, from_limbs

UNMATCHED_LEAF: Final = 0
LINES: Final = {"pool": Kind.INT64, "subject": Kind.INT64, "units": Kind.INT64}
POOLS: Final = {"pool": Kind.INT64, "amount": Kind.INT64}
SPLITS: Final = {"subject": Kind.INT64, "leaf": Kind.INT64, "low": Kind.INT64, "high": Kind.INT64}
POSTED: Final = {"pool": Kind.INT64, "subject": Kind.INT64, "leaf": Kind.INT64, "amount": Kind.INT64}

_SPLIT: Final = "coalesce(s.leaf, 0) AS leaf, coalesce(s.low, 0) AS low, coalesce(s.high, {whole}) AS high"
_LIMB: Final = 1 << LIMB_BITS


def _until(bound: str) -> str:
    """Return F(|amount|, bound) as SQL, in which no intermediate value leaves 64 bits."""
    return f"((abs(amount) // {W}) * {bound} + ((abs(amount) % {W}) * {bound}) // {W})"


def _parts() -> str:
    """Return the query of every leaf's part of every subject's amount: the interval rule, a function of one row."""
    columns = _SPLIT.format(whole=W)
    rows = (
        f"SELECT a.pool, a.subject, a.amount, {columns} FROM subject_amounts a LEFT JOIN split_rows s USING (subject)"  # noqa: S608
    )
    part = f"({_until('high')} - {_until('low')})"
    return f"SELECT pool, subject, leaf, CASE WHEN amount < 0 THEN -{part} ELSE {part} END AS amount FROM ({rows})"  # noqa: S608


def distribution_steps() -> tuple[Step, ...]:
    """Return the steps from usage lines to the amount of every party in every pool, and the control sums."""
    return (
        Step(
            "subject_units",
            "SELECT pool, subject, CAST(sum(units) AS BIGINT) AS units FROM usage_lines GROUP BY pool, subject "
            "HAVING sum(units) <> 0",
        ),
        Step(
            "pool_units",
            "SELECT pool, CAST(sum(units) AS HUGEINT) AS units, min(units) AS least, count(*) AS subjects "
            "FROM subject_units GROUP BY pool",
        ),
        Step(
            "subject_amounts",
            "SELECT pool, u.subject, u.units, "
            "CAST((CAST(p.amount AS HUGEINT) * u.units) // t.units AS BIGINT) AS amount "
            "FROM subject_units u JOIN pool_units t USING (pool) JOIN usage_pools p USING (pool)",
        ),
        Step(
            "party_amounts",
            f"SELECT pool, leaf, CAST(sum(amount) AS BIGINT) AS amount FROM ({_parts()}) GROUP BY pool, leaf",  # noqa: S608
        ),
        Step("pool_controls", _controls()),
    )


def _controls() -> str:
    """Return the query of control sums by pool: limb sums, which no engine wraps."""

    def limbs(table: str, name: str) -> str:
        return (
            f"SELECT pool, CAST(sum(amount // {_LIMB}) AS BIGINT) AS {name}_high, "  # noqa: S608
            f"CAST(sum(amount % {_LIMB}) AS BIGINT) AS {name}_low, count(*) AS {name}_rows FROM {table} GROUP BY pool"
        )

    return (
        "SELECT pool, coalesce(p.amount, 0) AS amount, p.amount IS NULL AS unknown, coalesce(t.least, 0) AS least, "  # noqa: S608
        "coalesce(subject_high, 0) AS subject_high, coalesce(subject_low, 0) AS subject_low, "
        "coalesce(party_high, 0) AS party_high, coalesce(party_low, 0) AS party_low, "
        "coalesce(subjects, 0) AS subjects, coalesce(subject_rows, 0) AS subject_rows "
        "FROM usage_pools p FULL JOIN pool_units t USING (pool) "
        f"LEFT JOIN ({limbs('subject_amounts', 'subject')}) USING (pool) "
        f"LEFT JOIN ({limbs('party_amounts', 'party')}) USING (pool) ORDER BY pool"
    )


def difference_steps() -> tuple[Step, ...]:
    """Return the further steps to what must be posted: the new totals less what was `posted` before, by key."""
    return (
        Step("allocations", f"SELECT * FROM ({_parts()}) WHERE amount <> 0"),  # noqa: S608
        Step(
            "differences",
            "SELECT pool, subject, leaf, coalesce(b.amount, 0) AS before, coalesce(a.amount, 0) AS after, "
            "greatest(coalesce(b.amount, 0) - coalesce(a.amount, 0), 0) AS debit, "
            "greatest(coalesce(a.amount, 0) - coalesce(b.amount, 0), 0) AS credit "
            "FROM allocations a FULL JOIN posted b USING (pool, subject, leaf) "
            "WHERE coalesce(a.amount, 0) <> coalesce(b.amount, 0)",
        ),
    )


@dataclass(frozen=True, slots=True)
class PoolControl:
    """The control sums of one pool: `amount` = `paid` + `residue`; `subjects` have units."""

    pool: int
    amount: int
    paid: int
    residue: int
    subjects: int


def run_steps(engine: Analytics, *, differences: bool = False) -> tuple[PoolControl, ...]:
    """Run the plan on `engine`, which holds the tables in, and return the checked control sums of every pool.

    Raises `InputError` for negative units or an unknown pool, `IntegrityError` where a sum does not come out.
    """
    for step in (*distribution_steps(), *(difference_steps() if differences else ())):
        engine.make(step)
    columns = "pool, amount, unknown, least, subject_high, subject_low, party_high, party_low, subjects, subject_rows"
    rows = engine.fetch(f"SELECT {columns} FROM pool_controls ORDER BY pool")  # noqa: S608
    return tuple(_check(row[2], [_whole(value) for value in (*row[:2], *row[3:])]) for row in rows)


def _check(unknown: object, row: list[int]) -> PoolControl:
    pool, amount, least, subject_high, subject_low, party_high, party_low, subjects, subject_rows = row
    if unknown:
        raise InputError(f"usage lines name pool {pool}, which has no amount", "give every pool its amount")
    if least < 0:
        raise InputError(f"units in pool {pool} add up to {least}", "a correction takes back too much")
    shared, paid = from_limbs(subject_high, subject_low), from_limbs(party_high, party_low)
    if shared != paid:
        raise IntegrityError(f"pool {pool}: {shared} shared out, {paid} arrived", "the splits are not whole")
    require(subjects == subject_rows, f"pool {pool}: {subjects} subjects, {subject_rows} amounts")
    require(abs(amount - paid) <= subjects or subjects == 0, f"pool {pool}: residue {amount - paid} is too large")
    return PoolControl(pool, amount, paid, amount - paid, subjects)


def _whole(value: object) -> int:
    require(type(value) is int, f"{value!r} is not a whole number")
    return value if isinstance(value, int) else 0
