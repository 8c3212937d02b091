"""What this member holds and endorses for others before it is recorded: batches with their bodies, and what it signed.

A batch leaves as soon as it stands in the log (its bodies then lie in the ledger), or when nobody recorded it for long.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from cantoria.adapters.sqlite.data_file import DataFile


class Stage(IntEnum):
    """How far a request for endorsement has come."""

    PENDING = 0
    APPROVED = 1
    REFUSED = 2


@dataclass(frozen=True, slots=True)
class Held:
    """A batch that is kept for its author; without `attestation` it is stored but not yet signed for."""

    key: bytes
    parcel: bytes | None
    asker: bytes
    at: int
    attestation: bytes | None


@dataclass(frozen=True, slots=True)
class Endorsement:
    """A request to endorse a batch: who asked at what time (UTC microseconds), and what became of it."""

    key: bytes
    parcel: bytes | None
    asker: bytes
    at: int
    stage: Stage
    reason: str
    attestation: bytes | None


class Holdings:
    """The two tables, by the key of a batch (the leaf hash of its header)."""

    def __init__(self, data: DataFile) -> None:
        self._data = data

    def hold(self, key: bytes, parcel: bytes, *, asker: bytes, at: int) -> None:
        """Keep a batch with its bodies; on return it is on disk."""
        with self._data.transaction() as run:
            run.execute(
                "INSERT INTO held (key, parcel, asker, at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
                " parcel = coalesce(parcel, excluded.parcel)",
                (key, parcel, asker, at),
            )

    def sign(self, key: bytes, attestation: bytes) -> None:
        """Keep the attestation that is given for a batch."""
        with self._data.transaction() as run:
            run.execute("UPDATE held SET attestation = ? WHERE key = ?", (attestation, key))

    def held(self, key: bytes) -> Held | None:
        """Return what is held under `key`."""
        with self._data.transaction() as run:
            row = run.execute("SELECT key, parcel, asker, at, attestation FROM held WHERE key = ?", (key,)).fetchone()
        return None if row is None else Held(*row)

    def parcel(self, key: bytes) -> bytes | None:
        """Return the batch with its bodies, held or to be endorsed, or None."""
        with self._data.transaction() as run:
            for table in ("held", "endorsement"):
                query = f"SELECT parcel FROM {table} WHERE key = ? AND parcel IS NOT NULL"  # noqa: S608
                row = run.execute(query, (key,)).fetchone()
                if row is not None:
                    found: bytes = row[0]
                    return found
        return None

    def place(self, key: bytes) -> None:
        """The batch stands in the log: let its bodies go from here; what was signed stays."""
        with self._data.transaction() as run:
            run.execute("UPDATE held SET parcel = NULL WHERE key = ?", (key,))
            run.execute("UPDATE endorsement SET parcel = NULL WHERE key = ?", (key,))

    def lapse(self, *, before: int) -> int:
        """Forget batches that were brought before this time and never recorded; return how many."""
        with self._data.transaction() as run:
            count = run.execute("DELETE FROM held WHERE at < ? AND parcel IS NOT NULL", (before,)).rowcount
            count += run.execute("DELETE FROM endorsement WHERE at < ? AND parcel IS NOT NULL", (before,)).rowcount
        return count

    def waiting(self) -> int:
        """Return how many bytes of batches are kept that are not recorded yet."""
        with self._data.transaction() as run:
            query = (
                "SELECT coalesce((SELECT sum(length(parcel)) FROM held), 0)"
                " + coalesce((SELECT sum(length(parcel)) FROM endorsement), 0)"
            )
            found: int = run.execute(query).fetchone()[0]
        return found

    def ask(self, key: bytes, parcel: bytes, *, asker: bytes, at: int) -> Endorsement:
        """Queue a request for endorsement unless it is known; return how it stands."""
        with self._data.transaction() as run:
            run.execute(
                "INSERT INTO endorsement (key, parcel, asker, at, state, reason) VALUES (?, ?, ?, ?, 0, '')"
                " ON CONFLICT DO NOTHING",
                (key, parcel, asker, at),
            )
            return Endorsement(*_typed(run.execute(f"{_ENDORSEMENT} WHERE key = ?", (key,)).fetchone()))

    def decide(self, key: bytes, stage: Stage, *, reason: str = "", attestation: bytes | None = None) -> None:
        """Say what became of a request that was pending."""
        with self._data.transaction() as run:
            run.execute(
                "UPDATE endorsement SET state = ?, reason = ?, attestation = ? WHERE key = ? AND state = 0",
                (int(stage), reason, attestation, key),
            )

    def endorsement(self, key: bytes) -> Endorsement | None:
        """Return a request for endorsement."""
        with self._data.transaction() as run:
            row = run.execute(f"{_ENDORSEMENT} WHERE key = ?", (key,)).fetchone()
        return None if row is None else Endorsement(*_typed(row))

    def endorsements(self, *, limit: int = 1000) -> list[Endorsement]:
        """Return the requests, those that wait first, then the newest."""
        with self._data.transaction() as run:
            rows = run.execute(f"{_ENDORSEMENT} ORDER BY state = 0 DESC, at DESC LIMIT ?", (limit,)).fetchall()
        return [Endorsement(*_typed(row)) for row in rows]


_ENDORSEMENT = "SELECT key, parcel, asker, at, state, reason, attestation FROM endorsement"


def _typed(row: tuple[bytes, bytes, bytes, int, int, str, bytes]) -> tuple[bytes, bytes, bytes, int, Stage, str, bytes]:
    return (*row[:4], Stage(row[4]), *row[5:])
