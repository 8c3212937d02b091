"""Four eyes: what one person of an organisation proposes is done once another approves it.

While nobody else of an organisation may approve, the operator of the house does it in the second person's place, so
that an organisation with a single owner is not locked out (and no one person is enough either).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cantoria.adapters.access.secrets import new_id
from cantoria.app import paying
from cantoria.app.access.permissions import ROLES, Permission, Role
from cantoria.app.access.types import DAY, FOR_THEMSELVES, Membership, Proposal, State
from cantoria.bootstrap.access import Access
from cantoria.bootstrap.house import WiredHouse
from cantoria.kernel import canonical
from cantoria.kernel.errors import CantoriaError, InputError

LIFE: Final = 7 * DAY
OPERATOR: Final = "operator"
STAFF_ROLES: Final = tuple(role for role in Role if role not in FOR_THEMSELVES)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of proposal: who may propose and approve it, whether it still makes sense, and how it is done."""

    permission: Permission
    check: Callable[[Access, WiredHouse, Proposal], None]
    run: Callable[[Access, WiredHouse, Proposal], dict[str, Any]]


def propose(access: Access, house: WiredHouse, *, kind: str, payload: dict[str, Any], by: Membership) -> Proposal:
    """Propose something in the name of an organisation; who may not, or what makes no sense, is an `InputError`."""
    wanted = KINDS[kind].permission
    if wanted not in ROLES[by.role]:
        raise InputError("your role may not propose this", "ask an owner of your organisation")
    now = access.now()
    proposal = Proposal(
        id=new_id("prop"),
        organisation=by.organisation,
        kind=kind,
        payload=payload,
        digest=hashlib.sha256(canonical.encode({"kind": kind, "payload": payload})).hexdigest(),
        proposer=by.account,
        proposed_at=now,
        expires_at=now + LIFE,
        state=State.OPEN,
        decider="",
        decided_at=None,
    )
    KINDS[kind].check(access, house, proposal)
    kept = access.approvals.add(proposal)
    if kept.id == proposal.id:
        _note(access, kept, actor=by.account, action=f"{kind}.propose")
    return kept


def seconds(access: Access, proposal: Proposal) -> list[str]:
    """Return the accounts that may approve a proposal: others of the organisation with its permission, active."""
    wanted = KINDS[proposal.kind].permission
    found = []
    for one in access.accounts.staff(proposal.organisation):
        if one.account != proposal.proposer and wanted in ROLES[one.role]:
            account = access.accounts.get(one.account)
            if account is not None and account.active:
                found.append(one.account)
    return sorted(found)


def approve(access: Access, house: WiredHouse, proposal: Proposal, *, by: str) -> dict[str, Any]:
    """Do what was proposed, once, by the approval of a second person (or the operator where there is none)."""
    _may_decide(access, proposal, by=by)
    wanted = KINDS[proposal.kind].permission
    still = [one for one in access.accounts.staff(proposal.organisation) if one.account == proposal.proposer]
    proposer = access.accounts.get(proposal.proposer)
    if proposer is None or not proposer.active or not any(wanted in ROLES[one.role] for one in still):
        raise InputError("who proposed this may no longer do so", "propose it again")
    KINDS[proposal.kind].check(access, house, proposal)
    if not access.approvals.decide(proposal, state=State.APPROVED, decider=by, now=access.now()):
        raise InputError("this proposal is not open any more", "look at it again")
    try:
        result = KINDS[proposal.kind].run(access, house, proposal)
    except CantoriaError:
        access.approvals.reopen(proposal)
        raise
    _note(access, proposal, actor=proposal.proposer, second=by, action=proposal.kind)
    return result


def decline(access: Access, proposal: Proposal, *, by: str) -> None:
    """Decline a proposal, or withdraw one's own."""
    own = by == proposal.proposer
    if not own:
        _may_decide(access, proposal, by=by)
    state = State.WITHDRAWN if own else State.DECLINED
    if not access.approvals.decide(proposal, state=state, decider=by, now=access.now()):
        raise InputError("this proposal is not open any more", "look at it again")
    second = "" if own else by
    _note(access, proposal, actor=proposal.proposer, second=second, action=f"{proposal.kind}.{state.value}")


def state_of(proposal: Proposal, now: int) -> State:
    """Return where a proposal stands now."""
    return State.EXPIRED if proposal.state is State.OPEN and proposal.expires_at <= now else proposal.state


def payout(house: WiredHouse, *, currency: str, organisation: str) -> dict[str, Any]:
    """Return what paying out would pay now: the payload of a `royalty.pay`."""
    paid = paying.pay(house, currency=currency, author=house.author(organisation), dry_run=True)
    payments = [{"payment": one.payment, "party": str(one.party), "amount": one.amount.format()} for one in paid]
    return {"currency": currency, "payments": payments}


