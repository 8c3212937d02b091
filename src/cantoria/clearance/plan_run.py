"""Run a plan's steps in order, and let go of every table once no later step reads it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from cantoria.clearance.analytics import Analytics, Step

RESULTS: Final = ("answer", "reason", "missing", "because")
_WORD: Final = re.compile(r"[a-z][a-z0-9_]*")


def run(analytics: Analytics, steps: Sequence[Step], *, keep: Collection[str] = RESULTS) -> None:
    """Make the table of each step; those not in `keep` are gone at the end."""
    last_read = {word: number for number, step in enumerate(steps) for word in _WORD.findall(step.query)}
    held: set[str] = set()
    for number, step in enumerate(steps):
        analytics.make(step)
        if step.name not in keep:
            held.add(step.name)
        done = sorted(name for name in held if last_read.get(name, -1) <= number)
        analytics.drop(done)
        held.difference_update(done)
