"""The one module of the SDK that asks DuckDB, imported when it is asked (docs/adr/0018).

It compiles a request over a whole snapshot into the lines of a `VerdictTable`, and gives a DuckDB connection the gate's
functions and table.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from cantoria.clearance import plan, plan_run
from cantoria.clearance.analytics import Analytics, Kind, Schema, Step, Table, Value
from cantoria.clearance.dataset import clear_attached, register_rows
from cantoria.clearance.dialect import DUCKDB, Dialect
from cantoria.clearance.persons import persons_of
from cantoria.clearance.prepare import Manner, prepare
from cantoria.clearance.published import TABLES, FileEntry, view_query
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.snapshot_codes import MEDIA
from cantoria.clearance.types import Answer, Row
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.sdk.gate.batches import arrow_cells
from cantoria.sdk.gate.marks import CLEARED, reason_of, status_of
from cantoria.sdk.gate.rows import KEYS, Codes, cell_of

if TYPE_CHECKING:
    from cantoria.sdk.folder import Folder
    from cantoria.sdk.gate.gate import Gate
    from cantoria.sdk.gate.wish import Wish

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


_SQL: Final = {
    Kind.INT16: "SMALLINT",
    Kind.INT32: "INTEGER",
    Kind.INT64: "BIGINT",
    Kind.TEXT: "VARCHAR",
    Kind.BOOL: "BOOLEAN",
}
_RESOLVING: Final = {"chosen", "hit", "candidate", "weighed"}
_TOLD: Final = {"reason", "missing", "because"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time [`at`, `until`) in which no statement begins or ends, and how many codes were compiled."""

    at: int
    until: int
    lines: int


def compile_lines(folder: Folder, *, wish: Wish, moment: int, body: Path) -> Segment:
    """Write what every code of a verified snapshot comes to for a wish at a moment: the lines of a `VerdictTable`.

    Every work and recording is decided once by the set-based plan; then each code takes the answer of what it names,
    and carries where it leads for rows with several.
    """
    with engine(str(body.parent)) as held:
        attach(held, folder)
        at, until = _segment(held, folder, moment)
        request = wish.request(at=at, size=folder.head.size)
        analytics = cast("Analytics", held)  # what runs a plan registers, makes, fetches and drops, no more
        persons = persons_of(analytics, request=request)
        terms = prepare(analytics, request=request, persons=persons, manner=Manner(several=False))
        everything = "SELECT subject AS line, subject, CAST(0 AS SMALLINT) AS outcome FROM subject"
        steps = [step for step in plan.steps(terms) if step.name not in _RESOLVING | _TOLD]
        plan_run.run(analytics, [Step("chosen", everything), *steps], keep=("answer",))
        lines = held.copy(_LINES.format(media=MEDIA[wish.media], mark=_MARK, not_found=int(ReasonCode.NOT_FOUND)), body)
        return Segment(at, until, lines)


def answer_row(folder: Folder, *, wish: Wish, at: int, codes: tuple[str, ...]) -> tuple[Answer, str]:
    """Return the whole answer for one row by a snapshot, and the id of what its codes name ("" for nothing)."""
    with tempfile.TemporaryDirectory() as spill, engine(spill) as held:
        attach(held, folder)
        analytics = cast("Analytics", held)  # clearing registers, makes, fetches and drops, no more
        request = wish.request(at=at, size=folder.head.size)
        register_rows([Row(1, codes, wish.media)], analytics=analytics)
        result = clear_attached(
            analytics,
            request=request,
            persons=persons_of(analytics, request=request),
            at=folder.head.at,
            until=folder.head.until,
            evidence=True,
            restricted=True,
        )
        return dict(result.answers())[1], result.subjects().get(1, "")


