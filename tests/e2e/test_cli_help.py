"""Help that a newcomer can act on: every command shows an example that would work."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from cantoria.cli.main import app

ROOT: Any = typer.main.get_command(app)


def commands(group: Any = ROOT, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(commands())
NAMES = {" ".join(path): path for path in ALL}
WRITERS = {
    "organisation admit",
    "import csv",
    "import ern",
    "import table",
    "party enrol",
    "consent say",
    "consent withdraw",
    "dataset clear",
    "model register",
    "model version",
    "model train",
    "model finish",
    "royalty tariff",
    "royalty revenue",
    "royalty generations",
    "royalty plays",
    "royalty distribute",
    "royalty statement",
    "ledger erase",
    "node admit",
    "node leave",
    "council convene",
    "council propose admit-member",
    "council propose seat",
    "council vote",
    "council withdraw",
    "council rotate-key",
}


def test_the_map_of_the_chain_is_in_order() -> None:
    nouns = [name for name in ROOT.commands if hasattr(ROOT.commands[name], "commands")]
    chain = ["import", "registry", "party", "consent", "dataset", "model", "lineage", "royalty", "proof", "ledger"]
    assert [name for name in nouns if name in chain] == chain
    assert all(ROOT.commands[name].help for name in nouns)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_example_in_the_help_is_a_command_line_of_that_command(name: str) -> None:
    command = ALL[NAMES[name]]
    text = " ".join((command.help or "").split())
    if name == "version":
        return
    assert "Example: cantoria " in text, f"{name} shows no example"
    words = shlex.split(text.partition("Example: ")[2])
    place = next(at for at in range(len(words)) if tuple(words[at : at + len(NAMES[name])]) == NAMES[name])
    known = {option for parameter in (*ROOT.params, *command.params) for option in parameter.opts}
    flags = [word for word in words if re.match(r"--\w", word)]
    assert set(flags) <= known, f"{name}: its example uses options that it does not have"
    demanded = {p.opts[0] for p in command.params if p.required and p.opts[0].startswith("--")}
    assert demanded <= set(flags), f"{name}: its example lacks options that it demands"
    takes = [parameter for parameter in command.params if not parameter.opts[0].startswith("-") and parameter.required]
    assert len(words) - place - len(NAMES[name]) >= len(takes), f"{name}: its example lacks an argument"


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_option_and_argument_says_what_it_is(name: str) -> None:
    for parameter in ALL[NAMES[name]].params:
        shown = getattr(parameter, "help", "") or ""
        assert len(shown) > 5, f"{name} {parameter.opts}"


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_whatever_writes_facts_can_be_tried_dry(name: str) -> None:
    assert "--dry-run" in {option for parameter in ALL[NAMES[name]].params for option in parameter.opts}
