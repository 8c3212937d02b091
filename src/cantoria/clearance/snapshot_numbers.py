"""Numbers for texts: each distinct key gets the next whole number, from 1, and keeps it for good."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Generic, TypeVar

from cantoria.clearance.analytics import Schema, Table, Value

K = TypeVar("K", bound=Hashable)


class Numbers(Generic[K]):
    """Hands out numbers and remembers them; those in `known` were handed out before."""

    __slots__ = ("_first", "_known", "_next", "_numbers")

    def __init__(self, known: Iterable[tuple[K, int]] | Mapping[K, int] = ()) -> None:
        self._numbers: dict[K, int] = dict(known)
        self._known = len(self._numbers)
        self._first = self._next = max(self._numbers.values(), default=0) + 1

    def __getitem__(self, key: K) -> int:
        """Return the number of `key`, a new one if it has none yet."""
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = self._next
            self._next += 1
        return number

    def __contains__(self, key: K) -> bool:
        return key in self._numbers

    def __iter__(self) -> Iterator[K]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def items(self) -> Iterator[tuple[K, int]]:
        """Give every key with its number, in order of the numbers."""
        return iter(self._numbers.items())

    def fresh(self) -> Iterator[tuple[K, int]]:
        """Give every key that got its number here, with it, in order of the numbers."""
        return islice(self._numbers.items(), self._known, None)

    def settle(self) -> None:
        """Take all numbers as known from now on."""
        self._known, self._first = len(self._numbers), self._next

    def knew(self, key: K) -> bool:
        """Tell whether `key` had its number before."""
        return self._numbers.get(key, self._first) < self._first


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
