"""The machine's clock and entropy, and their seeded twins for the sample world."""

from __future__ import annotations

import hashlib
import secrets
import time


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        return time.time_ns() // 1000


class SystemEntropy:
    """The operating system's secure random source."""

    def token(self, count: int) -> bytes:
        return secrets.token_bytes(count)


class SteppingClock:
    """A clock that starts at a given moment and moves one microsecond at each look: for reproducible worlds."""

    def __init__(self, start: int) -> None:
        self._now = start

    def now(self) -> int:
        self._now += 1
        return self._now

    def set(self, moment: int) -> None:
        """Move to `moment`, never backwards."""
        self._now = max(self._now, moment)


class UnsafeSeededEntropy:
    """Predictable bytes from a seed: the same world every time. Only ever for the sample world and tests."""

    def __init__(self, seed: int) -> None:
        self._key = hashlib.sha256(b"cantoria/sample-entropy/" + str(seed).encode()).digest()
        self._counter = 0
        self._pool = b""

    def token(self, count: int) -> bytes:
        while len(self._pool) < count:
            self._pool += hashlib.blake2b(self._counter.to_bytes(8, "big"), key=self._key).digest()
            self._counter += 1
        taken, self._pool = self._pool[:count], self._pool[count:]
        return taken
