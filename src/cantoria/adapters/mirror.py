"""Copies of a log that somebody else serves, verified on the way in, and verified again offline.

A copy is a folder in the layout of C2SP tlog-tiles. Nothing is written before it is known to be part of the tree whose
root the log signed, and the checkpoint is written last; so a run that was killed is taken up by the next one, which
looks again at what lies beyond the old checkpoint, and takes it from the folder where it is good.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cantoria.adapters.files import sync_folder, write_whole
from cantoria.adapters.tile_sources import FolderSource, TileSource
from cantoria.adapters.verified_tree import VerifiedTree
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger import merkle, tiles
from cantoria.ledger.evidence import Evidence, contradiction
from cantoria.ledger.notes import Checkpoint, merge_signatures, parse_checkpoint, split_note
from cantoria.ledger.policy import Cosigned, Policy, trusting

Step = Callable[[int, int | None], None]
"""Told of progress: (done, of)."""
SYNCED_ALONE_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A copy that holds: what it reaches and who stands behind that, and what it reached before this run."""

    cosigned: Cosigned
    size_before: int


def mirror(source: TileSource, folder: Path, *, policy: Policy, step: Step) -> Mirrored | Evidence:
    """Bring the copy in `folder` up to the newest checkpoint of `source` that `policy` accepts.

    Returns the evidence when the log shows another history than the one copied before. `IntegrityError` names the
    first file that is not part of the signed tree; the copy then stays at its old checkpoint. `UnavailableError` = a
    file is missing or the source cannot be reached: run it again.
    """
    note = _note_of(source)
    opened = policy.open(note)
    copy = FolderSource(folder)
    own = copy.checkpoint()
    before = Checkpoint(opened.checkpoint.origin, 0, merkle.EMPTY_ROOT) if own is None else _own(own, policy)
    if before.origin != opened.checkpoint.origin:
        raise InputError(f"{folder} is a copy of the log {before.origin}", "name another folder")
    if own is not None and (found := _differs(own, note, source=source, copy=copy)) is not None:
        return found
    if own is not None and opened.checkpoint.size < before.size:
        return Mirrored(Cosigned(checkpoint=before, log=opened.log), before.size)
    tree = VerifiedTree(opened.checkpoint, source=source, first=copy)
    with _writing(folder):
        done = 0
        written = []
        for path, data in files_of(tree, above=before.size):
            if _put(folder / path, data):
                written.append(folder / path)
            done += path.startswith("tile/entries/")
            step(done, -(-opened.checkpoint.size // tiles.TILE_WIDTH) - before.size // tiles.TILE_WIDTH)
        _sync(written)  # before the checkpoint that vouches for them
        same = own is not None and before == opened.checkpoint
        write_whole(folder / "checkpoint", (merge_signatures(own or note, note) if same else note).encode())
        _drop_partial(folder, before.size, opened.checkpoint.size)
    return Mirrored(opened, before.size)


def verify_copy(folder: Path, *, policy: Policy, step: Step) -> Cosigned:
    """Verify every file of a copy (or an export) from the signed root down to each entry; offline.

    `IntegrityError` names the first file that is bad, `UnavailableError` the first that is missing.
    """
    copy = FolderSource(folder)
    opened = policy.open(_note_of(copy))
    tree = VerifiedTree(opened.checkpoint, source=copy)
    total = -(-opened.checkpoint.size // tiles.TILE_WIDTH)
    done = 0
    for path, _ in files_of(tree):
        done += path.startswith("tile/entries/")
        step(done, total)
    return opened


def compare(one: TileSource, other: TileSource, *, policy: Policy) -> tuple[Checkpoint, Checkpoint] | Evidence:
    """Compare what a log shows in two places: its two checkpoints, smaller first, when they are of one history.

    Returns the evidence when they contradict each other. Where the sizes differ, the place of the larger checkpoint
    must have tiles, else `UnavailableError`.
    """
    # Each is asked once: one that says another size every time would have them compared for ever.
    shown = [(_own(note, policy), note, source) for source in (one, other) for note in [_note_of(source)]]
    (first, smaller, _), (second, larger, source) = sorted(shown, key=lambda place: place[0].size)
    if first.origin != second.origin:
        raise InputError(f"these are two logs: {first.origin} and {second.origin}", "compare what one log shows")
    same = first.size == second.size
    found = contradiction(smaller, larger) if same else _outgrown(smaller, larger, source=source)
    return found or (first, second)


def files_of(tree: VerifiedTree, *, above: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield (path, content) of every file of the tree that a tree of `above` entries lacks, verified, upper tiles first
    and each bundle of entries before its tile."""
    levels = 0
    while tree.checkpoint.size >> (tiles.TILE_HEIGHT * levels):
        levels += 1
    for level in reversed(range(levels)):
        shift = tiles.TILE_HEIGHT * level
        numbers = range((above >> shift) // tiles.TILE_WIDTH, -(-(tree.checkpoint.size >> shift) // tiles.TILE_WIDTH))
        for number in numbers:
            width = tree.width(level, number)
            if level == 0:
                yield tiles.entries_path(number, width=width), tree.entries(number)
            yield tiles.tile_path(level, number, width=width), tree.tile(level, number)


def _differs(own: str, note: str, *, source: TileSource, copy: TileSource) -> Evidence | None:
    """Return the evidence when the copy's checkpoint and the source's are of two histories."""
    mine, theirs = (parse_checkpoint(split_note(one)[0]) for one in (own, note))
    if mine.size == theirs.size:
        return contradiction(own, note)
    return _outgrown(own, note, source=source) if mine.size < theirs.size else _outgrown(note, own, source=copy)


def _outgrown(smaller: str, larger: str, *, source: TileSource) -> Evidence | None:
    """Return the evidence when the tree of the larger checkpoint, which `source` has, does not begin as the smaller."""
    first, second = (parse_checkpoint(split_note(note)[0]) for note in (smaller, larger))
    if first.size == 0:
        return None
    tree = VerifiedTree(second, source=source)
    root = tree.root_at(first.size)
    return None if root == first.root else Evidence(smaller, larger, root, tuple(tree.growth_from(first.size)))


def _own(note: str, policy: Policy) -> Checkpoint:
    """Return a checkpoint that the log signed; whether the policy's quorum cosigned it does not matter here."""
    return trusting(*(log.key for log in policy.logs)).open(note).checkpoint


def _note_of(source: TileSource) -> str:
    note = source.checkpoint()
    if note is None:
        raise UnavailableError(f"{source.name} has no checkpoint", "name a log's address or folder")
    return note


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Make the folder where it is absent; turn the failures of its disk into `UnavailableError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise UnavailableError(f"cannot write to {folder}: {error}", "free space, then run it again") from error


def _put(path: Path, data: bytes) -> bool:
    """Write a file whole, unless it says the same already; tell whether it was written. It is not yet durable."""
    with suppress(FileNotFoundError):
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return True


def _sync(written: Sequence[Path]) -> None:
    """Bring these files and their names to disk; many of them by one call for the whole machine, which is faster."""
    if len(written) > SYNCED_ALONE_MAX:
        os.sync()
        return
    for path in [*written, *sorted({path.parent for path in written})]:
        sync_folder(path)


def _drop_partial(folder: Path, before: int, size: int) -> None:
    """Remove the partial files of the tree before, where whole ones or wider ones have taken their place."""
    level = 0
    while before >> (tiles.TILE_HEIGHT * level):
        number, width = divmod(before >> (tiles.TILE_HEIGHT * level), tiles.TILE_WIDTH)
        if width and size >> (tiles.TILE_HEIGHT * level) != before >> (tiles.TILE_HEIGHT * level):
            paths = [tiles.tile_path(level, number, width=width)]
            paths += [tiles.entries_path(number, width=width)] if level == 0 else []
            for path in paths:
                (folder / path).unlink(missing_ok=True)
                with suppress(OSError):  # not empty: a wider partial file lies beside it
                    (folder / path).parent.rmdir()
        level += 1
