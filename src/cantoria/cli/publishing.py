"""`cantoria ledger serve | cosign | mirror`: the log in public, its witnesses, and copies of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from cantoria.adapters.files import read_file, write_file
from cantoria.adapters.http.serving import serve as serve_app
from cantoria.adapters.http.tile_client import HttpSource
from cantoria.adapters.http.tile_server import tile_app
from cantoria.adapters.http.witness_client import Reply, collect, cosigned_before
from cantoria.adapters.mirror import mirror as mirror_log
from cantoria.adapters.mirror import verify_copy
from cantoria.adapters.tile_sources import FolderSource, StoreSource, TileSource
from cantoria.bootstrap.house import open_store
from cantoria.cli.console import emit, progress, say, table
from cantoria.cli.pinned import KeyOption, Pinned, PolicyOption, pinned
from cantoria.cli.state import house, state
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.ledger.cosignatures import add_cosignatures, cosignatures_of
from cantoria.ledger.evidence import Evidence
from cantoria.ledger.notes import split_note
from cantoria.ledger.policy import POLICY_BYTES_MAX, Cosigned, Policy, parse_policy

PORT: Final = 8710
CHECKPOINTS_MAX: Final = 1_000
"""How many checkpoints of one's own are looked at for what each witness cosigned last."""
_EVIDENCE: Final = "split-view.json"

HostOption = Annotated[str, typer.Option("--host", help="The address to listen on.")]


def serve(
    host: HostOption = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="0 takes a free one.", min=0, max=65_535)] = PORT,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Serve a mirror or an export in place of the house.", file_okay=False),
    ] = None,
) -> None:
    """Serve the log over HTTP, read only, as tiles that anyone can mirror and verify (C2SP tlog-tiles). Ctrl-C ends it.

    Example: cantoria ledger serve --port 8710
    """
    if folder is not None:
        _serve(FolderSource(folder), host=host, port=port)
        return
    store = open_store(state.home)
    try:
        _serve(StoreSource(store), host=host, port=port)
    finally:
        store.close()


def cosign(
    policy: Annotated[Path, typer.Option("--policy", help="Names the witnesses.", exists=True, dir_okay=False)],
    seconds: Annotated[float, typer.Option("--seconds", help="How long each may take.", min=0.1, max=300)] = 10.0,
) -> None:
    """Ask the witnesses of a policy to cosign the newest checkpoint; proofs carry it from then on.

    A witness that is down is said, and what the others gave is kept. Exit 4 while the quorum is not reached, 3 when a
    witness knows another history.

    Example: cantoria ledger cosign --policy consortium.policy
    """
    chosen = parse_policy(read_file(policy, bytes_max=POLICY_BYTES_MAX))
    with house() as opened:
        engine = opened.operator
        note = engine.checkpoint()
        text, _ = split_note(note)
        size = int(text.split("\n")[1])
        with progress(f"Asking {len(chosen.witnesses)} witnesses"):
            before = cosigned_before(engine.store.checkpoints(limit=CHECKPOINTS_MAX), chosen)
            prove = partial(engine.consistency, size=size)
            replies = collect(note, chosen, prove=prove, seconds=seconds, before=before)
        note = add_cosignatures(note, "".join(reply.lines for reply in replies))
        engine.store.save_checkpoint(size, note=note)
    _report(chosen, replies, note=note, size=size)


def mirror(
    source: Annotated[str, typer.Argument(help="The log's address, or a folder it was exported to.")],
    folder: Annotated[Path, typer.Argument(help="Where the copy is, or is to be made.", file_okay=False)],
    key: KeyOption = None,
    policy: PolicyOption = None,
) -> None:
    """Copy a log that somebody else serves, verifying all of it; run it again to bring the copy up to date.

    Exit 3 names the first file that is not part of the signed tree, or writes the evidence when the log shows another
    history than the one copied before. `cantoria ledger verify --folder` verifies a copy again, offline.

    Example: cantoria ledger mirror https://rights.example.org/log copy --key log.vkey
    """
    trusted = pinned(key, policy).trust()
    with source_named(source) as opened, progress("Mirroring") as step:
        found = mirror_log(opened, folder, policy=trusted, step=step)
    if isinstance(found, Evidence):
        raise split_view(found, folder / _EVIDENCE)
    checkpoint = found.cosigned.checkpoint
    value = {
        **_tree(found.cosigned),
        "folder": str(folder),
        "size_before": found.size_before,
    }
    more = checkpoint.size - found.size_before
    emit(value, text=lambda: typer.echo(f"{folder}: {checkpoint.size} entries, {more} of them new, all verified"))


def verify_folder(folder: Path, given: Pinned) -> None:
    """Verify a mirror or an export offline, and say what it is."""
    with progress("Verifying") as step:
        opened = verify_copy(folder, policy=given.trust(), step=step)
    checkpoint = opened.checkpoint
    value = {**_tree(opened), "folder": str(folder)}
    emit(value, text=lambda: typer.echo(f"the copy holds: {checkpoint.size} entries, root {checkpoint.root.hex()}"))


@contextmanager
def source_named(source: str) -> Iterator[TileSource]:
    """Yield a log at an address, in a folder, or known by one checkpoint kept in a file."""
    if source.startswith(("http://", "https://")):
        remote = HttpSource(source)
        try:
            yield remote
        finally:
            remote.close()
        return
    path = Path(source)
    if path.is_dir():
        yield FolderSource(path)
    elif path.is_file():
        yield FolderSource(path.parent, checkpoint=path.name)
    else:
        raise InputError(f"{source!r:.200} is no address, folder or file", "write an address as https://host/path")


def split_view(found: Evidence, path: Path) -> IntegrityError:
    """Keep evidence of two faces at `path` and return the error that tells of it."""
    write_file(path, found.pack())
    return IntegrityError(
        f"the log has shown two faces: the evidence is in {path}",
        f"keep it, and let others check it: cantoria proof verify {path} --key log.vkey",
    )


def _serve(source: TileSource, *, host: str, port: int) -> None:
    def ready(address: str) -> None:
        typer.echo(address)
        say(f"serving {source.name} at {address}: /checkpoint and /tile/…; Ctrl-C ends it")

    serve_app(tile_app(source), host=host, port=port, ready=ready)


def _report(policy: Policy, replies: tuple[Reply, ...], *, note: str, size: int) -> None:
    text, lines = split_note(note)
    times = {one.key: one.time for one in cosignatures_of(text, lines, keys=[one.key for one in policy.witnesses])}
    problems = {reply.witness.name: reply.problem for reply in replies if reply.problem}
    names = [one.name for one in policy.witnesses if one.key in times]
    rows = [
        (one.name, "cosigned" if one.key in times else "no", problems.get(one.name, "" if one.url else "no address"))
        for one in policy.witnesses
    ]
    value = {
        "size": size,
        "cosigned": {one.name: times[one.key] for one in policy.witnesses if one.key in times},
        "problems": problems,
        "quorum": policy.reached(names),
    }
    emit(value, text=lambda: table(f"Cosignatures of size {size}", ("witness", "cosigned", "problem"), rows))
    alarms = [f"{reply.witness.name}: {reply.problem}" for reply in replies if reply.alarming]
    if alarms:
        raise IntegrityError("; ".join(alarms), "do not go on before you know why")
    if not policy.reached(names):
        raise UnavailableError(
            f"the quorum {policy.quorum!r} is not reached", "what was given is kept: ask again later"
        )


def _tree(opened: Cosigned) -> dict[str, object]:
    checkpoint = opened.checkpoint
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "witnesses": [{"name": one.name, "time": one.time} for one in opened.witnesses],
    }
