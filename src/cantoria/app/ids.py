"""Fresh identifiers: UUIDv7 (RFC 9562), strictly increasing within one process so that indexes stay in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from cantoria.app.ports import Clock, Entropy
from cantoria.kernel.ids import typed_id


@dataclass(slots=True)
class Ids:
    """Makes ids from a clock and entropy."""

    clock: Clock
    entropy: Entropy
    _last: int = field(default=0, init=False)

    def uuid7(self) -> bytes:
        """Return a fresh UUIDv7: 48 bits of milliseconds, a 12-bit counter within them, 62 random bits."""
        stamp = self.clock.now() // 1000 << 12
        self._last = stamp if stamp > self._last else self._last + 1
        milliseconds, counter = self._last >> 12, self._last & 0xFFF
        random = int.from_bytes(self.entropy.token(8), "big") & (1 << 62) - 1
        return (milliseconds << 80 | 7 << 76 | counter << 64 | 2 << 62 | random).to_bytes(16, "big")

    def new(self, prefix: str) -> str:
        """Return a fresh TypeID such as `work_01h2xcejqtf2nbrexx3vqjhp41`."""
        return typed_id(prefix, self.uuid7())
