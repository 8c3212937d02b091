"""What waits for a visitor who signed in: requests, approvals and work under way, each with its page."""

from __future__ import annotations

from typing import Final

from cantoria.app.access.permissions import TAKES_TWO, Permission
from cantoria.app.access.types import State
from cantoria.app.pages import decide_inbox
from cantoria.bootstrap.access import Access
from cantoria.bootstrap.approving import seconds, state_of
from cantoria.web.portal.page import Ask, Value
from cantoria.web.portal.society.ours import jobs_of

JOBS_LOOKED_AT: Final = 25
UNDER_WAY: Final = ("queued", "running")


def waiting_for(ask: Ask) -> list[Value]:
    """Return what waits for the visitor now: `{"what", "count", "more", "until", "href"}`, nothing for strangers.

    Counts are of what a page of the list holds; `more` tells that there is more than that. `until` is the moment of the
    nearest deadline in UTC microseconds, None where there is none.
    """
    if not ask.visitor.known:
        return []
    found = [one for part in (_requests, _approvals, _jobs) for one in part(ask)]
    return [one for one in found if one["count"]]


def _requests(ask: Ask) -> list[Value]:
    visitor = ask.visitor
    if not visitor.party or not visitor.may(Permission.ANSWER_REQUESTS):
        return []
    page = decide_inbox.inbox(ask.house, visitor.party, after="", at=ask.now, size=ask.size)
    until = min((one["first_deadline"] for one in page["groups"] if one["yours"]), default=None)
    return [_value("requests", page["waiting"], "/inbox", until=until, more=page["next"] is not None)]


def _approvals(ask: Ask) -> list[Value]:
    access: Access | None = ask.portal.parts.get("access")
    if access is None or ask.visitor.key or not ask.visitor.permissions & TAKES_TWO:
        return []
    mine = [
        one
        for one in access.approvals.of(ask.visitor.organisation)
        if state_of(one, ask.now) is State.OPEN and ask.visitor.account in seconds(access, one)
    ]
    return [_value("approvals", len(mine), "/approvals", until=min((one.expires_at for one in mine), default=None))]


def _jobs(ask: Ask) -> list[Value]:
    if not ask.visitor.organisation or "jobs" not in ask.portal.parts:
        return []
    under_way = [one for one in jobs_of(ask, limit=JOBS_LOOKED_AT) if one.state.value in UNDER_WAY]
    return [_value("jobs", len(under_way), "/jobs")]


def _value(what: str, count: int, href: str, *, until: int | None = None, more: bool = False) -> Value:
    return {"what": what, "count": count, "more": more, "until": until, "href": href}
