"""Whose a private thing is: staff see what is their organisation's, everybody else what they handed in themselves."""

from __future__ import annotations

from typing import Final

from cantoria.app import jobs
from cantoria.app.access.permissions import Role
from cantoria.app.access.visitors import Visitor
from cantoria.app.jobs import Job, Owner
from cantoria.app.jobs.kinds import KINDS
from cantoria.bootstrap.job_runner import JobRunner
from cantoria.kernel.errors import InputError
from cantoria.web.portal.page import Ask, NotHere, NotYours

# A person's or manager's decisions are recorded by the organisation that keeps their account: they are not its staff.
_NOT_STAFF: Final = (None, Role.PERSON, Role.MANAGER)


def is_staff(visitor: Visitor) -> bool:
    """Tell whether a visitor acts for the organisation that records for them."""
    return visitor.role not in _NOT_STAFF and bool(visitor.organisation)


def owner_of(ask: Ask) -> Owner:
    """Return whose a thing is that the visitor hands in now."""
    if not ask.visitor.organisation:
        raise NotYours
    return Owner(ask.visitor.organisation, ask.visitor.account)


def runner_of(ask: Ask) -> JobRunner:
    """Return the runner of the portal's jobs."""
    runner: JobRunner = ask.portal.parts["jobs"]
    return runner


def job_of(ask: Ask, job: str) -> Job:
    """Return one of the visitor's jobs; another's is as unknown as one that never was, and so is a
    colleague's of a kind that the visitor could not hand in: its findings may quote a table of members, say."""
    try:
        found = jobs.find(runner_of(ask).store, job, organisation=owner_of(ask).organisation)
    except InputError as error:
        raise NotHere("there is no such job of yours", "look at the list of your jobs") from error
    if not is_staff(ask.visitor) and found.owner.account != ask.visitor.account:
        raise NotHere("there is no such job of yours", "look at the list of your jobs")
    if not _may(ask.visitor, found):
        raise NotHere("there is no such job of yours", "look at the list of your jobs")
    return found


def jobs_of(ask: Ask, *, kind: str = "", before: str = "", limit: int = 50) -> list[Job]:
    """Return the visitor's jobs, of the kinds that they may hand in, the newest first."""
    owner = owner_of(ask)
    account = "" if is_staff(ask.visitor) else owner.account
    store = runner_of(ask).store
    shown: list[Job] = []
    while len(shown) < limit:
        found = store.listed(owner.organisation, account=account, kind=kind, before=before, limit=limit)
        shown += [one for one in found if _may(ask.visitor, one)]
        if len(found) < limit:
            break
        before = found[-1].job
    return shown[:limit]


def _may(visitor: Visitor, job: Job) -> bool:
    """Tell whether a visitor could hand such a job in, or did; a key is no more than its scopes."""
    own = job.owner.account == visitor.account and not visitor.key
    return own or (job.kind in KINDS and visitor.may(KINDS[job.kind].needs))
