"""`cantoria organisation …`: who records in this ledger."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from cantoria.cli.console import emit, table, would
from cantoria.cli.state import capacity_named, house
from cantoria.kernel.facts import Capacity
from cantoria.registry.facts import PartyKeyRegistered, PartyNamed, PartyRegistered
from cantoria.registry.types import PartyKind

app = typer.Typer(no_args_is_help=True, help="Who records in this ledger: admit, list.")


CAPACITIES: Final = (
    "What it records as: " + ", ".join(one.name.lower().replace("_", "-") for one in Capacity) + ". May be given again."
)


@app.command()
def admit(
    name: Annotated[str, typer.Argument(help="A short name for the key file, such as komca.")],
    capacity: Annotated[list[str], typer.Option("--in", help=CAPACITIES)],
    title: Annotated[str, typer.Option("--title", help="Its full name.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, but record nothing.")] = False,
) -> None:
    """Make an organisation a member of the ledger and give it a key.

    Example: cantoria organisation admit authors --in cmo --title "Authors' Society"
    """
    capacities = [capacity_named(one) for one in capacity]
    with house() as opened:
        if dry_run:
            would(f"admit {name} as {', '.join(one.name.lower() for one in capacities)}")
            return
        author = opened.admit(name, capacities=capacities)
        facts = (
            PartyRegistered(party=author.party, kind=PartyKind.ORGANISATION),
            PartyNamed(party=author.party, name=title or name),
            PartyKeyRegistered(party=author.party, key=author.signer.public_key.hex()),
        )
        if author.capacity in PartyRegistered.TYPE.capacities:
            opened.journal.record(facts, author=author)
        value = {"name": name, "party": author.party, "capacities": [one.name.lower() for one in capacities]}
        emit(value, text=lambda: typer.echo(f"{name} is {author.party}"))


@app.command("list")
def show() -> None:
    """List the organisations whose keys are here, and the ledger's members.

    Example: cantoria organisation list
    """
    with house() as opened:
        rows = opened.keys.organisations()
        value = [{"name": name, "party": party, "capacities": capacities} for name, party, capacities in rows]
        lines = [(name, party, ", ".join(capacities)) for name, party, capacities in rows]
        emit(value, text=lambda: table("Organisations", ("name", "party", "capacities"), lines))
