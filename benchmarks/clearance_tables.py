"""A synthetic rights snapshot of any size, made by DuckDB itself from a seed: what the benchmarks of clearance clear.

Every recording embodies two works; a work has two writers and a publisher, a recording a featured performer, a
non-featured performer and a producer. Writers and performers speak person-wide (some twice, for present and future
works), publishers and producers by catalogue, and some works and recordings have a statement of their own.
Publishers and producers are skewed: few have most. Draws are a linear congruential mix of number and seed, so one
seed gives one world. Numbers follow the order of codes, as those of a snapshot's first generation do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

import duckdb

from cantoria.clearance import Request
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.snapshot_schema import (
    MANIFEST_SCHEMAS,
    MODES,
    OPEN_END,
    OPEN_START,
    PERSON_USES,
    SCHEMAS,
    SIDE_USES,
)
from cantoria.kernel import territories
from cantoria.kernel.ids import PartyId
from cantoria.kernel.periods import DAY, parse_moment
from cantoria.kernel.uses import Use

AT: Final = parse_moment("2026-01-01")
UNTIL: Final = AT + 30 * DAY
WORLD, KOREA = "2136", "0410"
# What the benchmarks ask: generative training by licensee 1, of class 1, in Korea and Spain.
REQUEST: Final = Request(
    use=Use.TRAIN_GENERATIVE,
    licensee=PartyId("licensee_1"),
    licensee_classes=frozenset({"class_1"}),
    territories="0410 0724",
    at=AT,
    size=1 << 40,
)
MEMORY: Final = "4GiB"
RULES_PER_ROW: Final = 1.5  # where no number of rules is asked for
_SQL_TYPES: Final = {"int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT", "text": "VARCHAR", "bool": "BOOLEAN"}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many there are of everything, and where the numbers of each kind begin. `rows` recordings are given; about
    `rules` statements, or, for 0, one and a half for each recording, as of a catalogue whose holders are many."""

    rows: int
    rules: int = 0
    seed: int = 1

    def numbers(self) -> dict[str, int]:
        """Return the numbers that the SQL templates name."""
        rows = self.rows
        speaking = round(self.rules / RULES_PER_ROW) if self.rules else rows
        writers, publishers = max(speaking // 2, 2), max(speaking // 50, 2)
        performers, producers = max(3 * speaking // 10, 2), max(speaking // 33, 2)
        catalogues = 5 * (publishers + producers)
        return {
            "rows": rows,
            "seed": self.seed * 1009,
            "writers": writers,
            "publishers": publishers,
            "performers": performers,
            "producers": producers,
            "publisher0": 1 + writers,
            "performer0": 1 + writers + publishers,
            "producer0": 1 + writers + publishers + performers,
            "voices": writers + publishers + performers + producers,
            "producer_catalogue0": 1 + 5 * publishers,
            "catalogues": catalogues,
            "work_scope0": 1 + catalogues,
            "recording_scope0": 1 + catalogues + rows,
            "work0": 1 + rows,
            "split0": 1 + 2 * rows,
            "work_ppm": 200_000 * speaking // rows,
            "recording_ppm": 100_000 * speaking // rows,
            "incomplete": int(ReasonCode.HOLDERS_INCOMPLETE),
            "ambiguous": int(ReasonCode.AMBIGUOUS),
            "asked": (1 << MODES * len(SIDE_USES)) - 1,
            "asked_persons": (1 << MODES * len(PERSON_USES)) - 1,
            "always": OPEN_START,
            "open_end": OPEN_END,
        }


def write(folder: Path, *, sizes: Sizes) -> dict[str, int]:
    """Write every table of the snapshot to `folder` as Parquet; return the rows of each."""
    connection = _connect(folder)
    numbers = sizes.numbers()
    for statement in _SETUP:
        connection.execute(Template(statement).substitute(numbers))
    places = [" ".join(sorted(territories.resolve(place, at=AT))) for place in (WORLD, KOREA)]
    connection.execute("CREATE TABLE places(place INTEGER, countries VARCHAR)")
    connection.executemany("INSERT INTO places VALUES (?, ?)", list(enumerate(places, 1)))
    counts = {name: _copy(connection, folder, name, Template(_TABLES[name]).substitute(numbers)) for name in SCHEMAS}
    connection.close()
    return counts


def write_manifest(folder: Path, *, sizes: Sizes, rows: int = 0) -> None:
    """Write the manifest of so many `rows` to `folder`, spread over the whole world, or, for 0, of every recording."""
    connection = _connect(folder)
    numbers = sizes.numbers() | {"lines": rows or sizes.rows, "stride": 7_368_787 if rows else 1}
    for statement in _MACROS:
        connection.execute(Template(statement).substitute(numbers))
    for name, query in _MANIFEST.items():
        _copy(connection, folder, name, Template(query).substitute(numbers))
    connection.close()


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    config = {"threads": 2, "memory_limit": MEMORY, "temp_directory": str(folder / "spill_of_maker")}
    connection = duckdb.connect(config=config)  # type: ignore[arg-type]
    connection.execute("SET enable_progress_bar = false")
    return connection


def _copy(connection: duckdb.DuckDBPyConnection, folder: Path, name: str, query: str) -> int:
    schema = MANIFEST_SCHEMAS.get(name) or SCHEMAS[name]
    columns = ", ".join(f"CAST({column} AS {_SQL_TYPES[kind]}) AS {column}" for column, kind in schema.items())
    target = f"'{folder / name}.parquet' (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2)"
    copied = connection.execute(f"COPY (SELECT {columns} FROM ({query})) TO {target}").fetchone()
    return int(copied[0]) if copied else 0


_MACROS: Final = (
    "CREATE MACRO draw(i, k) AS ((CAST(i AS BIGINT) + (k + $seed) * 7919) * 1103515245 + 12345) % 2147483648",
    "CREATE MACRO mix(i, k) AS (xor(draw(i, k), draw(i, k) // 8192) * 69069 + k) % 2147483648",
    """CREATE MACRO isrc(n) AS
         printf('isrc:QZ%sAA%07d', chr(CAST(65 + n // 10000000 AS INTEGER)), n % 10000000)""",
    "CREATE MACRO iswc(n) AS printf('iswc:T%09d0', n)",
    "CREATE MACRO pick(i, k, n) AS (mix(i, k) // 16 % n)",
    # Skewed: the product of two even draws makes small numbers much more frequent.
    "CREATE MACRO skewed(i, k, n) AS (pick(i, k, n) * pick(i, k + 1, n) // n)",
)
_SETUP: Final = (
    *_MACROS,
    """CREATE TABLE works AS SELECT i AS work, 1 + pick(i, 1, $writers) AS a, 1 + pick(i, 2, $writers) AS b,
         $publisher0 + skewed(i, 3, $publishers) AS p FROM range($rows) t(i)""",
    """CREATE TABLE recordings AS SELECT i AS recording, i AS w1,
         (i + 1 + pick(i, 12, $rows - 1)) % $rows AS w2,
         $performer0 + pick(i, 5, $performers) AS f, $performer0 + pick(i, 6, $performers) AS g,
         $producer0 + skewed(i, 7, $producers) AS p, pick(i, 43, 100) AS y, pick(i, 44, 1000000) AS z
       FROM range($rows) t(i)""",
    # Recordings of which a writer speaks in particular: there the work is a unit of its own.
    """CREATE TABLE splits AS SELECT recording, w1 AS work, works.a AS a,
      $split0 + row_number() OVER (ORDER BY recording) - 1 AS unit
       FROM recordings JOIN works ON works.work = w1 JOIN works AS other ON other.work = w2
       WHERE z < $recording_ppm AND y >= 80 AND works.a NOT IN (other.a, other.b)""",
    """CREATE TABLE said AS
       SELECT v AS voice, 0 AS scope, kind, mix(v, 20 + kind) AS place, pick(v, 30 + kind, 1000) AS x,
         pick(v, 40 + kind, 100) AS z
       FROM (SELECT 1 + i AS v, 5 AS kind FROM range($voices) t(i) WHERE pick(i, 24, 100) < 98
             UNION ALL SELECT 1 + i AS v, 6 AS kind
               FROM range($voices) t(i) WHERE pick(i, 25, 100) < 20) AS wide
       WHERE v <= $writers OR v BETWEEN $performer0 AND $producer0 - 1
       UNION ALL
       SELECT CASE WHEN c < $producer_catalogue0 THEN $publisher0 + (c - 1) // 5
                   ELSE $producer0 + (c - $producer_catalogue0) // 5 END, c, 4, mix(c, 51),
         pick(c, 52, 1000), pick(c, 53, 100)
       FROM (SELECT 1 + i AS c FROM range($catalogues) t(i)) AS scopes WHERE pick(c, 54, 100) < 99
       UNION ALL
       SELECT a, $work_scope0 + work, 2, mix(work, 61), pick(work, 62, 1000), pick(work, 63, 100)
       FROM works WHERE pick(work, 64, 1000000) < $work_ppm
       UNION ALL
       SELECT f, $recording_scope0 + recording, 1, mix(recording, 71), pick(recording, 72, 1000),
         pick(recording, 73, 100)
       FROM recordings WHERE z < $recording_ppm AND y < 80
       UNION ALL
       SELECT a, $recording_scope0 + recording, 1, mix(recording, 71), pick(recording, 72, 1000),
         pick(recording, 73, 100)
       FROM splits""",
)

_TABLES: Final = {
    "subject": """SELECT 1 + i AS subject, printf('subject_%026d', 1 + i) AS text, 0 AS media
                  FROM range(2 * $rows) t(i)""",
    "thing": "SELECT 1 + i AS thing, printf('thing_%026d', 1 + i) AS text FROM range(3 * $rows) t(i)",
    "party": "SELECT 1 + i AS party, printf('party_%026d', 1 + i) AS text FROM range($voices) t(i)",
    "voice": """SELECT 1 + i AS voice, printf('party_%026d', 1 + i) AS text, 1 + i AS principal, 1 + i AS party
                FROM range($voices) t(i)""",
    "unit": """SELECT 1 + i AS unit, CASE WHEN i < $rows THEN 0 ELSE 1 END AS kind, 1 + i AS thing,
                 CASE WHEN i < $rows THEN 1 + i ELSE 0 END AS recording FROM range(2 * $rows) t(i)
               UNION ALL SELECT unit, 1, $work0 + work, 1 + recording FROM splits""",
    "scope": """SELECT 1 + i AS scope, 4 AS kind, printf('catalogue_%026d', 1 + i) AS text FROM range($catalogues) t(i)
                UNION ALL SELECT $work_scope0 + work, 2, printf('work_%026d', work) FROM works
                UNION ALL SELECT $recording_scope0 + recording, 1, printf('recording_%026d', recording)
                FROM recordings""",
    "term": """SELECT * FROM (VALUES (1, 'licensee:licensee_1'), (2, 'class:class_1'), (3, 'class:class_2'),
                 (4, 'currency:EUR')) AS terms(term, text)""",
    "place": "SELECT place, countries FROM places",
    "person": """SELECT 1 + i AS party, 1 + i AS voice, $asked_persons AS asked, pick(1 + i, 91, 100) < 95 AS reachable
                 FROM range($voices) t(i)""",
    "signal": """SELECT 1 AS subject, 0 AS uses, 1 AS place, 0 AS since, 0 AS until, 0 AS index, 1 AS about
                 WHERE 1 = 0""",
    "name": """SELECT isrc(recording) AS code,
                 0 AS media, 1 + recording AS subject, 0 AS outcome FROM recordings
               UNION ALL SELECT * FROM (SELECT iswc(work), 0, CASE WHEN count(*) = 1 THEN 1 + min(recording) ELSE 0 END,
                 CASE WHEN count(*) = 1 THEN 0 ELSE $ambiguous END
               FROM (SELECT w1 AS work, recording FROM recordings
                     UNION ALL SELECT w2, recording FROM recordings) AS links
               GROUP BY work ORDER BY work) AS works_named""",
    "lead": """SELECT isrc(recording) AS code,
                 0 AS media, 0 AS way, 1 AS level, 1 + recording AS subject FROM recordings
               UNION ALL SELECT * FROM (SELECT iswc(work), 0, 0, 3, 1 + recording
                 FROM (SELECT unnest([w1, w2]) AS work, recording FROM recordings) AS links
                 ORDER BY work, recording) AS works_led""",
    "part": """SELECT 1 + recording AS subject, unit FROM (
                 SELECT recording, 1 + recording AS unit FROM recordings
                 UNION ALL SELECT r.recording, coalesce(s.unit, $work0 + w1)
                   FROM recordings AS r LEFT JOIN splits AS s USING (recording)
                 UNION ALL SELECT recording, $work0 + w2 FROM recordings) AS parts ORDER BY subject, unit""",
    "problem": "SELECT 1 AS subject, 30 AS code, 1 AS about WHERE 1 = 0",
    "unit_problem": """SELECT unit, $incomplete AS code, unit AS about, 1 AS place
                       FROM (SELECT 1 + i AS unit FROM range(2 * $rows) t(i)) AS units
                       WHERE pick(unit, 81, 1000) < 20
                       UNION ALL SELECT unit, $incomplete, $work0 + work, 1 FROM splits
                       WHERE pick($work0 + work, 81, 1000) < 20""",
    "need": """SELECT unit, voice, about, 1 AS place, $asked AS asked, registered,
                 pick(voice, 91, 100) < 95 AS reachable
               FROM (
                 SELECT DISTINCT unit, voice, about, registered FROM (
                   SELECT $work0 + work AS unit, unnest([a, b, p]) AS voice, $work0 + work AS about,
                     work AS registered FROM works
                   UNION ALL SELECT s.unit, unnest([w.a, b, p]), $work0 + w.work, w.work
                     FROM splits AS s JOIN works AS w USING (work)
                   UNION ALL SELECT 1 + recording, unnest([f, g, p]), 1 + recording,
                     $rows + recording FROM recordings)
               ) AS needs ORDER BY unit, voice""",
    # One in a thousand stops, 8 refuse, 15 ask, the rest say yes; of 100, 1 names a price, 1 demands attribution,
    # 2 speak to one class, 1 to one licensee, 2 of one territory, 2 of analysis alone.
    "statement": """SELECT voice, scope, kind, true AS own,
                      CASE WHEN x < 1 THEN 0 WHEN x < 9 THEN 1 WHEN x < 24 THEN 2 ELSE 3 END AS verdict,
                      CASE WHEN z IN (10, 11) THEN 1 ELSE 511 END AS uses,
                      CASE WHEN z IN (20, 21) THEN 1 WHEN z = 22 THEN 0 ELSE 2 END AS licensee_kind,
                      CASE WHEN z = 20 THEN 2 WHEN z = 21 THEN 3 WHEN z = 22 THEN 1 ELSE 0 END AS licensee,
                      CASE WHEN z IN (30, 31) THEN 2 ELSE 1 END AS place,
                      CAST($always AS BIGINT) AS since, CAST($open_end AS BIGINT) AS until,
                      0 AS model, CASE WHEN z = 50 THEN 4 ELSE 0 END AS currency,
                        CASE WHEN z = 50 THEN 100000000 ELSE 0 END AS price,
                      z = 51 AS attribution, false AS label, 0 AS campaign, false AS unknown_terms,
                      CAST(1.9 * $rows AS BIGINT) + row_number() OVER (ORDER BY place, kind, voice, scope)
                        AS index
                    FROM said ORDER BY voice, scope""",
    "reach": """SELECT scope, unit, -1 AS since FROM (
                  SELECT 1 + (p - $publisher0) * 5 + pick(work, 95, 5) AS scope,
                    $work0 + work AS unit FROM works
                  UNION ALL SELECT 1 + (w.p - $publisher0) * 5 + pick(w.work, 95, 5), s.unit
                    FROM splits AS s JOIN works AS w USING (work)
                  UNION ALL SELECT $producer_catalogue0 + (p - $producer0) * 5 + pick(recording, 96, 5),
                    1 + recording FROM recordings
                  UNION ALL SELECT $work_scope0 + work, $work0 + work
                    FROM works WHERE pick(work, 64, 1000000) < $work_ppm
                  UNION ALL SELECT $work_scope0 + work, unit FROM splits WHERE pick(work, 64, 1000000) < $work_ppm
                  UNION ALL SELECT $recording_scope0 + recording, 1 + recording FROM recordings WHERE z < $recording_ppm
                  AND y < 80
                  UNION ALL SELECT $recording_scope0 + recording, unit FROM splits
                ) AS reached ORDER BY unit, scope""",
    "statement_name": "SELECT 1 AS index, '' AS text WHERE 1 = 0",
}
# 5 % of the rows carry an ISWC beside the ISRC, 2 in a thousand a code that nobody knows.
_MANIFEST: Final = {
    "manifest": """SELECT 1 + i AS line, 0 AS media,
                     CASE WHEN pick(i, 62, 100) < 5 THEN NULL
                          ELSE isrc(CASE WHEN pick(i, 61, 1000) < 2 THEN n + $rows ELSE n END) END AS code
                   FROM (SELECT i, i * $stride % $rows AS n FROM range($lines) t(i)) AS spread
                   ORDER BY mix(i, 63)""",
    "manifest_code": """SELECT 1 + i AS line, unnest([isrc(n), iswc(n)]) AS code
                        FROM (SELECT i, i * $stride % $rows AS n FROM range($lines) t(i)) AS spread
                        WHERE pick(i, 62, 100) < 5""",
    "manifest_refused": "SELECT 1 AS line, 0 AS uses WHERE 1 = 0",
}
assert set(_TABLES) == set(SCHEMAS)
assert set(_MANIFEST) == set(MANIFEST_SCHEMAS)
