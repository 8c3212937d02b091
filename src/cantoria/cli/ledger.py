"""`cantoria ledger …`: the log itself."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from cantoria import ledger
from cantoria.adapters.tile_export import export_tiles
from cantoria.app import erasure
from cantoria.bootstrap.house import BULK_FOLDER, SEARCH_FILE, create
from cantoria.bootstrap.settings import read
from cantoria.cli import publishing
from cantoria.cli.console import emit, progress, say, table
from cantoria.cli.pinned import KeyOption, PolicyOption, pinned
from cantoria.cli.state import author, house, state
from cantoria.sdk.verify import fingerprint

app = typer.Typer(no_args_is_help=True, help="The log itself: keep it, verify it, publish it, have it witnessed.")
for _command in (publishing.serve, publishing.cosign, publishing.mirror):
    app.command()(_command)


@app.command()
def init(
    origin: Annotated[str, typer.Option(help="The log's name, without scheme, such as rights.example.org/log.")],
    store: Annotated[str, typer.Option(help="sqlite, or a postgresql+psycopg:// address.")] = "sqlite",
) -> None:
    """Make a new house: settings, the log's key and an empty ledger in the --home folder.

    Example: cantoria --home world ledger init --origin rights.example.org/log
    """
    opened = create(state.home, origin=origin, store=store)
    try:
        (state.home / "log.vkey").write_text(opened.engine.vkey + "\n", encoding="ascii")
        value = {"home": str(state.home), "vkey": opened.engine.vkey, "fingerprint": fingerprint(opened.engine.vkey)}
        emit(value, text=lambda: typer.echo(opened.engine.vkey))
        say(f"key fingerprint {value['fingerprint']}: publish it, verifiers compare it")
    finally:
        opened.close()


@app.command()
def status() -> None:
    """Show the size, root and newest checkpoint, and how many facts of each type there are.

    Example: cantoria ledger status
    """
    with house() as opened:
        note = opened.engine.checkpoint()
        checkpoint = ledger.open_checkpoint(note, key=ledger.parse_vkey(opened.engine.vkey))
        counts, unreadable = opened.index.counts(), opened.index.unreadable()
        value = {
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "vkey": opened.engine.vkey,
            "facts": counts,
            "unreadable": [{"index": index, "reason": reason} for index, reason in unreadable],
            "awaited": opened.index.awaited(),
        }

        def text() -> None:
            typer.echo(note)
            table("Facts", ("type", "count"), sorted(counts.items()), right=(1,))
            if unreadable:
                table("Without effect: the body cannot be read", ("entry", "why"), unreadable)
            if value["awaited"]:
                say(f"{value['awaited']} facts have no effect until their bodies arrive: see `cantoria holding list`")

        emit(value, text=text)


@app.command()
def verify(
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="A mirror or an export to verify in place of the house.", file_okay=False),
    ] = None,
    key: KeyOption = None,
    policy: PolicyOption = None,
) -> None:
    """Recompute the whole log from its entries: tree, signatures, authorisation, bodies. Exit 3 when anything differs.

    With --folder: verify every tile and entry of a copy against the checkpoint that the log signed, offline.

    Example: cantoria ledger verify
    """
    if folder is not None:
        publishing.verify_folder(folder, pinned(key, policy))
        return
    with house() as opened:
        say("recomputing every leaf, signature and body …")
        audit = opened.engine.verify_deep()
        value = {name: _plain(getattr(audit, name)) for name in audit.__slots__}
        emit(value, text=lambda: typer.echo("the ledger holds: " + ", ".join(f"{k} {v}" for k, v in value.items())))


@app.command()
def export(folder: Annotated[Path, typer.Argument(help="Where to write checkpoint and tile/…")]) -> None:
    """Write the log as static files (C2SP tlog-tiles) that any web server or mirror can serve.

    Example: cantoria ledger export public/
    """
    with house() as opened:
        export_tiles(opened.engine.store, folder)
        size = opened.engine.size
        emit({"folder": str(folder), "size": size}, text=lambda: say(f"wrote {size} entries as tiles to {folder}"))


@app.command()
def rebuild() -> None:
    """Throw away every view and build it again from the log.

    Example: cantoria ledger rebuild
    """
    read(state.home)  # only where there is a house
    for name in ("views.db", SEARCH_FILE):
        for suffix in ("", "-wal", "-shm"):
            (state.home / f"{name}{suffix}").unlink(missing_ok=True)
    shutil.rmtree(state.home / BULK_FOLDER, ignore_errors=True)
    with house() as opened, progress("Rebuilding", total=opened.engine.size) as step:
        opened.index.catch_up(step)
        size = opened.search.catch_up(step)
        emit({"size": size}, text=lambda: typer.echo(f"views rebuilt as of size {size}"))


@app.command()
def erase(
    fact_id: Annotated[str, typer.Argument(help="The fact whose body is to be destroyed.")],
    basis: Annotated[str, typer.Option(help="The legal ground, such as objection or consent_withdrawn.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, but record nothing.")] = False,
) -> None:
    """Destroy the body and salt of a fact. Its leaf and all proofs stay; a refusal keeps its effect by a tombstone.

    Example: cantoria ledger erase 01a1fa96-4c98-7007-8f33-1fe11e1780e2 --basis objection
    """
    with house() as opened:
        done = erasure.erase(opened, fact_id, basis=basis, author=author(opened), dry_run=dry_run)
        emit(done, text=lambda: typer.echo(done["said"]))


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return value if isinstance(value, int | str) else str(value)
