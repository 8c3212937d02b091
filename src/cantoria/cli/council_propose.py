"""`cantoria council propose …`: put a change to a ballot."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cantoria import ledger
from cantoria.adapters.files import read_file
from cantoria.cli.console import emit, would
from cantoria.cli.council_words import card_at, describe, names_of, new_type, outcome_of, signing, submit, type_tag
from cantoria.cli.state import author, capacity_named, house
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import DAY, MICROSECONDS
from cantoria.ledger import FactIds, fact_id_text
from cantoria.ledger.govern import OPEN_FOR_MAX

app = typer.Typer(
    no_args_is_help=True,
    help="Put a change to a ballot. The proposal is its proposer's yes; more than two thirds of all seats decide.",
)

TEXT_BYTES_MAX: Final = 64 * 1024 * 1024
Who = Annotated[str, typer.Argument(help="A member's card (a file), a party id, or the name of a key here.")]
Type = Annotated[str, typer.Argument(help="A fact type, such as statement-made.")]
Count = Annotated[int, typer.Argument(help="How many; at most as many as there are seats.")]
Days = Annotated[int, typer.Option("--days", help="How long votes are taken, 1 to 90 days.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check, but record nothing.")]


@app.command("admit-member")
def admit_member(
    who: Who,
    capacity: Annotated[
        list[str] | None, typer.Option("--in", help="What it records as; the card's when not given. May be repeated.")
    ] = None,
    days: Days = 30,
    dry_run: DryRun = False,
) -> None:
    """Let an organisation record, or change as what a member records.

    Example: cantoria --as komca council propose admit-member sacem.card.json
    """
    with house() as opened:
        card = card_at(who)
        held = [capacity_named(one) for one in capacity or ()] or list(card.held() if card else ())
        if not held:
            raise InputError("an organisation needs a capacity", "name at least one with --in, such as cmo")
        organisation = bytes.fromhex(card.organisation) if card else names_of(opened).find(who)
        _put(opened, ledger.AdmitMember(organisation, frozenset(map(int, held))), days=days, dry_run=dry_run)


@app.command("expel-member")
def expel_member(who: Who, days: Days = 30, dry_run: DryRun = False) -> None:
    """Let a member record no more; what it recorded stays. One that has a seat is unseated first.

    Example: cantoria --as komca council propose expel-member party_01jzq3c5vqf2nbrexx3vqjhp41
    """
    with house() as opened:
        _put(opened, ledger.AdmitMember(_organisation(opened, who), frozenset()), days=days, dry_run=dry_run)


@app.command("add-key")
def add_key(
    who: Who,
    key: Annotated[str, typer.Option("--key", help="The public key, 64 hex digits; the card's when not given.")] = "",
    proof: Annotated[
        str, typer.Option("--proof", help="The key's own signature, 128 hex digits; the card's when not given.")
    ] = "",
    days: Days = 30,
    dry_run: DryRun = False,
) -> None:
    """Register a member's signing key. The member shows that it has it: in its card, or by `council key`.

    Example: cantoria --as komca council propose add-key sacem.card.json
    """
    with house() as opened:
        card = card_at(who)
        public_key = _hex(key or (card.key if card else ""), 32, "a public key")
        possession = _hex(proof or (card.key_possession if card and not key else ""), 64, "a proof of possession")
        change = ledger.AddKey(_organisation(opened, who), public_key, possession=possession)
        _put(opened, change, days=days, dry_run=dry_run)


@app.command("revoke-key")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The key id, 16 hex digits.")], days: Days = 30, dry_run: DryRun = False
) -> None:
    """Accept nothing more under a member's key; what was signed before stays.

    Example: cantoria --as komca council propose revoke-key 89925d53ddc0b6c2
    """
    with house() as opened:
        _put(opened, ledger.RevokeKey(_hex(key_id, 8, "a key id")), days=days, dry_run=dry_run)


@app.command()
def seat(
    card: Annotated[Path, typer.Argument(help="The member's card: its validator's and cosigner's keys.")],
    days: Days = 30,
    dry_run: DryRun = False,
) -> None:
    """Give a member a seat and a validator, or change the keys of the seat that it has.

    Example: cantoria --as komca council propose seat sacem.card.json
    """
    with house() as opened:
        found = card_at(str(card))
        if found is None:
            raise InputError(f"there is no file {card}", "ask the member for its card")
        _put(opened, ledger.SeatMember(found.seat()), days=days, dry_run=dry_run)


@app.command()
def unseat(who: Who, days: Days = 30, dry_run: DryRun = False) -> None:
    """Take a member's seat and validator; it stays a member.

    Example: cantoria --as komca council propose unseat party_01jzq3c5vqf2nbrexx3vqjhp41
    """
    with house() as opened:
        _put(opened, ledger.UnseatMember(_organisation(opened, who)), days=days, dry_run=dry_run)


@app.command()
def endorsers(kind: Type, count: Count, days: Days = 30, dry_run: DryRun = False) -> None:
    """Say how many organisations must stand behind facts of a type, the author counted; 1 is the author alone.

    Example: cantoria --as komca council propose endorsers share-claimed 2
    """
    with house() as opened:
        _put(opened, ledger.SetEndorsers(type_tag(kind, opened.engine.state), count), days=days, dry_run=dry_run)


@app.command()
def holders(kind: Type, count: Count, days: Days = 30, dry_run: DryRun = False) -> None:
    """Say how many members must hold the data of facts of a type before they are admitted; 0 asks nobody.

    Example: cantoria --as komca council propose holders usage-reported 3
    """
    with house() as opened:
        _put(opened, ledger.SetHolders(type_tag(kind, opened.engine.state), count), days=days, dry_run=dry_run)


@app.command("type")
def fact_type(
    tag: Annotated[int, typer.Argument(help="The type's number, 0 to 65535.")],
    name: Annotated[str, typer.Argument(help="Its name, such as statement-made; a tag keeps it for ever.")],
    capacity: Annotated[
        list[str] | None, typer.Option("--in", help="In what facts of the type may be recorded. May be repeated.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Record no more facts of the type.")] = False,
    days: Days = 30,
    dry_run: DryRun = False,
) -> None:
    """Say in which capacities facts of a type may be recorded; put to a ballot before a new version records a new one.

    Example: cantoria --as komca council propose type 799 tariff-ended --in cmo
    """
    if bool(capacity) == off:
        raise InputError("in which capacities?", "name at least one with --in, such as cmo, or give --off")
    with house() as opened:
        change = new_type(tag, name, frozenset(int(capacity_named(one)) for one in capacity or ()))
        _put(opened, change, days=days, dry_run=dry_run)


@app.command()
def resolve(
    topic: Annotated[str, typer.Argument(help="What it is about, such as tariff-2027.")],
    text: Annotated[Path, typer.Argument(help="The file with the text; its SHA-256 is resolved on.")],
    days: Days = 30,
    dry_run: DryRun = False,
) -> None:
    """Resolve on a text, bound by its SHA-256; the text itself stays where it is.

    Example: cantoria --as komca council propose resolve tariff-2027 tariff-2027.pdf
    """
    with house() as opened:
        digest = hashlib.sha256(read_file(text, bytes_max=TEXT_BYTES_MAX)).digest()
        _put(opened, ledger.Resolve(topic, digest), days=days, dry_run=dry_run)


def _put(opened: Any, change: ledger.BallotChange, *, days: int, dry_run: bool) -> None:
    """Open a ballot on `change`, and tell what became of it at once."""
    if not 1 <= days <= OPEN_FOR_MAX // DAY:
        raise InputError(f"a ballot is not open for {days} days", "give --days from 1 to 90")
    who, now = author(opened), opened.clock.now()
    number = FactIds(opened.entropy.token).take(1, moment=now)[0]
    proposal = ledger.Propose(number, change, now // MICROSECONDS * MICROSECONDS + days * DAY)
    what = describe(change, names_of(opened), opened.engine.state)
    index = submit(opened, ledger.seal_member_record(proposal, signing(opened, who)), dry_run=dry_run)
    if index is None:
        would(f"put to a ballot: {what}")
        return
    state = opened.engine.state
    outcome = outcome_of(state, number)
    value = {"ballot": fact_id_text(number), "change": what, "index": index, "needed": state.quorum, "outcome": outcome}
    waits = f"1 yes of the {state.quorum} that it needs" if outcome == "open" else outcome
    emit(value, text=lambda: typer.echo(f"ballot {value['ballot']}: {what} ({waits})"))


def _organisation(opened: Any, who: str) -> bytes:
    card = card_at(who)
    return bytes.fromhex(card.organisation) if card else names_of(opened).find(who)


def _hex(text: str, length: int, what: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != length:
        raise InputError(f"{text!r:.80} is not {what}", f"it has {2 * length} hex digits")
    return found
