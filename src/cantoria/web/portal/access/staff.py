"""Colleagues of an organisation: who they are, and proposals to invite, to change a role, to remove."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from cantoria.adapters.access.accounts import LOGIN_CHARS_MAX, NAME_CHARS_MAX, as_login, as_name
from cantoria.app.access.permissions import Permission, Role
from cantoria.app.access.types import Membership
from cantoria.bootstrap.access import Access
from cantoria.bootstrap.approving import STAFF_ROLES, propose
from cantoria.web.portal.access.account import note
from cantoria.web.portal.access.area import area
from cantoria.web.portal.access.common import access_of, in_person, membership_of, organisation_name
from cantoria.web.portal.page import Ask, FormModel, NotHere, Outcome, Value

STAFF = Permission.MANAGE_STAFF


class InviteForm(FormModel):
    """Whom to invite, by what sign-in name, in which role."""

    login: str = Field(min_length=3, max_length=LOGIN_CHARS_MAX)
    name: str = Field(min_length=1, max_length=NAME_CHARS_MAX)
    role: Role


class RoleForm(FormModel):
    """A colleague's new role."""

    membership: str = Field(max_length=60)
    role: Role


class RemoveForm(FormModel):
    """A colleague who leaves."""

    membership: str = Field(max_length=60)


class UninviteForm(FormModel):
    """An invitation to take back."""

    invitation: str = Field(max_length=60)


@area.page("/staff", template="access/staff.html", summary="The colleagues of your organisation", needs=STAFF)
def colleagues(ask: Ask) -> Value:
    """Return the colleagues, the open invitations, and the roles that there are."""
    visitor, access = in_person(ask), access_of(ask)
    staff = access.accounts.staff(visitor.organisation)
    managing = {one.account for one in staff if one.role is Role.OWNER}
    return {
        "organisation": visitor.organisation,
        "called": organisation_name(ask.house, visitor.organisation),
        "colleagues": [_colleague(access, one, visitor.account) for one in staff],
        "invitations": [
            {
                "id": one.id,
                "login": one.login,
                "name": one.name,
                "role": one.role.value,
                "expires_at": one.expires_at,
            }
            for one in access.invitations.open(visitor.organisation, now=access.now())
        ],
        "roles": [role.value for role in STAFF_ROLES],
        "alone": managing <= {visitor.account},
    }


@area.form("/staff/invite", model=InviteForm, summary="Propose to invite a colleague", needs=STAFF, writes=False)
def invite(ask: Ask, form: InviteForm) -> Outcome:
    """Propose an invitation; a second person approves it."""
    payload = {"login": as_login(form.login), "name": as_name(form.name), "role": form.role.value}
    return _proposed(ask, "staff.invite", payload)


@area.form("/staff/role", model=RoleForm, summary="Propose another role for a colleague", needs=STAFF, writes=False)
def change_role(ask: Ask, form: RoleForm) -> Outcome:
    """Propose a role; a second person approves it."""
    member = _own(ask, form.membership)
    return _proposed(ask, "staff.role", {"membership": member.id, "role": form.role.value})


@area.form("/staff/remove", model=RemoveForm, summary="Propose that a colleague leaves", needs=STAFF, writes=False)
def remove(ask: Ask, form: RemoveForm) -> Outcome:
    """Propose a removal; a second person approves it."""
    return _proposed(ask, "staff.remove", {"membership": _own(ask, form.membership).id})


@area.form("/staff/uninvite", model=UninviteForm, summary="Take an invitation back", needs=STAFF, writes=False)
def uninvite(ask: Ask, form: UninviteForm) -> Outcome:
    """End an open invitation at once: that takes nobody's approval."""
    visitor, access = in_person(ask), access_of(ask)
    if not access.invitations.end(visitor.organisation, form.invitation):
        raise NotHere("there is no such invitation", "look at your colleagues")
    note(ask, "staff.uninvite", target=form.invitation)
    return Outcome(value={"invitation": form.invitation}, location="/staff", said="invitation_ended", status=200)


def _proposed(ask: Ask, kind: str, payload: dict[str, Any]) -> Outcome:
    visitor, access = in_person(ask), access_of(ask)
    kept = propose(access, ask.house, kind=kind, payload=payload, by=membership_of(access, visitor))
    return Outcome(value={"proposal": kept.id}, location="/approvals", said="proposed")


def _own(ask: Ask, membership: str) -> Membership:
    found = access_of(ask).accounts.membership(membership)
    if found is None or found.organisation != in_person(ask).organisation:
        raise NotHere("there is no such colleague", "look at your colleagues")
    return found


def _colleague(access: Access, one: Membership, visitor: str) -> dict[str, Any]:
    account = access.accounts.get(one.account)
    return {
        "membership": one.id,
        "account": one.account,
        "name": account.name if account else "",
        "login": account.login if account else "",
        "active": bool(account and account.active),
        "role": one.role.value,
        "since": one.since,
        "you": one.account == visitor,
    }
