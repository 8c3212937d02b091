"""Draws that are the same on every machine and Python: a named stream of SHAKE-256, no clock and no hash order."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from hashlib import shake_256
from itertools import accumulate
from typing import Final, TypeVar

from cantoria.kernel.check import require

T = TypeVar("T")

_WORDS: Final = 2048
_BLOCK: Final = struct.Struct(f"<{_WORDS}Q")
_SPAN: Final = 1 << 64


class Dice:
    """One stream of draws. Streams of other names are independent, so that a change in one part of the world leaves
    the other parts as they were."""

    __slots__ = ("_block", "_name", "_words")

    def __init__(self, *, seed: int, stream: str) -> None:
        self._name = f"cantoria/sample/v1/{seed}/{stream}/".encode()
        self._block = 0
        self._words: list[int] = []

    def word(self) -> int:
        """Return 64 even bits."""
        if not self._words:
            digest = shake_256(self._name + str(self._block).encode()).digest(_BLOCK.size)
            self._words = list(_BLOCK.unpack(digest))
            self._block += 1
        return self._words.pop()

    def below(self, bound: int) -> int:
        """Return a whole number in [0, bound)."""
        return self.word() * bound >> 64

    def between(self, low: int, high: int) -> int:
        """Return a whole number in [low, high]."""
        return low + self.below(high - low + 1)

    def chance(self, probability: float) -> bool:
        """Return True in this share of the draws."""
        return self.word() < probability * _SPAN

    def pick(self, items: Sequence[T]) -> T:
        """Return one of the items, all alike."""
        return items[self.word() * len(items) >> 64]

    def few(self, items: Sequence[T], count: int) -> list[T]:
        """Return up to `count` different items in drawn order."""
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return all items in drawn order."""
        mixed = list(items)
        for position in range(len(mixed) - 1, 0, -1):
            other = self.below(position + 1)
            mixed[position], mixed[other] = mixed[other], mixed[position]
        return mixed


class Wheel:
    """Positions with whole weights, drawn in proportion to them."""

    __slots__ = ("_edges",)

    def __init__(self, weights: Iterable[int]) -> None:
        self._edges = list(accumulate(weights))
        require(bool(self._edges) and self._edges[-1] > 0, "a wheel needs an item with a weight")

    def spin(self, dice: Dice) -> int:
        """Return the position of the drawn item."""
        return bisect_right(self._edges, dice.below(self._edges[-1]))

    def at(self, turn: int) -> int:
        """Return the position at the `turn`-th of evenly scattered points (golden section): few turns already hit the
        items in proportion to their weights."""
        return bisect_right(self._edges, turn * 618_033_989 % 1_000_000_000 * self._edges[-1] // 1_000_000_000)
