"""Entries written as Parquet files, row group by row group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from cantoria.formats.entries.types import Entry
from cantoria.formats.outgoing import Lost
from cantoria.formats.parquet_out.rows import Rows
from cantoria.formats.parquet_out.schema import SCHEMAS

GROUP_ROWS: Final = 16_384


def write(
    entries: Iterable[Entry], *, lost: Lost | None = None, group_rows: int = GROUP_ROWS
) -> Iterator[tuple[str, bytes]]:
    """Give the files `works.parquet`, `shares.parquet` … in pieces as (file name, bytes), mixed as the entries come:
    append each piece to its file. Every table has its file, also when it stays empty.

    One row group of each table is in memory. The same entries give the same bytes (with the same version of Arrow).
    What the tables cannot hold is noted in `lost`.
    """
    rows = Rows(Lost() if lost is None else lost)
    files = {name: _File(schema, group_rows) for name, schema in SCHEMAS.items()}
    for entry in entries:
        for table, cells in rows.of(entry):
            piece = files[table].add(cells)
            if piece:
                yield f"{table}.parquet", piece
    for name, file in files.items():
        yield f"{name}.parquet", file.end()


class _Sink:
    """Where Arrow writes to: bytes that can be taken away at any time."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._size += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Have nothing to do: what was written is here."""

    def close(self) -> None:
        self.closed = True

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def take(self) -> bytes:
        data, self._pieces = b"".join(self._pieces), []
        return data


class _File:
    """One table on its way out."""

    def __init__(self, schema: pa.Schema, group_rows: int) -> None:
        self._schema, self._group_rows = schema, group_rows
        self._sink = _Sink()
        self._writer = pq.ParquetWriter(self._sink, schema, compression="zstd", version="2.6")
        self._rows: list[tuple[Any, ...]] = []

    def add(self, cells: tuple[Any, ...]) -> bytes:
        """Add a row; return what was written when a row group is whole, else nothing."""
        self._rows.append(cells)
        if len(self._rows) < self._group_rows:
            return b""
        self._group()
        return self._sink.take()

    def end(self) -> bytes:
        """Write what is left and the file's end; return it."""
        if self._rows:
            self._group()
        self._writer.close()
        return self._sink.take()

    def _group(self) -> None:
        columns = zip(*self._rows, strict=True)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._rows = []
