"""The roots that an engine works out are those of the row-by-row form, bit for bit, on DuckDB and on Spark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance import manifest as manifests
from cantoria.clearance import root_plan
from cantoria.clearance.analytics import Analytics, Kind, Table
from cantoria.clearance.dataset import register_rows
from cantoria.clearance.plan import STATUSES
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.results import RowResult, encode_results, root_of_results
from cantoria.clearance.types import Row, Status
from cantoria.kernel.errors import InputError

pytestmark = pytest.mark.xdist_group("spark")
SECRET = bytes(range(32))
# Every sign that JSON escapes, signs that it does not, and texts whose UTF-16 order is another than their UTF-8 order.
ODD = [
    *(f"own:{chr(sign)}x" for sign in range(32)),
    *('own:"', "own:\\", "own:/", "own:\x7f", "own:\u2028", "own:'", "own:{}", "own: "),
    *("own:\ud55c", "own:\uff41", "own:\U0001f600", "own:\u00e9", "own:e\u0301"),
]
codes = st.one_of(
    st.sampled_from(ODD),
    st.integers(0, 30).map(lambda n: f"isrc:KRA3819{n:05}"),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8).map(lambda text: f"own:{text}"),
)


@pytest.fixture(scope="module")
def duckdb() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


class Cleared:
    """A dataset as a clearing leaves it: rows, the result of each, and what each was resolved to."""

    def __init__(self, found: Sequence[tuple[int, list[str], str, int, int]]) -> None:
        self.rows: list[Row] = []
        self.results: list[RowResult] = []
        self.subjects: dict[int, str] = {}
        self.numbers: list[int] = []
        line = 0
        for step, given_codes, media, status, subject in found:
            line += step
            self.rows.append(Row(line, tuple(given_codes), media))
            reason = ReasonCode(sorted(ReasonCode)[subject % len(ReasonCode)]) if status else None
            self.results.append(RowResult(line, Status(STATUSES[status]), reason))
            self.numbers.append(subject)
            if subject:
                self.subjects[line] = text_of(subject)

    def hand_over(self, analytics: Analytics) -> None:
        register_rows(self.rows, analytics=analytics)
        top = max([0, *self.numbers])
        names = Table(
            {"subject": Kind.INT32, "text": Kind.TEXT},
            {"subject": range(1, top + 1), "text": [text_of(number) for number in range(1, top + 1)]},
        )
        analytics.register("subject", names)
        schema = {"line": Kind.INT64, "subject": Kind.INT32, "status": Kind.INT16, "first": Kind.INT16}
        columns = {
            "line": [result.line for result in self.results],
            "subject": self.numbers,
            "status": [STATUSES.index(result.status) for result in self.results],
            "first": [int(result.reason or 0) for result in self.results],
        }
        analytics.register("answer", Table(schema, columns))


def text_of(subject: int) -> str:
    """Return the id of a subject; some are such as rows may carry among their codes."""
    return ODD[subject] if subject % 2 else f"recording_{subject}"


def assert_equal_roots(dataset: Cleared, analytics: Analytics) -> None:
    dataset.hand_over(analytics)
    root_plan.bind(analytics, secret=SECRET)
    whole = manifests.build(dataset.rows, secret=SECRET, subjects=dataset.subjects)
    passed = [row for row, result in zip(dataset.rows, dataset.results, strict=True) if result.reason is None]
    cleared = manifests.build(passed, secret=SECRET, subjects=dataset.subjects)
    found = root_plan.roots(analytics, secret=SECRET)
    assert (found.manifest, found.cleared) == (whole.head, cleared.head)
    assert found.results_root == root_of_results(dataset.results, row_digests=whole.row_digests).hex()
    assert root_plan.manifest_of(analytics, secret=SECRET) == whole
    assert root_plan.manifest_of(analytics, secret=SECRET, cleared=True) == cleared
    assert b"".join(root_plan.results_file(analytics)) == encode_results(dataset.results)
    root_plan.forget(analytics)


datasets = st.lists(
    st.tuples(
        st.integers(1, 1 << 40),
        st.lists(codes, max_size=5),
        st.sampled_from(["recording", "work"]),
        st.integers(0, 3),
        st.integers(0, len(ODD) - 1),
    ),
    max_size=12,
).map(Cleared)


@given(datasets)
def test_roots_of_any_dataset(duckdb: DuckDBAnalytics, dataset: Cleared) -> None:
    assert_equal_roots(dataset, duckdb)


def large(rows: int) -> Cleared:
    draw = Random(rows)
    found = []
    for number in range(rows):
        several = draw.choice([0, 1, 1, 1, 2, 4])
        given_codes = [draw.choice([*ODD, f"isrc:KRA38{number:07}"]) for _ in range(several)]
        found.append((draw.choice([1, 1, 3]), given_codes, draw.choice(["recording", "work"])))
    return Cleared([(*row, draw.randrange(4), draw.choice([0, draw.randrange(len(ODD))])) for row in found])


@pytest.mark.parametrize("rows", [0, 1, 2, 3000])
def test_roots_of_large_datasets(duckdb: DuckDBAnalytics, rows: int) -> None:
    assert_equal_roots(large(rows), duckdb)


def test_roots_on_spark(spark: Analytics) -> None:
    assert_equal_roots(large(3000), spark)


def test_a_short_secret_is_refused(duckdb: DuckDBAnalytics) -> None:
    with pytest.raises(InputError, match="32 bytes"):
        root_plan.bind(duckdb, secret=b"short")
