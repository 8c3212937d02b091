"""Working piece by piece, or on what the manifest names alone, changes no answer; what nobody reads again is let go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance import Cleared, Request
from cantoria.clearance.analytics import Step
from cantoria.clearance.dataset import clear_attached, register_rows
from cantoria.clearance.plan_run import RESULTS, run
from cantoria.kernel.uses import Use
from cantoria.testing.merged_worlds import Merged, merge, random_part
from cantoria.testing.world_parts import QUERY
from cantoria.testing.worlds import random_world


def a_request() -> Request:
    asking = (one for seed in range(200) for one in random_world(seed).requests)
    return next(one for one in asking if one.use is Use.TRAIN_GENERATIVE and not one.persons and one.at == QUERY)


def decided(world: Merged, *, piece_units: int, restricted: bool) -> dict[str, list[Any]]:
    with DuckDBAnalytics(threads=2) as engine:
        for name, table in world.snapshot.tables.items():
            engine.register(name, table)
        register_rows(world.rows, analytics=engine)
        clear_attached(
            engine,
            request=a_request(),
            persons=Cleared(()),
            at=world.snapshot.at,
            until=world.snapshot.until,
            evidence=True,
            restricted=restricted,
            piece_units=piece_units,
        )
        return {name: sorted(engine.fetch(f"SELECT * FROM {name}")) for name in RESULTS}


@pytest.mark.parametrize("restricted", [False, True])
def test_pieces_do_not_matter(restricted: bool) -> None:
    world = merge([random_part(9_000 + seed, at=QUERY) for seed in range(60)])
    whole = decided(world, piece_units=1 << 30, restricted=not restricted)
    units = world.snapshot.tables["unit"].rows
    assert all(whole.values())
    for pieces in (2, 7, units):
        assert decided(world, piece_units=units // pieces, restricted=restricted) == whole


class Recorder:
    """Notes what an engine is told."""

    def __init__(self) -> None:
        self.held: set[str] = set()
        self.most = 0

    def make(self, step: Step) -> None:
        self.held.add(step.name)
        self.most = max(self.most, len(self.held))

    def drop(self, names: Sequence[str]) -> None:
        self.held -= set(names)


def test_tables_are_let_go_after_their_last_reader() -> None:
    steps = [Step("a1", "SELECT 1"), Step("b1", "SELECT * FROM a1"), Step("c1", "SELECT * FROM b1")]
    steps += [Step("never", "SELECT 1"), Step("b1", "SELECT 2"), Step("answer", "SELECT * FROM b1 AS x JOIN c1")]
    engine: Any = Recorder()
    run(engine, steps)
    assert engine.held == {"answer"}
    assert engine.most == 3
