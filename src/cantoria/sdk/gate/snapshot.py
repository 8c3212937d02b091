"""A judge by a snapshot on disk: verified, compiled once for the request, then answered from one file in place."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import format_moment
from cantoria.sdk.folder import open_folder
from cantoria.sdk.gate import compiled
from cantoria.sdk.gate.judge import Basis
from cantoria.sdk.gate.marks import Verdict, verdict_of
from cantoria.sdk.gate.rows import Codes
from cantoria.sdk.gate.table import VerdictTable
from cantoria.sdk.gate.vectors import Vectors, vectors_of
from cantoria.sdk.gate.wish import Wish, digest_of

CACHE_VARIABLE: Final = "CANTORIA_CACHE"


class SnapshotJudge:
    """Gives the marks of a compiled table; its state names snapshot, request and the table's own digest, and whoever
    unpickles it takes no other table."""

    def __init__(self, table: VerdictTable, *, basis: Basis) -> None:
        self._table, self._basis = table, basis
        self._vectors: Vectors | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (self._table, self._basis)

    @property
    def basis(self) -> Basis:
        return self._basis

    def marks(self, rows: Sequence[Codes]) -> list[int]:
        return self._table.marks(rows)

    def verdict(self, row: Codes) -> Verdict:
        return verdict_of(self._table.marks([row])[0])

    @property
    def size(self) -> int:
        """How many codes the snapshot has."""
        return len(self._table)

    def vectors(self) -> Vectors:
        """Return the ISRCs of the snapshot as Arrow arrays, made when they are first asked for."""
        if self._vectors is None:
            self._vectors = vectors_of(self._table)
        return self._vectors

    def listing(self) -> Iterator[tuple[str, int]]:
        """Give every code of the snapshot, in order, with its mark."""
        return self._table.listing()


def open_snapshot(
    path: Path,
    *,
    wish: Wish,
    at: int | None,
    now: int,
    key: str,
    unsafe_unpinned: bool,
    cache: Path | None,
) -> SnapshotJudge:
    """Return the judge over the snapshot in a folder, for a wish.

    The head's signature is verified each time, every file before it is compiled. Statements begin and end within the
    life of a snapshot: a table holds from the last such moment before `at` (by default now) to the next.
    """
    folder = open_folder(path, key=key, unsafe_unpinned=unsafe_unpinned)
    head, moment = folder.head, now if at is None else at
    if not head.covers(moment):
        raise InputError(
            f"{folder.opened.id} is good from {format_moment(head.at)} until {format_moment(head.until)}, "
            f"not at {format_moment(moment)}",
            "fetch a fresh snapshot",
        )
    wish.request(at=moment, size=head.size)  # refuses what cannot be read before anything is worked out
    about = wish.to_json()
    table = compiled.table_for(folder, wish=wish, moment=moment, cache=cache or cache_folder())
    basis = Basis(
        snapshot=folder.opened.id,
        origin=head.origin,
        size=head.size,
        root=head.root,
        at=int(table.head["at"]),
        until=int(table.head["until"]),
        request=about,
        request_digest=digest_of({"request": about, "at": table.head["at"], "law": table.head["law"]}),
        checkpoint=folder.checkpoint,
    )
    return SnapshotJudge(table, basis=basis)


def cache_folder() -> Path:
    """Return where compiled tables are kept: `CANTORIA_CACHE`, else the user's cache folder."""
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "cantoria" / "gate"


def _reopened(table: VerdictTable, basis: Basis) -> SnapshotJudge:
    return SnapshotJudge(table, basis=basis)
