"""`cantoria council …`: how the members of a ledger govern it together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cantoria import ledger
from cantoria.app.fact_types import CONVENED_TYPES
from cantoria.cli import council_propose
from cantoria.cli.console import emit, say, table, would
from cantoria.cli.council_words import (
    ballot_id,
    ballot_value,
    decision_value,
    describe,
    names_of,
    outcome_of,
    seats_value,
    signing,
    submit,
    thresholds,
    types_value,
)
from cantoria.cli.state import author, house
from cantoria.kernel.errors import InputError
from cantoria.ledger.governance import seal_record
from cantoria.ledger.state import quorum_of
from cantoria.node.card import read_card

app = typer.Typer(
    no_args_is_help=True,
    help="Govern the ledger together: seats, ballots, votes, own keys. A quorum is more than two thirds of all seats.",
)
app.add_typer(council_propose.app, name="propose")
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check, but record nothing.")]


@app.command()
def convene(
    cards: Annotated[list[Path], typer.Argument(help="The cards of the members that get a seat.")],
    endorsers: Annotated[
        list[str] | None, typer.Option("--endorsers", help="TYPE=COUNT: how many stand behind such facts. Repeatable.")
    ] = None,
    holders: Annotated[
        list[str] | None, typer.Option("--holders", help="TYPE=COUNT: how many hold such facts' data. Repeatable.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Hand the ledger over from its operator to a council of members. The operator decides nothing afterwards.

    The fact types that this version records are admitted; the council adds others by `council propose type`.

    Example: cantoria council convene komca.card.json sacem.card.json sgae.card.json gema.card.json
    """
    with house() as opened:
        seats = tuple(read_card(one).seat() for one in cards)
        asked = thresholds(endorsers or []), thresholds(holders or [])
        change = ledger.Convene(seats, *asked, types=CONVENED_TYPES)
        opened.begin_writing(lambda: say("another command records in this house: waiting for it to end"))
        operator, quorum = opened.operator, quorum_of(len(seats))
        if dry_run:
            signer, number = opened.keys.log_signer(), operator.state.governed
            entry = seal_record(change, sequence=number, origin=operator.origin, signer=signer)
            submit(opened, entry, dry_run=True)
            would(f"hand over to a council of {len(seats)}, where {quorum} decide")
            return
        index = operator.govern(change)
        value = {"index": index, "seats": len(seats), "quorum": quorum}
        emit(
            value, text=lambda: typer.echo(f"a council of {len(seats)} governs from entry {index} on; {quorum} decide")
        )


