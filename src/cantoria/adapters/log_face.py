"""What both engines show of a log: its name, its members, its proofs, its entries. Any number of threads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping

from cantoria.adapters.ledger_reader import LedgerReader
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import FactType
from cantoria.ledger.facts import BODY_ERASED
from cantoria.ledger.machine import Machine, Seen
from cantoria.ledger.notes import NoteKey
from cantoria.ledger.ports import LedgerStore, StoredFact
from cantoria.ledger.recovery import Audit, audit
from cantoria.ledger.state import State


class LogFace(ABC):
    """The reading half of a `Sequencer` over a store; an engine adds how things get in."""

    def __init__(self, store: LedgerStore, *, key: NoteKey, types: Mapping[int, FactType], seen: Seen) -> None:
        self._store = store
        self._key = key
        self._types = {BODY_ERASED.tag: BODY_ERASED, **types}
        self._machine = Machine(self._types, seen=seen)
        self._reader = LedgerReader(store)

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._key.name

    @property
    @abstractmethod
    def size(self) -> int:
        """How many entries the log has, as far as this engine shows it."""

    @property
    def store(self) -> LedgerStore:
        """The store beneath, for exports that only read."""
        return self._store

    @property
    def vkey(self) -> str:
        """The verifier key text that users pin."""
        return self._key.vkey()

    @property
    def state(self) -> State:
        """The members and keys of the present, and the council where there is one."""
        return self._machine.state

    def checkpoint(self, *, size: int | None = None) -> str:
        """Return the signed checkpoint of the present, or of an earlier checkpointed, size."""
        return self._reader.checkpoint(size=size)

    def prove(self, index: int, *, size: int | None = None) -> list[bytes]:
        """Return the inclusion proof of leaf `index` in the tree of `size` (default: the last checkpoint's)."""
        return self._reader.prove(index, size=size)

    def consistency(self, old_size: int, *, size: int | None = None) -> list[bytes]:
        """Return the proof that the tree of `size` (default: the last checkpoint's) extends that of `old_size`."""
        return self._reader.consistency(old_size, size=size)

    def bundle(self, index: int, *, size: int | None = None) -> bytes:
        """Return the proof bundle of the fact at `index`; `InputError` when its body is erased, or not here."""
        return self._reader.bundle(index, size=size, types=self._types, state=self.state)

    def entries(self, start: int = 0, *, stop: int | None = None) -> Iterator[bytes]:
        """Yield entries in order."""
        return self._reader.entries(start, stop=self.size if stop is None else stop)

    def facts(self, start: int = 0, *, stop: int | None = None) -> Iterator[StoredFact]:
        """Yield facts in order, with their bodies (None where erased, or not here)."""
        return self._reader.facts(start, stop=self.size if stop is None else stop)

    def index_of(self, fact_id: bytes) -> int | None:
        """Return the index of a fact's envelope, or None."""
        return self._store.index_of(fact_id)

    def verify_deep(self) -> Audit:
        """Recompute the whole log from its entries; `IntegrityError` names the first thing that does not agree."""
        return audit(self._store, types=self._types, key=self._key)

    def _entry(self, index: int) -> bytes:
        size = self._store.head().size
        if not 0 <= index < size:
            raise InputError(f"the log has no entry {index}", f"it has {size}")
        return self._store.entries(index, stop=index + 1)[0]
