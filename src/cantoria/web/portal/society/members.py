"""`/members`: upload a table of members, welcome them, hand out invitations, verify who came."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any, Final, Literal

from pydantic import Field

from cantoria.adapters.members import SqliteMembers
from cantoria.app import jobs
from cantoria.app.access.permissions import Permission
from cantoria.app.jobs import Job, JobState
from cantoria.app.members.reading import ROWS_MAX
from cantoria.app.members.types import Member, MemberState
from cantoria.kernel.errors import InputError
from cantoria.kernel.spreadsheet import as_text
from cantoria.web.portal.access.common import access_of, origin
from cantoria.web.portal.auditing import record
from cantoria.web.portal.page import Ask, File, FormModel, NotHere, NotYours, Outcome, PageQuery, Several, Value
from cantoria.web.portal.society.area import area
from cantoria.web.portal.society.files import plain_name
from cantoria.web.portal.society.jobs import Nothing
from cantoria.web.portal.society.ours import is_staff, job_of, jobs_of, owner_of, runner_of

BYTES_MAX: Final = 32 << 20
LISTED: Final = 50
CODE_BYTES: Final = 32
MOVED_MAX: Final = 500
LINKS_MAX: Final = 100_000


class MembersQuery(PageQuery):
    """Which members are listed."""

    q: str = Field("", max_length=200, description="a name or part of one, a number, a party or an address")
    state: Literal["", "invited", "confirmed", "verified", "withdrawn"] = Field("", description="only in this state")
    after: str = Field("", max_length=60, description="only members after this one: the cursor of the page before")


class TableForm(FormModel):
    """A table of members, in the part `file` of a multipart form."""

    namespace: str = Field("", max_length=60, description="of the members' numbers; your name when empty")
    file: str = Field("", max_length=0, description="the table itself, as a part of the form")


class LinksForm(FormModel):
    """For whom links are made."""

    again: bool = Field(False, description="also for those who had one, which ends then")


class MoveForm(FormModel):
    """Which members are verified, or withdraw."""

    members: Several = Field(min_length=1, max_length=MOVED_MAX)
    to: Literal["verified", "withdrawn"]


@area.page(
    "/members",
    template="society/members.html",
    summary="Your members and how far each is",
    query=MembersQuery,
    needs=Permission.ONBOARD_MEMBERS,
)
def members(ask: Ask) -> Value:
    """Return the organisation's members, counted by state."""
    store, organisation, query = _store(ask), _organisation(ask), ask.query
    found = store.found(organisation, text=query.q, state=query.state, after=query.after, limit=LISTED + 1)
    counts = store.counts(organisation)
    recent = [one for one in jobs_of(ask, limit=20) if one.kind in ("check-members", "onboard")]
    return {
        "members": [member_value(one) for one in found[:LISTED]],
        "next": found[LISTED - 1].member if len(found) > LISTED else "",
        "q": query.q,
        "state": query.state,
        "counts": {one.value: counts.get(one.value, 0) for one in MemberState},
        "total": sum(counts.values()),
        "rows_max": ROWS_MAX,
        "jobs": [jobs.job_value(one) for one in recent[:5]],
    }


@area.form(
    "/members/upload",
    model=TableForm,
    summary="Check a table of members, as a job",
    needs=Permission.ONBOARD_MEMBERS,
    bytes_max=BYTES_MAX,
)
def upload(ask: Ask, form: TableForm) -> Outcome:
    """Keep the table beside the house and check it in the background."""
    organisation = _organisation(ask)
    sent = ask.uploads.get("file")
    if sent is None or not sent.data:
        raise InputError("no table came", "send it as the part `file` of a multipart/form-data form")
    name = ask.house.ids.new("upload")
    _store(ask).keep_upload(name, organisation=organisation, name=plain_name(sent.name), data=sent.data)
    told = {"upload": name, "name": plain_name(sent.name)}
    job = _submit(ask, "check-members", told | ({"namespace": form.namespace} if form.namespace else {}))
    return Outcome(value={"job": jobs.job_value(job)}, location=f"/members/imports/{job.job}")


@area.page(
    "/members/imports/{job}",
    template="society/member_table.html",
    summary="A checked table of members",
    needs=Permission.ONBOARD_MEMBERS,
)
def table(ask: Ask, job: str) -> Value:
    """Return what a check of a table found."""
    found = _check_of(ask, job)
    before = _onboarding_of(ask, found)
    return {"job": jobs.job_value(found), "welcomed": jobs.job_value(before) if before else None}


