"""The manifests of certificates and runs, built from the rows kept here and kept in memory, up to a bound.

A manifest follows from its root, so one that was built serves every house and thread of a process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.pages.trace_common import kept_here, readable
from cantoria.clearance import results
from cantoria.clearance.manifest import Manifest
from cantoria.clearance.types import Status
from cantoria.kernel.facts import Recorded

ROWS_MAX: Final = 250_000  # of a manifest that a page waits for
LEAVES_MAX: Final = 2_000_000  # kept at once: some 300 MB, built in some ten seconds


class Shelf:
    """Keeps the manifests used last. Any number of threads."""

    def __init__(self, leaves_max: int = LEAVES_MAX) -> None:
        self._max = leaves_max
        self._kept: dict[str, Manifest] = {}
        self._lock = threading.Lock()

    def find(self, root: str, make: Callable[[], Manifest | None]) -> Manifest | None:
        """Return the manifest with this root (hex), made where it is not kept; None where `make` returns none, or
        another one."""
        with self._lock:
            found = self._kept.pop(root, None)
            if found is not None:
                self._kept[root] = found
                return found
        made = make()
        if made is None or made.head.root != root:
            return None
        with self._lock:
            self._kept[root] = made
            while sum(one.head.leaves for one in self._kept.values()) > self._max and len(self._kept) > 1:
                self._kept.pop(next(iter(self._kept)))
        return made


SHELF: Final = Shelf()


def of_certificate(house: House, issued: Recorded[Any], *, shelf: Shelf = SHELF) -> tuple[Manifest | None, str]:
    """Return the manifest of a certificate's dataset, or why there is none: `not_here` or `too_large`."""
    fact = issued.fact
    return _found(house, fact.certificate, fact.manifest, shelf)


def of_run(house: House, started: Recorded[Any], *, shelf: Shelf = SHELF) -> tuple[Manifest | None, str]:
    """Return the manifest of a run's rows, or why there is none."""
    return _found(house, started.fact.run, started.fact.manifest, shelf)


def cleared_of(house: House, issued: Recorded[Any], *, shelf: Shelf = SHELF) -> Manifest | None:
    """Return the manifest of a certificate's cleared rows, None where it cannot be built here."""
    fact = issued.fact
    if fact.manifest.rows > ROWS_MAX or not kept_here(house, fact.results.sha256):
        return None

    def make() -> Manifest | None:
        kept = house.datasets.get(fact.certificate)
        decided = results.decode_results(house.attachments.get(fact.results.sha256))
        cleared = frozenset(one.line for one in decided if one.status is Status.CLEARED)
        return None if kept is None else kept.part(cleared)

    return shelf.find(fact.cleared.root, lambda: readable(make))


def _found(house: House, name: str, head: Any, shelf: Shelf) -> tuple[Manifest | None, str]:
    if head.rows > ROWS_MAX:
        return None, "too_large"

    def make() -> Manifest | None:
        kept = house.datasets.get(name)
        return None if kept is None else kept.manifest()

    found = shelf.find(head.root, lambda: readable(make))
    return found, "" if found else "not_here"
