"""Fresh identifiers: UUIDv7 (RFC 9562), strictly increasing within one process so that indexes stay in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from cantoria.app.ports import Clock, Entropy
from cantoria.kernel.ids import typed_id
from cantoria.ledger.batch import FactIds


@dataclass(slots=True)
class Ids:
    """Makes ids from a clock and entropy, drawn as the ledger draws its fact ids."""

    clock: Clock
    entropy: Entropy
    _drawer: FactIds = field(init=False)

    def __post_init__(self) -> None:
        self._drawer = FactIds(self.entropy.token)

    def new(self, prefix: str) -> str:
        """Return a fresh TypeID such as `work_01h2xcejqtf2nbrexx3vqjhp41`."""
        return typed_id(prefix, self._drawer.take(1, moment=self.clock.now())[0])
