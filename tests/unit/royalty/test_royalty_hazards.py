"""The exactness hazards of engines that concern money, as conformance tests (spec/money.md section 10).

Each shows what the engine does when asked naively and that the form in our plan is exact. An adapter for another
engine has to pass the same cases.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance.analytics import Format, Kind, Table
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.money import FINE_MAX
from cantoria.kernel.shares import W, allocate, compile_bounds, muldiv_floor, portion
from cantoria.royalty import plan
from cantoria.royalty.controls import from_limbs

FORM = "((a // {w}) * b + ((a % {w}) * b) // {w})"


@pytest.fixture
def engine() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


def edge_pairs() -> list[tuple[int, int]]:
    rng = random.Random(5)
    amounts = [0, 1, W - 1, W, W + 1, 2**53 - 1, 2**53, 2**53 + 1, 10**18, FINE_MAX - 1, FINE_MAX]
    bounds = [0, 1, W // 3, W // 2, W - 1, W]
    pairs = [(amount, bound) for amount in amounts for bound in bounds]
    return pairs + [(rng.randint(0, FINE_MAX), rng.randint(0, W)) for _ in range(5_000)]


def test_the_interval_form_is_exact_up_to_63_bits(engine: DuckDBAnalytics) -> None:
    pairs = edge_pairs()
    schema = {"a": Kind.INT64, "b": Kind.INT64}
    engine.register("pairs", Table(schema, {"a": [a for a, _ in pairs], "b": [b for _, b in pairs]}))
    rows = engine.fetch(f"SELECT a, b, {FORM.format(w=W)} FROM pairs")
    assert all(value == portion(int(a or 0), int(b or 0)) == a * b // W for a, b, value in rows)
    assert engine.fetch(f"SELECT DISTINCT typeof({FORM.format(w=W)}) FROM pairs") == [("BIGINT",)]


def test_the_interval_form_in_ieee_doubles_is_wrong(engine: DuckDBAnalytics) -> None:
    pairs = edge_pairs()
    schema = {"a": Kind.INT64, "b": Kind.INT64}
    engine.register("pairs", Table(schema, {"a": [a for a, _ in pairs], "b": [b for _, b in pairs]}))
    rows = engine.fetch("SELECT a, b, CAST(floor(a * (b / 1000000000)) AS HUGEINT) FROM pairs")
    assert sum(value != a * b // W for a, b, value in rows) > 1_000


def test_pro_rata_needs_128_bits_and_has_them(engine: DuckDBAnalytics) -> None:
    rows = [(FINE_MAX, FINE_MAX - 1, FINE_MAX), (10**18, 3, 7), (FINE_MAX, 1, 3), (-(10**18), 2, 3), (-7, 1, 2)]
    for amount, units, whole in rows:
        query = (
            f"SELECT CAST((CAST({amount} AS HUGEINT) * CAST({units} AS BIGINT)) // CAST({whole} AS HUGEINT) AS BIGINT)"
        )
        assert engine.fetch(query) == [(muldiv_floor(amount, units, whole),)]
    with pytest.raises((InputError, IntegrityError)):
        engine.fetch(f"SELECT CAST({FINE_MAX} AS BIGINT) * CAST(3 AS BIGINT) // 7")


def test_decimal_division_is_a_double_and_loses_units(engine: DuckDBAnalytics) -> None:
    query = f"SELECT typeof(x), CAST(x AS HUGEINT) FROM (SELECT {FINE_MAX}::DECIMAL(38,0) / 1::DECIMAL(38,0) AS x)"
    assert engine.fetch(query) == [("DOUBLE", 2**63)]
    assert engine.fetch(f"SELECT {FINE_MAX} // 1") == [(FINE_MAX,)]


def test_negative_amounts_are_divided_by_magnitude(engine: DuckDBAnalytics) -> None:
    """Engines disagree on -7 // 2, so no plan ever divides a negative amount: |A| is allocated, the sign restored."""
    assert engine.fetch("SELECT -7 // 2, -7 % 2") == [(-3, -1)]
    assert (-7 // 2, -7 % 2) == (-4, 1)
    bounds = compile_bounds({"a": Fraction(1, 3), "b": Fraction(2, 3)})
    table = Table(
        plan.SPLITS,
        {"subject": [1, 1], "leaf": [1, 2], "low": [b.low for b in bounds], "high": [b.high for b in bounds]},
    )
    for amount in (-1, -7, -100, -(10**18), -FINE_MAX):
        engine.register("usage_lines", Table(plan.LINES, {"pool": [1], "subject": [1], "units": [3]}))
        engine.register("usage_pools", Table(plan.POOLS, {"pool": [1], "amount": [amount]}))
        engine.register("split_rows", table)
        plan.run_steps(engine)
        rows = dict(engine.fetch("SELECT leaf, amount FROM party_amounts"))
        expected = allocate(amount, bounds)
        assert rows == {1: expected["a"], 2: expected["b"]}


def test_rounding_ties_are_never_asked_for(engine: DuckDBAnalytics) -> None:
    """round(2.5) is 3 here and 2 elsewhere; the plan's statements know no rounding function at all."""
    assert engine.fetch("SELECT CAST(round(2.5) AS BIGINT), CAST(2.5::DOUBLE AS BIGINT)") == [(3, 2)]
    text = " ".join(step.query for step in (*plan.distribution_steps(), *plan.difference_steps())).lower()
    for word in ("round", "floor", "ceil", "decimal", "double", "float", "numeric", "avg", "over (", " / "):
        assert word not in text


def test_sums_outgrow_64_bits_in_limbs(engine: DuckDBAnalytics) -> None:
    values = [FINE_MAX, FINE_MAX, FINE_MAX, -5]
    engine.register("amounts", Table({"n": Kind.INT64}, {"n": values}))
    ((high, low),) = engine.fetch(
        "SELECT CAST(sum(n // 4294967296) AS BIGINT), CAST(sum(n % 4294967296) AS BIGINT) FROM amounts"
    )
    assert from_limbs(int(high or 0), int(low or 0)) == sum(values)


def test_no_table_of_the_plan_would_be_stored_inexactly(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    """A 128-bit integer would be written to Parquet as a double; what the plan hands out is BIGINT throughout."""
    amount = 2**53 + 1
    engine.register("usage_lines", Table(plan.LINES, {"pool": [1], "subject": [1], "units": [1]}))
    engine.register("usage_pools", Table(plan.POOLS, {"pool": [1], "amount": [amount]}))
    engine.register("split_rows", Table(plan.SPLITS, {"subject": [], "leaf": [], "low": [], "high": []}))
    engine.register("posted", Table(plan.POSTED, {"pool": [], "subject": [], "leaf": [], "amount": []}))
    plan.run_steps(engine, differences=True)
    for name in ("subject_amounts", "party_amounts", "allocations", "differences"):
        path = str(tmp_path / f"{name}.parquet")
        engine.export(f"SELECT * FROM {name} ORDER BY ALL", path=path, file_format=Format.PARQUET)
    engine.attach("back", path=str(tmp_path / "party_amounts.parquet"), schema={"amount": Kind.INT64})
    assert engine.fetch("SELECT amount FROM back") == [(amount,)]


def test_sqlite_addition_silently_becomes_real_and_sum_raises() -> None:
    """So no money is added up in SQLite: amounts are stored there and added in Python's integers."""
    connection = sqlite3.connect(":memory:")
    assert connection.execute(f"SELECT typeof({FINE_MAX} + 1)").fetchone() == ("real",)
    connection.execute("CREATE TABLE amounts (n INTEGER NOT NULL) STRICT")
    connection.executemany("INSERT INTO amounts VALUES (?)", [(FINE_MAX,), (1,)])
    with pytest.raises(sqlite3.OperationalError, match="integer overflow"):
        connection.execute("SELECT sum(n) FROM amounts").fetchone()
    assert sum(n for (n,) in connection.execute("SELECT n FROM amounts")) == FINE_MAX + 1
    connection.close()
