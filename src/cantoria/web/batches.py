"""Idempotency: the same key with the same body gets the same answer again, for as long as it is remembered.

A question has no side effects, so a key that was forgotten costs no more than asking again.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

KEPT_BYTES_MAX: Final = 64 << 20
KEPT_SECONDS: Final = 600
KEY_CHARS_MAX: Final = 200
_OVERHEAD_BYTES: Final = 512


@dataclass(slots=True)
class _Kept:
    digest: bytes
    at: float
    answer: bytes | None  # None while it is worked on


class Answered:
    """The answers given lately, by idempotency key; `clock` tells seconds that only grow."""

    def __init__(self, clock: Callable[[], float], *, bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._clock, self._bytes_max = clock, bytes_max
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def begin(self, key: str, body: bytes) -> bytes | str | None:
        """Return the answer that was given under a key, or None where this is the first request: then `end` follows.

        The text `other` says that the key stands for another body, `busy` that its first request is under way.
        """
        digest = hashlib.sha256(body).digest()
        with self._lock:
            self._forget()
            found = self._kept.get(key)
            if found is None:
                self._kept[key] = _Kept(digest, self._clock(), None)
                self._bytes += _OVERHEAD_BYTES
                return None
            if found.digest != digest:
                return "other"
            return "busy" if found.answer is None else found.answer

    def end(self, key: str, answer: bytes | None) -> None:
        """Keep the answer given under a key; None forgets the key, so that it can be tried again."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return
            if answer is None:
                self._drop(key)
            else:
                found.answer = answer
                self._bytes += len(answer)
                self._forget()

    def _forget(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        for key, kept in list(self._kept.items()):
            if kept.at >= oldest and self._bytes <= self._bytes_max:
                break
            self._drop(key)

    def _drop(self, key: str) -> None:
        kept = self._kept.pop(key)
        self._bytes -= _OVERHEAD_BYTES + len(kept.answer or b"")
