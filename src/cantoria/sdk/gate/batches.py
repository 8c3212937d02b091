"""Batches as the libraries hand them over: columns by name, tables, lists; read without importing any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Never

from cantoria.kernel.errors import InputError
from cantoria.registry.resolve import CODES_MAX
from cantoria.sdk.gate.rows import CELL_CHARS_MAX

# Stands in for a cell that is too large to be looked at: longer than any cell of codes may be.
OVERSIZE: Final = " " * (CELL_CHARS_MAX + 1)


class Mask(list[bool]):
    """Which rows of a batch pass. It is no truth value: used as one (a filter that is not told `batched=True`) it
    would let every row through."""

    __slots__ = ()

    def __bool__(self) -> Never:
        raise TypeError("the gate was given a batch and asked about one row: filter with batched=True")


def is_batch(rows: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Tell whether a mapping holds columns rather than the cells of one row."""
    known = [rows[name] for name in names if name in rows]
    values = known or list(rows.values())
    return bool(values) and all(_is_column(value) for value in values)


def _is_column(value: Any) -> bool:
    return not isinstance(value, str | bytes | Mapping) and hasattr(value, "__len__") and hasattr(value, "__getitem__")


def rows_in(batch: Any) -> int:
    """Return how many rows a batch has; `InputError` for what is no batch."""
    if hasattr(batch, "num_rows"):
        return int(batch.num_rows)
    if hasattr(batch, "height"):  # Polars
        return int(batch.height)
    if isinstance(batch, Mapping):
        lengths = {len(batch[name]) for name in batch if _is_column(batch[name])}
        if len(lengths) > 1:
            raise InputError("the columns of the batch are of different lengths", "hand over whole batches")
        return lengths.pop() if lengths else 0
    if hasattr(batch, "columns") and hasattr(batch, "__len__"):  # pandas
        return len(batch)
    raise InputError(f"{type(batch).__name__} is no batch of rows", "give columns by name, a table or a list of rows")


def columns_in(batch: Any, names: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Return those columns of a batch that the gate reads, as Python values, cells that are too large replaced."""
    if hasattr(batch, "num_rows") and hasattr(batch, "schema"):
        present = [name for name in names if name in batch.schema.names]
        twice = [name for name in present if batch.schema.names.count(name) > 1]
        if twice:
            raise InputError(f"the table has the column {twice[0]!r:.80} twice", "rename one of them")
        return {name: arrow_cells(batch.column(batch.schema.get_field_index(name))) for name in present}
    if hasattr(batch, "height"):
        return {name: arrow_cells(batch.get_column(name).to_arrow()) for name in names if name in batch.columns}
    if isinstance(batch, Mapping):
        return {name: _listed(batch[name]) for name in names if name in batch}
    return {name: list(batch[name]) for name in names if name in getattr(batch, "columns", ())}


def _listed(values: Any) -> Sequence[Any]:
    if hasattr(values, "to_pylist"):
        return arrow_cells(values)
    return values.tolist() if hasattr(values, "tolist") else list(values)


def arrow_cells(column: Any) -> list[Any]:
    """Return an Arrow column as Python values. A list or a text that is longer than codes can be is not taken apart:
    a cell of a billion items must not become a billion objects."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _bounded(column, pc.greater(pc.list_value_length(column), CODES_MAX))
    if any(test(kind) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary)):
        return _bounded(column, pc.greater(pc.binary_length(column), 4 * CELL_CHARS_MAX))
    values: list[Any] = column.to_pylist()
    return values


def _bounded(column: Any, oversize: Any) -> list[Any]:
    import pyarrow.compute as pc

    if not pc.any(oversize).as_py():
        values: list[Any] = column.to_pylist()
        return values
    flags = pc.fill_null(oversize, False)
    kept = iter(column.filter(pc.invert(flags)).to_pylist())
    return [OVERSIZE if flag else next(kept) for flag in flags.to_pylist()]