@area.form(
    "/members/imports/{job}/welcome",
    model=Nothing,
    summary="Register the members of a table and open their accounts, as a job",
    needs=Permission.ONBOARD_MEMBERS,
)
def welcome(ask: Ask, form: Nothing, job: str) -> Outcome:
    """Queue the welcome of a table that was checked."""
    found = _check_of(ask, job)
    if found.state is not JobState.DONE:
        raise InputError("the table is not checked yet", "wait until its check is done")
    before = _onboarding_of(ask, found)
    if before is not None:
        return Outcome(value={"job": jobs.job_value(before)}, location=f"/jobs/{before.job}", status=200)
    made = _submit(ask, "onboard", {**found.parameters, "checked": found.job})
    return Outcome(value={"job": jobs.job_value(made)}, location=f"/jobs/{made.job}", said="job_queued")


@area.form("/members/links", model=LinksForm, summary="Make invitation links, once", needs=Permission.ONBOARD_MEMBERS)
def links(ask: Ask, form: LinksForm) -> Any:
    """Return a table of fresh links, as CSV; of their codes only the hashes are kept, so that it comes once."""
    store, organisation = _store(ask), _organisation(ask)
    invited = store.found(organisation, state=MemberState.INVITED.value, limit=LINKS_MAX)
    chosen = [one for one in invited if form.again or not one.linked_at]
    if not chosen:
        raise InputError("everybody who is invited has a link", "say `again` for new ones: the old ones end then")
    codes = [(one.member, ask.house.entropy.token(CODE_BYTES).hex()) for one in chosen]
    store.link(codes, organisation=organisation, now=ask.now)
    base = origin(access_of(ask), ask.credentials)
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("number", "name", "email", "link"))
    for one, (_, code) in zip(chosen, codes, strict=True):
        writer.writerow((as_text(one.key), as_text(one.name), as_text(one.email), f"{base}/welcome?code={code}"))
    record(ask.portal, ask.visitor, "members.links", [], "done", said=f"{len(codes)} links", status=200, at=ask.now)
    return File(data=text.getvalue().encode(), media_type="text/csv; charset=utf-8", name="invitations.csv")


@area.form("/members/state", model=MoveForm, summary="Verify members, or let them go", needs=Permission.ONBOARD_MEMBERS)
def move(ask: Ask, form: MoveForm) -> Outcome:
    """Verify members, or note that they withdrew, which erases what is kept of them here."""
    to = MemberState(form.to)
    moved = _store(ask).move(form.members, organisation=_organisation(ask), to=to, now=ask.now)
    if not moved:
        raise NotHere("none of these members can be moved", "look at their states")
    said = "members_verified" if to is MemberState.VERIFIED else "members_withdrawn"
    return Outcome(value={"moved": moved, "to": to.value}, location="/members", said=said, status=200)


def member_value(one: Member) -> Value:
    """Return a member as JSON."""
    return {
        "member": one.member,
        "party": one.party,
        "number": one.key,
        "name": one.name,
        "email": one.email,
        "state": one.state.value,
        "made_at": one.made_at,
        "linked_at": one.linked_at or None,
        "confirmed_at": one.confirmed_at or None,
        "verified_at": one.verified_at or None,
        "withdrawn_at": one.withdrawn_at or None,
    }


def _store(ask: Ask) -> SqliteMembers:
    store: SqliteMembers = runner_of(ask).parts()["members"]
    return store


def _organisation(ask: Ask) -> str:
    if not is_staff(ask.visitor):
        raise NotYours
    return ask.visitor.organisation


def _submit(ask: Ask, kind: str, parameters: dict[str, Any]) -> Job:
    runner = runner_of(ask)
    job = jobs.submit(ask.house, runner.store, kind, owner=owner_of(ask), parameters=parameters)
    runner.wake()
    return job


def _check_of(ask: Ask, job: str) -> Job:
    _organisation(ask)
    found = job_of(ask, job)
    if found.kind != "check-members":
        raise NotHere("that job is no check of a table of members", "look at the list of your jobs")
    return found


def _onboarding_of(ask: Ask, check: Job) -> Job | None:
    over = (JobState.CANCELLED, JobState.FAILED)
    made = (one for one in jobs_of(ask, kind="onboard", limit=200) if one.state not in over)
    return next((one for one in made if one.parameters.get("checked") == check.job), None)
