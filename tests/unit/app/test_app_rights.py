"""The neighbourhood of a row gives the answer that the whole ledger gives, in random worlds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cantoria.app.rights import RIGHTS_TAGS, RightsViews, fold, load_around
from cantoria.clearance import Status, decide
from cantoria.clearance.types import Row
from cantoria.kernel.facts import Recorded
from cantoria.registry.facts import PartyRegistered
from cantoria.registry.types import PartyKind
from cantoria.testing.worlds import World, random_world


@dataclass
class Shelf:
    """A fact index in memory over the facts of a world; it notes what it hands out."""

    facts: Sequence[Recorded[Any]]
    handed: set[int] = field(default_factory=set)

    def scan(
        self, *, tags: Iterable[int] | None = None, start: int = 0, size: int | None = None
    ) -> Iterator[Recorded[Any]]:
        wanted = None if tags is None else set(tags)
        for one in self.facts:
            below = size is None or one.index < size
            if (wanted is None or one.fact.TYPE.tag in wanted) and start <= one.index and below:
                yield one

    def about(self, subjects: Sequence[str], **cut: Any) -> list[Recorded[Any]]:
        names = set(subjects)
        found = [one for one in self.scan(**cut) if names & set(one.fact.subjects())]
        self.handed.update(one.index for one in found)
        return found

    def mark(self, *, tags: Iterable[int], size: int) -> tuple[int, int, int]:
        found = [one.index for one in self.scan(tags=tags, size=size)]
        return len(found), max(found, default=-1), 0


def size_of(world: World) -> int:
    """The size of the world's ledger: an erased body leaves its place behind."""
    return world.facts[-1].index + 1


def compare(world: World, size: int) -> list[Status]:
    shelf: Any = Shelf(world.facts)
    whole = RightsViews(shelf).load(size=size)
    found = []
    for request in world.requests:
        asked = replace(request, size=size)
        for row in world.rows:
            codes = [*row.codes, *request.persons, request.licensee]
            around = load_around(shelf, subjects=codes, size=size, media=row.media)
            answer = decide(row, asked, rights=around)
            assert answer == decide(row, asked, rights=whole), f"{world} {row} {asked}"
            found.append(answer.status)
    return found


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_the_neighbourhood_answers_as_the_whole_ledger_does(start: int) -> None:
    met: list[Status] = []
    for seed in range(start, start + 20):
        world = random_world(seed)
        met += compare(world, size_of(world))
    assert set(met) == set(Status), "the worlds hold all four answers"


def test_so_it_does_as_of_any_earlier_size() -> None:
    for seed in range(100, 106):
        world = random_world(seed)
        for size in range(0, size_of(world), size_of(world) // 6):
            compare(world, size)


def test_a_neighbourhood_does_not_read_the_rest_of_the_ledger() -> None:
    world = random_world(3)
    strangers = [PartyRegistered(party=f"party_x{n:04}", kind=PartyKind.PERSON) for n in range(500)]
    start = size_of(world)
    others = [
        Recorded(start + n, f"x{n}", "party_cmo", world.facts[0].capacity, 0, one) for n, one in enumerate(strangers)
    ]
    shelf: Any = Shelf([*world.facts, *others])
    for row in world.rows:
        load_around(shelf, subjects=row.codes, size=start + 500)
    assert shelf.handed
    assert not shelf.handed & {one.index for one in others}


def test_views_are_kept_until_a_fact_about_rights_comes_in_or_goes() -> None:
    world = random_world(5)
    shelf: Any = Shelf(world.facts)
    views = RightsViews(shelf)
    size = size_of(world)
    first = views.load(size=size)
    assert views.load(size=size) is first
    assert views.load(size=size + 10) is first, "nothing about rights came in since"
    shelf.facts = [one for one in world.facts if one.index != world.facts[-1].index]
    assert views.load(size=size) is not first
    shelf.facts = [*world.facts, replace(world.facts[-1], index=size)]
    assert views.load(size=size + 10) is not first


def test_rights_are_made_of_registry_mandates_and_consent() -> None:
    assert {tag // 100 for tag in RIGHTS_TAGS} == {1, 2, 3}
    assert decide(Row(1, ("isrc:KRA381900123",)), random_world(1).requests[0], rights=fold([])).status is Status.UNKNOWN
