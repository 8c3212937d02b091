"""A node's log as its other processes read it: entries, facts, and the members and keys of the present."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

from cantoria.adapters.ledger_reader import LedgerReader
from cantoria.kernel.facts import FactType
from cantoria.ledger.batch import Batch
from cantoria.ledger.ed25519 import verify
from cantoria.ledger.facts import BODY_ERASED
from cantoria.ledger.machine import Machine, Rejected
from cantoria.ledger.ports import LedgerStore, StoredFact
from cantoria.ledger.recovery import Governed
from cantoria.ledger.state import State


class StoredLog:
    """Reads a store that another process writes. Any number of threads."""

    def __init__(self, store: LedgerStore, *, origin: str, types: Mapping[int, FactType]) -> None:
        self.origin = origin
        self.store = store
        self._code = {BODY_ERASED.tag: BODY_ERASED, **types}
        self._reader = LedgerReader(store)
        self._lock = threading.Lock()
        self._governed = Governed(store)

    @property
    def size(self) -> int:
        """How many entries are stored."""
        return self.store.head().size

    def state(self) -> State:
        """Return the members, keys and council as of the last stored block."""
        return self.now()[0]

    @property
    def types(self) -> Mapping[int, FactType]:
        """The fact types by tag as the log has them: the council's, else those that this code knows."""
        return self.state().known_types(self._code)

    def now(self) -> tuple[State, int]:
        """Return the state and the size of the log that it belongs to."""
        size = self.size
        with self._lock:
            return self._governed.at(size), size

    def key(self, key_id: bytes) -> tuple[bytes, bytes] | None:
        """Return the member and the public key behind `key_id` where it may sign now, or None."""
        state, size = self.now()
        key = state.keys.get(key_id)
        if key is None or not key.valid_at(size) or not state.members.get(key.organisation):
            return None
        return key.organisation, key.public_key

    def check(self, item: Batch | bytes, *, time: int) -> Rejected | None:
        """Return why a batch or governance record would not be admitted as the log stands, or None."""
        state, size = self.now()
        machine = Machine(self._code, seen=self.store.seen, verify=verify)
        machine.restore(state, size=size)
        return machine.check(item, time=time)

    def entries(self, start: int = 0, *, stop: int | None = None) -> Iterator[bytes]:
        """Yield entries in order."""
        return self._reader.entries(start, stop=self.size if stop is None else stop)

    def facts(self, start: int = 0, *, stop: int | None = None) -> Iterator[StoredFact]:
        """Yield facts in order, with what is here of their bodies."""
        return self._reader.facts(start, stop=self.size if stop is None else stop)
