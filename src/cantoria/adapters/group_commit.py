"""Group commit without a timer: whoever holds the writer's lock commits everything that is waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cantoria.kernel.errors import CantoriaError, UnavailableError
from cantoria.ledger.batch import Batch
from cantoria.ledger.machine import Admitted, Result
from cantoria.ledger.ports import Receipt, Refusal
from cantoria.ledger.reasons import Reason

GROUP_MAX: Final = 64


@dataclass(slots=True, eq=False)
class Job:
    """What one caller waits for: its batches, the bodies to destroy with them, then answers or a failure.

    `together`: all of its batches are recorded or none. `refused` holds what is refused before admission.
    """

    batches: tuple[Batch, ...]
    erasures: tuple[int, ...] = ()
    together: bool = False
    refused: list[Refusal | None] = field(default_factory=list)
    answers: tuple[Receipt | Refusal, ...] = ()
    failure: CantoriaError | None = None
    done: bool = False


class GroupCommit:
    """Collects jobs from many threads and hands them, in order of arrival, to `commit` under the writer's lock.

    `commit(jobs)` sets their answers, or raises: then every one of them fails, and `spoilt` is called first.
    """

    def __init__(self, commit: Callable[[Sequence[Job]], None], *, spoilt: Callable[[], None]) -> None:
        self._commit = commit
        self._spoilt = spoilt
        self._waiting: list[Job] = []
        self._queue = threading.Lock()
        self.writer = threading.RLock()

    def wait(self, job: Job) -> tuple[Receipt | Refusal, ...]:
        """Return the job's answers once they are durable, or raise what its commit raised."""
        with self._queue:
            self._waiting.append(job)
        while not job.done:
            with self.writer:
                if not job.done:
                    self._commit_waiting()
        if job.failure is not None:
            raise job.failure
        return job.answers

    def _commit_waiting(self) -> None:
        with self._queue:
            jobs, self._waiting = self._waiting[:GROUP_MAX], self._waiting[GROUP_MAX:]
        failure: CantoriaError | None = UnavailableError("the commit was interrupted", "retry with the same batches")
        try:
            self._commit(jobs)
            failure = None
        except CantoriaError as error:
            failure = error
        finally:
            if failure is not None:
                self._spoilt()
            for job in jobs:
                job.failure = failure
                job.done = True


def withdraw(job: Job, refused: list[Refusal | None]) -> None:
    """When one batch of a job that stands together is refused, refuse its neighbours too."""
    if job.together and any(refused):
        job.refused = [one or Refusal(Reason.NEIGHBOUR_REFUSED) for one in refused]


def erases(job: Job, pairs: Sequence[tuple[Batch, Result]]) -> bool:
    """Tell whether the batch that records a job's erasures is admitted in this commit."""
    return bool(job.erasures) and any(
        batch is job.batches[0] and isinstance(result, Admitted) for batch, result in pairs
    )