# The number of a status in table `answer` is its place in `plan.STATUSES`; marks rank them otherwise (see `marks`).
_MARK: Final = "CASE a.status WHEN 0 THEN 768 WHEN 1 THEN 512 + a.first WHEN 2 THEN 256 + a.first ELSE a.first END"
_LINES: Final = """
WITH said AS (SELECT a.subject, CAST({mark} AS INTEGER) AS mark FROM answer AS a),
     named AS (SELECT n.code, CASE WHEN n.outcome <> 0 THEN n.outcome ELSE coalesce(s.mark, 0) END AS mark
               FROM name AS n LEFT JOIN said AS s ON s.subject = n.subject WHERE n.media = {media}),
     led AS (SELECT l.code, string_agg(concat_ws(',', l.way, l.level, l.subject, coalesce(s.mark, 0)), ';'
                                       ORDER BY l.way, l.level, l.subject) AS leads
             FROM lead AS l LEFT JOIN said AS s ON s.subject = l.subject WHERE l.media = {media} GROUP BY l.code)
SELECT coalesce(n.code, l.code) AS code, coalesce(n.mark, {not_found}) AS mark, coalesce(l.leads, '') AS leads
FROM named AS n FULL JOIN led AS l ON l.code = n.code ORDER BY 1
"""


def _segment(held: Engine, folder: Folder, moment: int) -> tuple[int, int]:
    """Return the stretch of time around a moment in which no statement and no signal begins or ends."""
    moments = " UNION ALL ".join(
        f"SELECT {column} AS t FROM {table}"  # noqa: S608
        for table in ("statement", "signal")
        for column in ("since", "until")
    )
    [(last, following)] = held.fetch(
        f"SELECT max(t) FILTER (WHERE t <= {moment}), min(t) FILTER (WHERE t > {moment}) FROM ({moments}) AS m"  # noqa: S608
    )
    head = folder.head
    at = head.at if last is None else max(head.at, int(last))
    return at, head.until if following is None else min(head.until, int(following))


def attach(held: Engine, folder: Folder) -> None:
    """Name every table of a snapshot in an engine: the rows of all its generations but those that are gone."""

    def scan(entry: FileEntry) -> str:
        path = str(folder.path_of(entry).absolute()).replace("'", "''")
        return f"read_parquet('{path}', hive_partitioning = false)"

    for table in TABLES:
        held.define(Step(table, view_query(table, folder.head, scan)))


