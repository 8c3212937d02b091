"""The engine that matches, made from a house's settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cantoria.adapters.duckdb.matching import DuckDBMatcher
from cantoria.adapters.duckdb.matching_engine import MatchingEngine
from cantoria.adapters.duckdb.matching_tables import read_rows
from cantoria.bootstrap.house import WiredHouse
from cantoria.registry.matching.ports import Matcher

__all__ = ["matcher", "read_rows"]


@contextmanager
def matcher(house: WiredHouse, *, watch: Callable[[str, int], None] = lambda step, rows: None) -> Iterator[Matcher]:
    """Give a matcher that keeps to the house's memory and threads and spills into its folder."""
    settings = house.settings
    with MatchingEngine(
        memory_bytes_max=settings.memory_mib << 20, threads=settings.threads, spill=str(settings.home / "spill")
    ) as engine:
        yield DuckDBMatcher(engine, watch=watch)
