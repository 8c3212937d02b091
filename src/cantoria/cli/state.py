"""What the root command was told: which house, and in whose name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cantoria.app.ports import Author
from cantoria.bootstrap.house import WiredHouse, open_house
from cantoria.cli.console import progress, say
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity


@dataclass(slots=True)
class State:
    """Set by the root command before any other runs."""

    home: Path = Path("world")
    author: str = ""
    capacity: str = ""


state = State()


@contextmanager
def house() -> Iterator[WiredHouse]:
    """Open the house of this run, bring its index up to date, and close it in the end."""
    opened = open_house(state.home)
    try:
        behind = opened.engine.size
        if behind > 5_000:
            with progress("Reading the ledger", total=behind) as step:
                opened.index.catch_up(step)
        else:
            opened.index.catch_up()
        yield opened
    finally:
        opened.close()


def author(opened: WiredHouse) -> Author:
    """Return the organisation that records in this run: `--as`, or the only one whose key is here.

    From here on this run is the house's only writer, so that no other comes between its look and its word.
    """
    opened.begin_writing(lambda: say("another command records in this house: waiting for it to end"))
    return author_named(opened)


def author_named(opened: WiredHouse) -> Author:
    """Return the organisation that will record in this run, without keeping others from writing meanwhile."""
    name = state.author
    if not name:
        names = opened.keys.names()
        if len(names) != 1:
            known = ", ".join(names) or "none yet: see `cantoria organisation admit`"
            raise InputError("which organisation records this?", f"give --as NAME; known are {known}")
        name = names[0]
    return opened.author(name, capacity=capacity_named(state.capacity) if state.capacity else None)


def capacity_named(text: str) -> Capacity:
    """Return the capacity called `text`, such as `cmo` or `ai-developer`."""
    try:
        return Capacity[text.upper().replace("-", "_")]
    except KeyError as error:
        known = ", ".join(one.name.lower().replace("_", "-") for one in Capacity)
        raise InputError(f"{text!r} is not a capacity", f"one of {known}") from error
