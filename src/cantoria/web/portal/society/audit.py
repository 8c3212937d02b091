"""`/audit`: what the accounts of the visitor's organisation did here, by a question."""

from __future__ import annotations

from pydantic import Field

from cantoria.app import audit
from cantoria.app.access.permissions import Permission
from cantoria.app.audit import AuditLog, Misread
from cantoria.web.portal.page import Ask, NotYours, PageQuery, Value
from cantoria.web.portal.society.area import area
from cantoria.web.portal.society.ours import is_staff

LISTED = 50


class AuditQuery(PageQuery):
    """What is asked of the log."""

    q: str = Field("", max_length=2_000, description="such as actor:alice action:decide since:2026-11-01")
    before: int = Field(0, ge=0, le=1 << 60, description="only rows before this one: the cursor of the page before")


@area.page(
    "/audit",
    template="society/audit.html",
    summary="What the accounts of your organisation did",
    query=AuditQuery,
    needs=Permission.READ_AUDIT,
)
def log(ask: Ask) -> Value:
    """Return rows of the organisation's log, the newest first, or what of the question cannot be read."""
    if not is_staff(ask.visitor):
        raise NotYours
    query: AuditQuery = ask.query
    said = {"q": query.q.strip(), "rows": [], "next": 0, "wrong": None, "fields": list(audit.FIELDS)}
    try:
        question = audit.parse(query.q)
    except Misread as error:
        return {**said, "wrong": {"code": error.code, "part": error.part}}
    kept: AuditLog = ask.portal.parts["audit"]
    found = kept.found(ask.visitor.organisation, question, before=query.before, limit=LISTED + 1)
    more = found[LISTED - 1].number if len(found) > LISTED else 0
    return {**said, "rows": [audit.deed_value(one) for one in found[:LISTED]], "next": more}
