"""The engine that matches, made from a house's settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Final

from cantoria.adapters.duckdb.matching import DuckDBMatcher
from cantoria.adapters.duckdb.matching_engine import MatchingEngine
from cantoria.adapters.duckdb.matching_tables import read_rows
from cantoria.bootstrap.house import WiredHouse
from cantoria.registry.bulk_facts import BatchRegistered, BatchTable
from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching.ports import Matcher
from cantoria.registry.matching.types import Row

__all__ = ["batch_rows", "matcher", "read_rows"]

_TABLES: Final = {MatchKind.RECORDING: BatchTable.RECORDINGS, MatchKind.WORK: BatchTable.WORKS}


def batch_rows(house: WiredHouse, kind: MatchKind) -> Iterator[Row]:
    """Give the rows of all batches of a kind, the newest batch first, so that what it says of a thing counts."""
    batches = [one.fact for one in house.index.scan(tags=[BatchRegistered.TYPE.tag])]
    for fact in reversed(batches):
        if fact.attachment and fact.table is _TABLES.get(kind):
            yield from read_rows(BytesIO(house.attachments.get(fact.attachment)))


@contextmanager
def matcher(house: WiredHouse, *, watch: Callable[[str, int], None] = lambda step, rows: None) -> Iterator[Matcher]:
    """Give a matcher that keeps to the house's memory and threads and spills into its folder."""
    settings = house.settings
    with MatchingEngine(
        memory_bytes_max=settings.memory_mib << 20, threads=settings.threads, spill=str(settings.home / "spill")
    ) as engine:
        yield DuckDBMatcher(engine, watch=watch)
