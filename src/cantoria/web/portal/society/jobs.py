"""`/jobs`: long work and how far it is, under the same ids as in the command line and the API."""

from __future__ import annotations

from pydantic import Field

from cantoria.app import jobs
from cantoria.web.portal.page import Ask, FormModel, Outcome, PageQuery, Value
from cantoria.web.portal.society.area import area
from cantoria.web.portal.society.ours import job_of, jobs_of, runner_of

LISTED = 25


class JobsQuery(PageQuery):
    """Which jobs are listed."""

    kind: str = Field("", max_length=40, description="only jobs of this kind")
    before: str = Field("", max_length=60, description="only jobs older than this one: the cursor of the page before")


class Nothing(FormModel):
    """A form without fields."""


@area.page(
    "/jobs", template="society/jobs.html", summary="Your jobs, the newest first", query=JobsQuery, signed_in=True
)
def listed(ask: Ask) -> Value:
    """Return the visitor's jobs and the cursor of the next page."""
    query: JobsQuery = ask.query
    found = jobs_of(ask, kind=query.kind, before=query.before, limit=LISTED + 1)
    shown = found[:LISTED]
    more = shown[-1].job if len(found) > LISTED else ""
    return {"jobs": [jobs.job_value(one) for one in shown], "next": more, "kind": query.kind}


@area.page("/jobs/{job}", template="society/job.html", summary="A job: how far it is, what came of it", signed_in=True)
def shown(ask: Ask, job: str) -> Value:
    """Return everything about one job of the visitor."""
    return {"job": jobs.job_value(job_of(ask, job))}


@area.page(
    "/jobs/{job}/progress",
    template="society/progress.html",
    summary="A job, to be looked at often",
    signed_in=True,
)
def progress(ask: Ask, job: str) -> Value:
    """Return the same; its face is the part of the page that is fetched again and again."""
    return {"job": jobs.job_value(job_of(ask, job))}


@area.form("/jobs/{job}/cancel", model=Nothing, summary="Cancel a job")
def cancel(ask: Ask, form: Nothing, job: str) -> Outcome:
    """Cancel a job of the visitor; what it recorded so far stays recorded."""
    found = jobs.cancel(ask.house, runner_of(ask).store, job_of(ask, job))
    return Outcome(value={"job": jobs.job_value(found)}, location=f"/jobs/{job}", said="job_cancelled", status=200)
