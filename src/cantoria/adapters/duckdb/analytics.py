"""DuckDB as the embedded query engine: memory cap, threads, spill folder; tables in, plans run, files out.

Tables live in memory and spill to `spill` when they outgrow the cap. Integers are exact: sums that outgrow 64 bits
raise instead of wrapping, and no column that is not an exact 64-bit integer, text, truth or a list of them is ever
written (DuckDB stores 128-bit integers in Parquet as IEEE doubles). Nothing is downloaded at run time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from cantoria.clearance.analytics import Format, Kind, Schema, Step, Table, Value
from cantoria.clearance.dialect import DUCKDB, Dialect
from cantoria.kernel.check import require
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError

MEMORY_BYTES_DEFAULT: Final = 1 << 30
THREADS_DEFAULT: Final = 2
BATCH_ROWS: Final = 100_000

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_EXACT: Final = re.compile(r"(?:TINYINT|SMALLINT|INTEGER|BIGINT|VARCHAR|BOOLEAN|DATE)(?:\[\])*")
_ARROW: Final = {
    Kind.INT16: pa.int16(),
    Kind.INT32: pa.int32(),
    Kind.INT64: pa.int64(),
    Kind.TEXT: pa.string(),
    Kind.BOOL: pa.bool_(),
}
_SQL: Final = {
    Kind.INT16: "SMALLINT",
    Kind.INT32: "INTEGER",
    Kind.INT64: "BIGINT",
    Kind.TEXT: "VARCHAR",
    Kind.BOOL: "BOOLEAN",
}
_COPY: Final = {
    # The encodings of version 2 (deltas above all) make sorted numbers and codes half as large and quick to scan.
    Format.PARQUET: "FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2",
    Format.CSV: "FORMAT csv, HEADER true",
    Format.JSONL: "FORMAT json, ARRAY false",
}


class DuckDBAnalytics:
    """The `Analytics` port on one embedded DuckDB connection; close it, or use it in a `with` statement."""

    def __init__(
        self,
        *,
        memory_bytes_max: int = MEMORY_BYTES_DEFAULT,
        threads: int = THREADS_DEFAULT,
        spill: str | None = None,
    ) -> None:
        if memory_bytes_max < 64 << 20 or threads < 1:
            raise InputError(
                f"{memory_bytes_max} bytes and {threads} threads are too few", "give at least 64 MiB and 1 thread"
            )
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory_bytes_max // 1024}KiB",
            "threads": threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "temp_directory": spill or "",
        }
        with _translated():
            self._connection = duckdb.connect(":memory:", config=config)
            self._connection.execute("SET enable_progress_bar = false")  # it would write to the user's terminal
        self._held: dict[str, str] = {}  # by name: TABLE or VIEW

    def __enter__(self) -> DuckDBAnalytics:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def dialect(self) -> Dialect:
        """The expressions that DuckDB writes in its own way."""
        return DUCKDB

    def close(self) -> None:
        """Free everything."""
        self._connection.close()

    def register(self, name: str, table: Table) -> None:
        """Take `table` in as `name`, replacing what had that name. A value that does not fit its column's declared
        type is an `InputError`."""
        _check_name(name)
        try:
            arrays = [pa.array(table.columns[column], _ARROW[kind]) for column, kind in table.schema.items()]
            arrow = pa.Table.from_arrays(arrays, names=list(table.schema))
        except (pa.ArrowException, KeyError, OverflowError, UnicodeEncodeError) as error:
            raise InputError(f"table {name} does not fit its schema: {error}", "check the columns' types") from error
        with _translated():
            self.drop([name])
            self._connection.register("incoming", arrow)
            self._connection.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")  # noqa: S608
            self._connection.unregister("incoming")
            self._held[name] = "TABLE"

    def attach(self, name: str, *, path: str, schema: Schema) -> None:
        """Make the Parquet file at `path` readable as `name`, with the columns and types of `schema`."""
        _check_name(name)
        self.drop([name])
        source = f"read_parquet({local_file(path)}, hive_partitioning = false)"
        with _translated():
            found = {row[0]: row[1] for row in self._rows(f"DESCRIBE SELECT * FROM {source}")}  # noqa: S608
            for column, kind in schema.items():
                if found.get(column) != _SQL[kind]:
                    raise InputError(
                        f"{path}: column {column} is {found.get(column, 'missing')}, not {_SQL[kind]}",
                        "write the file by the schema in docs/reference/snapshot.md",
                    )
            self._connection.execute(f"CREATE VIEW {name} AS SELECT {', '.join(schema)} FROM {source}")  # noqa: S608
            self._held[name] = "VIEW"

    def make(self, step: Step) -> None:
        """Run one step of a plan: keep the rows of its query as the table of its name."""
        _check_name(step.name)
        self.drop([step.name])
        with _translated():
            self._connection.execute(f"CREATE TABLE {step.name} AS {step.query}")
            self._held[step.name] = "TABLE"

    def define(self, step: Step) -> None:
        """Name the query of a step without keeping its rows."""
        _check_name(step.name)
        self.drop([step.name])
        with _translated():
            self._connection.execute(f"CREATE VIEW {step.name} AS {step.query}")
            self._held[step.name] = "VIEW"

    def fetch(self, query: str) -> list[tuple[Value, ...]]:
        """Return the rows of a query."""
        with _translated():
            return self._rows(query)

    def stream_bytes(self, query: str) -> Iterator[bytes]:
        """Give the values of a query's one column of bytes, in order and many at a time."""
        with _translated(), self._connection.sql(query).to_arrow_reader(BATCH_ROWS) as batches:
            for batch in batches:
                yield flat_bytes(batch.column(0))

    def export(self, query: str, *, path: str, file_format: Format) -> int:
        """Write the rows of an ordered query to the file at `path` and return how many.

        The file appears whole and durable, or not at all. Raises `IntegrityError` for a column that is not exact.
        """
        target = Path(path)
        partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
        with _translated():
            self._check_exact(query)
            try:
                copied = self._rows(f"COPY ({query}) TO {_quoted(str(partial))} ({_COPY[file_format]})")
                _publish(partial, target)
            finally:
                partial.unlink(missing_ok=True)
        count = copied[0][0]
        require(isinstance(count, int), "COPY reports the number of its rows")
        return int(count or 0)

    def drop(self, names: Sequence[str]) -> None:
        """Forget tables and views that exist."""
        with _translated():
            for name in names:
                kind = self._held.pop(name, None)
                if kind is not None:
                    self._connection.execute(f"DROP {kind} {name}")

    def _rows(self, query: str) -> list[tuple[Value, ...]]:
        return self._connection.execute(query).fetchall()

    def _check_exact(self, query: str) -> None:
        for column, kind, *_ in self._rows(f"DESCRIBE {query}"):
            if not _EXACT.fullmatch(str(kind)):
                raise IntegrityError(f"column {column} is {kind}, which no file holds exactly", "cast it to BIGINT")


