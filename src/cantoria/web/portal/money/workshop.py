"""Heavy work behind pages, made once: small results at once, large ones in one thread of its own, a few kept."""

from __future__ import annotations

import atexit
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from cantoria.app.pages.money_tally import Tallies
from cantoria.bootstrap.house import WiredHouse, open_house
from cantoria.kernel.errors import CantoriaError, UnavailableError
from cantoria.web.portal.portal import Portal

KEPT_MAX: Final = 32
WAITING_MAX: Final = 8
RESTS: Final = 10  # a result is made anew after so many times the time that it took, so that others have theirs
INLINE_ENTRIES: Final = 60_000  # a ledger of so many entries is small: it is read while the page waits
INLINE_POSTINGS: Final = 300_000
PART: Final = "money"
Work = Callable[[WiredHouse], Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A result, and the stamp (a ledger size) that it was made for; `value` is None while it is being made. `rests` is
    the moment (of the monotonic clock) until which it is good enough although the stamp has moved on."""

    value: Any
    stamp: int = 0
    rests: float = 0.0


@dataclass(slots=True)
class Workshop:
    """Makes results of a house by key. One result of each key is kept, the newest; those used longest ago go first."""

    home: Path
    tallies: Tallies = field(default_factory=Tallies)
    _made: OrderedDict[Hashable, Made] = field(default_factory=OrderedDict)
    _failed: dict[Hashable, CantoriaError] = field(default_factory=dict)
    _waiting: dict[Hashable, int] = field(default_factory=dict)
    _queue: SimpleQueue[tuple[Hashable, int, Work] | None] = field(default_factory=SimpleQueue)
    _lock: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None
    _closing: bool = False

    def get(self, key: Hashable, work: Work, *, stamp: int, here: WiredHouse | None) -> Made:
        """Return the result of `work` for this key and stamp.

        With `here`, a house, it is made at once if need be. Without, an older result or an empty one is returned while
        the result is made in the background. A failure there is raised once, to whoever asks next.
        """
        with self._lock:
            failure = self._failed.pop(key, None)
            if failure is not None:
                raise failure
            known = self._made.get(key)
            if known is not None:
                self._made.move_to_end(key)
                if known.stamp == stamp:
                    return known
            if here is None and known is not None and time.monotonic() < known.rests:
                return known
            if here is None:
                self._enter(key, stamp, work)
                return known or Made(None)
        return self._keep(key, Made(work(here), stamp))

    def step(self, *_: object) -> None:
        """Say that long work goes on: it ends here with an `UnavailableError` once the workshop is to close."""
        if self._closing:
            raise UnavailableError("the server ends", "ask again when it is back")

    def close(self) -> None:
        """End the thread, as soon as the work under way says that it goes on; what was waiting is not made."""
        with self._lock:
            self._closing = True
            thread = self._thread
        self._queue.put(None)
        if thread is not None:
            thread.join()
            atexit.unregister(self.close)

    def settle(self, seconds: float) -> bool:
        """Wait until nothing is being made, so long at most; tell whether that is so."""
        with self._lock:
            return self._lock.wait_for(lambda: not self._waiting, seconds)

    def _enter(self, key: Hashable, stamp: int, work: Work) -> None:
        if key in self._waiting:
            return
        self.step()
        if len(self._waiting) >= WAITING_MAX:
            raise UnavailableError("other results are being made", "come back in a minute")
        self._waiting[key] = stamp
        self._queue.put((key, stamp, work))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="money-workshop", daemon=True)
            self._thread.start()
            atexit.register(self.close)  # a thread that is in the engine must not be torn down with the interpreter

    def _keep(self, key: Hashable, made: Made) -> Made:
        with self._lock:
            self._made[key] = made
            self._made.move_to_end(key)
            while len(self._made) > KEPT_MAX:
                self._made.popitem(last=False)
        return made

    def _run(self) -> None:
        house = None
        while (task := self._queue.get()) is not None:
            key, stamp, work = task
            try:
                self.step()
                house = house or open_house(self.home)
                house.engine.refresh()
                house.index.catch_up()
                begun = time.monotonic()
                value, ended = work(house), time.monotonic()
                self._keep(key, Made(value, stamp, rests=ended + RESTS * (ended - begun)))
            except CantoriaError as error:
                with self._lock:
                    self._failed[key] = error
                    while len(self._failed) > KEPT_MAX:
                        self._failed.pop(next(iter(self._failed)))
            finally:
                with self._lock:
                    self._waiting.pop(key, None)
                    self._lock.notify_all()
        if house is not None:
            house.close()


def workshop_of(portal: Portal) -> Workshop:
    """Return the workshop of a portal; there is one."""
    found: Workshop = portal.parts.setdefault(PART, Workshop(portal.threads.home))
    return found


def small(house: WiredHouse) -> bool:
    """Tell whether a house is so small that a page may read all of it."""
    return house.engine.size <= INLINE_ENTRIES and not house.index.batches()
