"""Whole columns at once: Arrow looks ISRCs up in the codes of a snapshot, ten times as fast as row by row.

It answers only what needs no reading: ISRCs in their stored form, in a table whose only column of codes they are. Every
other row (printed forms, empty cells, codes that are none) is read and judged as always, so the marks are the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from cantoria.sdk.gate.gate import Gate
    from cantoria.sdk.gate.table import VerdictTable

# Arrow makes its index of the codes anew for each column: worth it only where a column is not small beside them.
CODES_PER_ROW_MAX: Final = 8
_PREFIX: Final = "isrc:"


@dataclass(frozen=True, slots=True)
class Vectors:
    """The ISRCs of a snapshot and their marks, as Arrow arrays."""

    isrcs: Any
    marks: Any


def vectors_of(table: VerdictTable) -> Vectors:
    """Return the ISRCs of a compiled table with their marks."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    if not table.head["lines"]:
        return Vectors(pa.array([], pa.string()), pa.array([], pa.int16()))
    read = csv.read_csv(
        pa.BufferReader(table.lines()),
        read_options=csv.ReadOptions(column_names=["code", "mark", "leads"]),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
        convert_options=csv.ConvertOptions(
            include_columns=["code", "mark"],
            column_types={"code": pa.string(), "mark": pa.int16()},
            strings_can_be_null=False,
        ),
    )
    own = read.filter(pc.starts_with(read.column("code"), _PREFIX)).combine_chunks()
    isrcs = pc.utf8_slice_codeunits(own.column("code"), len(_PREFIX))
    return Vectors(isrcs.combine_chunks(), own.column("mark").combine_chunks())


def marks_in(gate: Gate, batch: Any) -> Any:
    """Return the marks of an Arrow table or batch as an Arrow array, counted; None where rows go one by one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    name = _only_isrc(gate, batch)
    known = getattr(gate.judge, "vectors", None)
    if name is None or known is None or gate.on_unknown != "drop":
        return None
    if batch.num_rows * CODES_PER_ROW_MAX < gate.judge.size:  # type: ignore[attr-defined]
        return None
    gate.check_time()
    vectors: Vectors = known()
    column = batch.column(name)
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    try:
        column = column.cast(pa.string())  # Polars' texts are of another kind
    except pa.ArrowInvalid:
        return None
    found = pc.take(vectors.marks, pc.index_in(column, value_set=vectors.isrcs))
    rest = pc.is_null(found)
    if pc.any(rest).as_py():
        read = gate.judge.marks(gate.read(batch.filter(rest)))
        found = pc.replace_with_mask(found, rest, pa.array(read, pa.int16()))
    counted = pc.value_counts(found)
    pairs = zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True)
    gate.count(Counter(dict(pairs)))
    return found


def _only_isrc(gate: Gate, batch: Any) -> str | None:
    """Return the column of ISRCs where it is the only one that tells what rows are, and text."""
    import pyarrow as pa

    columns = gate.columns
    present = [name for name in columns.all if name in batch.schema.names and name not in columns.names]
    if (
        len(present) != 1
        or batch.schema.names.count(present[0]) > 1
        or columns.of.get("isrc") != (present[0],)
        or columns.missing(batch.schema.names)
    ):
        return None
    kind = batch.schema.field(present[0]).type
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return present[0] if any(is_text(kind) for is_text in texts) else None
