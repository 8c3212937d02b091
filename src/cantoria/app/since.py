"""What the ledger has heard since a certificate or a snapshot was made: which of the statements relied on are gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from cantoria.app.house import House
from cantoria.clearance.relied import Relied
from cantoria.consent.facts import DenyTombstone, StatementMade, StatementWithdrawn
from cantoria.consent.types import Verdict
from cantoria.kernel.facts import Recorded

SPEECH: Final = tuple(cls.TYPE.tag for cls in (StatementMade, StatementWithdrawn, DenyTombstone))


@dataclass(frozen=True, slots=True)
class Revoked:
    """Statements relied on that a later fact may have taken away, each with those facts' ledger indices, and how many
    rows rest on them."""

    statements: dict[str, tuple[int, ...]]
    rows: int


def revoked(house: House, relied: Relied, *, size: int) -> Revoked:
    """Return what of the statements relied on was revoked by facts with an index from `size` on.

    A withdrawal takes away the statement that it names, and a refusal whatever its party had said to the same uses:
    this errs on the side of too many; a recheck tells which rows really are lost.
    """
    house.index.catch_up()
    later = list(house.index.scan(tags=SPEECH, start=size))
    if not later or not relied.ranges:
        return Revoked({}, 0)
    said = {one.fact.statement: one.fact for one in house.index.scan(tags=[StatementMade.TYPE.tag], size=size)}
    found: dict[str, list[int]] = {}
    for one in later:
        for statement in sorted(_taken(one, relied, said)):
            found.setdefault(statement, []).append(one.index)
    lines = {line for statement in found for line in relied.lines_of(statement)}
    return Revoked({statement: tuple(indices) for statement, indices in sorted(found.items())}, len(lines))


def _taken(one: Recorded[Any], relied: Relied, said: dict[str, StatementMade]) -> set[str]:
    fact = one.fact
    if isinstance(fact, StatementWithdrawn):
        return {str(fact.statement)} & set(relied.ranges)
    if isinstance(fact, StatementMade) and fact.verdict is Verdict.YES:
        return set()
    return {
        statement
        for statement in relied.ranges
        if statement in said and said[statement].party == fact.party and not said[statement].uses.isdisjoint(fact.uses)
    }
