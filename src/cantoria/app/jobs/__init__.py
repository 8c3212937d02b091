"""Long work: handed in once, done in the background, with one id and one progress in the CLI, the portal and the API.

A job is a row of the house's job store, not of the ledger. Whatever it records is recorded by its organisation, part
by part, so that work that was cut off goes on behind what is on the ledger already.
"""

from cantoria.app.jobs.queue import cancel, find, job_value, submit
from cantoria.app.jobs.task import Interrupted, Kind, Task
from cantoria.app.jobs.types import ENDED, Job, JobFile, JobState, JobStore, Owner

__all__ = [
    "ENDED",
    "Interrupted",
    "Job",
    "JobFile",
    "JobState",
    "JobStore",
    "Kind",
    "Owner",
    "Task",
    "cancel",
    "find",
    "job_value",
    "submit",
]
