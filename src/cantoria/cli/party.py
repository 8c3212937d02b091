"""`cantoria party …`: people and organisations."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cantoria.app import accounts, rights
from cantoria.bootstrap.naming import find_party
from cantoria.cli.console import emit, table, would
from cantoria.cli.state import author, house
from cantoria.ledger import fact_id_text
from cantoria.registry.facts import PartyKeyRegistered, PartyNamed, ShareClaimed

app = typer.Typer(no_args_is_help=True, help="People and organisations: show them, open accounts that sign for them.")


@app.command()
def show(party: Annotated[str, typer.Argument(help="A party id or code.")]) -> None:
    """Show what a party is called, its codes, and what it claims.

    Example: cantoria party show ipi_name:00014107338
    """
    with house() as opened:
        who = find_party(opened, party)
        named = opened.index.about([who], tags=[PartyNamed.TYPE.tag])
        claims = opened.index.about([who], tags=[ShareClaimed.TYPE.tag])
        keys = opened.index.about([who], tags=[PartyKeyRegistered.TYPE.tag])
        view = rights.load_around(opened.index, subjects=[who], size=opened.engine.size).registry.party(who)
        value: dict[str, Any] = {
            "party": who,
            "kind": view.kind.value if view else None,
            "reachable": view.reachable if view else None,
            "names": [one.fact.name for one in named],
            "named_by": [fact_id_text(bytes.fromhex(one.fact_id)) for one in named],
            "codes": sorted({code for one in named for code in one.fact.codes}),
            "has_key": bool(keys),
            "claims": [
                {
                    "subject": one.fact.subject,
                    "role": one.fact.role.value,
                    "right": one.fact.right.value if one.fact.right else None,
                    "share": str(one.fact.share) if one.fact.share is not None else None,
                }
                for one in claims
            ],
        }

        def text() -> None:
            typer.echo(f"{who}, {value['kind'] or 'kind unknown'}")
            called = [(one.fact.name, ", ".join(sorted(one.fact.codes))) for one in named]
            names = [(*pair, fact) for pair, fact in zip(called, value["named_by"], strict=True)]
            table("Names: identity data, each in a fact that can be erased", ("name", "codes", "fact"), names)
            rows = [(c["subject"], c["role"], c["right"] or "", c["share"] or "") for c in value["claims"][:50]]
            table(f"{len(claims)} claims", ("subject", "role", "right", "share"), rows, right=(3,))

        emit(value, text=text)


@app.command()
def enrol(
    parties: Annotated[list[str], typer.Argument(help="Party ids or codes.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, but record nothing.")] = False,
) -> None:
    """Open an account for parties: their key is made and kept here and signs what they decide.

    Example: cantoria --as authors party enrol ipi_name:00014107338
    """
    with house() as opened:
        found = [find_party(opened, party) for party in parties]
        if dry_run:
            would(f"open {len(found)} accounts")
            return
        receipts = accounts.open_accounts(opened, found, author=author(opened))
        value = [{"party": who, "fact_id": one.fact_id} for who, one in zip(found, receipts, strict=True)]
        emit(value, text=lambda: typer.echo(f"opened {len(receipts)} accounts"))
