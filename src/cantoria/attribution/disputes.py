"""Which attributions are in dispute: a fold over the facts, in ledger order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cantoria.attribution.facts import AttributionDecided, AttributionDisputed
from cantoria.kernel.facts import Recorded


@dataclass(frozen=True, slots=True)
class Dispute:
    """An open dispute: its subject, since when (UTC microseconds), whose turn it is and until when."""

    dispute: str
    subject: str
    claimant: str
    opened_at: int
    next_actor: str
    due_at: int


def open_disputes(facts: Iterable[Recorded[Any]], *, size: int | None = None) -> tuple[Dispute, ...]:
    """Return the disputes open after the first `size` facts of the ledger, the oldest first.

    The claimant's own organisation cannot decide its dispute; a decision of a dispute never opened has no effect.
    """
    found: dict[str, tuple[str, Dispute]] = {}
    for recorded in facts:
        if size is not None and recorded.index >= size:
            continue
        fact = recorded.fact
        if isinstance(fact, AttributionDisputed) and fact.dispute not in found:
            dispute = Dispute(
                fact.dispute, fact.subject, fact.claimant, recorded.claimed_at, fact.next_actor, fact.due_at
            )
            found[fact.dispute] = (recorded.organisation, dispute)
        elif isinstance(fact, AttributionDecided) and fact.dispute in found:
            claimant_organisation, dispute = found[fact.dispute]
            if recorded.organisation not in (claimant_organisation, dispute.claimant):
                del found[fact.dispute]
    return tuple(dispute for _, dispute in found.values())


def contested(disputes: Iterable[Dispute]) -> frozenset[str]:
    """Return the subjects whose money waits in escrow."""
    return frozenset(dispute.subject for dispute in disputes)