class Engine:
    """A DuckDB of our own, by the port that plans need; nothing is downloaded, and it spills into its folder."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._tables: set[str] = set()

    @property
    def dialect(self) -> Dialect:
        return DUCKDB

    def register(self, name: str, table: Table) -> None:
        """Take a small table in as `name`."""
        columns = ", ".join(f"{column} {_SQL[kind]}" for column, kind in table.schema.items())
        self._connection.execute(f"CREATE OR REPLACE TABLE {name} ({columns})")
        rows = list(zip(*(table.columns[column] for column in table.schema), strict=True))
        if rows:
            places = ", ".join("?" for _ in table.schema)
            self._connection.executemany(f"INSERT INTO {name} VALUES ({places})", rows)  # noqa: S608

    def attach(self, name: str, *, path: str, schema: Schema) -> None:
        """Make a Parquet file readable as `name`."""
        quoted = path.replace("'", "''")
        self.define(Step(name, f"SELECT {', '.join(schema)} FROM read_parquet('{quoted}')"))  # noqa: S608

    def make(self, step: Step) -> None:
        """Keep the rows of a query as a table."""
        self._connection.execute(f"CREATE OR REPLACE TABLE {step.name} AS {step.query}")
        self._tables.add(step.name)

    def define(self, step: Step) -> None:
        """Name a query without keeping its rows."""
        self._connection.execute(f"CREATE OR REPLACE VIEW {step.name} AS {step.query}")

    def drop(self, names: Sequence[str]) -> None:
        """Forget tables that were made."""
        for name in self._tables & set(names):
            self._connection.execute(f"DROP TABLE {name}")
            self._tables.discard(name)

    def fetch(self, query: str) -> list[tuple[Value, ...]]:
        """Return the rows of a query."""
        found: list[tuple[Value, ...]] = self._connection.execute(query).fetchall()
        return found

    def copy(self, query: str, path: Path) -> int:
        """Write the rows of an ordered query to a file, one line each, tabs between the cells; return how many."""
        quoted = str(path).replace("'", "''")
        form = "FORMAT csv, DELIMITER '\t', HEADER false, QUOTE '', ESCAPE ''"
        [(rows,)] = self._connection.execute(f"COPY ({query}) TO '{quoted}' ({form})").fetchall()
        return int(rows)


@contextmanager
def engine(spill: str) -> Iterator[Engine]:
    """Give an engine that spills into a folder; its errors are ours."""
    import duckdb

    config: dict[str, Any] = {
        "threads": 2,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": spill,
    }
    try:
        connection = duckdb.connect(":memory:", config=config)
        try:
            connection.execute("SET enable_progress_bar = false")
            yield Engine(connection)
        finally:
            connection.close()
    except duckdb.OutOfMemoryException as error:
        raise UnavailableError(f"out of memory: {error}", "free some memory or ask a server instead") from error
    except duckdb.IOException as error:
        raise UnavailableError(f"cannot read or write: {error}", "check the disk and its free space") from error
    except duckdb.Error as error:
        raise IntegrityError(f"the snapshot cannot be compiled: {error}", "fetch the snapshot again") from error


def give(gate: Gate, connection: Any, *, table: str | None) -> Any:
    """Register the gate's functions, and its table where the judge can list its codes; return the connection."""
    isrc, key = cell_of("isrc"), cell_of(KEYS)

    def read(value: Any) -> Codes:
        return key(value) if isinstance(value, str) and ":" in value else isrc(value)

    def cleared(codes: Any) -> Any:
        import pyarrow as pa

        marks = gate.marks([isrc(value) for value in arrow_cells(codes)])
        return pa.array([mark == CLEARED for mark in marks], pa.bool_())

    def status(codes: Any) -> Any:
        import pyarrow as pa

        marks = gate.marks([read(value) for value in arrow_cells(codes)])
        return pa.array([status_of(mark).value for mark in marks], pa.string())

    import duckdb

    for name, function, kind in (("ai_cleared", cleared, "BOOLEAN"), ("ai_status", status, "VARCHAR")):
        with suppress(duckdb.InvalidInputException):  # of a gate before this one; there need not be one
            connection.remove_function(name)
        connection.create_function(name, function, ["VARCHAR"], kind, type="arrow", null_handling="special")
    if table is not None:
        _give_table(gate, connection, table)
    return connection


def _give_table(gate: Gate, connection: Any, table: str) -> None:
    """Make the table of all codes that the judge knows."""
    if not _NAME.fullmatch(table):
        raise InputError(f"table={table!r:.80} is no plain name", "use letters, digits and _")
    gate.check_time()
    listing = getattr(gate.judge, "listing", None)
    if listing is None:
        return
    import pyarrow as pa

    found: dict[str, list[Any]] = {name: [] for name in ("code", "isrc", "status", "reason", "cleared")}
    words: dict[int, tuple[str, str, bool]] = {}
    for code, mark in listing():
        if mark not in words:
            words[mark] = (status_of(mark).value, reason_of(mark), mark == CLEARED)
        row = (code, code[5:] if code.startswith("isrc:") else None, *words[mark])
        for name, value in zip(found, row, strict=True):
            found[name].append(value)
    kinds = {"cleared": pa.bool_()}
    arrow = pa.table({name: pa.array(values, kinds.get(name, pa.string())) for name, values in found.items()})
    connection.register("cantoria_incoming", arrow)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM cantoria_incoming")  # noqa: S608
    connection.unregister("cantoria_incoming")
