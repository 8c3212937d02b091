"""The `Matcher` port on DuckDB: blocking and joins in SQL, out of core; strings compared in Python, each distinct pair
of values once.

Normalised values of several parts (titles, names, facets, writers) are kept in dictionaries and compared by their
numbers. A pair of values is streamed to the very function that the reference `matching.compare` uses, so the two
cannot drift apart there; codes and durations are compared in SQL, and a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import pyarrow as pa

from cantoria.adapters.duckdb import matching_sql as sql
from cantoria.adapters.duckdb.matching_engine import MatchingEngine
from cantoria.kernel.errors import InputError
from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching import Band, Model, Normal, Pattern, Row, Thresholds, judge, normalise
from cantoria.registry.matching import comparing as levels
from cantoria.registry.matching.normalise import KEY_KINDS
from cantoria.registry.matching.ports import BLOCK_ROWS_MAX, Blocked, KeyKind, ScoredPair

BATCH_ROWS: Final = 20_000
_TEXTS: Final = pa.list_(pa.string())
_ROW: Final = pa.schema(
    [
        ("n", pa.int32()),
        *((name, pa.string()) for name in ("id", "source", "titles", "names", "facets", "writers", "shares")),
        *((name, _TEXTS) for name in ("first_codes", "second_codes", "other_codes", "audio", "related", "keys")),
        ("duration_ms", pa.int64()),
    ]
)
_LEVEL: Final = pa.schema([("a", pa.int64()), ("b", pa.int64()), ("level", pa.int8())])
_SWAPPED: Final = pa.schema([("pair", pa.int64())])
_JUDGED: Final = pa.schema(
    [
        ("pattern", pa.int64()),
        ("weight", pa.int64()),
        ("ppm", pa.int64()),
        ("band", pa.string()),
        ("rule", pa.string()),
    ]
)
VALUES: Final[dict[str, Callable[[str, str], int]]] = {
    "titles": levels.title_level,
    "names": levels.names_level,
    "facets": levels.facets_level,
    "writers": levels.writers_level,
}
"""The columns that are compared by value, and by what."""

Watch = Callable[[str, int], None]


class DuckDBMatcher:
    """Matches the rows of one table with each other. `watch(step, rows)` hears what goes on."""

    def __init__(self, engine: MatchingEngine, *, watch: Watch = lambda step, rows: None) -> None:
        self._engine = engine
        self._watch = watch
        self._kind = MatchKind.RECORDING
        self._rows = 0

    def load(self, rows: Iterable[Row], *, kind: MatchKind, aliases: Mapping[str, str]) -> int:
        """See `ports.Matcher`. Constant memory: a batch of rows at a time."""
        self._kind = kind
        self._rows = 0
        self._engine.take("row_in", schema=_ROW, batches=self._normalised(iter(rows), kind, aliases))
        self._rows = self._once()
        for name in VALUES:
            self._engine.run(*sql.dictionary(name))
        self._engine.run(*sql.ITEMS)
        self._engine.drop(["row_in"])
        return self._rows

    def _once(self) -> int:
        """Leave each id once, as it came first, and return how many rows there are."""
        given, ids = self._engine.one("SELECT count(*), count(DISTINCT id) FROM row_in")
        if ids < given:
            self._engine.run(*sql.ONCE)
        return ids

    def _normalised(self, rows: Iterator[Row], kind: MatchKind, aliases: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
        while chunk := list(islice(rows, BATCH_ROWS)):
            normals = [normalise(row, kind=kind, aliases=aliases) for row in chunk]
            yield _batch(normals, start=self._rows)
            self._rows += len(chunk)
            self._watch("normalised", self._rows)

    def block(self, *, rows_max: int = BLOCK_ROWS_MAX, one_each: frozenset[str] = frozenset()) -> Blocked:
        """See `ports.Matcher`."""
        if rows_max < 2:
            raise InputError(f"blocks of {rows_max} rows hold no pair", "give at least 2")
        engine = self._engine
        engine.run(*sql.blocks(rows_max, one_each=sorted(one_each)))
        kinds = tuple(
            KeyKind(KEY_KINDS[str(kind)], *(int(value or 0) for value in counts))
            for kind, *counts in engine.fetch(sql.blocks_report(rows_max))
        )
        [pairs] = engine.one("SELECT count(*) FROM pair")
        [unreached] = engine.one(sql.unreached(rows_max))
        engine.drop(["block_key", "block"])
        self._watch("paired", pairs)
        return Blocked(self._rows, pairs, kinds, unreached)

    def compare(self) -> dict[int, int]:
        """See `ports.Matcher`."""
        for name, function in VALUES.items():
            self._engine.mapped(
                f"{name}_level", query=sql.value_pairs(name), schema=_LEVEL, function=_level_by(function)
            )
            self._watch(f"compared {name}", self._engine.one(f"SELECT count(*) FROM {name}_level")[0])  # noqa: S608
        self._engine.run(sql.levels(works=self._kind is MatchKind.PARTY))
        self._engine.drop(["pair", *(f"{name}_level" for name in VALUES)])
        self._engine.mapped("swapped", query=sql.SWAPPED_CANDIDATES, schema=_SWAPPED, function=_find_swapped)
        self._engine.run(sql.PATTERNS)
        self._engine.drop(["swapped", "compared"])
        counts = self._engine.fetch("SELECT pattern, count(*) FROM patterned GROUP BY pattern ORDER BY pattern")
        return {int(pattern or 0): int(count or 0) for pattern, count in counts}

    def judge(self, model: Model, *, thresholds: Thresholds, one_each: frozenset[str] = frozenset()) -> dict[Band, int]:
        """See `ports.Matcher`."""
        if model.kind is not self._kind:
            raise InputError(f"the model is for a {model.kind}, the rows are of a {self._kind}", "use its own model")
        numbers = [int(row[0] or 0) for row in self._engine.fetch("SELECT DISTINCT pattern FROM patterned ORDER BY 1")]
        judged = [judge(Pattern(number), model=model, thresholds=thresholds) for number in numbers]
        columns = [
            numbers,
            [one.weight for one in judged],
            [one.probability_ppm for one in judged],
            [str(one.band) for one in judged],
            [one.rule for one in judged],
        ]
        arrays = [pa.array(column, field.type) for column, field in zip(columns, _JUDGED, strict=True)]
        table = pa.RecordBatch.from_arrays(arrays, schema=_JUDGED)
        self._engine.take("judged", schema=_JUDGED, batches=[table])
        self._engine.run(*sql.scores(one_each=sorted(one_each)))
        rows = self._engine.fetch("SELECT band, count(*) FROM scored GROUP BY band")
        found = {str(band): int(count or 0) for band, count in rows}
        [total] = self._engine.one("SELECT count(*) FROM patterned")
        links, reviews = (found.get(str(band), 0) for band in (Band.LINK, Band.REVIEW))
        return {Band.LINK: links, Band.REVIEW: reviews, Band.NO: total - links - reviews}

    def pairs(self) -> Iterator[ScoredPair]:
        """See `ports.Matcher`."""
        for batch in self._engine.stream(sql.SCORED_PAIRS):
            for left, right, pattern, weight, ppm, band, rule in zip(*batch.to_pydict().values(), strict=True):
                yield ScoredPair(left, right, Pattern(pattern), weight, ppm, Band(band), rule)


def _batch(normals: Sequence[Normal], *, start: int) -> pa.RecordBatch:
    columns: list[Any] = [range(start, start + len(normals))]
    columns += [[getattr(normal, name) for normal in normals] for name in _ROW.names[1:]]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, _ROW, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=_ROW)


def _level_by(function: Callable[[str, str], int]) -> Callable[[list[list[Any]]], list[list[Any]]]:
    def found(columns: list[list[Any]]) -> list[list[Any]]:
        first, second, left, right = columns
        return [first, second, [int(function(one, other)) for one, other in zip(left, right, strict=True)]]

    return found


def _find_swapped(columns: list[list[Any]]) -> list[list[Any]]:
    """Return the pairs whose title and performer are exchanged."""
    return [[pair for pair, *texts in zip(*columns, strict=True) if levels.swapped_texts(*texts)]]
