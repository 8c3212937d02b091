"""Whole snapshots of rights in folders, signed, for tests of what answers from one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from cantoria.clearance import published
from cantoria.clearance.analytics import Kind, Table
from cantoria.clearance.published import CHECKPOINT_FILE, HEAD_FILE, NOTE_FILE, TABLES_FOLDER, FileEntry, Head
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.ledger.notes import Checkpoint, NoteKey, sign_checkpoint

ORIGIN: Final = "rights.example.org/log"
SIGNER: Final = Ed25519Signer(bytes(range(32)))
KEY: Final = NoteKey(ORIGIN, SIGNER.public_key)
_ARROW: Final = {
    Kind.INT16: pa.int16(),
    Kind.INT32: pa.int32(),
    Kind.INT64: pa.int64(),
    Kind.TEXT: pa.string(),
    Kind.BOOL: pa.bool_(),
}


def publish_tables(
    folder: Path,
    tables: Mapping[str, Table],
    *,
    at: int,
    until: int,
    size: int,
    before: Head | None = None,
    generation: int = 0,
) -> Head:
    """Write tables as the next generation of the snapshot in a folder, and sign its head."""
    generation = generation or (before.generation + 1 if before else 1)
    (folder / TABLES_FOLDER).mkdir(parents=True, exist_ok=True)
    entries = list(before.files) if before else []
    for name, table in tables.items():
        target = folder / TABLES_FOLDER / published.file_name(name, generation)
        arrays = [pa.array(table.columns[column], _ARROW[kind]) for column, kind in table.schema.items()]
        pq.write_table(pa.Table.from_arrays(arrays, names=list(table.schema)), target, compression="zstd")
        data = target.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        entries.append(
            FileEntry(
                table=name,
                generation=generation,
                name=target.name,
                sha256=digest,
                bytes=len(data),
                rows=table.rows,
            )
        )
    head = Head(
        origin=ORIGIN,
        size=size,
        root=hashlib.sha256(str(size).encode()).hexdigest(),
        at=at,
        until=until,
        generation=generation,
        previous=published.snapshot_id(published.encode_head(before)) if before else "",
        law="law 1",
        crosswalk="crosswalk 1",
        files=tuple(sorted(entries, key=lambda one: (one.table, one.generation))),
    )
    checkpoint = Checkpoint(head.origin, head.size, bytes.fromhex(head.root))
    (folder / CHECKPOINT_FILE).write_text(sign_checkpoint(checkpoint, signer=SIGNER))
    (folder / NOTE_FILE).write_text(published.sign(head, signer=SIGNER))
    (folder / HEAD_FILE).write_bytes(published.encode_head(head))
    return head
