"""The world of `benchmarks.clearance_tables` as a published snapshot, with one label that has very many rules."""

from __future__ import annotations

import hashlib
from pathlib import Path
from string import Template
from typing import Final

import duckdb
import pyarrow.parquet as pq

from benchmarks.clearance_tables import _SQL_TYPES, AT, UNTIL, Sizes, write
from cantoria.clearance import published
from cantoria.clearance.published import (
    CHECKPOINT_FILE,
    HEAD_FILE,
    NOTE_FILE,
    TABLES_FOLDER,
    FileEntry,
    Head,
    file_name,
)
from cantoria.clearance.snapshot_schema import MODES, OPEN_END, OPEN_START, SCHEMAS, SIDE_USES
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.ledger.notes import Checkpoint, NoteKey, sign_checkpoint

ORIGIN: Final = "rights.example.org/log"
SIGNER: Final = Ed25519Signer(bytes(32))
KEY: Final = NoteKey(ORIGIN, SIGNER.public_key)
SIZE: Final = 1 << 38
BASE: Final = 1 << 29  # numbers of the label's own, beyond those of the world
# One recording for each rule; even ones are a yes, odd ones a no. As many yeses to one licensee each.
_LABEL: Final = {
    "subject": "SELECT $base + i AS subject, printf('recording_label_%d', i) AS text, 0 AS media FROM r",
    "thing": "SELECT $base + i AS thing, printf('recording_label_%d', i) AS text FROM r",
    "party": "SELECT $base AS party, 'party_label' AS text",
    "voice": "SELECT $base AS voice, 'party_label' AS text, $base AS principal, $base AS party",
    "term": "SELECT $base + i AS term, printf('licensee:party_%d', i) AS text FROM r",
    "name": "SELECT printf('isrc:QZZLB%07d', i) AS code, 0 AS media, $base + i AS subject, 0 AS outcome FROM r",
    "lead": """SELECT printf('isrc:QZZLB%07d', i) AS code, 0 AS media, 0 AS way, 1 AS level, $base + i AS subject
               FROM r""",
    "part": "SELECT $base + i AS subject, $base + i AS unit FROM r",
    "need": """SELECT $base + i AS unit, $base AS voice, $base + i AS about, 1 AS registered, true AS reachable,
               1 AS place, $asked AS asked FROM r""",
    "reach": "SELECT $base + i AS scope, $base + i AS unit, -1 AS since FROM r",
    "statement_name": """SELECT CAST($index AS BIGINT) + i AS "index", printf('statement_label_%d', i) AS text
                         FROM range(2 * $rules) t(i)
                         UNION ALL SELECT "index", printf('statement_%d', "index") FROM '$said' WHERE verdict = 3""",
    "statement": """SELECT $base AS voice, CAST($index AS BIGINT) + i AS "index", $base + i AS scope, 1 AS kind,
                      true AS own, CASE WHEN i % 2 = 0 THEN 3 ELSE 1 END AS verdict, 511 AS uses, 2 AS licensee_kind,
                      0 AS licensee, $tail FROM r
                    UNION ALL SELECT $base, CAST($index AS BIGINT) + $rules + i, 0, 5, true, 3, 511, 0, $base + i,
                      $tail FROM r""",
}
_TAIL: Final = (
    f"1 AS place, {OPEN_START} AS since, {OPEN_END} AS until, 0 AS model, 0 AS currency, 0 AS price, "
    "false AS attribution, false AS label, 0 AS campaign, false AS unknown_terms"
)


def publish(folder: Path, *, sizes: Sizes, rules: int) -> dict[str, int]:
    """Write and sign the snapshot into `folder`; return the rows of each table."""
    made = folder / "made"
    made.mkdir()
    counts = write(made, sizes=sizes)
    tables = folder / TABLES_FOLDER
    tables.mkdir()
    values: dict[str, object] = {}
    values["said"] = (made / "statement.parquet").rename(made / "all_said.parquet")
    (made / "statement.parquet").hardlink_to(made / "all_said.parquet")
    values |= {"base": BASE, "rules": rules, "index": 1 << 37, "tail": _TAIL}
    values["asked"] = (1 << MODES * len(SIDE_USES)) - 1
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "4GiB"})
    connection.execute(f"SET enable_progress_bar = false; CREATE VIEW r AS SELECT i FROM range({rules}) t(i)")
    entries = []
    for name, schema in SCHEMAS.items():
        target = tables / file_name(name, 1)
        source = made / f"{name}.parquet"
        if name in _LABEL:
            columns = ", ".join(
                f'CAST("{column}" AS {_SQL_TYPES[kind]}) AS "{column}"' for column, kind in schema.items()
            )
            more = Template(Template(_LABEL[name]).safe_substitute(values)).safe_substitute(values)
            connection.execute(
                f"COPY (SELECT {columns} FROM '{source}' UNION ALL BY NAME SELECT {columns} FROM ({more})) "
                f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            )
            source.unlink()
        else:
            source.rename(target)
        entries.append(_entry(name, target))
        counts[name] = entries[-1].rows
    connection.close()
    _sign(folder, entries)
    return counts


def _entry(name: str, path: Path) -> FileEntry:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    rows = pq.read_metadata(path).num_rows
    return FileEntry(table=name, generation=1, name=path.name, sha256=digest, bytes=path.stat().st_size, rows=rows)


def _sign(folder: Path, entries: list[FileEntry]) -> None:
    head = Head(
        origin=ORIGIN,
        size=SIZE,
        root=hashlib.sha256(b"benchmark").hexdigest(),
        at=AT,
        until=UNTIL,
        generation=1,
        previous="",
        law="benchmark",
        crosswalk="benchmark",
        files=tuple(sorted(entries, key=lambda one: one.table)),
    )
    checkpoint = Checkpoint(ORIGIN, SIZE, bytes.fromhex(head.root))
    (folder / CHECKPOINT_FILE).write_text(sign_checkpoint(checkpoint, signer=SIGNER))
    (folder / NOTE_FILE).write_text(published.sign(head, signer=SIGNER))
    (folder / HEAD_FILE).write_bytes(published.encode_head(head))
