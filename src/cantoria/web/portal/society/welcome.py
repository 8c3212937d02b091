"""`/welcome`: a member follows the invitation of the society and gets an account of their own."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from cantoria.adapters.access.accounts import NAME_CHARS_MAX, as_login
from cantoria.adapters.access.passwords import CHARS_MAX
from cantoria.adapters.access.rates import Bucket
from cantoria.adapters.members import SqliteMembers
from cantoria.app.access.permissions import Role
from cantoria.app.access.types import Account
from cantoria.app.members.types import Member, MemberState
from cantoria.kernel.errors import InputError
from cantoria.web.portal.access.account import check_new
from cantoria.web.portal.access.common import access_of, address_block, begin_session, spend
from cantoria.web.portal.page import Ask, FormModel, NotHere, Outcome, PageQuery, Value
from cantoria.web.portal.society.area import area
from cantoria.web.portal.society.ours import runner_of

FREE: Final = 30  # codes that one address may try in an hour


class CodeQuery(PageQuery):
    """The code of an invitation."""

    code: str = Field("", max_length=100)


class WelcomeForm(FormModel):
    """The code, a sign-in name where the society knows no address, and a password twice."""

    code: str = Field(max_length=100)
    login: str = Field("", max_length=254)
    password: str = Field("", max_length=CHARS_MAX)
    again: str = Field("", max_length=CHARS_MAX)


@area.page("/welcome", template="society/welcome.html", summary="A society's invitation to a member", query=CodeQuery)
def invitation(ask: Ask) -> Value:
    """Return who invites whom."""
    found = _found(ask, ask.query.code)
    account = access_of(ask).accounts.by_login(found.email) if found.email else None
    return {
        "organisation": found.organisation,
        "name": found.name,
        "login": found.email,
        "party": found.party,
        "has_account": account is not None,
        "is_you": account is not None and account.id == ask.visitor.account,
        "code": ask.query.code,
    }


@area.form("/welcome", model=WelcomeForm, summary="Follow a society's invitation", signed_in=False, writes=False)
def join(ask: Ask, form: WelcomeForm) -> Outcome:
    """Open the member's account, or add to the one they have; the member is confirmed then."""
    access, found = access_of(ask), _found(ask, form.code)
    login = found.email or form.login
    if not login:
        raise InputError("no sign-in name was given", "write your address of mail")
    account = access.accounts.by_login(login)
    if account is not None and account.id != ask.visitor.account:
        raise InputError("there is an account of this sign-in name", "sign in with it, then open the invitation again")
    password = ""
    if account is None:  # whatever can be refused is refused before the invitation is used up
        login = as_login(login)
        check_new(form.password, form.again, _future(found, login))
        password = access.passwords.hash(form.password)
    moved = _store(ask).move(
        [found.member], organisation=found.organisation, to=MemberState.CONFIRMED, now=access.now()
    )
    if not moved:
        raise NotHere("this invitation was used or has ended", "ask your society for another one")
    if account is None:
        made = access.accounts.create(login, name=_called(found, login), now=access.now())
        access.accounts.set_password(made.id, password)
        account = access.accounts.get(made.id) or made
    member = access.accounts.join(
        account.id, organisation=found.organisation, role=Role.PERSON, party=found.party, now=access.now()
    )
    cookies = begin_session(ask, account, membership=member, how="invitation")
    return Outcome(value={"account": account.id}, location="/account", said="welcome", cookies=cookies)


def _found(ask: Ask, code: str) -> Member:
    found = _store(ask).by_code(code) if code else None
    if found is None:
        access = access_of(ask)
        spend(access, (Bucket(f"welcome\n{address_block(ask.credentials.address)}", FREE),))
        raise NotHere("this invitation was used or has ended", "ask your society for another one")
    return found


def _store(ask: Ask) -> SqliteMembers:
    store: SqliteMembers = runner_of(ask).parts()["members"]
    return store


def _called(found: Member, login: str) -> str:
    """Return a name that an account can have: a table's may be longer, or hold signs that nothing shows."""
    plain = "".join(sign for sign in found.name if sign.isprintable())[:NAME_CHARS_MAX].strip()
    return plain or login[:NAME_CHARS_MAX]


def _future(found: Member, login: str) -> Account:
    return Account(
        id="",
        login=login,
        name=found.name,
        active=True,
        demo=False,
        version=1,
        created_at=found.made_at,
        has_password=False,
    )
