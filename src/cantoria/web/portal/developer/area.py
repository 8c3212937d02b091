"""The area, and whose things its pages show."""

from __future__ import annotations

from typing import Final

from cantoria.app.jobs import Job
from cantoria.app.jobs import Owner as JobOwner
from cantoria.app.pages import developer_datasets as datasets
from cantoria.app.pages.developer_datasets import Found, Owner
from cantoria.bootstrap.dataset_desk import HouseDesk
from cantoria.bootstrap.job_runner import JobRunner
from cantoria.kernel.errors import InputError
from cantoria.web.portal.page import Area, Ask, NotHere, NotYours

area: Final = Area("developer")


def owner_of(ask: Ask) -> Owner:
    """Return whose datasets the visitor may see: those of the organisation that they act for."""
    visitor = ask.visitor
    if not visitor.organisation or not visitor.party:
        raise NotYours
    return Owner(organisation=visitor.organisation, party=visitor.party)


def job_owner(ask: Ask) -> JobOwner:
    """Return in whose name a job is handed in; its organisation must be the party that the visitor acts as."""
    owner = owner_of(ask)
    if ask.author().party != owner.party:
        raise NotYours
    return JobOwner(owner.organisation, ask.visitor.account)


def runner_of(ask: Ask) -> JobRunner:
    """Return the runner of the portal's jobs."""
    runner: JobRunner = ask.portal.parts["jobs"]
    return runner


def desk_of(ask: Ask) -> HouseDesk:
    """Return the desk at which datasets are cleared."""
    return HouseDesk(ask.house.settings.home)


def dataset_of(ask: Ask, name: str) -> Found:
    """Return one of the visitor's datasets; another's is as unknown as one that never was."""
    try:
        found = datasets.find(ask.house, runner_of(ask).store, name, owner=owner_of(ask), size=ask.size)
    except InputError:
        found = None  # no id at all
    if found is None:
        raise NotHere("there is no such dataset of yours", "look at the list of your datasets")
    return found


def job_of(ask: Ask, name: str, *, kind: str) -> Job:
    """Return one of the visitor's jobs of a kind."""
    job = runner_of(ask).store.get(name)
    if job is None or job.kind != kind or job.owner.organisation != owner_of(ask).organisation:
        raise NotHere("there is no such request of yours", "look at the list of your requests")
    return job
