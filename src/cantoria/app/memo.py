"""Remember what was computed: results that depend on nothing but their key, which names all their inputs."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

T = TypeVar("T")
KEPT_MAX: Final = 24


@dataclass(slots=True)
class Memo:
    """Keeps the last results of pure computations; the one used longest ago goes first."""

    _kept: dict[Hashable, Any] = field(default_factory=dict)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returned for this key before, or call it. The key must name everything it reads."""
        if key in self._kept:
            self._kept[key] = self._kept.pop(key)
        else:
            self._kept[key] = make()
            while len(self._kept) > KEPT_MAX:
                self._kept.pop(next(iter(self._kept)))
        found: T = self._kept[key]
        return found
