"""`/cases`: conflicts with their clocks; answer, bring evidence, decide where one is a register."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from cantoria.app import cases as settling
from cantoria.app.access.permissions import Permission
from cantoria.app.cases import Answer, Decision
from cantoria.app.pages import society_cases
from cantoria.app.ports import Author
from cantoria.bootstrap.naming import find_party, subject_of
from cantoria.kernel.periods import parse_moment
from cantoria.registry.conflict_facts import Stance
from cantoria.registry.types import Case, CaseKind
from cantoria.web.portal.faces import address
from cantoria.web.portal.page import Ask, FormModel, NotHere, NotYours, Outcome, PageQuery, Several, Value
from cantoria.web.portal.society.area import area
from cantoria.web.portal.society.ours import is_staff

EVIDENCE_BYTES: Final = 16 << 20
TEXT_CHARS_MAX: Final = 4_000


class CasesQuery(PageQuery):
    """Which cases are listed."""

    about: str = Field("", max_length=200, description="only those about this id or code and what it carries")
    kind: str = Field("", max_length=40, description="only those of this kind")
    start: int = Field(0, ge=0, le=1_000_000, description="how many to pass over")


class CaseQuery(PageQuery):
    """Which case."""

    about: str = Field("", max_length=200, description="what the case is about: finds it faster")


class AnswerForm(FormModel):
    """What an organisation says in a case; documents come as the parts `file`, `file2` and `file3`."""

    about: str = Field(max_length=200)
    stance: Stance
    text: str = Field("", max_length=TEXT_CHARS_MAX)
    withdraw: Several = Field(default_factory=list, max_length=100)


class EscalateForm(FormModel):
    """Why a case is passed on before its time is over."""

    about: str = Field(max_length=200)
    reason: str = Field("", max_length=TEXT_CHARS_MAX)


class RuleForm(FormModel):
    """What a register decides."""

    about: str = Field(max_length=200)
    outcome: str = Field(min_length=3, max_length=TEXT_CHARS_MAX)
    stands: Several = Field(default_factory=list, max_length=100)
    falls: Several = Field(default_factory=list, max_length=100)
    since: str = Field("", max_length=30)
    grantor: str = Field("", max_length=200)


@area.page("/cases", template="society/cases.html", summary="Open conflicts, the oldest first", query=CasesQuery)
def listed(ask: Ask) -> Value:
    """Return open cases; they are public, as everything on the ledger is."""
    query: CasesQuery = ask.query
    about = _subject(query.about) if query.about.strip() else ""
    found = society_cases.listed(ask.house, size=ask.size, now=ask.now, about=about, kind=query.kind, start=query.start)
    return {**found, "about": query.about, "kind": query.kind, "kinds": [one.value for one in CaseKind]}


@area.page("/cases/statistics", template="society/statistics.html", summary="How many conflicts wait, and for whom")
def statistics(ask: Ask) -> Value:
    """Return the public ageing statistics of now, whatever size is asked for: they name nobody but organisations."""
    return {"as_of": ask.newest, "statistics": society_cases.statistics_value(ask.house, size=ask.newest)}


@area.page(
    "/cases/{case}",
    template="society/case.html",
    summary="A conflict: its clock, the claims side by side, what was said",
    query=CaseQuery,
)
def shown(ask: Ask, case: str) -> Value:
    """Return a case; of one that is settled, what was said in it."""
    query: CaseQuery = ask.query
    subject = _subject(query.about) if query.about.strip() else ""
    found = society_cases.find(ask.house, case, subject=subject, size=ask.size, now=ask.now)
    who = ask.author() if _may(ask) else None
    readers = frozenset({ask.visitor.party, *ask.visitor.persons, who.party if who else ""} - {""})
    if found is None:
        settled = society_cases.settled_value(ask.house, case, size=ask.size, author=who, readers=readers)
        if settled is None:
            raise NotHere("there is no such open case", "look at the list of open cases")
        return settled
    return society_cases.case_value(ask.house, found, size=ask.size, now=ask.now, author=who, readers=readers)


@area.form(
    "/cases/{case}/answer",
    model=AnswerForm,
    summary="Answer in a case, with evidence",
    needs=Permission.DECIDE_CASES,
    bytes_max=EVIDENCE_BYTES,
)
def answer(ask: Ask, form: AnswerForm, case: str) -> Outcome:
    """Record the answer of the visitor's organisation."""
    who, found = _author(ask), _open(ask, case, form.about)
    files = tuple(one.data for one in ask.uploads.values() if one.data)
    said = Answer(party=who.party, stance=form.stance, text=form.text, files=files, withdraw=tuple(form.withdraw))
    receipts = settling.answer(ask.house, found, said, author=who)
    return _done(found, receipts[0].index, "case_answered")


@area.form("/cases/{case}/escalate", model=EscalateForm, summary="Pass a case on", needs=Permission.DECIDE_CASES)
def escalate(ask: Ask, form: EscalateForm, case: str) -> Outcome:
    """Pass a case on to its next stage."""
    who, found = _author(ask), _open(ask, case, form.about)
    receipt = settling.escalate(ask.house, found, reason=form.reason, author=who)
    return _done(found, receipt.index, "case_escalated")


@area.form(
    "/cases/{case}/decide",
    model=RuleForm,
    summary="Decide a case, as a register without a part in it",
    needs=Permission.DECIDE_CASES,
    bytes_max=EVIDENCE_BYTES,
)
def decide(ask: Ask, form: RuleForm, case: str) -> Outcome:
    """Record a decision with all that carries it out."""
    who, found = _author(ask), _open(ask, case, form.about)
    decision = Decision(
        outcome=form.outcome,
        stands=tuple(form.stands),
        falls=tuple(form.falls),
        since=parse_moment(form.since) if form.since else None,
        grantor=find_party(ask.house, form.grantor) if form.grantor else "",
        files=tuple(one.data for one in ask.uploads.values() if one.data),
    )
    receipts = settling.decide(ask.house, found, decision, author=who)
    return _done(found, receipts[0].index, "case_decided")


def _done(case: Case, entry: int, said: str) -> Outcome:
    value = {"case": case.case, "entry": entry}
    return Outcome(value=value, location=address(f"/cases/{case.case}", about=case.subject), said=said)


def _open(ask: Ask, case: str, about: str) -> Case:
    found = society_cases.find(ask.house, case, subject=_subject(about), size=ask.newest, now=ask.now)
    if found is None:
        raise NotHere("there is no such open case", "look at the list of open cases")
    return found


def _subject(text: str) -> str:
    return subject_of(text.strip())


def _may(ask: Ask) -> bool:
    return is_staff(ask.visitor) and ask.visitor.may(Permission.DECIDE_CASES)


def _author(ask: Ask) -> Author:
    if not _may(ask):
        raise NotYours
    return ask.author()
