"""`cantoria snapshot …`: publish the rights as a signed snapshot, refresh it, verify it, carry it elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cantoria.adapters.files import read_file
from cantoria.adapters.snapshot_pull import FolderSource, HttpSnapshots, Pulled, pull, write_delta
from cantoria.adapters.snapshots import SnapshotFolder, read_parts
from cantoria.app import snapshots
from cantoria.app.snapshots import Made
from cantoria.bootstrap.house import WiredHouse
from cantoria.clearance import published
from cantoria.clearance.published import Opened
from cantoria.cli.console import emit, progress, say, table
from cantoria.cli.pinned import KEY_BYTES_MAX
from cantoria.cli.state import author, house, state
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import format_moment
from cantoria.ledger.notes import NoteKey, parse_vkey

app = typer.Typer(
    no_args_is_help=True, help="Snapshots of the rights: signed files by which anyone clears offline and in private."
)
DIR = Annotated[Path, typer.Argument(help="The folder of the snapshot.", file_okay=False)]
KEY = Annotated[
    Path | None,
    typer.Option("--key", help="The log's public key (log.vkey); that of the house without.", exists=True),
]
UNRECORDED = Annotated[bool, typer.Option("--unrecorded", help="Write it, but record nothing on the ledger.")]
ADDRESS: Final = ("http://", "https://")


@app.command()
def build(folder: DIR, unrecorded: UNRECORDED = False) -> None:
    """Make a snapshot of all rights as of now, sign it with the log's key, and record its digest on the ledger.

    A snapshot that the folder has already stays whole until the new one is, and is replaced then.

    Example: cantoria --as society snapshot build public/snapshot
    """
    _make(folder, "build", unrecorded=unrecorded)


@app.command()
def refresh(folder: DIR, unrecorded: UNRECORDED = False) -> None:
    """Bring a snapshot up to date: what facts since then touch becomes a new generation of its files.

    After many generations they are put together into one. Without a snapshot in the folder, one is built.

    Example: cantoria --as society snapshot refresh public/snapshot
    """
    _make(folder, "refresh", unrecorded=unrecorded)


@app.command()
def compact(folder: DIR, unrecorded: UNRECORDED = False) -> None:
    """Put the generations of a snapshot together into one; its numbers, its size and its moment stay.

    Example: cantoria --as society snapshot compact public/snapshot
    """
    _make(folder, "compact", unrecorded=unrecorded)


@app.command()
def show(folder: DIR, key: KEY = None) -> None:
    """Show what a snapshot is of, until when it answers, and its tables. Its signature is checked, its files are not.

    Example: cantoria snapshot show public/snapshot --key log.vkey
    """
    opened = SnapshotFolder(folder, keys=keys_of(key)).head()

    def text() -> None:
        _say_head(opened)
        rows = [
            (entry.table, entry.generation, f"{entry.rows:,}", f"{entry.bytes:,}", entry.sha256[:16])
            for entry in opened.head.files
        ]
        table("Files", ("table", "generation", "rows", "bytes", "sha256"), rows, right=(1, 2, 3))

    emit(value_of(opened), text=text)


@app.command()
def verify(folder: DIR, key: KEY = None) -> None:
    """Verify a snapshot: the signature of its head, its checkpoint, and every byte of every file. Exit 3 when anything
    differs.

    Example: cantoria snapshot verify snapshot/ --key log.vkey
    """
    with progress("Verifying") as step:
        opened = SnapshotFolder(folder, keys=keys_of(key)).open(step)

    emit(value_of(opened) | {"verified": True}, text=lambda: _say_head(opened))
    say(f"every file of {opened.id} is the one that was signed")


@app.command()
def delta(
    held: Annotated[Path, typer.Argument(help="The snapshot that somebody has: its folder or its snapshot.json.")],
    folder: Annotated[Path, typer.Argument(help="The folder of the newer snapshot.", file_okay=False)],
    to: Annotated[Path, typer.Option("--to", help="The new folder for the delta.")],
    key: KEY = None,
) -> None:
    """Write what somebody with one snapshot needs to have a newer one: the files that are new, and the signed head.

    Example: cantoria snapshot delta old/snapshot.json public/snapshot --to delta/
    """
    with progress("Writing the delta"):
        made = write_delta(_head_at(held), SnapshotFolder(folder, keys=keys_of(key)), to)
    _show_pulled(made, "in the delta")


@app.command()
def apply(
    changes: Annotated[Path, typer.Argument(help="The folder of a delta.", exists=True, file_okay=False)],
    folder: DIR,
    key: KEY = None,
) -> None:
    """Apply a delta to a snapshot: afterwards it is the newer one, verified; a crash leaves the older one whole.

    Example: cantoria snapshot apply delta/ snapshot/ --key log.vkey
    """
    _pull(FolderSource(changes), folder, key)


@app.command("pull")
def pull_(
    source: Annotated[str, typer.Argument(help="An address such as https://rights.example.org, or a folder.")],
    folder: DIR,
    key: KEY = None,
) -> None:
    """Bring the newest snapshot from an address or a folder: only what is not here yet, resumed where it broke off.

    Example: cantoria snapshot pull https://rights.example.org snapshot/ --key log.vkey
    """
    if not source.startswith(ADDRESS):
        _pull(FolderSource(Path(source)), folder, key)
        return
    remote = HttpSnapshots(source)
    try:
        _pull(remote, folder, key)
    finally:
        remote.close()


def _pull(source: FolderSource | HttpSnapshots, folder: Path, key: Path | None) -> None:
    with progress("Fetching") as step:
        done = pull(source, SnapshotFolder(folder, keys=keys_of(key)), step=step)
    _show_pulled(done, "fetched")


def _make(folder: Path, how: str, *, unrecorded: bool) -> None:
    with house() as opened:
        who = None if unrecorded else author(opened)
        store, signer = SnapshotFolder(folder, keys=[house_key(opened)]), opened.keys.log_signer()
        making = {
            "build": snapshots.build_snapshot,
            "refresh": snapshots.refresh_snapshot,
            "compact": snapshots.compact_snapshot,
        }
        with progress(f"Making the snapshot ({how})") as step:
            made = making[how](opened, store, signer=signer, step=step)
        receipt = snapshots.bind(opened, made.opened, author=who) if who else None
    _show_made(made, recorded=receipt.index if receipt else None)


def house_key(opened: WiredHouse) -> NoteKey:
    """Return the key by which the log of a house signs."""
    return parse_vkey(opened.engine.vkey)


def keys_of(key: Path | None) -> list[NoteKey]:
    """Return the key that was pinned, else that of the house of this run."""
    if key is not None:
        return [parse_vkey(read_file(key, bytes_max=KEY_BYTES_MAX).decode("utf-8", "replace"))]
    path = state.home / "log.vkey"
    if not path.exists():
        raise InputError("by whose key should the snapshot be signed?", "give --key log.vkey, the log's public key")
    return [parse_vkey(read_file(path, bytes_max=KEY_BYTES_MAX).decode("utf-8", "replace"))]


def _head_at(path: Path) -> published.Head:
    if path.is_dir():
        return published.parse_head(read_parts(path).head)
    return published.parse_head(read_file(path, bytes_max=published.HEAD_BYTES_MAX))


def value_of(opened: Opened) -> dict[str, Any]:
    """Return what a snapshot is as a JSON value."""
    head = opened.head
    value: dict[str, Any] = published.head_value(head)
    return value | {
        "snapshot": opened.id,
        "at": format_moment(head.at),
        "until": format_moment(head.until),
        "files": len(head.files),
        "bytes": head.bytes,
        "rows": head.rows,
    }


def _say_head(opened: Opened) -> None:
    head = opened.head
    typer.echo(f"{opened.id} of {head.origin}, as of ledger size {head.size}")
    typer.echo(f"answers requests from {format_moment(head.at)} to before {format_moment(head.until)}")
    typer.echo(f"generation {head.generation}, {len(head.files)} files, {head.bytes:,} bytes")


def _show_made(made: Made, *, recorded: int | None) -> None:
    value = value_of(made.opened) | {
        "full": made.full,
        "new_files": [entry.name for entry in made.files],
        "new_bytes": sum(entry.bytes for entry in made.files),
        "recorded": recorded,
    }

    def text() -> None:
        _say_head(made.opened)
        typer.echo(f"{len(made.files)} files are new, {value['new_bytes']:,} bytes")

    emit(value, text=text)
    say("not recorded" if recorded is None else f"recorded as entry {recorded}")


def _show_pulled(done: Pulled, how: str) -> None:
    value = value_of(done.opened) | {"fetched": [entry.name for entry in done.files], "fetched_bytes": done.bytes}

    def text() -> None:
        _say_head(done.opened)
        typer.echo(f"{len(done.files)} files {how}, {done.bytes:,} bytes")

    emit(value, text=text)
