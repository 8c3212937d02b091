"""Approvals: what colleagues proposed, decided by a second person; and payouts, which take two."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from cantoria.app.access.permissions import TAKES_TWO, Permission
from cantoria.app.access.types import Proposal, State
from cantoria.app.audit import AuditLog, Deed
from cantoria.bootstrap.approving import KINDS, approve, decline, payout, propose, seconds, state_of
from cantoria.web.portal.access.area import area
from cantoria.web.portal.access.common import access_of, bare_name, in_person, membership_of, origin
from cantoria.web.portal.access.signing import Nothing
from cantoria.web.portal.faces import address
from cantoria.web.portal.page import Ask, FormModel, NotHere, NotYours, Outcome, Value

PAYMENTS_SHOWN = 50


class PayForm(FormModel):
    """The currency to pay out."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")


@area.page("/approvals", template="access/approvals.html", summary="What waits for a second person", signed_in=True)
def waiting(ask: Ask) -> Value:
    """Return the proposals of the visitor's organisation that they may see, the newest first."""
    _concerned(ask)
    access = access_of(ask)
    found = [
        one
        for one in access.approvals.of(ask.visitor.organisation)
        if KINDS[one.kind].permission in ask.visitor.permissions
    ]
    accounts = [one.proposer for one in found] + [one.decider for one in found]
    accounts += [str(_member_account(ask, one)) for one in found]
    names = access.accounts.names(accounts)
    return {
        "may_pay": ask.visitor.may(Permission.PAY),
        "proposals": [_shown(ask, one, names) for one in found],
    }


@area.form("/approvals/pay", model=PayForm, summary="Propose to pay out", needs=Permission.PAY, writes=False)
def propose_payout(ask: Ask, form: PayForm) -> Outcome:
    """Propose to pay the balances of closed periods; a second person approves exactly these payments."""
    visitor, access = in_person(ask), access_of(ask)
    payload = payout(ask.house, currency=form.currency, organisation=visitor.organisation)
    kept = propose(access, ask.house, kind="royalty.pay", payload=payload, by=membership_of(access, visitor))
    return Outcome(value={"proposal": kept.id}, location="/approvals", said="proposed")


@area.form(
    "/approvals/{proposal}/approve",
    model=Nothing,
    summary="Approve what a colleague proposed, which does it",
    template="access/approved.html",
)
def approve_one(ask: Ask, form: Nothing, proposal: str) -> Value:
    """Do what was proposed; an invitation's link is shown this once."""
    found = _own(ask, proposal)
    access = access_of(ask)
    done = approve(access, ask.house, found, by=in_person(ask).account)
    _tell(ask, found)
    code = done.pop("code", "")
    link = f"{origin(access, ask.credentials)}{address('/invitation', code=code)}" if code else ""
    return {"proposal": found.id, "kind": found.kind, "done": done, "link": link}


@area.form(
    "/approvals/{proposal}/decline", model=Nothing, summary="Decline a proposal, or withdraw your own", writes=False
)
def decline_one(ask: Ask, form: Nothing, proposal: str) -> Outcome:
    """Decline what a colleague proposed, or withdraw one's own."""
    found = _own(ask, proposal)
    decline(access_of(ask), found, by=in_person(ask).account)
    return Outcome(value={"proposal": found.id}, location="/approvals", said="declined", status=200)


def _tell(ask: Ask, proposal: Proposal) -> None:
    """Write one line with both names into the log that the organisation reads."""
    log: AuditLog | None = ask.portal.parts.get("audit")
    if log is None:
        return
    proposer = access_of(ask).accounts.names([proposal.proposer]).get(proposal.proposer, "")
    log.add(
        Deed(
            organisation=proposal.organisation,
            account=proposal.proposer,
            name=f"{proposer} + {ask.visitor.name}",
            action=proposal.kind,
            outcome="done",
            said="approved",
            targets=(ask.visitor.account, proposal.id, str(proposal.payload.get("membership", ""))),
            at=access_of(ask).now(),
        )
    )


def _concerned(ask: Ask) -> None:
    visitor = in_person(ask)
    if not visitor.organisation or not visitor.permissions & TAKES_TWO:
        raise NotYours


def _own(ask: Ask, proposal: str) -> Proposal:
    _concerned(ask)
    found = access_of(ask).approvals.get(ask.visitor.organisation, proposal)
    if found is None or KINDS[found.kind].permission not in ask.visitor.permissions:
        raise NotHere("there is no such proposal", "look at the approvals")
    return found


def _member_account(ask: Ask, one: Proposal) -> str:
    member = access_of(ask).accounts.membership(str(one.payload.get("membership", "")))
    return member.account if member is not None and member.organisation == one.organisation else ""


def _shown(ask: Ask, one: Proposal, names: dict[str, str]) -> dict[str, Any]:
    access = access_of(ask)
    state = state_of(one, access.now())
    who = seconds(access, one) if state is State.OPEN else []
    payments = one.payload.get("payments", [])
    return {
        "id": one.id,
        "kind": one.kind,
        "role": one.payload.get("role", ""),
        "login": one.payload.get("login", ""),
        "whom": one.payload.get("name") or names.get(_member_account(ask, one), ""),
        "currency": one.payload.get("currency", ""),
        "count": len(payments),
        "payments": [
            {"party": pay["party"], "amount": pay["amount"], "called": bare_name(ask.house, pay["party"])}
            for pay in payments[:PAYMENTS_SHOWN]
        ],
        "digest": one.digest,
        "proposer": names.get(one.proposer, one.proposer),
        "proposed_at": one.proposed_at,
        "expires_at": one.expires_at,
        "state": state.value,
        "decider": names.get(one.decider, one.decider),
        "decided_at": one.decided_at,
        "mine": one.proposer == ask.visitor.account,
        "may_approve": ask.visitor.account in who,
        "nobody_else": state is State.OPEN and not who,
    }
