"""The rows that passed, bound by one root: what a receipt says of them.

The rows are taken in order, 1,024 to a block; a row's line is its code keys, sorted, with `|` between them. The leaves
of the tree (RFC 9162, SHA-256) are the blocks, so a million rows cost a thousand hashes; a row is shown by its block.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cantoria.ledger import merkle
from cantoria.sdk.gate.marks import CLEARED
from cantoria.sdk.gate.rows import Codes

BLOCK_ROWS: Final = 1_024


class Kept:
    """Counts and binds the cleared rows of one dataset, in the order of its output."""

    def __init__(self) -> None:
        self.rows = 0
        self._lines: list[str] = []
        self._leaves: list[bytes] = []

    def add(self, codes: Sequence[Codes], marks: Sequence[int]) -> None:
        """Take in those of these rows that are cleared."""
        lines = self._lines
        for row, mark in zip(codes, marks, strict=True):
            if mark == CLEARED:
                lines.append(row if type(row) is str else line_of(row))
        while len(lines) >= BLOCK_ROWS:
            self._leaves.append(_leaf(lines[:BLOCK_ROWS]))
            del lines[:BLOCK_ROWS]
            self.rows += BLOCK_ROWS

    def head(self) -> tuple[int, str]:
        """Return how many rows were kept and the root (hex) over their blocks."""
        last = [_leaf(self._lines)] if self._lines else []
        return self.rows + len(self._lines), merkle.root_of([*self._leaves, *last]).hex()


def line_of(row: Codes) -> str:
    """Return the line by which a row is bound."""
    return "|".join(row) if isinstance(row, tuple) else str(row)


def _leaf(lines: Sequence[str]) -> bytes:
    return merkle.leaf_hash("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
