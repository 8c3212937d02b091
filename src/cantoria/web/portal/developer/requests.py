"""`/requests`: ask for the licensable rows of a dataset in bulk, and watch what thousands of holders answer."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from cantoria.app import jobs, licences, terms_known
from cantoria.app.access.permissions import Permission
from cantoria.app.jobs import Job, JobState
from cantoria.app.pages import developer_datasets as datasets
from cantoria.app.pages import developer_requests as asked
from cantoria.app.pages.developer_asking import money_value, request_of
from cantoria.app.pages.developer_types import ASKABLE, PLAN, SEND, Bulk, Filter, bulk_of, parameters
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import parse_moment
from cantoria.licensing.licence_views import LicenceState
from cantoria.licensing.terms import ModelRule
from cantoria.web.portal.developer.area import area, dataset_of, desk_of, job_of, job_owner, owner_of, runner_of
from cantoria.web.portal.developer.forms import Nothing, money_of
from cantoria.web.portal.page import Ask, FormModel, NotHere, Outcome, PageQuery, Value

LICENCES_SHOWN: Final = 50
SETTLES: Final = 1_000_000  # microseconds
PLANS_SHOWN: Final = 10
SENT_SHOWN: Final = 200
Text = Annotated[str, StringConstraints(max_length=200)]


class AskForm(FormModel):
    """Which rows are asked for, under which terms, at which price."""

    status: Text = Field(ASKABLE, description="rows of this status; `askable`: all that nothing but yeses keep")
    reason: Text = Field("", description="only rows with this reason")
    text: Text = Field("", description="only rows with this text in a code or in their subject's id")
    terms: Text = Field("one-version", description="a document of terms: its name, name@version or digest")
    price: Text = Field("", description="for each thing, such as `EUR 0.05`; empty: no payment is offered")
    lump_sum: bool = Field(False, description="the price is for all things of a holder together")
    model: Text = ""
    model_version: Text = ""
    until: Text = Field("", description="day after the last of the term; open when empty")
    expires_days: int = Field(30, ge=1, le=366, description="after how many days without an answer it is a no")


class RequestQuery(PageQuery):
    """Which licences of a request are listed."""

    state: LicenceState | None = Field(None, description="only licences in this state")
    after: str = Field("", max_length=60, description="only licences behind this one: `next` of the page before")


@area.form(
    "/datasets/{dataset}/ask",
    model=AskForm,
    summary="Work out what asking for licences for a dataset's rows would come to",
    needs=Permission.ASK_LICENCES,
)
def ask_for(ask: Ask, form: AskForm, dataset: str) -> Outcome:
    """Queue the plan; nobody is asked before it is sent."""
    found = dataset_of(ask, dataset)
    if found.said is None:
        raise InputError("this dataset is not cleared yet", "wait for its job to end")
    bulk = Bulk(
        dataset=found.dataset,
        certificate=found.said.fact.certificate,
        terms=form.terms,
        chosen=Filter(status=form.status, reason=form.reason, text=form.text),
        price=money_of(form.price),
        lump=form.lump_sum,
        model=form.model,
        model_version=form.model_version or None,
        until=parse_moment(form.until) if form.until else None,
        expires_days=form.expires_days,
    )
    terms = terms_known.named(ask.house, bulk.terms)
    if terms.model_rule is ModelRule.THIS_VERSION and not (bulk.model_version or found.said.fact.request.model_version):
        raise InputError("these terms are for one model version", "name the model version")
    results = datasets.results_of(ask.house, desk_of(ask), found)
    job = _submit(ask, PLAN, {**parameters("bulk", bulk), "results": results})
    return Outcome(value={"plan": job.job}, location=f"/requests/{job.job}", said="plan_begun")


@area.form(
    "/requests/{request}/send",
    model=Nothing,
    summary="Ask all holders that a plan names, each once",
    needs=Permission.ASK_LICENCES,
)
def send(ask: Ask, form: Nothing, request: str) -> Outcome:
    """Queue the sending of a plan; a plan that was sent is not sent again."""
    plan = job_of(ask, request, kind=PLAN)
    if plan.state is not JobState.DONE or not plan.result.get("licences"):
        raise InputError("there is nobody to ask by this plan", "wait for it to end, or choose other rows")
    name = request_of(plan.job, licensee=owner_of(ask).party)
    if _sending(ask, name) is None:
        given = {key: plan.parameters[key] for key in ("bulk", "results")}
        _submit(ask, SEND, {**given, "plan": plan.job, "request": name})
    return Outcome(value={"request": name}, location=f"/requests/{name}", said="request_sent")


@area.form(
    "/requests/{request}/withdraw",
    model=Nothing,
    summary="Take every offer of a request that still waits off the table",
    needs=Permission.ASK_LICENCES,
)
def withdraw(ask: Ask, form: Nothing, request: str) -> Outcome:
    """Withdraw what waits; what is concluded stays."""
    owner = owner_of(ask)
    if not asked.licences_of(ask.house, request, licensee=owner.party, size=ask.size, now=ask.now):
        raise NotHere("there is no such request of yours", "look at the list of your requests")
    gone = licences.withdraw(ask.house, [request], author=ask.author())
    value = {"request": request, "entries": [one.index for one in gone]}
    return Outcome(value=value, location=f"/requests/{request}", said="request_withdrawn")


@area.page(
    "/requests",
    template="developer/requests.html",
    summary="Your organisation's requests for licences, and how far each has come",
    needs=Permission.ASK_LICENCES,
)
def listed(ask: Ask) -> Value:
    """Return the requests of the visitor's organisation, the newest first, and plans not sent."""
    owner, store = owner_of(ask), runner_of(ask).store
    found = asked.requests_of(ask.house, licensee=owner.party, size=ask.size, now=ask.now)
    known = {one["request"] for one in found}
    sent = {str(job.parameters.get("request")): job for job in store.listed(owner.organisation, kind=SEND)}
    under_way = [
        {"request": name, "state": job.state.value, "progress": _progress(job)}
        for name, job in sent.items()
        if name not in known or not job.ended
    ]
    plans = [
        {"plan": job.job, "state": job.state.value, "created_at": job.created_at, "rows": job.result.get("rows")}
        for job in store.listed(owner.organisation, kind=PLAN, limit=PLANS_SHOWN)
        if request_of(job.job, licensee=owner.party) not in known | set(sent)
    ]
    return {"requests": found, "under_way": under_way, "plans": plans}


