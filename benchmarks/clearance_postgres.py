"""The same question asked of PostgreSQL in the plain way: one SQL join over the same tables, for comparison.

For every manifest row, every needed say and every country, the statement that counts is found by a window over all
statements that speak to it, in the order of RULES section 2; a row is cleared where each is a yes with its conditions
met. The tables have the indexes that such joins want, and are analysed. PostgreSQL runs on a Unix socket of its own.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb

from cantoria.clearance.plan_terms import Terms

_TABLES: Final = {
    "name": "code, media, subject, outcome",
    "part": "subject, unit",
    "need": "unit, voice, registered, place",
    "unit_problem": "unit",
    "reach": "scope, unit, since",
    "statement": "voice, index, scope, kind, own, verdict, uses, licensee_kind, licensee, place, currency, attribution",
    "manifest": "line, media, code",
    "manifest_code": "line, code",
}
_TYPES: Final = {"code": "text", "own": "boolean", "attribution": "boolean"}
_INDEXES: Final = (
    "name(code, media)",
    "part(subject)",
    "need(unit)",
    "reach(unit, scope)",
    "statement(voice)",
    "unit_problem(unit)",
    "manifest_code(line)",
)
_CLEARED: Final = """
WITH found AS (
  SELECT m.line, n.subject FROM manifest AS m
  JOIN name AS n ON n.media = m.media AND n.outcome = 0
   AND n.code = coalesce(m.code, (SELECT min(c.code) FROM manifest_code AS c
                                  WHERE c.line = m.line AND c.code LIKE 'isrc:%%'))
), said AS (
  SELECT f.line, n.unit, n.voice, country, s.verdict, s.currency, s.attribution,
    row_number() OVER (PARTITION BY f.line, n.unit, n.voice, country ORDER BY (s.verdict = 0) DESC, s.own DESC, s.kind,
      s.licensee_kind, s.place DESC, s.verdict, s.index DESC) AS turn
  FROM found AS f JOIN part AS p ON p.subject = f.subject JOIN need AS n ON n.unit = p.unit
  CROSS JOIN (VALUES (1), (2)) AS countries(country)
  LEFT JOIN statement AS s ON s.voice = n.voice AND (s.uses & %(use)s) <> 0 AND (s.place = 1 OR country = 1)
   AND (s.licensee_kind = 2 OR s.licensee_kind = 1 AND s.licensee = ANY(%(classes)s)
        OR s.licensee_kind = 0 AND s.licensee = %(licensee)s)
   AND (s.kind >= 5 AND (s.kind = 5) = (s.index > n.registered)
        OR EXISTS (SELECT 1 FROM reach AS r WHERE r.unit = n.unit AND r.scope = s.scope AND s.kind < 5
                   AND (s.verdict <> 3 OR s.index > r.since)))
), answered AS (
  SELECT line, bool_and(coalesce(verdict = 3 AND currency = 0 AND NOT attribution, false)) AS cleared
  FROM said WHERE turn = 1 GROUP BY line
)
SELECT count(*) FILTER (WHERE a.cleared AND NOT EXISTS (
         SELECT 1 FROM found AS f JOIN part AS p ON p.subject = f.subject JOIN unit_problem AS u ON u.unit = p.unit
         WHERE f.line = a.line))
FROM answered AS a
"""


def measure(folder: Path, *, terms: Terms) -> dict[str, Any] | None:
    """Return the seconds of the naive join over the tables and the manifest in `folder`, and how many rows it clears;
    None where PostgreSQL is not on this machine."""
    binaries = _binaries()
    if binaries is None:
        return None
    with _server(binaries) as socket:
        import psycopg

        with psycopg.connect(f"host={socket} user=cantoria dbname=postgres", autocommit=True) as connection:
            began = time.perf_counter()
            for name, columns in _TABLES.items():
                _load(connection, folder, name, columns)
            for index in _INDEXES:
                connection.execute(f"CREATE INDEX ON {index}")
            connection.execute("ANALYZE")
            loaded = time.perf_counter() - began
            connection.execute("SET work_mem = '256MB'")
            began = time.perf_counter()
            asked = {"use": terms.use, "classes": list(terms.licensee_classes), "licensee": terms.licensee}
            row = connection.execute(_CLEARED, asked).fetchone()
            seconds = time.perf_counter() - began
    return {"seconds": seconds, "load_seconds": loaded, "cleared": int(row[0]) if row else 0}


def _load(connection: Any, folder: Path, name: str, columns: str) -> None:
    typed = ", ".join(f"{column} {_TYPES.get(column, 'bigint')}" for column in columns.split(", "))
    connection.execute(f"CREATE UNLOGGED TABLE {name} ({typed})")
    table = folder / f"{name}.csv"
    duckdb.sql(f"COPY (SELECT {columns} FROM '{folder / name}.parquet') TO '{table}' (FORMAT csv, HEADER false)")
    with table.open("rb") as file, connection.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
        while block := file.read(1 << 20):
            copy.write(block)
    table.unlink()


def _binaries() -> Path | None:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name.split(".")[0]))
    on_path = shutil.which("initdb")
    folders = [*reversed(installed), *([Path(on_path).parent] if on_path else [])]
    return next((one for one in folders if (one / "initdb").exists() and (one / "pg_ctl").exists()), None)


@contextmanager
def _server(binaries: Path) -> Iterator[Path]:
    """Start a PostgreSQL on a Unix socket, as another user where we are root; yield the socket's folder."""
    folder = Path(tempfile.mkdtemp(prefix="cantoria-pg-"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def call(*command: str) -> None:
        subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=True, **as_user)

    data = str(folder / "data")
    options = f"-c listen_addresses= -c shared_buffers=1GB -c fsync=off -c unix_socket_directories={folder}"
    try:
        call(str(binaries / "initdb"), "-D", data, "-A", "trust", "-U", "cantoria", "-E", "UTF8", "--no-sync")
        call(str(binaries / "pg_ctl"), "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start")
        try:
            yield folder
        finally:
            call(str(binaries / "pg_ctl"), "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
