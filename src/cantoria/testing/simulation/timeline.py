"""Virtual time: what happens next, and what reaches whom. Times are microseconds."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from random import Random
from typing import Final

SECOND: Final = 1_000_000
_LATENCY: Final = (5_000, 80_000)

Action = Callable[[], None]


class Timeline:
    """A queue of actions in the order of their times; two at one time run in the order in which they were set."""

    def __init__(self, start: int) -> None:
        self.now = start
        self._queue: list[tuple[int, int, Action]] = []
        self._set = 0

    def after(self, delay: int, action: Action) -> None:
        """Have `action` happen in `delay` microseconds."""
        self._set += 1
        heapq.heappush(self._queue, (self.now + delay, self._set, action))

    def run(self, span: int) -> None:
        """Let `span` microseconds pass."""
        until = self.now + span
        while self._queue and self._queue[0][0] <= until:
            self.now, _, action = heapq.heappop(self._queue)
            action()
        self.now = until


class Links:
    """Which members reach each other, how slowly, and how much is lost on the way."""

    def __init__(self, timeline: Timeline, random: Random) -> None:
        self._timeline = timeline
        self._random = random
        self._cut: set[tuple[int, int]] = set()
        self.loss = 0.0

    def cut(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Cut these links, in both directions."""
        self._cut.update((min(pair), max(pair)) for pair in pairs)

    def heal(self) -> None:
        """Mend every link."""
        self._cut.clear()
        self.loss = 0.0

    def joined(self, one: int, other: int) -> bool:
        """Tell whether two members reach each other."""
        return (min(one, other), max(one, other)) not in self._cut

    def send(self, source: int, target: int, deliver: Action) -> None:
        """Have `deliver` happen at the target a little later, unless the link is cut by then or loses it."""
        if self._random.random() < self.loss:
            return

        def arrive() -> None:
            if self.joined(source, target):
                deliver()

        self._timeline.after(self._random.randint(*_LATENCY), arrive)
