"""Proposals that wait for a second person, invitations, and the log of who did what."""

from __future__ import annotations

import json
from typing import Any, Final

import sqlalchemy as sa

from cantoria.adapters.access.accounts import as_login, as_name
from cantoria.adapters.access.database import Database
from cantoria.adapters.access.secrets import hashed, new_id, new_token
from cantoria.adapters.access.tables import APPROVAL, AUDIT, INVITATION
from cantoria.app.access.permissions import Role
from cantoria.app.access.types import DAY, AuditLine, Invitation, Proposal, State
from cantoria.kernel.errors import InputError

INVITATION_LIFE: Final = 7 * DAY
OPEN_MAX: Final = 200  # proposals of one organisation


class Approvals:
    """Proposals by organisation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, proposal: Proposal) -> Proposal:
        """Keep a proposal; while the same one (by kind, payload and proposer) is open, that one is returned."""
        row = {
            "id": proposal.id,
            "organisation": proposal.organisation,
            "kind": proposal.kind,
            "payload": json.dumps(proposal.payload, ensure_ascii=False, sort_keys=True),
            "digest": proposal.digest,
            "proposer": proposal.proposer,
            "proposed_at": proposal.proposed_at,
            "expires_at": proposal.expires_at,
            "state": State.OPEN.value,
            "decider": "",
            "decided_at": None,
        }
        still = (APPROVAL.c.state == State.OPEN.value, APPROVAL.c.expires_at > proposal.proposed_at)
        mine = sa.select(APPROVAL).where(APPROVAL.c.organisation == proposal.organisation, *still)
        with self._database.write() as connection:
            waiting = [_proposal(one) for one in connection.execute(mine).mappings()]
            for one in waiting:
                if (one.digest, one.proposer) == (proposal.digest, proposal.proposer):
                    return one
            if len(waiting) >= OPEN_MAX:
                raise InputError(f"{OPEN_MAX} proposals wait already", "decide some of them first")
            connection.execute(sa.insert(APPROVAL).values(row))
        return proposal

    def get(self, organisation: str, proposal: str) -> Proposal | None:
        """Return a proposal of this organisation by id."""
        query = sa.select(APPROVAL).where(APPROVAL.c.organisation == organisation, APPROVAL.c.id == proposal)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _proposal(row)

    def of(self, organisation: str, *, limit: int = 100) -> list[Proposal]:
        """Return the proposals of an organisation, the newest first."""
        query = sa.select(APPROVAL).where(APPROVAL.c.organisation == organisation)
        query = query.order_by(APPROVAL.c.proposed_at.desc(), APPROVAL.c.id).limit(limit)
        with self._database.read() as connection:
            return [_proposal(row) for row in connection.execute(query).mappings()]

    def decide(self, proposal: Proposal, *, state: State, decider: str, now: int) -> bool:
        """Decide an open proposal once; False where it is not open any more, or not the one that was looked at."""
        change = sa.update(APPROVAL).where(
            APPROVAL.c.id == proposal.id,
            APPROVAL.c.state == State.OPEN.value,
            APPROVAL.c.digest == proposal.digest,
            APPROVAL.c.expires_at > now,
        )
        with self._database.write() as connection:
            decided = change.values(state=state.value, decider=decider, decided_at=now)
            return connection.execute(decided).rowcount == 1

    def reopen(self, proposal: Proposal) -> None:
        """Open a proposal again whose execution failed."""
        change = sa.update(APPROVAL).where(APPROVAL.c.id == proposal.id, APPROVAL.c.state == State.APPROVED.value)
        with self._database.write() as connection:
            connection.execute(change.values(state=State.OPEN.value, decider="", decided_at=None))


class Invitations:
    """Invitations of colleagues; of the code only a hash is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(self, organisation: str, *, role: Role, login: str, name: str, inviter: str, now: int) -> tuple[str, str]:
        """Keep an invitation and return its id and its code."""
        code, made = new_token(), new_id("inv")
        row = {
            "hash": hashed(code),
            "id": made,
            "organisation": organisation,
            "role": role.value,
            "login": as_login(login),
            "name": as_name(name),
            "inviter": inviter,
            "created_at": now,
            "expires_at": now + INVITATION_LIFE,
            "used_at": None,
        }
        with self._database.write() as connection:
            connection.execute(sa.insert(INVITATION).values(row))
        return made, code

    def find(self, code: str, *, now: int) -> Invitation | None:
        """Return the open invitation of a code."""
        query = sa.select(INVITATION).where(
            INVITATION.c.hash == hashed(code), INVITATION.c.used_at.is_(None), INVITATION.c.expires_at > now
        )
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _invitation(row)

    def open(self, organisation: str, *, now: int) -> list[Invitation]:
        """Return the invitations that wait to be followed."""
        query = sa.select(INVITATION).where(
            INVITATION.c.organisation == organisation, INVITATION.c.used_at.is_(None), INVITATION.c.expires_at > now
        )
        with self._database.read() as connection:
            return [_invitation(row) for row in connection.execute(query.order_by(INVITATION.c.created_at)).mappings()]

    def use(self, code: str, *, now: int) -> bool:
        """Use an invitation up; False where it was used or ended meanwhile."""
        change = sa.update(INVITATION).where(
            INVITATION.c.hash == hashed(code), INVITATION.c.used_at.is_(None), INVITATION.c.expires_at > now
        )
        with self._database.write() as connection:
            return connection.execute(change.values(used_at=now)).rowcount == 1

    def end(self, organisation: str, invitation: str) -> bool:
        """Take an open invitation back; tell whether there was one."""
        one = sa.delete(INVITATION).where(
            INVITATION.c.organisation == organisation, INVITATION.c.id == invitation, INVITATION.c.used_at.is_(None)
        )
        with self._database.write() as connection:
            return connection.execute(one).rowcount == 1


