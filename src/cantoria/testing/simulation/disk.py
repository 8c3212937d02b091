"""What one member has on its disk: the log and the intake queue of its replica, and the engine's blocks and votes.

The in-memory kind is quick; the other keeps the log and the queue in real SQLite files.
"""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from cantoria.adapters.cometbft.intake import Intake, Queued
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.ledger.ports import LedgerStore
from cantoria.testing.memory_ledger import MemoryLedgerStore
from cantoria.testing.simulation.messages import Block, Commit, Engine, Vote
from cantoria.testing.simulation.rounds import RoundState

Hook = Callable[[str], None]


class DyingQueue:
    """An intake whose process may die around each settling."""

    def __init__(self, intake: Intake, hook: Hook) -> None:
        self._intake = intake
        self._hook = hook

    def pending(self, *, facts_max: int, bytes_max: int) -> list[Queued]:
        """Return what to propose next."""
        return self._intake.pending(facts_max=facts_max, bytes_max=bytes_max)

    def beside(self, keys: Sequence[bytes]) -> dict[bytes, tuple[list[bytes], list[bytes], list[int]]]:
        """Return the bodies beside these batches, and what they erase."""
        return self._intake.beside(keys)

    def commit(self, places: Sequence[tuple[bytes, int]]) -> None:
        """Settle what stands in the log."""
        self._hook("settle")
        self._intake.commit(places)
        self._hook("settled")

    def refuse(self, refusals: Sequence[tuple[bytes, str, int | None]]) -> None:
        """Settle what is refused."""
        self._hook("refuse")
        self._intake.refuse(refusals)


class Disk:
    """One member's disk. `files`: the folder for real files, None = in memory."""

    def __init__(self, files: Path | None = None) -> None:
        self.files = files
        self.engine: Engine | None = None
        self.history: dict[int, Engine] = {}
        self.blocks: dict[int, tuple[Block, Commit]] = {}
        self.responses: dict[int, tuple[bytes, dict[bytes, int]]] = {}
        self.votes: dict[bytes, Vote] = {}
        self.rounds = RoundState(0)
        self._memory = MemoryLedgerStore()
        self._open: SqliteLedgerStore | None = None
        if files is not None:
            files.mkdir(parents=True, exist_ok=True)
        self.intake = Intake(self._path("intake.db"))

    def store(self, hook: Hook) -> LedgerStore:
        """Open the log; `hook` is called with the name of each step of a write."""
        if self.files is None:
            self._memory.fault = hook
            return self._memory
        self._close_store()
        self._open = SqliteLedgerStore(self._path("ledger.db"), fault=hook)
        return self._open

    def memory(self) -> MemoryLedgerStore | None:
        """Return the log in memory, where it is kept there."""
        return self._memory if self.files is None else None

    def copy(self, name: str) -> Disk:
        """Return a copy as it is now; `name` tells its files apart."""
        found = Disk(self.files.with_name(f"{self.files.name}-{name}") if self.files is not None else None)
        self._copy_engine(found)
        found.rounds = self.rounds.copy()
        found._copy_application(self)
        return found

    def roll_back(self, earlier: Disk, *, engine: bool) -> None:
        """Put an earlier copy in place: of the replica's files, and with `engine` of the consensus engine's as well."""
        self._close_store()
        if engine:
            earlier._copy_engine(self)
            self.rounds = earlier.rounds.copy()
        self._copy_application(earlier)

    def close(self) -> None:
        """Release files."""
        self._close_store()
        self.intake.close()

    def _copy_engine(self, target: Disk) -> None:
        target.engine = self.engine
        target.history = dict(self.history)
        target.blocks = dict(self.blocks)
        target.responses = dict(self.responses)
        target.votes = dict(self.votes)

    def _copy_application(self, source: Disk) -> None:
        source.intake._connection.backup(self.intake._connection)
        if source.files is not None and self.files is not None:
            with (
                closing(sqlite3.connect(source._path("ledger.db"))) as old,
                closing(sqlite3.connect(self._path("ledger.db"))) as new,
            ):
                old.backup(new)
        for name, value in vars(source._memory).items():
            if name != "fault":
                setattr(self._memory, name, copy.copy(value))

    def _path(self, name: str) -> Path:
        return Path(":memory:") if self.files is None else self.files / name

    def _close_store(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
