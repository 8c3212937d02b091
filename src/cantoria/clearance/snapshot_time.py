"""When a snapshot ends: the moments at which something that was worked out for it begins or ends.

Statements carry their own periods. Everything else (claims, completeness, the public domain, chains of title,
co-signers and trusts, deaths, what territory expressions mean) is worked out at the snapshot's moment and holds until
the first of these moments.
"""

from __future__ import annotations

from collections.abc import Iterator

from cantoria.clearance.rights import Rights
from cantoria.clearance.snapshot_schema import DAYS_MAX
from cantoria.kernel import territories
from cantoria.kernel.periods import DAY


def until_of(rights: Rights, *, at: int) -> int:
    """Return until when what holds at the moment `at` holds, at most 30 days on."""
    changes = [at + DAYS_MAX * DAY]
    countries = territories.next_change(at)
    if countries is not None:
        changes.append(countries)
    for moments in (rights.registry.moments(), rights.mandates.moments()):
        changes.extend(moment for _, moment in moments if moment > at)
    return min(changes)


def things_changed(rights: Rights, *, after: int, to: int) -> Iterator[str]:
    """Give the works and recordings in whose own claims, statements and chains something begins or ends at a moment
    after `after`, up to and including `to`."""
    return (thing for thing, moment in rights.registry.moments() if after < moment <= to)
