"""`cantoria holding …`: data beside the chain: who holds it, what is awaited, who does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cantoria.adapters.sqlite.courier_rows import Demand, Stage
from cantoria.cli.console import emit, say, table, would
from cantoria.cli.data_words import age, member_called, naming, node_data, party_called
from cantoria.cli.state import author, house
from cantoria.kernel.errors import CantoriaError, InputError, UnavailableError
from cantoria.ledger.batch import BATCH_MAX, KIND_BATCH
from cantoria.ledger.envelope import fact_id_text
from cantoria.ledger.facts import LeafDemanded
from cantoria.ledger.replay import fact_of

if TYPE_CHECKING:
    from cantoria.adapters.desk import Desk
    from cantoria.adapters.http.members import Member
    from cantoria.bootstrap.data import WiredData

app = typer.Typer(no_args_is_help=True, help="Data beside the chain: who holds it, demand it, fetch it.")
BATCHES_SHOWN = 20


@app.command("list")
def show() -> None:
    """Show who holds what, which bodies are awaited, open demands with their age, and who does not answer.

    Example: cantoria holding list
    """
    with node_data() as wired:
        value = _value(wired)
        emit(value, text=lambda: _draw(value))


@app.command()
def demand(
    of: Annotated[str, typer.Argument(help="The member that is to deliver: its name or party id.")],
    fact: Annotated[
        int | None, typer.Option("--fact", help="The entry of a fact whose salt and body are wanted.")
    ] = None,
    root: Annotated[str, typer.Option("--root", help="The Merkle root that a report recorded over its lines.")] = "",
    line: Annotated[int, typer.Option("--line", help="Which of those lines, from 0.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, but record nothing.")] = False,
) -> None:
    """Demand on record what a member withholds. Its node answers by itself if it has it; silence stays visible to all.

    Example: cantoria holding demand sacem --root 5f0c… --line 12
    """
    with node_data() as wired:
        party = party_called(wired, of)
        if (fact is None) == (not root):
            raise InputError("a leaf is demanded of a batch or of a report", "give one of --fact and --root")
        if fact is None:
            asked = LeafDemanded(of=party, position=line, root=root)
        else:
            header = _header_before(wired.parts.desk, fact)
            asked = LeafDemanded(of=party, position=fact - header - 1, batch=header)
    if dry_run:
        would(f"demand of {of} leaf {asked.position} of {asked.root or f'entry {asked.batch}'}")
        return
    with house() as opened:
        receipt = opened.journal.record([asked], author=author(opened))[0]
        value = {"fact_id": receipt.fact_id, "index": receipt.index, "of": party}
        emit(value, text=lambda: typer.echo(f"demanded of {of} as entry {receipt.index}: see `cantoria holding list`"))


@app.command()
def fetch(
    digest: Annotated[str, typer.Argument(help="The SHA-256 of a file that a recorded fact names.")],
    source: Annotated[str, typer.Option("--from", help="Ask this member only.")] = "",
) -> None:
    """Fetch a file that members hold for each other into attachments/, checked against its digest.

    Example: cantoria holding fetch 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    """
    with node_data() as wired:
        desk = wired.parts.desk
        if desk.attachments.holds(digest):
            emit({"digest": digest, "fetched": False}, text=lambda: typer.echo("it is here already"))
            return
        wanted = [member_called(wired, source)] if source else desk.sources(desk.organisation)
        size, who = _fetched(desk, digest, wanted)
        value = {"digest": digest, "fetched": True, "from": who, "bytes": size}
        emit(value, text=lambda: typer.echo(f"{size} bytes came from {who}"))


def _fetched(desk: Desk, digest: str, members: list[Member]) -> tuple[int, str]:
    failures: list[str] = []
    for one in members:
        try:
            with desk.client.stream(one, f"/v1/attachments/{digest}", seconds=3600) as (_, parts):
                return desk.attachments.receive(digest, parts), one.name
        except CantoriaError as error:
            failures.append(error.message)
    raise UnavailableError(f"nobody gave the file {digest}: {'; '.join(failures)[:800]}", "demand it on record")


def _header_before(desk: Desk, index: int) -> int:
    """Return the entry of the header of the batch in which the fact at `index` stands."""
    if not 0 <= index < desk.log.size or fact_of(desk.log.store.entries(index, stop=index + 1)[0]) is None:
        raise InputError(f"entry {index} is no fact", "see `cantoria ledger status` for the log's size")
    start = max(0, index - BATCH_MAX)
    before = desk.log.store.entries(start, stop=index)
    return index - next(n for n, entry in enumerate(reversed(before), 1) if entry[0] == KIND_BATCH)


def _value(wired: WiredData) -> dict[str, Any]:
    desk, name, now = wired.parts.desk, naming(wired), wired.parts.desk.clock()
    peers = [(member, desk.memory.peer(one)) for one, member in sorted(desk.members.items())]
    return {
        "holders": [
            {"batch": index, "author": name(by), "holders": [name(one) for one in holders]}
            for index, by, holders in desk.memory.holders(limit=BATCHES_SHOWN)
        ],
        "awaited": {name(one): count for one, count in desk.memory.awaited().items()},
        "demands": [
            {
                "fact_id": fact_id_text(one.fact_id),
                "by": name(one.asker),
                "of": name(one.of),
                "leaf": _leaf(one),
                "age": age(one.at, now=now),
                "state": _state(one),
            }
            for one in desk.memory.demands(open_only=True)
        ],
        "members": [
            {
                "name": member.name,
                "answered": age(peer.answered_at, now=now) if peer.answered_at else "never",
                "failures": peer.failures,
                "trouble": peer.trouble,
            }
            for member, peer in peers
        ],
        "erasures": [
            {"index": one.index, "reason": one.reason}
            for stage in (Stage.PENDING, Stage.REFUSED)
            for one in desk.memory.erasures(stage)
        ],
        "troubles": [{"duty": duty, "age": age(at, now=now), "why": why} for duty, at, why in desk.memory.troubles()],
    }


def _draw(value: dict[str, Any]) -> None:
    held = [(one["batch"], one["author"], ", ".join(one["holders"])) for one in value["holders"]]
    table("Held together, newest first", ("batch", "by", "holders"), held)
    members = [(one["name"], one["answered"], one["failures"], one["trouble"] or "–") for one in value["members"]]
    table("Members", ("name", "answered", "failures", "trouble"), members, right=(2,))
    if value["awaited"]:
        table("Awaited bodies", ("of", "facts"), sorted(value["awaited"].items()), right=(1,))
    demands = [(one["of"], one["by"], one["leaf"], one["age"], one["state"]) for one in value["demands"]]
    if demands:
        table("Open demands", ("of", "by", "leaf", "age", "state"), demands)
    if value["erasures"]:
        left = [(one["index"], one["reason"] or "not looked at yet") for one in value["erasures"]]
        table("Erasures not carried out", ("entry", "why"), left)
    if value["troubles"]:
        rows = [(one["duty"], one["age"], one["why"]) for one in value["troubles"]]
        table("What the courier cannot do", ("duty", "for", "why"), rows)
    if not demands and not value["awaited"]:
        say("nothing is awaited, nothing is demanded")


def _leaf(one: Demand) -> str:
    return f"line {one.position} of {one.root[:16]}…" if one.root else f"fact {one.position} of entry {one.batch}"


def _state(one: Demand) -> str:
    if one.delivered is not None:
        return one.delivery_trouble
    if one.answered:
        return "answered, to be recorded"
    return one.trouble or "no answer"
