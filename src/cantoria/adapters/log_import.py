"""Taking a whole log in from somebody's copy: every entry is admitted again from nothing, nothing is taken on trust.

The copy is a folder as `tile_export` writes it, or a mirror keeps it (C2SP tlog-tiles). Bodies are no part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from cantoria.adapters.files import read_file
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.facts import FactType
from cantoria.ledger import tiles
from cantoria.ledger.facts import BODY_ERASED
from cantoria.ledger.machine import Applied, Block, Machine, Rejected
from cantoria.ledger.ports import Head, LedgerStore, Write
from cantoria.ledger.replay import items_of
from cantoria.ledger.state import State
from cantoria.ledger.tiles import Edge

_BUNDLE_BYTES_MAX: Final = tiles.TILE_WIDTH * (tiles.ENTRY_BYTES_MAX + 2)
_ITEMS_AT_ONCE: Final = 200


def log_entries(folder: Path, *, size: int) -> Iterator[bytes]:
    """Yield the first `size` entries of the copy in `folder`; `InputError` where it lacks one."""
    for number in range(-(-size // tiles.TILE_WIDTH)):
        width = min(size - number * tiles.TILE_WIDTH, tiles.TILE_WIDTH)
        entries = tiles.unpack_entries(_bundle(folder, number, width=width))
        if len(entries) < width:
            raise InputError(f"bundle {number} of the copy has {len(entries)} entries, not {width}", "export it again")
        yield from entries[:width]


def _bundle(folder: Path, number: int, *, width: int) -> bytes:
    """Return a bundle of at least `width` entries: the whole one, or the narrowest that is wide enough."""
    whole = folder / tiles.entries_path(number)
    partial = whole.with_name(f"{whole.name}.p")
    widths = sorted(int(one.name) for one in partial.glob("*") if one.name.isdigit()) if partial.is_dir() else []
    names = [whole, *(partial / str(one) for one in widths if one >= width)]
    for path in names:
        if path.exists():
            return read_file(path, bytes_max=_BUNDLE_BYTES_MAX)
    raise InputError(f"the copy in {folder} lacks {tiles.entries_path(number, width=width)}", "export the log again")


def import_log(store: LedgerStore, entries: Iterable[bytes], *, types: Mapping[int, FactType]) -> State:
    """Admit all entries, in order, into an empty store and return the state that they lead to.

    Raises `IntegrityError` for the first that would not be admitted. Claimed times were judged when the entries were
    first admitted. No checkpoint is stored: whoever calls has compared the root first.
    """
    if store.head() != Head():
        raise InputError("the store has entries already", "import into an empty one")
    newest = b""

    def seen(fact_ids: Sequence[bytes]) -> set[bytes]:
        return store.seen(fact_ids) if min(fact_ids) <= newest else set()

    machine = Machine({BODY_ERASED.tag: BODY_ERASED, **types}, seen=seen)
    edge = Edge()
    items = items_of(entries)
    while part := tuple(islice(items, _ITEMS_AT_ONCE)):
        applied = machine.apply(Block(part, None))
        _require_admitted(applied)
        edge = _store(store, applied, edge)
        machine.adopt(applied)
        newest = max(newest, *applied.fact_ids) if applied.fact_ids else newest
    return machine.state


def _require_admitted(applied: Applied) -> None:
    for result in applied.results:
        if isinstance(result, Rejected):
            raise IntegrityError(
                f"an entry behind {applied.first} would not be admitted: {result.reason.value}",
                "do not use this copy; ask another holder for one",
            )


def _store(store: LedgerStore, applied: Applied, edge: Edge) -> Edge:
    after, changed = edge.extend(applied.leaves)
    store.commit(
        Write(
            first=applied.first,
            entries=applied.entries,
            facts=applied.facts,
            bodies=[],
            governance=applied.governance,
            tiles=changed,
            head=Head(after.size, after.frontier()),
            before=Head(edge.size, edge.frontier()),
        )
    )
    return after