@area.page(
    "/requests/{request}",
    template="developer/request.html",
    summary="A plan of whom to ask, or a request and what holders answered",
    query=RequestQuery,
    needs=Permission.ASK_LICENCES,
)
def request(ask: Ask, request: str) -> Value:
    """Return a plan by its job's id, a request by its own."""
    if request.startswith("job_"):
        return _plan_value(ask, job_of(ask, request, kind=PLAN))
    return _request_value(ask, request)


def _plan_value(ask: Ask, job: Job) -> Value:
    bulk = bulk_of(job.parameters)
    name = request_of(job.job, licensee=owner_of(ask).party)
    failed, sent = job.state is JobState.FAILED, _sending(ask, name) is not None
    stage = "failed" if failed else "planning" if job.state is not JobState.DONE else "sent" if sent else "planned"
    return {
        "request": name,
        "plan": job.job,
        "stage": stage,
        "dataset": bulk.dataset,
        "sent": sent,
        "progress": _progress(job),
        "ended": job.ended,
        "failure": dict(job.result) if failed else None,
        "asked": _bulk_value(bulk),
        "comes_to": dict(job.result) if job.state is JobState.DONE else None,
    }


def _request_value(ask: Ask, name: str) -> Value:
    owner, query = owner_of(ask), ask.query
    job = _sending(ask, name)
    every = asked.licences_of(ask.house, name, licensee=owner.party, size=ask.size, now=ask.now)
    if job is None and not every:
        raise NotHere("there is no such request of yours", "look at the list of your requests")
    chosen = [one for one in every if query.state in (None, one.state)]
    behind = [one for one in chosen if one.recorded.fact.offer.licence > query.after]
    shown = behind[:LICENCES_SHOWN]
    # What a job recorded while this page was being made is not in it yet: then the page says that it goes on.
    ended = job is None or (job.ended and job.ended_at + SETTLES < ask.now)
    failed = job is not None and job.state is JobState.FAILED
    return {
        "request": name,
        "plan": "" if job is None else str(job.parameters.get("plan", "")),
        "stage": "failed" if failed else "sent" if ended else "sending",
        "dataset": "" if job is None else bulk_of(job.parameters).dataset,
        "progress": None if job is None else _progress(job),
        "ended": ended,
        "failure": dict(job.result) if job is not None and failed else None,
        "summary": asked.summary_value(every) if every else None,
        "state": "" if query.state is None else query.state.value,
        "licences": [asked.licence_value(ask.house, one) for one in shown],
        "next": shown[-1].recorded.fact.offer.licence if len(behind) > LICENCES_SHOWN else None,
    }


def _bulk_value(bulk: Bulk) -> dict[str, Any]:
    return {
        "status": bulk.chosen.status,
        "reason": bulk.chosen.reason,
        "text": bulk.chosen.text,
        "terms": bulk.terms,
        "price": None if bulk.price is None else money_value(bulk.price),
        "lump_sum": bulk.lump,
        "model": bulk.model,
        "model_version": bulk.model_version,
        "until": bulk.until,
        "expires_days": bulk.expires_days,
    }


def _sending(ask: Ask, request: str) -> Job | None:
    """Return the job that sends a request of the visitor's organisation, None where there is none."""
    sent = runner_of(ask).store.listed(owner_of(ask).organisation, kind=SEND, limit=SENT_SHOWN)
    return next((job for job in sent if job.parameters.get("request") == request), None)


def _progress(job: Job) -> dict[str, Any]:
    return {"state": job.state.value, "done": job.done, "total": job.total, "phase": job.phase}


def _submit(ask: Ask, kind: str, given: dict[str, Any]) -> Job:
    runner = runner_of(ask)
    job = jobs.submit(ask.house, runner.store, kind, owner=job_owner(ask), parameters=given)
    runner.wake()
    return job
