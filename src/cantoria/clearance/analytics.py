"""What a set-based plan needs from a query engine, as a protocol.

A plan is text: a list of SQL statements over named tables. The engine keeps tables by name, runs statements in order
and hands results out. Plans use integers and text only, never floats, and no more SQL than common engines share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cantoria.clearance.dialect import Dialect


class Kind(StrEnum):
    """Column types that every engine has: exact integers of 16, 32 and 64 bits, text and truth."""

    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    TEXT = "text"
    BOOL = "bool"


class Format(StrEnum):
    """File formats of tables that come in or go out."""

    PARQUET = "parquet"
    CSV = "csv"
    JSONL = "jsonl"


Schema = Mapping[str, Kind]
Value = int | str | bool | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table in columns: `schema` declares them in order, `columns` hold equally many values each."""

    schema: Schema
    columns: Mapping[str, Sequence[Value]]

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values()), ()))


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of a plan: the table `name` is made as the result of `query`."""

    name: str
    query: str


class Analytics(Protocol):
    """A query engine that holds named tables."""

    @property
    def dialect(self) -> Dialect:
        """The expressions that the engine writes in its own way."""
        ...

    def register(self, name: str, table: Table) -> None:
        """Take `table` in as `name`, replacing what had that name."""
        ...

    def attach(self, name: str, *, path: str, schema: Schema) -> None:
        """Make the Parquet file at `path` readable as `name`; a column that is missing or of another type is an
        `InputError`."""
        ...

    def make(self, step: Step) -> None:
        """Run one step of a plan: keep the rows of its query as the table of its name."""
        ...

    def define(self, step: Step) -> None:
        """Name the query of a step without keeping its rows: whatever reads the name runs the query again."""
        ...

    def fetch(self, query: str) -> list[tuple[Value, ...]]:
        """Return the rows of a query, small by nature or paged by the caller."""
        ...

    def stream_bytes(self, query: str) -> Iterator[bytes]:
        """Give the values of a query's one column of bytes, in order and many at a time, one after another as they
        are; whatever the query gives, the engine holds only a part of it."""
        ...

    def export(self, query: str, *, path: str, file_format: Format) -> int:
        """Write the rows of an ordered query to a new file and return how many; on failure no file is left."""
        ...

    def drop(self, names: Sequence[str]) -> None:
        """Forget tables that exist."""
        ...
