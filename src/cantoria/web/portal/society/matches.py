"""`/matches`: which things are one, ranked by money; decide, and take a decision back."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from cantoria.app import jobs, matching
from cantoria.app.access.permissions import Permission
from cantoria.app.matching import Decision, load_decisions, proposal_of
from cantoria.app.pages import society_matches
from cantoria.app.ports import Author
from cantoria.registry.match_facts import MatchKind, MatchVerdict
from cantoria.registry.matching.types import Band
from cantoria.web.portal.page import Ask, FormModel, NotYours, Outcome, PageQuery, Value
from cantoria.web.portal.society.area import area
from cantoria.web.portal.society.ours import is_staff, jobs_of, owner_of, runner_of

ID: Final = r"^[a-z]+_[0-9a-z]{26}$"


class MatchesQuery(PageQuery):
    """Which queue."""

    kind: MatchKind = Field(MatchKind.RECORDING, description="recording, work or party")
    band: Band = Field(Band.REVIEW, description="review, or link: what the machine is sure of")
    currency: str = Field("EUR", pattern="^[A-Z]{3}$", description="the currency in which money is at stake")
    start: int = Field(0, ge=0, le=100_000, description="how many pairs to pass over")


class DecideForm(FormModel):
    """What somebody decides about a pair."""

    left: str = Field(pattern=ID, description="the one thing's id")
    right: str = Field(pattern=ID, description="the other thing's id")
    verdict: MatchVerdict
    reason: str = Field("", max_length=1_000)


class UndoForm(FormModel):
    """Which decision is taken back."""

    decision: str = Field(pattern=ID)
    reason: str = Field("", max_length=1_000)


class RunForm(FormModel):
    """What is to be matched."""

    kind: MatchKind = MatchKind.RECORDING


@area.page(
    "/matches",
    template="society/matches.html",
    summary="Pairs that may be one thing, most money first",
    query=MatchesQuery,
    needs=Permission.REVIEW_MATCHES,
)
def matches(ask: Ask) -> Value:
    """Return a page of the queue of the visitor's organisation."""
    query: MatchesQuery = ask.query
    who = _author(ask)
    found = society_matches.queue_value(
        ask.house, query.kind, organisation=who.party, band=query.band, currency=query.currency, start=query.start
    )
    running = [jobs.job_value(one) for one in jobs_of(ask, kind="match", limit=5) if not one.ended]
    asked = {"kind": query.kind.value, "band": query.band.value, "currency": query.currency}
    return {**found, **asked, "kinds": [one.value for one in MatchKind], "running": running[:1]}


@area.form("/matches", model=DecideForm, summary="Decide about a pair", needs=Permission.REVIEW_MATCHES)
def decide(ask: Ask, form: DecideForm) -> Outcome:
    """Record the decision; `same` links the two with effect."""
    who = _author(ask)
    decisions = load_decisions(ask.house)
    found = proposal_of(ask.house, form.left, form.right, decisions=decisions, organisation=who.party)
    decision = Decision(
        left=form.left,
        right=form.right,
        verdict=form.verdict,
        reason=form.reason,
        run=found[0].fact.run if found else "",
        probability_ppm=found[1].probability_ppm if found else 0,
    )
    receipt = matching.decide(ask.house, decision, author=who)
    kind = form.left.split("_", 1)[0]
    value = {"decision": receipt.fact.decision, "verdict": form.verdict.value, "entry": receipt.index}  # type: ignore[attr-defined]
    return Outcome(value=value, location=f"/matches?kind={kind}", said="match_decided")


@area.form("/matches/undo", model=UndoForm, summary="Take a decision back", needs=Permission.REVIEW_MATCHES)
def undo(ask: Ask, form: UndoForm) -> Outcome:
    """Take a decision of the visitor's organisation back, with the link that came with it."""
    receipts = matching.undo(ask.house, form.decision, author=_author(ask), reason=form.reason)
    value = {"decision": form.decision, "entries": [one.index for one in receipts]}
    return Outcome(value=value, location="/matches", said="match_undone")


@area.form("/matches/run", model=RunForm, summary="Match all of a kind, as a job", needs=Permission.REVIEW_MATCHES)
def run(ask: Ask, form: RunForm) -> Outcome:
    """Queue a matching run."""
    _author(ask)
    runner = runner_of(ask)
    told = {"kind": form.kind.value}
    job = jobs.submit(ask.house, runner.store, "match", owner=owner_of(ask), parameters=told)
    runner.wake()
    return Outcome(value={"job": jobs.job_value(job)}, location=f"/jobs/{job.job}", said="job_queued")


def _author(ask: Ask) -> Author:
    if not is_staff(ask.visitor):
        raise NotYours
    return ask.author()
