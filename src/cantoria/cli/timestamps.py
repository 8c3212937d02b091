"""`cantoria proof timestamp-…`: an authority's time stamp over a checkpoint. We ask nobody: the person sends it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from cantoria.adapters.files import read_file, write_file
from cantoria.adapters.timestamps import (
    RESPONSE_BYTES_MAX,
    ROOTS_BYTES_MAX,
    TimeStamp,
    check_response,
    make_request,
)
from cantoria.cli.console import emit, lines
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.periods import format_moment
from cantoria.ledger.notes import NOTE_BYTES_MAX, Checkpoint, parse_checkpoint, split_note

NOT_PROVEN: Final = "Not proven: who signed the checkpoint. Verify it under the log's key or a policy."

Note = Annotated[Path, typer.Argument(help="The signed checkpoint.", exists=True, dir_okay=False)]


def request(
    checkpoint: Note,
    to: Annotated[Path, typer.Option("--to", help="The query to write (.tsq).")],
) -> None:
    """Write a query for a trusted time stamp (RFC 3161) over a checkpoint. Send it to an authority of your choice.

    Example: cantoria proof timestamp-request checkpoint --to checkpoint.tsq
    """
    data = read_file(checkpoint, bytes_max=NOTE_BYTES_MAX)
    _head(data)
    query = make_request(data)
    write_file(to, query)
    emit({"file": str(to), "bytes": len(query)}, text=lambda: typer.echo(f"{to}: {len(query)} bytes"))


def verify(
    checkpoint: Note,
    response: Annotated[Path, typer.Argument(help="The authority's answer (.tsr).", exists=True, dir_okay=False)],
    roots: Annotated[
        Path, typer.Option("--roots", help="The root certificates you trust (PEM).", exists=True, dir_okay=False)
    ],
) -> None:
    """Verify a trusted time stamp (RFC 3161) over a checkpoint, offline. Exit 3 when it fails.

    Example: cantoria proof timestamp-verify checkpoint checkpoint.tsr --roots authority.pem
    """
    data = read_file(checkpoint, bytes_max=NOTE_BYTES_MAX)
    try:
        head = _head(data)
    except InputError as error:
        raise IntegrityError(f"{checkpoint.name} is no checkpoint: {error.message}", error.remedy) from error
    answer = read_file(response, bytes_max=RESPONSE_BYTES_MAX)
    stamp = check_response(answer, data=data, roots=read_file(roots, bytes_max=ROOTS_BYTES_MAX))
    value = {
        "verified": True,
        "time": format_moment(stamp.time),
        "accuracy_us": stamp.accuracy,
        "authority": stamp.authority,
        "policy": stamp.policy,
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
    }
    emit(value, text=lambda: _say(stamp, head))


def _head(data: bytes) -> Checkpoint:
    """Return the tree head in the bytes of a note; its signatures are not looked at."""
    try:
        return parse_checkpoint(split_note(data.decode("utf-8"))[0])
    except UnicodeDecodeError as error:
        raise InputError("the checkpoint is not UTF-8", "fetch it again") from error


def _say(stamp: TimeStamp, head: Checkpoint) -> None:
    near = f", within {stamp.accuracy} µs" if stamp.accuracy is not None else ""
    lines(
        (
            f"{stamp.authority} saw these bytes at {format_moment(stamp.time)}{near}.",
            f"They state that the log {head.origin} has {head.size} entries with root {head.root.hex()}.",
            "Whatever that root covers was in the log before.",
            NOT_PROVEN,
        )
    )
