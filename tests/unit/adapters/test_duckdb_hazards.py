"""The exactness hazards of query engines, as they stand in the DuckDB that we run on.

Each test shows first what the engine does when asked naively, so that a change of the engine is noticed, and then
that the form our plans use is exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance.analytics import Format, Kind, Step, Table
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError

BEYOND_DOUBLE = 2**53 + 1
INT64_MAX = 2**63 - 1


@pytest.fixture
def engine() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


def numbers(values: list[int]) -> Table:
    return Table({"n": Kind.INT64}, {"n": values})


def test_sum_of_bigint_is_hugeint_and_export_refuses_it(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    engine.register("numbers", numbers([BEYOND_DOUBLE, 0]))
    assert engine.fetch("SELECT typeof(sum(n)) FROM numbers") == [("HUGEINT",)]
    target = tmp_path / "sum.parquet"
    with pytest.raises(IntegrityError, match="HUGEINT"):
        engine.export("SELECT sum(n) AS total FROM numbers", path=str(target), file_format=Format.PARQUET)
    assert list(tmp_path.iterdir()) == []


def test_hugeint_in_parquet_would_lose_digits(tmp_path: Path) -> None:
    target = tmp_path / "huge.parquet"
    connection = duckdb.connect()
    connection.execute(f"COPY (SELECT {BEYOND_DOUBLE}::HUGEINT AS n) TO '{target}'")
    assert connection.execute(f"SELECT typeof(n), n::BIGINT FROM '{target}'").fetchone() == (
        "DOUBLE",
        BEYOND_DOUBLE - 1,
    )
    connection.close()


def test_cast_sum_survives_parquet(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    engine.register("numbers", numbers([BEYOND_DOUBLE, 0]))
    target = tmp_path / "sum.parquet"
    query = "SELECT CAST(sum(n) AS BIGINT) AS total FROM numbers"
    assert engine.export(query, path=str(target), file_format=Format.PARQUET) == 1
    engine.attach("back", path=str(target), schema={"total": Kind.INT64})
    assert engine.fetch("SELECT total FROM back") == [(BEYOND_DOUBLE,)]


def test_sum_beyond_int64_is_an_error_not_a_wrap(engine: DuckDBAnalytics) -> None:
    engine.register("numbers", numbers([INT64_MAX, 1]))
    assert engine.fetch("SELECT sum(n) FROM numbers") == [(INT64_MAX + 1,)]
    with pytest.raises(InputError, match="out of range"):
        engine.fetch("SELECT CAST(sum(n) AS BIGINT) FROM numbers")


@pytest.mark.parametrize("expression", ["n + 1", "n * 2", "-(-n - 2)"])
def test_int64_arithmetic_never_wraps(engine: DuckDBAnalytics, expression: str) -> None:
    engine.register("numbers", numbers([INT64_MAX]))
    with pytest.raises(IntegrityError, match="leaves its type"):
        engine.fetch(f"SELECT {expression} FROM numbers")


def test_slash_on_integers_is_inexact_and_integer_division_is_exact(engine: DuckDBAnalytics) -> None:
    engine.register("numbers", numbers([INT64_MAX]))
    [(kind, naive)] = engine.fetch("SELECT typeof(n / 3), CAST(floor(n / 3) AS BIGINT) FROM numbers")
    assert kind == "DOUBLE"
    assert naive != INT64_MAX // 3
    assert engine.fetch("SELECT n // 3, typeof(n // 3) FROM numbers") == [(INT64_MAX // 3, "BIGINT")]
    assert engine.fetch("SELECT (n - n % 3) // 3 FROM numbers") == [(INT64_MAX // 3,)]


def test_decimal_division_returns_double(engine: DuckDBAnalytics) -> None:
    query = "SELECT typeof(1000000000000000001::DECIMAL(38,0) / 3::DECIMAL(38,0))"
    assert engine.fetch(query) == [("DOUBLE",)]


def test_negative_division_and_remainder_truncate_towards_zero(engine: DuckDBAnalytics) -> None:
    assert engine.fetch("SELECT -7 // 2, -7 % 2") == [(-3, -1)]


def test_rounding_ties_go_away_from_zero(engine: DuckDBAnalytics) -> None:
    query = "SELECT CAST(round(2.5) AS BIGINT), CAST(round(-2.5) AS BIGINT), CAST(2.5::DOUBLE AS BIGINT)"
    assert engine.fetch(query) == [(3, -3, 2)]


def test_integer_constants_widen_and_never_become_decimal_in_keys(engine: DuckDBAnalytics) -> None:
    query = "SELECT typeof(CAST(n AS BIGINT) * 288230376151711744 + 1) FROM numbers"
    engine.register("numbers", numbers([6]))
    assert engine.fetch(query) == [("BIGINT",)]


@pytest.mark.parametrize("kind", ["DOUBLE", "FLOAT", "DECIMAL(18,3)", "UHUGEINT", "UBIGINT"])
@pytest.mark.parametrize("file_format", list(Format))
def test_no_inexact_or_foreign_type_is_exported(
    engine: DuckDBAnalytics, tmp_path: Path, kind: str, file_format: Format
) -> None:
    with pytest.raises(IntegrityError, match="no file holds exactly"):
        engine.export(f"SELECT 1::{kind} AS n", path=str(tmp_path / "out"), file_format=file_format)


def test_export_is_ordered_whatever_the_threads(tmp_path: Path) -> None:
    contents = []
    for threads in (1, 2, 7):
        with DuckDBAnalytics(threads=threads) as engine:
            engine.make(Step("numbers", "SELECT (range * 7919) % 300007 AS n FROM range(300000)"))
            target = tmp_path / f"{threads}.csv"
            engine.export("SELECT n FROM numbers ORDER BY n", path=str(target), file_format=Format.CSV)
            contents.append(target.read_bytes())
    lines = contents[0].split()[1:]
    assert lines == sorted(lines, key=int)
    assert contents[0] == contents[1] == contents[2]


def test_value_beyond_its_declared_type_is_refused(engine: DuckDBAnalytics) -> None:
    with pytest.raises(InputError, match="does not fit"):
        engine.register("small", Table({"n": Kind.INT16}, {"n": [70_000]}))
    with pytest.raises(InputError, match="does not fit"):
        engine.register("small", Table({"n": Kind.INT64}, {"n": [INT64_MAX + 1]}))


def test_attach_refuses_another_schema(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    target = str(tmp_path / "t.parquet")
    engine.export("SELECT 1::INTEGER AS n", path=target, file_format=Format.PARQUET)
    with pytest.raises(InputError, match="column n is INTEGER, not BIGINT"):
        engine.attach("t", path=target, schema={"n": Kind.INT64})
    with pytest.raises(InputError, match="column m is missing"):
        engine.attach("t", path=target, schema={"m": Kind.INT64})


def test_missing_file_and_full_memory_are_unavailable(tmp_path: Path) -> None:
    with DuckDBAnalytics(memory_bytes_max=64 << 20, threads=1) as engine:
        with pytest.raises(UnavailableError, match="cannot read"):
            engine.attach("t", path=str(tmp_path / "none.parquet"), schema={"n": Kind.INT64})
        with pytest.raises(UnavailableError, match="out of memory"):
            engine.make(Step("big", "SELECT range AS n, hash(range) AS h FROM range(50000000)"))


def test_failed_export_leaves_the_old_file(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    engine.export("SELECT 1 AS n", path=str(target), file_format=Format.CSV)
    before = target.read_bytes()
    engine.register("numbers", numbers([INT64_MAX]))
    with pytest.raises(IntegrityError):
        engine.export("SELECT n + n AS n FROM numbers", path=str(target), file_format=Format.CSV)
    assert target.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.csv"]


def test_formats_carry_the_same_rows(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    table = Table(
        {"n": Kind.INT64, "t": Kind.TEXT, "b": Kind.BOOL},
        {"n": [BEYOND_DOUBLE, None], "t": ['quote " and , comma', "한국"], "b": [True, False]},
    )
    engine.register("mixed", table)
    for file_format in Format:
        target = str(tmp_path / f"mixed.{file_format}")
        assert engine.export("SELECT * FROM mixed ORDER BY t", path=target, file_format=file_format) == 2
    assert (tmp_path / "mixed.csv").read_text(encoding="utf-8").splitlines()[0] == "n,t,b"
    assert str(BEYOND_DOUBLE) in (tmp_path / "mixed.jsonl").read_text(encoding="utf-8")
    engine.attach("back", path=str(tmp_path / "mixed.parquet"), schema=table.schema)
    assert engine.fetch("SELECT * FROM back ORDER BY t") == engine.fetch("SELECT * FROM mixed ORDER BY t")