class AuditLog:
    """Who did what in the name of which organisation; lines are only added.

    Beside `app.audit.AuditLog`, which an organisation asks in the portal: this one is in the accounts' own database, so
    it names sign-ins of no organisation and the second pair of eyes, and is one for several servers.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        *,
        at: int,
        actor: str,
        action: str,
        organisation: str = "",
        second: str = "",
        target: str = "",
        detail: str = "",
    ) -> None:
        """Add a line."""
        row = {
            "at": at,
            "organisation": organisation,
            "actor": actor,
            "second": second,
            "action": action,
            "target": target[:300],
            "detail": detail[:1_000],
        }
        with self._database.write() as connection:
            connection.execute(sa.insert(AUDIT).values(row))

    def lines(self, organisation: str, *, before: int = 0, limit: int = 100) -> list[AuditLine]:
        """Return lines of an organisation below the number `before` (0: from the newest on), the newest first."""
        query = sa.select(AUDIT).where(AUDIT.c.organisation == organisation)
        if before:
            query = query.where(AUDIT.c.number < before)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(AUDIT.c.number.desc()).limit(limit)).mappings()
            return [AuditLine(**row) for row in rows]


def _proposal(row: Any) -> Proposal:
    return Proposal(
        id=row["id"],
        organisation=row["organisation"],
        kind=row["kind"],
        payload=json.loads(row["payload"]),
        digest=row["digest"],
        proposer=row["proposer"],
        proposed_at=row["proposed_at"],
        expires_at=row["expires_at"],
        state=State(row["state"]),
        decider=row["decider"],
        decided_at=row["decided_at"],
    )


def _invitation(row: Any) -> Invitation:
    return Invitation(
        id=row["id"],
        organisation=row["organisation"],
        role=Role(row["role"]),
        login=row["login"],
        name=row["name"],
        inviter=row["inviter"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        used_at=row["used_at"],
    )
