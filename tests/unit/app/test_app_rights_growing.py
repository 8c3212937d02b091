"""Views that grow fact by fact are the views that a fold from the beginning gives, whatever was asked in between."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.app.test_app_bulk_worlds import Shelf

from cantoria.app import rights
from cantoria.app.rights import RightsViews, fold
from cantoria.clearance import Rights, decide
from cantoria.testing.worlds import random_world


class Growing(Shelf):
    """An index that grows, and notes from where on the facts about rights were read."""

    def __init__(self, facts: Any) -> None:
        super().__init__(facts)
        self.starts: list[int] = []

    def batches(self, *, size: int | None = None) -> int:
        return 0

    def scan(self, **cut: Any) -> Any:
        if cut.get("tags") == rights.RIGHTS_TAGS:
            self.starts.append(cut.get("start", 0))
        return super().scan(**cut)

    def mark(self, *, tags: Any, size: int) -> tuple[int, int, int]:
        found = [one.index for one in super().scan(tags=tags, size=size)]
        return len(found), max(found, default=-1), 0


def ask_all(view: Rights, world: Any, size: int) -> list[Any]:
    """Answers to everything, which also fills whatever the view keeps for later."""
    answers: list[Any] = []
    for request in world.requests:
        answers += [decide(row, replace(request, size=size), rights=view) for row in world.rows]
    for subject in (*view.registry.works(), *view.registry.recordings()):
        answers.append(view.registry.closure(subject))
        answers.append(view.registry.side(subject, territory="KR", at=world.requests[0].at))
        answers.append(view.registry.codes_of(subject))
    answers.append(view.registry.cases(world.requests[0].at))
    answers += [view.standings.effective, view.standings.without_effect, view.mandates.estates()]
    return answers


@pytest.mark.parametrize("start", range(0, 24, 8))
def test_growing_views_are_the_views_from_the_beginning(start: int) -> None:
    for seed in range(start, start + 8):
        world = random_world(seed)
        step = 1 + len(world.facts) // 12
        shelf: Any = Growing([])
        views = RightsViews(shelf)
        for stop in [*range(step, len(world.facts), step), len(world.facts)]:
            shelf.facts = world.facts[:stop]
            size = shelf.facts[-1].index + 1
            grown = ask_all(views.load(size=size), world, size)
            assert grown == ask_all(fold(shelf.facts), world, size), f"{world} at {size}"


def test_only_new_facts_are_read() -> None:
    world = random_world(2)
    shelf: Any = Growing(world.facts[:-5])
    views = RightsViews(shelf)
    views.load(size=shelf.facts[-1].index + 1)
    shelf.facts, shelf.starts = world.facts, []
    views.load(size=world.facts[-1].index + 1)
    assert shelf.starts == [world.facts[-6].index + 1], "it goes on behind the last fact known"


def test_an_earlier_size_does_not_disturb_the_newest() -> None:
    world = random_world(4)
    shelf: Any = Growing(world.facts)
    views = RightsViews(shelf)
    size, early = world.facts[-1].index + 1, world.facts[len(world.facts) // 2].index
    before = ask_all(views.load(size=size), world, size)
    assert ask_all(views.load(size=early), world, early) == ask_all(fold(shelf.scan(size=early)), world, early)
    assert ask_all(views.load(size=size), world, size) == before
