"""Small published snapshots with made-up rows, for tests of everything that writes, carries or reads one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.adapters.snapshots import SnapshotFolder
from cantoria.clearance import published
from cantoria.clearance.analytics import Kind, Table
from cantoria.clearance.published import GONE, TABLES, Head, Opened, Parts
from cantoria.clearance.snapshot_schema import GONE_SCHEMA, SCHEMAS
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.ledger.notes import Checkpoint, NoteKey, sign_checkpoint

ORIGIN: Final = "rights.example.org/log"
SIGNER: Final = Ed25519Signer(bytes(range(32)))
KEY: Final = NoteKey(ORIGIN, SIGNER.public_key)
Rows = Mapping[str, Sequence[Sequence[Any]]]


def table_of(name: str, rows: Sequence[Sequence[Any]] = ()) -> Table:
    """Return a table of a snapshot; columns that a row leaves out hold 0, an empty text or no."""
    schema = GONE_SCHEMA if name == GONE else SCHEMAS[name]
    empty = {Kind.TEXT: "", Kind.BOOL: False}
    whole = [[*row, *(empty.get(kind, 0) for kind in list(schema.values())[len(row) :])] for row in rows]
    columns = zip(*whole, strict=True) if whole else [()] * len(schema)
    return Table(schema, dict(zip(schema, columns, strict=True)))


def signed_parts(head: Head, *, signer: Ed25519Signer = SIGNER) -> Parts:
    """Return the three small files of a head."""
    checkpoint = Checkpoint(head.origin, head.size, bytes.fromhex(head.root))
    return Parts(
        published.encode_head(head), published.sign(head, signer=signer), sign_checkpoint(checkpoint, signer=signer)
    )


def publish(
    path: Path, rows: Rows, *, gone: Iterable[tuple[int, str]] = (), size: int | None = None, origin: str = ORIGIN
) -> Opened:
    """Publish into `path` a new generation with these rows by table; the first one has every table. Without `size`
    each is of a ledger larger by ten."""
    folder = SnapshotFolder(path, keys=[NoteKey(origin, SIGNER.public_key)])
    before = folder.find()
    generation = before.head.generation + 1 if before else 1
    entries = list(before.head.files) if before else []
    tables = {name: table_of(name, rows.get(name, ())) for name in (rows if before else TABLES)}
    if gone:
        tables[GONE] = table_of(GONE, list(gone))
    with DuckDBAnalytics() as engine, folder.writing():
        for name, table in tables.items():
            engine.register("incoming_rows", table)
            query = "SELECT * FROM incoming_rows"
            entries.append(folder.write(query, table=name, generation=generation, analytics=engine))
        number = size or generation * 10
        head = Head(
            origin=origin,
            size=number,
            root=f"{number:064x}",
            at=number * 1_000,
            until=number * 1_000 + 1_000_000,
            generation=generation,
            previous=before.id if before else "",
            law="law 1",
            crosswalk="crosswalk 1",
            files=tuple(sorted(entries, key=lambda one: (one.table, one.generation))),
        )
        return folder.commit(signed_parts(head))
