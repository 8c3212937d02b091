"""`cantoria account …`: who may sign in to this house's portal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from cantoria.adapters.access.passwords import acceptable
from cantoria.adapters.audit import SqliteAudit
from cantoria.app.access.permissions import ROLES, Permission, Role
from cantoria.app.access.types import FOR_THEMSELVES, Account, Membership
from cantoria.app.audit import Deed
from cantoria.bootstrap.access import AUDIT_FILE, Access, open_access
from cantoria.bootstrap.approving import OPERATOR, approve
from cantoria.bootstrap.naming import find_party
from cantoria.cli.console import emit, say, table
from cantoria.cli.state import house, state
from cantoria.kernel.errors import InputError

app = typer.Typer(no_args_is_help=True, help="Accounts of the portal: who may sign in, as what.")
LOGIN = Annotated[str, typer.Argument(help="The sign-in name, such as an e-mail address.")]


@contextmanager
def accounts() -> Iterator[Access]:
    """Open the accounts of this run's house, and close them in the end."""
    opened = open_access(state.home)
    try:
        yield opened
    finally:
        opened.close()


@app.command()
def create(
    login: LOGIN,
    name: Annotated[str, typer.Option("--name", help="How the person is called.")],
    organisation: Annotated[str, typer.Option("--organisation", help="A name in the key ring.")],
    role: Annotated[Role, typer.Option("--role", help="What the person may do.")] = Role.OWNER,
    party: Annotated[
        str, typer.Option("--party", help="For a person or manager: the party they act as; the organisation keeps it.")
    ] = "",
    password: Annotated[bool, typer.Option("--password", help="Read a password from standard input.")] = False,
) -> None:
    """Open an account, such as that of an organisation's first owner; the operator alone can do this.

    Example: cantoria account create ada@authors.example --name "Ada" --organisation authors --role owner --password
    """
    if (role in FOR_THEMSELVES) != bool(party):
        raise InputError("a person or manager acts as a party, staff does not", "give --party for these roles alone")
    with house() as opened, accounts() as access:
        opened.author(organisation)  # refuses a name that nobody here records under
        acts = str(find_party(opened, party)) if party else ""
        word = _password(login, name) if password else ""
        made = access.accounts.create(login, name=name, now=access.now())
        if word:
            access.accounts.set_password(made.id, access.passwords.hash(word))
        access.accounts.join(made.id, organisation=organisation, role=role, party=acts, now=access.now())
        _note(access, made, "account.create", organisation=organisation, detail=role.value)
        emit({"account": made.id}, text=lambda: typer.echo(made.id))


@app.command("list")
def show() -> None:
    """List the accounts and what each may act as.

    Example: cantoria account list
    """
    with accounts() as access:
        found = [(one, access.accounts.memberships(one.id)) for one in access.accounts.every()]
    value = [_value(account, joined) for account, joined in found]
    rows = [
        (
            account.login,
            account.name,
            ", ".join(f"{one.role.value} in {one.organisation}" for one in joined) or "nothing",
            "demonstration" if account.demo else "open" if account.active else "closed",
        )
        for account, joined in found
    ]
    emit(value, text=lambda: table("Accounts", ("sign-in name", "name", "acts as", "state"), rows))


@app.command()
def password(login: LOGIN) -> None:
    """Set a password, read from standard input; all sessions of the account end.

    Example: cantoria account password ada@authors.example < password.txt
    """
    with accounts() as access:
        account = _find(access, login)
        if account.demo:
            raise InputError(
                "a demonstration account has no password", "make an account with `cantoria account create`"
            )
        access.accounts.set_password(account.id, access.passwords.hash(_password(account.login, account.name)))
        _note(access, account, "account.password")
        emit({"account": account.id, "password": True}, text=lambda: say(f"{account.login} has a new password"))


@app.command()
def disable(
    login: LOGIN, again: Annotated[bool, typer.Option("--undo", help="Let the person in again.")] = False
) -> None:
    """Keep an account out: its sessions and keys end at once.

    Example: cantoria account disable ada@authors.example
    """
    with accounts() as access:
        account = _find(access, login)
        access.accounts.set_active(account.id, again)
        _note(access, account, "account.enable" if again else "account.disable")
        emit(
            {"account": account.id, "active": again},
            text=lambda: say(f"{account.login} {'open' if again else 'closed'}"),
        )


