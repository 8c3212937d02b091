"""A published snapshot of one label's recordings, for `benchmarks.gate` and the examples: made in SQL, in any size.

Recordings with an odd number are cleared for everybody; the label said no to those with an even number. Each has an
ISRC and a code of the label's own, `LABEL:number`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from string import Template
from typing import Final

import duckdb
import pyarrow.parquet as pq

from cantoria.clearance import published
from cantoria.clearance.analytics import Kind
from cantoria.clearance.published import CHECKPOINT_FILE, HEAD_FILE, NOTE_FILE, TABLES_FOLDER, FileEntry, Head
from cantoria.clearance.snapshot_schema import MODES, OPEN_END, OPEN_START, SCHEMAS, SIDE_USES
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.ledger.notes import Checkpoint, NoteKey, sign_checkpoint

ORIGIN: Final = "rights.example.org/log"
SIGNER: Final = Ed25519Signer(bytes(32))
VKEY: Final = NoteKey(ORIGIN, SIGNER.public_key).vkey()
SIZE: Final = 1 << 30
_SQL: Final = {
    Kind.INT16: "SMALLINT",
    Kind.INT32: "INTEGER",
    Kind.INT64: "BIGINT",
    Kind.TEXT: "VARCHAR",
    Kind.BOOL: "BOOLEAN",
}
_CODE: Final = "'isrc:QZ' || chr(CAST(65 + i // 10000000 AS INTEGER)) || 'AA' || printf('%07d', i % 10000000)"
_TAIL: Final = (
    f"1 AS place, {OPEN_START} AS since, {OPEN_END} AS until, 0 AS model, 0 AS currency, 0 AS price, "
    "false AS attribution, false AS label, 0 AS campaign, false AS unknown_terms"
)
_ROWS: Final = {
    "subject": "SELECT i AS subject, 'recording_' || i AS text, 0 AS media FROM r",
    "thing": "SELECT i AS thing, 'recording_' || i AS text FROM r",
    "party": "SELECT 1 AS party, 'party_label' AS text",
    "voice": "SELECT 1 AS voice, 'party_label' AS text, 1 AS principal, 1 AS party",
    "place": "SELECT 1 AS place, '0276 0410 0724 0840' AS countries",
    "name": """SELECT $code AS code, 0 AS media, i AS subject, 0 AS outcome FROM r
               UNION ALL SELECT 'own:LABEL:' || i, 0, i, 0 FROM r ORDER BY 1""",
    "lead": """SELECT $code AS code, 0 AS media, 0 AS way, 1 AS level, i AS subject FROM r
               UNION ALL SELECT 'own:LABEL:' || i, 0, 0, 2, i FROM r ORDER BY 1""",
    "part": "SELECT i AS subject, i AS unit FROM r",
    "need": """SELECT i AS unit, 1 AS voice, i AS about, 1 AS registered, true AS reachable, 1 AS place,
               $asked AS asked FROM r""",
    "reach": "SELECT i AS scope, i AS unit, -1 AS since FROM r WHERE i % 2 = 0",
    "statement_name": "SELECT CAST(i + 100 AS BIGINT) AS \"index\", 'statement_' || i AS text FROM r",
    "statement": """SELECT 1 AS voice, 7 AS "index", 0 AS scope, 5 AS kind, true AS own, 3 AS verdict, 511 AS uses,
                      2 AS licensee_kind, 0 AS licensee, $tail
                    UNION ALL SELECT 1, i + 100, i, 1, true, 1, 511, 2, 0, $tail FROM r WHERE i % 2 = 0""",
}


def code_of(number: int) -> str:
    """Return the ISRC of a recording."""
    return f"QZ{chr(65 + number // 10_000_000)}AA{number % 10_000_000:07}"


def publish(folder: Path, recordings: int, *, at: int, until: int) -> Head:
    """Write and sign the snapshot into `folder`, good for moments in [`at`, `until`) (UTC microseconds)."""
    (folder / TABLES_FOLDER).mkdir(parents=True)
    asked = (1 << MODES * len(SIDE_USES)) - 1
    entries = []
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"CREATE VIEW r AS SELECT i FROM range(1, {recordings + 1}) AS t(i)")
        for name, schema in SCHEMAS.items():
            columns = ", ".join(f'CAST("{column}" AS {_SQL[kind]}) AS "{column}"' for column, kind in schema.items())
            nothing = ", ".join(f'NULL AS "{column}"' for column in schema)
            query = Template(_ROWS.get(name, f"SELECT {nothing} WHERE false"))
            path = folder / TABLES_FOLDER / published.file_name(name, 1)
            text = query.substitute(code=_CODE, asked=asked, tail=_TAIL)
            connection.execute(f"COPY (SELECT {columns} FROM ({text})) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
            entries.append(_entry(name, path))
    root = hashlib.sha256(str(recordings).encode()).hexdigest()
    head = Head(
        origin=ORIGIN,
        size=SIZE,
        root=root,
        at=at,
        until=until,
        generation=1,
        previous="",
        law="benchmark",
        crosswalk="benchmark",
        files=tuple(sorted(entries, key=lambda one: one.table)),
    )
    checkpoint = Checkpoint(ORIGIN, SIZE, bytes.fromhex(root))
    (folder / CHECKPOINT_FILE).write_text(sign_checkpoint(checkpoint, signer=SIGNER))
    (folder / NOTE_FILE).write_text(published.sign(head, signer=SIGNER))
    (folder / HEAD_FILE).write_bytes(published.encode_head(head))
    return head


def _entry(name: str, path: Path) -> FileEntry:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    rows = pq.read_metadata(path).num_rows
    return FileEntry(table=name, generation=1, name=path.name, sha256=digest, bytes=path.stat().st_size, rows=rows)
