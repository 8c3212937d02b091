"""A pack gives the answers of `decide`, reason by reason, on random worlds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from cantoria.clearance import Answer, Request, Rights, Row, Status, decide
from cantoria.clearance.snapshot import build
from cantoria.kernel.uses import Use
from cantoria.sdk.pack import Pack
from cantoria.sdk.pack_build import build_pack
from cantoria.testing.packs import KEY, publish_tables
from cantoria.testing.worlds import World, random_world

WORLDS = 25


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


@pytest.mark.parametrize("first", range(0, 4 * WORLDS, WORLDS))
def test_pack_equals_decide_on_random_worlds(first: int, tmp_path: Path) -> None:
    seen: Counter[Status] = Counter()
    for seed in range(first, first + WORLDS):
        for row, request, expected, found in answers(random_world(seed), tmp_path / str(seed)):
            assert found == expected, (seed, row, request)
            seen[found.status] += 1
    assert all(seen[status] > 10 for status in Status)
