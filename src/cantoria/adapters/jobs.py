"""The job store in SQLite: one file beside the ledger, for several threads and processes, safe against any crash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.sqlite.private_file import PrivateFile
from cantoria.app.jobs.types import Job, JobFile, JobState, Owner

ATTEMPTS_MAX: Final = 5  # a job that took so many runners with it is not given to another
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS job (
    job TEXT PRIMARY KEY, kind TEXT NOT NULL, organisation TEXT NOT NULL, account TEXT NOT NULL, state TEXT NOT NULL,
    files TEXT NOT NULL, parameters TEXT NOT NULL, done INTEGER NOT NULL, total INTEGER NOT NULL, phase TEXT NOT NULL,
    result TEXT NOT NULL, created_at INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL, cancelling INTEGER NOT NULL, runner TEXT NOT NULL, beat_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS job_of ON job (organisation, job);
CREATE INDEX IF NOT EXISTS job_open ON job (state, job) WHERE state IN ('queued', 'running');
"""
_COLUMNS: Final = (
    "job, kind, organisation, account, state, files, parameters, done, total, phase, result, created_at, started_at, "
    "ended_at, attempts, cancelling"
)
_ADD: Final = "INSERT INTO job VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ONE: Final = f"SELECT {_COLUMNS} FROM job WHERE job = ?"  # noqa: S608 - our own words alone
# What is not asked for is empty, and so are texts and ids that it is compared with.
_LISTED: Final = (
    f"SELECT {_COLUMNS} FROM job WHERE organisation = ?1 AND (?2 = '' OR account = ?2) AND (?3 = '' OR kind = ?3) "  # noqa: S608
    "AND (?4 = '' OR job < ?4) ORDER BY job DESC LIMIT ?5"
)
_WAITING: Final = "SELECT count(*) FROM job WHERE organisation = ? AND state IN ('queued', 'running')"
_ALIVE: Final = "UPDATE job SET beat_at = ? WHERE job = ? AND runner = ? AND state = 'running'"
_FURTHER: Final = "UPDATE job SET done = ?, total = ?, phase = ? WHERE job = ? AND runner = ? AND state = 'running'"
_HELD: Final = "SELECT cancelling FROM job WHERE job = ? AND runner = ? AND state = 'running'"


class SqliteJobs:
    """Jobs in the file at `path` (mode 0600). See `app.jobs.types.JobStore`."""

    def __init__(self, path: Path) -> None:
        self._file = PrivateFile(
            path,
            schema=_SCHEMA,
            pragmas=("journal_mode = WAL", "synchronous = FULL"),
            what="the store of jobs",
            remedy="move jobs.db away: jobs can be handed in again",
        )

    def add(self, job: Job) -> None:
        """Keep a new job; it is on disk on return."""
        files = json.dumps([[one.name, one.digest, one.size] for one in job.files])
        row = (job.job, job.kind, job.owner.organisation, job.owner.account, job.state.value, files)
        rest = (_text(job.parameters), job.done, job.total, job.phase, _text(job.result), job.created_at, 0, 0, 0, 0)
        with self._file.writing() as db:
            db.execute(_ADD, (*row, *rest, "", 0))

    def get(self, job: str) -> Job | None:
        """Return the job of this id, or None."""
        found = self._rows(_ONE, (job,))
        return found[0] if found else None

    def listed(
        self, organisation: str, *, account: str = "", kind: str = "", before: str = "", limit: int = 50
    ) -> list[Job]:
        """Return jobs of an organisation, the newest first."""
        return self._rows(_LISTED, (organisation, account, kind, before, limit))

    def waiting(self, organisation: str) -> int:
        """How many jobs of an organisation have not ended."""
        return int(self._file.rows(_WAITING, (organisation,))[0][0])

    def take(self, runner: str, *, now: int, lease: int) -> Job | None:
        """Give the runner the oldest job that nobody works at; one that ended too many runners fails."""
        while True:
            with self._file.writing() as db:
                found = db.execute(
                    "SELECT job, attempts, cancelling FROM job WHERE state = 'queued' OR (state = 'running' AND "
                    "beat_at < ?) ORDER BY job LIMIT 1",
                    (now - lease,),
                ).fetchone()
                if found is None:
                    return None
                job, attempts, cancelling = found
                if not cancelling and attempts < ATTEMPTS_MAX:
                    db.execute(
                        "UPDATE job SET state = 'running', runner = ?, beat_at = ?, attempts = attempts + 1, "
                        "started_at = iif(started_at = 0, ?, started_at) WHERE job = ?",
                        (runner, now, now, job),
                    )
                    break
                given_up = {"message": f"{attempts} runners ended with it", "remedy": "report it with the server's log"}
                state, result = ("cancelled", {}) if cancelling else ("failed", given_up)
                db.execute(
                    "UPDATE job SET state = ?, result = ?, ended_at = ?, runner = '' WHERE job = ?",
                    (state, _text(result), now, job),
                )
        return self.get(job)

    def beat(self, job: str, *, runner: str, now: int, progress: tuple[int, int, str] | None = None) -> str:
        """Tell that the runner is alive; return `ours`, `cancelling` or `lost`."""
        with self._file.writing() as db:
            db.execute(_ALIVE, (now, job, runner))
            if progress is not None:
                db.execute(_FURTHER, (*progress, job, runner))
            found = db.execute(_HELD, (job, runner)).fetchone()
        if found is None:
            return "lost"
        return "cancelling" if found[0] else "ours"

    def end(self, job: str, *, runner: str, now: int, state: JobState, result: Mapping[str, Any]) -> bool:
        """End a job, or put it back, unless it was lost to another runner; tell whether that was done."""
        ended = 0 if state is JobState.QUEUED else now
        with self._file.writing() as db:
            changed = db.execute(
                "UPDATE job SET state = ?, result = ?, ended_at = ?, runner = '', attempts = attempts - ? "
                "WHERE job = ? AND runner = ? AND state = 'running'",
                (state.value, _text(result), ended, int(state is JobState.QUEUED), job, runner),
            )
        return changed.rowcount == 1

    def cancel(self, job: str, *, now: int) -> None:
        """Cancel a queued job at once; ask a running one to stop."""
        with self._file.writing() as db:
            db.execute("UPDATE job SET cancelling = 1 WHERE job = ? AND state = 'running'", (job,))
            db.execute(
                "UPDATE job SET state = 'cancelled', ended_at = ? WHERE job = ? AND state = 'queued'", (now, job)
            )

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def _rows(self, query: str, values: tuple[Any, ...]) -> list[Job]:
        return [_job(row) for row in self._file.rows(query, values)]


def _job(row: tuple[Any, ...]) -> Job:
    job, kind, organisation, account, state, files, parameters, done, total, phase, result, *rest = row
    created_at, started_at, ended_at, attempts, cancelling = rest
    return Job(
        job=job,
        kind=kind,
        owner=Owner(organisation, account),
        state=JobState(state),
        files=tuple(JobFile(*one) for one in json.loads(files)),
        parameters=json.loads(parameters),
        done=done,
        total=total,
        phase=phase,
        result=json.loads(result),
        created_at=created_at,
        started_at=started_at,
        ended_at=ended_at,
        attempts=attempts,
        cancelling=bool(cancelling),
    )


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, allow_nan=False)