@app.command()
def role(
    login: LOGIN,
    organisation: Annotated[str, typer.Option("--organisation", help="In which organisation.")],
    to: Annotated[Role | None, typer.Option("--to", help="The role; without it, the person leaves.")] = None,
) -> None:
    """Give a person a role in an organisation, or take it. For operators: inside an organisation it takes two people.

    Example: cantoria account role bob@authors.example --organisation authors --to owner
    """
    if to in FOR_THEMSELVES:
        raise InputError("this is no role of a colleague", "open an account with --party for a person or manager")
    with house() as opened, accounts() as access:
        opened.author(organisation)
        account = _find(access, login)
        found = [one for one in access.accounts.staff(organisation) if one.account == account.id]
        if to is None and not found:
            raise InputError(f"{account.login} is nobody there", "look at `cantoria account list`")
        if to is None:
            access.accounts.leave(found[0].id)
        elif found:
            access.accounts.set_role(found[0].id, to)
        else:
            access.accounts.join(account.id, organisation=organisation, role=to, party="", now=access.now())
        detail = to.value if to else "left"
        _note(access, account, "staff.role", organisation=organisation, detail=detail)
        emit({"account": account.id, "role": detail}, text=lambda: say(f"{account.login}: {detail}"))


@app.command()
def key(
    login: LOGIN,
    name: Annotated[str, typer.Option("--name", help="What it is for.")],
    scope: Annotated[list[Permission], typer.Option("--scope", help="What it may do. May be given again.")],
    organisation: Annotated[str, typer.Option("--organisation", help="In which capacity; its first when empty.")] = "",
    days: Annotated[int, typer.Option("--days", help="For how many days.", min=1, max=366)] = 90,
) -> None:
    """Make an API key for an account and print it: it is never to be had again.

    Example: cantoria account key dev@sonara.example --name ci --scope clear_datasets
    """
    with accounts() as access:
        account = _find(access, login)
        capacities = [one for one in access.accounts.memberships(account.id) if organisation in ("", one.organisation)]
        if not capacities:
            raise InputError(f"{account.login} acts for nobody there", "look at `cantoria account list`")
        if not frozenset(scope) <= ROLES[capacities[0].role]:
            raise InputError("a key may do no more than its account", "choose among the permissions of its role")
        made, text = access.keys.make(capacities[0], name=name, scopes=frozenset(scope), days=days, now=access.now())
        _note(access, account, "key.make", organisation=capacities[0].organisation, detail=made.id)
        emit({"id": made.id, "key": text}, text=lambda: typer.echo(text))


@app.command("approve")
def approve_one(proposal: Annotated[str, typer.Argument(help="The proposal's id, as the portal shows it.")]) -> None:
    """Approve what the only owner of an organisation proposed, in the second person's place.

    Where anybody else of the organisation may approve it, this is refused.

    Example: cantoria account approve prop_0123456789abcdef01234567
    """
    with house() as opened, accounts() as access:
        found = next(
            (one for name in opened.keys.names() if (one := access.approvals.get(name, proposal)) is not None), None
        )
        if found is None:
            raise InputError(f"there is no proposal {proposal:.60}", "copy its id from the portal")
        opened.begin_writing(lambda: say("another command records in this house: waiting for it to end"))
        done = approve(access, opened, found, by=OPERATOR)
        _tell(access, found.kind, organisation=found.organisation, targets=(found.proposer, found.id))
        code = done.get("code")
        text = f"invitation: /invitation?code={code}" if code else f"{found.kind} done"
        emit({"proposal": found.id, **done}, text=lambda: typer.echo(text))


def _find(access: Access, login: str) -> Account:
    found = access.accounts.by_login(login)
    if found is None:
        raise InputError(f"no account {login:.60}", "look at `cantoria account list`")
    return found


def _password(login: str, name: str) -> str:
    """Read a password: typed unseen twice at a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        word = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        word = sys.stdin.readline().rstrip("\r\n")
    acceptable(str(word), login=login, name=name)
    return str(word)


def _note(access: Access, account: Account, action: str, *, organisation: str = "", detail: str = "") -> None:
    """Tell the log of each organisation concerned what the operator did."""
    names = [organisation] if organisation else [one.organisation for one in access.accounts.memberships(account.id)]
    for name in sorted(set(names)) or [""]:
        access.audit.add(
            at=access.now(), actor=OPERATOR, action=action, organisation=name, target=account.id, detail=detail
        )
        _tell(access, action, organisation=name, targets=(account.id,))


def _tell(access: Access, action: str, *, organisation: str, targets: tuple[str, ...]) -> None:
    """Add a row to the log that the organisation reads in the portal."""
    log = SqliteAudit(state.home / AUDIT_FILE)
    try:
        log.add(
            Deed(
                organisation=organisation,
                account=OPERATOR,
                name=OPERATOR,
                action=action,
                outcome="done",
                targets=targets,
                at=access.now(),
            )
        )
    finally:
        log.close()


def _value(account: Account, joined: list[Membership]) -> dict[str, Any]:
    return {
        "account": account.id,
        "login": account.login,
        "name": account.name,
        "active": account.active,
        "demo": account.demo,
        "acts_as": [
            {"organisation": one.organisation, "role": one.role.value, "party": one.party or None} for one in joined
        ],
    }