def _may_decide(access: Access, proposal: Proposal, *, by: str) -> None:
    if by == proposal.proposer:
        raise InputError("nobody approves what they proposed", "ask a colleague")
    others = seconds(access, proposal)
    if by == OPERATOR and others:
        raise InputError("a colleague of the proposer can decide this", "leave it to them")
    if by != OPERATOR and by not in others:
        raise InputError("your role may not decide this", "ask an owner of your organisation")


def _check_invite(access: Access, house: WiredHouse, proposal: Proposal) -> None:
    _staff_role(proposal.payload["role"])
    account = access.accounts.by_login(proposal.payload["login"])
    staff = {one.account for one in access.accounts.staff(proposal.organisation)}
    if account is not None and account.id in staff:
        raise InputError("this person is a colleague already", "change their role instead")


def _run_invite(access: Access, house: WiredHouse, proposal: Proposal) -> dict[str, Any]:
    asked = proposal.payload
    made, code = access.invitations.make(
        proposal.organisation,
        role=_staff_role(asked["role"]),
        login=asked["login"],
        name=asked["name"],
        inviter=proposal.proposer,
        now=access.now(),
    )
    return {"invitation": made, "code": code}


def _check_role(access: Access, house: WiredHouse, proposal: Proposal) -> None:
    member, role = _member(access, proposal), _staff_role(proposal.payload["role"])
    if member.role is role:
        raise InputError("this is their role already", "choose another one")
    if role is not Role.OWNER:
        _keep_an_owner(access, member)


def _run_role(access: Access, house: WiredHouse, proposal: Proposal) -> dict[str, Any]:
    member, role = _member(access, proposal), _staff_role(proposal.payload["role"])
    access.accounts.set_role(member.id, role)
    return {"membership": member.id, "role": role.value}


def _check_remove(access: Access, house: WiredHouse, proposal: Proposal) -> None:
    _keep_an_owner(access, _member(access, proposal))


def _run_remove(access: Access, house: WiredHouse, proposal: Proposal) -> dict[str, Any]:
    member = _member(access, proposal)
    access.accounts.leave(member.id)
    return {"membership": member.id}


def _check_pay(access: Access, house: WiredHouse, proposal: Proposal) -> None:
    if not proposal.payload["payments"]:
        raise InputError("there is nothing to pay", "close a period first")
    now = payout(house, currency=proposal.payload["currency"], organisation=proposal.organisation)
    if now != proposal.payload:
        raise InputError("what is to be paid has changed since", "decline this and propose it again")


def _run_pay(access: Access, house: WiredHouse, proposal: Proposal) -> dict[str, Any]:
    author = house.author(proposal.organisation)
    paid = paying.pay(house, currency=proposal.payload["currency"], author=author)
    return {"payments": [one.payment for one in paid]}


def _member(access: Access, proposal: Proposal) -> Membership:
    found = access.accounts.membership(proposal.payload["membership"])
    if found is None or found.organisation != proposal.organisation or found.role in FOR_THEMSELVES:
        raise InputError("there is no such colleague", "look at the colleagues again")
    return found


def _keep_an_owner(access: Access, member: Membership) -> None:
    owners = [one for one in access.accounts.staff(member.organisation) if one.role is Role.OWNER]
    if member.role is Role.OWNER and len(owners) < 2:
        raise InputError("an organisation keeps at least one owner", "make somebody else an owner first")


def _staff_role(text: str) -> Role:
    if text not in [role.value for role in STAFF_ROLES]:
        raise InputError(f"{text!r:.40} is no role of a colleague", "choose one of those that are offered")
    return Role(text)


def _note(access: Access, proposal: Proposal, *, actor: str, action: str, second: str = "") -> None:
    access.audit.add(
        at=access.now(),
        actor=actor,
        second=second,
        action=action,
        organisation=proposal.organisation,
        target=str(proposal.payload.get("membership") or proposal.payload.get("login") or proposal.id),
        detail=f"{proposal.id} sha256:{proposal.digest}",
    )


KINDS: Final[Mapping[str, Kind]] = {
    "staff.invite": Kind(Permission.MANAGE_STAFF, _check_invite, _run_invite),
    "staff.role": Kind(Permission.MANAGE_STAFF, _check_role, _run_role),
    "staff.remove": Kind(Permission.MANAGE_STAFF, _check_remove, _run_remove),
    "royalty.pay": Kind(Permission.PAY, _check_pay, _run_pay),
}
