"""The exactness hazards of query engines, each shown to be harmless in the form that our plans use, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.adapters.spark.analytics import SparkAnalytics
from cantoria.clearance.analytics import Analytics, Format, Kind, Step, Table
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError

pytestmark = pytest.mark.xdist_group("spark")
BEYOND_DOUBLE = 2**53 + 1
INT64_MAX = 2**63 - 1
# In byte order of UTF-8; by UTF-16 units the last two stand the other way round.
TEXTS = [
    "",
    " a",
    "B",
    "Z",
    "a",
    "a ",
    "a'b",
    "a\\b",
    'c"d',
    "e\u0301",
    "z",
    "\u00e9",
    "\ud55c",
    "\uff41",
    "\U0001f600",
]


@pytest.fixture(params=["duckdb", "spark"])
def engine(request: pytest.FixtureRequest) -> Iterator[Analytics]:
    if request.param == "spark":
        yield request.getfixturevalue("spark")
        return
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


def numbers(*values: int | None) -> Table:
    return Table({"n": Kind.INT64}, {"n": values})


def texts(values: list[str]) -> Table:
    return Table({"n": Kind.INT64, "t": Kind.TEXT}, {"n": range(len(values)), "t": values})


@pytest.mark.parametrize("expression", ["n + 1", "n * 2", "-(-n - 2)", "CAST(n AS INTEGER)"])
def test_arithmetic_never_wraps(engine: Analytics, expression: str) -> None:
    engine.register("numbers", numbers(INT64_MAX))
    with pytest.raises((IntegrityError, InputError), match=r"leaves its type|out of range"):
        engine.fetch(f"SELECT {expression} FROM numbers")


def test_sum_beyond_64_bits_never_wraps(engine: Analytics, tmp_path: Path) -> None:
    engine.register("numbers", numbers(INT64_MAX, 1))
    with pytest.raises((IntegrityError, InputError), match=r"leaves its type|out of range"):
        engine.fetch("SELECT CAST(sum(n) AS BIGINT) FROM numbers")
    with suppress(IntegrityError):  # Spark refuses the sum itself
        assert engine.fetch("SELECT sum(n) FROM numbers") == [(INT64_MAX + 1,)]


def test_sums_and_keys_beyond_doubles_are_exact(engine: Analytics, tmp_path: Path) -> None:
    engine.register("numbers", numbers(BEYOND_DOUBLE, 0))
    query = (
        "SELECT CAST(sum(n) AS BIGINT) AS total, CAST(6 AS BIGINT) * 288230376151711744 + max(n) AS top FROM numbers"
    )
    target = tmp_path / "sum.parquet"
    assert engine.export(query, path=str(target), file_format=Format.PARQUET) == 1
    engine.attach("back", path=str(target), schema={"total": Kind.INT64, "top": Kind.INT64})
    assert engine.fetch("SELECT total, top FROM back") == [(BEYOND_DOUBLE, 6 * 288230376151711744 + BEYOND_DOUBLE)]


def test_bits_remainders_and_nulls(engine: Analytics) -> None:
    engine.register("numbers", numbers(1 << 62, 5, None))
    assert engine.fetch("SELECT bit_or(n), max(n), min(n), count(n) FROM numbers") == [(1 << 62 | 5, 1 << 62, 5, 2)]
    assert engine.fetch("SELECT n & 4611686018427387904, n % 64 FROM numbers WHERE n > 5") == [(1 << 62, 0)]
    assert engine.fetch("SELECT -7 % 2, greatest(3, NULL), least(NULL, 4), coalesce(NULL, 5)") == [(-1, 3, 4, 5)]
    assert engine.fetch("SELECT count(*) FROM numbers WHERE n NOT IN (0, 5)") == [(1,)]
    assert engine.fetch("SELECT bit_or(n) FROM numbers WHERE n IS NULL") == [(None,)]


@pytest.mark.parametrize("expression", ["CAST(1 AS DOUBLE)", "CAST(1 AS DECIMAL(18,3))", "n / 2", "CAST(1 AS FLOAT)"])
def test_no_inexact_column_is_exported(engine: Analytics, tmp_path: Path, expression: str) -> None:
    engine.register("numbers", numbers(1))
    for file_format in Format:
        with pytest.raises(IntegrityError, match="no file holds exactly"):
            engine.export(f"SELECT {expression} AS n FROM numbers", path=str(tmp_path / "o"), file_format=file_format)
    assert list(tmp_path.iterdir()) == []


def test_texts_order_by_bytes_and_differ_by_any(engine: Analytics) -> None:
    engine.register("texts", texts(TEXTS[::-1]))
    assert [text for (text,) in engine.fetch("SELECT t FROM texts ORDER BY t")] == TEXTS
    assert engine.fetch("SELECT count(DISTINCT t) FROM texts") == [(len(TEXTS),)]
    assert engine.fetch("SELECT count(*) FROM texts AS a JOIN texts AS b ON a.t = b.t") == [(len(TEXTS),)]


def test_a_quoted_text_is_that_text(engine: Analytics) -> None:
    assert engine.fetch("SELECT 'it''s', 'a' || chr(92) || 'd', '\ud55c'") == [("it's", "a\\d", "\ud55c")]


def test_lists_are_in_order(engine: Analytics) -> None:
    engine.register("texts", texts([*TEXTS[::-1], "z"]))
    own = engine.dialect
    in_order = own.listed.format(text="t", keys="t, n")
    query = (
        f"SELECT {in_order}, {own.distinct.format('nullif(t, chr(122))')}, {own.joined.format(in_order, chr(39) * 2)}"
    )
    [(listed, distinct, joined)] = engine.fetch(f"{query} FROM texts")
    assert listed == sorted([*TEXTS, "z"], key=str.encode)
    assert distinct == [text for text in TEXTS if text != "z"]
    assert joined == "".join(sorted([*TEXTS, "z"], key=str.encode))
    assert engine.fetch(f"SELECT {own.none}, {own.of_one.format(chr(39) + 'x' + chr(39))}") == [([], ["x"])]


def test_hashes_are_those_of_the_bytes(engine: Analytics) -> None:
    engine.register("texts", texts(TEXTS))
    own = engine.dialect
    digest = own.sha256.format(f"unhex('00ff') || {own.utf8.format('t')} || unhex(lpad(hex(n), 16, '0'))")
    for n, found in engine.fetch(f"SELECT n, lower(hex({digest})) FROM texts"):
        entry = b"\x00\xff" + TEXTS[int(n or 0)].encode() + int(n or 0).to_bytes(8, "big")
        assert found == sha256(entry).hexdigest()


def test_files_are_the_same_on_both_engines(spark: SparkAnalytics, tmp_path: Path) -> None:
    table = Table(
        {"n": Kind.INT64, "s": Kind.INT16, "t": Kind.TEXT, "b": Kind.BOOL},
        {
            "n": [BEYOND_DOUBLE, None, -1, 4],
            "s": [1, 2, 3, None],
            "t": ['quote " and , comma', "\ud55c\uad6d", "", None],
            "b": [True, False, None, True],
        },
    )
    with DuckDBAnalytics() as duckdb:
        for name, engine in (("duckdb", duckdb), ("spark", spark)):
            engine.register("mixed", table)
            for file_format in (Format.CSV, Format.JSONL, Format.PARQUET):
                target = str(tmp_path / f"{name}.{file_format}")
                query = "SELECT n, s, t, b FROM mixed ORDER BY s NULLS LAST"
                assert engine.export(query, path=target, file_format=file_format) == 4
            engine.attach("back", path=str(tmp_path / f"{name}.parquet"), schema=table.schema)
            assert engine.fetch("SELECT * FROM back ORDER BY s NULLS LAST") == engine.fetch(
                "SELECT * FROM mixed ORDER BY s NULLS LAST"
            )
    for file_format in (Format.CSV, Format.JSONL):
        assert (tmp_path / f"duckdb.{file_format}").read_bytes() == (tmp_path / f"spark.{file_format}").read_bytes()


def test_export_is_ordered_and_whole(engine: Analytics, tmp_path: Path) -> None:
    engine.register("numbers", numbers(*((n * 7919) % 30011 for n in range(30_000))))
    target = tmp_path / "out.csv"
    engine.export("SELECT n FROM numbers ORDER BY n", path=str(target), file_format=Format.CSV)
    before = target.read_bytes()
    assert before.split()[1:] == sorted(before.split()[1:], key=int)
    engine.register("numbers", numbers(INT64_MAX))
    with pytest.raises(IntegrityError):
        engine.export("SELECT n + n AS n FROM numbers", path=str(target), file_format=Format.CSV)
    assert target.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.csv"]
    assert engine.export("SELECT n FROM numbers WHERE n = 0", path=str(target), file_format=Format.CSV) == 0
    assert target.read_text() == "n\n"


def test_values_beyond_their_declared_type_are_refused(engine: Analytics) -> None:
    with pytest.raises(InputError, match="does not fit"):
        engine.register("small", Table({"n": Kind.INT16}, {"n": [70_000]}))
    with pytest.raises(InputError, match="does not fit"):
        engine.register("small", Table({"t": Kind.TEXT}, {"t": ["\ud800"]}))


def test_attach_refuses_another_schema_and_no_file(engine: Analytics, tmp_path: Path) -> None:
    target = str(tmp_path / "a [1] {b}.parquet")
    engine.export("SELECT CAST(1 AS INTEGER) AS n", path=target, file_format=Format.PARQUET)
    engine.attach("t", path=target, schema={"n": Kind.INT32})
    assert engine.fetch("SELECT n FROM t") == [(1,)]
    with pytest.raises(InputError, match="column n is"):
        engine.attach("t", path=target, schema={"n": Kind.INT64})
    with pytest.raises(InputError, match="column m is missing"):
        engine.attach("t", path=target, schema={"m": Kind.INT64})
    with pytest.raises(UnavailableError, match="cannot read"):
        engine.attach("t", path=str(tmp_path / "none.parquet"), schema={"n": Kind.INT64})


def test_a_made_table_stands_and_a_defined_one_follows(engine: Analytics) -> None:
    engine.register("numbers", numbers(1))
    engine.make(Step("made", "SELECT n FROM numbers"))
    engine.define(Step("defined", "SELECT n FROM numbers"))
    engine.register("numbers", numbers(2))
    assert engine.fetch("SELECT n FROM made") == [(1,)]
    assert engine.fetch("SELECT n FROM defined") == [(2,)]
    engine.drop(["made", "defined", "never"])
    with pytest.raises(IntegrityError, match="does not run"):
        engine.fetch("SELECT n FROM made")


def test_a_query_that_is_wrong_is_an_integrity_error(engine: Analytics) -> None:
    for query in ("SELEC 1", "SELECT * FROM nowhere", "SELECT absent FROM (SELECT 1 AS n) AS t"):
        with pytest.raises(IntegrityError, match="does not run"):
            engine.fetch(query)


def test_the_plan_of_a_query_does_not_grow_with_steps(spark: SparkAnalytics) -> None:
    spark.register("step0", numbers(1))
    for number in range(1, 6):
        spark.make(Step(f"step{number}", f"SELECT n + 1 AS n FROM step{number - 1}"))
    [(text,)] = spark.fetch("EXPLAIN EXTENDED SELECT n FROM step5")
    assert "+ 1" not in str(text)
    assert spark.fetch("SELECT n FROM step5") == [(6,)]


def test_partitions_do_not_matter(spark: SparkAnalytics) -> None:
    found = []
    for partitions in (1, 7):
        with SparkAnalytics(partitions=partitions) as engine:
            engine.register("numbers", numbers(*range(1000)))
            engine.make(Step("made", "SELECT n % 7 AS k, max(n) AS n, count(*) AS c FROM numbers GROUP BY n % 7"))
            found.append(engine.fetch("SELECT k, n, c FROM made ORDER BY k"))
    assert found[0] == found[1]


def test_tables_are_kept_in_the_storage_of_a_cluster_and_leave_it(tmp_path: Path) -> None:
    storage = tmp_path / "shared"
    target = tmp_path / "out.csv"
    # In this form of the address only Spark's own file system is asked, as for the storage of any cluster.
    with SparkAnalytics(storage=f"file:{storage}", partitions=2) as engine:
        engine.register("numbers", numbers(3, 1, 2))
        engine.make(Step("made", "SELECT n + 1 AS n FROM numbers"))
        assert len(list(storage.glob("*/*"))) == 2
        assert engine.export("SELECT n FROM made ORDER BY n", path=str(target), file_format=Format.CSV) == 3
        assert b"".join(engine.stream_bytes("SELECT unhex(hex(n)) AS b FROM made ORDER BY n")) == bytes([2, 3, 4])
        engine.drop(["numbers"])
        assert len(list(storage.glob("*/*"))) == 1
    assert target.read_text() == "n\n2\n3\n4\n"
    assert list(storage.iterdir()) == []


def test_a_cluster_without_storage_and_an_absent_part_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="has no storage"):
        SparkAnalytics("spark://cluster.example:7077")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(UnavailableError, match=r"Java|PySpark"):
        SparkAnalytics("local[2]")
