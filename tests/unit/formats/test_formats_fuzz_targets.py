"""Every fuzz target is alive: it is found by name, takes its own seeds, and whatever else it is given."""

import importlib
from itertools import islice

import pytest
from fuzz.run import names

SEEDS_TRIED = 8


def test_targets_are_found_by_name() -> None:
    assert "cwr" in names()
    assert not {name for name in names() if name == "run" or name.startswith("_")}


@pytest.mark.parametrize("name", names())
def test_a_target_takes_its_seeds_and_anything_else(name: str) -> None:
    target = importlib.import_module(f"fuzz.{name}")
    seeds = list(islice(target.seeds(), SEEDS_TRIED)) if hasattr(target, "seeds") else []
    for data in (*seeds, *(seed[: len(seed) // 2] for seed in seeds), b"", b"\x00\xff", b"<a>", b"{"):
        target.one(data)
