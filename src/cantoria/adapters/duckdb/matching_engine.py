"""DuckDB with Arrow tables in and out in batches, for work that goes back and forth between SQL and Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow as pa

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics, _check_name, _translated
from cantoria.clearance.analytics import Step


class MatchingEngine(DuckDBAnalytics):
    """The embedded engine with two more ways: a table from a stream of batches, and a column computed in Python."""

    def __enter__(self) -> MatchingEngine:
        # Nothing here depends on the order of rows in a table, and keeping it costs memory.
        with _translated():
            self._connection.execute("SET preserve_insertion_order = false")
        return self

    def run(self, *steps: Step) -> None:
        """Run steps in order."""
        for step in steps:
            self.make(step)

    def one(self, query: str) -> tuple[int, ...]:
        """Return the single row of a query over numbers, with 0 for nothing."""
        [row] = self.fetch(query)
        return tuple(int(value or 0) for value in row)

    def take(self, name: str, *, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        """Keep a stream of batches as the table `name`: one batch is in memory beside it."""
        _check_name(name)
        self.drop([name])
        self._put(f"CREATE TABLE {name} AS SELECT * FROM incoming", schema.empty_table())  # noqa: S608
        self._held[name] = "TABLE"
        for batch in batches:
            self._put(f"INSERT INTO {name} SELECT * FROM incoming", pa.Table.from_batches([batch]))  # noqa: S608

    def _put(self, statement: str, table: pa.Table) -> None:
        """Run a statement over `incoming`. A batch at a time, so that whoever makes the batches is called in the thread
        that asked for them, and its errors stay what they are."""
        with _translated():
            self._connection.register("incoming", table)
            try:
                self._connection.execute(statement)
            finally:
                self._connection.unregister("incoming")

    def stream(self, query: str, *, rows: int = 65_536) -> Iterator[pa.RecordBatch]:
        """Give the rows of a query in batches. Nothing else may run on this engine until they are all read."""
        with _translated():
            relation: Any = self._connection.sql(query)
            yield from relation.to_arrow_reader(rows)

    def mapped(
        self, name: str, *, query: str, schema: pa.Schema, function: Callable[[list[list[Any]]], list[list[Any]]]
    ) -> None:
        """Keep as table `name` what `function` makes of the columns of a query, batch by batch.

        The result is collected before it is stored, because one connection does one thing at a time: it must be a few
        narrow columns.
        """
        made: list[pa.RecordBatch] = []
        for batch in self.stream(query):
            columns = function([column.to_pylist() for column in batch.columns])
            arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
            made.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
        self.take(name, schema=schema, batches=made)
