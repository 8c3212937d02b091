"""Pages of the results of a clearing (Parquet, by ascending line), a few row groups at a time, never the whole file.

A row group in which no wanted line can stand is passed over by its statistics. What a page looks at is bounded: where
nothing is found for long, it ends with the line to go on behind.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from cantoria.app.pages.developer_types import ASKABLE, Few, Filter, Listed
from cantoria.clearance.coverage import MENDABLE
from cantoria.clearance.export_plan import BETWEEN
from cantoria.kernel.errors import IntegrityError
from cantoria.kernel.spreadsheet import as_text

GROUPS_MAX: Final = 6  # looked at for one page
GROUP_ROWS: Final = 50_000  # of the files written here
COLUMNS: Final = ("line", "codes", "status", "reason_codes", "parties", "missing", "subject", "signal")
_LISTS: Final = ("codes", "reason_codes", "parties", "missing")
_MENDABLE: Final = pa.array([code.name.lower() for code in MENDABLE])
_SCHEMA: Final = pa.schema(
    [
        ("line", pa.int64()),
        ("codes", pa.list_(pa.string())),
        ("status", pa.string()),
        ("reason_codes", pa.list_(pa.string())),
        ("reasons", pa.list_(pa.string())),
        ("parties", pa.list_(pa.string())),
        ("missing", pa.list_(pa.string())),
        ("subject", pa.string()),
        ("signal", pa.string()),
    ]
)


def few(file: BinaryIO, chosen: Filter, *, after: int, limit: int) -> Few:
    """Return up to `limit` chosen rows behind the line `after`."""
    source = _open(file)
    rows: list[Listed] = []
    groups = [number for number in range(source.num_row_groups) if _last(source, number) > after]
    for place, number in enumerate(groups):
        table = _chosen(source.read_row_group(number, columns=list(COLUMNS)), chosen)
        table = table.filter(pc.greater(table["line"], after)).slice(0, limit + 1 - len(rows))
        rows += [_listed(row) for row in table.to_pylist()]
        if len(rows) > limit:
            return Few(tuple(rows[:limit]), rows[limit - 1].line)
        if place + 1 >= GROUPS_MAX and place + 1 < len(groups):
            return Few(tuple(rows), _last(source, number))
    return Few(tuple(rows), None)


def lines(file: BinaryIO, chosen: Filter, *, limit: int) -> list[int]:
    """Return the lines of the chosen rows, at most `limit` of them."""
    source, found = _open(file), []
    for number in range(source.num_row_groups):
        found += _chosen(source.read_row_group(number, columns=list(COLUMNS)), chosen)["line"].to_pylist()
        if len(found) >= limit:
            return found[:limit]
    return found


def moves(before: BinaryIO, now: BinaryIO) -> dict[tuple[str, str], int]:
    """Return how many lines had which status before and have which now; a line that is new or gone has ``."""
    then, present = (_open(file).read(columns=["line", "status"]) for file in (before, now))
    joined = then.rename_columns(["line", "before"]).join(
        present.rename_columns(["line", "now"]), keys="line", join_type="full outer"
    )
    counted = joined.group_by(["before", "now"]).aggregate([([], "count_all")]).to_pylist()
    found: Counter[tuple[str, str]] = Counter()
    for row in counted:
        found[(row["before"] or "", row["now"] or "")] += row["count_all"]
    return dict(sorted(found.items()))


def as_csv(file: BinaryIO) -> bytes:
    """Return results as CSV: lists with `; ` between, and no cell that a spreadsheet would take for a formula."""
    source, out = _open(file), io.BytesIO()
    names = source.schema_arrow.names
    for number in range(source.num_row_groups):
        table = source.read_row_group(number)
        plain = pa.table({name: _plain(table[name]) for name in names})
        pa_csv.write_csv(plain, out, pa_csv.WriteOptions(include_header=number == 0))
    return out.getvalue()


def write(rows: Sequence[Listed]) -> bytes:
    """Return rows as a file of results."""
    columns: dict[str, list[Any]] = {name: [] for name in _SCHEMA.names}
    for row in rows:
        columns["line"].append(row.line)
        columns["status"].append(row.status)
        columns["subject"].append(row.subject)
        columns["signal"].append(row.signal)
        columns["reason_codes"].append(list(row.reasons))
        columns["reasons"].append([])
        for name in ("codes", "parties", "missing"):
            columns[name].append(list(getattr(row, name)))
    out = io.BytesIO()
    pq.write_table(pa.table(columns, schema=_SCHEMA), out, compression="zstd", row_group_size=GROUP_ROWS)
    return out.getvalue()


def _open(file: BinaryIO) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise IntegrityError(f"kept results are damaged: {error}", "clear the dataset again") from error


def _last(source: pq.ParquetFile, group: int) -> int:
    """Return the highest line of a row group."""
    told = source.metadata.row_group(group)
    place = source.schema_arrow.names.index("line")
    statistics = told.column(place).statistics
    return int(statistics.max) if statistics is not None and statistics.has_min_max else 1 << 62


def _chosen(table: pa.Table, chosen: Filter) -> pa.Table:
    if chosen.status == ASKABLE:
        table = table.filter(pc.is_in(table["status"], pa.array(["licensable", "unknown"])))
        walls = _among(table["reason_codes"], lambda texts: pc.invert(pc.is_in(texts, _MENDABLE)), len(table))
        table = table.filter(pc.invert(walls))
    elif chosen.status:
        table = table.filter(pc.equal(table["status"], chosen.status))
    if chosen.reason:
        table = table.filter(_among(table["reason_codes"], lambda texts: pc.equal(texts, chosen.reason), len(table)))
    if chosen.text:
        of_codes = _among(
            table["codes"], lambda texts: pc.match_substring(texts, chosen.text, ignore_case=True), len(table)
        )
        of_subject = pc.match_substring(table["subject"], chosen.text, ignore_case=True)
        table = table.filter(pc.or_(of_codes, of_subject))
    return table


def _among(column: pa.ChunkedArray, test: Callable[[Any], Any], rows: int) -> pa.Array:
    """Tell for each row whether one of the texts in its list passes the test."""
    lists = column.combine_chunks()
    parents = pc.list_parent_indices(lists)
    hits = set(parents.filter(test(pc.list_flatten(lists))).to_pylist())
    return pa.array([number in hits for number in range(rows)], pa.bool_())


def _listed(row: dict[str, Any]) -> Listed:
    lists = {name: tuple(row[name] or ()) for name in _LISTS}
    return Listed(
        line=row["line"],
        codes=lists["codes"],
        status=row["status"],
        reasons=tuple(dict.fromkeys(lists["reason_codes"])),
        parties=lists["parties"],
        missing=lists["missing"],
        subject=row["subject"] or "",
        signal=row["signal"] or "",
    )


def _plain(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_integer(column.type):
        return column.combine_chunks()
    return pa.array(list(_cells(column)), pa.string())


def _cells(column: pa.ChunkedArray) -> Iterator[str]:
    for value in column.to_pylist():
        yield as_text(BETWEEN.join(value) if isinstance(value, list) else value or "")
