"""Keep a node's pair alive: the application that answers ABCI, and CometBFT that asks.

Neither is of use without the other, and a CometBFT whose application died ends with exit code 0 (and one whose
consensus failed does not end at all), so whatever happens to one, both are stopped and, after a pause that grows,
started again: first the application, then, once it answers, CometBFT.
"""

from __future__ import annotations

import fcntl
import json
import os
import queue
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final, Literal

from cantoria.adapters.cometbft import addresses
from cantoria.adapters.cometbft.process import Child
from cantoria.adapters.files import read_file, write_whole
from cantoria.kernel.errors import IntegrityError, UnavailableError

STATE_FILE: Final = "pair.json"
_STATE_BYTES_MAX: Final = 64 * 1024
# What CometBFT logs when it stops taking part but goes on running.
_FAILURE: Final = b"CONSENSUS FAILURE"

_LOCK_TRIES: Final = 10
_LOCK_SECONDS: Final = 0.1

Phase = Literal["starting", "running", "waiting", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Bounds of waiting, in seconds. A pair that ran for `healthy` begins again with the shortest pause."""

    pause_min: float = 0.5
    pause_max: float = 30.0
    healthy: float = 60.0
    answer: float = 120.0
    grace: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is run: the application's command, which answers on `address`, and CometBFT for `home`.

    Logs, state and lock lie in `folder`, which is one pair's own.
    """

    application: Sequence[str]
    address: str
    cometbft: Path
    home: Path
    folder: Path
    patience: Patience = Patience()


@dataclass(frozen=True, slots=True, kw_only=True)
class PairState:
    """What the supervisor says of itself: process ids (0: none), restarts since it began, and why the last one."""

    phase: Phase
    supervisor: int
    application: int = 0
    cometbft: int = 0
    restarts: int = 0
    since: str = ""
    last_end: str = ""


@dataclass(frozen=True, slots=True)
class _Event:
    """Something happened in a round of the pair (in none: a person asked)."""

    round: int
    why: str
    child: Child | None = None


class Pair:
    """The supervisor of one pair; `run` it once, in a thread that lives as long as the pair."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._events: queue.SimpleQueue[_Event] = queue.SimpleQueue()
        self._stopping = False
        self._round = 0
        self._state = PairState(phase="starting", supervisor=os.getpid())

    def stop(self) -> None:
        """Have `run` stop both and return. May be called from a signal handler or any thread, any number of times."""
        self._stopping = True
        self._events.put(_Event(0, "asked to stop"))

    def run(self) -> None:
        """Keep both running until `stop`. Raises `UnavailableError` when another supervisor has this folder."""
        self._plan.folder.mkdir(parents=True, exist_ok=True)
        with _only_one(self._plan.folder):
            pause = self._plan.patience.pause_min
            while not self._stopping:
                began = time.monotonic()
                why = self._run_once()
                if self._stopping:
                    break
                if time.monotonic() - began >= self._plan.patience.healthy:
                    pause = self._plan.patience.pause_min
                self._say("waiting", restarts=self._state.restarts + 1, last_end=why)
                self._pause(pause)
                pause = min(2 * pause, self._plan.patience.pause_max)
            self._say("stopped")

    def _run_once(self) -> str:
        """Start both, wait until either ends or fails, stop both; return what happened."""
        self._round += 1
        children: list[Child] = []
        try:
            application = self._start(children, "application", self._plan.application)
            self._say("starting", application=application.pid)
            if (why := self._await_answer(application)) is not None:
                return why
            command = (str(self._plan.cometbft), "start", "--home", str(self._plan.home))
            cometbft = self._start(children, "cometbft", command)
            self._say("running", application=application.pid, cometbft=cometbft.pid)
            event = self._next(None)
            return "nothing happened" if event is None else _reason(event, application)
        except UnavailableError as error:
            return str(error)
        finally:
            for child in reversed(children):
                child.terminate(seconds=self._plan.patience.grace)

    def _start(self, children: list[Child], name: str, command: Sequence[str]) -> Child:
        number = self._round

        def ended(child: Child) -> None:
            self._events.put(_Event(number, f"{name} ended with {child.ended()}", child))

        def line(child: Child, text: bytes) -> None:
            if _FAILURE in text:
                self._events.put(_Event(number, f"{name} says {text.decode('utf-8', 'replace').strip():.300}", child))

        log = self._plan.folder / f"{name}.log"
        child = Child(command, log=log, on_end=ended, on_line=line if name == "cometbft" else None)
        children.append(child)
        return child

    def _await_answer(self, application: Child) -> str | None:
        """Wait until the application listens; return why it does not."""
        deadline = time.monotonic() + self._plan.patience.answer
        while not addresses.answers(self._plan.address):
            if time.monotonic() > deadline:
                return f"the application did not answer within {self._plan.patience.answer:g} s"
            if (event := self._next(0.05)) is not None:
                return _reason(event, application)
        return None

    def _next(self, seconds: float | None) -> _Event | None:
        """Return the next event of this round, or None after `seconds`; what older rounds left behind is dropped."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            try:
                event = self._events.get(timeout=left)
            except queue.Empty:
                return None
            if event.round in (0, self._round):
                return event

    def _pause(self, seconds: float) -> None:
        """Wait before the next round, unless asked to stop."""
        self._round += 1
        self._next(seconds)

    def _say(
        self,
        phase: Phase,
        *,
        application: int = 0,
        cometbft: int = 0,
        restarts: int | None = None,
        last_end: str | None = None,
    ) -> None:
        """Write the state for whoever asks."""
        self._state = replace(
            self._state,
            phase=phase,
            application=application,
            cometbft=cometbft,
            restarts=self._state.restarts if restarts is None else restarts,
            last_end=self._state.last_end if last_end is None else last_end,
            since=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        text = json.dumps(asdict(self._state), indent=1)
        # A full disk must not end the one who would start the pair again once there is room.
        with suppress(OSError):
            write_whole(self._plan.folder / STATE_FILE, text.encode() + b"\n", mode=0o644)


def _reason(event: _Event, application: Child) -> str:
    """Return what happened, the application's end first: CometBFT's is then its consequence."""
    code = application.ended()
    if event.child is not None and event.child is not application and code is not None:
        return f"application ended with {code}"
    return event.why


@contextmanager
def stopped_by_signals(pair: Pair) -> Iterator[None]:
    """Let SIGTERM and SIGINT stop the pair; what they did before is restored at the end. For the main thread."""
    before = {number: signal.signal(number, lambda *_: pair.stop()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def read_state(folder: Path) -> PairState | None:
    """Return what the supervisor of this folder says, None where none ever ran; `stopped` where it is gone.

    Raises `IntegrityError` for a file that no supervisor wrote.
    """
    try:
        value = json.loads(read_file(folder / STATE_FILE, bytes_max=_STATE_BYTES_MAX))
        state = PairState(**value)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise IntegrityError(f"{folder / STATE_FILE} is no supervisor's state: {error}", "remove it") from error
    if state.phase != "stopped" and not _locked(folder):
        return replace(state, phase="stopped", application=0, cometbft=0)
    return state


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which ends with this process however it ends."""
    with (folder / "pair.lock").open("a") as file:
        if not any(_lock(file) for _ in range(_LOCK_TRIES)):
            raise UnavailableError(f"a supervisor runs in {folder} already", "stop it first")
        yield


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        # Whoever only looks whether a supervisor is there holds the lock for an instant.
        time.sleep(_LOCK_SECONDS)
        return False
    return True


def _locked(folder: Path) -> bool:
    """True while a supervisor holds the folder's lock."""
    with (folder / "pair.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
