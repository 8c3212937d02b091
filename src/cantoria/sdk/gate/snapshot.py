"""A judge by a snapshot on disk: verified, compiled once for the request, then answered from one file in place."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cantoria.clearance import Cleared, explain_all
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.periods import format_moment
from cantoria.sdk.folder import Folder, open_folder
from cantoria.sdk.gate import bulk, compiled
from cantoria.sdk.gate.judge import Basis
from cantoria.sdk.gate.marks import Verdict, status_of, verdict_of
from cantoria.sdk.gate.rows import Codes
from cantoria.sdk.gate.table import VerdictTable
from cantoria.sdk.gate.vectors import Vectors, vectors_of
from cantoria.sdk.gate.wish import Wish, digest_of

CACHE_VARIABLE: Final = "CANTORIA_CACHE"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a snapshot is, what is asked of it, and by which key it is opened."""

    path: Path
    wish: Wish
    key: str
    unsafe_unpinned: bool

    def open(self) -> Folder:
        """Return the snapshot that is there now, its head verified."""
        return open_folder(self.path, key=self.key, unsafe_unpinned=self.unsafe_unpinned)


class SnapshotJudge:
    """Gives the marks of a compiled table; its state names snapshot, request and the table's own digest, and whoever
    unpickles it takes no other table."""

    def __init__(self, table: VerdictTable, *, basis: Basis, source: Source) -> None:
        self._table, self._basis, self._source = table, basis, source
        self._vectors: Vectors | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (self._table, self._basis, self._source)

    @property
    def basis(self) -> Basis:
        return self._basis

    def marks(self, rows: Sequence[Codes]) -> list[int]:
        return self._table.marks(rows)

    def verdict(self, row: Codes) -> Verdict:
        """Return every reason and the subject, worked out anew by the snapshot; its first reason alone where that has
        been replaced since."""
        mark = self._table.marks([row])[0]
        if isinstance(row, int):
            return verdict_of(mark)
        folder = self._source.open()
        if folder.opened.id != self._basis.snapshot:
            return verdict_of(mark)
        codes = row if isinstance(row, tuple) else (row,)
        answer, subject = bulk.answer_row(folder, wish=self._source.wish, at=self._basis.at, codes=codes)
        if answer.status is not status_of(mark):
            raise IntegrityError("the snapshot and what was compiled of it disagree", "fetch the snapshot again")
        reasons = () if isinstance(answer, Cleared) else answer.reasons
        names = tuple(dict.fromkeys(reason.code.name.lower() for reason in reasons))
        return Verdict(answer.status, names, subject, why=explain_all(answer))

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
    source = Source(path, wish, key, unsafe_unpinned)
    folder = source.open()
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
    return SnapshotJudge(table, basis=basis, source=source)


def cache_folder() -> Path:
    """Return where compiled tables are kept: `CANTORIA_CACHE`, else the user's cache folder."""
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "cantoria" / "gate"


def _reopened(table: VerdictTable, basis: Basis, source: Source) -> SnapshotJudge:
    return SnapshotJudge(table, basis=basis, source=source)
