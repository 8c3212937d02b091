"""Spark as the query engine of a cluster: the `Analytics` port on PySpark 4, with the same rows as on DuckDB.

Every table that a plan makes is written as Parquet into a folder and read back, so that no step runs twice and the
plan of a query never grows. That folder is temporary on this machine (`local[2]`); a cluster needs one that all of its
workers reach (`storage`). What is exported is written by the workers in order and put into one file by DuckDB, so that
files are the same whichever engine cleared. Arithmetic is ANSI: what leaves its type raises instead of wrapping.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics, flat_bytes
from cantoria.adapters.spark import session as sessions
from cantoria.adapters.spark.errors import translated
from cantoria.clearance.analytics import Format, Kind, Schema, Step, Table, Value
from cantoria.clearance.dialect import SPARK, Dialect
from cantoria.kernel.check import require
from cantoria.kernel.errors import CantoriaError, InputError, IntegrityError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

BATCH_ROWS: Final = 50_000
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_EXACT: Final = re.compile(r"(?:array<)*(?:tinyint|smallint|int|bigint|string|boolean|date)>*")
_ARROW: Final = {
    Kind.INT16: pa.int16(),
    Kind.INT32: pa.int32(),
    Kind.INT64: pa.int64(),
    Kind.TEXT: pa.string(),
    Kind.BOOL: pa.bool_(),
}
_SQL: Final = {
    Kind.INT16: "smallint",
    Kind.INT32: "int",
    Kind.INT64: "bigint",
    Kind.TEXT: "string",
    Kind.BOOL: "boolean",
}


class SparkAnalytics:
    """The `Analytics` port on one Spark session; close it, or use it in a `with` statement."""

    def __init__(
        self,
        url: str = "local[2]",
        *,
        storage: str = "",
        memory_bytes_max: int = sessions.MEMORY_BYTES_DEFAULT,
        partitions: int = sessions.PARTITIONS_DEFAULT,
    ) -> None:
        if not storage and not url.startswith("local"):
            raise InputError(
                f"{url} has no storage", "name a folder that all of its workers reach (CANTORIA_SPARK_STORAGE)"
            )
        self._folder = Path(tempfile.mkdtemp(prefix="cantoria-spark-"))
        self._storage_given = bool(storage)
        self._storage = (storage or f"file://{self._folder}/tables").rstrip("/")
        self._numbers = itertools.count(1)
        self._held: dict[str, str] = {}  # by name: where its rows are kept, empty for a view
        try:
            self._session, self._started = sessions.start(
                url, folder=self._folder, memory_bytes_max=memory_bytes_max, partitions=partitions
            )
        except CantoriaError:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def __enter__(self) -> SparkAnalytics:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def dialect(self) -> Dialect:
        """The expressions that Spark writes in its own way."""
        return SPARK

    def close(self) -> None:
        """Free everything, what was kept in a `storage` too."""
        self.drop(list(self._held))
        if self._storage_given:
            self._remove(f"{self._storage}/{self._folder.name}")
        if self._started:
            sessions.stop(self._session)
        shutil.rmtree(self._folder, ignore_errors=True)

    def register(self, name: str, table: Table) -> None:
        """Take `table` in as `name`, replacing what had that name. A value that does not fit its column's declared
        type is an `InputError`."""
        _check_name(name)
        try:
            arrays = [pa.array(table.columns[column], _ARROW[kind]) for column, kind in table.schema.items()]
            arrow = pa.Table.from_arrays(arrays, names=list(table.schema))
        except (pa.ArrowException, KeyError, OverflowError, UnicodeEncodeError) as error:
            raise InputError(f"table {name} does not fit its schema: {error}", "check the columns' types") from error
        target = self._place(name)
        with translated():
            self.drop([name])
            local = _local(target)
            if local is None:
                self._session.createDataFrame(arrow).write.parquet(target)
            else:
                local.mkdir(parents=True)
                pq.write_table(arrow, local / "part-0.parquet")
            self._read(name, target, ", ".join(f"`{column}` {_SQL[kind]}" for column, kind in table.schema.items()))

    def attach(self, name: str, *, path: str, schema: Schema) -> None:
        """Make the Parquet file or folder at `path` readable as `name`, with the columns and types of `schema`."""
        _check_name(name)
        source = path if "://" in path else f"file://{os.path.abspath(path)}"  # noqa: PTH100 - `resolve` would follow links
        with translated():
            self.drop([name])
            frame = self._session.read.parquet(_escaped(source))
            found = dict(frame.dtypes)
            for column, kind in schema.items():
                if found.get(column) != _SQL[kind]:
                    raise InputError(
                        f"{path}: column {column} is {found.get(column, 'missing')}, not {_SQL[kind]}",
                        "write the file by the schema in docs/reference/snapshot.md",
                    )
            frame.select(*schema).createOrReplaceTempView(name)
            self._held[name] = ""

    def make(self, step: Step) -> None:
        """Run one step of a plan: keep the rows of its query as the table of its name."""
        _check_name(step.name)
        self.drop([step.name])
        target = self._place(step.name)
        with translated():
            frame = self._session.sql(step.query)
            frame.write.parquet(target)
            self._read(step.name, target, frame.schema)

    def define(self, step: Step) -> None:
        """Name the query of a step without keeping its rows."""
        _check_name(step.name)
        self.drop([step.name])
        with translated():
            self._session.sql(f"CREATE OR REPLACE TEMPORARY VIEW {step.name} AS {step.query}")
            self._held[step.name] = ""

    def fetch(self, query: str) -> list[tuple[Value, ...]]:
        """Return the rows of a query."""
        with translated():
            frame = self._session.sql(query)
            named = frame.toDF(*(f"column{number}" for number in range(len(frame.columns))))
            columns = [column.to_pylist() for column in named.toArrow().columns]
        return list(zip(*columns, strict=True))

    def stream_bytes(self, query: str) -> Iterator[bytes]:
        """Give the values of a query's one column of bytes, in order and many at a time."""
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            for part in self._parts(query, Path(name)):
                with pq.ParquetFile(part) as file:
                    for batch in file.iter_batches(BATCH_ROWS):
                        yield flat_bytes(batch.column(0))

    def export(self, query: str, *, path: str, file_format: Format) -> int:
        """Write the rows of an ordered query to the file at `path` and return how many.

        The file appears whole and durable, or not at all. Raises `IntegrityError` for a column that is not exact.
        """
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            parts = self._parts(query, Path(name), exact=True)
            listed = ", ".join(f"'{part}'" for part in parts)
            with DuckDBAnalytics(threads=1) as joiner:
                source = f"SELECT * FROM read_parquet([{listed}], hive_partitioning = false)"  # noqa: S608
                return joiner.export(source, path=path, file_format=file_format)

    def drop(self, names: Sequence[str]) -> None:
        """Forget tables and views that exist."""
        for name in names:
            kept = self._held.pop(name, None)
            if kept is not None:
                with translated():
                    self._session.catalog.dropTempView(name)
            if kept:
                self._remove(kept)

    def _remove(self, place: str) -> None:
        local = _local(place)
        if local is not None:
            shutil.rmtree(local, ignore_errors=True)
            return
        with translated():
            _remove(self._session, place)

    def _parts(self, query: str, folder: Path, *, exact: bool = False) -> list[Path]:
        """Write the rows of an ordered query to Parquet files under `folder` and return these in order."""
        with translated():
            frame = self._session.sql(query)
            if exact:
                _check_exact(frame)
            if _local(self._storage) is None:
                return [_gather(frame, folder)]
            frame.write.parquet(f"file://{folder}/parts")
        parts = sorted((folder / "parts").glob("part-*.parquet"))
        require(bool(parts), "Spark writes at least one file")
        return parts

    def _place(self, name: str) -> str:
        """Return where to keep the rows of a new table."""
        return f"{self._storage}/{self._folder.name}/{name}-{next(self._numbers)}"

    def _read(self, name: str, target: str, schema: Any) -> None:
        self._session.read.schema(schema).parquet(target).createOrReplaceTempView(name)
        self._held[name] = target


