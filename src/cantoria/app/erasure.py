"""Erase a body: identity data and statements only, and never so that a door opens (RULES section 7)."""

from __future__ import annotations

from typing import Any

from cantoria.app.fact_types import BY_TAG
from cantoria.app.house import House
from cantoria.app.ports import Author
from cantoria.app.rights import load_around
from cantoria.consent import tombstone_for
from cantoria.consent.facts import DenyTombstone, StatementMade, StatementWithdrawn
from cantoria.consent.types import Verdict
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.ledger import ErasureBasis, parse_fact_id
from cantoria.ledger.ports import Refusal
from cantoria.registry.standing import REGISTERS


def erase(house: House, fact_id: str, *, basis: str, author: Author, dry_run: bool = False) -> dict[str, Any]:
    """Destroy the body of `fact_id` on the legal ground `basis`; return what was done.

    A refusal (stop, no, ask) first gets a `DenyTombstone` of the same effect, a yes with conditions one that asks; a
    yes without conditions is first taken back.
    Facts that are neither identity data nor statements are refused: they are rights inputs under pseudonymous ids, and
    losing one could open a door. Who recorded a fact erases it, or a register.
    """
    try:
        ground = ErasureBasis(basis)
    except ValueError as error:
        raise InputError(f"{basis!r} is no ground for erasure", "use one of " + ", ".join(ErasureBasis)) from error
    target = _find(house, fact_id)
    fact_type = BY_TAG[target.fact.TYPE.tag].TYPE
    if not fact_type.identity and not isinstance(target.fact, StatementMade):
        raise InputError(
            f"a {fact_type.name} cannot be erased: it is a rights input under pseudonymous ids",
            "erase the party's names and codes (party-named) instead",
        )
    if author.party != target.organisation and author.capacity not in REGISTERS:
        raise InputError(
            f"{fact_id} was recorded by another organisation, {target.organisation}",
            "let that organisation, or a register, erase it",
        )
    tombstone = _tombstone(house, target)
    if dry_run:
        return {"said": f"would erase {fact_type.name} {fact_id}", "tombstone": tombstone is not None}
    first = tombstone or _end(house, target)
    if first is not None:
        house.journal.record([first], author=author)
    answer = house.journal.erase([target], basis=ground, author=author)
    if isinstance(answer, Refusal):
        raise InputError(f"the ledger refused the erasure: {answer.explain()}")
    house.index.catch_up()
    if house.search.exists():
        house.search.catch_up()
    kept = "; a tombstone keeps its effect" if tombstone else ""
    return {"said": f"erased the body of {fact_type.name} {fact_id}{kept}", "tombstone": tombstone is not None}


def _find(house: House, fact_id: str) -> Recorded[Any]:
    wanted = parse_fact_id(fact_id).hex()
    house.index.catch_up()
    found = house.index.by_fact_id(wanted)
    if found is None:
        raise InputError(f"no readable fact {fact_id}", "it is unknown here or erased already")
    return found


def _end(house: House, target: Recorded[Any]) -> StatementWithdrawn | None:
    """Return the end of a plain yes, so that whoever kept a copy of its body cannot record it once more."""
    said = target.fact
    if not isinstance(said, StatementMade) or said.verdict is not Verdict.YES:
        return None
    return StatementWithdrawn(statement=said.statement, at=house.clock.now())


def _tombstone(house: House, target: Recorded[Any]) -> DenyTombstone | None:
    """Return what must be recorded first so that the erased statement's absence opens no door."""
    said = target.fact
    if not isinstance(said, StatementMade):
        return None
    rights = load_around(house.index, subjects=[said.party], size=house.index.catch_up())
    return tombstone_for(target, standings=rights.standings)