def _check_name(name: str) -> None:
    require(_NAME.fullmatch(name) is not None, f"{name!r} is no table name")


def _quoted(text: str) -> str:
    if "\0" in text:
        raise InputError("a path holds a NUL character", "give another path")
    return "'" + text.replace("'", "''") + "'"


def local_file(path: str) -> str:
    """Return the SQL text that stands for the one local file at `path` and nothing else.

    An absolute path is never an address of the network, and signs of a pattern are made to stand for themselves.
    """
    text = _quoted(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links
    if Path(path).exists() and not Path(path).is_file():
        raise InputError(f"{path!r:.200} is not a regular file", "give the path of one")
    return re.sub(r"[*?\[]", lambda sign: f"[{sign[0]}]", text)


def flat_bytes(column: pa.Array) -> bytes:
    """Return the values of a column of bytes, one after another. Nulls are refused."""
    require(column.null_count == 0, "a column of bytes has no nulls")
    wide = column.cast(pa.large_binary())
    data = wide.buffers()[2]
    if data is None or not len(wide):
        return b""
    ends = wide.buffers()[1].to_pybytes()[8 * wide.offset : 8 * (wide.offset + len(wide) + 1)]
    first, last = int.from_bytes(ends[:8], "little"), int.from_bytes(ends[-8:], "little")
    return bytes(data.slice(first, last - first).to_pybytes())


def _publish(partial: Path, target: Path) -> None:
    """Make `partial` durable and let it take the place of `target` in one move."""
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the engine's errors into ours: what to fix, what to stop for, what to try again."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise UnavailableError(f"out of memory: {error}", "raise the memory cap or give a spill folder") from error
    except (duckdb.IOException, OSError) as error:
        raise UnavailableError(
            f"cannot read or write: {error}", "check the path, the disk and its free space"
        ) from error
    except duckdb.OutOfRangeException as error:
        raise IntegrityError(f"a number leaves its type: {error}", "this is a defect or a forged input") from error
    except (duckdb.ConversionException, duckdb.InvalidInputException) as error:
        raise InputError(f"unreadable input: {error}", "check the file against its documented columns") from error
    except duckdb.Error as error:
        raise IntegrityError(f"the plan does not run: {error}", "report it with the plan's text") from error
