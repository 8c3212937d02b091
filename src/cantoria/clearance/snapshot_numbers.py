"""Numbers for texts: each distinct key gets the next whole number, from 1."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

from cantoria.clearance.analytics import Schema, Table, Value

K = TypeVar("K", bound=Hashable)


class Numbers(Generic[K]):
    """Hands out numbers and remembers them."""

    __slots__ = ("_numbers",)

    def __init__(self) -> None:
        self._numbers: dict[K, int] = {}

    def __getitem__(self, key: K) -> int:
        """Return the number of `key`, a new one if it has none yet."""
        return self._numbers.setdefault(key, len(self._numbers) + 1)

    def __contains__(self, key: K) -> bool:
        return key in self._numbers

    def __iter__(self) -> Iterator[K]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def items(self) -> Iterator[tuple[K, int]]:
        """Give every key with its number, in order of the numbers."""
        return iter(self._numbers.items())


class Rows:
    """A table that grows row by row."""

    __slots__ = ("_rows", "_schema")

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._rows: list[tuple[Value, ...]] = []

    def add(self, *values: Value) -> None:
        """Add one row, its values in the order of the schema."""
        self._rows.append(values)

    def table(self) -> Table:
        """Return the table as it stands."""
        columns = zip(*self._rows, strict=True) if self._rows else [()] * len(self._schema)
        return Table(self._schema, dict(zip(self._schema, columns, strict=True)))
