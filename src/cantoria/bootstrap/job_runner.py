"""Runs jobs of a house one after another: in a thread of the server, or in the foreground for the command line."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.jobs import SqliteJobs
from cantoria.adapters.members import SqliteMembers
from cantoria.app.jobs.kinds import KINDS
from cantoria.app.jobs.task import Interrupted, Kind, Task
from cantoria.app.jobs.types import Job, JobState, JobStore
from cantoria.bootstrap import matching
from cantoria.bootstrap.dataset_desk import HouseDesk
from cantoria.bootstrap.house import WiredHouse, open_house
from cantoria.kernel.errors import CantoriaError, InputError

JOBS_FILE: Final = "jobs.db"
MEMBERS_FILE: Final = "members.db"
LEASE_SECONDS: Final = 30.0
POLL_SECONDS: Final = 1.0
TELL_SECONDS: Final = 0.25
PAUSE_SECONDS: Final = 0.02
_MICRO: Final = 1_000_000


def open_jobs(home: Path) -> SqliteJobs:
    """Open the job store of the house at `home`."""
    return SqliteJobs(home / JOBS_FILE)


class JobRunner:
    """Takes jobs from the store, one at a time, whoever handed them in and from which process.

    `start` runs them in a thread of its own until `close`, which puts a running job back: another runner goes on with
    it. A runner that is killed is found out by its silence of `lease_seconds`.
    """

    def __init__(
        self,
        home: Path,
        *,
        store: JobStore,
        kinds: Mapping[str, Kind] = KINDS,
        parts: Mapping[str, Any] | None = None,
        lease_seconds: float = LEASE_SECONDS,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self.store = store
        self._home, self._kinds, self._parts = home, kinds, {**engines(home), **(parts or {})}
        self._lease, self._poll = lease_seconds, poll_seconds
        self._house: WiredHouse | None = None
        self._stop, self._wake = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self.name = ""

    def start(self) -> None:
        """Run jobs in a thread until `close`."""
        self._thread = threading.Thread(target=self._loop, name="job-runner", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look for a job now rather than at the next tick."""
        self._wake.set()

    def close(self) -> None:
        """Stop: a job that is running is put back and the thread ended."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def run_next(self, watch: Callable[[Job], None] | None = None) -> Job | None:
        """Run the oldest job that waits, in this thread; return it as it ended, None where none waits."""
        job = self.store.take(self._name(), now=_now(), lease=int(self._lease * _MICRO))
        if job is None:
            return None
        _Run(self, job, watch).go()
        return self.store.get(job.job)

    def house(self) -> WiredHouse:
        """Return the house of this runner, with all that others wrote in view."""
        if self._house is None:
            self._house = open_house(self._home)
        self._house.engine.refresh()
        self._house.index.catch_up()
        return self._house

    def release(self) -> None:
        """Let the house go; to be called in the thread that ran the jobs."""
        if self._house is not None:
            self._house.close()
            self._house = None

    @property
    def stopping(self) -> bool:
        """Tell whether `close` was called."""
        return self._stop.is_set()

    def kind(self, name: str) -> Kind:
        """Return a kind of job; one that is unknown here is an `InputError`."""
        if name not in self._kinds:
            raise InputError(f"no kind of job {name:.60}", "one of " + ", ".join(sorted(self._kinds)))
        return self._kinds[name]

    def parts(self) -> Mapping[str, Any]:
        """Return the other stores that jobs may use."""
        return self._parts

    @property
    def lease_seconds(self) -> float:
        """How long a runner may be silent."""
        return self._lease

    def _name(self) -> str:
        self.name = self.name or f"runner-{time.time_ns():x}-{threading.get_ident():x}"
        return self.name

    def _loop(self) -> None:
        try:
            while not self._stop.is_set():
                self._wake.clear()
                try:
                    ran = self.run_next()
                except CantoriaError:
                    ran = None  # the store does not answer: look again at the next tick
                if ran is None:
                    self._wake.wait(self._poll)
        finally:
            self.release()


class _Run:
    """One job, being run."""

    def __init__(self, runner: JobRunner, job: Job, watch: Callable[[Job], None] | None) -> None:
        self._runner, self._job, self._watch = runner, job, watch
        self._told = 0.0
        self._held = "ours"
        self._over = threading.Event()

    def go(self) -> None:
        """Run the job to its end, or until it is to stop."""
        alive = threading.Thread(target=self._keep_alive, name="job-heart", daemon=True)
        alive.start()
        try:
            state, result = self._outcome()
        finally:
            self._over.set()
            alive.join()
        self._runner.store.end(self._job.job, runner=self._runner.name, now=_now(), state=state, result=result)

    def _outcome(self) -> tuple[JobState, Mapping[str, Any]]:
        job, runner = self._job, self._runner
        try:
            kind = runner.kind(job.kind)
            house = runner.house()
            task = Task(
                job=job,
                house=house,
                author=house.author(job.owner.organisation),
                step=self._step,
                writing=lambda: _writing(house),
                pause=lambda: _pause(house),
                parts=runner.parts(),
            )
            return JobState.DONE, kind.run(task)
        except Interrupted:
            return (JobState.CANCELLED, {}) if self._held == "cancelling" else (JobState.QUEUED, {})
        except CantoriaError as error:
            return JobState.FAILED, {"message": error.message, "remedy": error.remedy}
        except Exception as error:  # noqa: BLE001 - the outermost edge: a defect ends its job, not the server's thread
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}"
            return JobState.FAILED, {"message": f"a defect of ours: {where}", "remedy": "please report it"}

    def _step(self, done: int, total: int, phase: str) -> None:
        if self._runner.stopping:
            raise Interrupted
        now = time.monotonic()
        if now - self._told >= TELL_SECONDS:
            self._told = now
            self._held = self._beat((done, total, phase))
            if self._watch is not None and (found := self._runner.store.get(self._job.job)) is not None:
                self._watch(found)
        if self._held != "ours":
            raise Interrupted

    def _beat(self, progress: tuple[int, int, str] | None) -> str:
        return self._runner.store.beat(self._job.job, runner=self._runner.name, now=_now(), progress=progress)

    def _keep_alive(self) -> None:
        """Tell that the runner lives while its job is busy for long without a step."""
        while not self._over.wait(self._runner.lease_seconds / 4):
            try:
                self._held = self._beat(None)
            except CantoriaError:
                continue  # the store is busy: the next beat is in time


@contextmanager
def _writing(house: WiredHouse) -> Iterator[None]:
    house.begin_writing(lambda: None)
    try:
        yield
    finally:
        house.lock.release()


def engines(home: Path) -> dict[str, Any]:
    """Return what kinds of job need beside the house, by name."""
    return {
        "members": SqliteMembers(home / MEMBERS_FILE),
        "datasets": HouseDesk(home),
        "matcher": matching.matcher,
        "batch_rows": matching.batch_rows,
    }


def _pause(house: WiredHouse) -> None:
    """Let others write for a moment: a lock that is taken again at once is hardly ever another's."""
    house.lock.release()
    time.sleep(PAUSE_SECONDS)
    house.begin_writing(lambda: None)


def _now() -> int:
    return time.time_ns() // 1000
