"""A pack gives the answers of `decide`, reason by reason, on random worlds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from cantoria.clearance import Answer, Request, Rights, Row, Status, decide
from cantoria.clearance.published import GONE
from cantoria.clearance.snapshot import build
from cantoria.clearance.snapshot_dictionaries import Dictionaries
from cantoria.clearance.snapshot_refresh import grow, refresh
from cantoria.kernel.uses import Use
from cantoria.sdk.pack import Pack
from cantoria.sdk.pack_build import build_pack
from cantoria.testing.packs import KEY, publish_tables
from cantoria.testing.restless_worlds import restless_world
from cantoria.testing.worlds import World, random_world

WORLDS = 15


def every_request(world: World) -> list[Request]:
    """Return the world's requests, each for every use, all as of its last fact."""
    at, size = world.requests[0].at, len(world.facts)
    return [
        replace(request, use=use, at=at, size=size, campaign=request.campaign or "campaign_0")
        for request in world.requests
        for use in Use
    ]


def answers(world: World, folder: Path) -> list[tuple[Row, Request, Answer, Answer]]:
    """Return for each row and request the answer of `decide` and that of a pack."""
    requests = every_request(world)
    rights = Rights.fold(world.facts, size=requests[0].size)
    snapshot = build(rights, at=requests[0].at, size=requests[0].size)
    publish_tables(folder, snapshot.tables, at=snapshot.at, until=snapshot.until, size=snapshot.size)
    build_pack(folder, target=folder / "pack", keys=[KEY])
    with Pack(folder / "pack") as pack:
        return [
            (row, request, decide(row, request, rights=rights), pack.answer(row, pack.ask(request)))
            for request in requests
            for row in world.rows
        ]


def refreshed(world: World, folder: Path, *, at: int, random: Random) -> Rights:
    """Publish a world in pieces, each a generation, bring one pack along, and return the rights in the end."""
    facts = list(world.facts)
    cuts = sorted(random.randint(len(facts) // 2, len(facts)) for _ in range(2))
    rights = Rights.fold(facts[: cuts[0]])
    base = build(rights, at=at, size=cuts[0] or 1)
    numbers = Dictionaries.of(base.tables)
    head = publish_tables(folder, base.tables, at=at, until=base.until, size=base.size)
    build_pack(folder, target=folder / "pack", keys=[KEY])
    for start, end in zip(cuts, [*cuts[1:], len(facts)], strict=True):
        grown = grow(rights, said=facts[:end], new=facts[start:end])
        made = refresh(grown, then=at, at=at, size=end, numbers=numbers)
        tables = {name: table for name, table in {**made.tables, GONE: made.gone}.items() if table.rows}
        generation = head.generation + bool(tables)
        head = publish_tables(folder, tables, at=at, until=made.until, size=end, before=head, generation=generation)
        build_pack(folder, target=folder / "pack", keys=[KEY])
        rights = grown.after
    return rights


@pytest.mark.parametrize("first", range(0, 40, 20))
def test_a_pack_brought_along_by_generations_equals_decide(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + 20):
        world, folder = restless_world(seed), tmp_path / str(seed)
        request = replace(world.requests[0], size=len(world.facts), campaign="campaign_0")
        rights = refreshed(world, folder, at=request.at, random=Random(seed))
        with Pack(folder / "pack") as pack:
            for use in Use:
                asked = replace(request, use=use)
                question = pack.ask(asked)
                for row in world.rows:
                    assert pack.answer(row, question) == decide(row, asked, rights=rights), (seed, row, asked)


@pytest.mark.parametrize("first", range(0, 4 * WORLDS, WORLDS))
def test_pack_equals_decide_on_random_worlds(first: int, tmp_path: Path) -> None:
    seen: Counter[Status] = Counter()
    for seed in range(first, first + WORLDS):
        for row, request, expected, found in answers(random_world(seed), tmp_path / str(seed)):
            assert found == expected, (seed, row, request)
            seen[found.status] += 1
    assert all(seen[status] > 10 for status in Status)
