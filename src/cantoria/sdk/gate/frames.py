"""Tables in memory: Arrow tables, record batches, Polars frames. Each library is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from cantoria.kernel.errors import InputError
from cantoria.sdk.gate.marks import CLEARED, reason_of, status_of
from cantoria.sdk.gate.vectors import marks_in

if TYPE_CHECKING:
    from cantoria.sdk.gate.gate import Gate

SLICE_ROWS: Final = 131_072
STATUS, REASON = "cantoria_status", "cantoria_reason"


def table(self: Gate, rows: Any) -> Any:
    """Return the rows of an Arrow table that pass; with on_unknown='flag' the unknown ones too, all of them marked."""
    import pyarrow as pa

    marks = marks_in(self, rows)
    if marks is not None:
        return rows.filter(passing(marks))
    kept = [pa.Table.from_batches([one]) for one in record_batches(self, rows.to_batches(max_chunksize=SLICE_ROWS))]
    return pa.concat_tables(kept) if kept else empty(self, rows.schema)


def record_batches(self: Gate, batches: Iterable[Any]) -> Iterator[Any]:
    """Give the rows that pass of each record batch (of a reader, a dataset's scanner, a list), batch by batch."""
    for batch in batches:
        marks = marks_in(self, batch)
        yield filtered(self, batch, self.marks_of(batch)) if marks is None else batch.filter(passing(marks))


def passing(marks: Any) -> Any:
    """Return which of an Arrow array of marks are cleared."""
    import pyarrow.compute as pc

    return pc.equal(marks, CLEARED)


def filtered(gate: Gate, batch: Any, marks: Sequence[int]) -> Any:
    """Return the rows of an Arrow batch or table that stay, with their marks where the gate flags."""
    import pyarrow as pa

    if gate.on_unknown != "flag":
        return batch.filter(pa.array([mark == CLEARED for mark in marks], pa.bool_()))
    columns = {
        STATUS: pa.array([status_of(mark).value for mark in marks], pa.string()),
        REASON: pa.array([reason_of(mark) for mark in marks], pa.string()),
    }
    for name, column in columns.items():
        if name in batch.schema.names:
            raise InputError(f"the table has a column {name} already", "rename it: the gate writes one")
        batch = batch.append_column(name, column)
    return batch.filter(pa.array([gate.keeps(mark) for mark in marks], pa.bool_()))


def schema_out(gate: Gate, schema: Any) -> Any:
    """Return the Arrow schema of what the gate hands out of tables of `schema`."""
    import pyarrow as pa

    for name in (STATUS, REASON) if gate.on_unknown == "flag" else ():
        if name in schema.names:
            raise InputError(f"the table has a column {name} already", "rename it: the gate writes one")
        schema = schema.append(pa.field(name, pa.string()))
    return schema


def empty(gate: Gate, schema: Any) -> Any:
    """Return a table without rows of the schema that the gate hands out."""
    return schema_out(gate, schema).empty_table()


def polars(self: Gate, frame: Any) -> Any:
    """Return the rows of a Polars frame that pass; of a lazy one a lazy one, which filters when it is collected."""
    if hasattr(frame, "collect") and hasattr(frame, "map_batches"):
        # Nothing may move past the gate: not the codes that it reads, not a limit on rows.
        return frame.map_batches(
            lambda one: _eager(self, one),
            predicate_pushdown=False,
            projection_pushdown=False,
            slice_pushdown=False,
            validate_output_schema=self.on_unknown != "flag",
        )
    return _eager(self, frame)


def _eager(gate: Gate, frame: Any) -> Any:
    import polars as pl

    seen = [name for name in gate.columns.all if name in frame.columns]
    marks_of_all = marks_in(gate, frame.select(seen).to_arrow(compat_level=pl.CompatLevel.oldest())) if seen else None
    if marks_of_all is not None:
        return frame.filter(pl.from_arrow(passing(marks_of_all)))
    kept = []
    for part in frame.iter_slices(SLICE_ROWS) if frame.height else [frame]:
        marks = gate.marks_of(part)
        if gate.on_unknown == "flag":
            part = part.with_columns(
                pl.Series(STATUS, [status_of(mark).value for mark in marks], dtype=pl.String),
                pl.Series(REASON, [reason_of(mark) for mark in marks], dtype=pl.String),
            )
        kept.append(part.filter(pl.Series([gate.keeps(mark) for mark in marks], dtype=pl.Boolean)))
    return pl.concat(kept)
