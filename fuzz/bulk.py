"""Large tables and batches: whatever the bytes, each record is a row or a finding, and a batch is right or none."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import pyarrow as pa

from cantoria.formats import bulk
from cantoria.formats.bulk.batch import SCHEMAS
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import typed_id
from cantoria.registry.bulk_facts import BatchRegistered, BatchTable

ROWS: Final = 7


def one(data: bytes) -> None:
    """Take the bytes as a file of each table, then as a batch of each."""
    for table in BatchTable:
        with suppress(InputError):
            _read(data, table)
        with suppress(InputError):
            bulk.decode(data, fact=fact_for(table))


def _read(data: bytes, table: BatchTable) -> None:
    start = 0
    for chunk in bulk.read(io.BytesIO(data), file="fuzz", table=table, rows_per_chunk=ROWS):
        checked = bulk.check(chunk, file="fuzz", table=table)
        if chunk.start != start or not 1 <= chunk.taken <= ROWS:
            raise AssertionError("chunks do not follow one another")
        if checked.rows.num_rows + len(checked.findings) != chunk.taken:
            raise AssertionError("not every record is accounted for once")
        start += chunk.taken


def fact_for(table: BatchTable, rows: int = 2) -> BatchRegistered:
    """Return the fact of a batch of such rows as `seeds` gives."""
    names = [str(row[SCHEMAS[table].names[0]]) for row in rows_for(table, rows)]
    return BatchRegistered(
        table=table,
        attachment="00" * 32,
        rows=rows,
        first=names[0],
        last=names[-1],
        file="fuzz",
        source="00" * 32,
        start=0,
        taken=rows,
    )


def rows_for(table: BatchTable, rows: int) -> list[dict[str, object]]:
    """Return valid rows of a batch."""
    if table is BatchTable.LINKS:
        return [{"left": f"own:X:{n}", "line": n, "relation": "embodies", "right": "work"} for n in range(rows)]
    prefix = table.value.removesuffix("s")
    return [
        {
            "id": typed_id(prefix, (n + 1).to_bytes(16, "big")),
            "line": n + 1,
            "title": f"song {n}",
            "display_artist": "A",
            "isrc": f"KRA38{n:07}",
            "iswc": None,
            "codes": [f"own:X:{n}"],
            "duration_ms": n,
            "version": "",
            "works": [],
        }
        for n in range(rows)
    ]


def seeds() -> Iterator[bytes]:
    """Give valid files and batches."""
    yield b"title,isrc,codes,duration_ms,works,iswc\nA,KRA381700123,own:X:1,1000,,T0345246801\nB,KRA381700124,,,,\n"
    yield b"left,relation,right\nisrc:KRA381700123,identifies,own:X:1\n"
    for table in BatchTable:
        rows = pa.Table.from_pylist(rows_for(table, 2), schema=SCHEMAS[table])
        yield bulk.encode(rows, kind=table)
