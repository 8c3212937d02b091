"""One row of the audit log for every form that is done or refused, whatever area it belongs to."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cantoria.app.access.visitors import ANONYMOUS, Visitor
from cantoria.app.audit import AuditLog, Deed
from cantoria.web.portal.page import FormRoute, Outcome
from cantoria.web.portal.portal import Portal

TARGETS_MAX: Final = 20
_ID: Final = re.compile(r"\b[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}\b")
_PARAMETER: Final = re.compile(r"{[^}]*}")


@dataclass(slots=True)
class Attempt:
    """A form that somebody sends: what is known of it so far."""

    form: FormRoute
    address: str
    path: Mapping[str, str]
    visitor: Visitor = ANONYMOUS
    fields: Mapping[str, Any] | None = None
    entries: tuple[int, int] = (0, 0)  # the ledger's size before and after

    def note(self, portal: Portal, *, now: int, done: Outcome | None = None, status: int = 0) -> None:
        """Keep what became of it; forms that write nothing are passed over."""
        if not self.form.writes:
            return
        before, after = self.entries
        record(
            portal,
            self.visitor,
            action_of(self.form.path),
            self._targets(done),
            "done" if done else "refused" if status in (401, 403, 429) else "failed",
            said=done.said if done else "",
            status=done.status if done else status,
            first_entry=before if after > before else None,
            last_entry=after - 1 if after > before else None,
            place=place_of(self.address),
            at=now,
        )

    def _targets(self, done: Outcome | None) -> list[str]:
        found = list(self.path.values())
        for value in (self.fields or {}).values():
            for text in value if isinstance(value, list) else [value]:
                found += _ID.findall(str(text)[:2_000])
        return [*found, *(_ID.findall(done.location) if done else ())]


def record(portal: Portal, visitor: Visitor, action: str, targets: Iterable[str], outcome: str, **more: Any) -> None:
    """Keep a row about an account of an organisation; visitors without one leave no row.

    `outcome` is `done`, `refused` or `failed`; more are the other fields of `app.audit.Deed`.
    """
    log: AuditLog | None = portal.parts.get("audit")
    if log is None or not visitor.known or not visitor.organisation:
        return
    kept = [one[:100].replace(" ", "_") for one in dict.fromkeys(targets) if one][:TARGETS_MAX]
    log.add(
        Deed(
            organisation=visitor.organisation,
            account=visitor.account,
            name=visitor.name,
            role=visitor.role.value if visitor.role else "",
            key=visitor.key,
            action=action,
            targets=tuple(kept),
            outcome=outcome,
            **more,
        )
    )


def action_of(path: str) -> str:
    """Return the name of what a form does: `/jobs/{job}/cancel` is `jobs.cancel`."""
    return ".".join(part for part in _PARAMETER.sub("", path).split("/") if part)


def place_of(address: str) -> str:
    """Return the class of an address: loopback, private, public or unknown."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return "loopback" if found.is_loopback else "private" if found.is_private else "public"
