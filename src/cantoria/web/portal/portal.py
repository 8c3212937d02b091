"""What the portal's areas share: the house's threads, the doorman, and what else the server keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cantoria.adapters.system import SystemClock
from cantoria.web.desk import Desk
from cantoria.web.portal.doorman import Doorman
from cantoria.web.portal.threads import HouseThreads


@dataclass(slots=True, kw_only=True)
class Portal:
    """The portal's parts. `parts` holds what an area keeps for itself, by the area's name (`jobs`, `access` …)."""

    threads: HouseThreads
    doorman: Doorman
    strangers: HouseThreads | None = None  # where forms of strangers wait, so that pages do not wait with them
    desk: Desk | None = None
    sample: bool = False  # the sample world: demonstration accounts are offered
    parts: dict[str, Any] = field(default_factory=dict)
    clock: Callable[[], int] = SystemClock().now

    def close(self) -> None:
        """End the threads: those of the parts that have some, last made first, then the house's."""
        for part in reversed(self.parts.values()):
            if hasattr(part, "close"):
                part.close()
        if self.strangers is not None:
            self.strangers.close()
        self.threads.close()
