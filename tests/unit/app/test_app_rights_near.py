"""The near neighbourhood gives the answer that the whole ledger gives, and reads no society's other members."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.app.test_app_rights import Shelf, size_of

from cantoria.app.rights import RightsViews
from cantoria.app.rights_near import load_near
from cantoria.clearance import Status, decide
from cantoria.testing.worlds import World, random_world


def compare(world: World, size: int) -> set[Status]:
    shelf: Any = Shelf(world.facts)
    whole = RightsViews(shelf).load(size=size)
    met = set()
    for request in world.requests:
        asked = replace(request, size=size)
        for row in world.rows:
            near = load_near(shelf, subjects=[*row.codes, *request.persons], size=size, media=row.media)
            answer = decide(row, asked, rights=near.rights)
            assert answer == decide(row, asked, rights=whole), f"{world} {row} {asked}"
            met.add(answer.status)
    return met


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_what_is_near_answers_as_the_whole_ledger_does(start: int) -> None:
    met: set[Status] = set()
    for seed in range(start, start + 20):
        world = random_world(seed)
        met |= compare(world, size_of(world))
    assert met == set(Status), "the worlds hold all four answers"


def test_so_it_does_as_of_any_earlier_size() -> None:
    for seed in range(100, 106):
        world = random_world(seed)
        for size in range(0, size_of(world), size_of(world) // 6):
            compare(world, size)
