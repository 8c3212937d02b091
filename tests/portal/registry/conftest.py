"""The things of the sample world that the tests look at."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cantoria.bootstrap.house import WiredHouse, open_house


@dataclass(frozen=True)
class Things:
    """Ids of the sample world, a few of each kind, always the same."""

    house: WiredHouse

    def some(self, kind: str, count: int) -> list[str]:
        """Return so many ids of a kind."""
        found = self.house.index.subjects_like(f"{kind}_", limit=5_000)
        return random.Random(7).sample(found, min(count, len(found)))


@pytest.fixture(scope="session")
def things(sample_home) -> Iterator[Things]:
    """The sample world, opened beside the portal to look."""
    house = open_house(sample_home)
    house.index.catch_up()
    yield Things(house)
    house.close()
