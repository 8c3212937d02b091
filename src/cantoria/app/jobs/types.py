"""Jobs: what was handed in, by whom, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol


class JobState(StrEnum):
    """Where a job stands. A running one whose runner is gone is taken up again by another."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED: Final = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose job it is: the name of an organisation in the key ring, and the account that handed it in (may be empty:
    somebody at the command line)."""

    organisation: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class JobFile:
    """A file that a job reads: its name as sent (shown only), its SHA-256 among the house's attachments, its bytes."""

    name: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job. `done` of `total` counts what `phase` counts (0 of 0: nobody knows yet). `result` is what a kind of job
    returns, or `{"message", "remedy"}` where it failed. Moments are UTC microseconds, 0 where not yet."""

    job: str
    kind: str
    owner: Owner
    state: JobState = JobState.QUEUED
    files: tuple[JobFile, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    done: int = 0
    total: int = 0
    phase: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    created_at: int = 0
    started_at: int = 0
    ended_at: int = 0
    attempts: int = 0
    cancelling: bool = False

    @property
    def ended(self) -> bool:
        """Tell whether nothing will happen to it any more."""
        return self.state in ENDED


class JobStore(Protocol):
    """Keeps jobs durably; several threads and processes may use one store."""

    def add(self, job: Job) -> None:
        """Keep a new job, queued."""
        ...

    def get(self, job: str) -> Job | None:
        """Return the job of this id, or None."""
        ...

    def listed(
        self, organisation: str, *, account: str = "", kind: str = "", before: str = "", limit: int = 50
    ) -> list[Job]:
        """Return jobs of an organisation (with `account`: of that account alone), the newest first, those older than
        the id `before`."""
        ...

    def waiting(self, organisation: str) -> int:
        """How many jobs of an organisation have not ended."""
        ...

    def take(self, runner: str, *, now: int, lease: int) -> Job | None:
        """Give the runner the oldest job that nobody works at: queued, or its runner has been silent for `lease`
        microseconds. None where there is none."""
        ...

    def beat(self, job: str, *, runner: str, now: int, progress: tuple[int, int, str] | None = None) -> str:
        """Tell that the runner is alive and how far it is: `ours`, `cancelling`, or `lost` to another runner."""
        ...

    def end(self, job: str, *, runner: str, now: int, state: JobState, result: Mapping[str, Any]) -> bool:
        """End a job, unless it was lost to another runner; tell whether it was ended. `QUEUED` puts it back."""
        ...

    def cancel(self, job: str, *, now: int) -> None:
        """Cancel a queued job at once; a running one ends at its next step."""
        ...
