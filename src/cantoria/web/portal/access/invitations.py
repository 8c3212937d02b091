"""Following an invitation: an account of one's own, or one more capacity for the account that one has."""

from __future__ import annotations

from pydantic import Field

from cantoria.adapters.access.passwords import CHARS_MAX
from cantoria.adapters.access.rates import Bucket
from cantoria.app.access.types import Account, Invitation
from cantoria.kernel.errors import InputError
from cantoria.web.portal.access.account import check_new
from cantoria.web.portal.access.area import area
from cantoria.web.portal.access.common import access_of, address_block, begin_session, organisation_name, spend
from cantoria.web.portal.page import Ask, FormModel, NotHere, Outcome, PageQuery, Value

FREE = 30  # codes that one address may try in an hour


class CodeQuery(PageQuery):
    """The code of an invitation."""

    code: str = Field("", max_length=100)


class JoinForm(FormModel):
    """The code, and for a new account its password twice."""

    code: str = Field(max_length=100)
    password: str = Field("", max_length=CHARS_MAX)
    again: str = Field("", max_length=CHARS_MAX)


@area.page("/invitation", template="access/invitation.html", summary="An invitation", query=CodeQuery)
def invitation(ask: Ask) -> Value:
    """Return who invites to what."""
    found = _found(ask, ask.query.code)
    account = access_of(ask).accounts.by_login(found.login)
    return {
        "organisation": found.organisation,
        "called": organisation_name(ask.house, found.organisation),
        "role": found.role.value,
        "name": found.name,
        "login": found.login,
        "expires_at": found.expires_at,
        "has_account": account is not None,
        "is_you": account is not None and account.id == ask.visitor.account,
        "code": ask.query.code,
    }


@area.form("/invitation", model=JoinForm, summary="Follow an invitation", signed_in=False, writes=False)
def join(ask: Ask, form: JoinForm) -> Outcome:
    """Become a colleague: with the account of the invited sign-in name, made where there is none."""
    access, found = access_of(ask), _found(ask, form.code)
    account = access.accounts.by_login(found.login)
    if account is not None and account.id != ask.visitor.account:
        raise InputError("there is an account of this sign-in name", "sign in with it, then open the invitation again")
    password = ""
    if account is None:
        check_new(form.password, form.again, _future(found))
        password = access.passwords.hash(form.password)
    now = access.now()
    if not access.invitations.use(form.code, now=now):
        raise NotHere("this invitation was used or has ended", "ask for another one")
    if account is None:
        made = access.accounts.create(found.login, name=found.name, now=now)
        access.accounts.set_password(made.id, password)
        account = access.accounts.get(made.id) or made
    member = access.accounts.join(account.id, organisation=found.organisation, role=found.role, party="", now=now)
    access.audit.add(
        at=now,
        actor=account.id,
        second=found.inviter,
        action="staff.join",
        organisation=found.organisation,
        target=member.id,
        detail=found.role.value,
    )
    cookies = begin_session(ask, account, membership=member, how="invitation")
    return Outcome(value={"account": account.id}, location="/account", said="joined", cookies=cookies)


def _found(ask: Ask, code: str) -> Invitation:
    access = access_of(ask)
    found = access.invitations.find(code, now=access.now())
    if found is None:
        spend(access, (Bucket(f"invitation\n{address_block(ask.credentials.address)}", FREE),))
        raise NotHere("this invitation was used or has ended", "ask for another one")
    return found


def _future(found: Invitation) -> Account:
    return Account(
        id="",
        login=found.login,
        name=found.name,
        active=True,
        demo=False,
        version=1,
        created_at=found.created_at,
        has_password=False,
    )
