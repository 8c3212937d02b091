"""What a witness remembers, in one SQLite file: every checkpoint it cosigned, durable before anyone hears of it.

    cosigned(origin, size, note, at)

The newest size of an origin is the witness's whole state of that log; older rows let it notice a second face later.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cantoria.adapters.sqlite.failures import failures
from cantoria.kernel.errors import IntegrityError, UnavailableError
from cantoria.ledger.cosignatures import add_cosignatures
from cantoria.ledger.notes import NoteKey, parse_checkpoint, split_note
from cantoria.ledger.witnessing import AddCheckpoint, Decision, Seen, Status, decide, kept_note

HISTORY_MAX: Final = 10_000
"""How many cosigned checkpoints of one log are remembered."""
WAIT_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Known:
    """The newest checkpoint cosigned for a log, as a note with the witness's own line, and when (UTC seconds)."""

    seen: Seen
    at: int


class WitnessStore:
    """The memory of one witness at `path`; any number of threads and processes may share the file.

    It is made only where `new` says so: one that is gone must not be begun again, since a witness that forgot what it
    cosigned would cosign another history.
    """

    def __init__(self, path: Path, *, new: bool = False) -> None:
        self._lock = threading.Lock()
        if not new and not path.is_file():
            raise UnavailableError("the memory of the witness is not there", f"restore {path}, or retire this witness")
        with _failures():
            self._db = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")  # every commit is on disk before its answer
            if new:
                self._db.execute(
                    "CREATE TABLE IF NOT EXISTS cosigned (origin TEXT NOT NULL, size INTEGER NOT NULL, "
                    "note TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (origin, size)) STRICT, WITHOUT ROWID"
                )
            self._whole()

    def consider(
        self,
        asked: AddCheckpoint,
        *,
        keys: Sequence[NoteKey],
        cosign: Callable[[str, int], str],
        now: Callable[[], int],
    ) -> tuple[Decision, str]:
        """Decide on a request and, where it is to be cosigned, keep its checkpoint as the newest; return the decision
        and the cosignature's line (empty unless cosigned).

        Looking, dating and keeping are one step, over all processes: `cosign` gets the text, and the time at which
        nothing larger had been seen. The line is returned only once the checkpoint is on disk.
        `UnavailableError` when it could not be kept: then nothing is cosigned.
        """
        if not keys:
            return decide(asked, keys=keys, latest=None, same_size=None), ""
        origin, size = asked.checkpoint.origin, asked.checkpoint.size
        with self._writing():
            latest, same = self._newest(origin), self._row(origin, size)
            seen = latest.seen if latest else None
            decision = decide(asked, keys=keys, latest=seen, same_size=same.seen if same else None)
            at = now()
            line = cosign(asked.text, at) if decision.status is Status.COSIGNED else ""
            if line:
                note = add_cosignatures(kept_note(asked, keys), line)
                self._db.execute("INSERT OR REPLACE INTO cosigned VALUES (?, ?, ?, ?)", (origin, size, note, at))
                self._forget(origin)
        return decision, line

    def newest(self, origin: str) -> Known | None:
        """Return the newest checkpoint cosigned for the log of this origin, or None."""
        with self._lock, _failures():
            return self._newest(origin)

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def _whole(self) -> None:
        """Raise `IntegrityError` where the file has no such table."""
        if not self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'cosigned'").fetchone():
            raise IntegrityError("the memory of the witness is damaged: it is empty", "restore it from a copy")

    def _newest(self, origin: str) -> Known | None:
        query = "SELECT note, at FROM cosigned WHERE origin = ? ORDER BY size DESC LIMIT 1"
        return _known(self._db.execute(query, (origin,)).fetchone())

    def _row(self, origin: str, size: int) -> Known | None:
        query = "SELECT note, at FROM cosigned WHERE origin = ? AND size = ?"
        return _known(self._db.execute(query, (origin, size)).fetchone())

    def _forget(self, origin: str) -> None:
        last = "SELECT size FROM cosigned WHERE origin = ?1 ORDER BY size DESC LIMIT 1 OFFSET ?2"
        self._db.execute(f"DELETE FROM cosigned WHERE origin = ?1 AND size <= ({last})", (origin, HISTORY_MAX))  # noqa: S608

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, over all threads and processes; all of it or nothing."""
        with self._lock, _failures():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def _known(row: tuple[str, int] | None) -> Known | None:
    if row is None:
        return None
    note, at = row
    return Known(Seen(parse_checkpoint(split_note(note)[0], extensions=True), note), at)


def _failures() -> AbstractContextManager[None]:
    return failures("the memory of the witness", remedy="do not start it with an empty one: restore it from a copy")
