"""Hand a job in, find it, cancel it, and say everything about it as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.jobs.types import Job, JobFile, JobState, JobStore, Owner
from cantoria.kernel.errors import InputError

WAITING_MAX: Final = 200  # jobs of one organisation that have not ended
FILES_MAX: Final = 20
NAME_CHARS_MAX: Final = 200


def submit(
    house: House,
    store: JobStore,
    kind: str,
    *,
    owner: Owner,
    files: Sequence[tuple[str, bytes]] = (),
    kept: Sequence[JobFile] = (),
    parameters: Mapping[str, Any] | None = None,
) -> Job:
    """Keep the files (name, bytes) beside the ledger and queue a job; return it. It is durable on return.

    `kept` are files that are kept already, such as those of a job before.

    Raises `InputError` where the organisation has too many jobs waiting or gives too many files.
    """
    if store.waiting(owner.organisation) >= WAITING_MAX:
        raise InputError(f"{WAITING_MAX} jobs of yours are waiting already", "wait for some of them, or cancel them")
    if len(files) > FILES_MAX:
        raise InputError(f"{len(files)} files are more than {FILES_MAX}", "hand in several jobs")
    new = tuple(JobFile(name[-NAME_CHARS_MAX:], house.attachments.put(data), len(data)) for name, data in files)
    job = Job(
        job=house.ids.new("job"),
        kind=kind,
        owner=owner,
        files=(*kept, *new),
        parameters=dict(parameters or {}),
        created_at=house.clock.now(),
    )
    store.add(job)
    return job


def find(store: JobStore, job: str, *, organisation: str = "") -> Job:
    """Return a job by its id; one that is another organisation's is as unknown as one that never was."""
    found = store.get(job)
    if found is None or (organisation and found.owner.organisation != organisation):
        raise InputError(f"no job {job:.40}", "list yours with `cantoria job list`")
    return found


def cancel(house: House, store: JobStore, job: Job) -> Job:
    """Cancel a job; one that has ended is an `InputError`. What it recorded so far stays on the ledger."""
    if job.ended:
        raise InputError(f"{job.job} has ended already: {job.state.value}", "nothing is left to cancel")
    store.cancel(job.job, now=house.clock.now())
    return find(store, job.job)


def job_value(job: Job) -> dict[str, Any]:
    """Return everything about a job as JSON: the same in the command line, the portal and the API."""
    return {
        "job": job.job,
        "kind": job.kind,
        "state": job.state.value,
        "ended": job.ended,
        "cancelling": job.cancelling and job.state is JobState.RUNNING,
        "organisation": job.owner.organisation,
        "account": job.owner.account,
        "files": [{"name": one.name, "sha256": one.digest, "bytes": one.size} for one in job.files],
        "parameters": dict(job.parameters),
        "done": job.done,
        "total": job.total,
        "phase": job.phase,
        "created_at": job.created_at,
        "started_at": job.started_at or None,
        "ended_at": job.ended_at or None,
        "attempts": job.attempts,
        "result": dict(job.result),
    }
