"""Rows one after the other: iterables of mappings, WebDataset samples, datasets of `torch.utils.data` by index.

None of these libraries is imported: what a dataset can do is seen on the dataset.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from cantoria.kernel.errors import InputError
from cantoria.sdk.gate.marks import CLEARED, reason_of, status_of

if TYPE_CHECKING:
    from cantoria.sdk.gate.gate import Gate

BATCH_ROWS: Final = 1_000
SIDECAR_BYTES_MAX: Final = 1 << 20
STATUS, REASON = "cantoria_status", "cantoria_reason"
Row = Mapping[str, Any]


def rows(self: Gate, iterable: Iterable[Row], *, batch_rows: int = BATCH_ROWS) -> Iterator[Row]:
    """Give those rows (mappings of cells) that pass, in order; with on_unknown='flag' also the unknown ones, and all
    with their marks."""
    yield from _passing(self, iterable, cells=_same, batch_rows=batch_rows)


def _passing(
    gate: Gate, items: Iterable[Any], *, cells: Callable[[Any], Row], batch_rows: int = BATCH_ROWS
) -> Iterator[Any]:
    source = iter(items)
    while part := list(islice(source, batch_rows)):
        marks = gate.marks_of([cells(item) for item in part])
        for item, mark in zip(part, marks, strict=True):
            if gate.on_unknown == "flag" and gate.keeps(mark):
                yield {**item, STATUS: status_of(mark).value, REASON: reason_of(mark)}
            elif mark == CLEARED:
                yield item


def _same(item: Any) -> Row:
    return item if isinstance(item, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Stage:
    """The gate as a stage of a WebDataset pipeline: `WebDataset(url).compose(gate.wds)`, before or after decoding.

    A sample's codes are read from its `json` sidecar and from fields of its own that the gate's columns name, such as
    `columns={"isrc": "txt"}` or `{"isrc": "isrc.txt"}`. Samples pass one by one, so that none waits for another.
    """

    gate: Gate

    def __call__(self, samples: Iterable[Any]) -> Iterator[Any]:
        yield from _passing(self.gate, samples, cells=self._cells, batch_rows=1)

    def _cells(self, sample: Any) -> Row:
        if not isinstance(sample, Mapping):
            return {}
        return {**sidecar(sample.get("json")), **{k: _text(v) for k, v in sample.items() if k != "json"}}


def stage(self: Gate) -> Stage:
    """Return the gate as a stage of a WebDataset pipeline."""
    return Stage(self)


def sidecar(value: Any) -> Row:
    """Return the cells in a `json` sidecar: decoded, or bytes of at most 1 MiB; nothing for what cannot be read."""
    if isinstance(value, bytes | str):
        if len(value) > SIDECAR_BYTES_MAX:
            return {}
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> Any:
    return value.strip() if isinstance(value, str | bytes) and len(value) < 1 << 16 else value


def indices(self: Gate, dataset: Any, *, row: Callable[[Any], Row] = _same) -> list[int]:
    """Return the indices of a map-style dataset (`len` and `[i]`) whose rows pass, judged once.

    Columns are read where the dataset has them by name, without decoding sound; else item by item, `row` giving the
    cells of an item. With on_unknown='flag' an index carries no mark, so only cleared rows are listed.
    """
    found: list[int] = []
    start = 0
    for batch in batched(dataset, names=self._columns.all, row=row):
        marks = self.marks_of(batch)
        found.extend(start + place for place, mark in enumerate(marks) if mark == CLEARED)
        start += len(marks)
    return found


def subset(self: Gate, dataset: Any, *, row: Callable[[Any], Row] = _same) -> Any:
    """Return the rows of a map-style dataset that pass, as a `torch.utils.data.Subset` where torch is in use, else as
    a `Subset` of the same shape."""
    torch_data = sys.modules.get("torch.utils.data")
    made: Callable[[Any, list[int]], Any] = torch_data.Subset if torch_data is not None else Subset
    return made(dataset, indices(self, dataset, row=row))


@dataclass(frozen=True, slots=True)
class Subset:
    """The items of `dataset` at `indices`."""

    dataset: Any
    indices: Sequence[int]

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, place: int) -> Any:
        return self.dataset[self.indices[place]]


def batched(
    dataset: Any, *, names: Sequence[str] = (), row: Callable[[Any], Row] = _same, batch_rows: int = 10_000
) -> Iterator[Any]:
    """Give a dataset in batches that a gate reads: a table, a dataset with columns, a sequence or an iterable."""
    if hasattr(dataset, "to_batches"):
        yield from dataset.to_batches()
    elif hasattr(dataset, "iter_slices"):
        yield from dataset.iter_slices(batch_rows)
    elif hasattr(dataset, "select_columns") and hasattr(dataset, "column_names"):
        yield from _columns(dataset, names, batch_rows)
    elif hasattr(dataset, "__iter__"):
        source = iter(dataset)
        while part := [row(item) for item in islice(source, batch_rows)]:
            yield part
    elif hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__"):
        for start in range(0, len(dataset), batch_rows):
            yield [row(dataset[place]) for place in range(start, min(start + batch_rows, len(dataset)))]
    else:
        raise InputError(f"{type(dataset).__name__} holds no rows", "give a dataset with len and [i], or an iterable")


def _columns(dataset: Any, names: Sequence[str], batch_rows: int) -> Iterator[Any]:
    """Give a Hugging Face dataset in batches of the columns that are read alone: nothing else is decoded."""
    present = [name for name in names if name in (dataset.column_names or ())]
    if not present:
        for batch in dataset.iter(batch_size=batch_rows):
            yield batch
        return
    for batch in dataset.select_columns(present).iter(batch_size=batch_rows):
        yield dict(batch)
