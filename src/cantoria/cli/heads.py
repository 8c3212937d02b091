"""Checkpoints and what lies between two of them: show what such a file proves, and make the proof of growth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cantoria.adapters.files import read_file, write_file
from cantoria.cli.console import emit, lines
from cantoria.cli.pinned import Pinned
from cantoria.cli.state import house
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.ledger import consistency
from cantoria.ledger.notes import NOTE_BYTES_MAX, Checkpoint, unsigned_size
from cantoria.ledger.policy import Cosigned
from cantoria.sdk.verify import standing_behind


def growth(
    old: Annotated[Path, typer.Argument(help="A checkpoint that you kept.", exists=True, dir_okay=False)],
    to: Annotated[Path, typer.Option("--to", help="The file to write.")],
) -> None:
    """Prove that the log only grew since a checkpoint: nothing before it was changed or removed.

    Example: cantoria proof growth checkpoint-of-last-year --to growth.json
    """
    note = _text(read_file(old, bytes_max=NOTE_BYTES_MAX))
    with house() as opened:
        present = opened.engine.checkpoint()
        proof = opened.engine.consistency(unsigned_size(note), size=unsigned_size(present))
    data = consistency.pack(note, present, proof=proof)
    write_file(to, data)
    emit({"file": str(to), "bytes": len(data)}, text=lambda: typer.echo(f"{to}: {len(data)} bytes"))


def is_growth(data: bytes) -> bool:
    """Tell whether a file says that it is a proof of growth; what it is worth, `show_growth` tells."""
    try:
        fields = canonical.decode(data, size_max=consistency.CONSISTENCY_BYTES_MAX)
    except InputError:
        return False
    return isinstance(fields, dict) and fields.get("format") == consistency.FORMAT


def show_growth(data: bytes, given: Pinned) -> None:
    """Verify a proof of growth and tell what it shows."""
    found = consistency.verify(data, policy=given.trust())
    old, new = found.old, found.new.checkpoint
    said = (
        f"The log {new.origin} grew from {old.size} entries (root {old.root.hex()}) to {new.size} "
        f"(root {new.root.hex()}).",
        "Nothing before was changed or removed.",
    )
    value = {"kind": "growth", "old_size": old.size, "old_root": old.root.hex()}
    _emit(value, new, said=said, behind=found.new, given=given)


def show_checkpoint(data: bytes, given: Pinned) -> None:
    """Verify a checkpoint and tell what it shows."""
    found = given.trust().open(_text(data))
    head = found.checkpoint
    said = (f"The log {head.origin} signed its tree of {head.size} entries with root {head.root.hex()}.",)
    _emit({"kind": "checkpoint"}, head, said=said, behind=found, given=given)


def _emit(
    value: dict[str, object], head: Checkpoint, *, said: tuple[str, ...], behind: Cosigned, given: Pinned
) -> None:
    told = {
        "verified": True,
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
        f"{given.what}_fingerprint": given.fingerprint,
        "self_attested": behind.self_attested,
        "witnesses": [{"name": ascii(one.name)[1:-1], "time": one.time} for one in behind.witnesses],
    }
    text = (
        *said,
        *standing_behind(behind.witnesses),
        "Not proven: anything about one entry; that takes a proof of it.",
    )
    emit(value | told, text=lambda: lines(text))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("a checkpoint is text in UTF-8", "fetch it again") from error