@app.command()
def vote(
    ballot: Annotated[str, typer.Argument(help="The ballot's id, or an unmistakable beginning of it.")],
    yes: Annotated[bool | None, typer.Option("--yes/--no", help="For or against; a vote stands.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Vote on an open ballot, once.

    Example: cantoria --as komca council vote 01a1fa96-4c98-7007-8f33-1fe11e1780e2 --yes
    """
    if yes is None:
        raise InputError("yes or no?", "give --yes or --no")
    with house() as opened:
        who = author(opened)
        state, names = opened.engine.state, names_of(opened)
        number = ballot_id(state, ballot)
        what = describe(state.ballots[number].change, names, state)
        said = ledger.Vote(number, yes, state.ballots[number].proposal)
        entry = ledger.seal_member_record(said, signing(opened, who))
        index = submit(opened, entry, dry_run=dry_run)
        if index is None:
            would(f"vote {'yes' if yes else 'no'} on: {what}")
            return
        outcome = outcome_of(opened.engine.state, number)
        value = {"ballot": ledger.fact_id_text(number), "change": what, "yes": yes, "index": index, "outcome": outcome}
        emit(value, text=lambda: typer.echo(f"voted {'yes' if yes else 'no'} on: {what} (now {outcome})"))


@app.command()
def withdraw(
    ballot: Annotated[str, typer.Argument(help="The ballot's id, or an unmistakable beginning of it.")],
    dry_run: DryRun = False,
) -> None:
    """Take a ballot back that you proposed, or one whose proposer has no seat any more.

    Example: cantoria --as komca council withdraw 01a1fa96-4c98-7007-8f33-1fe11e1780e2
    """
    with house() as opened:
        who = author(opened)
        state = opened.engine.state
        number = ballot_id(state, ballot)
        what = describe(state.ballots[number].change, names_of(opened), state)
        entry = ledger.seal_member_record(ledger.WithdrawBallot(number), signing(opened, who))
        index = submit(opened, entry, dry_run=dry_run)
        if index is None:
            would(f"withdraw the ballot: {what}")
            return
        value = {"ballot": ledger.fact_id_text(number), "change": what, "index": index, "outcome": "withdrawn"}
        emit(value, text=lambda: typer.echo(f"withdrawn: {what}"))


@app.command()
def ballots(
    decided: Annotated[bool, typer.Option("--decided", help="Show those that ended, too.")] = False,
) -> None:
    """List the open ballots: who voted, how many yes they need, until when.

    Example: cantoria council ballots --decided
    """
    with house() as opened:
        state, names = opened.engine.state, names_of(opened)
        rows = [ballot_value(number, one, names, state) for number, one in sorted(state.ballots.items())]
        ended = sorted(state.decisions.items(), key=lambda one: one[1].decided_at)
        past = [decision_value(opened, number, one, names) for number, one in ended] if decided else []
        value = {"open": rows, **({"decided": past} if decided else {})}

        def text() -> None:
            columns = ("ballot", "change", "yes", "no", "silent", "yes needed", "votes until")
            lines = [
                (one["ballot"], one["change"], *(", ".join(one[key]) for key in ("yes", "no", "silent")),
                 f"{len(one['yes'])} of {one['needed']}", one["closes_at"])
                for one in rows
            ]  # fmt: skip
            table(f"Open ballots: {len(rows)}", columns, lines)
            if decided:
                ends = [
                    (one["ballot"], one["change"], one["outcome"], one["reason"] or "", one["decided_at"])
                    for one in past
                ]
                table(f"Decided: {len(past)}", ("ballot", "change", "outcome", "why", "entry"), ends, right=(4,))

        emit(value, text=text)


@app.command()
def seats() -> None:
    """List the seats with their keys, the quorum, and what facts need beyond their author.

    Example: cantoria council seats
    """
    with house() as opened:
        value = seats_value(opened)
        emit(value, text=lambda: _draw_seats(value))


@app.command()
def types() -> None:
    """List the fact types that may be recorded, in which capacities, and those that this version does not know.

    Facts of a type that is not known here are kept and proven like all others, but no view shows what they say.

    Example: cantoria council types
    """
    with house() as opened:
        rows = types_value(opened.engine.state)

        def text() -> None:
            lines = [(one["tag"], one["name"], ", ".join(one["admitted"]) or "none", one["here"]) for one in rows]
            table(f"Fact types: {len(rows)}", ("tag", "name", "recorded as", "this version"), lines, right=(0,))

        emit({"types": rows}, text=text)


def _draw_seats(value: dict[str, Any]) -> None:
    if not value["seats"]:
        typer.echo("no council is convened: the ledger's operator governs")
        return
    lines = [
        (one["organisation"], one["party"], one["consensus_key"] or "none", one["cosigner"],
         "yes" if one["can_sign"] else "no")
        for one in value["seats"]
    ]  # fmt: skip
    columns = ("organisation", "party", "validator key", "cosigner", "can sign")
    table(f"Seats: {len(lines)}, of which {value['quorum']} decide", columns, lines)
    endorsers, holders = value["endorsers"], value["holders"]
    needs = [(kind, endorsers.get(kind, 1), holders.get(kind, 0)) for kind in sorted({*endorsers, *holders})]
    if needs:
        table("What facts need", ("type", "organisations", "holders"), needs, right=(1, 2))
    if value["resolutions"]:
        table("Resolutions", ("topic", "SHA-256 of the text"), sorted(value["resolutions"].items()))


@app.command()
def key() -> None:
    """Show your organisation's key and the proof that it has it, for `council propose add-key`. Nothing is recorded.

    Example: cantoria --as komca council key
    """
    with house() as opened:
        who = author(opened)
        found = ledger.own_key(signing(opened, who), who.signer)
        names = {"organisation": who.party, "key": found.public_key.hex(), "proof": found.possession.hex()}
        emit(names, text=lambda: typer.echo(f"{who.party} --key {names['key']} --proof {names['proof']}"))


@app.command("rotate-key")
def rotate_key(dry_run: DryRun = False) -> None:
    """Replace your organisation's signing key: a new one is added and kept in the old one's place, that one revoked.

    An interrupted rotation is completed by giving the command again. Restart a node that signs with the key.

    Example: cantoria --as komca council rotate-key
    """
    with house() as opened:
        old = author(opened)
        keys, engine = opened.keys, opened.engine
        if dry_run and not keys.rotates(old.name):
            change = ledger.own_key(signing(opened, old), ledger.Ed25519Signer(opened.entropy.token(32)))
            submit(opened, ledger.seal_member_record(change, signing(opened, old)), dry_run=True)
        if dry_run:
            would(f"replace the key {ledger.key_id(old.signer.public_key).hex()} of {old.name}")
            return
        new, replaced = keys.begin_rotation(old.name, seed=opened.entropy.token(32))
        added = ledger.own_key(signing(opened, new), new.signer)
        if ledger.key_id(new.signer.public_key) not in engine.state.keys:
            engine.submit_record(ledger.seal_member_record(added, signing(opened, old)))
        keys.turn(old.name)
        if engine.state.keys[replaced].revoked_at is None:
            revoked = ledger.RevokeKey(replaced)
            engine.submit_record(ledger.seal_member_record(revoked, signing(opened, new)))
        keys.end_rotation(old.name)
        value = {
            "organisation": old.name,
            "revoked": replaced.hex(),
            "added": ledger.key_id(new.signer.public_key).hex(),
        }
        emit(value, text=lambda: typer.echo(f"{old.name} signs with {value['added']}; {value['revoked']} is revoked"))