def _gather(frame: DataFrame, folder: Path) -> Path:
    """Bring the rows of an ordered query here, batch by batch, and return the Parquet file with them."""
    from pyspark.sql.pandas.types import to_arrow_schema

    target = folder / "part-0.parquet"
    schema = to_arrow_schema(frame.schema)
    rows: Iterator[Any] = frame.toLocalIterator(prefetchPartitions=True)
    with pq.ParquetWriter(target, schema) as writer:
        for batch in iter(lambda: list(itertools.islice(rows, BATCH_ROWS)), []):
            arrays = [
                pa.array(values, field.type) for values, field in zip(zip(*batch, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
    return target


def _check_name(name: str) -> None:
    require(_NAME.fullmatch(name) is not None, f"{name!r} is no table name")


def _check_exact(frame: DataFrame) -> None:
    for column, kind in frame.dtypes:
        if not _EXACT.fullmatch(kind):
            raise IntegrityError(f"column {column} is {kind}, which no file holds exactly", "cast it to BIGINT")


def _local(place: str) -> Path | None:
    """Return the path of a place on this machine, None of any other."""
    if place.startswith("file://"):
        return Path(place.removeprefix("file://"))
    return Path(place) if place.startswith("/") else None


def _remove(session: Any, place: str) -> None:
    """Remove a folder of the cluster's storage, by the file system that Spark itself writes with."""
    gateway = getattr(session, "_jvm", None)
    if gateway is not None:  # Spark Connect has none: there the folder stays for its owner
        path = gateway.org.apache.hadoop.fs.Path(place)
        path.getFileSystem(session._jsc.hadoopConfiguration()).delete(path, True)


def _escaped(source: str) -> str:
    """Return a path whose signs of a pattern stand for themselves."""
    return re.sub(r"[*?\[\]{}\\]", lambda sign: "\\" + sign[0], source)
