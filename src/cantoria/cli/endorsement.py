"""`cantoria endorsement …`: stand behind other members' batches, or not; and see what waits for theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cantoria.adapters.parcel import unpack_parcel
from cantoria.adapters.sqlite.holdings import Endorsement
from cantoria.cli.console import emit, say, table, would
from cantoria.cli.data_words import age, key_beginning, naming, node_data, types_in
from cantoria.kernel.codec import to_json
from cantoria.kernel.errors import CantoriaError, InputError, UnavailableError

if TYPE_CHECKING:
    from cantoria.bootstrap.data import WiredData

app = typer.Typer(no_args_is_help=True, help="Stand behind other members' facts: list, show, approve, refuse, send.")
Key = Annotated[str, typer.Argument(help="The batch, or an unmistakable beginning of its key.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check, but change nothing.")]


@app.command("list")
def show_all() -> None:
    """List the requests of other members, and this house's own batches that wait to be attested.

    Example: cantoria endorsement list
    """
    with node_data() as wired:
        name, now = naming(wired), wired.parts.desk.clock()
        asked = [_request(one, wired) for one in wired.parts.holder.holdings.endorsements()]
        own = [
            {
                "key": key.hex(),
                "facts": types_in(batch),
                "sealed": age(int.from_bytes(batch.header[63:71], "big"), now=now),
            }
            for key, batch in wired.parts.pending.batches().items()
        ]

        def text() -> None:
            rows = [(one["key"][:16], one["by"], one["facts"], one["age"], one["stage"]) for one in asked]
            table("Asked of us", ("batch", "by", "facts", "asked", "stage"), rows)
            waiting = [(one["key"][:16], one["facts"], one["sealed"]) for one in own]
            table("Our own that wait", ("batch", "facts", "sealed"), waiting)
            if waiting:
                say("`cantoria endorsement send` asks again and sends those that are complete")

        emit({"asked": asked, "own": own, "as": name(wired.parts.desk.organisation)}, text=text)


@app.command()
def show(key: Key) -> None:
    """Show the facts of a batch that waits, so that a person can judge them.

    Example: cantoria endorsement show 7f3a90c1
    """
    from cantoria.adapters.holder import facts_of

    with node_data() as wired:
        found = _asked(wired, key)
        if found.parcel is None:
            raise InputError("the batch is recorded already", "look it up in the ledger")
        facts = [{"type": one.TYPE.name, "body": to_json(one)} for one in facts_of(unpack_parcel(found.parcel))]

        def text() -> None:
            for one in facts:
                typer.echo(f"{one['type']}: {one['body']}")

        emit({**_request(found, wired), "bodies": facts}, text=text)


@app.command()
def approve(key: Key, dry_run: DryRun = False) -> None:
    """Endorse a batch in the name of this organisation. Its author gets the signature when it asks next.

    Example: cantoria endorsement approve 7f3a90c1
    """
    with node_data() as wired:
        found = _asked(wired, key)
        if dry_run:
            would(f"endorse batch {found.key.hex()[:16]}")
            return
        done = wired.parts.holder.approve(found.key)
        emit(_request(done, wired), text=lambda: typer.echo(f"endorsed batch {done.key.hex()[:16]}"))


@app.command()
def refuse(
    key: Key,
    reason: Annotated[str, typer.Option("--reason", help="Why; its author is told.")],
    dry_run: DryRun = False,
) -> None:
    """Refuse to endorse a batch, for good.

    Example: cantoria endorsement refuse 7f3a90c1 --reason "the shares add up to 110 %"
    """
    with node_data() as wired:
        found = _asked(wired, key)
        if dry_run:
            would(f"refuse batch {found.key.hex()[:16]}")
            return
        done = wired.parts.holder.refuse(found.key, reason=reason)
        emit(_request(done, wired), text=lambda: typer.echo(f"refused batch {done.key.hex()[:16]}"))


@app.command()
def send() -> None:
    """Ask once more for what this house's waiting batches lack, and queue those that are complete.

    Exit 4 when some still wait. Sending again changes nothing.

    Example: cantoria endorsement send
    """
    with node_data() as wired:
        queued: list[str] = []
        waiting: dict[str, str] = {}
        for key, batch in wired.parts.pending.batches().items():
            if wired.parts.intake.outcome(key) is None:
                try:
                    wired.parts.intake.put([wired.attester(batch, wired.parts.desk.log.state())])
                except CantoriaError as error:
                    waiting[key.hex()] = str(error)
                    continue
            wired.parts.pending.drop(key)
            queued.append(key.hex())

        def text() -> None:
            typer.echo(f"{len(queued)} queued, {len(waiting)} waiting")
            for key, why in waiting.items():
                say(f"{key[:16]}: {why}")

        emit({"queued": queued, "waiting": waiting}, text=text)
        if waiting:
            raise UnavailableError(f"{len(waiting)} batches still wait for other members", "send again later")


@app.command()
def drop(key: Key, dry_run: DryRun = False) -> None:
    """Give up a batch of this house that waits: it will never be recorded.

    Example: cantoria endorsement drop 7f3a90c1
    """
    with node_data() as wired:
        found = key_beginning(key, wired.parts.pending.keys())
        if dry_run:
            would(f"give up batch {found.hex()[:16]}")
            return
        if wired.parts.intake.outcome(found) is not None:
            raise InputError("the batch is queued or recorded already", "it cannot be taken back")
        wired.parts.pending.drop(found)
        emit({"dropped": found.hex()}, text=lambda: typer.echo(f"gave up batch {found.hex()[:16]}"))


def _asked(wired: WiredData, text: str) -> Endorsement:
    requests = {one.key: one for one in wired.parts.holder.holdings.endorsements()}
    return requests[key_beginning(text, requests)]


def _request(one: Endorsement, wired: WiredData) -> dict[str, Any]:
    facts = types_in(unpack_parcel(one.parcel)) if one.parcel is not None else "recorded"
    return {
        "key": one.key.hex(),
        "by": naming(wired)(one.asker),
        "facts": facts,
        "age": age(one.at, now=wired.parts.desk.clock()),
        "stage": one.stage.name.lower(),
        "reason": one.reason,
    }
