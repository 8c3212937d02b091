"""A real house on disk with three organisations, for the tests of use cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.unit.app.money_world import MoneyWorld

from cantoria.adapters.system import SteppingClock, UnsafeSeededEntropy
from cantoria.app.ports import Author
from cantoria.bootstrap import house as houses
from cantoria.bootstrap.house import WiredHouse
from cantoria.kernel.facts import Capacity

START = 1_790_000_000_000_000
ORIGIN = "log.example/house"
MEMBERS = {
    "society": (Capacity.CMO, Capacity.REGISTRAR, Capacity.PUBLISHER),
    "label": (Capacity.PRODUCER,),
    "lab": (Capacity.AI_DEVELOPER,),
}

Reopen = Callable[[], WiredHouse]


@pytest.fixture(scope="session")
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a house in which the organisations are members and nothing else is recorded; only copy it."""
    home = tmp_path_factory.mktemp("house") / "world"
    opened = houses.create(home, origin=ORIGIN, clock=SteppingClock(START), entropy=UnsafeSeededEntropy(1))
    for name, capacities in MEMBERS.items():
        opened.admit(name, capacities=capacities)
    opened.close()
    return home


@pytest.fixture
def home(empty_house: Path, tmp_path: Path) -> Path:
    """A copy of the empty house that the test may change."""
    home = tmp_path / "world"
    for file in empty_house.rglob("*"):
        target = home / file.relative_to(empty_house)
        if file.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
            target.chmod(file.stat().st_mode)
    return home


@pytest.fixture
def reopen(home: Path) -> Iterator[Reopen]:
    """Return `reopen()`: the house opened once more, closed in the end."""
    opened: list[WiredHouse] = []

    def again() -> WiredHouse:
        seed = 100 + len(opened)
        clock, entropy = SteppingClock(START + seed * 1_000_000), UnsafeSeededEntropy(seed)
        opened.append(houses.open_house(home, clock=clock, entropy=entropy))
        return opened[-1]

    yield again
    for one in opened:
        one.close()


@pytest.fixture
def house(reopen: Reopen) -> WiredHouse:
    return reopen()


@pytest.fixture
def society(house: WiredHouse) -> Author:
    return house.author("society")


@pytest.fixture
def label(house: WiredHouse) -> Author:
    return house.author("label")


@pytest.fixture
def lab(house: WiredHouse) -> Author:
    return house.author("lab")


@pytest.fixture
def money(house: WiredHouse, society: Author, label: Author, lab: Author) -> MoneyWorld:
    world = MoneyWorld(house, society, label, lab)
    world.build()
    return world
