"""Wire the portal of a house: its threads, its door, and what the areas keep."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cantoria.adapters.audit import SqliteAudit
from cantoria.bootstrap.access import AUDIT_FILE, open_access
from cantoria.bootstrap.house import SAMPLE_MARK
from cantoria.bootstrap.job_runner import JobRunner, open_jobs
from cantoria.web.desk import Desk
from cantoria.web.portal.access.door import HouseDoorman
from cantoria.web.portal.portal import Portal
from cantoria.web.portal.threads import HouseThreads

STRANGERS: Final = 2  # a password that is checked, and a file


def open_portal(home: Path, *, desk: Desk | None) -> Portal:
    """Return the portal of the house at `home`; `desk` answers clearance from its snapshot."""
    jobs = JobRunner(home, store=open_jobs(home))
    jobs.start()
    access = open_access(home)
    door = HouseDoorman(access, threads=HouseThreads(home, readers=1))
    return Portal(
        threads=HouseThreads(home),
        doorman=door,
        strangers=HouseThreads(home, readers=STRANGERS),
        desk=desk,
        sample=(home / SAMPLE_MARK).exists(),
        parts={"jobs": jobs, "audit": SqliteAudit(home / AUDIT_FILE), "access": access, "door": door},
    )
