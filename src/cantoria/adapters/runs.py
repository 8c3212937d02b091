"""Places of the log that follow each other, read in one go instead of one by one."""

from __future__ import annotations

from collections.abc import Iterable


def runs(indices: Iterable[int]) -> list[tuple[int, int]]:
    """Return the runs [start, stop) of consecutive numbers among these, in order."""
    found: list[tuple[int, int]] = []
    for index in sorted(set(indices)):
        if found and found[-1][1] == index:
            found[-1] = found[-1][0], index + 1
        else:
            found.append((index, index + 1))
    return found
